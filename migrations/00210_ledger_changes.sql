-- +goose Up
-- A change of a registered contract adds the difference of its amounts or, where it moves under another head, two entries:
-- everything back under the old one, everything again under the new. A supplement of a royalty only adds.
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_sign;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_sign CHECK (CASE kind
  WHEN 'registered' THEN contracts = 1 AND total_amount > 0 AND tech_amount > 0
  WHEN 'changed' THEN contracts = 0 OR contracts = sign(total_amount) AND contracts = sign(tech_amount)
  WHEN 'supplement' THEN contracts = 0 AND total_amount > 0 AND tech_amount BETWEEN 0 AND total_amount
  ELSE contracts = -1 AND total_amount < 0 AND tech_amount < 0 END);
CREATE INDEX ledger_entries_contract ON ledger_entries (contract_id, id);

-- +goose Down
DROP INDEX ledger_entries_contract;
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_sign;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_sign CHECK (CASE kind
  WHEN 'registered' THEN contracts = 1 AND total_amount > 0 AND tech_amount > 0
  WHEN 'cancelled' THEN contracts = -1 AND total_amount < 0
  WHEN 'revoked' THEN contracts = -1 AND total_amount < 0
  ELSE contracts = 0 END);
