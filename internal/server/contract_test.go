package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// contractValues is the form of a contract as its seller fills it in.
func contractValues(title string) url.Values {
	today := market.DateOf(time.Now())
	return url.Values{"title": {title}, "kind": {"D1"}, "tech_field": {"materials"}, "ip_type": {"none"}, "plan_source": {"none"},
		"seller_type": {"022"}, "seller_region": {"360825"}, "buyer_name": {"江西市场外有限公司"}, "buyer_uscc": {"9135 0100 M000100Y43"},
		"buyer_type": {"150"}, "buyer_region": {"360100"}, "total_amount": {"126"}, "total_amount_unit": {"万元"}, "payment_mode": {"lump"},
		"deductions.kind": {"", "equipment", ""}, "deductions.name": {"", "在线激光粒度仪 1 套", ""}, "deductions.amount": {"", "8.6", ""},
		"economic_goal": {"industry"}, "seller_industry": {"83"}, "seller_legal_rep": {"梁述平"}, "seller_address": {"吉安市永丰县科技路 1 号"}, "seller_contact": {"孔令仪"}, "seller_phone": {"0796-8224217"},
		"buyer_scale": {"medium"}, "buyer_industry": {"26"}, "buyer_legal_rep": {"宋文彬"}, "buyer_address": {"南昌市高新大道 9 号"}, "buyer_contact": {"曾庆年"}, "buyer_phone": {"0791-8816035"},
		"buyer_postcode": {"330096"}, "buyer_traits": {"hightech", "research"},
		"ips.type": {"invention"}, "ips.title": {"一种重钙研磨助剂"}, "ips.number": {"ZL 2017 1 0601862.3"}, "ips.status": {"granted"}, "ips.filed_on": {"2017-07-21"},
		"added_investment": {"30"}, "added_investment_unit": {"万元"},
		"signed_on": {today.Format("2006年1月2日")}, "starts_on": {today.Format("2006/1/2")}, "ends_on": {today.AddDate(1, 0, 0).Format(time.DateOnly)}}
}

// with is a form with one value changed.
func with(form url.Values, field, value string) url.Values {
	out := maps.Clone(form)
	out[field] = []string{value}
	return out
}

// draftContract saves a contract through the form and returns its address.
func draftContract(t testing.TB, seller *client, title string) string {
	t.Helper()
	got := seller.post("/contracts", contractValues(title))
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/contracts/") {
		t.Fatalf("create: status %d to %q\n%s", got.status, got.location, got.page(t).Find(".mk-summary").Text())
	}
	return got.location
}

func wantStatus(t testing.TB, what string, got answer, want int) {
	t.Helper()
	if got.status != want {
		t.Errorf("%s: status %d, want %d", what, got.status, want)
	}
}

