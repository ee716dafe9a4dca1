package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var orgPages = []view.Page{orgNew{}, orgOwn{}, orgShow{}}

// publicPage is how many items a public list shows.
const publicPage = 20

// orgNew is the registration of an organisation.
type orgNew struct {
	view.Base
	Steps   view.Steps
	Fields  []view.Field
	Notes   []view.Alert // what a check of the code found
	Key     string
	Licence string // id of the file that was uploaded already
}

func (orgNew) Template() string { return "page/org/new" }

// orgNew shows the form. With ?uscc= it checks the code first and fills in what it tells; nothing is saved.
func (s *Server) orgNew(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	o := orgForm(c)
	if o.USCC == "" {
		return s.showOrgForm(c, a, o, nil)
	}
	code, err := market.ParseUSCC(string(o.USCC))
	if err != nil {
		var p market.Problems
		p.AddErr("uscc", err)
		return s.showOrgForm(c, a, o, p.Err())
	}
	o.USCC = code
	s.fillRegion(&o)
	return s.showOrgForm(c, a, o, nil)
}

func (s *Server) orgCreate(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	o := orgForm(c)
	licence, err := s.postedPaper(c, a, market.FileLicence)
	o.Licence = nonEmpty(licence)
	var id int64
	if err == nil {
		id, err = s.Service.CreateOrg(c.Request().Context(), a, o, c.FormValue("key"))
	}
	if market.IsKind(err, market.Invalid) {
		s.fillRegion(&o)
		return s.showOrgForm(c, a, o, err)
	}
	if err != nil {
		return err
	}
	s.setActing(c, market.Actor{OrgID: id})
	return s.done(c, "/org", "单位已提交核验。核验期间可以先写草稿")
}

// orgForm reads what was typed about an organisation.
func orgForm(c echo.Context) market.Org {
	return market.Org{
		USCC: market.USCC(c.FormValue("uscc")), Name: c.FormValue("name"), Type: market.OrgType(c.FormValue("type")),
		Region: c.FormValue("region"), Park: formCode(c, "park"), PartyType: formCode(c, "party_type"),
		Industry: formCode(c, "industry"), Scale: formCode(c, "scale"), LegalRep: c.FormValue("legal_rep"), Address: c.FormValue("address"), About: c.FormValue("about"),
	}
}

