package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// inquiryPage is one inquiry as its parties and the staff see it.
type inquiryPage struct {
	view.Work
	ID      int64
	Version int
	Number  string
	Party   bool // the reader's organisation is one of the two
	Running bool
	About   view.Link
	Other   *view.Link // the writer's own listing
	Heading string
	State   view.State
	Round   int
	Trouble *view.Alert // why the last act was not carried out
	Halted  *view.Alert // a party is suspended
	Flow    view.Flow
	Whose   string // whose turn it is
	Due     *view.Due
	Rest    string // what the clock does next
	Thread  []threadEntry

	Reply    *replyForm // it is the reader's turn
	Decline  *replyForm // the reader may end the inquiry
	Terms    termBox
	Conclude bool // the reader may conclude the deal
	Deal     *dealBox
	Contact  *contactBox
	Seen     string
}

func (inquiryPage) Template() string { return "page/inquiry/show" }

// threadEntry is a message or, with Event, one line about what happened.
type threadEntry struct {
	Event  bool
	Mine   bool
	Who    string
	Person string
	On     string // the stamp of an agency
	Badge  *view.Badge
	At     time.Time
	Body   string
	Reason string
}

// replyForm answers or ends an inquiry.
type replyForm struct {
	Answer view.Field
	Reason view.Field
	Open   bool // the reasons are in view
	Body   view.Field
	Then   string
}

// termBox is the terms on the table with the forms that change them.
type termBox struct {
	Summary string
	Empty   string // instead of the items, while there are none
	Items   []termLine
	Agree   string  // name of the button that agrees to all that waits for the reader, "" when nothing does
	Waiting []int64 // those terms
	Propose []view.Field
	Open    bool
	Heading string // of the form
}

// termLine is one of the six terms. Agree is the id of the proposal that the reader may agree to, else 0.
type termLine struct {
	Name   string
	Text   string
	Before string // the price before
	Note   string
	Mark   view.TickMark
	Agree  int64
}

// dealBox is what the inquiry ended in, and who does what next.
type dealBox struct {
	Heading string
	Number  string
	Next    *view.Action // drafting the contract, or the one there is
	Text    string
	Fall    *fallForm // the reader may end the deal
}

// fallForm ends a deal that will not be signed.
type fallForm struct {
	Open   bool
	DealID int64
	Reason view.Field
}

// contactBox is how to reach the other party, or when that will be shown.
type contactBox struct {
	Facts []view.Fact
	Text  string
}

// posted is what came back from a form of the page that was not accepted.
type posted struct {
	form  string // answer, decline, propose or fall; "" for an act without fields
	reply market.Reply
	terms map[string]string // as typed
	unit  string            // of the price
	fall  string            // why the deal is not signed
	err   error
}

func (s *Server) inquiryShow(c echo.Context, a market.Actor) error {
	return s.showInquiry(c, a, posted{})
}

func (s *Server) showInquiry(c echo.Context, a market.Actor, p posted) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	i, err := s.Store.Inquiry(ctx, a, id)
	if err != nil {
		return err
	}
	side := s.inquirySide(a, i)
	if !side.party {
		if err := s.Service.ReadInquiry(ctx, a, id); err != nil {
			return err
		}
	}
	page := s.inquiryHead(i, side)
	if page.Work, err = s.work(c, a, page.Heading); err != nil {
		return err
	}
	messages, err := s.Store.InquiryMessages(ctx, a, id)
	if err != nil {
		return err
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "inquiry", ID: id})
	if err != nil {
		return err
	}
	terms, err := s.Store.InquiryTerms(ctx, a, id)
	if err != nil {
		return err
	}
	page.Round = rounds(messages)
	page.Thread = s.inquiryThread(i, side, messages, moves)
	page.Flow = s.inquiryFlow(i, messages, moves)
	page.Terms = s.termBox(a, i, side, terms, p)
	if page.Contact, err = s.contactBox(c, a, i, side); err != nil {
		return err
	}
	s.offerActs(&page, a, i, side, terms, p)
	s.tellTrouble(&page, p)
	return s.renderStatus(c, pageStatus(p.err), page)
}

