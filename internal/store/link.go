package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

const linkColumns = `id, purpose, user_id, subject_id, email, created_at, expires_at, used_at, refused_at`

// aLiveLink is what a link must be to be good for anything at $1.
const aLiveLink = `used_at IS NULL AND ended_at IS NULL AND expires_at > $1`

// CreateLink adds a one-time link that has no secret yet. Earlier ones of the same purpose and object end, unless there may
// be several.
func (t *Tx) CreateLink(ctx context.Context, l market.Link) (int64, error) {
	if !l.Purpose.Several() {
		if err := t.EndLinks(ctx, l.Purpose, l.UserID, l.SubjectID, l.CreatedAt); err != nil {
			return 0, err
		}
	}
	var id int64
	err := t.get(ctx, &id, `INSERT INTO links (purpose, user_id, subject_id, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		l.Purpose, l.UserID, l.SubjectID, l.Email, l.CreatedAt, l.ExpiresAt)
	return id, err
}

// EndLinks makes the links of a purpose for a user and subject worthless; nil stands for none.
func (t *Tx) EndLinks(ctx context.Context, purpose market.LinkPurpose, userID, subjectID *int64, at time.Time) error {
	return t.exec(ctx, `UPDATE links SET ended_at = $4 WHERE purpose = $1 AND user_id IS NOT DISTINCT FROM $2 AND subject_id IS NOT DISTINCT FROM $3
		AND used_at IS NULL AND ended_at IS NULL`, purpose, userID, subjectID, at)
}

// ArmLink gives a live link its secret, by hash, and returns it. A link that is sent again has a new secret only.
func (t *Tx) ArmLink(ctx context.Context, id int64, hash []byte, at time.Time) (market.Link, error) {
	var l market.Link
	err := t.get(ctx, &l, `UPDATE links SET hash = $3 WHERE id = $2 AND `+aLiveLink+` RETURNING `+linkColumns, at, id, hash)
	return l, linkError(err)
}

// RefuseLink notes that the link's address takes no mail.
func (t *Tx) RefuseLink(ctx context.Context, id int64, at time.Time) error {
	return t.exec(ctx, `UPDATE links SET refused_at = $2 WHERE id = $1`, id, at)
}

// LiveLink returns the live link with that secret; any other is market.ErrLink. Who has the secret is its reader.
func (r Queries) LiveLink(ctx context.Context, purpose market.LinkPurpose, hash []byte, at time.Time) (market.Link, error) {
	var l market.Link
	err := r.get(ctx, &l, `SELECT `+linkColumns+` FROM links WHERE hash = $2 AND purpose = $3 AND `+aLiveLink, at, hash, purpose)
	return l, linkError(err)
}

// UseLink uses up the live link with that secret; any other is market.ErrLink. Of two at once, one succeeds.
func (t *Tx) UseLink(ctx context.Context, purpose market.LinkPurpose, hash []byte, at time.Time) (market.Link, error) {
	var l market.Link
	err := t.get(ctx, &l, `UPDATE links SET used_at = $1 WHERE hash = $2 AND purpose = $3 AND `+aLiveLink+` RETURNING `+linkColumns, at, hash, purpose)
	return l, linkError(err)
}

// LatestLink returns the newest link of that purpose for a user, used or not.
func (r Queries) LatestLink(ctx context.Context, purpose market.LinkPurpose, userID int64) (market.Link, error) {
	var l market.Link
	err := r.get(ctx, &l, `SELECT `+linkColumns+` FROM links WHERE purpose = $1 AND user_id = $2 ORDER BY id DESC LIMIT 1`, purpose, userID)
	return l, err
}

// CountLinks counts the links of a purpose that a user has asked for since then.
func (r Queries) CountLinks(ctx context.Context, purpose market.LinkPurpose, userID int64, since time.Time) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM links WHERE purpose = $1 AND user_id = $2 AND created_at > $3`, purpose, userID, since)
	return n, err
}

func linkError(err error) error {
	if market.IsKind(err, market.NotFound) {
		return market.ErrLink
	}
	return err
}
