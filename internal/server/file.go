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
	return save(c, f.Name, f.MediaType, content)
}

// xlsxType is the media type of an Excel workbook.
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// save sends a file that the browser keeps and does not show.
func save(c echo.Context, name, mediaType string, content []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, mediaType, content)
}

// paperBody is the most that a form with a paper takes: the file and the fields.
const paperBody = market.MaxFile + 1<<20

// postedPaper keeps the file that a form was sent with, or finds the one that it was sent with before. The field is called
// by the purpose; the id is "" when there is none.
func (s *Server) postedPaper(c echo.Context, a market.Actor, purpose market.FilePurpose) (id string, err error) {
	header, err := c.FormFile(string(purpose))
	if err != nil || header.Size == 0 && header.Filename == "" {
		return s.earlierPaper(c, a, purpose)
	}
	if err := s.slowPerson(a, uploadLimit); err != nil {
		return "", err
	}
	name, content, err := postedFile(c, string(purpose))
	if err != nil {
		return "", err
	}
	f, err := s.Service.UploadFile(c.Request().Context(), a, purpose, name, content)
	return f.ID, err
}

// earlierPaper is the file that the form names as uploaded before, if the actor may read it.
func (s *Server) earlierPaper(c echo.Context, a market.Actor, purpose market.FilePurpose) (string, error) {
	f, err := s.Store.File(c.Request().Context(), a, c.FormValue(string(purpose)+"_id"))
	if market.IsKind(err, market.NotFound) {
		return "", nil
	}
	return f.ID, err
}
