package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"techmarket/internal/market"
)

// TestMonthEndPages: the statistician closes last month; the page shows the frozen figure, what came later, and both together,
// and every number leads to its contracts.
func TestMonthEndPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk, counter := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar)), s.as(s.newUser(market.Statistician))
	if text := counter.get(monthEndsPath).page(t).Find("main").Text(); !strings.Contains(text, "还没有关过账") || !strings.Contains(text, "账本里还没有登记") {
		t.Errorf("the page of an empty ledger: %s", text)
	}
	month := market.MonthOf(time.Now()).AddDate(0, -1, 0)
	registered := func(title string, total string) {
		s.registerOn(seller, desk, title, map[string]string{"total_amount": total, "signed_on": month.Format(time.DateOnly), "starts_on": month.Format(time.DateOnly)}, month.AddDate(0, 0, 9))
	}
	registered("碳酸钙表面改性技术开发", "100")
	s.seal(market.LedgerLog)
	if got := counter.post(monthEndsPath, url.Values{"month": {market.MonthOf(time.Now()).Format("2006-01")}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "还没有结束") {
		t.Errorf("closing the present month: status %d", got.status)
	}
	page := counter.get(monthEndsPath).page(t)
	form := url.Values{"month": {page.Find("select[name=month] option[selected]").AttrOr("value", "")}}
	closed := counter.post(monthEndsPath, form)
	wantStatus(t, "close", closed, http.StatusSeeOther)
	registered("粒径在线检测装置技术开发", "30")

	show := counter.get(closed.location + "?by=kind").page(t)
	foot := strings.Join(strings.Fields(show.Find("#split tfoot").Text()), " ")
	if want := "合计100.00191.4030.00130.00"; foot != want {
		t.Errorf("the month adds up to %q, want %q", foot, want)
	}
	for column, want := range map[int]string{0: "100.00", 2: "91.40", 3: "30.00", 4: "130.00"} {
		link := show.Find("#split tbody tr").First().Find("td a").Eq(column)
		list := counter.get(link.AttrOr("href", "")).page(t)
		if got := list.Find("tfoot td").Map(func(_ int, td *goquery.Selection) string { return strings.TrimSpace(td.Text()) }); !slices.Contains(got, want) || link.Text() != want {
			t.Errorf("the number %s leads to contracts that add up to %q, want %s", link.Text(), got, want)
		}
	}
	if late := show.Find("#late").Text(); !strings.Contains(late, "粒径在线检测装置") || strings.Contains(late, "碳酸钙表面改性") {
		t.Errorf("what came later: %s", late)
	}
	year := strings.Join(strings.Fields(counter.get(closed.location+"?period=year&basis=absorbed").page(t).Find("#split tfoot").Text()), " ")
	if !strings.HasPrefix(year, "合计") {
		t.Errorf("the year to date: %q", year)
	}
	index := strings.Join(strings.Fields(counter.get(monthEndsPath).page(t).Find("tbody").Text()), " ")
	if !strings.HasPrefix(index, month.Format("2006-01")+"100.001100.0030.001 笔#1") {
		t.Errorf("the list: %s", index)
	}
	wantStatus(t, "a month that is not closed", counter.get(monthEndsPath+"/2001-01"), http.StatusNotFound)
	wantStatus(t, "no month", counter.get(monthEndsPath+"/x"), http.StatusNotFound)

	book := workbook(t, counter.get(closed.location+"/export.xlsx"))
	for _, line := range []string{"合同类别当月  合计 1,000,000.00 914,000.00 1 300,000.00 214,000.00 1 1,300,000.00 1,128,000.00 2", "关账后调整", "粒径在线检测装置技术开发"} {
		if !strings.Contains(book, line) {
			t.Errorf("the export lacks %q: %s", line, book)
		}
	}
	if n := s.audits(market.TurnoverExport); n != 1 {
		t.Errorf("%d exports in the audit", n)
	}

	officer := s.as(s.newOfficer("360825"))
	doc := officer.get(monthEndsPath).page(t)
	if doc.Find("form[action='"+monthEndsPath+"']").Length() != 0 || doc.Find("tbody tr").Length() != 1 {
		t.Error("an officer of a county is offered to close months, or does not see those that are")
	}
}
