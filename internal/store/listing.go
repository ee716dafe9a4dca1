package store

import (
	"context"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// listingRow is the listings table as stored.
type listingRow struct {
	ID               int64               `db:"id"`
	Kind             market.Kind         `db:"kind"`
	Number           string              `db:"number"`
	OrgID            int64               `db:"org_id"`
	State            market.ListingState `db:"state"`
	Title            string              `db:"title"`
	Submarket        *string             `db:"submarket"`
	TechField        *string             `db:"tech_field"`
	Region           *string             `db:"region"`
	Modes            stringArray         `db:"modes"`
	Fields           stringArray         `db:"fields"`
	HideOrg          bool                `db:"hide_org"`
	SecrecyConfirmed bool                `db:"secrecy_confirmed"`
	ContactName      string              `db:"contact_name"`
	ContactPhone     string              `db:"contact_phone"`
	SubmittedAt      *time.Time          `db:"submitted_at"`
	PublishedAt      *time.Time          `db:"published_at"`
	ConfirmedAt      *time.Time          `db:"confirmed_at"`
	ValidUntil       *time.Time          `db:"valid_until"`
	ReturnCodes      stringArray         `db:"return_codes"`
	ReturnNote       string              `db:"return_note"`
	Version          int                 `db:"version"`
	ImportID         *int64              `db:"import_id"`
	CreatedAt        time.Time           `db:"created_at"`
	UpdatedAt        time.Time           `db:"updated_at"`
	Own              bool                `db:"own"` // the actor's organisation, or a reviewer: may see what is not public
}

const listingColumns = `l.id, l.kind, l.number, l.org_id, l.state, l.title, l.submarket, l.tech_field, l.region, l.modes,
	ARRAY(SELECT f.field FROM listing_fields f WHERE f.listing_id = l.id ORDER BY f.position) AS fields,
	l.hide_org, l.secrecy_confirmed, l.contact_name, l.contact_phone, l.submitted_at, l.published_at, l.confirmed_at, l.valid_until,
	l.return_codes, l.return_note, l.version, l.import_id, l.created_at, l.updated_at`

// ownerActive tells that the owner of a listing l is not suspended. What a suspended organisation published is not public
// from the same moment on.
const ownerActive = `l.org_id NOT IN (SELECT id FROM orgs WHERE state = 'suspended')`

// reviewReach is where the actor reads, as a reviewer or auditor, what is not public and names that are hidden.
func reviewReach(a market.Actor) string { return a.Reach(market.Reviewer, market.Auditor) }

// inReach is the condition that a place lies within the reach of a member of the staff; both are SQL.
func inReach(reach, region string) string {
	return `(` + reach + ` = '` + market.City + `' OR ` + reach + ` = ` + region + `)`
}

// What lies within the reach $2: an organisation o, and the one of a listing l.
var (
	orgReached     = inReach(`$2`, `o.region`)
	listingReached = inReach(`$2`, `(SELECT x.region FROM orgs x WHERE x.id = l.org_id)`)
)

// listingVisible is the access rule of a listing l: $1 is the actor's organisation, $2 the reach of a reviewer or
// auditor. Public listings are for everybody; any other for its own people and the other party of an inquiry, and for
// staff once it has left its owner's desk: a draft is nobody else's business.
var listingVisible = `((l.state IN ('published', 'matched') AND ` + ownerActive + `) OR l.org_id = $1 OR (` + listingReached + ` AND l.state <> 'draft') OR EXISTS (
	SELECT 1 FROM inquiries i WHERE (i.listing_id = l.id OR i.other_listing_id = l.id) AND $1 IN (i.from_org, i.to_org)))`

// listing strips what the reader may not see: contact, review notes and, where the name is hidden, the owner.
func (l listingRow) listing() market.Listing {
	out := market.Listing{
		ID: l.ID, Kind: l.Kind, Number: l.Number, OrgID: l.OrgID, State: l.State, Title: l.Title,
		Submarket: deref(l.Submarket), Fields: l.Fields, TechField: deref(l.TechField), Region: deref(l.Region), Modes: l.Modes,
		HideOrg: l.HideOrg, SecrecyConfirmed: l.SecrecyConfirmed, SubmittedAt: l.SubmittedAt, PublishedAt: l.PublishedAt,
		ConfirmedAt: l.ConfirmedAt, ValidUntil: l.ValidUntil, Version: l.Version, ImportID: l.ImportID,
		CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt,
	}
	if l.Own {
		out.ContactName, out.ContactPhone = l.ContactName, l.ContactPhone
		out.ReturnCodes, out.ReturnNote = l.ReturnCodes, l.ReturnNote
	} else if l.HideOrg {
		out.OrgID = 0
	}
	return out
}

// listingRow reads a listing of that kind that the actor may see.
func (r Queries) listingRow(ctx context.Context, a market.Actor, kind market.Kind, id int64) (listingRow, error) {
	var row listingRow
	err := r.oftenOne(ctx, &row, `SELECT `+listingColumns+`, (l.org_id = $1 OR `+listingReached+`) AS own FROM listings l
		WHERE l.id = $3 AND l.kind = $4 AND `+listingVisible, a.OrgID, reviewReach(a), id, kind)
	return row, err
}

// ListingKind returns whether the listing the actor may see is a need or a result.
func (r Queries) ListingKind(ctx context.Context, a market.Actor, id int64) (market.Kind, error) {
	var kind market.Kind
	err := r.get(ctx, &kind, `SELECT l.kind FROM listings l WHERE l.id = $3 AND `+listingVisible, a.OrgID, reviewReach(a), id)
	return kind, err
}

// ReachesListing reports whether the actor reads a listing as a reviewer of its county or an auditor.
func (r Queries) ReachesListing(ctx context.Context, a market.Actor, id int64) (bool, error) {
	var is bool
	err := r.get(ctx, &is, `SELECT EXISTS (SELECT 1 FROM listings l WHERE l.id = $1 AND `+listingReached+`)`, id, reviewReach(a))
	return is, err
}

// LockListing locks a listing for a change: by its own people, or by a reviewer
// of its county when review is true.
func (t *Tx) LockListing(ctx context.Context, a market.Actor, kind market.Kind, id int64, review bool) (market.Listing, error) {
	var row listingRow
	err := t.get(ctx, &row, `SELECT `+listingColumns+`, true AS own FROM listings l
		WHERE l.id = $3 AND l.kind = $4 AND ((NOT $5 AND l.org_id = $1) OR ($5 AND l.state <> 'draft' AND `+listingReached+`)) FOR UPDATE OF l`,
		a.OrgFor(market.ScopePost), a.Reach(market.Reviewer), id, kind, review)
	return row.listing(), err
}

// LockAnyListing locks a listing for the market's own work, such as expiry or the end of an inquiry.
func (t *Tx) LockAnyListing(ctx context.Context, id int64) (market.Listing, error) {
	var row listingRow
	err := t.get(ctx, &row, `SELECT `+listingColumns+`, true AS own FROM listings l WHERE l.id = $1 FOR UPDATE OF l`, id)
	return row.listing(), err
}

// insertListing adds the common part and returns its id. Without a place it is where its organisation is.
func (t *Tx) insertListing(ctx context.Context, a market.Actor, l market.Listing, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO listings (kind, number, org_id, state, title, submarket, tech_field, region, modes, hide_org,
			secrecy_confirmed, contact_name, contact_phone, import_id, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, 'draft', $4, $5, $6, coalesce($7, (SELECT region FROM orgs WHERE id = $3)), $8, $9, $10, $11, $12, $13, $14, $15, $15)
		RETURNING id`,
		l.Kind, l.Number, l.OrgID, l.Title, optional(l.Submarket), optional(l.TechField), optional(l.Region), stringArray(nonNil(l.Modes)),
		l.HideOrg, l.SecrecyConfirmed, l.ContactName, l.ContactPhone, l.ImportID, optionalID(a.UserID), at)
	if err != nil {
		return 0, err
	}
	return id, t.setListingParts(ctx, id, l)
}

// updateListing stores the common part if it is still at that version. Without a place it stays where it was.
func (t *Tx) updateListing(ctx context.Context, l market.Listing, at time.Time) error {
	err := t.execOne(ctx, `UPDATE listings SET title = $3, submarket = $4, tech_field = $5, region = coalesce($6, region), modes = $7, hide_org = $8,
			secrecy_confirmed = $9, contact_name = $10, contact_phone = $11, version = version + 1, updated_at = $12
		WHERE id = $1 AND version = $2`,
		l.ID, l.Version, l.Title, optional(l.Submarket), optional(l.TechField), optional(l.Region), stringArray(nonNil(l.Modes)), l.HideOrg,
		l.SecrecyConfirmed, l.ContactName, l.ContactPhone, at)
	if err != nil {
		return err
	}
	return t.setListingParts(ctx, l.ID, l)
}

// setListingParts replaces the rows that hang on a listing: fields and gated detail.
func (t *Tx) setListingParts(ctx context.Context, id int64, l market.Listing) error {
	if err := t.exec(ctx, `DELETE FROM listing_fields WHERE listing_id = $1`, id); err != nil {
		return err
	}
	if len(l.Fields) > 0 {
		if err := t.exec(ctx, `INSERT INTO listing_fields (listing_id, field, position)
			SELECT $1, f, min(n) FROM unnest($2::text[]) WITH ORDINALITY AS u (f, n) GROUP BY f`, id, stringArray(l.Fields)); err != nil {
			return err
		}
	}
	if l.Gated == "" {
		return t.exec(ctx, `DELETE FROM listing_gates WHERE listing_id = $1`, id)
	}
	return t.exec(ctx, `INSERT INTO listing_gates (listing_id, detail) VALUES ($1, $2)
		ON CONFLICT (listing_id) DO UPDATE SET detail = EXCLUDED.detail`, id, l.Gated)
}

// Gate returns the gated text for the listing's own people and reviewers of its county; hasGate tells everybody else that
// there is a text or a file behind it.
func (r Queries) Gate(ctx context.Context, a market.Actor, listingID int64) (detail string, hasGate bool, err error) {
	var row struct {
		Detail *string `db:"detail"`
		Has    bool    `db:"has"`
	}
	err = r.get(ctx, &row, `SELECT CASE WHEN l.org_id = $1 OR `+listingReached+` THEN g.detail END AS detail,
			g.listing_id IS NOT NULL OR EXISTS (SELECT 1 FROM listing_files x WHERE x.listing_id = l.id AND x.use = 'gated') AS has
		FROM listings l LEFT JOIN listing_gates g ON g.listing_id = l.id WHERE l.id = $3`, a.OrgID, a.Reach(market.Reviewer), listingID)
	return deref(row.Detail), row.Has, err
}

// ListingMove is a change of a listing's state and the columns that go with it.
type ListingMove struct {
	ID         int64
	From, To   market.ListingState
	At         time.Time
	Codes      []string   // of a return
	Note       string     // of a return
	ValidUntil *time.Time // of a publication or confirmation
}

// MoveListing changes the state if it is still the expected one, and tells the search indexes.
func (t *Tx) MoveListing(ctx context.Context, m ListingMove) error {
	err := t.execOne(ctx, `UPDATE listings SET state = $3, version = version + 1, updated_at = $4, return_codes = $5, return_note = $6,
			submitted_at = CASE WHEN $3 = 'in_review' THEN $4 ELSE submitted_at END,
			published_at = CASE WHEN $3 = 'published' AND state <> 'published' AND state <> 'matched' THEN $4 ELSE published_at END,
			confirmed_at = CASE WHEN $3 = 'published' THEN $4 ELSE confirmed_at END,
			valid_until = coalesce($7, valid_until)
		WHERE id = $1 AND state = $2`, m.ID, m.From, m.To, m.At, stringArray(nonNil(m.Codes)), m.Note, m.ValidUntil)
	if err != nil {
		return err
	}
	return t.ListingChanged(ctx, m.ID)
}

// DeleteDraft removes a draft that was never submitted, and what imports noted of it.
func (t *Tx) DeleteDraft(ctx context.Context, id int64) error {
	if err := t.exec(ctx, `UPDATE import_rows SET duplicate_of = NULL WHERE duplicate_of = $1`, id); err != nil {
		return err
	}
	return t.execOne(ctx, `DELETE FROM listings WHERE id = $1 AND state = 'draft' AND submitted_at IS NULL`, id)
}

// CountView adds one to the day's views of a public listing.
func (s *Store) CountView(ctx context.Context, id int64, day time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO listing_views (listing_id, day, views) VALUES ($1, $2, 1)
		ON CONFLICT (listing_id, day) DO UPDATE SET views = listing_views.views + 1`, id, day)
	return err
}

