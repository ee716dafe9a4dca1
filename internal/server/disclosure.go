package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var disclosurePages = []view.Page{disclosureList{}, disclosureForm{}, disclosureShow{}}

// disclosureList is one of the two lists of an organisation's disclosures.
type disclosureList struct {
	view.Work
	Tabs  view.Tabs
	Table view.Table
	Pager view.Pager
	Empty view.Empty
}

func (disclosureList) Template() string { return "page/disclosure/index" }

var disclosureBoxes = []struct {
	box         store.DisclosureBox
	name, other string
	empty       view.Empty
}{
	{store.DisclosuresReceived, "收到的", "申请单位", view.Empty{Title: "没有收到查看申请",
		Text: "需求或成果写了“不公开的内容”时，别的单位可以申请查看，由贵单位决定是否开放。"}},
	{store.DisclosuresSent, "发出的", "对方单位", view.Empty{Title: "没有发出查看申请",
		Text: "在需求或成果的页面上，有不公开的部分时可以申请查看。", Actions: []view.Action{{Label: "查找需求和成果", Href: "/search"}}}},
}

func (s *Server) disclosureIndex(c echo.Context, a market.Actor) error {
	current := disclosureBoxes[0]
	for _, b := range disclosureBoxes {
		if c.QueryParam("box") == string(b.box) {
			current = b
		}
	}
	number := pageNumber(c)
	found, total, err := s.Store.Disclosures(c.Request().Context(), a, current.box, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := disclosureList{Tabs: view.Tabs{Label: "查看申请的分类"}, Empty: current.empty}
	if page.Work, err = s.work(c, a, "查看申请"); err != nil {
		return err
	}
	for _, b := range disclosureBoxes {
		tab := view.Tab{Label: b.name, Href: "/disclosures?box=" + string(b.box), Current: b.box == current.box}
		if tab.Current {
			tab.Count = view.Num(total)
		}
		page.Tabs.Items = append(page.Tabs.Items, tab)
	}
	page.Table = s.disclosureTable(a, current.other, found)
	page.Pager = view.NewPager(number, workPage, total, "项", func(n int) string {
		return fmt.Sprintf("/disclosures?box=%s&page=%d", current.box, n)
	})
	return s.render(c, page)
}

func (s *Server) disclosureTable(a market.Actor, other string, found []store.Disclosure) view.Table {
	table := view.Table{Label: "查看申请", Caption: "查看申请，等待答复的在前", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "需求或成果"}, {Label: other}, {Label: "状态"}, {Label: "查看次数", Num: true}, {Label: "申请时间"}}}
	for _, d := range found {
		name := d.OrgName
		if d.OrgID == a.OwnOrg() {
			name = s.ownerName(d)
		}
		table.Rows = append(table.Rows, view.TableRow{Cells: []view.Cell{
			{Text: d.ListingTitle, Href: disclosurePath(d.ID), Sub: fullKindName(d.ListingKind)},
			{Text: name}, {State: new(disclosureState(a, d))}, {Text: view.Num(d.Reads)}, {Text: view.Ago(s.Now(), d.RequestedAt)},
		}})
	}
	return table
}

func disclosureState(a market.Actor, d store.Disclosure) view.State {
	state := view.State{Text: d.State.Name()}
	switch {
	case d.State == market.DisclosureGranted:
		state.Shape = view.ShapeDone
	case !d.State.Running():
		state.Shape = view.ShapeStop
	case d.OrgID != a.OwnOrg():
		state.Shape = view.ShapeTodo
	}
	return state
}

func (s *Server) ownerName(d store.Disclosure) string {
	if d.OwnerName == "" {
		return s.hiddenName(d.Submarket, d.OwnerType)
	}
	return d.OwnerName
}

func disclosurePath(id int64) string { return fmt.Sprintf("/disclosures/%d", id) }

// disclosureForm is the page on which an organisation asks.
type disclosureForm struct {
	view.Work
	About   view.Link
	Closed  *view.Alert // why nothing can be asked now
	Listing int64
	Purpose view.Field
	Key     string
	Pledge  []string
	Version string
}

func (disclosureForm) Template() string { return "page/disclosure/new" }

