package market

import "testing"

func TestStages(t *testing.T) {
	t.Parallel()
	want := []Stage{{"rd", "研发", 1, 1, 3}, {"lab", "小试", 2, 4, 4}, {"sample", "样品", 3, 5, 6}, {"pilot", "中试", 4, 6, 7}, {"mass", "量产", 5, 8, 9}}
	got := Stages()
	if len(got) != len(want) {
		t.Fatalf("%d stages", len(got))
	}
	for i, w := range want {
		if got[i] != w {
			t.Errorf("stage %d: %+v, want %+v", i+1, got[i], w)
		}
		if s, ok := StageByCode(w.Code); !ok || s != w {
			t.Errorf("StageByCode(%s) = %+v, %v", w.Code, s, ok)
		}
	}
	got[0].Name = "changed"
	if Stages()[0].Name != "研发" {
		t.Error("a caller can change the list")
	}
	for _, code := range []string{"", "RD", "研发"} {
		if _, ok := StageByCode(code); ok {
			t.Errorf("there is no stage %q", code)
		}
	}
}
