package server

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var mandatePages = []view.Page{mandateIndex{}, mandateNew{}, clientIndex{}}

// mandateIndex lists whom the organisation lets act for it.
type mandateIndex struct {
	view.Work
	Org     string
	Actions []view.Action
	Rows    []mandateRow
	Pager   view.Pager
	Empty   view.Empty
}

func (mandateIndex) Template() string { return "page/mandate/index" }

// mandateRow is a mandate in a list, of its client or of its agency.
type mandateRow struct {
	store.Mandate
	Name   string // the other side
	Href   string // its public page
	Scopes string
	State  view.State
	Ended  string // how it ended
	Stop   *view.Ask
}

func (s *Server) mandateIndex(c echo.Context, a market.Actor) error { return s.showMandates(c, a, nil) }

func (s *Server) showMandates(c echo.Context, a market.Actor, failed error) error {
	number := pageNumber(c)
	mandates, total, err := s.Store.MandatesGiven(c.Request().Context(), a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := mandateIndex{Org: a.OrgName, Pager: view.NewPager(number, workPage, total, "份", func(n int) string { return tabPath("/mandates", "", n) })}
	if page.Work, err = s.work(c, a, "委托代办"); err != nil {
		return err
	}
	page.Errors = failure(failed)
	for _, m := range mandates {
		row := s.mandateRow(m, m.AgencyName, m.AgencyOrg)
		if a.Role == market.Owner && m.State == market.MandateActive {
			row.Stop = revokeAsk(m)
		}
		page.Rows = append(page.Rows, row)
	}
	page.Empty = view.Empty{Title: "还没有委托机构代办", Text: "可以委托已核验的技术转移机构代本单位发布、对接或起草合同。每次代办都写明由谁代办，随时可以撤回。"}
	if a.Role == market.Owner {
		page.Actions = []view.Action{{Label: "委托一家机构", Href: "/mandates/new", Style: view.StylePrimary, Icon: "plus"}}
	} else {
		page.Empty.Text += "委托由单位管理员办理。"
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

func revokeAsk(m store.Mandate) *view.Ask {
	agency := market.ShortName(m.AgencyName)
	return &view.Ask{Label: "撤回委托", Button: "撤回对" + agency + "的委托", Danger: true, Href: fmt.Sprintf("/mandates/%d/revoke", m.ID),
		Text: fmt.Sprintf("撤回后，%s从下一次操作起就不能再代本单位办理；已经办理的有效，记录保留。对方会收到通知。", agency)}
}

// mandateRow words a mandate; other is the side that the reader does not belong to.
func (s *Server) mandateRow(m store.Mandate, other string, otherOrg int64) mandateRow {
	row := mandateRow{Mandate: m, Name: other, Href: orgPath(otherOrg), Scopes: market.ScopeNames(m.Scopes), State: s.mandateState(m.Mandate)}
	if m.EndedAt == nil {
		return row
	}
	row.Ended = view.Date(*m.EndedAt) + " 到期"
	if m.EndedBy != "" {
		row.Ended = view.Date(*m.EndedAt) + " " + m.EndedBy + map[market.MandateState]string{market.MandateRevoked: "撤回", market.MandateEnded: "结束"}[m.State]
	}
	if m.Reason != "" {
		row.Ended += "：" + m.Reason
	}
	return row
}

// mandateState is a mandate's state as of today, which its dates decide too.
func (s *Server) mandateState(m market.Mandate) view.State {
	today := s.Service.Today()
	switch {
	case m.State == market.MandateRevoked:
		return view.State{Shape: view.ShapeStop, Text: m.State.Name()}
	case m.State == market.MandateEnded || m.EndsOn.Before(today):
		return view.State{Shape: view.ShapeDone, Text: market.MandateEnded.Name()}
	case m.StartsOn.After(today):
		return view.State{Text: "未开始", Note: view.Date(m.StartsOn) + " 起生效"}
	}
	return view.State{Shape: view.ShapeRun, Text: m.State.Name()}
}

// mandateNew is the form of a mandate.
type mandateNew struct {
	view.Work
	Org    string
	Find   view.Field // of the form that looks for an agency
	Found  bool       // something was looked for
	Fields []view.Field
	Q      string
	Key    string
	Paper  string // id of the authority that was uploaded already
}

func (mandateNew) Template() string { return "page/mandate/new" }

// mandateInput is a mandate as typed.
type mandateInput struct {
	q, agency    string
	scopes       []string
	starts, ends string
	paper        string // id of the authority
	key          string
}

// agenciesShown is how many agencies a search offers.
const agenciesShown = 12

func (s *Server) mandateNew(c echo.Context, a market.Actor) error {
	today := s.Service.Today()
	in := mandateInput{q: c.QueryParam("q"), key: formKey(), starts: view.Date(today), ends: view.Date(today.AddDate(1, 0, -1)),
		scopes: []string{string(market.ScopePost), string(market.ScopeNegotiate)}}
	return s.showMandateForm(c, a, in, nil)
}

func (s *Server) mandateGrant(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	in := mandateInput{q: c.FormValue("q"), agency: c.FormValue("agency"), scopes: c.Request().Form["scopes"], starts: c.FormValue("starts_on"),
		ends: c.FormValue("ends_on"), key: c.FormValue("key")}
	var err error
	if in.paper, err = s.postedPaper(c, a, market.FileMandate); err != nil {
		return s.showMandateForm(c, a, in, err)
	}
	m, p := in.mandate()
	if err = p.Err(); err == nil {
		_, err = s.Service.GrantMandate(c.Request().Context(), a, m, in.key)
	}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showMandateForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/mandates", "委托已生效，对方会收到通知。随时可以在这里撤回")
}

func (in mandateInput) mandate() (market.Mandate, market.Problems) {
	var p market.Problems
	var m market.Mandate
	m.AgencyOrg, _ = strconv.ParseInt(in.agency, 10, 64)
	for _, code := range in.scopes {
		m.Scopes = append(m.Scopes, market.Scope(code))
	}
	m.Document = nonEmpty(in.paper)
	m.StartsOn, m.EndsOn = parseDate(&p, "starts_on", in.starts), parseDate(&p, "ends_on", in.ends)
	return m, p
}

func (s *Server) showMandateForm(c echo.Context, a market.Actor, in mandateInput, failed error) error {
	agencies, err := s.Store.Agencies(c.Request().Context(), a, market.Normalize(in.q), agenciesShown)
	if err != nil {
		return err
	}
	page := mandateNew{Org: a.OrgName, Q: in.q, Found: in.q != "", Key: in.key, Paper: in.paper}
	if page.Work, err = s.work(c, a, "委托一家机构"); err != nil {
		return err
	}
	page.Errors = failure(failed)
	page.Find = view.Field{Name: "q", Label: "机构名称或信用代码", Hint: "只列出已核验的技术转移机构", Value: in.q, Autocomplete: "off"}
	page.Fields = append(mandateFields(in, agencies, errorsOf(failed)), s.authorityField(c, a, in, errorsOf(failed)))
	return s.renderStatus(c, errorStatus(failed), page)
}

func mandateFields(in mandateInput, agencies []store.AgencyOption, at fieldErrors) []view.Field {
	var options []view.Option
	for _, g := range agencies {
		options = append(options, view.Option{Value: strconv.FormatInt(g.ID, 10), Label: g.Name, Hint: string(g.USCC)})
	}
	if in.agency == "" && len(agencies) == 1 {
		in.agency = options[0].Value
	}
	var scopes []view.Option
	for _, scope := range market.Scopes {
		scopes = append(scopes, view.Option{Value: string(scope), Label: scope.Name(), Hint: scope.Effect()})
	}
	return []view.Field{
		{Name: "agency", Kind: view.KindRadios, Label: "机构", Options: options, Value: in.agency, Error: at["agency"]},
		{Name: "scopes", Kind: view.KindChecks, Label: "委托范围", Hint: "本单位的账号、成员、资料和委托不能代办", Options: scopes, Values: in.scopes, Error: at["scopes"]},
		{Name: "starts_on", Kind: view.KindDate, Label: "开始日期", Value: in.starts, Error: at["starts_on"]},
		{Name: "ends_on", Kind: view.KindDate, Label: "结束日期", Hint: fmt.Sprintf("当天仍有效，次日起自动结束。一份委托最长 %d 年", market.MandateYears), Value: in.ends, Error: at["ends_on"]},
	}
}

// authorityField takes the signed authority; one that was uploaded already is named and need not be chosen again.
func (s *Server) authorityField(c echo.Context, a market.Actor, in mandateInput, at fieldErrors) view.Field {
	field := view.Field{Name: string(market.FileMandate), Kind: view.KindFile, Label: "授权书", Accept: ".pdf,.png,.jpg,.jpeg", Error: at[string(market.FileMandate)],
		Hint: fmt.Sprintf("盖章的 PDF 或图片，不超过 %d MB。只有双方和审计人员能看", market.MaxFile>>20)}
	if f, err := s.Store.File(c.Request().Context(), a, in.paper); err == nil {
		field.OK = "已上传：" + f.Name + "。要换一份时再选"
	}
	return field
}

func (s *Server) mandateRevoke(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	err = s.Service.RevokeMandate(c.Request().Context(), a, id, c.FormValue("reason"))
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showMandates(c, a, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/mandates", "委托已撤回，对方不能再代本单位办理")
}

func (s *Server) mandateDecline(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	err = s.Service.DeclineMandate(c.Request().Context(), a, id, c.FormValue("reason"))
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showClients(c, a, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/clients", "已结束这份委托，委托单位会收到通知")
}

// clientIndex lists for whom an agency may act, with what waits there.
type clientIndex struct {
	view.Work
	Org   string
	Rows  []clientRow
	Pager view.Pager
	Empty view.Empty
}

func (clientIndex) Template() string { return "page/client/index" }

// clientRow is a client of an agency. To is empty where the reader can't act for it now.
type clientRow struct {
	mandateRow
	To   string
	Open []string // what waits there
}

func (s *Server) clientIndex(c echo.Context, a market.Actor) error { return s.showClients(c, a, nil) }

func (s *Server) showClients(c echo.Context, a market.Actor, failed error) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	mandates, total, err := s.Store.MandatesHeld(ctx, a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	choices, err := s.Store.Choices(ctx, a.UserID, s.Now())
	if err != nil {
		return err
	}
	page := clientIndex{Org: a.OrgName, Pager: view.NewPager(number, workPage, total, "份", func(n int) string { return tabPath("/clients", "", n) })}
	if page.Work, err = s.work(c, a, "委托单位"); err != nil {
		return err
	}
	page.Errors = failure(failed)
	for _, m := range mandates {
		page.Rows = append(page.Rows, s.clientRow(a, m, choices))
	}
	page.Empty = view.Empty{Title: "还没有单位委托本机构", Text: "请委托单位的管理员在“委托代办”里选择本机构，写明范围和日期。委托生效后，它的待办会列在这里。"}
	return s.renderStatus(c, errorStatus(failed), page)
}

func (s *Server) clientRow(a market.Actor, m store.Mandate, choices []store.Choice) clientRow {
	row := clientRow{mandateRow: s.mandateRow(m, m.ClientName, m.ClientOrg)}
	if m.State != market.MandateActive {
		return row
	}
	if a.Role == market.Owner {
		client := market.ShortName(m.ClientName)
		row.Stop = &view.Ask{Label: "不再代办", Button: "结束" + client + "的委托", Danger: true, Href: fmt.Sprintf("/mandates/%d/decline", m.ID),
			Text: fmt.Sprintf("结束后，本机构的人马上不能再代%s办理；已经办理的有效，记录保留。对方会收到通知。", client)}
	}
	i := slices.IndexFunc(choices, func(c store.Choice) bool { return c.OrgID == m.ClientOrg && c.AgencyID == m.AgencyOrg })
	if i < 0 {
		return row
	}
	row.To = actingText(choices[i].Acting())
	for _, open := range []struct {
		n    int
		text string
	}{{choices[i].Inquiries, "%d 个对接要答复"}, {choices[i].Listings, "%d 项被退回"}, {choices[i].Contracts, "%d 份合同要办"}} {
		if open.n > 0 {
			row.Open = append(row.Open, fmt.Sprintf(open.text, open.n))
		}
	}
	return row
}

// agentPanel is “谁能代您办事” on the workbench: the mandates in force.
type agentPanel struct {
	Rows []agentRow
	Own  bool // the reader may grant and revoke
}

// agentRow is an agency that acts for the organisation.
type agentRow struct {
	Name   string
	Scopes string
	Until  time.Time
	Acts   int
	Stamp  string
	Revoke *view.Ask
}

// agentsShown is how many agencies the panel names; the rest is on the page behind it.
const agentsShown = 3

func (s *Server) agentPanel(c echo.Context, a market.Actor) (*agentPanel, error) {
	mandates, _, err := s.Store.MandatesGiven(c.Request().Context(), a, store.PageSlice(1, agentsShown))
	if err != nil {
		return nil, err
	}
	panel := &agentPanel{Own: a.Role == market.Owner}
	for _, m := range mandates {
		if !m.Covers(s.Service.Today()) {
			continue
		}
		row := agentRow{Name: m.AgencyName, Scopes: market.ScopeNames(m.Scopes), Until: m.EndsOn, Acts: m.Acts, Stamp: market.OnBehalf(m.AgencyName, m.ClientName)}
		if panel.Own {
			row.Revoke = revokeAsk(m)
		}
		panel.Rows = append(panel.Rows, row)
	}
	return panel, nil
}
