package service

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// CreateChallenge saves a new challenge of the actor's organisation as a draft, and submits it in the same act when submit
// is true, and returns its id. key is the form's one-time key. c.NeedID may name a published need of the organisation.
// Errors name the form's fields.
func (s *Service) CreateChallenge(ctx context.Context, a market.Actor, c market.Challenge, key string, submit bool) (int64, error) {
	if err := s.mayChallenge(ctx, a, market.ChallengeCreate, 0, submit); err != nil {
		return 0, err
	}
	if err := s.CheckChallenge(&c, submit).Err(); err != nil {
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.ChallengeCreate, market.Object{Kind: "challenge"}, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if err := w.ownNeed(ctx, c.NeedID); err != nil {
			return err
		}
		if c.Number, err = w.NextNumber(ctx, "JB", w.at.In(market.Shanghai).Year()); err != nil {
			return err
		}
		c.OrgID = a.OrgID
		if id, err = w.CreateChallenge(ctx, a, c, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "create", "", string(market.ChallengeDraft), "", ""); err != nil {
			return err
		}
		if err := w.Fulfil(ctx, a, key, id); err != nil || !submit {
			return err
		}
		return w.thenSubmitChallenge(ctx, id)
	})
	return id, err
}

// mayChallenge refuses, and notes the attempt, who may not save a challenge or, with submit, hand it in.
func (s *Service) mayChallenge(ctx context.Context, a market.Actor, action market.Action, id int64, submit bool) error {
	err := a.RequireEditor(market.ScopePost)
	if submit {
		err = a.RequireVerified(market.ScopePost)
	}
	if err != nil && a.SignedIn() {
		s.Refused(ctx, a, action, market.Object{Kind: "challenge", ID: id})
	}
	return err
}

// CheckChallenge tidies the challenge's text and returns what keeps it from being saved or, with submit, handed in.
func (s *Service) CheckChallenge(c *market.Challenge, submit bool) market.Problems {
	if submit {
		return c.CheckSubmit(s.ref, s.now())
	}
	return c.CheckDraft(s.ref)
}

// ownNeed refuses a need that a challenge may not start from.
func (w *act) ownNeed(ctx context.Context, id *int64) error {
	if id == nil {
		return nil
	}
	n, err := w.Need(ctx, w.actor, *id)
	if err != nil {
		return err
	}
	return mayStartFrom(n, w.actor)
}

func mayStartFrom(n market.Need, a market.Actor) error {
	switch {
	case n.OrgID != a.OrgFor(market.ScopePost) || n.State != market.Published:
		return market.ErrNotFound
	case n.HideOrg:
		return market.Errorf(market.Conflict, "这项需求没有公开单位名称，而榜单要公开发榜单位。请另写榜单，或先修改需求，公开名称")
	}
	return nil
}

// NeedToChallenge returns the published need of the actor's organisation that a challenge starts from. One that hides its
// organisation's name is a Conflict, because a challenge shows it.
func (s *Service) NeedToChallenge(ctx context.Context, a market.Actor, id int64) (market.Need, error) {
	n, err := s.store.Need(ctx, a, id)
	if err == nil {
		err = mayStartFrom(n, a)
	}
	return n, err
}

// EditChallenge stores the text of a challenge that is not public, and submits it when submit is true. c.Version is the
// one the form was filled in from. Errors name the form's fields.
func (s *Service) EditChallenge(ctx context.Context, a market.Actor, c market.Challenge, submit bool) error {
	if err := s.mayChallenge(ctx, a, market.ChallengeEdit, c.ID, submit); err != nil {
		return err
	}
	if err := s.CheckChallenge(&c, submit).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.ChallengeEdit, market.Object{Kind: "challenge", ID: c.ID}, func(w *act) error {
		old, err := w.LockChallenge(ctx, a, c.ID)
		if err != nil {
			return err
		}
		if old.Version != c.Version {
			return market.ErrStale
		}
		if !old.State.Editable() {
			return market.Errorf(market.Conflict, "这项榜单现在是“%s”，不能修改", old.State.Name())
		}
		if err := w.UpdateChallenge(ctx, c, w.at); err != nil || !submit {
			return err
		}
		return w.thenSubmitChallenge(ctx, c.ID)
	})
}

