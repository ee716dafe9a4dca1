package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// Browse asks for published listings without words. The values within one filter are alternatives; different filters
// must all hold. It is search.Query without its text, answered by PostgreSQL.
type Browse struct {
	Kind         market.Kind
	Submarkets   []string
	Fields       []string
	Counties     []string
	Stages       []string
	Modes        []string
	PriceMin     decimal.NullDecimal // yuan; listings whose budget or price range touches this one
	PriceMax     decimal.NullDecimal
	DueFrom      time.Time // needs whose deadline is between these days; both are zero for any deadline, or none
	DueBy        time.Time
	VerifiedOnly bool
	Sort         string // "" or newest: latest published first; deadline: nearest first, none last
}

// condition is one filter of a browse with the facet it belongs to.
type condition struct {
	facet string
	sql   string // its placeholder is written as ?
	arg   any
}

func (b Browse) conditions() []condition {
	var out []condition
	add := func(on bool, facet, sql string, arg any) {
		if on {
			out = append(out, condition{facet, sql, arg})
		}
	}
	add(b.Kind != "", "kind", "l.kind = ?", b.Kind)
	add(len(b.Submarkets) > 0, "submarket", "l.submarket = ANY(?)", stringArray(b.Submarkets))
	add(len(b.Fields) > 0, "field", "EXISTS (SELECT 1 FROM listing_fields f WHERE f.listing_id = l.id AND f.field = ANY(?))", stringArray(b.Fields))
	add(len(b.Counties) > 0, "county", "l.region = ANY(?)", stringArray(b.Counties))
	add(len(b.Stages) > 0, "stage", "EXISTS (SELECT 1 FROM results r WHERE r.listing_id = l.id AND r.stage = ANY(?))", stringArray(b.Stages))
	add(len(b.Modes) > 0, "mode", "l.modes && ?::text[]", stringArray(b.Modes))
	add(b.PriceMin.Valid, "", "EXISTS (SELECT 1 FROM listing_prices p WHERE p.listing_id = l.id AND p.high >= ?)", b.PriceMin)
	add(b.PriceMax.Valid, "", "EXISTS (SELECT 1 FROM listing_prices p WHERE p.listing_id = l.id AND p.low <= ?)", b.PriceMax)
	add(!b.DueBy.IsZero(), "", "EXISTS (SELECT 1 FROM needs d WHERE d.listing_id = l.id AND d.deadline >= ?)", dateText(b.DueFrom))
	add(!b.DueBy.IsZero(), "", "EXISTS (SELECT 1 FROM needs d WHERE d.listing_id = l.id AND d.deadline <= ?)", dateText(b.DueBy))
	if b.VerifiedOnly {
		out = append(out, condition{sql: "EXISTS (SELECT 1 FROM orgs v WHERE v.id = l.org_id AND v.state = 'verified')"})
	}
	return out
}