// formCode reads a choice that may be left open.
func formCode(c echo.Context, field string) *string {
	value := c.FormValue(field)
	if value == "" {
		return nil
	}
	return &value
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// fillRegion proposes the place that the code names, when none was chosen and it is a county of the city.
func (s *Server) fillRegion(o *market.Org) {
	if code, err := market.ParseUSCC(string(o.USCC)); err == nil && o.Region == "" && s.ref.Regions.Counties().Name(code.DivisionCode()) != "" {
		o.Region = code.DivisionCode()
	}
}

func (s *Server) showOrgForm(c echo.Context, a market.Actor, o market.Org, err error) error {
	at := errorsOf(err)
	page := orgNew{Base: s.base(c, a, "登记单位"), Key: formKey()}
	page.NoIndex = true
	page.Errors = errorSummary(err)
	page.Steps = view.Steps{Items: []view.Step{{Label: "账号", Done: true}, {Label: "单位", Current: true}, {Label: "等待核验"}}}
	if key := c.FormValue("key"); key != "" {
		page.Key = key
	}
	if place := s.ref.Regions.Name(o.Region); at["region"] != "" && place != "" {
		at["region"] = fmt.Sprintf("已按信用代码选为%s，请核对后再提交", place)
		page.Errors = errorSummary(withMessage(err, "region", at["region"]))
	}
	page.Fields = append(append(s.orgIdentityFields(o, at), s.licenceField(c, a, o, at)), s.orgDetailFields(o, at)...)
	page.Licence = pointed(o.Licence)
	page.Notes = codeNotes(o)
	return s.renderStatus(c, formStatus(err), page)
}

// withMessage changes what an Invalid error says of one field.
func withMessage(err error, field, message string) error {
	e := *market.AsError(err)
	e.Fields = append(market.Problems{}, e.Fields...)
	for i := range e.Fields {
		if e.Fields[i].Field == field {
			e.Fields[i].Message = message
		}
	}
	return &e
}

// codeNotes tells the applicant when a valid code needs a closer look.
func codeNotes(o market.Org) []view.Alert {
	code, err := market.ParseUSCC(string(o.USCC))
	if err != nil || o.Type == "" || code.FitsOrgType(o.Type) {
		return nil
	}
	return []view.Alert{{Kind: view.AlertWarn, Title: "转人工核验", Text: fmt.Sprintf(
		"代码有效，属%s，与所选的单位类型“%s”不常见。如果选对了，可以照常提交，工作人员会对照证照核验", code.CategoryName(), o.Type.Name())}}
}

// orgIdentityFields are what verification settles: type, code and name.
func (s *Server) orgIdentityFields(o market.Org, at fieldErrors) []view.Field {
	var types []view.Option
	for _, t := range market.OrgTypes {
		types = append(types, view.Option{Value: string(t), Label: t.Name()})
	}
	return []view.Field{
		{Name: "type", Kind: view.KindRadios, Label: "单位类型", Options: types, Value: string(o.Type), Error: at["type"]},
		{Name: "uscc", Kind: view.KindCode, Label: "统一社会信用代码", Hint: "18 位，见营业执照或法人证书。可以粘贴，空格和小写会自动整理",
			Value: string(o.USCC), Error: at["uscc"], OK: s.codeFound(o.USCC)},
		{Name: "name", Label: "单位全称", Hint: "与证照一致，不用简称", Value: o.Name, Error: at["name"], Autocomplete: "organization"},
	}
}

// codeFound says what a valid code tells, "" when it is not valid.
func (s *Server) codeFound(typed market.USCC) string {
	code, err := market.ParseUSCC(string(typed))
	if err != nil {
		return ""
	}
	found := "校验通过：" + code.CategoryName()
	if place := s.placeOfCode(code); place != "" {
		found += "，登记地" + place
	}
	return found
}

// placeOfCode names the place of the registering authority: to the county in the city, else the city or province.
func (s *Server) placeOfCode(code market.USCC) string {
	division := code.DivisionCode()
	if county := s.ref.Regions.Counties().Name(division); county != "" {
		return "吉安市" + county
	}
	for _, wider := range []string{division, division[:4] + "00", division[:2] + "0000"} {
		if name := s.ref.Regions.Name(wider); name != "" {
			return name
		}
	}
	return ""
}

// licenceField takes the licence; one that was uploaded already is named and need not be chosen again.
func (s *Server) licenceField(c echo.Context, a market.Actor, o market.Org, at fieldErrors) view.Field {
	field := view.Field{Name: "licence", Kind: view.KindFile, Label: "营业执照或法人证书", Optional: true, Accept: ".pdf,.png,.jpg,.jpeg", Error: at["licence"],
		Hint: fmt.Sprintf("PDF 或图片，不超过 %d MB，不公开。工作人员对照它核验，没有上传的会联系您补交", market.MaxFile>>20)}
	if o.Licence == nil {
		return field
	}
	if f, err := s.Store.File(c.Request().Context(), a, *o.Licence); err == nil {
		field.OK = "已上传：" + f.Name + "。要换一份时再选"
	}
	return field
}

// orgDetailFields are what the organisation keeps up to date itself.
func (s *Server) orgDetailFields(o market.Org, at fieldErrors) []view.Field {
	regions := make(market.Codes, len(s.ref.Regions))
	for i, r := range s.ref.Regions {
		regions[i] = market.Code{Code: r.Code, Name: r.Name}
	}
	return []view.Field{
		{Name: "region", Kind: view.KindSelect, Label: "实际所在区县", Hint: "登记地与经营地不同时，选经营地；市外选所在的市或省",
			Options: selectOptions(regions), Value: o.Region, Error: at["region"]},
		{Name: "park", Kind: view.KindSelect, Label: "所在园区", Optional: true, Options: openOptions(s.ref.Parks, "不在园区"), Value: pointed(o.Park), Error: at["park"]},
		{Name: "party_type", Kind: view.KindSelect, Label: "单位性质", Optional: true, Hint: "登记技术合同时要用，可以以后再填",
			Options: openOptions(s.ref.PartyTypes, "以后再填"), Value: pointed(o.PartyType), Error: at["party_type"]},
		{Name: "industry", Kind: view.KindSelect, Label: "行业门类", Optional: true, Hint: "国民经济行业", Options: openOptions(s.ref.Industries, "以后再填"), Value: pointed(o.Industry), Error: at["industry"]},
		{Name: "scale", Kind: view.KindSelect, Label: "企业规模", Optional: true, Hint: "企业填，按统计上大中小微型企业划分", Options: openOptions(market.OrgScales, "不填"), Value: pointed(o.Scale), Error: at["scale"]},
		{Name: "legal_rep", Label: "法定代表人", Optional: true, Hint: "不公开", Value: o.LegalRep, Error: at["legal_rep"]},
		{Name: "address", Label: "地址", Optional: true, Hint: "不公开", Value: o.Address, Error: at["address"], Autocomplete: "street-address"},
		{Name: "about", Kind: view.KindArea, Label: "单位简介", Optional: true, Hint: "公开。做什么产品、有什么研发条件", Lines: 4, Max: 500, Value: o.About, Error: at["about"]},
	}
}

// openOptions is a code list whose first choice leaves it open.
func openOptions(list market.Codes, open string) []view.Option {
	return append([]view.Option{{Value: "", Label: open}}, options(list)...)
}

func pointed(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orgOwn is 单位与成员: the organisation the actor acts for.
type orgOwn struct {
	view.Work
	Name      string
	State     view.State
	Notice    *view.Alert
	Rival     *view.Alert // another organisation was verified with the code
	Change    *view.Alert // the request to change what was verified
	Withdraw  *view.Ask   // of that request
	Renew     string      // address of the form for such a request, "" for who may not make one now
	Facts     []view.Fact
	About     string
	Log       view.Log
	People    view.Log     // changes among the members; for owners
	Public    string       // address of the public page, "" while there is none
	Fields    []view.Field // of the form; nil for who may not change anything
	FormNote  string
	FormOpen  bool
	Licence   string // id of the file that was uploaded already
	Version   int
	Members   []memberRow
	Invite    []view.Field // of the form; nil for who is not an owner
	InviteKey string
	Invited   []invitationRow
}

func (orgOwn) Template() string { return "page/org/own" }

// memberRow is a person of the organisation, with what the reader may do about their place.
type memberRow struct {
	store.Member
	Roles []view.Option // to choose from; nil for who is not an owner
	Asks  []view.Ask
}

// ownOrgForm is what was typed on the page and what is wrong with it.
type ownOrgForm struct {
	typed *market.Org // nil: as stored
	email string
	role  string
	err   error
}

func (s *Server) orgOwn(c echo.Context, a market.Actor) error {
	if a.OrgID == 0 {
		return c.Redirect(http.StatusSeeOther, "/org/new")
	}
	if err := a.RequireReader(market.ScopeOwn); err != nil {
		return err
	}
	return s.showOwnOrg(c, a, ownOrgForm{})
}

func (s *Server) orgEdit(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	stored, err := s.Store.Org(ctx, a, a.OrgID)
	if err != nil {
		return err
	}
	typed := orgForm(c)
	licence, err := s.postedPaper(c, a, market.FileLicence)
	if err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{typed: &typed, err: err})
	}
	typed.Licence = nonEmpty(licence)
	typed.ID, typed.Version = stored.ID, formVersion(c)
	if stored.State == market.OrgVerified {
		typed.Name, typed.USCC, typed.Type, typed.Licence = stored.Name, stored.USCC, stored.Type, nil // settled by the verification
	}
	if err := s.Service.EditOrg(ctx, a, typed); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{typed: &typed, err: err})
	}
	if market.Orgs.Can(stored.State, "submit") {
		return s.done(c, "/org", "单位资料已保存，并再次提交核验")
	}
	return s.done(c, "/org", "单位资料已保存")
}

