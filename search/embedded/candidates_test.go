package embedded_test

import (
	"slices"
	"testing"

	"techmarket/internal/eval/evaltest"
	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/search"
)

// TestCandidatesOfRealTexts fetches candidates as matching does: from a paper's
// title alone, its abstract must be found among 12,000 texts.
func TestCandidatesOfRealTexts(t *testing.T) {
	t.Parallel()
	papers := evaltest.Papers(t)
	docs := evaltest.Documents(papers, evaltest.Patents(t))
	for i := range papers {
		docs[i].Title = ""
	}
	e := open(t, t.TempDir())
	for batch := range slices.Chunk(docs, 500) {
		if err := e.Index(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	model := match.NewModel(slices.Values(docs), match.Names{})
	var at20, at200 int
	asked := papers[:500]
	for i, p := range asked {
		list, err := e.Candidates(t.Context(), search.CandidateQuery{
			Kind: market.KindResult, Terms: model.CandidateTerms(market.Document{Title: p.Title}),
		})
		if err != nil {
			t.Fatal(err)
		}
		place := slices.IndexFunc(list, func(c search.Candidate) bool { return c.ID == int64(i+1) })
		if place >= 0 {
			at200++
		}
		if place >= 0 && place < 20 {
			at20++
		}
	}
	n := float64(len(asked))
	t.Logf("abstracts among the candidates of their titles: %.3f of the first 20, %.3f of 200", float64(at20)/n, float64(at200)/n)
	if float64(at20) < .97*n || float64(at200) < .98*n {
		t.Error("this is below what was reached")
	}
}
