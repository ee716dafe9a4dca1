package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
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

// Choose stores what the actor decides about their data, and keeps what was changed as consent given or taken back. A
// contact needs a phone: Errors name the field contact.
func (s *Service) Choose(ctx context.Context, a market.Actor, c market.Choices) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	return s.write(ctx, a, market.UserConsent, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if c.Contact && u.Phone == "" {
			return market.Problems{{Field: "contact", Message: "公开前请先在“资料”里填写手机"}}.Err()
		}
		w.detail = fmt.Sprintf("recommend %t alerts %t contact %t", c.Recommend, c.Alerts, c.Contact)
		return w.choose(ctx, u, c)
	})
}

// choose stores what a person decides, and what they changed in the log of consents.
func (w *act) choose(ctx context.Context, u store.User, c market.Choices) error {
	for _, x := range []struct {
		kind     market.ConsentKind
		old, now bool
	}{{market.ConsentRecommend, u.Recommend, c.Recommend}, {market.ConsentAlerts, u.Alerts, c.Alerts}, {market.ConsentContact, u.Contact, c.Contact}} {
		if x.old == x.now {
			continue
		}
		if err := w.AddConsent(ctx, u.ID, market.Consent{Kind: x.kind, Given: x.now, At: w.at, Address: w.actor.Address}); err != nil {
			return err
		}
	}
	return w.SetChoices(ctx, u.ID, c)
}
