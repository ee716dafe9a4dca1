package eval

import (
	"math"
	"testing"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	pairs := func(grades []int, scores []float64) (list []Graded) {
		for i, g := range grades {
			list = append(list, Graded{Grade: g, Score: scores[i]})
		}
		return list
	}
	for _, c := range []struct {
		name  string
		pairs []Graded
		want  Quality
	}{
		{"right order", pairs([]int{4, 3, 2, 1}, []float64{.9, .8, .2, .1}), Quality{1, 1, 1}},
		{"wrong order", pairs([]int{4, 1}, []float64{.1, .9}), Quality{1 / math.Log2(3), 0, -1}},
		{"no difference", pairs([]int{4, 1}, []float64{.5, .5}), Quality{1 / math.Log2(3), .5, math.NaN()}},
		{"nothing that fits", pairs([]int{1, 1}, []float64{.5, .6}), Quality{0, math.NaN(), math.NaN()}},
		{"two needs", []Graded{{0, 4, .9}, {0, 1, .8}, {1, 3, .2}, {1, 2, .3}},
			Quality{(1 + (1+3/math.Log2(3))/(3+1/math.Log2(3))) / 2, .5, .2}},
	} {
		got := Judge(c.pairs)
		if !same(got.NDCG, c.want.NDCG) || !same(got.AUC, c.want.AUC) || !same(got.Spearman, c.want.Spearman) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func same(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 }

func TestFinding(t *testing.T) {
	t.Parallel()
	var f Finding
	for _, place := range []int{0, 3, -1, -1} {
		f.add(place)
	}
	if f.MRR() != 1.25/4 || f.Recall() != .5 {
		t.Errorf("MRR %v and recall %v, want .3125 and .5", f.MRR(), f.Recall())
	}
}
