package store

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// Turnover is summed from ledger entries and nothing else. An entry e counts when it took effect in the period and was
// written by the end of the day asked for, so that a figure of the past can be computed again.

// ledgerSums adds up ledger entries e.
const ledgerSums = `coalesce(sum(e.contracts), 0)::int AS count, coalesce(sum(e.total_amount), 0) AS total, coalesce(sum(e.tech_amount), 0) AS tech`

// counts is the condition of an entry e to count on a basis for a county, a parameter that is ” for the whole city.
func counts(b market.Basis, county string) string {
	side := `seller`
	if b == market.BasisAbsorbed {
		side = `buyer`
	}
	return sideIn(side, county)
}

// sideIn is the condition of the seller or the buyer of an entry e to be in the county, or in the city when it is ”.
func sideIn(side, county string) string {
	return fmt.Sprintf(`(CASE WHEN %[2]s = '' THEN e.%[1]s_in_city ELSE e.%[1]s_region = %[2]s END)`, side, county)
}

// ledgerPlace joins the place r of the party that makes an entry e count.
func ledgerPlace(b market.Basis) string {
	if b == market.BasisAbsorbed {
		return ` JOIN regions r ON r.code = e.buyer_region `
	}
	return ` JOIN regions r ON r.code = e.seller_region `
}

// dimensionValue is an entry's value of each dimension, for tables and filters alike. r is the place of ledgerPlace.
var dimensionValue = map[market.Dimension]string{
	market.ByCounty:     `CASE WHEN r.kind = 'county' THEN r.code ELSE 'other' END`,
	market.ByPark:       `coalesce(e.seller_park, 'other')`,
	market.BySubmarket:  `coalesce(e.submarket, 'other')`,
	market.ByKind:       `left(e.contract_kind, 1)`,
	market.ByTechField:  `e.tech_field`,
	market.BySellerType: `e.seller_type`,
	market.ByBuyerType:  `e.buyer_type`,
	market.ByIPType:     `e.ip_type`,
	market.ByTradeMode:  `e.trade_mode`,
	market.ByAgency:     `CASE WHEN e.has_agency THEN 'yes' ELSE 'no' END`,
	market.ByCity:       `CASE WHEN e.seller_in_city AND e.buyer_in_city THEN 'in' ELSE 'out' END`,
}

// Turnover is the turnover of a year, for everybody. Reasons and names in its adjustments are for staff who read
// the contract. The query has passed its Check.
func (s *Store) Turnover(ctx context.Context, a market.Actor, ref *market.Reference, q market.TurnoverQuery) (market.Turnover, error) {
	t := market.Turnover{}
	err := s.withTally(ctx, q, func(r Queries, sums *tally) (err error) {
		t, err = r.turnover(ctx, a, ref, q, sums)
		return err
	})
	return t, err
}

// withTally runs fn on one state of the database, with what the ledger adds up to in it.
func (s *Store) withTally(ctx context.Context, q market.TurnoverQuery, fn func(Queries, *tally) error) error {
	known := s.tallies.get(q)
	return s.Snapshot(ctx, func(r Queries) error {
		sums, err := r.tally(ctx, q, known)
		if err != nil {
			return err
		}
		s.tallies.keep(q, sums)
		return fn(r, sums)
	})
}

// TurnoverExport is Turnover with every entry behind it, of one moment. Names of parties are for staff who
// read the contract.
func (s *Store) TurnoverExport(ctx context.Context, a market.Actor, ref *market.Reference, q market.TurnoverQuery) (market.Turnover, []market.TurnoverEntry, error) {
	t, entries := market.Turnover{}, []market.TurnoverEntry(nil)
	err := s.Snapshot(ctx, func(r Queries) (err error) {
		if t, err = r.Turnover(ctx, a, ref, q); err != nil {
			return err
		}
		entries, err = r.turnoverEntries(ctx, a, market.TurnoverFilter{TurnoverQuery: q, ByDate: true}, Slice{})
		return err
	})
	return t, entries, err
}

