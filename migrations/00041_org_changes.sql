-- +goose Up
-- What verification settled of an organisation, its name, code and type, changes only through a request that a reviewer
-- decides on. Until then the organisation stays as it was verified. A request holds both sides and is never edited.
CREATE TABLE org_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'applied', 'returned', 'withdrawn')),
  name text NOT NULL CHECK (name <> ''),
  uscc char(18) NOT NULL,
  type text NOT NULL CHECK (type IN ('enterprise', 'university', 'institute', 'agency')),
  licence_file text NOT NULL REFERENCES files (id),
  old_name text NOT NULL,
  old_uscc char(18) NOT NULL,
  old_type text NOT NULL,
  old_licence text REFERENCES files (id), -- kept: it is what the earlier verification looked at
  note text NOT NULL DEFAULT '',
  requested_by bigint NOT NULL REFERENCES users (id),
  requested_at timestamptz NOT NULL,
  decided_by bigint REFERENCES users (id),
  decided_at timestamptz,
  reason_code text REFERENCES return_reasons (code),
  reason text NOT NULL DEFAULT '',
  CONSTRAINT org_changes_change_something CHECK ((name, uscc, type) <> (old_name, old_uscc, old_type)),
  CONSTRAINT org_changes_decided_has_date CHECK ((state = 'pending') = (decided_at IS NULL)),
  CONSTRAINT org_changes_returned_has_reason CHECK (state <> 'returned' OR (reason_code IS NOT NULL AND reason <> ''))
);
CREATE UNIQUE INDEX org_changes_one_pending ON org_changes (org_id) WHERE state = 'pending';
CREATE INDEX org_changes_org ON org_changes (org_id, id);
CREATE INDEX org_changes_uscc ON org_changes (uscc) WHERE state = 'pending';
CREATE INDEX org_changes_queue ON org_changes (requested_at, id) WHERE state = 'pending';
CREATE INDEX org_changes_licence ON org_changes (licence_file);
CREATE INDEX org_changes_old_licence ON org_changes (old_licence) WHERE old_licence IS NOT NULL;

-- Each read of a listing asks which organisations are suspended.
CREATE INDEX orgs_suspended ON orgs (id) WHERE state = 'suspended';

-- +goose Down
DROP INDEX orgs_suspended;
DROP TABLE org_changes;
