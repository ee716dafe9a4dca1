package server

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// refreshSeconds is after how long a page with progress loads itself again, with or without scripts.
const refreshSeconds = "2"

// importShow is the page of one file: what the check found, the way in, and how far the writing has come.
type importShow struct {
	view.Work
	Heading  string
	Sub      []string
	Steps    view.Steps
	Actions  []view.Action
	Notes    []view.Alert
	Progress *importProgress
	Figures  []importFigure
	Columns  []importColumn
	Used     int // of the columns
	Unused   int
	Choose   string // address of the form that says what the columns are, "" once the rows are in
	Chosen   bool   // somebody has said it

	Tabs   view.Tabs
	Tab    store.ImportTab
	Noun   string
	Lines  []importLine
	Marked string // address of the rows with problems, "" when there are none
	Pager  view.Pager
	Empty  view.Empty

	Accept *importAccept
	Facts  []view.Fact
	Asks   []view.Ask
}

func (importShow) Template() string { return "page/import/show" }

// importProgress (partial "progress") is how far background work has come.
type importProgress struct {
	Done, Total int
	Text        string
}

// importFigure is a count with the shape of what it means.
type importFigure struct {
	State view.State
	Num   string
	Note  string
	Href  string
}

// importColumn is a column of the file and what it was taken for.
type importColumn struct {
	Heading string
	As      string
	Choice  view.Field
}

// importLine is a line of the report: a row, or one problem of it.
type importLine struct {
	Row      int
	Title    string
	Column   string
	Value    string
	Text     string
	Bad      bool
	Warn     bool
	State    view.State
	Existing *view.Link // what it is, or may be, a duplicate of
	Listing  *view.Link // what it became
}

// importAccept is the form that lets the rows in.
type importAccept struct {
	Action  string
	Sum     view.Sum
	Fields  []view.Field
	Why     string // why they can't be submitted for review yet
	Button  string
	Nothing bool
}

func (s *Server) importShow(c echo.Context, a market.Actor) error {
	imp, err := s.ownImport(c, a)
	if err != nil {
		return err
	}
	return s.showImport(c, a, imp, service.AcceptOptions{Submit: importDenied(a, imp.Kind) == nil, Similar: true}, nil)
}

// showImport shows a batch. o is what is ticked in its form, err why the form comes back.
func (s *Server) showImport(c echo.Context, a market.Actor, imp market.Import, o service.AcceptOptions, err error) error {
	ctx := c.Request().Context()
	page := importShow{Heading: importHeading(imp), Sub: importSub(imp), Steps: importSteps(importStep(imp)), Noun: kindName(imp.Kind), Figures: importFigures(imp)}
	var failed error
	if page.Work, failed = s.work(c, a, page.Heading); failed != nil {
		return failed
	}
	page.Errors = errorSummary(err)
	page.Actions = []view.Action{{Label: "空白模板", Href: "/imports/template.xlsx?kind=" + string(imp.Kind), Icon: "down", Small: true}}
	if imp.RowsHidden > 0 {
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: fmt.Sprintf("表中隐藏的 %s 行没有读入。要导入，请取消隐藏或筛选，保存后再上传。", view.Num(imp.RowsHidden))})
	}
	s.addImportColumns(a, imp, &page)
	if failed = s.addImportRows(c, a, imp, &page); failed != nil {
		return failed
	}
	if failed = s.addImportActs(ctx, a, imp, o, err, &page); failed != nil {
		return failed
	}
	if imp.State == market.ImportRunning {
		c.Response().Header().Set("Refresh", refreshSeconds)
	}
	return s.renderStatus(c, formStatus(err), page)
}

// addImportColumns shows what each column was taken for; while nothing is written that can be put right.
func (s *Server) addImportColumns(a market.Actor, imp market.Import, page *importShow) {
	page.Chosen = len(imp.Columns) > 0
	if imp.State == market.ImportChecked && a.RequireImport(imp.Kind) == nil {
		page.Choose = importPath(imp.ID) + "/columns"
	}
	choices := openOptions(sheet.Choices(imp.Kind), "不用这一列")
	for i, column := range s.Service.ImportReader(imp).Columns() {
		heading := column.Heading
		switch {
		case column.As != "":
			page.Used++
		case heading == "" && page.Choose == "":
			continue
		default:
			page.Unused++
		}
		if heading == "" {
			heading = fmt.Sprintf("第 %d 列，没有列名", i+1)
		}
		page.Columns = append(page.Columns, importColumn{Heading: heading, As: column.As,
			Choice: view.Field{Kind: view.KindSelect, Name: "column", ID: fmt.Sprintf("column-%d", i+1), Label: heading, Options: choices, Value: column.Key}})
	}
}

