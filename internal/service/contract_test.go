package service_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// desk is a world with what contracts need: a seller, a buyer and two registrars.
type desk struct {
	*worldtest.World
	ctx           context.Context
	seller, buyer market.Actor
	first, second market.Actor
}

// large and small are a 合同成交额 that needs a second review and one that does not.
const large, small = 8_600_000, 860_000

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := worldtest.New(t, 2026, time.November, 23)
	return &desk{World: w, ctx: t.Context(),
		seller: w.Org("赣江理工大学（测试）", market.University, "360802"), buyer: w.Org("永丰测试钙业有限公司", market.Enterprise, "360825"),
		first: w.Person("刘文静", market.Registrar), second: w.Person("曾宪平", market.Registrar)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantKind fails unless err is an Error of that kind.
func wantKind(t *testing.T, err error, kind market.ErrorKind) {
	t.Helper()
	if !market.IsKind(err, kind) {
		t.Fatalf("got %v, want an error of kind %d", err, kind)
	}
}

// wantField fails unless err names the field with a message that holds text.
func wantField(t *testing.T, err error, field, text string) {
	t.Helper()
	if e := market.AsError(err); e != nil {
		for _, f := range e.Fields {
			if f.Field == field && strings.Contains(f.Message, text) {
				return
			}
		}
	}
	t.Fatalf("got %v, want %q at field %s", err, text, field)
}

func (d *desk) create(t *testing.T, total int64) int64 {
	t.Helper()
	id, err := d.Service.CreateContract(d.ctx, d.seller, d.Contract(total), "")
	must(t, err)
	return id
}

func (d *desk) read(t *testing.T, id int64) market.Contract {
	t.Helper()
	c, err := d.Store.Contract(d.ctx, d.seller, id)
	must(t, err)
	return c.Contract
}

// acts are all acts on a contract by their names, as the person they are for.
func (d *desk) acts() map[string]func(id int64) error {
	s, ctx := d.Service, d.ctx
	return map[string]func(int64) error{
		"submit":   func(id int64) error { return s.SubmitContract(ctx, d.seller, id) },
		"withdraw": func(id int64) error { return s.WithdrawContract(ctx, d.seller, id) },
		"accept":   func(id int64) error { return s.AcceptContract(ctx, d.first, id) },
		"return":   func(id int64) error { return s.ReturnContract(ctx, d.first, id, "R06", "请加盖骑缝章") },
		"pass":     func(id int64) error { return s.PassContract(ctx, d.first, id) },
		"confirm":  func(id int64) error { return s.ConfirmContract(ctx, d.second, id) },
		"register": func(id int64) error { return s.RegisterContract(ctx, d.first, id, d.Number(), d.Now()) },
		"refuse":   func(id int64) error { return s.RefuseContract(ctx, d.first, id, "R07", "") },
		"cancel":   func(id int64) error { return s.CancelContract(ctx, d.first, id, removal("Z01", "双方协商解除")) },
		"revoke":   func(id int64) error { return s.RevokeContract(ctx, d.first, id, removal("X03", "重复登记")) },
	}
}

// paths lead a new contract into each state.
var paths = map[market.ContractState][]string{
	market.ContractDraft:        {},
	market.ContractSubmitted:    {"submit"},
	market.ContractSupplement:   {"submit", "return"},
	market.ContractAccepted:     {"submit", "accept"},
	market.ContractSecondReview: {"submit", "accept", "pass"},
	market.ContractToRegister:   {"submit", "accept", "pass"},
	market.ContractRegistered:   {"submit", "accept", "pass", "register"},
	market.ContractRefused:      {"submit", "refuse"},
	market.ContractWithdrawn:    {"submit", "withdraw"},
	market.ContractCancelled:    {"submit", "accept", "register", "cancel"},
	market.ContractRevoked:      {"submit", "accept", "register", "revoke"},
}

// bring makes a contract and leads it into the state.
func (d *desk) bring(t *testing.T, state market.ContractState) int64 {
	t.Helper()
	total := int64(small)
	if state == market.ContractSecondReview {
		total = large
	}
	id := d.create(t, total)
	for _, act := range paths[state] {
		must(t, d.acts()[act](id))
	}
	if got := d.read(t, id).State; got != state {
		t.Fatalf("contract is %s, want %s", got, state)
	}
	return id
}

// outcome is where an act leads from a state; ok is false where it is refused.
func outcome(from market.ContractState, act string) (to market.ContractState, ok bool) {
	if from == market.ContractAccepted && act == "register" {
		return market.ContractRegistered, true // serves as the first review too
	}
	to, err := market.Contracts.Next(from, act)
	return to, err == nil
}

func TestContractEveryStateAndAct(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, state := range market.Contracts.States {
		for name := range d.acts() {
			id := d.bring(t, state)
			before := len(d.moves(t, id))
			err := d.acts()[name](id)
			want, allowed := outcome(state, name)
			got := d.read(t, id)
			if !allowed {
				kind := market.Conflict
				if state == market.ContractDraft {
					kind = market.NotFound // a draft has not come to the desk
				}
				if !market.IsKind(err, kind) || got.State != state || len(d.moves(t, id)) != before {
					t.Errorf("%s in %s: %v, then %s; want a refusal and no change", name, state, err, got.State)
				}
				continue
			}
			if err != nil || got.State != want {
				t.Errorf("%s in %s: %v, then %s; want %s", name, state, err, got.State, want)
				continue
			}
			moves := d.moves(t, id)
			if last := moves[len(moves)-1]; last.From == last.To || last.To != string(want) || d.Audits(market.Action("contract."+name), id, "done") == 0 {
				t.Errorf("%s in %s left the move %+v", name, state, last)
			}
		}
	}
}

func (d *desk) moves(t *testing.T, id int64) []market.Move {
	t.Helper()
	moves, err := d.Store.Moves(d.ctx, market.Object{Kind: "contract", ID: id})
	must(t, err)
	return moves
}

func TestContractEditOnlyAsDraftOrSupplement(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, state := range market.Contracts.States {
		id := d.bring(t, state)
		c := d.read(t, id)
		c.Title = "改过的题名"
		err := d.Service.EditContract(d.ctx, d.seller, c)
		if state.Editable() {
			must(t, err)
			if d.read(t, id).Title != c.Title {
				t.Errorf("edit in %s changed nothing", state)
			}
			wantKind(t, d.Service.EditContract(d.ctx, d.seller, c), market.Conflict) // from the older version
			continue
		}
		wantKind(t, err, market.Conflict)
	}
	id := d.bring(t, market.ContractDraft)
	wantKind(t, d.Service.EditContract(d.ctx, d.Member(d.seller, "只读", market.Viewer), d.read(t, id)), market.Denied)
	wantKind(t, d.Service.EditContract(d.ctx, d.buyer, d.read(t, id)), market.NotFound)
}

func TestContractAmountsBalance(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.Contract(large)
	c.Deductions = []market.Deduction{{Kind: "equipment", Name: "光色电综合测试台 2 套", Amount: decimal.NewFromInt(1_260_000)},
		{Kind: "material", Name: "氮化铝基板", Amount: decimal.RequireFromString("388000.50")}}
	c.TechAmount = decimal.NewFromInt(1) // what the form says of it does not count
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	got := d.read(t, id)
	if want := decimal.RequireFromString("6951999.50"); !got.TechAmount.Equal(want) || len(got.Deductions) != 2 || got.Deductions[1].Name != "氮化铝基板" {
		t.Errorf("stored %s %+v, want %s", got.TechAmount, got.Deductions, want)
	}
	c.Deductions[0].Amount = decimal.NewFromInt(large)
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "deductions", "应小于合同成交额")
	c.Deductions[0].Amount = decimal.NewFromInt(-5)
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "deductions.0.amount", "还没有填金额")
	c = d.Contract(-1)
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "total_amount", "请填写")
	c = d.Contract(10_000_000_000_000)
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "total_amount", "1 万亿元以上")
	if _, err := d.Store.Contract(d.ctx, d.seller, id+1); err == nil {
		t.Error("a refused contract was stored")
	}
}

