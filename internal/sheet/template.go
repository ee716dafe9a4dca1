package sheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// Names of the template's sheets. The first holds the list.
var listSheet = map[market.Kind]string{market.KindNeed: "需求", market.KindResult: "成果", market.KindExpert: "专家", market.KindOrg: "单位"}

const (
	notesSheet   = "填写说明"
	choicesSheet = "选项"
	templateRows = 2000 // rows with a drop-down
)

// Template writes an empty list to fill in: headings, one example row, drop-downs, and a sheet that says how to fill in
// each column.
func Template(w io.Writer, kind market.Kind, ref *market.Reference) (err error) {
	b := newBook(listSheet[kind])
	defer func() { err = errors.Join(err, b.file.Close()) }()
	columns := columnsFor(kind)
	b.styles()
	for _, name := range []string{notesSheet, choicesSheet} {
		_, err := b.file.NewSheet(name)
		b.note(err)
	}
	b.list(columns, exampleOf(kind, ref))
	b.notes(columns)
	b.choices(columns, ref)
	if b.err != nil {
		return b.err
	}
	_, err = b.file.WriteTo(w)
	return err
}

// exampleOf fills the example row's columns whose words are the market's own.
func exampleOf(kind market.Kind, ref *market.Reference) map[string]string {
	fields := ref.FieldsOf("materials")
	out := map[string]string{"submarket": ref.Submarkets.Name("materials")}
	if len(fields) > 0 {
		out["fields"] = fields[min(3, len(fields)-1)].Name
	}
	for _, c := range columnsFor(kind) {
		if c.example != "" {
			out[c.key] = c.example
		}
	}
	return out
}

// book is a workbook being written. The first error is kept and the rest is skipped by the caller.
type book struct {
	file                *excelize.File
	sheet               string
	head, must, example int
	err                 error
}

func newBook(sheet string) *book {
	b := &book{file: excelize.NewFile(), sheet: sheet}
	b.note(b.file.SetSheetName("Sheet1", sheet))
	return b
}

func (b *book) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) style(s excelize.Style) int {
	id, err := b.file.NewStyle(&s)
	b.note(err)
	return id
}

func (b *book) styles() {
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"#EFEEE9"}}
	wrap := &excelize.Alignment{WrapText: true, Vertical: "center"}
	b.head = b.style(excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill, Alignment: wrap})
	b.must = b.style(excelize.Style{Font: &excelize.Font{Bold: true, Color: "#A3261D"}, Fill: fill, Alignment: wrap})
	b.example = b.style(excelize.Style{Font: &excelize.Font{Color: "#6B6660"}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
}

// cell is the name of a cell; both count from 1.
func cell(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return ""
	}
	return name
}

func (b *book) text(sheet string, column, row int, text string, style int) {
	at := cell(column, row)
	b.note(b.file.SetCellStr(sheet, at, text))
	b.note(b.file.SetCellStyle(sheet, at, at, style))
}

func (b *book) width(sheet string, column int, width float64) {
	name, err := excelize.ColumnNumberToName(column)
	b.note(err)
	b.note(b.file.SetColWidth(sheet, name, name, width))
}

