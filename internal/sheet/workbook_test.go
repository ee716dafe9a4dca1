package sheet_test

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

func cellsOf(t *sheet.Table) [][]string {
	var out [][]string
	for _, row := range t.Rows {
		out = append(out, row.Cells)
	}
	return out
}

func same(a, b [][]string) bool {
	return slices.EqualFunc(a, b, func(x, y []string) bool { return slices.Equal(x, y) })
}

// TestReadMergedAndHidden: a merged cell counts for each row under it, headings may have two lines, and hidden rows are
// counted and left out.
func TestReadMergedAndHidden(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for i, row := range [][]any{{"2026 年成果汇总表"}, {"成果名称", "专业市场", "价格（万元）", "备注"}, {"", "", "最低", ""},
		{"甲", "先进材料", 60, "一"}, {"乙", "", 0.1, "二"}, {"丙", "", "", "三"}, {"丁", "绿色食品", 7, ""}, {"戊", "", "", "五"}} {
		must(t, f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row))
	}
	for _, m := range [][2]string{{"A1", "D1"}, {"A2", "A3"}, {"B2", "B3"}, {"D2", "D3"}, {"B4", "B6"}, {"C4", "C5"}, {"B7", "C7"}} {
		must(t, f.MergeCell("Sheet1", m[0], m[1]))
	}
	must(t, f.SetCellValue("Sheet1", "C4", 60))
	must(t, f.SetRowVisible("Sheet1", 8, false))
	table := read(t, market.KindResult, "a.xlsx", saved(t, f))
	if want := []string{"成果名称", "专业市场", "最低", "备注"}; !slices.Equal(table.Headings, want) {
		t.Errorf("headings %q", table.Headings)
	}
	if want := [][]string{{"甲", "先进材料", "60", "一"}, {"乙", "先进材料", "60", "二"}, {"丙", "先进材料", "", "三"}, {"丁", "绿色食品", "", ""}}; !same(cellsOf(table), want) {
		t.Errorf("rows %q", cellsOf(table))
	}
	if table.Hidden != 1 || table.Rows[0].Number != 4 {
		t.Errorf("%d hidden, the first row is %d", table.Hidden, table.Rows[0].Number)
	}
	g := excelize.NewFile()
	for i, row := range [][]any{{"成果名称"}, {"甲"}, {"乙"}} {
		must(t, g.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row))
	}
	must(t, g.SetRowVisible("Sheet1", 2, false))
	must(t, g.SetRowVisible("Sheet1", 3, false))
	if _, err := sheet.Read(market.KindResult, "a.xlsx", saved(t, g)); err == nil || !strings.Contains(err.Error(), "隐藏的行里（2 行）") {
		t.Errorf("all hidden: %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadDigits: texts of digits keep their zeros, and sums come without the noise of the spreadsheet.
func TestReadDigits(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"成果名称", "联系电话", "专利号", "价格（万元）"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"甲", "07968220000", "201710601862.0", 80.1}))
	must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"乙", 13879600021, "2017106018623", 1.1 + 2.2}))
	table := read(t, market.KindResult, "a.xlsx", saved(t, f))
	if want := [][]string{{"甲", "07968220000", "201710601862.0", "80.1"}, {"乙", "13879600021", "2017106018623", "3.3"}}; !same(cellsOf(table), want) {
		t.Errorf("rows %q", cellsOf(table))
	}
}

// TestReadTooManyCells: a workbook of a million cells is refused, and in little memory.
func TestReadTooManyCells(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	must(t, err)
	row := make([]any, sheet.MaxColumns)
	for i := range row {
		row[i] = "值"
	}
	row[0] = "成果名称"
	for n := range 10_000 {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		must(t, err)
		must(t, w.SetRow(at, row))
		row[0] = "甲"
	}
	must(t, w.Flush())
	_, err = sheet.Read(market.KindResult, "a.xlsx", saved(t, f))
	if !market.IsKind(err, market.Invalid) || !strings.Contains(err.Error(), "超过 50 万个单元格") {
		t.Errorf("a million cells: %v", err)
	}
}

// TestTake: who knows better says what the columns are.
func TestTake(t *testing.T) {
	t.Parallel()
	r := sheet.NewReader(market.KindResult, []string{"成果名称", "真正的名称", "说明"}, defaults, ref, today)
	must(t, r.Take([]string{"", "title", "advantage"}))
	got, _ := r.Result([]string{"编号 7", "甲", "更快"})
	if got.Title != "甲" || got.Advantage != "更快" || got.Summary != "" {
		t.Errorf("read as %+v", got)
	}
	for what, keys := range map[string][]string{"没有选哪一列是“成果名称”": {"", "", "summary"}, "有两列都选了“成果名称”": {"title", "title", ""}, "请从列表中选择": {"title", "nothing", ""}} {
		if err := r.Take(keys); !market.IsKind(err, market.Invalid) || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: %v", keys, err)
		}
	}
}

// workbookOf puts the XML of a sheet into a workbook.
func workbookOf(t testing.TB, base, content []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(base), int64(len(base)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range z.File {
		to, err := w.Create(part.Name)
		must(t, err)
		if part.Name == "xl/worksheets/sheet1.xml" {
			_, err = to.Write(content)
			must(t, err)
			continue
		}
		from, err := part.Open()
		must(t, err)
		_, err = io.Copy(to, from)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// FuzzSheet reads any XML as the sheet of a workbook without a panic, and keeps nothing that is unfit to be stored.
func FuzzSheet(f *testing.F) {
	base := workbook(f, []any{"成果名称"}, []any{"甲"})
	const head = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	for _, seed := range []string{
		`<row r="1"><c r="A1" t="inlineStr"><is><t>成果名称</t></is></c><c r="B1" t="inlineStr"><is><t>价格（万元）</t></is></c></row><row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>甲</t></is></c><c r="B2"><v>1E2</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:A2"/></mergeCells></worksheet>`,
		`<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row><row r="1048577"><c r="XFE1" t="str"><v>_x0000_</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>`,
		`<row r="2"><c r="A1" t="b"><v>1</v></c></row><row r="1"><c t="e"><v>#REF!</v></c></row></sheetData></worksheet>`} {
		f.Add([]byte(head + seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		data := workbookOf(t, base, content)
		for _, kind := range market.ImportKinds {
			table, err := sheet.Read(kind, "a.xlsx", data)
			if err != nil {
				if !market.IsKind(err, market.Invalid) {
					t.Fatalf("an error that is not for users: %v", err)
				}
				continue
			}
			checkTable(t, kind, table)
		}
	})
}
