package market

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"blanks only", " \t\u3000\n", ""},
		{"full-width letters, digits and signs", "ＬＥＤ灯珠　０．５％＋２", "LED灯珠 0.5%+2"},
		{"Chinese punctuation stays", "吉安市庐陵（集团）有限公司：碳酸钙，120～180 目；可以吗？！", "吉安市庐陵（集团）有限公司：碳酸钙，120～180 目；可以吗？！"},
		{"blanks collapse", "  重质 \u00a0\u3000 碳酸钙\r\n 改性 ", "重质 碳酸钙 改性"},
		{"control characters go", "碳\x00酸\x07钙\u0085粉", "碳酸钙 粉"},
		{"invisible characters go", "\ufeff碳\u200b酸\u00ad钙\u202e粉", "碳酸钙粉"},
		{"invalid UTF-8 is marked", "碳\xff钙", "碳\ufffd钙"},
		{"rare characters stay", "𠮷安 CaCO₃ m²", "𠮷安 CaCO₃ m²"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%s: Normalize(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestCleanText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"line ends", "一\r\n二\r三\n四", "一\n二\n三\n四"},
		{"line end around a dropped character", "一\r\u200b\n二", "一\n二"},
		{"tabs and inner blanks stay", "一\t二  三\n\n四", "一\t二  三\n\n四"},
		{"control characters go", "一\x00二\x1b三\u202e四", "一二三四"},
		{"outer blanks go", "\n　一 \n", "一"},
		{"width stays", "ＬＥＤ，（一）", "ＬＥＤ，（一）"},
	} {
		got, err := CleanText(c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: CleanText(%q) = %q, %v, want %q", c.name, c.in, got, err, c.want)
		}
	}
}

func TestCleanTextRefusesOtherEncodings(t *testing.T) {
	t.Parallel()
	_, err := CleanText("\xbc\xaa\xb0\xb2") // 吉安 in GBK
	wantInvalid(t, "GBK", err, "文字编码不对，请用 UTF-8 重新保存")
}

// wantInvalid checks that err is an Error of kind Invalid with exactly that message.
func wantInvalid(t *testing.T, name string, err error, message string) {
	t.Helper()
	if !IsKind(err, Invalid) || err.Error() != message {
		t.Errorf("%s: error %v, want %s", name, err, message)
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 3, ""}, {"碳酸钙", 3, "碳酸钙"}, {"重质碳酸钙", 3, "重质…"}, {"𠮷安市吉州区", 3, "𠮷安…"},
		{"碳酸钙", 1, "…"}, {"碳酸钙", 0, ""}, {"碳酸钙", -1, ""},
	} {
		if got := Truncate(c.in, c.n); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestRuneLen(t *testing.T) {
	t.Parallel()
	if got := RuneLen("𠮷安LED，"); got != 6 {
		t.Errorf("got %d characters, want 6", got)
	}
}

func TestMaskPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"13800002046", "138****2046"}, {"138 0000-2046", "138****2046"}, {"１３８０００0２０４６", "138****2046"},
		{"+86 138 0000 2046", "138****2046"}, {"0796-8222222", "079****2222"}, {"（0796）8222222", "079****2222"},
		{"8222222", "****"}, {"电话面谈", "****"}, {"", ""}, {"  ", ""},
	} {
		if got := MaskPhone(c.in); got != c.want {
			t.Errorf("MaskPhone(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"ＬＥＤ　灯", " a\u200b b\t", "\xff（～）", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Normalize(s)
		if twice := Normalize(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
		if !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\n\r\t") || once != strings.TrimSpace(once) {
			t.Errorf("Normalize(%q) = %q", s, once)
		}
	})
}

func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"一\r\n二", "\r\u200b\n", "\xff", " \t一"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := CleanText(s)
		if (err == nil) != utf8.ValidString(s) {
			t.Fatalf("CleanText(%q): %v", s, err)
		}
		twice, err := CleanText(once)
		if err != nil || twice != once || strings.ContainsAny(once, "\x00\r") {
			t.Errorf("%q, then %q, %v", once, twice, err)
		}
	})
}
