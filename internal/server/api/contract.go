package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// partyDetails is what the registration asks of a party beside who and where it is.
type partyDetails struct {
	Scale    string   `json:"scale"`
	Industry string   `json:"industry"`
	Traits   []string `json:"traits"`
	LegalRep string   `json:"legal_rep"`
	Address  string   `json:"address"`
	Contact  string   `json:"contact"`
	Phone    string   `json:"phone"`
	Postcode string   `json:"postcode"`
}

func detailsOf(p market.Party) partyDetails {
	return partyDetails{p.Scale, p.Industry, nonNil(p.Traits), p.LegalRep, p.Address, p.Contact, p.Phone, p.Postcode}
}

func (d partyDetails) into(p *market.Party) {
	p.Scale, p.Industry, p.Traits, p.LegalRep, p.Address = d.Scale, d.Industry, d.Traits, d.LegalRep, d.Address
	p.Contact, p.Phone, p.Postcode = d.Contact, d.Phone, d.Postcode
}

// contractParty is a side of a contract.
type contractParty struct {
	OrgID  *int64      `json:"org_id"`
	Name   string      `json:"name"`
	USCC   market.USCC `json:"uscc"`
	Type   string      `json:"type"`
	Region string      `json:"region"`
	partyDetails
}

func partyOf(p market.Party) contractParty {
	return contractParty{OrgID: p.OrgID, Name: p.Name, USCC: p.USCC, Type: p.Type, Region: p.Region, partyDetails: detailsOf(p)}
}

// deduction is a line between the total and 技术交易额.
type deduction struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Amount amount `json:"amount"`
}

// instalment is a payment agreed on.
type instalment struct {
	DueOn     date   `json:"due_on"`
	Milestone string `json:"milestone"`
	Amount    amount `json:"amount"`
}

// right is an intellectual property that a contract is about.
type right struct {
	Type    string `json:"type"`
	Number  string `json:"number"`
	Title   string `json:"title"`
	Status  string `json:"status"`
	FiledOn date   `json:"filed_on"`
}

// contractBody is what a seller writes of a contract beside its parties. 技术交易额 is computed from the total and the
// deduction lines.
type contractBody struct {
	Title           string       `json:"title"`
	Kind            string       `json:"kind"`
	LicenceMode     string       `json:"licence_mode"`
	Submarket       string       `json:"submarket"`
	TechField       string       `json:"tech_field"`
	EconomicGoal    string       `json:"economic_goal"`
	IPType          string       `json:"ip_type"`
	IPs             []right      `json:"ips"`
	PlanSource      string       `json:"plan_source"`
	SellerPark      string       `json:"seller_park"`
	AgencyName      string       `json:"agency_name"`
	Related         bool         `json:"related"`
	TotalAmount     amount       `json:"total_amount"`
	AmountFixed     bool         `json:"amount_fixed"`
	Deductions      []deduction  `json:"deductions"`
	AddedInvestment amount       `json:"added_investment"`
	AddedOutput     amount       `json:"added_output"`
	PaymentMode     string       `json:"payment_mode"`
	Royalty         string       `json:"royalty"`
	Instalments     []instalment `json:"instalments"`
	PaymentNote     string       `json:"payment_note"`
	ForeignText     bool         `json:"foreign_text"`
	Government      bool         `json:"government"`
	Content         string       `json:"content"`
	SignedOn        date         `json:"signed_on"`
	StartsOn        date         `json:"starts_on"`
	EndsOn          date         `json:"ends_on"`
}

func contractBodyOf(c market.Contract) contractBody {
	out := contractBody{Title: c.Title, Kind: c.Kind, LicenceMode: c.LicenceMode, Submarket: c.Submarket, TechField: c.TechField, EconomicGoal: c.EconomicGoal,
		IPType: c.IPType, PlanSource: c.PlanSource, SellerPark: c.SellerPark, AgencyName: c.AgencyName, Related: c.Related, TotalAmount: amountOf(c.TotalAmount),
		AmountFixed: !c.AmountOpen, AddedInvestment: optionalAmount(c.AddedInvestment), AddedOutput: optionalAmount(c.AddedOutput),
		PaymentMode: c.PaymentMode, Royalty: c.Royalty, PaymentNote: c.PaymentNote, ForeignText: c.Foreign, Government: c.Government, Content: c.Content,
		SignedOn: dateOf(c.SignedOn), StartsOn: dateOf(c.StartsOn), EndsOn: dateOf(c.EndsOn)}
	for _, d := range c.Deductions {
		out.Deductions = append(out.Deductions, deduction{d.Kind, d.Name, amountOf(d.Amount)})
	}
	for _, ip := range c.IPs {
		out.IPs = append(out.IPs, right{ip.Type, ip.Number, ip.Title, ip.Status, optionalDate(ip.FiledOn)})
	}
	for _, n := range c.Instalments {
		out.Instalments = append(out.Instalments, instalment{optionalDate(n.DueOn), n.Milestone, amountOf(n.Amount)})
	}
	return out
}

