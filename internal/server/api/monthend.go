package api

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// monthEnd is a closed month, with the entry of the ledger's chain that its figures were summed up to.
type monthEnd struct {
	Month    string    `json:"month"` // such as 2026-10
	Seq      int64     `json:"ledger_seq"`
	Hash     string    `json:"ledger_hash"`
	ClosedBy string    `json:"closed_by"`
	ClosedAt time.Time `json:"closed_at"`
}

func monthEndOf(m market.MonthEnd) monthEnd {
	return monthEnd{m.Month.Format("2006-01"), m.Seq, hex.EncodeToString(m.Hash), m.UserName, m.At}
}

// monthLine is a frozen figure, what came later, and what the ledger says now.
type monthLine struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Frozen   sum    `json:"frozen"`
	Adjusted sum    `json:"adjusted"`
	Live     sum    `json:"live"`
}

func monthLineOf(l market.MonthLine) monthLine {
	return monthLine{l.Code, l.Name, sumOf(l.Frozen), sumOf(l.Adjusted), sumOf(l.Live)}
}

// MonthEndList answers GET /month-ends?basis=: the closed months, the newest first.
func (api *API) MonthEndList(c echo.Context, a market.Actor) error {
	q, err := monthQuery(c, time.Time{})
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	return api.writeMonthEnds(c, q.Basis, slice, page, http.StatusOK)
}

func (api *API) writeMonthEnds(c echo.Context, b market.Basis, slice store.Slice, page, status int) error {
	months, total, err := api.Store.MonthSums(c.Request().Context(), b, slice)
	if err != nil {
		return err
	}
	type item struct {
		monthEnd
		InMonth sum `json:"in_month"`
		InYear  sum `json:"in_year"`
		Late    sum `json:"adjusted"`
	}
	items := make([]item, len(months))
	for i, m := range months {
		items[i] = item{monthEndOf(m.MonthEnd), sumOf(m.InMonth), sumOf(m.InYear), sumOf(m.Late)}
	}
	return c.JSON(status, list[item]{items, total, page, slice.Limit})
}

// MonthEndClose answers POST /month-ends with the closed months, the new one first.
func (api *API) MonthEndClose(c echo.Context, a market.Actor) error {
	in := struct {
		Month string `json:"month"`
	}{}
	if err := read(c, &in); err != nil {
		return err
	}
	if err := api.Service.CloseMonth(c.Request().Context(), a, market.ParseMonth(in.Month)); err != nil {
		return err
	}
	return api.writeMonthEnds(c, market.BasisOutput, store.PageSlice(1, store.MaxPage), 1, http.StatusCreated)
}

// MonthEndShow answers GET /month-ends/:id?basis=&by=&period=: the frozen figures of a month beside the ledger of today.
func (api *API) MonthEndShow(c echo.Context, a market.Actor) error {
	q, err := monthQuery(c, market.ParseMonth(c.Param("id")))
	if err != nil {
		return err
	}
	r, err := api.Store.MonthReport(c.Request().Context(), a, api.Ref, q, api.Service.Today())
	if err != nil {
		return err
	}
	out := struct {
		monthEnd
		Basis market.Basis     `json:"basis"`
		By    market.Dimension `json:"by"`
		From  date             `json:"from"`
		To    date             `json:"to"`
		Whole monthLine        `json:"whole"`
		Lines []monthLine      `json:"lines"`
	}{monthEndOf(r.End), q.Basis, q.By, dateOf(q.From()), dateOf(q.Last()), monthLineOf(r.Whole), []monthLine{}}
	out.Whole.Code, out.Whole.Name = market.Whole, "合计"
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, monthLineOf(l))
	}
	return c.JSON(http.StatusOK, out)
}

// monthQuery reads basis, by and period. Without them it is output of the month by county.
func monthQuery(c echo.Context, month time.Time) (market.MonthQuery, error) {
	q := market.MonthQuery{Month: month, Basis: market.BasisOutput, By: market.ByCounty, Year: c.QueryParam("period") == "year"}
	var p market.Problems
	if basis := c.QueryParam("basis"); basis != "" {
		q.Basis = market.Basis(basis)
	}
	if by := c.QueryParam("by"); by != "" {
		q.By = market.Dimension(by)
	}
	if q.Basis.Name() == "" {
		p.Add("basis", "没有这种口径")
	}
	if q.By.Name() == "" {
		p.Add("by", "没有这种分组")
	}
	if period := c.QueryParam("period"); period != "" && period != "month" && period != "year" {
		p.Add("period", "期间应是 month（当月）或 year（本年累计）")
	}
	return q, p.Err()
}
