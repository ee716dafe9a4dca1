// Package meili is the search engine on a Meilisearch server. The server holds
// one index for all processes of the market: one of them at a time follows the
// change log for it. What a text matches is decided by package search, as with
// the embedded engine; the server keeps the terms, filters, counts and weighs.
package meili

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"techmarket/internal/market"
	"techmarket/search"
)

// Name is the name of the market's index on its server.
const Name = "listings"

const (
	// rebuildBatch is the number of documents written at once by a rebuild.
	rebuildBatch = 1000
	// nextSuffix ends the name of the index that a rebuild fills.
	nextSuffix = "-next"

	requestTimeout = 30 * time.Second      // of one request
	searchTimeout  = 5 * time.Second       // of what somebody waits for
	taskTimeout    = 5 * time.Minute       // from handing a task in until it is done
	taskPause      = 10 * time.Millisecond // between two looks at a task
)

// Engine is a search.Engine on a server.
type Engine struct {
	search.InForce

	client meilisearch.ServiceManager
	name   string
	format string

	writing sync.Mutex // one writer at a time in this process, rebuilds included
}

var _ search.Engine = (*Engine)(nil)

// New makes the engine of the named index on the server at url. It asks the
// server nothing: one that is down is met when the engine is used. While the
// server has no such index, or one of another version, Position is 0, and the
// index is to be rebuilt.
func New(url, key, name string) (*Engine, error) {
	f, err := format()
	if err != nil {
		return nil, fmt.Errorf("search: settings: %w", err)
	}
	client := meilisearch.New(url, meilisearch.WithAPIKey(key), meilisearch.WithCustomClient(&http.Client{Timeout: requestTimeout}))
	return &Engine{client: client, name: name, format: f}, nil
}

// Prepare makes the index, empty, when the server has none of that name.
func (e *Engine) Prepare(ctx context.Context) error {
	e.writing.Lock()
	defer e.writing.Unlock()
	lost, err := e.lost(ctx)
	if err != nil || !lost {
		return err
	}
	if err := e.create(ctx, e.name); err != nil {
		return err
	}
	return e.mark(ctx, e.name, bookmark{Format: e.format})
}

// lost reports whether the server has no index of our name.
func (e *Engine) lost(ctx context.Context) (bool, error) {
	_, err := e.client.GetIndex(ctx, e.name)
	if isCode(err, meilisearch.APIErrCodeIndexNotFound) {
		return true, nil
	}
	return false, failed("look for the index", err)
}

// create makes an empty index with our settings.
func (e *Engine) create(ctx context.Context, name string) error {
	task, err := e.client.CreateIndex(ctx, &meilisearch.IndexConfig{Uid: name, PrimaryKey: attrID})
	if err := e.done(ctx, "create the index", task, err); err != nil {
		return err
	}
	attributes := filterable()
	task, err = e.client.Index(name).UpdateFilterableAttributes(ctx, &attributes)
	if err := e.done(ctx, "set what is filtered by", task, err); err != nil {
		return err
	}
	task, err = e.client.Index(name).UpdateSettings(ctx, settings())
	return e.done(ctx, "set the index's settings", task, err)
}

// drop deletes an index; one that is not there is no error.
func (e *Engine) drop(ctx context.Context, name string) error {
	task, err := e.client.DeleteIndex(ctx, name)
	err = e.done(ctx, "delete an index", task, err)
	if isCode(err, meilisearch.APIErrCodeIndexNotFound) {
		return nil
	}
	return err
}

