package demo

import (
	"context"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// answerSignals answers what the contracts in their second review give, as the first reviewer did.
func answerSignals(ctx context.Context, st *store.Store, svc *service.Service, registrar market.Actor) error {
	cards, err := st.DeskContracts(ctx, registrar, store.DeskFilter{}, []market.ContractState{market.ContractSecondReview}, store.PageSlice(1, store.MaxPage))
	if err != nil {
		return err
	}
	for _, k := range cards {
		check, err := st.SignalCheck(ctx, registrar, svc.Today(), k.ID)
		if err != nil {
			return err
		}
		for _, x := range check.Signals {
			answer := market.SignalAnswer{Kind: x.Kind, Key: x.Key, Finding: market.SignalClear, Note: "看过合同文本和附件，与提示所列情况不是一回事"}
			if x.Kind == market.SignalRelated {
				answer.Finding, answer.Note = market.SignalConfirmed, "买方持有卖方三成股权，价款有第三方评估报告，公允"
			}
			if err := svc.AnswerSignal(ctx, registrar, k.ID, answer); err != nil {
				return err
			}
		}
	}
	return nil
}
