package service

import (
	"context"

	"techmarket/internal/market"
)

// matchBatch is how many listings one matching job takes.
const matchBatch = 50

// FinishDemo notes that demonstration data was loaded and queues the matching of the listings it published. For
// package demo only.
func (s *Service) FinishDemo(ctx context.Context, published []int64) error {
	a := market.Actor{Via: market.ViaCLI}
	return s.write(ctx, a, market.DemoLoad, market.Object{Kind: "demo"}, func(w *act) error {
		if err := w.ListingChanged(ctx, published...); err != nil {
			return err
		}
		return w.enqueueMatching(ctx, published)
	})
}
