package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var invitationPages = []view.Page{invitationShow{}}

// invitationRow is an open invitation on the page of its organisation.
type invitationRow struct {
	store.Invitation
	Note     string
	Resend   view.Action
	Withdraw view.Ask
}

func (s *Server) invitationRows(invitations []store.Invitation) []invitationRow {
	rows := make([]invitationRow, len(invitations))
	for i, inv := range invitations {
		path := fmt.Sprintf("/org/invitations/%d", inv.ID)
		rows[i] = invitationRow{Invitation: inv, Note: view.DateTime(inv.SentAt) + " 发出，" + view.Date(inv.ExpiresAt) + " 到期",
			Resend: view.Action{Label: "再发一次", Href: path + "/resend", Post: true, Small: true},
			Withdraw: view.Ask{Label: "撤回", Button: "撤回邀请", Danger: true, Href: path + "/withdraw",
				Text: "撤回后，发给 " + inv.Email + " 的链接不能再用。"}}
		switch {
		case inv.Refused != nil:
			rows[i].Note = "邮件退回，这个邮箱可能写错了"
		case inv.ExpiresAt.Before(s.Now()):
			rows[i].Note = view.Date(inv.ExpiresAt) + " 已过期，可以再发一次"
		}
	}
	return rows
}

func (s *Server) invitationCreate(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, memberLimit); err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	form := ownOrgForm{email: c.FormValue("email"), role: c.FormValue("role")}
	if form.err = s.Service.InviteMember(c.Request().Context(), a, form.email, market.Role(form.role), c.FormValue("key")); form.err != nil {
		return s.ownOrgAgain(c, a, form)
	}
	return s.done(c, "/org", "邀请已发出，对方在 7 天内接受后成为成员")
}

func (s *Server) invitationResend(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, memberLimit); err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.ResendInvitation(c.Request().Context(), a, id); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	return s.done(c, "/org", "邀请已再发一次，先前的链接不能再用")
}

func (s *Server) invitationWithdraw(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.WithdrawInvitation(c.Request().Context(), a, id); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	return s.done(c, "/org", "邀请已撤回")
}

// invitationShow asks who was invited whether they accept.
type invitationShow struct {
	view.Base
	Invitation store.Invitation
	Effect     string // of the role
	Secret     string
	Account    string // the address of who is signed in, "" for a visitor
	Login      string
	Register   string
}

func (invitationShow) Template() string { return "page/invitation/show" }

func (s *Server) invitationShow(c echo.Context, a market.Actor) error {
	return s.showInvitation(c, a, c.QueryParam("t"), nil)
}

func (s *Server) showInvitation(c echo.Context, a market.Actor, secret string, failed error) error {
	ctx := c.Request().Context()
	i, err := s.Service.Invitation(ctx, secret)
	if err != nil {
		return err
	}
	page := invitationShow{Base: s.base(c, a, "加入单位的邀请"), Invitation: i, Secret: secret, Effect: roleEffects[i.Role]}
	page.NoIndex = true
	page.Errors = failure(failed)
	next := url.QueryEscape(invitationPath(secret))
	page.Login, page.Register = "/login?next="+next, "/register?next="+next
	if a.SignedIn() {
		user, err := s.Store.User(ctx, a.UserID)
		if err != nil {
			return err
		}
		page.Account = user.Email
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

// invitationPath is where an invitation is answered.
func invitationPath(secret string) string {
	return market.LinkInvite.Path() + "?t=" + url.QueryEscape(secret)
}

// invitationSecret is the secret of the invitation that next leads back to, "" for any other page.
func invitationSecret(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Path != market.LinkInvite.Path() || !strings.HasPrefix(next, "/") {
		return ""
	}
	return u.Query().Get("t")
}

func (s *Server) invitationAccept(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	secret := c.FormValue("t")
	org, err := s.Service.AcceptInvitation(c.Request().Context(), a, secret)
	if market.IsKind(err, market.Conflict) {
		return s.showInvitation(c, a, secret, err)
	}
	if err != nil {
		return err
	}
	s.setActing(c, market.Actor{OrgID: org})
	return s.done(c, "/work", "您已加入单位，现在代表它办理")
}

func (s *Server) invitationDecline(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	if err := s.Service.DeclineInvitation(c.Request().Context(), a, c.FormValue("t")); err != nil {
		return err
	}
	if a.SignedIn() {
		return s.done(c, "/work", "已谢绝邀请")
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// roleEffects says what each role may do.
var roleEffects = map[market.Role]string{market.Editor: "可以发布和办理", market.Viewer: "只读", market.Owner: "还可以改单位资料、管理成员和委托"}
