package embedded

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/numeric"
	index "github.com/blevesearch/bleve_index_api"

	"techmarket/search"
)

// facetBits are one bit for each facet.
type facetBits uint8

// facetCode numbers the values of all facets in the order in which they were met.
type facetCode uint32

// facetValue is a value of a facet.
type facetValue struct {
	facet search.Facet
	bit   facetBits
	value string
}

// columns keep in memory what hits are counted, filtered and sorted by: Bleve would unpack a thousand documents to read it of
// one. A segment of the index never changes, so that its column is read once and kept for as long as the segment is in use.
type columns struct {
	mu     sync.Mutex
	codes  map[string]facetCode // by term of fieldFacets
	values []facetValue         // by code
	kept   map[uint64]*column   // by the number of the segment
}

func newColumns() *columns { return &columns{codes: map[string]facetCode{}} }

// column holds the values of a segment's documents: some 60 bytes each.
type column struct {
	starts    []uint32 // where a document's facets begin, and after the last one
	facets    []facetCode
	published []int64 // Unix time; math.MinInt64 for none
	deadline  []int64 // Unix time; math.MaxInt64 for none
}

// segment is a column at its place in a snapshot.
type segment struct {
	first uint64 // number of its first document
	*column
}

func (s segment) facetsOf(doc uint64) []facetCode {
	n := doc - s.first
	return s.facets[s.starts[n]:s.starts[n+1]]
}

// sortedBy is what a document is sorted by before its score, the largest first.
func (s segment) sortedBy(by search.Sort, doc uint64) int64 {
	switch by {
	case search.SortNewest:
		return s.published[doc-s.first]
	case search.SortDeadline:
		return -s.deadline[doc-s.first]
	}
	return 0
}

// of gives the columns of a snapshot's segments in their order, and the values that they know by code.
func (c *columns) of(snapshot *scorch.IndexSnapshot) ([]segment, []facetValue, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := map[uint64]*column{}
	var segments []segment
	var first uint64
	for _, s := range snapshot.Segments() {
		col := c.kept[s.Id()]
		if col == nil {
			var err error
			if col, err = c.read(snapshot, first, int(s.FullSize())); err != nil {
				return nil, nil, fmt.Errorf("search: read columns: %w", err)
			}
		}
		kept[s.Id()] = col
		segments = append(segments, segment{first, col})
		first += uint64(s.FullSize())
	}
	c.kept = kept
	return segments, c.values, nil
}

func (c *columns) read(snapshot *scorch.IndexSnapshot, first uint64, size int) (*column, error) {
	reader, err := snapshot.DocValueReader([]string{fieldFacets, fieldPublished, fieldDeadline})
	if err != nil {
		return nil, err
	}
	col := &column{
		starts:    make([]uint32, 1, size+1),
		published: slices.Repeat([]int64{math.MinInt64}, size),
		deadline:  slices.Repeat([]int64{math.MaxInt64}, size),
	}
	n := 0
	visit := func(field string, term []byte) {
		switch field {
		case fieldFacets:
			col.facets = append(col.facets, c.code(term))
		case fieldPublished:
			setTime(&col.published[n], term)
		case fieldDeadline:
			setTime(&col.deadline[n], term)
		}
	}
	var id index.IndexInternalID
	for ; n < size; n++ {
		id = index.NewIndexInternalID(id, first+uint64(n))
		if err := reader.VisitDocValues(id, visit); err != nil {
			return nil, err
		}
		col.starts = append(col.starts, uint32(len(col.facets)))
	}
	col.facets = slices.Clip(col.facets)
	return col, nil
}

// code numbers a term of fieldFacets.
func (c *columns) code(term []byte) facetCode {
	code, known := c.codes[string(term)]
	if !known {
		f, value := facetValueOf(string(term))
		code = facetCode(len(c.values))
		c.codes[string(term)] = code
		c.values = append(c.values, facetValue{f, facetBit(f), value})
	}
	return code
}

func facetBit(f search.Facet) facetBits { return 1 << slices.Index(search.Facets(), f) }

// setTime takes the time that a term of a numeric field is. Of each number the index has coarser terms as well.
func setTime(to *int64, term []byte) {
	if ok, shift := numeric.ValidPrefixCodedTermBytes(term); !ok || shift != 0 {
		return
	}
	if bits, err := numeric.PrefixCoded(term).Int64(); err == nil {
		*to = int64(numeric.Int64ToFloat64(bits))
	}
}