func (s *Server) memberRole(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	role := market.Role(c.FormValue("role"))
	if err := s.Service.SetRole(c.Request().Context(), a, id, role); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	return s.done(c, "/org", "角色已改为"+role.Name())
}

func (s *Server) memberHandOver(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.HandOver(c.Request().Context(), a, id); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	return s.done(c, "/org", "管理员已移交，您现在是编辑")
}

func (s *Server) memberRemove(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.RemoveMember(c.Request().Context(), a, id); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	if id == a.UserID {
		return s.done(c, "/acting", "您已退出单位")
	}
	return s.done(c, "/org", "成员已移出")
}

// ownOrgAgain shows the page with what the user can mend; any other error goes on.
func (s *Server) ownOrgAgain(c echo.Context, a market.Actor, form ownOrgForm) error {
	if market.IsKind(form.err, market.Invalid) || market.IsKind(form.err, market.Conflict) {
		return s.showOwnOrg(c, a, form)
	}
	return form.err
}

func (s *Server) showOwnOrg(c echo.Context, a market.Actor, form ownOrgForm) error {
	ctx := c.Request().Context()
	o, err := s.Store.Org(ctx, a, a.OrgID)
	if err != nil {
		return err
	}
	w, err := s.work(c, a, "单位与成员")
	if err != nil {
		return err
	}
	members, err := s.Store.Members(ctx, a)
	if err != nil {
		return err
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "org", ID: o.ID})
	if err != nil {
		return err
	}
	page := orgOwn{Work: w, Name: o.Name, State: orgState(o.State), Notice: s.orgNotice(o), Facts: s.orgFacts(o), About: o.About,
		Log: s.reviewLog(moves, market.SubjectOrg), Version: o.Version, Members: memberRows(a, members)}
	page.Errors = failure(form.err)
	if o.State == market.OrgVerified || o.State == market.OrgSuspended {
		page.Public = orgPath(o.ID)
	}
	if a.Role == market.Owner {
		page.Invite, page.InviteKey = inviteFields(form), formKey()
		invited, err := s.Store.OpenInvitations(ctx, a)
		if err != nil {
			return err
		}
		page.Invited = s.invitationRows(invited)
		changes, err := s.Store.MemberMoves(ctx, a, memberMovesShown)
		if err != nil {
			return err
		}
		page.People = memberLog(changes)
	}
	if page.Rival, err = s.rivalNotice(c, o); err != nil {
		return err
	}
	if page.Change, page.Withdraw, err = s.changeNotice(c, a, o); err != nil {
		return err
	}
	if a.Role == market.Owner && o.State == market.OrgVerified && page.Withdraw == nil {
		page.Renew = "/org/changes/new"
	}
	if a.Role == market.Owner && o.State != market.OrgSuspended {
		s.fillOwnForm(c, a, &page, o, form)
	}
	return s.renderStatus(c, errorStatus(form.err), page)
}

