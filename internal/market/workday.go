package market

import "time"

// Shanghai is the one zone of the market's dates. It is fixed, so no zone files are needed.
var Shanghai = time.FixedZone("CST", 8*60*60)

// DateOf returns the date of t in Shanghai as midnight there. Values of date columns, which are read as midnight UTC,
// keep their date. Two dates may be compared with Equal, Before and After only when both come from here.
func DateOf(t time.Time) time.Time {
	year, month, day := t.In(Shanghai).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, Shanghai)
}

// Holiday is a day that differs from the plain week: 放假 when Working is false, 调休 when it is true.
type Holiday struct {
	Day     time.Time `db:"day"`
	Working bool      `db:"working"`
}

// Calendar tells working days from days off. Days not listed follow the plain week. It is safe for concurrent use.
type Calendar struct {
	working map[time.Time]bool // by DateOf
}

// NewCalendar returns the calendar with those exceptions; of two for one day the later in the list holds.
func NewCalendar(holidays []Holiday) *Calendar {
	working := make(map[time.Time]bool, len(holidays))
	for _, h := range holidays {
		working[DateOf(h.Day)] = h.Working
	}
	return &Calendar{working: working}
}

// IsWorkday reports whether the date of day is a working day.
func (c *Calendar) IsWorkday(day time.Time) bool {
	date := DateOf(day)
	if working, listed := c.working[date]; listed {
		return working
	}
	return date.Weekday() != time.Saturday && date.Weekday() != time.Sunday
}

// AddWorkdays returns the date of the nth working day after day: the count starts the day after. For n of 0 or less it
// is day's own date.
func (c *Calendar) AddWorkdays(day time.Time, n int) time.Time {
	date := DateOf(day)
	for n > 0 {
		date = date.AddDate(0, 0, 1)
		if c.IsWorkday(date) {
			n--
		}
	}
	return date
}

// WorkdaysBetween counts the working days after from, up to and including to, so that for a working day to it is the n
// of AddWorkdays(from, n). When to is the earlier one the count is negative: the working days since a missed deadline.
func (c *Calendar) WorkdaysBetween(from, to time.Time) int {
	date, end := DateOf(from), DateOf(to)
	if end.Before(date) {
		return -c.WorkdaysBetween(to, from)
	}
	days := 0
	for date.Before(end) {
		date = date.AddDate(0, 0, 1)
		if c.IsWorkday(date) {
			days++
		}
	}
	return days
}
