package api

import (
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// removal is why a contract is off the register.
type removal struct {
	Ground   string    `json:"ground"`
	Benefits string    `json:"benefits"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

func removalOf(m *market.Removal) *removal {
	if m == nil {
		return nil
	}
	return &removal{m.Ground, m.Benefits, m.Note, m.At}
}

// removalBody is why a contract is to be taken off the register.
type removalBody struct {
	Ground   string `json:"ground"`
	Benefits string `json:"benefits"`
	Note     string `json:"note"`
}

func (b removalBody) removal() market.Removal {
	return market.Removal{Ground: b.Ground, Benefits: b.Benefits, Note: b.Note}
}

// ContractCancel answers POST /contracts/{id}/cancel.
func (api *API) ContractCancel(c echo.Context, a market.Actor) error {
	var in removalBody
	return api.contractAct(c, a, &in, func(id int64) error {
		return api.Service.CancelContract(c.Request().Context(), a, id, in.removal())
	})
}

// ContractRevoke answers POST /contracts/{id}/revoke.
func (api *API) ContractRevoke(c echo.Context, a market.Actor) error {
	var in removalBody
	return api.contractAct(c, a, &in, func(id int64) error {
		return api.Service.RevokeContract(c.Request().Context(), a, id, in.removal())
	})
}
