package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/search"
)

// deadSearch is an engine whose server is down.
type deadSearch struct{ search.Engine }

func (deadSearch) Search(context.Context, search.Query) (search.Page, error) {
	return search.Page{}, search.ErrUnavailable
}

func (deadSearch) Count(context.Context) (int, error) { return 0, search.ErrUnavailable }

// TestSearchServerDown holds what goes on without a search server: browsing by conditions, suggestions of fields,
// reviewing; and that pages say what is limited.
func TestSearchServerDown(t *testing.T) {
	t.Parallel()
	k := newTalk(t, false, func(o *Options) { o.Search = deadSearch{o.Search} })
	guest := k.visitor()
	got := guest.get("/search?" + url.Values{"q": {"旋流器"}, "kind": {"need"}}.Encode())
	for _, want := range []string{"按词语搜索暂时不能用", "没有按“旋流器”筛选", `value="旋流器"`, "共 1 项"} {
		if got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("search without a server: status %d, %q is missing", got.status, want)
		}
	}
	if got := guest.get("/search?kind=need"); got.status != http.StatusOK || strings.Contains(got.body, "暂时不能用") {
		t.Errorf("browsing without words: status %d", got.status)
	}
	if got := guest.get("/api/v1/search?q=" + url.QueryEscape("旋流器")); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "按词语搜索暂时不能用") {
		t.Errorf("API: status %d: %s", got.status, got.body)
	}
	if got := guest.get("/search/suggest?q=" + url.QueryEscape("钙")); got.status != http.StatusOK || !strings.Contains(got.body, "细分领域") {
		t.Errorf("suggestions: status %d: %s", got.status, got.body)
	}
	if got := guest.get("/readyz"); got.status != http.StatusOK || !strings.Contains(got.body, `"search":"unavailable"`) {
		t.Errorf("readiness: status %d: %s", got.status, got.body)
	}
}
