// Package search finds published listings by text. It holds the contract of
// an engine and what all engines share: how text is folded and cut into terms,
// the built-in synonyms and the marking of hits. PostgreSQL holds the truth;
// an index can be lost and rebuilt at any time, and is never an access check:
// callers load the listings of the returned ids for their own actor.
package search

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// ErrNoText is returned by Search when the query's text holds no letter,
// digit or ideograph. Browsing without a query is answered by PostgreSQL.
var ErrNoText = errors.New("search: the query has no searchable text")

// ErrUnavailable is returned when the server that holds the index does not
// answer, or has no index. What needs no search goes on meanwhile.
var ErrUnavailable = errors.New("search: the search server is not available")

// ErrLocked is returned when another process owns the index.
var ErrLocked = errors.New("search: the index is in use by another process")

// MaxWindow is the deepest place of a result list that can be asked for:
// Offset + Limit is cut to it.
const MaxWindow = 10_000

// Engine keeps the searchable copy of the published listings. All methods may
// be called by several goroutines at once. A document is found by searches
// that start after the Index call that brought it has returned.
type Engine interface {
	// Index adds documents, or replaces those with the same ID. One call is
	// one batch; some hundreds of documents at a time are fast. Those that the
	// engine will not take are left out and named by a RefusedError; what the
	// index held of them before may be in it still.
	Index(ctx context.Context, docs []market.Document) error

	// Delete removes documents. Unknown ids are no error.
	Delete(ctx context.Context, ids ...int64) error

	// Search answers one page of a text query. ErrNoText when Text has no
	// searchable characters.
	Search(ctx context.Context, q Query) (Page, error)

	// Candidates fetches the documents to be scored by package match: those
	// that hold any of the terms, best first. A term of one ideograph is
	// looked for in titles only.
	Candidates(ctx context.Context, q CandidateQuery) ([]Candidate, error)

	// Position is the place in the change log up to which the index is
	// current; 0 for a new index, which has to be rebuilt or fed from the
	// beginning. It is kept with the index.
	Position(ctx context.Context) (int64, error)

	// SetPosition records the position after its changes were indexed.
	SetPosition(ctx context.Context, position int64) error

	// Rebuild builds a new index from docs beside the live one, which goes on
	// answering, and swaps when all of it is written; position is that of the
	// change log read before the first document was. Changes indexed while it
	// runs are lost with the old index: the caller follows the change log
	// again from position, and should not index meanwhile. An error from docs
	// ends the rebuild and leaves the live index as it was; a RefusedError
	// names the documents that the new one is without.
	Rebuild(ctx context.Context, position int64, docs iter.Seq2[market.Document, error]) error

	// Lexicon is the one by which queries are read: the built-in one until
	// another is set.
	Lexicon() *Lexicon

	// SetLexicon has the searches that start from now on be read by another
	// lexicon. What is indexed does not depend on it.
	SetLexicon(l *Lexicon)

	// Count is the number of documents in the index.
	Count(ctx context.Context) (int, error)

	// Close releases the index, when nothing else uses it any more. Closing
	// again does nothing; other methods may not be called afterwards.
	Close() error
}

// Sort is the order of a result list.
type Sort string

// The orders of a result list. Whatever the order, documents that hold the
// whole query come before those that hold a part of it.
const (
	SortRelevance Sort = ""         // best first
	SortNewest    Sort = "newest"   // latest published first
	SortDeadline  Sort = "deadline" // nearest deadline first, none last
)

// Facet names a property that a result list is counted and filtered by.
type Facet string

// The facets of a page.
const (
	FacetKind      Facet = "kind"
	FacetSubmarket Facet = "submarket"
	FacetField     Facet = "field"
	FacetCounty    Facet = "county"
	FacetStage     Facet = "stage"
	FacetMode      Facet = "mode"
)

// Facets lists all facets.
func Facets() []Facet {
	return []Facet{FacetKind, FacetSubmarket, FacetField, FacetCounty, FacetStage, FacetMode}
}

// Query asks for one page of listings. Text may be anything a person typed or
// pasted: operators and quotes are plain text, width and case do not matter,
// and of very long text the most telling terms are used. The values within
// one filter are alternatives; different filters must all hold.
type Query struct {
	Text         string
	Literal      bool     // without synonyms
	Lexicon      *Lexicon // by which it is read; the engine's own when nil
	Kind         market.Kind
	Submarkets   []string
	Fields       []string
	Counties     []string
	Stages       []string
	Modes        []string
	PriceMin     decimal.NullDecimal // yuan; listings whose budget or price range
	PriceMax     decimal.NullDecimal // touches this one; 面议 is left out then
	DueFrom      time.Time           // needs whose deadline is not before this moment
	DueBy        time.Time           // and not after this one; both are zero for any deadline, or none
	VerifiedOnly bool
	Among        []int64 // only these listings; all when empty
	Sort         Sort
	Offset       int
	Limit        int // 20 when zero
}

// Page is one page of a result list.
//
// When fewer than PageFill documents of the whole index hold the whole query,
// those that hold a part of it follow them, also in Total and Facets.
// Otherwise only documents that hold the whole query are listed.
type Page struct {
	IDs    []int64
	Total  int                      // of all pages
	Whole  int                      // how many of Total hold the whole query
	Facets map[Facet]map[string]int // counts by value, not limited by the facet's own filter
	Also   []string                 // what was searched for too: synonyms, and terms that the query's pinyin stands for
	Near   []string                 // words of the index that were searched for instead of typed ones that it does not hold
}

// PageFill is the number of documents with the whole query from which on no
// documents with only a part of it are listed.
const PageFill = 20

// CandidateQuery asks for the documents worth scoring against one listing.
type CandidateQuery struct {
	Kind  market.Kind // of the documents wanted
	Terms []market.Term
	Limit int // 200 when zero
}

// Candidate is a document to be scored. Score is the engine's own, comparable
// only within one answer and never shown to people.
type Candidate struct {
	ID    int64
	Score float64
}