// thenSubmitChallenge goes on from saving to submitting, with an audit entry for each.
func (w *act) thenSubmitChallenge(ctx context.Context, id int64) error {
	if err := w.Audit(ctx, w.at, w.actor, w.action, w.object, "done", ""); err != nil {
		return err
	}
	w.action = market.ChallengeSubmit
	return w.submitChallenge(ctx, id)
}

// SubmitChallenge hands a draft to the reviewers. The organisation must be verified and the text complete.
func (s *Service) SubmitChallenge(ctx context.Context, a market.Actor, id int64) error {
	if err := s.mayChallenge(ctx, a, market.ChallengeSubmit, id, true); err != nil {
		return err
	}
	return s.write(ctx, a, market.ChallengeSubmit, market.Object{Kind: "challenge", ID: id}, func(w *act) error { return w.submitChallenge(ctx, id) })
}

func (w *act) submitChallenge(ctx context.Context, id int64) error {
	c, err := w.LockChallenge(ctx, w.actor, id)
	if err != nil {
		return err
	}
	if _, err := market.Challenges.Next(c.State, "submit"); err != nil {
		return err
	}
	if err := c.CheckSubmit(w.service.ref, w.at).Err(); err != nil {
		return err
	}
	if err := w.moveChallenge(ctx, c, "submit", store.ChallengeMove{}); err != nil {
		return err
	}
	region, err := w.OrgRegion(ctx, c.OrgID)
	if err != nil {
		return err
	}
	return w.NotifyDuty(ctx, market.Reviewer, region, "待审核榜单："+c.Title, fmt.Sprintf("/review/challenges/%d", id), w.at)
}

// moveChallenge changes a locked challenge's state and appends the move to its history. m holds what the move brings; its
// words stand in the history too.
func (w *act) moveChallenge(ctx context.Context, c market.Challenge, move string, m store.ChallengeMove) error {
	to, err := market.Challenges.Next(c.State, move)
	if err != nil {
		return err
	}
	m.ID, m.From, m.To, m.At = c.ID, c.State, to, w.at
	note := m.Note + m.Official
	if move == "decide" {
		note = m.Outcome
	}
	if to != market.ChallengeReturned {
		m.Note = ""
	}
	if err := w.MoveChallenge(ctx, m); err != nil {
		return err
	}
	return w.moved(ctx, move, string(c.State), string(to), strings.Join(m.Codes, " "), note)
}

// RecallChallenge takes a challenge back from the queue to change it.
func (s *Service) RecallChallenge(ctx context.Context, a market.Actor, id int64) error {
	return s.ownChallenge(ctx, a, market.ChallengeRecall, id, func(w *act, c market.Challenge) error {
		return w.moveChallenge(ctx, c, "recall", store.ChallengeMove{})
	})
}

// DeleteChallenge removes a draft that was never submitted.
func (s *Service) DeleteChallenge(ctx context.Context, a market.Actor, id int64) error {
	return s.ownChallenge(ctx, a, market.ChallengeDelete, id, func(w *act, c market.Challenge) error {
		if c.State != market.ChallengeDraft || c.SubmittedAt != nil {
			return market.Errorf(market.Conflict, "只能删除没有提交过的草稿")
		}
		return w.Tx.DeleteChallenge(ctx, id)
	})
}

// ownChallenge carries out an act of the poster's editors on a locked challenge.
func (s *Service) ownChallenge(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.Challenge) error) error {
	if err := s.mayChallenge(ctx, a, action, id, false); err != nil {
		return err
	}
	return s.write(ctx, a, action, market.Object{Kind: "challenge", ID: id}, func(w *act) error {
		c, err := w.LockChallenge(ctx, a, id)
		if err != nil {
			return err
		}
		return fn(w, c)
	})
}

