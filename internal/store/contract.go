package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// contractRow is the contracts table as stored.
type contractRow struct {
	ID                 int64                `db:"id"`
	Number             string               `db:"number"`
	DealID             *int64               `db:"deal_id"`
	NeedID             *int64               `db:"need_id"`
	ResultID           *int64               `db:"result_id"`
	TradeMode          string               `db:"trade_mode"`
	State              market.ContractState `db:"state"`
	Title              string               `db:"title"`
	Kind               string               `db:"kind"`
	Submarket          *string              `db:"submarket"`
	TechField          string               `db:"tech_field"`
	IPType             string               `db:"ip_type"`
	PlanSource         string               `db:"plan_source"`
	EconomicGoal       *string              `db:"economic_goal"`
	LicenceMode        *string              `db:"licence_mode"`
	SellerOrg          *int64               `db:"seller_org"`
	SellerName         string               `db:"seller_name"`
	SellerUSCC         market.USCC          `db:"seller_uscc"`
	SellerType         string               `db:"seller_type"`
	SellerRegion       string               `db:"seller_region"`
	SellerPark         *string              `db:"seller_park"`
	BuyerOrg           *int64               `db:"buyer_org"`
	BuyerName          string               `db:"buyer_name"`
	BuyerUSCC          market.USCC          `db:"buyer_uscc"`
	BuyerType          string               `db:"buyer_type"`
	BuyerRegion        string               `db:"buyer_region"`
	AgencyName         string               `db:"agency_name"`
	Related            bool                 `db:"related"`
	TotalAmount        decimal.Decimal      `db:"total_amount"`
	TechAmount         decimal.Decimal      `db:"tech_amount"`
	PaymentMode        string               `db:"payment_mode"`
	AmountFixed        bool                 `db:"amount_fixed"`
	PaymentNote        string               `db:"payment_note"`
	Royalty            string               `db:"royalty"`
	AddedInvestment    decimal.NullDecimal  `db:"added_investment"`
	AddedOutput        decimal.NullDecimal  `db:"added_output"`
	Foreign            bool                 `db:"foreign_text"`
	Government         bool                 `db:"government"`
	Content            string               `db:"content"`
	SignedOn           time.Time            `db:"signed_on"`
	StartsOn           time.Time            `db:"starts_on"`
	EndsOn             time.Time            `db:"ends_on"`
	SubmittedAt        *time.Time           `db:"submitted_at"`
	AcceptedOn         *time.Time           `db:"accepted_on"`
	DueOn              *time.Time           `db:"due_on"`
	FirstReviewer      *int64               `db:"first_reviewer"`
	SecondReviewer     *int64               `db:"second_reviewer"`
	ReasonCode         *string              `db:"reason_code"`
	Reason             string               `db:"reason"`
	RegistrationNumber *string              `db:"registration_number"`
	RegisteredOn       *time.Time           `db:"registered_on"`
	Disputed           bool                 `db:"disputed"`
	Version            int                  `db:"version"`
	CreatedAt          time.Time            `db:"created_at"`
	UpdatedAt          time.Time            `db:"updated_at"`
}

const contractColumns = `c.id, c.number, c.deal_id, c.need_id, c.result_id, c.trade_mode, c.state, c.title, c.kind, c.submarket, c.tech_field,
	c.ip_type, c.plan_source, c.seller_org, c.seller_name, c.seller_uscc, c.seller_type, c.seller_region, c.seller_park, c.buyer_org,
	c.buyer_name, c.buyer_uscc, c.buyer_type, c.buyer_region, c.agency_name, c.related, c.total_amount, c.tech_amount, c.payment_mode,
	c.payment_note, c.content, c.signed_on, c.starts_on, c.ends_on, c.submitted_at, c.accepted_on, c.due_on, c.first_reviewer,
	c.second_reviewer, c.reason_code, c.reason, c.registration_number, c.registered_on, c.version, c.created_at, c.updated_at,
	c.economic_goal, c.licence_mode, c.amount_fixed, c.royalty, c.added_investment, c.added_output, c.foreign_text, c.government, c.disputed`

