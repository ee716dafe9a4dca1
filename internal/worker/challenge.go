package worker

import (
	"context"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

type challengeWorker struct {
	river.WorkerDefaults[service.TendChallenges]
	w *Worker
}

// Work tends the clocks of challenges, a batch at a time.
func (c *challengeWorker) Work(ctx context.Context, _ *river.Job[service.TendChallenges]) error {
	for {
		n, err := c.w.Service.TendChallenges(ctx, tendBatch)
		if err != nil || n < tendBatch {
			return err
		}
	}
}
