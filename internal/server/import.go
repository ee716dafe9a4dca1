package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

var importPages = []view.Page{importIndex{}, importForm{}, importShow{}, importReview{}}

// importBody is what the upload form may weigh: the file and a little for the rest of the form.
const importBody = sheet.MaxFile + 64<<10

// importIndex lists the batches of an organisation.
type importIndex struct {
	view.Work
	Actions []view.Action
	Table   view.Table
	Pager   view.Pager
	Empty   view.Empty
}

func (importIndex) Template() string { return "page/import/index" }

func (s *Server) importList(c echo.Context, a market.Actor) error {
	if a.OrgID == 0 && !a.Has(market.Reviewer) { // the first page and the guide lead everybody here
		return s.done(c, "/org/new", "先登记单位，核验通过后就能导入")
	}
	if !a.Has(market.Reviewer) {
		if err := a.RequireReader(market.ScopePost); err != nil {
			return err
		}
	}
	number := pageNumber(c)
	found, total, err := s.Store.Imports(c.Request().Context(), a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := importIndex{Table: s.importTable(found), Pager: view.NewPager(number, workPage, total, "批", func(n int) string { return "/imports" + pageQuery(nil, n) }),
		Empty: view.Empty{Title: "还没有导入过", Text: "有现成的 Excel 清单，可以一次导入几千项；写入之前先逐行检查，不合格的行说明原因。"}}
	if page.Work, err = s.work(c, a, "批量导入"); err != nil {
		return err
	}
	page.Empty.Actions = importActions(a)
	page.Actions = page.Empty.Actions
	if a.Has(market.Reviewer) {
		page.Actions = append([]view.Action{{Label: "导出单位", Href: "/review/orgs.xlsx", Icon: "down"}}, page.Actions...)
	}
	return s.render(c, page)
}

// importActions offers what the actor imports; what organisations of that type import most is put last, where it stands out.
func importActions(a market.Actor) []view.Action {
	main := market.KindResult
	switch kinds := a.ImportKinds(); {
	case a.OrgType == market.Enterprise && a.May(market.ScopePost):
		main = market.KindNeed
	case !slices.Contains(kinds, main):
		main = market.KindOrg
	}
	var out, last []view.Action
	for _, kind := range slices.Backward(a.ImportKinds()) {
		act := view.Action{Label: "导入" + kindName(kind), Href: "/imports/new?kind=" + string(kind), Icon: "up"}
		if kind == main {
			act.Style = view.StylePrimary
			last = append(last, act)
			continue
		}
		out = append(out, act)
	}
	return append(out, last...)
}

func (s *Server) importTable(found []market.Import) view.Table {
	t := view.Table{Label: "导入的批次", Caption: "导入的批次", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "文件"}, {Label: "类别"}, {Label: "上传"}, {Label: "行数", Num: true}, {Label: "写入", Num: true}, {Label: "状态"}}}
	for _, imp := range found {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{
			{Text: imp.FileName, Href: importPath(imp.ID)},
			{Text: fullKindName(imp.Kind)},
			{Text: view.DateTime(imp.CreatedAt), Sub: importBy(imp)},
			{Text: view.Num(imp.RowsTotal)},
			{Text: view.Num(imp.RowsDone)},
			{State: new(importState(imp))},
		}})
	}
	return t
}

// importState words where a batch stands for its people.
func importState(imp market.Import) view.State {
	st := view.State{Text: market.Imports.Names[imp.State]}
	switch imp.State {
	case market.ImportChecked:
		st.Shape = view.ShapeTodo
		st.Note = fmt.Sprintf("可以导入 %d 行", imp.RowsValid+imp.RowsSimilar)
	case market.ImportRunning:
		st.Shape = view.ShapeRun
	case market.ImportDone:
		st.Shape, st.Note = view.ShapeDone, importReviewNote(imp)
	case market.ImportFailed, market.ImportUndone, market.ImportDiscarded:
		st.Shape = view.ShapeStop
	}
	return st
}

