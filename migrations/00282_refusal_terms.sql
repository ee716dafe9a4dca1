-- +goose Up
-- The grounds for refusing a registration change with the law, as the other code lists of contracts do.
ALTER TABLE refusal_grounds ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);

-- +goose Down
ALTER TABLE refusal_grounds DROP COLUMN valid_until, DROP COLUMN valid_from;
