package server

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

var monthEndPages = []view.Page{monthEndIndex{}, monthEndShow{}}

// monthsListed is how many closed months a page of them holds.
const monthsListed = 12

const monthEndsPath = "/bureau/month-ends"

// monthEndIndex is the closed months and the form that closes the next one.
type monthEndIndex struct {
	view.Work
	Bases     view.Seg
	Table     view.Table
	Pager     view.Pager
	Empty     *view.Empty
	May       bool // the reader closes months
	Month     view.Field
	Obstacles []string
	Blocked   bool   // by the obstacles: no other month may be chosen instead
	Next      string // the month to close, "" when there is none
	Why       string // there is none
}

func (monthEndIndex) Template() string { return "page/bureau/month_ends" }

// parseMonth reads a month such as 2026-10 from an address or a form; empty is the zero time.
func parseMonth(p *market.Problems, field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	month := market.ParseMonth(text)
	if month.IsZero() {
		p.Add(field, "月份“%s”认不出来，请写成 2026-10", market.Truncate(text, 20))
	}
	return month
}

func monthName(month time.Time) string {
	return fmt.Sprintf("%d 年 %d 月", month.Year(), month.Month())
}

func monthEndPath(month time.Time) string { return monthEndsPath + "/" + month.Format("2006-01") }

func (s *Server) monthEndIndex(c echo.Context, a market.Actor) error {
	return s.showMonthEnds(c, a, "", nil)
}

