package view

import "strings"

// Tick is a check list: each item with its basis and, when Choices are given,
// the reviewer's word.
type Tick struct {
	Items []TickItem
}

// TickItem is one line. Mark is the icon: TickOK, TickNo or TickAsk.
type TickItem struct {
	Text    string
	Basis   string
	Mark    TickMark
	Name    string // of the radio group
	Choices []Option
	Reason  string // the box among "codes" that the choice "no" ticks
	Error   string
}

// ChoiceID is the id of the first choice, where messages lead to.
func (t TickItem) ChoiceID() string { return strings.ReplaceAll(t.Name, ".", "-") }

// TickMark is how an item stands.
type TickMark string

const (
	TickNone TickMark = ""
	TickOK   TickMark = "ok"
	TickNo   TickMark = "no"
	TickAsk  TickMark = "ask"
)

// Icon is the name of the mark's icon.
func (m TickMark) Icon() string {
	switch m {
	case TickOK:
		return "check"
	case TickNo:
		return "alert"
	case TickAsk:
		return "info"
	default:
		return "clock"
	}
}

// Diff compares two versions of a record.
type Diff struct {
	Label string
	Rows  []DiffRow
}

// DiffRow is a field that differs; an empty side is shown as （空）.
type DiffRow struct {
	Label string
	Old   []DiffPart
	New   []DiffPart
}

// DiffPart is a run of text that changed, or did not.
type DiffPart struct {
	Text    string
	Changed bool
}

// Sum is an account: lines, then the total under a double rule.
type Sum struct {
	Label string
	Lines []SumLine
	Total SumLine
}

// SumLine is one line of an account; Op is − or empty.
type SumLine struct {
	Op    string
	Label string
	Note  string
	Value string
}
