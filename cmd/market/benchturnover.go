package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"techmarket/internal/bench"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// benchTurnover measures the pages of the turnover, the registrar's list and the signals of contracts in a made-up market, beside the best SQL for the
// one figure that each page is about, and prints the plans of all their queries.
func benchTurnover(ctx context.Context, p program, args []string) error {
	flags := flag.NewFlagSet("market bench turnover", flag.ContinueOnError)
	flags.SetOutput(p.out)
	contracts := flags.Int("contracts", 100_000, "how many contracts the market has")
	questions := flags.Int("questions", 50, "how many times each page is asked for")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	if flags.NArg() > 0 || *contracts < 1000 || *questions < 10 {
		return fmt.Errorf("%w: %s, at least 1,000 contracts and 10 questions", errUsage, benchUsage)
	}
	return withBenchDatabase(ctx, func(_, dsn string, st *store.Store, svc *service.Service) error {
		owner, err := sql.Open("postgres", dsn)
		if err != nil {
			return err
		}
		defer func() { _ = owner.Close() }() // nothing is written any more
		m := &benchLedger{out: p.out, owner: owner, store: st, ref: svc.Reference(), today: svc.Today(), questions: *questions}
		if err := m.fill(ctx, *contracts); err != nil {
			return err
		}
		return m.run(ctx)
	})
}

// benchLedger is the market whose figures are measured.
type benchLedger struct {
	out       io.Writer
	owner     *sql.DB
	store     *store.Store
	ref       *market.Reference
	today     time.Time
	questions int
}

// benchSeal is how many entries are sealed at a time.
const benchSeal = 50_000

func (m *benchLedger) fill(ctx context.Context, contracts int) error {
	if err := bench.FillLedger(ctx, m.owner, contracts, m.today.Format(time.DateOnly)); err != nil {
		return err
	}
	for {
		sealed, err := m.store.Seal(ctx, market.LedgerLog, benchSeal)
		if err != nil {
			return err
		}
		if sealed == 0 {
			break
		}
	}
	_, err := m.owner.ExecContext(ctx, `VACUUM ANALYZE`)
	fmt.Fprintf(m.out, "%d contracts, each page asked for %d times\n", contracts, m.questions)
	return err
}

// benchClerk reads everything of the whole city.
var benchClerk = market.Actor{UserID: 1, Duties: []market.Duty{market.Registrar, market.Statistician}}

func (m *benchLedger) run(ctx context.Context) error {
	year := market.TurnoverQuery{Basis: market.BasisOutput, Year: m.today.Year(), AsOf: m.today, By: market.Dimensions}
	absorbed, county, past := year, year, year
	absorbed.Basis, county.County, past.AsOf = market.BasisAbsorbed, "360825", m.today.AddDate(0, -6, 0)
	var tables []benchTable
	for _, d := range []struct {
		name string
		q    market.TurnoverQuery
	}{{"output of the city", year}, {"absorbed by the city", absorbed}, {"output of a county", county}, {"output as of half a year ago", past}} {
		timings, err := bench.Measure(ctx, m.dashboard(d.q), m.questions)
		if err != nil {
			return err
		}
		tables = append(tables, benchTable{"all figures, " + d.name, timings})
	}
	first, err := bench.Measure(ctx, []bench.Way{m.figure(year), {Name: "year to date", Ask: func(ctx context.Context, _ int) error {
		_, err := m.store.YearToDate(ctx, m.today)
		return err
	}}}, m.questions)
	if err != nil {
		return err
	}
	tables = append(tables, benchTable{"first page", first})
	lists, err := m.lists(ctx, year)
	if err != nil {
		return err
	}
	asked, err := m.signalQuestions(ctx)
	if err != nil {
		return err
	}
	signals, err := m.signals(ctx, asked)
	if err != nil {
		return err
	}
	if err := printTables(m.out, append(append(tables, lists...), signals)); err != nil {
		return err
	}
	return m.plans(ctx, year, asked)
}

