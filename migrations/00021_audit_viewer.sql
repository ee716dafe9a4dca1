-- +goose Up
-- What the audit viewer filters by, each with its order: newest first.
CREATE INDEX audit_entries_at ON audit_entries (at DESC, id DESC);
CREATE INDEX audit_entries_user_at ON audit_entries (user_id, at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX audit_entries_org_at ON audit_entries (org_id, at DESC, id DESC) WHERE org_id IS NOT NULL;
CREATE INDEX audit_entries_action_at ON audit_entries (action text_pattern_ops, at DESC, id DESC);
CREATE INDEX audit_entries_object_at ON audit_entries (object_kind, object_id, at DESC, id DESC);
CREATE INDEX audit_entries_address_at ON audit_entries (address, at DESC, id DESC);
CREATE INDEX audit_entries_refused ON audit_entries (at DESC, id DESC) WHERE outcome = 'refused';
DROP INDEX audit_entries_user, audit_entries_object;

-- Each check of a chain: how far it was right, and the first difference.
CREATE TABLE chain_checks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  log text NOT NULL CHECK (log IN ('audit', 'ledger')),
  at timestamptz NOT NULL,
  milliseconds int NOT NULL,
  seq bigint NOT NULL,
  fault text NOT NULL DEFAULT ''
);
CREATE INDEX chain_checks_newest ON chain_checks (log, id DESC);
CREATE TRIGGER chain_checks_append_only BEFORE UPDATE OR DELETE ON chain_checks FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE chain_checks;
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, id);
CREATE INDEX audit_entries_user ON audit_entries (user_id, id);
DROP INDEX audit_entries_at, audit_entries_user_at, audit_entries_org_at, audit_entries_action_at, audit_entries_object_at, audit_entries_address_at, audit_entries_refused;
