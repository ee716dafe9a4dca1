package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var inquiryPages = []view.Page{inquiryList{}, inquiryForm{}, inquiryPage{}}

// inquiryList is one of the four lists of an organisation's inquiries.
type inquiryList struct {
	view.Work
	Sub   string
	Tabs  view.Tabs
	Table view.Table
	Pager view.Pager
	Empty view.Empty
}

func (inquiryList) Template() string { return "page/inquiry/index" }

func (s *Server) inquiryIndex(c echo.Context, a market.Actor) error {
	tab := store.InquiryTab(c.QueryParam("tab"))
	if tab == "" {
		tab = store.InquiryTodo
	}
	number := pageNumber(c)
	found, counts, err := s.Store.Inquiries(c.Request().Context(), a, tab, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := inquiryList{Sub: inquirySum(counts), Tabs: inquiryTabs(tab, counts), Table: s.inquiryTable(a, found), Empty: inquiryEmpty(tab)}
	if page.Work, err = s.work(c, a, "对接"); err != nil {
		return err
	}
	page.Pager = view.NewPager(number, workPage, counts.Of(tab), "项", func(n int) string {
		return fmt.Sprintf("/inquiries?tab=%s&page=%d", tab, n)
	})
	return s.render(c, page)
}

func inquirySum(n store.InquiryCounts) string {
	if n.Todo == 0 {
		return "现在没有要您答复的对接"
	}
	return fmt.Sprintf("有 %d 项要您答复，按期限排序", n.Todo)
}

var inquiryTabNames = []struct {
	tab  store.InquiryTab
	name string
}{{store.InquiryTodo, "要我答复"}, {store.InquiryWaiting, "等对方"}, {store.InquiryAgreed, "已达成"}, {store.InquiryEnded, "未达成"}}

func inquiryTabs(current store.InquiryTab, n store.InquiryCounts) view.Tabs {
	tabs := view.Tabs{Label: "对接的分类"}
	for _, t := range inquiryTabNames {
		tabs.Items = append(tabs.Items, view.Tab{Label: t.name, Href: "/inquiries?tab=" + string(t.tab), Count: view.Num(n.Of(t.tab)), Current: t.tab == current})
	}
	return tabs
}

func inquiryEmpty(tab store.InquiryTab) view.Empty {
	browse := []view.Action{{Label: "看匹配推荐", Href: "/work/matches"}, {Label: "查找需求和成果", Href: "/search"}}
	switch tab {
	case store.InquiryTodo:
		return view.Empty{Title: "没有要您答复的对接", Text: "收到的对接和轮到您答复的都在这里。也可以主动向对方发起。", Actions: browse}
	case store.InquiryWaiting:
		return view.Empty{Title: "没有在等对方的对接", Text: "发起对接或答复以后，轮到对方的都在这里。", Actions: browse}
	case store.InquiryAgreed:
		return view.Empty{Title: "还没有达成的对接", Text: "双方同意全部六项条件并确认达成后，记录在这里。"}
	}
	return view.Empty{Title: "没有未达成的对接", Text: "答复“不合适”、主动结束和逾期关闭的都在这里。"}
}

func (s *Server) inquiryTable(a market.Actor, found []store.Inquiry) view.Table {
	table := view.Table{Label: "对接", Caption: "本单位发出和收到的对接", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "对接"}, {Label: "对方"}, {Label: "状态"}, {Label: "已同意条件", Num: true}, {Label: "答复时限"}, {Label: "最近往来"}}}
	for _, i := range found {
		side := s.inquirySide(a, i)
		direction := "收到"
		if side.from {
			direction = "发出"
		}
		row := view.TableRow{Cells: []view.Cell{
			{Text: i.Title, Href: inquiryPath(i.ID), Sub: i.Number + "　" + kindName(i.ListingKind)},
			{Text: side.other, Sub: direction},
			{State: new(inquiryState(i, side))},
			{Text: fmt.Sprintf("%d／%d", i.Agreed, len(market.TermNames))},
			{Text: "—"},
			{Text: view.Ago(s.Now(), i.LastAt)},
		}}
		if i.DueOn != nil {
			due := s.answerDue(*i.DueOn)
			row.Cells[4] = view.Cell{Due: &due}
			row.Bad = side.mine && due.Level == view.DueLate
			row.Warn = side.mine && due.Level == view.DueSoon
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// inquirySide is how an inquiry looks from where the reader stands.
type inquirySide struct {
	party bool   // else the reader is staff
	from  bool   // the reader's organisation opened it
	mine  bool   // it is the reader's turn
	other string // the other party's name; for staff that of both
	org   int64

	halted      bool // the reader's own organisation is suspended
	otherHalted bool // the other party is; for staff: either
}

func (s *Server) inquirySide(a market.Actor, i store.Inquiry) inquirySide {
	to := s.receiverName(i)
	side := inquirySide{party: i.Party(a.OrgID), from: a.OrgID != 0 && a.OrgID == i.FromOrg, org: a.OrgID, other: i.FromName}
	switch {
	case side.from:
		side.other = to
	case !side.party:
		side.other = i.FromName + "与" + to
	}
	side.mine = side.party && i.TurnOrg != nil && *i.TurnOrg == a.OrgID
	switch {
	case !side.party:
		side.otherHalted = i.FromHalted || i.ToHalted
	case side.from:
		side.halted, side.otherHalted = i.FromHalted, i.ToHalted
	default:
		side.halted, side.otherHalted = i.ToHalted, i.FromHalted
	}
	return side
}

// receiverName is the name of who received the inquiry, or what stands for it while it is hidden.
func (s *Server) receiverName(i store.Inquiry) string {
	if i.ToHidden {
		return s.hiddenName(i.Submarket, i.ToType)
	}
	return i.ToName
}

func inquiryState(i store.Inquiry, side inquirySide) view.State {
	state := view.State{Text: i.State.Name(), Shape: view.ShapeRun}
	switch {
	case i.State == market.InquiryAgreed:
		state.Shape = view.ShapeDone
	case !i.State.Running():
		state.Shape, state.Note = view.ShapeStop, i.DeclineReason
	case side.mine:
		state.Shape = view.ShapeTodo
	case i.State == market.InquiryOpen:
		state.Shape = view.ShapeWait
	}
	return state
}

// answerDue is the response clock of an answer due on that day.
func (s *Server) answerDue(day time.Time) view.Due {
	today := market.DateOf(s.Now())
	left, total := s.ref.Calendar.WorkdaysBetween(today, day), s.ref.AnswerDays(today)
	due := view.Due{Total: total, Used: max(total-left, 0), Level: view.DueLevelFor(left), Note: view.MonthDay(day) + " 止"}
	switch {
	case left < 0:
		due.Text = fmt.Sprintf("逾期 %d 个工作日", -left)
	case market.DateOf(day).Before(today):
		due.Text, due.Level = "已到期", view.DueLate
	case left == 0:
		due.Text = "今天截止"
	default:
		due.Text = fmt.Sprintf("还剩 %d 个工作日", left)
	}
	return due
}

// dueDay is 11-27（周五）24:00 止: the whole day counts.
func dueDay(day time.Time) string {
	date := market.DateOf(day)
	return view.MonthDay(date) + "（周" + string([]rune("日一二三四五六")[date.Weekday()]) + "）24:00 止"
}

func inquiryPath(id int64) string { return fmt.Sprintf("/inquiries/%d", id) }

// inquiryForm is the page on which an inquiry is opened.
type inquiryForm struct {
	view.Work
	Heading string
	Need    *view.NeedCard
	Result  *view.ResultCard
	Match   *view.Match // of the two listings
	Closed  *view.Alert // why no inquiry can be opened now
	Listing int64
	With    *view.Field
	Body    view.Field
	Key     string
	Then    []string
}

func (inquiryForm) Template() string { return "page/inquiry/new" }

// maxOffers is how many own listings the form offers, those that fit best first.
const maxOffers = 50

// opening is what the form of a new inquiry holds.
type opening struct {
	listing, with int64
	body, key     string
}

func (s *Server) inquiryNew(c echo.Context, a market.Actor) error {
	return s.showInquiryForm(c, a, opening{listing: idValue(c.QueryParam("listing")), with: idValue(c.QueryParam("with")), key: formKey()}, nil)
}

func (s *Server) inquiryCreate(c echo.Context, a market.Actor) error {
	o := opening{listing: idValue(c.FormValue("listing")), with: idValue(c.FormValue("with")), body: c.FormValue("body"), key: c.FormValue("key")}
	id, err := s.Service.OpenInquiry(c.Request().Context(), a, o.listing, o.with, o.body, o.key)
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showInquiryForm(c, a, o, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, inquiryPath(id), "对接已发出。"+dueSentence(s.ref.AnswerBy(s.Now()))+"对方答复后您会收到消息")
}

func dueSentence(day time.Time) string {
	return "对方应在 " + view.DateCN(day) + " 24:00 前答复，"
}

// idValue reads an id that a form or an address names; what is not one is 0, which names nothing.
func idValue(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return max(id, 0)
}

func (s *Server) showInquiryForm(c echo.Context, a market.Actor, o opening, failed error) error {
	ctx := c.Request().Context()
	cards, err := s.Store.ListingCards(ctx, a, []int64{o.listing})
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return market.ErrNotFound
	}
	about := cards[0]
	page := inquiryForm{Listing: about.ID, Key: o.key, Heading: "向" + s.cardParty(about).Name + "发起对接"}
	if page.Work, err = s.work(c, a, "发起对接"); err != nil {
		return err
	}
	s.showAbout(&page, about)
	if page.Closed, err = s.inquiryClosed(ctx, a, about, failed); err != nil {
		return err
	}
	if page.Closed != nil {
		return s.renderStatus(c, pageStatus(failed), page)
	}
	page.Errors = errorSummary(failed)
	if err := s.fillInquiryForm(ctx, a, &page, about, o, errorsOf(failed)); err != nil {
		return err
	}
	return s.renderStatus(c, pageStatus(failed), page)
}

// pageStatus is the status of a page that comes back with err, 200 without one.
func pageStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return statusOf(err)
}

