package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

func scopesOf(codes stringArray) []market.Scope {
	var out []market.Scope
	for _, c := range codes {
		out = append(out, market.Scope(c))
	}
	return out
}

func scopeArray(scopes []market.Scope) stringArray {
	out := make(stringArray, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return out
}

// dateText is the day of t for a date column.
func dateText(t time.Time) string { return market.DateOf(t).Format(time.DateOnly) }

// Mandate is a mandate with the names around it.
type Mandate struct {
	market.Mandate
	ClientName string
	AgencyName string
	GrantedBy  string
	EndedBy    string
	Acts       int // what the agency has done under it, in the histories of the client's affairs
}

type mandateRow struct {
	ID         int64               `db:"id"`
	ClientOrg  int64               `db:"client_org"`
	AgencyOrg  int64               `db:"agency_org"`
	Scopes     stringArray         `db:"scopes"`
	StartsOn   time.Time           `db:"starts_on"`
	EndsOn     time.Time           `db:"ends_on"`
	Document   *string             `db:"document_file"`
	State      market.MandateState `db:"state"`
	GrantedBy  int64               `db:"granted_by"`
	GrantedAt  time.Time           `db:"granted_at"`
	EndedBy    *int64              `db:"ended_by"`
	EndedAt    *time.Time          `db:"ended_at"`
	Reason     string              `db:"reason"`
	ClientName string              `db:"client_name"`
	AgencyName string              `db:"agency_name"`
	Granter    string              `db:"granter"`
	Ender      string              `db:"ender"`
	Acts       int                 `db:"acts"`
}

func (r mandateRow) mandate() market.Mandate {
	return market.Mandate{ID: r.ID, ClientOrg: r.ClientOrg, AgencyOrg: r.AgencyOrg, Scopes: scopesOf(r.Scopes), StartsOn: market.DateOf(r.StartsOn),
		EndsOn: market.DateOf(r.EndsOn), Document: r.Document, State: r.State, GrantedBy: r.GrantedBy, GrantedAt: r.GrantedAt, EndedBy: r.EndedBy, EndedAt: r.EndedAt, Reason: r.Reason}
}

func (r mandateRow) named() Mandate {
	return Mandate{Mandate: r.mandate(), ClientName: r.ClientName, AgencyName: r.AgencyName, GrantedBy: r.Granter, EndedBy: r.Ender, Acts: r.Acts}
}

const mandateColumns = `d.id, d.client_org, d.agency_org, d.scopes, d.starts_on, d.ends_on, d.document_file, d.state, d.granted_by, d.granted_at, d.ended_by, d.ended_at, d.reason`

const mandateView = `SELECT ` + mandateColumns + `, c.name AS client_name, g.name AS agency_name, p.name AS granter, coalesce(e.name, '') AS ender,
		(SELECT count(*) FROM moves m WHERE m.agency_id = d.agency_org AND m.org_id = d.client_org AND m.at >= d.granted_at
			AND m.at <= coalesce(d.ended_at, 'infinity')) AS acts
	FROM mandates d JOIN orgs c ON c.id = d.client_org JOIN orgs g ON g.id = d.agency_org
	JOIN users p ON p.id = d.granted_by LEFT JOIN users e ON e.id = d.ended_by `

// mandateOfParty is the access rule of a mandate d: its client's and its agency's own people, $1 being their
// organisation, and who audits, $2.
const mandateOfParty = `($1 IN (d.client_org, d.agency_org) OR $2)`

// Mandate returns a mandate to the people of its client and of its agency, and to auditors.
func (r Queries) Mandate(ctx context.Context, a market.Actor, id int64) (Mandate, error) {
	var row mandateRow
	err := r.get(ctx, &row, mandateView+`WHERE d.id = $3 AND `+mandateOfParty, a.OwnOrg(), a.Has(market.Auditor), id)
	return row.named(), err
}

// MandatesGiven lists the mandates that the actor's organisation has granted, those in force first, with their number.
func (r Queries) MandatesGiven(ctx context.Context, a market.Actor, page Slice) ([]Mandate, int, error) {
	return r.mandates(ctx, `d.client_org = $1`, a, page)
}

// MandatesHeld lists the mandates that the actor's organisation holds as an agency, those in force first, with their
// number.
func (r Queries) MandatesHeld(ctx context.Context, a market.Actor, page Slice) ([]Mandate, int, error) {
	return r.mandates(ctx, `d.agency_org = $1`, a, page)
}

func (r Queries) mandates(ctx context.Context, where string, a market.Actor, page Slice) ([]Mandate, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM mandates d WHERE `+where, a.OwnOrg()); err != nil {
		return nil, 0, err
	}
	var rows []mandateRow
	err := r.all(ctx, &rows, mandateView+`WHERE `+where+` ORDER BY d.state = 'active' DESC, d.id DESC LIMIT $2 OFFSET $3`, a.OwnOrg(), page.Limit, page.Offset)
	out := make([]Mandate, len(rows))
	for i, row := range rows {
		out[i] = row.named()
	}
	return out, total, err
}

// AgencyOption is a verified agency that may be given a mandate.
type AgencyOption struct {
	ID   int64       `db:"id"`
	Name string      `db:"name"`
	USCC market.USCC `db:"uscc"`
}

// Agencies finds verified agencies other than the actor's own organisation by a part of the name or the whole code.
func (r Queries) Agencies(ctx context.Context, a market.Actor, text string, limit int) ([]AgencyOption, error) {
	var out []AgencyOption
	err := r.all(ctx, &out, `SELECT id, name, uscc FROM orgs WHERE type = 'agency' AND state = 'verified' AND id <> $1
		AND (name ILIKE $2 OR uscc = upper($3)) ORDER BY name, id LIMIT $4`, a.OwnOrg(), likeText(text), text, limit)
	return out, err
}

// LockAgency keeps an organisation as it is until the transaction ends and returns it if it is a verified agency, else
// market.ErrNotFound.
func (t *Tx) LockAgency(ctx context.Context, id int64) (AgencyOption, error) {
	var o AgencyOption
	err := t.get(ctx, &o, `SELECT id, name, uscc FROM orgs WHERE id = $1 AND type = 'agency' AND state = 'verified' FOR SHARE`, id)
	return o, err
}

// CreateMandate adds a mandate. A second one that is active between the same two is a Conflict.
func (t *Tx) CreateMandate(ctx context.Context, m market.Mandate) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO mandates (client_org, agency_org, scopes, starts_on, ends_on, document_file, state, granted_by, granted_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8) RETURNING id`,
		m.ClientOrg, m.AgencyOrg, scopeArray(m.Scopes), dateText(m.StartsOn), dateText(m.EndsOn), m.Document, m.GrantedBy, m.GrantedAt)
	if violates(err, "mandates_one_active") {
		return 0, market.Errorf(market.Conflict, "这家机构已经有一份有效的委托。要改范围或日期，请先撤回原来的委托，再重新委托")
	}
	if violates(err, "mandates_document") {
		return 0, market.Problems{{Field: "mandate", Message: "这份授权书已经用过，请重新上传"}}.Err()
	}
	return id, err
}

