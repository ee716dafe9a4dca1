package search

import (
	"slices"
	"strings"
)

// maxQueryRunes bounds how much of a query's text is read. It holds any title
// and several paragraphs; beyond that a query only gets slower.
const maxQueryRunes = 2000

// Part is one piece of a query's text. A document holds the whole query when
// it holds each part: in the words of the query or of a synonym, or in a title
// that is read so.
type Part struct {
	Words    []Word    // all of them are needed
	Synonyms []Phrase  // each can stand for the words
	Readings []Reading // each can stand for the words, in a title
}

// Phrase is a synonym: its text as people write it, and its words.
type Phrase struct {
	Text  string
	Words []Word
}

// Word is a run of ideographs or a word of another script.
type Word struct {
	Text      string // folded
	Ideograph bool
	Pieces    []string // MiniLED has mini and led; nil for a word of one piece
}

// Pairs returns the pairs of neighbouring ideographs, nil when there are none.
func (w Word) Pairs() []string {
	if !w.Ideograph {
		return nil
	}
	return appendPairs(nil, []rune(w.Text))
}

// Grams returns the letter triples by which the word is found inside longer
// ones; nil when it is too short for that or holds digits.
func (w Word) Grams() []string {
	letters := []rune(w.Text)
	if w.Ideograph || len(letters) < 3 || slices.ContainsFunc(letters, isNumeric) {
		return nil
	}
	if len(letters) == 3 {
		return []string{w.Text}
	}
	return appendGrams(nil, letters)
}

// ParseQuery does what the built-in lexicon's does.
func ParseQuery(text string, literal bool) []Part { return Builtin().ParseQuery(text, literal) }

// ParseQuery cuts a query's text into its different parts, in their order. No
// character has a meaning of its own. With literal, no synonyms are given.
func (l *Lexicon) ParseQuery(text string, literal bool) []Part {
	return l.parse(firstRunes(text, maxQueryRunes), literal)
}

func (l *Lexicon) parse(text string, literal bool) []Part {
	var parts []Part
	seen := map[string]bool{}
	add := func(p Part) {
		key := textOf(p.Words)
		if !seen[key] {
			seen[key] = true
			parts = append(parts, p)
		}
	}
	list := atoms(text)
	plain := 0 // where the stretch without synonyms began
	for i := 0; i < len(list); {
		n := 0
		if !literal {
			n = l.synonyms.longestAt(list[i:])
		}
		if n == 0 {
			i++
			continue
		}
		l.addPlain(list[plain:i], literal, add)
		add(Part{Words: words(list[i : i+n]), Synonyms: l.synonyms.of(list[i : i+n])})
		i += n
		plain = i
	}
	l.addPlain(list[plain:], literal, add)
	return parts
}

// addPlain adds each word of a stretch without synonyms as its own part.
func (l *Lexicon) addPlain(list []atom, literal bool, add func(Part)) {
	for _, w := range words(list) {
		p := Part{Words: []Word{w}}
		if !literal {
			p.Synonyms, p.Readings = l.spokenAs(w.Text), readingsOf(w.Text)
		}
		add(p)
	}
}

// atom is the smallest piece in which synonyms are looked up: one ideograph,
// or one word of another script.
type atom struct {
	text      string
	ideograph bool
	first     bool // of its run
	pieces    []string
	span      span
}

func atoms(text string) []atom { return runAtoms(runs(text)) }

func runAtoms(list []run) []atom {
	var cut []atom
	for _, r := range list {
		if !r.ideographs {
			cut = append(cut, atom{
				text: clip(string(r.folded)), first: true, pieces: r.pieceTexts(), span: r.span(0, len(r.folded)),
			})
			continue
		}
		for i, ideograph := range r.folded {
			cut = append(cut, atom{
				text: string(ideograph), ideograph: true, first: i == 0, span: r.span(i, i+1),
			})
		}
	}
	return cut
}

// pieceTexts returns the folded pieces of a word run of more than one piece.
func (r run) pieceTexts() []string {
	cut := r.pieces()
	if len(cut) < 2 {
		return nil
	}
	texts := make([]string, len(cut))
	for i, p := range cut {
		texts[i] = clip(string(r.folded[p.from:p.to]))
	}
	return texts
}

// words joins atoms to words: the ideographs of one run, or one other word.
func words(list []atom) []Word {
	var joined []Word
	for i, a := range list {
		if i > 0 && a.ideograph && !a.first {
			joined[len(joined)-1].Text += a.text
			continue
		}
		joined = append(joined, Word{Text: a.text, Ideograph: a.ideograph, Pieces: a.pieces})
	}
	return joined
}

func textOf(list []Word) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// Also lists the synonyms of a query's parts as people write them.
func Also(parts []Part) []string {
	var list []string
	for _, p := range parts {
		for _, s := range p.Synonyms {
			if !slices.Contains(list, s.Text) {
				list = append(list, s.Text)
			}
		}
	}
	return list
}

func firstRunes(text string, n int) string {
	count := 0
	for i := range text {
		if count == n {
			return text[:i]
		}
		count++
	}
	return text
}

// Nearness is by how many slips (a letter wrong, missing or added, or two
// that changed places) a word may differ from one that was meant,
// 0 when no other may be taken for it: short words and those with digits are
// names and measures.
func Nearness(word string) int {
	switch n := len(word); {
	case !latin(word) || n < 5:
		return 0
	case n < 9:
		return 1
	}
	return 2
}

// Slips counts by how many letters wrong, missing or added, or neighbours that
// changed places, two words differ.
func Slips(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
