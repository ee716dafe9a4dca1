package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// bureauTurnover is the statistician's page: the same figures as the public one, with what can still be done, every
// dimension, the contracts behind the number that was chosen, and the adjustments.
type bureauTurnover struct {
	view.Work
	Sub         []string
	Downloads   []view.Action
	Form        turnoverForm
	MonthEnds   []view.Link
	Notices     []view.Alert
	Until       string
	Head        turnoverHead
	Growth      string
	GrowthName  string
	LastHref    string
	Need        []needLine
	Push        *pushable
	Quad        view.Quad
	Facts       []view.Fact
	Cumulative  view.Chart
	Months      view.Chart
	Series      view.Chart
	Kinds       view.Table
	Tabs        view.Tabs
	Split       view.Table
	SplitNote   string
	Drill       turnoverEntries
	DrillAll    view.Link
	Adjustments view.Table
	Adjusted    string
	Notes       []turnoverNote
}

func (bureauTurnover) Template() string { return "page/bureau/turnover" }

// drillRows is how many contracts stand under the figures; the list has them all.
const drillRows = 12

// needLine is a line of what is needed to reach the target.
type needLine struct {
	Label string
	Value string
	Main  bool
}

// pushable is what can still become turnover this year.
type pushable struct {
	Desk, Deals string
	Rest        string
	Forecast    string // of the whole year, as a range
}

func (s *Server) bureauTurnover(c echo.Context, a market.Actor) error {
	q, p := s.turnoverQuery(c)
	if len(p) > 0 {
		q = s.turnoverToday()
	}
	q.County, q.By = a.County, market.Dimensions
	ctx := c.Request().Context()
	t, err := s.Store.Turnover(ctx, a, s.ref, q)
	if err != nil {
		return err
	}
	page := bureauTurnover{Form: s.turnoverForm(c, "/bureau/turnover", t, p), Downloads: turnoverDownloads(q, true)}
	if page.Work, err = s.work(c, a, "技术合同成交额"); err != nil {
		return err
	}
	page.HasCharts, page.Errors = true, errorSummary(p.Err())
	f := s.figures(t, "/bureau/turnover", "#drill")
	tab := s.turnoverTab(c, q)
	f.links.values = keep(f.links.values, "by", string(tab))
	s.addFigures(a, &page, f, tab, c.QueryParam("order") == "amount")
	if err := s.addPushable(c, &page, f); err != nil {
		return err
	}
	if len(p) == 0 {
		err = s.addDrill(c, a, &page, f)
	} else {
		err = s.drill(c, a, &page, market.TurnoverFilter{TurnoverQuery: q}, f.links)
	}
	if err != nil {
		return err
	}
	return s.renderStatus(c, formStatus(p.Err()), page)
}

// turnoverTab is the dimension that the page shows.
func (s *Server) turnoverTab(c echo.Context, q market.TurnoverQuery) market.Dimension {
	tabs := turnoverTabs(q)
	if d := market.Dimension(c.QueryParam("by")); slices.Contains(tabs, d) {
		return d
	}
	return tabs[0]
}

// turnoverTabs are the ways to split the figure; of a single county there is nothing to split by county.
func turnoverTabs(q market.TurnoverQuery) []market.Dimension {
	if q.County != "" {
		return market.Dimensions[1:]
	}
	return market.Dimensions
}

func (s *Server) addFigures(a market.Actor, page *bureauTurnover, f figures, tab market.Dimension, byAmount bool) {
	page.Sub = []string{f.Query.Basis.Rule(f.place), fmt.Sprintf("账本末条 #%s", view.Num(f.LastEntry))}
	page.MonthEnds, page.Notices, page.Until = f.monthEnds(), f.notices(), "截至 "+view.DateCN(f.Query.Through())
	page.Head, page.Growth, page.GrowthName, page.LastHref = f.head(), signed(f.Growth())+"%", f.growthName(), f.lastLinks().to()
	if !f.Growth().Valid {
		page.Growth = "—"
	}
	page.Need, page.Quad, page.Facts = f.need(s.ref.Calendar), f.quad(), f.facts()
	page.Cumulative, page.Months, page.Series = f.cumulative(), f.months(), f.series()
	page.Cumulative.H2, page.Months.H2, page.Series.H2 = true, true, true
	page.Kinds = withoutBars(f.split(market.ByKind, false))
	page.Tabs, page.Split = f.tabs(tab), f.split(tab, byAmount)
	page.SplitNote = "点任一数字看背后的合同。因四舍五入，分项之和可能不等于合计；合计取原始值。"
	if tab == market.ByPark {
		page.SplitNote = "园区按卖方所在园区另列，不与县区相加。" + page.SplitNote
	}
	page.Adjustments, page.Notes = s.adjustmentTable(a, f.Turnover.Adjustments, f.Query.Basis, f.Turnover.Adjusted), f.notes()
	page.Adjusted = fmt.Sprintf("%d 笔，合计 %s 万元，已计入发生当月", len(f.Turnover.Adjustments), market.FormatWan(f.amount(f.Turnover.Adjusted)))
}

