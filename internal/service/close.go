package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// CloseAccount closes the actor's own account, with their password: the person becomes anonymous, what their
// organisations did stays. An owner whose organisation has other people hands over first; an organisation that nobody else
// belongs to is suspended. Staff accounts are closed by an administrator. Errors name the form's fields.
func (s *Service) CloseAccount(ctx context.Context, a market.Actor, password string) error {
	object := market.Object{Kind: "user", ID: a.UserID}
	switch {
	case !a.SignedIn():
		return market.Errorf(market.Unsigned, "请先登录")
	case a.Staff():
		s.Refused(ctx, a, market.UserClose, object)
		return market.Errorf(market.Denied, "工作人员的账号由系统管理员注销")
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	if user.State != "active" {
		return errClosed
	}
	var p market.Problems
	if err := s.checkOwnPassword(ctx, a, &p, "close_password", password, user.PasswordHash); err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.UserClose, object, func(w *act) error { return w.closeAccount(ctx, a.UserID) })
}

var errClosed = market.Errorf(market.Conflict, "账号已经注销")

// closeAccount makes a person anonymous. The letter that tells them is the last use of their address.
func (w *act) closeAccount(ctx context.Context, userID int64) error {
	places, err := w.LockPlaces(ctx, userID)
	if err != nil {
		return err
	}
	u, err := w.LockUser(ctx, userID)
	if err != nil {
		return err
	}
	if u.State == "closed" {
		return errClosed
	}
	for _, place := range places {
		if err := w.leaveForGood(ctx, userID, place); err != nil {
			return err
		}
	}
	w.detail = fmt.Sprintf("%d organisations", len(places))
	if err := w.sendMail(ctx, market.Letter{Kind: market.LetterClosed, To: u.Email, Name: u.Name, At: w.at, Path: "/register"}); err != nil {
		return err
	}
	return w.EraseUser(ctx, userID, loginKey(u.Email), w.at)
}

// leaveForGood takes a person out of an organisation whose members are locked.
func (w *act) leaveForGood(ctx context.Context, userID int64, place store.Place) error {
	if place.Role == market.Owner && place.OtherOwners == 0 && place.Others > 0 {
		if userID != w.actor.UserID {
			return market.Errorf(market.Conflict, "这个账号是“%s”唯一的管理员，单位还有其他成员。请本人先移交管理员，再注销；急需停用的，可以先停用", place.Org.Name)
		}
		return market.Errorf(market.Conflict, "您是“%s”唯一的管理员，单位还有其他成员。请先在“单位与成员”里移交管理员，再注销", place.Org.Name)
	}
	if _, err := w.RemoveMember(ctx, place.Org.ID, userID); err != nil {
		return err
	}
	if err := w.AddMemberMove(ctx, w.actor, "close", place.Org.ID, userID, place.Role, "", w.at); err != nil {
		return err
	}
	if place.Others > 0 || place.Org.State != market.OrgVerified {
		return nil
	}
	return w.suspendDeserted(ctx, place.Org)
}

// suspendDeserted suspends an organisation that has nobody any more who could answer for it, and tells the reviewers.
func (w *act) suspendDeserted(ctx context.Context, o market.Org) error {
	const reason = "单位没有成员：最后一位成员已注销账号"
	if err := w.MoveOrg(ctx, o.ID, o.State, market.OrgSuspended, "", reason, w.at); err != nil {
		return err
	}
	move := market.Move{ObjectKind: "org", ObjectID: o.ID, Move: "suspend", From: string(o.State), To: string(market.OrgSuspended), At: w.at, Note: reason}
	if err := w.AddMove(ctx, w.actor, move); err != nil {
		return err
	}
	region, err := w.OrgRegion(ctx, o.ID)
	if err != nil {
		return err
	}
	if err := w.NotifyDuty(ctx, market.Reviewer, region, fmt.Sprintf("单位没有成员，已暂停：%s", o.Name), fmt.Sprintf("/review/orgs/%d", o.ID), w.at); err != nil {
		return err
	}
	return w.OrgListingsChanged(ctx, o.ID)
}

// ExportPerson returns everything that the market keeps about the actor as a person, without secrets. How many rows were
// given out is audited.
func (s *Service) ExportPerson(ctx context.Context, a market.Actor) (tables []store.PersonTable, err error) {
	if !a.SignedIn() {
		return nil, market.Errorf(market.Unsigned, "请先登录")
	}
	err = s.write(ctx, a, market.UserExport, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		if tables, err = w.Person(ctx, a.UserID); err != nil {
			return err
		}
		rows := 0
		for _, t := range tables {
			rows += len(t.Rows)
		}
		w.detail = fmt.Sprintf("%d rows", rows)
		return nil
	})
	return tables, err
}
