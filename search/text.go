package search

import (
	"unicode"
	"unicode/utf8"

	"techmarket/internal/market"
)

// maxTermBytes bounds a word; longer runs of letters are noise (keys, data)
// and are cut, in texts and queries alike.
const maxTermBytes = 64

// run is an unbroken stretch of ideographs or of letters and digits.
type run struct {
	ideographs bool
	folded     []rune
	upper      []bool // the original rune is upper case; words only
	start      []int  // byte offset of each rune in the text
	end        int    // byte offset after the last rune
}

// runs cuts text into its runs. A point between digits belongs to the number.
func runs(text string) []run {
	var list []run
	n := utf8.RuneCountInString(text)
	folded, upper, start := make([]rune, 0, n), make([]bool, 0, n), make([]int, 0, n) // of all runs
	open, from := false, 0
	for i, r := range text {
		class := market.ClassOf(r)
		if open && class == market.RuneGap && isDecimalPoint(text, i) {
			class = market.RuneWord
		}
		switch class {
		case market.RuneGap:
			open = false
			continue
		case market.RuneIgnored:
			continue
		}
		ideographs := class == market.RuneIdeograph
		if !open || list[len(list)-1].ideographs != ideographs {
			list = append(list, run{ideographs: ideographs})
			open, from = true, len(folded)
		}
		folded, upper, start = append(folded, market.FoldRune(r)), append(upper, !ideographs && unicode.IsUpper(r)), append(start, i)
		last := &list[len(list)-1]
		last.folded, last.upper, last.start = folded[from:], upper[from:], start[from:]
		last.end = i + utf8.RuneLen(r)
	}
	return list
}

// isDecimalPoint reports whether the rune at i stands between two digits as a
// point does.
func isDecimalPoint(text string, i int) bool {
	r, size := utf8.DecodeRuneInString(text[i:])
	if market.FoldRune(r) != '.' {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+size:])
	return unicode.IsDigit(before) && unicode.IsDigit(after)
}

// span is a stretch of a text in bytes.
type span struct{ from, to int }

// span returns where the runes from i up to j stand in the text.
func (r run) span(i, j int) span {
	if j == len(r.start) {
		return span{r.start[i], r.end}
	}
	return span{r.start[i], r.start[j]}
}

// piece is a part of a word run, as places in its runes.
type piece struct{ from, to int }

// pieces cuts a word run where letters and digits meet and where a capital
// follows a small letter: MiniLED gives Mini and LED, USB3.0 gives USB and 3.0.
func (r run) pieces() []piece {
	var list []piece
	from := 0
	for i := 1; i < len(r.folded); i++ {
		if isNumeric(r.folded[i-1]) != isNumeric(r.folded[i]) || (r.upper[i] && !r.upper[i-1] && !isNumeric(r.folded[i-1])) {
			list = append(list, piece{from, i})
			from = i
		}
	}
	return append(list, piece{from, len(r.folded)})
}

func isNumeric(r rune) bool { return r == '.' || unicode.IsNumber(r) }

// Terms are the index terms of a text, with repetitions, in text order.
type Terms struct {
	// Words are pairs of neighbouring ideographs, the last ideograph of each
	// run alone (so that every ideograph begins a term and a query of one
	// ideograph is a prefix query), and words of other scripts, whole and in
	// pieces.
	Words []string
	// Grams are the triples of neighbouring letters of longer words, by which
	// a word is found inside another: led in miniled.
	Grams []string
}

// IndexTerms cuts a text for indexing.
func IndexTerms(text string) Terms {
	var t Terms
	list := runs(text)
	for i, r := range list {
		if r.ideographs {
			t.Words = appendPairs(t.Words, r.folded)
			t.Words = append(t.Words, string(r.folded[len(r.folded)-1:]))
			continue
		}
		t.Words = append(t.Words, clip(string(r.folded)))
		parts := r.pieces()
		for _, p := range parts {
			letters := r.folded[p.from:p.to]
			if len(parts) > 1 && len(letters) > 1 {
				t.Words = append(t.Words, clip(string(letters)))
			}
			t.Grams = appendGrams(t.Grams, letters)
		}
		if i > 0 && hyphenated(text, list[i-1], r) {
			t.Words = append(t.Words, clip(string(list[i-1].folded)+string(r.folded)))
		}
	}
	return t
}

// hyphenated reports whether two word runs are joined by one hyphen, as in
// Mini-LED, which people also write in one word.
func hyphenated(text string, a, b run) bool {
	return !a.ideographs && !b.ideographs && text[a.end:b.start[0]] == "-"
}

// Ideographs returns the different ideographs of a text, folded.
func Ideographs(text string) []string {
	var list []string
	seen := map[rune]bool{}
	for _, r := range text {
		if market.ClassOf(r) == market.RuneIdeograph && !seen[r] {
			seen[r] = true
			list = append(list, string(r))
		}
	}
	return list
}

// appendPairs adds the pairs of neighbours, as parts of one string.
func appendPairs(terms []string, runes []rune) []string {
	all := string(runes)
	before := -1 // where the rune before begins
	for i, r := range all {
		if before >= 0 {
			terms = append(terms, all[before:i+utf8.RuneLen(r)])
		}
		before = i
	}
	return terms
}

// appendGrams adds the letter triples of a piece that is longer than one
// triple; a piece of three is a term itself.
func appendGrams(grams []string, letters []rune) []string {
	if len(letters) < 4 || isNumeric(letters[0]) {
		return grams
	}
	for i := 3; i <= len(letters); i++ {
		grams = append(grams, string(letters[i-3:i]))
	}
	return grams
}

func clip(word string) string {
	if len(word) <= maxTermBytes {
		return word
	}
	cut := maxTermBytes
	for !utf8.RuneStart(word[cut]) {
		cut--
	}
	return word[:cut]
}