// DueListings returns published listings whose validity ended before the day, oldest first.
func (r Queries) DueListings(ctx context.Context, day time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT id FROM listings WHERE state = 'published' AND valid_until < $1 ORDER BY valid_until, id LIMIT $2`, day, limit)
	return ids, err
}

// ListingCard is what a list shows of a listing. OrgID is 0 and OrgName empty where the name is hidden from the reader.
type ListingCard struct {
	ID          int64               `db:"id"`
	Kind        market.Kind         `db:"kind"`
	Number      string              `db:"number"`
	State       market.ListingState `db:"state"`
	Title       string              `db:"title"`
	Submarket   string              `db:"submarket"`
	Region      string              `db:"region"`
	Fields      stringArray         `db:"fields"`
	Modes       stringArray         `db:"modes"`
	Text        string              `db:"text"` // problem of a need, summary of a result
	OrgID       int64               `db:"org_id"`
	OrgName     string              `db:"org_name"`
	OrgType     market.OrgType      `db:"org_type"`
	OrgHidden   bool                `db:"org_hidden"`
	OrgVerified bool                `db:"org_verified"`
	Demo        bool                `db:"demo"`
	SubmittedAt *time.Time          `db:"submitted_at"`
	PublishedAt *time.Time          `db:"published_at"`
	ConfirmedAt *time.Time          `db:"confirmed_at"`
	ValidUntil  *time.Time          `db:"valid_until"`
	UpdatedAt   time.Time           `db:"updated_at"`
	ReturnNote  string              `db:"return_note"`

	// Needs.
	Deadline       *time.Time `db:"deadline"`
	IndicatorCount int        `db:"indicator_count"`
	IndName        string     `db:"ind_name"`
	IndNow         string     `db:"ind_now"`
	IndTarget      string     `db:"ind_target"`
	IndUnit        string     `db:"ind_unit"`

	// Results.
	Stage        string `db:"stage"`
	TRLMin       int    `db:"trl_min"`
	TRLMax       int    `db:"trl_max"`
	PriceMethod  string `db:"price_method"`
	PatentCount  int    `db:"patent_count"`
	OtherIPCount int    `db:"other_ip_count"`

	// Budget of a need, price of a result.
	PriceKind market.PriceKind    `db:"price_kind"`
	PriceMin  decimal.NullDecimal `db:"price_min"`
	PriceMax  decimal.NullDecimal `db:"price_max"`
}

// cardColumns needs $1 the actor's organisation and $2 its reach as a reviewer or auditor.
var cardColumns = `l.id, l.kind, l.number, l.state, l.title, coalesce(l.submarket, '') AS submarket, coalesce(l.region, '') AS region, l.modes,
	ARRAY(SELECT f.field FROM listing_fields f WHERE f.listing_id = l.id ORDER BY f.position) AS fields,
	left(coalesce(n.problem, r.summary, ''), 300) AS text,
	CASE WHEN l.hide_org AND l.org_id <> $1 AND NOT ` + orgReached + ` THEN 0 ELSE l.org_id END AS org_id,
	CASE WHEN l.hide_org AND l.org_id <> $1 AND NOT ` + orgReached + ` THEN '' ELSE o.name END AS org_name,
	o.type AS org_type, l.hide_org AS org_hidden, o.demo,
	o.state = 'verified' AS org_verified,
	l.submitted_at, l.published_at, l.confirmed_at, l.valid_until, l.updated_at,
	CASE WHEN l.org_id = $1 OR ` + orgReached + ` THEN l.return_note ELSE '' END AS return_note,
	n.deadline, coalesce(i.total, 0) AS indicator_count,
	coalesce(i.name, '') AS ind_name, coalesce(i.now_value, '') AS ind_now, coalesce(i.target_value, '') AS ind_target, coalesce(i.unit, '') AS ind_unit,
	coalesce(r.stage, '') AS stage, coalesce(r.trl_min, 0) AS trl_min, coalesce(r.trl_max, 0) AS trl_max, coalesce(r.price_method, '') AS price_method,
	coalesce(p.patents, 0) AS patent_count, coalesce(p.others, 0) AS other_ip_count,
	coalesce(n.budget_kind, r.price_kind) AS price_kind, coalesce(n.budget_min, r.price_min) AS price_min, coalesce(n.budget_max, r.price_max) AS price_max`

const cardTables = ` FROM listings l JOIN orgs o ON o.id = l.org_id
	LEFT JOIN needs n ON n.listing_id = l.id
	LEFT JOIN results r ON r.listing_id = l.id
	LEFT JOIN LATERAL (SELECT name, now_value, target_value, unit, count(*) OVER () AS total
		FROM need_indicators x WHERE x.listing_id = n.listing_id ORDER BY position LIMIT 1) i ON true
	LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE type IN ('invention', 'utility', 'design')) AS patents,
		count(*) FILTER (WHERE type NOT IN ('invention', 'utility', 'design', 'none')) AS others
		FROM result_ips x WHERE x.listing_id = r.listing_id) p ON true `

// ListingCards returns the cards of those ids that the actor may see, in the order of ids.
func (r Queries) ListingCards(ctx context.Context, a market.Actor, ids []int64) ([]ListingCard, error) {
	var out []ListingCard
	err := r.often(ctx, &out, `SELECT `+cardColumns+cardTables+`
		WHERE l.id = ANY($3) AND `+listingVisible+` ORDER BY array_position($3, l.id)`, a.OrgID, reviewReach(a), int64Array(ids))
	return out, err
}

// NewestListings returns the newest published listings of a kind, without those of suspended organisations.
func (r Queries) NewestListings(ctx context.Context, a market.Actor, kind market.Kind, limit int) ([]ListingCard, error) {
	var out []ListingCard
	err := r.all(ctx, &out, `SELECT `+cardColumns+cardTables+`
		WHERE l.kind = $3 AND l.state = 'published' AND o.state <> 'suspended' ORDER BY l.published_at DESC, l.id DESC LIMIT $4`, a.OrgID, reviewReach(a), kind, limit)
	return out, err
}

// OwnListing is a card with what only the owner sees.
type OwnListing struct {
	ListingCard
	Views     int `db:"views"`
	Matches   int `db:"matches"` // suggestions that Matches lists
	Inquiries int `db:"inquiries"`
}

// ownColumns are cardColumns with what has come of the listing.
var ownColumns = cardColumns + `,
	coalesce((SELECT sum(views) FROM listing_views v WHERE v.listing_id = l.id), 0) AS views,
	(SELECT count(*) FROM matches m JOIN listings x ON x.id = CASE l.kind WHEN 'need' THEN m.result_id ELSE m.need_id END JOIN orgs y ON y.id = x.org_id
		WHERE (m.need_id = l.id OR m.result_id = l.id) AND x.state = 'published' AND x.org_id <> l.org_id AND y.state <> 'suspended') AS matches,
	(SELECT count(*) FROM inquiries i WHERE i.listing_id = l.id) AS inquiries`

// OwnListings lists the needs or results of the actor's organisation, newest first, with the total. state "" is all.
func (r Queries) OwnListings(ctx context.Context, a market.Actor, kind market.Kind, state market.ListingState, page Slice) ([]OwnListing, int, error) {
	var total int
	err := r.get(ctx, &total, `SELECT count(*) FROM listings WHERE org_id = $1 AND kind = $2 AND ($3 = '' OR state = $3)`, a.OrgID, kind, state)
	if err != nil {
		return nil, 0, err
	}
	var out []OwnListing
	err = r.all(ctx, &out, `SELECT `+ownColumns+cardTables+`
		WHERE l.org_id = $1 AND l.kind = $3 AND ($4 = '' OR l.state = $4) ORDER BY l.id DESC LIMIT $5 OFFSET $6`,
		a.OrgID, reviewReach(a), kind, state, page.Limit, page.Offset)
	return out, total, err
}

// ListingsToConfirm lists the published needs or results of the actor's organisation whose validity ends before the
// day, the next to end first, with their number.
func (r Queries) ListingsToConfirm(ctx context.Context, a market.Actor, kind market.Kind, before time.Time, page Slice) ([]OwnListing, int, error) {
	var total int
	err := r.get(ctx, &total, `SELECT count(*) FROM listings WHERE org_id = $1 AND kind = $2 AND state = 'published' AND valid_until < $3`, a.OrgID, kind, before)
	if err != nil {
		return nil, 0, err
	}
	var out []OwnListing
	err = r.all(ctx, &out, `SELECT `+ownColumns+cardTables+`
		WHERE l.org_id = $1 AND l.kind = $3 AND l.state = 'published' AND l.valid_until < $4 ORDER BY l.valid_until, l.id LIMIT $5 OFFSET $6`,
		a.OrgID, reviewReach(a), kind, before, page.Limit, page.Offset)
	return out, total, err
}

// OwnCounts says how many needs or results the actor's organisation has in each state.
func (r Queries) OwnCounts(ctx context.Context, a market.Actor, kind market.Kind) (map[market.ListingState]int, error) {
	var rows []struct {
		State market.ListingState `db:"state"`
		N     int                 `db:"n"`
	}
	err := r.all(ctx, &rows, `SELECT state, count(*) AS n FROM listings WHERE org_id = $1 AND kind = $2 GROUP BY state`, a.OrgID, kind)
	out := make(map[market.ListingState]int, len(rows))
	for _, row := range rows {
		out[row.State] = row.N
	}
	return out, err
}

// ListingRecord is what has come of a listing: public counts.
type ListingRecord struct {
	Views     int `db:"views"`
	Inquiries int `db:"inquiries"`
	Running   int `db:"running"` // inquiries that are still under way
}

// ListingRecord counts what has come of a listing. The caller has loaded the listing for the actor.
func (r Queries) ListingRecord(ctx context.Context, id int64) (ListingRecord, error) {
	var rec ListingRecord
	err := r.get(ctx, &rec, `SELECT
		coalesce((SELECT sum(views) FROM listing_views WHERE listing_id = $1), 0) AS views,
		(SELECT count(*) FROM inquiries WHERE listing_id = $1) AS inquiries,
		(SELECT count(*) FROM inquiries WHERE (listing_id = $1 OR other_listing_id = $1) AND turn_org IS NOT NULL) AS running`, id)
	return rec, err
}

// nonNil turns a nil slice into an empty one: the columns are NOT NULL.
func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// joinText joins the parts that are not empty, a line each.
func joinText(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p != "" {
			b.WriteString(p)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Inquirer is an organisation with a running inquiry about a listing.
type Inquirer struct {
	OrgID     int64 `db:"org_id"`
	InquiryID int64 `db:"inquiry_id"`
}

// Inquirers lists who has a running inquiry about the listing, beside its owner.
func (t *Tx) Inquirers(ctx context.Context, listingID int64) ([]Inquirer, error) {
	var out []Inquirer
	err := t.all(ctx, &out, `SELECT CASE WHEN i.from_org = l.org_id THEN i.to_org ELSE i.from_org END AS org_id, i.id AS inquiry_id
		FROM inquiries i JOIN listings l ON l.id = $1
		WHERE (i.listing_id = $1 OR i.other_listing_id = $1) AND i.turn_org IS NOT NULL ORDER BY i.id`, listingID)
	return out, err
}
