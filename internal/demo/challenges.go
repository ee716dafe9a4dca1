package demo

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// contest is a demonstration challenge with what has come of it. Days are before today, a deadline's after it when negative.
type contest struct {
	poster    string
	challenge market.Challenge
	published int // days ago, 0 while it is under review
	deadline  int // days ago
	questions []asked
	proposals []offered
	judges    []string // the owner of each
	outcome   string   // of one that was decided
	decided   int      // days ago
}

// asked is a question; one without an answer waits for it.
type asked struct{ by, question, answer string }

// offered is a proposal. Scores are of each judge, as far as they have come.
type offered struct {
	by      string
	answers []string
	team    string
	plan    string
	period  string
	price   int64 // yuan
	scores  [][]int
	comment string
	chosen  bool
	reason  string
}

var contests = []contest{
	{poster: client, published: 6, deadline: -18, challenge: market.Challenge{
		Title: "重质碳酸钙湿法研磨吨电耗降到 190 kWh 以下，D97 稳定在 2.5 μm", Submarket: "materials", Fields: []string{"calcium"},
		Problem:      "两级立式搅拌磨生产 95 级重钙浆料，年产 8 万吨。D97 停在 4.8 μm，再细浆料升温、返粗，吨电耗超过 300 kWh。\n试过换 0.8 mm 氧化锆介质和两种聚丙烯酸钠分散剂，粒度略好，静置一天后黏度翻倍，泵送困难。希望不换主机，从介质级配、分散剂和分级闭路上解决。",
		Requirements: "有湿法超细研磨或分散剂工业化的案例；能到现场驻点不少于 30 天。",
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪，GB/T 19077"}, {Name: "吨干粉电耗", Now: "305", Target: "≤190", Unit: "kWh/t", Method: "连续 72 h 产线计量"},
			{Name: "浆料黏度", Now: "680", Target: "≤350", Unit: "mPa·s", Method: "旋转黏度计，静置 24 h 后复测"}},
		Award: yuan(1_200_000), Payment: "签约付 30%，中试达标付 40%，产线连续运行 72 小时达标付 30%", ContractKind: "D1", Awards: 1,
		Criteria: []market.Criterion{{Name: "技术路线", Detail: "机理清楚，不换主机，有放大依据", Weight: 40}, {Name: "指标把握", Detail: "三项指标都有数据支持", Weight: 30}, {Name: "团队与案例", Weight: 20}, {Name: "报价与进度", Weight: 10}}},
		questions: []asked{
			{"青原江右材料研究院", "现有两台磨机的装机功率和介质填充率各是多少，中试能否用其中一台？", "单台 560 kW，介质填充率 78%。中试可以停一台用 15 天，停产损失由我们承担。"},
			{"庐陵石阳学院", "分散剂的加入量有没有上限，下游客户对残留有什么要求？", "以干粉计不超过 1.2%，下游做涂布纸，要求浆料 COD 不高于现在的水平。"},
			{"赣州贡峰理工大学", "电耗是否包括分级机和泵，还是只算主机？", ""}},
		proposals: []offered{{by: "吉安青原理工学院", answers: []string{"两段研磨加水力旋流分级闭路，二段换 0.4 mm 介质，按比表面积控制循环量。", "实验室 50 L 磨机上 D97 2.3 μm、电耗折算 182 kWh/t，附原始记录。", "六人，做过两条 3 万吨重钙线改造。", "报价 108 万元，10 个月。"},
			team: "粉体工程团队六人，教授二人，常驻现场二人。", plan: "前 3 个月小试，第 4 到 7 个月中试，第 8 到 10 个月上产线。", period: "签约后 10 个月", price: 1_080_000}}},
	{poster: client, published: 40, deadline: 3, challenge: market.Challenge{
		Title: "活性重钙表面改性后吸油值降到 28 以下，改性剂不超过 1%", Submarket: "materials", Fields: []string{"calcium"},
		Problem:    "硬脂酸干法改性的活性钙，吸油值 34，塑料客户填充量上不去。改性剂加到 1.5% 能到 30，但成本和挥发都不能接受。\n希望找到新的改性剂或包覆工艺，在现有高速混合机上用。",
		Indicators: []market.Indicator{{Name: "吸油值", Now: "34", Target: "≤28", Unit: "g/100g", Method: "GB/T 5211.15"}, {Name: "改性剂用量", Now: "1.5", Target: "≤1.0", Unit: "%", Method: "投料记录"}, {Name: "活化度", Now: "95", Target: "≥98", Unit: "%", Method: "GB/T 19281"}},
		Award:      yuan(600_000), Payment: "签约付 40%，三批试生产达标付 60%", ContractKind: "D1", Awards: 1,
		Criteria: []market.Criterion{{Name: "技术路线", Detail: "能在现有设备上用", Weight: 50}, {Name: "成本", Detail: "吨改性成本", Weight: 30}, {Name: "团队与案例", Weight: 20}}},
		questions: []asked{{"吉安青原理工学院", "高速混合机的夹套温度最高能到多少？", "130 度，升到 120 度约 8 分钟。"}},
		proposals: []offered{
			{by: "青原江右材料研究院", answers: []string{"硬脂酸与铝酸酯复配，分两次加入，110 度包覆。", "吨成本 62 元，比现在低 11 元。", "四人，做过两家滑石粉改性。"}, team: "界面化学组四人。", plan: "两个月小试，一个月试生产。", period: "签约后 4 个月", price: 480_000,
				scores: [][]int{{82, 85, 78}, {80, 88, 75}}, comment: "复配思路成熟，批次稳定性要再验证"},
			{by: "吉安青原理工学院", answers: []string{"磷酸酯低聚物预乳化后喷雾包覆。", "吨成本 70 元，用量 0.8%。", "五人，有专利一项。"}, team: "粉体工程团队五人。", plan: "三个月小试，两个月试生产。", period: "签约后 6 个月", price: 560_000,
				scores: [][]int{{88, 72, 80}, {84, 76, 82}}, comment: "包覆均匀，需加一套喷雾装置"},
			{by: "赣州贡峰理工大学", answers: []string{"钛酸酯干法改性，配合助分散剂。", "吨成本 95 元。", "三人。"}, team: "材料学院三人。", plan: "四个月小试，两个月试生产。", period: "签约后 6 个月", price: 590_000,
				scores: [][]int{{70, 55, 68}, {66, 60, 70}}, comment: "路线可行，成本偏高"}},
		judges: []string{"永丰恩江源绿色材料研究所", "庐陵石阳学院"}},
	{poster: "吉安庐屿电子材料有限公司", published: 75, deadline: 30, decided: 15, challenge: market.Challenge{
		Title: "高频板用低轮廓铜箔与碳氢树脂的剥离强度提到 0.7 N/mm", Submarket: "electronics", Fields: []string{"pcb"},
		Problem:    "低轮廓铜箔配碳氢树脂，剥离强度只有 0.45 N/mm，客户要求 0.7 以上。加粗化会使插损变大，偶联剂试过三种，湿热以后掉得快。\n希望找到不增加粗糙度的界面处理办法。",
		Indicators: []market.Indicator{{Name: "剥离强度", Now: "0.45", Target: "≥0.70", Unit: "N/mm", Method: "IPC-TM-650 2.4.8"}, {Name: "表面粗糙度 Rz", Now: "1.2", Target: "≤1.2", Unit: "μm", Method: "白光干涉仪"}},
		Award:      yuan(900_000), Payment: "签约付 30%，样品达标付 30%，三批量产达标付 40%", ContractKind: "D1", Awards: 1,
		Criteria: []market.Criterion{{Name: "技术路线", Detail: "不增加粗糙度", Weight: 60}, {Name: "团队与保障", Weight: 40}}},
		proposals: []offered{
			{by: "吉安青原理工学院", answers: []string{"等离子活化后接枝含乙烯基的硅烷，低温固化。", "七人，有涂布中试线。"}, team: "表面处理团队七人。", plan: "三个月样品，三个月量产验证。", period: "签约后 8 个月", price: 820_000,
				scores: [][]int{{90, 84}, {86, 88}}, comment: "数据完整，湿热后保持率高", chosen: true, reason: "剥离强度和湿热保持率都有三批数据，路线不增加粗糙度，总分第一。"},
			{by: "南昌艾溪理工大学", answers: []string{"纳米二氧化硅过渡层。", "五人。"}, team: "复合材料组五人。", plan: "六个月样品。", period: "签约后 12 个月", price: 780_000,
				scores: [][]int{{74, 80}, {70, 76}}, comment: "有新意，数据只有一批", reason: "过渡层思路可取，但只有一批样品，完成时间较长，总分第二。"}},
		judges:  []string{"赣中显示与照明技术研究所", "青原江右材料研究院"},
		outcome: "两份方案都达到公布的要求。中榜方案的剥离强度和湿热保持率有三批数据，不增加粗糙度，评审总分第一。"},
	{poster: "遂川雾坑里茶业有限公司", deadline: -40, challenge: market.Challenge{
		Title: "夏秋茶加工苦涩味降低一半，氨基酸保留八成以上", Submarket: "food", Fields: []string{"tea"},
		Problem:    "夏秋鲜叶茶多酚高，做成绿茶苦涩，只能卖粗茶价，每年约 400 吨鲜叶没有好用途。\n试过闷黄和轻发酵，苦味轻了，香气也散了。",
		Indicators: []market.Indicator{{Name: "感官苦涩味评分", Now: "6.2", Target: "≤3.0", Unit: "分", Method: "GB/T 23776，五人审评"}, {Name: "游离氨基酸保留率", Now: "—", Target: "≥80", Unit: "%", Method: "GB/T 8314"}},
		Award:      yuan(300_000), Payment: "签约付 50%，一季生产达标付 50%", ContractKind: "D1", Awards: 1,
		Criteria: []market.Criterion{{Name: "工艺可行", Detail: "现有设备能用", Weight: 60}, {Name: "成本", Weight: 40}}}},
	{poster: "吉州螺湖智造装备有限公司", published: 30, deadline: 1, challenge: market.Challenge{
		Title: "齿轮泵端面密封寿命由 800 小时提到 3000 小时", Submarket: "equipment", Fields: []string{"parts"},
		Problem:    "输送含固浆料的齿轮泵，端面密封平均 800 小时泄漏，每次更换停机 4 小时。\n换过两种碳化硅配对，磨损减轻，热裂仍然出现。",
		Indicators: []market.Indicator{{Name: "平均无泄漏时间", Now: "800", Target: "≥3000", Unit: "h", Method: "台架连续运行，三台"}, {Name: "端面温升", Now: "46", Target: "≤25", Unit: "℃", Method: "热电偶"}},
		Award:      yuan(450_000), Payment: "签约付 30%，台架达标付 70%", ContractKind: "D1", Awards: 1,
		Criteria: []market.Criterion{{Name: "技术路线", Detail: "磨损和热裂都要解决", Weight: 70}, {Name: "报价与进度", Weight: 30}}},
		proposals: []offered{
			{by: "青原流体传动技术研究所", answers: []string{"端面加微织构蓄液槽，配对改为碳化硅对石墨。", "报价 38 万元，7 个月。"}, team: "密封组五人。", plan: "三个月样件，四个月台架。", period: "签约后 7 个月", price: 380_000},
			{by: "豫章机电工程大学", answers: []string{"端面激光熔覆梯度涂层，冲洗水路改为切向。", "报价 43 万元，9 个月。"}, team: "表面工程组四人。", plan: "四个月样件，五个月台架。", period: "签约后 9 个月", price: 430_000}},
		judges: []string{"吉安青原理工学院", "潇湘输变电技术研究院"}},
}

