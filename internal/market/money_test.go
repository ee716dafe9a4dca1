package market

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func yuan(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		unit Unit
		want string
	}{
		{"860000", Yuan, "860000"},
		{"86", WanYuan, "860000"},
		{"1,860,000.50", Yuan, "1860000.5"},
		{"１，８６０，０００．５０", Yuan, "1860000.5"},
		{"1 860 000", Yuan, "1860000"},
		{"186。5", WanYuan, "1865000"},
		{"186.123456", WanYuan, "1861234.56"},
		{"186.12345600", WanYuan, "1861234.56"},
		{"0", Yuan, "0"},
		{"000.00", WanYuan, "0"},
		{"007", Yuan, "7"},
		{"0.01", Yuan, "0.01"},
		{"186万元", Yuan, "1860000"},
		{"186 万", Yuan, "1860000"},
		{"9800元", WanYuan, "9800"},
		{"1.2亿元", WanYuan, "120000000"},
		{"1.2亿", Yuan, "120000000"},
		{"24.17\u00a0亿元", Yuan, "2417000000"},
		{"86元", "", "86"},
		{"999999999999.99", Yuan, "999999999999.99"},
		{"99999999.999999", WanYuan, "999999999999.99"},
		{strings.Repeat("0", 50) + "1", Yuan, "1"},
	} {
		got, err := ParseMoney(c.in, c.unit)
		if err != nil || !got.Equal(yuan(c.want)) {
			t.Errorf("ParseMoney(%q, %q) = %s, %v, want %s", c.in, c.unit, got, err, c.want)
		}
	}
}

func TestParseMoneyMessages(t *testing.T) {
	t.Parallel()
	const (
		junk     = "金额应为数字，例：1,860,000.00 或 186 万元"
		commas   = "千位逗号的位置不对，例：1,860,000.00"
		negative = "金额不能是负数"
		large    = "金额在 1 万亿元以上，请核对数字和单位"
	)
	for _, c := range []struct {
		in   string
		unit Unit
		want string
	}{
		{"", Yuan, "请填写金额"},
		{" \u3000", WanYuan, "请填写金额"},
		{"万元", WanYuan, "请填写金额"},
		{"-1", Yuan, negative},
		{"－1", Yuan, negative},
		{"−186.00 万元", Yuan, negative},
		{"0.001", Yuan, "金额最多精确到分，即小数点后最多 2 位"},
		{"0.001元", WanYuan, "金额最多精确到分，即小数点后最多 2 位"},
		{"1.1234567", WanYuan, "金额最多精确到分，即小数点后最多 6 位"},
		{"1000000000000", Yuan, large},
		{"100000000", WanYuan, large},
		{"10000亿元", Yuan, large},
		{strings.Repeat("9", 5000), Yuan, large},
		{"面议", WanYuan, junk},
		{"1e9", Yuan, junk},
		{"+5", Yuan, junk},
		{".5", Yuan, junk},
		{"5.", Yuan, junk},
		{"1.2.3", Yuan, junk},
		{"120～180", WanYuan, junk},
		{"2万亿", Yuan, junk},
		{"NaN", Yuan, junk},
		{"0x10", Yuan, junk},
		{"\xff", Yuan, junk},
		{"12,34", Yuan, commas},
		{"1,2345", Yuan, commas},
		{",123", Yuan, commas},
		{"86", "", "请选择金额的单位，元或万元"},
		{"86", "美元", "请选择金额的单位，元或万元"},
	} {
		_, err := ParseMoney(c.in, c.unit)
		wantInvalid(t, c.in, err, c.want)
	}
}

func TestFormatMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0", "0.00 元"},
		{"0.005", "0.01 元"},
		{"0.004", "0.00 元"},
		{"-0.004", "0.00 元"},
		{"9800", "9,800.00 元"},
		{"9999.99", "9,999.99 元"},
		{"9999.995", "1.00 万元"},
		{"10000", "1.00 万元"},
		{"1860000", "186.00 万元"},
		{"18600000", "1,860.00 万元"},
		{"12345", "1.23 万元"},
		{"12350", "1.24 万元"},
		{"99999949.99", "9,999.99 万元"},
		{"99999950", "1.00 亿元"},
		{"100000000", "1.00 亿元"},
		{"2417000000", "24.17 亿元"},
		{"2416500000", "24.17 亿元"},
		{"999999999999.99", "10,000.00 亿元"},
		{"-1860000", "−186.00 万元"},
		{"-12350", "−1.24 万元"},
		{"-9800", "−9,800.00 元"},
	} {
		want := strings.Replace(c.want, " ", "\u00a0", 1)
		if got := FormatMoney(yuan(c.in)); got != want {
			t.Errorf("FormatMoney(%s) = %q, want %q", c.in, got, want)
		}
	}
}

func TestFormatInOneUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, yuan, wan, trim, yi string }{
		{"0", "0.00", "0.00", "0", "0.00"},
		{"12345", "12,345.00", "1.23", "1.23", "0.00"},
		{"1860000", "1,860,000.00", "186.00", "186", "0.02"},
		{"1865000", "1,865,000.00", "186.50", "186.50", "0.02"},
		{"2417123456.78", "2,417,123,456.78", "241,712.35", "241,712.35", "24.17"},
		{"-1000000000", "−1,000,000,000.00", "−100,000.00", "−100,000", "−10.00"},
		{"1000000", "1,000,000.00", "100.00", "100", "0.01"},
	} {
		d := yuan(c.in)
		for name, pair := range map[string][2]string{
			"FormatYuan": {FormatYuan(d), c.yuan}, "FormatWan": {FormatWan(d), c.wan},
			"FormatWanTrim": {FormatWanTrim(d), c.trim}, "FormatYi": {FormatYi(d), c.yi},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s(%s) = %q, want %q", name, c.in, pair[0], pair[1])
			}
		}
	}
}

func TestUppercase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0", "零元整"},
		{"0.004", "零元整"},
		{"-0.004", "零元整"},
		{"0.05", "伍分"},
		{"0.1", "壹角"},
		{"0.15", "壹角伍分"},
		{"1", "壹元整"},
		{"10", "壹拾元整"},
		{"10.05", "壹拾元零伍分"},
		{"10.5", "壹拾元伍角"},
		{"101", "壹佰零壹元整"},
		{"1010", "壹仟零壹拾元整"},
		{"1001", "壹仟零壹元整"},
		{"10001", "壹万零壹元整"},
		{"10100", "壹万零壹佰元整"},
		{"11000", "壹万壹仟元整"},
		{"100010", "壹拾万零壹拾元整"},
		{"105000", "壹拾万伍仟元整"},
		{"1860000.56", "壹佰捌拾陆万元伍角陆分"},
		{"8600000", "捌佰陆拾万元整"},
		{"10001000", "壹仟万壹仟元整"},
		{"100000000", "壹亿元整"},
		{"100000001", "壹亿零壹元整"},
		{"100001000", "壹亿零壹仟元整"},
		{"100010000", "壹亿零壹万元整"},
		{"110000000", "壹亿壹仟万元整"},
		{"1000000000", "壹拾亿元整"},
		{"2417000000", "贰拾肆亿壹仟柒佰万元整"},
		{"100200030004.06", "壹仟零贰亿零叁万零肆元零陆分"},
		{"999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"},
		{"1000000000000", "壹万亿元整"},
		{"1000100000000", "壹万零壹亿元整"},
		{"9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"},
		{"10000000000000000", ""},
		{"0.995", "壹元整"},
		{"-8600000", "负捌佰陆拾万元整"},
		{"-0.5", "负伍角"},
	} {
		if got := Uppercase(yuan(c.in)); got != c.want {
			t.Errorf("Uppercase(%s) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestUnitSlip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sum, median, want string
	}{
		{"元 typed as 万元", "8600000000", "860000", "860000"},
		{"lowest of the upper range", "4300000000", "860000", "430000"},
		{"highest of the upper range", "17200000000", "860000", "1720000"},
		{"below the upper range", "4299999999", "860000", ""},
		{"above the upper range", "17200000001", "860000", ""},
		{"万元 typed as 元", "86", "860000", "860000"},
		{"lowest of the lower range", "43", "860000", "430000"},
		{"highest of the lower range", "172", "860000", "1720000"},
		{"below the lower range", "42.99", "860000", ""},
		{"above the lower range", "172.01", "860000", ""},
		{"like the others", "900000", "860000", ""},
		{"no median", "900000", "0", ""},
		{"nothing", "0", "860000", ""},
		{"negative", "-86", "860000", ""},
	} {
		got, ok := UnitSlip(yuan(c.sum), yuan(c.median))
		if ok != (c.want != "") {
			t.Errorf("%s: slip %v", c.name, ok)
		}
		if ok && !got.Equal(yuan(c.want)) {
			t.Errorf("%s: suggests %s, want %s", c.name, got, c.want)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"860000", "1,860,000.50", "１８６．５ 万元", "-1", "1.2亿", "1e9", "\xff", "0.01"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, wan bool) {
		unit := Yuan
		if wan {
			unit = WanYuan
		}
		sum, err := ParseMoney(s, unit)
		if err != nil {
			if !sum.IsZero() || !IsKind(err, Invalid) {
				t.Errorf("ParseMoney(%q, %s) = %s, %v", s, unit, sum, err)
			}
			return
		}
		if sum.IsNegative() || !sum.Equal(sum.Truncate(2)) || sum.GreaterThanOrEqual(decimal.New(1, 12)) {
			t.Errorf("ParseMoney(%q, %s) = %s", s, unit, sum)
		}
		if again, err := ParseMoney(FormatYuan(sum), Yuan); err != nil || !again.Equal(sum) {
			t.Errorf("%s, then %s, %v", sum, again, err)
		}
		if shown, err := ParseMoney(FormatMoney(sum), Yuan); err == nil {
			if FormatMoney(shown) != FormatMoney(sum) {
				t.Errorf("%s is shown as %s and read as %s", sum, FormatMoney(sum), shown)
			}
		} else if sum.LessThan(yuan("999999500000")) { // from there it is shown as 10,000.00 亿元
			t.Errorf("%s: %v", FormatMoney(sum), err)
		}
		if Uppercase(sum) == "" {
			t.Errorf("%s has no capitals", sum)
		}
	})
}
