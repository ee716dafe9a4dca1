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
	"techmarket/search/embedded"
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

// TestKeywordsFindTheirPaper asks for the keywords of each paper, two and three
// at a time, among 12,000 real texts.
func TestKeywordsFindTheirPaper(t *testing.T) {
	t.Parallel()
	dir := sharedData(t)
	papers := readPapers(t, dir)
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	for batch := range slices.Chunk(realTexts(papers, readPatentTitles(t, dir)), 500) {
		if err := engine.Index(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}

	var queries, found int
	var reciprocal float64
	ask := func(id int64, keywords []string) {
		page, err := engine.Search(t.Context(), search.Query{Text: strings.Join(keywords, " ")})
		if err != nil {
			t.Fatal(err)
		}
		queries++
		if i := slices.Index(page.IDs, id); i >= 0 {
			found++
			reciprocal += 1 / float64(i+1)
		}
	}
	for i, p := range papers {
		keywords := strings.Split(p.Keywords, "_")
		for n := 2; n <= min(3, len(keywords)); n++ {
			ask(int64(i+1), keywords[:n])
		}
	}
	mrr, recall := reciprocal/float64(queries), float64(found)/float64(queries)
	t.Logf("%d keyword queries: MRR %.3f, recall@20 %.3f", queries, mrr, recall)
	if mrr < .78 || recall < .91 {
		t.Errorf("MRR %.3f, recall@20 %.3f; want at least .78 and .91", mrr, recall)
	}
}
