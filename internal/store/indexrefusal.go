package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// SetIndexRefusals keeps the listings that the search engine would not take when the listings tried were offered to it.
// The others of these are refused no longer.
func (t *Tx) SetIndexRefusals(ctx context.Context, tried []int64, refused []market.IndexRefusal, at time.Time) error {
	if err := t.exec(ctx, `DELETE FROM index_refusals WHERE listing_id = ANY($1) AND listing_id <> ALL($2)`, int64Array(tried), int64Array(refusedIDs(refused))); err != nil {
		return err
	}
	return t.addIndexRefusals(ctx, refused, at)
}

// ReplaceIndexRefusals keeps the listings that the search engine would not take when all were offered to it.
func (t *Tx) ReplaceIndexRefusals(ctx context.Context, refused []market.IndexRefusal, at time.Time) error {
	if err := t.exec(ctx, `DELETE FROM index_refusals WHERE listing_id <> ALL($1)`, int64Array(refusedIDs(refused))); err != nil {
		return err
	}
	return t.addIndexRefusals(ctx, refused, at)
}

func refusedIDs(refused []market.IndexRefusal) []int64 {
	ids := make([]int64, len(refused))
	for i, r := range refused {
		ids[i] = r.ListingID
	}
	return ids
}

func (t *Tx) addIndexRefusals(ctx context.Context, refused []market.IndexRefusal, at time.Time) error {
	for _, r := range refused {
		err := t.exec(ctx, `INSERT INTO index_refusals (listing_id, reason, since, tried_at) SELECT id, $2, $3, $3 FROM listings WHERE id = $1
			ON CONFLICT (listing_id) DO UPDATE SET reason = excluded.reason, tries = index_refusals.tries + 1, tried_at = excluded.tried_at`, r.ListingID, r.Reason, at)
		if err != nil {
			return err
		}
	}
	return nil
}

// refusedListing is a listing l that the search engine would not take and that lies within the reach $1 of a reviewer.
var refusedListing = `FROM index_refusals x JOIN listings l ON l.id = x.listing_id JOIN orgs o ON o.id = l.org_id WHERE ` + inReach(`$1`, `o.region`)

// IndexRefusals lists the listings that the search engine would not take, the newest first. For reviewers, within their
// reach.
func (r Queries) IndexRefusals(ctx context.Context, a market.Actor, page Slice) ([]market.IndexRefusal, int, error) {
	reach := a.Reach(market.Reviewer)
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) `+refusedListing, reach); err != nil {
		return nil, 0, err
	}
	var out []market.IndexRefusal
	err := r.all(ctx, &out, `SELECT x.listing_id, x.reason, x.tries, x.since, x.tried_at, l.kind, l.title, o.name AS org_name `+refusedListing+`
		ORDER BY x.since DESC, x.listing_id DESC LIMIT $2 OFFSET $3`, reach, page.Limit, page.Offset)
	return out, total, err
}

// CountIndexRefusals is the number of all listings that the search engine would not take.
func (r Queries) CountIndexRefusals(ctx context.Context) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM index_refusals`)
	return n, err
}

// RetryIndexing has a listing that the search engine would not take offered to it again. It does not exist for who
// may not review it.
func (t *Tx) RetryIndexing(ctx context.Context, a market.Actor, id int64) error {
	var found int64
	if err := t.get(ctx, &found, `SELECT x.listing_id `+refusedListing+` AND x.listing_id = $2`, a.Reach(market.Reviewer), id); err != nil {
		return err
	}
	return t.ListingChanged(ctx, id)
}
