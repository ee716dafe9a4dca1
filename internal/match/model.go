package match

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"techmarket/internal/market"
)

// Model holds what scoring knows of the market's language: how rare each term
// is, and which terms go together. It is never changed once made, and may be
// used by several goroutines.
type Model struct {
	names   Names
	docs    float64
	average float64 // weighted length of a document
	common  map[key]int32
	vectors map[key][]float32
}

// NewModel learns from the published documents, needs and results together. A
// model of few documents or none works too, but takes all terms as equally
// telling.
func NewModel(docs iter.Seq[market.Document], names Names) *Model {
	m := &Model{names: names, common: map[key]int32{}}
	var texts [][]term
	for d := range docs {
		p, terms := newProfile(d)
		m.docs++
		m.average += p.length
		for _, c := range p.counts {
			m.common[c.key]++
		}
		texts = append(texts, terms)
	}
	m.average /= max(m.docs, 1)
	m.vectors = learnVectors(texts, m)
	return m
}

// idf is the weight of a term by its rarity, between 0 and idf of none.
func (m *Model) idf(k key) float64 {
	n := float64(m.common[k])
	return math.Log(1 + (m.docs-n+0.5)/(n+0.5))
}

// maxIDF is the weight of a term that no document holds.
func (m *Model) maxIDF() float64 { return math.Log(1 + (m.docs+0.5)/0.5) }

// BM25's usual constants, with less account of length: a need is short by
// nature, not because it is precise.
const (
	saturation = 1.2
	lengthBias = 0.4
)

// profile reads a document under the model.
func (m *Model) profile(d market.Document) profile {
	p, _ := newProfile(d)
	p.weight = make([]float64, len(p.counts))
	for i, c := range p.counts {
		idf := m.idf(c.key)
		p.weight[i] = idf * (1 + math.Log(c.total()))
		p.norm += p.weight[i] * p.weight[i]
		p.selfScore += p.weight[i] * idf
		if c.title > 0 {
			p.titleIDF += idf
		}
	}
	p.norm = math.Sqrt(p.norm)
	p.vector = m.direction(&p)
	return p
}

// candidateTerms is the number of terms asked for: more find nothing better
// and take longer.
const candidateTerms = 10

// candidateTitle is how many times a title's terms count for the choice.
const candidateTitle = 20

// CandidateTerms returns the terms by which documents worth scoring against d
// are found in a search engine, the most telling first.
func (m *Model) CandidateTerms(d market.Document) []market.Term {
	title, body := fold(d.Title), fold(d.Body)
	counts := map[string]float64{}
	keys := map[string]key{}
	add := func(text []rune, weight float64) {
		for _, t := range termsOf(text) {
			s := string(text[t.at : t.at+t.size])
			counts[s] += weight
			keys[s] = t.key
		}
	}
	add(title, candidateTitle)
	add(body, 1)
	list := make([]market.Term, 0, len(counts))
	rank := map[string]float64{}
	for s, n := range counts {
		rank[s] = n * m.idf(keys[s])
		list = append(list, market.Term{Text: s, Weight: 1 + math.Log(n)})
	}
	slices.SortFunc(list, func(a, b market.Term) int {
		return cmp.Or(cmp.Compare(rank[b.Text], rank[a.Text]), cmp.Compare(a.Text, b.Text))
	})
	return list[:min(len(list), candidateTerms)]
}