// LockMandate locks a mandate for an act of its client's or its agency's own people.
func (t *Tx) LockMandate(ctx context.Context, a market.Actor, id int64) (market.Mandate, error) {
	var row mandateRow
	err := t.get(ctx, &row, `SELECT `+mandateColumns+` FROM mandates d WHERE d.id = $2 AND $1 IN (d.client_org, d.agency_org) FOR UPDATE`, a.OwnOrg(), id)
	return row.mandate(), err
}

// LockAnyMandate locks a mandate for the market's own work.
func (t *Tx) LockAnyMandate(ctx context.Context, id int64) (market.Mandate, error) {
	var row mandateRow
	err := t.get(ctx, &row, `SELECT `+mandateColumns+` FROM mandates d WHERE d.id = $1 FOR UPDATE`, id)
	return row.mandate(), err
}

// EndMandate ends an active mandate; userID 0 is the date's doing.
func (t *Tx) EndMandate(ctx context.Context, id int64, to market.MandateState, userID int64, reason string, at time.Time) error {
	return t.execOne(ctx, `UPDATE mandates SET state = $2, ended_by = $3, ended_at = $4, reason = $5 WHERE id = $1 AND state = 'active'`,
		id, to, optionalID(userID), at, reason)
}

// DueMandates returns the active mandates whose last day is over, oldest first.
func (r Queries) DueMandates(ctx context.Context, today time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT id FROM mandates WHERE state = 'active' AND ends_on < $1 ORDER BY ends_on, id LIMIT $2`, dateText(today), limit)
	return ids, err
}

// OrgName returns an organisation's name, for messages about an act of its own people or its partners.
func (r Queries) OrgName(ctx context.Context, id int64) (string, error) {
	var name string
	err := r.get(ctx, &name, `SELECT name FROM orgs WHERE id = $1`, id)
	return name, err
}

// ActiveMandatesHeld counts the mandates that an agency holds and that have not ended by that day.
func (r Queries) ActiveMandatesHeld(ctx context.Context, orgID int64, day time.Time) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM mandates WHERE agency_org = $1 AND state = 'active' AND ends_on >= $2::date`, orgID, dateText(day))
	return n, err
}

