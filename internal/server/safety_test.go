package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

// behindProxy makes the site believe a proxy on this machine, and be reached by https.
func behindProxy(o *Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	o.URL, o.Secure = "https://market.test", true
}

// stillness stops the site's clock, so that no try comes back however slow the machine is.
func stillness(o *Options) {
	now := time.Now()
	o.Now = func() time.Time { return now }
}

// withFailures adds addresses at which the site fails.
func (s *testServer) withFailures() *testServer {
	s.echo.GET("/boom", func(echo.Context) error { panic("the inside of the house") })
	s.echo.GET("/fail", func(echo.Context) error { return errors.New("pq: the inside of the house") })
	s.echo.GET("/api/v1/boom", func(echo.Context) error { panic("the inside of the house") })
	return s
}

// request sends one with headers: name, value, name, value …
func (c *client) request(method, path, body string, headers ...string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	c.must(err)
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	return c.do(req)
}

// every kind of answer that the site gives, with its status.
var everyAnswer = []struct {
	method, path, body string
	headers            []string
	status             int
}{
	{"GET", "/", "", nil, 200},
	{"GET", "/login", "", nil, 200},
	{"GET", "/work", "", nil, 303},
	{"GET", "/no/such/page", "", nil, 404},
	{"GET", "/needs/999999", "", nil, 404},
	{"GET", "/static/none.js", "", nil, 404},
	{"GET", "/static/../go.mod", "", nil, 404},
	{"GET", "/healthz", "", nil, 200},
	{"GET", "/readyz", "", nil, 200},
	{"GET", "/metrics", "", nil, 200},
	{"GET", "/metrics", "", []string{"X-Forwarded-For", "127.0.0.1"}, 404},
	{"GET", "/turnover.csv", "", nil, 200},
	{"GET", "/search/suggest?q=a", "", nil, 200},
	{"PUT", "/needs", "x=1", nil, 405},
	{"DELETE", "/", "", nil, 405},
	{"POST", "/static/app.css", "x=1", nil, 405},
	{"POST", "/no/such/page", "x=1", nil, 404},
	{"POST", "/login", "email=x&password=y", nil, 422},
	{"POST", "/login", "a=%zz", nil, 422},
	{"POST", "/login", strings.Repeat("x", maxBody+1), nil, 413},
	{"POST", "/login", "email=x", []string{"Origin", "https://evil.example"}, 403},
	{"POST", "/preferences", "theme=dark", nil, 303},
	{"GET", "/boom", "", nil, 500},
	{"GET", "/fail", "", nil, 500},
	{"GET", "/api/v1/needs", "", nil, 200},
	{"GET", "/api/v1/openapi.json", "", nil, 200},
	{"GET", "/api/v1/none", "", nil, 404},
	{"PUT", "/api/v1/needs", "", nil, 405},
	{"GET", "/api/v1/matches", "", nil, 401},
	{"GET", "/api/v1/needs?mine=true", "", []string{"Authorization", "Bearer wrong"}, 401},
	{"POST", "/api/v1/needs", strings.Repeat("x", maxBody+1), nil, 413},
	{"GET", "/api/v1/needs?sort=none", "", nil, 422},
	{"GET", "/api/v1/boom", "", nil, 500},
}

// TestEveryAnswerIsSafeAndPlain looks at the headers of every kind of answer, and at what the refusals say.
func TestEveryAnswerIsSafeAndPlain(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := newTestServer(t, func(o *Options) { o.Secure = secure }).withFailures()
		for _, c := range everyAnswer {
			got := s.visitor().request(c.method, c.path, c.body, c.headers...)
			what := fmt.Sprintf("%s %.40s", c.method, c.path)
			if got.status != c.status {
				t.Errorf("%s: status %d, want %d", what, got.status, c.status)
			}
			checkHeaders(t, what, got, secure)
			if got.status >= 400 {
				checkRefusal(t, what, c.path, got)
			}
		}
	}
}

