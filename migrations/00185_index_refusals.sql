-- +goose Up
-- Published listings that a search engine will not take. They are set aside, not offered again and again: a change of the
-- listing, a rebuild of the index or a member of the staff has them tried again.
CREATE TABLE index_refusals (
  listing_id bigint PRIMARY KEY REFERENCES listings (id) ON DELETE CASCADE,
  reason text NOT NULL,
  tries integer NOT NULL DEFAULT 1,
  since timestamptz NOT NULL,
  tried_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE index_refusals;
