package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"techmarket/internal/market"
)

// AuditFilter says which entries of the audit are wanted. Empty parts do not limit.
type AuditFilter struct {
	From, To time.Time // days, both included
	Who      string    // name, address or code of a person or an organisation, as typed
	UserID   int64     // exactly this person
	Group    string    // code of an action group, or one action
	Object   string    // number of a listing, inquiry, deal or contract, or "org 12"
	Address  string
	Outcome  string // done or refused

	BeforeAt time.Time // go on after this entry: pages are found by place, not by number
	BeforeID int64
}

// AuditLine is an entry of the audit with the names of what it is about, and its place in the chain.
type AuditLine struct {
	ID         int64         `db:"id"`
	At         time.Time     `db:"at"`
	Action     market.Action `db:"action"`
	Outcome    string        `db:"outcome"`
	UserID     *int64        `db:"user_id"`
	UserName   string        `db:"user_name"`
	OrgID      *int64        `db:"org_id"`
	OrgName    string        `db:"org_name"`
	AgencyName string        `db:"agency_name"`
	ObjectKind string        `db:"object_kind"`
	ObjectID   *int64        `db:"object_id"`
	ObjectName string        `db:"object_name"` // its number or name
	Via        market.Via    `db:"via"`
	Address    string        `db:"address"`
	RequestID  string        `db:"request_id"`
	Detail     string        `db:"detail"`
	Seq        *int64        `db:"seq"` // nil while it waits to be sealed
	Hash       []byte        `db:"hash"`
}

const auditColumns = `e.id, e.at, e.action, e.outcome, e.user_id, coalesce(u.name, '') AS user_name, e.org_id, coalesce(o.name, '') AS org_name,
	coalesce(g.name, '') AS agency_name, e.object_kind, e.object_id, e.via, e.address, e.request_id, e.detail, c.seq, c.hash,
	coalesce(CASE e.object_kind WHEN 'need' THEN (SELECT number FROM listings x WHERE x.id = e.object_id) WHEN 'result' THEN (SELECT number FROM listings x WHERE x.id = e.object_id)
		WHEN 'inquiry' THEN (SELECT number FROM inquiries x WHERE x.id = e.object_id) WHEN 'deal' THEN (SELECT number FROM deals x WHERE x.id = e.object_id)
		WHEN 'contract' THEN (SELECT number FROM contracts x WHERE x.id = e.object_id)
		WHEN 'challenge' THEN (SELECT number FROM challenges x WHERE x.id = e.object_id)
		WHEN 'proposal' THEN (SELECT x.number FROM challenges x JOIN proposals p ON p.challenge_id = x.id WHERE p.id = e.object_id) WHEN 'org' THEN (SELECT name FROM orgs x WHERE x.id = e.object_id)
		WHEN 'user' THEN (SELECT name FROM users x WHERE x.id = e.object_id) END, '') AS object_name`

const auditTables = ` LEFT JOIN users u ON u.id = e.user_id LEFT JOIN orgs o ON o.id = e.org_id LEFT JOIN orgs g ON g.id = e.agency_id
	LEFT JOIN chain c ON c.log = 'audit' AND c.row_id = e.id`

// AuditLines lists entries, the newest first. For auditors: anybody else gets market.ErrNotFound.
func (r Queries) AuditLines(ctx context.Context, a market.Actor, f AuditFilter, limit int) ([]AuditLine, error) {
	query, args, err := r.auditQuery(ctx, a, f, limit)
	if err != nil {
		return nil, err
	}
	var out []AuditLine
	return out, r.all(ctx, &out, query, args...)
}

