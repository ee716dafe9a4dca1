package server

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/print"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

func objectionPath(contract, id int64) string {
	return fmt.Sprintf("%s/objections/%d", contractPath(contract), id)
}

// objectionForm is the page on which the desk records an objection to a contract.
type objectionForm struct {
	view.Work
	C      store.Contract
	Back   view.Link
	Action string
	Key    string
	Upload string
	Fields []view.Field
	Effect string
}

func (objectionForm) Template() string { return "page/contract/object" }

// objectable is the contract of the address, when the desk can record an objection to it now.
func (s *Server) objectable(c echo.Context, a market.Actor) (store.Contract, error) {
	k, err := s.contractAt(c, a)
	if err != nil {
		return k, err
	}
	if !a.Reaches(k.Seller.Region, market.Registrar) {
		return k, market.ErrNotFound
	}
	if k.OpenObjection() != nil && c.Request().Method != "POST" {
		return k, market.Errorf(market.Conflict, "这份合同有一项异议还没有结论。请先办完它，再登记新的")
	}
	return k, k.TakesObjection()
}

func (s *Server) objectionNew(c echo.Context, a market.Actor) error {
	k, err := s.objectable(c, a)
	if err != nil {
		return err
	}
	return s.showObjectionForm(c, a, k, "", nil)
}

func (s *Server) showObjectionForm(c echo.Context, a market.Actor, k store.Contract, upload string, failed error) error {
	work, err := s.work(c, a, "登记异议")
	if err != nil {
		return err
	}
	page := objectionForm{Work: work, C: k, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Action: contractPath(k.ID) + "/objections",
		Key: cmp.Or(c.FormValue("key"), formKey()), Upload: upload}
	markCurrent(page.SideGroups, "/registry")
	days := int(s.ref.Parameter("registration_days_large", s.Service.Today()))
	page.Effect = fmt.Sprintf("合同转为两人审查，办理时限改为受理后 %d 个工作日；已经通过初审、等待登记的，转由另一人复审。合同准予或者不予登记时，异议随之有结论。", days)
	if k.State == market.ContractRegistered {
		page.Effect = fmt.Sprintf("开始重新审查，%d 个工作日内由一人拟结论、另一人复核：维持登记、应当变更、注销或者撤销。有结论以前登记照旧，但不能另行注销、撤销。", days)
	}
	at := errorsOf(failed)
	page.Errors = errorSummary(failed)
	page.Fields = []view.Field{
		{Name: "objector", Kind: view.KindSelect, Label: "谁提出的", Options: selectOptions(market.Objectors), Value: c.FormValue("objector"), Error: at["objector"]},
		{Name: "name", Label: "来函机关", Optional: true, Hint: "全称，例：国家税务总局吉安市税务局；申请人提出的不用填", Value: c.FormValue("name"), Error: at["name"]},
		{Name: "letter_number", Label: "文号", Optional: true, Hint: "机关来函没有文号的填“无”；申请人提出的可以不填", Value: c.FormValue("letter_number"), Error: at["letter_number"]},
		{Name: "letter_on", Kind: view.KindDate, Label: "来函日期", Value: c.FormValue("letter_on"), Error: at["letter_on"]},
		{Name: "body", Kind: view.KindArea, Lines: 5, Label: "异议内容（双方会看到）", Hint: "对什么有异议，理由是什么", Max: 2000, Value: c.FormValue("body"), Error: at["body"]},
		uploadField(market.FileContract, "来函", "扫描件；只有登记机构能打开。", upload, at),
	}
	return s.renderStatus(c, formStatus(failed), page)
}

