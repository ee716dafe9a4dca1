package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
)

var statistician = market.Actor{UserID: 1, Duties: []market.Duty{market.Statistician}}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, market.Shanghai)
}

// ledger is a fixture: contracts with their entries, kept beside the database that holds them.
type ledger struct {
	*Store
	ref       *market.Reference
	contracts [][]any
	entries   []market.LedgerEntry
	gone      map[int64]bool // contracts that were taken back
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	st, err := Open(t.Context(), dbtest.New(t), 4)
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
	return &ledger{Store: st, ref: ref, gone: map[int64]bool{}}
}

// add notes a registered contract; the entry is recorded as late as late says.
func (l *ledger) add(c market.Contract, on time.Time, late time.Duration) market.LedgerEntry {
	c.ID = int64(len(l.contracts) + 1)
	l.contracts = append(l.contracts, []any{c.ID, fmt.Sprintf("HT-%d-%d", on.Year(), c.ID), "registered", c.Title, c.Kind, c.TechField, c.IPType,
		"卖方单位", strings.Repeat("1", 18), c.Seller.Type, c.Seller.Region, "买方单位", strings.Repeat("2", 18), c.Buyer.Type, c.Buyer.Region,
		c.TotalAmount, c.TechAmount, "lump", on, on, on, fmt.Sprintf("%d36%010d", on.Year(), c.ID), on, on, on})
	e := c.Registration(l.ref, on)
	e.At = on.Add(9*time.Hour + late)
	l.entries = append(l.entries, e)
	return e
}

func (l *ledger) append(e market.LedgerEntry, late time.Duration) {
	e.At = e.EffectiveOn.Add(10*time.Hour + late)
	l.entries = append(l.entries, e)
}

// write copies what was added into the database.
func (l *ledger) write(t testing.TB) {
	t.Helper()
	l.writeFrom(t, 0, 0)
}

