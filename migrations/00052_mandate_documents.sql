-- +goose Up
-- The signed authority behind a mandate. Mandates of the demonstration have none.
ALTER TABLE files DROP CONSTRAINT files_purpose_check, ADD CONSTRAINT files_purpose_check CHECK (purpose IN ('licence', 'mandate'));
ALTER TABLE mandates ADD COLUMN document_file text REFERENCES files (id);
CREATE UNIQUE INDEX mandates_document ON mandates (document_file) WHERE document_file IS NOT NULL;

-- +goose Down
ALTER TABLE mandates DROP COLUMN document_file;