func (s *Server) objectionRecord(c echo.Context, a market.Actor) error {
	k, err := s.objectable(c, a)
	if err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	var p market.Problems
	x := market.Objection{ContractID: k.ID, Objector: c.FormValue("objector"), Name: c.FormValue("name"), LetterNumber: c.FormValue("letter_number"),
		LetterOn: parseDate(&p, "letter_on", c.FormValue("letter_on")), Body: c.FormValue("body")}
	var failed error
	x.FileID, failed = s.postedPaper(c, a, market.FileContract)
	upload := x.FileID
	switch {
	case failed != nil:
		failed = merge(p, failed)
	case len(p) > 0:
		failed = merge(p, x.Check(k.Contract, s.Service.Today()).Err())
	default:
		x.ID, failed = s.Service.RecordObjection(c.Request().Context(), a, x, c.FormValue("key"))
	}
	if market.IsKind(failed, market.Invalid) {
		return s.showObjectionForm(c, a, k, upload, failed)
	}
	if failed != nil {
		return failed
	}
	return s.done(c, objectionPath(k.ID, x.ID), "异议已登记，双方和登记人员会收到通知")
}

// objectionPage is an objection for the parties and for the desk.
type objectionPage struct {
	view.Work
	X       store.Objection
	Back    view.Link
	Heading string
	Sub     []string
	State   view.State
	Actions []view.Action
	Due     *view.Due
	Letter  []view.Fact
	File    *paperRow // for the desk
	Result  []view.Fact
	Panel   decidePanel
}

func (objectionPage) Template() string { return "page/contract/objection" }

// objectionOf is the objection of the address with its contract.
func (s *Server) objectionOf(c echo.Context, a market.Actor) (store.Contract, store.Objection, error) {
	k, err := s.contractAt(c, a)
	if err != nil {
		return k, store.Objection{}, err
	}
	for _, x := range k.Objections {
		if fmt.Sprint(x.ID) == c.Param("objection") {
			return k, x, nil
		}
	}
	return k, store.Objection{}, market.ErrNotFound
}

func (s *Server) objectionShow(c echo.Context, a market.Actor) error {
	return s.showObjection(c, a, contractAct{}, nil)
}

func (s *Server) showObjection(c echo.Context, a market.Actor, posted contractAct, failed error) error {
	k, x, err := s.objectionOf(c, a)
	if err != nil {
		return err
	}
	staff, interested, err := s.deskReader(c, a, k)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "异议")
	if err != nil {
		return err
	}
	page := objectionPage{Work: work, X: x, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Heading: market.Objectors.Name(x.Objector) + "的异议：" + k.Title,
		Sub: []string{view.Date(x.ReceivedAt) + " 收到"}, State: objectionShape(x.State, objectionTodo(a, k, x.Objection))}
	page.Errors = errorSummary(failed)
	page.Letter = []view.Fact{{Label: "谁提出的", Text: x.Name}, {Label: "文号", Text: dash(x.LetterNumber)}, {Label: "来函日期", Text: view.Date(x.LetterOn)}}
	if staff {
		markCurrent(page.SideGroups, "/registry")
		page.File = &paperRow{Href: "/files/" + x.FileID, Name: x.FileName, Facts: view.FileSize(x.FileSize), Hash: x.FileHash}
		if x.State == market.ObjectionDecided {
			page.Actions = []view.Action{{Label: "复函", Href: objectionPath(k.ID, x.ID) + "/reply", Icon: "print", Small: true}}
		}
	}
	if x.State.Open() && x.DueOn != nil {
		page.Due = new(s.contractDue(market.DateOf(x.ReceivedAt), *x.DueOn))
	}
	if x.State == market.ObjectionDecided || staff && x.State == market.ObjectionProposed {
		page.Result = s.outcomeFacts(x.Objection)
	}
	if x.State == market.ObjectionWithdrawn {
		page.Result = []view.Fact{{Label: "撤回", Text: x.Reason}}
	}
	b := objectionPanel{panelBuilder{s: s, k: k, posted: posted, at: errorsOf(failed), base: objectionPath(k.ID, x.ID)}, x}
	page.Panel = b.panel(a, interested, staff)
	return s.renderStatus(c, formStatus(failed), page)
}

// outcomeFacts say how an objection ends, or is to end.
func (s *Server) outcomeFacts(x market.Objection) []view.Fact {
	facts := []view.Fact{{Label: "结论", Text: x.OutcomeName()}}
	if x.Removal.Ground != "" {
		facts = append(facts, view.Fact{Label: "情形", Text: s.groundName(x.Removal.Ground)}, view.Fact{Label: "享受优惠情况", Text: market.Benefits.Name(x.Removal.Benefits)})
	}
	return append(facts, view.Fact{Label: "理由", Text: x.Reason})
}

