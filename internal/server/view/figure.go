package view

import "github.com/shopspring/decimal"

// Figure is a number, its unit and one comparison.
type Figure struct {
	Label string
	Num   string
	Unit  string
	Note  string
	Href  string // the contracts behind it
	Trend int    // 1 up, -1 down, 0 neither: an arrow before the number
}

// Target is how much of a target is reached, and where the year should be.
// Both are ratios, 1 being the whole target.
type Target struct {
	Done  decimal.Decimal
	Pace  decimal.Decimal
	Word  string // at the mark, such as 时序 89.3%
	Label string // the whole sentence for screen readers
}

// Bar is the length of the bar, at most 100%.
func (t Target) Bar() string { return share(t.Done) }

// Mark is the place of the mark, at most 100%.
func (t Target) Mark() string { return share(t.Pace) }

// Anchor keeps the word at the mark inside the frame.
func (t Target) Anchor() string {
	switch {
	case t.Pace.GreaterThan(decimal.NewFromFloat(0.8)):
		return "end"
	case t.Pace.LessThan(decimal.NewFromFloat(0.2)):
		return "start"
	default:
		return "middle"
	}
}

// PaceWord is the word at the mark.
func (t Target) PaceWord() string {
	if t.Word != "" {
		return t.Word
	}
	return "时序 " + Pct(t.Pace)
}

// Bar is a small bar in a table, a ratio of the longest one.
type Bar struct {
	Ratio decimal.Decimal
}

// Width is the bar's length.
func (b Bar) Width() string { return share(b.Ratio) }

// Quad is seller by buyer: rows are the seller in and outside the city, columns
// the buyer. The cells that make up the figure are Main.
type Quad struct {
	Label string
	Cols  [2]string
	Rows  [2]QuadRow
	Note  string
}

// QuadRow is one line of the two.
type QuadRow struct {
	Head  string
	Note  string
	Cells [2]QuadCell
}

// QuadCell is one of the four.
type QuadCell struct {
	Label string
	Num   string
	Unit  string
	Count Link
	Note  string
	Main  bool
}

// ChartKind is what the script draws from the table.
type ChartKind string

const (
	ChartSeries ChartKind = "series"    // years: bars, targets as ticks
	ChartBars   ChartKind = "hbars"     // categories: horizontal bars
	ChartCum    ChartKind = "cum"       // months: cumulative lines
	ChartMonths ChartKind = "monthbars" // months: bars of two years
)

// Chart is a table that is also drawn. The first column names the mark; a cell
// with a V is a value. Height is s, m, l or xl.
type Chart struct {
	ID     string
	Kind   ChartKind
	Title  string
	Height string
	Both   bool // the table stays in view under the chart
	Demo   bool
	Unit   string // at the axis and in the tooltip, 亿元 when empty
	Table  Table
	Note   string
	Link   *Link // beside the note
	H2     bool  // the title is an h2, else h3
}

// UnitOr is the unit of the values.
func (c Chart) UnitOr() string {
	if c.Unit == "" {
		return "亿元"
	}
	return c.Unit
}

// HeightOr is the height class.
func (c Chart) HeightOr() string {
	if c.Height == "" {
		return "m"
	}
	return c.Height
}

// Table is a table of figures with one head line and, if need be, totals.
type Table struct {
	Label   string // name of the scrolling frame
	Caption string
	Hidden  bool // the caption is for screen readers only
	Class   string
	Cols    []Col
	Rows    []TableRow
	Foot    []Cell
}

// Col is a heading. With Href the heading sorts the table.
type Col struct {
	Label     string
	HideLabel bool // the label is for screen readers only
	Unit      string
	Num       bool
	Nowrap    bool   // dates and codes
	Wide      bool   // hidden on phones
	Action    bool   // the column of actions
	Href      string // address of the table sorted by this column
	Sort      string // ascending, descending, or empty
}

// TableRow is a line; its first cell is the row's heading.
type TableRow struct {
	Cells []Cell
	Demo  bool // invented or provisional: hatched in a chart
	Part  bool // not a full period
	Warn  bool
	Bad   bool
}

// Cell is a text, which may be a link, with a second line.
type Cell struct {
	Text  string
	Href  string
	Sub   string
	V     string // the number for a chart, plain digits
	Short string // the name for a chart's axis
	State *State
	Due   *Due
	Badge *Badge
	Bar   *Bar
}
