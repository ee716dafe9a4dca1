// Package enginetest holds the behaviour that every search engine must show.
// An engine's tests call Run; what passes here may be relied on by callers
// whatever engine is configured.
package enginetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/search"
)

// Open returns a new, empty engine for one test and closes it with the test.
type Open func(t *testing.T) search.Engine

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"Empty", testEmpty},
		{"Texts", testTexts},
		{"Lexicon", testLexicon},
		{"Misspelled", testMisspelled},
		{"WholeBeforePart", testWholeBeforePart},
		{"EnoughWholeLeavesPartsOut", testEnoughWhole},
		{"Filters", testFilters},
		{"Among", testAmong},
		{"Prices", testPrices},
		{"Sorts", testSorts},
		{"Pages", testPages},
		{"DeepPages", testDeepPages},
		{"OnlyPublicText", testOnlyPublicText},
		{"ReplaceAndDelete", testReplaceAndDelete},
		{"StrangeTexts", testStrangeTexts},
		{"LongQuery", testLongQuery},
		{"HitsAreMarked", testHitsAreMarked},
		{"ExactlyHitsAreMarked", testExactlyHitsAreMarked},
		{"Candidates", testCandidates},
		{"Position", testPosition},
		{"Rebuild", testRebuild},
		{"RebuildFails", testRebuildFails},
		{"Concurrency", testConcurrency},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open)
		})
	}
}

func index(t *testing.T, e search.Engine, docs ...market.Document) {
	t.Helper()
	if err := e.Index(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, e search.Engine, q search.Query) search.Page {
	t.Helper()
	page, err := e.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("search for %.40q: %v", q.Text, err)
	}
	return page
}

// wantIDs compares ids without regard to order.
func wantIDs(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	got = slices.Sorted(slices.Values(got))
	if !slices.Equal(got, want) {
		t.Errorf("%s: ids %v, want %v", what, got, want)
	}
}

func titled(id int64, title string) market.Document {
	return market.Document{ID: id, Kind: market.KindResult, Title: title}
}

func testEmpty(t *testing.T, open Open) {
	e := open(t)
	page := find(t, e, search.Query{Text: "碳酸钙"})
	if page.Total != 0 || len(page.IDs) != 0 {
		t.Errorf("an empty index found %v", page.IDs)
	}
	for _, text := range []string{"", " \n", "，。！", "😀", "\xff"} {
		if _, err := e.Search(t.Context(), search.Query{Text: text}); !errors.Is(err, search.ErrNoText) {
			t.Errorf("search for %q: error %v, want ErrNoText", text, err)
		}
	}
	if err := e.Index(t.Context(), nil); err != nil {
		t.Errorf("index nothing: %v", err)
	}
	if err := e.Delete(t.Context()); err != nil {
		t.Errorf("delete nothing: %v", err)
	}
}

// texts are the documents of testTexts, by id.
var texts = []market.Document{
	{ID: 1, Kind: market.KindNeed, Title: "重质碳酸钙湿法超细研磨", Body: "D97 降至 2.5 μm，浆料黏度不升高"},
	{ID: 2, Kind: market.KindResult, Title: "超细重钙梳形分散剂", Body: "固含量 75% 的浆料"},
	{ID: 3, Kind: market.KindResult, Title: "MiniLED 背光模组点胶工艺", Body: "用于电视"},
	{ID: 4, Kind: market.KindResult, Title: "ＬＥＤ 驱动电源", Body: "恒流输出，效率高"},
	{ID: 5, Kind: market.KindNeed, Title: "5G 覆铜板低介电树脂", Body: "介电常数 PH值 稳定"},
	{ID: 6, Kind: market.KindResult, Title: "多层线路板压合", Body: "高频 PCB 基材"},
	{ID: 7, Kind: market.KindNeed, Title: "柔性电路板补强", Body: "耐弯折"},
	{ID: 8, Kind: market.KindResult, Title: "半导体照明灯具散热", Body: "铝基板"},
	{ID: 9, Kind: market.KindNeed, Title: "𠮷安蜜柚采后保鲜😀", Body: "失水率低于 3%"},
	{ID: 10, Kind: market.KindResult, Title: "Mini LED 修复设备", Body: "激光"},
	{ID: 11, Kind: market.KindResult, Title: "硫酸钙晶须", Body: "替代石棉"},
}

