package embedded

import (
	"context"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2/search/query"
	"golang.org/x/sync/errgroup"

	"techmarket/internal/market"
	"techmarket/search"
)

const (
	defaultLimit      = 20
	defaultCandidates = 200
)

// Search implements search.Engine.
func (e *Engine) Search(ctx context.Context, q search.Query) (search.Page, error) {
	parts := e.For(q).ParseQuery(q.Text, q.Literal)
	if len(parts) == 0 {
		return search.Page{}, search.ErrNoText
	}
	var page search.Page
	err := e.view(ctx, func(v *view) (err error) {
		page, err = v.search(q, parts)
		return err
	})
	return page, err
}

func (v *view) search(q search.Query, parts []search.Part) (search.Page, error) {
	planner := newPlanner(v, !q.Literal)
	plan := planner.plan(parts)
	if planner.err != nil {
		return search.Page{}, planner.err
	}
	l := newLister(v, q)
	found, err := l.add(plan.whole)
	if err != nil {
		return search.Page{}, err
	}
	l.page.Whole = l.page.Total
	fill, err := l.wantsFill(plan.whole, found)
	if err != nil {
		return search.Page{}, err
	}
	if fill {
		if _, err := l.add(query.NewBooleanQuery([]query.Query{plan.part}, nil, []query.Query{plan.whole})); err != nil {
			return search.Page{}, err
		}
	}
	l.page.Also, l.page.Near = search.Also(parts), planner.near
	l.page.Facets = l.facets()
	return l.page, nil
}

// lister collects a page from lists of documents that follow each other.
type lister struct {
	view       *view
	sort       search.Sort
	conditions []query.Query // that no facet is chosen by
	chosen     facetBits     // the facets with a filter
	accepted   []bool        // by code, the values that their filters let pass
	counts     []int         // by code
	offset     int           // still to be skipped
	limit      int           // still to be listed
	page       search.Page
}

func newLister(v *view, q search.Query) *lister {
	offset := min(max(q.Offset, 0), search.MaxWindow)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	l := &lister{view: v, sort: q.Sort, conditions: conditions(q), offset: offset, limit: min(limit, search.MaxWindow-offset),
		accepted: make([]bool, len(v.values)), counts: make([]int, len(v.values))}
	for f, values := range filters(q) {
		l.chosen |= facetBit(f)
		for code, v := range v.values {
			if v.facet == f && slices.Contains(values, v.value) {
				l.accepted[code] = true
			}
		}
	}
	return l
}

// add appends the documents of a query that pass the filters, and counts them. It returns how many pass those that are no
// facets.
func (l *lister) add(q query.Query) (found int, err error) {
	listed := &best{size: l.offset + l.limit}
	total := 0
	err = l.view.each(all(q, l.conditions), func(doc uint64, score float64) {
		found++
		s := l.view.segmentOf(doc)
		if l.tally(s.facetsOf(doc)) {
			total++
			listed.add(hit{doc, s.sortedBy(l.sort, doc), score})
		}
	})
	if err != nil {
		return 0, err
	}
	hits := listed.list()
	for _, h := range hits[min(l.offset, len(hits)):] {
		id, err := l.view.listingID(h.doc)
		if err != nil {
			return 0, err
		}
		l.page.IDs = append(l.page.IDs, id)
		l.limit--
	}
	l.page.Total += total
	l.offset = max(0, l.offset-total)
	return found, nil
}

// tally counts a document's facets and reports whether it passes all filters. What fails that of one facet only counts for that
// facet: choosing another of its values would find it.
func (l *lister) tally(facets []facetCode) bool {
	var passed facetBits
	for _, code := range facets {
		if l.accepted[code] {
			passed |= l.view.values[code].bit
		}
	}
	failed := l.chosen &^ passed
	if bits.OnesCount8(uint8(failed)) > 1 {
		return false
	}
	for _, code := range facets {
		if failed == 0 || l.view.values[code].bit == failed {
			l.counts[code]++
		}
	}
	return failed == 0
}

// facets are the counts as a page has them.
func (l *lister) facets() map[search.Facet]map[string]int {
	out := map[search.Facet]map[string]int{}
	for _, f := range search.Facets() {
		out[f] = map[string]int{}
	}
	for code, n := range l.counts {
		if v := l.view.values[code]; n > 0 {
			out[v.facet][v.value] = n
		}
	}
	return out
}

// wantsFill reports whether documents with a part of the query are to follow.
// It goes by the whole index, so that choosing a filter never brings documents
// that its count did not count. found is what add says of the whole query.
func (l *lister) wantsFill(whole query.Query, found int) (bool, error) {
	if found >= search.PageFill || len(l.conditions) == 0 {
		return found < search.PageFill, nil
	}
	n, err := l.view.count(whole)
	return n < search.PageFill, err
}