// writeFrom copies the contracts and entries from these on.
func (l *ledger) writeFrom(t testing.TB, contract, entry int) {
	t.Helper()
	rows := make([][]any, len(l.entries)-entry)
	for i, e := range l.entries[entry:] {
		rows[i] = []any{e.ContractID, e.Kind, e.EffectiveOn, e.Contracts, e.TotalAmount, e.TechAmount, e.SellerInCity, e.BuyerInCity,
			e.SellerRegion, e.BuyerRegion, e.SellerPark, e.Submarket, e.ContractKind, e.TechField, e.SellerType, e.BuyerType, e.IPType,
			e.TradeMode, e.HasAgency, e.At}
	}
	err := l.InTx(t.Context(), func(tx *Tx) error {
		err := tx.Copy(t.Context(), "contracts", []string{"id", "number", "state", "title", "kind", "tech_field", "ip_type",
			"seller_name", "seller_uscc", "seller_type", "seller_region", "buyer_name", "buyer_uscc", "buyer_type", "buyer_region",
			"total_amount", "tech_amount", "payment_mode", "signed_on", "starts_on", "ends_on", "registration_number", "registered_on",
			"created_at", "updated_at"}, l.contracts[contract:])
		if err != nil {
			return err
		}
		return tx.Copy(t.Context(), "ledger_entries", []string{"contract_id", "kind", "effective_on", "contracts", "total_amount", "tech_amount",
			"seller_in_city", "buyer_in_city", "seller_region", "buyer_region", "seller_park", "submarket", "contract_kind", "tech_field",
			"seller_type", "buyer_type", "ip_type", "trade_mode", "has_agency", "at"}, rows)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// randomContract has every dimension drawn anew.
func (l *ledger) randomContract(rnd *rand.Rand) market.Contract {
	code := func(list market.Codes) string { return list[rnd.IntN(len(list))].Code }
	place := func() string { return l.ref.Regions[rnd.IntN(len(l.ref.Regions)/2)].Code }
	c := market.Contract{Title: "试验合同", Kind: l.ref.ContractKinds[rnd.IntN(len(l.ref.ContractKinds))].Code, TechField: code(l.ref.TechFields),
		IPType: code(l.ref.IPTypes), TradeMode: code(market.TradeModes),
		Seller: market.Party{Type: code(l.ref.PartyTypes), Region: place()}, Buyer: market.Party{Type: code(l.ref.PartyTypes), Region: place()}}
	if rnd.IntN(4) > 0 {
		c.Submarket, c.SellerPark = code(l.ref.Submarkets), code(l.ref.Parks)
	}
	if rnd.IntN(3) == 0 {
		c.AgencyName = "中介"
	}
	c.TotalAmount = decimal.New(1+rnd.Int64N(900_000_000), -2)
	c.TechAmount = c.TotalAmount.Mul(decimal.New(1+rnd.Int64N(100), -2)).Round(2)
	if !c.TechAmount.IsPositive() {
		c.TechAmount = c.TotalAmount
	}
	return c
}

// randomLedger registers contracts over the years; some are recorded late, changed or taken back.
func randomLedger(t testing.TB, seed uint64, count int) *ledger {
	t.Helper()
	l, rnd := newLedger(t), rand.New(rand.NewPCG(seed, 3608))
	late := func() time.Duration { return time.Duration(rnd.IntN(4)/3*rnd.IntN(40)) * 24 * time.Hour }
	for range count {
		e := l.add(l.randomContract(rnd), day(2021, 1, 1+rnd.IntN(2150)), late())
		after := e.EffectiveOn.AddDate(0, 0, rnd.IntN(300))
		switch rnd.IntN(12) {
		case 0:
			l.append(e.Reversal("cancelled", after), late())
		case 1:
			l.append(e.Reversal("revoked", after), late())
		case 2:
			to := l.randomContract(rnd).Registration(l.ref, after)
			to.ContractID = e.ContractID
			for _, change := range e.Change(to, after) {
				l.append(change, late())
			}
		case 3:
			l.append(e.Supplement(e.TotalAmount.Div(decimal.NewFromInt(5)).Round(2).Add(decimal.New(1, -2)), decimal.Zero, after), late())
		}
	}
	l.write(t)
	return l
}

// sum adds up the entries that fit, the plain way.
func (l *ledger) sum(asOf time.Time, fits func(market.LedgerEntry) bool) market.Sum {
	s := market.Sum{}
	for _, e := range l.entries {
		if e.At.Before(asOf.AddDate(0, 0, 1)) && fits(e) {
			s = s.Plus(market.Sum{Count: e.Contracts, Total: e.TotalAmount, Tech: e.TechAmount})
		}
	}
	return s
}

func within(e market.LedgerEntry, from, to time.Time) bool {
	return !e.EffectiveOn.Before(from) && !e.EffectiveOn.After(to)
}

func onBasis(e market.LedgerEntry, q market.TurnoverQuery) bool {
	seller, buyer := sidesIn(e, q.County)
	return q.Basis == market.BasisAbsorbed && buyer || q.Basis != market.BasisAbsorbed && seller
}

// sidesIn tells which side of an entry is in the county, or in the city without one.
func sidesIn(e market.LedgerEntry, county string) (seller, buyer bool) {
	if county == "" {
		return e.SellerInCity, e.BuyerInCity
	}
	return e.SellerRegion == county, e.BuyerRegion == county
}

// value is the entry's value of a dimension, the plain way.
func value(ref *market.Reference, e market.LedgerEntry, d market.Dimension, b market.Basis) string {
	or := func(s *string) string {
		if s == nil {
			return "other"
		}
		return *s
	}
	switch d {
	case market.ByCounty:
		place := e.SellerRegion
		if b == market.BasisAbsorbed {
			place = e.BuyerRegion
		}
		if ref.Regions.Counties().Name(place) == "" {
			return "other"
		}
		return place
	case market.ByPark:
		return or(e.SellerPark)
	case market.BySubmarket:
		return or(e.Submarket)
	case market.ByKind:
		return e.ContractKind[:1]
	case market.ByTechField:
		return e.TechField
	case market.BySellerType:
		return e.SellerType
	case market.ByBuyerType:
		return e.BuyerType
	case market.ByIPType:
		return e.IPType
	case market.ByTradeMode:
		return e.TradeMode
	case market.ByCity:
		if e.SellerInCity && e.BuyerInCity {
			return "in"
		}
		return "out"
	}
	if e.HasAgency {
		return "yes"
	}
	return "no"
}

func same(t *testing.T, what string, got, want market.Sum) {
	t.Helper()
	if got.Count != want.Count || !got.Total.Equal(want.Total) || !got.Tech.Equal(want.Tech) {
		t.Errorf("%s = %d %s %s, want %d %s %s", what, got.Count, got.Total, got.Tech, want.Count, want.Total, want.Tech)
	}
}

// TestTurnoverEqualsPlainSums holds every figure against a loop over the same entries, for any basis, year and day.
func TestTurnoverEqualsPlainSums(t *testing.T) {
	t.Parallel()
	today := day(2026, 11, 23)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			l, rnd := randomLedger(t, seed, 900), rand.New(rand.NewPCG(seed, 1))
			for n := range 12 {
				q := market.TurnoverQuery{Basis: market.Basis(market.Bases[n%3].Code), Year: 2021 + rnd.IntN(6), By: market.Dimensions}
				first := day(q.Year, 1, 1)
				q.AsOf = first.AddDate(0, 0, rnd.IntN(1+int(today.Sub(first).Hours()/24)))
				if n%4 == 3 {
					q.County = l.ref.Regions.Counties()[rnd.IntN(13)].Code
				}
				if n%5 == 4 && q.Year > 2021 {
					q.Against = 2019 + rnd.IntN(q.Year-2019)
				}
				if n == 0 {
					q.Year, q.AsOf = 2024, day(2024, 2, 29)
				}
				l.checkTurnover(t, q)
			}
		})
	}
}

