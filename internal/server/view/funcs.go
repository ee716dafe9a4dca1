package view

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/web"
)

// funcs are the functions that templates may call.
func funcs() template.FuncMap {
	return template.FuncMap{
		"asset":      web.AssetURL,
		"icon":       icon,
		"date":       timeElement(Date, "2006-01-02"),
		"dateFullCN": timeElement(DateFullCN, "2006-01-02"),
		"datetime":   timeElement(DateTime, time.RFC3339),
		"monthday":   timeElement(MonthDay, "2006-01-02"),
		"ago":        ago,
		"num":        num,
		"pct":        Pct,
		"growth":     Growth,
		"money":      Money,
		"moneyShort": MoneyShort,
		"uppercase":  market.Uppercase,
		"highlight":  highlight,
		"nl2p":       nl2p,
		"parts":      parts,
	}
}

// icon draws a symbol of the sprite, for the eye only.
func icon(name string) (template.HTML, error) {
	if !web.HasIcon(name) {
		return "", fmt.Errorf("no icon %q in web/assets/icons.json", name)
	}
	href := web.AssetURL("icons.svg") + "#i-" + name
	return template.HTML(`<svg class="mk-icon" aria-hidden="true" focusable="false"><use href="` + template.HTMLEscapeString(href) + `"/></svg>`), nil
}

// parts keeps each fact of a line joined by wide spaces whole, so that a code or a date does not break at its hyphens.
func parts(text string) template.HTML {
	facts := strings.Split(text, "　")
	for i, fact := range facts {
		facts[i] = `<span class="mk-part">` + template.HTMLEscapeString(fact) + `</span>`
	}
	return template.HTML(strings.Join(facts, " "))
}

// timeElement wraps a text for people in a time element for machines.
func timeElement(text func(time.Time) string, machine string) func(time.Time) template.HTML {
	return func(t time.Time) template.HTML { return element(t, machine, text(t)) }
}

func ago(now, t time.Time) template.HTML { return element(t, time.RFC3339, Ago(now, t)) }

func element(t time.Time, machine, text string) template.HTML {
	if t.IsZero() {
		return none
	}
	return template.HTML(`<time datetime="` + t.In(market.Shanghai).Format(machine) + `">` + template.HTMLEscapeString(text) + `</time>`)
}

// num writes whole numbers and decimals; a decimal keeps its own digits.
func num(value any) (string, error) {
	switch n := value.(type) {
	case int:
		return Num(n), nil
	case int32:
		return Num(n), nil
	case int64:
		return Num(n), nil
	case decimal.Decimal:
		return groups(n.String()), nil
	default:
		return "", fmt.Errorf("num: %T is not a number", value)
	}
}

// highlight marks the hits of a search.
func highlight(text Marked) template.HTML {
	var out strings.Builder
	for _, segment := range text {
		escaped := template.HTMLEscapeString(segment.Text)
		if segment.Hit {
			escaped = "<mark>" + escaped + "</mark>"
		}
		out.WriteString(escaped)
	}
	return template.HTML(out.String())
}

// nl2p makes a paragraph of every line that is not blank.
func nl2p(text string) template.HTML {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString("<p>" + template.HTMLEscapeString(line) + "</p>\n")
		}
	}
	return template.HTML(out.String())
}
