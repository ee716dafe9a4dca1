package market

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Document is the public, searchable face of a published listing. It never
// holds gated text, contacts, reserve prices or hidden names, because whatever
// is in it can be found and shown by anybody.
//
// Empty values mean "not stated": every field but ID, Kind and Title may be
// empty, also for a listing imported from a plain list of titles.
type Document struct {
	ID          int64 // unique over needs and results together
	Kind        Kind
	Title       string
	Body        string   // all other public text, parts joined by newlines
	Submarket   string   // code
	Fields      []string // codes, the first is the main one
	TechField   string   // code of the statutory 技术领域
	County      string   // code of the place of the organisation
	Modes       []string // codes of cooperation modes
	Stage       string   // code; results only
	TRLMin      int      // 1 to 9, 0 when not stated; results only
	TRLMax      int
	PriceMin    decimal.Decimal // yuan; a need's budget or a result's price
	PriceMax    decimal.Decimal // yuan; zero when the price is one amount
	PriceOpen   bool            // 面议: no figure given
	PriceMethod string          // code; results only
	OrgName     string          // "" when hidden
	Verified    bool            // the organisation is verified
	PublishedAt time.Time
	ConfirmedAt time.Time // when the owner last said it still holds
	ValidUntil  time.Time
	Deadline    time.Time // needs only
	Version     int64     // grows with every change of the listing
}

// PriceRange returns the budget or price in yuan as lowest and highest figure.
// They are equal for a single amount. ok is false when no figure is given.
func (d Document) PriceRange() (low, high decimal.Decimal, ok bool) {
	if d.PriceOpen || (d.PriceMin.IsZero() && d.PriceMax.IsZero()) {
		return decimal.Zero, decimal.Zero, false
	}
	if d.PriceMax.LessThan(d.PriceMin) {
		return d.PriceMin, d.PriceMin, true
	}
	return d.PriceMin, d.PriceMax, true
}

// Term is a piece of text with the weight it has in a query. Weights are
// positive and comparable only within one list.
type Term struct {
	Text   string
	Weight float64
}

// FoldRune maps a rune to the form under which texts are compared: full width
// to half width, raised and lowered digits to plain ones, upper case to lower.
// One rune stays one rune, so places in the folded text are places in the
// original. Search and matching both go by it.
func FoldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case '\u4E00' <= r && r <= '\u9FFF': // most of any text; has no case
		return r
	case '\uFF01' <= r && r <= '\uFF5E': // full-width ASCII
		return FoldRune(r - 0xFEE0)
	case r == '\u3000': // ideographic space
		return ' '
	case r == '¹':
		return '1'
	case r == '²' || r == '³':
		return r - '²' + '2'
	case r == '⁰' || '⁴' <= r && r <= '⁹':
		return r - '⁰' + '0'
	case '₀' <= r && r <= '₉':
		return r - '₀' + '0'
	case r == 'µ': // the micro sign, another rune than the Greek letter
		return 'μ'
	}
	return unicode.ToLower(r)
}

// RuneClass says what part a rune has in a text that is searched or compared.
type RuneClass int

// The classes of runes.
const (
	RuneGap       RuneClass = iota // ends what goes before: spaces, punctuation, symbols
	RuneIdeograph                  // Chinese characters, and kana and hangul, which are cut like them
	RuneWord                       // letters and digits of other scripts
	RuneIgnored                    // marks without width of their own: neither part nor end of a word
)

// ClassOf returns the class of a rune, folded or not.
func ClassOf(r rune) RuneClass {
	switch {
	case r < utf8.RuneSelf:
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return RuneWord
		}
		return RuneGap
	case '\u4E00' <= r && r <= '\u9FFF':
		return RuneIdeograph
	case r == '，' || r == '。' || r == '、' || r == '；': // most of what is left of any text
		return RuneGap
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return RuneIdeograph
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return RuneWord
	case unicode.In(r, unicode.Cf, unicode.Mn):
		return RuneIgnored
	}
	return RuneGap
}
