package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/config"
	"techmarket/internal/market"
	"techmarket/internal/worldtest"
	"techmarket/search"
	"techmarket/search/meili"
)

// TestReplicasSearchTheSame has two copies of the whole market on one database, each with an index of its own.
func TestReplicasSearchTheSame(t *testing.T) {
	t.Parallel()
	searchTheSame(t, nil, openEngine)
}

// TestReplicasSearchTheSameServer has them share an index on a server.
func TestReplicasSearchTheSameServer(t *testing.T) {
	t.Parallel()
	server, key := os.Getenv("MEILI_URL"), os.Getenv("MEILI_KEY")
	if server == "" {
		t.Skip("SKIPPED: MEILI_URL and MEILI_KEY name no Meilisearch to test on")
	}
	name := fmt.Sprintf("test-replicas-%d", time.Now().UnixNano())
	shared, err := meili.New(server, key, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shared.Drop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	searchTheSame(t, map[string]string{"MEILI_URL": server, "MEILI_KEY": key}, func(config.Config) (search.Engine, error) {
		return meili.New(server, key, name)
	})
}

// searchTheSame publishes, and withdraws, through one copy and searches through the other. How long that takes is told
// in the log: a second at most on a machine that does nothing else.
func searchTheSame(t *testing.T, environment map[string]string, open func(config.Config) (search.Engine, error)) {
	t.Helper()
	today := time.Now().In(market.Shanghai)
	w := worldtest.New(t, today.Year(), today.Month(), today.Day())
	var copies [2]*running
	for i := range copies {
		all := map[string]string{"MARKET_DSN": w.DSN}
		for k, v := range environment {
			all[k] = v
		}
		copies[i] = startMarketOn(t, all, open)
	}
	one, two := copies[0], copies[1]
	one.service.HashCheaply()
	w.Service = one.service
	firm := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	need := w.Need(firm)
	published := time.Now()
	docs, err := w.Store.Documents(t.Context(), []int64{need})
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	two.eventuallyFinds(t, docs[0].Title, need, true, published)
	query := "/api/v1/search?" + url.Values{"q": {docs[0].Title}}.Encode()
	if status, text := two.browser(t).get(query); status != 200 || !strings.Contains(text, fmt.Sprintf(`"id":%d`, need)) {
		t.Errorf("status %d: %s", status, text)
	}
	if err := one.service.WithdrawListing(t.Context(), firm, market.KindNeed, need); err != nil {
		t.Fatal(err)
	}
	two.eventuallyFinds(t, docs[0].Title, need, false, time.Now())
}

// eventuallyFinds waits until the index of a copy holds a listing, or does not.
func (r *running) eventuallyFinds(t *testing.T, text string, id int64, want bool, since time.Time) {
	t.Helper()
	for {
		page, err := r.engine.Search(t.Context(), search.Query{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(since)
		if slices.Contains(page.IDs, id) == want {
			t.Logf("the other copy knew after %d ms that the listing is to be found: %v", took.Milliseconds(), want)
			return
		}
		if took > time.Minute {
			t.Fatalf("after a minute the other copy finds %v; that %d is among them should be %v", page.IDs, id, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
