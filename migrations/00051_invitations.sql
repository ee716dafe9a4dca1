-- +goose Up
-- An owner invites a person by mail; the one-time link is in links, with the invitation as its subject.
CREATE TABLE invitations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id bigint NOT NULL REFERENCES orgs (id),
  email text NOT NULL CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
  invited_by bigint NOT NULL REFERENCES users (id),
  created_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  user_id bigint REFERENCES users (id), -- who accepted
  answered_at timestamptz,
  CONSTRAINT invitations_answered_has_time CHECK ((state = 'open') = (answered_at IS NULL)),
  CONSTRAINT invitations_accepted_has_person CHECK ((state = 'accepted') = (user_id IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_one_open ON invitations (org_id, email) WHERE state = 'open';
CREATE INDEX invitations_org ON invitations (org_id, id DESC);

-- +goose Down
DROP TABLE invitations;
