package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"techmarket/internal/demo"
)

// TestDraftOnAPhone: a firm begins a need on a telephone; what it types is kept by itself, seen in the preview and found again
// after the page was lost, and similar needs that are public are shown.
func TestDraftOnAPhone(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	b := newChrome(t).tab(t, m.url)
	b.do("a phone", chromedp.EmulateViewport(390, 844))
	b.open("/login")
	b.fill(fields{"email": "enterprise@example.com", "password": demo.Password})
	b.press("登录")
	b.open("/needs/new")
	b.fill(fields{"submarket": "materials"})
	if n := b.eval(`String([...document.querySelectorAll(".mk-example")].filter(e => !e.hidden).length)`); n != "1" {
		t.Errorf("%s examples are shown for the sub-market that was chosen", n)
	}
	b.fill(fields{"title": "重质碳酸钙湿法超细研磨升温返粗"})
	b.until("similar needs", `document.querySelector("[data-similar]:not([hidden]) a[href^='/needs/']") ? "yes" : ""`)
	b.until("the draft", `document.querySelector("[data-draft-note]").textContent.includes("已自动保存") ? "yes" : ""`)
	b.fill(fields{"indicators.name": "粒径 D97", "indicators.target": "≤ 2.5", "indicators.unit": "μm"})
	b.until("the preview", `document.querySelector(".mk-preview").textContent.includes("D97") ? "yes" : ""`)
	if wide := b.eval(overflowScript); wide != "" {
		t.Error(wide)
	}
	edit := b.path()
	b.open("/work")
	b.open(edit)
	if got := b.eval(`document.querySelector("[name='indicators.target']").value + document.querySelector("[name=title]").value`); got != "≤ 2.5重质碳酸钙湿法超细研磨升温返粗" {
		t.Errorf("after the page was lost: %q", got)
	}
	b.fill(fields{"title": "重质碳酸钙湿法超细研磨升温返粗与电耗"}) // pressed before it could keep itself
	b.press("保存草稿")
	if got := b.eval(`document.querySelector("h1").textContent`); got != "重质碳酸钙湿法超细研磨升温返粗与电耗" {
		t.Errorf("the button stored %q", got)
	}
}
