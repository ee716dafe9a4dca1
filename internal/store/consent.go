package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// policiesInForce are the policies that hold on day $2.
const policiesInForce = `SELECT DISTINCT ON (kind) kind, version, valid_from, changes, body FROM policies WHERE valid_from <= $2::date ORDER BY kind, valid_from DESC`

// agreed tells whether user u has agreed to policy p.
const agreed = `EXISTS (SELECT 1 FROM consents c WHERE c.user_id = u.id AND c.kind = p.kind AND c.version = p.version AND c.given)`

// Policies returns the policies that hold on that day, 个人信息保护说明 first.
func (r Queries) Policies(ctx context.Context, day time.Time) ([]market.Policy, error) {
	var out []market.Policy
	err := r.all(ctx, &out, `SELECT * FROM (SELECT DISTINCT ON (kind) kind, version, valid_from, changes, body FROM policies WHERE valid_from <= $1::date
		ORDER BY kind, valid_from DESC) p ORDER BY kind`, dateText(day))
	return out, err
}

// Policy returns the policy of that kind that holds on that day, or the named version of it.
func (r Queries) Policy(ctx context.Context, kind market.ConsentKind, version string, day time.Time) (market.Policy, error) {
	var p market.Policy
	err := r.get(ctx, &p, `SELECT kind, version, valid_from, changes, body FROM policies WHERE kind = $1 AND valid_from <= $2::date
		AND ($3 = '' OR version = $3) ORDER BY valid_from DESC LIMIT 1`, kind, dateText(day), version)
	return p, err
}

// PendingPolicies returns the policies in force that the user has not agreed to.
func (r Queries) PendingPolicies(ctx context.Context, userID int64, day time.Time) ([]market.Policy, error) {
	var out []market.Policy
	err := r.all(ctx, &out, `SELECT p.* FROM (`+policiesInForce+`) p, users u WHERE u.id = $1 AND NOT `+agreed+` ORDER BY p.kind`, userID, dateText(day))
	return out, err
}

// AddConsent appends what a person agreed to or took back.
func (t *Tx) AddConsent(ctx context.Context, userID int64, c market.Consent) error {
	return t.exec(ctx, `INSERT INTO consents (user_id, kind, version, given, at, address) VALUES ($1, $2, $3, $4, $5, $6)`,
		userID, c.Kind, c.Version, c.Given, c.At, c.Address)
}

// Consents lists what the person agreed to and took back, newest first. For the person themselves only.
func (r Queries) Consents(ctx context.Context, userID int64) ([]market.Consent, error) {
	var out []market.Consent
	err := r.all(ctx, &out, `SELECT kind, version, given, at, address FROM consents WHERE user_id = $1 ORDER BY id DESC`, userID)
	return out, err
}

// SetChoices stores what a person decides. Who is not told of matches any more leaves nothing that waits to be told;
// without suggestions, what the person has said of suggestions goes too.
func (t *Tx) SetChoices(ctx context.Context, userID int64, c market.Choices) error {
	err := t.execOne(ctx, `UPDATE users SET recommend = $2, match_alerts = $3, contact_public = $4 WHERE id = $1`, userID, c.Recommend, c.Alerts, c.Contact)
	if err != nil || c.Told() {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM match_alerts WHERE user_id = $1`, userID); err != nil || c.Recommend {
		return err
	}
	return t.exec(ctx, `DELETE FROM match_marks WHERE user_id = $1`, userID)
}

// PublicContact is the person to ask about a public listing: its author, when they have agreed to be shown and still
// belong to its organisation, whose name is public. Else market.ErrNotFound.
func (r Queries) PublicContact(ctx context.Context, listingID int64) (Contact, error) {
	var c Contact
	err := r.get(ctx, &c, `SELECT u.name, u.phone FROM listings l JOIN orgs o ON o.id = l.org_id JOIN users u ON u.id = l.created_by
		JOIN members m ON m.user_id = u.id AND m.org_id = l.org_id
		WHERE l.id = $1 AND l.state = 'published' AND NOT l.hide_org AND o.state = 'verified' AND u.state = 'active' AND u.contact_public`, listingID)
	return c, err
}
