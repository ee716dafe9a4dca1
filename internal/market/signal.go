package market

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The kinds of signals.
const (
	SignalDuplicate = "duplicate"
	SignalRelated   = "related"
	SignalRoundTrip = "round_trip"
	SignalUnit      = "unit"
	SignalDecember  = "december"
	SignalUnpaid    = "unpaid"
	SignalLate      = "late"
	SignalTraining  = "training"
)

// SignalKinds are what a registrar is pointed to, in the order of the page.
var SignalKinds = Codes{{SignalDuplicate, "重复登记"}, {SignalRelated, "关联关系"}, {SignalRoundTrip, "互为买卖"}, {SignalUnit, "金额单位"},
	{SignalDecember, "年底集中"}, {SignalUnpaid, "付款凭证"}, {SignalLate, "签订与申请相隔"}, {SignalTraining, "随主合同的培训"}}

// What a registrar found of a signal.
const (
	SignalClear     = "clear"
	SignalAsk       = "ask"
	SignalConfirmed = "confirmed"
)

// SignalFindings are the answers to a signal of that kind.
func SignalFindings(kind string) Codes {
	confirmed := "情况属实"
	if kind == SignalRelated || kind == SignalRoundTrip {
		confirmed = "确有关联"
	}
	return Codes{{SignalClear, "核实无碍"}, {SignalAsk, "要求说明"}, {SignalConfirmed, confirmed}}
}

// SignalAnswer is what a registrar made of a signal. It refers to the signal with that key as it then read.
type SignalAnswer struct {
	Kind     string    `db:"kind"`
	Key      string    `db:"key"`
	Seen     string    `db:"seen"`
	Finding  string    `db:"finding"`
	Note     string    `db:"note"`
	UserID   int64     `db:"user_id"`
	UserName string    `db:"user_name"`
	At       time.Time `db:"at"`
}

// Check returns what is wrong with finding and note, and tidies the note in place.
func (x *SignalAnswer) Check() Problems {
	var p Problems
	requireCode(&p, "finding", "核实结果", SignalFindings(x.Kind), x.Finding)
	checkText(&p, "note", "核实情况", &x.Note, 500)
	if x.Note == "" {
		p.Add("note", "请写明怎样核实的、看了什么")
	}
	return p
}

// Signal is something that a registrar must look at before a contract passes. It never decides.
type Signal struct {
	Kind      string
	Key       string // what it is about: with another key it is another signal, which needs an answer of its own
	Text      string
	Contracts []SignalContract
	Answers   []SignalAnswer // the newest first; also those to earlier keys
}

// Name is what the signal is about.
func (s Signal) Name() string { return SignalKinds.Name(s.Kind) }

// Answer is the standing answer to what is seen now, nil when there is none.
func (s Signal) Answer() *SignalAnswer {
	if i := slices.IndexFunc(s.Answers, func(x SignalAnswer) bool { return x.Key == s.Key }); i >= 0 {
		return &s.Answers[i]
	}
	return nil
}

// Open reports whether the signal stands in the way: it has no answer, or an explanation was asked for.
func (s Signal) Open() bool {
	x := s.Answer()
	return x == nil || x.Finding == SignalAsk
}

// SignalCheck is what the rules say of a contract.
type SignalCheck struct {
	Signals []Signal
	Quiet   []string // names of what was looked at and is not so
}

// Open counts the signals that stand in the way.
func (x SignalCheck) Open() int {
	n := 0
	for _, s := range x.Signals {
		if s.Open() {
			n++
		}
	}
	return n
}

// Find returns the signal of that kind, nil when it does not fire.
func (x SignalCheck) Find(kind string) *Signal {
	if i := slices.IndexFunc(x.Signals, func(s Signal) bool { return s.Kind == kind }); i >= 0 {
		return &x.Signals[i]
	}
	return nil
}

