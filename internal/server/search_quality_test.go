package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"techmarket/internal/bench"
	"techmarket/internal/eval/evaltest"
	"techmarket/internal/market"
)

// askedOfAPI is one in how many keyword queries; all of them are asked of the engine in its own package.
const askedOfAPI = 8

// TestKeywordsFindTheirPaperOverTheAPI asks the API for papers by one keyword among 12,000 real texts.
func TestKeywordsFindTheirPaperOverTheAPI(t *testing.T) {
	t.Parallel()
	known := evaltest.Known(t, true)
	s := newTestServer(t)
	place := map[string]int{}
	docs := make([]market.Document, len(known.Docs))
	now := time.Now()
	for i, d := range known.Docs {
		place[d.ID] = i
		docs[i] = market.Document{Kind: market.KindResult, Title: d.Title, Body: d.Body, Submarket: "materials",
			PublishedAt: now, ConfirmedAt: now, ValidUntil: now.AddDate(1, 0, 0)}
	}
	ids, err := bench.Fill(t.Context(), s.Store, slices.Values(docs))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Search.Rebuild(t.Context(), 1, s.Store.AllDocuments(t.Context())); err != nil {
		t.Fatal(err)
	}
	var asked, found, reciprocal float64
	for i := 0; i < len(known.Queries); i += askedOfAPI {
		q := known.Queries[i]
		asked++
		if at := slices.Index(s.foundByAPI(fmt.Sprintf("203.0.%d.%d", i/250, i%250), q.Text), ids[place[q.ID]]); at >= 0 {
			found++
			reciprocal += 1 / float64(at+1)
		}
	}
	t.Logf("%.0f queries over the API: MRR %.3f, recall@20 %.3f", asked, reciprocal/asked, found/asked)
	if reciprocal < .78*asked || found < .91*asked {
		t.Error("want an MRR of .78 and a recall of .91 at least")
	}
}

// foundByAPI returns the ids of the first page. Each question is from an address of its own, so that no limit of one is met.
func (s *testServer) foundByAPI(address, q string) []int64 {
	s.t.Helper()
	rec := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, "/api/v1/search?"+url.Values{"q": {q}}.Encode(), nil)
	req.RemoteAddr = address + ":4000"
	s.Handler().ServeHTTP(rec, req)
	var answer struct {
		Items []struct {
			ID int64 `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || rec.Code != http.StatusOK {
		s.t.Fatalf("search for %q: status %d, %v", q, rec.Code, err)
	}
	ids := make([]int64, len(answer.Items))
	for i, item := range answer.Items {
		ids[i] = item.ID
	}
	return ids
}