func testTexts(t *testing.T, open Open) {
	e := open(t)
	index(t, e, texts...)
	for _, c := range []struct {
		text    string
		literal bool
		want    []int64 // the documents that hold the whole query
	}{
		{"碳酸钙", false, []int64{1, 2}}, // 2 by its synonym 重钙
		{"碳酸钙", true, []int64{1}},
		{"重钙", false, []int64{1, 2}},
		{"重钙", true, []int64{2}},
		{"研磨", false, []int64{1}},
		{"钙", false, []int64{1, 2, 11}},
		{"湿", false, []int64{1}},
		{"重钙 研磨", false, []int64{1}},
		{"重质碳酸钙湿法超细研磨", false, []int64{1}},
		{"LED", false, []int64{3, 4, 8, 10}},
		{"led", true, []int64{3, 4, 10}},
		{"ｌｅｄ", true, []int64{3, 4, 10}},
		{"半导体照明", true, []int64{8}},
		{"半导体照明", false, []int64{3, 4, 8, 10}}, // the others by LED, as LED finds it
		{"MINILED", true, []int64{3}},
		{"MiniLED", true, []int64{3, 10}},
		{"mini led", true, []int64{3, 10}},
		{"miniled", false, []int64{3, 10}},
		{"PCB", false, []int64{6, 7}},
		{"pcb", true, []int64{6}},
		{"印制板", false, []int64{6, 7}},
		{"5G覆铜板", false, []int64{5}},
		{"５ｇ　覆铜板", false, []int64{5}},
		{"ＭｉｎｉＬＥＤ背光", false, []int64{3}},
		{"ph值", false, []int64{5}},
		{"ＰＨ值", true, []int64{5}},
		{"2.5", false, []int64{1}},
		{"２．５", false, []int64{1}},
		{"d97", false, []int64{1}},
		{"75%", false, []int64{2}},
		{"𠮷安", false, []int64{9}},
		{"蜜柚😀", false, []int64{9}},
		{"😀蜜😀柚", false, []int64{9}},
		{"“硫酸钙”晶须", false, []int64{11}},
		{"钙 -研磨", false, []int64{1}}, // no exclusion
		{"NOT 研磨", true, nil},        // a word like any other
		{"研* OR 晶?", true, nil},
		{`"超细" +(研磨) -d97 title:湿法 *`, true, nil},
		{`"超细" +(研磨) -d97`, true, []int64{1}},
		{"石墨烯", false, nil},
		{"tansuangai", false, []int64{1, 2}}, // as 碳酸钙, and its synonym
		{"tansuangai", true, nil},
		{"TSG", false, []int64{1, 2}},
		{"beiguangmozu", false, []int64{3}}, // of no dictionary, from the title
		{"chaoxi yanmo", false, []int64{1}},
		{"yanmo", false, []int64{1}},
		{"xianlu", false, []int64{6}},
		{"fanyong", false, nil}, // 反用 is nowhere
	} {
		page := find(t, e, search.Query{Text: c.text, Literal: c.literal, Limit: 50})
		wantIDs(t, c.text, page.IDs[:page.Whole], c.want...)
		if c.literal && len(page.Also) > 0 {
			t.Errorf("%s, literally: searched for %v too", c.text, page.Also)
		}
	}
	page := find(t, e, search.Query{Text: "tansuangai"})
	if !slices.Contains(page.Also, "碳酸钙") {
		t.Errorf("tansuangai was searched for as %v too", page.Also)
	}
	page = find(t, e, search.Query{Text: "重钙"})
	if !slices.Equal(page.Also, []string{"重质碳酸钙", "碳酸钙", "GCC"}) {
		t.Errorf("重钙 was searched for as %v too", page.Also)
	}
}

// testLexicon changes the words that searches know while the engine runs: what was indexed before is found by them at
// once, both ways, and no longer when they are taken out.
func testLexicon(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "石灰石粉的改性"), titled(2, "老虎粉改性工艺"), titled(3, "轻钙改性"))
	added := search.NewLexicon(7, []market.LexiconEntry{
		{ID: 6, Kind: market.LexiconSynonyms, Field: "calcium", Terms: []string{"石灰石粉", "老虎粉"}},
		{ID: 7, Kind: market.LexiconWord, Field: "calcium", Terms: []string{"石灰石粉"}},
	})
	whole := func(q search.Query) []int64 {
		t.Helper()
		page := find(t, e, q)
		return page.IDs[:page.Whole]
	}
	ask := func(what string, both ...int64) {
		t.Helper()
		for text, alone := range map[string]int64{"石灰石粉": 1, "老虎粉": 2} {
			want := both
			if want == nil {
				want = []int64{alone}
			}
			wantIDs(t, text+", "+what, whole(search.Query{Text: text}), want...)
			wantIDs(t, text+" literally, "+what, whole(search.Query{Text: text, Literal: true}), alone)
		}
	}
	ask("before")
	wantIDs(t, "by the words of one query", whole(search.Query{Text: "老虎粉", Lexicon: added}), 1, 2)
	ask("after that query")
	e.SetLexicon(added)
	if e.Lexicon() != added || e.Lexicon().Version() != 7 {
		t.Errorf("version %d is in force, want 7", e.Lexicon().Version())
	}
	ask("added", 1, 2)
	index(t, e, titled(4, "老虎粉"))
	wantIDs(t, "indexed later", whole(search.Query{Text: "石灰石粉"}), 1, 2, 4)
	wantIDs(t, "in pinyin", whole(search.Query{Text: "shihuishifen"}), 1, 2, 4)
	wantIDs(t, "a word of the files", whole(search.Query{Text: "轻质碳酸钙"}), 3)
	if err := e.Delete(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	e.SetLexicon(search.NewLexicon(8, nil))
	ask("taken out")
}

