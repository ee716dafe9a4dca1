package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// incentives reads all that there are and were: they are part of the reference data.
func (r Queries) incentives(ctx context.Context) ([]market.Incentive, error) {
	var rows []struct {
		Code       string      `db:"code"`
		From       time.Time   `db:"valid_from"`
		Until      *time.Time  `db:"valid_until"`
		Title      string      `db:"title"`
		Party      string      `db:"party"`
		Benefit    string      `db:"benefit"`
		Kinds      stringArray `db:"kinds"`
		Conditions stringArray `db:"conditions"`
		Todo       stringArray `db:"todo"`
		Caution    string      `db:"caution"`
		Related    string      `db:"related"`
		Basis      string      `db:"basis"`
		Read       bool        `db:"was_read"`
	}
	err := r.all(ctx, &rows, `SELECT code, valid_from, valid_until, title, party, benefit, kinds, conditions, todo, caution, related, basis, was_read
		FROM incentives ORDER BY position, code, valid_from`)
	out := make([]market.Incentive, len(rows))
	for i, x := range rows {
		out[i] = market.Incentive{Code: x.Code, From: market.DateOf(x.From), Until: dateOf(x.Until), Title: x.Title, Party: x.Party, Benefit: x.Benefit, Kinds: x.Kinds,
			Conditions: x.Conditions, Todo: x.Todo, Caution: x.Caution, Related: x.Related, Basis: x.Basis, Read: x.Read}
	}
	return out, err
}
