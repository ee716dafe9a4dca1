package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

const orgChangeColumns = `c.id, c.org_id, c.state, c.name, c.uscc, c.type, c.licence_file, c.old_name, c.old_uscc, c.old_type, c.old_licence, c.note,
	c.requested_by, c.requested_at, c.decided_at, c.reason_code, c.reason`

// changeVisible is the access rule of a request c: for the people of the organisation, $1, and for reviewers and auditors
// within their reach, $2.
var changeVisible = `(c.org_id = $1 OR ` + inReach(`$2`, `(SELECT o.region FROM orgs o WHERE o.id = c.org_id)`) + `)`

// OrgChange returns a request to those who may see it.
func (r Queries) OrgChange(ctx context.Context, a market.Actor, id int64) (market.OrgChange, error) {
	var c market.OrgChange
	err := r.get(ctx, &c, `SELECT `+orgChangeColumns+` FROM org_changes c WHERE c.id = $3 AND `+changeVisible, a.OwnOrg(), reviewReach(a), id)
	return c, err
}

// LastOrgChange returns the newest request of an organisation, under the same rule. Without one it is market.ErrNotFound.
func (r Queries) LastOrgChange(ctx context.Context, a market.Actor, orgID int64) (market.OrgChange, error) {
	var c market.OrgChange
	err := r.get(ctx, &c, `SELECT `+orgChangeColumns+` FROM org_changes c WHERE c.org_id = $3 AND `+changeVisible+` ORDER BY c.id DESC LIMIT 1`,
		a.OwnOrg(), reviewReach(a), orgID)
	return c, err
}

// OrgChangesToCode lists the requests of other organisations for that code that are not decided, for the
// reviewers of their county.
func (r Queries) OrgChangesToCode(ctx context.Context, a market.Actor, code market.USCC, exceptOrg int64) ([]market.OrgChange, error) {
	var out []market.OrgChange
	err := r.all(ctx, &out, `SELECT `+orgChangeColumns+` FROM org_changes c JOIN orgs o ON o.id = c.org_id
		WHERE c.uscc = $1 AND `+orgReached+` AND c.org_id <> $3 AND c.state = 'pending' ORDER BY c.id`, code, a.Reach(market.Reviewer), exceptOrg)
	return out, err
}

// CreateOrgChange adds a request. A second one that is not decided is a Conflict. The caller has locked the organisation.
func (t *Tx) CreateOrgChange(ctx context.Context, c market.OrgChange) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO org_changes (org_id, name, uscc, type, licence_file, old_name, old_uscc, old_type, old_licence, note, requested_by, requested_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
		c.OrgID, c.Name, c.USCC, c.Type, c.Licence, c.OldName, c.OldUSCC, c.OldType, c.OldLicence, c.Note, c.RequestedBy, c.RequestedAt)
	if violates(err, "org_changes_one_pending") {
		return 0, market.Errorf(market.Conflict, "本单位已有一份变更申请正在核验。要改内容，请先撤回那一份")
	}
	return id, err
}

// MoveOrgChange decides or withdraws a request if it is still the expected state. code and reason are of a return.
func (t *Tx) MoveOrgChange(ctx context.Context, a market.Actor, id int64, from, to market.OrgChangeState, code, reason string, at time.Time) error {
	return t.execOne(ctx, `UPDATE org_changes SET state = $3, reason_code = $4, reason = $5, decided_by = $6, decided_at = $7 WHERE id = $1 AND state = $2`,
		id, from, to, optional(code), reason, a.UserID, at)
}

// ApplyOrgChange gives a verified organisation what the request says; it counts as verified anew.
func (t *Tx) ApplyOrgChange(ctx context.Context, c market.OrgChange, at time.Time) error {
	err := t.execOne(ctx, `UPDATE orgs SET name = $2, uscc = $3, type = $4, licence_file = $5, verified_at = $6, version = version + 1
		WHERE id = $1 AND state = 'verified'`, c.OrgID, c.Name, c.USCC, c.Type, c.Licence, at)
	return oneVerified(err)
}
