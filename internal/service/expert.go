package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// CreateExpert adds the entry of an expert, not public yet, and returns its id: of the organisation of an editor, or kept by
// the bureau when a reviewer adds it. key is the form's one-time key. Errors name the form's fields.
func (s *Service) CreateExpert(ctx context.Context, a market.Actor, e market.Expert, key string) (int64, error) {
	owner, err := a.ExpertOwner()
	if err != nil {
		s.Refused(ctx, a, market.ExpertCreate, market.Object{Kind: "expert"})
		return 0, err
	}
	e.OrgID = owner
	if err := s.placeExpert(ctx, &e); err != nil {
		return 0, err
	}
	if err := s.checkExpert(a, &e).Err(); err != nil {
		return 0, err
	}
	var id int64
	err = s.write(ctx, a, market.ExpertCreate, market.Object{Kind: "expert"}, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if id, err = w.CreateExpert(ctx, a, e, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "create", "", string(market.ExpertDraft), "", ""); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// placeExpert finds the organisation of an entry that the bureau keeps by its name.
func (s *Service) placeExpert(ctx context.Context, e *market.Expert) error {
	name := market.Normalize(e.OrgName)
	if e.OrgID != 0 || name == "" {
		return nil
	}
	keepers, err := s.store.ExpertKeepers(ctx, name)
	e.OrgID = keepers[name]
	return err
}

// checkExpert tidies an entry and returns all that is wrong with it. A reviewer of a county adds experts of that county.
func (s *Service) checkExpert(a market.Actor, e *market.Expert) market.Problems {
	p := e.Check(s.ref, s.Today())
	if e.State == market.ExpertPublic {
		p = append(p, e.CheckPublic()...)
	}
	if e.OrgID == 0 || e.OrgID != a.OwnOrg() {
		s.checkReach(&p, a, e.Region)
	}
	return p
}

// checkReach notes a place that the reviewer does not see to.
func (s *Service) checkReach(p *market.Problems, a market.Actor, region string) {
	if !a.Reaches(region, market.Reviewer) {
		p.Add("region", "您只办理%s的，请核对所在地", s.ref.Regions.Name(a.County))
	}
}

// keepExpert locks an entry for a change by who looks after it: an editor of its organisation, or a reviewer of its county.
func (s *Service) keepExpert(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.Expert) error) error {
	object := market.Object{Kind: "expert", ID: id}
	if _, err := a.ExpertOwner(); err != nil && !a.Has(market.Reviewer) {
		s.Refused(ctx, a, action, object)
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		e, err := w.LockExpert(ctx, a, id)
		if err != nil {
			return err
		}
		if !store.KeepsExpert(a, e) {
			return market.Errorf(market.Denied, "您在本单位只能查看，请联系单位管理员")
		}
		return fn(w, e)
	})
}

// EditExpert stores an entry. What the person agreed to in their own account stays as it is, and so does the organisation
// of an entry that has one. e.Version is the one the form was filled in from.
func (s *Service) EditExpert(ctx context.Context, a market.Actor, e market.Expert) error {
	return s.keepExpert(ctx, a, market.ExpertEdit, e.ID, func(w *act, old market.Expert) error {
		e.State, e.RevokedOn, e.OrgID = old.State, old.RevokedOn, old.OrgID
		if old.OrgID != 0 {
			e.OrgName = old.OrgName
		}
		if err := s.placeExpert(ctx, &e); err != nil {
			return err
		}
		if old.ConsentBy == market.ConsentAccount {
			e.ConsentOn, e.ConsentBy, e.ContactOn = old.ConsentOn, old.ConsentBy, old.ContactOn
		}
		p := s.checkExpert(a, &e)
		if old.ConsentBy == market.ConsentAccount && e.Email != old.Email {
			p.Add("email", "本人用 %s 的账号同意了公开，不能改成别的邮箱", old.Email)
		}
		if err := p.Err(); err != nil {
			return err
		}
		return w.UpdateExpert(ctx, e, w.at)
	})
}

// PublishExpert makes an entry public whose person has agreed. An organisation must be verified for it.
func (s *Service) PublishExpert(ctx context.Context, a market.Actor, id int64) error {
	return s.keepExpert(ctx, a, market.ExpertPublish, id, func(w *act, e market.Expert) error {
		if !a.Reaches(e.Region, market.Reviewer) {
			if err := a.RequireVerified(market.ScopeOwn); err != nil {
				return err
			}
		}
		if err := e.CheckPublic().Err(); err != nil {
			return err
		}
		return w.moveExpert(ctx, e, "publish")
	})
}

