package market

import (
	"testing"
	"time"
)

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
	for _, c := range []struct {
		kind, filed string
		years       int
	}{{"invention", "2023-04-18", 20}, {"utility", "2023-04-18", 10}, {"design", "2021-06-01", 15}, {"design", "2021-05-31", 10}, {"", "2023-04-18", 0},
		{"software", "2023-04-18", 0}} {
		if got := PatentTerm(c.kind, *day(t, c.filed)); got != c.years {
			t.Errorf("%q of %s: %d years, want %d", c.kind, c.filed, got, c.years)
		}
	}
}

func day(t *testing.T, text string) *time.Time {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, text, Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// TestIPExpiresOn: the end of a granted patent follows from the day of its application, and of nothing else.
func TestIPExpiresOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, status, filed, want string
	}{
		{"invention", "granted", "2006-11-28", "2026-11-28"},
		{"invention", "transferring", "2017-03-09", "2037-03-09"},
		{"utility", "granted", "2016-02-29", "2026-02-28"}, // no such day in that year
		{"utility", "granted", "2016-11-27", "2026-11-27"},
		{"invention", "pending", "2017-03-09", ""},
		{"invention", "lapsed", "2017-03-09", ""},
		{"software", "granted", "2017-03-09", ""},
		{"secret", "granted", "", ""},
		{"design", "granted", "", ""},
	} {
		ip := IP{Type: c.kind, Status: c.status}
		if c.filed != "" {
			ip.FiledOn = day(t, c.filed)
		}
		got := ""
		if end := ip.ExpiresOn(); end != nil {
			got = end.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%+v ends on %q, want %q", c, got, c.want)
		}
		today := *day(t, "2026-11-27")
		if want := c.want != "" && c.want <= "2026-11-27"; ip.Expired(today) != want {
			t.Errorf("%+v has ended on 2026-11-27: %t", c, !want)
		}
	}
	inUTC := time.Date(2006, 11, 28, 0, 0, 0, 0, time.UTC) // as the database gives days
	if end := (IP{Type: "invention", Status: "granted", FiledOn: &inUTC}).ExpiresOn(); !end.Equal(*day(t, "2026-11-28")) {
		t.Errorf("a day of the database ends on %s", end)
	}
}

// TestIPDates: dates that cannot be so are told at their place.
func TestIPDates(t *testing.T) {
	t.Parallel()
	ref := &Reference{IPTypes: Codes{{"invention", "发明专利"}, {"software", "软件著作权"}}}
	const number = "2017106018623" // of 2017
	for _, c := range []struct {
		name, kind, status, filed, granted, field string
	}{
		{"all right", "invention", "granted", "2017-03-09", "2019-01-01", ""},
		{"divided off an older application", "invention", "granted", "2014-03-09", "2019-01-01", ""},
		{"without dates", "invention", "granted", "", "", ""},
		{"after the year of the number", "invention", "pending", "2018-01-01", "", "ips.0.filed_on"},
		{"granted before the application", "invention", "granted", "2017-03-09", "2017-03-08", "ips.0.granted_on"},
		{"granted but pending", "invention", "pending", "2017-03-09", "2019-01-01", "ips.0.status"},
		{"a year of long ago", "software", "granted", "1883-01-01", "", "ips.0.filed_on"},
		{"a year far off", "software", "granted", "", "2101-01-01", "ips.0.granted_on"},
		{"still to come", "software", "granted", "", "2026-11-28", "ips.0.granted_on"},
		{"applied for tomorrow", "software", "pending", "2026-11-28", "", "ips.0.filed_on"},
		{"today", "software", "granted", "2026-11-27", "2026-11-27", ""},
	} {
		ip := IP{Type: c.kind, Status: c.status, Number: number}
		if c.filed != "" {
			ip.FiledOn = day(t, c.filed)
		}
		if c.granted != "" {
			ip.GrantedOn = day(t, c.granted)
		}
		r := Result{IPs: []IP{ip}}
		var p Problems
		checkIPs(&p, ref, &r.IPs)
		r.checkPastDates(&p, *day(t, "2026-11-27"))
		if c.field == "" && len(p) > 0 || c.field != "" && (len(p) != 1 || p[0].Field != c.field) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	onlyDate := Result{IPs: []IP{{FiledOn: day(t, "2017-03-09")}, {Status: "granted"}}}
	var p Problems
	checkIPs(&p, ref, &onlyDate.IPs)
	if len(onlyDate.IPs) != 1 || !p.Has("ips.0.type") {
		t.Errorf("a row with a date only: %+v, %+v", onlyDate.IPs, p)
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
		if kind := number.Kind(); kind != "" && PatentTerm(kind, time.Now()) == 0 {
			t.Errorf("%q: no term for %q", number, kind)
		}
	})
}
