package service_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// happening is what an act on a contract means for the turnover, as the test understands it: so much more of a contract with
// these terms, from that day on.
type happening struct {
	on          time.Time
	terms       market.Contract
	count       int
	total, tech decimal.Decimal
}

// history is a market in which things happen to contracts, and what they should add up to.
type history struct {
	*desk
	rnd       *rand.Rand
	counter   market.Actor
	happened  []happening
	contracts []int64                   // those on the register
	total     map[int64]decimal.Decimal // what stands of each, supplements included
	terms     map[int64]market.Contract // what it is counted under
	open      map[int64]bool            // its total is open
	late      map[time.Time]int         // how many had happened when a month was closed
}

// TestFiguresAreWhatHappened registers, changes, supplements, cancels and revokes contracts on random days, through the service as
// people do, closes months meanwhile, and adds the acts up by itself: each figure, by each dimension and as of each day, is the same,
// and what was frozen with what came later is the figure of today.
func TestFiguresAreWhatHappened(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	h := &history{desk: d, rnd: rand.New(rand.NewPCG(28, 11)), counter: d.Person("彭晓岚", market.Statistician),
		total: map[int64]decimal.Decimal{}, terms: map[int64]market.Contract{}, open: map[int64]bool{}, late: map[time.Time]int{}}
	var days []time.Time
	for m := range 8 { // from November 2026 over the end of the year
		first := month(2026, time.Month(11+m))
		for week := range 6 {
			h.SetDay(first.Year(), first.Month(), 1+week*4+h.rnd.IntN(4))
			h.something(t)
		}
		h.SetDay(first.Year(), first.Month()+1, 1)
		days = append(days, market.DateOf(h.Now()))
		if m%2 == 0 {
			h.close(t)
		}
	}
	for _, day := range append(days, days[0].AddDate(0, 0, -9), days[5].AddDate(0, 0, -17)) {
		for _, b := range market.Bases {
			h.checkYear(t, market.TurnoverQuery{Basis: market.Basis(b.Code), Year: day.Year(), AsOf: day, By: market.Dimensions})
		}
	}
	for month := range h.late {
		for i, by := range market.Dimensions {
			h.checkMonth(t, market.MonthQuery{Month: month, Basis: market.Basis(market.Bases[i%3].Code), By: by, Year: i%2 == 0})
		}
	}
}

// something does one thing of those that can be done.
func (h *history) something(t *testing.T) {
	t.Helper()
	kind := h.rnd.IntN(7)
	if len(h.contracts) < 3 || kind < 3 {
		h.register(t)
		return
	}
	i := h.rnd.IntN(len(h.contracts))
	id := h.contracts[i]
	switch {
	case kind == 3 && h.open[id]:
		h.supplement(t, id)
	case kind == 6:
		must(t, h.acts()[[]string{"cancel", "revoke"}[h.rnd.IntN(2)]](id))
		h.note(h.terms[id], -1, h.total[id].Neg())
		h.contracts = append(h.contracts[:i], h.contracts[i+1:]...)
	default:
		h.change(t, id)
	}
}

// note remembers what an act of today means; all of a total counts as technical here.
func (h *history) note(terms market.Contract, count int, total decimal.Decimal) {
	h.happened = append(h.happened, happening{on: market.DateOf(h.Now()), terms: terms, count: count, total: total, tech: total})
}

// sums is a random total below the amount that two people look at, in fen.
func (h *history) sums() decimal.Decimal { return decimal.New(1_000_000+h.rnd.Int64N(40_000_000), -2) }

