package market

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Unit is the unit that a sum is typed in.
type Unit string

// The units offered by forms.
const (
	Yuan    Unit = "元"
	WanYuan Unit = "万元"
)

// moneyUnits are the units that may follow a number, longer names before their endings. shift is the power of ten that
// makes yuan of it.
var moneyUnits = []struct {
	name  string
	shift int32
}{{"亿元", 8}, {"亿", 8}, {"万元", 4}, {"万", 4}, {"元", 0}}

// plainNumber is a number with or without commas between thousands.
var plainNumber = regexp.MustCompile(`^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$`)

// maxYuanDigits is the length of the largest whole sum in yuan: sums are under 10^12.
const maxYuanDigits = 12

// ParseMoney reads a sum and returns it in yuan, at most two decimals and under 10^12. unit applies unless the text
// names its own. Full-width characters, blanks and commas between thousands are put right. The Invalid error says in
// Chinese what is wrong. Zero is a sum: whether it will do is for the caller to say.
func ParseMoney(s string, unit Unit) (decimal.Decimal, error) {
	number, shift, known := splitUnit(strings.ReplaceAll(squeeze(s), "。", "."), unit)
	switch {
	case number == "":
		return decimal.Zero, Errorf(Invalid, "请填写金额")
	case !known:
		return decimal.Zero, Errorf(Invalid, "请选择金额的单位，元或万元")
	case strings.HasPrefix(number, "-") || strings.HasPrefix(number, "−"):
		return decimal.Zero, Errorf(Invalid, "金额不能是负数")
	}
	parts := plainNumber.FindStringSubmatch(number)
	if parts == nil {
		return decimal.Zero, notMoney(number)
	}
	whole := strings.TrimLeft(strings.ReplaceAll(parts[1], ",", ""), "0")
	fraction := strings.TrimRight(parts[2], "0")
	switch {
	case len(whole)+int(shift) > maxYuanDigits && whole != "":
		return decimal.Zero, Errorf(Invalid, "金额在 1 万亿元以上，请核对数字和单位")
	case len(fraction) > int(shift)+2:
		return decimal.Zero, Errorf(Invalid, "金额最多精确到分，即小数点后最多 %d 位", shift+2)
	}
	sum, err := decimal.NewFromString("0" + whole + "." + fraction + "0")
	if err != nil {
		return decimal.Zero, notMoney(number)
	}
	return sum.Shift(shift), nil
}

// splitUnit cuts the unit off the number and returns its power of ten; without one that of the unit given. known is
// false when the unit given is needed and is none.
func splitUnit(s string, unit Unit) (number string, shift int32, known bool) {
	for _, u := range moneyUnits {
		if number, found := strings.CutSuffix(s, u.name); found {
			return number, u.shift, true
		}
	}
	switch unit {
	case Yuan:
		return s, 0, true
	case WanYuan:
		return s, 4, true
	}
	return s, 0, false
}

// notMoney says why a text is no number.
func notMoney(s string) error {
	if strings.Contains(s, ",") && plainNumber.MatchString(strings.ReplaceAll(s, ",", "")) {
		return Errorf(Invalid, "千位逗号的位置不对，例：1,860,000.00")
	}
	return Errorf(Invalid, "金额应为数字，例：1,860,000.00 或 186 万元")
}

// FormatMoney is the sum with its unit: 9,800.00 元 under 1 万, 186.00 万元 under 1 亿, 24.17 亿元 from there, two
// decimals, half up. The unit is chosen after rounding, so that 10,000.00 万元 is never shown for 1.00 亿元. Number and
// unit are joined by U+00A0.
func FormatMoney(yuan decimal.Decimal) string {
	number, unit := FormatMoneyParts(yuan)
	return number + "\u00a0" + unit
}

// FormatMoneyParts is FormatMoney with number and unit apart.
func FormatMoneyParts(yuan decimal.Decimal) (number, unit string) {
	limit := decimal.NewFromInt(10000)
	switch {
	case yuan.Abs().Round(2).LessThan(limit):
		return FormatYuan(yuan), "元"
	case yuan.Shift(-4).Abs().Round(2).LessThan(limit):
		return FormatWan(yuan), "万元"
	}
	return FormatYi(yuan), "亿元"
}