// filters are the values of each facet that one was chosen of.
func filters(q search.Query) map[search.Facet][]string {
	list := map[search.Facet][]string{
		search.FacetKind:      {string(q.Kind)},
		search.FacetSubmarket: q.Submarkets,
		search.FacetField:     q.Fields,
		search.FacetCounty:    q.Counties,
		search.FacetStage:     q.Stages,
		search.FacetMode:      q.Modes,
	}
	for f, values := range list {
		list[f] = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	}
	maps.DeleteFunc(list, func(_ search.Facet, values []string) bool { return len(values) == 0 })
	return list
}

// conditions are what a query asks for besides its text and facets. They have no part in the score.
func conditions(q search.Query) []query.Query {
	var list []query.Query
	if q.VerifiedOnly {
		verified := query.NewTermQuery(verifiedTerm)
		verified.SetField(fieldVerified)
		verified.SetBoost(0)
		list = append(list, verified)
	}
	if len(q.Among) > 0 {
		list = append(list, among(q.Among))
	}
	if q.PriceMin.Valid {
		list = append(list, between(fieldPriceMax, yuan(q.PriceMin.Decimal), math.Inf(1)))
	}
	if q.PriceMax.Valid {
		list = append(list, between(fieldPriceMin, math.Inf(-1), yuan(q.PriceMax.Decimal)))
	}
	if !q.DueBy.IsZero() {
		list = append(list, between(fieldDeadline, float64(q.DueFrom.Unix()), float64(q.DueBy.Unix())))
	}
	return list
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

// all is a query that also fulfils conditions.
func all(q query.Query, conditions []query.Query) query.Query {
	if len(conditions) == 0 {
		return q
	}
	return query.NewConjunctionQuery(append([]query.Query{q}, conditions...))
}

// Candidates implements search.Engine.
func (e *Engine) Candidates(ctx context.Context, q search.CandidateQuery) ([]search.Candidate, error) {
	var list []search.Candidate
	err := e.view(ctx, func(v *view) (err error) {
		list, err = v.candidates(q)
		return err
	})
	return list, err
}

// candidates adds up what each term says for the documents that hold it, term after term: that is far faster than to look at
// each document's terms together, when the terms are many.
func (v *view) candidates(q search.CandidateQuery) ([]search.Candidate, error) {
	planner := newPlanner(v, false)
	terms := planner.held(search.TermConditions(q.Terms))
	if planner.err != nil {
		return nil, planner.err
	}
	said, err := v.sayTerms(terms)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultCandidates
	}
	chosen := &best{size: min(limit, search.MaxWindow)}
	for _, doc := range said.found {
		h := hit{doc: doc, score: said.scores[doc] * float64(said.held[doc])} // the more of the terms it holds, the better
		if chosen.wants(h) && v.isOf(q.Kind, doc) {
			chosen.add(h)
		}
	}
	var list []search.Candidate
	for _, h := range chosen.list() {
		id, err := v.listingID(h.doc)
		if err != nil {
			return nil, err
		}
		list = append(list, search.Candidate{ID: id, Score: h.score})
	}
	return list, nil
}

// termsSaid is what terms say for documents, by their numbers.
type termsSaid struct {
	scores []float64
	held   []uint16 // how many of the terms
	found  []uint64 // those that hold any
}

func (s *termsSaid) add(doc uint64, score float64, held uint16) {
	if s.held[doc] == 0 {
		s.found = append(s.found, doc)
	}
	s.held[doc] += held
	s.scores[doc] += score
}

// sayTerms asks for every second term at the same time as for the others: someone who waits has one listing, but more than one
// processor.
func (v *view) sayTerms(terms []search.Condition) (*termsSaid, error) {
	var halves [2]*termsSaid
	var asking errgroup.Group
	for i := range halves {
		said := &termsSaid{scores: make([]float64, v.numbers()), held: make([]uint16, v.numbers())}
		halves[i] = said
		asking.Go(func() error {
			for j := i; j < len(terms); j += len(halves) {
				err := v.eachWeighed(written(terms[j]), func(doc uint64, score float64) { said.add(doc, score, 1) })
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	all, rest := halves[0], halves[1]
	for _, doc := range rest.found {
		all.add(doc, rest.scores[doc], rest.held[doc])
	}
	return all, nil
}

// isOf reports whether a document is of a kind; any is when none is named.
func (v *view) isOf(kind market.Kind, doc uint64) bool {
	if kind == "" {
		return true
	}
	for _, code := range v.segmentOf(doc).facetsOf(doc) {
		if f := v.values[code]; f.facet == search.FacetKind {
			return f.value == string(kind)
		}
	}
	return false
}
