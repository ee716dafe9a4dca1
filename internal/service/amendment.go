package service

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// AskChange asks for other terms of a registered contract. c holds the whole contract as it should be, c.Version the version
// it was filled in from; x the reason and the upload that proves it. key is the form's one-time key. It returns the
// amendment's id. For editors of the seller, which must be verified. Errors name the form's fields, why and contract.
func (s *Service) AskChange(ctx context.Context, a market.Actor, c market.Contract, x market.Amendment, key string) (int64, error) {
	x.Kind, x.ContractID = market.AmendChange, c.ID
	return s.amend(ctx, a, market.ContractChangeAsk, x, key, func(w *act, old market.Contract, x *market.Amendment, p *market.Problems) error {
		if old.Version != c.Version {
			return market.ErrStale
		}
		if err := w.settleChange(ctx, &c, old, old.RegistrationNumber, p); err != nil {
			return err
		}
		x.Before, x.Proposed = &old, &c
		return nil
	})
}

// AskSupplement asks to add what a royalty has brought to a registered contract whose total is not fixed. x holds the words,
// the day, the amounts and the upload that proves them. For key and who may call see AskChange. Errors name the fields why,
// obtained_on, total_amount, tech_amount and contract.
func (s *Service) AskSupplement(ctx context.Context, a market.Actor, x market.Amendment, key string) (int64, error) {
	x.Kind = market.AmendSupplement
	return s.amend(ctx, a, market.ContractSupplementAsk, x, key, func(*act, market.Contract, *market.Amendment, *market.Problems) error { return nil })
}

// amend asks for an amendment; fill adds to it what the contract and the form say.
func (s *Service) amend(ctx context.Context, a market.Actor, action market.Action, x market.Amendment, key string,
	fill func(*act, market.Contract, *market.Amendment, *market.Problems) error) (int64, error) {
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		s.Refused(ctx, a, action, contractObject(x.ContractID))
		return 0, err
	}
	err := s.ownContract(ctx, a, action, x.ContractID, func(w *act, c *market.Contract) error {
		return w.ask(ctx, c, &x, key, fill)
	})
	return x.ID, err
}

// ask checks an amendment of a locked contract and adds it. A correction is looked at by two whatever it comes to, of whom who
// proposes it is the first.
func (w *act) ask(ctx context.Context, c *market.Contract, x *market.Amendment, key string, fill func(*act, market.Contract, *market.Amendment, *market.Problems) error) error {
	existing, fresh, err := w.Claim(ctx, w.actor, key, w.at)
	if err != nil || !fresh {
		x.ID = existing
		return err
	}
	if err := x.Kind.Takes(*c); err != nil {
		return err
	}
	today, ref := market.DateOf(w.at), w.service.ref
	problems := x.Check(*c, today)
	if err := fill(w, *c, x, &problems); err != nil {
		return err
	}
	if err := w.takeUpload(ctx, x.FileID, market.FileContract, &problems); err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err
	}
	standing, err := w.standing(ctx, c.ID)
	if err != nil {
		return err
	}
	x.Two = x.Large(ref, standing, today)
	x.AskedAt, x.DueOn = w.at, market.AmendmentDue(ref, x.Two, today)
	if x.ReconciliationID != nil {
		x.Two, x.State, x.FirstReviewer = true, market.AmendmentSecondReview, &w.actor.UserID
	}
	if err := w.addAmendment(ctx, c, x); err != nil {
		return err
	}
	return w.Fulfil(ctx, w.actor, key, x.ID)
}

// addAmendment stores what was asked with its proof, and tells the desk and the parties.
func (w *act) addAmendment(ctx context.Context, c *market.Contract, x *market.Amendment) error {
	file := market.ContractFile{ID: x.FileID, ContractID: c.ID, Use: market.FileOfAmendment, Label: x.Kind.Name() + "证明 " + w.at.In(market.Shanghai).Format(time.DateOnly)}
	if err := w.AddContractFile(ctx, file, w.at); err != nil {
		return err
	}
	var err error
	if x.ID, err = w.CreateAmendment(ctx, w.actor, *x); err != nil {
		return err
	}
	if x.ReconciliationID != nil {
		return w.correctionAsked(ctx, c, *x)
	}
	if err := w.amended(ctx, c, *x, "ask", x.Why); err != nil {
		return err
	}
	if err := w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, fmt.Sprintf("待审核%s：%s", x.Kind.Name(), c.Title), amendmentPath(*x), w.at); err != nil {
		return err
	}
	return w.tellBuyer(ctx, c, fmt.Sprintf("卖方申请%s：%s", x.Kind.Name(), c.Title))
}

