package search

import (
	"slices"
	"strings"
	"testing"
)

func TestBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, typed string
		want        bool
	}{
		{"碳酸钙", "碳", true}, {"碳酸钙", "碳酸钙", true}, {"碳酸钙", "酸", false}, {"碳酸钙", "碳酸钙粉", false},
		{"碳酸钙", "tan", true}, {"碳酸钙", "tans", true}, {"碳酸钙", "TanSuanGai", true}, {"碳酸钙", "tsg", true}, {"碳酸钙", "tansg", true},
		{"碳酸钙", "t", false}, {"碳酸钙", "tx", false}, {"碳酸钙", "tansuangaif", false}, {"碳酸钙", "", false}, {"碳酸钙", "，", false},
		{"重钙", "zhongg", true}, {"重钙", "chongg", true},
		{"LED 芯片", "led", true}, {"LED 芯片", "ＬＥＤ芯", true}, {"LED 芯片", "ledxin", true}, {"LED 芯片", "ledxan", false}, {"", "a", false},
	} {
		if got := Begins(c.text, c.typed); got != c.want {
			t.Errorf("Begins(%q, %q) = %t", c.text, c.typed, got)
		}
	}
	if !Holds("碳酸钙先进材料", "xianjin") || !Holds("碳酸钙先进材料", "先进") || Holds("碳酸钙先进材料", "jianjin") {
		t.Error("Holds")
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	if got := Builtin().Complete("碳酸", 50); !slices.Contains(got, "碳酸钙") || got[0] != "碳酸钙" && len(got[0]) > len("碳酸钙") {
		t.Errorf("碳酸: %v", got)
	}
	if got := Builtin().Complete("tansu", 50); !slices.Contains(got, "碳酸钙") {
		t.Errorf("tansu: %v", got)
	}
	if got := Builtin().Complete("", 5); len(got) != 0 {
		t.Errorf("nothing typed: %v", got)
	}
	if got := Builtin().Complete("a", 2); len(got) > 2 {
		t.Errorf("%d terms of 2", len(got))
	}
}

func TestReadingsOf(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"tansuangai": "tan suan gai", "xian": "xi an", "lvse": "lv se", "fangan": "fang an"} {
		got := readingsOf(word)
		if len(got) == 0 || strings.Join(got[0], " ") != want || len(got) > maxCuts {
			t.Errorf("%s is read as %v, want %s first", word, got, want)
		}
	}
	for _, word := range []string{"tan", "led", "pcb", "5g", "", "polymer", strings.Repeat("a", 1000)} {
		if got := readingsOf(word); len(got) != 0 {
			t.Errorf("%s is read as %v", word, got)
		}
	}
}

// FuzzTyping: whatever is typed, nothing panics, and a text begins with itself.
func FuzzTyping(f *testing.F) {
	f.Add("碳酸钙", "tansu")
	f.Add("5G覆铜板", "5gft")
	f.Fuzz(func(t *testing.T, text, typed string) {
		if len(text) > 200 || len(typed) > 60 {
			return
		}
		if Begins(text, typed) && !Holds(text, typed) {
			t.Errorf("%q begins with %q but does not hold it", text, typed)
		}
		if len(squeezed(text)) > 0 && !Begins(text, text) {
			t.Errorf("%q does not begin with itself", text)
		}
		Builtin().Complete(typed, 3)
		for _, reading := range readingsOf(typed) {
			reading.Pairs()
		}
	})
}

func TestNearby(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"超临界萃取芳樟醇": {"芳樟醇"},
		"碳酸钙":      {"重质碳酸钙", "轻质碳酸钙"}, // not the text itself
		"LED 车灯散热": {"LED"},
		"，。":       nil,
		"":         nil,
		"没有这样的词组":  nil,
	} {
		got := Builtin().Nearby(text, 12)
		for _, term := range want {
			if !slices.Contains(got, term) {
				t.Errorf("%q: %v lacks %s", text, got, term)
			}
		}
		if want == nil && len(got) > 0 || slices.Contains(got, text) {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got := Builtin().Nearby("碳酸钙", 1); len(got) != 1 {
		t.Errorf("limit 1 gives %v", got)
	}
}
