package market

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// quietFacts are of a contract that gives no signal.
func quietFacts() SignalFacts {
	submitted := date(2026, 10, 20).Add(10 * time.Hour)
	return SignalFacts{Today: date(2026, 11, 28), Contract: Contract{ID: 1, State: ContractAccepted, Title: "碳酸钙表面改性技术开发", Kind: "D1", TotalAmount: decimal.NewFromInt(860_000),
		SignedOn: date(2026, 10, 8), SubmittedAt: &submitted, Seller: Party{LegalRep: "梁述平", Address: "学苑路 28 号", Phone: "0796-8224217"},
		Buyer: Party{LegalRep: "宋文彬", Address: "高新大道 9 号", Phone: "0791-8816035"}}}
}

func otherContract(id int64, change func(*SignalContract)) SignalContract {
	o := SignalContract{ID: id, Title: "另一个项目", Kind: "S1", State: ContractRegistered, Total: decimal.NewFromInt(100_000), SignedOn: date(2026, 5, 8)}
	change(&o)
	return o
}

// TestSignals: each rule on both sides of its limit.
func TestSignals(t *testing.T) {
	t.Parallel()
	usual := func(n int, yuan int64) Usual { return Usual{Count: n, Median: decimal.NewFromInt(yuan)} }
	for name, line := range map[string]struct {
		change func(*SignalFacts)
		kind   string // "" when none fires
		key    string
		text   string
	}{
		"nothing": {func(*SignalFacts) {}, "", "", ""},
		"same title": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(9, func(o *SignalContract) { o.Title = "碳酸钙 表面改性技术开发" }), otherContract(4, func(o *SignalContract) { o.Title = f.Contract.Title })}
		}, SignalDuplicate, "4,9", "题名相同 2 份"},
		"same sum and day": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(9, func(o *SignalContract) { o.Total, o.SignedOn = f.Contract.TotalAmount, f.Contract.SignedOn })}
		}, SignalDuplicate, "9", "金额和签订日期都相同 1 份"},
		"same sum on another day": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(9, func(o *SignalContract) { o.Total = f.Contract.TotalAmount })}
		}, "", "", ""},
		"declared": {func(f *SignalFacts) { f.Contract.Related = true }, SignalRelated, "declared", "申请人声明"},
		"same head, in the contract and in the market": {func(f *SignalFacts) { f.BuyerKnown.LegalRep = "梁 述平" }, SignalRelated, "legal_rep=梁述平", "法定代表人都是梁述平"},
		"same address":   {func(f *SignalFacts) { f.Contract.Buyer.Address = "学苑路28号" }, SignalRelated, "address=学苑路28号", "地址"},
		"same phone":     {func(f *SignalFacts) { f.Contract.Buyer.Phone = "（0796）8224217" }, SignalRelated, "phone=07968224217", "电话"},
		"no phones":      {func(f *SignalFacts) { f.Contract.Seller.Phone, f.Contract.Buyer.Phone = "无", "无" }, "", "", ""},
		"member of both": {func(f *SignalFacts) { f.People = []string{"黄启明"} }, SignalRelated, "people=黄启明", "1 人"},
		"round trip": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(7, func(o *SignalContract) { o.Reverse, o.Total = true, decimal.NewFromInt(690_000) })}
		}, SignalRoundTrip, "7", "有 1 份"},
		"round trip of another size": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(7, func(o *SignalContract) { o.Reverse, o.Total = true, decimal.NewFromInt(680_000) })}
		}, "", "", ""},
		"round trip long ago": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(7, func(o *SignalContract) {
				o.Reverse, o.Total, o.SignedOn = true, f.Contract.TotalAmount, date(2025, 10, 7)
			})}
		}, "", "", ""},
		"元 for 万元":                 {func(f *SignalFacts) { f.SellerUsual = usual(5, 860) }, SignalUnit, "more 860000", "元当成了万元"},
		"万元 for 元":                 {func(f *SignalFacts) { f.SellerUsual = usual(5, 860_000_000) }, SignalUnit, "less 860000", "万元当成了元"},
		"not yet a thousand times": {func(f *SignalFacts) { f.SellerUsual = usual(5, 861) }, "", "", ""},
		"too few of the seller":    {func(f *SignalFacts) { f.SellerUsual = usual(4, 86) }, "", "", ""},
		"by the field":             {func(f *SignalFacts) { f.SellerUsual, f.FieldUsual = usual(4, 860_000), usual(20, 86) }, SignalUnit, "more 860000", "同一技术领域"},
		"the seller's own counts":  {func(f *SignalFacts) { f.SellerUsual, f.FieldUsual = usual(5, 860_000), usual(20, 86) }, "", "", ""},
		"5,000万元":                  {func(f *SignalFacts) { f.Contract.TotalAmount = decimal.NewFromInt(50_000_000) }, SignalUnit, "huge 50000000", "5,000.00"},
		"below 5,000万元":            {func(f *SignalFacts) { f.Contract.TotalAmount = decimal.NewFromInt(49_999_999) }, "", "", ""},
		"December": {func(f *SignalFacts) {
			f.Contract.SignedOn, f.Contract.SubmittedAt, f.SignedLate = date(2025, 12, 11), new(date(2026, 1, 5)), Burst{5, 9}
		}, SignalDecember, "signed 2025", "9 份合同里，有 5 份"},
		"half in December": {func(f *SignalFacts) { f.Contract.SignedOn, f.SignedLate = date(2026, 12, 11), Burst{5, 10} }, "", "", ""},
		"few in December":  {func(f *SignalFacts) { f.Contract.SignedOn, f.SignedLate = date(2026, 12, 31), Burst{4, 4} }, "", "", ""},
		"early December":   {func(f *SignalFacts) { f.Contract.SignedOn, f.SignedLate = date(2026, 12, 10), Burst{5, 5} }, "", "", ""},
		"handed in in December": {func(f *SignalFacts) {
			f.Contract.SubmittedAt, f.HandedIn = new(time.Date(2026, 12, 31, 16, 30, 0, 0, time.UTC).Add(-time.Hour)), Burst{6, 6}
		}, SignalDecember, "submitted 2026", "申请登记"},
		"overdue":      {func(f *SignalFacts) { f.Due, f.Paid = decimal.NewFromInt(300_000), decimal.NewFromInt(299_999) }, SignalUnpaid, "due 300000 paid 299999", "30.00"},
		"paid in time": {func(f *SignalFacts) { f.Due, f.Paid = decimal.NewFromInt(300_000), decimal.NewFromInt(300_000) }, "", "", ""},
		"registered without proof": {func(f *SignalFacts) {
			f.Contract.State, f.Contract.RegisteredOn = ContractRegistered, new(date(2026, 8, 29))
		}, SignalUnpaid, "none", "90 天"},
		"registered lately": {func(f *SignalFacts) {
			f.Contract.State, f.Contract.RegisteredOn = ContractRegistered, new(date(2026, 8, 30))
		}, "", "", ""},
		"signed long ago": {func(f *SignalFacts) { f.Contract.SignedOn = date(2026, 4, 22) }, SignalLate, "2026-04-22", "隔了 181 天"},
		"half a year ago": {func(f *SignalFacts) { f.Contract.SignedOn = date(2026, 4, 23) }, "", "", ""},
		"training beside a development": {func(f *SignalFacts) {
			f.Contract.Kind = "S2"
			f.Others = []SignalContract{otherContract(8, func(o *SignalContract) { o.Kind = "D2" })}
		}, SignalTraining, "8", "1 份"},
		"training beside a service": {func(f *SignalFacts) {
			f.Contract.Kind = "S2"
			f.Others = []SignalContract{otherContract(8, func(*SignalContract) {})}
		}, "", "", ""},
		"development beside training": {func(f *SignalFacts) {
			f.Others = []SignalContract{otherContract(8, func(o *SignalContract) { o.Kind = "S2" })}
		}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := quietFacts()
			line.change(&f)
			got := Signals(f)
			if line.kind == "" {
				if len(got.Signals) != 0 || len(got.Quiet) != len(SignalKinds) {
					t.Errorf("gives %+v, quiet %v", got.Signals, got.Quiet)
				}
				return
			}
			if len(got.Signals) != 1 || got.Signals[0].Kind != line.kind || got.Signals[0].Key != line.key || !strings.Contains(got.Signals[0].Text, line.text) ||
				slices.Contains(got.Quiet, got.Signals[0].Name()) || len(got.Quiet) != len(SignalKinds)-1 {
				t.Errorf("gives %+v, quiet %v", got.Signals, got.Quiet)
			}
		})
	}
}

