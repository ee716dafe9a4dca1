package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

const (
	// sealEvery is how often a process looks for rows to seal. Looking at an empty list costs next to nothing.
	sealEvery = time.Second
	sealBatch = 2000
)

// sealer chains the rows of the append-only logs. Every process has one; the database lets one at a time act.
type sealer struct {
	store *store.Store
	log   *slog.Logger
}

func (s *sealer) run(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		if err := s.seal(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "seal the logs", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// seal chains all that can be chained now.
func (s *sealer) seal(ctx context.Context) error {
	for _, log := range market.ChainLogs {
		for {
			n, err := s.store.Seal(ctx, log, sealBatch)
			if err != nil {
				return err
			}
			if n < sealBatch {
				break
			}
		}
	}
	return nil
}

type anchorWorker struct {
	river.WorkerDefaults[service.AnchorChains]
	w *Worker
}

func (a *anchorWorker) Work(ctx context.Context, _ *river.Job[service.AnchorChains]) error {
	return a.w.Service.AnchorChains(ctx)
}

type verifyWorker struct {
	river.WorkerDefaults[service.VerifyChains]
	w *Worker
}

// verifyTime is enough for tens of millions of rows.
const verifyTime = time.Hour

func (v *verifyWorker) Timeout(*river.Job[service.VerifyChains]) time.Duration { return verifyTime }

func (v *verifyWorker) Work(ctx context.Context, _ *river.Job[service.VerifyChains]) error {
	return v.w.Service.CheckChains(ctx)
}
