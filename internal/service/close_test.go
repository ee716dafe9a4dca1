package service_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

func TestClosingAnAccount(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	editor := w.Member(owner, "曾晓雯", market.Editor)
	email := w.Email(editor)
	if err := w.Service.EditProfile(t.Context(), editor, "曾晓雯", "13879600000"); err != nil {
		t.Fatal(err)
	}
	need := w.Need(editor)
	if _, err := w.Service.CreateToken(t.Context(), editor, "夜间同步", ""); err != nil {
		t.Fatal(err)
	}
	wantField(t, w.Service.CloseAccount(t.Context(), editor, "wrong password"), "close_password", "不对")
	wantKind(t, w.Service.CloseAccount(t.Context(), owner, worldtest.Password), market.Conflict) // must hand over first
	wantKind(t, w.Service.CloseAccount(t.Context(), w.Person("审核员", market.Reviewer), worldtest.Password), market.Denied)
	if err := w.Service.CloseAccount(t.Context(), editor, worldtest.Password); err != nil {
		t.Fatal(err)
	}
	if letter, _ := lastLetter(t, w, market.LetterClosed); letter.To != email {
		t.Errorf("the letter goes to %s", letter.To)
	}
	var left int
	err := w.Store.DB().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM users u WHERE u::text ~ '曾晓雯|13879600000' OR position($1 IN u::text) > 0) +
		(SELECT count(*) FROM members WHERE user_id = $2) + (SELECT count(*) FROM tokens WHERE user_id = $2) + (SELECT count(*) FROM notices WHERE user_id = $2) +
		(SELECT count(*) FROM sign_ins WHERE user_id = $2 AND ended_at IS NULL) + (SELECT count(*) FROM links WHERE user_id = $2)`, email, editor.UserID).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d rows still tell who it was, %v", left, err)
	}
	moves, err := w.Store.Moves(t.Context(), market.Object{Kind: "need", ID: need})
	if err != nil || len(moves) == 0 || moves[0].UserName != "已注销用户" || *moves[0].UserID != editor.UserID {
		t.Errorf("the history says %+v, %v", moves, err)
	}
	if _, err := w.Store.Need(t.Context(), market.Actor{}, need); err != nil {
		t.Errorf("the organisation's need: %v", err)
	}
	_, err = w.Service.Login(t.Context(), web, email, worldtest.Password)
	wantKind(t, err, market.Invalid)
	wantKind(t, w.Service.CloseAccount(t.Context(), editor, worldtest.Password), market.Conflict)
	if n := w.Audits(market.UserClose, editor.UserID, "done"); n != 1 {
		t.Errorf("%d closings in the audit", n)
	}

	// Now the owner is alone: the organisation has nobody left, and what it shows leaves the market.
	if err := w.Service.CloseAccount(t.Context(), owner, worldtest.Password); err != nil {
		t.Fatal(err)
	}
	org, err := w.Store.Org(t.Context(), w.Person("审核员", market.Reviewer), owner.OrgID)
	if err != nil || org.State != market.OrgSuspended || !strings.Contains(org.Reason, "没有成员") {
		t.Errorf("the organisation is %s: %s, %v", org.State, org.Reason, err)
	}
}

// TestLastOwnersCloseAtOnce lets the two owners of an organisation with an editor close their accounts at the same time.
func TestLastOwnersCloseAtOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for range 3 {
		first := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
		second := w.Member(first, "王五", market.Owner)
		w.Member(first, "赵六", market.Editor)
		errs := repeated(2, func(i int) error {
			return w.Service.CloseAccount(t.Context(), []market.Actor{first, second}[i], worldtest.Password)
		})
		if n := succeeded(t, errs, market.Conflict); n != 1 {
			t.Errorf("%d of two last owners have gone", n)
		}
		if n, err := w.Store.CountOwners(t.Context(), first.OrgID); err != nil || n != 1 {
			t.Errorf("%d owners stay, %v", n, err)
		}
	}
}

func TestExportOfAPerson(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person, other := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), w.Person("别人")
	secret, err := w.Service.CreateToken(t.Context(), person, "夜间同步", "")
	if err != nil {
		t.Fatal(err)
	}
	w.Need(person)
	signIn(t, w, person, worldtest.Password)
	tables, err := w.Service.ExportPerson(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	var all strings.Builder
	total := 0
	for _, table := range tables {
		rows[table.Name] = len(table.Rows)
		total += len(table.Rows)
		for _, row := range table.Rows {
			if !json.Valid(row) {
				t.Errorf("%s: %s is no JSON", table.Name, row)
			}
			all.Write(row)
		}
	}
	for table, n := range map[string]int{"profile": 1, "memberships": 1, "consents": 2, "sign_ins": 1, "tokens": 1, "links": 1, "listings": 1} {
		if rows[table] != n {
			t.Errorf("%d rows of %s, want %d", rows[table], table, n)
		}
	}
	if rows["acts"] < 5 || rows["notices"] < 1 {
		t.Errorf("rows %v", rows)
	}
	for _, hidden := range []string{w.Email(other), "argon2id", secret, "hash"} {
		if strings.Contains(all.String(), hidden) {
			t.Errorf("the export holds %q", hidden)
		}
	}
	if !strings.Contains(all.String(), w.Email(person)) {
		t.Error("the export has not the person's own address")
	}
	var detail string
	err = w.Store.DB().QueryRowContext(t.Context(), `SELECT detail FROM audit_entries WHERE action = 'user.export' AND user_id = $1`, person.UserID).Scan(&detail)
	if err != nil || !strings.HasSuffix(detail, " rows") || detail == "0 rows" {
		t.Errorf("the audit says %q, %v; %d rows were given out", detail, err, total)
	}
}

func TestConsents(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	pending := func() int {
		t.Helper()
		found, err := w.Store.PendingPolicies(t.Context(), person.UserID, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if n := pending(); n != 0 {
		t.Errorf("%d policies are open after registering", n)
	}
	if _, err := w.Store.DB().ExecContext(t.Context(), `INSERT INTO policies (kind, version, valid_from, changes, body) VALUES
		('terms', '2026-2', '2026-11-01', '写明机构代办', '新的'), ('terms', '2027-1', '2027-01-01', '', '以后的')`); err != nil {
		t.Fatal(err)
	}
	if n := pending(); n != 1 {
		t.Errorf("%d policies are open after a new version, want 1", n)
	}
	if err := w.Service.AgreePolicies(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if n := pending(); n != 0 {
		t.Errorf("%d policies are open after agreeing", n)
	}

	need := w.Need(person)
	contact := func() string {
		t.Helper()
		c, err := w.Store.PublicContact(t.Context(), need)
		if err != nil && !market.IsKind(err, market.NotFound) {
			t.Fatal(err)
		}
		return c.Phone
	}
	wantField(t, w.Service.Choose(t.Context(), person, market.Choices{Recommend: true, Alerts: true, Contact: true}), "contact", "填写手机")
	if err := w.Service.EditProfile(t.Context(), person, "曾晓雯", "13879600000"); err != nil {
		t.Fatal(err)
	}
	if got := contact(); got != "" {
		t.Errorf("without consent the public sees %s", got)
	}
	if err := w.Service.Choose(t.Context(), person, market.Choices{Recommend: false, Alerts: true, Contact: true}); err != nil {
		t.Fatal(err)
	}
	if got := contact(); got != "13879600000" {
		t.Errorf("with consent the public sees %q", got)
	}
	if _, err := w.Store.DB().ExecContext(t.Context(), `UPDATE listings SET hide_org = true WHERE id = $1`, need); err != nil {
		t.Fatal(err)
	}
	if got := contact(); got != "" {
		t.Errorf("a hidden organisation shows %s", got)
	}
	if err := w.Service.Choose(t.Context(), person, market.Choices{Recommend: true, Alerts: true, Contact: false}); err != nil {
		t.Fatal(err)
	}
	log, err := w.Store.Consents(t.Context(), person.UserID)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, c := range log {
		words = append(words, string(c.Kind)+map[bool]string{true: "+", false: "-"}[c.Given])
	}
	if got, want := strings.Join(words, " "), "contact- recommend+ contact+ recommend- terms+ terms+ privacy+"; got != want {
		t.Errorf("the log is %s, want %s", got, want)
	}
}