func (l *ledger) checkTurnover(t *testing.T, q market.TurnoverQuery) {
	t.Helper()
	name := fmt.Sprintf("%s%s %d as of %s: ", q.Basis, q.County, q.Year, q.AsOf.Format(time.DateOnly))
	if p := q.Check(day(2026, 11, 23)); len(p) > 0 {
		t.Fatal(name, p)
	}
	got, err := l.Turnover(t.Context(), statistician, l.ref, q)
	if err != nil {
		t.Fatal(name, err)
	}
	from, to := day(q.Year, 1, 1), day(q.Year, 12, 31)
	if q.AsOf.Before(to) {
		to = q.AsOf
	}
	base := q.Year - 1
	if q.Against != 0 {
		base = q.Against
	}
	lastFrom, lastTo := day(base, 1, 1), day(base, to.Month(), to.Day())
	if lastTo.Month() != to.Month() { // 29 February
		lastTo = lastTo.AddDate(0, 0, -1)
	}
	inYear := func(e market.LedgerEntry) bool { return within(e, from, to) && onBasis(e, q) }
	inLast := func(e market.LedgerEntry) bool { return within(e, lastFrom, lastTo) && onBasis(e, q) }
	same(t, name+"sum", got.Sum, l.sum(q.AsOf, inYear))
	same(t, name+"same period", got.Last, l.sum(q.AsOf, inLast))
	same(t, name+"year before", got.LastYear, l.sum(q.AsOf, func(e market.LedgerEntry) bool {
		return within(e, lastFrom, day(base, 12, 31)) && onBasis(e, q)
	}))
	same(t, name+"adjustments", got.Adjusted, l.sum(q.AsOf, func(e market.LedgerEntry) bool { return inYear(e) && e.Kind != "registered" }))
	for seller := range 2 {
		for buyer := range 2 {
			cell := market.CellAt(seller, buyer)
			fits := func(e market.LedgerEntry) bool {
				sellerIn, buyerIn := sidesIn(e, q.County)
				known := q.County == "" || sellerIn || buyerIn
				return within(e, from, to) && known && sellerIn == (seller == 0) && buyerIn == (buyer == 0)
			}
			same(t, name+string(cell), got.Cells[seller][buyer], l.sum(q.AsOf, fits))
			l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: q, Cell: cell}, got.Cells[seller][buyer])
		}
	}
	for _, m := range got.Months {
		of := func(first time.Time) func(market.LedgerEntry) bool {
			return func(e market.LedgerEntry) bool {
				return within(e, first, first.AddDate(0, 1, -1)) && !e.EffectiveOn.After(q.AsOf) && onBasis(e, q)
			}
		}
		same(t, fmt.Sprint(name, "month ", m.Month), m.This, l.sum(q.AsOf, of(from.AddDate(0, m.Month-1, 0))))
		same(t, fmt.Sprint(name, "month before ", m.Month), m.Last, l.sum(q.AsOf, of(lastFrom.AddDate(0, m.Month-1, 0))))
		l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: q, Month: m.Month}, m.This)
	}
	for _, table := range got.Tables {
		whole := market.Sum{}
		for _, row := range table.Rows {
			fits := func(e market.LedgerEntry) bool { return value(l.ref, e, table.By, q.Basis) == row.Code }
			what := fmt.Sprint(name, table.By, " ", row.Code)
			same(t, what, row.Sum, l.sum(q.AsOf, func(e market.LedgerEntry) bool { return inYear(e) && fits(e) }))
			same(t, what+" last", row.Last, l.sum(q.AsOf, func(e market.LedgerEntry) bool { return inLast(e) && fits(e) }))
			l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: q, Values: map[market.Dimension]string{table.By: row.Code}}, row.Sum)
			whole = whole.Plus(row.Sum)
		}
		same(t, name+"rows by "+string(table.By), whole, got.Sum)
	}
	for _, y := range got.Years {
		if y.Published {
			continue
		}
		sum := l.sum(q.AsOf, func(e market.LedgerEntry) bool {
			return e.EffectiveOn.Year() == y.Year && !e.EffectiveOn.After(q.AsOf) && onBasis(e, q)
		})
		same(t, fmt.Sprint(name, "year ", y.Year), y.Sum, sum)
	}
	l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: q}, got.Sum)
	l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: q, Adjusted: true}, got.Adjusted)
	before := q
	before.Year, before.Against = base, 0
	l.checkDrill(t, market.TurnoverFilter{TurnoverQuery: before, To: lastTo}, got.Last)
}

