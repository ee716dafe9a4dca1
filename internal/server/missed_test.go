package server

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// TestMissed: a search that no listing fulfils leads on, to near terms, to fewer conditions, or to a need of one's own.
func TestMissed(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	h.exec(`UPDATE listings SET title = '重质碳酸钙湿法超细研磨' WHERE id = $1`, h.need)
	h.exec(`UPDATE needs SET deadline = $2 WHERE listing_id = $1`, h.need, time.Now().AddDate(0, 0, 60))
	h.exec(`INSERT INTO listing_changes (listing_id) VALUES ($1)`, h.need)
	h.catchUp()
	guest := h.visitor()
	for query, want := range map[string][]string{
		"q=碳酸钙造纸涂布":          {"没有包含全部词语的内容", "相近的词", "重质碳酸钙 1", "（领域）", "发布为技术需求"},
		"q=旋流浮选药剂&due=30":    {"没有找到", "最新成果"},
		"q=碳酸钙&due=30":       {"没有同时满足这些条件的内容", "去掉“30 天内截止”，查看 1 项"},
		"due=30":             {"去掉“30 天内截止”"},
		"q=碳酸钙&due=90":       {"共 1 项，已选 1 个条件"},
		"due=90":             {"共 1 项，已选 1 个条件"},
		"due=7":              {"需求截止"},
		"q=碳酸钙&due=<script>": {"共 1 项"},
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		page := guest.get("/search?" + v.Encode()).page(t)
		text := strings.Join(strings.Fields(page.Find("main").Text()), " ")
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("%s: no %q on the page: %s", query, words, text)
			}
		}
	}

	long := strings.Repeat("浆料黏度急升而且电耗过高", 12)
	firm := h.as(h.newOrg(market.Enterprise, market.OrgVerified))
	for _, looked := range []string{"旋流浮选药剂", long} {
		page := firm.get("/search?" + url.Values{"q": {looked}}.Encode()).page(t)
		href, _ := page.Find(`main a:contains("发布为技术需求")`).Attr("href")
		form := firm.get(href).page(t)
		title, _ := form.Find(`[name="title"]`).Attr("value")
		if problem := strings.TrimSpace(form.Find(`[name="problem"]`).Text()); title+problem != looked || (problem == looked) != (looked == long) {
			t.Errorf("the form begins with the title %q and the problem %q", title, problem)
		}
	}
}
