package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// MatchReason is one sentence for or against a match, as stored.
type MatchReason struct {
	OK   bool   `json:"ok"`
	Code string `json:"code"`
	Text string `json:"text"`
}

// Match is a suggested pair of a need and a result.
type Match struct {
	ID         int64         `db:"id"`
	NeedID     int64         `db:"need_id"`
	ResultID   int64         `db:"result_id"`
	Score      float64       `db:"score"` // never shown
	Strength   string        `db:"strength"`
	ReasonJSON []byte        `db:"reasons"`
	Terms      stringArray   `db:"terms"`
	ComputedAt time.Time     `db:"computed_at"`
	Useful     *bool         `db:"useful"` // the word of the actor's organisation, nil when it has said nothing
	Reasons    []MatchReason `db:"-"`
}

// SetMatches replaces the suggestions of one listing: pairs it no longer has go, unless somebody has marked them. Pairs that
// are good enough to be told of for the first time wait for the people who see to either side.
func (t *Tx) SetMatches(ctx context.Context, kind market.Kind, listingID int64, found []Match, at time.Time) error {
	own, other := "need_id", "result_id"
	if kind == market.KindResult {
		own, other = other, own
	}
	keep := make(int64Array, 0, len(found))
	for _, m := range found {
		reasons, err := json.Marshal(m.Reasons)
		if err != nil {
			return err
		}
		if err := t.exec(ctx, `INSERT INTO matches (need_id, result_id, score, strength, reasons, terms, computed_at)
			SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT 1 FROM needs WHERE listing_id = $1) AND EXISTS (SELECT 1 FROM results WHERE listing_id = $2)
			ON CONFLICT (need_id, result_id) DO UPDATE SET score = EXCLUDED.score, strength = EXCLUDED.strength, reasons = EXCLUDED.reasons,
				terms = EXCLUDED.terms, computed_at = EXCLUDED.computed_at`,
			m.NeedID, m.ResultID, m.Score, m.Strength, reasons, stringArray(nonNil(m.Terms)), at); err != nil {
			return err
		}
		if kind == market.KindNeed {
			keep = append(keep, m.ResultID)
		} else {
			keep = append(keep, m.NeedID)
		}
	}
	err := t.exec(ctx, `DELETE FROM matches m WHERE `+own+` = $1 AND `+other+` <> ALL($2)
		AND NOT EXISTS (SELECT 1 FROM match_marks k WHERE k.match_id = m.id)`, listingID, keep)
	if err != nil {
		return err
	}
	return t.addMatchAlerts(ctx, own, listingID, at)
}

// MatchPartners lists up to limit listings that are suggested to a listing, or it to them, the best first. For package worker.
func (r Queries) MatchPartners(ctx context.Context, kind market.Kind, listingID int64, limit int) ([]int64, error) {
	own, other := "need_id", "result_id"
	if kind == market.KindResult {
		own, other = other, own
	}
	var out []int64
	err := r.all(ctx, &out, `SELECT `+other+` FROM matches WHERE `+own+` = $1 ORDER BY score DESC, id LIMIT $2`, listingID, limit)
	return out, err
}

const matchColumns = `m.id, m.need_id, m.result_id, m.score, m.strength, m.reasons, m.terms, m.computed_at, k.useful`

// Matches returns the suggestions of a listing the actor may see, best first, with the number of all of them. Only
// suggestions whose other side is public and of another organisation count. The caller has loaded the listing for the
// actor.
func (r Queries) Matches(ctx context.Context, a market.Actor, kind market.Kind, listingID int64, page Slice) ([]Match, int, error) {
	own, other := "need_id", "result_id"
	if kind == market.KindResult {
		own, other = other, own
	}
	where := ` FROM matches m JOIN listings l ON l.id = m.` + own + ` JOIN listings x ON x.id = m.` + other + ` JOIN orgs o ON o.id = x.org_id
		LEFT JOIN match_marks k ON k.match_id = m.id AND k.org_id = $1
		WHERE m.` + own + ` = $2 AND x.state = 'published' AND x.org_id <> l.org_id AND o.state <> 'suspended'`
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+where, a.OrgID, listingID); err != nil {
		return nil, 0, err
	}
	var out []Match
	err := r.all(ctx, &out, `SELECT `+matchColumns+where+` ORDER BY m.score DESC, m.id LIMIT $3 OFFSET $4`, a.OrgID, listingID, page.Limit, page.Offset)
	if err != nil {
		return nil, 0, err
	}
	return out, total, readReasons(out)
}

