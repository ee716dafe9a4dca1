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
	public   access = "public"    // everybody
	signedIn access = "signed in" // every person with an account

	// Of an organisation: its own people only.
	own         access = "own"          // its people
	ownEditor   access = "own editor"   // its owners and editors
	ownVerified access = "own verified" // the same of a verified organisation
	owner       access = "owner"        // its owners

	// Of experts: people of a university or an institute, and reviewers.
	expertReader access = "expert reader"
	expertKeeper access = "expert keeper" // its owners and editors, and reviewers

	// Of lists: those who import any, and those who read what came of it.
	importer     access = "importer"
	importReader access = "import reader"

	// Of an organisation: its people, and those of an agency that it has given a mandate for it.
	member         access = "member"          // people of an organisation, and of an agency with any mandate
	inquiryReader  access = "inquiry reader"  // people of an organisation, and of an agency that negotiates for it
	contractReader access = "contract reader" // people of an organisation, and of an agency that draws up its contracts
	poster         access = "poster"          // owners and editors, and an agency that posts
	publisher      access = "publisher"       // the same of a verified organisation
	negotiator     access = "negotiator"      // owners and editors, and an agency that negotiates
	trader         access = "trader"          // the same of a verified organisation
	contractor     access = "contractor"      // owners and editors, and an agency that draws up contracts

	// Of the bureau.
	staff        access = "staff" // any duty
	reviewer     access = "reviewer"
	registrar    access = "registrar"
	statistician access = "statistician"
	registry     access = "registrar, statistician or auditor" // the desk is read by all three
	clerk        access = "registrar or statistician"
	auditor      access = "auditor"
	admin        access = "admin"
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
	case own:
		return a.RequireReader(market.ScopeOwn)
	case ownEditor:
		return a.RequireEditor(market.ScopeOwn)
	case ownVerified:
		return a.RequireVerified(market.ScopeOwn)
	case owner:
		return a.RequireOwner()
	case expertReader:
		if a.OwnOrg() != 0 && a.OrgType.KeepsExperts() {
			return nil
		}
		_, err := a.ExpertOwner()
		return err
	case importer:
		if len(a.ImportKinds()) > 0 {
			return nil
		}
		return a.RequireEditor(market.ScopePost)
	case importReader:
		if a.OrgID == 0 && !a.Has(market.Reviewer) {
			return market.Errorf(market.Denied, "请先登记单位，再办理这件事")
		}
		return nil
	case expertKeeper:
		_, err := a.ExpertOwner()
		return err
	case member:
		if a.OrgID == 0 {
			return market.Errorf(market.Denied, "请先登记单位，再办理这件事")
		}
		return nil
	case inquiryReader:
		return a.RequireReader(market.ScopeNegotiate)
	case contractReader:
		return a.RequireReader(market.ScopeContract)
	case poster:
		return a.RequireEditor(market.ScopePost)
	case publisher:
		return a.RequireVerified(market.ScopePost)
	case negotiator:
		return a.RequireEditor(market.ScopeNegotiate)
	case trader:
		return a.RequireVerified(market.ScopeNegotiate)
	case contractor:
		return a.RequireEditor(market.ScopeContract)
	case staff:
		return anyDuty(a, market.Reviewer, market.Registrar, market.Statistician, market.Auditor, market.Admin)
	case reviewer:
		return a.RequireDuty(market.Reviewer)
	case registrar:
		return a.RequireDuty(market.Registrar)
	case statistician:
		return a.RequireDuty(market.Statistician)
	case auditor:
		return a.RequireDuty(market.Auditor)
	case admin:
		return a.RequireDuty(market.Admin)
	case clerk:
		return anyDuty(a, market.Registrar, market.Statistician)
	case registry:
		return anyDuty(a, market.Registrar, market.Statistician, market.Auditor)
	}
	return market.Errorf(market.Denied, "没有开放这一页")
}

// forOrg reports whether what the route does depends on for whom the actor acts.
func (want access) forOrg() bool {
	switch want {
	case own, ownEditor, ownVerified, owner, expertReader, expertKeeper, importer, importReader, member, inquiryReader, contractReader, poster, publisher, negotiator, trader, contractor:
		return true
	}
	return false
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
	maxNotedPath = 200 // of an address in the audit
	actorKey     = "actor"
	requestIDKey = "request_id"
	signInKey    = "sign_in"
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
		if page := s.heldAt(c); page != "" {
			return c.Redirect(http.StatusSeeOther, page)
		}
		c.SetRequest(c.Request().WithContext(service.WatchRefusals(c.Request().Context())))
		err = s.passed(c, a, want, h)
		if a.SignedIn() && isAttempt(c, err) {
			s.Service.RefusedAt(c.Request().Context(), a, routeAction(c), market.Truncate(c.Request().URL.EscapedPath(), maxNotedPath))
		}
		return err
	}
}

// passed answers a request whose route is for the actor.
func (s *Server) passed(c echo.Context, a market.Actor, want access, h handler) error {
	if err := want.check(a); err != nil {
		return err
	}
	if want.forOrg() {
		if err := s.checkActing(c, a); err != nil {
			return err
		}
	}
	return h(c, a)
}

// isAttempt reports whether a refusal belongs in the audit. What one may not see does not exist, so that reading it is no
// attempt; changing it is.
func isAttempt(c echo.Context, err error) bool {
	return market.IsKind(err, market.Denied) || market.IsKind(err, market.NotFound) && c.Request().Method != http.MethodGet
}

// routeAction names an attempt that was turned away before it was known what it would have done.
func routeAction(c echo.Context) market.Action {
	return market.Action("route " + c.Request().Method + " " + c.Path())
}

// webActor is the actor of the session.
func (s *Server) webActor(c echo.Context) (market.Actor, error) {
	a := market.Actor{}
	ctx := c.Request().Context()
	if id := s.sessions.GetInt64(ctx, sessionSignIn); id != 0 {
		found, err := s.signedIn(c, id)
		switch {
		case err == nil:
			a = found
		case market.IsKind(err, market.NotFound): // ended, closed or locked since: treated as signed out
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
		if a, err = s.headerActor(c, id); err == nil {
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