// checkDrill pages through the contracts behind a number and holds both their sum and the list's own against it.
func (l *ledger) checkDrill(t *testing.T, f market.TurnoverFilter, want market.Sum) {
	t.Helper()
	listed, seen := market.Sum{}, 0
	for page := 1; ; page++ {
		entries, total, sum, err := l.TurnoverEntries(t.Context(), statistician, f, PageSlice(page, 100))
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("sum of the list %+v", f), sum, want)
		for _, e := range entries {
			listed = listed.Plus(e.Sum)
		}
		if seen += len(entries); seen >= total || len(entries) == 0 {
			if seen != total {
				t.Errorf("%d entries listed of %d", seen, total)
			}
			break
		}
	}
	same(t, fmt.Sprintf("entries of %+v", f), listed, want)
}

// fixture is a small ledger of round sums: the four cells, and a contract that is taken back in the autumn.
func fixture(t *testing.T) *ledger {
	l := newLedger(t)
	add := func(wan int64, seller, buyer string, on time.Time) market.LedgerEntry {
		total := decimal.NewFromInt(wan * 10_000)
		return l.add(market.Contract{Title: "重钙湿法研磨助剂开发", Kind: "D1", TechField: "materials", IPType: "secret", TradeMode: "inquiry", Submarket: "materials",
			Seller: market.Party{Type: "150", Region: seller}, Buyer: market.Party{Type: "150", Region: buyer}, TotalAmount: total, TechAmount: total.Div(decimal.NewFromInt(2))}, on, 0)
	}
	add(1000, "360825", "360802", day(2026, 3, 2)) // within the city
	add(600, "360825", "440000", day(2026, 4, 7))  // out of it
	add(500, "440000", "360825", day(2026, 5, 8))  // into it
	add(40, "440000", "310000", day(2026, 5, 9))   // neither
	add(300, "360800", "360802", day(2026, 6, 1))  // a seller whose county is not known
	gone := add(200, "360802", "360825", day(2026, 7, 1))
	l.append(gone.Reversal("cancelled", day(2026, 10, 9)), 0)
	add(800, "360825", "440000", day(2025, 3, 3))
	l.write(t)
	return l
}