// AuditExport gives all entries, one by one, up to limit. For auditors: anybody else gets market.ErrNotFound.
func (s *Store) AuditExport(ctx context.Context, a market.Actor, f AuditFilter, limit int) iter.Seq2[AuditLine, error] {
	return func(yield func(AuditLine, error) bool) {
		query, args, err := s.auditQuery(ctx, a, f, limit)
		if err != nil {
			yield(AuditLine{}, err)
			return
		}
		rows, err := s.db.QueryxContext(ctx, query, args...)
		if err != nil {
			yield(AuditLine{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var line AuditLine
			if err := rows.StructScan(&line); !yield(line, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(AuditLine{}, err)
		}
	}
}

// auditQuery builds the query: entries are found and cut to the page first, names are looked up for those alone.
func (r Queries) auditQuery(ctx context.Context, a market.Actor, f AuditFilter, limit int) (string, []any, error) {
	if !a.Has(market.Auditor) {
		return "", nil, market.ErrNotFound
	}
	where, args := []string{"NOT " + sealedEntries}, []any{}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	if !f.From.IsZero() {
		add("e.at >= ?", f.From)
	}
	if !f.To.IsZero() {
		add("e.at < ?", f.To.AddDate(0, 0, 1))
	}
	if f.UserID != 0 {
		add("e.user_id = ?", f.UserID)
	}
	if f.Address != "" {
		add("e.address = ?", f.Address)
	}
	if f.Outcome != "" {
		add("e.outcome = ?", f.Outcome)
	}
	if f.Group != "" {
		condition, values := actionCondition(f.Group)
		add(condition, values...)
	}
	if f.Who != "" {
		users, orgs, err := r.auditParties(ctx, f.Who)
		if err != nil {
			return "", nil, err
		}
		add("(e.user_id = ANY(?) OR e.org_id = ANY(?) OR e.agency_id = ANY(?))", users, orgs, orgs)
	}
	if f.Object != "" {
		kind, id, err := r.auditObject(ctx, f.Object)
		if err != nil {
			return "", nil, err
		}
		add("e.object_kind = ? AND e.object_id = ?", kind, id)
	}
	if f.BeforeID != 0 {
		add("(e.at, e.id) < (?, ?)", f.BeforeAt, f.BeforeID)
	}
	args = append(args, limit)
	return `SELECT ` + auditColumns + ` FROM (SELECT e.* FROM audit_entries e WHERE ` + strings.Join(where, " AND ") +
		fmt.Sprintf(` ORDER BY e.at DESC, e.id DESC LIMIT $%d) e`, len(args)) + auditTables + ` ORDER BY e.at DESC, e.id DESC`, args, nil
}

// actionCondition holds for the actions of a group, or for the one action of that name.
func actionCondition(code string) (string, []any) {
	for _, g := range market.ActionGroups {
		if g.Code != code {
			continue
		}
		parts, values := make([]string, len(g.Prefixes)), make([]any, len(g.Prefixes))
		for i, prefix := range g.Prefixes {
			parts[i], values[i] = "e.action LIKE ?", prefix+"%"
		}
		return "(" + strings.Join(parts, " OR ") + ")", values
	}
	return "e.action = ?", []any{code}
}

// auditParties finds the people and organisations that a typed name, mail address or code means.
func (r Queries) auditParties(ctx context.Context, who string) (users, orgs int64Array, err error) {
	pattern := likeText(who)
	if err := r.get(ctx, &users, `SELECT coalesce(array_agg(id), '{}') FROM (SELECT id FROM users WHERE name LIKE $1 OR email = lower($2) ORDER BY id LIMIT 100) x`, pattern, who); err != nil {
		return nil, nil, err
	}
	err = r.get(ctx, &orgs, `SELECT coalesce(array_agg(id), '{}') FROM (SELECT id FROM orgs WHERE name LIKE $1 OR uscc = upper($2) ORDER BY id LIMIT 100) x`, pattern, who)
	return users, orgs, err
}

// auditObject finds what a number means; one that means nothing is an object that no entry is about.
func (r Queries) auditObject(ctx context.Context, number string) (kind string, id int64, err error) {
	if _, err := fmt.Sscanf(number, "%s %d", &kind, &id); err == nil {
		return kind, id, nil
	}
	var row struct {
		Kind string `db:"kind"`
		ID   int64  `db:"id"`
	}
	err = r.get(ctx, &row, `SELECT kind, id FROM listings WHERE number = $1 UNION ALL SELECT 'inquiry', id FROM inquiries WHERE number = $1
		UNION ALL SELECT 'deal', id FROM deals WHERE number = $1 UNION ALL SELECT 'contract', id FROM contracts WHERE number = $1 OR registration_number = $1
		UNION ALL SELECT 'challenge', id FROM challenges WHERE number = $1 LIMIT 1`, strings.ToUpper(number))
	if market.IsKind(err, market.NotFound) {
		return "", 0, nil
	}
	return row.Kind, row.ID, err
}

// AuditWatch is what an auditor should look at: refused attempts, and exports, of the last days.
type AuditWatch struct {
	Refused int         // attempts turned away since then
	Exports []time.Time // when something was exported since then, newest first
}

// AuditWatch counts since that moment. For auditors: anybody else gets market.ErrNotFound.
func (r Queries) AuditWatch(ctx context.Context, a market.Actor, since time.Time) (AuditWatch, error) {
	var w AuditWatch
	if !a.Has(market.Auditor) {
		return w, market.ErrNotFound
	}
	if err := r.get(ctx, &w.Refused, `SELECT count(*) FROM audit_entries WHERE outcome = 'refused' AND at >= $1`, since); err != nil {
		return w, err
	}
	err := r.all(ctx, &w.Exports, `SELECT at FROM audit_entries WHERE action IN ($2, $3) AND at >= $1 ORDER BY at DESC LIMIT 500`, since, market.TurnoverExport, market.AuditExport)
	return w, err
}

// ChainCheck is the outcome of going through a log's chain.
type ChainCheck struct {
	At           time.Time `db:"at"`
	Milliseconds int       `db:"milliseconds"`
	Seq          int64     `db:"seq"`
	Fault        string    `db:"fault"`
}

// LastChainCheck is the newest check of a log; market.ErrNotFound when there was none.
func (r Queries) LastChainCheck(ctx context.Context, log market.ChainLog) (ChainCheck, error) {
	var c ChainCheck
	err := r.get(ctx, &c, `SELECT at, milliseconds, seq, fault FROM chain_checks WHERE log = $1 ORDER BY id DESC LIMIT 1`, log)
	return c, err
}

// AddChainCheck keeps the outcome of a check.
func (t *Tx) AddChainCheck(ctx context.Context, log market.ChainLog, c ChainCheck) error {
	return t.exec(ctx, `INSERT INTO chain_checks (log, at, milliseconds, seq, fault) VALUES ($1, $2, $3, $4, $5)`, log, c.At, c.Milliseconds, c.Seq, c.Fault)
}
