package market

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Reconciliation compares a period's registrations here with the national system's. It stays open until every difference
// is worked off.
type Reconciliation struct {
	ID       int64               `db:"id"`
	Period   string              `db:"period"` // 2026-10 or 2026
	From     time.Time           `db:"from_on"`
	To       time.Time           `db:"to_on"` // its last day
	FileID   *int64              `db:"file_id"`
	OpenedAt time.Time           `db:"opened_at"`
	ClosedAt *time.Time          `db:"closed_at"`
	ClosedBy string              `db:"closed_by_name"` // joined in when read
	Gap      decimal.NullDecimal `db:"gap"`            // ours less theirs when the first file was taken
}

// Closed reports whether the period takes no more decisions.
func (r Reconciliation) Closed() bool { return r.ClosedAt != nil }

// Name is the period in words: 2026 年 10 月.
func (r Reconciliation) Name() string { return PeriodName(r.Period) }

// PeriodName is a period in words.
func PeriodName(period string) string {
	if year, month, ok := cutPeriod(period); ok && month > 0 {
		return fmt.Sprintf("%d 年 %d 月", year, month)
	}
	return period + " 年"
}

func cutPeriod(period string) (year, month int, ok bool) {
	day, err := time.Parse("2006-01", period)
	if err == nil {
		return day.Year(), int(day.Month()), true
	}
	year, err = strconv.Atoi(period)
	return year, 0, err == nil && len(period) == 4
}

// ParsePeriod reads a month, 2026-10, or a year, 2026, that has begun by today.
func ParsePeriod(s string, today time.Time) (Reconciliation, error) {
	s = Normalize(s)
	year, month, ok := cutPeriod(s)
	if !ok || year < firstContractDay.Year() {
		return Reconciliation{}, Errorf(Invalid, "请填写月份或年份，例：%s 或 %d", today.AddDate(0, 0, -today.Day()).Format("2006-01"), today.Year()-1)
	}
	r := Reconciliation{Period: s, From: time.Date(year, time.Month(max(month, 1)), 1, 0, 0, 0, 0, Shanghai)}
	r.To = r.From.AddDate(1, 0, -1)
	if month > 0 {
		r.To = r.From.AddDate(0, 1, -1)
	}
	if r.From.After(today) {
		return Reconciliation{}, Errorf(Invalid, "%s还没有开始，不能对账", PeriodName(s))
	}
	return r, nil
}

// Holds reports whether a day lies in the period.
func (r Reconciliation) Holds(day time.Time) bool { return !day.Before(r.From) && !day.After(r.To) }

// NationalFile is an export of the national system on its way into a reconciliation.
type NationalFile struct {
	ID               int64
	ReconciliationID int64
	Name             string
	Sheet            string
	SHA256           []byte
	Headings         []string
	Columns          []string // what each heading was said to be
	State            string   // checked, taken or discarded
	RowsHidden       int
	RowsTotal        int
	RowsBad          int
	Total            decimal.Decimal // 合同成交额 of the rows without problems
	UserName         string          // joined in when read
	CreatedAt        time.Time
	TakenAt          *time.Time
}

// NationalFileStates name where a file stands.
var NationalFileStates = Codes{{"checked", "待确认"}, {"taken", "已载入"}, {"discarded", "已放弃"}}

// NationalRow is a contract as the national system has it. What the export does not say is empty.
type NationalRow struct {
	Row          int                 `json:"row"` // as the spreadsheet counts
	Number       string              `json:"number"`
	Title        string              `json:"title,omitempty"`
	SellerName   string              `json:"seller_name,omitempty"`
	SellerUSCC   USCC                `json:"seller_uscc,omitempty"`
	BuyerName    string              `json:"buyer_name,omitempty"`
	BuyerUSCC    USCC                `json:"buyer_uscc,omitempty"`
	Kind         string              `json:"kind,omitempty"` // one of the five
	Total        decimal.Decimal     `json:"total"`
	Tech         decimal.NullDecimal `json:"tech"`
	SignedOn     *time.Time          `json:"signed_on,omitempty"`
	RegisteredOn *time.Time          `json:"registered_on,omitempty"`
	Ended        bool                `json:"ended,omitempty"` // cancelled or revoked there
}

