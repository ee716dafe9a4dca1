package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"techmarket/internal/market"
)

// talk is two organisations with a need and a result to talk about.
type talk struct {
	*testServer
	t             testing.TB
	buyer, seller *client
	buyerName     string
	sellerName    string
	need, result  int64
}

const needPhone = "0796-8220011"

func newTalk(t testing.TB, hidden bool, with ...func(*Options)) *talk {
	t.Helper()
	s := newTestServer(t, with...)
	buyer, seller := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.Institute, market.OrgVerified)
	k := &talk{testServer: s, t: t, buyer: s.as(buyer), seller: s.as(seller), buyerName: buyer.OrgName, sellerName: seller.OrgName}
	common := market.Listing{Title: "重钙湿法研磨 <b>返粗</b>", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, SecrecyConfirmed: true,
		HideOrg: hidden, ContactName: "王联系", ContactPhone: needPhone}
	deadline := s.Now().AddDate(0, 6, 0)
	var err error
	k.need, err = s.Service.CreateNeed(t.Context(), buyer, market.Need{Listing: common, Problem: strings.Repeat("浆料升温返粗，", 5), Deadline: &deadline,
		Indicators: []market.Indicator{{Name: "粒径 D97", Target: "≤2.5"}}, Budget: market.Price{Kind: market.PriceOpen}}, "")
	k.publish(buyer, market.KindNeed, k.need, err)
	common.Title, common.HideOrg, common.ContactPhone = "分散助剂体系", false, "0791-1234567"
	k.result, err = s.Service.CreateResult(t.Context(), seller, market.Result{Listing: common, Summary: strings.Repeat("聚丙烯酸钠复配助剂，", 4),
		Problem: "浆料黏度高，研磨能耗大", Advantage: "固含量 76%，黏度低三成", Economics: "吨成本降低 60 元", Stage: "pilot",
		PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen}}, "")
	k.publish(seller, market.KindResult, k.result, err)
	return k
}

