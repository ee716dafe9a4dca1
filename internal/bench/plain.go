package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"techmarket/internal/market"
	"techmarket/search"
)

// Plain is the market's texts in PostgreSQL alone: pairs of ideographs in a tsvector with a GIN index.
type Plain struct{ db *sql.DB }

// NewPlain makes a table of the documents, beside those of the market.
func NewPlain(ctx context.Context, db *sql.DB, docs iter.Seq2[market.Document, error]) (*Plain, error) {
	p := &Plain{db}
	if _, err := db.ExecContext(ctx, `CREATE TABLE bench_plain (id bigint, kind text, submarket text, region text, stage text, words tsvector)`); err != nil {
		return nil, err
	}
	if err := p.copy(ctx, docs); err != nil {
		return nil, err
	}
	for _, statement := range []string{`CREATE INDEX bench_plain_words ON bench_plain USING gin (words)`, `ANALYZE bench_plain`} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Plain) copy(ctx context.Context, docs iter.Seq2[market.Document, error]) (err error) {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	stmt, err := tx.PrepareContext(ctx, `COPY bench_plain (id, kind, submarket, region, stage, words) FROM STDIN`)
	if err != nil {
		return err
	}
	for d, err := range docs {
		if err != nil {
			return err
		}
		if _, err := stmt.ExecContext(ctx, d.ID, string(d.Kind), d.Submarket, d.County, d.Stage, vector(d)); err != nil {
			return err
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return err
	}
	if err := stmt.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// maxPosition is the last place that a tsvector tells apart.
const maxPosition = 16383

// vector writes a text as a tsvector, the title with weight A.
func vector(d market.Document) string {
	var b strings.Builder
	at := 1
	add := func(text, weight string) {
		for _, w := range search.IndexTerms(text).Words {
			fmt.Fprintf(&b, "%s:%d%s ", quoted(w), min(at, maxPosition), weight)
			at++
		}
	}
	add(d.Title, "A")
	add(d.Body, "")
	return b.String()
}

func quoted(word string) string {
	return "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(word) + "'"
}

// Search finds the documents that hold all terms, best first, and counts four facets when wanted.
func (p *Plain) Search(ctx context.Context, terms []string, submarket string, facets bool) error {
	where := `words @@ $1::tsquery AND ($2 = '' OR submarket = $2)`
	query := joined(terms, " & ")
	err := p.drain(ctx, `SELECT id FROM bench_plain WHERE `+where+` ORDER BY ts_rank(words, $1::tsquery) DESC, id LIMIT 20`, query, submarket)
	if err != nil || !facets {
		return err
	}
	return p.drain(ctx, `WITH hits AS MATERIALIZED (SELECT kind, submarket, region, stage FROM bench_plain WHERE `+where+`)
		SELECT 'kind', kind, count(*) FROM hits GROUP BY kind UNION ALL SELECT 'submarket', submarket, count(*) FROM hits GROUP BY submarket
		UNION ALL SELECT 'region', region, count(*) FROM hits GROUP BY region UNION ALL SELECT 'stage', stage, count(*) FROM hits GROUP BY stage`, query, submarket)
}

// Candidates finds the 200 best documents of a kind that hold any of the terms.
func (p *Plain) Candidates(ctx context.Context, terms []string, kind market.Kind) error {
	return p.drain(ctx, `SELECT id FROM bench_plain WHERE words @@ $1::tsquery AND kind = $2 ORDER BY ts_rank(words, $1::tsquery) DESC, id LIMIT 200`,
		joined(terms, " | "), string(kind))
}

// Size is what table and index take.
func (p *Plain) Size(ctx context.Context) (bytes int64, err error) {
	err = p.db.QueryRowContext(ctx, `SELECT pg_total_relation_size('bench_plain')`).Scan(&bytes)
	return bytes, err
}

func joined(terms []string, operator string) string {
	list := make([]string, len(terms))
	for i, t := range terms {
		list[i] = quoted(t)
	}
	return strings.Join(list, operator)
}

func (p *Plain) drain(ctx context.Context, query string, args ...any) (err error) {
	rows, err := p.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
	}
	return rows.Err()
}