func (w *act) correctionAsked(ctx context.Context, c *market.Contract, x market.Amendment) error {
	if err := w.amended(ctx, c, x, "propose", x.Why); err != nil {
		return err
	}
	if err := w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, "待复审更正："+c.Title, amendmentPath(x), w.at); err != nil {
		return err
	}
	return w.tellParties(ctx, c, "登记机构按全国系统的登记提出更正："+c.Title)
}

func amendmentPath(x market.Amendment) string {
	return fmt.Sprintf("%s/amendments/%d", contractPath(x.ContractID), x.ID)
}

// amended appends a move of an amendment to its contract's history.
func (w *act) amended(ctx context.Context, c *market.Contract, x market.Amendment, move, note string) error {
	w.detail = fmt.Sprintf("amendment %d", x.ID)
	return w.moved(ctx, fmt.Sprintf("%s_%s", x.Kind, move), string(c.State), string(c.State), x.ReasonCode, note)
}

// standing is how a contract stands in the ledger.
func (w *act) standing(ctx context.Context, contract int64) (market.LedgerEntry, error) {
	entries, err := w.LedgerEntries(ctx, contract)
	return market.Standing(entries), err
}

// settleChange sets what a change cannot choose, with that registration number, and checks the rest. A party that the market
// knows has its verified name.
func (w *act) settleChange(ctx context.Context, c *market.Contract, old market.Contract, number string, p *market.Problems) error {
	form := *c
	*c = old
	c.TakeForm(form)
	c.RegistrationNumber = number
	c.Seller.OrgID, c.Buyer.OrgID = old.Seller.OrgID, old.Buyer.OrgID
	if err := settleKnownParties(ctx, w.Queries, w.actor, c); err != nil {
		return err
	}
	found := c.CheckChange(w.service.ref, old, market.DateOf(w.at))
	if old.DealID == nil {
		c.Buyer.OrgID = nil
		if err := w.findBuyer(ctx, &c.Buyer, &found); err != nil {
			return err
		}
	}
	*p = append(found, *p...)
	return nil
}

// WithdrawAmendment takes back what was asked and is not decided. For the seller's editors.
func (s *Service) WithdrawAmendment(ctx context.Context, a market.Actor, contract, id int64) error {
	return s.ownContract(ctx, a, market.ContractAmendWithdraw, contract, func(w *act, c *market.Contract) error {
		x, err := w.LockAmendment(ctx, contract, id)
		if err != nil {
			return err
		}
		if x.ReconciliationID != nil {
			return market.Errorf(market.Conflict, "这项更正由登记机构提出，不能撤回。有不同意见请联系登记机构")
		}
		if err := w.moveAmendment(ctx, c, &x, "withdraw"); err != nil {
			return err
		}
		return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, fmt.Sprintf("申请人撤回了%s：%s", x.Kind.Name(), c.Title), amendmentPath(x), w.at)
	})
}

// deskAmendment carries out an act of a registrar on an amendment.
func (s *Service) deskAmendment(ctx context.Context, a market.Actor, action market.Action, contract, id int64, fn func(*act, *market.Contract, *market.Amendment) error) error {
	return s.deskContract(ctx, a, action, contract, func(w *act, c *market.Contract) error {
		x, err := w.LockAmendment(ctx, contract, id)
		if err != nil {
			return err
		}
		return fn(w, c, &x)
	})
}

// moveAmendment changes an amendment's state, stores what x holds and notes the move.
func (w *act) moveAmendment(ctx context.Context, c *market.Contract, x *market.Amendment, move string) error {
	from := x.State
	to, err := market.Amendments.Next(from, move)
	if err != nil {
		return err
	}
	x.State = to
	if !to.Open() {
		x.DecidedAt = &w.at
	}
	if err := w.MoveAmendment(ctx, *x, from); err != nil {
		return err
	}
	return w.amended(ctx, c, *x, move, x.Reason)
}

