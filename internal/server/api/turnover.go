package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// sum is what contracts add up to, in yuan.
type sum struct {
	Contracts   int             `json:"contracts"`
	TotalAmount decimal.Decimal `json:"total_amount"`
	TechAmount  decimal.Decimal `json:"tech_amount"`
}

func sumOf(s market.Sum) sum { return sum{s.Count, s.Total, s.Tech} }

// row is one value of a split.
type row struct {
	Code string `json:"code"`
	Name string `json:"name"`
	sum
	Last sum `json:"last_year"` // the same period of the year before
}

type target struct {
	Year   int             `json:"year"`
	Amount decimal.Decimal `json:"amount"`
	Status string          `json:"status"`
	Source string          `json:"source"`
}

func targetOf(t *market.Target) *target {
	if t == nil {
		return nil
	}
	return &target{t.Year, t.Amount, t.Status, t.Source}
}

// TurnoverShow answers GET /turnover?year=&as_of=&by=&basis=. Amounts are yuan and unrounded.
func (api *API) TurnoverShow(c echo.Context, a market.Actor) error {
	q, err := api.turnoverQuery(c)
	if err != nil {
		return err
	}
	t, err := api.Store.Turnover(c.Request().Context(), a, api.Ref, q)
	if err != nil {
		return err
	}
	type month struct {
		Month int `json:"month"`
		sum
		Last sum `json:"last_year"`
	}
	type year struct {
		Year      int             `json:"year"`
		Amount    decimal.Decimal `json:"amount"`
		Published bool            `json:"published"`
		Partial   bool            `json:"partial"`
		Target    *target         `json:"target"`
	}
	out := struct {
		Basis  market.Basis    `json:"basis"`
		Year   int             `json:"year"`
		AsOf   date            `json:"as_of"`
		Amount decimal.Decimal `json:"amount"`
		sum
		Last     sum              `json:"last_year"`
		Target   *target          `json:"target"`
		Pace     decimal.Decimal  `json:"pace"` // share of the target the year should have reached
		Cells    map[string]sum   `json:"cells"`
		Months   []month          `json:"months"`
		Years    []year           `json:"years"`
		By       map[string][]row `json:"by"`
		Adjusted sum              `json:"adjusted"`
	}{Basis: q.Basis, Year: q.Year, AsOf: day(q.AsOf), Amount: t.Amount(), sum: sumOf(t.Sum), Last: sumOf(t.Last), Target: targetOf(t.Target),
		Pace: t.Pace.Share, Cells: map[string]sum{"in-in": sumOf(t.Cells[0][0]), "in-out": sumOf(t.Cells[0][1]), "out-in": sumOf(t.Cells[1][0]), "out-out": sumOf(t.Cells[1][1])},
		By: map[string][]row{}, Adjusted: sumOf(t.Adjusted)}
	for _, m := range t.Months {
		out.Months = append(out.Months, month{m.Month, sumOf(m.This), sumOf(m.Last)})
	}
	for _, y := range t.Years {
		out.Years = append(out.Years, year{y.Year, y.Sum.Amount(q.Basis), y.Published, y.Part, targetOf(y.Target)})
	}
	for _, table := range t.Tables {
		rows := []row{}
		for _, r := range table.Rows {
			rows = append(rows, row{r.Code, r.Name, sumOf(r.Sum), sumOf(r.Last)})
		}
		out.By[string(table.By)] = rows
	}
	return c.JSON(http.StatusOK, out)
}

func (api *API) turnoverQuery(c echo.Context) (market.TurnoverQuery, error) {
	today := api.Service.Today()
	q := market.TurnoverQuery{Basis: market.BasisOutput, Year: today.Year(), AsOf: today}
	var p market.Problems
	if text := c.QueryParam("as_of"); text != "" {
		asOf, err := time.ParseInLocation(time.DateOnly, text, market.Shanghai)
		if err != nil {
			p.Add("as_of", "日期应写成 2026-11-22")
		}
		q.AsOf, q.Year = asOf, asOf.Year()
	}
	if text := c.QueryParam("year"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil {
			p.Add("year", "年度应是四位数字")
		}
		q.Year = year
	}
	if basis := c.QueryParam("basis"); basis != "" {
		q.Basis = market.Basis(basis)
	}
	for _, by := range strings.FieldsFunc(c.QueryParam("by"), func(r rune) bool { return r == ',' }) {
		q.By = append(q.By, market.Dimension(by))
	}
	if err := p.Err(); err != nil {
		return q, err
	}
	return q, q.Check(today).Err()
}