func TestContractNeedsASecondReviewerFromTheAmountOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractSecondReview)
	err := d.Service.ConfirmContract(d.ctx, d.first, id)
	wantKind(t, err, market.Denied)
	if d.read(t, id).State != market.ContractSecondReview || d.Audits(market.ContractConfirm, id, "refused") != 1 {
		t.Error("the first reviewer's confirmation was not refused and noted")
	}
	must(t, d.Service.ConfirmContract(d.ctx, d.second, id))
	got := d.read(t, id)
	if *got.FirstReviewer != d.first.UserID || *got.SecondReviewer != d.second.UserID {
		t.Errorf("reviewers are %d and %d", *got.FirstReviewer, *got.SecondReviewer)
	}
	large := d.create(t, large)
	must(t, d.Service.SubmitContract(d.ctx, d.seller, large))
	must(t, d.Service.AcceptContract(d.ctx, d.first, large))
	wantKind(t, d.Service.RegisterContract(d.ctx, d.first, large, d.Number(), d.Now()), market.Conflict)
	at, below := d.create(t, 5_000_000), d.create(t, 4_999_999)
	for _, id := range []int64{at, below} {
		for _, act := range []string{"submit", "accept", "pass"} {
			must(t, d.acts()[act](id))
		}
	}
	if a, b := d.read(t, at).State, d.read(t, below).State; a != market.ContractSecondReview || b != market.ContractToRegister {
		t.Errorf("at the amount %s, below it %s", a, b)
	}
}

