package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// RemindListings tells the owners of published listings that their validity ends, and sends who keeps them a link with
// which to renew all of them at once: one letter an organisation, however many there are. limit is the number of
// organisations of each step; it returns how many were told.
func (s *Service) RemindListings(ctx context.Context, limit int) (int, error) {
	told := 0
	for _, days := range market.ReminderDays {
		list, err := s.store.EndingListings(ctx, s.Today(), days, limit)
		if err != nil {
			return told, err
		}
		for _, e := range list {
			if err := s.remind(ctx, e, days); err != nil {
				return told, err
			}
			told++
		}
	}
	return told, nil
}

func (s *Service) remind(ctx context.Context, e store.Ending, days int) error {
	return s.write(ctx, market.System(), market.ListingRemind, market.Object{Kind: "org", ID: e.OrgID}, func(w *act) error {
		n, err := w.AddReminders(ctx, e.Listings, days, w.at)
		if err != nil || n == 0 {
			return err
		}
		w.detail = fmt.Sprintf("%d listings, %d days", n, days)
		what := fmt.Sprintf("“%s”公开到 %s", e.Title, e.Last.Format(time.DateOnly))
		if n > 1 {
			what = fmt.Sprintf("“%s”等 %d 项，最早一项公开到 %s", e.Title, n, e.Last.Format(time.DateOnly))
		}
		if err := w.NotifyOrg(ctx, e.OrgID, "请确认是否仍然有效："+what, "/work", w.at); err != nil {
			return err
		}
		keepers, err := w.Keepers(ctx, e.OrgID, e.Listings)
		if err != nil {
			return err
		}
		for _, k := range keepers {
			link := market.Link{Purpose: market.LinkRenew, UserID: &k.UserID, SubjectID: &e.OrgID, Email: k.Email}
			if err := w.sendLink(ctx, link, market.Letter{Kind: market.LetterRenew, Name: k.Name, Org: e.OrgName, Note: what}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Renewal is what a link in such a letter opens: for whom it acts, and what may be renewed.
type Renewal struct {
	Actor    market.Actor
	Listings []store.RenewableListing
}

// Renewal returns what the link with that secret opens, without using it up. A link that is not good any more, or whose
// person may not publish for the organisation any more, is market.ErrLink.
func (s *Service) Renewal(ctx context.Context, secret string) (Renewal, error) {
	link, err := s.Link(ctx, market.LinkRenew, secret)
	if err != nil {
		return Renewal{}, err
	}
	return s.renewal(ctx, s.store.Queries, link)
}

func (s *Service) renewal(ctx context.Context, r store.Queries, link market.Link) (Renewal, error) {
	a, err := s.Actor(ctx, *link.UserID, market.Acting{OrgID: *link.SubjectID})
	if market.IsKind(err, market.NotFound) || err == nil && a.RequireVerified(market.ScopePost) != nil {
		return Renewal{}, market.ErrLink
	}
	if err != nil {
		return Renewal{}, err
	}
	list, err := r.RenewableListings(ctx, a, s.Today().AddDate(0, 0, slices.Max(market.ReminderDays)))
	return Renewal{a, list}, err
}

// Renew uses up a link and renews those of its listings. by is who opened the link: whoever has it may use it. It returns
// how many were renewed.
func (s *Service) Renew(ctx context.Context, by market.Actor, secret string, ids []int64) (int, error) {
	opened, err := s.Renewal(ctx, secret)
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(opened.Listings, func(l store.RenewableListing) bool { return slices.Contains(ids, l.ID) }) {
		return 0, market.Problems{{Field: "ids", Message: "请至少勾选一项"}}.Err()
	}
	a := opened.Actor
	a.Via, a.Address, a.RequestID = by.Via, by.Address, by.RequestID
	n := 0
	err = s.write(ctx, a, market.ListingRenew, market.Object{Kind: "org", ID: a.OrgID}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkRenew, secret)
		if err != nil {
			return err
		}
		now, err := s.renewal(ctx, w.Queries, link)
		if err != nil {
			return err
		}
		for _, l := range now.Listings {
			if !slices.Contains(ids, l.ID) {
				continue
			}
			if err := w.renew(ctx, l); err != nil {
				return err
			}
			n++
		}
		w.detail = fmt.Sprintf("link %d, %d listings", link.ID, n)
		return nil
	})
	return n, err
}

// renew confirms one listing, with an audit entry of its own.
func (w *act) renew(ctx context.Context, l store.RenewableListing) error {
	locked, err := w.LockListing(ctx, w.actor, l.Kind, l.ID, false)
	if err != nil {
		return err
	}
	of := w.about(string(l.Kind), l.ID)
	if err := of.moveListing(ctx, locked, "confirm", nil, ""); err != nil {
		return err
	}
	return w.Audit(ctx, w.at, w.actor, market.ListingAction(l.Kind, "confirm"), of.object, "done", "by link")
}