func (s *Server) disclosureNew(c echo.Context, a market.Actor) error {
	return s.showDisclosureForm(c, a, idValue(c.QueryParam("listing")), "", formKey(), nil)
}

func (s *Server) disclosureCreate(c echo.Context, a market.Actor) error {
	listing, purpose, key := idValue(c.FormValue("listing")), c.FormValue("purpose"), c.FormValue("key")
	id, err := s.Service.RequestDisclosure(c.Request().Context(), a, listing, purpose, key)
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showDisclosureForm(c, a, listing, purpose, key, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, disclosurePath(id), "申请已发出。对方答复后您会收到消息")
}

func (s *Server) showDisclosureForm(c echo.Context, a market.Actor, listing int64, purpose, key string, failed error) error {
	ctx := c.Request().Context()
	cards, err := s.Store.ListingCards(ctx, a, []int64{listing})
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return market.ErrNotFound
	}
	about := cards[0]
	page := disclosureForm{Listing: about.ID, Key: key, About: view.Link{Label: about.Title, Href: listingPath(about.Kind, about.ID)}}
	if page.Work, err = s.work(c, a, "申请查看不公开的部分"); err != nil {
		return err
	}
	if page.Version, page.Pledge, err = s.pledge(ctx); err != nil {
		return err
	}
	page.Errors = errorSummary(failed)
	if market.IsKind(failed, market.Conflict) {
		page.Errors, page.Closed = view.ErrorSummary{}, &view.Alert{Kind: view.AlertWarn, Text: userMessage(failed), Urgent: true}
	}
	page.Purpose = view.Field{Kind: view.KindArea, Name: "purpose", Label: "想看什么，用在哪里", Lines: 5, Max: market.MaxDisclosureText, Value: purpose,
		Error: errorsOf(failed)["purpose"], Hint: "例：想看分散剂配方和现场工况，评估我们的两段研磨工艺能否达到指标"}
	return s.renderStatus(c, pageStatus(failed), page)
}

// pledge is the version and the paragraphs of the 保密承诺 that is valid now.
func (s *Server) pledge(ctx context.Context) (version string, paragraphs []string, err error) {
	p, err := s.Store.CurrentPledge(ctx, s.Now())
	return p.Version, strings.Split(p.Body, "\n"), err
}

// disclosureShow is a request with its answer and, to a reader who has pledged, what it opens.
type disclosureShow struct {
	view.Work
	ID      int64
	About   view.Link
	State   view.State
	Facts   []view.Fact
	Purpose string
	Trouble *view.Alert

	Grant   bool // the reader may answer
	Revoke  bool
	Reason  view.Field
	Open    bool // the form with the reason stands open
	Pledge  []string
	Version string
	Agree   view.Field

	Read      bool // the reader has pledged and reads now
	Text      string
	Files     []view.FileItem
	Watermark string
	Reads     []view.Fact
	Log       view.Log
}

func (disclosureShow) Template() string { return "page/disclosure/show" }

// disclosurePosted is what was typed on the page of a disclosure, and why it was not accepted.
type disclosurePosted struct {
	reason string
	err    error
}

func (s *Server) disclosureShow(c echo.Context, a market.Actor) error {
	return s.showDisclosure(c, a, disclosurePosted{})
}

const readsShown = 20

func (s *Server) showDisclosure(c echo.Context, a market.Actor, p disclosurePosted) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	d, err := s.Store.Disclosure(ctx, a, id)
	if err != nil {
		return err
	}
	page := disclosureShow{ID: id, State: disclosureState(a, d), Purpose: d.Purpose, Facts: s.disclosureFacts(d),
		About: view.Link{Label: fullKindName(d.ListingKind) + "：" + d.ListingTitle, Href: listingPath(d.ListingKind, d.ListingID)}}
	if page.Work, err = s.work(c, a, "查看申请"); err != nil {
		return err
	}
	if d.OwnerOrg != 0 && d.OwnerOrg == a.OwnOrg() {
		page.offerAnswer(a, d, p)
	}
	if d.OrgID == a.OwnOrg() && d.State == market.DisclosureGranted && a.Verified() && p.err == nil {
		if err := s.openText(ctx, a, d, &page); err != nil {
			return err
		}
	} else if d.OrgID == a.OwnOrg() && d.State == market.DisclosureGranted && a.Verified() {
		if err := s.offerPledge(ctx, &page, p); err != nil {
			return err
		}
	}
	if err := s.addDisclosureRecord(ctx, d, &page); err != nil {
		return err
	}
	if page.Errors = errorSummary(p.err); p.err != nil && len(page.Errors.Items) == 0 {
		page.Errors, page.Trouble = view.ErrorSummary{}, &view.Alert{Kind: view.AlertWarn, Text: userMessage(p.err), Urgent: true}
	}
	return s.renderStatus(c, pageStatus(p.err), page)
}