// TestContractClock is over the National Day of 2026: 09-20 and 10-10 are worked, 09-25 to 09-27 and 10-01 to 10-07 free.
func TestContractClock(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.SetDay(2026, time.September, 18) // a Friday
	fifteen, thirty := d.create(t, small), d.create(t, large)
	for _, id := range []int64{fifteen, thirty} {
		must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
		must(t, d.Service.AcceptContract(d.ctx, d.first, id))
	}
	d.wantClock(t, fifteen, "2026-09-18", "2026-10-15")
	d.wantClock(t, thirty, "2026-09-18", "2026-11-05")

	d.SetDay(2026, time.September, 22)
	must(t, d.Service.ReturnContract(d.ctx, d.first, fifteen, "R06", "请加盖骑缝章"))
	d.wantClock(t, fifteen, "", "")
	d.SetDay(2026, time.September, 28)
	must(t, d.Service.SubmitContract(d.ctx, d.seller, fifteen))
	d.wantClock(t, fifteen, "", "")
	must(t, d.Service.AcceptContract(d.ctx, d.first, fifteen))
	d.wantClock(t, fifteen, "2026-09-28", "2026-10-23")
}

func (d *desk) wantClock(t *testing.T, id int64, accepted, due string) {
	t.Helper()
	c := d.read(t, id)
	text := func(day *time.Time) string {
		if day == nil {
			return ""
		}
		return day.Format(time.DateOnly)
	}
	if text(c.AcceptedOn) != accepted || text(c.DueOn) != due {
		t.Errorf("clock from %q to %q, want %q to %q", text(c.AcceptedOn), text(c.DueOn), accepted, due)
	}
}

func TestContractReturnClearsReviews(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractSecondReview)
	must(t, d.Service.ReturnContract(d.ctx, d.second, id, "R05", "请补查新报告"))
	c := d.read(t, id)
	if c.State != market.ContractSupplement || c.FirstReviewer != nil || c.ReasonCode != "R05" || c.Reason != "请补查新报告" {
		t.Errorf("after the return: %+v", c)
	}
	must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
	if c = d.read(t, id); c.ReasonCode != "" || c.Reason != "" {
		t.Error("the reason stayed after the supplement")
	}
	for _, bad := range []struct{ code, note, field string }{{"", "缺章", "code"}, {"X1", "缺章", "code"}, {"R06", " ", "note"}} {
		err := d.Service.ReturnContract(d.ctx, d.first, id, bad.code, bad.note)
		wantField(t, err, bad.field, "请")
	}
}

func TestContractRefusalGrounds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractSubmitted)
	wantField(t, d.Service.RefuseContract(d.ctx, d.first, id, "R99", ""), "note", "请写明")
	wantField(t, d.Service.RefuseContract(d.ctx, d.first, id, "", "不行"), "code", "请选择")
	must(t, d.Service.RefuseContract(d.ctx, d.first, id, "R07", ""))
	if c := d.read(t, id); c.Reason != "非技术合同" || c.ReasonCode != "R07" {
		t.Errorf("refused for %s %q", c.ReasonCode, c.Reason)
	}
}

