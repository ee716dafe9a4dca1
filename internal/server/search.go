package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
	"techmarket/search"
)

var searchPages = []view.Page{searchIndex{}}

// finding is what a reader looks for, in which order, and which page of it.
type finding struct {
	market.Conditions
	sort string
	page int
}

// readFinding reads the address.
func (s *Server) readFinding(c echo.Context) finding {
	v := c.QueryParams()
	f := finding{Conditions: s.ref.Conditions(v), sort: v.Get("sort"), page: pageNumber(c)}
	if f.sort != "newest" && f.sort != "deadline" {
		f.sort = ""
	}
	return f
}

// values writes the finding as an address again, without the page.
func (f finding) values() url.Values {
	v := f.Values()
	if f.sort != "" {
		v.Set("sort", f.sort)
	}
	return v
}

// searchHref is the address of a search.
func searchHref(c market.Conditions) string { return finding{Conditions: c}.href() }

func (f finding) href() string {
	if q := f.values().Encode(); q != "" {
		return "/search?" + q
	}
	return "/search"
}

func (f finding) pageHref(page int) string {
	v := f.values()
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return "/search?" + v.Encode()
}

// found is one page of what was found.
type found struct {
	cards  []store.ListingCard
	total  int
	whole  int // hold all the words
	facets map[string]map[string]int
	also   []string // what was looked for beside the words
	near   []string // of that, words that may have been meant
	asText bool     // looked up by the search engine
}

// find answers from the search engine when there are words, else from PostgreSQL.
func (s *Server) find(ctx context.Context, a market.Actor, f finding, size int) (found, error) {
	page := store.PageSlice(f.page, size)
	if f.Text != "" {
		out, err := s.findText(ctx, a, f, page)
		if !errors.Is(err, search.ErrNoText) {
			return out, err
		}
	}
	b := s.browseOf(f.Conditions, f.sort)
	cards, total, err := s.Store.BrowseListings(ctx, a, b, page)
	if err != nil {
		return found{}, err
	}
	facets, err := s.Store.BrowseFacets(ctx, b)
	return found{cards: cards, total: total, whole: total, facets: facets}, err
}

// errNoSearch says that there is no searching by words for now.
var errNoSearch = &market.Error{Kind: market.Unavailable, Message: "按词语搜索暂时不能用，正在恢复。请稍后再试，或者不填词语、只按条件浏览"}

func (s *Server) browseOf(c market.Conditions, sort string) store.Browse {
	low, high := c.Amounts()
	first, last := c.Deadlines(s.Service.Today())
	return store.Browse{Kind: c.Kind, Submarkets: c.Submarkets, Fields: c.Fields, Counties: c.Counties, Stages: c.Stages, Modes: c.Modes,
		PriceMin: low, PriceMax: high, DueFrom: first, DueBy: last, VerifiedOnly: c.Verified, Sort: sort}
}

func (s *Server) textQuery(c market.Conditions, sort search.Sort, page store.Slice) search.Query {
	low, high := c.Amounts()
	first, last := c.Deadlines(s.Service.Today())
	return search.Query{Text: c.Text, Literal: c.Literal, Kind: c.Kind, Submarkets: c.Submarkets, Fields: c.Fields, Counties: c.Counties, Stages: c.Stages, Modes: c.Modes,
		PriceMin: low, PriceMax: high, DueFrom: first, DueBy: last, VerifiedOnly: c.Verified, Sort: sort, Offset: page.Offset, Limit: page.Limit}
}

func (s *Server) findText(ctx context.Context, a market.Actor, f finding, page store.Slice) (found, error) {
	answer, err := s.Search.Search(ctx, s.textQuery(f.Conditions, search.Sort(f.sort), page))
	if errors.Is(err, search.ErrUnavailable) {
		s.Log.ErrorContext(ctx, "search", "err", err)
		return found{}, errNoSearch
	}
	if err != nil {
		return found{}, err
	}
	out := found{total: answer.Total, whole: answer.Whole, also: slices.Concat(answer.Also, answer.Near), near: answer.Near, facets: map[string]map[string]int{}, asText: true}
	for name, counts := range answer.Facets {
		out.facets[string(name)] = counts
	}
	out.cards, err = s.Store.ListingCards(ctx, a, answer.IDs)
	return out, err
}

