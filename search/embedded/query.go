package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"techmarket/internal/market"
	"techmarket/search"
)

const (
	// maxWholeClauses bounds the terms that a document must hold: any title
	// fits, and the rarest terms of a longer text say as much.
	maxWholeClauses = 64
	// maxPartClauses bounds the terms of which a document must hold some; the
	// cost of a search grows with the documents of every one of them.
	maxPartClauses = 20
	// minShare is the share of those terms that a document must hold.
	minShare = 0.3
	// commonDocs and commonShare name the terms that are too common to bring a
	// document into a list alone: they are in more than both.
	commonDocs  = 1000
	commonShare = 0.1

	synonymBoost = 0.7 // of a synonym against the word that was typed
	insideBoost  = 0.3 // of a word found inside another one
	nearBoost    = 0.5 // of a word that differs from the one that was typed

	maxNear = 5 // words taken for one that the index does not hold
)

// clause is one condition of a query, with the number of documents that fulfil
// it at most.
type clause struct {
	query query.Query
	docs  uint64
}

// planner makes queries with the help of the index's document counts.
type planner struct {
	ctx      context.Context
	reader   index.IndexReader
	total    uint64
	tolerant bool     // of misspelled words
	near     []string // what was looked for instead of words that the index does not hold
	err      error    // the first one; the plan is useless then
}

// plan holds the two queries of a text: for documents that hold all of it, and
// for those that hold some of it.
type plan struct {
	whole, part query.Query
	near        []string
}

func (p *planner) plan(parts []search.Part) plan {
	var clauses []clause
	for _, part := range parts {
		clauses = append(clauses, p.partClauses(part)...)
	}
	return plan{whole: wholeQuery(clauses), part: p.partQuery(clauses)}
}

func wholeQuery(clauses []clause) query.Query {
	clauses = rarest(clauses, maxWholeClauses)
	return query.NewConjunctionQuery(queries(clauses))
}

func (p *planner) partQuery(clauses []clause) query.Query {
	clauses = slices.DeleteFunc(slices.Clone(clauses), func(c clause) bool { return c.docs == 0 })
	telling := slices.DeleteFunc(slices.Clone(clauses), p.isCommon)
	if len(telling) > 0 {
		clauses = telling
	}
	clauses = rarest(clauses, maxPartClauses)
	if len(clauses) == 0 {
		return query.NewMatchNoneQuery()
	}
	q := query.NewDisjunctionQuery(queries(clauses))
	q.SetMin(max(1, minShare*float64(len(clauses))))
	return q
}

func (p *planner) isCommon(c clause) bool {
	return c.docs > commonDocs && float64(c.docs) > commonShare*float64(p.total)
}

// rarest returns at most n clauses, those with the fewest documents.
func rarest(clauses []clause, n int) []clause {
	if len(clauses) <= n {
		return clauses
	}
	sorted := slices.Clone(clauses)
	slices.SortStableFunc(sorted, func(a, b clause) int { return cmp.Compare(a.docs, b.docs) })
	return sorted[:n]
}

func queries(clauses []clause) []query.Query {
	list := make([]query.Query, len(clauses))
	for i, c := range clauses {
		list[i] = c.query
	}
	return list
}

// partClauses gives one clause for each term of a part that can be found in
// one way only, else one clause in all.
func (p *planner) partClauses(part search.Part) []clause {
	own := p.wordsClauses(part.Words, 1)
	docs := fewestDocs(own)
	var others []query.Query
	add := func(clauses []clause) {
		others = append(others, query.NewConjunctionQuery(queries(clauses)))
		docs += fewestDocs(clauses)
	}
	for _, s := range part.Synonyms {
		add(p.wordsClauses(s.Words, synonymBoost))
	}
	for _, r := range part.Readings {
		add(p.termClauses(fieldSpoken, r.Pairs(), synonymBoost))
	}
	if docs == 0 {
		for _, term := range p.nearTerms(part.Words) {
			add([]clause{p.termClause(fieldWords, term, nearBoost)})
			p.near = append(p.near, term)
		}
	}
	if len(others) == 0 {
		return own
	}
	return []clause{{query.NewDisjunctionQuery(append(others, query.NewConjunctionQuery(queries(own)))), docs}}
}

