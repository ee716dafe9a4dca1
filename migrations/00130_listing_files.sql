-- +goose Up
-- Pictures and files of needs and results. Who may read one is decided by its use and by its listing.
ALTER TABLE files DROP CONSTRAINT files_purpose_check, ADD CONSTRAINT files_purpose_check CHECK (purpose IN ('licence', 'mandate', 'listing'));

CREATE TABLE listing_files (
  file_id text PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  listing_id bigint NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  position int NOT NULL,
  use text NOT NULL CHECK (use IN ('picture', 'public', 'gated')),
  label text NOT NULL CHECK (label <> ''), -- what is to be seen; the alternative text of a picture
  pages int NOT NULL DEFAULT 0,  -- of a PDF
  width int NOT NULL DEFAULT 0,  -- of a picture
  height int NOT NULL DEFAULT 0,
  small bytea,                   -- the thumbnail of a picture
  CONSTRAINT listing_files_picture_is_one CHECK (use <> 'picture' OR small IS NOT NULL),
  CONSTRAINT listing_files_position UNIQUE (listing_id, position) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE listing_files ALTER COLUMN small SET STORAGE EXTERNAL;

-- Which file was read; '' is the text. The file itself may be gone by now.
ALTER TABLE disclosure_reads ADD COLUMN file_id text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE disclosure_reads DROP COLUMN file_id;
DROP TABLE listing_files;
