package server

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

var reconcilePages = []view.Page{reconcileIndex{}, reconcileFile{}, reconcileShow{}, reconcileLetter{}, reconcileStatement{}}

const reconcilePath = "/bureau/reconciliation"

func periodPath(id int64) string { return fmt.Sprintf("%s/%d", reconcilePath, id) }

func nationalPath(id int64) string { return fmt.Sprintf("%s/files/%d", reconcilePath, id) }

// mayReconcile reports whether the actor works differences off.
func mayReconcile(a market.Actor) bool { return a.Has(market.Statistician) && a.County == "" }

// cityOnly refuses officers of a county: an export of the national system cannot be cut by counties.
func cityOnly(a market.Actor) error {
	if a.County != "" {
		return market.Errorf(market.Denied, "与全国系统对账由市级岗位办理")
	}
	return nil
}

// reconcileIndex lists the periods and takes an export.
type reconcileIndex struct {
	view.Work
	Fields []view.Field // nil for who does not bring files
	Key    string
	Blank  view.Action
	Lines  []reconcilePeriod
	Empty  view.Empty
}

func (reconcileIndex) Template() string { return "page/reconcile/index" }

type reconcilePeriod struct {
	Name, Href string
	File       string
	Gap        string
	State      view.State
}

func (s *Server) reconcileIndex(c echo.Context, a market.Actor) error {
	return s.showReconciliations(c, a, service.NationalUpload{Period: s.Service.Today().AddDate(0, 0, -s.Service.Today().Day()).Format("2006-01"), Key: formKey()}, nil)
}

func (s *Server) showReconciliations(c echo.Context, a market.Actor, up service.NationalUpload, failed error) error {
	if err := cityOnly(a); err != nil {
		return err
	}
	found, err := s.Store.Reconciliations(c.Request().Context(), a)
	if err != nil {
		return err
	}
	page := reconcileIndex{Key: up.Key, Blank: view.Action{Label: "空白模板", Href: reconcilePath + "/template.xlsx", Icon: "down", Small: true},
		Empty: view.Empty{Title: "还没有对过账", Text: "每月在全国系统导出登记清单，载入后与本市逐条比对；差异都有了决定才能关账。"}}
	if page.Work, err = s.work(c, a, "全国系统对账"); err != nil {
		return err
	}
	page.Errors = errorSummary(failed)
	for _, r := range found {
		page.Lines = append(page.Lines, reconcilePeriodLine(r))
	}
	if mayReconcile(a) {
		at := errorsOf(failed)
		page.Fields = []view.Field{
			{Name: "period", Label: "对账的月份或年份", Hint: "月份例：2026-10；年份例：2026", Value: up.Period, Error: at["period"], Autocomplete: "off"},
			{Name: "file", Kind: view.KindFile, Label: "全国系统的导出文件", Accept: ".xlsx,.csv", Error: at["file"], Hint: "先检查、后载入；列名认不出的可以指定一次，以后自动沿用。同一文件再传会认出来。"}}
	}
	return s.renderStatus(c, formStatus(failed), page)
}

func reconcilePeriodLine(r market.Reconciliation) reconcilePeriod {
	line := reconcilePeriod{Name: r.Name(), Href: periodPath(r.ID), Gap: "—", State: view.State{Shape: view.ShapeTodo, Text: "未关闭"}}
	if r.Gap.Valid {
		line.Gap = signedWan(r.Gap.Decimal)
	}
	switch {
	case r.Closed():
		line.State = view.State{Shape: view.ShapeDone, Text: "已关闭", Note: view.Date(*r.ClosedAt) + "，" + r.ClosedBy}
	case r.FileID == nil:
		line.State.Note = "还没有载入导出"
	}
	return line
}

// signedWan writes a difference in 万元 with its sign; none is a dash.
func signedWan(yuan decimal.Decimal) string {
	switch {
	case yuan.IsPositive():
		return "+" + market.FormatWan(yuan)
	case yuan.IsNegative():
		return "−" + market.FormatWan(yuan.Neg())
	}
	return "—"
}

func (s *Server) reconcileCreate(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, uploadLimit); err != nil {
		return err
	}
	up := service.NationalUpload{Period: c.FormValue("period"), Key: c.FormValue("key")}
	var err error
	if up.Name, up.Data, err = postedFile(c, "file"); err != nil {
		return s.showReconciliations(c, a, up, err)
	}
	id, known, err := s.Service.CheckNational(c.Request().Context(), a, up)
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showReconciliations(c, a, up, err)
	}
	if err != nil {
		return err
	}
	if known {
		return s.done(c, nationalPath(id), "这个文件以前传过，内容一字不差，没有再读一遍")
	}
	return s.done(c, nationalPath(id), "")
}

// reconcileTemplate gives an empty export to fill in by hand.
func (s *Server) reconcileTemplate(c echo.Context, _ market.Actor) error {
	if err := s.slowAddress(c, exportLimit); err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := sheet.Rows(&buf, "全国系统导出", sheet.NationalHeadings(), nil); err != nil {
		return err
	}
	return save(c, "全国系统导出模板.xlsx", xlsxType, buf.Bytes())
}