// searchItem is a need or a result in the list.
type searchItem struct {
	Need    *view.NeedCard
	Result  *view.ResultCard
	Partial bool // the first that holds only a part of the words
}

func (s *Server) searchItems(cards []store.ListingCard, q string) []searchItem {
	items := make([]searchItem, len(cards))
	for i, c := range cards {
		if c.Kind == market.KindNeed {
			card := s.needCard(c, q)
			items[i].Need = &card
		} else {
			card := s.resultCard(c, q)
			items[i].Result = &card
		}
	}
	return items
}

// searchIndex is the page of search results, and of browsing without words.
type searchIndex struct {
	view.Base
	Heading string
	Sub     string
	Also    string // what was searched for beside the words
	Literal string // address of the search for the words alone
	Facets  view.Facets
	Kinds   view.Seg
	Sort    view.Field
	Hidden  []view.Hidden
	Chips   view.Chips
	Save    *saveOffer
	Items   []searchItem
	Empty   *view.Empty
	Near    view.Chips   // terms and fields to look for instead, where no listing holds all the words
	Latest  string       // heading of Newest
	Newest  []searchItem // below an empty list
	Pager   view.Pager
	Limited *view.Alert // while there is no searching by words
}

func (searchIndex) Template() string { return "page/search/index" }

func (s *Server) searchShow(c echo.Context, a market.Actor) error {
	return s.showFinding(c, a, s.readFinding(c), "")
}

func (s *Server) needList(c echo.Context, a market.Actor) error {
	f := s.readFinding(c)
	f.Kind = market.KindNeed
	return s.showFinding(c, a, f, "needs")
}

func (s *Server) resultList(c echo.Context, a market.Actor) error {
	f := s.readFinding(c)
	f.Kind = market.KindResult
	return s.showFinding(c, a, f, "results")
}

func (s *Server) showFinding(c echo.Context, a market.Actor, f finding, nav string) error {
	if f.Text != "" {
		if err := s.slowAddress(c, searchLimit); err != nil {
			return err
		}
	}
	ctx := c.Request().Context()
	typed := f.Text
	res, err := s.find(ctx, a, f, publicPage)
	var limited *view.Alert
	if errors.Is(err, errNoSearch) {
		limited = &view.Alert{Kind: view.AlertWarn, Title: "按词语搜索暂时不能用", Urgent: true,
			Text: "正在恢复，请稍后再试。下面是符合其余条件的全部内容，没有按“" + market.Truncate(typed, 30) + "”筛选。发布、查看和按条件浏览不受影响。"}
		f.Text = ""
		res, err = s.find(ctx, a, f, publicPage)
	}
	if err != nil {
		return err
	}
	page := searchIndex{Limited: limited, Base: s.base(c, a, searchHeading(f)), Heading: searchHeading(f), Sub: searchSub(res, f.chosen()), Literal: f.literalHref(),
		Also: strings.Join(res.also, "、"), Facets: s.facets(f, res), Kinds: kindSeg(f, res), Sort: sortField(f), Hidden: hiddenBut(f, "sort"),
		Chips: s.chips(f), Items: s.searchItems(res.cards, f.marked(res.near))}
	if limited == nil { // else the words would not be saved
		if page.Save, err = s.offerSaving(ctx, a, f); err != nil {
			return err
		}
	}
	page.Nav, page.Base.Search = nav, view.Search{Kind: string(f.Kind), Q: typed}
	page.NoIndex = typed != "" || f.page > 1
	page.Pager = view.NewPager(f.page, publicPage, min(res.total, search.MaxWindow), "项", f.pageHref)
	if first := res.whole - (f.page-1)*publicPage; res.asText && res.whole < res.total && first >= 0 && first < len(page.Items) {
		page.Items[first].Partial = true
	}
	if res.whole == 0 && f.page == 1 {
		if err := s.missed(ctx, a, f, res, &page); err != nil {
			return err
		}
	}
	return s.render(c, page)
}

func searchHeading(f finding) string {
	switch {
	case f.Text != "":
		return "“" + market.Truncate(f.Text, 30) + "”的搜索结果"
	case f.Kind == market.KindNeed:
		return "技术需求"
	case f.Kind == market.KindResult:
		return "科技成果"
	}
	return "需求与成果"
}

