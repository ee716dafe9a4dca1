package market

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// MonthEnd is a month that was closed. Its figures are those of the ledger up to one entry of its chain and never change;
// what is written later and takes effect in the month stands beside them as an adjustment.
type MonthEnd struct {
	Month    time.Time `db:"month"` // its first day
	Seq      int64     `db:"seq"`   // of the last entry of the ledger's chain that was summed
	Hash     []byte    `db:"hash"`  // of that entry
	UserName string    `db:"user_name"`
	At       time.Time `db:"at"`
}

// Last is the last day of the month.
func (m MonthEnd) Last() time.Time { return m.Month.AddDate(0, 1, -1) }

// Line is the close as the audit keeps it.
func (m MonthEnd) Line() string {
	return fmt.Sprintf("%s seq=%d %x", m.Month.Format("2006-01"), m.Seq, m.Hash)
}

// MonthFigure is a frozen figure: a value of a dimension, or the whole, in the month and in the year through its end.
type MonthFigure struct {
	Month   time.Time `db:"month"`
	Basis   Basis     `db:"basis"` // output or absorbed; output_tech counts the same contracts as output
	By      Dimension `db:"dimension"`
	Code    string    `db:"code"`
	InMonth Sum       `db:"in_month"`
	InYear  Sum       `db:"in_year"`
}

// Whole is the dimension, and its one value, of figures that are not split.
const Whole = "all"

// FrozenBasis is the basis that the frozen figures of b stand under: both of output count the same contracts.
func (b Basis) FrozenBasis() Basis {
	if b == BasisOutputTech {
		return BasisOutput
	}
	return b
}

// MonthOf is the first day of the day's month.
func MonthOf(day time.Time) time.Time {
	day = day.In(Shanghai)
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, Shanghai)
}

// ParseMonth reads 2026-10; the zero time when it is none.
func ParseMonth(text string) time.Time {
	month, err := time.ParseInLocation("2006-01", Normalize(text), Shanghai)
	if err != nil {
		return time.Time{}
	}
	return month
}

// ClosableMonths are the months that may be closed next, the newest first. Months are closed in their order: after the first
// it is the one that follows the last closed. The first may be any since that of the ledger's first entry. Months
// that are not over are never closed. Both first and closed may be zero.
func ClosableMonths(first, closed, today time.Time) []time.Time {
	over := MonthOf(today).AddDate(0, -1, 0)
	if !closed.IsZero() {
		if next := MonthOf(closed).AddDate(0, 1, 0); !next.After(over) {
			return []time.Time{next}
		}
		return nil
	}
	var out []time.Time
	for month := over; !first.IsZero() && !month.Before(MonthOf(first)); month = month.AddDate(0, -1, 0) {
		out = append(out, month)
	}
	return out
}

// CheckClosable returns why the month cannot be closed now, nil when it can. The parameters are those of ClosableMonths.
func CheckClosable(month, first, closed, today time.Time) error {
	var p Problems
	switch {
	case month.IsZero() || !month.Equal(MonthOf(month)):
		p.Add("month", "请选择要关的月份")
	case first.IsZero():
		p.Add("month", "账本里还没有登记，没有可关的月份")
	case !month.Before(MonthOf(today)):
		p.Add("month", "%s还没有结束，月末以后才能关账", month.Format("2006-01"))
	case !closed.IsZero() && !month.After(MonthOf(closed)):
		p.Add("month", "%s已经关过，或在第一次关账以前；数字不再改，请看后面的月份", month.Format("2006-01"))
	case !closed.IsZero() && month.After(MonthOf(closed).AddDate(0, 1, 0)):
		p.Add("month", "请先关 %s：月份要按次序关", MonthOf(closed).AddDate(0, 1, 0).Format("2006-01"))
	case month.Before(MonthOf(first)):
		p.Add("month", "账本从 %s 开始，更早的月份没有登记", MonthOf(first).Format("2006-01"))
	}
	return p.Err()
}

// MonthSum is a closed month in the list of them.
type MonthSum struct {
	MonthEnd
	InMonth Sum `db:"in_month"` // frozen
	InYear  Sum `db:"in_year"`  // frozen
	Late    Sum `db:"late"`     // of entries written after the close that take effect in the month
	Entries int `db:"entries"`  // how many these are
}

// MonthQuery asks for the figures of a closed month.
type MonthQuery struct {
	Month time.Time // its first day
	Basis Basis
	By    Dimension
	Year  bool // from the beginning of the year through the month's end, instead of the month alone
}

// From is the first day that counts.
func (q MonthQuery) From() time.Time {
	if q.Year {
		return time.Date(q.Month.Year(), 1, 1, 0, 0, 0, 0, Shanghai)
	}
	return q.Month
}

// Last is the last day that counts.
func (q MonthQuery) Last() time.Time { return q.Month.AddDate(0, 1, -1) }

// frozen is the part of the figure that the query is about.
func (q MonthQuery) frozen(f MonthFigure) Sum {
	if q.Year {
		return f.InYear
	}
	return f.InMonth
}

// MonthLive is what the ledger adds up to for a value of the query's dimension, of entries sealed by the close or later.
type MonthLive struct {
	Code string `db:"code"`
	Late bool   `db:"late"`
	Sum
}

// MonthLine is a frozen figure, what came later, and what the ledger says now, which is both together unless somebody has
// tampered with one of them.
type MonthLine struct {
	Code, Name             string
	Frozen, Adjusted, Live Sum
}

// Agrees reports whether the frozen figure and the adjustments make the live one.
func (l MonthLine) Agrees() bool {
	sum := l.Frozen.Plus(l.Adjusted)
	return sum.Count == l.Live.Count && sum.Total.Equal(l.Live.Total) && sum.Tech.Equal(l.Live.Tech)
}

// MonthReport is a closed month beside the ledger of today.
type MonthReport struct {
	Query MonthQuery
	End   MonthEnd
	Whole MonthLine
	Lines []MonthLine  // by the query's dimension
	Late  []Adjustment // entries written after the close, the newest first
}

// Add fills in the lines, in the order of the dimension's values.
func (r *MonthReport) Add(ref *Reference, frozen []MonthFigure, live []MonthLive) {
	lines := map[string]*MonthLine{}
	line := func(code string) *MonthLine {
		if lines[code] == nil {
			lines[code] = &MonthLine{Code: code, Name: r.Query.By.Codes(ref).Name(code)}
		}
		return lines[code]
	}
	for _, f := range frozen {
		if f.By == Whole {
			r.Whole.Frozen = r.Query.frozen(f)
		} else {
			line(f.Code).Frozen = r.Query.frozen(f)
		}
	}
	for _, l := range live {
		to := line(l.Code)
		to.Live, r.Whole.Live = to.Live.Plus(l.Sum), r.Whole.Live.Plus(l.Sum)
		if l.Late {
			to.Adjusted, r.Whole.Adjusted = to.Adjusted.Plus(l.Sum), r.Whole.Adjusted.Plus(l.Sum)
		}
	}
	for _, c := range r.Query.By.Codes(ref) {
		if lines[c.Code] != nil {
			r.Lines = append(r.Lines, *lines[c.Code])
			delete(lines, c.Code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(lines)) { // a value that the reference does not know: somebody has tampered
		lines[code].Name = code
		r.Lines = append(r.Lines, *lines[code])
	}
}

// Disagree names the first line whose parts do not make the whole, "" when all do.
func (r MonthReport) Disagree() string {
	if !r.Whole.Agrees() {
		return "合计"
	}
	for _, l := range r.Lines {
		if !l.Agrees() {
			return l.Name
		}
	}
	return ""
}
