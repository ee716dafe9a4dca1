package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// reconciliation is a period as a list shows it.
type reconciliation struct {
	ID       int64      `json:"id"`
	Period   string     `json:"period"`
	From     date       `json:"from"`
	To       date       `json:"to"`
	Gap      *amount    `json:"gap"` // ours less theirs when its first file was taken
	OpenedAt time.Time  `json:"opened_at"`
	ClosedAt *time.Time `json:"closed_at"`
	ClosedBy string     `json:"closed_by"`
}

func reconciliationOf(r market.Reconciliation) reconciliation {
	out := reconciliation{ID: r.ID, Period: r.Period, From: dateOf(r.From), To: dateOf(r.To), OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt, ClosedBy: r.ClosedBy}
	if r.Gap.Valid {
		gap := amountOf(r.Gap.Decimal)
		out.Gap = &gap
	}
	return out
}

// reconcileSum is a line of the equation.
type reconcileSum struct {
	Count int    `json:"count"`
	Total amount `json:"total"`
}

func reconcileSumOf(s market.ListSum) reconcileSum {
	return reconcileSum{s.Count, amountOf(s.Total)}
}

// difference is one thing in which the two sides do not agree, with what was decided on it.
type difference struct {
	List       string `json:"list"` // "" once ours was corrected
	Number     string `json:"number"`
	ContractID int64  `json:"contract_id"` // 0 when there is none here
	Field      string `json:"field"`
	Title      string `json:"title"`
	Ours       string `json:"ours"`
	Theirs     string `json:"theirs"`
	Effect     amount `json:"effect"`
	State      string `json:"state"`
	Choice     string `json:"choice"`
	Reason     string `json:"reason"`
	DecidedBy  string `json:"decided_by"`
}

// ReconciliationList answers GET /reconciliations: the periods, the latest first.
func (api *API) ReconciliationList(c echo.Context, a market.Actor) error {
	found, err := api.Store.Reconciliations(c.Request().Context(), a)
	if err != nil {
		return err
	}
	out := make([]reconciliation, len(found))
	for i, r := range found {
		out[i] = reconciliationOf(r)
	}
	return c.JSON(http.StatusOK, struct {
		Items []reconciliation `json:"items"`
	}{out})
}

// ReconciliationShow answers GET /reconciliations/{id} with the equation and every difference.
func (api *API) ReconciliationShow(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	found, err := api.Store.Compared(c.Request().Context(), a, number)
	if err != nil {
		return err
	}
	k := found.Comparison
	out := struct {
		reconciliation
		Theirs      reconcileSum `json:"theirs"`
		Here        reconcileSum `json:"here"`
		There       reconcileSum `json:"there"`
		Differ      reconcileSum `json:"differ"`
		Unsynced    reconcileSum `json:"unsynced"`
		Ours        reconcileSum `json:"ours"`
		Agree       int          `json:"agree"`
		Differences []difference `json:"differences"`
	}{reconciliationOf(found.Reconciliation), reconcileSumOf(k.Theirs), reconcileSumOf(k.Here), reconcileSumOf(k.There), reconcileSumOf(k.Differ), reconcileSumOf(k.Unsynced),
		reconcileSumOf(k.Ours), len(k.Agree), []difference{}}
	for _, i := range found.Items() {
		d := difference{List: i.List, Number: i.Number, ContractID: i.ContractID, Field: i.Field, Title: i.Title, Ours: i.Ours, Theirs: i.Theirs, Effect: amountOf(i.Effect), State: i.State}
		if i.Decision != nil {
			d.Choice, d.Reason, d.DecidedBy = i.Decision.Choice, i.Decision.Reason, i.Decision.UserName
		}
		out.Differences = append(out.Differences, d)
	}
	return c.JSON(http.StatusOK, out)
}

// RetentionList answers GET /retention: how long what is kept, and how much of it there is.
func (api *API) RetentionList(c echo.Context, a market.Actor) error {
	found, err := api.Store.Retention(c.Request().Context(), a, api.Service.Today())
	if err != nil {
		return err
	}
	type item struct {
		Code      string `json:"code"`
		Name      string `json:"name"`
		What      string `json:"what"`
		Since     string `json:"since"`
		Months    *int   `json:"months"` // null for ever
		After     string `json:"after"`
		Basis     string `json:"basis"`
		ValidFrom date   `json:"valid_from"`
		Rows      int    `json:"rows"`
		Oldest    *date  `json:"oldest"`
		Until     *date  `json:"until"` // when the oldest may be removed
	}
	out := make([]item, len(found))
	for i, r := range found {
		out[i] = item{Code: r.Code, Name: r.Name, What: r.What, Since: r.Since, Months: r.Months, After: r.After, Basis: r.Basis, ValidFrom: dateOf(r.ValidFrom), Rows: r.Rows}
		if r.Oldest != nil {
			day := dateOf(*r.Oldest)
			out[i].Oldest = &day
			if until := r.RetentionClass.Until(*r.Oldest); until != nil {
				last := dateOf(*until)
				out[i].Until = &last
			}
		}
	}
	return c.JSON(http.StatusOK, struct {
		Items []item `json:"items"`
	}{out})
}
