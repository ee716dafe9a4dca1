package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// proof is an upload of the seller's.
func (d *desk) proof(t *testing.T) string {
	t.Helper()
	f, err := d.Service.UploadFile(d.ctx, d.seller, market.FileContract, "变更协议.pdf", []byte("%PDF-1.7\n%%EOF"))
	must(t, err)
	return f.ID
}

// askChange asks for another contract; change says what is different.
func (d *desk) askChange(t *testing.T, id int64, change func(*market.Contract)) (int64, error) {
	t.Helper()
	c := d.read(t, id)
	change(&c)
	return d.Service.AskChange(d.ctx, d.seller, c, market.Amendment{Why: "双方签订了补充协议", FileID: d.proof(t)}, "")
}

// royalty brings a contract of which the total is open to the register.
func (d *desk) royalty(t *testing.T, total int64) int64 {
	t.Helper()
	c := d.Contract(total)
	c.PaymentMode, c.AmountOpen, c.Royalty = "royalty_entry", true, "销售额的 3%，5 年"
	id, err := d.Service.CreateContract(d.ctx, d.seller, c, "")
	must(t, err)
	for _, act := range []string{"submit", "accept", "register"} {
		must(t, d.acts()[act](id))
	}
	return id
}

func (d *desk) askSupplement(t *testing.T, id int64, total int64, final bool) (int64, error) {
	t.Helper()
	on := market.DateOf(d.Now())
	return d.Service.AskSupplement(d.ctx, d.seller, market.Amendment{ContractID: id, Why: "2026 年下半年提成", ObtainedOn: &on, Total: decimal.NewFromInt(total),
		Tech: decimal.NewFromInt(total), Final: final, FileID: d.proof(t)}, "")
}

func (d *desk) wantStanding(t *testing.T, id int64, contracts int, total int64) market.LedgerEntry {
	t.Helper()
	entries, err := d.Store.LedgerEntries(d.ctx, id)
	must(t, err)
	s := market.Standing(entries)
	if s.Contracts != contracts || !s.TotalAmount.Equal(decimal.NewFromInt(total)) {
		t.Errorf("contract %d stands as %d, %s, want %d, %d", id, s.Contracts, s.TotalAmount, contracts, total)
	}
	return s
}

func TestChangeBecomesANewVersion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractRegistered)
	before := d.read(t, id)
	_, err := d.askChange(t, id, func(*market.Contract) {})
	wantField(t, err, "title", "没有改动")
	_, err = d.askChange(t, id, func(c *market.Contract) { c.TotalAmount = decimal.Zero })
	wantField(t, err, "total_amount", "请填写")
	_, err = d.Service.AskChange(d.ctx, d.seller, before, market.Amendment{}, "")
	wantField(t, err, "why", "请写明")
	wantField(t, err, "contract", "请选择文件")

	d.SetDay(2027, time.February, 3)
	first, err := d.askChange(t, id, func(c *market.Contract) {
		c.TotalAmount = decimal.NewFromInt(960_000)
		c.Deductions = []market.Deduction{{Kind: "equipment", Name: "试验台", Amount: decimal.NewFromInt(60_000)}}
	})
	must(t, err)
	_, err = d.askChange(t, id, func(c *market.Contract) { c.Title = "另一项" })
	wantKind(t, err, market.Conflict)
	if got := d.read(t, id); !got.TotalAmount.Equal(before.TotalAmount) {
		t.Error("the contract changed before anybody confirmed it")
	}
	must(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, first))
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.second, id, first), market.Conflict)
	d.wantStanding(t, id, 1, 960_000)

	second, err := d.askChange(t, id, func(c *market.Contract) { c.Buyer.Region, c.Title = "360802", "改过的题名" })
	must(t, err)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, second))
	if s := d.wantStanding(t, id, 1, 960_000); !s.BuyerInCity || s.BuyerRegion != "360802" || !s.TechAmount.Equal(decimal.NewFromInt(900_000)) {
		t.Errorf("the ledger has %+v", s)
	}
	now := d.read(t, id)
	if now.Title != "改过的题名" || now.RegistrationNumber != before.RegistrationNumber || !now.RegisteredOn.Equal(*before.RegisteredOn) || now.State != market.ContractRegistered {
		t.Errorf("the contract is now %+v", now)
	}
	list, err := d.Store.ContractAmendments(d.ctx, id)
	must(t, err)
	ref := d.Service.Reference()
	if len(list) != 2 || len(market.ContractDiff(ref, *list[0].Before, before)) > 0 || len(market.ContractDiff(ref, *list[1].Proposed, now)) > 0 ||
		len(market.ContractDiff(ref, *list[0].Proposed, *list[1].Before)) > 0 {
		t.Errorf("the versions do not follow from one another: %+v", list)
	}
	if diff := market.ContractDiff(ref, *list[0].Before, *list[0].Proposed); len(diff) != 3 || diff[0].Field != "total_amount" {
		t.Errorf("the first change reads %+v", diff)
	}
	must(t, d.Service.CancelContract(d.ctx, d.first, id, removal("Z01", "双方协商解除")))
	d.wantStanding(t, id, 0, 0)
}

