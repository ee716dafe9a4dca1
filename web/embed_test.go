package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"app.css":      {Data: []byte("body{}")},
		".placeholder": {Data: nil},
	}
	sums := hashes(tree)
	mark := sums["app.css"]
	if len(sums) != 1 || mark == "" {
		t.Fatalf("marks %v, want one for app.css", sums)
	}
	const kept = "public, max-age=31536000, immutable"
	cases := []struct {
		name, target, match string
		status              int
		cache               string
	}{
		{"the current mark", "/static/app.css?v=" + mark, "", http.StatusOK, kept},
		{"an old mark", "/static/app.css?v=0", "", http.StatusOK, "no-cache"},
		{"no mark", "/static/app.css", "", http.StatusOK, "no-cache"},
		{"known to the browser", "/static/app.css", `"` + mark + `"`, http.StatusNotModified, "no-cache"},
		{"the placeholder", "/static/.placeholder", "", http.StatusNotFound, ""},
		{"the folder", "/static/", "", http.StatusNotFound, ""},
		{"nothing there", "/static/none.js", "", http.StatusNotFound, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodGet, c.target, nil)
			request.Header.Set("If-None-Match", c.match)
			answer := httptest.NewRecorder()
			handler(tree, sums).ServeHTTP(answer, request)
			if answer.Code != c.status || answer.Header().Get("Cache-Control") != c.cache {
				t.Errorf("status %d, cache %q", answer.Code, answer.Header().Get("Cache-Control"))
			}
		})
	}
}

func TestAssetURLBeforeTheBuild(t *testing.T) {
	t.Parallel()
	if got := AssetURL("not-built.css"); got != "/static/not-built.css" {
		t.Errorf("got %q", got)
	}
}

func TestTemplatesAndIconsAreEmbedded(t *testing.T) {
	t.Parallel()
	if _, err := fs.Stat(Templates(), "layout/base.html"); err != nil {
		t.Error(err)
	}
	if !HasIcon("search") || HasIcon("no-such-icon") {
		t.Error("icons.json was not read")
	}
}
