package server

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/prometheus/client_golang/prometheus"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search/embedded"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// testServer is the site over a database of its own, without background work.
type testServer struct {
	*Server
	t    testing.TB
	dsn  string // of its database
	http *httptest.Server
}

// newTestServer starts the site for one test, with its options changed by with.
func newTestServer(t testing.TB, with ...func(*Options)) *testServer {
	t.Helper()
	ctx := t.Context()
	dsn := dbtest.New(t)
	st, err := store.Open(ctx, dsn, 8)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := st.Reference(ctx)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&testLog{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	svc, err := service.New(st, ref, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	svc.HashCheaply()
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Store: st, Service: svc, Search: engine, URL: "http://market.test", Now: time.Now, Log: log, Metrics: prometheus.NewRegistry()}
	for _, change := range with {
		change(&options)
	}
	s, err := New(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	out := &testServer{Server: s, t: t, dsn: dsn, http: httptest.NewServer(s.Handler())}
	t.Cleanup(func() {
		out.http.Close()
		s.Close()
		for _, close := range []func() error{engine.Close, st.Close} {
			if err := close(); err != nil {
				t.Error(err)
			}
		}
	})
	return out
}

// testLog writes what the site logs into the test's log.
type testLog struct{ t testing.TB }

func (l *testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

const testPassword = "长一点的密码 2026"

var testSerial atomic.Int64

// newUser makes an account with those duties.
func (s *testServer) newUser(duties ...market.Duty) market.Actor {
	s.t.Helper()
	return s.newMember(0, "", duties...)
}

// newMember makes an account with a role in an organisation, 0 for none, and returns its actor.
func (s *testServer) newMember(orgID int64, role market.Role, duties ...market.Duty) market.Actor {
	s.t.Helper()
	n := service.NewUser{Email: fmt.Sprintf("user%d@test.example", testSerial.Add(1)), Name: "测试员", Password: testPassword, Duties: duties, OrgID: orgID, Role: role}
	id, err := s.Service.CreateUser(context.Background(), market.Actor{Via: market.ViaCLI}, n)
	if err != nil {
		s.t.Fatal(err)
	}
	a := s.actor(id)
	if err := s.Service.AgreePolicies(context.Background(), a); err != nil {
		s.t.Fatal(err)
	}
	if a.Staff() {
		s.setSecond(id)
	}
	return a
}

// testSecond is the secret of everybody's second factor.
const testSecond = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// setSecond gives somebody a second factor, as if they had set it up before.
func (s *testServer) setSecond(userID int64) {
	s.t.Helper()
	err := s.Store.InTx(context.Background(), func(tx *store.Tx) error { return tx.SetSecond(context.Background(), userID, testSecond, 0, nil) })
	if err != nil {
		s.t.Fatal(err)
	}
}

// testCode is what everybody's authenticator shows now.
func testCode(t testing.TB) string {
	t.Helper()
	code, err := service.CodeAt(testSecond, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (s *testServer) actor(userID int64) market.Actor {
	s.t.Helper()
	a, err := s.Store.Actor(context.Background(), userID, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	a.Via = market.ViaWeb
	return a
}

// version is the stored version of a row of orgs or listings, as the page of a reviewer who looks at it now carries it.
func (s *testServer) version(table string, id int64) int {
	s.t.Helper()
	var n int
	if err := s.Store.DB().QueryRow(`SELECT version FROM `+table+` WHERE id = $1`, id).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// audits counts the audit entries of an action.
func (s *testServer) audits(action market.Action) (n int) {
	s.t.Helper()
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE action = $1`, action).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// rows counts the rows of a table.
func (s *testServer) rows(table string) (n int) {
	s.t.Helper()
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// newOfficer makes an account that reviews, registers and counts for one county.
func (s *testServer) newOfficer(county string) market.Actor {
	s.t.Helper()
	a := s.newUser(market.Reviewer, market.Registrar, market.Statistician)
	if err := s.Store.InTx(context.Background(), func(tx *store.Tx) error { return tx.SetCounty(context.Background(), a.UserID, county) }); err != nil {
		s.t.Fatal(err)
	}
	return s.actor(a.UserID)
}

// newOrg makes an organisation of that type in that state with an owner, and returns the owner.
func (s *testServer) newOrg(kind market.OrgType, state market.OrgState) market.Actor {
	s.t.Helper()
	owner := s.newUser()
	o := market.Org{Name: fmt.Sprintf("吉安测试%d号单位", testSerial.Add(1)), Type: kind, Region: "360825", USCC: testUSCC(s.t)}
	id, err := s.Service.CreateOrg(context.Background(), owner, o, "")
	if err != nil {
		s.t.Fatal(err)
	}
	reviewer := s.newUser(market.Reviewer)
	steps := map[market.OrgState][]func() error{
		market.OrgPending: nil,
		market.OrgVerified: {func() error {
			return s.Service.VerifyOrg(context.Background(), reviewer, id, s.version("orgs", id), market.SubjectOrg.AllYes())
		}},
		market.OrgRejected: {func() error {
			return s.Service.RejectOrg(context.Background(), reviewer, id, s.version("orgs", id), "U1", "代码与证照不符")
		}},
		market.OrgSuspended: {func() error {
			return s.Service.VerifyOrg(context.Background(), reviewer, id, s.version("orgs", id), market.SubjectOrg.AllYes())
		},
			func() error {
				return s.Service.SuspendOrg(context.Background(), reviewer, id, s.version("orgs", id), "核查中")
			}},
	}[state]
	for _, step := range steps {
		if err := step(); err != nil {
			s.t.Fatal(err)
		}
	}
	return s.actor(owner.UserID)
}

// newAgent makes a client and an agency that acts for it within the scopes, both verified, and returns the agency's
// owner acting for the client.
func (s *testServer) newAgent(scopes ...market.Scope) market.Actor {
	s.t.Helper()
	client, agency := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.Agency, market.OrgVerified)
	return s.mandate(client, agency, scopes...)
}

// mandate lets the agency of one owner act for the organisation of another until next year, and returns the agency's
// owner acting for it.
func (s *testServer) mandate(client, agency market.Actor, scopes ...market.Scope) market.Actor {
	s.t.Helper()
	today := s.Service.Today()
	_, err := s.Service.GrantMandate(context.Background(), client, market.Mandate{AgencyOrg: agency.OrgID, Scopes: scopes, StartsOn: today, EndsOn: today.AddDate(1, 0, 0),
		Document: new(s.authority(client))}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := s.Service.Actor(context.Background(), agency.UserID, market.Acting{OrgID: client.OrgID, AgencyID: agency.OrgID})
	if err != nil {
		s.t.Fatal(err)
	}
	a.Via = market.ViaWeb
	return a
}

// authority is an uploaded file with the signed authority for a mandate.
func (s *testServer) authority(client market.Actor) string {
	s.t.Helper()
	return s.paper(client, market.FileMandate, "授权书.pdf")
}

// licence is an uploaded licence of an organisation.
func (s *testServer) licence(by market.Actor) string {
	s.t.Helper()
	return s.paper(by, market.FileLicence, "执照.pdf")
}

func (s *testServer) paper(by market.Actor, purpose market.FilePurpose, name string) string {
	s.t.Helper()
	f, err := s.Service.UploadFile(context.Background(), by, purpose, name, []byte(smallPDF))
	if err != nil {
		s.t.Fatal(err)
	}
	return f.ID
}

// testUSCC is a new code with right check characters.
func testUSCC(t testing.TB) market.USCC {
	t.Helper()
	code, err := market.MakeUSCC(fmt.Sprintf("91360825MA%07d", testSerial.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// client is a browser with its own cookies that does not follow redirects by itself.
type client struct {
	t    testing.TB
	base string
	http.Client
}

// visitor is a client that is not signed in.
func (s *testServer) visitor() *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{t: s.t, base: s.http.URL, Client: http.Client{Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a client signed in as the actor; the zero Actor is a visitor.
func (s *testServer) as(a market.Actor) *client {
	s.t.Helper()
	c := s.visitor()
	if a.UserID == 0 {
		return c
	}
	var email string
	if err := s.Store.DB().QueryRow(`SELECT email FROM users WHERE id = $1`, a.UserID).Scan(&email); err != nil {
		s.t.Fatal(err)
	}
	got := c.post("/login", url.Values{"email": {email}, "password": {testPassword}})
	if strings.HasPrefix(got.location, "/login/code") {
		s.setSecond(a.UserID) // a code used within the last half minute is no hindrance to a test
		got = c.post("/login/code", url.Values{"code": {testCode(s.t)}})
	}
	if got.status != http.StatusSeeOther || strings.HasPrefix(got.location, "/login") {
		s.t.Fatalf("sign in: status %d to %s", got.status, got.location)
	}
	return c
}

// answer is a response with its body read.
type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (c *client) get(path string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(req)
}

func (c *client) post(path string, form url.Values) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(req)
}

// upload posts a form with a file in the field file.
func (c *client) upload(path string, form url.Values, name, content string) answer {
	c.t.Helper()
	return c.uploadAs("file", path, form, name, content)
}

// uploadAs posts a form with a file in the field of that name.
func (c *client) uploadAs(field, path string, form url.Values, name, content string) answer {
	c.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			c.must(parts.WriteField(name, value))
		}
	}
	file, err := parts.CreateFormFile(field, name)
	c.must(err)
	_, err = io.WriteString(file, content)
	c.must(err)
	c.must(parts.Close())
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, &body)
	c.must(err)
	req.Header.Set("Content-Type", parts.FormDataContentType())
	return c.do(req)
}

func (c *client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) do(req *http.Request) answer {
	c.t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		c.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(body)}
}

// page parses an answer's HTML.
func (a answer) page(t testing.TB) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// picture is a small PNG.
func picture(t testing.TB) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// upload is a picture that a person has uploaded for a listing.
func (s *testServer) upload(a market.Actor) string {
	s.t.Helper()
	f, err := s.Service.UploadFile(s.t.Context(), a, market.FileListing, "照片.png", []byte(picture(s.t)))
	if err != nil {
		s.t.Fatal(err)
	}
	return f.ID
}
