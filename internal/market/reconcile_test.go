package market

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func october(t *testing.T) Reconciliation {
	t.Helper()
	r, err := ParsePeriod("2026-10", dated(2026, 11, 5))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dated(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, Shanghai) }

func TestParsePeriod(t *testing.T) {
	t.Parallel()
	today := dated(2026, 11, 5)
	for text, want := range map[string]string{"2026-10": "2026-10-01 2026-10-31 2026 年 10 月", "2025": "2025-01-01 2025-12-31 2025 年", "２０２６－11": "2026-11-01 2026-11-30 2026 年 11 月",
		"2026-12": "", "2027": "", "2026-13": "", "十月": "", "": "", "1983": "", "20261": ""} {
		got, err := ParsePeriod(text, today)
		if found := fmt.Sprint(got.From.Format(time.DateOnly), " ", got.To.Format(time.DateOnly), " ", got.Name()); (err != nil) != (want == "") || err == nil && found != want {
			t.Errorf("%q: %q, %v, want %q", text, found, err, want)
		}
	}
}

// own and row are one contract of both sides, alike in everything.
func own(id int64, change ...func(*OwnContract)) OwnContract {
	on := dated(2026, 10, 20)
	o := OwnContract{ID: id, Reference: fmt.Sprintf("HT-2026-%04d", id), Number: fmt.Sprintf("2026360800%06d", id), State: ContractRegistered, Title: fmt.Sprintf("技术开发 %d", id),
		SellerName: "吉水文峰电路有限公司", SellerUSCC: "91360822MA0000001X", BuyerName: fmt.Sprintf("买方 %d", id), Kind: "技术开发",
		Total: decimal.NewFromInt(1000 * id), Tech: decimal.NewFromInt(900 * id), SignedOn: dated(2026, 10, 13), RegisteredOn: &on}
	for _, c := range change {
		c(&o)
	}
	return o
}

func rowOf(o OwnContract, change ...func(*NationalRow)) NationalRow {
	signed := o.SignedOn
	n := NationalRow{Number: o.Number, Title: o.Title, SellerName: o.SellerName, SellerUSCC: o.SellerUSCC, BuyerName: o.BuyerName, Kind: o.Kind, Total: o.Total,
		Tech: decimal.NewNullDecimal(o.Tech), SignedOn: &signed, RegisteredOn: o.RegisteredOn}
	for _, c := range change {
		c(&n)
	}
	return n
}

