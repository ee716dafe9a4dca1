package server

import (
	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// passwordForm is the page on which a person changes their password, also when they must.
type passwordForm struct {
	view.Base
	Why    string // they must, and why
	Email  string
	Fields []view.Field
}

func (passwordForm) Template() string { return "page/account/password" }

func (s *Server) passwordShow(c echo.Context, a market.Actor) error {
	return s.showPasswordForm(c, a, nil)
}

func (s *Server) passwordChange(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, passwordLimit); err != nil {
		return err
	}
	err := s.Service.ChangePassword(c.Request().Context(), a, here(c).ID, c.FormValue("old_password"), c.FormValue("password"))
	if market.IsKind(err, market.Invalid) {
		return s.showPasswordForm(c, a, err)
	}
	if err != nil {
		return err
	}
	return s.goOn(c, "/account/security", "密码已修改。您在其他设备上的登录已经退出")
}

func (s *Server) showPasswordForm(c echo.Context, a market.Actor, err error) error {
	user, readErr := s.Store.User(c.Request().Context(), a.UserID)
	if readErr != nil {
		return readErr
	}
	at := errorsOf(err)
	page := passwordForm{Base: s.base(c, a, "修改密码"), Email: user.Email}
	page.Errors, page.NoIndex = errorSummary(err), true
	switch in := here(c); {
	case in.MustChange:
		page.Why = "现在的密码是别人为您设的。请先改成只有您知道的密码，再继续办理。"
	case in.Hold(s.Now()) == market.HoldPassword:
		page.Why = "工作人员的密码要定期更换，现在的密码已经用了半年。请先换一个，再继续办理。"
	}
	page.Fields = []view.Field{
		{Name: "old_password", Kind: view.KindPassword, Label: "现在的密码", Error: at["old_password"], Autocomplete: "current-password"},
		{Name: "password", Kind: view.KindPassword, Label: "新密码", Hint: "至少 10 位，可以用一句话", Error: at["password"], Autocomplete: "new-password"},
	}
	return s.renderStatus(c, formStatus(err), page)
}

// resetAsk is the page of somebody who has forgotten the password.
type resetAsk struct {
	view.Base
	Email view.Field
	Sent  bool
}

func (resetAsk) Template() string { return "page/reset/new" }

func (s *Server) resetNew(c echo.Context, a market.Actor) error {
	return s.showResetAsk(c, a, "", nil)
}

func (s *Server) showResetAsk(c echo.Context, a market.Actor, email string, err error) error {
	page := resetAsk{Base: s.base(c, a, "重设密码")}
	page.Errors = errorSummary(err)
	page.Email = view.Field{Name: "email", Kind: view.KindEmail, Label: "邮箱", Hint: "注册时填的邮箱", Value: email, Error: errorsOf(err)["email"], Autocomplete: "username"}
	return s.renderStatus(c, formStatus(err), page)
}

// resetCreate answers the same whether there is such an account or not.
func (s *Server) resetCreate(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, resetLimit); err != nil {
		return err
	}
	err := s.Service.AskReset(c.Request().Context(), a, c.FormValue("email"))
	if market.IsKind(err, market.Invalid) {
		return s.showResetAsk(c, a, c.FormValue("email"), err)
	}
	if err != nil {
		return err
	}
	page := resetAsk{Base: s.base(c, a, "重设密码"), Sent: true}
	page.NoIndex = true
	return s.render(c, page)
}

// resetForm is the page on which somebody who got the mail sets a new password.
type resetForm struct {
	view.Base
	Email  string
	Secret string
	Fields []view.Field
}

func (resetForm) Template() string { return "page/reset/password" }

func (s *Server) resetShow(c echo.Context, a market.Actor) error {
	return s.showResetForm(c, a, c.QueryParam("t"), nil)
}

func (s *Server) resetDo(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, resetLimit); err != nil {
		return err
	}
	err := s.Service.ResetPassword(c.Request().Context(), a, c.FormValue("t"), c.FormValue("password"))
	if market.IsKind(err, market.Invalid) {
		return s.showResetForm(c, a, c.FormValue("t"), err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/login", "密码已重设，请用新密码登录")
}

func (s *Server) showResetForm(c echo.Context, a market.Actor, secret string, err error) error {
	link, linkErr := s.Service.PasswordLink(c.Request().Context(), secret)
	if linkErr != nil {
		return linkErr
	}
	page := resetForm{Base: s.base(c, a, "设置新密码"), Email: link.Email, Secret: secret}
	page.Errors, page.NoIndex = errorSummary(err), true
	page.Fields = []view.Field{{Name: "password", Kind: view.KindPassword, Label: "新密码", Hint: "至少 10 位，可以用一句话", Error: errorsOf(err)["password"], Autocomplete: "new-password"}}
	return s.renderStatus(c, formStatus(err), page)
}
