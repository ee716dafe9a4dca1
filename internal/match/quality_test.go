package match

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"techmarket/internal/market"
)

// plainNeed is a need as a small firm would write it, with the titles of the
// demonstration results that would help.
type plainNeed struct {
	Title, Body string
	Want        []string
}

func plainNeeds(t testing.TB) []plainNeed {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "clumsy.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []plainNeed
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestPlainNeedsFindHelp scores needs in everyday words, of which nothing but
// the text is known, against all demonstration results.
func TestPlainNeedsFindHelp(t *testing.T) {
	t.Parallel()
	_, results := demoDocuments(t)
	m := demoModel()
	var asked, first, found int
	var reciprocal float64
	for _, plain := range plainNeeds(t) {
		wanted := func(d market.Document) bool { return slices.Contains(plain.Want, d.Title) }
		if !slices.ContainsFunc(results, wanted) {
			continue // the demonstration no longer has it
		}
		asked++
		place := placeOf(m, market.Document{Kind: market.KindNeed, Title: plain.Title, Body: plain.Body}, results, wanted)
		reciprocal += 1 / float64(place)
		if place == 1 {
			first++
		}
		if place <= 5 {
			found++
		}
	}
	mrr := reciprocal / float64(asked)
	t.Logf("%d needs in everyday words: MRR %.3f, first %d, among five %d", asked, mrr, first, found)
	if asked < 30 {
		t.Errorf("only %d of the needs still have their results", asked)
	}
	if mrr < .78 || float64(found) < .88*float64(asked) {
		t.Errorf("MRR %.3f and %d among five are below what was reached", mrr, found)
	}
}

// placeOf returns the place of the first wanted document by score.
func placeOf(m *Model, need market.Document, results []market.Document, wanted func(market.Document) bool) int {
	var best float64
	scores := make([]float64, len(results))
	for i, r := range results {
		scores[i] = m.Score(need, r, today).Score
		if wanted(r) {
			best = max(best, scores[i])
		}
	}
	place := 1
	for _, s := range scores {
		if s > best {
			place++
		}
	}
	return place
}

// TestDemonstrationMatches looks at what the demonstration's needs are shown.
func TestDemonstrationMatches(t *testing.T) {
	t.Parallel()
	needs, results := demoDocuments(t)
	m := demoModel()
	var helped, suggested, strangers, strong int
	for _, need := range needs {
		ranked := m.Rank(need, results, today, 0)
		suggested += len(ranked)
		if len(ranked) > 0 && ranked[0].Match.Strength == Strong {
			helped++
		}
		for _, r := range ranked {
			if results[r.Index].Submarket != need.Submarket {
				strangers++
			}
			if r.Match.Strength == Strong {
				strong++
			}
		}
	}
	t.Logf("%d needs × %d results: %d with a strong match, %d suggestions, %d of them strong, %d across sub-markets",
		len(needs), len(results), helped, suggested, strong, strangers)
	if float64(helped) < .8*float64(len(needs)) {
		t.Errorf("only %d of %d needs have a strong match", helped, len(needs))
	}
	if strong > 2*len(needs) || suggested > 6*len(needs) {
		t.Errorf("%d suggestions, %d of them strong, are too many for %d needs", suggested, strong, len(needs))
	}
	if pairs := len(needs) * len(results); strangers*1000 > pairs {
		t.Errorf("%d of %d pairs are suggested across sub-markets", strangers, pairs)
	}
}
