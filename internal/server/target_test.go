package server

import (
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// targetForm is a target of the whole city for 2027, as the page's form sends it.
func (s *testServer) targetForm(change ...string) url.Values {
	last, err := s.Store.LastTarget(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	form := url.Values{"version": {decimal.NewFromInt(last).String()}, "year": {"2027"}, "region": {market.City}, "basis": {"output"}, "amount": {"302500"}, "amount_unit": {"万元"},
		"status": {"proposed"}, "source": {"按上年目标增长 10% 拟定"}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// TestTargets: a target is proposed, approved and split among counties; the words before stay; the turnover is held
// against the last one; officers of a county see its own and the city's.
func TestTargets(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	counter := s.as(s.newUser(market.Statistician))
	page := counter.get("/bureau/targets").page(t)
	for name, want := range map[string]string{"year": "2027", "amount": "302500"} {
		if got, _ := page.Find(`[name="` + name + `"]`).Attr("value"); got != want {
			t.Errorf("the form begins with %s %q, want %q", name, got, want)
		}
	}
	set := func(form url.Values) {
		t.Helper()
		if got := counter.post("/bureau/targets", form); got.status != 303 {
			t.Fatalf("status %d: %s", got.status, got.page(t).Find(".mk-summary").Text())
		}
	}
	stale := s.targetForm()
	set(s.targetForm())
	if got := counter.post("/bureau/targets", stale); !strings.Contains(got.body, "别人改过目标") {
		t.Errorf("a stale form: status %d", got.status)
	}
	set(s.targetForm("status", "approved", "approver", "吉安市人民政府办公室 吉府办字〔2026〕12 号", "amount", "310000", "source", "市政府年度计划"))
	set(s.targetForm("region", "360802", "amount", "100000"))
	set(s.targetForm("region", "360825", "amount", "220000"))
	text := strings.Join(strings.Fields(counter.get("/bureau/targets").page(t).Find("main").Text()), "")
	for _, want := range []string{"全市310,000.00万元已核定比上年+12.7%", "2个县（市、区）合计320,000.00万元，比全市目标多10,000.00万元", "2027年全市302,500.00待核定按上年目标增长10%拟定"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on the page: %s", want, text)
		}
	}
	if n := s.audits(market.TargetSet); n != 4 {
		t.Errorf("%d targets are in the audit", n)
	}
	officer := s.newOfficer("360825")
	text = s.as(officer).get("/bureau/targets").page(t).Find("main").Text()
	if !strings.Contains(text, "永丰县") || strings.Contains(text, "吉州区") || strings.Contains(text, "保存目标") {
		t.Errorf("an officer of 永丰县 sees %s", text)
	}
	if _, err := s.Store.DB().Exec(`UPDATE targets SET amount = 1`); err == nil {
		t.Error("a target can be changed afterwards")
	}
}
