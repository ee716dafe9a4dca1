package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

type resultRow struct {
	Summary     string              `db:"summary"`
	Problem     string              `db:"problem"`
	Advantage   string              `db:"advantage"`
	Economics   string              `db:"economics"`
	Stage       *string             `db:"stage"`
	TRLMin      *int                `db:"trl_min"`
	TRLMax      *int                `db:"trl_max"`
	Evidence    string              `db:"evidence"`
	PriceMethod string              `db:"price_method"`
	PriceKind   market.PriceKind    `db:"price_kind"`
	PriceMin    decimal.NullDecimal `db:"price_min"`
	PriceMax    decimal.NullDecimal `db:"price_max"`
	Inventors   string              `db:"inventors"`
	Cases       string              `db:"cases"`
}

func (r resultRow) result(l market.Listing) market.Result {
	out := market.Result{
		Listing: l, Summary: r.Summary, Problem: r.Problem, Advantage: r.Advantage, Economics: r.Economics,
		Stage: deref(r.Stage), Evidence: r.Evidence, PriceMethod: r.PriceMethod,
		Price:     market.Price{Kind: r.PriceKind, Min: r.PriceMin, Max: r.PriceMax},
		Inventors: r.Inventors, Cases: r.Cases,
	}
	if r.TRLMin != nil && r.TRLMax != nil {
		out.TRLMin, out.TRLMax = *r.TRLMin, *r.TRLMax
	}
	return out
}

// Result returns a result that the actor may see, without its gated detail.
func (r Queries) Result(ctx context.Context, a market.Actor, id int64) (market.Result, error) {
	l, err := r.listingRow(ctx, a, market.KindResult, id)
	if err != nil {
		return market.Result{}, err
	}
	var row resultRow
	if err := r.get(ctx, &row, `SELECT summary, problem, advantage, economics, stage, trl_min, trl_max, evidence, price_method, price_kind, price_min,
		price_max, inventors, cases FROM results WHERE listing_id = $1`, id); err != nil {
		return market.Result{}, err
	}
	out := row.result(l.listing())
	err = r.all(ctx, &out.IPs, `SELECT type, number, title, status, filed_on, granted_on FROM result_ips WHERE listing_id = $1 ORDER BY position`, id)
	return out, err
}

// CreateResult adds a result as a draft.
func (t *Tx) CreateResult(ctx context.Context, a market.Actor, r market.Result, at time.Time) (int64, error) {
	r.Kind = market.KindResult
	id, err := t.insertListing(ctx, a, r.Listing, at)
	if err != nil {
		return 0, err
	}
	err = t.exec(ctx, `INSERT INTO results (listing_id, summary, problem, advantage, economics, stage, trl_min, trl_max, price_method,
			price_kind, price_min, price_max, inventors, cases, evidence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		id, r.Summary, r.Problem, r.Advantage, r.Economics, optional(r.Stage), optionalInt(r.TRLMin), optionalInt(r.TRLMax), r.PriceMethod,
		r.Price.Kind, r.Price.Min, r.Price.Max, r.Inventors, r.Cases, r.Evidence)
	if err != nil {
		return 0, err
	}
	return id, t.setIPs(ctx, id, r.IPs)
}

// UpdateResult stores a result's text if it is still at that version.
func (t *Tx) UpdateResult(ctx context.Context, r market.Result, at time.Time) error {
	if err := t.updateListing(ctx, r.Listing, at); err != nil {
		return err
	}
	err := t.execOne(ctx, `UPDATE results SET summary = $2, problem = $3, advantage = $4, economics = $5, stage = $6, trl_min = $7, trl_max = $8,
			price_method = $9, price_kind = $10, price_min = $11, price_max = $12, inventors = $13, cases = $14, evidence = $15 WHERE listing_id = $1`,
		r.ID, r.Summary, r.Problem, r.Advantage, r.Economics, optional(r.Stage), optionalInt(r.TRLMin), optionalInt(r.TRLMax), r.PriceMethod,
		r.Price.Kind, r.Price.Min, r.Price.Max, r.Inventors, r.Cases, r.Evidence)
	if err != nil {
		return err
	}
	return t.setIPs(ctx, r.ID, r.IPs)
}

func (t *Tx) setIPs(ctx context.Context, id int64, rows []market.IP) error {
	if err := t.exec(ctx, `DELETE FROM result_ips WHERE listing_id = $1`, id); err != nil {
		return err
	}
	for i, ip := range rows {
		if err := t.exec(ctx, `INSERT INTO result_ips (listing_id, position, type, number, title, status, filed_on, granted_on)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, i+1, ip.Type, ip.Number, ip.Title, ip.Status, ip.FiledOn, ip.GrantedOn); err != nil {
			return err
		}
	}
	return nil
}

func optionalInt(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// PriceMedian is BudgetMedian for the prices of results.
func (r Queries) PriceMedian(ctx context.Context, submarket string) (decimal.NullDecimal, error) {
	var m decimal.NullDecimal
	err := r.get(ctx, &m, `SELECT CASE WHEN count(*) >= 5 THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY s.price_min) END
		FROM results s JOIN listings l ON l.id = s.listing_id
		WHERE l.state = 'published' AND l.kind = 'result' AND l.submarket = $1 AND s.price_min IS NOT NULL`, submarket)
	return m, err
}
