package search

import (
	"cmp"
	"slices"
	"strings"

	"techmarket/internal/market"
)

// Begins reports whether a text begins with what somebody has typed so far: in
// its own letters, or its ideographs in pinyin, whole or in initials, the last
// syllable perhaps unfinished.
func Begins(text, typed string) bool {
	return begins(squeezed(text), string(squeezed(typed)))
}

// Holds reports whether a text begins so at one of its letters or ideographs.
func Holds(text, typed string) bool {
	letters, rest := squeezed(text), string(squeezed(typed))
	for i := range letters {
		if begins(letters[i:], rest) {
			return true
		}
	}
	return false
}

// squeezed returns the folded letters of a text, without what stands between.
func squeezed(text string) []rune {
	var list []rune
	for _, r := range runs(text) {
		list = append(list, r.folded...)
	}
	return list
}

func begins(letters []rune, typed string) bool {
	if typed == "" {
		return false
	}
	spoken := len(typed) > 1 && latin(typed)
	var match func(i int, rest string) bool
	match = func(i int, rest string) bool {
		switch {
		case rest == "":
			return true
		case i == len(letters):
			return false
		}
		if after, ok := strings.CutPrefix(rest, string(letters[i])); ok && match(i+1, after) {
			return true
		}
		if !spoken || market.ClassOf(letters[i]) != market.RuneIdeograph {
			return false
		}
		return slices.ContainsFunc(readings(letters[i]), func(s string) bool {
			after, whole := strings.CutPrefix(rest, s)
			return strings.HasPrefix(s, rest) || whole && match(i+1, after) || rest[0] == s[0] && match(i+1, rest[1:])
		})
	}
	return match(0, typed)
}

// Complete returns the terms of the dictionary and of the synonyms that begin
// with what has been typed, those in the same letters first, then the shortest.
func (l *Lexicon) Complete(typed string, limit int) []string {
	var list []string
	for _, term := range l.dictionary {
		if Begins(term, typed) {
			list = append(list, term)
		}
	}
	folded := string(squeezed(typed))
	rank := func(term string) int {
		if strings.HasPrefix(string(squeezed(term)), folded) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a), len(b))) })
	return list[:min(len(list), limit)]
}
