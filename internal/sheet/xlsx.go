package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// readOptions make dates unambiguous and bound what a workbook may unpack to.
var readOptions = excelize.Options{ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxInMemory}

// errBroken is what a damaged workbook gives.
var errBroken = market.Errorf(market.Invalid, "文件打不开，可能没有传完整或已损坏。请在 Excel 里打开后重新保存，再上传")

// readWorkbook reads the first sheet that has the headings of a list.
func readWorkbook(kind market.Kind, data []byte) (t *Table, err error) {
	if err := checkUnzipped(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), readOptions)
	if err != nil {
		return nil, errBroken
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var without *table // the first sheet with content but no list
	for _, name := range f.GetSheetList() {
		t := &table{kind: kind}
		if err := scan(f, name, excelize.Options{RawCellValue: true}, t.addShown); err != nil {
			return nil, err
		}
		if t.headings != nil {
			spans, err := mergedCells(data, name)
			if err != nil {
				return nil, err
			}
			t.joinHeadings(spans)
			if err := errors.Join(t.format(f, name), t.unmerge(spans)); err != nil {
				return nil, err
			}
			return t.done(name)
		}
		if without == nil || without.seen == 0 {
			without = t
		}
	}
	if without == nil {
		return nil, errBroken
	}
	return without.done("")
}

// addShown takes the next row unless it is hidden: who filters a list means what is left.
func (t *table) addShown(number int, cells []string, hidden bool) error {
	if !hidden || t.headings == nil {
		return t.add(number, cells)
	}
	if len(trimRight(cells)) > 0 {
		t.hidden++
	}
	return nil
}

// scan goes through the rows of a sheet.
func scan(f *excelize.File, sheet string, options excelize.Options, add func(number int, cells []string, hidden bool) error) (err error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return errBroken
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns(options)
		if err != nil {
			return errBroken
		}
		if err := add(number, cells, rows.GetRowOpts().Hidden); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return errBroken
	}
	return nil
}

// format turns the raw values of numeric cells into text: days into dates where a date belongs, exact digits in columns
// of numbers, and what Excel shows in all others, such as 50%.
func (t *table) format(f *excelize.File, sheet string) error {
	props, err := f.GetWorkbookProps()
	if err != nil {
		return errBroken
	}
	date1904 := props.Date1904 != nil && *props.Date1904
	known := columnsOf(t.kind, t.headings)
	shown := false // some cells must be read once more as Excel shows them
	for _, row := range t.rows {
		for i, cell := range row.Cells {
			n, err := number(cell)
			switch {
			case err != nil:
			case known[i] != nil && known[i].holds == dates:
				row.Cells[i] = dateOfSerial(cell, n, date1904)
			case known[i] != nil && known[i].holds == digits:
				row.Cells[i] = exact(cell, n)
			default:
				shown = true
			}
		}
	}
	if !shown {
		return nil
	}
	next := 0
	return scan(f, sheet, readOptions, func(at int, cells []string, _ bool) error {
		if next == len(t.rows) || t.rows[next].Number != at {
			return nil
		}
		for i, cell := range t.rows[next].Cells {
			if _, err := number(cell); err == nil && (known[i] == nil || known[i].holds == words) && i < len(cells) {
				t.rows[next].Cells[i] = tidy(cells[i])
			}
		}
		next++
		return nil
	})
}

// number reads a raw numeric cell.
func number(cell string) (decimal.Decimal, error) {
	if cell == "" || len(cell) > 40 || strings.Trim(cell, "0123456789.-+Ee") != "" {
		return decimal.Zero, errors.New("not a number")
	}
	n, err := decimal.NewFromString(cell)
	if err == nil && (n.Exponent() > 40 || n.Exponent() < -40) {
		return decimal.Zero, errors.New("out of range")
	}
	return n, err
}

// maxDigits is how many digits of a number Excel keeps; those behind are noise.
const maxDigits = 15

// exact writes a number out without noise. One that is written out already stays as it is: it may be a text with a zero at
// its head or its end.
func exact(cell string, n decimal.Decimal) string {
	switch {
	case strings.ContainsAny(cell, "eE"):
	case !strings.Contains(cell, ".") || n.NumDigits() <= maxDigits:
		return cell
	}
	if more := n.NumDigits() - maxDigits; more > 0 && n.Exponent() < 0 {
		n = n.Round(-n.Exponent() - int32(more))
	}
	return n.String()
}

// Days of Excel's calendar that can be meant as a date: 1954 to 2119. 20270630 is a date as it stands.
const firstDay, lastDay = 20_000, 80_000

// dateOfSerial turns a day of Excel's calendar into a date.
func dateOfSerial(cell string, n decimal.Decimal, date1904 bool) string {
	serial := n.InexactFloat64()
	if serial < firstDay || serial > lastDay {
		return cell
	}
	day, err := excelize.ExcelDateToTime(serial, date1904)
	if err != nil {
		return cell
	}
	return day.Format(time.DateOnly)
}

// checkUnzipped adds up what the parts of a workbook claim to unpack to; a part that is larger than it claims does not
// open.
func checkUnzipped(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errBroken
	}
	var sum uint64
	for _, f := range z.File {
		sum += min(f.UncompressedSize64, maxUnzipped+1)
		if sum > maxUnzipped {
			return market.Errorf(market.Invalid, "文件解压后超过 %d MB，没有打开。请删去图片和多余的工作表，只留清单再上传", maxUnzipped>>20)
		}
	}
	return nil
}
