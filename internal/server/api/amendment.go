package api

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// amendment is what was asked of a registered contract.
type amendment struct {
	ID          int64            `json:"id"`
	Kind        string           `json:"kind"`
	State       string           `json:"state"`
	Why         string           `json:"why"`
	AskedAt     *string          `json:"asked_at"`
	DueOn       date             `json:"due_on"`
	Two         bool             `json:"two_reviewers"`
	TotalChange amount           `json:"total_change"`
	TechChange  amount           `json:"tech_change"`
	ObtainedOn  date             `json:"obtained_on"`
	Final       bool             `json:"final"`
	Changes     []contractChange `json:"changes"`
	FileID      string           `json:"file_id"`
	SHA256      string           `json:"sha256"`
	DecidedAt   *string          `json:"decided_at"`
	ReasonCode  string           `json:"reason_code"`
	Reason      string           `json:"reason"`
	PeriodID    *int64           `json:"reconciliation_id"` // of a registrar's correction
}

// contractChange is a field that differs between two versions, in words.
type contractChange struct {
	Field  string `json:"field"`
	Label  string `json:"label"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (api *API) amendmentsOf(list []store.Amendment) []amendment {
	out := make([]amendment, len(list))
	for i, x := range list {
		out[i] = amendment{ID: x.ID, Kind: string(x.Kind), State: string(x.State), Why: x.Why, AskedAt: stamp(&x.AskedAt), DueOn: dateOf(x.DueOn), Two: x.Two,
			TotalChange: amountOf(x.TotalBy()), TechChange: amountOf(x.TechBy()), ObtainedOn: optionalDate(x.ObtainedOn), Final: x.Final, Changes: []contractChange{},
			FileID: x.FileID, SHA256: x.FileHash, DecidedAt: stamp(x.DecidedAt), ReasonCode: x.ReasonCode, Reason: x.Reason,
			PeriodID: x.ReconciliationID}
		if x.Kind != market.AmendChange {
			continue
		}
		for _, d := range market.ContractDiff(api.Service.Reference(), *x.Before, *x.Proposed) {
			out[i].Changes = append(out[i].Changes, contractChange(d))
		}
	}
	return out
}

// ContractChange answers POST /contracts/{id}/change: what the body does not name stays.
func (api *API) ContractChange(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	old, err := api.Store.Contract(c.Request().Context(), a, contract)
	if err != nil {
		return err
	}
	in := struct {
		contractInput
		Version int    `json:"version"` // the one the change starts from; the present one when absent
		Why     string `json:"why"`
		Proof   upload `json:"proof"`
	}{contractInput: contractInputOf(old.Contract), Version: old.Version}
	return api.contractPaper(c, a, "contract-change", &in, func(_ int64, once string) error {
		if err := in.into(&old.Contract); err != nil {
			return err
		}
		old.Version = in.Version
		file, err := in.Proof.keep(api, c, a, market.FileContract)
		if err != nil {
			return err
		}
		_, err = api.Service.AskChange(c.Request().Context(), a, old.Contract, market.Amendment{Why: in.Why, FileID: file}, once)
		return err
	})
}

// ContractSupplement answers POST /contracts/{id}/supplement. Without tech_amount all of it is 技术交易额.
func (api *API) ContractSupplement(c echo.Context, a market.Actor) error {
	var in struct {
		ObtainedOn  date   `json:"obtained_on"`
		TotalAmount amount `json:"total_amount"`
		TechAmount  amount `json:"tech_amount"`
		Final       bool   `json:"final"`
		Why         string `json:"why"`
		Proof       upload `json:"proof"`
	}
	return api.contractPaper(c, a, "contract-supplement", &in, func(contract int64, once string) error {
		var p market.Problems
		x := market.Amendment{ContractID: contract, Why: in.Why, Final: in.Final, ObtainedOn: in.ObtainedOn.optionalDay(&p, "obtained_on"), Total: in.TotalAmount.yuan(&p, "total_amount").Decimal}
		tech := in.TechAmount.yuan(&p, "tech_amount")
		if x.Tech = tech.Decimal; !tech.Valid {
			x.Tech = x.Total
		}
		if err := p.Err(); err != nil {
			return err
		}
		var err error
		if x.FileID, err = in.Proof.keep(api, c, a, market.FileContract); err != nil {
			return err
		}
		_, err = api.Service.AskSupplement(c.Request().Context(), a, x, once)
		return err
	})
}

// amendmentAct answers an act on an amendment with its contract as it stands then.
func (api *API) amendmentAct(c echo.Context, a market.Actor, in any, do func(contract, id int64) error) error {
	return api.contractAct(c, a, in, func(contract int64) error {
		number, err := strconv.ParseInt(c.Param("amendment"), 10, 64)
		if err != nil {
			return market.ErrNotFound
		}
		return do(contract, number)
	})
}

// AmendmentWithdraw answers POST /contracts/{id}/amendments/{amendment}/withdraw.
func (api *API) AmendmentWithdraw(c echo.Context, a market.Actor) error {
	return api.amendmentAct(c, a, &struct{}{}, func(contract, id int64) error {
		return api.Service.WithdrawAmendment(c.Request().Context(), a, contract, id)
	})
}

// AmendmentPass answers POST /contracts/{id}/amendments/{amendment}/pass.
func (api *API) AmendmentPass(c echo.Context, a market.Actor) error {
	return api.amendmentAct(c, a, &struct{}{}, func(contract, id int64) error {
		return api.Service.PassAmendment(c.Request().Context(), a, contract, id)
	})
}

// AmendmentConfirm answers POST /contracts/{id}/amendments/{amendment}/confirm.
func (api *API) AmendmentConfirm(c echo.Context, a market.Actor) error {
	return api.amendmentAct(c, a, &struct{}{}, func(contract, id int64) error {
		return api.Service.ConfirmAmendment(c.Request().Context(), a, contract, id)
	})
}

// AmendmentRefuse answers POST /contracts/{id}/amendments/{amendment}/refuse.
func (api *API) AmendmentRefuse(c echo.Context, a market.Actor) error {
	var in reasonBody
	return api.amendmentAct(c, a, &in, func(contract, id int64) error {
		return api.Service.RefuseAmendment(c.Request().Context(), a, contract, id, in.Code, in.Note)
	})
}
