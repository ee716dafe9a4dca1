package service_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

func month(year int, m time.Month) time.Time {
	return time.Date(year, m, 1, 0, 0, 0, 0, market.Shanghai)
}

// registerOn registers a new contract of that total with a date that may be past.
func (d *desk) registerOn(t *testing.T, total int64, on time.Time) int64 {
	t.Helper()
	c, on := d.Contract(total), market.DateOf(on)
	c.SignedOn, c.StartsOn = on, on
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	for _, act := range []string{"submit", "accept"} {
		must(t, d.acts()[act](id))
	}
	must(t, d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), on))
	return id
}

// report is the whole of a closed month as the ledger now stands beside it.
func report(t *testing.T, w *worldtest.World, q market.MonthQuery) market.MonthReport {
	t.Helper()
	r, err := w.Store.MonthReport(t.Context(), market.Actor{}, w.Ref, q, market.DateOf(w.Now()))
	must(t, err)
	if line := r.Disagree(); line != "" {
		t.Errorf("%s: %s does not add up: %+v", q.Month.Format("2006-01"), line, r)
	}
	return r
}

// TestCloseMonth: months are closed in their order once they are over; what comes later stands beside the frozen figures.
func TestCloseMonth(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	counter := d.Person("彭晓岚", market.Statistician)
	closing := func(m time.Time) error {
		sealAll(t, d.World, market.LedgerLog)
		return d.Service.CloseMonth(d.ctx, counter, m)
	}
	wantField(t, closing(month(2026, 10)), "month", "还没有登记")
	d.SetDay(2026, time.September, 10)
	early := d.registerOn(t, 500_000, d.Now())
	d.SetDay(2026, time.October, 12)
	d.registerOn(t, 800_000, d.Now())
	d.SetDay(2026, time.November, 2)

	wantField(t, closing(month(2026, 11)), "month", "还没有结束")
	wantField(t, closing(month(2026, 8)), "month", "更早的月份没有登记")
	wantField(t, closing(time.Time{}), "month", "请选择")
	wantField(t, closing(month(2026, 9).AddDate(0, 0, 3)), "month", "请选择")
	for _, a := range []market.Actor{d.Officer("县统计", "360825", market.Statistician), d.first, d.seller, d.Person("审计", market.Auditor)} {
		wantKind(t, d.Service.CloseMonth(d.ctx, a, month(2026, 9)), market.Denied)
	}
	must(t, closing(month(2026, 9)))
	wantField(t, closing(month(2026, 9)), "month", "已经关过")
	wantField(t, closing(month(2026, 8)), "month", "已经关过")
	d.SetDay(2026, time.December, 1)
	wantField(t, closing(month(2026, 11)), "month", "请先关 2026-10")
	var audited int
	must(t, d.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE action = 'month.close' AND outcome = 'done' AND detail LIKE '2026-09 seq=2 %'`).Scan(&audited))
	if audited != 1 {
		t.Errorf("%d closed months are in the audit", audited)
	}

	d.registerOn(t, 300_000, time.Date(2026, 9, 30, 0, 0, 0, 0, market.Shanghai)) // known only now
	must(t, d.Service.CancelContract(d.ctx, d.first, early, removal("Z01", "双方协商解除")))
	must(t, closing(month(2026, 10)))
	must(t, closing(month(2026, 11)))

	for _, c := range []struct {
		month                  time.Month
		year                   bool
		frozen, adjusted, live int64
		late                   int
	}{
		{9, false, 500_000, 300_000, 800_000, 1},
		{10, false, 800_000, 0, 800_000, 0},
		{10, true, 1_600_000, 0, 1_600_000, 0}, // the late one was known when October was closed
		{11, false, 0, 0, 0, 0},
		{11, true, 1_600_000, 0, 1_600_000, 0},
	} {
		for _, by := range market.Dimensions {
			r := report(t, d.World, market.MonthQuery{Month: month(2026, c.month), Basis: market.BasisOutput, By: by, Year: c.year})
			got := [3]decimal.Decimal{r.Whole.Frozen.Total, r.Whole.Adjusted.Total, r.Whole.Live.Total}
			for i, want := range []int64{c.frozen, c.adjusted, c.live} {
				if !got[i].Equal(decimal.NewFromInt(want)) {
					t.Errorf("%d, year %v, by %s: %s, want %d %d %d", c.month, c.year, by, got, c.frozen, c.adjusted, c.live)
					break
				}
			}
			if len(r.Late) != c.late {
				t.Errorf("%d: %d entries came later, want %d", c.month, len(r.Late), c.late)
			}
		}
	}
	ends, err := d.Store.MonthEnds(d.ctx)
	must(t, err)
	sums, total, err := d.Store.MonthSums(d.ctx, market.BasisOutputTech, store.PageSlice(1, 12))
	must(t, err)
	if total != 3 || len(sums) != 3 || ends[0].Month != month(2026, 11) || ends[0].UserName != "彭晓岚" || sums[2].Entries != 1 || ends[0].Seq <= ends[2].Seq {
		t.Errorf("closed months %+v, in the list %+v", ends, sums)
	}
	for _, statement := range []string{`UPDATE month_end_figures SET total_amount = 0`, `DELETE FROM month_ends`, `TRUNCATE month_end_figures`} {
		if _, err := d.Store.DB().Exec(statement); err == nil {
			t.Errorf("%s was carried out", statement)
		}
	}
}

// TestCloseMonthRace: of several who close the same month at the same time one does.
func TestCloseMonthRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.SetDay(2026, time.October, 12)
	d.registerOn(t, 800_000, d.Now())
	d.SetDay(2026, time.November, 2)
	sealAll(t, d.World, market.LedgerLog)
	var all sync.WaitGroup
	outcomes := make([]error, 4)
	for i := range outcomes {
		counter := d.Person(fmt.Sprint("统计", i), market.Statistician)
		all.Go(func() { outcomes[i] = d.Service.CloseMonth(d.ctx, counter, month(2026, 10)) })
	}
	all.Wait()
	closed := 0
	for _, err := range outcomes {
		if err == nil {
			closed++
		} else if !strings.Contains(err.Error()+fmt.Sprint(market.AsError(err).Fields), "已经关过") {
			t.Error(err)
		}
	}
	if closed != 1 {
		t.Errorf("%d closed the month", closed)
	}
}
