package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// ClaimReview takes an item of the review queue until the end of the term of claims: nobody else decides on it meanwhile.
// Whoever holds it already holds it anew. For reviewers within whose reach it waits, not for what is their own affair.
func (s *Service) ClaimReview(ctx context.Context, a market.Actor, subject market.Subject, id int64) error {
	return s.actOnQueue(ctx, a, market.ReviewClaim, subject, id, func(w *act) error {
		taken, err := w.TakeReviewClaim(ctx, subject, id, s.ref.NewClaim(a, w.at), w.at)
		if err != nil || taken {
			return err
		}
		return w.checkClaim(ctx, subject, id)
	})
}

// ReleaseReview puts back what the reviewer has claimed.
func (s *Service) ReleaseReview(ctx context.Context, a market.Actor, subject market.Subject, id int64) error {
	return s.actOnQueue(ctx, a, market.ReviewRelease, subject, id, func(w *act) error {
		if err := w.checkClaim(ctx, subject, id); err != nil {
			return err
		}
		return w.EndReviewClaim(ctx, subject, id)
	})
}

func (s *Service) actOnQueue(ctx context.Context, a market.Actor, action market.Action, subject market.Subject, id int64, do func(*act) error) error {
	object := market.Object{Kind: string(subject), ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		if err := w.LockReview(ctx, subject, id); err != nil {
			return err
		}
		place, err := w.ReviewPlace(ctx, a, s.ref, store.ReviewFilter{}, market.DateOf(w.at), subject, id)
		if err != nil {
			return err
		}
		if place.Place == 0 {
			return market.ErrNotFound
		}
		if err := w.refuseOwn(ctx, object, place.OrgID); err != nil {
			return err
		}
		return do(w)
	})
}

// checkClaim refuses what somebody else has claimed.
func (w *act) checkClaim(ctx context.Context, subject market.Subject, id int64) error {
	c, err := w.ReviewClaim(ctx, subject, id, market.DateOf(w.at))
	switch {
	case market.IsKind(err, market.NotFound):
		return nil
	case err != nil:
		return err
	case c.UserID != w.actor.UserID:
		return market.Errorf(market.Conflict, "%s", ClaimedBy(c))
	}
	return nil
}

// ClaimedBy says who has claimed an item, and until when.
func ClaimedBy(c market.Claim) string {
	return fmt.Sprintf("%s已领取这一件，%d月%d日下班前没有办结会放回队列", c.UserName, c.LastDay.Month(), c.LastDay.Day())
}

// decide carries out a decision on an item of the queue, which nobody else may have claimed; it is claimed no longer then.
func (w *act) decide(ctx context.Context, subject market.Subject, id int64, decision func() error) error {
	if err := w.LockReview(ctx, subject, id); err != nil {
		return err
	}
	if err := w.checkClaim(ctx, subject, id); err != nil {
		return err
	}
	if err := decision(); err != nil {
		return err
	}
	return w.EndReviewClaim(ctx, subject, id)
}
