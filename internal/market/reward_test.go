package market

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func capOf(text string) decimal.NullDecimal { return decimal.NewNullDecimal(yuan(text)) }

// jiangxi is the buyer's part of the province's programme of 2020: 2.5%, at most 15万 a contract and 100万 a year.
func jiangxi() RewardProgramme {
	return RewardProgramme{Name: "购买方补助", Party: "buyer", Base: "tech", Percent: yuan("2.5"), ContractCap: capOf("150000"), YearCap: capOf("1000000"),
		From: date(2020, 1, 1), To: date(2020, 12, 31), Basis: "试行办法", Why: "设立"}
}

// bought is a contract of a firm in the city with a university elsewhere.
func bought(id int64, day time.Time, tech string) RewardContract {
	return RewardContract{ID: id, Kind: "D1", State: ContractRegistered, RegisteredOn: day, TradeMode: "inquiry", Total: yuan(tech).Add(yuan("100000")), Tech: yuan(tech), Paid: yuan(tech), Agency: "吉安科桥",
		Seller: RewardedParty{Name: "南昌大学", Code: "U1", Type: "022", Region: "360100"}, Buyer: RewardedParty{Name: "永丰钙业", Code: "F1", Type: "150", Region: "360825", InCity: true}}
}

// TestReward is one contract under one programme: rates, caps, bases, exclusions and the days at both ends.
func TestReward(t *testing.T) {
	t.Parallel()
	ref := contractRef()
	for name, line := range map[string]struct {
		programme func(*RewardProgramme)
		contract  func(*RewardContract)
		amount    string // "" when the programme is not about the contract
		out       string
		steps     string
	}{
		"below every cap":          {nil, nil, "25000", "", "基数 比例"},
		"at the cap":               {nil, func(c *RewardContract) { c.Tech = yuan("6000000") }, "150000", "", "基数 比例"},
		"a yuan above it":          {nil, func(c *RewardContract) { c.Tech = yuan("6000001") }, "150000", "", "基数 比例 单份上限"},
		"no caps":                  {func(p *RewardProgramme) { p.ContractCap, p.YearCap = decimal.NullDecimal{}, decimal.NullDecimal{} }, func(c *RewardContract) { c.Tech = yuan("90000000") }, "2250000", "", "基数 比例"},
		"half a fen goes up":       {nil, func(c *RewardContract) { c.Tech = yuan("1000000.20") }, "25000.01", "", "基数 比例"},
		"less than half goes down": {nil, func(c *RewardContract) { c.Tech = yuan("1000000.19") }, "25000", "", "基数 比例"},
		"a third of a percent":     {func(p *RewardProgramme) { p.Percent = yuan("0.3333") }, nil, "3333", "", "基数 比例"},
		"of the total":             {func(p *RewardProgramme) { p.Base = "total" }, nil, "27500", "", "基数 比例"},
		"the first day":            {nil, func(c *RewardContract) { c.RegisteredOn = date(2020, 1, 1) }, "25000", "", "基数 比例"},
		"the last day":             {nil, func(c *RewardContract) { c.RegisteredOn = date(2020, 12, 31) }, "25000", "", "基数 比例"},
		"a day too early":          {nil, func(c *RewardContract) { c.RegisteredOn = date(2019, 12, 31) }, "", "", ""},
		"a day too late":           {nil, func(c *RewardContract) { c.RegisteredOn = date(2021, 1, 1) }, "", "", ""},
		"buyer elsewhere":          {nil, func(c *RewardContract) { c.Buyer.InCity = false }, "", "", ""},
		"no agency":                {func(p *RewardProgramme) { p.Party = "agency" }, func(c *RewardContract) { c.Agency = "" }, "", "", ""},
		"agency":                   {func(p *RewardProgramme) { p.Party, p.Percent = "agency", yuan("1") }, nil, "10000", "", "基数 比例"},
		"taken back":               {nil, func(c *RewardContract) { c.State, c.Tech = ContractRevoked, decimal.Zero }, "0", "合同已撤销", ""},
		"another kind":             {func(p *RewardProgramme) { p.Kinds = []string{"T", "L"} }, nil, "0", "合同类别为技术开发，不在范围", ""},
		"a kind that counts":       {func(p *RewardProgramme) { p.Kinds = []string{"D"} }, nil, "25000", "", "基数 比例"},
		"related":                  {func(p *RewardProgramme) { p.Unrelated = true }, func(c *RewardContract) { c.Related = true }, "0", "双方有关联关系", ""},
		"related may":              {nil, func(c *RewardContract) { c.Related = true }, "25000", "", "基数 比例"},
		"with an institute":        {func(p *RewardProgramme) { p.Outside = true }, nil, "25000", "", "基数 比例"},
		"with one of the city":     {func(p *RewardProgramme) { p.Outside = true }, func(c *RewardContract) { c.Seller.InCity = true }, "0", "对方在市内", ""},
		"with a firm elsewhere":    {func(p *RewardProgramme) { p.Outside = true }, func(c *RewardContract) { c.Seller.Type = "150" }, "0", "对方不是高校或科研机构", ""},
		"agency brings one in":     {func(p *RewardProgramme) { p.Party, p.Outside = "agency", true }, nil, "25000", "", "基数 比例"},
		"not on the market":        {func(p *RewardProgramme) { p.Traded = true }, func(c *RewardContract) { c.TradeMode = "none" }, "0", "不是经本市场促成", ""},
		"no proof":                 {func(p *RewardProgramme) { p.Paid = true }, func(c *RewardContract) { c.Paid = decimal.Zero }, "0", "没有付款凭证", "基数 有付款凭证的"},
		"paid in part":             {func(p *RewardProgramme) { p.Paid = true }, func(c *RewardContract) { c.Paid = yuan("300000") }, "7500", "", "基数 有付款凭证的 比例"},
		"paid more than the base":  {func(p *RewardProgramme) { p.Paid = true }, func(c *RewardContract) { c.Paid = yuan("1100000") }, "25000", "", "基数 比例"},
		"at the least":             {func(p *RewardProgramme) { p.Least = capOf("500000") }, func(c *RewardContract) { c.Tech = yuan("500000") }, "12500", "", "基数 比例"},
		"below the least":          {func(p *RewardProgramme) { p.Least = capOf("500000") }, func(c *RewardContract) { c.Tech = yuan("499999.99") }, "0", "基数 499,999.99 元，低于起点 500,000.00 元", "基数"},
		"paid below the least": {func(p *RewardProgramme) { p.Paid, p.Least = true, capOf("500000") }, func(c *RewardContract) { c.Paid = yuan("499999") }, "0",
			"基数 499,999.00 元，低于起点 500,000.00 元", "基数 有付款凭证的"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c := jiangxi(), bought(1, date(2020, 5, 6), "1000000")
			if line.programme != nil {
				line.programme(&p)
			}
			if line.contract != nil {
				line.contract(&c)
			}
			got := p.Rewards(ref, []RewardContract{c})
			if line.amount == "" {
				if len(got) != 0 {
					t.Fatalf("the programme covers it: %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatal("the programme does not cover it")
			}
			var steps []string
			for _, s := range got[0].Steps {
				steps = append(steps, s.Label)
			}
			if !got[0].Amount.Equal(yuan(line.amount)) || got[0].Out != line.out || strings.Join(steps, " ") != line.steps {
				t.Errorf("%s, %q, steps %q; want %s, %q, %q", got[0].Amount, got[0].Out, steps, line.amount, line.out, line.steps)
			}
		})
	}
}

// TestRewardYear: what a party has left of its year is used up in the order of registration, whatever order contracts come in;
// another party has a year of its own; what gives nothing uses nothing up.
func TestRewardYear(t *testing.T) {
	t.Parallel()
	p, ref := jiangxi(), contractRef()
	p.YearCap = capOf("200000")
	other := bought(5, date(2020, 2, 1), "4000000")
	other.Buyer.Code, other.Buyer.Name = "F2", "吉水电路"
	gone := bought(2, date(2020, 3, 2), "9000000")
	gone.State = ContractCancelled
	list := []RewardContract{bought(4, date(2020, 8, 1), "1000000"), bought(3, date(2020, 3, 2), "4000000"), bought(1, date(2020, 3, 2), "5600000"), gone, other}
	want := []struct {
		id     int64
		amount string
		out    string
	}{{5, "100000", ""}, {1, "140000", ""}, {2, "0", "合同已注销"}, {3, "60000", ""}, {4, "0", "本年已达上限 200,000.00 元"}}
	got := p.Rewards(ref, list)
	if len(got) != len(want) {
		t.Fatalf("%d rewards", len(got))
	}
	for i, w := range want {
		if got[i].ID != w.id || !got[i].Amount.Equal(yuan(w.amount)) || got[i].Out != w.out {
			t.Errorf("%d: contract %d gives %s, %q; want %+v", i, got[i].ID, got[i].Amount, got[i].Out, w)
		}
	}
	if text := got[3].Working(); !strings.Contains(text, "本年已算 140,000.00 元，上限 200,000.00 元，余 60,000.00 元") {
		t.Errorf("working %q", text)
	}
	parties, all := p.RewardTotals(got)
	if len(parties) != 2 || parties[0].Party.Name != "永丰钙业" || !parties[0].Full || parties[1].Full || !all.Amount.Equal(yuan("300000")) || all.Count != 3 ||
		!parties[0].Amount.Add(parties[1].Amount).Equal(all.Amount) || !all.Base.Equal(yuan("13600000")) {
		t.Errorf("totals %+v of %+v", all, parties)
	}
}

// TestRewardProgramme: what a programme must say, and what its days mean.
func TestRewardProgramme(t *testing.T) {
	t.Parallel()
	ref := contractRef()
	for name, line := range map[string]struct {
		change func(*RewardProgramme)
		fields string
	}{
		"whole":                {func(*RewardProgramme) {}, ""},
		"nothing":              {func(p *RewardProgramme) { *p = RewardProgramme{} }, "name basis why party base percent from to"},
		"no share":             {func(p *RewardProgramme) { p.Percent = decimal.Zero }, "percent"},
		"more than all":        {func(p *RewardProgramme) { p.Percent = yuan("100.01") }, "percent"},
		"too fine":             {func(p *RewardProgramme) { p.Percent = yuan("2.50001") }, "percent"},
		"a cap of nothing":     {func(p *RewardProgramme) { p.ContractCap = capOf("0") }, "contract_cap"},
		"caps the wrong way":   {func(p *RewardProgramme) { p.YearCap = capOf("149999") }, "year_cap"},
		"a kind there is none": {func(p *RewardProgramme) { p.Kinds = []string{"X"} }, "kinds"},
		"ends before it began": {func(p *RewardProgramme) { p.To = date(2019, 12, 31) }, "to"},
		"one day":              {func(p *RewardProgramme) { p.To = p.From }, ""},
		"a year far off":       {func(p *RewardProgramme) { p.To = date(2101, 1, 1) }, "to"},
	} {
		p := jiangxi()
		line.change(&p)
		var fields []string
		for _, x := range p.Check(ref) {
			fields = append(fields, x.Field)
		}
		if got := strings.Join(fields, " "); got != line.fields {
			t.Errorf("%s: %q, want %q", name, got, line.fields)
		}
	}
	p := jiangxi()
	p.From, p.To = date(2025, 7, 1), date(2027, 6, 30)
	if years := p.Years(date(2026, 11, 28)); len(years) != 2 || years[0] != 2026 || years[1] != 2025 {
		t.Errorf("years %v", years)
	}
	if years := p.Years(date(2024, 1, 1)); len(years) != 1 || years[0] != 2025 {
		t.Errorf("years before it begins %v", years)
	}
	if from, to := p.Period(2025); !from.Equal(date(2025, 7, 1)) || !to.Equal(date(2025, 12, 31)) {
		t.Errorf("2025 is %s to %s", from, to)
	}
	for day, want := range map[time.Time]string{date(2025, 6, 30): "未开始", date(2025, 7, 1): "进行中", date(2027, 6, 30): "进行中", date(2027, 7, 1): "已结束"} {
		if got := p.State(day); got != want {
			t.Errorf("on %s it is %s", day, got)
		}
	}
}
