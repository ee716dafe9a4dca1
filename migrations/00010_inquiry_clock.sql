-- +goose Up
-- The reminder last sent about the answer that is due; empty again as soon as the turn or the day changes.
ALTER TABLE inquiries ADD COLUMN reminded text NOT NULL DEFAULT '' CHECK (reminded IN ('', 'soon', 'late'));
CREATE INDEX inquiries_turn ON inquiries (turn_org, due_on, id) WHERE turn_org IS NOT NULL;
CREATE INDEX inquiries_listing ON inquiries (listing_id);
CREATE INDEX inquiries_other_listing ON inquiries (other_listing_id) WHERE other_listing_id IS NOT NULL;

-- +goose Down
DROP INDEX inquiries_turn, inquiries_listing, inquiries_other_listing;
ALTER TABLE inquiries DROP COLUMN reminded;
