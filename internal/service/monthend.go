package service

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// sealBefore is how many entries are sealed at once before a month is closed; the sealer does the others.
const sealBefore = 1000

// CloseMonth freezes the figures of a month that is over. For statisticians of the whole city. Errors name the field month.
func (s *Service) CloseMonth(ctx context.Context, a market.Actor, month time.Time) error {
	object := market.Object{Kind: "month"}
	if err := s.requireDuty(ctx, a, market.Statistician, market.MonthClose, object); err != nil {
		return err
	}
	if a.County != "" {
		s.Refused(ctx, a, market.MonthClose, object)
		return market.Errorf(market.Denied, "月末关账由市级统计岗位办理")
	}
	if _, err := s.store.Seal(ctx, market.LedgerLog, sealBefore); err != nil {
		return err
	}
	return s.write(ctx, a, market.MonthClose, object, func(w *act) error {
		if err := w.LockMonthEnds(ctx); err != nil {
			return err
		}
		first, closed, err := w.LedgerSpan(ctx)
		if err != nil {
			return err
		}
		if err := market.CheckClosable(month, first, closed, s.Today()); err != nil {
			return err
		}
		obstacles, err := closeObstacles(ctx, w.Queries, month)
		if err != nil {
			return err
		}
		if len(obstacles) > 0 {
			return market.Errorf(market.Invalid, "%s还不能关账：%s", month.Format("2006-01"), obstacles[0])
		}
		end, err := w.ChainHead(ctx, market.LedgerLog)
		if err != nil {
			return err
		}
		w.detail = market.MonthEnd{Month: month, Seq: end.Seq, Hash: end.Hash}.Line()
		return w.AddMonthEnd(ctx, a, month, end, w.at)
	})
}

// MonthObstacles lists what stands against closing a month, each in a sentence. For the pages of those who may.
func (s *Service) MonthObstacles(ctx context.Context, month time.Time) ([]string, error) {
	return closeObstacles(ctx, s.store.Queries, month)
}

// closeObstacles lists what stands against closing a month now, each in a sentence that says how to mend it.
func closeObstacles(ctx context.Context, r store.Queries, month time.Time) ([]string, error) {
	chain, err := r.ChainState(ctx, market.LedgerLog)
	if err != nil {
		return nil, err
	}
	var out []string
	if chain.Unsealed > 0 {
		out = append(out, fmt.Sprintf("账本有 %d 条记录还在等待封存，一般几秒就好，请稍后再试", chain.Unsealed))
	}
	open, err := r.OpenPeriods(ctx, month)
	for _, period := range open {
		out = append(out, market.PeriodName(period)+"与全国系统的对账还没有关闭。请在“全国系统对账”里把差异办结、关闭那一期")
	}
	return out, err
}
