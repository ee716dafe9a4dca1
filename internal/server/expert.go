package server

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var expertPages = []view.Page{directoryPage{}, expertShow{}, expertForm{}, expertDesk{}}

func expertPath(id int64) string { return fmt.Sprintf("/experts/%d", id) }

// expertShow is the page of an expert: public once the person has agreed, before that for who looks after the entry.
type expertShow struct {
	view.Base
	Crumbs    []view.Link
	Name      string
	Title     string
	Mono      string
	Demo      bool
	Notes     []view.Alert
	Facts     []view.Fact
	Expertise string
	Contact   []view.Fact
	NoContact string
	Consent   string
	Keep      []view.Fact // for who looks after the entry
	Actions   []view.Action
	Asks      []view.Ask
}

func (expertShow) Template() string { return "page/expert/show" }

func (s *Server) expertShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showExpert(c, a, id, nil)
}

func (s *Server) showExpert(c echo.Context, a market.Actor, id int64, failed error) error {
	e, err := s.Store.Expert(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	page := expertShow{Base: s.base(c, a, e.Name), Crumbs: []view.Link{{Label: "首页", Href: "/"}, {Label: "专家", Href: "/experts"}, {Label: e.Name}},
		Name: e.Name, Title: e.Title, Mono: Monogram(e.Name), Demo: e.Demo, Expertise: e.Expertise}
	page.Nav, page.Errors = "directories", failure(failed)
	page.NoIndex = e.State != market.ExpertPublic
	page.Description = market.Truncate(e.OrgName+e.Title+e.Name+"，专长："+shortText(e.Expertise), 120)
	org := view.Fact{Label: "单位", Text: e.OrgName}
	if e.OrgID != 0 {
		org.Href = orgPath(e.OrgID)
	}
	page.Facts = appendFact([]view.Fact{org}, "职称", e.Title)
	page.Facts = appendFact(page.Facts, "所在地", s.ref.Regions.Name(e.Region))
	page.Facts = appendFact(page.Facts, "细分领域", strings.Join(s.fieldNames(e.Fields), "、"))
	page.Facts = appendFact(page.Facts, "技术领域", s.ref.TechFields.Name(e.TechField))
	s.addExpertContact(e, &page)
	if a.OwnOrg() != 0 && a.OwnOrg() == e.OrgID || a.Reaches(e.Region, market.Reviewer, market.Auditor) {
		s.addExpertKeep(a, e, &page)
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

// addExpertContact shows phone and address only where the person has agreed to that.
func (s *Server) addExpertContact(e market.Expert, page *expertShow) {
	if e.ContactOn != nil {
		if e.Phone != "" {
			page.Contact = append(page.Contact, view.Fact{Label: "电话", Text: e.Phone, Href: "tel:" + e.Phone})
		}
		if e.Email != "" {
			page.Contact = append(page.Contact, view.Fact{Label: "邮箱", Text: e.Email, Href: "mailto:" + e.Email})
		}
	}
	page.NoContact = "本人没有公开联系方式。可以发布技术需求，写明希望请教这位专家，由市场转达。"
	if e.OrgID != 0 {
		page.NoContact = "本人没有公开联系方式。可以在所在单位公开的成果上发起对接，由单位转达。"
	}
	if e.ConsentOn != nil {
		page.Consent = fmt.Sprintf("本人于 %s 同意公开（%s），可以随时收回。", view.Date(*e.ConsentOn), e.ConsentBy.Name())
	}
}

// addExpertKeep shows those who look after an entry what is not public, and what they may do.
func (s *Server) addExpertKeep(a market.Actor, e market.Expert, page *expertShow) {
	if e.State != market.ExpertPublic {
		page.Notes = []view.Alert{{Text: fmt.Sprintf("这一页现在只有维护资料的人能看到（%s）。", e.State.Name())}}
	}
	page.Keep = []view.Fact{{Label: "状态", Text: e.State.Name()}, {Label: "同意公开", Text: "还没有"}, {Label: "同意公开联系方式", Text: "没有"}}
	if e.ConsentOn != nil {
		page.Keep[1].Text = view.Date(*e.ConsentOn) + "，" + e.ConsentBy.Name()
	}
	if e.ContactOn != nil {
		page.Keep[2].Text = view.Date(*e.ContactOn)
	}
	if e.RevokedOn != nil {
		page.Keep = append(page.Keep, view.Fact{Label: "收回同意", Text: view.Date(*e.RevokedOn) + "，由本人收回"})
	}
	page.Keep = appendFact(appendFact(page.Keep, "电话", e.Phone), "邮箱", e.Email)
	if !store.KeepsExpert(a, e) {
		return
	}
	path := expertPath(e.ID)
	page.Actions = []view.Action{{Label: "修改", Href: path + "/edit", Icon: "edit", Small: true}}
	if market.Experts.Can(e.State, "publish") {
		publish := view.Action{ID: "publish", Label: "公开", Href: path + "/publish", Post: true, Style: view.StylePrimary, Small: true}
		switch err := a.RequireVerified(market.ScopeOwn); {
		case e.ConsentOn == nil:
			publish.Why = "填写本人同意公开的日期后才能公开"
		case err != nil && !a.Reaches(e.Region, market.Reviewer):
			publish.Why = market.AsError(err).Message
		}
		page.Actions = append(page.Actions, publish)
	}
	if market.Experts.Can(e.State, "withdraw") {
		page.Asks = append(page.Asks, view.Ask{Label: "撤下", Text: "撤下后不再公开，以后可以再公开。", Href: path + "/withdraw", Button: "撤下" + e.Name, Danger: true})
	}
	if e.State.Erasable() {
		page.Asks = append(page.Asks, view.Ask{Label: "删除", Text: "这位专家的资料和同意记录都会删去，不能恢复。", Href: path + "/delete", Button: "删除" + e.Name, Danger: true})
	}
}

// expertForm adds an expert or changes the entry.
type expertForm struct {
	view.Work
	Heading string
	Back    string
	Action  string
	Key     string
	Version int
	Fields  []view.Field
	Groups  fieldGroups
	More    []view.Field
	Consent []view.Field
	Agreed  string // what the person agreed to in the account, which nobody else changes
	Note    string
}

func (expertForm) Template() string { return "page/expert/form" }

// expertInput is an expert as typed.
type expertInput struct {
	market.Expert
	consentOn, contactOn string
	key                  string
}

func postedExpert(c echo.Context) (expertInput, market.Problems) {
	in := expertInput{consentOn: c.FormValue("consent_on"), contactOn: c.FormValue("contact_on"), key: c.FormValue("key"), Expert: market.Expert{
		Name: c.FormValue("name"), OrgName: c.FormValue("org"), Title: c.FormValue("title"), Fields: c.Request().Form["fields"], TechField: c.FormValue("tech_field"),
		Expertise: c.FormValue("expertise"), Region: c.FormValue("region"), Email: c.FormValue("email"), Phone: c.FormValue("phone")}}
	var p market.Problems
	in.ConsentOn = datePointer(parseDate(&p, "consent_on", in.consentOn))
	in.ContactOn = datePointer(parseDate(&p, "contact_on", in.contactOn))
	return in, p
}

func (s *Server) expertNew(c echo.Context, a market.Actor) error {
	in := expertInput{key: formKey()}
	if owner, err := a.ExpertOwner(); err != nil {
		return err
	} else if owner != 0 {
		region, err := s.Store.OrgRegion(c.Request().Context(), owner)
		if err != nil {
			return err
		}
		in.OrgID, in.OrgName, in.Region = owner, a.OrgName, region
	}
	return s.showExpertForm(c, a, in, nil)
}

func (s *Server) expertCreate(c echo.Context, a market.Actor) error {
	in, p := postedExpert(c)
	owner, err := a.ExpertOwner()
	if err != nil {
		return err
	}
	if in.OrgID = owner; owner != 0 {
		in.OrgName = a.OrgName
	}
	var id int64
	if err = p.Err(); err == nil {
		id, err = s.Service.CreateExpert(c.Request().Context(), a, in.Expert, in.key)
	}
	if market.IsKind(err, market.Invalid) {
		return s.showExpertForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, expertPath(id), "已保存。本人同意后可以公开")
}

// keptExpert loads an entry that the actor may change.
func (s *Server) keptExpert(c echo.Context, a market.Actor) (market.Expert, error) {
	id, err := pathID(c)
	if err != nil {
		return market.Expert{}, err
	}
	e, err := s.Store.Expert(c.Request().Context(), a, id)
	if err == nil && !store.KeepsExpert(a, e) {
		err = market.ErrNotFound
	}
	return e, err
}

func (s *Server) expertEdit(c echo.Context, a market.Actor) error {
	e, err := s.keptExpert(c, a)
	if err != nil {
		return err
	}
	return s.showExpertForm(c, a, typedExpert(e), nil)
}

func typedExpert(e market.Expert) expertInput {
	in := expertInput{Expert: e}
	if e.ConsentOn != nil {
		in.consentOn = view.Date(*e.ConsentOn)
	}
	if e.ContactOn != nil {
		in.contactOn = view.Date(*e.ContactOn)
	}
	return in
}

func (s *Server) expertUpdate(c echo.Context, a market.Actor) error {
	old, err := s.keptExpert(c, a)
	if err != nil {
		return err
	}
	in, p := postedExpert(c)
	in.ID, in.OrgID, in.Version, in.State = old.ID, old.OrgID, formVersion(c), old.State
	if old.OrgID != 0 {
		in.OrgName = old.OrgName
	}
	if old.ConsentBy == market.ConsentAccount {
		in.ConsentOn, in.ConsentBy, in.ContactOn = old.ConsentOn, old.ConsentBy, old.ContactOn
	}
	if err = p.Err(); err == nil {
		err = s.Service.EditExpert(c.Request().Context(), a, in.Expert)
	}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showExpertForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, expertPath(old.ID), "已保存")
}

func (s *Server) showExpertForm(c echo.Context, a market.Actor, in expertInput, err error) error {
	at := errorsOf(err)
	page := expertForm{Heading: "登记专家", Back: "/work/experts", Action: "/experts", Key: in.key, Groups: s.fieldGroups(in.Expert.Fields, at["fields"], true),
		Note: "先保存，本人同意后再公开"}
	page.Groups.All = true
	if in.ID != 0 {
		page.Heading, page.Back, page.Action, page.Version, page.Note = "修改专家资料", expertPath(in.ID), expertPath(in.ID), in.Version, ""
		if in.State == market.ExpertPublic {
			page.Note = "保存后马上公开"
		}
	}
	var failed error
	if page.Work, failed = s.work(c, a, page.Heading); failed != nil {
		return failed
	}
	page.Errors = failure(err)
	page.Fields = []view.Field{{Name: "name", Label: "姓名", Value: in.Name, Error: at["name"], Autocomplete: "off"}}
	if in.OrgID == 0 {
		page.Fields = append(page.Fields, view.Field{Name: "org", Label: "所在单位", Hint: "写全称。与已核验的高校院所同名时，记在该单位名下，由它一起维护", Value: in.OrgName, Error: at["org"], Autocomplete: "off"})
	}
	page.Fields = append(page.Fields,
		view.Field{Name: "title", Label: "职称", Optional: true, Placeholder: "例：教授、高级工程师", Value: in.Title, Error: at["title"], Autocomplete: "off"},
		view.Field{Name: "region", Kind: view.KindSelect, Label: "所在地", Options: selectOptions(s.places()), Value: in.Region, Error: at["region"]})
	page.More = []view.Field{
		{Name: "tech_field", Kind: view.KindSelect, Label: "技术领域", Hint: "技术合同登记用的分类", Optional: true, Options: openOptions(s.ref.TechFields, "不填"), Value: in.TechField, Error: at["tech_field"]},
		{Name: "expertise", Kind: view.KindArea, Label: "专长", Hint: "能帮企业解决哪些问题，做过什么", Max: 1000, Lines: 5, Value: in.Expertise, Error: at["expertise"], Optional: true},
		{Name: "phone", Kind: view.KindTel, Label: "电话", Hint: "本人另外同意后才公开", Optional: true, Value: in.Phone, Error: at["phone"], Autocomplete: "off"},
		{Name: "email", Kind: view.KindEmail, Label: "邮箱", Hint: "本人用这个邮箱的账号登录，可以自己同意或收回公开", Optional: true, Value: in.Email, Error: at["email"], Autocomplete: "off"}}
	if in.ConsentBy == market.ConsentAccount {
		page.Agreed = "本人已在账户里同意公开（" + view.Date(*in.ConsentOn) + "），只有本人可以更改。"
		return s.renderStatus(c, errorStatus(err), page)
	}
	page.Consent = []view.Field{
		{Name: "consent_on", Kind: view.KindDate, Label: "同意公开的日期", Hint: "本人签名的同意书上的日期；同意书由本单位保管备查", Optional: true, Value: in.consentOn, Error: at["consent_on"]},
		{Name: "contact_on", Kind: view.KindDate, Label: "同意公开电话和邮箱的日期", Hint: "同意书里另外写明的才填；不填就不公开联系方式", Optional: true, Value: in.contactOn, Error: at["contact_on"]}}
	return s.renderStatus(c, errorStatus(err), page)
}

// expertMove is a form of one button about an entry.
func (s *Server) expertMove(move func(context.Context, market.Actor, int64) error, message string) handler {
	return func(c echo.Context, a market.Actor) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		err = move(c.Request().Context(), a, id)
		if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
			return s.showExpert(c, a, id, err)
		}
		if err != nil {
			return err
		}
		return s.done(c, expertPath(id), message)
	}
}

