-- +goose Up
-- A random sample of registered contracts for spot checks, frozen when it is drawn. The population is what the ledger's sealed
-- chain says up to an entry, so that the draw can be repeated from the seed at any time.
CREATE TABLE samples (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  region char(6) NOT NULL REFERENCES regions (code), -- of whose sellers
  from_on date NOT NULL,
  to_on date NOT NULL,
  strata text NOT NULL CHECK (strata IN ('none', 'county', 'kind')),
  size int NOT NULL CHECK (size > 0),
  seed text NOT NULL CHECK (seed <> ''),
  through bigint NOT NULL,
  population int NOT NULL CHECK (population >= size),
  population_hash bytea NOT NULL CHECK (length(population_hash) = 32),
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL,
  CONSTRAINT samples_days CHECK (from_on <= to_on)
);
CREATE INDEX samples_region ON samples (region, id DESC);

CREATE TABLE sample_contracts (
  sample_id bigint NOT NULL REFERENCES samples (id),
  position int NOT NULL,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  stratum text NOT NULL,
  PRIMARY KEY (sample_id, position),
  CONSTRAINT sample_contracts_once UNIQUE (sample_id, contract_id)
);

-- What a spot check found; of several the newest counts.
CREATE TABLE sample_findings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sample_id bigint NOT NULL,
  contract_id bigint NOT NULL,
  finding text NOT NULL CHECK (finding IN ('clear', 'problem')),
  note text NOT NULL DEFAULT '',
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL,
  FOREIGN KEY (sample_id, contract_id) REFERENCES sample_contracts (sample_id, contract_id),
  CONSTRAINT sample_findings_problem CHECK (finding <> 'problem' OR note <> '')
);
CREATE INDEX sample_findings_contract ON sample_findings (sample_id, contract_id, id DESC);

CREATE TRIGGER samples_append_only BEFORE UPDATE OR DELETE ON samples FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sample_contracts_append_only BEFORE UPDATE OR DELETE ON sample_contracts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sample_findings_append_only BEFORE UPDATE OR DELETE ON sample_findings FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE sample_findings, sample_contracts, samples;