func testMisspelled(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "Polymer 改性沥青"), titled(2, "Lithium 电池隔膜"), titled(3, "Semiconductor 封装"), titled(4, "PET 薄膜"), titled(5, "Monomer 提纯"))
	for _, c := range []struct {
		text    string
		literal bool
		want    []int64
		near    []string
	}{
		{"polimer", false, []int64{1}, []string{"polymer"}},
		{"Polymre", false, []int64{1}, []string{"polymer"}}, // two letters that changed places are one slip
		{"Pelimer", false, nil, nil},                        // two slips in a short word
		{"lithum 隔膜", false, []int64{2}, []string{"lithium"}},
		{"semicondcutor", false, []int64{3}, []string{"semiconductor"}},
		{"polimer", true, nil, nil},
		{"polymer", false, []int64{1}, nil}, // nothing else is taken for a word that is there
		{"PEX", false, nil, nil},            // a short word is a name
	} {
		page := find(t, e, search.Query{Text: c.text, Literal: c.literal})
		wantIDs(t, c.text, page.IDs[:page.Whole], c.want...)
		if !slices.Equal(page.Near, c.near) {
			t.Errorf("%s: near words %v, want %v", c.text, page.Near, c.near)
		}
	}
}

func testWholeBeforePart(t *testing.T, open Open) {
	e := open(t)
	index(t, e,
		titled(1, "锂离子电池"),
		titled(2, "电池隔膜涂覆"),
		titled(3, "锂离子电池隔膜涂覆"),
		titled(4, "松香改性树脂"),
	)
	page := find(t, e, search.Query{Text: "锂离子 隔膜涂覆", Literal: true})
	if len(page.IDs) == 0 || page.IDs[0] != 3 || page.Whole != 1 {
		t.Fatalf("ids %v, of them %d whole; want 3 first and alone", page.IDs, page.Whole)
	}
	wantIDs(t, "all", page.IDs, 1, 2, 3)
	if page.Total != 3 {
		t.Errorf("total %d, want 3", page.Total)
	}
	if n := page.Facets[search.FacetKind]["result"]; n != 3 {
		t.Errorf("facet counts %d, want 3", n)
	}
}

func testEnoughWhole(t *testing.T, open Open) {
	e := open(t)
	var docs []market.Document
	for i := range search.PageFill {
		d := titled(int64(i+1), "锂离子电池")
		d.County = []string{"360825", "360826"}[i%2]
		docs = append(docs, d)
	}
	docs = append(docs, titled(100, "铅酸电池"))
	index(t, e, docs...)
	page := find(t, e, search.Query{Text: "锂离子电池", Literal: true, Limit: 50})
	if page.Total != search.PageFill || page.Whole != search.PageFill {
		t.Errorf("total %d, whole %d, want %d of both", page.Total, page.Whole, search.PageFill)
	}
	// A filter must not bring documents that its count did not count.
	page = find(t, e, search.Query{Text: "锂离子电池", Literal: true, Counties: []string{"360825"}, Limit: 50})
	if page.Total != search.PageFill/2 {
		t.Errorf("filtered: total %d, want %d", page.Total, search.PageFill/2)
	}
}

