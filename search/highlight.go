package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Segment is a stretch of text that is marked as a hit or not.
type Segment struct {
	Text string
	Hit  bool
}

// ellipsis stands where a snippet leaves text out.
const ellipsis = "…"

// Highlight marks what a query, with its synonyms, found in a text. With
// maxRunes 0 the segments joined are the text; otherwise they are a stretch of
// it of at most maxRunes runes, chosen around the densest hits, and an ellipsis
// as a segment of its own at an end that is cut. The synonyms are the built-in
// ones: for others, and for many texts of one query, there is Marker.
func Highlight(text, q string, maxRunes int) []Segment {
	return Builtin().NewMarker(q, false).Highlight(text, maxRunes)
}

// Marker marks what one query finds. It may be used by several goroutines.
type Marker struct {
	pairs   map[string]bool // pairs of ideographs
	words   map[string]bool // single ideographs and words of other scripts
	inside  []string        // words that are also found inside longer ones
	pieced  []Word          // words that are also found by all of their pieces
	phrases map[string][][]atom
	read    []Reading // stretches of ideographs that are read so
}

// NewMarker prepares the marking of what the query finds; with literal,
// without synonyms.
func (l *Lexicon) NewMarker(q string, literal bool) *Marker {
	m := &Marker{pairs: map[string]bool{}, words: map[string]bool{}, phrases: map[string][][]atom{}}
	for _, part := range l.ParseQuery(q, literal) {
		for _, w := range part.Words {
			m.addWord(w)
		}
		for _, s := range part.Synonyms {
			m.addPhrase(s)
		}
		m.read = append(m.read, part.Readings...)
	}
	return m
}

func (m *Marker) addWord(w Word) {
	pairs := w.Pairs()
	for _, pair := range pairs {
		m.pairs[pair] = true
	}
	if len(pairs) == 0 {
		m.words[w.Text] = true
	}
	if len(w.Grams()) > 0 {
		m.inside = append(m.inside, w.Text)
	}
	if len(w.Pieces) > 0 {
		m.pieced = append(m.pieced, w)
	}
}

// addPhrase adds a synonym, which is marked as a whole only.
func (m *Marker) addPhrase(p Phrase) {
	list := atoms(p.Text)
	m.phrases[list[0].text] = append(m.phrases[list[0].text], list)
	if len(p.Words) == 1 && len(p.Words[0].Grams()) > 0 {
		m.inside = append(m.inside, p.Words[0].Text)
	}
}

// Highlight does what the function Highlight does.
func (m *Marker) Highlight(text string, maxRunes int) []Segment {
	hits := m.hits(text)
	window := span{0, len(text)}
	if maxRunes > 0 && utf8.RuneCountInString(text) > maxRunes {
		window = bestWindow(text, hits, maxRunes)
	}
	return segments(text, hits, window)
}

// Marks reports whether there is anything to be marked in a text.
func (m *Marker) Marks(text string) bool { return len(m.hits(text)) > 0 }

// hits returns the stretches to be marked, in order and apart.
func (m *Marker) hits(text string) []span {
	list := runs(text)
	cut := runAtoms(list)
	pieces := m.foundPieces(list)
	var found []span
	for i, a := range cut {
		if m.words[a.text] {
			found = append(found, a.span)
		}
		if i > 0 && a.ideograph && !a.first && m.pairs[cut[i-1].text+a.text] {
			found = append(found, span{cut[i-1].span.from, a.span.to})
		}
		for _, phrase := range m.phrases[a.text] {
			if startsWith(cut[i:], phrase) {
				found = append(found, span{a.span.from, cut[i+len(phrase)-1].span.to})
			}
		}
	}
	for _, r := range list {
		if r.ideographs {
			found = append(found, m.readHits(r)...)
		} else {
			found = append(found, m.insideHits(r, pieces)...)
		}
	}
	return merged(found)
}

// readHits marks what is read as the query's pinyin.
func (m *Marker) readHits(r run) []span {
	var found []span
	for _, reading := range m.read {
		for i := 0; i+len(reading) <= len(r.folded); i++ {
			if readsAs(r.folded[i:], reading) {
				found = append(found, r.span(i, i+len(reading)))
			}
		}
	}
	return found
}

// readsAs reports whether the ideographs begin with those that are read so.
func readsAs(ideographs []rune, reading Reading) bool {
	for i, syllable := range reading {
		if !slices.Contains(readings(ideographs[i]), syllable) {
			return false
		}
	}
	return true
}

// startsWith reports whether the atoms begin with the phrase, unbroken.
func startsWith(list, phrase []atom) bool {
	if len(list) < len(phrase) || brokenIdeographs(list[:len(phrase)]) {
		return false
	}
	for i, p := range phrase {
		if list[i].text != p.text {
			return false
		}
	}
	return true
}

