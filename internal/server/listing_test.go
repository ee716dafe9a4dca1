package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// needForm is a complete form of a need.
func needForm() url.Values {
	return url.Values{
		"title": {"重钙浆料研磨返粗与升温控制"}, "submarket": {"materials"}, "fields": {"calcium"}, "modes": {"entrust", "licence"}, "secrecy": {"1"},
		"problem": {"研磨到 2 μm 以下时浆料升温返粗，换过两种分散剂都没有解决。"}, "deadline": {"2099年6月30日"}, "hide_org": {"0"},
		"indicators.name": {"粒径 D97", ""}, "indicators.now": {"4.8", ""}, "indicators.target": {"≤ 2.5", ""}, "indicators.unit": {"μm", ""}, "indicators.method": {"激光粒度仪", ""},
		"budget": {"120"}, "budget_unit": {"万元"}, "budget_max": {"1,800,000"}, "budget_max_unit": {"元"}, "gated": {"分散剂由某厂供应"}, "contact_phone": {"13800002046"},
	}
}

// resultForm is a complete form of a result.
func resultForm() url.Values {
	return url.Values{
		"title": {"纳米碳酸钙连续碳化技术"}, "submarket": {"materials"}, "fields": {"calcium"}, "modes": {"licence"}, "secrecy": {"1"},
		"summary": {"以微通道连续碳化制备纳米碳酸钙，一次粒径可调，省去二次打浆。"}, "problem": {"间歇碳化批次差异大、能耗高"}, "advantage": {"粒径分布更窄，吨电耗低三成"},
		"economics": {"吨成本降低 60 元"}, "stage": {"pilot"}, "price_method": {"listed"}, "price": {"46"}, "price_unit": {"万元"},
		"ips.type": {"invention", ""}, "ips.title": {"连续碳化工艺", ""}, "ips.number": {"ZL 2017 1 0601862.3", ""}, "ips.status": {"granted", ""},
	}
}

// filled is the form with other values at some fields.
func filled(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// postListing sends a form and returns the id of what it made.
func (c *client) postListing(kind market.Kind, form url.Values) int64 {
	c.t.Helper()
	got := c.post("/"+string(kind)+"s", form)
	if got.status != http.StatusSeeOther {
		c.t.Fatalf("post a %s: status %d %s", kind, got.status, got.page(c.t).Find(".mk-summary").Text())
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(got.location, "/"+string(kind)+"s/"), 10, 64)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// publish passes a submitted listing.
func (s *testServer) publish(kind market.Kind, id int64) {
	s.t.Helper()
	if err := s.Service.PublishListing(s.t.Context(), s.newUser(market.Reviewer), kind, id, s.version("listings", id), market.Subject(kind).AllYes()); err != nil {
		s.t.Fatal(err)
	}
}

// listings counts what is stored, to show that a refused post stored nothing.
func (s *testServer) listings() int {
	s.t.Helper()
	var n int
	if err := s.Store.DB().QueryRowContext(s.t.Context(), `SELECT count(*) FROM listings`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestNeedFromFormToShelf(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c := s.as(owner)
	if got := c.get("/needs/new"); got.status != 200 || got.page(t).Find("input[name=key]").AttrOr("value", "") == "" {
		t.Fatalf("the form: status %d", got.status)
	}
	id := c.postListing(market.KindNeed, filled(needForm(), "act", "submit", "key", "K1"))
	path := fmt.Sprintf("/needs/%d", id)
	own := c.get(path)
	if own.status != 200 || !strings.Contains(own.body, "需求已提交审核，编号 XQ-") {
		t.Errorf("after submitting: %d", own.status)
	}
	visitor := s.visitor()
	if got := visitor.get(path); got.status != 404 {
		t.Errorf("a visitor sees a need in review: %d", got.status)
	}
	s.publish(market.KindNeed, id)
	got := visitor.get(path)
	page := got.page(t)
	for _, want := range []string{"重钙浆料研磨返粗", "120～180", "先进材料·碳酸钙先进材料", "永丰县", "委托开发、技术许可", "还有不公开的详细内容", owner.OrgName} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the public page lacks %q", want)
		}
	}
	for _, secret := range []string{"分散剂由某厂供应", "13800002046", "测试员"} {
		if strings.Contains(got.body, secret) {
			t.Errorf("the public page shows %q", secret)
		}
	}
	if text := page.Find("section:contains('进展') .mk-log").Text(); strings.Contains(text, "提交审核") || !strings.Contains(text, "公开发布") {
		t.Errorf("public progress: %q", text)
	}
	if d := page.Find("meta[property='og:description']").AttrOr("content", ""); !strings.HasPrefix(d, "研磨到 2 μm") {
		t.Errorf("description %q", d)
	}
	if href := page.Find(".mk-act a.btn-primary").AttrOr("href", ""); href != fmt.Sprintf("/inquiries/new?listing=%d", id) {
		t.Errorf("发起对接 leads to %q", href)
	}
}

func TestResultFromFormToShelf(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.University, market.OrgVerified))
	id := c.postListing(market.KindResult, filled(resultForm(), "act", "submit"))
	s.publish(market.KindResult, id)
	text := s.visitor().get(fmt.Sprintf("/results/%d", id)).page(t).Text()
	for _, want := range []string{"46.00", "肆拾陆万元整", "ZL 2017 1 0601862.3", "已授权", "中试", "吨成本降低 60 元"} {
		if !strings.Contains(text, want) {
			t.Errorf("the public page lacks %q", want)
		}
	}
}

