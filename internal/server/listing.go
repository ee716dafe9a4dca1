package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// listingPages are the pages of needs and results.
var listingPages = []view.Page{needShow{}, resultShow{}, listingForm{}, listingFiles{}}

// listingShow is what the pages of a need and of a result have in common.
type listingShow struct {
	view.Base
	Crumbs      []view.Link
	Kind        market.Kind
	Mark        string // 需 or 果
	Badge       view.Badge
	Code        string // 技术需求 XQ-2026-0412
	Field       string // 先进材料·碳酸钙先进材料
	Place       string
	PublishedAt *time.Time
	Fresh       view.Fresh
	Notes       []view.Alert

	PriceLabel string
	PriceMode  *view.Badge
	Price      view.MoneyText
	PriceWord  string // in capital numerals
	Facts      []view.Fact
	Actions    []view.Action
	Asks       []view.Ask
	ActNote    string

	Conditions []view.Fact
	Gated      string     // for the listing's own people and reviewers
	Gate       *view.Gate // for others, nil when nothing is gated
	Pictures   []view.FileItem
	Files      []view.FileItem
	GatedFiles []view.FileItem // for the listing's own people and reviewers

	MatchTitle  string
	MatchCount  string
	Matches     []view.Match
	MoreMatches *view.Link
	NoMatches   string

	OrgTitle string
	Org      *view.OrgCard
	OrgNote  string
	Log      view.Log
}

const (
	matchesShown = 5
	matchesAll   = 20 // as many as are kept of one listing
)

// kindName is 需求, 成果 and so on.
func kindName(k market.Kind) string { return k.Name() }

// fullKindName is 技术需求, 科技成果 and so on.
func fullKindName(k market.Kind) string { return k.FullName() }

// listing fills the common part of the page of a listing that the actor may see.
func (s *Server) listing(c echo.Context, a market.Actor, l market.Listing, summary string) (listingShow, error) {
	ctx := c.Request().Context()
	page := listingShow{
		Base: s.base(c, a, l.Title), Kind: l.Kind, Mark: "需", Code: fullKindName(l.Kind) + " " + l.Number,
		Field: s.submarketAndFields(l), Place: s.ref.Regions.Name(l.Region), PublishedAt: l.PublishedAt,
		Badge: listingBadge(l), Notes: s.listingNotes(a, l), OrgTitle: "需求单位",
		Conditions: []view.Fact{{Label: "合作方式", Text: cmp.Or(modeNames(l.Modes), "未说明")}},
	}
	page.Nav, page.NoIndex = string(l.Kind)+"s", !l.State.Public()
	page.Description = market.Truncate(strings.Join(strings.Fields(summary), " "), 120)
	if l.Kind == market.KindResult {
		page.Mark, page.OrgTitle = "果", "成果单位"
	}
	page.Crumbs = s.listingCrumbs(l)
	if l.State.Public() && l.ConfirmedAt != nil {
		page.Fresh = s.fresh(l.ConfirmedAt)
	}
	var err error
	var gated bool
	if page.Gated, gated, err = s.Store.Gate(ctx, a, l.ID); err != nil {
		return page, err
	}
	if err := s.addFiles(ctx, a, l.ID, &page); err != nil {
		return page, err
	}
	if l.State.Public() && len(page.Pictures) > 0 {
		page.Image = s.URL + page.Pictures[0].Href
	}
	if gated && page.Gated == "" && len(page.GatedFiles) == 0 {
		if page.Gate, err = s.gate(ctx, a, l); err != nil {
			return page, err
		}
	}
	if err := s.addOwner(ctx, a, l, &page); err != nil {
		return page, err
	}
	with, err := s.addMatches(c, a, l, &page)
	if err != nil {
		return page, err
	}
	if err := s.addActs(ctx, a, l, with, &page); err != nil {
		return page, err
	}
	if err := s.addRevision(ctx, a, l, &page); err != nil {
		return page, err
	}
	page.Log, err = s.listingLog(ctx, a, l)
	return page, err
}

