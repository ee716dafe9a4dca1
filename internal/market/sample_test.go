package market

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDraw: the same seed gives the same sample whatever the order of the population; another seed another one; the strata
// share as they should.
func TestDraw(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(8, 2026))
	for range 300 {
		var units []SampleUnit
		count := map[string]int{}
		for i := range rnd.IntN(120) {
			u := SampleUnit{ContractID: int64(i + 1), Number: fmt.Sprintf("HT-2026-%04d", i+1), Stratum: fmt.Sprint(rnd.IntN(1 + rnd.IntN(6)))}
			units, count[u.Stratum] = append(units, u), count[u.Stratum]+1
		}
		size, seed := 1+rnd.IntN(40), fmt.Sprint(rnd.Uint64())
		first, hash := Draw(seed, size, slices.Clone(units)), PopulationHash(units)
		if len(first) != min(size, len(units)) {
			t.Fatalf("%d of %d drawn, want %d", len(first), len(units), size)
		}
		rnd.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		if again := Draw(seed, size, slices.Clone(units)); !slices.Equal(first, again) || !bytes.Equal(hash, PopulationHash(units)) {
			t.Fatalf("another order gives another draw: %v and %v", first, again)
		}
		seen, got := map[int64]bool{}, map[string]int{}
		for _, u := range first {
			if seen[u.ContractID] {
				t.Fatalf("%d drawn twice", u.ContractID)
			}
			seen[u.ContractID], got[u.Stratum] = true, got[u.Stratum]+1
		}
		for name, n := range count {
			switch {
			case size >= len(count) && got[name] == 0:
				t.Fatalf("stratum %s of %d has nothing of %d", name, n, size)
			case got[name] > n:
				t.Fatalf("stratum %s gives %d of %d", name, got[name], n)
			}
		}
	}
	var units []SampleUnit
	for i := range 100 {
		units = append(units, SampleUnit{ContractID: int64(i), Number: fmt.Sprint(i), Stratum: map[bool]string{true: "a", false: "b"}[i < 75]})
	}
	got := Draw("seed", 20, slices.Clone(units))
	if !slices.ContainsFunc(got, func(u SampleUnit) bool { return u.Stratum == "b" }) || got[14].Stratum != "a" || got[15].Stratum != "b" {
		t.Errorf("of 75 and 25 a sample of 20 is %v", got)
	}
	if slices.Equal(got, Draw("another", 20, slices.Clone(units))) {
		t.Error("another seed gives the same draw")
	}
	// A vector: order of SHA-256("2026|HT-2026-0001") and so on worked out beside this program.
	few := []SampleUnit{{1, "HT-2026-0001", ""}, {2, "HT-2026-0002", ""}, {3, "HT-2026-0003", ""}, {4, "HT-2026-0004", ""}}
	var order []int64
	for _, u := range Draw("2026", 4, few) {
		order = append(order, u.ContractID)
	}
	if want := []int64{4, 1, 2, 3}; !slices.Equal(order, want) {
		t.Errorf("order is %v, want %v", order, want)
	}
}

func TestSampleCheck(t *testing.T) {
	t.Parallel()
	today := date(2026, 11, 28)
	good := Sample{From: date(2026, 1, 1), To: today, Strata: "kind", Size: 20}
	for name, line := range map[string]struct {
		change func(*Sample)
		field  string
	}{
		"good":         {func(*Sample) {}, ""},
		"no start":     {func(x *Sample) { x.From = Sample{}.From }, "from"},
		"to come":      {func(x *Sample) { x.To = date(2026, 11, 29) }, "to"},
		"turned round": {func(x *Sample) { x.To = date(2025, 12, 31) }, "to"},
		"strata":       {func(x *Sample) { x.Strata = "amount" }, "strata"},
		"none":         {func(x *Sample) { x.Size = 0 }, "size"},
		"too many":     {func(x *Sample) { x.Size = MaxSample + 1 }, "size"},
	} {
		x := good
		line.change(&x)
		p := x.Check(today)
		if line.field == "" && len(p) > 0 || line.field != "" && (len(p) != 1 || p[0].Field != line.field) {
			t.Errorf("%s: %v", name, p)
		}
	}
	if x := (&SampleFinding{Finding: "problem"}).Check(); len(x) != 1 || x[0].Field != "note" {
		t.Errorf("a problem without words: %v", x)
	}
	if x := (&SampleFinding{Finding: "clear"}).Check(); len(x) != 0 {
		t.Errorf("nothing found: %v", x)
	}
}
