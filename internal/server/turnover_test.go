package server

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// register takes a contract of the seller through the desk, with these values of its form changed, and returns its
// address.
func (s *testServer) register(seller, desk *client, title string, changes map[string]string) string {
	s.t.Helper()
	return s.registerOn(seller, desk, title, changes, market.DateOf(time.Now()))
}

// registerOn is register with that date of the registration.
func (s *testServer) registerOn(seller, desk *client, title string, changes map[string]string, on time.Time) string {
	s.t.Helper()
	form := contractValues(title)
	for field, value := range changes {
		form = with(form, field, value)
	}
	created := seller.post("/contracts", form)
	wantStatus(s.t, "create "+title, created, http.StatusSeeOther)
	at := created.location
	wantStatus(s.t, "submit", seller.post(at+"/submit", nil), http.StatusSeeOther)
	wantStatus(s.t, "accept", desk.post(at+"/accept", nil), http.StatusSeeOther)
	wantStatus(s.t, "pass", desk.post(at+"/pass", nil), http.StatusSeeOther)
	number := fmt.Sprintf("%d360800%06d", on.Year(), testSerial.Add(1))
	wantStatus(s.t, "register", desk.post(at+"/register", url.Values{"number": {number}, "registered_on": {on.Format(time.DateOnly)}}), http.StatusSeeOther)
	return at
}

func TestTurnoverAccess(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	clients := map[string]*client{"visitor": s.visitor(), "enterprise": s.as(s.newOrg(market.Enterprise, market.OrgVerified)),
		"reviewer": s.as(s.newUser(market.Reviewer)), "registrar": s.as(s.newUser(market.Registrar)),
		"statistician": s.as(s.newUser(market.Statistician)), "auditor": s.as(s.newUser(market.Auditor)), "admin": s.as(s.newUser(market.Admin))}
	for who, c := range clients {
		for _, path := range []string{"/turnover", "/turnover/contracts", "/turnover.xlsx", "/turnover.csv"} {
			wantStatus(t, who+" "+path, c.get(path), http.StatusOK)
		}
		want := http.StatusForbidden
		switch who {
		case "visitor":
			want = http.StatusSeeOther
		case "registrar", "statistician", "auditor":
			want = http.StatusOK
		}
		for _, path := range []string{"/bureau/turnover", "/bureau/turnover?by=park&cell=out-in", "/bureau/turnover/contracts"} {
			wantStatus(t, who+" "+path, c.get(path), want)
		}
	}
}

// exact is the turnover of the year in yuan, as the file of figures has it.
func exact(t *testing.T, c *client, query string) decimal.Decimal {
	t.Helper()
	got := c.get("/turnover.csv" + query)
	wantStatus(t, "csv", got, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row[3] == "合计" {
			return decimal.RequireFromString(row[6])
		}
	}
	t.Fatal("no total in the file")
	return decimal.Zero
}

func TestTurnoverRisesByTheContractAndFallsWithItsCancellation(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk, visitor := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar)), s.visitor()
	s.register(seller, desk, "重钙超细研磨助剂体系技术开发", nil)
	before := exact(t, visitor, "")
	at := s.register(seller, desk, "高压釜衬里更换技术服务", map[string]string{"total_amount": "98765.43", "total_amount_unit": "元"})
	if rise := exact(t, visitor, "").Sub(before); !rise.Equal(decimal.RequireFromString("98765.43")) {
		t.Errorf("the turnover rose by %s", rise)
	}
	head := visitor.get("/turnover").page(t).Find(".mk-fig__num--lg").Text()
	if !strings.Contains(head, "135.88") || !strings.Contains(head, "万元") {
		t.Errorf("the page shows %q", head)
	}
	wantStatus(t, "cancel", desk.post(at+"/cancel", url.Values{"ground": {"Z01"}, "benefits": {"none"}, "note": {"双方解除合同"}}), http.StatusSeeOther)
	if after := exact(t, visitor, ""); !after.Equal(before) {
		t.Errorf("after the cancellation the turnover is %s, want %s", after, before)
	}
	if list := visitor.get("/turnover/contracts?adjusted=1"); !strings.Contains(list.body, "−9.88") || !strings.Contains(list.body, "注销") {
		t.Error("the public list of adjustments lacks the cancellation")
	}
	bureau := desk.get("/bureau/turnover").page(t).Find("#adjustments").Text()
	for _, text := range []string{"高压釜衬里更换技术服务", "双方解除合同", "测试员", "−9.88"} {
		if !strings.Contains(bureau, text) {
			t.Errorf("the bureau's adjustments lack %q", text)
		}
	}
}

