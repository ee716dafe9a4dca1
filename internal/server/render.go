package server

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// SiteName is the market's name.
const SiteName = "吉安科技大市场"

// pages lists every page; the server does not start while one of them has no template, or a template no page.
func pages() []view.Page {
	return slices.Concat(sitePages, textPages, searchPages, savedSearchPages, userPages, emailPages, accountPages, orgPages, orgChangePages, expertPages, actingPages, invitationPages, mandatePages, listingPages, revisionPages, renewalPages, matchPages, workPages,
		inquiryPages, disclosurePages, challengePages, proposalPages, contractPages, reviewPages, turnoverPages, auditPages, findPages, importPages, adminPages, settingPages, indexRefusalPages, lexiconPages, targetPages, monthEndPages, reconcilePages, retentionPages, incentivePages, rewardPages)
}

// render answers with a page.
func (s *Server) render(c echo.Context, page view.Page) error {
	return s.renderStatus(c, http.StatusOK, page)
}

func (s *Server) renderStatus(c echo.Context, status int, page view.Page) error {
	var buf bytes.Buffer
	if err := s.views.Render(&buf, page); err != nil {
		return err
	}
	html := bytes.ToValidUTF8(buf.Bytes(), []byte("\uFFFD")) // a form that came damaged shows where
	if a, ok := c.Get(actorKey).(market.Actor); ok && a.SignedIn() {
		c.Response().Header().Set("Cache-Control", "no-store")
		html = stampForms(html, a)
	}
	return c.HTMLBlob(status, html)
}

// base fills what every page tells its layout.
func (s *Server) base(c echo.Context, a market.Actor, title string) view.Base {
	b := view.Base{
		Title: title, Path: c.Request().URL.RequestURI(), Now: s.Now().In(market.Shanghai), Demo: s.demo,
		Canonical: s.URL + c.Request().URL.Path,
		Site: view.Site{Name: SiteName, Organiser: s.setting("organiser"), Hours: s.setting("hours"),
			Phone: s.setting("phone"), ICP: s.setting("icp"), Police: s.setting("police"), Code: s.setting("site_code")},
	}
	if cookie, err := c.Cookie("mk_theme"); err == nil {
		b.Theme = cookie.Value
	}
	if cookie, err := c.Cookie("mk_type"); err == nil {
		b.LargeType = cookie.Value == "large"
	}
	if a.SignedIn() {
		b.User = s.userBox(c, a)
	}
	if _, guarded := c.Get(actorKey).(market.Actor); guarded { // else there is no session yet
		b.Flash = s.takeFlash(c)
	}
	return b
}

func (s *Server) userBox(c echo.Context, a market.Actor) *view.UserBox {
	unread, err := s.Store.UnreadNotices(c.Request().Context(), a)
	if err != nil {
		s.Log.ErrorContext(c.Request().Context(), "count notices", "err", err)
	}
	box := &view.UserBox{Name: a.UserName, Org: a.OrgName, Unread: unread}
	if a.OrgName == "" && a.Staff() {
		box.Org = s.setting("organiser")
	}
	if a.OrgID != 0 {
		if box.Several, err = s.Store.HasChoice(c.Request().Context(), a.UserID, s.Now()); err != nil {
			s.Log.ErrorContext(c.Request().Context(), "look for other organisations", "err", err)
		}
	}
	if box.Several {
		box.For = market.ShortName(a.OrgName)
		if a.ByMandate() {
			box.For = "代" + box.For
		}
	}
	box.Mono = Monogram(box.Org)
	if box.Org == "" {
		box.Mono = Monogram(a.UserName)
	}
	return box
}

// Monogram is the character that stands for an organisation: the first after its place, else its first.
func Monogram(name string) string {
	for _, place := range []string{"吉安市", "吉安县", "吉安", "永丰", "吉水", "泰和", "遂川", "万安", "安福", "永新", "新干", "峡江", "青原", "吉州", "井冈山", "江西"} {
		if rest, ok := strings.CutPrefix(name, place); ok && rest != "" {
			name = rest
			break
		}
	}
	r, _ := utf8.DecodeRuneInString(name)
	if r == utf8.RuneError {
		return "客"
	}
	return string(r)
}

// work fills a page of the workspace: the side bar shows what the actor's organisation and duties open.
func (s *Server) work(c echo.Context, a market.Actor, title string) (view.Work, error) {
	w := view.Work{Base: s.base(c, a, title), SideOrg: a.OrgName, SideRole: a.OrgType.Name()}
	w.NoIndex = true
	if a.EmailPending {
		w.Flash = append(w.Flash, view.Alert{Kind: view.AlertWarn, Text: "邮箱还没有确认。打开确认邮件里的链接后，才能提交审核和对接。",
			Link: &view.Link{Label: "没有收到", Href: "/account#email-state"}})
	}
	if a.ByMandate() {
		w.SideRole = "由" + market.ShortName(a.AgencyName) + "代办"
	} else if a.Role != "" {
		w.SideRole += "・" + a.Role.Name()
	}
	if a.OrgID == 0 {
		w.SideOrg, w.SideRole = a.UserName, "还没有登记单位"
	}
	if a.Staff() && !a.ByMandate() {
		w.SideOrg, w.SideRole = s.setting("organiser"), s.dutyNames(a)
	}
	counts, err := s.Store.TodoCounts(c.Request().Context(), a)
	if err != nil {
		return w, err
	}
	w.SideGroups = sideGroups(a, counts, c.Request().URL.Path)
	return w, nil
}

// dutyNames are the actor's duties, after the county they are for.
func (s *Server) dutyNames(a market.Actor) string {
	var names []string
	if a.County != "" {
		names = append(names, s.ref.Regions.Name(a.County))
	}
	for _, d := range a.Duties {
		names = append(names, d.Name())
	}
	return strings.Join(names, "・")
}

// addFlash keeps a message for the next page of this session.
func (s *Server) addFlash(c echo.Context, text string) {
	s.sessions.Put(c.Request().Context(), "flash", text)
}

func (s *Server) takeFlash(c echo.Context) []view.Alert {
	text := s.sessions.PopString(c.Request().Context(), "flash")
	if text == "" {
		return nil
	}
	return []view.Alert{{Kind: view.AlertOK, Text: text}}
}

// done tells what happened and goes on to the next page, so that a reload does not post again.
func (s *Server) done(c echo.Context, path, message string) error {
	if message != "" {
		s.addFlash(c, message)
	}
	return c.Redirect(http.StatusSeeOther, path)
}
