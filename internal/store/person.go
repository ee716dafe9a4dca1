package store

import (
	"context"
	"encoding/json"
	"time"

	"techmarket/internal/market"
)

// Place is a person's place in an organisation, with who else is there.
type Place struct {
	Org         market.Org
	Role        market.Role
	Others      int // other active members
	OtherOwners int
}

// LockPlaces returns the organisations of a user and keeps their members as they are until the transaction ends.
func (t *Tx) LockPlaces(ctx context.Context, userID int64) ([]Place, error) {
	err := t.exec(ctx, `SELECT 1 FROM orgs o WHERE EXISTS (SELECT 1 FROM members m WHERE m.org_id = o.id AND m.user_id = $1) ORDER BY o.id FOR NO KEY UPDATE`, userID)
	if err != nil {
		return nil, err
	}
	return t.Places(ctx, userID)
}

// Places returns the organisations of a user with who else is there. For the person themselves only.
func (r Queries) Places(ctx context.Context, userID int64) ([]Place, error) {
	var rows []struct {
		ID          int64           `db:"id"`
		Name        string          `db:"name"`
		State       market.OrgState `db:"state"`
		Role        market.Role     `db:"role"`
		Others      int             `db:"others"`
		OtherOwners int             `db:"other_owners"`
	}
	err := r.all(ctx, &rows, `SELECT o.id, o.name, o.state, m.role, count(u.id) AS others, count(u.id) FILTER (WHERE x.role = 'owner') AS other_owners
		FROM members m JOIN orgs o ON o.id = m.org_id
		LEFT JOIN members x ON x.org_id = o.id AND x.user_id <> m.user_id LEFT JOIN users u ON u.id = x.user_id AND u.state = 'active'
		WHERE m.user_id = $1 GROUP BY o.id, m.role ORDER BY o.id`, userID)
	var out []Place
	for _, p := range rows {
		out = append(out, Place{Org: market.Org{ID: p.ID, Name: p.Name, State: p.State}, Role: p.Role, Others: p.Others, OtherOwners: p.OtherOwners})
	}
	return out, err
}

// closedName is what histories call a person whose account is closed.
const closedName = "已注销用户"

// EraseUser closes an account and erases what says who the person is and what lets them in. The id stays in histories.
// loginKey is the key of the address's failed tries.
func (t *Tx) EraseUser(ctx context.Context, userID int64, loginKey []byte, at time.Time) error {
	if err := t.dropAgreed(ctx, userID, at); err != nil {
		return err
	}
	err := t.execOne(ctx, `UPDATE users SET state = 'closed', name = $2, email = 'closed-' || id || '@invalid', phone = '', password_hash = '', password_at = $3,
		must_change_password = false, otp_secret = '', otp_step = 0, contact_public = false, email_confirmed_at = NULL, mail_refused_at = NULL,
		acting_org = NULL, acting_agency = NULL WHERE id = $1 AND state <> 'closed'`, userID, closedName, at)
	if err != nil {
		return err
	}
	if _, err := t.EndSignIns(ctx, userID, 0, at); err != nil { // they are under retention
		return err
	}
	for _, table := range []string{"notices", "tokens", "recovery_codes", "links", "submissions", "saved_searches", "match_alerts"} {
		if err := t.exec(ctx, `DELETE FROM `+table+` WHERE user_id = $1`, userID); err != nil {
			return err
		}
	}
	return t.ForgetLoginTry(ctx, loginKey)
}

// dropAgreed takes back what a person agreed to of entries of experts in the account that closes.
func (t *Tx) dropAgreed(ctx context.Context, userID int64, at time.Time) error {
	return t.exec(ctx, `UPDATE experts e SET state = CASE WHEN state = 'public' THEN 'withdrawn' ELSE state END, consent_on = NULL, consent_by = '', contact_on = NULL,
			revoked_on = $2::date, version = version + 1, updated_at = $3
		WHERE e.consent_by = 'account' AND e.email = (SELECT email FROM users WHERE id = $1)`, userID, dateText(at), at)
}

// PersonTable is one kind of what is kept about a person.
type PersonTable struct {
	Name  string            // in the file
	Title string            // for people
	Rows  []json.RawMessage // one object each
}