func turnoverOf(t *testing.T, l *ledger, b market.Basis, asOf time.Time) market.Turnover {
	t.Helper()
	got, err := l.Turnover(t.Context(), market.Actor{}, l.ref, market.TurnoverQuery{Basis: b, Year: 2026, AsOf: asOf, By: market.Dimensions})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wan(t *testing.T, what string, got decimal.Decimal, want int64) {
	t.Helper()
	if !got.Equal(decimal.NewFromInt(want * 10_000)) {
		t.Errorf("%s = %s, want %d 万元", what, got, want)
	}
}

func TestTurnoverQuadAndCancellation(t *testing.T) {
	t.Parallel()
	l := fixture(t)
	before, after := day(2026, 10, 8), day(2026, 11, 22)
	for _, c := range []struct {
		basis         market.Basis
		before, after int64
	}{{market.BasisOutput, 2100, 1900}, {market.BasisOutputTech, 1050, 950}, {market.BasisAbsorbed, 2000, 1800}} {
		was, is := turnoverOf(t, l, c.basis, before), turnoverOf(t, l, c.basis, after)
		wan(t, string(c.basis)+" before the cancellation", was.Amount(), c.before)
		wan(t, string(c.basis), is.Amount(), c.after)
		if len(was.Adjustments) != 0 || len(is.Adjustments) != 1 || is.Adjusted.Count != -1 {
			t.Errorf("%s: adjustments %+v, then %+v", c.basis, was.Adjustments, is.Adjustments)
		}
		wan(t, string(c.basis)+" adjusted", is.Adjusted.Amount(c.basis), c.after-c.before)
		wan(t, string(c.basis)+" in July, as it stood", is.Months[6].This.Amount(c.basis), c.before-c.after)
		wan(t, string(c.basis)+" in October", is.Months[9].This.Amount(c.basis), c.after-c.before)
	}
	got := turnoverOf(t, l, market.BasisOutput, after)
	for i, want := range []int64{1300, 600, 500, 40} {
		wan(t, market.Cells[i].Name, got.Cells[i/2][i%2].Total, want)
	}
	if n := got.Sum.Count; n != 3 {
		t.Errorf("%d contracts, want 3", n)
	}
	if g := got.Growth(); !g.Valid || !g.Decimal.Equal(decimal.RequireFromString("1.375")) {
		t.Errorf("growth %v", g)
	}
	counties := got.Table(market.ByCounty).Rows
	if len(counties) != 14 || counties[0].Code != "360802" || counties[12].Code != "360881" || counties[13].Code != market.OtherCode {
		t.Errorf("counties %+v", counties)
	}
	wan(t, "永丰县", counties[6].Sum.Total, 1600)
	wan(t, "县区未定", counties[13].Sum.Total, 300)
}

// TestTotalsAreOfRawSums: figures by county and by park, those without one among them, add up to the city's; shown
// rounded they need not, and the total is that of the raw sums.
func TestTotalsAreOfRawSums(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	for _, region := range []string{"360802", "360825", "360800"} { // the county of the last is not known
		l.add(market.Contract{Title: "重钙", Kind: "D1", TechField: "materials", IPType: "secret", TradeMode: "none",
			Seller: market.Party{Type: "150", Region: region}, Buyer: market.Party{Type: "150", Region: "310000"}, TotalAmount: decimal.NewFromInt(50), TechAmount: decimal.NewFromInt(50)}, day(2026, 3, 2), 0)
	}
	l.write(t)
	if counties := l.ref.Regions.Counties(); len(counties) != 13 || counties.Name("360801") != "" {
		t.Errorf("counties %v", counties)
	}
	got := turnoverOf(t, l, market.BasisOutput, day(2026, 11, 22))
	for _, by := range []market.Dimension{market.ByCounty, market.ByPark} {
		raw, shown := decimal.Zero, decimal.Zero
		for _, r := range got.Table(by).Rows {
			raw = raw.Add(r.Sum.Total)
			shown = shown.Add(decimal.RequireFromString(market.FormatWan(r.Sum.Total)))
		}
		if !raw.Equal(got.Amount()) || market.FormatWan(got.Amount()) != "0.02" {
			t.Errorf("by %s the rows add up to %s, the figure is %s, shown as %s", by, raw, got.Amount(), market.FormatWan(got.Amount()))
		}
		if by == market.ByCounty && shown.String() != "0.03" {
			t.Errorf("the rounded rows add up to %s", shown)
		}
	}
}

func TestTurnoverNamesAreForStaff(t *testing.T) {
	t.Parallel()
	l := fixture(t)
	q := market.TurnoverQuery{Basis: market.BasisOutput, Year: 2026, AsOf: day(2026, 11, 22)}
	for _, c := range []struct {
		actor market.Actor
		sees  bool
	}{{market.Actor{}, false}, {market.Actor{UserID: 2, OrgID: 3, Role: market.Owner}, false},
		{market.Actor{UserID: 2, Duties: []market.Duty{market.Reviewer}}, false}, {statistician, true},
		{market.Actor{UserID: 2, Duties: []market.Duty{market.Auditor}}, true}, {market.Actor{UserID: 2, Duties: []market.Duty{market.Registrar}}, true}} {
		_, entries, err := l.TurnoverExport(t.Context(), c.actor, l.ref, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if (e.SellerName != "") != c.sees || (e.BuyerName != "") != c.sees {
				t.Errorf("%+v reads %q and %q", c.actor, e.SellerName, e.BuyerName)
			}
			if e.Number == "" || e.Title == "" {
				t.Errorf("entry without number or title: %+v", e)
			}
		}
	}
}

func TestTurnoverSeriesTargetsAndPace(t *testing.T) {
	t.Parallel()
	l := fixture(t)
	got := turnoverOf(t, l, market.BasisOutput, day(2026, 7, 2))
	first := got.Years[0]
	if first.Year != 2019 || !first.Published || !first.Sum.Total.Equal(decimal.NewFromInt(960_000_000)) || first.Target != nil {
		t.Errorf("the series begins with %+v", first)
	}
	last := got.Years[len(got.Years)-1]
	if last.Year != 2026 || last.Published || !last.Part || last.Target == nil || last.Target.Status != "proposed" {
		t.Errorf("the series ends with %+v", last)
	}
	if !got.Pace.ByDays || got.Pace.Label() != "按日历天数" {
		t.Errorf("pace %+v, want by days: 2023 and 2024 have no figure", got.Pace)
	}
	y, err := l.YearToDate(t.Context(), day(2026, 7, 2))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "year to date", y.Sum, got.Sum)
	if y.Target == nil || !y.Target.Amount.Equal(got.Target.Amount) || !y.Pace.Share.Equal(got.Pace.Share) {
		t.Errorf("year to date %+v, want the target and pace of %+v", y, got)
	}
	if absorbed := turnoverOf(t, l, market.BasisAbsorbed, day(2026, 7, 2)); absorbed.Target != nil || absorbed.Years[0].Published {
		t.Errorf("absorbed has the target %+v and begins with %+v", absorbed.Target, absorbed.Years[0])
	}
}

