package server

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

var reviewPages = []view.Page{reviewIndex{}, reviewShow{}}

// reviewIndex is the queue of all that waits for a reviewer.
type reviewIndex struct {
	view.Work
	Sub       []string
	Next      *view.Action
	Tabs      view.Tabs
	Filters   []view.Field
	Filter    string // the conditions as a query
	Type      string // the tab's
	ClaimDays int    // how many working days a claim holds
	Clear     string // address without county and sub-market, "" when neither is chosen
	Rows      []reviewRow
	Empty     view.Empty
	Pager     view.Pager
	Batches   []reviewBatch // whole imports
}

func (reviewIndex) Template() string { return "page/review/index" }

// reviewRow is a line of the queue.
type reviewRow struct {
	Kind     view.Badge
	Title    string
	Href     string
	Sub      string
	Received time.Time
	Due      view.Due
	Note     string
	Holder   string // who has claimed it, "" for nobody
	Closed   bool   // to this reviewer: others decide on it
	Claim    string // address that claims it, "" when it cannot be claimed
	Demo     bool
}

func (s *Server) reviewIndex(c echo.Context, a market.Actor) error {
	f := s.reviewFilter(c.QueryParams())
	items, totals, err := s.Store.ReviewQueue(c.Request().Context(), a, s.ref, f, s.Service.Today(), store.PageSlice(pageNumber(c), workPage))
	if err != nil {
		return err
	}
	w, err := s.work(c, a, "审核队列")
	if err != nil {
		return err
	}
	page := reviewIndex{Work: w, Sub: queueSummary(totals), Filter: filterQuery(f), Type: queueTab(f), ClaimDays: int(s.ref.Parameter("claim_days", s.Now())), Filters: s.reviewFilters(a, f)}
	for _, subject := range append([]market.Subject{""}, market.Subjects...) {
		label := subject.Name()
		if subject == "" {
			label = "全部"
		}
		tab := f
		tab.Subject, tab.Mine = subject, false
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: label, Href: "/review" + filterQuery(tab), Count: view.Num(totals.Of(subject)), Current: subject == f.Subject && !f.Mine})
	}
	tab := f
	tab.Subject, tab.Mine = "", true
	page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: "我领取的", Href: "/review" + filterQuery(tab), Count: view.Num(totals.Mine), Current: f.Mine})
	page.Tabs.Label = "类型"
	if f.Region != "" || f.Submarket != "" {
		page.Clear = "/review" + filterQuery(store.ReviewFilter{Subject: f.Subject, Mine: f.Mine})
	}
	for _, item := range items {
		page.Rows = append(page.Rows, s.reviewRow(a, item, f))
	}
	for _, row := range page.Rows {
		if !row.Closed {
			page.Next = &view.Action{Label: "办下一件", Href: row.Href, Style: view.StylePrimary}
			break
		}
	}
	if page.Batches, err = s.reviewBatches(c, a); err != nil {
		return err
	}
	page.Empty = view.Empty{Title: "没有待审核的事项", Text: "新提交的单位、需求、成果和榜单会按剩余时间排在这里"}
	if f.Mine {
		page.Empty = view.Empty{Title: "您没有领取的事项", Text: "在队列里点“领取”，这一件就由您办理，别人不会同时审", Actions: []view.Action{{Label: "看全部待办", Href: "/review"}}}
	}
	if page.Clear != "" {
		page.Empty = view.Empty{Title: "这个条件下没有待审核的事项", Actions: []view.Action{{Label: "清除条件", Href: page.Clear}}}
	}
	page.Pager = view.NewPager(pageNumber(c), workPage, totals.Shown(f), "件", func(n int) string {
		return "/review" + addQuery(filterQuery(f), fmt.Sprintf("page=%d", n))
	})
	return s.render(c, page)
}

