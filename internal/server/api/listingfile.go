package api

import (
	"encoding/base64"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// picture is a public picture of a listing. The name that it was uploaded under is nobody's business.
type picture struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Path      string `json:"path"`
	SmallPath string `json:"small_path"`
}

// publicFile is a file of a listing that anybody may save.
type publicFile struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
	Pages     int    `json:"pages"`
	Path      string `json:"path"`
}

// shownFiles are the pictures and files of a listing that are, or will be, public. Those behind the gate are read by
// disclosures.
type shownFiles struct {
	Pictures []picture    `json:"pictures"`
	Files    []publicFile `json:"files"`
}

func (api *API) shownFiles(c echo.Context, a market.Actor, listing int64) (shownFiles, error) {
	out := shownFiles{Pictures: []picture{}, Files: []publicFile{}}
	files, err := api.Store.ListingFiles(c.Request().Context(), a, listing)
	for _, f := range files {
		switch f.Use {
		case market.UsePicture:
			path := "/pictures/" + f.ID
			out.Pictures = append(out.Pictures, picture{f.ID, f.Label, f.MediaType, f.Size, f.Width, f.Height, path, path + "?size=small"})
		case market.UsePublic:
			out.Files = append(out.Files, publicFile{f.ID, f.Label, f.Name, f.MediaType, f.Size, f.Pages, "/attachments/" + f.ID})
		}
	}
	return out, err
}

// keptFile is a picture or file of a listing as its owner's people see it, with those behind the gate.
type keptFile struct {
	ID        string         `json:"id"`
	Use       market.FileUse `json:"use"`
	Label     string         `json:"label"`
	Name      string         `json:"name"`
	MediaType string         `json:"media_type"`
	Size      int            `json:"size"`
	Pages     int            `json:"pages"`
}

// ListingFiles answers GET /listings/{id}/files: in the order of the listing's page, those behind the gate among them.
func (api *API) ListingFiles(c echo.Context, a market.Actor) error {
	listing, err := id(c)
	if err != nil {
		return err
	}
	return api.writeFiles(c, a, listing, http.StatusOK)
}

func (api *API) writeFiles(c echo.Context, a market.Actor, listing int64, status int) error {
	ctx := c.Request().Context()
	kind, err := api.Store.ListingKind(ctx, a, listing)
	if err != nil {
		return err
	}
	l, err := api.listing(c, a, kind, listing)
	if err != nil {
		return err
	}
	if a.OrgID == 0 || l.OrgID != a.OrgID {
		return market.ErrNotFound
	}
	files, err := api.Store.ListingFiles(ctx, a, listing)
	if err != nil {
		return err
	}
	items := make([]keptFile, len(files))
	for i, f := range files {
		items[i] = keptFile{f.ID, f.Use, f.Label, f.Name, f.MediaType, f.Size, f.Pages}
	}
	return c.JSON(status, list[keptFile]{Items: items, Total: len(items), Page: 1, PerPage: market.MaxListingFiles})
}

// FileAdd answers POST /listings/{id}/files.
func (api *API) FileAdd(c echo.Context, a market.Actor) error {
	listing, err := id(c)
	if err != nil {
		return err
	}
	once, err := key(c, "file")
	if err != nil {
		return err
	}
	var in struct {
		FileName string         `json:"file_name"`
		Content  string         `json:"content"` // base64
		Use      market.FileUse `json:"use"`
		Label    string         `json:"label"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	content, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil || len(content) == 0 {
		return market.Problems{{Field: "content", Message: "应为 base64 写的文件内容"}}.Err()
	}
	ctx := c.Request().Context()
	upload, err := api.Service.UploadFile(ctx, a, market.FileListing, in.FileName, content)
	if err != nil {
		return asContent(err)
	}
	if err := api.Service.AttachFile(ctx, a, market.ListingFile{ID: upload.ID, ListingID: listing, Use: in.Use, Label: in.Label}, once); err != nil {
		return asContent(err)
	}
	return api.writeFiles(c, a, listing, http.StatusCreated)
}

// asContent names the field of the file as the API does; in the forms of the web it is called by its purpose.
func asContent(err error) error {
	if e := market.AsError(err); e != nil {
		for i := range e.Fields {
			if e.Fields[i].Field == string(market.FileListing) {
				e.Fields[i].Field = "content"
			}
		}
	}
	return err
}

// FileChange answers PATCH /listings/{id}/files/{file}.
func (api *API) FileChange(c echo.Context, a market.Actor) error {
	var in struct {
		Use   market.FileUse `json:"use"`
		Label string         `json:"label"`
	}
	return api.fileAct(c, a, &in, func(listing int64, file string) error {
		return api.Service.ChangeFile(c.Request().Context(), a, market.ListingFile{ID: file, ListingID: listing, Use: in.Use, Label: in.Label})
	})
}

// FileRaise answers POST /listings/{id}/files/{file}/raise: the file goes one place up.
func (api *API) FileRaise(c echo.Context, a market.Actor) error {
	return api.fileAct(c, a, &struct{}{}, func(listing int64, file string) error {
		return api.Service.RaiseFile(c.Request().Context(), a, listing, file)
	})
}

// FileRemove answers DELETE /listings/{id}/files/{file}.
func (api *API) FileRemove(c echo.Context, a market.Actor) error {
	return api.fileAct(c, a, &struct{}{}, func(listing int64, file string) error {
		return api.Service.DetachFile(c.Request().Context(), a, listing, file)
	})
}

// fileAct answers an act with what the listing has then.
func (api *API) fileAct(c echo.Context, a market.Actor, in any, do func(listing int64, file string) error) error {
	return act(c, in, func(listing int64) error { return do(listing, c.Param("file")) }, func(listing int64) error { return api.writeFiles(c, a, listing, http.StatusOK) })
}
