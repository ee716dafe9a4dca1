package search

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// shown writes segments with the hits in brackets.
func shown(segments []Segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.Hit {
			b.WriteString("[" + s.Text + "]")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func TestHighlightWholeText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, text, want string }{
		{"碳酸钙", "重质碳酸钙与硫酸钙，碳酸", "[重质碳酸钙]与硫[酸钙]，[碳酸]"},
		{"重钙", "重质碳酸钙与重钙、GCC", "[重质碳酸钙]与[重钙]、[GCC]"},
		{"研磨 碳酸钙", "碳酸钙的超细研磨", "[碳酸钙]的超细[研磨]"},
		{"led", "MiniLED与ＬＥＤ、OLED、ledger", "Mini[LED]与[ＬＥＤ]、O[LED]、[led]ger"},
		{"MiniLED", "Mini LED 和 LED 灯", "[Mini LED] 和 [LED] 灯"},
		{"PE", "HDPE与PE", "HDPE与[PE]"},
		{"钙", "碳酸钙，钙片", "碳酸[钙]，[钙]片"},
		{"d97", "D97 与 97 分", "[D97] 与 97 分"},
		{"3D打印", "增材制造（3D 打印）", "[增材制造]（[3D] [打印]）"},
		{"没有", "碳酸钙", "碳酸钙"},
		{"", "碳酸钙", "碳酸钙"},
		{"碳酸钙", "", ""},
		{"𠮷钙", "用𠮷钙😀", "用[𠮷钙]😀"},
		{"<b>", "<script>b</script>", "<script>[b]</script>"},
	} {
		if got := shown(Highlight(c.text, c.query, 0)); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

func TestLiteralMarkerLeavesSynonyms(t *testing.T) {
	t.Parallel()
	if got := shown(Builtin().NewMarker("重钙", true).Highlight("重钙即重质碳酸钙", 0)); got != "[重钙]即重质碳酸钙" {
		t.Error(got)
	}
}

func TestSnippetShowsDensestHits(t *testing.T) {
	t.Parallel()
	text := "公司成立于二〇〇三年，主营建材，曾用碳酸钙。" + strings.Repeat("其余介绍与此无关。", 20) +
		"目前的难点：碳酸钙湿法研磨后浆料黏度升高，泵送困难。" + strings.Repeat("后面是联系说明。", 20)
	got := shown(Highlight(text, "碳酸钙 研磨 黏度", 40))
	if !strings.HasPrefix(got, "…[碳酸钙]湿法[研磨]后浆料[黏度]升高") && !strings.HasPrefix(got, "…目前的难点：[碳酸钙]湿法[研磨]后浆料[黏度]升高") {
		t.Errorf("snippet %q", got)
	}
	if !strings.HasSuffix(got, "…") {
		t.Errorf("snippet does not say that text follows: %q", got)
	}
}

func TestSnippetWithoutHitsIsTheBeginning(t *testing.T) {
	t.Parallel()
	if got := shown(Highlight(strings.Repeat("浆料", 30), "锂电池", 6)); got != "浆料浆料浆料…" {
		t.Error(got)
	}
}

func TestSnippetAtTheEndIsFull(t *testing.T) {
	t.Parallel()
	got := shown(Highlight(strings.Repeat("浆料", 30)+"用锂电池", "锂电池", 10))
	if got != "…浆料浆料浆料用[锂电池]" {
		t.Error(got)
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("重质碳酸钙湿法研磨，MiniLED 背光", "重钙 LED", 8)
	f.Add("\xff𠮷钙😀é\u0301", "钙 é", 3)
	f.Add("3D 打印\n增材制造", "3d打印", 1)
	f.Fuzz(func(t *testing.T, text, q string, maxRunes int) {
		segments := Highlight(text, q, maxRunes)
		if len(segments) > 0 && segments[0].Text == ellipsis && !strings.HasPrefix(text, ellipsis) {
			segments = segments[1:]
		}
		if n := len(segments); n > 0 && segments[n-1].Text == ellipsis && !strings.HasSuffix(text, ellipsis) {
			segments = segments[:n-1]
		}
		var joined strings.Builder
		for _, s := range segments {
			if s.Text == "" {
				t.Error("empty segment")
			}
			if utf8.ValidString(text) && !utf8.ValidString(s.Text) {
				t.Errorf("segment %q is cut inside a rune", s.Text)
			}
			joined.WriteString(s.Text)
		}
		if !strings.Contains(text, joined.String()) && !strings.Contains(text, ellipsis) {
			t.Errorf("%q is not in %q", joined.String(), text)
		}
		if maxRunes > 0 && utf8.RuneCountInString(joined.String()) > maxRunes+2 {
			t.Errorf("%d runes, want at most %d", utf8.RuneCountInString(joined.String()), maxRunes)
		}
		if maxRunes <= 0 && joined.String() != text {
			t.Errorf("whole text %q became %q", text, joined.String())
		}
	})
}