// proposedBy reports whether the actor proposed the outcome that now waits for the second person.
func proposedBy(a market.Actor, state market.ObjectionState, first *int64) bool {
	return state == market.ObjectionProposed && first != nil && *first == a.UserID
}

// objectionTodo reports whether the actor has to act on the objection.
func objectionTodo(a market.Actor, k store.Contract, x market.Objection) bool {
	return x.Registered && a.Reaches(k.Seller.Region, market.Registrar) && !proposedBy(a, x.State, x.FirstReviewer)
}

func objectionShape(state market.ObjectionState, todo bool) view.State {
	st := view.State{Text: state.Name(), Shape: view.ShapeStop}
	switch {
	case state.Open() && todo:
		st.Shape = view.ShapeTodo
	case state.Open():
		st.Shape = view.ShapeRun
	case state == market.ObjectionDecided:
		st.Shape = view.ShapeDone
	}
	return st
}

// objectionPanel makes the column in which the reader acts on an objection.
type objectionPanel struct {
	panelBuilder
	x store.Objection
}

func (b objectionPanel) panel(a market.Actor, interested, staff bool) decidePanel {
	switch registrar := a.Reaches(b.k.Seller.Region, market.Registrar); {
	case !b.x.State.Open() || !registrar:
		return b.result(staff)
	case interested:
		return decidePanel{Title: "审查", Blocked: "这份合同由您经手，或者您所在的单位是它的一方或代办机构，须由其他登记人员办理。"}
	case !b.x.Registered:
		p := b.result(staff)
		p.Lead = "异议提出时合同还没有登记，随登记由两人一并审查：在合同页准予或者不予登记，异议就有了结论。"
		p.Decisions = []decision{b.withdrawn("合同仍由两人审查，时限不变；双方收到通知。")}
		return p
	case proposedBy(a, b.x.State, b.x.FirstReviewer):
		return decidePanel{Title: "复核", Blocked: "结论是您拟的，复核须由另一位登记人员办理。"}
	case b.x.State == market.ObjectionProposed:
		return b.second()
	}
	return b.first()
}

func (b objectionPanel) first() decidePanel {
	d := b.decide("propose", "拟结论，转复核", "由另一位登记人员复核；复核以前不生效。")
	outcome := b.field("propose", view.Field{Kind: view.KindSelect, Name: "outcome", Label: "结论", Options: selectOptions(market.ObjectionOutcomes)})
	fields := b.removalFields("propose", "cancel", "revoke")
	fields[0].Label, fields[0].Optional, fields[0].Hint = "注销或撤销的情形", true, "结论是注销或撤销时选"
	fields[1].Optional, fields[1].Hint = true, "结论是注销或撤销时选，印在给税务、财政的告知书上"
	fields[2].Label = "理由（写进复函，双方会看到）"
	d.Fields = append([]view.Field{outcome}, fields...)
	return decidePanel{Title: "重新审查", Lead: "对照来函和合同材料重新审查，由一人拟结论，另一人复核。", Decisions: []decision{d, b.withdrawn("登记照旧；双方收到通知。")}}
}

func (b objectionPanel) second() decidePanel {
	total := market.FormatMoney(b.k.TotalAmount.Add(b.k.Supplemented()))
	effect := map[string]string{"upheld": "登记不变；双方收到通知，可以打印复函。", "changed": "双方收到通知，由卖方申请变更，重新核定后账本才有变动。",
		"cancelled": "登记马上注销，成交额减少 " + total + "，按今天记一条负数，不能恢复；双方收到通知。",
		"revoked":   "登记马上撤销，成交额减少 " + total + "，按今天记一条负数，不能恢复；双方收到通知。"}[b.x.Outcome]
	back := b.decide("return", "退回，重新拟", "回到待审查，拟结论的人收到通知。")
	back.Fields = []view.Field{b.field("return", view.Field{Kind: view.KindArea, Name: "note", Lines: 3, Label: "为什么不同意", Max: 1000})}
	return decidePanel{Title: "复核", Lead: "拟结论：" + b.x.OutcomeName() + "，拟稿人：" + b.x.FirstName + "。",
		Decisions: []decision{b.decide("confirm", "同意，"+b.x.OutcomeName(), effect), b.fold(back, "return", "退回", view.StyleLine), b.withdrawn("登记照旧；双方收到通知。")}}
}

