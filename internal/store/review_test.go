package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// waitingListing submits a listing of the organisation as of the world's clock and returns its id.
func waitingListing(t *testing.T, w *worldtest.World, owner market.Actor, kind market.Kind, submarket, field string) int64 {
	t.Helper()
	l := market.Listing{Title: fmt.Sprintf("待审%s%s", kind, submarket), Submarket: submarket, Fields: []string{field}, Modes: []string{"joint"},
		SecrecyConfirmed: true, Region: "360825"}
	var id int64
	var err error
	if kind == market.KindNeed {
		deadline := w.Now().AddDate(0, 3, 0)
		id, err = w.Service.CreateNeed(t.Context(), owner, market.Need{Listing: l, Problem: "现在的办法是人工挑拣，速度慢，漏检多，试过两种相机都不行。",
			Deadline: &deadline, Indicators: []market.Indicator{{Name: "漏检率", Target: "≤0.1", Unit: "%"}}, Budget: market.Price{Kind: market.PriceOpen}}, "")
	} else {
		id, err = w.Service.CreateResult(t.Context(), owner, market.Result{Listing: l, Summary: "一种在线挑拣的办法，用两路光谱辨别，已在样机上试过。",
			Problem: "人工挑拣速度慢漏检多", Advantage: "速度快五倍，漏检降到千分之一", Economics: "一年省 20 万元", Stage: "lab", PriceMethod: "negotiated",
			Price: market.Price{Kind: market.PriceOpen}}, "")
	}
	if err == nil {
		err = w.Service.SubmitListing(t.Context(), owner, kind, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

type queued struct {
	subject market.Subject
	id      int64
}

func queue(t *testing.T, w *worldtest.World, f store.ReviewFilter, page store.Slice) ([]queued, []store.ReviewItem, store.ReviewTotals) {
	t.Helper()
	items, totals, err := w.Store.ReviewQueue(t.Context(), market.Actor{Duties: []market.Duty{market.Reviewer}}, w.Ref, f, w.Service.Today(), page)
	if err != nil {
		t.Fatal(err)
	}
	var out []queued
	for _, i := range items {
		out = append(out, queued{i.Subject, i.ID})
	}
	return out, items, totals
}

func TestReviewQueue(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2) // a Monday
	all := store.PageSlice(1, 50)
	if got, _, totals := queue(t, w, store.ReviewFilter{}, all); len(got) != 0 || totals != (store.ReviewTotals{}) {
		t.Errorf("an empty queue gives %v, %+v", got, totals)
	}
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")

	w.SetDay(2026, time.November, 4)
	applicant := w.Applicant("吉水文峰电路有限公司", market.Enterprise, "360822") // due Monday 9
	w.SetDay(2026, time.November, 5)
	result := waitingListing(t, w, owner, market.KindResult, "materials", "calcium") // due Tuesday 10
	w.SetDay(2026, time.November, 6)
	need := waitingListing(t, w, owner, market.KindNeed, "materials", "calcium") // due Monday 9, received later
	food := waitingListing(t, w, owner, market.KindNeed, "food", "tea")          // as well, and later in the list
	w.SetDay(2026, time.November, 9)

	org := queued{market.SubjectOrg, applicant.OrgID}
	wantAll := []queued{org, {market.SubjectNeed, need}, {market.SubjectNeed, food}, {market.SubjectResult, result}}
	got, items, totals := queue(t, w, store.ReviewFilter{}, all)
	if !slices.Equal(got, wantAll) {
		t.Errorf("queue %v, want %v", got, wantAll)
	}
	if want := (store.ReviewTotals{All: 4, Orgs: 1, Needs: 2, Results: 1, Today: 3}); totals != want {
		t.Errorf("totals %+v, want %+v", totals, want)
	}
	for _, item := range items {
		_, due := w.Ref.ReviewTerm(item.Subject, item.SubmittedAt)
		if got := item.Due.Format(time.DateOnly); got != due.Format(time.DateOnly) {
			t.Errorf("%s %d is due %s, want %s", item.Subject, item.ID, got, due.Format(time.DateOnly))
		}
	}

	for name, c := range map[string]struct {
		filter store.ReviewFilter
		want   []queued
		all    int
	}{
		"needs":           {store.ReviewFilter{Subject: market.SubjectNeed}, wantAll[1:3], 4},
		"county":          {store.ReviewFilter{Region: "360822"}, wantAll[:1], 1},
		"sub-market":      {store.ReviewFilter{Submarket: "food"}, wantAll[2:3], 1},
		"county and kind": {store.ReviewFilter{Region: "360825", Subject: market.SubjectResult}, wantAll[3:], 3},
		"none":            {store.ReviewFilter{Region: "360881"}, nil, 0},
	} {
		got, _, totals := queue(t, w, c.filter, all)
		if !slices.Equal(got, c.want) || totals.All != c.all {
			t.Errorf("%s: %v of %d, want %v of %d", name, got, totals.All, c.want, c.all)
		}
	}

	if got, _, totals := queue(t, w, store.ReviewFilter{}, store.Slice{Limit: 2, Offset: 2}); !slices.Equal(got, wantAll[2:]) || totals.All != 4 {
		t.Errorf("second page %v of %d", got, totals.All)
	}
	if got, _, totals := queue(t, w, store.ReviewFilter{}, store.Slice{Limit: 2, Offset: 8}); len(got) != 0 || totals.All != 4 {
		t.Errorf("a page past the end %v of %d", got, totals.All)
	}

	w.SetDay(2026, time.November, 10)
	if _, _, totals := queue(t, w, store.ReviewFilter{}, all); totals.Late != 3 || totals.Today != 1 {
		t.Errorf("a day later %+v, want 3 late, 1 today", totals)
	}

	reviewer := w.Person("审核员", market.Reviewer)
	if err := w.Service.ReturnListing(t.Context(), reviewer, market.KindNeed, need, w.Version("listings", need), []string{"N1"}, "请写清卡在哪里"); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.SubmitListing(t.Context(), owner, market.KindNeed, need); err != nil {
		t.Fatal(err)
	}
	_, items, _ = queue(t, w, store.ReviewFilter{Submarket: "materials", Subject: market.SubjectNeed}, all)
	if len(items) != 1 || items[0].Returned != 1 {
		t.Errorf("submitted again: %+v", items)
	}
}

func TestReviewPlace(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	var ids []int64
	for range 3 {
		ids = append(ids, waitingListing(t, w, owner, market.KindNeed, "materials", "calcium"))
	}
	place := func(f store.ReviewFilter, id int64) store.ReviewPlace {
		p, err := w.Store.ReviewPlace(t.Context(), market.Actor{Duties: []market.Duty{market.Reviewer}}, w.Ref, f, w.Service.Today(), market.SubjectNeed, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const n = market.SubjectNeed
	org := owner.OrgID
	for id, want := range map[int64]store.ReviewPlace{
		ids[0]: {OrgID: org, Place: 1, Total: 3, NextSubject: n, NextID: ids[1]},
		ids[1]: {OrgID: org, Place: 2, Total: 3, PrevSubject: n, PrevID: ids[0], NextSubject: n, NextID: ids[2]},
		ids[2]: {OrgID: org, Place: 3, Total: 3, PrevSubject: n, PrevID: ids[1], NextSubject: n, NextID: ids[0]},
	} {
		if got := place(store.ReviewFilter{}, id); got != want {
			t.Errorf("%d: %+v, want %+v", id, got, want)
		}
	}
	if got := place(store.ReviewFilter{Subject: market.SubjectOrg}, ids[0]); got != (store.ReviewPlace{}) {
		t.Errorf("outside the filter: %+v", got)
	}
	for _, id := range ids[:2] {
		if err := w.Service.RecallListing(t.Context(), owner, market.KindNeed, id); err != nil {
			t.Fatal(err)
		}
	}
	if got := place(store.ReviewFilter{}, ids[2]); got != (store.ReviewPlace{OrgID: org, Place: 1, Total: 1}) {
		t.Errorf("the only one: %+v", got)
	}
	if got := place(store.ReviewFilter{}, ids[0]); got != (store.ReviewPlace{}) {
		t.Errorf("taken back: %+v", got)
	}
}

// TestReviewTermsFollowTheCalendar compares the queue's days with the calendar over the longest holiday.
func TestReviewTermsFollowTheCalendar(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.September, 18)
	for day := 18; day <= 30; day++ {
		w.SetDay(2026, time.September, day)
		w.Applicant(fmt.Sprintf("吉安第%d号有限公司", day), market.Enterprise, "360802")
	}
	w.SetDay(2026, time.October, 12)
	_, items, totals := queue(t, w, store.ReviewFilter{}, store.PageSlice(1, 50))
	if len(items) != 13 || totals.Orgs != 13 {
		t.Fatalf("%d of %d", len(items), totals.Orgs)
	}
	for i, item := range items {
		_, due := w.Ref.ReviewTerm(market.SubjectOrg, item.SubmittedAt)
		if item.Due.Format(time.DateOnly) != due.Format(time.DateOnly) {
			t.Errorf("submitted %s: due %s, want %s", item.SubmittedAt, item.Due.Format(time.DateOnly), due.Format(time.DateOnly))
		}
		if i > 0 && item.Due.Before(items[i-1].Due) {
			t.Errorf("%s stands before %s", items[i-1].Due, item.Due)
		}
	}
}
