package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"techmarket/internal/bench"
	"techmarket/internal/devdb"
	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/internal/server"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/migrations"
	"techmarket/search"
	"techmarket/search/embedded"
)

const benchUsage = "usage: market bench search|match [--listings N] [--questions N]"

// benchmark measures search or matching on a made-up market of any size, in a PostgreSQL and an index that are thrown
// away. Times are worth something only beside each other: read the ratios.
func benchmark(ctx context.Context, p program, args []string) error {
	measures := map[string]func(context.Context, *benchMarket) ([]benchTable, error){"search": benchSearch, "match": benchMatch}
	if len(args) == 0 || measures[args[0]] == nil {
		return fmt.Errorf("%w: %s", errUsage, benchUsage)
	}
	flags := flag.NewFlagSet("market bench "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.out)
	listings := flags.Int("listings", 10_000, "how many listings the market has")
	questions := flags.Int("questions", 200, "how many questions each way is asked")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if flags.NArg() > 0 || *listings < 100 || *questions < 10 {
		return fmt.Errorf("%w: %s, at least 100 listings and 10 questions", errUsage, benchUsage)
	}
	return withBenchMarket(ctx, *listings, *questions, func(m *benchMarket) error {
		tables, err := measures[args[0]](ctx, m)
		if err != nil {
			return err
		}
		return m.print(ctx, p.out, tables)
	})
}

// benchMarket is the market that is measured.
type benchMarket struct {
	dir       string
	store     *store.Store
	service   *service.Service
	engine    *embedded.Engine
	plain     *bench.Plain
	docs      []market.Document // some of its listings, to ask about
	listings  int
	questions int
	indexed   time.Duration // what the index took to build
}

// benchTable is one comparison; the first timing is what the others are measured by.
type benchTable struct {
	name    string
	timings []bench.Timing
}

// withBenchMarket makes the market below a temporary folder, of which nothing is left afterwards.
func withBenchMarket(ctx context.Context, listings, questions int, use func(*benchMarket) error) (err error) {
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
	if err := errors.Join(db.CreateDatabase(ctx, devDatabase), migrations.Up(ctx, db.DSN(devDatabase))); err != nil {
		return err
	}
	p := program{log: slog.New(slog.DiscardHandler)}
	return withService(ctx, p, db.DSN(devDatabase), func(st *store.Store, svc *service.Service) (err error) {
		m := &benchMarket{dir: dir, store: st, service: svc, listings: listings, questions: questions}
		if m.engine, err = embedded.Open(filepath.Join(dir, "search")); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.engine.Close()) }()
		if err := m.fill(ctx); err != nil {
			return err
		}
		return use(m)
	})
}

func (m *benchMarket) fill(ctx context.Context) error {
	docs, err := bench.Listings(m.service.Reference(), m.listings)
	if err != nil {
		return err
	}
	if _, err := bench.Fill(ctx, m.store, docs); err != nil {
		return err
	}
	start := time.Now()
	if err := m.engine.Rebuild(ctx, 1, m.store.AllDocuments(ctx)); err != nil {
		return err
	}
	m.indexed = time.Since(start)
	m.plain, err = bench.NewPlain(ctx, m.store.DB(), m.store.AllDocuments(ctx))
	if err != nil {
		return err
	}
	return m.chooseDocs(ctx)
}

// chooseDocs reads as many listings as there are questions, from all over the market.
func (m *benchMarket) chooseDocs(ctx context.Context) error {
	step := max(1, m.listings/m.questions)
	i := 0
	for d, err := range m.store.AllDocuments(ctx) {
		if err != nil {
			return err
		}
		if i%step == 0 && len(m.docs) < m.questions {
			m.docs = append(m.docs, d)
		}
		i++
	}
	return nil
}

func (m *benchMarket) doc(i int) market.Document { return m.docs[i%len(m.docs)] }

// question is what somebody types: a few ideographs that some listing has.
type question struct {
	text      string
	terms     []string // the pairs of ideographs in it
	submarket string
}

// ask cuts questions of two to four ideographs, or two of them with a sub-market, out of the listings' texts.
func (m *benchMarket) ask(two bool) []question {
	random := rand.New(rand.NewPCG(17, 19))
	list := make([]question, len(m.docs))
	for i, d := range m.docs {
		q := question{text: piece(random, d.Title)}
		if two {
			q.text += " " + piece(random, d.Body)
			q.submarket = d.Submarket
		}
		for _, part := range search.ParseQuery(q.text, true) {
			for _, w := range part.Words {
				q.terms = append(q.terms, w.Pairs()...)
			}
		}
		list[i] = q
	}
	return list
}

// piece is a run of ideographs out of a text.
func piece(random *rand.Rand, text string) string {
	runes := []rune(text)
	size := 2 + random.IntN(3)
	for range 100 {
		from := random.IntN(max(1, len(runes)-size))
		cut := runes[from:min(len(runes), from+size)]
		if !slices.ContainsFunc(cut, func(r rune) bool { return market.ClassOf(r) != market.RuneIdeograph }) {
			return string(cut)
		}
	}
	return "工艺"
}

