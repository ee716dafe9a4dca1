package service_test

import (
	"strings"
	"testing"

	"techmarket/internal/market"
)

func TestDealFallsThrough(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	deal := d.Deal(d.seller, d.buyer, nil, nil, small)
	wantField(t, d.Service.FallDeal(d.ctx, d.buyer, deal, " "), "fall_reason", "为什么不签约")
	wantField(t, d.Service.FallDeal(d.ctx, d.buyer, deal, strings.Repeat("长", market.MaxFallReason+1)), "fall_reason", "200")
	wantKind(t, d.Service.FallDeal(d.ctx, d.Org("旁观测试有限公司", market.Enterprise, "360825"), deal, "与我无关"), market.NotFound)
	wantKind(t, d.Service.FallDeal(d.ctx, d.Member(d.buyer, "只看的人", market.Viewer), deal, "不想签了"), market.Denied)

	contract := d.Contract(small)
	contract.DealID = &deal
	id, err := d.Service.CreateContract(d.ctx, d.seller, contract, "")
	must(t, err)
	wantKind(t, d.Service.FallDeal(d.ctx, d.buyer, deal, "资金没有落实"), market.Conflict)
	must(t, d.Service.SubmitContract(d.ctx, d.seller, id))
	must(t, d.Service.WithdrawContract(d.ctx, d.seller, id))
	must(t, d.Service.FallDeal(d.ctx, d.buyer, deal, "资金没有落实"))

	fallen, err := d.Store.Deal(d.ctx, d.seller, deal)
	must(t, err)
	if fallen.State != market.DealFallen || fallen.FallReason != "资金没有落实" {
		t.Errorf("the deal is %s: %q", fallen.State, fallen.FallReason)
	}
	moves, err := d.Store.Moves(d.ctx, market.Object{Kind: "deal", ID: deal})
	must(t, err)
	if len(moves) != 1 || moves[0].Move != "fall" || moves[0].Note != "资金没有落实" {
		t.Errorf("history %+v", moves)
	}
	wantKind(t, d.Service.FallDeal(d.ctx, d.seller, deal, "再取消一次"), market.Conflict)
	if _, err := d.Service.CreateContract(d.ctx, d.seller, contract, ""); err == nil {
		t.Error("a contract was drafted from a deal that fell through")
	}
	if n := d.Audits(market.DealFall, deal, "done"); n != 1 {
		t.Errorf("%d audit entries of the act, want 1", n)
	}
	if n := d.Audits(market.DealFall, deal, "refused"); n != 2 {
		t.Errorf("%d audit entries of refused attempts, want 2", n)
	}
}

// TestDealFallsOrIsContracted races the buyer who gives up against the seller who drafts: one of the two happens.
func TestDealFallsOrIsContracted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 8 {
		deal := d.Deal(d.seller, d.buyer, nil, nil, small)
		contract := d.Contract(small)
		contract.DealID = &deal
		drafted := make(chan error)
		go func() {
			_, err := d.Service.CreateContract(d.ctx, d.seller, contract, "")
			drafted <- err
		}()
		fell := d.Service.FallDeal(d.ctx, d.buyer, deal, "资金没有落实")
		if err := <-drafted; (err == nil) == (fell == nil) {
			t.Fatalf("drafting: %v, giving up: %v; want exactly one to happen", err, fell)
		}
	}
}
