package search

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"techmarket/internal/market"
)

// Lexicon is what searches know of the language of the trades: which terms mean
// the same, and which stay whole as key terms. It acts when a query is read, not
// when a document is indexed, so that another one needs no index built anew. A
// Lexicon never changes.
type Lexicon struct {
	version    int64
	synonyms   synonyms
	dictionary []string
	spoken     func() spoken
	groups     map[string][]place // the groups that hold a term, by its key
}

// place is where a term stands: in a group of the files, or in an entry.
type place struct {
	entry int64 // 0 in the files
	terms []string
}

// Builtin is the lexicon of synonyms.txt and dictionary.txt alone.
var Builtin = sync.OnceValue(func() *Lexicon { return NewLexicon(0, nil) })

// NewLexicon makes the lexicon of the files and of what staff have added to
// them. version is the number of their list.
func NewLexicon(version int64, added []market.LexiconEntry) *Lexicon {
	l := &Lexicon{version: version, synonyms: synonyms{others: map[string][]Phrase{}}, groups: map[string][]place{}}
	for _, g := range Groups() {
		l.add(0, g.Terms)
	}
	words := fileWords()
	for _, w := range words {
		l.place(0, []string{w})
	}
	for _, e := range added {
		if len(e.Terms) > 1 {
			l.add(e.ID, e.Terms)
		} else {
			l.place(e.ID, e.Terms)
		}
		words = append(words, e.Terms...)
	}
	for _, g := range Groups() {
		words = append(words, g.Terms...)
	}
	slices.Sort(words)
	l.dictionary = slices.Compact(words)
	l.spoken = sync.OnceValue(func() spoken { return spell(l.dictionary) })
	return l
}

func (l *Lexicon) add(entry int64, terms []string) {
	l.synonyms.addGroup(terms)
	l.place(entry, terms)
}

func (l *Lexicon) place(entry int64, terms []string) {
	for _, t := range terms {
		key := TermKey(t)
		l.groups[key] = append(l.groups[key], place{entry, terms})
	}
}

// Version is the number of the list of staff that the lexicon was made of, 0
// for none.
func (l *Lexicon) Version() int64 { return l.version }

// Dictionary returns the technical terms that stay whole as key terms, sorted.
// Callers may not change the list.
func (l *Lexicon) Dictionary() []string { return l.dictionary }

// TermKey is the form in which terms are compared: two texts of the same key
// are one term, "" is none.
func TermKey(text string) string { return strings.TrimSpace(synonymKey(atoms(text))) }

// Holding returns the other groups and words, as lists of terms, that hold a
// term already. entry is the one that is left out, 0 when none is.
func (l *Lexicon) Holding(term string, entry int64) [][]string {
	var list [][]string
	for _, p := range l.groups[TermKey(term)] {
		if p.entry == 0 || p.entry != entry {
			list = append(list, p.terms)
		}
	}
	return list
}

// InForce holds the lexicon by which an engine reads queries: the built-in one
// until another is set.
type InForce struct{ lexicon atomic.Pointer[Lexicon] }

// Lexicon is the one by which queries are read now.
func (f *InForce) Lexicon() *Lexicon {
	if l := f.lexicon.Load(); l != nil {
		return l
	}
	return Builtin()
}

// SetLexicon has the queries that come from now on be read by another lexicon.
func (f *InForce) SetLexicon(l *Lexicon) { f.lexicon.Store(l) }

// For is the lexicon that a query is read by.
func (f *InForce) For(q Query) *Lexicon {
	if q.Lexicon != nil {
		return q.Lexicon
	}
	return f.Lexicon()
}