func TestContractRegistrationNumberAndDate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	number := d.Number()
	id := d.bring(t, market.ContractToRegister)
	must(t, d.Service.RegisterContract(d.ctx, d.first, id, number[:4]+" "+number[4:], d.Now()))
	if got := d.read(t, id).RegistrationNumber; got != number {
		t.Errorf("number is %s, want %s", got, number)
	}
	other := d.bring(t, market.ContractToRegister)
	wantField(t, d.Service.RegisterContract(d.ctx, d.first, other, number, d.Now()), "number", d.read(t, id).Title)
	wantField(t, d.Service.RegisterContract(d.ctx, d.first, other, "20263608000012", time.Time{}), "registered_on", "请填写")
	wantField(t, d.Service.RegisterContract(d.ctx, d.first, other, "2026", d.Now()), "number", "16 位或 14 位")
	wantField(t, d.Service.RegisterContract(d.ctx, d.first, other, d.Number(), d.Now().AddDate(0, 0, 1)), "registered_on", "不能晚于今天")
	wantField(t, d.Service.RegisterContract(d.ctx, d.first, other, d.Number(), d.Now().AddDate(0, 0, -1)), "registered_on", "不能早于签订日期")
	if c := d.read(t, other); c.State != market.ContractToRegister || c.RegistrationNumber != "" {
		t.Errorf("refused registrations left %+v", c)
	}
	if n, err := d.Store.LedgerEntries(d.ctx, other); err != nil || len(n) > 0 {
		t.Errorf("a refused registration is in the ledger: %+v, %v", n, err)
	}
}

func TestContractRegistersInOneStepBelowTheAmount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractAccepted)
	wantKind(t, d.Service.RegisterContract(d.ctx, d.first, id, "1", d.Now()), market.Invalid)
	if d.read(t, id).State != market.ContractAccepted {
		t.Error("a wrong number left the first review passed")
	}
	must(t, d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), d.Now()))
	moves := d.moves(t, id)
	pass, register := moves[len(moves)-2], moves[len(moves)-1]
	if pass.Move != "pass" || register.Move != "register" || register.From != string(market.ContractToRegister) {
		t.Errorf("moves are %s, %s", pass.Move, register.Move)
	}
	if d.Audits(market.ContractPass, id, "done") != 1 || d.Audits(market.ContractRegister, id, "done") != 1 || *d.read(t, id).FirstReviewer != d.first.UserID {
		t.Error("the review in the registration is not on record")
	}
}

func TestContractDuplicatesAreFlagged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.Contract(small)
	var ids []int64
	for range 2 {
		id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
		must(t, err)
		must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
		ids = append(ids, id)
	}
	other := d.bring(t, market.ContractSubmitted) // same parties, another title
	pairs, err := d.Store.PairContracts(d.ctx, d.first, d.read(t, ids[1]), 10)
	must(t, err)
	if len(pairs) != 2 || pairs[0].ID != ids[0] || !pairs[0].Duplicate || pairs[1].ID != other || pairs[1].Duplicate {
		t.Errorf("pairs are %+v", pairs)
	}
	if pairs, err = d.Store.PairContracts(d.ctx, d.seller, d.read(t, ids[1]), 10); err != nil || len(pairs) != 0 {
		t.Errorf("a party reads the desk's comparison: %v %v", pairs, err)
	}
}

func TestContractRacingRegistrars(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractToRegister)
	errs := together(
		func() error { return d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), d.Now()) },
		func() error { return d.Service.RegisterContract(d.ctx, d.second, id, d.Number(), d.Now()) })
	wantOneThrough(t, errs, market.Conflict)
	if n := d.ledgerRows(t, id); n != 1 {
		t.Errorf("%d ledger entries, want 1", n)
	}
	// Two contracts that are given one number.
	a, b, number := d.bring(t, market.ContractToRegister), d.bring(t, market.ContractToRegister), d.Number()
	errs = together(
		func() error { return d.Service.RegisterContract(d.ctx, d.first, a, number, d.Now()) },
		func() error { return d.Service.RegisterContract(d.ctx, d.second, b, number, d.Now()) })
	wantOneThrough(t, errs, market.Invalid)
	if n := d.ledgerRows(t, a) + d.ledgerRows(t, b); n != 1 {
		t.Errorf("%d ledger entries for one number, want 1", n)
	}
	// One passes while the other refuses.
	id = d.bring(t, market.ContractAccepted)
	errs = together(
		func() error { return d.Service.PassContract(d.ctx, d.first, id) },
		func() error { return d.Service.ReturnContract(d.ctx, d.second, id, "R06", "请盖章") })
	wantOneThrough(t, errs, market.Conflict)
}

