package service

import (
	"context"
	"fmt"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// Correction is a contract that is to be brought to what the national system says.
type Correction struct {
	Period  store.Compared
	Items   []market.ReconcileItem // the differences that were decided so
	Was     store.Contract
	Becomes market.Contract // filled in with the national values
	Why     string          // in words
	Fixed   market.Problems // where the contract takes verified names and codes that are not the national ones
}

// NewCorrection fills in the change that brings a contract to what the national system says in the differences of a period
// that were decided for it. Nothing is written. For registrars of the whole city who have no part in the contract.
func (s *Service) NewCorrection(ctx context.Context, a market.Actor, period, contract int64) (Correction, error) {
	var out Correction
	if err := s.requireCity(ctx, a, market.ContractCorrect, contractObject(contract), market.Registrar); err != nil {
		return out, err
	}
	var err error
	if out.Period, err = s.store.Compared(ctx, a, period); err != nil {
		return out, err
	}
	if out.Was, err = s.store.Contract(ctx, a, contract); err != nil {
		return out, err
	}
	interested, err := s.store.InterestedInContract(ctx, a, contract)
	if err != nil {
		return out, err
	}
	if interested {
		return out, errInterested()
	}
	if out.Items, err = toChange(out.Period, contract); err != nil {
		return out, err
	}
	if err := market.AmendChange.Takes(out.Was.Contract); err != nil {
		return out, err
	}
	entries, err := s.store.LedgerEntries(ctx, contract)
	if err != nil {
		return out, err
	}
	standing := market.Standing(entries)
	out.Becomes, out.Why = out.Was.Corrected(s.ref, standing, out.Items), correctionWhy(out.Period, out.Items)
	if err := settleKnownParties(ctx, s.store.Queries, a, &out.Becomes); err != nil {
		return out, err
	}
	out.Fixed = out.Becomes.CheckCorrection(s.ref, out.Was.Contract, standing, out.Was.OfKnownParties(out.Items))
	return out, nil
}

// toChange are the differences that a change of the contract works off.
func toChange(c store.Compared, contract int64) ([]market.ReconcileItem, error) {
	if err := stillOpen(c.Reconciliation); err != nil {
		return nil, err
	}
	items := market.ToCorrect(c.Items(), contract, market.CorrectByChange)
	if len(items) == 0 {
		return nil, market.Errorf(market.Conflict, "%s没有等着按全国系统更正这份合同的差异，请回到对账页看最新的情况", c.Name())
	}
	return items, nil
}

func correctionWhy(c store.Compared, items []market.ReconcileItem) string {
	parts := make([]string, len(items))
	for i, x := range items {
		parts[i] = fmt.Sprintf("%s以全国为准（%s）", market.ReconcileFields.Name(x.Field), x.Decision.Reason)
	}
	return market.Truncate(c.Name()+"与全国系统对账："+strings.Join(parts, "；"), 500)
}

// CorrectContract proposes the change that works off the differences of a period which were decided for the national side: c
// is the whole contract as it should be and must say there what the national system says, c.Version the version it was filled
// in from, x the reason and the upload that proves it. Who proposes it is the first of the two registrars who look at it. key is
// the form's one-time key. It returns the amendment's id. For registrars of the whole city. Errors are those of AskChange.
func (s *Service) CorrectContract(ctx context.Context, a market.Actor, period int64, c market.Contract, x market.Amendment, key string) (int64, error) {
	if err := s.requireCity(ctx, a, market.ContractCorrect, contractObject(c.ID), market.Registrar); err != nil {
		return 0, err
	}
	x.Kind, x.ContractID, x.ReconciliationID = market.AmendChange, c.ID, &period
	err := s.deskContract(ctx, a, market.ContractCorrect, c.ID, func(w *act, old *market.Contract) error {
		return w.ask(ctx, old, &x, key, func(w *act, old market.Contract, x *market.Amendment, p *market.Problems) error {
			return w.fillCorrection(ctx, c, old, x, p)
		})
	})
	return x.ID, err
}

func (w *act) fillCorrection(ctx context.Context, c, old market.Contract, x *market.Amendment, p *market.Problems) error {
	if _, err := w.LockReconciliation(ctx, w.actor, *x.ReconciliationID); err != nil {
		return err
	}
	compared, err := w.ComparedHere(ctx, w.actor, *x.ReconciliationID)
	if err != nil {
		return err
	}
	items, err := toChange(compared, c.ID)
	if err != nil {
		return err
	}
	if old.Version != c.Version {
		return market.ErrStale
	}
	standing, err := w.standing(ctx, c.ID)
	if err != nil {
		return err
	}
	ref := w.service.ref
	if err := w.settleChange(ctx, &c, old, old.Corrected(ref, standing, items).RegistrationNumber, p); err != nil {
		return err
	}
	for _, f := range c.CheckCorrection(ref, old, standing, items) {
		if !p.Has(f.Field) {
			p.Add(f.Field, "%s", f.Message)
		}
	}
	x.Before, x.Proposed = &old, &c
	return nil
}
