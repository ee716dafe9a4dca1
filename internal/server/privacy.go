package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// privacyShow is where a person decides about their data: choices, what they agreed to, export, closing.
type privacyShow struct {
	view.Work
	Tabs     view.Tabs
	Choices  []view.Field
	Experts  []ownExpert
	Consents []consentLine
	CanClose bool
}

// ownExpert is the entry of an expert as the person sees it whom it is about.
type ownExpert struct {
	Name      string
	Href      string // while it is public
	Sub       string
	Expertise string
	Contact   string
	Consent   string
	Revoke    *view.Ask
	Agree     string // address of the form, "" once agreed
	HasWays   bool   // there is a phone or an address to show
}

// consentLine is one thing agreed to or taken back.
type consentLine struct {
	market.Consent
	What string
	Href string // the text agreed to
	Did  string
}

func (privacyShow) Template() string { return "page/account/privacy" }

func (s *Server) privacyShow(c echo.Context, a market.Actor) error {
	user, err := s.Store.User(c.Request().Context(), a.UserID)
	if err != nil {
		return err
	}
	return s.showPrivacy(c, a, user.Choices, nil)
}

func (s *Server) privacyEdit(c echo.Context, a market.Actor) error {
	choices := market.Choices{Recommend: c.FormValue("recommend") != "", Alerts: c.FormValue("alerts") != "", Contact: c.FormValue("contact") != ""}
	err := s.Service.Choose(c.Request().Context(), a, choices)
	if market.IsKind(err, market.Invalid) {
		return s.showPrivacy(c, a, choices, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account/privacy", "您的选择已保存")
}

func (s *Server) showPrivacy(c echo.Context, a market.Actor, choices market.Choices, err error) error {
	consents, readErr := s.Store.Consents(c.Request().Context(), a.UserID)
	if readErr != nil {
		return readErr
	}
	w, readErr := s.work(c, a, "隐私与数据")
	if readErr != nil {
		return readErr
	}
	page := privacyShow{Work: w, Tabs: accountTabs("/account/privacy"), CanClose: !a.Staff()}
	page.Errors = errorSummary(err)
	page.Choices = []view.Field{
		{Name: "recommend", Kind: view.KindCheck, Label: "给我推荐匹配的需求和成果", Hint: "关闭后工作台不再显示推荐，也不再提醒，您对推荐写过的评价一并删除", Value: tick(choices.Recommend)},
		{Name: "alerts", Kind: view.KindCheck, Label: "有新的匹配时提醒我", Hint: "匹配强的马上发消息和邮件，匹配较强的每周一早上汇总；关闭后不再发，还没发的删除，工作台照样显示推荐", Value: tick(choices.Alerts)},
		{Name: "contact", Kind: view.KindCheck, Label: "同意在公开页面显示我的姓名和手机", Hint: "只显示在您写的、公开单位名称的需求和成果上，以及您所在技术转移机构的公开页上；不勾选时，双方建立对接后才互相可见",
			Value: tick(choices.Contact), Error: errorsOf(err)["contact"]},
	}
	about, readErr := s.Store.ExpertsAbout(c.Request().Context(), a.UserID)
	if readErr != nil {
		return readErr
	}
	for _, e := range about {
		page.Experts = append(page.Experts, s.ownExpert(e))
	}
	for _, consent := range consents {
		page.Consents = append(page.Consents, consentLine{Consent: consent, What: consent.Kind.Name(), Href: policyPath(consent.Kind, consent.Version), Did: consentWord(consent)})
	}
	return s.renderStatus(c, formStatus(err), page)
}

func (s *Server) ownExpert(e market.Expert) ownExpert {
	own := ownExpert{Name: e.Name, Sub: joinFacts(e.OrgName, e.Title, strings.Join(s.fieldNames(e.Fields), "、")), Expertise: e.Expertise,
		Contact: strings.Join(nonEmptyTexts(e.Phone, e.Email), "，"), Consent: "还没有同意，没有公开", HasWays: e.Phone+e.Email != ""}
	path := fmt.Sprintf("/account/experts/%d", e.ID)
	if e.State == market.ExpertPublic {
		own.Href = expertPath(e.ID)
	}
	if e.ConsentOn == nil {
		own.Agree = path + "/agree"
		return own
	}
	own.Consent = view.Date(*e.ConsentOn) + " 同意（" + e.ConsentBy.Name() + "）"
	if e.ContactOn != nil {
		own.Consent += "，含联系方式"
	}
	own.Revoke = &view.Ask{Label: "收回同意", Text: "收回后马上不再公开，维护资料的单位会收到通知。以后您可以再同意。", Href: path + "/revoke", Button: "收回同意", Danger: true}
	return own
}

func tick(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func consentWord(c market.Consent) string {
	if c.Given {
		return "同意"
	}
	return "收回"
}

// policyPath is where a version of a policy can be read, empty for what is no policy.
func policyPath(kind market.ConsentKind, version string) string {
	if version == "" {
		return ""
	}
	return fmt.Sprintf("/about/%s?version=%s", kind, version)
}

// policiesForm asks a signed-in person to agree to the policies that are new to them.
type policiesForm struct {
	view.Base
	Policies []policyText
	Agreed   view.Field
}

// policyText is a policy as pages show it.
type policyText struct {
	market.Policy
	Name     string
	Href     string
	Sections []policySection
}

type policySection struct {
	Heading string
	Texts   []string
}

func (policiesForm) Template() string { return "page/account/policies" }

func textOf(p market.Policy) policyText {
	t := policyText{Policy: p, Name: p.Kind.Name(), Href: policyPath(p.Kind, p.Version)}
	for line := range strings.SplitSeq(p.Body, "\n") {
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			t.Sections = append(t.Sections, policySection{Heading: heading})
			continue
		}
		if len(t.Sections) == 0 {
			t.Sections = append(t.Sections, policySection{})
		}
		last := &t.Sections[len(t.Sections)-1]
		last.Texts = append(last.Texts, line)
	}
	return t
}

func (s *Server) policiesShow(c echo.Context, a market.Actor) error {
	return s.showPolicies(c, a, "")
}

func (s *Server) policiesAgree(c echo.Context, a market.Actor) error {
	if c.FormValue("agreed") == "" {
		return s.showPolicies(c, a, "请勾选同意。不同意的，可以退出登录，或在“隐私与数据”里注销账号")
	}
	if err := s.Service.AgreePolicies(c.Request().Context(), a); err != nil {
		return err
	}
	return s.goOn(c, "/work", "已记下您的同意")
}

func (s *Server) showPolicies(c echo.Context, a market.Actor, wrong string) error {
	pending, err := s.Store.PendingPolicies(c.Request().Context(), a.UserID, s.Now())
	if err != nil {
		return err
	}
	if len(pending) == 0 {
		return s.goOn(c, "/work", "")
	}
	page := policiesForm{Base: s.base(c, a, "请确认协议")}
	page.NoIndex = true
	for _, p := range pending {
		page.Policies = append(page.Policies, textOf(p))
	}
	page.Agreed = view.Field{Name: "agreed", Kind: view.KindCheck, Label: "我已阅读并同意", Error: wrong}
	if wrong == "" {
		return s.render(c, page)
	}
	page.Errors = view.ErrorSummary{Items: []view.ErrorItem{{Field: "agreed", Text: wrong}}}
	return s.renderStatus(c, http.StatusUnprocessableEntity, page)
}

// policyShow is the public page of a policy.
type policyShow struct {
	view.Base
	policyText
}

func (policyShow) Template() string { return "page/about/policy" }

func (s *Server) policyShow(kind market.ConsentKind) handler {
	return func(c echo.Context, a market.Actor) error {
		p, err := s.Store.Policy(c.Request().Context(), kind, market.Truncate(market.Normalize(c.QueryParam("version")), 20), s.Now())
		if err != nil {
			return err
		}
		return s.render(c, policyShow{Base: s.base(c, a, kind.Name()), policyText: textOf(p)})
	}
}

// personExport gives a person everything that is kept about them as a file.
func (s *Server) personExport(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, ownDataLimit); err != nil {
		return err
	}
	tables, err := s.Service.ExportPerson(c.Request().Context(), a)
	if err != nil {
		return err
	}
	out, err := personFile(tables)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="my-data-`+s.Now().In(market.Shanghai).Format("20060102")+`.json"`)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", out)
}

// personFile writes the tables in their order, each with its Chinese title.
func personFile(tables []store.PersonTable) ([]byte, error) {
	type part struct {
		Table string            `json:"table"`
		Title string            `json:"title"`
		Rows  []json.RawMessage `json:"rows"`
	}
	parts := make([]part, len(tables))
	for i, t := range tables {
		parts[i] = part{t.Name, t.Title, t.Rows}
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, "", "  ")
	return out.Bytes(), err
}

// closeForm asks before an account is closed.
type closeForm struct {
	view.Work
	Alone    []string // organisations that nobody else belongs to
	Blocked  []string // those that must be handed over first
	Password view.Field
}

func (closeForm) Template() string { return "page/account/close" }

func (s *Server) closeShow(c echo.Context, a market.Actor) error {
	return s.showClose(c, a, nil)
}

func (s *Server) closeDo(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, passwordLimit); err != nil {
		return err
	}
	err := s.Service.CloseAccount(c.Request().Context(), a, c.FormValue("close_password"))
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showClose(c, a, err)
	}
	if err != nil {
		return err
	}
	if err := s.renew(c); err != nil {
		return err
	}
	return s.done(c, "/", "账号已注销，您的个人信息已删除")
}

func (s *Server) showClose(c echo.Context, a market.Actor, err error) error {
	places, readErr := s.Store.Places(c.Request().Context(), a.UserID)
	if readErr != nil {
		return readErr
	}
	w, readErr := s.work(c, a, "注销账号")
	if readErr != nil {
		return readErr
	}
	page := closeForm{Work: w, Password: view.Field{Name: "close_password", Kind: view.KindPassword, Label: "现在的密码", Error: errorsOf(err)["close_password"], Autocomplete: "current-password"}}
	page.Errors = failure(err)
	for _, p := range places {
		switch {
		case p.Others == 0 && p.Org.State == market.OrgVerified:
			page.Alone = append(page.Alone, p.Org.Name)
		case p.Others > 0 && p.Role == market.Owner && p.OtherOwners == 0:
			page.Blocked = append(page.Blocked, p.Org.Name)
		}
	}
	return s.renderStatus(c, cmp.Or(errorStatus(err), http.StatusOK), page)
}
