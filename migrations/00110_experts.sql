-- +goose Up
-- Experts: of a university or an institute, or kept by the bureau. Who has not agreed is public nowhere.
CREATE TABLE experts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id bigint REFERENCES orgs (id),     -- whose expert it is; NULL when the bureau keeps the entry
  org_name text NOT NULL DEFAULT '',      -- where an expert without org_id works
  name text NOT NULL CHECK (name <> ''),
  title text NOT NULL DEFAULT '',
  fields text[] NOT NULL DEFAULT '{}',
  tech_field text REFERENCES tech_fields (code),
  expertise text NOT NULL DEFAULT '',
  region char(6) NOT NULL REFERENCES regions (code),
  email text NOT NULL DEFAULT '' CHECK (email = lower(email)),
  phone text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'public', 'withdrawn')),
  consent_on date,                        -- when the person agreed to be public
  consent_by text NOT NULL DEFAULT '' CHECK (consent_by IN ('', 'paper', 'account')),
  contact_on date,                        -- when the person agreed that phone and address are public too
  revoked_on date,                        -- when the person last took an agreement back; a paper must be of a later day
  import_id bigint REFERENCES imports (id),
  demo boolean NOT NULL DEFAULT false,
  version int NOT NULL DEFAULT 1,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  published_at timestamptz,
  CONSTRAINT experts_public_has_consent CHECK (state <> 'public' OR consent_on IS NOT NULL),
  CONSTRAINT experts_consent_has_form CHECK ((consent_on IS NULL) = (consent_by = '')),
  CONSTRAINT experts_contact_has_consent CHECK (contact_on IS NULL OR consent_on IS NOT NULL)
);
CREATE INDEX experts_org ON experts (org_id, name, id);
CREATE INDEX experts_public ON experts (name, id) WHERE state = 'public';
CREATE INDEX experts_email ON experts (email) WHERE email <> '';
CREATE INDEX experts_import ON experts (import_id) WHERE import_id IS NOT NULL;

-- +goose Down
DROP TABLE experts;
