package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"techmarket/internal/market"
)

// ReviewFilter narrows the review queue; empty fields do not.
type ReviewFilter struct {
	Subject   market.Subject
	Region    string
	Submarket string // of listings; organisations have none
	Mine      bool   // only what the reviewer has claimed
}

// ReviewItem is an organisation, a change of one, a listing or a challenge that waits for a reviewer.
type ReviewItem struct {
	Subject     market.Subject `db:"subject"`
	ID          int64          `db:"id"`
	Title       string         `db:"title"`
	Number      string         `db:"number"` // of a listing
	OrgID       int64          `db:"org_id"`
	OrgName     string         `db:"org_name"`
	OrgType     market.OrgType `db:"org_type"`
	Region      string         `db:"region"`
	Submarket   string         `db:"submarket"`
	SubmittedAt time.Time      `db:"submitted_at"`
	Due         time.Time      `db:"due"`
	Returned    int            `db:"returned"` // how often it was sent back before
	Demo        bool           `db:"demo"`
	ClaimedBy   int64          `db:"claimed_by"` // 0 for nobody
	Claimer     string         `db:"claimer"`    // name
}

// ReviewTotals counts the queue under the filter's region and sub-market. Late and Today are of every subject.
type ReviewTotals struct {
	All        int `db:"total"`
	Orgs       int `db:"orgs"`
	Changes    int `db:"changes"`
	Needs      int `db:"needs"`
	Results    int `db:"results"`
	Edits      int `db:"revisions"`
	Challenges int `db:"challenges"`
	Mine       int `db:"mine"` // claimed by the reviewer
	Late       int `db:"late"`
	Today      int `db:"today"`
}

// Of is the count of a subject, all of them for "".
func (t ReviewTotals) Of(s market.Subject) int {
	switch s {
	case market.SubjectOrg:
		return t.Orgs
	case market.SubjectOrgChange:
		return t.Changes
	case market.SubjectNeed:
		return t.Needs
	case market.SubjectResult:
		return t.Results
	case market.SubjectRevision:
		return t.Edits
	case market.SubjectChallenge:
		return t.Challenges
	}
	return t.All
}

// Shown is the count of what a filter shows.
func (t ReviewTotals) Shown(f ReviewFilter) int {
	if f.Mine {
		return t.Mine
	}
	return t.Of(f.Subject)
}

// changeWaits is the rule under which a request c of organisation o waits for a reviewer.
const changeWaits = `(c.state = 'pending' AND o.state = 'verified')`

// reviewQueue is what waits, with the last day of its term. $1 to $4 are equally long: a day of submission, and the last
// day for an organisation or its change, a need, and a result or a challenge of that day. $5 and $6 are the filter, $7 the
// reviewer's reach, $8 today, $9 the reviewer. Holidays and terms are the business of market.Reference. The change of a
// suspended organisation waits until it is resumed.
var reviewQueue = `WITH terms AS (
	SELECT * FROM unnest($1::date[], $2::date[], $3::date[], $4::date[]) AS t (day, org_due, need_due, result_due)
), queue AS (
	SELECT 'org' AS subject, o.id, o.name AS title, '' AS number, o.id AS org_id, o.name AS org_name, o.type AS org_type, o.region, o.region AS org_region,
		'' AS submarket, o.submitted_at, t.org_due AS due, o.demo
	FROM orgs o JOIN terms t ON t.day = (o.submitted_at AT TIME ZONE INTERVAL '8 hours')::date
	WHERE o.state = 'pending'
	UNION ALL
	SELECT 'org_change', c.id, o.name, '', o.id, o.name, o.type, o.region, o.region, '', c.requested_at, t.org_due, o.demo
	FROM org_changes c JOIN orgs o ON o.id = c.org_id JOIN terms t ON t.day = (c.requested_at AT TIME ZONE INTERVAL '8 hours')::date
	WHERE ` + changeWaits + `
	UNION ALL
	SELECT l.kind, l.id, l.title, l.number, o.id, o.name, o.type, coalesce(l.region, o.region), o.region,
		coalesce(l.submarket, ''), l.submitted_at, CASE l.kind WHEN 'need' THEN t.need_due ELSE t.result_due END, o.demo
	FROM listings l JOIN orgs o ON o.id = l.org_id JOIN terms t ON t.day = (l.submitted_at AT TIME ZONE INTERVAL '8 hours')::date
	WHERE l.state = 'in_review' AND ` + reviewedAlone + `
	UNION ALL
	SELECT 'revision', v.id, coalesce(v.content #>> '{need,Title}', v.content #>> '{result,Title}'), l.number, o.id, o.name, o.type, coalesce(l.region, o.region), o.region,
		coalesce(l.submarket, ''), v.submitted_at, t.need_due, o.demo
	FROM listing_revisions v JOIN listings l ON l.id = v.listing_id JOIN orgs o ON o.id = l.org_id
		JOIN terms t ON t.day = (v.submitted_at AT TIME ZONE INTERVAL '8 hours')::date
	WHERE v.state = 'in_review'
	UNION ALL
	SELECT 'challenge', c.id, c.title, c.number, o.id, o.name, o.type, o.region, o.region, coalesce(c.submarket, ''), c.submitted_at, t.result_due, o.demo
	FROM challenges c JOIN orgs o ON o.id = c.org_id JOIN terms t ON t.day = (c.submitted_at AT TIME ZONE INTERVAL '8 hours')::date
	WHERE c.state = 'in_review'
), kept AS (
	SELECT queue.*, coalesce(m.user_id, 0) AS claimed_by, coalesce(u.name, '') AS claimer
	FROM queue LEFT JOIN review_claims m ON m.subject = queue.subject AND m.object_id = queue.id AND m.last_day >= $8::date
		LEFT JOIN users u ON u.id = m.user_id
	WHERE ` + inReach(`$7`, `org_region`) + ` AND ($5 = '' OR region = $5) AND ($6 = '' OR queue.submarket = $6)
)`

