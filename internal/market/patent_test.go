package market

import "testing"

func TestParsePatentNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want PatentNumber
	}{
		{"ZL201710601862.3", "2017106018623"},
		{"ZL95115608.X", "95115608X"},
		{"97101765.4", "971017654"},
		{"2017106018623", "2017106018623"},
		{"zl 2017 1 0601862.3", "2017106018623"},
		{"ＺＬ２０１７１０６０１８６２．３", "2017106018623"},
		{"ZL201710601862。3", "2017106018623"},
		{"CN201710601862.3", "2017106018623"},
		{"CN ZL 2017-1-0601862·3", "2017106018623"},
		{"zl95115608.ｘ", "95115608X"},
	} {
		if got, err := ParsePatentNumber(c.in); err != nil || got != c.want {
			t.Errorf("ParsePatentNumber(%q) = %s, %v, want %s", c.in, got, err, c.want)
		}
	}
}

func TestParsePatentNumberMessages(t *testing.T) {
	t.Parallel()
	const publication = "这是公开号或公告号，请改填专利号或申请号，例：201710601862.3"
	for _, c := range []struct{ in, want string }{
		{"", "请填写专利号或申请号"},
		{"ZL .", "请填写专利号或申请号"},
		{"201710601862.4", "号码的校验位不对，通常是其中一位输错"},
		{"95115608.9", "号码的校验位不对，通常是其中一位输错"},
		{"201710601862", "号码现在是 12 位，可能漏了小数点后的校验位"},
		{"95115608", "号码现在是 8 位，可能漏了小数点后的校验位"},
		{"2017106018", "号码应为 13 位（2003 年 10 月以前为 9 位），现在是 10 位"},
		{"20171060186233", "号码应为 13 位（2003 年 10 月以前为 9 位），现在是 14 位"},
		{"2017106O18623", "号码只有数字，校验位可为 X，第 8 位不是"},
		{"20171X6018623", "号码只有数字，校验位可为 X，第 6 位不是"},
		{"201710601862号", "号码只有数字，校验位可为 X，第 13 位不是"},
		{"12B45678A", "号码只有数字，校验位可为 X，第 3 位不是"},
		{"CN122072823A", publication},
		{"CN 2722354 Y", publication},
		{"cn305123456s", publication},
	} {
		_, err := ParsePatentNumber(c.in)
		wantInvalid(t, c.in, err, c.want)
	}
}

func TestPatentDisplay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number  PatentNumber
		granted bool
		want    string
	}{
		{"2017106018623", true, "ZL 2017 1 0601862.3"},
		{"2017106018623", false, "2017 1 0601862.3"},
		{"95115608X", true, "ZL 95 1 15608.X"},
		{"", true, ""},
		{"12345", false, "12345"},
	} {
		if got := c.number.Display(c.granted); got != c.want {
			t.Errorf("%q, granted %v: %q, want %q", c.number, c.granted, got, c.want)
		}
	}
}

func TestPatentKindAndYear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number PatentNumber
		kind   string
		year   int
	}{
		{MakePatentNumber(2017, '1', 601862), "invention", 2017},
		{MakePatentNumber(2021, '2', 1234567), "utility", 2021},
		{MakePatentNumber(2022, '3', 1), "design", 2022},
		{MakePatentNumber(2009, '8', 9999999), "invention", 2009},
		{MakePatentNumber(2010, '9', 100), "utility", 2010},
		{MakePatentNumber(2010, '7', 100), "", 2010},
		{"95115608X", "invention", 1995},
		{"971017654", "invention", 1997},
		{"021000000", "invention", 2002},
		{"851000000", "invention", 1985},
		{"", "", 0},
		{"abc", "", 0},
		{"abcdefghi", "", 0},
	} {
		if got := c.number.Kind(); got != c.kind {
			t.Errorf("%q: kind %q, want %q", c.number, got, c.kind)
		}
		if got := c.number.FilingYear(); got != c.year {
			t.Errorf("%q: year %d, want %d", c.number, got, c.year)
		}
	}
}

func TestMakePatentNumber(t *testing.T) {
	t.Parallel()
	if got := MakePatentNumber(2017, '1', 601862); got != "2017106018623" {
		t.Errorf("got %s", got)
	}
	withX := 0
	for serial := 1; serial <= 22; serial++ {
		number := MakePatentNumber(2024, '2', serial)
		if got, err := ParsePatentNumber(number.Display(true)); err != nil || got != number {
			t.Errorf("%s: %s, %v", number, got, err)
		}
		if number[12] == 'X' {
			withX++
		}
	}
	if withX == 0 {
		t.Error("none of the numbers has the check digit X")
	}
}

func TestPatentTerm(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]int{"invention": 20, "utility": 10, "design": 15, "": 0, "software": 0} {
		if got := PatentTerm(kind); got != want {
			t.Errorf("%q: %d years, want %d", kind, got, want)
		}
	}
}

func FuzzParsePatentNumber(f *testing.F) {
	for _, s := range []string{"ZL201710601862.3", "ZL95115608.X", "97101765.4", "201710601862.4", "CN122072823A", "ＺＬ．", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		number, err := ParsePatentNumber(s)
		if err != nil {
			if number != "" || !IsKind(err, Invalid) {
				t.Errorf("ParsePatentNumber(%q) = %q, %v", s, number, err)
			}
			return
		}
		for _, granted := range []bool{true, false} {
			if again, err := ParsePatentNumber(number.Display(granted)); err != nil || again != number {
				t.Errorf("%q, then %q, %v", number, again, err)
			}
		}
		if number.FilingYear() < 0 || number.FilingYear() > 9999 {
			t.Errorf("%q: year %d", number, number.FilingYear())
		}
		if kind := number.Kind(); kind != "" && PatentTerm(kind) == 0 {
			t.Errorf("%q: no term for %q", number, kind)
		}
	})
}
