package match

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// sharedData returns the folder of real texts, which is beside the repository
// on some machines only.
func sharedData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("MARKET_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real texts to measure with (set MARKET_SHARED): %v", err)
	}
	return dir
}

// labelled is a document with what tells how near it is to another one.
type labelled struct {
	doc                  market.Document
	keywords, subclasses []string
	discipline, category string
}

func readPapers(t testing.TB, dir string) []labelled {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "papers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p struct{ Title, Abstract, Keywords, Discipline, Category string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		list = append(list, labelled{
			doc:      market.Document{Kind: market.KindResult, Title: p.Title, Body: p.Abstract},
			keywords: strings.Split(p.Keywords, "_"), discipline: p.Discipline, category: p.Category,
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func readPatents(t testing.TB, dir string) []labelled {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "patent_titles.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []labelled
	for _, row := range rows[1:] {
		list = append(list, labelled{
			doc: market.Document{Kind: market.KindResult, Title: row[1]}, subclasses: strings.Split(row[2], "|"),
		})
	}
	return list
}

// gradePapers grades by shared keywords and discipline, 1 to 4.
func gradePapers(a, b labelled) float64 {
	keywords, same := len(shared(a.keywords, b.keywords)), a.discipline == b.discipline
	switch {
	case keywords >= 2 || keywords == 1 && same:
		return 4
	case keywords == 1 || same:
		return 3
	case a.category == b.category:
		return 2
	}
	return 1
}

// gradePatents grades by the share of subclasses that both have, 1 to 4.
func gradePatents(a, b labelled) float64 {
	both := len(shared(a.subclasses, b.subclasses))
	share := float64(both) / float64(len(a.subclasses)+len(b.subclasses)-both)
	switch {
	case share == 1:
		return 4
	case share >= .5:
		return 3
	case share > 0:
		return 2
	}
	return 1
}

// graded is a pair that was scored.
type graded struct {
	query       int
	grade       float64
	score, bm25 float64
}

// hardPairs scores the first documents, shortened to what a need says, against
// the thirty of all that BM25 puts first: the pairs that are hard to tell apart.
func hardPairs(m *Model, all []labelled, needs int, grade func(a, b labelled) float64) []graded {
	profiles := make([]*profile, len(all))
	for i, l := range all {
		profiles[i] = m.profile(l.doc)
	}
	var list []graded
	for i := range needs {
		short := all[i].doc
		body := []rune(short.Body)
		short.Body = string(body[:min(len(body), 80)])
		need := m.profile(short)
		var pairs []graded
		for j := range all {
			if i != j {
				f := m.compare(need, profiles[j])
				pairs = append(pairs, graded{i, grade(all[i], all[j]), f.sum(), f.bm25 * need.selfScore})
			}
		}
		slices.SortFunc(pairs, func(a, b graded) int { return cmp.Compare(b.bm25, a.bm25) })
		list = append(list, pairs[:30]...)
	}
	return list
}

// quality is how well a score agrees with grades.
type quality struct{ ndcg, auc, rho float64 }

func measure(pairs []graded, score func(graded) float64) quality {
	scores, grades := make([]float64, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		scores[i], grades[i] = score(p), p.grade
	}
	return quality{ndcg(pairs, score), auc(scores, grades), correlation(ranks(scores), ranks(grades))}
}

// ndcg is the mean over the queries of nDCG@10.
func ndcg(pairs []graded, score func(graded) float64) float64 {
	byQuery := map[int][]graded{}
	for _, p := range pairs {
		byQuery[p.query] = append(byQuery[p.query], p)
	}
	var sum float64
	for _, list := range byQuery {
		gain := func() float64 {
			var g float64
			for i, p := range list[:10] {
				g += (math.Pow(2, p.grade) - 1) / math.Log2(float64(i)+2)
			}
			return g
		}
		slices.SortStableFunc(list, func(a, b graded) int { return cmp.Compare(score(b), score(a)) })
		got := gain()
		slices.SortStableFunc(list, func(a, b graded) int { return cmp.Compare(b.grade, a.grade) })
		sum += got / gain()
	}
	return sum / float64(len(byQuery))
}

// auc is the chance that a pair of grade 3 or better has a higher score than
// another one.
func auc(scores, grades []float64) float64 {
	var good, sum float64
	for i, r := range ranks(scores) {
		if grades[i] >= 3 {
			good++
			sum += r
		}
	}
	return (sum - good*(good+1)/2) / (good * (float64(len(scores)) - good))
}

// ranks gives each value its rank, equal ones the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	list := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			list[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return list
}

func correlation(a, b []float64) float64 {
	mean := func(v []float64) (m float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		return m
	}
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// TestBetterThanBM25 measures the scorer on real texts with weak labels. What
// counts is the distance to BM25: the labels are too coarse for more.
func TestBetterThanBM25(t *testing.T) {
	t.Parallel()
	dir := sharedData(t)
	papers, patents := readPapers(t, dir), readPatents(t, dir)
	m := NewModel(func(yield func(market.Document) bool) {
		for _, l := range slices.Concat(papers, patents) {
			if !yield(l.doc) {
				return
			}
		}
	}, Names{})
	for _, set := range []struct {
		name           string
		pairs          []graded
		ndcg, auc, rho float64 // least gains
	}{
		{"papers by keywords and discipline", hardPairs(m, papers, 200, gradePapers), .02, .05, .07},
		{"patents by subclasses", hardPairs(m, patents, 200, gradePatents), .02, .03, .04},
	} {
		ours := measure(set.pairs, func(p graded) float64 { return p.score })
		bm25 := measure(set.pairs, func(p graded) float64 { return p.bm25 })
		t.Logf("%s: nDCG@10 %.3f (BM25 %.3f), AUC %.3f (%.3f), Spearman %.3f (%.3f)",
			set.name, ours.ndcg, bm25.ndcg, ours.auc, bm25.auc, ours.rho, bm25.rho)
		if ours.ndcg < bm25.ndcg+set.ndcg || ours.auc < bm25.auc+set.auc || ours.rho < bm25.rho+set.rho {
			t.Errorf("%s: not enough better than BM25", set.name)
		}
	}
}
