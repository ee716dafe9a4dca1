package market

import (
	"strconv"
	"time"
)

// ParseRegistrationNumber checks the form of a 合同登记编号, which the national system issues and this market never
// makes: 16 digits, or 14 of the older kind. Blanks, hyphens and full-width digits are put right. The Invalid error
// says in Chinese what is wrong.
func ParseRegistrationNumber(s string) (string, error) {
	s = compact(s)
	if s == "" {
		return "", Errorf(Invalid, "请填写合同登记编号")
	}
	for i, r := range []rune(s) {
		if !isDigit(r) {
			return "", Errorf(Invalid, "登记编号只有数字，第 %d 位不是", i+1)
		}
	}
	if len(s) != 14 && len(s) != 16 {
		return "", Errorf(Invalid, "登记编号应为 16 位或 14 位数字，现在是 %d 位", len(s))
	}
	return s, nil
}

// RegistrationYearOff reports whether the year in a parsed number (the first four of 16 digits, the first two of 14)
// is not that of the registration. It is for a warning: the layout of the number is not laid down.
func RegistrationYearOff(number string, registered time.Time) bool {
	year := DateOf(registered).Year()
	switch len(number) {
	case 16:
		return number[:4] != strconv.Itoa(year)
	case 14:
		return number[:2] != strconv.Itoa(year)[2:]
	}
	return false
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func allDigits(s string) bool {
	for _, r := range s {
		if !isDigit(r) {
			return false
		}
	}
	return true
}
