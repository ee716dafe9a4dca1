package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// statusOf decides the HTTP status of every error, here and nowhere else.
func statusOf(err error) int {
	if e := market.AsError(err); e != nil {
		return map[market.ErrorKind]int{
			market.Invalid: http.StatusUnprocessableEntity, market.NotFound: http.StatusNotFound, market.Denied: http.StatusForbidden,
			market.Conflict: http.StatusConflict, market.Unsigned: http.StatusUnauthorized,
			market.RateLimited: http.StatusTooManyRequests, market.TooLarge: http.StatusRequestEntityTooLarge,
			market.Unavailable: http.StatusServiceUnavailable,
		}[e.Kind]
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		return e.Code
	}
	return http.StatusInternalServerError
}

// userMessage is what a person is told; an internal error tells nothing but that it happened.
func userMessage(err error) string {
	if e := market.AsError(err); e != nil {
		return e.Message
	}
	switch statusOf(err) {
	case http.StatusNotFound:
		return market.ErrNotFound.Message
	case http.StatusMethodNotAllowed:
		return "这个地址不能这样访问"
	case http.StatusForbidden:
		return "这次提交不是从本站页面发出的，没有办理。请回到页面再试一次"
	}
	return "系统出了一点问题，我们已经记录。请稍后再试"
}

// showError answers a request that failed: a plain page, a problem document for the API, or the sign-in page.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		s.Log.ErrorContext(c.Request().Context(), "request failed", "id", c.Get(requestIDKey), "path", c.Request().URL.Path, "err", err)
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "60")
	}
	if strings.HasPrefix(c.Request().URL.Path, "/api/") {
		err = writeProblem(c, err)
	} else {
		err = s.showErrorPage(c, err, status)
	}
	if err != nil {
		s.Log.ErrorContext(c.Request().Context(), "show an error", "err", err)
	}
}

type errorPage struct {
	view.Base
	Heading string
	Message string
	Back    view.Link
	Code    string // request id, to quote when asking for help
}

func (errorPage) Template() string { return "page/error" }

func (s *Server) showErrorPage(c echo.Context, err error, status int) error {
	if status == http.StatusUnauthorized {
		if c.Request().Method == http.MethodGet {
			return c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		}
		return s.showEnded(c)
	}
	a, _ := c.Get(actorKey).(market.Actor)
	id, _ := c.Get(requestIDKey).(string)
	page := errorPage{Base: s.base(c, a, errorHeading(status)), Heading: errorHeading(status), Message: userMessage(err), Code: id,
		Back: view.Link{Label: "回首页", Href: "/"}}
	if a.SignedIn() {
		page.Back = view.Link{Label: "回工作台", Href: "/work"}
	}
	if c.Get(actingStaleKey) != nil {
		page.Heading, page.Back = "没有办理", view.Link{Label: "切换单位", Href: "/acting"}
		page.Title = page.Heading
	}
	page.NoIndex = true
	return s.renderStatus(c, status, page)
}

func errorHeading(status int) string {
	switch status {
	case http.StatusNotFound:
		return "没有找到"
	case http.StatusForbidden:
		return "不能办理"
	case http.StatusConflict:
		return "内容已经变了"
	case http.StatusTooManyRequests:
		return "请稍候"
	case http.StatusServiceUnavailable:
		return "暂时不能用"
	case http.StatusRequestEntityTooLarge:
		return "内容太大"
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "没有办成"
	case http.StatusMethodNotAllowed:
		return "不能这样访问"
	}
	return "出了点问题"
}
