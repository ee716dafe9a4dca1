-- +goose Up
-- Lists of experts and organisations. Those of the bureau belong to no organisation; they are of the place that the reviewer
-- who brought them sees to.
ALTER TABLE imports ALTER COLUMN org_id DROP NOT NULL,
  ADD COLUMN region text NOT NULL DEFAULT '',
  ADD COLUMN columns text[], -- what each heading was said to be, '' for nothing; NULL as the reader takes it
  ADD COLUMN rows_hidden int NOT NULL DEFAULT 0,
  ADD COLUMN rows_gaps int NOT NULL DEFAULT 0, -- of the valid and the similar, those that can be drafts only
  DROP CONSTRAINT imports_kind_check,
  ADD CONSTRAINT imports_kind_check CHECK (kind IN ('need', 'result', 'expert', 'org')),
  ADD CONSTRAINT imports_bureau_has_region CHECK ((org_id IS NULL) = (region <> '')),
  ADD CONSTRAINT imports_owner_fits CHECK (kind = 'expert' OR (kind = 'org') = (org_id IS NULL)),
  DROP CONSTRAINT imports_submit_has_secrecy,
  ADD CONSTRAINT imports_submit_has_secrecy CHECK (NOT submit OR secrecy_confirmed OR kind = 'expert');
CREATE INDEX imports_bureau ON imports (id DESC) WHERE org_id IS NULL;

-- What a row became, or is the same as, where that is no listing: by the kind of the import.
ALTER TABLE import_rows ADD COLUMN made_id bigint, ADD COLUMN same_id bigint;

-- An organisation that the bureau entered from a list and that nobody has claimed has no members.
ALTER TABLE orgs ADD COLUMN import_id bigint REFERENCES imports (id);
CREATE INDEX orgs_import ON orgs (import_id) WHERE import_id IS NOT NULL;

-- +goose Down
ALTER TABLE orgs DROP COLUMN import_id;
ALTER TABLE import_rows DROP COLUMN same_id, DROP COLUMN made_id;
DROP INDEX imports_bureau;
ALTER TABLE imports DROP CONSTRAINT imports_submit_has_secrecy, DROP CONSTRAINT imports_owner_fits, DROP CONSTRAINT imports_bureau_has_region,
  DROP CONSTRAINT imports_kind_check, DROP COLUMN rows_gaps, DROP COLUMN rows_hidden, DROP COLUMN columns, DROP COLUMN region;
ALTER TABLE imports ADD CONSTRAINT imports_submit_has_secrecy CHECK (NOT submit OR secrecy_confirmed),
  ADD CONSTRAINT imports_kind_check CHECK (kind IN ('need', 'result')), ALTER COLUMN org_id SET NOT NULL;
