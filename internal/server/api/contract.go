package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// contractParty is a side of a contract.
type contractParty struct {
	OrgID  *int64      `json:"org_id"`
	Name   string      `json:"name"`
	USCC   market.USCC `json:"uscc"`
	Type   string      `json:"type"`
	Region string      `json:"region"`
}

func partyOf(p market.Party) contractParty {
	return contractParty{OrgID: p.OrgID, Name: p.Name, USCC: p.USCC, Type: p.Type, Region: p.Region}
}

// contractBody is what a seller writes of a contract. Amounts are yuan; 技术交易额 is computed from the total and the
// deduction lines.
type contractBody struct {
	Title       string             `json:"title"`
	Kind        string             `json:"kind"`
	Submarket   string             `json:"submarket"`
	TechField   string             `json:"tech_field"`
	IPType      string             `json:"ip_type"`
	PlanSource  string             `json:"plan_source"`
	Buyer       contractParty      `json:"buyer"`
	AgencyName  string             `json:"agency_name"`
	Related     bool               `json:"related"`
	TotalAmount decimal.Decimal    `json:"total_amount"`
	Deductions  []market.Deduction `json:"deductions"`
	PaymentMode string             `json:"payment_mode"`
	PaymentNote string             `json:"payment_note"`
	Content     string             `json:"content"`
	SignedOn    date               `json:"signed_on"`
	StartsOn    date               `json:"starts_on"`
	EndsOn      date               `json:"ends_on"`
}

func contractBodyOf(c market.Contract) contractBody {
	return contractBody{Title: c.Title, Kind: c.Kind, Submarket: c.Submarket, TechField: c.TechField, IPType: c.IPType, PlanSource: c.PlanSource,
		Buyer: partyOf(c.Buyer), AgencyName: c.AgencyName, Related: c.Related, TotalAmount: c.TotalAmount, Deductions: c.Deductions,
		PaymentMode: c.PaymentMode, PaymentNote: c.PaymentNote, Content: c.Content,
		SignedOn: day(c.SignedOn), StartsOn: day(c.StartsOn), EndsOn: day(c.EndsOn)}
}

func day(t time.Time) date {
	if t.IsZero() {
		return date{}
	}
	return date{market.DateOf(t)}
}

func (in contractBody) into(c *market.Contract) {
	c.Title, c.Kind, c.Submarket, c.TechField, c.IPType, c.PlanSource = in.Title, in.Kind, in.Submarket, in.TechField, in.IPType, in.PlanSource
	c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region = in.Buyer.Name, in.Buyer.USCC, in.Buyer.Type, in.Buyer.Region
	c.AgencyName, c.Related, c.TotalAmount, c.Deductions = in.AgencyName, in.Related, in.TotalAmount, in.Deductions
	c.PaymentMode, c.PaymentNote, c.Content = in.PaymentMode, in.PaymentNote, in.Content
	c.SignedOn, c.StartsOn, c.EndsOn = in.SignedOn.Time, in.StartsOn.Time, in.EndsOn.Time
}

// contractCard is a contract in a list.
type contractCard struct {
	ID                 int64                `json:"id"`
	Number             string               `json:"number"`
	State              market.ContractState `json:"state"`
	Title              string               `json:"title"`
	Kind               string               `json:"kind"`
	SellerName         string               `json:"seller_name"`
	SellerRegion       string               `json:"seller_region"`
	BuyerName          string               `json:"buyer_name"`
	BuyerRegion        string               `json:"buyer_region"`
	TotalAmount        decimal.Decimal      `json:"total_amount"`
	TechAmount         decimal.Decimal      `json:"tech_amount"`
	SignedOn           date                 `json:"signed_on"`
	DueOn              date                 `json:"due_on"`
	RegistrationNumber *string              `json:"registration_number"`
	RegisteredOn       date                 `json:"registered_on"`
}