func TestContractFromDraftToRegister(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar))
	wantStatus(t, "form", seller.get("/contracts/new"), http.StatusOK)
	at := draftContract(t, seller, "重钙超细研磨助剂体系技术开发")

	page := seller.get(at)
	for _, text := range []string{"壹佰贰拾陆万元整", "1,174,000.00", "提交登记申请", "江西市场外有限公司", "91350100M000100Y43"} {
		if !strings.Contains(page.body, text) {
			t.Errorf("the draft's page lacks %q", text)
		}
	}
	wantStatus(t, "registrar before the submission", desk.get(at), http.StatusNotFound)
	wantStatus(t, "submit", seller.post(at+"/submit", nil), http.StatusSeeOther)
	if queue := desk.get("/registry").page(t).Find("tbody tr th a"); queue.Length() != 1 || queue.AttrOr("href", "") != at {
		t.Errorf("the desk lists %q", queue.Text())
	}
	wantStatus(t, "submitted twice", seller.post(at+"/submit", nil), http.StatusConflict)
	wantStatus(t, "edited on the desk", seller.get(at+"/edit"), http.StatusConflict)

	wantStatus(t, "accept", desk.post(at+"/accept", nil), http.StatusSeeOther)
	if due := desk.get(at).page(t).Find(".mk-box__foot .mk-due").Text(); !strings.Contains(due, "第 0 个工作日，共 15 个；还剩 15 个工作日") {
		t.Errorf("the clock reads %q", due)
	}
	returned := desk.post(at+"/return", url.Values{"note": {"请写明<b>验收</b>标准"}})
	wantStatus(t, "return without a ground", returned, http.StatusUnprocessableEntity)
	doc := returned.page(t)
	if doc.Find("details[open] #note").Text() != "请写明<b>验收</b>标准" || doc.Find("#code-error").Length() != 1 || strings.Contains(returned.body, "<b>验收</b>") {
		t.Error("the return's form came back without what was typed or where it is wrong")
	}
	wantStatus(t, "pass", desk.post(at+"/pass", nil), http.StatusSeeOther)

	today := market.DateOf(time.Now())
	number := fmt.Sprintf("%d360800000001", today.Year())
	form := url.Values{"number": {"12345"}, "registered_on": {today.Format(time.DateOnly)}}
	wrong := desk.post(at+"/register", form)
	wantStatus(t, "short number", wrong, http.StatusUnprocessableEntity)
	if wrong.page(t).Find("#number").AttrOr("value", "") != "12345" || wrong.page(t).Find("#number-error").Length() != 1 {
		t.Error("the number came back without its value or message")
	}
	lastYear := with(form, "number", fmt.Sprintf("%d360800000001", today.Year()-1))
	asked := desk.post(at+"/register", lastYear)
	if asked.status != http.StatusUnprocessableEntity || asked.page(t).Find("input[name=number_confirm]").Length() != 1 {
		t.Error("a number of another year was not asked about")
	}
	wantStatus(t, "register", desk.post(at+"/register", with(form, "number", number)), http.StatusSeeOther)
	if page := seller.get(at); !strings.Contains(page.body, number) || !strings.Contains(page.body, "已登记") {
		t.Error("the seller's page does not show the registration")
	}
	wantStatus(t, "print", seller.get(at+"/print"), http.StatusOK)
	if list := seller.get("/contracts?state=registered").page(t).Find("tbody tr"); list.Length() != 1 {
		t.Errorf("the seller lists %d registered contracts", list.Length())
	}
	wantStatus(t, "revoke without a reason", desk.post(at+"/revoke", nil), http.StatusUnprocessableEntity)
	wantStatus(t, "revoke", desk.post(at+"/revoke", url.Values{"ground": {"X03"}, "benefits": {"unreported"}, "note": {"与另一份是同一项目"}}), http.StatusSeeOther)
	if notice := seller.get(at + "/notice").body; !strings.Contains(notice, "撤销告知书") || !strings.Contains(notice, "X03 重复登记") || !strings.Contains(notice, "当事人还没有报告") {
		t.Error("the notice to tax and finance does not say why")
	}
	if got := desk.get("/registry?state=ended").page(t).Find("tbody tr").Length(); got != 1 {
		t.Errorf("the desk lists %d ended contracts", got)
	}
}

func TestContractFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller := s.as(s.newOrg(market.University, market.OrgVerified))
	good := contractValues("<script>alert(1)</script>技术服务")
	for _, c := range []struct{ field, value, id, message string }{
		{"title", strings.Repeat("长", 5000), "title", "最多 100 个字"},
		{"buyer_uscc", "91350100M000100Y34", "buyer_uscc", "校验位"},
		{"total_amount", "-5", "total_amount", "负数"},
		{"total_amount", "99999999999999", "total_amount", "1 万亿元"},
		{"total_amount", "abc", "total_amount", "数字"},
		{"signed_on", "1983-12-31", "signed_on", "年份不对"},
		{"signed_on", "2999-01-01", "signed_on", "年份不对"},
		{"signed_on", "昨天", "signed_on", "认不出来"},
		{"ends_on", "2001-01-01", "ends_on", "不能早于"},
		{"kind", "X9", "kind", "请选择"},
		{"seller_park", "nowhere", "seller_park", "园区"},
		{"agency_name", "\xff\xfe", "agency_name", "编码"},
		{"total_amount", "8.6", "deductions", "应小于合同成交额"},
	} {
		got := seller.post("/contracts", with(good, c.field, c.value))
		doc := got.page(t)
		message := doc.Find("#" + c.id + "-error").Text()
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(message, c.message) {
			t.Errorf("%s = %.20q: status %d, message %q, want %q", c.field, c.value, got.status, message, c.message)
		}
		if doc.Find(`.mk-summary a[href="#`+c.id+`"]`).Length() == 0 {
			t.Errorf("%s = %.20q: the summary does not lead to the field", c.field, c.value)
		}
		if doc.Find("#buyer_name").AttrOr("value", "") != "江西市场外有限公司" || doc.Find("#deductions-0-amount").AttrOr("value", "") != "8.6" {
			t.Errorf("%s: what was typed is gone", c.field)
		}
		if doc.Find("main script").Length() != 0 {
			t.Error("a title is run as a script")
		}
	}
	bad := maps.Clone(good)
	bad["deductions.amount"] = []string{"", "八点六", ""}
	if got := seller.post("/contracts", bad); got.page(t).Find("#deductions-0-amount[aria-invalid]").Length() != 1 {
		t.Errorf("a deduction that is no sum: status %d", got.status)
	}
	var n int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM contracts`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d contracts were stored, %v", n, err)
	}
	computed := seller.post("/contracts", with(good, "act", "compute"))
	if computed.status != http.StatusOK || !strings.Contains(computed.page(t).Find(".mk-sum .tot").Text(), "1,174,000.00") {
		t.Errorf("computing: status %d", computed.status)
	}
}

func TestContractFormAsksAboutASlip(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	sellerActor, buyerActor := s.newOrg(market.University, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	seller, deal := s.as(sellerActor), newTestDeal(t, s, sellerActor, buyerActor)
	page := seller.get(fmt.Sprintf("/contracts/new?deal=%d", deal)).page(t)
	if page.Find("#total_amount").AttrOr("value", "") != "126.00" || !strings.Contains(page.Find(".mk-ok").Text(), "与成交记录一致") {
		t.Error("the deal's price is not in the form")
	}
	if buyer := page.Find("#buyer_name"); buyer.AttrOr("value", "") != buyerActor.OrgName || buyer.AttrOr("disabled", "no") == "no" {
		t.Error("the deal's buyer can be changed")
	}
	form := with(with(contractValues("滤波器技术开发"), "deal", fmt.Sprint(deal)), "total_amount", "1260000")
	asked := seller.post("/contracts", form)
	doc := asked.page(t)
	if asked.status != http.StatusUnprocessableEntity || !strings.Contains(doc.Find("#total_amount-error").Text(), "1 万倍") || doc.Find("input[name=total_amount_confirm]").Length() != 1 {
		t.Errorf("a sum 10,000 times the deal's: status %d, %q", asked.status, doc.Find("#total_amount-error").Text())
	}
	wantStatus(t, "confirmed", seller.post("/contracts", with(form, "total_amount_confirm", "1")), http.StatusSeeOther)
	wantStatus(t, "a second contract", seller.post("/contracts", with(form, "total_amount", "126")), http.StatusConflict)
	wantStatus(t, "the buyer drafts", s.as(buyerActor).get(fmt.Sprintf("/contracts/new?deal=%d", deal)), http.StatusForbidden)
	wantStatus(t, "no such deal", seller.get("/contracts/new?deal=999"), http.StatusNotFound)
	wantStatus(t, "not a deal", seller.get("/contracts/new?deal=x"), http.StatusNotFound)
}

// newTestDeal makes a deal at 126 万元 without listings.
func newTestDeal(t *testing.T, s *testServer, seller, buyer market.Actor) int64 {
	t.Helper()
	var id int64
	err := s.Store.InTx(t.Context(), func(tx *store.Tx) (err error) {
		id, err = tx.CreateDeal(context.Background(), market.Deal{Number: fmt.Sprintf("CJ-2026-%04d", testSerial.Add(1)), TradeMode: "inquiry", SellerOrg: seller.OrgID, BuyerOrg: buyer.OrgID,
			State: market.DealAgreed, Title: "滤波器技术开发", Kind: "D1", Indicators: "插损 ≤ 1.2 dB", Period: "10 个月", Price: decimal.NewFromInt(1_260_000),
			Payment: "签约付三成", Acceptance: "抽样合格", AgreedAt: time.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestContractFormIsPostedOnceAndNotStale(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller := s.as(s.newOrg(market.University, market.OrgVerified))
	key := seller.get("/contracts/new").page(t).Find("input[name=key]").AttrOr("value", "")
	form := with(contractValues("同一张表"), "key", key)
	first, second := seller.post("/contracts", form), seller.post("/contracts", form)
	if key == "" || first.location != second.location || first.status != http.StatusSeeOther {
		t.Errorf("one form made %q and %q", first.location, second.location)
	}
	at := first.location
	form = with(contractValues("改后的题名"), "version", seller.get(at+"/edit").page(t).Find("input[name=version]").AttrOr("value", ""))
	wantStatus(t, "edit", seller.post(at+"/edit", form), http.StatusSeeOther)
	stale := seller.post(at+"/edit", with(form, "title", "又改的题名"))
	if stale.status != http.StatusConflict || stale.page(t).Find("#title").AttrOr("value", "") != "又改的题名" {
		t.Errorf("a stale edit: status %d, and what was typed is gone", stale.status)
	}
	if page := seller.get(at).body; !strings.Contains(page, "改后的题名") || strings.Contains(page, "又改的题名") {
		t.Error("the stale edit was stored")
	}
}

func TestContractAccess(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	sellerActor, buyerActor := s.newOrg(market.University, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	deal := newTestDeal(t, s, sellerActor, buyerActor)
	people := map[string]*client{"guest": s.visitor(), "other": s.as(s.newOrg(market.Enterprise, market.OrgVerified)), "seller": s.as(sellerActor), "buyer": s.as(buyerActor),
		"viewer": s.as(s.newMember(sellerActor.OrgID, market.Viewer)), "unverified": s.as(s.newOrg(market.Enterprise, market.OrgPending)),
		"registrar": s.as(s.newUser(market.Registrar)), "statistician": s.as(s.newUser(market.Statistician)), "auditor": s.as(s.newUser(market.Auditor)),
		"reviewer": s.as(s.newUser(market.Reviewer)), "admin": s.as(s.newUser(market.Admin))}
	got := people["seller"].post("/contracts", with(contractValues("两方合同"), "deal", fmt.Sprint(deal)))
	wantStatus(t, "create", got, http.StatusSeeOther)
	at := got.location

	const login = http.StatusSeeOther
	check := func(when string, ask func(*client) answer, want map[string]int, rest int) {
		t.Helper()
		for name, c := range people {
			status, listed := want[name]
			if !listed {
				status = rest
			}
			wantStatus(t, name+" "+when, ask(c), status)
		}
	}
	reads := func(path string) func(*client) answer { return func(c *client) answer { return c.get(path) } }
	posts := func(path string) func(*client) answer { return func(c *client) answer { return c.post(path, nil) } }
	check("reads the draft", reads(at), map[string]int{"guest": login, "seller": 200, "buyer": 200, "viewer": 200, "auditor": 200}, 404)
	check("prints the draft", reads(at+"/print"), map[string]int{"guest": login, "seller": 200, "buyer": 200, "viewer": 200, "auditor": 200}, 404)
	check("opens the form", reads(at+"/edit"), map[string]int{"guest": login, "seller": 200, "buyer": 403, "other": 404, "unverified": 404}, 403)
	check("opens a new form", reads("/contracts/new"), map[string]int{"guest": login, "seller": 200, "buyer": 200, "other": 200}, 403)
	check("lists contracts", reads("/contracts"), map[string]int{"guest": login, "seller": 200, "buyer": 200, "other": 200, "viewer": 200, "unverified": 200}, 403)
	check("opens the desk", reads("/registry"), map[string]int{"guest": login, "registrar": 200, "statistician": 200, "auditor": 200}, 403)

	for name, c := range people {
		if name == "seller" {
			continue
		}
		want := http.StatusForbidden
		switch name {
		case "guest":
			want = login
		case "buyer", "other":
			want = http.StatusNotFound
		}
		wantStatus(t, name+" submits", c.post(at+"/submit", nil), want)
	}
	wantStatus(t, "seller submits", people["seller"].post(at+"/submit", nil), http.StatusSeeOther)
	check("reads the submitted", reads(at), map[string]int{"guest": login, "other": 404, "unverified": 404, "reviewer": 404, "admin": 404}, 200)
	for _, act := range []string{"return", "pass", "confirm", "register", "refuse", "cancel", "revoke"} {
		status := http.StatusConflict
		if act == "return" || act == "refuse" { // open in this state, but without a ground
			status = http.StatusUnprocessableEntity
		}
		check("posts "+act, posts(at+"/"+act), map[string]int{"guest": login, "registrar": status}, 403)
	}
	for name, c := range people {
		acts := c.get(at).page(t).Find(".mk-decide form")
		if (acts.Length() > 0) != (name == "seller" || name == "registrar") {
			t.Errorf("%s is offered %d acts", name, acts.Length())
		}
	}
	var refused int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE outcome = 'refused'`).Scan(&refused); err != nil || refused < 50 {
		t.Errorf("%d refusals are on record, %v", refused, err)
	}
	if names := people["buyer"].get(at).page(t).Find(".mk-log").Text(); strings.Contains(names, "测试员") {
		t.Error("the buyer reads the name of the seller's person")
	}
}

