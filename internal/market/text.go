package market

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// halfWidth maps full-width ASCII to its half-width form.
func halfWidth(r rune) rune {
	if '\uFF01' <= r && r <= '\uFF5E' {
		return r - 0xFEE0
	}
	return r
}

// chinesePunctuation is full-width ASCII that is correct as it is in Chinese text.
const chinesePunctuation = "！（），：；？～"

// invisible reports whether the rune is a control character, or one without a shape of its own: a zero-width space or
// a change of direction, which hide text from search or make it read as something else.
func invisible(r rune) bool { return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) }

// Normalize tidies a one-line text for storing: full-width letters, digits and signs become half-width, any run of
// blanks and line ends becomes one space, invisible characters go, outer blanks go. Full-width Chinese punctuation
// stays, because the text is shown as it is stored; comparisons go by FoldRune. Invalid UTF-8 becomes U+FFFD.
func Normalize(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = true
			continue
		}
		if invisible(r) {
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		if !strings.ContainsRune(chinesePunctuation, r) {
			r = halfWidth(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// CleanText tidies a text of several lines for storing: line ends become \n, invisible characters other than line ends
// and tabs go, outer blanks go. A text that is not UTF-8 is an Invalid error.
func CleanText(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", Errorf(Invalid, "文字编码不对，请用 UTF-8 重新保存")
	}
	visible := strings.Map(func(r rune) rune {
		if invisible(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(visible)), nil
}

// RuneLen returns the length of the text in characters.
func RuneLen(s string) int { return utf8.RuneCountInString(s) }

// Truncate returns at most n characters of the text; where it had more, the last one is “…”.
func Truncate(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if RuneLen(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// MaskPhone hides the middle of a phone number: 138****2046. The country code 86 and all that is not a digit are left
// out. Of a number with fewer than 11 digits nothing is shown.
func MaskPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r = halfWidth(r); '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) == 13 {
		digits = strings.TrimPrefix(digits, "86")
	}
	switch {
	case strings.TrimSpace(s) == "":
		return ""
	case len(digits) < 11:
		return "****"
	}
	return digits[:3] + "****" + digits[len(digits)-4:]
}

// squeeze makes a text half-width and drops blanks and invisible characters.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || invisible(r) {
			return -1
		}
		return halfWidth(r)
	}, s)
}

// compact prepares a code for checking: squeezed, ASCII letters upper case, no hyphens.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Pd, r) || r == '−':
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, squeeze(s))
}
