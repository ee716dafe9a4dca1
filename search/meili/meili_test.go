package meili_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// TestRefusedDocuments has the server refuse one document of a batch, at once, by hanging up as it does on what is too long,
// and in its task: the others are written.
func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"at once", "hanging up", "in its task"} {
		var mu sync.Mutex
		written, tasks := map[int64]bool{}, []bool{} // whether each task is refused
		e := answering(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.Method == http.MethodGet {
				answer := `{"status":"succeeded"}`
				if path.Base(r.URL.Path) == "health" {
					answer = `{"status":"available"}`
				} else if n, err := strconv.Atoi(path.Base(r.URL.Path)); err != nil || tasks[n] {
					answer = `{"status":"failed","error":{"message":"too strange","code":"invalid_document_fields","type":"invalid_request"}}`
				}
				fmt.Fprint(w, answer)
				return
			}
			var docs []struct{ ID int64 }
			if err := json.NewDecoder(r.Body).Decode(&docs); err != nil {
				t.Error(err)
			}
			bad := slices.ContainsFunc(docs, func(d struct{ ID int64 }) bool { return d.ID == 7 })
			switch {
			case bad && how == "at once":
				refusing(http.StatusRequestEntityTooLarge, "payload_too_large")(w, r)
				return
			case bad && how == "hanging up":
				panic(http.ErrAbortHandler)
			}
			for _, d := range docs {
				written[d.ID] = written[d.ID] || !bad
			}
			tasks = append(tasks, bad)
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprintf(w, `{"taskUid":%d,"status":"enqueued"}`, len(tasks)-1)
		})
		docs := make([]market.Document, 10)
		for i := range docs {
			docs[i] = market.Document{ID: int64(i + 1), Title: "松香"}
		}
		err := e.Index(t.Context(), docs)
		refused := (*search.RefusedError)(nil)
		if !errors.As(err, &refused) || len(refused.Documents) != 1 || refused.Documents[0].ID != 7 {
			t.Errorf("%s: %v, want document 7 refused", how, err)
		}
		for _, d := range docs {
			if written[d.ID] != (d.ID != 7) {
				t.Errorf("%s: document %d written: %v", how, d.ID, written[d.ID])
			}
		}
	}
}

// TestWipedServer takes the server's index away: searches say that they are limited until a new one is whole, and no
// position makes whole what is not.
func TestWipedServer(t *testing.T) {
	t.Parallel()
	e := open(t)
	docs := []market.Document{{ID: 1, Kind: market.KindNeed, Title: "松香改性"}}
	all := func(yield func(market.Document, error) bool) {
		unavailable(t, e, "before the rebuild is done")
		yield(docs[0], nil)
	}
	if err := e.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	unavailable(t, e, "on a wiped server")
	if err := e.SetPosition(t.Context(), 9); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("set the position of a lost index: %v", err)
	}
	if err := e.Index(t.Context(), docs); err != nil { // makes an index that is not ours
		t.Fatal(err)
	}
	unavailable(t, e, "in an index that a write has made")
	if err := e.SetPosition(t.Context(), 9); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("set the position of an index that is not whole: %v", err)
	}
	if position, err := e.Position(t.Context()); position != 0 || err != nil {
		t.Errorf("position %d, %v; want 0, to be rebuilt", position, err)
	}
	if err := e.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Rebuild(t.Context(), 5, all); err != nil {
		t.Fatal(err)
	}
	if page, err := e.Search(t.Context(), search.Query{Text: "松香"}); err != nil || page.Total != 1 {
		t.Errorf("after the rebuild: %d found, %v", page.Total, err)
	}
	if position, err := e.Position(t.Context()); position != 5 || err != nil {
		t.Errorf("position %d, %v after the rebuild; want 5", position, err)
	}
}

func unavailable(t *testing.T, e *meili.Engine, when string) {
	t.Helper()
	if page, err := e.Search(t.Context(), search.Query{Text: "松香"}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("search %s: %d found, %v; want ErrUnavailable", when, page.Total, err)
	}
	terms := []market.Term{{Text: "松香", Weight: 1}}
	if _, err := e.Candidates(t.Context(), search.CandidateQuery{Terms: terms}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("candidates %s: %v; want ErrUnavailable", when, err)
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
