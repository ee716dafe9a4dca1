package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// RequestDisclosure asks the owner of a published listing to open its gated part, and returns the request's id. For
// editors of verified organisations. key is the form's one-time key. Errors name the field purpose.
func (s *Service) RequestDisclosure(ctx context.Context, a market.Actor, listingID int64, purpose, key string) (int64, error) {
	object := market.Object{Kind: "disclosure"}
	if err := a.RequireVerified(market.ScopeOwn); err != nil {
		s.Refused(ctx, a, market.DisclosureRequest, object)
		return 0, err
	}
	if err := market.CheckPurpose(&purpose).Err(); err != nil {
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.DisclosureRequest, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		about, err := w.gatedListing(ctx, listingID)
		if err != nil {
			return err
		}
		if id, err = w.CreateDisclosure(ctx, a, listingID, purpose, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "request", "", string(market.DisclosureRequested), "", ""); err != nil {
			return err
		}
		if err := w.NotifyOrg(ctx, about.OrgID, "有单位申请查看不公开的部分："+about.Title, disclosurePath(id), w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// gatedListing is a published listing of somebody else with something behind its gate, locked.
func (w *act) gatedListing(ctx context.Context, id int64) (market.Listing, error) {
	l, err := w.LockAnyListing(ctx, id)
	if err != nil {
		return l, err
	}
	if l.OrgID == w.actor.OwnOrg() {
		return l, market.Errorf(market.Conflict, "这是本单位的%s，不用申请", kindName(l.Kind))
	}
	verified, err := w.LockVerifiedOrg(ctx, l.OrgID)
	if err != nil {
		return l, err
	}
	if l.State != market.Published || !verified {
		return l, market.ErrNotFound
	}
	_, has, err := w.Gate(ctx, w.actor, id)
	if err == nil && !has {
		err = market.Errorf(market.Conflict, "这项%s没有不公开的部分", kindName(l.Kind))
	}
	return l, err
}

// GrantDisclosure opens the gated part to the organisation that asked. For editors of the listing's verified owner.
func (s *Service) GrantDisclosure(ctx context.Context, a market.Actor, id int64) error {
	return s.answerDisclosure(ctx, a, market.DisclosureGrant, id, "", "对方同意您查看不公开的部分：%s")
}

// RefuseDisclosure turns a request down with a reason that the other side reads. For editors of the listing's owner.
// Errors name the field reason.
func (s *Service) RefuseDisclosure(ctx context.Context, a market.Actor, id int64, reason string) error {
	if err := market.CheckDisclosureReason(&reason).Err(); err != nil {
		return err
	}
	return s.answerDisclosure(ctx, a, market.DisclosureRefuse, id, reason, "对方没有同意查看申请：%s")
}

// RevokeDisclosure closes the gated part again, from the next request on, with a reason that the other side reads. For
// editors of the listing's owner. Errors name the field reason.
func (s *Service) RevokeDisclosure(ctx context.Context, a market.Actor, id int64, reason string) error {
	if err := market.CheckDisclosureReason(&reason).Err(); err != nil {
		return err
	}
	return s.answerDisclosure(ctx, a, market.DisclosureRevoke, id, reason, "对方撤回了开放的内容：%s")
}

// disclosureMoves names the move of each act of the owner.
var disclosureMoves = map[market.Action]string{market.DisclosureGrant: "grant", market.DisclosureRefuse: "refuse", market.DisclosureRevoke: "revoke"}

// answerDisclosure carries out an act of the owner's editors. To say no an organisation need not be verified.
func (s *Service) answerDisclosure(ctx context.Context, a market.Actor, action market.Action, id int64, reason, notice string) error {
	object := market.Object{Kind: "disclosure", ID: id}
	allowed := a.RequireEditor(market.ScopeOwn)
	if action == market.DisclosureGrant {
		allowed = a.RequireVerified(market.ScopeOwn)
	}
	if allowed != nil {
		s.Refused(ctx, a, action, object)
		return allowed
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		d, err := w.LockDisclosure(ctx, a, id)
		if err != nil {
			return err
		}
		move := disclosureMoves[action]
		to, err := market.Disclosures.Next(d.State, move)
		if err != nil {
			return err
		}
		if err := w.MoveDisclosure(ctx, id, d.State, to, reason, w.at); err != nil {
			return err
		}
		if err := w.moved(ctx, move, string(d.State), string(to), "", reason); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, d.OrgID, fmt.Sprintf(notice, d.ListingTitle), disclosurePath(id), w.at)
	})
}

// PledgeDisclosure keeps that the actor, a member of the organisation that asked, accepts the current 保密承诺. version is
// the one they read. Errors name the field pledge.
func (s *Service) PledgeDisclosure(ctx context.Context, a market.Actor, id int64, version string, agreed bool) error {
	if err := s.mayRead(ctx, a, market.DisclosurePledge, id); err != nil {
		return err
	}
	if !agreed {
		return market.Problems{{Field: "pledge", Message: "请先阅读并同意保密承诺"}}.Err()
	}
	return s.write(ctx, a, market.DisclosurePledge, market.Object{Kind: "disclosure", ID: id}, func(w *act) error {
		d, err := w.grantedTo(ctx, id)
		if err != nil {
			return err
		}
		pledge, err := w.CurrentPledge(ctx, w.at)
		if err != nil {
			return err
		}
		if pledge.Version != version {
			return market.Errorf(market.Conflict, "保密承诺有了新版本，请重新阅读")
		}
		w.detail = "version " + version
		return w.AddPledge(ctx, a, d.ID, version, w.at)
	})
}

// ReadDisclosure returns the gated text to a member of the organisation it was opened to, who has accepted the current
// pledge. Every reading is on record. Without the pledge it is a Denied error.
func (s *Service) ReadDisclosure(ctx context.Context, a market.Actor, id int64) (string, error) {
	if err := s.mayRead(ctx, a, market.DisclosureReadAct, id); err != nil {
		return "", err
	}
	var text string
	err := s.write(ctx, a, market.DisclosureReadAct, market.Object{Kind: "disclosure", ID: id}, func(w *act) error {
		pledge, err := w.requirePledge(ctx, id)
		if err != nil {
			return err
		}
		w.detail = "pledge " + pledge
		text, err = w.DisclosedText(ctx, a, id, w.at)
		return err
	})
	return text, err
}

// mayRead refuses people of an organisation that is not verified: a suspended one reads nothing any more.
func (s *Service) mayRead(ctx context.Context, a market.Actor, action market.Action, id int64) error {
	var err error
	switch {
	case a.OwnOrg() == 0:
		err = market.ErrNotFound
	case !a.Verified():
		err = market.Errorf(market.Denied, "本单位现在不能查看对方开放的内容")
	}
	if err != nil {
		s.Refused(ctx, a, action, market.Object{Kind: "disclosure", ID: id})
	}
	return err
}

// grantedTo is the disclosure when it is open to the actor's organisation now.
func (w *act) grantedTo(ctx context.Context, id int64) (store.Disclosure, error) {
	d, err := w.Disclosure(ctx, w.actor, id)
	if err == nil && (d.OrgID != w.actor.OwnOrg() || d.State != market.DisclosureGranted) {
		err = market.ErrNotFound
	}
	return d, err
}

func disclosurePath(id int64) string { return fmt.Sprintf("/disclosures/%d", id) }
