-- +goose Up
-- Who set a target and, of one that holds officially, who approved it and by which paper. The market's own first rows, made
-- from the plan, have neither.
ALTER TABLE targets
  ADD COLUMN approver text NOT NULL DEFAULT '',
  ADD COLUMN user_id bigint REFERENCES users (id),
  ADD CONSTRAINT targets_approved_by CHECK (status <> 'approved' OR approver <> '');
CREATE TRIGGER targets_append_only BEFORE UPDATE OR DELETE ON targets FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TRIGGER targets_append_only ON targets;
ALTER TABLE targets DROP CONSTRAINT targets_approved_by, DROP COLUMN user_id, DROP COLUMN approver;
