package server

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// switchTo chooses in the browser for whom to act.
func (c *client) switchTo(to market.Acting) {
	c.t.Helper()
	if got := c.post("/acting", url.Values{"to": {actingText(to)}}); got.status != http.StatusSeeOther {
		c.t.Fatalf("switch to %+v: status %d", to, got.status)
	}
}

// needs counts the needs of an organisation.
func (s *testServer) needs(org int64) int {
	s.t.Helper()
	var n int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'need'`, org).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *testServer) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.Store.DB().Exec(query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// TestSwitching lets a person of two organisations act for one and then for the other.
func TestSwitching(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	first, second := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.University, market.OrgVerified)
	s.exec(`INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, 'editor', now())`, second.OrgID, first.UserID)
	c := s.as(first)
	side := func(c *client) string { return c.get("/work").page(t).Find(".mk-side__org b").Text() }
	if got := side(c); got != first.OrgName {
		t.Errorf("starts for %q", got)
	}
	if got := c.get("/acting"); strings.Count(got.body, `action="/acting"`) != 1 || !strings.Contains(got.body, second.OrgName) {
		t.Errorf("the choice: %s", got.body)
	}
	c.switchTo(market.Acting{OrgID: second.OrgID})
	if got := side(c); got != second.OrgName {
		t.Errorf("acts for %q", got)
	}
	if got := c.post("/needs", needForm()); got.status != http.StatusSeeOther || s.needs(second.OrgID) != 1 || s.needs(first.OrgID) != 0 {
		t.Errorf("a need is for the wrong organisation: status %d", got.status)
	}
	if got := side(s.as(first)); got != second.OrgName {
		t.Errorf("the next sign-in starts for %q", got)
	}
	strange := s.newOrg(market.Enterprise, market.OrgVerified)
	for _, to := range []string{actingText(strange.Acting()), actingText(market.Acting{OrgID: strange.OrgID, AgencyID: first.OrgID})} {
		if got := c.post("/acting", url.Values{"to": {to}}); got.status != http.StatusNotFound {
			t.Errorf("switch to %s: status %d", to, got.status)
		}
	}
	for _, to := range []string{"", "x", "0", "-1", "1-x", "99999999999999999999"} {
		if got := c.post("/acting", url.Values{"to": {to}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("switch to %q: status %d", to, got.status)
		}
	}
	if got := side(c); got != second.OrgName {
		t.Errorf("after refused switches: for %q", got)
	}
}

// TestStaleFormIsNotCarriedOut posts a form that was shown before the person switched in another window.
func TestStaleFormIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	first, second := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.University, market.OrgVerified)
	s.exec(`INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, 'editor', now())`, second.OrgID, first.UserID)
	c := s.as(first)
	shown, _ := c.get("/needs/new").page(t).Find(`form[method=post] input[name=acting]`).First().Attr("value")
	if shown != actingText(first.Acting()) {
		t.Fatalf("the form was shown for %q", shown)
	}
	c.switchTo(market.Acting{OrgID: second.OrgID})
	form := needForm()
	form.Set("acting", shown)
	got := c.post("/needs", form)
	if got.status != http.StatusConflict || s.needs(first.OrgID)+s.needs(second.OrgID) != 0 {
		t.Errorf("status %d", got.status)
	}
	for _, text := range []string{first.OrgName, second.OrgName, "没有办理", `href="/acting"`} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the answer does not say %q", text)
		}
	}
	upload := c.upload("/imports", url.Values{"kind": {"result"}, "key": {formKey()}, "acting": {shown}}, "成果.csv", mxList)
	if upload.status != http.StatusConflict {
		t.Errorf("a file for the wrong organisation: status %d", upload.status)
	}
	c.switchTo(first.Acting())
	if got := c.post("/needs", form); got.status != http.StatusSeeOther || s.needs(first.OrgID) != 1 {
		t.Errorf("after switching back: status %d", got.status)
	}
}

// TestEveryFormCarriesForWhomItIs looks at the pages of a signed-in person.
func TestEveryFormCarriesForWhomItIs(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	a := s.newAgent(market.Scopes...)
	c := s.as(a)
	c.switchTo(a.Acting())
	field := regexp.MustCompile(`^<form[^>]*><input type="hidden" name="acting" value="` + actingText(a.Acting()) + `">`)
	for _, path := range []string{"/needs/new", "/results/new", "/imports/new", "/contracts/new", "/account", "/acting", "/", "/no/such/page"} {
		body := c.get(path).body
		for i := strings.Index(body, "<form"); i >= 0; i = strings.Index(body, "<form") {
			body = body[i:]
			if strings.Contains(body[:strings.Index(body, ">")], `method="post"`) && !field.MatchString(body) {
				t.Errorf("%s: %s", path, body[:min(len(body), 160)])
			}
			body = body[1:]
		}
	}
	if body := s.visitor().get("/login").body; strings.Contains(body, `name="acting"`) {
		t.Error("a visitor's form says for whom it is")
	}
}

// TestMandateEndsAtTheNextRequest ends what a signed-in agent acts under, and asks with the same session.
func TestMandateEndsAtTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	ways := map[string]func(a market.Actor){
		"revoked": func(a market.Actor) {
			s.exec(`UPDATE mandates SET state = 'revoked', ended_by = granted_by, ended_at = now() WHERE client_org = $1`, a.OrgID)
		},
		"over": func(a market.Actor) {
			s.exec(`UPDATE mandates SET starts_on = current_date - 9, ends_on = current_date - 2 WHERE client_org = $1`, a.OrgID)
		},
		"client stopped":  func(a market.Actor) { s.exec(`UPDATE orgs SET state = 'suspended' WHERE id = $1`, a.OrgID) },
		"agency stopped":  func(a market.Actor) { s.exec(`UPDATE orgs SET state = 'suspended' WHERE id = $1`, a.AgencyID) },
		"person a viewer": func(a market.Actor) { s.exec(`UPDATE members SET role = 'viewer' WHERE user_id = $1`, a.UserID) },
		"person removed":  func(a market.Actor) { s.exec(`DELETE FROM members WHERE user_id = $1`, a.UserID) },
	}
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			a := s.newAgent(market.Scopes...)
			c, elsewhere := s.as(a), s.as(a)
			c.switchTo(a.Acting())
			elsewhere.switchTo(a.Acting())
			page := c.get("/work")
			if !strings.Contains(page.body, "代办") || page.page(t).Find(".mk-side__org b").Text() != a.OrgName {
				t.Fatalf("before: %s", page.body)
			}
			form := needForm()
			form.Set("acting", actingText(a.Acting()))
			end(a)
			told := "您不能再代表“" + a.OrgName + "”办理"
			if got := c.post("/needs", form); got.status != http.StatusConflict && got.status != http.StatusForbidden || strings.Count(got.body, told) > 1 {
				t.Errorf("a form is answered with status %d %s", got.status, got.body)
			}
			if got := c.post("/needs", form); got.status != http.StatusConflict && got.status != http.StatusForbidden { // now for the agency
				t.Errorf("the form again is answered with status %d", got.status)
			}
			if s.needs(a.OrgID)+s.needs(a.AgencyID) != 0 {
				t.Error("a need was saved")
			}
			got := elsewhere.get("/work")
			if got.status != http.StatusOK || strings.Count(got.body, told) != 1 {
				t.Errorf("the person is not told: status %d", got.status)
			}
			if page := c.get("/work").page(t); page.Find(".mk-side__org b").Text() == a.OrgName {
				t.Error("the person still acts for the client")
			}
		})
	}
}

// TestTokenActsForWhomTheHeaderSays uses the API for one's own organisation and for a client.
func TestTokenActsForWhomTheHeaderSays(t *testing.T) {
	t.Parallel()
	w := newTalk(t, false)
	a := w.newAgent(market.ScopePost)
	token, err := w.Service.CreateToken(t.Context(), a, "核对", "")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, header string) answer {
		req, err := http.NewRequestWithContext(t.Context(), method, w.http.URL+path, strings.NewReader(`{"title":"重钙浆料研磨返粗与升温控制","submarket":"materials"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		if header != "" {
			req.Header.Set(actingHeader, header)
		}
		return w.visitor().do(req)
	}
	client, agency := actingText(market.Acting{OrgID: a.OrgID}), actingText(market.Acting{OrgID: a.AgencyID})
	for _, c := range []struct {
		header string
		status int
		org    int64
	}{{"", http.StatusCreated, a.AgencyID}, {agency, http.StatusCreated, a.AgencyID}, {client, http.StatusCreated, a.OrgID},
		{"999999", http.StatusForbidden, 0}, {"x", http.StatusUnprocessableEntity, 0}, {"-1", http.StatusUnprocessableEntity, 0}} {
		before := w.needs(c.org)
		if got := ask(http.MethodPost, "/api/v1/needs", c.header); got.status != c.status {
			t.Errorf("header %q: status %d %s", c.header, got.status, got.body)
		}
		if c.org != 0 && w.needs(c.org) != before+1 {
			t.Errorf("header %q: the need is not of %d", c.header, c.org)
		}
	}
	if got := ask(http.MethodGet, "/api/v1/inquiries", client); got.status != http.StatusForbidden {
		t.Errorf("outside the scope: status %d", got.status)
	}
	got := ask(http.MethodGet, "/api/v1/acting", client)
	for _, text := range []string{a.OrgName, a.AgencyName, `"scopes":["post"]`, `"current":true`, `"ends_on":"` + w.Service.Today().AddDate(1, 0, 0).Format(time.DateOnly)} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the choices %s do not say %s", got.body, text)
		}
	}
}
