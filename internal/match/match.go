// Package match says how well a need and a result fit, and why. It is pure:
// the caller fetches candidates from a search engine with CandidateTerms, loads
// their documents and has them scored. The same scorer serves both directions.
package match

import ()

// Strength is a match's place on the scale that people see.
type Strength string

// The strengths, best first. A pair with None is not suggested to anybody.
const (
	Strong Strength = "strong" // 匹配强
	Good   Strength = "good"   // 匹配较强
	Fair   Strength = "fair"   // 匹配一般
	None   Strength = ""
)

// Match is the judgement of one need and one result.
type Match struct {
	Score    float64 // 0 to 1, comparable between all pairs of one model; never shown to people
	Strength Strength
	Reasons  []Reason // those that speak for it first
	Terms    []string // shared key terms, most telling first
}

// Reason is one sentence that speaks for (OK) or against a match. Code is
// stable: terms, field, submarket, stage, price, mode, fresh.
type Reason struct {
	OK   bool
	Code string
	Text string
}

// Names gives the Chinese names of codes for reasons. A code without a name
// gives no reason.
type Names struct {
	Submarkets map[string]string
	Fields     map[string]string
	Stages     map[string]string
	Modes      map[string]string
}

// Ranked is one of several documents that were scored against another.
type Ranked struct {
	Index int // place in the list that was given
	Match Match
}
