-- +goose Up
-- What a seller asks of a registered contract: to change it, or to add what a royalty has brought. The contract's row shows
-- the newest version; each version is kept here: the first is the earliest confirmed change's before, the others are what
-- the confirmed changes proposed. Amounts of a supplement are yuan.
CREATE TABLE contract_amendments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  kind text NOT NULL CHECK (kind IN ('change', 'supplement')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'second_review', 'confirmed', 'refused', 'withdrawn', 'lapsed')),
  why text NOT NULL CHECK (why <> ''),
  before jsonb,
  proposed jsonb,
  obtained_on date,
  total_amount numeric(18,2),
  tech_amount numeric(18,2),
  final boolean NOT NULL DEFAULT false, -- 总额已定: the last supplement
  file_id text NOT NULL UNIQUE REFERENCES files (id),
  two boolean NOT NULL, -- two people must look at it
  asked_by bigint REFERENCES users (id),
  asked_at timestamptz NOT NULL,
  due_on date NOT NULL,
  first_reviewer bigint REFERENCES users (id),
  second_reviewer bigint REFERENCES users (id),
  decided_at timestamptz,
  reason_code text REFERENCES refusal_grounds (code),
  reason text NOT NULL DEFAULT '',
  CONSTRAINT contract_amendments_body CHECK (CASE kind
    WHEN 'change' THEN before IS NOT NULL AND proposed IS NOT NULL AND total_amount IS NULL AND tech_amount IS NULL AND obtained_on IS NULL AND NOT final
    ELSE before IS NULL AND proposed IS NULL AND total_amount > 0 AND tech_amount BETWEEN 0 AND total_amount AND obtained_on IS NOT NULL END),
  CONSTRAINT contract_amendments_decided CHECK ((state IN ('open', 'second_review')) = (decided_at IS NULL)),
  CONSTRAINT contract_amendments_second CHECK (state <> 'second_review' OR two AND first_reviewer IS NOT NULL),
  CONSTRAINT contract_amendments_confirmed CHECK (state <> 'confirmed' OR first_reviewer IS NOT NULL AND (NOT two OR second_reviewer IS NOT NULL)),
  CONSTRAINT contract_amendments_two_reviewers CHECK (first_reviewer <> second_reviewer),
  CONSTRAINT contract_amendments_refused CHECK (state <> 'refused' OR reason_code IS NOT NULL AND reason <> '')
);
-- One at a time.
CREATE UNIQUE INDEX contract_amendments_one_open ON contract_amendments (contract_id) WHERE state IN ('open', 'second_review');
CREATE INDEX contract_amendments_contract ON contract_amendments (contract_id, id);
CREATE INDEX contract_amendments_desk ON contract_amendments (due_on, id) WHERE state IN ('open', 'second_review');

-- +goose StatementBegin
CREATE FUNCTION keep_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state IN ('open', 'second_review') AND
    (NEW.contract_id, NEW.kind, NEW.why, NEW.before, NEW.proposed, NEW.obtained_on, NEW.total_amount, NEW.tech_amount, NEW.final, NEW.file_id, NEW.two, NEW.asked_at)
    IS NOT DISTINCT FROM
    (OLD.contract_id, OLD.kind, OLD.why, OLD.before, OLD.proposed, OLD.obtained_on, OLD.total_amount, OLD.tech_amount, OLD.final, OLD.file_id, OLD.two, OLD.asked_at)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was asked of a registered contract, and what was decided on it, is kept as it is';
END $$;
-- +goose StatementEnd
CREATE TRIGGER contract_amendments_kept BEFORE UPDATE OR DELETE ON contract_amendments FOR EACH ROW EXECUTE FUNCTION keep_amendment();

-- Which change or supplement made an entry of the ledger: none makes two of one kind.
ALTER TABLE ledger_entries ADD COLUMN amendment_id bigint REFERENCES contract_amendments (id);
CREATE UNIQUE INDEX ledger_entries_amendment ON ledger_entries (amendment_id, contracts) WHERE amendment_id IS NOT NULL;

ALTER TABLE contract_files DROP CONSTRAINT contract_files_use_check,
  ADD CONSTRAINT contract_files_use_check CHECK (use IN ('text', 'chinese', 'consistency', 'task', 'right', 'other', 'amendment'));

-- +goose Down
DELETE FROM contract_files WHERE use = 'amendment';
ALTER TABLE contract_files DROP CONSTRAINT contract_files_use_check,
  ADD CONSTRAINT contract_files_use_check CHECK (use IN ('text', 'chinese', 'consistency', 'task', 'right', 'other'));
ALTER TABLE ledger_entries DROP COLUMN amendment_id;
DROP TABLE contract_amendments;
DROP FUNCTION keep_amendment();