func checkHeaders(t *testing.T, what string, got answer, secure bool) {
	t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Permissions-Policy": "camera=(), geolocation=(), microphone=()"} {
		if all := got.header.Values(name); len(all) != 1 || all[0] != want {
			t.Errorf("%s: %s is %q, want %q", what, name, all, want)
		}
	}
	policy := map[string]string{}
	for part := range strings.SplitSeq(got.header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		policy[name] = value
	}
	strict := map[string]string{"default-src": "'self'", "img-src": "'self' data:", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}
	if strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") { // what is saved is shown by nobody
		strict = map[string]string{"sandbox": "", "default-src": "'none'"}
	}
	if !maps.Equal(policy, strict) { // a script-src or style-src would lift what default-src forbids
		t.Errorf("%s: the policy is %v, want %v", what, policy, strict)
	}
	if hsts := got.header.Get("Strict-Transport-Security"); secure != (hsts == "max-age=31536000; includeSubDomains") || !secure && hsts != "" {
		t.Errorf("%s: secure %v and Strict-Transport-Security %q", what, secure, hsts)
	}
	if got.header.Get("X-Request-Id") == "" || got.header.Get("Server") != "" {
		t.Errorf("%s: headers %v", what, got.header)
	}
}

// checkRefusal wants a plain answer in Chinese with the number of the request and a way on, of the API a problem document.
func checkRefusal(t *testing.T, what, path string, got answer) {
	t.Helper()
	id := got.header.Get("X-Request-Id")
	for _, inside := range []string{"inside of the house", "goroutine", "panic", "pq:", ".go:"} {
		if strings.Contains(got.body, inside) {
			t.Errorf("%s: the answer shows %q", what, inside)
		}
	}
	if got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" {
		t.Errorf("%s: no Allow", what)
	}
	if got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") == "" {
		t.Errorf("%s: no Retry-After", what)
	}
	if strings.HasPrefix(path, "/api/") {
		var p problem
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.header.Get("Content-Type") != "application/problem+json" || p.Status != got.status || !hasChinese(p.Detail) || p.ID != id {
			t.Errorf("%s: %v %s", what, err, got.body)
		}
		return
	}
	doc := got.page(t)
	if got.header.Get("Content-Type") != "text/html; charset=UTF-8" || !hasChinese(doc.Find("main h1").Text()) || doc.Find("main a[href^='/']").Length() == 0 {
		t.Errorf("%s: no plain page: %.300s", what, got.body)
	}
	if form := doc.Find("main form[method=post]"); form.Length() == 0 && !strings.Contains(doc.Find("main").Text(), id) {
		t.Errorf("%s: the page does not name the request %s", what, id)
	}
}

func hasChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= '\u4e00' && r <= '\u9fff' })
}

// noSessions is a store of sessions that is away.
type noSessions struct{}

var errAway = errors.New("pq: the inside of the house")

func (noSessions) Find(string) ([]byte, bool, error)      { return nil, false, errAway }
func (noSessions) Commit(string, []byte, time.Time) error { return errAway }
func (noSessions) Delete(string) error                    { return errAway }

func TestABrokenSessionIsToldPlainly(t *testing.T) {
	t.Parallel()
	s := newTestServer(t).withFailures()
	c := s.as(s.newUser())
	kept := s.sessions.Store
	s.sessions.Store = noSessions{}
	defer func() { s.sessions.Store = kept }() // closed with the server
	got := c.get("/work")
	if got.status != http.StatusInternalServerError {
		t.Errorf("status %d", got.status)
	}
	checkHeaders(t, "a broken session", got, false)
	checkRefusal(t, "a broken session", "/work", got)
	if again := s.visitor().get("/"); again.status != http.StatusOK {
		t.Errorf("a visitor without a session: status %d", again.status)
	}
}

// TestCookies looks at the flags of every cookie that the site sets.
func TestCookies(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := newTestServer(t, func(o *Options) { o.Secure = secure })
		cookies := map[string]*http.Cookie{}
		for _, got := range []answer{
			s.visitor().post("/login", url.Values{"email": {s.emailOf(s.newUser())}, "password": {testPassword}}),
			s.visitor().post("/preferences", url.Values{"theme": {"dark"}, "type": {"large"}}),
		} {
			for _, cookie := range (&http.Response{Header: got.header}).Cookies() {
				cookies[cookie.Name] = cookie
			}
		}
		for name, httpOnly := range map[string]bool{"mk_session": true, "mk_theme": false, "mk_type": false} { // a script sets the last two as well
			c := cookies[name]
			if c == nil || c.Secure != secure || c.HttpOnly != httpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("secure %v: %s is %v", secure, name, c)
			}
		}
		if c := cookies["mk_session"]; c != nil && c.MaxAge > 30*24*60*60 { // the server ends a session sooner
			t.Errorf("the session's cookie outlives the longest session: %v", c)
		}
		if len(cookies) != 3 {
			t.Errorf("cookies %v", cookies)
		}
	}
}