func importReviewNote(imp market.Import) string {
	switch {
	case imp.Kind == market.KindOrg:
		return "等待各单位认领"
	case imp.Kind == market.KindExpert && imp.Submit:
		return "已同意的已公开"
	case imp.Kind == market.KindExpert:
		return "都没有公开"
	case !imp.Submit:
		return "留作草稿"
	case imp.Decision == market.BatchPublish:
		return "审核通过"
	case imp.Decision == market.BatchReturn:
		return "审核退回"
	}
	return "等待审核"
}

func importPath(id int64) string { return fmt.Sprintf("/imports/%d", id) }

// pageQuery is the query of a page of a list; the first page needs no number.
func pageQuery(q url.Values, page int) string {
	out := url.Values{}
	for key, values := range q {
		if len(values) > 0 && values[0] != "" {
			out[key] = values
		}
	}
	if page > 1 {
		out.Set("page", strconv.Itoa(page))
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + out.Encode()
}

// importForm is the page on which a file is chosen.
type importForm struct {
	view.Work
	Kind     market.Kind
	Heading  string
	Steps    view.Steps
	Seg      view.Seg
	Key      string
	File     view.Field
	Market   view.Field
	Groups   fieldGroups
	Rests    bool // the list is of listings: the rest of the form applies
	Rest     []view.Field
	Contact  []view.Field
	Blank    view.Action // the template
	Guides   []sheet.Guide
	Unproved string // why the lists can't be submitted yet
}

func (importForm) Template() string { return "page/import/new" }

// importSteps is the way of a file; at is where it stands, from 0.
func importSteps(at int) view.Steps {
	var steps view.Steps
	for i, label := range []string{"选择文件", "检查", "导入"} {
		steps.Items = append(steps.Items, view.Step{Label: label, Done: i < at, Current: i == at})
	}
	return steps
}

func (s *Server) importNew(c echo.Context, a market.Actor) error {
	kind, kinds := market.Kind(c.QueryParam("kind")), a.ImportKinds()
	if !slices.Contains(kinds, kind) {
		kind = kinds[0]
		if a.OrgType == market.Enterprise && slices.Contains(kinds, market.KindNeed) {
			kind = market.KindNeed
		}
	}
	return s.showImportForm(c, a, service.ImportFile{Kind: kind, Key: formKey(), Defaults: market.ImportDefaults{ContactName: a.UserName}}, nil)
}

// showImportForm shows the form with what was chosen. A browser forgets the file when the form comes back.
func (s *Server) showImportForm(c echo.Context, a market.Actor, f service.ImportFile, err error) error {
	at, d := errorsOf(err), f.Defaults
	page := importForm{Kind: f.Kind, Heading: "批量导入" + fullKindName(f.Kind), Steps: importSteps(0), Key: f.Key, Guides: sheet.Guides(f.Kind),
		Blank: view.Action{Label: "空白模板", Href: "/imports/template.xlsx?kind=" + string(f.Kind), Icon: "down", Small: true}}
	var failed error
	if page.Work, failed = s.work(c, a, page.Heading); failed != nil {
		return failed
	}
	page.Errors = errorSummary(err)
	page.Seg = view.Seg{Label: "导入什么"}
	for _, kind := range a.ImportKinds() {
		page.Seg.Items = append(page.Seg.Items, view.SegItem{Label: fullKindName(kind), Href: "/imports/new?kind=" + string(kind), Current: kind == f.Kind})
	}
	page.File = view.Field{Name: "file", Kind: view.KindFile, Label: "清单文件", Accept: ".xlsx,.csv", Error: at["file"],
		Hint: fmt.Sprintf(".xlsx 或 .csv，最多 %s 行、%d MB。列名写在第一行，顺序不限，名称相近也能认出。", view.Num(sheet.MaxRows), sheet.MaxFile>>20)}
	if err != nil && at["file"] == "" {
		page.File.Hint = "请再选一次文件。" + page.File.Hint
	}
	if denied := importDenied(a, f.Kind); denied != nil {
		page.Unproved = market.AsError(denied).Message
	}
	if !f.Kind.Valid() {
		return s.renderStatus(c, formStatus(err), page)
	}
	page.Rests = true
	page.Market = view.Field{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Optional: true, Options: openOptions(s.ref.Submarkets, "以表中为准"), Value: d.Submarket, Error: at["submarket"]}
	page.Groups = s.fieldGroups(d.Fields, at["fields"], true)
	page.Rest = []view.Field{{Name: "modes", Kind: view.KindChecks, Many: true, Optional: true, Label: "合作方式", Options: options(market.Modes), Values: d.Modes, Error: at["modes"]}}
	if f.Kind == market.KindResult {
		stages := make(market.Codes, 0, len(market.Stages()))
		for _, st := range market.Stages() {
			stages = append(stages, market.Code{Code: st.Code, Name: st.Name})
		}
		page.Rest = append(page.Rest,
			view.Field{Name: "stage", Kind: view.KindSelect, Label: "成熟度", Optional: true, Options: openOptions(stages, "不统一填"), Value: d.Stage, Error: at["stage"]},
			view.Field{Name: "price_method", Kind: view.KindSelect, Label: "价格方式", Optional: true, Options: openOptions(market.PriceMethods, "以表中为准，没写的按协议定价"), Value: d.PriceMethod, Error: at["price_method"]})
	}
	page.Contact = []view.Field{
		{Name: "contact_name", Label: "对接联系人", Optional: true, Hint: "不公开，双方建立对接后才可见", Value: d.ContactName, Error: at["contact_name"], Autocomplete: "name"},
		{Name: "contact_phone", Kind: view.KindTel, Label: "联系电话", Optional: true, Hint: "不公开，双方建立对接后才可见", Value: d.ContactPhone, Error: at["contact_phone"], Autocomplete: "tel"}}
	return s.renderStatus(c, formStatus(err), page)
}

// importDenied is why what the actor imports can't be handed in, or published, at once; nil when it can.
func importDenied(a market.Actor, kind market.Kind) error {
	switch kind {
	case market.KindOrg:
		return nil
	case market.KindExpert:
		if owner, err := a.ExpertOwner(); err != nil || owner == 0 {
			return err
		}
		return a.RequireVerified(market.ScopeOwn)
	}
	return a.RequireVerified(market.ScopePost)
}

// importCreate takes a file and checks it.
func (s *Server) importCreate(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, uploadLimit); err != nil {
		return err
	}
	form := c.Request().Form
	f := service.ImportFile{Kind: market.Kind(c.FormValue("kind")), Key: c.FormValue("key"), Defaults: market.ImportDefaults{
		Submarket: c.FormValue("submarket"), Fields: form["fields"], Modes: form["modes"], Stage: c.FormValue("stage"),
		PriceMethod: c.FormValue("price_method"), ContactName: c.FormValue("contact_name"), ContactPhone: c.FormValue("contact_phone")}}
	if !slices.Contains(market.ImportKinds, f.Kind) {
		return market.Errorf(market.Invalid, "没有说明导入成果还是需求，请返回后再试")
	}
	var err error
	if f.Name, f.Data, err = postedFile(c, "file"); err != nil {
		return s.showImportForm(c, a, f, err)
	}
	id, err := s.Service.CheckImport(c.Request().Context(), a, f)
	if market.IsKind(err, market.Invalid) {
		return s.showImportForm(c, a, f, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, importPath(id), "")
}

// postedFile reads a posted file whole.
func postedFile(c echo.Context, field string) (name string, data []byte, err error) {
	header, err := c.FormFile(field)
	if err != nil {
		return "", nil, market.Problems{{Field: field, Message: "请选择文件"}}.Err()
	}
	return readUpload(header)
}

// readUpload reads a file that came with a form.
func readUpload(header *multipart.FileHeader) (name string, data []byte, err error) {
	file, err := header.Open()
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err = io.ReadAll(file)
	return market.CleanFileName(header.Filename), data, err
}

// importTemplate gives the empty list to fill in.
func (s *Server) importTemplate(c echo.Context, _ market.Actor) error {
	if err := s.slowAddress(c, exportLimit); err != nil {
		return err
	}
	kind := market.Kind(c.QueryParam("kind"))
	if !slices.Contains(market.ImportKinds, kind) {
		kind = market.KindResult
	}
	var buf bytes.Buffer
	if err := sheet.Template(&buf, kind, s.ref); err != nil {
		return err
	}
	return save(c, fullKindName(kind)+"导入模板.xlsx", xlsxType, buf.Bytes())
}

// listExport gives a list in the columns of its template.
func (s *Server) listExport(kind market.Kind) handler {
	return func(c echo.Context, a market.Actor) error {
		if err := s.slowAddress(c, exportLimit); err != nil {
			return err
		}
		var buf bytes.Buffer
		if _, err := s.Service.Export(c.Request().Context(), a, kind, &buf); err != nil {
			return err
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return save(c, fullKindName(kind)+s.Now().In(market.Shanghai).Format("20060102")+".xlsx", xlsxType, buf.Bytes())
	}
}

// importMarked gives the user's own rows with their problems, all of them or those with problems only.
func (s *Server) importMarked(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, exportLimit); err != nil {
		return err
	}
	imp, err := s.ownImport(c, a)
	if err != nil {
		return err
	}
	tab := store.ImportAll
	if c.QueryParam("only") == string(store.ImportBad) {
		tab = store.ImportBad
	}
	var buf bytes.Buffer
	if err := sheet.Marked(&buf, imp.Headings, s.Store.AllImportRows(c.Request().Context(), imp.ID, tab)); err != nil {
		return err
	}
	return save(c, strings.TrimSuffix(imp.FileName, filepath.Ext(imp.FileName))+"（检查结果）.xlsx", xlsxType, buf.Bytes())
}

// ownImport loads the batch of the address for its own people.
func (s *Server) ownImport(c echo.Context, a market.Actor) (market.Import, error) {
	id, err := pathID(c)
	if err != nil {
		return market.Import{}, err
	}
	return s.Store.OwnImport(c.Request().Context(), a, id)
}

func (s *Server) importAccept(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	o := service.AcceptOptions{Submit: c.FormValue("submit") != "", Similar: c.FormValue("similar") != "", Secrecy: c.FormValue("secrecy") != ""}
	err = s.Service.AcceptImport(c.Request().Context(), a, id, o)
	if market.IsKind(err, market.Invalid) {
		imp, loadErr := s.ownImport(c, a)
		if loadErr != nil {
			return loadErr
		}
		return s.showImport(c, a, imp, o, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, importPath(id), "已开始写入，可以离开本页，完成后通知您")
}

// importColumns checks a list once more with what its columns are said to be.
func (s *Server) importColumns(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.RecheckImport(c.Request().Context(), a, id, c.Request().Form["column"])
	if market.IsKind(err, market.Invalid) {
		imp, loadErr := s.ownImport(c, a)
		if loadErr != nil {
			return loadErr
		}
		return s.showImport(c, a, imp, service.AcceptOptions{Submit: importDenied(a, imp.Kind) == nil, Similar: true}, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, importPath(id), "已按您选的列重新检查")
}

func (s *Server) importDiscard(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.DiscardImport(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/imports", "已放弃，没有写入任何一行")
}

func (s *Server) importUndo(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	removed, kept, err := s.Service.UndoImport(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	message := fmt.Sprintf("已撤销，删去 %d 条", removed)
	if kept > 0 {
		message += fmt.Sprintf("；%d 条已修改、公开过或有了别的办理，仍保留", kept)
	}
	return s.done(c, importPath(id), message)
}
