package store

import (
	"context"

	"techmarket/internal/market"
)

// TodoCounts is how many things wait for the actor, for the side bar.
type TodoCounts struct {
	Inquiries   int `db:"inquiries"`   // it is this organisation's turn
	Disclosures int `db:"disclosures"` // requests to read what this organisation keeps gated
	Needs       int `db:"needs"`       // returned
	Results     int `db:"results"`     // returned
	Challenges  int `db:"challenges"`  // returned, with open questions or to be decided; judging to answer or to do
	Contracts   int `db:"contracts"`   // drafts and supplements of the seller
	Review      int `db:"review"`      // reviewers: organisations, their changes, listings and whole imports in the queue
	Refused     int `db:"refused"`     // reviewers: public listings that the search engine would not take
	Desk        int `db:"desk"`        // registrars: contracts on the desk
}

// TodoCounts counts what waits for the actor. Counts that are not the actor's business are 0, and not asked for: what is asked on
// every page of the workspace is to be planned once.
func (r Queries) TodoCounts(ctx context.Context, a market.Actor) (TodoCounts, error) {
	var t TodoCounts
	err := r.oftenOne(ctx, &t, `SELECT count(*) AS challenges FROM challenge_judges j JOIN challenges c ON c.id = j.challenge_id
		WHERE j.user_id = $1 AND (j.state = 'invited' AND c.state IN ('open', 'judging')
			OR j.state = 'accepted' AND c.state = 'judging' AND EXISTS (SELECT 1 FROM proposals p WHERE p.challenge_id = c.id AND c.opened_at IS NOT NULL AND p.state <> 'withdrawn'
				AND NOT EXISTS (SELECT 1 FROM challenge_scores s WHERE s.proposal_id = p.id AND s.user_id = j.user_id)))`, a.UserID)
	if err == nil && a.OrgID != 0 {
		err = r.countForOrg(ctx, a, &t)
	}
	if reach := a.Reach(market.Reviewer); err == nil && reach != "" {
		err = r.countForReviewer(ctx, reach, &t)
	}
	if reach := a.Reach(market.Registrar); err == nil && reach != "" {
		err = r.oftenOne(ctx, &t, `SELECT count(*) AS desk FROM contracts c WHERE c.state IN ('submitted', 'accepted', 'second_review', 'to_register') AND `+inReach(`$1`, `c.seller_region`), reach)
	}
	return t, err
}

func (r Queries) countForOrg(ctx context.Context, a market.Actor, t *TodoCounts) error {
	return r.oftenOne(ctx, t, `SELECT
		(SELECT count(*) FROM inquiries WHERE turn_org = $2) AS inquiries,
		(SELECT count(*) FROM disclosures d JOIN listings l ON l.id = d.listing_id WHERE l.org_id = $4 AND d.state = 'requested') AS disclosures,
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'need' AND state = 'returned') AS needs,
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'result' AND state = 'returned') AS results,
		$5 + (SELECT count(*) FROM challenges c WHERE c.org_id = $1 AND (c.state IN ('returned', 'judging')
			OR EXISTS (SELECT 1 FROM challenge_questions q WHERE q.challenge_id = c.id AND q.answered_at IS NULL AND c.state = 'open'))) AS challenges,
		(SELECT count(*) FROM contracts WHERE seller_org = $3 AND state IN ('draft', 'supplement')) AS contracts`,
		a.OrgFor(market.ScopePost), a.OrgFor(market.ScopeNegotiate), a.OrgFor(market.ScopeContract), a.OwnOrg(), t.Challenges)
}

func (r Queries) countForReviewer(ctx context.Context, reach string, t *TodoCounts) error {
	reached := inReach(`$1`, `o.region`)
	return r.oftenOne(ctx, t, `SELECT
		(SELECT count(*) FROM listings l JOIN orgs o ON o.id = l.org_id WHERE l.state = 'in_review' AND `+reached+` AND `+reviewedAlone+`)
			+ (SELECT count(*) FROM imports i JOIN orgs o ON o.id = i.org_id WHERE i.submit AND i.state = 'done' AND i.decision = '' AND `+reached+`)
			+ (SELECT count(*) FROM challenges c JOIN orgs o ON o.id = c.org_id WHERE c.state = 'in_review' AND `+reached+`)
			+ (SELECT count(*) FROM orgs o WHERE o.state = 'pending' AND `+reached+`)
			+ (SELECT count(*) FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE `+changeWaits+` AND `+reached+`)
			+ (SELECT count(*) FROM listing_revisions v JOIN listings l ON l.id = v.listing_id JOIN orgs o ON o.id = l.org_id WHERE v.state = 'in_review' AND `+reached+`) AS review,
		(SELECT count(*) FROM index_refusals x JOIN listings l ON l.id = x.listing_id JOIN orgs o ON o.id = l.org_id WHERE `+reached+`) AS refused`, reach)
}

// HasDemo reports whether the demonstration data is loaded, so that every page can say so.
func (r Queries) HasDemo(ctx context.Context) (bool, error) {
	var has bool
	err := r.get(ctx, &has, `SELECT EXISTS (SELECT 1 FROM orgs WHERE demo)`)
	return has, err
}

// LockEmpty reports whether the market has no organisation yet, and keeps others from adding one until the transaction
// ends. For loading demonstration data.
func (t *Tx) LockEmpty(ctx context.Context) (bool, error) {
	if err := t.exec(ctx, `LOCK TABLE orgs IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return false, err
	}
	var empty bool
	err := t.get(ctx, &empty, `SELECT NOT EXISTS (SELECT 1 FROM orgs)`)
	return empty, err
}
