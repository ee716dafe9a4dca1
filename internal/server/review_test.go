package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// waiting submits a need of the organisation and returns its id.
func (s *testServer) waiting(owner market.Actor, title string, hideOrg bool) int64 {
	s.t.Helper()
	deadline := s.Now().AddDate(0, 3, 0)
	id, err := s.Service.CreateNeed(s.t.Context(), owner, market.Need{
		Listing: market.Listing{Title: title, Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, Region: "360825",
			SecrecyConfirmed: true, HideOrg: hideOrg, ContactName: "郭工", ContactPhone: "13879012046", Gated: "浆料配方另附"},
		Problem: "研磨到 2 μm 以下时浆料升温返粗，换过锆珠、加过分散剂，仍不稳定。", Deadline: &deadline,
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm"}},
		Budget:     market.Price{Kind: market.PriceOpen}}, "")
	if err == nil {
		err = s.Service.SubmitListing(s.t.Context(), owner, market.KindNeed, id)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// decisionForm fills in the form of a decision page with every line of the check list as given.
func decisionForm(t *testing.T, page answer, subject market.Subject, tick market.Tick) url.Values {
	t.Helper()
	doc := page.page(t)
	form := url.Values{}
	for _, name := range []string{"version", "filter"} {
		value, ok := doc.Find(`input[name="` + name + `"]`).First().Attr("value")
		if !ok && !(name == "version" && subject == market.SubjectOrgChange) { // a request of change is never edited
			t.Fatalf("the page has no %s", name)
		}
		form.Set(name, value)
	}
	for _, check := range subject.Checks() {
		name := "check." + check.Code
		if doc.Find(`input[name="`+name+`"][value="`+string(tick)+`"]`).Length() != 1 {
			t.Errorf("the page does not ask for %s", name)
		}
		form.Set(name, string(tick))
	}
	return form
}

func TestReviewListing(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	first, second := s.waiting(owner, "第一件需求", true), s.waiting(owner, "第二件需求", false)
	c := s.as(s.newUser(market.Reviewer))
	path := fmt.Sprintf("/review/listings/%d?type=need", first)
	page := c.get(path)
	wantMessage(t, "decision", page, http.StatusOK, "第 1 件，共 2 件")
	for _, text := range []string{"浆料配方另附", "郭工", "13879012046", owner.OrgName, "一家先进材料企业（名称未公开）", "第 1 行没有检验方法", "提交人已承诺"} {
		if !strings.Contains(page.body, text) {
			t.Errorf("the reviewer does not see %q", text)
		}
	}

	form := decisionForm(t, page, market.SubjectNeed, market.TickYes)
	form.Set("check.measures", "no")
	form.Set("note", "请写检验方法")
	got := c.post(fmt.Sprintf("/needs/%d/publish", first), form)
	wantMessage(t, "a line that is 不符", got, http.StatusUnprocessableEntity, "不符，不能通过")
	doc := got.page(t)
	if doc.Find(`.mk-summary a[href="#check-measures"]`).Length() != 1 || doc.Find("#check-measures").Length() != 1 {
		t.Error("the summary does not lead to the line")
	}
	if _, on := doc.Find(`input[name="check.measures"][value="no"]`).Attr("checked"); !on {
		t.Error("what was ticked is lost")
	}

	without := decisionForm(t, page, market.SubjectNeed, market.TickYes)
	wantMessage(t, "a return without reasons", c.post(fmt.Sprintf("/needs/%d/return", first), without), http.StatusUnprocessableEntity, "请至少选择一个退回原因")

	got = c.post(fmt.Sprintf("/needs/%d/return", first), form)
	if want := fmt.Sprintf("/review/listings/%d?type=need", second); got.status != http.StatusSeeOther || got.location != want {
		t.Fatalf("status %d to %s, want %s", got.status, got.location, want)
	}
	returned, err := s.Store.Need(t.Context(), owner, first)
	if err != nil || returned.State != market.Returned || strings.Join(returned.ReturnCodes, " ") != "N2" || returned.ReturnNote != "请写检验方法" {
		t.Errorf("returned as %+v, %v", returned, err)
	}
	wantMessage(t, "a second decision", c.post(fmt.Sprintf("/needs/%d/return", first), form), http.StatusConflict, "没有办成")
	wantMessage(t, "its page", c.get(path), http.StatusOK, "已退回")

	page = c.get(fmt.Sprintf("/review/listings/%d", second))
	got = c.post(fmt.Sprintf("/needs/%d/publish", second), decisionForm(t, page, market.SubjectNeed, market.TickYes))
	if got.status != http.StatusSeeOther || got.location != "/review" {
		t.Errorf("status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the empty queue", c.get("/review"), http.StatusOK, "没有待审核的事项")
	if got := s.visitor().get(fmt.Sprintf("/needs/%d", second)); got.status != http.StatusOK {
		t.Errorf("the published need: status %d", got.status)
	}

	if err := s.Service.SubmitListing(t.Context(), owner, market.KindNeed, first); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "submitted again", c.get("/review"), http.StatusOK, "第 2 次提交")
	wantMessage(t, "its history", c.get(path), http.StatusOK, "退回修改：N2 指标没有量化或没有检验方法。请写检验方法")
}

func TestReviewOfWhatHasChanged(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	id := s.waiting(owner, "会变的需求", false)
	c := s.as(s.newUser(market.Reviewer))
	form := decisionForm(t, c.get(fmt.Sprintf("/review/listings/%d", id)), market.SubjectNeed, market.TickYes)
	if err := s.Service.RecallListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	if err := s.Service.SubmitListing(t.Context(), owner, market.KindNeed, id); err != nil {
		t.Fatal(err)
	}
	got := c.post(fmt.Sprintf("/needs/%d/publish", id), form)
	wantMessage(t, "a decision on an older text", got, http.StatusConflict, "提交人又改过内容")
	if v, _ := got.page(t).Find(`input[name="version"]`).Attr("value"); v != strconv.Itoa(s.version("listings", id)) {
		t.Errorf("the page comes back with version %s", v)
	}
}

func TestReviewOrg(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	first := s.newOrg(market.University, market.OrgPending) // with the code of an enterprise
	o, err := s.Store.Org(t.Context(), first, first.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	rival := s.newUser()
	if _, err := s.Service.CreateOrg(t.Context(), rival, market.Org{Name: "另一家单位", USCC: o.USCC, Type: market.Enterprise, Region: "360825"}, ""); err != nil {
		t.Fatal(err)
	}
	rival = s.actor(rival.UserID)
	c := s.as(s.newUser(market.Reviewer))
	path := reviewPath(market.SubjectOrg, first.OrgID)
	page := c.get(path)
	for _, text := range []string{"“另一家单位”也用这个信用代码", "单位类型与代码不常见", "第 1 件，共 2 件"} {
		wantMessage(t, "warnings", page, http.StatusOK, text)
	}
	if !o.USCC.InnerValid() {
		wantMessage(t, "warnings", page, http.StatusOK, "GB 11714")
	}
	got := c.post(path+"/verify", decisionForm(t, page, market.SubjectOrg, market.TickYes))
	if want := reviewPath(market.SubjectOrg, rival.OrgID); got.status != http.StatusSeeOther || got.location != want {
		t.Fatalf("status %d to %s, want %s", got.status, got.location, want)
	}
	other := reviewPath(market.SubjectOrg, rival.OrgID)
	form := decisionForm(t, c.get(other), market.SubjectOrg, market.TickYes)
	wantMessage(t, "the rival", c.post(other+"/verify", form), http.StatusConflict, "已有一家单位用同一信用代码通过了核验")
	wantMessage(t, "no reason", c.post(other+"/reject", form), http.StatusUnprocessableEntity, "请选择原因")
	form.Set("codes", "U4")
	form.Set("note", "同一代码已有单位核验")
	if got := c.post(other+"/reject", form); got.status != http.StatusSeeOther || got.location != "/review" {
		t.Errorf("status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the rival's own page", s.as(rival).get("/org"), http.StatusOK, "同一代码已有单位核验")

	halt := url.Values{"version": {strconv.Itoa(s.version("orgs", first.OrgID))}}
	wantMessage(t, "suspended without a reason", c.post(path+"/suspend", halt), http.StatusUnprocessableEntity, "请写明暂停的原因")
	halt.Set("note", "核查中")
	if got := c.post(path+"/suspend", halt); got.status != http.StatusSeeOther {
		t.Errorf("suspend: status %d", got.status)
	}
	wantMessage(t, "suspended from an older page", c.post(path+"/resume", halt), http.StatusConflict, "又改过内容")
	halt.Set("version", strconv.Itoa(s.version("orgs", first.OrgID)))
	if got := c.post(path+"/resume", halt); got.status != http.StatusSeeOther {
		t.Errorf("resume: status %d", got.status)
	}
}

func TestReviewQueuePage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	for i := range 51 {
		s.waiting(owner, fmt.Sprintf("第 %d 件需求", i), false)
	}
	s.newOrg(market.Agency, market.OrgPending)
	c := s.as(s.newUser(market.Reviewer))
	rows := func(path string) int { return c.get(path).page(t).Find("tbody tr").Length() }
	for path, want := range map[string]int{"/review": 50, "/review?page=2": 2, "/review?type=org": 1, "/review?type=need&county=360825&submarket=materials": 50,
		"/review?county=360881": 0, "/review?type=nonsense&county=<x>": 50} {
		if got := rows(path); got != want {
			t.Errorf("%s: %d rows, want %d", path, got, want)
		}
	}
	page := c.get("/review?county=360881")
	wantMessage(t, "no such county", page, http.StatusOK, "这个条件下没有待审核的事项")
	tabs := c.get("/review").page(t).Find(".mk-tabs").Text()
	for _, want := range []string{"全部52", "单位1", "需求51", "成果0"} {
		if !strings.Contains(tabs, want) {
			t.Errorf("the tabs %q do not say %s", tabs, want)
		}
	}
}

func TestReviewOfOwnOrg(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	id := s.waiting(owner, "本单位的需求", false)
	c := s.as(s.newMember(owner.OrgID, market.Viewer, market.Reviewer))
	queue := c.get("/review")
	wantMessage(t, "queue", queue, http.StatusOK, "本单位提交，由他人审核")
	if queue.page(t).Find(".mk-whead .btn-primary").Length() != 0 {
		t.Error("the queue offers the own organisation's item as the next")
	}
	wantMessage(t, "decision", c.get(fmt.Sprintf("/review/listings/%d", id)), http.StatusOK, "由其他审核人员办理")
	form := url.Values{"version": {strconv.Itoa(s.version("listings", id))}}
	for _, check := range market.SubjectNeed.Checks() {
		form.Set("check."+check.Code, "yes")
	}
	if got := c.post(fmt.Sprintf("/needs/%d/publish", id), form); got.status != http.StatusForbidden {
		t.Errorf("status %d", got.status)
	}
}

func TestResemblance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		like bool
	}{
		{"重质碳酸钙湿法超细研磨", "重质碳酸钙湿法超细研磨", true},
		{"重质碳酸钙湿法超细研磨节能", "重质碳酸钙的湿法超细研磨", true},
		{"重钙浆料研磨返粗与升温控制", "浸膏颗粒吸潮结块，袋装易成饼", false},
		{"", "", false}, {"茶", "茶", false},
	} {
		if got := resemblance(c.a, c.b); (got >= similarFrom) != c.like || got < 0 || got > 1 {
			t.Errorf("%q and %q: %.2f", c.a, c.b, got)
		}
	}
}

// TestAccess calls every route of organisations, accounts and reviews as every sort of person.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	verified, pending := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgPending)
	need := s.waiting(verified, "等审核的需求", false)
	people := []struct {
		name  string
		actor market.Actor
	}{
		{"guest", market.Actor{}}, {"no org", s.newUser()}, {"unverified", pending}, {"owner", verified}, {"viewer", s.newMember(verified.OrgID, market.Viewer)},
		{"reviewer", s.newUser(market.Reviewer)}, {"registrar", s.newUser(market.Registrar)}, {"auditor", s.newUser(market.Auditor)},
	}
	clients := make([]*client, len(people))
	for i, p := range people {
		clients[i] = s.as(p.actor)
	}
	org, listing := reviewPath(market.SubjectOrg, pending.OrgID), fmt.Sprintf("/needs/%d", need)
	result := fmt.Sprintf("/results/%d", need) // a need is no result
	for _, c := range []struct {
		method, path string
		want         [8]int // in the order of people
	}{
		{"GET", "/login", [8]int{200, 303, 303, 303, 303, 303, 303, 303}},
		{"GET", "/register", [8]int{200, 303, 303, 303, 303, 303, 303, 303}},
		{"GET", "/account", [8]int{303, 200, 200, 200, 200, 200, 200, 200}},
		{"POST", "/account", [8]int{303, 422, 422, 422, 422, 422, 422, 422}},
		{"POST", "/account/password", [8]int{303, 422, 422, 422, 422, 422, 422, 422}},
		{"POST", "/account/tokens", [8]int{303, 422, 422, 422, 422, 422, 422, 422}},
		{"POST", "/account/tokens/1/revoke", [8]int{303, 404, 404, 404, 404, 404, 404, 404}},
		{"GET", "/org/new", [8]int{303, 200, 200, 200, 200, 200, 200, 200}},
		{"POST", "/org", [8]int{303, 422, 422, 422, 422, 422, 422, 422}},
		{"GET", "/org", [8]int{303, 303, 200, 200, 200, 303, 303, 303}},
		{"POST", "/org/edit", [8]int{303, 403, 422, 422, 403, 403, 403, 403}},
		{"POST", "/org/invitations", [8]int{303, 403, 422, 422, 403, 403, 403, 403}},
		{"POST", "/org/members/999999/remove", [8]int{303, 403, 404, 404, 403, 403, 403, 403}},
		{"GET", orgPath(verified.OrgID), [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
		{"GET", orgPath(pending.OrgID), [8]int{404, 404, 200, 404, 404, 200, 404, 200}},
		{"GET", "/review", [8]int{303, 403, 403, 403, 403, 200, 403, 403}},
		{"GET", org, [8]int{303, 403, 403, 403, 403, 200, 403, 403}},
		{"GET", "/review/orgs/999999", [8]int{303, 403, 403, 403, 403, 404, 403, 403}},
		{"GET", fmt.Sprintf("/review/listings/%d", need), [8]int{303, 403, 403, 403, 403, 200, 403, 403}},
		{"POST", org + "/verify", [8]int{303, 403, 403, 403, 403, 422, 403, 403}},
		{"POST", org + "/reject", [8]int{303, 403, 403, 403, 403, 422, 403, 403}},
		{"POST", org + "/suspend", [8]int{303, 403, 403, 403, 403, 422, 403, 403}},
		{"POST", org + "/resume", [8]int{303, 403, 403, 403, 403, 409, 403, 403}},
		{"POST", listing + "/publish", [8]int{303, 403, 403, 403, 403, 422, 403, 403}},
		{"POST", listing + "/return", [8]int{303, 403, 403, 403, 403, 422, 403, 403}},
		{"POST", result + "/publish", [8]int{303, 403, 403, 403, 403, 404, 403, 403}},
		{"POST", result + "/return", [8]int{303, 403, 403, 403, 403, 404, 403, 403}},
	} {
		for i, p := range people {
			got := answer{}
			if c.method == "GET" {
				got = clients[i].get(c.path)
			} else {
				got = clients[i].post(c.path, url.Values{})
			}
			if got.status != c.want[i] {
				t.Errorf("%s %s as %s: status %d, want %d", c.method, c.path, p.name, got.status, c.want[i])
			}
		}
	}
	o, err := s.Store.Org(t.Context(), pending, pending.OrgID)
	if err != nil || o.State != market.OrgPending {
		t.Errorf("the organisation is now %s, %v", o.State, err)
	}
	n, err := s.Store.Need(t.Context(), verified, need)
	if err != nil || n.State != market.InReview {
		t.Errorf("the need is now %s, %v", n.State, err)
	}
	var refused int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE outcome = 'refused' AND user_id = $1`, people[1].actor.UserID).Scan(&refused); err != nil || refused == 0 {
		t.Errorf("%d refusals in the audit, %v", refused, err)
	}
}

// TestClaimOnPages: who has claimed an item is told in the queue and at the item, and nobody else is offered the decision.
func TestClaimOnPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	id := s.waiting(s.newOrg(market.Enterprise, market.OrgVerified), "重钙浆料研磨返粗", false)
	first, second := s.as(s.newUser(market.Reviewer)), s.as(s.newUser(market.Reviewer))
	path := fmt.Sprintf("/review/listings/%d", id)
	if got := first.get("/review").page(t).Find(`form[action="` + path + `/claim"] button`).Text(); got != "领取" {
		t.Fatalf("the queue offers %q", got)
	}
	if got := first.post(path+"/claim", url.Values{"filter": {"?type=need"}}); got.status != http.StatusSeeOther || got.location != path+"?type=need" {
		t.Fatalf("claimed: status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the item", first.get(path), http.StatusOK, "由您办理")
	wantMessage(t, "one's own", first.get("/review?type=mine"), http.StatusOK, "重钙浆料研磨返粗")
	wantMessage(t, "the other's own", second.get("/review?type=mine"), http.StatusOK, "您没有领取的事项")
	got := second.get(path)
	wantMessage(t, "the item as somebody else", got, http.StatusOK, "测试员已领取这一件")
	if got.page(t).Find("#decide").Length() != 0 {
		t.Error("somebody else is offered the decision")
	}
	wantMessage(t, "claimed again", second.post(path+"/claim", url.Values{}), http.StatusConflict, "测试员已领取这一件")
	form := decisionForm(t, first.get(path), market.SubjectNeed, market.TickYes)
	wantMessage(t, "decided by somebody else", second.post(fmt.Sprintf("/needs/%d/publish", id), form), http.StatusConflict, "测试员已领取这一件")
	if got := first.post(path+"/release", url.Values{}); got.status != http.StatusSeeOther || got.location != path {
		t.Errorf("put back: status %d to %s", got.status, got.location)
	}
	if got := second.post(fmt.Sprintf("/needs/%d/publish", id), form); got.status != http.StatusSeeOther {
		t.Errorf("decided after that: status %d", got.status)
	}
}