// reconcileFile is the preview of an export.
type reconcileFile struct {
	view.Work
	Period  view.Link
	Sub     []string
	Steps   view.Steps
	Figures []view.Figure
	Bad     []nationalProblem
	More    int // problems beyond those shown
	Good    []nationalGood
	Columns []nationalColumn
	Used    int
	Choose  string // where columns are posted, "" when they stand
	Take    string
	Why     string // why it cannot be taken
	Asks    []view.Ask
	Sample  string
}

func (reconcileFile) Template() string { return "page/reconcile/file" }

type nationalProblem struct {
	Row                 int
	Title               string
	Column, Value, Text string
}

type nationalGood struct {
	Number, Title, Parties, Kind, Total, Registered string
}

type nationalColumn struct {
	Heading, As string
	Choice      view.Field
}

// Rows of a preview that are shown.
const (
	badShown  = 200
	goodShown = 20
)

func (s *Server) reconcileFile(c echo.Context, a market.Actor) error {
	return s.showNationalFile(c, a, nil, nil)
}

// nationalFile is the export of the address with its period and lines.
func (s *Server) nationalFile(c echo.Context, a market.Actor) (f market.NationalFile, period market.Reconciliation, lines []market.NationalLine, err error) {
	if err := cityOnly(a); err != nil {
		return f, period, nil, err
	}
	ctx := c.Request().Context()
	id, err := pathID(c)
	if err != nil {
		return f, period, nil, err
	}
	if f, err = s.Store.NationalFile(ctx, a, id); err != nil {
		return f, period, nil, err
	}
	if period, err = s.Store.Reconciliation(ctx, a, f.ReconciliationID); err != nil {
		return f, period, nil, err
	}
	lines, err = s.Store.NationalLines(ctx, id)
	return f, period, lines, err
}

