package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// AddLedgerEntry appends to the ledger that turnover is summed from. A contract is registered, cancelled and revoked at
// most once, and after the last of these it has no entries; anything else is an error of the program.
func (t *Tx) AddLedgerEntry(ctx context.Context, a market.Actor, e market.LedgerEntry, at time.Time) error {
	return t.exec(ctx, `INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city,
			buyer_in_city, seller_region, buyer_region, seller_park, submarket, contract_kind, tech_field, seller_type, buyer_type, ip_type,
			trade_mode, has_agency, user_id, at, amendment_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		e.ContractID, e.Kind, e.EffectiveOn, e.Contracts, e.TotalAmount, e.TechAmount, e.SellerInCity,
		e.BuyerInCity, e.SellerRegion, e.BuyerRegion, e.SellerPark, e.Submarket, e.ContractKind, e.TechField, e.SellerType, e.BuyerType, e.IPType,
		e.TradeMode, e.HasAgency, optionalID(a.UserID), at, e.AmendmentID)
}

// LedgerEntries lists a contract's entries in the order they were written. The caller has checked the actor, and locked
// the contract when the answer must hold.
func (r Queries) LedgerEntries(ctx context.Context, contractID int64) ([]market.LedgerEntry, error) {
	var out []market.LedgerEntry
	err := r.all(ctx, &out, `SELECT id, contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city,
			seller_region, buyer_region, seller_park, submarket, contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at, amendment_id
		FROM ledger_entries WHERE contract_id = $1 ORDER BY id`, contractID)
	return out, err
}