// contract sets dates to midnight in the market's zone, so that rules may compare them.
func (c contractRow) contract() market.Contract {
	return market.Contract{
		ID: c.ID, Number: c.Number, DealID: c.DealID, NeedID: c.NeedID, ResultID: c.ResultID, TradeMode: c.TradeMode, State: c.State,
		Title: c.Title, Kind: c.Kind, Submarket: deref(c.Submarket), TechField: c.TechField, IPType: c.IPType, PlanSource: c.PlanSource,
		Seller:     market.Party{OrgID: c.SellerOrg, Name: c.SellerName, USCC: c.SellerUSCC, Type: c.SellerType, Region: c.SellerRegion},
		SellerPark: deref(c.SellerPark),
		Buyer:      market.Party{OrgID: c.BuyerOrg, Name: c.BuyerName, USCC: c.BuyerUSCC, Type: c.BuyerType, Region: c.BuyerRegion},
		AgencyName: c.AgencyName, Related: c.Related, TotalAmount: c.TotalAmount, TechAmount: c.TechAmount,
		PaymentMode: c.PaymentMode, PaymentNote: c.PaymentNote, Content: c.Content,
		SignedOn: market.DateOf(c.SignedOn), StartsOn: market.DateOf(c.StartsOn), EndsOn: market.DateOf(c.EndsOn),
		SubmittedAt: c.SubmittedAt, AcceptedOn: dateOf(c.AcceptedOn), DueOn: dateOf(c.DueOn),
		FirstReviewer: c.FirstReviewer, SecondReviewer: c.SecondReviewer, ReasonCode: deref(c.ReasonCode), Reason: c.Reason,
		RegistrationNumber: deref(c.RegistrationNumber), RegisteredOn: dateOf(c.RegisteredOn),
		Disputed: c.Disputed, Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		EconomicGoal: deref(c.EconomicGoal), LicenceMode: deref(c.LicenceMode), AmountOpen: !c.AmountFixed, Royalty: c.Royalty,
		AddedInvestment: c.AddedInvestment, AddedOutput: c.AddedOutput, Foreign: c.Foreign, Government: c.Government,
	}
}

func dateOf(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	day := market.DateOf(*t)
	return &day
}

// deskReach is where the actor reads every contract that has come to the desk: by the place of its seller.
func deskReach(a market.Actor) string {
	return a.Reach(market.Registrar, market.Statistician, market.Auditor)
}

// contractArrived tells a contract c that has come to the desk from one that never left its seller.
const contractArrived = `(c.submitted_at IS NOT NULL OR c.registered_on IS NOT NULL)`

// contractOfParty is what a party may see, $1 being its organisation.
var contractOfParty = contractSeenBy(`$1`)

// contractSeenBy tells that a party may see a contract c; org is its organisation as SQL. A buyer does not see what a seller
// has drawn up without it and not handed in.
func contractSeenBy(org string) string {
	return `(c.seller_org = ` + org + ` OR c.buyer_org = ` + org + ` AND (c.deal_id IS NOT NULL OR ` + contractArrived + `))`
}

// contractVisible tells that a contract c may be read: by a party, whose organisation is org, by the desk in that reach, or
// by who audits. All are SQL.
func contractVisible(org, reach, audits string) string {
	return `(` + contractSeenBy(org) + ` OR ` + inReach(reach, `c.seller_region`) + ` AND ` + contractArrived + ` OR ` + audits + `)`
}

// Contract is a contract with what its page shows beside it.
type Contract struct {
	market.Contract
	FirstReviewerName  string
	SecondReviewerName string
	DealNumber         string              // empty outside a deal
	DealPrice          decimal.NullDecimal // what the deal was agreed at
	SellerVerifiedAt   *time.Time          // nil where the party is not verified on this market
	BuyerVerifiedAt    *time.Time
	Demo               bool
	Files              []market.ContractFile
	Payments           []market.Payment
	Amendments         []Amendment     // the oldest first
	Objections         []Objection     // the oldest first
	Removal            *market.Removal // nil while it is on the register
}