func (s *Server) showNationalFile(c echo.Context, a market.Actor, typed []string, failed error) error {
	f, period, lines, err := s.nationalFile(c, a)
	if err != nil {
		return err
	}
	page := reconcileFile{Period: view.Link{Label: "对账：" + period.Name(), Href: periodPath(period.ID)}}
	if page.Work, err = s.work(c, a, f.Name); err != nil {
		return err
	}
	page.Errors = failure(failed)
	page.Sub = []string{fmt.Sprintf("%s 由%s上传", view.DateTime(f.CreatedAt), f.UserName), market.NationalFileStates.Name(f.State)}
	if f.RowsHidden > 0 {
		page.Sub = append(page.Sub, fmt.Sprintf("另有 %s 行在文件里是隐藏的，没有读", view.Num(f.RowsHidden)))
	}
	page.Steps = nationalSteps(f)
	page.Figures = []view.Figure{{Label: "可以比对", Num: view.Num(f.RowsTotal - f.RowsBad), Unit: "行"}, {Label: "合同成交额", Num: market.FormatWan(f.Total), Unit: "万元"},
		{Label: "有问题、不比对", Num: view.Num(f.RowsBad), Unit: "行"}}
	for _, l := range lines {
		page.add(l)
	}
	if f.State != "discarded" {
		page.Sample = nationalPath(f.ID) + "/export.xlsx"
	}
	if mayReconcile(a) && f.State == "checked" && !period.Closed() {
		page.Choose, page.Take = nationalPath(f.ID)+"/columns", nationalPath(f.ID)+"/take"
		if f.RowsBad == f.RowsTotal {
			page.Why = "没有可以比对的行。请核对期间和列，或改好文件再上传。"
		}
		page.Asks = []view.Ask{{Label: "放弃这个文件", Text: "读到的内容会删去，对账不受影响。文件还在您的电脑上，可以改好再传。", Href: nationalPath(f.ID) + "/discard", Button: "放弃", Danger: true}}
	}
	if err := s.nationalColumns(f, typed, errorsOf(failed)["column"], &page); err != nil {
		return err
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

func nationalSteps(f market.NationalFile) view.Steps {
	var steps view.Steps
	at := map[string]int{"checked": 1, "taken": 3, "discarded": 1}[f.State]
	for i, label := range []string{"选择文件", "检查", "载入并比对"} {
		steps.Items = append(steps.Items, view.Step{Label: label, Done: i < at, Current: i == at})
	}
	return steps
}

func (p *reconcileFile) add(l market.NationalLine) {
	for _, problem := range l.Problems {
		if len(p.Bad) == badShown {
			p.More++
			continue
		}
		p.Bad = append(p.Bad, nationalProblem{l.Row, cmp.Or(market.Truncate(l.Title, maxRowTitle), dash(l.Number)), problem.Column, problem.Value, problem.Message})
	}
	if len(l.Problems) == 0 && len(p.Good) < goodShown {
		good := nationalGood{Number: l.Number, Title: dash(l.Title), Parties: dash(l.SellerName) + " → " + dash(l.BuyerName), Kind: dash(l.Kind), Total: market.FormatWan(l.Total), Registered: "—"}
		if l.RegisteredOn != nil {
			good.Registered = view.Date(*l.RegisteredOn)
		}
		p.Good = append(p.Good, good)
	}
}

// nationalColumns says what each heading was taken for, with what was typed where the form comes back.
func (s *Server) nationalColumns(f market.NationalFile, typed []string, wrong string, page *reconcileFile) error {
	reader, err := s.Service.NationalReader(f)
	if err != nil {
		return err
	}
	choices := openOptions(sheet.Choices(market.KindNational), "不用")
	for i, col := range reader.Columns() {
		key := col.Key
		if i < len(typed) {
			key = typed[i]
		}
		if col.As != "" {
			page.Used++
		}
		choice := view.Field{Name: "column", ID: fmt.Sprintf("column-%d", i), Kind: view.KindSelect, Label: col.Heading, HideLabel: true, Options: choices, Value: key}
		if i == 0 {
			choice.ID, choice.Error = "column", wrong
		}
		page.Columns = append(page.Columns, nationalColumn{Heading: cmp.Or(col.Heading, fmt.Sprintf("第 %d 列", i+1)), As: col.As, Choice: choice})
	}
	return nil
}

func (s *Server) reconcileColumns(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	columns := c.Request().Form["column"]
	err = s.Service.RecheckNational(c.Request().Context(), a, id, columns)
	if market.IsKind(err, market.Invalid) {
		return s.showNationalFile(c, a, columns, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, nationalPath(id), "已按您选的列重新检查")
}

func (s *Server) reconcileTake(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.Service.TakeNational(ctx, a, id); err != nil {
		return err
	}
	f, err := s.Store.NationalFile(ctx, a, id)
	if err != nil {
		return err
	}
	return s.done(c, periodPath(f.ReconciliationID), "已载入，下面是比对的结果")
}

func (s *Server) reconcileDiscard(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.DiscardNational(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, reconcilePath, "已放弃，对账不受影响")
}

// reconcileSample gives a loaded export back as a workbook.
func (s *Server) reconcileSample(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, paperLimit); err != nil {
		return err
	}
	f, period, lines, err := s.nationalFile(c, a)
	if err != nil {
		return err
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = l.Cells
	}
	var buf bytes.Buffer
	if err := sheet.Rows(&buf, "全国系统导出", f.Headings, rows); err != nil {
		return err
	}
	return save(c, sheet.SampleName(period, f.CreatedAt), xlsxType, buf.Bytes())
}

// The tabs of a period beside its four lists.
const (
	tabDecided = "decided"
	tabAgree   = "agree"
)

// reconcileShow is a period: why the totals differ, what is left to decide, and closing.
type reconcileShow struct {
	view.Work
	Period   market.Reconciliation
	Sub      []string
	Notices  []view.Alert
	Sums     []reconcileSum
	Demo     bool
	Past     []reconcilePeriod
	Progress market.ReconcileProgress
	Share    string // of those decided
	Ticks    []view.TickItem
	Close    string // where closing is posted, "" when it cannot be
	Why      string
	Papers   []view.Action
	Tabs     view.Tabs
	List     string
	Fields   []view.Option
	Q        string
	Decide   string // where decisions are posted, "" for who reads
	Choices  []view.Option
	Lines    []reconcileLine
	Agree    []reconcileAgreed
	Pager    view.Pager
	Page     int
	Empty    view.Empty
	Later    []reconcileLater
}

func (reconcileShow) Template() string { return "page/reconcile/show" }

type reconcileSum struct {
	Op, Label, Href, Note string
	Count                 string
	Total                 string
	Main                  bool
}

// reconcileLine is a difference on the page. N is its place, from 0.
type reconcileLine struct {
	N           int
	Key         market.ReconcileKey
	Number      string
	Href        string
	Title       string
	Field       string
	Clue        string
	Ours        string
	Theirs      string
	RawOurs     string
	RawTheirs   string
	Effect      string
	Bad         bool
	Choice      string
	Reason      string
	ChoiceError string
	ReasonError string
	Candidates  []reconcileCandidate
	State       view.State
	Decided     string
	By          string
	Acts        []view.Action
}

type reconcileCandidate struct {
	Label, Href string
	Action      string // where it is said to be the one
	Value       string
	Button      string
}

type reconcileAgreed struct {
	Number, Href, Title, Total, How string
}

type reconcileLater struct {
	Number, Href, Title, Kind, On, Total string
}

// typedDecision is a row of the form as it was posted.
type typedDecision struct {
	market.ReconcileDecision
	problems market.Problems
}

func (s *Server) reconcileShow(c echo.Context, a market.Actor) error {
	return s.showReconciliation(c, a, c.QueryParams(), nil, nil)
}

func (s *Server) showReconciliation(c echo.Context, a market.Actor, q url.Values, typed []typedDecision, failed error) error {
	if err := cityOnly(a); err != nil {
		return err
	}
	ctx := c.Request().Context()
	id, err := pathID(c)
	if err != nil {
		return err
	}
	found, err := s.Store.Compared(ctx, a, id)
	if err != nil {
		return err
	}
	page := reconcileShow{Period: found.Reconciliation, Demo: found.Demo, Q: market.Truncate(market.Normalize(q.Get("q")), 60)}
	if page.Work, err = s.work(c, a, "全国系统对账："+found.Name()); err != nil {
		return err
	}
	if page.Past, err = s.pastPeriods(c, a, id); err != nil {
		return err
	}
	if found.File == nil {
		page.Empty = view.Empty{Title: "还没有载入全国系统的导出", Text: "载入并确认以后，这里列出逐条比对的结果。", Actions: []view.Action{{Label: "载入导出", Href: reconcilePath}}}
		return s.renderStatus(c, errorStatus(failed), page)
	}
	items := found.Items()
	page.Progress = market.ProgressOf(items)
	page.head(found)
	page.sums(found)
	s.reconcileClosing(a, found, &page)
	page.Papers = reconcilePapers(found)
	if found.Closed() {
		if page.Later, err = s.laterEntries(c, a, found.Reconciliation); err != nil {
			return err
		}
	}
	s.lists(c, a, found, items, q, typed, &page)
	if len(page.Errors.Items) == 0 { // else they stand at the lines
		page.Errors = failure(failed)
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

func (p *reconcileShow) head(found store.Compared) {
	p.Sub = []string{fmt.Sprintf("导出文件 %s 载入，%s 条", view.DateTime(*found.File.TakenAt), view.Num(found.File.RowsTotal-found.File.RowsBad)), "按登记编号比对，编号不同的按双方、签订日期和金额"}
	if found.File.RowsBad > 0 {
		p.Notices = append(p.Notices, view.Alert{Kind: view.AlertWarn, Text: fmt.Sprintf("导出里有 %s 行有问题，没有比对。", view.Num(found.File.RowsBad)), Link: &view.Link{Label: "看是哪些行", Href: nationalPath(found.File.ID)}})
	}
	if found.Closed() {
		p.Notices = append(p.Notices, view.Alert{Kind: view.AlertOK, Title: "已关闭", Text: fmt.Sprintf("%s 由%s关闭。下面是关闭时的内容，以后的变动进当月的调整。", view.DateTime(*found.ClosedAt), found.ClosedBy)})
	}
	if p.Progress.All > 0 {
		p.Share = fmt.Sprint(p.Progress.Decided() * 100 / p.Progress.All)
	}
}

func listPath(id int64, list string) string { return fmt.Sprintf("%s?list=%s#t", periodPath(id), list) }

// sums is the equation: ours is theirs with the four items.
func (p *reconcileShow) sums(found store.Compared) {
	c, id := found.Comparison, found.ID
	amount := func(d decimal.Decimal) string { return market.FormatWan(d.Abs()) }
	op := func(d decimal.Decimal) string {
		if d.IsNegative() {
			return "−"
		}
		return "+"
	}
	p.Sums = []reconcileSum{
		{Label: "全国系统", Count: view.Num(c.Theirs.Count), Total: amount(c.Theirs.Total), Main: true},
		{Op: "+", Label: "本市有、全国无", Href: listPath(id, market.ListHere), Count: view.Num(c.Here.Count), Total: amount(c.Here.Total)},
		{Op: "−", Label: "全国有、本市无", Href: listPath(id, market.ListThere), Count: view.Num(c.There.Count), Total: amount(c.There.Total)},
		{Op: op(c.Differ.Total), Label: "都有、内容不一致", Note: "，净差", Href: listPath(id, market.ListDiffer), Count: view.Num(c.Differ.Count), Total: amount(c.Differ.Total)},
		{Op: op(c.Unsynced.Total), Label: "变更、注销、撤销未同步", Note: "，净差", Href: listPath(id, market.ListUnsynced), Count: view.Num(c.Unsynced.Count), Total: amount(c.Unsynced.Total)},
		{Label: "本市", Count: view.Num(c.Ours.Count), Total: market.FormatWan(c.Ours.Total), Main: true}}
}

func (s *Server) pastPeriods(c echo.Context, a market.Actor, id int64) ([]reconcilePeriod, error) {
	all, err := s.Store.Reconciliations(c.Request().Context(), a)
	var out []reconcilePeriod
	for _, r := range all {
		if r.ID != id && r.Gap.Valid && len(out) < 3 {
			out = append(out, reconcilePeriodLine(r))
		}
	}
	return out, err
}

// reconcileClosing says what stands against closing the period.
func (s *Server) reconcileClosing(a market.Actor, found store.Compared, page *reconcileShow) {
	left := page.Progress
	mark := func(done bool) view.TickMark {
		if done {
			return view.TickOK
		}
		return view.TickAsk
	}
	over := found.To.Before(s.Service.Today())
	page.Ticks = []view.TickItem{
		{Text: "差异全部有决定和说明", Mark: mark(left.Open == 0)},
		{Text: "以全国为准的，本市都已改好", Mark: mark(left.ToCorrect == 0)},
		{Text: "改动都经另一人复核", Mark: mark(left.ToConfirm == 0)},
		{Text: "这一期已经结束", Mark: mark(over)}}
	switch {
	case found.Closed():
		return
	case !mayReconcile(a):
		page.Why = "由市级统计岗位关闭。"
	case left.Open > 0:
		page.Why = fmt.Sprintf("还有 %d 项没有决定，暂不能关闭。", left.Open)
	case left.ToCorrect > 0:
		page.Why = fmt.Sprintf("还有 %d 项以全国为准、本市没有改好，暂不能关闭。", left.ToCorrect)
	case left.ToConfirm > 0:
		page.Why = fmt.Sprintf("还有 %d 项待另一人复核，暂不能关闭。", left.ToConfirm)
	case !over:
		page.Why = fmt.Sprintf("%s还没有结束，暂不能关闭。", found.Name())
	default:
		page.Close = periodPath(found.ID) + "/close"
	}
}

func reconcilePapers(found store.Compared) []view.Action {
	out := []view.Action{{Label: "导出四张清单", Href: periodPath(found.ID) + "/lists.xlsx", Icon: "down", Small: true}, {Label: "对账单", Href: periodPath(found.ID) + "/statement", Icon: "print", Small: true}}
	if n := len(toCorrectThere(found)); n > 0 {
		out = append(out, view.Action{Label: fmt.Sprintf("更正函（%d 项）", n), Href: periodPath(found.ID) + "/letter", Icon: "mail", Small: true})
	}
	return out
}

// toCorrectThere are the differences decided for this side: what the letter asks for.
func toCorrectThere(found store.Compared) []market.ReconcileItem {
	var out []market.ReconcileItem
	for _, i := range found.Items() {
		if i.Decision != nil && i.Decision.Choice == market.DecideOurs && !i.Gone {
			out = append(out, i)
		}
	}
	return out
}

func (s *Server) laterEntries(c echo.Context, a market.Actor, period market.Reconciliation) ([]reconcileLater, error) {
	found, err := s.Store.LaterEntries(c.Request().Context(), a, period)
	var out []reconcileLater
	for _, e := range found {
		out = append(out, reconcileLater{e.Number, contractPath(e.ContractID), e.Title, market.EntryKinds.Name(e.Kind), view.Date(e.On), signedWan(e.Total)})
	}
	return out, err
}

// lists fills in the tabs and the one that is open.
func (s *Server) lists(c echo.Context, a market.Actor, found store.Compared, items []market.ReconcileItem, q url.Values, typed []typedDecision, page *reconcileShow) {
	counts := map[string]int{tabAgree: len(found.Comparison.Agree)}
	for _, i := range items {
		counts[tabOf(i)]++
	}
	tabs := append(slices.Clone(market.ReconcileLists), market.Code{Code: tabDecided, Name: "已决定"}, market.Code{Code: tabAgree, Name: "一致"})
	if page.List = q.Get("list"); tabs.Name(page.List) == "" {
		page.List = tabDecided
		for _, t := range tabs[:len(market.ReconcileLists)] {
			if counts[t.Code] > 0 {
				page.List = t.Code
				break
			}
		}
	}
	page.Tabs.Label = "差异清单"
	for _, t := range tabs {
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: t.Name, Href: listPath(found.ID, t.Code), Count: view.Num(counts[t.Code]), Current: t.Code == page.List})
	}
	field := q.Get("field")
	page.Fields = openOptions(market.ReconcileFields, "全部")
	for i := range page.Fields {
		page.Fields[i].Checked = page.Fields[i].Value == field
	}
	page.Page = pageNumber(c)
	page.Empty = view.Empty{Title: "这一栏里没有", Text: "换一栏看看；全部办结以后就能关账。"}
	address := func(n int) string {
		next := url.Values{"list": {page.List}, "field": {field}, "q": {page.Q}}
		return periodPath(found.ID) + pageQuery(next, n) + "#t"
	}
	if page.List == tabAgree {
		shown := agreedShown(found.Comparison.Agree, page.Q)
		page.Pager = view.NewPager(page.Page, workPage, len(shown), "份", address)
		for _, p := range pageOf(shown, page.Page) {
			line := reconcileAgreed{p.Number, contractPath(p.ContractID), p.Title, market.FormatWan(p.Total), "登记编号"}
			if p.ByParties {
				line.How = "双方、日期和金额"
			}
			page.Agree = append(page.Agree, line)
		}
		return
	}
	var shown []market.ReconcileItem
	for _, i := range items {
		if tabOf(i) == page.List && (field == "" || field == i.Field) && holdsText(page.Q, i.Number, i.OwnNumber, i.Reference, i.Title) {
			shown = append(shown, i)
		}
	}
	page.Pager = view.NewPager(page.Page, workPage, len(shown), "项", address)
	if mayReconcile(a) && !found.Closed() && page.List != tabDecided {
		page.Decide = periodPath(found.ID) + "/decide"
		page.Choices = openOptions(market.ReconcileChoices, "待决定")
	}
	for n, i := range pageOf(shown, page.Page) {
		line := s.reconcileLine(a, found, n, i)
		for _, t := range typed {
			if t.ReconcileKey == i.ReconcileKey {
				line.Choice, line.Reason = t.Choice, t.Reason
				at := errorsOf(t.problems.Err())
				line.ChoiceError, line.ReasonError = at["choice"], at["reason"]
				line.note(page)
			}
		}
		page.Lines = append(page.Lines, line)
	}
}

// note puts what is wrong with a line into the summary at the head of the page.
func (l *reconcileLine) note(page *reconcileShow) {
	if l.ChoiceError != "" {
		page.Errors.Items = append(page.Errors.Items, view.ErrorItem{Field: fmt.Sprintf("decide-%d-choice", l.N), Text: l.ChoiceError})
	}
	if l.ReasonError != "" {
		page.Errors.Items = append(page.Errors.Items, view.ErrorItem{Field: fmt.Sprintf("decide-%d-reason", l.N), Text: l.ReasonError})
	}
}

// tabOf is the tab an item stands on: its list while it is open.
func tabOf(i market.ReconcileItem) string {
	if i.State == market.DifferenceOpen {
		return i.List
	}
	return tabDecided
}

func agreedShown(all []market.AgreedPair, q string) []market.AgreedPair {
	var out []market.AgreedPair
	for _, p := range all {
		if holdsText(q, p.Number, p.Title) {
			out = append(out, p)
		}
	}
	return out
}

func holdsText(q string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, q) })
}

