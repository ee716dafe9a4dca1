package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// waitingRevision is the id of the only edit that waits.
func (s *testServer) waitingRevision() string {
	s.t.Helper()
	var id string
	if err := s.Store.DB().QueryRow(`SELECT id FROM listing_revisions WHERE state = 'in_review'`).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// TestRevisionPages walks an edit of a public need from the form to the public page.
func TestRevisionPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c, reviewer, visitor := s.as(owner), s.as(s.newUser(market.Reviewer)), s.visitor()
	need := s.waiting(owner, "浆料研磨增粘", false)
	path := fmt.Sprintf("/needs/%d", need)
	page := reviewer.get(fmt.Sprintf("/review/listings/%d", need))
	if got := reviewer.post(path+"/publish", decisionForm(t, page, market.SubjectNeed, market.TickYes)); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}

	if c.get(path).page(t).Find(fmt.Sprintf(`a[href="%s/edit"]`, path)).Length() == 0 {
		t.Error("the owner's page does not offer to edit")
	}
	edit := c.get(path + "/edit")
	wantMessage(t, "form", edit, http.StatusOK, "已经公开的内容")
	form := values(t, edit.page(t), path)
	form.Set("title", "浆料研磨增粘与升温")
	form.Set("gated", "新的牌号 GK-17")
	if got := c.post(path, form); got.status != http.StatusSeeOther || got.location != path {
		t.Fatalf("status %d to %s: %s", got.status, got.location, text(got.page(t)))
	}
	wantMessage(t, "draft", c.get(path), http.StatusOK, "有一份修改还没有提交")
	form = values(t, c.get(path+"/edit").page(t), path)
	if form.Get("title") != "浆料研磨增粘与升温" {
		t.Errorf("the form holds %q", form.Get("title"))
	}
	form.Set("act", "submit")
	if got := c.post(path, form); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, text(got.page(t)))
	}
	for _, p := range []string{path, "/needs", "/search?q=" + url.QueryEscape("浆料研磨增粘"), "/api/v1" + path} {
		if got := visitor.get(p); strings.Contains(got.body, "与升温") || strings.Contains(got.body, "GK-17") {
			t.Errorf("%s shows an edit that waits", p)
		}
	}
	if got := visitor.get(path + "/revisions"); got.status == http.StatusOK {
		t.Error("a visitor reads the texts of the past")
	}
	wantMessage(t, "queue", reviewer.get("/review?type=revision"), http.StatusOK, "浆料研磨增粘与升温")
	review := "/review/revisions/" + s.waitingRevision()
	page = reviewer.get(review)
	if changes := text(page.page(t)); !strings.Contains(changes, "改了什么") || page.page(t).Find(".mk-diff ins").Length() < 2 {
		t.Errorf("the review does not mark what changed: %s", changes)
	}
	back := url.Values{"version": {values(t, page.page(t), review+"/publish").Get("version")}, "codes": {"N1"}, "note": {"请写明升温多少"}}
	if got := reviewer.post(review+"/return", back); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, text(got.page(t)))
	}
	wantMessage(t, "returned", c.get(path), http.StatusOK, "请写明升温多少")
	form = values(t, c.get(path+"/edit").page(t), path)
	form.Set("title", "浆料研磨增粘与升温 15 度")
	form.Set("act", "submit")
	if got := c.post(path, form); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, text(got.page(t)))
	}
	review = "/review/revisions/" + s.waitingRevision()
	if got := reviewer.post(review+"/publish", decisionForm(t, reviewer.get(review), market.SubjectRevision, market.TickYes)); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, text(got.page(t)))
	}
	wantMessage(t, "public", visitor.get(path), http.StatusOK, "浆料研磨增粘与升温 15 度")
	wantMessage(t, "public", visitor.get(path), http.StatusOK, "内容更新，审核通过")
	if strings.Contains(visitor.get(path).body, "GK-17") {
		t.Error("the gated text is public")
	}
	for who, client := range map[string]*client{"owner": c, "reviewer": reviewer, "auditor": s.as(s.newUser(market.Auditor))} {
		first := client.get(path+"/revisions").page(t).Find("select[name=from] option").Last().AttrOr("value", "")
		got := client.get(path + "/revisions?from=" + first)
		if rows := got.page(t).Find("tbody th"); got.status != http.StatusOK || rows.Length() < 3 {
			t.Errorf("%s sees %d texts, status %d", who, rows.Length(), got.status)
		}
		if shows := strings.Contains(got.body, "GK-17"); shows != (who != "auditor") {
			t.Errorf("%s reads the gated text: %t", who, shows)
		}
	}
}
