package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var contractPages = []view.Page{contractList{}, contractForm{}, contractShow{}, contractPaper{}, paperCheck{}, contractCopy{}, registryDesk{}, contractPapers{}, contractPayments{},
	supplementForm{}, amendmentPage{}, versionPage{}, objectionForm{}, objectionPage{}}

// contractAt is the contract of the address, when the actor reads it.
func (s *Server) contractAt(c echo.Context, a market.Actor) (store.Contract, error) {
	id, err := pathID(c)
	if err != nil {
		return store.Contract{}, err
	}
	return s.Store.Contract(c.Request().Context(), a, id)
}

// contractPath is the address of a contract.
func contractPath(id int64) string { return fmt.Sprintf("/contracts/%d", id) }

// contractTab is a view of a list: its name in the address and the states it holds.
type contractTab struct {
	name, label string
	states      []market.ContractState
}

// current returns the tab of that name, else the first.
func current(tabs []contractTab, name string) contractTab {
	for _, t := range tabs {
		if t.name == name {
			return t
		}
	}
	return tabs[0]
}

// ownTabs are the views of an organisation's contracts.
var ownTabs = []contractTab{
	{"", "全部", market.Contracts.States},
	{"todo", "要您办", []market.ContractState{market.ContractDraft, market.ContractSupplement}},
	{"desk", "登记办理中", []market.ContractState{market.ContractSubmitted, market.ContractAccepted, market.ContractSecondReview, market.ContractToRegister}},
	{"registered", "已登记", []market.ContractState{market.ContractRegistered}},
	{"ended", "已结束", []market.ContractState{market.ContractRefused, market.ContractWithdrawn, market.ContractCancelled, market.ContractRevoked}},
}

// contractList is the contracts of an organisation, and the deals that still wait for one.
type contractList struct {
	view.Work
	Actions []view.Action
	Deals   []dealLine
	Tabs    view.Tabs
	Lines   []ownLine
	Pager   view.Pager
	Empty   *view.Empty
}

func (contractList) Template() string { return "page/contract/list" }

// dealLine is a deal without a contract.
type dealLine struct {
	Title, Number, Parties, Kind string
	Price                        view.MoneyText
	Agreed                       time.Time
	Draft                        *view.Action // nil where the other side drafts
}

func (s *Server) contractList(c echo.Context, a market.Actor) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	tab := current(ownTabs, c.QueryParam("state"))
	counts, err := s.Store.OwnContractCounts(ctx, a)
	if err != nil {
		return err
	}
	cards, err := s.Store.OwnContracts(ctx, a, tab.states, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	deals, err := s.Store.OpenDeals(ctx, a, workPage)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "合同")
	if err != nil {
		return err
	}
	page := contractList{Work: work, Deals: s.dealLines(a, deals), Lines: s.ownLines(a, cards)}
	if a.May(market.ScopeContract) {
		page.Actions = []view.Action{newContractAction(a)}
	}
	page.Tabs = contractTabs(ownTabs, tab, counts, func(name string) string { return contractListPath(name, 1) })
	page.Pager = view.NewPager(number, workPage, counts.Of(tab.states...), "份", func(n int) string { return contractListPath(tab.name, n) })
	if len(cards) == 0 {
		page.Empty = &view.Empty{Title: "这里没有合同", Text: "在对接里达成后由卖方起草；市场外签的技术合同，也可以由卖方在这里申请登记。"}
	}
	return s.render(c, page)
}

func newContractAction(a market.Actor) view.Action {
	act := view.Action{ID: "new-contract", Label: "登记市场外的合同", Href: "/contracts/new", Icon: "plus", Small: true}
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		act.Why = err.Error()
	}
	return act
}

func contractListPath(state string, page int) string {
	path := "/contracts?state=" + state
	if page > 1 {
		path += fmt.Sprintf("&page=%d", page)
	}
	return path
}

func contractTabs(all []contractTab, now contractTab, counts store.ContractCounts, href func(string) string) view.Tabs {
	tabs := view.Tabs{Label: "按状态"}
	for _, t := range all {
		tabs.Items = append(tabs.Items, view.Tab{Label: t.label, Href: href(t.name), Count: countText(counts.Of(t.states...)), Current: t.name == now.name})
	}
	return tabs
}

// deskReader reports whether the actor reads the contract at the desk, and whether the contract is of an organisation of
// their own.
func (s *Server) deskReader(c echo.Context, a market.Actor, k store.Contract) (staff, interested bool, err error) {
	if !deskOf(a, k.Seller.Region) {
		return false, false, nil
	}
	interested, err = s.Store.InterestedInContract(c.Request().Context(), a, k.ID)
	return true, interested, err
}

