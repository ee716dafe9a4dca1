package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"text/tabwriter"
	"time"

	"techmarket/internal/bench"
	"techmarket/internal/devdb"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/migrations"
	"techmarket/search/embedded"
	"techmarket/search/meili"
)

const benchUsage = `usage: market bench search|match|both [--listings N] [--questions N] [--alone]
       market bench turnover [--contracts N] [--questions N]
  Meilisearch is measured too when MEILI_URL is set, with a key in MEILI_KEY that may make indexes there.
  With --alone nothing is measured beside our engine: other indexes of very many listings take long to build.`

// measure takes one kind of figures.
type measure func(context.Context, *benchMarket) ([]benchTable, error)

// benchmark measures search, matching or both on a made-up market of any size, in a PostgreSQL and indexes that are
// thrown away. Times are worth something only beside each other: read the ratios.
func benchmark(ctx context.Context, p program, args []string) error {
	if len(args) > 0 && args[0] == "turnover" {
		return benchTurnover(ctx, p, args[1:])
	}
	known := map[string][]measure{"search": {benchSearch}, "match": {benchMatch}, "both": {benchSearch, benchMatch}}
	if len(args) == 0 || known[args[0]] == nil {
		return fmt.Errorf("%w: %s", errUsage, benchUsage)
	}
	flags := flag.NewFlagSet("market bench "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.out)
	listings := flags.Int("listings", 10_000, "how many listings the market has")
	questions := flags.Int("questions", 200, "how many questions each way is asked")
	alone := flags.Bool("alone", false, "measure nothing beside our engine")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if flags.NArg() > 0 || *listings < 100 || *questions < 10 {
		return fmt.Errorf("%w: %s, at least 100 listings and 10 questions", errUsage, benchUsage)
	}
	m := &benchMarket{out: p.out, listings: *listings, questions: *questions}
	return m.with(ctx, func() error {
		if *alone {
			return m.run(ctx, known[args[0]])
		}
		return m.beside(ctx, p, func() error { return m.run(ctx, known[args[0]]) })
	})
}

// benchMarket is the market that is measured.
type benchMarket struct {
	out                 io.Writer
	listings, questions int

	dir     string
	store   *store.Store
	service *service.Service
	engine  *embedded.Engine
	docs    []market.Document // some of its listings, to ask about
	indexed time.Duration     // what the index took to build
	built   int64             // the most memory that was held meanwhile
	memory  *bench.Memory

	// What is measured beside our own engine; nil when it is not.
	plainBleve  *bench.PlainBleve
	plain       *bench.Plain
	server      *meili.Engine
	plainServer *bench.PlainServer
}

// with makes the market below a temporary folder, of which nothing is left afterwards.
func (m *benchMarket) with(ctx context.Context, use func() error) error {
	return withBenchDatabase(ctx, func(dir, _ string, st *store.Store, svc *service.Service) (err error) {
		m.dir, m.store, m.service = dir, st, svc
		if m.engine, err = embedded.Open(filepath.Join(m.dir, "search")); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.engine.Close()) }()
		m.memory = bench.WatchMemory()
		defer m.memory.Stop()
		if err := m.fill(ctx); err != nil {
			return err
		}
		return use()
	})
}

// withBenchDatabase runs use on a market without anything in it, in a temporary folder, of which nothing is left afterwards. The
// connection string is of the owner of the database.
func withBenchDatabase(ctx context.Context, use func(dir, dsn string, st *store.Store, svc *service.Service) error) (err error) {
	dir, err := os.MkdirTemp("", "market-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as another user, who must pass
		return err
	}
	db, err := devdb.Start(ctx, filepath.Join(dir, "db"), devdb.Options{})
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		err = errors.Join(err, db.Stop(stop))
	}()
	dsn := db.DSN(devDatabase)
	if err := errors.Join(db.CreateDatabase(ctx, devDatabase), migrations.Up(ctx, dsn)); err != nil {
		return err
	}
	return withService(ctx, program{log: slog.New(slog.DiscardHandler)}, dsn, func(st *store.Store, svc *service.Service) error {
		return use(dir, dsn, st, svc)
	})
}

