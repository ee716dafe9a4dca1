package service

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// CreateOrg sets up an organisation with the actor as its owner and sends it to the verification queue. A person may
// belong to several, but registers a code once. key is the form's one-time key. Errors name the form's fields.
func (s *Service) CreateOrg(ctx context.Context, a market.Actor, o market.Org, key string) (int64, error) {
	if !a.SignedIn() {
		return 0, market.Errorf(market.Unsigned, "请先登录")
	}
	if err := s.checkOrg(ctx, &o); err != nil {
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.OrgCreate, market.Object{Kind: "org"}, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if claimed, err := w.LockClaims(ctx, a.UserID, o.USCC); err != nil {
			return err
		} else if claimed {
			return market.Problems{{Field: "uscc", Message: "您所在的单位已经用这个代码登记过，请切换到那家单位继续办理"}}.Err()
		}
		if id, err = w.claimOrg(ctx, o); market.IsKind(err, market.NotFound) {
			id, err = w.CreateOrg(ctx, a, o, w.at)
		}
		if err != nil {
			return err
		}
		w.object.ID = id
		if err := w.Fulfil(ctx, a, key, id); err != nil {
			return err
		}
		if err := w.SetLastActing(ctx, a.UserID, market.Acting{OrgID: id}); err != nil {
			return err
		}
		if err := w.AddMemberMove(ctx, a, "found", id, a.UserID, "", market.Owner, w.at); err != nil {
			return err
		}
		return w.moveOrg(ctx, market.Org{ID: id, State: market.OrgUnverified, Name: o.Name}, "submit", "", "")
	})
	return id, err
}

// claimOrg gives the entry that the bureau made of an organisation from a list to who registers it with the same code. What
// is registered replaces what was entered, and is verified like any other. NotFound says that there is no such entry.
func (w *act) claimOrg(ctx context.Context, o market.Org) (int64, error) {
	entry, err := w.LockUnclaimedOrg(ctx, o.USCC)
	if err != nil {
		return 0, err
	}
	o.ID, o.Version = entry.ID, entry.Version
	if err := w.UpdateOrg(ctx, o); err != nil {
		return 0, err
	}
	w.detail = "claimed"
	return o.ID, w.AddMember(ctx, o.ID, w.actor.UserID, market.Owner, w.at)
}

func (s *Service) checkOrg(ctx context.Context, o *market.Org) error {
	p := o.Check(s.ref)
	if !p.Has("uscc") {
		switch known, err := s.store.VerifiedOrgWithCode(ctx, o.USCC); {
		case err == nil && known.ID != o.ID:
			p.Add("uscc", "这家单位已于 %s 通过核验，不能重复登记。请联系该单位的管理员，把您的账号加为成员", known.VerifiedAt.In(market.Shanghai).Format(time.DateOnly))
		case err != nil && !market.IsKind(err, market.NotFound):
			return err
		}
	}
	return p.Err()
}

// EditOrg stores the details of the organisation the actor owns and sends one that was returned to the queue again. The
// name, code and type of a verified organisation stay as they were verified. o.Version is the one the form was filled in
// from.
func (s *Service) EditOrg(ctx context.Context, a market.Actor, o market.Org) error {
	err := a.RequireOwner()
	if err == nil && a.OrgID != o.ID {
		err = market.Errorf(market.Denied, "单位资料由单位管理员修改")
	}
	if err == nil && a.OrgState == market.OrgSuspended {
		err = errSuspended
	}
	if err != nil {
		s.Refused(ctx, a, market.OrgEdit, market.Object{Kind: "org", ID: o.ID})
		return err
	}
	if err := s.checkOrg(ctx, &o); err != nil {
		return err
	}
	return s.write(ctx, a, market.OrgEdit, market.Object{Kind: "org", ID: o.ID}, func(w *act) error {
		old, err := w.LockOrg(ctx, a, o.ID)
		if err != nil {
			return err
		}
		if old.State == market.OrgVerified && (old.Name != o.Name || old.USCC != o.USCC || old.Type != o.Type) {
			return market.Problems{{Field: "name", Message: "名称、信用代码和类型已核验，不能直接修改。请用“变更名称、代码或类型”提出申请"}}.Err()
		}
		if old.State == market.OrgSuspended {
			return errSuspended
		}
		if err := w.UpdateOrg(ctx, o); err != nil || !market.Orgs.Can(old.State, "submit") {
			return err
		}
		o.State = old.State
		return w.moveOrg(ctx, o, "submit", "", "")
	})
}