func queueSummary(t store.ReviewTotals) []string {
	sub := []string{fmt.Sprintf("%d 件待办", t.All)}
	if t.Late > 0 || t.Today > 0 {
		sub = append(sub, fmt.Sprintf("逾期 %d 件，今天到期 %d 件", t.Late, t.Today))
	}
	return sub
}

// reviewFilter reads the conditions of the queue; what is no condition is left out.
func (s *Server) reviewFilter(q url.Values) store.ReviewFilter {
	f := store.ReviewFilter{Subject: market.Subject(q.Get("type")), Region: q.Get("county"), Submarket: q.Get("submarket")}
	f.Mine = f.Subject == mineTab
	if f.Subject.Name() == "" {
		f.Subject = ""
	}
	if s.ref.Regions.Name(f.Region) == "" {
		f.Region = ""
	}
	if s.ref.Submarkets.Name(f.Submarket) == "" {
		f.Submarket = ""
	}
	return f
}

// mineTab is the type of the tab of what the reviewer has claimed.
const mineTab = "mine"

// queueTab is the type that the queue is narrowed to.
func queueTab(f store.ReviewFilter) string {
	if f.Mine {
		return mineTab
	}
	return string(f.Subject)
}

// filterQuery writes the conditions as a query, "" when there are none.
func filterQuery(f store.ReviewFilter) string {
	q := url.Values{}
	for key, value := range map[string]string{"type": queueTab(f), "county": f.Region, "submarket": f.Submarket} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func addQuery(query, pair string) string {
	if query == "" {
		return "?" + pair
	}
	return query + "&" + pair
}

// reviewFilters are the choices over the queue; an officer of one county has no county to choose.
func (s *Server) reviewFilters(a market.Actor, f store.ReviewFilter) []view.Field {
	fields := []view.Field{{Kind: view.KindSelect, Name: "submarket", Label: "专业市场", Value: f.Submarket, Options: openOptions(s.ref.Submarkets, "全部")}}
	if a.County == "" {
		county := view.Field{Kind: view.KindSelect, Name: "county", Label: "县区", Value: f.Region, Options: openOptions(s.ref.Regions.Counties(), "全部")}
		fields = slices.Insert(fields, 0, county)
	}
	return fields
}

func (s *Server) reviewRow(a market.Actor, item store.ReviewItem, f store.ReviewFilter) reviewRow {
	row := reviewRow{Kind: view.Badge{Text: item.Subject.Name()}, Title: item.Title, Href: reviewPath(item.Subject, item.ID) + filterQuery(f),
		Received: item.SubmittedAt, Due: s.reviewDue(item.Subject, item.SubmittedAt), Note: "首次提交", Demo: item.Demo}
	region := s.ref.Regions.Name(item.Region)
	row.Sub = joinFacts(item.OrgName, region, s.ref.Submarkets.Name(item.Submarket), item.Number)
	switch item.Subject {
	case market.SubjectOrg:
		row.Sub = joinFacts(item.OrgType.Name(), region)
	case market.SubjectOrgChange:
		row.Sub, row.Note = joinFacts(item.OrgType.Name(), region), "变更名称、代码或类型"
	case market.SubjectRevision:
		row.Note = "修改已公开的内容"
	}
	if item.Returned > 0 {
		row.Note = fmt.Sprintf("第 %d 次提交", item.Returned+1)
	}
	switch {
	case item.OrgID == a.OrgID:
		row.Note, row.Closed = "本单位提交，由他人审核", true
	case item.ClaimedBy == 0:
		row.Claim = reviewPath(item.Subject, item.ID) + "/claim"
	case item.ClaimedBy == a.UserID:
		row.Holder = "您"
	default:
		row.Holder, row.Closed = item.Claimer, true
	}
	return row
}

// joinFacts joins what is known with wide spaces.
func joinFacts(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "　")
}