// TestMonthlyTargetsFollowThePace adds the months' parts of a target up to the whole.
func TestMonthlyTargetsFollowThePace(t *testing.T) {
	t.Parallel()
	l := randomLedger(t, 9, 400)
	got, err := l.Turnover(t.Context(), market.Actor{}, l.ref, market.TurnoverQuery{Basis: market.BasisOutput, Year: 2025, AsOf: day(2026, 11, 22)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Pace.ByDays || !got.Pace.Share.Equal(decimal.NewFromInt(1)) {
		t.Errorf("pace of a year that is over: %+v", got.Pace)
	}
	sum := decimal.Zero
	for _, m := range got.Months {
		sum = sum.Add(m.Target.Decimal)
	}
	if !sum.Round(2).Equal(got.Target.Amount) {
		t.Errorf("months' targets add up to %s, want %s", sum, got.Target.Amount)
	}
}

// TestFiguresFollowTheLedger asks for the same figures again and again while entries come in, some of which the chain does not have
// yet: they are those of all entries each time, also when others ask at the same moment.
func TestFiguresFollowTheLedger(t *testing.T) {
	t.Parallel()
	l, rnd := newLedger(t), rand.New(rand.NewPCG(7, 28))
	queries := []market.TurnoverQuery{
		{Basis: market.BasisOutput, Year: 2026, AsOf: day(2026, 11, 23), By: market.Dimensions},
		{Basis: market.BasisAbsorbed, Year: 2026, AsOf: day(2026, 4, 10), By: market.Dimensions},
		{Basis: market.BasisOutputTech, Year: 2026, AsOf: day(2026, 11, 23), By: market.Dimensions, County: l.ref.Regions.Counties()[3].Code},
	}
	for month := day(2026, 1, 1); month.Before(day(2026, 6, 1)); month = month.AddDate(0, 1, 0) {
		var asking sync.WaitGroup
		for _, q := range queries {
			asking.Go(func() {
				if _, err := l.Turnover(t.Context(), statistician, l.ref, q); err != nil {
					t.Error(err)
				}
			})
		}
		l.randomMonth(t, rnd, month)
		asking.Wait()
		for _, most := range []int{0, 5, 10_000} {
			if most > 0 {
				if _, err := l.Seal(t.Context(), market.LedgerLog, most); err != nil {
					t.Fatal(err)
				}
			}
			for _, q := range queries {
				l.checkTurnover(t, q)
			}
		}
	}
}

// TestMonthEndsAndCheckOnRandomLedgers closes months of random ledgers while entries come in late: every frozen figure is the
// plain sum of what was known then, with the adjustments it is that of today, and the check finds all of it right.
func TestMonthEndsAndCheckOnRandomLedgers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			l, rnd := newLedger(t), rand.New(rand.NewPCG(seed, 220))
			today, known := day(2026, 11, 23), map[time.Time]int{} // how many entries were known at the close
			for month := day(2026, 1, 1); month.Before(day(2026, 7, 1)); month = month.AddDate(0, 1, 0) {
				l.randomMonth(t, rnd, month)
				l.seal(t)
				l.close(t, month)
				known[month] = len(l.entries)
			}
			l.randomMonth(t, rnd, day(2026, 7, 1))
			l.seal(t)
			for month, n := range known {
				for i, d := range market.Dimensions {
					q := market.MonthQuery{Month: month, Basis: market.Basis(market.Bases[i%3].Code), By: d, Year: rnd.IntN(2) == 0}
					l.checkMonth(t, q, n, today)
				}
			}
			l.checkAll(t, today)
		})
	}
}

