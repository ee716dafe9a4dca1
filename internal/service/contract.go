package service

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// NewContract returns the first values of a contract's form: from a deal that the actor's organisation is the seller
// of, or outside any deal when dealID is 0. For editors of a verified organisation.
func (s *Service) NewContract(ctx context.Context, a market.Actor, dealID int64) (market.Contract, error) {
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		return market.Contract{}, err
	}
	c := market.Contract{PlanSource: "none", IPType: "none", TradeMode: "none"}
	seller, err := s.store.Org(ctx, a, a.OrgID)
	if err != nil {
		return c, err
	}
	c.Seller, c.SellerPark = s.partyOf(seller), deref(seller.Park)
	if err := s.knownDetails(ctx, a, &c.Seller); err != nil {
		return c, err
	}
	if !a.ByMandate() {
		if c.Seller.Contact, c.Seller.Phone, err = s.ownContact(ctx, a, c.Seller); err != nil {
			return c, err
		}
	}
	c.AgencyName = a.AgencyName
	if dealID == 0 {
		return c, nil
	}
	d, err := s.store.Deal(ctx, a, dealID)
	if err != nil {
		return c, err
	}
	if err := sellerDrafts(a, d); err != nil {
		return c, err
	}
	buyer, err := s.store.Org(ctx, a, d.BuyerOrg)
	if err != nil {
		return c, err
	}
	if known, err := s.store.VerifiedOrgWithCode(ctx, buyer.USCC); err == nil && known.ID == buyer.ID {
		buyer.LegalRep, buyer.Address = known.LegalRep, known.Address // the head of every contract has them
	}
	c.Buyer = s.partyOf(buyer)
	if err := s.dealContact(ctx, a, d, &c.Buyer); err != nil {
		return c, err
	}
	if err := s.knownDetails(ctx, a, &c.Buyer); err != nil {
		return c, err
	}
	if c.AgencyName == "" {
		if c.AgencyName, err = s.store.DealAgency(ctx, a.OrgID, d); err != nil {
			return c, err
		}
	}
	c.DealID, c.NeedID, c.ResultID, c.TradeMode = &d.ID, d.NeedID, d.ResultID, d.TradeMode
	c.Title, c.Kind, c.TotalAmount, c.PaymentNote = d.Title, d.Kind, d.Price, d.Payment
	c.Content = fmt.Sprintf("指标：%s\n期限：%s\n验收与归属：%s", d.Indicators, d.Period, d.Acceptance)
	return c, s.subjectOf(ctx, a, d, &c)
}

// sellerDrafts refuses all but the seller of a deal that has no contract yet.
func sellerDrafts(a market.Actor, d market.Deal) error {
	switch {
	case d.SellerOrg != a.OrgID:
		return market.Errorf(market.Denied, "合同由卖方起草。起草后买方可以在“合同”里看到")
	case d.State != market.DealAgreed:
		return market.Errorf(market.Conflict, "合同所依据的成交现在是“%s”，不能再办理", d.State.Name())
	}
	return nil
}

// highTechPark is the park of the city that is a 高新区.
const highTechPark = "jian-htz"

// partyOf is what the market knows of an organisation.
func (s *Service) partyOf(o market.Org) market.Party {
	q := market.Party{OrgID: &o.ID, Name: o.Name, USCC: o.USCC, Type: deref(o.PartyType), Region: o.Region, Scale: deref(o.Scale), LegalRep: o.LegalRep, Address: o.Address,
		Industry: s.onlyClass(deref(o.Industry))}
	switch {
	case o.Type == market.Agency:
		q.Traits = append(q.Traits, "transfer")
	case o.Type == market.Institute:
		q.Traits = append(q.Traits, "research")
	}
	if q.Firm() && deref(o.Park) == highTechPark {
		q.Traits = append(q.Traits, "hightech")
	}
	return q
}

// onlyClass is the class of a section of GB/T 4754 that has but one, else "".
func (s *Service) onlyClass(section string) string {
	found := ""
	for _, c := range s.ref.On(s.Today()).Classes {
		switch {
		case c.Section != section:
		case found != "":
			return ""
		default:
			found = c.Code
		}
	}
	return found
}