// Contract returns a contract for its parties, auditors, and the registrars and statisticians of the seller's county.
func (r Queries) Contract(ctx context.Context, a market.Actor, id int64) (Contract, error) {
	var row struct {
		contractRow
		First         string              `db:"first_name"`
		Second        string              `db:"second_name"`
		DealNumber    string              `db:"deal_number"`
		DealPrice     decimal.NullDecimal `db:"deal_price"`
		SellerChecked *time.Time          `db:"seller_verified_at"`
		BuyerChecked  *time.Time          `db:"buyer_verified_at"`
		Demo          bool                `db:"demo"`
	}
	err := r.oftenOne(ctx, &row, `SELECT `+contractColumns+`, coalesce(u1.name, '') AS first_name, coalesce(u2.name, '') AS second_name,
			coalesce(d.number, '') AS deal_number, d.price AS deal_price,
			CASE WHEN s.state = 'verified' THEN s.verified_at END AS seller_verified_at,
			CASE WHEN b.state = 'verified' THEN b.verified_at END AS buyer_verified_at, coalesce(s.demo OR b.demo, s.demo, b.demo, false) AS demo
		FROM contracts c LEFT JOIN users u1 ON u1.id = c.first_reviewer LEFT JOIN users u2 ON u2.id = c.second_reviewer
		LEFT JOIN deals d ON d.id = c.deal_id LEFT JOIN orgs s ON s.id = c.seller_org LEFT JOIN orgs b ON b.id = c.buyer_org
		WHERE c.id = $2 AND `+contractVisible(`$1`, `$3`, `$4`),
		a.OrgFor(market.ScopeContract), id, deskReach(a), a.Has(market.Auditor))
	if err != nil {
		return Contract{}, err
	}
	out := Contract{Contract: row.contract(), FirstReviewerName: row.First, SecondReviewerName: row.Second, DealNumber: row.DealNumber,
		DealPrice: row.DealPrice, SellerVerifiedAt: row.SellerChecked, BuyerVerifiedAt: row.BuyerChecked, Demo: row.Demo}
	if err := r.contractParts(ctx, &out.Contract); err != nil {
		return Contract{}, err
	}
	if out.Files, err = r.contractFiles(ctx, id); err != nil {
		return Contract{}, err
	}
	if out.Payments, err = r.payments(ctx, id); err != nil {
		return Contract{}, err
	}
	if out.Amendments, err = r.ContractAmendments(ctx, id); err != nil {
		return Contract{}, err
	}
	if out.Objections, err = r.contractObjections(ctx, id); err != nil {
		return Contract{}, err
	}
	out.Removal, err = r.removal(ctx, id)
	return out, err
}

// OpenAmendment is the amendment that waits for a decision, nil when none does.
func (c Contract) OpenAmendment() *Amendment {
	for i := range c.Amendments {
		if c.Amendments[i].State.Open() {
			return &c.Amendments[i]
		}
	}
	return nil
}

// Supplemented is the sum of the confirmed supplements.
func (c Contract) Supplemented() (sum decimal.Decimal) {
	for _, x := range c.Amendments {
		if x.Kind == market.AmendSupplement && x.State == market.AmendmentConfirmed {
			sum = sum.Add(x.Total)
		}
	}
	return sum
}

// ContractVersion is a version of a registered contract.
type ContractVersion struct {
	Number   int
	Since    time.Time
	Contract market.Contract
	By       *Amendment // that made it; nil of the first
}

// Versions are the registered contract's versions, the first one first; none when it was never registered. The last is the
// contract as it stands.
func (c Contract) Versions() []ContractVersion {
	if c.RegisteredOn == nil {
		return nil
	}
	out := []ContractVersion{{Number: 1, Since: *c.RegisteredOn, Contract: c.Contract}}
	for i, x := range c.Amendments {
		if x.Kind != market.AmendChange || x.State != market.AmendmentConfirmed {
			continue
		}
		last := &out[len(out)-1]
		if last.By == nil {
			last.Contract = *x.Before
		}
		out = append(out, ContractVersion{Number: last.Number + 1, Since: *x.DecidedAt, Contract: *x.Proposed, By: &c.Amendments[i]})
	}
	out[len(out)-1].Contract = c.Contract
	return out
}