// countText is a number of contracts, or that there are more than are counted.
func countText(n int) string {
	if n > store.ManyContracts {
		return view.Num(store.ManyContracts) + "+"
	}
	return view.Num(n)
}

func (s *Server) dealLines(a market.Actor, deals []store.OpenDeal) []dealLine {
	out := make([]dealLine, len(deals))
	for i, d := range deals {
		kind, _ := s.ref.ContractKind(d.Kind)
		out[i] = dealLine{Title: d.Title, Number: d.Number, Parties: d.SellerName + " → " + d.BuyerName, Kind: kind.Name(), Price: view.Money(d.Price), Agreed: d.AgreedAt}
		if d.SellerOrg == a.OrgID && a.May(market.ScopeContract) {
			out[i].Draft = &view.Action{Label: "起草合同", Href: fmt.Sprintf("/contracts/new?deal=%d", d.ID), Small: true, Style: view.StylePrimary}
			if i > 0 {
				out[i].Draft.Style = view.StyleLine
			}
		}
	}
	return out
}

// ownLine is a contract in its party's list.
type ownLine struct {
	Href, Title, Number string
	Side, Other         string
	Kind, SubKind       string
	Total               string
	Signed              time.Time
	State               view.State
	Due                 view.Cell
	Todo                bool
}

func (s *Server) ownLines(a market.Actor, cards []store.ContractCard) []ownLine {
	out := make([]ownLine, len(cards))
	for i, k := range cards {
		kind, _ := s.ref.ContractKind(k.Kind)
		out[i] = ownLine{Href: contractPath(k.ID), Title: k.Title, Number: k.Number, Side: "买方", Other: "卖方：" + k.SellerName,
			Kind: kind.Kind, SubKind: kind.SubKind, Total: market.FormatWan(k.TotalAmount), Signed: k.SignedOn,
			State: s.contractState(a, k), Due: s.dueCell(k)}
		if k.SellerOrg != nil && *k.SellerOrg == a.OrgID {
			out[i].Side, out[i].Other = "卖方", "买方："+k.BuyerName
		}
		out[i].Todo = out[i].State.Shape == view.ShapeTodo
	}
	return out
}

// contractState shows a contract's state to the reader: a diamond where the reader's side has to act.
func (s *Server) contractState(a market.Actor, k store.ContractCard) view.State {
	mine := k.SellerOrg != nil && *k.SellerOrg == a.OrgID && a.OrgID != 0
	st := view.State{Text: k.State.Name(), Shape: stateShape(k.State, mine, a.Has(market.Registrar) && !reviewedFirst(a, k.State, k.FirstReviewer))}
	if k.ReasonCode != nil {
		st.Note = s.groundName(*k.ReasonCode)
	}
	return st
}

// reviewedFirst reports whether the actor made the first review of a contract that now needs the second.
func reviewedFirst(a market.Actor, state market.ContractState, first *int64) bool {
	return state == market.ContractSecondReview && first != nil && *first == a.UserID
}

func stateShape(state market.ContractState, seller, registrar bool) view.Shape {
	switch {
	case seller && state.Editable(), registrar && state.OnDesk():
		return view.ShapeTodo
	case state == market.ContractRegistered:
		return view.ShapeDone
	case state == market.ContractAccepted, state == market.ContractSecondReview, state == market.ContractToRegister:
		return view.ShapeRun
	case state.Open():
		return view.ShapeWait
	}
	return view.ShapeStop
}

// groundName is a coded ground as people read it: R06 印章不齐全….
func (s *Server) groundName(code string) string {
	if code == "" {
		return ""
	}
	return code + " " + s.ref.GroundName(code)
}

// dueCell is the clock of a contract in a list.
func (s *Server) dueCell(k store.ContractCard) view.Cell {
	switch {
	case k.State.OnDesk() && k.DueOn != nil && k.AcceptedOn != nil:
		due := s.contractDue(*k.AcceptedOn, *k.DueOn)
		due.Total, due.Used = 0, 0 // up to 30 pips would crowd out the rest of the line
		return view.Cell{Due: &due, Sub: view.MonthDay(*k.DueOn) + " 前办结"}
	case k.State == market.ContractSupplement:
		return view.Cell{Text: "停表，等补正"}
	case k.State == market.ContractSubmitted:
		return view.Cell{Text: "受理后起算"}
	case k.RegisteredOn != nil && k.RegistrationNumber != nil:
		return view.Cell{Text: view.Date(*k.RegisteredOn) + " 登记", Sub: *k.RegistrationNumber}
	}
	return view.Cell{Text: "—"}
}

