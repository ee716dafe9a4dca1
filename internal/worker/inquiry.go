package worker

import (
	"context"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

type tendWorker struct {
	river.WorkerDefaults[service.TendInquiries]
	w *Worker
}

const tendBatch = 200

// Work tends the response clocks, a batch at a time.
func (t *tendWorker) Work(ctx context.Context, _ *river.Job[service.TendInquiries]) error {
	for {
		n, err := t.w.Service.TendInquiries(ctx, tendBatch)
		if err != nil || n < tendBatch {
			return err
		}
	}
}
