package match

import (
	"iter"
	"math"

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
	chars   map[rune]float64 // weight of each character by its rarity

	landmarks []landmark // the pairs of ideographs that have a vector, by key

	pairs         int64 // of ideographs, in all documents
	first, second map[rune]int64
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
	docs, times int32     // how many documents hold it, and how often in all
	idf         float64   // its weight by its rarity
	vector      []float32 // nil when it is too rare or too common
}

// NewModel learns from the published documents, needs and results together. A
// model of few documents or none works too, but tells rare terms from common
// ones less well. Ten thousand documents take a few seconds; of more than
// maxTexts, the company of terms is learned from a sample.
func NewModel(docs iter.Seq[market.Document], names Names) *Model {
	m := &Model{
		names: names, terms: map[key]learned{}, chars: map[rune]float64{},
		first: map[rune]int64{}, second: map[rune]int64{},
	}
	for k := range commonPairs {
		m.terms[k] = learned{}
	}
	holders := map[rune]int32{}
	texts := sample[[]key]{size: maxTexts}
	typical := sample[profile]{size: typicalDocs}
	for d := range docs {
		p, terms := newProfile(d)
		m.docs++
		for _, c := range p.counts {
			m.count(c)
		}
		for _, c := range p.chars {
			holders[c.char]++
		}
		texts.add(terms)
		typical.add(p)
	}
	for k, l := range m.terms {
		l.idf = m.termRarity(k, l.docs)
		m.terms[k] = l
	}
	for char, n := range holders {
		m.chars[char] = m.rarity(float64(n))
	}
	m.learnAverages(typical.kept)
	m.learnVectors(texts.kept)
	return m
}

// typicalDocs is the number of documents that averages are taken of.
const typicalDocs = 1000

func (m *Model) learnAverages(typical []profile) {
	n := float64(max(len(typical), 1))
	for i := range typical {
		p := &typical[i]
		m.weigh(p)
		m.average.length += p.length / n
		m.average.norm += p.norm / n
		m.average.charNorm += p.charNorm / n
	}
}

// count adds a document's count of a term.
func (m *Model) count(c count) {
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
	if l, ok := m.terms[k]; ok {
		return l.idf
	}
	return m.rarity(0)
}

// profile reads a document under the model.
func (m *Model) profile(d market.Document) profile {
	p, _ := newProfile(d)
	m.weigh(&p)
	return p
}

// weigh gives a profile's terms and characters their weights.
func (m *Model) weigh(p *profile) {
	p.idf = make([]float64, len(p.counts))
	p.weight = make([]float64, len(p.counts))
	direction := make([]float32, dimensions)
	unknown := m.rarity(0)
	for i, c := range p.counts {
		l, ok := m.terms[c.key]
		if !ok {
			l.idf = unknown
		}
		p.idf[i] = l.idf
		p.weight[i] = l.idf * (1 + math.Log(c.total()))
		p.norm += p.weight[i] * p.weight[i]
		p.selfScore += p.weight[i] * l.idf
		if c.title > 0 {
			p.titleIDF += l.idf
		}
		// The more telling a term is, the more it says of the direction.
		w := float32(p.weight[i] * l.idf * l.idf)
		for j, x := range l.vector {
			direction[j] += w * x
		}
	}
	p.norm = math.Sqrt(p.norm)
	p.vector = ofLengthOne(direction)
	for i, c := range p.chars {
		rarity, ok := m.chars[c.char]
		if !ok {
			rarity = unknown
		}
		p.chars[i].n = (1 + math.Log(c.n)) * rarity
	}
	p.charNorm = length(p.chars)
	p.titleNorm = length(p.titleChars)
}