func (m *benchMarket) fill(ctx context.Context) error {
	docs, err := bench.Listings(m.service.Reference(), m.listings)
	if err != nil {
		return err
	}
	ids, err := bench.Fill(ctx, m.store, docs)
	if err != nil {
		return err
	}
	m.memory.Peak()
	start := time.Now()
	if err := m.engine.Rebuild(ctx, 1, m.store.AllDocuments(ctx)); err != nil {
		return err
	}
	m.indexed, m.built = time.Since(start), m.memory.Peak()
	var chosen []int64 // from all over the market
	for i := 0; i < len(ids) && len(chosen) < m.questions; i += max(1, len(ids)/m.questions) {
		chosen = append(chosen, ids[i])
	}
	m.docs, err = m.store.Documents(ctx, chosen)
	return err
}

// beside fills the indexes of Bleve and PostgreSQL alone and, when there is a server, those of Meilisearch too.
func (m *benchMarket) beside(ctx context.Context, p program, use func() error) (err error) {
	if m.plainBleve, err = bench.NewPlainBleve(ctx, filepath.Join(m.dir, "bleve"), m.store.AllDocuments(ctx)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.plainBleve.Close()) }()
	if m.plain, err = bench.NewPlain(ctx, m.store.DB(), m.store.AllDocuments(ctx)); err != nil {
		return err
	}
	if p.getenv("MEILI_URL") == "" {
		fmt.Fprintln(m.out, "Meilisearch is not measured: MEILI_URL is not set")
		return use()
	}
	return withThrowawayServerIndex(ctx, p, func(e *meili.Engine) (err error) {
		m.server = e
		if err := e.Rebuild(ctx, 1, m.store.AllDocuments(ctx)); err != nil {
			return err
		}
		m.plainServer = bench.OpenPlainServer(p.getenv("MEILI_URL"), p.getenv("MEILI_KEY"), throwawayName())
		defer func() {
			drop, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
			defer cancel()
			err = errors.Join(err, m.plainServer.Drop(drop))
		}()
		if err := m.plainServer.Fill(ctx, m.store.AllDocuments(ctx)); err != nil {
			return err
		}
		return use()
	})
}

// run takes the figures and prints them.
func (m *benchMarket) run(ctx context.Context, measures []measure) error {
	m.memory.Peak()
	var tables []benchTable
	for _, take := range measures {
		more, err := take(ctx, m)
		if err != nil {
			return err
		}
		tables = append(tables, more...)
	}
	return m.print(ctx, tables)
}

func (m *benchMarket) doc(i int) market.Document { return m.docs[i%len(m.docs)] }

// benchTable is one comparison; the first timing is what the others are measured by.
type benchTable struct {
	name    string
	timings []bench.Timing
}

func (m *benchMarket) print(ctx context.Context, tables []benchTable) error {
	answering := m.memory.Peak()
	runtime.GC()
	debug.FreeOSMemory()
	after, err := bench.OwnMemory()
	if err != nil {
		return err
	}
	peak, err := bench.PeakMemory()
	if err != nil {
		return err
	}
	index, err := bench.FolderSize(filepath.Join(m.dir, "search"))
	if err != nil {
		return err
	}
	fmt.Fprintf(m.out, "%d listings, %d questions; index built in %.0f s (%.0f listings a second), %d MB\n",
		m.listings, m.questions, m.indexed.Seconds(), float64(m.listings)/m.indexed.Seconds(), index>>20)
	if m.plain != nil {
		size, err := m.plain.Size(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(m.out, "PostgreSQL's own index %d MB\n", size>>20)
	}
	fmt.Fprintf(m.out, "memory: at most %d MB while building, %d MB while answering, %d MB afterwards; peak memory with mapped files %d MB\n",
		m.built>>20, answering>>20, after>>20, peak>>20)
	return printTables(m.out, tables)
}

func printTables(out io.Writer, tables []benchTable) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, t := range tables {
		fmt.Fprintf(table, "\n%s\tp50 ms\tp95 ms\tp50 ratio\tp95 ratio\n", t.name)
		for _, r := range t.timings {
			first := t.timings[0]
			fmt.Fprintf(table, "  %s\t%.2f\t%.2f\t%.2f\t%.2f\n", r.Way, milliseconds(r.P50), milliseconds(r.P95),
				milliseconds(r.P50)/milliseconds(first.P50), milliseconds(r.P95)/milliseconds(first.P95))
		}
	}
	return table.Flush()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
