-- +goose Up
-- What an import was checked with, what was found, how far it has come, and what a reviewer said of the whole batch.
ALTER TABLE imports
  ADD COLUMN sheet text NOT NULL DEFAULT '',
  ADD COLUMN headings text[] NOT NULL DEFAULT '{}',
  ADD COLUMN defaults jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN rows_similar int NOT NULL DEFAULT 0,
  ADD COLUMN rows_same int NOT NULL DEFAULT 0,
  ADD COLUMN last_row int NOT NULL DEFAULT 0,
  ADD COLUMN similar_too boolean NOT NULL DEFAULT false,
  ADD COLUMN secrecy_confirmed boolean NOT NULL DEFAULT false,
  ADD COLUMN decision text NOT NULL DEFAULT '' CHECK (decision IN ('', 'publish', 'return')),
  ADD COLUMN decided_by bigint REFERENCES users (id),
  ADD COLUMN decided_at timestamptz,
  ADD COLUMN return_codes text[] NOT NULL DEFAULT '{}',
  ADD COLUMN return_note text NOT NULL DEFAULT '',
  ADD COLUMN reviewed_at timestamptz,
  ADD CONSTRAINT imports_submit_has_secrecy CHECK (NOT submit OR secrecy_confirmed),
  ADD CONSTRAINT imports_decision_has_date CHECK (decision = '' OR decided_at IS NOT NULL);
-- The batches that wait for a reviewer.
CREATE INDEX imports_in_review ON imports (finished_at, id) WHERE submit AND state = 'done' AND decision = '';

ALTER TABLE import_rows
  ADD COLUMN duplicate text NOT NULL DEFAULT '' CHECK (duplicate IN ('', 'similar', 'same')),
  ADD COLUMN duplicate_by text NOT NULL DEFAULT '',
  ADD COLUMN duplicate_row int NOT NULL DEFAULT 0;
-- Deleting a listing looks here for what was noted of it.
CREATE INDEX import_rows_listing ON import_rows (listing_id) WHERE listing_id IS NOT NULL;
CREATE INDEX import_rows_duplicate ON import_rows (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- +goose Down
DROP INDEX import_rows_duplicate, import_rows_listing, imports_in_review;
ALTER TABLE import_rows DROP COLUMN duplicate_row, DROP COLUMN duplicate_by, DROP COLUMN duplicate;
ALTER TABLE imports DROP CONSTRAINT imports_decision_has_date, DROP CONSTRAINT imports_submit_has_secrecy,
  DROP COLUMN reviewed_at, DROP COLUMN return_note, DROP COLUMN return_codes, DROP COLUMN decided_at, DROP COLUMN decided_by, DROP COLUMN decision,
  DROP COLUMN secrecy_confirmed, DROP COLUMN similar_too, DROP COLUMN last_row, DROP COLUMN rows_same, DROP COLUMN rows_similar, DROP COLUMN defaults,
  DROP COLUMN headings, DROP COLUMN sheet;