// failure is errorSummary, with a sentence where the error is about no field.
func failure(err error) view.ErrorSummary {
	if e := market.AsError(err); e != nil && len(e.Fields) == 0 {
		return view.ErrorSummary{Title: "没有办成", Items: []view.ErrorItem{{Text: e.Message}}}
	}
	return errorSummary(err)
}

// memberMovesShown is how many changes among the members the page lists.
const memberMovesShown = 20

// memberRows offers an owner each member's role, removal and, of others, the owner's place; everybody may leave.
func memberRows(a market.Actor, members []store.Member) []memberRow {
	rows := make([]memberRow, len(members))
	for i, m := range members {
		rows[i].Member = m
		path := fmt.Sprintf("/org/members/%d", m.UserID)
		mine, owner := m.UserID == a.UserID, a.Role == market.Owner
		if owner {
			rows[i].Roles = roleOptions()
		}
		if owner && !mine && m.Role != market.Owner {
			rows[i].Asks = append(rows[i].Asks, view.Ask{Label: "移交管理员", Button: "把管理员移交给" + m.Name, Danger: true, Href: path + "/hand-over",
				Text: fmt.Sprintf("移交后，%s马上成为管理员，您改为编辑，不能再改单位资料、成员和委托。对方会收到通知。", m.Name)})
		}
		switch {
		case mine:
			rows[i].Asks = append(rows[i].Asks, view.Ask{Label: "退出", Button: "退出本单位", Danger: true, Href: path + "/remove",
				Text: "退出后，您马上不能再办理本单位的事；以前办理的记录保留。"})
		case owner:
			rows[i].Asks = append(rows[i].Asks, view.Ask{Label: "移出", Button: "移出" + m.Name, Danger: true, Href: path + "/remove",
				Text: fmt.Sprintf("移出“%s”后，对方马上不能再办理本单位的事；以前办理的记录保留。", m.Name)})
		}
	}
	return rows
}

