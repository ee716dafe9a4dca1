package bench

import (
	"context"
	"iter"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/search/query"

	"techmarket/internal/market"
	"techmarket/search"
)

// PlainBleve is the market's texts in Bleve alone, as Bleve's own guide would have it: its analyzer of Chinese for the text
// and a field for each facet.
type PlainBleve struct{ index bleve.Index }

// plainText is the field of the text in which PlainBleve searches.
const plainText = "text"

// plainBatch is how many documents PlainBleve is given at once.
const plainBatch = 500

// NewPlainBleve makes an index of the documents in a folder that does not exist yet. Close it.
func NewPlainBleve(ctx context.Context, dir string, docs iter.Seq2[market.Document, error]) (*PlainBleve, error) {
	mapping := bleve.NewIndexMapping()
	text := bleve.NewTextFieldMapping()
	text.Analyzer, text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = cjk.AnalyzerName, false, false, false, false
	mapping.DefaultMapping.Dynamic = false
	mapping.DefaultMapping.AddFieldMappingsAt(plainText, text)
	for _, f := range search.Facets() {
		facet := bleve.NewTextFieldMapping()
		facet.Analyzer, facet.Store, facet.IncludeTermVectors, facet.IncludeInAll = keyword.Name, false, false, false
		mapping.DefaultMapping.AddFieldMappingsAt(string(f), facet)
	}
	index, err := bleve.New(dir, mapping)
	if err != nil {
		return nil, err
	}
	p := &PlainBleve{index}
	return p, p.fill(ctx, docs)
}

func (p *PlainBleve) fill(ctx context.Context, docs iter.Seq2[market.Document, error]) error {
	_, err := search.Fill(docs, plainBatch, func(docs []market.Document) ([]search.Refusal, error) {
		batch := p.index.NewBatch()
		for _, d := range docs {
			if err := batch.Index(strconv.FormatInt(d.ID, 10), plainFields(d)); err != nil {
				return nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, p.index.Batch(batch)
	})
	return err
}

func plainFields(d market.Document) map[string]any {
	return map[string]any{
		plainText: d.Title + "\n" + d.Body, string(search.FacetKind): string(d.Kind), string(search.FacetSubmarket): d.Submarket,
		string(search.FacetField): d.Fields, string(search.FacetCounty): d.County, string(search.FacetStage): d.Stage, string(search.FacetMode): d.Modes,
	}
}

// Search finds the documents that hold all terms, best first, in one sub-market unless it is "", and counts the facets
// when wanted.
func (p *PlainBleve) Search(ctx context.Context, terms []string, submarket string, facets bool) error {
	var all []query.Query
	for _, t := range terms {
		all = append(all, termIn(plainText, t))
	}
	if submarket != "" {
		all = append(all, termIn(string(search.FacetSubmarket), submarket))
	}
	req := bleve.NewSearchRequestOptions(bleve.NewConjunctionQuery(all...), 20, 0, false)
	if facets {
		for _, f := range search.Facets() {
			req.AddFacet(string(f), bleve.NewFacetRequest(string(f), 100))
		}
	}
	_, err := p.index.SearchInContext(ctx, req)
	return err
}

func termIn(field, term string) query.Query {
	q := bleve.NewTermQuery(term)
	q.SetField(field)
	return q
}

// Close releases the index.
func (p *PlainBleve) Close() error { return p.index.Close() }