func fewestDocs(clauses []clause) uint64 {
	return slices.MinFunc(clauses, func(a, b clause) int { return cmp.Compare(a.docs, b.docs) }).docs
}

// wordsClauses gives a clause for each term of the words. The boost is that of
// each term: Bleve knows none for a query made of others.
func (p *planner) wordsClauses(words []search.Word, boost float64) []clause {
	var list []clause
	for _, w := range words {
		if !w.Ideograph {
			list = append(list, p.wordClause(w, boost))
			continue
		}
		pairs := w.Pairs()
		if len(pairs) == 0 {
			list = append(list, p.prefixClause(w.Text, boost))
		}
		list = append(list, p.termClauses(fieldWords, pairs, boost)...)
	}
	return list
}

func (p *planner) termClauses(field string, terms []string, boost float64) []clause {
	list := make([]clause, len(terms))
	for i, t := range terms {
		list[i] = p.termClause(field, t, boost)
	}
	return list
}

func (p *planner) termClause(field, term string, boost float64) clause {
	q := query.NewTermQuery(term)
	q.SetField(field)
	q.SetBoost(boost)
	return clause{q, p.docs(field, term)}
}

// prefixClause finds one ideograph: every one begins a term.
func (p *planner) prefixClause(ideograph string, boost float64) clause {
	q := query.NewPrefixQuery(ideograph)
	q.SetField(fieldWords)
	q.SetBoost(boost)
	return clause{q, p.total}
}

// wordClause finds a word whole, in its pieces, or inside another one.
func (p *planner) wordClause(w search.Word, boost float64) clause {
	whole := p.termClause(fieldWords, w.Text, boost)
	alternatives := []query.Query{whole.query}
	docs := whole.docs
	for _, all := range [][]clause{
		p.termClauses(fieldWords, w.Pieces, boost),
		p.termClauses(fieldGrams, w.Grams(), boost*insideBoost),
	} {
		if len(all) > 0 {
			alternatives = append(alternatives, query.NewConjunctionQuery(queries(all)))
			docs += fewestDocs(all)
		}
	}
	return clause{query.NewDisjunctionQuery(alternatives), docs}
}

// termsQuery finds the documents that hold any of the weighted terms.
func (p *planner) termsQuery(terms []market.Term) query.Query {
	var alternatives []query.Query
	for _, t := range terms {
		var clauses []clause
		for _, part := range search.ParseQuery(t.Text, true) {
			clauses = append(clauses, p.candidateClauses(part.Words, t.Weight)...)
		}
		if len(clauses) == 0 || fewestDocs(clauses) == 0 {
			continue
		}
		alternatives = append(alternatives, query.NewConjunctionQuery(queries(clauses)))
	}
	if len(alternatives) == 0 {
		return query.NewMatchNoneQuery()
	}
	return query.NewDisjunctionQuery(alternatives)
}

// candidateClauses looks for single ideographs in titles only: in bodies nearly
// all are found nearly everywhere.
func (p *planner) candidateClauses(words []search.Word, boost float64) []clause {
	if len(words) == 1 && words[0].Ideograph && len(words[0].Pairs()) == 0 {
		return []clause{p.termClause(fieldTitle, words[0].Text, boost)}
	}
	return p.wordsClauses(words, boost)
}

// nearTerms returns words of the index that may be meant by one that it does
// not hold, the nearest and commonest first.
func (p *planner) nearTerms(words []search.Word) []string {
	if !p.tolerant || p.err != nil || len(words) != 1 {
		return nil
	}
	word := words[0].Text
	letters := search.Nearness(word)
	fuzzy, ok := p.reader.(index.IndexReaderFuzzy)
	if letters == 0 || !ok {
		return nil
	}
	dict, err := fuzzy.FieldDictFuzzy(fieldWords, word, letters, word[:1])
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
	for _, e := range entries[:min(len(entries), maxNear)] {
		terms = append(terms, e.Term)
	}
	return terms
}

// docs returns the number of documents that hold a term.
func (p *planner) docs(field, term string) uint64 {
	if p.err != nil {
		return 0
	}
	r, err := p.reader.TermFieldReader(p.ctx, []byte(term), field, false, false, false)
	if err != nil {
		p.err = fmt.Errorf("search: count documents of a term: %w", err)
		return 0
	}
	n := r.Count()
	p.err = r.Close()
	return n
}
