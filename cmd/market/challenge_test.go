package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"techmarket/internal/demo"
	"techmarket/internal/market"
	"techmarket/internal/service"
)

// TestJourneyOfAChallenge drives a challenge in a browser from its opening to its award, as six people on the demonstration
// data: a firm writes it, a reviewer passes it, a university asks and hands in a proposal that nobody else sees, a judge
// scores it after the deadline, the firm decides, and the university drafts the contract.
func TestJourneyOfAChallenge(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	chrome := newChrome(t)
	as := func(email string) *tab {
		b := chrome.tab(t, m.url)
		b.open("/login")
		b.fill(fields{"email": email, "password": demo.Password})
		b.press("登录")
		return b
	}
	firm := as("enterprise@example.com")
	firm.open("/challenges/new")
	firm.fill(fields{"submarket": "materials"}) // first: it decides which fields are offered
	firm.fill(fields{"title": "重钙浆料贮存一周不返粗", "fields": "calcium",
		"problem":         "95 级重钙浆料贮存三天以后返粗、结底，客户卸料困难，换过两种分散剂，夏天仍压不住。",
		"indicators.name": "七天 D97 变化", "indicators.now": "1.6", "indicators.target": "≤ 0.2", "indicators.unit": "μm", "indicators.method": "激光粒度仪",
		"award": "80", "payment": "签约付 30%，三批达标付 70%", "contract_kind": "D1", "deadline": market.DateOf(time.Now()).AddDate(0, 0, 20).Format(time.DateOnly),
		"criteria.name": "技术路线", "criteria.detail": "夏天也稳定", "criteria.weight": "100", "requirements": "做过浆料稳定", "secrecy": "1"})
	firm.press("提交审核")
	path := firm.path()
	id := strings.TrimPrefix(path, "/challenges/")

	reviewer := as("reviewer@example.com")
	code, err := service.CodeAt(demo.Second, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	reviewer.fill(fields{"code": code})
	reviewer.press("登录")
	reviewer.open("/review/challenges/" + id)
	reviewer.eval(`document.querySelectorAll('main input[name^="check."][value="yes"]').forEach(i => i.click()), ""`)
	reviewer.fill(fields{"choice": "pass"})
	reviewer.press("通过，公开发榜")

	school := as("university@example.com")
	school.eventually("/challenges", "重钙浆料贮存一周不返粗")
	school.open(path)
	school.fill(fields{"question": "夏天贮罐里最高多少度？"})
	school.press("公开提问")
	firm.open(path)
	firm.fill(fields{"answer": "最高 46 度。"})
	firm.press("公开答复")

	school.open(path)
	school.follow("提出方案")
	const secret = "接枝侧链的梳形分散剂"
	school.fill(fields{"answer.0": secret + "，46 度贮存七天 D97 只变 0.1 μm。", "team": "四人，做过两家涂布浆料", "plan": "两个月小试，两个月三批验证", "period": "签约后 4 个月", "price": "72"})
	school.press("提交方案")
	firm.open(path + "/judging")
	if text := firm.text(); strings.Contains(text, secret) || !strings.Contains(text, "截止以前，方案对所有人保密") {
		t.Errorf("before the deadline the poster reads %s", text)
	}
	const judgeEmail = "org84@example.com" // of an institute that has no part in it
	firm.fill(fields{"email": judgeEmail})
	firm.press("邀请评审")
	judge := as(judgeEmail)
	judge.open(path + "/judging")
	judge.fill(fields{"declared": "1"})
	judge.press("接受评审")

	m.pass(t, "deadline", id)
	judge.open(path + "/judging")
	judge.click(`(//main//table//a)[1]`)
	if !strings.Contains(judge.text(), secret) {
		t.Errorf("after the deadline the judge reads %s", judge.text())
	}
	judge.fill(fields{"score.0": "91", "comment.0": "高温数据完整"})
	judge.press("提交打分")
	firm.open(path + "/judging")
	firm.eval(`document.querySelector('main input[name="awarded"]').click(), ""`)
	firm.fill(fields{"reason": "高温贮存的数据完整", "outcome": "只有一份方案，达到公布的指标，评审总分 91。"})
	firm.press("决定并公示")
	visitor := chrome.tab(t, m.url)
	visitor.open(path)
	if text := visitor.text(); !strings.Contains(text, "吉安青原理工学院") || !strings.Contains(text, "91.00") || strings.Contains(text, secret) {
		t.Errorf("the public reads %s", text)
	}

	m.pass(t, "publicity_until", id)
	school.open(path + "/proposal")
	if text := school.text(); !strings.Contains(text, "理由：高温贮存的数据完整") {
		t.Errorf("the winner reads %s", text)
	}
	school.open(path)
	school.follow("起草合同")
	if got := school.eval(`document.querySelector('[name="total_amount"]').value`); got != "72.00" {
		t.Errorf("the contract begins with %s 万元", got)
	}
	m.letterAbout(t, "university@example.com", "高温贮存的数据完整")
}

// pass lets a challenge's deadline, or its publicity, be over: the dates move, the clock that everybody shares does not. Then
// the market does what it does every minute.
func (r *running) pass(t *testing.T, column, id string) {
	t.Helper()
	query := map[string]string{"deadline": `UPDATE challenges SET deadline = now() - interval '1 second' WHERE id = $1`,
		"publicity_until": `UPDATE challenges SET publicity_until = current_date - 2 WHERE id = $1`}[column]
	if _, err := r.store.DB().ExecContext(t.Context(), query, id); err != nil {
		t.Fatal(err)
	}
	if _, err := r.service.TendChallenges(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	var state market.ChallengeState
	if err := r.store.DB().QueryRowContext(t.Context(), `SELECT state FROM challenges WHERE id = $1`, id).Scan(&state); err != nil {
		t.Fatal(err)
	}
	if want := map[string]market.ChallengeState{"deadline": market.ChallengeJudging, "publicity_until": market.ChallengeAwarded}[column]; state != want {
		t.Fatal(fmt.Errorf("after its %s the challenge is %s", column, state))
	}
}
