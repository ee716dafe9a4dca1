package server

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
)

// What a session holds about who is signed in. Who they are stands in the database beside the sign-in, so that it can be
// ended from anywhere.
const (
	sessionSignIn  = "sign_in"
	sessionPass    = "pass"    // whose password was right and whose code is still to come
	sessionPassAt  = "pass_at" // when that password was set
	sessionPassEnd = "pass_end"
	sessionNext    = "next" // where to go on when nothing holds any more
)

// signedIn is the actor of a sign-in that still lasts; else market.ErrNotFound.
func (s *Server) signedIn(c echo.Context, id int64) (market.Actor, error) {
	in, err := s.Service.SignedIn(c.Request().Context(), id)
	if err != nil {
		return market.Actor{}, err
	}
	a, err := s.sessionActor(c, in.UserID)
	if err == nil {
		c.Set(signInKey, in)
	}
	return a, err
}

// here is the sign-in of this request.
func here(c echo.Context) market.SignIn {
	in, _ := c.Get(signInKey).(market.SignIn)
	return in
}

// holdPages are the pages where a person does what they must do first, and what else they may open meanwhile.
var holdPages = map[market.Hold]string{
	market.HoldPassword: "/account/password", market.HoldSecond: "/account/second", market.HoldPolicies: "/account/policies",
}

var openWhileHeld = []string{"/logout", "/preferences", "/about/privacy", "/about/terms", "/about/accessibility"}

// heldAt is the page that the person must go to first, empty when the request may go on.
func (s *Server) heldAt(c echo.Context) string {
	page := holdPages[here(c).Hold(s.Now())]
	if page == "" || c.Path() == page || page == holdPages[market.HoldPolicies] && c.Path() == "/account/close" || slices.Contains(openWhileHeld, c.Path()) {
		return ""
	}
	if c.Request().Method == http.MethodGet {
		s.sessions.Put(c.Request().Context(), sessionNext, c.Request().URL.RequestURI())
	}
	return page
}

// goOn leads on to the page that a hold kept the person from, else to fallback.
func (s *Server) goOn(c echo.Context, fallback, message string) error {
	return s.done(c, localPath(s.sessions.PopString(c.Request().Context(), sessionNext), fallback), message)
}

// signIn starts a session of its own for who has shown that they are who they say: the token changes, so that one planted
// before is worth nothing, and nothing of an earlier session stays. The cookie of staff ends with the browser.
func (s *Server) signIn(c echo.Context, a market.Actor, pass service.Pass) error {
	ctx := c.Request().Context()
	id, err := s.Service.StartSignIn(ctx, a, pass, c.Request().UserAgent())
	if err != nil {
		return err
	}
	if err := s.renew(c); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionSignIn, id)
	s.sessions.RememberMe(ctx, !pass.Staff)
	return nil
}

func (s *Server) renew(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.sessions.Clear(ctx); err != nil {
		return err
	}
	return s.sessions.RenewToken(ctx)
}

// sessionForm is the sign-in page.
type sessionForm struct {
	view.Base
	Fields   []view.Field
	Next     string
	Register string
}

func (sessionForm) Template() string { return "page/session/new" }

func (s *Server) sessionNew(c echo.Context, a market.Actor) error {
	if a.SignedIn() {
		return c.Redirect(http.StatusSeeOther, localPath(c.QueryParam("next"), "/work"))
	}
	return s.showSessionForm(c, a, "", c.QueryParam("next"), nil)
}

func (s *Server) sessionCreate(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, loginLimit); err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	next := c.FormValue("next")
	pass, err := s.Service.Login(c.Request().Context(), a, c.FormValue("email"), c.FormValue("password"))
	if market.IsKind(err, market.Invalid) {
		return s.showSessionForm(c, a, c.FormValue("email"), next, err)
	}
	if err != nil {
		return err
	}
	if pass.Second {
		return s.askCode(c, pass, next)
	}
	if err := s.signIn(c, a, pass); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(next, "/work"))
}

func (s *Server) showSessionForm(c echo.Context, a market.Actor, email, next string, err error) error {
	next = localPath(next, "")
	page := sessionForm{Base: s.base(c, a, "登录"), Next: next, Register: "/register"}
	if next != "" {
		page.Register += "?next=" + url.QueryEscape(next)
	}
	wrong := ""
	if e := market.AsError(err); e != nil {
		wrong = "请重新输入密码"
		page.Errors = view.ErrorSummary{Title: "没有登录成功", Items: []view.ErrorItem{{Field: "password", Text: e.Message}}}
	}
	page.Fields = []view.Field{
		{Name: "email", Kind: view.KindEmail, Label: "邮箱", Value: email, Autocomplete: "username"},
		{Name: "password", Kind: view.KindPassword, Label: "密码", Error: wrong, Autocomplete: "current-password"},
	}
	return s.renderStatus(c, formStatus(err), page)
}

// passLife is how long after the password the code may come.
const passLife = 10 * time.Minute

