package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Settings returns the names that differ by place, by their codes. They are few and read at every request, so that a
// change is seen at once by every copy of the application.
func (r Queries) Settings(ctx context.Context) (map[string]string, error) {
	var rows []market.Code
	if err := r.all(ctx, &rows, `SELECT key AS code, value AS name FROM settings`); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, row := range rows {
		out[row.Code] = row.Name
	}
	return out, nil
}

// LockSettings returns the settings and keeps others from changing them until the transaction ends.
func (t *Tx) LockSettings(ctx context.Context) (map[string]string, error) {
	if err := t.exec(ctx, `SELECT 1 FROM settings ORDER BY key FOR UPDATE`); err != nil {
		return nil, err
	}
	return t.Settings(ctx)
}

// SetSetting changes a setting and keeps what it was.
func (t *Tx) SetSetting(ctx context.Context, a market.Actor, key, before, after string, at time.Time) error {
	if err := t.execOne(ctx, `UPDATE settings SET value = $3 WHERE key = $1 AND value = $2`, key, before, after); err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO setting_changes (key, before, after, user_id, at) VALUES ($1, $2, $3, $4, $5)`, key, before, after, a.UserID, at)
}

// SettingsVersion is the version of the settings, from 1: a form carries it.
func (r Queries) SettingsVersion(ctx context.Context) (int64, error) {
	var id int64
	err := r.get(ctx, &id, `SELECT coalesce(max(id), 0) + 1 FROM setting_changes`)
	return id, err
}

// SettingChanges lists the newest changes of the settings. For administrators: anybody else gets market.ErrNotFound.
func (r Queries) SettingChanges(ctx context.Context, a market.Actor, page Slice) ([]market.SettingChange, int, error) {
	if !a.Has(market.Admin) {
		return nil, 0, market.ErrNotFound
	}
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM setting_changes`); err != nil {
		return nil, 0, err
	}
	var out []market.SettingChange
	err := r.all(ctx, &out, `SELECT c.id, c.key, c.before, c.after, c.at, u.name AS user_name FROM setting_changes c JOIN users u ON u.id = c.user_id
		ORDER BY c.id DESC LIMIT $1 OFFSET $2`, page.Limit, page.Offset)
	return out, total, err
}