// Amount is what the row adds to the national total.
func (n NationalRow) Amount() decimal.Decimal {
	if n.Ended {
		return decimal.Zero
	}
	return n.Total
}

// NationalLine is a row of a file with what is wrong with it; a row with problems is not compared.
type NationalLine struct {
	NationalRow
	Cells    []string
	Problems []ImportProblem
}

// OwnContract is a contract as this market has it now, for comparing.
type OwnContract struct {
	ID           int64           `db:"id"`
	Reference    string          `db:"reference"` // 受理号
	Number       string          `db:"number"`
	State        ContractState   `db:"state"`
	Title        string          `db:"title"`
	SellerName   string          `db:"seller_name"`
	SellerUSCC   USCC            `db:"seller_uscc"`
	BuyerName    string          `db:"buyer_name"`
	BuyerUSCC    USCC            `db:"buyer_uscc"`
	Kind         string          `db:"kind"`
	Total        decimal.Decimal `db:"total"` // by the ledger, once it is registered
	Tech         decimal.Decimal `db:"tech"`
	SignedOn     time.Time       `db:"signed_on"`
	RegisteredOn *time.Time      `db:"registered_on"`
	Changed      bool            `db:"changed"` // the ledger holds more than its registration
}

// Ended reports whether the contract was taken off the register.
func (o OwnContract) Ended() bool { return o.State == ContractCancelled || o.State == ContractRevoked }

// The lists that a comparison puts a difference on.
const (
	ListThere    = "there"    // in the national export only
	ListHere     = "here"     // here only
	ListDiffer   = "differ"   // in both, with other contents
	ListUnsynced = "unsynced" // changed or ended on one side only
)

// ReconcileLists names the lists in their order.
var ReconcileLists = Codes{{ListThere, "全国有、本市无"}, {ListHere, "本市有、全国无"}, {ListDiffer, "内容不一致"}, {ListUnsynced, "变更、注销未同步"}}

// WholeContract is the field of a difference that is about a contract as a whole.
const WholeContract = "contract"

// ReconcileFields name what is compared.
var ReconcileFields = Codes{{WholeContract, "整份合同"}, {"standing", "状态"}, {"registered_on", "登记日期"}, {"total", "合同成交额"}, {"tech", "技术交易额"},
	{"number", "登记编号"}, {"kind", "合同类别"}, {"signed_on", "签订日期"}, {"title", "项目名称"}, {"seller", "卖方"}, {"seller_uscc", "卖方信用代码"},
	{"buyer", "买方"}, {"buyer_uscc", "买方信用代码"}}

// ReconcileKey names a difference: the same one in the next export has the same key.
type ReconcileKey struct {
	Number     string `db:"number" json:"number"`           // of the national system, "" when it has none
	ContractID int64  `db:"contract_id" json:"contract_id"` // 0 when there is none here
	Field      string `db:"field" json:"field"`
}

// Difference is one thing in which the two sides do not agree.
type Difference struct {
	ReconcileKey
	List       string          `json:"list"`
	Title      string          `json:"title"`
	Reference  string          `json:"reference,omitempty"` // our 受理号
	OwnNumber  string          `json:"own_number,omitempty"`
	Ours       string          `json:"ours"` // the value, a sum in plain yuan; "" when there is none
	Theirs     string          `json:"theirs"`
	Effect     decimal.Decimal `json:"effect"`               // what it adds to ours less theirs, in yuan of 合同成交额
	Slip       bool            `json:"slip,omitempty"`       // one side looks like 元 for 万元
	Row        *NationalRow    `json:"row,omitempty"`        // of one that is there only
	Candidates []OwnContract   `json:"candidates,omitempty"` // ours that may be the one
}

// Offer is the contract that waits for just this number, nil when there is none or several.
func (d Difference) Offer() *OwnContract {
	if len(d.Candidates) == 1 && d.Candidates[0].State == ContractToRegister {
		return &d.Candidates[0]
	}
	return nil
}

