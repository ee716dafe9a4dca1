package market

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// incentiveRef has an incentive of each condition, for developments, transfers and licences.
func incentiveRef() *Reference {
	ref := contractRef()
	ref.LicenceModes = append(ref.LicenceModes, Code{"exclusive", "独占许可"})
	ref.Classes = append(ref.Classes, IndustryClass{"70", "K", "房地产业"})
	ended := date(2026, 1, 1)
	one := func(code string, kinds []string, conditions ...string) Incentive {
		return Incentive{Code: code, From: date(2018, 1, 1), Kinds: kinds, Conditions: conditions, Todo: []string{"留存合同"}, Related: "不享受"}
	}
	ref.Incentives = []Incentive{one("all", []string{"D", "T", "L"}), one("old", []string{"D1"}), one("new", []string{"D1"}), one("unit", []string{"T"}, "seller_unit", "right"),
		one("long", []string{"L"}, "five_years"), one("sole", []string{"L"}, "five_years", "exclusive"), one("buyer", []string{"D"}, "buyer_firm", "buyer_industry"),
		one("abroad", []string{"D"}, "foreign"), one("people", []string{"T", "L1"}, "seller_institute")}
	ref.Incentives[1].Until, ref.Incentives[2].From = &ended, ended
	return ref
}

// TestIncentives: which of them a contract may fall under, by its fields and by its day.
func TestIncentives(t *testing.T) {
	t.Parallel()
	today := date(2026, 11, 28)
	for name, line := range map[string]struct {
		change func(*Contract)
		want   string
	}{
		"development":                {func(*Contract) {}, "all new buyer"},
		"registered on the last day": {func(c *Contract) { c.RegisteredOn = new(date(2025, 12, 31)) }, "all old buyer"},
		"on the first day":           {func(c *Contract) { c.RegisteredOn = new(date(2026, 1, 1)) }, "all new buyer"},
		"before any":                 {func(c *Contract) { c.RegisteredOn = new(date(2017, 12, 31)) }, ""},
		"buyer is an institute":      {func(c *Contract) { c.Buyer.Type = "022" }, "all new"},
		"buyer of another industry":  {func(c *Contract) { c.Buyer.Industry = "70" }, "all new"},
		"industry not known yet":     {func(c *Contract) { c.Buyer.Industry = "" }, "all new buyer"},
		"foreign text":               {func(c *Contract) { c.Foreign = true }, "all new buyer abroad"},
		"transfer of a patent":       {func(c *Contract) { c.Kind, c.IPType = "T1", "invention" }, "all unit people"},
		"transfer of a secret":       {func(c *Contract) { c.Kind, c.IPType = "T1", "secret" }, "all people"},
		"transfer by a person":       {func(c *Contract) { c.Kind, c.IPType, c.Seller.Type = "T1", "invention", "x01" }, "all"},
		"transfer by a sole trader":  {func(c *Contract) { c.Kind, c.IPType, c.Seller.Type = "T1", "invention", "400" }, "all"},
		"licence of a year":          {func(c *Contract) { c.Kind = "L1" }, "all people"},
		"licence of five years": {func(c *Contract) {
			c.Kind, c.StartsOn, c.EndsOn, c.LicenceMode = "L1", date(2026, 3, 1), date(2031, 2, 28), "ordinary"
		}, "all long people"},
		"a day less": {func(c *Contract) { c.Kind, c.StartsOn, c.EndsOn = "L1", date(2026, 3, 1), date(2031, 2, 27) }, "all people"},
		"exclusive for five years": {func(c *Contract) {
			c.Kind, c.StartsOn, c.EndsOn, c.LicenceMode = "L1", date(2026, 3, 1), date(2031, 2, 28), "exclusive"
		}, "all long sole people"},
		"training":  {func(c *Contract) { c.Kind = "S2" }, ""},
		"cancelled": {func(c *Contract) { c.State = ContractCancelled }, ""},
		"refused":   {func(c *Contract) { c.State = ContractRefused }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := wholeContract()
			c.State = ContractRegistered
			line.change(&c)
			var got []string
			for _, h := range c.Incentives(incentiveRef(), today) {
				got = append(got, h.Code)
				met := 1 + len(h.Conditions)
				if c.RegisteredOn != nil {
					met++
				}
				if len(h.Met) != met || slices.ContainsFunc(h.Met, func(m string) bool { return strings.HasSuffix(m, "为") }) {
					t.Errorf("%s: met %q", h.Code, h.Met)
				}
			}
			if words := strings.Join(got, " "); words != line.want {
				t.Errorf("got %q, want %q", words, line.want)
			}
		})
	}
}

// TestIncentiveWords: what is still to be done, what to beware of, and that the rule has changed since.
func TestIncentiveWords(t *testing.T) {
	t.Parallel()
	c, today := wholeContract(), date(2026, 11, 28)
	c.State, c.Related = ContractAccepted, true
	h := c.Incentives(incentiveRef(), today)[0]
	if len(h.Todo) != 2 || !strings.Contains(h.Todo[0], "先完成技术合同认定登记") || len(h.Beware) != 1 || !strings.Contains(h.Beware[0], "不享受") || h.Met[0] != "合同类别为技术开发·委托开发" || h.Ended {
		t.Errorf("on the desk: %+v", h)
	}
	c.State, c.Related, c.RegisteredOn = ContractRegistered, false, new(time.Date(2025, 5, 6, 0, 0, 0, 0, Shanghai))
	h = c.Incentives(incentiveRef(), today)[1]
	if h.Code != "old" || !h.Ended || len(h.Todo) != 1 || h.Met[1] != "合同已于 2025-05-06 登记" || h.Beware != nil {
		t.Errorf("registered under the old rule: %+v", h)
	}
}
