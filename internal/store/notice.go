package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Notice is a message to a person about something that waits or has happened.
type Notice struct {
	ID        int64      `db:"id"`
	OrgID     int64      `db:"org_id"` // whose affair it is, 0 for the person's own
	OrgName   string     `db:"org_name"`
	Title     string     `db:"title"`
	Path      string     `db:"path"`
	CreatedAt time.Time  `db:"created_at"`
	ReadAt    *time.Time `db:"read_at"`
}

// NotifyOrg tells every active member of an organisation who may act for it.
func (t *Tx) NotifyOrg(ctx context.Context, orgID int64, title, path string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO notices (user_id, org_id, title, path, created_at)
		SELECT m.user_id, m.org_id, $2, $3, $4 FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND m.role <> 'viewer' AND u.state = 'active'`, orgID, title, path, at)
}

// NotifyOf tells one person of an affair of an organisation, 0 for the person's own.
func (t *Tx) NotifyOf(ctx context.Context, userID, orgID int64, title, path string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO notices (user_id, org_id, title, path, created_at) VALUES ($1, nullif($2::bigint, 0), $3, $4, $5)`, userID, orgID, title, path, at)
}

// NotifyUser tells one person.
func (t *Tx) NotifyUser(ctx context.Context, userID int64, title, path string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO notices (user_id, title, path, created_at) VALUES ($1, $2, $3, $4)`, userID, title, path, at)
}

// NotifyDuty tells everybody who holds the duty for the city or for that place.
func (t *Tx) NotifyDuty(ctx context.Context, duty market.Duty, region, title, path string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO notices (user_id, title, path, created_at)
		SELECT d.user_id, $2, $3, $4 FROM duties d JOIN users u ON u.id = d.user_id WHERE d.duty = $1 AND u.state = 'active' AND (u.county IS NULL OR u.county = $5)`,
		duty, title, path, at, region)
}

// Escalate tells those who hold the duty in the county of an organisation; where the county has nobody, those of the city.
func (t *Tx) Escalate(ctx context.Context, duty market.Duty, orgID int64, title, path string, at time.Time) error {
	return t.exec(ctx, `WITH officers AS (SELECT d.user_id, u.county = o.region AS local
			FROM duties d JOIN users u ON u.id = d.user_id JOIN orgs o ON o.id = $5
			WHERE d.duty = $1 AND u.state = 'active' AND (u.county IS NULL OR u.county = o.region))
		INSERT INTO notices (user_id, title, path, created_at)
		SELECT user_id, $2, $3, $4 FROM officers WHERE local OR NOT EXISTS (SELECT 1 FROM officers WHERE local)`, duty, title, path, at, orgID)
}

// Notices lists the actor's own notices, newest first, with their number.
func (r Queries) Notices(ctx context.Context, a market.Actor, page Slice) ([]Notice, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM notices WHERE user_id = $1`, a.UserID); err != nil {
		return nil, 0, err
	}
	var out []Notice
	err := r.all(ctx, &out, `SELECT n.id, coalesce(n.org_id, 0) AS org_id, coalesce(o.name, '') AS org_name, n.title, n.path, n.created_at, n.read_at
		FROM notices n LEFT JOIN orgs o ON o.id = n.org_id WHERE n.user_id = $1 ORDER BY n.id DESC LIMIT $2 OFFSET $3`,
		a.UserID, page.Limit, page.Offset)
	return out, total, err
}

// UnreadNotices counts the actor's unread notices.
func (r Queries) UnreadNotices(ctx context.Context, a market.Actor) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM notices WHERE user_id = $1 AND read_at IS NULL`, a.UserID)
	return n, err
}

// ReadNotices marks the actor's notices up to that id as read.
func (t *Tx) ReadNotices(ctx context.Context, a market.Actor, upTo int64, at time.Time) error {
	return t.exec(ctx, `UPDATE notices SET read_at = $3 WHERE user_id = $1 AND id <= $2 AND read_at IS NULL`, a.UserID, upTo, at)
}
