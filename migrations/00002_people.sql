-- +goose Up
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL CHECK (name <> ''),
  phone text NOT NULL DEFAULT '',
  password_hash text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'locked', 'closed')),
  failed_logins int NOT NULL DEFAULT 0,
  locked_until timestamptz,
  demo boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  CONSTRAINT users_email_key UNIQUE (email)
);

-- Bureau duties. System administration and audit are never held by one person.
CREATE TABLE duties (
  user_id bigint NOT NULL REFERENCES users (id),
  duty text NOT NULL CHECK (duty IN ('reviewer', 'registrar', 'statistician', 'auditor', 'admin')),
  PRIMARY KEY (user_id, duty)
);
-- +goose StatementBegin
CREATE FUNCTION duties_stay_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM users WHERE id = NEW.user_id FOR UPDATE;
  IF NEW.duty IN ('auditor', 'admin') AND EXISTS (
    SELECT 1 FROM duties WHERE user_id = NEW.user_id AND duty IN ('auditor', 'admin') AND duty <> NEW.duty) THEN
    RAISE EXCEPTION 'admin and auditor are never one person' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_stay_apart';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER duties_stay_apart BEFORE INSERT OR UPDATE ON duties FOR EACH ROW EXECUTE FUNCTION duties_stay_apart();

CREATE TABLE orgs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uscc char(18) NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  type text NOT NULL CHECK (type IN ('enterprise', 'university', 'institute', 'agency', 'bureau')),
  party_type text REFERENCES party_types (code),
  region char(6) NOT NULL REFERENCES regions (code),
  park text REFERENCES parks (code),
  legal_rep text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  about text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'unverified' CHECK (state IN ('unverified', 'pending', 'verified', 'rejected', 'suspended')),
  reason_code text REFERENCES return_reasons (code),
  reason text NOT NULL DEFAULT '',
  submitted_at timestamptz,
  verified_at timestamptz,
  demo boolean NOT NULL DEFAULT false,
  version int NOT NULL DEFAULT 1,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  CONSTRAINT orgs_verified_has_date CHECK (state NOT IN ('verified', 'suspended') OR verified_at IS NOT NULL),
  CONSTRAINT orgs_rejected_has_reason CHECK (state <> 'rejected' OR (reason_code IS NOT NULL AND reason <> '')),
  CONSTRAINT orgs_pending_has_date CHECK (state <> 'pending' OR submitted_at IS NOT NULL)
);
-- Two claims to one code may both wait in the queue; only one can be verified.
CREATE UNIQUE INDEX orgs_one_verified_per_uscc ON orgs (uscc) WHERE state IN ('verified', 'suspended');
CREATE INDEX orgs_uscc ON orgs (uscc);
CREATE INDEX orgs_queue ON orgs (submitted_at, id) WHERE state = 'pending';

CREATE TABLE members (
  org_id bigint NOT NULL REFERENCES orgs (id),
  user_id bigint NOT NULL REFERENCES users (id),
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

CREATE TABLE tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  hash bytea NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE sessions (
  token text PRIMARY KEY,
  data bytea NOT NULL,
  expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- +goose Down
DROP TABLE sessions, tokens, members, orgs, duties, users;
DROP FUNCTION duties_stay_apart();
