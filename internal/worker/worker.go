// Package worker does what happens after a write: it keeps the search index current, computes matches, runs imports
// sends mail
// and watches the clocks. Everything it does can be done twice without harm.
package worker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"techmarket/internal/mail"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search"
)

// Options is what a Worker is made of.
type Options struct {
	Store   *store.Store
	Service *service.Service
	Search  search.Engine
	Shared  bool // the index is one for all processes, on a server that may be down
	Mail    *mail.Office
	DSN     string // for the connection that listens to the change log
	Log     *slog.Logger
}

// Worker works jobs and follows the change log.
type Worker struct {
	Options
	jobs     *river.Client[*sql.Tx]
	follower *Follower
	matcher  *matcher
	lexicon  *lexiconKeeper
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// maxWorkers is how many jobs run at once in one process.
const maxWorkers = 2

// Start brings the index up to date, so that the first search finds everything, and then works until Stop. A search
// server that is down is waited for in the background: what needs no search goes on without it.
func Start(ctx context.Context, o Options) (*Worker, error) {
	w := &Worker{Options: o, follower: NewFollower(o.Store, o.Search, o.Log)}
	if o.Shared {
		w.follower = NewSharedFollower(o.Store, o.Search, o.Log)
	}
	w.lexicon = newLexiconKeeper(o.Store, o.Search)
	if err := w.lexicon.catchUp(ctx); err != nil {
		o.Log.ErrorContext(ctx, "take over the words of staff; searching without them until it succeeds", "err", err)
	}
	err := w.follower.CatchUp(ctx)
	if errors.Is(err, search.ErrUnavailable) {
		o.Log.ErrorContext(ctx, "the search server is not available; following the change log once it is", "err", err)
	} else if err != nil {
		return nil, fmt.Errorf("bring the search index up to date: %w", err)
	}
	w.matcher = &matcher{store: o.Store, search: o.Search, ref: o.Service.Reference(), most: maxMatches}
	if err := w.matcher.refresh(ctx, w.Search.Lexicon()); err != nil {
		return nil, fmt.Errorf("learn the market's words: %w", err)
	}
	if err := w.startJobs(ctx); err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.running.Go(func() { w.follower.Run(background, o.DSN) })
	w.running.Go(func() { w.followLexicon(background) })
	w.running.Go(func() { (&sealer{o.Store, o.Log}).run(background) })
	w.running.Go(func() { w.matcher.run(background, o.Log) })
	return w, nil
}

func (w *Worker) startJobs(ctx context.Context) error {
	workers := river.NewWorkers()
	river.AddWorker(workers, &matchWorker{w: w})
	river.AddWorker(workers, &runImportWorker{w: w})
	river.AddWorker(workers, &reviewImportWorker{w: w})
	river.AddWorker(workers, &expireWorker{w: w})
	river.AddWorker(workers, &remindWorker{w: w})
	river.AddWorker(workers, &tendWorker{w: w})
	river.AddWorker(workers, &anchorWorker{w: w})
	river.AddWorker(workers, &verifyWorker{w: w})
	river.AddWorker(workers, &cleanFilesWorker{w: w})
	river.AddWorker(workers, &mailWorker{w: w})
	river.AddWorker(workers, &tidyWorker{w: w})
	river.AddWorker(workers, &mandateWorker{w: w})
	river.AddWorker(workers, &challengeWorker{w: w})
	river.AddWorker(workers, &alertWorker{w: w})
	client, err := river.NewClient(riverdatabasesql.New(w.Store.DB()), &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}, service.MailQueue: {MaxWorkers: 1}},
		Workers:           workers,
		PeriodicJobs:      periodicJobs(),
		Logger:            slog.New(atLeast{w.Log.Handler(), slog.LevelWarn}),
		FetchCooldown:     100 * time.Millisecond,
		FetchPollInterval: 250 * time.Millisecond,
		ReindexerSchedule: river.NeverSchedule(), // it needs to own the tables
	})
	if err != nil {
		return err
	}
	w.jobs = client
	return client.Start(context.WithoutCancel(ctx))
}

// periodicJobs run once in the whole market, whichever replica leads.
func periodicJobs() []*river.PeriodicJob {
	every := func(pause time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(pause),
			func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true})
	}
	hourly := func(args river.JobArgs) *river.PeriodicJob { return every(time.Hour, args) }
	return []*river.PeriodicJob{hourly(service.ExpireListings{}), hourly(service.RemindListings{}), hourly(service.TendInquiries{}), hourly(service.CleanFiles{}), hourly(service.EndMandates{}),
		hourly(service.TidySignIns{}), hourly(service.AnchorChains{}),
		every(time.Minute, service.TendChallenges{}), every(time.Minute, service.AlertSearches{}), every(24*time.Hour, service.VerifyChains{})}
}

// Stop lets running jobs end, at most until ctx ends, and stops the rest.
func (w *Worker) Stop(ctx context.Context) error {
	err := w.jobs.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = w.jobs.StopAndCancel(context.WithoutCancel(ctx))
	}
	w.stop()
	w.running.Wait()
	return err
}

// atLeast drops log lines below a level: the queue reports every fetch at debug and info.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

type remindWorker struct {
	river.WorkerDefaults[service.RemindListings]
	w *Worker
}

func (r *remindWorker) Work(ctx context.Context, _ *river.Job[service.RemindListings]) error {
	for {
		n, err := r.w.Service.RemindListings(ctx, remindBatch)
		if err != nil || n == 0 {
			return err
		}
	}
}

// remindBatch is the number of organisations told in one go.
const remindBatch = 100

type expireWorker struct {
	river.WorkerDefaults[service.ExpireListings]
	w *Worker
}

const expireBatch = 200

func (e *expireWorker) Work(ctx context.Context, _ *river.Job[service.ExpireListings]) error {
	for {
		n, err := e.w.Service.ExpireListings(ctx, expireBatch)
		if err != nil || n < expireBatch {
			return err
		}
	}
}
