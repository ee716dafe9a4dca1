package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

// importForms is a complete form without the file.
func importForms() url.Values {
	return url.Values{"kind": {"result"}, "submarket": {"materials"}, "fields": {"calcium"}, "modes": {"licence"}}
}

const importList = "编号,成果名称,成熟度,备注\n1,纳米碳酸钙连续碳化,中试,\n2,<script>alert(1)</script>,中试以上,\n3,重钙研磨,,\n4,重钙研磨,,\n4,重钙研磨,,\n"

// uploaded checks the list above and returns the id of its import.
func (c *client) uploaded() int64 {
	c.t.Helper()
	got := c.upload("/imports", importForms(), "清单.csv", importList)
	if got.status != http.StatusSeeOther {
		c.t.Fatalf("upload: status %d: %s", got.status, got.page(c.t).Find(".mk-summary").Text())
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(got.location, "/imports/"), 10, 64)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (s *testServer) imports() int {
	s.t.Helper()
	var n int
	if err := s.Store.DB().QueryRowContext(s.t.Context(), `SELECT count(*) FROM imports`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestImportFromFileToShelf(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.University, market.OrgVerified))
	if got := c.get("/imports").page(t); !strings.Contains(got.Find(".mk-empty").Text(), "还没有导入过") {
		t.Error("an empty list does not say so")
	}
	if got := c.get("/imports/new?kind=result").page(t); got.Find("input[type=file][name=file]").Length() != 1 || got.Find("input[name=key]").AttrOr("value", "") == "" {
		t.Error("the form has no file or no key")
	}
	id := c.uploaded()
	path := fmt.Sprintf("/imports/%d", id)
	page := c.get(path).page(t)
	for _, want := range []string{"清单.csv", "还没有写入任何一行", "“中试以上”认不出来", "<script>alert(1)</script>", "备注"} {
		if !strings.Contains(page.Find("main").Text(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if text := c.get(path + "?tab=duplicates").page(t).Find("tbody").Text(); !strings.Contains(text, "与第 4 行名称相同，编号或专利号不同") || !strings.Contains(text, "重复，不写入") {
		t.Errorf("the duplicates are shown as %q", text)
	}
	marked := c.get(path + "/marked.xlsx?only=problems")
	table, err := sheet.Read(market.KindResult, "a.xlsx", []byte(marked.body))
	if err != nil || len(table.Rows) != 1 || !strings.Contains(table.Rows[0].Cells[0], "成熟度：“中试以上”认不出来") {
		t.Errorf("the marked rows are %+v, %v", table, err)
	}

	refused := c.post(path+"/accept", url.Values{"submit": {"1"}})
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.page(t).Find(".mk-summary a[href='#secrecy']").Text(), "国家秘密") {
		t.Errorf("without the statement on secrets: status %d", refused.status)
	}
	if got := c.post(path+"/accept", url.Values{"submit": {"1"}, "secrecy": {"1"}, "similar": {"1"}}); got.status != http.StatusSeeOther {
		t.Fatalf("accept: status %d", got.status)
	}
	running := c.get(path)
	if progress := running.page(t).Find("progress"); progress.AttrOr("max", "") != "3" || progress.AttrOr("value", "") != "0" || running.header.Get("Refresh") == "" {
		t.Errorf("no progress while it runs")
	}
	if got := c.post(path+"/accept", url.Values{"submit": {"1"}, "secrecy": {"1"}}); got.status != http.StatusConflict {
		t.Errorf("accepted twice: status %d", got.status)
	}
	if err := s.Service.RunImport(t.Context(), id, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	done := c.get(path)
	if done.header.Get("Refresh") != "" || !strings.Contains(done.page(t).Find("h1").Text(), "已完成") || s.listings() != 3 {
		t.Errorf("after the writing: %s, %d listings", done.page(t).Find("h1").Text(), s.listings())
	}

	reviewer := s.as(s.newUser(market.Reviewer))
	queue := reviewer.get("/review").page(t)
	if href := queue.Find("section[aria-labelledby=h-batches] th a").AttrOr("href", ""); href != fmt.Sprintf("/review/imports/%d", id) || queue.Find(".mk-empty").Length() != 1 {
		t.Errorf("the queue shows the batch as %q", href)
	}
	review := fmt.Sprintf("/review/imports/%d", id)
	for _, tab := range []string{"", "?tab=all"} {
		if rows := reviewer.get(review + tab).page(t).Find("tbody tr"); rows.Length() != 3 {
			t.Errorf("%q shows %d listings to the reviewer, want 3", tab, rows.Length())
		}
	}
	empty := reviewer.post(review+"/return", url.Values{"note": {" "}})
	if got := empty.page(t).Find(".mk-summary li").Length(); empty.status != http.StatusUnprocessableEntity || got != 2 {
		t.Errorf("a return without reasons: status %d, %d problems", empty.status, got)
	}
	if got := reviewer.post(review+"/publish", nil); got.status != http.StatusSeeOther {
		t.Fatalf("publish: status %d", got.status)
	}
	if got := reviewer.get(review); got.header.Get("Refresh") == "" || got.page(t).Find("progress").Length() != 1 {
		t.Error("no progress while the batch becomes public")
	}
	if err := s.Service.ReviewImport(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := reviewer.get(review).page(t); !strings.Contains(got.Find("aside").Text(), "已通过并公开") {
		t.Error("the page does not say that the batch is public")
	}
	if got := c.get(path).page(t).Find("aside").Text(); !strings.Contains(got, "公开过") || strings.Contains(got, "撤销这次导入") {
		t.Errorf("its people are shown %q", got)
	}
}

func TestImportUndoAndDiscardByForm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.University, market.OrgVerified))
	id := c.uploaded()
	if got := c.post(fmt.Sprintf("/imports/%d/discard", id), nil); got.status != http.StatusSeeOther {
		t.Errorf("discard: status %d", got.status)
	}
	if got := c.get(fmt.Sprintf("/imports/%d", id)).page(t).Find(".mk-empty").Text(); !strings.Contains(got, "这次导入已放弃") {
		t.Errorf("a discarded import shows %q", got)
	}
	id = c.uploaded()
	c.post(fmt.Sprintf("/imports/%d/accept", id), nil)
	if err := s.Service.RunImport(t.Context(), id, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if n := s.listings(); n != 2 {
		t.Fatalf("%d listings without the similar row, want 2", n)
	}
	if got := c.get(fmt.Sprintf("/imports/%d", id)).page(t).Find("aside details form").AttrOr("action", ""); got != fmt.Sprintf("/imports/%d/undo", id) {
		t.Errorf("undoing is offered as %q", got)
	}
	if got := c.post(fmt.Sprintf("/imports/%d/undo", id), nil); got.status != http.StatusSeeOther || s.listings() != 0 {
		t.Errorf("undo: status %d, %d listings left", got.status, s.listings())
	}
}

// TestImportBadUploads wants a clear message at the right place, and nothing stored.
func TestImportBadUploads(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.University, market.OrgVerified))
	with := func(key, value string) url.Values { return filled(importForms(), key, value) }
	for name, u := range map[string]struct {
		file   string
		data   string
		form   url.Values
		status int
		field  string
		want   string
	}{
		"no file":                  {"", "", importForms(), 422, "#file", "请选择文件"},
		"wrong ending":             {"清单.pdf", "%PDF", importForms(), 422, "#file", "只能导入 .xlsx 和 .csv"},
		"broken workbook":          {"清单.xlsx", "PK\x03\x04 and then nothing", importForms(), 422, "#file", "文件打不开"},
		"broken text":              {"清单.csv", "成果名称\n\xFF\xFF\xFF\xFF", importForms(), 422, "#file", "文字编码认不出来"},
		"empty":                    {"清单.csv", "", importForms(), 422, "#file", "文件是空的"},
		"no title":                 {"清单.csv", "价格\n1\n", importForms(), 422, "#file", "没有找到“成果名称”"},
		"foreign field":            {"清单.csv", importList, with("fields", "led"), 422, "#fields", "不属于所选的专业市场"},
		"unknown stage":            {"清单.csv", importList, with("stage", "finished"), 422, "#stage", "成熟度"},
		"neither of kinds":         {"清单.csv", importList, with("kind", "patent"), 422, "", "成果还是需求"},
		"a little more than 20 MB": {"清单.csv", strings.Repeat("a", sheet.MaxFile+1000), importForms(), 422, "#file", "文件超过 20 MB"},
		"50 MB":                    {"清单.xlsx", strings.Repeat("a", 50<<20), importForms(), 413, "", "超过 20 MB"},
	} {
		got := c.upload("/imports", u.form, u.file, u.data)
		page := got.page(t)
		text := page.Find("main").Text()
		if u.field != "" {
			text = page.Find(".mk-summary a[href='" + u.field + "']").Text()
		}
		if got.status != u.status || !strings.Contains(text, u.want) {
			t.Errorf("%s: status %d, %q; want %d, %q", name, got.status, strings.TrimSpace(text), u.status, u.want)
		}
		if u.field != "" && page.Find("main "+u.field).Length() != 1 {
			t.Errorf("%s: nothing on the page has the id %s", name, u.field)
		}
	}
	if n := s.imports(); n != 0 {
		t.Errorf("%d imports were stored", n)
	}
	kept := c.upload("/imports", filled(importForms(), "contact_name", "王老师"), "清单.pdf", "%PDF").page(t)
	if kept.Find("select[name=submarket] option[selected]").AttrOr("value", "") != "materials" || kept.Find("input[name=contact_name]").AttrOr("value", "") != "王老师" ||
		kept.Find("input[name=modes][checked]").AttrOr("value", "") != "licence" {
		t.Error("what was chosen is lost")
	}
}

// TestImportBeforeVerification has an organisation that waits import drafts, which it may, and submit them, which it
// may not.
func TestImportBeforeVerification(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newOrg(market.Enterprise, market.OrgPending))
	path := fmt.Sprintf("/imports/%d", c.uploaded())
	if page := c.get(path).page(t); page.Find("input[name=submit]").Length() != 0 || !strings.Contains(page.Find("#decide").Text(), "写入后留作草稿") {
		t.Error("submitting is offered")
	}
	if got := c.post(path+"/accept", url.Values{"submit": {"1"}, "secrecy": {"1"}}); got.status != http.StatusForbidden {
		t.Errorf("submitted all the same: status %d", got.status)
	}
	if got := c.post(path+"/accept", nil); got.status != http.StatusSeeOther {
		t.Errorf("accept: status %d", got.status)
	}
}
