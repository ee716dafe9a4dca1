-- +goose Up
-- A change may also be a registrar's: in a period of reconciliation it was decided that the national system is right.
ALTER TABLE contract_amendments ADD COLUMN reconciliation_id bigint REFERENCES reconciliations (id),
  ADD CONSTRAINT contract_amendments_correction CHECK (reconciliation_id IS NULL OR kind = 'change' AND two AND first_reviewer IS NOT NULL);
CREATE INDEX contract_amendments_reconciliation ON contract_amendments (reconciliation_id, id) WHERE reconciliation_id IS NOT NULL;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state IN ('open', 'second_review') AND
    (NEW.contract_id, NEW.kind, NEW.why, NEW.before, NEW.proposed, NEW.obtained_on, NEW.total_amount, NEW.tech_amount, NEW.final, NEW.file_id, NEW.two, NEW.asked_at, NEW.reconciliation_id)
    IS NOT DISTINCT FROM
    (OLD.contract_id, OLD.kind, OLD.why, OLD.before, OLD.proposed, OLD.obtained_on, OLD.total_amount, OLD.tech_amount, OLD.final, OLD.file_id, OLD.two, OLD.asked_at, OLD.reconciliation_id)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was asked of a registered contract, and what was decided on it, is kept as it is';
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
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
ALTER TABLE contract_amendments DROP COLUMN reconciliation_id;
