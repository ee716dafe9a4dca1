package server

import (
	"net/http"
	"strings"
	"testing"
)

func TestSiteBasics(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.visitor()
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 200, "/nowhere": 404, "/work": 303, "/needs/x": 404, "/needs/999999": 404} {
		if got := c.get(path); got.status != want {
			t.Errorf("GET %s: status %d, want %d", path, got.status, want)
		}
	}
	home := c.get("/")
	if !strings.Contains(home.header.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Error("no content security policy")
	}
	if home.header.Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
}

func TestForeignPostIsRefused(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg("enterprise", "verified")
	c := s.as(owner)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/needs", strings.NewReader("title=x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := c.do(req); got.status != http.StatusForbidden {
		t.Errorf("status %d, want 403", got.status)
	}
	var needs int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM needs`).Scan(&needs); err != nil || needs != 0 {
		t.Errorf("%d needs, %v", needs, err)
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/work": "/work", "/needs?q=a": "/needs?q=a", "": "/", "//evil.example": "/", "https://evil.example": "/", "/\\evil.example": "/",
		"javascript:alert(1)": "/", "work": "/", "/a\nb": "/",
	} {
		if got := localPath(next, "/"); got != want {
			t.Errorf("localPath(%q) = %q, want %q", next, got, want)
		}
	}
}
