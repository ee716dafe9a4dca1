package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// User is a person with an account, as sign-in needs it.
type User struct {
	ID           int64     `db:"id"`
	Email        string    `db:"email"`
	Name         string    `db:"name"`
	Phone        string    `db:"phone"`
	PasswordHash string    `db:"password_hash"`
	State        string    `db:"state"`
	CreatedAt    time.Time `db:"created_at"`

	PasswordAt time.Time `db:"password_at"`          // when the password was set
	MustChange bool      `db:"must_change_password"` // somebody else has chosen the password
	Second     bool      `db:"second"`               // there is a second factor
	market.Choices
	EmailConfirmedAt *time.Time `db:"email_confirmed_at"`
	MailRefusedAt    *time.Time `db:"mail_refused_at"` // a mail server will never take mail for the address
}

const userColumns = `id, email, name, phone, password_hash, state, created_at, password_at, must_change_password,
	otp_secret <> '' AS second, recommend, match_alerts, contact_public, email_confirmed_at, mail_refused_at`

// UserByEmail returns the user of that address, lower case. For sign-in and the command line only.
func (r Queries) UserByEmail(ctx context.Context, email string) (User, error) {
	var u User
	err := r.get(ctx, &u, `SELECT `+userColumns+` FROM users WHERE email = $1`, email)
	return u, err
}

// User returns a user by id. For the person themselves only.
func (r Queries) User(ctx context.Context, id int64) (User, error) {
	var u User
	err := r.get(ctx, &u, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
	return u, err
}

// UserLine is a user as the command line lists them.
type UserLine struct {
	ID      int64       `db:"id"`
	Email   string      `db:"email"`
	Name    string      `db:"name"`
	State   string      `db:"state"`
	Duties  stringArray `db:"duties"`
	OrgName string      `db:"org_name"`
}

// Users lists every user in the order of registration. For the command line only.
func (r Queries) Users(ctx context.Context) ([]UserLine, error) {
	var out []UserLine
	err := r.all(ctx, &out, `SELECT u.id, u.email, u.name, u.state,
			ARRAY(SELECT duty FROM duties d WHERE d.user_id = u.id ORDER BY duty) AS duties,
			coalesce((SELECT string_agg(o.name, '、' ORDER BY m.created_at, o.id) FROM members m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = u.id), '') AS org_name
		FROM users u ORDER BY u.id`)
	return out, err
}

// LockUser is User with the row locked for a change.
func (t *Tx) LockUser(ctx context.Context, id int64) (User, error) {
	var u User
	err := t.get(ctx, &u, `SELECT `+userColumns+` FROM users WHERE id = $1 FOR UPDATE`, id)
	return u, err
}

// CreateUser adds a person. An address already in use is an Invalid error at the field email.
func (t *Tx) CreateUser(ctx context.Context, u User, demo bool) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO users (email, name, phone, password_hash, demo, created_at, email_confirmed_at, password_at, must_change_password)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8)
		ON CONFLICT (email) DO NOTHING RETURNING id`, u.Email, u.Name, u.Phone, u.PasswordHash, demo, u.CreatedAt, u.EmailConfirmedAt, u.MustChange)
	if market.IsKind(err, market.NotFound) {
		return 0, market.Problems{{Field: "email", Message: "这个邮箱已经注册过，可以直接登录"}}.Err()
	}
	return id, err
}

// SetPassword stores a new password hash; initial is true when it was chosen by somebody else.
func (t *Tx) SetPassword(ctx context.Context, userID int64, hash string, initial bool, at time.Time) error {
	return t.execOne(ctx, `UPDATE users SET password_hash = $2, must_change_password = $3, password_at = $4 WHERE id = $1`, userID, hash, initial, at)
}

// SetMailRefused notes that the address takes no mail, when it is an account's.
func (t *Tx) SetMailRefused(ctx context.Context, email string, at time.Time) error {
	return t.exec(ctx, `UPDATE users SET mail_refused_at = $2 WHERE email = $1`, email, at)
}

// ConfirmEmail notes that the address is the user's; one that the account does not have any more is market.ErrStale.
func (t *Tx) ConfirmEmail(ctx context.Context, userID int64, email string, at time.Time) error {
	return t.execOne(ctx, `UPDATE users SET email_confirmed_at = coalesce(email_confirmed_at, $3), mail_refused_at = NULL WHERE id = $1 AND email = $2`, userID, email, at)
}

// SetEmail moves an account to another, confirmed address. One already in use is a Conflict.
func (t *Tx) SetEmail(ctx context.Context, userID int64, email string, at time.Time) error {
	err := t.execOne(ctx, `UPDATE users SET email = $2, email_confirmed_at = $3, mail_refused_at = NULL WHERE id = $1`, userID, email, at)
	if violates(err, "users_email_key") {
		return market.Errorf(market.Conflict, "这个邮箱已被另一个账号使用，没有更换")
	}
	return err
}

// SetProfile stores a person's own name and phone.
func (t *Tx) SetProfile(ctx context.Context, userID int64, name, phone string) error {
	return t.execOne(ctx, `UPDATE users SET name = $2, phone = $3 WHERE id = $1`, userID, name, phone)
}

// AddDuty gives a bureau duty; admin and auditor are refused to one person.
func (t *Tx) AddDuty(ctx context.Context, userID int64, duty market.Duty) error {
	err := t.exec(ctx, `INSERT INTO duties (user_id, duty) VALUES ($1, $2) ON CONFLICT DO NOTHING`, userID, duty)
	if violates(err, "duties_stay_apart") {
		return market.Errorf(market.Denied, "系统管理和审计不能由同一人担任")
	}
	if violates(err, "duties_of_the_city") {
		return errOfTheCity
	}
	return err
}

// SetCounty limits a person's duties to a county; "" is the whole city. Who audits or administers is not limited.
func (t *Tx) SetCounty(ctx context.Context, userID int64, county string) error {
	err := t.execOne(ctx, `UPDATE users SET county = $2 WHERE id = $1`, userID, optional(county))
	if violates(err, "duties_of_the_city") {
		return errOfTheCity
	}
	return err
}

var errOfTheCity = market.Errorf(market.Denied, "系统管理和审计面向全市，不能只管一个县区")

// CreateToken stores the hash of a personal API token.
func (t *Tx) CreateToken(ctx context.Context, userID int64, hash []byte, name string, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO tokens (user_id, hash, name, created_at) VALUES ($1, $2, $3, $4) RETURNING id`, userID, hash, name, at)
	return id, err
}

