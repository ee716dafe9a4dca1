package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"techmarket/internal/bench"
	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/internal/server"
	"techmarket/search"
)

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

// benchSearch measures searches: alone, as the engine answers them, and as people and programs ask for them.
func benchSearch(ctx context.Context, m *benchMarket) ([]benchTable, error) {
	site, stop, err := m.site(ctx, m.engine)
	if err != nil {
		return nil, err
	}
	defer stop()
	var serverSite *benchSite
	if m.server != nil {
		var stop func()
		if serverSite, stop, err = m.site(ctx, m.server); err != nil {
			return nil, err
		}
		defer stop()
	}
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
		var ways []bench.Way
		if m.plainBleve != nil {
			ways = append(ways, bench.Way{Name: "Bleve alone", Ask: func(ctx context.Context, i int) error {
				return m.plainBleve.Search(ctx, at(i).terms, at(i).submarket, c.facets)
			}})
		}
		ways = append(ways, []bench.Way{
			{Name: "engine", Ask: func(ctx context.Context, i int) error { _, err := find(ctx, m.engine, at(i)); return err }},
			{Name: "engine and rows", Ask: func(ctx context.Context, i int) error {
				page, err := find(ctx, m.engine, at(i))
				if err != nil {
					return err
				}
				_, err = m.store.ListingCards(ctx, market.Actor{}, page.IDs)
				return err
			}},
			{Name: "API over HTTP", Ask: func(ctx context.Context, i int) error { return site.get(ctx, "/api/v1/search", at(i)) }},
			{Name: "page over HTTP", Ask: func(ctx context.Context, i int) error { return site.get(ctx, "/search", at(i)) }},
		}...)
		if m.plain != nil {
			ways = append(ways, bench.Way{Name: "PostgreSQL alone", Ask: func(ctx context.Context, i int) error {
				return m.plain.Search(ctx, at(i).terms, at(i).submarket, c.facets)
			}})
		}
		if m.server != nil {
			ways = append(ways,
				bench.Way{Name: "Meilisearch alone", Ask: func(ctx context.Context, i int) error {
					return m.plainServer.Search(ctx, at(i).text, at(i).submarket, c.facets)
				}},
				bench.Way{Name: "engine on Meilisearch", Ask: func(ctx context.Context, i int) error { _, err := find(ctx, m.server, at(i)); return err }},
				bench.Way{Name: "API over HTTP on Meilisearch", Ask: func(ctx context.Context, i int) error { return serverSite.get(ctx, "/api/v1/search", at(i)) }},
			)
		}
		timings, err := bench.Measure(ctx, ways, m.questions)
		if err != nil {
			return nil, err
		}
		tables = append(tables, benchTable{c.name, timings})
	}
	return tables, nil
}

func find(ctx context.Context, e search.Engine, q question) (search.Page, error) {
	query := search.Query{Text: q.text}
	if q.submarket != "" {
		query.Submarkets = []string{q.submarket}
	}
	return e.Search(ctx, query)
}

// benchSite is the web site of the market, on a free port.
type benchSite struct {
	*httptest.Server
	asked int
}

func (m *benchMarket) site(ctx context.Context, e search.Engine) (*benchSite, func(), error) {
	s, err := server.New(ctx, server.Options{Store: m.store, Service: m.service, Search: e, URL: "http://market.test", Now: time.Now,
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
	candidates := func(ctx context.Context, e search.Engine, d market.Document) ([]int64, error) {
		found, err := e.Candidates(ctx, search.CandidateQuery{Kind: d.Kind.Other(), Terms: model.CandidateTerms(d), Limit: match.MaxCandidates})
		ids := make([]int64, len(found))
		for i, c := range found {
			ids[i] = c.ID
		}
		return ids, err
	}
	suggest := func(ctx context.Context, e search.Engine, d market.Document) error {
		ids, err := candidates(ctx, e, d)
		if err != nil {
			return err
		}
		docs, err := m.store.Documents(ctx, ids)
		model.Rank(d, docs, time.Now(), 20)
		return err
	}
	ways := []bench.Way{
		{Name: "candidates", Ask: func(ctx context.Context, i int) error { _, err := candidates(ctx, m.engine, m.doc(i)); return err }},
		{Name: "top 20 with reasons", Ask: func(ctx context.Context, i int) error { return suggest(ctx, m.engine, m.doc(i)) }},
	}
	// firstTerms are ten pairs of ideographs, as search without our scorer would ask for.
	firstTerms := func(d market.Document) (terms []string) {
		for _, t := range model.CandidateTerms(d) {
			if len([]rune(t.Text)) > 1 && len(terms) < 10 {
				terms = append(terms, t.Text)
			}
		}
		return terms
	}
	if m.plain != nil {
		ways = append(ways, bench.Way{Name: "PostgreSQL, 10 terms", Ask: func(ctx context.Context, i int) error {
			return m.plain.Candidates(ctx, firstTerms(m.doc(i)), m.doc(i).Kind.Other())
		}})
	}
	if m.server != nil {
		ways = append(ways,
			bench.Way{Name: "Meilisearch, 10 terms", Ask: func(ctx context.Context, i int) error {
				return m.plainServer.Candidates(ctx, firstTerms(m.doc(i)), m.doc(i).Kind.Other())
			}},
			bench.Way{Name: "candidates on Meilisearch", Ask: func(ctx context.Context, i int) error { _, err := candidates(ctx, m.server, m.doc(i)); return err }},
			bench.Way{Name: "top 20 with reasons on Meilisearch", Ask: func(ctx context.Context, i int) error { return suggest(ctx, m.server, m.doc(i)) }},
		)
	}
	timings, err := bench.Measure(ctx, ways, m.questions)
	return []benchTable{{"matches of one listing", timings}}, err
}