// contractDue is the clock from acceptance to the last day for the decision, in working days.
func (s *Server) contractDue(accepted, due time.Time) view.Due {
	total := s.ref.Calendar.WorkdaysBetween(accepted, due)
	used := max(s.ref.Calendar.WorkdaysBetween(accepted, s.Service.Today()), 0)
	left := total - used
	d := view.Due{Total: total, Used: used, Level: view.DueLevelFor(left), Text: fmt.Sprintf("还剩 %d 个工作日", left)}
	switch {
	case left < 0:
		d.Text = fmt.Sprintf("逾期 %d 个工作日", -left)
	case left == 0:
		d.Text = "今天 17:30 止"
	}
	return d
}

// contractShow is a contract for its parties and for the desk.
type contractShow struct {
	view.Work
	C          store.Contract
	Back       view.Link
	Place      *deskPlace
	Sub        []string
	On         string // the stamp of the agency that drew it up
	Two        string // why two people review it
	State      view.State
	Actions    []view.Action
	Alert      *view.Alert
	Flow       view.Flow
	Due        *view.Due
	DueOn      time.Time
	ClockNote  string
	Staff      bool
	Signals    *signalBox // for the desk
	Elements   view.Table
	Sum        view.Sum
	SumNote    string
	Points     []string
	PointsHead string
	PointsNote string
	Rights     view.Table
	Plan       view.Table
	PlanNote   string
	Papers     []paperRow
	Wanted     *view.Alert
	Payments   []paymentRow
	Log        view.Log
	Amended    *amendedBox
	Objections *objectionsBox
	Dispute    *view.Alert
	Changing   *view.State // while a change or a supplement waits for a decision
	Panel      decidePanel
	Correction *correctionBox // why it is to be taken off the register, by a reconciliation
	Incentives *incentiveBox
	Rewards    []rewardRow
}

func (contractShow) Template() string { return "page/contract/show" }

// deskPlace leads through the queue.
type deskPlace struct {
	Text, Prev, Next string
}

func (s *Server) contractShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showContract(c, a, id, contractAct{}, nil)
}

// contractAct is a decision that was posted and not accepted, shown again with what was typed.
type contractAct struct {
	move string
	form func(field string) string
}

// typed returns what was posted to that move's field.
func (t contractAct) typed(move, field, initial string) string {
	if t.move != move {
		return initial
	}
	return t.form(field)
}

func (s *Server) showContract(c echo.Context, a market.Actor, id int64, posted contractAct, failed error) error {
	ctx := c.Request().Context()
	k, err := s.Store.Contract(ctx, a, id)
	if err != nil {
		return err
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "contract", ID: id})
	if err != nil {
		return err
	}
	work, err := s.work(c, a, k.Title)
	if err != nil {
		return err
	}
	page := contractShow{Work: work, C: k, Staff: deskOf(a, k.Seller.Region), Log: s.contractLog(a, k, moves)}
	if s.needsTwo(k.Contract) {
		page.Two = s.twoReason(k.Contract)
	}
	page.Errors = errorSummary(failed)
	kind, _ := s.ref.ContractKind(k.Kind)
	page.Sub = []string{kind.Name() + "（" + k.Kind + "）"}
	page.On = draftedOn(moves)
	page.State = view.State{Text: k.State.Name(), Shape: stateShape(k.State, s.sells(a, k), a.Has(market.Registrar) && !reviewedFirst(a, k.State, k.FirstReviewer))}
	page.Actions, page.Alert = s.contractActions(a, k), s.contractAlert(k, moves)
	page.Flow, page.Elements = s.contractFlow(a, k, moves), s.contractElements(k)
	page.Sum, page.SumNote = contractSum(k.Contract)
	page.Amended = s.amendedPart(a, k)
	page.Objections, page.Dispute = s.objectionsPart(a, k), objectionAlert(k)
	page.Incentives = s.incentiveBox(k)
	if page.Rewards, err = s.rewardRows(c, a, k); err != nil {
		return err
	}
	if open := k.OpenAmendment(); open != nil {
		page.Changing = new(s.amendmentState(a, k, open.Amendment))
		page.Changing.Text = open.Kind.Name() + "中"
	}
	page.Rights, page.Plan, page.PlanNote = s.rightsTable(k.IPs), planTable(k.Contract), paidNote(k)
	for _, f := range k.Files {
		page.Papers = append(page.Papers, fileRow(f))
	}
	for _, y := range k.Payments {
		page.Payments = append(page.Payments, payRow(y))
	}
	if s.sells(a, k) && k.State.Editable() {
		page.Points, page.PointsHead, page.PointsNote = kind.Conditions(), "登记条件："+kind.Name(), "登记人员逐条对照，提交前请先自查"
		page.Wanted = wantedAlert(k)
	}
	if k.AcceptedOn != nil && k.DueOn != nil && k.State.OnDesk() {
		due := s.contractDue(*k.AcceptedOn, *k.DueOn)
		due.Text = fmt.Sprintf("第 %d 个工作日，共 %d 个；%s", due.Used, due.Total, due.Text)
		page.Due, page.DueOn, page.ClockNote = &due, *k.DueOn, "受理日次日起算，补正后重新起算"
	}
	page.Back = view.Link{Label: "合同", Href: "/contracts"}
	if page.Staff {
		page.Back = view.Link{Label: "合同登记", Href: "/registry"}
		markCurrent(page.SideGroups, page.Back.Href)
		if err := s.deskSide(c, a, &page, kind); err != nil {
			return err
		}
	}
	b := panelBuilder{s: s, k: k, posted: posted, at: errorsOf(failed), base: contractPath(k.ID)}
	_, interested, err := s.deskReader(c, a, k)
	if err != nil {
		return err
	}
	if page.Staff {
		if err := s.deskSignals(c, a, &page, &b, interested); err != nil {
			return err
		}
	}
	if page.Correction, err = s.removalAsked(c, a, id, &b); err != nil {
		return err
	}
	page.Panel = b.panel(a, interested)
	return s.renderStatus(c, formStatus(failed), page)
}