// TestReconcile: each way in which the two sides can differ comes on its list with both values and its effect.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		own  []OwnContract
		rows []NationalRow
		want []string // list field ours theirs effect
	}{
		{"alike", []OwnContract{own(1)}, []NationalRow{rowOf(own(1))}, nil},
		{"here only", []OwnContract{own(1)}, nil, []string{"here contract 1000.00  1000"}},
		{"there only", nil, []NationalRow{rowOf(own(1))}, []string{"there contract  1000.00 -1000"}},
		{"the sum", []OwnContract{own(1)}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Total = decimal.NewFromInt(600); n.Tech.Decimal = decimal.NewFromInt(600) })},
			[]string{"differ total 1000.00 600.00 400", "differ tech 900.00 600.00 0"}},
		{"changed here", []OwnContract{own(1, func(o *OwnContract) { o.Changed = true })}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Total = decimal.NewFromInt(1200) })},
			[]string{"unsynced total 1000.00 1200.00 -200"}},
		{"cancelled here", []OwnContract{own(1, func(o *OwnContract) { o.State = ContractCancelled; o.Total = decimal.Zero })}, []NationalRow{rowOf(own(1))},
			[]string{"unsynced standing 已注销 有效 -1000"}},
		{"cancelled there", []OwnContract{own(1)}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Ended = true })}, []string{"unsynced standing 已登记 已注销或撤销 1000"}},
		{"cancelled on both", []OwnContract{own(1, func(o *OwnContract) { o.State = ContractRevoked })}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Ended = true })}, nil},
		{"cancelled here, unknown there", []OwnContract{own(1, func(o *OwnContract) { o.State = ContractCancelled })}, nil, nil},
		{"another month", []OwnContract{own(1, func(o *OwnContract) { on := dated(2026, 9, 30); o.RegisteredOn = &on })}, []NationalRow{rowOf(own(1))},
			[]string{"differ registered_on 2026-09-30 2026-10-20 -1000"}},
		{"another month, no date there", []OwnContract{own(1, func(o *OwnContract) { on := dated(2026, 9, 30); o.RegisteredOn = &on })}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.RegisteredOn = nil })},
			[]string{"differ registered_on 2026-09-30 2026 年 10 月 -1000"}},
		{"words and days", []OwnContract{own(1)}, []NationalRow{rowOf(own(1), func(n *NationalRow) {
			other := dated(2026, 10, 31)
			n.Kind, n.SignedOn, n.BuyerName, n.Title = "技术转让", &other, "买方 一", "技术开发　１" // the title is the same but for its width
		})}, []string{"differ kind 技术开发 技术转让 0", "differ signed_on 2026-10-13 2026-10-31 0", "differ buyer 买方 1 买方 一 0"}},
		{"what the export does not say", []OwnContract{own(1)}, []NationalRow{{Number: own(1).Number, Total: own(1).Total}}, nil},
		{"another number, found by the parties", []OwnContract{own(1)}, []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Number = "2026360800999999" })},
			[]string{"differ number 2026360800000001 2026360800999999 0"}},
		{"two could be it", []OwnContract{own(1), own(2, func(o *OwnContract) { o.Total, o.Tech, o.BuyerName = own(1).Total, own(1).Tech, own(1).BuyerName })},
			[]NationalRow{rowOf(own(1), func(n *NationalRow) { n.Number = "2026360800999999" })},
			[]string{"there contract  1000.00 -1000", "here contract 1000.00  1000", "here contract 1000.00  1000"}},
		{"waits for its number", []OwnContract{own(1, func(o *OwnContract) { o.Number, o.RegisteredOn, o.State = "", nil, ContractToRegister })}, []NationalRow{rowOf(own(1))},
			[]string{"there contract  1000.00 -1000"}},
	} {
		got := Reconcile(october(t), test.rows, test.own, nil)
		var found []string
		for _, d := range got.Differences {
			found = append(found, fmt.Sprint(d.List, " ", d.Field, " ", d.Ours, " ", d.Theirs, " ", d.Effect))
		}
		if !slices.Equal(found, test.want) {
			t.Errorf("%s: %q, want %q", test.name, found, test.want)
		}
	}
}

// TestReconcileChoice: of several that could be it the one that was chosen is, and one that waits is offered its number.
func TestReconcileChoice(t *testing.T) {
	t.Parallel()
	twin := own(2, func(o *OwnContract) { o.Total, o.Tech, o.BuyerName = own(1).Total, own(1).Tech, own(1).BuyerName })
	row := rowOf(own(1), func(n *NationalRow) { n.Number = "2026360800999999" })
	c := Reconcile(october(t), []NationalRow{row}, []OwnContract{own(1), twin}, nil)
	if n := len(c.Differences[0].Candidates); n != 2 || c.Differences[0].Offer() != nil {
		t.Fatalf("%d candidates", n)
	}
	c = Reconcile(october(t), []NationalRow{row}, []OwnContract{own(1), twin}, map[string]int64{row.Number: 2})
	if c.Differences[0].Field != "number" || c.Differences[0].ContractID != 2 {
		t.Errorf("chosen: %+v", c.Differences[0])
	}
	waits := own(1, func(o *OwnContract) { o.Number, o.RegisteredOn, o.State = "", nil, ContractToRegister })
	c = Reconcile(october(t), []NationalRow{row}, []OwnContract{waits}, nil)
	if o := c.Differences[0].Offer(); o == nil || o.ID != 1 {
		t.Errorf("not offered: %+v", c.Differences[0])
	}
}

