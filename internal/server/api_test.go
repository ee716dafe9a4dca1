package server

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/api"
)

func TestAPIDocumentIsValid(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
	if !doc.IsOpenAPI31OrLater() || len(doc.Servers) != 1 || doc.Servers[0].URL != "/api/v1" {
		t.Errorf("version %s, servers %v", doc.OpenAPI, doc.Servers)
	}
}

// TestAPIDocumentListsEveryRoute holds the route table against the document, both ways, and who needs a token.
func TestAPIDocumentListsEveryRoute(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	doc, err := apiDocument()
	if err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	names := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			described = append(described, method+" /api/v1"+strings.NewReplacer("{", ":", "}", "").Replace(path))
			if op.Summary == "" || op.OperationID == "" || names[op.OperationID] {
				t.Errorf("%s %s: summary %q, operation id %q", method, path, op.Summary, op.OperationID)
			}
			names[op.OperationID] = true
		}
	}
	for _, r := range s.apiRoutes() {
		routed = append(routed, r.method+" "+r.path)
		item := doc.Paths.Value(routeParameter.ReplaceAllString(strings.TrimPrefix(r.path, "/api/v1"), "{$1}"))
		if item == nil || item.GetOperation(r.method) == nil {
			continue // told below
		}
		open := false
		for _, needs := range *item.GetOperation(r.method).Security {
			open = open || len(needs) == 0
		}
		if open != (r.access == public) {
			t.Errorf("%s %s is for %s, and the document says open: %v", r.method, r.path, r.access, open)
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described\n%s\nrouted\n%s", strings.Join(described, "\n"), strings.Join(routed, "\n"))
	}
	s.caller(market.Actor{}).get("/openapi.json").is("openapi", "3.1.0")
}

var routeParameter = regexp.MustCompile(`:([a-z]+)`)