// FormatYuan is the sum in 元 without the unit: 12,345.00.
func FormatYuan(yuan decimal.Decimal) string { return twoDecimals(yuan) }

// FormatWan is the sum in 万元 without the unit: 1,860.00.
func FormatWan(yuan decimal.Decimal) string { return twoDecimals(yuan.Shift(-4)) }

// FormatWanTrim is FormatWan without decimals that are zero, for lists and budgets: 186.
func FormatWanTrim(yuan decimal.Decimal) string { return strings.TrimSuffix(FormatWan(yuan), ".00") }

// FormatYi is the sum in 亿元 without the unit: 24.17.
func FormatYi(yuan decimal.Decimal) string { return twoDecimals(yuan.Shift(-8)) }

// twoDecimals rounds half up (by magnitude) and sets commas between thousands. The sign is U+2212.
func twoDecimals(d decimal.Decimal) string {
	rounded := d.Round(2)
	whole, fraction, _ := strings.Cut(rounded.Abs().StringFixed(2), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rounded.IsNegative() {
		whole = "−" + whole
	}
	return whole + "." + fraction
}

// Uppercase is the sum in the capital numerals of Chinese finance (人民币大写), rounded half up to 分: 捌佰陆拾万元整.
// A negative sum begins with 负. Sums of 10^16 yuan or more have none and give "".
func Uppercase(yuan decimal.Decimal) string {
	if yuan.Abs().GreaterThanOrEqual(decimal.New(1, 16)) {
		return ""
	}
	fen := yuan.Abs().Shift(2).Round(0).IntPart()
	sign := ""
	if yuan.IsNegative() && fen > 0 {
		sign = "负"
	}
	whole, jiao, odd := fen/100, fen/10%10, fen%10
	switch {
	case fen == 0:
		return "零元整"
	case whole == 0:
		return sign + capitalFraction(jiao, odd)
	case jiao == 0 && odd == 0:
		return sign + capitals(whole) + "元整"
	case jiao == 0:
		return sign + capitals(whole) + "元零" + capitalFraction(jiao, odd)
	}
	return sign + capitals(whole) + "元" + capitalFraction(jiao, odd)
}

// capitalFraction writes the parts of a yuan, leaving out the one that is zero.
func capitalFraction(jiao, fen int64) string {
	s := ""
	if jiao > 0 {
		s += capitals(jiao) + "角"
	}
	if fen > 0 {
		s += capitals(fen) + "分"
	}
	return s
}

// capitals writes a positive whole number. What stands before a unit is written like a number of its own, and a 零
// marks that digits after the unit are skipped.
func capitals(n int64) string {
	for _, unit := range []struct {
		value int64
		name  string
	}{{1e8, "亿"}, {1e4, "万"}, {1000, "仟"}, {100, "佰"}, {10, "拾"}} {
		if n < unit.value {
			continue
		}
		head, rest := capitals(n/unit.value)+unit.name, n%unit.value
		switch {
		case rest == 0:
			return head
		case rest < unit.value/10:
			return head + "零" + capitals(rest)
		}
		return head + capitals(rest)
	}
	return string([]rune("零壹贰叁肆伍陆柒捌玖")[n])
}

// UnitSlip guards against 元 typed as 万元 and the reverse: ok is true when the sum is about 10,000 times (5,000 to
// 20,000) the median of comparable sums or about one 10,000th of it, and suggested is the sum that was then meant, in
// yuan. Sums and medians that are not positive never slip.
func UnitSlip(yuan, median decimal.Decimal) (suggested decimal.Decimal, ok bool) {
	if !yuan.IsPositive() || !median.IsPositive() {
		return decimal.Zero, false
	}
	switch {
	case slipped(yuan, median):
		return yuan.Shift(-4).Round(2), true
	case slipped(median, yuan):
		return yuan.Shift(4), true
	}
	return decimal.Zero, false
}

// slipped reports whether large is 5,000 to 20,000 times small.
func slipped(large, small decimal.Decimal) bool {
	return large.GreaterThanOrEqual(small.Mul(decimal.NewFromInt(5000))) &&
		large.LessThanOrEqual(small.Mul(decimal.NewFromInt(20000)))
}