func together(acts ...func() error) []error {
	errs := make([]error, len(acts))
	var wg sync.WaitGroup
	for i, act := range acts {
		wg.Go(func() { errs[i] = act() })
	}
	wg.Wait()
	return errs
}

func wantOneThrough(t *testing.T, errs []error, kind market.ErrorKind) {
	t.Helper()
	through, refused := 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			through++
		case market.IsKind(err, kind):
			refused++
		}
	}
	if through != 1 || refused != len(errs)-1 {
		t.Errorf("got %v, want one through", errs)
	}
}

func (d *desk) ledgerRows(t *testing.T, id int64) int {
	t.Helper()
	var n int
	must(t, d.Store.DB().QueryRowContext(d.ctx, `SELECT count(*) FROM ledger_entries WHERE contract_id = $1`, id).Scan(&n))
	return n
}

// dealContract makes a contract from a deal about a need and a result.
func (d *desk) dealContract(t *testing.T) (id, deal, need, result int64) {
	t.Helper()
	need, result = d.Need(d.buyer), d.Result(d.seller)
	deal = d.Deal(d.seller, d.buyer, &need, &result, 1_260_000)
	c, err := d.Service.NewContract(d.ctx, d.seller, deal)
	must(t, err)
	today := market.DateOf(d.Now())
	c.PaymentMode, c.SignedOn, c.StartsOn, c.EndsOn = "instalments", today, today, today.AddDate(1, 0, 0)
	c.EconomicGoal, c.LicenceMode, c.Instalments = "industry", "ordinary", []market.Instalment{{Milestone: "验收合格后", Amount: c.TotalAmount}}
	whole := d.Contract(small)
	c.Seller.Fill(whole.Seller)
	c.Buyer.Fill(whole.Buyer)
	id, err = d.Service.CreateContract(d.ctx, d.seller, c, "once")
	must(t, err)
	return id, deal, need, result
}

func TestContractCopiesItsDeal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, deal, need, result := d.dealContract(t)
	c := d.read(t, id)
	if c.Kind != "L2" || c.TradeMode != "inquiry" || *c.DealID != deal || *c.NeedID != need || *c.ResultID != result ||
		!c.TotalAmount.Equal(decimal.NewFromInt(1_260_000)) || c.Submarket != "materials" || c.TechField != "materials" || c.IPType != "secret" ||
		c.Seller.Name != d.seller.OrgName || c.Buyer.Name != d.buyer.OrgName || c.Buyer.Region != "360825" || !strings.Contains(c.Content, "72 小时") {
		t.Errorf("contract is %+v", c)
	}
	again, err := d.Service.CreateContract(d.ctx, d.seller, c, "once")
	if err != nil || again != id {
		t.Errorf("the form posted twice gave %d, %v; want %d", again, err, id)
	}
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "another")
	wantKind(t, err, market.Conflict)
	c.Buyer.Name, c.Seller.USCC = "冒名有限公司", "91350100M000100Y43"
	must(t, d.Service.EditContract(d.ctx, d.seller, c))
	if got := d.read(t, id); got.Buyer.Name != d.buyer.OrgName || got.Seller.USCC == c.Seller.USCC {
		t.Error("the parties of a deal could be changed")
	}
	_, err = d.Service.NewContract(d.ctx, d.buyer, deal)
	wantKind(t, err, market.Denied)
	_, err = d.Service.NewContract(d.ctx, d.Org("旁人研究院（测试）", market.Institute, "360802"), deal)
	wantKind(t, err, market.NotFound)
	if bought, err := d.Store.Contract(d.ctx, d.buyer, id); err != nil || bought.DealNumber == "" {
		t.Errorf("the buyer does not see the draft of its deal: %v", err)
	}
}

