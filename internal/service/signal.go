package service

import (
	"context"

	"techmarket/internal/market"
)

// AnswerSignal notes what a registrar found of a signal that a contract gives. The answer's kind and key name the signal as it
// was read: one that is not so any more, or has changed since, is a Conflict. Answers are kept; the newest counts. For
// registrars who have no part in the contract, while it is on the desk and when it is registered. Errors name the fields finding
// and note.
func (s *Service) AnswerSignal(ctx context.Context, a market.Actor, id int64, x market.SignalAnswer) error {
	return s.deskContract(ctx, a, market.ContractSignal, id, func(w *act, c *market.Contract) error {
		if !c.State.OnDesk() && c.State != market.ContractRegistered {
			return market.Errorf(market.Conflict, "合同现在是“%s”，不再核实审查提示", c.State.Name())
		}
		if market.SignalKinds.Name(x.Kind) == "" {
			return market.ErrNotFound
		}
		check, err := w.SignalCheck(ctx, a, market.DateOf(w.at), id)
		if err != nil {
			return err
		}
		signal := check.Find(x.Kind)
		if signal == nil || signal.Key != x.Key {
			return market.Errorf(market.Conflict, "这条审查提示的情况刚有变化。请打开合同看最新的提示，再填写核实结果")
		}
		if err := x.Check().Err(); err != nil {
			return err
		}
		x.Seen, x.UserID, x.At = signal.Text, a.UserID, w.at
		if last := signal.Answer(); last != nil && last.Finding == x.Finding && last.Note == x.Note && last.UserID == x.UserID {
			return nil // the same form again
		}
		w.detail = x.Kind + " " + x.Finding
		return w.AddSignalAnswer(ctx, id, x)
	})
}

// passOn is a review that was passed, which it is not while a signal has no answer, or one that asks for an explanation.
func (w *act) passOn(ctx context.Context, c *market.Contract, move string) error {
	if _, err := market.Contracts.Next(c.State, move); err != nil {
		return err
	}
	check, err := w.SignalCheck(ctx, w.actor, market.DateOf(w.at), c.ID)
	if err != nil {
		return err
	}
	if n := check.Open(); n > 0 {
		return market.Errorf(market.Conflict, "还有 %d 条审查提示没有核实。请在合同页上逐条填写核实结果，再通过审查", n)
	}
	return w.moveContract(ctx, c, move, "", "")
}
