package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/search"
)

// lexiconKeeper keeps the words by which this process searches equal to the newest list of staff, and says by which
// version it does. Each process does so for itself: the words act when a query is read, whatever the engine.
type lexiconKeeper struct {
	store   *store.Store
	engine  search.Engine
	process string

	mu   sync.Mutex
	told market.LexiconUse // what was said last
}

func newLexiconKeeper(st *store.Store, engine search.Engine) *lexiconKeeper {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &lexiconKeeper{store: st, engine: engine, process: fmt.Sprintf("%s-%d-%.6s", host, os.Getpid(), rand.Text())}
}

// lexiconPause is how long a process says nothing when nothing has changed.
const lexiconPause = market.LexiconSilence / 3

// catchUp takes over the newest version. One that can't be read leaves the words as they were, and is tried again.
func (k *lexiconKeeper) catchUp(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	failed := k.load(ctx)
	use := market.LexiconUse{Process: k.process, Version: k.engine.Lexicon().Version(), SeenAt: time.Now()}
	if failed != nil {
		use.Problem = market.Truncate(failed.Error(), maxReason)
	}
	if use.Version == k.told.Version && use.Problem == k.told.Problem && use.SeenAt.Sub(k.told.SeenAt) < lexiconPause {
		return failed
	}
	err := k.store.InTx(ctx, func(tx *store.Tx) error { return tx.SetLexiconUse(ctx, use, use.SeenAt.Add(-market.LexiconSilence)) })
	if err == nil {
		k.told = use
	}
	return errors.Join(failed, err)
}

func (k *lexiconKeeper) load(ctx context.Context) error {
	newest, err := k.store.LatestLexicon(ctx)
	if err != nil || newest == k.engine.Lexicon().Version() {
		return err
	}
	lexicon, err := readLexicon(ctx, k.store, newest)
	if err == nil {
		k.engine.SetLexicon(lexicon)
	}
	return err
}

func readLexicon(ctx context.Context, st *store.Store, version int64) (*search.Lexicon, error) {
	v, err := st.LexiconVersion(ctx, version)
	if err != nil {
		return nil, err
	}
	return search.NewLexicon(v.Number, v.Entries), nil
}

// latestLexicon is the one that holds now, for who has no engine that follows it.
func latestLexicon(ctx context.Context, st *store.Store) (*search.Lexicon, error) {
	newest, err := st.LatestLexicon(ctx)
	if err != nil {
		return nil, err
	}
	return readLexicon(ctx, st, newest)
}

// end says that this process searches no more.
func (k *lexiconKeeper) end(ctx context.Context) error {
	return k.store.InTx(ctx, func(tx *store.Tx) error { return tx.DropLexiconUse(ctx, k.process) })
}

// followLexicon takes over each new version until ctx ends. The words also tell key terms, by which partners are
// suggested: these are learned anew beside the ones in use.
func (w *Worker) followLexicon(ctx context.Context) {
	learned := w.Search.Lexicon().Version()
	whenever(ctx, w.DSN, "lexicon", w.Log, func(ctx context.Context) error {
		err := w.lexicon.catchUp(ctx)
		if version := w.Search.Lexicon().Version(); version != learned && err == nil {
			if err = w.matcher.refresh(ctx, w.Search.Lexicon()); err == nil {
				learned = version
			}
		}
		return err
	})
	if err := w.lexicon.end(context.WithoutCancel(ctx)); err != nil {
		w.Log.WarnContext(ctx, "end the use of the lexicon", "err", err)
	}
}
