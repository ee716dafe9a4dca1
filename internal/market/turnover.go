package market

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// City is the division code of Ji'an, whose target the turnover is held against.
const City = "360800"

// Basis says which contracts count towards the turnover, and with which of their amounts.
type Basis string

// The bases. Output is the usual one: what the city's plan calls 技术合同成交额.
const (
	BasisOutput     Basis = "output"      // 合同成交额, seller in the city
	BasisOutputTech Basis = "output_tech" // 技术交易额 of the same contracts
	BasisAbsorbed   Basis = "absorbed"    // 合同成交额, buyer in the city
)

// Bases are the bases in the order they are offered in.
var Bases = Codes{{string(BasisOutput), "输出成交额"}, {string(BasisOutputTech), "输出技术交易额"}, {string(BasisAbsorbed), "吸纳成交额"}}

// Name returns the basis' Chinese name, "" when there is no such basis.
func (b Basis) Name() string { return Bases.Name(string(b)) }

// Rule says in a sentence what counts for a place.
func (b Basis) Rule(place string) string {
	switch b {
	case BasisOutputTech:
		return "卖方在" + place + "的技术合同，按登记日期计入其技术交易额"
	case BasisAbsorbed:
		return "买方在" + place + "的技术合同，按登记日期计入其成交额"
	}
	return "卖方在" + place + "的技术合同，按登记日期计入其成交额"
}

// Dimension is a way to split the turnover.
type Dimension string

// The dimensions. The place is that of the party that makes the contract count: the seller, for absorbed the buyer.
const (
	ByCounty     Dimension = "county"
	ByPark       Dimension = "park"
	BySubmarket  Dimension = "submarket"
	ByKind       Dimension = "kind" // the five of the Civil Code, by the letter of their codes
	ByTechField  Dimension = "tech_field"
	BySellerType Dimension = "seller_type"
	ByBuyerType  Dimension = "buyer_type"
	ByIPType     Dimension = "ip_type"
	ByTradeMode  Dimension = "trade_mode"
	ByAgency     Dimension = "agency" // yes or no
	ByCity       Dimension = "city"   // in: both parties in the city; out: one of them not
)

// Dimensions are all of them, in the order of the tabs.
var Dimensions = []Dimension{ByCounty, ByPark, BySubmarket, ByKind, ByTechField, BySellerType, ByBuyerType, ByIPType, ByTradeMode, ByAgency, ByCity}

// OtherCode is the value of a dimension for contracts that have none of its own.
const OtherCode = "other"

// Name returns the dimension's Chinese name, "" when there is no such dimension.
func (d Dimension) Name() string {
	return map[Dimension]string{ByCounty: "县区", ByPark: "园区", BySubmarket: "专业市场", ByKind: "合同类别", ByTechField: "技术领域",
		BySellerType: "卖方性质", ByBuyerType: "买方性质", ByIPType: "知识产权", ByTradeMode: "交易方式", ByAgency: "技术中介", ByCity: "市内外"}[d]
}

// Codes returns the dimension's values in their statutory order, the one for contracts without a value last.
func (d Dimension) Codes(ref *Reference) Codes {
	switch d {
	case ByCounty:
		return append(ref.Regions.Counties(), Code{OtherCode, "其他（县区未定）"})
	case ByPark:
		return append(slices.Clone(ref.Parks), Code{OtherCode, "其他（不在园区或未定）"})
	case BySubmarket:
		return append(slices.Clone(ref.Submarkets), Code{OtherCode, "其他"})
	case ByKind:
		return ref.mainKinds()
	case ByTechField:
		return ref.TechFields
	case BySellerType, ByBuyerType:
		return ref.PartyTypes
	case ByIPType:
		return ref.IPTypes
	case ByTradeMode:
		return TradeModes
	case ByAgency:
		return Codes{{"yes", "有中介方"}, {"no", "没有中介方"}}
	case ByCity:
		return Codes{{"in", "双方都在市内"}, {"out", "有一方在市外"}}
	}
	return nil
}

// Whole reports whether a table by the dimension shows values without any contract too.
func (d Dimension) Whole() bool {
	return d == ByCounty || d == BySubmarket || d == ByKind || d == ByTradeMode || d == ByAgency || d == ByCity
}

// mainKinds are the kinds without their sub-kinds, coded by the letter that their codes begin with.
func (r *Reference) mainKinds() Codes {
	var out Codes
	for _, k := range r.ContractKinds {
		if code := k.Code[:1]; out.Name(code) == "" {
			out = append(out, Code{code, k.Kind})
		}
	}
	return out
}

