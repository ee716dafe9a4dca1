package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

const orgColumns = `o.id, o.uscc, o.name, o.type, o.party_type, o.region, o.park, o.legal_rep, o.licence_file, o.industry, o.scale, o.address, o.about, o.state,
	o.reason_code, o.reason, o.submitted_at, o.verified_at, o.demo, o.version, o.created_at`

// Org returns an organisation as the actor may see it: a verified or suspended one is public, any other is seen by its
// members, auditors and the reviewers of its county. Others do not get its legal representative, address or the reason of its state.
func (r Queries) Org(ctx context.Context, a market.Actor, id int64) (market.Org, error) {
	var o market.Org
	err := r.get(ctx, &o, `SELECT `+orgColumns+` FROM orgs o
		WHERE o.id = $3 AND (o.state IN ('verified', 'suspended') OR o.id = $1 OR `+orgReached+`)`, a.OwnOrg(), reviewReach(a), id)
	if o.ID != a.OwnOrg() && !a.Reaches(o.Region, market.Reviewer, market.Auditor) {
		o.LegalRep, o.Address, o.Reason, o.ReasonCode, o.Licence = "", "", "", nil, nil
	}
	return o, err
}

// LockOrg locks the row for a change by a reviewer of its county or, when the actor acts for it, by its own people. Rows
// that only refer to the organisation, such as notices to its people, may still be added: two acts that tell each other's
// people of it do not wait for one another.
func (t *Tx) LockOrg(ctx context.Context, a market.Actor, id int64) (market.Org, error) {
	var o market.Org
	err := t.get(ctx, &o, `SELECT `+orgColumns+` FROM orgs o WHERE o.id = $3 AND (o.id = $1 OR `+orgReached+`) FOR NO KEY UPDATE`, a.OwnOrg(), a.Reach(market.Reviewer), id)
	return o, err
}

// CreateOrg adds an organisation with its first owner.
func (t *Tx) CreateOrg(ctx context.Context, a market.Actor, o market.Org, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO orgs (uscc, name, type, party_type, region, park, legal_rep, address, about, licence_file, industry, scale, state, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'unverified', $13, $14) RETURNING id`,
		o.USCC, o.Name, o.Type, o.PartyType, o.Region, o.Park, o.LegalRep, o.Address, o.About, o.Licence, o.Industry, o.Scale, a.UserID, at)
	if err != nil {
		return 0, err
	}
	return id, t.AddMember(ctx, id, a.UserID, market.Owner, at)
}

// orgUnclaimed is the condition that an organisation o was made from a list and that nobody has claimed it.
const orgUnclaimed = `(o.import_id IS NOT NULL AND o.state = 'unverified' AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = o.id))`

// LockUnclaimedOrg locks the entry of an organisation with that code that was made from a list and that nobody has claimed.
func (t *Tx) LockUnclaimedOrg(ctx context.Context, code market.USCC) (market.Org, error) {
	var o market.Org
	err := t.get(ctx, &o, `SELECT `+orgColumns+` FROM orgs o WHERE o.uscc = $1 AND `+orgUnclaimed+` ORDER BY o.id LIMIT 1 FOR UPDATE`, code)
	return o, err
}

// UpdateOrg stores an organisation's details if it is still at that version.
func (t *Tx) UpdateOrg(ctx context.Context, o market.Org) error {
	return t.execOne(ctx, `UPDATE orgs SET uscc = $3, name = $4, type = $5, party_type = $6, region = $7, park = $8, legal_rep = $9,
			address = $10, about = $11, licence_file = coalesce($12, licence_file), industry = $13, scale = $14, version = version + 1 WHERE id = $1 AND version = $2`,
		o.ID, o.Version, o.USCC, o.Name, o.Type, o.PartyType, o.Region, o.Park, o.LegalRep, o.Address, o.About, o.Licence, o.Industry, o.Scale)
}

// MoveOrg changes the state if it is still the expected one. code and reason are stored for a rejection.
func (t *Tx) MoveOrg(ctx context.Context, id int64, from, to market.OrgState, code, reason string, at time.Time) error {
	err := t.execOne(ctx, `UPDATE orgs SET state = $3, reason_code = $4, reason = $5, version = version + 1,
			submitted_at = CASE WHEN $3 = 'pending' THEN $6 ELSE submitted_at END,
			verified_at = CASE WHEN $3 = 'verified' AND state = 'pending' THEN $6 ELSE verified_at END
		WHERE id = $1 AND state = $2`, id, from, to, optional(code), reason, at)
	return oneVerified(err)
}

// oneVerified words the violation that two organisations would be verified with one code.
func oneVerified(err error) error {
	if violates(err, "orgs_one_verified_per_uscc") {
		return market.Errorf(market.Conflict, "已有一家单位用同一信用代码通过了核验。请核对后退回其中一家")
	}
	return err
}

// OrgsWithCode lists the other organisations that claim the same code, for the reviewers of their county.
func (r Queries) OrgsWithCode(ctx context.Context, a market.Actor, code market.USCC, except int64) ([]market.Org, error) {
	var out []market.Org
	err := r.all(ctx, &out, `SELECT `+orgColumns+` FROM orgs o WHERE o.uscc = $1 AND `+orgReached+` AND o.id <> $3 ORDER BY o.id`, code, a.Reach(market.Reviewer), except)
	return out, err
}

// CountClaims is how many other organisations there are in all the city that claim a code or ask to change to it.
func (r Queries) CountClaims(ctx context.Context, code market.USCC, except int64) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT (SELECT count(*) FROM orgs WHERE uscc = $1 AND id <> $2)
		+ (SELECT count(*) FROM org_changes WHERE uscc = $1 AND org_id <> $2 AND state = 'pending')`, code, except)
	return n, err
}

