package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// RecordObjection records what tax, finance or the applicant have against a contract that is on the desk or registered. x
// holds who, the letter and the upload of it; key is the form's one-time key. It returns the objection's id. Before the
// registration two people then review the contract in the longer time; after it there is a re-assessment. For registrars.
// Errors name the fields objector, name, letter_number, letter_on, body and contract.
func (s *Service) RecordObjection(ctx context.Context, a market.Actor, x market.Objection, key string) (int64, error) {
	err := s.deskContract(ctx, a, market.ContractObject, x.ContractID, func(w *act, c *market.Contract) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			x.ID = existing
			return err
		}
		if err := c.TakesObjection(); err != nil {
			return err
		}
		today := market.DateOf(w.at)
		problems := x.Check(*c, today)
		if err := w.takeUpload(ctx, x.FileID, market.FileContract, &problems); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		x.ReceivedAt = w.at
		if x.Registered = c.State == market.ContractRegistered; x.Registered {
			x.DueOn = new(market.ObjectionDue(s.ref, today))
		}
		if x.ID, err = w.CreateObjection(ctx, a, x); err != nil {
			return err
		}
		if err := w.objected(ctx, c, x, "record", x.Name+" "+x.LetterNumber); err != nil {
			return err
		}
		if err := w.dispute(ctx, c); err != nil {
			return err
		}
		if err := w.tellDesk(ctx, c, x, "收到异议"); err != nil {
			return err
		}
		if err := w.tellOfObjection(ctx, c, x, market.Objectors.Name(x.Objector)+"对合同提出异议"); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, x.ID)
	})
	return x.ID, err
}

// dispute brings a contract that is not registered to where somebody's objection takes it.
func (w *act) dispute(ctx context.Context, c *market.Contract) error {
	if c.State == market.ContractRegistered {
		return nil
	}
	if move := c.Dispute(w.service.ref); move != "" {
		return w.moveContract(ctx, c, move, "", "")
	}
	return w.MoveContract(ctx, *c, c.State, w.at)
}

func objectionPath(x market.Objection) string {
	return fmt.Sprintf("%s/objections/%d", contractPath(x.ContractID), x.ID)
}

// objected appends a move of an objection to its contract's history.
func (w *act) objected(ctx context.Context, c *market.Contract, x market.Objection, move, note string) error {
	w.detail = fmt.Sprintf("objection %d", x.ID)
	return w.moved(ctx, "objection_"+move, string(c.State), string(c.State), x.Removal.Ground, note)
}

func (w *act) tellDesk(ctx context.Context, c *market.Contract, x market.Objection, what string) error {
	return w.NotifyDuty(ctx, market.Registrar, c.Seller.Region, what+"："+c.Title, objectionPath(x), w.at)
}

// tellOfObjection tells both parties.
func (w *act) tellOfObjection(ctx context.Context, c *market.Contract, x market.Objection, what string) error {
	for _, org := range []*int64{c.Seller.OrgID, c.Buyer.OrgID} {
		if org == nil {
			continue
		}
		if err := w.NotifyOrg(ctx, *org, what+"："+c.Title, objectionPath(x), w.at); err != nil {
			return err
		}
	}
	return nil
}

// deskObjection carries out an act of a registrar on an objection.
func (s *Service) deskObjection(ctx context.Context, a market.Actor, action market.Action, contract, id int64, fn func(*act, *market.Contract, *market.Objection) error) error {
	return s.deskContract(ctx, a, action, contract, func(w *act, c *market.Contract) error {
		x, err := w.LockObjection(ctx, contract, id)
		if err != nil {
			return err
		}
		return fn(w, c, &x)
	})
}

// reassessed refuses to judge an objection that ends with the decision on the registration.
func reassessed(x *market.Objection) error {
	if x.Registered {
		return nil
	}
	return market.Errorf(market.Conflict, "这项异议随登记一并审查：合同准予或者不予登记时，它就有了结论")
}

// moveObjection changes an objection's state, stores what x holds and notes the move.
func (w *act) moveObjection(ctx context.Context, c *market.Contract, x *market.Objection, move, note string) error {
	from := x.State
	to, err := market.Objections.Next(from, move)
	if err != nil {
		return err
	}
	x.State = to
	if !to.Open() {
		x.DecidedAt = &w.at
	}
	if err := w.MoveObjection(ctx, *x, from); err != nil {
		return err
	}
	return w.objected(ctx, c, *x, move, note)
}

// ProposeOutcome is the first of two words on an objection to a registered contract: how it should end, why and, where the
// contract is to be taken off the register, with which ground. m.Note is the reason. For registrars. Errors name the fields
// outcome, ground, benefits and note.
func (s *Service) ProposeOutcome(ctx context.Context, a market.Actor, contract, id int64, outcome string, m market.Removal) error {
	return s.deskObjection(ctx, a, market.ContractObjectPropose, contract, id, func(w *act, c *market.Contract, x *market.Objection) error {
		if err := reassessed(x); err != nil {
			return err
		}
		if _, err := market.Objections.Next(x.State, "propose"); err != nil {
			return err
		}
		if err := x.Propose(s.ref, outcome, m, market.DateOf(w.at)).Err(); err != nil {
			return err
		}
		x.FirstReviewer = &a.UserID
		if err := w.moveObjection(ctx, c, x, "propose", x.OutcomeName()+"。"+x.Reason); err != nil {
			return err
		}
		return w.tellDesk(ctx, c, *x, "待复核异议")
	})
}