func importHeading(imp market.Import) string {
	if imp.State == market.ImportChecked {
		return "批量导入：检查结果"
	}
	return "批量导入：" + market.Imports.Names[imp.State]
}

func importSub(imp market.Import) []string {
	sub := []string{imp.FileName}
	rows := view.Num(imp.RowsTotal) + " 行"
	if imp.Sheet != "" {
		rows = "工作表“" + imp.Sheet + "”，" + rows
	}
	sub = append(sub, rows, importBy(imp)+" "+view.DateTime(imp.CreatedAt)+" 上传")
	if imp.State == market.ImportChecked {
		sub = append(sub, "还没有写入任何一行")
	}
	return sub
}

func importStep(imp market.Import) int {
	switch imp.State {
	case market.ImportChecked, market.ImportDiscarded:
		return 1
	case market.ImportDone, market.ImportUndone:
		return 3
	}
	return 2
}

func importFigures(imp market.Import) []importFigure {
	tab := func(t store.ImportTab) string { return importPath(imp.ID) + tabQuery(t, 1) }
	return []importFigure{
		{State: view.State{Shape: view.ShapeDone, Text: "可以导入"}, Num: view.Num(imp.RowsValid), Note: validNote(imp), Href: tab(store.ImportValid)},
		{State: view.State{Shape: view.ShapeStop, Text: "需要修改"}, Num: view.Num(imp.RowsBad()), Note: badNote(imp), Href: tab(store.ImportBad)},
		{State: view.State{Shape: view.ShapeTodo, Text: "重复"}, Num: view.Num(imp.RowsDuplicate()), Note: duplicateNote(imp), Href: tab(store.ImportDuplicates)},
	}
}

func validNote(imp market.Import) string {
	switch {
	case imp.Kind == market.KindOrg:
		return "写入后等待各单位认领"
	case imp.Kind == market.KindExpert:
		return "有同意日期的可以直接公开"
	case imp.RowsGaps > 0:
		return "其中 " + view.Num(imp.RowsGaps) + " 行缺必填内容，只能留作草稿"
	}
	return "写入时可一次提交审核，或留作草稿"
}

func badNote(imp market.Import) string {
	if imp.RowsBad() == 0 {
		return "没有问题"
	}
	return "不写入，每一处的原因列在下面"
}

func duplicateNote(imp market.Import) string {
	similar := view.Num(imp.RowsSimilar)
	switch {
	case imp.RowsDuplicate() == 0:
		return "与已有的、与文件里其他行都不同"
	case imp.RowsSimilar == 0:
		return "与已有的相同，不写入"
	case imp.State == market.ImportChecked:
		return "其中 " + similar + " 行不一定相同，由您决定"
	case imp.Similar:
		return "其中 " + similar + " 行不一定相同，按您的选择写入"
	}
	return "其中 " + similar + " 行不一定相同，按您的选择不写入"
}

// tabQuery is the address part of a part of the rows.
func tabQuery(t store.ImportTab, page int) string {
	name := string(t)
	if t == store.ImportAll {
		name = "all"
	}
	return pageQuery(url.Values{"tab": {name}}, page)
}

// importTab reads the chosen part; without a choice it is the one that most needs a look.
func importTab(c echo.Context, imp market.Import) store.ImportTab {
	switch t := store.ImportTab(c.QueryParam("tab")); t {
	case store.ImportValid, store.ImportBad, store.ImportDuplicates:
		return t
	case "all":
		return store.ImportAll
	}
	switch {
	case imp.State == market.ImportChecked && imp.RowsBad() > 0:
		return store.ImportBad
	case imp.State == market.ImportChecked && imp.RowsDuplicate() > 0:
		return store.ImportDuplicates
	}
	return store.ImportAll
}

