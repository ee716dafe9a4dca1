package worker

import (
	"context"
	"errors"
	"net/url"

	"github.com/riverqueue/river"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/search"
)

type alertWorker struct {
	river.WorkerDefaults[service.AlertSearches]
	w *Worker
}

const (
	watchBatch = 500 // saved searches read at a time
	tellBatch  = 100 // people told in one go
)

// Work holds the saved searches against what has changed, and then tells people what these and the matching have found.
func (a *alertWorker) Work(ctx context.Context, _ *river.Job[service.AlertSearches]) error {
	for {
		more, err := a.w.watch(ctx)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	for {
		n, err := a.w.Service.Tell(ctx, tellBatch)
		if err != nil || n < tellBatch {
			return err
		}
	}
}

// watch holds the saved searches against the next changes of the log, and reports whether there may be more.
func (w *Worker) watch(ctx context.Context) (more bool, err error) {
	position, err := w.Store.SearchPosition(ctx)
	if err != nil {
		return false, err
	}
	changes, err := w.Store.Changes(ctx, position, changeBatch)
	if err != nil {
		return false, err
	}
	last := position
	var ids []int64
	for _, c := range changes {
		if !c.Final {
			break // an earlier one may still commit
		}
		last, ids = c.Seq, append(ids, c.ListingID)
	}
	if last == position {
		return false, nil
	}
	// What is told of can be found.
	if err := w.follower.CatchUp(ctx); err != nil {
		return false, err
	}
	if err := w.holdAgainst(ctx, ids); err != nil {
		return false, err
	}
	return len(changes) == changeBatch, w.Service.NoteSearchPosition(ctx, last)
}

// holdAgainst notes which saved searches find which of the listings.
func (w *Worker) holdAgainst(ctx context.Context, ids []int64) error {
	docs, err := w.Store.Documents(ctx, ids)
	if err != nil || len(docs) == 0 {
		return err
	}
	for after := int64(0); ; {
		searches, err := w.Store.WatchedSearches(ctx, after, watchBatch)
		if err != nil {
			return err
		}
		for _, x := range searches {
			found, err := w.foundBy(ctx, x, docs)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				continue
			}
			if err := w.Service.NoteSearchHits(ctx, x.ID, found); err != nil {
				return err
			}
		}
		if len(searches) < watchBatch {
			return nil
		}
		after = searches[len(searches)-1].ID
	}
}

// foundBy returns which of the documents the search finds: its filters let them through, and they hold all its words.
func (w *Worker) foundBy(ctx context.Context, x market.SavedSearch, docs []market.Document) ([]int64, error) {
	values, err := url.ParseQuery(x.Query)
	if err != nil {
		return nil, err
	}
	conditions, today := w.Service.Reference().Conditions(values), w.Service.Today()
	var ids []int64
	for _, d := range docs {
		if conditions.Fits(d, today) {
			ids = append(ids, d.ID)
		}
	}
	if len(ids) == 0 || conditions.Text == "" {
		return ids, nil
	}
	page, err := w.Search.Search(ctx, search.Query{Text: conditions.Text, Literal: conditions.Literal, Among: ids, Limit: len(ids)})
	if errors.Is(err, search.ErrNoText) {
		return ids, nil
	}
	if err != nil {
		return nil, err
	}
	return page.IDs[:page.Whole], nil
}
