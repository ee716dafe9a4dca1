package embedded

import (
	"cmp"
	"slices"
)

// hit is a document that was found.
type hit struct {
	doc   uint64
	first int64 // what it is sorted by before its score, the largest first
	score float64
}

// byRank puts the best hit first. What is equal keeps the index's order.
func byRank(a, b hit) int {
	return cmp.Or(cmp.Compare(b.first, a.first), cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
}

// best keeps the best of many hits.
type best struct {
	size int
	hits []hit // the best of those that were added, and up to as many others
	cut  bool  // at hits[size-1], which a hit must surpass
}

// wants reports whether a hit may be among the best.
func (b *best) wants(h hit) bool {
	return b.size > 0 && !(b.cut && byRank(h, b.hits[b.size-1]) > 0)
}

func (b *best) add(h hit) {
	if !b.wants(h) {
		return
	}
	b.hits = append(b.hits, h)
	if len(b.hits) == 2*b.size {
		b.trim()
	}
}

func (b *best) trim() {
	slices.SortFunc(b.hits, byRank)
	if len(b.hits) >= b.size {
		b.hits = b.hits[:b.size]
		b.cut = b.size > 0
	}
}

// list returns the best hits in order.
func (b *best) list() []hit {
	b.trim()
	return b.hits
}