// addFiles sorts the pictures and files that the actor may read.
func (s *Server) addFiles(ctx context.Context, a market.Actor, listing int64, page *listingShow) error {
	files, err := s.Store.ListingFiles(ctx, a, listing)
	for _, f := range files {
		item := s.fileItem(f)
		switch f.Use {
		case market.UsePicture:
			page.Pictures = append(page.Pictures, item)
		case market.UsePublic:
			page.Files = append(page.Files, item)
		case market.UseGated:
			page.GatedFiles = append(page.GatedFiles, item)
		}
	}
	return err
}

func (s *Server) submarketAndFields(l market.Listing) string {
	parts := []string{}
	if name := s.ref.Submarkets.Name(l.Submarket); name != "" {
		parts = append(parts, name)
	}
	if len(l.Fields) > 0 {
		parts = append(parts, strings.Join(s.fieldNames(l.Fields), "、"))
	}
	return strings.Join(parts, "·")
}

func modeNames(codes []string) string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = market.Modes.Name(code)
	}
	return strings.Join(names, "、")
}

func (s *Server) listingCrumbs(l market.Listing) []view.Link {
	crumbs := []view.Link{{Label: "首页", Href: "/"}, {Label: fullKindName(l.Kind), Href: "/" + string(l.Kind) + "s"}}
	if name := s.ref.Submarkets.Name(l.Submarket); name != "" {
		crumbs = append(crumbs, view.Link{Label: name, Href: fmt.Sprintf("/search?kind=%s&submarket=%s", l.Kind, l.Submarket)})
	}
	return append(crumbs, view.Link{Label: l.Number})
}

func listingBadge(l market.Listing) view.Badge {
	b := view.Badge{Text: l.State.Name(l.Kind)}
	switch l.State {
	case market.Published, market.Matched:
		b.Tone = view.ToneGreen
	case market.Returned:
		b.Tone = view.ToneRed
	case market.InReview:
		b.Tone = view.ToneBlue
	}
	return b
}

// listingNotes tells its own people, staff and inquirers why a listing is not on the shelf.
func (s *Server) listingNotes(a market.Actor, l market.Listing) []view.Alert {
	own := a.OrgID != 0 && a.OrgID == l.OrgID
	switch {
	case l.State == market.Returned && l.ReturnNote != "":
		reasons := make([]string, len(l.ReturnCodes))
		for i, code := range l.ReturnCodes {
			reasons[i] = s.ref.ListingReturn.Name(code)
		}
		note := view.Alert{Kind: view.AlertBad, Title: "审核退回：" + strings.Join(reasons, "、"), Text: l.ReturnNote}
		if own && a.May(market.ScopePost) {
			note.Link = &view.Link{Label: "修改后再提交", Href: listingPath(l.Kind, l.ID) + "/edit"}
		}
		return []view.Alert{note}
	case l.State == market.Matched:
		return []view.Alert{{Text: "已有单位与它达成合作，留作记录，不再接受新的对接。"}}
	case l.State.Public():
		return nil
	case l.State == market.InReview && own:
		return []view.Alert{{Text: fmt.Sprintf("正在审核，一般 %s完成，通过后公开并开始匹配。", s.reviewTime(l.Kind))}}
	case l.State == market.Expired && own:
		return []view.Alert{{Kind: view.AlertWarn, Text: "已过有效期，不再公开。如果仍然有效，核对内容后再提交审核。"}}
	case own:
		return []view.Alert{{Text: fmt.Sprintf("这一页现在只有本单位能看到（%s）。", l.State.Name(l.Kind))}}
	}
	return []view.Alert{{Text: fmt.Sprintf("这一页不公开（%s）。", l.State.Name(l.Kind))}}
}

// reviewTime is how long a review usually takes: 1 个工作日.
func (s *Server) reviewTime(kind market.Kind) string {
	return fmt.Sprintf("%.0f 个工作日", s.ref.Parameter(string(kind)+"_review_days", s.Now()))
}

