package match

import (
	"testing"
	"time"
)

// BenchmarkRank ranks 200 candidates for one need and explains the best 20.
func BenchmarkRank(b *testing.B) {
	needs, results := demoDocuments(b)
	m := demoModel()
	candidates := results[:200]
	for i := 0; b.Loop(); i++ {
		m.Rank(needs[i%len(needs)], candidates, time.Time{}, 20)
	}
}

// BenchmarkCandidateTerms picks the terms to fetch candidates by.
func BenchmarkCandidateTerms(b *testing.B) {
	needs, _ := demoDocuments(b)
	m := demoModel()
	for i := 0; b.Loop(); i++ {
		m.CandidateTerms(needs[i%len(needs)])
	}
}

// BenchmarkNewModel learns from all demonstration texts.
func BenchmarkNewModel(b *testing.B) {
	needs, results := demoDocuments(b)
	for b.Loop() {
		NewModel(documents(needs, results), demoNames)
	}
}

// BenchmarkRead reads results that were not met lately.
func BenchmarkRead(b *testing.B) {
	_, results := demoDocuments(b)
	m := demoModel()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.read(results[i%len(results)])
	}
}
