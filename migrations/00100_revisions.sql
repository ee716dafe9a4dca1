-- +goose Up
-- The texts of needs and results over time: each one that was published or sent back, and, with edit, the edits of what is
-- public, which wait beside it until a reviewer has passed them. content is the whole need or result as JSON.
CREATE TABLE listing_revisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  edit boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'in_review', 'published', 'returned', 'discarded')),
  content jsonb NOT NULL,
  version int NOT NULL, -- grows with every save, and is above the listing's own
  written_by bigint REFERENCES users (id),
  agency_id bigint REFERENCES orgs (id), -- that acted for the owner
  updated_at timestamptz NOT NULL,
  submitted_at timestamptz,
  decided_by bigint REFERENCES users (id),
  decided_at timestamptz,
  return_codes text[] NOT NULL DEFAULT '{}',
  return_note text NOT NULL DEFAULT '',
  CONSTRAINT listing_revisions_submitted CHECK (state <> 'in_review' OR submitted_at IS NOT NULL),
  CONSTRAINT listing_revisions_open_is_edit CHECK (edit OR state IN ('published', 'returned'))
);
CREATE INDEX listing_revisions_listing ON listing_revisions (listing_id, id DESC);
CREATE UNIQUE INDEX listing_revisions_one_open ON listing_revisions (listing_id) WHERE state IN ('draft', 'in_review');
CREATE INDEX listing_revisions_waiting ON listing_revisions (submitted_at) WHERE state = 'in_review';
CREATE INDEX listing_revisions_written_by ON listing_revisions (written_by);

-- +goose StatementBegin
CREATE FUNCTION keep_decided_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('published', 'returned', 'discarded') THEN
    RAISE EXCEPTION 'a decided revision is not changed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER listing_revisions_keep BEFORE UPDATE ON listing_revisions FOR EACH ROW EXECUTE FUNCTION keep_decided_revision();

-- +goose Down
DROP TABLE listing_revisions;
DROP FUNCTION keep_decided_revision();