// properties makes documents whose properties run through all combinations.
func properties() []market.Document {
	kinds := []market.Kind{market.KindNeed, market.KindResult}
	submarkets := []string{"materials", "food", "electronics"}
	fields := [][]string{{"calcium"}, {"calcium", "film"}, {"led"}, nil}
	counties := []string{"360825", "360826", "360802", "", "110000"}
	stages := []string{"", "lab", "pilot"}
	modes := [][]string{{"licence"}, {"entrust", "joint"}, nil}
	var docs []market.Document
	for i := range 360 {
		docs = append(docs, market.Document{
			ID: int64(i + 1), Title: "超细研磨", Kind: kinds[i%2], Submarket: submarkets[i%3],
			Fields: fields[i%4], County: counties[i%5], Stage: stages[i/2%3], Modes: modes[i/3%3],
			Verified: i%7 == 0,
		})
	}
	return docs
}

// valuesOf returns a document's values of a facet.
func valuesOf(d market.Document, f search.Facet) []string {
	switch f {
	case search.FacetKind:
		return []string{string(d.Kind)}
	case search.FacetSubmarket:
		return []string{d.Submarket}
	case search.FacetField:
		return d.Fields
	case search.FacetCounty:
		return []string{d.County}
	case search.FacetStage:
		return []string{d.Stage}
	}
	return d.Modes
}

func chosenOf(q search.Query, f search.Facet) []string {
	switch f {
	case search.FacetKind:
		if q.Kind == "" {
			return nil
		}
		return []string{string(q.Kind)}
	case search.FacetSubmarket:
		return q.Submarkets
	case search.FacetField:
		return q.Fields
	case search.FacetCounty:
		return q.Counties
	case search.FacetStage:
		return q.Stages
	}
	return q.Modes
}

// passes reports whether a document passes the filters but for those of one facet.
func passes(d market.Document, q search.Query, without search.Facet) bool {
	if q.VerifiedOnly && !d.Verified {
		return false
	}
	for _, f := range search.Facets() {
		chosen := chosenOf(q, f)
		hit := slices.ContainsFunc(valuesOf(d, f), func(v string) bool { return slices.Contains(chosen, v) })
		if f != without && len(chosen) > 0 && !hit {
			return false
		}
	}
	return true
}

func testFilters(t *testing.T, open Open) {
	e := open(t)
	docs := properties()
	index(t, e, docs...)
	for _, q := range []search.Query{
		{},
		{Kind: market.KindNeed},
		{Submarkets: []string{"materials"}},
		{Submarkets: []string{"materials", "food"}, Kind: market.KindResult},
		{Fields: []string{"film"}},
		{Fields: []string{"calcium", "led"}, Counties: []string{"360825", "360826"}},
		{Counties: []string{"360802"}, Stages: []string{"lab"}, Modes: []string{"joint"}},
		{VerifiedOnly: true},
		{VerifiedOnly: true, Kind: market.KindNeed, Modes: []string{"licence", "joint"}},
		{Counties: []string{"999999"}},
	} {
		q.Text, q.Limit = "研磨", 10
		checkFilters(t, e, docs, q, q)
	}
	// An empty value, as an empty form field sends it, filters nothing.
	all := search.Query{Text: "研磨", Limit: 10}
	empty := all
	empty.Counties, empty.Modes = []string{""}, []string{""}
	checkFilters(t, e, docs, all, empty)
}

// checkFilters compares a page with what counting the documents gives. The
// query that is asked may say the same in other words.
func checkFilters(t *testing.T, e search.Engine, docs []market.Document, meant, asked search.Query) {
	t.Helper()
	page := find(t, e, asked)
	total := 0
	want := map[search.Facet]map[string]int{}
	for _, f := range search.Facets() {
		want[f] = map[string]int{}
		for _, d := range docs {
			for _, v := range valuesOf(d, f) {
				if v != "" && passes(d, meant, f) {
					want[f][v]++
				}
			}
		}
	}
	for _, d := range docs {
		if passes(d, meant, "") {
			total++
		}
	}
	if page.Total != total || len(page.IDs) != min(total, asked.Limit) {
		t.Errorf("%+v: total %d with %d ids, want total %d", asked, page.Total, len(page.IDs), total)
	}
	for f, counts := range want {
		for v, n := range counts {
			if page.Facets[f][v] != n {
				t.Errorf("%+v: facet %s counts %d of %s, want %d", asked, f, page.Facets[f][v], v, n)
			}
		}
		if len(page.Facets[f]) != len(counts) {
			t.Errorf("%+v: facet %s has the values %v", asked, f, page.Facets[f])
		}
	}
}