// inquiryHead fills what comes from the inquiry alone.
func (s *Server) inquiryHead(i store.Inquiry, side inquirySide) inquiryPage {
	page := inquiryPage{ID: i.ID, Version: i.Version, Number: i.Number, Party: side.party, Running: i.State.Running(), State: inquiryState(i, side),
		Heading: "与" + side.other + "的对接", About: view.Link{Label: kindName(i.ListingKind) + "：" + i.Title, Href: listingPath(i.ListingKind, i.ListingID)},
		Seen: "双方单位的成员，以及受它们委托办理对接的机构。主管部门的审核和审计人员可以查看，每次查看都记入日志。"}
	if !side.party {
		page.Heading = side.other + "的对接"
	}
	if i.OtherListingID != nil {
		page.Other = &view.Link{Label: kindName(i.OtherKind) + "：" + i.OtherTitle, Href: listingPath(i.OtherKind, *i.OtherListingID)}
	}
	page.Halted = haltedAlert(i, side)
	if i.DueOn != nil && page.Halted == nil {
		page.Due = new(s.answerDue(*i.DueOn))
		page.Due.Note = dueDay(*i.DueOn)
		page.Whose = s.whoseTurn(i, side)
		page.Rest = fmt.Sprintf("剩 %d 个工作日时提醒；逾期满 %d 个工作日仍没有答复，对接自动关闭", market.RemindDays, market.LapseDays)
	}
	return page
}

// haltedAlert says where an inquiry stands while a party is suspended, nil when none is or nothing is under way. To the
// other party it does not say why: a name may be hidden.
func haltedAlert(i store.Inquiry, side inquirySide) *view.Alert {
	const still = "已谈的都保留，答复期限停止计算；恢复后重新计算，双方会收到通知。"
	switch {
	case !i.State.Running():
		return nil
	case side.halted:
		return &view.Alert{Kind: view.AlertBad, Title: "本单位已被暂停，对接停在这里", Text: still + "现在只能结束对接"}
	case side.otherHalted && side.party:
		return &view.Alert{Kind: view.AlertWarn, Title: "对方单位目前不能办理，对接停在这里", Text: still + "不想等的，也可以结束这次对接"}
	case side.otherHalted:
		return &view.Alert{Kind: view.AlertWarn, Title: "有一方单位已被暂停，对接停在这里", Text: still}
	}
	return nil
}

func (s *Server) whoseTurn(i store.Inquiry, side inquirySide) string {
	switch {
	case side.mine:
		return "轮到您答复"
	case side.party:
		return "等对方答复"
	case *i.TurnOrg == i.FromOrg:
		return "等" + i.FromName + "答复"
	}
	return "等" + s.receiverName(i) + "答复"
}

// rounds counts how often the word has gone from the one who opened the inquiry to the other.
func rounds(messages []store.InquiryMessage) int {
	n, from := 0, false
	for _, m := range messages {
		if m.FromSide && !from {
			n++
		}
		from = m.FromSide
	}
	return n
}

func (s *Server) inquiryThread(i store.Inquiry, side inquirySide, messages []store.InquiryMessage, moves []market.Move) []threadEntry {
	var thread []threadEntry
	for _, m := range messages {
		entry := threadEntry{Mine: side.party && m.FromSide == side.from, Who: s.receiverName(i), Person: m.UserName, On: m.On, At: m.At, Body: m.Body, Badge: answerBadge(m.Answer)}
		if m.FromSide {
			entry.Who = i.FromName
		}
		if m.Answer == "unsuitable" {
			entry.Reason = i.DeclineReason
		}
		thread = append(thread, entry)
	}
	for _, m := range moves {
		if text := s.moveText(i, m); text != "" {
			thread = append(thread, threadEntry{Event: true, At: m.At, Body: text, On: s.moveStamp(i, m)})
		}
	}
	slices.SortStableFunc(thread, func(x, y threadEntry) int { return x.At.Compare(y.At) })
	return thread
}

