package server

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

var emailPages = []view.Page{confirmPage{}}

// confirmPage asks before a link from a mail is used up: some mail programs open every link by themselves.
type confirmPage struct {
	view.Base
	Heading string
	Text    string
	Action  string
	Button  string
	Secret  string
}

func (confirmPage) Template() string { return "page/confirm/show" }

func (s *Server) confirmShow(c echo.Context, a market.Actor) error {
	return s.showConfirmation(c, a, market.LinkConfirm, confirmPage{Heading: "确认邮箱", Text: "确认 %s 是您的邮箱。", Button: "确认邮箱"})
}

func (s *Server) confirmAddressShow(c echo.Context, a market.Actor) error {
	return s.showConfirmation(c, a, market.LinkAddress, confirmPage{Heading: "更换邮箱", Text: "把账号的邮箱改为 %s。以后用它登录，邮件也发到这里。", Button: "更换邮箱"})
}

func (s *Server) showConfirmation(c echo.Context, a market.Actor, purpose market.LinkPurpose, page confirmPage) error {
	page.Secret = c.QueryParam("t")
	link, err := s.Service.Link(c.Request().Context(), purpose, page.Secret)
	if err != nil {
		return err
	}
	page.Base = s.base(c, a, page.Heading)
	page.NoIndex = true
	page.Text, page.Action = fmt.Sprintf(page.Text, link.Email), purpose.Path()
	return s.render(c, page)
}

func (s *Server) confirmEmail(c echo.Context, a market.Actor) error {
	return s.followLink(c, a, s.Service.ConfirmEmail, "邮箱已确认，可以提交审核和对接了")
}

func (s *Server) confirmAddress(c echo.Context, a market.Actor) error {
	return s.followLink(c, a, s.Service.MoveAddress, "邮箱已更换，以后用新邮箱登录")
}

func (s *Server) followLink(c echo.Context, a market.Actor, use func(context.Context, market.Actor, string) error, done string) error {
	if err := use(c.Request().Context(), a, c.FormValue("t")); err != nil {
		return err
	}
	next := "/login"
	if a.SignedIn() {
		next = "/account"
	}
	return s.done(c, next, done)
}

func (s *Server) emailResend(c echo.Context, a market.Actor) error {
	email, err := s.Service.ResendConfirmation(c.Request().Context(), a)
	if err != nil {
		return err
	}
	return s.done(c, "/account", "确认邮件已发到 "+email)
}

func (s *Server) emailChange(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, passwordLimit); err != nil {
		return err
	}
	form := accountForm{email: c.FormValue("email")}
	if form.err = s.Service.AskAddress(c.Request().Context(), a, form.email, c.FormValue("email_password")); form.err != nil {
		return s.accountAgain(c, a, form)
	}
	return s.done(c, "/account", "确认邮件已发到新邮箱。打开里面的链接后，才换过去")
}
