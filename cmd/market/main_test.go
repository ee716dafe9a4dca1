package main

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/config"
	"techmarket/internal/demo"
	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/service"
	"techmarket/search"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// running is the whole market on a free port, for one test.
type running struct {
	*app
	url  string
	mail string // the folder that letters are written into
	log  *bytes.Buffer
}

// demoData is the demonstration data that tests begin with.
var demoData dbtest.Filled

func loadDemoData(dsn string) error {
	return loadDemoInto(context.Background(), program{out: io.Discard, log: slog.New(slog.DiscardHandler)}, dsn)
}

// startMarket starts the whole program on a database of its own, with the demonstration data when wanted.
func startMarket(t *testing.T, withDemo bool) *running {
	t.Helper()
	var dsn string
	if withDemo {
		dsn = demoData.New(t, loadDemoData)
	} else {
		dsn = dbtest.New(t)
	}
	return startMarketOn(t, map[string]string{"MARKET_DSN": dsn}, openEngine)
}

// startMarketOn starts the whole program with that environment and that search engine.
func startMarketOn(t *testing.T, environment map[string]string, open func(config.Config) (search.Engine, error)) *running {
	t.Helper()
	r := &running{log: &bytes.Buffer{}}
	log := slog.New(slog.NewJSONHandler(&lockedWriter{w: r.log}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	usual := map[string]string{"MARKET_ADDR": "127.0.0.1:0", "MARKET_DATA": t.TempDir(), "MARKET_URL": "http://market.test"}
	cfg, err := config.Read(func(key string) string { return cmp.Or(environment[key], usual[key]) }, true)
	if err != nil {
		t.Fatal(err)
	}
	r.mail = cfg.MailFolder()
	if r.app, err = newApp(t.Context(), cfg, open, log); err != nil {
		t.Fatal(err)
	}
	if _, err := r.start(cfg.Addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(context.Background()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
	r.url = "http://" + r.listen.Addr().String()
	return r
}

// browser is a client with its own cookies that does not follow redirects by itself.
type browser struct {
	t    *testing.T
	base string
	http.Client
}

func (r *running) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: r.url, Client: http.Client{Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a browser of that demonstration account; "" is a visitor.
func (r *running) signedIn(t *testing.T, email string) *browser {
	t.Helper()
	b := r.browser(t)
	if email == "" {
		return b
	}
	status, _ := b.post("/login", url.Values{"email": {email}, "password": {demo.Password}})
	if status != http.StatusSeeOther {
		t.Fatalf("sign in as %s: status %d", email, status)
	}
	if status, _ := b.get("/login/code"); status == http.StatusOK {
		code, err := service.CodeAt(demo.Second, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := b.post("/login/code", url.Values{"code": {code}}); status != http.StatusSeeOther {
			t.Fatalf("the code of %s: status %d", email, status)
		}
	}
	return b
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	resp, err := b.Client.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	return readAnswer(b.t, resp)
}

func (b *browser) post(path string, form url.Values) (int, string) {
	b.t.Helper()
	resp, err := b.Client.Post(b.base+path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	return readAnswer(b.t, resp)
}

func readAnswer(t *testing.T, resp *http.Response) (int, string) {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
