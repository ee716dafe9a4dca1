package api

import (
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
