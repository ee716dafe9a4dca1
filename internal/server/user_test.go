package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// emailOf is the address of an account.
func (s *testServer) emailOf(a market.Actor) string {
	s.t.Helper()
	user, err := s.Store.User(s.t.Context(), a.UserID)
	if err != nil {
		s.t.Fatal(err)
	}
	return user.Email
}

// session is the value of a client's session cookie.
func (c *client) session() string {
	c.t.Helper()
	at, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range c.Jar.Cookies(at) {
		if cookie.Name == "mk_session" {
			return cookie.Value
		}
	}
	return ""
}

// wantMessage wants a page with that status that says so.
func wantMessage(t *testing.T, what string, got answer, status int, text string) {
	t.Helper()
	if got.status != status || !strings.Contains(got.body, text) {
		t.Errorf("%s: status %d, want %d with %q", what, got.status, status, text)
	}
}

func TestRegisterAndSignIn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.visitor()
	form := url.Values{"email": {"wang@example.com"}, "name": {"王五"}, "password": {"short"}, "next": {"/needs/new"}}
	got := c.post("/register", form)
	wantMessage(t, "a bad form", got, http.StatusUnprocessableEntity, "密码至少 10 位")
	page := got.page(t)
	if v, _ := page.Find("#email").Attr("value"); v != "wang@example.com" {
		t.Errorf("the address is lost: %q", v)
	}
	if _, kept := page.Find("#password").Attr("value"); kept {
		t.Error("the password is sent back")
	}
	if page.Find("#agreed").Length() != 1 || page.Find(`.mk-summary a[href="#agreed"]`).Length() != 1 {
		t.Error("the summary does not lead to the box")
	}

	form.Set("password", testPassword)
	form.Set("agreed", "1")
	if got := c.post("/register", form); got.status != http.StatusSeeOther || got.location != "/needs/new" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	if got := c.get("/account"); !strings.Contains(got.body, "wang@example.com") {
		t.Error("not signed in after registering")
	}
	if got := c.post("/register", form); got.status != http.StatusSeeOther || got.location != "/work" {
		t.Errorf("registering again: status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the same address", s.visitor().post("/register", form), http.StatusUnprocessableEntity, "已经注册过")

	if got := c.post("/logout", nil); got.status != http.StatusSeeOther || got.location != "/" {
		t.Errorf("sign-out: status %d to %s", got.status, got.location)
	}
	if got := c.get("/account"); got.status != http.StatusSeeOther || got.location != "/login?next=%2Faccount" {
		t.Errorf("after sign-out: status %d to %s", got.status, got.location)
	}
	wantMessage(t, "a wrong password", c.post("/login", url.Values{"email": {"wang@example.com"}, "password": {"x"}}), http.StatusUnprocessableEntity, "邮箱或密码不对")
	in := url.Values{"email": {"WANG@example.com "}, "password": {testPassword}, "next": {"https://evil.example/"}}
	if got := c.post("/login", in); got.status != http.StatusSeeOther || got.location != "/work" {
		t.Errorf("sign-in with a foreign address to go on to: status %d to %s", got.status, got.location)
	}
}

