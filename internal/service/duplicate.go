package service

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// known is what the rows of an import are compared with: the organisation's own listings, the public results of others
// with the same patents, and the rows before.
type known struct {
	titles  map[string][]knownItem  // by market.TitleKey
	loose   map[string]knownItem    // by looseKey
	near    map[string][]*knownItem // by nearKeys
	texts   map[string]knownItem    // by textKey
	patents map[string]knownItem
	others  map[string]int64 // public results of other organisations, by patent
}

// knownItem is a listing, or a row of the same file.
type knownItem struct {
	listing int64
	row     int
	title   string
	text    string // textKey of it
	id      string // of a row
	patents []string
}

// knownThings is what the rows of a list are compared with.
type knownThings interface {
	look(*importItem)  // notes in the row what it is a duplicate of
	addRow(importItem) // lets later rows be compared with this one
}

// newKnown loads what the items of an import may be duplicates of: all of it, or what was added since that time.
func (s *Service) newKnown(ctx context.Context, q store.Queries, imp market.Import, items []importItem, since time.Time) (knownThings, error) {
	switch imp.Kind {
	case market.KindExpert:
		return newKnownExperts(ctx, q, imp, since)
	case market.KindOrg:
		return newKnownOrgs(ctx, q, imp, items, since)
	}
	return s.newKnownListings(ctx, q, imp, items, since)
}

