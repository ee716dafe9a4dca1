package market

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// monthsOf is a year whose months have these sums, the rest none.
func monthsOf(sums ...int64) [12]decimal.Decimal {
	var out [12]decimal.Decimal
	for i, s := range sums {
		out[i] = decimal.NewFromInt(s)
	}
	return out
}

func TestYearPace(t *testing.T) {
	t.Parallel()
	even := monthsOf(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	quarter := monthsOf(25, 75)              // a quarter in January, the rest in February
	odd := monthsOf(200, -100)               // more taken back in February than registered
	late := monthsOf(0, 0, 0, 0, 0, 0, 0, 4) // all of it in August
	for _, c := range []struct {
		name   string
		day    time.Time
		months [][12]decimal.Decimal
		share  string
		byDays bool
	}{
		{"whole months", date(2026, 6, 30), [][12]decimal.Decimal{even, even, even}, "0.5", false},
		{"within a month", date(2026, 1, 31), [][12]decimal.Decimal{quarter, quarter, quarter}, "0.25", false},
		{"half of February", date(2026, 2, 14), [][12]decimal.Decimal{quarter, quarter, quarter}, "0.625", false},
		{"half of a leap February", date(2024, 2, 29), [][12]decimal.Decimal{quarter, quarter, quarter}, "1", false},
		{"mean of the years, not of the sums", date(2026, 1, 31), [][12]decimal.Decimal{quarter, monthsOf(7500, 2500), late}, "0.3333", false},
		{"year end", date(2026, 12, 31), [][12]decimal.Decimal{even, quarter, late}, "1", false},
		{"before the first contract", date(2026, 7, 31), [][12]decimal.Decimal{late, late, late}, "0", false},
		{"never above the year", date(2026, 1, 31), [][12]decimal.Decimal{odd, odd, odd}, "1", false},
		{"two years are too few", date(2026, 7, 2), [][12]decimal.Decimal{even, even}, "0.5014", true},
		{"a year without figures", date(2026, 12, 31), [][12]decimal.Decimal{even, {}, even}, "1", true},
		{"no years", date(2025, 1, 1), nil, "0.0027", true},
		{"no years, leap year", date(2024, 12, 30), nil, "0.9973", true},
		{"a date as the database gives it", time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), [][12]decimal.Decimal{even, even, even}, "0.5", false},
		{"late in the evening", time.Date(2026, 6, 30, 15, 59, 0, 0, time.UTC), [][12]decimal.Decimal{even, even, even}, "0.5", false},
	} {
		got := YearPace(c.day, c.months)
		if !got.Share.Round(4).Equal(decimal.RequireFromString(c.share)) || got.ByDays != c.byDays {
			t.Errorf("%s: %s, by days %t, want %s, %t", c.name, got.Share, got.ByDays, c.share, c.byDays)
		}
	}
}

// TestYearPaceNeverFalls walks through a year day by day.
func TestYearPaceNeverFalls(t *testing.T) {
	t.Parallel()
	months := [][12]decimal.Decimal{monthsOf(4, 4, 9, 8, 8, 12, 7, 8, 11, 8, 10, 11), monthsOf(1, 0, 9, 0, 8, 30, 7, 8, 11, 8, 10, 50), monthsOf(3, 3, 3, 3)}
	last := decimal.Zero
	for day := date(2026, 1, 1); day.Year() == 2026; day = day.AddDate(0, 0, 1) {
		share := YearPace(day, months).Share
		if share.LessThan(last) {
			t.Fatalf("%s: %s after %s", day.Format(time.DateOnly), share, last)
		}
		last = share
	}
	if !last.Equal(decimal.NewFromInt(1)) {
		t.Errorf("the year ends at %s", last)
	}
}
