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
	average float64           // weighted length of a document
	common  map[key]frequency // of terms
	chars   map[rune]int32    // documents that hold a character
	vectors map[key][]float32 // of the terms that are common enough

	pairs         int64 // of ideographs, in all documents
	first, second map[rune]int64
}

// frequency says how common a term is.
type frequency struct{ docs, times int32 }

// NewModel learns from the published documents, needs and results together. A
// model of few documents or none works too, but tells rare terms from common
// ones less well. Ten thousand documents take a few seconds.
func NewModel(docs iter.Seq[market.Document], names Names) *Model {
	m := &Model{
		names: names, common: map[key]frequency{}, chars: map[rune]int32{},
		first: map[rune]int64{}, second: map[rune]int64{},
	}
	var texts [][]term
	for d := range docs {
		p, terms := newProfile(d)
		m.docs++
		m.average += p.length
		for _, c := range p.counts {
			m.count(c)
		}
		for _, c := range p.chars {
			m.chars[c.char]++
		}
		texts = append(texts, terms)
	}
	m.average /= max(m.docs, 1)
	m.vectors = learnVectors(texts, m)
	return m
}

// count adds a document's count of a term.
func (m *Model) count(c count) {
	times := c.title + c.body
	f := m.common[c.key]
	m.common[c.key] = frequency{f.docs + 1, f.times + times}
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

func (m *Model) idf(k key) float64 {
	n := float64(m.common[k].docs)
	if commonPairs[k] {
		n += priorTexts * priorShare
	}
	return m.rarity(n)
}

// profile reads a document under the model.
func (m *Model) profile(d market.Document) profile {
	p, _ := newProfile(d)
	p.idf = make([]float64, len(p.counts))
	p.weight = make([]float64, len(p.counts))
	for i, c := range p.counts {
		idf := m.idf(c.key)
		p.idf[i] = idf
		p.weight[i] = idf * (1 + math.Log(c.total()))
		p.norm += p.weight[i] * p.weight[i]
		p.selfScore += p.weight[i] * idf
		if c.title > 0 {
			p.titleIDF += idf
		}
	}
	p.norm = math.Sqrt(p.norm)
	for i, c := range p.chars {
		p.chars[i].n = (1 + math.Log(c.n)) * m.rarity(float64(m.chars[c.char]))
	}
	normalize(p.chars)
	normalize(p.titleChars)
	p.vector = m.direction(&p)
	return p
}

const (
	// candidateTerms is the number of terms asked for: more find nothing
	// better and take longer.
	candidateTerms = 10
	// candidateTitle is how many times a title's terms count for the choice.
	candidateTitle = 20
)

// CandidateTerms returns the terms by which documents worth scoring against d
// are found in a search engine, the most telling first.
func (m *Model) CandidateTerms(d market.Document) []market.Term {
	counts := map[string]float64{}
	rank := map[string]float64{}
	add := func(text []rune, weight float64) {
		for _, t := range termsOf(text) {
			s := string(text[t.at : t.at+t.size])
			counts[s] += weight
			rank[s] = counts[s] * m.idf(t.key)
		}
	}
	add(fold(d.Title), candidateTitle)
	add(fold(d.Body), 1)
	list := make([]market.Term, 0, len(counts))
	for s, n := range counts {
		list = append(list, market.Term{Text: s, Weight: 1 + math.Log(n)})
	}
	slices.SortFunc(list, func(a, b market.Term) int {
		return cmp.Or(cmp.Compare(rank[b.Text], rank[a.Text]), cmp.Compare(a.Text, b.Text))
	})
	return list[:min(len(list), candidateTerms)]
}
