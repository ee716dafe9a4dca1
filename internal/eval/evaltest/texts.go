// Package evaltest gives tests real texts with known answers: papers and patents that nobody wrote for this market.
package evaltest

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/eval"
	"techmarket/internal/market"
)

// Paper is a paper with what its authors and its journal say it is about.
type Paper struct {
	market.Document
	Keywords             []string
	Discipline, Category string
}

// Patent is a patent's title with its classes.
type Patent struct {
	market.Document
	Subclasses []string
}

// Folder is where the real texts lie. They are beside the repository on some machines only; on others it skips the test.
func Folder(t testing.TB) string {
	t.Helper()
	root := os.Getenv("MARKET_SHARED")
	if root == "" {
		root = filepath.Join(repository(t), "..", "shared")
	}
	dir := filepath.Join(root, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real texts to measure with (set MARKET_SHARED): %v", err)
	}
	return dir
}

// repository is the folder above the test's package that holds go.mod.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != "/" {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("no go.mod above the test: %v", err)
	return ""
}

// Papers are 2,000 papers as results, with ids from 1.
func Papers(t testing.TB) []Paper {
	t.Helper()
	f, err := os.Open(filepath.Join(Folder(t), "papers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []Paper
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p struct{ Title, Abstract, Keywords, Discipline, Category string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		list = append(list, Paper{
			Document: market.Document{ID: int64(len(list) + 1), Kind: market.KindResult, Title: p.Title, Body: p.Abstract},
			Keywords: strings.Split(p.Keywords, "_"), Discipline: p.Discipline, Category: p.Category,
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Patents are 9,740 titles as results, with ids from 10,001.
func Patents(t testing.TB) []Patent {
	t.Helper()
	f, err := os.Open(filepath.Join(Folder(t), "patent_titles.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []Patent
	for i, row := range rows[1:] {
		list = append(list, Patent{
			Document:   market.Document{ID: int64(10_001 + i), Kind: market.KindResult, Title: row[1]},
			Subclasses: strings.Split(row[2], "|"),
		})
	}
	return list
}

// Documents are papers and patents together.
func Documents(papers []Paper, patents []Patent) []market.Document {
	docs := make([]market.Document, 0, len(papers)+len(patents))
	for _, p := range papers {
		docs = append(docs, p.Document)
	}
	for _, p := range patents {
		docs = append(docs, p.Document)
	}
	return docs
}

// Known asks for papers among all texts by keywords: with apart, for the first two one by one, else for both together.
func Known(t testing.TB, apart bool) eval.Known {
	t.Helper()
	papers := Papers(t)
	var k eval.Known
	for _, d := range Documents(papers, Patents(t)) {
		k.Docs = append(k.Docs, eval.Text{ID: strconv.FormatInt(d.ID, 10), Title: d.Title, Body: d.Body})
	}
	for _, p := range papers {
		words := p.Keywords[:min(2, len(p.Keywords))]
		if !apart {
			words = []string{strings.Join(words, " ")}
		}
		for _, w := range words {
			k.Queries = append(k.Queries, eval.Query{Text: w, ID: strconv.FormatInt(p.ID, 10)})
		}
	}
	return k
}
