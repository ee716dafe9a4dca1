package meili

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/meilisearch/meilisearch-go"

	"techmarket/internal/market"
	"techmarket/search"
)

const (
	// maxCounted bounds the conditions of a text whose documents are counted:
	// a long paragraph. The rarest of them are asked for.
	maxCounted = 200
	// maxPart bounds the conditions of which a document must fulfil some; the
	// length of the filter grows fast with it.
	maxPart = 8
)

// plan is what a text asks for, with the number of documents of each term.
type plan struct {
	conditions []search.Condition
	counts     map[search.Term]int
	all        int      // documents in the index
	near       []string // words that were asked for instead of ones that the index does not hold
}

// docs is the number of documents that fulfil a condition at most.
func (p *plan) docs(c search.Condition) int {
	return c.Docs(func(t search.Term) int { return p.counts[t] })
}

func (p *plan) idf(t search.Term) float64 { return rarity(p.counts[t], p.all) }

// plan makes the conditions of a text's parts.
func (e *Engine) plan(ctx context.Context, parts []search.Part, tolerant bool) (*plan, error) {
	made := make([][]search.Condition, len(parts))
	count := 0
	for i, part := range parts {
		if count < maxCounted {
			made[i] = part.Conditions()
			count += len(made[i])
		}
	}
	p := &plan{}
	if err := e.count(ctx, p, slices.Concat(made...)); err != nil {
		return nil, err
	}
	for i, part := range parts {
		if tolerant && len(made[i]) == 1 && p.docs(made[i][0]) == 0 {
			near, err := e.near(ctx, p, part.Words)
			if err != nil {
				return nil, err
			}
			made[i][0] = search.AnyOf(append(near, made[i][0]))
		}
	}
	p.conditions = slices.Concat(made...)
	return p, nil
}

// count asks for the number of documents of each term, and of all.
func (e *Engine) count(ctx context.Context, p *plan, list []search.Condition) error {
	p.counts = map[search.Term]int{}
	var terms []search.Term
	for _, c := range list {
		eachTerm(c, func(t search.Term) {
			if _, known := p.counts[t]; !known {
				p.counts[t] = 0
				terms = append(terms, t)
			}
		})
	}
	requests := []*meilisearch.SearchRequest{e.counting("")}
	for _, t := range terms {
		requests = append(requests, e.counting(filterOf(search.Condition{Term: t})))
	}
	found, err := e.ask(ctx, requests)
	if err != nil {
		return err
	}
	p.all = int(found[0].TotalHits)
	for i, t := range terms {
		p.counts[t] = int(found[i+1].TotalHits)
	}
	return nil
}

// spelling is a word of the index, with the number of documents that hold it.
type spelling struct {
	Word string `json:"value"`
	Docs int    `json:"count"`
}

// near gives conditions for words of the index that may be meant by one that
// it does not hold, the nearest and commonest first.
func (e *Engine) near(ctx context.Context, p *plan, words []search.Word) ([]search.Condition, error) {
	if len(words) != 1 || search.Nearness(words[0].Text) == 0 {
		return nil, nil
	}
	word := words[0].Text
	raw, err := e.client.Index(e.name).FacetSearch(ctx, &meilisearch.FacetSearchRequest{FacetName: attrLatin, FacetQuery: word})
	if err != nil {
		return nil, failed("look for words near another", err)
	}
	var answer struct {
		FacetHits []spelling `json:"facetHits"`
	}
	if err := json.Unmarshal(*raw, &answer); err != nil {
		return nil, failed("look for words near another", err)
	}
	hits := slices.DeleteFunc(answer.FacetHits, func(s spelling) bool {
		return s.Word[0] != word[0] || search.Slips(word, s.Word) > search.Nearness(word)
	})
	slices.SortFunc(hits, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(search.Slips(word, a.Word), search.Slips(word, b.Word)), cmp.Compare(b.Docs, a.Docs), cmp.Compare(a.Word, b.Word))
	})
	var list []search.Condition
	for _, h := range hits[:min(len(hits), search.MaxNear)] {
		near := search.NearWord(h.Word)
		list = append(list, near)
		p.counts[near.Term] = h.Docs
		p.near = append(p.near, h.Word)
	}
	return list, nil
}

// list is a set of documents, and how it is put in order.
type list struct {
	filter     string             // of all documents in it
	before     []weighted         // filters of those that come before others
	conditions []search.Condition // by which the first are put in order
}

// weighted is a filter whose documents come the earlier the greater its weight.
type weighted struct {
	filter string
	weight float64
}

// whole lists the documents that hold the whole text, those with all of it in
// their title first.
func (p *plan) whole() list {
	rare := search.AllOf(search.Rarest(p.conditions, search.MaxWhole, p.docs))
	return list{filter: filterOf(rare), before: []weighted{{filterOf(inTitle(rare)), 2}}, conditions: p.conditions}
}

// part lists the documents that hold a part of the text but not the whole,
// those that hold most first. The filter is "" when the index holds nothing of
// the text.
func (p *plan) part(whole list) list {
	found := search.Rarest(search.Telling(p.conditions, p.docs, p.all), maxPart, p.docs)
	if len(found) == 0 {
		return list{}
	}
	filters := filtersOf(found)
	need := max(1, int(search.MinShare*float64(len(found))))
	rest := not(whole.filter)
	l := list{filter: and(atLeast(need, filters), rest), conditions: p.conditions}
	for n := len(found) - 1; n > need; n-- {
		l.before = append(l.before, weighted{and(atLeast(n, filters), rest), float64(n + 1)})
	}
	if need == 1 {
		l.before = append(l.before, inTurn(filters, rest)...)
	}
	return l
}

// inTurn has the documents of each filter come before those of the next.
func inTurn(filters []string, rest string) []weighted {
	var list []weighted
	for i, f := range filters {
		list = append(list, weighted{and(f, rest), 1 + float64(len(filters)-i)/float64(len(filters)+1)})
	}
	return list
}

const (
	maxTogether  = 8 // terms that are looked for together
	mostTogether = 3 // how many of them at once
)

// candidates lists the documents that hold any of the weighted terms, those
// that hold several of the best first, then those of each, in turn.
func (e *Engine) candidates(ctx context.Context, terms []market.Term) (*plan, list, error) {
	found := search.TermConditions(terms)
	p := &plan{}
	if err := e.count(ctx, p, found); err != nil {
		return nil, list{}, err
	}
	found = slices.DeleteFunc(found, func(c search.Condition) bool { return p.docs(c) == 0 })
	if len(found) == 0 {
		return p, list{}, nil
	}
	slices.SortStableFunc(found, func(a, b search.Condition) int { return cmp.Compare(p.worth(b), p.worth(a)) })
	filters := filtersOf(found)
	l := list{filter: or(filters...), conditions: found}
	best := filters[:min(len(filters), maxTogether)]
	for n := min(mostTogether, len(best)); n > 1; n-- {
		l.before = append(l.before, weighted{atLeast(n, best), float64(n + 1)})
	}
	l.before = append(l.before, inTurn(filters, "")...)
	return p, l, nil
}

// worth is the score of a document that fulfils the condition once.
func (p *plan) worth(c search.Condition) float64 {
	once := map[search.Term]int{}
	eachTerm(c, func(t search.Term) { once[t] = 1 })
	return score(c, once, p.idf)
}