// ListSum is how many contracts a line of the equation is about and what they come to.
type ListSum struct {
	Count int             `json:"count"`
	Total decimal.Decimal `json:"total"`
}

func (s *ListSum) add(amount decimal.Decimal) { s.Count, s.Total = s.Count+1, s.Total.Add(amount) }

// AgreedPair is a contract of both sides.
type AgreedPair struct {
	Number     string          `json:"number"`
	ContractID int64           `json:"contract_id"`
	Title      string          `json:"title"`
	Total      decimal.Decimal `json:"total"`
	ByParties  bool            `json:"by_parties,omitempty"` // not by the number
}

// Comparison is a period of both sides. Ours is Theirs with Here added, There taken off, and the net of Differ and
// Unsynced added.
type Comparison struct {
	Theirs      ListSum      `json:"theirs"`
	Ours        ListSum      `json:"ours"`
	Here        ListSum      `json:"here"`
	There       ListSum      `json:"there"`
	Differ      ListSum      `json:"differ"`   // net: ours less theirs
	Unsynced    ListSum      `json:"unsynced"` // the same
	Agree       []AgreedPair `json:"agree"`
	Differences []Difference `json:"differences"`
}

// Gap is ours less theirs.
func (c Comparison) Gap() decimal.Decimal { return c.Ours.Total.Sub(c.Theirs.Total) }

// Reconcile compares the rows of an export with our contracts: those registered in the period, those with a number of the
// export and those that wait for one. It matches by number, then by what somebody chose (chosen: number to contract), then
// by parties, date and amount where only one contract and one row fit.
func Reconcile(period Reconciliation, rows []NationalRow, own []OwnContract, chosen map[string]int64) Comparison {
	m := newMatcher(rows, own)
	m.byNumber()
	m.byChoice(chosen)
	m.byParties()
	var c Comparison
	for i, row := range rows {
		if !row.Ended {
			c.Theirs.add(row.Amount())
		}
		if at := m.pair[i]; at >= 0 {
			c.compare(period, row, own[at], m.guessed[i])
			continue
		}
		if !row.Ended {
			c.There.add(row.Amount())
			c.Differences = append(c.Differences, Difference{ReconcileKey: ReconcileKey{Number: row.Number, Field: WholeContract}, List: ListThere, Title: row.Title,
				Theirs: row.Total.StringFixed(2), Effect: row.Amount().Neg(), Row: &row, Candidates: m.candidates(i)})
		}
	}
	for i, o := range own {
		if !o.counts(period) {
			continue
		}
		c.Ours.add(o.Total)
		if !m.taken[i] {
			c.Here.add(o.Total)
			c.Differences = append(c.Differences, Difference{ReconcileKey: ReconcileKey{ContractID: o.ID, Field: WholeContract}, List: ListHere, Title: o.Title,
				Reference: o.Reference, OwnNumber: o.Number, Ours: o.Total.StringFixed(2), Effect: o.Total})
		}
	}
	return c
}

// counts reports whether the contract stands in our total of the period.
func (o OwnContract) counts(period Reconciliation) bool {
	return o.RegisteredOn != nil && !o.Ended() && period.Holds(*o.RegisteredOn)
}

// amount is what the contract adds to our total of the period.
func (o OwnContract) amount(period Reconciliation) decimal.Decimal {
	if !o.counts(period) {
		return decimal.Zero
	}
	return o.Total
}

// compare looks at a contract of both sides, field by field.
func (c *Comparison) compare(period Reconciliation, row NationalRow, o OwnContract, guessed bool) {
	effect := o.amount(period).Sub(row.Amount())
	key := ReconcileKey{Number: row.Number, ContractID: o.ID}
	found, unsynced := 0, false
	add := func(list, field, ours, theirs string, explains bool) {
		d := Difference{ReconcileKey: key, List: list, Title: o.Title, Reference: o.Reference, OwnNumber: o.Number, Ours: ours, Theirs: theirs}
		d.Field = field
		if explains {
			d.Effect, effect = effect, decimal.Zero
		}
		if field == "total" || field == "tech" {
			d.Slip = slippedSums(ours, theirs)
		}
		unsynced = unsynced || list == ListUnsynced
		found++
		c.Differences = append(c.Differences, d)
	}
	whole := effect
	if o.Ended() != row.Ended {
		add(ListUnsynced, "standing", o.State.Name(), standing(row.Ended), true)
	} else if !o.Ended() {
		sums := ListDiffer
		if o.Changed {
			sums = ListUnsynced
		}
		for _, f := range comparedFields(period, row, o) {
			list := ListDiffer
			if f.sum {
				list = sums
			}
			add(list, f.field, f.ours, f.theirs, f.explains)
		}
	}
	switch {
	case found == 0:
		c.Agree = append(c.Agree, AgreedPair{row.Number, o.ID, o.Title, row.Amount(), guessed})
	case unsynced:
		c.Unsynced.add(whole)
	default:
		c.Differ.add(whole)
	}
}

