package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"techmarket/internal/market"
	"techmarket/search"
)

// maxPart bounds the conditions of which a document must fulfil some; the cost
// of a search grows with the documents of every one of them.
const maxPart = 20

// planner writes conditions as queries with the help of the index's document
// counts.
type planner struct {
	view     *view
	counts   map[search.Term]int
	tolerant bool     // of misspelled words
	near     []string // what was looked for instead of words that the index does not hold
	err      error    // the first one; the plan is useless then
}

func newPlanner(v *view, tolerant bool) *planner {
	return &planner{view: v, counts: map[search.Term]int{}, tolerant: tolerant}
}

// plan holds the two queries of a text: for documents that hold all of it, and
// for those that hold some of it.
type plan struct {
	whole, part query.Query
}

func (p *planner) plan(parts []search.Part) plan {
	var conditions []search.Condition
	for _, part := range parts {
		conditions = append(conditions, p.conditions(part)...)
	}
	whole := search.Rarest(conditions, search.MaxWhole, p.docs)
	return plan{whole: query.NewConjunctionQuery(queries(whole)), part: p.partQuery(conditions)}
}

// conditions are those of a part, or of words near the one that the index does
// not hold.
func (p *planner) conditions(part search.Part) []search.Condition {
	list := part.Conditions()
	if len(list) > 1 || p.docs(list[0]) > 0 {
		return list
	}
	var ways []search.Condition
	for _, word := range p.nearTerms(part.Words) {
		ways = append(ways, search.NearWord(word))
		p.near = append(p.near, word)
	}
	return []search.Condition{search.AnyOf(append(ways, list[0]))}
}

func (p *planner) partQuery(conditions []search.Condition) query.Query {
	telling := search.Rarest(search.Telling(conditions, p.docs, p.view.docs), maxPart, p.docs)
	if len(telling) == 0 {
		return query.NewMatchNoneQuery()
	}
	q := query.NewDisjunctionQuery(queries(telling))
	q.SetMin(max(1, search.MinShare*float64(len(telling))))
	return q
}

// held are the conditions that some document may fulfil.
func (p *planner) held(list []search.Condition) []search.Condition {
	return slices.DeleteFunc(list, func(c search.Condition) bool { return p.docs(c) == 0 })
}

func queries(conditions []search.Condition) []query.Query {
	list := make([]query.Query, len(conditions))
	for i, c := range conditions {
		list[i] = written(c)
	}
	return list
}

// written is the condition as a query. The boost is that of each term: Bleve
// knows none for a query made of others.
func written(c search.Condition) query.Query {
	switch {
	case c.Of == nil:
		return termQuery(c)
	case c.Any:
		return query.NewDisjunctionQuery(queries(c.Of))
	}
	return query.NewConjunctionQuery(queries(c.Of))
}

func termQuery(c search.Condition) query.Query {
	if beginsTerms(c.Term) {
		q := query.NewPrefixQuery(c.Term.Text)
		q.SetField(string(c.Term.Place))
		q.SetBoost(c.Boost)
		return q
	}
	q := query.NewTermQuery(c.Term.Text)
	q.SetField(string(c.Term.Place))
	q.SetBoost(c.Boost)
	return q
}

// beginsTerms reports whether a term is one ideograph, which is no term of the
// words itself: every one begins a term of two.
func beginsTerms(t search.Term) bool {
	runes := []rune(t.Text)
	return t.Place == search.InWords && len(runes) == 1 && market.ClassOf(runes[0]) == market.RuneIdeograph
}

// docs is the number of documents that fulfil a condition at most.
func (p *planner) docs(c search.Condition) int { return c.Docs(p.count) }

// count is the number of documents that hold a term; of one ideograph it is not
// known.
func (p *planner) count(t search.Term) int {
	if beginsTerms(t) {
		return p.view.docs
	}
	n, known := p.counts[t]
	if !known && p.err == nil {
		n = p.read(t)
		p.counts[t] = n
	}
	return n
}

func (p *planner) read(t search.Term) int {
	r, err := p.view.snapshot.TermFieldReader(p.view.ctx, []byte(t.Text), string(t.Place), false, false, false)
	if err != nil {
		p.err = fmt.Errorf("search: count documents of a term: %w", err)
		return 0
	}
	n := r.Count()
	p.err = r.Close()
	return int(n)
}

// nearTerms returns words of the index that may be meant by one that it does
// not hold, the nearest and commonest first.
func (p *planner) nearTerms(words []search.Word) []string {
	if !p.tolerant || p.err != nil || len(words) != 1 {
		return nil
	}
	word := words[0].Text
	letters := search.Nearness(word)
	if letters == 0 {
		return nil
	}
	dict, err := p.view.snapshot.FieldDictFuzzy(fieldWords, word, letters, word[:1])
	if err != nil {
		p.err = fmt.Errorf("search: words near another: %w", err)
		return nil
	}
	var entries []index.DictEntry
	for {
		e, err := dict.Next()
		if err != nil || e == nil {
			p.err = errors.Join(err, dict.Close())
			break
		}
		if search.Nearness(e.Term) > 0 {
			entries = append(entries, *e)
		}
	}
	slices.SortFunc(entries, func(a, b index.DictEntry) int {
		return cmp.Or(cmp.Compare(a.EditDistance, b.EditDistance), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Term, b.Term))
	})
	var terms []string
	for _, e := range entries[:min(len(entries), search.MaxNear)] {
		terms = append(terms, e.Term)
	}
	return terms
}
