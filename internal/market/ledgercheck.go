package market

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// LedgerCheck adds the rows of the ledger up again, one after the other as the chain holds them, and holds against that what
// was frozen at month ends and what the pages' queries say. It shares no code with those: it reads the bytes that were
// hashed and adds them up as whole fen. Its memory depends on months and codes, not on how many rows there are.
type LedgerCheck struct {
	ref   *Reference
	today time.Time
	sums  map[figureKey]*figureSum
	ends  []MonthEnd // that are not reached yet, in the order of their entry
	found map[time.Time][]MonthFigure
	fault string
}

// NewLedgerCheck checks the ledger as of that day, with the closed months, their frozen figures, and what the audit says of
// each close (MonthEnd.Line).
func NewLedgerCheck(ref *Reference, today time.Time, ends []MonthEnd, frozen []MonthFigure, closes []string) *LedgerCheck {
	c := &LedgerCheck{ref: ref, today: DateOf(today), sums: map[figureKey]*figureSum{}, ends: slices.Clone(ends), found: map[time.Time][]MonthFigure{}}
	slices.SortFunc(c.ends, func(a, b MonthEnd) int { return a.Month.Compare(b.Month) })
	for i, end := range c.ends {
		if i > 0 && !end.Month.Equal(c.ends[i-1].Month.AddDate(0, 1, 0)) {
			c.wrong("%s 的快照不见了：下一个是 %s", c.ends[i-1].Month.AddDate(0, 1, 0).Format("2006-01"), end.Month.Format("2006-01"))
		}
	}
	c.checkCloses(closes)
	slices.SortStableFunc(c.ends, func(a, b MonthEnd) int { return int(a.Seq - b.Seq) })
	for _, f := range frozen {
		c.found[f.Month] = append(c.found[f.Month], f)
	}
	return c
}

// checkCloses holds the closed months against the audit, whose own chain keeps it.
func (c *LedgerCheck) checkCloses(closes []string) {
	lines := map[string]bool{}
	for _, end := range c.ends {
		lines[end.Line()] = true
		if !slices.Contains(closes, end.Line()) {
			c.wrong("%s 的快照与审计日志里的关账记录不同：快照被改过，或绕过系统插入", end.Month.Format("2006-01"))
		}
	}
	for _, line := range closes {
		if !lines[line] {
			month, _, _ := strings.Cut(line, " ")
			c.wrong("审计日志记着 %s 已关账，它的快照不见了或被改过", month)
		}
	}
}

// Parts of the figure that are no dimension of the tables.
const (
	cellPart     Dimension = "cell"
	adjustedPart Dimension = "adjusted"
)

// figureKey names a part of the figures: of a side, output or absorbed, and a place; by and code as a table splits it.
type figureKey struct {
	side  Basis
	place string
	by    Dimension
	code  string
	month int  // months since the year 0
	rest  bool // of the month of today in the year before: what came on a later day
}

// figureSum is a part in fen, with the first entry of the chain that is in it.
type figureSum struct {
	count, total, tech int64
	first              int64
}

func (s *figureSum) add(o figureSum) {
	s.count, s.total, s.tech = s.count+o.count, s.total+o.total, s.tech+o.tech
	if s.first == 0 || o.first != 0 && o.first < s.first {
		s.first = o.first
	}
}

func (s figureSum) sum() Sum {
	return Sum{Count: int(s.count), Total: decimal.New(s.total, -2), Tech: decimal.New(s.tech, -2)}
}

// ledgerRow is a row of the ledger in the form that is hashed.
type ledgerRow struct {
	ID           int64       `json:"id"`
	Kind         string      `json:"kind"`
	EffectiveOn  string      `json:"effective_on"`
	Contracts    int64       `json:"contracts"`
	TotalAmount  json.Number `json:"total_amount"`
	TechAmount   json.Number `json:"tech_amount"`
	SellerInCity bool        `json:"seller_in_city"`
	BuyerInCity  bool        `json:"buyer_in_city"`
	SellerRegion string      `json:"seller_region"`
	BuyerRegion  string      `json:"buyer_region"`
	SellerPark   string      `json:"seller_park"`
	Submarket    string      `json:"submarket"`
	ContractKind string      `json:"contract_kind"`
	TechField    string      `json:"tech_field"`
	SellerType   string      `json:"seller_type"`
	BuyerType    string      `json:"buyer_type"`
	IPType       string      `json:"ip_type"`
	TradeMode    string      `json:"trade_mode"`
	HasAgency    bool        `json:"has_agency"`
	At           time.Time   `json:"at"`
}

