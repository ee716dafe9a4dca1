// Package server is the web: the route table, the pages and the JSON API. Handlers read through package store and
// write through package service; they hold no SQL and no rule.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search"
	"techmarket/web"
)

// Options is what a Server is made of.
type Options struct {
	Store          *store.Store
	Service        *service.Service
	Search         search.Engine
	URL            string // the address people use, without a final slash
	Secure         bool   // URL is https
	TrustedProxies []netip.Prefix
	Now            func() time.Time
	Log            *slog.Logger
	Metrics        *prometheus.Registry
}

// Server answers HTTP requests.
type Server struct {
	Options
	ref      *market.Reference
	views    *view.Engine
	sessions *scs.SessionManager
	echo     *echo.Echo
	limits   *limiter
	demo     bool
	ready    atomic.Bool
	settings atomic.Pointer[map[string]string] // as of the newest request
}

// loadViews parses the templates once for all servers of the process, which tests have many of.
var loadViews = sync.OnceValues(func() (*view.Engine, error) { return view.New(web.Templates(), pages()) })

// New builds the server and its routes. It fails when a template is missing or broken. Close ends its background work.
func New(ctx context.Context, o Options) (*Server, error) {
	views, err := loadViews()
	if err != nil {
		return nil, err
	}
	demo, err := o.Store.HasDemo(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{Options: o, ref: o.Service.Reference(), views: views, limits: newLimiter(o.Now), demo: demo}
	if err := s.readSettings(ctx); err != nil {
		return nil, err
	}
	s.sessions = newSessions(o)
	s.sessions.ErrorFunc = s.sessionFailed
	s.echo = s.newEcho()
	s.ready.Store(true)
	return s, nil
}

func newSessions(o Options) *scs.SessionManager {
	m := scs.New()
	m.Store = postgresstore.New(o.Store.DB())
	m.Lifetime = market.UserLife // a sign-in ends before, see market.SignIn
	m.Cookie.Name, m.Cookie.HttpOnly, m.Cookie.Secure = "mk_session", true, o.Secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Persist = false // see signIn
	return m
}

// sessionFailed answers when a session can't be read or kept.
func (s *Server) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	c := s.echo.NewContext(r, w)
	c.Set(requestIDKey, w.Header().Get(echo.HeaderXRequestID))
	s.showError(fmt.Errorf("session: %w", err), c)
}

// Handler is the whole site.
func (s *Server) Handler() http.Handler { return s.echo }

// Drain makes /readyz refuse, so that a load balancer sends no more requests before the end.
func (s *Server) Drain() { s.ready.Store(false) }

// Close ends the server's background work.
func (s *Server) Close() {
	if st, ok := s.sessions.Store.(*postgresstore.PostgresStore); ok {
		st.StopCleanup()
	}
}

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.showError
	e.IPExtractor = clientAddress(s.TrustedProxies)
	e.Pre(s.requestLog, s.recoverPanics, s.securityHeaders)
	s.addRoutes(e)
	return e
}

// clientAddress believes X-Forwarded-For only from trusted proxies.
func clientAddress(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
