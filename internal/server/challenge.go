package server

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var challengePages = []view.Page{challengeIndex{}, challengeShow{}, challengeForm{}, workChallenges{}}

func challengePath(id int64) string { return fmt.Sprintf("/challenges/%d", id) }

// challengeIndex is the public list of challenges.
type challengeIndex struct {
	view.Base
	Tabs      view.Tabs
	Submarket view.Field
	State     string
	Cards     []challengeCard
	Empty     view.Empty
	Pager     view.Pager
}

func (challengeIndex) Template() string { return "page/challenge/index" }

// challengeCard is a challenge in a list.
type challengeCard struct {
	ID, Href, Title string
	Code            string
	Submarket       string
	Badge           view.Badge
	Award           view.MoneyText
	Deadline        string
	Indicators      int
	Org             view.Party
}

// challengeTabs are the views of the list.
var challengeTabs = []struct {
	code, name string
	states     []market.ChallengeState
}{
	{"", "全部", nil},
	{"open", "揭榜中", []market.ChallengeState{market.ChallengeOpen}},
	{"judging", "评审与公示", []market.ChallengeState{market.ChallengeJudging, market.ChallengePublicity}},
	{"over", "已结束", []market.ChallengeState{market.ChallengeAwarded, market.ChallengeUnawarded, market.ChallengeCancelled}},
}

const challengePage = 20

func (s *Server) challengeIndex(c echo.Context, a market.Actor) error {
	f := store.ChallengeFilter{Submarket: c.QueryParam("submarket")}
	if s.ref.Submarkets.Name(f.Submarket) == "" {
		f.Submarket = ""
	}
	page := challengeIndex{Base: s.base(c, a, "揭榜挂帅"), Tabs: view.Tabs{Label: "状态"}}
	page.Nav, page.Description = "challenges", "企业公布难题、榜金和评审标准，有能力的单位提出方案，按公布的标准评审。"
	href := func(state, submarket string, n int) string {
		q := url.Values{}
		for key, value := range map[string]string{"state": state, "submarket": submarket} {
			if value != "" {
				q.Set(key, value)
			}
		}
		if n > 1 {
			q.Set("page", strconv.Itoa(n))
		}
		if len(q) == 0 {
			return "/challenges"
		}
		return "/challenges?" + q.Encode()
	}
	for _, tab := range challengeTabs {
		if tab.code == c.QueryParam("state") {
			f.States, page.State = tab.states, tab.code
		}
	}
	for _, tab := range challengeTabs {
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: tab.name, Href: href(tab.code, f.Submarket, 1), Current: tab.code == page.State})
	}
	number := pageNumber(c)
	found, total, err := s.Store.Challenges(c.Request().Context(), f, store.PageSlice(number, challengePage))
	if err != nil {
		return err
	}
	for _, card := range found {
		page.Cards = append(page.Cards, s.challengeCard(card))
	}
	page.Submarket = view.Field{Kind: view.KindSelect, Name: "submarket", Label: "专业市场", Value: f.Submarket, Options: openOptions(s.ref.Submarkets, "全部")}
	page.Pager = view.NewPager(number, challengePage, total, "项", func(n int) string { return href(page.State, f.Submarket, n) })
	page.Empty = view.Empty{Title: "还没有公开的榜单", Text: "企业可以公布难题和榜金，请有能力的单位揭榜。", Actions: []view.Action{{Label: "发布榜单", Href: "/challenges/new"}}}
	if page.State != "" || f.Submarket != "" {
		page.Empty = view.Empty{Title: "这个条件下没有榜单", Actions: []view.Action{{Label: "看全部榜单", Href: "/challenges"}}}
	}
	return s.render(c, page)
}

func (s *Server) challengeCard(c store.ChallengeCard) challengeCard {
	out := challengeCard{ID: fmt.Sprintf("challenge-%d", c.ID), Href: challengePath(c.ID), Title: c.Title, Code: c.Number, Submarket: s.ref.Submarkets.Name(c.Submarket),
		Badge: challengeBadge(c.State), Award: view.MoneyShort(c.Award.Decimal), Indicators: c.Indicators, Deadline: s.challengeEnd(market.Challenge{State: c.State, Deadline: c.Deadline}),
		Org: view.Party{Name: c.OrgName, Href: orgPath(c.OrgID), Verified: view.VerifiedOrg(c.OrgVerified), Demo: c.Demo}}
	return out
}