// Take adds a row, nil when it is gone, with its place in the chain and its hash there; seq is 0 for a row that is not sealed
// yet. An error is a row that cannot be read as an entry of the ledger.
func (c *LedgerCheck) Take(seq int64, row, hash []byte) error {
	if row != nil {
		if err := c.add(seq, row); err != nil {
			return fmt.Errorf("entry %d of the ledger: %w", seq, err)
		}
	}
	for seq != 0 && len(c.ends) > 0 && c.ends[0].Seq <= seq {
		c.checkEnd(c.ends[0], seq, hash)
		c.ends = c.ends[1:]
	}
	return nil
}

func (c *LedgerCheck) add(seq int64, row []byte) error {
	var r ledgerRow
	if err := json.Unmarshal(row, &r); err != nil {
		return err
	}
	on, err := time.ParseInLocation(time.DateOnly, r.EffectiveOn, Shanghai)
	if err != nil {
		return err
	}
	if on.After(c.today) || !r.At.Before(c.today.AddDate(0, 0, 1)) {
		return nil
	}
	s := figureSum{count: r.Contracts, first: seq}
	if s.total, err = fen(r.TotalAmount); err != nil {
		return err
	}
	if s.tech, err = fen(r.TechAmount); err != nil {
		return err
	}
	key := figureKey{month: on.Year()*12 + int(on.Month()) - 1}
	lastYear := c.today.AddDate(-1, 0, 0)
	key.rest = on.Year() == c.today.Year()-1 && on.Month() == c.today.Month() && on.After(lastYear)
	if lastYear.Month() != c.today.Month() { // 29 February: the month before ends on the 28th
		key.rest = false
	}
	c.addSide(key, BasisOutput, r, r.SellerInCity, r.SellerRegion, s)
	c.addSide(key, BasisAbsorbed, r, r.BuyerInCity, r.BuyerRegion, s)
	c.addCells(key, r, s)
	return nil
}

// addSide adds the row to the figures of the side whose party is in the city, or in a county.
func (c *LedgerCheck) addSide(key figureKey, side Basis, r ledgerRow, inCity bool, region string, s figureSum) {
	county := c.ref.Regions.county(region)
	key.side = side
	if inCity {
		key.place = City
		c.addParts(key, r, county, s)
	}
	if county {
		key.place = region
		c.addParts(key, r, county, s)
	}
}

func (c *LedgerCheck) addParts(key figureKey, r ledgerRow, county bool, s figureSum) {
	c.put(key, Whole, Whole, s)
	if r.Kind != "registered" {
		c.put(key, adjustedPart, Whole, s)
	}
	if key.place != City && key.month/12 < c.today.Year()-1 { // of counties the tables of this year only are looked at
		return
	}
	place := r.SellerRegion
	if key.side == BasisAbsorbed {
		place = r.BuyerRegion
	}
	if !county {
		place = OtherCode
	}
	c.put(key, ByCounty, place, s)
	c.put(key, ByPark, orOther(r.SellerPark), s)
	c.put(key, BySubmarket, orOther(r.Submarket), s)
	c.put(key, ByKind, r.ContractKind[:1], s)
	c.put(key, ByTechField, r.TechField, s)
	c.put(key, BySellerType, r.SellerType, s)
	c.put(key, ByBuyerType, r.BuyerType, s)
	c.put(key, ByIPType, r.IPType, s)
	c.put(key, ByTradeMode, r.TradeMode, s)
	c.put(key, ByAgency, either(r.HasAgency, "yes", "no"), s)
	c.put(key, ByCity, either(r.SellerInCity && r.BuyerInCity, "in", "out"), s)
}

// addCells adds the row to its cell of seller by buyer, for the city and for the counties that it touches.
func (c *LedgerCheck) addCells(key figureKey, r ledgerRow, s figureSum) {
	cell := func(place string, seller, buyer bool) {
		key.place = place
		c.put(key, cellPart, either(seller, "in", "out")+"-"+either(buyer, "in", "out"), s)
	}
	cell(City, r.SellerInCity, r.BuyerInCity)
	if c.ref.Regions.county(r.SellerRegion) {
		cell(r.SellerRegion, true, r.BuyerRegion == r.SellerRegion)
	}
	if r.BuyerRegion != r.SellerRegion && c.ref.Regions.county(r.BuyerRegion) {
		cell(r.BuyerRegion, false, true)
	}
}

