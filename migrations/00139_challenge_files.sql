-- +goose Up
-- The purposes are those of market.FilePurpose; who may read a file follows from what it belongs to.
ALTER TABLE files DROP CONSTRAINT files_purpose_check, ADD CONSTRAINT files_purpose_check CHECK (purpose ~ '^[a-z]+$');

-- +goose Down
DELETE FROM files WHERE purpose NOT IN ('licence', 'mandate', 'listing');
ALTER TABLE files DROP CONSTRAINT files_purpose_check, ADD CONSTRAINT files_purpose_check CHECK (purpose IN ('licence', 'mandate', 'listing'));
