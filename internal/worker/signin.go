package worker

import (
	"context"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

type tidyWorker struct {
	river.WorkerDefaults[service.TidySignIns]
	w *Worker
}

func (t *tidyWorker) Work(ctx context.Context, _ *river.Job[service.TidySignIns]) error {
	return t.w.Service.TidySignIns(ctx)
}
