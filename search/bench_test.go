package search

import (
	"strings"
	"testing"
)

// benchText is as long as a listing's body.
var benchText = strings.Repeat("公司以本地方解石为原料，用两级立式搅拌磨湿法生产重钙浆料，D97 降至 2.5 μm 时黏度急剧上升，", 12)

func BenchmarkIndexTerms(b *testing.B) {
	for b.Loop() {
		IndexTerms(benchText)
	}
}

func BenchmarkSyllablePairs(b *testing.B) {
	for b.Loop() {
		SyllablePairs("超细重质碳酸钙湿法研磨用梳形分散剂")
	}
}

func BenchmarkHighlight(b *testing.B) {
	marker := Builtin().NewMarker("重钙 研磨 黏度", false)
	for b.Loop() {
		marker.Highlight(benchText, 120)
	}
}