// addOwner shows whose listing it is, or that its name is not public.
func (s *Server) addOwner(ctx context.Context, a market.Actor, l market.Listing, page *listingShow) error {
	cards, err := s.Store.ListingCards(ctx, a, []int64{l.ID})
	if err != nil || len(cards) == 0 {
		return err
	}
	card := cards[0]
	if card.OrgID == 0 {
		name := s.hiddenName(card.Submarket, card.OrgType)
		page.Org = &view.OrgCard{Mono: "隐", Name: name, Verified: view.VerifiedOrg(card.OrgVerified), Demo: card.Demo}
		page.OrgNote = "这家单位选择不公开名称，愿意对接的单位可以照常发起。"
		return nil
	}
	o, err := s.Store.Org(ctx, a, card.OrgID)
	if market.IsKind(err, market.NotFound) {
		page.Org = &view.OrgCard{Mono: Monogram(card.OrgName), Name: card.OrgName, Verified: view.VerifiedOrg(card.OrgVerified), Demo: card.Demo}
		return nil
	}
	if err != nil {
		return err
	}
	record, err := s.Store.OrgRecord(ctx, o.ID)
	if err != nil {
		return err
	}
	page.Org = s.orgCard(o, record)
	if l.HideOrg {
		page.OrgNote = "名称不公开：别人看到的是“" + s.hiddenName(card.Submarket, card.OrgType) + "”。"
		return nil
	}
	contact, err := s.Store.PublicContact(ctx, l.ID)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	page.OrgNote = fmt.Sprintf("联系人 %s，电话 %s。本人同意公开。", contact.Name, contact.Phone)
	return err
}

// orgCard is an organisation beside its listings: no contact, no telephone.
func (s *Server) orgCard(o market.Org, record store.OrgRecord) *view.OrgCard {
	card := &view.OrgCard{Mono: Monogram(o.Name), Name: o.Name, Href: fmt.Sprintf("/orgs/%d", o.ID), Verified: view.VerifiedOrg(false), Demo: o.Demo}
	switch {
	case o.State == market.OrgSuspended:
		card.Verified = view.Verified{Text: "单位已被暂停"}
	case o.State == market.OrgVerified && o.VerifiedAt != nil:
		card.Verified = view.VerifiedOn(*o.VerifiedAt)
	}
	place := s.ref.Regions.Name(o.Region)
	if o.Park != nil {
		place += "，" + s.ref.Parks.Name(*o.Park)
	}
	card.Facts = []view.Fact{
		{Label: "信用代码", Text: string(o.USCC), Code: true},
		{Label: "类型", Text: o.Type.Name()},
		{Label: "所在地", Text: place},
		{Label: "市场记录", Text: fmt.Sprintf("公开需求\u00a0%d\u00a0项、成果\u00a0%d\u00a0项，成交\u00a0%d\u00a0项", record.Needs, record.Results, record.Deals)},
	}
	return card
}

// addMatches shows the suggestions of a public listing. with is the reader's own listing that fits best, 0 when none.
func (s *Server) addMatches(c echo.Context, a market.Actor, l market.Listing, page *listingShow) (with int64, err error) {
	if l.State != market.Published {
		return 0, nil
	}
	page.MatchTitle, page.NoMatches = "可能解决它的成果", "还没有找到匹配的成果。有新成果公开时会自动再找。"
	if l.Kind == market.KindResult {
		page.MatchTitle, page.NoMatches = "可能需要它的企业", "还没有找到匹配的需求。有新需求公开时会自动再找。"
	}
	limit := matchesShown
	if c.QueryParam("matches") == "all" {
		limit = matchesAll
	}
	found, total, err := s.Store.Matches(c.Request().Context(), a, l.Kind, l.ID, store.PageSlice(1, limit))
	if err != nil {
		return 0, err
	}
	cards, err := s.pairCards(c.Request().Context(), a, found)
	if err != nil {
		return 0, err
	}
	for _, m := range found {
		other, ok := cards[otherSide(m, l.Kind)]
		if !ok {
			continue
		}
		if with == 0 && a.OrgID != 0 && other.OrgID == a.OrgID {
			with = other.ID
		}
		page.Matches = append(page.Matches, s.matchView(a, m, other, cards, page.Path))
	}
	page.MatchCount = fmt.Sprintf("共 %d 项，按匹配程度排列", total)
	if rest := min(total, matchesAll) - len(found); rest > 0 {
		page.MoreMatches = &view.Link{Label: fmt.Sprintf("查看其余 %d 项", rest), Href: listingPath(l.Kind, l.ID) + "?matches=all#matches"}
	}
	return with, nil
}