// contractParts reads what stands in rows of its own.
func (r Queries) contractParts(ctx context.Context, c *market.Contract) error {
	var err error
	if c.Deductions, err = r.deductions(ctx, c.ID); err != nil {
		return err
	}
	if err := r.all(ctx, &c.IPs, `SELECT type, number, title, status, filed_on FROM contract_ips WHERE contract_id = $1 ORDER BY position`, c.ID); err != nil {
		return err
	}
	if err := r.all(ctx, &c.Instalments, `SELECT due_on, milestone, amount FROM contract_instalments WHERE contract_id = $1 ORDER BY position`, c.ID); err != nil {
		return err
	}
	for i := range c.Instalments {
		c.Instalments[i].DueOn = dateOf(c.Instalments[i].DueOn)
	}
	var sides []partyRow
	if err := r.all(ctx, &sides, `SELECT side, `+partyColumns+` FROM contract_parties WHERE contract_id = $1`, c.ID); err != nil {
		return err
	}
	for _, row := range sides {
		if row.Side == "seller" {
			row.into(&c.Seller)
		} else {
			row.into(&c.Buyer)
		}
	}
	return nil
}

// partyRow is what contract_parties holds of a party.
type partyRow struct {
	Side     string      `db:"side"`
	Scale    string      `db:"scale"`
	Industry *string     `db:"industry"`
	Traits   stringArray `db:"traits"`
	LegalRep string      `db:"legal_rep"`
	Address  string      `db:"address"`
	Contact  string      `db:"contact"`
	Phone    string      `db:"phone"`
	Postcode string      `db:"postcode"`
}

const partyColumns = `scale, industry, traits, legal_rep, address, contact, phone, postcode`

func (p partyRow) into(q *market.Party) {
	q.Scale, q.Industry, q.Traits, q.LegalRep = p.Scale, deref(p.Industry), p.Traits, p.LegalRep
	q.Address, q.Contact, q.Phone, q.Postcode = p.Address, p.Contact, p.Phone, p.Postcode
}

// LastDetails returns what the newest contract of the actor's organisation as a seller says of the party with that code,
// to start a new form from; nothing when there is none.
func (r Queries) LastDetails(ctx context.Context, a market.Actor, code market.USCC) (market.Party, error) {
	var row partyRow
	err := r.get(ctx, &row, `SELECT p.side, `+partyColumns+` FROM contracts c JOIN contract_parties p ON p.contract_id = c.id
			AND p.side = CASE WHEN c.seller_uscc = $2 THEN 'seller' ELSE 'buyer' END
		WHERE c.seller_org = $1 AND (c.seller_uscc = $2 OR c.buyer_uscc = $2) ORDER BY c.id DESC LIMIT 1`, a.OrgFor(market.ScopeContract), code)
	if market.IsKind(err, market.NotFound) {
		return market.Party{}, nil
	}
	var out market.Party
	row.into(&out)
	return out, err
}

func (r Queries) deductions(ctx context.Context, id int64) ([]market.Deduction, error) {
	var out []market.Deduction
	err := r.all(ctx, &out, `SELECT kind, name, amount FROM contract_deductions WHERE contract_id = $1 ORDER BY position`, id)
	return out, err
}

// LockContract locks a contract for its seller, whose organisation the actor acts for.
func (t *Tx) LockContract(ctx context.Context, a market.Actor, id int64) (market.Contract, error) {
	var row contractRow
	err := t.get(ctx, &row, `SELECT `+contractColumns+` FROM contracts c WHERE c.id = $1 AND c.seller_org = $2 FOR UPDATE`, id, a.OrgFor(market.ScopeContract))
	return t.whole(ctx, row, err)
}

// contractInterest tells that the user whose id is $1 has a part in a contract c.
var contractInterest = `(c.created_by IS NOT DISTINCT FROM $1 OR ` + interested(`'contract'`, `c.id`, `ARRAY[c.seller_org, c.buyer_org]`) + `)`

// InterestedInContract reports whether the actor has a part in a contract, so that another registrar must decide.
func (r Queries) InterestedInContract(ctx context.Context, a market.Actor, id int64) (bool, error) {
	var is bool
	err := r.get(ctx, &is, `SELECT `+contractInterest+` FROM contracts c WHERE c.id = $2`, a.UserID, id)
	return is, err
}

// LockDeskContract locks a contract that has come to the desk, for a registrar of the seller's county. interested is true
// when the registrar has a part in it.
func (t *Tx) LockDeskContract(ctx context.Context, a market.Actor, id int64) (c market.Contract, interested bool, err error) {
	var row struct {
		contractRow
		Interested bool `db:"interested"`
	}
	err = t.get(ctx, &row, `SELECT `+contractColumns+`, `+contractInterest+` AS interested
		FROM contracts c WHERE c.id = $2 AND `+inReach(`$3`, `c.seller_region`)+` AND `+contractArrived+` FOR UPDATE OF c`, a.UserID, id, a.Reach(market.Registrar))
	c, err = t.whole(ctx, row.contractRow, err)
	return c, row.Interested, err
}

