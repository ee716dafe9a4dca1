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
	// maxWhole bounds the conditions that a document must fulfil: any title
	// fits, and the rarest terms of a longer text say as much.
	maxWhole = 64
	// maxPart bounds the conditions of which a document must fulfil some; the
	// length of the filter grows fast with it.
	maxPart = 8
	// minShare is the share of those conditions that a document must fulfil.
	minShare = 0.3
	// commonDocs and commonShare name the conditions that are too common to
	// bring a document into a list alone: more documents than both fulfil them.
	commonDocs  = 1000
	commonShare = 0.1

	synonymBoost = 0.7 // of a synonym against the word that was typed
	insideBoost  = 0.3 // of a word found inside another one
	nearBoost    = 0.5 // of a word that differs from the one that was typed

	maxNear = 5 // words taken for one that the index does not hold
)

// plan is what a text asks for, with the number of documents of each term.
type plan struct {
	conditions []condition
	counts     map[term]int
	all        int      // documents in the index
	near       []string // words that were asked for instead of ones that the index does not hold
}

func (p *plan) docs(c condition) int { return c.docs(p.counts) }

func (p *plan) idf(t term) float64 { return rarity(p.counts[t], p.all) }

// plan makes the conditions of a text's parts.
func (e *Engine) plan(ctx context.Context, parts []search.Part, tolerant bool) (*plan, error) {
	made := make([][]condition, len(parts))
	count := 0
	for i, part := range parts {
		if count < maxCounted {
			made[i] = partConditions(part)
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
			made[i][0] = anyOf(append(near, made[i][0]))
		}
	}
	p.conditions = slices.Concat(made...)
	return p, nil
}

// partConditions gives one condition for each term of a part that can be found
// in one way only, else one in all.
func partConditions(part search.Part) []condition {
	own := wordsConditions(part.Words, 1)
	var others []condition
	for _, s := range part.Synonyms {
		others = append(others, allOf(wordsConditions(s.Words, synonymBoost)))
	}
	for _, r := range part.Readings {
		others = append(others, allOf(termConditions(attrSpoken, r.Pairs(), synonymBoost)))
	}
	if len(others) == 0 {
		return own
	}
	return []condition{anyOf(append(others, allOf(own)))}
}

func wordsConditions(words []search.Word, boost float64) []condition {
	var list []condition
	for _, w := range words {
		switch pairs := w.Pairs(); {
		case !w.Ideograph:
			list = append(list, wordCondition(w, boost))
		case len(pairs) == 0:
			list = append(list, holds(attrWords, w.Text, boost))
		default:
			list = append(list, termConditions(attrWords, pairs, boost)...)
		}
	}
	return list
}

func termConditions(attribute string, terms []string, boost float64) []condition {
	list := make([]condition, len(terms))
	for i, t := range terms {
		list[i] = holds(attribute, t, boost)
	}
	return list
}

// wordCondition finds a word whole, in its pieces, or inside another one.
func wordCondition(w search.Word, boost float64) condition {
	ways := []condition{holds(attrWords, w.Text, boost)}
	if len(w.Pieces) > 0 {
		ways = append(ways, allOf(termConditions(attrWords, w.Pieces, boost)))
	}
	if grams := w.Grams(); len(grams) > 0 {
		ways = append(ways, allOf(termConditions(attrGrams, grams, boost*insideBoost)))
	}
	return anyOf(ways)
}

