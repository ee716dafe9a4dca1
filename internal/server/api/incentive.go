package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// incentive is what a law gives parties of technology contracts.
type incentive struct {
	Code       string   `json:"code"`
	Title      string   `json:"title"`
	For        string   `json:"for"`
	Benefit    string   `json:"benefit"`
	Kinds      []string `json:"kinds"`
	Conditions []string `json:"conditions"`
	Todo       []string `json:"todo"`
	Cautions   []string `json:"cautions"`
	Basis      string   `json:"basis"`
	TextRead   bool     `json:"text_read"`
	From       date     `json:"from"`
	Until      date     `json:"until"` // the first day on which it no longer holds
}

// incentives are those of a day. The note belongs to every one of them.
type incentives struct {
	On    date        `json:"on"`
	Note  string      `json:"note"`
	Items []incentive `json:"items"`
}

func incentiveOf(i market.Incentive) incentive {
	out := incentive{Code: i.Code, Title: i.Title, For: i.Party, Benefit: i.Benefit, Kinds: nonNil(i.Kinds), Conditions: nonNil(i.ConditionNames()), Todo: nonNil(i.Todo),
		Cautions: []string{}, Basis: i.Basis, TextRead: i.Read, From: dateOf(i.From), Until: optionalDate(i.Until)}
	if i.Caution != "" {
		out.Cautions = append(out.Cautions, i.Caution)
	}
	if i.Related != "" {
		out.Cautions = append(out.Cautions, "有关联关系的："+i.Related)
	}
	return out
}

// IncentiveList answers GET /incentives?on=: all that held on the day.
func (api *API) IncentiveList(c echo.Context, _ market.Actor) error {
	var p market.Problems
	day := market.DateOf(api.Now())
	if on := date(c.QueryParam("on")).day(&p, "on"); !on.IsZero() {
		day = on
	}
	if err := p.Err(); err != nil {
		return err
	}
	out := incentives{On: dateOf(day), Note: market.IncentiveNote, Items: []incentive{}}
	for _, i := range api.Ref.IncentivesOn(day) {
		out.Items = append(out.Items, incentiveOf(i))
	}
	return c.JSON(http.StatusOK, out)
}

// ContractIncentives answers GET /contracts/{id}/incentives: those that a contract may fall under. conditions are what of the
// contract meets them.
func (api *API) ContractIncentives(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	x, err := api.Store.Contract(c.Request().Context(), a, contract)
	if err != nil {
		return err
	}
	today := market.DateOf(api.Now())
	out := incentives{On: dateOf(x.IncentiveDay(today)), Note: market.IncentiveNote, Items: []incentive{}}
	for _, h := range x.Contract.Incentives(api.Ref, today) {
		i := incentiveOf(h.Incentive)
		i.Conditions, i.Todo, i.Cautions = h.Met, h.Todo, nonNil(h.Beware)
		out.Items = append(out.Items, i)
	}
	return c.JSON(http.StatusOK, out)
}
