package match

import (
	"cmp"
	"hash/fnv"
	"slices"
	"unicode"

	"techmarket/internal/market"
)

// key identifies a term: a pair of neighbouring ideographs, or a word of
// another script.
type key uint64

const wordKey key = 1 << 63

func pairKey(a, b rune) key { return key(a)<<21 | key(b) }

func keyOfWord(word []rune) key {
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(word))) // never fails
	return wordKey | key(h.Sum64()>>1)
}

// glue are ideographs that join words; a pair with one of them is no term.
var glue = runeSet("的了是与及其之或而也很吗呢被把将使让并且若则虽但因所么这那哪您我们你他她它着过得地")

func runeSet(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}

// term is one term of a text, in order of appearance, with the place of its
// first rune in the folded text.
type term struct {
	key  key
	at   int
	size int // runes
}

// fold returns the folded runes of a text.
func fold(text string) []rune {
	runes := []rune(text)
	for i, r := range runes {
		runes[i] = market.FoldRune(r)
	}
	return runes
}

// termsOf cuts folded text into terms: pairs of ideographs, and words with a
// letter in them. Bare numbers say nothing about what two texts have in common.
func termsOf(folded []rune) []term {
	list := make([]term, 0, len(folded))
	for i := 0; i < len(folded); {
		switch market.ClassOf(folded[i]) {
		case market.RuneIdeograph:
			if i+1 < len(folded) && isPair(folded[i], folded[i+1]) {
				list = append(list, term{pairKey(folded[i], folded[i+1]), i, 2})
			}
			i++
		case market.RuneWord:
			end := i
			for end < len(folded) && market.ClassOf(folded[end]) == market.RuneWord {
				end++
			}
			if word := folded[i:end]; len(word) > 1 && slices.ContainsFunc(word, unicode.IsLetter) {
				list = append(list, term{keyOfWord(word), i, end - i})
			}
			i = end
		default:
			i++
		}
	}
	return list
}

func isPair(a, b rune) bool {
	return market.ClassOf(b) == market.RuneIdeograph && !glue[a] && !glue[b]
}

// count says how often a term is in a document.
type count struct {
	key         key
	title, body int32
}

// charCount says how often an ideograph or letter is in a title.
type charCount struct {
	char rune
	n    int32
}

// profile is what scoring needs of a document's text.
type profile struct {
	counts    []count     // by key
	chars     []charCount // of the title, by rune
	length    float64     // weighted number of terms
	weight    []float64   // of each count, see Model.weigh
	norm      float64     // of weight
	titleIDF  float64     // sum of idf over the title's different terms
	vector    []float32   // direction of the text, nil when no term is known
	selfScore float64     // BM25 of the text as a query for itself
}

// titleWeight is how many times a title's terms count against the body's.
const titleWeight = 3

// newProfile reads a document's text, and returns its terms in order as well.
func newProfile(d market.Document) (profile, []term) {
	title := fold(d.Title)
	titleTerms, bodyTerms := termsOf(title), termsOf(fold(d.Body))
	p := profile{counts: countTerms(titleTerms, bodyTerms)}
	p.chars = countChars(title)
	for _, c := range p.counts {
		p.length += c.total()
	}
	return p, append(titleTerms, bodyTerms...)
}

func (c count) total() float64 { return titleWeight*float64(c.title) + float64(c.body) }

func countTerms(title, body []term) []count {
	list := make([]count, 0, len(title)+len(body))
	for _, t := range title {
		list = append(list, count{key: t.key, title: 1})
	}
	for _, t := range body {
		list = append(list, count{key: t.key, body: 1})
	}
	slices.SortFunc(list, func(a, b count) int { return cmp.Compare(a.key, b.key) })
	joined := list[:0]
	for _, c := range list {
		if n := len(joined); n > 0 && joined[n-1].key == c.key {
			joined[n-1].title += c.title
			joined[n-1].body += c.body
			continue
		}
		joined = append(joined, c)
	}
	return joined
}

func countChars(title []rune) []charCount {
	var runes []rune
	for _, r := range title {
		if class := market.ClassOf(r); (class == market.RuneIdeograph || class == market.RuneWord) && !glue[r] {
			runes = append(runes, r)
		}
	}
	slices.Sort(runes)
	var list []charCount
	for _, r := range runes {
		if n := len(list); n > 0 && list[n-1].char == r {
			list[n-1].n++
			continue
		}
		list = append(list, charCount{r, 1})
	}
	return list
}
