package service_test

import (
	"slices"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// TestSamples: who draws from what; a draw comes out the same after the register has moved on; findings by those without a part.
func TestSamples(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	day := market.DateOf(d.Now())
	var ids []int64
	for range 4 {
		ids = append(ids, d.bring(t, market.ContractRegistered))
	}
	d.bring(t, market.ContractToRegister)
	d.bring(t, market.ContractRevoked)
	sealAll(t, d.World, market.LedgerLog)
	clerk := d.Person("统计", market.Statistician)
	want := market.Sample{From: day, To: day, Strata: "kind", Size: 3}
	draw := func(a market.Actor, x market.Sample, key string) (int64, error) {
		return d.Service.DrawSample(d.ctx, a, x, key)
	}

	for _, a := range []market.Actor{d.seller, d.Person("审计", market.Auditor), d.Person("审核", market.Reviewer)} {
		_, err := draw(a, want, "")
		wantKind(t, err, market.Denied)
	}
	over := want
	over.Size = 5
	_, err := draw(clerk, over, "")
	wantField(t, err, "size", "只有 4 份")
	_, err = draw(d.Officer("吉水专员", "360822", market.Registrar), want, "")
	wantField(t, err, "size", "只有 0 份")
	key := "0123456789abcdefghijklmnop"
	id, err := draw(clerk, want, key)
	must(t, err)
	if again, err := draw(clerk, want, key); err != nil || again != id {
		t.Errorf("the same form drew %d, then %d %v", id, again, err)
	}
	local, err := draw(d.Officer("吉州专员", "360802", market.Statistician), want, "")
	must(t, err)

	x, err := d.Store.Sample(d.ctx, clerk, id)
	must(t, err)
	drawn, err := d.Store.Sampled(d.ctx, clerk, id)
	must(t, err)
	if x.Population != 4 || len(drawn) != 3 || drawn[0].Stratum != "技术开发" || x.Seed == "" {
		t.Fatalf("drawn %+v: %+v", x, drawn)
	}
	for _, k := range drawn {
		if !slices.Contains(ids, k.ContractID) {
			t.Errorf("%d was drawn, which is not registered", k.ContractID)
		}
	}
	// What comes later does not change it: one more is registered, one of the population is revoked.
	d.bring(t, market.ContractRegistered)
	must(t, d.Service.RevokeContract(d.ctx, d.first, drawn[0].ContractID, removal("X03", "查实重复")))
	if again, err := d.Service.RepeatSample(d.ctx, x, drawn); err != nil || !again.Same || again.Population != 4 {
		t.Errorf("drawn again: %+v %v", again, err)
	}
	swapped := slices.Clone(drawn)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	for name, other := range map[string][]store.SampledContract{"another order": swapped, "one less": drawn[1:]} {
		if again, err := d.Service.RepeatSample(d.ctx, x, other); err != nil || again.Same {
			t.Errorf("%s counts as the same: %v", name, err)
		}
	}

	// Who reads it.
	for name, line := range map[string]struct {
		a    market.Actor
		seen []int64
	}{"city": {d.first, []int64{local, id}}, "auditor": {d.Person("审计", market.Auditor), []int64{local, id}}, "the county": {d.Officer("吉州专员", "360802", market.Registrar), []int64{local}},
		"another county": {d.Officer("吉水专员", "360822", market.Registrar), nil}, "party": {d.seller, nil}} {
		list, _, err := d.Store.Samples(d.ctx, line.a, store.PageSlice(1, 50))
		must(t, err)
		var seen []int64
		for _, x := range list {
			seen = append(seen, x.ID)
		}
		if !slices.Equal(seen, line.seen) {
			t.Errorf("%s sees %v, want %v", name, seen, line.seen)
		}
	}

	find := func(a market.Actor, contract int64, finding, note string) error {
		return d.Service.FindSample(d.ctx, a, id, market.SampleFinding{ContractID: contract, Finding: finding, Note: note})
	}
	one := drawn[1].ContractID
	wantKind(t, find(d.first, one, "clear", ""), market.Denied) // reviewed it
	wantKind(t, find(d.Person("审计", market.Auditor), one, "clear", ""), market.Denied)
	wantKind(t, find(d.Officer("吉州专员", "360802", market.Registrar), one, "clear", ""), market.NotFound)
	wantKind(t, find(clerk, 1<<40, "clear", ""), market.NotFound)
	wantField(t, find(clerk, one, "problem", ""), "note", "请写明")
	must(t, find(clerk, one, "problem", "没有付款凭证"))
	d.Advance(time.Minute)
	must(t, find(d.second, one, "clear", "凭证已补"))
	must(t, find(d.second, one, "clear", "凭证已补"))
	drawn, err = d.Store.Sampled(d.ctx, clerk, id)
	must(t, err)
	x, err = d.Store.Sample(d.ctx, clerk, id)
	must(t, err)
	if got := drawn[1].Findings; len(got) != 2 || got[0].Finding != "clear" || got[1].Note != "没有付款凭证" || x.Checked != 1 || x.Problems != 0 {
		t.Errorf("found %+v, %d checked, %d with a problem", got, x.Checked, x.Problems)
	}
	if _, err := d.Store.DB().ExecContext(d.ctx, `UPDATE sample_contracts SET contract_id = contract_id`); err == nil {
		t.Error("a draw was changed")
	}
}
