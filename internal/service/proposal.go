package service

import (
	"context"
	"fmt"
	"slices"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// SaveProposal hands in the proposal of the actor's organisation for a challenge, or changes it: p.Version is the one the
// form was filled in from, 0 for the first. For editors of verified organisations, until the deadline; the poster's own is
// a Conflict. Nobody else learns of it before the deadline. Errors name the form's fields.
func (s *Service) SaveProposal(ctx context.Context, a market.Actor, p market.Proposal) error {
	action := market.ProposalSubmit
	if p.Version != 0 {
		action = market.ProposalEdit
	}
	return s.proposal(ctx, a, action, p.ChallengeID, a.RequireVerified, func(w *act, c market.Challenge) error {
		if c.OrgID == a.OrgID {
			return market.Errorf(market.Conflict, "这是本单位的榜单，不能自己揭榜")
		}
		if err := p.Check(&c).Err(); err != nil {
			return err
		}
		if err := w.checkAttachments(ctx, p); err != nil {
			return err
		}
		old, err := w.LockOwnProposal(ctx, a, c.ID)
		switch {
		case market.IsKind(err, market.NotFound):
			if w.object.ID, err = w.CreateProposal(ctx, a, p, w.at); err != nil {
				return err
			}
			return w.tellOwn(ctx, c, "submit", "", "方案已提交，截止前对其他人保密：")
		case err != nil:
			return err
		case old.Version != p.Version:
			return market.ErrStale
		}
		w.object.ID, p.ID, p.State = old.ID, old.ID, old.State
		move := "edit"
		if old.State == market.ProposalWithdrawn {
			move = "resubmit"
		}
		if _, err := market.Proposals.Next(old.State, move); err != nil {
			return err
		}
		if err := w.UpdateProposal(ctx, p, w.at); err != nil {
			return err
		}
		return w.tellOwn(ctx, c, move, string(old.State), "方案已修改，截止前对其他人保密：")
	})
}

// checkAttachments wants files that the actor uploaded for a proposal, or that the organisation's proposal has already.
func (w *act) checkAttachments(ctx context.Context, p market.Proposal) error {
	for _, id := range p.Files {
		f, err := w.File(ctx, w.actor, id)
		if market.IsKind(err, market.NotFound) || err == nil && f.Purpose != market.FileProposal {
			return market.Problems{{Field: "proposal", Message: "有附件没有传到，请重新上传"}}.Err()
		}
		if err != nil {
			return err
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(p.Files)))) != len(p.Files) {
		return market.Problems{{Field: "proposal", Message: "同一个附件不用传两次"}}.Err()
	}
	return nil
}

// WithdrawProposal takes the proposal of the actor's organisation back, until the deadline. It may be handed in again.
func (s *Service) WithdrawProposal(ctx context.Context, a market.Actor, challengeID int64) error {
	return s.proposal(ctx, a, market.ProposalWithdraw, challengeID, a.RequireEditor, func(w *act, c market.Challenge) error {
		p, err := w.LockOwnProposal(ctx, a, challengeID)
		if err != nil {
			return err
		}
		w.object.ID = p.ID
		to, err := market.Proposals.Next(p.State, "withdraw")
		if err != nil {
			return err
		}
		if err := w.MoveProposal(ctx, p.ID, p.State, to, w.at); err != nil {
			return err
		}
		return w.tellOwn(ctx, c, "withdraw", string(p.State), "方案已撤回：")
	})
}

// proposal carries out an act of a proposer. The clock is read once the challenge can no longer be unsealed meanwhile, so
// that nothing comes in after the deadline. A refusal names no challenge in the audit, which is kept back until then.
func (s *Service) proposal(ctx context.Context, a market.Actor, action market.Action, challengeID int64, may func(market.Scope) error, fn func(*act, market.Challenge) error) error {
	object := market.Object{Kind: "proposal"}
	if err := may(market.ScopeNegotiate); err != nil {
		if a.SignedIn() {
			s.Refused(ctx, a, action, object)
		}
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		c, err := w.ShareChallenge(ctx, challengeID)
		if err != nil {
			return err
		}
		if w.at = s.now(); !c.Running(w.at) {
			return market.Errorf(market.Conflict, "榜单已经截止，不能再提交、修改或撤回方案")
		}
		return fn(w, c)
	})
}

// tellOwn appends a move of the proposal to its history and tells the proposer's own people: what has come in is proof for
// them, and a client learns what its agency does.
func (w *act) tellOwn(ctx context.Context, c market.Challenge, move, from, title string) error {
	to := market.ProposalSubmitted
	if move == "withdraw" {
		to = market.ProposalWithdrawn
	}
	if err := w.moved(ctx, move, from, string(to), "", ""); err != nil {
		return err
	}
	return w.NotifyOrg(ctx, w.actor.OrgID, title+c.Title, proposalPath(c.ID), w.at)
}

