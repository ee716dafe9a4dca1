package server

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// deskTabs are the views of the registrar's desk.
var deskTabs = []contractTab{
	{"", "全部待办", []market.ContractState{market.ContractSubmitted, market.ContractAccepted, market.ContractSecondReview, market.ContractToRegister}},
	{"submitted", "待受理", []market.ContractState{market.ContractSubmitted}},
	{"accepted", "初审中", []market.ContractState{market.ContractAccepted}},
	{"second_review", "复审中", []market.ContractState{market.ContractSecondReview}},
	{"to_register", "待登记", []market.ContractState{market.ContractToRegister}},
	{"supplement", "待补正", []market.ContractState{market.ContractSupplement}},
	{"registered", "已登记", []market.ContractState{market.ContractRegistered}},
	{"refused", "不予登记", []market.ContractState{market.ContractRefused}},
	{"ended", "已结束", []market.ContractState{market.ContractWithdrawn, market.ContractCancelled, market.ContractRevoked}},
}

// registryDesk is the registrar's desk: what waits, by the time left, and what was decided.
type registryDesk struct {
	view.Work
	Sub    []string
	First  *view.Action
	Tabs   view.Tabs
	State  string // the tab, which the filter keeps
	Kinds  []view.Option
	Places []view.Option
	Large  bool
	Two    string // from which sum two people review
	Sorted string
	Lines  []deskLine
	Asked  string // what the second column says of lines that are no contracts, which have no filter
	Pager  view.Pager
	Empty  *view.Empty
}

func (registryDesk) Template() string { return "page/contract/registry" }

// deskLine is a contract in the queue.
type deskLine struct {
	Href, Title, Number string
	Parties             string
	Kind, SubKind       string
	Tech                string
	Arrived             string
	Due                 view.Cell
	State               view.State
	Note                string
	Verb                string
	Bad, Warn           bool
}

func (s *Server) registryDesk(c echo.Context, a market.Actor) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	tab, query := current(deskTabs, c.QueryParam("state")), c.QueryParams()
	if c.QueryParam("state") == amendmentsTab {
		tab = contractTab{name: amendmentsTab}
	}
	if c.QueryParam("state") == objectionsTab {
		tab = contractTab{name: objectionsTab}
	}
	filter := s.deskFilter(query)
	counts, err := s.Store.DeskCounts(ctx, a, filter)
	if err != nil {
		return err
	}
	waiting, err := s.Store.OpenAmendments(ctx, a)
	if err != nil {
		return err
	}
	objected, err := s.Store.OpenObjections(ctx, a)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "合同登记")
	if err != nil {
		return err
	}
	page := registryDesk{Work: work, State: tab.name, Large: filter.Least.Valid, Two: market.FormatMoney(s.twoFrom()), Sorted: "剩余时间"}
	page.Tabs = contractTabs(deskTabs, tab, counts, func(name string) string { return deskPath(query, name, 1) })
	page.Kinds, page.Places = s.kindOptions(filter.Kind), s.placeOptions(filter.Region)
	page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: "变更、补充", Href: deskPath(query, amendmentsTab, 1), Count: view.Num(waiting), Current: tab.name == amendmentsTab},
		view.Tab{Label: "异议", Href: deskPath(query, objectionsTab, 1), Count: view.Num(objected), Current: tab.name == objectionsTab})
	total := waiting
	switch tab.name {
	case amendmentsTab:
		cards, err := s.Store.DeskAmendments(ctx, a, store.PageSlice(number, workPage))
		if err != nil {
			return err
		}
		page.Lines, page.Asked = s.amendmentLines(a, cards), "申请"
	case objectionsTab:
		cards, err := s.Store.DeskObjections(ctx, a, store.PageSlice(number, workPage))
		if err != nil {
			return err
		}
		page.Lines, page.Asked, total = s.objectionLines(a, cards), "谁提出的", objected
	default:
		cards, err := s.Store.DeskContracts(ctx, a, filter, tab.states, store.PageSlice(number, workPage))
		if err != nil {
			return err
		}
		open, err := s.openSignals(c, a, cards)
		if err != nil {
			return err
		}
		for _, k := range cards {
			page.Lines = append(page.Lines, s.deskLine(a, k, open[k.ID]))
		}
		total = counts.Of(tab.states...)
	}
	unit := "份"
	if total > store.ManyContracts {
		total, unit = store.ManyContracts, "份以上"
	}
	page.Pager = view.NewPager(number, workPage, total, unit, func(n int) string { return deskPath(query, tab.name, n) })
	late, soon := 0, 0
	for _, line := range page.Lines {
		if line.Bad {
			late++
		} else if line.Warn {
			soon++
		}
	}
	page.Sub = []string{view.Num(counts.Of(deskTabs[0].states...)) + " 份待办", fmt.Sprintf("变更、补充 %d 项", waiting), fmt.Sprintf("异议 %d 项", objected)}
	if page.Asked != "" || tab.states[0].OnDesk() {
		page.Sub = append(page.Sub, fmt.Sprintf("本页逾期 %d 份，2 个工作日内到期 %d 份", late, soon))
		page.First = firstToHandle(a, page.Lines)
	} else if !tab.states[0].Open() {
		page.Sorted = "登记或办结时间，新的在前"
	}
	if len(page.Lines) == 0 {
		page.Empty = &view.Empty{Title: "没有合同", Text: "这一栏现在没有符合条件的合同。"}
	}
	return s.render(c, page)
}

