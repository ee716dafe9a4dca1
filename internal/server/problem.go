package server

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// problem is an application/problem+json document (RFC 9457) with the messages of single fields.
type problem struct {
	Type   string              `json:"type"`
	Title  string              `json:"title"`
	Status int                 `json:"status"`
	Detail string              `json:"detail"`
	Errors []market.FieldError `json:"errors,omitempty"`
	ID     any                 `json:"request_id,omitempty"`
}

// writeProblem answers an API request that failed.
func writeProblem(c echo.Context, err error) error {
	status := statusOf(err)
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: userMessage(err), ID: c.Get(requestIDKey)}
	if e := market.AsError(err); e != nil {
		p.Errors = e.Fields
	}
	if status == http.StatusUnauthorized {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(status, "application/problem+json", body)
}
