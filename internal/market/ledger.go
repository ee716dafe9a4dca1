package market

import (
	"time"

	"github.com/shopspring/decimal"
)

// LedgerEntry is one row of the ledger that turnover is summed from. Amounts are signed yuan.
type LedgerEntry struct {
	ID           int64           `db:"id"`
	ContractID   int64           `db:"contract_id"`
	Kind         string          `db:"kind"`
	EffectiveOn  time.Time       `db:"effective_on"`
	Contracts    int             `db:"contracts"`
	TotalAmount  decimal.Decimal `db:"total_amount"`
	TechAmount   decimal.Decimal `db:"tech_amount"`
	SellerInCity bool            `db:"seller_in_city"`
	BuyerInCity  bool            `db:"buyer_in_city"`
	SellerRegion string          `db:"seller_region"`
	BuyerRegion  string          `db:"buyer_region"`
	SellerPark   *string         `db:"seller_park"`
	Submarket    *string         `db:"submarket"`
	ContractKind string          `db:"contract_kind"`
	TechField    string          `db:"tech_field"`
	SellerType   string          `db:"seller_type"`
	BuyerType    string          `db:"buyer_type"`
	IPType       string          `db:"ip_type"`
	TradeMode    string          `db:"trade_mode"`
	HasAgency    bool            `db:"has_agency"`
	AmendmentID  *int64          `db:"amendment_id"` // that made the entry
	At           time.Time       `db:"at"`
}

// Registration is the entry that registering the contract on that day adds to the ledger.
func (c Contract) Registration(ref *Reference, on time.Time) LedgerEntry {
	return LedgerEntry{
		ContractID: c.ID, Kind: "registered", EffectiveOn: on, Contracts: 1,
		TotalAmount: c.TotalAmount, TechAmount: c.TechAmount,
		SellerInCity: ref.Regions.InCity(c.Seller.Region), BuyerInCity: ref.Regions.InCity(c.Buyer.Region),
		SellerRegion: c.Seller.Region, BuyerRegion: c.Buyer.Region, SellerPark: optional(c.SellerPark),
		Submarket: optional(c.Submarket), ContractKind: c.Kind, TechField: c.TechField,
		SellerType: c.Seller.Type, BuyerType: c.Buyer.Type, IPType: c.IPType,
		TradeMode: c.TradeMode, HasAgency: c.AgencyName != "",
	}
}

// Standing is how a contract stands in the ledger after its entries: their sum, under the dimensions of the last that
// has any effect on them. It is the zero entry when there are none.
func Standing(entries []LedgerEntry) LedgerEntry {
	var s LedgerEntry
	for _, e := range entries {
		contracts, total, tech := s.Contracts+e.Contracts, s.TotalAmount.Add(e.TotalAmount), s.TechAmount.Add(e.TechAmount)
		s = e
		s.Contracts, s.TotalAmount, s.TechAmount = contracts, total, tech
	}
	return s
}

// Reversal is the entry that takes back e, the standing of a contract, on that day. kind is cancelled or revoked.
func (e LedgerEntry) Reversal(kind string, on time.Time) LedgerEntry {
	r := e.entry(kind, on)
	r.Contracts, r.TotalAmount, r.TechAmount = -1, e.TotalAmount.Neg(), e.TechAmount.Neg()
	return r
}

// Change are the entries that bring a contract from the standing e to the standing to on that day: none when nothing
// moves in the ledger; the difference of the amounts when the dimensions stay; when one moves a pair, everything back
// under the old ones and everything again under the new ones.
func (e LedgerEntry) Change(to LedgerEntry, on time.Time) []LedgerEntry {
	if !e.sameDimensions(to) {
		return []LedgerEntry{e.Reversal("changed", on), to.entry("changed", on)}
	}
	d := e.entry("changed", on)
	d.Contracts, d.TotalAmount, d.TechAmount = 0, to.TotalAmount.Sub(e.TotalAmount), to.TechAmount.Sub(e.TechAmount)
	if d.TotalAmount.IsZero() && d.TechAmount.IsZero() {
		return nil
	}
	return []LedgerEntry{d}
}

// Supplement is the entry by which a royalty that stands in the ledger as e grows on that day.
func (e LedgerEntry) Supplement(total, tech decimal.Decimal, on time.Time) LedgerEntry {
	r := e.entry("supplement", on)
	r.Contracts, r.TotalAmount, r.TechAmount = 0, total, tech
	return r
}

// entry is e as a new entry of that kind.
func (e LedgerEntry) entry(kind string, on time.Time) LedgerEntry {
	e.ID, e.Kind, e.EffectiveOn, e.AmendmentID, e.At = 0, kind, on, nil, time.Time{}
	return e
}

// sameDimensions reports whether turnover counts both under the same heads.
func (e LedgerEntry) sameDimensions(o LedgerEntry) bool {
	return e.SellerInCity == o.SellerInCity && e.BuyerInCity == o.BuyerInCity && e.SellerRegion == o.SellerRegion && e.BuyerRegion == o.BuyerRegion &&
		deref(e.SellerPark) == deref(o.SellerPark) && deref(e.Submarket) == deref(o.Submarket) && e.ContractKind == o.ContractKind &&
		e.TechField == o.TechField && e.SellerType == o.SellerType && e.BuyerType == o.BuyerType && e.IPType == o.IPType &&
		e.TradeMode == o.TradeMode && e.HasAgency == o.HasAgency
}
