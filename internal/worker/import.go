package worker

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"techmarket/internal/service"
)

// importTime is how long the longest import may take.
const importTime = 30 * time.Minute

type runImportWorker struct {
	river.WorkerDefaults[service.RunImport]
	w *Worker
}

func (*runImportWorker) Timeout(*river.Job[service.RunImport]) time.Duration { return importTime }

// Work writes the rows. Stopping the process is no failure: the next one goes on.
func (r *runImportWorker) Work(ctx context.Context, job *river.Job[service.RunImport]) error {
	err := r.w.Service.RunImport(ctx, job.Args.ImportID, func(int, int) {})
	if err == nil || ctx.Err() != nil || job.Attempt < job.MaxAttempts {
		return err
	}
	return errors.Join(err, r.w.Service.FailImport(ctx, job.Args.ImportID))
}

type reviewImportWorker struct {
	river.WorkerDefaults[service.ReviewImport]
	w *Worker
}

func (*reviewImportWorker) Timeout(*river.Job[service.ReviewImport]) time.Duration { return importTime }

func (r *reviewImportWorker) Work(ctx context.Context, job *river.Job[service.ReviewImport]) error {
	return r.w.Service.ReviewImport(ctx, job.Args.ImportID)
}
