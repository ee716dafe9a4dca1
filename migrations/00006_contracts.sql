-- +goose Up
CREATE TABLE contracts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  deal_id bigint REFERENCES deals (id),
  need_id bigint REFERENCES needs (listing_id),
  result_id bigint REFERENCES results (listing_id),
  trade_mode text NOT NULL DEFAULT 'none' CHECK (trade_mode IN ('none', 'inquiry', 'offer', 'auction', 'challenge')),
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'supplement', 'accepted', 'second_review',
    'to_register', 'registered', 'refused', 'withdrawn', 'cancelled', 'revoked')),
  title text NOT NULL,
  kind text NOT NULL REFERENCES contract_kinds (code),
  submarket text REFERENCES submarkets (code),
  tech_field text NOT NULL REFERENCES tech_fields (code),
  ip_type text NOT NULL REFERENCES ip_types (code),
  plan_source text NOT NULL DEFAULT 'none' REFERENCES plan_sources (code),
  -- Parties as they stood when the contract was drawn up. seller_org is null where the seller is outside the market.
  seller_org bigint REFERENCES orgs (id),
  seller_name text NOT NULL,
  seller_uscc char(18) NOT NULL,
  seller_type text NOT NULL REFERENCES party_types (code),
  seller_region char(6) NOT NULL REFERENCES regions (code),
  seller_park text REFERENCES parks (code),
  buyer_org bigint REFERENCES orgs (id),
  buyer_name text NOT NULL,
  buyer_uscc char(18) NOT NULL,
  buyer_type text NOT NULL REFERENCES party_types (code),
  buyer_region char(6) NOT NULL REFERENCES regions (code),
  agency_name text NOT NULL DEFAULT '',
  related boolean NOT NULL DEFAULT false,
  total_amount numeric(18,2) NOT NULL CHECK (total_amount > 0),
  tech_amount numeric(18,2) NOT NULL CHECK (tech_amount > 0),
  payment_mode text NOT NULL REFERENCES payment_modes (code),
  payment_note text NOT NULL DEFAULT '',
  content text NOT NULL DEFAULT '',
  signed_on date NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  submitted_at timestamptz,
  accepted_on date,
  due_on date,
  first_reviewer bigint REFERENCES users (id),
  second_reviewer bigint REFERENCES users (id),
  reason_code text REFERENCES refusal_grounds (code),
  reason text NOT NULL DEFAULT '',
  registration_number text CHECK (registration_number ~ '^([0-9]{14}|[0-9]{16})$'),
  registered_on date,
  version int NOT NULL DEFAULT 1,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT contracts_amounts CHECK (tech_amount <= total_amount),
  CONSTRAINT contracts_dates CHECK (starts_on <= ends_on AND signed_on >= '1984-01-01'),
  CONSTRAINT contracts_registration_number_key UNIQUE (registration_number),
  CONSTRAINT contracts_registered CHECK ((state IN ('registered', 'cancelled', 'revoked')) = (registration_number IS NOT NULL AND registered_on IS NOT NULL)),
  CONSTRAINT contracts_refused_has_reason CHECK (state NOT IN ('refused', 'supplement') OR (reason_code IS NOT NULL AND reason <> '')),
  CONSTRAINT contracts_two_reviewers CHECK (first_reviewer IS NULL OR second_reviewer IS NULL OR first_reviewer <> second_reviewer),
  CONSTRAINT contracts_in_progress CHECK (state NOT IN ('accepted', 'second_review', 'to_register') OR (accepted_on IS NOT NULL AND due_on IS NOT NULL))
);
-- A deal has at most one living contract.
CREATE UNIQUE INDEX contracts_one_per_deal ON contracts (deal_id) WHERE deal_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn', 'cancelled', 'revoked');
CREATE INDEX contracts_seller ON contracts (seller_org, id DESC) WHERE seller_org IS NOT NULL;
CREATE INDEX contracts_buyer ON contracts (buyer_org, id DESC) WHERE buyer_org IS NOT NULL;
CREATE INDEX contracts_desk ON contracts (submitted_at, id) WHERE state IN ('submitted', 'supplement', 'accepted', 'second_review', 'to_register');
CREATE INDEX contracts_registered_on ON contracts (registered_on DESC, id DESC) WHERE registered_on IS NOT NULL;

CREATE TABLE contract_deductions (
  contract_id bigint NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
  position int NOT NULL,
  kind text NOT NULL CHECK (kind IN ('equipment', 'instrument', 'parts', 'material', 'other')),
  name text NOT NULL,
  amount numeric(18,2) NOT NULL CHECK (amount > 0),
  PRIMARY KEY (contract_id, position)
);

-- Turnover is a sum of these rows. Amounts are signed: a cancellation subtracts what the registration added.
-- The dimensions are frozen here, so that a figure of the past does not change when an organisation moves.
CREATE TABLE ledger_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  kind text NOT NULL CHECK (kind IN ('registered', 'changed', 'supplement', 'cancelled', 'revoked')),
  effective_on date NOT NULL,
  contracts int NOT NULL CHECK (contracts IN (-1, 0, 1)),
  total_amount numeric(18,2) NOT NULL,
  tech_amount numeric(18,2) NOT NULL,
  seller_in_city boolean NOT NULL,
  buyer_in_city boolean NOT NULL,
  seller_region char(6) NOT NULL REFERENCES regions (code),
  buyer_region char(6) NOT NULL REFERENCES regions (code),
  seller_park text REFERENCES parks (code),
  submarket text REFERENCES submarkets (code),
  contract_kind text NOT NULL REFERENCES contract_kinds (code),
  tech_field text NOT NULL REFERENCES tech_fields (code),
  seller_type text NOT NULL REFERENCES party_types (code),
  buyer_type text NOT NULL REFERENCES party_types (code),
  ip_type text NOT NULL REFERENCES ip_types (code),
  trade_mode text NOT NULL,
  has_agency boolean NOT NULL,
  user_id bigint REFERENCES users (id),
  at timestamptz NOT NULL,
  CONSTRAINT ledger_entries_sign CHECK (CASE kind
    WHEN 'registered' THEN contracts = 1 AND total_amount > 0 AND tech_amount > 0
    WHEN 'cancelled' THEN contracts = -1 AND total_amount < 0
    WHEN 'revoked' THEN contracts = -1 AND total_amount < 0
    ELSE contracts = 0 END)
);
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (contract_id, kind) WHERE kind IN ('registered', 'cancelled', 'revoked');
CREATE INDEX ledger_entries_figures ON ledger_entries (effective_on, seller_in_city, buyer_in_city)
  INCLUDE (contracts, total_amount, tech_amount, seller_region, submarket, contract_kind, contract_id, at, trade_mode, has_agency);
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE ledger_entries, contract_deductions, contracts;
