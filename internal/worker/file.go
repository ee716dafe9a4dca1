package worker

import (
	"context"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

type cleanFilesWorker struct {
	river.WorkerDefaults[service.CleanFiles]
	w *Worker
}

func (f *cleanFilesWorker) Work(ctx context.Context, _ *river.Job[service.CleanFiles]) error {
	return f.w.Service.CleanFiles(ctx)
}
