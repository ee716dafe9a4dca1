-- +goose Up
-- Failed tries are counted by address, whether or not there is such an account, so that the two look the same. The key is
-- the SHA-256 of the address: what strangers type is not kept.
CREATE TABLE login_tries (
  key bytea PRIMARY KEY,
  failures int NOT NULL,
  locked_until timestamptz,
  at timestamptz NOT NULL
);
CREATE INDEX login_tries_at ON login_tries (at);

ALTER TABLE users
  DROP COLUMN failed_logins,
  DROP COLUMN locked_until,
  ADD COLUMN password_at timestamptz NOT NULL DEFAULT now(), -- when the password was set
  ADD COLUMN must_change_password boolean NOT NULL DEFAULT false, -- somebody else has chosen it
  ADD COLUMN otp_secret text NOT NULL DEFAULT '', -- of the second factor; empty where there is none
  ADD COLUMN otp_step bigint NOT NULL DEFAULT 0, -- the last step of 30 s whose code was used: a code is good once
  ADD COLUMN recommend boolean NOT NULL DEFAULT true, -- matches are suggested to the person
  ADD COLUMN contact_public boolean NOT NULL DEFAULT false; -- name and phone may stand on public pages

CREATE TABLE recovery_codes (
  user_id bigint NOT NULL REFERENCES users (id),
  hash bytea NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

-- Where a person is signed in. The cookie's session names the row; a row that has ended ends the session at the next
-- request, on every replica.
CREATE TABLE sign_ins (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  agent text NOT NULL,
  address text NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX sign_ins_user ON sign_ins (user_id) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE sign_ins, recovery_codes, login_tries;
ALTER TABLE users
  DROP COLUMN password_at, DROP COLUMN must_change_password, DROP COLUMN otp_secret, DROP COLUMN otp_step, DROP COLUMN recommend,
  DROP COLUMN contact_public,
  ADD COLUMN failed_logins int NOT NULL DEFAULT 0, ADD COLUMN locked_until timestamptz;
