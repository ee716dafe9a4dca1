package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Disclosure is a request as one of its two sides sees it. Where the owner's name is hidden from the side that asks,
// OwnerName is empty.
type Disclosure struct {
	market.Disclosure
	OwnerOrg     int64          `db:"owner_org"`
	OwnerName    string         `db:"owner_name"`
	OwnerType    market.OrgType `db:"owner_type"`
	OrgName      string         `db:"org_name"`
	RequestedBy  string         `db:"requested_by"`
	ListingKind  market.Kind    `db:"listing_kind"`
	ListingTitle string         `db:"listing_title"`
	Submarket    string         `db:"submarket"`
	Reads        int            `db:"reads"`
	LastRead     *time.Time     `db:"last_read"`
}

// disclosureVisible is the access rule of a disclosure d of a listing l: $1 is the actor's organisation, $2 whether the
// actor audits. The gated text itself is not behind it but in DisclosedText.
const disclosureVisible = `(d.org_id = $1 OR l.org_id = $1 OR $2)`

const disclosureView = `SELECT d.id, d.listing_id, d.org_id, d.state, d.purpose, d.reason, d.requested_at, d.answered_at, d.revoked_at,
		l.kind AS listing_kind, l.title AS listing_title, coalesce(l.submarket, '') AS submarket, o.type AS owner_type, a.name AS org_name, u.name AS requested_by,
		CASE WHEN l.hide_org AND l.org_id <> $1 AND NOT $2 THEN 0 ELSE l.org_id END AS owner_org,
		CASE WHEN l.hide_org AND l.org_id <> $1 AND NOT $2 THEN '' ELSE o.name END AS owner_name,
		(SELECT count(*) FROM disclosure_reads r WHERE r.disclosure_id = d.id) AS reads,
		(SELECT max(r.at) FROM disclosure_reads r WHERE r.disclosure_id = d.id) AS last_read
	FROM disclosures d JOIN listings l ON l.id = d.listing_id JOIN orgs o ON o.id = l.org_id JOIN orgs a ON a.id = d.org_id
	JOIN users u ON u.id = d.requested_by `

// Disclosure returns a request to the two sides and to auditors.
func (r Queries) Disclosure(ctx context.Context, a market.Actor, id int64) (Disclosure, error) {
	var d Disclosure
	err := r.get(ctx, &d, disclosureView+`WHERE d.id = $3 AND `+disclosureVisible, a.OwnOrg(), a.Has(market.Auditor), id)
	return d, err
}

// DisclosureBox is one of the two lists of an organisation's disclosures.
type DisclosureBox string

// The lists.
const (
	DisclosuresReceived DisclosureBox = "received"
	DisclosuresSent     DisclosureBox = "sent"
)

// Disclosures lists what the actor's organisation was asked or has asked, those that wait first, then the newest, with
// their number. A box that there is not is market.ErrNotFound.
func (r Queries) Disclosures(ctx context.Context, a market.Actor, box DisclosureBox, page Slice) ([]Disclosure, int, error) {
	where, ok := map[DisclosureBox]string{DisclosuresReceived: `l.org_id = $1`, DisclosuresSent: `d.org_id = $1`}[box]
	if !ok {
		return nil, 0, market.ErrNotFound
	}
	var total int
	err := r.get(ctx, &total, `SELECT count(*) FROM disclosures d JOIN listings l ON l.id = d.listing_id WHERE `+where, a.OwnOrg())
	if err != nil {
		return nil, 0, err
	}
	var out []Disclosure
	err = r.all(ctx, &out, disclosureView+`WHERE `+where+` ORDER BY d.state = 'requested' DESC, d.id DESC LIMIT $3 OFFSET $4`,
		a.OwnOrg(), false, page.Limit, page.Offset)
	return out, total, err
}

// LatestDisclosure returns the newest request of the actor's organisation about a listing.
func (r Queries) LatestDisclosure(ctx context.Context, a market.Actor, listingID int64) (market.Disclosure, error) {
	var d market.Disclosure
	err := r.get(ctx, &d, `SELECT id, listing_id, org_id, state, purpose, reason, requested_at, answered_at, revoked_at
		FROM disclosures WHERE listing_id = $1 AND org_id = $2 ORDER BY id DESC LIMIT 1`, listingID, a.OwnOrg())
	return d, err
}

// LockDisclosure locks a request for a change by the organisation whose listing it is about.
func (t *Tx) LockDisclosure(ctx context.Context, a market.Actor, id int64) (Disclosure, error) {
	var d Disclosure
	err := t.get(ctx, &d, disclosureView+`WHERE d.id = $3 AND (l.org_id = $1 OR $2) FOR UPDATE OF d`, a.OwnOrg(), false, id)
	return d, err
}