// insideHits marks the query's words inside a word, and the pieces of one.
func (m *Marker) insideHits(r run, pieces map[string]bool) []span {
	var found []span
	for _, p := range r.pieces() {
		letters := r.folded[p.from:p.to]
		if m.words[string(letters)] || pieces[string(letters)] {
			found = append(found, r.span(p.from, p.to))
		}
		for _, w := range m.inside {
			found = append(found, occurrences(r, p, []rune(w))...)
		}
	}
	return found
}

func occurrences(r run, p piece, word []rune) []span {
	var found []span
	for i := p.from; i+len(word) <= p.to; i++ {
		if slices.Equal(r.folded[i:i+len(word)], word) {
			found = append(found, r.span(i, i+len(word)))
		}
	}
	return found
}

// foundPieces returns the pieces of those of the query's words that the text
// holds in pieces only.
func (m *Marker) foundPieces(list []run) map[string]bool {
	if len(m.pieced) == 0 {
		return nil
	}
	inText := map[string]bool{}
	for _, r := range list {
		if r.ideographs {
			continue
		}
		inText[string(r.folded)] = true
		for _, p := range r.pieces() {
			inText[string(r.folded[p.from:p.to])] = true
		}
	}
	found := map[string]bool{}
	for _, w := range m.pieced {
		missing := slices.ContainsFunc(w.Pieces, func(p string) bool { return !inText[p] })
		for _, p := range w.Pieces {
			found[p] = found[p] || !missing && !inText[w.Text]
		}
	}
	return found
}

// merged sorts stretches and joins those that touch.
func merged(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return a.from - b.from })
	var joined []span
	for _, s := range list {
		if n := len(joined); n > 0 && s.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// bestWindow returns the stretch of maxRunes runes that shows most of the hits,
// different ones first, starting where a sentence does if one starts near.
func bestWindow(text string, hits []span, maxRunes int) span {
	if len(hits) == 0 {
		return span{0, forward(text, 0, maxRunes)}
	}
	best, bestScore := 0, -1.0
	for i, h := range hits {
		if score := windowScore(text, hits[i:], forward(text, h.from, maxRunes)); score > bestScore {
			best, bestScore = i, score
		}
	}
	last := hits[best]
	limit := forward(text, hits[best].from, maxRunes)
	for _, h := range hits[best:] {
		if h.to <= limit {
			last = h
		}
	}
	shown := utf8.RuneCountInString(text[hits[best].from:last.to])
	lead := min(maxRunes/4, max(0, maxRunes-shown))
	from := sentenceStart(text, backward(text, hits[best].from, lead), hits[best].from)
	to := forward(text, from, maxRunes)
	if to == len(text) { // the end is near: show more of what goes before
		from = backward(text, to, maxRunes)
	}
	return span{from, to}
}

// repeatWeight is the worth of a hit that shows again what another one shows.
const repeatWeight = 0.2

func windowScore(text string, hits []span, limit int) float64 {
	seen := map[string]bool{}
	score := 0.0
	for _, h := range hits {
		if h.to > limit {
			break
		}
		shown := text[h.from:h.to]
		weight := float64(utf8.RuneCountInString(shown))
		if seen[shown] {
			weight *= repeatWeight
		}
		seen[shown] = true
		score += weight
	}
	return score
}

// sentenceStart returns the first place from which a sentence or clause starts
// between from and to, or from itself.
func sentenceStart(text string, from, to int) int {
	for _, ends := range []string{"。！？!?；;\n", "，,：:、 "} {
		if i := strings.LastIndexAny(text[from:to], ends); i >= 0 {
			_, size := utf8.DecodeRuneInString(text[from+i:])
			return from + i + size
		}
	}
	return from
}

// forward returns the place n runes after from, or the end.
func forward(text string, from, n int) int {
	for i := range text[from:] {
		if n == 0 {
			return from + i
		}
		n--
	}
	return len(text)
}

// backward returns the place n runes before to, or the beginning.
func backward(text string, to, n int) int {
	for ; n > 0 && to > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:to])
		to -= size
	}
	return to
}

// segments cuts a window of the text where hits begin and end.
func segments(text string, hits []span, window span) []Segment {
	var list []Segment
	add := func(from, to int, hit bool) {
		from, to = max(from, window.from), min(to, window.to)
		if from < to {
			list = append(list, Segment{text[from:to], hit})
		}
	}
	if window.from > 0 {
		list = append(list, Segment{Text: ellipsis})
	}
	at := 0
	for _, h := range hits {
		add(at, h.from, false)
		add(h.from, h.to, true)
		at = h.to
	}
	add(at, len(text), false)
	if window.to < len(text) {
		list = append(list, Segment{Text: ellipsis})
	}
	return list
}
