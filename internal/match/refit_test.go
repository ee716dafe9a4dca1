package match_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"techmarket/internal/match"
)

// marks are made-up marks of pairs with features by chance; useful says how likely a pair is marked so.
func marks(n int, useful func(x []float64) float64) []match.Sample {
	chance := rand.New(rand.NewPCG(1, 2))
	samples := make([]match.Sample, n)
	for i := range samples {
		x := make([]float64, len(match.FeatureNames))
		for j := range x {
			x[j] = 0.1 + 0.5*chance.Float64()
		}
		samples[i] = match.SampleOf(int64(i/3), chance.Float64() < useful(x), x...)
	}
	return samples
}

// TestRefitLearnsWhatPeopleMark has people care for one feature and nothing else: the order gets better on needs that were
// not learned from, and a typical pair keeps its score however many are marked useful.
func TestRefitLearnsWhatPeopleMark(t *testing.T) {
	t.Parallel()
	const terms, direction = 0, 7
	samples := marks(400, func(x []float64) float64 { return 1 / (1 + math.Exp(-2-12*(x[direction]-0.35))) })
	a, e := match.Refit(samples, match.Adjustment{})
	if e.After < e.Before+0.03 || e.After > 1 || e.Before < 0.5 {
		t.Errorf("%+v: it has not learned", e)
	}
	if a.Weights[direction] < 0.3 || a.Weights[terms] > 0 {
		t.Errorf("%+v: the wrong features", a)
	}
	typical := a.Of(0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35)
	if math.Abs(typical) > 0.1 {
		t.Errorf("a typical pair's sum moves by %.3f", typical)
	}
	raw, err := json.Marshal(a)
	var read match.Adjustment
	if err == nil {
		err = json.Unmarshal(raw, &read)
	}
	if err != nil || read != a {
		t.Errorf("%s is read as %+v, %v", raw, read, err)
	}
	if err := json.Unmarshal([]byte(`{"fame":1}`), &read); err == nil {
		t.Error("weights of another scorer are taken")
	}
	if again, known := match.Refit(samples, a); again != a || known.Before < e.After {
		t.Errorf("fitted again: %+v, %+v", again, known)
	}
}

// TestRefitOfNoise fits marks by chance: on marks that were not learned from nothing gets better. None at all change nothing.
func TestRefitOfNoise(t *testing.T) {
	t.Parallel()
	if a, e := match.Refit(marks(400, func([]float64) float64 { return 0.5 }), match.Adjustment{}); e.After > 0.56 || math.Abs(e.Before-0.5) > 0.06 {
		t.Errorf("%+v, %+v", a, e)
	}
	if a, e := match.Refit(nil, match.Adjustment{}); a != (match.Adjustment{}) || e != (match.Evaluation{Before: 0.5, After: 0.5}) {
		t.Errorf("of nothing: %+v, %+v", a, e)
	}
}
