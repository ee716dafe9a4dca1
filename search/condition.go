package search

import (
	"cmp"
	"slices"

	"techmarket/internal/market"
)

// Place is where a term stands in a document.
type Place string

// The places that both engines index terms by.
const (
	InWords  Place = "words"  // of title and body
	InTitle  Place = "title"  // single ideographs of the title
	InGrams  Place = "grams"  // see Word.Grams
	InSpoken Place = "spoken" // the title's pairs of syllables
)

// Term is a term at its place.
type Term struct {
	Place Place
	Text  string
}

// Condition is what a document may fulfil: it holds a term, or it fulfils all
// or any of others. What a text asks for is the same for every engine; each
// writes the conditions in its own language.
type Condition struct {
	Term  Term
	Boost float64 // of the term
	Of    []Condition
	Any   bool // of Of, instead of all
}

// What was measured of conditions (docs/quality.md).
const (
	// MaxWhole bounds the conditions that a document must fulfil: any title
	// fits, and the rarest terms of a longer text say as much.
	MaxWhole = 64
	// MinShare is the share of the conditions that a document must fulfil which
	// fulfils not all.
	MinShare = 0.3
	// MaxNear is how many words are taken for one that the index does not hold.
	MaxNear = 5

	// commonDocs and commonShare name the conditions that are too common to
	// bring a document into a list alone: more documents than both fulfil them.
	commonDocs  = 1000
	commonShare = 0.1

	synonymBoost = 0.7 // of a synonym against the word that was typed
	insideBoost  = 0.3 // of a word found inside another one
	nearBoost    = 0.5 // of a word that differs from the one that was typed
)

// common reports whether a condition that so many of all documents fulfil is
// too common to bring a document into a list alone.
func common(docs, all int) bool {
	return docs > commonDocs && float64(docs) > commonShare*float64(all)
}

func holds(place Place, text string, boost float64) Condition {
	return Condition{Term: Term{place, text}, Boost: boost}
}

// NearWord is the condition of a word that is taken for another one.
func NearWord(text string) Condition { return holds(InWords, text, nearBoost) }

// AllOf is fulfilled by what fulfils all of the list.
func AllOf(list []Condition) Condition {
	if len(list) == 1 {
		return list[0]
	}
	return Condition{Of: list}
}

// AnyOf is fulfilled by what fulfils any of the list.
func AnyOf(list []Condition) Condition {
	if len(list) == 1 {
		return list[0]
	}
	return Condition{Of: list, Any: true}
}

// Docs is the number of documents that fulfil the condition at most. count is
// that of a term.
func (c Condition) Docs(count func(Term) int) int {
	if c.Of == nil {
		return count(c.Term)
	}
	n := 0
	for i, o := range c.Of {
		switch d := o.Docs(count); {
		case c.Any:
			n += d
		case i == 0 || d < n:
			n = d
		}
	}
	return n
}

// Conditions gives one condition for each term of the part that can be found in
// one way only, else one in all.
func (p Part) Conditions() []Condition {
	own := wordsConditions(p.Words, 1)
	var others []Condition
	for _, s := range p.Synonyms {
		others = append(others, AllOf(wordsConditions(s.Words, synonymBoost)))
	}
	for _, r := range p.Readings {
		others = append(others, AllOf(termConditions(InSpoken, r.Pairs(), synonymBoost)))
	}
	if len(others) == 0 {
		return own
	}
	return []Condition{AnyOf(append(others, AllOf(own)))}
}

// TermConditions gives one condition for each of the weighted terms that a
// document is a candidate by.
func TermConditions(terms []market.Term) []Condition {
	var list []Condition
	for _, t := range terms {
		var own []Condition
		for _, part := range ParseQuery(t.Text, true) {
			own = append(own, candidateConditions(part.Words, t.Weight)...)
		}
		if len(own) > 0 {
			list = append(list, AllOf(own))
		}
	}
	return list
}

// candidateConditions looks for single ideographs in titles only: in bodies
// nearly all are found nearly everywhere.
func candidateConditions(words []Word, boost float64) []Condition {
	if len(words) == 1 && words[0].Ideograph && len(words[0].Pairs()) == 0 {
		return []Condition{holds(InTitle, words[0].Text, boost)}
	}
	return wordsConditions(words, boost)
}

// wordsConditions gives a condition for each term of the words. The boost is
// that of each term.
func wordsConditions(words []Word, boost float64) []Condition {
	var list []Condition
	for _, w := range words {
		switch pairs := w.Pairs(); {
		case !w.Ideograph:
			list = append(list, wordCondition(w, boost))
		case len(pairs) == 0:
			list = append(list, holds(InWords, w.Text, boost))
		default:
			list = append(list, termConditions(InWords, pairs, boost)...)
		}
	}
	return list
}

func termConditions(place Place, texts []string, boost float64) []Condition {
	list := make([]Condition, len(texts))
	for i, t := range texts {
		list[i] = holds(place, t, boost)
	}
	return list
}

// wordCondition finds a word whole, in its pieces, or inside another one.
func wordCondition(w Word, boost float64) Condition {
	ways := []Condition{holds(InWords, w.Text, boost)}
	if len(w.Pieces) > 0 {
		ways = append(ways, AllOf(termConditions(InWords, w.Pieces, boost)))
	}
	if grams := w.Grams(); len(grams) > 0 {
		ways = append(ways, AllOf(termConditions(InGrams, grams, boost*insideBoost)))
	}
	return AnyOf(ways)
}

// Telling leaves out the conditions that nothing fulfils and, unless no others
// are there, those that are too common. docs counts the documents of one.
func Telling(list []Condition, docs func(Condition) int, all int) []Condition {
	found := slices.DeleteFunc(slices.Clone(list), func(c Condition) bool { return docs(c) == 0 })
	telling := slices.DeleteFunc(slices.Clone(found), func(c Condition) bool { return common(docs(c), all) })
	if len(telling) > 0 {
		return telling
	}
	return found
}

// Rarest returns at most n conditions, those that the fewest documents fulfil,
// in that order.
func Rarest(list []Condition, n int, docs func(Condition) int) []Condition {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Condition) int { return cmp.Compare(docs(a), docs(b)) })
	return sorted[:min(len(sorted), n)]
}
