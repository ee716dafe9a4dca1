package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// ReconciliationCorrect answers POST /reconciliations/{id}/contracts/{contract}/change: the contract with the national values of
// the differences that were decided so, and what the body names beside them.
func (api *API) ReconciliationCorrect(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	period, err := id(c)
	if err != nil {
		return err
	}
	contract, err := strconv.ParseInt(c.Param("contract"), 10, 64)
	if err != nil || contract <= 0 {
		return market.ErrNotFound
	}
	once, err := key(c, "contract-correction")
	if err != nil {
		return err
	}
	x, err := api.Service.NewCorrection(ctx, a, period, contract)
	if err != nil {
		return err
	}
	in := struct {
		contractInput
		Version int    `json:"version"` // the one the change starts from; the present one when absent
		Why     string `json:"why"`     // in words made of the decisions when absent
		Proof   upload `json:"proof"`
	}{contractInput: contractInputOf(x.Becomes), Version: x.Was.Version, Why: x.Why}
	if err := read(c, &in); err != nil {
		return err
	}
	k := x.Becomes
	if err := in.into(&k); err != nil {
		return err
	}
	k.Version = in.Version
	file, err := in.Proof.keep(api, c, a, market.FileContract)
	if err != nil {
		return err
	}
	if _, err := api.Service.CorrectContract(ctx, a, period, k, market.Amendment{Why: in.Why, FileID: file}, once); err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusCreated)
}
