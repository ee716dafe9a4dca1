package market

import (
	"testing"

	"github.com/shopspring/decimal"
)

func TestFoldRune(t *testing.T) {
	t.Parallel()
	from := []rune("ＬＥＤ　Ｄ９７ m² CO₂ 10³ ⁰⁴⁹₀₉ ¹ µm 碳酸钙（ｐＨ）😀")
	want := []rune("led d97 m2 co2 103 04909 1 μm 碳酸钙(ph)😀")
	if len(from) != len(want) {
		t.Fatalf("lengths differ: %d and %d", len(from), len(want))
	}
	for i, r := range from {
		if got := FoldRune(r); got != want[i] {
			t.Errorf("FoldRune(%q) = %q, want %q", r, got, want[i])
		}
	}
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	for class, runes := range map[RuneClass]string{
		RuneGap:       " ，。-_（）%\n\uFFFD😀℃",
		RuneIdeograph: "钙𠮷々〇カ한豈",
		RuneWord:      "aZ09Ａ９μéⅡ²①",
		RuneIgnored:   "\u200B\u00AD\u0301\uFEFF",
	} {
		for _, r := range runes {
			if got := ClassOf(r); got != class {
				t.Errorf("ClassOf(%q) = %d, want %d", r, got, class)
			}
		}
	}
}

func TestPriceRange(t *testing.T) {
	t.Parallel()
	yuan := decimal.NewFromInt
	for _, c := range []struct {
		name      string
		doc       Document
		low, high int64
		ok        bool
	}{
		{"not stated", Document{}, 0, 0, false},
		{"open, with a leftover figure", Document{PriceOpen: true, PriceMin: yuan(5)}, 0, 0, false},
		{"one amount", Document{PriceMin: yuan(460000)}, 460000, 460000, true},
		{"range", Document{PriceMin: yuan(1), PriceMax: yuan(2)}, 1, 2, true},
		{"only an upper bound", Document{PriceMax: yuan(2)}, 0, 2, true},
	} {
		low, high, ok := c.doc.PriceRange()
		if ok != c.ok || !low.Equal(yuan(c.low)) || !high.Equal(yuan(c.high)) {
			t.Errorf("%s: %s, %s, %v", c.name, low, high, ok)
		}
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	if KindNeed.Other() != KindResult || KindResult.Other() != KindNeed {
		t.Error("Other must swap the two kinds")
	}
	if !KindNeed.Valid() || !KindResult.Valid() || Kind("").Valid() || Kind("org").Valid() {
		t.Error("Valid must hold for the two kinds only")
	}
}