// PassAmendment is the first of two reviews, of an amendment that needs them. For registrars.
func (s *Service) PassAmendment(ctx context.Context, a market.Actor, contract, id int64) error {
	return s.deskAmendment(ctx, a, market.ContractAmendPass, contract, id, func(w *act, c *market.Contract, x *market.Amendment) error {
		if !x.Two {
			return market.Errorf(market.Conflict, "这项%s不到复审金额，由一人确认", x.Kind.Name())
		}
		x.FirstReviewer = &a.UserID
		if err := w.moveAmendment(ctx, c, x, "pass"); err != nil {
			return err
		}
		return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, fmt.Sprintf("待复审%s：%s", x.Kind.Name(), c.Title), amendmentPath(*x), w.at)
	})
}

// ConfirmAmendment re-assesses the contract: the ledger follows today, and a change becomes the contract's new version. Of an
// amendment that needs two people it is the second review, by somebody other than the first. For registrars.
func (s *Service) ConfirmAmendment(ctx context.Context, a market.Actor, contract, id int64) error {
	return s.deskAmendment(ctx, a, market.ContractAmendConfirm, contract, id, func(w *act, c *market.Contract, x *market.Amendment) error {
		if err := w.reviewLast(x); err != nil {
			return err
		}
		if err := w.moveAmendment(ctx, c, x, "confirm"); err != nil {
			return err
		}
		standing, err := w.standing(ctx, contract)
		if err != nil {
			return err
		}
		for _, e := range x.Entries(s.ref, standing, market.DateOf(w.at)) {
			if err := w.AddLedgerEntry(ctx, a, e, w.at); err != nil {
				return err
			}
		}
		if err := w.applyAmendment(ctx, c, x); err != nil {
			return err
		}
		return w.tellParties(ctx, c, fmt.Sprintf("%s已确认：%s", x.Kind.Name(), c.Title))
	})
}

// reviewLast notes the actor as the reviewer whose word is the last.
func (w *act) reviewLast(x *market.Amendment) error {
	me := &w.actor.UserID
	switch {
	case !x.Two:
		x.FirstReviewer = me
	case x.State == market.AmendmentOpen:
		return market.Errorf(market.Conflict, "这项%s须由两人审查，请先办初审", x.Kind.Name())
	case x.FirstReviewer != nil && *x.FirstReviewer == *me:
		return market.Errorf(market.Denied, "您是这项%s的初审人，复审须由另一位登记人员办理", x.Kind.Name())
	default:
		x.SecondReviewer = me
	}
	return nil
}

// applyAmendment brings the contract's row to its new version.
func (w *act) applyAmendment(ctx context.Context, c *market.Contract, x *market.Amendment) error {
	if x.Kind == market.AmendChange {
		next := *x.Proposed
		next.ID, next.Version = c.ID, c.Version
		if next.RegistrationNumber != c.RegistrationNumber {
			if err := w.RenumberContract(ctx, c.ID, next.RegistrationNumber, w.at); err != nil {
				return err
			}
		}
		return w.UpdateContract(ctx, next, w.at)
	}
	if x.Final {
		return w.FixAmount(ctx, c.ID, w.at)
	}
	return nil
}

// RefuseAmendment leaves the contract as it is registered, with a coded ground and words that the parties read. For
// registrars. Errors name the fields code and note.
func (s *Service) RefuseAmendment(ctx context.Context, a market.Actor, contract, id int64, code, note string) error {
	return s.deskAmendment(ctx, a, market.ContractAmendRefuse, contract, id, func(w *act, c *market.Contract, x *market.Amendment) error {
		if _, err := market.Amendments.Next(x.State, "refuse"); err != nil {
			return err
		}
		if err := checkReason(s.ref.On(market.DateOf(w.at)).Refusals, code, &note); err != nil {
			return err
		}
		x.ReasonCode, x.Reason = code, note
		if err := w.moveAmendment(ctx, c, x, "refuse"); err != nil {
			return err
		}
		return w.tellParties(ctx, c, fmt.Sprintf("%s未获同意：%s", x.Kind.Name(), c.Title))
	})
}