// whereBut joins the conditions except those of one facet. Listings of a suspended organisation are left out. Placeholders go on after the given arguments.
func whereBut(conditions []condition, facet string, args []any) (string, []any) {
	var sql strings.Builder
	sql.WriteString(" WHERE l.state = 'published' AND " + ownerActive)
	for _, c := range conditions {
		if facet != "" && c.facet == facet {
			continue
		}
		text := c.sql
		if strings.Contains(text, "?") {
			args = append(args, c.arg)
			text = strings.Replace(text, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		sql.WriteString(" AND " + text)
	}
	return sql.String(), args
}

// BrowseListings returns one page of published listings with the number of all of them.
func (r Queries) BrowseListings(ctx context.Context, a market.Actor, b Browse, page Slice) ([]ListingCard, int, error) {
	where, args := whereBut(b.conditions(), "", nil)
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM listings l`+where, args...); err != nil {
		return nil, 0, err
	}
	where, args = whereBut(b.conditions(), "", []any{a.OrgID, reviewReach(a)})
	args = append(args, page.Limit, page.Offset)
	order := "l.published_at DESC, l.id DESC"
	if b.Sort == "deadline" {
		order = "n.deadline NULLS LAST, l.id DESC"
	}
	var out []ListingCard
	err := r.all(ctx, &out, `SELECT `+cardColumns+cardTables+where+
		fmt.Sprintf(" ORDER BY %s LIMIT $%d OFFSET $%d", order, len(args)-1, len(args)), args...)
	return out, total, err
}

// facetSources says what each facet is counted by.
var facetSources = []struct{ facet, from, value string }{
	{"kind", "listings l", "l.kind"},
	{"submarket", "listings l", "l.submarket"},
	{"county", "listings l", "l.region"},
	{"field", "listings l JOIN listing_fields x ON x.listing_id = l.id", "x.field"},
	{"stage", "listings l JOIN results x ON x.listing_id = l.id", "x.stage"},
	{"mode", "listings l CROSS JOIN LATERAL unnest(l.modes) AS x (mode)", "x.mode"},
}

// BrowseFacets counts the values of every facet; a facet's counts ignore that facet's own filter.
func (r Queries) BrowseFacets(ctx context.Context, b Browse) (map[string]map[string]int, error) {
	var parts []string
	var args []any
	for _, f := range facetSources {
		var where string
		where, args = whereBut(b.conditions(), f.facet, args)
		parts = append(parts, fmt.Sprintf("SELECT '%s' AS facet, %s AS value, count(*) AS n FROM %s%s AND %s IS NOT NULL GROUP BY 2",
			f.facet, f.value, f.from, where, f.value))
	}
	var rows []struct {
		Facet string `db:"facet"`
		Value string `db:"value"`
		N     int    `db:"n"`
	}
	if err := r.all(ctx, &rows, strings.Join(parts, " UNION ALL "), args...); err != nil {
		return nil, err
	}
	out := map[string]map[string]int{}
	for _, f := range facetSources {
		out[f.facet] = map[string]int{}
	}
	for _, row := range rows {
		out[row.Facet][row.Value] = row.N
	}
	return out, nil
}

// ShelfCount is how much of a sub-market is published.
type ShelfCount struct {
	Submarket string `db:"submarket"`
	Needs     int    `db:"needs"`
	Results   int    `db:"results"`
}

// ShelfCounts counts the published needs and results of every sub-market, for the home page.
func (r Queries) ShelfCounts(ctx context.Context) ([]ShelfCount, error) {
	var out []ShelfCount
	err := r.all(ctx, &out, `SELECT s.code AS submarket, count(*) FILTER (WHERE l.kind = 'need') AS needs, count(*) FILTER (WHERE l.kind = 'result') AS results
		FROM submarkets s LEFT JOIN listings l ON l.submarket = s.code AND l.state = 'published' AND `+ownerActive+` GROUP BY s.code, s.position ORDER BY s.position`)
	return out, err
}

// PublicTitle is what a published listing is called.
type PublicTitle struct {
	ID    int64       `db:"id"`
	Kind  market.Kind `db:"kind"`
	Title string      `db:"title"`
}

// PublicTitles returns the titles of those of the listings that are public, in the order of ids.
func (r Queries) PublicTitles(ctx context.Context, ids []int64) ([]PublicTitle, error) {
	var out []PublicTitle
	err := r.all(ctx, &out, `SELECT l.id, l.kind, l.title FROM unnest($1::bigint[]) WITH ORDINALITY AS x (id, place) JOIN listings l ON l.id = x.id
		WHERE l.state = 'published' AND `+ownerActive+` ORDER BY x.place`, int64Array(ids))
	return out, err
}

// CountInFields counts the published listings of each of the fields, of one kind unless it is "".
func (r Queries) CountInFields(ctx context.Context, kind market.Kind, fields []string) (map[string]int, error) {
	var rows []struct {
		Field string `db:"field"`
		N     int    `db:"n"`
	}
	err := r.all(ctx, &rows, `SELECT x.field, count(*) AS n FROM listing_fields x JOIN listings l ON l.id = x.listing_id
		WHERE x.field = ANY($1) AND l.state = 'published' AND `+ownerActive+` AND ($2 = '' OR l.kind = $2) GROUP BY 1`, stringArray(fields), kind)
	out := map[string]int{}
	for _, row := range rows {
		out[row.Field] = row.N
	}
	return out, err
}
