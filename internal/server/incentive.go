package server

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var incentivePages = []view.Page{incentiveList{}}

const incentivePath = "/incentives"

// incentiveList is the page of all incentives that held on a day.
type incentiveList struct {
	view.Base
	Crumbs []view.Link
	Note   string
	On     view.Field
	Count  string
	Items  []incentiveRow
	Empty  view.Empty
}

func (incentiveList) Template() string { return "page/incentive/list" }

// incentiveRow is an incentive as it is read, on its own page or on that of a contract.
type incentiveRow struct {
	Title string
	For   string
	Text  string
	Facts []incentiveFact
}

// incentiveFact is what holds of an incentive: a sentence, or several as a list.
type incentiveFact struct {
	Label string
	Items []string
}

func (s *Server) incentiveList(c echo.Context, a market.Actor) error {
	var p market.Problems
	day := s.Service.Today()
	if on := parseDate(&p, "on", c.QueryParam("on")); !on.IsZero() {
		day = on
	}
	found := s.ref.IncentivesOn(day)
	page := incentiveList{Base: s.base(c, a, "技术合同可用的政策"), Crumbs: []view.Link{{Label: "首页", Href: "/"}, {Label: "办事指南", Href: "/guide"}, {Label: "技术合同可用的政策"}},
		Note: market.IncentiveNote, Count: fmt.Sprintf("%s 有效的 %d 项", view.Date(day), len(found)),
		On:    view.Field{Kind: view.KindDate, Name: "on", Label: "哪一天有效", Value: day.Format(time.DateOnly), Error: errorsOf(p.Err())["on"]},
		Empty: view.Empty{Title: "这一天没有收录的政策", Text: "收录的政策从 2008 年起；更早的没有收录。"}}
	if len(p) > 0 {
		page.On.Value = market.Truncate(c.QueryParam("on"), 30)
	}
	page.Nav, page.Errors = "guide", errorSummary(p.Err())
	page.Description = "技术转让、开发、许可、咨询、服务合同可能适用的税收优惠和奖励政策，逐项写明条件、要办的事和依据。"
	for _, i := range found {
		row := incentiveRowOf(i)
		row.Facts = append(row.Facts, incentiveFact{"合同类别", []string{strings.Join(i.KindNames(s.ref), "、")}})
		row.add("条件", i.ConditionNames())
		row.add("要办的事", i.Todo)
		row.add("注意", incentiveCautions(i))
		row.source(i)
		page.Items = append(page.Items, row)
	}
	return s.renderStatus(c, formStatus(p.Err()), page)
}

func incentiveCautions(i market.Incentive) []string {
	var out []string
	for _, text := range []string{i.Caution, prefixed("有关联关系的：", i.Related)} {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

func incentiveRowOf(i market.Incentive) incentiveRow {
	return incentiveRow{Title: i.Title, For: market.IncentiveParties.Name(i.Party), Text: i.Benefit}
}

// add notes what there is of a fact.
func (r *incentiveRow) add(label string, items []string) {
	if len(items) > 0 {
		r.Facts = append(r.Facts, incentiveFact{label, items})
	}
}

// source is where the incentive comes from, from when to when it holds, and whether its text was at hand.
func (r *incentiveRow) source(i market.Incentive) {
	term := view.Date(i.From) + " 起"
	if i.Until != nil {
		term = view.Date(i.From) + " 至 " + view.Date(i.Until.AddDate(0, 0, -1))
	}
	r.add("依据", []string{i.Basis})
	r.add("有效", []string{term})
	if !i.Read {
		r.add("条文", []string{"本平台没有读到文件全文，请以公布的原文为准"})
	}
}

// incentiveBox is what a contract may entitle its parties to.
type incentiveBox struct {
	Lead string
	Note string
	Rows []incentiveRow
	All  view.Link
}

// incentiveBox is nil where there is nothing to say: the contract was refused or withdrawn.
func (s *Server) incentiveBox(k store.Contract) *incentiveBox {
	day := k.IncentiveDay(s.Service.Today())
	box := incentiveBox{Note: market.IncentiveNote, All: view.Link{Label: "全部政策", Href: incentivePath + "?" + url.Values{"on": {day.Format(time.DateOnly)}}.Encode()}}
	switch k.State {
	case market.ContractRefused, market.ContractWithdrawn:
		return nil
	case market.ContractCancelled, market.ContractRevoked:
		box.Note = "登记已经终止，不再列出政策。按这份合同享受过税收优惠或者奖励、补助的，请报告主管税务机关和发放部门。"
		return &box
	}
	hints := k.Contract.Incentives(s.ref, s.Service.Today())
	box.Lead = fmt.Sprintf("%d 项，按 %s 有效的政策", len(hints), view.Date(day))
	if len(hints) == 0 {
		box.Lead = "按合同要素没有找到，按 " + view.Date(day) + " 有效的政策"
	}
	for _, h := range hints {
		row := incentiveRowOf(h.Incentive)
		row.add("符合", h.Met)
		row.add("还要办", h.Todo)
		if h.Ended {
			h.Beware = append(h.Beware, "这一条现在已经失效，以后的所得和费用看现行政策")
		}
		row.add("注意", h.Beware)
		row.source(h.Incentive)
		box.Rows = append(box.Rows, row)
	}
	return &box
}
