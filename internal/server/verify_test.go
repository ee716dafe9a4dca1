package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
)

func TestPaperIsChecked(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk, visitor := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar)), s.visitor()
	at := s.register(seller, desk, "重钙超细研磨助剂体系技术开发", nil)
	s.seal(market.LedgerLog)

	certificate := seller.get(at + "/certificate").page(t)
	number, code, found := strings.Cut(certificate.Find(".mk-sheet__foot").Text(), "核验码：")
	if !found || certificate.Find("svg.qr path").Length() != 1 {
		t.Fatalf("the certificate's foot reads %q", number)
	}
	code = strings.TrimSpace(strings.SplitN(code, "。", 2)[0])
	number = strings.TrimPrefix(certificate.Find(".mk-sheet__top span").First().Text(), "登记编号：")
	check := func(number, code string) (int, string) {
		got := visitor.get("/verify?" + url.Values{"number": {number}, "code": {code}}.Encode())
		return got.status, got.page(t).Find("main").Text()
	}
	if status, text := check(number, strings.ToUpper(code)); status != http.StatusOK || !strings.Contains(text, "登记现在有效") || !strings.Contains(text, "1,260,000.00 元") || !strings.Contains(text, "重钙超细研磨助剂体系技术开发") {
		t.Errorf("the paper of %s with %s: status %d, %s", number, code, status, text)
	}
	for _, line := range []struct {
		number, code string
		status       int
		want         string
	}{
		{number, "0000 0000 0000 0000", http.StatusOK, "没有查到这份证明"},
		{"2026360800999999", code, http.StatusOK, "没有查到这份证明"},
		{"12", code, http.StatusUnprocessableEntity, "登记编号应为"},
		{number, "", http.StatusUnprocessableEntity, "请填写核验码"},
	} {
		if status, text := check(line.number, line.code); status != line.status || !strings.Contains(text, line.want) || strings.Contains(text, "重钙") {
			t.Errorf("%s with %q: status %d, %s", line.number, line.code, status, text)
		}
	}
	if page := visitor.get("/verify").page(t); page.Find("input[name=number]").Length() != 1 || page.Find("[role=status]").Length() != 0 {
		t.Error("the empty page has no form, or an outcome")
	}

	wantStatus(t, "cancel", desk.post(at+"/cancel", url.Values{"ground": {"Z02"}, "benefits": {"none"}, "note": {"双方书面约定终止"}}), http.StatusSeeOther)
	s.seal(market.LedgerLog)
	if _, text := check(number, code); !strings.Contains(text, "登记后来有变动") || !strings.Contains(text, "注销") {
		t.Errorf("after the cancellation the old paper reads %s", text)
	}
}
