package match

import (
	"cmp"
	"math"
	"slices"

	"techmarket/internal/market"
)

// MaxCandidates is how many documents are fetched to be scored against one.
const MaxCandidates = 200

const (
	// ownTerms is the number of a document's own terms that are asked for:
	// more find nothing better and take longer.
	ownTerms = 10
	// newTerms is the number of terms besides that the model has hardly met:
	// listings that came after it may hold them.
	newTerms = 5
	// nearTerms is the number of terms that the document does not hold, but
	// that keep the same company.
	nearTerms = 5
	// titleChars is the number of the title's characters asked for: short and
	// plain titles may share no whole term with what would help.
	titleChars = 4

	ownTitle = 20 // how many times a title's terms count for the choice
)

// CandidateTerms returns the terms by which documents worth scoring against d
// are found in a search engine: its own, the most telling first, then those of
// like meaning, then single characters of the title.
func (m *Model) CandidateTerms(d market.Document) []market.Term {
	terms := m.ownTerms(d)
	p := m.profile(d)
	for _, text := range m.nearTerms(p) {
		terms = append(terms, market.Term{Text: text, Weight: 1})
	}
	for _, text := range m.titleChars(p.titleChars) {
		terms = append(terms, market.Term{Text: text, Weight: 1})
	}
	return terms
}

// ownTerms chooses by tf-idf among a document's terms.
func (m *Model) ownTerms(d market.Document) []market.Term {
	counts := map[string]float64{}
	keys := map[string]key{}
	add := func(text []rune, weight float64) {
		for _, t := range termsOf(text) {
			s := string(text[t.at : t.at+t.size])
			counts[s] += weight
			keys[s] = t.key
		}
	}
	add(fold(d.Title), ownTitle)
	add(fold(d.Body), 1)
	var met, unmet []string
	for s := range counts {
		if m.terms[keys[s]].docs > 1 { // others than d hold it
			met = append(met, s)
		} else {
			unmet = append(unmet, s)
		}
	}
	byWeight := func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b]*m.idf(keys[b]), counts[a]*m.idf(keys[a])), cmp.Compare(a, b))
	}
	slices.SortFunc(met, byWeight)
	slices.SortFunc(unmet, byWeight)
	chosen := slices.Concat(met[:min(len(met), ownTerms)], unmet[:min(len(unmet), newTerms)])
	terms := make([]market.Term, len(chosen))
	for i, s := range chosen {
		terms[i] = market.Term{Text: s, Weight: 1 + math.Log(counts[s])}
	}
	return terms
}

// nearTerms returns the terms whose direction is nearest to that of a text,
// without those that it holds.
func (m *Model) nearTerms(p *profile) []string {
	type near struct {
		key    key
		cosine float64
	}
	var best []near
	for i, k := range m.landmarks {
		cosine := directionCosine(vectorAt(m.directions, i), p.vector)
		if len(best) == nearTerms && cosine <= best[nearTerms-1].cosine || cosine == 0 || p.holds(k) {
			continue
		}
		best = append(best, near{k, cosine})
		slices.SortStableFunc(best, func(a, b near) int { return cmp.Compare(b.cosine, a.cosine) })
		best = best[:min(len(best), nearTerms)]
	}
	texts := make([]string, len(best))
	for i, n := range best {
		a, b, _ := n.key.ideographs()
		texts[i] = string([]rune{a, b})
	}
	return texts
}

// holds reports whether the text holds a term.
func (p *profile) holds(k key) bool {
	_, found := slices.BinarySearchFunc(p.counts, k, func(c count, k key) int { return cmp.Compare(c.key, k) })
	return found
}

// titleChars returns the rarest ideographs of a title.
func (m *Model) titleChars(chars []charCount) []string {
	var ideographs []rune
	for _, c := range chars {
		if market.ClassOf(c.char) == market.RuneIdeograph {
			ideographs = append(ideographs, c.char)
		}
	}
	slices.SortStableFunc(ideographs, func(a, b rune) int { return cmp.Compare(m.chars[b], m.chars[a]) })
	var texts []string
	for _, r := range ideographs[:min(len(ideographs), titleChars)] {
		texts = append(texts, string(r))
	}
	return texts
}
