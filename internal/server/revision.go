package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var revisionPages = []view.Page{revisionIndex{}}

// textLine is a part of a listing's text in words.
type textLine struct{ label, text string }

// textLines are all parts of a text, in the order of the form; gated says whether what is not public is among them.
func (s *Server) textLines(t market.Text, gated bool) []textLine {
	l := t.Listing()
	lines := []textLine{{"标题", l.Title}, {"专业市场", s.ref.Submarkets.Name(l.Submarket)}, {"细分领域", strings.Join(s.fieldNames(l.Fields), "、")},
		{"技术领域", s.ref.TechFields.Name(l.TechField)}, {"所在地", s.ref.Regions.Name(l.Region)}, {"合作方式", modeNames(l.Modes)}}
	if t.Need != nil {
		lines = append(lines, s.needLines(*t.Need)...)
	} else {
		lines = append(lines, s.resultLines(*t.Result)...)
	}
	shown := "公开"
	if l.HideOrg {
		shown = "不公开"
	}
	lines = append(lines, textLine{"单位名称", shown})
	if gated {
		lines = append(lines, textLine{"联系人", joinFacts(l.ContactName, l.ContactPhone)}, textLine{"不公开的内容", l.Gated})
	}
	return lines
}

func (s *Server) needLines(n market.Need) []textLine {
	var rows []string
	for _, i := range n.Indicators {
		rows = append(rows, fmt.Sprintf("%s：现值 %s，要求 %s %s，检验方法 %s", i.Name, dash(i.Now), i.Target, i.Unit, dash(i.Method)))
	}
	return []textLine{{"现状与瓶颈", n.Problem}, {"背景", n.Background}, {"指标", strings.Join(rows, "\n")}, {"预算", priceText(n.Budget).String()},
		{"截止日期", dateOrDash(n)}, {"成果归属", n.Ownership}, {"对合作方的要求", n.Partner}}
}

func (s *Server) resultLines(r market.Result) []textLine {
	var rows []string
	for _, ip := range r.IPs {
		rows = append(rows, s.ipWords(ip))
	}
	return []textLine{{"成果简介", r.Summary}, {"解决的问题", r.Problem}, {"优势", r.Advantage}, {"经济性", r.Economics}, {"应用案例", r.Cases},
		{"成熟度", stageText(r)}, {"成熟度依据", r.Evidence}, {"知识产权", strings.Join(rows, "\n")}, {"完成人", r.Inventors},
		{"价格", market.PriceMethods.Name(r.PriceMethod) + "，" + resultPrice(r.Price).String()}}
}

func stageText(r market.Result) string {
	if r.Stage == "" {
		return "未说明"
	}
	text := stageOf(r.Stage, r.TRLMin, r.TRLMax).Label
	if r.TRLMin != 0 {
		text += fmt.Sprintf("（TRL %d～%d）", r.TRLMin, r.TRLMax)
	}
	return text
}

// changes are the parts in which two texts of a listing differ.
func (s *Server) changes(before, after market.Text, gated bool) []view.Change {
	var out []view.Change
	old := s.textLines(before, gated)
	for i, line := range s.textLines(after, gated) {
		if change, ok := view.NewChange(line.label, old[i].text, line.text); ok {
			out = append(out, change)
		}
	}
	return out
}

// revisionIndex lists the texts of a listing over time and shows what changed between two of them.
type revisionIndex struct {
	view.Base
	Crumbs  []view.Link
	Heading string
	Rows    []revisionRow
	From    view.Field
	To      view.Field
	Changes []view.Change
	Between string // the two that are compared
	Empty   view.Empty
}

func (revisionIndex) Template() string { return "page/listing/revisions" }

// revisionRow is one text.
type revisionRow struct {
	Name   string
	State  view.State
	When   string
	Writer view.By
	Note   string
}

func (s *Server) revisionList(kind market.Kind) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		cards, err := s.Store.ListingCards(ctx, a, []int64{id})
		if err != nil {
			return err
		}
		seen, err := s.Store.SeesRevisions(ctx, a, kind, id)
		if err != nil {
			return err
		}
		if !seen || len(cards) == 0 {
			return market.ErrNotFound
		}
		list, err := s.Store.Revisions(ctx, a, id)
		if err != nil {
			return err
		}
		return s.render(c, s.revisionPage(c, a, cards[0], list))
	}
}

