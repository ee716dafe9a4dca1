package view

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

const none = "—"

// Date is 2026-11-23, or — for no time.
func Date(t time.Time) string { return layoutTime(t, "2006-01-02") }

// DateCN is 11 月 23 日, for sentences.
func DateCN(t time.Time) string { return layoutTime(t, "1 月 2 日") }

// DateFullCN is 2026 年 11 月 23 日, for documents.
func DateFullCN(t time.Time) string { return layoutTime(t, "2006 年 1 月 2 日") }

// MonthDay is 11-23, for narrow columns of one year.
func MonthDay(t time.Time) string { return layoutTime(t, "01-02") }

// DateTimeSeconds is DateTime to the second, for logs.
func DateTimeSeconds(t time.Time) string { return layoutTime(t, "2006-01-02 15:04:05") }

// DateTime is 2026-11-23 14:20.
func DateTime(t time.Time) string { return layoutTime(t, "2006-01-02 15:04") }

// Clock is 14:20.
func Clock(t time.Time) string { return layoutTime(t, "15:04") }

// Ago is 今天 09:12, 昨天 09:12, 2 天前 up to 7 days, then the date; a coming
// time of another day is its date and hour.
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return none
	}
	switch days := daysBetween(t, now); {
	case days == 0:
		return "今天 " + Clock(t)
	case days == 1:
		return "昨天 " + Clock(t)
	case days < 0:
		return DateTime(t)
	case days <= 7:
		return fmt.Sprintf("%d 天前", days)
	default:
		return Date(t)
	}
}

// day is Ago without the hour: 今天, 昨天, 3 天前, 11 月 20 日 or the full date.
func day(now, t time.Time) string {
	days := daysBetween(t, now)
	switch {
	case days == 0:
		return "今天"
	case days == 1:
		return "昨天"
	case days > 1 && days <= 7:
		return fmt.Sprintf("%d 天前", days)
	case t.In(market.Shanghai).Year() == now.In(market.Shanghai).Year():
		return DateCN(t)
	default:
		return Date(t) + " "
	}
}

// daysBetween counts the midnights in China from one time to the other.
func daysBetween(from, to time.Time) int {
	return int(midnight(to).Sub(midnight(from)).Hours()) / 24
}

func midnight(t time.Time) time.Time {
	year, month, day := t.In(market.Shanghai).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, market.Shanghai)
}

func monthsBetween(from, to time.Time) int {
	f, t := from.In(market.Shanghai), to.In(market.Shanghai)
	months := (t.Year()-f.Year())*12 + int(t.Month()) - int(f.Month())
	if t.Day() < f.Day() {
		months--
	}
	return months
}

func layoutTime(t time.Time, layout string) string {
	if t.IsZero() {
		return none
	}
	return t.In(market.Shanghai).Format(layout)
}

// Num writes a whole number with thousands separators.
func Num[T int | int32 | int64](n T) string { return groups(strconv.FormatInt(int64(n), 10)) }

// NumDecimal writes a decimal with the given digits after the point and
// thousands separators; a negative one has a minus sign, not a hyphen.
func NumDecimal(d decimal.Decimal, digits int32) string {
	return groups(d.StringFixed(digits))
}

// Pct writes a ratio as a percentage with one digit: 0.879 is 87.9%.
func Pct(ratio decimal.Decimal) string { return NumDecimal(ratio.Shift(2), 1) + "%" }

// Growth is Pct with its sign: +9.8%, −2.8%.
func Growth(ratio decimal.Decimal) string {
	text := Pct(ratio)
	if ratio.Shift(2).Round(1).IsPositive() {
		return "+" + text
	}
	return text
}

// groups puts commas into a number's whole part and the minus sign before it.
func groups(digits string) string {
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	whole := len(digits)
	for i := range len(digits) {
		if digits[i] == '.' {
			whole = i
			break
		}
	}
	out := digits[:whole]
	for i := whole - 3; i > 0; i -= 3 {
		out = out[:i] + "," + out[i:]
	}
	return sign + out + digits[whole:]
}

// share is a ratio as a length between 0% and 100%.
func share(ratio decimal.Decimal) string {
	one := decimal.NewFromInt(1)
	ratio = decimal.Max(decimal.Zero, decimal.Min(ratio, one))
	return ratio.Shift(2).Round(2).String() + "%"
}

func counter(value string, limit int) string {
	n := utf8.RuneCountInString(value)
	if n > limit {
		return fmt.Sprintf("已超出 %d 字", n-limit)
	}
	return fmt.Sprintf("%d／%d 字", n, limit)
}

// FileSize is 820 KB or 3.4 MB.
func FileSize(bytes int) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, bytes>>10))
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
}