// figure is the best that SQL can do for the one figure: a sum over an index that has all it needs.
func (m *benchLedger) figure(q market.TurnoverQuery) bench.Way {
	side := "seller"
	if q.Basis == market.BasisAbsorbed {
		side = "buyer"
	}
	query := `SELECT sum(total_amount) FROM ledger_entries WHERE effective_on BETWEEN $1 AND $2 AND at < $3 AND ` + side + `_in_city`
	args := []any{q.From(), q.Through(), q.RecordedBefore()}
	if q.County != "" {
		query, args = query+` AND seller_region = $4`, append(args, q.County)
	}
	return bench.Way{Name: "the figure by SQL", Ask: func(ctx context.Context, _ int) error {
		var sum decimal.NullDecimal
		return m.store.DB().QueryRowContext(ctx, query, args...).Scan(&sum)
	}}
}

// dashboard measures the figures of a page: as they are asked for again and again, right after a contract was registered, and
// added up from every entry, as by the first visitor after a start.
func (m *benchLedger) dashboard(q market.TurnoverQuery) []bench.Way {
	page := func(ctx context.Context, _ int) error {
		_, err := m.store.Turnover(ctx, benchClerk, m.ref, q)
		return err
	}
	return []bench.Way{
		m.figure(q),
		{Name: "page", Ask: page},
		{Name: "page after a new entry", Ask: page, Before: m.enter},
		{Name: "page from every entry", Ask: func(ctx context.Context, _ int) error {
			_, err := m.store.Queries.Turnover(ctx, benchClerk, m.ref, q)
			return err
		}},
	}
}

// enter adds an entry to the ledger, a supplement to a contract of this year.
func (m *benchLedger) enter(ctx context.Context) error {
	_, err := m.owner.ExecContext(ctx, `INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city, seller_region, buyer_region,
			seller_park, submarket, contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at)
		SELECT contract_id, 'supplement', $1, 0, 100, 100, seller_in_city, buyer_in_city, seller_region, buyer_region, seller_park, submarket, contract_kind, tech_field, seller_type, buyer_type,
			ip_type, trade_mode, has_agency, $2 FROM ledger_entries WHERE id = (SELECT max(id) FROM ledger_entries)`, m.today, m.today.Add(10*time.Hour))
	return err
}

// lists measures the registrar's list and the list behind a figure, with filters.
func (m *benchLedger) lists(ctx context.Context, q market.TurnoverQuery) ([]benchTable, error) {
	bare := bench.Way{Name: "a bare page by SQL", Ask: func(ctx context.Context, _ int) error {
		rows, err := m.store.DB().QueryContext(ctx, `SELECT id, number, title, seller_name, buyer_name, total_amount FROM contracts WHERE registered_on IS NOT NULL ORDER BY registered_on DESC, id DESC LIMIT 20`)
		if err != nil {
			return err
		}
		return rows.Close()
	}}
	desk, behind := []bench.Way{bare}, []bench.Way{m.figure(q)}
	for _, f := range m.deskFilters() {
		desk = append(desk, bench.Way{Name: f.name, Ask: func(ctx context.Context, i int) error {
			return deskPageOf(ctx, m.store.Queries, f.filter, f.states, 1+i%20)
		}})
	}
	for _, f := range m.turnoverFilters(q) {
		behind = append(behind, bench.Way{Name: f.name, Ask: func(ctx context.Context, i int) error {
			_, _, _, err := m.store.TurnoverEntries(ctx, benchClerk, f.filter, store.PageSlice(1+i%20, 50))
			return err
		}})
	}
	onDesk, err := bench.Measure(ctx, desk, m.questions)
	if err != nil {
		return nil, err
	}
	behindFigure, err := bench.Measure(ctx, behind, m.questions)
	return []benchTable{{"contracts of the registrar, with the counts of all tabs", onDesk}, {"contracts behind a figure, with their sum", behindFigure}}, err
}

type deskQuestion struct {
	name   string
	states []market.ContractState
	filter store.DeskFilter
}

func (m *benchLedger) deskFilters() []deskQuestion {
	open, registered := []market.ContractState{market.ContractSubmitted, market.ContractAccepted}, []market.ContractState{market.ContractRegistered}
	return []deskQuestion{
		{"to do", open, store.DeskFilter{}},
		{"registered", registered, store.DeskFilter{}},
		{"registered, of a kind", registered, store.DeskFilter{Kind: m.ref.ContractKinds[0].Kind}},
		{"registered, of a county", registered, store.DeskFilter{Region: "360825"}},
		{"registered, large ones", registered, store.DeskFilter{Least: decimal.NewNullDecimal(decimal.New(5, 6))}},
		{"registered, all filters", registered, store.DeskFilter{Kind: m.ref.ContractKinds[0].Kind, Region: "360825", Least: decimal.NewNullDecimal(decimal.New(5, 6))}},
	}
}

