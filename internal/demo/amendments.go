package demo

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// amendContracts lets the university ask for changes of its contracts and add what a royalty has brought: one of each is
// confirmed, and one change waits for the desk.
func amendContracts(ctx context.Context, st *store.Store, svc *service.Service, seller, registrar market.Actor) error {
	cards, err := st.OwnContracts(ctx, seller, []market.ContractState{market.ContractRegistered}, store.Slice{Limit: 200})
	if err != nil {
		return err
	}
	var fixed, open []market.Contract
	for _, card := range cards {
		c, err := st.Contract(ctx, seller, card.ID)
		if err != nil {
			return err
		}
		switch {
		case c.Seller.OrgID == nil || *c.Seller.OrgID != seller.OrgID || c.NeedsSecondReview(svc.Reference(), svc.Today()):
		case c.AmountOpen:
			open = append(open, c.Contract)
		default:
			fixed = append(fixed, c.Contract)
		}
	}
	// The small ones first: none of them comes near the sum from which two people must look at it, whatever the day.
	byAmount := func(a, b market.Contract) int { return a.TotalAmount.Cmp(b.TotalAmount) }
	slices.SortStableFunc(fixed, byAmount)
	slices.SortStableFunc(open, byAmount)
	for i, c := range fixed[:min(2, len(fixed))] {
		if err := amend(ctx, svc, seller, registrar, i == 0, func(file string) (int64, int64, error) { return askMore(ctx, svc, seller, c, file) }); err != nil {
			return err
		}
	}
	for _, c := range open[:min(1, len(open))] {
		if err := amend(ctx, svc, seller, registrar, true, func(file string) (int64, int64, error) { return askRoyalty(ctx, svc, seller, c, file) }); err != nil {
			return err
		}
	}
	return nil
}

// amend uploads the proof, asks, and lets the registrar confirm it or leaves it to wait.
func amend(ctx context.Context, svc *service.Service, seller, registrar market.Actor, confirmed bool, ask func(file string) (contract, id int64, err error)) error {
	f, err := svc.UploadFile(ctx, seller, market.FileContract, "补充协议与结算单.pdf", report())
	if err != nil {
		return err
	}
	contract, id, err := ask(f.ID)
	if err != nil || !confirmed {
		return err
	}
	return svc.ConfirmAmendment(ctx, registrar, contract, id)
}

// askMore asks for a fifth more, with one instalment more where there is a plan, and for half a year more time.
func askMore(ctx context.Context, svc *service.Service, seller market.Actor, c market.Contract, file string) (contract, id int64, err error) {
	more := c.TotalAmount.Mul(decimal.New(2, -1)).Round(-2)
	c.TotalAmount, c.EndsOn = c.TotalAmount.Add(more), c.EndsOn.AddDate(0, 6, 0)
	if len(c.Instalments) > 0 {
		c.Instalments = append(slices.Clone(c.Instalments), market.Instalment{Milestone: "补充协议约定的扩试验收合格后", Amount: more})
	}
	id, err = svc.AskChange(ctx, seller, c, market.Amendment{Why: "双方签订补充协议，增加一轮扩大试验，价款和有效期相应增加", FileID: file}, "")
	return c.ID, id, err
}

func askRoyalty(ctx context.Context, svc *service.Service, seller market.Actor, c market.Contract, file string) (contract, id int64, err error) {
	on, sum := svc.Today(), c.TotalAmount.Mul(decimal.New(15, -2)).Round(-2)
	id, err = svc.AskSupplement(ctx, seller, market.Amendment{ContractID: c.ID, Why: "本年度提成，按审计后的含税销售额 2% 结算", ObtainedOn: &on, Total: sum, Tech: sum, FileID: file}, "")
	return c.ID, id, err
}