func (s *Server) revisionPage(c echo.Context, a market.Actor, card store.ListingCard, list []market.Revision) revisionIndex {
	page := revisionIndex{Base: s.base(c, a, "历次内容"), Heading: card.Title,
		Crumbs: []view.Link{{Label: fullKindName(card.Kind), Href: "/" + string(card.Kind) + "s"}, {Label: card.Number, Href: listingPath(card.Kind, card.ID)}, {Label: "历次内容"}},
		Empty:  view.Empty{Title: "还没有留存的内容", Text: "公开、退回和修改时，内容会留存在这里，可以逐字比较。"}}
	page.Nav, page.NoIndex = string(card.Kind)+"s", true
	from, to := revisionChoice(c.QueryParam("from"), list, 1), revisionChoice(c.QueryParam("to"), list, 0)
	page.From = view.Field{Kind: view.KindSelect, Name: "from", Label: "从"}
	page.To = view.Field{Kind: view.KindSelect, Name: "to", Label: "到"}
	for i, v := range list {
		row := s.revisionRow(v, len(list)-i)
		page.Rows = append(page.Rows, row)
		option := func(chosen int) view.Option {
			return view.Option{Value: fmt.Sprint(v.ID), Label: row.Name + "（" + row.State.Text + "，" + row.When + "）", Checked: chosen == i}
		}
		page.From.Options, page.To.Options = append(page.From.Options, option(from)), append(page.To.Options, option(to))
	}
	if len(list) > 1 {
		page.From.Value, page.To.Value = fmt.Sprint(list[from].ID), fmt.Sprint(list[to].ID)
		page.Between = page.Rows[from].Name + "与" + page.Rows[to].Name
		page.Changes = s.changes(list[from].Text, list[to].Text, true)
	}
	return page
}

// revisionChoice is the place of the text with that id, or fallback.
func revisionChoice(id string, list []market.Revision, fallback int) int {
	for i, v := range list {
		if fmt.Sprint(v.ID) == id {
			return i
		}
	}
	return min(fallback, max(0, len(list)-1))
}

func (s *Server) revisionRow(v market.Revision, number int) revisionRow {
	row := revisionRow{Name: fmt.Sprintf("第 %d 稿", number), State: revisionState(v.State), When: view.DateTime(v.UpdatedAt), Writer: view.By{Name: v.Writer, For: v.Agency}}
	if v.DecidedAt != nil {
		row.When = view.DateTime(*v.DecidedAt)
	}
	if v.State == market.RevisionReturned {
		row.Note = s.returnReasons(v.ReturnCodes) + "。" + v.ReturnNote
	}
	return row
}

func (s *Server) returnReasons(codes []string) string {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		reasons[i] = s.ref.ListingReturn.Name(code)
	}
	return strings.Join(reasons, "、")
}

func revisionState(state market.RevisionState) view.State {
	shape := map[market.RevisionState]view.Shape{market.RevisionDraft: view.ShapeWait, market.RevisionInReview: view.ShapeWait,
		market.RevisionPublished: view.ShapeDone, market.RevisionReturned: view.ShapeStop, market.RevisionDiscarded: view.ShapeStop}[state]
	return view.State{Shape: shape, Text: market.Revisions.Names[state]}
}

// addRevision tells the owner of a public listing about an edit of it, and offers what is open.
func (s *Server) addRevision(ctx context.Context, a market.Actor, l market.Listing, page *listingShow) error {
	if a.OrgID == 0 || a.OrgID != l.OrgID || !l.State.Public() {
		return nil
	}
	v, err := s.Store.LastRevision(ctx, a, l.ID)
	if market.IsKind(err, market.NotFound) || err == nil && !v.Open() {
		return nil
	}
	if err != nil {
		return err
	}
	path, may := listingPath(l.Kind, l.ID), a.RequireEditor(market.ScopePost) == nil
	note := view.Alert{Title: "有一份修改还没有提交", Text: "公开的仍是原来的内容。", Link: &view.Link{Label: "继续修改", Href: path + "/edit"}}
	switch v.State {
	case market.RevisionInReview:
		note = view.Alert{Title: "修改正在审核", Text: "公开的仍是原来的内容，通过后换成新的。", Link: &view.Link{Label: "看改了什么", Href: path + "/revisions"}}
	case market.RevisionReturned:
		note = view.Alert{Kind: view.AlertBad, Title: "修改被退回：" + s.returnReasons(v.ReturnCodes), Text: v.ReturnNote + "。公开的仍是原来的内容。",
			Link: &view.Link{Label: "改好再提交", Href: path + "/edit"}}
	}
	if !may {
		note.Link = nil
	}
	page.Notes = append(page.Notes, note)
	if !may {
		return nil
	}
	if v.State == market.RevisionInReview {
		page.Actions = slices.DeleteFunc(page.Actions, func(act view.Action) bool { return act.Href == path+"/edit" })
		page.Actions = append(page.Actions, view.Action{Label: "取回修改", Href: path + "/recall", Post: true, Icon: "undo"})
	}
	if v.State == market.RevisionDraft || v.State == market.RevisionInReview {
		page.Asks = append(page.Asks, view.Ask{Label: "放弃修改", Href: path + "/discard", Danger: true, Button: "放弃修改", Text: "公开的内容不变。放弃的内容留在“历次内容”里，不再提交。"})
	}
	return nil
}

