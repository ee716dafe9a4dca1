package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/demo"
)

// TestJourneyImport: a university brings a workbook, takes the rows that are marked, corrects them and brings them again.
func TestJourneyImport(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	school := newChrome(t).tab(t, m.url)
	school.open("/login")
	school.fill(fields{"email": "university@example.com", "password": demo.Password})
	school.press("登录")
	folder := t.TempDir()
	first := filepath.Join(folder, "成果.xlsx")
	writeWorkbook(t, first, [][]any{{"题名", "市场", "领域", "转化方式", "报价", "专利号"},
		{"超细重钙分散剂（旅程）", "先进材料", "碳酸钙先进材料", "技术许可", "60万元", "201710601862.3"},
		{"号码写错的改性剂（旅程）", "先进材料", "碳酸钙先进材料", "技术许可", "60万元", "201710601862.4"}})
	school.bring(first)
	if text := school.text(); !strings.Contains(text, "校验位不对") || !strings.Contains(text, "导入 1 行") {
		t.Fatalf("the check says\n%s", text)
	}
	marked := filepath.Join(folder, "改好的.xlsx")
	correct(t, school.download(school.eval(`document.querySelector('a[href*="marked.xlsx"]').getAttribute("href")`)), marked)
	school.fill(fields{"secrecy": "1"})
	school.press("导入 1 行")
	school.eventually(school.path(), "已完成")

	school.bring(marked)
	if text := school.text(); strings.Contains(text, "校验位不对") || !strings.Contains(text, "导入 1 行") {
		t.Fatalf("the corrected file is checked as\n%s", text)
	}
	school.fill(fields{"secrecy": "1"})
	school.press("导入 1 行")
	school.eventually(school.path(), "已完成")
	for _, title := range []string{"超细重钙分散剂（旅程）", "号码写错的改性剂（旅程）"} {
		school.eventually("/work/results?state=in_review", title)
	}
}

// bring uploads a list of results.
func (b *tab) bring(file string) {
	b.t.Helper()
	b.open("/imports/new?kind=result")
	b.do("choose the file", chromedp.SetUploadFiles("#file", []string{file}))
	b.press("上传并检查")
}

// download takes a file as the person in the tab.
func (b *tab) download(path string) []byte {
	b.t.Helper()
	text := b.evalAsync(fmt.Sprintf(`fetch(%q).then(r => r.arrayBuffer()).then(a => { let s = ""; for (const x of new Uint8Array(a)) s += String.fromCharCode(x); return btoa(s); })`, path))
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return content
}

func writeWorkbook(t *testing.T, file string, rows [][]any) {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(file); err != nil {
		t.Fatal(err)
	}
}

// correct puts the number right in the file that came back, and saves it.
func correct(t *testing.T, content []byte, file string) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetName(0)
	rows, err := f.GetRows(sheet)
	if err != nil || len(rows) != 2 || rows[0][0] != "问题" || !strings.Contains(rows[1][0], "校验位不对") {
		t.Fatalf("the marked file holds %q, %v", rows, err)
	}
	if err := f.SetCellStr(sheet, "G2", ""); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(file); err != nil {
		t.Fatal(err)
	}
}
