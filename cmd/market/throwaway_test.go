package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"techmarket/search"
)

// fakeServer does every task at once, and knows which indexes there are.
type fakeServer struct {
	mu      sync.Mutex
	indexes map[string]bool
	made    int
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/indexes/")
	switch {
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/tasks/"):
		fmt.Fprint(w, `{"uid":1,"status":"succeeded"}`)
		return
	case r.Method == http.MethodGet:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"no","code":"index_not_found","type":"invalid_request","link":""}`)
		return
	case r.Method == http.MethodPost && r.URL.Path == "/indexes":
		var body struct{ UID string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.indexes[body.UID] = true
		f.made++
	case r.Method == http.MethodDelete:
		delete(f.indexes, name)
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprint(w, `{"taskUid":1,"status":"enqueued"}`)
}

// searchServer is the outside world of a command, with a search server.
func searchServer(t *testing.T) (*fakeServer, program) {
	t.Helper()
	f := &fakeServer{indexes: map[string]bool{}}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, program{out: io.Discard, getenv: func(key string) string {
		return map[string]string{"MEILI_URL": s.URL, "MEILI_KEY": "secret"}[key]
	}}
}

// TestThrowawayIndexIsDropped: nothing is left on the server, however measuring ends.
func TestThrowawayIndexIsDropped(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, use := range map[string]func(context.CancelFunc) error{
		"good":        func(context.CancelFunc) error { return nil },
		"error":       func(context.CancelFunc) error { return broken },
		"interrupted": func(stop context.CancelFunc) error { stop(); return context.Canceled },
	} {
		f, p := searchServer(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		want := error(nil)
		err := withThrowawayIndex(ctx, p, engineMeili, func(search.Engine) error {
			want = use(stop)
			return want
		})
		if !errors.Is(err, want) || f.made != 1 || len(f.indexes) != 0 {
			t.Errorf("%s: %v, %d indexes made, left %v", name, err, f.made, f.indexes)
		}
	}
}

// TestEvalNamesWhatIsMissing: without a server, or with one that is down, it is said what to set.
func TestEvalNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	none := program{getenv: func(string) string { return "" }}
	down := program{getenv: func(string) string { return "http://127.0.0.1:1" }}
	for want, p := range map[string]program{"MEILI_URL and MEILI_KEY are not set": none, "not available": down} {
		err := withThrowawayIndex(t.Context(), p, engineMeili, func(search.Engine) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// TestEvalOnMeilisearch measures search and matching on a real server, and looks for what is left there.
func TestEvalOnMeilisearch(t *testing.T) {
	server, key := os.Getenv("MEILI_URL"), os.Getenv("MEILI_KEY")
	if server == "" {
		t.Skip("SKIPPED: MEILI_URL and MEILI_KEY name no Meilisearch to test on")
	}
	dir, _ := evalFolder(t, map[string]string{"needs": evalNeeds, "results": evalResults, "labels": evalLabels, "queries": "query,id\n重钙,r1\n蜜柚,r2\n"})
	p := program{getenv: os.Getenv}
	for _, c := range []struct{ what, args, want string }{
		{"search", "--docs results --queries queries", "recall@20  1.000"},
		{"match", "--needs needs --results results --labels labels", "AUC        1.000"},
	} {
		var out strings.Builder
		p.out = &out
		args := []string{"eval", c.what, "--engine", engineMeili}
		for _, a := range strings.Fields(c.args) {
			if !strings.HasPrefix(a, "--") {
				a = dir + "/" + a
			}
			args = append(args, a)
		}
		if err := run(t.Context(), p, args); err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("eval %s: %v, want %q in\n%s", c.what, err, c.want, out.String())
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+"/stats", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if status, stats := readAnswer(t, resp); status != http.StatusOK || strings.Contains(stats, throwawayPrefix) {
		t.Errorf("status %d; left on the server: %s", status, stats)
	}
}