// monthEnds are the last days of the months before, as days to look back to.
func (f figures) monthEnds() []view.Link {
	var out []view.Link
	for day := f.Query.Through().AddDate(0, 0, 1-f.Query.Through().Day()); day.Year() == f.Query.Year && len(out) < 3; day = day.AddDate(0, -1, 0) {
		end := day.AddDate(0, 0, -1)
		if end.Year() != f.Query.Year {
			break
		}
		l := f.links.without()
		l.anchor = ""
		out = append(out, view.Link{Label: view.MonthDay(end), Href: l.to("as_of", end.Format(time.DateOnly))})
	}
	return out
}

// need tells what each working day that is left must bring, beside what the days before brought.
func (f figures) need(calendar *market.Calendar) []needLine {
	if f.Target == nil || f.Over() {
		return nil
	}
	through := f.Query.Through()
	end := time.Date(f.Query.Year, 12, 31, 0, 0, 0, 0, market.Shanghai)
	left, spent := calendar.WorkdaysBetween(through, end), calendar.WorkdaysBetween(f.Query.From().AddDate(0, 0, -1), through)
	gap := f.Target.Amount.Sub(f.Amount())
	lines := []needLine{{Label: "还差", Value: market.FormatWan(decimal.Max(gap, decimal.Zero)) + " 万元", Main: true}}
	if left > 0 && gap.IsPositive() {
		lines = append(lines, needLine{Label: fmt.Sprintf("还剩 %d 个工作日，每个工作日需", left), Value: perDay(gap, left), Main: true})
	}
	if spent > 0 {
		lines = append(lines, needLine{Label: fmt.Sprintf("今年前 %d 个工作日，平均", spent), Value: perDay(f.Amount(), spent)})
	}
	rest := f.amount(f.LastYear).Sub(f.amount(f.Last))
	next := f.Query.LastThrough().AddDate(0, 0, 1)
	if next.Year() < f.Query.Year {
		lines = append(lines, needLine{Label: fmt.Sprintf("%s %s 至 12-31 实际", f.Query.LastName(), view.MonthDay(next)), Value: market.FormatWan(rest) + " 万元"})
	}
	return lines
}

func perDay(yuan decimal.Decimal, days int) string {
	return market.FormatWan(yuan.Div(decimal.NewFromInt(int64(days)))) + " 万元"
}

// addPushable tells what could still be registered, on a page of the present day.
func (s *Server) addPushable(c echo.Context, page *bureauTurnover, f figures) error {
	if f.Query.Basis == market.BasisAbsorbed || !f.Query.AsOf.Equal(f.today) || f.Over() {
		return nil
	}
	pipe, err := s.Store.TurnoverPipeline(c.Request().Context(), f.Query.County)
	if err != nil {
		return err
	}
	push := &pushable{Desk: fmt.Sprintf("登记在办 %d 件，%s 万元", pipe.OnDesk, market.FormatWan(pipe.OnDeskTotal)),
		Deals: fmt.Sprintf("已谈妥还没有起草合同 %d 件，%s 万元", pipe.Agreed, market.FormatWan(pipe.AgreedTotal))}
	if f.Query.Basis == market.BasisOutput {
		push.Forecast = f.forecast(pipe)
	}
	if f.Target != nil && f.Query.Basis == market.BasisOutput {
		rest := f.Target.Amount.Sub(f.Amount()).Sub(pipe.OnDeskTotal).Sub(pipe.AgreedTotal)
		push.Rest = "两项全部登记就达到目标。"
		if rest.IsPositive() {
			push.Rest = fmt.Sprintf("两项全部登记仍差 %s 万元。", market.FormatWan(rest))
		}
	}
	page.Push = push
	return nil
}

