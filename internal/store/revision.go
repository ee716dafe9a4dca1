package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"techmarket/internal/market"
)

type revisionRow struct {
	ID          int64                `db:"id"`
	ListingID   int64                `db:"listing_id"`
	Edit        bool                 `db:"edit"`
	State       market.RevisionState `db:"state"`
	Content     []byte               `db:"content"`
	Version     int                  `db:"version"`
	WrittenBy   *int64               `db:"written_by"`
	Writer      string               `db:"writer"`
	Agency      string               `db:"agency"`
	UpdatedAt   time.Time            `db:"updated_at"`
	SubmittedAt *time.Time           `db:"submitted_at"`
	DecidedAt   *time.Time           `db:"decided_at"`
	Decider     string               `db:"decider"`
	ReturnCodes stringArray          `db:"return_codes"`
	ReturnNote  string               `db:"return_note"`
}

// revision reads the content. What is behind the gate is for the owner's people and for reviewers, as at the listing itself.
func (r revisionRow) revision(a market.Actor) (market.Revision, error) {
	out := market.Revision{ID: r.ID, ListingID: r.ListingID, Edit: r.Edit, State: r.State, Version: r.Version, WrittenBy: r.WrittenBy, Writer: r.Writer,
		Agency: r.Agency, UpdatedAt: r.UpdatedAt, SubmittedAt: r.SubmittedAt, DecidedAt: r.DecidedAt, Decider: r.Decider,
		ReturnCodes: r.ReturnCodes, ReturnNote: r.ReturnNote}
	if err := json.Unmarshal(r.Content, &out.Text); err != nil {
		return out, fmt.Errorf("store: read revision %d: %w", r.ID, err)
	}
	if l := out.Text.Listing(); l.OrgID != a.OrgID && !a.Has(market.Reviewer) {
		l.Gated = ""
	}
	return out, nil
}

// revisionColumns need the tables of revisionTables; revisions are for the people of the listing's organisation, $1, and
// for reviewers and auditors within their reach, $2.
const (
	revisionColumns = `v.id, v.listing_id, v.edit, v.state, v.content, v.version, v.written_by, coalesce(w.name, '') AS writer, coalesce(g.name, '') AS agency,
	v.updated_at, v.submitted_at, v.decided_at, coalesce(d.name, '') AS decider, v.return_codes, v.return_note`
	revisionTables = ` FROM listing_revisions v JOIN listings l ON l.id = v.listing_id LEFT JOIN users w ON w.id = v.written_by
	LEFT JOIN orgs g ON g.id = v.agency_id LEFT JOIN users d ON d.id = v.decided_by`
)

var revisionVisible = `(l.org_id = $1 OR ` + listingReached + `)`

// Revision returns a revision of a listing of that id to those who may see it.
func (r Queries) Revision(ctx context.Context, a market.Actor, id int64) (market.Revision, error) {
	var row revisionRow
	err := r.get(ctx, &row, `SELECT `+revisionColumns+revisionTables+` WHERE v.id = $3 AND `+revisionVisible, a.OrgID, reviewReach(a), id)
	if err != nil {
		return market.Revision{}, err
	}
	return row.revision(a)
}

// LastRevision returns the newest revision of a listing to those who may see it; without one it is market.ErrNotFound.
func (r Queries) LastRevision(ctx context.Context, a market.Actor, listingID int64) (market.Revision, error) {
	var row revisionRow
	err := r.get(ctx, &row, `SELECT `+revisionColumns+revisionTables+` WHERE v.listing_id = $3 AND `+revisionVisible+` ORDER BY v.id DESC LIMIT 1`,
		a.OrgID, reviewReach(a), listingID)
	if err != nil {
		return market.Revision{}, err
	}
	return row.revision(a)
}

// OpenRevision returns the edit of a listing that is written or waits. For the market's own work.
func (r Queries) OpenRevision(ctx context.Context, listingID int64) (market.Revision, error) {
	var row revisionRow
	err := r.get(ctx, &row, `SELECT `+revisionColumns+revisionTables+` WHERE v.listing_id = $1 AND v.state IN ('draft', 'in_review')`, listingID)
	if err != nil {
		return market.Revision{}, err
	}
	return row.revision(market.System())
}

