package search

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed synonyms.txt
var synonymsFile string

// synonyms maps each term to the other terms of its groups.
type synonyms struct {
	others  map[string][]Phrase
	longest int // atoms in the longest term
}

// Group is one line of synonyms.txt: terms that mean the same, and the code of
// the field whose language they are, or "general".
type Group struct {
	Field string
	Terms []string
}

// Groups returns the groups of synonyms.txt: one group a line, its terms joined by "=". A line in brackets
// names the field of those that follow; empty lines and lines that begin with
// # are comments. The list is made once: callers may not change it.
var Groups = sync.OnceValue(func() []Group { return parseGroups(synonymsFile) })

func parseGroups(file string) []Group {
	var list []Group
	field := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			field = strings.Trim(line, "[]")
		default:
			list = append(list, Group{field, strings.Split(line, "=")})
		}
	}
	return list
}

// addGroup adds a group. A term may be in several of them; the groups are not
// joined by it.
func (s *synonyms) addGroup(terms []string) {
	keys := make([]string, len(terms))
	phrases := make([]Phrase, len(terms))
	for i, term := range terms {
		list := atoms(term)
		s.longest = max(s.longest, len(list))
		keys[i] = synonymKey(list)
		phrases[i] = Phrase{Text: strings.TrimSpace(term), Words: words(list)}
	}
	for i, key := range keys {
		for j, other := range phrases {
			known := slices.ContainsFunc(s.others[key], func(p Phrase) bool { return p.Text == other.Text })
			if i != j && !known {
				s.others[key] = append(s.others[key], other)
			}
		}
	}
}

// synonymKey is the form under which terms are looked up: the words of other
// scripts keep apart, ideographs need not.
func synonymKey(list []atom) string {
	var key strings.Builder
	for _, a := range list {
		if !a.ideograph {
			key.WriteByte(' ')
		}
		key.WriteString(a.text)
	}
	return key.String()
}

// of returns the synonyms of a term.
func (s *synonyms) of(list []atom) []Phrase { return s.others[synonymKey(list)] }

// longestAt returns the number of atoms of the longest term that list begins
// with, 0 when there is none.
func (s *synonyms) longestAt(list []atom) int {
	for n := min(s.longest, len(list)); n > 0; n-- {
		if len(s.of(list[:n])) > 0 && !brokenIdeographs(list[:n]) {
			return n
		}
	}
	return 0
}

// brokenIdeographs reports whether there is a gap between two ideographs.
func brokenIdeographs(list []atom) bool {
	for i := 1; i < len(list); i++ {
		if list[i].ideograph && list[i].first && list[i-1].ideograph {
			return true
		}
	}
	return false
}