// ReadProposal returns an unsealed proposal to the poster's people and the judges. Every reading is on record; that somebody
// was turned away is not, as it would tell which proposals there are.
func (s *Service) ReadProposal(ctx context.Context, a market.Actor, id int64) (store.OpenProposal, error) {
	p, err := s.store.OpenProposal(ctx, a, id)
	if err != nil {
		return p, err
	}
	err = s.write(ctx, a, market.ProposalReadAct, market.Object{Kind: "proposal", ID: id}, func(w *act) (err error) {
		p, err = w.OpenProposal(ctx, a, id)
		return err
	})
	return p, err
}

// NameJudge asks a person with an account, by their address, to judge a challenge of the actor's organisation. They accept
// or decline. For editors of the verified poster, from publication to the decision. Errors name the field email.
func (s *Service) NameJudge(ctx context.Context, a market.Actor, id int64, email string) error {
	if err := a.RequireVerified(market.ScopePost); err != nil {
		s.Refused(ctx, a, market.ChallengeJudge, market.Object{Kind: "challenge", ID: id})
		return err
	}
	var p market.Problems
	email = NormalizeEmail(email)
	if checkEmail(&p, email); len(p) > 0 {
		return p.Err()
	}
	return s.ownChallenge(ctx, a, market.ChallengeJudge, id, func(w *act, c market.Challenge) error {
		if err := judged(c); err != nil {
			return err
		}
		u, err := w.UserByEmail(ctx, email)
		if market.IsKind(err, market.NotFound) || err == nil && (u.State != string(market.UserActive) || u.EmailConfirmedAt == nil) {
			return market.Problems{{Field: "email", Message: "这个邮箱还没有可用的账号。请对方先注册并确认邮箱"}}.Err()
		}
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("user %d", u.ID)
		if err := w.NameJudge(ctx, a, id, u.ID, w.at); err != nil {
			return err
		}
		if err := w.NotifyUser(ctx, u.ID, "请您评审榜单："+c.Title, challengePath(id)+"/judging", w.at); err != nil {
			return err
		}
		org, err := w.OrgName(ctx, c.OrgID)
		if err != nil {
			return err
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterJudge, To: u.Email, Name: u.Name, Org: org, Note: c.Title, At: w.at, Path: challengePath(id) + "/judging"})
	})
}

// judged refuses what belongs to the judging of a challenge before it is public and after it is decided.
func judged(c market.Challenge) error {
	if c.State != market.ChallengeOpen && c.State != market.ChallengeJudging {
		return market.Errorf(market.Conflict, "榜单现在是“%s”，不能再改评审", c.State.Name())
	}
	return nil
}

// RemoveJudge takes somebody off the judges of a challenge of the actor's organisation, until the decision. What they gave
// no longer counts.
func (s *Service) RemoveJudge(ctx context.Context, a market.Actor, id, userID int64) error {
	return s.ownChallenge(ctx, a, market.ChallengeUnjudge, id, func(w *act, c market.Challenge) error {
		if err := judged(c); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("user %d", userID)
		if err := w.moveJudge(ctx, c, userID, "remove"); err != nil {
			return err
		}
		return w.NotifyUser(ctx, userID, "评审邀请已取消："+c.Title, challengePath(id), w.at)
	})
}

func (w *act) moveJudge(ctx context.Context, c market.Challenge, userID int64, move string) error {
	from, err := w.LockJudge(ctx, c.ID, userID)
	if err != nil {
		return err
	}
	to, err := market.Judges.Next(from, move)
	if err != nil {
		return err
	}
	return w.MoveJudge(ctx, c.ID, userID, from, to, w.at)
}

// AcceptJudging accepts an invitation to judge, with the declaration that there is no conflict of interest. Who belongs to
// a proposer is refused once that is no secret any more. Errors name the field declared.
func (s *Service) AcceptJudging(ctx context.Context, a market.Actor, id int64, declared bool) error {
	if !declared {
		return market.Problems{{Field: "declared", Message: "请先声明没有利害关系，再接受"}}.Err()
	}
	return s.answerJudging(ctx, a, market.ChallengeAccept, id, "accept", "%s接受了评审邀请：%s")
}

// DeclineJudging declines an invitation to judge.
func (s *Service) DeclineJudging(ctx context.Context, a market.Actor, id int64) error {
	return s.answerJudging(ctx, a, market.ChallengeDecline, id, "decline", "%s谢绝了评审邀请：%s")
}

