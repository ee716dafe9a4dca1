package store

import (
	"context"
	"strconv"
	"time"

	"techmarket/internal/market"
)

// Member is a person's place in an organisation.
type Member struct {
	UserID int64       `db:"user_id"`
	Name   string      `db:"name"`
	Email  string      `db:"email"`
	Role   market.Role `db:"role"`
	Since  time.Time   `db:"created_at"`
}

// Members lists the people of the organisation the actor belongs to and acts for.
func (r Queries) Members(ctx context.Context, a market.Actor) ([]Member, error) {
	var out []Member
	err := r.all(ctx, &out, `SELECT m.user_id, u.name, u.email, m.role, m.created_at FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND u.state = 'active' ORDER BY m.role = 'owner' DESC, m.role = 'editor' DESC, m.user_id`, a.OwnOrg())
	return out, err
}

// AddMember gives a user a role in an organisation. One who belongs to it already is a Conflict.
func (t *Tx) AddMember(ctx context.Context, orgID, userID int64, role market.Role, at time.Time) error {
	err := t.exec(ctx, `INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)`, orgID, userID, role, at)
	if violates(err, "members_pkey") {
		return market.Errorf(market.Conflict, "这个账号已经是本单位的成员")
	}
	return err
}

// LockMembers keeps the members of an organisation as they are until the transaction ends, and returns the role that a
// user has among them; who is no member, or no active user, is market.ErrNotFound.
func (t *Tx) LockMembers(ctx context.Context, orgID, userID int64) (market.Role, error) {
	if err := t.exec(ctx, `SELECT 1 FROM orgs WHERE id = $1 FOR NO KEY UPDATE`, orgID); err != nil {
		return "", err
	}
	return t.Role(ctx, orgID, userID)
}

// Role returns the role of an active user in an organisation; who is no member is market.ErrNotFound.
func (r Queries) Role(ctx context.Context, orgID, userID int64) (market.Role, error) {
	var role market.Role
	err := r.get(ctx, &role, `SELECT m.role FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND m.user_id = $2 AND u.state = 'active'`, orgID, userID)
	return role, err
}

// SetRole gives a member another role.
func (t *Tx) SetRole(ctx context.Context, orgID, userID int64, role market.Role) error {
	return t.execOne(ctx, `UPDATE members SET role = $3 WHERE org_id = $1 AND user_id = $2`, orgID, userID, role)
}

// RemoveMember takes a user out of an organisation and returns the role they had; no member is market.ErrNotFound.
func (t *Tx) RemoveMember(ctx context.Context, orgID, userID int64) (market.Role, error) {
	var role market.Role
	err := t.get(ctx, &role, `DELETE FROM members WHERE org_id = $1 AND user_id = $2 RETURNING role`, orgID, userID)
	return role, err
}

// CountOwners counts the active owners of an organisation.
func (r Queries) CountOwners(ctx context.Context, orgID int64) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND m.role = 'owner' AND u.state = 'active'`, orgID)
	return n, err
}

// interested tells that the user whose id is $1 has a part in an object and may not decide about it: they entered it, or
// submitted it or a change of it, or belong to one of its organisations, to an agency that one of them has given a mandate,
// or to one that has acted on the object. kind, id and orgs are SQL.
func interested(kind, id, orgs string) string {
	return `(EXISTS (SELECT 1 FROM moves v WHERE v.object_kind = ` + kind + ` AND v.object_id = ` + id + `
			AND v.user_id = $1 AND v.move IN ('create', 'submit', 'revision_submit', 'change_request'))
		OR EXISTS (SELECT 1 FROM members m WHERE m.user_id = $1 AND (m.org_id = ANY(` + orgs + `)
			OR EXISTS (SELECT 1 FROM mandates d WHERE d.agency_org = m.org_id AND d.client_org = ANY(` + orgs + `) AND d.state = 'active')
			OR EXISTS (SELECT 1 FROM moves v WHERE v.object_kind = ` + kind + ` AND v.object_id = ` + id + ` AND v.agency_id = m.org_id))))`
}

// Interested reports whether a user has a part in an object of these organisations, so that somebody else must decide.
func (r Queries) Interested(ctx context.Context, userID int64, object market.Object, orgs ...int64) (bool, error) {
	var is bool
	err := r.get(ctx, &is, `SELECT `+interested(`$2`, `$3`, `$4::bigint[]`), userID, object.Kind, object.ID, int64Array(orgs))
	return is, err
}

// LockClaims locks a user's account and reports whether they belong to an organisation that claims that code, so that
// one person does not register it twice. The lock lets rows that refer to the user be added: the caller may hold one
// already.
func (t *Tx) LockClaims(ctx context.Context, userID int64, code market.USCC) (bool, error) {
	if err := t.exec(ctx, `SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE`, userID); err != nil {
		return false, err
	}
	var claimed bool
	err := t.get(ctx, &claimed, `SELECT EXISTS (SELECT 1 FROM members m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = $1 AND o.uscc = $2)`, userID, code)
	return claimed, err
}

// memberKind is the kind of object under which the history of an organisation's members is kept, by the
// organisation's id.
const memberKind = "members"

// AddMemberMove appends a change of a member's role to the history: "" is the role of who is no member.
func (t *Tx) AddMemberMove(ctx context.Context, a market.Actor, move string, orgID, userID int64, from, to market.Role, at time.Time) error {
	return t.AddMove(ctx, a, market.Move{ObjectKind: memberKind, ObjectID: orgID, Move: move, From: string(from), To: string(to),
		At: at, Code: strconv.FormatInt(userID, 10)})
}

// MemberMove is a change among the people of an organisation.
type MemberMove struct {
	Move string      `db:"move"`
	From market.Role `db:"from_state"`
	To   market.Role `db:"to_state"`
	At   time.Time   `db:"at"`
	By   string      `db:"by_name"` // who did it
	Name string      `db:"name"`    // whom it is about
}

// MemberMoves lists the changes among the people of the organisation that the actor owns, newest first, up to limit.
func (r Queries) MemberMoves(ctx context.Context, a market.Actor, limit int) ([]MemberMove, error) {
	if a.RequireOwner() != nil {
		return nil, market.ErrNotFound
	}
	var out []MemberMove
	err := r.all(ctx, &out, `SELECT m.move, m.from_state, m.to_state, m.at, coalesce(b.name, '') AS by_name, coalesce(u.name, '') AS name
		FROM moves m LEFT JOIN users b ON b.id = m.user_id LEFT JOIN users u ON u.id = m.code::bigint
		WHERE m.object_kind = $1 AND m.object_id = $2 ORDER BY m.id DESC LIMIT $3`, memberKind, a.OwnOrg(), limit)
	return out, err
}
