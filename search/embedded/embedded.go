// Package embedded is the search engine that needs no server: a Bleve index in
// a folder that one process owns. The folder is a disposable copy; each process
// of the market has its own and follows the change log of listings.
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/blevesearch/bleve/v2"

	"techmarket/internal/market"
	"techmarket/search"
)

// rebuildBatch is the number of documents written at once by a rebuild. Larger
// batches need more memory and are no faster.
const rebuildBatch = 500

// Engine is a search.Engine on a local folder.
type Engine struct {
	search.InForce

	dir  string
	lock *os.File

	writing sync.Mutex // one writer at a time, rebuilds included

	mu      sync.RWMutex // guards what follows against the swap of a rebuild
	index   bleve.Index
	columns *columns // of that index
	closed  bool
}

var _ search.Engine = (*Engine)(nil)

// positionKey is where the position is kept inside the index, so that it is
// never ahead of the documents.
var positionKey = []byte("position")

// Open opens the index in dir and makes this process its owner. When there is
// none, or it is damaged or of another version, the engine starts empty with
// Position 0, and is to be rebuilt. It fails with search.ErrLocked while
// another owner has the folder, and when the folder can't be written.
func Open(dir string) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("search: create folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, lock: lock}
	if err := e.openOrCreate(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return e, nil
}

// openOrCreate opens the live index, or replaces it when it can't be used:
// whatever the cause is, a new one heals it.
func (e *Engine) openOrCreate() error {
	idx, name, err := openLive(e.dir)
	if err != nil {
		idx, name, err = replaceLive(e.dir)
	}
	if err != nil {
		return err
	}
	if err := removeOthers(e.dir, name); err != nil {
		return errors.Join(err, idx.Close())
	}
	e.index, e.columns = idx, newColumns()
	return nil
}

// Index implements search.Engine.
func (e *Engine) Index(ctx context.Context, docs []market.Document) error {
	if err := ctx.Err(); err != nil || len(docs) == 0 {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	refused, err := write(e.index, docs)
	return cmp.Or(err, search.Refused(refused))
}

// write puts one batch of documents, without those that Bleve refuses.
func write(idx bleve.Index, docs []market.Document) ([]search.Refusal, error) {
	return search.Accepted(docs, func(docs []market.Document) error {
		batch := idx.NewBatch()
		for _, d := range docs {
			if err := batch.IndexAdvanced(indexed(d)); err != nil {
				return fmt.Errorf("%w: %w", search.ErrRefused, err)
			}
		}
		return commit(idx, batch)
	})
}

func commit(idx bleve.Index, batch *bleve.Batch) error {
	if err := idx.Batch(batch); err != nil {
		return fmt.Errorf("search: write: %w", err)
	}
	return nil
}

// Delete implements search.Engine.
func (e *Engine) Delete(ctx context.Context, ids ...int64) error {
	if err := ctx.Err(); err != nil || len(ids) == 0 {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	batch := e.index.NewBatch()
	for _, id := range ids {
		batch.Delete(docID(id))
	}
	return commit(e.index, batch)
}

// Position implements search.Engine.
func (e *Engine) Position(context.Context) (int64, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	text, err := e.index.GetInternal(positionKey)
	if err != nil {
		return 0, fmt.Errorf("search: read position: %w", err)
	}
	if len(text) == 0 { // never set
		return 0, nil
	}
	position, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("search: read position: %w", err)
	}
	return position, nil
}

// SetPosition implements search.Engine.
func (e *Engine) SetPosition(ctx context.Context, position int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	return setPosition(e.index, position)
}

func setPosition(idx bleve.Index, position int64) error {
	batch := idx.NewBatch()
	batch.SetInternal(positionKey, []byte(strconv.FormatInt(position, 10)))
	return commit(idx, batch)
}

// Count implements search.Engine.
func (e *Engine) Count(context.Context) (int, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n, err := e.index.DocCount()
	if err != nil {
		return 0, fmt.Errorf("search: count: %w", err)
	}
	return int(n), nil
}

// Rebuild implements search.Engine.
func (e *Engine) Rebuild(ctx context.Context, position int64, docs iter.Seq2[market.Document, error]) error {
	e.writing.Lock()
	defer e.writing.Unlock()
	idx, name, err := createIndex(e.dir)
	if err != nil {
		return err
	}
	refused, err := fill(ctx, idx, docs)
	if err == nil {
		err = setPosition(idx, position)
	}
	if err == nil {
		err = makeLive(e.dir, name)
	}
	if err != nil {
		return errors.Join(err, idx.Close(), os.RemoveAll(filepath.Join(e.dir, name)))
	}
	e.mu.Lock() // waits for the searches that still read the old index
	old := e.index
	e.index, e.columns = idx, newColumns()
	e.mu.Unlock()
	return cmp.Or(errors.Join(old.Close(), removeOthers(e.dir, name)), search.Refused(refused))
}

// fill writes all documents, in batches, and returns those that were refused.
func fill(ctx context.Context, idx bleve.Index, docs iter.Seq2[market.Document, error]) ([]search.Refusal, error) {
	refused, err := search.Fill(docs, rebuildBatch, func(batch []market.Document) ([]search.Refusal, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return write(idx, batch)
	})
	return refused, cmp.Or(err, ctx.Err())
}

// Close implements search.Engine. Closing again does nothing.
func (e *Engine) Close() error {
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	return errors.Join(e.index.Close(), e.lock.Close())
}
