package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// CancelContract takes a registered contract off the register at its parties' wish (注销). The ledger gets a negative
// entry of today; the registration stays readable. For registrars. Errors name the fields ground, benefits and note.
func (s *Service) CancelContract(ctx context.Context, a market.Actor, id int64, m market.Removal) error {
	return s.removeContract(ctx, a, market.ContractCancel, id, "cancel", m)
}

// RevokeContract takes a registered contract off the register because it should not have been there (撤销). For the
// ledger and the errors see CancelContract. For registrars.
func (s *Service) RevokeContract(ctx context.Context, a market.Actor, id int64, m market.Removal) error {
	return s.removeContract(ctx, a, market.ContractRevoke, id, "revoke", m)
}

func (s *Service) removeContract(ctx context.Context, a market.Actor, action market.Action, id int64, move string, m market.Removal) error {
	return s.deskContract(ctx, a, action, id, func(w *act, c *market.Contract) error {
		if err := w.notObjected(ctx, id); err != nil {
			return err
		}
		return w.unregister(ctx, c, move, m)
	})
}

// unregister takes a locked contract off the register with all that hangs on it.
func (w *act) unregister(ctx context.Context, c *market.Contract, move string, m market.Removal) error {
	if _, err := market.Contracts.Next(c.State, move); err != nil {
		return err
	}
	today := market.DateOf(w.at)
	if err := m.Check(w.service.ref, move, today).Err(); err != nil {
		return err
	}
	c.ReasonCode, c.Reason = "", m.Note
	if err := w.moveContract(ctx, c, move, m.Ground, m.Note); err != nil {
		return err
	}
	if err := w.AddRemoval(ctx, w.actor, c.ID, m, w.at); err != nil {
		return err
	}
	if err := w.LapseAmendments(ctx, c.ID, w.at); err != nil {
		return err
	}
	standing, err := w.standing(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := w.AddLedgerEntry(ctx, w.actor, standing.Reversal(string(c.State), today), w.at); err != nil {
		return err
	}
	if c.DealID != nil {
		if _, err := w.moveDealOf(ctx, c, "uncontract"); err != nil {
			return err
		}
	}
	return w.tellParties(ctx, c, fmt.Sprintf("合同%s：%s", c.State.Name(), c.Title))
}