func answerBadge(answer string) *view.Badge {
	tone, ok := map[string]view.Tone{"interested": view.ToneGreen, "more": view.ToneAmber, "unsuitable": view.ToneRed}[answer]
	if !ok {
		return nil
	}
	return &view.Badge{Text: market.Answers.Name(answer), Tone: tone}
}

// moveText tells what happened besides messages. Terms are moved only once both sides know each other's names.
func (s *Server) moveText(i store.Inquiry, m market.Move) string {
	who := s.receiverName(i)
	if m.OrgID != nil && *m.OrgID == i.FromOrg {
		who = i.FromName
	}
	switch m.Move {
	case "propose":
		return who + "提出" + cmp.Or(service.TermList(m.Code), "条件")
	case "agree_term":
		return who + "同意" + cmp.Or(service.TermList(m.Code), "条件")
	case "agree":
		return who + "确认达成，成交编号 " + i.DealNumber
	case "decline":
		return who + "结束了对接"
	case "lapse":
		return "逾期没有答复，对接自动关闭"
	}
	return ""
}

// moveStamp is the stamp of an agency on a move, "" while it would tell a name that is hidden.
func (s *Server) moveStamp(i store.Inquiry, m market.Move) string {
	if i.ToHidden {
		return ""
	}
	return m.On()
}

// inquiryFlow shows how far the inquiry has come on the way to a registered contract.
func (s *Server) inquiryFlow(i store.Inquiry, messages []store.InquiryMessage, moves []market.Move) view.Flow {
	steps := []view.FlowStep{
		{Text: "发出", Note: view.MonthDay(i.CreatedAt) + " " + i.FromName},
		{Text: "答复", Note: "限 " + view.Num(s.ref.AnswerDays(i.CreatedAt)) + " 个工作日"},
		{Text: "谈条件", Note: fmt.Sprintf("%d 项，已同意 %d 项", len(market.TermNames), i.Agreed)},
		{Text: "达成", Note: "双方确认全部条件"},
		{Text: "起草合同", Note: "条件自动带入"},
		{Text: "申请登记"},
	}
	if n := slices.IndexFunc(messages, func(m store.InquiryMessage) bool { return !m.FromSide }); n >= 0 {
		days := s.ref.Calendar.WorkdaysBetween(i.CreatedAt, messages[n].At)
		steps[1].Text = "答复：" + market.Answers.Name(messages[n].Answer)
		steps[1].Note = fmt.Sprintf("%s 用了 %d 个工作日", view.MonthDay(messages[n].At), days)
	}
	if i.DealID != nil {
		steps[3].Note = i.DealNumber
	}
	current := currentStep(i)
	for n := range steps[:current] {
		steps[n].Mark = view.FlowDone
	}
	steps[current].Mark = view.FlowCurrent
	if i.DealState == market.DealFallen {
		steps[current] = view.FlowStep{Text: i.DealState.Name(), Note: i.FallReason, Mark: view.FlowStopped}
	}
	if i.State == market.InquiryDeclined || i.State == market.InquiryLapsed {
		last := moves[len(moves)-1]
		steps[current] = view.FlowStep{Text: i.State.Name(), Note: strings.TrimSpace(view.MonthDay(last.At) + " " + i.DeclineReason), Mark: view.FlowStopped}
	}
	return view.Flow{Label: "对接的进度", Steps: steps}
}

func currentStep(i store.Inquiry) int {
	switch {
	case i.DealState == market.DealContracted:
		return 5
	case i.State == market.InquiryAgreed:
		return 4
	case i.Agreed == len(market.TermNames):
		return 3
	case i.Accepted:
		return 2
	}
	return 1
}