// SignalContract is another contract between the two parties.
type SignalContract struct {
	ID       int64           `db:"id"`
	Number   string          `db:"number"`
	State    ContractState   `db:"state"`
	Title    string          `db:"title"`
	Kind     string          `db:"kind"`
	Region   string          `db:"seller_region"`
	Total    decimal.Decimal `db:"total_amount"`
	SignedOn time.Time       `db:"signed_on"`
	Reverse  bool            `db:"reverse"` // its seller is this contract's buyer
}

// Usual is a median 合同成交额 in yuan and of how many contracts.
type Usual struct {
	Count  int
	Median decimal.Decimal
}

// Burst is how many contracts of a seller fall into the last weeks of a year, and into the year.
type Burst struct {
	Late, Year int
}

// SignalFacts are what the rules go by.
type SignalFacts struct {
	Contract             Contract
	Today                time.Time
	SellerKnown          Party // what the market knows of the parties itself
	BuyerKnown           Party
	People               []string // names of members of both parties
	Others               []SignalContract
	SellerUsual          Usual // of the seller's other registered contracts
	FieldUsual           Usual // of the latest registered contracts of the field of technology
	Due, Paid            decimal.Decimal
	Payments             int
	SignedLate, HandedIn Burst // by the day of signing, and by that of the application
	Answers              []SignalAnswer
}

// Limits of the rules: none is of the law, they only say from where somebody should look.
const (
	roundTripMonths  = 12
	trainingMonths   = 12
	nearPercent      = 20   // amounts of a round trip differ by at most that much of the larger
	unitTimes        = 1000 // 元 for 万元 is 10,000 times the usual, which itself varies
	enoughOfSeller   = 5    // contracts for a median
	enoughOfField    = 20
	burstLeast       = 5 // contracts in the last weeks …
	burstPercent     = 50
	unpaidDays       = 90  // after the registration
	lateDays         = 180 // from signing to the application
	DecemberDay      = 11  // the last three weeks of a year begin in December on that day
	phoneDigitsLeast = 7
)

// hugeAmount is from where an amount is always looked at: 5,000 万元.
var hugeAmount = decimal.New(5, 7)

// signalRules say of each kind whether it fires: the key, the sentence and the contracts that it goes by.
var signalRules = map[string]func(f SignalFacts) (key, text string, of []SignalContract){
	SignalDuplicate: duplicateSignal,
	SignalRelated:   relatedSignal,
	SignalRoundTrip: roundTripSignal,
	SignalUnit:      unitSignal,
	SignalDecember:  decemberSignal,
	SignalUnpaid:    unpaidSignal,
	SignalLate:      lateSignal,
	SignalTraining:  trainingSignal,
}

// Signals goes through all rules.
func Signals(f SignalFacts) SignalCheck {
	var out SignalCheck
	for _, kind := range SignalKinds {
		key, text, of := signalRules[kind.Code](f)
		if key == "" {
			out.Quiet = append(out.Quiet, kind.Name)
			continue
		}
		s := Signal{Kind: kind.Code, Key: key, Text: text, Contracts: of}
		for _, x := range f.Answers {
			if x.Kind == kind.Code {
				s.Answers = append(s.Answers, x)
			}
		}
		out.Signals = append(out.Signals, s)
	}
	return out
}

// SameSubject folds a title so that blanks, width and case make no difference.
func SameSubject(a, b string) bool { return folded(a) == folded(b) }

func folded(s string) string {
	return strings.ToLower(strings.ReplaceAll(Normalize(s), " ", ""))
}

// keyOf is a key made of the contracts.
func keyOf(of []SignalContract) string {
	ids := make([]int64, len(of))
	for i, o := range of {
		ids[i] = o.ID
	}
	slices.Sort(ids)
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(parts, ",")
}

func duplicateSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	var of []SignalContract
	titles, sums := 0, 0
	for _, o := range f.Others {
		title, sum := SameSubject(o.Title, c.Title), o.Total.Equal(c.TotalAmount) && o.SignedOn.Equal(c.SignedOn)
		if o.Reverse || !title && !sum {
			continue
		}
		of = append(of, o)
		if title {
			titles++
		}
		if sum {
			sums++
		}
	}
	if len(of) == 0 {
		return "", "", nil
	}
	var parts []string
	if titles > 0 {
		parts = append(parts, fmt.Sprintf("题名相同 %d 份", titles))
	}
	if sums > 0 {
		parts = append(parts, fmt.Sprintf("金额和签订日期都相同 %d 份", sums))
	}
	return keyOf(of), fmt.Sprintf("同一买卖双方另有 %d 份合同：%s。请看是不是同一份（R11）。", len(of), strings.Join(parts, "，")), of
}

func relatedSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	var keys, parts []string
	add := func(key, text string) {
		keys, parts = append(keys, key), append(parts, text)
	}
	if c.Related {
		add("declared", "申请人声明双方是关联单位")
	}
	seller, buyer := []Party{c.Seller, f.SellerKnown}, []Party{c.Buyer, f.BuyerKnown}
	if same := shared(seller, buyer, func(q Party) string { return folded(q.LegalRep) }, 2); same != "" {
		add("legal_rep="+same, "双方的法定代表人都是"+same)
	}
	if same := shared(seller, buyer, func(q Party) string { return folded(q.Address) }, 4); same != "" {
		add("address="+same, "双方的地址都是"+same)
	}
	if same := shared(seller, buyer, func(q Party) string { return digits(q.Phone) }, phoneDigitsLeast); same != "" {
		add("phone="+same, "双方的联系电话都是 "+same)
	}
	if n := len(f.People); n > 0 {
		add("people="+strings.Join(f.People, ","), fmt.Sprintf("有 %d 人在本市场同时是双方的成员：%s", n, strings.Join(f.People, "、")))
	}
	if len(keys) == 0 {
		return "", "", nil
	}
	return strings.Join(keys, ";"), strings.Join(parts, "；") + "。请核实价款是否公允。", nil
}

// shared is the first value of at least that many characters that both sides have.
func shared(a, b []Party, of func(Party) string, least int) string {
	for _, x := range a {
		for _, y := range b {
			if v := of(x); RuneLen(v) >= least && v == of(y) {
				return v
			}
		}
	}
	return ""
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, Normalize(s))
}

func roundTripSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	var of []SignalContract
	for _, o := range f.Others {
		if o.Reverse && withinMonths(o.SignedOn, c.SignedOn, roundTripMonths) && near(o.Total, c.TotalAmount) {
			of = append(of, o)
		}
	}
	if len(of) == 0 {
		return "", "", nil
	}
	return keyOf(of), fmt.Sprintf("前后 %d 个月内买方也卖给卖方，金额相差不到两成的有 %d 份。请看标的是不是真实、是不是互相对开。", roundTripMonths, len(of)), of
}

func withinMonths(a, b time.Time, months int) bool {
	return !a.Before(b.AddDate(0, -months, 0)) && !a.After(b.AddDate(0, months, 0))
}

// near reports whether two amounts differ by little of the larger.
func near(a, b decimal.Decimal) bool {
	return a.Sub(b).Abs().Mul(decimal.NewFromInt(100)).LessThanOrEqual(decimal.Max(a, b).Mul(decimal.NewFromInt(nearPercent)))
}

