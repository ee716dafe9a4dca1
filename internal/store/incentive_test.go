package store

import (
	"slices"
	"strings"
	"testing"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
)

// TestIncentives holds the table of laws against contracts: which rules they fall under on which side of a law's first day.
// No version of a rule overlaps another, and all are for kinds that there are.
func TestIncentives(t *testing.T) {
	t.Parallel()
	st, err := Open(t.Context(), dbtest.New(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	ref, err := st.Reference(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range ref.Incentives {
		if names := x.KindNames(ref); slices.Contains(names, "") {
			t.Errorf("%s is for kinds %q", x.Code, names)
		}
		if i > 0 && ref.Incentives[i-1].Code == x.Code && (ref.Incentives[i-1].Until == nil || ref.Incentives[i-1].Until.After(x.From)) {
			t.Errorf("two versions of %s hold at once", x.Code)
		}
	}
	today, before := day(2026, 11, 28), day(2025, 12, 31)
	c := market.Contract{State: market.ContractRegistered, Kind: "D1", IPType: "secret", Seller: market.Party{Type: "022"}, Buyer: market.Party{Type: "150", Industry: "26"},
		StartsOn: day(2026, 1, 1), EndsOn: day(2030, 12, 31), RegisteredOn: &today}
	for name, line := range map[string]struct {
		change func(*market.Contract)
		want   string
	}{
		"development":             {func(*market.Contract) {}, "vat@2026 rd@2023"},
		"development before 2026": {func(c *market.Contract) { c.RegisteredOn = &before }, "vat@2016 rd@2023"},
		"development in 2022":     {func(c *market.Contract) { c.RegisteredOn = new(day(2022, 12, 31)) }, "vat@2016 rd@2018"},
		"in a foreign language":   {func(c *market.Contract) { c.Foreign = true }, "vat@2026 rd@2023 rd_abroad@2018"},
		"patent of a university":  {func(c *market.Contract) { c.Kind, c.IPType = "T1", "invention" }, "vat@2026 eit_transfer@2008 people_tax@2018 people_share@2015"},
		"patent of a firm":        {func(c *market.Contract) { c.Kind, c.IPType, c.Seller.Type = "T1", "invention", "150" }, "vat@2026 eit_transfer@2008"},
		"licence of five years":   {func(c *market.Contract) { c.Kind, c.IPType, c.Seller.Type = "L1", "invention", "150" }, "vat@2026 eit_licence@2015"},
		"licence of a day less": {func(c *market.Contract) {
			c.Kind, c.IPType, c.Seller.Type, c.EndsOn = "L1", "invention", "150", day(2030, 12, 30)
		}, "vat@2026"},
		"licence of a secret":       {func(c *market.Contract) { c.Kind, c.IPType, c.Seller.Type = "L2", "secret", "150" }, "vat@2026"},
		"shares":                    {func(c *market.Contract) { c.Kind, c.IPType = "T8", "invention" }, "vat@2026 eit_transfer@2008 equity@2016 people_tax@2018 people_equity@2015"},
		"consulting":                {func(c *market.Contract) { c.Kind = "C1" }, "vat_related@2026"},
		"training":                  {func(c *market.Contract) { c.Kind = "S2" }, ""},
		"bought by a property firm": {func(c *market.Contract) { c.Buyer.Industry = "70" }, "vat@2026"},
	} {
		c := c
		line.change(&c)
		var got []string
		for _, h := range c.Incentives(ref, today) {
			got = append(got, h.Code+"@"+h.From.Format("2006"))
		}
		if words := strings.Join(got, " "); words != line.want {
			t.Errorf("%s: got %q, want %q", name, words, line.want)
		}
	}
}
