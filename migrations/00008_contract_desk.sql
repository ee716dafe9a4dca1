-- +goose Up
-- The registrar's desk counts by state and lists by the day a decision is due.
CREATE INDEX contracts_state ON contracts (state, id DESC);
CREATE INDEX contracts_due ON contracts (due_on, submitted_at, id) WHERE state IN ('submitted', 'accepted', 'second_review', 'to_register');
-- Contracts between the same two parties are shown to the registrar, who looks for one that is registered twice.
CREATE INDEX contracts_parties ON contracts (seller_uscc, buyer_uscc, signed_on DESC);

-- +goose Down
DROP INDEX contracts_parties, contracts_due, contracts_state;