var errSuspended = market.Errorf(market.Denied, "本单位已被暂停，资料不能修改")

// VerifyOrg passes an organisation; from then on it may publish. The check list must be complete, and version the one
// that the reviewer looked at. For reviewers, not for their own organisation.
func (s *Service) VerifyOrg(ctx context.Context, a market.Actor, id int64, version int, ticks market.Ticks) error {
	note, err := ticks.Pass(market.SubjectOrg)
	if err != nil {
		return err
	}
	return s.reviewOrg(ctx, a, market.OrgVerify, id, version, func(w *act, o market.Org) error { return w.moveOrg(ctx, o, "verify", "", note) })
}

// RejectOrg sends an organisation back with a coded reason and words that its people will read. See VerifyOrg.
func (s *Service) RejectOrg(ctx context.Context, a market.Actor, id int64, version int, code, reason string) error {
	if err := checkReason(s.ref.OrgReturn, code, &reason); err != nil {
		return err
	}
	return s.reviewOrg(ctx, a, market.OrgReject, id, version, func(w *act, o market.Org) error { return w.moveOrg(ctx, o, "reject", code, reason) })
}

// SuspendOrg stops a verified organisation at once: its listings leave the search, its inquiries stand still and their
// other parties are told. See VerifyOrg.
func (s *Service) SuspendOrg(ctx context.Context, a market.Actor, id int64, version int, reason string) error {
	if err := checkNote(&reason, "请写明暂停的原因，单位会看到"); err != nil {
		return err
	}
	return s.reviewOrg(ctx, a, market.OrgSuspend, id, version, func(w *act, o market.Org) error { return w.moveOrg(ctx, o, "suspend", "", reason) })
}

// ResumeOrg lets a suspended organisation go on; the terms of its inquiries start anew. See VerifyOrg.
func (s *Service) ResumeOrg(ctx context.Context, a market.Actor, id int64, version int) error {
	return s.reviewOrg(ctx, a, market.OrgResume, id, version, func(w *act, o market.Org) error { return w.moveOrg(ctx, o, "resume", "", "") })
}

// reviewOrg locks an organisation for a reviewer's move.
func (s *Service) reviewOrg(ctx context.Context, a market.Actor, action market.Action, id int64, version int, move func(*act, market.Org) error) error {
	object := market.Object{Kind: "org", ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		o, err := w.LockOrg(ctx, a, id)
		if err != nil {
			return err
		}
		if err := w.refuseOwn(ctx, object, id); err != nil {
			return err
		}
		return w.decide(ctx, market.SubjectOrg, id, func() error {
			if err := move(w, o); err != nil {
				return err
			}
			return sameVersion(o.Version, version)
		})
	})
}

// refuseOwn refuses a reviewer who has a part in the object, an affair of these organisations, also when acting for another.
func (w *act) refuseOwn(ctx context.Context, object market.Object, orgs ...int64) error {
	own, err := w.Interested(ctx, w.actor.UserID, object, orgs...)
	if err != nil {
		return err
	}
	if own {
		return errOwnWork
	}
	return nil
}

var errOwnWork = market.Errorf(market.Denied, "这由您经手，或者您在这家单位或代办它的机构，须由其他审核人员办理")

// sameVersion refuses a decision on what has changed since the reviewer looked at it.
func sameVersion(now, seen int) error {
	if now != seen {
		return market.Errorf(market.Conflict, "您打开以后，提交人又改过内容。请看过最新内容再决定")
	}
	return nil
}

