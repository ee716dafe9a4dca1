package market

import "time"

// LinkPurpose is what a one-time link in a mail is good for.
type LinkPurpose string

// The purposes.
const (
	LinkReset   LinkPurpose = "reset"   // to set a new password
	LinkConfirm LinkPurpose = "confirm" // to confirm the address of an account
	LinkAddress LinkPurpose = "address" // to move an account to another address
	LinkInvite  LinkPurpose = "invite"  // to join an organisation
	LinkRenew   LinkPurpose = "renew"   // to renew what an organisation has published
	LinkQuiet   LinkPurpose = "quiet"   // to end alerts of saved searches and matches
	LinkStart   LinkPurpose = "start"   // to set the first password of an account that an administrator has made
)

// linkLives is how long the links of each purpose are good for. A reset opens an account, so it is short; the others
// wait for people who read their mail once in a few days.
var linkLives = map[LinkPurpose]time.Duration{
	LinkReset: 30 * time.Minute, LinkConfirm: 3 * 24 * time.Hour, LinkAddress: 24 * time.Hour, LinkInvite: 7 * 24 * time.Hour, LinkRenew: 31 * 24 * time.Hour, LinkStart: 3 * 24 * time.Hour,
	LinkQuiet: 92 * 24 * time.Hour,
}

// Life is how long a link is good for after it was asked for.
func (p LinkPurpose) Life() time.Duration { return linkLives[p] }

// ReminderDays are the steps before the end of a listing's validity at which its owner is told, the last first.
var ReminderDays = []int{7, 30}

// Several reports whether a person may have several good links of the purpose: each letter of alerts keeps its own.
func (p LinkPurpose) Several() bool { return p == LinkQuiet }

// Path is the page that the link opens; the secret follows as the query's t, which no log of ours keeps.
func (p LinkPurpose) Path() string {
	return map[LinkPurpose]string{LinkReset: "/reset/password", LinkConfirm: "/confirm", LinkAddress: "/confirm/address", LinkInvite: "/invitation", LinkRenew: "/renew", LinkQuiet: "/searches/quiet", LinkStart: "/reset/password"}[p]
}

// Link is a one-time link as it is kept: without its secret.
type Link struct {
	ID        int64       `db:"id"`
	Purpose   LinkPurpose `db:"purpose"`
	UserID    *int64      `db:"user_id"`    // whose account, nil for an invitation
	SubjectID *int64      `db:"subject_id"` // such as the invitation
	Email     string      `db:"email"`      // where it is sent
	CreatedAt time.Time   `db:"created_at"`
	ExpiresAt time.Time   `db:"expires_at"`
	UsedAt    *time.Time  `db:"used_at"`
	RefusedAt *time.Time  `db:"refused_at"` // the mail server will never take mail for the address
}

// ErrLink is returned for a link that is used, has ended or never was: the three look the same.
var ErrLink = Errorf(NotFound, "这个链接已经用过、已过期或不完整。请回到原来的页面再发一封")