func standing(ended bool) string {
	if ended {
		return "已注销或撤销"
	}
	return "有效"
}

func slippedSums(ours, theirs string) bool {
	a, errA := decimal.NewFromString(ours)
	b, errB := decimal.NewFromString(theirs)
	return errA == nil && errB == nil && (slipped(a, b) || slipped(b, a))
}

// fieldPair is a field with its two values that differ. explains is true of one that makes the totals differ.
type fieldPair struct {
	field, ours, theirs string
	sum, explains       bool
}

// comparedFields are the fields that differ. What the export does not say differs from nothing.
func comparedFields(period Reconciliation, row NationalRow, o OwnContract) []fieldPair {
	var out []fieldPair
	add := func(differ bool, f fieldPair) {
		if differ {
			out = append(out, f)
		}
	}
	outside := !o.counts(period)
	theirDay := dayText(row.RegisteredOn)
	if theirDay == "" && outside {
		theirDay = period.Name()
	}
	ourDay := cmp.Or(dayText(o.RegisteredOn), "未登记")
	add(theirDay != "" && theirDay != ourDay, fieldPair{field: "registered_on", ours: ourDay, theirs: theirDay, explains: outside})
	add(!row.Total.Equal(o.Total), fieldPair{field: "total", ours: o.Total.StringFixed(2), theirs: row.Total.StringFixed(2), sum: true, explains: !outside})
	add(row.Tech.Valid && !row.Tech.Decimal.Equal(o.Tech), fieldPair{field: "tech", ours: o.Tech.StringFixed(2), theirs: row.Tech.Decimal.StringFixed(2), sum: true})
	add(row.Number != o.Number, fieldPair{field: "number", ours: o.Number, theirs: row.Number})
	add(row.Kind != "" && row.Kind != o.Kind, fieldPair{field: "kind", ours: o.Kind, theirs: row.Kind})
	add(row.SignedOn != nil && !row.SignedOn.Equal(o.SignedOn), fieldPair{field: "signed_on", ours: dayText(&o.SignedOn), theirs: dayText(row.SignedOn)})
	for _, f := range []fieldPair{{field: "title", ours: o.Title, theirs: row.Title}, {field: "seller", ours: o.SellerName, theirs: row.SellerName},
		{field: "seller_uscc", ours: string(o.SellerUSCC), theirs: string(row.SellerUSCC)}, {field: "buyer", ours: o.BuyerName, theirs: row.BuyerName},
		{field: "buyer_uscc", ours: string(o.BuyerUSCC), theirs: string(row.BuyerUSCC)}} {
		add(f.theirs != "" && TitleKey(f.ours) != TitleKey(f.theirs), f)
	}
	return out
}

