package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIndexTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, words, grams string }{
		{"碳酸钙", "碳酸 酸钙 钙", ""},
		{"钙", "钙", ""},
		{"重钙，研磨", "重钙 钙 研磨 磨", ""},
		{"ＬＥＤ灯", "led 灯", ""},
		{"MiniLED", "miniled mini led", "min ini"},
		{"Mini-LED", "mini led miniled", "min ini"},
		{"MINILED", "miniled", "min ini nil ile led"},
		{"5G覆铜板", "5g 覆铜 铜板 板", ""},
		{"PH值", "ph 值", ""},
		{"D97 ≤ 2.5 μm", "d97 97 2.5 μm", ""},
		{"USB3.0接口", "usb3.0 usb 3.0 接口 口", ""},
		{"CO₂与m²", "co2 co 与 m2", ""},
		{"碳\u200B酸", "碳酸 酸", ""},
		{"𠮷钙😀", "𠮷钙 钙", ""},
		{"1.5.", "1.5", ""},
		{"\xff\xfe", "", ""},
	} {
		got := IndexTerms(c.text)
		if words := strings.Join(got.Words, " "); words != c.words {
			t.Errorf("words of %q: %q, want %q", c.text, words, c.words)
		}
		if grams := strings.Join(got.Grams, " "); grams != c.grams {
			t.Errorf("grams of %q: %q, want %q", c.text, grams, c.grams)
		}
	}
}

func TestLongWordsAreCutAlike(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 500)
	indexed := IndexTerms(long).Words
	queried := ParseQuery(long, true)[0].Words[0].Text
	if indexed[0] != queried || len(queried) > maxTermBytes || !utf8.ValidString(queried) {
		t.Errorf("indexed %q, asked for %q", indexed[0], queried)
	}
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		literal bool
		want    string // parts joined by |, synonyms after =
	}{
		{"湿法研磨", false, "湿法研磨"},
		{"重钙", false, "重钙=重质碳酸钙=碳酸钙=GCC"},
		{"重钙", true, "重钙"},
		{"超细重钙湿磨", false, "超细|重钙=重质碳酸钙=碳酸钙=GCC|湿磨"},
		{"３Ｄ打印", false, "3d 打印=增材制造"},
		{"mini led 背光", false, "mini led=MiniLED=次毫米发光二极管|背光"},
		{"pcb PCB", false, "pcb=线路板=电路板=印制板=印制电路板"},
		{"有机发光二极管", false, "有机发光二极管=OLED"},
		{"印制，电路板", false, "印制|电路板=PCB=线路板=印制板=印制电路板"},
		{`"重钙" AND (研磨*)`, true, "重钙|and|研磨"},
		{" ，😀", false, ""},
	} {
		var parts []string
		for _, p := range ParseQuery(c.text, c.literal) {
			shown := textOf(p.Words)
			for _, s := range p.Synonyms {
				shown += "=" + s.Text
			}
			parts = append(parts, shown)
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("ParseQuery(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// TestSynonymsHoldBothWays asks for each term of each group and looks for the
// others, and holds the file to its own rule.
func TestSynonymsHoldBothWays(t *testing.T) {
	t.Parallel()
	// Broader words that stand in several groups on purpose.
	several := map[string]bool{"碳酸钙": true}
	seen := map[string]string{}
	fields := map[string]int{}
	for _, g := range Groups() {
		fields[g.Field]++
		if len(g.Terms) < 2 {
			t.Errorf("a group of one: %q", g.Terms)
		}
		for i, from := range g.Terms {
			key := synonymKey(atoms(from))
			if before, found := seen[key]; found && !several[from] {
				t.Errorf("%q of %q is in %q too", from, g.Terms, before)
			}
			seen[key] = strings.Join(g.Terms, "=")
			if utf8.RuneCountInString(from) < 2 || from != strings.TrimSpace(from) || len(atoms(from)) == 0 {
				t.Errorf("%q is no term", from)
			}
			for j, to := range g.Terms {
				if i != j && !slices.Contains(Also(ParseQuery(from, false)), to) {
					t.Errorf("a query for %q does not look for %q", from, to)
				}
			}
		}
	}
	if n := len(Groups()); n < 300 {
		t.Errorf("only %d groups", n)
	}
	if len(fields) != 28 { // all fields, and what every trade uses
		t.Errorf("%d fields have groups: %v", len(fields), fields)
	}
}

func TestDictionary(t *testing.T) {
	t.Parallel()
	words := Builtin().Dictionary()
	for _, w := range words {
		if n := utf8.RuneCountInString(w); n < 2 || n > 8 && !slices.ContainsFunc(Groups(), func(g Group) bool { return slices.Contains(g.Terms, w) }) {
			t.Errorf("%q is no term of two to eight characters", w)
		}
	}
	if len(words) < 1000 || !slices.Contains(words, "湿法研磨") || !slices.Contains(words, "覆铜板") {
		t.Errorf("%d words", len(words))
	}
}

// TestSynonymsAreMarked asks for each term and marks the others in a text.
func TestSynonymsAreMarked(t *testing.T) {
	t.Parallel()
	for _, g := range Groups() {
		for _, from := range g.Terms {
			marker := Builtin().NewMarker(from, false)
			for _, to := range g.Terms {
				text := "采用" + to + "，效果好"
				if got := shown(marker.Highlight(text, 0)); !strings.HasPrefix(got, "采用[") || !strings.HasSuffix(got, "]，效果好") {
					t.Errorf("%q in %q is marked %q", from, text, got)
				}
			}
		}
	}
}

func FuzzTexts(f *testing.F) {
	for _, s := range []string{"MiniLED 碳酸钙", "Ａ-b", "1.2.", "\xff碳", "é\u0301\u200B", "ⅡΣ𠮷"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms := IndexTerms(text)
		for _, term := range slices.Concat(terms.Words, terms.Grams) {
			if term == "" || !utf8.ValidString(term) {
				t.Errorf("term %q of %q", term, text)
			}
		}
		for _, p := range ParseQuery(text, false) {
			if len(p.Words) == 0 {
				t.Errorf("a part without words in %q", text)
			}
		}
	})
}
