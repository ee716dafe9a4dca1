package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// CreateOrg sets up an organisation with the actor as its owner and sends it to the verification queue. key is the
// form's one-time key. Errors name the form's fields.
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
		if id, err = w.CreateOrg(ctx, a, o, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.Fulfil(ctx, a, key, id); err != nil {
			return err
		}
		return w.moveOrg(ctx, market.Org{ID: id, State: market.OrgUnverified, Name: o.Name}, "submit", "", "")
	})
	return id, err
}

func (s *Service) checkOrg(ctx context.Context, o *market.Org) error {
	p := o.Check(s.ref)
	if !p.Has("uscc") {
		switch known, err := s.store.VerifiedOrgWithCode(ctx, o.USCC); {
		case err == nil && known.ID != o.ID:
			p.Add("uscc", "这家单位已于 %s 通过核验。请联系其管理员把您加为成员", known.VerifiedAt.In(market.Shanghai).Format("2006-01-02"))
		case err != nil && !market.IsKind(err, market.NotFound):
			return err
		}
	}
	return p.Err()
}

// EditOrg stores the details of the organisation the actor owns and, unless it is verified, sends it to the queue
// again. The name, code and type of a verified organisation stay as they were verified.
func (s *Service) EditOrg(ctx context.Context, a market.Actor, o market.Org) error {
	if err := requireOwner(a, o.ID); err != nil {
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
			return market.Problems{{Field: "name", Message: "名称、信用代码和类型已核验，不能自行修改。如有变更，请联系主管部门"}}.Err()
		}
		if old.State == market.OrgSuspended {
			return market.Errorf(market.Denied, "本单位已被暂停，资料不能修改")
		}
		if err := w.UpdateOrg(ctx, o); err != nil {
			return err
		}
		if old.State == market.OrgVerified || old.State == market.OrgPending {
			return nil
		}
		return w.moveOrg(ctx, old, "submit", "", "")
	})
}

func requireOwner(a market.Actor, orgID int64) error {
	if err := a.RequireEditor(); err != nil {
		return err
	}
	if a.OrgID != orgID || a.Role != market.Owner {
		return market.Errorf(market.Denied, "单位资料由单位管理员修改")
	}
	return nil
}

// VerifyOrg passes an organisation; from then on it may publish. For reviewers, not for their own organisation.
func (s *Service) VerifyOrg(ctx context.Context, a market.Actor, id int64) error {
	return s.reviewOrg(ctx, a, market.OrgVerify, id, "verify", "", "")
}

// RejectOrg sends an organisation back with a coded reason and words that its people will read.
func (s *Service) RejectOrg(ctx context.Context, a market.Actor, id int64, code, reason string) error {
	if err := checkReason(s.ref.OrgReturn, code, &reason); err != nil {
		return err
	}
	return s.reviewOrg(ctx, a, market.OrgReject, id, "reject", code, reason)
}

// SuspendOrg stops a verified organisation at once; its listings leave the search.
func (s *Service) SuspendOrg(ctx context.Context, a market.Actor, id int64, reason string) error {
	if err := checkNote(&reason, "请写明暂停的原因，单位会看到"); err != nil {
		return err
	}
	return s.reviewOrg(ctx, a, market.OrgSuspend, id, "suspend", "", reason)
}

// ResumeOrg ends a suspension.
func (s *Service) ResumeOrg(ctx context.Context, a market.Actor, id int64) error {
	return s.reviewOrg(ctx, a, market.OrgResume, id, "resume", "", "")
}

func (s *Service) reviewOrg(ctx context.Context, a market.Actor, action market.Action, id int64, move, code, reason string) error {
	object := market.Object{Kind: "org", ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		if a.OrgID == id {
			return market.Errorf(market.Denied, "不能审核自己所在的单位")
		}
		o, err := w.LockOrg(ctx, a, id)
		if err != nil {
			return err
		}
		return w.moveOrg(ctx, o, move, code, reason)
	})
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
	if err := w.MoveOrg(ctx, o.ID, o.State, to, code, reason, w.at); err != nil {
		return err
	}
	if err := w.moved(ctx, move, string(o.State), string(to), code, reason); err != nil {
		return err
	}
	switch to {
	case market.OrgPending:
		return w.NotifyDuty(ctx, market.Reviewer, fmt.Sprintf("待核验单位：%s", o.Name), fmt.Sprintf("/review/orgs/%d", o.ID), w.at)
	case market.OrgVerified:
		err = w.NotifyOrg(ctx, o.ID, "本单位已通过核验，可以发布了", "/work", w.at)
	case market.OrgRejected:
		err = w.NotifyOrg(ctx, o.ID, "单位核验被退回："+reason, "/org", w.at)
	case market.OrgSuspended:
		err = w.NotifyOrg(ctx, o.ID, "本单位已被暂停："+reason, "/org", w.at)
	}
	if err != nil {
		return err
	}
	return w.OrgListingsChanged(ctx, o.ID)
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

func checkNote(note *string, empty string) error {
	var p market.Problems
	clean, err := market.CleanText(*note)
	p.AddErr("note", err)
	if clean == "" {
		p.Add("note", "%s", empty)
	}
	if market.RuneLen(clean) > 1000 {
		p.Add("note", "最多 1000 个字")
	}
	*note = clean
	return p.Err()
}