// requireDuty refuses, and notes the attempt, unless the actor holds the duty.
func (s *Service) requireDuty(ctx context.Context, a market.Actor, duty market.Duty, action market.Action, object market.Object) error {
	err := a.RequireDuty(duty)
	if err != nil {
		s.Refused(ctx, a, action, object)
	}
	return err
}

// moveOrg changes an organisation's state, tells its people or the reviewers, and has its listings indexed anew.
func (w *act) moveOrg(ctx context.Context, o market.Org, move, code, reason string) error {
	to, err := market.Orgs.Next(o.State, move)
	if err != nil {
		return err
	}
	shown := reason
	if to == market.OrgVerified {
		shown = "" // the check list's words are for the history
	}
	if err := w.MoveOrg(ctx, o.ID, o.State, to, code, shown, w.at); err != nil {
		return err
	}
	if err := w.moved(ctx, move, string(o.State), string(to), code, reason); err != nil {
		return err
	}
	switch to {
	case market.OrgPending:
		return w.NotifyDuty(ctx, market.Reviewer, o.Region, fmt.Sprintf("待核验单位：%s", o.Name), fmt.Sprintf("/review/orgs/%d", o.ID), w.at)
	case market.OrgVerified:
		err = w.tellVerified(ctx, o)
	case market.OrgRejected:
		err = w.NotifyOrg(ctx, o.ID, "单位核验被退回："+reason, "/org", w.at)
	case market.OrgSuspended:
		err = w.NotifyOrg(ctx, o.ID, "本单位已被暂停："+reason, "/org", w.at)
		if err == nil {
			err = w.tellPartners(ctx, o.ID, "对方单位目前不能办理，对接停在这里，期限停止计算，已谈的都保留")
		}
	}
	if err != nil {
		return err
	}
	if err := w.OrgListingsChanged(ctx, o.ID); err != nil || o.State != market.OrgSuspended {
		return err
	}
	return w.matchAgain(ctx, o.ID)
}

// matchAgain has the listings of an organisation that goes on after a suspension matched anew: what was published meanwhile
// could not find them.
func (w *act) matchAgain(ctx context.Context, orgID int64) error {
	ids, err := w.PublishedOf(ctx, orgID)
	if err != nil || len(ids) == 0 {
		return err
	}
	return w.enqueueMatching(ctx, ids)
}

// tellVerified tells who waits for it that an organisation has been verified, or may go on after a suspension.
func (w *act) tellVerified(ctx context.Context, o market.Org) error {
	if o.State == market.OrgSuspended {
		if err := w.NotifyOrg(ctx, o.ID, "本单位已恢复，可以继续发布和办理", "/work", w.at); err != nil {
			return err
		}
		if err := w.RestartClocks(ctx, o.ID, w.service.ref.AnswerBy(w.at)); err != nil {
			return err
		}
		return w.tellPartners(ctx, o.ID, "对方单位恢复办理，对接可以继续，答复期限重新计算")
	}
	if err := w.NotifyOrg(ctx, o.ID, "本单位已通过核验，可以发布了", "/work", w.at); err != nil {
		return err
	}
	return w.tellRivals(ctx, o.USCC, o.ID)
}

// checkReason checks a coded reason and the words beside it.
func checkReason(list market.Codes, code string, reason *string) error {
	var p market.Problems
	if list.Name(code) == "" {
		p.Add("code", "请选择原因")
	}
	if err := checkNote(reason, "请写明原因，对方会看到"); err != nil {
		p = append(p, market.AsError(err).Fields...)
	}
	return p.Err()
}

// maxNote is the length of a reviewer's words, in characters.
const maxNote = 1000

// checkNote tidies words that the other side will read; empty is what to say when there are none.
func checkNote(note *string, empty string) error {
	var p market.Problems
	clean, err := market.CleanText(*note)
	p.AddErr("note", err)
	if clean == "" {
		p.Add("note", "%s", empty)
	}
	if n := market.RuneLen(clean); n > maxNote {
		p.Add("note", "最多 %d 个字，现在多了 %d 个字", maxNote, n-maxNote)
	}
	*note = clean
	return p.Err()
}