func (s *Server) expertDelete(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.DeleteExpert(c.Request().Context(), a, id)
	if market.IsKind(err, market.Conflict) {
		return s.showExpert(c, a, id, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/work/experts", "已删除，资料和同意记录都已删去")
}

// expertAgree and expertRevoke are for the person whom an entry is about.
func (s *Server) expertAgree(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.AgreeExpert(c.Request().Context(), a, id, c.FormValue("contact") != ""); err != nil {
		return err
	}
	return s.done(c, "/account/privacy", "已记下您的同意，维护资料的单位会收到通知")
}

func (s *Server) expertRevoke(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.RevokeExpert(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/account/privacy", "已收回，资料不再公开")
}

// expertDesk lists the entries that the actor looks after.
type expertDesk struct {
	view.Work
	Sub     []string
	Actions []view.Action
	Tabs    view.Tabs
	State   string
	Text    string
	Rows    []expertRow
	Pager   view.Pager
	Empty   view.Empty
}

func (expertDesk) Template() string { return "page/expert/desk" }

// expertRow is an entry in the list of who looks after it.
type expertRow struct {
	market.Expert
	Href    string
	Areas   string
	Consent string
	Mark    view.State
}

func (s *Server) expertDesk(c echo.Context, a market.Actor) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	q := url.Values{"state": {c.QueryParam("state")}, "q": {market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam("q"), "")), 60)}}
	state := market.ExpertState(q.Get("state"))
	if state.Name() == "" {
		state = ""
		q.Del("state")
	}
	found, total, err := s.Store.KeptExperts(ctx, a, state, q.Get("q"), store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	counts, err := s.Store.ExpertCounts(ctx, a)
	if err != nil {
		return err
	}
	page := expertDesk{State: string(state), Text: q.Get("q"), Tabs: view.Tabs{Label: "状态"},
		Pager: view.NewPager(number, workPage, total, "位", func(n int) string { return "/work/experts" + pageQuery(q, n) })}
	if page.Work, err = s.work(c, a, "专家"); err != nil {
		return err
	}
	all := 0
	for _, n := range counts {
		all += n
	}
	page.Tabs.Items = []view.Tab{{Label: "全部", Href: "/work/experts", Count: view.Num(all), Current: state == ""}}
	for _, st := range market.Experts.States {
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: st.Name(), Href: "/work/experts?state=" + string(st), Count: view.Num(counts[st]), Current: st == state})
	}
	page.Sub = []string{view.Num(all) + " 位，公开 " + view.Num(counts[market.ExpertPublic]) + " 位", "没有本人同意的不公开"}
	for _, e := range found {
		page.Rows = append(page.Rows, s.expertRow(e))
	}
	page.Empty = view.Empty{Title: "还没有登记专家", Text: "登记专家的领域和专长，本人同意后公开，企业可以按领域找到。"}
	if _, err := a.ExpertOwner(); err == nil {
		add := []view.Action{{Label: "批量导入", Href: "/imports/new?kind=expert", Icon: "up"}, {Label: "登记专家", Href: "/experts/new", Style: view.StylePrimary, Icon: "plus"}}
		page.Actions, page.Empty.Actions = append([]view.Action{{Label: "导出", Href: "/work/experts.xlsx", Icon: "down"}}, add...), add
	}
	if all > 0 {
		page.Empty = view.Empty{Title: "没有符合条件的专家", Text: "换个写法或者看全部。", Actions: []view.Action{{Label: "看全部", Href: "/work/experts"}}}
	}
	return s.render(c, page)
}

func (s *Server) expertRow(e market.Expert) expertRow {
	row := expertRow{Expert: e, Href: expertPath(e.ID), Areas: dash(strings.Join(s.fieldNames(e.Fields), "、")), Consent: "还没有",
		Mark: view.State{Text: e.State.Name(), Shape: map[market.ExpertState]view.Shape{market.ExpertPublic: view.ShapeDone, market.ExpertWithdrawn: view.ShapeStop}[e.State]}}
	if e.ConsentOn != nil {
		row.Consent = view.Date(*e.ConsentOn)
		if e.ContactOn != nil {
			row.Consent += "，含联系方式"
		}
	}
	return row
}
