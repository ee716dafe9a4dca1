package service_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// contest is a market with a challenge that is open, and firms that may propose.
type contest struct {
	*worldtest.World
	t        *testing.T
	poster   market.Actor
	reviewer market.Actor
	firms    []market.Actor
	id       int64
}

func newContest(t *testing.T, firms int) *contest {
	t.Helper()
	c := &contest{World: worldtest.New(t, 2026, time.November, 27), t: t}
	c.poster, c.reviewer = c.Org("永丰发榜钙业有限公司", market.Enterprise, "360825"), c.Person("审核甲", market.Reviewer)
	for i := range firms {
		c.firms = append(c.firms, c.Org(fmt.Sprintf("吉安揭榜%d号研究院", i+1), market.University, "360802"))
	}
	c.id = c.open(c.Challenge(c.poster))
	return c
}

// open submits and publishes a draft.
func (c *contest) open(id int64) int64 {
	c.t.Helper()
	must(c.t, c.Service.SubmitChallenge(c.t.Context(), c.poster, id))
	must(c.t, c.Service.PublishChallenge(c.t.Context(), c.reviewer, id, c.Version("challenges", id), market.SubjectChallenge.AllYes()))
	return id
}

func (c *contest) challenge() store.Challenge {
	c.t.Helper()
	found, err := c.Store.Challenge(c.t.Context(), c.poster, c.id)
	must(c.t, err)
	return found
}

// propose hands in a whole proposal whose words carry a marker.
func (c *contest) propose(a market.Actor, marker string) error {
	return c.Service.SaveProposal(c.t.Context(), a, c.Proposal(c.id, marker))
}

// pass lets the deadline pass.
func (c *contest) pass() {
	c.t.Helper()
	c.Advance(c.challenge().Deadline.Sub(c.Now()))
	c.tend()
}

func (c *contest) tend() {
	c.t.Helper()
	_, err := c.Service.TendChallenges(c.t.Context(), 10)
	must(c.t, err)
}

// judge makes somebody who has accepted to judge.
func (c *contest) judge(name string) market.Actor {
	c.t.Helper()
	j := c.Person(name)
	must(c.t, c.Service.NameJudge(c.t.Context(), c.poster, c.id, c.Email(j)))
	must(c.t, c.Service.AcceptJudging(c.t.Context(), j, c.id, true))
	return j
}

func (c *contest) proposals(a market.Actor) []store.OpenProposal {
	c.t.Helper()
	found, err := c.Store.OpenProposals(c.t.Context(), a, c.id)
	must(c.t, err)
	return found
}

func (c *contest) score(j market.Actor, proposal int64, scores ...int) error {
	return c.Service.ScoreProposal(c.t.Context(), j, proposal, scores, []string{"可行", "扎实"})
}

// decide awards those, none for a no-award, with a reason for everybody.
func (c *contest) decide(awarded ...int64) error {
	c.t.Helper()
	d := market.Decision{Awarded: awarded, Outcome: "按评审总分和可行性决定如上", Reasons: map[int64]string{}}
	for _, p := range c.proposals(c.poster) {
		d.Reasons[p.ID] = "给" + p.OrgName + "的理由"
	}
	return c.Service.DecideChallenge(c.t.Context(), c.poster, c.id, c.challenge().Version, d)
}

func (c *contest) text(query string, args ...any) string {
	c.t.Helper()
	var out string
	must(c.t, c.Store.DB().QueryRowContext(c.t.Context(), query, args...).Scan(&out))
	return out
}

