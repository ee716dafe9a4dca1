package market_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// moves lists every move of a machine.
func moves[S ~string](m market.Machine[S]) []string {
	var out []string
	for _, r := range m.Rules {
		out = append(out, r.Move)
	}
	return out
}

// checkMachine holds every state and move of a machine against the table: "from move" leads to a state, and nothing else
// leads anywhere.
func checkMachine[S ~string](t *testing.T, m market.Machine[S], want map[string]S) {
	t.Helper()
	open := 0
	for _, from := range m.States {
		if m.Names[from] == "" {
			t.Errorf("%s has no name", from)
		}
		for _, move := range moves(m) {
			to, err := m.Next(from, move)
			wanted, ok := want[string(from)+" "+move]
			if ok != (err == nil) || ok && to != wanted {
				t.Errorf("%s %s leads to %q, %v; want %q", from, move, to, err, wanted)
			}
			if ok {
				open++
			}
		}
	}
	if open != len(want) {
		t.Errorf("%d moves are open, the table has %d", open, len(want))
	}
}

func TestChallengeStates(t *testing.T) {
	t.Parallel()
	checkMachine(t, market.Challenges, map[string]market.ChallengeState{
		"draft submit": market.ChallengeInReview, "returned submit": market.ChallengeInReview, "in_review recall": market.ChallengeDraft,
		"in_review publish": market.ChallengeOpen, "in_review return": market.ChallengeReturned, "open open": market.ChallengeJudging,
		"judging decide": market.ChallengePublicity, "publicity remand": market.ChallengeJudging, "publicity award": market.ChallengeAwarded,
		"publicity unaward": market.ChallengeUnawarded, "open cancel": market.ChallengeCancelled, "judging cancel": market.ChallengeCancelled,
	})
	checkMachine(t, market.Proposals, map[string]market.ProposalState{
		"submitted edit": market.ProposalSubmitted, "submitted withdraw": market.ProposalWithdrawn, "withdrawn resubmit": market.ProposalSubmitted,
		"submitted award": market.ProposalAwarded, "submitted unaward": market.ProposalUnawarded, "submitted release": market.ProposalReleased,
	})
	checkMachine(t, market.Judges, map[string]market.JudgeState{
		"invited accept": market.JudgeAccepted, "invited decline": market.JudgeDeclined, "invited exclude": market.JudgeExcluded, "accepted exclude": market.JudgeExcluded,
		"invited remove": market.JudgeRemoved, "accepted remove": market.JudgeRemoved,
	})
}

func challengeFor(now time.Time) market.Challenge {
	deadline := market.ChallengeDeadline(now.AddDate(0, 0, 20))
	return market.Challenge{Title: "重钙浆料研磨返粗与升温控制", Submarket: "materials", Fields: []string{"calcium"}, Problem: strings.Repeat("研磨到 2 μm 以下时浆料升温返粗，", 2),
		Indicators: []market.Indicator{{Name: "粒径 D97", Target: "≤2.5", Unit: "μm"}}, Award: decimal.NewNullDecimal(decimal.NewFromInt(1_000_000)),
		Payment: "签约付 30%，验收付 70%", ContractKind: "D1", Awards: 1, Deadline: &deadline, SecrecyConfirmed: true,
		Criteria: []market.Criterion{{Name: "技术路线", Weight: 60}, {Name: "团队", Weight: 40}}}
}

func challengeReference() *market.Reference {
	return &market.Reference{Submarkets: market.Codes{{Code: "materials", Name: "先进材料"}}, ContractKinds: []market.ContractKind{{Code: "D1"}},
		Fields: []market.Field{{Code: "calcium", Name: "碳酸钙先进材料", Submarket: "materials"}}}
}

func TestChallengeToSubmit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, market.Shanghai)
	for _, test := range []struct {
		field string
		spoil func(*market.Challenge)
		says  string
	}{
		{"", func(*market.Challenge) {}, ""},
		{"title", func(c *market.Challenge) { c.Title = " " }, "请填写标题"},
		{"problem", func(c *market.Challenge) { c.Problem = "难" }, "至少 20 个字"},
		{"indicators", func(c *market.Challenge) { c.Indicators = nil }, "至少填写一项指标"},
		{"award", func(c *market.Challenge) { c.Award = decimal.NullDecimal{} }, "榜金"},
		{"payment", func(c *market.Challenge) { c.Payment = "" }, "怎么付"},
		{"contract_kind", func(c *market.Challenge) { c.ContractKind = "X9" }, "列表"},
		{"awards", func(c *market.Challenge) { c.Awards = market.MaxAwards + 1 }, "中榜数"},
		{"deadline", func(c *market.Challenge) { *c.Deadline = now.AddDate(0, 0, market.MinChallengeDays-1) }, "至少在 7 天以后"},
		{"criteria", func(c *market.Challenge) { c.Criteria[0].Weight = 59 }, "现在是 99"},
		{"criteria", func(c *market.Challenge) { c.Criteria[0].Weight = 61 }, "现在是 101"},
		{"criteria", func(c *market.Challenge) { c.Criteria = nil }, "至少填写一项评审标准"},
		{"criteria.1.weight", func(c *market.Challenge) { c.Criteria[1].Weight = -1 }, "1 到 100"},
		{"criteria.1.name", func(c *market.Challenge) { c.Criteria[1].Name = "" }, "没有名称"},
		{"secrecy", func(c *market.Challenge) { c.SecrecyConfirmed = false }, "国家秘密"},
	} {
		c := challengeFor(now)
		test.spoil(&c)
		problems := c.CheckSubmit(challengeReference(), now)
		if test.field == "" {
			if len(problems) > 0 {
				t.Errorf("a whole challenge: %v", problems)
			}
			continue
		}
		if len(problems) == 0 || problems[0].Field != test.field || !strings.Contains(problems[0].Message, test.says) {
			t.Errorf("want %s %q, got %v", test.field, test.says, problems)
		}
	}
}