// firstToHandle leads to the most urgent contract that the registrar may take.
func firstToHandle(a market.Actor, lines []deskLine) *view.Action {
	if !a.Has(market.Registrar) {
		return nil
	}
	i := slices.IndexFunc(lines, func(l deskLine) bool { return l.Verb == "办理" })
	if i < 0 {
		return nil
	}
	return &view.Action{Label: "办下一件", Href: lines[i].Href, Style: view.StylePrimary}
}

// twoFrom is the 技术交易额 from which two people review.
func (s *Server) twoFrom() decimal.Decimal {
	return decimal.NewFromFloat(s.ref.Parameter("second_review_amount", s.Service.Today()))
}

func (s *Server) deskFilter(q url.Values) store.DeskFilter {
	f := store.DeskFilter{Kind: q.Get("kind"), Region: q.Get("region")}
	if q.Get("large") != "" {
		f.Least = decimal.NewNullDecimal(s.twoFrom())
	}
	return f
}

// deskPath is the desk with the conditions that are on, another tab and page.
func deskPath(q url.Values, state string, page int) string {
	next := url.Values{}
	for _, name := range []string{"kind", "region", "large"} {
		if v := q.Get(name); v != "" {
			next.Set(name, v)
		}
	}
	if state != "" {
		next.Set("state", state)
	}
	if page > 1 {
		next.Set("page", fmt.Sprint(page))
	}
	if len(next) == 0 {
		return "/registry"
	}
	return "/registry?" + next.Encode()
}

// kindOptions are the five kinds.
func (s *Server) kindOptions(chosen string) []view.Option {
	out := []view.Option{{Label: "全部"}}
	for _, k := range s.ref.ContractKinds {
		if !slices.ContainsFunc(out, func(o view.Option) bool { return o.Value == k.Kind }) {
			out = append(out, view.Option{Value: k.Kind, Label: k.Kind, Checked: k.Kind == chosen})
		}
	}
	return out
}

func (s *Server) placeOptions(chosen string) []view.Option {
	out := []view.Option{{Label: "全部"}}
	for _, r := range s.ref.Regions {
		out = append(out, view.Option{Value: r.Code, Label: r.Name, Checked: r.Code == chosen})
	}
	return out
}

func (s *Server) deskLine(a market.Actor, k store.ContractCard, signals int) deskLine {
	kind, _ := s.ref.ContractKind(k.Kind)
	line := deskLine{Href: contractPath(k.ID), Title: k.Title, Number: k.Number, Parties: k.SellerName + " → " + k.BuyerName, Kind: kind.Kind, SubKind: kind.SubKind,
		Tech: market.FormatWan(k.TechAmount), Arrived: "—", Due: s.dueCell(k), State: s.contractState(a, k), Verb: "查看"}
	if k.SubmittedAt != nil {
		line.Arrived = view.Date(*k.SubmittedAt)
	}
	if line.Due.Due != nil {
		line.Bad, line.Warn = line.Due.Due.Level == view.DueLate, line.Due.Due.Level == view.DueSoon
	}
	second := reviewedFirst(a, k.State, k.FirstReviewer)
	if a.Has(market.Registrar) && k.State.OnDesk() && !second {
		line.Verb = "办理"
	}
	line.Note = s.deskNote(k, second, signals)
	return line
}

// deskNote says what is special about a line.
func (s *Server) deskNote(k store.ContractCard, firstReviewer bool, signals int) string {
	var notes []string
	add := func(when bool, text string) {
		if when {
			notes = append(notes, text)
		}
	}
	add(firstReviewer, "您是初审人，须由另一人复审")
	add(signals > 0, fmt.Sprintf("审查提示 %d 条待核实", signals))
	add(k.State.OnDesk() && k.Disputed, "有异议")
	add(k.State.OnDesk() && (k.Disputed || k.TechAmount.GreaterThanOrEqual(s.twoFrom())) && !firstReviewer, "两人审查")
	add(k.Returns > 0, fmt.Sprintf("补正 %d 次", k.Returns))
	add(k.FirstReviewerName != "" && !firstReviewer, "初审 "+k.FirstReviewerName)
	add(k.SecondReviewerName != "", "复审 "+k.SecondReviewerName)
	return cmp.Or(strings.Join(notes, "，"), "—")
}
