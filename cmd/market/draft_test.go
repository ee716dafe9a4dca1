package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"techmarket/internal/demo"
	"techmarket/internal/market"
)

// TestNeedOnAPhone: a firm writes a need on a telephone, from the sign-in until it waits for its review. What it types is kept by
// itself, seen in the preview and found again after the page was lost; similar needs that are public are shown; and what is
// missing when it is handed in is told at its place.
func TestNeedOnAPhone(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	b := newChrome(t).tab(t, m.url)
	b.do("a phone", chromedp.EmulateViewport(390, 844))
	narrow := func() {
		t.Helper()
		if wide := b.eval(overflowScript); wide != "" {
			t.Errorf("%s: %s", b.path(), wide)
		}
	}
	b.open("/login")
	narrow()
	b.fill(fields{"email": "enterprise@example.com", "password": demo.Password})
	b.press("登录")
	narrow()
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
	narrow()
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
	narrow()

	b.open(edit)
	b.fill(fields{"fields": "calcium", "problem": "两级湿法研磨，D97 停在 4.8 μm，再磨浆料升温返粗，换过两种分散剂都没有解决。", "modes": "entrust", "budget": "120",
		"indicators.now": "4.8", "indicators.method": "激光粒度仪", "secrecy": "1"})
	b.pressTooEarly("提交审核")
	if got := b.eval(`document.querySelector(".mk-summary")?.textContent + document.querySelector("#deadline-error")?.textContent`); strings.Count(got, "请填写截止日期") != 2 {
		t.Errorf("without a deadline: %q", got)
	}
	narrow()
	b.fill(fields{"deadline": market.DateOf(time.Now()).AddDate(0, 6, 0).Format(time.DateOnly)})
	b.press("提交审核")
	if got := b.text(); !strings.Contains(got, "需求已提交审核，编号 XQ-") || !strings.Contains(got, "审核中") {
		t.Errorf("after handing in at %s: %s", b.path(), got)
	}
	narrow()
	b.open("/work/needs")
	if got := b.text(); !strings.Contains(got, "重质碳酸钙湿法超细研磨升温返粗与电耗") {
		t.Error("the need is not in the list of the firm's needs")
	}
	narrow()
}