func TestChangeAcrossTheAmountNeedsTwo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractRegistered)
	x, err := d.askChange(t, id, func(c *market.Contract) { c.TotalAmount = decimal.NewFromInt(5_000_000) })
	must(t, err)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, x), market.Conflict)
	must(t, d.Service.PassAmendment(d.ctx, d.first, id, x))
	wantKind(t, d.Service.PassAmendment(d.ctx, d.second, id, x), market.Conflict)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, x), market.Denied)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.second, id, x))
	d.wantStanding(t, id, 1, 5_000_000)
	// And back below it.
	x, err = d.askChange(t, id, func(c *market.Contract) { c.TotalAmount = decimal.NewFromInt(100_000) })
	must(t, err)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.second, id, x), market.Conflict)
	list, err := d.Store.ContractAmendments(d.ctx, id)
	must(t, err)
	if due := d.Service.Reference().Calendar.AddWorkdays(d.Now(), 30); !list[1].DueOn.Equal(due) {
		t.Errorf("due %s, want %s", list[1].DueOn, due)
	}
	must(t, d.Service.WithdrawAmendment(d.ctx, d.seller, id, x))
	wantKind(t, d.Service.PassAmendment(d.ctx, d.first, id, x), market.Conflict)
}

func TestSupplementsOfARoyalty(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fixed := d.bring(t, market.ContractRegistered)
	_, err := d.askSupplement(t, fixed, 1000, false)
	wantKind(t, err, market.Conflict)
	id := d.royalty(t, 300_000)
	_, err = d.askSupplement(t, id, 0, false)
	wantField(t, err, "total_amount", "请填写")
	x, err := d.askSupplement(t, id, 50_000, false)
	must(t, err)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, x))
	d.wantStanding(t, id, 1, 350_000)
	if c := d.read(t, id); !c.AmountOpen || !c.TotalAmount.Equal(decimal.NewFromInt(300_000)) {
		t.Errorf("the original is not as it was signed: %+v", c)
	}
	x, err = d.askSupplement(t, id, 20_000, true)
	must(t, err)
	wantField(t, d.Service.RefuseAmendment(d.ctx, d.first, id, x, "R05", ""), "note", "请写明")
	must(t, d.Service.RefuseAmendment(d.ctx, d.first, id, x, "R05", "结算单没有对方盖章"))
	x, err = d.askSupplement(t, id, 20_000, true)
	must(t, err)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, x))
	d.wantStanding(t, id, 1, 370_000)
	_, err = d.askSupplement(t, id, 1000, false)
	wantKind(t, err, market.Conflict)
	must(t, d.Service.RevokeContract(d.ctx, d.first, id, removal("X03", "重复登记")))
	d.wantStanding(t, id, 0, 0)
	_, err = d.askChange(t, id, func(c *market.Contract) { c.Title = "再改" })
	wantKind(t, err, market.Conflict)
}

func TestAmendmentsByTheRightPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractRegistered)
	x, err := d.askChange(t, id, func(c *market.Contract) { c.Title = "改过的题名" })
	must(t, err)
	stranger := d.Org("吉水测试电子有限公司", market.Enterprise, "360822")
	elsewhere := d.Officer("县里的登记员", "360825", market.Registrar)
	_, err = d.Service.AskChange(d.ctx, stranger, d.read(t, id), market.Amendment{}, "")
	wantKind(t, err, market.NotFound)
	wantKind(t, d.Service.WithdrawAmendment(d.ctx, stranger, id, x), market.NotFound)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, elsewhere, id, x), market.NotFound)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.seller, id, x), market.Denied)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.first, d.bring(t, market.ContractRegistered), x), market.NotFound)
	if n, err := d.Store.OpenAmendments(d.ctx, elsewhere); err != nil || n != 0 {
		t.Errorf("another county's desk has %d, %v", n, err)
	}
	if n, err := d.Store.OpenAmendments(d.ctx, d.first); err != nil || n != 1 {
		t.Errorf("the desk has %d, %v", n, err)
	}
}

// Whoever comes first, the ledger agrees with the contract's state, and nothing is counted twice.
func TestAmendmentsRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, ctx := d.Service, d.ctx
	for round := range 4 {
		id := d.royalty(t, 300_000)
		x, err := d.askSupplement(t, id, 50_000, false)
		must(t, err)
		together(
			func() error { return s.ConfirmAmendment(ctx, d.first, id, x) },
			func() error { return s.RevokeContract(ctx, d.second, id, removal("X03", "重复登记")) },
			func() error { return s.WithdrawAmendment(ctx, d.seller, id, x) },
			func() error { return s.ConfirmAmendment(ctx, d.second, id, x) },
		)
		d.wantStanding(t, id, 0, 0) // it is revoked in the end, whatever came before
		list, err := d.Store.ContractAmendments(ctx, id)
		must(t, err)
		if list[0].State.Open() {
			t.Errorf("round %d: the supplement is still %s", round, list[0].State)
		}
	}
	// A double click asks once, two windows ask once.
	id, proof := d.royalty(t, 300_000), d.proof(t)
	on := market.DateOf(d.Now())
	ask := func(key, proof string) func() error {
		return func() error {
			_, err := s.AskSupplement(ctx, d.seller, market.Amendment{ContractID: id, Why: "提成", ObtainedOn: &on, Total: decimal.NewFromInt(1000), FileID: proof}, key)
			return err
		}
	}
	key := fmt.Sprintf("%032d", 7)
	for _, err := range together(ask(key, proof), ask(key, proof), ask(key, proof)) {
		must(t, err)
	}
	errs := together(ask("", d.proof(t)), ask("", d.proof(t)))
	for _, err := range errs {
		wantKind(t, err, market.Conflict)
	}
	list, err := d.Store.ContractAmendments(ctx, id)
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%d supplements are open", len(list))
	}
}

// What is decided stays: also for a hand in the database.
func TestDecidedAmendmentsAreKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.royalty(t, 300_000)
	x, err := d.askSupplement(t, id, 50_000, false)
	must(t, err)
	for _, statement := range []string{`UPDATE contract_amendments SET total_amount = 60000 WHERE id = $1`, `DELETE FROM contract_amendments WHERE id = $1`} {
		if _, err := d.Store.DB().ExecContext(d.ctx, statement, x); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	must(t, d.Service.ConfirmAmendment(d.ctx, d.first, id, x))
	if _, err := d.Store.DB().ExecContext(d.ctx, `UPDATE contract_amendments SET state = 'open', decided_at = NULL WHERE id = $1`, x); err == nil {
		t.Error("a confirmed supplement was opened again")
	}
}
