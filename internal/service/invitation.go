package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// InviteMember sends a mail that invites the person with that address to join the organisation the actor owns. Whether
// there is an account with the address is not told. key is the form's one-time key. Errors name the form's fields.
func (s *Service) InviteMember(ctx context.Context, a market.Actor, email string, role market.Role, key string) error {
	return s.ownerAct(ctx, a, market.OrgInvite, func(w *act) error {
		var p market.Problems
		email = NormalizeEmail(email)
		checkEmail(&p, email)
		if role.Name() == "" {
			p.Add("role", "请选择角色")
		}
		if err := p.Err(); err != nil {
			return err
		}
		if _, fresh, err := w.Claim(ctx, a, key, w.at); err != nil || !fresh {
			return err
		}
		if err := w.mayInvite(ctx, email); err != nil {
			return err
		}
		i := market.Invitation{OrgID: a.OrgID, Email: email, Role: role, InvitedBy: a.UserID, CreatedAt: w.at, SentAt: w.at, ExpiresAt: w.at.Add(market.LinkInvite.Life())}
		var err error
		if i.ID, err = w.CreateInvitation(ctx, i); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("invitation %d %s", i.ID, role)
		if err := w.sendInvitation(ctx, i); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, i.ID)
	})
}

func (w *act) mayInvite(ctx context.Context, email string) error {
	member, err := w.HasMember(ctx, w.actor.OrgID, email)
	if err != nil {
		return err
	}
	if member {
		return market.Problems{{Field: "email", Message: "用这个邮箱的人已经是本单位的成员"}}.Err()
	}
	open, err := w.OpenInvitations(ctx, w.actor)
	if err == nil && len(open) >= market.MaxInvitations {
		err = market.Errorf(market.Conflict, "等待答复的邀请最多 %d 份，请先撤回不再需要的", market.MaxInvitations)
	}
	return err
}

func (w *act) sendInvitation(ctx context.Context, i market.Invitation) error {
	return w.sendLink(ctx, market.Link{Purpose: market.LinkInvite, SubjectID: &i.ID, Email: i.Email},
		market.Letter{Kind: market.LetterInvite, By: w.actor.UserName, Org: w.actor.OrgName, Role: i.Role.Name()})
}

// ResendInvitation sends the mail of an open invitation again; the link sent before ends, and the new one is good for the
// whole time. For owners.
func (s *Service) ResendInvitation(ctx context.Context, a market.Actor, id int64) error {
	return s.ownInvitation(ctx, a, market.OrgInviteResend, id, func(w *act, i store.Invitation) error {
		if i.State != market.InvitationOpen {
			return market.Errorf(market.Conflict, "这份邀请现在是“%s”，不用再发", market.Invitations.Names[i.State])
		}
		if err := w.InvitationSent(ctx, id, w.at, w.at.Add(market.LinkInvite.Life())); err != nil {
			return err
		}
		return w.sendInvitation(ctx, i.Invitation)
	})
}

// WithdrawInvitation takes an open invitation back; its link is worthless from then on. For owners.
func (s *Service) WithdrawInvitation(ctx context.Context, a market.Actor, id int64) error {
	return s.ownInvitation(ctx, a, market.OrgInviteWithdraw, id, func(w *act, i store.Invitation) error {
		if err := w.EndLinks(ctx, market.LinkInvite, nil, &id, w.at); err != nil {
			return err
		}
		return w.answerInvitation(ctx, i, "withdraw", 0)
	})
}

func (s *Service) ownInvitation(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, store.Invitation) error) error {
	return s.ownerAct(ctx, a, action, func(w *act) error {
		i, err := w.LockInvitation(ctx, a, id)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("invitation %d", id)
		return fn(w, i)
	})
}

func (w *act) answerInvitation(ctx context.Context, i store.Invitation, move string, userID int64) error {
	to, err := market.Invitations.Next(i.State, move)
	if err != nil {
		return err
	}
	return w.AnswerInvitation(ctx, i.ID, to, userID, w.at)
}

