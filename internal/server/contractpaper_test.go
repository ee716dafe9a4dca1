package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
	"techmarket/internal/print"
)

func TestContractPapersAndPayments(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	sellerActor := s.newOrg(market.University, market.OrgVerified)
	seller, desk := s.as(sellerActor), s.as(s.newUser(market.Registrar))
	at := draftContract(t, seller, "重钙超细研磨助剂体系技术开发")

	if text := seller.get(at).page(t).Find("main").Text(); !strings.Contains(text, "还缺：签署的合同文本") || !strings.Contains(text, "登记条件：技术开发·委托开发") {
		t.Error("the seller is not told which papers are missing or what a development must be")
	}
	wantStatus(t, "a paper without a file", seller.post(at+"/files", url.Values{"use": {"text"}, "key": {formKey()}}), http.StatusUnprocessableEntity)
	file := s.paper(sellerActor, market.FileContract, "合同.pdf")
	wantStatus(t, "a paper", seller.post(at+"/files", url.Values{"use": {"text"}, "label": {"主合同"}, "contract_id": {file}, "key": {formKey()}}), http.StatusSeeOther)
	wantStatus(t, "the same again", seller.post(at+"/files", url.Values{"use": {"text"}, "contract_id": {file}, "key": {formKey()}}), http.StatusUnprocessableEntity)
	hash := seller.get(at).page(t).Find(".mk-hash code").First().Text()
	if len(hash) != 64 {
		t.Errorf("the fingerprint reads %q", hash)
	}
	stranger := s.as(s.newOrg(market.Enterprise, market.OrgVerified))
	wantStatus(t, "a stranger reads the file", stranger.get("/files/"+file), http.StatusNotFound)
	wantStatus(t, "the desk before the submission", desk.get("/files/"+file), http.StatusNotFound)

	foreign := with(contractValues("外文合同"), "foreign", "1")
	other := seller.post("/contracts", foreign).location
	refused := seller.post(other+"/submit", nil)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.page(t).Find("#foreign-error").Text(), "中文译本") {
		t.Errorf("a foreign text without its translation is handed in: %d", refused.status)
	}

	wantStatus(t, "submit", seller.post(at+"/submit", nil), http.StatusSeeOther)
	wantStatus(t, "the desk after it", desk.get("/files/"+file), http.StatusOK)
	wantStatus(t, "a paper on the desk", seller.post(at+"/files/"+file+"/remove", nil), http.StatusConflict)

	proof := s.paper(sellerActor, market.FilePayment, "回单.pdf")
	paid := url.Values{"paid_on": {"2026-01-05"}, "paid": {"26"}, "paid_unit": {"万元"}, "note": {"第 1 期"}, "proof_id": {proof}, "key": {formKey()}}
	wantStatus(t, "pay", seller.post(at+"/payments", paid), http.StatusSeeOther)
	page := seller.get(at + "/payments").page(t)
	if text := page.Find("main").Text(); !strings.Contains(text, "260,000.00 元") || !strings.Contains(text, "占合同成交额 20.6%") {
		t.Errorf("the payments read %s", text)
	}
	void := page.Find("form[action$='/void']").AttrOr("action", "")
	wantStatus(t, "void without a reason", seller.post(void, nil), http.StatusUnprocessableEntity)
	wantStatus(t, "void", seller.post(void, url.Values{"reason": {"金额填错"}}), http.StatusSeeOther)
	wantStatus(t, "void again", seller.post(void, url.Values{"reason": {"金额填错"}}), http.StatusConflict)
	if text := desk.get(at).page(t).Find("main").Text(); !strings.Contains(text, "作废：金额填错") || !strings.Contains(text, "已付 0.00\u00a0元") {
		t.Error("the desk does not see that the payment is void")
	}

	for _, kind := range []string{"text", "print"} {
		paper := seller.get(at + "/" + kind).page(t)
		if text := paper.Find(".mk-sheet").Text(); !strings.Contains(text, "壹佰贰拾陆万元整") || !strings.Contains(text, "ZL 2017 1 0601862.3") {
			t.Errorf("the paper %s lacks the sum or the patent", kind)
		}
		if print.CanWrite() {
			if got := seller.get(at + "/" + kind + ".pdf"); got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF-") {
				t.Errorf("%s.pdf: status %d", kind, got.status)
			}
		}
	}
	if phone := seller.get(at + "/print").body; strings.Contains(phone, "0791-8816035") || !strings.Contains(desk.get(at+"/print").body, "0791-8816035") {
		t.Error("phones are whole on the desk's form only")
	}
	wantStatus(t, "a certificate before the registration", seller.get(at+"/certificate"), http.StatusConflict)
	for _, act := range []string{"/accept", "/pass"} {
		wantStatus(t, act, desk.post(at+act, nil), http.StatusSeeOther)
	}
	number := s.Service.Today().Format("2006") + "360800000077"
	wantStatus(t, "register", desk.post(at+"/register", url.Values{"number": {number}, "registered_on": {s.Service.Today().Format("2006-01-02")}}), http.StatusSeeOther)
	if text := seller.get(at + "/certificate").page(t).Find(".mk-sheet").Text(); !strings.Contains(text, number) || !strings.Contains(text, "1,174,000.00") {
		t.Errorf("the certificate reads %s", text)
	}
	late := with(with(paid, "proof_id", s.paper(sellerActor, market.FilePayment, "尾款.pdf")), "key", formKey())
	wantStatus(t, "pay after the registration", seller.post(at+"/payments", late), http.StatusSeeOther)

	fields := seller.get(at + "/copy").page(t).Find(".mk-copy")
	if fields.First().Text() != "重钙超细研磨助剂体系技术开发" || fields.Eq(2).Text() != "1260000.00" || fields.Eq(3).Text() != "1174000.00" {
		t.Errorf("the fields to copy begin with %s", fields.Text())
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(seller.get(at + "/national.xlsx").body)))
	if err != nil {
		t.Fatal(err)
	}
	if cell, err := book.GetCellValue("全国系统字段", "E4"); err != nil || cell != "1260000.00" {
		t.Errorf("the workbook has %q for the total, %v", cell, err)
	}
}

