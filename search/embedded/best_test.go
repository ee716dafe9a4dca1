package embedded

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBestIsWhatSortingGives compares the best of random hits, many of which are equal, with the first of all of them sorted.
func TestBestIsWhatSortingGives(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 8))
	for range 300 {
		b := best{size: random.IntN(30)}
		hits := make([]hit, random.IntN(200))
		for i := range hits {
			hits[i] = hit{doc: uint64(i), first: random.Int64N(3), score: float64(random.IntN(5))}
			b.add(hits[i])
		}
		slices.SortFunc(hits, byRank)
		if want := hits[:min(b.size, len(hits))]; !slices.Equal(b.list(), want) {
			t.Fatalf("the best %d of %d are %v, want %v", b.size, len(hits), b.list(), want)
		}
	}
}
