package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	blevesearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"
)

// view is the index as it is at one moment: whatever is asked of it, the answers fit together.
type view struct {
	ctx      context.Context
	mapping  mapping.IndexMapping
	snapshot *scorch.IndexSnapshot
	docs     int // in the index
	segments []segment
	values   []facetValue
}

// view gives use the index as it is now.
func (e *Engine) view(ctx context.Context, use func(*view) error) (err error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	advanced, err := e.index.Advanced()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	reader, err := advanced.Reader()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return fmt.Errorf("search: read index: it is a %T", reader)
	}
	docs, err := snapshot.DocCount()
	if err != nil {
		return fmt.Errorf("search: read index: %w", err)
	}
	v := &view{ctx: scoring(ctx, docs), mapping: e.index.Mapping(), snapshot: snapshot, docs: int(docs)}
	if v.segments, v.values, err = e.columns.of(snapshot); err != nil {
		return err
	}
	return use(v)
}

// evenLength is an average length far above that of any listing, in words. By
// it a listing's own length hardly counts: short texts are not better for being
// short, and bare titles from an import would otherwise come before the listings
// that say more.
const evenLength = 20_000

// scoring has the searchers that are made with a context score by BM25.
func scoring(ctx context.Context, docs uint64) context.Context {
	lengths := map[string]int{}
	for _, f := range allFields {
		lengths[f] = evenLength * int(docs)
	}
	ctx = context.WithValue(ctx, blevesearch.GetScoringModelCallbackKey,
		blevesearch.GetScoringModelCallbackFn(func() string { return index.BM25Scoring }))
	return context.WithValue(ctx, blevesearch.BM25StatsKey, &blevesearch.BM25Stats{DocCount: float64(docs), FieldCardinality: lengths})
}

// checkEvery is how many hits are taken before a look at whether the caller still waits.
const checkEvery = 1024

// each has take see every document that a query finds, by its number in the view, in the order of the numbers.
func (v *view) each(q query.Query, take func(doc uint64, score float64)) error {
	s, err := v.searcher(q)
	if err != nil {
		return err
	}
	return v.run(s, take)
}

// eachWeighed is each for one of several queries that are weighed against each other: a score is by the query's own boost and
// rarity.
func (v *view) eachWeighed(q query.Query, take func(doc uint64, score float64)) error {
	s, err := v.searcher(q)
	if err != nil {
		return err
	}
	s.SetQueryNorm(1)
	return v.run(s, take)
}

func (v *view) searcher(q query.Query) (blevesearch.Searcher, error) {
	s, err := q.Searcher(v.ctx, v.snapshot, v.mapping, blevesearch.SearcherOptions{})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return s, nil
}

func (v *view) run(s blevesearch.Searcher, take func(doc uint64, score float64)) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	pool := blevesearch.NewDocumentMatchPool(s.DocumentMatchPoolSize()+1, 0)
	sc := &blevesearch.SearchContext{DocumentMatchPool: pool, IndexReader: v.snapshot}
	for n := 0; ; n++ {
		if n%checkEvery == 0 && v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		hit, err := s.Next(sc)
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		if hit == nil {
			return nil
		}
		take(hit.IndexInternalID.Value(), hit.Score)
		pool.Put(hit)
	}
}

// count is the number of documents that a query finds.
func (v *view) count(q query.Query) (int, error) {
	n := 0
	err := v.each(q, func(uint64, float64) { n++ })
	return n, err
}

// segmentOf is the segment with a document.
func (v *view) segmentOf(doc uint64) segment {
	i, found := slices.BinarySearchFunc(v.segments, doc, func(s segment, doc uint64) int { return cmp.Compare(s.first, doc) })
	if !found {
		i--
	}
	return v.segments[i]
}

// numbers is how many numbers of documents the view has, with those of deleted ones.
func (v *view) numbers() int {
	if len(v.segments) == 0 {
		return 0
	}
	last := v.segments[len(v.segments)-1]
	return int(last.first) + len(last.published)
}

// listingID is the id of the listing that a document is.
func (v *view) listingID(doc uint64) (int64, error) {
	name, err := v.snapshot.ExternalID(index.NewIndexInternalID(nil, doc))
	if err != nil {
		return 0, fmt.Errorf("search: read index: %w", err)
	}
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("search: index holds id %q: %w", name, err)
	}
	return id, nil
}