// TestAnotherHostIsNeverNamed asks with the name of another site in every header that may carry one.
func TestAnotherHostIsNeverNamed(t *testing.T) {
	t.Parallel()
	s := newTestServer(t).withFailures()
	evil := []string{"Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "evil", "Forwarded", "host=evil.example", "X-Original-Url", "http://evil.example/",
		"X-Http-Method-Override", "DELETE", "Referer", "https://evil.example/"}
	ask := func(c *client, method, path, body string) {
		got := c.request(method, path, body, evil...)
		if strings.Contains(got.body, "evil") || strings.Contains(fmt.Sprint(got.header), "evil") {
			t.Errorf("%s %s: %v %s", method, path, got.header, got.body)
		}
	}
	guest, person := s.visitor(), s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	for _, r := range slices.Concat(s.routes(), s.apiRoutes()) {
		path := strings.ReplaceAll(r.path, ":id", "1")
		if r.method == http.MethodGet {
			ask(guest, "GET", path, "")
			ask(person, "GET", path, "")
		}
	}
	for _, path := range []string{"/no/such/page", "/static/none", "/healthz", "/readyz", "/boom", "//", "/./login"} {
		ask(guest, "GET", path, "")
	}
	ask(guest, "POST", "/login", url.Values{"email": {s.emailOf(s.newUser())}, "password": {testPassword}}.Encode())
	ask(guest, "POST", "/preferences", "back=/needs")
	ask(person, "POST", "/needs", needForm().Encode())
	ask(person, "POST", "/account/tokens", "token_name=x")
}

// foreign are addresses that lead away from the site, or may in some browser.
var foreign = []string{"https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "\t//evil.example",
	"/\n/evil.example", "%2f%2fevil.example", "/%2f/evil.example", "/%5cevil.example", "https:evil.example", "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
	"java\tscript:alert(1)", "data:text/html,x", "evil.example", "@evil.example", "/\r\nLocation: https://evil.example", "/\x00/evil.example", "http://market.test@evil.example/", "/.//evil.example",
	"//market.test@evil.example", "\u2215\u2215evil.example", "/\u3000/evil.example"}

// TestNoFormLeadsAway posts addresses to go on to in every form that takes one.
func TestNoFormLeadsAway(t *testing.T) {
	t.Parallel()
	w := &biWorld{mxWorld: newMatrixWorld(t)}
	agent := w.person("agent")
	site, err := url.Parse("https://market.test/page")
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range foreign {
		w.forgetLimits()
		match := w.object("match", true, w.person("owner").actor).id
		for what, got := range map[string]answer{
			"sign in":                 w.visitor().post("/login", url.Values{"email": {w.email(agent.actor.UserID)}, "password": {testPassword}, "next": {next}}),
			"register":                w.visitor().post("/register", url.Values{"email": {fmt.Sprintf("next%d@test.example", testSerial.Add(1))}, "name": {"王五"}, "password": {testPassword}, "agreed": {"1"}, "next": {next}}),
			"switch":                  agent.web.post("/acting", url.Values{"to": {actingText(agent.actor.Acting())}, "next": {next}}),
			"preferences":             w.visitor().post("/preferences", url.Values{"theme": {"dark"}, "back": {next}}),
			"mark a match":            w.person("owner").web.post(fmt.Sprintf("/matches/%d/mark", match), url.Values{"useful": {"yes"}, "back": {next}}),
			"signed in already":       agent.web.get("/login?next=" + url.QueryEscape(next)),
			"registered already":      agent.web.post("/register", url.Values{"next": {next}}),
			"not signed in, to there": w.visitor().request("GET", "/work?next="+url.QueryEscape(next), ""),
		} {
			to, err := site.Parse(got.location)
			if got.status != http.StatusSeeOther || err != nil || to.Host != site.Host || to.Scheme != site.Scheme || !strings.HasPrefix(got.location, "/") ||
				strings.HasPrefix(got.location, "//") || strings.ContainsAny(got.location, "\\\t\r\n") {
				t.Errorf("%s with %q: status %d to %q", what, next, got.status, got.location)
			}
		}
		for _, path := range []string{"/login?next=", "/acting?next=", "/register?next="} {
			c := w.visitor()
			if strings.HasPrefix(path, "/acting") {
				c = agent.web
			}
			for _, link := range c.get(path + url.QueryEscape(next)).page(t).Find("main a[href], main input[name=next]").EachIter() {
				address := link.AttrOr("href", link.AttrOr("value", ""))
				if to, err := site.Parse(address); err != nil || to.Host != site.Host {
					t.Errorf("%s%q links to %q", path, next, address)
				}
			}
		}
	}
}

