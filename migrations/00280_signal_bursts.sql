-- +goose Up
-- What a seller has handed in in a year.
CREATE INDEX contracts_seller_handed_in ON contracts (seller_uscc, submitted_at) INCLUDE (state) WHERE submitted_at IS NOT NULL;

-- +goose Down
DROP INDEX contracts_seller_handed_in;