// knownDetails fills in what the seller's last contract says of a party and the market does not know.
func (s *Service) knownDetails(ctx context.Context, a market.Actor, q *market.Party) error {
	last, err := s.store.LastDetails(ctx, a, q.USCC)
	q.Fill(last)
	return err
}

// ownContact is who draws the contract up, unless an earlier contract named somebody.
func (s *Service) ownContact(ctx context.Context, a market.Actor, q market.Party) (name, phone string, err error) {
	if q.Contact != "" {
		return q.Contact, q.Phone, nil
	}
	u, err := s.store.User(ctx, a.UserID)
	return u.Name, u.Phone, err
}

// dealContact takes the contact that the other party opened in the inquiry a deal came from.
func (s *Service) dealContact(ctx context.Context, a market.Actor, d market.Deal, q *market.Party) error {
	if d.InquiryID == nil {
		return nil
	}
	contact, err := s.store.InquiryContact(ctx, a, *d.InquiryID)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	q.Contact, q.Phone = contact.Name, contact.Phone
	return err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// subjectOf takes what the deal's result, else its need, says of the field of technology.
func (s *Service) subjectOf(ctx context.Context, a market.Actor, d market.Deal, c *market.Contract) error {
	var about market.Listing
	switch {
	case d.ResultID != nil:
		r, err := s.store.Result(ctx, a, *d.ResultID)
		if err != nil {
			return err
		}
		about = r.Listing
		c.IPs = contractIPs(r.IPs)
		if len(c.IPs) > 0 {
			c.IPType = c.IPs[0].Type
		}
	case d.NeedID != nil:
		n, err := s.store.Need(ctx, a, *d.NeedID)
		if err != nil {
			return err
		}
		about = n.Listing
	}
	c.Submarket, c.TechField = about.Submarket, about.TechField
	if c.TechField == "" {
		c.TechField = market.SubmarketTechField[about.Submarket]
	}
	return nil
}

// contractIPs are the rights of a result that a contract may be about: not those that have lapsed.
func contractIPs(ips []market.IP) []market.IP {
	var out []market.IP
	for _, ip := range ips {
		if ip.Status != "lapsed" {
			ip.GrantedOn = nil
			out = append(out, ip)
		}
	}
	return out
}

// CreateContract saves a new contract as a draft and returns its id. The seller is the actor's verified organisation; it
// and, where c.DealID names a deal, the buyer are who the market knows them to be, whatever c says of name and code. key
// is the form's one-time key. Errors name the form's fields.
func (s *Service) CreateContract(ctx context.Context, a market.Actor, c market.Contract, key string) (int64, error) {
	object := market.Object{Kind: "contract"}
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		s.Refused(ctx, a, market.ContractCreate, object)
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.ContractCreate, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if err := w.settleContract(ctx, &c); err != nil {
			return err
		}
		if c.Number, err = w.NextNumber(ctx, ContractPrefix, w.at.In(market.Shanghai).Year()); err != nil {
			return err
		}
		if id, err = w.CreateContract(ctx, a, c, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "create", "", string(market.ContractDraft), "", ""); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// ContractPrefix starts the numbers of contracts, the 受理号.
const ContractPrefix = "HT"

// settleContract sets what the form cannot choose, who the parties are and which deal the contract comes from, and
// checks the rest.
func (w *act) settleContract(ctx context.Context, c *market.Contract) error {
	c.NeedID, c.ResultID, c.TradeMode = nil, nil, "none"
	if err := settleParty(ctx, w.Queries, w.actor, w.actor.OrgID, &c.Seller); err != nil {
		return err
	}
	if c.DealID == nil {
		c.Buyer.OrgID = nil
		p := c.Check(w.service.ref, market.DateOf(w.at))
		if err := w.findBuyer(ctx, &c.Buyer, &p); err != nil {
			return err
		}
		return p.Err()
	}
	d, err := w.LockDeal(ctx, w.actor, *c.DealID)
	if err != nil {
		return err
	}
	if err := sellerDrafts(w.actor, d); err != nil {
		return err
	}
	c.NeedID, c.ResultID, c.TradeMode = d.NeedID, d.ResultID, d.TradeMode
	if err := settleParty(ctx, w.Queries, w.actor, d.BuyerOrg, &c.Buyer); err != nil {
		return err
	}
	return c.Check(w.service.ref, market.DateOf(w.at)).Err()
}

// settleParty takes an organisation's verified name and code; its type and place stay as the form has them.
func settleParty(ctx context.Context, read store.Queries, a market.Actor, orgID int64, q *market.Party) error {
	o, err := read.Org(ctx, a, orgID)
	q.OrgID, q.Name, q.USCC = &orgID, o.Name, o.USCC
	return err
}

// settleKnownParties does so for the parties of a contract that is there already.
func settleKnownParties(ctx context.Context, read store.Queries, a market.Actor, c *market.Contract) error {
	for _, q := range c.KnownParties() {
		if err := settleParty(ctx, read, a, *q.OrgID, q); err != nil {
			return err
		}
	}
	return nil
}

// findBuyer links a typed-in buyer to the verified organisation of that code. Its name must be the verified one.
func (w *act) findBuyer(ctx context.Context, buyer *market.Party, p *market.Problems) error {
	if p.Has("buyer_uscc") {
		return nil
	}
	known, err := w.VerifiedOrgWithCode(ctx, buyer.USCC)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if known.Name != buyer.Name {
		p.Add("buyer_name", "这个代码在本市场核验的名称是“%s”，请核对名称和代码", known.Name)
	}
	buyer.OrgID = &known.ID
	return nil
}

// EditContract stores the form of a draft or of a contract sent back for supplement. For the seller's editors;
// c.Version is the one the form was filled in from.
func (s *Service) EditContract(ctx context.Context, a market.Actor, c market.Contract) error {
	return s.ownContract(ctx, a, market.ContractEdit, c.ID, func(w *act, old *market.Contract) error {
		if !old.State.Editable() {
			return market.Errorf(market.Conflict, "合同现在是“%s”，不能修改。需要修改请联系登记机构退回补正", old.State.Name())
		}
		if old.Version != c.Version {
			return market.ErrStale
		}
		c.DealID = old.DealID
		if err := w.settleContract(ctx, &c); err != nil {
			return err
		}
		return w.UpdateContract(ctx, c, w.at)
	})
}

// SubmitContract applies for registration, for the first time or after a supplement. For editors of the seller, which
// must be verified. Errors name the form's fields.
func (s *Service) SubmitContract(ctx context.Context, a market.Actor, id int64) error {
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		s.Refused(ctx, a, market.ContractSubmit, contractObject(id))
		return err
	}
	return s.ownContract(ctx, a, market.ContractSubmit, id, func(w *act, c *market.Contract) error {
		if _, err := market.Contracts.Next(c.State, "submit"); err != nil {
			return err
		}
		files, err := w.LockContractFiles(ctx, id)
		if err != nil {
			return err
		}
		problems := append(c.CheckSubmit(s.ref, market.DateOf(w.at)), c.CheckFiles(files)...)
		if err := problems.Err(); err != nil {
			return err
		}
		if err := w.requireOpenDeal(ctx, c); err != nil {
			return err
		}
		c.SubmittedAt, c.ReasonCode, c.Reason = &w.at, "", ""
		if err := w.moveContract(ctx, c, "submit", "", ""); err != nil {
			return err
		}
		return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, "待受理合同："+c.Title, contractPath(id), w.at)
	})
}