// errInvitation is ErrLink in the words of who was invited.
var errInvitation = market.Errorf(market.NotFound, "这份邀请已经答复过、已撤回或已过期。请联系邀请您的单位再发一次")

// Invitation returns the open invitation behind a link's secret, for the page that asks; any other is NotFound.
func (s *Service) Invitation(ctx context.Context, secret string) (store.Invitation, error) {
	link, err := s.Link(ctx, market.LinkInvite, secret)
	if err == nil {
		var i store.Invitation
		if i, err = s.store.InvitationOfLink(ctx, link); err == nil {
			return i, nil
		}
	}
	if market.IsKind(err, market.NotFound) {
		err = errInvitation
	}
	return store.Invitation{}, err
}

// AcceptInvitation makes the actor a member of the organisation that invited them, with the role it offered, and returns
// the organisation's id; from then on they act for it. The account must have the address that the invitation was sent
// to, and is confirmed by it. Any other account is a Conflict, and the link stays good.
func (s *Service) AcceptInvitation(ctx context.Context, a market.Actor, secret string) (int64, error) {
	if !a.SignedIn() {
		return 0, market.Errorf(market.Unsigned, "请先登录")
	}
	var org int64
	err := s.answered(ctx, a, market.OrgInviteAccept, secret, func(w *act, i store.Invitation) error {
		user, err := w.User(ctx, a.UserID)
		if err != nil {
			return err
		}
		if user.Email != i.Email {
			return market.Errorf(market.Conflict, "这份邀请发给 %s，您登录的账号是 %s。请退出后，用收到邀请的邮箱登录或注册，再接受", maskEmail(i.Email), user.Email)
		}
		if user.EmailConfirmedAt == nil {
			if err := w.ConfirmEmail(ctx, user.ID, user.Email, w.at); err != nil {
				return err
			}
		}
		if err := w.answerInvitation(ctx, i, "accept", a.UserID); err != nil {
			return err
		}
		if err := w.join(ctx, i.OrgID, a.UserID, i.Role); err != nil {
			return err
		}
		if err := w.NotifyUser(ctx, i.InvitedBy, fmt.Sprintf("%s接受了邀请，加入“%s”，角色是%s", user.Name, i.OrgName, i.Role.Name()), "/org", w.at); err != nil {
			return err
		}
		org = i.OrgID
		return w.SetLastActing(ctx, a.UserID, market.Acting{OrgID: i.OrgID})
	})
	return org, err
}

// DeclineInvitation turns an invitation down. Who has the link may, with or without an account.
func (s *Service) DeclineInvitation(ctx context.Context, a market.Actor, secret string) error {
	return s.answered(ctx, a, market.OrgInviteDecline, secret, func(w *act, i store.Invitation) error {
		if err := w.answerInvitation(ctx, i, "decline", 0); err != nil {
			return err
		}
		return w.NotifyUser(ctx, i.InvitedBy, fmt.Sprintf("%s 谢绝了加入“%s”的邀请", i.Email, i.OrgName), "/org", w.at)
	})
}

// answered uses a link up and carries out the answer to its invitation; when the answer fails, the link stays good.
func (s *Service) answered(ctx context.Context, a market.Actor, action market.Action, secret string, fn func(*act, store.Invitation) error) error {
	return s.write(ctx, a, action, market.Object{Kind: "org"}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkInvite, secret)
		if err != nil {
			if market.IsKind(err, market.NotFound) {
				err = errInvitation
			}
			return err
		}
		i, err := w.LockInvitationOfLink(ctx, link)
		if err != nil {
			return err
		}
		w.object.ID, w.detail = i.OrgID, fmt.Sprintf("invitation %d", i.ID)
		return fn(w, i)
	})
}

// invitedAt reports whether the secret is that of a live invitation to that address.
func (w *act) invitedAt(ctx context.Context, secret, email string) (bool, error) {
	if secret == "" {
		return false, nil
	}
	link, err := w.LiveLink(ctx, market.LinkInvite, secretHash(secret), w.at)
	if market.IsKind(err, market.NotFound) {
		return false, nil
	}
	return err == nil && link.Email == email, err
}