func reviewPath(subject market.Subject, id int64) string {
	switch subject {
	case market.SubjectOrg:
		return fmt.Sprintf("/review/orgs/%d", id)
	case market.SubjectOrgChange:
		return fmt.Sprintf("/review/changes/%d", id)
	case market.SubjectRevision:
		return fmt.Sprintf("/review/revisions/%d", id)
	case market.SubjectChallenge:
		return fmt.Sprintf("/review/challenges/%d", id)
	}
	return fmt.Sprintf("/review/listings/%d", id)
}

// reviewDue is the reviewer's term as pips and words.
func (s *Server) reviewDue(subject market.Subject, submitted time.Time) view.Due {
	days, last := s.ref.ReviewTerm(subject, submitted)
	today := s.Service.Today()
	left := s.ref.Calendar.WorkdaysBetween(today, last)
	due := view.Due{Total: days, Used: days - left}
	switch {
	case last.Before(today):
		due.Level, due.Text = view.DueLate, "已逾期"
		if left < 0 {
			due.Text = fmt.Sprintf("逾期 %d 个工作日", -left)
		}
	case last.Equal(today):
		due.Level, due.Text = view.DueSoon, "今天"+s.closing()+"止"
	default:
		due.Text = fmt.Sprintf("还剩 %d 个工作日", left)
	}
	return due
}

// closing is the end of the bureau's day by the setting of its hours, such as “ 17:30 ”; "" when that names none.
func (s *Server) closing() string {
	hours := s.setting("hours")
	if i := strings.LastIndex(hours, "—"); i >= 0 {
		return " " + strings.TrimSpace(hours[i+len("—"):]) + " "
	}
	return ""
}

// reviewShow is the page on which a reviewer decides: on the left what there is to see, on the right the decision.
type reviewShow struct {
	view.Work
	Queue    string // address of the queue
	Place    store.ReviewPlace
	Prev     string
	NextHref string

	Subject  market.Subject
	Heading  string
	Kind     view.Badge
	Party    view.Party
	Sub      []string
	Due      *view.Due
	Demo     bool
	Notes    []view.Alert
	History  view.Log
	Content  reviewContent
	Rivals   *view.Table // others that claim the same code
	Checks   view.Tick
	ChecksOf string
	Similar  []view.Link
	Changes  []view.Change // since it was public, or was decided on last
	Own      bool          // the reviewer has a part in it

	findings map[string]evidence // what the market found of a listing
	Decide   *reviewDecision     // nil when there is nothing to decide
	Claim    *reviewClaim        // nil when there is nothing to decide, or not by this reviewer
	Halt     *reviewHalt         // of an organisation that was verified once
	State    view.State
	Org      []view.Fact // the submitting organisation
	OrgRef   view.Link
}

func (reviewShow) Template() string { return "page/review/show" }

// reviewContent is what is decided on: as the public will see it, and the part that is not public.
type reviewContent struct {
	Heading string
	Note    string
	Preview string // address of the public page
	Facts   []view.Fact
	Texts   []reviewText
	Table   *view.Table
	Private []view.Fact
	Gated   string
	Files   []view.FileItem // public and gated
}

// reviewText is a longer text under its heading.
type reviewText struct{ Label, Text string }

// reviewClaim says who has claimed what is decided on.
type reviewClaim struct {
	Text    string
	Take    string // address that claims it, "" when it is claimed
	Release string // address that puts it back, "" when it is not the reviewer's
}

// reviewDecision is the form on the right.
type reviewDecision struct {
	Why       string // why this reviewer may not decide, "" when they may
	Pass      string // address that passes
	Return    string // address that sends back
	PassWord  string
	BackWord  string
	Choice    view.Field
	Codes     view.Field
	Note      view.Field
	ThenPass  string
	ThenBack  string
	Version   int // 0 when what is decided on never changes
	FilterRaw string
}

// reviewHalt is the form that suspends or resumes an organisation.
type reviewHalt struct {
	Action  string
	Resume  bool
	Note    view.Field
	Version int
}

// reviewForm is what a reviewer ticked and wrote.
type reviewForm struct {
	ticks   market.Ticks
	codes   []string
	note    string
	back    bool // the decision was to send back
	version int
	filter  store.ReviewFilter
}

