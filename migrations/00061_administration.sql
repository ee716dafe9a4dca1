-- +goose Up
-- When the person last signed in; sign-ins themselves are kept for a month only.
ALTER TABLE users ADD COLUMN signed_in_at timestamptz;
UPDATE users u SET signed_in_at = (SELECT max(at) FROM audit_entries e WHERE e.user_id = u.id AND e.action = 'user.login' AND e.outcome = 'done');

-- A link by which somebody sets the first password of an account that an administrator has made.
ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'confirm', 'address', 'invite', 'start'));

-- Who changed a setting, and from what to what.
CREATE TABLE setting_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL REFERENCES settings (key),
  before text NOT NULL,
  after text NOT NULL,
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL
);
CREATE TRIGGER setting_changes_append_only BEFORE UPDATE OR DELETE ON setting_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE setting_changes;
DELETE FROM links WHERE purpose = 'start';
ALTER TABLE links DROP CONSTRAINT links_purpose_check, ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'confirm', 'address', 'invite'));
ALTER TABLE users DROP COLUMN signed_in_at;
