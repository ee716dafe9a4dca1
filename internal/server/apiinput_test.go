package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// TestAPIRefusesBadInput: each wrong value is told at its field, by the name it has in the API, and nothing changes.
func TestAPIRefusesBadInput(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	need, result := d.newListing(d.buyer, "needs", market.Draft), d.newListing(d.seller, "results", market.Draft)
	public := d.newListing(d.buyer, "needs", market.Published)
	waiting := d.newListing(d.buyer, "needs", market.InReview)
	contract, accepted := d.newContract(contractBody()), d.newContract(contractBody(), "submit", "accept")
	fresh, talks := d.newTalks(""), d.newTalks("1260000")
	version := d.seller.get(path("inquiries", talks)).number("version")
	match := d.newMatch(public, d.newListing(d.seller, "results", market.Published))
	deal := d.newDeal("990000")

	long := strings.Repeat("长", 5000)
	longDigits := "12345678901234" // 14 of them
	tomorrow := time.Now().AddDate(0, 0, 1).In(market.Shanghai).Format(time.DateOnly)
	party := func(pairs ...any) jsonObject { return contractBody()["buyer"].(jsonObject).but(pairs...) }
	propose := func(term ...jsonObject) jsonObject { return jsonObject{"version": version, "terms": term} }
	type bad struct {
		who          *caller
		method, path string
		body         any
		field        string
		message      string
	}
	cases := []bad{
		{d.buyer, "POST", "/needs", nil, "title", "请填写标题"},
		{d.buyer, "POST", "/needs", `{}`, "title", "请填写标题"},
		{d.buyer, "POST", path("needs", public, "submit"), `{"force": true}`, "force", "没有这个字段"},
		{d.reviewer, "POST", path("needs", waiting, "publish"), jsonObject{"checks": jsonObject{"clear": "yes"}}, "checks.terms", "还没有核对"},
		{d.reviewer, "POST", path("needs", waiting, "publish"), jsonObject{"checks": "yes"}, "checks", "应为对象"},
		{d.reviewer, "POST", path("needs", waiting, "return"), jsonObject{"note": "请修改"}, "codes", "至少选择一个"},
		{d.reviewer, "POST", path("needs", waiting, "return"), jsonObject{"codes": []string{"XX"}, "note": long}, "codes", "从列表中选择"},
		{d.buyer, "POST", path("matches", match, "mark"), jsonObject{"useful": "yes"}, "useful", "true 或 false"},
		{d.buyer, "POST", path("matches", match, "mark"), jsonObject{"useful": false, "reason": long}, "reason", "最多 200 个字"},
		{d.seller, "POST", "/inquiries", jsonObject{"body": "想了解现在的产能和能耗。"}, "listing_id", "请写明"},
		{d.seller, "POST", "/inquiries", jsonObject{"listing_id": public, "body": "短"}, "body", "至少 10 个字"},
		{d.seller, "POST", "/inquiries", jsonObject{"listing_id": public, "body": long}, "body", "最多 2000 个字"},
		{d.other, "POST", "/inquiries", jsonObject{"listing_id": public, "other_listing_id": result, "body": "想了解现在的产能和能耗。"}, "other_listing_id", "请从列表中选择"},
		{d.seller, "POST", "/inquiries", jsonObject{"listing_id": public, "other_listing_id": result, "body": "想了解现在的产能和能耗。"}, "other_listing_id", "没有公开"},
		{d.seller, "POST", "/inquiries", `{"listing_id": 99999999999999999999}`, "listing_id", "应为整数"},
		{d.buyer, "POST", path("inquiries", fresh, "answer"), jsonObject{"answer": "maybe"}, "answer", "请选择"},
		{d.buyer, "POST", path("inquiries", fresh, "answer"), jsonObject{"answer": "unsuitable", "reason": "不想"}, "reason", "请选择"},
		{d.buyer, "POST", path("inquiries", fresh, "decline"), jsonObject{"reason": "其他"}, "body", "请在内容里写明"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), jsonObject{"terms": []jsonObject{{"term": "period", "value": "9 个月"}}}, "version", "请写明您看到的版本"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(), "terms", "至少提出一项"},
		{d.buyer, "POST", "/searches", jsonObject{"query": "q=%zz"}, "query", "问号后面"},
		{d.buyer, "POST", "/searches", jsonObject{"query": "q=" + long}, "query", "最多 100 个字"},
		{d.buyer, "POST", "/searches", jsonObject{"query": "q=重钙", "name": long}, "name", "最多 60 个字"},
		{d.buyer, "POST", "/searches", jsonObject{"query": "q=重钙", "often": "daily"}, "often", "请选择"},
		{d.buyer, "POST", "/searches", jsonObject{"query": "q=重钙&kind=patent"}, "kind", "没有"},
		{d.buyer, "POST", "/searches", jsonObject{"query": 5}, "query", "应为文字"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "colour", "value": "红"}), "terms.0.term", "没有这一项"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "period", "value": "9 个月"}, jsonObject{"term": "price", "amount": "-5"}), "terms.1.amount", "负数"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "price", "amount": 0}), "terms.0.amount", "大于 0"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "price", "amount": longDigits}), "terms.0.amount", "1 万亿元"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "period", "value": long}), "terms.0.value", "最多 1000 个字"},
		{d.buyer, "POST", path("inquiries", talks, "propose"), propose(jsonObject{"term": "kind", "value": "X9"}), "terms.0.value", "请选择"},
		{d.buyer, "POST", path("inquiries", talks, "agree-terms"), nil, "term_ids", "请写明"},
		{d.buyer, "POST", path("inquiries", talks, "agree"), nil, "version", "请写明您看到的版本"},
		{d.seller, "POST", "/contracts", jsonObject{"deal_id": deal}, "payment_mode", "请选择"},
		{d.seller, "POST", "/contracts", jsonObject{"deal_id": deal, "total_amount": nil}, "total_amount", "请填写"},
		{d.registrar, "POST", path("contracts", accepted, "register"), nil, "registration_number", "请填写"},
		{d.registrar, "POST", path("contracts", accepted, "register"), jsonObject{"registration_number": d.registrationNumber(), "registered_on": tomorrow}, "registered_on", "不能晚于今天"},
		{d.registrar, "POST", path("contracts", accepted, "register"), jsonObject{"registration_number": d.registrationNumber(), "registered_on": "1983-12-31"}, "registered_on", "不能早于签订日期"},
		{d.registrar, "POST", path("contracts", accepted, "register"), jsonObject{"registration_number": d.registrationNumber(), "registered_on": "昨天"}, "registered_on", "认不出来"},
		{d.registrar, "POST", path("contracts", accepted, "refuse"), jsonObject{"code": "X"}, "code", "请选择原因"},
		{d.registrar, "POST", path("contracts", accepted, "return"), jsonObject{"code": "R06", "note": long}, "note", "最多 1000 个字"},
	}
	// What is wrong with a text, a number or a date is wrong in a new thing and in a change alike.
	for _, c := range []struct {
		name, value any
		field       string
		message     string
	}{
		{"title", long, "title", "最多 100 个字"},
		{"title", "　\n ", "title", "请填写标题"},
		{"title", 5, "title", "应为文字"},
		{"titel", "x", "titel", "没有这个字段"},
		{"id", 7, "id", "没有这个字段"},
		{"state", "published", "state", "没有这个字段"},
		{"fields", "calcium", "fields", "应为列表"},
		{"fields", []string{"calcium", "nothing"}, "fields", "从列表中选择"},
		{"submarket", "nothing\x00", "submarket", "从列表中选择"},
		{"county", "999999", "county", "从列表中选择"},
		{"modes", []string{"theft"}, "modes", "从列表中选择"},
		{"hide_org", "yes", "hide_org", "true 或 false"},
		{"gated", strings.Repeat("长", 3001), "gated", "多了 1 个字"},
		{"deadline", "2027-13-01", "deadline", "认不出来"},
		{"deadline", "1983-12-31", "deadline", "年份不对"},
		{"deadline", 20270101, "deadline", "应为文字"},
		{"budget", jsonObject{"kind": "amount", "min": -5}, "budget.min", "负数"},
		{"budget", jsonObject{"kind": "amount", "min": longDigits}, "budget.min", "1 万亿元"},
		{"budget", jsonObject{"kind": "amount", "min": json.Number(longDigits)}, "budget.min", "1 万亿元"},
		{"budget", jsonObject{"kind": "amount", "min": json.Number("1e900000000")}, "budget.min", "金额应为数字"},
		{"budget", jsonObject{"kind": "range", "min": "1000", "max": "12.345"}, "budget.max", "精确到分"},
		{"budget", jsonObject{"kind": "amount", "min": []int{1}}, "budget.min", "数字或十进制文字"},
		{"budget", jsonObject{"kind": "amount", "min": ""}, "budget", "请填写金额"},
		{"budget", jsonObject{"kind": "gift", "min": 5}, "budget", "填法"},
		{"budget", 5, "budget", "应为对象"},
		{"indicators", []jsonObject{{"name": "粒径"}}, "indicators.0.target", "要求达到的值"},
		{"indicators", []jsonObject{{"name": "粒径", "target": "2"}, {"name": "白度", "target": strings.Repeat("9", 41)}}, "indicators.1.target", "最多 40 个字"},
		{"indicators", []jsonObject{{"name": "粒径", "target": "2", "colour": "红"}}, "colour", "没有这个字段"},
	} {
		name := c.name.(string)
		cases = append(cases, bad{d.buyer, "POST", "/needs", needBody().but(name, c.value), c.field, c.message},
			bad{d.buyer, "PATCH", path("needs", need), jsonObject{name: c.value}, c.field, c.message})
	}
	for _, c := range []struct {
		name, value any
		field       string
		message     string
	}{
		{"price_method", "gift", "price_method", "请选择"},
		{"price", jsonObject{"kind": "open"}, "price", "挂牌须写明价格"},
		{"price", jsonObject{"kind": "amount", "min": "九成"}, "price.min", "金额应为数字"},
		{"stage", "dream", "stage", "从列表中选择"},
		{"trl_min", 0.5, "trl_min", "应为整数"},
		{"trl_max", 12, "stage", "TRL"},
		{"ips", []jsonObject{{"type": "invention", "number": "ZL 2017 1 0601862.4", "status": "granted"}}, "ips.0.number", "校验位"},
		{"ips", []jsonObject{{"type": "secret", "status": "granted", "filed_on": "去年"}}, "ips.0.filed_on", "2027-06-30"},
		{"ips", []jsonObject{{"type": "secret", "status": "granted", "filed_on": "2020-01-02", "granted_on": "2020-01-01"}}, "ips.0.granted_on", "早于"},
		{"evidence", strings.Repeat("证", 1001), "evidence", "最多 1000 个字"},
		{"ips", []jsonObject{{"type": "none", "status": "lost"}}, "ips.0.status", "还没有选状态"},
	} {
		name := c.name.(string)
		cases = append(cases, bad{d.seller, "POST", "/results", resultBody().but(name, c.value), c.field, c.message},
			bad{d.seller, "PATCH", path("results", result), jsonObject{name: c.value}, c.field, c.message})
	}
	for _, c := range []struct {
		name, value any
		field       string
		message     string
	}{
		{"title", long, "title", "最多 100 个字"},
		{"buyer", party("uscc", "91350100M000100Y34"), "buyer.uscc", "校验位"},
		{"buyer", party("name", ""), "buyer.name", "请填写"},
		{"buyer", party("region", "1"), "buyer.region", "请选择"},
		{"buyer", party("org_id", 1), "org_id", "没有这个字段"},
		{"seller", jsonObject{"type": "999"}, "seller.type", "请选择"},
		{"seller", jsonObject{"name": "别人"}, "name", "没有这个字段"},
		{"seller_park", "nowhere", "seller_park", "园区"},
		{"total_amount", "-5", "total_amount", "负数"},
		{"total_amount", json.Number("-1260000.5"), "total_amount", "负数"},
		{"total_amount", longDigits, "total_amount", "1 万亿元"},
		{"total_amount", json.Number(longDigits), "total_amount", "1 万亿元"},
		{"total_amount", "1.005", "total_amount", "精确到分"},
		{"total_amount", true, "total_amount", "数字或十进制文字"},
		{"total_amount", "86000", "deductions", "应小于合同成交额"},
		{"deductions", []jsonObject{{"kind": "parts", "name": "试样", "amount": 1}, {"kind": "gold", "name": "金", "amount": "1"}}, "deductions.1.kind", "还没有选类别"},
		{"deductions", []jsonObject{{"kind": "parts", "name": "试样", "amount": "八点六"}}, "deductions.0.amount", "金额应为数字"},
		{"deductions", []jsonObject{{"kind": "parts", "name": "试样", "amount": -1}}, "deductions.0.amount", "负数"},
		{"signed_on", "1983-12-31", "signed_on", "年份不对"},
		{"signed_on", tomorrow, "signed_on", "不能晚于今天"},
		{"signed_on", "2026年11月1日", "signed_on", "认不出来"},
		{"signed_on", nil, "signed_on", "请填写"},
		{"ends_on", "2001-01-01", "ends_on", "不能早于"},
		{"kind", "X9", "kind", "请选择"},
		{"tech_amount", "5", "tech_amount", "没有这个字段"},
	} {
		name := c.name.(string)
		cases = append(cases, bad{d.seller, "POST", "/contracts", contractBody().but(name, c.value), c.field, c.message},
			bad{d.seller, "PATCH", path("contracts", contract), jsonObject{name: c.value}, c.field, c.message})
	}
	// Broken UTF-8 is told at its field and never stored as a replacement character.
	for _, c := range []struct {
		who          *caller
		method, path string
	}{{d.buyer, "POST", "/needs"}, {d.buyer, "PATCH", path("needs", need)}, {d.seller, "POST", "/contracts"}, {d.seller, "PATCH", path("results", result)}} {
		cases = append(cases, bad{c.who, c.method, c.path, "{\"hide_org\": true, \"title\": \"题\xff\xfe名\"}", "title", "文字编码不对"})
	}
	before := d.contents()
	for _, c := range cases {
		c.who.refused(c.method, c.path, c.body, c.field, c.message)
		if after := d.contents(); after != before {
			t.Fatalf("%s %s with a bad %s changed %s", c.method, c.path, c.field, changed(before, after))
		}
	}

	for _, body := range []string{`{`, `[]`, `5`, `"x"`, `{"title": "一"} {"title": "二"}`, `{"title": "一"}]`, "\xff", "{\"\xff\": 1", strings.Repeat("[", 20_000)} {
		got := d.buyer.want(http.StatusUnprocessableEntity, "POST", "/needs", body)
		if got.text("detail") == "" || got.len("errors") > 0 {
			t.Errorf("%.20q: %s", body, got.body)
		}
	}
	d.buyer.want(http.StatusRequestEntityTooLarge, "POST", "/needs", `{"title": "`+strings.Repeat("x", 2<<20)+`"}`)
	for _, c := range []struct {
		who  *caller
		path string
		body jsonObject
	}{{d.buyer, path("needs", need), jsonObject{"title": "晚到的题名"}}, {d.seller, path("results", result), jsonObject{"title": "晚到的题名"}},
		{d.seller, path("contracts", contract), jsonObject{"title": "晚到的题名"}}} {
		for _, version := range []int{0, 2, 99} {
			got := c.who.want(http.StatusConflict, "PATCH", c.path, c.body.but("version", version))
			if !strings.Contains(got.text("detail"), "刚被别人修改过") {
				t.Errorf("PATCH %s of version %d: %s", c.path, version, got.body)
			}
		}
	}
	for _, id := range []string{"x", "0", "-1", "1.5", "99999999999999999999", "%00", "%ff"} {
		for _, call := range []string{"GET /needs/", "GET /results/", "GET /contracts/", "GET /inquiries/", "PATCH /needs/", "DELETE /needs/"} {
			method, at, _ := strings.Cut(call, " ")
			d.buyer.want(http.StatusNotFound, method, at+id, nil)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("refused calls changed %s", changed(before, after))
	}
	d.buyer.want(http.StatusNoContent, "DELETE", path("needs", need), nil)
	d.buyer.want(http.StatusNotFound, "GET", path("needs", need), nil)
	if d.contents() == before {
		t.Error("a deletion is not seen in the contents")
	}
	d.buyer.want(http.StatusConflict, "DELETE", path("needs", public), nil)
	if got := d.buyer.want(http.StatusOK, "PATCH", path("needs", public), jsonObject{"title": "公开后的改动"}); strings.Contains(got.text("title"), "公开后的改动") || !strings.Contains(got.body, `"edit":{"state":"draft"`) {
		t.Errorf("the edit of a public need: %s", got.body)
	}
}