func (s *Server) showAbout(page *inquiryForm, about store.ListingCard) {
	if about.Kind == market.KindNeed {
		page.Need = new(s.needCard(about, ""))
	} else {
		page.Result = new(s.resultCard(about, ""))
	}
}

// inquiryClosed says why the actor cannot open an inquiry about the listing, nil when it can.
func (s *Server) inquiryClosed(ctx context.Context, a market.Actor, about store.ListingCard, failed error) (*view.Alert, error) {
	noun := kindName(about.Kind)
	running, err := s.Store.RunningInquiry(ctx, a, about.ID)
	switch {
	case about.OrgID == a.OrgID:
		return &view.Alert{Kind: view.AlertWarn, Text: "这是本单位的" + noun + "，不能向自己发起对接"}, nil
	case err == nil:
		return &view.Alert{Kind: view.AlertWarn, Text: "就这项" + noun + "，您与对方的对接正在进行，请在那里继续",
			Link: &view.Link{Label: "打开正在进行的对接", Href: inquiryPath(running)}}, nil
	case !market.IsKind(err, market.NotFound):
		return nil, err
	case about.State != market.Published:
		return &view.Alert{Kind: view.AlertWarn, Text: "这项" + noun + "现在是“" + about.State.Name(about.Kind) + "”，不接受新的对接"}, nil
	case market.IsKind(failed, market.Conflict):
		return &view.Alert{Kind: view.AlertWarn, Text: userMessage(failed), Urgent: true}, nil
	}
	return nil, nil
}