func (t *Tx) whole(ctx context.Context, row contractRow, err error) (market.Contract, error) {
	if err != nil {
		return market.Contract{}, err
	}
	c := row.contract()
	return c, t.contractParts(ctx, &c)
}

// CreateContract adds a contract as a draft. A deal that has a living contract already is a Conflict.
func (t *Tx) CreateContract(ctx context.Context, a market.Actor, c market.Contract, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO contracts (number, deal_id, need_id, result_id, trade_mode, state, title, kind, submarket, tech_field, ip_type,
			plan_source, seller_org, seller_name, seller_uscc, seller_type, seller_region, seller_park, buyer_org, buyer_name, buyer_uscc, buyer_type,
			buyer_region, agency_name, related, total_amount, tech_amount, payment_mode, payment_note, content, signed_on, starts_on, ends_on,
			created_by, created_at, updated_at, economic_goal, licence_mode, amount_fixed, royalty, added_investment, added_output, foreign_text, government)
		VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
			$27, $28, $29, $30, $31, $32, $33, $34, $34, $35, $36, $37, $38, $39, $40, $41, $42) RETURNING id`,
		c.Number, c.DealID, c.NeedID, c.ResultID, c.TradeMode, c.Title, c.Kind, optional(c.Submarket), c.TechField, c.IPType,
		c.PlanSource, c.Seller.OrgID, c.Seller.Name, c.Seller.USCC, c.Seller.Type, c.Seller.Region, optional(c.SellerPark),
		c.Buyer.OrgID, c.Buyer.Name, c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region, c.AgencyName, c.Related, c.TotalAmount, c.TechAmount,
		c.PaymentMode, c.PaymentNote, c.Content, c.SignedOn, c.StartsOn, c.EndsOn, optionalID(a.UserID), at,
		optional(c.EconomicGoal), optional(c.LicenceMode), !c.AmountOpen, c.Royalty, c.AddedInvestment, c.AddedOutput, c.Foreign, c.Government)
	if violates(err, "contracts_one_per_deal") {
		return 0, market.Errorf(market.Conflict, "这项成交已经起草了合同，请在“合同”里打开它")
	}
	if err != nil {
		return 0, err
	}
	c.ID = id
	return id, t.setContractParts(ctx, c)
}

// UpdateContract stores what the form holds if the contract is still at that version.
func (t *Tx) UpdateContract(ctx context.Context, c market.Contract, at time.Time) error {
	err := t.execOne(ctx, `UPDATE contracts SET title = $3, kind = $4, submarket = $5, tech_field = $6, ip_type = $7, plan_source = $8,
			seller_name = $9, seller_uscc = $10, seller_type = $11, seller_region = $12, seller_park = $13, buyer_org = $14, buyer_name = $15,
			buyer_uscc = $16, buyer_type = $17, buyer_region = $18, agency_name = $19, related = $20, total_amount = $21, tech_amount = $22,
			payment_mode = $23, payment_note = $24, content = $25, signed_on = $26, starts_on = $27, ends_on = $28,
			version = version + 1, updated_at = $29, economic_goal = $30, licence_mode = $31, amount_fixed = $32, royalty = $33,
			added_investment = $34, added_output = $35, foreign_text = $36, government = $37
		WHERE id = $1 AND version = $2`,
		c.ID, c.Version, c.Title, c.Kind, optional(c.Submarket), c.TechField, c.IPType, c.PlanSource,
		c.Seller.Name, c.Seller.USCC, c.Seller.Type, c.Seller.Region, optional(c.SellerPark), c.Buyer.OrgID, c.Buyer.Name,
		c.Buyer.USCC, c.Buyer.Type, c.Buyer.Region, c.AgencyName, c.Related, c.TotalAmount, c.TechAmount,
		c.PaymentMode, c.PaymentNote, c.Content, c.SignedOn, c.StartsOn, c.EndsOn, at,
		optional(c.EconomicGoal), optional(c.LicenceMode), !c.AmountOpen, c.Royalty, c.AddedInvestment, c.AddedOutput, c.Foreign, c.Government)
	if err != nil {
		return err
	}
	return t.setContractParts(ctx, c)
}

// setContractParts stores what stands in rows of its own, in place of what was there.
func (t *Tx) setContractParts(ctx context.Context, c market.Contract) error {
	for _, table := range []string{"contract_deductions", "contract_ips", "contract_instalments", "contract_parties"} {
		if err := t.exec(ctx, `DELETE FROM `+table+` WHERE contract_id = $1`, c.ID); err != nil {
			return err
		}
	}
	for i, d := range c.Deductions {
		if err := t.exec(ctx, `INSERT INTO contract_deductions (contract_id, position, kind, name, amount) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, i+1, d.Kind, d.Name, d.Amount); err != nil {
			return err
		}
	}
	for i, ip := range c.IPs {
		if err := t.exec(ctx, `INSERT INTO contract_ips (contract_id, position, type, number, title, status, filed_on) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			c.ID, i+1, ip.Type, ip.Number, ip.Title, ip.Status, ip.FiledOn); err != nil {
			return err
		}
	}
	for i, n := range c.Instalments {
		if err := t.exec(ctx, `INSERT INTO contract_instalments (contract_id, position, due_on, milestone, amount) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, i+1, n.DueOn, n.Milestone, n.Amount); err != nil {
			return err
		}
	}
	for side, q := range map[string]market.Party{"seller": c.Seller, "buyer": c.Buyer} {
		if err := t.exec(ctx, `INSERT INTO contract_parties (contract_id, side, `+partyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			c.ID, side, q.Scale, optional(q.Industry), stringArray(nonNil(q.Traits)), q.LegalRep, q.Address, q.Contact, q.Phone, q.Postcode); err != nil {
			return err
		}
	}
	return nil
}