// TestEvidenceAndDates: what proves the stage and when the rights end, from the form to the public page, to the reviewer and
// to the comparison of texts.
func TestEvidenceAndDates(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.University, market.OrgVerified)
	c, reviewer := s.as(owner), s.as(s.newUser(market.Reviewer))
	dated := func(filed, granted string) url.Values {
		form := filled(resultForm(), "act", "submit", "evidence", "中试线连续运行 40 天，有检测报告")
		form["ips.filed_on"], form["ips.granted_on"] = []string{filed, ""}, []string{granted, ""}
		return form
	}
	got := c.post("/results", dated("前年夏天", "2019年3月5日"))
	wantMessage(t, "unreadable date", got, http.StatusUnprocessableEntity, "日期“前年夏天”认不出来")
	for name, want := range map[string]string{"ips.filed_on": "前年夏天", "ips.granted_on": "2019年3月5日", "evidence": "中试线连续运行 40 天，有检测报告"} {
		if kept := values(t, got.page(t), "/results").Get(name); kept != want {
			t.Errorf("%s holds %q after the refusal", name, kept)
		}
	}
	form := dated("", "")
	form["ips.type"], form["ips.number"], form["ips.filed_on"] = []string{"", "invention"}, []string{"", "ZL 2017 1 0601862.4"}, []string{"前年夏天", ""}
	got = c.post("/results", form)
	for at, want := range map[string]string{"ips-0-filed_on": "true", "ips-0-type": "true", "ips-1-number": "true", "ips-1-type": ""} {
		if wrong := got.page(t).Find("#"+at).AttrOr("aria-invalid", ""); wrong != want {
			t.Errorf("%s is marked as wrong: %q", at, wrong)
		}
	}
	if n := s.listings(); n != 0 {
		t.Fatalf("%d listings are stored", n)
	}
	id := c.postListing(market.KindResult, dated("2006/7/21", "2019-03-05"))
	path := fmt.Sprintf("/results/%d", id)
	wantMessage(t, "review", reviewer.get(fmt.Sprintf("/review/listings/%d", id)), http.StatusOK, "其中 1 项专利已过期")
	wantMessage(t, "review", reviewer.get(fmt.Sprintf("/review/listings/%d", id)), http.StatusOK, "写了依据，没有写应用案例")
	s.publish(market.KindResult, id)
	public := text(s.visitor().get(path).page(t))
	for _, want := range []string{"中试线连续运行 40 天", "2006-07-21", "2019-03-05", "2026-07-21 已过期"} {
		if !strings.Contains(public, want) {
			t.Errorf("the public page lacks %q", want)
		}
	}
	form = values(t, c.get(path+"/edit").page(t), path)
	if form["ips.filed_on"][0] != "2006-07-21" || form.Get("evidence") == "" {
		t.Errorf("the form holds %v", form)
	}
	form["ips.filed_on"][0], form["act"] = "2017-07-21", []string{"submit"}
	if got := c.post(path, form); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, text(got.page(t)))
	}
	changes := text(reviewer.get("/review/revisions/" + s.waitingRevision()).page(t))
	if !strings.Contains(changes, "到期日期 2037-07-21") && !strings.Contains(changes, "37-07-21") {
		t.Errorf("the review does not say what changed: %s", changes)
	}
	if strings.Contains(text(s.visitor().get(path).page(t)), "2037") {
		t.Error("the public page shows an edit that waits")
	}
	docs, err := s.Store.Documents(t.Context(), []int64{id})
	if err != nil || len(docs) != 1 || !strings.Contains(docs[0].Body, "中试线连续运行 40 天") {
		t.Errorf("what is searched lacks the evidence: %+v, %v", docs, err)
	}
	hidden := filled(dated("", ""), "hide_org", "1", "evidence", owner.OrgName+"出具的检测报告")
	wantMessage(t, "a hidden name in the evidence", c.post("/results", hidden), http.StatusUnprocessableEntity, "名称")
}