// pageOf cuts a page out of a list.
func pageOf[T any](list []T, page int) []T {
	from := min((page-1)*workPage, len(list))
	return list[from:min(from+workPage, len(list))]
}

func (s *Server) reconcileLine(a market.Actor, found store.Compared, n int, i market.ReconcileItem) reconcileLine {
	line := reconcileLine{N: n, Key: i.ReconcileKey, Number: cmp.Or(i.OwnNumber, i.Number, i.Reference, "—"), Title: dash(i.Title), Field: market.ReconcileFields.Name(i.Field),
		Clue: clue(i.Difference), Ours: reconcileValue(i.Field, i.Ours), Theirs: reconcileValue(i.Field, i.Theirs), RawOurs: i.Ours, RawTheirs: i.Theirs, Effect: signedWan(i.Effect), Bad: i.Slip}
	if i.ContractID != 0 {
		line.Href = contractPath(i.ContractID)
	}
	open := !found.Closed()
	for _, o := range i.Candidates {
		k := reconcileCandidate{Label: cmp.Or(o.Number, o.Reference) + " " + market.Truncate(o.Title, 24), Href: contractPath(o.ID)}
		switch {
		case o.Number != "" && open && mayReconcile(a):
			k.Action, k.Value, k.Button = periodPath(found.ID)+"/pair", fmt.Sprintf("%s %d", i.Number, o.ID), "就是这份"
		case o.Number == "" && len(i.Candidates) == 1 && open && a.Has(market.Registrar) && a.County == "":
			k.Action, k.Value, k.Button = periodPath(found.ID)+"/register", i.Number, "登记：编号 "+i.Number
		}
		line.Candidates = append(line.Candidates, k)
	}
	if i.Decision != nil {
		line.decided(a, found, i)
	}
	return line
}

