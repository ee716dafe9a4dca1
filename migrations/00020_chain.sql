-- +goose Up
-- Append-only logs are chained by hashes: entry seq of a log holds the hash of the entry before it and of its row. A
-- sealer adds entries shortly after the rows are committed, so that writing a row waits for nobody.
CREATE TABLE chain (
  log text NOT NULL CHECK (log IN ('audit', 'ledger')),
  seq bigint NOT NULL CHECK (seq > 0),
  row_id bigint NOT NULL,
  algorithm text NOT NULL DEFAULT 'sha256' CHECK (algorithm IN ('sha256')),
  hash bytea NOT NULL,
  PRIMARY KEY (log, seq),
  CONSTRAINT chain_row_once UNIQUE (log, row_id)
);
CREATE TRIGGER chain_append_only BEFORE UPDATE OR DELETE ON chain FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_no_truncate BEFORE TRUNCATE ON chain EXECUTE FUNCTION refuse_change();

-- The rows that are not sealed yet, each with the transaction that wrote it.
CREATE TABLE chain_pending (
  log text NOT NULL,
  row_id bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (log, row_id)
);

-- The head of a log at the end of a day. Printed and kept elsewhere, it shows whether the log was cut or written anew.
CREATE TABLE chain_anchors (
  log text NOT NULL CHECK (log IN ('audit', 'ledger')),
  day date NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (log, day),
  FOREIGN KEY (log, seq) REFERENCES chain (log, seq)
);
CREATE TRIGGER chain_anchors_append_only BEFORE UPDATE OR DELETE ON chain_anchors FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_anchors_no_truncate BEFORE TRUNCATE ON chain_anchors EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chain_pending (log, row_id) VALUES (TG_ARGV[0], NEW.id);
  RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO chain_pending (log, row_id) SELECT 'audit', id FROM audit_entries;
INSERT INTO chain_pending (log, row_id) SELECT 'ledger', id FROM ledger_entries;
CREATE TRIGGER audit_entries_await_seal AFTER INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION await_seal('audit');
CREATE TRIGGER ledger_entries_await_seal AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION await_seal('ledger');

-- +goose Down
DROP TRIGGER ledger_entries_await_seal ON ledger_entries;
DROP TRIGGER audit_entries_await_seal ON audit_entries;
DROP FUNCTION await_seal();
DROP TABLE chain_anchors, chain_pending, chain;