func (s *Service) newKnownListings(ctx context.Context, q store.Queries, imp market.Import, items []importItem, since time.Time) (*known, error) {
	k := &known{titles: map[string][]knownItem{}, loose: map[string]knownItem{}, near: map[string][]*knownItem{}, texts: map[string]knownItem{}, patents: map[string]knownItem{}, others: map[string]int64{}}
	own, err := q.OwnTitles(ctx, imp.OrgID, imp.Kind, imp.ID, since)
	if err != nil {
		return nil, err
	}
	for _, l := range own {
		k.add(knownItem{listing: l.ID, title: l.Title, text: textKey(l.Text), patents: l.Patents})
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

const (
	minText = 40 // characters of a text that two different things hardly share
	minNear = 8  // characters of a title in which one more or less means little
	maxNear = 5  // titles that are kept of those that differ in the same place: more of them are a series
)

// textKey is a text as it is compared, "" for one that is too short to tell.
func textKey(text string) string {
	runes := []rune(text)
	key := market.TitleKey(string(runes[:min(len(runes), store.ComparedText)]))
	if market.RuneLen(key) < minText {
		return ""
	}
	return key
}

// nearKeys are the title itself and the title without one of its characters: titles that differ in one character share one.
// Numbers and letters tell things apart and stay.
func nearKeys(title string) iter.Seq[string] {
	return func(yield func(string) bool) {
		runes := []rune(title)
		if len(runes) < minNear || !yield(title) {
			return
		}
		for i, r := range runes {
			if market.ClassOf(r) == market.RuneIdeograph && !strings.ContainsRune(numerals, r) && !yield(string(runes[:i])+string(runes[i+1:])) {
				return
			}
		}
	}
}

// numerals tell the parts of a series apart.
const numerals = "一二三四五六七八九十百甲乙丙丁上下左右大中小前后正负"

func (k *known) add(item knownItem) {
	key := market.TitleKey(item.title)
	k.titles[key] = append(k.titles[key], item)
	addFirst(k.loose, looseKey(item.title), item)
	addFirst(k.texts, item.text, item)
	for near := range nearKeys(key) {
		if len(k.near[near]) < maxNear {
			k.near[near] = append(k.near[near], &item)
		}
	}
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

func (k *known) addRow(item importItem) {
	k.add(knownItem{row: item.row.Row, title: item.title(), text: textKey(item.text()), id: item.id, patents: item.patents})
}

// look finds a duplicate: certainly so with the same patent, or with the same title where no
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
	if near, ok := k.nearest(item); ok {
		item.found(market.DuplicateSimilar, near, "名称只差一个字")
		return
	}
	if same, ok := k.texts[textKey(item.text())]; ok {
		item.found(market.DuplicateSimilar, same, "内容相同，名称不同")
		return
	}
	for _, number := range item.patents {
		if listing, ok := k.others[number]; ok {
			item.found(market.DuplicateSimilar, knownItem{listing: listing}, "别的单位已公开同一专利（"+market.PatentNumber(number).Display(false)+"）")
			return
		}
	}
}

// nearest is what differs from the row in one character of its title, and whose text does not tell the two apart.
func (k *known) nearest(item *importItem) (knownItem, bool) {
	text := textKey(item.text())
	for key := range nearKeys(market.TitleKey(item.title())) {
		for _, near := range k.near[key] {
			if !near.apart(*item) && (text == "" || near.text == "" || text == near.text) {
				return *near, true
			}
		}
	}
	return knownItem{}, false
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

func (item *importItem) text() string {
	if item.need.Problem != "" {
		return item.need.Problem
	}
	return item.result.Summary
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

// knownExperts are compared by name and by where they work.
type knownExperts struct {
	owner string // of the list, "" for the bureau's
	same  map[string]knownItem
	names map[string]knownItem
}

func newKnownExperts(ctx context.Context, q store.Queries, imp market.Import, since time.Time) (*knownExperts, error) {
	k := &knownExperts{owner: imp.OrgName, same: map[string]knownItem{}, names: map[string]knownItem{}}
	found, err := q.KnownExperts(ctx, imp.OrgID, imp.ID, since)
	for _, e := range found {
		org := e.OrgName
		if imp.OrgID != 0 {
			org = k.owner
		}
		k.add(e.Name, org, knownItem{listing: e.ID})
	}
	return k, err
}

func (k *knownExperts) add(name, org string, item knownItem) {
	addFirst(k.same, market.TitleKey(name)+"\n"+market.TitleKey(org), item)
	addFirst(k.names, market.TitleKey(name), item)
}

func (k *knownExperts) orgOf(item importItem) string {
	if item.expert.OrgID != 0 {
		return k.owner
	}
	return item.expert.OrgName
}

func (k *knownExperts) addRow(item importItem) {
	k.add(item.expert.Name, k.orgOf(item), knownItem{row: item.row.Row})
}

func (k *knownExperts) look(item *importItem) {
	name := market.TitleKey(item.expert.Name)
	if same, ok := k.same[name+"\n"+market.TitleKey(k.orgOf(*item))]; ok {
		item.found(market.DuplicateSame, same, "姓名和单位相同")
	} else if similar, ok := k.names[name]; ok {
		item.found(market.DuplicateSimilar, similar, "姓名相同，单位不同")
	}
}

// knownOrgs are compared by their codes, and by their names.
type knownOrgs struct {
	codes map[string]knownItem
	names map[string]knownItem
}

func newKnownOrgs(ctx context.Context, q store.Queries, imp market.Import, items []importItem, since time.Time) (*knownOrgs, error) {
	k := &knownOrgs{codes: map[string]knownItem{}, names: map[string]knownItem{}}
	var codes, names []string
	for _, item := range items {
		codes, names = append(codes, string(item.org.USCC)), append(names, item.org.Name)
	}
	found, err := q.KnownOrgs(ctx, codes, names, imp.ID, since)
	for _, o := range found {
		k.add(o.USCC, o.Name, knownItem{listing: o.ID})
	}
	return k, err
}

func (k *knownOrgs) add(code, name string, item knownItem) {
	addFirst(k.codes, code, item)
	addFirst(k.names, market.TitleKey(name), item)
}

func (k *knownOrgs) addRow(item importItem) {
	k.add(string(item.org.USCC), item.org.Name, knownItem{row: item.row.Row})
}

func (k *knownOrgs) look(item *importItem) {
	if same, ok := k.codes[string(item.org.USCC)]; ok {
		item.found(market.DuplicateSame, same, "统一社会信用代码相同")
	} else if similar, ok := k.names[market.TitleKey(item.org.Name)]; ok {
		item.found(market.DuplicateSimilar, similar, "名称相同，信用代码不同")
	}
}
