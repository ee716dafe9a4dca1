package store

import (
	"context"

	"techmarket/internal/market"
)

const sealColumns = `SELECT e.kind, e.effective_on, x.seq, x.hash FROM ledger_entries e JOIN chain x ON x.log = 'ledger' AND x.row_id = e.id WHERE e.contract_id = $1 `

// ContractSeal returns the seal of a contract's newest ledger entry. NotFound when it has none, or the entry is not sealed
// yet. The caller has checked that the actor reads the contract.
func (r Queries) ContractSeal(ctx context.Context, contract int64) (market.Seal, error) {
	var s market.Seal
	err := r.get(ctx, &s, sealColumns+`AND e.id = (SELECT max(id) FROM ledger_entries WHERE contract_id = $1)`, contract)
	return s, err
}

// Sealed returns what the holder of a paper may read of the contract with that registration number. Callers show it only
// to those who know the code of one of its seals.
func (r Queries) Sealed(ctx context.Context, registrationNumber string) (market.Sealed, error) {
	var row struct {
		ID int64 `db:"id"`
		market.Sealed
	}
	err := r.get(ctx, &row, `SELECT c.id, c.registration_number, c.state, c.title, c.kind, c.seller_name, c.buyer_name, c.total_amount, NOT c.amount_fixed AS amount_open,
			c.tech_amount, c.signed_on, c.registered_on, coalesce(s.demo OR b.demo, s.demo, b.demo, false) AS demo
		FROM contracts c LEFT JOIN orgs s ON s.id = c.seller_org LEFT JOIN orgs b ON b.id = c.buyer_org WHERE c.registration_number = $1`, registrationNumber)
	if err != nil {
		return market.Sealed{}, err
	}
	err = r.all(ctx, &row.Seals, sealColumns+`ORDER BY e.id`, row.ID)
	return row.Sealed, err
}
