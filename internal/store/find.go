package store

import (
	"context"
	"strings"

	"techmarket/internal/market"
)

// Hit is something that a number, an organisation or a title led to in the workspace.
type Hit struct {
	Kind   string `db:"kind"` // need, result, inquiry, contract, challenge, org
	ID     int64  `db:"id"`
	Number string `db:"number"`
	Title  string `db:"title"`
	Who    string `db:"who"`
	State  string `db:"state"`
}

// findQuery finds by any part: $1 the pattern, $2 the actor's organisation, as it sees to inquiries $6 and to contracts
// $7, $3 its reach as a reviewer or auditor, $4 at the desk. A name that is hidden from the actor is no way to find an inquiry.
var findQuery = `
	SELECT l.kind, l.id, l.number, l.title, o.name AS who, l.state FROM listings l JOIN orgs o ON o.id = l.org_id
		WHERE (l.org_id = $2 OR ` + inReach(`$3`, `o.region`) + ` AND l.submitted_at IS NOT NULL) AND (l.number ILIKE $1 OR l.title ILIKE $1 OR ` + inReach(`$3`, `o.region`) + ` AND o.name ILIKE $1)
	UNION ALL
	SELECT 'inquiry', i.id, i.number, l.title, f.name, i.state FROM inquiries i JOIN listings l ON l.id = i.listing_id
		JOIN orgs f ON f.id = i.from_org JOIN orgs t ON t.id = i.to_org
		WHERE $6 IN (i.from_org, i.to_org) AND (i.number ILIKE $1 OR l.title ILIKE $1 OR f.name ILIKE $1 OR t.name ILIKE $1 AND NOT l.hide_org)
	UNION ALL
	SELECT 'contract', c.id, c.number, c.title, c.seller_name || '、' || c.buyer_name, c.state FROM contracts c
		WHERE (` + contractOfParty7 + ` OR ` + inReach(`$4`, `c.seller_region`) + ` AND ` + contractArrived + `)
		AND (c.number ILIKE $1 OR c.title ILIKE $1 OR c.registration_number ILIKE $1 OR c.seller_name ILIKE $1 OR c.buyer_name ILIKE $1)
	UNION ALL
	SELECT 'challenge', c.id, c.number, c.title, o.name, c.state FROM challenges c JOIN orgs o ON o.id = c.org_id
		WHERE (c.org_id = $2 OR ` + inReach(`$3`, `o.region`) + ` AND c.state <> 'draft' OR EXISTS (SELECT 1 FROM proposals p WHERE p.challenge_id = c.id AND p.org_id = $6))
		AND (c.number ILIKE $1 OR c.title ILIKE $1 OR ` + inReach(`$3`, `o.region`) + ` AND o.name ILIKE $1)
	UNION ALL
	SELECT 'org', o.id, o.uscc::text, o.name, '', o.state FROM orgs o WHERE ` + inReach(`$3`, `o.region`) + ` AND (o.name ILIKE $1 OR o.uscc ILIKE $1)
	ORDER BY 1, 2 DESC LIMIT $5`

// contractOfParty7 is contractOfParty where the organisation is $7.
var contractOfParty7 = strings.ReplaceAll(contractOfParty, "$1", "$7")

// Find looks for what the actor may see by a part of a number, an organisation's name or a title, up to limit.
func (r Queries) Find(ctx context.Context, a market.Actor, text string, limit int) ([]Hit, error) {
	var out []Hit
	err := r.all(ctx, &out, findQuery, likeText(text), a.OrgID, reviewReach(a), deskReach(a), limit, a.OrgFor(market.ScopeNegotiate), a.OrgFor(market.ScopeContract))
	return out, err
}

// likeText is the pattern of a text anywhere in a column.
func likeText(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
