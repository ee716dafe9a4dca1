package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"techmarket/internal/market"
	"techmarket/search"
	"techmarket/search/embedded"
)

// serverIndex is an index that several processes write, as one on a server. It notices when two do so at once, and can
// be down.
type serverIndex struct {
	search.Engine
	t       *testing.T
	writers atomic.Int32
	down    atomic.Bool
}

func (s *serverIndex) Position(ctx context.Context) (int64, error) {
	if s.down.Load() {
		return 0, search.ErrUnavailable
	}
	return s.Engine.Position(ctx)
}

func (s *serverIndex) Index(ctx context.Context, docs []market.Document) error {
	if s.writers.Add(1) > 1 {
		s.t.Error("two processes write the shared index at once")
	}
	defer s.writers.Add(-1)
	return s.Engine.Index(ctx, docs)
}

func newServerIndex(t *testing.T) *serverIndex {
	t.Helper()
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return &serverIndex{Engine: engine, t: t}
}

// TestSharedIndexIsFollowedByOne has two processes follow the change log for one index while listings are published.
func TestSharedIndexIsFollowedByOne(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	shared := newServerIndex(t)
	processes := []*Follower{NewSharedFollower(w.Store, shared, slog.New(slog.DiscardHandler)), NewSharedFollower(w.Store, shared, slog.New(slog.DiscardHandler))}
	needs := make([]int64, 4)
	for i := range needs {
		needs[i] = w.Need(firm)
		var group sync.WaitGroup
		for _, f := range processes {
			group.Go(func() {
				if err := f.CatchUp(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	if n, err := shared.Count(t.Context()); err != nil || n != len(needs) {
		t.Errorf("%d listings in the shared index, %v; want %d", n, err, len(needs))
	}
}

// TestSearchServerDown starts the background work without a search server: it goes on, and catches up once there is one.
func TestSearchServerDown(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	shared := newServerIndex(t)
	shared.down.Store(true)
	background, err := Start(t.Context(), Options{Store: w.Store, Service: w.Service, Search: shared, Shared: true, Mail: office(t), DSN: w.DSN, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := background.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	need := w.Need(firm)
	if err := background.follower.CatchUp(t.Context()); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("follow without a server: %v", err)
	}
	shared.down.Store(false)
	title := wordOf(t, w, need)
	eventually(t, "the need is found after the server came back", func() bool {
		page, err := shared.Search(t.Context(), search.Query{Text: title, Kind: market.KindNeed})
		return err == nil && len(page.IDs) == 1
	})
}