// termBox shows the six terms and, to a party that may, the forms to agree and to propose.
func (s *Server) termBox(a market.Actor, i store.Inquiry, side inquirySide, terms []store.InquiryTerm, p posted) termBox {
	box := termBox{Heading: "提出条件"}
	current := map[string]store.InquiryTerm{}
	for _, t := range terms {
		current[t.Term] = t
	}
	acts := side.party && a.May(market.ScopeNegotiate) && i.State.Running() && !side.halted
	if acts && market.Inquiries.Can(i.State, "propose") {
		box.Propose = s.termFields(current, p)
		box.Open = p.form == "propose" || len(terms) == 0
	}
	if len(terms) == 0 {
		box.Summary, box.Empty = "还没有提出", termsAhead(i.State)
		return box
	}
	box.Heading = "改一项再提出"
	var counts [4]int
	var names []string
	for _, name := range market.TermNames {
		t, ok := current[name.Code]
		line, state := s.termLine(name.Name, t, ok, i, side)
		counts[state]++
		if acts && ok && t.WaitsFor(a.OrgID) {
			line.Agree = t.ID
			box.Waiting = append(box.Waiting, t.ID)
			names = append(names, name.Name)
		}
		box.Items = append(box.Items, line)
	}
	box.Summary = termSummary(counts, side)
	if len(names) > 0 {
		box.Agree = "同意" + listWords(names)
	}
	return box
}

// termsAhead says which terms will be talked about, while none is on the table.
func termsAhead(state market.InquiryState) string {
	switch {
	case !state.Running():
		return "没有提出过条件。"
	case state == market.InquiryOpen:
		return "要谈六项：合作方式、指标、期限、价款、付款、验收与归属。收到答复以后，双方都可以提出。"
	}
	return "要谈六项，双方都可以提出，对方同意才算定下。"
}

// States of a term as the box counts them.
const (
	termAgreed = iota
	termMine   // waits for the reader
	termTheirs // waits for the other party; for staff: for either
	termOpen   // nobody has proposed it
)

func (s *Server) termLine(name string, t store.InquiryTerm, ok bool, i store.Inquiry, side inquirySide) (termLine, int) {
	if !ok {
		return termLine{Name: name, Text: "—", Note: "还没有提出"}, termOpen
	}
	line := termLine{Name: name, Text: s.termText(t)}
	if t.PreviousAmount.Valid && !t.PreviousAmount.Decimal.Equal(t.Amount.Decimal) {
		line.Before = "上一版 " + market.FormatMoney(t.PreviousAmount.Decimal)
	}
	on := view.MonthDay(t.ProposedAt)
	switch {
	case t.AgreedAt != nil:
		line.Mark, line.Note = view.TickOK, "双方同意 "+view.MonthDay(*t.AgreedAt)
		return line, termAgreed
	case side.party && t.WaitsFor(side.org):
		line.Mark, line.Note = view.TickAsk, "对方 "+on+" 提出，等您同意"
		return line, termMine
	case side.party:
		line.Note = "本单位 " + on + " 提出，等对方同意"
	case t.ProposedOrg == i.FromOrg:
		line.Note = i.FromName + " " + on + " 提出"
	default:
		line.Note = s.receiverName(i) + " " + on + " 提出"
	}
	return line, termTheirs
}

// termText is a term in words: the name of a contract kind, a sum, or the text itself.
func (s *Server) termText(t store.InquiryTerm) string {
	switch t.Term {
	case "kind":
		kind, _ := s.ref.ContractKind(t.Value)
		return kind.Name() + "（" + t.Value + "）"
	case "price":
		return market.FormatMoney(t.Amount.Decimal)
	}
	return t.Value
}

func termSummary(n [4]int, side inquirySide) string {
	parts := []string{fmt.Sprintf("已同意 %d 项", n[termAgreed])}
	if n[termMine] > 0 {
		parts = append(parts, fmt.Sprintf("待您 %d 项", n[termMine]))
	}
	if n[termTheirs] > 0 && side.party {
		parts = append(parts, fmt.Sprintf("待对方 %d 项", n[termTheirs]))
	} else if n[termTheirs] > 0 {
		parts = append(parts, fmt.Sprintf("待同意 %d 项", n[termTheirs]))
	}
	if n[termOpen] > 0 {
		parts = append(parts, fmt.Sprintf("未提出 %d 项", n[termOpen]))
	}
	return strings.Join(parts, "，")
}

