package server

import (
	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/print"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// removalForm reads why a contract is taken off the register.
func removalForm(c echo.Context) market.Removal {
	return market.Removal{Ground: c.FormValue("ground"), Benefits: c.FormValue("benefits"), Note: c.FormValue("note")}
}

// removalFields ask why a contract is taken off the register; moves are those by which it may be, form the form they stand in.
func (b panelBuilder) removalFields(form string, moves ...string) []view.Field {
	var grounds market.Codes
	for _, move := range moves {
		grounds = append(grounds, b.s.ref.On(b.s.Service.Today()).RemovalGrounds(move)...)
	}
	return []view.Field{
		b.field(form, view.Field{Kind: view.KindSelect, Name: "ground", Label: "情形", Options: codedOptions(grounds)}),
		b.field(form, view.Field{Kind: view.KindSelect, Name: "benefits", Label: "已享受优惠？已报告税务？", Hint: "印在给税务、财政的告知书上", Options: selectOptions(market.Benefits)}),
		b.field(form, view.Field{Kind: view.KindArea, Name: "note", Lines: 3, Label: "原因（双方会看到）", Max: 1000, Value: b.remove.why})}
}

// codedOptions are the codes of a list by code and name.
func codedOptions(list market.Codes) []view.Option {
	out := []view.Option{{Label: "请选择"}}
	for _, c := range list {
		out = append(out, view.Option{Value: c.Code, Label: c.Code + " " + c.Name})
	}
	return out
}

// removalPlan is by which move, and why, a reconciliation asks to take a contract off the register.
type removalPlan struct{ move, why string }

func (b panelBuilder) unregister(move, label string) decision {
	d := b.decide(move, label, "成交额减少 "+market.FormatMoney(b.k.TotalAmount.Add(b.k.Supplemented()))+"，按今天记一条负数，原登记保留可查；双方收到通知，可以打印给税务、财政的告知书。不能恢复。")
	d.Fields = b.removalFields(move, move)
	d = b.fold(d, move, label, view.StyleDanger)
	d.Open = d.Open || b.remove.move == move
	return d
}

// contractNotice tells tax and finance that a contract is off the register.
func (s *Server) contractNotice(c echo.Context, a market.Actor, k store.Contract) (print.Paper, error) {
	if k.Removal == nil && !k.State.Open() && k.State != market.ContractRegistered {
		return print.Paper{}, market.Errorf(market.Conflict, "合同现在是“%s”，没有记下情形，不能出告知书", k.State.Name())
	}
	if k.Removal == nil {
		return print.Paper{}, market.Errorf(market.Conflict, "合同现在是“%s”，注销或撤销以后才有告知书", k.State.Name())
	}
	p, err := s.paperProgress(c, a, k)
	p.Supplemented = k.Supplemented()
	return print.RemovalNotice(k.Contract, s.ref, *k.Removal, p), err
}