// deskOf reports whether the actor reads the contracts of sellers at that place as one of the desk.
func deskOf(a market.Actor, region string) bool {
	return a.Reaches(region, market.Registrar, market.Statistician, market.Auditor)
}

// sells reports whether the actor acts for the contract's seller.
func (s *Server) sells(a market.Actor, k store.Contract) bool {
	return k.Seller.OrgID != nil && *k.Seller.OrgID == a.OrgID
}

// buys reports whether the actor acts for the contract's buyer.
func (s *Server) buys(a market.Actor, k store.Contract) bool {
	return k.Buyer.OrgID != nil && *k.Buyer.OrgID == a.OrgID
}

// needsTwo reports whether the contract is reviewed by two people.
func (s *Server) needsTwo(k market.Contract) bool {
	day := s.Service.Today()
	if k.AcceptedOn != nil {
		day = *k.AcceptedOn
	}
	return k.NeedsSecondReview(s.ref, day)
}

// deskSide adds what the desk sees beside the parties: place in the queue and points of review.
func (s *Server) deskSide(c echo.Context, a market.Actor, page *contractShow, kind market.ContractKind) error {
	ctx := c.Request().Context()
	switch place, err := s.Store.DeskPlace(ctx, a, page.C.ID); {
	case err == nil:
		page.Place = &deskPlace{Text: fmt.Sprintf("待办第 %d 件，共 %d 件", place.Place, place.Total)}
		if place.Prev != nil {
			page.Place.Prev = contractPath(*place.Prev)
		}
		if place.Next != nil {
			page.Place.Next = contractPath(*place.Next)
		}
	case !market.IsKind(err, market.NotFound):
		return err
	}
	if page.C.State == market.ContractAccepted || page.C.State == market.ContractSecondReview {
		page.Points, page.PointsHead, page.PointsNote = kind.Conditions(), "审查要点："+kind.Name(), "逐条对照合同文本"
	}
	return nil
}

func (s *Server) contractActions(a market.Actor, k store.Contract) []view.Action {
	acts := []view.Action{{Label: "合同文本", Href: contractPath(k.ID) + "/text", Icon: "doc", Small: true},
		{Label: "登记表", Href: contractPath(k.ID) + "/print", Icon: "print", Small: true}}
	if k.State == market.ContractRegistered {
		acts = append(acts, view.Action{Label: "登记证明", Href: contractPath(k.ID) + "/certificate", Icon: "print", Small: true})
	}
	if k.Removal != nil {
		acts = append(acts, view.Action{Label: "告知书", Href: contractPath(k.ID) + "/notice", Icon: "print", Small: true})
	}
	if s.sells(a, k) && a.May(market.ScopeContract) && k.State.Editable() {
		acts = append(acts, view.Action{Label: "修改合同", Href: contractPath(k.ID) + "/edit", Icon: "edit", Small: true},
			view.Action{Label: "上传材料", Href: papersPath(k.ID), Icon: "doc", Small: true})
	}
	if (s.sells(a, k) || s.buys(a, k)) && a.May(market.ScopeContract) && k.State.Payable() {
		acts = append(acts, view.Action{Label: "付款凭证", Href: paymentsPath(k.ID), Icon: "doc", Small: true})
	}
	return append(append(acts, s.amendActions(a, k)...), s.objectAction(a, k)...)
}

