package service

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// ExportTurnover notes that somebody takes the figures away as a file of so many rows. For everybody.
func (s *Service) ExportTurnover(ctx context.Context, a market.Actor, q market.TurnoverQuery, format string, rows int) error {
	return s.write(ctx, a, market.TurnoverExport, market.Object{Kind: "turnover"}, func(w *act) error {
		w.detail = fmt.Sprintf("%s %s %d as_of=%s rows=%d", format, q.Basis, q.Year, q.AsOf.Format(time.DateOnly), rows)
		if q.County != "" {
			w.detail += " county=" + q.County
		}
		return nil
	})
}

// ExportMonthEnd notes that somebody takes the figures of a closed month away as a file. For readers of the month ends.
func (s *Service) ExportMonthEnd(ctx context.Context, a market.Actor, q market.MonthQuery) error {
	return s.write(ctx, a, market.TurnoverExport, market.Object{Kind: "month"}, func(w *act) error {
		w.detail = fmt.Sprintf("xlsx %s month_end=%s", q.Basis, q.Month.Format("2006-01"))
		return nil
	})
}