func (s *Server) disclosureFacts(d store.Disclosure) []view.Fact {
	facts := []view.Fact{
		{Label: "申请单位", Text: d.OrgName, Href: fmt.Sprintf("/orgs/%d", d.OrgID)},
		{Label: "申请人", Text: d.RequestedBy},
		{Label: "对方单位", Text: s.ownerName(d)},
		{Label: "申请时间", Text: view.DateTime(d.RequestedAt)},
	}
	if d.AnsweredAt != nil {
		facts = append(facts, view.Fact{Label: "答复时间", Text: view.DateTime(*d.AnsweredAt)})
	}
	if d.RevokedAt != nil {
		facts = append(facts, view.Fact{Label: "撤回时间", Text: view.DateTime(*d.RevokedAt)})
	}
	return appendFact(facts, "理由", d.Reason)
}

// offerAnswer gives the owner's editors what the state opens.
func (p *disclosureShow) offerAnswer(a market.Actor, d store.Disclosure, posted disclosurePosted) {
	if !a.May(market.ScopeOwn) {
		return
	}
	p.Grant, p.Revoke = d.State == market.DisclosureRequested, d.State == market.DisclosureGranted
	p.Open = posted.err != nil
	p.Reason = view.Field{Kind: view.KindArea, Name: "reason", Label: "理由", Hint: "对方会看到，与这里一字不差", Lines: 3, Max: market.MaxDisclosureText,
		Value: posted.reason, Error: errorsOf(posted.err)["reason"]}
}

// openText shows what is gated, marked with the reader's name, or the pledge that comes first.
func (s *Server) openText(ctx context.Context, a market.Actor, d store.Disclosure, page *disclosureShow) error {
	version, _, err := s.pledge(ctx)
	if err != nil {
		return err
	}
	done, err := s.Store.Pledged(ctx, a, d.ID, version)
	if err != nil {
		return err
	}
	if !done {
		return s.offerPledge(ctx, page, disclosurePosted{})
	}
	if page.Text, err = s.Service.ReadDisclosure(ctx, a, d.ID); err != nil {
		return err
	}
	files, err := s.Store.GatedFiles(ctx, a, d.ID)
	for _, f := range files {
		item := s.fileItem(f)
		item.Href = fmt.Sprintf("%s/files/%s", disclosurePath(d.ID), f.ID)
		page.Files = append(page.Files, item)
	}
	page.Read, page.Watermark = true, s.Service.MarkText(a)
	return err
}

func (s *Server) offerPledge(ctx context.Context, page *disclosureShow, p disclosurePosted) (err error) {
	page.Version, page.Pledge, err = s.pledge(ctx)
	page.Agree = view.Field{Name: "pledge", Kind: view.KindCheck, Label: "我已阅读并同意，以我的姓名和单位名义承诺", Error: errorsOf(p.err)["pledge"]}
	return err
}