// Index implements search.Engine.
func (e *Engine) Index(ctx context.Context, docs []market.Document) error {
	if err := ctx.Err(); err != nil || len(docs) == 0 {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	refused, err := e.write(ctx, e.name, docs)
	return cmp.Or(err, search.Refused(refused))
}

// write puts documents, without those that the server refuses.
func (e *Engine) write(ctx context.Context, name string, docs []market.Document) ([]search.Refusal, error) {
	return search.Accepted(docs, func(docs []market.Document) error {
		list := make([]document, len(docs))
		for i, d := range docs {
			list[i] = indexed(d)
		}
		task, err := e.client.Index(name).AddDocuments(ctx, list, nil)
		err = e.done(ctx, "write documents", task, err)
		switch {
		case refusesDocuments(err):
			return fmt.Errorf("%w: %w", search.ErrRefused, err)
		case e.hungUp(ctx, err):
			return fmt.Errorf("%w: the server hangs up, as it does on what is longer than it takes", search.ErrRefused)
		}
		return err
	})
}

// hungUp reports whether the server hung up while it was being written to and
// still answers: that is how it turns away what is longer than it takes.
func (e *Engine) hungUp(ctx context.Context, err error) bool {
	signs := []error{syscall.EPIPE, syscall.ECONNRESET, io.EOF}
	if !slices.ContainsFunc(signs, func(sign error) bool { return errors.Is(err, sign) }) {
		return false
	}
	_, err = e.client.Health(ctx)
	return err == nil
}

// refusesDocuments reports whether the server looked at documents and will not
// take them: their texts are too long, or what they hold ends its task. A
// wrong key, a full disk and a lost index are no fault of theirs.
func refusesDocuments(err error) bool {
	if refused := (*meilisearch.Error)(nil); errors.As(err, &refused) {
		return refused.StatusCode == http.StatusRequestEntityTooLarge || refused.StatusCode == http.StatusBadRequest
	}
	task := (*taskError)(nil)
	return errors.As(err, &task) && (task.cause.Type == "invalid_request" || task.cause.Type == "internal") && !isCode(err, meilisearch.APIErrCodeIndexNotFound)
}

// Delete implements search.Engine.
func (e *Engine) Delete(ctx context.Context, ids ...int64) error {
	if err := ctx.Err(); err != nil || len(ids) == 0 {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(id, 10)
	}
	task, err := e.client.Index(e.name).DeleteDocuments(ctx, names, nil)
	return e.done(ctx, "delete documents", task, err)
}

// Position implements search.Engine. It is 0 for an index that is not there or
// was made with other settings.
func (e *Engine) Position(ctx context.Context) (int64, error) {
	kept, err := e.bookmark(ctx)
	if isCode(err, meilisearch.APIErrCodeIndexNotFound) || isCode(err, meilisearch.APIErrCodeDocumentNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if kept.Format != e.format {
		return 0, nil
	}
	return kept.Position, nil
}

func (e *Engine) bookmark(ctx context.Context) (kept bookmark, err error) {
	err = e.client.Index(e.name).GetDocument(ctx, strconv.Itoa(bookmarkID), nil, &kept)
	return kept, failed("read the position", err)
}

// SetPosition implements search.Engine.
func (e *Engine) SetPosition(ctx context.Context, position int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	// On a server that was wiped since, a position would make whole what is not.
	if kept, err := e.bookmark(ctx); err != nil || kept.Format != e.format {
		return cmp.Or(err, fmt.Errorf("search: the index was made with other settings: %w", search.ErrUnavailable))
	}
	return e.mark(ctx, e.name, bookmark{Position: position, Format: e.format})
}

func (e *Engine) mark(ctx context.Context, name string, b bookmark) error {
	b.ID = bookmarkID
	task, err := e.client.Index(name).AddDocuments(ctx, []bookmark{b}, nil)
	return e.done(ctx, "write the position", task, err)
}

// Count implements search.Engine.
func (e *Engine) Count(ctx context.Context) (int, error) {
	found, err := e.ask(ctx, []*meilisearch.SearchRequest{e.counting("")})
	if err != nil {
		return 0, err
	}
	return int(found[0].TotalHits), nil
}

// Rebuild implements search.Engine.
func (e *Engine) Rebuild(ctx context.Context, position int64, docs iter.Seq2[market.Document, error]) error {
	e.writing.Lock()
	defer e.writing.Unlock()
	next := e.name + nextSuffix
	if err := e.drop(ctx, next); err != nil { // remains of a rebuild that was broken off
		return err
	}
	if err := e.create(ctx, next); err != nil {
		return err
	}
	refused, err := e.fill(ctx, next, docs)
	made := rand.Text()
	if err == nil {
		err = e.mark(ctx, next, bookmark{Position: position, Format: e.format, Made: made})
	}
	if err != nil {
		return errors.Join(err, e.drop(context.WithoutCancel(ctx), next))
	}
	return cmp.Or(e.swap(ctx, next, made), search.Refused(refused))
}

// swap makes next the live index and deletes the old one. Where there is no
// live one it takes the name: an empty index under it would answer that nothing
// is found. A key to single indexes may not ask for the task of a swap, which
// belongs to none, so that the task after it is waited for, and the live index
// looked at.
func (e *Engine) swap(ctx context.Context, next, made string) error {
	lost, err := e.lost(ctx)
	if err != nil {
		return err
	}
	pair := &meilisearch.SwapIndexesParams{Indexes: []string{next, e.name}, Rename: lost}
	_, err = e.client.SwapIndexes(ctx, []*meilisearch.SwapIndexesParams{pair})
	if err := errors.Join(failed("swap the indexes", err), e.drop(context.WithoutCancel(ctx), next)); err != nil {
		return err
	}
	live, err := e.bookmark(ctx)
	if err == nil && live.Made != made {
		err = errors.New("search: the server did not swap the indexes")
	}
	return err
}

// fill writes all documents, in batches, and returns those that were refused.
func (e *Engine) fill(ctx context.Context, name string, docs iter.Seq2[market.Document, error]) ([]search.Refusal, error) {
	refused, err := search.Fill(docs, rebuildBatch, func(batch []market.Document) ([]search.Refusal, error) { return e.write(ctx, name, batch) })
	return refused, cmp.Or(err, ctx.Err())
}

// Drop deletes the index from the server. It is for indexes of tests and
// measurements.
func (e *Engine) Drop(ctx context.Context) error {
	return errors.Join(e.drop(ctx, e.name), e.drop(ctx, e.name+nextSuffix))
}

// Close implements search.Engine.
func (e *Engine) Close() error { return nil }

// done waits until the server has done a task that was handed in; err is that
// of handing it in.
func (e *Engine) done(ctx context.Context, what string, handed *meilisearch.TaskInfo, err error) error {
	if err != nil {
		return failed(what, err)
	}
	waiting, cancel := context.WithTimeout(ctx, taskTimeout)
	defer cancel()
	task, err := e.client.TaskReader().WaitForTask(waiting, handed.TaskUID, taskPause)
	if err != nil {
		return failed(what, err)
	}
	if task.Status != meilisearch.TaskStatusSucceeded {
		return &taskError{what, task.Status, task.Error}
	}
	return nil
}

// taskError says why the server did not do a task.
type taskError struct {
	what   string
	status meilisearch.TaskStatus
	cause  meilisearch.APIErrorDetails
}

func (t *taskError) Error() string {
	return fmt.Sprintf("search: %s: the server's task %s: %s (%s)", t.what, t.status, t.cause.Message, t.cause.Code)
}

// failed says what could not be asked of the server. Unless the server refused
// what was asked, it is not available. Nor is it while its index is lost, or is
// not ours yet: one that a write has made anew filters by nothing.
func failed(what string, err error) error {
	switch refused := (*meilisearch.Error)(nil); {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
	case isCode(err, meilisearch.APIErrCodeIndexNotFound), isCode(err, meilisearch.APIErrCodeDocumentNotFound), isCode(err, meilisearch.APIErrCodeInvalidSearchFilter):
		return fmt.Errorf("search: %s: %w: %w", what, search.ErrUnavailable, err)
	case errors.As(err, &refused) && refused.StatusCode != 0 && refused.StatusCode < http.StatusInternalServerError:
	default:
		return fmt.Errorf("search: %s: %w: %w", what, search.ErrUnavailable, err)
	}
	return fmt.Errorf("search: %s: %w", what, err)
}

// isCode reports whether the server refused with a code, at once or in a task.
func isCode(err error, code meilisearch.APIErrCode) bool {
	if refused := (*meilisearch.Error)(nil); errors.As(err, &refused) {
		return refused.APIError.Code == code
	}
	if task := (*taskError)(nil); errors.As(err, &task) {
		return task.cause.Code == code
	}
	return false
}
