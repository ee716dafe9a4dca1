package match

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"techmarket/internal/market"
)

// key identifies a term: a pair of neighbouring ideographs, or a word of
// another script.
type key uint64

const wordKey key = 1 << 63

func pairKey(a, b rune) key { return key(a)<<21 | key(b) }

// ideographs returns the two of a pair.
func (k key) ideographs() (a, b rune, ok bool) {
	return rune(k >> 21), rune(k & (1<<21 - 1)), k&wordKey == 0
}

func keyOfWord(word []rune) key {
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(word))) // never fails
	return wordKey | key(h.Sum64()>>1)
}

// glue are ideographs that join words; a pair with one of them is no term.
var glue = runeSet("的了是与及其之或而也很吗呢被把将使让并且若则虽但因所么这那哪您我们你他她它着过得地个")

// runes is a set of ideographs, fast to look up.
type runes [0x10000 / 64]uint64

func runeSet(members string) *runes {
	var set runes
	for _, r := range members {
		set[r/64] |= 1 << (r % 64)
	}
	return &set
}

func (s *runes) has(r rune) bool {
	return r < 0x10000 && s[r/64]&(1<<(r%64)) != 0
}

// term is one term of a text, with the place of its first rune in the folded
// text.
type term struct {
	key  key
	at   int
	size int // runes
}

// fold returns the folded runes of a text.
func fold(text string) []rune { return appendFolded(make([]rune, 0, len(text)/2), text) }

func appendFolded(to []rune, text string) []rune {
	for _, r := range text {
		to = append(to, market.FoldRune(r))
	}
	return to
}

// termsOf cuts folded text into terms.
func termsOf(folded []rune) []term {
	list := make([]term, 0, len(folded))
	eachTerm(folded, func(t term) { list = append(list, t) })
	return list
}

// eachTerm finds the terms of folded text: pairs of ideographs, and words with a
// letter in them. Numbers and units say nothing about what two texts have in
// common.
func eachTerm(folded []rune, take func(term)) {
	for i := 0; i < len(folded); {
		switch market.ClassOf(folded[i]) {
		case market.RuneIdeograph:
			if i+1 < len(folded) && isPair(folded[i], folded[i+1]) {
				take(term{pairKey(folded[i], folded[i+1]), i, 2})
			}
			i++
		case market.RuneWord:
			end := i
			for end < len(folded) && market.ClassOf(folded[end]) == market.RuneWord {
				end++
			}
			if word := folded[i:end]; isWord(word) {
				take(term{keyOfWord(word), i, end - i})
			}
			i = end
		default:
			i++
		}
	}
}

// units are words that only follow numbers.
var units = strings.Fields(`mm cm dm km nm μm um mg kg ml mol min pa kpa mpa gpa hz khz mhz ghz kw mw gw kwh wh kva mv kv
	ma mah db dba rpm ppm ppb cfu lm lx bx ra vol wt px gbit mbit kb mb gb tb bar cst cp ev kn nm`)

func isWord(word []rune) bool {
	return len(word) > 1 && slices.ContainsFunc(word, unicode.IsLetter) && !slices.Contains(units, string(word))
}

func isPair(a, b rune) bool { return isIdeograph(b) && !glue.has(a) && !glue.has(b) }

// isIdeograph spares a call for nearly all of them.
func isIdeograph(r rune) bool {
	return '\u4E00' <= r && r <= '\u9FFF' || market.ClassOf(r) == market.RuneIdeograph
}

// count says how often a term is in a document.
type count struct {
	key         key
	title, body int32
}

func (c count) total() float64 { return titleWeight*float64(c.title) + float64(c.body) }

// charCount says how much of a character a text has.
type charCount struct {
	char rune
	n    float32
}

// profile is what scoring needs of a document's text.
type profile struct {
	counts     []count     // by key
	titleChars []charCount // by rune
	chars      []charCount // of all text, by rune
	length     float64     // weighted number of terms

	// What follows is read with a model.
	idf       []float32 // of each count
	weight    []float32 // of each count
	norm      float64   // length of weight
	charNorm  float64   // length of chars
	titleNorm float64   // length of titleChars
	titleIDF  float64   // sum of idf over the title's different terms
	selfScore float64   // BM25 of the text as a query for a text that has all of it
	vector    []float32 // direction of the text, nil when no term is known
}

// titleWeight is how many times a title's terms count against the body's.
const titleWeight = 3

// newProfile reads a document's text.
func newProfile(d market.Document) profile {
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	r.read(d)
	return r.profile()
}

func appendKeys(to []key, folded []rune) []key {
	eachTerm(folded, func(t term) { to = append(to, t.key) })
	return to
}

// room is where a text is read, one after the other, so that each leaves behind only what is kept of it.
type room struct {
	title, body         []rune
	titleKeys, bodyKeys []key
	counts              []count
	met                 []rune
	tally               [maxChar]float32 // by character, zero before and after use
}

// maxChar is above the number of every letter and ideograph.
const maxChar = 0x40000

var rooms = sync.Pool{New: func() any { return new(room) }}

func (r *room) read(d market.Document) {
	r.title, r.body = appendFolded(r.title[:0], d.Title), appendFolded(r.body[:0], d.Body)
	r.titleKeys, r.bodyKeys = appendKeys(r.titleKeys[:0], r.title), appendKeys(r.bodyKeys[:0], r.body)
}

// profile is that of the text that was read. The keys are in order of their numbers afterwards, no longer in that of the text.
func (r *room) profile() profile {
	p := profile{counts: r.countTerms(), titleChars: r.countChars(r.title, nil), chars: r.countChars(r.title, r.body)}
	for _, c := range p.counts {
		p.length += c.total()
	}
	return p
}

func (r *room) countTerms() []count {
	title, body := r.titleKeys, r.bodyKeys
	slices.Sort(title)
	slices.Sort(body)
	r.counts = r.counts[:0]
	for len(title) > 0 || len(body) > 0 {
		k := smallest(title, body)
		c := count{key: k, title: leading(title, k), body: leading(body, k)}
		title, body = title[c.title:], body[c.body:]
		r.counts = append(r.counts, c)
	}
	return slices.Clone(r.counts)
}

// countChars counts ideographs and letters, those of the title titleWeight
// times.
func (r *room) countChars(title, body []rune) []charCount {
	r.met = r.met[:0]
	add := func(text []rune, times float32) {
		for _, char := range text {
			if !isChar(char) {
				continue
			}
			if r.tally[char] == 0 {
				r.met = append(r.met, char)
			}
			r.tally[char] += times
		}
	}
	add(title, titleWeight)
	add(body, 1)
	slices.Sort(r.met)
	list := make([]charCount, len(r.met))
	for i, char := range r.met {
		list[i], r.tally[char] = charCount{char, r.tally[char]}, 0
	}
	return list
}

func isChar(r rune) bool {
	return (isIdeograph(r) || unicode.IsLetter(r)) && !glue.has(r) && r < maxChar
}

// smallest returns the smaller of the first values of two sorted lists, not
// both empty.
func smallest[T cmp.Ordered](a, b []T) T {
	if len(a) == 0 || len(b) > 0 && b[0] < a[0] {
		return b[0]
	}
	return a[0]
}

// leading counts how often v stands at the beginning of a list.
func leading[T comparable](list []T, v T) int32 {
	n := 0
	for n < len(list) && list[n] == v {
		n++
	}
	return int32(n)
}

// lengthOf returns the length of counts taken as a vector.
func lengthOf(list []charCount) float64 {
	var sum float64
	for _, c := range list {
		sum += float64(c.n) * float64(c.n)
	}
	return math.Sqrt(sum)
}
