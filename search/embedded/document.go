package embedded

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/search"
)

// The fields of the index. Nothing is stored in it but the listing's id: rows
// are read from PostgreSQL, and hits are marked in Go.
const (
	fieldWords     = string(search.InWords) // of title and body, the title counted titleWeight times
	fieldGrams     = string(search.InGrams)
	fieldTitle     = string(search.InTitle)  // the title's single ideographs
	fieldSpoken    = string(search.InSpoken) // the title's pairs of syllables
	fieldFacets    = "facets"                // the values of all facets: see facetTerm
	fieldVerified  = "verified"
	fieldPriceMin  = "price_min"
	fieldPriceMax  = "price_max"
	fieldPublished = "published"
	fieldDeadline  = "deadline"
)

var allFields = []string{
	fieldWords, fieldGrams, fieldTitle, fieldSpoken, fieldFacets, fieldVerified, fieldPriceMin, fieldPriceMax, fieldPublished, fieldDeadline,
}

// titleWeight is how many times a title's terms count against the body's.
const titleWeight = 5

const (
	textOptions    = index.IndexField
	keywordOptions = index.IndexField | index.DocValues | index.SkipFreqNorm
	numberOptions  = index.IndexField | index.DocValues
)

// indexed turns a listing into what Bleve keeps of it.
func indexed(d market.Document) *document.Document {
	doc := document.NewDocument(docID(d.ID))
	title, body := search.IndexTerms(d.Title), search.IndexTerms(d.Body)
	var words, grams []string
	for range titleWeight {
		words = append(words, title.Words...)
	}
	words = append(words, body.Words...)
	grams = append(append(grams, title.Grams...), body.Grams...)
	addTerms(doc, fieldWords, words)
	addTerms(doc, fieldGrams, grams)
	addTerms(doc, fieldTitle, search.Ideographs(d.Title))
	addTerms(doc, fieldSpoken, search.SyllablePairs(d.Title))

	var facets []string
	values := facetValues(d)
	for _, f := range search.Facets() {
		for _, v := range values[f] {
			facets = append(facets, facetTerm(f, v))
		}
	}
	addKeywords(doc, fieldFacets, facets...)
	if d.Verified {
		addKeywords(doc, fieldVerified, verifiedTerm)
	}
	if low, high, ok := d.PriceRange(); ok {
		addNumber(doc, fieldPriceMin, yuan(low))
		addNumber(doc, fieldPriceMax, yuan(high))
	}
	addTime(doc, fieldPublished, d.PublishedAt)
	addTime(doc, fieldDeadline, d.Deadline)
	return doc
}

const verifiedTerm = "1"

// facetValues are the values of a listing's facets.
func facetValues(d market.Document) map[search.Facet][]string {
	all := map[search.Facet][]string{
		search.FacetKind:      {string(d.Kind)},
		search.FacetSubmarket: {d.Submarket},
		search.FacetField:     d.Fields,
		search.FacetCounty:    {d.County},
		search.FacetStage:     {d.Stage},
		search.FacetMode:      d.Modes,
	}
	for f, values := range all {
		all[f] = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	}
	return all
}

// facetTerm is a facet's value as a term of fieldFacets.
func facetTerm(f search.Facet, value string) string { return string(f) + facetEnd + value }

const facetEnd = ":"

// facetValueOf reads a term of facetTerm.
func facetValueOf(term string) (f search.Facet, value string) {
	name, value, _ := strings.Cut(term, facetEnd)
	return search.Facet(name), value
}

func docID(id int64) string { return strconv.FormatInt(id, 10) }

// yuan is the figure by which prices are filtered. The index compares them as
// floating point; sums are never made of them.
func yuan(d decimal.Decimal) float64 { return d.InexactFloat64() }

func addTerms(doc *document.Document, field string, terms []string) {
	if len(terms) > 0 {
		doc.AddField(document.NewTextFieldCustom(field, nil, nil, textOptions, termStream(terms)))
	}
}

// addKeywords adds the different values of a field.
func addKeywords(doc *document.Document, field string, values ...string) {
	seen := map[string]bool{}
	for i, v := range values {
		if seen[v] {
			continue
		}
		seen[v] = true
		doc.AddField(document.NewTextFieldCustom(field, []uint64{uint64(i)}, []byte(v), keywordOptions, nil))
	}
}

func addNumber(doc *document.Document, field string, value float64) {
	doc.AddField(document.NewNumericFieldWithIndexingOptions(field, nil, value, numberOptions))
}

func addTime(doc *document.Document, field string, t time.Time) {
	if !t.IsZero() {
		addNumber(doc, field, float64(t.Unix()))
	}
}

// termStream hands terms that are cut already to Bleve as if it analysed them.
type termStream []string

// Analyze returns the terms whatever the text.
func (s termStream) Analyze([]byte) analysis.TokenStream {
	tokens := make([]analysis.Token, len(s))
	stream := make(analysis.TokenStream, len(s))
	for i, term := range s {
		tokens[i] = analysis.Token{Term: []byte(term), Position: i + 1}
		stream[i] = &tokens[i]
	}
	return stream
}
