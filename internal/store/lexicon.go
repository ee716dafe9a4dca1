package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// lexiconRow is a version as it is kept.
type lexiconRow struct {
	Number   int64              `db:"number"`
	Entries  []byte             `db:"entries"`
	Move     market.LexiconMove `db:"move"`
	Note     string             `db:"note"`
	UserName string             `db:"user_name"`
	At       time.Time          `db:"at"`
}

func (row lexiconRow) version() (market.LexiconVersion, error) {
	v := market.LexiconVersion{Number: row.Number, Move: row.Move, Note: row.Note, UserName: row.UserName, At: row.At}
	if err := json.Unmarshal(row.Entries, &v.Entries); err != nil {
		return v, fmt.Errorf("version %d of the lexicon: %w", row.Number, err)
	}
	return v, nil
}

const lexiconQuery = `SELECT v.number, v.entries, v.move, v.note, v.at, u.name AS user_name FROM lexicon_versions v JOIN users u ON u.id = v.user_id`

// LexiconVersion returns a version of the list of staff; version 0 is empty. What it holds is nobody's secret: searches go
// by it.
func (r Queries) LexiconVersion(ctx context.Context, number int64) (market.LexiconVersion, error) {
	if number == 0 {
		return market.LexiconVersion{}, nil
	}
	var row lexiconRow
	if err := r.get(ctx, &row, lexiconQuery+` WHERE v.number = $1`, number); err != nil {
		return market.LexiconVersion{}, err
	}
	return row.version()
}

// LatestLexicon is the number of the newest version, 0 when staff have added nothing yet.
func (r Queries) LatestLexicon(ctx context.Context) (int64, error) {
	var number int64
	err := r.get(ctx, &number, `SELECT coalesce(max(number), 0) FROM lexicon_versions`)
	return number, err
}

// LexiconVersions lists versions, the newest first.
func (r Queries) LexiconVersions(ctx context.Context, page Slice) ([]market.LexiconVersion, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM lexicon_versions`); err != nil {
		return nil, 0, err
	}
	var rows []lexiconRow
	if err := r.all(ctx, &rows, lexiconQuery+` ORDER BY v.number DESC LIMIT $1 OFFSET $2`, page.Limit, page.Offset); err != nil {
		return nil, 0, err
	}
	out := make([]market.LexiconVersion, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = row.version(); err != nil {
			return nil, 0, err
		}
	}
	return out, total, nil
}

// LockLexicon returns the newest version and keeps others from adding one until the transaction ends.
func (t *Tx) LockLexicon(ctx context.Context) (market.LexiconVersion, error) {
	if err := t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('lexicon', 0))`); err != nil {
		return market.LexiconVersion{}, err
	}
	number, err := t.LatestLexicon(ctx)
	if err != nil {
		return market.LexiconVersion{}, err
	}
	return t.LexiconVersion(ctx, number)
}

// AddLexiconVersion appends a version.
func (t *Tx) AddLexiconVersion(ctx context.Context, a market.Actor, v market.LexiconVersion) error {
	if v.Entries == nil {
		v.Entries = []market.LexiconEntry{}
	}
	entries, err := json.Marshal(v.Entries)
	if err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO lexicon_versions (number, entries, move, note, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		v.Number, string(entries), v.Move, v.Note, a.UserID, v.At)
}

// SetLexiconUse notes by which version a process searches, and forgets those that were not seen since.
func (t *Tx) SetLexiconUse(ctx context.Context, u market.LexiconUse, since time.Time) error {
	if err := t.exec(ctx, `DELETE FROM lexicon_uses WHERE seen_at < $1 AND process <> $2`, since, u.Process); err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO lexicon_uses (process, version, problem, seen_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (process) DO UPDATE SET version = excluded.version, problem = excluded.problem, seen_at = excluded.seen_at`, u.Process, u.Version, u.Problem, u.SeenAt)
}

// DropLexiconUse forgets a process that ends.
func (t *Tx) DropLexiconUse(ctx context.Context, process string) error {
	return t.exec(ctx, `DELETE FROM lexicon_uses WHERE process = $1`, process)
}

// LexiconUses lists the processes that were seen since.
func (r Queries) LexiconUses(ctx context.Context, since time.Time) ([]market.LexiconUse, error) {
	var out []market.LexiconUse
	err := r.all(ctx, &out, `SELECT process, version, problem, seen_at FROM lexicon_uses WHERE seen_at >= $1 ORDER BY process`, since)
	return out, err
}
