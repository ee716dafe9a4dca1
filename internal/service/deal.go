package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// FallDeal ends a deal that will not be signed, with a reason that both parties see; its listings stay public. For the
// editors of either party, also when their organisation is suspended. A deal with a living contract is a Conflict. Errors
// name the form's fields.
func (s *Service) FallDeal(ctx context.Context, a market.Actor, id int64, reason string) error {
	object := market.Object{Kind: "deal", ID: id}
	if err := a.RequireEditor(market.ScopeNegotiate); err != nil {
		s.Refused(ctx, a, market.DealFall, object)
		return err
	}
	if err := market.CheckFallReason(&reason); err != nil {
		return err
	}
	return s.write(ctx, a, market.DealFall, object, func(w *act) error {
		d, err := w.LockDeal(ctx, a, id)
		if err != nil {
			return err
		}
		switch number, err := w.LivingContract(ctx, id); {
		case err == nil:
			return market.Errorf(market.Conflict, "这次成交已有合同 %s。请卖方先撤回合同，再取消成交", number)
		case !market.IsKind(err, market.NotFound):
			return err
		}
		if err := w.moveDeal(ctx, d, "fall", reason); err != nil {
			return err
		}
		other := d.SellerOrg
		if other == a.OrgID {
			other = d.BuyerOrg
		}
		return w.NotifyOrg(ctx, other, fmt.Sprintf("对方取消了成交 %s：%s", d.Number, d.Title), dealPath(d), w.at)
	})
}

// moveDeal changes a locked deal's state and writes its history. reason is kept for a deal that falls through.
func (w *act) moveDeal(ctx context.Context, d market.Deal, move, reason string) error {
	to, err := market.Deals.Next(d.State, move)
	if err != nil {
		return err
	}
	if err := w.MoveDeal(ctx, d.ID, d.State, to, reason); err != nil {
		return err
	}
	return w.moved(ctx, move, string(d.State), string(to), "", reason)
}

// dealPath is the page that shows a deal: that of the inquiry or challenge it came from, else the list of contracts.
func dealPath(d market.Deal) string {
	switch {
	case d.InquiryID != nil:
		return inquiryPath(*d.InquiryID)
	case d.ChallengeID != nil:
		return challengePath(*d.ChallengeID)
	}
	return "/contracts"
}