func (k *talk) publish(owner market.Actor, kind market.Kind, id int64, err error) {
	k.t.Helper()
	reviewer := k.newUser(market.Reviewer)
	if err == nil {
		err = k.Service.SubmitListing(k.t.Context(), owner, kind, id)
	}
	if err == nil {
		err = k.Service.PublishListing(k.t.Context(), reviewer, kind, id, k.version("listings", id), market.Subject(kind).AllYes())
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// open has the seller write about the need and returns the inquiry's address.
func (k *talk) open() string {
	k.t.Helper()
	got := k.seller.post("/inquiries", url.Values{"listing": {fmt.Sprint(k.need)}, "with": {fmt.Sprint(k.result)}, "key": {"k"},
		"body": {"我们做到 D97 2.3 μm，<script>alert(1)</script>想了解进料"}})
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/inquiries/") {
		k.t.Fatalf("open: status %d, %s", got.status, got.page(k.t).Find("main").Text())
	}
	return got.location
}

// act posts a form of the inquiry's page and wants a status.
func (k *talk) act(c *client, path string, form url.Values, want int) answer {
	k.t.Helper()
	got := c.post(path, form)
	if got.status != want {
		k.t.Fatalf("POST %s: status %d, want %d: %s", path, got.status, want, got.page(k.t).Find("main").Text())
	}
	return got
}

// values reads the hidden inputs and filled fields of a form.
func values(t testing.TB, doc *goquery.Document, action string) url.Values {
	t.Helper()
	form := doc.Find(fmt.Sprintf(`form[action="%s"]`, action)).Last()
	if form.Length() == 0 {
		t.Fatalf("no form %s on the page", action)
	}
	out := url.Values{}
	form.Find("input[name], textarea[name]").Each(func(_ int, s *goquery.Selection) {
		kind := s.AttrOr("type", "")
		if _, checked := s.Attr("checked"); (kind == "radio" || kind == "checkbox") && !checked {
			return
		}
		value := s.AttrOr("value", "")
		if s.Is("textarea") {
			value = s.Text()
		}
		out.Add(s.AttrOr("name", ""), value)
	})
	form.Find("select[name]").Each(func(_ int, s *goquery.Selection) {
		out.Add(s.AttrOr("name", ""), s.Find("option[selected]").AttrOr("value", ""))
	})
	return out
}

func text(doc *goquery.Document) string {
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

func wantText(t testing.TB, a answer, parts ...string) {
	t.Helper()
	body := text(a.page(t))
	for _, part := range parts {
		if !strings.Contains(body, part) {
			t.Errorf("the page doesn't say %q: %s", part, body)
		}
	}
}

// From the form to the deal, as the two parties drive it.
func TestInquiryFromOpeningToDeal(t *testing.T) {
	t.Parallel()
	k := newTalk(t, false)
	form := k.seller.get(fmt.Sprintf("/inquiries/new?listing=%d&with=%d", k.need, k.result))
	wantText(t, form, "向"+k.buyerName+"发起对接", "分散助剂体系", "5 个工作日")
	if posted := values(t, form.page(t), "/inquiries"); posted.Get("with") != fmt.Sprint(k.result) || posted.Get("key") == "" {
		t.Errorf("the form holds %v", posted)
	}
	path := k.open()

	wantText(t, k.seller.get("/inquiries?tab=waiting"), k.buyerName, "还剩 5 个工作日")
	wantText(t, k.buyer.get("/inquiries"), k.sellerName, "等待答复", "有 1 项要您答复")
	got := k.buyer.get(path)
	wantText(t, got, "轮到您答复", "您的答复", "<script>alert(1)</script>", "谁能看到")
	if strings.Contains(got.body, "<script>alert") || strings.Contains(got.body, "0791-1234567") {
		t.Error("a script or a contact is on the page")
	}
	for _, tab := range []string{"agreed", "ended"} {
		if got := k.buyer.get("/inquiries?tab=" + tab); got.status != http.StatusOK || got.page(t).Find(".mk-empty").Length() != 1 {
			t.Errorf("the list %s: status %d", tab, got.status)
		}
	}

	refused := k.act(k.buyer, path+"/answer", url.Values{"body": {"先问一句"}}, http.StatusUnprocessableEntity)
	doc := refused.page(t)
	if doc.Find(`.mk-summary a[href="#answer"]`).Length() != 1 || doc.Find("#body").Text() != "先问一句" {
		t.Error("the answer without a choice is not shown again with its error and what was typed")
	}
	k.act(k.buyer, path+"/answer", url.Values{"answer": {"interested"}, "body": {"可以取样"}}, http.StatusSeeOther)
	k.act(k.buyer, path+"/answer", url.Values{"answer": {"interested"}}, http.StatusConflict)
	wantText(t, k.seller.get(path), "轮到您答复", needPhone, "王联系", "感兴趣")
	wantText(t, k.buyer.get(path), "等对方答复", "0791-1234567")

	terms := url.Values{"version": {"2"}, "kind": {"D1"}, "indicators": {"D97 ≤ 2.5 μm"}, "period": {"10 个月"}, "price": {"126.5"}, "price_unit": {"万元"},
		"payment": {"验收后一次付清"}, "acceptance": {"72 h 取样"}}
	terms.Set("price", "一百万")
	wantText(t, k.act(k.seller, path+"/propose", terms, http.StatusUnprocessableEntity), "金额应为数字")
	terms.Set("price", "126.5")
	k.act(k.seller, path+"/propose", terms, http.StatusSeeOther)

	page := k.buyer.get(path)
	wantText(t, page, "126.50 万元", "待您 6 项", "同意合作方式、指标、期限、价款、付款与验收与归属")
	agree := values(t, page.page(t), path+"/agree-terms")
	stale := values(t, page.page(t), path+"/propose")
	if stale.Get("price") != "126.5" || stale.Get("kind") != "D1" {
		t.Errorf("the form of the terms is filled with %v", stale)
	}
	k.act(k.seller, path+"/propose", url.Values{"version": {stale.Get("version")}, "price": {"1180000"}, "price_unit": {"元"}}, http.StatusSeeOther)
	wantText(t, k.act(k.buyer, path+"/agree-terms", agree, http.StatusConflict), "刚被修改", "118.00 万元", "上一版 126.50 万元")
	stale.Set("period", "12 个月")
	late := k.act(k.buyer, path+"/propose", stale, http.StatusConflict)
	wantText(t, late, "刚被别人修改过", "现在是：118.00 万元")
	if late.page(t).Find("#period").AttrOr("value", "") != "12 个月" {
		t.Error("what was typed into a stale form is lost")
	}
	k.act(k.buyer, path+"/agree", url.Values{"version": {stale.Get("version")}}, http.StatusConflict)

	page = k.buyer.get(path)
	k.act(k.buyer, path+"/agree-terms", values(t, page.page(t), path+"/agree-terms"), http.StatusSeeOther)
	page = k.seller.get(path)
	wantText(t, page, "可以达成了", "已同意 6 项")
	k.act(k.seller, path+"/agree", values(t, page.page(t), path+"/agree"), http.StatusSeeOther)
	page = k.seller.get(path)
	wantText(t, page, "已达成", "成交编号 CJ-", "已达成，成交记录已生成")
	if page.page(t).Find(`a[href="/contracts/new?deal=1"]`).Length() != 1 {
		t.Error("the seller is not led to the contract")
	}
	if k.buyer.get(path).page(t).Find(`a[href^="/contracts/new"]`).Length() != 0 {
		t.Error("the buyer is led to draft the contract")
	}
	if page.page(t).Find(`main form[action^="/inquiries/"]`).Length() != 0 {
		t.Error("an ended inquiry still offers acts")
	}
	k.act(k.buyer, path+"/decline", url.Values{"reason": {"暂缓"}}, http.StatusConflict)
}

// A need posted without a name: the name shows after the first answer that takes the inquiry up.
func TestInquiryHiddenNameOnPages(t *testing.T) {
	t.Parallel()
	k := newTalk(t, true)
	const alias = "一家先进材料企业（名称未公开）"
	for _, path := range []string{fmt.Sprintf("/inquiries/new?listing=%d", k.need), k.open(), "/inquiries?tab=waiting", "/notices"} {
		got := k.seller.get(path)
		if strings.Contains(got.body, k.buyerName) || strings.Contains(got.body, needPhone) {
			t.Errorf("%s gives the hidden name or the contact away", path)
		}
		if strings.HasPrefix(path, "/inquiries") && !strings.Contains(got.body, alias) {
			t.Errorf("%s doesn't say %s", path, alias)
		}
	}
	k.act(k.buyer, "/inquiries/1/answer", url.Values{"answer": {"more"}, "body": {"请补充吨耗"}}, http.StatusSeeOther)
	wantText(t, k.seller.get("/inquiries/1"), "与"+k.buyerName+"的对接", needPhone)
}

// The second inquiry about the same listing leads to the first.
func TestInquiryAlreadyRunning(t *testing.T) {
	t.Parallel()
	k := newTalk(t, false)
	path := k.open()
	again := k.act(k.seller, "/inquiries", url.Values{"listing": {fmt.Sprint(k.need)}, "key": {"another"}, "body": {"再问一次，可以寄样品过来吗"}}, http.StatusConflict)
	for _, got := range []answer{again, k.seller.get(fmt.Sprintf("/inquiries/new?listing=%d", k.need)), k.buyer.get(fmt.Sprintf("/inquiries/new?listing=%d", k.result))} {
		if got.page(t).Find(fmt.Sprintf(`main .mk-alert a[href="%s"]`, path)).Length() != 1 {
			t.Errorf("no way to the running inquiry: %s", text(got.page(t)))
		}
	}
	k.act(k.seller, "/inquiries", url.Values{"listing": {fmt.Sprint(k.need)}, "with": {fmt.Sprint(k.result)}, "key": {"k"}, "body": {"我们做到 D97 2.3 μm，想了解进料"}}, http.StatusSeeOther)
	wantText(t, k.buyer.get(fmt.Sprintf("/inquiries/new?listing=%d", k.need)), "本单位的需求")
	short := k.act(k.newSeller(), "/inquiries", url.Values{"listing": {fmt.Sprint(k.need)}, "key": {"x"}, "body": {"你好"}}, http.StatusUnprocessableEntity)
	if short.page(t).Find("#body").Text() != "你好" || short.page(t).Find(`.mk-summary a[href="#body"]`).Length() != 1 {
		t.Error("a message that is too short is not shown again with its error")
	}
}

func (k *talk) newSeller() *client {
	k.t.Helper()
	return k.as(k.newOrg(market.University, market.OrgVerified))
}

// Who is no party finds nothing; staff read and change nothing, and their reading is on record.
func TestInquiryAccess(t *testing.T) {
	t.Parallel()
	k := newTalk(t, false)
	path := k.open()
	stranger, pending := k.newSeller(), k.as(k.newOrg(market.Enterprise, market.OrgPending))
	reviewer, registrar := k.as(k.newUser(market.Reviewer)), k.as(k.newUser(market.Registrar))
	for name, c := range map[string]struct {
		who  *client
		want int
	}{"visitor": {k.visitor(), http.StatusSeeOther}, "stranger": {stranger, http.StatusNotFound}, "registrar": {registrar, http.StatusNotFound},
		"reviewer": {reviewer, http.StatusOK}, "auditor": {k.as(k.newUser(market.Auditor)), http.StatusOK}} {
		if got := c.who.get(path); got.status != c.want {
			t.Errorf("%s: status %d, want %d", name, got.status, c.want)
		}
	}
	if got := reviewer.get(path); got.page(t).Find(`main form[action^="/inquiries/"]`).Length() != 0 {
		t.Error("the reviewer is offered acts")
	}
	var reads int
	if err := k.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries WHERE action = 'inquiry.read' AND outcome = 'done'`).Scan(&reads); err != nil || reads != 3 {
		t.Errorf("%d readings by staff are on record (%v), want 3", reads, err)
	}
	for _, act := range []string{"answer", "propose", "agree-terms", "agree", "decline"} {
		form := url.Values{"answer": {"interested"}, "reason": {"暂缓"}, "version": {"1"}, "term": {"1"}, "price": {"5"}}
		for name, c := range map[string]struct {
			who  *client
			want int
		}{"visitor": {k.visitor(), http.StatusUnauthorized}, "stranger": {stranger, http.StatusNotFound}, "reviewer": {reviewer, http.StatusForbidden}} {
			if got := c.who.post(path+"/"+act, form); got.status != c.want {
				t.Errorf("%s by %s: status %d, want %d", act, name, got.status, c.want)
			}
		}
	}
	if got := pending.get(fmt.Sprintf("/inquiries/new?listing=%d", k.need)); got.status != http.StatusForbidden {
		t.Errorf("an organisation that is not verified opens the form: status %d", got.status)
	}
	for _, path := range []string{"/inquiries/x", "/inquiries/999", "/inquiries/new", "/inquiries/new?listing=999", "/inquiries?tab=none"} {
		if got := k.seller.get(path); got.status != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, got.status)
		}
	}
}