func (c *LedgerCheck) put(key figureKey, by Dimension, code string, s figureSum) {
	key.by, key.code = by, code
	if c.sums[key] == nil {
		c.sums[key] = &figureSum{}
	}
	c.sums[key].add(s)
}

// wrong keeps the first difference.
func (c *LedgerCheck) wrong(format string, args ...any) {
	if c.fault == "" {
		c.fault = fmt.Sprintf(format, args...)
	}
}

// Fault is the first difference that was found, "" when there is none.
func (c *LedgerCheck) Fault() string { return c.fault }

// checkEnd holds a closed month against the rows through its entry. seq is the entry that was just taken.
func (c *LedgerCheck) checkEnd(end MonthEnd, seq int64, hash []byte) {
	name := end.Month.Format("2006-01") + " 的快照"
	if end.Seq != seq || !bytes.Equal(end.Hash, hash) {
		c.wrong("%s记着账本链第 %d 条和它的链值，链上不是这样：快照或账本被改过", name, end.Seq)
		return
	}
	last := end.Month.Year()*12 + int(end.Month.Month()) - 1
	january := end.Month.Year() * 12
	month, year := map[figureKey]figureSum{}, map[figureKey]figureSum{}
	for key, s := range c.sums {
		if key.place != City || key.month < january || key.month > last || key.by == cellPart || key.by == adjustedPart {
			continue
		}
		of := figureKey{side: key.side, by: key.by, code: key.code}
		year[of] = plus(year[of], *s)
		if key.month == last {
			month[of] = plus(month[of], *s)
		}
	}
	for _, f := range c.found[end.Month] {
		of := figureKey{side: f.Basis, by: f.By, code: f.Code}
		c.compare(name+"·"+c.nameOf(of)+"·当月", f.InMonth, month[of])
		c.compare(name+"·"+c.nameOf(of)+"·本年累计", f.InYear, year[of])
		delete(year, of)
	}
	for _, of := range sortedKeys(year) { // what the snapshot has no row for
		c.compare(name+"·"+c.nameOf(of)+"·当月", Sum{}, month[of])
		c.compare(name+"·"+c.nameOf(of)+"·本年累计", Sum{}, year[of])
	}
}

func plus(a, b figureSum) figureSum {
	a.add(b)
	return a
}

func sortedKeys(m map[figureKey]figureSum) []figureKey {
	var out []figureKey
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b figureKey) int {
		return strings.Compare(string(a.side)+string(a.by)+a.code, string(b.side)+string(b.by)+b.code)
	})
	return out
}

// nameOf names a part as the pages do.
func (c *LedgerCheck) nameOf(k figureKey) string {
	name := k.side.Name()
	if k.by == Whole {
		return name + "合计"
	}
	value := k.by.Codes(c.ref).Name(k.code)
	if value == "" {
		value = k.code
	}
	return name + "·" + k.by.Name() + "·" + value
}

// compare notes a figure that is not what the ledger adds up to.
func (c *LedgerCheck) compare(name string, found Sum, want figureSum) {
	w := want.sum()
	from := ""
	if want.first != 0 {
		from = fmt.Sprintf("；这个数从链上第 %d 条起", want.first)
	}
	switch {
	case found.Count != w.Count:
		c.wrong("%s：账本逐条相加是 %d 项，查到的是 %d 项%s", name, w.Count, found.Count, from)
	case !found.Total.Equal(w.Total):
		c.wrong("%s：账本逐条相加成交额是 %s 元，查到的是 %s 元%s", name, w.Total.StringFixed(2), found.Total.StringFixed(2), from)
	case !found.Tech.Equal(w.Tech):
		c.wrong("%s：账本逐条相加技术交易额是 %s 元，查到的是 %s 元%s", name, w.Tech.StringFixed(2), found.Tech.StringFixed(2), from)
	}
}

// End notes closed months whose entry the chain does not have. The rows have all been taken.
func (c *LedgerCheck) End() {
	for _, end := range c.ends {
		c.wrong("%s 的快照记着账本链第 %d 条，链上没有这一条：账本的末尾被截去", end.Month.Format("2006-01"), end.Seq)
	}
	c.ends = nil
}

