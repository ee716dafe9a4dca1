package server

import (
	"context"
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
	"techmarket/internal/store"
)

// workPages are the pages of the workbench that belong to no single noun.
var workPages = []view.Page{workIndex{}, workListings{}, noticeIndex{}}

// workIndex is the first page of the workbench.
type workIndex struct {
	view.Work
	Sub     []string
	Actions []view.Action
	Notes   []view.Alert
	Start   []startStep // for who has no organisation yet
	Staff   *staffDesk
	OrgDesk *orgDesk
}

func (workIndex) Template() string { return "page/work/index" }

// staffDesk is what a member of the bureau's staff sees: what waits for their duties, and where it is done.
type staffDesk struct {
	Queues  []view.Figure
	Actions []view.Action
}

// startStep is one step to a first publication.
type startStep struct {
	Title string
	Text  string
	Act   *view.Action
}

// orgDesk is what an organisation's people see: what they have to do first, then how their listings fare.
type orgDesk struct {
	Tasks      []task
	TaskTotal  int
	Tables     []workTable
	Matches    []ownMatch
	MatchNote  string
	MatchesOff bool // the person wants none
	Effect     []effectRow
	Public     int
	Waiting    []waiting
	Drafts     []draftLink
	Agents     *agentPanel // nil for an agency that acts for the organisation
}

// task is one thing that waits for the reader.
type task struct {
	Title string
	Href  string
	Note  string
	Due   *view.Due
	When  string
	Act   view.Action
	at    time.Time // tasks are done in this order
}

// waiting is an inquiry that the other party has to answer.
type waiting struct {
	Name string
	Href string
	Due  view.Due
}

// draftLink is a draft to go on with.
type draftLink struct {
	Title string
	Href  string
	Note  string
}

// effectRow is one step from being seen to being signed.
type effectRow struct {
	Label string
	N     int
	Bar   view.Bar
}

// Limits of the lists on the first page; each leads to the whole.
const (
	tasksShown   = 20
	listsShown   = 6
	matchesFirst = 3
)

// confirmDays is how many days before its end a listing's validity becomes a task.
const confirmDays = 30

func (s *Server) workHome(c echo.Context, a market.Actor) error {
	work, err := s.work(c, a, "工作台")
	if err != nil {
		return err
	}
	page := workIndex{Work: work, Sub: []string{"今天 " + view.DateCN(s.Now()) + "，星期" + weekday(s.Now())}}
	ctx := c.Request().Context()
	if a.Staff() {
		queues, err := s.queueFigures(ctx, a)
		if err != nil {
			return err
		}
		page.Staff = &staffDesk{Queues: queues, Actions: staffActions(a)}
	}
	switch {
	case a.OrgID != 0:
		if page.OrgDesk, err = s.orgDesk(c, a, &page); err != nil {
			return err
		}
	case !a.Staff():
		page.Start = startSteps()
	}
	return s.render(c, page)
}

func weekday(t time.Time) string {
	return string([]rune("日一二三四五六")[t.In(market.Shanghai).Weekday()])
}

func startSteps() []startStep {
	return []startStep{
		{Title: "登记单位", Text: "填单位全称和统一社会信用代码，约 2 分钟。单位已经在市场里的，请联系单位管理员把您加为成员。",
			Act: &view.Action{Label: "登记单位", Href: "/org/new", Style: view.StylePrimary}},
		{Title: "等待核验", Text: "主管部门核对证照，一般 3 个工作日内完成。这期间可以先写草稿。"},
		{Title: "发布需求或成果", Text: "审核通过后公开，系统会找出合适的对方并写明理由，双方就可以对接。"},
	}
}

// staffActions leads to the desks of the actor's duties.
func staffActions(a market.Actor) []view.Action {
	var out []view.Action
	if a.Has(market.Reviewer) {
		out = append(out, view.Action{Label: "审核队列", Href: "/review", Icon: "inbox"})
	}
	if a.Has(market.Registrar) {
		out = append(out, view.Action{Label: "合同登记", Href: "/registry", Icon: "stamp"})
	}
	if a.Has(market.Statistician) || a.Has(market.Auditor) || a.Has(market.Registrar) {
		out = append(out, view.Action{Label: "成交额", Href: "/bureau/turnover", Icon: "chart"})
	}
	if a.Has(market.Auditor) {
		out = append(out, view.Action{Label: "审计日志", Href: "/audit", Icon: "shield"})
	}
	if a.Has(market.Admin) {
		out = append(out, view.Action{Label: "账号", Href: "/admin/users", Icon: "users"}, view.Action{Label: "设置", Href: "/admin/settings", Icon: "gear"})
	}
	return out
}

