-- +goose Up
-- For whom a person acted last, so that the next sign-in starts there. The agency is set when it was under a mandate.
ALTER TABLE users ADD COLUMN acting_org bigint REFERENCES orgs (id), ADD COLUMN acting_agency bigint REFERENCES orgs (id);

-- A client lets an agency act for it. Dates are inclusive; a mandate counts only between them, whatever its state says.
CREATE TABLE mandates (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_org bigint NOT NULL REFERENCES orgs (id),
  agency_org bigint NOT NULL REFERENCES orgs (id),
  scopes text[] NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended', 'revoked')),
  granted_by bigint NOT NULL REFERENCES users (id),
  granted_at timestamptz NOT NULL,
  ended_by bigint REFERENCES users (id), -- null where the date ended it
  ended_at timestamptz,
  reason text NOT NULL DEFAULT '',
  CONSTRAINT mandates_two_parties CHECK (client_org <> agency_org),
  CONSTRAINT mandates_scopes CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['post', 'negotiate', 'contract']),
  CONSTRAINT mandates_dates CHECK (starts_on <= ends_on),
  CONSTRAINT mandates_ended_has_time CHECK ((state = 'active') = (ended_at IS NULL)),
  CONSTRAINT mandates_revoked_has_person CHECK (state <> 'revoked' OR ended_by IS NOT NULL)
);
CREATE UNIQUE INDEX mandates_one_active ON mandates (client_org, agency_org) WHERE state = 'active';
CREATE INDEX mandates_client ON mandates (client_org, id DESC);
CREATE INDEX mandates_agency ON mandates (agency_org, id DESC);
CREATE INDEX mandates_due ON mandates (ends_on) WHERE state = 'active';

-- The agency that acted for the organisation beside it.
ALTER TABLE moves ADD COLUMN agency_id bigint REFERENCES orgs (id);
CREATE INDEX moves_agency ON moves (agency_id, object_kind, object_id) WHERE agency_id IS NOT NULL;
ALTER TABLE audit_entries ADD COLUMN agency_id bigint REFERENCES orgs (id);
ALTER TABLE inquiry_messages ADD COLUMN agency_id bigint REFERENCES orgs (id);
ALTER TABLE imports ADD COLUMN agency_id bigint REFERENCES orgs (id);

-- +goose Down
ALTER TABLE imports DROP COLUMN agency_id;
ALTER TABLE inquiry_messages DROP COLUMN agency_id;
ALTER TABLE audit_entries DROP COLUMN agency_id;
ALTER TABLE moves DROP COLUMN agency_id;
DROP TABLE mandates;
ALTER TABLE users DROP COLUMN acting_org, DROP COLUMN acting_agency;
