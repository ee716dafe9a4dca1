package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
)

// Account is an account as an administrator sees it.
type Account struct {
	ID         int64            `db:"id"`
	Email      string           `db:"email"`
	Name       string           `db:"name"`
	State      market.UserState `db:"state"`
	County     string           `db:"county"`
	DutyCodes  stringArray      `db:"duties"`
	OrgName    string           `db:"org_name"` // all of them
	CreatedAt  time.Time        `db:"created_at"`
	SignedInAt *time.Time       `db:"signed_in_at"`
	Confirmed  bool             `db:"confirmed"` // the address is shown to be theirs
	Refused    bool             `db:"refused"`   // the address takes no mail
	Second     bool             `db:"second"`
	SignIns    int              `db:"sign_ins"` // that last
}

// Duties are the duties that the account holds, in the order they are offered.
func (u Account) Duties() []market.Duty {
	var out []market.Duty
	for _, d := range market.Duties {
		if u.Has(d) {
			out = append(out, d)
		}
	}
	return out
}

// Has reports whether the account holds the duty.
func (u Account) Has(d market.Duty) bool {
	for _, code := range u.DutyCodes {
		if code == string(d) {
			return true
		}
	}
	return false
}

const accountColumns = `u.id, u.email, u.name, u.state, coalesce(u.county, '') AS county, u.created_at, u.signed_in_at,
	u.email_confirmed_at IS NOT NULL AS confirmed, u.mail_refused_at IS NOT NULL AS refused, u.otp_secret <> '' AS second,
	ARRAY(SELECT duty FROM duties d WHERE d.user_id = u.id ORDER BY duty) AS duties,
	coalesce((SELECT string_agg(o.name, '、' ORDER BY m.created_at, o.id) FROM members m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = u.id), '') AS org_name,
	(SELECT count(*) FROM sign_ins i WHERE i.user_id = u.id AND i.ended_at IS NULL) AS sign_ins`

// AccountFilter narrows the list of accounts. Empty parts do not.
type AccountFilter struct {
	Text   string // of name, address or organisation
	Duty   string // a duty, or staff for any
	County string // of the duties; City for those of the whole city
	State  market.UserState
	Stale  time.Time // active accounts that nobody has signed in to since then
}

// Accounts lists accounts in the order of registration, with their number. For administrators: anybody else gets
// market.ErrNotFound.
func (r Queries) Accounts(ctx context.Context, a market.Actor, f AccountFilter, page Slice) ([]Account, int, error) {
	if !a.Has(market.Admin) {
		return nil, 0, market.ErrNotFound
	}
	where, args := []string{"true"}, []any{}
	add := func(on bool, condition string, value any) {
		if on {
			args = append(args, value)
			where = append(where, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(args))))
		}
	}
	add(f.Text != "", `(u.name ILIKE ? OR u.email ILIKE ? OR EXISTS (SELECT 1 FROM members m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = u.id AND o.name ILIKE ?))`, likeText(f.Text))
	add(f.Duty != "", `EXISTS (SELECT 1 FROM duties d WHERE d.user_id = u.id AND ? IN ('staff', d.duty))`, f.Duty)
	add(f.County != "", `coalesce(u.county, '`+market.City+`') = ? AND EXISTS (SELECT 1 FROM duties d WHERE d.user_id = u.id)`, f.County)
	add(f.State != "", `u.state = ?`, f.State)
	add(!f.Stale.IsZero(), `u.state = 'active' AND coalesce(u.signed_in_at, u.created_at) < ?`, f.Stale)
	from := ` FROM users u WHERE ` + strings.Join(where, ` AND `)
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+from, args...); err != nil {
		return nil, 0, err
	}
	args = append(args, page.Limit, page.Offset)
	var out []Account
	err := r.all(ctx, &out, `SELECT `+accountColumns+from+fmt.Sprintf(` ORDER BY u.id LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
	return out, total, err
}

// Account returns an account to an administrator; anybody else gets market.ErrNotFound.
func (r Queries) Account(ctx context.Context, a market.Actor, id int64) (Account, error) {
	var u Account
	if !a.Has(market.Admin) {
		return u, market.ErrNotFound
	}
	err := r.get(ctx, &u, `SELECT `+accountColumns+` FROM users u WHERE u.id = $1`, id)
	return u, err
}

// LockDuties keeps the duties of everybody as they are until the transaction ends, so that of two administrators who act
// at once the second finds what the first has done.
func (t *Tx) LockDuties(ctx context.Context) error {
	return t.exec(ctx, `LOCK TABLE duties IN SHARE ROW EXCLUSIVE MODE`)
}

// Duties returns the duties of an active user.
func (r Queries) Duties(ctx context.Context, userID int64) ([]market.Duty, error) {
	var out []market.Duty
	err := r.all(ctx, &out, `SELECT d.duty FROM duties d JOIN users u ON u.id = d.user_id WHERE d.user_id = $1 AND u.state = 'active' ORDER BY d.duty`, userID)
	return out, err
}

// CountAdmins counts the active administrators.
func (r Queries) CountAdmins(ctx context.Context) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM duties d JOIN users u ON u.id = d.user_id WHERE d.duty = 'admin' AND u.state = 'active'`)
	return n, err
}

// SetDuties gives a person exactly these duties, for a county or, when it is "", for the city.
func (t *Tx) SetDuties(ctx context.Context, userID int64, duties []market.Duty, county string) error {
	if err := t.SetCounty(ctx, userID, ""); err != nil {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM duties WHERE user_id = $1`, userID); err != nil {
		return err
	}
	for _, d := range duties {
		if err := t.AddDuty(ctx, userID, d); err != nil {
			return err
		}
	}
	return t.SetCounty(ctx, userID, county)
}

// SetUserState locks or unlocks an account if it is still in the expected state.
func (t *Tx) SetUserState(ctx context.Context, userID int64, from, to market.UserState) error {
	return t.execOne(ctx, `UPDATE users SET state = $3 WHERE id = $1 AND state = $2`, userID, from, to)
}