func TestContractClosesAndReopensItsDeal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, deal, need, result := d.dealContract(t)
	for _, act := range []string{"submit", "accept"} {
		must(t, d.acts()[act](id))
	}
	on := market.DateOf(d.Now())
	must(t, d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), on))
	d.wantDeal(t, deal, market.DealContracted)
	if n, err := d.Store.Need(d.ctx, d.buyer, need); err != nil || n.State != market.Matched {
		t.Errorf("need is %s, %v", n.State, err)
	}
	if r, err := d.Store.Result(d.ctx, d.seller, result); err != nil || r.State != market.Matched || d.Audits(market.ResultMatch, result, "done") != 1 {
		t.Errorf("result is %s, %v", r.State, err)
	}
	entries, err := d.Store.LedgerEntries(d.ctx, id)
	must(t, err)
	e := market.Standing(entries)
	if !e.TotalAmount.Equal(decimal.NewFromInt(1_260_000)) || e.Contracts != 1 || !e.SellerInCity || !e.BuyerInCity || e.SellerRegion != "360802" ||
		!market.DateOf(e.EffectiveOn).Equal(on) || e.TradeMode != "inquiry" {
		t.Errorf("ledger entry is %+v", e)
	}
	d.SetDay(2026, time.December, 1)
	must(t, d.Service.RevokeContract(d.ctx, d.first, id, removal("X03", "经查实属重复登记")))
	d.wantDeal(t, deal, market.DealAgreed)
	var sum decimal.Decimal
	var last time.Time
	must(t, d.Store.DB().QueryRowContext(d.ctx, `SELECT sum(total_amount), max(effective_on) FROM ledger_entries WHERE contract_id = $1`, id).Scan(&sum, &last))
	if !sum.IsZero() || last.Format(time.DateOnly) != "2026-12-01" {
		t.Errorf("the ledger sums to %s, last entry of %s", sum, last)
	}
	if c := d.read(t, id); c.RegistrationNumber == "" || c.Reason != "经查实属重复登记" {
		t.Error("the revoked registration is not readable any more")
	}
	// The deal may have a contract again.
	c, err := d.Service.NewContract(d.ctx, d.seller, deal)
	must(t, err)
	c.PaymentMode, c.SignedOn, c.StartsOn, c.EndsOn = "lump", on, on, on.AddDate(1, 0, 0)
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
}

func (d *desk) wantDeal(t *testing.T, id int64, want market.DealState) {
	t.Helper()
	if got, err := d.Store.Deal(d.ctx, d.seller, id); err != nil || got.State != want {
		t.Errorf("deal is %s, %v; want %s", got.State, err, want)
	}
}

func TestContractOfARegistrarsOwnOrganisation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	insider := d.Person("兼职登记员", market.Registrar)
	must(t, d.Store.InTx(d.ctx, func(tx *store.Tx) error {
		return tx.AddMember(d.ctx, d.seller.OrgID, insider.UserID, market.Viewer, d.Now())
	}))
	id := d.bring(t, market.ContractSubmitted)
	wantKind(t, d.Service.AcceptContract(d.ctx, d.Again(insider), id), market.Denied)
	wantKind(t, d.Service.AcceptContract(d.ctx, insider, id), market.Denied) // also while acting for nobody
	if d.Audits(market.ContractAccept, id, "refused") != 2 || d.read(t, id).State != market.ContractSubmitted {
		t.Error("the refusal is not on record")
	}
}

