package market

import (
	"testing"
	"time"
)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, Shanghai)
}

func daysOff(from, to time.Time) []Holiday {
	var out []Holiday
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		out = append(out, Holiday{Day: d})
	}
	return out
}

// calendar has the autumns of 2025 and 2026 as the State Council's notices set them.
func calendar() *Calendar {
	days := daysOff(date(2025, 10, 1), date(2025, 10, 8))
	days = append(days, daysOff(date(2026, 9, 25), date(2026, 9, 27))...)
	days = append(days, daysOff(date(2026, 10, 1), date(2026, 10, 7))...)
	for _, d := range []time.Time{date(2025, 9, 28), date(2025, 10, 11), date(2026, 9, 20), date(2026, 10, 10)} {
		days = append(days, Holiday{Day: d, Working: true})
	}
	return NewCalendar(days)
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   time.Time
		want time.Time
	}{
		{"date column", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), date(2026, 11, 23)},
		{"last moment of the day", time.Date(2026, 11, 23, 15, 59, 59, 999, time.UTC), date(2026, 11, 23)},
		{"first moment of the next", time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC), date(2026, 11, 24)},
		{"already a date", date(2026, 11, 23), date(2026, 11, 23)},
	} {
		if got := DateOf(c.in); !got.Equal(c.want) || got.Location() != Shanghai {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestIsWorkday(t *testing.T) {
	t.Parallel()
	cal := calendar()
	for _, c := range []struct {
		name string
		day  time.Time
		want bool
	}{
		{"Monday", date(2026, 11, 23), true},
		{"Saturday", date(2026, 11, 21), false},
		{"Sunday", date(2026, 11, 22), false},
		{"中秋 on a Friday", date(2026, 9, 25), false},
		{"make-up Sunday", date(2026, 9, 20), true},
		{"make-up Saturday", date(2026, 10, 10), true},
		{"make-up Saturday read from a date column", time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC), true},
		{"moment of Sunday evening UTC, Monday in Shanghai", time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC), true},
	} {
		if got := cal.IsWorkday(c.day); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if NewCalendar(nil).IsWorkday(date(2026, 10, 10)) {
		t.Error("without exceptions a Saturday is off")
	}
}

func TestNewCalendarReadsDateColumns(t *testing.T) {
	t.Parallel()
	cal := NewCalendar([]Holiday{{Day: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}})
	if cal.IsWorkday(date(2026, 10, 1)) || !cal.IsWorkday(date(2026, 9, 30)) || !cal.IsWorkday(date(2026, 10, 2)) {
		t.Error("the day off is not where it was put")
	}
}

func TestAddWorkdays(t *testing.T) {
	t.Parallel()
	cal := calendar()
	for _, c := range []struct {
		name string
		from time.Time
		n    int
		want time.Time
	}{
		{"15 days from 中秋, Friday 2026-09-25", date(2026, 9, 25), 15, date(2026, 10, 22)},
		{"15 days from Friday 2026-09-18, over both make-up days", date(2026, 9, 18), 15, date(2026, 10, 15)},
		{"15 days from the Friday before 国庆 2025", date(2025, 9, 26), 15, date(2025, 10, 23)},
		{"one day before 国庆", date(2026, 9, 30), 1, date(2026, 10, 8)},
		{"from within 国庆", date(2026, 10, 3), 3, date(2026, 10, 10)},
		{"an ordinary week", date(2026, 11, 20), 5, date(2026, 11, 27)},
		{"from a moment", time.Date(2026, 11, 20, 23, 30, 0, 0, Shanghai), 1, date(2026, 11, 23)},
		{"no days from a day off", date(2026, 11, 21), 0, date(2026, 11, 21)},
		{"no negative days", date(2026, 11, 23), -3, date(2026, 11, 23)},
	} {
		if got := cal.AddWorkdays(c.from, c.n); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got.Format(time.DateOnly), c.want.Format(time.DateOnly))
		}
	}
}

func TestWorkdaysBetween(t *testing.T) {
	t.Parallel()
	cal := calendar()
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     int
	}{
		{"the same day", date(2026, 11, 23), date(2026, 11, 23), 0},
		{"morning to night of one day", time.Date(2026, 11, 23, 1, 0, 0, 0, Shanghai), time.Date(2026, 11, 23, 23, 0, 0, 0, Shanghai), 0},
		{"over a weekend", date(2026, 11, 20), date(2026, 11, 23), 1},
		{"over 国庆", date(2026, 9, 30), date(2026, 10, 10), 3},
		{"to a day off", date(2026, 9, 30), date(2026, 10, 5), 0},
		{"missed on Friday, Tuesday now", date(2026, 11, 24), date(2026, 11, 20), -2},
	} {
		if got := cal.WorkdaysBetween(c.from, c.to); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	for n := range 40 {
		from := date(2026, 9, 18)
		if got := cal.WorkdaysBetween(from, cal.AddWorkdays(from, n)); got != n {
			t.Errorf("AddWorkdays %d comes back as %d", n, got)
		}
	}
}
