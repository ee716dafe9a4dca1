package embedded

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	blevesearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"

	"techmarket/search"
)

const (
	defaultLimit      = 20
	defaultCandidates = 200
	facetSize         = 5000 // more values than all facets have
)

// Search implements search.Engine.
func (e *Engine) Search(ctx context.Context, q search.Query) (search.Page, error) {
	parts := e.For(q).ParseQuery(q.Text, q.Literal)
	if len(parts) == 0 {
		return search.Page{}, search.ErrNoText
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	p, err := e.plan(ctx, parts, !q.Literal)
	if err != nil {
		return search.Page{}, err
	}
	l := newLister(e, ctx, q)
	l.page.Also, l.page.Near = search.Also(parts), p.near
	if err := l.add(p.whole); err != nil {
		return search.Page{}, err
	}
	l.page.Whole = l.page.Total
	fill, err := l.wantsFill(p.whole)
	if err != nil || !fill {
		return l.page, err
	}
	rest := query.NewBooleanQuery([]query.Query{p.part}, nil, []query.Query{p.whole})
	if err := l.add(rest); err != nil {
		return search.Page{}, err
	}
	return l.page, nil
}

func (e *Engine) plan(ctx context.Context, parts []search.Part, tolerant bool) (plan, error) {
	var made plan
	err := e.withPlanner(ctx, func(p *planner) {
		p.tolerant = tolerant
		made = p.plan(parts)
		made.near = p.near
	})
	return made, err
}

// withPlanner gives use a planner that reads the index as it is now.
func (e *Engine) withPlanner(ctx context.Context, use func(*planner)) (err error) {
	advanced, err := e.index.Advanced()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	reader, err := advanced.Reader()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	total, err := reader.DocCount()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	p := &planner{ctx: ctx, reader: reader, all: int(total), counts: map[search.Term]int{}}
	use(p)
	return p.err
}

// lister collects a page from lists of documents that follow each other.
type lister struct {
	engine  *Engine
	ctx     context.Context
	query   search.Query
	filters []filter
	offset  int // still to be skipped
	limit   int // still to be listed
	page    search.Page
}

func newLister(e *Engine, ctx context.Context, q search.Query) *lister {
	offset := min(max(q.Offset, 0), search.MaxWindow)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	l := &lister{engine: e, ctx: ctx, query: q, filters: filters(q), offset: offset}
	l.limit = min(limit, search.MaxWindow-offset)
	l.page.Facets = map[search.Facet]map[string]int{}
	for _, f := range search.Facets() {
		l.page.Facets[f] = map[string]int{}
	}
	return l
}

// add appends the documents of a query that pass the filters, and counts them.
func (l *lister) add(base query.Query) error {
	req := bleve.NewSearchRequestOptions(filtered(base, l.filters, ""), l.limit, l.offset, false)
	req.SortByCustom(order(l.query.Sort))
	req.AddFacet(fieldFacets, bleve.NewFacetRequest(fieldFacets, facetSize))
	res, err := l.engine.run(l.ctx, req)
	if err != nil {
		return err
	}
	for _, hit := range res.Hits {
		id, err := listingID(hit)
		if err != nil {
			return err
		}
		l.page.IDs = append(l.page.IDs, id)
	}
	l.page.Total += int(res.Total)
	l.offset = max(0, l.offset-int(res.Total))
	l.limit -= len(res.Hits)
	for _, t := range res.Facets[fieldFacets].Terms.Terms() {
		if f, value := facetValue(t.Term); !l.chosen(f) {
			l.page.Facets[f][value] += t.Count
		}
	}
	return l.addChosenFacets(base)
}

// addChosenFacets counts each facet that has a filter of its own without it.
func (l *lister) addChosenFacets(base query.Query) error {
	for _, f := range search.Facets() {
		if !l.chosen(f) {
			continue
		}
		req := bleve.NewSearchRequestOptions(filtered(base, l.filters, f), 0, 0, false)
		req.AddFacet(string(f), bleve.NewFacetRequest(facetFields[f], facetSize))
		res, err := l.engine.run(l.ctx, req)
		if err != nil {
			return err
		}
		for _, t := range res.Facets[string(f)].Terms.Terms() {
			l.page.Facets[f][t.Term] += t.Count
		}
	}
	return nil
}

func (l *lister) chosen(f search.Facet) bool {
	return slices.ContainsFunc(l.filters, func(x filter) bool { return x.facet == f })
}

// wantsFill reports whether documents with a part of the query are to follow.
// It goes by the whole index, so that choosing a filter never brings documents
// that its count did not count.
func (l *lister) wantsFill(whole query.Query) (bool, error) {
	if l.page.Total >= search.PageFill {
		return false, nil
	}
	if len(l.filters) == 0 {
		return true, nil
	}
	res, err := l.engine.run(l.ctx, bleve.NewSearchRequestOptions(whole, 0, 0, false))
	if err != nil {
		return false, err
	}
	return res.Total < search.PageFill, nil
}

// order returns the sort keys. What is equal by them keeps the index's order.
func order(s search.Sort) blevesearch.SortOrder {
	score := &blevesearch.SortScore{Desc: true}
	switch s {
	case search.SortNewest:
		return blevesearch.SortOrder{number(fieldPublished, true), score}
	case search.SortDeadline:
		return blevesearch.SortOrder{number(fieldDeadline, false), score}
	}
	return blevesearch.SortOrder{score}
}

func number(field string, descending bool) *blevesearch.SortField {
	return &blevesearch.SortField{
		Field: field, Desc: descending,
		Type: blevesearch.SortFieldAsNumber, Missing: blevesearch.SortFieldMissingLast,
	}
}

// filter is one condition that has no part in the score.
type filter struct {
	facet search.Facet // "" for conditions that are no facet
	query query.Query
}

func filters(q search.Query) []filter {
	var list []filter
	add := func(f search.Facet, values ...string) {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		if len(values) > 0 {
			list = append(list, filter{f, oneOf(facetFields[f], values)})
		}
	}
	add(search.FacetKind, string(q.Kind))
	add(search.FacetSubmarket, q.Submarkets...)
	add(search.FacetField, q.Fields...)
	add(search.FacetCounty, q.Counties...)
	add(search.FacetStage, q.Stages...)
	add(search.FacetMode, q.Modes...)
	if q.VerifiedOnly {
		list = append(list, filter{query: oneOf(fieldVerified, []string{verifiedTerm})})
	}
	if len(q.Among) > 0 {
		list = append(list, filter{query: among(q.Among)})
	}
	if q.PriceMin.Valid {
		list = append(list, filter{query: between(fieldPriceMax, yuan(q.PriceMin.Decimal), math.Inf(1))})
	}
	if q.PriceMax.Valid {
		list = append(list, filter{query: between(fieldPriceMin, math.Inf(-1), yuan(q.PriceMax.Decimal))})
	}
	if !q.DueBy.IsZero() {
		list = append(list, filter{query: between(fieldDeadline, float64(q.DueFrom.Unix()), float64(q.DueBy.Unix()))})
	}
	return list
}

func oneOf(field string, values []string) query.Query {
	var terms []query.Query
	for _, v := range values {
		t := query.NewTermQuery(v)
		t.SetField(field)
		t.SetBoost(0)
		terms = append(terms, t)
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return query.NewDisjunctionQuery(terms)
}

// among finds the documents with these ids.
func among(ids []int64) query.Query {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(id, 10)
	}
	q := query.NewDocIDQuery(names)
	q.SetBoost(0)
	return q
}

func between(field string, low, high float64) query.Query {
	inclusive := true
	r := query.NewNumericRangeInclusiveQuery(&low, &high, &inclusive, &inclusive)
	r.SetField(field)
	r.SetBoost(0)
	return r
}

// filtered adds the filters to a query, but for those of one facet.
func filtered(base query.Query, list []filter, without search.Facet) query.Query {
	all := []query.Query{base}
	for _, f := range list {
		if f.facet == "" || f.facet != without {
			all = append(all, f.query)
		}
	}
	if len(all) == 1 {
		return base
	}
	return query.NewConjunctionQuery(all)
}

// Candidates implements search.Engine.
func (e *Engine) Candidates(ctx context.Context, q search.CandidateQuery) ([]search.Candidate, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var base query.Query
	err := e.withPlanner(ctx, func(p *planner) { base = p.termsQuery(q.Terms) })
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultCandidates
	}
	only := filters(search.Query{Kind: q.Kind})
	req := bleve.NewSearchRequestOptions(filtered(base, only, ""), min(limit, search.MaxWindow), 0, false)
	res, err := e.run(ctx, req)
	if err != nil {
		return nil, err
	}
	found := make([]search.Candidate, len(res.Hits))
	for i, hit := range res.Hits {
		id, err := listingID(hit)
		if err != nil {
			return nil, err
		}
		found[i] = search.Candidate{ID: id, Score: hit.Score}
	}
	return found, nil
}

func listingID(hit *blevesearch.DocumentMatch) (int64, error) {
	id, err := strconv.ParseInt(hit.ID, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("search: index holds id %q: %w", hit.ID, err)
	}
	return id, nil
}

// evenLength is an average length far above that of any listing, in words. By
// it a listing's own length hardly counts: short texts are not better for being
// short, and bare titles from an import would otherwise come before the listings
// that say more.
const evenLength = 20_000

// run has Bleve answer a request.
func (e *Engine) run(ctx context.Context, req *bleve.SearchRequest) (*bleve.SearchResult, error) {
	total, err := e.index.DocCount()
	if err != nil {
		return nil, fmt.Errorf("search: read index: %w", err)
	}
	lengths := map[string]int{}
	for _, f := range allFields {
		lengths[f] = evenLength * int(total)
	}
	req.PreSearchData = map[string]any{
		blevesearch.BM25PreSearchDataKey: &blevesearch.BM25Stats{DocCount: float64(total), FieldCardinality: lengths},
	}
	res, err := e.index.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return res, nil
}