func TestChallengeFromDraftToAward(t *testing.T) {
	t.Parallel()
	c := newContest(t, 2)
	ctx := t.Context()
	must(t, c.Service.AskQuestion(ctx, c.firms[0], c.id, "来料的水分大约是多少", ""))
	questions, err := c.Store.Questions(ctx, c.id)
	must(t, err)
	must(t, c.Service.AnswerQuestion(ctx, c.poster, c.id, questions[0].ID, "百分之三以下"))
	wantKind(t, c.Service.AnswerQuestion(ctx, c.poster, c.id, questions[0].ID, "改一次"), market.Conflict)

	must(t, c.propose(c.firms[0], "甲"))
	must(t, c.propose(c.firms[1], "乙"))
	one, two := c.judge("评审一"), c.judge("评审二")
	wantKind(t, c.decide(), market.Conflict)
	c.pass()
	if got := c.challenge(); got.State != market.ChallengeJudging || got.OpenedAt == nil {
		t.Fatalf("after the deadline it is %s", got.State)
	}
	wantKind(t, c.Service.AskQuestion(ctx, c.firms[0], c.id, "截止以后再问一句", ""), market.Conflict)
	wantKind(t, c.propose(c.firms[0], "晚了"), market.Conflict)
	wantKind(t, c.Service.WithdrawProposal(ctx, c.firms[0], c.id), market.Conflict)

	all := c.proposals(c.poster)
	if len(all) != 2 {
		t.Fatalf("the poster sees %d proposals", len(all))
	}
	first, second := all[0].ID, all[1].ID
	wantField(t, c.score(one, first, 101, 50), "score.0", "0 到 100")
	must(t, c.score(one, first, 80, 70))
	wantKind(t, c.score(one, first, 90, 90), market.Conflict)
	wantKind(t, c.score(c.poster, first, 90, 90), market.NotFound)
	wantKind(t, c.score(c.firms[0], first, 90, 90), market.NotFound)

	// What others gave is hidden until one's own is in.
	if sheets, err := c.Store.ScoreSheets(ctx, two, first); err != nil || len(sheets) != 0 || c.proposals(two)[0].Total.Valid {
		t.Errorf("before scoring a judge sees %+v, %v", sheets, err)
	}
	wantKind(t, c.decide(first), market.Conflict)
	must(t, c.score(two, first, 61, 90))
	if sheets, err := c.Store.ScoreSheets(ctx, two, first); err != nil || len(sheets) != 2 {
		t.Errorf("after scoring a judge sees %d sheets, %v", len(sheets), err)
	}
	must(t, c.score(one, second, 50, 50))
	must(t, c.score(two, second, 40, 60))

	// 0.6·80+0.4·70 = 76, 0.6·61+0.4·90 = 72.6; the mean is 74.3.
	if got := c.proposals(c.poster)[0].Total.Decimal.StringFixed(2); got != "74.30" {
		t.Errorf("the total is %s", got)
	}
	must(t, c.decide(first))
	if got := c.challenge(); got.State != market.ChallengePublicity || got.PublicityUntil.Format(time.DateOnly) != "2026-12-24" {
		t.Fatalf("after the decision it is %s until %v", got.State, got.PublicityUntil)
	}
	outcome, err := c.Store.Outcome(ctx, c.challenge().Challenge)
	must(t, err)
	if len(outcome.Winners) != 1 || outcome.Winners[0].OrgName != "吉安揭榜1号研究院" || outcome.Proposals != 2 || !slices.Equal(outcome.Judges, []string{"评审一", "评审二"}) {
		t.Errorf("the public reads %+v", outcome)
	}

	// A reviewer sends the decision back; the reason stands in the history.
	wantKind(t, c.Service.RemandChallenge(ctx, c.firms[0], c.id, "越权"), market.Denied)
	must(t, c.Service.RemandChallenge(ctx, c.reviewer, c.id, "理由没有回应异议"))
	if got := c.challenge(); got.State != market.ChallengeJudging || got.Official != "理由没有回应异议" {
		t.Errorf("after it was sent back it is %s: %s", got.State, got.Official)
	}
	must(t, c.decide(first))
	c.Advance(7 * 24 * time.Hour)
	c.tend()
	if got := c.challenge().State; got != market.ChallengePublicity {
		t.Errorf("on the last day of the publicity it is %s", got)
	}
	c.Advance(24 * time.Hour)
	c.tend()
	if got := c.challenge().State; got != market.ChallengeAwarded {
		t.Fatalf("after the publicity it is %s", got)
	}
	won, err := c.Store.OwnProposal(ctx, c.firms[0], c.id)
	must(t, err)
	lost, err := c.Store.OwnProposal(ctx, c.firms[1], c.id)
	must(t, err)
	if won.State != market.ProposalAwarded || lost.State != market.ProposalUnawarded || lost.Reason != "给吉安揭榜2号研究院的理由" {
		t.Errorf("the proposals are %s and %s: %s", won.State, lost.State, lost.Reason)
	}
	for _, firm := range c.firms {
		mails := c.text(`SELECT count(*)::text FROM river_job WHERE kind = 'send_mail' AND args->>'kind' = 'outcome' AND args->>'to' = $1 AND args->>'reason' LIKE '%的理由'`, c.Email(firm))
		notices := c.text(`SELECT string_agg(title, '|' ORDER BY id) FROM notices WHERE user_id = $1 AND title LIKE '%中榜%'`, firm.UserID)
		if mails != "3" || strings.Count(notices, "|") != 2 { // two decisions and the end of the publicity
			t.Errorf("a proposer got %s mails, notices %s", mails, notices)
		}
	}

	deals, err := c.Store.ChallengeDeals(ctx, c.firms[0], c.id)
	must(t, err)
	if len(deals) != 1 || deals[0].SellerOrg != c.firms[0].OrgID || deals[0].BuyerOrg != c.poster.OrgID || deals[0].TradeMode != "challenge" ||
		!deals[0].Price.Equal(decimal.NewFromInt(900_000)) || deals[0].Payment != "签约付 30%，验收付 70%" {
		t.Fatalf("the deals are %+v", deals)
	}
	draft, err := c.Service.NewContract(ctx, c.firms[0], deals[0].ID)
	must(t, err)
	draft.Seller, draft.IPType, draft.PlanSource, draft.PaymentMode = market.Party{Type: "022", Region: "360802"}, "none", "none", "lump"
	draft.Buyer.Type, draft.Buyer.Region, draft.TechField = "150", "360825", "materials"
	today := c.Service.Today()
	draft.SignedOn, draft.StartsOn, draft.EndsOn = today, today, today.AddDate(1, 0, 0)
	if draft.TotalAmount.IsZero() {
		draft.TotalAmount = deals[0].Price
	}
	contract, err := c.Service.CreateContract(ctx, c.firms[0], draft, "")
	must(t, err)
	if mode := c.text(`SELECT trade_mode FROM contracts WHERE id = $1`, contract); mode != "challenge" {
		t.Errorf("the contract came about by %s", mode)
	}
	if found, err := c.Store.ChallengeDeals(ctx, c.firms[1], c.id); err != nil || len(found) != 0 {
		t.Errorf("who was not awarded sees deals %+v, %v", found, err)
	}
}

