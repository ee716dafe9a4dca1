package service_test

import (
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// storePage is the first page of a list.
var storePage = store.PageSlice(1, 50)

// waitingNeed makes a need of the organisation that waits for review.
func waitingNeed(t *testing.T, w *worldtest.World, owner market.Actor) int64 {
	t.Helper()
	id := w.Need(owner)
	if err := w.Service.WithdrawListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.SubmitListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestPublishNeedsTheCheckListAndTheVersionSeen(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	id := waitingNeed(t, w, owner)
	seen := w.Version("listings", id)

	ticks := market.SubjectNeed.AllYes()
	delete(ticks, "secret")
	err := w.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, seen, ticks)
	wantField(t, err, "check.secret", "还没有核对")

	if err := w.Service.RecallListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	passed := market.SubjectNeed.AllYes()
	if err := w.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, seen, passed); !market.IsKind(err, market.NotFound) && !market.IsKind(err, market.Conflict) {
		t.Errorf("published a draft: %v", err)
	}
	if err := w.Service.SubmitListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, seen, passed); !market.IsKind(err, market.Conflict) {
		t.Errorf("published what was submitted again: %v", err)
	}
	if err := w.Service.ReturnListing(t.Context(), reviewer, market.KindNeed, id, seen, []string{"N1"}, "请改"); !market.IsKind(err, market.Conflict) {
		t.Errorf("returned what was submitted again: %v", err)
	}
	if err := w.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, w.Version("listings", id), passed); err != nil {
		t.Fatal(err)
	}
	moves, err := w.Store.Moves(t.Context(), market.Object{Kind: "need", ID: id})
	if err != nil {
		t.Fatal(err)
	}
	if last := moves[len(moves)-1]; last.Move != "publish" || last.Note != "核对单 8 项合格" {
		t.Errorf("the history says %+v", last)
	}
	if n, err := w.Store.Need(t.Context(), owner, id); err != nil || n.ReturnNote != "" {
		t.Errorf("published with the note %q, %v", n.ReturnNote, err)
	}
}

func TestOneOfTwoReviewersDecides(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewers := []market.Actor{w.Person("审核员甲", market.Reviewer), w.Person("审核员乙", market.Reviewer)}
	id := waitingNeed(t, w, w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"))
	seen := w.Version("listings", id)
	errs := repeated(2, func(i int) error {
		if i == 0 {
			return w.Service.PublishListing(t.Context(), reviewers[0], market.KindNeed, id, seen, market.SubjectNeed.AllYes())
		}
		return w.Service.ReturnListing(t.Context(), reviewers[1], market.KindNeed, id, seen, []string{"N1"}, "请写清卡在哪里")
	})
	if n := succeeded(t, errs, market.Conflict); n != 1 {
		t.Errorf("%d of two decisions hold", n)
	}
}

func TestSuspendedOwnerIsNotPublished(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	id := waitingNeed(t, w, owner)
	if err := w.Service.SuspendOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version, "核查中"); err != nil {
		t.Fatal(err)
	}
	err := w.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, w.Version("listings", id), market.SubjectNeed.AllYes())
	if !market.IsKind(err, market.Conflict) || !strings.Contains(err.Error(), "已暂停") {
		t.Errorf("published: %v", err)
	}
	if err := w.Service.SubmitListing(t.Context(), w.Again(owner), market.KindNeed, id); !market.IsKind(err, market.Denied) {
		t.Errorf("a suspended organisation submits: %v", err)
	}
}

func TestReviewersDoNotDecideOnOwnListings(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	id := waitingNeed(t, w, owner)
	inside := w.Member(owner, "兼职审核员", market.Viewer)
	if err := w.Service.AddDuty(t.Context(), market.Actor{Via: market.ViaCLI}, inside.UserID, market.Reviewer); err != nil {
		t.Fatal(err)
	}
	inside = w.Again(inside)
	refused := w.Audits(market.NeedPublish, id, "refused")
	err := w.Service.PublishListing(t.Context(), inside, market.KindNeed, id, w.Version("listings", id), market.SubjectNeed.AllYes())
	if !market.IsKind(err, market.Denied) || w.Audits(market.NeedPublish, id, "refused") != refused+1 {
		t.Errorf("publishes the own organisation's need: %v", err)
	}
}