func challengeBadge(state market.ChallengeState) view.Badge {
	tone := map[market.ChallengeState]view.Tone{market.ChallengeOpen: view.ToneSolid, market.ChallengeJudging: view.ToneAmber, market.ChallengePublicity: view.ToneBlue,
		market.ChallengeAwarded: view.ToneGreen, market.ChallengeReturned: view.ToneRed, market.ChallengeCancelled: view.ToneRed}[state]
	return view.Badge{Text: state.Name(), Tone: tone}
}

// challengeEnd is the deadline with its hour and, while it runs, the days that are left.
func (s *Server) challengeEnd(c market.Challenge) string {
	if c.Deadline == nil {
		return "—"
	}
	text := view.DateTime(*c.Deadline)
	switch left := s.daysLeft(*c.Deadline); {
	case c.Running(s.Now()):
		text += "，" + leftText(left)
	case c.State == market.ChallengeOpen:
		text += "，已截止"
	}
	return text
}

// challengeShow is the page of a challenge.
type challengeShow struct {
	view.Base
	Crumbs    []view.Link
	Challenge market.Challenge
	Badge     view.Badge
	Field     string
	Notes     []view.Alert
	Flow      *view.Flow
	Award     view.MoneyText
	AwardWord string
	Facts     []view.Fact
	Actions   []view.Action
	Asks      []view.Ask
	ActNote   string

	Indicators *view.Table
	Need       *view.Link
	Criteria   *view.Table
	Outcome    *challengeOutcome
	Questions  []questionItem
	Ask        *questionForm
	Official   []officialForm // for reviewers
	Deals      []challengeDeal
	Org        view.Party
	Log        view.Log
}

func (challengeShow) Template() string { return "page/challenge/show" }

// challengeOutcome is the decision as everybody reads it.
type challengeOutcome struct {
	Heading string
	Text    string
	Until   string
	Winners *view.Table
	Judges  string
}

// questionItem is a question with its answer, and the form to answer it for the poster.
type questionItem struct {
	store.Question
	Answer *view.Field
}

// questionForm asks.
type questionForm struct {
	Key      string
	Question view.Field
}

// officialForm is a decision of a reviewer about a public challenge.
type officialForm struct {
	Label, Action, Then string
	Note                view.Field
	Open                bool
}

// challengeDeal is what an award came to, for one of its parties.
type challengeDeal struct {
	Facts []view.Fact
	Next  *view.Action
	Text  string
	Fall  *fallForm
}

// challengePosted is what was typed into a form of the page, and why it was not accepted.
type challengePosted struct {
	form     string // question, answer, cancel, remand or fall
	text     string
	question int64
	err      error
}

func (p challengePosted) of(form string) (text, problem string, open bool) {
	if p.form != form {
		return "", "", false
	}
	at := errorsOf(p.err)
	return p.text, cmp.Or(at["question"], at["answer"], at["note"], at["fall_reason"]), p.err != nil
}

// summary leads to the field of the form that was not accepted.
func (p challengePosted) summary() view.ErrorSummary {
	sum := errorSummary(p.err)
	for i := range sum.Items {
		switch p.form {
		case "answer":
			sum.Items[i].Field = fmt.Sprintf("answer-%d", p.question)
		case "fall":
			sum.Items[i].Field = fmt.Sprintf("fall-%d", p.question)
		case "cancel", "remand":
			sum.Items[i].Field = p.form + "-note"
		}
	}
	return sum
}

func (s *Server) challengeShow(c echo.Context, a market.Actor) error {
	return s.showChallenge(c, a, challengePosted{})
}

