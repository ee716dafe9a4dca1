package meili

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/meilisearch/meilisearch-go"

	"techmarket/search"
)

const (
	defaultLimit      = 20
	defaultCandidates = 200
	// ranked is the number of documents of a list whose texts are read to put
	// them in order. The others stay in the order of the list's filters.
	ranked = 100
	// titleWeight is how many times a title's terms count against the body's.
	titleWeight = 5
)

var facetAttributes = map[search.Facet]string{
	search.FacetKind:      attrKind,
	search.FacetSubmarket: attrSubmarket,
	search.FacetField:     attrField,
	search.FacetCounty:    attrCounty,
	search.FacetStage:     attrStage,
	search.FacetMode:      attrMode,
}

// Search implements search.Engine.
func (e *Engine) Search(ctx context.Context, q search.Query) (search.Page, error) {
	parts := e.For(q).ParseQuery(q.Text, q.Literal)
	if len(parts) == 0 {
		return search.Page{}, search.ErrNoText
	}
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	p, err := e.plan(ctx, parts, !q.Literal)
	if err != nil {
		return search.Page{}, err
	}
	l := newLister(e, ctx, q, p)
	whole := p.whole()
	found, err := l.add(whole)
	if err != nil {
		return search.Page{}, err
	}
	l.page.Whole = l.page.Total
	// It goes by the whole index, so that choosing a filter never brings
	// documents that its count did not count.
	if rest := p.part(whole); found < search.PageFill && rest.filter != "" {
		if _, err := l.add(rest); err != nil {
			return search.Page{}, err
		}
	}
	return l.page, nil
}

// lister collects a page from lists of documents that follow each other.
type lister struct {
	engine  *Engine
	ctx     context.Context
	query   search.Query
	plan    *plan
	filters []filter
	offset  int // still to be skipped
	limit   int // still to be listed
	page    search.Page
}

func newLister(e *Engine, ctx context.Context, q search.Query, p *plan) *lister {
	offset := min(max(q.Offset, 0), search.MaxWindow)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	l := &lister{engine: e, ctx: ctx, query: q, plan: p, filters: filters(q), offset: offset, limit: min(limit, search.MaxWindow-offset)}
	parts := e.For(q).ParseQuery(q.Text, q.Literal)
	l.page = search.Page{Also: search.Also(parts), Near: p.near, Facets: map[search.Facet]map[string]int{}}
	for _, f := range search.Facets() {
		l.page.Facets[f] = map[string]int{}
	}
	return l
}

// add appends the documents of a list that pass the filters, and counts them.
// It returns how many there are without the filters.
func (l *lister) add(docs list) (unfiltered int, err error) {
	only := filtered(l.filters, "")
	total, unfiltered, err := l.count(docs.filter, only)
	if err != nil {
		return 0, err
	}
	ids, err := l.take(docs, only, total)
	if err != nil {
		return 0, err
	}
	l.page.IDs = append(l.page.IDs, ids...)
	l.page.Total += total
	l.offset = max(0, l.offset-total)
	l.limit -= len(ids)
	return unfiltered, nil
}

// count adds the facets' counts: each that has a filter of its own is counted
// without it.
func (l *lister) count(docs, only string) (total, unfiltered int, err error) {
	main := l.engine.counting(and(docs, only))
	requests := []*meilisearch.SearchRequest{main}
	if only != "" {
		requests = append(requests, l.engine.counting(docs))
	}
	for _, f := range search.Facets() {
		if !l.chosen(f) {
			main.Facets = append(main.Facets, facetAttributes[f])
			continue
		}
		own := l.engine.counting(and(docs, filtered(l.filters, f)))
		own.Facets = []string{facetAttributes[f]}
		requests = append(requests, own)
	}
	answers, err := l.engine.ask(l.ctx, requests)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range answers {
		if err := l.addFacets(a.FacetDistribution); err != nil {
			return 0, 0, err
		}
	}
	total = int(answers[0].TotalHits)
	if only == "" {
		return total, total, nil
	}
	return total, int(answers[1].TotalHits), nil
}

func (l *lister) addFacets(distribution json.RawMessage) error {
	if len(distribution) == 0 {
		return nil
	}
	var counts map[string]map[string]int
	if err := json.Unmarshal(distribution, &counts); err != nil {
		return failed("read the counts", err)
	}
	for f, attribute := range facetAttributes {
		for value, n := range counts[attribute] {
			l.page.Facets[f][value] += n
		}
	}
	return nil
}

func (l *lister) chosen(f search.Facet) bool {
	return slices.ContainsFunc(l.filters, func(x filter) bool { return x.facet == f })
}

