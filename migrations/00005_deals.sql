-- +goose Up
CREATE TABLE inquiries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  listing_id bigint NOT NULL REFERENCES listings (id),
  other_listing_id bigint REFERENCES listings (id),
  from_org bigint NOT NULL REFERENCES orgs (id),
  to_org bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'negotiating', 'agreed', 'declined', 'lapsed')),
  turn_org bigint REFERENCES orgs (id),
  due_on date,
  decline_reason text NOT NULL DEFAULT '',
  version int NOT NULL DEFAULT 1,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT inquiries_two_parties CHECK (from_org <> to_org),
  CONSTRAINT inquiries_turn CHECK ((state IN ('open', 'answered', 'negotiating')) = (turn_org IS NOT NULL AND due_on IS NOT NULL)),
  CONSTRAINT inquiries_declined_has_reason CHECK (state <> 'declined' OR decline_reason <> '')
);
-- One running inquiry between two organisations about one listing.
CREATE UNIQUE INDEX inquiries_one_running ON inquiries (listing_id, from_org) WHERE state IN ('open', 'answered', 'negotiating');
CREATE INDEX inquiries_from ON inquiries (from_org, updated_at DESC, id DESC);
CREATE INDEX inquiries_to ON inquiries (to_org, updated_at DESC, id DESC);
CREATE INDEX inquiries_due ON inquiries (due_on) WHERE state IN ('open', 'answered', 'negotiating');

CREATE TABLE inquiry_messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inquiry_id bigint NOT NULL REFERENCES inquiries (id),
  org_id bigint NOT NULL REFERENCES orgs (id),
  user_id bigint NOT NULL REFERENCES users (id),
  answer text NOT NULL DEFAULT '' CHECK (answer IN ('', 'interested', 'more', 'unsuitable')),
  body text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX inquiry_messages_inquiry ON inquiry_messages (inquiry_id, id);
CREATE TRIGGER inquiry_messages_append_only BEFORE UPDATE OR DELETE ON inquiry_messages FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Terms under negotiation; the newest row of a term is the one on the table.
CREATE TABLE inquiry_terms (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inquiry_id bigint NOT NULL REFERENCES inquiries (id),
  term text NOT NULL CHECK (term IN ('kind', 'indicators', 'period', 'price', 'payment', 'acceptance')),
  value text NOT NULL,
  amount numeric(18,2) CHECK (amount > 0),
  proposed_org bigint NOT NULL REFERENCES orgs (id),
  proposed_by bigint NOT NULL REFERENCES users (id),
  proposed_at timestamptz NOT NULL,
  agreed_by bigint REFERENCES users (id),
  agreed_at timestamptz,
  CONSTRAINT inquiry_terms_price CHECK ((term = 'price') = (amount IS NOT NULL)),
  CONSTRAINT inquiry_terms_agreed CHECK ((agreed_by IS NULL) = (agreed_at IS NULL))
);
CREATE INDEX inquiry_terms_inquiry ON inquiry_terms (inquiry_id, term, id DESC);

-- A deal copies the terms it was agreed on; later edits of a listing do not touch it.
CREATE TABLE deals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  inquiry_id bigint UNIQUE REFERENCES inquiries (id),
  need_id bigint REFERENCES needs (listing_id),
  result_id bigint REFERENCES results (listing_id),
  trade_mode text NOT NULL CHECK (trade_mode IN ('inquiry', 'offer', 'auction', 'challenge')),
  seller_org bigint NOT NULL REFERENCES orgs (id),
  buyer_org bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'agreed' CHECK (state IN ('agreed', 'contracted', 'fallen_through')),
  title text NOT NULL,
  kind text NOT NULL REFERENCES contract_kinds (code),
  indicators text NOT NULL,
  period text NOT NULL,
  price numeric(18,2) NOT NULL CHECK (price > 0),
  payment text NOT NULL,
  acceptance text NOT NULL,
  fall_reason text NOT NULL DEFAULT '',
  agreed_at timestamptz NOT NULL,
  CONSTRAINT deals_two_parties CHECK (seller_org <> buyer_org),
  CONSTRAINT deals_fallen_has_reason CHECK (state <> 'fallen_through' OR fall_reason <> '')
);
CREATE INDEX deals_seller ON deals (seller_org, id DESC);
CREATE INDEX deals_buyer ON deals (buyer_org, id DESC);

-- +goose Down
DROP TABLE deals, inquiry_terms, inquiry_messages, inquiries;
