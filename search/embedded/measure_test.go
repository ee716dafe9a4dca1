package embedded_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/search"
)

// sharedData returns the folder of real texts, which is beside the repository
// on some machines only.
func sharedData(t testing.TB) string {
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

type paper struct {
	Title    string `json:"title"`
	Abstract string `json:"abstract"`
	Keywords string `json:"keywords"`
}

func (p paper) keywordList() []string { return strings.Split(p.Keywords, "_") }

func readPapers(t testing.TB, dir string) []paper {
	f, err := os.Open(filepath.Join(dir, "papers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var papers []paper
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p paper
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		papers = append(papers, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return papers
}

func readPatentTitles(t testing.TB, dir string) []string {
	f, err := os.Open(filepath.Join(dir, "patent_titles.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, row := range rows[1:] {
		titles = append(titles, row[1])
	}
	return titles
}

// realTexts returns papers, with ids from 1, followed by patents.
func realTexts(papers []paper, patents []string) []market.Document {
	var docs []market.Document
	add := func(title, body string) {
		docs = append(docs, market.Document{
			ID: int64(len(docs) + 1), Kind: market.KindResult, Title: title, Body: body,
		})
	}
	for _, p := range papers {
		add(p.Title, p.Abstract)
	}
	for _, title := range patents {
		add(title, "")
	}
	return docs
}

// TestKeywordsFindTheirPaper asks for keywords of each paper among 12,000 real
// texts: for the first two one by one, and for both together.
func TestKeywordsFindTheirPaper(t *testing.T) {
	t.Parallel()
	dir := sharedData(t)
	papers := readPapers(t, dir)
	e := open(t, t.TempDir())
	for batch := range slices.Chunk(realTexts(papers, readPatentTitles(t, dir)), 500) {
		if err := e.Index(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	var one, two tally
	for i, p := range papers {
		keywords := p.keywordList()
		first := keywords[:min(2, len(keywords))]
		for _, k := range first {
			one.ask(t, e, int64(i+1), k)
		}
		two.ask(t, e, int64(i+1), strings.Join(first, " "))
	}
	t.Logf("%d queries of one keyword: MRR %.3f, recall@20 %.3f", one.queries, one.mrr(), one.recall())
	t.Logf("%d queries of two keywords: MRR %.3f, recall@20 %.3f", two.queries, two.mrr(), two.recall())
	if one.mrr() < .78 || one.recall() < .91 {
		t.Errorf("one keyword: MRR %.3f, recall@20 %.3f; want at least .78 and .91", one.mrr(), one.recall())
	}
	if two.mrr() < .93 || two.recall() < .97 {
		t.Errorf("two keywords: MRR %.3f, recall@20 %.3f; want at least .93 and .97", two.mrr(), two.recall())
	}
}

// tally adds up how well queries find the one document that they are for.
type tally struct {
	queries, found int
	reciprocal     float64
}

func (s *tally) ask(t *testing.T, e search.Engine, id int64, text string) {
	t.Helper()
	page, err := e.Search(t.Context(), search.Query{Text: text})
	if err != nil {
		t.Fatalf("search for %q: %v", text, err)
	}
	s.queries++
	if i := slices.Index(page.IDs, id); i >= 0 {
		s.found++
		s.reciprocal += 1 / float64(i+1)
	}
}

func (s *tally) mrr() float64    { return s.reciprocal / float64(s.queries) }
func (s *tally) recall() float64 { return float64(s.found) / float64(s.queries) }
