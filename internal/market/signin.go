package market

import "time"

// How long a sign-in lasts. The machines of the bureau stand in offices where others pass by: half an hour without a
// click, and a working day (等保 2.0, 8.1.4.1). A firm's people come back after days to a draft or an answer, mostly on a
// telephone of their own: a week without a click, and a month.
const (
	staffIdle = 30 * time.Minute
	staffLife = 12 * time.Hour
	userIdle  = 7 * 24 * time.Hour
	UserLife  = 30 * 24 * time.Hour // no sign-in lasts longer
)

// staffPasswordLife is how long a password of the bureau's staff is good for (等保 2.0: periodic change).
const staffPasswordLife = 180 * 24 * time.Hour

// SignIn is one sign-in of a person with what decides how far it reaches.
type SignIn struct {
	ID        int64     `db:"id"`
	UserID    int64     `db:"user_id"`
	Agent     string    `db:"agent"` // the browser's User-Agent
	Address   string    `db:"address"`
	CreatedAt time.Time `db:"created_at"`
	SeenAt    time.Time `db:"seen_at"`

	Staff           bool      `db:"staff"`
	MustChange      bool      `db:"must_change_password"`
	PasswordAt      time.Time `db:"password_at"`
	Second          bool      `db:"second"`           // the person has a second factor
	PoliciesPending bool      `db:"policies_pending"` // there is a policy that the person has not agreed to
}

// Alive reports whether the sign-in still lasts.
func (s SignIn) Alive(now time.Time) bool {
	idle, life := userIdle, UserLife
	if s.Staff {
		idle, life = staffIdle, staffLife
	}
	return now.Sub(s.SeenAt) < idle && now.Sub(s.CreatedAt) < life
}

// Hold is what a signed-in person must do before anything else.
type Hold string

// The holds, in the order in which they are asked for.
const (
	HoldNone     Hold = ""
	HoldPassword Hold = "password" // choose a password of their own, or a fresh one
	HoldSecond   Hold = "second"   // set up the second factor
	HoldPolicies Hold = "policies" // agree to the policies in force
)

// Hold returns what the person must do first.
func (s SignIn) Hold(now time.Time) Hold {
	switch {
	case s.MustChange, s.Staff && now.Sub(s.PasswordAt) >= staffPasswordLife:
		return HoldPassword
	case s.Staff && !s.Second:
		return HoldSecond
	case s.PoliciesPending:
		return HoldPolicies
	}
	return HoldNone
}