func roleOptions() []view.Option {
	var out []view.Option
	for _, r := range []market.Role{market.Owner, market.Editor, market.Viewer} {
		out = append(out, view.Option{Value: string(r), Label: r.Name()})
	}
	return out
}

// memberLog words the changes among the members, newest first.
func memberLog(changes []store.MemberMove) view.Log {
	var log view.Log
	for _, m := range changes {
		text := map[string]string{
			"found":  m.Name + "登记单位，任管理员",
			"join":   m.Name + "加入，任" + m.To.Name(),
			"role":   m.Name + "由" + m.From.Name() + "改为" + m.To.Name(),
			"remove": m.Name + "（" + m.From.Name() + "）被移出",
			"leave":  m.Name + "（" + m.From.Name() + "）退出",
		}[m.Move]
		if m.Move == "hand_over" {
			text = m.Name + "交出管理员，改为编辑"
			if m.To == market.Owner {
				text = m.Name + "接任管理员"
			}
		}
		item := view.LogItem{At: m.At, When: view.DateTime(m.At), Text: text, Done: true}
		if m.By != m.Name {
			item.By = &view.By{Name: m.By}
		}
		log.Items = append(log.Items, item)
	}
	return log
}

func inviteFields(form ownOrgForm) []view.Field {
	at := errorsOf(form.err)
	if form.role == "" {
		form.role = string(market.Editor)
	}
	roles := []view.Option{
		{Value: string(market.Editor), Label: "编辑", Hint: roleEffects[market.Editor]},
		{Value: string(market.Viewer), Label: "查看", Hint: roleEffects[market.Viewer]},
		{Value: string(market.Owner), Label: "管理员", Hint: roleEffects[market.Owner]},
	}
	return []view.Field{
		{Name: "email", Kind: view.KindEmail, Label: "对方的邮箱", Hint: "邀请发到这个邮箱，对方用它登录或注册后接受", Value: form.email, Error: at["email"], Autocomplete: "off"},
		{Name: "role", Kind: view.KindRadios, Label: "角色", Options: roles, Value: form.role, Error: at["role"]},
	}
}

func (s *Server) fillOwnForm(c echo.Context, a market.Actor, page *orgOwn, stored market.Org, form ownOrgForm) {
	typed, at := stored, fieldErrors{}
	if form.typed != nil {
		typed, at = *form.typed, errorsOf(form.err)
	}
	page.Fields = s.orgDetailFields(typed, at)
	page.FormNote = "保存后立即生效"
	page.FormOpen = form.typed != nil || stored.State == market.OrgRejected
	if stored.State == market.OrgVerified {
		return
	}
	page.Fields = append(append(s.orgIdentityFields(typed, at), s.licenceField(c, a, typed, at)), page.Fields...)
	page.Licence = pointed(typed.Licence)
	page.FormNote = "保存后由工作人员按新内容核验"
	if stored.State == market.OrgRejected {
		page.FormNote = "保存后再次提交核验"
	}
}

// errorStatus is the status of a page that comes back after an act failed.
func errorStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return statusOf(err)
}

func orgPath(id int64) string { return fmt.Sprintf("/orgs/%d", id) }

func orgState(state market.OrgState) view.State {
	shape := map[market.OrgState]view.Shape{market.OrgUnverified: view.ShapeTodo, market.OrgPending: view.ShapeWait, market.OrgVerified: view.ShapeDone,
		market.OrgRejected: view.ShapeStop, market.OrgSuspended: view.ShapeStop}[state]
	return view.State{Shape: shape, Text: state.Name()}
}