// ContractList answers GET /contracts: the desk for staff who read contracts, else the caller's organisation's own.
func (api *API) ContractList(c echo.Context, a market.Actor) error {
	var states []market.ContractState
	for _, s := range c.QueryParams()["state"] {
		if market.Contracts.Names[market.ContractState(s)] == "" {
			return market.Problems{{Field: "state", Message: "没有这个状态"}}.Err()
		}
		states = append(states, market.ContractState(s))
	}
	if len(states) == 0 {
		states = market.Contracts.States
	}
	ctx := c.Request().Context()
	slice, page := pageOf(c)
	var found []store.ContractCard
	var counts store.ContractCounts
	var err error
	if a.Has(market.Registrar) || a.Has(market.Statistician) || a.Has(market.Auditor) {
		if counts, err = api.Store.DeskCounts(ctx, a, store.DeskFilter{}); err == nil {
			found, err = api.Store.DeskContracts(ctx, a, store.DeskFilter{}, states, slice)
		}
	} else if counts, err = api.Store.OwnContractCounts(ctx, a); err == nil {
		found, err = api.Store.OwnContracts(ctx, a, states, slice)
	}
	if err != nil {
		return err
	}
	items := make([]contractCard, len(found))
	for i, x := range found {
		items[i] = contractCard{x.ID, x.Number, x.State, x.Title, x.Kind, x.SellerName, x.SellerRegion, x.BuyerName, x.BuyerRegion, x.TotalAmount, x.TechAmount,
			day(x.SignedOn), dateOf(x.DueOn), x.RegistrationNumber, dateOf(x.RegisteredOn)}
	}
	return writeList(c, items, counts.Of(states...), slice, page)
}

// ContractShow answers GET /contracts/{id}.
func (api *API) ContractShow(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusOK)
}

func (api *API) writeContract(c echo.Context, a market.Actor, id int64, status int) error {
	x, err := api.Store.Contract(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	body := contractBodyOf(x.Contract)
	if body.Deductions == nil {
		body.Deductions = []market.Deduction{}
	}
	return c.JSON(status, struct {
		ID                 int64                `json:"id"`
		Number             string               `json:"number"`
		State              market.ContractState `json:"state"`
		Version            int                  `json:"version"`
		DealID             *int64               `json:"deal_id"`
		NeedID             *int64               `json:"need_id"`
		ResultID           *int64               `json:"result_id"`
		TradeMode          string               `json:"trade_mode"`
		Seller             contractParty        `json:"seller"`
		TechAmount         decimal.Decimal      `json:"tech_amount"`
		AcceptedOn         date                 `json:"accepted_on"`
		DueOn              date                 `json:"due_on"`
		ReasonCode         string               `json:"reason_code"`
		Reason             string               `json:"reason"`
		RegistrationNumber string               `json:"registration_number"`
		RegisteredOn       date                 `json:"registered_on"`
		contractBody
	}{x.ID, x.Number, x.State, x.Version, x.DealID, x.NeedID, x.ResultID, x.TradeMode, partyOf(x.Seller), x.TechAmount, dateOf(x.AcceptedOn),
		dateOf(x.DueOn), x.ReasonCode, x.Reason, x.RegistrationNumber, dateOf(x.RegisteredOn), body})
}

// ContractCreate answers POST /contracts: drawn up from a deal, whose values stand where the body names none, or
// outside the market.
func (api *API) ContractCreate(c echo.Context, a market.Actor) error {
	var raw json.RawMessage
	if err := read(c, &raw); err != nil {
		return err
	}
	type input struct {
		contractBody
		DealID int64 `json:"deal_id"`
	}
	var first input
	if err := decode(raw, &first); err != nil {
		return err
	}
	ctx := c.Request().Context()
	contract, err := api.Service.NewContract(ctx, a, first.DealID)
	if err != nil {
		return err
	}
	in := input{contractBody: contractBodyOf(contract)}
	if err := decode(raw, &in); err != nil {
		return err
	}
	in.into(&contract)
	created, err := api.Service.CreateContract(ctx, a, contract, c.Request().Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	return api.writeContract(c, a, created, http.StatusCreated)
}

// ContractEdit answers PATCH /contracts/{id}: what the body does not name stays.
func (api *API) ContractEdit(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	old, err := api.Store.Contract(ctx, a, contract)
	if err != nil {
		return err
	}
	in := struct {
		contractBody
		Version int `json:"version"`
	}{contractBodyOf(old.Contract), old.Version}
	if err := read(c, &in); err != nil {
		return err
	}
	in.into(&old.Contract)
	old.Version = in.Version
	if err := api.Service.EditContract(ctx, a, old.Contract); err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusOK)
}

// contractAct reads the id and the body, acts, and answers with the contract as it stands then.
func (api *API) contractAct(c echo.Context, a market.Actor, in any, act func(id int64) error) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	if err := act(contract); err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusOK)
}

