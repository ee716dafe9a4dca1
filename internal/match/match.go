// Package match says how well a need and a result fit, and why. It is pure:
// the caller fetches candidates from a search engine with CandidateTerms, loads
// their documents and has them ranked. The same scorer serves both directions.
package match

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"techmarket/internal/market"
)

// Strength is a match's place on the scale that people see.
type Strength string

// The strengths, best first. A pair with None is not suggested to anybody.
const (
	Strong Strength = "strong" // 匹配强
	Good   Strength = "good"   // 匹配较强
	Fair   Strength = "fair"   // 匹配一般
	None   Strength = ""
)

// Match is the judgement of one need and one result.
type Match struct {
	Score    float64 // 0 to 1, comparable between all pairs of one model; never shown to people
	Strength Strength
	Reasons  []Reason // those that speak for it first
	Terms    []string // shared key terms, most telling first
}

// Reason is one sentence that speaks for (OK) or against a match. Code is
// stable and one of: terms, wording, field, submarket, price, mode, stage,
// fresh.
type Reason struct {
	OK   bool
	Code string
	Text string
}

// Names gives the words that reasons are written with: the Chinese names of
// codes, and technical terms. A code without a name gives no reason.
type Names struct {
	Submarkets map[string]string
	Fields     map[string]string
	Stages     map[string]string
	Modes      map[string]string
	Words      []string // technical terms that stay whole as key terms
}

// Ranked is one of several documents that were scored against another.
type Ranked struct {
	Index int // place in the list that was given
	Match Match
}

// Score judges one pair as of a point in time. It never fails: a property that
// is not stated speaks neither for nor against.
func (m *Model) Score(need, result market.Document, now time.Time) Match {
	n, r := m.profile(need), m.profile(result)
	match := m.judge(n, r, need, result, now)
	m.explain(&match, need, result, m.sharedTerms(newReading(need), newReading(result)), now)
	return match
}

// Rank judges documents of the other kind against d and returns at most limit
// of those worth suggesting, best first; limit 0 means all. The numbers are
// those of Score.
func (m *Model) Rank(d market.Document, others []market.Document, now time.Time, limit int) []Ranked {
	list := m.Order(d, others, now)
	weak := slices.IndexFunc(list, func(r Ranked) bool { return r.Match.Strength == None })
	if weak >= 0 {
		list = list[:weak]
	}
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	own := newReading(d)
	onAllProcessors(len(list), func(i int) {
		other := others[list[i].Index]
		read := newReading(other)
		needText, resultText := own, read
		if d.Kind == market.KindResult {
			needText, resultText = read, own
		}
		need, result := orient(d, other)
		m.explain(&list[i].Match, need, result, m.sharedTerms(needText, resultText), now)
	})
	return list
}

// Order judges documents of the other kind against d and returns all of them, best first, without reasons and terms.
func (m *Model) Order(d market.Document, others []market.Document, now time.Time) []Ranked {
	own, profiles := m.profile(d), m.profilesOf(others)
	list := make([]Ranked, len(others))
	for i, other := range others {
		need, result := own, profiles[i]
		if d.Kind == market.KindResult {
			need, result = result, need
		}
		needDoc, resultDoc := orient(d, other)
		list[i] = Ranked{i, m.judge(need, result, needDoc, resultDoc, now)}
	}
	slices.SortStableFunc(list, func(a, b Ranked) int { return cmp.Compare(b.Match.Score, a.Match.Score) })
	return list
}

// profilesOf reads documents: of those that are not kept, reading takes far longer than comparing.
func (m *Model) profilesOf(docs []market.Document) []*profile {
	list := make([]*profile, len(docs))
	onAllProcessors(len(docs), func(i int) { list[i] = m.profile(docs[i]) })
	return list
}

// onAllProcessors does something for each of n numbers, several at once.
func onAllProcessors(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var working sync.WaitGroup
	for w := range workers {
		working.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	working.Wait()
}

// orient returns the need and the result of a pair.
func orient(d, other market.Document) (need, result market.Document) {
	if d.Kind == market.KindResult {
		return other, d
	}
	return d, other
}

// weights say what each feature counts.
type weights struct {
	terms, bm25, covered, answered, rarest, title, chars, vector float64
}

func (w weights) sum(f features) float64 {
	return w.terms*f.terms + w.bm25*f.bm25 + w.covered*f.covered + w.answered*f.answered +
		w.rarest*f.rarest + w.title*f.title + w.chars*f.chars + w.vector*f.vector
}

// step is one of the steps by which a pair gets better: a logistic curve that
// is 0.5 at the middle, where half of the pairs are above the step.
type step struct {
	weights
	middle float64
}

// The steps from nothing in common to the same trade, from there to worth a
// look, and to the very thing. What two texts are about decides the lower ones,
// the same rare words the higher. The weights lie between what ordinal logistic
// fits on seven sets of weakly labelled texts gave and what is good on every
// one of them: docs/quality.md.
var steps = [...]step{
	{weights{terms: 2, bm25: 2, rarest: 0.5, title: 1.2, chars: 4, vector: 3.5}, 3.1},
	{weights{terms: 3, bm25: 3, covered: 0.2, answered: 0.2, rarest: 0.8, title: 1, chars: 4.5, vector: 4.5}, 4.8},
	{weights{terms: 4, bm25: 4, covered: 0.4, answered: 0.4, rarest: 1.2, title: 1, chars: 6, vector: 4}, 6.7},
}

// score is the mean of the chances to be above each step, given what the
// circumstances add.
func (f features) score(circumstances float64) float64 {
	var chances float64
	for _, s := range steps {
		chances += 1 / (1 + math.Exp(s.middle-s.sum(f)-circumstances))
	}
	return chances / float64(len(steps))
}

// The least scores of the strengths.
const (
	leastStrong = 0.75
	leastGood   = 0.50
	leastFair   = 0.30
)

// judge scores a pair without reasons.
func (m *Model) judge(need, result *profile, needDoc, resultDoc market.Document, now time.Time) Match {
	f := m.compare(need, result)
	score := f.score(circumstances(needDoc, resultDoc, now) + m.adjustment.of(f.values()))
	return Match{Score: score, Strength: strengthOf(score)}
}

func strengthOf(score float64) Strength {
	switch {
	case score >= leastStrong:
		return Strong
	case score >= leastGood:
		return Good
	case score >= leastFair:
		return Fair
	}
	return None
}