// MoveContract stores where the contract now stands, with its clock, reviewers, reason and registration, if its state is
// still the expected one. A registration number in use is an Invalid error at the field number.
func (t *Tx) MoveContract(ctx context.Context, c market.Contract, from market.ContractState, at time.Time) error {
	err := t.execOne(ctx, `UPDATE contracts SET state = $3, submitted_at = $4, accepted_on = $5, due_on = $6, first_reviewer = $7,
			second_reviewer = $8, reason_code = $9, reason = $10, registration_number = $11, registered_on = $12,
			version = version + 1, updated_at = $13, disputed = $14
		WHERE id = $1 AND state = $2`,
		c.ID, from, c.State, c.SubmittedAt, c.AcceptedOn, c.DueOn, c.FirstReviewer, c.SecondReviewer, optional(c.ReasonCode), c.Reason,
		optional(c.RegistrationNumber), c.RegisteredOn, at, c.Disputed)
	if violates(err, "contracts_registration_number_key") {
		return market.Problems{{Field: "number", Message: "这个编号已经登记给另一份合同，请核对"}}.Err()
	}
	return err
}

// RegisteredAs returns the title of the contract that has the registration number, "" when it is free.
func (r Queries) RegisteredAs(ctx context.Context, registrationNumber string) (string, error) {
	var title string
	err := r.get(ctx, &title, `SELECT title FROM contracts WHERE registration_number = $1`, registrationNumber)
	if market.IsKind(err, market.NotFound) {
		return "", nil
	}
	return title, err
}

// ContractCard is what a list shows of a contract.
type ContractCard struct {
	ID                 int64                `db:"id"`
	Number             string               `db:"number"`
	State              market.ContractState `db:"state"`
	Title              string               `db:"title"`
	Kind               string               `db:"kind"`
	SellerOrg          *int64               `db:"seller_org"`
	SellerName         string               `db:"seller_name"`
	SellerRegion       string               `db:"seller_region"`
	BuyerName          string               `db:"buyer_name"`
	BuyerRegion        string               `db:"buyer_region"`
	TotalAmount        decimal.Decimal      `db:"total_amount"`
	TechAmount         decimal.Decimal      `db:"tech_amount"`
	SignedOn           time.Time            `db:"signed_on"`
	SubmittedAt        *time.Time           `db:"submitted_at"`
	AcceptedOn         *time.Time           `db:"accepted_on"`
	DueOn              *time.Time           `db:"due_on"`
	FirstReviewer      *int64               `db:"first_reviewer"`
	FirstReviewerName  string               `db:"first_name"`
	SecondReviewerName string               `db:"second_name"`
	Returns            int                  `db:"returns"` // times it was sent back
	ReasonCode         *string              `db:"reason_code"`
	Reason             string               `db:"reason"`
	RegistrationNumber *string              `db:"registration_number"`
	RegisteredOn       *time.Time           `db:"registered_on"`
	Disputed           bool                 `db:"disputed"`
	UpdatedAt          time.Time            `db:"updated_at"`
}

