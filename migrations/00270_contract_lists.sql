-- +goose Up
-- The registrar's list: how many contracts are in each state, with any filter, without reading the contracts themselves, and
-- those decided in the order in which they are shown.
CREATE INDEX contracts_count ON contracts (state, seller_region, kind, tech_amount) WHERE submitted_at IS NOT NULL OR registered_on IS NOT NULL;
CREATE INDEX contracts_decided ON contracts (registered_on DESC NULLS LAST, updated_at DESC, id DESC) WHERE submitted_at IS NOT NULL OR registered_on IS NOT NULL;
CREATE INDEX contracts_decided_place ON contracts (seller_region, registered_on DESC NULLS LAST, updated_at DESC, id DESC) WHERE submitted_at IS NOT NULL OR registered_on IS NOT NULL;
CREATE INDEX contracts_queue ON contracts (due_on, submitted_at, id) WHERE submitted_at IS NOT NULL OR registered_on IS NOT NULL;

-- What changed contracts that were registered before, and the largest entries behind a figure.
CREATE INDEX ledger_entries_adjusted ON ledger_entries (effective_on DESC, id DESC) WHERE kind <> 'registered';
CREATE INDEX ledger_entries_total ON ledger_entries (total_amount DESC, id DESC);
CREATE INDEX ledger_entries_tech ON ledger_entries (tech_amount DESC, id DESC);

-- +goose Down
DROP INDEX ledger_entries_tech, ledger_entries_total, ledger_entries_adjusted, contracts_queue, contracts_decided_place, contracts_decided, contracts_count;
