package meili_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"techmarket/search"
	"techmarket/search/enginetest"
	"techmarket/search/meili"
)

// server names the Meilisearch to test on, or skips.
func server(t *testing.T) (url, key string) {
	t.Helper()
	url, key = os.Getenv("MEILI_URL"), os.Getenv("MEILI_KEY")
	if url == "" {
		t.Skip("SKIPPED: MEILI_URL and MEILI_KEY name no Meilisearch to test on")
	}
	return url, key
}

var opened atomic.Int64

// open makes an index of its own on the server, and deletes it with the test.
func open(t *testing.T) *meili.Engine {
	t.Helper()
	url, key := server(t)
	e, err := meili.New(url, key, fmt.Sprintf("test-%d-%d-%d", os.Getpid(), time.Now().UnixNano(), opened.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Drop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("drop the index: %v", err)
		}
	})
	if err := e.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server(t)
	enginetest.Run(t, func(t *testing.T) search.Engine { return open(t) })
}
