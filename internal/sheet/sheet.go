// Package sheet reads lists of needs, results, experts and organisations from Excel workbooks and CSV files, row by row, and writes the template
// and the user's own rows with their problems. It knows the market's nouns and nothing of the web or the database.
package sheet

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"techmarket/internal/market"
)

// Limits of a file.
const (
	MaxFile    = 20 << 20 // bytes
	MaxRows    = 20_000   // with content, without the headings
	MaxColumns = 100
	MaxCells   = 500_000 // with content or between such
	MaxCell    = 32_767  // characters, as in Excel; what is beyond is cut off

	maxUnzipped   = 300 << 20 // bytes of a workbook once unpacked
	maxInMemory   = 16 << 20  // bytes of one part of a workbook; a larger one goes by way of a temporary file
	maxHeading    = 60        // characters of a heading
	headingSearch = 20        // rows from the top among which the headings are looked for
)

// Table is the part of a file that holds the list.
type Table struct {
	Sheet    string // "" for CSV
	Hidden   int    // rows with content that are hidden in the file: they are not read
	Headings []string
	Rows     []Row // those with content
}

// Row is a row of a file. Number counts as the spreadsheet does, from 1.
type Row struct {
	Number int
	Cells  []string // as many as there are headings
}

// Read reads the list of that kind from a file. Dates, sums and numbers come as plain text whatever their format;
// formulas give the value they had when the file was saved. The Invalid error says in Chinese what is wrong with the
// file as a whole.
func Read(kind market.Kind, name string, data []byte) (*Table, error) {
	if err := checkFile(name, data); err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(name), ".xlsx") {
		return readWorkbook(kind, data)
	}
	return readCSV(kind, data)
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
)

// checkFile compares a file's name with what it begins with.
func checkFile(name string, data []byte) error {
	ending := strings.ToLower(filepath.Ext(name))
	zipped := bytes.HasPrefix(data, zipMagic)
	switch {
	case len(data) == 0:
		return market.Errorf(market.Invalid, "文件是空的，请重新选择")
	case len(data) > MaxFile:
		return market.Errorf(market.Invalid, "文件超过 %d MB，请分成几个文件导入", MaxFile>>20)
	case bytes.HasPrefix(data, oleMagic):
		return market.Errorf(market.Invalid, "这是旧版 .xls 文件，或设了打开密码。请在 Excel 里另存为不带密码的 .xlsx 文件")
	case ending != ".xlsx" && ending != ".csv":
		return market.Errorf(market.Invalid, "只能导入 .xlsx 和 .csv 文件，这个文件的后缀是“%s”", market.Truncate(ending, 10))
	case ending == ".csv" && zipped:
		return market.Errorf(market.Invalid, "后缀是 .csv，内容却是 Excel 工作簿。请把后缀改成 .xlsx 再上传")
	case ending == ".xlsx" && !zipped:
		return market.Errorf(market.Invalid, "后缀是 .xlsx，内容却不是 Excel 工作簿。请在 Excel 里重新另存为 .xlsx；逗号分隔的文本请把后缀改成 .csv")
	}
	return nil
}

// table builds a Table from raw rows: it finds the headings and keeps the rows below that have content.
type table struct {
	kind     market.Kind
	headings []string
	cells    int      // so far
	hidden   int      // rows with content that are hidden
	at       int      // the number of the row of headings
	seen     int      // rows with content before the headings
	first    []string // the first of them
	rows     []Row
}

// add takes the next row and reports an error when the list is beyond its limits.
func (t *table) add(number int, cells []string) error {
	cells = trimRight(cells)
	if len(cells) == 0 {
		return nil
	}
	if t.cells += len(cells); t.cells > MaxCells {
		return market.Errorf(market.Invalid, "超过 %d 万个单元格，没有打开。请删去多余的列和工作表，或分成几个文件导入", MaxCells/10_000)
	}
	if t.headings == nil {
		t.at = number
		return t.look(cells)
	}
	if len(t.rows) == MaxRows {
		return market.Errorf(market.Invalid, "超过 %d 行，请分成几个文件导入", MaxRows)
	}
	row := Row{Number: number, Cells: make([]string, len(t.headings))}
	empty := true
	for i := range min(len(cells), len(row.Cells)) {
		row.Cells[i] = tidy(cells[i])
		empty = empty && row.Cells[i] == ""
	}
	if !empty {
		t.rows = append(t.rows, row)
	}
	return nil
}

// look takes the row for the headings if it names the main column.
func (t *table) look(cells []string) error {
	if t.seen++; t.seen > headingSearch {
		return nil
	}
	if t.first == nil {
		t.first = cells
	}
	if !slices.ContainsFunc(cells, func(h string) bool { return isMain(t.kind, h) }) {
		return nil
	}
	if len(cells) > MaxColumns {
		return market.Errorf(market.Invalid, "有 %d 列，最多 %d 列。请删去多余的列，或下载模板填写", len(cells), MaxColumns)
	}
	t.headings = make([]string, len(cells))
	for i, h := range cells {
		t.headings[i] = market.Truncate(market.Normalize(strings.ToValidUTF8(h, "")), maxHeading)
	}
	return nil
}

// done returns the finished table, or what it lacks.
func (t *table) done(sheet string) (*Table, error) {
	switch {
	case t.seen == 0:
		return nil, market.Errorf(market.Invalid, "文件里没有内容")
	case t.headings == nil:
		return nil, market.Errorf(market.Invalid, "没有找到“%s”这一列。第一行现在是：%s。请把列名写在第一行，或下载模板填写",
			mainColumn(t.kind).name, market.Truncate(market.Normalize(strings.ToValidUTF8(strings.Join(t.first, "、"), "")), 60))
	}
	if len(t.rows) > 0 && t.isExample(t.rows[0]) {
		t.rows = t.rows[1:]
	}
	if len(t.rows) == 0 && t.hidden > 0 {
		return nil, market.Errorf(market.Invalid, "内容都在隐藏的行里（%d 行）。请取消隐藏或筛选，保存后再上传", t.hidden)
	}
	if len(t.rows) == 0 {
		return nil, market.Errorf(market.Invalid, "只有列名，没有内容")
	}
	return &Table{Sheet: sheet, Hidden: t.hidden, Headings: t.headings, Rows: t.rows}, nil
}

// trimRight drops the empty cells at the end.
func trimRight(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// tidy makes a cell fit to be stored: valid UTF-8 without NUL, not beyond MaxCell.
func tidy(cell string) string {
	cell = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(cell, "\uFFFD"), "\x00", ""))
	if len(cell) <= MaxCell || market.RuneLen(cell) <= MaxCell {
		return cell
	}
	return string([]rune(cell)[:MaxCell])
}

// isExample reports whether the row is the template's own example, left in by mistake.
func (t *table) isExample(row Row) bool {
	alike := 0
	for i, c := range columnsOf(t.kind, t.headings) {
		switch {
		case c == nil || c.example == "" || len(c.example) < len("示例文字"):
		case row.Cells[i] != c.example:
			return false
		default:
			alike++
		}
	}
	return alike >= 3
}
