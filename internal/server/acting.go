package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// For whom a person acts is kept in the session: two browsers of one person may act for different organisations.
const sessionActing = "acting"

// Keys of what guard learns about a request.
const (
	actingEndedKey = "acting_ended" // the name of the organisation that the actor can't act for any more
	actingStaleKey = "acting_stale" // the request was refused because of for whom its form was
)

// sessionActor is the user of the session as they act now. Who can't act any more for whom they chose acts for their
// own organisation again and is told so.
func (s *Server) sessionActor(c echo.Context, userID int64) (market.Actor, error) {
	ctx := c.Request().Context()
	if !s.sessions.Exists(ctx, sessionActing) {
		return s.firstActor(c, userID)
	}
	to, _ := parseActing(s.sessions.GetString(ctx, sessionActing))
	a, err := s.Service.Actor(ctx, userID, to)
	if !market.IsKind(err, market.NotFound) {
		return a, err
	}
	if a, err = s.fallBack(c, userID, to); err != nil {
		return a, err
	}
	name, err := s.Store.OrgName(ctx, to.OrgID)
	if err != nil {
		return a, err
	}
	c.Set(actingEndedKey, name)
	s.addFlash(c, fmt.Sprintf("您不能再代表“%s”办理：委托已结束，或您已不是成员。现在代表%s", name, forWhom(a)))
	return a, nil
}

// firstActor starts with whom the person acted for last, when that is still open.
func (s *Server) firstActor(c echo.Context, userID int64) (market.Actor, error) {
	ctx := c.Request().Context()
	last, err := s.Store.LastActing(ctx, userID)
	if err != nil {
		return market.Actor{}, err
	}
	a, err := s.Service.Actor(ctx, userID, last)
	if market.IsKind(err, market.NotFound) {
		return s.fallBack(c, userID, last)
	}
	if err == nil {
		s.setActing(c, a)
	}
	return a, err
}

// fallBack is the user for the agency they acted through or, where that is closed too, for their own first organisation.
func (s *Server) fallBack(c echo.Context, userID int64, from market.Acting) (market.Actor, error) {
	ctx := c.Request().Context()
	a, err := s.Service.Actor(ctx, userID, market.Acting{OrgID: from.AgencyID})
	if market.IsKind(err, market.NotFound) {
		a, err = s.Service.Actor(ctx, userID, market.Acting{})
	}
	if err == nil {
		s.setActing(c, a)
	}
	return a, err
}

func (s *Server) setActing(c echo.Context, a market.Actor) {
	s.sessions.Put(c.Request().Context(), sessionActing, actingText(a.Acting()))
}

// actingHeader chooses for whom a program acts with a person's token.
const actingHeader = "X-Acting-For"

// headerActor is the user of a token as the header says, without it for their own first organisation. What is not open
// to them is refused, so that a program never acts for another than it meant.
func (s *Server) headerActor(c echo.Context, userID int64) (market.Actor, error) {
	ctx := c.Request().Context()
	header := strings.TrimSpace(c.Request().Header.Get(actingHeader))
	if header == "" {
		return s.Service.Actor(ctx, userID, market.Acting{})
	}
	id, err := strconv.ParseInt(header, 10, 64)
	if err != nil || id <= 0 {
		return market.Actor{}, market.Errorf(market.Invalid, "%s 应为单位的 id，见 GET /api/v1/acting", actingHeader)
	}
	to, err := s.Store.ActingFor(ctx, userID, id, s.Now())
	if market.IsKind(err, market.NotFound) {
		return market.Actor{}, market.Errorf(market.Denied, "您不属于 %s 指的单位，也没有它的有效委托。可选的单位见 GET /api/v1/acting", actingHeader)
	}
	if err != nil {
		return market.Actor{}, err
	}
	return s.Service.Actor(ctx, userID, to)
}

// actingText writes for whom in one word: 12, or 12-34 for client 12 through agency 34.
func actingText(to market.Acting) string {
	if to.AgencyID == 0 {
		return strconv.FormatInt(to.OrgID, 10)
	}
	return fmt.Sprintf("%d-%d", to.OrgID, to.AgencyID)
}

func parseActing(text string) (market.Acting, bool) {
	org, agency, through := strings.Cut(text, "-")
	var to market.Acting
	var err, err2 error
	to.OrgID, err = strconv.ParseInt(org, 10, 64)
	if through {
		to.AgencyID, err2 = strconv.ParseInt(agency, 10, 64)
	}
	if err != nil || err2 != nil || to.OrgID < 0 || to.AgencyID < 0 {
		return market.Acting{}, false
	}
	return to, true
}