// testAmong looks among some listings only: that is how a saved search is held against what has changed.
func testAmong(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "重钙研磨助剂"), titled(2, "重钙浆料分散剂"), titled(3, "脐橙保鲜"), titled(4, "重钙"))
	page := find(t, e, search.Query{Text: "重钙", Among: []int64{2, 3, 99}})
	wantIDs(t, "among three", page.IDs[:page.Whole], 2)
	page = find(t, e, search.Query{Text: "重钙", Among: []int64{3}})
	if page.Whole != 0 {
		t.Errorf("%d of a listing without the word", page.Whole)
	}
	page = find(t, e, search.Query{Text: "重钙 研磨", Among: []int64{1, 2, 3, 4}, Limit: 4})
	wantIDs(t, "the whole text", page.IDs[:page.Whole], 1)
}

func testPrices(t *testing.T, open Open) {
	e := open(t)
	yuan := decimal.NewFromInt
	priced := func(id, low, high int64, isOpen bool) market.Document {
		d := titled(id, "研磨")
		d.PriceMin, d.PriceMax, d.PriceOpen = yuan(low), yuan(high), isOpen
		return d
	}
	index(t, e,
		priced(1, 500000, 0, false),
		priced(2, 1200000, 1800000, false),
		priced(3, 0, 0, true),
		priced(4, 99999999999999, 0, false),
		priced(5, 0, 0, false),
	)
	at := func(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(yuan(n)) }
	for _, c := range []struct {
		name     string
		min, max decimal.NullDecimal
		want     []int64
	}{
		{"any", decimal.NullDecimal{}, decimal.NullDecimal{}, []int64{1, 2, 3, 4, 5}},
		{"at least 50万", at(500000), decimal.NullDecimal{}, []int64{1, 2, 4}},
		{"above 50万", at(500001), decimal.NullDecimal{}, []int64{2, 4}},
		{"at most 150万", decimal.NullDecimal{}, at(1500000), []int64{1, 2}},
		{"within the range", at(1300000), at(1400000), []int64{2}},
		{"between", at(600000), at(1100000), nil},
	} {
		page := find(t, e, search.Query{Text: "研磨", PriceMin: c.min, PriceMax: c.max})
		wantIDs(t, c.name, page.IDs, c.want...)
	}
}

func testSorts(t *testing.T, open Open) {
	e := open(t)
	day := func(n int) time.Time { return time.Date(2026, 11, n, 8, 0, 0, 0, time.UTC) }
	docs := []market.Document{titled(1, "锂电池隔膜"), titled(2, "锂电池"), titled(3, "锂电池隔膜隔膜"), titled(4, "锂电池隔膜")}
	docs[0].PublishedAt, docs[1].PublishedAt, docs[2].PublishedAt = day(3), day(9), day(5)
	docs[0].Deadline, docs[2].Deadline = day(20), day(12)
	index(t, e, docs...)
	for sort, want := range map[search.Sort][]int64{
		search.SortNewest:   {3, 1, 4, 2}, // 2 is the newest, but holds a part only
		search.SortDeadline: {3, 1, 4, 2},
	} {
		page := find(t, e, search.Query{Text: "锂电池 隔膜", Literal: true, Sort: sort})
		if !slices.Equal(page.IDs, want) {
			t.Errorf("by %s: %v, want %v", sort, page.IDs, want)
		}
	}
	for by, want := range map[int][]int64{11: nil, 12: {3}, 19: {3}, 20: {3, 1}} {
		page := find(t, e, search.Query{Text: "锂电池", DueFrom: day(10), DueBy: day(by), Sort: search.SortDeadline})
		if !slices.Equal(page.IDs, want) {
			t.Errorf("due by the %d.: %v, want %v", by, page.IDs, want)
		}
	}
}

func testPages(t *testing.T, open Open) {
	e := open(t)
	var docs []market.Document
	for i := range 45 {
		title := "石墨烯导热膜"
		if i%3 == 0 {
			title = "石墨烯粉体" // holds a part of the query
		}
		docs = append(docs, titled(int64(i+1), title))
	}
	for i := range 12 {
		docs = append(docs, titled(int64(i+100), "艾绒提取 分级"))
		docs = append(docs, titled(int64(i+200), "艾绒提取"))
	}
	index(t, e, docs...)
	for text, want := range map[string]int{"导热膜": 30, "艾绒提取 分级": 24} {
		var all []int64
		for offset := 0; offset < want+7; offset += 7 {
			page := find(t, e, search.Query{Text: text, Offset: offset, Limit: 7})
			if page.Total != want {
				t.Errorf("%s from %d: total %d, want %d", text, offset, page.Total, want)
			}
			all = append(all, page.IDs...)
		}
		if text == "艾绒提取 分级" && slices.Min(all[12:]) < 200 {
			t.Errorf("%s: a whole hit after a part: %v", text, all)
		}
		slices.Sort(all)
		if distinct := slices.Compact(slices.Clone(all)); len(all) != want || len(distinct) != want {
			t.Errorf("%s: pages hold %d ids, %d different; want %d", text, len(all), len(distinct), want)
		}
	}
	for _, q := range []search.Query{{Offset: -5}, {Offset: 1 << 40}, {Limit: -1}, {Limit: 1 << 40}} {
		q.Text = "导热膜"
		if page := find(t, e, q); page.Total != 30 {
			t.Errorf("%+v: total %d, want 30", q, page.Total)
		}
	}
}

