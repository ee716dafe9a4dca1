-- +goose Up
-- A listing is a need or a result. What both have stands here, the rest in needs and results.
CREATE TABLE listings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('need', 'result')),
  number text NOT NULL UNIQUE,
  org_id bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'draft'
    CHECK (state IN ('draft', 'in_review', 'returned', 'published', 'matched', 'expired', 'closed', 'withdrawn')),
  title text NOT NULL,
  submarket text REFERENCES submarkets (code),
  tech_field text REFERENCES tech_fields (code),
  region char(6) REFERENCES regions (code),
  modes text[] NOT NULL DEFAULT '{}',
  hide_org boolean NOT NULL DEFAULT false,
  secrecy_confirmed boolean NOT NULL DEFAULT false,
  contact_name text NOT NULL DEFAULT '',
  contact_phone text NOT NULL DEFAULT '',
  submitted_at timestamptz,
  published_at timestamptz,
  confirmed_at timestamptz,
  valid_until date,
  return_codes text[] NOT NULL DEFAULT '{}',
  return_note text NOT NULL DEFAULT '',
  version int NOT NULL DEFAULT 1,
  import_id bigint,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (id, kind),
  CONSTRAINT listings_published_complete CHECK (state NOT IN ('published', 'matched')
    OR (published_at IS NOT NULL AND confirmed_at IS NOT NULL AND valid_until IS NOT NULL AND submarket IS NOT NULL)),
  CONSTRAINT listings_in_review_has_date CHECK (state <> 'in_review' OR submitted_at IS NOT NULL),
  CONSTRAINT listings_returned_has_reason CHECK (state <> 'returned' OR (return_note <> '' AND cardinality(return_codes) > 0))
);
CREATE INDEX listings_org ON listings (org_id, kind, id DESC);
CREATE INDEX listings_public_newest ON listings (published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX listings_public_facets ON listings (kind, submarket, region, published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX listings_queue ON listings (submitted_at, id) WHERE state = 'in_review';
CREATE INDEX listings_expiry ON listings (valid_until) WHERE state = 'published';
CREATE INDEX listings_import ON listings (import_id) WHERE import_id IS NOT NULL;

-- position 1 is the main field.
CREATE TABLE listing_fields (
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  field text NOT NULL REFERENCES fields (code),
  position int NOT NULL,
  PRIMARY KEY (listing_id, field)
);
CREATE INDEX listing_fields_field ON listing_fields (field, listing_id);

-- Gated detail stands apart, so that a query for public text cannot reach it by accident.
CREATE TABLE listing_gates (
  listing_id bigint PRIMARY KEY REFERENCES listings (id) ON DELETE CASCADE,
  detail text NOT NULL
);

CREATE TABLE needs (
  listing_id bigint PRIMARY KEY,
  kind text NOT NULL DEFAULT 'need' CHECK (kind = 'need'),
  problem text NOT NULL DEFAULT '',
  background text NOT NULL DEFAULT '',
  budget_kind text NOT NULL DEFAULT 'open' CHECK (budget_kind IN ('amount', 'range', 'open')),
  budget_min numeric(18,2) CHECK (budget_min > 0),
  budget_max numeric(18,2) CHECK (budget_max > 0),
  deadline date,
  ownership text NOT NULL DEFAULT '',
  partner text NOT NULL DEFAULT '',
  FOREIGN KEY (listing_id, kind) REFERENCES listings (id, kind) ON DELETE CASCADE,
  CONSTRAINT needs_budget CHECK (CASE budget_kind
    WHEN 'open' THEN budget_min IS NULL AND budget_max IS NULL
    WHEN 'amount' THEN budget_min IS NOT NULL AND budget_max IS NULL
    ELSE budget_min IS NOT NULL AND budget_max IS NOT NULL AND budget_min < budget_max END)
);

CREATE TABLE need_indicators (
  listing_id bigint NOT NULL REFERENCES needs (listing_id) ON DELETE CASCADE,
  position int NOT NULL,
  name text NOT NULL,
  now_value text NOT NULL,
  target_value text NOT NULL,
  unit text NOT NULL,
  method text NOT NULL,
  PRIMARY KEY (listing_id, position)
);

CREATE TABLE results (
  listing_id bigint PRIMARY KEY,
  kind text NOT NULL DEFAULT 'result' CHECK (kind = 'result'),
  summary text NOT NULL DEFAULT '',
  problem text NOT NULL DEFAULT '',
  advantage text NOT NULL DEFAULT '',
  economics text NOT NULL DEFAULT '',
  stage text CHECK (stage IN ('rd', 'lab', 'sample', 'pilot', 'mass')),
  trl_min int CHECK (trl_min BETWEEN 1 AND 13),
  trl_max int CHECK (trl_max BETWEEN trl_min AND 13),
  price_method text NOT NULL DEFAULT 'negotiated' CHECK (price_method IN ('negotiated', 'listed', 'auction')),
  price_kind text NOT NULL DEFAULT 'open' CHECK (price_kind IN ('amount', 'range', 'open')),
  price_min numeric(18,2) CHECK (price_min > 0),
  price_max numeric(18,2) CHECK (price_max > 0),
  inventors text NOT NULL DEFAULT '',
  cases text NOT NULL DEFAULT '',
  FOREIGN KEY (listing_id, kind) REFERENCES listings (id, kind) ON DELETE CASCADE,
  CONSTRAINT results_price CHECK (CASE price_kind
    WHEN 'open' THEN price_min IS NULL AND price_max IS NULL
    WHEN 'amount' THEN price_min IS NOT NULL AND price_max IS NULL
    ELSE price_min IS NOT NULL AND price_max IS NOT NULL AND price_min < price_max END),
  CONSTRAINT results_listed_has_price CHECK (price_method <> 'listed' OR price_kind <> 'open')
);

CREATE TABLE result_ips (
  listing_id bigint NOT NULL REFERENCES results (listing_id) ON DELETE CASCADE,
  position int NOT NULL,
  type text NOT NULL REFERENCES ip_types (code),
  number text NOT NULL DEFAULT '',
  title text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('pending', 'granted', 'lapsed', 'transferring')),
  PRIMARY KEY (listing_id, position)
);
CREATE INDEX result_ips_number ON result_ips (number) WHERE number <> '';

-- The lowest and highest figure of a listing's budget or price; an open one has no row.
CREATE VIEW listing_prices AS
  SELECT listing_id, budget_min AS low, coalesce(budget_max, budget_min) AS high FROM needs WHERE budget_min IS NOT NULL
  UNION ALL
  SELECT listing_id, price_min, coalesce(price_max, price_min) FROM results WHERE price_min IS NOT NULL;

CREATE TABLE listing_views (
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  day date NOT NULL,
  views int NOT NULL,
  PRIMARY KEY (listing_id, day)
);

-- The change log that every search index follows. xid tells a follower which rows are final, so that a row that
-- commits late is not skipped.
CREATE TABLE listing_changes (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  listing_id bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
-- +goose StatementBegin
CREATE FUNCTION notify_listing_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('listing_changes', '');
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- A first entry, so that every position a follower keeps is above 0, which means that its index is new.
INSERT INTO listing_changes (listing_id) VALUES (0);
CREATE TRIGGER listing_changes_notify AFTER INSERT ON listing_changes FOR EACH STATEMENT EXECUTE FUNCTION notify_listing_change();

CREATE TABLE matches (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  need_id bigint NOT NULL REFERENCES needs (listing_id) ON DELETE CASCADE,
  result_id bigint NOT NULL REFERENCES results (listing_id) ON DELETE CASCADE,
  score double precision NOT NULL,
  strength text NOT NULL CHECK (strength IN ('strong', 'good', 'fair')),
  reasons jsonb NOT NULL,
  terms text[] NOT NULL,
  computed_at timestamptz NOT NULL,
  CONSTRAINT matches_pair UNIQUE (need_id, result_id)
);
CREATE INDEX matches_need ON matches (need_id, score DESC, id);
CREATE INDEX matches_result ON matches (result_id, score DESC, id);

-- What a side of a match said of it. The latest word of an organisation holds.
CREATE TABLE match_marks (
  match_id bigint NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
  org_id bigint NOT NULL REFERENCES orgs (id),
  useful boolean NOT NULL,
  reason text NOT NULL DEFAULT '',
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL,
  PRIMARY KEY (match_id, org_id)
);

CREATE TABLE imports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('need', 'result')),
  org_id bigint NOT NULL REFERENCES orgs (id),
  user_id bigint NOT NULL REFERENCES users (id),
  file_name text NOT NULL,
  state text NOT NULL CHECK (state IN ('checked', 'running', 'done', 'failed', 'undone', 'discarded')),
  rows_total int NOT NULL,
  rows_valid int NOT NULL,
  rows_done int NOT NULL DEFAULT 0,
  submit boolean NOT NULL DEFAULT false,
  error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX imports_org ON imports (org_id, id DESC);
ALTER TABLE listings ADD CONSTRAINT listings_import_fkey FOREIGN KEY (import_id) REFERENCES imports (id);

CREATE TABLE import_rows (
  import_id bigint NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  row int NOT NULL,
  title text NOT NULL,
  cells jsonb NOT NULL,
  problems jsonb NOT NULL,
  valid boolean NOT NULL,
  duplicate_of bigint REFERENCES listings (id),
  listing_id bigint REFERENCES listings (id) ON DELETE SET NULL,
  PRIMARY KEY (import_id, row)
);

-- +goose Down
ALTER TABLE listings DROP CONSTRAINT listings_import_fkey;
DROP VIEW listing_prices;
DROP TABLE import_rows, imports, match_marks, matches, listing_changes, listing_views, result_ips, results, need_indicators, needs, listing_gates, listing_fields, listings;
DROP FUNCTION notify_listing_change();