// TestAPIListsAndFilters: pages are clamped, and a condition that there is not is refused instead of left out.
func TestAPIListsAndFilters(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	for range 3 {
		d.newListing(d.buyer, "needs", market.Published)
	}
	d.newListing(d.buyer, "needs", market.Draft)
	d.index()
	d.guest.loose = true
	for at, want := range map[string][3]int{"": {3, 1, 20}, "?per_page=2": {2, 1, 2}, "?per_page=2&page=2": {1, 2, 2}, "?per_page=0": {1, 1, 1}, "?per_page=-5": {1, 1, 1},
		"?per_page=100000": {3, 1, 100}, "?per_page=x&page=y": {3, 1, 20}, "?page=0": {3, 1, 20}, "?page=-3": {3, 1, 20}, "?page=99999999": {0, 1_000_000, 20}, "?page=9": {0, 9, 20}} {
		for _, list := range []string{"/needs", "/search", "/needs" + query("q", "重钙浆料")} {
			joined := list + at
			if strings.Contains(list, "?") {
				joined = list + strings.Replace(at, "?", "&", 1)
			}
			got := d.guest.send(http.MethodGet, joined, nil)
			if got.status != http.StatusOK || got.len("items") != want[0] || got.number("total") != 3 || got.number("page") != want[1] || got.number("per_page") != want[2] {
				t.Errorf("GET %s: %d, %d items, total %v, page %v of %v", joined, got.status, got.len("items"), got.at("total"), got.at("page"), got.at("per_page"))
			}
		}
	}
	d.guest.loose = false
	d.buyer.get("/needs?mine=true").is("total", 4)
	d.buyer.get("/needs?mine=true&state=draft").is("total", 1, "items.0.state", "draft")
	d.viewer.get("/needs?mine=true").is("total", 4)
	d.seller.get("/needs?mine=true").is("total", 0)
	d.guest.want(http.StatusUnauthorized, "GET", "/needs?mine=true", nil)
	d.registrar.want(http.StatusForbidden, "GET", "/needs?mine=true", nil)
	d.guest.want(http.StatusUnauthorized, "GET", "/needs?state=in_review", nil)
	d.buyer.want(http.StatusForbidden, "GET", "/needs?state=in_review", nil)
	d.reviewer.get("/results?state=in_review").is("total", 0)
	for at, field := range map[string]string{"/needs?state=nothing": "state", "/needs?mine=true&state=%ff%00": "state", "/needs?state=draft": "state", "/needs?mine=1": "mine",
		"/search?kind=patent": "kind", "/search?county=999999": "county", "/results?submarket=x&submarket=materials": "submarket", "/search?field=%00": "field", "/needs?mode=theft": "mode",
		"/search?stage=%ff": "stage", "/search?sort=price": "sort", "/search?min=many": "min", "/search?max=-1": "max", "/search?verified=yes": "verified",
		"/turnover?year=1999": "year", "/turnover?year=x": "year", "/turnover?year=99999999999999999999": "year", "/turnover?as_of=2099-01-01": "as_of", "/turnover?as_of=x": "as_of",
		"/turnover?by=colour": "by", "/turnover?basis=profit": "basis", "/turnover/contracts?month=13": "month", "/turnover/contracts?month=0": "month",
		"/turnover/contracts?cell=in": "cell", "/turnover/contracts?county=1": "county"} {
		d.guest.refused(http.MethodGet, at, nil, field, "")
	}
	for at, field := range map[string]string{"/inquiries?tab=all": "tab", "/matches?said=maybe": "said", "/matches?listing_id=x": "listing_id", "/contracts?state=sold": "state"} {
		d.buyer.refused(http.MethodGet, at, nil, field, "")
	}
	d.guest.get("/search" + query("q", strings.Repeat("碳酸钙", 4000)+"\x00")).number("total")
	d.guest.get("/turnover?year=2019").is("year", 2019)
	d.guest.get(fmt.Sprintf("/turnover?by=%s", "county,county,park,agency")).number("contracts")
}

// TestAPIErrorsOutsideOfRoutes: an address or method that there is not is a problem document too.
func TestAPIErrorsOutsideOfRoutes(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for call, want := range map[string]int{"GET /api/v1/nothing": http.StatusNotFound, "PUT /api/v1/needs": http.StatusMethodNotAllowed, "GET /api/v2/needs": http.StatusNotFound} {
		method, at, _ := strings.Cut(call, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, s.http.URL+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := s.visitor().do(req)
		var p struct {
			Status int
			Detail string
		}
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != want || p.Status != want || p.Detail == "" ||
			got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %v", call, got.status, got.body, err)
		}
	}
}
