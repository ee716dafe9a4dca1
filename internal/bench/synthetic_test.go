package bench

import (
	"context"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"techmarket/internal/market"
)

func reference() *market.Reference {
	return &market.Reference{Regions: market.Regions{{Code: "360825", Name: "永丰县"}, {Code: "360802", Name: "吉州区"}}}
}

// TestListingsAreReproducible makes the same market twice and looks at what it is made of.
func TestListingsAreReproducible(t *testing.T) {
	t.Parallel()
	var made [2][]market.Document
	for i := range made {
		docs, err := Listings(reference(), 300)
		if err != nil {
			t.Fatal(err)
		}
		made[i] = slices.Collect(docs)
	}
	runes := 0
	for i, d := range made[0] {
		other := made[1][i]
		if d.Title != other.Title || d.Body != other.Body || !d.PriceMin.Equal(other.PriceMin) || d.County != other.County {
			t.Fatalf("listing %d differs: %+v and %+v", i, d, other)
		}
		if wanted := [...]market.Kind{market.KindNeed, market.KindResult}[i%2]; d.Kind != wanted || d.Submarket == "" || len(d.Fields) == 0 {
			t.Errorf("listing %d: %+v", i, d)
		}
		runes += utf8.RuneCountInString(d.Body)
	}
	if average := runes / len(made[0]); average < bodyRunes*8/10 || average > bodyRunes*12/10 {
		t.Errorf("bodies have %d characters on average, want about %d", average, bodyRunes)
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	way := func(name string) Way {
		return Way{Name: name, Ask: func(context.Context, int) error { asked[name]++; return nil }}
	}
	timings, err := Measure(t.Context(), []Way{way("a"), way("b")}, 20)
	if err != nil || len(timings) != 2 || timings[1].Way != "b" || timings[0].P95 < timings[0].P50 || timings[0].P95 > time.Second {
		t.Errorf("timings %+v, %v", timings, err)
	}
	if asked["a"] != 20+20/warmUp || asked["a"] != asked["b"] {
		t.Errorf("asked %v", asked)
	}
}