func searchSub(res found, chosen int) string {
	text := "共 " + view.Num(res.total) + " 项"
	if res.asText && res.whole < res.total {
		text += "，其中 " + view.Num(res.whole) + " 项包含全部词语"
	}
	if chosen > 0 {
		text += "，已选 " + view.Num(chosen) + " 个条件"
	}
	return text
}

// marked is the text whose words are marked in what was found.
func (f finding) marked(near []string) string {
	return strings.Join(append([]string{f.Text}, near...), " ")
}

func (f finding) literalHref() string {
	f.Literal = true
	return f.href()
}

func (f finding) chosen() int {
	n := len(f.Submarkets) + len(f.Fields) + len(f.Counties) + len(f.Stages) + len(f.Modes)
	for _, on := range []bool{f.Min != "", f.Max != "", f.Due != "", f.Verified} {
		if on {
			n++
		}
	}
	return n
}

// chip is a condition that is on, and the finding without it.
type chip struct {
	label   string
	without finding
}

func (s *Server) conditions(f finding) []chip {
	var out []chip
	list := func(codes []string, name func(string) string, drop func(*finding, []string)) {
		for _, code := range codes {
			g := f
			drop(&g, slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == code }))
			out = append(out, chip{name(code), g})
		}
	}
	list(f.Submarkets, s.ref.Submarkets.Name, func(g *finding, rest []string) { g.Submarkets = rest })
	list(f.Fields, s.ref.FieldName, func(g *finding, rest []string) { g.Fields = rest })
	list(f.Counties, s.ref.Regions.Name, func(g *finding, rest []string) { g.Counties = rest })
	list(f.Stages, market.StageName, func(g *finding, rest []string) { g.Stages = rest })
	list(f.Modes, market.Modes.Name, func(g *finding, rest []string) { g.Modes = rest })
	if f.Min != "" || f.Max != "" {
		g := f
		g.Min, g.Max = "", ""
		out = append(out, chip{priceChip(f.Min, f.Max), g})
	}
	if f.Due != "" {
		g := f
		g.Due = ""
		out = append(out, chip{market.DueWithin.Name(f.Due), g})
	}
	if f.Verified {
		g := f
		g.Verified = false
		out = append(out, chip{"只看已核验单位", g})
	}
	return out
}

func priceChip(low, high string) string {
	switch {
	case low == "":
		return "不超过 " + high + " 万元"
	case high == "":
		return "不少于 " + low + " 万元"
	}
	return low + "～" + high + " 万元"
}

func (s *Server) chips(f finding) view.Chips {
	chips := view.Chips{Label: "已选条件"}
	for _, c := range s.conditions(f) {
		chips.Items = append(chips.Items, view.Chip{Label: c.label, Href: c.without.href(), On: true})
	}
	return chips
}

func kindSeg(f finding, res found) view.Seg {
	counts := res.facets["kind"]
	item := func(kind market.Kind, label string, n int) view.SegItem {
		g := f
		g.Kind = kind
		return view.SegItem{Label: label + " " + view.Num(n), Href: g.href(), Current: f.Kind == kind}
	}
	needs, results := counts[string(market.KindNeed)], counts[string(market.KindResult)]
	return view.Seg{Label: "类型", Items: []view.SegItem{item("", "全部", needs+results), item(market.KindNeed, "需求", needs), item(market.KindResult, "成果", results)}}
}

func sortField(f finding) view.Field {
	first := view.Option{Value: "", Label: "最相关"}
	choices := []view.Option{first, {Value: "newest", Label: "最新发布"}, {Value: "deadline", Label: "截止最近"}}
	if f.Text == "" {
		choices = []view.Option{{Value: "", Label: "最新发布"}, {Value: "deadline", Label: "截止最近"}}
	}
	return view.Field{Name: "sort", Kind: view.KindSelect, Label: "排序", Value: f.sort, Options: choices}
}

