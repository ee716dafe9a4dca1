package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

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

// deduction is a line between the total and 技术交易额.
type deduction struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Amount amount `json:"amount"`
}

// contractBody is what a seller writes of a contract beside its parties. 技术交易额 is computed from the total and the
// deduction lines.
type contractBody struct {
	Title       string      `json:"title"`
	Kind        string      `json:"kind"`
	Submarket   string      `json:"submarket"`
	TechField   string      `json:"tech_field"`
	IPType      string      `json:"ip_type"`
	PlanSource  string      `json:"plan_source"`
	SellerPark  string      `json:"seller_park"`
	AgencyName  string      `json:"agency_name"`
	Related     bool        `json:"related"`
	TotalAmount amount      `json:"total_amount"`
	Deductions  []deduction `json:"deductions"`
	PaymentMode string      `json:"payment_mode"`
	PaymentNote string      `json:"payment_note"`
	Content     string      `json:"content"`
	SignedOn    date        `json:"signed_on"`
	StartsOn    date        `json:"starts_on"`
	EndsOn      date        `json:"ends_on"`
}

func contractBodyOf(c market.Contract) contractBody {
	out := contractBody{Title: c.Title, Kind: c.Kind, Submarket: c.Submarket, TechField: c.TechField, IPType: c.IPType, PlanSource: c.PlanSource,
		SellerPark: c.SellerPark, AgencyName: c.AgencyName, Related: c.Related, TotalAmount: amountOf(c.TotalAmount),
		PaymentMode: c.PaymentMode, PaymentNote: c.PaymentNote, Content: c.Content,
		SignedOn: dateOf(c.SignedOn), StartsOn: dateOf(c.StartsOn), EndsOn: dateOf(c.EndsOn)}
	for _, d := range c.Deductions {
		out.Deductions = append(out.Deductions, deduction{d.Kind, d.Name, amountOf(d.Amount)})
	}
	return out
}

// contractInput is what a seller sends. Who the seller is, and the buyer of a deal, is what the market knows.
type contractInput struct {
	contractBody
	Seller struct {
		Type   string `json:"type"`
		Region string `json:"region"`
	} `json:"seller"`
	Buyer struct {
		Name   string      `json:"name"`
		USCC   market.USCC `json:"uscc"`
		Type   string      `json:"type"`
		Region string      `json:"region"`
	} `json:"buyer"`
}

// contractInputOf holds the values to keep where the body says nothing. Rows are replaced as a whole, so there are none.
func contractInputOf(c market.Contract) contractInput {
	in := contractInput{contractBody: contractBodyOf(c)}
	in.Deductions = nil
	in.Seller.Type, in.Seller.Region = c.Seller.Type, c.Seller.Region
	in.Buyer.Name, in.Buyer.USCC, in.Buyer.Type, in.Buyer.Region = c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region
	return in
}

// into copies the input over the contract.
func (in contractInput) into(c *market.Contract) error {
	var p market.Problems
	c.Title, c.Kind, c.Submarket, c.TechField, c.IPType, c.PlanSource = in.Title, in.Kind, in.Submarket, in.TechField, in.IPType, in.PlanSource
	c.Seller.Type, c.Seller.Region, c.SellerPark = in.Seller.Type, in.Seller.Region, in.SellerPark
	c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region = in.Buyer.Name, in.Buyer.USCC, in.Buyer.Type, in.Buyer.Region
	c.AgencyName, c.Related, c.PaymentMode, c.PaymentNote, c.Content = in.AgencyName, in.Related, in.PaymentMode, in.PaymentNote, in.Content
	c.TotalAmount = in.TotalAmount.yuan(&p, "total_amount").Decimal
	if in.Deductions != nil {
		c.Deductions = nil
	}
	for i, d := range in.Deductions {
		sum := d.Amount.yuan(&p, fmt.Sprintf("deductions.%d.amount", i)).Decimal
		c.Deductions = append(c.Deductions, market.Deduction{Kind: d.Kind, Name: d.Name, Amount: sum})
	}
	c.SignedOn, c.StartsOn, c.EndsOn = in.SignedOn.day(&p, "signed_on"), in.StartsOn.day(&p, "starts_on"), in.EndsOn.day(&p, "ends_on")
	return p.Err()
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
	TotalAmount        amount               `json:"total_amount"`
	TechAmount         amount               `json:"tech_amount"`
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
		items[i] = contractCard{x.ID, x.Number, x.State, x.Title, x.Kind, x.SellerName, x.SellerRegion, x.BuyerName, x.BuyerRegion,
			amountOf(x.TotalAmount), amountOf(x.TechAmount), dateOf(x.SignedOn), optionalDate(x.DueOn), x.RegistrationNumber, optionalDate(x.RegisteredOn)}
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
	body.Deductions = nonNil(body.Deductions)
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
		Buyer              contractParty        `json:"buyer"`
		TechAmount         amount               `json:"tech_amount"`
		SubmittedAt        *string              `json:"submitted_at"`
		AcceptedOn         date                 `json:"accepted_on"`
		DueOn              date                 `json:"due_on"`
		ReasonCode         string               `json:"reason_code"`
		Reason             string               `json:"reason"`
		RegistrationNumber string               `json:"registration_number"`
		RegisteredOn       date                 `json:"registered_on"`
		contractBody
	}{x.ID, x.Number, x.State, x.Version, x.DealID, x.NeedID, x.ResultID, x.TradeMode, partyOf(x.Seller), partyOf(x.Buyer), amountOf(x.TechAmount),
		stamp(x.SubmittedAt), optionalDate(x.AcceptedOn), optionalDate(x.DueOn), x.ReasonCode, x.Reason, x.RegistrationNumber, optionalDate(x.RegisteredOn), body})
}

// ContractCreate answers POST /contracts: drawn up from a deal, whose values stand where the body names none, or
// outside the market.
func (api *API) ContractCreate(c echo.Context, a market.Actor) error {
	var raw json.RawMessage
	if err := read(c, &raw); err != nil {
		return err
	}
	type input struct {
		contractInput
		DealID int64 `json:"deal_id"`
	}
	var first input
	if err := decode(raw, &first); err != nil {
		return err
	}
	once, err := key(c, "contract")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	contract, err := api.Service.NewContract(ctx, a, first.DealID)
	if err != nil {
		return err
	}
	in := input{contractInput: contractInputOf(contract)}
	if err := decode(raw, &in); err != nil {
		return err
	}
	if err := in.into(&contract); err != nil {
		return err
	}
	id, err := api.Service.CreateContract(ctx, a, contract, once)
	if err != nil {
		return err
	}
	created(c, "contracts", id)
	return api.writeContract(c, a, id, http.StatusCreated)
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
		contractInput
		Version int `json:"version"` // the one the edit starts from; the present one when absent
	}{contractInputOf(old.Contract), old.Version}
	if err := read(c, &in); err != nil {
		return err
	}
	if err := in.into(&old.Contract); err != nil {
		return err
	}
	old.Version = in.Version
	if err := api.Service.EditContract(ctx, a, old.Contract); err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusOK)
}

// contractAct answers an act with the contract as it stands then.
func (api *API) contractAct(c echo.Context, a market.Actor, in any, do func(id int64) error) error {
	return act(c, in, do, func(id int64) error { return api.writeContract(c, a, id, http.StatusOK) })
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
		var p market.Problems
		on := in.RegisteredOn.day(&p, "registered_on")
		if err := p.Err(); err != nil {
			return err
		}
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
