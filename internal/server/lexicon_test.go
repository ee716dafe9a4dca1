package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/search"
)

// TestLexiconPages adds a group of synonyms as a reviewer does: what it would find is shown first and nothing is saved, a
// term that stands elsewhere asks for a tick, and the page tells whether the version is in force.
func TestLexiconPages(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	h.exec(`UPDATE listings SET title = '石灰石粉表面改性' WHERE id = $1`, h.need)
	h.exec(`INSERT INTO listing_changes (listing_id) VALUES ($1)`, h.need)
	h.catchUp()
	reviewer := h.as(h.reviewer)
	form := func(act, terms string) url.Values {
		return url.Values{"version": {"1"}, "kind": {"synonyms"}, "field": {"calcium"}, "note": {"企业的叫法"}, "terms": {terms}, "act": {act}}
	}
	got := reviewer.post("/review/lexicon", form("preview", "老虎粉\n石灰石粉"))
	cells := got.page(t).Find("section[aria-labelledby=h-effect] tbody tr").First().Text()
	if got.status != http.StatusOK || !strings.Contains(cells, "老虎粉0 项1 项石灰石粉") {
		t.Errorf("the effect on 老虎粉: status %d, %q", got.status, cells)
	}
	if !strings.Contains(got.body, "老虎粉\n石灰石粉</textarea>") {
		t.Error("the form does not keep what was typed")
	}
	if n := h.rows("lexicon_versions"); n != 0 {
		t.Errorf("%d versions after a look at the effect", n)
	}
	got = reviewer.post("/review/lexicon", form("", "老虎粉\n重钙"))
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "已经在另一组里") || got.page(t).Find("input[name=anyway]").Length() != 1 {
		t.Errorf("a term of another group: status %d", got.status)
	}
	if got = reviewer.post("/review/lexicon", form("", "老虎粉\n石灰石粉")); got.status != http.StatusSeeOther {
		t.Fatalf("saved: status %d: %s", got.status, got.body)
	}
	state := func() string {
		t.Helper()
		return reviewer.get("/review/lexicon").page(t).Find(".mk-alert").Text()
	}
	use := func(version int64, problem string) {
		t.Helper()
		err := h.Store.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.SetLexiconUse(t.Context(), market.LexiconUse{Process: "a", Version: version, Problem: problem, SeenAt: time.Now()}, time.Time{})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		version       int64
		problem, want string
	}{{0, "", "正在生效"}, {0, "连不上", "没有生效"}, {1, "", "第 1 版已生效"}} {
		use(c.version, c.problem)
		if got := state(); !strings.Contains(got, c.want) || !strings.Contains(got, c.problem) {
			t.Errorf("a process at version %d, %q: the page says %q", c.version, c.problem, got)
		}
	}
	if got = reviewer.get("/review/lexicon.txt"); !strings.Contains(got.body, "[calcium]\n# 企业的叫法\n老虎粉=石灰石粉\n") {
		t.Errorf("exported: %s", got.body)
	}
	if got = reviewer.get("/review/lexicon?q=" + url.QueryEscape("重钙")); !strings.Contains(got.body, "重钙 = 重质碳酸钙") {
		t.Error("a look-up does not show the files' groups")
	}
	v, err := h.Store.LexiconVersion(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	h.Search.SetLexicon(search.NewLexicon(v.Number, v.Entries))
	page := h.visitor().get("/search?q=" + url.QueryEscape("老虎粉")).page(t)
	if !strings.Contains(page.Find("main").Text(), "石灰石粉") || page.Find("mark").Text() != "石灰石粉" {
		t.Errorf("a search for 老虎粉 marks %q", page.Find("mark").Text())
	}
	if _, err := h.Store.LexiconVersion(t.Context(), 2); !errors.Is(err, market.ErrNotFound) {
		t.Errorf("version 2: %v", err)
	}
}
