package service_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// signals are the kinds that fire, with what the reader sees of them.
func (d *desk) signals(t *testing.T, a market.Actor, id int64) market.SignalCheck {
	t.Helper()
	check, err := d.Store.SignalCheck(d.ctx, a, market.DateOf(d.Now()), id)
	must(t, err)
	return check
}

func kinds(check market.SignalCheck) (out []string) {
	for _, s := range check.Signals {
		out = append(out, s.Kind)
	}
	return out
}

// handIn makes a contract as changed and hands it in.
func (d *desk) handIn(t *testing.T, seller market.Actor, change func(*market.Contract)) int64 {
	t.Helper()
	c := d.Contract(small)
	change(&c)
	id, err := d.Service.CreateContract(d.ctx, seller, c, "")
	must(t, err)
	must(t, d.Service.SubmitContract(d.ctx, seller, id))
	return id
}

// TestSignalFacts: what the rules go by is read from the right rows.
func TestSignalFacts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	buyer, err := d.Store.VerifiedOrgWithCode(d.ctx, d.orgCode(t, d.buyer.OrgID))
	must(t, err)
	toBuyer := func(c *market.Contract) {
		c.Buyer.Name, c.Buyer.USCC, c.Buyer.Region = buyer.Name, buyer.USCC, "360825"
	}
	day := market.DateOf(d.Now())

	plain := d.handIn(t, d.seller, toBuyer)
	if got := kinds(d.signals(t, d.first, plain)); len(got) != 0 {
		t.Fatalf("a plain contract gives %v", got)
	}
	twin := d.handIn(t, d.seller, toBuyer) // the same sum on the same day
	back := d.handIn(t, d.buyer, func(c *market.Contract) {
		o, err := d.Store.VerifiedOrgWithCode(d.ctx, d.orgCode(t, d.seller.OrgID))
		must(t, err)
		c.Seller.Region, c.Buyer.Name, c.Buyer.USCC, c.Buyer.Region = "360825", o.Name, o.USCC, "360802"
		c.TotalAmount = decimal.NewFromInt(small - 50_000)
	})
	for of, want := range map[int64][]int64{plain: {twin, back}, twin: {plain, back}} {
		got := d.signals(t, d.first, of)
		if len(got.Signals) != 2 || got.Find(market.SignalDuplicate) == nil || got.Find(market.SignalDuplicate).Contracts[0].ID != want[0] ||
			got.Find(market.SignalRoundTrip) == nil || got.Find(market.SignalRoundTrip).Contracts[0].ID != want[1] {
			t.Errorf("%d gives %+v", of, got.Signals)
		}
	}
	if got := kinds(d.signals(t, d.first, back)); len(got) != 1 || got[0] != market.SignalRoundTrip {
		t.Errorf("the way back gives %v", got)
	}
	must(t, d.Service.WithdrawContract(d.ctx, d.buyer, back))
	must(t, d.Service.WithdrawContract(d.ctx, d.seller, twin))
	if got := kinds(d.signals(t, d.first, plain)); len(got) != 0 {
		t.Errorf("withdrawn contracts give %v", got)
	}

	kin := d.handIn(t, d.seller, func(c *market.Contract) {
		toBuyer(c)
		c.Buyer.Phone, c.TotalAmount = c.Seller.Phone, decimal.NewFromInt(77_000)
	})
	due := d.handIn(t, d.seller, func(c *market.Contract) {
		c.TotalAmount, c.SignedOn, c.StartsOn, c.PaymentMode = decimal.NewFromInt(66_000), day.AddDate(0, -7, 0), day.AddDate(0, -7, 0), "instalments"
		c.Instalments = []market.Instalment{{DueOn: new(day.AddDate(0, 0, -1)), Amount: decimal.NewFromInt(6_000)}, {DueOn: &day, Amount: decimal.NewFromInt(60_000)}}
	})
	if got := d.signals(t, d.first, kin); len(got.Signals) != 1 || got.Signals[0].Key != "phone=07968224217" {
		t.Errorf("one phone for both gives %+v", got.Signals)
	}
	if got := d.signals(t, d.first, due); len(got.Signals) != 2 || got.Find(market.SignalLate) == nil || got.Find(market.SignalUnpaid).Key != "due 6000 paid 0" {
		t.Errorf("an instalment of yesterday gives %+v", got.Signals)
	}

	// Five small ones of the same seller, registered; then one at a thousand times their size.
	for i := range 5 {
		id := d.handIn(t, d.seller, func(c *market.Contract) { c.TotalAmount = decimal.NewFromInt(int64(8_000 + i)) })
		must(t, d.Service.AcceptContract(d.ctx, d.first, id))
		d.Clear(d.first, id)
		must(t, d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), d.Now()))
	}
	slip := d.handIn(t, d.seller, func(c *market.Contract) { c.TotalAmount = decimal.NewFromInt(8_100_000) })
	if got := kinds(d.signals(t, d.first, slip)); len(got) != 1 || got[0] != market.SignalUnit {
		t.Errorf("a thousand times the usual gives %v", got)
	}
	// A year's end: this one is the fifth of its seller's six that year.
	d.SetDay(2026, time.December, 20)
	december := market.DateOf(d.Now())
	other := d.Org("庐陵测试研究院", market.Institute, "360802")
	var last int64
	for i := range 5 {
		last = d.handIn(t, other, func(c *market.Contract) {
			c.TotalAmount, c.SignedOn, c.StartsOn = decimal.NewFromInt(int64(50_000+i)), december.AddDate(0, 0, -i), december
		})
	}
	if got := kinds(d.signals(t, d.first, last)); len(got) != 1 || got[0] != market.SignalDecember {
		t.Errorf("five in the last weeks give %v", got)
	}
	if _, err := d.Store.SignalCheck(d.ctx, d.seller, day, plain); !market.IsKind(err, market.NotFound) {
		t.Errorf("a party reads the desk's signals: %v", err)
	}
	if _, err := d.Store.SignalCheck(d.ctx, d.Officer("吉水专员", "360822", market.Registrar), day, plain); !market.IsKind(err, market.NotFound) {
		t.Errorf("another county reads them: %v", err)
	}
}