func TestRegistryFiltersAndCounts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar))
	for i, form := range []url.Values{contractValues("小额开发"), with(contractValues("大额开发"), "total_amount", "860"), with(contractValues("咨询"), "kind", "C1")} {
		got := seller.post("/contracts", form)
		wantStatus(t, fmt.Sprint("create ", i), got, http.StatusSeeOther)
		wantStatus(t, fmt.Sprint("submit ", i), seller.post(got.location+"/submit", nil), http.StatusSeeOther)
		if i == 1 {
			wantStatus(t, "accept", desk.post(got.location+"/accept", nil), http.StatusSeeOther)
		}
	}
	for path, want := range map[string]int{"/registry": 3, "/registry?state=submitted": 2, "/registry?state=accepted": 1, "/registry?large=1": 1,
		"/registry?kind=" + url.QueryEscape("技术咨询"): 1, "/registry?region=360825": 3, "/registry?region=360802": 0, "/registry?state=registered": 0, "/registry?page=9": 0} {
		doc := desk.get(path).page(t)
		if got := doc.Find("tbody tr").Length(); got != want {
			t.Errorf("%s lists %d contracts, want %d", path, got, want)
		}
	}
	first := desk.get("/registry").page(t)
	if got := first.Find("tbody tr").First().Text(); !strings.Contains(got, "大额开发") {
		t.Errorf("first in the queue is %q, not the one whose clock runs", got)
	}
	if tab := first.Find(".mk-tabs a[aria-current] span").Text(); tab != "3" {
		t.Errorf("the tab counts %q", tab)
	}
}
