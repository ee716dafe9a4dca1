package market

import (
	"regexp"
	"strings"
	"testing"
)

var validUSCCs = []string{
	"91350100M000100Y43", "91330100799655058B", "9144030071526726XG", "914403001922038216", "91110000802100433B",
}

func TestParseUSCC(t *testing.T) {
	t.Parallel()
	for _, s := range validUSCCs {
		code, err := ParseUSCC(s)
		if err != nil || string(code) != s {
			t.Errorf("ParseUSCC(%s) = %s, %v", s, code, err)
		}
		if !code.InnerValid() {
			t.Errorf("%s: the inner check character should hold", s)
		}
	}
}

func TestParseUSCCNormalises(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"91350100m000100y43", "９１３５０１００Ｍ０００１００Ｙ４３", "９１３５０１００ｍ０００１００ｙ４３",
		" 91 350100 M000100Y4 3\n", "91-350100-M000100Y4-3", "91－350100–M000100Y4−3", "91350100\u3000M000100Y43\u200b",
	} {
		if code, err := ParseUSCC(s); err != nil || code != "91350100M000100Y43" {
			t.Errorf("ParseUSCC(%q) = %s, %v", s, code, err)
		}
	}
}

func TestParseUSCCMessages(t *testing.T) {
	t.Parallel()
	const wrongCheck = "代码的校验位不对，通常是其中一位输错"
	for _, c := range []struct{ in, want string }{
		{"", "请填写统一社会信用代码"},
		{" \u3000", "请填写统一社会信用代码"},
		{"91330100799655058", "代码应为 18 位，现在是 17 位"},
		{"91330100799655058BB", "代码应为 18 位，现在是 19 位"},
		{"吉安市某公司", "代码应为 18 位，现在是 6 位"},
		{"91330100799655058C", wrongCheck},
		{"91350100M000100Y34", wrongCheck},
		{"9133O100799655058B", "不应有字母 I、O、S、V、Z，第 5 位是 O"},
		{"9133010079965505i8", "不应有字母 I、O、S、V、Z，第 17 位是 I"},
		{"91330100799655058S", "不应有字母 I、O、S、V、Z，第 18 位是 S"},
		{"91330100V99655058B", "不应有字母 I、O、S、V、Z，第 9 位是 V"},
		{"91330100Z99655058B", "不应有字母 I、O、S、V、Z，第 9 位是 Z"},
		{"91330100799655.58B", "代码只有数字和大写字母，第 15 位不是"},
		{"91330100799655号58B", "代码只有数字和大写字母，第 15 位不是"},
		{"B1330100799655058B", "第 1 位应为 1～9、A、N 或 Y，现在是 B"},
		{"01330100799655058B", "第 1 位应为 1～9、A、N 或 Y，现在是 0"},
		{"91A30100799655058B", "第 2～8 位应为数字，第 3 位是 A"},
	} {
		_, err := ParseUSCC(c.in)
		wantInvalid(t, c.in, err, c.want)
	}
}

// One wrong character, and two neighbours of different value changed round, must always be found: that is what the
// check character is for.
func TestParseUSCCFindsSlips(t *testing.T) {
	t.Parallel()
	for _, code := range validUSCCs {
		for i := range code {
			for _, r := range usccAlphabet {
				slip := code[:i] + string(r) + code[i+1:]
				if _, err := ParseUSCC(slip); err == nil && slip != code {
					t.Errorf("%s passes for %s", slip, code)
				}
			}
			if i == 0 || code[i] == code[i-1] {
				continue
			}
			slip := code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
			if _, err := ParseUSCC(slip); err == nil {
				t.Errorf("%s passes for %s", slip, code)
			}
		}
	}
}

func TestMakeUSCC(t *testing.T) {
	t.Parallel()
	for _, s := range validUSCCs {
		if code, err := MakeUSCC(strings.ToLower(s[:17])); err != nil || string(code) != s {
			t.Errorf("MakeUSCC(%s) = %s, %v", s[:17], code, err)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"91330100799655058B", "代码的前段应为 17 位，现在是 18 位"},
		{"9133010079965505S", "不应有字母 I、O、S、V、Z，第 17 位是 S"},
	} {
		_, err := MakeUSCC(c.in)
		wantInvalid(t, c.in, err, c.want)
	}
}

