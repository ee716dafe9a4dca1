package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"techmarket/migrations"
)

func TestMain(m *testing.M) { Main(m) }

func TestNewGivesMigratedDatabasesApart(t *testing.T) {
	t.Parallel()
	left, right := connect(t, Owner(t, New(t))), connect(t, New(t))
	if err := migrations.Check(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	if _, err := left.ExecContext(t.Context(), `CREATE TABLE only_left ()`); err != nil {
		t.Fatal(err)
	}
	if n := count(t, right, `SELECT count(*) FROM pg_tables WHERE tablename = 'only_left'`); n != 0 {
		t.Error("a table made in one database shows in the other")
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("user", func(t *testing.T) {
		db := connect(t, New(t))
		if err := db.QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	query := `SELECT count(*) FROM pg_database WHERE datname = '` + name + `'`
	if n := count(t, current.admin, query); n != 0 {
		t.Errorf("database %s is still there", name)
	}
}

func TestProcessesShareOneTemplate(t *testing.T) {
	t.Parallel()
	failures := make(chan error)
	for range 4 {
		go func() { failures <- openAndClose(current.database("postgres")) }()
	}
	for range 4 {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

func TestUnfinishedTemplateIsMadeAnew(t *testing.T) {
	t.Parallel()
	half := &cluster{dsn: current.dsn, admin: current.admin, template: databaseName(t)}
	if _, err := half.admin.ExecContext(t.Context(), `CREATE DATABASE `+half.template); err != nil {
		t.Fatal(err)
	}
	if err := half.makeTemplate(t.Context()); err != nil {
		t.Fatal(err)
	}
	query := `SELECT count(*) FROM pg_database WHERE datistemplate AND NOT datallowconn AND datname = '` + half.template + `'`
	if n := count(t, half.admin, query); n != 1 {
		t.Error("no template")
	}
	if _, err := half.admin.ExecContext(t.Context(), `ALTER DATABASE `+half.template+` IS_TEMPLATE false`); err != nil {
		t.Fatal(err)
	}
	if err := half.drop(half.template); err != nil {
		t.Fatal(err)
	}
}

// openAndClose does what another test process does with a shared server.
func openAndClose(dsn string) error {
	other := &cluster{}
	if err := other.prepare(context.Background(), dsn); err != nil {
		return err
	}
	if other.template != current.template {
		return fmt.Errorf("template %s, want %s", other.template, current.template)
	}
	return other.close()
}

func connect(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *sql.DB, query string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
