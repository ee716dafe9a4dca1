package server

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// directoryPage (page/directory/index) is a public directory: experts, institutes or agencies.
type directoryPage struct {
	view.Base
	Heading string
	Lead    string
	Tabs    view.Tabs
	Action  string
	Text    string // looked for
	Filters []view.Field
	Count   string
	Items   []directoryItem
	Pager   view.Pager
	Empty   view.Empty
}

func (directoryPage) Template() string { return "page/directory/index" }

// directoryItem is somebody in a directory.
type directoryItem struct {
	ID      string
	Mono    string
	Kind    string // 专家, 高校
	Notes   []string
	Name    string
	Href    string
	Demo    bool
	Text    string
	Facts   []view.Fact
	Party   *view.Party // where an expert works
	Checked *view.Verified
}

// directories are the tabs above each of the three.
var directories = []struct{ path, label string }{{"/experts", "专家"}, {"/institutes", "高校院所"}, {"/agencies", "技术转移机构"}}

// readDirectory reads the address; what it does not know it leaves out.
func (s *Server) readDirectory(c echo.Context) store.Directory {
	d := store.Directory{Text: market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam("q"), "")), 60)}
	if county := c.QueryParam("county"); s.ref.Regions.Name(county) != "" {
		d.County = county
	}
	if submarket := c.QueryParam("submarket"); s.ref.Submarkets.Name(submarket) != "" {
		d.Submarket = submarket
	}
	return d
}

// directory is the page of one directory without its items.
func (s *Server) directory(c echo.Context, a market.Actor, path, title string, d store.Directory) directoryPage {
	page := directoryPage{Base: s.base(c, a, title), Heading: title, Text: d.Text, Action: path, Tabs: view.Tabs{Label: "名录"}}
	page.Nav = "directories"
	page.NoIndex = d.Text != "" || pageNumber(c) > 1
	for _, t := range directories {
		page.Tabs.Items = append(page.Tabs.Items, view.Tab{Label: t.label, Href: t.path, Current: t.path == path})
	}
	page.Filters = []view.Field{
		{Name: "county", Kind: view.KindSelect, Label: "所在地", Value: d.County, Options: openOptions(s.places(), "不限")},
		{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Value: d.Submarket, Options: openOptions(s.ref.Submarkets, "不限")}}
	return page
}

// places are the places of the market, the city's counties first.
func (s *Server) places() market.Codes {
	out := make(market.Codes, 0, len(s.ref.Regions))
	for _, r := range s.ref.Regions {
		out = append(out, market.Code{Code: r.Code, Name: r.Name})
	}
	return out
}

// found fills in how much there is, or why there is nothing.
func (page *directoryPage) found(c echo.Context, d store.Directory, total int, unit, noun string, empty view.Empty) {
	number := pageNumber(c)
	page.Count = fmt.Sprintf("共 %s %s", view.Num(total), unit)
	page.Pager = view.NewPager(number, publicPage, total, unit, func(n int) string {
		return page.Action + pageQuery(url.Values{"q": {d.Text}, "county": {d.County}, "submarket": {d.Submarket}}, n)
	})
	page.Empty = empty
	if d != (store.Directory{}) {
		page.Empty = view.Empty{Title: "没有符合条件的" + noun, Text: "换个写法，或者去掉所在地、专业市场等条件再看。", Actions: []view.Action{{Label: "清除条件", Href: page.Action}}}
	}
}

func (s *Server) expertList(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, searchLimit); err != nil {
		return err
	}
	d := s.readDirectory(c)
	found, total, err := s.Store.Experts(c.Request().Context(), d, store.PageSlice(pageNumber(c), publicPage))
	if err != nil {
		return err
	}
	page := s.directory(c, a, "/experts", "专家", d)
	page.Lead = "本人同意公开的技术专家。有问题可以先问专家，再决定怎么合作。"
	for _, e := range found {
		page.Items = append(page.Items, s.expertItem(e))
	}
	page.found(c, d, total, "位", "专家", view.Empty{Title: "还没有公开的专家", Text: "高校和科研院所登记本单位的专家，本人同意后在这里公开。"})
	return s.render(c, page)
}