// MatchFilter narrows the suggestions of an organisation.
type MatchFilter struct {
	ListingID int64 // 0 is all of its listings
	Said      Said
}

// Said is what an organisation has said of a suggestion.
type Said string

// The words on a suggestion.
const (
	SaidOpen       Said = ""           // not unsuitable: nothing yet, or useful
	SaidUseful     Said = "useful"     // 有用
	SaidUnsuitable Said = "unsuitable" // 不合适
)

// ownMatches is every suggestion between a published listing of organisation $1 and one of another organisation. The two
// halves have no row in common, because a pair has two owners.
const ownMatches = `WITH own AS (SELECT id FROM listings WHERE org_id = $1 AND state = 'published' AND ($2::bigint = 0 OR id = $2)),
	pairs AS (
		SELECT m.*, m.result_id AS other FROM matches m WHERE m.need_id IN (SELECT id FROM own)
		UNION ALL
		SELECT m.*, m.need_id AS other FROM matches m WHERE m.result_id IN (SELECT id FROM own))
	SELECT %s FROM pairs m JOIN listings x ON x.id = m.other JOIN orgs o ON o.id = x.org_id
	LEFT JOIN match_marks k ON k.match_id = m.id AND k.org_id = $1
	WHERE x.state = 'published' AND x.org_id <> $1 AND o.state <> 'suspended'
		AND CASE $3 WHEN 'useful' THEN k.useful IS TRUE WHEN 'unsuitable' THEN k.useful IS FALSE ELSE k.useful IS NOT FALSE END`

// OrgMatches returns the suggestions for the published listings of the actor's organisation, best first, with the
// number of all of them; none to who wants none.
func (r Queries) OrgMatches(ctx context.Context, a market.Actor, f MatchFilter, page Slice) ([]Match, int, error) {
	if a.NoRecommend {
		return nil, 0, nil
	}
	var total int
	if err := r.get(ctx, &total, fmt.Sprintf(ownMatches, `count(*)`), a.OrgID, f.ListingID, f.Said); err != nil {
		return nil, 0, err
	}
	var out []Match
	err := r.all(ctx, &out, fmt.Sprintf(ownMatches, matchColumns)+` ORDER BY m.score DESC, m.id LIMIT $4 OFFSET $5`,
		a.OrgID, f.ListingID, f.Said, page.Limit, page.Offset)
	if err != nil {
		return nil, 0, err
	}
	return out, total, readReasons(out)
}

// MarkMatch stores what the actor's organisation says of a suggestion for one of its own listings; nil takes it back.
func (t *Tx) MarkMatch(ctx context.Context, a market.Actor, matchID int64, useful *bool, reason string, at time.Time) error {
	var id int64
	err := t.get(ctx, &id, `SELECT m.id FROM matches m JOIN listings n ON n.id = m.need_id JOIN listings s ON s.id = m.result_id
		WHERE m.id = $1 AND (n.org_id = $2 OR s.org_id = $2)`, matchID, a.OrgFor(market.ScopePost))
	if err != nil {
		return err
	}
	if useful == nil {
		return t.exec(ctx, `DELETE FROM match_marks WHERE match_id = $1 AND org_id = $2`, id, a.OrgID)
	}
	return t.exec(ctx, `INSERT INTO match_marks (match_id, org_id, useful, reason, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (match_id, org_id) DO UPDATE SET useful = EXCLUDED.useful, reason = EXCLUDED.reason, user_id = EXCLUDED.user_id, at = EXCLUDED.at
			WHERE (match_marks.useful, match_marks.reason) IS DISTINCT FROM (EXCLUDED.useful, EXCLUDED.reason)`,
		id, a.OrgID, *useful, reason, a.UserID, at)
}

func readReasons(matches []Match) error {
	for i := range matches {
		if err := json.Unmarshal(matches[i].ReasonJSON, &matches[i].Reasons); err != nil {
			return err
		}
	}
	return nil
}