// contractAlert says at the head of the page why the contract does not go on.
func (s *Server) contractAlert(k store.Contract, moves []market.Move) *view.Alert {
	title := map[market.ContractState]string{market.ContractSupplement: "退回补正：", market.ContractRefused: "不予登记：",
		market.ContractCancelled: "已注销", market.ContractRevoked: "已撤销"}[k.State]
	if title == "" {
		return nil
	}
	alert := &view.Alert{Kind: view.AlertBad, Title: title + s.groundName(k.ReasonCode), Text: k.Reason}
	if k.Removal != nil {
		alert.Title += "：" + s.groundName(k.Removal.Ground)
	}
	if k.State == market.ContractSupplement {
		alert.Kind = view.AlertWarn
	}
	if len(moves) > 0 && k.ReasonCode == "" {
		alert.Title += "，" + view.Date(moves[len(moves)-1].At)
	}
	return alert
}

// contractStages are the steps of a contract, with the moves that complete each.
var contractStages = []struct {
	text  string
	moves []string
	state market.ContractState // in which the step is under way
}{
	{"提交", []string{"submit"}, market.ContractDraft},
	{"受理", []string{"accept"}, market.ContractSubmitted},
	{"初审", []string{"pass", "pass_up"}, market.ContractAccepted},
	{"复审", []string{"confirm"}, market.ContractSecondReview},
	{"报全国系统，录编号", []string{"register"}, market.ContractToRegister},
}

// contractFlow draws where the contract stands. One that ended stops at the step it had come to.
func (s *Server) contractFlow(a market.Actor, k store.Contract, moves []market.Move) view.Flow {
	flow := view.Flow{Label: "登记进度"}
	at := stageState(k.State, moves)
	reached := false
	for _, stage := range contractStages {
		if stage.state == market.ContractSecondReview && !s.needsTwo(k.Contract) {
			continue
		}
		step := view.FlowStep{Text: stage.text, Mark: view.FlowDone}
		switch {
		case reached:
			step.Mark = view.FlowAhead
		case stage.state == at:
			reached = true
			step.Mark = view.FlowCurrent
			if k.State != at {
				step.Mark, step.Note = view.FlowStopped, k.State.Name()
			}
		default:
			step.Note = s.stageNote(a, k, moves, stage.moves)
		}
		flow.Steps = append(flow.Steps, step)
	}
	last := view.FlowStep{Text: "已登记", Note: "计入成交额"}
	switch {
	case k.State == market.ContractRegistered:
		last.Mark, last.Note = view.FlowDone, view.Date(*k.RegisteredOn)+" 登记"
	case !reached:
		last.Text, last.Mark, last.Note = k.State.Name(), view.FlowStopped, "从成交额中减去"
	}
	flow.Steps = append(flow.Steps, last)
	return flow
}

// stageState is the state whose step the contract is at, or had come to when it was stopped.
func stageState(state market.ContractState, moves []market.Move) market.ContractState {
	switch state {
	case market.ContractSupplement:
		return market.ContractDraft
	case market.ContractRefused, market.ContractWithdrawn:
		if len(moves) == 0 || moves[len(moves)-1].From == string(market.ContractSupplement) {
			return market.ContractDraft
		}
		return market.ContractState(moves[len(moves)-1].From)
	}
	return state
}

// stageNote is when a step was last completed, and by whom where the reader may know.
func (s *Server) stageNote(a market.Actor, k store.Contract, moves []market.Move, names []string) string {
	for _, m := range slices.Backward(moves) {
		if slices.Contains(names, m.Move) {
			return strings.TrimSpace(view.MonthDay(m.At) + " " + s.moverName(a, k, m))
		}
	}
	return ""
}

// moverName is who made a move. The desk's people are named to the desk; a party reads its own people's names and the
// other party's organisation.
func (s *Server) moverName(a market.Actor, k store.Contract, m market.Move) string {
	sellerMove := slices.Contains([]string{"create", "submit", "withdraw", "change_ask", "change_withdraw", "supplement_ask", "supplement_withdraw"}, m.Move)
	switch {
	case deskOf(a, k.Seller.Region):
		return cmp.Or(m.UserName, m.OrgName)
	case !sellerMove:
		return "登记机构"
	case s.sells(a, k):
		return m.UserName
	}
	return k.Seller.Name
}