// RevokeToken ends one of the user's own living tokens; any other is market.ErrNotFound.
func (t *Tx) RevokeToken(ctx context.Context, userID, id int64, at time.Time) error {
	return t.get(ctx, &id, `UPDATE tokens SET revoked_at = $3 WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL RETURNING id`, userID, id, at)
}

// RevokeTokens ends all living tokens of a user.
func (t *Tx) RevokeTokens(ctx context.Context, userID int64, at time.Time) error {
	return t.exec(ctx, `UPDATE tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`, userID, at)
}

// Token is a personal API token as its owner sees it; the secret itself is not kept.
type Token struct {
	ID         int64      `db:"id"`
	Name       string     `db:"name"`
	CreatedAt  time.Time  `db:"created_at"`
	LastUsedAt *time.Time `db:"last_used_at"`
}

// Tokens lists the user's living tokens, newest first.
func (r Queries) Tokens(ctx context.Context, userID int64) ([]Token, error) {
	var out []Token
	err := r.all(ctx, &out, `SELECT id, name, created_at, last_used_at FROM tokens WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id DESC`, userID)
	return out, err
}

// UserOfToken returns whose token has that hash and notes its use, at most once an hour.
func (s *Store) UserOfToken(ctx context.Context, hash []byte, at time.Time) (int64, error) {
	var id int64
	err := s.get(ctx, &id, `SELECT user_id FROM tokens WHERE hash = $1 AND revoked_at IS NULL`, hash)
	if err != nil {
		return 0, err
	}
	_, err = s.db.ExecContext(ctx, `UPDATE tokens SET last_used_at = $2 WHERE hash = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 hour')`, hash, at)
	return id, err
}
