package match

import (
	"testing"
	"time"

	"techmarket/internal/market"
)

// SampleOf is a marked pair with these features, in the order of FeatureNames.
func SampleOf(need int64, useful bool, x ...float64) Sample {
	return newSample(need, useful, features{x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]}, 0)
}

// Of is what the adjustment adds for these features.
func (a Adjustment) Of(x ...float64) float64 { return a.of(vector(x)) }

// DemoDocuments are the demonstration listings.
func DemoDocuments(t testing.TB) (needs, results []market.Document) { return demoDocuments(t) }

// PlainNeed is a need in everyday words with the titles of the results wanted.
type PlainNeed = plainNeed

// PlainNeeds are the needs in everyday words.
func PlainNeeds(t testing.TB) []PlainNeed { return plainNeeds(t) }

// Features names what Without can leave out.
var Features = []string{"terms", "bm25", "covered", "answered", "rarest", "title", "chars", "vector"}

// Without scores the texts of a pair as if the named features were 0 for all.
func (m *Model) Without(need, result market.Document, without ...string) float64 {
	f := m.compare(m.profile(need), m.profile(result))
	for _, name := range without {
		*map[string]*float64{
			"terms": &f.terms, "bm25": &f.bm25, "covered": &f.covered, "answered": &f.answered,
			"rarest": &f.rarest, "title": &f.title, "chars": &f.chars, "vector": &f.vector,
		}[name] = 0
	}
	return f.score(circumstances(need, result, time.Time{}))
}