// hiddenBut is the finding as hidden fields, without those of one name.
func hiddenBut(f finding, names ...string) []view.Hidden {
	var out []view.Hidden
	v := f.values()
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if slices.Contains(names, key) {
			continue
		}
		for _, value := range v[key] {
			out = append(out, view.Hidden{Name: key, Value: value})
		}
	}
	return out
}

// facets is the form of conditions with the count of each value. Values that find nothing are left out, chosen ones
// never.
func (s *Server) facets(f finding, res found) view.Facets {
	group := func(legend, name string, list market.Codes, chosen []string) view.Facet {
		counts := res.facets[name]
		list = slices.DeleteFunc(slices.Clone(list), func(c market.Code) bool { return counts[c.Code] == 0 && !slices.Contains(chosen, c.Code) })
		shown := firstChoices(list, counts, chosen)
		g := view.Facet{Legend: legend}
		for _, c := range list {
			o := view.FacetOption{Name: name, Value: c.Code, Label: c.Name, Count: view.Num(counts[c.Code]), Checked: slices.Contains(chosen, c.Code)}
			if shown[c.Code] {
				g.Options = append(g.Options, o)
			} else {
				g.Rest = append(g.Rest, o)
			}
		}
		return g
	}
	var fields, places market.Codes
	for _, x := range s.ref.Fields {
		if len(f.Submarkets) == 0 || slices.Contains(f.Submarkets, x.Submarket) {
			fields = append(fields, market.Code{Code: x.Code, Name: x.Name})
		}
	}
	for _, x := range s.ref.Regions {
		places = append(places, market.Code{Code: x.Code, Name: x.Name})
	}
	var stages market.Codes
	for _, x := range market.Stages() {
		stages = append(stages, market.Code{Code: x.Code, Name: x.Name})
	}
	verified := view.Facet{Legend: "其他", Options: []view.FacetOption{{Name: "verified", Value: "1", Label: "只看已核验单位", Checked: f.Verified}}}
	clear := finding{Conditions: market.Conditions{Text: f.Text, Kind: f.Kind}, sort: f.sort}
	out := view.Facets{Action: "/search", Hidden: hiddenBut(f, "submarket", "field", "county", "stage", "mode", "min", "max", "due", "verified"),
		On: f.chosen(), Clear: clear.href()}
	for _, g := range []view.Facet{
		group("专业市场", "submarket", s.ref.Submarkets, f.Submarkets), group("细分领域", "field", fields, f.Fields),
		group("成果成熟度", "stage", stages, f.Stages), group("所在地", "county", places, f.Counties), group("合作方式", "mode", market.Modes, f.Modes),
		{Legend: "预算或价格（万元）", Range: &view.Range{MinName: "min", Min: f.Min, MaxName: "max", Max: f.Max}}, dueFacet(f), verified,
	} {
		if len(g.Options) > 0 || g.Range != nil {
			out.Groups = append(out.Groups, g)
		}
	}
	return out
}

// dueFacet asks how soon the deadline is; results have none.
func dueFacet(f finding) view.Facet {
	if f.Kind == market.KindResult && f.Due == "" {
		return view.Facet{}
	}
	g := view.Facet{Legend: "需求截止", Options: []view.FacetOption{{Name: "due", Label: "不限", Checked: f.Due == "", One: true}}}
	for _, x := range market.DueWithin {
		g.Options = append(g.Options, view.FacetOption{Name: "due", Value: x.Code, Label: x.Name, Checked: f.Due == x.Code, One: true})
	}
	return g
}

// A facet with more than longFacet choices shows those that leave most, and the rest behind a line that opens.
const (
	longFacet  = 9
	firstShown = 7
)

// firstChoices is which choices a facet shows at once: all of a short one; of a long one those that are on and those that
// leave most.
func firstChoices(list market.Codes, counts map[string]int, chosen []string) map[string]bool {
	first := slices.Clone(list)
	if len(first) > longFacet {
		on := func(c market.Code) int {
			if slices.Contains(chosen, c.Code) {
				return 1
			}
			return 0
		}
		slices.SortStableFunc(first, func(a, b market.Code) int {
			return cmp.Or(on(b)-on(a), counts[b.Code]-counts[a.Code])
		})
		first = first[:max(firstShown, len(chosen))]
	}
	shown := map[string]bool{}
	for _, c := range first {
		shown[c.Code] = true
	}
	return shown
}

