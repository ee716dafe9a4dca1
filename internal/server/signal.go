package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// signalBox is what a contract makes the desk look at. It never decides.
type signalBox struct {
	Lead    string
	Signals []signalPart // that need an answer
	Hints   []signal     // to be looked at
	Quiet   string       // what was looked at and is not so
}

// signal is something that the registrar should look at, with what it goes by.
type signal struct {
	Title, Text string
	Pairs       view.Table
}

// signalPart is a signal with its answers and the form for another.
type signalPart struct {
	signal
	State   view.State
	Answers []signalAnswer
	Form    *signalForm
}

// signalAnswer is what a registrar found, as it is read.
type signalAnswer struct {
	Finding, By, Note string
	Seen              string // what was seen then, where it was something else
}

// signalForm takes an answer.
type signalForm struct {
	Action string
	Key    string
	Fold   string // that it lies in once there is an answer
	Open   bool
	Fields []view.Field
}

// deskSignals adds what the desk is pointed to, for a page and the panel beside it.
func (s *Server) deskSignals(c echo.Context, a market.Actor, page *contractShow, b *panelBuilder, interested bool) error {
	ctx := c.Request().Context()
	pairs, err := s.Store.PairContracts(ctx, a, page.C.Contract, 10)
	if err != nil {
		return err
	}
	b.check, err = s.Store.SignalCheck(ctx, a, s.Service.Today(), page.C.ID)
	switch {
	case market.IsKind(err, market.NotFound): // an auditor reads what has not come to the desk
		return nil
	case err != nil:
		return err
	}
	if same := b.check.Find(market.SignalDuplicate); same != nil { // shown there
		pairs = slices.DeleteFunc(pairs, func(p store.PairContract) bool {
			return slices.ContainsFunc(same.Contracts, func(o market.SignalContract) bool { return o.ID == p.ID })
		})
	}
	page.Signals = b.signalBox(a, s.contractHints(page.C, pairs), mayAnswer(a, page.C, interested) && !s.sells(a, page.C))
	return nil
}

// signalBox shows what the rules and the contract itself point to.
func (b panelBuilder) signalBox(a market.Actor, hints []signal, answers bool) *signalBox {
	box := &signalBox{Hints: hints}
	for _, x := range b.check.Signals {
		part := signalPart{signal: signal{Title: x.Name(), Text: x.Text, Pairs: signalTable(a, x)}}
		part.State = view.State{Shape: view.ShapeDone, Text: "已核实"}
		switch {
		case x.Answer() == nil:
			part.State = view.State{Shape: view.ShapeTodo, Text: "待核实"}
		case x.Open():
			part.State = view.State{Shape: view.ShapeRun, Text: "等说明"}
		}
		for _, y := range x.Answers {
			part.Answers = append(part.Answers, signalAnswerOf(x, y))
		}
		if answers {
			part.Form = b.signalForm(x)
		}
		box.Signals = append(box.Signals, part)
	}
	box.Lead = signalLead(b.check, len(hints), b.k.State.OnDesk())
	if len(b.check.Quiet) > 0 {
		box.Quiet = "已查未触发：" + strings.Join(b.check.Quiet, "、") + "。"
	}
	return box
}

func signalLead(check market.SignalCheck, hints int, toPass bool) string {
	if len(check.Signals) == 0 {
		if hints == 0 {
			return "没有需要提示的"
		}
		return fmt.Sprintf("%d 项需要您看，只作提示", hints)
	}
	open := check.Open()
	switch {
	case open > 0 && !toPass:
		return fmt.Sprintf("%d 条，%d 条没有核实", len(check.Signals), open)
	case open > 0:
		return fmt.Sprintf("%d 条，还有 %d 条没有核实；核实后才能通过，不自动拒登", len(check.Signals), open)
	}
	return fmt.Sprintf("%d 条，都已核实", len(check.Signals))
}

func signalAnswerOf(x market.Signal, y market.SignalAnswer) signalAnswer {
	out := signalAnswer{Finding: market.SignalFindings(y.Kind).Name(y.Finding), By: y.UserName + " " + view.DateTime(y.At), Note: y.Note}
	if y.Key != x.Key {
		out.Seen = y.Seen
	}
	return out
}