// Turnover is that of Store, on one state of the database only within Snapshot, and added up from every entry.
func (r Queries) Turnover(ctx context.Context, a market.Actor, ref *market.Reference, q market.TurnoverQuery) (market.Turnover, error) {
	sums, err := r.tally(ctx, q, nil)
	if err != nil {
		return market.Turnover{}, err
	}
	return r.turnover(ctx, a, ref, q, sums)
}

// turnover puts what the ledger adds up to beside what is known otherwise.
func (r Queries) turnover(ctx context.Context, a market.Actor, ref *market.Reference, q market.TurnoverQuery, sums *tally) (market.Turnover, error) {
	t := market.Turnover{Query: q}
	known, err := r.knownYears(ctx, q.Basis, cmp.Or(q.County, market.City))
	if err != nil {
		return t, err
	}
	t.Target = known.targets[q.Year]
	t.Pace = sums.months.pace(q.Basis, q.Through())
	t.Months = turnoverMonths(q, sums.months, t.Target)
	t.LastYear = sums.months.year(q.Compared())
	t.Years = turnoverYears(q, sums.months, known)
	addCells(&t, sums.cells)
	for i, d := range q.By {
		t.Tables = append(t.Tables, turnoverTable(ref, d, sums.tables[i]))
	}
	if err := r.addAdjustments(ctx, a, &t); err != nil {
		return t, err
	}
	err = r.get(ctx, &t.LastEntry, `SELECT coalesce(max(id), 0) FROM ledger_entries WHERE at < $1`, q.RecordedBefore())
	return t, err
}

// YearToDate is the turnover of the present year so far, for the first page.
func (s *Store) YearToDate(ctx context.Context, today time.Time) (market.YearToDate, error) {
	y := market.YearToDate{AsOf: market.DateOf(today)}
	q := market.TurnoverQuery{Basis: market.BasisOutput, Year: y.AsOf.Year(), AsOf: y.AsOf}
	err := s.withTally(ctx, q, func(r Queries, sums *tally) error {
		known, err := r.knownYears(ctx, q.Basis, market.City)
		if err != nil {
			return err
		}
		y.Sum, y.Target, y.Pace = sums.months.year(q.Year), known.targets[q.Year], sums.months.pace(q.Basis, y.AsOf)
		return nil
	})
	return y, err
}

// monthSums are the sums of the months, by year.
type monthSums map[int]*[12]market.Sum

// ledgerMonths sums what took effect and was written by the day of the query, of all entries or of those named only.
func (r Queries) ledgerMonths(ctx context.Context, q market.TurnoverQuery, only []int64) (monthSums, error) {
	var rows []struct {
		Year  int `db:"year"`
		Month int `db:"month"`
		market.Sum
	}
	these, args := onlyThese(only, q.AsOf, q.RecordedBefore(), q.County)
	err := r.all(ctx, &rows, `SELECT extract(year FROM e.effective_on)::int AS year, extract(month FROM e.effective_on)::int AS month, `+ledgerSums+`
		FROM ledger_entries e WHERE e.effective_on <= $1 AND e.at < $2 AND `+counts(q.Basis, `$3`)+these+` GROUP BY 1, 2`, args...)
	months := monthSums{}
	for _, row := range rows {
		if months[row.Year] == nil {
			months[row.Year] = &[12]market.Sum{}
		}
		months[row.Year][row.Month-1] = row.Sum
	}
	return months, err
}

// month is the sum of a month, which may have none.
func (m monthSums) month(year, month int) market.Sum {
	if m[year] == nil {
		return market.Sum{}
	}
	return m[year][month-1]
}

func (m monthSums) year(year int) market.Sum {
	sum := market.Sum{}
	for month := range 12 {
		sum = sum.Plus(m.month(year, month+1))
	}
	return sum
}

