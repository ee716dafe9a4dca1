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
	Contracts   int `db:"contracts"`   // drafts and supplements of the seller
	Review      int `db:"review"`      // reviewers: organisations, their changes, listings and whole imports in the queue
	Desk        int `db:"desk"`        // registrars: contracts on the desk
}

// TodoCounts counts what waits for the actor. Counts that are not the actor's business are 0.
func (r Queries) TodoCounts(ctx context.Context, a market.Actor) (TodoCounts, error) {
	var t TodoCounts
	err := r.get(ctx, &t, `SELECT
		(SELECT count(*) FROM inquiries WHERE turn_org = $4) AS inquiries,
		(SELECT count(*) FROM disclosures d JOIN listings l ON l.id = d.listing_id WHERE l.org_id = $6 AND d.state = 'requested') AS disclosures,
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'need' AND state = 'returned') AS needs,
		(SELECT count(*) FROM listings WHERE org_id = $1 AND kind = 'result' AND state = 'returned') AS results,
		(SELECT count(*) FROM contracts WHERE seller_org = $5 AND state IN ('draft', 'supplement')) AS contracts,
		CASE WHEN $2 <> '' THEN (SELECT count(*) FROM listings l WHERE l.state = 'in_review' AND `+listingReached+` AND `+reviewedAlone+`)
			+ (SELECT count(*) FROM imports i JOIN orgs o ON o.id = i.org_id WHERE i.submit AND i.state = 'done' AND i.decision = '' AND `+orgReached+`)
			+ (SELECT count(*) FROM orgs o WHERE o.state = 'pending' AND `+orgReached+`)
			+ (SELECT count(*) FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE `+changeWaits+` AND `+orgReached+`)
			+ (SELECT count(*) FROM listing_revisions v JOIN listings l ON l.id = v.listing_id WHERE v.state = 'in_review' AND `+listingReached+`) ELSE 0 END AS review,
		CASE WHEN $3 <> '' THEN (SELECT count(*) FROM contracts c WHERE c.state IN ('submitted', 'accepted', 'second_review', 'to_register') AND `+inReach(`$3`, `c.seller_region`)+`)
			ELSE 0 END AS desk`,
		a.OrgFor(market.ScopePost), a.Reach(market.Reviewer), a.Reach(market.Registrar), a.OrgFor(market.ScopeNegotiate),
		a.OrgFor(market.ScopeContract), a.OwnOrg())
	return t, err
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