// addActs fills the box beside the listing: figures, and what this reader may do now.
func (s *Server) addActs(ctx context.Context, a market.Actor, l market.Listing, with int64, page *listingShow) error {
	record, err := s.Store.ListingRecord(ctx, l.ID)
	if err != nil {
		return err
	}
	revised, err := s.Store.RevisedAt(ctx, l.ID)
	if err != nil {
		return err
	}
	if revised != nil {
		page.Facts = append(page.Facts, view.Fact{Label: "内容更新", Text: view.Date(*revised)})
	}
	if record.Inquiries > 0 {
		page.Facts = append(page.Facts, view.Fact{Label: "已对接", Text: fmt.Sprintf("%d 家", record.Inquiries)})
	}
	if a.OrgID != 0 && a.OrgID == l.OrgID {
		page.Facts = append(page.Facts, view.Fact{Label: "浏览", Text: view.Num(record.Views) + " 次"})
		if l.State == market.Published && l.ValidUntil != nil {
			page.Facts = append(page.Facts, view.Fact{Label: "公开到", Text: view.Date(*l.ValidUntil)})
		}
		s.addOwnActs(a, l, record.Running, page)
		return nil
	}
	if a.Has(market.Reviewer) && l.State == market.InReview {
		page.Actions = []view.Action{{Label: "去审核", Href: fmt.Sprintf("/review/listings/%d", l.ID), Style: view.StylePrimary}}
		return nil
	}
	if l.State != market.Published || (a.OrgID == 0 && a.Staff()) {
		return nil
	}
	page.Actions = []view.Action{inquiryAction(a, l.ID, with)}
	page.ActNote = fmt.Sprintf("对方应在 %.0f 个工作日内答复，系统会按期提醒。", s.ref.Parameter("inquiry_response_days", s.Now()))
	return nil
}

// inquiryAction opens an inquiry about a listing of somebody else, with a listing of one's own when there is one.
func inquiryAction(a market.Actor, listing, with int64) view.Action {
	act := view.Action{ID: "inquire", Label: "发起对接", Href: fmt.Sprintf("/inquiries/new?listing=%d", listing), Style: view.StylePrimary, Icon: "mail"}
	if with != 0 {
		act.Href += fmt.Sprintf("&with=%d", with)
	}
	if a.SignedIn() {
		if err := a.RequireVerified(market.ScopeNegotiate); err != nil {
			act.Why = market.AsError(err).Message
		}
	}
	return act
}

