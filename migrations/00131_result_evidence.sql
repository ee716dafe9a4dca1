-- +goose Up
ALTER TABLE results ADD COLUMN evidence text NOT NULL DEFAULT '';
ALTER TABLE result_ips ADD COLUMN filed_on date, ADD COLUMN granted_on date, ADD CONSTRAINT result_ips_dates CHECK (granted_on >= filed_on);

-- +goose Down
ALTER TABLE result_ips DROP COLUMN filed_on, DROP COLUMN granted_on;
ALTER TABLE results DROP COLUMN evidence;
