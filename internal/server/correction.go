package server

import (
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

func correctionPath(period, contract int64) string {
	return fmt.Sprintf("%s/contracts/%d/change", periodPath(period), contract)
}

// correctionBox names the differences that a contract is corrected for.
type correctionBox struct {
	Lead string
	Back view.Link
	List view.Table
}

func newCorrectionBox(period store.Compared, items []market.ReconcileItem, lead string) *correctionBox {
	box := &correctionBox{Lead: lead, Back: view.Link{Label: "回到" + period.Name() + "的对账", Href: listPath(period.ID, tabDecided)}}
	box.List = view.Table{Label: "以全国为准的差异", Caption: "以全国为准的差异", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "字段"}, {Label: "本市"}, {Label: "全国"}, {Label: "决定和依据"}}}
	for _, i := range items {
		d := i.Decision
		box.List.Rows = append(box.List.Rows, view.TableRow{Cells: []view.Cell{{Text: market.ReconcileFields.Name(i.Field), Sub: wanNote(i.Field)}, {Text: reconcileValue(i.Field, i.Ours)},
			{Text: reconcileValue(i.Field, i.Theirs)}, {Text: market.ReconcileChoices.Name(d.Choice) + "：" + d.Reason, Sub: d.UserName + "，" + view.DateTime(d.At)}}})
	}
	return box
}

func wanNote(field string) string {
	if field == "total" || field == "tech" || field == market.WholeContract {
		return "万元"
	}
	return ""
}

// asCorrection makes the form of a change that by which a registrar brings a contract to what the national system says.
func (page *contractForm) asCorrection(in contractInput) {
	x := in.correction
	page.Title, page.Heading, page.Action = "按全国系统更正", "按全国系统更正："+x.Was.Title, correctionPath(x.Period.ID, x.Was.ID)
	page.Back = view.Link{Label: "对账：" + x.Period.Name(), Href: listPath(x.Period.ID, tabDecided)}
	page.Submit, page.Note = "提出更正", "另一位登记人员复审以后生效，在此以前仍按原登记；双方收到通知"
	page.Correction = newCorrectionBox(x.Period, x.Items, "下面的表单已按全国系统填好，其余内容与现在的登记相同。连带要改的（例如扣除项、付款计划）请一并改好；提出以前什么都不写入。")
	if len(x.Fixed) > 0 {
		page.Alert = &view.Alert{Kind: view.AlertWarn, Text: x.Fixed[0].Message}
	}
	page.Change[0].Label, page.Change[0].Hint = "更正的原因", "双方和复审人会看到"
	page.Change[1].Label, page.Change[1].Hint = "核对的依据", "全国系统登记页的截图、合同原件等。"
}

// correctionSource fills the form with what the period of the address says of the contract; what was posted is read over it.
func (s *Server) correctionSource(c echo.Context, a market.Actor) (contractInput, error) {
	period, err := pathID(c)
	if err != nil {
		return contractInput{}, err
	}
	contract, err := strconv.ParseInt(c.Param("contract"), 10, 64)
	if err != nil || contract <= 0 {
		return contractInput{}, market.ErrNotFound
	}
	x, err := s.Service.NewCorrection(c.Request().Context(), a, period, contract)
	if err != nil {
		return contractInput{}, err
	}
	in := inputOf(x.Becomes)
	in.price, in.deal, in.change, in.correction = x.Was.DealPrice, x.Was.DealNumber, &changeInput{why: x.Why}, &x
	return in, nil
}

func (s *Server) correctionNew(c echo.Context, a market.Actor) error {
	in, err := s.correctionSource(c, a)
	if err != nil {
		return err
	}
	if open := in.correction.Was.OpenAmendment(); open != nil {
		return market.Errorf(market.Conflict, "这份合同有一项%s正在办理。请等它办完再更正", open.Kind.Name())
	}
	return s.showContractForm(c, a, in, nil)
}

func (s *Server) correctionAsk(c echo.Context, a market.Actor) error {
	in, err := s.correctionSource(c, a)
	if err != nil {
		return err
	}
	return s.askChange(c, a, in, "更正已提出，等另一位登记人员复审", func(k market.Contract, x market.Amendment) (int64, error) {
		return s.Service.CorrectContract(c.Request().Context(), a, in.correction.Period.ID, k, x, c.FormValue("key"))
	})
}

// removalAsked names the differences of the period in the address for which a contract is to be taken off the register, and gives
// the panel the reason; nil for who does not do that, and without a period.
func (s *Server) removalAsked(c echo.Context, a market.Actor, contract int64, b *panelBuilder) (*correctionBox, error) {
	id, err := strconv.ParseInt(c.QueryParam("reconciliation"), 10, 64)
	if err != nil || !a.Has(market.Registrar) || a.County != "" {
		return nil, nil
	}
	period, err := s.Store.Compared(c.Request().Context(), a, id)
	if err != nil {
		return nil, err
	}
	items := market.ToCorrect(period.Items(), contract, market.CorrectByRemoval)
	if period.Closed() || len(items) == 0 {
		return nil, nil
	}
	b.remove = removalPlan{"cancel", market.Truncate(fmt.Sprintf("%s与全国系统对账，以全国为准：%s", period.Name(), items[0].Decision.Reason), 1000)}
	if items[0].Field == market.WholeContract { // it should not have been registered
		b.remove.move = "revoke"
	}
	return newCorrectionBox(period, items, "请按实际情况选择注销或撤销，并选择情形；原因已按对账的依据填好，可以改。确认以前什么都不写入。"), nil
}
