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
	DecisionID int64  `json:"decision_id"` // 0 until it is decided
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
	return api.writeReconciliation(c, a, number)
}

func (api *API) writeReconciliation(c echo.Context, a market.Actor, id int64) error {
	found, err := api.Store.Compared(c.Request().Context(), a, id)
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
			d.Choice, d.Reason, d.DecidedBy, d.DecisionID = i.Decision.Choice, i.Decision.Reason, i.Decision.UserName, i.Decision.ID
		}
		out.Differences = append(out.Differences, d)
	}
	return c.JSON(http.StatusOK, out)
}

// reconcileAct reads the body into in, carries out an act on a period and answers with the period as it stands then.
func (api *API) reconcileAct(c echo.Context, a market.Actor, in any, do func(period int64) error) error {
	period, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	if err := do(period); err != nil {
		return err
	}
	return api.writeReconciliation(c, a, period)
}

// ReconciliationDecide answers POST /reconciliations/{id}/decide. Each decision names its difference as the list shows it, so that
// one that has changed meanwhile is a conflict.
func (api *API) ReconciliationDecide(c echo.Context, a market.Actor) error {
	var in struct {
		Decisions []struct {
			Number     string `json:"number"`
			ContractID int64  `json:"contract_id"`
			Field      string `json:"field"`
			Ours       string `json:"ours"`
			Theirs     string `json:"theirs"`
			Choice     string `json:"choice"`
			Reason     string `json:"reason"`
		} `json:"decisions"`
	}
	return api.reconcileAct(c, a, &in, func(period int64) error {
		decisions := make([]market.ReconcileDecision, len(in.Decisions))
		for i, d := range in.Decisions {
			decisions[i] = market.ReconcileDecision{ReconcileKey: market.ReconcileKey{Number: d.Number, ContractID: d.ContractID, Field: d.Field},
				Ours: d.Ours, Theirs: d.Theirs, Choice: d.Choice, Reason: d.Reason}
		}
		return api.Service.DecideDifferences(c.Request().Context(), a, period, decisions)
	})
}

// decisionNamed is the body of an act on one decision.
type decisionNamed struct {
	DecisionID int64 `json:"decision_id"`
}

// ReconciliationUndo answers POST /reconciliations/{id}/undo.
func (api *API) ReconciliationUndo(c echo.Context, a market.Actor) error {
	var in decisionNamed
	return api.reconcileAct(c, a, &in, func(period int64) error {
		return api.Service.UndoDecision(c.Request().Context(), a, period, in.DecisionID)
	})
}

// ReconciliationConfirm answers POST /reconciliations/{id}/confirm.
func (api *API) ReconciliationConfirm(c echo.Context, a market.Actor) error {
	var in decisionNamed
	return api.reconcileAct(c, a, &in, func(period int64) error {
		return api.Service.ConfirmDecision(c.Request().Context(), a, period, in.DecisionID)
	})
}

// ReconciliationPair answers POST /reconciliations/{id}/pair. Contract 0 takes a pair back.
func (api *API) ReconciliationPair(c echo.Context, a market.Actor) error {
	var in struct {
		Number     string `json:"number"`
		ContractID int64  `json:"contract_id"`
	}
	return api.reconcileAct(c, a, &in, func(period int64) error {
		return api.Service.PairNational(c.Request().Context(), a, period, in.Number, in.ContractID)
	})
}

// ReconciliationRegister answers POST /reconciliations/{id}/register.
func (api *API) ReconciliationRegister(c echo.Context, a market.Actor) error {
	var in struct {
		Number string `json:"number"`
	}
	return api.reconcileAct(c, a, &in, func(period int64) error {
		_, err := api.Service.RegisterNational(c.Request().Context(), a, period, in.Number)
		return err
	})
}

// ReconciliationClose answers POST /reconciliations/{id}/close.
func (api *API) ReconciliationClose(c echo.Context, a market.Actor) error {
	return api.reconcileAct(c, a, &struct{}{}, func(period int64) error {
		return api.Service.CloseReconciliation(c.Request().Context(), a, period)
	})
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
