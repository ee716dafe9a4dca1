-- +goose Up
-- A member of the bureau's staff may be limited to one county; without one the duties are for the whole city. Audit and
-- system administration cannot be cut by place.
ALTER TABLE users ADD COLUMN county char(6) REFERENCES regions (code);
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION duties_stay_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM users WHERE id = NEW.user_id FOR UPDATE;
  IF NEW.duty IN ('auditor', 'admin') AND EXISTS (
    SELECT 1 FROM duties WHERE user_id = NEW.user_id AND duty IN ('auditor', 'admin') AND duty <> NEW.duty) THEN
    RAISE EXCEPTION 'admin and auditor are never one person' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_stay_apart';
  END IF;
  IF NEW.duty IN ('auditor', 'admin') AND EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id AND county IS NOT NULL) THEN
    RAISE EXCEPTION 'admin and auditor are for the whole city' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_of_the_city';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION county_fits_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.county IS NOT NULL AND EXISTS (SELECT 1 FROM duties WHERE user_id = NEW.id AND duty IN ('auditor', 'admin')) THEN
    RAISE EXCEPTION 'admin and auditor are for the whole city' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_of_the_city';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER county_fits_duties BEFORE UPDATE OF county ON users FOR EACH ROW EXECUTE FUNCTION county_fits_duties();

-- +goose Down
DROP TRIGGER county_fits_duties ON users;
DROP FUNCTION county_fits_duties;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION duties_stay_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM users WHERE id = NEW.user_id FOR UPDATE;
  IF NEW.duty IN ('auditor', 'admin') AND EXISTS (
    SELECT 1 FROM duties WHERE user_id = NEW.user_id AND duty IN ('auditor', 'admin') AND duty <> NEW.duty) THEN
    RAISE EXCEPTION 'admin and auditor are never one person' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_stay_apart';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE users DROP COLUMN county;