func TestContractIsForItsSellerAndRegistrars(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	applicant := d.Applicant("未核验测试有限公司", market.Enterprise, "360802")
	_, err := d.Service.CreateContract(d.ctx, applicant, d.Contract(small), "")
	wantKind(t, err, market.Denied)
	id := d.bring(t, market.ContractSubmitted)
	s := d.Service
	for name, err := range map[string]error{
		"buyer submits": s.SubmitContract(d.ctx, d.buyer, id), "buyer withdraws": s.WithdrawContract(d.ctx, d.buyer, id)} {
		if !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, a := range map[string]market.Actor{"seller": d.seller, "statistician": d.Person("统计", market.Statistician), "auditor": d.Person("审计", market.Auditor)} {
		for act, err := range map[string]error{
			"accept": s.AcceptContract(d.ctx, a, id), "return": s.ReturnContract(d.ctx, a, id, "R06", "缺章"), "pass": s.PassContract(d.ctx, a, id),
			"confirm": s.ConfirmContract(d.ctx, a, id), "register": s.RegisterContract(d.ctx, a, id, d.Number(), d.Now()),
			"refuse": s.RefuseContract(d.ctx, a, id, "R07", ""), "cancel": s.CancelContract(d.ctx, a, id, removal("Z01", "x")), "revoke": s.RevokeContract(d.ctx, a, id, removal("X03", "x"))} {
			if !market.IsKind(err, market.Denied) {
				t.Errorf("%s by the %s: %v", act, name, err)
			}
		}
	}
	wantKind(t, s.AcceptContract(d.ctx, d.first, d.create(t, small)), market.NotFound) // a draft has not come to the desk
	if d.read(t, id).State != market.ContractSubmitted {
		t.Error("somebody moved the contract")
	}
}

func TestContractWithABuyerOfTheMarket(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	org, err := d.Store.Org(d.ctx, d.buyer, d.buyer.OrgID)
	must(t, err)
	c := d.Contract(small)
	c.Buyer.USCC = org.USCC
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "buyer_name", org.Name)
	c.Buyer.Name = org.Name
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	if got := d.read(t, id).Buyer.OrgID; got == nil || *got != d.buyer.OrgID {
		t.Error("the buyer is not linked to its organisation")
	}
	if _, err = d.Store.Contract(d.ctx, d.buyer, id); !market.IsKind(err, market.NotFound) {
		t.Errorf("the buyer reads a draft it knows nothing of: %v", err)
	}
	must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
	_, err = d.Store.Contract(d.ctx, d.buyer, id)
	must(t, err)
	c.Buyer.USCC = "91350100M000100Y34"
	_, err = d.Service.CreateContract(d.ctx, d.seller, c, "")
	wantField(t, err, "buyer_uscc", "校验位")
}

func TestContractIsRegisteredWithinItsValidity(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.Contract(small)
	c.EndsOn = market.DateOf(d.Now()).AddDate(0, 0, 2)
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	d.SetDay(2026, time.November, 26)
	wantField(t, d.Service.SubmitContract(d.ctx, d.seller, id), "ends_on", "有效期已过")
	d.SetDay(2026, time.November, 25)
	must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
}

// TestContractOfARoyalty: one whose total is not fixed at signing may be saved and registered; what it was signed with stays.
func TestContractOfARoyalty(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.Contract(small)
	c.Kind, c.LicenceMode, c.PaymentMode, c.AmountOpen, c.Royalty = "L2", "ordinary", "royalty_entry", true, "含税销售额的 3%，自投产起 5 年"
	c.Instalments = []market.Instalment{{Milestone: "入门费", Amount: decimal.NewFromInt(100_000)}}
	c.IPs = []market.IP{{Type: "secret", Title: "连续碳化工艺", Status: "granted"}}
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	for _, act := range []string{"submit", "accept", "pass", "register"} {
		must(t, d.acts()[act](id))
	}
	got := d.read(t, id)
	if !got.AmountOpen || got.Royalty != c.Royalty || !got.TotalAmount.Equal(c.TotalAmount) || len(got.Instalments) != 1 || len(got.IPs) != 1 || got.IPs[0].Title != "连续碳化工艺" {
		t.Errorf("stored %+v", got)
	}
	if got.Seller.LegalRep != "梁述平" || got.Buyer.Industry != "26" || got.LicenceMode != "ordinary" || got.EconomicGoal != "industry" {
		t.Errorf("stored the parties %+v and %+v", got.Seller, got.Buyer)
	}
	fresh, err := d.Service.NewContract(d.ctx, d.seller, 0)
	must(t, err)
	if fresh.Seller.Contact != "孔令仪" || fresh.Seller.Industry != "83" || fresh.Seller.USCC != got.Seller.USCC {
		t.Errorf("a new form begins with %+v", fresh.Seller)
	}
	_, err = d.Store.DB().ExecContext(d.ctx, `UPDATE contracts SET payment_mode = 'lump' WHERE id = $1`, id)
	if err == nil {
		t.Error("the database takes an open total that is no royalty")
	}
}
