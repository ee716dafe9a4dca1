package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// AddRemoval notes why a locked contract is taken off the register. It is written once.
func (t *Tx) AddRemoval(ctx context.Context, a market.Actor, contract int64, m market.Removal, at time.Time) error {
	return t.exec(ctx, `INSERT INTO contract_removals (contract_id, ground, benefits, note, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		contract, m.Ground, m.Benefits, m.Note, optionalID(a.UserID), at)
}

// removal is why a contract was taken off the register, nil when it was not or nothing was coded. The caller has read the
// contract for the actor.
func (r Queries) removal(ctx context.Context, contract int64) (*market.Removal, error) {
	var m market.Removal
	err := r.get(ctx, &m, `SELECT ground, benefits, note, at FROM contract_removals WHERE contract_id = $1`, contract)
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	return &m, err
}
