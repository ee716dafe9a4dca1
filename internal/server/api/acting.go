package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// actingItem is an organisation that the caller may act for, by the header X-Acting-For.
type actingItem struct {
	OrgID   int64          `json:"org_id"`
	Name    string         `json:"name"`
	Role    market.Role    `json:"role"`    // "" for a client
	Agency  *actingAgency  `json:"agency"`  // through which; null for the caller's own
	Scopes  []market.Scope `json:"scopes"`  // of the mandate; all for the caller's own
	EndsOn  *string        `json:"ends_on"` // of the mandate
	Current bool           `json:"current"` // this call is made for it
}

type actingItems struct {
	Items []actingItem `json:"items"`
}

type actingAgency struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ActingList answers GET /acting: for whom the caller may act.
func (api *API) ActingList(c echo.Context, a market.Actor) error {
	choices, err := api.Store.Choices(c.Request().Context(), a.UserID, api.Now())
	if err != nil {
		return err
	}
	items := make([]actingItem, len(choices))
	for i, choice := range choices {
		items[i] = actingOf(choice, choice.Acting() == a.Acting())
	}
	return c.JSON(http.StatusOK, actingItems{items})
}

func actingOf(c store.Choice, current bool) actingItem {
	item := actingItem{OrgID: c.OrgID, Name: c.OrgName, Role: c.Role, Scopes: market.Scopes, Current: current}
	if c.AgencyID != 0 {
		item.Agency, item.Scopes = &actingAgency{c.AgencyID, c.AgencyName}, c.Scopes
		item.EndsOn = new(market.DateOf(*c.EndsOn).Format(time.DateOnly))
	}
	return item
}
