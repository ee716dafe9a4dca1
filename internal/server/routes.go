package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"techmarket/web"
)

// route is a line of the route table: the access document of the site.
type route struct {
	method string
	path   string
	access access
	handle handler
}

// routes is every page and form of the site. What a person may do with a single object is decided beside its noun.
func (s *Server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{post, "/preferences", public, s.preferencesSave},

		{get, "/register", public, s.userNew},
		{post, "/register", public, s.userCreate},
		{get, "/login", public, s.sessionNew},
		{post, "/login", public, s.sessionCreate},
		{post, "/logout", signedIn, s.sessionDelete},

		{get, "/account", signedIn, s.accountShow},
		{post, "/account", signedIn, s.accountEdit},
		{post, "/account/password", signedIn, s.accountPassword},
		{post, "/account/tokens", signedIn, s.tokenCreate},
		{post, "/account/tokens/:id/revoke", signedIn, s.tokenRevoke},

		{get, "/org/new", signedIn, s.orgNew},
		{post, "/org", signedIn, s.orgCreate},
		{get, "/org", signedIn, s.orgOwn},
		{post, "/org/edit", editor, s.orgEdit},
		{get, "/orgs/:id", public, s.orgShow},

		{get, "/review", reviewer, s.reviewIndex},
		{get, "/review/orgs/:id", reviewer, s.reviewOrg},
		{get, "/review/listings/:id", reviewer, s.reviewListing},
		{post, "/review/orgs/:id/verify", reviewer, s.orgVerify},
		{post, "/review/orgs/:id/reject", reviewer, s.orgReject},
		{post, "/review/orgs/:id/suspend", reviewer, s.orgSuspend},
		{post, "/review/orgs/:id/resume", reviewer, s.orgResume},
		{post, "/needs/:id/publish", reviewer, s.needPublish},
		{post, "/needs/:id/return", reviewer, s.needReturn},
		{post, "/results/:id/publish", reviewer, s.resultPublish},
		{post, "/results/:id/return", reviewer, s.resultReturn},
	}
}

// apiRoutes is every call of the JSON API, under /api/v1.
func (s *Server) apiRoutes() []route {
	return nil
}

// formLimits are the routes that take more than an ordinary form.
var formLimits = map[string]int64{}

func (s *Server) addRoutes(e *echo.Echo) {
	e.GET("/healthz", s.health)
	e.GET("/readyz", s.readiness)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})), s.localOnly)
	e.GET("/static/*", echo.WrapHandler(web.Handler()))

	sessions := echo.WrapMiddleware(s.sessions.LoadAndSave)
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.guard(r.access, s.webActor, r.handle), limitBody(bodyLimit(r.path)), s.sameOrigin(), sessions)
	}
	for _, r := range s.apiRoutes() {
		e.Add(r.method, r.path, s.guard(r.access, s.apiActor, r.handle), limitBody(bodyLimit(r.path)))
	}
	e.RouteNotFound("/*", s.guard(public, s.webActor, s.notFound), sessions)
}

func bodyLimit(path string) int64 {
	if limit, ok := formLimits[path]; ok {
		return limit
	}
	return maxBody
}
