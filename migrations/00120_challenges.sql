-- +goose Up
-- A challenge (揭榜挂帅): a problem with an award, a deadline and published criteria.
CREATE TABLE challenges (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  org_id bigint NOT NULL REFERENCES orgs (id),
  need_id bigint REFERENCES needs (listing_id) ON DELETE SET NULL,
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'in_review', 'returned', 'open', 'judging', 'publicity', 'awarded', 'unawarded', 'cancelled')),
  title text NOT NULL CHECK (title <> ''),
  submarket text REFERENCES submarkets (code),
  fields text[] NOT NULL DEFAULT '{}',
  problem text NOT NULL DEFAULT '',
  requirements text NOT NULL DEFAULT '',
  award numeric(18,2) CHECK (award > 0),
  payment text NOT NULL DEFAULT '',
  contract_kind text REFERENCES contract_kinds (code),
  awards int NOT NULL DEFAULT 1 CHECK (awards > 0),
  deadline timestamptz,
  secrecy_confirmed boolean NOT NULL DEFAULT false,
  contact_name text NOT NULL DEFAULT '',
  contact_phone text NOT NULL DEFAULT '',
  submitted_at timestamptz,
  published_at timestamptz,
  opened_at timestamptz,
  publicity_until date,
  outcome text NOT NULL DEFAULT '',
  official text NOT NULL DEFAULT '',
  return_codes text[] NOT NULL DEFAULT '{}',
  return_note text NOT NULL DEFAULT '',
  reminded_at timestamptz,
  version int NOT NULL DEFAULT 1,
  created_by bigint REFERENCES users (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT challenges_in_review_has_date CHECK (state <> 'in_review' OR submitted_at IS NOT NULL),
  CONSTRAINT challenges_returned_has_reason CHECK (state <> 'returned' OR (return_note <> '' AND cardinality(return_codes) > 0)),
  CONSTRAINT challenges_public_is_whole CHECK (state IN ('draft', 'in_review', 'returned')
    OR (published_at IS NOT NULL AND deadline IS NOT NULL AND award IS NOT NULL AND contract_kind IS NOT NULL AND submarket IS NOT NULL)),
  CONSTRAINT challenges_sealed_to_the_deadline CHECK (opened_at IS NULL OR opened_at >= deadline),
  CONSTRAINT challenges_opened CHECK (CASE WHEN state IN ('judging', 'publicity', 'awarded', 'unawarded') THEN opened_at IS NOT NULL
    WHEN state = 'cancelled' THEN true ELSE opened_at IS NULL END),
  CONSTRAINT challenges_decided_has_reason CHECK (state NOT IN ('publicity', 'awarded', 'unawarded') OR (outcome <> '' AND publicity_until IS NOT NULL)),
  CONSTRAINT challenges_cancelled_has_reason CHECK (state <> 'cancelled' OR official <> '')
);
CREATE INDEX challenges_org ON challenges (org_id, id DESC);
CREATE INDEX challenges_public ON challenges (state, deadline, id);
CREATE INDEX challenges_queue ON challenges (submitted_at, id) WHERE state = 'in_review';

CREATE TABLE challenge_indicators (
  challenge_id bigint NOT NULL REFERENCES challenges (id) ON DELETE CASCADE,
  position int NOT NULL,
  name text NOT NULL,
  now_value text NOT NULL,
  target_value text NOT NULL,
  unit text NOT NULL,
  method text NOT NULL,
  PRIMARY KEY (challenge_id, position)
);

CREATE TABLE challenge_criteria (
  challenge_id bigint NOT NULL REFERENCES challenges (id) ON DELETE CASCADE,
  position int NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  detail text NOT NULL,
  weight int NOT NULL CHECK (weight BETWEEN 1 AND 100),
  PRIMARY KEY (challenge_id, position)
);

