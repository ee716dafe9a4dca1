package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

// letters are the mails that wait to be sent, oldest first, and are taken out of the queue.
func (s *testServer) letters() []market.Letter {
	s.t.Helper()
	var raw []byte
	err := s.Store.DB().QueryRow(`WITH gone AS (DELETE FROM river_job WHERE kind = 'send_mail' RETURNING id, args)
		SELECT coalesce(jsonb_agg(args ORDER BY id), '[]') FROM gone`).Scan(&raw)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []market.Letter
	if err := json.Unmarshal(raw, &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// letter is the one mail that waits, which is of that kind, and the path it leads to.
func (s *testServer) letter(kind market.LetterKind) (market.Letter, string) {
	s.t.Helper()
	all := s.letters()
	if len(all) != 1 || all[0].Kind != kind {
		s.t.Fatalf("letters %+v, want one of kind %s", all, kind)
	}
	return all[0], s.pathOf(all[0])
}

// pathOf is the path that a letter leads to, with the secret of its link.
func (s *testServer) pathOf(l market.Letter) string {
	s.t.Helper()
	if l.LinkID == 0 {
		return l.Path
	}
	link, secret, err := s.Service.ArmLink(s.t.Context(), l.LinkID)
	if err != nil {
		s.t.Fatal(err)
	}
	return link.Purpose.Path() + "?t=" + secret
}

// press posts the form of a page that a link opened.
func (c *client) press(path string, form url.Values) answer {
	c.t.Helper()
	at, query, _ := strings.Cut(path, "?t=")
	if form == nil {
		form = url.Values{}
	}
	form.Set("t", query)
	return c.post(at, form)
}

func TestConfirmingAnAddress(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.visitor()
	form := url.Values{"email": {"wang@example.com"}, "name": {"王五"}, "password": {testPassword}, "agreed": {"1"}}
	if got := c.post("/register", form); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	wantMessage(t, "after registering", c.get("/org/new"), http.StatusOK, "确认邮件已发到 wang@example.com")
	wantMessage(t, "the account", c.get("/account"), http.StatusOK, "邮箱还没有确认")
	letter, first := s.letter(market.LetterConfirm)
	if letter.To != "wang@example.com" || letter.Name != "王五" {
		t.Errorf("the letter is %+v", letter)
	}
	if got := c.post("/account/email/resend", nil); got.status != http.StatusSeeOther {
		t.Fatalf("send again: status %d", got.status)
	}
	_, second := s.letter(market.LetterConfirm)
	if got := c.get(first); got.status != http.StatusNotFound {
		t.Errorf("the first link after the second: status %d", got.status)
	}
	wantMessage(t, "the link in another browser", s.visitor().get(second), http.StatusOK, "确认 wang@example.com 是您的邮箱")
	if got := s.visitor().press(second, nil); got.status != http.StatusSeeOther || got.location != "/login" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	if got := s.visitor().press(second, nil); got.status != http.StatusNotFound {
		t.Errorf("the link again: status %d", got.status)
	}
	if got := c.get("/account"); strings.Contains(got.body, "邮箱还没有确认") {
		t.Error("the account page still asks")
	}
	wantMessage(t, "once more", c.post("/account/email/resend", nil), http.StatusConflict, "已经确认过")
}

func TestConfirmationsAreFew(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.visitor()
	if got := c.post("/register", url.Values{"email": {"wang@example.com"}, "name": {"王五"}, "password": {testPassword}, "agreed": {"1"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	for range 4 {
		if got := c.post("/account/email/resend", nil); got.status != http.StatusSeeOther {
			t.Fatalf("status %d", got.status)
		}
	}
	wantMessage(t, "the sixth mail", c.post("/account/email/resend", nil), http.StatusTooManyRequests, "最多发 5 封")
	if n := len(s.letters()); n != 5 {
		t.Errorf("%d letters", n)
	}
}

// TestPendingAddressMayDraftOnly holds the rule: who has not confirmed the address writes drafts, and no more.
func TestPendingAddressMayDraftOnly(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	if _, err := s.Store.DB().ExecContext(t.Context(), `UPDATE users SET email_confirmed_at = NULL WHERE id = $1`, owner.UserID); err != nil {
		t.Fatal(err)
	}
	c := s.as(owner)
	form := needForm()
	form.Set("key", formKey())
	got := c.post("/needs", form)
	if got.status != http.StatusSeeOther {
		t.Fatalf("a draft: status %d", got.status)
	}
	wantMessage(t, "submitting", c.post(strings.TrimSuffix(got.location, "/edit")+"/submit", form), http.StatusForbidden, "请先确认邮箱")
}

func TestMovingToAnotherAddress(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person, other := s.newUser(), s.newUser()
	old := s.emailOf(person)
	c := s.as(person)
	for name, x := range map[string]struct{ email, password, message string }{
		"a wrong password": {"neu@example.com", "x", "现在的密码不对"}, "the same": {old, testPassword, "和现在的相同"},
		"somebody's": {s.emailOf(other), testPassword, "已被另一个账号使用"}, "no address": {"neu", testPassword, "邮箱的写法不对"},
	} {
		wantMessage(t, name, c.post("/account/email", url.Values{"email": {x.email}, "email_password": {x.password}}), http.StatusUnprocessableEntity, x.message)
		s.limits.byKey = map[string]*limited{}
	}
	if got := c.post("/account/email", url.Values{"email": {"Neu@example.com"}, "email_password": {testPassword}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	letter, path := s.letter(market.LetterAddress)
	if letter.To != "neu@example.com" || s.emailOf(person) != old {
		t.Errorf("to %s, the account is at %s", letter.To, s.emailOf(person))
	}
	if got := c.press(path, nil); got.status != http.StatusSeeOther || got.location != "/account" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	moved, _ := s.letter(market.LetterMoved)
	if s.emailOf(person) != "neu@example.com" || moved.To != old || moved.Note != "n***@example.com" {
		t.Errorf("the account is at %s, told %+v", s.emailOf(person), moved)
	}
	if pass, err := s.Service.Login(t.Context(), market.Actor{Via: market.ViaWeb}, "neu@example.com", testPassword); err != nil || pass.UserID != person.UserID {
		t.Errorf("sign-in at the new address: %+v, %v", pass, err)
	}
}

// TestAddressTakenMeanwhile lets somebody register the address while the mail to it is on its way.
func TestAddressTakenMeanwhile(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	if err := s.Service.AskAddress(t.Context(), person, "neu@example.com", testPassword); err != nil {
		t.Fatal(err)
	}
	_, path := s.letter(market.LetterAddress)
	if _, err := s.Service.Register(t.Context(), market.Actor{Via: market.ViaWeb}, service.Registration{Email: "neu@example.com", Name: "别人", Password: testPassword, Agreed: true}); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "the link", s.as(person).press(path, nil), http.StatusConflict, "已被另一个账号使用")
}

func TestRefusedMailIsTold(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	if err := s.Service.NoteRefusedMail(t.Context(), market.Letter{Kind: market.LetterPassword, To: s.emailOf(person)}); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "the account", s.as(person).get("/account"), http.StatusOK, "邮件送不到 "+s.emailOf(person))
}