// decided fills in what was decided, and what can still be done with it.
func (l *reconcileLine) decided(a market.Actor, found store.Compared, i market.ReconcileItem) {
	d := i.Decision
	l.Decided, l.Clue, l.By = market.ReconcileChoices.Name(d.Choice), d.Reason, d.UserName+"，"+view.DateTime(d.At)
	if d.ConfirmedAt != nil {
		l.By += "；" + d.ConfirmedName + "复核"
	}
	shape := map[string]view.Shape{market.DifferenceToCorrect: view.ShapeTodo, market.DifferenceToConfirm: view.ShapeTodo, market.DifferenceSettled: view.ShapeDone}[i.State]
	l.State = view.State{Shape: shape, Text: market.DifferenceStates.Name(i.State)}
	if found.Closed() {
		return
	}
	id := []view.Hidden{{Name: "decision", Value: fmt.Sprint(d.ID)}}
	l.correct(a, found, i)
	if i.State == market.DifferenceToConfirm && d.UserID != a.UserID && (a.Has(market.Statistician) || a.Has(market.Registrar)) {
		l.Acts = append(l.Acts, view.Action{Label: "复核无误", Href: periodPath(found.ID) + "/confirm", Post: true, Fields: id, Small: true})
	}
	if i.State == market.DifferenceToConfirm && d.UserID == a.UserID {
		l.State.Note = "由另一人复核"
	}
	if mayReconcile(a) && d.ConfirmedAt == nil {
		l.Acts = append(l.Acts, view.Action{Label: "收回决定", Href: periodPath(found.ID) + "/undo", Post: true, Fields: id, Small: true, Style: view.StyleText})
	}
}

