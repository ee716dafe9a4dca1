-- +goose Up
-- Searches that people keep, to be told of what they newly find.
CREATE TABLE saved_searches (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  name text NOT NULL CHECK (name <> ''),
  query text NOT NULL, -- the conditions, as an address holds them
  often text NOT NULL CHECK (often IN ('once', 'weekly', 'never')),
  created_at timestamptz NOT NULL,
  since timestamptz NOT NULL, -- what is published later is new
  known bigint[],             -- what it found at that time; NULL where that was too much to keep
  told_at timestamptz,
  CONSTRAINT saved_searches_once UNIQUE (user_id, query)
);

-- What a saved search has found since. A row stays when its listing was told, so that it is not told again.
CREATE TABLE search_hits (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  search_id bigint NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  found_at timestamptz NOT NULL,
  told_at timestamptz,
  UNIQUE (search_id, listing_id)
);
CREATE INDEX search_hits_waiting ON search_hits (search_id) WHERE told_at IS NULL;
CREATE INDEX search_hits_listing ON search_hits (listing_id);

-- Up to where saved searches were held against the change log of the listings.
CREATE TABLE search_position (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL
);
INSERT INTO search_position (seq) SELECT coalesce(max(seq), 0) FROM listing_changes;

ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check
  CHECK (purpose IN ('reset', 'confirm', 'address', 'invite', 'start', 'renew', 'quiet'));

-- +goose Down
DELETE FROM links WHERE purpose = 'quiet';
ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check
  CHECK (purpose IN ('reset', 'confirm', 'address', 'invite', 'start', 'renew'));
DROP TABLE search_position, search_hits, saved_searches;
