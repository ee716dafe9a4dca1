package demo

import (
	"log/slog"
	"testing"
	"time"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// TestOtherDays loads on days on which the choice of contracts falls otherwise: a demonstration starts on any day.
func TestOtherDays(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{
		time.Date(2026, 11, 28, 7, 0, 0, 0, market.Shanghai),
		time.Date(2028, 2, 29, 23, 59, 0, 0, market.Shanghai),
	} {
		t.Run(now.Format("2006-01-02"), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			st, err := store.Open(ctx, dbtest.New(t), 4)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			})
			ref, err := st.Reference(ctx)
			if err != nil {
				t.Fatal(err)
			}
			svc, err := service.New(st, ref, func() time.Time { return now }, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if err := Load(ctx, st, svc, now); err != nil {
				t.Fatal(err)
			}
		})
	}
}