// addImportRows fills in the report.
func (s *Server) addImportRows(c echo.Context, a market.Actor, imp market.Import, page *importShow) error {
	page.Tab = importTab(c, imp)
	counts := map[store.ImportTab]int{store.ImportAll: imp.RowsTotal, store.ImportValid: imp.RowsValid, store.ImportBad: imp.RowsBad(), store.ImportDuplicates: imp.RowsDuplicate()}
	page.Tabs.Label = "按检查结果查看"
	for _, t := range []struct {
		tab  store.ImportTab
		name string
	}{{store.ImportAll, "全部"}, {store.ImportValid, "可以导入"}, {store.ImportBad, "需要修改"}, {store.ImportDuplicates, "重复"}} {
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: t.name, Href: importPath(imp.ID) + tabQuery(t.tab, 1), Count: view.Num(counts[t.tab]), Current: t.tab == page.Tab})
	}
	number := pageNumber(c)
	rows, err := s.Store.ImportRows(c.Request().Context(), imp.ID, page.Tab, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	if page.Lines, err = s.importLines(c.Request().Context(), a, imp, rows); err != nil {
		return err
	}
	page.Pager = view.NewPager(number, workPage, counts[page.Tab], "行", func(n int) string { return importPath(imp.ID) + tabQuery(page.Tab, n) })
	page.Empty = view.Empty{Title: "这一类里没有行"}
	if imp.State == market.ImportDiscarded {
		page.Empty = view.Empty{Title: "这次导入已放弃", Text: "没有写入任何一行，检查结果也已删去。"}
	}
	if imp.RowsBad() > 0 && imp.State != market.ImportDiscarded {
		page.Marked = importPath(imp.ID) + "/marked.xlsx?only=" + string(store.ImportBad)
	}
	return nil
}

// maxRowTitle is how much of a title stands in the report.
const maxRowTitle = 60

