package store

import (
	"context"

	"techmarket/internal/market"
)

// attachmentColumns are those of a file f of a listing, x being its row in listing_files.
const attachmentColumns = `x.file_id, x.listing_id, x.use, x.label, x.pages, x.width, x.height, f.name, f.media_type, f.size`

// attachmentVisible is the access rule of a file x of a listing l: $1 is the actor's organisation, $2 its reach as a reviewer
// or auditor, $3 that as a reviewer. What is gated is for the listing's own people and reviewers of its county here; whom
// it was opened to reads it by DisclosedFile. While the organisation's name is hidden, a PDF that may bear it is not public.
var attachmentVisible = `(l.org_id = $1 OR (` + inReach(`$3`, `(SELECT z.region FROM orgs z WHERE z.id = l.org_id)`) + ` AND l.state <> 'draft')
	OR (` + listingVisible + ` AND (x.use = 'picture' OR x.use = 'public' AND NOT l.hide_org)))`

const attachments = ` FROM listing_files x JOIN files f ON f.id = x.file_id JOIN listings l ON l.id = x.listing_id `

// ListingFiles lists the pictures and files of a listing that the actor may read, in the owner's order.
func (r Queries) ListingFiles(ctx context.Context, a market.Actor, listingID int64) ([]market.ListingFile, error) {
	var out []market.ListingFile
	err := r.often(ctx, &out, `SELECT `+attachmentColumns+attachments+`WHERE l.id = $4 AND `+attachmentVisible+` ORDER BY x.position, x.file_id`,
		a.OrgID, reviewReach(a), a.Reach(market.Reviewer), listingID)
	return out, err
}

// ListingFile returns what is known of a file of a listing that the actor may read.
func (r Queries) ListingFile(ctx context.Context, a market.Actor, id string) (market.ListingFile, error) {
	var f market.ListingFile
	if !fileIDs.MatchString(id) {
		return f, market.ErrNotFound
	}
	err := r.get(ctx, &f, `SELECT `+attachmentColumns+attachments+`WHERE x.file_id = $4 AND `+attachmentVisible, a.OrgID, reviewReach(a), a.Reach(market.Reviewer), id)
	return f, err
}

// ListingFileContent returns a file of a listing that the actor may read.
func (r Queries) ListingFileContent(ctx context.Context, a market.Actor, id string) ([]byte, error) {
	var content []byte
	err := r.get(ctx, &content, `SELECT f.content`+attachments+`WHERE x.file_id = $4 AND `+attachmentVisible, a.OrgID, reviewReach(a), a.Reach(market.Reviewer), id)
	return content, err
}

// Thumbnail returns the small form of a public picture that the actor may read.
func (r Queries) Thumbnail(ctx context.Context, a market.Actor, id string) ([]byte, error) {
	var content []byte
	err := r.get(ctx, &content, `SELECT x.small`+attachments+`WHERE x.file_id = $4 AND x.use = 'picture' AND `+attachmentVisible,
		a.OrgID, reviewReach(a), a.Reach(market.Reviewer), id)
	return content, err
}

// Behind is how much stands behind the gate of a listing: everybody may know that, but no more.
type Behind struct {
	Text     bool `db:"text"`
	PDFs     int  `db:"pdfs"`
	Pages    int  `db:"pages"` // of all PDFs
	Pictures int  `db:"pictures"`
}

// Behind counts what is gated of a listing. The caller has checked that the actor may see the listing.
func (r Queries) Behind(ctx context.Context, listingID int64) (Behind, error) {
	var b Behind
	err := r.get(ctx, &b, `SELECT EXISTS (SELECT 1 FROM listing_gates g WHERE g.listing_id = $1) AS text,
			count(*) FILTER (WHERE f.media_type = 'application/pdf') AS pdfs, coalesce(sum(x.pages), 0) AS pages,
			count(*) FILTER (WHERE f.media_type <> 'application/pdf') AS pictures
		FROM listing_files x JOIN files f ON f.id = x.file_id WHERE x.listing_id = $1 AND x.use = 'gated'`, listingID)
	return b, err
}