func TestChallengeWithoutAward(t *testing.T) {
	t.Parallel()
	c := newContest(t, 1)
	must(t, c.propose(c.firms[0], "甲"))
	j := c.judge("评审一")
	c.pass()
	must(t, c.score(j, c.proposals(c.poster)[0].ID, 20, 20))
	err := c.Service.DecideChallenge(t.Context(), c.poster, c.id, c.challenge().Version, market.Decision{Outcome: "没有方案达到指标，不定榜", Reasons: map[int64]string{}})
	wantField(t, err, fmt.Sprintf("reason.%d", c.proposals(c.poster)[0].ID), "理由")
	must(t, c.decide())
	c.Advance(9 * 24 * time.Hour)
	c.tend()
	own, err := c.Store.OwnProposal(t.Context(), c.firms[0], c.id)
	must(t, err)
	if got := c.challenge().State; got != market.ChallengeUnawarded || own.State != market.ProposalUnawarded || own.Reason == "" {
		t.Errorf("it is %s, the proposal %s: %s", got, own.State, own.Reason)
	}
	if n := c.text(`SELECT count(*)::text FROM deals`); n != "0" {
		t.Errorf("there are %s deals", n)
	}
}

// TestChallengeStaysToItsDeadline: its poster cannot end it; a reviewer can, for a reason.
func TestChallengeStaysToItsDeadline(t *testing.T) {
	t.Parallel()
	c := newContest(t, 1)
	ctx := t.Context()
	must(t, c.propose(c.firms[0], "甲"))
	wantKind(t, c.Service.RecallChallenge(ctx, c.poster, c.id), market.Conflict)
	wantKind(t, c.Service.DeleteChallenge(ctx, c.poster, c.id), market.Conflict)
	wantKind(t, c.Service.CancelChallenge(ctx, c.poster, c.id, "不想办了"), market.Denied)
	wantKind(t, c.Service.CancelChallenge(ctx, c.Officer("外县审核", "360822", market.Reviewer), c.id, "不是本县"), market.NotFound)
	wantField(t, c.Service.CancelChallenge(ctx, c.reviewer, c.id, " "), "note", "终止")
	own := c.Member(c.poster, "兼任审核", market.Editor)
	must(t, c.Store.InTx(ctx, func(tx *store.Tx) error { return tx.AddDuty(ctx, own.UserID, market.Reviewer) }))
	wantKind(t, c.Service.CancelChallenge(ctx, c.Again(own), c.id, "自己的榜单"), market.Denied)
	must(t, c.Service.CancelChallenge(ctx, c.reviewer, c.id, "发榜单位进入破产程序"))
	got, err := c.Store.Challenge(ctx, market.Actor{}, c.id)
	must(t, err)
	if got.State != market.ChallengeCancelled || got.Official != "发榜单位进入破产程序" {
		t.Errorf("everybody reads %s: %s", got.State, got.Official)
	}
	mine, err := c.Store.OwnProposal(ctx, c.firms[0], c.id)
	must(t, err)
	if mine.State != market.ProposalReleased {
		t.Errorf("the proposal is %s", mine.State)
	}
	c.Advance(90 * 24 * time.Hour)
	c.tend()
	if found := c.proposals(c.poster); len(found) != 0 {
		t.Error("an ended challenge shows its proposals")
	}
}