// correct leads to the act by which ours is brought to the national side, or to the change that does so.
func (l *reconcileLine) correct(a market.Actor, found store.Compared, i market.ReconcileItem) {
	made, proposed := found.Made[i.ContractID]
	registrar := a.Has(market.Registrar) && a.County == ""
	by := i.Correction()
	_, corrected := found.Corrected(i)
	switch {
	case corrected:
		l.Acts = append(l.Acts, view.Action{Label: "看更正", Href: amendmentPath(i.ContractID, made.ID), Small: true})
		l.State.Note = strings.TrimPrefix(l.State.Note+"；由更正办结", "；")
	case i.State != market.DifferenceToCorrect:
	case proposed && made.State.Open():
		l.State.Note = "更正" + market.Amendments.Names[made.State]
		l.Acts = append(l.Acts, view.Action{Label: "看更正", Href: amendmentPath(i.ContractID, made.ID), Small: true})
	case by == market.CorrectNothing:
		l.State.Note = cannotCorrect(i.Difference)
	case !registrar:
		l.State.Note = "由市级登记人员更正"
	case by == market.CorrectByChange:
		l.Acts = append(l.Acts, view.Action{Label: "按全国更正", Href: correctionPath(found.ID, i.ContractID), Small: true, Style: view.StylePrimary})
	default:
		l.Acts = append(l.Acts, view.Action{Label: "注销或撤销", Href: fmt.Sprintf("%s?reconciliation=%d", contractPath(i.ContractID), found.ID), Small: true, Style: view.StyleLine})
	}
}