// vary draws some of the terms that the turnover is split by.
func (h *history) vary(c *market.Contract) {
	code := func(list market.Codes) string { return list[h.rnd.IntN(len(list))].Code }
	regions := []string{"360802", "360825", "360881", "360100", "440000"}
	c.Kind = []string{"D1", "D2", "C1", "S1"}[h.rnd.IntN(4)]
	c.Submarket, c.TechField = code(h.Ref.Submarkets), code(h.Ref.TechFields)
	c.Buyer.Region, c.Seller.Region = regions[h.rnd.IntN(len(regions))], regions[h.rnd.IntN(len(regions))]
	c.Buyer.Type = []string{"150", "160"}[h.rnd.IntN(2)]
	if h.rnd.IntN(3) == 0 {
		c.AgencyName = "吉安测试技术转移有限公司"
	}
}

func (h *history) register(t *testing.T) {
	t.Helper()
	c := h.Contract(1)
	h.vary(&c)
	c.TotalAmount = h.sums()
	if h.rnd.IntN(3) == 0 {
		c.PaymentMode, c.AmountOpen, c.Royalty = "royalty_entry", true, "销售额的 3%，5 年"
	}
	id, err := h.Service.CreateContract(h.ctx, h.seller, c, "")
	must(t, err)
	for _, act := range []string{"submit", "accept", "register"} {
		must(t, h.acts()[act](id))
	}
	h.contracts, h.total[id], h.open[id] = append(h.contracts, id), c.TotalAmount, c.AmountOpen
	h.terms[id] = c
	h.note(c, 1, c.TotalAmount)
}

// change confirms other terms: what was counted under the old ones is counted under the new ones from today on.
func (h *history) change(t *testing.T, id int64) {
	t.Helper()
	before, more := h.terms[id], decimal.New(h.rnd.Int64N(2_000_000)-1_000_000, -2)
	after := before
	if h.rnd.IntN(2) == 0 {
		h.vary(&after)
	}
	after.TotalAmount = decimal.Max(before.TotalAmount.Add(more), decimal.NewFromInt(1000))
	x, err := h.askChange(t, id, func(c *market.Contract) {
		c.Kind, c.Submarket, c.TechField, c.AgencyName, c.TotalAmount = after.Kind, after.Submarket, after.TechField, after.AgencyName, after.TotalAmount
		c.Seller.Region, c.Buyer.Region, c.Buyer.Type = after.Seller.Region, after.Buyer.Region, after.Buyer.Type
		c.Title += "（变更）"
	})
	must(t, err)
	must(t, h.Service.ConfirmAmendment(h.ctx, h.first, id, x))
	h.note(before, -1, h.total[id].Neg())
	h.total[id] = h.total[id].Add(after.TotalAmount.Sub(before.TotalAmount))
	h.terms[id] = after
	h.note(after, 1, h.total[id])
}

func (h *history) supplement(t *testing.T, id int64) {
	t.Helper()
	sum := 1000 + h.rnd.Int64N(100_000)
	x, err := h.askSupplement(t, id, sum, false)
	must(t, err)
	must(t, h.Service.ConfirmAmendment(h.ctx, h.first, id, x))
	h.total[id] = h.total[id].Add(decimal.NewFromInt(sum))
	h.note(h.terms[id], 0, decimal.NewFromInt(sum))
}

// close closes the months that are over.
func (h *history) close(t *testing.T) {
	t.Helper()
	sealAll(t, h.World, market.LedgerLog)
	for {
		first, closed, err := h.Store.LedgerSpan(h.ctx)
		must(t, err)
		months := market.ClosableMonths(first, closed, market.DateOf(h.Now()))
		if len(months) == 0 {
			return
		}
		next := months[len(months)-1]
		must(t, h.Service.CloseMonth(h.ctx, h.counter, next))
		h.late[next] = len(h.happened)
	}
}

