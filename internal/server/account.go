package server

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var accountPages = []view.Page{accountShow{}, securityShow{}, passwordForm{}, resetAsk{}, resetForm{}, secondForm{}, privacyShow{}, policiesForm{}, policyShow{}, closeForm{}}

// accountShow is the page of a person's own account.
type accountShow struct {
	view.Work
	Email    string
	State    view.Alert // of the address, when something is to be done
	Resend   bool       // the confirmation can be sent again
	Address  []view.Field
	Since    time.Time
	Duties   string
	Tabs     view.Tabs
	Profile  []view.Field
	Secret   string // of the token just made, shown this once
	TokenFor string
	Name     view.Field // of a new token
	Key      string
	Tokens   []accountToken
	API      string
}

// accountToken is a living token with the button that ends it.
type accountToken struct {
	store.Token
	Revoke view.Ask
}

func (accountShow) Template() string { return "page/account/show" }

// accountTabs are the pages of an account.
func accountTabs(current string) view.Tabs {
	tabs := view.Tabs{Label: "账户"}
	for _, t := range []view.Tab{{Label: "资料", Href: "/account"}, {Label: "登录与安全", Href: "/account/security"}, {Label: "隐私与数据", Href: "/account/privacy"}} {
		t.Current = t.Href == current
		tabs.Items = append(tabs.Items, t)
	}
	return tabs
}

// accountForm is what was typed on the page and what is wrong with it.
type accountForm struct {
	profile     bool // name and phone were typed
	name, phone string
	email       string // typed to move to
	tokenName   string
	secret      string
	err         error
}

func (s *Server) accountShow(c echo.Context, a market.Actor) error {
	return s.showAccount(c, a, accountForm{})
}

func (s *Server) accountEdit(c echo.Context, a market.Actor) error {
	form := accountForm{profile: true, name: c.FormValue("name"), phone: c.FormValue("phone")}
	form.err = s.Service.EditProfile(c.Request().Context(), a, form.name, form.phone)
	if form.err != nil {
		return s.accountAgain(c, a, form)
	}
	return s.done(c, "/account", "姓名和手机已保存")
}

func (s *Server) tokenCreate(c echo.Context, a market.Actor) error {
	form := accountForm{tokenName: c.FormValue("token_name")}
	form.secret, form.err = s.Service.CreateToken(c.Request().Context(), a, form.tokenName, c.FormValue("key"))
	if form.err != nil {
		return s.accountAgain(c, a, form)
	}
	// No redirect: the secret must not be kept anywhere, not even until the next request.
	return s.showAccount(c, a, form)
}

func (s *Server) tokenRevoke(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.RevokeToken(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/account", "令牌已停用，用它的程序不能再访问")
}

// accountAgain shows the page with what the user can mend; any other error goes on.
func (s *Server) accountAgain(c echo.Context, a market.Actor, form accountForm) error {
	if market.IsKind(form.err, market.Invalid) || market.IsKind(form.err, market.Conflict) {
		return s.showAccount(c, a, form)
	}
	return form.err
}

func (s *Server) showAccount(c echo.Context, a market.Actor, form accountForm) error {
	ctx := c.Request().Context()
	user, err := s.Store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	tokens, err := s.Store.Tokens(ctx, a.UserID)
	if err != nil {
		return err
	}
	w, err := s.work(c, a, "账户")
	if err != nil {
		return err
	}
	if !form.profile {
		form.name, form.phone = user.Name, user.Phone
	}
	page := accountShow{Work: w, Email: user.Email, Since: user.CreatedAt, Duties: s.dutyNames(a), Secret: form.secret, Key: formKey(), API: s.URL + "/api/v1"}
	page.Errors, page.Tabs = failure(form.err), accountTabs("/account")
	page.setFields(form)
	page.setState(user)
	for _, t := range tokens {
		page.Tokens = append(page.Tokens, accountToken{Token: t, Revoke: view.Ask{Label: "停用", Button: "停用令牌", Danger: true,
			Text: fmt.Sprintf("停用“%s”，用它的程序马上不能访问，不能恢复。", t.Name), Href: fmt.Sprintf("/account/tokens/%d/revoke", t.ID)}})
	}
	return s.renderStatus(c, errorStatus(form.err), page)
}

// setState says what is to be done about the account's address.
func (p *accountShow) setState(u store.User) {
	switch {
	case u.MailRefusedAt != nil:
		p.State = view.Alert{Kind: view.AlertBad, Title: "邮件送不到 " + u.Email, Text: "对方邮件服务器拒收。请核对邮箱，改用能收信的邮箱。"}
	case u.EmailConfirmedAt == nil:
		p.State = view.Alert{Kind: view.AlertWarn, Title: "邮箱还没有确认", Text: "确认邮件已发到 " + u.Email + "。打开里面的链接后，才能提交审核和对接；没有收到的，看看垃圾邮件箱。"}
	}
	p.Resend = u.EmailConfirmedAt == nil
}

func (p *accountShow) setFields(form accountForm) {
	at := errorsOf(form.err)
	p.Profile = []view.Field{
		{Name: "name", Label: "姓名", Hint: "办理记录上显示", Value: form.name, Error: at["name"], Autocomplete: "name"},
		{Name: "phone", Kind: view.KindTel, Label: "手机", Optional: true, Hint: "不公开", Value: form.phone, Error: at["phone"], Autocomplete: "tel"},
	}
	p.Address = []view.Field{
		{Name: "email", Kind: view.KindEmail, Label: "新邮箱", Hint: "会收到一封确认邮件", Value: form.email, Error: at["email"], Autocomplete: "email"},
		{Name: "email_password", Kind: view.KindPassword, Label: "现在的密码", Error: at["email_password"], Autocomplete: "current-password"},
	}
	p.Name = view.Field{Name: "token_name", Label: "用途", Hint: "例：学校成果系统每晚同步", Error: at["token_name"], Autocomplete: "off"}
	p.TokenFor = market.Normalize(form.tokenName)
	if form.secret == "" {
		p.Name.Value = form.tokenName
	}
}
