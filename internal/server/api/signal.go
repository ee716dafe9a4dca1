package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// signal is what a contract makes the registrar look at.
type signal struct {
	Signal    string           `json:"signal"`
	Name      string           `json:"name"`
	Key       string           `json:"key"`
	Text      string           `json:"text"`
	Open      bool             `json:"open"`
	Contracts []signalContract `json:"contracts"` // of those in the reader's reach
	Answers   []signalAnswer   `json:"answers"`   // the newest first
}

type signalContract struct {
	ID       int64                `json:"id"`
	Number   string               `json:"number"`
	Title    string               `json:"title"`
	State    market.ContractState `json:"state"`
	SignedOn date                 `json:"signed_on"`
	Total    amount               `json:"total_amount"`
}

type signalAnswer struct {
	Key     string  `json:"key"`
	Seen    string  `json:"seen"`
	Finding string  `json:"finding"`
	Note    string  `json:"note"`
	User    string  `json:"user"`
	At      *string `json:"at"`
}

func signalOf(a market.Actor, x market.Signal) signal {
	out := signal{Signal: x.Kind, Name: x.Name(), Key: x.Key, Text: x.Text, Open: x.Open(), Contracts: []signalContract{}, Answers: []signalAnswer{}}
	for _, o := range x.Contracts {
		if a.Reaches(o.Region, market.Registrar, market.Statistician, market.Auditor) {
			out.Contracts = append(out.Contracts, signalContract{o.ID, o.Number, o.Title, o.State, dateOf(o.SignedOn), amountOf(o.Total)})
		}
	}
	for _, y := range x.Answers {
		out.Answers = append(out.Answers, signalAnswer{y.Key, y.Seen, y.Finding, y.Note, y.UserName, stamp(&y.At)})
	}
	return out
}

// ContractSignals answers GET /contracts/{id}/signals: what the rules point the desk to, and what they looked at in vain.
func (api *API) ContractSignals(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	return api.writeSignals(c, a, contract)
}

func (api *API) writeSignals(c echo.Context, a market.Actor, contract int64) error {
	check, err := api.Store.SignalCheck(c.Request().Context(), a, api.Service.Today(), contract)
	if err != nil {
		return err
	}
	out := struct {
		Items []signal `json:"items"`
		Quiet []string `json:"quiet"`
		Open  int      `json:"open"`
	}{[]signal{}, nonNil(check.Quiet), check.Open()}
	for _, x := range check.Signals {
		out.Items = append(out.Items, signalOf(a, x))
	}
	return c.JSON(http.StatusOK, out)
}

// ContractSignal answers POST /contracts/{id}/signals/{signal}: a registrar's answer to what was read under that key.
func (api *API) ContractSignal(c echo.Context, a market.Actor) error {
	var in struct {
		Key     string `json:"key"`
		Finding string `json:"finding"`
		Note    string `json:"note"`
	}
	return act(c, &in, func(id int64) error {
		return api.Service.AnswerSignal(c.Request().Context(), a, id, market.SignalAnswer{Kind: c.Param("signal"), Key: in.Key, Finding: in.Finding, Note: in.Note})
	}, func(id int64) error { return api.writeSignals(c, a, id) })
}