// signalTable lists the contracts that a signal goes by. Those of another county are counted, not shown.
func signalTable(a market.Actor, x market.Signal) view.Table {
	t := view.Table{Label: "提示所依据的合同", Caption: "提示所依据的合同：" + x.Name(), Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "题名"}, {Label: "状态"}, {Label: "签订"}, {Label: "合同成交额", Unit: "万元", Num: true}}}
	hidden := 0
	for _, o := range x.Contracts {
		if !deskOf(a, o.Region) {
			hidden++
			continue
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: o.Title, Href: contractPath(o.ID), Sub: o.Number}, {Text: o.State.Name()},
			{Text: view.Date(o.SignedOn)}, {Text: market.FormatWan(o.Total)}}})
	}
	if hidden > 0 {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: fmt.Sprintf("另有 %d 份由其他县（市、区）登记", hidden), Sub: "详情请问市登记机构"}, {Text: "—"}, {Text: "—"}, {Text: "—"}}})
	}
	return t
}

func signalMove(kind string) string { return "signal-" + kind }

func (b panelBuilder) signalForm(x market.Signal) *signalForm {
	move := signalMove(x.Kind)
	form := &signalForm{Action: b.base + "/signals/" + x.Kind, Key: x.Key}
	if x.Answer() != nil {
		form.Fold, form.Open = "改填核实结果", b.posted.move == move
	}
	finding := view.Field{Kind: view.KindRadios, Name: "finding", Label: "核实结果"}
	for _, f := range market.SignalFindings(x.Kind) {
		option := view.Option{Value: f.Code, Label: f.Name}
		if f.Code == market.SignalAsk {
			option.Hint = "带入退回补正的意见，收到说明后再核实"
		}
		finding.Options = append(finding.Options, option)
	}
	note := view.Field{Kind: view.KindArea, Name: "note", Lines: 2, Label: "核实情况", Hint: "看了什么、怎样判断；复审人会看到", Max: 500}
	form.Fields = []view.Field{b.field(move, finding), b.field(move, note)}
	return form
}

// asked is what explanations were asked for, to start the words to the applicant with.
func (b panelBuilder) asked() string {
	var lines []string
	for _, x := range b.check.Signals {
		if y := x.Answer(); y != nil && y.Finding == market.SignalAsk {
			lines = append(lines, y.Note)
		}
	}
	return strings.Join(lines, "\n")
}

// openNote says why a contract cannot pass yet, "" when it can.
func (b panelBuilder) openNote() string {
	if n := b.check.Open(); n > 0 {
		return fmt.Sprintf("还有 %d 条审查提示没有核实。逐条填写核实结果后，这里可以通过审查。", n)
	}
	return ""
}

// mayAnswer reports whether the actor may answer the signals of a contract.
func mayAnswer(a market.Actor, k store.Contract, interested bool) bool {
	return a.Reaches(k.Seller.Region, market.Registrar) && !interested && (k.State.OnDesk() || k.State == market.ContractRegistered)
}

// contractSignal takes a registrar's answer to a signal.
func (s *Server) contractSignal(c echo.Context, a market.Actor) error {
	kind := c.Param("signal")
	return s.contractMove(c, a, signalMove(kind), "核实结果已记录", func(id int64) error {
		return s.Service.AnswerSignal(c.Request().Context(), a, id, market.SignalAnswer{Kind: kind, Key: c.FormValue("key"), Finding: c.FormValue("finding"), Note: c.FormValue("note")})
	})
}

// openSignals counts the signals without an answer of the contracts on the desk, by contract.
func (s *Server) openSignals(c echo.Context, a market.Actor, cards []store.ContractCard) (map[int64]int, error) {
	var ids []int64
	for _, k := range cards {
		if k.State.OnDesk() {
			ids = append(ids, k.ID)
		}
	}
	checks, err := s.Store.SignalChecks(c.Request().Context(), a, s.Service.Today(), ids...)
	if err != nil {
		return nil, err
	}
	out := map[int64]int{}
	for id, check := range checks {
		out[id] = check.Open()
	}
	return out, nil
}