// pace is where the year of the day should be at its end.
func (m monthSums) pace(b market.Basis, day time.Time) market.Pace {
	before := make([][12]decimal.Decimal, 3)
	for i := range before {
		for month := range 12 {
			before[i][month] = m.month(day.Year()-1-i, month+1).Amount(b)
		}
	}
	return market.YearPace(day, before)
}

func turnoverMonths(q market.TurnoverQuery, months monthSums, target *market.Target) [12]market.TurnoverMonth {
	var out [12]market.TurnoverMonth
	reached := decimal.Zero
	for i := range out {
		first := q.From().AddDate(0, i, 0)
		last := first.AddDate(0, 1, -1)
		out[i] = market.TurnoverMonth{Month: i + 1, This: months.month(q.Year, i+1), Last: months.month(q.Compared(), i+1),
			Begun: !first.After(q.Through()), Whole: !last.After(q.Through())}
		if target != nil {
			share := months.pace(q.Basis, last).Share
			out[i].Target = decimal.NewNullDecimal(target.Amount.Mul(share.Sub(reached)))
			reached = share
		}
	}
	return out
}

// knownYears are figures that do not come from the ledger: targets, and amounts published for years before it.
type knownYears struct {
	targets   map[int]*market.Target
	published map[int]market.Target // the amount reached and its source
}

// knownYears reads a place's targets, the latest word on each year, and published amounts.
func (r Queries) knownYears(ctx context.Context, b market.Basis, region string) (knownYears, error) {
	var rows []struct {
		Target bool            `db:"target"`
		Year   int             `db:"year"`
		Amount decimal.Decimal `db:"amount"`
		Status string          `db:"status"`
		Source string          `db:"source"`
	}
	err := r.all(ctx, &rows, `SELECT false AS target, year, amount, 'published' AS status, source FROM published_actuals WHERE region = $1 AND basis = $2
		UNION ALL
		(SELECT DISTINCT ON (year) true, year, amount, status, source FROM targets WHERE region = $1 AND basis = $2 ORDER BY year, id DESC)`, region, b)
	known := knownYears{targets: map[int]*market.Target{}, published: map[int]market.Target{}}
	for _, row := range rows {
		t := market.Target{Year: row.Year, Amount: row.Amount, Status: row.Status, Source: row.Source}
		if row.Target {
			known.targets[row.Year] = &t
		} else {
			known.published[row.Year] = t
		}
	}
	return known, err
}

// turnoverYears is the series, from the first year that anything is known of through that of the query's day. A
// published amount holds for its year.
func turnoverYears(q market.TurnoverQuery, months monthSums, known knownYears) []market.TurnoverYear {
	last := q.AsOf.Year()
	first := last
	for year := range months {
		first = min(first, year)
	}
	for year := range known.published {
		first = min(first, year)
	}
	var out []market.TurnoverYear
	for year := first; year <= last; year++ {
		y := market.TurnoverYear{Year: year, Sum: months.year(year), Target: known.targets[year],
			Part: year == last && q.AsOf.YearDay() < time.Date(year, 12, 31, 0, 0, 0, 0, market.Shanghai).YearDay()}
		if p, ok := known.published[year]; ok {
			y.Sum, y.Published, y.Source = market.SumOf(q.Basis, p.Amount), true, p.Source
		}
		out = append(out, y)
	}
	return out
}

// ledgerCells sums seller by buyer, for the year and the same period of the year to compare with, of all entries or of those named only.
func (r Queries) ledgerCells(ctx context.Context, q market.TurnoverQuery, only []int64) (map[tallyCell]market.Sum, error) {
	var rows []struct {
		This   bool `db:"this"`
		Seller bool `db:"seller_in"`
		Buyer  bool `db:"buyer_in"`
		market.Sum
	}
	these, args := onlyThese(only, q.From(), q.Through(), q.LastFrom(), q.LastThrough(), q.RecordedBefore(), q.County)
	err := r.all(ctx, &rows, `SELECT e.effective_on >= $1 AS this, `+sideIn(`seller`, `$6`)+` AS seller_in, `+sideIn(`buyer`, `$6`)+` AS buyer_in, `+ledgerSums+` FROM ledger_entries e
		WHERE ($6 = '' OR $6 IN (e.seller_region, e.buyer_region)) AND e.effective_on BETWEEN $3 AND $2 AND (e.effective_on >= $1 OR e.effective_on <= $4) AND e.at < $5`+these+` GROUP BY 1, 2, 3`,
		args...)
	cells := map[tallyCell]market.Sum{}
	for _, row := range rows {
		cells[tallyCell{row.This, row.Seller, row.Buyer}] = row.Sum
	}
	return cells, err
}