// TestAddressIsBelievedFromTrustedProxiesOnly tries to escape the limit on sign-ins by naming other addresses.
func TestAddressIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	try := func(s *testServer, forwarded string) int {
		return s.visitor().request("POST", "/login", "email=x&password="+strings.Repeat("x", 200), "X-Forwarded-For", forwarded, "X-Real-Ip", forwarded, "Forwarded", "for="+forwarded).status
	}
	direct := newTestServer(t, stillness)
	refused := 0
	for i := range loginLimit.burst + 50 {
		if try(direct, fmt.Sprintf("203.0.113.%d", i%250)) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("without a trusted proxy the address a client names is believed")
	}

	proxied := newTestServer(t, behindProxy, stillness)
	for range loginLimit.burst + 50 { // all from one address, whatever it says was before it
		try(proxied, fmt.Sprintf("203.0.113.%d, 198.51.100.7", testSerial.Add(1)%250))
	}
	for forwarded, want := range map[string]int{"198.51.100.7": 429, "1.2.3.4, 198.51.100.7": 429, "127.0.0.1, 198.51.100.7, 127.0.0.1": 429, "198.51.100.8": 422, "198.51.100.7, 198.51.100.9": 422,
		"2001:db8:1:2::1": 422, "nonsense": 422} {
		if got := try(proxied, forwarded); got != want {
			t.Errorf("X-Forwarded-For %q: status %d, want %d", forwarded, got, want)
		}
	}
	for i := range loginLimit.burst + 50 { // an IPv6 network is one address
		try(proxied, fmt.Sprintf("2001:db8:9:9::%x", i))
	}
	if got := try(proxied, "2001:db8:9:9:ffff::1"); got != http.StatusTooManyRequests {
		t.Errorf("the next address of an IPv6 network: status %d", got)
	}
	person := proxied.newUser()
	proxied.visitor().request("POST", "/login", url.Values{"email": {proxied.emailOf(person)}, "password": {"falsch"}}.Encode(), "X-Forwarded-For", "1.2.3.4, 198.51.100.77")
	var noted string
	if err := proxied.Store.DB().QueryRow(`SELECT address FROM audit_entries WHERE action = 'user.login' AND object_id = $1`, person.UserID).Scan(&noted); err != nil || noted != "198.51.100.77" {
		t.Errorf("the audit names %q, %v", noted, err)
	}
}

