package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

type needRow struct {
	Problem    string              `db:"problem"`
	Background string              `db:"background"`
	BudgetKind market.PriceKind    `db:"budget_kind"`
	BudgetMin  decimal.NullDecimal `db:"budget_min"`
	BudgetMax  decimal.NullDecimal `db:"budget_max"`
	Deadline   *time.Time          `db:"deadline"`
	Ownership  string              `db:"ownership"`
	Partner    string              `db:"partner"`
}

func (r needRow) need(l market.Listing) market.Need {
	return market.Need{
		Listing: l, Problem: r.Problem, Background: r.Background,
		Budget:   market.Price{Kind: r.BudgetKind, Min: r.BudgetMin, Max: r.BudgetMax},
		Deadline: r.Deadline, Ownership: r.Ownership, Partner: r.Partner,
	}
}

// Need returns a need that the actor may see, without its gated detail.
func (r Queries) Need(ctx context.Context, a market.Actor, id int64) (market.Need, error) {
	l, err := r.listingRow(ctx, a, market.KindNeed, id)
	if err != nil {
		return market.Need{}, err
	}
	var row needRow
	if err := r.get(ctx, &row, `SELECT problem, background, budget_kind, budget_min, budget_max, deadline, ownership, partner
		FROM needs WHERE listing_id = $1`, id); err != nil {
		return market.Need{}, err
	}
	n := row.need(l.listing())
	err = r.all(ctx, &n.Indicators, `SELECT name, now_value, target_value, unit, method FROM need_indicators WHERE listing_id = $1 ORDER BY position`, id)
	return n, err
}

// CreateNeed adds a need as a draft.
func (t *Tx) CreateNeed(ctx context.Context, a market.Actor, n market.Need, at time.Time) (int64, error) {
	n.Kind = market.KindNeed
	id, err := t.insertListing(ctx, a, n.Listing, at)
	if err != nil {
		return 0, err
	}
	err = t.exec(ctx, `INSERT INTO needs (listing_id, problem, background, budget_kind, budget_min, budget_max, deadline, ownership, partner)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, n.Problem, n.Background, n.Budget.Kind, n.Budget.Min, n.Budget.Max, n.Deadline, n.Ownership, n.Partner)
	if err != nil {
		return 0, err
	}
	return id, t.setIndicators(ctx, id, n.Indicators)
}

// UpdateNeed stores a need's text if it is still at that version.
func (t *Tx) UpdateNeed(ctx context.Context, n market.Need, at time.Time) error {
	if err := t.updateListing(ctx, n.Listing, at); err != nil {
		return err
	}
	err := t.execOne(ctx, `UPDATE needs SET problem = $2, background = $3, budget_kind = $4, budget_min = $5, budget_max = $6, deadline = $7,
			ownership = $8, partner = $9 WHERE listing_id = $1`,
		n.ID, n.Problem, n.Background, n.Budget.Kind, n.Budget.Min, n.Budget.Max, n.Deadline, n.Ownership, n.Partner)
	if err != nil {
		return err
	}
	return t.setIndicators(ctx, n.ID, n.Indicators)
}

func (t *Tx) setIndicators(ctx context.Context, id int64, rows []market.Indicator) error {
	if err := t.exec(ctx, `DELETE FROM need_indicators WHERE listing_id = $1`, id); err != nil {
		return err
	}
	for i, row := range rows {
		if err := t.exec(ctx, `INSERT INTO need_indicators (listing_id, position, name, now_value, target_value, unit, method)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, i+1, row.Name, row.Now, row.Target, row.Unit, row.Method); err != nil {
			return err
		}
	}
	return nil
}

// BudgetMedian is the median budget in yuan of published needs of the sub-market, for the warning about 元 and 万元.
// It is invalid where there are fewer than five.
func (r Queries) BudgetMedian(ctx context.Context, submarket string) (decimal.NullDecimal, error) {
	var m decimal.NullDecimal
	err := r.get(ctx, &m, `SELECT CASE WHEN count(*) >= 5 THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY n.budget_min) END
		FROM needs n JOIN listings l ON l.id = n.listing_id
		WHERE l.state = 'published' AND l.kind = 'need' AND l.submarket = $1 AND n.budget_min IS NOT NULL`, submarket)
	return m, err
}