// requireOpenDeal refuses a contract whose deal has fallen through.
func (w *act) requireOpenDeal(ctx context.Context, c *market.Contract) error {
	if c.DealID == nil {
		return nil
	}
	d, err := w.Deal(ctx, w.actor, *c.DealID)
	if err != nil {
		return err
	}
	return sellerDrafts(w.actor, d)
}

// WithdrawContract takes back a contract that is not registered. It cannot be taken up again. For the seller's editors.
func (s *Service) WithdrawContract(ctx context.Context, a market.Actor, id int64) error {
	return s.ownContract(ctx, a, market.ContractWithdraw, id, func(w *act, c *market.Contract) error {
		onDesk := c.State.OnDesk()
		if err := w.moveContract(ctx, c, "withdraw", "", ""); err != nil {
			return err
		}
		if err := w.tellBuyer(ctx, c, "卖方撤回了合同："+c.Title); err != nil || !onDesk {
			return err
		}
		return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, "申请人撤回了合同："+c.Title, contractPath(id), w.at)
	})
}

func contractObject(id int64) market.Object { return market.Object{Kind: "contract", ID: id} }

func contractPath(id int64) string { return fmt.Sprintf("/contracts/%d", id) }

// ownContract carries out an act of the seller's editors.
func (s *Service) ownContract(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, *market.Contract) error) error {
	if err := a.RequireEditor(market.ScopeContract); err != nil {
		s.Refused(ctx, a, action, contractObject(id))
		return err
	}
	return s.write(ctx, a, action, contractObject(id), func(w *act) error {
		c, err := w.LockContract(ctx, a, id)
		if err != nil {
			return err
		}
		return fn(w, &c)
	})
}