const contractCards = `SELECT c.id, c.number, c.state, c.title, c.kind, c.seller_org, c.seller_name, c.seller_region, c.buyer_name, c.buyer_region,
		c.total_amount, c.tech_amount, c.signed_on, c.submitted_at, c.accepted_on, c.due_on, c.first_reviewer, coalesce(u1.name, '') AS first_name,
		coalesce(u2.name, '') AS second_name, c.reason_code, c.reason, c.registration_number, c.registered_on, c.disputed, c.updated_at,
		(SELECT count(*) FROM moves m WHERE m.object_kind = 'contract' AND m.object_id = c.id AND m.move = 'return') AS returns
	FROM contracts c LEFT JOIN users u1 ON u1.id = c.first_reviewer LEFT JOIN users u2 ON u2.id = c.second_reviewer `

// ContractCounts is how many contracts are in each state.
type ContractCounts map[market.ContractState]int

// Of sums the counts of those states, of all when none is given.
func (n ContractCounts) Of(states ...market.ContractState) int {
	if len(states) == 0 {
		states = market.Contracts.States
	}
	total := 0
	for _, s := range states {
		total += n[s]
	}
	return total
}

func (r Queries) contractCounts(ctx context.Context, query string, args ...any) (ContractCounts, error) {
	var rows []struct {
		State market.ContractState `db:"state"`
		N     int                  `db:"n"`
	}
	if err := r.all(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	counts := ContractCounts{}
	for _, row := range rows {
		counts[row.State] = row.N
	}
	return counts, nil
}

func stateArray(states []market.ContractState) stringArray {
	out := make(stringArray, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return out
}

// OwnContracts lists the contracts that the actor's organisation is a party of, newest first. No states is all states.
func (r Queries) OwnContracts(ctx context.Context, a market.Actor, states []market.ContractState, page Slice) ([]ContractCard, error) {
	var out []ContractCard
	err := r.all(ctx, &out, contractCards+`WHERE `+contractOfParty+` AND (cardinality($2::text[]) = 0 OR c.state = ANY($2))
		ORDER BY c.id DESC LIMIT $3 OFFSET $4`, a.OrgFor(market.ScopeContract), stateArray(states), page.Limit, page.Offset)
	return out, err
}

// OwnContractCounts counts the contracts of OwnContracts by state.
func (r Queries) OwnContractCounts(ctx context.Context, a market.Actor) (ContractCounts, error) {
	return r.contractCounts(ctx, `SELECT c.state, count(*) AS n FROM contracts c WHERE `+contractOfParty+` GROUP BY c.state`, a.OrgFor(market.ScopeContract))
}

// DeskFilter narrows the registrar's desk. Empty fields do not.
type DeskFilter struct {
	Kind   string              // one of the five kinds, 技术开发 …
	Region string              // place of the seller
	Least  decimal.NullDecimal // 技术交易额 of at least that many yuan
}

// deskWhere needs $1 the reach of the actor at the desk, $2 to $4 the filter.
var deskWhere = `WHERE ` + inReach(`$1`, `c.seller_region`) + ` AND ` + contractArrived + ` AND ($2 = '' OR c.kind = ANY (ARRAY(SELECT code FROM contract_kinds WHERE kind = $2)))
	AND ($3 = '' OR c.seller_region = $3::char(6))
	AND ($4::numeric IS NULL OR c.tech_amount >= $4)`

// deskOrder is the time left; what has no clock yet comes after that, oldest first.
const deskOrder = `c.due_on NULLS LAST, c.submitted_at, c.id`

// DeskContracts lists the contracts of those states for registrars, statisticians and auditors: open ones by the time
// left, decided ones newest first.
func (r Queries) DeskContracts(ctx context.Context, a market.Actor, f DeskFilter, states []market.ContractState, page Slice) ([]ContractCard, error) {
	order := deskOrder
	if len(states) > 0 && !states[0].Open() {
		order = `c.registered_on DESC NULLS LAST, c.updated_at DESC, c.id DESC`
	}
	var out []ContractCard
	err := r.all(ctx, &out, contractCards+deskWhere+` AND c.state = ANY($5) ORDER BY `+order+` LIMIT $6 OFFSET $7`,
		deskReach(a), f.Kind, f.Region, f.Least, stateArray(states), page.Limit, page.Offset)
	return out, err
}

// ManyContracts is how far contracts of a state are counted on the desk: beyond it, how many there are helps nobody and takes long.
const ManyContracts = 10_000

// DeskCounts counts the contracts of DeskContracts by state, each to one more than ManyContracts at most.
func (r Queries) DeskCounts(ctx context.Context, a market.Actor, f DeskFilter) (ContractCounts, error) {
	return r.contractCounts(ctx, `SELECT s.state, (SELECT count(*) FROM (SELECT 1 FROM contracts c `+deskWhere+` AND c.state = s.state LIMIT $5) x) AS n
		FROM unnest($6::text[]) s (state)`, deskReach(a), f.Kind, f.Region, f.Least, ManyContracts+1, stateArray(market.Contracts.States))
}

// DeskPlace is where a contract stands in the queue of the desk.
type DeskPlace struct {
	Place int    `db:"place"` // from 1
	Total int    `db:"total"`
	Prev  *int64 `db:"prev"`
	Next  *int64 `db:"next"`
}

// DeskPlace returns where the contract stands among all that wait for a registrar; ErrNotFound when it does not wait.
func (r Queries) DeskPlace(ctx context.Context, a market.Actor, id int64) (DeskPlace, error) {
	var p DeskPlace
	err := r.get(ctx, &p, `SELECT place, total, prev, next FROM (SELECT c.id, row_number() OVER w AS place, count(*) OVER () AS total,
			lag(c.id) OVER w AS prev, lead(c.id) OVER w AS next
		FROM contracts c WHERE `+inReach(`$1`, `c.seller_region`)+` AND c.state IN ('submitted', 'accepted', 'second_review', 'to_register')
		WINDOW w AS (ORDER BY `+deskOrder+`)) q WHERE id = $2`, deskReach(a), id)
	return p, err
}

// PairContract is another contract between the same two parties.
type PairContract struct {
	ID                 int64                `db:"id"`
	Number             string               `db:"number"`
	State              market.ContractState `db:"state"`
	Title              string               `db:"title"`
	TotalAmount        decimal.Decimal      `db:"total_amount"`
	SignedOn           time.Time            `db:"signed_on"`
	RegistrationNumber *string              `db:"registration_number"`
}

// PairContracts lists the other contracts of the desk between the same parties, the newest first. For registrars,
// statisticians and auditors.
func (r Queries) PairContracts(ctx context.Context, a market.Actor, c market.Contract, limit int) ([]PairContract, error) {
	var out []PairContract
	err := r.all(ctx, &out, `SELECT c.id, c.number, c.state, c.title, c.total_amount, c.signed_on, c.registration_number
		FROM contracts c WHERE `+inReach(`$1`, `c.seller_region`)+` AND `+contractArrived+` AND c.seller_uscc = $2 AND c.buyer_uscc = $3 AND c.id <> $4 AND c.state <> 'withdrawn'
		ORDER BY c.signed_on DESC, c.id DESC LIMIT $5`, deskReach(a), c.Seller.USCC, c.Buyer.USCC, c.ID, limit)
	return out, err
}

// ContractMedian is the median 合同成交额 in yuan of the registered contracts that the actor's organisation sold, for the
// warning about 元 and 万元. It is invalid where there are fewer than five.
func (r Queries) ContractMedian(ctx context.Context, a market.Actor) (decimal.NullDecimal, error) {
	var m decimal.NullDecimal
	err := r.get(ctx, &m, `SELECT CASE WHEN count(*) >= 5 THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY total_amount) END
		FROM contracts WHERE seller_org = $1 AND state = 'registered'`, a.OrgFor(market.ScopeContract))
	return m, err
}
