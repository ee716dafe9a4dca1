-- +goose Up
-- What must outlive a mistake: audit entries and moves are insert-only.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd

CREATE TABLE audit_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
  user_id bigint REFERENCES users (id),
  org_id bigint REFERENCES orgs (id),
  object_kind text NOT NULL DEFAULT '',
  object_id bigint,
  via text NOT NULL CHECK (via IN ('web', 'api', 'cli', 'job')),
  address text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT ''
);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, id);
CREATE INDEX audit_entries_user ON audit_entries (user_id, id);
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION refuse_change();

-- Every change of state of every noun.
CREATE TABLE moves (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  object_kind text NOT NULL,
  object_id bigint NOT NULL,
  move text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  user_id bigint REFERENCES users (id),
  org_id bigint REFERENCES orgs (id),
  at timestamptz NOT NULL,
  code text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT ''
);
CREATE INDEX moves_object ON moves (object_kind, object_id, id);
CREATE TRIGGER moves_append_only BEFORE UPDATE OR DELETE ON moves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER moves_no_truncate BEFORE TRUNCATE ON moves EXECUTE FUNCTION refuse_change();

-- A form posted twice is carried out once: the second post finds what the first one made.
CREATE TABLE submissions (
  user_id bigint NOT NULL REFERENCES users (id),
  key text NOT NULL,
  object_id bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);

CREATE TABLE notices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  org_id bigint REFERENCES orgs (id),
  title text NOT NULL,
  path text NOT NULL,
  created_at timestamptz NOT NULL,
  read_at timestamptz
);
CREATE INDEX notices_user ON notices (user_id, id);
CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL;

-- +goose Down
DROP TABLE notices, submissions, moves, audit_entries;
DROP FUNCTION refuse_change();