// deskContract carries out an act of a registrar, never on a contract that the registrar has a part in.
func (s *Service) deskContract(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, *market.Contract) error) error {
	if err := s.requireDuty(ctx, a, market.Registrar, action, contractObject(id)); err != nil {
		return err
	}
	return s.write(ctx, a, action, contractObject(id), func(w *act) error {
		c, interested, err := w.LockDeskContract(ctx, a, id)
		if err != nil {
			return err
		}
		if interested {
			return errInterested()
		}
		return fn(w, &c)
	})
}

func errInterested() error {
	return market.Errorf(market.Denied, "这份合同由您经手，或者您所在的单位是它的一方或代办机构，须由其他登记人员办理")
}

// moveContract changes a contract's state and stores what c now holds of its clock, reviewers, reason and registration.
func (w *act) moveContract(ctx context.Context, c *market.Contract, move, code, note string) error {
	from := c.State
	to, err := market.Contracts.Next(from, move)
	if err != nil {
		return err
	}
	c.State = to
	if err := w.MoveContract(ctx, *c, from, w.at); err != nil {
		return err
	}
	if err := w.moved(ctx, move, string(from), string(to), code, note); err != nil {
		return err
	}
	return w.closeObjection(ctx, c)
}

func (w *act) tellSeller(ctx context.Context, c *market.Contract, title string) error {
	if c.Seller.OrgID == nil {
		return nil
	}
	return w.NotifyOrg(ctx, *c.Seller.OrgID, title, contractPath(c.ID), w.at)
}

func (w *act) tellBuyer(ctx context.Context, c *market.Contract, title string) error {
	if c.Buyer.OrgID == nil {
		return nil
	}
	return w.NotifyOrg(ctx, *c.Buyer.OrgID, title, contractPath(c.ID), w.at)
}

func (w *act) tellParties(ctx context.Context, c *market.Contract, title string) error {
	if err := w.tellSeller(ctx, c, title); err != nil {
		return err
	}
	return w.tellBuyer(ctx, c, title)
}

// AcceptContract takes a submitted contract on today and starts the clock: 15 working days, 30 for one that needs a
// second review. For registrars.
func (s *Service) AcceptContract(ctx context.Context, a market.Actor, id int64) error {
	return s.deskContract(ctx, a, market.ContractAccept, id, func(w *act, c *market.Contract) error {
		today := market.DateOf(w.at)
		due := c.RegistrationDue(s.ref, today)
		c.AcceptedOn, c.DueOn = &today, &due
		if err := w.moveContract(ctx, c, "accept", "", ""); err != nil {
			return err
		}
		return w.tellSeller(ctx, c, fmt.Sprintf("合同已受理，%s 前办结：%s", due.Format(time.DateOnly), c.Title))
	})
}

