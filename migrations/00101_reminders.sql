-- +goose Up
-- Which listings' owners were told that the validity ends: once for each step before the end of each term.
CREATE TABLE listing_reminders (
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  valid_until date NOT NULL,
  days int NOT NULL, -- before the end
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (listing_id, valid_until, days)
);
ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'confirm', 'address', 'invite', 'start', 'renew'));

-- +goose Down
DELETE FROM links WHERE purpose = 'renew';
ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'confirm', 'address', 'invite', 'start'));
DROP TABLE listing_reminders;
