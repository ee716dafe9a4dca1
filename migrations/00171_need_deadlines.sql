-- +goose Up
-- Needs are filtered by how soon their deadline is.
CREATE INDEX needs_deadline ON needs (deadline);

-- +goose Down
DROP INDEX needs_deadline;
