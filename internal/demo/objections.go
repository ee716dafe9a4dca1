package demo

import (
	"context"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// objectToContracts has tax object to a registered contract of the university, for the desk to judge, and another one that
// was registered twice revoked. Those that somebody asked to change are left alone.
func objectToContracts(ctx context.Context, st *store.Store, svc *service.Service, seller, registrar market.Actor) error {
	cards, err := st.OwnContracts(ctx, seller, []market.ContractState{market.ContractRegistered}, store.Slice{Limit: 200})
	if err != nil {
		return err
	}
	acts := []func(market.Contract) error{
		func(c market.Contract) error { return objectTo(ctx, svc, registrar, c) },
		func(c market.Contract) error {
			return svc.RevokeContract(ctx, registrar, c.ID, market.Removal{Ground: "X03", Benefits: "reported", Note: "与同一项目的另一份合同标的、金额相同，卖方已向税务机关补报"})
		},
	}
	for _, card := range cards {
		if len(acts) == 0 {
			return nil
		}
		c, err := st.Contract(ctx, seller, card.ID)
		if err != nil {
			return err
		}
		if c.Seller.OrgID == nil || *c.Seller.OrgID != seller.OrgID || len(c.Amendments) > 0 || c.DealID != nil {
			continue
		}
		if err := acts[0](c.Contract); err != nil {
			return err
		}
		acts = acts[1:]
	}
	return nil
}

func objectTo(ctx context.Context, svc *service.Service, registrar market.Actor, c market.Contract) error {
	f, err := svc.UploadFile(ctx, registrar, market.FileContract, "关于核实技术合同的函.pdf", report())
	if err != nil {
		return err
	}
	_, err = svc.RecordObjection(ctx, registrar, market.Objection{ContractID: c.ID, Objector: "tax", Name: "国家税务总局吉安市税务局（演示）", LetterNumber: "吉税函〔演示〕12 号", LetterOn: svc.Today(),
		Body: "合同价款中设备和材料的金额没有单列，技术交易额疑似偏高，请重新核定。", FileID: f.ID}, "")
	return err
}
