package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// KeepMatchVersion keeps weights that were fitted and evaluated; nobody uses them yet. It returns their number. For the
// command line only.
func (s *Service) KeepMatchVersion(ctx context.Context, a market.Actor, v market.MatchVersion) (id int, err error) {
	err = s.write(ctx, a, market.MatchFit, market.Object{Kind: "weights"}, func(w *act) error {
		v.MadeAt = w.at
		id, err = w.CreateMatchVersion(ctx, v)
		w.object.ID, w.detail = int64(id), fmt.Sprintf("%d useful, %d unsuitable, %.3f before, %.3f after", v.Useful, v.Unsuitable, v.Before, v.After)
		return err
	})
	return id, err
}

// UseMatchVersion puts weights in force, 0 those of the program, and has everything public matched anew with them. A version
// whose evaluation does not speak for it is Conflict, one that there is none NotFound. For the command line only.
func (s *Service) UseMatchVersion(ctx context.Context, a market.Actor, id int) error {
	return s.write(ctx, a, market.MatchUse, market.Object{Kind: "weights", ID: int64(id)}, func(w *act) error {
		if id != 0 {
			v, err := w.MatchVersion(ctx, id)
			if err != nil {
				return err
			}
			if err := v.Usable(); err != nil {
				return err
			}
		}
		if err := w.Tx.UseMatchVersion(ctx, id, w.at); err != nil {
			return err
		}
		ids, err := w.PublishedIDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		return w.enqueueMatching(ctx, ids)
	})
}