// AgencyRecord is what an agency does for others: public counts.
type AgencyRecord struct {
	Mandates int `db:"mandates"` // in force on the day
	Deals    int `db:"deals"`    // agreed or contracted, with its acts in the talks
}

// agencyMandates counts the mandates that an agency holds and that are in force on a day; both are SQL.
func agencyMandates(agency, day string) string {
	return `(SELECT count(*) FROM mandates WHERE agency_org = ` + agency + ` AND state = 'active' AND ` + day + ` BETWEEN starts_on AND ends_on)`
}

// agencyDeals counts the deals in whose talks an agency had a part.
func agencyDeals(agency string) string {
	return `(SELECT count(*) FROM deals d WHERE d.state <> 'fallen_through' AND EXISTS (SELECT 1 FROM moves m
		WHERE m.agency_id = ` + agency + ` AND m.object_kind = 'inquiry' AND m.object_id = d.inquiry_id))`
}

// agencyPeople are the users u of an agency who have agreed to be shown, longest there first.
func agencyPeople(agency string) string {
	return ` FROM members m JOIN users u ON u.id = m.user_id JOIN orgs g ON g.id = m.org_id
		WHERE m.org_id = ` + agency + ` AND g.type = 'agency' AND g.state = 'verified' AND m.role <> 'viewer' AND u.state = 'active' AND u.contact_public
		ORDER BY m.created_at, u.id`
}

// AgencyRecord counts what an agency does for others as of that day.
func (r Queries) AgencyRecord(ctx context.Context, orgID int64, day time.Time) (AgencyRecord, error) {
	var rec AgencyRecord
	err := r.get(ctx, &rec, `SELECT `+agencyMandates(`$1`, `$2::date`)+` AS mandates, `+agencyDeals(`$1`)+` AS deals`, orgID, dateText(day))
	return rec, err
}

// AgencyPeople lists who may be asked at an agency: its people who have agreed to be shown, longest there first. Public.
func (r Queries) AgencyPeople(ctx context.Context, orgID int64) ([]Contact, error) {
	var out []Contact
	err := r.all(ctx, &out, `SELECT u.name, u.phone`+agencyPeople(`$1`), orgID)
	return out, err
}

// DealAgency returns the name of the agency that acted last for a party of the talks behind a deal, "" when none did.
func (r Queries) DealAgency(ctx context.Context, partyOrg int64, d market.Deal) (string, error) {
	var name string
	err := r.get(ctx, &name, `SELECT g.name FROM moves m JOIN orgs g ON g.id = m.agency_id
		WHERE m.object_kind = 'inquiry' AND m.object_id = $1 AND m.agency_id IS NOT NULL ORDER BY m.org_id = $2 DESC, m.id DESC LIMIT 1`, d.InquiryID, partyOrg)
	if market.IsKind(err, market.NotFound) {
		return "", nil
	}
	return name, err
}

// ObjectTitle names what an act was done to, "" for what has no title.
func (r Queries) ObjectTitle(ctx context.Context, object market.Object) (string, error) {
	query, ok := map[string]string{
		"need": `SELECT title FROM listings WHERE id = $1`, "result": `SELECT title FROM listings WHERE id = $1`,
		"inquiry":  `SELECT l.title FROM inquiries i JOIN listings l ON l.id = i.listing_id WHERE i.id = $1`,
		"contract": `SELECT title FROM contracts WHERE id = $1`, "import": `SELECT file_name FROM imports WHERE id = $1`,
		"challenge": `SELECT title FROM challenges WHERE id = $1`, "proposal": `SELECT c.title FROM challenges c JOIN proposals p ON p.challenge_id = c.id WHERE p.id = $1`,
	}[object.Kind]
	if !ok {
		return "", nil
	}
	var title string
	err := r.get(ctx, &title, query, object.ID)
	if market.IsKind(err, market.NotFound) {
		return "", nil
	}
	return title, err
}