// moveTexts say what a move did.
var moveTexts = map[string]string{"create": "起草合同", "submit": "提交登记申请", "accept": "受理", "return": "退回补正", "pass": "初审通过，转待登记",
	"pass_up": "初审通过，转复审", "confirm": "复审通过，转待登记", "register": "确认登记", "refuse": "不予登记", "withdraw": "撤回", "cancel": "注销登记", "revoke": "撤销登记",
	"change_ask": "申请变更", "change_withdraw": "撤回变更申请", "change_propose": "按全国系统提出更正", "change_pass": "变更初审通过，转复审", "change_confirm": "确认变更，登记成为新的一版", "change_refuse": "不同意变更",
	"supplement_ask": "申请提成补充", "supplement_withdraw": "撤回提成补充", "supplement_pass": "提成补充初审通过，转复审", "supplement_confirm": "确认提成补充", "supplement_refuse": "不同意提成补充",
	"dispute": "因异议转复审", "objection_record": "登记异议", "objection_propose": "拟异议结论", "objection_return": "退回异议结论", "objection_confirm": "异议有结论", "objection_withdraw": "异议撤回", "objection_close": "异议随登记有结论"}

// draftedOn is the stamp of the agency that drew a contract up or handed it in last, "" when none did.
func draftedOn(moves []market.Move) string {
	for _, m := range slices.Backward(moves) {
		if m.On() != "" && (m.Move == "create" || m.Move == "submit") {
			return m.On()
		}
	}
	return ""
}

// contractLog is the history, newest first.
func (s *Server) contractLog(a market.Actor, k store.Contract, moves []market.Move) view.Log {
	log := view.Log{}
	for i, m := range slices.Backward(moves) {
		text := cmp.Or(moveTexts[m.Move], m.Move)
		if m.Move == "register" && k.RegistrationNumber != "" {
			text += "，编号 " + k.RegistrationNumber
		}
		if why := strings.TrimSpace(s.groundName(m.Code)); why != "" {
			text += "：" + why
		}
		if m.Note != "" && m.Note != s.ref.GroundName(m.Code) {
			text += "。" + m.Note
		}
		item := view.LogItem{At: m.At, When: view.DateTime(m.At), Text: text, Now: i == len(moves)-1, Done: true}
		if who := s.moverName(a, k, m); who != "" {
			item.By = &view.By{Name: who, For: m.On()}
		}
		log.Items = append(log.Items, item)
	}
	return log
}

// contractElements are the contract's fields in the order of the national form.
func (s *Server) contractElements(k store.Contract) view.Table {
	t := view.Table{Label: "合同要素", Caption: "合同要素", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "字段"}, {Label: "申报值"}}}
	add := func(label, text, sub string) {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: label}, {Text: cmp.Or(text, "—"), Sub: sub}}})
	}
	kind, _ := s.ref.ContractKind(k.Kind)
	add("卖方（申请人）", k.Seller.Name, s.partyLine(k.Seller, k.SellerPark, k.SellerVerifiedAt))
	add("卖方情况", s.traitsLine(k.Seller), s.contactLine(k.Seller))
	add("买方", k.Buyer.Name, s.partyLine(k.Buyer, "", k.BuyerVerifiedAt))
	add("买方情况", s.traitsLine(k.Buyer), s.contactLine(k.Buyer))
	add("中介方", k.AgencyName, "")
	add("合同类别", kind.Name()+"（"+k.Kind+"）", prefixed("许可方式：", s.ref.LicenceModes.Name(k.LicenceMode)))
	add("技术领域", s.ref.TechFields.Name(k.TechField), prefixed("专业市场：", s.ref.Submarkets.Name(k.Submarket)))
	add("社会经济目标", s.ref.EconomicGoals.Name(k.EconomicGoal), "")
	add("知识产权", s.ref.IPTypes.Name(k.IPType), "")
	add("计划来源", s.ref.PlanSources.Name(k.PlanSource), "")
	add("签订与有效期", view.Date(k.SignedOn)+" 签订；"+view.Date(k.StartsOn)+" 至 "+view.Date(k.EndsOn), "")
	add("支付方式", s.ref.PaymentModes.Name(k.PaymentMode), openAmount(k.Contract))
	if k.AddedInvestment.Valid || k.AddedOutput.Valid {
		add("预计新增", "投入 "+optionalMoney(k.AddedInvestment)+"；产值 "+optionalMoney(k.AddedOutput), "")
	}
	add("关联交易", yesNo(k.Related), "")
	add("特别情形", specialLine(k.Contract), "")
	add("成交方式", market.TradeModes.Name(k.TradeMode), prefixed("成交编号 ", k.DealNumber))
	return t
}

