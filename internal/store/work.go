package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Turn is a running inquiry of an organisation as its workbench lists it.
type Turn struct {
	ID           int64               `db:"id"`
	Number       string              `db:"number"`
	State        market.InquiryState `db:"state"`
	DueOn        time.Time           `db:"due_on"`
	UpdatedAt    time.Time           `db:"updated_at"`
	ListingID    int64               `db:"listing_id"`
	ListingKind  market.Kind         `db:"listing_kind"`
	ListingTitle string              `db:"listing_title"`
	Submarket    string              `db:"submarket"`
	OtherName    string              `db:"other_name"` // "" while the other party does not show it
	OtherType    market.OrgType      `db:"other_type"`
}

// Turns lists the running inquiries of the actor's organisation whose next answer is its own (mine) or the other
// party's, the next due first, with their number. The owner of a listing without a name keeps it until it has taken the inquiry up.
func (r Queries) Turns(ctx context.Context, a market.Actor, mine bool, limit int) ([]Turn, int, error) {
	const where = ` FROM inquiries i WHERE $1 IN (i.from_org, i.to_org) AND i.turn_org IS NOT NULL AND (i.turn_org = $1) = $2`
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+where, a.OrgFor(market.ScopeNegotiate), mine); err != nil {
		return nil, 0, err
	}
	var out []Turn
	err := r.all(ctx, &out, `SELECT i.id, i.number, i.state, i.due_on, i.updated_at, l.id AS listing_id, l.kind AS listing_kind, l.title AS listing_title,
			coalesce(l.submarket, '') AS submarket, o.type AS other_type,
			CASE WHEN l.hide_org AND l.org_id = o.id AND NOT `+inquiryAccepted+` THEN '' ELSE o.name END AS other_name
		FROM (SELECT i.*`+where+`) i JOIN listings l ON l.id = i.listing_id
		JOIN orgs o ON o.id = CASE WHEN i.from_org = $1 THEN i.to_org ELSE i.from_org END
		ORDER BY i.due_on, i.id LIMIT $3`, a.OrgFor(market.ScopeNegotiate), mine, limit)
	return out, total, err
}

// ContractTask is a contract that its seller has to go on with.
type ContractTask struct {
	ID        int64     `db:"id"`
	Number    string    `db:"number"`
	Title     string    `db:"title"`
	State     string    `db:"state"` // draft or supplement
	Reason    string    `db:"reason"`
	UpdatedAt time.Time `db:"updated_at"`
}

// ContractTasks lists the drafts and supplements of the actor's organisation, supplements first.
func (r Queries) ContractTasks(ctx context.Context, a market.Actor, limit int) ([]ContractTask, error) {
	var out []ContractTask
	err := r.all(ctx, &out, `SELECT id, number, title, state, reason, updated_at FROM contracts
		WHERE seller_org = $1 AND state IN ('draft', 'supplement') ORDER BY state DESC, updated_at, id LIMIT $2`, a.OrgFor(market.ScopeContract), limit)
	return out, err
}

// Effect is what has come of an organisation's listings, from being seen to being signed.
type Effect struct {
	Listings  int `db:"listings"`  // public now
	Views     int `db:"views"`     // of all listings, ever
	Inquiries int `db:"inquiries"` // received, ever
	Talking   int `db:"talking"`   // answered and still running, from either side
	Deals     int `db:"deals"`     // agreed or contracted
	Contracts int `db:"contracts"` // registered, of such a deal
}

