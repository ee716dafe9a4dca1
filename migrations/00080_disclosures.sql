-- +goose Up
-- The versions of the 保密承诺. A new one is a new row; a reader accepts the newest that is valid.
CREATE TABLE pledges (
  version text PRIMARY KEY,
  valid_from date NOT NULL UNIQUE,
  body text NOT NULL CHECK (body <> '')
);
CREATE TRIGGER pledges_append_only BEFORE UPDATE OR DELETE ON pledges FOR EACH ROW EXECUTE FUNCTION refuse_change();
INSERT INTO pledges (version, valid_from, body) VALUES ('2026-1', '2026-01-01',
'我代表所在单位查看对方没有公开的技术内容，只用来判断是否合作，不作其他用途。
我和本单位对看到的内容保密：不复制外传，不告诉与这次合作无关的人，不据此申请知识产权。
已经公开的、本单位原先就掌握的、从其他正当途径取得的内容，不在此列。
对方可以随时停止开放。停止以后，已经知道的内容仍要保密，期限三年；双方另有约定的，按约定。
我知道页面上标有我的姓名、单位和时间，每次查看都会记录，对方能看到。');

CREATE TABLE disclosures (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  listing_id bigint NOT NULL REFERENCES listings (id),
  org_id bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'granted', 'refused', 'revoked')),
  purpose text NOT NULL CHECK (purpose <> ''),
  reason text NOT NULL DEFAULT '',
  requested_by bigint NOT NULL REFERENCES users (id),
  requested_at timestamptz NOT NULL,
  answered_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT disclosures_answered_has_date CHECK ((state = 'requested') = (answered_at IS NULL)),
  CONSTRAINT disclosures_revoked_has_date CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
  CONSTRAINT disclosures_no_has_reason CHECK (state NOT IN ('refused', 'revoked') OR reason <> '')
);
-- One running request of an organisation about a listing.
CREATE UNIQUE INDEX disclosures_one_running ON disclosures (listing_id, org_id) WHERE state IN ('requested', 'granted');
CREATE INDEX disclosures_listing ON disclosures (listing_id, id DESC);
CREATE INDEX disclosures_org ON disclosures (org_id, id DESC);

-- Who accepted which pledge before reading, as they were called then.
CREATE TABLE disclosure_pledges (
  disclosure_id bigint NOT NULL REFERENCES disclosures (id),
  user_id bigint NOT NULL REFERENCES users (id),
  version text NOT NULL REFERENCES pledges (version),
  user_name text NOT NULL,
  org_name text NOT NULL,
  address text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (disclosure_id, user_id, version)
);
CREATE TRIGGER disclosure_pledges_append_only BEFORE UPDATE OR DELETE ON disclosure_pledges FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Each time a person read what is gated. The audit has it too; this is the copy that the owner may see.
CREATE TABLE disclosure_reads (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  disclosure_id bigint NOT NULL REFERENCES disclosures (id),
  user_id bigint NOT NULL REFERENCES users (id),
  at timestamptz NOT NULL
);
CREATE INDEX disclosure_reads_disclosure ON disclosure_reads (disclosure_id, id DESC);
CREATE TRIGGER disclosure_reads_append_only BEFORE UPDATE OR DELETE ON disclosure_reads FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE disclosure_reads, disclosure_pledges, disclosures, pledges;