func openAmount(k market.Contract) string {
	if k.AmountOpen {
		return "总额未定，合同成交额是签约时确定或预计的数，以后按结算补充"
	}
	return ""
}

func optionalMoney(sum decimal.NullDecimal) string {
	if !sum.Valid {
		return "—"
	}
	return market.FormatMoney(sum.Decimal)
}

func specialLine(k market.Contract) string {
	var parts []string
	if k.Foreign {
		parts = append(parts, "外文合同，附中文译本和一致性声明")
	}
	if k.Government {
		parts = append(parts, "政府科技项目，以任务书或中标通知书登记")
	}
	return strings.Join(parts, "；")
}

func (s *Server) partyLine(q market.Party, park string, verified *time.Time) string {
	known := "市场外单位"
	if verified != nil {
		known = "已核验 " + view.Date(*verified)
	}
	return joined(string(q.USCC), s.ref.PartyTypes.Name(q.Type)+"（"+q.Type+"）", s.ref.Regions.Name(q.Region), s.ref.Parks.Name(park), known)
}

// traitsLine is the scale, the industry and the traits of a party.
func (s *Server) traitsLine(q market.Party) string {
	parts := []string{prefixed("规模", market.OrgScales.Name(q.Scale)), s.ref.ClassName(q.Industry)}
	for _, trait := range q.Traits {
		parts = append(parts, market.PartyTraits.Name(trait))
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "，")
}

// contactLine is who stands for a party, and where it is reached.
func (s *Server) contactLine(q market.Party) string {
	return joined(prefixed("法定代表人 ", q.LegalRep), prefixed("联系人 ", strings.TrimSpace(q.Contact+" "+q.Phone)), strings.TrimSpace(q.Address+" "+q.Postcode))
}

// joined sets what there is of the parts side by side.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "　")
}

// rightsTable lists the rights that a contract is about.
func (s *Server) rightsTable(ips []market.IP) view.Table {
	t := view.Table{Label: "知识产权清单", Caption: "知识产权清单", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "名称"}, {Label: "号码"}, {Label: "状态"}, {Label: "申请日期"}, {Label: "保护期止"}}}
	for _, ip := range ips {
		filed, end := "—", "—"
		if ip.FiledOn != nil {
			filed = view.Date(*ip.FiledOn)
		}
		if day := ip.ExpiresOn(); day != nil {
			end = view.Date(*day)
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: cmp.Or(ip.Title, s.ref.IPTypes.Name(ip.Type)), Sub: s.ref.IPTypes.Name(ip.Type)}, {Text: dash(ipNumber(ip))},
			{Text: market.IPStatuses.Name(ip.Status)}, {Text: filed}, {Text: end}}})
	}
	return t
}

// planTable is the plan of payment with its sum.
func planTable(k market.Contract) view.Table {
	t := view.Table{Label: "付款计划", Caption: "付款计划", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "期"}, {Label: "付款条件"}, {Label: "最迟日期"}, {Label: "金额", Unit: "元", Num: true}}}
	for i, n := range k.Instalments {
		due := "—"
		if n.DueOn != nil {
			due = view.Date(*n.DueOn)
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: fmt.Sprintf("第 %d 期", i+1)}, {Text: dash(n.Milestone)}, {Text: due}, {Text: market.FormatYuan(n.Amount)}}})
	}
	if len(t.Rows) > 0 {
		t.Foot = []view.Cell{{Text: "合计"}, {}, {}, {Text: market.FormatYuan(k.Scheduled())}}
	}
	return t
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// contractHints are what the desk should look at beside the signals; none needs an answer.
func (s *Server) contractHints(k store.Contract, pairs []store.PairContract) []signal {
	var out []signal
	since := s.Service.Today().AddDate(-1, 0, 0)
	if near := slices.DeleteFunc(pairs, func(p store.PairContract) bool { return p.SignedOn.Before(since) }); len(near) > 0 {
		out = append(out, signal{"同一对当事人", fmt.Sprintf("近 12 个月另有 %d 份，请看标的和指标是否重合。", len(near)), pairTable(near)})
	}
	if k.DealPrice.Valid && !k.DealPrice.Decimal.Equal(k.TotalAmount) {
		out = append(out, signal{Title: "与成交记录不一致", Text: fmt.Sprintf("成交记录 %s 的价款是 %s，合同成交额是 %s。", k.DealNumber,
			market.FormatMoney(k.DealPrice.Decimal), market.FormatMoney(k.TotalAmount))})
	}
	if k.State.Open() && k.EndsOn.Before(s.Service.Today()) {
		out = append(out, signal{Title: "有效期已过（R12）", Text: "合同有效期止于 " + view.Date(k.EndsOn) + "。"})
	}
	for _, text := range k.Warnings(s.ref) {
		out = append(out, signal{Title: "知识产权", Text: text + "。"})
	}
	if wanted := wantedPapers(k); len(wanted) > 0 && k.State.Open() {
		out = append(out, signal{Title: "材料不全（R05）", Text: "没有上传：" + strings.Join(wanted, "、") + "。"})
	}
	return out
}

