package server

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// sampleSize is how many listings of a batch a reviewer is shown first, spread over the whole of it.
const sampleSize = 20

// importReview is the page on which a reviewer decides on a whole batch.
type importReview struct {
	view.Work
	Heading  string
	Kind     view.Badge
	Sub      []string
	Due      *view.Due
	Notes    []view.Alert
	Progress *importProgress
	Facts    []view.Fact
	Tabs     view.Tabs
	Table    view.Table
	Pager    *view.Pager // nil for the sample
	Decide   *importDecision
	State    view.State
	Count    string
	Noun     string
}

func (importReview) Template() string { return "page/import/review" }

// importDecision is the form on the right.
type importDecision struct {
	Why    string // why this reviewer may not decide
	Pass   string
	Return string
	Codes  view.Field
	Note   view.Field
	Open   bool // the return was tried
}

func importReviewPath(id int64) string { return fmt.Sprintf("/review/imports/%d", id) }

func (s *Server) importReview(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showImportReview(c, a, id, nil)
}

func (s *Server) importPublish(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.PublishImport(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, importReviewPath(id), "已通过，正在逐项公开")
}

func (s *Server) importReturn(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.ReturnImport(c.Request().Context(), a, id, c.Request().Form["codes"], c.FormValue("note"))
	if market.IsKind(err, market.Invalid) {
		return s.showImportReview(c, a, id, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, importReviewPath(id), "已退回，正在逐项办理")
}

func (s *Server) showImportReview(c echo.Context, a market.Actor, id int64, err error) error {
	ctx := c.Request().Context()
	imp, failed := s.Store.Import(ctx, a, id)
	if failed != nil {
		return failed
	}
	if !imp.Submit || imp.State != market.ImportDone {
		return market.ErrNotFound
	}
	counts, failed := s.Store.ImportCounts(ctx, imp)
	if failed != nil {
		return failed
	}
	page := importReview{Heading: imp.OrgName + "批量导入的" + fullKindName(imp.Kind), Kind: view.Badge{Text: "整批"}, Noun: kindName(imp.Kind), Count: view.Num(counts.InReview),
		Sub:   []string{imp.FileName, view.Num(imp.RowsDone) + " 项", view.DateTime(*imp.FinishedAt) + " 提交"},
		Facts: s.importReviewFacts(imp, counts), State: view.State{Shape: view.ShapeRun, Text: "办理中"}}
	if page.Work, failed = s.work(c, a, page.Heading); failed != nil {
		return failed
	}
	page.Errors = errorSummary(err)
	if failed = s.addReviewed(c, a, imp, counts, &page); failed != nil {
		return failed
	}
	switch {
	case imp.InReview():
		due := s.reviewDue(market.Subject(imp.Kind), *imp.FinishedAt)
		page.Due = &due
		own, failed := s.Store.Interested(ctx, a.UserID, market.Object{Kind: "import", ID: id}, imp.OrgID, imp.AgencyID)
		if failed != nil {
			return failed
		}
		page.Decide = s.importDecision(c, own || imp.UserID == a.UserID, imp, err)
	case imp.ReviewedAt == nil:
		done := counts.Written() - counts.InReview
		page.Progress = &importProgress{Done: done, Total: counts.Written(), Text: fmt.Sprintf("已办理 %s 项，共 %s 项。可以离开本页。", view.Num(done), view.Num(counts.Written()))}
		c.Response().Header().Set("Refresh", refreshSeconds)
	case imp.Decision == market.BatchPublish:
		page.State = view.State{Shape: view.ShapeDone, Text: "已通过并公开", Note: view.DateTime(*imp.DecidedAt)}
	default:
		page.State = view.State{Shape: view.ShapeStop, Text: "已退回修改", Note: view.DateTime(*imp.DecidedAt) + "：" + imp.ReturnNote}
	}
	return s.renderStatus(c, formStatus(err), page)
}

func (s *Server) importReviewFacts(imp market.Import, n store.ImportCounts) []view.Fact {
	facts := []view.Fact{{Label: "提交单位", Text: imp.OrgName, Href: fmt.Sprintf("/orgs/%d", imp.OrgID)}, {Label: "提交人", Text: importBy(imp)},
		{Label: "文件", Text: imp.FileName}, {Label: "写入", Text: view.Num(imp.RowsDone) + " 项"}, {Label: "现在待审", Text: view.Num(n.InReview) + " 项"}}
	if similar := imp.RowsSimilar; similar > 0 && imp.Similar {
		facts = append(facts, view.Fact{Label: "其中疑似重复", Text: view.Num(similar) + " 项"})
	}
	facts = appendFact(facts, "统一填的专业市场", s.ref.Submarkets.Name(imp.Defaults.Submarket))
	return append(facts, view.Fact{Label: "保密", Text: "提交人已确认不含国家秘密、工作秘密"})
}

// addReviewed shows a sample of the batch, or all of it a page at a time.
func (s *Server) addReviewed(c echo.Context, a market.Actor, imp market.Import, n store.ImportCounts, page *importReview) error {
	all, number := c.QueryParam("tab") == "all", pageNumber(c)
	every, slice := max((n.Written()+sampleSize-1)/sampleSize, 1), store.PageSlice(1, sampleSize)
	if all {
		every, slice = 1, store.PageSlice(number, workPage)
		pager := view.NewPager(number, workPage, n.Written(), "项", func(p int) string { return importReviewPath(imp.ID) + pageQuery(url.Values{"tab": {"all"}}, p) })
		page.Pager = &pager
	}
	cards, err := s.Store.ImportedListings(c.Request().Context(), a, imp.ID, every, slice)
	if err != nil {
		return err
	}
	page.Tabs = view.Tabs{Label: "看哪些", Items: []view.Tab{
		{Label: "抽样", Href: importReviewPath(imp.ID), Count: view.Num(min(n.Written(), sampleSize)), Current: !all},
		{Label: "全部", Href: importReviewPath(imp.ID) + "?tab=all", Count: view.Num(n.Written()), Current: all}}}
	page.Table = s.reviewedTable(imp.Kind, cards)
	return nil
}

// maxSnippet is how much of a listing's text the table shows.
const maxSnippet = 80

func (s *Server) reviewedTable(kind market.Kind, cards []store.ListingCard) view.Table {
	t := view.Table{Label: "这一批的" + kindName(kind), Caption: "这一批的" + kindName(kind), Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: kindName(kind)}, {Label: "细分领域"}, {Label: "价格"}, {Label: "状态"}}}
	if kind == market.KindNeed {
		t.Cols[2].Label = "预算"
	}
	for _, card := range cards {
		state := view.State{Text: card.State.Name(kind)}
		switch {
		case card.State.Public():
			state.Shape = view.ShapeDone
		case card.State == market.Returned:
			state.Shape = view.ShapeStop
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{
			{Text: card.Title, Href: reviewPath(market.Subject(kind), card.ID), Sub: joinFacts(card.Number, market.Truncate(card.Text, maxSnippet), patentNote(card.PatentCount))},
			{Text: dash(joinFacts(s.fieldNames(card.Fields)...))},
			{Text: strings.ReplaceAll(priceText(market.Price{Kind: card.PriceKind, Min: card.PriceMin, Max: card.PriceMax}).String(), " ", "\u00a0")},
			{State: &state},
		}})
	}
	return t
}