// list writes headings and the example. Numbers stay text there, so that long ones keep their digits.
func (b *book) list(columns []column, example map[string]string) {
	asText := b.style(excelize.Style{NumFmt: 49})
	for i, c := range columns {
		style := b.head
		if c.must {
			style = b.must
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		b.note(err)
		if c.key == "patent" || c.key == "contact_phone" || c.holds == dates {
			b.note(b.file.SetColStyle(b.sheet, name, asText))
		}
		b.text(b.sheet, i+1, 1, c.name, style)
		b.text(b.sheet, i+1, 2, example[c.key], b.example)
		b.width(b.sheet, i+1, c.width)
	}
	b.note(b.file.SetRowHeight(b.sheet, 1, 24))
	b.note(b.file.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

func (b *book) notes(columns []column) {
	for i, text := range []string{"列名", "怎么填", "例"} {
		b.text(notesSheet, i+1, 1, text, b.head)
		b.width(notesSheet, i+1, [...]float64{18, 70, 50}[i])
	}
	for i, c := range columns {
		for j, text := range []string{c.name, c.note, c.example} {
			b.text(notesSheet, j+1, i+2, text, b.example)
		}
	}
	for i, text := range []string{
		"第 2 行是示例，填写前请删去。列的顺序可以变，多余的列会忽略，名称相近的列名也能认出。",
		fmt.Sprintf("一个文件最多 %d 行、%d 列、%d MB。标红的列必填。", MaxRows, MaxColumns, MaxFile>>20),
		"不要写入国家秘密、工作秘密。不公开的列不会公开，也不进搜索。",
	} {
		b.text(notesSheet, 1, len(columns)+3+i, text, b.style(excelize.Style{}))
	}
}

// choices writes the lists of the drop-downs into a sheet of their own and hangs them on the columns.
func (b *book) choices(columns []column, ref *market.Reference) {
	at := 0
	for i, c := range columns {
		if c.choices == nil {
			continue
		}
		at++
		list := c.choices(ref)
		b.text(choicesSheet, at, 1, c.name, b.head)
		b.width(choicesSheet, at, 24)
		for j, code := range list {
			b.note(b.file.SetCellStr(choicesSheet, cell(at, j+2), code.Name))
		}
		source, err := excelize.ColumnNumberToName(at)
		b.note(err)
		v := excelize.NewDataValidation(true)
		v.SetSqref(cell(i+1, 2) + ":" + cell(i+1, templateRows))
		v.SetSqrefDropList(fmt.Sprintf("%s!$%s$2:$%s$%d", choicesSheet, source, source, len(list)+1))
		v.ShowErrorMessage = false // several names in one cell are welcome
		b.note(b.file.AddDataValidation(b.sheet, v))
	}
}

// Marked writes the user's own rows with a column in front that says what is wrong with each.
func Marked(w io.Writer, headings []string, rows iter.Seq2[market.ImportRow, error]) (err error) {
	b := newBook("检查结果")
	defer func() { err = errors.Join(err, b.file.Close()) }()
	b.styles()
	if b.err != nil {
		return b.err
	}
	out, err := b.file.NewStreamWriter(b.sheet)
	if err != nil {
		return err
	}
	if err := errors.Join(out.SetColWidth(1, 1, 50), out.SetColWidth(2, len(headings)+1, 20),
		out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"})); err != nil {
		return err
	}
	first := []any{excelize.Cell{Value: problemHeading, StyleID: b.must}}
	for _, h := range headings {
		first = append(first, excelize.Cell{Value: h, StyleID: b.head})
	}
	if err := out.SetRow("A1", first); err != nil {
		return err
	}
	number := 2
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := []any{Remark(row)}
		for _, c := range row.Cells {
			cells = append(cells, c) // text: nothing a user typed becomes a formula
		}
		if err := out.SetRow(cell(1, number), cells); err != nil {
			return err
		}
		number++
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = b.file.WriteTo(w)
	return err
}

// problemHeading is the column that Marked adds. Reading the file again ignores it.
const problemHeading = "问题"

// Remark says in one line what was found of a row, "" when nothing was.
func Remark(row market.ImportRow) string {
	var parts []string
	for _, p := range row.Problems {
		parts = append(parts, Words(p))
	}
	if row.Valid() && row.Gaps() {
		parts = append(parts, "不改只能留作草稿")
	}
	switch row.Duplicate {
	case market.DuplicateSame:
		parts = append(parts, "重复，不写入："+row.DuplicateBy)
	case market.DuplicateSimilar:
		parts = append(parts, "疑似重复："+row.DuplicateBy)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "；")
}

// Words says what is wrong with a cell.
func Words(p market.ImportProblem) string {
	if p.Grade == market.GradeLook {
		return "请核对" + p.Column + "：" + p.Message
	}
	return p.Column + "：" + p.Message
}

// Guide is how to fill in one column of the template.
type Guide struct {
	Name string
	Note string
	Must bool
}

// Guides lists the columns of the template that need a word.
func Guides(kind market.Kind) []Guide {
	var out []Guide
	for _, c := range columnsFor(kind) {
		if c.note != "" {
			out = append(out, Guide{Name: c.name, Note: c.note, Must: c.must})
		}
	}
	return out
}