// TestDearThingsAreLimited asks for what costs the machine dear more often than anybody does.
func TestDearThingsAreLimited(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, stillness)
	now := s.Now()
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	guest, person := s.visitor(), s.as(owner)
	s.limits.byKey = map[string]*limited{}
	for _, c := range []struct {
		limit
		ask func() answer
	}{
		{loginLimit, func() answer { return guest.post("/login", url.Values{"password": {strings.Repeat("x", 200)}}) }},
		{registerLimit, func() answer { return guest.post("/register", nil) }},
		{searchLimit, func() answer { return guest.get("/search?q=x") }},
		{suggestLimit, func() answer { return guest.get("/search/suggest?q=") }},
		{exportLimit, func() answer { return guest.get("/turnover.csv?year=x") }},
		{findLimit, func() answer { return person.get("/work/find?q=") }},
		{uploadLimit, func() answer { return person.upload("/imports", url.Values{"kind": {"x"}}, "x.csv", "x") }},
		{passwordLimit, func() answer {
			return person.post("/account/password", url.Values{"old_password": {strings.Repeat("x", 200)}})
		}},
		{memberLimit, func() answer { return person.post("/org/invitations", url.Values{"email": {"x"}}) }},
	} {
		s.limits.mu.Lock()
		for _, entry := range s.limits.byKey {
			entry.SetBurst(0) // whoever has asked before has nothing left
		}
		s.limits.mu.Unlock()
		first := c.ask()
		key := c.act + " "
		s.limits.mu.Lock()
		known := 0
		for k, entry := range s.limits.byKey {
			if strings.HasPrefix(k, key) {
				known++
				entry.AllowN(now, int(entry.TokensAt(now))-1) // all but one
			}
		}
		s.limits.mu.Unlock()
		last, over := c.ask(), c.ask()
		if first.status == http.StatusTooManyRequests || last.status == http.StatusTooManyRequests || over.status != http.StatusTooManyRequests || known != 1 {
			t.Errorf("%s: status %d, the last %d, after that %d; %d keys", c.act, first.status, last.status, over.status, known)
		}
		checkRefusal(t, c.act, "", over)
	}
	api := func() answer { return guest.get("/api/v1/search?q=x") } // shares the limit of the search page, which is used up
	if got := api(); got.status != http.StatusTooManyRequests {
		t.Errorf("the search of the API: status %d", got.status)
	} else {
		checkRefusal(t, "the API", "/api/", got)
	}
	for _, path := range []string{"/turnover.xlsx", "/imports/template.xlsx?kind=need", "/imports/1/marked.xlsx"} {
		if got := person.get(path); got.status != http.StatusTooManyRequests {
			t.Errorf("%s after the exports are used up: status %d", path, got.status)
		}
	}
}

func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newLimiter(func() time.Time { return now })
	for i := range limiterKeys + 10 {
		if err := l.allow(fmt.Sprint("key ", i), time.Hour, 1); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.byKey) > limiterKeys {
		t.Errorf("%d keys are remembered", len(l.byKey))
	}
	if err := l.allow(fmt.Sprint("key ", limiterKeys+9), time.Hour, 1); err == nil {
		t.Error("the newest key is forgotten")
	}
	now = now.Add(2 * limiterIdle)
	if err := l.allow("another", time.Hour, 1); err != nil || len(l.byKey) != 1 {
		t.Errorf("%v, %d keys are left", err, len(l.byKey))
	}
}

// TestSignInUnderAttack tries to sign in two hundred times a second from one address while others sign in from theirs.
func TestSignInUnderAttack(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, behindProxy, func(o *Options) {
		var err error
		if o.Service, err = service.New(o.Store, o.Service.Reference(), o.Now, o.Log); err != nil { // its passwords are as dear as outside tests
			t.Fatal(err)
		}
	})
	login := func(from, email, password string) answer {
		return s.visitor().request("POST", "/login", url.Values{"email": {email}, "password": {password}}.Encode(), "X-Forwarded-For", from)
	}
	const tries = 600
	people := make([]string, 5) // each from an address of their own
	for i := range people {
		people[i] = s.emailOf(s.newUser())
	}
	start := time.Now()
	var attack, rest sync.WaitGroup
	answers := make([]answer, tries)
	attack.Go(func() {
		beat := time.NewTicker(time.Second / 200)
		defer beat.Stop()
		for i := range tries {
			<-beat.C
			attack.Go(func() { answers[i] = login("203.0.113.66", fmt.Sprintf("guess%d@test.example", i%50), "summer 2026 !") })
		}
	})
	for i, email := range people {
		rest.Go(func() {
			for range 3 {
				if got := login(fmt.Sprintf("198.51.100.%d", i), email, testPassword); got.status != http.StatusSeeOther || got.location != "/work" {
					t.Errorf("somebody else: status %d to %q", got.status, got.location)
				}
			}
		})
	}
	rest.Wait()
	attack.Wait()
	most := loginLimit.burst + int(time.Since(start)/loginLimit.every) + 1
	refused := 0
	for _, got := range answers {
		switch got.status {
		case http.StatusTooManyRequests:
			refused++
			checkRefusal(t, "the attacker", "/login", got)
		case http.StatusUnprocessableEntity:
		default:
			t.Errorf("the attacker: status %d", got.status)
		}
	}
	if refused < tries-most {
		t.Errorf("%d of %d tries were refused, want at least %d", refused, tries, tries-most)
	}
}