// WithdrawExpert takes an entry out of the public.
func (s *Service) WithdrawExpert(ctx context.Context, a market.Actor, id int64) error {
	return s.keepExpert(ctx, a, market.ExpertWithdraw, id, func(w *act, e market.Expert) error {
		if e.OrgID != 0 && e.OrgID != a.OwnOrg() {
			if err := w.NotifyOrg(ctx, e.OrgID, "主管部门撤下了专家资料："+e.Name, expertPath(id), w.at); err != nil {
				return err
			}
		}
		return w.moveExpert(ctx, e, "withdraw")
	})
}

// DeleteExpert removes an entry that is not public, for good.
func (s *Service) DeleteExpert(ctx context.Context, a market.Actor, id int64) error {
	return s.keepExpert(ctx, a, market.ExpertDelete, id, func(w *act, e market.Expert) error {
		if !e.State.Erasable() {
			return market.Errorf(market.Conflict, "公开的专家资料先撤下，再删除")
		}
		return w.DeleteExpert(ctx, id)
	})
}

func expertPath(id int64) string { return fmt.Sprintf("/experts/%d", id) }

func (w *act) moveExpert(ctx context.Context, e market.Expert, move string) error {
	to, err := market.Experts.Next(e.State, move)
	if err != nil {
		return err
	}
	if err := w.MoveExpert(ctx, e.ID, e.State, to, w.at); err != nil {
		return err
	}
	return w.moved(ctx, move, string(e.State), string(to), "", "")
}

// AgreeExpert stores what the person of an entry agrees to, signed in with the confirmed address that the entry bears: to
// be public, and with contact also that phone and address are. Its keepers publish it.
func (s *Service) AgreeExpert(ctx context.Context, a market.Actor, id int64, contact bool) error {
	return s.ownExpert(ctx, a, market.ExpertAgree, id, func(w *act, e market.Expert) error {
		today := s.Today()
		e.ConsentOn, e.ConsentBy, e.ContactOn = &today, market.ConsentAccount, nil
		if contact {
			e.ContactOn = &today
		}
		if err := w.SetExpertConsent(ctx, e, w.at); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("contact=%t", contact)
		return w.tellKeepers(ctx, e, "专家本人已同意公开："+e.Name)
	})
}

// RevokeExpert takes back what the person of an entry agreed to, whether on paper or in the account: the entry is public no
// longer.
func (s *Service) RevokeExpert(ctx context.Context, a market.Actor, id int64) error {
	return s.ownExpert(ctx, a, market.ExpertRevoke, id, func(w *act, e market.Expert) error {
		if e.ConsentOn == nil {
			return market.Errorf(market.Conflict, "这份资料没有同意的记录，也没有公开")
		}
		today := s.Today()
		e.ConsentOn, e.ConsentBy, e.ContactOn, e.RevokedOn = nil, "", nil, &today
		if e.State == market.ExpertPublic {
			if err := w.moved(ctx, "revoke", string(e.State), string(market.ExpertWithdrawn), "", ""); err != nil {
				return err
			}
			e.State = market.ExpertWithdrawn
		}
		if err := w.SetExpertConsent(ctx, e, w.at); err != nil {
			return err
		}
		return w.tellKeepers(ctx, e, "专家本人收回了同意，资料已不公开："+e.Name)
	})
}

func (s *Service) ownExpert(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.Expert) error) error {
	return s.write(ctx, a, action, market.Object{Kind: "expert", ID: id}, func(w *act) error {
		e, err := w.LockOwnExpert(ctx, a, id)
		if err != nil {
			return err
		}
		return fn(w, e)
	})
}

// tellKeepers tells who looks after an entry: its organisation, or the reviewers of its county.
func (w *act) tellKeepers(ctx context.Context, e market.Expert, title string) error {
	if e.OrgID != 0 {
		return w.NotifyOrg(ctx, e.OrgID, title, expertPath(e.ID), w.at)
	}
	return w.NotifyDuty(ctx, market.Reviewer, e.Region, title, expertPath(e.ID), w.at)
}
