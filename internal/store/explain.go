package store

import (
	"context"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Explained returns reads that are carried out twice, the first time for PostgreSQL to tell its plan and how long each step of
// it took, which say is given with the query. For benchmarks.
func (s *Store) Explained(say func(query, plan string)) Queries {
	return Queries{q: explained{s.db, say}}
}

type explained struct {
	sqlx.ExtContext
	say func(query, plan string)
}

func (x explained) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	if err := x.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return x.ExtContext.QueryxContext(ctx, query, args...)
}

// QueryRowxContext leaves it to the query itself to say what is wrong with it.
func (x explained) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	_ = x.explain(ctx, query, args)
	return x.ExtContext.QueryRowxContext(ctx, query, args...)
}

func (x explained) explain(ctx context.Context, query string, args []any) error {
	var plan []string
	if err := sqlx.SelectContext(ctx, x.ExtContext, &plan, `EXPLAIN (ANALYZE, COSTS OFF, SUMMARY ON) `+query, args...); err != nil {
		return err
	}
	x.say(query, strings.Join(plan, "\n"))
	return nil
}