// forecast is what the year may end with, from what is registered alone to that with all that is submitted and agreed. It
// counts what is known and supposes no further deals.
func (f figures) forecast(pipe market.Pipeline) string {
	low, high := f.Amount(), f.Amount().Add(pipe.OnDeskTotal).Add(pipe.AgreedTotal)
	text := fmt.Sprintf("年底预计 %s～%s", f.money(low), f.money(high))
	if low.Equal(high) {
		text = "年底预计 " + f.money(low)
	}
	if f.Target != nil {
		text += fmt.Sprintf("，为目标的 %s～%s", ratioOrDash(market.Ratio(low, f.Target.Amount)), ratioOrDash(market.Ratio(high, f.Target.Amount)))
	}
	return text + "。下限只算已登记的，上限再加在办和已谈妥的，不估计新的成交。"
}

// facts are the figures beside the four cells.
func (f figures) facts() []view.Fact {
	whole := f.Amount()
	share := func(part decimal.Decimal) string { return "占 " + ratioOrDash(market.Ratio(part, whole)) }
	traded := f.amount(f.traded())
	facts := []view.Fact{
		{Label: "吸纳合计", Text: fmt.Sprintf("%s，%s 项", f.money(f.amount(f.absorbed())), view.Num(f.absorbed().Count)), Href: f.links.to("basis", string(market.BasisAbsorbed))},
		{Label: "技术交易额", Text: fmt.Sprintf("%s，占成交额 %s", f.money(f.Sum.Tech), ratioOrDash(f.Sum.TechShare())), Href: f.links.to()},
		{Label: "经本市场促成", Text: fmt.Sprintf("%s，%s%s", f.money(traded), share(traded), f.modeWords()), Href: f.links.to("traded", "1")},
	}
	for _, r := range f.Table(market.ByAgency).Rows {
		if r.Code == "yes" {
			facts = append(facts, view.Fact{Label: "有中介方", Text: fmt.Sprintf("%s，%s 项", f.money(f.amount(r.Sum)), view.Num(r.Sum.Count)), Href: f.links.to(string(market.ByAgency), "yes")})
		}
	}
	return facts
}