// listWords joins names as a sentence does: 价款与付款, 指标、价款与付款.
func listWords(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], "、") + "与" + names[last]
}

// termFields is the form of the six terms, filled with what is on the table or with what was typed.
func (s *Server) termFields(current map[string]store.InquiryTerm, p posted) []view.Field {
	at := errorsOf(nil)
	if p.form == "propose" {
		at = errorsOf(p.err)
	}
	fields := []view.Field{
		{Kind: view.KindSelect, Name: "kind", Label: "合作方式", Options: s.contractKinds()},
		{Kind: view.KindArea, Name: "indicators", Label: "指标", Lines: 3, Max: market.MaxTerm, Hint: "例：D97 ≤ 2.5 μm；电耗 ≤ 121 kW·h／t"},
		{Name: "period", Label: "期限", Max: market.MaxTerm, Hint: "例：合同生效起 10 个月"},
		{Kind: view.KindMoney, Name: "price", Label: "价款"},
		{Kind: view.KindArea, Name: "payment", Label: "付款", Lines: 3, Max: market.MaxTerm, Hint: "例：签约 30%，中试合格 40%，验收 30%"},
		{Kind: view.KindArea, Name: "acceptance", Label: "验收与归属", Lines: 3, Max: market.MaxTerm, Hint: "例：连续 72 h 取样，18 个样中 17 个合格；成果双方共有"},
	}
	for n := range fields {
		f := &fields[n]
		f.Error = at[f.Name]
		t, ok := current[f.Name]
		f.Value = t.Value
		if f.Name == "price" && ok {
			f.Value = t.Amount.Decimal.Shift(-4).String()
		}
		if p.form != "propose" {
			continue
		}
		f.Value = p.terms[f.Name]
		if f.Kind == view.KindMoney && p.unit == string(market.Yuan) {
			f.Unit = p.unit
		}
		if ok {
			f.Hint = "现在是：" + s.termText(t)
		}
	}
	return fields
}

func (s *Server) contractKinds() []view.Option {
	out := []view.Option{{Value: "", Label: "请选择"}}
	for _, k := range s.ref.ContractKinds {
		out = append(out, view.Option{Value: k.Code, Label: k.Name()})
	}
	return out
}