// cannotCorrect says why nothing here can be brought to the national side, and what can be done.
func cannotCorrect(d market.Difference) string {
	switch {
	case d.ContractID == 0:
		return "由卖方在本市申请登记"
	case d.Field == "registered_on":
		return "登记日期已记入账本，不能改；请收回，另作决定"
	}
	return "注销、撤销不能恢复；请收回，另作决定"
}

// clue is what may explain a difference.
func clue(d market.Difference) string {
	switch {
	case d.Slip:
		return "两边相差约 1 万倍，像是元与万元填混"
	case d.List == market.ListThere && d.Row != nil:
		return dash(d.Row.SellerName) + " → " + dash(d.Row.BuyerName)
	case d.List == market.ListHere:
		return "受理号 " + d.Reference
	case d.List == market.ListUnsynced && d.Field == "standing":
		return "一边已注销或撤销，另一边没有"
	case d.List == market.ListUnsynced:
		return "本市登记后有变更或补充"
	case d.Field == "number":
		return "按双方、签订日期和金额对上"
	}
	return ""
}

// reconcileValue writes a value as the page shows it: sums in 万元.
func reconcileValue(field, value string) string {
	if field == "total" || field == "tech" || field == market.WholeContract {
		if sum, err := decimal.NewFromString(value); err == nil {
			return market.FormatWan(sum)
		}
	}
	return dash(value)
}

// reconcileDecide stores the decisions of a page.
func (s *Server) reconcileDecide(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	typed, decisions, err := postedDecisions(c.Request().Form)
	if err == nil {
		err = s.Service.DecideDifferences(c.Request().Context(), a, id, decisions)
	}
	list := c.FormValue("list")
	if market.ReconcileLists.Name(list) == "" {
		list = tabDecided
	}
	back := url.Values{"list": {list}, "page": {c.FormValue("page")}}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showReconciliation(c, a, back, typed, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, listPath(id, list), fmt.Sprintf("已保存 %d 项决定，关账前可以收回", len(decisions)))
}

// postedDecisions are the rows of the form, those that are decisions, and what is wrong with them.
func postedDecisions(form url.Values) ([]typedDecision, []market.ReconcileDecision, error) {
	var typed []typedDecision
	var out []market.ReconcileDecision
	var all market.Problems
	at := func(name string, i int) string {
		if v := form["decide."+name]; i < len(v) {
			return v[i]
		}
		return ""
	}
	for i := range min(len(form["decide.field"]), workPage) {
		contract, err := strconv.ParseInt(at("contract", i), 10, 64)
		if err != nil {
			contract = -1 // nobody's
		}
		d := market.ReconcileDecision{ReconcileKey: market.ReconcileKey{Number: at("number", i), ContractID: contract, Field: at("field", i)},
			Ours: at("ours", i), Theirs: at("theirs", i), Choice: at("choice", i), Reason: at("reason", i)}
		if d.Choice == "" && market.Normalize(d.Reason) == "" {
			continue
		}
		t := typedDecision{problems: d.Check(), ReconcileDecision: d}
		typed, out = append(typed, t), append(out, d)
		for _, p := range t.problems {
			all.Add(fmt.Sprintf("decide.%d.%s", i, p.Field), "%s", p.Message)
		}
	}
	return typed, out, all.Err()
}

// decisionAct carries out an act on one decision.
func (s *Server) decisionAct(c echo.Context, a market.Actor, act func(*Server, int64, int64) error, done string) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	decision, err := strconv.ParseInt(c.FormValue("decision"), 10, 64)
	if err != nil {
		return market.ErrNotFound
	}
	if err := act(s, id, decision); err != nil {
		return err
	}
	return s.done(c, listPath(id, tabDecided), done)
}

func (s *Server) reconcileUndo(c echo.Context, a market.Actor) error {
	return s.decisionAct(c, a, func(s *Server, id, decision int64) error {
		return s.Service.UndoDecision(c.Request().Context(), a, id, decision)
	}, "已收回，这一项回到待决定")
}

func (s *Server) reconcileConfirm(c echo.Context, a market.Actor) error {
	return s.decisionAct(c, a, func(s *Server, id, decision int64) error {
		return s.Service.ConfirmDecision(c.Request().Context(), a, id, decision)
	}, "已复核")
}