func (s *Server) monthEndClose(c echo.Context, a market.Actor) error {
	typed := c.FormValue("month")
	month := market.ParseMonth(typed)
	err := s.Service.CloseMonth(c.Request().Context(), a, month)
	if market.IsKind(err, market.Invalid) {
		return s.showMonthEnds(c, a, typed, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, monthEndPath(month), monthName(month)+"已关账，数字不再改")
}

func (s *Server) showMonthEnds(c echo.Context, a market.Actor, typed string, failed error) error {
	ctx, number, basis := c.Request().Context(), pageNumber(c), targetBasis(c.QueryParam("basis"))
	months, total, err := s.Store.MonthSums(ctx, basis, store.PageSlice(number, monthsListed))
	if err != nil {
		return err
	}
	page := monthEndIndex{May: a.Has(market.Statistician) && a.County == "", Table: monthTable(basis, months, contractsOf(a)),
		Pager: view.NewPager(number, monthsListed, total, "个月", func(n int) string { return fmt.Sprintf("%s?basis=%s&page=%d", monthEndsPath, basis, n) }),
		Bases: basisSeg(basis, func(b string) string { return monthEndsPath + "?basis=" + b })}
	if total == 0 {
		page.Empty = &view.Empty{Title: "还没有关过账", Text: "关账以前，成交额都按登记账本随时算出；关账把一个月的数字冻结下来，以后的更正另列。"}
	}
	if page.Work, err = s.work(c, a, "月末关账"); err != nil {
		return err
	}
	page.Errors = failure(failed)
	if err := s.addNextMonth(c, &page, typed, failed); err != nil {
		return err
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

// addNextMonth offers the month to close, with what stands against it.
func (s *Server) addNextMonth(c echo.Context, page *monthEndIndex, typed string, failed error) error {
	ctx := c.Request().Context()
	first, closed, err := s.Store.LedgerSpan(ctx)
	if err != nil {
		return err
	}
	months := market.ClosableMonths(first, closed, s.Service.Today())
	if len(months) == 0 {
		page.Why = "账本里还没有登记，没有可关的月份。"
		if !first.IsZero() {
			page.Why = "上个月已经关账；这个月结束以后再关。"
		}
		if closed.IsZero() && !first.IsZero() {
			page.Why = "账本从这个月开始；这个月结束以后再关。"
		}
		return nil
	}
	page.Next = monthName(months[0])
	page.Month = view.Field{Kind: view.KindSelect, Name: "month", Label: "月份", Value: months[0].Format("2006-01"), Error: errorsOf(failed)["month"]}
	for _, m := range months {
		page.Month.Options = append(page.Month.Options, view.Option{Value: m.Format("2006-01"), Label: monthName(m)})
	}
	if typed != "" {
		page.Month.Value = typed
	}
	if closed.IsZero() {
		page.Month.Hint = "第一次关账可选任一已结束的月份；以后逐月关，不能跳过"
	}
	page.Obstacles, err = s.Service.MonthObstacles(ctx, months[0])
	page.Blocked = len(page.Obstacles) > 0 && len(months) == 1
	return err
}

func basisSeg(current market.Basis, href func(basis string) string) view.Seg {
	seg := view.Seg{Label: "口径"}
	for _, b := range market.Bases {
		seg.Items = append(seg.Items, view.SegItem{Label: b.Name, Href: href(b.Code), Current: b.Code == string(current)})
	}
	return seg
}

// contractsOf is the list of the contracts behind numbers of the whole city: officers of a county have only the public one.
func contractsOf(a market.Actor) string {
	if a.County != "" {
		return "/turnover/contracts"
	}
	return "/bureau/turnover/contracts"
}

func monthTable(b market.Basis, months []market.MonthSum, list string) view.Table {
	table := view.Table{Label: "已关账的月份", Caption: "已关账的月份，金额单位：万元", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "月份", Nowrap: true}, {Label: "当月快照", Unit: "万元", Num: true}, {Label: "项数", Unit: "项", Num: true}, {Label: "本年累计快照", Unit: "万元", Num: true},
			{Label: "关账后调整", Unit: "万元", Num: true}, {Label: "账本末条", Num: true}, {Label: "关账", Nowrap: true}}}
	for _, m := range months {
		by := m.UserName
		if by == "" {
			by = "系统"
		}
		q := market.MonthQuery{Month: m.Month, Basis: b}
		late := view.Cell{Text: "—"}
		if m.Entries > 0 {
			late = view.Cell{Text: market.FormatWan(m.Late.Amount(b)), Sub: view.Num(m.Entries) + " 笔", Href: monthLinks(q, list).to("late", m.Month.Format("2006-01"))}
		}
		table.Rows = append(table.Rows, view.TableRow{Cells: []view.Cell{{Text: m.Month.Format("2006-01"), Href: monthEndPath(m.Month) + "?basis=" + string(b)},
			{Text: market.FormatWan(m.InMonth.Amount(b)), Href: monthLinks(q, list).to("frozen", m.Month.Format("2006-01"))},
			{Text: view.Num(m.InMonth.Count), Href: monthLinks(q, list).to("frozen", m.Month.Format("2006-01"))},
			{Text: market.FormatWan(m.InYear.Amount(b)), Href: monthLinks(market.MonthQuery{Month: m.Month, Basis: b, Year: true}, list).to("frozen", m.Month.Format("2006-01"))}, late, {Text: "#" + view.Num(int(m.Seq))}, {Text: m.At.In(market.Shanghai).Format("2006-01-02 15:04"), Sub: by}}})
	}
	return table
}

// monthLinks leads to the contracts of the query's period.
func monthLinks(q market.MonthQuery, list string) turnoverLinks {
	l := turnoverLinks{path: list}
	l.values = map[string][]string{"year": {strconv.Itoa(q.Month.Year())}}
	if q.Basis != market.BasisOutput {
		l.values.Set("basis", string(q.Basis))
	}
	if q.Year {
		l.values.Set("to", q.Last().Format(time.DateOnly))
	} else {
		l.values.Set("month", strconv.Itoa(int(q.Month.Month())))
	}
	return l
}

// techLinks lists the same contracts by 技术交易额 where there is such a basis.
func techLinks(l turnoverLinks, b market.Basis) turnoverLinks {
	if b != market.BasisOutput {
		return l
	}
	l = l.without()
	l.values.Set("basis", string(market.BasisOutputTech))
	return l
}

// monthEndShow is a closed month: its frozen figures, what came later, and what the ledger says now.
type monthEndShow struct {
	view.Work
	Title   string
	Sub     []string
	Hash    string
	Back    view.Link
	Actions []view.Action
	Notices []view.Alert
	Bases   view.Seg
	Periods view.Seg
	Tabs    view.Tabs
	Split   view.Table
	Late    view.Table
	LateSum string
	Note    string
}

func (monthEndShow) Template() string { return "page/bureau/month_end" }

func (s *Server) monthEndShow(c echo.Context, a market.Actor) error {
	q := market.MonthQuery{Month: market.ParseMonth(c.Param("id")), Basis: targetBasis(c.QueryParam("basis")), By: market.ByCounty, Year: c.QueryParam("period") == "year"}
	if d := market.Dimension(c.QueryParam("by")); d.Name() != "" {
		q.By = d
	}
	r, err := s.Store.MonthReport(c.Request().Context(), a, s.ref, q, s.Service.Today())
	if err != nil {
		return err
	}
	page := s.monthEndPage(a, r)
	if page.Work, err = s.work(c, a, page.Title); err != nil {
		return err
	}
	return s.render(c, page)
}

// monthEndXLSX gives the closed month as a workbook, by every dimension, of the month and of the year so far; that it was taken is
// audited.
func (s *Server) monthEndXLSX(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, exportLimit); err != nil {
		return err
	}
	month, basis := market.ParseMonth(c.Param("id")), targetBasis(c.QueryParam("basis"))
	var queries []market.MonthQuery
	for _, year := range []bool{false, true} {
		for _, d := range market.Dimensions {
			queries = append(queries, market.MonthQuery{Month: month, Basis: basis, By: d, Year: year})
		}
	}
	ctx := c.Request().Context()
	reports, err := s.Store.MonthReports(ctx, a, s.ref, queries, s.Service.Today())
	if err != nil {
		return err
	}
	x := sheet.MonthExport{Reports: reports, Demo: s.demo}
	var buf bytes.Buffer
	if err := x.XLSX(&buf); err != nil {
		return err
	}
	if err := s.Service.ExportMonthEnd(ctx, a, queries[0]); err != nil {
		return err
	}
	return save(c, x.FileName(), xlsxType, buf.Bytes())
}

