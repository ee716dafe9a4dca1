package match

import (
	"hash/maphash"
	"sync"

	"techmarket/internal/market"
)

// maxProfiles bounds the profiles that are kept: some ten kilobytes each.
const maxProfiles = 8192

// profileCache keeps what was read of documents, since the same ones are
// compared with many others. A text that changed is another text.
type profileCache struct {
	seed maphash.Seed
	mu   sync.Mutex
	kept map[uint64]*profile
}

func newProfileCache() *profileCache {
	return &profileCache{seed: maphash.MakeSeed(), kept: map[uint64]*profile{}}
}

// get returns the profile of a document, which read makes when it is not kept.
func (c *profileCache) get(d market.Document, read func(market.Document) profile) *profile {
	k := c.key(d)
	c.mu.Lock()
	p := c.kept[k]
	c.mu.Unlock()
	if p != nil {
		return p
	}
	made := read(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxProfiles {
		c.dropOne()
	}
	c.kept[k] = &made
	return &made
}

func (c *profileCache) key(d market.Document) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	_, _ = h.WriteString(d.Title) // never fails
	_ = h.WriteByte(0)
	_, _ = h.WriteString(d.Body)
	return h.Sum64()
}

// dropOne makes room by the first profile in the map's order, which is random.
func (c *profileCache) dropOne() {
	for k := range c.kept {
		delete(c.kept, k)
		return
	}
}
