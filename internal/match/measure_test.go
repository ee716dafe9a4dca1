package match_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/eval"
	"techmarket/internal/eval/evaltest"
	"techmarket/internal/market"
	"techmarket/internal/match"
)

// labelled is a set of needs whose fit to results is known in some rough way.
type labelled struct {
	name    string
	model   *match.Model
	results []market.Document
	needs   []gradedNeed

	leastNDCG, leastAUC, leastRho float64 // gains over BM25 that were reached, less a little
}

// gradedNeed grades the result at a place from 1 to 4, or 0 to leave it out.
type gradedNeed struct {
	need  market.Document
	grade func(place int) int
}

// needsOfSet is how many needs are asked of a set.
const needsOfSet = 150

// labelledSets are rough stand-ins for real needs, each rough in another way: what is good on all of them has a chance
// with real ones.
func labelledSets(t *testing.T) []labelled {
	papers, patents := evaltest.Papers(t), evaltest.Patents(t)
	all := evaltest.Documents(papers, patents)
	model := match.NewModel(slices.Values(all), match.Names{})
	sets := []labelled{
		{name: "papers: title and beginning", leastNDCG: .03, leastAUC: .03, leastRho: .05},
		{name: "papers: keywords in a phrase", leastNDCG: .05, leastAUC: .1, leastRho: .12},
		{name: "papers: half a title, a vague sentence", leastNDCG: .03, leastAUC: .06, leastRho: .08},
		{name: "patents: whole titles", leastNDCG: .03, leastAUC: .02, leastRho: .03},
		{name: "patents: half titles in a phrase", leastNDCG: .02, leastAUC: .02, leastRho: .02},
	}
	random := rand.New(rand.NewPCG(1, 9))
	for n := range needsOfSet {
		p, q := random.IntN(len(papers)), random.IntN(len(patents))
		ofPaper := func(place int) int { return gradePapers(papers, p, place) }
		ofPatent := func(place int) int { return gradePatents(patents, q, place) }
		title, body := []rune(papers[p].Title), []rune(papers[p].Body)
		keywords := strings.Join(papers[p].Keywords[:min(2, len(papers[p].Keywords))], "")
		sets[0].add(string(title), cut(body, 0, 80), ofPaper)
		sets[1].add(fmt.Sprintf(phrases[n%len(phrases)], keywords), "", ofPaper)
		sets[2].add(cut(title, 0, len(title)/2), cut(body, len(body)/3, 50), ofPaper)
		sets[3].add(patents[q].Title, "", ofPatent)
		half := []rune(patents[q].Title)
		sets[4].add(fmt.Sprintf(phrases[n%len(phrases)], cut(half, n%2*len(half)/2, len(half)/2)), "", ofPatent)
	}
	for i := range sets {
		sets[i].model, sets[i].results = model, all[:len(papers)]
		if strings.HasPrefix(sets[i].name, "patents") {
			sets[i].results = all[len(papers):]
		}
	}
	return append(sets, demonstrationSets(t)...)
}

// phrases are how people ask; they say nothing themselves.
var phrases = []string{"%s技术需求", "寻求%s关键技术", "%s的研究与应用", "一种%s", "%s"}

func (s *labelled) add(title, body string, grade func(int) int) {
	s.needs = append(s.needs, gradedNeed{market.Document{Kind: market.KindNeed, Title: title, Body: body}, grade})
}

func cut(text []rune, from, size int) string {
	from = min(from, len(text))
	return string(text[from:min(len(text), from+size)])
}

// gradePapers grades by shared keywords and discipline.
func gradePapers(papers []evaltest.Paper, i, j int) int {
	if i == j {
		return 0
	}
	a, b := papers[i], papers[j]
	keywords, same := shared(a.Keywords, b.Keywords), a.Discipline == b.Discipline
	switch {
	case keywords >= 2 || keywords == 1 && same:
		return 4
	case keywords == 1 || same:
		return 3
	case a.Category == b.Category:
		return 2
	}
	return 1
}

// gradePatents grades by the share of subclasses that both have.
func gradePatents(patents []evaltest.Patent, i, j int) int {
	if i == j {
		return 0
	}
	a, b := patents[i].Subclasses, patents[j].Subclasses
	both := shared(a, b)
	switch share := float64(both) / float64(len(a)+len(b)-both); {
	case share == 1:
		return 4
	case share >= .5:
		return 3
	case share > 0:
		return 2
	}
	return 1
}

func shared(a, b []string) int {
	n := 0
	for _, v := range a {
		if slices.Contains(b, v) {
			n++
		}
	}
	return n
}

