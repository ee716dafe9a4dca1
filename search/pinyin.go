package search

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"

	"techmarket/internal/market"
)

const (
	maxReadings  = 2  // of one ideograph that are known, the commonest first
	maxSyllables = 12 // in a word that is read as pinyin
	maxTried     = 50 // ways to cut such a word into syllables that are made
	maxCuts      = 4  // of them that are looked for
	minInitials  = 3  // letters of a word that is read as initials; two say too little
)

// pinyinArgs asks for syllables without tones, ü written v.
var pinyinArgs = func() pinyin.Args {
	a := pinyin.NewArgs()
	a.Heteronym = true
	return a
}()

// readings are the syllables by which an ideograph is read.
func readings(ideograph rune) []string { return allReadings()[ideograph] }

// allReadings holds the readings of every ideograph that has any: looking one up in the dictionary takes long.
var allReadings = sync.OnceValue(func() map[rune][]string {
	known := make(map[rune][]string, len(pinyin.PinyinDict))
	for r := range pinyin.PinyinDict {
		var list []string
		for _, s := range pinyin.SinglePinyin(rune(r), pinyinArgs) {
			if !slices.Contains(list, s) && len(list) < maxReadings {
				list = append(list, s)
			}
		}
		known[rune(r)] = list
	}
	return known
})

// syllables holds every syllable that an ideograph is read by.
var syllables = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, list := range allReadings() {
		for _, s := range list {
			known[s] = strings.ContainsAny(s, "aeiouv") // 嗯 is read n, which is no use here
		}
	}
	return known
})

// SyllablePairs are the index terms by which a text is found in pinyin: the syllables of neighbouring ideographs, in all
// their readings.
func SyllablePairs(text string) []string {
	var list []string
	for _, r := range runs(text) {
		if !r.ideographs {
			continue
		}
		for i := 1; i < len(r.folded); i++ {
			for _, a := range readings(r.folded[i-1]) {
				for _, b := range readings(r.folded[i]) {
					list = append(list, a+" "+b)
				}
			}
		}
	}
	return list
}

// Reading is a way to read a word as pinyin, syllable by syllable: at least two.
type Reading []string

// Pairs are the terms of SyllablePairs that a text read so holds.
func (r Reading) Pairs() []string {
	pairs := make([]string, len(r)-1)
	for i := range pairs {
		pairs[i] = r[i] + " " + r[i+1]
	}
	return pairs
}

// readingsOf cuts a word into syllables, in the ways with the fewest of them.
func readingsOf(word string) []Reading {
	if !latin(word) {
		return nil
	}
	var found []Reading
	var cut func(rest string, done Reading)
	cut = func(rest string, done Reading) {
		if rest == "" {
			if len(done) > 1 && len(found) < maxTried {
				found = append(found, slices.Clone(done))
			}
			return
		}
		for n := min(len(rest), 6); n > 0 && len(found) < maxTried && len(done) < maxSyllables; n-- { // zhuang is the longest
			if syllables()[rest[:n]] {
				cut(rest[n:], append(done, rest[:n]))
			}
		}
	}
	cut(word, nil)
	slices.SortStableFunc(found, func(a, b Reading) int { return cmp.Compare(len(a), len(b)) })
	return found[:min(len(found), maxCuts)]
}

// latin reports whether a folded word is of the letters a to z alone.
func latin(word string) bool {
	return word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == ""
}

// spoken maps pinyin, whole and in initials, to the terms that are read so.
type spoken struct{ whole, initials map[string][]string }

func spell(terms []string) spoken {
	s := spoken{map[string][]string{}, map[string][]string{}}
	for _, term := range terms {
		list := []rune(term)
		if len(list) < 2 || slices.ContainsFunc(list, func(r rune) bool { return market.ClassOf(r) != market.RuneIdeograph }) {
			continue
		}
		whole, initials := []string{""}, []string{""}
		for _, r := range list {
			whole, initials = spellOn(whole, readings(r), 0), spellOn(initials, readings(r), 1)
		}
		for _, key := range whole {
			s.whole[key] = append(s.whole[key], term)
		}
		for _, key := range initials {
			s.initials[key] = append(s.initials[key], term)
		}
	}
	return s
}

// spellOn goes on spelling in each of the readings: whole with n 0, else their first n letters.
func spellOn(begun, readings []string, n int) []string {
	var list []string
	for _, b := range begun {
		for _, s := range readings {
			if n > 0 {
				s = s[:n]
			}
			if !slices.Contains(list, b+s) {
				list = append(list, b+s)
			}
		}
	}
	return list
}

// spokenAs returns the terms that a word of Latin letters may stand for in pinyin, with their own synonyms.
func (l *Lexicon) spokenAs(word string) []Phrase {
	if !latin(word) {
		return nil
	}
	terms := l.spoken().whole[word]
	if len(word) >= minInitials {
		terms = slices.Concat(terms, l.spoken().initials[word])
	}
	var list []Phrase
	add := func(p Phrase) {
		if !slices.ContainsFunc(list, func(known Phrase) bool { return known.Text == p.Text }) {
			list = append(list, p)
		}
	}
	for _, term := range terms {
		cut := atoms(term)
		add(Phrase{Text: term, Words: words(cut)})
		for _, p := range l.synonyms.of(cut) {
			add(p)
		}
	}
	return list
}