// take returns the ids of the list's documents that belong on the page.
func (l *lister) take(docs list, only string, total int) ([]int64, error) {
	from, to := min(l.offset, total), min(l.offset+l.limit, total)
	if from >= to {
		return nil, nil
	}
	if l.query.Sort != search.SortRelevance {
		return l.engine.sorted(l.ctx, and(docs.filter, only), l.query.Sort, from, to-from)
	}
	var ids []int64
	if from < ranked {
		first, err := l.engine.best(l.ctx, l.plan, docs, only, total, ranked)
		if err != nil {
			return nil, err
		}
		for _, d := range first[min(from, len(first)):min(to, len(first))] {
			ids = append(ids, d.ID)
		}
	}
	if to <= ranked {
		return ids, nil
	}
	rest, err := l.engine.weighed(l.ctx, docs, only, total, max(from, ranked), to-max(from, ranked), attrID)
	for _, d := range rest {
		ids = append(ids, d.ID)
	}
	return ids, err
}

// sorted returns ids in the order of a date.
func (e *Engine) sorted(ctx context.Context, docs string, by search.Sort, offset, limit int) ([]int64, error) {
	order := attrPublished + ":desc"
	if by == search.SortDeadline {
		order = attrDeadline + ":asc"
	}
	req := &meilisearch.SearchRequest{IndexUID: e.name, Query: every, Filter: docs, Sort: []string{order}, Offset: int64(offset), Limit: int64(limit), AttributesToRetrieve: []string{attrID}}
	answers, err := e.ask(ctx, []*meilisearch.SearchRequest{req})
	if err != nil {
		return nil, err
	}
	found, err := read(answers[0].Hits)
	ids := make([]int64, len(found))
	for i, d := range found {
		ids[i] = d.ID
	}
	return ids, err
}

// scored is a document with how well it fits.
type scored struct {
	hit
	score float64
}

