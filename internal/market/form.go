package market

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkLine tidies a one-line text in place and notes when it is damaged or longer than max characters.
func checkLine(p *Problems, field, label string, text *string, max int) {
	if !utf8.ValidString(*text) {
		p.Add(field, "%s的文字编码不对，请重新输入", label)
		*text = strings.ToValidUTF8(*text, "")
	}
	*text = Normalize(*text)
	checkLength(p, field, label, *text, max)
}

// checkLength notes when a text is longer than max characters.
func checkLength(p *Problems, field, label, text string, max int) {
	if n := RuneLen(text); n > max {
		p.Add(field, "%s最多 %d 个字，现在多了 %d 个字", label, max, n-max)
	}
}

// checkText tidies a text of several lines in place and notes when it is damaged or too long.
func checkText(p *Problems, field, label string, text *string, max int) {
	clean, err := CleanText(*text)
	if err != nil {
		p.AddErr(field, err)
		*text = strings.ToValidUTF8(*text, "")
		return
	}
	*text = clean
	checkLength(p, field, label, clean, max)
}

// rowName is the field name of a row up to its column: "indicators.1.".
func rowName(field string, row int) string { return fmt.Sprintf("%s.%d.", field, row) }
