package server

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

var turnoverPages = []view.Page{turnoverShow{}, turnoverList{}, bureauTurnover{}, bureauTurnoverList{}}

// turnoverQuery reads basis, year, the year to compare with and as_of. Without them it is output of the year of the day, as of today.
func (s *Server) turnoverQuery(c echo.Context) (market.TurnoverQuery, market.Problems) {
	var p market.Problems
	q := s.turnoverToday()
	if day := parseDate(&p, "as_of", c.QueryParam("as_of")); !day.IsZero() {
		q.AsOf, q.Year = day, day.Year()
	}
	if basis := c.QueryParam("basis"); basis != "" {
		q.Basis = market.Basis(basis)
	}
	if text := c.QueryParam("year"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil {
			p.Add("year", "年度“%s”认不出来，请写成 2026", market.Truncate(text, 20))
		}
		q.Year = year
	}
	if text := c.QueryParam("against"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil {
			p.Add("against", "对比年度“%s”认不出来，请写成 2023", market.Truncate(text, 20))
		}
		q.Against = year
	}
	if q.Against == q.Year-1 {
		q.Against = 0
	}
	for _, problem := range q.Check(s.Service.Today()) {
		p.Add(problem.Field, "%s", problem.Message)
	}
	return q, p
}

// turnoverToday is output of this year so far.
func (s *Server) turnoverToday() market.TurnoverQuery {
	today := s.Service.Today()
	return market.TurnoverQuery{Basis: market.BasisOutput, Year: today.Year(), AsOf: today}
}

// turnoverFilter reads what the list of contracts behind a number is picked by. Its addresses are made by
// turnoverLinks, so whatever is wrong with one is told at once.
func (s *Server) turnoverFilter(c echo.Context) (market.TurnoverFilter, error) {
	q, p := s.turnoverQuery(c)
	f := market.TurnoverFilter{TurnoverQuery: q, Values: map[market.Dimension]string{}, Cell: market.Cell(c.QueryParam("cell")),
		Traded: c.QueryParam("traded") == "1", Adjusted: c.QueryParam("adjusted") == "1", ByDate: c.QueryParam("sort") == "date",
		To: parseDate(&p, "to", c.QueryParam("to")), Frozen: parseMonth(&p, "frozen", c.QueryParam("frozen")), Late: parseMonth(&p, "late", c.QueryParam("late"))}
	for _, d := range market.Dimensions {
		if code := c.QueryParam(string(d)); code != "" {
			f.Values[d] = code
		}
	}
	if text := c.QueryParam("month"); text != "" {
		month, err := strconv.Atoi(text)
		if err != nil || month < 1 {
			p.Add("month", "月份应在 1 到 12 之间")
		}
		f.Month = month
	}
	for _, problem := range f.Check(s.ref, s.Service.Today()) {
		p.Add(problem.Field, "%s", problem.Message)
	}
	if len(p) > 0 {
		return f, market.Errorf(market.Invalid, "%s", p[0].Message)
	}
	return f, nil
}

// turnoverForm is the choice of basis, years and day.
type turnoverForm struct {
	Action  string
	Basis   view.Field
	Year    view.Field
	Against view.Field
	AsOf    view.Field
}