// ReviewQueue returns a page of what waits for reviewers, least time left first, with the totals. For reviewers, of
// organisations of their county.
func (r Queries) ReviewQueue(ctx context.Context, a market.Actor, ref *market.Reference, f ReviewFilter, today time.Time, page Slice) ([]ReviewItem, ReviewTotals, error) {
	terms, err := r.reviewTerms(ctx, ref, today)
	if err != nil {
		return nil, ReviewTotals{}, err
	}
	var rows []struct {
		ReviewTotals
		ReviewItem
	}
	args := append(queueArgs(terms, a, f, today), f.Subject, f.Mine, page.Limit, page.Offset)
	err = r.often(ctx, &rows, reviewQueue+`, totals AS (
			SELECT count(*) AS total, count(*) FILTER (WHERE subject = 'org') AS orgs,
				count(*) FILTER (WHERE subject = 'org_change') AS changes, count(*) FILTER (WHERE subject = 'need') AS needs,
				count(*) FILTER (WHERE subject = 'result') AS results, count(*) FILTER (WHERE subject = 'revision') AS revisions,
				count(*) FILTER (WHERE subject = 'challenge') AS challenges,
				count(*) FILTER (WHERE claimed_by = nullif($9, 0)) AS mine,
				count(*) FILTER (WHERE due < $8::date) AS late, count(*) FILTER (WHERE due = $8::date) AS today
			FROM kept
		)
		SELECT t.*, coalesce(q.subject, '') AS subject, coalesce(q.id, 0) AS id, coalesce(q.title, '') AS title, coalesce(q.number, '') AS number,
			coalesce(q.org_id, 0) AS org_id, coalesce(q.org_name, '') AS org_name, coalesce(q.org_type, '') AS org_type,
			coalesce(q.region, '') AS region, coalesce(q.submarket, '') AS submarket,
			coalesce(q.submitted_at, 'epoch') AS submitted_at, coalesce(q.due, 'epoch') AS due, coalesce(q.demo, false) AS demo,
			coalesce(q.claimed_by, 0) AS claimed_by, coalesce(q.claimer, '') AS claimer,
			(SELECT count(*) FROM moves m WHERE m.object_kind = q.subject AND m.object_id = q.id AND m.move IN ('return', 'reject')) AS returned
		FROM totals t LEFT JOIN LATERAL (
			SELECT * FROM kept WHERE ($10 = '' OR subject = $10) AND (NOT $11 OR claimed_by = nullif($9, 0)) ORDER BY due, submitted_at, subject, id LIMIT $12 OFFSET $13
		) q ON true ORDER BY q.due, q.submitted_at, q.subject, q.id`, args...)
	if err != nil {
		return nil, ReviewTotals{}, err
	}
	var items []ReviewItem
	for _, row := range rows {
		if row.ID != 0 {
			items = append(items, row.ReviewItem)
		}
	}
	return items, rows[0].ReviewTotals, nil
}

