package worker

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/search"
)

// Follower keeps one search index equal to the published listings by following the change log. Each process follows
// for its own index from its own position, so replicas need not know of each other; an index that all share is followed
// by one of them at a time.
type Follower struct {
	store  *store.Store
	engine search.Engine
	shared bool
	log    *slog.Logger

	mu   sync.Mutex     // one catch-up at a time
	seen map[int64]bool // entries after the kept position that were acted on already
}

// NewFollower makes the follower of an index of this process alone.
func NewFollower(st *store.Store, engine search.Engine, log *slog.Logger) *Follower {
	return &Follower{store: st, engine: engine, log: log, seen: map[int64]bool{}}
}

// NewSharedFollower makes a follower of the index that all processes share.
func NewSharedFollower(st *store.Store, engine search.Engine, log *slog.Logger) *Follower {
	f := NewFollower(st, engine, log)
	f.shared = true
	return f
}

const (
	changeBatch  = 500
	followPause  = 5 * time.Second // at most between two looks, when no notification arrives
	listenMinGap = 100 * time.Millisecond
	listenMaxGap = 10 * time.Second
)

// CatchUp indexes every change committed before the call. A new or lost index is rebuilt from PostgreSQL.
func (f *Follower) CatchUp(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared {
		return f.store.FollowingAlone(ctx, f.catchUp)
	}
	return f.catchUp(ctx)
}

func (f *Follower) catchUp(ctx context.Context) error {
	position, err := f.engine.Position(ctx)
	if err != nil {
		return err
	}
	if position == 0 {
		if position, err = f.rebuild(ctx); err != nil {
			return err
		}
	}
	for {
		more, err := f.step(ctx, &position)
		if err != nil || !more {
			return err
		}
	}
}

// rebuild fills the index with all that is published. The position is read first: what changes meanwhile is indexed
// once more, which does no harm.
func (f *Follower) rebuild(ctx context.Context) (int64, error) {
	position, err := f.store.LastChange(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	refused, err := refusals(f.engine.Rebuild(ctx, position, f.store.AllDocuments(ctx)))
	if err != nil {
		return 0, err
	}
	if err := f.store.InTx(ctx, func(tx *store.Tx) error { return tx.ReplaceIndexRefusals(ctx, refused, time.Now()) }); err != nil {
		return 0, err
	}
	clear(f.seen)
	count, err := f.engine.Count(ctx)
	f.log.InfoContext(ctx, "search index rebuilt", "listings", count, "ms", time.Since(start).Milliseconds())
	return position, err
}

// step acts on one batch of changes and reports whether there may be more. The kept position moves only past entries
// that are final, because an earlier entry of a transaction still under way may commit later.
func (f *Follower) step(ctx context.Context, position *int64) (more bool, err error) {
	changes, err := f.store.Changes(ctx, *position, changeBatch)
	if err != nil || len(changes) == 0 {
		return false, err
	}
	var ids []int64
	for _, c := range changes {
		if !f.seen[c.Seq] {
			ids = append(ids, c.ListingID)
		}
	}
	if err := f.index(ctx, ids); err != nil {
		return false, err
	}
	next := *position
	final := true
	for _, c := range changes {
		if final = final && c.Final; final {
			next = c.Seq
			delete(f.seen, c.Seq)
		} else {
			f.seen[c.Seq] = true
		}
	}
	if next == *position {
		return false, nil
	}
	*position = next
	return len(changes) == changeBatch, f.engine.SetPosition(ctx, next)
}

// refusals takes the documents that an engine will not take out of its error.
func refusals(err error) ([]market.IndexRefusal, error) {
	refused := (*search.RefusedError)(nil)
	if !errors.As(err, &refused) {
		return nil, err
	}
	list := make([]market.IndexRefusal, len(refused.Documents))
	for i, d := range refused.Documents {
		list[i] = market.IndexRefusal{ListingID: d.ID, Reason: market.Truncate(d.Reason, maxReason)}
	}
	return list, nil
}

// maxReason bounds what is kept of an engine's reason.
const maxReason = 500

// index brings the index to what PostgreSQL holds now of those listings. What the engine will not take is set aside and
// leaves the index: what it held before is no longer what is published.
func (f *Follower) index(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := f.store.Documents(ctx, ids)
	if err != nil {
		return err
	}
	gone := map[int64]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	for _, d := range docs {
		delete(gone, d.ID)
	}
	refused, err := refusals(f.engine.Index(ctx, docs))
	if err != nil {
		return err
	}
	for _, r := range refused {
		gone[r.ListingID] = true
		f.log.ErrorContext(ctx, "the search engine refuses a listing", "listing", r.ListingID, "reason", r.Reason)
	}
	if err := f.engine.Delete(ctx, slices.Collect(maps.Keys(gone))...); err != nil {
		return err
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error { return tx.SetIndexRefusals(ctx, ids, refused, time.Now()) })
}

// Run follows until ctx ends, woken by notifications. Errors are logged and tried again.
func (f *Follower) Run(ctx context.Context, dsn string) {
	whenever(ctx, dsn, "listing_changes", f.log, f.CatchUp)
}

// whenever calls do at each notification of a channel, and now and then, until ctx ends. Errors are logged.
func whenever(ctx context.Context, dsn, channel string, log *slog.Logger, do func(context.Context) error) {
	listener := pq.NewListener(dsn, listenMinGap, listenMaxGap, func(_ pq.ListenerEventType, err error) {
		if err != nil {
			log.WarnContext(ctx, "listen for changes", "channel", channel, "err", err)
		}
	})
	defer func() {
		if err := listener.Close(); err != nil {
			log.WarnContext(ctx, "close the listener", "channel", channel, "err", err)
		}
	}()
	if err := listener.Listen(channel); err != nil {
		log.ErrorContext(ctx, "listen for changes; looking every few seconds instead", "channel", channel, "err", err)
	}
	pause := time.NewTicker(followPause)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-listener.Notify:
		case <-pause.C:
		}
		if err := do(ctx); err != nil && !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "follow changes", "channel", channel, "err", err)
		}
	}
}
