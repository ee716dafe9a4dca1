package worker

import (
	"context"
	"testing"

	"github.com/riverqueue/river"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search"
)

// pairsOf are the pairs that are suggested, with the number of the computation that wrote each: the newest is 1.
func pairsOf(t *testing.T, x *watch) map[[2]int64]int {
	t.Helper()
	rows, err := x.Store.DB().Query(`SELECT need_id, result_id, dense_rank() OVER (ORDER BY computed_at DESC) FROM matches`)
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[[2]int64]int{}
	for rows.Next() {
		var pair [2]int64
		var age int
		if err := rows.Scan(&pair[0], &pair[1], &age); err != nil {
			t.Fatal(err)
		}
		pairs[pair] = age
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return pairs
}

// TestAChangeTouchesItsOwnPairs computes a popular result anew: the needs that found it keep it although it would not choose
// all of them itself, and pairs that it is not part of stay as they were.
func TestAChangeTouchesItsOwnPairs(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	x := newWatch(t, w)
	x.worker.matcher = &matcher{store: w.Store, search: x.worker.Search, ref: w.Service.Reference(), most: 1}
	other := w.Org("泰和绿禾食品有限公司", market.Enterprise, "360826")
	popular, needs := grinding(t, w, institute), []int64{w.Need(firm), w.Need(other), w.Need(firm)}
	compute := func(id int64) map[[2]int64]int {
		t.Helper()
		x.Advance(1e9)
		if err := x.worker.matcher.refresh(t.Context(), search.Builtin()); err != nil {
			t.Fatal(err)
		}
		job := &river.Job[service.MatchListings]{Args: service.MatchListings{IDs: []int64{id}}}
		if err := (&matchWorker{w: x.worker}).Work(context.Background(), job); err != nil {
			t.Fatal(err)
		}
		return pairsOf(t, x)
	}
	for _, need := range needs {
		compute(need)
	}
	second := grinding(t, w, institute)
	if pairs := compute(second); len(pairs) != 4 {
		t.Fatalf("the second result has found one need: %v", pairs)
	}
	pairs := compute(popular)
	for pair, age := range pairs {
		if own := pair[1] == popular; own != (age == 1) {
			t.Errorf("%v was written by computation %d from the last", pair, age)
		}
	}
	if len(pairs) != 4 {
		t.Errorf("%v: the popular result has lost partners", pairs)
	}

	if err := w.Service.WithdrawListing(t.Context(), firm, market.KindNeed, needs[0]); err != nil {
		t.Fatal(err)
	}
	if pairs := compute(popular); len(pairs) >= 4 {
		t.Errorf("%v: a need that was withdrawn is a partner still", pairs)
	}
}

// TestWeightsAreVersioned refits to marks: a version of few marks is kept and not used; one that is better scores from then on,
// and going back gives the old scores.
func TestWeightsAreVersioned(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	x := newWatch(t, w)
	m := &matcher{store: w.Store, search: x.worker.Search, ref: w.Service.Reference(), most: 1}
	need := w.Need(firm)
	result := grinding(t, w, institute)
	if err := x.worker.follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.refresh(t.Context(), search.Builtin()); err != nil {
		t.Fatal(err)
	}
	docs, err := w.Store.Documents(t.Context(), []int64{need, result})
	if err != nil || len(docs) != 2 {
		t.Fatal(docs, err)
	}
	score := func() float64 {
		t.Helper()
		found, err := m.suggest(t.Context(), docs[0], w.Now())
		if err != nil || len(found) != 1 {
			t.Fatalf("%d matches, %v", len(found), err)
		}
		if err := w.Service.SetMatches(t.Context(), docs[0], found); err != nil {
			t.Fatal(err)
		}
		return found[0].Score
	}
	first := score()
	matches, _, err := w.Store.Matches(t.Context(), firm, market.KindNeed, need, store.PageSlice(1, 1))
	if err != nil || len(matches) != 1 {
		t.Fatal(matches, err)
	}
	yes := true
	if err := w.Service.MarkMatch(t.Context(), firm, matches[0].ID, &yes, ""); err != nil {
		t.Fatal(err)
	}
	operator := market.Actor{Via: market.ViaCLI}
	few, err := Refit(t.Context(), operator, w.Store, w.Service)
	if err != nil || few.ID == 0 || few.Useful != 1 || few.Unsuitable != 0 {
		t.Fatalf("%+v, %v", few, err)
	}
	if err := w.Service.UseMatchVersion(t.Context(), operator, few.ID); !market.IsKind(err, market.Conflict) {
		t.Errorf("a version of one mark is used: %v", err)
	}
	if err := w.Service.UseMatchVersion(t.Context(), operator, 99); !market.IsKind(err, market.NotFound) {
		t.Errorf("a version that there is none: %v", err)
	}
	better := market.MatchVersion{Useful: 60, Unsuitable: 50, Before: 0.6, After: 0.7, Weights: []byte(`{"terms":-1,"chars":-1,"title":-0.5,"middle":0}`)}
	id, err := w.Service.KeepMatchVersion(t.Context(), operator, better)
	if err != nil {
		t.Fatal(err)
	}
	if got := score(); got != first {
		t.Errorf("a version that nobody uses changes %f to %f", first, got)
	}
	if err := w.Service.UseMatchVersion(t.Context(), operator, id); err != nil {
		t.Fatal(err)
	}
	if got := score(); got >= first {
		t.Errorf("in force it scores %f, before %f", got, first)
	}
	if err := w.Service.UseMatchVersion(t.Context(), operator, 0); err != nil {
		t.Fatal(err)
	}
	if got := score(); got != first {
		t.Errorf("after going back it scores %f, before %f", got, first)
	}
	if v, err := w.Store.MatchVersionInForce(t.Context()); err != nil || v.ID != 0 {
		t.Errorf("%+v is in force, %v", v, err)
	}
	if n := w.Audits(market.MatchUse, int64(id), "done"); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
	if _, err := w.Store.DB().Exec(`UPDATE match_versions SET after = 1`); err == nil {
		t.Error("an evaluation can be changed afterwards")
	}
}