func (s *Service) answerJudging(ctx context.Context, a market.Actor, action market.Action, id int64, move, title string) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	return s.write(ctx, a, action, market.Object{Kind: "challenge", ID: id}, func(w *act) error {
		c, err := w.LockAnyChallenge(ctx, id)
		if err != nil {
			return err
		}
		if _, err := w.LockJudge(ctx, id, a.UserID); err != nil {
			return err
		}
		if err := judged(c); err != nil {
			return err
		}
		if move == "accept" {
			if is, err := w.Conflicted(ctx, a, id); err != nil {
				return err
			} else if is {
				return market.Errorf(market.Conflict, "您所在或代办的单位提出了方案，按规定要回避，不能评审")
			}
		}
		if err := w.moveJudge(ctx, c, a.UserID, move); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, c.OrgID, fmt.Sprintf(title, a.UserName, c.Title), challengePath(id)+"/judging", w.at)
	})
}

// ScoreProposal keeps a judge's scores and comments of an unsealed proposal, one for each criterion, for good: afterwards
// the judge sees what others gave. Errors name the fields score.N and comment.N.
func (s *Service) ScoreProposal(ctx context.Context, a market.Actor, id int64, scores []int, comments []string) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	return s.write(ctx, a, market.ChallengeScore, market.Object{Kind: "proposal", ID: id}, func(w *act) error {
		p, err := w.OpenProposal(ctx, a, id)
		if err != nil {
			return err
		}
		c, err := w.ShareChallenge(ctx, p.ChallengeID)
		if err != nil {
			return err
		}
		if c.State != market.ChallengeJudging {
			return market.Errorf(market.Conflict, "榜单现在是“%s”，不能再打分", c.State.Name())
		}
		if state, err := w.JudgeState(ctx, a, c.ID); err != nil {
			return err // the poster reads the proposal too
		} else if state != market.JudgeAccepted {
			return market.ErrNotFound
		}
		if err := market.CheckScores(c.Criteria, scores, comments).Err(); err != nil {
			return err
		}
		return w.AddScores(ctx, a, id, scores, comments, w.at)
	})
}

// DecideChallenge decides a challenge of the actor's organisation: an award to as many proposals as were published at most,
// or none with a reason. Every judge must have scored every proposal. The decision is public at once and takes effect at
// the end of the publicity. For editors of the verified poster. Errors name the form's fields.
func (s *Service) DecideChallenge(ctx context.Context, a market.Actor, id int64, version int, d market.Decision) error {
	if err := a.RequireVerified(market.ScopePost); err != nil {
		s.Refused(ctx, a, market.ChallengeDecide, market.Object{Kind: "challenge", ID: id})
		return err
	}
	return s.ownChallenge(ctx, a, market.ChallengeDecide, id, func(w *act, c market.Challenge) error {
		if _, err := market.Challenges.Next(c.State, "decide"); err != nil {
			return err
		}
		if c.Version != version {
			return market.ErrStale
		}
		proposals, err := w.OpenProposals(ctx, a, id)
		if err != nil {
			return err
		}
		ids := make([]int64, len(proposals))
		for i, p := range proposals {
			if ids[i] = p.ID; !p.Complete() {
				return market.Errorf(market.Conflict, "评审还没有完成：每位评审要给每份方案打分。没有评审的，先邀请评审")
			}
		}
		if err := d.Check(&c, ids).Err(); err != nil {
			return err
		}
		for _, chosen := range d.Awarded {
			if !slices.Contains(ids, chosen) {
				return market.Problems{{Field: "awarded", Message: "有勾选的不在收到的方案里，请重新勾选"}}.Err()
			}
		}
		until := market.DateOf(w.at).AddDate(0, 0, int(s.ref.Parameter("challenge_publicity_days", w.at)))
		w.detail = fmt.Sprintf("%d of %d awarded", len(d.Awarded), len(ids))
		if err := w.moveChallenge(ctx, c, "decide", store.ChallengeMove{Outcome: d.Outcome, PublicityUntil: &until}); err != nil {
			return err
		}
		for _, p := range proposals {
			if err := w.decideProposal(ctx, c, p.Proposal, slices.Contains(d.Awarded, p.ID), d.Reasons[p.ID]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *act) decideProposal(ctx context.Context, c market.Challenge, p market.Proposal, chosen bool, reason string) error {
	if err := w.Chose(ctx, p.ID, chosen, reason); err != nil {
		return err
	}
	result := "结果公示：未中榜"
	if chosen {
		result = "结果公示：拟中榜"
	}
	return w.tellResult(ctx, c, p, result, reason)
}
