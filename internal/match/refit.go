package match

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"techmarket/internal/market"
)

// FeatureNames names the features in the order of an Adjustment's weights.
var FeatureNames = [...]string{"terms", "bm25", "covered", "answered", "rarest", "title", "chars", "vector"}

// vector is the features in the order of FeatureNames.
type vector [len(FeatureNames)]float64

func (f features) values() vector {
	return vector{f.terms, f.bm25, f.covered, f.answered, f.rarest, f.title, f.chars, f.vector}
}

// Adjustment is what people's marks have moved the weights of every step by. The zero value changes nothing.
type Adjustment struct {
	Weights vector
	Middle  float64 // by which a typical marked pair keeps its score: order is learned from marks, not strength
}

// middleName stands for the middle among the names of an adjustment's parts.
const middleName = "middle"

// MarshalJSON writes each part under its name.
func (a Adjustment) MarshalJSON() ([]byte, error) {
	parts := map[string]float64{middleName: a.Middle}
	for i, name := range FeatureNames {
		parts[name] = a.Weights[i]
	}
	return json.Marshal(parts)
}

// UnmarshalJSON reads the parts by name. A part that the scorer does not know is an error: it was fitted for another one.
func (a *Adjustment) UnmarshalJSON(raw []byte) error {
	var parts map[string]float64
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	*a = Adjustment{}
	for name, value := range parts {
		i := slices.Index(FeatureNames[:], name)
		switch {
		case name == middleName:
			a.Middle = value
		case i < 0:
			return fmt.Errorf("weights for a feature that there is none: %s", name)
		default:
			a.Weights[i] = value
		}
	}
	return nil
}

// of is what the adjustment adds to the sum of features.
func (a Adjustment) of(x vector) float64 {
	sum := -a.Middle
	for i, w := range a.Weights {
		sum += w * x[i]
	}
	return sum
}

// With returns the model with adjusted weights.
func (m *Model) With(a Adjustment) *Model {
	adjusted := *m
	adjusted.adjustment = a
	return &adjusted
}

// Sample is a pair that somebody has marked.
type Sample struct {
	need   int64
	useful bool
	x      vector
	over   [len(steps)]float64 // by how much its sum is over the middle of each step
}

// Sample reads a marked pair as of a point in time.
func (m *Model) Sample(need, result market.Document, useful bool, now time.Time) Sample {
	return newSample(need.ID, useful, m.compare(m.profile(need), m.profile(result)), circumstances(need, result, now))
}

func newSample(need int64, useful bool, f features, circumstances float64) Sample {
	s := Sample{need: need, useful: useful, x: f.values()}
	for i, step := range steps {
		s.over[i] = step.sum(f) + circumstances - step.middle
	}
	return s
}

// score is the pair's score when so much is added to its sum, with the slope there.
func (s Sample) score(added float64) (score, slope float64) {
	for _, over := range s.over {
		chance := 1 / (1 + math.Exp(-over-added))
		score += chance / float64(len(s.over))
		slope += chance * (1 - chance) / float64(len(s.over))
	}
	return score, slope
}

// Evaluation is how good weights are at putting a pair that was marked useful before one that was marked unsuitable: the
// chance of it, 0.5 for blind guessing.
type Evaluation struct {
	Before float64 // by the weights in force
	After  float64 // by new ones, on marks of needs that they were not fitted to
}

// folds is into how many parts marks are divided; each is judged by what the others teach.
const folds = 5

// Refit fits an adjustment to marks, and judges it against the one in force. Marks of one need stay in one part.
func Refit(samples []Sample, inForce Adjustment) (Adjustment, Evaluation) {
	before, after := make([]float64, len(samples)), make([]float64, len(samples))
	for fold := range int64(folds) {
		taught := fit(slices.DeleteFunc(slices.Clone(samples), func(s Sample) bool { return s.need%folds == fold }))
		for i, s := range samples {
			if s.need%folds == fold {
				before[i], _ = s.score(inForce.of(s.x))
				after[i], _ = s.score(taught.of(s.x))
			}
		}
	}
	return fit(samples), Evaluation{Before: ordered(samples, before), After: ordered(samples, after)}
}

// ordered is the chance that a useful pair has a higher score than an unsuitable one; 0.5 without both.
func ordered(samples []Sample, scores []float64) float64 {
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	var useful, unsuitable, won float64
	for i := 0; i < len(order); {
		var up, down float64 // of the same score
		for end := scores[order[i]]; i < len(order) && scores[order[i]] == end; i++ {
			if samples[order[i]].useful {
				up++
			} else {
				down++
			}
		}
		won += up * (unsuitable + down/2)
		useful, unsuitable = useful+up, unsuitable+down
	}
	if useful == 0 || unsuitable == 0 {
		return 0.5
	}
	return won / (useful * unsuitable)
}

const (
	caution  = 5.0 // how strongly weights are held where they were: few marks move them little
	fitSteps = 500
)

// fit finds the adjustment under which the marks are likeliest, held near none. Marks are of pairs that were suggested and
// somebody cared to judge, so that their share of useful ones says nothing of other pairs: it is fitted along and dropped.
func fit(samples []Sample) Adjustment {
	var mean vector
	for _, s := range samples {
		for i, x := range s.x {
			mean[i] += x / float64(len(samples))
		}
	}
	var a Adjustment
	var level float64
	pace := 1 / (caution + float64(len(samples)))
	for range fitSteps {
		var gradient vector
		var levelGradient float64
		for _, s := range samples {
			pull := s.pull(a.of(s.x) + level)
			levelGradient += pull
			for i, x := range s.x {
				gradient[i] += pull * (x - mean[i])
			}
		}
		level += pace * levelGradient
		a.Middle = 0
		for i, g := range gradient {
			a.Weights[i] += pace * (g - caution*a.Weights[i])
			a.Middle += a.Weights[i] * mean[i]
		}
	}
	return a
}

// pull is how the likelihood of the mark changes with what is added to the sum.
func (s Sample) pull(added float64) float64 {
	score, slope := s.score(added)
	if s.useful {
		return slope / score
	}
	return -slope / (1 - score)
}