func (s *Server) showChallenge(c echo.Context, a market.Actor, p challengePosted) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	ch, err := s.Store.Challenge(ctx, a, id)
	if err != nil {
		return err
	}
	page := challengeShow{Base: s.base(c, a, ch.Title), Challenge: ch.Challenge, Badge: challengeBadge(ch.State), Notes: s.challengeNotes(a, ch),
		Field: s.submarketAndFields(market.Listing{Submarket: ch.Submarket, Fields: ch.Fields}), Award: view.Money(ch.Award.Decimal), Indicators: indicatorTable(ch.Indicators),
		Criteria: criteriaTable(ch.Criteria), Org: view.Party{Name: ch.OrgName, Href: orgPath(ch.OrgID), Verified: view.VerifiedOrg(ch.OrgState == market.OrgVerified), Demo: ch.Demo}}
	page.Nav, page.NoIndex = "challenges", !ch.State.Public()
	page.Description = market.Truncate(strings.Join(strings.Fields(ch.Problem), " "), 120)
	page.Crumbs = []view.Link{{Label: "首页", Href: "/"}, {Label: "揭榜挂帅", Href: "/challenges"}, {Label: ch.Number}}
	if ch.Award.Valid {
		page.AwardWord = market.Uppercase(ch.Award.Decimal)
	}
	page.Flow = challengeFlow(ch.Challenge)
	page.Errors = p.summary()
	if page.Facts, err = s.challengeFacts(ctx, a, ch, &page); err != nil {
		return err
	}
	if err := s.addQuestions(ctx, a, ch.Challenge, p, &page); err != nil {
		return err
	}
	if err := s.addChallengeActs(ctx, a, ch, p, &page); err != nil {
		return err
	}
	if err := s.addChallengeDeals(ctx, a, id, p, &page); err != nil {
		return err
	}
	if page.Log, err = s.challengeLog(ctx, a, ch); err != nil {
		return err
	}
	if e := market.AsError(p.err); e != nil && len(e.Fields) == 0 {
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: e.Message, Urgent: true})
	}
	return s.renderStatus(c, pageStatus(p.err), page)
}

// challengeFlow draws how far a public challenge has come, nil for one that is not public.
func challengeFlow(c market.Challenge) *view.Flow {
	if !c.State.Public() {
		return nil
	}
	steps := []market.ChallengeState{market.ChallengeOpen, market.ChallengeJudging, market.ChallengePublicity, market.ChallengeAwarded}
	last := c.State
	switch c.State {
	case market.ChallengeUnawarded:
		steps[3] = market.ChallengeUnawarded
	case market.ChallengeCancelled:
		last = market.ChallengeOpen
		if c.OpenedAt != nil {
			last = market.ChallengeJudging
		}
	}
	flow := &view.Flow{Label: "榜单的进展"}
	at := slices.Index(steps, last)
	for i, state := range steps {
		step := view.FlowStep{Text: state.Name()}
		switch {
		case i < at:
			step.Mark = view.FlowDone
		case i == at && c.State == market.ChallengeCancelled:
			step.Mark, step.Note = view.FlowStopped, c.State.Name()
		case i == at && i == len(steps)-1:
			step.Mark = view.FlowDone
		case i == at:
			step.Mark = view.FlowCurrent
		}
		flow.Steps = append(flow.Steps, step)
	}
	flow.Steps[0].Note = cmp.Or(flow.Steps[0].Note, view.DateTime(*c.Deadline)+" 截止")
	if c.PublicityUntil != nil {
		flow.Steps[2].Note = "到 " + view.Date(*c.PublicityUntil)
	}
	return flow
}

func criteriaTable(rows []market.Criterion) *view.Table {
	if len(rows) == 0 {
		return nil
	}
	t := &view.Table{Label: "评审标准", Caption: "评审标准和权重", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "标准"}, {Label: "说明"}, {Label: "权重", Num: true}}}
	for _, r := range rows {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: r.Name}, {Text: dash(r.Detail)}, {Text: fmt.Sprintf("%d%%", r.Weight)}}})
	}
	return t
}

