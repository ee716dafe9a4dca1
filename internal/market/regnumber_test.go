package market

import (
	"testing"
	"time"
)

func TestParseRegistrationNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026360800000123":          "2026360800000123",
		"26360801000123":            "26360801000123",
		" ２０２６ 360800-000123\u200b": "2026360800000123",
	} {
		if got, err := ParseRegistrationNumber(in); err != nil || got != want {
			t.Errorf("ParseRegistrationNumber(%q) = %s, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"":                  "请填写合同登记编号",
		"202636080000123":   "登记编号应为 16 位或 14 位数字，现在是 15 位",
		"20263608000001234": "登记编号应为 16 位或 14 位数字，现在是 17 位",
		"2026O60800000123":  "登记编号只有数字，第 5 位不是",
		"赣2026360800000123": "登记编号只有数字，第 1 位不是",
	} {
		_, err := ParseRegistrationNumber(in)
		wantInvalid(t, in, err, want)
	}
}

func TestRegistrationYearOff(t *testing.T) {
	t.Parallel()
	newYear := time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC) // 2026-01-01 in Shanghai
	for _, c := range []struct {
		number string
		day    time.Time
		want   bool
	}{
		{"2026360800000123", date(2026, 11, 23), false},
		{"2025360800000123", date(2026, 11, 23), true},
		{"26360801000123", date(2026, 11, 23), false},
		{"25360801000123", date(2026, 11, 23), true},
		{"05360801000123", date(2005, 3, 1), false},
		{"2026360800000123", newYear, false},
		{"", date(2026, 11, 23), false},
	} {
		if got := RegistrationYearOff(c.number, c.day); got != c.want {
			t.Errorf("%q registered on %s: %v", c.number, c.day.Format(time.DateOnly), got)
		}
	}
}

func FuzzParseRegistrationNumber(f *testing.F) {
	for _, s := range []string{"2026360800000123", "26360801000123", "２０２６", "\xff", "赣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		number, err := ParseRegistrationNumber(s)
		if err != nil {
			if number != "" || !IsKind(err, Invalid) {
				t.Errorf("ParseRegistrationNumber(%q) = %q, %v", s, number, err)
			}
			return
		}
		if again, err := ParseRegistrationNumber(number); err != nil || again != number {
			t.Errorf("%q, then %q, %v", number, again, err)
		}
		if len(number) != 14 && len(number) != 16 || !allDigits(number) {
			t.Errorf("%q gives %q", s, number)
		}
	})
}
