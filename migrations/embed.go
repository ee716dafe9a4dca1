// Package migrations holds the schema and brings a database up to it.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	_ "github.com/lib/pq" // the driver that goose and River talk through here
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

// FS holds the SQL files, in order of their numbers.
//
//go:embed *.sql
var FS embed.FS

// ErrBehind says that the database's schema is not the one this program was built for.
var ErrBehind = errors.New("the database schema is behind: run `market migrate`")

// lockKey is the advisory lock that lets one migration run at a time; any number of our own serves.
const lockKey = 360800

// Up applies all that is missing, ours and the job queue's, and the grants of AppRole. dsn is the owner's, who may make
// roles. It may be called on several machines at once.
func Up(ctx context.Context, dsn string) (err error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	// The lock goes when its connection closes, also when this process dies.
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err = conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return err
	}
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	if _, err = provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	queue, err := rivermigrate.New(riverdatabasesql.New(db), nil)
	if err != nil {
		return err
	}
	if _, err = queue.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate job queue: %w", err)
	}
	return grantToApp(ctx, db)
}

// newProvider applies a migration also when one with a higher number was applied before it: branches that were written
// at the same time have numbers of their own and arrive in any order.
func newProvider(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, FS, goose.WithAllowOutofOrder(true))
}

// Check returns ErrBehind unless db has every migration.
func Check(ctx context.Context, db *sql.DB) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return err
	}
	if pending {
		return ErrBehind
	}
	queue, err := rivermigrate.New(riverdatabasesql.New(db), nil)
	if err != nil {
		return err
	}
	res, err := queue.Validate(ctx, nil)
	if err != nil {
		return err
	}
	if !res.OK {
		return ErrBehind
	}
	return nil
}
