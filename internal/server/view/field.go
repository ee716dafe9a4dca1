package view

import (
	"strings"

	"techmarket/internal/market"
)

// Kind is the kind of a field's control.
type Kind string

const (
	KindText     Kind = "" // one line
	KindPassword Kind = "password"
	KindEmail    Kind = "email"
	KindTel      Kind = "tel"
	KindNumber   Kind = "number" // one line for digits, right-aligned, with Unit behind it
	KindCode     Kind = "code"   // one line for a code, no spell check, capitals
	KindArea     Kind = "area"   // Lines lines
	KindSelect   Kind = "select"
	KindChecks   Kind = "checks" // up to 8 boxes, Values
	KindRadios   Kind = "radios"
	KindCheck    Kind = "check" // one box, on when Value is not empty
	KindDate     Kind = "date"  // 2027-06-30, 2027/6/30 or 2027年6月30日
	KindFile     Kind = "file"
	KindMoney    Kind = "money" // Name and Name_unit (万元 or 元)
)

// Field is a control with its label, hint, error and counter. Optional fields
// say so, required ones say nothing.
type Field struct {
	Kind         Kind
	Name         string
	ID           string // Name when empty
	Label        string
	Hint         string
	Error        string
	OK           string // what a check found, such as 校验通过：发明专利
	Value        string
	Values       []string
	Options      []Option // also the suggestions of a text field
	Optional     bool
	Many         bool   // several files; "可多选" for boxes
	Max          int    // characters, counted while typing
	Lines        int    // of a text area, 4 when 0
	Unit         string // of a number, or of money (万元 when empty)
	Placeholder  string
	Autocomplete string
	Accept       string // of a file
	Confirm      string // of money: the sentence to tick when the sum is unusual; posts Name_confirm
	Live         string // name of the preview's text that follows this input
	Cards        bool   // radios as cards with their hints: a decision with its effects
	HideLabel    bool   // the label is for screen readers only
	When         string // such as "kind=L1 L2": asked for only while the control of that name has one of the values
	Disabled     bool
}

// Option is a choice. Its Count is shown by facets.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Count    string
	Checked  bool
	Disabled bool
}

// ElemID is the id of the control.
func (f Field) ElemID() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// Chosen reports whether an option of this field is selected.
func (f Field) Chosen(o Option) bool {
	if o.Checked || (o.Value == f.Value && (f.Kind == KindRadios || f.Kind == KindSelect)) {
		return true
	}
	for _, value := range f.Values {
		if value == o.Value {
			return true
		}
	}
	return false
}

// DescribedBy lists the ids of what explains the control.
func (f Field) DescribedBy() string {
	id := f.ElemID()
	var ids []string
	add := func(when bool, suffix string) {
		if when {
			ids = append(ids, id+suffix)
		}
	}
	add(f.Hint != "", "-hint")
	add(f.Error != "", "-error")
	add(f.Kind == KindMoney, "-read")
	add(f.Max > 0, "-count")
	add(f.OK != "" && f.Error == "", "-ok")
	return strings.Join(ids, " ")
}

// Type is the type attribute of a one-line input.
func (f Field) Type() string {
	switch f.Kind {
	case KindPassword, KindEmail, KindTel:
		return string(f.Kind)
	default:
		return "text"
	}
}

// Group reports whether the field is a group of controls with a legend.
func (f Field) Group() bool { return f.Kind == KindChecks || f.Kind == KindRadios }

// LinesOr4 is the height of a text area.
func (f Field) LinesOr4() int {
	if f.Lines == 0 {
		return 4
	}
	return f.Lines
}

// MoneyUnit is the unit chosen for money.
func (f Field) MoneyUnit() market.Unit {
	if f.Unit == "" {
		return market.WanYuan
	}
	return market.Unit(f.Unit)
}

// Counter is the text of the counter before anybody types.
func (f Field) Counter() string { return counter(f.Value, f.Max) }

// Read is the sum in capital characters, empty when the value is not a sum.
func (f Field) Read() string {
	sum, err := market.ParseMoney(f.Value, f.MoneyUnit())
	if err != nil || sum.IsZero() {
		return ""
	}
	return market.Uppercase(sum)
}

// ErrorSummary stands first in the main column of a form that was not accepted.
type ErrorSummary struct {
	Title string // empty: 有 n 处需要修改，其余内容已保留
	Items []ErrorItem
}

// ErrorItem leads to one field by its id; without one it is only a sentence.
type ErrorItem struct {
	Field string
	Text  string
}

// Heading is the title or the usual sentence.
func (s ErrorSummary) Heading() string {
	if s.Title != "" {
		return s.Title
	}
	return "有 " + Num(len(s.Items)) + " 处需要修改，其余内容已保留"
}

// Rows is an editor of lines: indicators, intellectual property, deductions.
// Each column posts one value per line under "Name.Column", so that the nth
// values of all columns belong together; empty lines are to be ignored.
type Rows struct {
	Name  string
	Label string // caption for screen readers
	Title string // visible heading above the table, may be empty
	Hint  string
	Error string
	Cols  []RowCol
	Lines []RowLine
	Two   bool   // a line takes two
	Add   string // 增加一行
	Max   int    // lines, 20 when 0
	Spare int    // empty lines the server adds, 2 when 0
}

// RowCol is a column. Size is "n" (number), "u" (unit), "s" (short), "c" (code), "d" (date) or "w".
type RowCol struct {
	Name        string
	Label       string
	Size        string
	Placeholder string
	Decimal     bool
	Options     []Option // a select
	Max         int
}

// RowLine is one line of values, in the order of the columns.
type RowLine struct {
	Cells []RowCell
}

// RowCell is a value with its error.
type RowCell struct {
	Value string
	Error string
}

// RowControl is what the template needs for one cell.
type RowControl struct {
	RowCol
	RowCell
	ID    string
	Post  string // name of the control
	Aria  string
	Wrong string // id of the rows' error
}

// Grid lists the controls of all lines, with empty lines at the end.
func (r Rows) Grid() [][]RowControl {
	limit, spare := r.Max, r.Spare
	if limit == 0 {
		limit = 20
	}
	if spare == 0 {
		spare = 2
	}
	count := max(min(len(r.Lines)+spare, limit), len(r.Lines))
	grid := make([][]RowControl, count)
	for i := range grid {
		grid[i] = r.line(i)
	}
	return grid
}

func (r Rows) line(i int) []RowControl {
	controls := make([]RowControl, len(r.Cols))
	for j, col := range r.Cols {
		control := RowControl{
			RowCol: col,
			ID:     r.Name + "-" + Num(i) + "-" + col.Name,
			Post:   r.Name + "." + col.Name,
			Aria:   "第 " + Num(i+1) + " 行" + col.Label,
			Wrong:  r.Name + "-error",
		}
		if i < len(r.Lines) && j < len(r.Lines[i].Cells) {
			control.RowCell = r.Lines[i].Cells[j]
		}
		controls[j] = control
	}
	return controls
}

// AddLabel is the text of the button that adds a line.
func (r Rows) AddLabel() string {
	if r.Add == "" {
		return "增加一行"
	}
	return r.Add
}
