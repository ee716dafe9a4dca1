package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// sum is what contracts add up to, in yuan.
type sum struct {
	Contracts   int    `json:"contracts"`
	TotalAmount amount `json:"total_amount"`
	TechAmount  amount `json:"tech_amount"`
}

func sumOf(s market.Sum) sum { return sum{s.Count, amountOf(s.Total), amountOf(s.Tech)} }

// row is one value of a split.
type row struct {
	Code string `json:"code"`
	Name string `json:"name"`
	sum
	Last sum `json:"last_year"` // the same period of the year to compare with
}

type target struct {
	Year   int    `json:"year"`
	Amount amount `json:"amount"`
	Status string `json:"status"`
	Source string `json:"source"`
}

func targetOf(t *market.Target) *target {
	if t == nil {
		return nil
	}
	return &target{t.Year, amountOf(t.Amount), t.Status, t.Source}
}

// TurnoverShow answers GET /turnover?year=&against=&as_of=&by=&basis=. Amounts are yuan and unrounded.
func (api *API) TurnoverShow(c echo.Context, a market.Actor) error {
	q, p := api.turnoverQuery(c)
	if err := p.Err(); err != nil {
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
		Year      int     `json:"year"`
		Amount    amount  `json:"amount"`
		Published bool    `json:"published"`
		Partial   bool    `json:"partial"`
		Target    *target `json:"target"`
	}
	out := struct {
		Basis   market.Basis `json:"basis"`
		Year    int          `json:"year"`
		Against int          `json:"against"`
		AsOf    date         `json:"as_of"`
		Amount  amount       `json:"amount"`
		sum
		Last     sum              `json:"last_year"`
		Target   *target          `json:"target"`
		Pace     string           `json:"pace"` // share of the target the year should have reached
		Cells    map[string]sum   `json:"cells"`
		Months   []month          `json:"months"`
		Years    []year           `json:"years"`
		By       map[string][]row `json:"by"`
		Adjusted sum              `json:"adjusted"`
	}{Basis: q.Basis, Year: q.Year, Against: q.Compared(), AsOf: dateOf(q.AsOf), Amount: amountOf(t.Amount()), sum: sumOf(t.Sum), Last: sumOf(t.Last), Target: targetOf(t.Target),
		Pace: t.Pace.Share.StringFixed(4), Months: []month{}, Years: []year{}, Cells: map[string]sum{"in-in": sumOf(t.Cells[0][0]), "in-out": sumOf(t.Cells[0][1]), "out-in": sumOf(t.Cells[1][0]), "out-out": sumOf(t.Cells[1][1])},
		By: map[string][]row{}, Adjusted: sumOf(t.Adjusted)}
	for _, m := range t.Months {
		out.Months = append(out.Months, month{m.Month, sumOf(m.This), sumOf(m.Last)})
	}
	for _, y := range t.Years {
		out.Years = append(out.Years, year{y.Year, amountOf(y.Sum.Amount(q.Basis)), y.Published, y.Part, targetOf(y.Target)})
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

// turnoverQuery reads the query and notes what is wrong with it. Without a year it is that of as_of, without as_of today.
func (api *API) turnoverQuery(c echo.Context) (market.TurnoverQuery, market.Problems) {
	today := api.Service.Today()
	q := market.TurnoverQuery{Basis: market.BasisOutput, Year: today.Year(), AsOf: today}
	var p market.Problems
	if asOf := date(c.QueryParam("as_of")).day(&p, "as_of"); !asOf.IsZero() {
		q.AsOf, q.Year = asOf, asOf.Year()
	}
	if text := c.QueryParam("year"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil {
			p.Add("year", "年度应是四位数字")
		}
		q.Year = year
	}
	if text := c.QueryParam("against"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil {
			p.Add("against", "对比年度应是四位数字")
		}
		q.Against = year
	}
	if basis := c.QueryParam("basis"); basis != "" {
		q.Basis = market.Basis(basis)
	}
	for name := range strings.FieldsFuncSeq(c.QueryParam("by"), func(r rune) bool { return r == ',' }) {
		if by := market.Dimension(name); !slices.Contains(q.By, by) {
			q.By = append(q.By, by)
		}
	}
	addAll(&p, q.Check(today))
	return q, p
}

func addAll(p *market.Problems, more market.Problems) {
	for _, f := range more {
		p.Add(f.Field, "%s", f.Message)
	}
}

// entryItem is a ledger entry with its contract. The parties' names are for the bureau's staff, else null.
type entryItem struct {
	ContractID         int64   `json:"contract_id"`
	Entry              string  `json:"entry"`
	EffectiveOn        date    `json:"effective_on"`
	RegistrationNumber string  `json:"registration_number"`
	Title              string  `json:"title"`
	Kind               string  `json:"kind"`
	SellerName         *string `json:"seller_name"`
	SellerRegion       string  `json:"seller_region"`
	BuyerName          *string `json:"buyer_name"`
	BuyerRegion        string  `json:"buyer_region"`
	Submarket          string  `json:"submarket"`
	TechField          string  `json:"tech_field"`
	sum
}

// TurnoverContracts answers GET /turnover/contracts: the contracts behind a number, largest first, with what all of them
// add up to.
func (api *API) TurnoverContracts(c echo.Context, a market.Actor) error {
	f, err := api.turnoverFilter(c)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	found, total, whole, err := api.Store.TurnoverEntries(c.Request().Context(), a, f, slice)
	if err != nil {
		return err
	}
	items := make([]entryItem, len(found))
	for i, e := range found {
		items[i] = entryItem{e.ContractID, e.Entry, dateOf(e.On), e.Number, e.Title, e.Kind, optional(e.SellerName), e.SellerRegion,
			optional(e.BuyerName), e.BuyerRegion, e.Submarket, e.TechField, sumOf(e.Sum)}
	}
	return c.JSON(http.StatusOK, struct {
		list[entryItem]
		Sum sum `json:"sum"`
	}{list[entryItem]{items, total, page, slice.Limit}, sumOf(whole)})
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// turnoverFilter reads the query and the number within it: a month, a cell, or values of the groupings.
func (api *API) turnoverFilter(c echo.Context) (market.TurnoverFilter, error) {
	q, p := api.turnoverQuery(c)
	f := market.TurnoverFilter{TurnoverQuery: q, Values: map[market.Dimension]string{}, Cell: market.Cell(c.QueryParam("cell")),
		Adjusted: c.QueryParam("adjusted") == "1", ByDate: c.QueryParam("sort") == "date"}
	for _, d := range market.Dimensions {
		if code := c.QueryParam(string(d)); code != "" {
			f.Values[d] = code
		}
	}
	if text := c.QueryParam("month"); text != "" {
		month, err := strconv.Atoi(text)
		if err != nil || month < 1 {
			p.Add("month", "月份应在 1 到 12 之间")
		}
		f.Month = month
	}
	addAll(&p, f.Check(api.Ref, api.Service.Today()))
	return f, p.Err()
}
