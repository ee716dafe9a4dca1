package worker

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search"
)

// matcher suggests partners for listings, with statistics learned from the market's own texts.
type matcher struct {
	store  *store.Store
	search search.Engine
	ref    *market.Reference
	most   int // suggestions that one listing's computation makes
	model  atomic.Pointer[match.Model]

	learning sync.Mutex // one at a time: what was learned last is learned from the newest words
}

const (
	modelPause = 15 * time.Minute
	maxMatches = 20

	maxPartners = 500 // that had found a listing, and keep it when it is computed anew
)

// refresh learns the statistics anew from all published listings, with the words of the lexicon.
func (m *matcher) refresh(ctx context.Context, lexicon *search.Lexicon) error {
	m.learning.Lock()
	defer m.learning.Unlock()
	var failed error
	docs := func(yield func(market.Document) bool) {
		for d, err := range m.store.AllDocuments(ctx) {
			if err != nil {
				failed = err
				return
			}
			if !yield(d) {
				return
			}
		}
	}
	model := match.NewModel(iter.Seq[market.Document](docs), matchNames(m.ref, lexicon.Dictionary()))
	if failed != nil {
		return failed
	}
	m.model.Store(model)
	return nil
}

// run refreshes the statistics now and then; they change slowly.
func (m *matcher) run(ctx context.Context, log *slog.Logger) {
	pause := time.NewTicker(modelPause)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		if err := m.refresh(ctx, m.search.Lexicon()); err != nil && !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "learn the market's words", "err", err)
		}
	}
}

func matchNames(ref *market.Reference, words []string) match.Names {
	names := match.Names{Submarkets: map[string]string{}, Fields: map[string]string{}, Stages: map[string]string{}, Modes: map[string]string{}, Words: words}
	for _, c := range ref.Submarkets {
		names.Submarkets[c.Code] = c.Name
	}
	for _, f := range ref.Fields {
		names.Fields[f.Code] = f.Name
	}
	for _, st := range market.Stages() {
		names.Stages[st.Code] = st.Name
	}
	for _, c := range market.Modes {
		names.Modes[c.Code] = c.Name
	}
	return names
}

// suggest computes the suggestions of one listing: the best that it finds, and those of listings that found it before and that
// are worth suggesting still. Else what is popular would lose most of its partners whenever it is computed anew.
func (m *matcher) suggest(ctx context.Context, doc market.Document, now time.Time) ([]store.Match, error) {
	model, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	candidates, err := m.search.Candidates(ctx, search.CandidateQuery{Kind: doc.Kind.Other(), Terms: model.CandidateTerms(doc), Limit: match.MaxCandidates})
	if err != nil {
		return nil, err
	}
	partners, err := m.store.MatchPartners(ctx, doc.Kind, doc.ID, maxPartners)
	if err != nil {
		return nil, err
	}
	ids := slices.Clone(partners)
	for _, c := range candidates {
		if !slices.Contains(partners, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	docs, err := m.store.Documents(ctx, ids)
	if err != nil {
		return nil, err
	}
	out, found := []store.Match{}, map[int64]bool{}
	for _, r := range model.Rank(doc, docs, now, m.most) {
		found[docs[r.Index].ID] = true
		out = append(out, storedMatch(doc, docs[r.Index], r.Match))
	}
	rest := slices.DeleteFunc(docs, func(d market.Document) bool { return found[d.ID] || !slices.Contains(partners, d.ID) })
	for _, r := range model.Rank(doc, rest, now, 0) {
		out = append(out, storedMatch(doc, rest[r.Index], r.Match))
	}
	return out, nil
}

func storedMatch(doc, other market.Document, found match.Match) store.Match {
	m := store.Match{NeedID: doc.ID, ResultID: other.ID, Score: found.Score, Strength: string(found.Strength), Terms: found.Terms}
	if doc.Kind == market.KindResult {
		m.NeedID, m.ResultID = other.ID, doc.ID
	}
	for _, r := range found.Reasons {
		m.Reasons = append(m.Reasons, store.MatchReason{OK: r.OK, Code: r.Code, Text: r.Text})
	}
	return m
}

type matchWorker struct {
	river.WorkerDefaults[service.MatchListings]
	w *Worker
}

// Timeout gives a whole import's listings their time.
func (*matchWorker) Timeout(*river.Job[service.MatchListings]) time.Duration { return 15 * time.Minute }

func (m *matchWorker) Work(ctx context.Context, job *river.Job[service.MatchListings]) error {
	// Two listings published at the same moment find each other only when both are in the index.
	if err := m.w.follower.CatchUp(ctx); err != nil {
		return err
	}
	docs, err := m.w.Store.Documents(ctx, job.Args.IDs)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		found, err := m.w.matcher.suggest(ctx, doc, time.Now())
		if err != nil {
			return err
		}
		if err := m.w.Service.SetMatches(ctx, doc, found); err != nil {
			return err
		}
	}
	return nil
}
