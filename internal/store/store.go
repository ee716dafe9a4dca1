// Package store reads and writes PostgreSQL. One file holds one noun; the SQL stands beside the method that runs it.
//
// Every query that takes an id also takes the actor, and what an actor may not see is decided in the WHERE: for it,
// such a row does not exist (market.ErrNotFound).
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"techmarket/internal/market"
)

// Queries holds the reads. They run on the pool (Store) or inside a transaction (Tx).
type Queries struct {
	q    sqlx.ExtContext
	kept *statements // nil in a transaction
}

// Store is the connection pool.
type Store struct {
	Queries
	db      *sqlx.DB
	tallies tallies
}

// Tx is one transaction; writes exist only here, so that they share it with their audit entry and jobs.
type Tx struct {
	Queries
	tx *sqlx.Tx
}

// Open connects to PostgreSQL with at most conns connections and checks that it answers.
func Open(ctx context.Context, dsn string, conns int) (*Store, error) {
	db, err := sqlx.ConnectContext(ctx, "postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &Store{Queries: Queries{q: db, kept: &statements{db: db, of: map[string]*sqlx.Stmt{}}}, db: db, tallies: tallies{of: map[string]*tally{}}}, nil
}

// DB is the pool, for the parts that bring their own SQL: sessions and the job queue.
func (s *Store) DB() *sql.DB { return s.db.DB }

// Close closes the pool.
func (s *Store) Close() error { return s.db.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// InTx runs fn in one transaction: committed when fn returns nil, else rolled back. What fn did outside the database
// is not undone.
func (s *Store) InTx(ctx context.Context, fn func(*Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(&Tx{Queries: Queries{q: tx}, tx: tx}); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// Snapshot runs fn on one state of the database, so that the parts of a page add up. Nothing can be written in it.
func (s *Store) Snapshot(ctx context.Context, fn func(Queries) error) error {
	return s.Snapshots(ctx, 1, func(views []Queries) error { return fn(views[0]) })
}

// Snapshots is Snapshot with n views of the one state, which may be asked at the same time, each on a connection of its own.
func (s *Store) Snapshots(ctx context.Context, n int, fn func(views []Queries) error) (failed error) {
	views, state := make([]Queries, n), ""
	for i := range views {
		tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, ignoreDone(tx.Rollback())) }()
		views[i] = Queries{q: tx}
		switch {
		case n == 1: // nobody else needs to know the state
		case i == 0:
			err = views[i].get(ctx, &state, `SELECT pg_export_snapshot()`)
		default:
			_, err = tx.ExecContext(ctx, `SET TRANSACTION SNAPSHOT `+pq.QuoteLiteral(state))
		}
		if err != nil {
			return err
		}
	}
	return fn(views)
}

// ignoreDone drops the error of rolling back what the database has already ended.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// SQL is the underlying transaction, for the job queue's own insert.
func (t *Tx) SQL() *sql.Tx { return t.tx.Tx }

// get reads one row into dest; no row is market.ErrNotFound.
func (r Queries) get(ctx context.Context, dest any, query string, args ...any) error {
	err := sqlx.GetContext(ctx, r.q, dest, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return market.ErrNotFound
	}
	return err
}

// all reads every row into the slice that dest points to.
func (r Queries) all(ctx context.Context, dest any, query string, args ...any) error {
	return sqlx.SelectContext(ctx, r.q, dest, query, args...)
}

// often reads as all does, for a query that is asked all the time and takes longer to plan than to carry out: on the
// pool its plan is kept.
func (r Queries) often(ctx context.Context, dest any, query string, args ...any) error {
	if r.kept == nil {
		return r.all(ctx, dest, query, args...)
	}
	stmt, err := r.kept.get(ctx, query)
	if err != nil {
		return err
	}
	return stmt.SelectContext(ctx, dest, args...)
}

// oftenOne reads one row as get does, for such a query.
func (r Queries) oftenOne(ctx context.Context, dest any, query string, args ...any) error {
	if r.kept == nil {
		return r.get(ctx, dest, query, args...)
	}
	stmt, err := r.kept.get(ctx, query)
	if err != nil {
		return err
	}
	err = stmt.GetContext(ctx, dest, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return market.ErrNotFound
	}
	return err
}

// statements are queries that stay prepared, on each connection that was asked one. They end with the pool.
type statements struct {
	db *sqlx.DB
	mu sync.Mutex
	of map[string]*sqlx.Stmt
}

func (s *statements) get(ctx context.Context, query string) (*sqlx.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.of[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.db.PreparexContext(ctx, query)
	if err == nil {
		s.of[query] = stmt
	}
	return stmt, err
}

// exec runs a statement.
func (t *Tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.ExecContext(ctx, query, args...)
	return err
}

// execOne runs a statement that must change exactly one row; none means that the row moved on since it was read.
func (t *Tx) execOne(ctx context.Context, query string, args ...any) error {
	res, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n != 1 {
		return market.ErrStale
	}
	return nil
}

// violates reports whether err is the violation of that named constraint or unique index.
func violates(err error, constraint string) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Constraint == constraint
}

// optional stores an empty string as NULL, for columns that reference a code list.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Slice is one page of a longer list.
type Slice struct {
	Limit  int // 1 to MaxPage
	Offset int
}

// MaxPage is the longest page any list gives.
const MaxPage = 100

// PageSlice is page number page (from 1) of size perPage, both clamped to what is allowed.
func PageSlice(page, perPage int) Slice {
	perPage = min(max(perPage, 1), MaxPage)
	page = min(max(page, 1), 1_000_000)
	return Slice{Limit: perPage, Offset: (page - 1) * perPage}
}

// NextNumber takes the next running number of a prefix and year, such as XQ-2026-0412.
func (t *Tx) NextNumber(ctx context.Context, prefix string, year int) (string, error) {
	n, err := t.nextNumbers(ctx, prefix, year, 1)
	return FormatNumber(prefix, year, n), err
}

// nextNumbers takes count running numbers at once and returns the first.
func (t *Tx) nextNumbers(ctx context.Context, prefix string, year, count int) (int, error) {
	var last int
	err := t.get(ctx, &last, `INSERT INTO counters (prefix, year, value) VALUES ($1, $2, $3)
		ON CONFLICT (prefix, year) DO UPDATE SET value = counters.value + $3 RETURNING value`, prefix, year, count)
	return last - count + 1, err
}

// FormatNumber writes a running number.
func FormatNumber(prefix string, year, n int) string {
	return fmt.Sprintf("%s-%d-%04d", prefix, year, n)
}
