package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// ownerAct carries out an act of an owner on the members of the organisation acted for. The members are locked and the
// actor's own role is read again: of two owners who act at once, the second finds what the first has done.
func (s *Service) ownerAct(ctx context.Context, a market.Actor, action market.Action, fn func(*act) error) error {
	object := market.Object{Kind: "org", ID: a.OrgID}
	if err := a.RequireOwner(); err != nil {
		s.Refused(ctx, a, action, object)
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		role, err := w.LockMembers(ctx, a.OrgID, a.UserID)
		if err != nil || role != market.Owner {
			return orDenied(err)
		}
		return fn(w)
	})
}

func orDenied(err error) error {
	if err != nil && !market.IsKind(err, market.NotFound) {
		return err
	}
	return market.Errorf(market.Denied, "您已不是本单位的管理员，没有办理。请刷新后再看")
}

// join makes a person a member, with the history.
func (w *act) join(ctx context.Context, orgID, userID int64, role market.Role) error {
	if err := w.AddMember(ctx, orgID, userID, role, w.at); err != nil {
		return err
	}
	if err := w.AddMemberMove(ctx, w.actor, "join", orgID, userID, "", role, w.at); err != nil {
		return err
	}
	w.detail = fmt.Sprintf("user %d %s", userID, role)
	return nil
}

// SetRole gives a member of the organisation the actor owns another role. One owner must stay. Errors name the field
// role.
func (s *Service) SetRole(ctx context.Context, a market.Actor, userID int64, role market.Role) error {
	return s.ownerAct(ctx, a, market.OrgMemberRole, func(w *act) error {
		if role.Name() == "" {
			return market.Problems{{Field: "role", Message: "请选择角色"}}.Err()
		}
		old, err := w.Role(ctx, a.OrgID, userID)
		if err != nil || old == role {
			return err
		}
		if err := w.changeRole(ctx, "role", userID, old, role); err != nil {
			return err
		}
		if err := w.keepOwner(ctx); err != nil {
			return err
		}
		if userID == a.UserID {
			return nil
		}
		return w.NotifyUser(ctx, userID, fmt.Sprintf("您在“%s”的角色改为%s", a.OrgName, role.Name()), "/org", w.at)
	})
}

func (w *act) changeRole(ctx context.Context, move string, userID int64, from, to market.Role) error {
	if err := w.Tx.SetRole(ctx, w.actor.OrgID, userID, to); err != nil {
		return err
	}
	w.detail = fmt.Sprintf("user %d %s", userID, to)
	return w.AddMemberMove(ctx, w.actor, move, w.actor.OrgID, userID, from, to, w.at)
}

// keepOwner refuses what would leave the organisation without an active owner.
func (w *act) keepOwner(ctx context.Context) error {
	owners, err := w.CountOwners(ctx, w.actor.OrgID)
	if err == nil && owners == 0 {
		err = market.Errorf(market.Conflict, "单位至少要有一位管理员。请先移交管理员，或再设一位管理员")
	}
	return err
}

// HandOver makes another member the owner in the actor's place, at once; the actor stays as an editor.
func (s *Service) HandOver(ctx context.Context, a market.Actor, userID int64) error {
	return s.ownerAct(ctx, a, market.OrgHandOver, func(w *act) error {
		old, err := w.Role(ctx, a.OrgID, userID)
		if err != nil {
			return err
		}
		if old == market.Owner {
			return market.Errorf(market.Conflict, "对方已经是管理员。不想再当管理员，可以直接改自己的角色")
		}
		if err := w.changeRole(ctx, "hand_over", a.UserID, market.Owner, market.Editor); err != nil {
			return err
		}
		if err := w.changeRole(ctx, "hand_over", userID, old, market.Owner); err != nil {
			return err
		}
		return w.NotifyUser(ctx, userID, fmt.Sprintf("%s把“%s”的管理员移交给了您", a.UserName, a.OrgName), "/org", w.at)
	})
}

// RemoveMember takes a person out of the organisation the actor owns; everybody may take out themselves. One owner must
// stay.
func (s *Service) RemoveMember(ctx context.Context, a market.Actor, userID int64) error {
	if userID != a.UserID {
		return s.ownerAct(ctx, a, market.OrgMemberRemove, func(w *act) error { return w.removeMember(ctx, userID, "remove") })
	}
	object := market.Object{Kind: "org", ID: a.OrgID}
	if err := a.RequireReader(market.ScopeOwn); err != nil {
		s.Refused(ctx, a, market.OrgMemberRemove, object)
		return err
	}
	return s.write(ctx, a, market.OrgMemberRemove, object, func(w *act) error {
		if _, err := w.LockMembers(ctx, a.OrgID, userID); err != nil {
			return err
		}
		return w.removeMember(ctx, userID, "leave")
	})
}

func (w *act) removeMember(ctx context.Context, userID int64, move string) error {
	w.detail = fmt.Sprintf("user %d", userID)
	role, err := w.RemoveMember(ctx, w.actor.OrgID, userID)
	if err != nil {
		return err
	}
	if err := w.keepOwner(ctx); err != nil {
		return err
	}
	if err := w.AddMemberMove(ctx, w.actor, move, w.actor.OrgID, userID, role, "", w.at); err != nil {
		return err
	}
	return w.NotifyUser(ctx, userID, fmt.Sprintf("您已不再是“%s”的成员", w.actor.OrgName), "/account", w.at)
}
