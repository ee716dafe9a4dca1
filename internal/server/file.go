package server

import (
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// fileShow gives an uploaded file. It is always saved, never shown by the browser: what it holds is somebody else's.
func (s *Server) fileShow(c echo.Context, a market.Actor) error {
	f, content, err := s.Service.ReadFile(c.Request().Context(), a, c.Param("id"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, f.MediaType, content)
}

// licenceBody is the most that a form with a licence takes: the file and the fields.
const licenceBody = market.MaxFile + 1<<20

// postedLicence keeps the licence that a form was sent with, or finds the one that it was sent with before. The id is ""
// when there is none.
func (s *Server) postedLicence(c echo.Context, a market.Actor) (id string, err error) {
	header, err := c.FormFile("licence")
	if err != nil || header.Size == 0 && header.Filename == "" {
		return s.earlierLicence(c, a)
	}
	name, content, err := postedFile(c, "licence")
	if err != nil {
		return "", err
	}
	f, err := s.Service.UploadFile(c.Request().Context(), a, market.FileLicence, name, content)
	return f.ID, err
}

// earlierLicence is the file that the form names as uploaded before, if the actor may read it.
func (s *Server) earlierLicence(c echo.Context, a market.Actor) (string, error) {
	f, err := s.Store.File(c.Request().Context(), a, c.FormValue("licence_id"))
	if market.IsKind(err, market.NotFound) {
		return "", nil
	}
	return f.ID, err
}
