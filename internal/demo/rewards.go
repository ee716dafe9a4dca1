package demo

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// provinceBasis is the paper of the province's programme of 2020, which is over: it shows what an ended programme looks like.
const provinceBasis = "《江西省网上常设技术市场技术交易专项补助办法（试行）》，2020 年"

// loadRewards adds the three parts of an ended programme and one that runs, in two versions. The running one is invented.
func (l *loader) loadRewards(ctx context.Context) error {
	sum := func(yuan int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(yuan)) }
	first := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, market.Shanghai) }
	last := func(year int) time.Time { return time.Date(year, 12, 31, 0, 0, 0, 0, market.Shanghai) }
	ended := market.RewardProgramme{Version: 1, Base: "tech", Least: sum(500_000), Paid: true, Unrelated: true, Traded: true, From: first(2020), To: last(2020), Basis: provinceBasis,
		Why: "作为已结束方案的示例录入", Demo: true}
	var all []market.RewardProgramme
	for _, part := range []struct {
		name, party, percent string
		contract, year       int64
	}{{"省网上技术市场专项补助（受让方，2020 年试行）", "buyer", "2.5", 150_000, 1_000_000}, {"省网上技术市场专项补助（转让方，2020 年试行）", "seller", "1.5", 100_000, 500_000},
		{"省网上技术市场专项补助（服务机构，2020 年试行）", "agency", "1", 100_000, 300_000}} {
		p := ended
		p.Name, p.Party, p.Percent, p.ContractCap, p.YearCap = part.name, part.party, decimal.RequireFromString(part.percent), sum(part.contract), sum(part.year)
		all = append(all, p)
	}
	running := market.RewardProgramme{Version: 1, Name: "引进市外成果补助", Party: "buyer", Base: "tech", Percent: decimal.RequireFromString("1.5"), ContractCap: sum(200_000), YearCap: sum(300_000),
		Unrelated: true, Outside: true, From: first(l.today.Year() - 1), To: last(l.today.Year()), Basis: "演示方案，没有文件依据", Why: "演示：市内单位向市外高校院所购买技术的，给购买方补助", Demo: true}
	for _, p := range append(all, running) {
		id, err := l.addReward(ctx, p)
		if err != nil {
			return err
		}
		running.ID = id
	}
	running.Version, running.Percent, running.Why = 2, decimal.NewFromInt(2), "演示：比例由 1.5% 提高到 2%"
	_, err := l.addReward(ctx, running)
	return err
}

func (l *loader) addReward(ctx context.Context, p market.RewardProgramme) (int64, error) {
	if err := p.Check(l.ref).Err(); err != nil {
		return 0, err
	}
	return l.tx.AddReward(ctx, market.Actor{UserID: l.staff["statistician@example.com"]}, p, l.now)
}
