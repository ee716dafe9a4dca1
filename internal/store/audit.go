package store

import (
	"context"
	"regexp"
	"time"

	"techmarket/internal/market"
)

// Audit appends an entry: who did what to what, when, from where, with what outcome. detail must hold no secret and
// no gated text: opaque ids, codes and counts only.
func (t *Tx) Audit(ctx context.Context, at time.Time, a market.Actor, action market.Action, object market.Object, outcome, detail string) error {
	return t.exec(ctx, `INSERT INTO audit_entries (at, action, outcome, user_id, org_id, agency_id, object_kind, object_id, via, address, request_id, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		at, action, outcome, optionalID(a.UserID), optionalID(a.OrgID), optionalID(a.AgencyID), object.Kind, optionalID(object.ID), a.Via, a.Address, a.RequestID, detail)
}

// AddMove appends a change of state to the object's history.
func (t *Tx) AddMove(ctx context.Context, a market.Actor, m market.Move) error {
	return t.exec(ctx, `INSERT INTO moves (object_kind, object_id, move, from_state, to_state, user_id, org_id, agency_id, at, code, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.ObjectKind, m.ObjectID, m.Move, m.From, m.To, optionalID(a.UserID), optionalID(a.OrgID), optionalID(a.AgencyID), m.At, m.Code, m.Note)
}

// Moves returns the history of an object, oldest first. The caller has checked that the actor may see the object.
func (r Queries) Moves(ctx context.Context, object market.Object) ([]market.Move, error) {
	var moves []market.Move
	err := r.all(ctx, &moves, `SELECT m.id, m.object_kind, m.object_id, m.move, m.from_state, m.to_state, m.user_id, m.org_id, m.agency_id, m.at, m.code, m.note,
			coalesce(u.name, '') AS user_name, coalesce(o.name, '') AS org_name, coalesce(g.name, '') AS agency_name
		FROM moves m LEFT JOIN users u ON u.id = m.user_id LEFT JOIN orgs o ON o.id = m.org_id LEFT JOIN orgs g ON g.id = m.agency_id
		WHERE m.object_kind = $1 AND m.object_id = $2 ORDER BY m.id`, object.Kind, object.ID)
	return moves, err
}

// formKeys is what one-time keys look like; anything else is no key, and nothing is remembered under it.
var formKeys = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Claim looks for what an earlier post of the same form made. It waits for such a post that is still under way.
// fresh is true when this post is the first; then the caller must call Fulfil in the same transaction.
func (t *Tx) Claim(ctx context.Context, a market.Actor, key string, at time.Time) (objectID int64, fresh bool, err error) {
	if !formKeys.MatchString(key) {
		return 0, true, nil
	}
	res, err := t.tx.ExecContext(ctx, `INSERT INTO submissions (user_id, key, object_id, at) VALUES ($1, $2, 0, $3)
		ON CONFLICT (user_id, key) DO NOTHING`, a.UserID, key, at)
	if err != nil {
		return 0, false, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 1 {
		return 0, n == 1, err
	}
	err = t.get(ctx, &objectID, `SELECT object_id FROM submissions WHERE user_id = $1 AND key = $2`, a.UserID, key)
	return objectID, false, err
}

// Fulfil remembers what a claimed form made.
func (t *Tx) Fulfil(ctx context.Context, a market.Actor, key string, objectID int64) error {
	if !formKeys.MatchString(key) {
		return nil
	}
	return t.execOne(ctx, `UPDATE submissions SET object_id = $3 WHERE user_id = $1 AND key = $2`, a.UserID, key, objectID)
}

func optionalID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
