-- +goose Up
-- Who has taken an item out of the review queue, so that nobody else works on it at the same time. What is past its last
-- day holds no longer and may be overwritten.
CREATE TABLE review_claims (
  subject text NOT NULL,
  object_id bigint NOT NULL,
  user_id bigint NOT NULL REFERENCES users (id),
  claimed_at timestamptz NOT NULL,
  last_day date NOT NULL,
  PRIMARY KEY (subject, object_id)
);
CREATE INDEX ON review_claims (user_id);
INSERT INTO parameters (key, valid_from, value, unit, note) VALUES ('claim_days', '2021-01-01', 1, '工作日', '领取的审核事项放回队列的时限');

-- +goose Down
DELETE FROM parameters WHERE key = 'claim_days';
DROP TABLE review_claims;
