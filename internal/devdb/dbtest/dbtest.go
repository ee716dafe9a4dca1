// Package dbtest gives each test a migrated PostgreSQL database of its own.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
package dbtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"techmarket/internal/devdb"
	"techmarket/migrations"
)

// EnvDSN names the environment variable that holds the URL of a superuser's
// connection to a server which the tests may use, as withdb sets it. Without it
// each test process starts a server of its own.
const EnvDSN = "TEST_PG_DSN"

const (
	startTimeout = 2 * time.Minute
	dropTimeout  = 30 * time.Second
	stopTimeout  = 10 * time.Second
	// templateLock is the advisory lock under which a template is made.
	templateLock = 360801
)

// Options are for a server that holds nothing but tests' databases.
func Options() devdb.Options { return devdb.Options{MaxConnections: 400} }

// cluster is the server that the tests of this process use.
type cluster struct {
	own      *devdb.Server // nil when EnvDSN names the server
	dsn      *url.URL
	admin    *sql.DB
	template string
}

// current is set by Main before the first test runs, and not changed after.
var current *cluster

// Main runs the tests of a package and ends the process. Only TestMain may call it.
func Main(m *testing.M) { os.Exit(run(m)) }

// New gives the DSN, in the form of a URL, of a new database with all
// migrations applied and nothing else in it, as the role that the application
// connects as. The database is dropped at the end
// of the test, unless the test failed and the server outlives this process:
// then it is kept and the test's log names it.
func New(t testing.TB) string {
	t.Helper()
	return copyOf(t, server(t).template)
}

// server is the server of this process.
func server(t testing.TB) *cluster {
	t.Helper()
	if current == nil {
		t.Fatal("package dbtest needs a TestMain that calls dbtest.Main")
	}
	return current
}

// Filled is New for tests of one package that begin with the same data: fill writes it into a database once, and each of the
// tests gets a copy. The zero value is ready; fill must close its connections.
type Filled struct {
	once sync.Once
	name string
}

// New is a copy of the filled database.
func (f *Filled) New(t testing.TB, fill func(dsn string) error) string {
	t.Helper()
	f.once.Do(func() {
		name := strings.ToLower("filled_" + rand.Text()[:12])
		if err := server(t).fill(t.Context(), name, fill); err != nil {
			t.Fatal(err)
		}
		f.name = name
	})
	if f.name == "" {
		t.Fatal("the database was not filled, see the first test that asked for it")
	}
	return copyOf(t, f.name)
}

// fill makes a database that the run of the package leaves behind, with the server that ends after it.
func (c *cluster) fill(ctx context.Context, name string, fill func(dsn string) error) error {
	if _, err := c.admin.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE `+c.template); err != nil {
		return err
	}
	dsn, err := devdb.As(c.database(name), migrations.AppRole)
	if err != nil {
		return err
	}
	return fill(dsn)
}

func copyOf(t testing.TB, template string) string {
	t.Helper()
	name := databaseName(t)
	create := `CREATE DATABASE ` + pq.QuoteIdentifier(name) + ` TEMPLATE ` + template
	if _, err := current.admin.ExecContext(t.Context(), create); err != nil {
		t.Fatalf("create test database: %v", err)
	}
	dsn, err := devdb.As(current.database(name), migrations.AppRole)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && current.own == nil {
			t.Log("database kept: ", dsn)
			return
		}
		if err := current.drop(name); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return dsn
}

// Owner is the DSN of a test's database for the superuser, who may do what the
// application may not.
func Owner(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return current.database(strings.TrimPrefix(u.Path, "/"))
}

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	opened, err := open(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		return 1
	}
	current = opened
	code := m.Run()
	if err := opened.close(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		return cmp.Or(code, 1)
	}
	return code
}

func open(ctx context.Context) (*cluster, error) {
	c := &cluster{}
	address := os.Getenv(EnvDSN)
	if address == "" {
		server, err := devdb.StartTemp(ctx, Options())
		if err != nil {
			return nil, err
		}
		c.own = server
		address = server.DSN("postgres")
	}
	if err := c.prepare(ctx, address); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *cluster) prepare(ctx context.Context, address string) error {
	var err error
	if c.dsn, err = url.Parse(address); err != nil {
		return fmt.Errorf("%s: %w", EnvDSN, err)
	}
	if c.admin, err = sql.Open("postgres", address); err != nil {
		return err
	}
	if c.template, err = templateName(); err != nil {
		return err
	}
	return c.makeTemplate(ctx)
}

// makeTemplate makes the migrated database that all others are copies of, once
// for all processes that use this server.
func (c *cluster) makeTemplate(ctx context.Context) (err error) {
	conn, err := c.admin.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return err
	}
	err = c.makeTemplateLocked(ctx, conn)
	_, unlockErr := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, templateLock)
	return errors.Join(err, unlockErr)
}

// makeTemplateLocked declares the database a template only when it is complete.
func (c *cluster) makeTemplateLocked(ctx context.Context, conn *sql.Conn) error {
	var complete bool
	const query = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)`
	if err := conn.QueryRowContext(ctx, query, c.template).Scan(&complete); err != nil || complete {
		return err
	}
	if _, err := conn.ExecContext(ctx, `DROP DATABASE IF EXISTS `+c.template+` WITH (FORCE)`); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+c.template); err != nil {
		return err
	}
	if err := migrations.Up(ctx, c.database(c.template)); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, `ALTER DATABASE `+c.template+` IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return err
}

// database is the DSN of another database of the same server.
func (c *cluster) database(name string) string {
	dsn := *c.dsn
	dsn.Path = "/" + name
	return dsn.String()
}

// drop works also while the test's program still holds connections.
func (c *cluster) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dropTimeout)
	defer cancel()
	_, err := c.admin.ExecContext(ctx, `DROP DATABASE `+pq.QuoteIdentifier(name)+` WITH (FORCE)`)
	return err
}

func (c *cluster) close() error {
	var err error
	if c.admin != nil {
		err = c.admin.Close()
	}
	if c.own == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(err, c.own.Stop(ctx))
}

// templateName changes with the migrations, so that a server that is used
// again after a change gets a new template.
func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.FS.ReadFile(name)
		fmt.Fprintf(hash, "%s\x00%s\x00", name, text)
		return err
	})
	return fmt.Sprintf("template_%x", hash.Sum(nil)[:8]), err
}

// databaseName is unique, and begins with the test's name, for a reader of the
// server's log.
func databaseName(t testing.TB) string {
	name := strings.Map(plain, strings.ToLower(t.Name()))
	return name[:min(len(name), 40)] + "_" + strings.ToLower(rand.Text()[:12])
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
