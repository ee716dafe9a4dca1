package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// TestImportCommand checks a list first, which leaves nothing behind, and then writes it.
func TestImportCommand(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, 11, 23)
	owner := w.Org("赣江理工大学（测试）", market.University, "360802")
	org, err := w.Store.Org(t.Context(), owner, owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "清单.csv")
	if err := os.WriteFile(file, []byte("id,title,body\n1,纳米碳酸钙连续碳化,\n2,,没有名称\n3,重钙研磨,\n4,重钙研磨,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) (string, error) {
		t.Helper()
		var out bytes.Buffer
		p := program{out: &out, log: slog.New(slog.DiscardHandler), getenv: func(key string) string {
			return map[string]string{"MARKET_DSN": w.DSN}[key]
		}}
		err := run(t.Context(), p, append([]string{"import"}, args...))
		return out.String(), err
	}
	stored := func(query string) (n int) {
		t.Helper()
		if err := w.Store.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	full := []string{"results", file, "--org", string(org.USCC), "--submarket", "先进材料", "--field", "calcium", "--modes", "技术许可，joint", "--stage", "中试"}

	out, err := command(full...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"4 行，可以导入 2，需要修改 1，重复 0，疑似重复 1", "第 3 行", "title：请填写标题", "与第 4 行名称相同，编号或专利号不同", "没有写入任何一行"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if n := stored(`SELECT count(*) FROM listings`); n != 0 {
		t.Errorf("%d listings after a check", n)
	}
	if out, err = command(append(full, "--yes", "--submit")...); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "写入 3 项，已提交审核") || !strings.Contains(out, "写入 3 / 3") {
		t.Errorf("the end is %q", out)
	}
	if n := stored(`SELECT count(*) FROM listings l JOIN results r ON r.listing_id = l.id WHERE l.state = 'in_review' AND r.stage = 'pilot' AND l.modes = '{licence,joint}'`); n != 3 {
		t.Errorf("%d listings as asked for, want 3", n)
	}
	if n := stored(`SELECT count(*) FROM audit_entries WHERE action = 'import.accept' AND via = 'cli' AND outcome = 'done'`); n != 1 {
		t.Errorf("%d audit entries from the command line, want 1", n)
	}
	if _, err := command("results", file); !errors.Is(err, errUsage) {
		t.Errorf("without --org: %v", err)
	}
	if _, err := command("patents", file, "--org", string(org.USCC)); !errors.Is(err, errUsage) {
		t.Errorf("another kind: %v", err)
	}
	if _, err := command("needs", file, "--org", "91350100M000100Y43"); err == nil || !strings.Contains(err.Error(), "no verified organisation") {
		t.Errorf("an organisation that is not here: %v", err)
	}
}