// suggestion is a line under the search box while somebody types.
type suggestion struct {
	Label string `json:"label"`
	Note  string `json:"note"`
	Href  string `json:"href"`
	Tone  string `json:"tone"` // of the badge that the note is
}

const (
	maxSuggestions = 8
	maxTermsTried  = 6  // terms that begin so whose listings are counted
	maxTitlesTried = 24 // listings whose titles may hold it
)

// searchSuggest offers the terms, fields and titles that hold what is being typed, also in pinyin.
func (s *Server) searchSuggest(c echo.Context, _ market.Actor) error {
	if err := s.slowAddress(c, suggestLimit); err != nil {
		return err
	}
	typed := market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam("q"), "")), 40)
	if typed == "" {
		return c.JSON(http.StatusOK, []suggestion{})
	}
	kind := market.Kind(c.QueryParam("kind"))
	if !kind.Valid() {
		kind = ""
	}
	ctx := c.Request().Context()
	out, err := s.suggestTerms(ctx, typed, kind)
	if err != nil && !errors.Is(err, search.ErrUnavailable) { // fields are suggested without it
		return err
	}
	fields, err := s.suggestFields(ctx, typed, kind)
	if err != nil {
		return err
	}
	words := typed
	if len(out) > 0 {
		words = out[0].Label
	}
	titles, err := s.suggestTitles(ctx, words, kind)
	if err != nil && !errors.Is(err, search.ErrUnavailable) {
		return err
	}
	out = slices.Concat(out, fields, titles)
	return c.JSON(http.StatusOK, out[:min(len(out), maxSuggestions)])
}

// suggestTerms offers terms that begin so and find something.
func (s *Server) suggestTerms(ctx context.Context, typed string, kind market.Kind) ([]suggestion, error) {
	out := []suggestion{}
	for _, term := range s.Search.Lexicon().Complete(typed, maxTermsTried) {
		answer, err := s.Search.Search(ctx, search.Query{Text: term, Kind: kind, Limit: 1})
		if err != nil {
			return nil, err
		}
		if answer.Whole > 0 && len(out) < 3 {
			out = append(out, suggestion{Label: term, Note: "词，" + view.Num(answer.Whole) + " 项", Href: searchHref(market.Conditions{Text: term, Kind: kind})})
		}
	}
	return out, nil
}

func (s *Server) suggestFields(ctx context.Context, typed string, kind market.Kind) ([]suggestion, error) {
	var held []market.Field
	var codes []string
	for _, f := range s.ref.Fields {
		if search.Holds(f.Name, typed) {
			held, codes = append(held, f), append(codes, f.Code)
		}
	}
	if len(held) == 0 {
		return nil, nil
	}
	counts, err := s.Store.CountInFields(ctx, kind, codes)
	if err != nil {
		return nil, err
	}
	var out []suggestion
	for _, f := range held {
		if n := counts[f.Code]; n > 0 && len(out) < 2 {
			out = append(out, suggestion{Label: f.Name, Note: "细分领域，" + view.Num(n) + " 项", Href: searchHref(market.Conditions{Kind: kind, Fields: []string{f.Code}})})
		}
	}
	return out, nil
}

// suggestTitles offers listings in whose titles the words are found.
func (s *Server) suggestTitles(ctx context.Context, words string, kind market.Kind) ([]suggestion, error) {
	answer, err := s.Search.Search(ctx, search.Query{Text: words, Kind: kind, Limit: maxTitlesTried})
	if errors.Is(err, search.ErrNoText) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	titles, err := s.Store.PublicTitles(ctx, answer.IDs[:min(len(answer.IDs), answer.Whole)])
	if err != nil {
		return nil, err
	}
	var out []suggestion
	marker := s.Search.Lexicon().NewMarker(words, false)
	for _, t := range titles {
		if !marker.Marks(t.Title) {
			continue
		}
		note, tone := "需求", view.ToneAmber
		if t.Kind == market.KindResult {
			note, tone = "成果", view.ToneGreen
		}
		out = append(out, suggestion{Label: t.Title, Note: note, Href: listingPath(t.Kind, t.ID), Tone: string(tone)})
	}
	return out, nil
}
