package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"techmarket/internal/market"
	"techmarket/search"
)

// firstPage is how many documents a search is expected to have its answer among.
const firstPage = 20

// Known are documents and searches whose answers are known.
type Known struct {
	Docs    []Text
	Queries []Query
}

// ReadKnown reads the two files. Queries must be for documents that there are.
func ReadKnown(docs, queries string) (k Known, err error) {
	if k.Docs, err = ReadTexts(docs); err != nil {
		return k, err
	}
	if k.Queries, err = ReadQueries(queries); err != nil {
		return k, err
	}
	ids := map[string]bool{}
	for _, d := range k.Docs {
		ids[d.ID] = true
	}
	for i, q := range k.Queries {
		if !ids[q.ID] {
			return k, fmt.Errorf("%s: query %d is for the document %q, which is not in %s", queries, i+1, q.ID, docs)
		}
	}
	return k, nil
}

// Search indexes the documents in the engine, which must be empty, and asks all queries.
func Search(ctx context.Context, engine search.Engine, k Known) (Finding, error) {
	docs, places, err := documents(market.KindResult, k.Docs, 1)
	if err != nil {
		return Finding{}, err
	}
	if err := fill(ctx, engine, docs); err != nil {
		return Finding{}, err
	}
	found := make([]int, len(k.Queries))
	err = parallel(len(k.Queries), func(i int) error {
		q := k.Queries[i]
		page, err := engine.Search(ctx, search.Query{Text: market.Normalize(q.Text), Limit: firstPage})
		if err != nil && !errors.Is(err, search.ErrNoText) {
			return fmt.Errorf("search for %q: %w", q.Text, err)
		}
		found[i] = slices.Index(page.IDs, docs[places[q.ID]].ID)
		return nil
	})
	var f Finding
	for _, place := range found {
		f.add(place)
	}
	return f, err
}