// code is the reason of a decision that takes one, "" when none was chosen.
func (f reviewForm) code() string {
	if len(f.codes) == 0 {
		return ""
	}
	return f.codes[0]
}

// readReview reads the decision form. A line that is 不符 brings its reason into a return.
func (s *Server) readReview(c echo.Context, subject market.Subject, back bool) (reviewForm, error) {
	query, err := url.ParseQuery(strings.TrimPrefix(c.FormValue("filter"), "?"))
	if err != nil {
		query = url.Values{}
	}
	form := reviewForm{ticks: market.Ticks{}, codes: c.Request().Form["codes"], note: c.FormValue("note"), back: back,
		version: formVersion(c), filter: s.reviewFilter(query)}
	for _, check := range subject.Checks() {
		if value := c.FormValue("check." + check.Code); value != "" {
			form.ticks[check.Code] = market.Tick(value)
		}
	}
	if back && subject != market.SubjectOrg && subject != market.SubjectOrgChange {
		for _, code := range form.ticks.Failed(subject) {
			if !slices.Contains(form.codes, code) {
				form.codes = append(form.codes, code)
			}
		}
	}
	return form, nil
}

// reviewTake claims an item and opens it.
func (s *Server) reviewTake(subject market.Subject) handler {
	return s.actOnQueue(subject, func(ctx context.Context, a market.Actor, subject market.Subject, id int64) (string, error) {
		return "已领取，由您办理", s.Service.ClaimReview(ctx, a, subject, id)
	})
}

// reviewRelease puts an item back and goes back to the queue.
func (s *Server) reviewRelease(subject market.Subject) handler {
	return s.actOnQueue(subject, func(ctx context.Context, a market.Actor, subject market.Subject, id int64) (string, error) {
		return "已放回队列", s.Service.ReleaseReview(ctx, a, subject, id)
	})
}

// actOnQueue carries out an act on an item and shows the item. Without a subject it is a listing, whose kind is its subject.
func (s *Server) actOnQueue(subject market.Subject, act func(context.Context, market.Actor, market.Subject, int64) (message string, err error)) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		form, err := s.readReview(c, subject, false)
		if err != nil {
			return err
		}
		subject := subject
		if subject == "" {
			kind, err := s.Store.ListingKind(c.Request().Context(), a, id)
			if err != nil {
				return err
			}
			subject = market.Subject(kind)
		}
		message, err := act(c.Request().Context(), a, subject, id)
		if err != nil {
			return err
		}
		return s.done(c, reviewPath(subject, id)+filterQuery(form.filter), message)
	}
}

// fillClaim shows who has claimed what is decided on. What somebody else has claimed is not decided on.
func (s *Server) fillClaim(c echo.Context, a market.Actor, page *reviewShow, id int64) error {
	if page.Decide == nil || page.Decide.Why != "" {
		return nil
	}
	path := reviewPath(page.Subject, id)
	held, err := s.Store.ReviewClaim(c.Request().Context(), page.Subject, id, s.Service.Today())
	switch {
	case market.IsKind(err, market.NotFound):
		page.Claim = &reviewClaim{Text: "还没有人领取。领取后别人不会同时审这一件；不领取也可以直接决定。", Take: path + "/claim"}
	case err != nil:
		return err
	case held.UserID == a.UserID:
		page.Claim = &reviewClaim{Text: fmt.Sprintf("由您办理，%d月%d日下班前没有办结会放回队列。", held.LastDay.Month(), held.LastDay.Day()), Release: path + "/release"}
	default:
		page.Decide.Why = service.ClaimedBy(held)
	}
	return nil
}

// decided goes on to the item that came next before the decision, or back to the queue after the last one.
func (s *Server) decided(c echo.Context, form reviewForm, place store.ReviewPlace, message string) error {
	path := "/review" + filterQuery(form.filter)
	if place.NextID != 0 {
		path = reviewPath(place.NextSubject, place.NextID) + filterQuery(form.filter)
	}
	return s.done(c, path, message)
}

