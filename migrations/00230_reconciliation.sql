-- +goose Up
-- A month or a year of registrations is compared with what the national system exports. A closed period keeps its
-- statement: both sides and every decision as they stood.
CREATE TABLE reconciliations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  period text NOT NULL CHECK (period ~ '^[0-9]{4}(-[0-9]{2})?$'),
  from_on date NOT NULL,
  to_on date NOT NULL,
  gap numeric(18,2), -- ours less theirs when its first file was taken
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  closed_by bigint REFERENCES users (id),
  statement jsonb,
  CONSTRAINT reconciliations_period_key UNIQUE (period),
  CONSTRAINT reconciliations_days CHECK (from_on <= to_on),
  CONSTRAINT reconciliations_closed CHECK ((closed_at IS NULL) = (statement IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);

-- The files that were brought; the one taken last is what is compared.
CREATE TABLE national_files (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reconciliation_id bigint NOT NULL REFERENCES reconciliations (id),
  name text NOT NULL,
  sheet text NOT NULL DEFAULT '',
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  headings text[] NOT NULL,
  columns text[] NOT NULL,
  state text NOT NULL DEFAULT 'checked' CHECK (state IN ('checked', 'taken', 'discarded')),
  rows_hidden int NOT NULL DEFAULT 0,
  rows_total int NOT NULL,
  rows_bad int NOT NULL,
  total numeric(18,2) NOT NULL,
  user_id bigint NOT NULL REFERENCES users (id),
  created_at timestamptz NOT NULL,
  taken_at timestamptz,
  CONSTRAINT national_files_taken CHECK ((state = 'taken') = (taken_at IS NOT NULL))
);
CREATE UNIQUE INDEX national_files_same ON national_files (reconciliation_id, sha256) WHERE state <> 'discarded';
CREATE INDEX national_files_headings ON national_files (user_id, id DESC) WHERE state = 'taken';

CREATE TABLE national_rows (
  file_id bigint NOT NULL REFERENCES national_files (id) ON DELETE CASCADE,
  row int NOT NULL,
  cells text[] NOT NULL,
  data jsonb NOT NULL,
  problems jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (file_id, row)
);

-- Which contract here a row is, where somebody had to choose.
CREATE TABLE reconciliation_pairs (
  reconciliation_id bigint NOT NULL REFERENCES reconciliations (id),
  number text NOT NULL,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL,
  PRIMARY KEY (reconciliation_id, number)
);

CREATE TABLE reconciliation_decisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reconciliation_id bigint NOT NULL REFERENCES reconciliations (id),
  number text NOT NULL,
  contract_id bigint NOT NULL, -- 0 for a contract that is not here
  field text NOT NULL,
  title text NOT NULL,
  ours text NOT NULL,
  theirs text NOT NULL,
  choice text NOT NULL CHECK (choice IN ('national', 'ours', 'both')),
  reason text NOT NULL CHECK (reason <> ''),
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL,
  confirmed_by bigint REFERENCES users (id),
  confirmed_at timestamptz,
  undone_by bigint REFERENCES users (id),
  undone_at timestamptz,
  CONSTRAINT reconciliation_decisions_two CHECK (confirmed_by <> user_id),
  CONSTRAINT reconciliation_decisions_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR choice = 'national')),
  CONSTRAINT reconciliation_decisions_undone CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE UNIQUE INDEX reconciliation_decisions_one ON reconciliation_decisions (reconciliation_id, number, contract_id, field) WHERE undone_at IS NULL;

-- A closed period stays as it is.
-- +goose StatementBegin
CREATE FUNCTION refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_period bigint; BEGIN
  IF TG_TABLE_NAME = 'reconciliations' THEN
    IF OLD.closed_at IS NULL AND TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
  ELSE
    IF TG_OP = 'DELETE' THEN of_period := OLD.reconciliation_id; ELSE of_period := NEW.reconciliation_id; END IF;
    IF NOT EXISTS (SELECT 1 FROM reconciliations r WHERE r.id = of_period AND r.closed_at IS NOT NULL) THEN
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a closed period of % does not change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER reconciliations_closed BEFORE UPDATE OR DELETE ON reconciliations FOR EACH ROW EXECUTE FUNCTION refuse_closed_period();
CREATE TRIGGER national_files_closed BEFORE INSERT OR UPDATE OR DELETE ON national_files FOR EACH ROW EXECUTE FUNCTION refuse_closed_period();
CREATE TRIGGER reconciliation_pairs_closed BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_pairs FOR EACH ROW EXECUTE FUNCTION refuse_closed_period();
CREATE TRIGGER reconciliation_decisions_closed BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_decisions FOR EACH ROW EXECUTE FUNCTION refuse_closed_period();

-- +goose Down
DROP TABLE reconciliation_decisions, reconciliation_pairs, national_rows, national_files, reconciliations;
DROP FUNCTION refuse_closed_period();