// TestSealedProposals: until the deadline nothing but the proposer's own queries, and no notice or audit line that anybody
// else reads, gives away that there is a proposal.
func TestSealedProposals(t *testing.T) {
	t.Parallel()
	c := newContest(t, 2)
	ctx := t.Context()
	judge, auditor, admin := c.judge("评审一"), c.Person("审计员", market.Auditor), c.Person("管理员", market.Admin)
	file, err := c.Service.UploadFile(ctx, c.firms[0], market.FileProposal, "路线图.pdf", []byte("%PDF-1.7 \nsealed"))
	must(t, err)
	p := c.Proposal(c.id, "封存标记")
	p.Files = []string{file.ID}
	must(t, c.Service.SaveProposal(ctx, c.firms[0], p))
	viewer := c.Member(c.firms[0], "只看的人", market.Viewer)
	wantKind(t, c.Service.WithdrawProposal(ctx, viewer, c.id), market.Denied)
	id := c.text(`SELECT id::text FROM proposals`)
	var proposal int64
	_, err = fmt.Sscan(id, &proposal)
	must(t, err)

	others := []market.Actor{{}, c.poster, c.firms[1], judge, auditor, c.reviewer, admin}
	look := func(sealed bool) {
		for _, a := range others {
			name := fmt.Sprintf("%s %v (sealed %v)", a.UserName, a.Duties, sealed)
			opens := !sealed && (a.UserID == c.poster.UserID || a.UserID == judge.UserID)
			if found := c.proposals(a); (len(found) > 0) != opens {
				t.Errorf("%s finds %d proposals", name, len(found))
			}
			if _, err := c.Store.OpenProposal(ctx, a, proposal); (err == nil) != opens {
				t.Errorf("%s opens the proposal: %v", name, err)
			}
			if _, err := c.Store.File(ctx, a, file.ID); (err == nil) != opens {
				t.Errorf("%s opens the file: %v", name, err)
			}
			if _, err := c.Store.OwnProposal(ctx, a, c.id); !market.IsKind(err, market.NotFound) {
				t.Errorf("%s has a proposal of its own: %v", name, err)
			}
		}
		outcome, err := c.Store.Outcome(ctx, c.challenge().Challenge)
		must(t, err)
		if (outcome.Proposals == 0) != sealed || len(outcome.Winners) > 0 {
			t.Errorf("sealed %v: the public reads %+v", sealed, outcome)
		}
		lines, err := c.Store.AuditLines(ctx, auditor, store.AuditFilter{}, 200)
		must(t, err)
		found := slices.ContainsFunc(lines, func(l store.AuditLine) bool {
			return l.ObjectKind == "proposal" || strings.HasPrefix(string(l.Action), "proposal.") || l.Action == market.FileUpload
		})
		if found == sealed {
			t.Errorf("sealed %v: the audit shows proposals: %v", sealed, found)
		}
		exported := 0
		for line, err := range c.Store.AuditExport(ctx, auditor, store.AuditFilter{}, 200) {
			must(t, err)
			if line.ObjectKind == "proposal" {
				exported++
			}
		}
		if (exported == 0) != sealed {
			t.Errorf("sealed %v: the export of the audit has %d lines of proposals", sealed, exported)
		}
	}
	look(true)
	if got := c.text(`SELECT count(*)::text FROM notices WHERE user_id <> $1 AND (title LIKE '%方案%' OR path LIKE '%/proposal%') AND user_id NOT IN (SELECT user_id FROM members WHERE org_id = $2)`,
		c.firms[0].UserID, c.firms[0].OrgID); got != "0" {
		t.Errorf("%s notices to others speak of proposals", got)
	}
	if own, err := c.Store.OwnProposal(ctx, c.firms[0], c.id); err != nil || !strings.Contains(own.Team, "封存标记") {
		t.Errorf("the proposer reads %+v, %v", own, err)
	}
	c.Advance(c.challenge().Deadline.Sub(c.Now()) - time.Minute)
	c.tend()
	look(true)
	c.Advance(time.Minute)
	look(true) // until the market has closed it
	c.tend()
	look(false)
}