func (s *Server) fillInquiryForm(ctx context.Context, a market.Actor, page *inquiryForm, about store.ListingCard, o opening, at fieldErrors) error {
	offers, err := s.Store.Offers(ctx, a, about.Kind.Other(), about.ID, maxOffers)
	if err != nil {
		return err
	}
	page.With = offerField(about.Kind.Other(), offers, o.with, at["with"])
	if page.Match, err = s.pairMatch(ctx, a, about, offers, o.with); err != nil {
		return err
	}
	page.Body = view.Field{Kind: view.KindArea, Name: "body", Label: "给对方的话", Lines: 7, Max: market.MaxMessage, Value: o.body, Error: at["body"],
		Hint: "写清能做到的指标、在多大规模上做到过，以及想了解什么。不要写手机号、银行账号。"}
	if about.Kind == market.KindResult {
		page.Body.Hint = "写清用在哪里、现在做到多少、要达到多少，以及想了解什么。不要写手机号、银行账号。"
	}
	page.Then = s.inquiryThen(a, offers)
	return nil
}

// inquiryThen says what follows once the inquiry is sent.
func (s *Server) inquiryThen(a market.Actor, offers []store.Offer) []string {
	today := market.DateOf(s.Now())
	seen := "对方会看到“" + a.OrgName + "”和您写的话"
	if slices.ContainsFunc(offers, func(o store.Offer) bool { return o.HideOrg }) {
		seen += "；附上没有公开单位名称的内容，也会显示单位名称"
	}
	return []string{
		fmt.Sprintf("对方有 %d 个工作日答复，今天发则 %s。", s.ref.AnswerDays(today), dueDay(s.ref.AnswerBy(today))),
		seen + "。",
		"对方答复“感兴趣”或“需补充”后，双方才看到联系人和电话。",
	}
}