// challengeNotes tells the reader where the challenge stands. What an official decision said stands there for ever.
func (s *Server) challengeNotes(a market.Actor, c store.Challenge) []view.Alert {
	own := a.OrgID != 0 && a.OrgID == c.OrgID
	var notes []view.Alert
	switch {
	case c.State == market.ChallengeReturned && c.ReturnNote != "":
		names := make([]string, len(c.ReturnCodes))
		for i, code := range c.ReturnCodes {
			names[i] = s.ref.ListingReturn.Name(code)
		}
		notes = append(notes, view.Alert{Kind: view.AlertBad, Title: "审核退回：" + strings.Join(names, "、"), Text: c.ReturnNote})
	case c.State == market.ChallengeCancelled:
		notes = append(notes, view.Alert{Kind: view.AlertBad, Title: "主管部门决定终止这项榜单", Text: c.Official})
	case c.State == market.ChallengeJudging && c.Official != "":
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Title: "主管部门退回了公示的结果，发榜单位重新决定", Text: c.Official})
	case c.State == market.ChallengeInReview && own:
		notes = append(notes, view.Alert{Text: "正在审核，通过后公开并接受方案。"})
	case !c.State.Public() && own:
		notes = append(notes, view.Alert{Text: fmt.Sprintf("这一页现在只有本单位能看到（%s）。", c.State.Name())})
	case c.OrgState == market.OrgSuspended:
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Text: "发榜单位已被暂停，这一页不公开。"})
	}
	return notes
}

// challengeFacts are the facts beside the award, and with them what is public of the outcome.
func (s *Server) challengeFacts(ctx context.Context, a market.Actor, c store.Challenge, page *challengeShow) ([]view.Fact, error) {
	facts := slices.DeleteFunc(s.challengeTerms(c.Challenge), func(f view.Fact) bool { return f.Label == "榜金" })
	contact, phone := c.ContactName, c.ContactPhone
	if !c.Own {
		var err error
		if contact, phone, err = s.Store.ChallengeContact(ctx, a, c.ID); err != nil && !market.IsKind(err, market.NotFound) {
			return nil, err
		}
	}
	facts = appendFact(facts, "联系人", joinFacts(contact, phone))
	if c.NeedID != nil {
		cards, err := s.Store.ListingCards(ctx, a, []int64{*c.NeedID})
		if err != nil {
			return nil, err
		}
		if len(cards) == 1 {
			page.Need = &view.Link{Label: "来自需求 " + cards[0].Number, Href: listingPath(market.KindNeed, *c.NeedID)}
		}
	}
	outcome, err := s.Store.Outcome(ctx, c.Challenge)
	if err != nil || c.OpenedAt == nil {
		return facts, err
	}
	facts = append(facts, view.Fact{Label: "收到方案", Text: fmt.Sprintf("%d 份", outcome.Proposals)})
	if c.State.Decided() {
		page.Outcome = challengeResult(c.Challenge, outcome)
	}
	return facts, nil
}

func challengeResult(c market.Challenge, o store.Outcome) *challengeOutcome {
	out := &challengeOutcome{Heading: "结果公示", Text: c.Outcome, Judges: strings.Join(o.Judges, "、"),
		Until: fmt.Sprintf("公示到 %s。有异议的，请在公示期内向主管部门提出。", view.Date(*c.PublicityUntil))}
	if c.State != market.ChallengePublicity {
		out.Heading, out.Until = "结果："+c.State.Name(), "公示已结束。"
	}
	if len(o.Winners) == 0 {
		return out
	}
	out.Winners = &view.Table{Label: "中榜单位", Caption: "中榜单位", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "单位"}, {Label: "评审总分", Num: true}, {Label: "报价", Num: true}}}
	for _, w := range o.Winners {
		out.Winners.Rows = append(out.Winners.Rows, view.TableRow{Cells: []view.Cell{{Text: w.OrgName, Href: orgPath(w.OrgID)}, {Text: totalText(w.Total.Valid, w.Total.Decimal.StringFixed(2))},
			{Text: view.Money(w.Price).String()}}})
	}
	return out
}

func totalText(known bool, total string) string {
	if !known {
		return "—"
	}
	return total
}

