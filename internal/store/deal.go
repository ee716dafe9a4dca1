package store

import (
	"context"

	"techmarket/internal/market"
)

const dealColumns = `d.id, d.number, d.inquiry_id, d.challenge_id, d.need_id, d.result_id, d.trade_mode, d.seller_org, d.buyer_org, d.state, d.title, d.kind,
	d.indicators, d.period, d.price, d.payment, d.acceptance, d.fall_reason, d.agreed_at`

// Deal returns a deal for its two parties and for who reads the contracts of its seller's county.
func (r Queries) Deal(ctx context.Context, a market.Actor, id int64) (market.Deal, error) {
	var d market.Deal
	err := r.get(ctx, &d, `SELECT `+dealColumns+` FROM deals d WHERE d.id = $1 AND ($2 IN (d.seller_org, d.buyer_org)
		OR `+inReach(`$3`, `(SELECT x.region FROM orgs x WHERE x.id = d.seller_org)`)+`)`,
		id, a.OrgFor(market.ScopeContract), deskReach(a))
	return d, err
}

// LockDeal locks a deal for one of its two parties.
func (t *Tx) LockDeal(ctx context.Context, a market.Actor, id int64) (market.Deal, error) {
	var d market.Deal
	err := t.get(ctx, &d, `SELECT `+dealColumns+` FROM deals d WHERE d.id = $1 AND $2 IN (d.seller_org, d.buyer_org) FOR UPDATE`, id, a.OrgFor(market.ScopeNegotiate))
	return d, err
}

// LockAnyDeal locks a deal for the work that follows from its contract; the caller has checked the actor.
func (t *Tx) LockAnyDeal(ctx context.Context, id int64) (market.Deal, error) {
	var d market.Deal
	err := t.get(ctx, &d, `SELECT `+dealColumns+` FROM deals d WHERE d.id = $1 FOR UPDATE`, id)
	return d, err
}

// InquiryOfDeal returns the inquiry that a deal came from, for its two parties.
func (r Queries) InquiryOfDeal(ctx context.Context, a market.Actor, id int64) (int64, error) {
	var inquiry int64
	err := r.get(ctx, &inquiry, `SELECT d.inquiry_id FROM deals d WHERE d.id = $1 AND $2 IN (d.seller_org, d.buyer_org) AND d.inquiry_id IS NOT NULL`, id, a.OrgFor(market.ScopeNegotiate))
	return inquiry, err
}

// ChallengeOfDeal returns the challenge whose award a deal came from, for its two parties.
func (r Queries) ChallengeOfDeal(ctx context.Context, a market.Actor, id int64) (int64, error) {
	var challenge int64
	err := r.get(ctx, &challenge, `SELECT d.challenge_id FROM deals d WHERE d.id = $1 AND $2 IN (d.seller_org, d.buyer_org) AND d.challenge_id IS NOT NULL`, id, a.OrgFor(market.ScopeNegotiate))
	return challenge, err
}

// MoveDeal changes the state if it is still the expected one. reason is kept for a deal that falls through.
func (t *Tx) MoveDeal(ctx context.Context, id int64, from, to market.DealState, reason string) error {
	return t.execOne(ctx, `UPDATE deals SET state = $3, fall_reason = $4 WHERE id = $1 AND state = $2`, id, from, to, reason)
}

// contractLiving tells that a contract c still stands for its deal.
const contractLiving = `c.state NOT IN ('refused', 'withdrawn', 'cancelled', 'revoked')`

// LivingContract returns the number of the contract that stands for a deal, market.ErrNotFound when there is none. The
// caller has checked the actor and holds the deal's lock.
func (t *Tx) LivingContract(ctx context.Context, dealID int64) (string, error) {
	var number string
	err := t.get(ctx, &number, `SELECT c.number FROM contracts c WHERE c.deal_id = $1 AND `+contractLiving, dealID)
	return number, err
}

// OpenDeal is an agreed deal that has no contract yet.
type OpenDeal struct {
	market.Deal
	SellerName string `db:"seller_name"`
	BuyerName  string `db:"buyer_name"`
}

// OpenDeals lists the deals of the actor's organisation that have no living contract, newest first.
func (r Queries) OpenDeals(ctx context.Context, a market.Actor, limit int) ([]OpenDeal, error) {
	var out []OpenDeal
	err := r.all(ctx, &out, `SELECT `+dealColumns+`, s.name AS seller_name, b.name AS buyer_name
		FROM deals d JOIN orgs s ON s.id = d.seller_org JOIN orgs b ON b.id = d.buyer_org
		WHERE $1 IN (d.seller_org, d.buyer_org) AND d.state = 'agreed' AND NOT EXISTS (SELECT 1 FROM contracts c
			WHERE c.deal_id = d.id AND `+contractLiving+`)
		ORDER BY d.id DESC LIMIT $2`, a.OrgFor(market.ScopeContract), limit)
	return out, err
}
