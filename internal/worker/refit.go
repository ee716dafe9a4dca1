package worker

import (
	"context"
	"encoding/json"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// current is the model with the weights that are in force.
func (m *matcher) current(ctx context.Context) (*match.Model, error) {
	adjustment, err := weightsInForce(ctx, m.store)
	return m.model.Load().With(adjustment), err
}

func weightsInForce(ctx context.Context, st *store.Store) (a match.Adjustment, err error) {
	v, err := st.MatchVersionInForce(ctx)
	if err != nil || v.ID == 0 {
		return a, err
	}
	return a, json.Unmarshal(v.Weights, &a)
}

// Refit fits the weights of matching to what people have said of suggestions whose two sides are public, judges them, and
// keeps them as a new version that nobody uses yet.
func Refit(ctx context.Context, by market.Actor, st *store.Store, svc *service.Service) (market.MatchVersion, error) {
	var v market.MatchVersion
	m := &matcher{store: st, ref: svc.Reference()}
	lexicon, err := latestLexicon(ctx, st)
	if err != nil {
		return v, err
	}
	if err := m.refresh(ctx, lexicon); err != nil {
		return v, err
	}
	samples, err := m.samples(ctx, &v)
	if err != nil {
		return v, err
	}
	inForce, err := weightsInForce(ctx, st)
	if err != nil {
		return v, err
	}
	adjustment, evaluation := match.Refit(samples, inForce)
	v.Before, v.After = evaluation.Before, evaluation.After
	if v.Weights, err = json.Marshal(adjustment); err != nil {
		return v, err
	}
	v.ID, err = svc.KeepMatchVersion(ctx, by, v)
	return v, err
}

// samples reads the marked pairs, and counts the marks.
func (m *matcher) samples(ctx context.Context, v *market.MatchVersion) ([]match.Sample, error) {
	marks, err := m.store.MatchMarks(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, 2*len(marks))
	for _, k := range marks {
		ids = append(ids, k.NeedID, k.ResultID)
	}
	docs, err := m.store.Documents(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]market.Document, len(docs))
	for _, d := range docs {
		byID[d.ID] = d
	}
	var samples []match.Sample
	model, now := m.model.Load(), time.Now()
	for _, k := range marks {
		need, result := byID[k.NeedID], byID[k.ResultID]
		if need.ID == 0 || result.ID == 0 {
			continue
		}
		samples = append(samples, model.Sample(need, result, k.Useful, now))
		if k.Useful {
			v.Useful++
		} else {
			v.Unsuitable++
		}
	}
	return samples, nil
}
