package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
)

var userPages = []view.Page{userForm{}, sessionForm{}, codeForm{}, sessionEnded{}}

// userForm is the page of a new account.
type userForm struct {
	view.Base
	Steps  view.Steps
	Fields []view.Field
	Next   string
}

func (userForm) Template() string { return "page/user/new" }

func (s *Server) userNew(c echo.Context, a market.Actor) error {
	if a.SignedIn() {
		return c.Redirect(http.StatusSeeOther, "/work")
	}
	form := service.Registration{}
	if secret := invitationSecret(c.QueryParam("next")); secret != "" {
		if i, err := s.Service.Invitation(c.Request().Context(), secret); err == nil {
			form.Email = i.Email
		} else if !market.IsKind(err, market.NotFound) {
			return err
		}
	}
	return s.showUserForm(c, a, form, nil)
}

func (s *Server) userCreate(c echo.Context, a market.Actor) error {
	if a.SignedIn() {
		return c.Redirect(http.StatusSeeOther, "/work")
	}
	if err := s.slowAddress(c, registerLimit); err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	form := service.Registration{Email: c.FormValue("email"), Name: c.FormValue("name"), Phone: c.FormValue("phone"),
		Password: c.FormValue("password"), Agreed: c.FormValue("agreed") != "", Invitation: invitationSecret(c.FormValue("next"))}
	id, err := s.Service.Register(c.Request().Context(), a, form)
	if market.IsKind(err, market.Invalid) {
		return s.showUserForm(c, a, form, err)
	}
	if err != nil {
		return err
	}
	pass, err := s.Service.PassOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := s.signIn(c, a, pass); err != nil {
		return err
	}
	if form.Invitation != "" {
		return s.done(c, localPath(c.FormValue("next"), "/work"), "账号已建好，请接受或谢绝邀请")
	}
	return s.done(c, localPath(c.FormValue("next"), "/org/new"), "账号已建好，确认邮件已发到 "+service.NormalizeEmail(form.Email)+"。接下来登记单位，核验通过后就能发布")
}

func (s *Server) showUserForm(c echo.Context, a market.Actor, form service.Registration, err error) error {
	at := errorsOf(err)
	page := userForm{Base: s.base(c, a, "注册"), Next: localPath(c.FormValue("next"), "")}
	page.Errors = errorSummary(err)
	page.Steps = view.Steps{Items: []view.Step{{Label: "账号", Current: true}, {Label: "单位"}, {Label: "等待核验"}}}
	page.Fields = []view.Field{
		{Name: "email", Kind: view.KindEmail, Label: "邮箱", Hint: "用来登录和收通知", Value: form.Email, Error: at["email"], Autocomplete: "username"},
		{Name: "name", Label: "姓名", Value: form.Name, Error: at["name"], Autocomplete: "name"},
		{Name: "phone", Kind: view.KindTel, Label: "手机", Optional: true, Hint: "不公开", Value: form.Phone, Error: at["phone"], Autocomplete: "tel"},
		{Name: "password", Kind: view.KindPassword, Label: "密码", Hint: "至少 10 位，可以用一句话", Error: at["password"], Autocomplete: "new-password"},
	}
	agreed := ""
	if form.Agreed {
		agreed = "1"
	}
	page.Fields = append(page.Fields, view.Field{Name: "agreed", Kind: view.KindCheck, Label: "我已阅读并同意《用户协议》和《个人信息保护说明》", Value: agreed, Error: at["agreed"]})
	return s.renderStatus(c, formStatus(err), page)
}

// formStatus is the status of a form page: 422 when it comes back with errors.
func formStatus(err error) int {
	if err != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