// addOwnActs offers the owner what the listing's state opens.
func (s *Server) addOwnActs(a market.Actor, l market.Listing, running int, page *listingShow) {
	if err := a.RequireEditor(market.ScopePost); err != nil {
		page.ActNote = market.AsError(err).Message + "。"
		return
	}
	path, noun := listingPath(l.Kind, l.ID), kindName(l.Kind)
	if l.State.Editable() {
		page.Actions = append(page.Actions, view.Action{Label: editLabel(l), Href: path + "/edit", Style: view.StylePrimary, Icon: "edit"})
		page.Actions = append(page.Actions, submitAction(a, path), view.Action{Label: "图片和文件", Href: listingFilesPath(l.ID)})
	}
	can := func(move string) bool { return market.Listings.Can(l.State, move) }
	if can("confirm") {
		page.Actions = append(page.Actions, whenVerified(a, view.Action{ID: "confirm", Label: "确认仍有效", Href: path + "/confirm", Post: true, Style: view.StylePrimary, Icon: "check"}))
		page.ActNote = "确认后，公开的有效期从今天重新计算。修改要经审核，通过以前公开的仍是原来的内容。"
	}
	if can("recall") {
		page.Actions = append(page.Actions, view.Action{Label: "收回修改", Href: path + "/recall", Post: true, Icon: "undo"})
		page.ActNote = "收回后回到草稿，改好可以再提交。"
	}
	if l.State.Public() {
		page.Actions = append(page.Actions, view.Action{Label: "修改" + noun, Href: path + "/edit", Icon: "edit"})
	}
	if l.Kind == market.KindNeed && l.State == market.Published && !l.HideOrg {
		page.Actions = append(page.Actions, view.Action{Label: "发榜", Href: fmt.Sprintf("/challenges/new?need=%d", l.ID), Icon: "flag"})
	}
	if l.State != market.Draft || l.SubmittedAt != nil {
		page.Actions = append(page.Actions, view.Action{Label: "历次内容", Href: path + "/revisions"})
	}
	told := ""
	if running > 0 {
		told = fmt.Sprintf("正在进行的 %d 个对接可以继续，对方会收到通知。", running)
	}
	if can("withdraw") {
		page.Asks = append(page.Asks, view.Ask{Label: "撤回" + noun, Href: path + "/withdraw", Danger: true, Button: "撤回" + noun,
			Text: "撤回后不再公开，也不再被搜索和匹配；修改后可以再提交审核。" + told})
	}
	if can("close") {
		page.Asks = append(page.Asks, view.Ask{Label: "关闭" + noun, Href: path + "/close", Danger: true, Button: "关闭" + noun,
			Text: "关闭后不能再修改或公开，只留作本单位的记录。" + told})
	}
	if l.State == market.Draft && l.SubmittedAt == nil {
		page.Asks = append(page.Asks, view.Ask{Label: "删除草稿", Href: path + "/delete", Danger: true, Button: "删除草稿",
			Text: "删除后不能恢复。编号 " + l.Number + " 不再使用。"})
	}
}

func editLabel(l market.Listing) string {
	if l.State == market.Draft {
		return "继续填写"
	}
	return "修改" + kindName(l.Kind)
}

// submitAction hands in what is stored.
func submitAction(a market.Actor, path string) view.Action {
	return whenVerified(a, view.Action{ID: "submit", Label: "提交审核", Href: path + "/submit", Post: true})
}

// whenVerified tells the people of an organisation that is not verified why they can't act yet.
func whenVerified(a market.Actor, act view.Action) view.Action {
	if err := a.RequireVerified(market.ScopePost); err != nil {
		act.Why = market.AsError(err).Message
	}
	return act
}

// publicMoves are the events that everybody may read.
var publicMoves = []string{"publish", "revision_publish", "confirm", "match", "reopen"}

// listingLog is the listing's history, newest first. The public reads what happened in public; who did it is for its own
// people and staff, and its own people read of the bureau as one.
func (s *Server) listingLog(ctx context.Context, a market.Actor, l market.Listing) (view.Log, error) {
	moves, err := s.Store.Moves(ctx, market.Object{Kind: string(l.Kind), ID: l.ID})
	if err != nil {
		return view.Log{}, err
	}
	own := a.OrgID != 0 && a.OrgID == l.OrgID
	staff, err := s.Store.ReachesListing(ctx, a, l.ID)
	if err != nil {
		return view.Log{}, err
	}
	var log view.Log
	for _, m := range slices.Backward(moves) {
		if !own && !staff && !slices.Contains(publicMoves, m.Move) {
			continue
		}
		item := view.LogItem{At: m.At, When: view.Ago(s.Now(), m.At), Text: moveText(l.Kind, m.Move), Now: len(log.Items) == 0}
		fromOwner := m.OrgID != nil && *m.OrgID == l.OrgID
		if m.UserName != "" && (staff || own && fromOwner) {
			item.By = &view.By{Name: m.UserName, For: m.On()}
		}
		log.Items = append(log.Items, item)
	}
	return log, nil
}