// ReturnContract sends a contract back to its seller for supplement, with a coded ground and words that the seller
// reads. The clock and the reviews begin anew after the next submission. For registrars.
func (s *Service) ReturnContract(ctx context.Context, a market.Actor, id int64, code, note string) error {
	return s.deskContract(ctx, a, market.ContractReturn, id, func(w *act, c *market.Contract) error {
		if _, err := market.Contracts.Next(c.State, "return"); err != nil {
			return err
		}
		if err := checkReason(s.ref.On(market.DateOf(w.at)).Refusals, code, &note); err != nil {
			return err
		}
		c.ReasonCode, c.Reason = code, note
		c.AcceptedOn, c.DueOn, c.FirstReviewer, c.SecondReviewer = nil, nil, nil, nil
		if err := w.moveContract(ctx, c, "return", code, note); err != nil {
			return err
		}
		return w.tellSeller(ctx, c, "合同退回补正："+c.Title)
	})
}

// PassContract is the first review: on to the registration or, from the amount of the domain parameter
// second_review_amount, to a second reviewer. Signals without an answer are a Conflict. For registrars.
func (s *Service) PassContract(ctx context.Context, a market.Actor, id int64) error {
	return s.deskContract(ctx, a, market.ContractPass, id, func(w *act, c *market.Contract) error {
		if w.needsSecondReview(c) {
			c.FirstReviewer = &a.UserID
			if err := w.passOn(ctx, c, "pass_up"); err != nil {
				return err
			}
			return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, "待复审合同："+c.Title, contractPath(id), w.at)
		}
		return w.passContract(ctx, c)
	})
}

// passContract is a first review that is enough.
func (w *act) passContract(ctx context.Context, c *market.Contract) error {
	c.FirstReviewer = &w.actor.UserID
	return w.passOn(ctx, c, "pass")
}

// needsSecondReview goes by the parameter of the day the contract was accepted on.
func (w *act) needsSecondReview(c *market.Contract) bool {
	day := market.DateOf(w.at)
	if c.AcceptedOn != nil {
		day = *c.AcceptedOn
	}
	return c.NeedsSecondReview(w.service.ref, day)
}

// ConfirmContract is the second review. Signals without an answer are a Conflict. For registrars other than the first reviewer.
func (s *Service) ConfirmContract(ctx context.Context, a market.Actor, id int64) error {
	return s.deskContract(ctx, a, market.ContractConfirm, id, func(w *act, c *market.Contract) error {
		if c.FirstReviewer != nil && *c.FirstReviewer == a.UserID {
			return market.Errorf(market.Denied, "您是这份合同的初审人，复审须由另一位登记人员办理")
		}
		c.SecondReviewer = &a.UserID
		return w.passOn(ctx, c, "confirm")
	})
}

// RegisterContract enters the number and date that the national system gave. Below the amount for a second review it
// also serves as the first review. The ledger, and the deal and listings the contract comes from, follow in the same
// transaction. For registrars. Errors name the fields number and registered_on.
func (s *Service) RegisterContract(ctx context.Context, a market.Actor, id int64, number string, on time.Time) error {
	return s.deskContract(ctx, a, market.ContractRegister, id, func(w *act, c *market.Contract) error {
		if c.State == market.ContractAccepted && !w.needsSecondReview(c) {
			if err := w.passContract(ctx, c); err != nil {
				return err
			}
			if err := w.Audit(ctx, w.at, a, market.ContractPass, w.object, "done", ""); err != nil {
				return err
			}
		}
		if _, err := market.Contracts.Next(c.State, "register"); err != nil {
			return err
		}
		number, err := w.checkRegistration(ctx, c, number, on)
		if err != nil {
			return err
		}
		on = market.DateOf(on)
		c.RegistrationNumber, c.RegisteredOn = number, &on
		if err := w.moveContract(ctx, c, "register", "", ""); err != nil {
			return err
		}
		if err := w.AddLedgerEntry(ctx, a, c.Registration(s.ref, on), w.at); err != nil {
			return err
		}
		if err := w.contractDeal(ctx, c); err != nil {
			return err
		}
		return w.tellParties(ctx, c, fmt.Sprintf("合同已登记，编号 %s：%s", number, c.Title))
	})
}

