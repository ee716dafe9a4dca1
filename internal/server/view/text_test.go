package view

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	now := galleryNow
	cases := []struct{ name, got, want string }{
		{"same day", Ago(now, now.Add(-5*time.Hour)), "今天 09:20"},
		{"after midnight in China, before it in UTC", Ago(now, time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)), "今天 00:30"},
		{"yesterday", Ago(now, now.AddDate(0, 0, -1)), "昨天 14:20"},
		{"two days", Ago(now, now.AddDate(0, 0, -2)), "2 天前"},
		{"seven days", Ago(now, now.AddDate(0, 0, -7)), "7 天前"},
		{"eight days", Ago(now, now.AddDate(0, 0, -8)), "2026-11-15"},
		{"coming", Ago(now, now.AddDate(0, 0, 1)), "2026-11-24 14:20"},
		{"none", Ago(now, time.Time{}), "—"},
		{"date", Date(now), "2026-11-23"},
		{"in a sentence", DateCN(now), "11 月 23 日"},
		{"in a document", DateFullCN(now), "2026 年 11 月 23 日"},
		{"fresh today", NewFresh(now, now).Text, "今天确认有效"},
		{"fresh this year", NewFresh(now, now.AddDate(0, 0, -34)).Text, "10 月 20 日确认有效"},
		{"stale", NewFresh(now, now.AddDate(0, -4, -1)).Text, "4 个月前确认，待更新"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	if NewFresh(now, now.AddDate(0, 0, -90)).Stale || !NewFresh(now, now.AddDate(0, 0, -91)).Stale {
		t.Error("a listing is stale after 90 days, not before")
	}
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	cases := []struct{ got, want string }{
		{Num(0), "0"},
		{Num(999), "999"},
		{Num(1286), "1,286"},
		{Num(-1234567), "−1,234,567"},
		{NumDecimal(dec("241686.4"), 2), "241,686.40"},
		{NumDecimal(dec("-0.5"), 1), "−0.5"},
		{Pct(dec("0.879")), "87.9%"},
		{Pct(dec("12.345")), "1,234.5%"},
		{Growth(dec("0.0984")), "+9.8%"},
		{Growth(dec("-0.028")), "−2.8%"},
		{Growth(dec("0.0001")), "0.0%"},
		{share(dec("-0.1")), "0%"},
		{share(dec("1.5")), "100%"},
		{MoneyRange(dec("1200000"), dec("1800000")).String(), "120～180\u00a0万元"},
		{Negotiable.String(), "面议"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPager(t *testing.T) {
	t.Parallel()
	href := func(n int) string { return "?page=" + Num(n) }
	p := NewPager(5, 10, 1286, "项", href)
	var shown []int
	for _, page := range p.Pages {
		shown = append(shown, page.Number)
	}
	want := []int{1, 0, 3, 4, 5, 6, 7, 0, 129}
	if len(shown) != len(want) {
		t.Fatalf("pages %v, want %v", shown, want)
	}
	for i := range want {
		if shown[i] != want[i] {
			t.Fatalf("pages %v, want %v", shown, want)
		}
	}
	if p.Prev != "?page=4" || p.Next != "?page=6" {
		t.Errorf("prev %q, next %q", p.Prev, p.Next)
	}
	if last := NewPager(99, 10, 25, "项", href); last.From != 21 || last.To != 25 || last.Next != "" {
		t.Errorf("a page beyond the end: %+v", last)
	}
	if none := NewPager(1, 10, 0, "项", href); none.Summary() != "共 0 项" || none.Pages != nil {
		t.Errorf("an empty list: %+v", none)
	}
}

func TestFieldReadsMoney(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "面议", "0", "-3", "1e"} {
		if got := (Field{Kind: KindMoney, Value: value}).Read(); got != "" {
			t.Errorf("%q is read as %q", value, got)
		}
	}
	wan := Field{Kind: KindMoney, Value: "186.5"}
	yuan := Field{Kind: KindMoney, Value: "1,865,000", Unit: "元"}
	if wan.Read() == "" || wan.Read() != yuan.Read() {
		t.Errorf("186.5 万元 is %q, 1,865,000 元 is %q", wan.Read(), yuan.Read())
	}
}

// TestMoneyAgreesWithTheScript reads the cases that web/assets/js/money.test.js
// holds the script to.
func TestMoneyAgreesWithTheScript(t *testing.T) {
	t.Parallel()
	var cases []struct{ Text, Unit, Read string }
	if err := json.Unmarshal([]byte(readFile(t, "../../../web/assets/js/money_cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		if got := (Field{Kind: KindMoney, Value: c.Text, Unit: c.Unit}).Read(); got != c.Read {
			t.Errorf("%q in %s: got %q, want %q", c.Text, c.Unit, got, c.Read)
		}
	}
}
