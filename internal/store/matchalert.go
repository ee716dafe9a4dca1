package store

import (
	"context"
	"encoding/json"
	"time"

	"techmarket/internal/market"
)

// matchAgents are the people who see to the matches of organisation org_id on day $2: its owners and editors, and those of
// an agency that may negotiate for it.
const matchAgents = `(SELECT m.user_id, m.org_id, NULL::bigint AS agency_id FROM members m WHERE m.role <> 'viewer'
	UNION ALL SELECT m.user_id, d.client_org, d.agency_org FROM mandates d JOIN orgs o ON o.id = d.client_org JOIN orgs g ON g.id = d.agency_org
		JOIN members m ON m.org_id = g.id WHERE 'negotiate' = ANY(d.scopes) AND ` + mandateInForce + `)`

// wantsMatches tells that user u is told of matches.
const wantsMatches = `(u.state = 'active' AND u.email_confirmed_at IS NOT NULL AND u.recommend AND u.match_alerts)`

// addMatchAlerts notes the pairs of a listing that are good enough to be told of for the first time, and for whom they wait.
// own is the column that names the listing.
func (t *Tx) addMatchAlerts(ctx context.Context, own string, listingID int64, at time.Time) error {
	return t.exec(ctx, `WITH fresh AS (INSERT INTO match_pairs (need_id, result_id, found_at)
			SELECT need_id, result_id, $3 FROM matches WHERE `+own+` = $1 AND strength IN ('strong', 'good')
			ON CONFLICT DO NOTHING RETURNING need_id, result_id)
		INSERT INTO match_alerts (user_id, org_id, need_id, result_id, found_at)
		SELECT DISTINCT ON (p.user_id, f.need_id, f.result_id) p.user_id, p.org_id, f.need_id, f.result_id, $3
		FROM fresh f JOIN listings n ON n.id = f.need_id JOIN listings r ON r.id = f.result_id
			CROSS JOIN LATERAL (VALUES (n.org_id), (r.org_id)) AS side (org_id)
			JOIN `+matchAgents+` p ON p.org_id = side.org_id JOIN users u ON u.id = p.user_id
		WHERE n.org_id <> r.org_id AND `+wantsMatches+`
		ORDER BY p.user_id, f.need_id, f.result_id, p.agency_id NULLS FIRST, p.org_id`, listingID, dateText(at), at)
}

// dueAlerts are the matches that are to be told: both sides are public, and the match is strong now, or good and found before
// the weekly digest at $1.
const dueAlerts = `match_alerts w JOIN users u ON u.id = w.user_id JOIN matches m ON m.need_id = w.need_id AND m.result_id = w.result_id
	WHERE ` + wantsMatches + ` AND (m.strength = 'strong' OR m.strength = 'good' AND w.found_at < $1) AND NOT EXISTS (
		SELECT 1 FROM listings l WHERE l.id IN (w.need_id, w.result_id) AND NOT (l.state = 'published' AND ` + ownerActive + `))`

// settledAlert tells that what waits in w is none any more: on day $2 the person does not see to the organisation's affairs;
// or the pair is in an inquiry between the two, the organisation has marked it, or the other side finds it unsuitable.
const settledAlert = `(NOT EXISTS (SELECT 1 FROM ` + matchAgents + ` p WHERE p.user_id = w.user_id AND p.org_id = w.org_id)
	OR EXISTS (SELECT 1 FROM matches m JOIN match_marks k ON k.match_id = m.id
		WHERE m.need_id = w.need_id AND m.result_id = w.result_id AND (k.org_id = w.org_id OR NOT k.useful))
	OR EXISTS (SELECT 1 FROM listings n, listings r, inquiries i WHERE n.id = w.need_id AND r.id = w.result_id
		AND (i.listing_id = r.id AND i.from_org = n.org_id AND coalesce(i.other_listing_id, n.id) = n.id
			OR i.listing_id = n.id AND i.from_org = r.org_id AND coalesce(i.other_listing_id, r.id) = r.id)))`

// MatchPeopleToTell lists up to limit people who are to be told of matches: of strong ones found up to gathered, and of good
// ones in the digest.
func (r Queries) MatchPeopleToTell(ctx context.Context, digest, gathered time.Time, limit int) ([]int64, error) {
	var out []int64
	err := r.all(ctx, &out, `SELECT DISTINCT w.user_id FROM `+dueAlerts+` AND (m.strength = 'good' OR w.found_at <= $2) ORDER BY w.user_id LIMIT $3`,
		digest, gathered, limit)
	return out, err
}

// MatchAlert is a match that a person is told of: the own listing of the organisation whose affairs they see to, and what
// fits it.
type MatchAlert struct {
	OrgID      int64         `db:"org_id"`
	OrgName    string        `db:"org_name"`
	AgencyName string        `db:"agency_name"` // the person's, when they see to it by mandate
	Strength   string        `db:"strength"`
	ReasonJSON []byte        `db:"reasons"`
	OwnID      int64         `db:"own_id"`
	OwnKind    market.Kind   `db:"own_kind"`
	OwnTitle   string        `db:"own_title"`
	OtherID    int64         `db:"other_id"`
	OtherKind  market.Kind   `db:"other_kind"`
	OtherTitle string        `db:"other_title"`
	Reasons    []MatchReason `db:"-"`
}

// TakeMatchAlerts takes what is to be told to a person, the best first, so that nobody else tells it. What is settled without
// being told goes too; what is not public now, or only fair, goes on waiting.
func (t *Tx) TakeMatchAlerts(ctx context.Context, userID int64, digest, day time.Time) ([]MatchAlert, error) {
	if err := t.exec(ctx, `DELETE FROM match_alerts w WHERE w.user_id = $1 AND `+settledAlert, userID, dateText(day)); err != nil {
		return nil, err
	}
	var out []MatchAlert
	err := t.all(ctx, &out, `WITH due AS (SELECT w.need_id, w.result_id, m.score, m.strength, m.reasons FROM `+dueAlerts+` AND w.user_id = $3),
		taken AS (DELETE FROM match_alerts w USING due d WHERE w.user_id = $3 AND w.need_id = d.need_id AND w.result_id = d.result_id
			RETURNING w.org_id, d.need_id, d.result_id, d.score, d.strength, d.reasons)
		SELECT x.org_id, o.name AS org_name, x.strength, x.reasons, a.id AS own_id, a.kind AS own_kind, a.title AS own_title,
			b.id AS other_id, b.kind AS other_kind, b.title AS other_title,
			coalesce((SELECT g.name FROM `+matchAgents+` p LEFT JOIN orgs g ON g.id = p.agency_id WHERE p.user_id = $3 AND p.org_id = x.org_id
				ORDER BY p.agency_id NULLS FIRST LIMIT 1), '') AS agency_name
		FROM taken x JOIN orgs o ON o.id = x.org_id
			JOIN listings a ON a.id IN (x.need_id, x.result_id) AND a.org_id = x.org_id
			JOIN listings b ON b.id IN (x.need_id, x.result_id) AND b.id <> a.id
		ORDER BY x.strength = 'strong' DESC, x.score DESC, a.id, b.id`, digest, dateText(day), userID)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := json.Unmarshal(out[i].ReasonJSON, &out[i].Reasons); err != nil {
			return nil, err
		}
	}
	return out, nil
}
