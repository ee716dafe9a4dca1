package service_test

import (
	"sync"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// shelf is a market with two listings of one organisation.
type shelf struct {
	*worldtest.World
	owner        market.Actor
	need, result int64
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	w := worldtest.New(t, 2026, time.March, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	return &shelf{w, owner, w.Need(owner), w.Result(owner)}
}

func (s *shelf) remind() int {
	s.T.Helper()
	n, err := s.Service.RemindListings(s.T.Context(), 10)
	if err != nil {
		s.T.Fatal(err)
	}
	return n
}

// secret arms the newest link and returns its secret, as sending the letter does.
func (s *shelf) secret() string {
	s.T.Helper()
	var id int64
	if err := s.Store.DB().QueryRow(`SELECT id FROM links WHERE purpose = 'renew' AND used_at IS NULL AND ended_at IS NULL ORDER BY id DESC LIMIT 1`).Scan(&id); err != nil {
		s.T.Fatal(err)
	}
	_, secret, err := s.Service.ArmLink(s.T.Context(), id)
	if err != nil {
		s.T.Fatal(err)
	}
	return secret
}

func (s *shelf) until(id int64) time.Time {
	s.T.Helper()
	var until time.Time
	if err := s.Store.DB().QueryRow(`SELECT valid_until FROM listings WHERE id = $1`, id).Scan(&until); err != nil {
		s.T.Fatal(err)
	}
	return until
}

// TestRemindAndRenew: a need is valid for six months, a result for twelve. Its owner is told 30 and 7 days before the end,
// once each, and renews it by the link without signing in.
func TestRemindAndRenew(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	if n := s.remind(); n != 0 {
		t.Errorf("%d told at once", n)
	}
	s.SetDay(2026, time.August, 3) // 30 days before 2 September
	if n := s.remind(); n != 1 {
		t.Errorf("%d told 30 days before", n)
	}
	if n := s.remind(); n != 0 {
		t.Errorf("%d told again", n)
	}
	s.SetDay(2026, time.August, 26)
	if n := s.remind(); n != 1 {
		t.Errorf("%d told 7 days before", n)
	}
	if n := s.remind(); n != 0 {
		t.Errorf("%d told again", n)
	}
	secret := s.secret()
	opened, err := s.Service.Renewal(t.Context(), secret)
	if err != nil || len(opened.Listings) != 1 || opened.Listings[0].ID != s.need || opened.Actor.OrgID != s.owner.OrgID {
		t.Fatalf("the link opens %+v, %v", opened, err)
	}
	if _, err := s.Service.Renew(t.Context(), market.Actor{}, secret, []int64{s.result, 99}); !market.IsKind(err, market.Invalid) {
		t.Errorf("renewed what does not end, or nothing: %v", err)
	}
	var group sync.WaitGroup
	var errs [2]error
	for i := range errs {
		group.Go(func() {
			_, errs[i] = s.Service.Renew(t.Context(), market.Actor{Via: market.ViaWeb}, secret, []int64{s.need})
		})
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("the link was used twice, or never: %v, %v", errs[0], errs[1])
	}
	if got := s.until(s.need); !got.Equal(time.Date(2027, time.February, 26, 0, 0, 0, 0, got.Location())) {
		t.Errorf("valid until %s", got)
	}
	if n := s.Audits(market.NeedConfirm, s.need, "done"); n != 1 {
		t.Errorf("%d confirmations in the audit", n)
	}
	if n := s.remind(); n != 0 {
		t.Errorf("%d told after the renewal", n)
	}
}

// TestRenewalOfAnotherDay: a link is worth nothing to who may not publish any more, and when it has ended.
func TestRenewalOfAnotherDay(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.SetDay(2026, time.August, 26)
	s.remind()
	secret := s.secret()
	for _, bad := range []string{"", "x", secret + "x"} {
		if _, err := s.Service.Renewal(t.Context(), bad); !market.IsKind(err, market.NotFound) {
			t.Errorf("%q opens: %v", bad, err)
		}
	}
	if _, err := s.Store.DB().Exec(`UPDATE orgs SET state = 'suspended' WHERE id = $1`, s.owner.OrgID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Service.Renew(t.Context(), market.Actor{}, secret, []int64{s.need}); !market.IsKind(err, market.NotFound) {
		t.Errorf("renewed for a suspended organisation: %v", err)
	}
	if _, err := s.Store.DB().Exec(`UPDATE orgs SET state = 'verified' WHERE id = $1`, s.owner.OrgID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.DB().Exec(`UPDATE members SET role = 'viewer' WHERE user_id = $1`, s.owner.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Service.Renew(t.Context(), market.Actor{}, secret, []int64{s.need}); !market.IsKind(err, market.NotFound) {
		t.Errorf("renewed by a viewer: %v", err)
	}
	s.Advance(40 * 24 * time.Hour)
	if _, err := s.Service.Renewal(t.Context(), secret); !market.IsKind(err, market.NotFound) {
		t.Errorf("an old link opens: %v", err)
	}
}