// listingDiscard gives up the edit of a public listing.
func (s *Server) listingDiscard(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.DiscardRevision, func(store.ListingCard) string { return "已放弃修改，公开的内容不变" })
}

// Decisions on edits.

func (s *Server) reviewRevision(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showRevisionReview(c, a, id, s.queryForm(c), nil)
}

func (s *Server) revisionPublish(c echo.Context, a market.Actor) error {
	return s.decideRevision(c, a, false, func(id int64, f reviewForm) (string, error) {
		return "修改已公开", s.Service.PublishRevision(c.Request().Context(), a, id, f.version, f.ticks)
	})
}

func (s *Server) revisionReturn(c echo.Context, a market.Actor) error {
	return s.decideRevision(c, a, true, func(id int64, f reviewForm) (string, error) {
		return "修改已退回，公开的内容不变", s.Service.ReturnRevision(c.Request().Context(), a, id, f.version, f.codes, f.note)
	})
}

func (s *Server) decideRevision(c echo.Context, a market.Actor, back bool, act func(int64, reviewForm) (string, error)) error {
	return s.decide(c, a, market.SubjectRevision, back, act, func(id int64, f reviewForm, err error) error { return s.showRevisionReview(c, a, id, f, err) })
}

// showRevisionReview shows an edit to a reviewer: what changed first, then the whole as it would be.
func (s *Server) showRevisionReview(c echo.Context, a market.Actor, id int64, form reviewForm, err error) error {
	ctx := c.Request().Context()
	v, loadErr := s.Store.Revision(ctx, a, id)
	if loadErr != nil {
		return loadErr
	}
	kind := v.Text.Listing().Kind
	reached, loadErr := s.Store.ReachesListing(ctx, a, v.ListingID)
	if loadErr != nil {
		return loadErr
	}
	if !reached || !v.Edit || v.State == market.RevisionDraft {
		return market.ErrNotFound
	}
	now, loadErr := s.Service.PublicText(ctx, a, kind, v.ListingID)
	if loadErr != nil {
		return loadErr
	}
	page, loadErr := s.listingReviewPage(c, a, market.SubjectRevision, id, v.Text.Of(*now.Listing()), form, err)
	if loadErr != nil {
		return loadErr
	}
	before, loadErr := s.textBefore(ctx, a, v, now)
	if loadErr != nil {
		return loadErr
	}
	page.Changes = s.changes(before, v.Text, true)
	page.State = revisionState(v.State)
	if v.State == market.RevisionInReview {
		s.fillRevisionDecision(&page, v, form, err)
	}
	return s.renderReview(c, a, page, id, err)
}

// textBefore is what an edit is compared with: the public text while it waits, the one before it afterwards.
func (s *Server) textBefore(ctx context.Context, a market.Actor, v market.Revision, now market.Text) (market.Text, error) {
	if v.State == market.RevisionInReview {
		return now, nil
	}
	list, err := s.Store.Revisions(ctx, a, v.ListingID)
	for _, older := range list {
		if older.ID < v.ID && older.State == market.RevisionPublished {
			return older.Text, err
		}
	}
	return now, err
}

func (s *Server) fillRevisionDecision(page *reviewShow, v market.Revision, form reviewForm, err error) {
	due := s.reviewDue(market.SubjectRevision, *v.SubmittedAt)
	page.Due, page.ChecksOf = &due, "核对单：内容修改"
	found := map[string]evidence{"same": toAsk("改了 %d 处", len(page.Changes)), "clear": toAsk("请看标出的改动"), "terms": toAsk("请看标出的改动"),
		"secret": toAsk("请看公开部分有没有配方、参数、图纸编号"), "contact": contactFinding(page.Content)}
	page.Checks = tickList(market.SubjectRevision, form.ticks, found, errorsOf(err))
	path := reviewPath(market.SubjectRevision, v.ID)
	d := &reviewDecision{Pass: path + "/publish", Return: path + "/return", PassWord: "通过，换成新的内容", BackWord: "退回", Version: v.Version,
		ThenPass: "公开页、搜索和匹配马上改用新的内容，有效期从今天重新计算；提交单位收到通知。",
		ThenBack: "公开的内容不变，提交单位收到原因和您的话，改好可以再提交。"}
	if page.Own {
		d.Why = "这是您所在单位提交或您经手的，由其他审核人员办理"
	}
	d.Choice.Options = []view.Option{
		{Value: "pass", Label: "通过", Hint: "核对单须全部合格或不适用"},
		{Value: "back", Label: "退回", Hint: "须选原因，写明要改什么"},
	}
	decisionFields(d, s.ref.ListingReturn, true, form, err)
	page.Decide = d
}
