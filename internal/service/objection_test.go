package service_test

import (
	"fmt"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// letter is an objection by tax as the registrar records it.
func (d *desk) letter(t *testing.T, contract int64) market.Objection {
	t.Helper()
	f, err := d.Service.UploadFile(d.ctx, d.first, market.FileContract, "来函.pdf", []byte("%PDF-1.7\n%%EOF"))
	must(t, err)
	return market.Objection{ContractID: contract, Objector: "tax", Name: "国家税务总局吉安市税务局", LetterNumber: "吉税函〔2026〕41 号", LetterOn: market.DateOf(d.Now()),
		Body: "标的疑似设备买卖，请重新核定。", FileID: f.ID}
}

func (d *desk) object(t *testing.T, contract int64) int64 {
	t.Helper()
	id, err := d.Service.RecordObjection(d.ctx, d.first, d.letter(t, contract), "")
	must(t, err)
	return id
}

func (d *desk) objection(t *testing.T, contract int64) market.Objection {
	t.Helper()
	c, err := d.Store.Contract(d.ctx, d.first, contract)
	must(t, err)
	if len(c.Objections) == 0 {
		t.Fatal("the contract has no objection")
	}
	return c.Objections[len(c.Objections)-1].Objection
}

// Wherever a contract stands on its way, an objection gives it the longer time and a second person.
func TestObjectionBeforeTheRegistration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.SetDay(2026, time.September, 18) // a Friday; 15 days end on 10-15, 30 on 11-05
	for from, want := range map[market.ContractState]struct {
		state market.ContractState
		due   string
	}{
		market.ContractSubmitted:  {market.ContractSubmitted, ""},
		market.ContractSupplement: {market.ContractSupplement, ""},
		market.ContractAccepted:   {market.ContractAccepted, "2026-11-05"},
		market.ContractToRegister: {market.ContractSecondReview, "2026-11-05"},
	} {
		id := d.bring(t, from)
		d.object(t, id)
		accepted := ""
		if want.due != "" {
			accepted = "2026-09-18"
		}
		d.wantClock(t, id, accepted, want.due)
		if c := d.read(t, id); c.State != want.state || !c.Disputed {
			t.Errorf("%s became %s, disputed %v", from, c.State, c.Disputed)
		}
		for _, act := range map[market.ContractState][]string{market.ContractSubmitted: {"accept", "pass"}, market.ContractSupplement: {"submit", "accept", "pass"}, market.ContractAccepted: {"pass"}}[from] {
			must(t, d.acts()[act](id))
		}
		d.wantClock(t, id, "2026-09-18", "2026-11-05")
		wantKind(t, d.Service.RegisterContract(d.ctx, d.second, id, d.Number(), d.Now()), market.Conflict)
		wantKind(t, d.Service.ConfirmContract(d.ctx, d.first, id), market.Denied)
		wantKind(t, d.Service.ProposeOutcome(d.ctx, d.first, id, d.objection(t, id).ID, "upheld", removal("", "可以")), market.Conflict)
		must(t, d.Service.ConfirmContract(d.ctx, d.second, id))
		must(t, d.Service.RegisterContract(d.ctx, d.first, id, d.Number(), d.Now()))
		if x := d.objection(t, id); x.State != market.ObjectionDecided || x.Outcome != "registered" || *x.FirstReviewer != d.first.UserID || *x.SecondReviewer != d.second.UserID {
			t.Errorf("the objection ended as %+v", x)
		}
	}
	refused, withdrawn := d.bring(t, market.ContractAccepted), d.bring(t, market.ContractSubmitted)
	d.object(t, refused)
	d.object(t, withdrawn)
	must(t, d.acts()["refuse"](refused))
	must(t, d.acts()["withdraw"](withdrawn))
	if a, b := d.objection(t, refused), d.objection(t, withdrawn); a.Outcome != "refused" || a.Reason != "R07 非技术合同" || b.Outcome != "ended" {
		t.Errorf("ended as %+v and %+v", a, b)
	}
	for _, state := range []market.ContractState{market.ContractRefused, market.ContractWithdrawn, market.ContractCancelled, market.ContractRevoked} {
		_, err := d.Service.RecordObjection(d.ctx, d.first, d.letter(t, d.bring(t, state)), "")
		wantKind(t, err, market.Conflict)
	}
}