func (b objectionPanel) withdrawn(then string) decision {
	d := b.decide("withdraw", "对方撤回了异议", then)
	d.Fields = []view.Field{b.field("withdraw", view.Field{Kind: view.KindArea, Name: "note", Lines: 2, Label: "撤回的依据", Hint: "例：2026-11-28 来函撤回", Max: 1000})}
	return b.fold(d, "withdraw", "对方撤回了异议", view.StyleLine)
}

// result says how the objection stands to whom cannot act. The desk's people are named to the desk.
func (b objectionPanel) result(staff bool) decidePanel {
	p := decidePanel{Title: "办理情况", Facts: []view.Fact{{Label: "状态", Text: b.x.State.Name()}, {Label: "收到", Text: view.Date(b.x.ReceivedAt)}}}
	if b.x.DecidedAt != nil {
		p.Facts = append(p.Facts, view.Fact{Label: "办结", Text: view.Date(*b.x.DecidedAt)})
	}
	if names := strings.TrimSpace(b.x.FirstName + " " + b.x.SecondName); staff && names != "" {
		p.Facts = append(p.Facts, view.Fact{Label: "审查人", Text: names})
	}
	return p
}

// objectionMove carries out a move on the objection of the address. What the form got wrong is shown on its page.
func (s *Server) objectionMove(c echo.Context, a market.Actor, move, done string, do func(contract, id int64) error) error {
	contract, err := pathID(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("objection"), 10, 64)
	if err != nil {
		return market.ErrNotFound
	}
	err = do(contract, id)
	if market.IsKind(err, market.Invalid) {
		return s.showObjection(c, a, contractAct{move: move, form: c.FormValue}, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, objectionPath(contract, id), done)
}

func (s *Server) objectionPropose(c echo.Context, a market.Actor) error {
	return s.objectionMove(c, a, "propose", "结论已拟好，等另一位登记人员复核", func(contract, id int64) error {
		return s.Service.ProposeOutcome(c.Request().Context(), a, contract, id, c.FormValue("outcome"), removalForm(c))
	})
}

func (s *Server) objectionReturn(c echo.Context, a market.Actor) error {
	return s.objectionMove(c, a, "return", "已退回，请重新拟结论", func(contract, id int64) error {
		return s.Service.ReturnOutcome(c.Request().Context(), a, contract, id, c.FormValue("note"))
	})
}

func (s *Server) objectionConfirm(c echo.Context, a market.Actor) error {
	return s.objectionMove(c, a, "confirm", "异议已有结论，双方会收到通知；请打印复函", func(contract, id int64) error {
		return s.Service.ConfirmOutcome(c.Request().Context(), a, contract, id)
	})
}

func (s *Server) objectionWithdraw(c echo.Context, a market.Actor) error {
	return s.objectionMove(c, a, "withdraw", "已记为撤回，双方会收到通知", func(contract, id int64) error {
		return s.Service.WithdrawObjection(c.Request().Context(), a, contract, id, c.FormValue("note"))
	})
}

var paperReply = paperKind{"异议复函", (*Server).objectionReply}

// objectionReply answers who objected; for the desk, which sends it.
func (s *Server) objectionReply(c echo.Context, a market.Actor, k store.Contract) (print.Paper, error) {
	_, x, err := s.objectionOf(c, a)
	if err != nil {
		return print.Paper{}, err
	}
	if !deskOf(a, k.Seller.Region) {
		return print.Paper{}, market.ErrNotFound
	}
	if x.State != market.ObjectionDecided {
		return print.Paper{}, market.Errorf(market.Conflict, "异议现在是“%s”，有结论以后才有复函", x.State.Name())
	}
	p, err := s.paperProgress(c, a, k)
	return print.ObjectionReply(k.Contract, s.ref, x.Objection, p), err
}

// objectionsBox is the part of a contract's page about objections.
type objectionsBox struct {
	List view.Table
}

// objectionsPart lists the objections to a contract, nil when there are none.
func (s *Server) objectionsPart(a market.Actor, k store.Contract) *objectionsBox {
	if len(k.Objections) == 0 {
		return nil
	}
	box := objectionsBox{view.Table{Label: "异议", Caption: "异议", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "谁提出的"}, {Label: "收到", Nowrap: true}, {Label: "结论"}, {Label: "状态"}}}}
	for _, x := range k.Objections {
		st, outcome := objectionShape(x.State, objectionTodo(a, k, x.Objection)), "—"
		if x.State == market.ObjectionDecided {
			outcome = x.OutcomeName()
		}
		box.List.Rows = append(box.List.Rows, view.TableRow{Cells: []view.Cell{{Text: x.Name, Href: objectionPath(k.ID, x.ID), Sub: market.Truncate(x.Body, 40)},
			{Text: view.Date(x.ReceivedAt)}, {Text: outcome}, {State: &st}}})
	}
	return &box
}