func dayText(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

// nationalMatcher finds which of our contracts each row is.
type nationalMatcher struct {
	rows    []NationalRow
	own     []OwnContract
	pair    []int // per row: the place in own, -1 for none
	guessed []bool
	taken   []bool // per contract
	byTerms map[string][]int
}

func newMatcher(rows []NationalRow, own []OwnContract) *nationalMatcher {
	m := &nationalMatcher{rows: rows, own: own, pair: make([]int, len(rows)), guessed: make([]bool, len(rows)), taken: make([]bool, len(own)), byTerms: map[string][]int{}}
	for i := range m.pair {
		m.pair[i] = -1
	}
	return m
}

func (m *nationalMatcher) join(row, contract int) { m.pair[row], m.taken[contract] = contract, true }

func (m *nationalMatcher) byNumber() {
	at := map[string]int{}
	for i, o := range m.own {
		if o.Number != "" {
			at[o.Number] = i
		}
	}
	for i, row := range m.rows {
		if j, ok := at[row.Number]; ok && !m.taken[j] {
			m.join(i, j)
		}
	}
}

func (m *nationalMatcher) byChoice(chosen map[string]int64) {
	for i, row := range m.rows {
		id, ok := chosen[row.Number]
		if !ok || m.pair[i] >= 0 {
			continue
		}
		if j := slices.IndexFunc(m.own, func(o OwnContract) bool { return o.ID == id }); j >= 0 && !m.taken[j] && m.own[j].Number != "" {
			m.join(i, j)
			m.guessed[i] = true
		}
	}
}

// terms are the date and the amount under which candidates are looked up.
func terms(signed time.Time, total decimal.Decimal) string {
	return signed.Format(time.DateOnly) + " " + total.StringFixed(2)
}

// byParties joins a row and a contract that fit nobody else.
func (m *nationalMatcher) byParties() {
	for j, o := range m.own {
		if !m.taken[j] && !o.Ended() {
			key := terms(o.SignedOn, o.Total)
			m.byTerms[key] = append(m.byTerms[key], j)
		}
	}
	fits := map[int][]int{} // rows by contract
	for i := range m.rows {
		for _, j := range m.fitting(i) {
			fits[j] = append(fits[j], i)
		}
	}
	only := map[int]int{}
	for j, rows := range fits {
		if len(rows) == 1 && m.own[j].Number != "" && len(m.fitting(rows[0])) == 1 && !m.rows[rows[0]].Ended {
			only[rows[0]] = j
		}
	}
	for i, j := range only {
		m.join(i, j)
		m.guessed[i] = true
	}
}

// fitting are the contracts that a row without one may be.
func (m *nationalMatcher) fitting(row int) []int {
	r := m.rows[row]
	if m.pair[row] >= 0 || r.SignedOn == nil {
		return nil
	}
	var out []int
	for _, j := range m.byTerms[terms(*r.SignedOn, r.Total)] {
		o := m.own[j]
		if !m.taken[j] && sameParty(r.SellerUSCC, r.SellerName, o.SellerUSCC, o.SellerName) && sameParty(r.BuyerUSCC, r.BuyerName, o.BuyerUSCC, o.BuyerName) {
			out = append(out, j)
		}
	}
	return out
}

func (m *nationalMatcher) candidates(row int) []OwnContract {
	var out []OwnContract
	for _, j := range m.fitting(row) {
		out = append(out, m.own[j])
	}
	return out
}

// sameParty goes by the codes where both sides have one, else by the names.
func sameParty(codeA USCC, nameA string, codeB USCC, nameB string) bool {
	if codeA != "" && codeB != "" {
		return codeA == codeB
	}
	return nameA != "" && TitleKey(nameA) == TitleKey(nameB)
}

// The decisions on a difference.
const (
	DecideNational = "national" // 以全国为准: ours is to be corrected
	DecideOurs     = "ours"     // 以本市为准: a letter asks the national system's registrar to correct theirs
	DecideBoth     = "both"     // 两边都对: explained
)

// ReconcileChoices name the decisions.
var ReconcileChoices = Codes{{DecideNational, "以全国为准"}, {DecideOurs, "以本市为准"}, {DecideBoth, "两边都对"}}

// ReconcileDecision is what somebody decided on a difference, and what the two sides then said: when one of them says
// something else, the difference is open again.
type ReconcileDecision struct {
	ReconcileKey
	ID            int64      `db:"id" json:"id"`
	Title         string     `db:"title" json:"title"`
	Ours          string     `db:"ours" json:"ours"`
	Theirs        string     `db:"theirs" json:"theirs"`
	Choice        string     `db:"choice" json:"choice"`
	Reason        string     `db:"reason" json:"reason"`
	UserID        int64      `db:"user_id" json:"user_id"`
	UserName      string     `db:"user_name" json:"user_name"` // joined in when read
	At            time.Time  `db:"at" json:"at"`
	ConfirmedBy   *int64     `db:"confirmed_by" json:"confirmed_by,omitempty"`
	ConfirmedName string     `db:"confirmed_name" json:"confirmed_name,omitempty"`
	ConfirmedAt   *time.Time `db:"confirmed_at" json:"confirmed_at,omitempty"`
}

// Check returns what is wrong with the decision and tidies its reason.
func (d *ReconcileDecision) Check() Problems {
	var p Problems
	if ReconcileChoices.Name(d.Choice) == "" {
		p.Add("choice", "请选择以哪边为准")
	}
	checkText(&p, "reason", "说明", &d.Reason, 300)
	if d.Reason == "" {
		p.Add("reason", "请写明依据，例：合同第 1 页签订日期为 10-13，全国录入有误")
	}
	return p
}

// The ways in which a decided difference stands.
const (
	DifferenceOpen      = ""        // nobody has decided
	DifferenceToCorrect = "correct" // 以全国为准, and ours is not corrected yet
	DifferenceToConfirm = "confirm" // 以全国为准, corrected, and no second person has confirmed it
	DifferenceSettled   = "settled"
)

// DifferenceStates name them.
var DifferenceStates = Codes{{DifferenceOpen, "待决定"}, {DifferenceToCorrect, "待改本市"}, {DifferenceToConfirm, "待复核"}, {DifferenceSettled, "已办结"}}

// ReconcileItem is a difference with what was decided on it. One that is gone since the decision keeps its decision alone.
type ReconcileItem struct {
	Difference
	Decision *ReconcileDecision
	State    string
	Gone     bool // the two sides agree now
}

// Items puts decisions to differences, and adds those whose difference is gone because ours was corrected.
func (c Comparison) Items(decisions []ReconcileDecision) []ReconcileItem {
	at := map[ReconcileKey]int{}
	for i, d := range decisions {
		at[d.ReconcileKey] = i
	}
	seen := make([]bool, len(decisions))
	out := make([]ReconcileItem, 0, len(c.Differences))
	for _, d := range c.Differences {
		item := ReconcileItem{Difference: d}
		if i, ok := at[d.ReconcileKey]; ok {
			seen[i] = true
			if decisions[i].Ours == d.Ours && decisions[i].Theirs == d.Theirs {
				item.Decision, item.State = &decisions[i], DifferenceSettled
				if decisions[i].Choice == DecideNational {
					item.State = DifferenceToCorrect
				}
			}
		}
		out = append(out, item)
	}
	for i := range decisions {
		d := &decisions[i]
		if seen[i] || d.Choice != DecideNational {
			continue
		}
		item := ReconcileItem{Difference: Difference{ReconcileKey: d.ReconcileKey, Title: d.Title, Ours: d.Ours, Theirs: d.Theirs}, Decision: d, State: DifferenceToConfirm, Gone: true}
		if d.ConfirmedAt != nil {
			item.State = DifferenceSettled
		}
		out = append(out, item)
	}
	return out
}

// ReconcileProgress is how far a period is worked off.
type ReconcileProgress struct {
	All, Open, ToCorrect, ToConfirm int
}

// Decided is how many have a decision.
func (p ReconcileProgress) Decided() int { return p.All - p.Open }

// Left is how many still keep the period from being closed.
func (p ReconcileProgress) Left() int { return p.Open + p.ToCorrect + p.ToConfirm }

// ProgressOf counts items by where they stand.
func ProgressOf(items []ReconcileItem) ReconcileProgress {
	p := ReconcileProgress{All: len(items)}
	for _, i := range items {
		switch i.State {
		case DifferenceOpen:
			p.Open++
		case DifferenceToCorrect:
			p.ToCorrect++
		case DifferenceToConfirm:
			p.ToConfirm++
		}
	}
	return p
}

// ReconcileStatement is a closed period as it was closed: the 对账单.
type ReconcileStatement struct {
	Comparison Comparison          `json:"comparison"`
	Decisions  []ReconcileDecision `json:"decisions"`
}