func TestViewsCountStrangersOnly(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c := s.as(owner)
	id := c.postListing(market.KindNeed, filled(needForm(), "act", "submit"))
	path := fmt.Sprintf("/needs/%d", id)
	const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.47"
	look := func(c *client, method string, header ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, c.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", phone)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		c.do(req)
	}
	look(c, http.MethodGet)
	s.publish(market.KindNeed, id)
	look(c, http.MethodGet)
	look(s.as(s.newUser(market.Reviewer)), http.MethodGet)
	visitor := s.visitor()
	look(visitor, http.MethodGet)
	look(visitor, http.MethodHead)
	look(visitor, http.MethodGet, "Sec-Purpose", "prefetch;prerender")
	look(visitor, http.MethodGet, "X-Moz", "prefetch")
	look(visitor, http.MethodGet, "User-Agent", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)")
	look(s.as(s.newOrg(market.University, market.OrgVerified)), http.MethodGet)
	record, err := s.Store.ListingRecord(t.Context(), id)
	if err != nil || record.Views != 2 {
		t.Errorf("%d views, %v, want the visitor's and the other organisation's", record.Views, err)
	}
}

// TestListingRoutes asks for every route as everybody. A listing that is not open to the asker is not found, and what an
// editor of a verified organisation may do, nobody else may.
func TestListingRoutes(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	people := map[string]market.Actor{
		"visitor": {}, "editor": s.newMember(owner.OrgID, market.Editor), "viewer": s.newMember(owner.OrgID, market.Viewer),
		"other": s.newOrg(market.University, market.OrgVerified), "unverified": s.newOrg(market.Enterprise, market.OrgPending),
		"person": s.newUser(), "reviewer": s.newUser(market.Reviewer), "auditor": s.newUser(market.Auditor),
	}
	clients := map[string]*client{}
	for name, a := range people {
		clients[name] = s.as(a)
	}
	c := s.as(owner)
	shelf := map[market.Kind]map[string]int64{market.KindNeed: {}, market.KindResult: {}}
	for kind, ids := range shelf {
		form := needForm
		if kind == market.KindResult {
			form = resultForm
		}
		ids["draft"], ids["public"] = c.postListing(kind, form()), c.postListing(kind, filled(form(), "act", "submit"))
		s.publish(kind, ids["public"])
	}
	everybody := []string{"visitor", "editor", "viewer", "other", "unverified", "person", "reviewer", "auditor"}
	type want map[string]int
	all := func(status int, but want) want {
		out := want{}
		for _, name := range everybody {
			out[name] = status
		}
		for name, status := range but {
			out[name] = status
		}
		return out
	}
	for kind, ids := range shelf {
		base := "/" + string(kind) + "s"
		draft, public := fmt.Sprintf("%s/%d", base, ids["draft"]), fmt.Sprintf("%s/%d", base, ids["public"])
		// An editor's own acts come last, because they change what the others are refused.
		for _, r := range []struct {
			method, path string
			want         want
		}{
			{"GET", public, all(200, nil)},
			{"GET", draft, all(404, want{"editor": 200, "viewer": 200})},
			{"GET", base + "/new", all(403, want{"visitor": 303, "editor": 200, "other": 200, "unverified": 200, "person": 303, "reviewer": 303, "auditor": 303})},
			{"GET", draft + "/edit", all(404, want{"visitor": 303, "editor": 200, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"GET", public + "/edit", all(404, want{"visitor": 303, "editor": 200, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"GET", "/work/" + string(kind) + "s", all(200, want{"visitor": 303, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", base, all(403, want{"visitor": 303, "editor": 422, "other": 422, "unverified": 422})},
			{"POST", draft, all(404, want{"visitor": 303, "editor": 422, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", public + "/confirm", all(404, want{"visitor": 303, "editor": 303, "viewer": 403, "unverified": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", public + "/recall", all(404, want{"visitor": 303, "editor": 409, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", draft + "/submit", all(404, want{"visitor": 303, "editor": 303, "viewer": 403, "unverified": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", draft + "/recall", all(404, want{"visitor": 303, "editor": 303, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", draft + "/delete", all(404, want{"visitor": 303, "editor": 409, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", public + "/withdraw", all(404, want{"visitor": 303, "editor": 303, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
			{"POST", public + "/close", all(404, want{"visitor": 303, "editor": 303, "viewer": 403, "person": 403, "reviewer": 403, "auditor": 403})},
		} {
			for _, name := range append([]string{"visitor", "viewer", "other", "unverified", "person", "reviewer", "auditor"}, "editor") {
				var got answer
				if r.method == "GET" {
					got = clients[name].get(r.path)
				} else {
					got = clients[name].post(r.path, url.Values{"title": {""}})
				}
				if got.status != r.want[name] {
					t.Errorf("%s %s as %s: status %d, want %d", r.method, r.path, name, got.status, r.want[name])
				}
				if name == "visitor" && got.status == 303 && !strings.HasPrefix(got.location, "/login") {
					t.Errorf("%s %s sends a visitor to %s", r.method, r.path, got.location)
				}
			}
		}
	}
}

func TestListingFormKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	for name, tc := range map[string]struct {
		form        url.Values
		field, text string // id of the control and its message
	}{
		"broken UTF-8":    {filled(needForm(), "title", "重钙\xff\xfe研磨"), "title", "编码"},
		"NUL":             {filled(needForm(), "title", "\x00"), "title", "请填写标题"},
		"long title":      {filled(needForm(), "title", strings.Repeat("钙", 5000)), "title", "多了 4900 个字"},
		"negative amount": {filled(needForm(), "budget", "-3"), "budget", "不能是负数"},
		"14 digits":       {filled(needForm(), "budget", "12345678901234"), "budget", "1 万亿元以上"},
		"words as amount": {filled(needForm(), "budget_max", "很多"), "budget_max", "应为数字"},
		"only the top":    {filled(needForm(), "budget", ""), "budget_max", "只填了上限"},
		"odd date":        {filled(needForm(), "deadline", "后年"), "deadline", "认不出来"},
		"past date":       {filled(needForm(), "deadline", "2020-01-01", "act", "submit"), "deadline", "不能早于今天"},
		"other market":    {filled(needForm(), "submarket", "food"), "fields", "不属于所选的专业市场"},
		"no such market":  {filled(needForm(), "submarket", "\x00\xff"), "submarket", "列表"},
		"no target":       {filled(needForm(), "indicators.target", ""), "indicators", "第 1 行还没有要求"},
		"no secrecy":      {filled(needForm(), "secrecy", "", "act", "submit"), "secrecy", "国家秘密"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.post("/needs", tc.form)
			page := got.page(t)
			if got.status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d", got.status)
			}
			if text := page.Find("#"+tc.field+"-error").Text() + page.Find(".mk-field--err:has(#"+tc.field+") .mk-err").Text() + page.Find("[data-groups] .mk-err").Text(); !strings.Contains(text, tc.text) {
				t.Errorf("at %s: %q, want %q", tc.field, text, tc.text)
			}
			if !strings.Contains(page.Find(".mk-summary").Text(), tc.text) || !strings.HasPrefix(page.Find("title").Text(), "错误：") {
				t.Error("the summary and the title do not say it")
			}
			for _, a := range page.Find(".mk-summary a").EachIter() {
				if href := a.AttrOr("href", ""); page.Find(href).Length() != 1 {
					t.Errorf("the summary leads to %s, which is not on the page once", href)
				}
			}
			if v := page.Find("[name=problem]").Text(); v != tc.form.Get("problem") {
				t.Errorf("the problem came back as %q", v)
			}
			if v := page.Find("[name='indicators.name']").First().AttrOr("value", ""); v != "粒径 D97" {
				t.Errorf("the first row came back as %q", v)
			}
		})
	}
	if n := s.listings(); n != 0 {
		t.Errorf("%d listings after nothing but bad input", n)
	}
}

func TestScriptInAListingIsText(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>`
	id := c.postListing(market.KindNeed, filled(needForm(), "title", evil, "problem", evil+strings.Repeat("现在怎么做", 10), "act", "submit"))
	s.publish(market.KindNeed, id)
	for _, path := range []string{fmt.Sprintf("/needs/%d", id), "/needs", "/"} {
		got := s.visitor().get(path)
		if page := got.page(t); got.status != 200 || page.Find("main script, img[onerror]").Length() != 0 || !strings.Contains(page.Text(), "<script>alert(1)") {
			t.Errorf("%s: status %d, or the script is not shown as text", path, got.status)
		}
	}
}

func TestSameFormTwiceAndStaleForm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	first, second := c.postListing(market.KindNeed, filled(needForm(), "key", "ONE")), c.postListing(market.KindNeed, filled(needForm(), "key", "ONE"))
	if first != second || s.listings() != 1 {
		t.Errorf("one form made %d and %d", first, second)
	}
	path := fmt.Sprintf("/needs/%d", first)
	version := c.get(path+"/edit").page(t).Find("input[name=version]").AttrOr("value", "")
	if got := c.post(path, filled(needForm(), "version", version, "title", "甲改的标题")); got.status != 303 {
		t.Fatalf("edit: status %d", got.status)
	}
	got := c.post(path, filled(needForm(), "version", version, "title", "乙改的标题"))
	page := got.page(t)
	if got.status != http.StatusConflict || !strings.Contains(page.Find(".mk-summary").Text(), "刚被别人修改过") {
		t.Errorf("stale form: status %d, %q", got.status, page.Find(".mk-summary").Text())
	}
	if v := page.Find("#title").AttrOr("value", ""); v != "乙改的标题" {
		t.Errorf("what was typed came back as %q", v)
	}
	if h1 := c.get(path).page(t).Find("h1").Text(); h1 != "甲改的标题" {
		t.Errorf("stored %q", h1)
	}
}

func TestUnitSlipAsksOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	for range 5 {
		s.publish(market.KindNeed, c.postListing(market.KindNeed, filled(needForm(), "budget", "90", "budget_max", "", "act", "submit")))
	}
	slip := filled(needForm(), "budget", "900000", "budget_max", "", "act", "submit")
	got := c.post("/needs", slip)
	page := got.page(t)
	if got.status != 422 || !strings.Contains(page.Find("#budget-error").Text(), "如果是 90\u00a0万元") || page.Find("[name=budget_confirm]").Length() != 1 {
		t.Fatalf("status %d: %q", got.status, page.Find("#budget-error").Text())
	}
	c.postListing(market.KindNeed, filled(slip, "budget_confirm", "1"))
}

func TestSubmitOfAnIncompleteDraftShowsItsForm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.University, market.OrgVerified))
	id := c.postListing(market.KindResult, filled(resultForm(), "economics", ""))
	got := c.post(fmt.Sprintf("/results/%d/submit", id), nil)
	page := got.page(t)
	if got.status != 422 || page.Find("#economics-error").Length() != 1 || page.Find("input[name=version]").Length() != 1 {
		t.Errorf("status %d: %q", got.status, page.Find(".mk-summary").Text())
	}
}

func TestUnverifiedReadsWhySubmittingMustWait(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgPending))
	page := c.get("/needs/new").page(t)
	if page.Find("button[value=submit]").Length() != 0 || !strings.Contains(page.Find("#submit-why").Text(), "核验") {
		t.Error("the form offers to submit, or does not say why not")
	}
	id := c.postListing(market.KindNeed, filled(needForm(), "act", "draft"))
	got := c.post("/needs", filled(needForm(), "act", "submit"))
	if got.status != http.StatusForbidden || got.page(t).Find("[name=problem]").Text() != needForm().Get("problem") {
		t.Errorf("a forced submission: status %d, or what was typed is lost", got.status)
	}
	if s.listings() != 1 {
		t.Error("a refused submission was stored")
	}
	if why := c.get(fmt.Sprintf("/needs/%d", id)).page(t).Find("#submit-why").Text(); !strings.Contains(why, "核验") {
		t.Errorf("the draft's page: %q", why)
	}
}

// TestHiddenNameIsOnNoPage looks for the owner's name, code and number in all that strangers can open.
func TestHiddenNameIsOnNoPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner, other := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.University, market.OrgVerified)
	need := s.as(owner).postListing(market.KindNeed, filled(needForm(), "hide_org", "1", "act", "submit"))
	s.publish(market.KindNeed, need)
	result := s.as(other).postListing(market.KindResult, filled(resultForm(), "act", "submit"))
	s.publish(market.KindResult, result)
	docs, err := s.Store.Documents(t.Context(), []int64{need})
	if err != nil || len(docs) != 1 {
		t.Fatal(err)
	}
	if err := s.Service.SetMatches(t.Context(), docs[0], []store.Match{{NeedID: need, ResultID: result, Score: 0.8, Strength: "strong",
		Reasons: []store.MatchReason{{OK: true, Text: "同一细分领域"}, {Text: "没有涉及电耗"}}, Terms: []string{"碳酸钙"}}}); err != nil {
		t.Fatal(err)
	}
	o, err := s.Store.Org(t.Context(), owner, owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{o.Name, string(o.USCC), fmt.Sprintf("/orgs/%d", o.ID)}
	paths := []string{fmt.Sprintf("/needs/%d", need), fmt.Sprintf("/results/%d", result), fmt.Sprintf("/results/%d?matches=all", result), "/needs", "/"}
	for name, c := range map[string]*client{"visitor": s.visitor(), "other": s.as(other)} {
		pages := paths
		if name == "other" {
			pages = append(pages, "/work", "/work/matches", fmt.Sprintf("/inquiries/new?listing=%d&with=%d", need, result))
		}
		for _, path := range pages {
			got := c.get(path)
			if got.status != 200 {
				t.Errorf("%s as %s: status %d", path, name, got.status)
			}
			for _, secret := range secrets {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s shows %q to the %s", path, secret, name)
				}
			}
		}
	}
	text := s.as(other).get(fmt.Sprintf("/results/%d", result)).page(t).Find("#matches").Text()
	for _, want := range []string{"匹配强", "一家先进材料企业（名称未公开）", "同一细分领域", "没有涉及电耗", "有用", "发起对接"} {
		if !strings.Contains(text, want) {
			t.Errorf("the suggestion lacks %q: %s", want, text)
		}
	}
	if got := s.visitor().get(fmt.Sprintf("/orgs/%d", o.ID)); got.status != 200 || strings.Contains(got.body, needForm().Get("title")) {
		t.Errorf("the owner's page: status %d, or it lists the need without a name", got.status)
	}
	if !strings.Contains(s.as(s.newUser(market.Reviewer)).get(paths[0]).body, o.Name) {
		t.Error("a reviewer must see whose it is")
	}
}

func TestReturnedListingShowsItsReasonToItsOwner(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	c := s.as(owner)
	id := c.postListing(market.KindNeed, filled(needForm(), "act", "submit"))
	if err := s.Service.ReturnListing(t.Context(), s.newUser(market.Reviewer), market.KindNeed, id, s.version("listings", id), []string{"N2"}, "请补上检验方法"); err != nil {
		t.Fatal(err)
	}
	alert := c.get(fmt.Sprintf("/needs/%d", id)).page(t).Find(".mk-alert--bad").Text()
	if !strings.Contains(alert, "指标没有量化或没有检验方法") || !strings.Contains(alert, "请补上检验方法") {
		t.Errorf("the owner reads %q", alert)
	}
	home := c.get("/work").page(t)
	if !strings.Contains(home.Text(), "修改被退回的需求") || !strings.Contains(home.Text(), "请补上检验方法") {
		t.Error("the workbench does not list it as a task")
	}
}

func TestMarksOnSuggestions(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	firm, school, third := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.University, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	need := s.as(firm).postListing(market.KindNeed, filled(needForm(), "act", "submit"))
	result := s.as(school).postListing(market.KindResult, filled(resultForm(), "act", "submit"))
	s.publish(market.KindNeed, need)
	s.publish(market.KindResult, result)
	docs, err := s.Store.Documents(t.Context(), []int64{need})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Service.SetMatches(t.Context(), docs[0], []store.Match{{NeedID: need, ResultID: result, Score: 0.8, Strength: "good"}}); err != nil {
		t.Fatal(err)
	}
	c := s.as(firm)
	page := c.get(fmt.Sprintf("/needs/%d", need)).page(t)
	action := page.Find("#matches form").First().AttrOr("action", "")
	if href := page.Find("#matches .mk-acts a").AttrOr("href", ""); href != fmt.Sprintf("/inquiries/new?listing=%d&with=%d", result, need) {
		t.Errorf("发起对接 leads to %q", href)
	}
	if got := s.as(third).post(action, url.Values{"useful": {"yes"}}); got.status != 404 {
		t.Errorf("a third organisation marks: %d", got.status)
	}
	if s.visitor().get(fmt.Sprintf("/needs/%d", need)).page(t).Find("#matches form").Length() != 0 {
		t.Error("a visitor is offered marks")
	}
	if got := c.post(action, url.Values{"useful": {"perhaps"}}); got.status != 422 {
		t.Errorf("an odd word: %d", got.status)
	}
	if got := c.post(action, url.Values{"useful": {"no"}, "back": {"//evil.example"}}); got.status != 303 || got.location != "/work/matches" {
		t.Errorf("不合适: %d to %s", got.status, got.location)
	}
	if c.get("/work/matches").page(t).Find(".mk-match").Length() != 0 || c.get("/work/matches?said=unsuitable").page(t).Find(".mk-match").Length() != 1 {
		t.Error("不合适 must leave the list and stay under its own heading")
	}
	if got := c.post(action, url.Values{"useful": {"undo"}, "back": {"/work/matches"}}); got.status != 303 {
		t.Errorf("undo: %d", got.status)
	}
	if c.get("/work/matches").page(t).Find(".mk-match").Length() != 1 {
		t.Error("what was taken back must be listed again")
	}
}

func TestWorkbenchOfEverybody(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	firm := s.newOrg(market.Enterprise, market.OrgVerified)
	draft := s.as(firm).postListing(market.KindNeed, needForm())
	for name, c := range map[string]struct {
		actor   market.Actor
		want    []string
		without []string
	}{
		"firm":         {firm, []string{"要您办", "我的需求", "草稿", "发布技术需求", fmt.Sprintf("/needs/%d", draft)}, []string{"主管部门待办"}},
		"viewer":       {s.newMember(firm.OrgID, market.Viewer), []string{"要您办"}, []string{"/needs/new", "继续填写"}},
		"unverified":   {s.newOrg(market.Enterprise, market.OrgPending), []string{"正在等待核验"}, nil},
		"person":       {s.newUser(), []string{"从登记单位开始", "/org/new"}, []string{"要您办"}},
		"reviewer":     {s.newUser(market.Reviewer), []string{"待审核", "/review"}, []string{"/registry", "从登记单位开始"}},
		"registrar":    {s.newUser(market.Registrar), []string{"待受理合同", "/registry", "/bureau/turnover"}, []string{"单位与变更"}},
		"statistician": {s.newUser(market.Statistician), []string{"/bureau/turnover"}, []string{"/review", "/registry"}},
		"auditor":      {s.newUser(market.Auditor), []string{"/bureau/turnover"}, []string{"单位与变更"}},
		"admin":        {s.newUser(market.Admin), []string{"没有待办队列"}, nil},
	} {
		got := s.as(c.actor).get("/work")
		if got.status != 200 {
			t.Errorf("%s: status %d", name, got.status)
		}
		main, err := got.page(t).Find("main").Html()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.want {
			if !strings.Contains(main, text) {
				t.Errorf("%s: no %q", name, text)
			}
		}
		for _, text := range c.without {
			if strings.Contains(main, text) {
				t.Errorf("%s: %q is there", name, text)
			}
		}
	}
	for _, path := range []string{"/work/needs?state=%00%ff", "/work/needs?state=draft&page=7", "/work/needs?state=confirm", "/work/matches?listing=x&said=%ff", "/work/results"} {
		if got := s.as(firm).get(path); got.status != 200 {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}

func TestNoticesAreReadUpToWhatWasSeen(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	firm := s.newOrg(market.Enterprise, market.OrgVerified) // verification tells its owner
	c := s.as(firm)
	page := c.get("/notices").page(t)
	upTo := page.Find("input[name=up_to]").AttrOr("value", "")
	if upTo == "" || !strings.Contains(page.Text(), "已通过核验") {
		t.Fatalf("notices: %s", page.Find("main").Text())
	}
	id := c.postListing(market.KindNeed, filled(needForm(), "act", "submit"))
	s.publish(market.KindNeed, id)
	if got := c.post("/notices/read", url.Values{"up_to": {upTo}}); got.status != 303 {
		t.Errorf("read: %d", got.status)
	}
	if n, err := s.Store.UnreadNotices(t.Context(), firm); err != nil || n != 1 {
		t.Errorf("%d unread, %v, want the one that came in since", n, err)
	}
	if got := c.post("/notices/read", url.Values{"up_to": {"x"}}); got.status != 422 {
		t.Errorf("odd number: %d", got.status)
	}
}

// TestDraftKeepsItself: a form that keeps itself makes one draft, changes it, and says why it can't.
func TestDraftKeepsItself(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	a := s.newOrg(market.Enterprise, market.OrgPending)
	c := s.as(a)
	keep := func(path string, form url.Values) (int, draftAnswer) {
		t.Helper()
		got := c.request(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
		var out draftAnswer
		if err := json.Unmarshal([]byte(got.body), &out); err != nil {
			t.Fatalf("status %d, %q: %v", got.status, got.body, err)
		}
		return got.status, out
	}
	for _, kind := range []string{"need", "result"} {
		form := url.Values{"act": {"draft"}, "key": {formKey()}, "title": {"磨机出口粉尘回收"}, "hide_org": {"0"}, "price_method": {"negotiated"}}
		status, first := keep("/"+kind+"s", form)
		if status != http.StatusOK || !strings.HasPrefix(first.Path, "/"+kind+"s/") || first.Version != 1 || !strings.Contains(first.Message, "自动保存") {
			t.Fatalf("%s: status %d, %+v", kind, status, first)
		}
		form.Set("version", "1")
		form.Set("title", "磨机出口粉尘回收与除铁")
		status, second := keep(first.Path, form)
		if status != http.StatusOK || second.Path != first.Path || second.Version != 2 {
			t.Errorf("%s again: status %d, %+v", kind, status, second)
		}
		if status, stale := keep(first.Path, form); status != http.StatusConflict || stale.Path != "" {
			t.Errorf("%s from an old version: status %d, %+v", kind, status, stale)
		}
		form.Set("version", "2")
		form.Set("title", "")
		if status, wrong := keep(first.Path, form); status != http.StatusUnprocessableEntity || wrong.Path != "" || !strings.Contains(wrong.Message, "标题") {
			t.Errorf("%s without title: status %d, %+v", kind, status, wrong)
		}
		if page := c.get(first.Path + "/edit"); page.page(t).Find("form[data-draft] [data-draft-note]").Length() != 1 || !strings.Contains(page.body, "除铁") {
			t.Errorf("%s: the form of the draft does not keep itself", kind)
		}
	}
	if n := s.rows("listings"); n != 2 {
		t.Errorf("%d drafts were made", n)
	}
	if examples := c.get("/needs/new").page(t).Find("details.mk-example"); examples.Length() != 5 {
		t.Errorf("%d examples", examples.Length())
	}
}
