package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// targetReach is where the actor sees targets: everywhere, or the city's and those of one county.
func targetReach(a market.Actor) string {
	return a.Reach(market.Statistician, market.Registrar, market.Auditor)
}

const targetColumns = `t.id, t.year, t.region, t.basis, t.amount, t.status, t.approver, t.source, coalesce(u.name, '') AS user_name, t.created_at`

// Targets lists the targets that hold on a basis, the latest year first and in it the city, then its counties in their
// order. For registrars, statisticians and auditors; those of a county see its targets and the city's.
func (r Queries) Targets(ctx context.Context, a market.Actor, b market.Basis) ([]market.TargetEntry, error) {
	var out []market.TargetEntry
	err := r.all(ctx, &out, `SELECT `+targetColumns+` FROM (SELECT DISTINCT ON (region, year) * FROM targets
			WHERE basis = $1 AND ($2 = $3 OR $2 <> '' AND region IN ($2, $3)) ORDER BY region, year, id DESC) t
		LEFT JOIN users u ON u.id = t.user_id ORDER BY t.year DESC, t.region <> $3, t.region`, b, targetReach(a), market.City)
	return out, err
}

// TargetHistory lists every word on the targets of a basis, the newest first. For those who see Targets.
func (r Queries) TargetHistory(ctx context.Context, a market.Actor, b market.Basis, page Slice) ([]market.TargetEntry, int, error) {
	const where = ` WHERE t.basis = $1 AND ($2 = $3 OR $2 <> '' AND t.region IN ($2, $3))`
	reach := targetReach(a)
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM targets t`+where, b, reach, market.City); err != nil {
		return nil, 0, err
	}
	var out []market.TargetEntry
	err := r.all(ctx, &out, `SELECT `+targetColumns+` FROM targets t LEFT JOIN users u ON u.id = t.user_id`+where+` ORDER BY t.id DESC LIMIT $4 OFFSET $5`,
		b, reach, market.City, page.Limit, page.Offset)
	return out, total, err
}

// LastTarget is the number of the last word on any target; a form carries it.
func (r Queries) LastTarget(ctx context.Context) (int64, error) {
	var id int64
	err := r.get(ctx, &id, `SELECT coalesce(max(id), 0) FROM targets`)
	return id, err
}

// LockTargets keeps others from setting a target until the transaction ends, and returns the last word's number.
func (t *Tx) LockTargets(ctx context.Context) (int64, error) {
	if err := t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('targets'))`); err != nil {
		return 0, err
	}
	return t.LastTarget(ctx)
}

// AddTarget writes a target, which holds from now on.
func (t *Tx) AddTarget(ctx context.Context, a market.Actor, e market.TargetEntry, at time.Time) error {
	return t.exec(ctx, `INSERT INTO targets (year, region, basis, amount, status, approver, source, user_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.Year, e.Region, e.Basis, e.Amount, e.Status, e.Approver, e.Source, a.UserID, at)
}
