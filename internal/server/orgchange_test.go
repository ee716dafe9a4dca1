package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// TestOrgChange walks a change of name from the form to the public page.
func TestOrgChange(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c, reviewer := s.as(owner), s.as(s.newUser(market.Reviewer))
	if c.get("/org").page(t).Find(`a[href="/org/changes/new"]`).Length() != 1 || s.as(s.newMember(owner.OrgID, market.Editor)).get("/org").page(t).Find(`a[href="/org/changes/new"]`).Length() != 0 {
		t.Error("the way to the form is for owners")
	}
	form := values(t, c.get("/org/changes/new").page(t), "/org/changes")
	if form.Get("name") != owner.OrgName || form.Get("type") != "enterprise" {
		t.Errorf("the form holds %v", form)
	}
	wantMessage(t, "nothing changed", c.post("/org/changes", form), http.StatusUnprocessableEntity, "都没有变")

	form.Set("name", "吉安改名")
	form.Set("note", "经核准更名")
	form.Set("uscc", "9136")
	got := c.uploadAs("licence", "/org/changes", form, "新执照.pdf", smallPDF)
	wantMessage(t, "a wrong code", got, http.StatusUnprocessableEntity, "已上传：新执照.pdf")
	kept := values(t, got.page(t), "/org/changes")
	if kept.Get("licence_id") == "" || kept.Get("name") != "吉安改名" || kept.Get("note") != "经核准更名" {
		t.Errorf("kept %v", kept)
	}
	kept.Set("uscc", string(testUSCC(t)))
	kept.Set("name", "吉安改名以后有限公司")
	for range 2 {
		if got := c.post("/org/changes", kept); got.status != http.StatusSeeOther || got.location != "/org" {
			t.Fatalf("status %d to %s: %s", got.status, got.location, text(got.page(t)))
		}
	}
	if n := s.rows("org_changes"); n != 1 {
		t.Fatalf("%d requests", n)
	}
	wantMessage(t, "own page", c.get("/org"), http.StatusOK, "变更正在核验")
	if page := c.get("/org").page(t); page.Find(`form[action="/org/changes/1/withdraw"]`).Length() != 1 || page.Find(`a[href="/org/changes/new"]`).Length() != 0 {
		t.Error("a request that waits is not offered for taking back, or a second one is")
	}
	public := s.visitor().get(orgPath(owner.OrgID))
	if !strings.Contains(public.body, owner.OrgName) || strings.Contains(public.body, "吉安改名以后") {
		t.Error("the public page shows what nobody has verified")
	}

	wantMessage(t, "queue", reviewer.get("/review?type=org_change"), http.StatusOK, owner.OrgName)
	path := "/review/changes/1"
	page := reviewer.get(path)
	for _, text := range []string{owner.OrgName, "吉安改名以后有限公司", "经核准更名", "新执照.pdf", "原来的证照", "信用代码由"} {
		wantMessage(t, "review", page, http.StatusOK, text)
	}
	back := decisionForm(t, page, market.SubjectOrgChange, market.TickYes)
	wantMessage(t, "no reason", reviewer.post(path+"/return", back), http.StatusUnprocessableEntity, "请选择原因")
	if got := reviewer.post(path+"/verify", back); got.status != http.StatusSeeOther || got.location != "/review" {
		t.Fatalf("status %d to %s: %s", got.status, got.location, text(got.page(t)))
	}
	wantMessage(t, "decided twice", reviewer.post(path+"/verify", back), http.StatusConflict, "已变更")
	wantMessage(t, "own page", c.get("/org"), http.StatusOK, "变更通过核验")
	wantMessage(t, "public page", s.visitor().get(orgPath(owner.OrgID)), http.StatusOK, "吉安改名以后有限公司")
	wantMessage(t, "afterwards", reviewer.get(path), http.StatusOK, "已变更")
}

