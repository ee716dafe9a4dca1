package meili

import (
	"math"
	"strings"
)

// term is one value of an attribute.
type term struct{ attribute, value string }

// condition is what a document may fulfil: it holds a term, or it fulfils all
// or any of others.
type condition struct {
	term  term
	boost float64 // of the term
	of    []condition
	any   bool
}

func holds(attribute, value string, boost float64) condition {
	return condition{term: term{attribute, value}, boost: boost}
}

func allOf(list []condition) condition {
	if len(list) == 1 {
		return list[0]
	}
	return condition{of: list}
}

func anyOf(list []condition) condition {
	if len(list) == 1 {
		return list[0]
	}
	return condition{of: list, any: true}
}

// filter writes the condition for the server.
func (c condition) filter() string {
	if c.of == nil {
		return c.term.attribute + " = " + quoted(c.term.value)
	}
	parts := make([]string, len(c.of))
	for i, o := range c.of {
		parts[i] = o.filter()
	}
	if c.any {
		return or(parts...)
	}
	return and(parts...)
}

// inTitle is the condition on the title alone.
func (c condition) inTitle() condition {
	if c.term.attribute == attrWords {
		c.term.attribute = attrTitle
	}
	of := make([]condition, len(c.of))
	for i, o := range c.of {
		of[i] = o.inTitle()
	}
	if c.of != nil {
		c.of = of
	}
	return c
}

// terms calls use with each term of the condition.
func (c condition) terms(use func(term)) {
	if c.of == nil {
		use(c.term)
	}
	for _, o := range c.of {
		o.terms(use)
	}
}

// docs is the number of documents that fulfil the condition at most.
func (c condition) docs(counts map[term]int) int {
	if c.of == nil {
		return counts[c.term]
	}
	n := 0
	for i, o := range c.of {
		switch d := o.docs(counts); {
		case c.any:
			n += d
		case i == 0 || d < n:
			n = d
		}
	}
	return n
}

// saturation is how soon more of a term count less, as with the embedded
// engine. A text's length has no part in it: short texts are not better for
// being short.
const saturation = 0.3

// score is how well a document fulfils the condition, 0 when it does not, by
// how often it holds the terms and by how rare they are.
func (c condition) score(held map[term]int, idf func(term) float64) float64 {
	if c.of == nil {
		n := float64(held[c.term])
		return c.boost * idf(c.term) * n / (n + saturation)
	}
	best, sum := 0.0, 0.0
	for _, o := range c.of {
		s := o.score(held, idf)
		if s == 0 && !c.any {
			return 0
		}
		best, sum = max(best, s), sum+s
	}
	if c.any {
		return best
	}
	return sum
}

// rarity is the weight of a term that a number of all documents hold.
func rarity(docs, all int) float64 {
	return math.Log(1 + (float64(max(all-docs, 0))+0.5)/(float64(docs)+0.5))
}

// atLeast is the filter for documents that fulfil n or more of the conditions.
func atLeast(n int, list []string) string {
	switch {
	case n == 1:
		return or(list...)
	case n == len(list):
		return and(list...)
	}
	return or(and(list[0], atLeast(n-1, list[1:])), atLeast(n, list[1:]))
}

func and(filters ...string) string { return joined(" AND ", filters) }

func or(filters ...string) string { return joined(" OR ", filters) }

func joined(with string, filters []string) string {
	var parts []string
	for _, f := range filters {
		if f != "" {
			parts = append(parts, f)
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, with) + ")"
}

func not(filter string) string { return "NOT (" + filter + ")" }

// oneOf is the filter for any of the values; "" when there is none but "".
func oneOf(attribute string, values []string) string {
	var list []string
	for _, v := range values {
		if v != "" {
			list = append(list, quoted(v))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return attribute + " IN [" + strings.Join(list, ", ") + "]"
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quoted writes a value so that nothing in it is read as part of the filter.
func quoted(value string) string { return `"` + quoting.Replace(value) + `"` }