// OpenClaims lists the other organisations that claim a code, or ask to change to it, and are not decided. For telling them.
func (r Queries) OpenClaims(ctx context.Context, code market.USCC, except int64) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT id FROM orgs WHERE uscc = $1 AND id <> $2 AND state IN ('pending', 'rejected')
		UNION SELECT org_id FROM org_changes WHERE uscc = $1 AND org_id <> $2 AND state = 'pending' ORDER BY 1`, code, except)
	return ids, err
}

// VerifiedOrgWithCode returns the organisation that was verified with that code, if there is one. A suspended one still
// holds its code.
func (r Queries) VerifiedOrgWithCode(ctx context.Context, code market.USCC) (market.Org, error) {
	var o market.Org
	err := r.get(ctx, &o, `SELECT `+orgColumns+` FROM orgs o WHERE o.uscc = $1 AND o.state IN ('verified', 'suspended')`, code)
	return o, err
}

// OrgListings lists what an organisation publishes under its name, newest first. A suspended organisation shows nothing.
// The number of them is in OrgRecord.
func (r Queries) OrgListings(ctx context.Context, a market.Actor, orgID int64, kind market.Kind, page Slice) ([]ListingCard, error) {
	var out []ListingCard
	err := r.all(ctx, &out, `SELECT `+cardColumns+cardTables+`
		WHERE l.org_id = $3 AND l.kind = $4 AND l.state = 'published' AND NOT l.hide_org AND o.state = 'verified'
		ORDER BY l.published_at DESC, l.id DESC LIMIT $5 OFFSET $6`, a.OrgID, reviewReach(a), orgID, kind, page.Limit, page.Offset)
	return out, err
}

// OrgRegion is where an organisation is. For the market's own work.
func (r Queries) OrgRegion(ctx context.Context, id int64) (string, error) {
	var region string
	err := r.get(ctx, &region, `SELECT region FROM orgs WHERE id = $1`, id)
	return region, err
}

// OrgRecord is what an organisation has done on the market: public counts.
type OrgRecord struct {
	Needs     int `db:"needs"`     // published now
	Results   int `db:"results"`   // published now
	Deals     int `db:"deals"`     // agreed or contracted
	Contracts int `db:"contracts"` // registered
}

// OrgRecord counts an organisation's record. Listings with a hidden name do not count: a number could give them away.
func (r Queries) OrgRecord(ctx context.Context, orgID int64) (OrgRecord, error) {
	var rec OrgRecord
	err := r.get(ctx, &rec, `SELECT
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'need' AND state = 'published' AND NOT hide_org) AS needs,
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'result' AND state = 'published' AND NOT hide_org) AS results,
		(SELECT count(*) FROM deals WHERE (seller_org = $1 OR buyer_org = $1) AND state <> 'fallen_through') AS deals,
		(SELECT count(*) FROM contracts WHERE (seller_org = $1 OR buyer_org = $1) AND state = 'registered') AS contracts`, orgID)
	return rec, err
}
