package store_test

import (
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

func TestOrgVisibility(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	waiting := w.Applicant("吉水文峰电路有限公司", market.Enterprise, "360822")
	if err := w.Service.EditOrg(t.Context(), owner, withDetails(t, w, owner)); err != nil {
		t.Fatal(err)
	}
	readers := map[string]struct {
		actor           market.Actor
		pending, inside bool
	}{
		"visitor":        {market.Actor{}, false, false},
		"person":         {w.Person("路人"), false, false},
		"owner":          {owner, false, true},
		"viewer":         {w.Member(owner, "查看员", market.Viewer), false, true},
		"other's owner":  {waiting, true, false},
		"reviewer":       {w.Person("审核员", market.Reviewer), true, true},
		"auditor":        {w.Person("审计员", market.Auditor), true, true},
		"registrar":      {w.Person("登记员", market.Registrar), false, false},
		"administration": {w.Person("管理员", market.Admin), false, false},
	}
	for name, r := range readers {
		o, err := w.Store.Org(t.Context(), r.actor, owner.OrgID)
		if err != nil {
			t.Errorf("%s: verified organisation: %v", name, err)
		}
		if inside := o.LegalRep != "" && o.Address != ""; inside != r.inside {
			t.Errorf("%s: legal representative %q, address %q", name, o.LegalRep, o.Address)
		}
		if _, err := w.Store.Org(t.Context(), r.actor, waiting.OrgID); (err == nil) != r.pending || err != nil && !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: waiting organisation: %v", name, err)
		}
	}
}

func withDetails(t *testing.T, w *worldtest.World, owner market.Actor) market.Org {
	t.Helper()
	o, err := w.Store.Org(t.Context(), owner, owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	o.LegalRep, o.Address = "郭柏年", "永丰县石马镇"
	return o
}

func TestOrgListingsLeaveOutHiddenNames(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	shown, hidden := w.Need(owner), w.Need(owner)
	if _, err := w.Store.DB().ExecContext(t.Context(), `UPDATE listings SET hide_org = true WHERE id = $1`, hidden); err != nil {
		t.Fatal(err)
	}
	list := func(a market.Actor) []store.ListingCard {
		cards, err := w.Store.OrgListings(t.Context(), a, owner.OrgID, market.KindNeed, store.PageSlice(1, 20))
		if err != nil {
			t.Fatal(err)
		}
		return cards
	}
	reviewer := w.Person("审核员", market.Reviewer)
	for _, a := range []market.Actor{{}, owner, reviewer} {
		if cards := list(a); len(cards) != 1 || cards[0].ID != shown {
			t.Errorf("reader %d sees %d needs", a.UserID, len(cards))
		}
	}
	record, err := w.Store.OrgRecord(t.Context(), owner.OrgID)
	if err != nil || record.Needs != 1 {
		t.Errorf("record %+v, %v", record, err)
	}
	o, err := w.Store.Org(t.Context(), reviewer, owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Service.SuspendOrg(t.Context(), reviewer, o.ID, o.Version, "核查中"); err != nil {
		t.Fatal(err)
	}
	if cards := list(market.Actor{}); len(cards) != 0 {
		t.Errorf("a suspended organisation shows %d needs", len(cards))
	}
}
