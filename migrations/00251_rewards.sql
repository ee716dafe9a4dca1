-- +goose Up
-- Reward programmes of the statistician: by which share of its amount a party of a registered contract is rewarded. Each row is a
-- version with who made it and why; the last one holds, and none is ever changed. Amounts are yuan, percent is of the base.
CREATE SEQUENCE reward_programmes AS bigint;
CREATE TABLE reward_versions (
  programme_id bigint NOT NULL,
  version int NOT NULL CHECK (version > 0),
  name text NOT NULL CHECK (name <> ''),
  party text NOT NULL CHECK (party IN ('seller', 'buyer', 'agency')),
  base text NOT NULL CHECK (base IN ('tech', 'total')),
  percent numeric(7,4) NOT NULL CHECK (percent > 0 AND percent <= 100),
  contract_cap numeric(18,2) CHECK (contract_cap > 0),
  year_cap numeric(18,2) CHECK (year_cap > 0),
  least numeric(18,2) CHECK (least > 0),
  kinds text[] NOT NULL DEFAULT '{}' CHECK (kinds <@ ARRAY['D', 'T', 'L', 'C', 'S']),
  paid boolean NOT NULL,
  unrelated boolean NOT NULL,
  outside boolean NOT NULL,
  traded boolean NOT NULL,
  from_day date NOT NULL,
  to_day date NOT NULL,
  basis text NOT NULL CHECK (basis <> ''),
  why text NOT NULL CHECK (why <> ''),
  demo boolean NOT NULL DEFAULT false,
  user_id bigint REFERENCES users (id),
  at timestamptz NOT NULL,
  PRIMARY KEY (programme_id, version),
  CHECK (from_day <= to_day),
  CHECK (contract_cap <= year_cap)
);
CREATE TRIGGER reward_versions_append_only BEFORE UPDATE OR DELETE ON reward_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a party has had in the year before a contract.
CREATE INDEX contracts_bought ON contracts (buyer_uscc, registered_on) WHERE registered_on IS NOT NULL;
CREATE INDEX contracts_sold ON contracts (seller_uscc, registered_on) WHERE registered_on IS NOT NULL;
CREATE INDEX contracts_agency ON contracts (agency_name, registered_on) WHERE registered_on IS NOT NULL AND agency_name <> '';

-- +goose Down
DROP INDEX contracts_agency, contracts_sold, contracts_bought;
DROP TABLE reward_versions;
DROP SEQUENCE reward_programmes;