// testDeepPages walks a long list to its end: each document is on one page.
func testDeepPages(t *testing.T, open Open) {
	e := open(t)
	const count, size = 1230, 90
	docs := make([]market.Document, count)
	for i := range docs {
		docs[i] = titled(int64(i+1), []string{"石墨烯导热膜", "散热材料"}[i%2])
		docs[i].Body = "导热膜与均热板"
		docs[i].PublishedAt = time.Date(2026, 11, 1, 0, i/3, 0, 0, time.UTC)
	}
	index(t, e, docs...)
	for _, sort := range []search.Sort{search.SortRelevance, search.SortNewest} {
		seen := map[int64]bool{}
		for offset := 0; offset < count; offset += size {
			page := find(t, e, search.Query{Text: "导热膜", Sort: sort, Offset: offset, Limit: size})
			if page.Total != count || len(page.IDs) != min(size, count-offset) {
				t.Errorf("by %q from %d: %d of %d", sort, offset, len(page.IDs), page.Total)
			}
			for _, id := range page.IDs {
				if seen[id] {
					t.Errorf("by %q from %d: %d is on two pages", sort, offset, id)
				}
				seen[id] = true
			}
		}
		first := find(t, e, search.Query{Text: "导热膜", Sort: sort, Limit: size}).IDs
		if sort == search.SortRelevance && slices.ContainsFunc(first, func(id int64) bool { return id%2 == 0 }) {
			t.Errorf("a title without the words before one with them: %v", first)
		}
	}
	if page := find(t, e, search.Query{Text: "导热膜", Offset: count + 5}); len(page.IDs) != 0 || page.Total != count {
		t.Errorf("behind the end: %v of %d", page.IDs, page.Total)
	}
}

// testOnlyPublicText looks for what a document holds besides title and body,
// which only filter: a hidden name must not be found by searching for it.
func testOnlyPublicText(t *testing.T, open Open) {
	e := open(t)
	d := titled(1, "松香改性")
	d.OrgName, d.County, d.Fields, d.PriceMethod = "白石岭钙业", "360825", []string{"calcium"}, "negotiated"
	index(t, e, d)
	for _, text := range []string{"白石岭钙业", "钙业", "360825", "calcium", "negotiated", "result", "1"} {
		if page := find(t, e, search.Query{Text: text}); page.Total != 0 {
			t.Errorf("%s found %v", text, page.IDs)
		}
	}
}

func testReplaceAndDelete(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "松香改性树脂"), titled(2, "松香甘油酯"))
	index(t, e, titled(1, "天然冰片提取"))
	wantIDs(t, "old words", find(t, e, search.Query{Text: "松香", Literal: true}).IDs, 2)
	wantIDs(t, "new words", find(t, e, search.Query{Text: "冰片", Literal: true}).IDs, 1)
	if err := e.Delete(t.Context(), 2, 77); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "deleted", find(t, e, search.Query{Text: "松香", Literal: true}).IDs)
	if n, err := e.Count(t.Context()); err != nil || n != 1 {
		t.Errorf("count %d, %v; want 1", n, err)
	}
}

func testStrangeTexts(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "\xff\xfe坏字节\xc0"), titled(2, ""), titled(3, "\x00控制\x01字符"), titled(4, strings.Repeat("长", 5000)),
		titled(5, strings.Repeat("x", 100_000)), titled(6, "<script>alert(1)</script>"))
	wantIDs(t, "broken text", find(t, e, search.Query{Text: "坏字节"}).IDs, 1)
	wantIDs(t, "control characters", find(t, e, search.Query{Text: "控制"}).IDs, 3)
	wantIDs(t, "long title", find(t, e, search.Query{Text: "长长长长"}).IDs, 4)
	wantIDs(t, "markup", find(t, e, search.Query{Text: "<script>"}).IDs, 6)
	for _, text := range []string{"\xff坏", "%_\\'\"/~^*?[]{}()+-:&|!", "a OR b AND NOT c", "title:坏", "\u202e反", "نص", "한국어 カナ"} {
		if _, err := e.Search(t.Context(), search.Query{Text: text}); err != nil && !errors.Is(err, search.ErrNoText) {
			t.Errorf("search for %q: %v", text, err)
		}
	}
}