// TestAPIAnswersAreHeldAgainstTheDocument shows that the check of the other tests refuses what does not fit.
func TestAPIAnswersAreHeldAgainstTheDocument(t *testing.T) {
	t.Parallel()
	fits := `{"items": [], "total": 0, "page": 1, "per_page": 20}`
	for body, ok := range map[string]bool{fits: true, `{"items": [], "total": 0, "page": 1}`: false, `{"items": [], "total": "0", "page": 1, "per_page": 20}`: false,
		`{"items": [], "total": 0, "page": 1, "per_page": 20, "secret": 1}`: false, `{"items": [{"id": 1}], "total": 1, "page": 1, "per_page": 20}`: false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://market.test/api/v1/needs", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}}
		if err := fitsDocument(req, "", resp, []byte(body), false); (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestAPIWholeChain drives a need and a result to a registered contract, and what may not be read by whom.
func TestAPIWholeChain(t *testing.T) {
	t.Parallel()
	d := newTrade(t)

	need := d.buyer.create("/needs", needBody())
	d.buyer.get(path("needs", need)).is("state", "draft", "kind", "need", "budget.min", "1200000.00", "budget.max", "1800000.50", "deadline", "2099-06-30",
		"gated", gatedNeed, "contact_phone", phoneBuyer, "org.name", d.buyerActor.OrgName, "tech_field", "materials", "indicators.0.now", "4.8")
	for name, c := range d.roles() {
		if name != "buyer" && name != "viewer" {
			c.want(http.StatusNotFound, "GET", path("needs", need), nil)
		}
	}
	edited := d.buyer.want(http.StatusOK, "PATCH", path("needs", need), jsonObject{"version": 1, "indicators": []jsonObject{{"name": "白度", "target": "≥ 96"}},
		"budget": jsonObject{"kind": "open"}, "deadline": "2098-01-02"})
	edited.is("version", 2, "indicators.0.name", "白度", "indicators.0.now", "", "indicators.1", nil, "budget.kind", "open", "budget.min", nil, "title", needBody()["title"],
		"gated", gatedNeed, "deadline", "2098-01-02", "fields.0", "calcium")
	d.buyer.want(http.StatusConflict, "PATCH", path("needs", need), jsonObject{"version": 1, "title": "晚到的题名"})
	d.buyer.want(http.StatusOK, "PATCH", path("needs", need), jsonObject{"budget": jsonObject{"kind": "amount", "min": 860000}}).is("version", 3, "budget.min", "860000.00", "indicators.0.name", "白度")

	d.buyer.act(path("needs", need, "submit"), nil).is("state", "in_review")
	d.buyer.act(path("needs", need, "recall"), nil).is("state", "draft")
	d.buyer.act(path("needs", need, "submit"), nil)
	d.reviewer.get("/needs?state=in_review").is("total", 1, "items.0.id", need)
	d.reviewer.act(path("needs", need, "return"), jsonObject{"codes": []string{"N2"}, "note": "请写明检验方法"}).is("state", "returned", "return_codes.0", "N2")
	d.buyer.get(path("needs", need)).is("return_note", "请写明检验方法")
	version := d.buyer.act(path("needs", need, "submit"), nil).number("version")
	d.reviewer.want(http.StatusConflict, "POST", path("needs", need, "publish"), jsonObject{"version": version - 1})
	d.reviewer.refused("POST", path("needs", need, "publish"), jsonObject{"checks": jsonObject{"clear": "no"}}, "checks.clear", "不符")
	d.reviewer.act(path("needs", need, "publish"), jsonObject{"version": version}).is("state", "published")
	d.buyer.act(path("needs", need, "confirm"), nil).is("state", "published")
	d.buyer.want(http.StatusOK, "PATCH", path("needs", need), jsonObject{"title": "重钙浆料研磨返粗的控制"}).is("title", needBody()["title"], "edit.state", "draft")
	d.buyer.act(path("needs", need, "submit"), nil).is("edit.state", "in_review")
	queue := d.reviewer.get("/review?type=revision")
	queue.is("total", 1, "items.0.title", "重钙浆料研磨返粗的控制", "items.0.claimed_by", nil, "items.0.mine", false)
	edit := queue.number("items.0.id")
	item := jsonObject{"subject": "revision", "id": edit}
	d.reviewer.want(http.StatusNoContent, "POST", "/review/claim", item)
	d.reviewer.get("/review?mine=true").is("total", 1, "items.0.id", edit, "items.0.mine", true)
	d.reviewer.want(http.StatusNoContent, "POST", "/review/release", item)
	d.reviewer.get("/review?mine=true").is("total", 0)
	d.reviewer.refused("POST", "/review/claim", jsonObject{"subject": "nothing", "id": edit}, "subject", "没有这类")
	d.reviewer.act(path("revisions", edit, "return"), jsonObject{"codes": []string{"N1"}, "note": "请写明研磨设备"}).is("state", "returned", "need.title", "重钙浆料研磨返粗的控制")
	d.buyer.want(http.StatusOK, "PATCH", path("needs", need), jsonObject{"title": needBody()["title"], "background": "同类厂都有此难"}).is("edit.state", "draft")
	d.buyer.act(path("needs", need, "submit"), nil).is("edit.state", "in_review")
	edit = d.reviewer.get("/review?type=revision").number("items.0.id")
	d.reviewer.act(path("revisions", edit, "publish"), nil).is("state", "published", "edit", true)
	d.buyer.get(path("needs", need)).is("background", "同类厂都有此难", "edit", nil)
	d.buyer.get(path("needs", need, "revisions")).is("items.0.state", "published", "items.0.need.gated", gatedNeed, "items.1.state", "returned")
	d.seller.want(http.StatusNotFound, "GET", path("needs", need, "revisions"), nil)

	result := d.seller.create("/results", resultBody())
	d.seller.get(path("results", result)).is("price.min", "460000.00", "price.max", nil, "trl_min", 6, "ips.0.status", "granted")
	right := jsonObject{"type": "invention", "number": "ZL 2017 1 0601862.3", "title": "连续碳化工艺", "status": "granted", "filed_on": "2017-07-21", "granted_on": "2019-03-05"}
	d.seller.want(http.StatusOK, "PATCH", path("results", result), jsonObject{"ips": []jsonObject{right}, "evidence": "运行 40 天"}).is("ips.0.filed_on", "2017-07-21",
		"ips.0.granted_on", "2019-03-05", "ips.0.expires_on", "2037-07-21", "evidence", "运行 40 天")
	d.seller.want(http.StatusOK, "PATCH", path("results", result), jsonObject{"stage": "lab"}).is("ips.0.filed_on", "2017-07-21", "ips.0.title", "连续碳化工艺", "trl_max", 4)
	d.seller.want(http.StatusOK, "PATCH", path("results", result), jsonObject{"stage": "pilot", "trl_min": 5, "trl_max": 6, "ips": []jsonObject{}}).is("trl_min", 5, "ips.0", nil)
	d.seller.act(path("results", result, "submit"), nil)
	d.reviewer.act(path("results", result, "publish"), nil)
	d.seller.act(path("results", result, "withdraw"), nil).is("state", "withdrawn")
	d.seller.get("/results?mine=true&state=withdrawn").is("total", 1)
	d.seller.act(path("results", result, "submit"), nil)
	d.reviewer.act(path("results", result, "publish"), nil)

	d.index()
	found := d.guest.get("/search" + query("q", "碳酸钙", "submarket", "materials"))
	if found.number("total") < 1 || found.at("facets.kind.result") == nil {
		t.Errorf("search: %.300s", found.body)
	}
	d.guest.get("/search").is("total", 2, "page", 1, "per_page", 20, "facets.kind.need", 1)
	d.guest.get("/search?kind=need&county=360825&sort=newest&min=10&max=99.5").is("total", 1, "items.0.price.min", "860000.00", "items.0.org.name", d.buyerActor.OrgName)
	d.guest.get("/results"+query("q", "连续碳化")).is("total", 1, "items.0.kind", "result")

	match := d.newMatch(need, result)
	d.guest.get(path("needs", need, "matches")).is("total", 1, "items.0.listing.id", result, "items.0.strength", "strong", "items.0.reasons.0.text", "都写到碳酸钙", "items.0.useful", nil)
	d.guest.get(path("results", result, "matches")).is("total", 1, "items.0.listing.id", need)
	d.guest.want(http.StatusNotFound, "GET", path("results", need, "matches"), nil)
	d.buyer.get(fmt.Sprintf("/matches?listing_id=%d", need)).is("total", 1, "items.0.listing.id", result)
	d.buyer.want(http.StatusNoContent, "POST", path("matches", match, "mark"), jsonObject{"useful": false, "reason": "太贵"})
	d.buyer.get("/matches").is("total", 0)
	d.buyer.get("/matches?said=unsuitable").is("items.0.useful", false)
	d.seller.get("/matches").is("items.0.useful", nil, "items.0.listing.id", need)
	d.buyer.want(http.StatusNoContent, "POST", path("matches", match, "mark"), jsonObject{"useful": nil})

	talks := d.seller.create("/inquiries", jsonObject{"listing_id": need, "other_listing_id": result, "body": "我们有连续碳化的中试线，想了解现在的产能。"})
	d.seller.get(path("inquiries", talks)).is("turn", "to", "state", "open", "contact", nil, "to.name", d.buyerActor.OrgName, "title", needBody()["title"])
	d.buyer.get("/inquiries").is("total", 1, "items.0.id", talks)
	d.buyer.get("/inquiries?tab=waiting").is("total", 0)
	d.seller.want(http.StatusConflict, "POST", path("inquiries", talks, "answer"), jsonObject{"answer": "interested"})
	if d.seller.sees(phoneBuyer) {
		t.Error("the seller reads the contact before the buyer has answered")
	}
	answered := d.buyer.act(path("inquiries", talks, "answer"), jsonObject{"answer": "more", "body": "请写明中试规模"})
	answered.is("turn", "from", "contact.phone", phoneSeller)
	d.seller.get(path("inquiries", talks)).is("contact.phone", phoneBuyer, "contact.name", contactBuyer, "messages.1.answer", "more", "messages.1.from_side", false)
	first := d.seller.act(path("inquiries", talks, "propose"), jsonObject{"version": answered.number("version"), "terms": []jsonObject{{"term": "kind", "value": "D1"},
		{"term": "indicators", "value": "D97 ≤ 2.5 μm"}, {"term": "period", "value": "10 个月"}, {"term": "price", "amount": 12600000.5}}})
	price := 0
	for i := range first.len("terms") {
		if at := fmt.Sprintf("terms.%d.", i); first.at(at+"term") == "price" {
			price = i
		}
	}
	first.is(fmt.Sprintf("terms.%d.amount", price), "12600000.50", fmt.Sprintf("terms.%d.agreed", price), false)
	d.seller.want(http.StatusConflict, "POST", path("inquiries", talks, "propose"), jsonObject{"version": answered.number("version"), "terms": []jsonObject{{"term": "period", "value": "11 个月"}}})
	second := d.buyer.act(path("inquiries", talks, "propose"), jsonObject{"version": first.number("version"), "terms": []jsonObject{{"term": "payment", "value": "验收后一次付清"}, {"term": "acceptance", "value": "72 h 取样"}}})
	d.buyer.want(http.StatusConflict, "POST", path("inquiries", talks, "agree"), jsonObject{"version": second.number("version")})
	agree := func(c *caller, fromSide bool) reply {
		var ids []any
		now := c.get(path("inquiries", talks))
		for i := range now.len("terms") {
			if at := fmt.Sprintf("terms.%d.", i); now.at(at+"from_side") == fromSide {
				ids = append(ids, now.at(at+"id"))
			}
		}
		return c.act(path("inquiries", talks, "agree-terms"), jsonObject{"term_ids": ids})
	}
	agree(d.buyer, true)
	both := agree(d.seller, false)
	both.is("agreed_terms", 6)
	done := d.buyer.act(path("inquiries", talks, "agree"), jsonObject{"version": both.number("version")})
	done.is("state", "agreed", "turn", nil, "due_on", nil)
	if !strings.HasPrefix(done.text("deal_number"), "CJ-") {
		t.Errorf("deal number %q", done.text("deal_number"))
	}
	d.seller.get("/inquiries?tab=agreed").is("total", 1)

	// From the deal to the register: above the limit it takes two registrars.
	year := time.Now().In(market.Shanghai).Year()
	turnover := fmt.Sprintf("/turnover?year=%d&by=county,submarket,kind,trade_mode", year)
	before := d.guest.get(turnover)
	deal := done.number("deal_id")
	body := contractBody().but("deal_id", deal)
	body["buyer"] = contractBuyer()
	for _, name := range []string{"title", "total_amount", "kind"} {
		delete(body, name) // the deal's own
	}
	d.buyer.want(http.StatusForbidden, "POST", "/contracts", body)
	contract := d.seller.create("/contracts", body)
	d.seller.get(path("contracts", contract)).is("total_amount", "12600000.50", "tech_amount", "12514000.50", "buyer.name", d.buyerActor.OrgName, "seller.name", d.sellerActor.OrgName,
		"deal_id", deal, "need_id", need, "result_id", result, "deductions.0.amount", "86000.00", "kind", "D1", "trade_mode", "inquiry", "registered_on", nil)
	d.seller.want(http.StatusConflict, "POST", "/contracts", body)
	d.buyer.get(path("contracts", contract)).is("state", "draft")
	d.registrar.want(http.StatusNotFound, "GET", path("contracts", contract), nil)
	patched := d.seller.want(http.StatusOK, "PATCH", path("contracts", contract), jsonObject{"version": 1, "agency_name": "吉安技术转移中心", "deductions": []jsonObject{{"kind": "parts", "name": "试样", "amount": "6000.25"}}})
	patched.is("version", 2, "tech_amount", "12594000.25", "deductions.0.kind", "parts", "deductions.1", nil, "signed_on", contractBody()["signed_on"])
	d.seller.want(http.StatusConflict, "PATCH", path("contracts", contract), jsonObject{"version": 1, "title": "晚到的题名"})
	d.seller.act(path("contracts", contract, "submit"), nil).is("state", "submitted")
	d.registrar.get("/contracts?state=submitted").is("total", 1, "items.0.total_amount", "12600000.50")
	d.registrar.act(path("contracts", contract, "accept"), nil).is("state", "accepted")
	d.registrar.act(path("contracts", contract, "return"), jsonObject{"code": "R10", "note": "请写明验收标准"}).is("state", "supplement", "reason", "请写明验收标准")
	d.seller.act(path("contracts", contract, "submit"), nil)
	d.registrar.act(path("contracts", contract, "accept"), nil)
	number := d.registrationNumber()
	d.registrar.want(http.StatusConflict, "POST", path("contracts", contract, "register"), jsonObject{"registration_number": number})
	d.registrar.act(path("contracts", contract, "pass"), nil).is("state", "second_review")
	d.registrar.want(http.StatusForbidden, "POST", path("contracts", contract, "confirm"), nil)
	d.second.act(path("contracts", contract, "confirm"), nil).is("state", "to_register")
	d.registrar.refused("POST", path("contracts", contract, "register"), jsonObject{"registration_number": "123"}, "registration_number", "16 位")
	d.guest.get(turnover).is("amount", before.text("amount"))
	d.registrar.act(path("contracts", contract, "register"), jsonObject{"registration_number": number}).is("state", "registered", "registration_number", number, "registered_on", market.DateOf(time.Now()).Format(time.DateOnly))
	d.seller.get(path("needs", need)).is("state", "matched")
	d.buyer.act(path("needs", need, "close"), nil).is("state", "closed")

	after := d.guest.get(turnover)
	sum := decimal.RequireFromString("12600000.50")
	for _, at := range []string{"amount", "total_amount", "cells.in-in.total_amount", fmt.Sprintf("months.%d.total_amount", int(time.Now().In(market.Shanghai).Month())-1), fmt.Sprintf("years.%d.amount", after.len("years")-1)} {
		if got := after.sum(at).Sub(before.sum(at)); !got.Equal(sum) {
			t.Errorf("%s grew by %s, want %s", at, got, sum)
		}
	}
	if got := after.sum("tech_amount").Sub(before.sum("tech_amount")); !got.Equal(decimal.RequireFromString("12594000.25")) {
		t.Errorf("技术交易额 grew by %s", got)
	}
	for name := range map[string]bool{"county": true, "submarket": true, "kind": true, "trade_mode": true} {
		total := decimal.Zero
		for i := range after.len("by." + name) {
			total = total.Add(after.sum(fmt.Sprintf("by.%s.%d.total_amount", name, i)))
		}
		if !total.Equal(after.sum("total_amount")) {
			t.Errorf("by %s adds up to %s, not %s", name, total, after.text("total_amount"))
		}
	}
	list := fmt.Sprintf("/turnover/contracts?year=%d&cell=in-in&month=%d&trade_mode=inquiry", year, int(time.Now().In(market.Shanghai).Month()))
	d.guest.get(list).is("total", 1, "sum.total_amount", "12600000.50", "items.0.title", needBody()["title"], "items.0.seller_name", nil, "items.0.buyer_name", nil)
	d.statistician.get(list).is("items.0.seller_name", d.sellerActor.OrgName, "items.0.registration_number", number)
	d.registrar.want(http.StatusUnprocessableEntity, "POST", path("contracts", contract, "cancel"), jsonObject{"ground": "Z01", "benefits": "none", "note": " "})
	d.registrar.refused("POST", path("contracts", contract, "cancel"), jsonObject{"ground": "X03", "benefits": "none", "note": "双方解除合同"}, "ground", "请选择")
	d.registrar.act(path("contracts", contract, "cancel"), jsonObject{"ground": "Z01", "benefits": "reported", "note": "双方解除合同"}).
		is("state", "cancelled", "reason", "双方解除合同", "removal.ground", "Z01", "removal.benefits", "reported")
	d.guest.get(turnover).is("amount", before.text("amount"))

	// A contract below the limit is registered by one; another is refused.
	small := d.newContract(contractBody(), "submit", "accept", "register")
	d.seller.get(path("contracts", small)).is("state", "registered", "seller_park", "")
	if got := d.guest.get(turnover).sum("amount").Sub(before.sum("amount")); !got.Equal(decimal.RequireFromString("1260000.50")) {
		t.Errorf("a contract outside the market adds %s", got)
	}
	letter := jsonObject{"objector": "tax", "name": "国家税务总局吉安市税务局", "letter_number": "吉税函〔2026〕41 号", "letter_on": time.Now().In(market.Shanghai).Format(time.DateOnly),
		"body": "标的疑似设备买卖", "letter": jsonObject{"file_name": "来函.png", "content": []byte(picture(t))}}
	objected := d.registrar.want(http.StatusCreated, "POST", path("contracts", small, "objections"), letter)
	objected.is("disputed", false, "objections.0.state", "open", "objections.0.registered", true)
	d.registrar.want(http.StatusConflict, "POST", path("contracts", small, "objections"), letter)
	at := path("contracts", small, "objections") + fmt.Sprintf("/%d", objected.number("objections.0.id"))
	d.registrar.act(at+"/propose", jsonObject{"outcome": "upheld", "note": "标的有技术内容"}).is("objections.0.state", "proposed", "objections.0.outcome", "")
	d.registrar.want(http.StatusForbidden, "POST", at+"/confirm", nil)
	d.second.act(at+"/return", jsonObject{"note": "再核对扣除项"}).is("objections.0.state", "open")
	d.second.act(at+"/propose", jsonObject{"outcome": "upheld", "note": "标的有技术内容"})
	d.registrar.act(at+"/confirm", nil).is("objections.0.state", "decided", "objections.0.outcome", "upheld", "state", "registered")
	d.registrar.act(path("contracts", small, "revoke"), jsonObject{"ground": "X03", "benefits": "unknown", "note": "重复登记"}).is("state", "revoked")
	bad := d.newContract(contractBody(), "submit")
	d.registrar.refused("POST", path("contracts", bad, "refuse"), jsonObject{"code": "R99"}, "note", "请写明")
	d.registrar.act(path("contracts", bad, "refuse"), jsonObject{"code": "R99", "note": "不是技术合同"}).is("state", "refused")
	gone := d.newContract(contractBody(), "submit")
	d.seller.act(path("contracts", gone, "withdraw"), nil).is("state", "withdrawn")
	d.statistician.get("/contracts?per_page=2&page=2").is("page", 2, "per_page", 2, "total", 4)
	d.seller.get("/contracts?state=cancelled&state=refused").is("total", 2)
	d.other.get("/contracts").is("total", 0)

	// Of what is kept from the public, each sees no more than is theirs in all that came back to them.
	secrets := []string{gatedNeed, gatedResult, phoneBuyer, phoneSeller, contactBuyer, contactSel, "中试规模"}
	mayRead := map[string][]string{"buyer": {gatedNeed, phoneBuyer, phoneSeller, contactBuyer, contactSel, "中试规模"},
		"seller": {gatedResult, phoneBuyer, phoneSeller, contactBuyer, contactSel, "中试规模"}, "viewer": {gatedNeed, phoneBuyer, phoneSeller, contactBuyer, contactSel, "中试规模"},
		"reviewer": secrets, "auditor": {phoneBuyer, phoneSeller, contactBuyer, contactSel, "中试规模"}}
	for name, c := range d.roles() {
		for _, at := range []string{path("inquiries", talks), path("needs", need), path("results", result), path("contracts", contract), path("needs", need, "matches"),
			"/needs?mine=true", "/results?mine=true", "/inquiries?tab=agreed", "/matches", "/contracts"} {
			c.send(http.MethodGet, at, nil)
		}
		for _, secret := range secrets {
			if c.sees(secret) && !slices.Contains(mayRead[name], secret) {
				t.Errorf("%s reads %q", name, secret)
			}
		}
		if c.sees("0.8731") {
			t.Errorf("%s reads the score of a match", name)
		}
	}
	if !d.buyer.sees(gatedNeed) || !d.seller.sees(phoneBuyer) || !d.buyer.sees(phoneSeller) || !d.reviewer.sees(gatedResult) {
		t.Error("somebody does not see what is theirs")
	}
}

// TestAPIHidesNames shows that a need posted without its organisation's name tells it to nobody but staff and its own
// people until it takes an inquiry up.
func TestAPIDealFalls(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	deal := d.newDeal("860000")
	fallen := d.buyer.act(path("deals", deal, "fall"), jsonObject{"fall_reason": "资金没有落实"})
	fallen.is("deal_state", "fallen_through", "fall_reason", "资金没有落实", "state", "agreed")
	d.seller.want(http.StatusConflict, "POST", path("deals", deal, "fall"), jsonObject{"fall_reason": "再取消一次"})
	d.buyer.refused("POST", path("deals", deal, "fall"), jsonObject{"fall_reason": ""}, "fall_reason", "为什么不签约")
}

func TestAPIHidesNames(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	need := d.buyer.create("/needs", needBody().but("hide_org", true))
	d.buyer.act(path("needs", need, "submit"), nil)
	d.reviewer.act(path("needs", need, "publish"), nil).is("org.name", d.buyerActor.OrgName)
	result := d.newListing(d.seller, "results", market.Published)
	d.newMatch(need, result)
	d.index()
	for name, c := range map[string]*caller{"guest": d.guest, "seller": d.seller, "registrar": d.registrar} {
		c.get(path("needs", need)).is("org", nil)
		c.get("/needs").is("items.0.org", nil)
		c.get("/search"+query("q", "重钙浆料")).is("items.0.org", nil)
		c.get(path("results", result, "matches")).is("items.0.listing.org", nil)
		if c.sees(d.buyerActor.OrgName) {
			t.Errorf("%s reads the name", name)
		}
	}
	talks := d.seller.create("/inquiries", jsonObject{"listing_id": need, "body": "我们有连续碳化的中试线，想了解现在的产能。"})
	d.seller.get(path("inquiries", talks)).is("to", nil, "turn", "to", "contact", nil)
	d.seller.get("/inquiries?tab=waiting").is("items.0.to", nil)
	if d.seller.sees(d.buyerActor.OrgName) {
		t.Error("the writer of an inquiry reads the name before it is taken up")
	}
	d.buyer.act(path("inquiries", talks, "answer"), jsonObject{"answer": "interested"})
	d.seller.get(path("inquiries", talks)).is("to.name", d.buyerActor.OrgName)
}

// TestAPIStaffReadingIsOnRecord: an inquiry read by staff who are no party leaves an audit entry, as on the page.
func TestAPIStaffReadingIsOnRecord(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	talks := d.newTalks("")
	count := func() (n int) {
		if err := d.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE action = $1 AND object_id = $2 AND via = 'api' AND outcome = 'done'`, market.InquiryRead, talks).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	d.buyer.get(path("inquiries", talks))
	d.seller.get(path("inquiries", talks))
	if n := count(); n != 0 {
		t.Errorf("%d readings by parties are on record", n)
	}
	d.reviewer.get(path("inquiries", talks)).is("contact", nil)
	d.auditor.get(path("inquiries", talks))
	d.other.want(http.StatusNotFound, "GET", path("inquiries", talks), nil)
	if n := count(); n != 2 {
		t.Errorf("%d readings by staff are on record, want 2", n)
	}
}

func TestAPITokens(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	for _, header := range []string{"Bearer ", "Bearer wrong", "Bearer " + strings.Repeat("x", 5000), "Basic dTpw", d.buyer.token, "Bearer \xff\xfe"} {
		for _, call := range []struct{ method, path string }{{"GET", "/needs"}, {"POST", "/needs"}, {"GET", "/contracts"}} {
			got := d.guest.want(http.StatusUnauthorized, call.method, call.path, nil, "Authorization", header)
			if got.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%.20q: WWW-Authenticate %q", header, got.header.Get("WWW-Authenticate"))
			}
		}
	}
	d.buyer.get("/needs?mine=true")
	var id int64
	if err := d.Store.DB().QueryRow(`SELECT id FROM tokens WHERE user_id = $1`, d.buyerActor.UserID).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := d.Service.RevokeToken(t.Context(), d.buyerActor, id); err != nil {
		t.Fatal(err)
	}
	d.buyer.want(http.StatusUnauthorized, "GET", "/needs?mine=true", nil)
}

func TestAPIKeyMakesOne(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	need := d.newListing(d.buyer, "needs", market.Published)
	once := newKey()
	for nouns, call := range map[string]struct {
		who  *caller
		body jsonObject
	}{"needs": {d.seller, needBody()}, "results": {d.seller, resultBody()}, "contracts": {d.seller, contractBody()},
		"inquiries": {d.seller, jsonObject{"listing_id": need, "body": "我们有连续碳化的中试线，想了解现在的产能。"}}} {
		first := call.who.create("/"+nouns, call.body, "Idempotency-Key", once)
		before := d.contents()
		if second := call.who.create("/"+nouns, call.body, "Idempotency-Key", once); second != first {
			t.Errorf("%s: one key made %d and %d", nouns, first, second)
		}
		if after := d.contents(); after != before {
			t.Errorf("%s: the second call changed %s", nouns, changed(before, after))
		}
		for _, bad := range []string{"order:123", strings.Repeat("k", 51), "\xff"} {
			if got := call.who.want(http.StatusUnprocessableEntity, "POST", "/"+nouns, call.body, "Idempotency-Key", bad); got.message("Idempotency-Key") == "" {
				t.Errorf("%s with the key %.10q: %s", nouns, bad, got.body)
			}
		}
	}
	if other := d.other.create("/needs", needBody(), "Idempotency-Key", once); other == 0 {
		t.Error("somebody else's key is taken for one's own")
	}
}

// TestAPIFiles: an owner's pictures and files are added, shown, changed, moved and removed by calls.
func TestAPIFiles(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	need := d.buyer.create("/needs", needBody())
	files := path("listings", need, "files")
	add := func(label, use string) jsonObject {
		return jsonObject{"file_name": "照片.png", "content": []byte(picture(t)), "label": label, "use": use}
	}
	d.buyer.refused("POST", files, add("", "picture"), "label", "请写明这是什么")
	d.buyer.refused("POST", files, jsonObject{"file_name": "a.png", "content": "!", "label": "图", "use": "picture"}, "content", "base64")
	d.buyer.refused("POST", files, jsonObject{"file_name": "a.exe", "content": []byte("MZ"), "label": "图", "use": "public"}, "content", "")
	d.buyer.want(http.StatusCreated, "POST", files, add("研磨段", "picture"), "Idempotency-Key", "one").is("total", 1, "items.0.use", "picture", "items.0.label", "研磨段")
	d.buyer.want(http.StatusCreated, "POST", files, add("研磨段", "picture"), "Idempotency-Key", "one").is("total", 1)
	second := d.buyer.want(http.StatusCreated, "POST", files, add("流程图", "gated"))
	second.is("total", 2, "items.1.use", "gated")
	file := fmt.Sprintf("%s/%v", files, second.at("items.1.id"))
	d.buyer.want(http.StatusOK, "PATCH", file, jsonObject{"label": "工艺流程图", "use": "gated"}).is("items.1.label", "工艺流程图")
	d.buyer.want(http.StatusOK, "POST", file+"/raise", nil).is("items.0.label", "工艺流程图")
	d.buyer.get(path("needs", need)).is("pictures.0.label", "研磨段", "pictures.1", nil, "files.0", nil)
	for _, c := range []*caller{d.seller, d.reviewer, d.auditor, d.guest} {
		for method, at := range map[string]string{"GET": files, "DELETE": file} {
			if got := c.send(method, at, nil); got.status < 400 || got.status >= 500 {
				t.Errorf("%s %s as somebody else: status %d", method, at, got.status)
			}
		}
	}
	d.buyer.want(http.StatusOK, "DELETE", file, nil).is("total", 1, "items.0.label", "研磨段")
	d.buyer.want(http.StatusConflict, "DELETE", file, nil)
}

// TestAPIChallenge runs a challenge from its draft to the award by calls.
func TestAPIChallenge(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	text := jsonObject{"title": "重钙浆料研磨返粗与升温控制", "submarket": "materials", "fields": []string{"calcium"}, "problem": "研磨到 2 μm 以下时浆料升温返粗，换过两种分散剂都没有解决。",
		"indicators": []jsonObject{{"name": "粒径 D97", "now": "4.8", "target": "≤2.5", "unit": "μm", "method": "激光粒度仪"}}, "award": "1200000", "payment": "签约付三成，验收付七成",
		"contract_kind": "D1", "deadline": d.Service.Today().AddDate(0, 0, 20).Format(time.DateOnly), "criteria": []jsonObject{{"name": "技术路线", "detail": "可行", "weight": 60}, {"name": "团队", "detail": "", "weight": 40}},
		"secrecy_confirmed": true, "contact_name": "王工", "contact_phone": phoneBuyer}
	id := d.buyer.create("/challenges", text)
	at := path("challenges", id)
	d.seller.want(http.StatusNotFound, "GET", at, nil)
	d.buyer.get(at).is("state", "draft", "own.contact_name", "王工", "award", "1200000.00")
	d.buyer.want(http.StatusOK, "PATCH", at, jsonObject{"awards": 2}).is("awards", 2, "criteria.1.weight", 40, "own.contact_name", "王工")
	d.buyer.get("/challenges?mine=true").is("total", 1, "items.0.state", "draft")
	d.buyer.act(at+"/submit", nil).is("state", "in_review")
	d.reviewer.get("/review?type=challenge").is("items.0.id", id)
	d.reviewer.act(at+"/return", jsonObject{"codes": []string{"N2"}, "note": "请补指标"}).is("state", "returned", "own.return_codes.0", "N2")
	d.buyer.act(at+"/submit", nil)
	d.reviewer.act(at+"/publish", nil).is("state", "open")
	d.guest.get(at).is("own", nil, "proposals", nil)
	d.seller.act(at+"/questions", jsonObject{"question": "来料的水分大约是多少"}).is("questions.0.answer", "")
	question := d.guest.get(at).number("questions.0.id")
	d.buyer.act(fmt.Sprintf("%s/questions/%d/answer", at, question), jsonObject{"answer": "约百分之一"}).is("questions.0.answer", "约百分之一")
	judge := d.newUser()
	email := d.emailOf(judge)
	d.buyer.act(at+"/judges", jsonObject{"email": email}).is("judges.0.state", "invited", "judges.0.email", email, "proposals.0", nil)
	d.caller(judge).refused("POST", at+"/judging/accept", jsonObject{"declared": false}, "declared", "")
	d.caller(judge).act(at+"/judging/accept", jsonObject{"declared": true}).is("own", "accepted", "judges.0", nil)
	d.seller.act(at+"/proposal", jsonObject{"answers": []string{"两段研磨", "五人"}, "team": "五人", "plan": "分三步", "period": "10 个月", "price": 900000}).is("state", "submitted")
	d.buyer.get(at+"/judging").is("proposals.0", nil)

	if _, err := d.Store.DB().Exec(`UPDATE challenges SET deadline = now() - interval '1 minute' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Service.TendChallenges(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	proposal := d.buyer.get(at + "/judging").number("proposals.0.id")
	offer := path("proposals", proposal)
	d.seller.want(http.StatusNotFound, "GET", offer, nil)
	d.caller(judge).get(offer).is("team", "五人", "total", nil)
	d.caller(judge).refused("POST", offer+"/score", jsonObject{"scores": []int{101, 90}, "comments": []string{"好", "好"}}, "score.0", "")
	d.caller(judge).act(offer+"/score", jsonObject{"scores": []int{80, 90}, "comments": []string{"路线可行", "团队有经验"}}).is("total", "84.00", "sheets.0.scores.1", 90)
	d.buyer.act(at+"/decide", jsonObject{"outcome": "按评审总分决定，第一名中榜", "awarded": []int{proposal}, "reasons": []jsonObject{{"proposal": proposal, "reason": "总分第一"}}}).
		is("state", "publicity", "winners.0.total", "84.00", "proposals", 1)
	d.reviewer.act(at+"/remand", jsonObject{"note": "评语不完整，请重新决定"}).is("state", "judging", "official", "评语不完整，请重新决定")
}