func (s *Server) reviewPlace(c echo.Context, a market.Actor, f store.ReviewFilter, subject market.Subject, id int64) (store.ReviewPlace, error) {
	return s.Store.ReviewPlace(c.Request().Context(), a, s.ref, f, s.Service.Today(), subject, id)
}

// decide carries out a decision and goes on; what the reviewer can mend comes back with the page.
func (s *Server) decide(c echo.Context, a market.Actor, subject market.Subject, back bool, act func(id int64, form reviewForm) (message string, err error),
	show func(id int64, form reviewForm, err error) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	form, err := s.readReview(c, subject, back)
	if err != nil {
		return err
	}
	place, err := s.reviewPlace(c, a, form.filter, subject, id)
	if err != nil {
		return err
	}
	message, err := act(id, form)
	switch {
	case market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict):
		return show(id, form, err)
	case err != nil:
		return err
	}
	return s.decided(c, form, place, message)
}

// Decisions on organisations.

func (s *Server) orgVerify(c echo.Context, a market.Actor) error {
	return s.decideOrg(c, a, false, func(id int64, f reviewForm) (string, error) {
		return "单位已通过核验", s.Service.VerifyOrg(c.Request().Context(), a, id, f.version, f.ticks)
	})
}

func (s *Server) orgReject(c echo.Context, a market.Actor) error {
	return s.decideOrg(c, a, true, func(id int64, f reviewForm) (string, error) {
		return "单位已退回", s.Service.RejectOrg(c.Request().Context(), a, id, f.version, f.code(), f.note)
	})
}

func (s *Server) decideOrg(c echo.Context, a market.Actor, back bool, act func(int64, reviewForm) (string, error)) error {
	return s.decide(c, a, market.SubjectOrg, back, act, func(id int64, f reviewForm, err error) error { return s.showOrgReview(c, a, id, f, err) })
}

func (s *Server) orgSuspend(c echo.Context, a market.Actor) error {
	return s.halt(c, a, "单位已暂停，公开的内容不再显示", func(id int64, f reviewForm) error {
		return s.Service.SuspendOrg(c.Request().Context(), a, id, f.version, f.note)
	})
}

func (s *Server) orgResume(c echo.Context, a market.Actor) error {
	return s.halt(c, a, "单位已恢复", func(id int64, f reviewForm) error {
		return s.Service.ResumeOrg(c.Request().Context(), a, id, f.version)
	})
}

func (s *Server) halt(c echo.Context, a market.Actor, message string, act func(int64, reviewForm) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	form, err := s.readReview(c, market.SubjectOrg, false)
	if err != nil {
		return err
	}
	switch err := act(id, form); {
	case market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict):
		return s.showOrgReview(c, a, id, form, err)
	case err != nil:
		return err
	}
	return s.done(c, reviewPath(market.SubjectOrg, id), message)
}

// Decisions on needs and results.

func (s *Server) needPublish(c echo.Context, a market.Actor) error {
	return s.listingPublish(c, a, market.KindNeed)
}

func (s *Server) needReturn(c echo.Context, a market.Actor) error {
	return s.listingReturn(c, a, market.KindNeed)
}

func (s *Server) resultPublish(c echo.Context, a market.Actor) error {
	return s.listingPublish(c, a, market.KindResult)
}

func (s *Server) resultReturn(c echo.Context, a market.Actor) error {
	return s.listingReturn(c, a, market.KindResult)
}

func (s *Server) listingPublish(c echo.Context, a market.Actor, kind market.Kind) error {
	return s.decideListing(c, a, kind, false, func(id int64, f reviewForm) (string, error) {
		return market.Subject(kind).Name() + "已公开", s.Service.PublishListing(c.Request().Context(), a, kind, id, f.version, f.ticks)
	})
}

