package server

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// TestAuditViewer lets people do and try things, and an auditor find each of them.
func TestAuditViewer(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	auditor := s.newUser(market.Auditor)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	need, err := s.Service.CreateNeed(t.Context(), owner, market.Need{Listing: market.Listing{Title: "球磨机降耗"}, Budget: market.Price{Kind: market.PriceOpen}}, "")
	if err != nil {
		t.Fatal(err)
	}
	var number string
	if err := s.Store.DB().QueryRow(`SELECT number FROM listings WHERE id = $1`, need).Scan(&number); err != nil {
		t.Fatal(err)
	}
	if got := s.as(owner).post(fmt.Sprintf("/needs/%d/publish", need), url.Values{"key": {formKey()}}); got.status != http.StatusForbidden {
		t.Fatalf("an owner publishes: %d", got.status)
	}
	reader := s.as(auditor)
	rows := func(query string) int {
		t.Helper()
		got := reader.get("/audit?" + query)
		if got.status != http.StatusOK {
			t.Fatalf("%s: status %d", query, got.status)
		}
		return got.page(t).Find("tbody tr[id]").Length()
	}
	today, yesterday := time.Now().In(market.Shanghai).Format(time.DateOnly), time.Now().In(market.Shanghai).AddDate(0, 0, -1).Format(time.DateOnly)
	for query, want := range map[string]int{
		"object=" + number:                  1, // made; the refused attempt was turned away by the route and knows no object
		"object=XQ-1999-0001":               0,
		"outcome=refused":                   1,
		"action=need.create":                1,
		"action=route":                      1,
		"action=contract":                   0,
		"from=" + today + "&action=listing": 1,
		"to=" + yesterday:                   0,
		"who=" + url.QueryEscape("没有这个人"):   0,
		"user=" + fmt.Sprint(owner.UserID) + "&action=listing": 1,
		"address=203.0.113.9": 0,
	} {
		if n := rows(query); n != want {
			t.Errorf("%s: %d entries, want %d", query, n, want)
		}
	}
	if got := reader.get("/audit?from=" + url.QueryEscape("去年")); !strings.Contains(got.body, "认不出来") {
		t.Error("a bad date is not named")
	}

	export := reader.get("/audit.csv?action=listing")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(export.body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 2 || lines[1][6] != "新建需求" || lines[1][8] != "需求 "+number {
		t.Errorf("exported %v, %v", lines, err)
	}
	if n := rows("action=audit.export"); n != 1 {
		t.Errorf("%d entries of the export, want 1", n)
	}
	var detail string
	if err := s.Store.DB().QueryRow(`SELECT detail FROM audit_entries WHERE action = 'audit.export'`).Scan(&detail); err != nil || detail != "csv, 1 rows" {
		t.Errorf("the export is noted as %q, %v", detail, err)
	}
}

// TestAuditPages goes back through many entries and meets each once.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	auditor := s.newUser(market.Auditor)
	if _, err := s.Store.DB().Exec(`INSERT INTO audit_entries (at, action, outcome, via) SELECT now() - n * interval '1 second', 'user.edit', 'done', 'web' FROM generate_series(1, 120) n`); err != nil {
		t.Fatal(err)
	}
	reader, path, seen := s.as(auditor), "/audit?action=user.edit", map[string]bool{}
	for pages := 0; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
		doc := reader.get(path).page(t)
		for _, row := range doc.Find("tbody tr[id]").EachIter() {
			id, _ := row.Attr("id")
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		path, _ = doc.Find(`nav[aria-label="分页"] a:contains("更早")`).Attr("href")
	}
	if len(seen) != 120 {
		t.Errorf("%d entries, want 120", len(seen))
	}
}

func TestAuditCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	if got := sheetText("=1+1"); got != "'=1+1" {
		t.Errorf("got %q", got)
	}
	if got := sheetText("曾宪平"); got != "曾宪平" {
		t.Errorf("got %q", got)
	}
}