CREATE TABLE challenge_questions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  challenge_id bigint NOT NULL REFERENCES challenges (id),
  org_id bigint NOT NULL REFERENCES orgs (id), -- who asks is shown to nobody
  asked_by bigint NOT NULL REFERENCES users (id),
  question text NOT NULL CHECK (question <> ''),
  asked_at timestamptz NOT NULL,
  answer text NOT NULL DEFAULT '',
  answered_by bigint REFERENCES users (id),
  answered_at timestamptz,
  CONSTRAINT challenge_questions_answered CHECK ((answer = '') = (answered_at IS NULL))
);
CREATE INDEX challenge_questions_challenge ON challenge_questions (challenge_id, id);

-- Sealed until challenges.opened_at is set: until then only the proposer's own queries name this table's rows.
CREATE TABLE proposals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  challenge_id bigint NOT NULL REFERENCES challenges (id),
  org_id bigint NOT NULL REFERENCES orgs (id),
  state text NOT NULL DEFAULT 'submitted' CHECK (state IN ('submitted', 'withdrawn', 'awarded', 'unawarded', 'released')),
  answers text[] NOT NULL,
  team text NOT NULL,
  plan text NOT NULL,
  period text NOT NULL,
  price numeric(18,2) NOT NULL CHECK (price > 0),
  chosen boolean NOT NULL DEFAULT false, -- by the decision that is in publicity
  reason text NOT NULL DEFAULT '',
  version int NOT NULL DEFAULT 1,
  submitted_by bigint NOT NULL REFERENCES users (id),
  submitted_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (challenge_id, org_id),
  CONSTRAINT proposals_told_has_reason CHECK (state NOT IN ('awarded', 'unawarded') OR reason <> '')
);
CREATE INDEX proposals_org ON proposals (org_id, id DESC);

CREATE TABLE proposal_files (
  proposal_id bigint NOT NULL REFERENCES proposals (id),
  file_id text NOT NULL UNIQUE REFERENCES files (id),
  position int NOT NULL,
  PRIMARY KEY (proposal_id, position)
);

CREATE TABLE challenge_judges (
  challenge_id bigint NOT NULL REFERENCES challenges (id),
  user_id bigint NOT NULL REFERENCES users (id),
  state text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'accepted', 'declined', 'excluded', 'removed')),
  invited_by bigint NOT NULL REFERENCES users (id),
  invited_at timestamptz NOT NULL,
  answered_at timestamptz,
  PRIMARY KEY (challenge_id, user_id),
  CONSTRAINT challenge_judges_declared CHECK (state <> 'accepted' OR answered_at IS NOT NULL)
);
CREATE INDEX challenge_judges_user ON challenge_judges (user_id, challenge_id DESC);

CREATE TABLE challenge_scores (
  proposal_id bigint NOT NULL REFERENCES proposals (id),
  user_id bigint NOT NULL REFERENCES users (id),
  position int NOT NULL,
  score int NOT NULL CHECK (score BETWEEN 0 AND 100),
  comment text NOT NULL CHECK (comment <> ''),
  at timestamptz NOT NULL,
  PRIMARY KEY (proposal_id, user_id, position)
);
CREATE TRIGGER challenge_scores_append_only BEFORE UPDATE OR DELETE ON challenge_scores FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE deals ADD COLUMN challenge_id bigint REFERENCES challenges (id);
CREATE UNIQUE INDEX deals_challenge ON deals (challenge_id, seller_org) WHERE challenge_id IS NOT NULL;

INSERT INTO parameters (key, valid_from, value, unit, note) VALUES ('challenge_publicity_days', '2021-01-01', 7, '天', '榜单结果公示期');

-- +goose Down
DELETE FROM parameters WHERE key = 'challenge_publicity_days';
DROP INDEX deals_challenge;
ALTER TABLE deals DROP COLUMN challenge_id;
DROP TABLE challenge_scores, challenge_judges, proposal_files, proposals, challenge_questions, challenge_criteria, challenge_indicators, challenges;