// PublishChallenge passes a submitted challenge: from now on proposals are taken. The check list must be complete, and
// version the one that the reviewer looked at. For reviewers, not of their own organisation. See PublishListing.
func (s *Service) PublishChallenge(ctx context.Context, a market.Actor, id int64, version int, ticks market.Ticks) error {
	note, err := ticks.Pass(market.SubjectChallenge)
	if err != nil {
		return err
	}
	return s.reviewChallenge(ctx, a, market.ChallengePublish, id, func(w *act, c market.Challenge) error {
		if err := w.requireVerifiedOwner(ctx, c.OrgID); err != nil {
			return err
		}
		if c.Deadline == nil || !w.at.Before(*c.Deadline) {
			return market.Errorf(market.Conflict, "截止时间已经过了，不能公开。请退回，由提交单位改期")
		}
		if err := w.moveChallenge(ctx, c, "publish", store.ChallengeMove{Note: note}); err != nil {
			return err
		}
		if err := sameVersion(c.Version, version); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, c.OrgID, "榜单已公开："+c.Title, challengePath(id), w.at)
	})
}

// ReturnChallenge sends a submitted challenge back with coded reasons and words that its poster reads. See ReturnListing.
func (s *Service) ReturnChallenge(ctx context.Context, a market.Actor, id int64, version int, codes []string, note string) error {
	codes, err := s.checkReturn(codes, &note)
	if err != nil {
		return err
	}
	return s.reviewChallenge(ctx, a, market.ChallengeReturn, id, func(w *act, c market.Challenge) error {
		if err := w.moveChallenge(ctx, c, "return", store.ChallengeMove{Codes: codes, Note: note}); err != nil {
			return err
		}
		if err := sameVersion(c.Version, version); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, c.OrgID, "榜单被退回修改："+c.Title, challengePath(id)+"/edit", w.at)
	})
}