// addQuestions shows what was asked, and the forms to ask and to answer.
func (s *Server) addQuestions(ctx context.Context, a market.Actor, c market.Challenge, p challengePosted, page *challengeShow) error {
	if !c.State.Public() {
		return nil
	}
	questions, err := s.Store.Questions(ctx, c.ID)
	if err != nil {
		return err
	}
	running := c.Running(s.Now())
	answers := running && a.OrgFor(market.ScopePost) == c.OrgID && a.RequireVerified(market.ScopePost) == nil
	for _, q := range questions {
		item := questionItem{Question: q}
		if answers && q.AnsweredAt == nil {
			item.Answer = &view.Field{Kind: view.KindArea, Name: "answer", ID: fmt.Sprintf("answer-%d", q.ID), Label: "答复", Hint: "所有人都能看到，答复后不能改", Lines: 3, Max: market.MaxAnswer}
			if p.form == "answer" && p.question == q.ID {
				item.Answer.Value, item.Answer.Error, _ = p.of("answer")
			}
		}
		page.Questions = append(page.Questions, item)
	}
	if running && a.RequireVerified(market.ScopeNegotiate) == nil && a.OrgID != c.OrgID {
		text, problem, _ := p.of("question")
		page.Ask = &questionForm{Key: formKey(), Question: view.Field{Kind: view.KindArea, Name: "question", Label: "提问", Value: text, Error: problem, Lines: 3, Max: market.MaxQuestion,
			Hint: "问题和答复对所有人公开，不显示提问单位。不要写出本单位名称和联系方式"}}
	}
	return nil
}

// addChallengeActs fills the box beside the challenge with what this reader may do now.
func (s *Server) addChallengeActs(ctx context.Context, a market.Actor, c store.Challenge, p challengePosted, page *challengeShow) error {
	path := challengePath(c.ID)
	if a.OrgID != 0 && a.OrgID == c.OrgID {
		s.addPosterActs(a, c.Challenge, page)
	} else if err := s.addProposerActs(ctx, a, c.Challenge, page); err != nil {
		return err
	}
	if a.SignedIn() {
		switch state, err := s.Store.JudgeState(ctx, a, c.ID); {
		case market.IsKind(err, market.NotFound):
		case err != nil:
			return err
		case state == market.JudgeInvited || state == market.JudgeAccepted:
			page.Actions = append(page.Actions, view.Action{Label: "去评审", Href: judgingPath(c.ID)})
		}
	}
	if !a.Reaches(c.Region, market.Reviewer) || a.OrgID == c.OrgID {
		return nil
	}
	if c.State == market.ChallengeInReview {
		page.Actions = append(page.Actions, view.Action{Label: "去审核", Href: reviewPath(market.SubjectChallenge, c.ID), Style: view.StylePrimary})
	}
	for _, act := range []struct{ move, label, then string }{
		{"cancel", "终止榜单", "榜单立即终止，理由一直显示在这一页。已提出的方案不评审，提出方案的单位收到通知和理由。不能恢复。"},
		{"remand", "退回公示的结果", "结果退回发榜单位重新决定，理由所有人看到；提出方案的单位收到通知。"},
	} {
		if market.Challenges.Can(c.State, act.move) {
			text, problem, open := p.of(act.move)
			page.Official = append(page.Official, officialForm{Label: act.label, Action: path + "/" + act.move, Then: act.then, Open: open,
				Note: view.Field{Kind: view.KindArea, Name: "note", ID: act.move + "-note", Label: "理由", Hint: "所有人会看到原文", Lines: 3, Max: 1000, Value: text, Error: problem}})
		}
	}
	return nil
}