// TestEveryNumberLeadsToItsContracts follows the links of both pages' numbers and holds each list's sum against the
// number that leads to it.
func TestEveryNumberLeadsToItsContracts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar, market.Statistician))
	for i, change := range []map[string]string{
		{}, {"buyer_region": "360802"}, {"seller_region": "360802", "submarket": "materials"}, {"kind": "T1", "added_investment": "0", "added_output": "0", "agency_name": "吉安科桥技术转移有限公司"},
		{"seller_region": "440000", "buyer_region": "360825"}, {"seller_region": "440000", "buyer_region": "310000"},
	} {
		change["total_amount"] = fmt.Sprintf("%d.%02d", 20+13*i, 7*i)
		s.register(seller, desk, fmt.Sprintf("第 %d 份技术合同", i+1), change)
	}
	visitor := s.visitor()
	for _, page := range []struct {
		who  *client
		path string
	}{{visitor, "/turnover"}, {visitor, "/turnover?basis=absorbed"}, {desk, "/bureau/turnover?by=agency"}, {desk, "/bureau/turnover?by=county&basis=absorbed"}} {
		doc := page.who.get(page.path).page(t)
		followed := 0
		doc.Find("td.n[data-l] a").Each(func(_ int, a *goquery.Selection) {
			table := a.Closest("table")
			if table.Closest("#drill, #adjustments, [data-chart=series], [data-chart=cum]").Length() > 0 {
				return // contracts themselves, and figures in 亿元 or of several months
			}
			list := page.who.get(strings.TrimSuffix(a.AttrOr("href", ""), "#drill")).page(t)
			foot := list.Find("#drill tfoot td.n")
			if foot.Length() == 0 {
				foot = list.Find("tfoot td.n")
			}
			if strings.Contains(a.Closest("td").AttrOr("data-l", ""), "项") {
				if text := list.Text(); a.Text() != "0" && !strings.Contains(text, a.Text()+" 项合同") {
					t.Errorf("%s: %s contracts lead to another list, %s", page.path, a.Text(), a.AttrOr("href", ""))
				}
			} else if sum := foot.First().Text(); sum != a.Text() && a.Text() != "0.00" {
				t.Errorf("%s: %s leads to %s, which adds up to %q", page.path, a.Text(), a.AttrOr("href", ""), sum)
			}
			followed++
		})
		doc.Find(".mk-quad td a").Each(func(_ int, a *goquery.Selection) {
			list := page.who.get(strings.TrimSuffix(a.AttrOr("href", ""), "#drill")).page(t)
			amount := strings.Fields(a.Closest("td").Find("b").Text())
			if text := list.Text(); !strings.Contains(text, a.Text()+"合同") || !strings.Contains(text, strings.TrimSuffix(amount[0], "万元")) {
				t.Errorf("%s: the cell of %s (%s) leads to another list", page.path, a.Text(), amount)
			}
			followed++
		})
		if followed < 10 {
			t.Errorf("%s: only %d numbers lead anywhere", page.path, followed)
		}
	}
}

func TestTurnoverHidesPartiesFromVisitors(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.University, market.OrgVerified)
	seller, desk := s.as(owner), s.as(s.newUser(market.Registrar))
	at := s.register(seller, desk, "重钙超细研磨助剂体系技术开发", nil)
	parties := []string{owner.OrgName, "江西市场外有限公司"}
	for _, c := range []*client{s.visitor(), s.as(s.newOrg(market.Enterprise, market.OrgVerified))} {
		list := c.get("/turnover/contracts")
		if !strings.Contains(list.body, "重钙超细研磨助剂体系技术开发") || !strings.Contains(list.page(t).Find("tbody").Text(), "永丰县 → 南昌市") {
			t.Error("the public list lacks the contract or its places")
		}
		main := list.page(t).Find("main").Text()
		book := workbook(t, c.get("/turnover.xlsx"))
		for _, name := range parties {
			if strings.Contains(main, name) || strings.Contains(book, name) {
				t.Errorf("%s is told to the public", name)
			}
		}
		if list.page(t).Find(`a[href="`+at+`"]`).Length() > 0 {
			t.Error("the public list leads to the contract itself")
		}
	}
	list, book := desk.get("/turnover/contracts"), workbook(t, desk.get("/turnover.xlsx"))
	for _, name := range parties {
		if !strings.Contains(list.page(t).Find("main").Text(), name) || !strings.Contains(book, name) {
			t.Errorf("%s is not told to the registrar", name)
		}
	}
	if list.page(t).Find(`a[href="`+at+`"]`).Length() != 1 {
		t.Error("the registrar's list does not lead to the contract")
	}
}

