package match

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// drawn is the pair of the drawing of a need's page.
func drawn() (need, result market.Document) {
	need = market.Document{
		ID: 1, Kind: market.KindNeed, Title: "重质碳酸钙湿法超细研磨：D97 降至 2.5 μm 并控制能耗",
		Body: "用两级立式搅拌磨湿法生产 95 级重钙浆料，进一步细磨时黏度急剧上升。\n" +
			"已尝试更换氧化锆介质和两种聚丙烯酸钠分散剂，静置 24 小时后黏度翻倍。",
		Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust", "licence"},
		PriceMin: decimal.NewFromInt(1200000), PriceMax: decimal.NewFromInt(1800000), Verified: true,
	}
	result = market.Document{
		ID: 2, Kind: market.KindResult, Title: "超细重钙湿法研磨用梳形复合分散剂及其制备方法",
		Body:      "以丙烯酸—聚醚大单体共聚物为主体，固含量 75% 的重质碳酸钙浆料黏度低于 300 mPa·s，24 小时回黏率小于 15%。",
		Submarket: "materials", Fields: []string{"calcium", "film"}, Modes: []string{"licence"},
		Stage: "pilot", TRLMin: 6, TRLMax: 7, PriceMin: decimal.NewFromInt(460000), Verified: true,
	}
	return need, result
}

