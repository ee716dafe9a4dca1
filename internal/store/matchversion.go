package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

const matchVersionColumns = `id, made_at, useful, unsuitable, before, after, weights`

// MatchVersions lists every version of the weights of matching, the newest first. For the command line only.
func (r Queries) MatchVersions(ctx context.Context) ([]market.MatchVersion, error) {
	var out []market.MatchVersion
	err := r.all(ctx, &out, `SELECT `+matchVersionColumns+` FROM match_versions ORDER BY id DESC`)
	return out, err
}

// MatchVersion returns one of them.
func (r Queries) MatchVersion(ctx context.Context, id int) (market.MatchVersion, error) {
	var v market.MatchVersion
	err := r.get(ctx, &v, `SELECT `+matchVersionColumns+` FROM match_versions WHERE id = $1`, id)
	return v, err
}

// MatchVersionInForce returns the version that is used now: its zero value, version 0, when that is the program's own.
func (r Queries) MatchVersionInForce(ctx context.Context) (market.MatchVersion, error) {
	var v market.MatchVersion
	err := r.get(ctx, &v, `SELECT v.id, v.made_at, v.useful, v.unsuitable, v.before, v.after, v.weights
		FROM (SELECT version FROM match_version_uses ORDER BY id DESC LIMIT 1) u JOIN match_versions v ON v.id = u.version`)
	if market.IsKind(err, market.NotFound) {
		return market.MatchVersion{}, nil
	}
	return v, err
}

// CreateMatchVersion keeps a version, which nobody uses yet.
func (t *Tx) CreateMatchVersion(ctx context.Context, v market.MatchVersion) (int, error) {
	var id int
	err := t.get(ctx, &id, `INSERT INTO match_versions (made_at, useful, unsuitable, before, after, weights) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		v.MadeAt, v.Useful, v.Unsuitable, v.Before, v.After, v.Weights)
	return id, err
}

// UseMatchVersion puts a version in force, 0 the program's own.
func (t *Tx) UseMatchVersion(ctx context.Context, id int, at time.Time) error {
	return t.exec(ctx, `INSERT INTO match_version_uses (version, at) VALUES (nullif($1::int, 0), $2)`, id, at)
}

// MatchMark is what an organisation has said of a pair.
type MatchMark struct {
	NeedID   int64 `db:"need_id"`
	ResultID int64 `db:"result_id"`
	Useful   bool  `db:"useful"`
}

// MatchMarks lists what was said of all pairs, without by whom. For the refit only.
func (r Queries) MatchMarks(ctx context.Context) ([]MatchMark, error) {
	var out []MatchMark
	err := r.all(ctx, &out, `SELECT m.need_id, m.result_id, k.useful FROM match_marks k JOIN matches m ON m.id = k.match_id ORDER BY k.match_id, k.org_id`)
	return out, err
}

// PublishedIDs lists all that is public.
func (r Queries) PublishedIDs(ctx context.Context) ([]int64, error) {
	var out []int64
	err := r.all(ctx, &out, `SELECT l.id FROM listings l WHERE l.state = 'published' AND `+ownerActive+` ORDER BY l.id`)
	return out, err
}