// CancelChallenge ends a challenge by an official decision, also before its deadline: the only way there is. Everybody
// reads the reason on its page for ever; proposals stay unread and their proposers are told. For reviewers, not of their
// own organisation. Errors name the field note.
func (s *Service) CancelChallenge(ctx context.Context, a market.Actor, id int64, reason string) error {
	if err := checkNote(&reason, "请写明为什么终止，所有人会一直看到"); err != nil {
		return err
	}
	return s.reviewChallenge(ctx, a, market.ChallengeCancel, id, func(w *act, c market.Challenge) error {
		if err := w.moveChallenge(ctx, c, "cancel", store.ChallengeMove{Official: reason}); err != nil {
			return err
		}
		if err := w.NotifyOrg(ctx, c.OrgID, "榜单已由主管部门决定终止："+c.Title, challengePath(id), w.at); err != nil {
			return err
		}
		handed, err := w.HandedIn(ctx, id)
		if err != nil {
			return err
		}
		for _, p := range handed {
			if err := w.settle(ctx, p.Proposal, "release"); err != nil {
				return err
			}
			if err := w.tellResult(ctx, c, p.Proposal, "没有评出结果：榜单已由主管部门决定终止", reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemandChallenge sends a decision that is in publicity back to the poster, with a reason that everybody reads. For
// reviewers, not of their own organisation. Errors name the field note.
func (s *Service) RemandChallenge(ctx context.Context, a market.Actor, id int64, reason string) error {
	if err := checkNote(&reason, "请写明为什么退回，所有人会看到"); err != nil {
		return err
	}
	return s.reviewChallenge(ctx, a, market.ChallengeRemand, id, func(w *act, c market.Challenge) error {
		if err := w.moveChallenge(ctx, c, "remand", store.ChallengeMove{Official: reason}); err != nil {
			return err
		}
		if err := w.NotifyOrg(ctx, c.OrgID, "公示的结果被主管部门退回，请重新决定："+c.Title, challengePath(id)+"/judging", w.at); err != nil {
			return err
		}
		handed, err := w.HandedIn(ctx, id)
		if err != nil {
			return err
		}
		for _, p := range handed {
			if err := w.NotifyOrg(ctx, p.OrgID, "公示的结果被主管部门退回，将重新决定："+c.Title, proposalPath(id), w.at); err != nil {
				return err
			}
		}
		return nil
	})
}

// reviewChallenge carries out an act of a reviewer who has no part in the challenge.
func (s *Service) reviewChallenge(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.Challenge) error) error {
	object := market.Object{Kind: "challenge", ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		c, err := w.LockReviewedChallenge(ctx, a, id)
		if err != nil {
			return err
		}
		if err := w.refuseOwn(ctx, object, c.OrgID); err != nil {
			return err
		}
		return w.decide(ctx, market.SubjectChallenge, id, func() error { return fn(w, c) })
	})
}

// AskQuestion asks the poster of a challenge something. Question and answer are public, who asked is not. For editors of
// verified organisations, until the deadline. key is the form's one-time key. Errors name the field question.
func (s *Service) AskQuestion(ctx context.Context, a market.Actor, id int64, question, key string) error {
	object := market.Object{Kind: "challenge", ID: id}
	if err := a.RequireVerified(market.ScopeNegotiate); err != nil {
		s.Refused(ctx, a, market.ChallengeAsk, object)
		return err
	}
	if err := market.CheckQuestion(&question).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.ChallengeAsk, object, func(w *act) error {
		_, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			return err
		}
		c, err := w.ShareChallenge(ctx, id)
		if err != nil {
			return err
		}
		if !c.Running(s.now()) {
			return market.Errorf(market.Conflict, "提问已经截止")
		}
		if c.OrgID == a.OrgID {
			return market.Errorf(market.Conflict, "这是本单位的榜单，不用提问")
		}
		asked, err := w.AddQuestion(ctx, a, id, question, w.at)
		if err != nil {
			return err
		}
		if err := w.NotifyOrg(ctx, c.OrgID, "有人对榜单提问："+c.Title, challengePath(id)+"#questions", w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, asked)
	})
}

// AnswerQuestion answers a question about a challenge of the actor's organisation, once and for everybody; until the
// deadline. Errors name the field answer.
func (s *Service) AnswerQuestion(ctx context.Context, a market.Actor, id, question int64, answer string) error {
	if err := a.RequireVerified(market.ScopePost); err != nil {
		s.Refused(ctx, a, market.ChallengeAnswer, market.Object{Kind: "challenge", ID: id})
		return err
	}
	if err := market.CheckAnswer(&answer).Err(); err != nil {
		return err
	}
	return s.ownChallenge(ctx, a, market.ChallengeAnswer, id, func(w *act, c market.Challenge) error {
		if !c.Running(w.at) {
			return market.Errorf(market.Conflict, "已经截止，不能再答复")
		}
		asker, err := w.Tx.AnswerQuestion(ctx, a, id, question, answer, w.at)
		if market.IsKind(err, market.NotFound) {
			return market.Errorf(market.Conflict, "这个问题已经答复过")
		}
		if err != nil {
			return err
		}
		return w.NotifyOrg(ctx, asker, "您的提问有了答复："+c.Title, challengePath(id)+"#questions", w.at)
	})
}

// TendChallenges is the job that watches the clocks of challenges. It runs every minute.
type TendChallenges struct{}

// Kind names the job in the queue.
func (TendChallenges) Kind() string { return "tend_challenges" }

// When reminders go out: so long before the deadline, and so long after the judging began.
const (
	challengeSoon = 3 * 24 * time.Hour
	challengeLate = 7 * 24 * time.Hour
)

// TendChallenges does what the clock has come to, for up to limit challenges, and returns how many it looked at. For the
// worker.
func (s *Service) TendChallenges(ctx context.Context, limit int) (int, error) {
	now := s.now()
	ids, err := s.store.DueChallenges(ctx, now, now.Add(challengeSoon), now.Add(-challengeLate), limit)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.store.InTx(ctx, func(tx *store.Tx) error { return s.tendChallenge(ctx, tx, id) }); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (s *Service) tendChallenge(ctx context.Context, tx *store.Tx, id int64) error {
	c, err := tx.LockAnyChallenge(ctx, id)
	if err != nil {
		return err
	}
	w := &act{Tx: tx, service: s, actor: market.System(), action: market.ChallengeRemind, object: market.Object{Kind: "challenge", ID: id}, at: s.now()}
	switch {
	case c.State == market.ChallengeOpen && !w.at.Before(*c.Deadline):
		w.action = market.ChallengeUnseal
		err = w.unseal(ctx, c)
	case c.State == market.ChallengePublicity && market.DateOf(*c.PublicityUntil).Before(market.DateOf(w.at)):
		err = w.conclude(ctx, c)
	case c.State == market.ChallengeOpen:
		err = w.remindOfDeadline(ctx, c)
	case c.State == market.ChallengeJudging:
		err = w.remindJudges(ctx, c)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Audit(ctx, w.at, w.actor, w.action, w.object, "done", w.detail)
}

// unseal begins the judging: from now on poster and judges read the proposals. Who belongs to a proposer judges no more.
func (w *act) unseal(ctx context.Context, c market.Challenge) error {
	if err := w.moveChallenge(ctx, c, "open", store.ChallengeMove{}); err != nil {
		return err
	}
	conflicted, err := w.ConflictedJudges(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, j := range conflicted {
		if err := w.MoveJudge(ctx, c.ID, j.UserID, j.State, market.JudgeExcluded, w.at); err != nil {
			return err
		}
		if err := w.NotifyUser(ctx, j.UserID, "您所在或代办的单位提出了方案，按规定回避评审："+c.Title, challengePath(c.ID), w.at); err != nil {
			return err
		}
	}
	handed, err := w.HandedIn(ctx, c.ID)
	if err != nil {
		return err
	}
	w.detail = fmt.Sprintf("%d proposals", len(handed))
	if err := w.NotifyOrg(ctx, c.OrgID, fmt.Sprintf("榜单已截止，收到 %d 份方案：%s", len(handed), c.Title), challengePath(c.ID)+"/judging", w.at); err != nil {
		return err
	}
	for _, p := range handed {
		if err := w.NotifyOrg(ctx, p.OrgID, "榜单已截止，进入评审："+c.Title, proposalPath(c.ID), w.at); err != nil {
			return err
		}
	}
	if len(handed) == 0 {
		return nil
	}
	return w.tellJudges(ctx, c, "榜单已截止，请评审：")
}

// tellJudges sends a notice to those who have not finished; who has not answered is asked to.
func (w *act) tellJudges(ctx context.Context, c market.Challenge, title string) error {
	judges, err := w.JudgesToTell(ctx, c.ID)
	if err != nil {
		return err
	}
	handed, err := w.HandedIn(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, j := range judges {
		text := title
		if j.State == market.JudgeInvited {
			text = "请答复评审邀请："
		} else if j.Scored >= len(handed) {
			continue
		}
		if err := w.NotifyUser(ctx, j.UserID, text+c.Title, challengePath(c.ID)+"/judging", w.at); err != nil {
			return err
		}
	}
	return nil
}

func (w *act) remindOfDeadline(ctx context.Context, c market.Challenge) error {
	if err := w.SetChallengeReminded(ctx, c.ID, w.at); err != nil {
		return err
	}
	when := c.Deadline.In(market.Shanghai).Format("1 月 2 日 15:04")
	if err := w.NotifyOrg(ctx, c.OrgID, fmt.Sprintf("榜单 %s 截止，请答复提问、定好评审：%s", when, c.Title), challengePath(c.ID), w.at); err != nil {
		return err
	}
	handed, err := w.HandedIn(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, p := range handed {
		if err := w.NotifyOrg(ctx, p.OrgID, fmt.Sprintf("榜单 %s 截止，此前可以修改方案：%s", when, c.Title), proposalPath(c.ID), w.at); err != nil {
			return err
		}
	}
	return nil
}

func (w *act) remindJudges(ctx context.Context, c market.Challenge) error {
	if err := w.SetChallengeReminded(ctx, c.ID, w.at); err != nil {
		return err
	}
	if err := w.NotifyOrg(ctx, c.OrgID, "榜单还在评审，请督促评审并作出决定："+c.Title, challengePath(c.ID)+"/judging", w.at); err != nil {
		return err
	}
	return w.tellJudges(ctx, c, "请尽快完成评审：")
}

// conclude carries out the decision whose publicity is over: every proposer learns the result, and each award is a deal.
func (w *act) conclude(ctx context.Context, c market.Challenge) error {
	handed, err := w.HandedIn(ctx, c.ID)
	if err != nil {
		return err
	}
	move, action := "unaward", market.ChallengeUnaward
	if slices.ContainsFunc(handed, func(p store.HandedIn) bool { return p.Chosen }) {
		move, action = "award", market.ChallengeAward
	}
	w.action = action
	if err := w.moveChallenge(ctx, c, move, store.ChallengeMove{Outcome: c.Outcome, PublicityUntil: c.PublicityUntil, Official: c.Official}); err != nil {
		return err
	}
	for _, p := range handed {
		if err := w.concludeProposal(ctx, c, p); err != nil {
			return err
		}
	}
	return w.NotifyOrg(ctx, c.OrgID, map[string]string{"award": "公示结束，榜单已定榜：", "unaward": "公示结束，榜单未定榜："}[move]+c.Title, challengePath(c.ID), w.at)
}

func (w *act) concludeProposal(ctx context.Context, c market.Challenge, p store.HandedIn) error {
	if !p.Chosen {
		if err := w.settle(ctx, p.Proposal, "unaward"); err != nil {
			return err
		}
		return w.tellResult(ctx, c, p.Proposal, "公示结束，未中榜", p.Reason)
	}
	if err := w.settle(ctx, p.Proposal, "award"); err != nil {
		return err
	}
	deal := market.NewChallengeDeal(c, p.Proposal, w.at)
	var err error
	if deal.Number, err = w.NextNumber(ctx, "CJ", w.at.In(market.Shanghai).Year()); err != nil {
		return err
	}
	id, err := w.CreateDeal(ctx, deal)
	if err != nil {
		return err
	}
	if err := w.about("deal", id).moved(ctx, "agree", "", string(market.DealAgreed), "", ""); err != nil {
		return err
	}
	return w.tellResult(ctx, c, p.Proposal, "公示结束，中榜，成交编号 "+deal.Number, p.Reason)
}

// settle changes a proposal's state at the end of its challenge.
func (w *act) settle(ctx context.Context, p market.Proposal, move string) error {
	to, err := market.Proposals.Next(p.State, move)
	if err != nil {
		return err
	}
	if err := w.MoveProposal(ctx, p.ID, p.State, to, w.at); err != nil {
		return err
	}
	return w.about("proposal", p.ID).moved(ctx, move, string(p.State), string(to), "", "")
}

// tellResult tells a proposer how its proposal fared, by notice and by mail, with the reason.
func (w *act) tellResult(ctx context.Context, c market.Challenge, p market.Proposal, result, reason string) error {
	if err := w.NotifyOrg(ctx, p.OrgID, result+"："+c.Title, proposalPath(c.ID), w.at); err != nil {
		return err
	}
	org, err := w.OrgName(ctx, p.OrgID)
	if err != nil {
		return err
	}
	people, err := w.MailOf(ctx, p.OrgID)
	if err != nil {
		return err
	}
	for _, to := range people {
		if err := w.sendMail(ctx, market.Letter{Kind: market.LetterOutcome, To: to.Email, Name: to.Name, Org: org, Note: c.Title, Role: result, Reason: reason,
			At: w.at, Path: proposalPath(c.ID)}); err != nil {
			return err
		}
	}
	return nil
}

func challengePath(id int64) string { return fmt.Sprintf("/challenges/%d", id) }

// proposalPath is the page of an organisation's own proposal for a challenge.
func proposalPath(challenge int64) string { return challengePath(challenge) + "/proposal" }