func queueArgs(terms reviewTerms, a market.Actor, f ReviewFilter, today time.Time) []any {
	return append(terms.args(), f.Region, f.Submarket, a.Reach(market.Reviewer), today.Format(time.DateOnly), a.UserID)
}

// ReviewPlace is where an item stands in the filtered queue, and its neighbours; an empty subject is no neighbour. What
// others have claimed is left out.
type ReviewPlace struct {
	OrgID       int64          `db:"org_id"` // whose the item is
	Place       int            `db:"place"`  // from 1; 0 when the item does not wait, or not in this filter
	Total       int            `db:"total"`
	PrevSubject market.Subject `db:"prev_subject"`
	PrevID      int64          `db:"prev_id"`
	NextSubject market.Subject `db:"next_subject"` // after the last item: the first
	NextID      int64          `db:"next_id"`
}

// ReviewPlace finds an item in the queue of ReviewQueue.
func (r Queries) ReviewPlace(ctx context.Context, a market.Actor, ref *market.Reference, f ReviewFilter, today time.Time, s market.Subject, id int64) (ReviewPlace, error) {
	terms, err := r.reviewTerms(ctx, ref, today)
	if err != nil {
		return ReviewPlace{}, err
	}
	var place ReviewPlace
	err = r.oftenOne(ctx, &place, reviewQueue+`, placed AS (
			SELECT subject, id, org_id, row_number() OVER w AS place, count(*) OVER () AS total,
				coalesce(lag(subject) OVER w, '') AS prev_subject, coalesce(lag(id) OVER w, 0) AS prev_id,
				coalesce(lead(subject) OVER w, first_value(subject) OVER w) AS next_subject, coalesce(lead(id) OVER w, first_value(id) OVER w) AS next_id
			FROM kept WHERE ($10 = '' OR subject = $10) AND (NOT $11 OR claimed_by = nullif($9, 0))
				AND (claimed_by IN (0, $9) OR subject = $12 AND id = $13) WINDOW w AS (ORDER BY due, submitted_at, subject, id)
		)
		SELECT org_id, place, total, prev_subject, prev_id,
			CASE WHEN total = 1 THEN '' ELSE next_subject END AS next_subject, CASE WHEN total = 1 THEN 0 ELSE next_id END AS next_id
		FROM placed WHERE subject = $12 AND id = $13`,
		append(queueArgs(terms, a, f, today), f.Subject, f.Mine, s, id)...)
	if market.IsKind(err, market.NotFound) {
		return ReviewPlace{}, nil
	}
	return place, err
}

// reviewTerms holds the terms of every day since the oldest item of the queue was submitted.
type reviewTerms struct {
	days, orgs, needs, results []string
}

func (t reviewTerms) args() []any {
	return []any{pq.StringArray(t.days), pq.StringArray(t.orgs), pq.StringArray(t.needs), pq.StringArray(t.results)}
}

func (r Queries) reviewTerms(ctx context.Context, ref *market.Reference, today time.Time) (reviewTerms, error) {
	var oldest *time.Time
	err := r.oftenOne(ctx, &oldest, `SELECT least((SELECT min(submitted_at) FROM orgs WHERE state = 'pending'),
		(SELECT min(c.requested_at) FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE `+changeWaits+`),
		(SELECT min(submitted_at) FROM listing_revisions WHERE state = 'in_review'),
		(SELECT min(submitted_at) FROM challenges WHERE state = 'in_review'),
		(SELECT min(submitted_at) FROM listings l WHERE state = 'in_review' AND `+reviewedAlone+`))`)
	if err != nil || oldest == nil {
		return reviewTerms{}, err
	}
	var t reviewTerms
	due := func(s market.Subject, day time.Time) string {
		_, last := ref.ReviewTerm(s, day)
		return last.Format(time.DateOnly)
	}
	for day := market.DateOf(*oldest); !day.After(today); day = day.AddDate(0, 0, 1) {
		t.days = append(t.days, day.Format(time.DateOnly))
		t.orgs = append(t.orgs, due(market.SubjectOrg, day))
		t.needs = append(t.needs, due(market.SubjectNeed, day))
		t.results = append(t.results, due(market.SubjectResult, day))
	}
	return t, nil
}