func TestSignInRenewsTheSession(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	c := s.as(person)
	first := c.session()
	if first == "" {
		t.Fatal("no session")
	}
	if got := c.post("/login", url.Values{"email": {s.emailOf(person)}, "password": {testPassword}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	if second := c.session(); second == "" || second == first {
		t.Error("the session's token is the one from before")
	}
	planted := s.visitor()
	at, err := url.Parse(planted.base)
	if err != nil {
		t.Fatal(err)
	}
	planted.Jar.SetCookies(at, []*http.Cookie{{Name: "mk_session", Value: first, Path: "/"}})
	if got := planted.get("/account"); got.status != http.StatusSeeOther {
		t.Errorf("the old token still opens the account: status %d", got.status)
	}
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	here, there, stranger := s.as(person), s.as(person), s.as(s.newUser())
	wantMessage(t, "a wrong old password", here.post("/account/password", url.Values{"old_password": {"x"}, "password": {"清明时节雨纷纷又是春"}}),
		http.StatusUnprocessableEntity, "现在的密码不对")
	got := here.post("/account/password", url.Values{"old_password": {testPassword}, "password": {"清明时节雨纷纷又是春"}})
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	for name, c := range map[string]struct {
		*client
		status int
	}{"here": {here, 200}, "elsewhere": {there, 303}, "somebody else": {stranger, 200}} {
		if got := c.get("/account"); got.status != c.status {
			t.Errorf("%s: status %d, want %d", name, got.status, c.status)
		}
	}
}

func TestAccountPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	c := s.as(person)
	wantMessage(t, "an empty name", c.post("/account", url.Values{"name": {" "}, "phone": {"0796-8223456"}}), http.StatusUnprocessableEntity, "请填写姓名")
	if got := c.post("/account", url.Values{"name": {"王小五"}, "phone": {"0796-8223456"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	page := c.get("/account").page(t)
	if v, _ := page.Find("#name").Attr("value"); v != "王小五" {
		t.Errorf("the name is %q", v)
	}
	key, _ := page.Find(`input[name="key"]`).Attr("value")
	form := url.Values{"token_name": {"夜间同步"}, "key": {key}}
	made := c.post("/account/tokens", form)
	secret := made.page(t).Find(".mk-secret").Text()
	if made.status != http.StatusOK || !strings.HasPrefix(secret, "jakj_") {
		t.Fatalf("status %d, secret %q", made.status, secret)
	}
	again := c.post("/account/tokens", form)
	wantMessage(t, "the form again", again, http.StatusConflict, "密钥只显示一次")
	list := c.get("/account")
	if strings.Contains(list.body, secret) || strings.Contains(again.body, secret) {
		t.Error("the secret is shown twice")
	}
	call := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+"/api/v1/needs", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secret)
		return s.visitor().do(req).status
	}
	if got := call(); got != http.StatusOK {
		t.Errorf("a call with the token: status %d", got)
	}
	revoke, _ := list.page(t).Find(`form[action$="/revoke"]`).Attr("action")
	if got := s.as(s.newUser()).post(revoke, nil); got.status != http.StatusNotFound {
		t.Errorf("somebody else revokes: status %d", got.status)
	}
	if got := c.post(revoke, nil); got.status != http.StatusSeeOther {
		t.Errorf("revoke: status %d", got.status)
	}
	if got := call(); got != http.StatusUnauthorized {
		t.Errorf("a call after that: status %d", got)
	}
}

func TestLockedPersonIsSignedOutAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	c := s.as(person)
	if _, err := s.Store.DB().ExecContext(t.Context(), `UPDATE users SET state = 'locked' WHERE id = $1`, person.UserID); err != nil {
		t.Fatal(err)
	}
	if got := c.get("/account"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/login") {
		t.Errorf("status %d to %s", got.status, got.location)
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{market.Errorf(market.Invalid, ""), 422}, {market.ErrNotFound, 404}, {market.Errorf(market.Denied, ""), 403}, {market.ErrStale, 409},
		{market.Errorf(market.Unsigned, ""), 401}, {market.Errorf(market.RateLimited, ""), 429}, {market.Errorf(market.TooLarge, ""), 413},
		{errors.Join(errors.New("outer"), market.ErrNotFound), 404}, {errors.New("anything"), 500},
		{echo.ErrMethodNotAllowed, 405}, {echo.NewHTTPError(403), 403},
	} {
		if got := statusOf(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
		if c.want == 500 && strings.Contains(userMessage(c.err), "anything") {
			t.Errorf("an internal error is shown: %s", userMessage(c.err))
		}
	}
}

func TestLocalPathStaysHere(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "http:evil.example",
		"https://evil.example", "javascript:alert(1)", "data:text/html,x", " /work", "work", "?next=/", "/\r\nSet-Cookie: a=b", "/\x00", "/%zz"} {
		if got := localPath(next, "/fallback"); got != "/fallback" {
			t.Errorf("%q goes to %q", next, got)
		}
	}
	for _, next := range []string{"/", "/work", "/needs?q=%E9%92%99&page=2", "/search?q=a//b", "/needs/12#terms"} {
		if got := localPath(next, "/fallback"); got != next {
			t.Errorf("%q goes to %q", next, got)
		}
	}
}

func TestForeignPostIsAnsweredInOurWords(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newUser())
	for name, header := range map[string][2]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"}, "null": {"Origin", "null"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/account", strings.NewReader("name=x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(header[0], header[1])
		wantMessage(t, name, c.do(req), http.StatusForbidden, "不是从本站页面发出的")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/account", strings.NewReader("name=%E7%8E%8B"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.URL) // a proxy that does not pass the host on
	if got := c.do(req); got.status != http.StatusSeeOther {
		t.Errorf("the site's own origin: status %d", got.status)
	}
}

func TestSignInIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, stillness)
	c := s.visitor()
	last := answer{}
	for range 2 * loginLimit.burst {
		if last = c.post("/login", url.Values{"email": {"x@example.com"}, "password": {strings.Repeat("x", 200)}}); last.status == http.StatusTooManyRequests {
			break
		}
	}
	wantMessage(t, "many tries", last, http.StatusTooManyRequests, "操作太频繁")
	if last.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
