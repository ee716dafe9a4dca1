package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// LoginTry is how often signing in at an address has failed.
type LoginTry struct {
	Failures    int        `db:"failures"`
	LockedUntil *time.Time `db:"locked_until"`
}

// LockLoginTry returns the failures of an address, by the address's hash, and keeps them locked until the transaction
// ends, so that parallel tries are counted one by one.
func (t *Tx) LockLoginTry(ctx context.Context, key []byte, at time.Time) (LoginTry, error) {
	var try LoginTry
	err := t.get(ctx, &try, `INSERT INTO login_tries (key, failures, at) VALUES ($1, 0, $2)
		ON CONFLICT (key) DO UPDATE SET at = $2 RETURNING failures, locked_until`, key, at)
	return try, err
}

// SetLoginTry stores the failures of an address.
func (t *Tx) SetLoginTry(ctx context.Context, key []byte, try LoginTry) error {
	return t.exec(ctx, `UPDATE login_tries SET failures = $2, locked_until = $3 WHERE key = $1`, key, try.Failures, try.LockedUntil)
}

// ForgetLoginTry forgets the failures of an address and with them its lock.
func (t *Tx) ForgetLoginTry(ctx context.Context, key []byte) error {
	return t.exec(ctx, `DELETE FROM login_tries WHERE key = $1`, key)
}

// LoginLock returns until when an address is locked, nil when it never was.
func (r Queries) LoginLock(ctx context.Context, key []byte) (*time.Time, error) {
	var try LoginTry
	err := r.get(ctx, &try, `SELECT failures, locked_until FROM login_tries WHERE key = $1`, key)
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	return try.LockedUntil, err
}

// StartSignIn adds a sign-in of an active user whose password is still the one set at passwordAt; else
// market.ErrNotFound. It waits for a change of the password that is under way: such a change ends every sign-in that was
// there before.
func (t *Tx) StartSignIn(ctx context.Context, userID int64, passwordAt time.Time, agent, address string, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `WITH who AS (UPDATE users SET signed_in_at = $5 WHERE id = $1 AND password_at = $2 AND state = 'active' RETURNING id)
		INSERT INTO sign_ins (user_id, agent, address, created_at, seen_at)
		SELECT id, $3::text, $4::text, $5::timestamptz, $5::timestamptz FROM who RETURNING id`, userID, passwordAt, agent, address, at)
	return id, err
}

// SignIn returns a sign-in that was not ended, of an active user; else market.ErrNotFound. The session's cookie is what
// allows to ask.
func (r Queries) SignIn(ctx context.Context, id int64, day time.Time) (market.SignIn, error) {
	var s market.SignIn
	err := r.oftenOne(ctx, &s, `SELECT s.id, s.user_id, s.agent, s.address, s.created_at, s.seen_at, u.must_change_password, u.password_at,
			u.otp_secret <> '' AS second, EXISTS (SELECT 1 FROM duties d WHERE d.user_id = u.id) AS staff,
			EXISTS (SELECT 1 FROM (`+policiesInForce+`) p WHERE NOT `+agreed+`) AS policies_pending
		FROM sign_ins s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.ended_at IS NULL AND u.state = 'active'`, id, dateText(day))
	return s, err
}

// TouchSignIn notes that the sign-in is in use.
func (s *Store) TouchSignIn(ctx context.Context, id int64, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE sign_ins SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, id, at)
	return err
}

// SignIns lists the user's sign-ins that were not ended, the latest used first. For the person themselves only.
func (r Queries) SignIns(ctx context.Context, userID int64) ([]market.SignIn, error) {
	var out []market.SignIn
	err := r.all(ctx, &out, `SELECT s.id, s.user_id, s.agent, s.address, s.created_at, s.seen_at,
			EXISTS (SELECT 1 FROM duties d WHERE d.user_id = s.user_id) AS staff
		FROM sign_ins s WHERE s.user_id = $1 AND s.ended_at IS NULL ORDER BY s.seen_at DESC, s.id DESC`, userID)
	return out, err
}

// EndSignIn ends one of the user's own sign-ins; any other is market.ErrNotFound.
func (t *Tx) EndSignIn(ctx context.Context, userID, id int64, at time.Time) error {
	return t.get(ctx, &id, `UPDATE sign_ins SET ended_at = $3 WHERE id = $2 AND user_id = $1 AND ended_at IS NULL RETURNING id`, userID, id, at)
}

// EndSignIns ends all sign-ins of a user but one, 0 for none, and returns how many there were.
func (t *Tx) EndSignIns(ctx context.Context, userID, except int64, at time.Time) (int, error) {
	res, err := t.tx.ExecContext(ctx, `UPDATE sign_ins SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL`, userID, except, at)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// TidySignIns ends sign-ins that began before that time, and drops those whose retention is over and failed tries that were
// last made before the other time.
func (t *Tx) TidySignIns(ctx context.Context, began, tried time.Time) error {
	if err := t.exec(ctx, `UPDATE sign_ins SET ended_at = seen_at WHERE ended_at IS NULL AND created_at < $1`, began); err != nil {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM sign_ins WHERE ended_at IS NOT NULL AND retention_over('log', seen_at)`); err != nil {
		return err
	}
	return t.exec(ctx, `DELETE FROM login_tries WHERE at < $1 AND (locked_until IS NULL OR locked_until < $1)`, tried)
}

// Second is a person's second factor.
type Second struct {
	Secret string `db:"otp_secret"` // empty: there is none
	Step   int64  `db:"otp_step"`   // the last step whose code was used
	Codes  int    `db:"codes"`      // recovery codes that are left
}

// Second returns a user's second factor. For the person themselves only.
func (r Queries) Second(ctx context.Context, userID int64) (Second, error) {
	var s Second
	err := r.get(ctx, &s, `SELECT otp_secret, otp_step, (SELECT count(*) FROM recovery_codes c WHERE c.user_id = u.id AND used_at IS NULL) AS codes
		FROM users u WHERE id = $1`, userID)
	return s, err
}

// SetSecond replaces a user's second factor and recovery codes; an empty secret takes them away.
func (t *Tx) SetSecond(ctx context.Context, userID int64, secret string, step int64, codes [][]byte) error {
	if err := t.execOne(ctx, `UPDATE users SET otp_secret = $2, otp_step = $3 WHERE id = $1`, userID, secret, step); err != nil {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
		return err
	}
	for _, hash := range codes {
		if err := t.exec(ctx, `INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)`, userID, hash); err != nil {
			return err
		}
	}
	return nil
}

// UseStep notes that the code of a step was used; a step that is not later than the last one is market.ErrStale. Of two
// at once, one succeeds.
func (t *Tx) UseStep(ctx context.Context, userID, step int64) error {
	return t.execOne(ctx, `UPDATE users SET otp_step = $2 WHERE id = $1 AND otp_step < $2`, userID, step)
}

// UseRecoveryCode uses up a recovery code, by hash; one that is used or unknown is market.ErrStale. Of two at once, one
// succeeds.
func (t *Tx) UseRecoveryCode(ctx context.Context, userID int64, hash []byte, at time.Time) error {
	return t.execOne(ctx, `UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL`, userID, hash, at)
}
