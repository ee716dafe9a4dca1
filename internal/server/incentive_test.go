package server

import (
	"net/http"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// TestIncentivePages: a contract's page says what it may fall under, why, and what is still to be done, and the API the same;
// the public page lists what held on a day, and says so when a day cannot be read.
func TestIncentivePages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.University, market.OrgVerified)
	seller, desk := s.as(owner), s.as(s.newUser(market.Registrar))
	at := draftContract(t, seller, "重钙超细研磨助剂体系技术开发")
	words := func(got answer) string {
		return strings.Join(strings.Fields(got.page(t).Find("main").Text()), " ")
	}
	text := words(seller.get(at))
	for _, want := range []string{"可能适用的政策", "合同类别为技术开发·委托开发", "买方性质为有限责任公司", "买方行业为C26", "先完成技术合同认定登记，这份合同现在是“草稿”", "财政部 税务总局公告2023年第7号",
		"没有读到文件全文", "以税务机关等主管部门认定为准"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the contract has no %q", want)
		}
	}
	s.caller(owner).get("/contracts/"+at[len("/contracts/"):]+"/incentives").is("items.1.code", "rd", "items.1.conditions.0", "合同类别为技术开发·委托开发", "items.1.text_read", false)
	wantStatus(t, "withdraw", seller.post(at+"/withdraw", nil), http.StatusSeeOther)
	if text := words(seller.get(at)); strings.Contains(text, "可能适用的政策") {
		t.Error("a withdrawn contract has hints")
	}
	gone := s.register(seller, desk, "超细碳酸钙表面改性技术开发", nil)
	wantStatus(t, "revoke", desk.post(gone+"/revoke", map[string][]string{"ground": {"X03"}, "benefits": {"none"}, "note": {"重复登记"}}), http.StatusSeeOther)
	if text := words(desk.get(gone)); !strings.Contains(text, "登记已经终止，不再列出政策") || strings.Contains(text, "增值税") {
		t.Errorf("a revoked contract says %s", text)
	}

	guest := s.visitor()
	for on, want := range map[string]string{"2025-12-31": "财税〔2016〕36号", "2026-01-01": "公告2026年第10号", "2007-12-31": "这一天没有收录的政策"} {
		got := guest.get("/incentives?on=" + on)
		wantStatus(t, on, got, http.StatusOK)
		if text := words(got); !strings.Contains(text, want) {
			t.Errorf("on %s: no %q in %s", on, want, text)
		}
	}
	wrong := guest.get("/incentives?on=%E6%98%A8%E5%A4%A9")
	wantStatus(t, "no day", wrong, http.StatusUnprocessableEntity)
	if wrong.page(t).Find("#on").AttrOr("value", "") != "昨天" {
		t.Error("what was typed is gone")
	}
	visitor := s.caller(market.Actor{})
	visitor.get("/incentives?on=2025-12-31").is("on", "2025-12-31", "items.0.code", "vat", "items.0.until", "2026-01-01")
	visitor.refused("GET", "/incentives?on=yesterday", nil, "on", "认不出来")
}
