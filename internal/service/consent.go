package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// agree notes that a person agrees to every policy in force that they have not agreed to.
func (w *act) agree(ctx context.Context, userID int64) error {
	pending, err := w.PendingPolicies(ctx, userID, w.at)
	if err != nil {
		return err
	}
	for _, p := range pending {
		c := market.Consent{Kind: p.Kind, Version: p.Version, Given: true, At: w.at, Address: w.actor.Address}
		if err := w.AddConsent(ctx, userID, c); err != nil {
			return err
		}
	}
	w.detail = fmt.Sprintf("%d policies", len(pending))
	return nil
}

// AgreePolicies notes that the actor agrees to the policies in force.
func (s *Service) AgreePolicies(ctx context.Context, a market.Actor) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	return s.write(ctx, a, market.UserConsent, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		if _, err := w.LockUser(ctx, a.UserID); err != nil {
			return err
		}
		return w.agree(ctx, a.UserID)
	})
}

// Choose stores whether matches are suggested to the actor and whether their name and phone may stand on public pages,
// and keeps what was changed as consent given or taken back. A contact needs a phone: Errors name the field contact.
func (s *Service) Choose(ctx context.Context, a market.Actor, recommend, contact bool) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	return s.write(ctx, a, market.UserConsent, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if contact && u.Phone == "" {
			return market.Problems{{Field: "contact", Message: "公开前请先在“资料”里填写手机"}}.Err()
		}
		w.detail = fmt.Sprintf("recommend %t contact %t", recommend, contact)
		for _, c := range []struct {
			kind     market.ConsentKind
			old, now bool
		}{{market.ConsentRecommend, u.Recommend, recommend}, {market.ConsentContact, u.ContactPublic, contact}} {
			if c.old == c.now {
				continue
			}
			if err := w.AddConsent(ctx, u.ID, market.Consent{Kind: c.kind, Given: c.now, At: w.at, Address: a.Address}); err != nil {
				return err
			}
		}
		return w.SetChoices(ctx, u.ID, recommend, contact)
	})
}
