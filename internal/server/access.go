package server

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

// access says who may call a route. What an object allows is decided beside its noun, in store and service.
type access string

// Who may call a route. Deny by default: a route without one of these does not start.
const (
	public       access = "public"    // everybody
	signedIn     access = "signed in" // every person with an account
	member       access = "member"    // people of an organisation
	editor       access = "editor"    // owners and editors of an organisation
	verified     access = "verified"  // owners and editors of a verified organisation
	staff        access = "staff"     // any duty
	reviewer     access = "reviewer"
	registrar    access = "registrar"
	statistician access = "statistician or auditor"
	registry     access = "registrar, statistician or auditor" // the desk is read by all three
)

// check returns the refusal of a route to an actor, nil when it may pass.
func (want access) check(a market.Actor) error {
	if want == public {
		return nil
	}
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	switch want {
	case signedIn:
		return nil
	case member:
		if a.OrgID == 0 {
			return market.Errorf(market.Denied, "请先登记单位，再办理这件事")
		}
		return nil
	case editor:
		return a.RequireEditor()
	case verified:
		return a.RequireVerified()
	case staff:
		return anyDuty(a, market.Reviewer, market.Registrar, market.Statistician, market.Auditor, market.Admin)
	case reviewer:
		return a.RequireDuty(market.Reviewer)
	case registrar:
		return a.RequireDuty(market.Registrar)
	case statistician:
		return anyDuty(a, market.Statistician, market.Auditor)
	case registry:
		return anyDuty(a, market.Registrar, market.Statistician, market.Auditor)
	}
	return market.Errorf(market.Denied, "没有开放这一页")
}

func anyDuty(a market.Actor, duties ...market.Duty) error {
	for _, d := range duties {
		if a.Has(d) {
			return nil
		}
	}
	return market.Errorf(market.Denied, "这一页由主管部门工作人员使用")
}

const (
	actorKey     = "actor"
	requestIDKey = "request_id"
	sessionUser  = "user"
	sessionOrg   = "org"
)

// handler answers a request of an actor who may call its route.
type handler func(c echo.Context, a market.Actor) error

// guard finds out who is asking and refuses whom the route is not for.
func (s *Server) guard(want access, actorOf func(echo.Context) (market.Actor, error), h handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, err := actorOf(c)
		if err != nil {
			return err
		}
		c.Set(actorKey, a)
		if err := want.check(a); err != nil {
			if a.SignedIn() && c.Request().Method != http.MethodGet {
				s.Service.Refused(c.Request().Context(), a, routeAction(c), market.Object{})
			}
			return err
		}
		return h(c, a)
	}
}

// routeAction names an attempt that a route refused before its object was known.
func routeAction(c echo.Context) market.Action {
	return market.Action("route " + c.Request().Method + " " + c.Path())
}

// webActor is the actor of the session.
func (s *Server) webActor(c echo.Context) (market.Actor, error) {
	a := market.Actor{}
	ctx := c.Request().Context()
	if id := s.sessions.GetInt64(ctx, sessionUser); id != 0 {
		found, err := s.Store.Actor(ctx, id, s.sessions.GetInt64(ctx, sessionOrg))
		switch {
		case err == nil:
			a = found
		case market.IsKind(err, market.NotFound): // closed or locked since: treated as signed out
		default:
			return a, err
		}
	}
	return stamp(c, a, market.ViaWeb), nil
}

// apiActor is the actor of the bearer token; without a token it is a visitor. A bad token is refused.
func (s *Server) apiActor(c echo.Context) (market.Actor, error) {
	header := c.Request().Header.Get(echo.HeaderAuthorization)
	if header == "" {
		return stamp(c, market.Actor{}, market.ViaAPI), nil
	}
	secret, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return market.Actor{}, market.Errorf(market.Unsigned, "请用 Authorization: Bearer 令牌")
	}
	ctx := c.Request().Context()
	id, err := s.Store.UserOfToken(ctx, service.TokenHash(strings.TrimSpace(secret)), s.Now())
	if err == nil {
		var a market.Actor
		if a, err = s.Store.Actor(ctx, id, 0); err == nil {
			return stamp(c, a, market.ViaAPI), nil
		}
	}
	if market.IsKind(err, market.NotFound) {
		return market.Actor{}, market.Errorf(market.Unsigned, "令牌无效或已停用")
	}
	return market.Actor{}, err
}

func stamp(c echo.Context, a market.Actor, via market.Via) market.Actor {
	a.Via, a.Address = via, c.RealIP()
	a.RequestID, _ = c.Get(requestIDKey).(string)
	return a
}

// signIn starts a session of its own for the user: the token changes, so that one planted before is worth nothing.
func (s *Server) signIn(c echo.Context, userID int64) error {
	ctx := c.Request().Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, userID)
	return nil
}

// localPath returns next when it is a path of this site, else fallback.
func localPath(next, fallback string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return fallback
	}
	return next
}

// formKey is a new one-time key for a form that creates something.
func formKey() string { return rand.Text() }