// rivalNotice tells the people of an organisation that is not verified that another was verified with its code, nil when
// none was. That one is not named.
func (s *Server) rivalNotice(c echo.Context, o market.Org) (*view.Alert, error) {
	if o.State == market.OrgVerified || o.State == market.OrgSuspended {
		return nil, nil
	}
	known, err := s.Store.VerifiedOrgWithCode(c.Request().Context(), o.USCC)
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &view.Alert{Kind: view.AlertWarn, Title: "同一信用代码的另一家登记已通过核验", Text: fmt.Sprintf(
		"它于 %s 通过，这份登记不能再通过。若是同一单位，请向它的管理员要邀请，用您的邮箱加入；若代码填错，请改正后保存；若认为代码被冒用，请联系主管部门",
		view.Date(*known.VerifiedAt))}, nil
}

// orgNotice says what the state means and what to do next.
func (s *Server) orgNotice(o market.Org) *view.Alert {
	switch o.State {
	case market.OrgPending:
		days, _ := s.ref.ReviewTerm(market.SubjectOrg, *o.SubmittedAt)
		text := fmt.Sprintf("%s提交，一般 %d 个工作日内核验完。期间可以先写需求和成果的草稿，核验通过后再提交审核", view.DateCN(*o.SubmittedAt), days)
		if notes := codeNotes(o); len(notes) > 0 {
			text += "。代码属" + o.USCC.CategoryName() + "，与所选的单位类型不常见，工作人员会对照证照核验"
		}
		return &view.Alert{Title: "正在核验", Text: text}
	case market.OrgRejected:
		return &view.Alert{Kind: view.AlertBad, Title: "核验被退回：" + s.ref.OrgReturn.Name(pointed(o.ReasonCode)), Text: o.Reason + "。改好后保存，会再次提交核验"}
	case market.OrgSuspended:
		return &view.Alert{Kind: view.AlertBad, Title: "本单位已被暂停", Text: o.Reason + "。暂停期间不能发布和办理，已公开的内容不再显示。如有异议，请联系主管部门"}
	}
	return nil
}

// orgFacts are the stored details, with what is not public.
func (s *Server) orgFacts(o market.Org) []view.Fact {
	facts := []view.Fact{
		{Label: "统一社会信用代码", Text: string(o.USCC), Code: true},
		{Label: "单位类型", Text: o.Type.Name()},
		{Label: "所在地", Text: s.orgPlace(o)},
	}
	for _, f := range []view.Fact{
		{Label: "单位性质", Text: s.ref.PartyTypes.Name(pointed(o.PartyType))},
		{Label: "行业门类", Text: s.ref.Industries.Name(pointed(o.Industry))},
		{Label: "企业规模", Text: market.OrgScales.Name(pointed(o.Scale))},
		{Label: "法定代表人", Text: o.LegalRep},
		{Label: "地址", Text: o.Address},
	} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	if o.VerifiedAt != nil {
		facts = append(facts, view.Fact{Label: "核验日期", Text: view.Date(*o.VerifiedAt)})
	}
	return facts
}

// orgPlace is the county, with the park where there is one.
func (s *Server) orgPlace(o market.Org) string {
	place := s.ref.Regions.Name(o.Region)
	if park := s.ref.Parks.Name(pointed(o.Park)); park != "" {
		place += "，" + park
	}
	return place
}

// orgShow is the public page of an organisation.
type orgShow struct {
	view.Base
	Crumbs   []view.Link
	Name     string
	Mono     string
	Verified view.Verified
	Demo     bool
	Facts    []view.Fact
	About    string
	Figures  []view.Figure
	Tabs     view.Tabs
	Needs    []view.NeedCard
	Results  []view.ResultCard
	Pager    *view.Pager
	Empty    view.Empty
	Agency   bool
	People   []store.Contact // of an agency
	Review   *view.Action    // for reviewers
}

func (orgShow) Template() string { return "page/org/show" }

