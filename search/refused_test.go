package search_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"techmarket/internal/market"
	"techmarket/search"
)

// TestAcceptedFindsTheRefused writes batches in which some documents are refused: all others are written once.
func TestAcceptedFindsTheRefused(t *testing.T) {
	t.Parallel()
	docs := make([]market.Document, 37)
	for i := range docs {
		docs[i].ID = int64(i + 1)
	}
	all := make([]int64, len(docs))
	for i, d := range docs {
		all[i] = d.ID
	}
	for _, bad := range [][]int64{nil, {1}, {37}, {18, 19}, {5, 6, 20, 37}, all} {
		written, calls := map[int64]int{}, 0
		refused, err := search.Accepted(docs, func(batch []market.Document) error {
			calls++
			for _, d := range batch {
				if slices.Contains(bad, d.ID) {
					return fmt.Errorf("%w: too strange", search.ErrRefused)
				}
			}
			for _, d := range batch {
				written[d.ID]++
			}
			return nil
		})
		if err != nil || len(refused) != len(bad) {
			t.Fatalf("bad %v: refused %v, %v", bad, refused, err)
		}
		for i, r := range refused {
			if r.ID != bad[i] || r.Reason != "search: refused: too strange" {
				t.Errorf("bad %v: refused %v", bad, refused)
			}
		}
		for _, d := range docs {
			if want := !slices.Contains(bad, d.ID); want != (written[d.ID] == 1) || written[d.ID] > 1 {
				t.Errorf("bad %v: document %d written %d times", bad, d.ID, written[d.ID])
			}
		}
		if len(bad) == 1 && calls > 16 {
			t.Errorf("one bad document of %d took %d writes", len(docs), calls)
		}
	}
}

func TestAcceptedPassesTroubleOn(t *testing.T) {
	t.Parallel()
	calls := 0
	refused, err := search.Accepted(make([]market.Document, 8), func([]market.Document) error {
		calls++
		return search.ErrUnavailable
	})
	if !errors.Is(err, search.ErrUnavailable) || refused != nil || calls != 1 {
		t.Errorf("refused %v, %v after %d writes; want the trouble at once", refused, err, calls)
	}
}
