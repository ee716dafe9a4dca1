package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"techmarket/internal/devdb/dbtest"
)

// TestWeightsCommand fits in a market that nobody has marked anything in: the version is kept and listed, and cannot be used.
func TestWeightsCommand(t *testing.T) {
	t.Parallel()
	dsn := dbtest.New(t)
	weights := func(args ...string) (string, error) {
		var out bytes.Buffer
		p := program{out: &out, getenv: func(key string) string { return map[string]string{"MARKET_DSN": dsn}[key] }, log: slog.New(slog.DiscardHandler)}
		err := run(t.Context(), p, append([]string{"weights"}, args...))
		return out.String(), err
	}
	for _, wrong := range [][]string{nil, {"forget"}, {"use"}, {"use", "one"}, {"use", "-1"}, {"list", "all"}} {
		if _, err := weights(wrong...); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if out, err := weights("list"); err != nil || !strings.Contains(out, "the program's own") || !strings.Contains(out, "in force") {
		t.Errorf("list: %q, %v", out, err)
	}
	if out, err := weights("fit"); err != nil || !strings.Contains(out, "version 1, of 0 marks") || !strings.Contains(out, "评价太少") {
		t.Errorf("fit: %q, %v", out, err)
	}
	if _, err := weights("use", "1"); err == nil || !strings.Contains(err.Error(), "评价太少") {
		t.Errorf("use of what may not be used: %v", err)
	}
	if out, err := weights("use", "0"); err != nil || !strings.Contains(out, "version 0 is in force") {
		t.Errorf("use: %q, %v", out, err)
	}
	if out, err := weights("list"); err != nil || !strings.Contains(out, "may not be used") {
		t.Errorf("list: %q, %v", out, err)
	}
}
