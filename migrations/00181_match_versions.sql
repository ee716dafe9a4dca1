-- +goose Up
-- What fitting the scorer of matches to people's marks has given, and how good it was on marks that it was not fitted to.
-- Version 0, the weights of the program, is no row.
CREATE TABLE match_versions (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  made_at timestamptz NOT NULL,
  useful int NOT NULL,
  unsuitable int NOT NULL,
  before double precision NOT NULL, -- chance that a useful pair is put before an unsuitable one by the weights then in force
  after double precision NOT NULL,  -- and by these
  weights jsonb NOT NULL
);
CREATE TRIGGER match_versions_append_only BEFORE UPDATE OR DELETE ON match_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Which version was put in force when; the newest row holds. NULL is version 0.
CREATE TABLE match_version_uses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version int REFERENCES match_versions (id),
  at timestamptz NOT NULL
);
CREATE TRIGGER match_version_uses_append_only BEFORE UPDATE OR DELETE ON match_version_uses FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE match_version_uses, match_versions;