// Queries are the questions of the pages whose answers Compare takes, so few that each figure of today comes up once: of the
// city the tables of every year of the ledger, and of the counties those of this year, on each basis. An answer
// holds the year before too; output_tech is split from the same rows as output.
func (c *LedgerCheck) Queries() []TurnoverQuery {
	now := c.today.Year()
	first := now
	for key := range c.sums {
		first = min(first, max(key.month/12, firstTurnoverYear))
	}
	var out []TurnoverQuery
	for _, b := range []Basis{BasisOutput, BasisAbsorbed} {
		out = append(out, TurnoverQuery{Basis: b, Year: now, AsOf: c.today, By: Dimensions})
		for year := now - 1; year >= first; year -= 2 {
			out = append(out, TurnoverQuery{Basis: b, Year: year, AsOf: c.today, By: Dimensions})
		}
		for _, county := range c.ref.Regions.Counties() {
			out = append(out, TurnoverQuery{Basis: b, Year: now, AsOf: c.today, By: Dimensions, County: county.Code})
		}
	}
	return append(out, TurnoverQuery{Basis: BasisOutputTech, Year: now, AsOf: c.today, By: Dimensions})
}

// Compare holds the answer of a page's query against the rows that were taken.
func (c *LedgerCheck) Compare(t Turnover) {
	q := t.Query
	place, at := q.County, fmt.Sprintf("%d 年%s%s", q.Year, q.Place(c.ref), q.Basis.Name())
	if place == "" {
		place = City
	}
	part := figureKey{side: q.Basis.FrozenBasis(), place: place, by: Whole, code: Whole}
	january := q.Year * 12
	this := func(k figureKey) figureSum { return c.months(k, january, january+int(q.Through().Month())-1, true) }
	// Of a year that is over the same period of the year before is whole.
	last := func(k figureKey) figureSum {
		return c.months(k, january-12, january-12+int(q.LastThrough().Month())-1, q.Year < c.today.Year())
	}
	c.compare(at, t.Sum, this(part))
	c.compare(at+"·上年同期", t.Last, last(part))
	c.compare(at+"·上年全年", t.LastYear, c.months(part, january-12, january-1, true))
	for i, m := range t.Months {
		c.compare(fmt.Sprintf("%s·%d 月", at, m.Month), m.This, c.months(part, january+i, january+i, true))
		c.compare(fmt.Sprintf("%s·上年 %d 月", at, m.Month), m.Last, c.months(part, january-12+i, january-12+i, true))
	}
	for _, y := range t.Years {
		if !y.Published {
			c.compare(fmt.Sprintf("历年·%d 年%s%s", y.Year, q.Place(c.ref), q.Basis.Name()), y.Sum, c.months(part, y.Year*12, y.Year*12+11, true))
		}
	}
	adjusted := part
	adjusted.by = adjustedPart
	c.compare(at+"·调整", t.Adjusted, this(adjusted))
	for i, cell := range Cells {
		if q.County != "" && cell.Code == "out-out" {
			continue // nothing of the county
		}
		c.compare(at+"·"+Cell(cell.Code).Name(q.County != ""), t.Cells[i/2][i%2], this(figureKey{place: place, by: cellPart, code: cell.Code}))
	}
	for _, table := range t.Tables {
		whole := Sum{}
		for _, r := range table.Rows {
			k := part
			k.by, k.code = table.By, r.Code
			name := at + "·" + table.By.Name() + "·" + r.Name
			c.compare(name, r.Sum, this(k))
			c.compare(name+"·上年同期", r.Last, last(k))
			whole = whole.Plus(r.Sum)
		}
		c.compare(at+"·"+table.By.Name()+"各行之和", whole, this(part))
	}
}

// months adds a part up over months; rest says whether later days of the last year's month of today count.
func (c *LedgerCheck) months(k figureKey, from, to int, rest bool) figureSum {
	out := figureSum{}
	for k.month = from; k.month <= to; k.month++ {
		for _, k.rest = range []bool{false, true} {
			if s := c.sums[k]; s != nil && (rest || !k.rest) {
				out.add(*s)
			}
		}
	}
	return out
}

// fen is an amount of yuan, with two decimals, in fen.
func fen(n json.Number) (int64, error) {
	whole, part, _ := strings.Cut(string(n), ".")
	if len(part) > 2 || len(whole) > 17 {
		return 0, fmt.Errorf("the amount %s is not one of the ledger", n)
	}
	return strconv.ParseInt(whole+part+strings.Repeat("0", 2-len(part)), 10, 64)
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func orOther(code string) string {
	if code == "" {
		return OtherCode
	}
	return code
}