// Sum is what a group of ledger entries adds up to. Amounts are yuan.
type Sum struct {
	Count int             `db:"count"` // contracts: registrations less those taken back
	Total decimal.Decimal `db:"total"` // 合同成交额
	Tech  decimal.Decimal `db:"tech"`  // 技术交易额
}

// Plus is the sum of both.
func (s Sum) Plus(o Sum) Sum {
	return Sum{Count: s.Count + o.Count, Total: s.Total.Add(o.Total), Tech: s.Tech.Add(o.Tech)}
}

// Amount is the amount that counts on the basis.
func (s Sum) Amount(b Basis) decimal.Decimal {
	if b == BasisOutputTech {
		return s.Tech
	}
	return s.Total
}

// SumOf is a sum of which only the amount that counts on the basis is known.
func SumOf(b Basis, amount decimal.Decimal) Sum {
	if b == BasisOutputTech {
		return Sum{Tech: amount}
	}
	return Sum{Total: amount}
}

// TechShare is 技术交易额 as a share of 成交额; it is invalid where nothing was sold.
func (s Sum) TechShare() decimal.NullDecimal { return Ratio(s.Tech, s.Total) }

// Ratio is part of whole; it is invalid where the whole is not positive.
func Ratio(part, whole decimal.Decimal) decimal.NullDecimal {
	if !whole.IsPositive() {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(part.Div(whole))
}

// GrowthRatio is how much now is above before, as a share of before; it is invalid where before is not positive.
func GrowthRatio(now, before decimal.Decimal) decimal.NullDecimal {
	return Ratio(now.Sub(before), before)
}

// TurnoverQuery asks for the turnover of a year as the ledger stood at the end of a day.
type TurnoverQuery struct {
	Basis Basis
	Year  int
	AsOf  time.Time   // a day of DateOf
	By    []Dimension // the tables wanted, each once

	Against int // an earlier year to compare with; 0 is the year before

	County string // only what counts for that county; "" is the whole city
}

// Place names what the query is about.
func (q TurnoverQuery) Place(ref *Reference) string {
	if q.County == "" {
		return "吉安"
	}
	return ref.Regions.Name(q.County)
}

// Check returns what is wrong with the query on that day. Years begin with the first that any figure is known of.
func (q TurnoverQuery) Check(today time.Time) Problems {
	var p Problems
	if q.Basis.Name() == "" {
		p.Add("basis", "没有这种口径")
	}
	if q.Year < firstTurnoverYear || q.Year > today.Year() {
		p.Add("year", "年度应在 %d 到 %d 之间", firstTurnoverYear, today.Year())
	}
	switch {
	case q.AsOf.After(today):
		p.Add("as_of", "数据截至日期不能晚于今天（%s）", today.Format(time.DateOnly))
	case q.AsOf.Year() < q.Year:
		p.Add("as_of", "数据截至日期早于 %d 年，那时还没有这一年的数据", q.Year)
	}
	if q.Against != 0 && (q.Against < firstTurnoverYear || q.Against >= q.Year) {
		p.Add("against", "对比年度应在 %d 到 %d 之间", firstTurnoverYear, q.Year-1)
	}
	for _, d := range q.By {
		if d.Name() == "" {
			p.Add("by", "没有这种分组")
		}
	}
	return p
}

const firstTurnoverYear = 2019

// From is the first day that counts.
func (q TurnoverQuery) From() time.Time { return time.Date(q.Year, 1, 1, 0, 0, 0, 0, Shanghai) }

// Through is the last day that counts: the day of the query, or the end of a year that was over then.
func (q TurnoverQuery) Through() time.Time {
	end := time.Date(q.Year, 12, 31, 0, 0, 0, 0, Shanghai)
	if q.AsOf.Before(end) {
		return DateOf(q.AsOf)
	}
	return end
}

// Compared is the year to compare with.
func (q TurnoverQuery) Compared() int { return cmp.Or(q.Against, q.Year-1) }

// LastName names the year to compare with: 上年, or 2023 年.
func (q TurnoverQuery) LastName() string {
	if q.Compared() == q.Year-1 {
		return "上年"
	}
	return fmt.Sprintf("%d 年", q.Compared())
}

// LastFrom is the first day of the year to compare with.
func (q TurnoverQuery) LastFrom() time.Time {
	return time.Date(q.Compared(), 1, 1, 0, 0, 0, 0, Shanghai)
}

// LastThrough is the last day of the same period of the year to compare with: 28 February for the 29th.
func (q TurnoverQuery) LastThrough() time.Time {
	day := q.Through()
	last := day.AddDate(q.Compared()-q.Year, 0, 0)
	if last.Month() != day.Month() {
		return last.AddDate(0, 0, -last.Day())
	}
	return last
}

// RecordedBefore is the moment before which an entry must have been written: the end of the day of the query.
func (q TurnoverQuery) RecordedBefore() time.Time { return DateOf(q.AsOf).AddDate(0, 0, 1) }

// Turnover is the turnover of a year. All of it is summed from the ledger as of the query's day, unrounded.
type Turnover struct {
	Query       TurnoverQuery
	Sum         Sum       // what counts on the basis, from 1 January through Query.Through()
	Last        Sum       // the same period of the year to compare with
	LastYear    Sum       // the whole year to compare with
	Cells       [2][2]Sum // seller by buyer, 0 in the city, or in the county asked for, and 1 outside; whatever the basis
	Months      [12]TurnoverMonth
	Tables      []TurnoverTable // in the order of Query.By
	Years       []TurnoverYear  // from the first known figure through the year of Query.AsOf
	Adjusted    Sum             // part of Sum: what changed contracts registered before
	Adjustments []Adjustment    // newest first
	Target      *Target         // nil where the year has none on the basis
	Pace        Pace            // where the year should be at Query.Through()
	LastEntry   int64           // id of the last ledger entry written by the day of the query, 0 when none
}

// Amount is the figure itself.
func (t Turnover) Amount() decimal.Decimal { return t.Sum.Amount(t.Query.Basis) }

// Growth is the growth over the same period of the year to compare with.
func (t Turnover) Growth() decimal.NullDecimal {
	return GrowthRatio(t.Amount(), t.Last.Amount(t.Query.Basis))
}

// Done is the share of the target that is reached; invalid without a target.
func (t Turnover) Done() decimal.NullDecimal {
	if t.Target == nil {
		return decimal.NullDecimal{}
	}
	return Ratio(t.Amount(), t.Target.Amount)
}

// Over reports whether the year was over on the day of the query.
func (t Turnover) Over() bool { return t.Query.AsOf.Year() > t.Query.Year }

// Table returns the table by d; without rows when the query did not ask for it.
func (t Turnover) Table(d Dimension) TurnoverTable {
	for _, table := range t.Tables {
		if table.By == d {
			return table
		}
	}
	return TurnoverTable{By: d}
}

// TurnoverMonth is a month of the year and of the year before, the latter whole.
type TurnoverMonth struct {
	Month      int
	This, Last Sum
	Target     decimal.NullDecimal // the month's part of the target; invalid without a target
	Begun      bool                // its first day is not after Query.Through()
	Whole      bool                // its last day is not after Query.Through()
}

// TurnoverTable is the figure split by a dimension. Its rows add up to the figure.
type TurnoverTable struct {
	By   Dimension
	Rows []TurnoverRow
}

// TurnoverRow is one value of a dimension.
type TurnoverRow struct {
	Code string
	Name string
	Sum  Sum
	Last Sum // the same period of the year before
}

// TurnoverYear is a year of the series. Of a published year only the amount that counts is known, from a plan; all others
// are summed from the ledger.
type TurnoverYear struct {
	Year      int
	Sum       Sum
	Published bool
	Source    string // of a published amount
	Target    *Target
	Part      bool // not over on the day of the query
}

// Adjustment is a ledger entry that changed what was registered before. Reason and By are for staff who read the contract.
type Adjustment struct {
	EntryID      int64     `db:"entry_id"`
	ContractID   int64     `db:"contract_id"`
	Kind         string    `db:"kind"`
	On           time.Time `db:"effective_on"`
	Number       string    `db:"registration_number"`
	RegisteredOn time.Time `db:"registered_on"`
	Title        string    `db:"title"`
	SellerRegion string    `db:"seller_region"`
	Reason       string    `db:"reason"`
	By           string    `db:"user_name"`
	Sum
}

// EntryKinds are the kinds of ledger entries.
var EntryKinds = Codes{{"registered", "登记"}, {"changed", "变更"}, {"supplement", "补充"}, {"cancelled", "注销"}, {"revoked", "撤销"}}

// YearToDate is the turnover of the present year in short, for the first page. It counts output.
type YearToDate struct {
	AsOf   time.Time
	Sum    Sum
	Target *Target // nil where the year has none
	Pace   Pace
}

// Done is the share of the target that is reached; invalid without a target.
func (y YearToDate) Done() decimal.NullDecimal {
	if y.Target == nil {
		return decimal.NullDecimal{}
	}
	return Ratio(y.Sum.Total, y.Target.Amount)
}

// Cell is one of the four of seller by buyer: in-in, in-out, out-in or out-out; "" is none.
type Cell string

// Cells are the four, row by row.
var Cells = Codes{{"in-in", "市内"}, {"in-out", "输出到市外"}, {"out-in", "从市外吸纳"}, {"out-out", "双方都在市外"}}

// Name names the cell, for the city or, with county set, for one of its counties.
func (c Cell) Name(county bool) string {
	if county {
		return Codes{{"in-in", "县区内"}, {"in-out", "输出到县区外"}, {"out-in", "从县区外吸纳"}, {"out-out", "双方都在县区外"}}.Name(string(c))
	}
	return Cells.Name(string(c))
}

// CellAt is the cell of row seller and column buyer of Turnover.Cells.
func CellAt(seller, buyer int) Cell { return Cell(Cells[2*seller+buyer].Code) }

// SellerIn reports whether the cell's sellers are in the city.
func (c Cell) SellerIn() bool { return c == "in-in" || c == "in-out" }

// BuyerIn reports whether the cell's buyers are in the city.
func (c Cell) BuyerIn() bool { return c == "in-in" || c == "out-in" }

// TurnoverFilter picks the ledger entries behind one number. A cell takes the place of what counts on the basis.
type TurnoverFilter struct {
	TurnoverQuery
	To       time.Time // the last day, when earlier than Through(); the zero time otherwise
	Month    int       // 1 to 12, 0 is all
	Values   map[Dimension]string
	Cell     Cell
	Traded   bool      // only what came about through the market, in whatever mode
	Adjusted bool      // only entries that changed what was registered before
	Frozen   time.Time // only what was in the ledger when that month was closed; the zero time is any
	Late     time.Time // only what was written after that month was closed; the zero time is any
	ByDate   bool      // newest first, instead of largest first
}

// Check returns what is wrong with the filter on that day.
func (f TurnoverFilter) Check(ref *Reference, today time.Time) Problems {
	p := f.TurnoverQuery.Check(today)
	if f.Month < 0 || f.Month > 12 {
		p.Add("month", "月份应在 1 到 12 之间")
	}
	if f.Cell != "" && Cells.Name(string(f.Cell)) == "" {
		p.Add("cell", "没有这一格")
	}
	for d, code := range f.Values {
		if d.Codes(ref).Name(code) == "" {
			p.Add(string(d), "%s没有这一项", d.Name())
		}
	}
	return p
}

// Last is the last day that counts.
func (f TurnoverFilter) Last() time.Time {
	if !f.To.IsZero() && f.To.Before(f.Through()) {
		return f.To
	}
	return f.Through()
}

// TurnoverEntry is a ledger entry with its contract. The parties' names are for staff who read the
// contract, else empty.
type TurnoverEntry struct {
	EntryID      int64     `db:"entry_id"`
	ContractID   int64     `db:"contract_id"`
	Entry        string    `db:"entry"` // of EntryKinds
	On           time.Time `db:"effective_on"`
	Number       string    `db:"registration_number"`
	Title        string    `db:"title"`
	Kind         string    `db:"contract_kind"`
	SellerName   string    `db:"seller_name"`
	BuyerName    string    `db:"buyer_name"`
	SellerRegion string    `db:"seller_region"`
	BuyerRegion  string    `db:"buyer_region"`
	SellerPark   string    `db:"seller_park"`
	SellerType   string    `db:"seller_type"`
	BuyerType    string    `db:"buyer_type"`
	Submarket    string    `db:"submarket"`
	TechField    string    `db:"tech_field"`
	IPType       string    `db:"ip_type"`
	TradeMode    string    `db:"trade_mode"`
	HasAgency    bool      `db:"has_agency"`
	Sum
}

// Pipeline is what can still become turnover of the year: sellers in the city. Amounts are 成交额 in yuan.
type Pipeline struct {
	OnDesk      int             `db:"on_desk"` // contracts on the registrar's desk
	OnDeskTotal decimal.Decimal `db:"on_desk_total"`
	Agreed      int             `db:"agreed"` // deals without a contract yet
	AgreedTotal decimal.Decimal `db:"agreed_total"`
}