// importLines words rows; a row with several problems has a line for each.
func (s *Server) importLines(ctx context.Context, a market.Actor, imp market.Import, rows []market.ImportRow) ([]importLine, error) {
	var ids []int64
	for _, row := range rows {
		for _, id := range []*int64{row.DuplicateOf, row.ListingID} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	links, err := s.importLinks(ctx, a, imp.Kind, ids)
	if err != nil {
		return nil, err
	}
	var out []importLine
	for _, row := range rows {
		line := importLine{Row: row.Row, Title: dash(market.Truncate(row.Title, maxRowTitle)), State: importRowState(imp, row), Warn: row.Duplicate != market.DuplicateNone, Text: row.DuplicateBy}
		if row.DuplicateOf != nil {
			line.Existing = links[*row.DuplicateOf]
		}
		if row.ListingID != nil {
			line.Listing = links[*row.ListingID]
		}
		if row.Valid() {
			if line.Text == "" && len(row.Problems) > 0 {
				line.Text, line.Warn = problemWords(row.Problems), true
			}
			out = append(out, line)
			continue
		}
		for _, p := range row.Problems {
			line.Bad, line.Warn = true, false
			line.Column, line.Value, line.Text = p.Column, p.Value, p.Message
			out = append(out, line)
		}
	}
	return out, nil
}

// problemWords is what is to be said of a row that can be taken all the same.
func problemWords(problems []market.ImportProblem) string {
	words := make([]string, len(problems))
	for i, p := range problems {
		words[i] = sheet.Words(p)
	}
	return strings.Join(words, "；")
}

// importLinks leads to what rows became or are the same as, as far as the actor may see it.
func (s *Server) importLinks(ctx context.Context, a market.Actor, kind market.Kind, ids []int64) (map[int64]*view.Link, error) {
	links := map[int64]*view.Link{}
	if len(ids) == 0 {
		return links, nil
	}
	if kind.Valid() {
		cards, err := s.Store.ListingCards(ctx, a, ids)
		for _, card := range cards {
			links[card.ID] = &view.Link{Label: card.Number + " " + card.Title, Href: listingPath(card.Kind, card.ID)}
		}
		return links, err
	}
	found, err := s.Store.ImportThings(ctx, a, kind, ids)
	for _, thing := range found {
		href := expertPath(thing.ID)
		if kind == market.KindOrg {
			href = orgPath(thing.ID)
		}
		links[thing.ID] = &view.Link{Label: thing.Name, Href: href}
	}
	return links, err
}

// importRowState words where a row stands.
func importRowState(imp market.Import, row market.ImportRow) view.State {
	switch {
	case !row.Valid():
		return view.State{Shape: view.ShapeStop, Text: "需要修改"}
	case row.ListingID != nil:
		return view.State{Shape: view.ShapeDone, Text: "已写入"}
	case row.Duplicate == market.DuplicateSame:
		return view.State{Shape: view.ShapeStop, Text: "重复，不写入"}
	case imp.State == market.ImportUndone:
		return view.State{Shape: view.ShapeStop, Text: "已撤销"}
	case imp.State == market.ImportDone:
		return view.State{Shape: view.ShapeStop, Text: "没有写入"}
	case row.Duplicate == market.DuplicateSimilar:
		return view.State{Shape: view.ShapeTodo, Text: "疑似重复"}
	case imp.State == market.ImportChecked && row.Gaps():
		return view.State{Shape: view.ShapeTodo, Text: "只能留作草稿"}
	case imp.State == market.ImportRunning:
		return view.State{Shape: view.ShapeRun, Text: "等待写入"}
	}
	return view.State{Shape: view.ShapeDone, Text: "可以导入"}
}

// addImportActs fills in what can be done with the batch now.
func (s *Server) addImportActs(ctx context.Context, a market.Actor, imp market.Import, o service.AcceptOptions, err error, page *importShow) error {
	switch imp.State {
	case market.ImportChecked:
		if a.RequireImport(imp.Kind) == nil {
			page.Accept = importAcceptForm(a, imp, o, errorsOf(err))
			page.Asks = []view.Ask{{Label: "放弃这次导入", Text: "检查结果会删去，没有写入任何一行。文件还在您的电脑上，可以改好再传。", Href: importPath(imp.ID) + "/discard", Button: "放弃", Danger: true}}
		}
		return nil
	case market.ImportRunning:
		page.Progress = &importProgress{Done: imp.RowsDone, Total: imp.RowsWanted(),
			Text: fmt.Sprintf("已写入 %s 行，共 %s 行。可以离开本页，完成后通知您。", view.Num(imp.RowsDone), view.Num(imp.RowsWanted()))}
		return nil
	case market.ImportDiscarded:
		page.Figures = nil
		return nil
	}
	counts, failed := s.Store.ImportCounts(ctx, imp)
	if failed != nil {
		return failed
	}
	page.Facts = importFacts(imp, counts)
	page.Notes = append(page.Notes, importNotes(imp)...)
	if a.RequireImport(imp.Kind) != nil {
		return nil
	}
	if imp.State == market.ImportFailed {
		page.Actions = append(page.Actions, view.Action{Label: "继续写入", Href: importPath(imp.ID) + "/accept", Post: true, Style: view.StylePrimary})
	}
	if until, ok := imp.UndoUntil(); ok && counts.Undoable > 0 && !s.Service.Today().After(until) {
		text := fmt.Sprintf("会删去这次写入的 %s %s%s。", view.Num(counts.Undoable), imp.Kind.Unit(), kindName(imp.Kind))
		if kept := counts.Written() - counts.Undoable; kept > 0 {
			text += fmt.Sprintf("另有 %s %s已修改、公开过或有了别的办理，会保留。", view.Num(kept), imp.Kind.Unit())
		}
		page.Asks = []view.Ask{{Label: "撤销这次导入", Text: text + "不能恢复，需要时重新导入。", Href: importPath(imp.ID) + "/undo", Button: "撤销", Danger: true}}
	}
	return nil
}

func importNotes(imp market.Import) []view.Alert {
	if imp.State == market.ImportFailed {
		return []view.Alert{{Kind: view.AlertBad, Title: "写入中断", Text: imp.Error + "。"}}
	}
	if imp.Decision == market.BatchReturn {
		return []view.Alert{{Kind: view.AlertBad, Title: "这一批被退回修改", Text: "审核意见：" + imp.ReturnNote}}
	}
	return nil
}

// importFacts is what has become of the batch.
func importFacts(imp market.Import, n store.ImportCounts) []view.Fact {
	unit := "\u00a0" + imp.Kind.Unit()
	facts := []view.Fact{{Label: "写入", Text: view.Num(imp.RowsDone) + unit}}
	for _, f := range importOutcomes(imp.Kind, n) {
		if f.count > 0 {
			facts = append(facts, view.Fact{Label: f.label, Text: view.Num(f.count) + unit, Href: f.href})
		}
	}
	if gone := imp.RowsDone - n.Written(); gone > 0 {
		facts = append(facts, view.Fact{Label: "已删去", Text: view.Num(gone) + unit})
	}
	if imp.FinishedAt != nil {
		facts = append(facts, view.Fact{Label: "完成", Text: view.DateTime(*imp.FinishedAt)})
	}
	if until, ok := imp.UndoUntil(); ok && n.Undoable > 0 {
		facts = append(facts, view.Fact{Label: "可整批撤销", Text: view.Date(until) + " 以前"})
	}
	return facts
}

// importOutcome is how many of a batch stand where, and where they are listed.
type importOutcome struct {
	label string
	count int
	href  string
}

func importOutcomes(kind market.Kind, n store.ImportCounts) []importOutcome {
	switch kind {
	case market.KindExpert:
		return []importOutcome{{"未公开", n.Drafts, tabPath("/work/experts", string(market.ExpertDraft), 1)}, {"公开", n.Published, tabPath("/work/experts", string(market.ExpertPublic), 1)}}
	case market.KindOrg:
		return []importOutcome{{"还没有人认领", n.Drafts, ""}, {"已有人认领", n.Published, ""}}
	}
	list := "/work/" + string(kind) + "s"
	return []importOutcome{{"草稿", n.Drafts, tabPath(list, string(market.Draft), 1)}, {"审核中", n.InReview, tabPath(list, string(market.InReview), 1)},
		{"被退回", n.Returned, tabPath(list, string(market.Returned), 1)}, {"公开过", n.Published, tabPath(list, string(market.Published), 1)}}
}

func importAcceptForm(a market.Actor, imp market.Import, o service.AcceptOptions, at fieldErrors) *importAccept {
	sum := view.Sum{Label: "这次会写入的行", Lines: []view.SumLine{{Label: "可以导入", Value: view.Num(imp.RowsValid)}}, Total: view.SumLine{Label: "这次写入", Value: view.Num(imp.RowsValid)}}
	form := &importAccept{Action: importPath(imp.ID) + "/accept", Nothing: imp.RowsValid+imp.RowsSimilar == 0,
		Button: fmt.Sprintf("导入 %s 行", view.Num(imp.RowsValid))}
	if imp.RowsSimilar > 0 {
		sum.Lines = append(sum.Lines, view.SumLine{Label: "疑似重复，勾选后写入", Value: view.Num(imp.RowsSimilar)})
		sum.Total = view.SumLine{Label: "最多写入", Value: view.Num(imp.RowsValid + imp.RowsSimilar)}
		form.Button = "开始导入"
		form.Fields = append(form.Fields, view.Field{Name: "similar", Kind: view.KindCheck, Value: tick(o.Similar), Label: fmt.Sprintf("疑似重复的 %s 行也写入，作为新%s", view.Num(imp.RowsSimilar), kindName(imp.Kind))})
	}
	switch denied := importDenied(a, imp.Kind); {
	case denied != nil && imp.Kind == market.KindExpert:
		form.Why = "写入后都不公开。" + strings.TrimSuffix(market.AsError(denied).Message, "。") + "。"
	case denied != nil:
		form.Why = "写入后留作草稿。" + strings.TrimSuffix(market.AsError(denied).Message, "。") + "。"
	case imp.Kind == market.KindOrg:
		form.Why = "写入后是未核验的记录，不公开。单位的人用同一信用代码登记时认领它，再提交核验。"
	case imp.Kind == market.KindExpert:
		form.Fields = append(form.Fields, view.Field{Name: "submit", Kind: view.KindCheck, Value: tick(o.Submit), Label: "有同意日期的写入后直接公开", Hint: "须有领域和专长；同意书保管备查。不选则都不公开"})
	default:
		form.Fields = append(form.Fields,
			view.Field{Name: "submit", Kind: view.KindCheck, Value: tick(o.Submit), Label: "写入后直接提交审核（不选则留作草稿）", Error: at["submit"]},
			view.Field{Name: "secrecy", Kind: view.KindCheck, Value: tick(o.Secrecy), Label: "所列" + kindName(imp.Kind) + "不含国家秘密、工作秘密", Error: at["secrecy"]})
	}
	if out := imp.RowsSame + imp.RowsBad(); out > 0 {
		sum.Total.Note = fmt.Sprintf("另有 %s 行不写入", view.Num(out))
	}
	form.Sum = sum
	return form
}

// importBy is who brought a file, with the stamp of an agency.
func importBy(imp market.Import) string {
	if imp.AgencyID == 0 {
		return imp.UserName
	}
	return imp.UserName + "，" + market.OnBehalf(imp.AgencyName, imp.OrgName)
}