func yuan(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }

// at is a moment of the working day so many days ago. It takes nothing from the loader's random numbers, so that what is
// loaded besides stays as it is.
func (l *loader) at(daysAgo, hour int) time.Time {
	return l.today.AddDate(0, 0, -daysAgo).Add(time.Duration(hour) * time.Hour)
}

func (l *loader) loadChallenges(ctx context.Context) error {
	for _, c := range contests {
		if err := l.loadContest(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// actorOf is the owner of a demonstration organisation.
func (l *loader) actorOf(name string) market.Actor {
	i, ok := l.byOrg[name]
	if !ok {
		panic("no demonstration organisation is called " + name)
	}
	o := l.orgs[i]
	return market.Actor{UserID: o.user, OrgID: o.id, Role: market.Owner, OrgState: o.state}
}

func (l *loader) loadContest(ctx context.Context, c contest) error {
	poster, ch := l.actorOf(c.poster), c.challenge
	number, err := l.tx.NextNumber(ctx, "JB", l.today.Year())
	if err != nil {
		return err
	}
	deadline := market.ChallengeDeadline(l.today.AddDate(0, 0, -c.deadline))
	ch.Number, ch.OrgID, ch.Deadline, ch.SecrecyConfirmed = number, poster.OrgID, &deadline, true
	created := c.published + 3
	if ch.ID, err = l.tx.CreateChallenge(ctx, poster, ch, l.at(created, 9)); err != nil {
		return err
	}
	ch.State = market.ChallengeDraft
	if err := l.moved(ctx, poster, "challenge", ch.ID, "create", "", string(market.ChallengeDraft), "", l.at(created, 9)); err != nil {
		return err
	}
	if err := l.moveChallenge(ctx, poster, &ch, "submit", store.ChallengeMove{At: l.at(created-1, 9)}); err != nil || c.published == 0 {
		return err
	}
	if err := l.moveChallenge(ctx, market.Actor{UserID: l.staff["reviewer@example.com"]}, &ch, "publish", store.ChallengeMove{At: l.at(c.published, 10)}); err != nil {
		return err
	}
	if err := l.ask(ctx, poster, ch.ID, c); err != nil {
		return err
	}
	proposals, err := l.propose(ctx, ch.ID, c)
	if err != nil || c.deadline < 0 {
		return err
	}
	if err := l.moveChallenge(ctx, market.System(), &ch, "open", store.ChallengeMove{At: deadline}); err != nil {
		return err
	}
	if err := l.judge(ctx, poster, ch.ID, c, proposals); err != nil || c.outcome == "" {
		return err
	}
	return l.conclude(ctx, poster, ch, c, proposals)
}

func (l *loader) moved(ctx context.Context, a market.Actor, kind string, id int64, move, from, to, note string, at time.Time) error {
	return l.tx.AddMove(ctx, a, market.Move{ObjectKind: kind, ObjectID: id, Move: move, From: from, To: to, Note: note, At: at})
}

// moveChallenge makes a move as the service would, with its line in the history.
func (l *loader) moveChallenge(ctx context.Context, a market.Actor, c *market.Challenge, move string, m store.ChallengeMove) error {
	to, err := market.Challenges.Next(c.State, move)
	if err != nil {
		return err
	}
	m.ID, m.From, m.To = c.ID, c.State, to
	if err := l.tx.MoveChallenge(ctx, m); err != nil {
		return err
	}
	note := ""
	if move == "decide" {
		note = m.Outcome
	}
	c.State = to
	return l.moved(ctx, a, "challenge", c.ID, move, string(m.From), string(to), note, m.At)
}

func (l *loader) ask(ctx context.Context, poster market.Actor, id int64, c contest) error {
	for i, q := range c.questions {
		day := max(c.published-1-i, 1)
		question, err := l.tx.AddQuestion(ctx, l.actorOf(q.by), id, q.question, l.at(day, 10))
		if err != nil {
			return err
		}
		if q.answer == "" {
			continue
		}
		if _, err := l.tx.AnswerQuestion(ctx, poster, id, question, q.answer, l.at(day, 16)); err != nil {
			return err
		}
	}
	return nil
}

// propose hands in the proposals on the last days before the deadline, or in the last days.
func (l *loader) propose(ctx context.Context, challenge int64, c contest) ([]int64, error) {
	var ids []int64
	for i, p := range c.proposals {
		a, at := l.actorOf(p.by), l.at(max(c.deadline, 0)+1+i, 14)
		id, err := l.tx.CreateProposal(ctx, a, market.Proposal{ChallengeID: challenge, Answers: p.answers, Team: p.team, Plan: p.plan, Period: p.period, Price: yuan(p.price)}, at)
		if err != nil {
			return nil, err
		}
		if err := l.moved(ctx, a, "proposal", id, "submit", "", string(market.ProposalSubmitted), "", at); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (l *loader) judge(ctx context.Context, poster market.Actor, challenge int64, c contest, proposals []int64) error {
	for n, name := range c.judges {
		a := l.actorOf(name)
		if err := l.tx.NameJudge(ctx, poster, challenge, a.UserID, l.at(c.deadline+5, 9)); err != nil {
			return err
		}
		if err := l.tx.MoveJudge(ctx, challenge, a.UserID, market.JudgeInvited, market.JudgeAccepted, l.at(c.deadline+4, 9)); err != nil {
			return err
		}
		for i, p := range c.proposals {
			if n >= len(p.scores) {
				continue
			}
			comments := make([]string, len(p.scores[n]))
			for k := range comments {
				comments[k] = p.comment
			}
			if err := l.tx.AddScores(ctx, a, proposals[i], p.scores[n], comments, l.at(max(c.deadline-2, 1), 15)); err != nil {
				return err
			}
		}
	}
	return nil
}

// conclude carries out the decision, its publicity and the deal that came of it.
func (l *loader) conclude(ctx context.Context, poster market.Actor, ch market.Challenge, c contest, proposals []int64) error {
	until := l.at(c.decided-7, 0)
	if err := l.moveChallenge(ctx, poster, &ch, "decide", store.ChallengeMove{At: l.at(c.decided, 11), Outcome: c.outcome, PublicityUntil: &until}); err != nil {
		return err
	}
	over := l.at(c.decided-8, 0)
	if err := l.moveChallenge(ctx, market.System(), &ch, "award", store.ChallengeMove{At: over, Outcome: c.outcome, PublicityUntil: &until}); err != nil {
		return err
	}
	for i, p := range c.proposals {
		if err := l.tx.Chose(ctx, proposals[i], p.chosen, p.reason); err != nil {
			return err
		}
		to := market.ProposalUnawarded
		if p.chosen {
			to = market.ProposalAwarded
		}
		if err := l.tx.MoveProposal(ctx, proposals[i], market.ProposalSubmitted, to, over); err != nil {
			return err
		}
		if !p.chosen {
			continue
		}
		deal := market.NewChallengeDeal(ch, market.Proposal{OrgID: l.actorOf(p.by).OrgID, Period: p.period, Price: yuan(p.price)}, over)
		var err error
		if deal.Number, err = l.tx.NextNumber(ctx, "CJ", l.today.Year()); err != nil {
			return err
		}
		id, err := l.tx.CreateDeal(ctx, deal)
		if err != nil {
			return err
		}
		if err := l.moved(ctx, market.System(), "deal", id, "agree", "", string(market.DealAgreed), "", over); err != nil {
			return err
		}
	}
	return nil
}