// offerField chooses among own listings; nil when there are none.
func offerField(kind market.Kind, offers []store.Offer, chosen int64, message string) *view.Field {
	if len(offers) == 0 {
		return nil
	}
	field := &view.Field{Kind: view.KindSelect, Name: "with", Label: "附上本单位的" + kindName(kind), Optional: true, Error: message,
		Hint: "附上后对方能直接对照；达成时写进成交记录", Options: []view.Option{{Value: "", Label: "不附"}}}
	if len(offers) == maxOffers {
		field.Hint += fmt.Sprintf("。只列出最相关的 %d 项", maxOffers)
	}
	for _, o := range offers {
		label := o.Title
		if o.Strength != "" {
			label += "（" + strength(o.Strength).Label() + "）"
		}
		field.Options = append(field.Options, view.Option{Value: strconv.FormatInt(o.ID, 10), Label: label})
		if o.ID == chosen {
			field.Value = strconv.FormatInt(o.ID, 10)
		}
	}
	return field
}

// pairMatch shows why the own listing chosen fits, nil when none is chosen or no match was found.
func (s *Server) pairMatch(ctx context.Context, a market.Actor, about store.ListingCard, offers []store.Offer, chosen int64) (*view.Match, error) {
	for _, o := range offers {
		if o.ID != chosen || o.Strength == "" {
			continue
		}
		need, result := about.ID, o.ID
		if about.Kind == market.KindResult {
			need, result = o.ID, about.ID
		}
		m, err := s.Store.PairMatch(ctx, a, need, result)
		if err != nil {
			return nil, err
		}
		out := view.Match{ID: "pair", Strength: strength(m.Strength), Title: o.Title, Href: listingPath(about.Kind.Other(), o.ID),
			Meta: "本单位的" + kindName(about.Kind.Other()) + "　" + o.Number, Terms: m.Terms}
		for _, r := range m.Reasons {
			if r.OK {
				out.OK = append(out.OK, r.Text)
			} else {
				out.No = append(out.No, r.Text)
			}
		}
		return &out, nil
	}
	return nil, nil
}