// objectionAlert says at the head of a contract's page what an objection asks for, nil when it asks for nothing.
func objectionAlert(k store.Contract) *view.Alert {
	if x := k.OpenObjection(); x != nil {
		text := "正在重新审查，有结论以前登记照旧。"
		if !x.Registered {
			text = "合同由两人审查，随登记一并作出结论。"
		}
		return &view.Alert{Kind: view.AlertWarn, Title: market.Objectors.Name(x.Objector) + "对这份合同有异议", Text: text}
	}
	if x := k.ChangeWanted(); x != nil {
		return &view.Alert{Kind: view.AlertWarn, Title: "异议的结论：应当变更登记", Text: x.Reason + "。请卖方申请变更，重新核定以后计入账本。"}
	}
	return nil
}

// objectAction leads the desk to the form for an objection, none when it cannot take one now.
func (s *Server) objectAction(a market.Actor, k store.Contract) []view.Action {
	if !a.Reaches(k.Seller.Region, market.Registrar) || k.TakesObjection() != nil || k.OpenObjection() != nil {
		return nil
	}
	return []view.Action{{Label: "登记异议", Href: contractPath(k.ID) + "/objections/new", Icon: "edit", Small: true}}
}

// twoReason says why two people review a contract.
func (s *Server) twoReason(k market.Contract) string {
	if k.Disputed {
		return "有异议，两人审查"
	}
	return "技术交易额达到复审标准，两人审查"
}

// objectionsTab is the name of the desk's view of objections.
const objectionsTab = "objections"

// objectionLines are the lines of that view.
func (s *Server) objectionLines(a market.Actor, cards []store.ObjectionCard) []deskLine {
	out := make([]deskLine, len(cards))
	for i, x := range cards {
		own := proposedBy(a, x.State, x.FirstReviewer)
		todo := x.Registered && a.Has(market.Registrar) && !own
		out[i] = deskLine{Href: objectionPath(x.ContractID, x.ID), Title: x.Title, Number: x.Number, Parties: x.SellerName + " → " + x.BuyerName, Kind: market.Objectors.Name(x.Objector),
			SubKind: market.Objectors.Name(x.Objector), Arrived: view.Date(x.ReceivedAt), Due: view.Cell{Text: "随登记办理"}, State: objectionShape(x.State, todo), Note: market.Truncate(x.Body, 30), Verb: "查看"}
		if x.DueOn != nil {
			due := s.contractDue(market.DateOf(x.ReceivedAt), market.DateOf(*x.DueOn))
			due.Total, due.Used = 0, 0
			out[i].Due, out[i].Bad, out[i].Warn = view.Cell{Due: &due, Sub: view.MonthDay(*x.DueOn) + " 前办结"}, due.Level == view.DueLate, due.Level == view.DueSoon
		}
		if todo {
			out[i].Verb = "办理"
		}
		if own {
			out[i].Note = "结论是您拟的，须由另一人复核"
		}
	}
	return out
}