// addProposerActs leads to the own proposal, or to the form of one while it may still be handed in.
func (s *Server) addProposerActs(ctx context.Context, a market.Actor, c market.Challenge, page *challengeShow) error {
	running := c.Running(s.Now())
	if running {
		page.ActNote = "方案在截止以前对所有人保密，包括发榜单位和工作人员；截止前可以修改、撤回。"
	}
	_, err := s.Store.OwnProposal(ctx, a, c.ID)
	switch {
	case err == nil:
		page.Actions = append(page.Actions, view.Action{Label: "看本单位的方案", Href: proposalPath(c.ID)})
	case !market.IsKind(err, market.NotFound):
		return err
	case running && (!a.Staff() || a.OrgFor(market.ScopeNegotiate) != 0):
		act := view.Action{ID: "propose", Label: "提出方案", Href: proposalPath(c.ID), Style: view.StylePrimary}
		if denied := a.RequireVerified(market.ScopeNegotiate); a.SignedIn() && denied != nil {
			act.Why = market.AsError(denied).Message
		}
		page.Actions = append(page.Actions, act)
	}
	return nil
}

func (s *Server) addPosterActs(a market.Actor, c market.Challenge, page *challengeShow) {
	path := challengePath(c.ID)
	if c.State.Public() && a.OrgFor(market.ScopePost) == c.OrgID {
		label := "评审与决定"
		if c.State == market.ChallengeOpen {
			label = "邀请评审"
		}
		page.Actions = append(page.Actions, view.Action{Label: label, Href: judgingPath(c.ID), Style: view.StylePrimary})
	}
	if err := a.RequireEditor(market.ScopePost); err != nil {
		page.ActNote = market.AsError(err).Message + "。"
		return
	}
	if c.State.Editable() {
		page.Actions = append(page.Actions, view.Action{Label: "修改榜单", Href: path + "/edit", Style: view.StylePrimary, Icon: "edit"}, submitAction(a, path))
	}
	if c.State == market.ChallengeInReview {
		page.Actions = append(page.Actions, view.Action{Label: "收回修改", Href: path + "/recall", Post: true, Icon: "undo"})
	}
	if c.State == market.ChallengeDraft && c.SubmittedAt == nil {
		page.Asks = append(page.Asks, view.Ask{Label: "删除草稿", Href: path + "/delete", Danger: true, Button: "删除草稿", Text: "删除后不能恢复。编号 " + c.Number + " 不再使用。"})
	}
	if c.State == market.ChallengeOpen {
		page.ActNote = "公开后不能修改或撤回，直到截止。确有必要终止的，请向主管部门说明，由主管部门决定。"
	}
}

// addChallengeDeals shows the parties of an award what becomes of it.
func (s *Server) addChallengeDeals(ctx context.Context, a market.Actor, id int64, p challengePosted, page *challengeShow) error {
	if a.OrgFor(market.ScopeNegotiate) == 0 {
		return nil
	}
	deals, err := s.Store.ChallengeDeals(ctx, a, id)
	if err != nil {
		return err
	}
	for _, d := range deals {
		item := challengeDeal{Facts: []view.Fact{{Label: "成交编号", Text: d.Number, Code: true}, {Label: "卖方", Text: d.SellerName}, {Label: "价款", Text: view.Money(d.Price).String()},
			{Label: "状态", Text: d.State.Name()}}}
		sells := d.SellerOrg == a.OrgID
		switch {
		case d.State == market.DealFallen:
			item.Facts = append(item.Facts, view.Fact{Label: "原因", Text: d.FallReason})
		case d.State == market.DealContracted:
		case d.ContractID != nil && sells:
			item.Next = &view.Action{Label: "看合同", Href: fmt.Sprintf("/contracts/%d", *d.ContractID)}
		case d.ContractID != nil:
			item.Text = "卖方已起草合同，申请登记后双方都能看到。"
		case sells && a.May(market.ScopeContract):
			item.Next = &view.Action{Label: "起草合同", Href: fmt.Sprintf("/contracts/new?deal=%d", d.ID), Style: view.StylePrimary}
		default:
			item.Text = "由中榜单位起草合同，条件自动带入。"
		}
		if d.State == market.DealAgreed && d.ContractID == nil && a.May(market.ScopeNegotiate) {
			text, problem, open := p.of("fall")
			item.Fall = &fallForm{Open: open && p.question == d.ID, DealID: d.ID, Reason: view.Field{Kind: view.KindArea, Name: "fall_reason", ID: fmt.Sprintf("fall-%d", d.ID), Label: "原因",
				Hint: "对方会看到", Lines: 2, Max: market.MaxFallReason}}
			if item.Fall.Open {
				item.Fall.Reason.Value, item.Fall.Reason.Error = text, problem
			}
		}
		page.Deals = append(page.Deals, item)
	}
	return nil
}