func (s *Server) monthEndPage(a market.Actor, r market.MonthReport) monthEndShow {
	q := r.Query
	page := monthEndShow{Title: monthName(q.Month) + "关账快照", Hash: hex.EncodeToString(r.End.Hash), Back: view.Link{Label: "月末关账", Href: monthEndsPath},
		Sub:   []string{q.Basis.Rule("吉安"), r.End.At.In(market.Shanghai).Format("2006-01-02 15:04") + " 关账", dash(r.End.UserName), "账本链第 " + view.Num(int(r.End.Seq)) + " 条"},
		Bases: basisSeg(q.Basis, func(b string) string { o := q; o.Basis = market.Basis(b); return monthQueryPath(o) })}
	page.Actions = []view.Action{{Label: "下载 Excel", Href: monthEndPath(q.Month) + "/export.xlsx?basis=" + string(q.Basis), Icon: "down", Small: true}}
	page.Periods = view.Seg{Label: "期间"}
	for _, year := range []bool{false, true} {
		o := q
		o.Year = year
		page.Periods.Items = append(page.Periods.Items, view.SegItem{Label: periodName(o), Href: monthQueryPath(o), Current: year == q.Year})
	}
	page.Tabs = view.Tabs{Label: "分维度"}
	for _, d := range market.Dimensions {
		o := q
		o.By = d
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: d.Name(), Href: monthQueryPath(o) + "#split", Current: d == q.By})
	}
	if line := r.Disagree(); line != "" {
		page.Notices = append(page.Notices, view.Alert{Kind: view.AlertBad, Title: "快照与账本对不上。",
			Text: fmt.Sprintf("“%s”的快照加调整不等于账本现在的数：快照或账本被人绕过系统改过。请告诉审计人员用 market verify 查清。", line)})
	}
	if s.demo {
		page.Notices = append(page.Notices, view.Alert{Title: "本页为演示数据。", Text: "成交额均为虚构。"})
	}
	page.Split = monthSplit(r, monthLinks(q, contractsOf(a)))
	page.Late = s.adjustmentTable(a, r.Late, q.Basis, r.Whole.Adjusted)
	page.LateSum = fmt.Sprintf("%d 笔，合计 %s 万元", len(r.Late), market.FormatWan(r.Whole.Adjusted.Amount(q.Basis)))
	page.Note = "快照是关账时冻结的数，不再改；调整是关账以后入账而日期在这一期间的登记、变更、补充、注销和撤销；两项相加就是账本现在的数。" + sheet.Rounding
	return page
}