// TestReconcileAddsUp: whatever the two sides are, the four items and the effects of the differences explain the totals.
func TestReconcileAddsUp(t *testing.T) {
	t.Parallel()
	period := october(t)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		var rows []NationalRow
		var list []OwnContract
		for id := range int64(12) {
			o := own(id/2+1, func(o *OwnContract) { o.ID, o.Number = id+1, fmt.Sprintf("2026360800%06d", id) })
			row := rowOf(o)
			switch r.IntN(8) {
			case 0:
				o.State, o.Total = ContractCancelled, decimal.Zero
			case 1:
				on := dated(2026, 9, 1+r.IntN(28))
				o.RegisteredOn = &on
			case 2:
				o.Number, o.RegisteredOn, o.State = "", nil, ContractToRegister
			case 3:
				o.Changed = true
			}
			switch r.IntN(8) {
			case 0:
				row.Number = fmt.Sprintf("2026360800%06d", 900+id)
			case 1:
				row.Total = decimal.New(r.Int64N(900_000)+1, -2)
			case 2:
				row.Ended = true
			}
			if r.IntN(5) > 0 {
				list = append(list, o)
			}
			if r.IntN(5) > 0 {
				rows = append(rows, row)
			}
		}
		c := Reconcile(period, rows, list, nil)
		sum := decimal.Zero
		for _, d := range c.Differences {
			sum = sum.Add(d.Effect)
		}
		items := c.Here.Total.Sub(c.There.Total).Add(c.Differ.Total).Add(c.Unsynced.Total)
		if !sum.Equal(c.Gap()) || !items.Equal(c.Gap()) {
			t.Fatalf("seed %d: the gap is %s, the differences say %s, the items %s", seed, c.Gap(), sum, items)
		}
		seen := map[ReconcileKey]bool{}
		for _, d := range c.Differences {
			if seen[d.ReconcileKey] {
				t.Fatalf("seed %d: %+v stands twice", seed, d.ReconcileKey)
			}
			seen[d.ReconcileKey] = true
		}
	}
}

// TestReconcileItems: a decision holds as long as both sides say what they said; one for the national side waits for the
// correction, then for a second person.
func TestReconcileItems(t *testing.T) {
	t.Parallel()
	differs := func(total int64) Comparison {
		return Reconcile(october(t), []NationalRow{rowOf(own(1), func(n *NationalRow) { n.Total = decimal.NewFromInt(1200) })}, []OwnContract{own(1, func(o *OwnContract) { o.Total = decimal.NewFromInt(total) })}, nil)
	}
	key := ReconcileKey{Number: own(1).Number, ContractID: 1, Field: "total"}
	said := func(choice string) ReconcileDecision {
		return ReconcileDecision{ReconcileKey: key, Ours: "1000.00", Theirs: "1200.00", Choice: choice, Reason: "合同第 1 页"}
	}
	now := dated(2026, 11, 5)
	confirmed := said(DecideNational)
	confirmed.ConfirmedAt = &now
	for _, test := range []struct {
		ours      int64
		decisions []ReconcileDecision
		want      string
	}{
		{1000, nil, "待决定"}, {1000, []ReconcileDecision{said(DecideOurs)}, "已办结"}, {1000, []ReconcileDecision{said(DecideBoth)}, "已办结"},
		{1000, []ReconcileDecision{said(DecideNational)}, "待改本市"}, {1100, []ReconcileDecision{said(DecideBoth)}, "待决定"},
		{1200, []ReconcileDecision{said(DecideNational)}, "待复核"}, {1200, []ReconcileDecision{confirmed}, "已办结"}, {1200, []ReconcileDecision{said(DecideOurs)}, ""},
	} {
		got := ""
		for _, i := range differs(test.ours).Items(test.decisions) {
			got += DifferenceStates.Name(i.State)
		}
		if got != test.want {
			t.Errorf("ours %d, %v: %q, want %q", test.ours, test.decisions, got, test.want)
		}
	}
}
