-- +goose Up
-- What a registrar made of a signal, a hint that something about a contract should be looked at. Signals are computed when they
-- are needed; an answer keeps what was seen. key tells whether it is still the same that is seen.
CREATE TABLE contract_signal_answers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  kind text NOT NULL CHECK (kind IN ('duplicate', 'related', 'round_trip', 'unit', 'december', 'unpaid', 'late', 'training')),
  key text NOT NULL CHECK (key <> ''),
  seen text NOT NULL CHECK (seen <> ''),
  finding text NOT NULL CHECK (finding IN ('clear', 'ask', 'confirmed')),
  note text NOT NULL CHECK (note <> ''),
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL
);
CREATE INDEX contract_signal_answers_contract ON contract_signal_answers (contract_id, id DESC);
CREATE TRIGGER contract_signal_answers_append_only BEFORE UPDATE OR DELETE ON contract_signal_answers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contract_signal_answers_no_truncate BEFORE TRUNCATE ON contract_signal_answers EXECUTE FUNCTION refuse_change();

-- The usual amounts of a seller and of a field, and a seller's contracts of a year.
CREATE INDEX contracts_seller_signed ON contracts (seller_uscc, signed_on DESC, id) INCLUDE (submitted_at, registered_on, state, total_amount);
CREATE INDEX contracts_field_registered ON contracts (tech_field, registered_on DESC, id) INCLUDE (total_amount) WHERE state = 'registered';

-- +goose Down
DROP INDEX contracts_field_registered, contracts_seller_signed;
DROP TABLE contract_signal_answers;
