package bench

import (
	"context"
	"fmt"
	"iter"

	"github.com/lib/pq"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// fillBatch is how many listings are written in one transaction.
const fillBatch = 5000

// Fill writes published listings of one made-up organisation into an empty market and returns their ids in order.
func Fill(ctx context.Context, st *store.Store, docs iter.Seq[market.Document]) ([]int64, error) {
	code, err := market.MakeUSCC("91360825MA0000001")
	if err != nil {
		return nil, err
	}
	var org int64
	err = st.DB().QueryRowContext(ctx, `INSERT INTO orgs (uscc, name, type, region, state, verified_at, created_at)
		VALUES ($1, '测量用单位', 'enterprise', '360825', 'verified', now(), now()) RETURNING id`, code).Scan(&org)
	if err != nil {
		return nil, err
	}
	f := filler{store: st, org: org}
	for d := range docs {
		f.batch = append(f.batch, d)
		if len(f.batch) == fillBatch {
			if err := f.flush(ctx); err != nil {
				return nil, err
			}
		}
	}
	if err := f.flush(ctx); err != nil {
		return nil, err
	}
	_, err = st.DB().ExecContext(ctx, `ANALYZE`)
	return f.ids, err
}

type filler struct {
	store *store.Store
	org   int64
	batch []market.Document
	ids   []int64
}

func (f *filler) flush(ctx context.Context) error {
	defer func() { f.batch = f.batch[:0] }()
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		ids, err := tx.TakeIDs(ctx, "listings", len(f.batch))
		if err != nil {
			return err
		}
		f.ids = append(f.ids, ids...)
		var listings, needs, results, fields [][]any
		for i, d := range f.batch {
			listings = append(listings, []any{ids[i], d.Kind, fmt.Sprintf("M-%d", ids[i]), f.org, market.Published, d.Title, d.Submarket, null(d.County),
				pq.Array(append([]string{}, d.Modes...)), d.PublishedAt, d.ConfirmedAt, d.ValidUntil, d.PublishedAt, d.PublishedAt})
			price := []any{"open", nil}
			if d.PriceMin.IsPositive() {
				price = []any{"amount", d.PriceMin}
			}
			if d.Kind == market.KindNeed {
				needs = append(needs, append([]any{ids[i], d.Body}, price...))
			} else {
				results = append(results, append([]any{ids[i], d.Body, null(d.Stage)}, price...))
			}
			for n, field := range d.Fields {
				fields = append(fields, []any{ids[i], field, n + 1})
			}
		}
		for _, t := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{
			{"listings", []string{"id", "kind", "number", "org_id", "state", "title", "submarket", "region", "modes", "published_at", "confirmed_at", "valid_until", "created_at", "updated_at"}, listings},
			{"needs", []string{"listing_id", "problem", "budget_kind", "budget_min"}, needs},
			{"results", []string{"listing_id", "summary", "stage", "price_kind", "price_min"}, results},
			{"listing_fields", []string{"listing_id", "field", "position"}, fields},
		} {
			if err := tx.Copy(ctx, t.table, t.columns, t.rows); err != nil {
				return fmt.Errorf("%s: %w", t.table, err)
			}
		}
		return tx.ListingChanged(ctx, ids...)
	})
}

// null is a text column's value, NULL for an empty one.
func null(text string) any {
	if text == "" {
		return nil
	}
	return text
}
