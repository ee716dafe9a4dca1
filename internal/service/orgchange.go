package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// RequestOrgChange asks for another name, code or type of the verified organisation that the actor owns. Until a reviewer
// has decided, everything stays as it was verified. It needs the new licence; one request at a time waits. c names the new
// side and its licence; key is the form's one-time key. Errors name the form's fields.
func (s *Service) RequestOrgChange(ctx context.Context, a market.Actor, c market.OrgChange, key string) (int64, error) {
	object := market.Object{Kind: "org_change"}
	if err := requireChanger(a); err != nil {
		s.Refused(ctx, a, market.OrgChangeRequest, object)
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.OrgChangeRequest, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		o, err := w.lockChanging(ctx, a.OrgID)
		if err != nil {
			return err
		}
		if err := w.prepareChange(ctx, o, &c); err != nil {
			return err
		}
		if id, err = w.CreateOrgChange(ctx, c); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.changeMoved(ctx, c, "change_request", "", c.Note); err != nil {
			return err
		}
		if err := w.NotifyDuty(ctx, market.Reviewer, o.Region, "待核验的单位变更："+o.Name, changePath(id), w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// requireChanger refuses who may not ask for a change or take one back.
func requireChanger(a market.Actor) error {
	err := a.RequireOwner()
	if err == nil && a.OrgState == market.OrgSuspended {
		err = errSuspended
	}
	if err == nil && !a.Verified() {
		err = market.Errorf(market.Denied, "本单位还没有通过核验，名称、代码和类型可以在“单位与成员”里直接修改")
	}
	return err
}

// lockChanging locks an organisation whose request is made or decided. It must still be verified.
func (w *act) lockChanging(ctx context.Context, id int64) (market.Org, error) {
	o, err := w.LockOrg(ctx, w.actor, id)
	if err == nil && o.State != market.OrgVerified {
		err = market.Errorf(market.Conflict, "这家单位现在是“%s”，变更不能办理", o.State.Name())
	}
	w.detail = fmt.Sprintf("org %d", id)
	return o, err
}

// prepareChange fills in the old side and checks the request.
func (w *act) prepareChange(ctx context.Context, o market.Org, c *market.OrgChange) error {
	c.OrgID, c.OldName, c.OldUSCC, c.OldType, c.OldLicence = o.ID, o.Name, o.USCC, o.Type, o.Licence
	c.RequestedBy, c.RequestedAt = w.actor.UserID, w.at
	p := c.Check()
	if err := w.checkNewLicence(ctx, *c, &p); err != nil {
		return err
	}
	if err := w.checkNewCode(ctx, *c, &p); err != nil {
		return err
	}
	message, err := w.heldMandates(ctx, *c)
	if err != nil {
		return err
	}
	if message != "" {
		p.Add("type", "%s", message)
	}
	return p.Err()
}

// checkNewLicence wants a licence that the actor uploaded for this: the one that was verified says what was.
func (w *act) checkNewLicence(ctx context.Context, c market.OrgChange, p *market.Problems) error {
	if c.Licence == "" {
		return nil
	}
	f, err := w.File(ctx, w.actor, c.Licence)
	switch {
	case market.IsKind(err, market.NotFound) || err == nil && (f.Purpose != market.FileLicence || f.UploadedBy != w.actor.UserID):
		p.Add("licence", "证照没有传到，请重新上传")
	case err == nil && c.OldLicence != nil && *c.OldLicence == c.Licence:
		p.Add("licence", "这是原来的证照，请上传变更后的")
	case err != nil:
		return err
	}
	return nil
}

func (w *act) checkNewCode(ctx context.Context, c market.OrgChange, p *market.Problems) error {
	if p.Has("uscc") || c.USCC == c.OldUSCC {
		return nil
	}
	_, err := w.VerifiedOrgWithCode(ctx, c.USCC)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	if err == nil {
		p.Add("uscc", "已有别的单位用这个代码通过核验。请核对代码；代码无误的，请联系主管部门")
	}
	return err
}

// heldMandates says why an agency cannot become something else yet, "" when nothing stands against it.
func (w *act) heldMandates(ctx context.Context, c market.OrgChange) (string, error) {
	if c.OldType != market.Agency || c.Type == market.Agency {
		return "", nil
	}
	held, err := w.ActiveMandatesHeld(ctx, c.OrgID, w.at)
	if err != nil || held == 0 {
		return "", err
	}
	return fmt.Sprintf("还有 %d 份受托代办没有结束，结束以后才能改为其他类型", held), nil
}

// WithdrawOrgChange takes back a request of the organisation the actor owns that is not decided.
func (s *Service) WithdrawOrgChange(ctx context.Context, a market.Actor, id int64) error {
	object := market.Object{Kind: "org_change", ID: id}
	if err := requireChanger(a); err != nil {
		s.Refused(ctx, a, market.OrgChangeWithdraw, object)
		return err
	}
	return s.write(ctx, a, market.OrgChangeWithdraw, object, func(w *act) error {
		c, err := w.lockChange(ctx, id)
		if err != nil {
			return err
		}
		return w.moveChange(ctx, c, "withdraw", "", "")
	})
}

// VerifyOrgChange gives the organisation its new name, code and type, with today as the date of verification. The check
// list must be complete. Contracts keep the names they were made with. For reviewers, not for their own organisation.
func (s *Service) VerifyOrgChange(ctx context.Context, a market.Actor, id int64, ticks market.Ticks) error {
	note, err := ticks.Pass(market.SubjectOrgChange)
	if err != nil {
		return err
	}
	return s.reviewChange(ctx, a, market.OrgChangeVerify, id, func(w *act, c market.OrgChange) error {
		message, err := w.heldMandates(ctx, c)
		if err != nil {
			return err
		}
		if message != "" {
			return market.Errorf(market.Conflict, "%s。请退回并告诉单位", message)
		}
		if err := w.moveChange(ctx, c, "verify", "", note); err != nil {
			return err
		}
		if err := w.ApplyOrgChange(ctx, c, w.at); err != nil {
			return err
		}
		if err := w.NotifyOrg(ctx, c.OrgID, "单位变更已通过核验，现在的名称是“"+c.Name+"”", "/org", w.at); err != nil {
			return err
		}
		if err := w.tellRivals(ctx, c.USCC, c.OrgID); err != nil {
			return err
		}
		return w.OrgListingsChanged(ctx, c.OrgID)
	})
}

// ReturnOrgChange sends a request back with a coded reason and words that the organisation's people will read; the
// organisation stays as it was verified. See VerifyOrgChange.
func (s *Service) ReturnOrgChange(ctx context.Context, a market.Actor, id int64, code, reason string) error {
	if err := checkReason(s.ref.OrgReturn, code, &reason); err != nil {
		return err
	}
	return s.reviewChange(ctx, a, market.OrgChangeReturn, id, func(w *act, c market.OrgChange) error {
		if err := w.moveChange(ctx, c, "return", code, reason); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, c.OrgID, "单位变更被退回，仍按原资料办理："+reason, "/org", w.at)
	})
}

// reviewChange locks a request for a reviewer's move.
func (s *Service) reviewChange(ctx context.Context, a market.Actor, action market.Action, id int64, move func(*act, market.OrgChange) error) error {
	object := market.Object{Kind: "org_change", ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		c, err := w.lockChange(ctx, id)
		if err != nil {
			return err
		}
		if err := w.refuseOwn(ctx, market.Object{Kind: "org", ID: c.OrgID}, c.OrgID); err != nil {
			return err
		}
		return w.decide(ctx, market.SubjectOrgChange, id, func() error { return move(w, c) })
	})
}

// lockChange locks the request's organisation, under which all acts on its requests stand in line, and then reads the
// request as it now is.
func (w *act) lockChange(ctx context.Context, id int64) (market.OrgChange, error) {
	c, err := w.OrgChange(ctx, w.actor, id)
	if err != nil {
		return c, err
	}
	if _, err := w.lockChanging(ctx, c.OrgID); err != nil {
		return c, err
	}
	return w.OrgChange(ctx, w.actor, id)
}

// moveChange changes the state of a request and adds it to the history of the organisation.
func (w *act) moveChange(ctx context.Context, c market.OrgChange, move, code, reason string) error {
	to, err := market.OrgChanges.Next(c.State, move)
	if err != nil {
		return err
	}
	shown := reason
	if to == market.OrgChangeApplied {
		shown = "" // the check list's words are for the history
	}
	if err := w.MoveOrgChange(ctx, w.actor, c.ID, c.State, to, code, shown, w.at); err != nil {
		return err
	}
	return w.changeMoved(ctx, c, "change_"+move, code, reason)
}

// changeMoved appends to the history of the organisation what a request would change and what became of it.
func (w *act) changeMoved(ctx context.Context, c market.OrgChange, move, code, note string) error {
	if text := changeText(c); note == "" {
		note = text
	} else {
		note = text + "。" + note
	}
	return w.AddMove(ctx, w.actor, market.Move{ObjectKind: "org", ObjectID: c.OrgID, Move: move, From: string(market.OrgVerified), To: string(market.OrgVerified),
		At: w.at, Code: code, Note: note})
}

// changeText words a request: “类型：企业 → 技术转移机构；名称：甲 → 乙”.
func changeText(c market.OrgChange) string {
	sides := map[string][2]string{"类型": {c.OldType.Name(), c.Type.Name()}, "代码": {string(c.OldUSCC), string(c.USCC)}, "名称": {c.OldName, c.Name}}
	text := ""
	for _, what := range c.Changed() {
		if text != "" {
			text += "；"
		}
		text += what + "：" + sides[what][0] + " → " + sides[what][1]
	}
	return text
}

// tellRivals tells who else claims a code, or asks for it, that another organisation has now been verified with it. It
// names nobody.
func (w *act) tellRivals(ctx context.Context, code market.USCC, verified int64) error {
	claims, err := w.OpenClaims(ctx, code, verified)
	if err != nil {
		return err
	}
	const title = "同一信用代码的另一家登记已通过核验。若是同一单位，请向它的管理员要邀请；若代码填错，请改正"
	for _, id := range claims {
		if err := w.NotifyOrg(ctx, id, title, "/org", w.at); err != nil {
			return err
		}
	}
	return nil
}

// tellPartners tells the other party of every inquiry that is under way where it stands. It names nobody: a name may be
// hidden.
func (w *act) tellPartners(ctx context.Context, orgID int64, words string) error {
	running, err := w.RunningInquiries(ctx, orgID)
	if err != nil {
		return err
	}
	for _, i := range running {
		if err := w.NotifyOrg(ctx, i.Other(orgID), words+"："+i.Title, inquiryPath(i.ID), w.at); err != nil {
			return err
		}
	}
	return nil
}

func changePath(id int64) string { return fmt.Sprintf("/review/changes/%d", id) }