// queueFigures says what waits for the duties of a member of staff, each with a link to where it is done.
func (s *Server) queueFigures(ctx context.Context, a market.Actor) ([]view.Figure, error) {
	q, err := s.Store.Queues(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []view.Figure
	if a.Has(market.Reviewer) {
		note := "没有积压"
		if q.OldestReview != nil {
			note = "其中最早的 " + view.Ago(s.Now(), *q.OldestReview) + " 提交"
		}
		out = append(out, view.Figure{Label: "待审核", Num: view.Num(q.Needs + q.Results + q.Edits + q.Challenges + q.Orgs + q.Changes), Unit: "件", Href: "/review", Note: note},
			view.Figure{Label: "需求", Num: view.Num(q.Needs), Unit: "件", Href: "/review?type=need"},
			view.Figure{Label: "成果", Num: view.Num(q.Results), Unit: "件", Href: "/review?type=result"},
			view.Figure{Label: "内容修改", Num: view.Num(q.Edits), Unit: "件", Href: "/review?type=revision"},
			view.Figure{Label: "榜单", Num: view.Num(q.Challenges), Unit: "件", Href: "/review?type=challenge"},
			view.Figure{Label: "单位与变更", Num: view.Num(q.Orgs + q.Changes), Unit: "件", Href: "/review"})
	}
	if a.Has(market.Registrar) {
		note := "没有办理中的合同"
		if q.NextDue != nil {
			note = "最近的期限 " + view.Date(*q.NextDue)
		}
		out = append(out, view.Figure{Label: "待受理合同", Num: view.Num(q.Submitted), Unit: "件", Href: "/registry", Note: note},
			view.Figure{Label: "待初审", Num: view.Num(q.Accepted), Unit: "件", Href: "/registry"},
			view.Figure{Label: "待复审", Num: view.Num(q.SecondReview), Unit: "件", Href: "/registry"},
			view.Figure{Label: "待登记", Num: view.Num(q.ToRegister), Unit: "件", Href: "/registry"})
	}
	return out, nil
}

// orgDesk gathers the page of an organisation and heads it with what there is to do.
func (s *Server) orgDesk(c echo.Context, a market.Actor, page *workIndex) (*orgDesk, error) {
	ctx, desk := c.Request().Context(), &orgDesk{}
	var err error
	if desk.Tasks, err = s.tasks(ctx, a); err != nil {
		return nil, err
	}
	if err := s.addWaiting(ctx, a, desk); err != nil {
		return nil, err
	}
	if err := s.addTables(ctx, a, desk); err != nil {
		return nil, err
	}
	if err := s.addNewMatches(ctx, a, desk); err != nil {
		return nil, err
	}
	if err := s.addEffect(ctx, a, desk); err != nil {
		return nil, err
	}
	if !a.ByMandate() {
		if desk.Agents, err = s.agentPanel(c, a); err != nil {
			return nil, err
		}
	}
	page.Sub = append(page.Sub, taskSentence(desk.Tasks))
	if a.May(market.ScopePost) {
		page.Actions = publishActions(a)
	}
	page.Notes = orgNotes(a)
	return desk, nil
}

// publishActions puts first what organisations of that type publish most.
func publishActions(a market.Actor) []view.Action {
	need := view.Action{Label: "发布技术需求", Href: "/needs/new", Icon: "plus"}
	result := view.Action{Label: "发布科技成果", Href: "/results/new", Icon: "plus"}
	if a.OrgType == market.Enterprise {
		need.Style, result.Icon = view.StylePrimary, ""
		return []view.Action{result, need}
	}
	result.Style, need.Icon = view.StylePrimary, ""
	return []view.Action{need, result}
}

func taskSentence(tasks []task) string {
	if len(tasks) == 0 {
		return "现在没有要您办的事"
	}
	text := fmt.Sprintf("您有 %d 件事要办", len(tasks))
	if tasks[0].Due != nil {
		text += "，最近一件" + tasks[0].Due.Text
	}
	return text
}

// orgNotes says what an organisation that is not verified can and can't do.
func orgNotes(a market.Actor) []view.Alert {
	link := &view.Link{Label: "看单位资料", Href: "/org"}
	switch a.OrgState {
	case market.OrgUnverified, market.OrgPending:
		return []view.Alert{{Text: "本单位正在等待核验，一般 3 个工作日内完成。现在可以写草稿，核验通过后再提交。", Link: link}}
	case market.OrgRejected:
		return []view.Alert{{Kind: view.AlertBad, Text: "本单位的核验被退回，请按原因修改后再提交。", Link: link}}
	case market.OrgSuspended:
		return []view.Alert{{Kind: view.AlertBad, Text: "本单位已被暂停，不能发布和对接。", Link: link}}
	}
	return nil
}

// tasks lists what waits for the organisation, the next due first.
func (s *Server) tasks(ctx context.Context, a market.Actor) ([]task, error) {
	var out []task
	turns, _, err := s.Store.Turns(ctx, a, true, tasksShown)
	if err != nil {
		return nil, err
	}
	for _, t := range turns {
		due := s.answerDue(t.DueOn)
		out = append(out, task{Title: "答复对接：" + s.turnName(t), Href: fmt.Sprintf("/inquiries/%d", t.ID), at: t.DueOn, Due: &due,
			Note: fmt.Sprintf("%s“%s”，%s", kindName(t.ListingKind), t.ListingTitle, t.Number),
			Act:  view.Action{Label: "去答复", Href: fmt.Sprintf("/inquiries/%d", t.ID), Small: true}})
	}
	for _, kind := range postedKinds(a) {
		more, err := s.listingTasks(ctx, a, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	asked, _, err := s.Store.Disclosures(ctx, a, store.DisclosuresReceived, store.PageSlice(1, tasksShown))
	if err != nil {
		return nil, err
	}
	for _, d := range asked {
		if d.State == market.DisclosureRequested {
			out = append(out, task{Title: "答复查看申请：" + d.OrgName, Href: disclosurePath(d.ID), Note: kindName(d.ListingKind) + "“" + d.ListingTitle + "”",
				When: view.Ago(s.Now(), d.RequestedAt) + "申请", Act: view.Action{Label: "去答复", Href: disclosurePath(d.ID), Small: true}})
		}
	}
	challenges, err := s.challengeTasks(ctx, a)
	if err != nil {
		return nil, err
	}
	out = append(out, challenges...)
	contracts, err := s.Store.ContractTasks(ctx, a, tasksShown)
	if err != nil {
		return nil, err
	}
	for _, t := range contracts {
		out = append(out, s.contractTask(t))
	}
	sortTasks(out)
	return out[:min(len(out), tasksShown)], nil
}

// postedKinds are the kinds of listings that the actor sees to: none for an agency that does not post.
func postedKinds(a market.Actor) []market.Kind {
	if a.OrgFor(market.ScopePost) == 0 {
		return nil
	}
	return []market.Kind{market.KindNeed, market.KindResult}
}

// sortTasks puts what has a date first, by date; the rest keeps its order.
func sortTasks(tasks []task) {
	const never = "9999-12-31"
	key := func(t task) string {
		if t.at.IsZero() {
			return never
		}
		return view.Date(t.at)
	}
	slices.SortStableFunc(tasks, func(x, y task) int { return strings.Compare(key(x), key(y)) })
}

// listingTasks are the listings that were returned, and those whose validity is about to end.
func (s *Server) listingTasks(ctx context.Context, a market.Actor, kind market.Kind) ([]task, error) {
	var out []task
	page := store.PageSlice(1, tasksShown)
	returned, _, err := s.Store.OwnListings(ctx, a, kind, market.Returned, page)
	if err != nil {
		return nil, err
	}
	for _, l := range returned {
		href := listingPath(kind, l.ID)
		out = append(out, task{Title: "修改被退回的" + kindName(kind) + "：" + l.Title, Href: href, Note: "审核意见：" + l.ReturnNote, When: "改好后再提交",
			Act: view.Action{Label: "去修改", Href: href + "/edit", Small: true}})
	}
	ending, _, err := s.Store.ListingsToConfirm(ctx, a, kind, s.confirmBefore(), page)
	if err != nil {
		return nil, err
	}
	for _, l := range ending {
		out = append(out, task{Title: "确认" + kindName(kind) + "仍有效：" + l.Title, Href: listingPath(kind, l.ID), at: *l.ValidUntil,
			Note: "到期未确认会停止公开", When: view.MonthDay(*l.ValidUntil) + " 前", Act: confirmAction(a, l, "/work")})
	}
	return out, nil
}

// confirmBefore is the day before which a validity must end to be a task now.
func (s *Server) confirmBefore() time.Time { return market.DateOf(s.Now()).AddDate(0, 0, confirmDays) }

func confirmAction(a market.Actor, l store.OwnListing, back string) view.Action {
	return whenVerified(a, view.Action{ID: fmt.Sprintf("confirm-%d", l.ID), Label: "仍有效", Href: listingPath(l.Kind, l.ID) + "/confirm", Post: true, Small: true,
		Fields: []view.Hidden{{Name: "back", Value: back}}})
}

func (s *Server) contractTask(t store.ContractTask) task {
	href := fmt.Sprintf("/contracts/%d", t.ID)
	if t.State == "supplement" {
		return task{Title: "补正合同：" + t.Title, Href: href, Note: "登记机构意见：" + t.Reason, When: "补正后继续办理", Act: view.Action{Label: "去补正", Href: href, Small: true}}
	}
	return task{Title: "完成合同草稿：" + t.Title, Href: href, Note: t.Number + "，" + view.Ago(s.Now(), t.UpdatedAt) + "改过", When: "填好后提交登记",
		Act: view.Action{Label: "继续起草", Href: href, Small: true}}
}

// turnName is the other party, which may not show its name yet.
func (s *Server) turnName(t store.Turn) string {
	if t.OtherName == "" {
		return s.hiddenName(t.Submarket, t.OtherType)
	}
	return t.OtherName
}

// addWaiting lists what the other parties have to answer, and the drafts to go on with.
func (s *Server) addWaiting(ctx context.Context, a market.Actor, desk *orgDesk) error {
	turns, _, err := s.Store.Turns(ctx, a, false, listsShown)
	if err != nil {
		return err
	}
	for _, t := range turns {
		due := s.answerDue(t.DueOn)
		due.Total, due.Note = 0, ""
		desk.Waiting = append(desk.Waiting, waiting{Name: s.turnName(t), Href: fmt.Sprintf("/inquiries/%d", t.ID), Due: due})
	}
	for _, kind := range postedKinds(a) {
		drafts, _, err := s.Store.OwnListings(ctx, a, kind, market.Draft, store.PageSlice(1, listsShown))
		if err != nil {
			return err
		}
		for _, d := range drafts {
			desk.Drafts = append(desk.Drafts, draftLink{Title: d.Title, Href: listingPath(kind, d.ID),
				Note: fullKindName(kind) + "，" + view.Ago(s.Now(), d.UpdatedAt) + "改过"})
		}
	}
	return nil
}

// addTables lists the organisation's own needs and results; a kind it has none of is left out.
func (s *Server) addTables(ctx context.Context, a market.Actor, desk *orgDesk) error {
	kinds := []market.Kind{market.KindNeed, market.KindResult}
	if a.OrgType != market.Enterprise {
		kinds = []market.Kind{market.KindResult, market.KindNeed}
	}
	for _, kind := range kinds {
		own, total, err := s.Store.OwnListings(ctx, a, kind, "", store.PageSlice(1, listsShown))
		if err != nil {
			return err
		}
		if total == 0 && (kind != kinds[0] || len(desk.Tables) > 0) {
			continue
		}
		desk.Tables = append(desk.Tables, s.ownTable(a, kind, own, total, "/work"))
	}
	return nil
}

func (s *Server) addNewMatches(ctx context.Context, a market.Actor, desk *orgDesk) error {
	found, total, err := s.Store.OrgMatches(ctx, a, store.MatchFilter{}, store.PageSlice(1, matchesFirst))
	if err != nil {
		return err
	}
	desk.MatchesOff = a.NoRecommend
	desk.MatchNote = fmt.Sprintf("共 %d 项，按匹配程度排列", total)
	desk.Matches, err = s.ownMatches(ctx, a, found, "/work")
	return err
}

// addEffect measures every step against the views, the first of them.
func (s *Server) addEffect(ctx context.Context, a market.Actor, desk *orgDesk) error {
	e, err := s.Store.Effect(ctx, a)
	if err != nil {
		return err
	}
	desk.Public = e.Listings
	longest := decimal.NewFromInt(int64(max(e.Views, e.Inquiries, e.Deals, 1)))
	for _, row := range []effectRow{{Label: "浏览", N: e.Views}, {Label: "收到对接", N: e.Inquiries}, {Label: "正在洽谈", N: e.Talking},
		{Label: "达成", N: e.Deals}, {Label: "已登记合同", N: e.Contracts}} {
		row.Bar.Ratio = decimal.NewFromInt(int64(row.N)).Div(longest)
		desk.Effect = append(desk.Effect, row)
	}
	return nil
}

// workTable is a list of own needs or results.
type workTable struct {
	Kind  market.Kind
	Title string
	Noun  string // of the column: 需求 or 成果
	Other string // what they are matched with
	Brief bool   // for the first page: fewer columns, more in the second line
	More  view.Link
	Rows  []workRow
}

// workRow is one own listing.
type workRow struct {
	Title  string
	Href   string
	Sub    string
	State  view.State
	Public bool // it has been on the shelf: its counts mean something
	Stage  *view.Stage
	IP     string
	Price  view.MoneyText
	Due    string
	Own    store.OwnListing
	Acts   []view.Action
}

func (s *Server) ownTable(a market.Actor, kind market.Kind, own []store.OwnListing, total int, back string) workTable {
	t := workTable{Brief: back == "/work", Kind: kind, Title: "我的" + kindName(kind), Noun: kindName(kind), Other: kindName(kind.Other()),
		More: view.Link{Label: fmt.Sprintf("全部 %d 项", total), Href: "/work/" + string(kind) + "s"}}
	for _, l := range own {
		row := s.workRow(a, l, back)
		if t.Brief {
			row.Sub = briefSub(s.fieldNames(l.Fields), l, row.Price)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// briefSub is the second line of a listing on the first page: 碳酸钙先进材料　预算 120～180 万元　2027-06-30 截止.
func briefSub(parts []string, l store.OwnListing, price view.MoneyText) string {
	if l.Kind == market.KindResult {
		return strings.Join(append(parts, priceMode(l.PriceMethod).Text+" "+price.String()), "　")
	}
	parts = append(parts, "预算 "+price.String())
	if l.Deadline != nil {
		parts = append(parts, view.Date(*l.Deadline)+" 截止")
	}
	return strings.Join(parts, "　")
}

func (s *Server) workRow(a market.Actor, l store.OwnListing, back string) workRow {
	href := listingPath(l.Kind, l.ID)
	row := workRow{Title: l.Title, Href: href, Own: l, State: s.ownState(l), Public: l.PublishedAt != nil,
		Price: priceText(market.Price{Kind: l.PriceKind, Min: l.PriceMin, Max: l.PriceMax}), IP: dash(ipText(l.PatentCount, l.OtherIPCount)), Due: "—"}
	row.Sub = strings.Join(append([]string{l.Number}, s.fieldNames(l.Fields)...), "　")
	if l.Deadline != nil {
		row.Due = view.Date(*l.Deadline)
	}
	if l.Kind == market.KindResult && l.Stage != "" {
		stage := stageOf(l.Stage, l.TRLMin, l.TRLMax)
		row.Stage = &stage
	}
	if a.May(market.ScopePost) {
		row.Acts = s.rowActs(a, l, back)
	}
	return row
}

// rowActs is the one thing to do with a listing now.
func (s *Server) rowActs(a market.Actor, l store.OwnListing, back string) []view.Action {
	href := listingPath(l.Kind, l.ID)
	switch {
	case s.needsConfirmation(l):
		return []view.Action{confirmAction(a, l, back)}
	case l.State == market.Draft:
		return []view.Action{{Label: "继续填写", Href: href + "/edit", Small: true}}
	case l.State.Editable():
		return []view.Action{{Label: "修改", Href: href + "/edit", Small: true}}
	}
	return nil
}

func (s *Server) needsConfirmation(l store.OwnListing) bool {
	return l.State == market.Published && l.ValidUntil != nil && market.DateOf(*l.ValidUntil).Before(s.confirmBefore())
}

// ownState words a listing's state for its owner.
func (s *Server) ownState(l store.OwnListing) view.State {
	if s.needsConfirmation(l) {
		return view.State{Shape: view.ShapeTodo, Text: "需确认有效", Note: view.MonthDay(*l.ValidUntil) + " 到期"}
	}
	st := view.State{Text: l.State.Name(l.Kind)}
	switch l.State {
	case market.Draft:
		st.Shape = view.ShapeTodo
	case market.Returned:
		st.Shape, st.Note = view.ShapeStop, market.Truncate(l.ReturnNote, 20)
	case market.Published, market.Matched:
		st.Shape = view.ShapeDone
	case market.InReview:
		st.Note = "一般 " + s.reviewTime(l.Kind)
	case market.Expired, market.Closed, market.Withdrawn:
		st.Shape = view.ShapeStop
	}
	return st
}

// workListings is the whole list of the organisation's own needs or results.
type workListings struct {
	view.Work
	Heading string
	Sub     []string
	Actions []view.Action
	Warn    *view.Alert
	Tabs    view.Tabs
	Table   workTable
	Pager   view.Pager
	Empty   view.Empty
}

func (workListings) Template() string { return "page/work/listings" }

// confirmTab is the tab of what must be confirmed soon; the other tabs are states.
const confirmTab = "confirm"

// listingTabs is the order of the tabs.
var listingTabs = []market.ListingState{market.Published, market.InReview, market.Returned, market.Draft, market.Matched, market.Expired, market.Withdrawn, market.Closed}

func (s *Server) workNeeds(c echo.Context, a market.Actor) error {
	return s.workListings(c, a, market.KindNeed)
}

func (s *Server) workResults(c echo.Context, a market.Actor) error {
	return s.workListings(c, a, market.KindResult)
}

func (s *Server) workListings(c echo.Context, a market.Actor, kind market.Kind) error {
	ctx := c.Request().Context()
	work, err := s.work(c, a, fullKindName(kind))
	if err != nil {
		return err
	}
	counts, err := s.Store.OwnCounts(ctx, a, kind)
	if err != nil {
		return err
	}
	tab, number := listingTab(c), pageNumber(c)
	_, ending, err := s.Store.ListingsToConfirm(ctx, a, kind, s.confirmBefore(), store.PageSlice(1, 1))
	if err != nil {
		return err
	}
	own, total, err := s.ownPage(ctx, a, kind, tab, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	base := "/work/" + string(kind) + "s"
	page := workListings{Work: work, Heading: fullKindName(kind), Table: s.ownTable(a, kind, own, total, work.Path),
		Tabs: s.stateTabs(kind, tab, counts, ending), Empty: emptyListings(a, kind, tab),
		Pager: view.NewPager(number, workPage, total, "项", func(n int) string { return tabPath(base, tab, n) })}
	all := 0
	for _, n := range counts {
		all += n
	}
	page.Sub = []string{fmt.Sprintf("%d 项，%s %d 项", all, market.Published.Name(kind), counts[market.Published])}
	if ending > 0 && tab != confirmTab {
		page.Warn = &view.Alert{Kind: view.AlertWarn, Text: fmt.Sprintf("%d 项%s的有效期将在 %d 天内结束，到期未确认会停止公开。", ending, kindName(kind), confirmDays),
			Link: &view.Link{Label: "逐项查看并确认", Href: tabPath(base, confirmTab, 1)}}
	}
	if a.May(market.ScopePost) {
		page.Actions = []view.Action{{Label: "导出", Href: base + ".xlsx", Icon: "down"}, {Label: "批量导入", Href: "/imports", Icon: "up"}, {Label: "发布" + fullKindName(kind), Href: "/" + string(kind) + "s/new", Style: view.StylePrimary, Icon: "plus"}}
	}
	return s.render(c, page)
}

// listingTab reads the tab; what is none is all.
func listingTab(c echo.Context) string {
	tab := c.QueryParam("state")
	if tab == confirmTab || slices.Contains(listingTabs, market.ListingState(tab)) {
		return tab
	}
	return ""
}

func (s *Server) ownPage(ctx context.Context, a market.Actor, kind market.Kind, tab string, page store.Slice) ([]store.OwnListing, int, error) {
	if tab == confirmTab {
		return s.Store.ListingsToConfirm(ctx, a, kind, s.confirmBefore(), page)
	}
	return s.Store.OwnListings(ctx, a, kind, market.ListingState(tab), page)
}

func tabPath(base, tab string, page int) string {
	q := url.Values{}
	if tab != "" {
		q.Set("state", tab)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// stateTabs shows every state that has listings, and the one chosen.
func (s *Server) stateTabs(kind market.Kind, tab string, counts map[market.ListingState]int, ending int) view.Tabs {
	base, all := "/work/"+string(kind)+"s", 0
	for _, n := range counts {
		all += n
	}
	tabs := view.Tabs{Label: "按状态查看", Items: []view.Tab{{Label: "全部", Href: base, Count: view.Num(all), Current: tab == ""}}}
	for i, state := range listingTabs {
		if i == 1 && (ending > 0 || tab == confirmTab) {
			tabs.Items = append(tabs.Items, view.Tab{Label: "需确认", Href: tabPath(base, confirmTab, 1), Count: view.Num(ending), Current: tab == confirmTab})
		}
		if counts[state] > 0 || tab == string(state) {
			tabs.Items = append(tabs.Items, view.Tab{Label: state.Name(kind), Href: tabPath(base, string(state), 1), Count: view.Num(counts[state]), Current: tab == string(state)})
		}
	}
	return tabs
}

func emptyListings(a market.Actor, kind market.Kind, tab string) view.Empty {
	if tab != "" {
		return view.Empty{Title: "这一类里没有" + kindName(kind), Actions: []view.Action{{Label: "看全部", Href: "/work/" + string(kind) + "s"}}}
	}
	e := view.Empty{Title: "还没有" + fullKindName(kind), Text: "写好并通过审核后公开，系统会自动找合适的对方。"}
	if a.May(market.ScopePost) {
		e.Actions = []view.Action{{Label: "发布" + fullKindName(kind), Href: "/" + string(kind) + "s/new"}}
	}
	return e
}

// noticeIndex lists a person's messages.
type noticeIndex struct {
	view.Work
	Unread  int
	Newest  int64
	Notices []noticeRow
	Pager   view.Pager
	Empty   view.Empty
}

// noticeRow is a message. To is for whom the reader must act to open it, "" when they may as they are.
type noticeRow struct {
	store.Notice
	To string
}

func (noticeIndex) Template() string { return "page/notice/index" }

func (s *Server) noticeList(c echo.Context, a market.Actor) error {
	work, err := s.work(c, a, "消息")
	if err != nil {
		return err
	}
	number := pageNumber(c)
	notices, total, err := s.Store.Notices(c.Request().Context(), a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := noticeIndex{Work: work, Empty: view.Empty{Title: "还没有消息", Text: "审核结果、对接答复和办理期限会在这里提醒。"},
		Pager: view.NewPager(number, workPage, total, "条", func(n int) string { return tabPath("/notices", "", n) })}
	for _, n := range notices {
		row := noticeRow{Notice: n}
		if n.OrgID != 0 && n.OrgID != a.OwnOrg() {
			row.To = actingText(market.Acting{OrgID: n.OrgID})
		}
		page.Notices = append(page.Notices, row)
	}
	if work.User != nil {
		page.Unread = work.User.Unread
	}
	if len(notices) > 0 {
		page.Newest = notices[0].ID
	}
	return s.render(c, page)
}

// noticeRead marks what the reader has seen in the list as read; what came in since stays unread.
func (s *Server) noticeRead(c echo.Context, a market.Actor) error {
	upTo, err := strconv.ParseInt(c.FormValue("up_to"), 10, 64)
	if err != nil {
		return market.Errorf(market.Invalid, "没有选中消息，请刷新后再试")
	}
	if err := s.Service.ReadNotices(c.Request().Context(), a, upTo); err != nil {
		return err
	}
	return s.done(c, "/notices", "已标为已读")
}
