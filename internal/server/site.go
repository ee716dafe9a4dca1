package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/migrations"
	"techmarket/web"
)

// sitePages are the pages that belong to no noun.
var sitePages = []view.Page{homePage{}, errorPage{}}

// health answers that the process runs.
func (s *Server) health(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readiness answers whether requests can be served: database and schema are there. It tells of the search index too,
// without which all goes on but searching by words.
func (s *Server) readiness(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	status, answer := http.StatusOK, map[string]string{"database": "ok", "schema": "ok", "search": "ok"}
	note := func(part string, err error) {
		if err != nil {
			s.Log.WarnContext(ctx, "not ready", "part", part, "err", err)
			status, answer[part] = http.StatusServiceUnavailable, "unavailable"
		}
	}
	note("database", s.Store.Ping(ctx))
	note("schema", migrations.Check(ctx, s.Store.DB()))
	if _, err := s.Search.Count(ctx); err != nil {
		s.Log.WarnContext(ctx, "no search", "err", err)
		answer["search"] = "unavailable"
	}
	if !s.ready.Load() {
		status, answer["server"] = http.StatusServiceUnavailable, "draining"
	}
	return c.JSON(status, answer)
}

// localOnly hides a route from other machines: figures about the inside are not public. What a proxy passes on comes from
// elsewhere, also where nobody has said that the proxy is one.
func (s *Server) localOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Request().Header
		ip := net.ParseIP(c.RealIP())
		if h.Get("X-Forwarded-For")+h.Get("Forwarded")+h.Get("X-Real-Ip") != "" || ip == nil || !ip.IsLoopback() && !ip.IsPrivate() {
			return market.ErrNotFound
		}
		return next(c)
	}
}

// onlyAssets answers what is no asset as any other address that there is not.
func onlyAssets(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !web.HasAsset(c.Param("*")) {
			return market.ErrNotFound
		}
		return next(c)
	}
}

// noRoute answers an address that there is not, or not with this method.
func (s *Server) noRoute(c echo.Context, _ market.Actor) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		probe := s.echo.NewContext(c.Request(), c.Response())
		s.echo.Router().Find(method, echo.GetPath(c.Request()), probe)
		if probe.Path() != c.Path() && method != c.Request().Method {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return market.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
	return echo.ErrMethodNotAllowed
}

// preferencesSave keeps the theme and type size in cookies that hold nothing else.
func (s *Server) preferencesSave(c echo.Context, _ market.Actor) error {
	for _, p := range []struct{ field, cookie string }{{"theme", "mk_theme"}, {"type", "mk_type"}} {
		if value := c.FormValue(p.field); value == "dark" || value == "light" || value == "large" || value == "normal" {
			c.SetCookie(&http.Cookie{Name: p.cookie, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
		}
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), "/"))
}
