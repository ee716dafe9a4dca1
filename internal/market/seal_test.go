package market

import (
	"bytes"
	"testing"
)

func TestSealCode(t *testing.T) {
	t.Parallel()
	seal := Seal{Seq: 7, Hash: append([]byte{0x41, 0xc7, 0x0e, 0x9d, 0x8b, 0x36, 0xf2, 0xa5}, bytes.Repeat([]byte{1}, 24)...)}
	if got := seal.Code(); got != "41c7 0e9d 8b36 f2a5" {
		t.Errorf("the code reads %q", got)
	}
	for typed, want := range map[string]string{
		"41c7 0e9d 8b36 f2a5": "41c70e9d8b36f2a5", "４１Ｃ７-0E9D-8b36-f2a5": "41c70e9d8b36f2a5", " 41c70e9d8b36f2a5 ": "41c70e9d8b36f2a5",
		"": "", "41c7": "", "41c70e9d8b36f2ag": "", "41c70e9d8b36f2a5ff": "", "证明": "",
	} {
		got, err := ParseSealCode(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q reads %q, %v", typed, got, err)
		}
	}
}

func TestSealIsFound(t *testing.T) {
	t.Parallel()
	first, second := Seal{Kind: "registered", Hash: bytes.Repeat([]byte{1}, 32)}, Seal{Kind: "cancelled", Hash: bytes.Repeat([]byte{2}, 32)}
	s := Sealed{Seals: []Seal{first, second}}
	for _, line := range []struct {
		code  string
		found bool
		later int
	}{{"0101010101010101", true, 1}, {"0202020202020202", true, 0}, {"0303030303030303", false, 0}, {"", false, 0}} {
		_, later, found := s.Find(line.code)
		if found != line.found || len(later) != line.later {
			t.Errorf("%q: found %v with %d after it", line.code, found, len(later))
		}
	}
}