func unitSignal(f SignalFacts) (string, string, []SignalContract) {
	total := f.Contract.TotalAmount
	usual, whose := f.SellerUsual, "卖方已登记合同"
	if usual.Count < enoughOfSeller {
		usual, whose = f.FieldUsual, "同一技术领域近期登记合同"
		if usual.Count < enoughOfField {
			usual = Usual{}
		}
	}
	times := decimal.NewFromInt(unitTimes)
	compared := fmt.Sprintf("%s的中位数是 %s（%d 份）", whose, FormatMoney(usual.Median), usual.Count)
	read := "合同成交额 " + FormatMoney(total) + "，"
	switch {
	case usual.Count > 0 && total.GreaterThanOrEqual(usual.Median.Mul(times)):
		return "more " + total.String(), read + compared + "，相差上千倍。请看是不是把元当成了万元。", nil
	case usual.Count > 0 && total.Mul(times).LessThanOrEqual(usual.Median):
		return "less " + total.String(), read + compared + "，相差上千倍。请看是不是把万元当成了元。", nil
	case total.GreaterThanOrEqual(hugeAmount):
		return "huge " + total.String(), read + "在 " + FormatMoney(hugeAmount) + "以上。请核对数字和单位。", nil
	}
	return "", "", nil
}

func decemberSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	switch {
	case lastWeeks(c.SignedOn) && f.SignedLate.fires():
		return fmt.Sprintf("signed %d", c.SignedOn.Year()), f.SignedLate.text(c.SignedOn.Year(), "签订"), nil
	case c.SubmittedAt != nil && lastWeeks(*c.SubmittedAt) && f.HandedIn.fires():
		year := c.SubmittedAt.In(Shanghai).Year()
		return fmt.Sprintf("submitted %d", year), f.HandedIn.text(year, "申请登记"), nil
	}
	return "", "", nil
}

// lastWeeks reports whether a day lies in the last three weeks of its year.
func lastWeeks(t time.Time) bool {
	day := t.In(Shanghai)
	return day.Month() == time.December && day.Day() >= DecemberDay
}

func (b Burst) fires() bool { return b.Late >= burstLeast && b.Late*100 > b.Year*burstPercent }

func (b Burst) text(year int, done string) string {
	return fmt.Sprintf("卖方 %d 年%s的 %d 份合同里，有 %d 份在 12 月 %d 日以后。请看是不是为了年底的数字集中补签。", year, done, b.Year, b.Late, DecemberDay)
}

func unpaidSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	if f.Due.GreaterThan(f.Paid) {
		return "due " + f.Due.String() + " paid " + f.Paid.String(), fmt.Sprintf("按付款计划已经到期的有 %s，有凭证的 %s。", FormatMoney(f.Due), FormatMoney(f.Paid)), nil
	}
	if c.State == ContractRegistered && c.RegisteredOn != nil && f.Payments == 0 && c.RegisteredOn.AddDate(0, 0, unpaidDays).Before(f.Today) {
		return "none", fmt.Sprintf("登记已满 %d 天，还没有任何付款凭证。", unpaidDays), nil
	}
	return "", "", nil
}

func lateSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	if c.SubmittedAt == nil {
		return "", "", nil
	}
	days := int(DateOf(*c.SubmittedAt).Sub(c.SignedOn).Hours() / 24)
	if days <= lateDays {
		return "", "", nil
	}
	return c.SignedOn.Format(time.DateOnly), fmt.Sprintf("%s 签订，隔了 %d 天才申请登记。请看履行到了哪一步、是不是还在有效期内。", c.SignedOn.Format(time.DateOnly), days), nil
}

// trainingSignal is about a training contract beside a development, transfer or licence of the same parties: training that
// belongs to one of those is not registered on its own (技术合同认定登记规则).
func trainingSignal(f SignalFacts) (string, string, []SignalContract) {
	c := f.Contract
	if c.Kind != trainingKind {
		return "", "", nil
	}
	var of []SignalContract
	for _, o := range f.Others {
		if !o.Reverse && strings.Contains("DTL", o.Kind[:1]) && withinMonths(o.SignedOn, c.SignedOn, trainingMonths) {
			of = append(of, o)
		}
	}
	if len(of) == 0 {
		return "", "", nil
	}
	return keyOf(of), fmt.Sprintf("同一买卖双方前后 %d 个月内有 %d 份开发、转让或许可合同。培训如果是其中的一部分，不单独登记。", trainingMonths, len(of)), of
}

// trainingKind is the code of 技术培训.
const trainingKind = "S2"
