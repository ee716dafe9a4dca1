package eval

import (
	"cmp"
	"math"
	"slices"
)

const (
	maxGrade  = 4
	goodGrade = 3  // from which on a pair is worth somebody's time
	topPlaces = 10 // that nDCG looks at
)

// Graded is a score of a pair whose grade is known. Pairs of one need have the same Query.
type Graded struct {
	Query int
	Grade int
	Score float64
}

// Quality is how well scores agree with grades.
type Quality struct {
	NDCG     float64 // at 10, mean over the needs that have anything above the lowest grade; a pair of grade g counts 2^(g-1) - 1
	AUC      float64 // chance that a pair of grade 3 or 4 scores above one of grade 1 or 2, over all needs together
	Spearman float64 // correlation of the ranks of scores and grades, over all pairs together
}

// Judge measures scores by their grades.
func Judge(pairs []Graded) Quality {
	scores, grades := make([]float64, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		scores[i], grades[i] = p.Score, float64(p.Grade)
	}
	return Quality{ndcg(pairs), auc(ranks(scores), grades), correlation(ranks(scores), ranks(grades))}
}

func ndcg(pairs []Graded) float64 {
	byQuery := map[int][]Graded{}
	for _, p := range pairs {
		byQuery[p.Query] = append(byQuery[p.Query], p)
	}
	var sum, n float64
	for _, q := range sortedKeys(byQuery) {
		list := byQuery[q]
		slices.SortStableFunc(list, func(a, b Graded) int { return cmp.Compare(b.Grade, a.Grade) })
		best := gain(list)
		if best == 0 {
			continue
		}
		// Equal scores stand worst first: a score that tells nothing earns nothing.
		slices.SortStableFunc(list, func(a, b Graded) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Grade, b.Grade))
		})
		sum += gain(list) / best
		n++
	}
	return ratio(sum, n)
}

func gain(list []Graded) float64 {
	var g float64
	for i, p := range list[:min(len(list), topPlaces)] {
		g += (math.Exp2(float64(p.Grade-1)) - 1) / math.Log2(float64(i)+2)
	}
	return g
}

// auc is NaN when all pairs are good or none is.
func auc(ranks, grades []float64) float64 {
	var good, sum float64
	for i, r := range ranks {
		if grades[i] >= goodGrade {
			good++
			sum += r
		}
	}
	return (sum - good*(good+1)/2) / (good * (float64(len(ranks)) - good))
}

// ranks gives each value its rank, equal ones the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	list := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			list[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return list
}

// correlation is NaN when all values of a side are equal.
func correlation(a, b []float64) float64 {
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return ratio(sum, float64(len(values)))
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Finding adds up how well searches find the one document that each is for.
type Finding struct {
	Queries, Found int
	Reciprocal     float64
}

// add counts a search whose document stood at that place of the first page, from 0; below 0 when it is not there.
func (f *Finding) add(place int) {
	f.Queries++
	if place >= 0 {
		f.Found++
		f.Reciprocal += 1 / float64(place+1)
	}
}

// MRR is the mean reciprocal rank, 0 for a document that is not on the first page.
func (f Finding) MRR() float64 { return ratio(f.Reciprocal, float64(f.Queries)) }

// Recall is the share of searches whose document is on the first page.
func (f Finding) Recall() float64 { return ratio(float64(f.Found), float64(f.Queries)) }