// Revisions lists the revisions of a listing, the newest first, to those who may see them.
func (r Queries) Revisions(ctx context.Context, a market.Actor, listingID int64) ([]market.Revision, error) {
	var rows []revisionRow
	err := r.all(ctx, &rows, `SELECT `+revisionColumns+revisionTables+` WHERE v.listing_id = $3 AND `+revisionVisible+` ORDER BY v.id DESC`,
		a.OrgID, reviewReach(a), listingID)
	if err != nil {
		return nil, err
	}
	out := make([]market.Revision, len(rows))
	for i, row := range rows {
		if out[i], err = row.revision(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SeesRevisions reports whether the texts of a listing of that kind are for the actor: who may see them, for a listing that
// has any or none.
func (r Queries) SeesRevisions(ctx context.Context, a market.Actor, kind market.Kind, listingID int64) (bool, error) {
	var seen bool
	err := r.get(ctx, &seen, `SELECT EXISTS (SELECT FROM listings l WHERE l.id = $3 AND l.kind = $4 AND `+revisionVisible+`)`, a.OrgID, reviewReach(a), listingID, kind)
	return seen, err
}

// RevisedAt is when the text of a public listing was last changed under review, nil when it never was.
func (r Queries) RevisedAt(ctx context.Context, listingID int64) (*time.Time, error) {
	var at *time.Time
	err := r.get(ctx, &at, `SELECT max(decided_at) FROM listing_revisions WHERE listing_id = $1 AND edit AND state = 'published'`, listingID)
	return at, err
}

// AddRevision keeps a text of a listing and returns its id. decided is who published it or sent it back.
func (t *Tx) AddRevision(ctx context.Context, v market.Revision, agency int64, decided *int64) (int64, error) {
	content, err := json.Marshal(v.Text)
	if err != nil {
		return 0, fmt.Errorf("store: write revision: %w", err)
	}
	var id int64
	err = t.get(ctx, &id, `INSERT INTO listing_revisions (listing_id, edit, state, content, version, written_by, agency_id, updated_at, submitted_at, decided_by, decided_at,
			return_codes, return_note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`,
		v.ListingID, v.Edit, v.State, content, v.Version, v.WrittenBy, optionalID(agency), v.UpdatedAt, v.SubmittedAt, decided, v.DecidedAt,
		stringArray(nonNil(v.ReturnCodes)), v.ReturnNote)
	if violates(err, "listing_revisions_one_open") {
		return 0, market.ErrStale
	}
	return id, err
}

// SaveRevision stores the text of an edit that is not handed in, if it is still at that version.
func (t *Tx) SaveRevision(ctx context.Context, a market.Actor, id int64, version int, text market.Text, at time.Time) error {
	content, err := json.Marshal(text)
	if err != nil {
		return fmt.Errorf("store: write revision: %w", err)
	}
	err = t.execOne(ctx, `UPDATE listing_revisions SET content = $3, version = version + 1, written_by = $4, agency_id = $5, updated_at = $6
		WHERE id = $1 AND version = $2 AND state = 'draft'`, id, version, content, optionalID(a.UserID), optionalID(a.AgencyID), at)
	if market.IsKind(err, market.NotFound) {
		return market.ErrStale
	}
	return err
}

// RevisionMove is a change of a revision's state and the columns that go with it.
type RevisionMove struct {
	ID       int64
	From, To market.RevisionState
	Codes    []string // of a return
	Note     string   // of a return
	At       time.Time
}

// MoveRevision changes the state if it is still the expected one.
func (t *Tx) MoveRevision(ctx context.Context, a market.Actor, m RevisionMove) error {
	return t.execOne(ctx, `UPDATE listing_revisions SET state = $3, version = version + 1, return_codes = $4, return_note = $5,
			submitted_at = CASE WHEN $3 = 'in_review' THEN $6 ELSE submitted_at END,
			decided_at = CASE WHEN $3 IN ('published', 'returned', 'discarded') THEN $6 END,
			decided_by = CASE WHEN $3 IN ('published', 'returned', 'discarded') THEN $7::bigint END
		WHERE id = $1 AND state = $2`, m.ID, m.From, m.To, stringArray(nonNil(m.Codes)), m.Note, m.At, optionalID(a.UserID))
}

// LastSubmitter is who handed in a listing last, and for which agency: 0 when nobody did.
func (r Queries) LastSubmitter(ctx context.Context, object market.Object) (user, agency int64, err error) {
	var row struct {
		User   int64 `db:"user_id"`
		Agency int64 `db:"agency_id"`
	}
	err = r.get(ctx, &row, `SELECT coalesce(user_id, 0) AS user_id, coalesce(agency_id, 0) AS agency_id FROM moves
		WHERE object_kind = $1 AND object_id = $2 AND move = 'submit' ORDER BY id DESC LIMIT 1`, object.Kind, object.ID)
	if market.IsKind(err, market.NotFound) {
		err = nil
	}
	return row.User, row.Agency, err
}