func (s *Server) listingReturn(c echo.Context, a market.Actor, kind market.Kind) error {
	return s.decideListing(c, a, kind, true, func(id int64, f reviewForm) (string, error) {
		return market.Subject(kind).Name() + "已退回修改", s.Service.ReturnListing(c.Request().Context(), a, kind, id, f.version, f.codes, f.note)
	})
}

func (s *Server) decideListing(c echo.Context, a market.Actor, kind market.Kind, back bool, act func(int64, reviewForm) (string, error)) error {
	return s.decide(c, a, market.Subject(kind), back, act, func(id int64, f reviewForm, err error) error {
		return s.showListingReview(c, a, kind, id, f, err)
	})
}

// reviewPageOf fills what all decisions have in common.
func (s *Server) reviewPageOf(c echo.Context, a market.Actor, subject market.Subject, id int64, title string, form reviewForm, err error) (reviewShow, error) {
	w, workErr := s.work(c, a, title)
	if workErr != nil {
		return reviewShow{}, workErr
	}
	markCurrent(w.SideGroups, "/review")
	page := reviewShow{Work: w, Queue: "/review" + filterQuery(form.filter), Subject: subject, Heading: title, Kind: view.Badge{Text: subject.Name(), Tone: subjectTone(subject)}}
	page.Errors = failure(err)
	place, placeErr := s.reviewPlace(c, a, form.filter, subject, id)
	if placeErr != nil {
		return page, placeErr
	}
	page.Place = place
	if place.PrevID != 0 {
		page.Prev = reviewPath(place.PrevSubject, place.PrevID) + filterQuery(form.filter)
	}
	if place.NextID != 0 && place.Place < place.Total {
		page.NextHref = reviewPath(place.NextSubject, place.NextID) + filterQuery(form.filter)
	}
	moves, movesErr := s.Store.Moves(c.Request().Context(), market.Object{Kind: string(subject), ID: id})
	page.History = s.reviewLog(moves, subject)
	return page, movesErr
}

func subjectTone(subject market.Subject) view.Tone {
	return map[market.Subject]view.Tone{market.SubjectNeed: view.ToneAmber, market.SubjectResult: view.ToneGreen, market.SubjectOrg: view.ToneBlue, market.SubjectOrgChange: view.ToneBlue, market.SubjectRevision: view.ToneAmber, market.SubjectChallenge: view.ToneSolid}[subject]
}

// moveNames words the moves of organisations and listings for their history.
var moveNames = map[string]string{
	"create": "建立草稿", "submit": "提交", "recall": "收回", "verify": "通过核验", "reject": "退回", "suspend": "暂停", "resume": "恢复",
	"change_request": "申请变更", "change_withdraw": "撤回变更申请", "change_verify": "变更通过核验", "change_return": "变更退回",
	"publish": "通过，公开", "return": "退回修改", "confirm": "确认仍然有效", "match": "达成合作", "reopen": "重新公开", "expire": "过期", "withdraw": "撤回", "close": "关闭",
	"open": "截止，方案启封", "decide": "作出决定，开始公示", "remand": "退回结果", "award": "定榜", "unaward": "未定榜", "cancel": "决定终止",
	"revision_submit": "提交修改", "revision_recall": "取回修改", "revision_discard": "放弃修改", "revision_publish": "修改通过，换成新的内容", "revision_return": "退回修改稿",
}

// reviewLog is the history of an organisation or a listing, newest first.
func (s *Server) reviewLog(moves []market.Move, subject market.Subject) view.Log {
	reasons := s.ref.ListingReturn
	if subject == market.SubjectOrg || subject == market.SubjectOrgChange {
		reasons = s.ref.OrgReturn
	}
	var log view.Log
	for _, m := range slices.Backward(moves) {
		var names []string
		for _, code := range strings.Fields(m.Code) {
			names = append(names, code+" "+reasons.Name(code))
		}
		text := moveNames[m.Move]
		if len(names) > 0 {
			text += "：" + strings.Join(names, "；")
		}
		if m.Note != "" {
			text += "。" + m.Note
		}
		log.Items = append(log.Items, view.LogItem{At: m.At, When: view.DateTime(m.At), Text: text, By: &view.By{Name: m.UserName, For: m.On()}, Done: true})
	}
	if len(log.Items) > 0 {
		log.Items[0].Now, log.Items[0].Done = true, false
	}
	return log
}