// personTables are the queries behind an export of a person's data: $1 is the person. None holds a secret.
var personTables = []struct{ name, title, query string }{
	{"profile", "账号", `SELECT id, email, name, phone, state, created_at, email_confirmed_at, password_at AS password_changed_at, otp_secret <> '' AS second_factor,
		recommend, match_alerts, contact_public FROM users WHERE id = $1`},
	{"duties", "岗位", `SELECT duty FROM duties WHERE user_id = $1 ORDER BY duty`},
	{"memberships", "所在单位", `SELECT o.name AS organisation, o.uscc, m.role, m.created_at AS since FROM members m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = $1 ORDER BY m.created_at, o.id`},
	{"consents", "同意记录", `SELECT kind, version, given, at, address FROM consents WHERE user_id = $1 ORDER BY id`},
	{"sign_ins", "登录", `SELECT agent, address, created_at, seen_at, ended_at FROM sign_ins WHERE user_id = $1 ORDER BY id`},
	{"tokens", "接口令牌", `SELECT name, created_at, last_used_at, revoked_at FROM tokens WHERE user_id = $1 ORDER BY id`},
	{"notices", "消息", `SELECT title, path, created_at, read_at FROM notices WHERE user_id = $1 ORDER BY id`},
	{"saved_searches", "订阅的搜索", `SELECT name, query, often, created_at, told_at FROM saved_searches WHERE user_id = $1 ORDER BY id`},
	{"links", "发出的链接", `SELECT purpose, email, created_at, expires_at, used_at FROM links WHERE user_id = $1 ORDER BY id`},
	{"listings", "写的需求和成果", `SELECT number, kind, title, state, created_at, contact_name, contact_phone FROM listings WHERE created_by = $1 ORDER BY id`},
	{"messages", "写的对接", `SELECT inquiry_id, at, body FROM inquiry_messages WHERE user_id = $1 ORDER BY id`},
	{"questions", "对榜单的提问", `SELECT c.number AS challenge, q.question, q.asked_at FROM challenge_questions q JOIN challenges c ON c.id = q.challenge_id WHERE q.asked_by = $1 ORDER BY q.id`},
	{"proposals", "提交的方案", `SELECT c.number AS challenge, p.state, p.submitted_at FROM proposals p JOIN challenges c ON c.id = p.challenge_id WHERE p.submitted_by = $1 ORDER BY p.id`},
	{"judging", "榜单评审", `SELECT c.number AS challenge, j.state, j.invited_at, j.answered_at FROM challenge_judges j JOIN challenges c ON c.id = j.challenge_id WHERE j.user_id = $1 ORDER BY c.id`},
	{"scores", "评审打分", `SELECT c.number AS challenge, s.proposal_id, s.position, s.score, s.comment, s.at FROM challenge_scores s JOIN proposals p ON p.id = s.proposal_id
		JOIN challenges c ON c.id = p.challenge_id WHERE s.user_id = $1 ORDER BY s.proposal_id, s.position`},
	{"match_words", "对推荐的评价", `SELECT match_id, useful, reason, at FROM match_marks WHERE user_id = $1 ORDER BY match_id`},
	{"match_alerts", "待提醒的匹配", `SELECT need_id, result_id, found_at FROM match_alerts WHERE user_id = $1 ORDER BY found_at, need_id, result_id`},
	{"pledges", "保密承诺", `SELECT disclosure_id, version, user_name, org_name, address, at FROM disclosure_pledges WHERE user_id = $1 ORDER BY at`},
	{"experts", "专家资料", `SELECT e.name, coalesce(o.name, e.org_name) AS organisation, e.title, e.expertise, e.email, e.phone, e.state, e.consent_on, e.consent_by, e.contact_on, e.revoked_on
		FROM experts e LEFT JOIN orgs o ON o.id = e.org_id JOIN users u ON u.email = e.email AND u.email_confirmed_at IS NOT NULL WHERE u.id = $1 ORDER BY e.id`},
	{"acts", "办理记录", `SELECT at, action, outcome, object_kind, object_id, via, address FROM audit_entries WHERE user_id = $1 ORDER BY id`},
}

// Person returns what is kept about a person, for the person themselves.
func (r Queries) Person(ctx context.Context, userID int64) ([]PersonTable, error) {
	var out []PersonTable
	for _, t := range personTables {
		var rows [][]byte
		if err := r.all(ctx, &rows, `SELECT convert_to(row_to_json(t)::text, 'UTF8') FROM (`+t.query+`) t`, userID); err != nil {
			return nil, err
		}
		table := PersonTable{Name: t.name, Title: t.title, Rows: make([]json.RawMessage, len(rows))}
		for i, row := range rows {
			table.Rows[i] = row
		}
		out = append(out, table)
	}
	return out, nil
}
