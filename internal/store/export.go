package store

import (
	"context"
	"encoding/json"
	"iter"

	"techmarket/internal/market"
)

// exportPage is how many rows are read at once for a file.
const exportPage = 500

// exported goes through the pages of a list by their ids. page reads what follows an id, id tells it of one thing.
func exported[T any](page func(after int64) ([]T, error), id func(T) int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := int64(0); ; {
			things, err := page(after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, thing := range things {
				if !yield(thing, nil) {
					return
				}
				after = id(thing)
			}
			if len(things) < exportPage {
				return
			}
		}
	}
}

// OwnNeeds goes through all needs of the organisation acted for, with their gated detail, in the order they were made.
func (r Queries) OwnNeeds(ctx context.Context, a market.Actor) iter.Seq2[market.Need, error] {
	return exported(func(after int64) ([]market.Need, error) {
		var rows []struct {
			listingRow
			needRow
			Gated string `db:"gated"`
			Parts []byte `db:"parts"`
		}
		err := r.all(ctx, &rows, `SELECT `+listingColumns+`, true AS own, coalesce(g.detail, '') AS gated, n.problem, n.background, n.budget_kind, n.budget_min, n.budget_max, n.deadline,
				n.ownership, n.partner, coalesce((SELECT json_agg(json_build_object('name', i.name, 'now', i.now_value, 'target', i.target_value, 'unit', i.unit, 'method', i.method)
				ORDER BY i.position) FROM need_indicators i WHERE i.listing_id = l.id), '[]') AS parts
			FROM listings l JOIN needs n ON n.listing_id = l.id LEFT JOIN listing_gates g ON g.listing_id = l.id
			WHERE l.org_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3`, a.OrgFor(market.ScopePost), after, exportPage)
		out := make([]market.Need, len(rows))
		for i, row := range rows {
			out[i] = row.need(row.listing())
			out[i].Gated = row.Gated
			if err == nil {
				err = json.Unmarshal(row.Parts, &out[i].Indicators)
			}
		}
		return out, err
	}, func(n market.Need) int64 { return n.ID })
}

// OwnResults is OwnNeeds for results.
func (r Queries) OwnResults(ctx context.Context, a market.Actor) iter.Seq2[market.Result, error] {
	return exported(func(after int64) ([]market.Result, error) {
		var rows []struct {
			listingRow
			resultRow
			Gated string `db:"gated"`
			Parts []byte `db:"parts"`
		}
		err := r.all(ctx, &rows, `SELECT `+listingColumns+`, true AS own, coalesce(g.detail, '') AS gated, s.summary, s.problem, s.advantage, s.economics, s.stage, s.trl_min, s.trl_max, s.evidence,
				s.price_method, s.price_kind, s.price_min, s.price_max, s.inventors, s.cases, coalesce((SELECT json_agg(json_build_object('type', i.type, 'number', i.number,
				'title', i.title, 'status', i.status, 'filed_on', i.filed_on::timestamp AT TIME ZONE 'Asia/Shanghai', 'granted_on', i.granted_on::timestamp AT TIME ZONE 'Asia/Shanghai')
				ORDER BY i.position) FROM result_ips i WHERE i.listing_id = l.id), '[]') AS parts
			FROM listings l JOIN results s ON s.listing_id = l.id LEFT JOIN listing_gates g ON g.listing_id = l.id
			WHERE l.org_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3`, a.OrgFor(market.ScopePost), after, exportPage)
		out := make([]market.Result, len(rows))
		for i, row := range rows {
			out[i] = row.result(row.listing())
			out[i].Gated = row.Gated
			if err == nil {
				err = json.Unmarshal(row.Parts, &out[i].IPs)
			}
		}
		return out, err
	}, func(x market.Result) int64 { return x.ID })
}

// AllKeptExperts goes through the entries that the actor looks after. See KeptExperts.
func (r Queries) AllKeptExperts(ctx context.Context, a market.Actor) iter.Seq2[market.Expert, error] {
	return exported(func(after int64) ([]market.Expert, error) {
		var rows []expertRow
		err := r.all(ctx, &rows, `SELECT `+expertColumns+`, true AS keeper`+expertTables+`WHERE `+expertKept+` AND e.id > $3 ORDER BY e.id LIMIT $4`,
			a.OwnOrg(), a.Reach(market.Reviewer), after, exportPage)
		return expertsOf(rows), err
	}, func(e market.Expert) int64 { return e.ID })
}

// RegisteredOrgs goes through the organisations within the actor's reach as a reviewer that hold their code alone: those
// verified, also when suspended, and the bureau's entries that nobody has claimed.
func (r Queries) RegisteredOrgs(ctx context.Context, a market.Actor) iter.Seq2[market.Org, error] {
	return exported(func(after int64) ([]market.Org, error) {
		var out []market.Org
		err := r.all(ctx, &out, `SELECT `+orgColumns+` FROM orgs o WHERE `+inReach(`$1`, `o.region`)+` AND o.id > $2 AND o.type <> 'bureau'
			AND (o.state IN ('verified', 'suspended') OR `+orgUnclaimed+`) ORDER BY o.id LIMIT $3`, a.Reach(market.Reviewer), after, exportPage)
		return out, err
	}, func(o market.Org) int64 { return o.ID })
}
