package evaltest

import (
	"cmp"
	"math"
	"slices"

	"techmarket/internal/market"
	"techmarket/search"
)

// BM25 is the plain ranking that everything else is measured against: pairs of ideographs and words, the title three
// times, the usual constants.
type BM25 struct {
	postings map[string][]posting
	lengths  []float64
	average  float64
}

type posting struct {
	doc   int
	times float64
}

const (
	titleTimes = 3
	k1, b      = 1.2, 0.75
)

// NewBM25 indexes documents.
func NewBM25(docs []market.Document) *BM25 {
	x := &BM25{postings: map[string][]posting{}, lengths: make([]float64, len(docs))}
	for i, d := range docs {
		for term, times := range countTerms(d) {
			x.postings[term] = append(x.postings[term], posting{i, times})
			x.lengths[i] += times
		}
		x.average += x.lengths[i] / float64(len(docs))
	}
	return x
}

func countTerms(d market.Document) map[string]float64 {
	counts := map[string]float64{}
	for _, term := range search.IndexTerms(d.Title).Words {
		counts[term] += titleTimes
	}
	for _, term := range search.IndexTerms(d.Body).Words {
		counts[term]++
	}
	return counts
}

// Scores gives each document its score for the text of d.
func (x *BM25) Scores(d market.Document) []float64 {
	scores := make([]float64, len(x.lengths))
	counts := countTerms(d)
	terms := make([]string, 0, len(counts))
	for term := range counts {
		terms = append(terms, term)
	}
	slices.Sort(terms) // sums of floating point depend on the order
	for _, term := range terms {
		held := x.postings[term]
		idf := math.Log(1 + (float64(len(x.lengths)-len(held))+.5)/(float64(len(held))+.5))
		for _, p := range held {
			scores[p.doc] += counts[term] * idf * p.times * (k1 + 1) / (p.times + k1*(1-b+b*x.lengths[p.doc]/x.average))
		}
	}
	return scores
}

// Best returns the places of the n highest scores, best first.
func Best(scores []float64, n int) []int {
	places := make([]int, len(scores))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return places[:min(n, len(places))]
}
