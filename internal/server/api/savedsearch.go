package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// savedSearch is a search that the caller keeps.
type savedSearch struct {
	ID        int64        `json:"id"`
	Name      string       `json:"name"`
	Query     string       `json:"query"` // as /search takes it
	Often     market.Often `json:"often"`
	CreatedAt time.Time    `json:"created_at"`
	ToldAt    *time.Time   `json:"told_at"`
}

type savedSearches struct {
	Items []savedSearch `json:"items"`
}

func savedSearchOf(x market.SavedSearch) savedSearch {
	return savedSearch{x.ID, x.Name, x.Query, x.Often, x.CreatedAt, x.ToldAt}
}

// SavedSearchList answers GET /searches: the caller's own, the newest first. They are so few that there are no pages.
func (api *API) SavedSearchList(c echo.Context, a market.Actor) error {
	saved, err := api.Store.SavedSearches(c.Request().Context(), a)
	if err != nil {
		return err
	}
	items := make([]savedSearch, len(saved))
	for i, x := range saved {
		items[i] = savedSearchOf(x)
	}
	return c.JSON(http.StatusOK, savedSearches{items})
}

// SavedSearchCreate answers POST /searches. Conditions that there are not are refused, as by GET /search. Without a name the search is called by its conditions. One that is kept already
// is answered as it is, with 200.
func (api *API) SavedSearchCreate(c echo.Context, a market.Actor) error {
	in := struct {
		Query string       `json:"query"`
		Name  string       `json:"name"`
		Often market.Often `json:"often"`
	}{Often: market.OftenWeekly}
	if err := read(c, &in); err != nil {
		return err
	}
	v, err := url.ParseQuery(in.Query)
	if err != nil {
		return market.Problems{{Field: "query", Message: "应写成网址问号后面的样子，例：q=碳酸钙&kind=result"}}.Err()
	}
	if err := api.checkFinding(v); err != nil {
		return err
	}
	id, fresh, err := api.SaveSearch(c.Request().Context(), a, api.Ref.Conditions(v), in.Name, in.Often)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
		created(c, "searches", id)
	}
	return api.writeSavedSearch(c, a, id, status)
}

func (api *API) writeSavedSearch(c echo.Context, a market.Actor, id int64, status int) error {
	x, err := api.Store.SavedSearch(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	return c.JSON(status, savedSearchOf(x))
}

// SavedSearchEdit answers PATCH /searches/{id}: the name and when the caller is told.
func (api *API) SavedSearchEdit(c echo.Context, a market.Actor) error {
	search, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	x, err := api.Store.SavedSearch(ctx, a, search)
	if market.IsKind(err, market.NotFound) {
		api.Service.Refused(ctx, a, market.SearchEdit, market.Object{Kind: "search", ID: search})
	}
	if err != nil {
		return err
	}
	in := struct {
		Name  string       `json:"name"`
		Often market.Often `json:"often"`
	}{x.Name, x.Often}
	if err := read(c, &in); err != nil {
		return err
	}
	if err := api.EditSearch(ctx, a, search, in.Name, in.Often); err != nil {
		return err
	}
	return api.writeSavedSearch(c, a, search, http.StatusOK)
}

// SavedSearchDelete answers DELETE /searches/{id}.
func (api *API) SavedSearchDelete(c echo.Context, a market.Actor) error {
	search, err := id(c)
	if err != nil {
		return err
	}
	if err := api.Service.DeleteSavedSearch(c.Request().Context(), a, search); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
