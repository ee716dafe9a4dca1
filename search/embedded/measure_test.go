package embedded_test

import (
	"testing"

	"techmarket/internal/eval"
	"techmarket/internal/eval/evaltest"
)

// TestKeywordsFindTheirPaper asks for keywords of each paper among 12,000 real
// texts: for the first two one by one, and for both together.
func TestKeywordsFindTheirPaper(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		apart       bool
		mrr, recall float64 // least
	}{
		{"one keyword", true, .78, .91},
		{"two keywords", false, .93, .97},
	} {
		known := evaltest.Known(t, c.apart)
		found, err := eval.Search(t.Context(), open(t, t.TempDir()), known)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d queries of %s among %d texts: MRR %.3f, recall@20 %.3f", found.Queries, c.name, len(known.Docs), found.MRR(), found.Recall())
		if found.MRR() < c.mrr || found.Recall() < c.recall {
			t.Errorf("%s: want an MRR of %.2f and a recall of %.2f at least", c.name, c.mrr, c.recall)
		}
	}
}
