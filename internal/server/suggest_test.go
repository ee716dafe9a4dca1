package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSuggest: what is offered while somebody types, and that pinyin and slips find what they mean on the page too.
func TestSuggest(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	h.exec(`UPDATE listings SET title = '重质碳酸钙湿法超细研磨 Polymer' WHERE id = $1`, h.need)
	h.exec(`INSERT INTO listing_changes (listing_id) VALUES ($1)`, h.need)
	h.catchUp()
	guest := h.visitor()
	offered := func(typed string) []string {
		t.Helper()
		got := guest.get("/search/suggest?q=" + url.QueryEscape(typed))
		var list []suggestion
		if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: status %d, %v", typed, got.status, err)
		}
		var out []string
		for _, s := range list {
			if page := guest.get(s.Href); page.status != http.StatusOK {
				t.Errorf("%s leads to %s: status %d", s.Label, s.Href, page.status)
			}
			out = append(out, s.Label+"／"+s.Note)
		}
		return out
	}
	for typed, want := range map[string][]string{
		"tansu":      {"碳酸钙／词，1 项", "重质碳酸钙湿法超细研磨 Polymer／需求"},
		"碳酸":         {"碳酸钙／词，1 项", "重质碳酸钙湿法超细研磨 Polymer／需求"},
		"chaoxiyan":  {"重质碳酸钙湿法超细研磨 Polymer／需求"},
		"chaoxiyang": {},
		"chaoxi":     {"重质碳酸钙湿法超细研磨 Polymer／需求"},
		"polymer":    {"重质碳酸钙湿法超细研磨 Polymer／需求"},
		"zzzz":       {},
		"<script>":   {},
		"\xff":       {},
		"超细研磨 湿法":    {"重质碳酸钙湿法超细研磨 Polymer／需求"},
		"旋流器磨损监测没有了": {},
	} {
		got := strings.Join(offered(typed), " ")
		for _, label := range want {
			if !strings.Contains(got, label) {
				t.Errorf("%s offers %q, without %q", typed, got, label)
			}
		}
		if len(want) == 0 && strings.Contains(got, "需求") {
			t.Errorf("%s offers %q", typed, got)
		}
	}
	for typed, also := range map[string]string{"tansuangai": "碳酸钙", "polimer": "polymer"} {
		page := guest.get("/search?q=" + typed).page(t)
		if !strings.Contains(page.Find(".mk-pagehead").Text(), also) || page.Find("mark").Length() == 0 {
			t.Errorf("%s: the head says %q, and %d words are marked", typed, page.Find(".mk-pagehead").Text(), page.Find("mark").Length())
		}
		if literal := guest.get("/search?literal=1&q=" + typed).page(t); strings.Contains(literal.Find("main").Text(), "重质碳酸钙湿法") {
			t.Errorf("%s, literally, is found", typed)
		}
	}
}
