package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Ending is an organisation with published listings whose validity ends soon, and of which it was not told yet.
type Ending struct {
	OrgID    int64      `db:"org_id"`
	OrgName  string     `db:"org_name"`
	Listings int64Array `db:"listings"`
	Title    string     `db:"title"` // of the first that ends
	Last     time.Time  `db:"last"`  // day on which that is
}

// EndingListings returns up to limit organisations whose listings end within so many days of the day. Who was told of a
// nearer end of the same term is not told again.
func (r Queries) EndingListings(ctx context.Context, day time.Time, days, limit int) ([]Ending, error) {
	var out []Ending
	err := r.all(ctx, &out, `SELECT l.org_id, o.name AS org_name, array_agg(l.id ORDER BY l.valid_until, l.id) AS listings,
			(array_agg(l.title ORDER BY l.valid_until, l.id))[1] AS title, min(l.valid_until) AS last
		FROM listings l JOIN orgs o ON o.id = l.org_id
		WHERE l.state = 'published' AND o.state = 'verified' AND l.valid_until BETWEEN $1::date AND $1::date + $2::int
			AND NOT EXISTS (SELECT 1 FROM listing_reminders x WHERE x.listing_id = l.id AND x.valid_until = l.valid_until AND x.days <= $2)
		GROUP BY l.org_id, o.name ORDER BY l.org_id LIMIT $3`, dateText(day), days, limit)
	return out, err
}

// AddReminders notes that the owner of the listings was told; it returns how many of them had not been.
func (t *Tx) AddReminders(ctx context.Context, listings []int64, days int, at time.Time) (int, error) {
	var ids []int64
	err := t.all(ctx, &ids, `INSERT INTO listing_reminders (listing_id, valid_until, days, sent_at)
		SELECT id, valid_until, $2, $3 FROM listings WHERE id = ANY($1) AND state = 'published' ON CONFLICT DO NOTHING RETURNING listing_id`, int64Array(listings), days, at)
	return len(ids), err
}

// Keeper is somebody who sees to an organisation's listings.
type Keeper struct {
	UserID int64  `db:"user_id"`
	Name   string `db:"name"`
	Email  string `db:"email"`
}

// Keepers are the owners of an organisation and those of its editors who wrote one of the listings, with a confirmed address.
func (r Queries) Keepers(ctx context.Context, orgID int64, listings []int64) ([]Keeper, error) {
	var out []Keeper
	err := r.all(ctx, &out, `SELECT u.id AS user_id, u.name, u.email FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND u.state = 'active' AND u.email_confirmed_at IS NOT NULL AND (m.role = 'owner'
			OR m.role = 'editor' AND EXISTS (SELECT 1 FROM listings l WHERE l.id = ANY($2) AND l.created_by = u.id)) ORDER BY u.id`, orgID, int64Array(listings))
	return out, err
}

// RenewableListing is a published listing whose validity ends soon.
type RenewableListing struct {
	ID         int64       `db:"id"`
	Kind       market.Kind `db:"kind"`
	Number     string      `db:"number"`
	Title      string      `db:"title"`
	ValidUntil time.Time   `db:"valid_until"`
}

// RenewableListings lists those of the actor's organisation that end up to the day, the next first.
func (r Queries) RenewableListings(ctx context.Context, a market.Actor, until time.Time) ([]RenewableListing, error) {
	var out []RenewableListing
	err := r.all(ctx, &out, `SELECT id, kind, number, title, valid_until FROM listings
		WHERE org_id = $1 AND state = 'published' AND valid_until <= $2::date ORDER BY valid_until, id`, a.OrgFor(market.ScopePost), dateText(until))
	return out, err
}