// periodName is what the query's period is called.
func periodName(q market.MonthQuery) string {
	switch {
	case !q.Year:
		return "当月"
	case q.Month.Month() == time.January:
		return "本年累计"
	}
	return fmt.Sprintf("1—%d 月累计", q.Month.Month())
}

func monthQueryPath(q market.MonthQuery) string {
	path := monthEndPath(q.Month) + "?basis=" + string(q.Basis) + "&by=" + string(q.By)
	if q.Year {
		path += "&period=year"
	}
	return path
}

// monthSplit shows each value's frozen figure, what came later, and both together.
func monthSplit(r market.MonthReport, links turnoverLinks) view.Table {
	q, month := r.Query, r.Query.Month.Format("2006-01")
	name := "成交额"
	if q.Basis == market.BasisOutputTech {
		name = "技术交易额"
	}
	caption := fmt.Sprintf("%s%s%s，按%s，金额单位：万元", monthName(q.Month), periodName(q), name, q.By.Name())
	table := view.Table{Label: caption, Caption: caption, Hidden: true, Class: "mk-dense mk-dense--keep",
		Cols: []view.Col{{Label: q.By.Name()}, {Label: "快照", Unit: "万元", Num: true}, {Label: "快照项数", Unit: "项", Num: true, Wide: true}, {Label: "技术交易额快照", Unit: "万元", Num: true, Wide: true},
			{Label: "调整", Unit: "万元", Num: true}, {Label: "现在", Unit: "万元", Num: true}}}
	cells := func(l market.MonthLine, links turnoverLinks) []view.Cell {
		return []view.Cell{{Text: l.Name}, {Text: market.FormatWan(l.Frozen.Amount(q.Basis)), Href: links.to("frozen", month)}, {Text: view.Num(l.Frozen.Count), Href: links.to("frozen", month)},
			{Text: market.FormatWan(l.Frozen.Tech), Href: techLinks(links, q.Basis).to("frozen", month)}, {Text: market.FormatWan(l.Adjusted.Amount(q.Basis)), Href: links.to("late", month)}, {Text: market.FormatWan(l.Live.Amount(q.Basis)), Href: links.to()}}
	}
	for _, l := range r.Lines {
		of := links.without()
		of.values.Set(string(q.By), l.Code)
		table.Rows = append(table.Rows, view.TableRow{Bad: !l.Agrees(), Cells: cells(l, of)})
	}
	r.Whole.Name = "合计"
	table.Foot = cells(r.Whole, links)
	if q.Basis == market.BasisOutputTech { // the amounts are 技术交易额 already
		table.Cols, table.Foot = slices.Delete(table.Cols, 3, 4), slices.Delete(table.Foot, 3, 4)
		for i := range table.Rows {
			table.Rows[i].Cells = slices.Delete(table.Rows[i].Cells, 3, 4)
		}
	}
	return table
}
