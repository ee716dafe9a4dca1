package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
)

// securityShow is where a person sees how their account is guarded and where they are signed in.
type securityShow struct {
	view.Work
	Tabs       view.Tabs
	PasswordAt time.Time
	Second     bool
	CodesLeft  int
	Staff      bool
	SignIns    []signInLine
	Others     *view.Ask // signs out everywhere else, nil when that is nowhere
	Log        view.Log  // what administrators have done about the account
}

// signInLine is one place where the person is signed in.
type signInLine struct {
	market.SignIn
	Device string
	Here   bool
	End    view.Ask
}

func (securityShow) Template() string { return "page/account/security" }

func (s *Server) securityShow(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	user, err := s.Store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	second, err := s.Store.Second(ctx, a.UserID)
	if err != nil {
		return err
	}
	all, err := s.Service.SignIns(ctx, a)
	if err != nil {
		return err
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "user", ID: a.UserID})
	if err != nil {
		return err
	}
	w, err := s.work(c, a, "登录与安全")
	if err != nil {
		return err
	}
	page := securityShow{Work: w, Tabs: accountTabs("/account/security"), PasswordAt: user.PasswordAt, Second: user.Second, CodesLeft: second.Codes, Staff: a.Staff(), Log: s.accountLog(moves, false)}
	for _, in := range all {
		device := deviceName(in.Agent)
		page.SignIns = append(page.SignIns, signInLine{SignIn: in, Device: device, Here: in.ID == here(c).ID, End: view.Ask{Label: "退出", Button: "退出这台设备", Danger: true,
			Text: fmt.Sprintf("“%s”马上退出登录，没有保存的内容会丢失。", device), Href: fmt.Sprintf("/account/sign-ins/%d/end", in.ID)}})
	}
	if len(all) > 1 {
		page.Others = &view.Ask{Label: "退出其他全部设备", Button: "退出其他全部设备", Danger: true, Text: fmt.Sprintf("其他 %d 处登录马上退出，这里不受影响。", len(all)-1), Href: "/account/sign-ins/end-others"}
	}
	return s.render(c, page)
}

func (s *Server) signInEnd(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if id == here(c).ID {
		return s.sessionDelete(c, a)
	}
	if err := s.Service.EndSignIn(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/account/security", "已退出那台设备")
}

func (s *Server) signInEndOthers(c echo.Context, a market.Actor) error {
	n, err := s.Service.EndOtherSignIns(c.Request().Context(), a, here(c).ID)
	if err != nil {
		return err
	}
	return s.done(c, "/account/security", fmt.Sprintf("其他 %d 处登录已退出", n))
}

// secondForm is the page of the second factor: setting it up, the recovery codes just made, replacing it, switching off.
type secondForm struct {
	view.Base
	Why      string // they must, and why
	Has      bool
	Staff    bool
	Secret   string       // of the factor that is to be set up, in groups of four
	QR       template.URL // the same as a picture
	Fields   []view.Field
	Drop     []view.Field
	Recovery []string // shown this once
	GoOn     string
}

func (secondForm) Template() string { return "page/account/second" }

// sessionSecond is the secret that is being set up. It stays on the server: the form that confirms it can't bring another.
const sessionSecond = "second"

func (s *Server) secondShow(c echo.Context, a market.Actor) error {
	return s.showSecondForm(c, a, false, nil)
}

func (s *Server) secondSet(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, secondLimit); err != nil {
		return err
	}
	ctx := c.Request().Context()
	form := service.SecondForm{Secret: s.sessions.GetString(ctx, sessionSecond), Code: c.FormValue("code"), Password: c.FormValue("second_password"), Old: c.FormValue("old_code")}
	codes, err := s.Service.SetSecond(ctx, a, here(c).ID, form)
	if market.IsKind(err, market.Invalid) {
		return s.showSecondForm(c, a, false, err)
	}
	if err != nil {
		return err
	}
	s.sessions.Remove(ctx, sessionSecond)
	// No redirect: the codes must not be kept anywhere, not even until the next request.
	page := secondForm{Base: s.base(c, a, "恢复码"), Recovery: codes, GoOn: localPath(s.sessions.PopString(ctx, sessionNext), "/account/security")}
	page.NoIndex = true
	return s.render(c, page)
}