func testLongQuery(t *testing.T, open Open) {
	e := open(t)
	body := "公司以本地方解石为原料，用两级立式搅拌磨湿法生产重钙浆料，进一步细磨时黏度急剧上升，达不到客户要求。"
	d := titled(1, "湿法研磨增粘问题")
	d.Body = body
	index(t, e, d, titled(2, "蜜柚保鲜"), titled(3, "搅拌磨介质级配"))
	page := find(t, e, search.Query{Text: body + strings.Repeat("另外，我们还想了解其他相关的技术。", 700)})
	if len(page.IDs) == 0 || page.IDs[0] != 1 {
		t.Errorf("a query of 10,000 characters found %v, want 1 first", page.IDs)
	}
	page = find(t, e, search.Query{Text: body})
	if page.Whole != 1 || page.IDs[0] != 1 {
		t.Errorf("its own body found %v, %d whole", page.IDs, page.Whole)
	}
}

// testHitsAreMarked holds search and highlighting together.
func testHitsAreMarked(t *testing.T, open Open) {
	e := open(t)
	index(t, e, texts...)
	for _, text := range []string{"重钙", "碳酸钙", "LED", "MiniLED", "mini led", "PCB 压合", "5G覆铜板", "钙", "ＰＨ值", "2.5", "𠮷安", "tansuangai", "beiguangmozu", "TSG"} {
		page := find(t, e, search.Query{Text: text})
		for _, id := range page.IDs {
			d := texts[id-1]
			segments := slices.Concat(search.Highlight(d.Title, text, 0), search.Highlight(d.Body, text, 20))
			if !slices.ContainsFunc(segments, func(s search.Segment) bool { return s.Hit }) {
				t.Errorf("%s found %q and %q, but nothing in them is marked", text, d.Title, d.Body)
			}
		}
	}
}

// testExactlyHitsAreMarked holds what is marked in the first document found to what the query says, also through
// synonyms and pinyin.
func testExactlyHitsAreMarked(t *testing.T, open Open) {
	e := open(t)
	index(t, e, texts...)
	for _, c := range []struct {
		text, want string // the title, hits in brackets
	}{
		{"重钙 湿法", "[重质碳酸钙][湿法]超细研磨"},
		{"重钙 分散剂", "超细[重钙]梳形[分散剂]"},
		{"LED 散热", "[半导体照明]灯具[散热]"},
		{"半导体照明 驱动", "[ＬＥＤ] [驱动]电源"},
		{"印制板 压合", "多层[线路板][压合]"},
		{"MiniLED 修复", "[Mini LED] [修复]设备"},
		{"５G覆铜板", "[5G] [覆铜板]低介电树脂"},
		{"𠮷安 保鲜", "[𠮷安]蜜柚采后[保鲜]😀"},
		{"beiguangmozu", "MiniLED [背光模组]点胶工艺"},
	} {
		page := find(t, e, search.Query{Text: c.text})
		if len(page.IDs) == 0 || page.Whole == 0 {
			t.Errorf("%s found nothing", c.text)
			continue
		}
		var marked strings.Builder
		for _, s := range search.Highlight(texts[page.IDs[0]-1].Title, c.text, 0) {
			if s.Hit {
				s.Text = "[" + s.Text + "]"
			}
			marked.WriteString(s.Text)
		}
		// Hits that touch are one.
		if want := strings.ReplaceAll(c.want, "][", ""); marked.String() != want {
			t.Errorf("%s: %s, want %s", c.text, marked.String(), want)
		}
	}
}