// CreateDisclosure adds a request. A second running one of the same organisation is a Conflict.
func (t *Tx) CreateDisclosure(ctx context.Context, a market.Actor, listingID int64, purpose string, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO disclosures (listing_id, org_id, purpose, requested_by, requested_at) VALUES ($1, $2, $3, $4, $5)
		RETURNING id`, listingID, a.OwnOrg(), purpose, a.UserID, at)
	if violates(err, "disclosures_one_running") {
		return 0, market.Errorf(market.Conflict, "本单位已经申请过，请看原来的申请")
	}
	return id, err
}

// MoveDisclosure changes the state if it is still the expected one. reason is kept for a refusal or a revocation.
func (t *Tx) MoveDisclosure(ctx context.Context, id int64, from, to market.DisclosureState, reason string, at time.Time) error {
	return t.execOne(ctx, `UPDATE disclosures SET state = $3, reason = $4, answered_at = CASE WHEN $2 = 'requested' THEN $5 ELSE answered_at END,
			revoked_at = CASE WHEN $3 = 'revoked' THEN $5 END WHERE id = $1 AND state = $2`, id, from, to, reason, at)
}

// CurrentPledge is the newest pledge that is valid on that day.
func (r Queries) CurrentPledge(ctx context.Context, day time.Time) (market.Pledge, error) {
	var p market.Pledge
	err := r.get(ctx, &p, `SELECT version, valid_from, body FROM pledges WHERE valid_from <= $1 ORDER BY valid_from DESC LIMIT 1`, day)
	return p, err
}

// Pledged reports whether the actor has accepted that version for this disclosure.
func (r Queries) Pledged(ctx context.Context, a market.Actor, id int64, version string) (bool, error) {
	var done bool
	err := r.get(ctx, &done, `SELECT EXISTS (SELECT 1 FROM disclosure_pledges WHERE disclosure_id = $1 AND user_id = $2 AND version = $3)`, id, a.UserID, version)
	return done, err
}

// AddPledge keeps that the actor accepted a pledge, by name. Accepting again changes nothing.
func (t *Tx) AddPledge(ctx context.Context, a market.Actor, id int64, version string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO disclosure_pledges (disclosure_id, user_id, version, user_name, org_name, address, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, id, a.UserID, version, a.UserName, a.OrgName, a.Address, at)
}

// DisclosedText returns what a granted disclosure of the actor's organisation opens, and notes that the actor reads it.
// Anything but a granted one, locked against a revocation at the same moment, is market.ErrNotFound.
func (t *Tx) DisclosedText(ctx context.Context, a market.Actor, id int64, at time.Time) (string, error) {
	var text string
	err := t.get(ctx, &text, `SELECT coalesce(g.detail, '') FROM disclosures d LEFT JOIN listing_gates g ON g.listing_id = d.listing_id
		WHERE d.id = $1 AND d.org_id = $2 AND d.state = 'granted' FOR SHARE OF d`, id, a.OwnOrg())
	if err != nil {
		return "", err
	}
	return text, t.addRead(ctx, a, id, "", at)
}

// DisclosedFile is DisclosedText for one of the gated files.
func (t *Tx) DisclosedFile(ctx context.Context, a market.Actor, id int64, file string, at time.Time) (market.ListingFile, []byte, error) {
	var f struct {
		market.ListingFile
		Content []byte `db:"content"`
	}
	err := t.get(ctx, &f, `SELECT `+attachmentColumns+`, f.content FROM disclosures d JOIN listing_files x ON x.listing_id = d.listing_id AND x.use = 'gated'
			JOIN files f ON f.id = x.file_id
		WHERE d.id = $1 AND d.org_id = $2 AND d.state = 'granted' AND x.file_id = $3 FOR SHARE OF d`, id, a.OwnOrg(), file)
	if err != nil {
		return f.ListingFile, nil, err
	}
	return f.ListingFile, f.Content, t.addRead(ctx, a, id, file, at)
}

func (t *Tx) addRead(ctx context.Context, a market.Actor, id int64, file string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO disclosure_reads (disclosure_id, user_id, file_id, at) VALUES ($1, $2, $3, $4)`, id, a.UserID, file, at)
}

// DisclosureRead is one reading of what a disclosure opens.
type DisclosureRead struct {
	UserName string    `db:"user_name"`
	Pledge   string    `db:"pledge"`  // the version accepted before
	FileID   string    `db:"file_id"` // "" when it was the text
	At       time.Time `db:"at"`
}

// DisclosureReads lists the newest readings. The caller has checked that the actor may see the disclosure.
func (r Queries) DisclosureReads(ctx context.Context, id int64, limit int) ([]DisclosureRead, error) {
	var out []DisclosureRead
	err := r.all(ctx, &out, `SELECT p.user_name, p.version AS pledge, x.file_id, x.at FROM disclosure_reads x
		JOIN LATERAL (SELECT user_name, version FROM disclosure_pledges p WHERE p.disclosure_id = x.disclosure_id AND p.user_id = x.user_id AND p.at <= x.at
			ORDER BY p.at DESC LIMIT 1) p ON true
		WHERE x.disclosure_id = $1 ORDER BY x.id DESC LIMIT $2`, id, limit)
	return out, err
}