// forWhom names for whom an actor acts, in a sentence.
func forWhom(a market.Actor) string {
	switch {
	case a.OrgID == 0:
		return "您自己"
	case a.ByMandate():
		return fmt.Sprintf("“%s”（由%s代办）", a.OrgName, market.ShortName(a.AgencyName))
	}
	return "“" + a.OrgName + "”"
}

// actingField is the hidden field in which every form of a signed-in person carries for whom it was shown.
const actingField = "acting"

var postForm = regexp.MustCompile(`<form\b[^>]*\bmethod="post"[^>]*>`)

// stampForms puts the hidden field into every form that posts: here, so that no template can forget it.
func stampForms(page []byte, a market.Actor) []byte {
	field := fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, actingField, actingText(a.Acting()))
	return postForm.ReplaceAll(page, []byte(`${0}`+field))
}

// checkActing refuses to carry out a form of a browser for another organisation than it was shown for: the person has
// switched in another window, or what they acted under has ended meanwhile.
func (s *Server) checkActing(c echo.Context, a market.Actor) error {
	if a.Via != market.ViaWeb || c.Request().Method == http.MethodGet {
		return nil
	}
	if name, ended := c.Get(actingEndedKey).(string); ended {
		c.Set(actingStaleKey, true)
		s.takeFlash(c) // said by the answer itself
		return market.Errorf(market.Conflict, "您不能再代表“%s”办理：委托已结束，或您已不是成员。这次提交没有办理，没有改动任何内容", name)
	}
	if err := readForm(c); err != nil {
		return err
	}
	shown := c.Request().PostForm.Get(actingField)
	if shown == "" && c.Request().MultipartForm != nil && len(c.Request().MultipartForm.Value[actingField]) > 0 {
		shown = c.Request().MultipartForm.Value[actingField][0]
	}
	if shown == "" || shown == actingText(a.Acting()) {
		return nil
	}
	c.Set(actingStaleKey, true)
	was := "另一家单位"
	if to, ok := parseActing(shown); ok {
		if then, err := s.Service.Actor(c.Request().Context(), a.UserID, to); err == nil {
			was = forWhom(then)
		}
	}
	return market.Errorf(market.Conflict, "这张表单是为%s填写的，您现在代表%s，所以没有办理，也没有改动任何内容。请先切换回原来的单位，再返回刚才的页面提交一次", was, forWhom(a))
}

var actingPages = []view.Page{actingIndex{}}

// actingIndex lists for whom the person may act.
type actingIndex struct {
	view.Work
	Own     []actingRow
	Clients []actingRow
	Next    string
}

func (actingIndex) Template() string { return "page/acting/index" }

// actingList is one of the two lists of the page.
type actingList struct {
	Caption string
	Rows    []actingRow
	Next    string
}

// OwnList is the list of own organisations.
func (p actingIndex) OwnList() actingList { return actingList{"您所在的单位", p.Own, p.Next} }

// ClientList is the list of clients.
func (p actingIndex) ClientList() actingList {
	return actingList{"可以代办的委托单位", p.Clients, p.Next}
}

// actingRow is an organisation to act for.
type actingRow struct {
	store.Choice
	Acting string
	As     string // role, or the agency
	Note   string
	Now    bool
}

func (s *Server) actingIndex(c echo.Context, a market.Actor) error {
	choices, err := s.Store.Choices(c.Request().Context(), a.UserID, s.Now())
	if err != nil {
		return err
	}
	page := actingIndex{Next: localPath(c.QueryParam("next"), "")}
	if page.Work, err = s.work(c, a, "代表哪家单位"); err != nil {
		return err
	}
	for _, choice := range choices {
		row := actingRow{Choice: choice, Acting: actingText(choice.Acting()), As: choice.Role.Name(), Now: choice.Acting() == a.Acting()}
		if choice.AgencyID == 0 {
			page.Own = append(page.Own, row)
			continue
		}
		row.As = "由" + market.ShortName(choice.AgencyName) + "代办"
		row.Note = fmt.Sprintf("范围：%s，至 %s", market.ScopeNames(choice.Scopes), view.Date(*choice.EndsOn))
		page.Clients = append(page.Clients, row)
	}
	return s.render(c, page)
}

// actingSwitch changes for whom the person acts, in this session and at the next sign-in.
func (s *Server) actingSwitch(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	to, ok := parseActing(c.FormValue("to"))
	if !ok || to.OrgID == 0 {
		return market.Errorf(market.Invalid, "没有选中单位，请刷新后再试")
	}
	next, err := s.Service.SwitchActing(c.Request().Context(), a, to)
	if err != nil {
		return err
	}
	s.setActing(c, next)
	return s.done(c, localPath(c.FormValue("next"), "/work"), "您现在代表"+forWhom(next))
}
