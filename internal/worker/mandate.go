package worker

import (
	"context"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

type mandateWorker struct {
	river.WorkerDefaults[service.EndMandates]
	w *Worker
}

func (m *mandateWorker) Work(ctx context.Context, _ *river.Job[service.EndMandates]) error {
	return m.w.Service.EndMandates(ctx)
}