// modeWords splits what came about through the market.
func (f figures) modeWords() string {
	var parts []string
	for _, r := range f.Table(market.ByTradeMode).Rows {
		if r.Code != "none" && r.Sum.Count != 0 {
			parts = append(parts, r.Name+" "+f.money(f.amount(r.Sum)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "：" + strings.Join(parts, "、")
}

func (f figures) tabs(current market.Dimension) view.Tabs {
	tabs := view.Tabs{Label: "分维度"}
	for _, d := range turnoverTabs(f.Query) {
		l := f.links.without("order")
		l.anchor = "#split"
		tabs.Items = append(tabs.Items, view.Tab{Label: d.Name(), Href: l.to("by", string(d)), Current: d == current})
	}
	return tabs
}

// split is the figure by a dimension, in the statutory order unless the largest shall come first.
func (f figures) split(d market.Dimension, byAmount bool) view.Table {
	rows := f.Table(d).Rows
	order := f.links.without("order")
	order.anchor = "#split"
	head := view.Col{Label: f.amountName(), Unit: "万元", Num: true, Href: order.to("by", string(d), "order", "amount")}
	if byAmount {
		rows = f.sorted(d)
		head.Href, head.Sort = order.to("by", string(d)), "descending"
	}
	table := view.Table{Label: d.Name(), Caption: d.Name() + "，金额单位：万元", Hidden: true, Class: "mk-dense mk-dense--keep",
		Cols: []view.Col{{Label: d.Name()}, head, {Label: "图示", HideLabel: true, Wide: true}, {Label: "占比", Unit: "%", Num: true, Wide: true},
			{Label: f.growthName(), Unit: "%", Num: true}, {Label: "项数", Unit: "项", Num: true}, {Label: "技术占比", Unit: "%", Num: true, Wide: true}},
		Foot: f.splitCells("合计", f.links.to(), f.Sum, f.Last, nil)}
	largest := decimal.Zero
	for _, r := range rows {
		largest = decimal.Max(largest, f.amount(r.Sum))
	}
	for _, r := range rows {
		var bar *view.Bar
		if largest.IsPositive() {
			bar = &view.Bar{Ratio: f.amount(r.Sum).Div(largest)}
		}
		table.Rows = append(table.Rows, view.TableRow{Cells: f.splitCells(r.Name, f.links.to(string(d), r.Code), r.Sum, r.Last, bar)})
	}
	return table
}

// withoutBars is a split for half the width, in its statutory order.
func withoutBars(t view.Table) view.Table {
	t.Cols = slices.Delete(t.Cols, 2, 3)
	t.Cols[1].Href = ""
	for i := range t.Rows {
		t.Rows[i].Cells = slices.Delete(t.Rows[i].Cells, 2, 3)
	}
	t.Foot = slices.Delete(t.Foot, 2, 3)
	return t
}

func (f figures) splitCells(name, href string, sum, last market.Sum, bar *view.Bar) []view.Cell {
	return []view.Cell{{Text: name}, {Text: market.FormatWan(f.amount(sum)), Href: href}, {Bar: bar},
		{Text: percent(market.Ratio(f.amount(sum), f.Amount()))}, {Text: signed(market.GrowthRatio(f.amount(sum), f.amount(last)))},
		{Text: view.Num(sum.Count), Href: href}, {Text: percent(sum.TechShare())}}
}

// adjustmentTable lists entries that changed what the figures were before.
func (s *Server) adjustmentTable(a market.Actor, lines []market.Adjustment, b market.Basis, sum market.Sum) view.Table {
	table := view.Table{Label: "调整", Caption: "调整，金额单位：万元", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "项目名称"}, {Label: "日期"}, {Label: "类型"}, {Label: "原登记"}, {Label: "原因"}, {Label: "经办"}, {Label: "变动", Unit: "万元", Num: true}},
		Foot: []view.Cell{{Text: "合计"}, {}, {}, {}, {}, {}, {Text: market.FormatWan(sum.Amount(b))}}}
	for _, x := range lines {
		title := view.Cell{Text: x.Title, Sub: x.Number}
		if deskOf(a, x.SellerRegion) {
			title.Href = contractPath(x.ContractID)
		}
		table.Rows = append(table.Rows, view.TableRow{Cells: []view.Cell{title,
			{Text: x.On.Format(time.DateOnly)}, {Text: market.EntryKinds.Name(x.Kind)}, {Text: x.RegisteredOn.Format(time.DateOnly)},
			{Text: dash(x.Reason)}, {Text: dash(x.By)}, {Text: market.FormatWan(x.Amount(b))}}})
	}
	return table
}

// addDrill lists the largest contracts behind the number that was chosen; at first that is the figure itself.
func (s *Server) addDrill(c echo.Context, a market.Actor, page *bureauTurnover, f figures) error {
	filter, err := s.turnoverFilter(c)
	if err != nil {
		return err
	}
	filter.County = a.County
	links := f.links.without()
	for name, values := range c.QueryParams() {
		links.values[name] = values
	}
	return s.drill(c, a, page, filter, links)
}

func (s *Server) drill(c echo.Context, a market.Actor, page *bureauTurnover, filter market.TurnoverFilter, links turnoverLinks) error {
	entries, total, sum, err := s.Store.TurnoverEntries(c.Request().Context(), a, filter, store.PageSlice(1, drillRows))
	if err != nil {
		return err
	}
	page.Drill = turnoverEntries{Chips: s.turnoverChips(filter, links), Count: countWords(total, sum), Table: s.entryTable(a, entries, sum)}
	if total == 0 {
		page.Drill.Empty = &view.Empty{Title: "没有合同", Text: "这个条件下，到这一天为止没有登记的合同。"}
	}
	all := links.without("by", "order", "page")
	all.path, all.anchor = "/bureau/turnover/contracts", ""
	page.DrillAll = view.Link{Label: "看全部 " + view.Num(total) + " 笔", Href: all.to()}
	return nil
}

// bureauTurnoverList is the bureau's list of the contracts behind a number, with the parties' names.
type bureauTurnoverList struct {
	view.Work
	Back view.Link
	turnoverEntries
}

func (bureauTurnoverList) Template() string { return "page/bureau/turnover_contracts" }

func (s *Server) bureauTurnoverContracts(c echo.Context, a market.Actor) error {
	f, err := s.turnoverFilter(c)
	if err != nil {
		return err
	}
	f.County = a.County
	list, err := s.turnoverEntries(c, a, f, "/bureau/turnover/contracts", workPage)
	if err != nil {
		return err
	}
	page := bureauTurnoverList{turnoverEntries: list, Back: view.Link{Label: "技术合同成交额", Href: "/bureau/turnover?" + turnoverValues(f.TurnoverQuery).Encode()}}
	if page.Work, err = s.work(c, a, "这个数背后的合同"); err != nil {
		return err
	}
	return s.render(c, page)
}
