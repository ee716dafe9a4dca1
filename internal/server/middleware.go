package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// requestLog gives every request an id and writes one line when it has been answered. Query strings are left out:
// they may hold what a person looked for.
func (s *Server) requestLog(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start, id := s.Now(), rand.Text()[:12]
		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		actor, _ := c.Get(actorKey).(market.Actor)
		level := slog.LevelInfo
		if c.Response().Status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		s.Log.Log(c.Request().Context(), level, "request", "id", id, "method", c.Request().Method, "path", c.Request().URL.Path,
			"status", c.Response().Status, "bytes", c.Response().Size, "ms", s.Now().Sub(start).Milliseconds(),
			"address", c.RealIP(), "user", actor.UserID)
		return nil
	}
}

// recoverPanics turns a panic into an internal error of this one request.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler {
				panic(r)
			}
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}()
		return next(c)
	}
}

// securityHeaders forbids inline script and style, framing and foreign content.
func (s *Server) securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// sameOrigin refuses a form that another site makes a visitor's browser send. URL is trusted beside the request's own
// host, for a proxy that does not pass the host on.
func (s *Server) sameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		if err := protection.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			s.Log.Warn("the site's address is not trusted as an origin", "url", s.URL, "err", err)
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
			}
			return next(c)
		}
	}
}

const (
	maxBody = 1 << 20 // of an ordinary form
	// drainLimit is how much of a body that is too large is read and thrown away, so that the browser gets to read
	// the answer instead of a broken connection.
	drainLimit = 128 << 20
)

// limitBody refuses a body of more than limit bytes.
func (s *Server) limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > limit {
				if r.ContentLength <= drainLimit {
					if _, err := io.Copy(io.Discard, r.Body); err != nil {
						return err
					}
				}
				return tooLarge(limit)
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
			defer s.forgetFiles(c)
			return next(c)
		}
	}
}

func tooLarge(limit int64) error {
	return market.Errorf(market.TooLarge, "提交的内容超过 %d MB，没有保存。请减小文件或文字后再试", limit>>20)
}

// forgetFiles removes what a large upload left in the folder for temporary files. net/http does so only for the request
// it made itself, which the session has replaced.
func (s *Server) forgetFiles(c echo.Context) {
	if form := c.Request().MultipartForm; form != nil {
		if err := form.RemoveAll(); err != nil {
			s.Log.WarnContext(c.Request().Context(), "remove an upload", "err", err)
		}
	}
}

// withForm reads the form before the handler runs, so that no form is carried out that came only in part.
func withForm(h handler) handler {
	return func(c echo.Context, a market.Actor) error {
		if err := readForm(c); err != nil {
			return err
		}
		return h(c, a)
	}
}

// readForm parses the posted form, once, and says clearly when it can't.
func readForm(c echo.Context) error {
	r := c.Request()
	var err error
	if strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		err = r.ParseMultipartForm(8 << 20)
	} else {
		err = r.ParseForm()
	}
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(tooBig.Limit)
	}
	if err != nil {
		return market.Errorf(market.Invalid, "表单没有完整送到，请返回后再提交一次")
	}
	return nil
}
