package meili

import (
	"math"
	"strings"

	"techmarket/search"
)

// attributes are where the terms of a place are kept. That of the title holds
// the words of the title too.
var attributes = map[search.Place]string{search.InWords: attrWords, search.InTitle: attrTitle, search.InGrams: attrGrams, search.InSpoken: attrSpoken}

// filterOf writes a condition for the server.
func filterOf(c search.Condition) string {
	if c.Of == nil {
		return attributes[c.Term.Place] + " = " + quoted(c.Term.Text)
	}
	parts := filtersOf(c.Of)
	if c.Any {
		return or(parts...)
	}
	return and(parts...)
}

func filtersOf(list []search.Condition) []string {
	filters := make([]string, len(list))
	for i, c := range list {
		filters[i] = filterOf(c)
	}
	return filters
}

// inTitle is the condition on the title alone.
func inTitle(c search.Condition) search.Condition {
	if c.Term.Place == search.InWords {
		c.Term.Place = search.InTitle
	}
	of := make([]search.Condition, len(c.Of))
	for i, o := range c.Of {
		of[i] = inTitle(o)
	}
	if c.Of != nil {
		c.Of = of
	}
	return c
}

// eachTerm calls use with each term of a condition.
func eachTerm(c search.Condition, use func(search.Term)) {
	if c.Of == nil {
		use(c.Term)
	}
	for _, o := range c.Of {
		eachTerm(o, use)
	}
}

// saturation is how soon more of a term count less, as with the embedded
// engine. A text's length has no part in it: short texts are not better for
// being short.
const saturation = 0.3

// score is how well a document fulfils a condition, 0 when it does not, by how
// often it holds the terms and by how rare they are.
func score(c search.Condition, held map[search.Term]int, idf func(search.Term) float64) float64 {
	if c.Of == nil {
		n := float64(held[c.Term])
		return c.Boost * idf(c.Term) * n / (n + saturation)
	}
	best, sum := 0.0, 0.0
	for _, o := range c.Of {
		s := score(o, held, idf)
		if s == 0 && !c.Any {
			return 0
		}
		best, sum = max(best, s), sum+s
	}
	if c.Any {
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