func TestDrawnPair(t *testing.T) {
	t.Parallel()
	m := demoModel()
	need, result := drawn()
	match := m.Score(need, result, today)
	if match.Strength != Strong {
		t.Errorf("score %.2f is %q, want strong", match.Score, match.Strength)
	}
	var for_ []string
	for _, r := range match.Reasons {
		if !r.OK {
			t.Errorf("a reason against: %+v", r)
		}
		for_ = append(for_, r.Text)
	}
	want := []string{
		"都涉及" + strings.Join(match.Terms, "、"), "同一领域：碳酸钙先进材料", "价格在预算以内",
		"合作方式一致：技术许可", "成熟度为中试（TRL 6～7）",
	}
	if !slices.Equal(for_, want) {
		t.Errorf("reasons %q, want %q", for_, want)
	}
	for _, term := range []string{"重质碳酸钙", "分散剂"} {
		if !slices.Contains(match.Terms, term) {
			t.Errorf("terms %q lack %s", match.Terms, term)
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	m := NewModel(documents(), demoNames)
	for _, c := range []struct {
		name   string
		change func(need, result *market.Document)
		want   Reason
	}{
		{"another field of the sub-market", func(n, _ *market.Document) { n.Fields = []string{"nonferrous"} },
			Reason{true, "submarket", "同属先进材料，细分领域不同"}},
		{"another sub-market", func(n, r *market.Document) { n.Submarket, n.Fields = "food", []string{"tea"} },
			Reason{false, "submarket", "分属绿色食品和先进材料"}},
		{"lowest price within the budget", func(_, r *market.Document) { r.PriceMax = decimal.NewFromInt(2000000) },
			Reason{true, "price", "最低价在预算以内"}},
		{"price above the budget", func(_, r *market.Document) { r.PriceMin = decimal.NewFromInt(1800001) },
			Reason{false, "price", "价格高于预算"}},
		{"price far above the budget", func(_, r *market.Document) { r.PriceMin = decimal.NewFromInt(3600001) },
			Reason{false, "price", "价格超过预算一倍以上"}},
		{"other modes", func(_, r *market.Document) { r.Modes = []string{"transfer"} },
			Reason{false, "mode", "合作方式不同：需求希望委托开发、技术许可，成果提供技术转让"}},
		{"early stage", func(_, r *market.Document) { r.Stage, r.TRLMin, r.TRLMax = "lab", 4, 4 },
			Reason{false, "stage", "成熟度为小试（TRL 4），尚需放大验证"}},
		{"stage without levels", func(_, r *market.Document) { r.Stage, r.TRLMin, r.TRLMax = "mass", 0, 0 },
			Reason{true, "stage", "成熟度为量产"}},
		{"stale need", func(n, _ *market.Document) { n.ConfirmedAt = today.AddDate(0, -7, 0) },
			Reason{false, "fresh", "需求超过半年未确认"}},
		{"stale result", func(_, r *market.Document) { r.ConfirmedAt = today.AddDate(-1, 0, 0) },
			Reason{false, "fresh", "成果超过半年未确认"}},
		{"no shared words", func(_, r *market.Document) { r.Title, r.Body = "蜜柚保鲜", "" },
			Reason{true, "wording", "描述的技术内容相近"}},
	} {
		need, result := drawn()
		c.change(&need, &result)
		match := m.Score(need, result, today)
		if !slices.Contains(match.Reasons, c.want) {
			t.Errorf("%s: reasons %+v lack %+v", c.name, match.Reasons, c.want)
		}
		for i, r := range match.Reasons {
			if r.OK && i > 0 && !match.Reasons[i-1].OK {
				t.Errorf("%s: a reason for it after one against it: %+v", c.name, match.Reasons)
			}
		}
	}
}

func TestUnknownPropertiesGiveNoReason(t *testing.T) {
	t.Parallel()
	m := NewModel(documents(), Names{})
	match := m.Score(
		market.Document{Kind: market.KindNeed, Title: "松香树脂改性", PriceOpen: true},
		market.Document{Kind: market.KindResult, Title: "松香改性树脂", Stage: "pilot"}, today)
	if len(match.Reasons) != 1 || match.Reasons[0].Code != "terms" {
		t.Errorf("reasons %+v, want the shared terms only", match.Reasons)
	}
}

// TestCircumstancesMoveTheScore changes one property at a time.
func TestCircumstancesMoveTheScore(t *testing.T) {
	t.Parallel()
	m := demoModel()
	need, result := drawn()
	result.Title, result.Body = "立式搅拌磨介质级配", "电耗降低。" // so that the score is not at its end
	base := m.Score(need, result, today).Score
	for name, change := range map[string]func(n, r *market.Document){
		"another field":     func(_, r *market.Document) { r.Fields = []string{"film"} },
		"price too high":    func(_, r *market.Document) { r.PriceMin = decimal.NewFromInt(2000000) },
		"other modes":       func(_, r *market.Document) { r.Modes = []string{"transfer"} },
		"early stage":       func(_, r *market.Document) { r.Stage = "rd" },
		"stale":             func(_, r *market.Document) { r.ConfirmedAt = today.AddDate(-1, 0, 0) },
		"not verified":      func(n, _ *market.Document) { n.Verified = false },
		"unrelated content": func(_, r *market.Document) { r.Title, r.Body = "红米酒除浊", "膨润土下胶。" },
	} {
		n, r := need, result
		change(&n, &r)
		if got := m.Score(n, r, today).Score; got >= base {
			t.Errorf("%s: score %.3f, not below %.3f", name, got, base)
		}
	}
	farther, nearer := result, result
	farther.Submarket, farther.Fields = "food", []string{"tea"}
	nearer.Fields = []string{"film"}
	if a, b := m.Score(need, farther, today).Score, m.Score(need, nearer, today).Score; a >= b {
		t.Errorf("another sub-market scores %.3f, another field of the same %.3f", a, b)
	}
}

func TestRankAgreesWithScore(t *testing.T) {
	t.Parallel()
	needs, results := demoDocuments(t)
	m := demoModel()
	ranked := m.Rank(needs[0], results, today, 3)
	if len(ranked) == 0 || len(ranked) > 3 {
		t.Fatalf("%d results, want one to three", len(ranked))
	}
	for i, r := range ranked {
		want := m.Score(needs[0], results[r.Index], today)
		if r.Match.Score != want.Score || r.Match.Strength != want.Strength ||
			!slices.Equal(r.Match.Reasons, want.Reasons) || !slices.Equal(r.Match.Terms, want.Terms) {
			t.Errorf("rank says %+v, score says %+v", r.Match, want)
		}
		if i > 0 && r.Match.Score > ranked[i-1].Match.Score {
			t.Errorf("place %d has a better score than the one before", i)
		}
	}
	best := results[ranked[0].Index]
	for _, r := range m.Rank(best, needs, today, 0) {
		if r.Index == 0 && r.Match.Score != ranked[0].Match.Score {
			t.Errorf("the pair scores %v from one side and %v from the other", ranked[0].Match.Score, r.Match.Score)
		}
		if r.Match.Strength == None {
			t.Errorf("need %d is listed without strength", r.Index)
		}
	}
}

func TestModelIsReproducible(t *testing.T) {
	t.Parallel()
	needs, results := demoDocuments(t)
	a := demoModel()
	b := NewModel(documents(needs, results), demoNames)
	for i := range needs {
		x, y := a.Score(needs[i], results[i], today), b.Score(needs[i], results[i], today)
		if x.Score != y.Score {
			t.Fatalf("need %d: %v and then %v", i, x.Score, y.Score)
		}
		if !slices.Equal(a.CandidateTerms(needs[i]), b.CandidateTerms(needs[i])) {
			t.Fatalf("need %d: the candidate terms differ", i)
		}
	}
}

// TestTinyMarket matches in a market that holds nothing but the pair and some
// unrelated listings, as on its first day.
func TestTinyMarket(t *testing.T) {
	t.Parallel()
	need, result := drawn()
	other := market.Document{ID: 3, Kind: market.KindResult, Title: "鲜湿米粉限定发酵与包装内梯度杀菌", Submarket: "food",
		Body: "采用两段控温发酵，货架期延长。", Fields: []string{"grain"}, Modes: []string{"licence"}}
	for name, m := range map[string]*Model{
		"nothing":  NewModel(documents(), demoNames),
		"the pair": NewModel(documents([]market.Document{need, result}), demoNames),
		"three":    NewModel(documents([]market.Document{need, result, other}), demoNames),
	} {
		ranked := m.Rank(need, []market.Document{other, result}, today, 0)
		if len(ranked) != 1 || ranked[0].Index != 1 || len(ranked[0].Match.Terms) == 0 {
			t.Errorf("model of %s: %+v, want the related result with shared terms", name, ranked)
		}
		if len(m.CandidateTerms(need)) == 0 {
			t.Errorf("model of %s gives no candidate terms", name)
		}
	}
}

func TestCandidateTerms(t *testing.T) {
	t.Parallel()
	m := demoModel()
	need, _ := drawn()
	terms := m.CandidateTerms(need)
	most := ownTerms + newTerms + nearTerms + titleChars
	if len(terms) < ownTerms || len(terms) > most {
		t.Errorf("%d terms, want %d to %d", len(terms), ownTerms, most)
	}
	seen := map[string]bool{}
	for _, term := range terms {
		if term.Weight <= 0 || term.Text == "" || seen[term.Text] {
			t.Errorf("term %+v", term)
		}
		seen[term.Text] = true
	}
	if !seen["重质"] || !seen["研磨"] {
		t.Errorf("terms %v lack the title's", terms)
	}
	if terms := m.CandidateTerms(market.Document{Title: "，。"}); len(terms) != 0 {
		t.Errorf("terms %v of a title without words", terms)
	}
}

// TestTechnicalTermsStayWhole compares the key terms with and without a
// dictionary, in a market too small to tell where words end.
func TestTechnicalTermsStayWhole(t *testing.T) {
	t.Parallel()
	need := market.Document{Kind: market.KindNeed, Title: "车间要求改进设备湿法研磨生产", Body: "现有湿法研磨设备"}
	result := market.Document{Kind: market.KindResult, Title: "一种设备湿法研磨生产线", Body: ""}
	all := documents([]market.Document{need, result})
	if terms := NewModel(all, Names{Words: []string{"湿法研磨", "设备湿法"}}).Score(need, result, today).Terms; !slices.Contains(terms, "湿法研磨") {
		t.Errorf("terms %q lack the dictionary's", terms)
	}
	m := NewModel(all, Names{Words: []string{"研磨生产线", "湿法研磨"}})
	if from, to := m.whole(fold("设备湿法研磨生产"), stretch{at: 0, size: 8}, 4, 6); from != 2 || to != 6 {
		t.Errorf("研磨 became %d to %d, want 湿法研磨", from, to)
	}
	if from, to := m.whole(fold("设备湿法研磨生产"), stretch{at: 0, size: 8}, 2, 8); from != 2 || to != 8 {
		t.Errorf("a longer term was cut to %d to %d", from, to)
	}
}

func FuzzScore(f *testing.F) {
	m := demoModel()
	f.Add("重质碳酸钙研磨", "浆料黏度", "重钙分散剂", "MiniLED 2.5 μm")
	f.Add("\xff", "", "𠮷😀", "a\u0301的的的")
	f.Fuzz(func(t *testing.T, needTitle, needBody, resultTitle, resultBody string) {
		need := market.Document{Kind: market.KindNeed, Title: needTitle, Body: needBody}
		result := market.Document{Kind: market.KindResult, Title: resultTitle, Body: resultBody}
		match := m.Score(need, result, today)
		if math.IsNaN(match.Score) || match.Score < 0 || match.Score > 1 {
			t.Errorf("score %v", match.Score)
		}
		text := string([]rune(needTitle + "\n" + needBody))
		for _, term := range match.Terms {
			if !strings.Contains(text, term) {
				t.Errorf("term %q is not in the need", term)
			}
		}
		m.CandidateTerms(need)
	})
}
