package search

import (
	"cmp"
	"slices"
)

// minShared is the part of a term's pairs that a text must hold for the term
// to be near it.
const minShared = 0.5

// Nearby returns terms of the lexicon, words and synonyms, that are nearly
// what a text says: they hold one of its words of letters, or share half of
// their ideographs' pairs with it. The nearest come first. What the text
// says itself is left out.
func (l *Lexicon) Nearby(text string, limit int) []string {
	held := nearKeys(firstRunes(text, maxQueryRunes))
	said := string(squeezed(text))
	type near struct {
		term   string
		shared float64
	}
	var list []near
	for _, term := range l.Dictionary() {
		if string(squeezed(term)) == said {
			continue
		}
		if shared := sharedPart(nearKeys(term), held); shared >= minShared {
			list = append(list, near{term, shared})
		}
	}
	slices.SortStableFunc(list, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(len(b.term), len(a.term)))
	})
	terms := make([]string, 0, limit)
	for _, n := range list[:min(len(list), limit)] {
		terms = append(terms, n.term)
	}
	return terms
}

// nearKeys are the pairs of ideographs and the words of letters of a text.
func nearKeys(text string) []string {
	var keys []string
	for _, w := range words(atoms(text)) {
		if w.Ideograph {
			keys = append(keys, w.Pairs()...)
		} else if len(w.Text) > 1 {
			keys = append(keys, w.Text)
		}
	}
	return keys
}

func sharedPart(keys, held []string) float64 {
	if len(keys) == 0 {
		return 0
	}
	n := 0
	for _, k := range keys {
		if slices.Contains(held, k) {
			n++
		}
	}
	return float64(n) / float64(len(keys))
}
