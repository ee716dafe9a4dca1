-- +goose Up
-- When the owner of an account has shown that its address is theirs. Accounts made before there was a check count.
ALTER TABLE users ADD COLUMN email_confirmed_at timestamptz;
UPDATE users SET email_confirmed_at = created_at;
-- When a mail server last said that it will never take mail for this address.
ALTER TABLE users ADD COLUMN mail_refused_at timestamptz;

-- One-time links that are sent by mail. The secret in the link is made when the mail is sent; only its hash is kept.
CREATE TABLE links (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('reset', 'confirm', 'address', 'invite')),
  user_id bigint REFERENCES users (id),
  subject_id bigint,
  email text NOT NULL CHECK (email = lower(email)),
  hash bytea,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  ended_at timestamptz,
  refused_at timestamptz,
  CONSTRAINT links_hash_key UNIQUE (hash),
  CONSTRAINT links_has_object CHECK (user_id IS NOT NULL OR subject_id IS NOT NULL),
  CONSTRAINT links_used_was_sent CHECK (used_at IS NULL OR hash IS NOT NULL)
);
CREATE INDEX links_user ON links (user_id, purpose);
CREATE INDEX links_subject ON links (subject_id, purpose) WHERE subject_id IS NOT NULL;

-- +goose Down
DROP TABLE links;
ALTER TABLE users DROP COLUMN mail_refused_at, DROP COLUMN email_confirmed_at;