// turnoverForm shows the query of the page; what was typed wrong is kept and told.
func (s *Server) turnoverForm(c echo.Context, action string, t market.Turnover, p market.Problems) turnoverForm {
	q := t.Query
	years := []view.Option{}
	for _, y := range slices.Backward(t.Years) {
		if !y.Published {
			years = append(years, view.Option{Value: strconv.Itoa(y.Year), Label: strconv.Itoa(y.Year)})
		}
	}
	for y := q.AsOf.Year() + 1; y <= s.Service.Today().Year(); y++ {
		years = slices.Insert(years, 0, view.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	before := slices.Insert(slices.DeleteFunc(slices.Clone(years), func(o view.Option) bool { return o.Value >= strconv.Itoa(q.Year-1) }), 0, view.Option{Label: "上年"})
	at := errorsOf(p.Err())
	form := turnoverForm{Action: action,
		Basis:   view.Field{Kind: view.KindSelect, Name: "basis", Label: "口径", Options: options(market.Bases), Value: string(q.Basis), Error: at["basis"]},
		Year:    view.Field{Kind: view.KindSelect, Name: "year", Label: "年度", Options: years, Value: strconv.Itoa(q.Year), Error: at["year"]},
		Against: view.Field{Kind: view.KindSelect, Name: "against", Label: "对比", Options: before, Value: against(q), Error: at["against"]},
		AsOf:    view.Field{Kind: view.KindDate, Name: "as_of", Label: "数据截至", Value: q.AsOf.Format(time.DateOnly), Error: at["as_of"]}}
	if typed := c.QueryParam("as_of"); typed != "" && len(p) > 0 {
		form.AsOf.Value = typed
	}
	return form
}

// against is the choice of the year to compare with, "" for the year before.
func against(q market.TurnoverQuery) string {
	if q.Against == 0 {
		return ""
	}
	return strconv.Itoa(q.Against)
}

// turnoverShow is the public page of the turnover.
type turnoverShow struct {
	view.Base
	Crumbs     []view.Link
	Rule       string
	Form       turnoverForm
	Downloads  []view.Action
	Notices    []view.Alert
	Head       turnoverHead
	Tiles      []view.Figure
	Series     view.Chart
	Cumulative view.Chart
	Quad       view.Quad
	Submarkets view.Chart
	Counties   view.Chart
	AsOf       string
	Notes      []turnoverNote
}

func (turnoverShow) Template() string { return "page/turnover/show" }

func (s *Server) turnoverShow(c echo.Context, a market.Actor) error {
	q, p := s.turnoverQuery(c)
	if len(p) > 0 {
		q = s.turnoverToday()
	}
	q.By = []market.Dimension{market.BySubmarket, market.ByCounty, market.ByTradeMode}
	t, err := s.Store.Turnover(c.Request().Context(), a, s.ref, q)
	if err != nil {
		return err
	}
	f := s.figures(t, "/turnover/contracts", "")
	page := turnoverShow{Base: s.base(c, a, "成交数据"), Crumbs: []view.Link{{Label: "首页", Href: "/"}, {Label: "成交数据"}},
		Rule: q.Basis.Rule(f.place), Form: s.turnoverForm(c, "/turnover", t, p), Downloads: turnoverDownloads(q, false), Notices: f.notices(),
		Head: f.head(), Tiles: f.tiles(), Series: f.series(), Cumulative: f.cumulative(), Quad: f.quad(),
		Submarkets: f.bars(market.BySubmarket, "按专业市场", "按合同所属专业市场；不属于五个专业市场的列为“其他”。"),
		Counties:   f.bars(market.ByCounty, "按县区", f.countyNote()), AsOf: f.period(), Notes: f.notes()}
	page.Submarkets.Both = true
	page.Nav, page.HasCharts = "turnover", true
	page.Description = fmt.Sprintf("%s技术合同%s：%s，%s。", f.period(), f.amountName(), f.money(t.Amount()), q.Basis.Rule(f.place))
	page.Errors = errorSummary(p.Err())
	return s.renderStatus(c, formStatus(p.Err()), page)
}

// turnoverDownloads are the same figures as files.
func turnoverDownloads(q market.TurnoverQuery, small bool) []view.Action {
	query := "?" + turnoverValues(q).Encode()
	return []view.Action{{Label: "下载 Excel", Href: "/turnover.xlsx" + query, Icon: "down", Small: small}, {Label: "CSV", Href: "/turnover.csv" + query, Small: small}}
}

// turnoverList is the public list of the contracts behind a number.
type turnoverList struct {
	view.Base
	Crumbs []view.Link
	turnoverEntries
}

func (turnoverList) Template() string { return "page/turnover/contracts" }

func (s *Server) turnoverContracts(c echo.Context, a market.Actor) error {
	f, err := s.turnoverFilter(c)
	if err != nil {
		return err
	}
	list, err := s.turnoverEntries(c, a, f, "/turnover/contracts", publicPage)
	if err != nil {
		return err
	}
	page := turnoverList{Base: s.base(c, a, "这个数背后的合同"), turnoverEntries: list, Crumbs: []view.Link{
		{Label: "首页", Href: "/"}, {Label: "成交数据", Href: "/turnover?" + turnoverValues(f.TurnoverQuery).Encode()}, {Label: "合同清单"}}}
	page.Nav, page.NoIndex = "turnover", true
	return s.render(c, page)
}

// turnoverEntries is a list of contracts with the number that they add up to.
type turnoverEntries struct {
	Scope string // basis and period
	Chips view.Chips
	Count string // how many, and what they add up to
	Sort  view.Seg
	Table view.Table
	Pager view.Pager
	Empty *view.Empty
}

// turnoverEntries reads the page of the list that the request asks for.
func (s *Server) turnoverEntries(c echo.Context, a market.Actor, f market.TurnoverFilter, path string, size int) (turnoverEntries, error) {
	n := pageNumber(c)
	entries, total, sum, err := s.Store.TurnoverEntries(c.Request().Context(), a, f, store.PageSlice(n, size))
	if err != nil {
		return turnoverEntries{}, err
	}
	links := turnoverLinks{path: path, values: c.QueryParams()}
	list := turnoverEntries{Scope: f.Basis.Name() + "，" + periodWords(f.TurnoverQuery), Chips: s.turnoverChips(f, links), Count: countWords(total, sum), Table: s.entryTable(a, entries, sum),
		Sort: view.Seg{Label: "排序", Items: []view.SegItem{{Label: "按金额", Href: links.without("sort", "page").to(), Current: !f.ByDate},
			{Label: "按日期", Href: links.without("page").to("sort", "date"), Current: f.ByDate}}},
		Pager: view.NewPager(n, size, total, "笔", func(page int) string { return links.to("page", strconv.Itoa(page)) })}
	if total == 0 {
		list.Empty = &view.Empty{Title: "没有合同", Text: "这个条件下，到这一天为止没有登记的合同。",
			Actions: []view.Action{{Label: "看全年的合同", Href: path + "?" + turnoverValues(f.TurnoverQuery).Encode()}}}
	}
	return list, nil
}

func countWords(rows int, sum market.Sum) string {
	return fmt.Sprintf("共 %s 笔，%s 项合同；成交额 %s 万元，其中技术交易额 %s 万元", view.Num(rows), view.Num(sum.Count), market.FormatWan(sum.Total), market.FormatWan(sum.Tech))
}

// entryTable lists ledger entries. Who may read the contract gets the parties' names and the
// way to it.
func (s *Server) entryTable(a market.Actor, entries []market.TurnoverEntry, sum market.Sum) view.Table {
	table := view.Table{Label: "合同清单", Class: "mk-dense mk-table--stack", Caption: "这个数背后的合同，金额单位：万元", Hidden: true,
		Cols: []view.Col{{Label: "项目名称"}, {Label: "类别", Nowrap: true}, {Label: "卖方 → 买方"}, {Label: "入账日期", Nowrap: true},
			{Label: "成交额", Unit: "万元", Num: true}, {Label: "技术交易额", Unit: "万元", Num: true}},
		Foot: []view.Cell{{Text: "合计"}, {}, {}, {}, {Text: market.FormatWan(sum.Total)}, {Text: market.FormatWan(sum.Tech)}}}
	for _, e := range entries {
		kind, _ := s.ref.ContractKind(e.Kind)
		named := deskOf(a, e.SellerRegion)
		row := view.TableRow{Cells: []view.Cell{{Text: e.Title, Sub: e.Number}, {Text: kind.Kind}, s.partiesCell(e, named),
			{Text: e.On.Format(time.DateOnly)}, {Text: market.FormatWan(e.Total)}, {Text: market.FormatWan(e.Tech)}}}
		if named {
			row.Cells[0].Href = contractPath(e.ContractID)
		}
		if e.Entry != "registered" {
			row.Warn, row.Cells[3].Sub = true, market.EntryKinds.Name(e.Entry)
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (s *Server) partiesCell(e market.TurnoverEntry, named bool) view.Cell {
	seller, buyer := s.ref.Regions.Name(e.SellerRegion), s.ref.Regions.Name(e.BuyerRegion)
	if !named {
		return view.Cell{Text: seller + " → " + buyer}
	}
	return view.Cell{Text: e.SellerName + s.outsideMark(e.SellerRegion), Sub: "→ " + e.BuyerName + s.outsideMark(e.BuyerRegion)}
}

// outsideMark tells that a party is not of the city.
func (s *Server) outsideMark(region string) string {
	if s.ref.Regions.InCity(region) {
		return ""
	}
	return "（市外）"
}

// turnoverChips are the conditions of a list, each a link that takes it away.
func (s *Server) turnoverChips(f market.TurnoverFilter, links turnoverLinks) view.Chips {
	chips := view.Chips{Label: "条件"}
	add := func(label string, names ...string) {
		chips.Items = append(chips.Items, view.Chip{Label: label, Href: links.without(append(names, "page")...).to(), On: true})
	}
	if f.Cell != "" {
		add(f.Cell.Name(f.County != ""), "cell")
	}
	if f.Month != 0 {
		add(fmt.Sprintf("登记月：%d-%02d", f.Year, f.Month), "month")
	}
	if f.Last().Before(f.Through()) {
		add("登记到 "+f.Last().Format(time.DateOnly), "to")
	}
	for _, d := range market.Dimensions {
		if code, ok := f.Values[d]; ok {
			add(d.Name()+"："+d.Codes(s.ref).Name(code), string(d))
		}
	}
	if f.Traded {
		add("经本市场促成", "traded")
	}
	if !f.Frozen.IsZero() {
		add(monthName(f.Frozen)+" 关账时已入账", "frozen")
	}
	if !f.Late.IsZero() {
		add(monthName(f.Late)+" 关账以后入账", "late")
	}
	if f.Adjusted {
		add("只看调整", "adjusted")
	}
	return chips
}

// turnoverXLSX and turnoverCSV give the figures of the page as a file; that they were taken is audited.
func (s *Server) turnoverXLSX(c echo.Context, a market.Actor) error {
	x, err := s.turnoverExport(c, a)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := x.XLSX(&buf); err != nil {
		return err
	}
	return s.sendExport(c, a, x, "xlsx", xlsxType, len(x.Entries), buf.Bytes())
}

func (s *Server) turnoverCSV(c echo.Context, a market.Actor) error {
	x, err := s.turnoverExport(c, a)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	rows, err := x.CSV(&buf)
	if err != nil {
		return err
	}
	return s.sendExport(c, a, x, "csv", "text/csv; charset=utf-8", rows, buf.Bytes())
}

func (s *Server) turnoverExport(c echo.Context, a market.Actor) (sheet.TurnoverExport, error) {
	x := sheet.TurnoverExport{Ref: s.ref, Demo: s.demo}
	if err := s.slowAddress(c, exportLimit); err != nil {
		return x, err
	}
	f, err := s.turnoverFilter(c)
	if err != nil {
		return x, err
	}
	q := f.TurnoverQuery
	q.By = market.Dimensions
	if c.QueryParam("place") == a.County {
		q.County = a.County
	}
	x.Turnover, x.Entries, err = s.Store.TurnoverExport(c.Request().Context(), a, s.ref, q)
	return x, err
}

func (s *Server) sendExport(c echo.Context, a market.Actor, x sheet.TurnoverExport, extension, contentType string, rows int, content []byte) error {
	if err := s.Service.ExportTurnover(c.Request().Context(), a, x.Turnover.Query, extension, rows); err != nil {
		return err
	}
	return save(c, x.FileName(extension), contentType, content)
}

// turnoverValues are the address parts of a query.
func turnoverValues(q market.TurnoverQuery) url.Values {
	v := url.Values{"year": {strconv.Itoa(q.Year)}, "as_of": {q.AsOf.Format(time.DateOnly)}}
	if q.Basis != market.BasisOutput {
		v.Set("basis", string(q.Basis))
	}
	if q.County != "" {
		v.Set("place", q.County)
	}
	if text := against(q); text != "" {
		v.Set("against", text)
	}
	return v
}

// turnoverLinks makes the addresses of the contracts behind numbers.
type turnoverLinks struct {
	path, anchor string
	values       url.Values
}

// to is the address with these names and values set, in pairs.
func (l turnoverLinks) to(pairs ...string) string {
	v := url.Values{}
	for name, values := range l.values {
		v[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return l.path + "?" + v.Encode() + l.anchor
}

// without leaves names out of the addresses.
func (l turnoverLinks) without(names ...string) turnoverLinks {
	v := url.Values{}
	for name, values := range l.values {
		if !slices.Contains(names, name) {
			v[name] = values
		}
	}
	return turnoverLinks{path: l.path, anchor: l.anchor, values: v}
}

// percent is a ratio in percent with one digit and no sign of percent, — where there is none.
func percent(r decimal.NullDecimal) string {
	if !r.Valid {
		return "—"
	}
	return view.NumDecimal(r.Decimal.Shift(2), 1)
}

// signed is percent with its sign.
func signed(r decimal.NullDecimal) string {
	if r.Valid && r.Decimal.Shift(2).Round(1).IsPositive() {
		return "+" + percent(r)
	}
	return percent(r)
}
