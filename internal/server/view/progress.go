package view

import "time"

// Flow is the state machine of a record as steps.
type Flow struct {
	Label string
	Steps []FlowStep
}

// FlowStep is one state of a flow.
type FlowStep struct {
	Text string
	Note string
	Mark FlowMark
}

// FlowMark tells how a step stands.
type FlowMark string

const (
	FlowAhead   FlowMark = ""
	FlowDone    FlowMark = "done"
	FlowCurrent FlowMark = "current"
	FlowStopped FlowMark = "stop" // the record is held here
)

// Log is a list of events: newest first on public pages, oldest first in a plan.
type Log struct {
	Items []LogItem
}

// LogItem is one event. When is the time in words, for instance from Ago.
type LogItem struct {
	At   time.Time
	When string
	Text string
	By   *By
	Now  bool
	Done bool
}

// Due is a term in working days: a pip each, always with the sentence.
type Due struct {
	Total int
	Used  int
	Text  string // such as 还剩 3 个工作日
	Note  string // the deadline with its hour
	Level DueLevel
	Block bool // three lines in a panel rather than one line in a table
}

// DueLevel is how near the end is.
type DueLevel string

const (
	DueCalm DueLevel = ""
	DueSoon DueLevel = "soon" // two working days or fewer
	DueLate DueLevel = "late"
)

// Pips lists the days; true is a day that has passed.
func (d Due) Pips() []bool {
	pips := make([]bool, max(d.Total, 0))
	for i := range pips {
		pips[i] = i < d.Used || d.Level == DueLate
	}
	return pips
}

// DueLevelFor is the level for the working days left; negative is overdue.
func DueLevelFor(left int) DueLevel {
	switch {
	case left < 0:
		return DueLate
	case left <= 2:
		return DueSoon
	default:
		return DueCalm
	}
}