// randomMonth adds and writes what comes in during a month: registrations of it and of the months before, changes, supplements
// and contracts taken back, some with a date that is past.
func (l *ledger) randomMonth(t *testing.T, rnd *rand.Rand, month time.Time) {
	t.Helper()
	from, contracts := len(l.entries), len(l.contracts)
	past := func() time.Time { return month.AddDate(0, -rnd.IntN(3), rnd.IntN(28)) }
	for range 12 {
		l.add(l.randomContract(rnd), past(), 0)
	}
	for range 8 {
		e := l.entries[rnd.IntN(len(l.entries))]
		if e.Kind != "registered" {
			continue
		}
		switch rnd.IntN(3) {
		case 0:
			if !l.gone[e.ContractID] {
				l.append(e.Reversal([]string{"cancelled", "revoked"}[rnd.IntN(2)], past()), 0)
				l.gone[e.ContractID] = true
			}
		case 1: // under another head
			to := e
			e.Kind, to.Kind, to.Submarket = "changed", "changed", nil
			e.EffectiveOn, to.EffectiveOn = month.AddDate(0, 0, 3), month.AddDate(0, 0, 3)
			e.Contracts, e.TotalAmount, e.TechAmount = -1, e.TotalAmount.Neg(), e.TechAmount.Neg()
			l.append(e, 0)
			l.append(to, 0)
		case 2:
			e.Kind, e.EffectiveOn, e.Contracts, e.TotalAmount, e.TechAmount = "supplement", past(), 0, decimal.New(1+rnd.Int64N(200_000), -2), decimal.Zero
			l.append(e, 0)
		}
	}
	l.writeFrom(t, contracts, from)
}