// checkChoices are the words a reviewer has for a line of the check list.
var checkChoices = []struct {
	tick  market.Tick
	label string
}{{market.TickYes, "合格"}, {market.TickNo, "不符"}, {market.TickNA, "不适用"}}

// tickList is the check list with what was ticked. found gives lines what the market itself found, at what is wrong with them.
func tickList(subject market.Subject, ticks market.Ticks, found map[string]evidence, at fieldErrors) view.Tick {
	var list view.Tick
	for _, check := range subject.Checks() {
		e := found[check.Code]
		item := view.TickItem{Text: check.Text, Basis: e.text, Mark: e.mark, Name: "check." + check.Code, Reason: check.Reason, Error: at["check."+check.Code]}
		for _, choice := range checkChoices {
			item.Choices = append(item.Choices, view.Option{Value: string(choice.tick), Label: choice.label, Checked: ticks[check.Code] == choice.tick})
		}
		list.Items = append(list.Items, item)
	}
	return list
}

// evidence is what the market found about a line of the check list.
type evidence struct {
	text string
	mark view.TickMark
}

func foundOK(format string, args ...any) evidence {
	return evidence{fmt.Sprintf(format, args...), view.TickOK}
}

func foundNo(format string, args ...any) evidence {
	return evidence{fmt.Sprintf(format, args...), view.TickNo}
}

func toAsk(format string, args ...any) evidence {
	return evidence{fmt.Sprintf(format, args...), view.TickAsk}
}

// decisionFields fills the form on the right with what was typed.
func decisionFields(d *reviewDecision, reasons market.Codes, many bool, form reviewForm, err error) {
	at := errorsOf(err)
	choice := "pass"
	if form.back {
		choice = "back"
	}
	d.Choice.Kind, d.Choice.Name, d.Choice.Label, d.Choice.HideLabel, d.Choice.Cards = view.KindRadios, "choice", "决定", true, true
	d.Choice.Value = choice
	d.Codes = view.Field{Kind: view.KindChecks, Name: "codes", Label: "退回原因", Many: many, Error: at["codes"] + at["code"], Values: form.codes}
	if !many {
		d.Codes.Kind, d.Codes.ID = view.KindRadios, "code"
		d.Codes.Value = strings.Join(form.codes, "")
	}
	for _, r := range reasons {
		d.Codes.Options = append(d.Codes.Options, view.Option{Value: r.Code, Label: r.Code + " " + r.Name})
	}
	d.Note = view.Field{Kind: view.KindArea, Name: "note", Label: "给提交人的话", Hint: "对方会看到原文", Lines: 4, Max: 1000, Value: form.note, Error: at["note"]}
	d.FilterRaw = filterQuery(form.filter)
}

// queryForm is the empty form of a decision page, in the queue that the address names.
func (s *Server) queryForm(c echo.Context) reviewForm {
	return reviewForm{ticks: market.Ticks{}, filter: s.reviewFilter(c.QueryParams())}
}

// renderReview writes the page of an item; err is what was wrong with a decision on it.
func (s *Server) renderReview(c echo.Context, a market.Actor, page reviewShow, id int64, err error) error {
	if claimErr := s.fillClaim(c, a, &page, id); claimErr != nil {
		return claimErr
	}
	return s.renderStatus(c, errorStatus(err), page)
}

func (s *Server) reviewOrg(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showOrgReview(c, a, id, s.queryForm(c), nil)
}

func (s *Server) reviewListing(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	kind, err := s.Store.ListingKind(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	return s.showListingReview(c, a, kind, id, s.queryForm(c), nil)
}