func (s *Server) expertItem(e market.Expert) directoryItem {
	item := directoryItem{ID: fmt.Sprintf("expert-%d", e.ID), Mono: Monogram(e.Name), Kind: "专家", Name: e.Name, Href: expertPath(e.ID), Demo: e.Demo,
		Text: shortText(e.Expertise), Party: &view.Party{Name: e.OrgName, Verified: view.VerifiedOrg(e.OrgID != 0)}}
	item.Notes = nonEmptyTexts(e.Title, s.ref.Regions.Name(e.Region))
	item.Facts = appendFact(item.Facts, "领域", strings.Join(s.fieldNames(e.Fields), "、"))
	if e.OrgID != 0 {
		item.Party.Href = orgPath(e.OrgID)
	} else {
		item.Party.Verified = view.Verified{}
	}
	return item
}

// shortText is as much of a text as a card shows.
func shortText(text string) string {
	return market.Truncate(strings.Join(strings.Fields(text), " "), summaryRunes)
}

func nonEmptyTexts(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (s *Server) instituteList(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, searchLimit); err != nil {
		return err
	}
	d := s.readDirectory(c)
	found, total, err := s.Store.Institutions(c.Request().Context(), d, store.PageSlice(pageNumber(c), publicPage))
	if err != nil {
		return err
	}
	page := s.directory(c, a, "/institutes", "高校院所", d)
	page.Lead = "已核验的高校和科研院所，公开成果多的排在前面。"
	for _, o := range found {
		item := s.orgItem(o.ID, o.Type, o.Name, o.Region, o.About, o.Demo, o.Since)
		item.Facts = []view.Fact{{Label: "公开成果", Text: view.Num(o.Results) + "\u00a0项", Href: item.Href + "?kind=result"}, {Label: "达成合作", Text: view.Num(o.Deals) + "\u00a0项"},
			{Label: "公开专家", Text: view.Num(o.Experts) + "\u00a0位"}}
		page.Items = append(page.Items, item)
	}
	page.found(c, d, total, "家", "高校院所", view.Empty{Title: "还没有已核验的高校院所", Text: "高校和科研院所登记单位、通过核验后列在这里。", Actions: []view.Action{{Label: "登记单位", Href: "/org/new"}}})
	return s.render(c, page)
}

func (s *Server) orgItem(id int64, kind market.OrgType, name, region, about string, demo bool, since time.Time) directoryItem {
	return directoryItem{ID: fmt.Sprintf("org-%d", id), Mono: Monogram(name), Kind: kind.Name(), Notes: nonEmptyTexts(s.ref.Regions.Name(region)), Name: name,
		Href: orgPath(id), Demo: demo, Text: shortText(about), Checked: new(view.VerifiedOn(since))}
}

func (s *Server) agencyList(c echo.Context, a market.Actor) error {
	if err := s.slowAddress(c, searchLimit); err != nil {
		return err
	}
	d := s.readDirectory(c)
	d.Submarket = "" // agencies serve all
	found, total, err := s.Store.AgencyEntries(c.Request().Context(), d, s.Now(), store.PageSlice(pageNumber(c), publicPage))
	if err != nil {
		return err
	}
	page := s.directory(c, a, "/agencies", "技术转移机构", d)
	page.Filters = page.Filters[:1]
	page.Lead = "已核验的技术转移机构，可以委托它们代为发布、对接和起草合同。"
	for _, o := range found {
		item := s.orgItem(o.ID, o.Type, o.Name, o.Region, o.About, o.Demo, o.Since)
		item.Facts = []view.Fact{{Label: "受托代办", Text: view.Num(o.Mandates) + "\u00a0家"}, {Label: "代办促成", Text: view.Num(o.Deals) + "\u00a0项"}}
		item.Facts = appendFact(item.Facts, "技术经理人", strings.Join(o.People, "、"))
		page.Items = append(page.Items, item)
	}
	page.found(c, d, total, "家", "技术转移机构", view.Empty{Title: "还没有已核验的技术转移机构", Text: "技术转移机构登记单位、通过核验后列在这里。", Actions: []view.Action{{Label: "登记单位", Href: "/org/new"}}})
	return s.render(c, page)
}
