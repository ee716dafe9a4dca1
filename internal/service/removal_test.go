package service_test

import (
	"testing"

	"techmarket/internal/market"
)

func removal(ground, note string) market.Removal {
	return market.Removal{Ground: ground, Benefits: "none", Note: note}
}

func TestRemovalNeedsAGroundAndItsBenefits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.bring(t, market.ContractRegistered)
	for name, line := range map[string]struct {
		m      market.Removal
		revoke bool
		field  string
	}{
		"no ground":                        {market.Removal{Benefits: "none", Note: "双方解除"}, false, "ground"},
		"a ground of the other act":        {removal("X03", "双方解除"), false, "ground"},
		"a ground of the other, other way": {removal("Z01", "重复"), true, "ground"},
		"no word on benefits":              {market.Removal{Ground: "X01", Note: "虚假"}, true, "benefits"},
		"no reason":                        {removal("X99", "  "), true, "note"},
	} {
		act := d.Service.CancelContract
		if line.revoke {
			act = d.Service.RevokeContract
		}
		if err := act(d.ctx, d.first, id, line.m); !market.IsKind(err, market.Invalid) || market.AsError(err).Fields[0].Field != line.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.wantStanding(t, id, 1, small)
	must(t, d.Service.RevokeContract(d.ctx, d.first, id, market.Removal{Ground: "X01", Benefits: "unreported", Note: " 设备买卖改名 "}))
	c, err := d.Store.Contract(d.ctx, d.seller, id)
	must(t, err)
	if m := c.Removal; m == nil || m.Ground != "X01" || m.Benefits != "unreported" || m.Note != "设备买卖改名" || c.Reason != m.Note {
		t.Errorf("the contract says %+v", c.Removal)
	}
	if _, err := d.Store.DB().ExecContext(d.ctx, `UPDATE contract_removals SET benefits = 'none'`); err == nil {
		t.Error("what was noted of a removal can be changed")
	}
}
