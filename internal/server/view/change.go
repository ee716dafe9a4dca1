package view

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// ChangePart is a stretch of a text that changed: kept, taken out or put in.
type ChangePart struct {
	Text string
	Out  bool
	In   bool
}

// Change is a part of a text as it was and as it is.
type Change struct {
	Label string
	Parts []ChangePart
}

const (
	wholeBelow = 24 // characters of texts so short that they are shown whole, before and after
	keptShown  = 40 // characters that are shown of what stayed, at each end
)

// NewChange compares two texts; ok is false when nothing changed.
func NewChange(label, before, after string) (change Change, ok bool) {
	if before == after {
		return Change{}, false
	}
	change.Label = label
	if len([]rune(before)) < wholeBelow || len([]rune(after)) < wholeBelow {
		change.add(before, true, false)
		change.add(after, false, true)
		return change, true
	}
	compare := diffmatchpatch.New()
	diffs := compare.DiffCleanupSemantic(compare.DiffMainRunes([]rune(before), []rune(after), false))
	for i, d := range diffs {
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			change.add(d.Text, true, false)
		case diffmatchpatch.DiffInsert:
			change.add(d.Text, false, true)
		case diffmatchpatch.DiffEqual:
			change.add(shortened(d.Text, i == 0, i == len(diffs)-1), false, false)
		}
	}
	return change, true
}

func (c *Change) add(text string, out, in bool) {
	if text != "" {
		c.Parts = append(c.Parts, ChangePart{Text: text, Out: out, In: in})
	}
}

// shortened leaves out the middle of a long stretch that stayed, and its outer end at the beginning and end of the text.
func shortened(text string, first, last bool) string {
	runes := []rune(text)
	head, tail := string(runes[:min(len(runes), keptShown)]), string(runes[max(0, len(runes)-keptShown):])
	switch {
	case first && len(runes) > keptShown:
		return "…" + tail
	case last && len(runes) > keptShown:
		return head + "…"
	case len(runes) > 2*keptShown:
		return strings.TrimRight(head, "\n") + "…" + strings.TrimLeft(tail, "\n")
	}
	return text
}
