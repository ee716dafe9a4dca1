package meili_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/search"
	"techmarket/search/meili"
)

// answering makes an engine on a server that answers everything so.
func answering(t *testing.T, answer http.HandlerFunc) *meili.Engine {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	e, err := meili.New(s.URL, "secret-key", "listings")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func refusing(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":"no","code":%q,"type":"invalid_request","link":""}`, code)
	}
}

// TestServerDown uses a server that is not there: everything fails at once, as
// what can be waited for.
func TestServerDown(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	e, err := meili.New(s.URL, "secret-key", "listings")
	if err != nil {
		t.Fatal(err)
	}
	for what, do := range calls(t.Context()) {
		if err := do(e); !errors.Is(err, search.ErrUnavailable) || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s: %v, want ErrUnavailable", what, err)
		}
	}
}

// calls is everything that an engine does.
func calls(ctx context.Context) map[string]func(*meili.Engine) error {
	docs := []market.Document{{ID: 1, Title: "松香"}}
	return map[string]func(*meili.Engine) error{
		"index":        func(e *meili.Engine) error { return e.Index(ctx, docs) },
		"delete":       func(e *meili.Engine) error { return e.Delete(ctx, 1) },
		"set position": func(e *meili.Engine) error { return e.SetPosition(ctx, 1) },
		"position":     func(e *meili.Engine) error { _, err := e.Position(ctx); return err },
		"count":        func(e *meili.Engine) error { _, err := e.Count(ctx); return err },
		"search":       func(e *meili.Engine) error { _, err := e.Search(ctx, search.Query{Text: "松香"}); return err },
		"candidates": func(e *meili.Engine) error {
			_, err := e.Candidates(ctx, search.CandidateQuery{Terms: []market.Term{{Text: "松香", Weight: 1}}})
			return err
		},
		"rebuild": func(e *meili.Engine) error {
			return e.Rebuild(ctx, 1, func(yield func(market.Document, error) bool) { yield(docs[0], nil) })
		},
	}
}

func TestServerTrouble(t *testing.T) {
	t.Parallel()
	for what, do := range calls(t.Context()) {
		if err := do(answering(t, refusing(http.StatusInternalServerError, "internal"))); !errors.Is(err, search.ErrUnavailable) {
			t.Errorf("%s on a server in trouble: %v, want ErrUnavailable", what, err)
		}
		// A wrong key does not mend itself: it is no trouble that is waited for.
		if err := do(answering(t, refusing(http.StatusForbidden, "invalid_api_key"))); err == nil || errors.Is(err, search.ErrUnavailable) {
			t.Errorf("%s with a wrong key: %v", what, err)
		}
	}
}

func TestLostIndex(t *testing.T) {
	t.Parallel()
	e := answering(t, refusing(http.StatusNotFound, "index_not_found"))
	if position, err := e.Position(t.Context()); position != 0 || err != nil {
		t.Errorf("position %d, %v of an index that is not there; want 0, to be rebuilt", position, err)
	}
	if _, err := e.Search(t.Context(), search.Query{Text: "松香"}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("search in an index that is not there: %v", err)
	}
}

func TestOtherFormatIsRebuilt(t *testing.T) {
	t.Parallel()
	e := answering(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":0,"position":77,"format":"older"}`) })
	if position, err := e.Position(t.Context()); position != 0 || err != nil {
		t.Errorf("position %d, %v of an index made with other settings; want 0", position, err)
	}
}

// TestTaskFails has the server take a batch and not do it.
func TestTaskFails(t *testing.T) {
	t.Parallel()
	e := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"taskUid":5,"indexUid":"listings","status":"enqueued","type":"documentAdditionOrUpdate"}`)
			return
		}
		fmt.Fprint(w, `{"uid":5,"status":"failed","error":{"message":"disk full","code":"no_space_left_on_device","type":"system","link":""}}`)
	})
	err := e.Index(t.Context(), []market.Document{{ID: 1, Title: "松香"}})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a task that failed: %v, want its reason", err)
	}
}

func TestTaskIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	e := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
		}
		fmt.Fprint(w, `{"taskUid":5,"uid":5,"indexUid":"listings","status":"processing","type":"documentAdditionOrUpdate"}`)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := e.Index(ctx, []market.Document{{ID: 1, Title: "松香"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a task that is never done: %v", err)
	}
}

// TestValuesAreQuoted asks with values that would end their place in a filter.
func TestValuesAreQuoted(t *testing.T) {
	t.Parallel()
	e := open(t)
	if err := e.Index(t.Context(), []market.Document{{ID: 1, Kind: market.KindNeed, Title: "松香", County: "360825"}}); err != nil {
		t.Fatal(err)
	}
	for _, county := range []string{`x" OR id > 0 OR county = "x`, `x\`, `\" OR id > 0 OR county = "`, `x"] OR id > 0 OR county IN ["x`} {
		page, err := e.Search(t.Context(), search.Query{Text: "松香", Counties: []string{county}})
		if err != nil || page.Total != 0 {
			t.Errorf("county %q: %d found, %v", county, page.Total, err)
		}
	}
}
