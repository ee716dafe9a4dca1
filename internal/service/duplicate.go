package service

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// known is what the rows of an import are compared with: the organisation's own listings, the public results of others
// with the same patents, and the rows before.
type known struct {
	titles  map[string][]knownItem // by market.TitleKey
	loose   map[string]knownItem   // by looseKey
	patents map[string]knownItem
	others  map[string]int64 // public results of other organisations, by patent
}

// knownItem is a listing, or a row of the same file.
type knownItem struct {
	listing int64
	row     int
	title   string
	id      string // of a row
	patents []string
}

// newKnown loads what the items of an import may be duplicates of: all of it, or what was added since that time.
func (s *Service) newKnown(ctx context.Context, q store.Queries, imp market.Import, items []importItem, since time.Time) (*known, error) {
	k := &known{titles: map[string][]knownItem{}, loose: map[string]knownItem{}, patents: map[string]knownItem{}, others: map[string]int64{}}
	own, err := q.OwnTitles(ctx, imp.OrgID, imp.Kind, imp.ID, since)
	if err != nil {
		return nil, err
	}
	for _, l := range own {
		k.add(knownItem{listing: l.ID, title: l.Title, patents: l.Patents})
	}
	var numbers []string
	for _, item := range items {
		numbers = append(numbers, item.patents...)
	}
	if len(numbers) == 0 {
		return k, nil
	}
	held, err := q.PatentHolders(ctx, imp.OrgID, numbers)
	for _, h := range held {
		k.others[h.Number] = h.ListingID
	}
	return k, err
}

// looseKey is a title without the 一种 that patents begin with and projects leave out.
func looseKey(title string) string { return strings.TrimPrefix(market.TitleKey(title), "一种") }

func (k *known) add(item knownItem) {
	key := market.TitleKey(item.title)
	k.titles[key] = append(k.titles[key], item)
	addFirst(k.loose, looseKey(item.title), item)
	for _, number := range item.patents {
		addFirst(k.patents, number, item)
	}
}

// addFirst keeps the first item of a key.
func addFirst(m map[string]knownItem, key string, item knownItem) {
	if _, taken := m[key]; !taken && key != "" {
		m[key] = item
	}
}

// addRow lets later rows be compared with this one.
func (k *known) addRow(item importItem) {
	k.add(knownItem{row: item.row.Row, title: item.title(), id: item.id, patents: item.patents})
}

// look notes in the row what it is a duplicate of: certainly so with the same patent, or with the same title where no
// number tells the two apart.
func (k *known) look(item *importItem) {
	for _, number := range item.patents {
		if same, ok := k.patents[number]; ok {
			item.found(market.DuplicateSame, same, "专利号相同（"+market.PatentNumber(number).Display(false)+"）")
			return
		}
	}
	key := market.TitleKey(item.title())
	if alike := k.titles[key]; key != "" && len(alike) > 0 {
		if i := slices.IndexFunc(alike, func(known knownItem) bool { return !known.apart(*item) }); i >= 0 {
			item.found(market.DuplicateSame, alike[i], "名称相同")
		} else {
			item.found(market.DuplicateSimilar, alike[0], "名称相同，编号或专利号不同")
		}
		return
	}
	if similar, ok := k.loose[looseKey(item.title())]; ok {
		item.found(market.DuplicateSimilar, similar, "名称相近，只差“一种”")
		return
	}
	for _, number := range item.patents {
		if listing, ok := k.others[number]; ok {
			item.found(market.DuplicateSimilar, knownItem{listing: listing}, "别的单位已公开同一专利（"+market.PatentNumber(number).Display(false)+"）")
			return
		}
	}
}

// apart reports whether numbers tell a row from another thing of the same title.
func (i knownItem) apart(item importItem) bool {
	if i.row != 0 && i.id != "" && item.id != "" && i.id != item.id {
		return true
	}
	return len(i.patents) > 0 && len(item.patents) > 0 && !slices.ContainsFunc(item.patents, func(n string) bool { return slices.Contains(i.patents, n) })
}

func (item *importItem) title() string {
	if item.need.Title != "" {
		return item.need.Title
	}
	return item.result.Title
}

func (item *importItem) found(d market.Duplicate, of knownItem, by string) {
	item.row.Duplicate, item.row.DuplicateBy = d, by
	if of.listing != 0 {
		item.row.DuplicateOf = &of.listing
		return
	}
	item.row.DuplicateRow = of.row
	item.row.DuplicateBy = fmt.Sprintf("与第 %d 行%s", of.row, by)
}
