package market

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestCheckFile(t *testing.T) {
	t.Parallel()
	small := picture(t, 8, 8)
	huge := bytes.Clone(small)
	copy(huge[16:24], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}) // 100,000 by 100,000
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string // media type, or a part of the message
	}{
		"pdf":                 {"执照.PDF", []byte("%PDF-1.7\n…"), "application/pdf"},
		"png":                 {"a.png", small, "image/png"},
		"jpeg by name only":   {"a.jpg", []byte("GIF89a"), "只收"},
		"script":              {"a.pdf", []byte("<script>alert(1)</script>"), "只收"},
		"png as pdf":          {"a.pdf", small, "内容却不是"},
		"cut off":             {"a.png", small[:12], "打不开"},
		"says it is enormous": {"a.png", huge, "打不开或太大"},
		"empty":               {"a.pdf", nil, "空的"},
		"too large":           {"a.pdf", append([]byte("%PDF-"), make([]byte, MaxFile)...), "超过 10 MB"},
	} {
		got, err := CheckFile("licence", c.file, c.content)
		if err == nil && got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if err != nil && !strings.Contains(AsError(err).Fields[0].Message, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzCleanFileName(f *testing.F) {
	for _, s := range []string{"执照.pdf", `C:\fakepath\a.png`, "../../etc/passwd", "a\x00b.pdf", "\u202egpj.exe", "", ".", "....", strings.Repeat("长", 300) + ".pdf", "a." + strings.Repeat("x", 50), "\xff\xfe.jpg", `a"b;c.pdf`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := CleanFileName(s)
		if got == "" || !utf8.ValidString(got) || RuneLen(got) > maxFileName || strings.ContainsAny(got, "/\\\"<>:|?*\r\n\x00") || got == "." || got == ".." {
			t.Errorf("%q became %q", s, got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("%q became %q with %U", s, got, r)
			}
		}
		if again := CleanFileName(got); again != got {
			t.Errorf("%q is cleaned to %q, then to %q", s, got, again)
		}
	})
}
