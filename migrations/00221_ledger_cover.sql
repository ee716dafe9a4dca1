-- +goose Up
-- All that the figures are summed from and split by stands in the index, so that a year is read without the table.
DROP INDEX ledger_entries_figures;
CREATE INDEX ledger_entries_figures ON ledger_entries (effective_on)
  INCLUDE (at, seller_in_city, buyer_in_city, contracts, total_amount, tech_amount, seller_region, buyer_region, seller_park, submarket, contract_kind, tech_field,
    seller_type, buyer_type, ip_type, trade_mode, has_agency, kind, contract_id, id);

-- +goose Down
DROP INDEX ledger_entries_figures;
CREATE INDEX ledger_entries_figures ON ledger_entries (effective_on, seller_in_city, buyer_in_city)
  INCLUDE (contracts, total_amount, tech_amount, seller_region, submarket, contract_kind, contract_id, at, trade_mode, has_agency);
