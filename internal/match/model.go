package match

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"techmarket/internal/market"
)

// Model holds what scoring knows of the market's language: how rare each term
// is, and which terms keep the same company. It never changes once made, and
// may be used by several goroutines.
type Model struct {
	names   Names
	docs    float64
	average averages
	terms   map[key]learned  // also the common words that no document holds
	common  map[key]learned  // those of the terms that are met most: few enough to stay in the processor's cache
	chars   map[rune]float64 // weight of each character by its rarity

	vectors    []float32 // of the terms that have one, each of so many dimensions
	landmarks  []key     // the pairs of ideographs that have a vector, in order
	directions []float32 // of the landmarks' vectors, one after the other

	pairs         int64 // of ideographs, in all documents
	first, second map[rune]int64

	words    map[string]bool // technical terms, folded
	profiles *profileCache   // of documents that were looked at lately

	adjustment Adjustment // of the weights
}

// averages are those of the documents, by which long texts are not held to be
// worse for being long, nor bare titles better for being short.
type averages struct {
	length   float64 // weighted number of terms
	norm     float64 // of the terms' weights
	charNorm float64 // of the characters' weights
}

// learned is what a model knows of a term.
type learned struct {
	docs, times int32   // how many documents hold it, and how often in all
	idf         float32 // its weight by its rarity
	vector      int32   // the number of its vector, from 1; 0 when it is too rare or too common to have one
}

// maxDocs is the number of documents that a model is learned from at most.
const maxDocs = 20_000

// NewModel learns from the published documents, needs and results together; of
// very many, from a sample. A model of few documents or none works too, but
// tells rare terms from common ones less well. Ten thousand documents take a
// few seconds.
func NewModel(docs iter.Seq[market.Document], names Names) *Model {
	read := sample[market.Document]{size: maxDocs}
	for d := range docs {
		read.add(d)
	}
	m := &Model{
		names: names, docs: float64(len(read.kept)),
		terms: map[key]learned{}, chars: map[rune]float64{},
		first: map[rune]int64{}, second: map[rune]int64{}, profiles: newProfileCache(), words: map[string]bool{},
	}
	for _, w := range names.Words {
		m.words[string(fold(w))] = true
	}
	texts := m.learnRarity(read.kept)
	m.learnAverages(read.kept)
	m.learnVectors(texts)
	m.chooseCommon()
	return m
}

// maxCommon is how many terms are held apart as those that are met most.
const maxCommon = 20_000

func (m *Model) chooseCommon() {
	m.common = map[key]learned{}
	for _, k := range m.mostMet(maxCommon, math.MaxInt32) {
		m.common[k] = m.terms[k]
	}
}

// mostMet is a number of the terms that more than a few documents hold but no more than atMost, those of most documents first.
func (m *Model) mostMet(number int, atMost float64) []key {
	var list []key
	for k, l := range m.terms {
		if l.docs >= minDocs && float64(l.docs) <= atMost {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b key) int {
		return cmp.Or(cmp.Compare(m.terms[b].docs, m.terms[a].docs), cmp.Compare(a, b))
	})
	return list[:min(len(list), number)]
}

// learnRarity counts terms and characters, and returns the terms of each
// document.
func (m *Model) learnRarity(docs []market.Document) [][]key {
	for k := range commonPairs {
		m.terms[k] = learned{}
	}
	texts := make([][]key, len(docs))
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	for i, d := range docs {
		r.read(d)
		texts[i] = slices.Concat(r.titleKeys, r.bodyKeys)
		p := r.profile()
		for _, c := range p.counts {
			m.countTerm(c)
		}
		for _, c := range p.chars {
			m.chars[c.char]++
		}
	}
	for k, l := range m.terms {
		l.idf = float32(m.termRarity(k, l.docs))
		m.terms[k] = l
	}
	for char, holders := range m.chars {
		m.chars[char] = m.rarity(holders)
	}
	return texts
}

// countTerm adds a document's count of a term.
func (m *Model) countTerm(c count) {
	times := c.title + c.body
	l := m.terms[c.key]
	l.docs++
	l.times += times
	m.terms[c.key] = l
	if a, b, ok := c.key.ideographs(); ok {
		m.pairs += int64(times)
		m.first[a] += int64(times)
		m.second[b] += int64(times)
	}
}

// typicalDocs is the number of documents that averages are taken of.
const typicalDocs = 1000

func (m *Model) learnAverages(docs []market.Document) {
	step := len(docs)/typicalDocs + 1
	var sum averages
	var n float64
	for i := 0; i < len(docs); i += step {
		p := m.read(docs[i])
		sum.length += p.length
		sum.norm += p.norm
		sum.charNorm += p.charNorm
		n++
	}
	m.average = averages{ratio(sum.length, n), ratio(sum.norm, n), ratio(sum.charNorm, n)}
}

// rarity is the weight of what so many of the documents hold.
func (m *Model) rarity(docs float64) float64 {
	return math.Log(1 + (m.docs+priorTexts-docs+0.5)/(docs+0.5))
}

func (m *Model) termRarity(k key, docs int32) float64 {
	if commonPairs[k] {
		return m.rarity(float64(docs) + priorTexts*priorShare)
	}
	return m.rarity(float64(docs))
}

// idf returns the weight of a term, known or not.
func (m *Model) idf(k key) float64 {
	if l, ok := m.learned(k); ok {
		return float64(l.idf)
	}
	return m.rarity(0)
}

func (m *Model) learned(k key) (learned, bool) {
	l, ok := m.common[k]
	if !ok {
		l, ok = m.terms[k]
	}
	return l, ok
}

// profile returns what scoring needs of a document; it is not to be changed.
func (m *Model) profile(d market.Document) *profile { return m.profiles.get(d, m.read) }

// read reads a document under the model.
func (m *Model) read(d market.Document) profile {
	p := newProfile(d)
	p.idf = make([]float32, len(p.counts))
	p.weight = make([]float32, len(p.counts))
	direction := make([]float32, dimensions)
	unknown := m.rarity(0)
	for i, c := range p.counts {
		idf := unknown
		l, ok := m.learned(c.key)
		if ok {
			idf = float64(l.idf)
		}
		weight := idf * dampened(int(c.total()))
		p.idf[i], p.weight[i] = float32(idf), float32(weight)
		p.norm += weight * weight
		p.selfScore += weight * idf
		if c.title > 0 {
			p.titleIDF += idf
		}
		if l.vector > 0 { // the more telling a term is, the more it says of the direction
			addTimes(direction, vectorAt(m.vectors, int(l.vector)-1), float32(weight*idf*idf))
		}
	}
	p.norm = math.Sqrt(p.norm)
	p.vector = ofLengthOne(direction)
	for i, c := range p.chars {
		rarity, ok := m.chars[c.char]
		if !ok {
			rarity = unknown
		}
		p.chars[i].n = float32(dampened(int(c.n)) * rarity)
	}
	p.charNorm = lengthOf(p.chars)
	p.titleNorm = lengthOf(p.titleChars)
	return p
}

// dampened is how much a term counts that a text holds n times, n being 1 at least: one more says ever less.
func dampened(n int) float64 {
	if n < len(dampenedTimes) {
		return dampenedTimes[n]
	}
	return 1 + math.Log(float64(n))
}

// dampenedTimes spares the logarithms of what is usual.
var dampenedTimes = func() (list [64]float64) {
	for n := 1; n < len(list); n++ {
		list[n] = 1 + math.Log(float64(n))
	}
	return list
}()