func TestUSCCParts(t *testing.T) {
	t.Parallel()
	code := USCC("91350100M000100Y43")
	if got := code.Grouped(); got != "91 350100 M000100Y4 3" {
		t.Errorf("Grouped: %s", got)
	}
	if got := code.DivisionCode(); got != "350100" {
		t.Errorf("DivisionCode: %s", got)
	}
	if got := code.Category(); got != "91" {
		t.Errorf("Category: %s", got)
	}
	for _, bad := range []USCC{"", "9", "吉安市某公司"} {
		if bad == "吉安市某公司" && len(bad) != 18 {
			t.Fatal("this case is meant to have 18 bytes")
		}
		if got := bad.Grouped() + bad.DivisionCode(); len(got) > 40 {
			t.Errorf("%q: made up %q", bad, got)
		}
		if bad.InnerValid() || bad.FitsOrgType(Enterprise) {
			t.Errorf("%q must fit nothing", bad)
		}
	}
}

func TestInnerValid(t *testing.T) {
	t.Parallel()
	valid := 0
	for _, r := range usccAlphabet { // exactly one check character may hold for one body
		code, err := MakeUSCC("91360800MA35TQ4K" + string(r))
		if err != nil {
			t.Fatal(err)
		}
		if code.InnerValid() {
			valid++
		}
	}
	if valid != 1 {
		t.Errorf("%d inner check characters hold, want 1", valid)
	}
	if USCC("9133010079965505XB").InnerValid() {
		t.Error("a wrong inner check character holds")
	}
}

func TestFitsOrgType(t *testing.T) {
	t.Parallel()
	types := []OrgType{Enterprise, University, Institute, Agency, Bureau, ""}
	for category, fits := range map[string][]OrgType{
		"91": {Enterprise, Agency}, "92": {Enterprise, Agency}, "93": {Enterprise, Agency},
		"12": {University, Institute, Agency}, "52": {University, Institute, Agency},
		"51": {Agency}, "11": {Bureau}, "13": nil, "53": nil, "N1": nil,
	} {
		code, err := MakeUSCC(category + "360800MA35TQ4K5")
		if err != nil {
			t.Fatal(err)
		}
		want := map[OrgType]bool{}
		for _, o := range fits {
			want[o] = true
		}
		for _, o := range types {
			if got := code.FitsOrgType(o); got != want[o] {
				t.Errorf("%s as %q: %v", code, o, got)
			}
		}
	}
}

func FuzzParseUSCC(f *testing.F) {
	for _, s := range append(validUSCCs, "９１３５０１００Ｍ０００１００Ｙ４３", "91330100799655058C", "吉安", "", "\xff") {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[1-9ANY][0-9]{7}[0-9A-HJ-NPQRTUWXY]{10}$`)
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseUSCC(s)
		if err != nil {
			if code != "" || !IsKind(err, Invalid) {
				t.Errorf("ParseUSCC(%q) = %q, %v", s, code, err)
			}
			return
		}
		if !form.MatchString(string(code)) {
			t.Errorf("%q gives %q, which is not of the standard's form", s, code)
		}
		if again, err := ParseUSCC(code.Grouped()); err != nil || again != code {
			t.Errorf("%q, then %q, %v", code, again, err)
		}
		if made, err := MakeUSCC(string(code[:17])); err != nil || made != code {
			t.Errorf("%q is made as %q, %v", code, made, err)
		}
		for i := range code { // one wrong character is always noticed
			other := "0"
			if code[i] == '0' {
				other = "1"
			}
			if slip := string(code[:i]) + other + string(code[i+1:]); slip != string(code) {
				if _, err := ParseUSCC(slip); err == nil {
					t.Errorf("%q is taken as well as %q", slip, code)
				}
			}
		}
	})
}