// GatedFiles lists what a granted disclosure of the actor's organisation opens beside the text. The caller has checked the
// pledge.
func (r Queries) GatedFiles(ctx context.Context, a market.Actor, disclosure int64) ([]market.ListingFile, error) {
	var out []market.ListingFile
	err := r.all(ctx, &out, `SELECT `+attachmentColumns+` FROM disclosures d JOIN listing_files x ON x.listing_id = d.listing_id AND x.use = 'gated'
			JOIN files f ON f.id = x.file_id
		WHERE d.id = $2 AND d.org_id = $1 AND d.state = 'granted' ORDER BY x.position, x.file_id`, a.OwnOrg(), disclosure)
	return out, err
}

// LockOwnListing locks a need or a result for a change by its own people.
func (t *Tx) LockOwnListing(ctx context.Context, a market.Actor, id int64) (market.Listing, error) {
	var row listingRow
	err := t.get(ctx, &row, `SELECT `+listingColumns+`, true AS own FROM listings l WHERE l.id = $2 AND l.org_id = $1 FOR UPDATE OF l`,
		a.OrgFor(market.ScopePost), id)
	return row.listing(), err
}

// UploadedFor returns a file that the actor has uploaded for a listing and that belongs to none yet.
func (t *Tx) UploadedFor(ctx context.Context, a market.Actor, id string) (market.File, []byte, error) {
	var f struct {
		market.File
		Content []byte `db:"content"`
	}
	err := t.get(ctx, &f, `SELECT `+fileColumns+`, f.content FROM files f WHERE f.id = $1 AND f.uploaded_by = $2 AND f.purpose = 'listing'
		AND NOT EXISTS (SELECT 1 FROM listing_files x WHERE x.file_id = f.id) FOR UPDATE`, id, a.UserID)
	return f.File, f.Content, err
}

// AddListingFile puts a file at the end of its listing's. small is the thumbnail of a picture.
func (t *Tx) AddListingFile(ctx context.Context, f market.ListingFile, small []byte) error {
	return t.exec(ctx, `INSERT INTO listing_files (file_id, listing_id, position, use, label, pages, width, height, small)
		VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM listing_files WHERE listing_id = $2), $3, $4, $5, $6, $7, $8)`,
		f.ID, f.ListingID, f.Use, f.Label, f.Pages, f.Width, f.Height, small)
}

// ChangeListingFile stores use and label. The caller has locked the listing.
func (t *Tx) ChangeListingFile(ctx context.Context, f market.ListingFile) error {
	return t.execOne(ctx, `UPDATE listing_files SET use = $3, label = $4 WHERE file_id = $1 AND listing_id = $2`, f.ID, f.ListingID, f.Use, f.Label)
}

// RaiseListingFile changes places with the file before. The first one stays. The caller has locked the listing.
func (t *Tx) RaiseListingFile(ctx context.Context, listingID int64, id string) error {
	return t.exec(ctx, `WITH me AS (SELECT position FROM listing_files WHERE listing_id = $1 AND file_id = $2),
			above AS (SELECT x.file_id, x.position FROM listing_files x, me WHERE x.listing_id = $1 AND x.position < me.position ORDER BY x.position DESC LIMIT 1)
		UPDATE listing_files u SET position = CASE WHEN u.file_id = $2 THEN above.position ELSE me.position END
		FROM me, above WHERE u.listing_id = $1 AND u.file_id IN ($2, above.file_id)`, listingID, id)
}

// RemoveListingFile deletes a file of a listing. The caller has locked the listing.
func (t *Tx) RemoveListingFile(ctx context.Context, listingID int64, id string) error {
	return t.execOne(ctx, `DELETE FROM files f USING listing_files x WHERE x.file_id = f.id AND x.listing_id = $1 AND f.id = $2`, listingID, id)
}
