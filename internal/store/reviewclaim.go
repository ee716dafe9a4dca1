package store

import (
	"context"
	"errors"
	"time"

	"techmarket/internal/market"
)

// ReviewClaim returns who holds an item of the review queue on that day; without one it is market.ErrNotFound. For reviewers, who
// are shown the item anyway.
func (r Queries) ReviewClaim(ctx context.Context, s market.Subject, id int64, today time.Time) (market.Claim, error) {
	var c market.Claim
	err := r.get(ctx, &c, `SELECT c.user_id, u.name AS user_name, c.last_day FROM review_claims c JOIN users u ON u.id = c.user_id
		WHERE c.subject = $1 AND c.object_id = $2 AND c.last_day >= $3::date`, s, id, today.Format(time.DateOnly))
	return c, err
}

// LockReview has claims of an item and decisions on it stand in line.
func (t *Tx) LockReview(ctx context.Context, s market.Subject, id int64) error {
	return t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('review ' || $1, $2))`, s, id)
}

// TakeReviewClaim gives an item to its reviewer until that day, and reports whether it did: it does not while somebody else holds it.
func (t *Tx) TakeReviewClaim(ctx context.Context, s market.Subject, id int64, c market.Claim, at time.Time) (bool, error) {
	err := t.execOne(ctx, `INSERT INTO review_claims (subject, object_id, user_id, claimed_at, last_day) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (subject, object_id) DO UPDATE SET user_id = excluded.user_id, claimed_at = excluded.claimed_at, last_day = excluded.last_day
		WHERE review_claims.user_id = excluded.user_id OR review_claims.last_day < $6::date`,
		s, id, c.UserID, at, c.LastDay.Format(time.DateOnly), market.DateOf(at).Format(time.DateOnly))
	if errors.Is(err, market.ErrStale) {
		return false, nil
	}
	return err == nil, err
}

// EndReviewClaim puts an item back, whoever holds it.
func (t *Tx) EndReviewClaim(ctx context.Context, s market.Subject, id int64) error {
	return t.exec(ctx, `DELETE FROM review_claims WHERE subject = $1 AND object_id = $2`, s, id)
}
