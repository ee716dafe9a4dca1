package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestBenchTurnover measures the figures of a small market.
func TestBenchTurnover(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), program{out: &out, getenv: os.Getenv}, []string{"bench", "turnover", "--contracts", "1000", "--questions", "10"}); err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"1000 contracts", "page after a new entry", "registered, all filters", "of a month", "Index Only Scan using ledger_entries_figures"} {
		if !strings.Contains(out.String(), w) {
			t.Errorf("the figures lack %q:\n%s", w, out.String())
		}
	}
}

// TestBench measures a tiny market: that every way answers, and that nothing is left.
func TestBench(t *testing.T) {
	temp := t.TempDir()
	if err := os.Chmod(temp, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	want := []string{
		"120 listings, 10 questions", "listings a second", "peak memory", "two terms, sub-market, facets",
		"Bleve alone", "engine and rows", "API over HTTP", "page over HTTP", "PostgreSQL alone",
		"candidates", "top 20 with reasons", "PostgreSQL, 10 terms",
	}
	if os.Getenv("MEILI_URL") == "" {
		want = append(want, "MEILI_URL is not set")
	} else {
		want = append(want, "Meilisearch alone", "engine on Meilisearch", "API over HTTP on Meilisearch", "top 20 with reasons on Meilisearch")
	}
	var out bytes.Buffer
	p := program{out: &out, getenv: os.Getenv}
	if err := run(t.Context(), p, []string{"bench", "both", "--listings", "120", "--questions", "10"}); err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if !strings.Contains(out.String(), w) {
			t.Errorf("the figures lack %q:\n%s", w, out.String())
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	for _, args := range [][]string{{}, {"deals"}, {"search", "--listings", "5"}, {"match", "x"}, {"turnover", "--contracts", "5"}} {
		if err := run(t.Context(), program{out: &bytes.Buffer{}}, append([]string{"bench"}, args...)); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("bench %q: %v, want how to use it", args, err)
		}
	}
}