func TestOrgChangeReturned(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c, reviewer := s.as(owner), s.as(s.newUser(market.Reviewer))
	form := values(t, c.get("/org/changes/new").page(t), "/org/changes")
	form.Set("name", "吉安改名以后有限公司")
	if got := c.uploadAs("licence", "/org/changes", form, "新执照.pdf", smallPDF); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	back := url.Values{"codes": {"U2"}, "note": {"证照上是另一个名称"}}
	if got := reviewer.post("/review/changes/1/return", back); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	for _, text := range []string{"变更被退回：名称与证照不符", "证照上是另一个名称", owner.OrgName} {
		wantMessage(t, "own page", c.get("/org"), http.StatusOK, text)
	}
	if c.get("/org").page(t).Find(`a[href="/org/changes/new"]`).Length() != 1 {
		t.Error("it can't be asked for again")
	}
	if got := c.post("/org/changes/1/withdraw", nil); got.status != http.StatusConflict {
		t.Errorf("taken back after the return: status %d", got.status)
	}
	for _, state := range []market.OrgState{market.OrgPending, market.OrgSuspended} {
		if got := s.as(s.newOrg(market.Enterprise, state)).get("/org/changes/new"); got.status != http.StatusForbidden {
			t.Errorf("the form in %s: status %d", state, got.status)
		}
	}
}

// TestTwoClaimsSideBySide: the reviewer compares what differs; who lost reads what to do, without names.
func TestTwoClaimsSideBySide(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	first := s.newOrg(market.Enterprise, market.OrgPending)
	o, err := s.Store.Org(t.Context(), first, first.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	rival := s.newUser()
	again := market.Org{Name: "另一家单位有限公司", USCC: o.USCC, Type: market.Agency, Region: "360802", LegalRep: "郭柏年"}
	id, err := s.Service.CreateOrg(t.Context(), rival, again, "")
	if err != nil {
		t.Fatal(err)
	}
	holder := s.newOrg(market.Enterprise, market.OrgVerified)
	if _, err := s.Service.RequestOrgChange(t.Context(), holder, market.OrgChange{Name: holder.OrgName, USCC: o.USCC, Type: holder.OrgType, Licence: s.licence(holder)}, ""); err != nil {
		t.Fatal(err)
	}
	reviewer := s.as(s.newUser(market.Reviewer))
	box := reviewer.get(fmt.Sprintf("/review/orgs/%d", first.OrgID)).page(t).Find("section[aria-labelledby=h-rivals]")
	for _, want := range []string{"另一家单位有限公司", "郭柏年", holder.OrgName, "申请改用这个代码"} {
		if !strings.Contains(box.Text(), want) {
			t.Errorf("the comparison does not show %s", want)
		}
	}
	for href, want := range map[string]int{fmt.Sprintf("/review/orgs/%d", id): 1, "/review/changes/1": 1, fmt.Sprintf("/review/orgs/%d", first.OrgID): 0} {
		if n := box.Find(fmt.Sprintf("a[href=%q]", href)).Length(); n != want {
			t.Errorf("%d links to %s", n, href)
		}
	}
	if err := s.Service.VerifyOrg(t.Context(), s.newUser(market.Reviewer), first.OrgID, s.version("orgs", first.OrgID), market.SubjectOrg.AllYes()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{s.as(rival), s.as(holder)} {
		wantMessage(t, "notices", c.get("/notices"), http.StatusOK, "同一信用代码的另一家登记已通过核验")
	}
	page := s.as(rival).get("/org")
	wantMessage(t, "own page", page, http.StatusOK, "向它的管理员要邀请")
	if strings.Contains(page.body, first.OrgName) {
		t.Error("the other is named")
	}
	if reviewer.get(fmt.Sprintf("/review/orgs/%d", s.newOrg(market.Enterprise, market.OrgPending).OrgID)).page(t).Find("section[aria-labelledby=h-rivals]").Length() != 0 {
		t.Error("a comparison without anything to compare")
	}
}
