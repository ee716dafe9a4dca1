package embedded

import (
	"context"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"techmarket/search"
)

// Bare has Bleve alone look for the documents that hold all terms, in one
// sub-market unless it is "", with the counts of the facets when wanted. It is
// there to measure what everything around Bleve costs.
func (e *Engine) Bare(ctx context.Context, terms []string, submarket string, facets bool) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var all []query.Query
	for _, t := range terms {
		q := query.NewTermQuery(t)
		q.SetField(fieldWords)
		all = append(all, q)
	}
	if submarket != "" {
		all = append(all, oneOf(fieldSubmarket, []string{submarket}))
	}
	req := bleve.NewSearchRequestOptions(query.NewConjunctionQuery(all), defaultLimit, 0, false)
	if facets {
		for _, f := range search.Facets() {
			req.AddFacet(string(f), bleve.NewFacetRequest(facetFields[f], facetSize))
		}
	}
	_, err := e.index.SearchInContext(ctx, req)
	return err
}
