package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
)

// LockMonthEnds keeps others from closing a month until the transaction ends.
func (t *Tx) LockMonthEnds(ctx context.Context) error {
	return t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('month_ends'))`)
}

// LedgerSpan is what closing months goes by: the day of the ledger's first entry and the month closed last, each the zero time
// when there is none.
func (r Queries) LedgerSpan(ctx context.Context) (first, closed time.Time, err error) {
	var span struct {
		First  *time.Time `db:"first"`
		Closed *time.Time `db:"closed"`
	}
	if err = r.get(ctx, &span, `SELECT (SELECT min(effective_on) FROM ledger_entries) AS first, (SELECT max(month) FROM month_ends) AS closed`); err != nil {
		return first, closed, err
	}
	if span.First != nil {
		first = market.DateOf(*span.First)
	}
	if span.Closed != nil {
		closed = market.MonthOf(*span.Closed)
	}
	return first, closed, nil
}

// AddMonthEnd closes a month: it freezes what the ledger adds up to through entry end of its chain.
func (t *Tx) AddMonthEnd(ctx context.Context, a market.Actor, month time.Time, end market.ChainEntry, at time.Time) error {
	if err := t.exec(ctx, `INSERT INTO month_ends (month, seq, hash, user_id, at) VALUES ($1, $2, $3, $4, $5)`, month, end.Seq, end.Hash, optionalID(a.UserID), at); err != nil {
		return err
	}
	values := []string{`('` + market.Whole + `', '` + market.Whole + `')`}
	for _, d := range market.Dimensions {
		values = append(values, fmt.Sprintf(`('%s', %s)`, d, dimensionValue[d]))
	}
	for _, b := range []market.Basis{market.BasisOutput, market.BasisAbsorbed} {
		err := t.exec(ctx, `INSERT INTO month_end_figures (month, basis, dimension, code, contracts, total_amount, tech_amount, year_contracts, year_total_amount, year_tech_amount)
			SELECT $1::date, $2, d.dimension, d.code,
				coalesce(sum(e.contracts) FILTER (WHERE e.effective_on >= $1), 0), coalesce(sum(e.total_amount) FILTER (WHERE e.effective_on >= $1), 0),
				coalesce(sum(e.tech_amount) FILTER (WHERE e.effective_on >= $1), 0), sum(e.contracts), sum(e.total_amount), sum(e.tech_amount)
			FROM ledger_entries e JOIN chain c ON c.log = 'ledger' AND c.row_id = e.id AND c.seq <= $3`+ledgerPlace(b)+`
			CROSS JOIN LATERAL (VALUES `+strings.Join(values, ", ")+`) d (dimension, code)
			WHERE e.effective_on BETWEEN date_trunc('year', $1::date)::date AND ($1::date + interval '1 month')::date - 1 AND `+counts(b, `''`)+` GROUP BY d.dimension, d.code`,
			month, b, end.Seq)
		if err != nil {
			return err
		}
	}
	return nil
}

const monthEndColumns = `m.month, m.seq, m.hash, coalesce(u.name, '') AS user_name, m.at`

// MonthEnds lists the closed months, the newest first. They are published figures, for everybody who reads the turnover.
func (r Queries) MonthEnds(ctx context.Context) ([]market.MonthEnd, error) {
	var out []market.MonthEnd
	err := r.all(ctx, &out, `SELECT `+monthEndColumns+` FROM month_ends m LEFT JOIN users u ON u.id = m.user_id ORDER BY m.month DESC`)
	for i := range out {
		out[i].Month = market.MonthOf(out[i].Month)
	}
	return out, err
}

// MonthSums lists a page of the closed months with their figures on a basis, the newest first, and how many there are. For
// everybody who reads the turnover.
func (r Queries) MonthSums(ctx context.Context, b market.Basis, page Slice) ([]market.MonthSum, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM month_ends`); err != nil {
		return nil, 0, err
	}
	var out []market.MonthSum
	err := r.all(ctx, &out, `SELECT `+monthEndColumns+`, f.contracts AS "in_month.count", f.total_amount AS "in_month.total", f.tech_amount AS "in_month.tech",
			f.year_contracts AS "in_year.count", f.year_total_amount AS "in_year.total", f.year_tech_amount AS "in_year.tech",
			l.count AS "late.count", l.total AS "late.total", l.tech AS "late.tech", l.entries
		FROM (SELECT * FROM month_ends ORDER BY month DESC LIMIT $3 OFFSET $4) m LEFT JOIN users u ON u.id = m.user_id
		CROSS JOIN LATERAL (SELECT coalesce(sum(contracts), 0) AS contracts, coalesce(sum(total_amount), 0) AS total_amount, coalesce(sum(tech_amount), 0) AS tech_amount,
				coalesce(sum(year_contracts), 0) AS year_contracts, coalesce(sum(year_total_amount), 0) AS year_total_amount, coalesce(sum(year_tech_amount), 0) AS year_tech_amount
			FROM month_end_figures WHERE month = m.month AND basis = $1 AND dimension = $2) f
		CROSS JOIN LATERAL (SELECT count(*) AS entries, `+ledgerSums+` FROM ledger_entries e
			WHERE e.effective_on BETWEEN m.month AND (m.month + interval '1 month')::date - 1 AND `+late(`m.seq`)+` AND `+counts(b, `''`)+`) l
		ORDER BY m.month DESC`, b.FrozenBasis(), market.Whole, page.Limit, page.Offset)
	for i := range out {
		out[i].Month = market.MonthOf(out[i].Month)
	}
	return out, total, err
}

