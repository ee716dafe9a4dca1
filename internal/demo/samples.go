package demo

import (
	"context"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// drawSample draws from what was registered in the last twelve months, and notes what was found of the first three.
func drawSample(ctx context.Context, st *store.Store, svc *service.Service, counter market.Actor, now time.Time) error {
	last := market.MonthOf(now).AddDate(0, 0, -1)
	id, err := svc.DrawSample(ctx, counter, market.Sample{From: market.MonthOf(last).AddDate(0, -11, 0), To: last, Strata: "kind", Size: 20}, "")
	if err != nil {
		return err
	}
	drawn, err := st.Sampled(ctx, counter, id)
	if err != nil {
		return err
	}
	for i, f := range []market.SampleFinding{{Finding: "clear"}, {Finding: "problem", Note: "档案里没有技术交易额的扣除明细，已请登记人员补"}, {Finding: "clear", Note: "付款凭证与合同一致"}} {
		f.ContractID = drawn[i].ContractID
		if err := svc.FindSample(ctx, counter, id, f); err != nil {
			return err
		}
	}
	return nil
}
