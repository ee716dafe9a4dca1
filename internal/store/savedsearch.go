package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

const savedSearchColumns = `id, user_id, name, query, often, created_at, told_at`

// SavedSearches lists the actor's own, the newest first.
func (r Queries) SavedSearches(ctx context.Context, a market.Actor) ([]market.SavedSearch, error) {
	var out []market.SavedSearch
	err := r.all(ctx, &out, `SELECT `+savedSearchColumns+` FROM saved_searches WHERE user_id = $1 ORDER BY id DESC`, a.UserID)
	return out, err
}

// SavedSearch returns one of the actor's own.
func (r Queries) SavedSearch(ctx context.Context, a market.Actor, id int64) (market.SavedSearch, error) {
	var x market.SavedSearch
	err := r.get(ctx, &x, `SELECT `+savedSearchColumns+` FROM saved_searches WHERE user_id = $1 AND id = $2`, a.UserID, id)
	return x, err
}

// SavedSearchOf returns the actor's own with those conditions.
func (r Queries) SavedSearchOf(ctx context.Context, a market.Actor, query string) (market.SavedSearch, error) {
	var x market.SavedSearch
	err := r.get(ctx, &x, `SELECT `+savedSearchColumns+` FROM saved_searches WHERE user_id = $1 AND query = $2`, a.UserID, query)
	return x, err
}

// CreateSavedSearch keeps a search. known is what it finds now, nil when that is too much to keep.
func (t *Tx) CreateSavedSearch(ctx context.Context, x market.SavedSearch, known []int64) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO saved_searches (user_id, name, query, often, created_at, since, known) VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING id`,
		x.UserID, x.Name, x.Query, x.Often, x.CreatedAt, int64Array(known))
	return id, err
}

// EditSavedSearch changes the name of one of the actor's own and when it is told of.
func (t *Tx) EditSavedSearch(ctx context.Context, a market.Actor, id int64, name string, often market.Often) error {
	return t.get(ctx, &id, `UPDATE saved_searches SET name = $3, often = $4 WHERE user_id = $1 AND id = $2 RETURNING id`, a.UserID, id, name, often)
}

// RestartSavedSearch has a search find only what is new from now on. known is as in CreateSavedSearch.
func (t *Tx) RestartSavedSearch(ctx context.Context, id int64, known []int64, at time.Time) error {
	if err := t.dropWaiting(ctx, id); err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE saved_searches SET since = $2, known = $3 WHERE id = $1`, id, at, int64Array(known))
}

// dropWaiting forgets what a search has found and nobody was told of.
func (t *Tx) dropWaiting(ctx context.Context, id int64) error {
	return t.exec(ctx, `DELETE FROM search_hits WHERE search_id = $1 AND told_at IS NULL`, id)
}

// QuietSavedSearch stops telling of one of a person's searches, and forgets what waits.
func (t *Tx) QuietSavedSearch(ctx context.Context, userID, id int64) error {
	if err := t.get(ctx, &id, `UPDATE saved_searches SET often = 'never' WHERE user_id = $1 AND id = $2 RETURNING id`, userID, id); err != nil {
		return err
	}
	return t.dropWaiting(ctx, id)
}

// DeleteSavedSearch removes one of the actor's own.
func (t *Tx) DeleteSavedSearch(ctx context.Context, a market.Actor, id int64) error {
	return t.get(ctx, &id, `DELETE FROM saved_searches WHERE user_id = $1 AND id = $2 RETURNING id`, a.UserID, id)
}

// BrowseIDs returns the ids of up to limit published listings that a browse finds.
func (r Queries) BrowseIDs(ctx context.Context, b Browse, limit int) ([]int64, error) {
	where, args := whereBut(b.conditions(), "", []any{limit})
	ids := []int64{}
	err := r.all(ctx, &ids, `SELECT l.id FROM listings l`+where+` ORDER BY l.id LIMIT $1`, args...)
	return ids, err
}

// WatchedSearches returns up to limit searches after that id whose owners want to be told and can be. For the worker.
func (r Queries) WatchedSearches(ctx context.Context, after int64, limit int) ([]market.SavedSearch, error) {
	var out []market.SavedSearch
	err := r.all(ctx, &out, `SELECT s.id, s.user_id, s.name, s.query, s.often, s.created_at, s.told_at FROM saved_searches s JOIN users u ON u.id = s.user_id
		WHERE s.id > $1 AND s.often <> 'never' AND u.state = 'active' ORDER BY s.id LIMIT $2`, after, limit)
	return out, err
}

