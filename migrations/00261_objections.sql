-- +goose Up
-- Once somebody objected to a contract before it was registered, two people review it, in the longer time.
ALTER TABLE contracts ADD COLUMN disputed boolean NOT NULL DEFAULT false;

-- What tax, finance or the applicant object to. Before the registration an objection goes with it and ends with its
-- decision; after it there is a re-assessment by two people.
CREATE TABLE contract_objections (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'proposed', 'decided', 'withdrawn')),
  objector text NOT NULL CHECK (objector IN ('tax', 'finance', 'applicant')),
  name text NOT NULL CHECK (name <> ''),
  letter_number text NOT NULL,
  letter_on date NOT NULL,
  body text NOT NULL CHECK (body <> ''),
  file_id text NOT NULL UNIQUE REFERENCES files (id),
  registered boolean NOT NULL, -- the contract was registered when it came
  received_by bigint REFERENCES users (id),
  received_at timestamptz NOT NULL,
  due_on date, -- of a re-assessment
  outcome text CHECK (outcome IN ('upheld', 'changed', 'cancelled', 'revoked', 'registered', 'refused', 'ended')),
  ground text REFERENCES removal_grounds (code),
  benefits text CHECK (benefits IN ('none', 'reported', 'unreported', 'unknown')),
  reason text NOT NULL DEFAULT '',
  first_reviewer bigint REFERENCES users (id),
  second_reviewer bigint REFERENCES users (id),
  decided_at timestamptz,
  CONSTRAINT contract_objections_letter CHECK (objector = 'applicant' OR letter_number <> ''),
  CONSTRAINT contract_objections_due CHECK (registered = (due_on IS NOT NULL)),
  CONSTRAINT contract_objections_ended CHECK ((state IN ('decided', 'withdrawn')) = (decided_at IS NOT NULL)),
  CONSTRAINT contract_objections_outcome CHECK (state NOT IN ('proposed', 'decided') OR outcome IS NOT NULL AND reason <> ''),
  CONSTRAINT contract_objections_place CHECK (outcome IS NULL OR registered = (outcome IN ('upheld', 'changed', 'cancelled', 'revoked'))),
  CONSTRAINT contract_objections_removal CHECK (outcome IS NULL OR (outcome IN ('cancelled', 'revoked')) = (ground IS NOT NULL AND benefits IS NOT NULL)),
  CONSTRAINT contract_objections_reviewers CHECK (NOT registered OR CASE state WHEN 'proposed' THEN first_reviewer IS NOT NULL WHEN 'decided' THEN first_reviewer IS NOT NULL AND second_reviewer IS NOT NULL ELSE true END),
  CONSTRAINT contract_objections_two_reviewers CHECK (first_reviewer <> second_reviewer)
);
-- One at a time.
CREATE UNIQUE INDEX contract_objections_one_open ON contract_objections (contract_id) WHERE state IN ('open', 'proposed');
CREATE INDEX contract_objections_contract ON contract_objections (contract_id, id);
CREATE INDEX contract_objections_desk ON contract_objections (due_on, id) WHERE state IN ('open', 'proposed');

-- +goose StatementBegin
CREATE FUNCTION keep_objection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state IN ('open', 'proposed') AND
    (NEW.contract_id, NEW.objector, NEW.name, NEW.letter_number, NEW.letter_on, NEW.body, NEW.file_id, NEW.registered, NEW.received_by, NEW.received_at, NEW.due_on)
    IS NOT DISTINCT FROM
    (OLD.contract_id, OLD.objector, OLD.name, OLD.letter_number, OLD.letter_on, OLD.body, OLD.file_id, OLD.registered, OLD.received_by, OLD.received_at, OLD.due_on)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an objection to a contract, and what was decided on it, is kept as it is';
END $$;
-- +goose StatementEnd
CREATE TRIGGER contract_objections_kept BEFORE UPDATE OR DELETE ON contract_objections FOR EACH ROW EXECUTE FUNCTION keep_objection();

-- +goose Down
DROP TABLE contract_objections;
DROP FUNCTION keep_objection();
ALTER TABLE contracts DROP COLUMN disputed;
