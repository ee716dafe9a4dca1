package service

import (
	"strings"
	"testing"
	"unicode/utf8"

	"techmarket/internal/market"
)

// FuzzEmail: an address is stored in one form, and what is taken for one can't carry a header or a second address.
func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"wang@example.com", " WANG@Example.COM ", "ｗａｎｇ＠example.com", "a@b", "a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com", "\"a b\"@example.com",
		"Wang <a@example.com>", "a@[127.0.0.1]", "\xff@example.com", "王@例子.中国", "a\u200b@example.com", "a@example..com", "İ@example.com", "ẞ@example.com", "K@example.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		email := NormalizeEmail(text)
		if NormalizeEmail(email) != email || !utf8.ValidString(email) || strings.ContainsAny(email, " \r\n\t\x00") {
			t.Errorf("%q is %q, and then %q", text, email, NormalizeEmail(email))
		}
		var p market.Problems
		checkEmail(&p, email)
		if p.Err() == nil && (strings.ContainsAny(email, "<>,;:()\\\" ") || strings.Count(email, "@") != 1 || len(email) > 254 || strings.Contains(email, "\ufffd")) {
			t.Errorf("%q is taken for an address", email)
		}
	})
}

// FuzzPassword: the rule for passwords answers whatever is typed.
func FuzzPassword(f *testing.F) {
	for _, seed := range []string{"", "a", "长一点的密码 2026", strings.Repeat("a", 200), "\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe", "wang.example"} {
		f.Add(seed, "wang@example.com")
	}
	f.Fuzz(func(t *testing.T, password, email string) {
		var p market.Problems
		checkPassword(&p, "password", password, NormalizeEmail(email))
		if n := market.RuneLen(password); (n < minPassword || n > maxPassword) && p.Err() == nil {
			t.Errorf("%q is taken", password)
		}
	})
}