func testCandidates(t *testing.T, open Open) {
	e := open(t)
	index(t, e, texts...)
	candidates := func(q search.CandidateQuery) []int64 {
		t.Helper()
		list, err := e.Candidates(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for i, c := range list {
			ids = append(ids, c.ID)
			if c.Score <= 0 || i > 0 && c.Score > list[i-1].Score {
				t.Errorf("candidate %d has score %v after %v", c.ID, c.Score, list[max(i-1, 0)].Score)
			}
		}
		return ids
	}
	terms := []market.Term{{Text: "超细", Weight: 3}, {Text: "重钙", Weight: 2}, {Text: "LED", Weight: 1}}
	wantIDs(t, "results", candidates(search.CandidateQuery{Kind: market.KindResult, Terms: terms}), 2, 3, 4, 10)
	wantIDs(t, "needs", candidates(search.CandidateQuery{Kind: market.KindNeed, Terms: terms}), 1)
	if got := candidates(search.CandidateQuery{Kind: market.KindResult, Terms: terms, Limit: 1}); !slices.Equal(got, []int64{2}) {
		t.Errorf("the best result is %v, want 2", got)
	}
	terms[2].Weight = 100
	if got := candidates(search.CandidateQuery{Kind: market.KindResult, Terms: terms[1:], Limit: 3}); slices.Contains(got, 2) {
		t.Errorf("a light term came before a heavy one: %v", got)
	}
	one := []market.Term{{Text: "细", Weight: 1}, {Text: "料", Weight: 1}} // 料 is in bodies only
	wantIDs(t, "single ideographs", candidates(search.CandidateQuery{Kind: market.KindResult, Terms: one}), 2)
	wantIDs(t, "no terms", candidates(search.CandidateQuery{Kind: market.KindNeed}))
	wantIDs(t, "unknown terms", candidates(search.CandidateQuery{Kind: market.KindNeed, Terms: []market.Term{{Text: "石墨烯", Weight: 1}, {Text: "，", Weight: 1}}}))
}

func testPosition(t *testing.T, open Open) {
	e := open(t)
	wantPosition(t, e, 0)
	if err := e.SetPosition(t.Context(), 1<<40); err != nil {
		t.Fatal(err)
	}
	index(t, e, titled(1, "松香"))
	wantPosition(t, e, 1<<40)
}

func wantPosition(t *testing.T, e search.Engine, want int64) {
	t.Helper()
	if got, err := e.Position(t.Context()); err != nil || got != want {
		t.Errorf("position %d, %v; want %d", got, err, want)
	}
}

func all(docs []market.Document, last error) iter.Seq2[market.Document, error] {
	return func(yield func(market.Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
		if last != nil {
			yield(market.Document{}, last)
		}
	}
}

func testRebuild(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(9999, "松香旧文"))
	var docs []market.Document
	for i := range 1203 {
		docs = append(docs, titled(int64(i+1), "松香树脂"))
	}
	seen := 0
	beside := func(yield func(market.Document, error) bool) {
		for d, err := range all(docs, nil) {
			if seen++; seen == 700 {
				wantIDs(t, "while rebuilding", find(t, e, search.Query{Text: "松香"}).IDs, 9999)
			}
			if !yield(d, err) {
				return
			}
		}
	}
	if err := e.Rebuild(t.Context(), 42, beside); err != nil {
		t.Fatal(err)
	}
	wantPosition(t, e, 42)
	page := find(t, e, search.Query{Text: "松香", Limit: 2000})
	if page.Total != len(docs) || slices.Contains(page.IDs, 9999) {
		t.Errorf("total %d after the rebuild, want %d without the old document", page.Total, len(docs))
	}
	index(t, e, titled(5000, "松香新文"))
	if n, err := e.Count(t.Context()); err != nil || n != len(docs)+1 {
		t.Errorf("count %d, %v; want %d", n, err, len(docs)+1)
	}
	if err := e.Rebuild(t.Context(), 43, all(nil, nil)); err != nil {
		t.Fatal(err)
	}
	if n, err := e.Count(t.Context()); err != nil || n != 0 {
		t.Errorf("count %d, %v after a rebuild from nothing", n, err)
	}
}

func testRebuildFails(t *testing.T, open Open) {
	e := open(t)
	index(t, e, titled(1, "松香"))
	if err := e.SetPosition(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("connection lost")
	if err := e.Rebuild(t.Context(), 8, all([]market.Document{titled(2, "松香")}, broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Rebuild(cancelled, 8, all([]market.Document{titled(2, "松香")}, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	wantPosition(t, e, 7)
	wantIDs(t, "after failed rebuilds", find(t, e, search.Query{Text: "松香"}).IDs, 1)
}

func testConcurrency(t *testing.T, open Open) {
	e := open(t)
	index(t, e, texts...)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for j := range 10 {
				id := int64(100 + 10*i + j)
				if err := e.Index(t.Context(), []market.Document{titled(id, "并发写入")}); err != nil {
					t.Error(err)
				}
				if page := find(t, e, search.Query{Text: "并发写入", Literal: true, Limit: 100}); !slices.Contains(page.IDs, id) {
					t.Errorf("document %d is not found after it was indexed", id)
				}
			}
		})
	}
	for i := range 3 {
		group.Go(func() {
			for range 10 {
				if page := find(t, e, search.Query{Text: "重钙"}); page.Whole != 2 {
					t.Errorf("reader %d found %d", i, page.Whole)
				}
			}
		})
	}
	group.Wait()
}
