package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Invitation is an invitation with the names around it.
type Invitation struct {
	market.Invitation
	OrgName string     `db:"org_name"`
	Inviter string     `db:"inviter"`
	Refused *time.Time `db:"refused_at"` // the mail server takes no mail for the address
}

const invitationView = `SELECT i.id, i.org_id, i.email, i.role, i.state, i.invited_by, i.created_at, i.sent_at, i.expires_at, o.name AS org_name, u.name AS inviter,
		(SELECT l.refused_at FROM links l WHERE l.purpose = 'invite' AND l.subject_id = i.id ORDER BY l.id DESC LIMIT 1) AS refused_at
	FROM invitations i JOIN orgs o ON o.id = i.org_id JOIN users u ON u.id = i.invited_by `

// OpenInvitations lists the open invitations of the organisation the actor owns, the newest first; nobody else sees any.
func (r Queries) OpenInvitations(ctx context.Context, a market.Actor) ([]Invitation, error) {
	if a.RequireOwner() != nil {
		return nil, nil
	}
	var out []Invitation
	err := r.all(ctx, &out, invitationView+`WHERE i.org_id = $1 AND i.state = 'open' ORDER BY i.id DESC`, a.OwnOrg())
	return out, err
}

// InvitationOfLink returns the open invitation that a link leads to. Who has the link's secret is its reader.
func (r Queries) InvitationOfLink(ctx context.Context, l market.Link) (Invitation, error) {
	var i Invitation
	err := r.get(ctx, &i, invitationView+`WHERE i.id = $1 AND i.state = 'open'`, l.SubjectID)
	return i, err
}

// LockInvitation locks an invitation of the organisation the actor acts for.
func (t *Tx) LockInvitation(ctx context.Context, a market.Actor, id int64) (Invitation, error) {
	var i Invitation
	err := t.get(ctx, &i, invitationView+`WHERE i.id = $1 AND i.org_id = $2 FOR UPDATE OF i`, id, a.OwnOrg())
	return i, err
}

// LockInvitationOfLink is InvitationOfLink with the row locked, in whatever state.
func (t *Tx) LockInvitationOfLink(ctx context.Context, l market.Link) (Invitation, error) {
	var i Invitation
	err := t.get(ctx, &i, invitationView+`WHERE i.id = $1 FOR UPDATE OF i`, l.SubjectID)
	return i, err
}

// CreateInvitation adds an open invitation. A second one to the same address is an Invalid error at the field email.
func (t *Tx) CreateInvitation(ctx context.Context, i market.Invitation) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO invitations (org_id, email, role, invited_by, created_at, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
		i.OrgID, i.Email, i.Role, i.InvitedBy, i.CreatedAt, i.SentAt, i.ExpiresAt)
	if violates(err, "invitations_one_open") {
		return 0, market.Problems{{Field: "email", Message: "已经邀请过这个邮箱，还在等对方答复。可以在下面再发一次"}}.Err()
	}
	return id, err
}

// InvitationSent notes that the mail was sent once more.
func (t *Tx) InvitationSent(ctx context.Context, id int64, at, expires time.Time) error {
	return t.execOne(ctx, `UPDATE invitations SET sent_at = $2, expires_at = $3 WHERE id = $1 AND state = 'open'`, id, at, expires)
}

// AnswerInvitation ends an open invitation; userID is who accepted, else 0.
func (t *Tx) AnswerInvitation(ctx context.Context, id int64, to market.InvitationState, userID int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE invitations SET state = $2, user_id = $3, answered_at = $4 WHERE id = $1 AND state = 'open'`, id, to, optionalID(userID), at)
}

// HasMember reports whether a member of an organisation has that address.
func (r Queries) HasMember(ctx context.Context, orgID int64, email string) (bool, error) {
	var has bool
	err := r.get(ctx, &has, `SELECT EXISTS (SELECT 1 FROM members m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 AND u.email = $2)`, orgID, email)
	return has, err
}