func (w *act) checkRegistration(ctx context.Context, c *market.Contract, number string, on time.Time) (string, error) {
	var p market.Problems
	number, err := market.ParseRegistrationNumber(number)
	p.AddErr("number", err)
	if err == nil {
		title, err := w.RegisteredAs(ctx, number)
		if err != nil {
			return "", err
		}
		if title != "" {
			p.Add("number", "这个编号已经登记给“%s”，请核对", title)
		}
	}
	switch today := market.DateOf(w.at); {
	case on.IsZero():
		p.Add("registered_on", "请填写登记日期，例：%s", today.Format(time.DateOnly))
	case market.DateOf(on).After(today):
		p.Add("registered_on", "登记日期不能晚于今天（%s）", today.Format(time.DateOnly))
	case market.DateOf(on).Before(c.SignedOn):
		p.Add("registered_on", "登记日期不能早于签订日期（%s）", c.SignedOn.Format(time.DateOnly))
	}
	return number, p.Err()
}

// contractDeal closes the deal behind a registered contract and takes its listings off the shelf.
func (w *act) contractDeal(ctx context.Context, c *market.Contract) error {
	if c.DealID == nil {
		return nil
	}
	d, err := w.moveDealOf(ctx, c, "contract")
	if err != nil {
		return err
	}
	var ids []int64
	for _, id := range []*int64{d.NeedID, d.ResultID} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	slices.Sort(ids) // one order of locks
	for _, id := range ids {
		if err := w.matchListing(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// moveDealOf changes the state of a contract's deal.
func (w *act) moveDealOf(ctx context.Context, c *market.Contract, move string) (market.Deal, error) {
	d, err := w.LockAnyDeal(ctx, *c.DealID)
	if err != nil {
		return d, err
	}
	return d, w.about("deal", d.ID).moveDeal(ctx, d, move, "")
}

// matchListing takes a listing off the shelf once a deal or contract meets it, as an act of its own in the same
// transaction. One that is not public any more stays as it is.
func (w *act) matchListing(ctx context.Context, id int64) error {
	l, err := w.LockAnyListing(ctx, id)
	if err != nil || !market.Listings.Can(l.State, "match") {
		return err
	}
	of := w.about(string(l.Kind), id)
	if err := of.moveListing(ctx, l, "match", nil, ""); err != nil {
		return err
	}
	if err := of.tellInquirers(ctx, l); err != nil {
		return err
	}
	return w.Audit(ctx, w.at, w.actor, market.ListingAction(l.Kind, "match"), of.object, "done", "")
}

// about is the same act for another object that it changes.
func (w *act) about(kind string, id int64) *act {
	of := *w
	of.object = market.Object{Kind: kind, ID: id}
	return &of
}

// otherGround is the ground that says nothing without a note.
const otherGround = "R99"

// RefuseContract turns a contract down with a ground of the law. The ground's name stands for the reason where note is
// empty; 其他 (R99) needs a note. For registrars.
func (s *Service) RefuseContract(ctx context.Context, a market.Actor, id int64, code, note string) error {
	return s.deskContract(ctx, a, market.ContractRefuse, id, func(w *act, c *market.Contract) error {
		if _, err := market.Contracts.Next(c.State, "refuse"); err != nil {
			return err
		}
		if strings.TrimSpace(note) == "" && code != otherGround {
			note = s.ref.Refusals.Name(code)
		}
		if err := checkReason(s.ref.On(market.DateOf(w.at)).Refusals, code, &note); err != nil {
			return err
		}
		c.ReasonCode, c.Reason = code, note
		if err := w.moveContract(ctx, c, "refuse", code, note); err != nil {
			return err
		}
		return w.tellParties(ctx, c, "合同不予登记："+c.Title)
	})
}