func (d *desk) orgCode(t *testing.T, id int64) market.USCC {
	t.Helper()
	o, err := d.Store.Org(d.ctx, d.Person("核验", market.Reviewer), id)
	must(t, err)
	return o.USCC
}

// TestSignalsStandInTheWay: neither review passes before each signal is answered; an answer holds for what was seen.
func TestSignalsStandInTheWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.handIn(t, d.seller, func(c *market.Contract) { c.Related, c.TotalAmount = true, decimal.NewFromInt(large) })
	must(t, d.Service.AcceptContract(d.ctx, d.first, id))
	wantKind(t, d.Service.PassContract(d.ctx, d.first, id), market.Conflict)
	answer := market.SignalAnswer{Kind: market.SignalRelated, Key: "declared", Finding: market.SignalAsk, Note: "请说明持股关系"}
	say := func(a market.Actor, x market.SignalAnswer) error { return d.Service.AnswerSignal(d.ctx, a, id, x) }

	wantKind(t, say(d.seller, answer), market.Denied)
	wantKind(t, say(d.Person("统计", market.Statistician), answer), market.Denied)
	wantKind(t, say(d.Officer("吉水专员", "360822", market.Registrar), answer), market.NotFound)
	for _, x := range []market.SignalAnswer{{Kind: market.SignalRelated, Key: "declared;people=甲"}, {Kind: market.SignalUnit, Key: "huge 1"}} {
		x.Finding, x.Note = market.SignalClear, "看过"
		wantKind(t, say(d.first, x), market.Conflict)
	}
	wantKind(t, say(d.first, market.SignalAnswer{Kind: "nothing", Key: "x", Finding: market.SignalClear, Note: "看过"}), market.NotFound)
	wantField(t, say(d.first, market.SignalAnswer{Kind: market.SignalRelated, Key: "declared", Finding: market.SignalClear}), "note", "请写明")
	if d.signals(t, d.first, id).Find(market.SignalRelated).Answers != nil {
		t.Error("a refused answer was kept")
	}

	must(t, say(d.first, answer))
	wantKind(t, d.Service.PassContract(d.ctx, d.first, id), market.Conflict) // an explanation is still to come
	answer.Finding, answer.Note = market.SignalConfirmed, "母子公司，价款有评估报告"
	must(t, say(d.first, answer))
	must(t, d.Service.PassContract(d.ctx, d.first, id))

	// Before the second review a twin comes in: that is another signal.
	twin := d.handIn(t, d.seller, func(c *market.Contract) { c.Title, c.TotalAmount = d.read(t, id).Title, decimal.NewFromInt(50_000) })
	wantKind(t, d.Service.ConfirmContract(d.ctx, d.second, id), market.Conflict)
	d.Clear(d.second, id)
	must(t, d.Service.ConfirmContract(d.ctx, d.second, id))
	got := d.signals(t, d.second, id)
	related, same := got.Find(market.SignalRelated), got.Find(market.SignalDuplicate)
	if got.Open() != 0 || len(related.Answers) != 2 || related.Answers[0].UserName != d.first.UserName || related.Answers[0].Seen != related.Text || same.Contracts[0].ID != twin {
		t.Errorf("the second reviewer reads %+v", got)
	}
	if n := d.Audits(market.ContractSignal, id, "done"); n != 3 {
		t.Errorf("%d audit entries of answers, want 3", n)
	}
	// A third of the name opens it again; the earlier answer stays readable.
	d.handIn(t, d.seller, func(c *market.Contract) { c.Title, c.TotalAmount = d.read(t, id).Title, decimal.NewFromInt(40_000) })
	same = d.signals(t, d.second, id).Find(market.SignalDuplicate)
	if !same.Open() || len(same.Answers) != 1 || same.Answer() != nil {
		t.Errorf("after a third of the name: %+v", same)
	}
	if _, err := d.Store.DB().ExecContext(d.ctx, `UPDATE contract_signal_answers SET note = 'x'`); err == nil {
		t.Error("an answer was changed")
	}
}

// TestSignalsNotByTheParties: a registrar who has a part in the contract does not answer.
func TestSignalsNotByTheParties(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.handIn(t, d.seller, func(c *market.Contract) { c.Related = true })
	must(t, d.Service.AcceptContract(d.ctx, d.first, id))
	_, err := d.Store.DB().ExecContext(d.ctx, `INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, 'viewer', now())`, d.seller.OrgID, d.second.UserID)
	must(t, err)
	wantKind(t, d.Service.AnswerSignal(d.ctx, d.second, id, market.SignalAnswer{Kind: market.SignalRelated, Key: "declared", Finding: market.SignalClear, Note: "看过"}), market.Denied)
	must(t, d.Service.ReturnContract(d.ctx, d.first, id, "R05", "请补说明"))
	wantKind(t, d.Service.AnswerSignal(d.ctx, d.first, id, market.SignalAnswer{Kind: market.SignalRelated, Key: "declared", Finding: market.SignalClear, Note: "看过"}), market.Conflict)
}
