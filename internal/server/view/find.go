package view

import "fmt"

// Chip is a condition that is on, a term, or a link to a narrower search.
type Chip struct {
	Label string
	Href  string
	On    bool // the link removes it
	Count string
	Icon  string
}

// Chips is a list of them with a name for screen readers.
type Chips struct {
	Label string
	Items []Chip
}

// Facets is the search's GET form of conditions.
type Facets struct {
	Action string
	Hidden []Hidden // what the form must keep: the words, the order
	Groups []Facet
	On     int    // how many conditions are on
	Clear  string // address without any
}

// Facet is one group of conditions. A group with Range is two amounts.
type Facet struct {
	Legend  string
	Options []FacetOption
	Rest    []FacetOption // behind a line that opens
	Range   *Range
}

// FacetOption is a condition and how many it would leave.
type FacetOption struct {
	Name, Value string
	Label       string
	Count       string
	Checked     bool
	One         bool // of several, a single one can be chosen
}

// Range is an interval the user may type.
type Range struct {
	MinName, Min string
	MaxName, Max string
}

// Seg is two to four exclusive views.
type Seg struct {
	Label string
	Items []SegItem
}

// SegItem is one of them.
type SegItem struct {
	Label   string
	Href    string
	Current bool
}

// Pager is the way through a list of several pages.
type Pager struct {
	From, To, Total int
	Unit            string // 项, 件
	Prev, Next      string // addresses, empty at the ends
	Pages           []PageLink
}

// PageLink is one page, or a gap when Href is empty and it is not the current one.
type PageLink struct {
	Number  int
	Href    string
	Current bool
}

// NewPager describes page (from 1) of a list of total items, size to a page;
// href makes the address of a page.
func NewPager(page, size, total int, unit string, href func(page int) string) Pager {
	last := max((total+size-1)/size, 1)
	page = min(max(page, 1), last)
	p := Pager{From: (page-1)*size + 1, To: min(page*size, total), Total: total, Unit: unit}
	if total == 0 {
		p.From = 0
	}
	if page > 1 {
		p.Prev = href(page - 1)
	}
	if page < last {
		p.Next = href(page + 1)
	}
	if last == 1 {
		return p
	}
	before := 0
	for n := range last + 1 {
		near := n == 1 || n == last || (n >= page-2 && n <= page+2)
		if n == 0 || !near {
			continue
		}
		if n > before+1 {
			p.Pages = append(p.Pages, PageLink{})
		}
		p.Pages = append(p.Pages, PageLink{Number: n, Href: href(n), Current: n == page})
		before = n
	}
	return p
}

// Summary is the sentence beside the links.
func (p Pager) Summary() string {
	if p.Total == 0 {
		return "共 0 " + p.Unit
	}
	return fmt.Sprintf("第 %s～%s %s，共 %s %s", Num(p.From), Num(p.To), p.Unit, Num(p.Total), p.Unit)
}

// Tabs is a row of views with counts.
type Tabs struct {
	Label string
	Items []Tab
}

// Tab is one of them; Count is shown when it is not empty.
type Tab struct {
	Label   string
	Href    string
	Count   string
	Current bool
}