func TestObjectionAfterTheRegistration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, ctx := d.Service, d.ctx
	ends := map[string]struct {
		m         market.Removal
		state     market.ContractState
		contracts int
	}{
		"upheld": {removal("", "标的有技术内容"), market.ContractRegistered, 1}, "changed": {removal("X03", "设备款应当扣除"), market.ContractRegistered, 1},
		"cancelled": {removal("Z02", "双方已不再履行"), market.ContractCancelled, 0}, "revoked": {removal("X01", "设备买卖"), market.ContractRevoked, 0}}
	for outcome, want := range ends {
		id := d.bring(t, market.ContractRegistered)
		x := d.object(t, id)
		if got := d.objection(t, id); !got.Registered || !got.DueOn.Equal(d.Service.Reference().Calendar.AddWorkdays(d.Now(), 30)) || d.read(t, id).Disputed {
			t.Errorf("the objection began as %+v", got)
		}
		wantKind(t, d.acts()["revoke"](id), market.Conflict)
		wantKind(t, s.ConfirmOutcome(ctx, d.second, id, x), market.Conflict)
		wantField(t, s.ProposeOutcome(ctx, d.first, id, x, "", want.m), "outcome", "请选择")
		wantField(t, s.ProposeOutcome(ctx, d.first, id, x, "revoked", removal("Z01", "设备买卖")), "ground", "请选择")
		wantField(t, s.ProposeOutcome(ctx, d.first, id, x, "upheld", removal("", " ")), "note", "请写明")
		must(t, s.ProposeOutcome(ctx, d.first, id, x, outcome, want.m))
		wantKind(t, s.ConfirmOutcome(ctx, d.first, id, x), market.Denied)
		wantKind(t, s.ReturnOutcome(ctx, d.first, id, x, "不行"), market.Denied)
		wantField(t, s.ReturnOutcome(ctx, d.second, id, x, ""), "note", "请写明")
		must(t, s.ReturnOutcome(ctx, d.second, id, x, "理由不够"))
		must(t, s.ProposeOutcome(ctx, d.second, id, x, outcome, want.m))
		wantKind(t, s.ConfirmOutcome(ctx, d.second, id, x), market.Denied)
		must(t, s.ConfirmOutcome(ctx, d.first, id, x))
		c, err := d.Store.Contract(ctx, d.seller, id)
		must(t, err)
		standing := d.wantStanding(t, id, want.contracts, int64(want.contracts)*small)
		if c.State != want.state || standing.Contracts != want.contracts || (c.Removal != nil) != (want.contracts == 0) || (c.ChangeWanted() != nil) != (outcome == "changed") {
			t.Errorf("%s: the contract is %s, %+v", outcome, c.State, c.Removal)
		}
		if got := d.objection(t, id); got.Outcome != outcome || got.State != market.ObjectionDecided || got.Reason != want.m.Note {
			t.Errorf("the objection ended as %+v", got)
		}
		if outcome != "changed" {
			continue
		}
		change, err := d.askChange(t, id, func(c *market.Contract) { c.Title = "改过的题名" })
		must(t, err)
		d.SetDay(2026, time.November, 24)
		must(t, s.ConfirmAmendment(ctx, d.first, id, change))
		if c, err = d.Store.Contract(ctx, d.seller, id); err != nil || c.ChangeWanted() != nil {
			t.Errorf("the change is still wanted, %v", err)
		}
	}
	id := d.bring(t, market.ContractRegistered)
	x := d.object(t, id)
	must(t, s.ProposeOutcome(ctx, d.first, id, x, "revoked", removal("X01", "设备买卖")))
	wantField(t, s.WithdrawObjection(ctx, d.first, id, x, ""), "note", "请写明")
	must(t, s.WithdrawObjection(ctx, d.first, id, x, "来函撤回"))
	wantKind(t, s.ConfirmOutcome(ctx, d.second, id, x), market.Conflict)
	must(t, d.acts()["revoke"](id))
}

func TestObjectionAsItIsRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractRegistered)
	bad := func(change func(*market.Objection)) error {
		x := d.letter(t, id)
		change(&x)
		_, err := d.Service.RecordObjection(d.ctx, d.first, x, "")
		return err
	}
	wantField(t, bad(func(x *market.Objection) { x.Objector = "" }), "objector", "请选择")
	wantField(t, bad(func(x *market.Objection) { x.Name = " " }), "name", "请填写")
	wantField(t, bad(func(x *market.Objection) { x.LetterNumber = "" }), "letter_number", "请填写")
	wantField(t, bad(func(x *market.Objection) { x.LetterOn = d.Now().AddDate(0, 0, 1) }), "letter_on", "不能晚于")
	wantField(t, bad(func(x *market.Objection) { x.Body = "" }), "body", "请写明")
	wantField(t, bad(func(x *market.Objection) { x.FileID = "" }), "contract", "请选择文件")
	elsewhere := d.Officer("县里的登记员", "360825", market.Registrar)
	for _, line := range []struct {
		a    market.Actor
		kind market.ErrorKind
	}{{elsewhere, market.NotFound}, {d.seller, market.Denied}, {d.Person("统计员", market.Statistician), market.Denied}} {
		_, err := d.Service.RecordObjection(d.ctx, line.a, d.letter(t, id), "")
		wantKind(t, err, line.kind)
	}
	must(t, bad(func(x *market.Objection) { x.Objector, x.Name, x.LetterNumber = "applicant", "", "" }))
	x := d.objection(t, id)
	if x.Name != d.read(t, id).Seller.Name {
		t.Errorf("the applicant is called %q", x.Name)
	}
	for _, a := range []market.Actor{d.seller, elsewhere} {
		if _, err := d.Store.File(d.ctx, a, x.FileID); !market.IsKind(err, market.NotFound) {
			t.Errorf("the letter is read by %s: %v", a.UserName, err)
		}
	}
	if _, err := d.Store.File(d.ctx, d.second, x.FileID); err != nil {
		t.Errorf("the desk does not read the letter: %v", err)
	}
	for _, statement := range []string{`UPDATE contract_objections SET body = 'x' WHERE id = $1`, `DELETE FROM contract_objections WHERE id = $1`} {
		if _, err := d.Store.DB().ExecContext(d.ctx, statement, x.ID); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	if n, err := d.Store.OpenObjections(d.ctx, elsewhere); err != nil || n != 0 {
		t.Errorf("another county's desk has %d, %v", n, err)
	}
	if list, err := d.Store.DeskObjections(d.ctx, d.first, store.Slice{Limit: 10}); err != nil || len(list) != 1 || list[0].ID != x.ID {
		t.Errorf("the desk has %+v, %v", list, err)
	}
}

// Whoever comes first: a contract is not registered past an objection, none is open against one that is off the register, and
// of two objections one is recorded.
func TestObjectionsRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, ctx := d.Service, d.ctx
	record := func(x market.Objection, key string) func() error {
		return func() error {
			_, err := s.RecordObjection(ctx, d.first, x, key)
			return err
		}
	}
	for range 4 {
		id := d.bring(t, market.ContractToRegister)
		errs := together(record(d.letter(t, id), ""), func() error { return s.RegisterContract(ctx, d.second, id, d.Number(), d.Now()) })
		must(t, errs[0])
		c, x := d.read(t, id), d.objection(t, id)
		if registered := c.State == market.ContractRegistered; registered != (errs[1] == nil) || registered != x.Registered || !registered && c.State != market.ContractSecondReview {
			t.Errorf("the contract is %s with %+v, %v", c.State, x, errs)
		}

		id = d.bring(t, market.ContractRegistered)
		errs = together(record(d.letter(t, id), ""), func() error { return s.RevokeContract(ctx, d.second, id, removal("X03", "重复登记")) })
		wantOneThrough(t, errs, market.Conflict)

		id = d.bring(t, market.ContractRegistered)
		errs = together(record(d.letter(t, id), ""), record(d.letter(t, id), ""))
		wantOneThrough(t, errs, market.Conflict)
		x = d.objection(t, id)
		change, err := d.askChange(t, id, func(c *market.Contract) { c.Title = "改过的题名" })
		must(t, err)
		must(t, s.ProposeOutcome(ctx, d.first, id, x.ID, "revoked", removal("X01", "设备买卖")))
		errs = together(
			func() error { return s.ConfirmOutcome(ctx, d.second, id, x.ID) },
			func() error { return s.ConfirmAmendment(ctx, d.first, id, change) },
			func() error { return s.ConfirmOutcome(ctx, d.second, id, x.ID) })
		wantOneThrough(t, []error{errs[0], errs[2]}, market.Conflict)
		d.wantStanding(t, id, 0, 0)
	}
	// A double click records once.
	id := d.bring(t, market.ContractRegistered)
	x, key := d.letter(t, id), fmt.Sprintf("%032d", 9)
	for _, err := range together(record(x, key), record(x, key), record(x, key)) {
		must(t, err)
	}
}