// reconcilePair says which contract here a row is: the form's match is the number and our contract's id.
func (s *Server) reconcilePair(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	number, contract, _ := strings.Cut(c.FormValue("match"), " ")
	own, err := strconv.ParseInt(contract, 10, 64)
	if err != nil || own <= 0 {
		return market.ErrNotFound
	}
	if err := s.Service.PairNational(c.Request().Context(), a, id, number, own); err != nil {
		return err
	}
	return s.done(c, listPath(id, market.ListDiffer), "已对上，编号不同的在“内容不一致”里决定")
}

// reconcileRegister registers a contract with the number of the export.
func (s *Server) reconcileRegister(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	contract, err := s.Service.RegisterNational(c.Request().Context(), a, id, c.FormValue("match"))
	if err != nil {
		return err
	}
	return s.done(c, contractPath(contract), "已登记，编号来自全国系统的导出")
}

func (s *Server) reconcileClose(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.CloseReconciliation(c.Request().Context(), a, id)
	if market.IsKind(err, market.Conflict) {
		return s.showReconciliation(c, a, url.Values{}, nil, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, periodPath(id), "本期已关闭，可以打印对账单")
}

func (s *Server) reconcileLists(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, paperLimit); err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	found, content, err := s.Service.ExportReconciliation(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return save(c, sheet.ReconcileFileName(found.Reconciliation, found.Demo), xlsxType, content)
}

// reconcileLetter asks the national system's registrar to correct what is wrong there.
type reconcileLetter struct {
	view.Print
	Period market.Reconciliation
	Lines  []paperLine
	Day    time.Time
}

func (reconcileLetter) Template() string { return "page/reconcile/letter" }

// reconcileStatement is the 对账单.
type reconcileStatement struct {
	view.Print
	Period market.Reconciliation
	Sums   []reconcileSum
	Lines  []paperLine
	Agreed string
	Left   int
}

func (reconcileStatement) Template() string { return "page/reconcile/statement" }

// paperLine is a difference on paper.
type paperLine struct {
	N                                                 int
	Number, Title, Field, Ours, Theirs, Effect, State string
	Reason, By                                        string
}

func paperLines(found store.Compared, items []market.ReconcileItem) []paperLine {
	out := make([]paperLine, len(items))
	for n, i := range items {
		out[n] = paperLine{N: n + 1, Number: cmp.Or(i.Number, i.OwnNumber, i.Reference), Title: i.Title, Field: market.ReconcileFields.Name(i.Field),
			Ours: reconcileValue(i.Field, i.Ours), Theirs: reconcileValue(i.Field, i.Theirs), Effect: signedWan(i.Effect), State: market.DifferenceStates.Name(i.State)}
		if d := i.Decision; d != nil {
			out[n].State, out[n].Reason, out[n].By = market.ReconcileChoices.Name(d.Choice), d.Reason, d.UserName
			if d.ConfirmedName != "" {
				out[n].By += "、" + d.ConfirmedName
			}
		}
		if made, ok := found.Corrected(i); ok {
			out[n].Reason = strings.TrimPrefix(out[n].Reason+"；由 "+view.Date(made.AskedAt)+" 提出的变更更正", "；")
		}
	}
	return out
}

// comparedPaper loads a period for one of its papers.
func (s *Server) comparedPaper(c echo.Context, a market.Actor, title string) (store.Compared, view.Print, error) {
	id, err := pathID(c)
	if err != nil {
		return store.Compared{}, view.Print{}, err
	}
	found, err := s.Store.Compared(c.Request().Context(), a, id)
	paper := view.Print{Base: s.base(c, a, title), Back: view.Link{Label: "返回对账", Href: periodPath(id)}, Note: "A4；要 PDF，请打印后选“另存为 PDF”"}
	paper.NoIndex = true
	return found, paper, err
}

func (s *Server) reconcileLetter(c echo.Context, a market.Actor) error {
	found, paper, err := s.comparedPaper(c, a, "更正函")
	if err != nil {
		return err
	}
	page := reconcileLetter{Print: paper, Period: found.Reconciliation, Lines: paperLines(found, toCorrectThere(found)), Day: s.Now()}
	if len(page.Lines) == 0 {
		return market.Errorf(market.Conflict, "这一期没有以本市为准的差异，不用发更正函")
	}
	return s.render(c, page)
}

func (s *Server) reconcileStatement(c echo.Context, a market.Actor) error {
	found, paper, err := s.comparedPaper(c, a, "对账单")
	if err != nil {
		return err
	}
	if found.File == nil {
		return market.Errorf(market.Conflict, "还没有载入全国系统的导出，没有对账单")
	}
	show := reconcileShow{}
	show.sums(found)
	items := found.Items()
	page := reconcileStatement{Print: paper, Period: found.Reconciliation, Sums: show.Sums, Lines: paperLines(found, items), Agreed: view.Num(len(found.Comparison.Agree)), Left: market.ProgressOf(items).Left()}
	return s.render(c, page)
}
