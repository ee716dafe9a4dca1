// Package internal_test holds the house's order: which room may know which.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport lists, for each room, the rooms of ours that it may import; tests are free.
var mayImport = map[string][]string{
	"internal/market":        {},
	"internal/config":        {},
	"internal/chromium":      {},
	"internal/devdb":         {},
	"internal/mail":          {"internal/market"},
	"internal/match":         {"internal/market"},
	"internal/sheet":         {"internal/market"},
	"internal/paper":         {},
	"internal/print":         {"internal/market"},
	"search":                 {"internal/market"},
	"search/embedded":        {"internal/market", "search"},
	"search/meili":           {"internal/market", "search"},
	"search/enginetest":      {"internal/market", "search"},
	"internal/eval":          {"internal/market", "internal/match", "search"},
	"internal/bench":         {"internal/market", "internal/store", "internal/demo", "internal/match", "search"},
	"internal/eval/evaltest": {"internal/eval", "internal/market", "search"},
	"migrations":             {},
	"web":                    {},
	"internal/store":         {"internal/market"},
	"internal/service":       {"internal/market", "internal/store", "internal/sheet", "internal/paper", "search"},
	"internal/worldtest":     {"internal/market", "internal/store", "internal/service", "internal/devdb/dbtest"},
	"internal/demo":          {"internal/market", "internal/paper", "internal/sheet", "internal/store", "internal/service"},
	"internal/worker":        {"internal/market", "internal/store", "internal/service", "internal/mail", "internal/match", "internal/sheet", "search"},
	"internal/server/view":   {"internal/market", "web"},
	"internal/server/api":    {"internal/market", "internal/store", "internal/service", "search"},
	"internal/server": {"internal/market", "internal/store", "internal/service", "internal/sheet", "internal/print", "internal/server/view", "internal/server/api",
		"search", "web", "migrations"},
}

// foreign lists what single rooms must not import from outside.
var foreign = map[string]func(string) bool{
	"internal/market": func(path string) bool {
		return strings.Contains(path, ".") && !strings.HasPrefix(path, "github.com/shopspring/decimal")
	},
	"internal/store": func(path string) bool { return strings.HasPrefix(path, "github.com/labstack/") },
	"internal/server": func(path string) bool {
		return path == "database/sql" || strings.HasPrefix(path, "github.com/jmoiron/") || path == "github.com/lib/pq"
	},
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "techmarket/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(p.ImportPath, "techmarket/")
		if strings.HasPrefix(room, "cmd/") || strings.HasPrefix(room, "docs/") || strings.HasPrefix(room, "internal/devdb/") || room == "internal" {
			continue
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("room %s is not in the list of this test", room)
		}
		seen++
		for _, path := range p.Imports {
			ours, isOurs := strings.CutPrefix(path, "techmarket/")
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", room, ours)
			}
			if refuse := foreign[room]; refuse != nil && !isOurs && refuse(path) {
				t.Errorf("%s imports %s", room, path)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d rooms were looked at", seen)
	}
}
