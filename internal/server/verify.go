package server

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// paperCheck is the page on which whoever is shown a registration paper checks it.
type paperCheck struct {
	view.Base
	Fields  []view.Field
	Outcome *paperOutcome // nil before anything was asked
}

func (paperCheck) Template() string { return "page/verify/show" }

// paperOutcome is what a check has found.
type paperOutcome struct {
	State string // good, old or unknown
	Title string
	Text  string
	Facts []view.Fact
}

func (s *Server) paperCheck(c echo.Context, a market.Actor) error {
	number, code := c.QueryParam("number"), c.QueryParam("code")
	page := paperCheck{Base: s.base(c, a, "核验登记证明")}
	page.NoIndex = true
	var err error
	if number != "" || code != "" {
		page.Outcome, err = s.checkPaper(c, number, code)
		if err != nil && !market.IsKind(err, market.Invalid) {
			return err
		}
	}
	at := errorsOf(err)
	page.Errors = errorSummary(err)
	page.Fields = []view.Field{
		{Name: "number", Label: "登记编号", Hint: "16 位或 14 位数字，印在证明的右上角或第一行", Value: number, Error: at["number"]},
		{Name: "code", Label: "核验码", Hint: "16 位数字和字母，印在证明的左下角，例如 41c7 0e9d 8b36 f2a5", Value: code, Error: at["code"]},
	}
	return s.renderStatus(c, formStatus(err), page)
}

// checkPaper looks for the paper with a registration number and a code. What it found is told to those who know both.
func (s *Server) checkPaper(c echo.Context, number, code string) (*paperOutcome, error) {
	var p market.Problems
	number, err := market.ParseRegistrationNumber(number)
	p.AddErr("number", err)
	code, err = market.ParseSealCode(code)
	p.AddErr("code", err)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.slowAddress(c, paperCheckLimit); err != nil {
		return nil, err
	}
	sealed, err := s.Store.Sealed(c.Request().Context(), number)
	if err != nil && !market.IsKind(err, market.NotFound) {
		return nil, err
	}
	seal, later, found := sealed.Find(code)
	if !found {
		return &paperOutcome{State: "unknown", Title: "没有查到这份证明",
			Text: "登记编号和核验码对不上。请对照证明再核对一遍；仍然对不上的，请向登记机构核实，不要以这份证明为准。"}, nil
	}
	return s.foundPaper(sealed, seal, later), nil
}

func (s *Server) foundPaper(sealed market.Sealed, seal market.Seal, later []market.Seal) *paperOutcome {
	kind, _ := s.ref.ContractKind(sealed.Kind)
	out := &paperOutcome{State: "good", Title: "证明真实，登记现在有效", Text: "请逐项核对下面的内容与证明上所写的是否一致。"}
	if len(later) > 0 {
		last := later[len(later)-1]
		out.State, out.Title = "old", "证明真实，但登记后来有变动"
		out.Text = fmt.Sprintf("这份证明之后，合同已于 %s %s，下面是现在的登记内容。请向持证单位要最新的证明。", last.EffectiveOn.Format(time.DateOnly), market.EntryKinds.Name(last.Kind))
	}
	total := market.FormatYuan(sealed.TotalAmount) + " 元（" + market.Uppercase(sealed.TotalAmount) + "）"
	if sealed.AmountOpen {
		total += "，总额未定"
	}
	out.Facts = []view.Fact{
		{Label: "登记状态", Text: sealed.State.Name()}, {Label: "登记编号", Text: sealed.RegistrationNumber, Code: true}, {Label: "项目名称", Text: sealed.Title}, {Label: "合同类别", Text: kind.Name()},
		{Label: "卖方", Text: sealed.SellerName}, {Label: "买方", Text: sealed.BuyerName},
		{Label: "合同成交额", Text: total}, {Label: "技术交易额", Text: market.FormatYuan(sealed.TechAmount) + " 元（" + market.Uppercase(sealed.TechAmount) + "）"},
		{Label: "签订日期", Text: sealed.SignedOn.Format(time.DateOnly)}, {Label: "登记日期", Text: sealed.RegisteredOn.Format(time.DateOnly)},
		{Label: "账本", Text: fmt.Sprintf("第 %d 条", seal.Seq)},
	}
	if sealed.Demo {
		out.Facts = append(out.Facts, view.Fact{Label: "说明", Text: "演示：单位、编号与金额均为虚构"})
	}
	return out
}