// count asks for the number of documents of each term, and of all.
func (e *Engine) count(ctx context.Context, p *plan, list []condition) error {
	p.counts = map[term]int{}
	var terms []term
	for _, c := range list {
		c.terms(func(t term) {
			if _, known := p.counts[t]; !known {
				p.counts[t] = 0
				terms = append(terms, t)
			}
		})
	}
	requests := []*meilisearch.SearchRequest{e.counting("")}
	for _, t := range terms {
		requests = append(requests, e.counting(holds(t.attribute, t.value, 1).filter()))
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
func (e *Engine) near(ctx context.Context, p *plan, words []search.Word) ([]condition, error) {
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
	var list []condition
	for _, h := range hits[:min(len(hits), maxNear)] {
		list = append(list, holds(attrWords, h.Word, nearBoost))
		p.counts[term{attrWords, h.Word}] = h.Docs
		p.near = append(p.near, h.Word)
	}
	return list, nil
}

// list is a set of documents, and how it is put in order.
type list struct {
	filter     string      // of all documents in it
	before     []weighted  // filters of those that come before others
	conditions []condition // by which the first are put in order
}

// weighted is a filter whose documents come the earlier the greater its weight.
type weighted struct {
	filter string
	weight float64
}

// whole lists the documents that hold the whole text, those with all of it in
// their title first.
func (p *plan) whole() list {
	rare := allOf(p.rarest(p.conditions, maxWhole))
	return list{filter: rare.filter(), before: []weighted{{rare.inTitle().filter(), 2}}, conditions: p.conditions}
}

// part lists the documents that hold a part of the text but not the whole,
// those that hold most first. The filter is "" when the index holds nothing of
// the text.
func (p *plan) part(whole list) list {
	found := slices.DeleteFunc(slices.Clone(p.conditions), func(c condition) bool { return p.docs(c) == 0 })
	telling := slices.DeleteFunc(slices.Clone(found), p.isCommon)
	if len(telling) > 0 {
		found = telling
	}
	found = p.rarest(found, maxPart)
	if len(found) == 0 {
		return list{}
	}
	filters := filtersOf(found)
	need := max(1, int(minShare*float64(len(found))))
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

func filtersOf(list []condition) []string {
	filters := make([]string, len(list))
	for i, c := range list {
		filters[i] = c.filter()
	}
	return filters
}

// inTurn has the documents of each filter come before those of the next.
func inTurn(filters []string, rest string) []weighted {
	var list []weighted
	for i, f := range filters {
		list = append(list, weighted{and(f, rest), 1 + float64(len(filters)-i)/float64(len(filters)+1)})
	}
	return list
}

func (p *plan) isCommon(c condition) bool {
	return p.docs(c) > commonDocs && float64(p.docs(c)) > commonShare*float64(p.all)
}

// rarest returns at most n conditions, the rarest first when there are more.
func (p *plan) rarest(list []condition, n int) []condition {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b condition) int { return cmp.Compare(p.docs(a), p.docs(b)) })
	return sorted[:min(len(sorted), n)]
}

const (
	maxTogether  = 8 // terms that are looked for together
	mostTogether = 3 // how many of them at once
)

// candidates lists the documents that hold any of the weighted terms, those
// that hold several of the best first, then those of each, in turn.
func (e *Engine) candidates(ctx context.Context, terms []market.Term) (*plan, list, error) {
	var found []condition
	for _, t := range terms {
		var own []condition
		for _, part := range search.ParseQuery(t.Text, true) {
			own = append(own, candidateConditions(part.Words, t.Weight)...)
		}
		if len(own) > 0 {
			found = append(found, allOf(own))
		}
	}
	p := &plan{}
	if err := e.count(ctx, p, found); err != nil {
		return nil, list{}, err
	}
	found = slices.DeleteFunc(found, func(c condition) bool { return p.docs(c) == 0 })
	if len(found) == 0 {
		return p, list{}, nil
	}
	slices.SortStableFunc(found, func(a, b condition) int { return cmp.Compare(p.worth(b), p.worth(a)) })
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
func (p *plan) worth(c condition) float64 {
	once := map[term]int{}
	c.terms(func(t term) { once[t] = 1 })
	return c.score(once, p.idf)
}

// candidateConditions looks for single ideographs in titles only: in bodies
// nearly all are found nearly everywhere.
func candidateConditions(words []search.Word, boost float64) []condition {
	if len(words) == 1 && words[0].Ideograph && len(words[0].Pairs()) == 0 {
		return []condition{holds(attrTitle, words[0].Text, boost)}
	}
	return wordsConditions(words, boost)
}