// askCode remembers whose password was right and goes on to the page of the code.
func (s *Server) askCode(c echo.Context, pass service.Pass, next string) error {
	ctx := c.Request().Context()
	if err := s.renew(c); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionPass, pass.UserID)
	s.sessions.Put(ctx, sessionPassAt, pass.PasswordAt.UnixMicro())
	s.sessions.Put(ctx, sessionPassEnd, s.Now().Add(passLife).Unix())
	to := "/login/code"
	if next = localPath(next, ""); next != "" {
		to += "?next=" + url.QueryEscape(next)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// pendingPass is whose code is to come; there is none when ok is false.
func (s *Server) pendingPass(c echo.Context) (pass service.Pass, ok bool) {
	ctx := c.Request().Context()
	pass = service.Pass{UserID: s.sessions.GetInt64(ctx, sessionPass), PasswordAt: time.UnixMicro(s.sessions.GetInt64(ctx, sessionPassAt))}
	return pass, pass.UserID != 0 && s.Now().Unix() < s.sessions.GetInt64(ctx, sessionPassEnd)
}

// codeForm is the page of the second factor.
type codeForm struct {
	view.Base
	Code view.Field
	Next string
}

func (codeForm) Template() string { return "page/session/code" }

func (s *Server) codeNew(c echo.Context, a market.Actor) error {
	if a.SignedIn() {
		return c.Redirect(http.StatusSeeOther, localPath(c.QueryParam("next"), "/work"))
	}
	if _, ok := s.pendingPass(c); !ok {
		return c.Redirect(http.StatusSeeOther, loginPath(c.QueryParam("next")))
	}
	return s.showCodeForm(c, a, c.QueryParam("next"), nil)
}

func (s *Server) codeCreate(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, loginLimit); err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	next := c.FormValue("next")
	pending, ok := s.pendingPass(c)
	if !ok {
		return c.Redirect(http.StatusSeeOther, loginPath(next))
	}
	pass, err := s.Service.LoginCode(c.Request().Context(), a, pending, c.FormValue("code"))
	switch {
	case market.IsKind(err, market.Invalid):
		return s.showCodeForm(c, a, next, err)
	case market.IsKind(err, market.Unsigned):
		return c.Redirect(http.StatusSeeOther, loginPath(next))
	case err != nil:
		return err
	}
	if err := s.signIn(c, a, pass); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(next, "/work"))
}

// loginPath is the sign-in page that leads on to next.
func loginPath(next string) string {
	if next = localPath(next, ""); next != "" {
		return "/login?next=" + url.QueryEscape(next)
	}
	return "/login"
}

func (s *Server) showCodeForm(c echo.Context, a market.Actor, next string, err error) error {
	page := codeForm{Base: s.base(c, a, "输入动态码"), Next: localPath(next, "")}
	page.NoIndex = true
	page.Code = view.Field{Name: "code", Label: "动态码", Hint: "验证器上显示的 6 位数字；手机不在身边时，输入一个恢复码", Autocomplete: "one-time-code"}
	if e := market.AsError(err); e != nil {
		page.Code.Error = "请重新输入"
		page.Errors = view.ErrorSummary{Title: "没有登录成功", Items: []view.ErrorItem{{Field: "code", Text: e.Message}}}
	}
	return s.renderStatus(c, formStatus(err), page)
}

// sessionDelete signs the person out on this device.
func (s *Server) sessionDelete(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	if err := s.Service.EndSignIn(ctx, a, here(c).ID); err != nil && !market.IsKind(err, market.NotFound) {
		return err
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// sessionEnded answers a form of somebody who is not signed in any more: with what they typed, so that it can be sent
// again once they are.
type sessionEnded struct {
	view.Base
	Action string
	Fields []view.Hidden
	Files  bool // files can't be kept
}

func (sessionEnded) Template() string { return "page/session/ended" }

func (s *Server) showEnded(c echo.Context) error {
	page := sessionEnded{Base: s.base(c, market.Actor{}, "登录已过期"), Action: c.Request().URL.RequestURI()}
	page.NoIndex = true
	r := c.Request()
	if err := readForm(c); err == nil { // else there is nothing to keep
		page.Fields = keptFields(r.PostForm)
		page.Files = r.MultipartForm != nil && len(r.MultipartForm.File) > 0
	}
	if len(page.Fields) == 0 {
		return c.Redirect(http.StatusSeeOther, "/login?next=%2Fwork")
	}
	return s.renderStatus(c, http.StatusUnauthorized, page)
}

// keptFields are the values of a form in a fixed order, without its passwords; none when nothing was typed.
func keptFields(form url.Values) []view.Hidden {
	var out []view.Hidden
	typed := false
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.Contains(name, "password") {
			continue
		}
		for _, value := range form[name] { // also empty ones: the nth values of a row's columns belong together
			out = append(out, view.Hidden{Name: name, Value: value})
			typed = typed || value != "" && name != actingField
		}
	}
	if !typed {
		return nil
	}
	return out
}
