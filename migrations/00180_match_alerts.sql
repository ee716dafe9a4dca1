-- +goose Up
-- A person may end being told of matches and keep the suggestions themselves.
ALTER TABLE users ADD COLUMN match_alerts boolean NOT NULL DEFAULT true;
ALTER TABLE consents DROP CONSTRAINT consents_kind_check, ADD CONSTRAINT consents_kind_check
  CHECK (kind IN ('privacy', 'terms', 'contact', 'recommend', 'alerts'));

-- Every pair of a need and a result that was ever good enough to be told of. A row stays, whatever becomes of the match and
-- of its listings' states, so that no pair is told twice.
CREATE TABLE match_pairs (
  need_id bigint NOT NULL REFERENCES needs (listing_id) ON DELETE CASCADE,
  result_id bigint NOT NULL REFERENCES results (listing_id) ON DELETE CASCADE,
  found_at timestamptz NOT NULL,
  PRIMARY KEY (need_id, result_id)
);
CREATE INDEX match_pairs_result ON match_pairs (result_id);
INSERT INTO match_pairs (need_id, result_id, found_at) SELECT need_id, result_id, computed_at FROM matches WHERE strength IN ('strong', 'good');

-- What a person is still to be told of, as one who sees to that organisation's affairs. A row goes when it is told.
CREATE TABLE match_alerts (
  user_id bigint NOT NULL REFERENCES users (id),
  org_id bigint NOT NULL REFERENCES orgs (id),
  need_id bigint NOT NULL,
  result_id bigint NOT NULL,
  found_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, need_id, result_id),
  FOREIGN KEY (need_id, result_id) REFERENCES match_pairs (need_id, result_id) ON DELETE CASCADE
);
CREATE INDEX match_alerts_pair ON match_alerts (need_id, result_id);

-- +goose Down
DROP TABLE match_alerts, match_pairs;
ALTER TABLE consents DISABLE TRIGGER consents_append_only;
DELETE FROM consents WHERE kind = 'alerts';
ALTER TABLE consents ENABLE TRIGGER consents_append_only;
ALTER TABLE consents DROP CONSTRAINT consents_kind_check, ADD CONSTRAINT consents_kind_check
  CHECK (kind IN ('privacy', 'terms', 'contact', 'recommend'));
ALTER TABLE users DROP COLUMN match_alerts;