func pairTable(pairs []store.PairContract) view.Table {
	t := view.Table{Label: "同一对当事人的合同", Caption: "同一对当事人的合同", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "题名"}, {Label: "状态"}, {Label: "签订"}, {Label: "合同成交额", Unit: "万元", Num: true}}}
	for _, p := range pairs {
		number := p.Number
		if p.RegistrationNumber != nil {
			number = *p.RegistrationNumber
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: p.Title, Href: contractPath(p.ID), Sub: number}, {Text: p.State.Name()},
			{Text: view.Date(p.SignedOn)}, {Text: market.FormatWan(p.TotalAmount)}}})
	}
	return t
}

// act carries out a move on the contract of the address. What the form got wrong is shown on the contract's page.
func (s *Server) contractMove(c echo.Context, a market.Actor, move, done string, do func(id int64) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = do(id)
	if market.IsKind(err, market.Invalid) {
		return s.showContract(c, a, id, contractAct{move: move, form: c.FormValue}, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, contractPath(id), done)
}

// contractSubmit hands the contract in. What is missing is mended in its form.
func (s *Server) contractSubmit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.SubmitContract(c.Request().Context(), a, id)
	if market.IsKind(err, market.Invalid) {
		in, stored := s.storedInput(c, a)
		if stored != nil {
			return stored
		}
		return s.showContractForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, contractPath(id), "登记申请已提交。登记机构受理后起算办理时限")
}

func (s *Server) contractWithdraw(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "withdraw", "合同已撤回", func(id int64) error { return s.Service.WithdrawContract(c.Request().Context(), a, id) })
}

func (s *Server) contractAccept(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "accept", "已受理，办理时限从今天起算", func(id int64) error { return s.Service.AcceptContract(c.Request().Context(), a, id) })
}

func (s *Server) contractReturn(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "return", "已退回补正，申请人会收到通知", func(id int64) error {
		return s.Service.ReturnContract(c.Request().Context(), a, id, c.FormValue("code"), c.FormValue("note"))
	})
}

func (s *Server) contractPass(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "pass", "初审已通过", func(id int64) error { return s.Service.PassContract(c.Request().Context(), a, id) })
}

func (s *Server) contractConfirm(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "confirm", "复审已通过，转待登记", func(id int64) error { return s.Service.ConfirmContract(c.Request().Context(), a, id) })
}

func (s *Server) contractRegister(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "register", "合同已登记，成交额已计入", func(id int64) error {
		number, on, err := registrationForm(c)
		if err != nil {
			return err
		}
		return s.Service.RegisterContract(c.Request().Context(), a, id, number, on)
	})
}

// registrationForm reads number and date, and asks about a number whose year is not that of the date unless the box
// beside it is ticked.
func registrationForm(c echo.Context) (string, time.Time, error) {
	var p market.Problems
	number, on := c.FormValue("number"), parseDate(&p, "registered_on", c.FormValue("registered_on"))
	if yearOff(number, on) && c.FormValue("number_confirm") == "" {
		p.Add("number", "编号里的年份与登记日期不是同一年。核对无误后勾选下面一项，再确认登记")
	}
	return number, on, p.Err()
}

// yearOff reports whether a well-formed number carries another year than the date.
func yearOff(number string, on time.Time) bool {
	parsed, err := market.ParseRegistrationNumber(number)
	return err == nil && !on.IsZero() && market.RegistrationYearOff(parsed, on)
}

func (s *Server) contractRefuse(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "refuse", "已决定不予登记，双方会收到通知", func(id int64) error {
		return s.Service.RefuseContract(c.Request().Context(), a, id, c.FormValue("code"), c.FormValue("note"))
	})
}

func (s *Server) contractCancel(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "cancel", "登记已注销，成交额已减去", func(id int64) error {
		return s.Service.CancelContract(c.Request().Context(), a, id, removalForm(c))
	})
}

func (s *Server) contractRevoke(c echo.Context, a market.Actor) error {
	return s.contractMove(c, a, "revoke", "登记已撤销，成交额已减去", func(id int64) error {
		return s.Service.RevokeContract(c.Request().Context(), a, id, removalForm(c))
	})
}