// deskPageOf reads what a page of the registrar's list shows.
func deskPageOf(ctx context.Context, r store.Queries, f store.DeskFilter, states []market.ContractState, page int) error {
	if _, err := r.DeskCounts(ctx, benchClerk, f); err != nil {
		return err
	}
	_, err := r.DeskContracts(ctx, benchClerk, f, states, store.PageSlice(page, 20))
	return err
}

type turnoverQuestion struct {
	name   string
	filter market.TurnoverFilter
}

func (m *benchLedger) turnoverFilters(q market.TurnoverQuery) []turnoverQuestion {
	by := func(d market.Dimension, code string) market.TurnoverFilter {
		return market.TurnoverFilter{TurnoverQuery: q, Values: map[market.Dimension]string{d: code}}
	}
	return []turnoverQuestion{
		{"all of the year", market.TurnoverFilter{TurnoverQuery: q}},
		{"of a county", by(market.ByCounty, "360825")},
		{"of a kind", by(market.ByKind, "D")},
		{"of a month", market.TurnoverFilter{TurnoverQuery: q, Month: 3}},
	}
}

// signalQuestion is a page of contracts whose signals are asked for.
type signalQuestion struct {
	name string
	ids  []int64
}

// signalQuestions are contracts of the desk, of the weeks in which a year's end is looked at and of the seller with the most,
// each alone, and as many as a page of the desk holds.
func (m *benchLedger) signalQuestions(ctx context.Context) ([]signalQuestion, error) {
	const pageOfDesk = 20
	var out []signalQuestion
	for _, x := range []struct{ name, where string }{
		{"on the desk", `state = 'accepted'`},
		{"signed in December", `extract(month FROM signed_on) = 12 AND extract(day FROM signed_on) >= 20`},
		{"of the largest seller, signed in December", `seller_uscc = (SELECT seller_uscc FROM contracts GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AND extract(month FROM signed_on) = 12 AND extract(day FROM signed_on) >= 20`},
	} {
		var ids pq.Int64Array
		err := m.owner.QueryRowContext(ctx, `SELECT array_agg(id) FROM (SELECT id FROM contracts WHERE `+x.where+` ORDER BY id DESC LIMIT $1) x`, pageOfDesk).Scan(&ids)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 { // a small market may have none
			continue
		}
		out = append(out, signalQuestion{"one " + x.name, ids[:1]}, signalQuestion{fmt.Sprintf("%d %s", len(ids), x.name), ids})
	}
	return out, nil
}

// signals measures what the rules point the desk to in contracts, all queries of it.
func (m *benchLedger) signals(ctx context.Context, asked []signalQuestion) (benchTable, error) {
	ways := make([]bench.Way, len(asked))
	for i, x := range asked {
		ways[i] = bench.Way{Name: x.name, Ask: func(ctx context.Context, _ int) error {
			_, err := m.store.SignalChecks(ctx, benchClerk, m.today, x.ids...)
			return err
		}}
	}
	timings, err := bench.Measure(ctx, ways, m.questions)
	return benchTable{"signals of contracts", timings}, err
}

// plans prints the plan of every query of the pages.
func (m *benchLedger) plans(ctx context.Context, q market.TurnoverQuery, signals []signalQuestion) error {
	r := m.store.Explained(func(query, plan string) { fmt.Fprintf(m.out, "\n%s\n%s\n", query, plan) })
	if _, err := r.Turnover(ctx, benchClerk, m.ref, q); err != nil {
		return err
	}
	for _, f := range m.deskFilters() {
		fmt.Fprintf(m.out, "\n== contracts of the registrar: %s\n", f.name)
		if err := deskPageOf(ctx, r, f.filter, f.states, 1); err != nil {
			return err
		}
	}
	for _, f := range m.turnoverFilters(q) {
		fmt.Fprintf(m.out, "\n== contracts behind a figure: %s\n", f.name)
		if _, _, _, err := r.TurnoverEntries(ctx, benchClerk, f.filter, store.PageSlice(1, 50)); err != nil {
			return err
		}
	}
	for _, x := range signals {
		fmt.Fprintf(m.out, "\n== signals: %s\n", x.name)
		if _, err := r.SignalChecks(ctx, benchClerk, m.today, x.ids...); err != nil {
			return err
		}
	}
	return nil
}