// contractInput is what a seller sends. Who the seller is, and the buyer of a deal, is what the market knows.
type contractInput struct {
	contractBody
	Seller struct {
		Type   string `json:"type"`
		Region string `json:"region"`
		partyDetails
	} `json:"seller"`
	Buyer struct {
		Name   string      `json:"name"`
		USCC   market.USCC `json:"uscc"`
		Type   string      `json:"type"`
		Region string      `json:"region"`
		partyDetails
	} `json:"buyer"`
}

// contractInputOf holds the values to keep where the body says nothing. Rows are replaced as a whole, so there are none.
func contractInputOf(c market.Contract) contractInput {
	in := contractInput{contractBody: contractBodyOf(c)}
	in.Deductions, in.IPs, in.Instalments = nil, nil, nil
	in.Seller.Type, in.Seller.Region, in.Seller.partyDetails = c.Seller.Type, c.Seller.Region, detailsOf(c.Seller)
	in.Buyer.Name, in.Buyer.USCC, in.Buyer.Type, in.Buyer.Region, in.Buyer.partyDetails = c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region, detailsOf(c.Buyer)
	return in
}

// into copies the input over the contract.
func (in contractInput) into(c *market.Contract) error {
	var p market.Problems
	c.Title, c.Kind, c.LicenceMode, c.Submarket, c.TechField, c.EconomicGoal = in.Title, in.Kind, in.LicenceMode, in.Submarket, in.TechField, in.EconomicGoal
	c.IPType, c.PlanSource, c.Foreign, c.Government = in.IPType, in.PlanSource, in.ForeignText, in.Government
	c.Seller.Type, c.Seller.Region, c.SellerPark = in.Seller.Type, in.Seller.Region, in.SellerPark
	c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region = in.Buyer.Name, in.Buyer.USCC, in.Buyer.Type, in.Buyer.Region
	in.Seller.partyDetails.into(&c.Seller)
	in.Buyer.partyDetails.into(&c.Buyer)
	c.AgencyName, c.Related, c.PaymentMode, c.Royalty, c.PaymentNote, c.Content = in.AgencyName, in.Related, in.PaymentMode, in.Royalty, in.PaymentNote, in.Content
	c.TotalAmount, c.AmountOpen = in.TotalAmount.yuan(&p, "total_amount").Decimal, !in.AmountFixed
	c.AddedInvestment, c.AddedOutput = in.AddedInvestment.yuan(&p, "added_investment"), in.AddedOutput.yuan(&p, "added_output")
	in.rowsInto(c, &p)
	c.SignedOn, c.StartsOn, c.EndsOn = in.SignedOn.day(&p, "signed_on"), in.StartsOn.day(&p, "starts_on"), in.EndsOn.day(&p, "ends_on")
	return p.Err()
}

// rowsInto replaces those lists of the contract that the input has.
func (in contractInput) rowsInto(c *market.Contract, p *market.Problems) {
	if in.Deductions != nil {
		c.Deductions = nil
	}
	for i, d := range in.Deductions {
		sum := d.Amount.yuan(p, fmt.Sprintf("deductions.%d.amount", i)).Decimal
		c.Deductions = append(c.Deductions, market.Deduction{Kind: d.Kind, Name: d.Name, Amount: sum})
	}
	if in.IPs != nil {
		c.IPs = nil
	}
	for i, r := range in.IPs {
		c.IPs = append(c.IPs, market.IP{Type: r.Type, Number: r.Number, Title: r.Title, Status: r.Status, FiledOn: r.FiledOn.optionalDay(p, fmt.Sprintf("ips.%d.filed_on", i))})
	}
	if in.Instalments != nil {
		c.Instalments = nil
	}
	for i, n := range in.Instalments {
		at := fmt.Sprintf("instalments.%d.", i)
		c.Instalments = append(c.Instalments, market.Instalment{DueOn: n.DueOn.optionalDay(p, at+"due_on"), Milestone: n.Milestone, Amount: n.Amount.yuan(p, at+"amount").Decimal})
	}
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
	body.Deductions, body.IPs, body.Instalments = nonNil(body.Deductions), nonNil(body.IPs), nonNil(body.Instalments)
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
		Files              []contractFile       `json:"files"`
		Payments           []payment            `json:"payments"`
		Amendments         []amendment          `json:"amendments"`
		Disputed           bool                 `json:"disputed"` // before it was registered
		Objections         []objection          `json:"objections"`
		Removal            *removal             `json:"removal"` // null while it is on the register
		contractBody
	}{x.ID, x.Number, x.State, x.Version, x.DealID, x.NeedID, x.ResultID, x.TradeMode, partyOf(x.Seller), partyOf(x.Buyer), amountOf(x.TechAmount),
		stamp(x.SubmittedAt), optionalDate(x.AcceptedOn), optionalDate(x.DueOn), x.ReasonCode, x.Reason, x.RegistrationNumber, optionalDate(x.RegisteredOn),
		contractFilesOf(x.Files), paymentsOf(x.Payments), api.amendmentsOf(x.Amendments), x.Disputed, objectionsOf(x.Objections), removalOf(x.Removal), body})
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
