package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestBench measures a tiny market: that every way answers, and that nothing is left.
func TestBench(t *testing.T) {
	temp := t.TempDir()
	if err := os.Chmod(temp, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	for what, ways := range map[string][]string{
		"search": {"Bleve alone", "engine and rows", "API over HTTP", "page over HTTP", "PostgreSQL alone", "two terms, sub-market, facets"},
		"match":  {"candidates", "top 20 with reasons", "PostgreSQL, 10 terms"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), program{out: &out}, []string{"bench", what, "--listings", "120", "--questions", "10"}); err != nil {
			t.Fatal(err)
		}
		for _, want := range append(ways, "120 listings, 10 questions", "peak memory") {
			if !strings.Contains(out.String(), want) {
				t.Errorf("bench %s lacks %q:\n%s", what, want, out.String())
			}
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("bench %s left %v, %v", what, left, err)
		}
	}
	for _, args := range [][]string{{}, {"deals"}, {"search", "--listings", "5"}, {"match", "x"}} {
		if err := run(t.Context(), program{out: &bytes.Buffer{}}, append([]string{"bench"}, args...)); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("bench %q: %v, want how to use it", args, err)
		}
	}
}
