package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// SetTarget writes the target of a year, a place and a basis; the words before it stay as its history. last is the number of
// the last word that the actor saw. For statisticians of the whole city. Errors name the fields of market.TargetEntry.
func (s *Service) SetTarget(ctx context.Context, a market.Actor, e market.TargetEntry, last int64) error {
	object := market.Object{Kind: "target"}
	if err := s.requireDuty(ctx, a, market.Statistician, market.TargetSet, object); err != nil {
		return err
	}
	if a.County != "" {
		s.Refused(ctx, a, market.TargetSet, object)
		return market.Errorf(market.Denied, "全市和各县（市、区）的目标由市级统计岗位设定")
	}
	if err := e.Check(s.ref, s.Today()).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.TargetSet, object, func(w *act) error {
		seen, err := w.LockTargets(ctx)
		if err != nil {
			return err
		}
		if seen != last {
			return market.Errorf(market.Conflict, "您打开以后，别人改过目标。请看过下面的记录再保存")
		}
		w.detail = fmt.Sprintf("%d %s %s %s", e.Year, e.Region, e.Basis, e.Amount.StringFixed(2))
		return w.AddTarget(ctx, a, e, w.at)
	})
}
