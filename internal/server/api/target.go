package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// targetText is what a statistician says of a target.
type targetText struct {
	Year     int          `json:"year"`
	Region   string       `json:"region"`
	Basis    market.Basis `json:"basis"`
	Amount   amount       `json:"amount"`
	Status   string       `json:"status"`
	Approver string       `json:"approver"`
	Source   string       `json:"source"`
}

// targetEntry is a target that holds, with who set it.
type targetEntry struct {
	ID int64 `json:"id"`
	targetText
	SetBy string    `json:"set_by"`
	At    time.Time `json:"at"`
}

type targetEntries struct {
	Items []targetEntry `json:"items"`
	Last  int64         `json:"last"` // the last word on any target; setting one gives it back
}

// TargetList answers GET /targets?basis=: those that hold, the latest year first.
func (api *API) TargetList(c echo.Context, a market.Actor) error {
	basis := market.Basis(c.QueryParam("basis"))
	if basis == "" {
		basis = market.BasisOutput
	}
	if basis.Name() == "" {
		return market.Problems{{Field: "basis", Message: "没有这个口径"}}.Err()
	}
	return api.writeTargets(c, a, basis, http.StatusOK)
}

// TargetSet answers POST /targets with the targets that now hold on the basis.
func (api *API) TargetSet(c echo.Context, a market.Actor) error {
	in := struct {
		targetText
		Last int64 `json:"last"`
	}{}
	if err := read(c, &in); err != nil {
		return err
	}
	var p market.Problems
	e := market.TargetEntry{Year: in.Year, Region: in.Region, Basis: in.Basis, Amount: in.Amount.yuan(&p, "amount").Decimal, Status: in.Status, Approver: in.Approver, Source: in.Source}
	if err := p.Err(); err != nil {
		return err
	}
	if err := api.Service.SetTarget(c.Request().Context(), a, e, in.Last); err != nil {
		return err
	}
	return api.writeTargets(c, a, e.Basis, http.StatusCreated)
}

func (api *API) writeTargets(c echo.Context, a market.Actor, b market.Basis, status int) error {
	ctx := c.Request().Context()
	targets, err := api.Store.Targets(ctx, a, b)
	if err != nil {
		return err
	}
	last, err := api.Store.LastTarget(ctx)
	if err != nil {
		return err
	}
	out := targetEntries{Items: make([]targetEntry, len(targets)), Last: last}
	for i, e := range targets {
		out.Items[i] = targetEntry{e.ID, targetText{e.Year, e.Region, e.Basis, amountOf(e.Amount), e.Status, e.Approver, e.Source}, e.UserName, e.At}
	}
	return c.JSON(status, out)
}