// ReturnOutcome sends a proposed outcome back, with words that the first person reads. For registrars other than the first.
// Errors name the field note.
func (s *Service) ReturnOutcome(ctx context.Context, a market.Actor, contract, id int64, note string) error {
	return s.deskObjection(ctx, a, market.ContractObjectReturn, contract, id, func(w *act, c *market.Contract, x *market.Objection) error {
		if err := w.secondPerson(x); err != nil {
			return err
		}
		if _, err := market.Objections.Next(x.State, "return"); err != nil {
			return err
		}
		if err := checkNote(&note, "请写明为什么不同意，拟结论的人会看到"); err != nil {
			return err
		}
		x.Outcome, x.Removal, x.Reason, x.FirstReviewer = "", market.Removal{}, "", nil
		if err := w.moveObjection(ctx, c, x, "return", note); err != nil {
			return err
		}
		return w.tellDesk(ctx, c, *x, "异议的结论被退回")
	})
}

// ConfirmOutcome is the second word: the proposed outcome holds. One that takes the contract off the register does so at
// once, with all that follows from it; one by which it is to be changed leaves that to the seller's application. For
// registrars other than the first.
func (s *Service) ConfirmOutcome(ctx context.Context, a market.Actor, contract, id int64) error {
	return s.deskObjection(ctx, a, market.ContractObjectConfirm, contract, id, func(w *act, c *market.Contract, x *market.Objection) error {
		if err := w.secondPerson(x); err != nil {
			return err
		}
		x.SecondReviewer = &a.UserID
		if err := w.moveObjection(ctx, c, x, "confirm", x.OutcomeName()+"。"+x.Reason); err != nil {
			return err
		}
		if move := market.RemovalMove(x.Outcome); move != "" {
			if err := w.unregister(ctx, c, move, x.Removal); err != nil {
				return err
			}
		}
		if err := w.tellDesk(ctx, c, *x, "异议已有结论，请复函"); err != nil {
			return err
		}
		what := "异议的结论是" + x.OutcomeName()
		if x.Outcome == "changed" {
			what += "，请卖方申请变更"
		}
		return w.tellOfObjection(ctx, c, *x, what)
	})
}

// secondPerson refuses who has spoken first.
func (w *act) secondPerson(x *market.Objection) error {
	if x.FirstReviewer != nil && *x.FirstReviewer == w.actor.UserID {
		return market.Errorf(market.Denied, "结论是您拟的，复核须由另一位登记人员办理")
	}
	return nil
}

// WithdrawObjection notes that who objected takes it back, with words. A contract that is not registered stays with two
// people. For registrars. Errors name the field note.
func (s *Service) WithdrawObjection(ctx context.Context, a market.Actor, contract, id int64, note string) error {
	return s.deskObjection(ctx, a, market.ContractObjectWithdraw, contract, id, func(w *act, c *market.Contract, x *market.Objection) error {
		if _, err := market.Objections.Next(x.State, "withdraw"); err != nil {
			return err
		}
		if err := checkNote(&note, "请写明撤回的依据，例：2026-11-28 来函撤回"); err != nil {
			return err
		}
		x.Outcome, x.Removal, x.FirstReviewer, x.Reason = "", market.Removal{}, nil, note
		if err := w.moveObjection(ctx, c, x, "withdraw", note); err != nil {
			return err
		}
		return w.tellOfObjection(ctx, c, *x, "异议已撤回")
	})
}

// closeObjection ends what is open against a contract with the decision that ends its registration.
func (w *act) closeObjection(ctx context.Context, c *market.Contract) error {
	outcome, reason := c.RegistrationOutcome(w.service.ref)
	if outcome == "" || !c.Disputed {
		return nil
	}
	x, err := w.LockOpenObjection(ctx, c.ID)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	x.Outcome, x.Reason, x.FirstReviewer, x.SecondReviewer = outcome, reason, c.FirstReviewer, c.SecondReviewer
	detail := w.detail
	if err := w.moveObjection(ctx, c, &x, "close", x.OutcomeName()); err != nil {
		return err
	}
	w.detail = detail
	return w.tellDesk(ctx, c, x, "异议已有结论，请复函")
}

// notObjected refuses to take a contract off the register past an objection: its outcome may be just that.
func (w *act) notObjected(ctx context.Context, contract int64) error {
	_, err := w.LockOpenObjection(ctx, contract)
	switch {
	case err == nil:
		return market.Errorf(market.Conflict, "这份合同有一项异议还没有结论。请在异议里拟注销或撤销的结论，由两人办理")
	case market.IsKind(err, market.NotFound):
		return nil
	}
	return err
}
