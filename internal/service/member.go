package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// AddMember gives the person with that address a role in the organisation the actor owns. The person must have an account
// and belong to no organisation; they are told, and may leave. Errors name the form's fields.
func (s *Service) AddMember(ctx context.Context, a market.Actor, email string, role market.Role) error {
	object := market.Object{Kind: "org", ID: a.OrgID}
	if err := requireOwner(a, a.OrgID); err != nil {
		s.Refused(ctx, a, market.OrgMemberAdd, object)
		return err
	}
	if role.Name() == "" {
		return market.Problems{{Field: "role", Message: "请选择角色"}}.Err()
	}
	return s.write(ctx, a, market.OrgMemberAdd, object, func(w *act) error {
		user, err := w.UserByEmail(ctx, NormalizeEmail(email))
		if market.IsKind(err, market.NotFound) || err == nil && user.State != "active" {
			return market.Problems{{Field: "email", Message: "没有用这个邮箱的账号。请对方先注册账号，再加为成员"}}.Err()
		}
		if err != nil {
			return err
		}
		n, err := w.LockMemberships(ctx, user.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return market.Problems{{Field: "email", Message: "这个账号已经属于一家单位，不能再加入"}}.Err()
		}
		if err := w.AddMember(ctx, a.OrgID, user.ID, role, w.at); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("user %d %s", user.ID, role)
		return w.NotifyUser(ctx, user.ID, fmt.Sprintf("您已加入“%s”，角色是%s", a.OrgName, role.Name()), "/org", w.at)
	})
}

// RemoveMember takes a person out of the organisation the actor owns; everybody may take out themselves. One owner must
// stay.
func (s *Service) RemoveMember(ctx context.Context, a market.Actor, userID int64) error {
	object := market.Object{Kind: "org", ID: a.OrgID}
	if a.OrgID == 0 {
		return market.ErrNotFound
	}
	if userID != a.UserID {
		if err := requireOwner(a, a.OrgID); err != nil {
			s.Refused(ctx, a, market.OrgMemberRemove, object)
			return err
		}
	}
	return s.write(ctx, a, market.OrgMemberRemove, object, func(w *act) error {
		w.detail = fmt.Sprintf("user %d", userID)
		if _, err := w.LockOrg(ctx, a, a.OrgID); err != nil {
			return err
		}
		role, err := w.RemoveMember(ctx, a.OrgID, userID)
		if err != nil {
			return err
		}
		if role == market.Owner {
			if owners, err := w.CountOwners(ctx, a.OrgID); err != nil {
				return err
			} else if owners == 0 {
				return market.Errorf(market.Conflict, "单位至少要有一位管理员。请先加另一位管理员")
			}
		}
		return w.NotifyUser(ctx, userID, fmt.Sprintf("您已不再是“%s”的成员", a.OrgName), "/account", w.at)
	})
}