// ContractSubmit answers POST /contracts/{id}/submit.
func (api *API) ContractSubmit(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error { return api.Service.SubmitContract(c.Request().Context(), a, id) })
}

// ContractWithdraw answers POST /contracts/{id}/withdraw.
func (api *API) ContractWithdraw(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error { return api.Service.WithdrawContract(c.Request().Context(), a, id) })
}

// ContractAccept answers POST /contracts/{id}/accept.
func (api *API) ContractAccept(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error { return api.Service.AcceptContract(c.Request().Context(), a, id) })
}

// ContractPass answers POST /contracts/{id}/pass.
func (api *API) ContractPass(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error { return api.Service.PassContract(c.Request().Context(), a, id) })
}

// ContractConfirm answers POST /contracts/{id}/confirm.
func (api *API) ContractConfirm(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error { return api.Service.ConfirmContract(c.Request().Context(), a, id) })
}

// reasonBody is a coded ground with its words.
type reasonBody struct {
	Code string `json:"code"`
	Note string `json:"note"`
}

// ContractReturn answers POST /contracts/{id}/return.
func (api *API) ContractReturn(c echo.Context, a market.Actor) error {
	var in reasonBody
	return api.contractAct(c, a, &in, func(id int64) error {
		return api.Service.ReturnContract(c.Request().Context(), a, id, in.Code, in.Note)
	})
}

// ContractRefuse answers POST /contracts/{id}/refuse.
func (api *API) ContractRefuse(c echo.Context, a market.Actor) error {
	var in reasonBody
	return api.contractAct(c, a, &in, func(id int64) error {
		return api.Service.RefuseContract(c.Request().Context(), a, id, in.Code, in.Note)
	})
}

// ContractRegister answers POST /contracts/{id}/register. Without a date it is today.
func (api *API) ContractRegister(c echo.Context, a market.Actor) error {
	var in struct {
		RegistrationNumber string `json:"registration_number"`
		RegisteredOn       date   `json:"registered_on"`
	}
	return api.contractAct(c, a, &in, func(id int64) error {
		on := in.RegisteredOn.Time
		if on.IsZero() {
			on = api.Service.Today()
		}
		return api.Service.RegisterContract(c.Request().Context(), a, id, in.RegistrationNumber, on)
	})
}

// noteBody is words alone.
type noteBody struct {
	Note string `json:"note"`
}

// ContractCancel answers POST /contracts/{id}/cancel.
func (api *API) ContractCancel(c echo.Context, a market.Actor) error {
	var in noteBody
	return api.contractAct(c, a, &in, func(id int64) error { return api.Service.CancelContract(c.Request().Context(), a, id, in.Note) })
}

// ContractRevoke answers POST /contracts/{id}/revoke.
func (api *API) ContractRevoke(c echo.Context, a market.Actor) error {
	var in noteBody
	return api.contractAct(c, a, &in, func(id int64) error { return api.Service.RevokeContract(c.Request().Context(), a, id, in.Note) })
}