func moveText(kind market.Kind, move string) string {
	side := "需求方"
	if kind == market.KindResult {
		side = "成果方"
	}
	return map[string]string{
		"create": "新建草稿", "submit": "提交审核", "recall": "收回修改", "publish": "审核通过，公开发布", "return": "审核退回",
		"confirm": side + "确认有效", "match": "达成合作", "reopen": "恢复公开", "expire": "过了有效期，停止公开",
		"withdraw": side + "撤回", "close": side + "关闭",
		"revision_submit": "提交修改", "revision_recall": "取回修改", "revision_discard": "放弃修改", "revision_publish": "内容更新，审核通过", "revision_return": "修改被退回",
	}[move]
}

// countView adds to the views of a public listing, unless its own people, staff or programs look.
func (s *Server) countView(r *http.Request, a market.Actor, l market.Listing) {
	if !l.State.Public() || a.Staff() || (a.OrgID != 0 && a.OrgID == l.OrgID) || !byPerson(r) {
		return
	}
	ctx := r.Context()
	if err := s.Store.CountView(ctx, l.ID, market.DateOf(s.Now())); err != nil {
		s.Log.ErrorContext(ctx, "count a view", "listing", l.ID, "err", err)
	}
}

// listingMove is a handler that carries out one move of the owner's side.
func (s *Server) listingMove(kind market.Kind, act func(context.Context, market.Actor, market.Kind, int64) error, done func(store.ListingCard) string) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		if err := act(ctx, a, kind, id); err != nil {
			return err
		}
		cards, err := s.Store.ListingCards(ctx, a, []int64{id})
		if err != nil {
			return err
		}
		if len(cards) == 0 {
			return s.done(c, "/work/"+string(kind)+"s", done(store.ListingCard{Kind: kind}))
		}
		return s.done(c, localPath(c.FormValue("back"), listingPath(kind, id)), done(cards[0]))
	}
}

func (s *Server) listingRecall(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.RecallListing, func(l store.ListingCard) string {
		if l.State.Public() {
			return "修改已取回，改好后再提交审核；公开的内容不变"
		}
		return kindName(l.Kind) + "已收回，改好后再提交审核"
	})
}

func (s *Server) listingConfirm(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.ConfirmListing, func(l store.ListingCard) string {
		return "已确认有效，公开到 " + view.Date(*l.ValidUntil)
	})
}

func (s *Server) listingWithdraw(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.WithdrawListing, func(l store.ListingCard) string { return kindName(l.Kind) + "已撤回，不再公开" })
}

func (s *Server) listingClose(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.CloseListing, func(l store.ListingCard) string { return kindName(l.Kind) + "已关闭，留作记录" })
}

func (s *Server) listingDelete(kind market.Kind) handler {
	return s.listingMove(kind, s.Service.DeleteDraft, func(l store.ListingCard) string { return "草稿已删除" })
}

func submittedText(l store.ListingCard) string {
	if l.State.Public() {
		return "修改已提交审核，通过以前公开的仍是原来的内容"
	}
	return fmt.Sprintf("%s已提交审核，编号 %s", kindName(l.Kind), l.Number)
}

// mustOwn refuses the form of a listing to everybody but its own people, and while its text may not change.
func mustOwn(a market.Actor, l market.Listing) error {
	if a.OrgID == 0 || l.OrgID != a.OrgID {
		return market.ErrNotFound
	}
	if !l.State.Editable() && !l.State.Public() {
		return market.Errorf(market.Conflict, "这项%s现在是“%s”，不能修改。先收回，再修改", kindName(l.Kind), l.State.Name(l.Kind))
	}
	return nil
}

// redirectToOrg sends a person without organisation to set one up first.
func (s *Server) redirectToOrg(c echo.Context, noun string) error {
	s.addFlash(c, "先登记单位，再发布"+noun+"。登记后就可以先写草稿")
	return c.Redirect(http.StatusSeeOther, "/org/new")
}