func (s *Server) secondDrop(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, passwordLimit); err != nil {
		return err
	}
	err := s.Service.DropSecond(c.Request().Context(), a, c.FormValue("second_password"), c.FormValue("old_code"))
	if market.IsKind(err, market.Invalid) {
		return s.showSecondForm(c, a, true, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account/security", "两步验证已关闭，登录时只要密码")
}

// showSecondForm shows the page; drop says that err is of the form that switches off.
func (s *Server) showSecondForm(c echo.Context, a market.Actor, drop bool, err error) error {
	ctx := c.Request().Context()
	user, readErr := s.Store.User(ctx, a.UserID)
	if readErr != nil {
		return readErr
	}
	secret, qr, readErr := s.secondKey(c, user.Email)
	if readErr != nil {
		return readErr
	}
	page := secondForm{Base: s.base(c, a, "两步验证"), Has: user.Second, Staff: a.Staff(), Secret: inFours(secret), QR: qr}
	page.Errors, page.NoIndex = failure(err), true
	if here(c).Hold(s.Now()) == market.HoldSecond {
		page.Why = "工作人员登录必须用两步验证：密码之外，再输入手机验证器上的动态码。设置约 2 分钟，完成后才能办理。"
	}
	typed := c.Request().PostForm
	set, off := secondInput{errorsOf(err), typed}, secondInput{}
	if drop {
		set, off = off, set
		for i := range page.Errors.Items {
			page.Errors.Items[i].Field = "drop-" + page.Errors.Items[i].Field
		}
	}
	code := "验证器显示的动态码"
	if user.Second {
		code = "新验证器显示的动态码"
		page.Fields = set.ownerFields("")
		if !a.Staff() {
			page.Drop = off.ownerFields("drop-")
		}
	}
	page.Fields = append(page.Fields, view.Field{Name: "code", Label: code, Hint: "6 位数字，每 30 秒换一个", Value: set.typed.Get("code"), Error: set.at["code"], Autocomplete: "one-time-code"})
	return s.renderStatus(c, errorStatus(err), page)
}

// secondInput is what was typed into one of the two forms of the page and what is wrong with it.
type secondInput struct {
	at    fieldErrors
	typed url.Values
}

// ownerFields ask for the password and a code of who has a second factor.
func (in secondInput) ownerFields(prefix string) []view.Field {
	return []view.Field{
		{Name: "second_password", ID: prefix + "second_password", Kind: view.KindPassword, Label: "现在的密码", Error: in.at["second_password"], Autocomplete: "current-password"},
		{Name: "old_code", ID: prefix + "old_code", Label: "现在的动态码或恢复码", Value: in.typed.Get("old_code"), Error: in.at["old_code"], Autocomplete: "one-time-code"},
	}
}

// secondKey is the secret that is being set up in this session, with its QR code.
func (s *Server) secondKey(c echo.Context, email string) (secret string, qr template.URL, err error) {
	ctx := c.Request().Context()
	key, err := service.SecondKey(SiteName, email, s.sessions.GetString(ctx, sessionSecond))
	if err != nil {
		return "", "", err
	}
	s.sessions.Put(ctx, sessionSecond, key.Secret())
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return "", "", err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return "", "", err
	}
	return key.Secret(), template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes())), nil
}

// qrSize is the width of the QR code in pixels.
const qrSize = 220

// inFours writes a code in groups of four, to be typed.
func inFours(code string) string {
	var out []byte
	for i := range len(code) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, code[i])
	}
	return string(out)
}
