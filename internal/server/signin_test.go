package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

func TestLockIsTold(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	for name, email := range map[string]string{"an account": s.emailOf(person), "no account": "nobody@example.com"} {
		c := s.visitor()
		in := url.Values{"email": {email}, "password": {"falsch"}}
		for range 4 {
			wantMessage(t, name, c.post("/login", in), http.StatusUnprocessableEntity, "邮箱或密码不对")
		}
		wantMessage(t, name, c.post("/login", in), http.StatusUnprocessableEntity, "连续 5 次没有登录成功")
		in.Set("password", testPassword)
		wantMessage(t, name+", the right password", c.post("/login", in), http.StatusUnprocessableEntity, "连续 5 次没有登录成功")
	}
}

func TestSecondFactorAtSignIn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	staff := s.newUser(market.Reviewer)
	c := s.visitor()
	if got := c.post("/login/code", url.Values{"code": {testCode(t)}}); got.location != "/login" {
		t.Errorf("a code without password: status %d to %s", got.status, got.location)
	}
	got := c.post("/login", url.Values{"email": {s.emailOf(staff)}, "password": {testPassword}, "next": {"/review"}})
	if got.location != "/login/code?next=%2Freview" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	if got := c.get("/review"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/login") {
		t.Errorf("between password and code: status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the page of the code", c.get(got.location), http.StatusOK, "输入动态码")
	wantMessage(t, "a wrong code", c.post("/login/code", url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity, "动态码不对")
	if got := c.post("/login/code", url.Values{"code": {testCode(t)}, "next": {"/review"}}); got.location != "/review" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the queue", c.get("/review"), http.StatusOK, "审核队列")
}

// TestFirstDayOfStaff signs in with a password that somebody else has chosen: every page leads to what is to be done first.
func TestFirstDayOfStaff(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	_, err := s.Service.CreateUser(t.Context(), market.Actor{Via: market.ViaCLI}, service.NewUser{Email: "hu@example.com", Name: "胡志远", Password: testPassword,
		Duties: []market.Duty{market.Reviewer}, Initial: true})
	if err != nil {
		t.Fatal(err)
	}
	c := s.visitor()
	leads := func(to string) {
		t.Helper()
		for _, path := range []string{"/review", "/account", "/account/security", "/", "/nowhere", "/account/export.json"} {
			if got := c.get(path); got.status != http.StatusSeeOther || got.location != to {
				t.Errorf("GET %s: status %d to %s, want %s", path, got.status, got.location, to)
			}
		}
		if got := c.post("/account/tokens", url.Values{"token_name": {"x"}}); got.status != http.StatusSeeOther || got.location != to {
			t.Errorf("a token: status %d to %s, want %s", got.status, got.location, to)
		}
		if got := c.get("/about/privacy"); got.status != http.StatusOK {
			t.Errorf("the policy: status %d", got.status)
		}
	}
	if got := c.post("/login", url.Values{"email": {"hu@example.com"}, "password": {testPassword}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	leads("/account/password")
	wantMessage(t, "the form", c.get("/account/password"), http.StatusOK, "密码是别人为您设的")
	const own = "清明时节雨纷纷又是春"
	if got := c.post("/account/password", url.Values{"old_password": {testPassword}, "password": {own}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	leads("/account/second")
	page := c.get("/account/second").page(t)
	if src := page.Find(".mk-qr").AttrOr("src", ""); !strings.HasPrefix(src, "data:image/png;base64,") {
		t.Errorf("the QR code is %.40s", src)
	}
	secret := strings.ReplaceAll(page.Find(".mk-setup .mk-secret").Text(), " ", "")
	if again := strings.ReplaceAll(c.get("/account/second").page(t).Find(".mk-setup .mk-secret").Text(), " ", ""); again != secret {
		t.Error("opening the page again changes the secret")
	}
	code, err := service.CodeAt(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := c.post("/account/second", url.Values{"code": {code}})
	if n := got.page(t).Find(".mk-codes li").Length(); got.status != http.StatusOK || n != 10 {
		t.Fatalf("status %d, %d recovery codes", got.status, n)
	}
	leads("/account/policies")
	wantMessage(t, "without a tick", c.post("/account/policies", nil), http.StatusUnprocessableEntity, "请勾选同意")
	if got := c.post("/account/policies", url.Values{"agreed": {"1"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	wantMessage(t, "the queue", c.get("/review"), http.StatusOK, "审核队列")
}

func TestSignInsPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	here, there, third := s.as(person), s.as(person), s.as(person)
	page := here.get("/account/security").page(t)
	if n := page.Find("tbody tr").Length(); n != 3 || page.Find("tbody small").Text() != "就是这里" {
		t.Errorf("%d devices, here is %q", n, page.Find("tbody small").Text())
	}
	ends := page.Find(`form[action$="/end"]`)
	if ends.Length() != 2 {
		t.Fatalf("%d can be ended", ends.Length())
	}
	if got := s.as(s.newUser()).post(ends.First().AttrOr("action", ""), nil); got.status != http.StatusNotFound {
		t.Errorf("somebody else ends it: status %d", got.status)
	}
	if got := here.post(ends.First().AttrOr("action", ""), nil); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	in := 0
	for _, c := range []*client{there, third} {
		if c.get("/account").status == http.StatusOK {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d of two are still signed in", in)
	}
	if got := here.post("/account/sign-ins/end-others", nil); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	for name, c := range map[string]struct {
		*client
		status int
	}{"here": {here, 200}, "there": {there, 303}, "third": {third, 303}} {
		if got := c.get("/account"); got.status != c.status {
			t.Errorf("%s: status %d, want %d", name, got.status, c.status)
		}
	}
}

// TestFormAfterTheSignInEnded posts a form when the sign-in has ended: what was typed comes back and can be sent again.
func TestFormAfterTheSignInEnded(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c := s.as(owner)
	form := needForm()
	form.Set("key", formKey())
	form.Set("title", `重钙浆料 <研磨> "返粗"`)
	form.Set("old_password", "geheim")
	if _, err := s.Store.DB().ExecContext(t.Context(), `UPDATE sign_ins SET ended_at = now() WHERE user_id = $1`, owner.UserID); err != nil {
		t.Fatal(err)
	}
	got := c.post("/needs", form)
	wantMessage(t, "the form", got, http.StatusUnauthorized, "您填的内容还在本页")
	if strings.Contains(got.body, "geheim") {
		t.Error("a password is sent back")
	}
	kept := url.Values{}
	page := got.page(t).Find(`form[action="/needs"]`)
	for _, field := range page.Find("input[type=hidden]").EachIter() {
		kept.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	}
	form.Del("old_password")
	for name := range form {
		if fmt.Sprint(kept[name]) != fmt.Sprint(form[name]) {
			t.Errorf("%s comes back as %q, was %q", name, kept[name], form[name])
		}
	}
	if got := c.post("/login", url.Values{"email": {s.emailOf(owner)}, "password": {testPassword}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	if got := c.post("/needs", kept); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/needs/") {
		t.Errorf("sent again: status %d to %s", got.status, got.location)
	}
	if got := s.visitor().get("/needs/new?x=1"); got.location != "/login?next=%2Fneeds%2Fnew%3Fx%3D1" {
		t.Errorf("a page leads to %s", got.location)
	}
}

func TestResetPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	in := s.as(person)
	known := s.visitor().post("/reset", url.Values{"email": {s.emailOf(person)}})
	unknown := s.visitor().post("/reset", url.Values{"email": {"nobody@example.com"}})
	if known.status != http.StatusOK || mainOf(t, known) != mainOf(t, unknown) {
		t.Errorf("an account: %d %q, none: %d %q", known.status, mainOf(t, known), unknown.status, mainOf(t, unknown))
	}
	_, path := s.letter(market.LetterReset)
	c := s.visitor()
	wantMessage(t, "the link", c.get(path), http.StatusOK, "设置新密码")
	wantMessage(t, "a weak password", c.press(path, url.Values{"password": {"12345"}}), http.StatusUnprocessableEntity, "至少 10 位")
	if got := c.press(path, url.Values{"password": {"清明时节雨纷纷又是春"}}); got.status != http.StatusSeeOther || got.location != "/login" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	wantMessage(t, "after it", c.get("/login"), http.StatusOK, "密码已重设")
	if got := in.get("/account"); got.status != http.StatusSeeOther {
		t.Errorf("a sign-in from before: status %d", got.status)
	}
	if got := c.get(path); got.status != http.StatusNotFound {
		t.Errorf("the link again: status %d", got.status)
	}
}

func mainOf(t *testing.T, got answer) string {
	t.Helper()
	return strings.Join(strings.Fields(got.page(t).Find("main").Text()), " ")
}

func TestPrivacyPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	c := s.as(person)
	page := c.get("/account/privacy").page(t)
	if n := page.Find("tbody tr").Length(); n != 2 {
		t.Errorf("%d consents are listed, want two policies", n)
	}
	href := page.Find(`tbody a[href^="/about/terms"]`).AttrOr("href", "")
	wantMessage(t, "the version agreed to", s.visitor().get(href), http.StatusOK, "用户协议")
	if got := s.visitor().get("/about/terms?version=%ff%00"); got.status != http.StatusNotFound {
		t.Errorf("a version that there is none: status %d", got.status)
	}
	wantMessage(t, "a contact without phone", c.post("/account/privacy", url.Values{"recommend": {"1"}, "contact": {"1"}}), http.StatusUnprocessableEntity, "填写手机")
	if got := c.post("/account/privacy", nil); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	if a := s.actor(person.UserID); !a.NoRecommend {
		t.Error("matches are still suggested")
	}
	got := c.get("/account/export.json")
	if got.status != http.StatusOK || !strings.Contains(got.header.Get("Content-Disposition"), "attachment") || !strings.Contains(got.body, s.emailOf(person)) {
		t.Errorf("export: status %d", got.status)
	}
	wantMessage(t, "the question", c.get("/account/close"), http.StatusOK, "不能恢复")
	wantMessage(t, "a wrong password", c.post("/account/close", url.Values{"close_password": {"x"}}), http.StatusUnprocessableEntity, "现在的密码不对")
	if got := c.post("/account/close", url.Values{"close_password": {testPassword}}); got.status != http.StatusSeeOther || got.location != "/" {
		t.Fatalf("closing: status %d to %s", got.status, got.location)
	}
	if got := c.get("/account"); got.status != http.StatusSeeOther {
		t.Errorf("after closing: status %d", got.status)
	}
}

// TestMatchesAreNotSuggestedToWhoWantsNone holds the switch on the workbench and in the list.
func TestMatchesAreNotSuggestedToWhoWantsNone(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	if err := s.Service.Choose(t.Context(), owner, market.Choices{Recommend: false, Alerts: true, Contact: false}); err != nil {
		t.Fatal(err)
	}
	c := s.as(owner)
	wantMessage(t, "the workbench", c.get("/work"), http.StatusOK, "您已关闭匹配推荐")
	wantMessage(t, "the list", c.get("/work/matches"), http.StatusOK, "您已关闭匹配推荐")
}

func TestDeviceNames(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"": "不认识的设备",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36":                                                              "Windows 电脑，Chrome",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1":                                      "苹果手机或平板，Safari",
		"Mozilla/5.0 (Linux; Android 13; V2231A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50.2701(0x28003255) XWEB": "安卓手机，微信",
		"Go-http-client/1.1": "不认识的设备",
		"\xff\x00<script>":   "不认识的设备",
	} {
		if got := deviceName(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
