// Package service holds the verbs of the market. One method is one transaction: it locks the row, asks the rule in
// package market, changes the state only if it is still the one that was read, and writes the audit entry and the
// follow-up jobs, all or nothing.
package service

import (
	"context"
	"database/sql"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// Service carries out acts. It is safe for concurrent use.
type Service struct {
	store *store.Store
	jobs  *river.Client[*sql.Tx] // inserts only; package worker works them
	ref   *market.Reference
	now   func() time.Time
	log   *slog.Logger

	passwords *hasher
}

// New makes the service. now is the clock, time.Now outside tests.
func New(st *store.Store, ref *market.Reference, now func() time.Time, log *slog.Logger) (*Service, error) {
	jobs, err := river.NewClient(riverdatabasesql.New(st.DB()), &river.Config{Logger: log})
	if err != nil {
		return nil, err
	}
	return &Service{store: st, jobs: jobs, ref: ref, now: now, log: log, passwords: newHasher(passwordCost)}, nil
}

// Reference is the reference data the rules go by.
func (s *Service) Reference() *market.Reference { return s.ref }

// Today is the present day in the market's time zone.
func (s *Service) Today() time.Time { return market.DateOf(s.now()) }

// act is one audited act. The function given to write fills in what it learns on the way.
type act struct {
	*store.Tx
	service *Service
	actor   market.Actor
	action  market.Action
	object  market.Object
	detail  string // opaque ids, codes and counts only
	at      time.Time
}

// write runs fn in one transaction together with its audit entry. A refusal leaves an audit entry of its own.
func (s *Service) write(ctx context.Context, a market.Actor, action market.Action, object market.Object, fn func(*act) error) error {
	w := &act{service: s, actor: a, action: action, object: object, at: s.now()}
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		w.Tx = tx
		if err := fn(w); err != nil {
			return err
		}
		if err := w.tellClient(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, w.at, a, w.action, w.object, "done", w.detail)
	})
	if market.IsKind(err, market.Denied) || market.IsKind(err, market.NotFound) {
		s.Refused(ctx, a, action, object)
	}
	return err
}

// Refused notes an attempt that was turned away. Failing to note it is logged, not shown: the refusal stands.
func (s *Service) Refused(ctx context.Context, a market.Actor, action market.Action, object market.Object) {
	s.refused(ctx, a, action, object, "")
	if noted, ok := ctx.Value(refusalKey{}).(*atomic.Bool); ok {
		noted.Store(true)
	}
}

// RefusedAt notes that a request was turned away at that address, unless Refused has noted what it would have done. ctx
// is that of WatchRefusals, or any other when nothing was tried yet.
func (s *Service) RefusedAt(ctx context.Context, a market.Actor, action market.Action, path string) {
	if noted, ok := ctx.Value(refusalKey{}).(*atomic.Bool); ok && noted.Load() {
		return
	}
	s.refused(ctx, a, action, market.Object{}, path)
}

type refusalKey struct{}

// WatchRefusals is a context in which RefusedAt knows what Refused has noted.
func WatchRefusals(ctx context.Context) context.Context {
	return context.WithValue(ctx, refusalKey{}, new(atomic.Bool))
}

func (s *Service) refused(ctx context.Context, a market.Actor, action market.Action, object market.Object, detail string) {
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, s.now(), a, action, object, "refused", detail)
	})
	if err != nil {
		s.log.ErrorContext(ctx, "audit a refusal", "action", action, "err", err)
	}
}

// enqueue adds a job that exists only if the act is committed.
func (w *act) enqueue(ctx context.Context, args river.JobArgs) error {
	_, err := w.service.jobs.InsertTx(ctx, w.SQL(), args, nil)
	return err
}

// moved appends the change of state to the object's history.
func (w *act) moved(ctx context.Context, move, from, to, code, note string) error {
	return w.AddMove(ctx, w.actor, market.Move{
		ObjectKind: w.object.Kind, ObjectID: w.object.ID, Move: move, From: from, To: to, At: w.at, Code: code, Note: note,
	})
}
