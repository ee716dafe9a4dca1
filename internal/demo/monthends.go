package demo

import (
	"context"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// monthsClosed is how many months are closed. The last one that is over is left for who tries the market.
const monthsClosed = 3

// sealWithin is how long the ledger may take to be sealed: other transactions on the same server may hold it up.
const sealWithin = time.Minute

func closeMonths(ctx context.Context, st *store.Store, svc *service.Service, counter market.Actor, now time.Time) error {
	if err := sealLedger(ctx, st); err != nil {
		return err
	}
	for i := range monthsClosed {
		if err := svc.CloseMonth(ctx, counter, market.MonthOf(now).AddDate(0, i-monthsClosed-1, 0)); err != nil {
			return err
		}
	}
	return nil
}

// sealLedger seals what was just written.
func sealLedger(ctx context.Context, st *store.Store) error {
	for end := time.Now().Add(sealWithin); ; {
		if _, err := st.Seal(ctx, market.LedgerLog, 10_000); err != nil {
			return err
		}
		chain, err := st.ChainState(ctx, market.LedgerLog)
		if err != nil || chain.Unsealed == 0 {
			return err
		}
		if time.Now().After(end) {
			return market.Errorf(market.Conflict, "%d rows of the ledger could not be sealed: other transactions are still under way", chain.Unsealed)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