// addDisclosureRecord shows both sides who has read, and what has happened.
func (s *Server) addDisclosureRecord(ctx context.Context, d store.Disclosure, page *disclosureShow) error {
	reads, err := s.Store.DisclosureReads(ctx, d.ID, readsShown)
	if err != nil {
		return err
	}
	for _, r := range reads {
		what := "看文字"
		if r.FileID != "" {
			what = "下载文件"
		}
		page.Reads = append(page.Reads, view.Fact{Label: view.DateTime(r.At), Text: r.UserName + "，" + what + "，承诺版本 " + r.Pledge})
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "disclosure", ID: d.ID})
	if err != nil {
		return err
	}
	for _, m := range moves {
		text := map[string]string{"request": d.OrgName + "申请查看", "grant": s.ownerName(d) + "同意开放", "refuse": s.ownerName(d) + "没有同意",
			"revoke": s.ownerName(d) + "撤回开放"}[m.Move]
		page.Log.Items = append(page.Log.Items, view.LogItem{At: m.At, When: view.DateTime(m.At), Text: text})
	}
	return nil
}

// disclosureDone goes back to the disclosure after an act, or shows it again with what was typed and what is wrong.
func (s *Server) disclosureDone(c echo.Context, a market.Actor, p disclosurePosted, message string) error {
	if market.IsKind(p.err, market.Invalid) || market.IsKind(p.err, market.Conflict) {
		return s.showDisclosure(c, a, p)
	}
	if p.err != nil {
		return p.err
	}
	return s.done(c, "/disclosures/"+c.Param("id"), message)
}

func (s *Server) disclosureGrant(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.GrantDisclosure(c.Request().Context(), a, id)
	return s.disclosureDone(c, a, disclosurePosted{err: err}, "已开放。对方同意保密承诺后可以查看，每次查看都有记录；您可以随时撤回")
}

// disclosureNo is the handler of an act with which the owner says no, with a reason.
func (s *Server) disclosureNo(act func(context.Context, market.Actor, int64, string) error, message string) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		p := disclosurePosted{reason: c.FormValue("reason")}
		p.err = act(c.Request().Context(), a, id, p.reason)
		return s.disclosureDone(c, a, p, message)
	}
}

func (s *Server) disclosurePledge(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.PledgeDisclosure(c.Request().Context(), a, id, c.FormValue("version"), c.FormValue("pledge") != "")
	return s.disclosureDone(c, a, disclosurePosted{err: err}, "")
}

// behindItems names what stands behind a gate without giving any of it away.
func behindItems(b store.Behind) []string {
	var items []string
	if b.Text {
		items = append(items, "文字说明")
	}
	if b.PDFs > 0 {
		items = append(items, fmt.Sprintf("PDF %d 份，共 %d 页", b.PDFs, b.Pages))
	}
	if b.Pictures > 0 {
		items = append(items, fmt.Sprintf("图片 %d 张", b.Pictures))
	}
	return items
}

// gate tells a reader of a listing what is behind its gate and what they may do about it. Its own people and reviewers
// see the text itself.
func (s *Server) gate(ctx context.Context, a market.Actor, l market.Listing) (*view.Gate, error) {
	g := &view.Gate{Text: "还有不公开的详细内容，由发布单位决定是否开放。",
		Terms: "开放后先同意保密承诺。页面和文件标有查看人的姓名、单位和时间，每次查看都会记录。"}
	behind, err := s.Store.Behind(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	g.Items = behindItems(behind)
	apply := view.Action{ID: "disclose", Label: "申请查看", Href: fmt.Sprintf("/disclosures/new?listing=%d", l.ID)}
	if a.ByMandate() {
		apply.Why = market.AsError(a.RequireReader(market.ScopeOwn)).Message
	}
	if a.OwnOrg() == 0 {
		if !a.Staff() && l.State == market.Published {
			g.Actions = []view.Action{apply}
		}
		return g, nil
	}
	if err := a.RequireVerified(market.ScopeOwn); err != nil {
		apply.Why = market.AsError(err).Message
	}
	d, err := s.Store.LatestDisclosure(ctx, a, l.ID)
	switch {
	case market.IsKind(err, market.NotFound):
	case err != nil:
		return nil, err
	default:
		g.State, g.Reason = new(disclosureState(a, store.Disclosure{Disclosure: d})), d.Reason
		g.Actions = []view.Action{{Label: "看申请", Href: disclosurePath(d.ID)}}
		if d.State == market.DisclosureGranted {
			g.Actions[0].Label = "查看"
		}
	}
	if !d.State.Running() && l.State == market.Published {
		g.Actions = append(g.Actions, apply)
	}
	return g, nil
}