// TestSignalAnswers: an answer holds for what was seen; one that asks for an explanation leaves the signal open.
func TestSignalAnswers(t *testing.T) {
	t.Parallel()
	f := quietFacts()
	f.Contract.Related = true
	for name, line := range map[string]struct {
		answers []SignalAnswer
		open    int
	}{
		"none":              {nil, 1},
		"clear":             {[]SignalAnswer{{Kind: SignalRelated, Key: "declared", Finding: SignalClear}}, 0},
		"confirmed":         {[]SignalAnswer{{Kind: SignalRelated, Key: "declared", Finding: SignalConfirmed}}, 0},
		"asked":             {[]SignalAnswer{{Kind: SignalRelated, Key: "declared", Finding: SignalAsk}}, 1},
		"explained since":   {[]SignalAnswer{{Kind: SignalRelated, Key: "declared", Finding: SignalClear}, {Kind: SignalRelated, Key: "declared", Finding: SignalAsk}}, 0},
		"asked again":       {[]SignalAnswer{{Kind: SignalRelated, Key: "declared", Finding: SignalAsk}, {Kind: SignalRelated, Key: "declared", Finding: SignalClear}}, 1},
		"to something else": {[]SignalAnswer{{Kind: SignalRelated, Key: "declared;people=黄启明", Finding: SignalClear}}, 1},
		"to another signal": {[]SignalAnswer{{Kind: SignalUnit, Key: "declared", Finding: SignalClear}}, 1},
	} {
		f.Answers = line.answers
		if got := Signals(f); got.Open() != line.open {
			t.Errorf("%s: %d open, want %d", name, got.Open(), line.open)
		}
	}
	for name, x := range map[string]SignalAnswer{"no finding": {Kind: SignalLate, Note: "看了合同"}, "no note": {Kind: SignalLate, Finding: SignalClear, Note: " "},
		"another's": {Kind: SignalLate, Finding: "other", Note: "看了合同"}, "long": {Kind: SignalLate, Finding: SignalClear, Note: strings.Repeat("长", 501)}} {
		if len(x.Check()) != 1 {
			t.Errorf("%s: %v", name, x.Check())
		}
	}
}
