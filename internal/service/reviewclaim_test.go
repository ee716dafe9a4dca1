package service_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// queueOf is what a reviewer sees of the queue: how many items, how many of their own, and who holds the first.
func (e *editing) queueOf(a market.Actor, f store.ReviewFilter) (shown, mine int, holder string) {
	e.T.Helper()
	items, totals, err := e.Store.ReviewQueue(e.T.Context(), a, e.Ref, f, e.Service.Today(), storePage)
	if err != nil {
		e.T.Fatal(err)
	}
	if len(items) > 0 {
		holder = items[0].Claimer
	}
	return len(items), totals.Mine, holder
}

// TestClaim: who has claimed an item decides on it, and nobody else does until it is put back or its day is over.
func TestClaim(t *testing.T) {
	t.Parallel()
	e := newEditing(t) // a Monday
	ctx, first, second := t.Context(), e.reviewers[0], e.reviewers[1]
	e.edit("重钙浆料研磨返粗与升温控制（改）", true)
	v, err := e.Store.LastRevision(ctx, e.owner, e.need)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(a market.Actor) error { return e.Service.ClaimReview(ctx, a, market.SubjectRevision, v.ID) }
	release := func(a market.Actor) error { return e.Service.ReleaseReview(ctx, a, market.SubjectRevision, v.ID) }
	decide := func(a market.Actor) error {
		return e.Service.PublishRevision(ctx, a, v.ID, v.Version, market.SubjectRevision.AllYes())
	}
	want := func(what string, err error, kind market.ErrorKind) {
		t.Helper()
		if !market.IsKind(err, kind) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := errors.Join(claim(first), claim(first)); err != nil {
		t.Fatal(err)
	}
	want("claimed by somebody else", claim(second), market.Conflict)
	want("put back by somebody else", release(second), market.Conflict)
	want("decided by somebody else", decide(second), market.Conflict)
	want("no reviewer", claim(e.stranger), market.Denied)
	want("out of reach", claim(e.Officer("丙", "360822", market.Reviewer)), market.NotFound)
	want("nothing that waits", e.Service.ClaimReview(ctx, first, market.SubjectNeed, e.need), market.NotFound)
	if shown, mine, holder := e.queueOf(second, store.ReviewFilter{}); shown != 1 || mine != 0 || holder != "甲" {
		t.Errorf("the other reviewer sees %d items, %d of their own, held by %q", shown, mine, holder)
	}
	if shown, mine, _ := e.queueOf(first, store.ReviewFilter{Mine: true}); shown != 1 || mine != 1 {
		t.Errorf("the first one sees %d items of their own, %d counted", shown, mine)
	}
	if shown, _, _ := e.queueOf(second, store.ReviewFilter{Mine: true}); shown != 0 {
		t.Errorf("the other one has %d items of their own", shown)
	}
	place, err := e.Store.ReviewPlace(ctx, second, e.Ref, store.ReviewFilter{}, e.Service.Today(), market.SubjectRevision, v.ID)
	if err != nil || place.Place != 1 {
		t.Errorf("its own page says place %d, %v", place.Place, err)
	}

	if err := release(first); err != nil {
		t.Fatal(err)
	}
	if err := claim(second); err != nil {
		t.Fatal(err)
	}
	e.SetDay(2026, time.November, 3)
	want("held for one working day", claim(first), market.Conflict)
	e.SetDay(2026, time.November, 4)
	if shown, mine, holder := e.queueOf(second, store.ReviewFilter{}); shown != 1 || mine != 0 || holder != "" {
		t.Errorf("after its day: %d items, %d of their own, held by %q", shown, mine, holder)
	}
	if err := errors.Join(claim(first), decide(first)); err != nil {
		t.Fatal(err)
	}
	if e.Audits(market.ReviewClaim, v.ID, "done") != 4 || e.Audits(market.ReviewRelease, v.ID, "done") != 1 {
		t.Error("claims are not in the audit")
	}
	e.edit("重钙浆料研磨返粗与升温控制（再改）", true)
	if _, mine, holder := e.queueOf(first, store.ReviewFilter{}); mine != 0 || holder != "" {
		t.Errorf("the next edit is held by %q", holder)
	}
}

// TestClaimRace: of many reviewers at once one gets the item.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	e.edit("重钙浆料研磨返粗与升温控制（改）", true)
	v, err := e.Store.LastRevision(t.Context(), e.owner, e.need)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	got := make([]error, 8)
	for i := range got {
		all.Go(func() {
			got[i] = e.Service.ClaimReview(t.Context(), e.reviewers[i%2], market.SubjectRevision, v.ID)
		})
	}
	all.Wait()
	won := map[int]bool{}
	for i, err := range got {
		if err == nil {
			won[i%2] = true
		} else if !market.IsKind(err, market.Conflict) {
			t.Error(err)
		}
	}
	if len(won) != 1 {
		t.Errorf("%d reviewers hold it", len(won))
	}
}

// TestDecisionAndClaimAtOnce: whichever comes first, the item is decided by whom it belongs to.
func TestDecisionAndClaimAtOnce(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	for range 5 {
		e.edit("重钙浆料研磨返粗与升温控制"+e.Number(), true)
		v, err := e.Store.LastRevision(t.Context(), e.owner, e.need)
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		var claimed, decided error
		both.Go(func() { claimed = e.Service.ClaimReview(t.Context(), e.reviewers[0], market.SubjectRevision, v.ID) })
		both.Go(func() {
			decided = e.Service.PublishRevision(t.Context(), e.reviewers[1], v.ID, v.Version, market.SubjectRevision.AllYes())
		})
		both.Wait()
		if claimed == nil && decided == nil {
			t.Error("claimed by one and decided by another")
		}
		if decided != nil {
			if err := e.Service.PublishRevision(t.Context(), e.reviewers[0], v.ID, v.Version, market.SubjectRevision.AllYes()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
