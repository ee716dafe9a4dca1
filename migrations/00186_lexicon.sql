-- +goose Up
-- What staff have added to the words that searches know, beside the files of package search. Each change is a version that
-- holds the whole list as it was from then on, so that any can be put back.
CREATE TABLE lexicon_versions (
  number bigint PRIMARY KEY CHECK (number > 0),
  entries jsonb NOT NULL,
  move text NOT NULL CHECK (move IN ('add', 'edit', 'remove', 'restore')),
  note text NOT NULL,
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL
);
CREATE TRIGGER lexicon_versions_append_only BEFORE UPDATE OR DELETE ON lexicon_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
CREATE FUNCTION notify_lexicon() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_notify('lexicon', '');
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lexicon_versions_notify AFTER INSERT ON lexicon_versions FOR EACH STATEMENT EXECUTE FUNCTION notify_lexicon();

-- By which version each process of the market searches. One that has ended is not seen any more.
CREATE TABLE lexicon_uses (
  process text PRIMARY KEY,
  version bigint NOT NULL,
  problem text NOT NULL,
  seen_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE lexicon_uses, lexicon_versions;
DROP FUNCTION notify_lexicon;