// value is what the contract is counted under, by a dimension.
func (h *history) value(c market.Contract, by market.Dimension, b market.Basis) string {
	region := c.Seller.Region
	if b == market.BasisAbsorbed {
		region = c.Buyer.Region
	}
	switch by {
	case market.ByCounty:
		if h.Ref.Regions.Counties().Name(region) != "" {
			return region
		}
		return market.OtherCode
	case market.BySubmarket:
		return c.Submarket
	case market.ByKind:
		return c.Kind[:1]
	case market.ByTechField:
		return c.TechField
	case market.BySellerType:
		return c.Seller.Type
	case market.ByBuyerType:
		return c.Buyer.Type
	case market.ByIPType:
		return c.IPType
	case market.ByTradeMode:
		return "none"
	case market.ByAgency:
		return map[bool]string{true: "yes", false: "no"}[c.AgencyName != ""]
	case market.ByCity:
		return map[bool]string{true: "in", false: "out"}[inCity(c.Seller) && inCity(c.Buyer)]
	}
	return market.OtherCode // no contract here is of a park
}

func inCity(p market.Party) bool { return p.Region[:4] == "3608" }

// sum adds up what happened from one day through another, of the first n happenings, under a value.
func (h *history) sum(n int, from, to time.Time, b market.Basis, by market.Dimension, code string) market.Sum {
	s := market.Sum{}
	for _, x := range h.happened[:n] {
		counts := inCity(x.terms.Seller)
		if b == market.BasisAbsorbed {
			counts = inCity(x.terms.Buyer)
		}
		if counts && !x.on.Before(from) && !x.on.After(to) && (code == market.Whole || h.value(x.terms, by, b) == code) {
			s = s.Plus(market.Sum{Count: x.count, Total: x.total, Tech: x.tech})
		}
	}
	return s
}

func (h *history) same(t *testing.T, what string, got, want market.Sum) {
	t.Helper()
	if got.Count != want.Count || !got.Total.Equal(want.Total) || !got.Tech.Equal(want.Tech) {
		t.Errorf("%s: %d, %s, %s, want %d, %s, %s", what, got.Count, got.Total, got.Tech, want.Count, want.Total, want.Tech)
	}
}

// checkYear holds the figures of a year as of a day against what had happened by then.
func (h *history) checkYear(t *testing.T, q market.TurnoverQuery) {
	t.Helper()
	got, err := h.Store.Turnover(h.ctx, market.Actor{}, h.Ref, q)
	must(t, err)
	at, n := fmt.Sprintf("%s as of %s", q.Basis, q.AsOf.Format(time.DateOnly)), len(h.happened)
	h.same(t, at, got.Sum, h.sum(n, q.From(), q.Through(), q.Basis, "", market.Whole))
	for _, table := range got.Tables {
		listed := market.Sum{}
		for _, row := range table.Rows {
			h.same(t, fmt.Sprint(at, " by ", table.By, " ", row.Code), row.Sum, h.sum(n, q.From(), q.Through(), q.Basis, table.By, row.Code))
			listed = listed.Plus(row.Sum)
		}
		h.same(t, fmt.Sprint(at, " by ", table.By), listed, got.Sum)
	}
	for _, m := range got.Months {
		first := q.From().AddDate(0, m.Month-1, 0)
		last := first.AddDate(0, 1, -1)
		if last.After(q.AsOf) {
			last = q.AsOf
		}
		h.same(t, fmt.Sprint(at, " month ", m.Month), m.This, h.sum(n, first, last, q.Basis, "", market.Whole))
	}
}

// checkMonth holds a closed month against what had happened at its close, and all that has happened.
func (h *history) checkMonth(t *testing.T, q market.MonthQuery) {
	t.Helper()
	r := report(t, h.World, q)
	at := fmt.Sprintf("%s %s by %s ", q.Month.Format("2006-01"), q.Basis, q.By)
	r.Whole.Code = market.Whole
	for _, line := range append(r.Lines, r.Whole) {
		h.same(t, at+line.Code+" frozen", line.Frozen, h.sum(h.late[q.Month], q.From(), q.Last(), q.Basis, q.By, line.Code))
		h.same(t, at+line.Code+" live", line.Live, h.sum(len(h.happened), q.From(), q.Last(), q.Basis, q.By, line.Code))
	}
}