func benchSearch(ctx context.Context, m *benchMarket) ([]benchTable, error) {
	site, stop, err := m.site(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	short, two := m.ask(false), m.ask(true)
	var tables []benchTable
	for _, c := range []struct {
		name      string
		questions []question
		facets    bool
	}{
		{"short query, top 20", short, false},
		{"short query, top 20, facets", short, true},
		{"two terms, sub-market, facets", two, true},
	} {
		at := func(i int) question { return c.questions[i%len(c.questions)] }
		timings, err := bench.Measure(ctx, []bench.Way{
			{Name: "Bleve alone", Ask: func(ctx context.Context, i int) error {
				return m.engine.Bare(ctx, at(i).terms, at(i).submarket, c.facets)
			}},
			{Name: "engine", Ask: func(ctx context.Context, i int) error { _, err := m.find(ctx, at(i)); return err }},
			{Name: "engine and rows", Ask: func(ctx context.Context, i int) error {
				page, err := m.find(ctx, at(i))
				if err != nil {
					return err
				}
				_, err = m.store.ListingCards(ctx, market.Actor{}, page.IDs)
				return err
			}},
			{Name: "API over HTTP", Ask: func(ctx context.Context, i int) error { return site.get(ctx, "/api/v1/search", at(i)) }},
			{Name: "page over HTTP", Ask: func(ctx context.Context, i int) error { return site.get(ctx, "/search", at(i)) }},
			{Name: "PostgreSQL alone", Ask: func(ctx context.Context, i int) error {
				return m.plain.Search(ctx, at(i).terms, at(i).submarket, c.facets)
			}},
		}, m.questions)
		if err != nil {
			return nil, err
		}
		tables = append(tables, benchTable{c.name, timings})
	}
	return tables, nil
}

func (m *benchMarket) find(ctx context.Context, q question) (search.Page, error) {
	query := search.Query{Text: q.text}
	if q.submarket != "" {
		query.Submarkets = []string{q.submarket}
	}
	return m.engine.Search(ctx, query)
}

// benchSite is the web site of the market, on a free port.
type benchSite struct {
	*httptest.Server
	asked int
}

func (m *benchMarket) site(ctx context.Context) (*benchSite, func(), error) {
	s, err := server.New(ctx, server.Options{Store: m.store, Service: m.service, Search: m.engine, URL: "http://market.test", Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Metrics: newMetrics(ctx, m.store), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		return nil, nil, err
	}
	site := &benchSite{Server: httptest.NewServer(s.Handler())}
	return site, func() { site.Close(); s.Close() }, nil
}

// get asks as a visitor from an address of its own, so that no limit of one address is met.
func (s *benchSite) get(ctx context.Context, path string, q question) (err error) {
	values := url.Values{"q": {q.text}}
	if q.submarket != "" {
		values.Set("submarket", q.submarket)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path+"?"+values.Encode(), nil)
	if err != nil {
		return err
	}
	s.asked++
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("203.%d.%d.%d", s.asked>>16&255, s.asked>>8&255, s.asked&255))
	resp, err := s.Client().Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, resp.Status)
	}
	return nil
}

// benchMatch measures the suggestions for one listing, as the worker computes them.
func benchMatch(ctx context.Context, m *benchMarket) ([]benchTable, error) {
	var failed error
	model := match.NewModel(func(yield func(market.Document) bool) {
		for d, err := range m.store.AllDocuments(ctx) {
			if failed = err; err != nil || !yield(d) {
				return
			}
		}
	}, match.Names{})
	if failed != nil {
		return nil, failed
	}
	candidates := func(ctx context.Context, d market.Document) ([]int64, error) {
		found, err := m.engine.Candidates(ctx, search.CandidateQuery{Kind: d.Kind.Other(), Terms: model.CandidateTerms(d), Limit: match.MaxCandidates})
		ids := make([]int64, len(found))
		for i, c := range found {
			ids[i] = c.ID
		}
		return ids, err
	}
	timings, err := bench.Measure(ctx, []bench.Way{
		{Name: "candidates", Ask: func(ctx context.Context, i int) error { _, err := candidates(ctx, m.doc(i)); return err }},
		{Name: "top 20 with reasons", Ask: func(ctx context.Context, i int) error {
			ids, err := candidates(ctx, m.doc(i))
			if err != nil {
				return err
			}
			docs, err := m.store.Documents(ctx, ids)
			model.Rank(m.doc(i), docs, time.Now(), 20)
			return err
		}},
		{Name: "PostgreSQL, 10 terms", Ask: func(ctx context.Context, i int) error {
			var terms []string
			for _, t := range model.CandidateTerms(m.doc(i)) {
				if len([]rune(t.Text)) > 1 && len(terms) < 10 {
					terms = append(terms, t.Text)
				}
			}
			return m.plain.Candidates(ctx, terms, m.doc(i).Kind.Other())
		}},
	}, m.questions)
	return []benchTable{{"matches of one listing", timings}}, err
}

func (m *benchMarket) print(ctx context.Context, out io.Writer, tables []benchTable) error {
	index, err := bench.FolderSize(filepath.Join(m.dir, "search"))
	if err != nil {
		return err
	}
	plain, err := m.plain.Size(ctx)
	if err != nil {
		return err
	}
	peak, err := bench.PeakMemory()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d listings, %d questions; index built in %.0f s, %d MB; PostgreSQL's %d MB; peak memory %d MB\n",
		m.listings, m.questions, m.indexed.Seconds(), index>>20, plain>>20, peak>>20)
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