func TestChallengeRunsToItsDeadline(t *testing.T) {
	t.Parallel()
	c := challengeFor(time.Date(2026, 11, 27, 10, 0, 0, 0, market.Shanghai))
	end := time.Date(2026, 12, 17, 17, 0, 0, 0, market.Shanghai)
	c.State = market.ChallengeOpen
	for _, test := range []struct {
		at   time.Time
		want bool
	}{{end.Add(-time.Nanosecond), true}, {end, false}, {end.Add(time.Hour), false}} {
		if got := c.Running(test.at); got != test.want {
			t.Errorf("at %s it runs: %v", test.at, got)
		}
	}
	if c.State = market.ChallengeCancelled; c.Running(end.AddDate(0, 0, -1)) {
		t.Error("an ended challenge runs")
	}
}

func TestWeights(t *testing.T) {
	t.Parallel()
	criteria := []market.Criterion{{Weight: 50}, {Weight: 30}, {Weight: 20}}
	for _, test := range []struct {
		scores []int
		want   string
	}{{[]int{0, 0, 0}, "0.00"}, {[]int{100, 100, 100}, "100.00"}, {[]int{80, 70, 65}, "74.00"}, {[]int{81, 70, 65}, "74.50"}, {[]int{1, 1, 3}, "1.40"}} {
		if got := market.WeightedTotal(criteria, test.scores).StringFixed(2); got != test.want {
			t.Errorf("%v: %s, want %s", test.scores, got, test.want)
		}
	}
}

func TestProposalToHandIn(t *testing.T) {
	t.Parallel()
	c := challengeFor(time.Date(2026, 11, 27, 10, 0, 0, 0, market.Shanghai))
	whole := func() market.Proposal {
		return market.Proposal{Answers: []string{"两段研磨", "五人"}, Team: "五人", Plan: "三步", Period: "10 个月", Price: decimal.NewNullDecimal(decimal.NewFromInt(900_000))}
	}
	for _, test := range []struct {
		field string
		spoil func(*market.Proposal)
	}{
		{"", func(*market.Proposal) {}},
		{"answer.1", func(p *market.Proposal) { p.Answers = p.Answers[:1] }},
		{"team", func(p *market.Proposal) { p.Team = "" }},
		{"plan", func(p *market.Proposal) { p.Plan = "" }},
		{"period", func(p *market.Proposal) { p.Period = "" }},
		{"price", func(p *market.Proposal) { p.Price = decimal.NullDecimal{} }},
		{"price", func(p *market.Proposal) { p.Price.Decimal = decimal.NewFromInt(1_000_001) }},
		{"proposal", func(p *market.Proposal) { p.Files = make([]string, market.MaxProposalFiles+1) }},
	} {
		p := whole()
		test.spoil(&p)
		problems := p.Check(&c)
		if got := len(problems); test.field == "" && got > 0 || test.field != "" && (got != 1 || problems[0].Field != test.field) {
			t.Errorf("want %q, got %v", test.field, problems)
		}
	}
}

func TestDecision(t *testing.T) {
	t.Parallel()
	c := challengeFor(time.Date(2026, 11, 27, 10, 0, 0, 0, market.Shanghai))
	why := strings.Repeat("路线最可行", 3)
	for _, test := range []struct {
		d    market.Decision
		want string
	}{
		{market.Decision{Awarded: []int64{1}, Outcome: why, Reasons: map[int64]string{1: "最好", 2: "次之"}}, ""},
		{market.Decision{Outcome: why, Reasons: map[int64]string{1: "不足", 2: "不足"}}, ""},
		{market.Decision{Awarded: []int64{1, 2}, Outcome: why, Reasons: map[int64]string{1: "最好", 2: "次之"}}, "awarded"},
		{market.Decision{Awarded: []int64{1}, Outcome: "好", Reasons: map[int64]string{1: "最好", 2: "次之"}}, "outcome"},
		{market.Decision{Awarded: []int64{1}, Outcome: why, Reasons: map[int64]string{1: "最好"}}, "reason.2"},
	} {
		problems := test.d.Check(&c, []int64{1, 2})
		if got := len(problems); test.want == "" && got > 0 || test.want != "" && (got != 1 || problems[0].Field != test.want) {
			t.Errorf("%+v: want %q, got %v", test.d, test.want, problems)
		}
	}
}