const monthFigureColumns = `month, basis, dimension, code, contracts AS "in_month.count", total_amount AS "in_month.total", tech_amount AS "in_month.tech",
	year_contracts AS "in_year.count", year_total_amount AS "in_year.total", year_tech_amount AS "in_year.tech"`

// MonthCloses are what the audit says of every close: the month, its place in the ledger's chain and the hash. For checking.
func (r Queries) MonthCloses(ctx context.Context) ([]string, error) {
	var out []string
	err := r.all(ctx, &out, `SELECT detail FROM audit_entries WHERE action = $1 AND outcome = 'done' ORDER BY id`, market.MonthClose)
	return out, err
}

// MonthFigures are the frozen figures of all closed months, for checking them.
func (r Queries) MonthFigures(ctx context.Context) ([]market.MonthFigure, error) {
	return r.monthFigures(ctx, ``)
}

func (r Queries) monthFigures(ctx context.Context, where string, args ...any) ([]market.MonthFigure, error) {
	var out []market.MonthFigure
	err := r.all(ctx, &out, `SELECT `+monthFigureColumns+` FROM month_end_figures`+where+` ORDER BY month, basis, dimension, code`, args...)
	for i := range out {
		out[i].Month = market.MonthOf(out[i].Month)
	}
	return out, err
}

// MonthReport holds the frozen figures of a closed month against the ledger as it is at the end of today, by one dimension. A
// month that is not closed is not found. For everybody who reads the turnover; names and reasons of adjustments are for
// staff who read the contract.
func (s *Store) MonthReport(ctx context.Context, a market.Actor, ref *market.Reference, q market.MonthQuery, today time.Time) (market.MonthReport, error) {
	reports, err := s.MonthReports(ctx, a, ref, []market.MonthQuery{q}, today)
	if err != nil {
		return market.MonthReport{}, err
	}
	return reports[0], nil
}

// MonthReports is MonthReport for several questions, of one moment.
func (s *Store) MonthReports(ctx context.Context, a market.Actor, ref *market.Reference, queries []market.MonthQuery, today time.Time) ([]market.MonthReport, error) {
	reports := make([]market.MonthReport, len(queries))
	err := s.Snapshot(ctx, func(r Queries) (err error) {
		for i, q := range queries {
			if reports[i], err = r.monthReport(ctx, a, ref, q, today); err != nil {
				return err
			}
		}
		return nil
	})
	return reports, err
}

func (r Queries) monthReport(ctx context.Context, a market.Actor, ref *market.Reference, q market.MonthQuery, today time.Time) (market.MonthReport, error) {
	report := market.MonthReport{Query: q}
	if err := r.get(ctx, &report.End, `SELECT `+monthEndColumns+` FROM month_ends m LEFT JOIN users u ON u.id = m.user_id WHERE m.month = $1`, q.Month); err != nil {
		return report, err
	}
	report.End.Month = market.MonthOf(report.End.Month)
	frozen, err := r.monthFigures(ctx, ` WHERE month = $1 AND basis = $2 AND dimension IN ($3, $4)`, q.Month, q.Basis.FrozenBasis(), q.By, market.Whole)
	if err != nil {
		return report, err
	}
	live, err := r.monthLive(ctx, q, report.End.Seq, today)
	if err != nil {
		return report, err
	}
	report.Add(ref, frozen, live)
	report.Late, err = r.lateEntries(ctx, a, q, report.End.Seq, today)
	return report, err
}

// monthLive sums the ledger by the query's dimension, apart what was sealed after entry seq.
func (r Queries) monthLive(ctx context.Context, q market.MonthQuery, seq int64, today time.Time) ([]market.MonthLive, error) {
	var out []market.MonthLive
	err := r.all(ctx, &out, `SELECT `+dimensionValue[q.By]+` AS code, `+late(`$4`)+` AS late, `+ledgerSums+` FROM ledger_entries e`+ledgerPlace(q.Basis)+`
		WHERE e.effective_on BETWEEN $1 AND $2 AND e.at < $3 AND `+counts(q.Basis, `''`)+` GROUP BY 1, 2`, q.From(), q.Last(), today.AddDate(0, 0, 1), seq)
	return out, err
}

// late is the condition of an entry e not to be in the ledger's chain through entry seq, a parameter.
func late(seq string) string {
	return `(NOT EXISTS (SELECT 1 FROM chain c WHERE c.log = 'ledger' AND c.row_id = e.id AND c.seq <= ` + seq + `))`
}

// lateEntries lists what was written after the close and takes effect in the query's period, the newest first.
func (r Queries) lateEntries(ctx context.Context, a market.Actor, q market.MonthQuery, seq int64, today time.Time) ([]market.Adjustment, error) {
	return r.adjustments(ctx, a, q.Basis, `e.effective_on BETWEEN $1 AND $2 AND e.at < $3 AND `+late(`$5`), q.From(), q.Last(), today.AddDate(0, 0, 1), ``, seq)
}