func TestContractFormMendsASlip(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	sellerActor, buyerActor := s.newOrg(market.University, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	seller, deal := s.as(sellerActor), newTestDeal(t, s, sellerActor, buyerActor)
	form := contractValues("滤波器技术开发")
	form["deal"] = []string{fmt.Sprint(deal)}
	form["instalments.milestone"], form["instalments.due_on"], form["instalments.amount"] = []string{"签约", "样机", "验收"}, []string{"", "", "2027-03-01"}, []string{"37.8", "50.4", "378000"}
	asked := seller.post("/contracts", form)
	doc := asked.page(t)
	button := doc.Find("button[value='mend.2']")
	if asked.status != http.StatusUnprocessableEntity || !strings.Contains(doc.Find("#instalments-error").Text(), "应等于合同成交额") || !strings.Contains(button.Text(), "第 3 期改为 37.80") {
		t.Fatalf("status %d, %q, the button %q", asked.status, doc.Find("#instalments-error").Text(), button.Text())
	}
	mended := seller.post("/contracts", with(form, "act", "mend.2")).page(t)
	if got := mended.Find("#instalments-2-amount").AttrOr("value", ""); got != "37.80" || !strings.Contains(mended.Find("main").Text(), "与合同成交额一致") {
		t.Errorf("the third instalment became %q", got)
	}
	wrong := with(form, "total_amount", "1260000")
	if got := seller.post("/contracts", wrong).page(t).Find("button[value='mend.total_amount']").Text(); !strings.Contains(got, "改为 126.00") {
		t.Errorf("the button for the total reads %q", got)
	}
	total := seller.post("/contracts", with(wrong, "act", "mend.total_amount")).page(t)
	if got := total.Find("#total_amount").AttrOr("value", ""); got != "126.00" || total.Find("input[name=total_amount_confirm]").Length() != 0 {
		t.Errorf("the total became %q", got)
	}
	if buyer := seller.get("/contracts/new?deal=" + fmt.Sprint(deal)).page(t); buyer.Find("#seller_contact").AttrOr("value", "") == "" || buyer.Find("[data-codes~=D1][open]").Length() != 1 {
		t.Error("the form of a deal does not begin with who draws it up, or with the conditions of its kind")
	}
}
