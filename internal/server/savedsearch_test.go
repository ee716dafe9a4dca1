package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

// TestSavingASearch presses the button on the search page, changes what was saved and deletes it, with nothing but forms.
func TestSavingASearch(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	at := "/search?" + url.Values{"q": {"重钙"}, "submarket": {"materials", "food"}, "sort": {"newest"}, "page": {"2"}}.Encode()
	if href := s.visitor().get(at).page(t).Find(`a.mk-chip[href^="/login?next="]`).AttrOr("href", ""); !strings.Contains(href, url.QueryEscape("/search?")) {
		t.Errorf("a visitor is led to %q", href)
	}
	c := s.as(s.newUser())
	wantText(t, c.get("/searches"), "还没有订阅")
	press := func(at string) answer {
		t.Helper()
		form := c.get(at).page(t).Find(`form[action="/searches"]`)
		if form.Length() != 1 {
			t.Fatalf("%s offers %d times to save it", at, form.Length())
		}
		return c.post("/searches", url.Values{"query": {form.Find("[name=query]").AttrOr("value", "")}})
	}
	if got := press(at); got.status != http.StatusSeeOther || got.location != "/searches" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	list := c.get("/searches")
	wantText(t, list, "重钙、绿色食品、先进材料")
	wantText(t, list, "每周一早上汇总")
	again := c.get("/search?" + url.Values{"q": {"重钙"}, "submarket": {"food", "materials"}}.Encode())
	if doc := again.page(t); doc.Find(`form[action="/searches"]`).Length() != 0 || doc.Find(`a.mk-chip[href="/searches"]`).Text() != "已订阅" {
		t.Error("the same conditions in another order are offered again")
	}
	if press("/search").location != "/searches" {
		t.Error("a search for everything can't be saved")
	}
	wantText(t, c.get("/searches"), "全部需求与成果")
	if c.get("/search?"+url.Values{"q": {strings.Repeat("重钙研磨", 26)}}.Encode()).page(t).Find(`form[action="/searches"]`).Length() != 0 {
		t.Error("a very long text is offered to be saved")
	}
	wantMessage(t, "half a form", c.post("/searches", nil), http.StatusUnprocessableEntity, "没有收到搜索的条件")

	path := list.page(t).Find(`form[action^="/searches/"]`).First().AttrOr("action", "")
	got := c.post(path, url.Values{"name": {""}, "often": {"daily"}})
	if doc := got.page(t); got.status != http.StatusUnprocessableEntity || doc.Find("details[open] .mk-err").Length() != 2 || doc.Find("details[open]").Length() != 1 {
		t.Errorf("status %d, %d messages in the open row", got.status, doc.Find("details[open] .mk-err").Length())
	}
	if got := c.post(path, url.Values{"name": {"研磨"}, "often": {"once"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	wantText(t, c.get("/searches"), "有新内容马上告诉我")
	if got := s.as(s.newUser()).post(path, url.Values{"name": {"别人的"}, "often": {"never"}}); got.status != http.StatusNotFound {
		t.Errorf("somebody else's: status %d", got.status)
	}
	if got := c.post(path+"/delete", nil); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	if got := c.get("/searches"); strings.Contains(got.body, "研磨") {
		t.Error("it is still there")
	}
}

// TestSavedSearchesAreBounded fills up what a person may have; the next one is refused in words, deleting makes room.
func TestSavedSearchesAreBounded(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newUser())
	save := func(n int) answer { return c.post("/searches", url.Values{"query": {fmt.Sprintf("q=%d", n)}}) }
	for n := range market.MaxSearches {
		if got := save(n); got.status != http.StatusSeeOther {
			t.Fatalf("number %d: status %d", n, got.status)
		}
	}
	wantMessage(t, "one more", save(100), http.StatusUnprocessableEntity, "最多订阅 30 个搜索")
	if got := save(3); got.status != http.StatusSeeOther {
		t.Errorf("one that is there: status %d", got.status)
	}
	if rows := c.get("/searches").page(t).Find("tbody tr").Length(); rows != market.MaxSearches {
		t.Errorf("%d are listed", rows)
	}
}

// TestQuietPage stops one of two searches, and then the telling of matches, by links of letters, signed in as nobody.
func TestQuietPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	a := s.newOrg(market.Enterprise, market.OrgVerified)
	for _, q := range []string{"q=a1", "q=b2"} {
		if got := s.as(a).post("/searches", url.Values{"query": {q}}); got.status != http.StatusSeeOther {
			t.Fatalf("status %d", got.status)
		}
	}
	newLink := func() string {
		t.Helper()
		secret := formKey()
		if _, err := s.Store.DB().Exec(`INSERT INTO links (purpose, user_id, email, hash, created_at, expires_at)
			SELECT 'quiet', id, email, $2, now(), now() + interval '1 hour' FROM users WHERE id = $1`, a.UserID, service.TokenHash(secret)); err != nil {
			t.Fatal(err)
		}
		return secret
	}
	secret := newLink()
	guest := s.visitor()
	boxes := guest.get("/searches/quiet?t=" + secret).page(t).Find(`input[name=ids][checked]`)
	if boxes.Length() != 3 || boxes.First().AttrOr("value", "") != "matches" {
		t.Fatalf("%d boxes are ticked", boxes.Length())
	}
	wantMessage(t, "nothing ticked", guest.post("/searches/quiet", url.Values{"t": {secret}}), http.StatusUnprocessableEntity, "请至少勾选一项")
	if got := guest.post("/searches/quiet", url.Values{"t": {secret}, "ids": {boxes.Eq(1).AttrOr("value", "")}}); got.status != http.StatusSeeOther || got.location != "/" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	saved, err := s.Store.SavedSearches(t.Context(), a)
	if err != nil || saved[0].Often != market.OftenNever || saved[1].Often != market.OftenWeekly {
		t.Errorf("%+v, %v", saved, err)
	}
	wantMessage(t, "the link again", guest.get("/searches/quiet?t="+secret), http.StatusNotFound, "已经用过")
	box := `input[name=alerts][checked]`
	if page := s.as(a).get("/account/privacy").page(t); page.Find(box).Length() != 1 {
		t.Error("who has said nothing is not told of matches")
	}
	secret = newLink()
	if got := guest.post("/searches/quiet", url.Values{"t": {secret}, "ids": {"matches"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	page := s.as(a).get("/account/privacy").page(t)
	if page.Find(box).Length() != 0 || page.Find("input[name=recommend][checked]").Length() != 1 || !strings.Contains(page.Text(), "匹配提醒") {
		t.Error("the page does not show what the link has ended")
	}
	if boxes := guest.get("/searches/quiet?t=" + newLink()).page(t).Find(`input[name=ids]`); boxes.Length() != 1 {
		t.Errorf("%d boxes are left, want one search", boxes.Length())
	}
}

func TestAPISavedSearches(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	d.guest.want(http.StatusUnauthorized, "GET", "/searches", nil)
	id := d.buyer.create("/searches", jsonObject{"query": "kind=result&q=碳酸钙"})
	if got := d.buyer.want(http.StatusOK, "POST", "/searches", jsonObject{"query": "q=碳酸钙&kind=result", "name": "又一次"}); got.number("id") != id {
		t.Errorf("the same conditions: %s", got.body)
	}
	d.buyer.get("/searches").is("items.0.id", id, "items.0.name", "碳酸钙、成果", "items.0.often", "weekly", "items.0.told_at", nil)
	got := d.buyer.want(http.StatusOK, "PATCH", fmt.Sprintf("/searches/%d", id), jsonObject{"often": "once"})
	got.is("often", "once", "name", "碳酸钙、成果")
	d.buyer.refused("PATCH", fmt.Sprintf("/searches/%d", id), jsonObject{"often": "daily"}, "often", "请选择")
	d.seller.want(http.StatusNotFound, "PATCH", fmt.Sprintf("/searches/%d", id), jsonObject{"often": "never"})
	d.seller.want(http.StatusNotFound, "DELETE", fmt.Sprintf("/searches/%d", id), nil)
	d.buyer.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/searches/%d", id), nil)
	d.buyer.get("/searches").is("items.0", nil)
}