func (s *Server) contactBox(c echo.Context, a market.Actor, i store.Inquiry, side inquirySide) (*contactBox, error) {
	if !side.party {
		return nil, nil
	}
	contact, err := s.Store.InquiryContact(c.Request().Context(), a, i.ID)
	switch {
	case market.IsKind(err, market.NotFound) && i.State == market.InquiryOpen:
		return &contactBox{Text: "答复“感兴趣”或“需补充”后，双方的姓名、联系人和电话在这里显示。"}, nil
	case market.IsKind(err, market.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &contactBox{Facts: []view.Fact{{Label: "单位", Text: side.other}, {Label: "联系人", Text: contact.Name},
		{Label: "电话", Text: cmp.Or(contact.Phone, "没有留，请在对接里询问")}}, Text: "只有双方能看到，请勿转给他人。"}, nil
}

// offerActs adds the forms that the reader may use now.
func (s *Server) offerActs(page *inquiryPage, a market.Actor, i store.Inquiry, side inquirySide, terms []store.InquiryTerm, p posted) {
	if i.DealID != nil {
		page.Deal = dealNext(a, i, side, p)
	}
	if !side.party || !a.May(market.ScopeNegotiate) || !i.State.Running() {
		return
	}
	current := make([]market.InquiryTerm, len(terms))
	for n, t := range terms {
		current[n] = t.InquiryTerm
	}
	page.Conclude = market.Inquiries.Can(i.State, "agree") && len(market.MissingTerms(current)) == 0 && page.Halted == nil
	if side.mine && page.Halted == nil {
		page.Reply = s.replyForm(p)
	} else {
		page.Decline = declineForm(p)
	}
}

// dealNext tells a reader what becomes of the deal. The buyer does not see a contract before it was submitted, so only the
// seller is led to it.
func dealNext(a market.Actor, i store.Inquiry, side inquirySide, p posted) *dealBox {
	deal := &dealBox{Heading: i.DealState.Name(), Number: i.DealNumber}
	sells := side.party && side.from == (i.ListingKind == market.KindNeed)
	switch {
	case i.DealState == market.DealFallen:
		deal.Text = "没有签约：" + i.FallReason
	case i.DealState == market.DealContracted:
		deal.Text = "合同已登记。"
	case i.DealContract == nil && sells:
		deal.Next = &view.Action{Label: "起草合同", Href: fmt.Sprintf("/contracts/new?deal=%d", *i.DealID), Style: view.StylePrimary}
		deal.Text = "条件已冻结。由贵方起草合同，条件自动带入；签署后申请认定登记。"
	case i.DealContract == nil:
		deal.Text = "条件已冻结。由卖方起草合同，签署后由卖方申请认定登记。"
	default:
		deal.Text = "卖方已起草合同，申请登记后双方都能看到。"
	}
	if i.DealContract != nil && sells {
		deal.Next = &view.Action{Label: "看合同", Href: fmt.Sprintf("/contracts/%d", *i.DealContract)}
	}
	if side.party && a.May(market.ScopeNegotiate) && i.DealState == market.DealAgreed && i.DealContract == nil {
		deal.Fall = &fallForm{Open: p.form == "fall", DealID: *i.DealID, Reason: view.Field{Kind: view.KindArea, Name: "fall_reason", Label: "原因",
			Hint: "对方会看到", Lines: 3, Max: market.MaxFallReason, Value: p.fall, Error: errorsOf(p.err)["fall_reason"]}}
	}
	return deal
}

func (s *Server) replyForm(p posted) *replyForm {
	form := declineForm(p)
	form.Answer = view.Field{Kind: view.KindRadios, Cards: true, Name: "answer", Label: "答复类别", HideLabel: true, Value: p.reply.Code,
		Error: errorsOf(p.err)["answer"], Options: []view.Option{
			{Value: "interested", Label: "感兴趣", Hint: "继续谈，轮到对方"},
			{Value: "more", Label: "需补充", Hint: "写明要什么，轮到对方"},
			{Value: "unsuitable", Label: "不合适", Hint: "选原因，对接结束"}}}
	form.Reason.Hint = "选“不合适”时必选，对方会看到"
	form.Open = p.reply.Code == "unsuitable"
	today := market.DateOf(s.Now())
	form.Body.Hint = "不要写手机号、银行账号；联系方式在双方同意后自动显示。"
	form.Then = fmt.Sprintf("发送后轮到对方，%d 个工作日，今天发则 %s", s.ref.AnswerDays(today), dueDay(s.ref.AnswerBy(today)))
	return form
}

func declineForm(p posted) *replyForm {
	at := errorsOf(nil)
	if p.form == "answer" || p.form == "decline" {
		at = errorsOf(p.err)
	}
	form := &replyForm{Open: p.form == "decline",
		Reason: view.Field{Kind: view.KindSelect, Name: "reason", Label: "原因", Value: p.reply.Reason, Error: at["reason"],
			Hint: "对方会看到", Options: []view.Option{{Value: "", Label: "请选择"}}},
		Body: view.Field{Kind: view.KindArea, Name: "body", Label: "内容", Lines: 4, Max: market.MaxMessage, Value: p.reply.Body, Error: at["body"]}}
	for _, reason := range market.DeclineReasons {
		form.Reason.Options = append(form.Reason.Options, view.Option{Value: reason, Label: reason})
	}
	return form
}

// tellTrouble says on the page why the last act was not carried out.
func (s *Server) tellTrouble(page *inquiryPage, p posted) {
	if p.err == nil {
		return
	}
	if page.Errors = errorSummary(p.err); len(page.Errors.Items) > 0 {
		return
	}
	page.Trouble = &view.Alert{Kind: view.AlertWarn, Text: userMessage(p.err), Urgent: true}
}

// inquiryDone goes back to the inquiry after an act, or shows it again with what was typed and what is wrong.
func (s *Server) inquiryDone(c echo.Context, a market.Actor, p posted, message string) error {
	if market.IsKind(p.err, market.Invalid) || market.IsKind(p.err, market.Conflict) {
		return s.showInquiry(c, a, p)
	}
	if p.err != nil {
		return p.err
	}
	return s.done(c, "/inquiries/"+c.Param("id"), message)
}

func (s *Server) inquiryAnswer(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := posted{form: "answer", reply: market.Reply{Code: c.FormValue("answer"), Reason: c.FormValue("reason"), Body: c.FormValue("body")}}
	p.err = s.Service.AnswerInquiry(c.Request().Context(), a, id, p.reply)
	message := "答复已发出，轮到对方"
	if p.reply.Code == "unsuitable" {
		message = "对接已结束，对方会看到原因"
	}
	return s.inquiryDone(c, a, p, message)
}

func (s *Server) inquiryDecline(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := posted{form: "decline", reply: market.Reply{Reason: c.FormValue("reason"), Body: c.FormValue("body")}}
	p.err = s.Service.DeclineInquiry(c.Request().Context(), a, id, p.reply.Reason, p.reply.Body)
	return s.inquiryDone(c, a, p, "对接已结束，对方会看到原因")
}

func (s *Server) inquiryPropose(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := posted{form: "propose", terms: map[string]string{}, unit: c.FormValue("price_unit")}
	terms, err := readTerms(c, &p)
	if err == nil {
		err = s.Service.ProposeTerms(c.Request().Context(), a, id, formVersion(c), terms)
	}
	p.err = err
	return s.inquiryDone(c, a, p, "条件已提出，轮到对方同意")
}

// readTerms reads the terms that were filled in; those left empty are not proposed.
func readTerms(c echo.Context, p *posted) ([]market.InquiryTerm, error) {
	var problems market.Problems
	var terms []market.InquiryTerm
	for _, name := range market.TermNames {
		typed := c.FormValue(name.Code)
		p.terms[name.Code] = typed
		if strings.TrimSpace(typed) == "" {
			continue
		}
		term := market.InquiryTerm{Term: name.Code, Value: typed}
		if name.Code == "price" {
			term.Amount = parseMoney(&problems, "price", typed, p.unit)
		}
		terms = append(terms, term)
	}
	return terms, problems.Err()
}

func (s *Server) inquiryAgreeTerms(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	var ids []int64
	for _, text := range c.Request().PostForm["term"] {
		ids = append(ids, idValue(text))
	}
	err = s.Service.AgreeTerms(c.Request().Context(), a, id, ids)
	return s.inquiryDone(c, a, posted{err: err}, "已同意，对方会收到消息")
}

func (s *Server) inquiryAgree(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	_, err = s.Service.AgreeInquiry(c.Request().Context(), a, id, formVersion(c))
	return s.inquiryDone(c, a, posted{err: err}, "已达成，成交记录已生成")
}

// dealFall ends a deal that will not be signed. A deal is shown by the inquiry it came from.
func (s *Server) dealFall(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	inquiry, err := s.Store.InquiryOfDeal(ctx, a, id)
	if market.IsKind(err, market.NotFound) {
		return s.challengeFall(c, a, id)
	}
	if err != nil {
		return err
	}
	p := posted{form: "fall", fall: c.FormValue("fall_reason")}
	p.err = s.Service.FallDeal(ctx, a, id, p.fall)
	c.SetParamValues(fmt.Sprint(inquiry))
	return s.inquiryDone(c, a, p, "成交已取消，对方会收到消息和原因。需求和成果仍然公开")
}
