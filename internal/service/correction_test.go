package service_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// paperOf is an upload of somebody's to prove a correction by.
func (d *desk) paperOf(t *testing.T, a market.Actor) string {
	t.Helper()
	f, err := d.Service.UploadFile(d.ctx, a, market.FileContract, "全国系统截图.pdf", []byte("%PDF-1.7\n%%EOF"))
	must(t, err)
	return f.ID
}

// TestCorrection: what was decided for the national side is proposed by one registrar with the national values, which nobody can
// replace by others, comes into force by another, and works the differences off.
func TestCorrection(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	counter, other := d.Person("彭晓岚", market.Statistician), d.Person("彭晓月", market.Statistician)
	c, renumbered := d.read(t, d.bring(t, market.ContractRegistered)), d.read(t, d.create(t, small+1000))
	for _, act := range paths[market.ContractRegistered] {
		must(t, d.acts()[act](renumbered.ID))
	}
	renumbered = d.read(t, renumbered.ID)
	there, elsewhere := nationalRow(c), nationalRow(renumbered)
	signed := c.SignedOn.AddDate(0, 0, -1)
	there.Title, there.SignedOn, there.Total = "全国系统的名称", &signed, c.TotalAmount.Add(decimal.NewFromInt(4000))
	there.Tech = decimal.NewNullDecimal(c.TechAmount.Add(decimal.NewFromInt(1000)))
	elsewhere.Number = d.Number()
	id := d.take(t, counter, export(t, there, elsewhere))
	_, err := d.Service.NewCorrection(d.ctx, d.first, id, c.ID)
	wantKind(t, err, market.Conflict) // nothing is decided
	for _, field := range []string{"title", "signed_on", "total", "tech", "number"} {
		d.decide(t, counter, id, field, market.DecideNational)
	}
	for _, nobody := range []market.Actor{counter, d.Officer("郭永春", "360825", market.Registrar)} {
		_, err = d.Service.NewCorrection(d.ctx, nobody, id, c.ID)
		wantKind(t, err, market.Denied)
		_, err = d.Service.CorrectContract(d.ctx, nobody, id, c, market.Amendment{}, "")
		wantKind(t, err, market.Denied)
	}
	filled, err := d.Service.NewCorrection(d.ctx, d.first, id, c.ID)
	must(t, err)
	k := filled.Becomes
	if k.Title != there.Title || !k.SignedOn.Equal(signed) || !k.TotalAmount.Equal(there.Total) || !k.TechAmount.Equal(there.Tech.Decimal) || len(filled.Items) != 4 || len(filled.Fixed) > 0 {
		t.Fatalf("filled in with %q, %s, %s, %s for %d differences, %v", k.Title, k.SignedOn, k.TotalAmount, k.TechAmount, len(filled.Items), filled.Fixed)
	}
	for i := range k.Deductions {
		k.Deductions[i].Kind, k.Deductions[i].Name = "equipment", "试验台"
	}
	propose := func(who market.Actor, k market.Contract) (int64, error) {
		return d.Service.CorrectContract(d.ctx, who, id, k, market.Amendment{Why: filled.Why, FileID: d.paperOf(t, who)}, "")
	}
	wrong := k
	wrong.Title = "另一个名称"
	_, err = propose(d.first, wrong)
	wantField(t, err, "title", "以全国为准")
	wrong = k
	wrong.Deductions = nil
	_, err = propose(d.first, wrong)
	wantField(t, err, "deductions", "技术交易额")
	wrong = k
	wrong.Version--
	_, err = propose(d.first, wrong)
	wantKind(t, err, market.Conflict)

	x, err := propose(d.first, k)
	must(t, err)
	if now := d.read(t, c.ID); now.Title != c.Title {
		t.Error("the contract changed before a second registrar confirmed it")
	}
	wantKind(t, d.Service.WithdrawAmendment(d.ctx, d.seller, c.ID, x), market.Conflict)
	wantKind(t, d.Service.ConfirmAmendment(d.ctx, d.first, c.ID, x), market.Denied)
	_, err = propose(d.second, k)
	wantKind(t, err, market.Conflict)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.second, c.ID, x))
	d.wantStanding(t, c.ID, 1, there.Total.IntPart())

	numbered, err := d.Service.NewCorrection(d.ctx, d.first, id, renumbered.ID)
	must(t, err)
	y, err := propose(d.first, numbered.Becomes)
	must(t, err)
	must(t, d.Service.ConfirmAmendment(d.ctx, d.second, renumbered.ID, y))
	if now := d.read(t, renumbered.ID); now.RegistrationNumber != elsewhere.Number {
		t.Errorf("the number is %s, want %s", now.RegistrationNumber, elsewhere.Number)
	}

	found := d.compared(t, counter, id)
	if len(found.Comparison.Agree) != 2 || found.Made[c.ID].State != market.AmendmentConfirmed || found.Made[renumbered.ID].ID != y {
		t.Errorf("%d alike, corrections %v", len(found.Comparison.Agree), found.Made)
	}
	for _, i := range found.Items() {
		must(t, d.Service.ConfirmDecision(d.ctx, other, id, i.Decision.ID))
	}
	if left := market.ProgressOf(d.compared(t, counter, id).Items()).Left(); left != 0 {
		t.Errorf("%d differences are left", left)
	}
	_, err = propose(d.first, k)
	wantKind(t, err, market.Conflict)
}