// TestChainIsReadInBlocks reads a chain on several views, in blocks of every size, also when the reader has enough early, and
// whatever is written meanwhile.
func TestChainIsReadInBlocks(t *testing.T) {
	t.Parallel()
	l, rnd := newLedger(t), rand.New(rand.NewPCG(3, 20))
	l.randomMonth(t, rnd, day(2026, 3, 1))
	l.seal(t)
	want := int64(len(l.entries))
	err := l.Snapshots(t.Context(), 3, func(views []Queries) error {
		l.randomMonth(t, rnd, day(2026, 4, 1))
		l.seal(t)
		for _, size := range []int{1, 2, 5, int(want), 1000} {
			for _, enough := range []int64{1, want / 2, want + 1} {
				last := int64(0)
				for e, err := range chainInBlocks(t.Context(), views, market.LedgerLog, size) {
					if err != nil {
						return err
					}
					if last++; e.Seq != last || e.Row == nil || len(e.Hash) == 0 || e.At.IsZero() {
						t.Fatalf("blocks of %d: entry %d is %+v", size, last, e)
					}
					if last == enough {
						break
					}
				}
				if last != min(enough, want) {
					t.Errorf("blocks of %d: %d entries, want %d", size, last, min(enough, want))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// seal adds all that waits to the chain: transactions of other tests on the same server make a sealer wait.
func (l *ledger) seal(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; {
		if _, err := l.Seal(t.Context(), market.LedgerLog, 10_000); err != nil {
			t.Fatal(err)
		}
		state, err := l.ChainState(t.Context(), market.LedgerLog)
		if err != nil {
			t.Fatal(err)
		}
		if state.Unsealed == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d rows were never sealed", state.Unsealed)
		}
	}
}

func (l *ledger) close(t *testing.T, month time.Time) {
	t.Helper()
	err := l.InTx(t.Context(), func(tx *Tx) error {
		end, err := tx.ChainHead(t.Context(), market.LedgerLog)
		if err != nil {
			return err
		}
		if err := tx.AddMonthEnd(t.Context(), market.Actor{}, month, end, month.AddDate(0, 1, 1)); err != nil {
			return err
		}
		return tx.Audit(t.Context(), month.AddDate(0, 1, 1), market.Actor{Via: market.ViaCLI}, market.MonthClose, market.Object{Kind: "month"}, "done",
			market.MonthEnd{Month: month, Seq: end.Seq, Hash: end.Hash}.Line())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkMonth holds a closed month against the first n entries, which were known at its close, and all of them.
func (l *ledger) checkMonth(t *testing.T, q market.MonthQuery, n int, today time.Time) {
	t.Helper()
	r, err := l.MonthReport(t.Context(), statistician, l.ref, q, today)
	if err != nil {
		t.Fatal(err)
	}
	if line := r.Disagree(); line != "" {
		t.Errorf("%+v: %s does not add up", q, line)
	}
	plain := func(entries []market.LedgerEntry, code string) market.Sum {
		s := market.Sum{}
		for _, e := range entries {
			if within(e, q.From(), q.Last()) && onBasis(e, market.TurnoverQuery{Basis: q.Basis}) && (code == market.Whole || value(l.ref, e, q.By, q.Basis) == code) {
				s = s.Plus(market.Sum{Count: e.Contracts, Total: e.TotalAmount, Tech: e.TechAmount})
			}
		}
		return s
	}
	r.Whole.Code = market.Whole
	late := market.Sum{}
	for _, line := range append(r.Lines, r.Whole) {
		what := fmt.Sprintf("%+v %s ", q, line.Code)
		same(t, what+"frozen", line.Frozen, plain(l.entries[:n], line.Code))
		same(t, what+"adjusted", line.Adjusted, plain(l.entries[n:], line.Code))
		same(t, what+"live", line.Live, plain(l.entries, line.Code))
	}
	for _, e := range r.Late {
		late = late.Plus(e.Sum)
	}
	same(t, fmt.Sprintf("%+v list of adjustments", q), late, r.Whole.Adjusted)
}

// checkAll runs the check of the whole ledger, as `market verify` does.
func (l *ledger) checkAll(t *testing.T, today time.Time) {
	t.Helper()
	err := l.Snapshots(t.Context(), 3, func(views []Queries) error {
		r := views[0]
		ends, err := r.MonthEnds(t.Context())
		if err != nil {
			return err
		}
		frozen, err := r.MonthFigures(t.Context())
		if err != nil {
			return err
		}
		closes, err := r.MonthCloses(t.Context())
		if err != nil {
			return err
		}
		check := market.NewLedgerCheck(l.ref, today, ends, frozen, closes)
		for e, err := range chainInBlocks(t.Context(), views, market.LedgerLog, 7) {
			if err != nil {
				return err
			}
			if err := check.Take(e.Seq, e.Row, e.Hash); err != nil {
				return err
			}
		}
		check.End()
		for _, q := range check.Queries() {
			got, err := r.Turnover(t.Context(), market.Actor{}, l.ref, q)
			if err != nil {
				return err
			}
			check.Compare(got)
		}
		if check.Fault() != "" {
			t.Error(check.Fault())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