// addCells fills in seller by buyer, and with them the figure.
func addCells(t *market.Turnover, cells map[tallyCell]market.Sum) {
	for cell, sum := range cells {
		if cell.this {
			t.Cells[outside(cell.seller)][outside(cell.buyer)] = sum
		}
		in := cell.seller
		if t.Query.Basis == market.BasisAbsorbed {
			in = cell.buyer
		}
		switch {
		case in && cell.this:
			t.Sum = t.Sum.Plus(sum)
		case in:
			t.Last = t.Last.Plus(sum)
		}
	}
}

// outside is the index of a side in Turnover.Cells.
func outside(inCity bool) int {
	if inCity {
		return 0
	}
	return 1
}

// ledgerTables splits the figure by each dimension asked for, all in one pass over the entries or over those named only.
func (r Queries) ledgerTables(ctx context.Context, q market.TurnoverQuery, only []int64) ([]map[tallyRow]market.Sum, error) {
	if len(q.By) == 0 {
		return nil, nil
	}
	columns, names, sets := make([]string, len(q.By)), make([]string, len(q.By)), make([]string, len(q.By))
	for i, d := range q.By {
		names[i] = fmt.Sprintf(`d%d`, i)
		columns[i] = fmt.Sprintf(`(%s)::text AS %s`, dimensionValue[d], names[i])
		sets[i] = fmt.Sprintf(`(this, %s)`, names[i])
	}
	list := strings.Join(names, ", ")
	var rows []struct {
		Split uint   `db:"split"` // a bit for each dimension, the first the highest, 0 for that of the row
		Code  string `db:"code"`
		This  bool   `db:"this"`
		market.Sum
	}
	these, args := onlyThese(only, q.From(), q.Through(), q.LastFrom(), q.LastThrough(), q.RecordedBefore(), q.County)
	err := r.all(ctx, &rows, `SELECT grouping(`+list+`) AS split, coalesce(`+list+`) AS code, this, `+ledgerSums+`
		FROM (SELECT e.effective_on >= $1 AS this, e.contracts, e.total_amount, e.tech_amount, `+strings.Join(columns, ", ")+` FROM ledger_entries e`+ledgerPlace(q.Basis)+`
			WHERE e.effective_on BETWEEN $3 AND $2 AND (e.effective_on >= $1 OR e.effective_on <= $4) AND e.at < $5 AND `+counts(q.Basis, `$6`)+these+`) e
		GROUP BY GROUPING SETS (`+strings.Join(sets, ", ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	tables := make([]map[tallyRow]market.Sum, len(q.By))
	for i := range tables {
		tables[i] = map[tallyRow]market.Sum{}
	}
	for _, row := range rows {
		of := len(q.By) - bits.Len(row.Split^(1<<len(q.By)-1)) // the only bit that is 0
		tables[of][tallyRow{row.This, row.Code}] = row.Sum
	}
	return tables, nil
}

// turnoverTable puts the sums into the order of the dimension's values.
func turnoverTable(ref *market.Reference, d market.Dimension, sums map[tallyRow]market.Sum) market.TurnoverTable {
	table := market.TurnoverTable{By: d}
	for _, c := range d.Codes(ref) {
		this, now := sums[tallyRow{true, c.Code}]
		last, before := sums[tallyRow{false, c.Code}]
		if now || before || d.Whole() {
			table.Rows = append(table.Rows, market.TurnoverRow{Code: c.Code, Name: c.Name, Sum: this, Last: last})
		}
	}
	return table
}

// addAdjustments lists the entries of the figure that changed what was registered before.
func (r Queries) addAdjustments(ctx context.Context, a market.Actor, t *market.Turnover) (err error) {
	q := t.Query
	t.Adjustments, err = r.adjustments(ctx, a, q.Basis, `e.kind <> 'registered' AND e.effective_on BETWEEN $1 AND $2 AND e.at < $3`, q.From(), q.Through(), q.RecordedBefore(), q.County)
	for _, x := range t.Adjustments {
		t.Adjusted = t.Adjusted.Plus(x.Sum)
	}
	return err
}

// adjustments lists the entries e that count on the basis for a county and meet the condition, the newest first. Its parameters
// are from, to, before, $4 the county (empty is the whole city) and more from $5 on.
func (r Queries) adjustments(ctx context.Context, a market.Actor, b market.Basis, where string, from, to, before time.Time, county string, more ...any) ([]market.Adjustment, error) {
	args := append([]any{from, to, before, county}, more...)
	args = append(args, deskReach(a))
	reach := inReach(fmt.Sprintf(`$%d`, len(args)), `e.seller_region`)
	var out []market.Adjustment
	err := r.all(ctx, &out, `SELECT e.id AS entry_id, e.contract_id, e.kind, e.effective_on, e.contracts AS count, e.total_amount AS total,
			e.tech_amount AS tech, c.registration_number, c.registered_on, c.title,
			CASE WHEN `+reach+` THEN coalesce(x.why, c.reason) ELSE '' END AS reason,
			CASE WHEN `+reach+` THEN coalesce(u.name, '') ELSE '' END AS user_name, e.seller_region
		FROM ledger_entries e JOIN contracts c ON c.id = e.contract_id LEFT JOIN contract_amendments x ON x.id = e.amendment_id
		LEFT JOIN users u ON u.id = e.user_id
		WHERE `+where+` AND `+counts(b, `$4`)+` ORDER BY e.effective_on DESC, e.id DESC`, args...)
	return out, err
}

// TurnoverEntries lists a page of the ledger entries behind a number, with their number and what they add up to, which
// is the number. Names of parties are for staff who
// read the contract. The filter has passed its Check.
func (s *Store) TurnoverEntries(ctx context.Context, a market.Actor, f market.TurnoverFilter, page Slice) (entries []market.TurnoverEntry, total int, sum market.Sum, err error) {
	err = s.Snapshot(ctx, func(r Queries) error {
		entries, total, sum, err = r.TurnoverEntries(ctx, a, f, page)
		return err
	})
	return entries, total, sum, err
}

// TurnoverEntries is that of Store, on one state of the database only within Snapshot.
func (r Queries) TurnoverEntries(ctx context.Context, a market.Actor, f market.TurnoverFilter, page Slice) ([]market.TurnoverEntry, int, market.Sum, error) {
	var whole struct {
		Rows int `db:"rows"`
		market.Sum
	}
	where, args := ledgerWhere(f)
	if err := r.get(ctx, &whole, `SELECT count(*) AS rows, `+ledgerSums+` FROM ledger_entries e`+ledgerPlace(f.Basis)+where, args...); err != nil {
		return nil, 0, market.Sum{}, err
	}
	entries, err := r.turnoverEntries(ctx, a, f, page)
	return entries, whole.Rows, whole.Sum, err
}

// turnoverEntries reads the entries that the filter picks; a slice without a limit is all of them.
func (r Queries) turnoverEntries(ctx context.Context, a market.Actor, f market.TurnoverFilter, page Slice) ([]market.TurnoverEntry, error) {
	where, args := ledgerWhere(f)
	order := `e.total_amount DESC, e.id DESC`
	switch {
	case f.ByDate:
		order = `e.effective_on DESC, e.id DESC`
	case f.Basis == market.BasisOutputTech:
		order = `e.tech_amount DESC, e.id DESC`
	}
	n := len(args)
	args = append(args, deskReach(a), page.Limit, page.Offset)
	var out []market.TurnoverEntry
	named := inReach(fmt.Sprintf(`$%d`, n+1), `e.seller_region`)
	err := r.all(ctx, &out, fmt.Sprintf(`SELECT e.id AS entry_id, e.contract_id, e.kind AS entry, e.effective_on, e.contracts AS count, e.total_amount AS total,
			e.tech_amount AS tech, c.registration_number, c.title, e.contract_kind, e.seller_region, e.buyer_region,
			coalesce(e.seller_park, '') AS seller_park, e.seller_type, e.buyer_type, coalesce(e.submarket, '') AS submarket, e.tech_field,
			e.ip_type, e.trade_mode, e.has_agency,
			CASE WHEN %[1]s THEN c.seller_name ELSE '' END AS seller_name, CASE WHEN %[1]s THEN c.buyer_name ELSE '' END AS buyer_name
		FROM ledger_entries e JOIN contracts c ON c.id = e.contract_id%[2]s%[3]s ORDER BY %[4]s LIMIT nullif($%[5]d, 0) OFFSET $%[6]d`,
		named, ledgerPlace(f.Basis), where, order, n+2, n+3), args...)
	return out, err
}

// ledgerWhere is the condition of an entry e, with its place r, to be behind the number of the filter.
func ledgerWhere(f market.TurnoverFilter) (string, []any) {
	where := []string{`e.effective_on BETWEEN $1 AND $2`, `e.at < $3`, `($4 = '' OR $4 IN (e.seller_region, e.buyer_region))`}
	args := []any{f.From(), f.Last(), f.RecordedBefore(), f.County}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Cell == "" {
		where = append(where, counts(f.Basis, `$4`))
	} else {
		add(sideIn(`seller`, `$4`)+` = $%d`, f.Cell.SellerIn())
		add(sideIn(`buyer`, `$4`)+` = $%d`, f.Cell.BuyerIn())
	}
	if f.Month != 0 {
		add(`extract(month FROM e.effective_on) = $%d`, f.Month)
	}
	for _, d := range market.Dimensions {
		if code, ok := f.Values[d]; ok {
			add(dimensionValue[d]+` = $%d`, code)
		}
	}
	if !f.Frozen.IsZero() {
		add(`NOT `+late(`(SELECT seq FROM month_ends WHERE month = $%d)`), f.Frozen)
	}
	if !f.Late.IsZero() {
		add(late(`(SELECT seq FROM month_ends WHERE month = $%d)`), f.Late)
	}
	if f.Traded {
		where = append(where, `e.trade_mode <> 'none'`)
	}
	if f.Adjusted {
		where = append(where, `e.kind <> 'registered'`)
	}
	return ` WHERE ` + strings.Join(where, ` AND `), args
}

// TurnoverPipeline is what can still become output of the year, of a county or, when it is "", of the city.
func (r Queries) TurnoverPipeline(ctx context.Context, county string) (market.Pipeline, error) {
	var p market.Pipeline
	err := r.get(ctx, &p, `SELECT desk.*, deals.* FROM
		(SELECT count(*)::int AS on_desk, coalesce(sum(c.total_amount), 0) AS on_desk_total FROM contracts c JOIN regions r ON r.code = c.seller_region
			WHERE c.state IN ('submitted', 'accepted', 'second_review', 'to_register') AND r.in_city AND ($1::text = '' OR $1::text = r.code)) desk,
		(SELECT count(*)::int AS agreed, coalesce(sum(d.price), 0) AS agreed_total FROM deals d JOIN orgs o ON o.id = d.seller_org
			JOIN regions r ON r.code = o.region WHERE d.state = 'agreed' AND r.in_city AND ($1::text = '' OR $1::text = r.code)) deals`, county)
	return p, err
}
