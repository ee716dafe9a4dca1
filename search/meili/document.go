package meili

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/meilisearch/meilisearch-go"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/search"
)

// The attributes of a document. Terms are cut by our own analysis and only
// compared by the server, so that it finds what the embedded engine finds.
const (
	attrID        = "id"
	attrWords     = "words"       // of title and body, and their single ideographs
	attrTitle     = "title_words" // of the title, and its single ideographs
	attrGrams     = "grams"
	attrSpoken    = "spoken" // the title's pairs of syllables
	attrLatin     = "latin"  // words that may be meant by a misspelled one
	attrKind      = "kind"
	attrSubmarket = "submarket"
	attrField     = "field"
	attrCounty    = "county"
	attrStage     = "stage"
	attrMode      = "mode"
	attrVerified  = "verified"
	attrPriceMin  = "price_min"
	attrPriceMax  = "price_max"
	attrPublished = "published"
	attrDeadline  = "deadline"
	attrEvery     = "every"
)

// every is a word that each listing holds. Queries ask for it, because the
// server weighs the queries of a federation only when each has some word.
const every = "x"

// document is what the server keeps of a listing.
type document struct {
	ID        int64    `json:"id"`
	Title     string   `json:"title"` // the texts by which the first hits are put in order
	Body      string   `json:"body"`
	Words     []string `json:"words"`
	TitleOnly []string `json:"title_words"`
	Grams     []string `json:"grams,omitempty"`
	Spoken    []string `json:"spoken,omitempty"`
	Latin     []string `json:"latin,omitempty"`
	Kind      string   `json:"kind,omitempty"`
	Submarket string   `json:"submarket,omitempty"`
	Field     []string `json:"field,omitempty"`
	County    string   `json:"county,omitempty"`
	Stage     string   `json:"stage,omitempty"`
	Mode      []string `json:"mode,omitempty"`
	Verified  bool     `json:"verified"`
	PriceMin  *float64 `json:"price_min,omitempty"`
	PriceMax  *float64 `json:"price_max,omitempty"`
	Published int64    `json:"published,omitempty"`
	Deadline  int64    `json:"deadline,omitempty"`
	Every     string   `json:"every"`
}

// bookmark is the document that holds the index's position. It is in the index
// itself, so that a swap brings both, and holds no word, so that no search
// finds it.
type bookmark struct {
	ID       int64  `json:"id"` // bookmarkID
	Position int64  `json:"position"`
	Format   string `json:"format"`
	Made     string `json:"made,omitempty"` // by which a rebuild knows its own index again
}

// bookmarkID is an id that no listing has.
const bookmarkID = 0

// indexed turns a listing into what the server keeps of it.
func indexed(d market.Document) document {
	title, body := search.IndexTerms(d.Title), search.IndexTerms(d.Body)
	doc := document{
		ID: d.ID, Title: d.Title, Body: d.Body, Every: every, Verified: d.Verified,
		Words:     distinct(title.Words, body.Words, search.Ideographs(d.Title), search.Ideographs(d.Body)),
		TitleOnly: distinct(title.Words, search.Ideographs(d.Title)),
		Grams:     distinct(title.Grams, body.Grams),
		Spoken:    distinct(search.SyllablePairs(d.Title)),
		Kind:      string(d.Kind), Submarket: d.Submarket, Field: distinct(d.Fields), County: d.County, Stage: d.Stage, Mode: distinct(d.Modes),
	}
	for _, w := range doc.Words {
		if search.Nearness(w) > 0 {
			doc.Latin = append(doc.Latin, w)
		}
	}
	if low, high, ok := d.PriceRange(); ok {
		from, to := yuan(low), yuan(high)
		doc.PriceMin, doc.PriceMax = &from, &to
	}
	if !d.PublishedAt.IsZero() {
		doc.Published = d.PublishedAt.Unix()
	}
	if !d.Deadline.IsZero() {
		doc.Deadline = d.Deadline.Unix()
	}
	return doc
}

// distinct joins lists without repetitions and empty values.
func distinct(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// yuan is the figure by which prices are filtered. The index compares them as
// floating point; sums are never made of them.
func yuan(d decimal.Decimal) float64 { return d.InexactFloat64() }

// settings are those of an index. The server's own synonyms, dictionary and
// segmentation stay unused: search has them for both engines.
func settings() *meilisearch.Settings {
	off := "disabled"
	return &meilisearch.Settings{
		RankingRules:         []string{"sort", "words", attrPublished + ":desc"},
		SearchableAttributes: []string{attrEvery},
		DisplayedAttributes:  []string{attrID, "title", "body", "position", "format", "made"},
		SortableAttributes:   []string{attrPublished, attrDeadline},
		PrefixSearch:         &off,
		Pagination:           &meilisearch.Pagination{MaxTotalHits: maxTotal},
		Faceting: &meilisearch.Faceting{
			MaxValuesPerFacet: facetSize, SortFacetValuesBy: map[string]meilisearch.SortFacetType{"*": meilisearch.SortFacetTypeCount},
		},
	}
}

const (
	maxTotal  = 100_000_000 // hits that are counted exactly
	facetSize = 1000        // more values than any facet has
)

// filterable says by which attributes the server filters, and which it can
// compare by size or complete.
func filterable() []any {
	rule := func(facetSearch, comparison bool, attributes ...string) any {
		return meilisearch.AttributeRule{AttributePatterns: attributes, Features: meilisearch.AttributeFeatures{
			FacetSearch: facetSearch, Filter: meilisearch.FilterFeatures{Equality: true, Comparison: comparison},
		}}
	}
	return []any{
		rule(true, false, attrLatin),
		rule(false, true, attrID, attrPriceMin, attrPriceMax, attrDeadline),
		rule(false, false, attrWords, attrTitle, attrGrams, attrSpoken, attrVerified,
			attrKind, attrSubmarket, attrField, attrCounty, attrStage, attrMode),
	}
}

// shape is the version of a document's attributes and terms. It is raised
// whenever they change; an index of another one is built anew.
const shape = 1

// format names what an index was made with: its settings and the shape of its
// documents.
func format() (string, error) {
	text, err := json.Marshal(map[string]any{"shape": shape, "settings": settings(), "filterable": filterable()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