// demonstrationSets leave of the demonstration's listings nothing but the text, as in a plain list; their fields are the
// grades. Of the needs in everyday words it is known which results would help.
func demonstrationSets(t *testing.T) []labelled {
	needs, full := match.DemoDocuments(t)
	results := make([]market.Document, len(full))
	for i, d := range full {
		results[i] = market.Document{ID: d.ID, Kind: d.Kind, Title: d.Title, Body: d.Body}
	}
	model := match.NewModel(slices.Values(slices.Concat(needs, results)), match.Names{})
	demo := labelled{name: "demonstration: title and beginning", model: model, results: results, leastNDCG: .04, leastAUC: .06, leastRho: .1}
	plain := labelled{name: "demonstration: everyday words", model: model, results: results, leastNDCG: .06, leastAUC: .1, leastRho: .15}
	for _, n := range needs {
		demo.add(n.Title, cut([]rune(n.Body), 0, 60), func(place int) int { return gradeTrades(n, full[place]) })
	}
	for _, p := range match.PlainNeeds(t) {
		first := slices.IndexFunc(full, func(d market.Document) bool { return slices.Contains(p.Want, d.Title) })
		if first < 0 {
			continue // the demonstration no longer has it
		}
		plain.add(p.Title, p.Body, func(place int) int {
			if slices.Contains(p.Want, full[place].Title) {
				return 4
			}
			return min(3, gradeTrades(full[first], full[place]))
		})
	}
	return []labelled{demo, plain}
}

// gradeTrades grades by main field, by any field, and by sub-market.
func gradeTrades(a, b market.Document) int {
	switch {
	case a.Fields[0] == b.Fields[0]:
		return 4
	case shared(a.Fields, b.Fields) > 0:
		return 3
	case a.Submarket == b.Submarket:
		return 2
	}
	return 1
}

// pair is a pair of a set with its grade and its score by BM25.
type pair struct {
	need, result market.Document
	query, grade int
	bm25         float64
}

const (
	pooledBest   = 15 // of each ranking
	pooledFrom   = 200
	pooledRandom = 12
)

// pairs pools for each need the best by BM25, the best by our scorer, and some at random.
func (s labelled) pairs() []pair {
	bm25 := evaltest.NewBM25(s.results)
	random := rand.New(rand.NewPCG(7, 8))
	var list []pair
	for q, n := range s.needs {
		scores := bm25.Scores(n.need)
		best := evaltest.Best(scores, pooledFrom)
		docs := make([]market.Document, len(best))
		for i, place := range best {
			docs[i] = s.results[place]
		}
		pool := slices.Clone(best[:pooledBest])
		for _, r := range s.model.Order(n.need, docs, time.Time{})[:pooledBest] {
			pool = append(pool, best[r.Index])
		}
		for range pooledRandom {
			pool = append(pool, random.IntN(len(s.results)))
		}
		slices.Sort(pool)
		for _, place := range slices.Compact(pool) {
			if grade := n.grade(place); grade > 0 {
				list = append(list, pair{n.need, s.results[place], q, grade, scores[place]})
			}
		}
	}
	return list
}

func judge(pairs []pair, score func(pair) float64) eval.Quality {
	graded := make([]eval.Graded, len(pairs))
	for i, p := range pairs {
		graded[i] = eval.Graded{Query: p.query, Grade: p.grade, Score: score(p)}
	}
	return eval.Judge(graded)
}

// TestBetterThanBM25 measures the scorer on all sets. What counts is the distance to plain BM25 on every one: the labels
// are too rough for more. With MARKET_ABLATION=1 it also tells what each feature brings.
func TestBetterThanBM25(t *testing.T) {
	t.Parallel()
	variants := [][]string{nil}
	if os.Getenv("MARKET_ABLATION") != "" {
		for _, f := range match.Features {
			variants = append(variants, []string{f})
		}
		variants = append(variants, []string{"chars", "vector"}, []string{"terms", "bm25"}, []string{"covered", "answered", "rarest", "title"})
	}
	means := make([]eval.Quality, len(variants))
	sets := labelledSets(t)
	for _, s := range sets {
		pairs := s.pairs()
		plain := judge(pairs, func(p pair) float64 { return p.bm25 })
		for i, without := range variants {
			ours := judge(pairs, func(p pair) float64 { return s.model.Without(p.need, p.result, without...) })
			means[i].NDCG += ours.NDCG / float64(len(sets))
			means[i].AUC += ours.AUC / float64(len(sets))
			means[i].Spearman += ours.Spearman / float64(len(sets))
			if i > 0 {
				continue
			}
			t.Logf("| %s | %d | %s | %s |", s.name, len(pairs), figures(plain), figures(ours))
			if ours.NDCG < plain.NDCG+s.leastNDCG || ours.AUC < plain.AUC+s.leastAUC || ours.Spearman < plain.Spearman+s.leastRho {
				t.Errorf("%s: not better enough than BM25", s.name)
			}
		}
	}
	for i, without := range variants {
		t.Logf("| mean without %v | %s |", without, figures(means[i]))
	}
	if math.IsNaN(means[0].Spearman) || means[0].NDCG == 0 {
		t.Error("nothing was measured")
	}
}

func figures(q eval.Quality) string {
	return fmt.Sprintf("%.3f | %.3f | %.3f", q.NDCG, q.AUC, q.Spearman)
}