func (s *Server) orgShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	o, err := s.Store.Org(ctx, a, id)
	if err != nil {
		return err
	}
	record, err := s.Store.OrgRecord(ctx, id)
	if err != nil {
		return err
	}
	if o.State != market.OrgVerified {
		record.Needs, record.Results = 0, 0 // nothing of it is shown
	}
	kind := market.Kind(c.QueryParam("kind"))
	if !kind.Valid() {
		kind = market.KindNeed
		if record.Needs == 0 && record.Results > 0 {
			kind = market.KindResult
		}
	}
	cards, err := s.Store.OrgListings(ctx, a, id, kind, store.PageSlice(pageNumber(c), publicPage))
	if err != nil {
		return err
	}
	page := s.orgPage(c, a, o, record, kind)
	if o.Type == market.Agency && o.State == market.OrgVerified {
		if err := s.addAgency(ctx, &page, id); err != nil {
			return err
		}
	}
	for _, card := range cards {
		if kind == market.KindNeed {
			page.Needs = append(page.Needs, s.needCard(card, ""))
		} else {
			page.Results = append(page.Results, s.resultCard(card, ""))
		}
	}
	return s.render(c, page)
}

// addAgency adds what an agency does for others, and who may be asked.
func (s *Server) addAgency(ctx context.Context, page *orgShow, id int64) error {
	record, err := s.Store.AgencyRecord(ctx, id, s.Now())
	if err != nil {
		return err
	}
	page.Agency = true
	page.Figures = append(page.Figures, view.Figure{Label: "受托代办", Num: view.Num(record.Mandates), Unit: "家"},
		view.Figure{Label: "代办促成", Num: view.Num(record.Deals), Unit: "项"})
	page.People, err = s.Store.AgencyPeople(ctx, id)
	return err
}

func (s *Server) orgPage(c echo.Context, a market.Actor, o market.Org, record store.OrgRecord, kind market.Kind) orgShow {
	page := orgShow{Base: s.base(c, a, o.Name), Crumbs: []view.Link{{Label: "首页", Href: "/"}, {Label: o.Name}}, Name: o.Name, Mono: Monogram(o.Name),
		Verified: orgBadge(o), Demo: o.Demo, About: o.About}
	page.Description = fmt.Sprintf("%s在吉安科技大市场公开的技术需求和科技成果。", o.Name)
	page.NoIndex = o.State != market.OrgVerified
	page.Facts = []view.Fact{{Label: "类型", Text: o.Type.Name()}, {Label: "所在地", Text: s.orgPlace(o)},
		{Label: "信用代码", Text: string(o.USCC), Code: true}}
	page.Figures = []view.Figure{
		{Label: "公开需求", Num: view.Num(record.Needs), Unit: "项"}, {Label: "公开成果", Num: view.Num(record.Results), Unit: "项"},
		{Label: "达成合作", Num: view.Num(record.Deals), Unit: "项"}, {Label: "登记合同", Num: view.Num(record.Contracts), Unit: "项"},
	}
	path := orgPath(o.ID)
	page.Tabs = view.Tabs{Label: "公开的内容", Items: []view.Tab{
		{Label: "技术需求", Href: path + "?kind=need", Count: view.Num(record.Needs), Current: kind == market.KindNeed},
		{Label: "科技成果", Href: path + "?kind=result", Count: view.Num(record.Results), Current: kind == market.KindResult},
	}}
	total, word := record.Needs, "需求"
	if kind == market.KindResult {
		total, word = record.Results, "成果"
	}
	page.Empty = view.Empty{Title: "现在没有公开的" + word, Text: "没有公开、已经结束或不公开单位名称的" + word + "不在这里显示"}
	if total > 0 {
		pager := view.NewPager(pageNumber(c), publicPage, total, "项", func(n int) string { return fmt.Sprintf("%s?kind=%s&page=%d", path, kind, n) })
		page.Pager = &pager
	}
	if a.Reaches(o.Region, market.Reviewer) {
		page.Review = &view.Action{Label: "核验与暂停", Href: fmt.Sprintf("/review/orgs/%d", o.ID), Small: true}
	}
	return page
}

// orgBadge tells whether an organisation is verified, and since when.
func orgBadge(o market.Org) view.Verified {
	if o.State == market.OrgVerified && o.VerifiedAt != nil {
		return view.VerifiedOn(*o.VerifiedAt)
	}
	return view.Verified{Text: o.State.Name()}
}
