package api

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// objection is what an authority or the applicant has against a contract.
type objection struct {
	ID           int64     `json:"id"`
	State        string    `json:"state"`
	Objector     string    `json:"objector"`
	Name         string    `json:"name"`
	LetterNumber string    `json:"letter_number"`
	LetterOn     date      `json:"letter_on"`
	Body         string    `json:"body"`
	Registered   bool      `json:"registered"` // the contract was registered when it came
	ReceivedAt   time.Time `json:"received_at"`
	DueOn        date      `json:"due_on"`
	Outcome      string    `json:"outcome"` // "" until it is decided
	Reason       string    `json:"reason"`
	DecidedAt    *string   `json:"decided_at"`
}

func objectionsOf(list []store.Objection) []objection {
	out := make([]objection, len(list))
	for i, x := range list {
		out[i] = objection{ID: x.ID, State: string(x.State), Objector: x.Objector, Name: x.Name, LetterNumber: x.LetterNumber, LetterOn: dateOf(x.LetterOn), Body: x.Body,
			Registered: x.Registered, ReceivedAt: x.ReceivedAt, DueOn: optionalDate(x.DueOn), DecidedAt: stamp(x.DecidedAt)}
		if !x.State.Open() {
			out[i].Outcome, out[i].Reason = x.Outcome, x.Reason
		}
	}
	return out
}

// ObjectionRecord answers POST /contracts/{id}/objections.
func (api *API) ObjectionRecord(c echo.Context, a market.Actor) error {
	var in struct {
		Objector     string `json:"objector"`
		Name         string `json:"name"`
		LetterNumber string `json:"letter_number"`
		LetterOn     date   `json:"letter_on"`
		Body         string `json:"body"`
		Letter       upload `json:"letter"`
	}
	return api.contractPaper(c, a, "contract-objection", &in, func(contract int64, once string) error {
		var p market.Problems
		x := market.Objection{ContractID: contract, Objector: in.Objector, Name: in.Name, LetterNumber: in.LetterNumber, LetterOn: in.LetterOn.day(&p, "letter_on"), Body: in.Body}
		if err := p.Err(); err != nil {
			return err
		}
		var err error
		if x.FileID, err = in.Letter.keep(api, c, a, market.FileContract); err != nil {
			return err
		}
		_, err = api.Service.RecordObjection(c.Request().Context(), a, x, once)
		return err
	})
}

// objectionAct answers an act on an objection with its contract as it stands then.
func (api *API) objectionAct(c echo.Context, a market.Actor, in any, do func(contract, id int64) error) error {
	return api.contractAct(c, a, in, func(contract int64) error {
		number, err := strconv.ParseInt(c.Param("objection"), 10, 64)
		if err != nil {
			return market.ErrNotFound
		}
		return do(contract, number)
	})
}

// ObjectionPropose answers POST /contracts/{id}/objections/{objection}/propose.
func (api *API) ObjectionPropose(c echo.Context, a market.Actor) error {
	var in struct {
		Outcome string `json:"outcome"`
		removalBody
	}
	return api.objectionAct(c, a, &in, func(contract, id int64) error {
		return api.Service.ProposeOutcome(c.Request().Context(), a, contract, id, in.Outcome, in.removal())
	})
}

// noteBody is words alone.
type noteBody struct {
	Note string `json:"note"`
}

// ObjectionReturn answers POST /contracts/{id}/objections/{objection}/return.
func (api *API) ObjectionReturn(c echo.Context, a market.Actor) error {
	var in noteBody
	return api.objectionAct(c, a, &in, func(contract, id int64) error {
		return api.Service.ReturnOutcome(c.Request().Context(), a, contract, id, in.Note)
	})
}

// ObjectionConfirm answers POST /contracts/{id}/objections/{objection}/confirm.
func (api *API) ObjectionConfirm(c echo.Context, a market.Actor) error {
	return api.objectionAct(c, a, &struct{}{}, func(contract, id int64) error {
		return api.Service.ConfirmOutcome(c.Request().Context(), a, contract, id)
	})
}

// ObjectionWithdraw answers POST /contracts/{id}/objections/{objection}/withdraw.
func (api *API) ObjectionWithdraw(c echo.Context, a market.Actor) error {
	var in noteBody
	return api.objectionAct(c, a, &in, func(contract, id int64) error {
		return api.Service.WithdrawObjection(c.Request().Context(), a, contract, id, in.Note)
	})
}