// SearchPosition is up to where saved searches were held against the change log.
func (r Queries) SearchPosition(ctx context.Context) (int64, error) {
	var seq int64
	err := r.get(ctx, &seq, `SELECT seq FROM search_position`)
	return seq, err
}

// SetSearchPosition moves on; a later position stays.
func (t *Tx) SetSearchPosition(ctx context.Context, seq int64) error {
	return t.exec(ctx, `UPDATE search_position SET seq = greatest(seq, $1)`, seq)
}

// AddSearchHits notes which of the listings that a search finds are new to it: published since, or, where it is known what
// it found before, not among that. Those of organisations that its owner belongs to are none.
func (t *Tx) AddSearchHits(ctx context.Context, searchID int64, listings []int64, at time.Time) error {
	return t.exec(ctx, `INSERT INTO search_hits (search_id, listing_id, found_at)
		SELECT s.id, l.id, $3 FROM saved_searches s JOIN listings l ON l.id = ANY($2)
		WHERE s.id = $1 AND s.often <> 'never' AND l.state = 'published' AND `+ownerActive+` AND (s.known IS NOT NULL OR l.published_at > s.since)
			AND l.id <> ALL(coalesce(s.known, '{}')) AND l.org_id NOT IN (SELECT m.org_id FROM members m WHERE m.user_id = s.user_id)
		ON CONFLICT DO NOTHING`, searchID, int64Array(listings), at)
}

// dueHits are the hits of person u that are to be told: of searches told at once, and of weekly ones what was found before
// the digest at $1.
const dueHits = `search_hits h JOIN saved_searches s ON s.id = h.search_id JOIN users u ON u.id = s.user_id
	WHERE h.told_at IS NULL AND u.state = 'active' AND (s.often = 'once' OR s.often = 'weekly' AND h.found_at < $1)`

// PeopleToTell lists up to limit people for whom saved searches have found something.
func (r Queries) PeopleToTell(ctx context.Context, digest time.Time, limit int) ([]int64, error) {
	var out []int64
	err := r.all(ctx, &out, `SELECT DISTINCT s.user_id FROM `+dueHits+` ORDER BY s.user_id LIMIT $2`, digest, limit)
	return out, err
}

// SearchesTold notes when the owner of the searches was told of something.
func (t *Tx) SearchesTold(ctx context.Context, ids []int64, at time.Time) error {
	return t.exec(ctx, `UPDATE saved_searches SET told_at = $2 WHERE id = ANY($1)`, int64Array(ids), at)
}

// SearchHit is a listing that a saved search has found.
type SearchHit struct {
	ID         int64       `db:"id"`
	SearchID   int64       `db:"search_id"`
	SearchName string      `db:"search_name"`
	Query      string      `db:"query"`
	ListingID  int64       `db:"listing_id"`
	Kind       market.Kind `db:"kind"`
	Title      string      `db:"title"`
}

// TakeSearchHits takes what is to be told to a person, so that nobody else tells it. What is not public any more is
// forgotten, so that it is new when it is published again. What is of an organisation of theirs by now, or was told to them
// for another search, is taken and not returned. A listing is returned once.
func (t *Tx) TakeSearchHits(ctx context.Context, userID int64, digest, at time.Time) ([]SearchHit, error) {
	err := t.exec(ctx, `DELETE FROM search_hits h USING saved_searches s, listings l WHERE s.id = h.search_id AND s.user_id = $1 AND l.id = h.listing_id
		AND h.told_at IS NULL AND NOT (l.state = 'published' AND `+ownerActive+`)`, userID)
	if err != nil {
		return nil, err
	}
	var out []SearchHit
	err = t.all(ctx, &out, `WITH due AS (SELECT h.id FROM `+dueHits+` AND s.user_id = $2 FOR UPDATE OF h),
		taken AS (UPDATE search_hits SET told_at = $3 WHERE id IN (SELECT id FROM due) RETURNING id, search_id, listing_id)
		SELECT DISTINCT ON (l.id) x.id, x.search_id, s.name AS search_name, s.query, l.id AS listing_id, l.kind, l.title
		FROM taken x JOIN saved_searches s ON s.id = x.search_id JOIN listings l ON l.id = x.listing_id
		WHERE l.org_id NOT IN (SELECT m.org_id FROM members m WHERE m.user_id = $2)
			AND NOT EXISTS (SELECT 1 FROM search_hits b JOIN saved_searches c ON c.id = b.search_id
				WHERE c.user_id = $2 AND b.listing_id = l.id AND b.told_at IS NOT NULL)
		ORDER BY l.id, x.id`, digest, userID, at)
	return out, err
}