// TestProposalsAtTheDeadline races proposals against the closing: each is either in before the seal is broken or refused.
func TestProposalsAtTheDeadline(t *testing.T) {
	t.Parallel()
	c := newContest(t, 4)
	c.Advance(c.challenge().Deadline.Sub(c.Now()) - time.Nanosecond)
	var all sync.WaitGroup
	errs := make([]error, len(c.firms))
	for i, firm := range c.firms {
		all.Go(func() {
			if i%2 == 1 {
				c.Advance(time.Nanosecond)
			}
			errs[i] = c.propose(firm, "抢在截止前")
		})
	}
	all.Go(func() { c.tend() })
	all.Wait()
	c.tend()
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
		} else {
			wantKind(t, err, market.Conflict)
		}
	}
	if got := len(c.proposals(c.poster)); got != in {
		t.Errorf("%d were told that they are in, the poster sees %d", in, got)
	}
	if late := c.text(`SELECT count(*)::text FROM proposals p JOIN challenges c ON c.id = p.challenge_id WHERE p.submitted_at >= c.deadline OR p.submitted_at >= c.opened_at`); late != "0" {
		t.Errorf("%s came after the deadline", late)
	}
}

// TestOneProposalOfAnOrganisation races two colleagues.
func TestOneProposalOfAnOrganisation(t *testing.T) {
	t.Parallel()
	c := newContest(t, 1)
	colleague := c.Member(c.firms[0], "同事", market.Editor)
	var all sync.WaitGroup
	errs := make([]error, 2)
	for i, a := range []market.Actor{c.firms[0], colleague} {
		all.Go(func() { errs[i] = c.propose(a, a.UserName) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("of two at once: %v, %v", errs[0], errs[1])
	}
	wantKind(t, c.propose(colleague, "旧表单"), market.Conflict) // a form of version 0 after there is one
	own, err := c.Store.OwnProposal(t.Context(), colleague, c.id)
	must(t, err)
	own.Team = "改过的团队"
	must(t, c.Service.SaveProposal(t.Context(), colleague, own))
	must(t, c.Service.WithdrawProposal(t.Context(), colleague, c.id))
	own, err = c.Store.OwnProposal(t.Context(), colleague, c.id)
	must(t, err)
	if own.State != market.ProposalWithdrawn || own.Team != "改过的团队" {
		t.Errorf("it is %s: %s", own.State, own.Team)
	}
	must(t, c.Service.SaveProposal(t.Context(), colleague, own))
	wantKind(t, c.propose(c.poster, "自己揭自己的榜"), market.Conflict)
	wantKind(t, c.propose(c.Applicant("吉安待核验有限公司", market.Enterprise, "360802"), "还没核验"), market.Denied)
}

// TestJudgesWithAnInterest: who belongs to a proposer, or to an agency that acts for one, does not judge. Before the
// deadline nothing of it shows.
func TestJudgesWithAnInterest(t *testing.T) {
	t.Parallel()
	c := newContest(t, 2)
	ctx := t.Context()
	free := c.judge("无关评审")
	inside := c.Member(c.firms[0], "揭榜方的人", market.Viewer)
	agency := c.Org("吉安代办机构有限公司", market.Agency, "360802")
	for _, j := range []market.Actor{inside, agency} {
		must(t, c.Service.NameJudge(ctx, c.poster, c.id, c.Email(j)))
		must(t, c.Service.AcceptJudging(ctx, j, c.id, true))
	}
	wantField(t, c.Service.AcceptJudging(ctx, free, c.id, false), "declared", "利害关系")
	wantField(t, c.Service.NameJudge(ctx, c.poster, c.id, c.Email(free)), "email", "已经在评审名单")
	wantField(t, c.Service.NameJudge(ctx, c.poster, c.id, "nobody@example.com"), "email", "账号")
	c.mandate(c.firms[1], agency)
	must(t, c.propose(c.firms[0], "甲"))
	must(t, c.propose(c.firms[1], "乙"))
	for _, j := range []market.Actor{inside, agency} {
		if state, err := c.Store.JudgeState(ctx, j, c.id); err != nil || state != market.JudgeAccepted {
			t.Errorf("before the deadline a judge is %s, %v", state, err)
		}
	}
	c.pass()
	for _, test := range []struct {
		who  market.Actor
		want market.JudgeState
		sees int
	}{{free, market.JudgeAccepted, 2}, {inside, market.JudgeExcluded, 0}, {agency, market.JudgeExcluded, 0}} {
		state, err := c.Store.JudgeState(ctx, test.who, c.id)
		must(t, err)
		if got := len(c.proposals(test.who)); state != test.want || got != test.sees {
			t.Errorf("%s is %s and sees %d proposals", test.who.UserName, state, got)
		}
	}
	late := c.Member(c.firms[1], "后来被请的人", market.Editor)
	must(t, c.Service.NameJudge(ctx, c.poster, c.id, c.Email(late)))
	wantKind(t, c.Service.AcceptJudging(ctx, late, c.id, true), market.Conflict)
	must(t, c.Service.DeclineJudging(ctx, late, c.id))
	wantKind(t, c.Service.AcceptJudging(ctx, c.Person("没人请的人"), c.id, true), market.NotFound)

	// Who joins a proposer later reads no more, although still named.
	must(t, c.Store.InTx(ctx, func(tx *store.Tx) error {
		return tx.AddMember(ctx, c.firms[0].OrgID, free.UserID, market.Editor, c.Now())
	}))
	if got := len(c.proposals(free)); got != 0 {
		t.Errorf("a judge who has joined a proposer sees %d proposals", got)
	}
	must(t, c.Service.RemoveJudge(ctx, c.poster, c.id, free.UserID))
}

// mandate lets an agency act for a client.
func (c *contest) mandate(client, agency market.Actor) {
	c.t.Helper()
	_, err := c.Store.DB().ExecContext(c.t.Context(), `INSERT INTO mandates (client_org, agency_org, scopes, starts_on, ends_on, granted_by, granted_at)
		VALUES ($1, $2, '{negotiate}', $3::date - 1, $3::date + 90, $4, $3)`, client.OrgID, agency.OrgID, c.Now(), client.UserID)
	must(c.t, err)
}

func TestChallengeReminders(t *testing.T) {
	t.Parallel()
	c := newContest(t, 1)
	must(t, c.propose(c.firms[0], "甲"))
	j := c.judge("慢评审")
	count := func(user int64, words string) string {
		return c.text(`SELECT count(*)::text FROM notices WHERE user_id = $1 AND title LIKE '%' || $2 || '%'`, user, words)
	}
	c.Advance(c.challenge().Deadline.Sub(c.Now()) - 60*time.Hour)
	c.tend()
	c.tend()
	if a, b := count(c.poster.UserID, "请答复提问"), count(c.firms[0].UserID, "此前可以修改方案"); a != "1" || b != "1" {
		t.Errorf("before the deadline: %s to the poster, %s to the proposer", a, b)
	}
	c.pass()
	if a, b := count(c.poster.UserID, "收到 1 份方案"), count(j.UserID, "请评审"); a != "1" || b != "1" {
		t.Errorf("at the deadline: %s to the poster, %s to the judge", a, b)
	}
	c.Advance(8 * 24 * time.Hour)
	c.tend()
	c.tend()
	if a, b := count(c.poster.UserID, "请督促"), count(j.UserID, "请尽快"); a != "1" || b != "1" {
		t.Errorf("after a week of judging: %s to the poster, %s to the judge", a, b)
	}
}

func TestChallengeFromNeed(t *testing.T) {
	t.Parallel()
	c := newContest(t, 1)
	need := c.Need(c.poster)
	draft := c.Draft()
	draft.NeedID = &need
	id, err := c.Service.CreateChallenge(t.Context(), c.poster, draft, "", false)
	must(t, err)
	c.open(id)
	if _, err := c.Service.CreateChallenge(t.Context(), c.firms[0], draft, "", false); !market.IsKind(err, market.NotFound) {
		t.Errorf("from somebody else's need: %v", err)
	}
	names := func(a market.Actor) bool {
		ch, err := c.Store.Challenge(t.Context(), a, id)
		must(t, err)
		return ch.NeedID != nil
	}
	if !names(market.Actor{}) {
		t.Error("the public does not read which need it came from")
	}
	_, err = c.Store.DB().ExecContext(t.Context(), `UPDATE listings SET hide_org = true WHERE id = $1`, need)
	must(t, err)
	if names(market.Actor{}) || names(c.firms[0]) || !names(c.poster) {
		t.Error("a need that hides its organisation is named beside it, or not to its own people")
	}
	_, err = c.Service.CreateChallenge(t.Context(), c.poster, draft, "", false)
	wantKind(t, err, market.Conflict)
}