// workbook is all text of an Excel file.
func workbook(t *testing.T, a answer) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			out.WriteString(sheet + " " + strings.Join(row, " ") + "\n")
		}
	}
	return out.String()
}

func TestTurnoverExportsAgreeAndAreAudited(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar))
	s.register(seller, desk, "重钙超细研磨助剂体系技术开发", nil)
	s.register(seller, desk, "=HYPERLINK(\"http://example.com\")", map[string]string{"total_amount": "33.33"})
	today := market.DateOf(time.Now()).Format(time.DateOnly)

	got := s.visitor().get("/turnover.xlsx?basis=output_tech")
	if name := got.header.Get("Content-Disposition"); !strings.Contains(name, url.PathEscape("输出技术交易额")) || !strings.Contains(name, today) {
		t.Errorf("file name %q", name)
	}
	book := workbook(t, got)
	total := exact(t, s.visitor(), "")
	if !total.Equal(decimal.RequireFromString("1593300")) {
		t.Errorf("total %s", total)
	}
	for _, line := range []string{"合计 output_tech 输出技术交易额 1,593,300.00 1,421,300.00 2", "明细 合计"} {
		if !strings.Contains(book, line) {
			t.Errorf("the workbook lacks %q", line)
		}
	}
	if strings.Count(book, " 1,593,300.00 1,421,300.00 2") < 9 {
		t.Errorf("not every table of the workbook adds up to the total:\n%s", book)
	}
	var details string
	if err := s.Store.DB().QueryRow(`SELECT string_agg(detail, '|' ORDER BY id) FROM audit_entries WHERE action = 'turnover.export' AND outcome = 'done'`).Scan(&details); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(details, "|")
	if len(rows) != 2 || !strings.HasPrefix(rows[0], "xlsx output_tech ") || !strings.HasSuffix(rows[0], "as_of="+today+" rows=2") || !strings.HasPrefix(rows[1], "csv output ") {
		t.Errorf("audited: %q", rows)
	}
}

func TestTurnoverSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c, staff := s.visitor(), s.as(s.newUser(market.Statistician))
	year := market.DateOf(time.Now()).Year()
	for query, message := range map[string]string{
		"as_of=2026-13-40":                            "认不出来",
		fmt.Sprintf("as_of=%d-01-01", year+1):         "不能晚于今天",
		fmt.Sprintf("year=%d&as_of=2021-05-05", year): "还没有这一年的数据",
		"year=1999":         "年度应在",
		"year=%3Cscript%3E": "认不出来",
		"basis=input":       "没有这种口径",
		"as_of=" + url.QueryEscape(strings.Repeat("9", 5000)): "认不出来",
	} {
		for _, page := range []answer{c.get("/turnover?" + query), staff.get("/bureau/turnover?" + query)} {
			doc := page.page(t)
			if page.status != http.StatusUnprocessableEntity || !strings.Contains(doc.Find(".mk-summary").Text(), message) {
				t.Errorf("%.40s: status %d, %q", query, page.status, doc.Find(".mk-summary").Text())
			}
		}
	}
	if typed := c.get("/turnover?as_of=2026-13-40").page(t).Find("#as_of").AttrOr("value", ""); typed != "2026-13-40" {
		t.Errorf("what was typed came back as %q", typed)
	}
	for query, message := range map[string]string{"county=999999": "县区没有这一项", "month=13": "月份应在", "month=x": "月份应在", "cell=in": "没有这一格", "to=x": "认不出来", "kind=%27": "没有这一项"} {
		got := c.get("/turnover/contracts?" + query)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, message) {
			t.Errorf("%s: status %d", query, got.status)
		}
	}
	if empty := c.get("/turnover/contracts?month=1&page=7"); empty.status != http.StatusOK || empty.page(t).Find(".mk-empty").Length() != 1 {
		t.Errorf("a list without contracts: status %d", empty.status)
	}
}
