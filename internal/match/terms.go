package match

import (
	"cmp"
	"slices"
	"strings"

	"techmarket/internal/market"
)

const (
	maxSharedTerms = 5
	maxTermRunes   = 8
	// leastTelling is the share of the highest rarity that a shared term needs.
	leastTelling = 0.35
	// leastHold and looseEdge say when an edge pair is a cut word: below so
	// many times chance, or below this share of the pair beside it.
	leastHold = 8
	looseEdge = 0.05
)

// Ideographs that no term begins or ends with.
var (
	neverFirst = runeSet("和在到第从或再又都还就才只要会")
	neverLast  = runeSet("和在到第从或再又都还就才只要会为后下")
)

// sharedTerm is a stretch that stands in both texts.
type sharedTerm struct {
	text   string // as the need writes it
	folded string
	weight float64
}

// sharedTerms returns the key terms of a pair: the longest stretches that both
// texts hold, without what is common to all texts, the most telling first.
func (m *Model) sharedTerms(need, result *reading) []string {
	var list []sharedTerm
	for _, s := range need.stretchesIn(result) {
		if t, ok := m.asTerm(need, s); ok {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(x, y sharedTerm) int { return cmp.Compare(y.weight, x.weight) })
	var kept []sharedTerm
	for _, t := range list {
		covered := slices.ContainsFunc(kept, func(k sharedTerm) bool {
			return strings.Contains(k.folded, t.folded) || strings.Contains(t.folded, k.folded)
		})
		if !covered && len(kept) < maxSharedTerms {
			kept = append(kept, t)
		}
	}
	texts := make([]string, len(kept))
	for i, t := range kept {
		texts[i] = t.text
	}
	return texts
}

// reading is a document's text with its terms.
type reading struct {
	runes  []rune // as written
	folded []rune
	title  int // runes of the title
	terms  []term
	places map[key][]int // where each term stands, of a result
}

func newReading(d market.Document) *reading {
	r := &reading{runes: []rune(d.Title + "\n" + d.Body), title: len([]rune(d.Title))}
	r.folded = fold(string(r.runes))
	r.terms = termsOf(r.folded)
	if d.Kind != market.KindNeed { // needs are looked through, results are looked up in
		r.places = make(map[key][]int, len(r.terms))
		for _, t := range r.terms {
			r.places[t.key] = append(r.places[t.key], t.at)
		}
	}
	return r
}

// stretch is a part of a reading that stands in another one too.
type stretch struct {
	at, size int
	inTitle  bool // of either
}

// stretchesIn returns the longest stretches of terms that other holds too.
func (r *reading) stretchesIn(other *reading) []stretch {
	var list []stretch
	end := 0 // of the stretch before
	for _, t := range r.terms {
		best := stretch{at: t.at}
		for _, place := range other.places[t.key] {
			size := r.commonLength(t, other, place)
			inTitle := t.at < r.title || place < other.title
			if size > best.size || size == best.size && inTitle {
				best.size, best.inTitle = size, inTitle
			}
		}
		if best.size > 0 && t.at+best.size > end {
			list = append(list, best)
			end = t.at + best.size
		}
	}
	return list
}

// commonLength returns how far both texts go on alike from a term. Words of
// other scripts stand alone.
func (r *reading) commonLength(t term, other *reading, place int) int {
	if t.key&wordKey != 0 {
		return t.size
	}
	size := 2
	for size < maxTermRunes && t.at+size < len(r.folded) && place+size < len(other.folded) {
		next := r.folded[t.at+size]
		if next != other.folded[place+size] || !isPair(r.folded[t.at+size-1], next) {
			break
		}
		size++
	}
	return size
}

// asTerm trims a stretch to what reads as a word and weighs it. It is not ok
// when too little is left, or nothing telling.
func (m *Model) asTerm(r *reading, s stretch) (sharedTerm, bool) {
	from, to := s.at, s.at+s.size
	if market.ClassOf(r.folded[from]) == market.RuneIdeograph {
		from, to = m.trim(r.folded, from, to)
		from, to = m.whole(r.folded, s, from, to)
		if to-from < 2 {
			return sharedTerm{}, false
		}
	}
	folded := r.folded[from:to]
	t := sharedTerm{text: string(r.runes[from:to]), folded: string(folded)}
	var rarest float64
	for _, part := range termsOf(folded) {
		idf := m.idf(part.key)
		t.weight += idf
		rarest = max(rarest, idf)
	}
	if s.inTitle {
		t.weight *= 1.5
	}
	return t, rarest >= leastTelling*m.rarity(0)
}

// trim takes common words and cut words off the ends of a stretch.
func (m *Model) trim(text []rune, from, to int) (int, int) {
	for to-from >= 4 && commonPairs[pairKey(text[from], text[from+1])] {
		from += 2
	}
	for to-from >= 4 && commonPairs[pairKey(text[to-2], text[to-1])] {
		to -= 2
	}
	for to-from >= 2 && (neverFirst.has(text[from]) || m.isCut(text, from, from+1)) {
		from++
	}
	for to-from >= 2 && (neverLast.has(text[to-1]) || m.isCut(text, to-2, to-3)) {
		to--
	}
	if to-from == 2 && commonPairs[pairKey(text[from], text[from+1])] {
		return from, from
	}
	return from, to
}

// whole gives back what trimming took from a technical term: it returns the
// longest one of the stretch that holds what was left, else what was left.
func (m *Model) whole(text []rune, s stretch, from, to int) (int, int) {
	for size := s.size; size > to-from; size-- {
		for at := s.at; at+size <= s.at+s.size; at++ {
			if at <= from && to <= at+size && m.words[string(text[at:at+size])] {
				return at, at + size
			}
		}
	}
	return from, to
}

// isCut reports whether the pair at an edge does not belong together: it is
// not much more frequent than chance would have it, or far less than the pair
// beside it, which starts at next. Of a pair that the model never met nothing
// is known.
func (m *Model) isCut(text []rune, edge, next int) bool {
	hold, known := m.hold(text, edge)
	if !known {
		return false
	}
	beside, known := m.hold(text, next)
	return hold < leastHold || known && hold < looseEdge*beside
}

// hold says how many times more often than by chance the ideographs at a place
// follow each other.
func (m *Model) hold(text []rune, at int) (times float64, known bool) {
	if at < 0 || at+1 >= len(text) {
		return 0, false
	}
	a, b := text[at], text[at+1]
	met := float64(m.terms[pairKey(a, b)].times)
	chance := float64(m.first[a]) * float64(m.second[b])
	return ratio(met*float64(m.pairs), chance), met > 0
}
