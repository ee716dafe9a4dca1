package store

import (
	"context"
	"encoding/json"
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

// SetMatches replaces the suggestions of one listing: pairs it no longer has go, unless somebody has marked them.
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
	return t.exec(ctx, `DELETE FROM matches m WHERE `+own+` = $1 AND `+other+` <> ALL($2)
		AND NOT EXISTS (SELECT 1 FROM match_marks k WHERE k.match_id = m.id)`, listingID, keep)
}

// Matches returns the suggestions of a listing the actor may see, best first, with the number of all of them. Only
// suggestions whose other side is public count. The caller has loaded the listing for the actor.
func (r Queries) Matches(ctx context.Context, a market.Actor, kind market.Kind, listingID int64, page Slice) ([]Match, int, error) {
	own, other := "need_id", "result_id"
	if kind == market.KindResult {
		own, other = other, own
	}
	where := ` FROM matches m JOIN listings l ON l.id = m.` + other + `
		LEFT JOIN match_marks k ON k.match_id = m.id AND k.org_id = $1 WHERE m.` + own + ` = $2 AND l.state = 'published'`
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+where, a.OrgID, listingID); err != nil {
		return nil, 0, err
	}
	var out []Match
	err := r.all(ctx, &out, `SELECT m.id, m.need_id, m.result_id, m.score, m.strength, m.reasons, m.terms, m.computed_at, k.useful`+where+`
		ORDER BY m.score DESC, m.id LIMIT $3 OFFSET $4`, a.OrgID, listingID, page.Limit, page.Offset)
	if err != nil {
		return nil, 0, err
	}
	return out, total, readReasons(out)
}

// OrgMatches returns the newest and strongest suggestions for all published listings of the actor's organisation that
// it has not marked as unsuitable, best first, with the number of all of them.
func (r Queries) OrgMatches(ctx context.Context, a market.Actor, page Slice) ([]Match, int, error) {
	const where = ` FROM matches m JOIN listings n ON n.id = m.need_id JOIN listings s ON s.id = m.result_id
		LEFT JOIN match_marks k ON k.match_id = m.id AND k.org_id = $1
		WHERE n.state = 'published' AND s.state = 'published' AND (n.org_id = $1 OR s.org_id = $1) AND n.org_id <> s.org_id AND k.useful IS DISTINCT FROM false`
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+where, a.OrgID); err != nil {
		return nil, 0, err
	}
	var out []Match
	err := r.all(ctx, &out, `SELECT m.id, m.need_id, m.result_id, m.score, m.strength, m.reasons, m.terms, m.computed_at, k.useful`+where+`
		ORDER BY m.score DESC, m.id LIMIT $2 OFFSET $3`, a.OrgID, page.Limit, page.Offset)
	if err != nil {
		return nil, 0, err
	}
	return out, total, readReasons(out)
}

// MarkMatch stores what the actor's organisation says of a suggestion for one of its own listings; nil takes it back.
func (t *Tx) MarkMatch(ctx context.Context, a market.Actor, matchID int64, useful *bool, reason string, at time.Time) error {
	var id int64
	err := t.get(ctx, &id, `SELECT m.id FROM matches m JOIN listings n ON n.id = m.need_id JOIN listings s ON s.id = m.result_id
		WHERE m.id = $1 AND (n.org_id = $2 OR s.org_id = $2)`, matchID, a.OrgID)
	if err != nil {
		return err
	}
	if useful == nil {
		return t.exec(ctx, `DELETE FROM match_marks WHERE match_id = $1 AND org_id = $2`, id, a.OrgID)
	}
	return t.exec(ctx, `INSERT INTO match_marks (match_id, org_id, useful, reason, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (match_id, org_id) DO UPDATE SET useful = EXCLUDED.useful, reason = EXCLUDED.reason, user_id = EXCLUDED.user_id, at = EXCLUDED.at`,
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
