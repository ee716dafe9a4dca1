package demo

import (
	"log/slog"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// loaded is an empty market into which the demonstration was loaded on that day.
func loaded(t *testing.T, now time.Time) (*store.Store, *service.Service) {
	t.Helper()
	st, err := store.Open(t.Context(), dbtest.New(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	ref, err := st.Reference(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	svc, err := service.New(st, ref, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(t.Context(), st, svc, now); err != nil {
		t.Fatal(err)
	}
	return st, svc
}

// TestOtherDays loads on days on which the choice of contracts falls otherwise: a demonstration starts on any day.
func TestOtherDays(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{
		time.Date(2026, 11, 28, 7, 0, 0, 0, market.Shanghai),
		time.Date(2028, 2, 29, 23, 59, 0, 0, market.Shanghai),
	} {
		t.Run(now.Format("2006-01-02"), func(t *testing.T) {
			t.Parallel()
			loaded(t, now)
		})
	}
}

// TestLoad checks what the demonstration must show: places, fields, states and totals.
func TestLoad(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2026, 11, 23, 10, 0, 0, 0, market.Shanghai)
	st, svc := loaded(t, now)
	if err := Load(ctx, st, svc, now); err == nil {
		t.Error("loaded twice into one market")
	}
	count := func(query string) int {
		t.Helper()
		var n int
		if err := st.DB().QueryRowContext(ctx, query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return n
	}
	for _, want := range []struct {
		what, query string
		least, most int
	}{
		{"organisations", `SELECT count(*) FROM orgs WHERE state = 'verified'`, 60, 200},
		{"not marked", `SELECT count(*) FROM orgs WHERE NOT demo`, 0, 0},
		{"counties", `SELECT count(DISTINCT o.region) FROM orgs o JOIN regions r ON r.code = o.region WHERE r.kind = 'county'`, 13, 13},
		{"outside the city", `SELECT count(*) FROM orgs o JOIN regions r ON r.code = o.region WHERE NOT r.in_city`, 8, 60},
		{"needs", `SELECT count(*) FROM listings WHERE kind = 'need' AND state = 'published'`, 150, 400},
		{"results", `SELECT count(*) FROM listings WHERE kind = 'result' AND state = 'published'`, 250, 600},
		{"fields of needs", `SELECT count(DISTINCT f.field) FROM listing_fields f JOIN needs n USING (listing_id)`, 27, 27},
		{"fields of results", `SELECT count(DISTINCT f.field) FROM listing_fields f JOIN results n USING (listing_id)`, 27, 27},
		{"same titles", `SELECT count(*) - count(DISTINCT title) FROM listings`, 0, 0},
		{"states of inquiries", `SELECT count(DISTINCT state) FROM inquiries`, 6, 6},
		{"mandates in force", `SELECT count(*) FROM mandates WHERE state = 'active' AND '2026-11-23' BETWEEN starts_on AND ends_on`, 2, 2},
		{"states of mandates", `SELECT count(DISTINCT state) FROM mandates`, 3, 3},
		{"acts of an agency", `SELECT count(*) FROM moves WHERE agency_id IS NOT NULL`, 4, 200},
		{"people of two organisations", `SELECT count(*) FROM (SELECT user_id FROM members GROUP BY user_id HAVING count(*) > 1) x`, 1, 1},
		{"states of challenges", `SELECT count(DISTINCT state) FROM challenges WHERE state IN ('in_review', 'open', 'judging', 'awarded')`, 4, 4},
		{"questions without an answer", `SELECT count(*) FROM challenge_questions q JOIN challenges c ON c.id = q.challenge_id WHERE c.state = 'open' AND q.answered_at IS NULL`, 1, 1},
		{"proposals that are sealed", `SELECT count(*) FROM proposals p JOIN challenges c ON c.id = p.challenge_id WHERE c.opened_at IS NULL`, 1, 1},
		{"deals of challenges", `SELECT count(*) FROM deals WHERE challenge_id IS NOT NULL`, 1, 1},
		{"weights", `SELECT count(*) FROM (SELECT sum(weight) FROM challenge_criteria GROUP BY challenge_id HAVING sum(weight) <> 100) x`, 0, 0},
		{"contracts", `SELECT count(*) FROM contracts`, 3700, 4300},
		{"small contracts, per cent", `SELECT 100 * count(*) FILTER (WHERE total_amount < 500000) / count(*) FROM contracts`, 50, 80},
		{"contracts above 1,000万元", `SELECT count(*) FROM contracts WHERE total_amount > 10000000`, 5, 400},
		{"of tomorrow", `SELECT count(*) FROM ledger_entries WHERE effective_on > '2026-11-23'`, 0, 0},
		{"public at night", `SELECT count(*) FROM listings WHERE extract(hour FROM published_at AT TIME ZONE 'Asia/Shanghai') NOT BETWEEN 8 AND 18`, 0, 0},
	} {
		if n := count(want.query); n < want.least || n > want.most {
			t.Errorf("%s: %d, want %d to %d", want.what, n, want.least, want.most)
		}
	}
	for year, total := range yearTotals {
		var sum decimal.Decimal
		if err := st.DB().QueryRowContext(ctx, `SELECT sum(total_amount) FROM ledger_entries WHERE seller_in_city AND extract(year FROM effective_on) = $1`, year).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		want := decimal.NewFromInt(total).Mul(decimal.NewFromInt(10000))
		if off := sum.Sub(want).Abs().Div(want); off.GreaterThan(decimal.RequireFromString("0.02")) {
			t.Errorf("%d: %s yuan, want about %s", year, sum, want)
		}
	}
}
