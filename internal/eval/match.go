package eval

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/search"
)

// listed is how many results are retrieved for a need.
const listed = 100

// RecallPlaces are the lengths of the lists whose recall is told.
var RecallPlaces = []int{20, 50, 100}

// Pairs are needs and results, of some of which it is known how well they fit.
type Pairs struct {
	Needs, Results []Text
	Labels         []Label
}

// ReadPairs reads the three files. Labels must be of needs and results that there are.
func ReadPairs(needs, results, labels string) (p Pairs, err error) {
	if p.Needs, err = ReadTexts(needs); err != nil {
		return p, err
	}
	if p.Results, err = ReadTexts(results); err != nil {
		return p, err
	}
	if p.Labels, err = ReadLabels(labels); err != nil {
		return p, err
	}
	return p, p.check(needs, results, labels)
}

func (p Pairs) check(needs, results, labels string) error {
	known := func(texts []Text) map[string]bool {
		ids := make(map[string]bool, len(texts))
		for _, t := range texts {
			ids[t.ID] = true
		}
		return ids
	}
	ofNeeds, ofResults := known(p.Needs), known(p.Results)
	for i, l := range p.Labels {
		switch {
		case !ofNeeds[l.Need]:
			return fmt.Errorf("%s: label %d is of the need %q, which is not in %s", labels, i+1, l.Need, needs)
		case !ofResults[l.Result]:
			return fmt.Errorf("%s: label %d is of the result %q, which is not in %s", labels, i+1, l.Result, results)
		}
	}
	return nil
}

// Hit is a result retrieved for a need.
type Hit struct {
	Result string
	Score  float64
}

// MatchReport is what matching made of pairs.
type MatchReport struct {
	Scores    []float64       // of each label
	Retrieved [][]Hit         // of each need, best first
	Quality   Quality         // of the scores
	Recall    map[int]float64 // by length of list: mean share of a need's results of grade 3 or 4 that are in it
}

// Match indexes the texts in the engine, which must be empty, scores every label and retrieves results for every need.
func Match(ctx context.Context, engine search.Engine, p Pairs) (MatchReport, error) {
	needs, needPlace, err := documents(market.KindNeed, p.Needs, 1)
	if err != nil {
		return MatchReport{}, err
	}
	results, resultPlace, err := documents(market.KindResult, p.Results, int64(len(needs)+1))
	if err != nil {
		return MatchReport{}, err
	}
	all := slices.Concat(needs, results)
	if err := fill(ctx, engine, all); err != nil {
		return MatchReport{}, err
	}
	model := match.NewModel(slices.Values(all), match.Names{})
	report := MatchReport{Scores: make([]float64, len(p.Labels))}
	now := time.Now()
	graded := make([]Graded, len(p.Labels))
	for i, l := range p.Labels {
		need := needPlace[l.Need]
		report.Scores[i] = model.Score(needs[need], results[resultPlace[l.Result]], now).Score
		graded[i] = Graded{need, l.Grade, report.Scores[i]}
	}
	report.Quality = Judge(graded)
	report.Retrieved, err = retrieve(ctx, engine, model, needs, func(id int64) (market.Document, string) {
		i := id - results[0].ID
		return results[i], p.Results[i].ID
	}, now)
	report.Recall = recall(report.Retrieved, needPlace, p.Labels)
	return report, err
}

// retrieve lists the best results of every need, as production does before it leaves the weak ones out.
func retrieve(ctx context.Context, engine search.Engine, model *match.Model, needs []market.Document,
	result func(id int64) (market.Document, string), now time.Time,
) ([][]Hit, error) {
	lists := make([][]Hit, len(needs))
	err := parallel(len(needs), func(i int) error {
		found, err := engine.Candidates(ctx, search.CandidateQuery{
			Kind: market.KindResult, Terms: model.CandidateTerms(needs[i]), Limit: match.MaxCandidates,
		})
		if err != nil {
			return err
		}
		docs, ids := make([]market.Document, len(found)), make([]string, len(found))
		for j, c := range found {
			docs[j], ids[j] = result(c.ID)
		}
		ordered := model.Order(needs[i], docs, now)
		for _, r := range ordered[:min(len(ordered), listed)] {
			lists[i] = append(lists[i], Hit{ids[r.Index], r.Match.Score})
		}
		return nil
	})
	return lists, err
}

// parallel calls do with 0 to n-1 on all processors, and returns the errors.
func parallel(n int, do func(i int) error) error {
	workers := runtime.GOMAXPROCS(0)
	failed := make([]error, workers)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := w; i < n && failed[w] == nil; i += workers {
				failed[w] = do(i)
			}
		})
	}
	running.Wait()
	return errors.Join(failed...)
}

// batch is how many documents are indexed at once.
const batch = 500

func fill(ctx context.Context, engine search.Engine, docs []market.Document) error {
	for part := range slices.Chunk(docs, batch) {
		if err := engine.Index(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func recall(lists [][]Hit, needPlace map[string]int, labels []Label) map[int]float64 {
	good := map[int]map[string]bool{}
	for _, l := range labels {
		if l.Grade < goodGrade {
			continue
		}
		need := needPlace[l.Need]
		if good[need] == nil {
			good[need] = map[string]bool{}
		}
		good[need][l.Result] = true
	}
	out := map[int]float64{}
	for _, n := range RecallPlaces {
		var shares []float64
		for _, need := range sortedKeys(good) {
			list := lists[need]
			found := 0
			for _, h := range list[:min(n, len(list))] {
				if good[need][h.Result] {
					found++
				}
			}
			shares = append(shares, float64(found)/float64(len(good[need])))
		}
		out[n] = mean(shares)
	}
	return out
}
