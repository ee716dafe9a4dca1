package service

import (
	"context"

	"techmarket/internal/market"
)

// RetryIndexing has a listing that the search engine would not take offered to it again. For reviewers.
func (s *Service) RetryIndexing(ctx context.Context, a market.Actor, id int64) error {
	object := market.Object{Kind: "listing", ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, market.ListingReindex, object); err != nil {
		return err
	}
	return s.write(ctx, a, market.ListingReindex, object, func(w *act) error { return w.RetryIndexing(ctx, a, id) })
}