// Effect counts what has come of the listings of the actor's organisation.
func (r Queries) Effect(ctx context.Context, a market.Actor) (Effect, error) {
	var e Effect
	err := r.get(ctx, &e, `SELECT
		(SELECT count(*) FROM listings WHERE org_id = $1 AND state IN ('published', 'matched')) AS listings,
		(SELECT coalesce(sum(v.views), 0) FROM listing_views v JOIN listings l ON l.id = v.listing_id WHERE l.org_id = $1) AS views,
		(SELECT count(*) FROM inquiries WHERE to_org = $1) AS inquiries,
		(SELECT count(*) FROM inquiries WHERE $1 IN (from_org, to_org) AND state IN ('answered', 'negotiating')) AS talking,
		(SELECT count(*) FROM deals WHERE $1 IN (seller_org, buyer_org) AND state <> 'fallen_through') AS deals,
		(SELECT count(*) FROM contracts WHERE $1 IN (seller_org, buyer_org) AND deal_id IS NOT NULL AND state = 'registered') AS contracts`, a.OrgID)
	return e, err
}

// Queues says what waits for the bureau. Counts that are not the actor's business are 0.
type Queues struct {
	Needs        int        `db:"needs"`
	Results      int        `db:"results"`
	Edits        int        `db:"revisions"`
	Challenges   int        `db:"challenges"`
	Orgs         int        `db:"orgs"`
	Changes      int        `db:"changes"`
	OldestReview *time.Time `db:"oldest_review"`
	Submitted    int        `db:"submitted"`
	Accepted     int        `db:"accepted"`
	SecondReview int        `db:"second_review"`
	ToRegister   int        `db:"to_register"`
	NextDue      *time.Time `db:"next_due"`
}

// Queues counts what waits for the actor's duties within their reach.
func (r Queries) Queues(ctx context.Context, a market.Actor) (Queues, error) {
	var q Queues
	if a.Has(market.Reviewer) {
		reached := inReach(`$1`, `o.region`)
		err := r.get(ctx, &q, `SELECT count(*) FILTER (WHERE l.kind = 'need') AS needs, count(*) FILTER (WHERE l.kind = 'result') AS results,
				(SELECT count(*) FROM orgs o WHERE o.state = 'pending' AND `+reached+`) AS orgs,
				(SELECT count(*) FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE `+changeWaits+` AND `+reached+`) AS changes,
				(SELECT count(*) FROM listing_revisions v JOIN listings x ON x.id = v.listing_id JOIN orgs o ON o.id = x.org_id
					WHERE v.state = 'in_review' AND `+reached+`) AS revisions,
				(SELECT count(*) FROM challenges c JOIN orgs o ON o.id = c.org_id WHERE c.state = 'in_review' AND `+reached+`) AS challenges,
				least(min(l.submitted_at), (SELECT min(o.submitted_at) FROM orgs o WHERE o.state = 'pending' AND `+reached+`),
					(SELECT min(c.requested_at) FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE `+changeWaits+` AND `+reached+`),
					(SELECT min(c.submitted_at) FROM challenges c JOIN orgs o ON o.id = c.org_id WHERE c.state = 'in_review' AND `+reached+`),
					(SELECT min(v.submitted_at) FROM listing_revisions v JOIN listings x ON x.id = v.listing_id JOIN orgs o ON o.id = x.org_id
						WHERE v.state = 'in_review' AND `+reached+`)) AS oldest_review
			FROM listings l JOIN orgs o ON o.id = l.org_id WHERE l.state = 'in_review' AND `+reached+` AND `+reviewedAlone, a.Reach(market.Reviewer))
		if err != nil {
			return q, err
		}
	}
	if a.Has(market.Registrar) {
		err := r.get(ctx, &q, `SELECT count(*) FILTER (WHERE state = 'submitted') AS submitted, count(*) FILTER (WHERE state = 'accepted') AS accepted,
				count(*) FILTER (WHERE state = 'second_review') AS second_review, count(*) FILTER (WHERE state = 'to_register') AS to_register,
				min(due_on) AS next_due
			FROM contracts c WHERE state IN ('submitted', 'accepted', 'second_review', 'to_register') AND `+inReach(`$1`, `c.seller_region`), a.Reach(market.Registrar))
		if err != nil {
			return q, err
		}
	}
	return q, nil
}
