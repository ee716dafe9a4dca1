package market

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PatentNumber is a Chinese patent application number as stored: 13 characters since October 2003 (year 4, kind 1,
// serial 7, check 1), 9 before (year 2, kind 1, serial 5, check 1), without ZL and point. The number of a granted
// patent is ZL and the application number. ParsePatentNumber makes valid ones; the methods of any other value never
// panic.
type PatentNumber string

// ParsePatentNumber checks the form and check digit of an application or patent number. ZL or CN in front, blanks,
// hyphens, points, full-width and lower-case characters are accepted and put right. An unknown kind is not an error:
// see Kind. The Invalid error says in Chinese what is wrong.
func ParsePatentNumber(s string) (PatentNumber, error) {
	s = strings.NewReplacer(".", "", "。", "", "·", "").Replace(compact(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "CN"), "ZL")
	if s == "" {
		return "", Errorf(Invalid, "请填写专利号或申请号")
	}
	if isPublicationNumber(s) {
		return "", Errorf(Invalid, "这是公开号或公告号，请改填专利号或申请号，例：201710601862.3")
	}
	switch n := RuneLen(s); n {
	case 9, 13:
	case 8, 12:
		return "", Errorf(Invalid, "号码现在是 %d 位，可能漏了小数点后的校验位", n)
	default:
		return "", Errorf(Invalid, "号码应为 13 位（2003 年 10 月以前为 9 位），现在是 %d 位", n)
	}
	return checkPatentNumber(s)
}

// checkPatentNumber checks a number of 9 or 13 characters.
func checkPatentNumber(s string) (PatentNumber, error) {
	runes := []rune(s)
	last := len(runes) - 1
	for i, r := range runes {
		if !isDigit(r) && !(i == last && r == 'X') {
			return "", Errorf(Invalid, "号码只有数字，校验位可为 X，第 %d 位不是", i+1)
		}
	}
	if s[last] != patentCheck(s[:last]) {
		return "", Errorf(Invalid, "号码的校验位不对，通常是其中一位输错")
	}
	return PatentNumber(s), nil
}

// isPublicationNumber reports whether s is 7 to 9 digits and a letter of kind, as in CN122072823A. X is not among the
// letters: it is a check digit.
func isPublicationNumber(s string) bool {
	digits := strings.TrimRight(s, "ABCSUY")
	return len(digits) == len(s)-1 && 7 <= len(digits) && len(digits) <= 9 && allDigits(digits)
}

// patentCheck computes the check digit of the 8 or 12 digits before it.
func patentCheck(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (2 + i%8)
	}
	return "0123456789X"[sum%11]
}

// MakePatentNumber composes a number of the form used since October 2003. year has four digits, kind is the digit of
// the kind as a character ('1' invention, '2' utility model, '3' design, '8' and '9' by way of the PCT), serial is 1 to
// 9999999; outside these ranges the result is no valid number.
func MakePatentNumber(year int, kind byte, serial int) PatentNumber {
	digits := fmt.Sprintf("%04d%c%07d", year, kind, serial)
	return PatentNumber(digits + string(patentCheck(digits)))
}

// Display returns the number as people write it: "ZL 2017 1 0601862.3" when the patent is granted, without ZL while the
// application is pending.
func (p PatentNumber) Display(granted bool) string {
	year := p.yearDigits()
	if year == 0 {
		return string(p)
	}
	last := len(p) - 1
	number := fmt.Sprintf("%s %s %s.%s", p[:year], p[year:year+1], p[year+1:last], p[last:])
	if granted {
		return "ZL " + number
	}
	return number
}

// Kind returns "invention", "utility" or "design", and "" when the kind is not one of those that are known: warn then,
// never reject. Applications by way of the PCT count as what they become.
func (p PatentNumber) Kind() string {
	year := p.yearDigits()
	if year == 0 {
		return ""
	}
	switch p[year] {
	case '1', '8':
		return "invention"
	case '2', '9':
		return "utility"
	case '3':
		return "design"
	}
	return ""
}

// FilingYear returns the year of the application, 0 when the value is not a number.
func (p PatentNumber) FilingYear() int {
	digits := p.yearDigits()
	year, err := strconv.Atoi(string(p[:digits]))
	switch {
	case err != nil:
		return 0
	case digits == 4:
		return year
	case year >= 85: // the first applications are of 1985
		return 1900 + year
	}
	return 2000 + year
}

// yearDigits returns how many characters the year has, 0 when the value cannot be a number.
func (p PatentNumber) yearDigits() int {
	switch len(p) {
	case 13:
		return 4
	case 9:
		return 2
	}
	return 0
}

// PatentTerm returns the years that protection lasts from the day of filing (专利法 article 42): 20 for "invention", 10
// for "utility", 15 for "design" or 10 when it was filed before 2021-06-01, 0 for any other kind.
func PatentTerm(kind string, filed time.Time) int {
	switch {
	case kind == "invention":
		return 20
	case kind == "utility", kind == "design" && filed.Before(longerDesigns):
		return 10
	case kind == "design":
		return 15
	}
	return 0
}

// longerDesigns is the day from which designs are protected for 15 years.
var longerDesigns = time.Date(2021, time.June, 1, 0, 0, 0, 0, Shanghai)

// yearsAfter is the same day of a later year, or the last of the month when that year lacks it.
func yearsAfter(day time.Time, years int) time.Time {
	later := day.AddDate(years, 0, 0)
	if later.Day() != day.Day() {
		return later.AddDate(0, 0, -later.Day())
	}
	return later
}