func patentNote(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("专利 %d 件", n)
}

// importDecision is the reviewer's form, or why this one has none.
func (s *Server) importDecision(c echo.Context, own bool, imp market.Import, err error) *importDecision {
	at := errorsOf(err)
	d := &importDecision{Pass: importReviewPath(imp.ID) + "/publish", Return: importReviewPath(imp.ID) + "/return", Open: err != nil,
		Codes: view.Field{Name: "codes", Kind: view.KindChecks, Many: true, Label: "退回原因", Options: options(s.ref.ListingReturn), Error: at["codes"]},
		Note:  view.Field{Name: "note", Kind: view.KindArea, Label: "要改什么，提交人会看到", Max: 1000, Error: at["note"]}}
	if err != nil {
		d.Codes.Values, d.Note.Value = c.Request().Form["codes"], c.FormValue("note")
	}
	if own {
		d.Why = "这是您所在单位提交或您经手的，由其他审核人员办理。"
	}
	return d
}

// reviewBatch is a line of the review queue for a whole batch.
type reviewBatch struct {
	Title string
	Href  string
	Sub   string
	Due   view.Due
	Own   bool
}

// reviewBatches are the batches that wait, for the head of the review queue.
func (s *Server) reviewBatches(c echo.Context, a market.Actor) ([]reviewBatch, error) {
	found, err := s.Store.ImportsInReview(c.Request().Context(), a)
	if err != nil {
		return nil, err
	}
	var out []reviewBatch
	for _, imp := range found {
		out = append(out, reviewBatch{Title: fmt.Sprintf("批量导入%s %s 项", kindName(imp.Kind), view.Num(imp.RowsDone)), Href: importReviewPath(imp.ID),
			Sub: joinFacts(imp.OrgName, imp.FileName), Due: s.reviewDue(market.Subject(imp.Kind), *imp.FinishedAt), Own: imp.OrgID == a.OrgID})
	}
	return out, nil
}