// challengeMoves words the history. What happened before the publication is for its own people and reviewers.
var challengeMoves = map[string]string{"create": "新建草稿", "submit": "提交审核", "recall": "收回修改", "return": "审核退回", "publish": "审核通过，公开发榜", "open": "截止，方案启封，开始评审",
	"decide": "发榜单位作出决定，开始公示", "remand": "主管部门退回结果", "award": "公示结束，定榜", "unaward": "公示结束，未定榜", "cancel": "主管部门决定终止"}

func (s *Server) challengeLog(ctx context.Context, a market.Actor, c store.Challenge) (view.Log, error) {
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "challenge", ID: c.ID})
	if err != nil {
		return view.Log{}, err
	}
	var log view.Log
	for _, m := range slices.Backward(moves) {
		private := slices.Contains([]string{"create", "submit", "recall", "return"}, m.Move)
		if private && !c.Own {
			continue
		}
		item := view.LogItem{At: m.At, When: view.DateTime(m.At), Text: challengeMoves[m.Move], Now: len(log.Items) == 0}
		if m.Move == "remand" || m.Move == "cancel" || m.Move == "decide" {
			item.Text += "：" + m.Note
		}
		if c.Own && m.UserName != "" && m.OrgID != nil && *m.OrgID == c.OrgID {
			item.By = &view.By{Name: m.UserName, For: m.On()}
		}
		log.Items = append(log.Items, item)
	}
	return log, nil
}

// challengeDone goes back to the challenge after an act, or shows it again with what was typed and what is wrong.
func (s *Server) challengeDone(c echo.Context, a market.Actor, p challengePosted, message string) error {
	if market.IsKind(p.err, market.Invalid) || market.IsKind(p.err, market.Conflict) {
		return s.showChallenge(c, a, p)
	}
	if p.err != nil {
		return p.err
	}
	return s.done(c, "/challenges/"+c.Param("id"), message)
}

func (s *Server) challengeAsk(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := challengePosted{form: "question", text: c.FormValue("question")}
	p.err = s.Service.AskQuestion(c.Request().Context(), a, id, p.text, c.FormValue("key"))
	return s.challengeDone(c, a, p, "问题已公开。发榜单位答复后您会收到消息")
}

func (s *Server) challengeAnswer(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := challengePosted{form: "answer", text: c.FormValue("answer"), question: idValue(c.Param("question"))}
	p.err = s.Service.AnswerQuestion(c.Request().Context(), a, id, p.question, p.text)
	return s.challengeDone(c, a, p, "答复已公开")
}

// challengeOfficial is the handler of a reviewer's decision about a public challenge.
func (s *Server) challengeOfficial(form string, act func(context.Context, market.Actor, int64, string) error, message string) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		p := challengePosted{form: form, text: c.FormValue("note")}
		p.err = act(c.Request().Context(), a, id, p.text)
		return s.challengeDone(c, a, p, message)
	}
}

func (s *Server) challengeRecall(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.RecallChallenge(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, challengePath(id)+"/edit", "榜单已收回，可以修改后再提交")
}

func (s *Server) challengeDelete(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.DeleteChallenge(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/work/challenges", "草稿已删除")
}

// challengeFall ends a deal that an award came to.
func (s *Server) challengeFall(c echo.Context, a market.Actor, id int64) error {
	ctx := c.Request().Context()
	challenge, err := s.Store.ChallengeOfDeal(ctx, a, id)
	if err != nil {
		return err
	}
	p := challengePosted{form: "fall", text: c.FormValue("fall_reason"), question: id}
	p.err = s.Service.FallDeal(ctx, a, id, p.text)
	c.SetParamValues(strconv.FormatInt(challenge, 10))
	return s.challengeDone(c, a, p, "成交已取消，对方会收到消息和原因")
}