// best returns the first documents of a list, in the order of their texts.
func (e *Engine) best(ctx context.Context, p *plan, docs list, only string, total, limit int) ([]scored, error) {
	found, err := e.weighed(ctx, docs, only, total, 0, limit, attrID, "title", "body")
	if err != nil {
		return nil, err
	}
	wanted := map[search.Place]map[string]bool{}
	for _, c := range docs.conditions {
		eachTerm(c, func(t search.Term) {
			if wanted[t.Place] == nil {
				wanted[t.Place] = map[string]bool{}
			}
			wanted[t.Place][t.Text] = true
		})
	}
	first := make([]scored, len(found))
	for i, h := range found {
		held := h.held(wanted)
		first[i].hit = h
		for _, c := range docs.conditions {
			first[i].score += score(c, held, p.idf)
		}
	}
	slices.SortStableFunc(first, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	return first, nil
}

// hit is what is read of a document.
type hit struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// held counts the wanted terms that the document holds. What nobody wants is not cut out of its texts.
func (h hit) held(wanted map[search.Place]map[string]bool) map[search.Term]int {
	held := map[search.Term]int{}
	add := func(place search.Place, values []string, times int) {
		for _, v := range values {
			if wanted[place][v] {
				held[search.Term{Place: place, Text: v}] += times
			}
		}
	}
	once := func(place search.Place, values []string) {
		for _, v := range values {
			if t := (search.Term{Place: place, Text: v}); wanted[place][v] && held[t] == 0 {
				held[t] = 1
			}
		}
	}
	title, body := search.IndexTerms(h.Title), search.IndexTerms(h.Body)
	add(search.InWords, title.Words, titleWeight)
	add(search.InWords, body.Words, 1)
	add(search.InGrams, title.Grams, 1)
	add(search.InGrams, body.Grams, 1)
	if len(wanted[search.InSpoken]) > 0 {
		add(search.InSpoken, search.SyllablePairs(h.Title), 1)
	}
	ideographs := search.Ideographs(h.Title)
	add(search.InTitle, ideographs, 1)
	once(search.InTitle, title.Words)
	if anySingle(wanted[search.InWords]) {
		once(search.InWords, ideographs)
		once(search.InWords, search.Ideographs(h.Body))
	}
	return held
}

// anySingle reports whether there is a word of one character, as an ideograph is.
func anySingle(words map[string]bool) bool {
	for w := range words {
		if utf8.RuneCountInString(w) == 1 {
			return true
		}
	}
	return false
}

// weighed returns documents of a list in the order of its filters' weights, by
// one federated search.
func (e *Engine) weighed(ctx context.Context, docs list, only string, total, offset, limit int, attributes ...string) ([]hit, error) {
	queries := []*meilisearch.SearchRequest{e.weighing(weighted{docs.filter, 0.5}, only, attributes)}
	if total > ranked { // else all of them are put in order anyhow
		for _, b := range docs.before {
			queries = append(queries, e.weighing(b, only, attributes))
		}
	}
	answer, err := e.client.MultiSearch(ctx, &meilisearch.MultiSearchRequest{
		Federation: &meilisearch.MultiSearchFederation{Offset: int64(offset), Limit: int64(limit)}, Queries: queries,
	})
	if err != nil {
		return nil, failed("ask the server", err)
	}
	return read(answer.Hits)
}

func (e *Engine) weighing(w weighted, only string, attributes []string) *meilisearch.SearchRequest {
	return &meilisearch.SearchRequest{
		IndexUID: e.name, Query: every, Filter: and(w.filter, only), AttributesToRetrieve: attributes,
		FederationOptions: &meilisearch.SearchFederationOptions{Weight: w.weight},
	}
}

func read(hits meilisearch.Hits) ([]hit, error) {
	list := make([]hit, len(hits))
	for i, h := range hits {
		if err := h.DecodeInto(&list[i]); err != nil {
			return nil, failed("read a hit", err)
		}
	}
	return list, nil
}

// counting is the request for the number of listings that pass a filter.
func (e *Engine) counting(filter string) *meilisearch.SearchRequest {
	none := int64(0)
	req := &meilisearch.SearchRequest{IndexUID: e.name, Query: every, HitsPerPage: &none}
	if filter != "" {
		req.Filter = filter
	}
	return req
}

// ask answers several requests at once, each by itself.
func (e *Engine) ask(ctx context.Context, requests []*meilisearch.SearchRequest) ([]meilisearch.SearchResponse, error) {
	answer, err := e.client.MultiSearch(ctx, &meilisearch.MultiSearchRequest{Queries: requests})
	if err != nil {
		return nil, failed("ask the server", err)
	}
	return answer.Results, nil
}

// filter is one condition that has no part in the order.
type filter struct {
	facet search.Facet // "" for conditions that are no facet
	text  string
}

func filters(q search.Query) []filter {
	var list []filter
	add := func(f search.Facet, values ...string) {
		if text := oneOf(facetAttributes[f], values); text != "" {
			list = append(list, filter{f, text})
		}
	}
	add(search.FacetKind, string(q.Kind))
	add(search.FacetSubmarket, q.Submarkets...)
	add(search.FacetField, q.Fields...)
	add(search.FacetCounty, q.Counties...)
	add(search.FacetStage, q.Stages...)
	add(search.FacetMode, q.Modes...)
	if len(q.Among) > 0 {
		list = append(list, filter{text: among(q.Among)})
	}
	if q.VerifiedOnly {
		list = append(list, filter{text: attrVerified + " = true"})
	}
	if q.PriceMin.Valid {
		list = append(list, filter{text: attrPriceMax + " >= " + figure(yuan(q.PriceMin.Decimal))})
	}
	if q.PriceMax.Valid {
		list = append(list, filter{text: attrPriceMin + " <= " + figure(yuan(q.PriceMax.Decimal))})
	}
	if !q.DueBy.IsZero() {
		list = append(list, filter{text: fmt.Sprintf("%s %d TO %d", attrDeadline, q.DueFrom.Unix(), q.DueBy.Unix())})
	}
	return list
}

// among is the filter for listings of those ids.
func among(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return attrID + " IN [" + strings.Join(texts, ", ") + "]"
}

func figure(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// filtered joins the filters, but for those of one facet.
func filtered(list []filter, without search.Facet) string {
	var all []string
	for _, f := range list {
		if f.facet == "" || f.facet != without {
			all = append(all, f.text)
		}
	}
	return and(all...)
}

// Candidates implements search.Engine.
func (e *Engine) Candidates(ctx context.Context, q search.CandidateQuery) ([]search.Candidate, error) {
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	p, docs, err := e.candidates(ctx, q.Terms)
	if err != nil || docs.filter == "" {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultCandidates
	}
	only := filtered(filters(search.Query{Kind: q.Kind}), "")
	first, err := e.best(ctx, p, docs, only, search.MaxWindow, min(max(limit, defaultCandidates), search.MaxWindow))
	if err != nil {
		return nil, err
	}
	found := make([]search.Candidate, min(len(first), limit))
	for i := range found {
		found[i] = search.Candidate{ID: first[i].ID, Score: first[i].score}
	}
	return found, nil
}
