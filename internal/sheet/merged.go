package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// span is a range of merged cells; all count from 1.
type span struct{ left, top, right, bottom int }

// maxMerged bounds the part of a sheet in which merged cells are listed, in bytes.
const maxMerged = 8 << 20

var (
	dataEnd   = []byte("</sheetData>")
	mergeCell = regexp.MustCompile(`<mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"`)
)

// mergedCells lists the merged cells of a sheet. They stand behind its rows, which the excelize reader would take whole into
// memory to get at them.
func mergedCells(data []byte, sheet string) (spans []span, err error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errBroken
	}
	name, err := partOf(z, sheet)
	if err != nil || name == "" {
		return nil, err
	}
	part, err := z.Open(name)
	if err != nil {
		return nil, errBroken
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	tail, err := after(part, dataEnd)
	if err != nil {
		return nil, errBroken
	}
	for _, m := range mergeCell.FindAllSubmatch(tail, -1) {
		left, top, err1 := excelize.CellNameToCoordinates(string(m[1]))
		right, bottom, err2 := excelize.CellNameToCoordinates(string(m[2]))
		if err1 == nil && err2 == nil && left <= right && top <= bottom {
			spans = append(spans, span{left, top, right, bottom})
		}
	}
	return spans, nil
}

// after reads what follows the mark, nothing when there is none.
func after(r io.Reader, mark []byte) ([]byte, error) {
	buffer, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(buffer[kept:])
		seen := buffer[:kept+n]
		if at := bytes.Index(seen, mark); at >= 0 {
			rest, err := io.ReadAll(io.LimitReader(r, maxMerged))
			return append(bytes.Clone(seen[at:]), rest...), err
		}
		if err != nil {
			return nil, ignoreEOF(err)
		}
		kept = copy(buffer, seen[max(len(seen)-len(mark), 0):])
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// partOf is the part of a workbook that holds the sheet, "" when it is not where sheets are.
func partOf(z *zip.Reader, sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(readPart(z, "xl/workbook.xml", &book), readPart(z, "xl/_rels/workbook.xml.rels", &links)); err != nil {
		return "", nil //nolint:nilerr // a workbook made otherwise is read without its merged cells
	}
	for _, s := range book.Sheets {
		for _, l := range links.Links {
			if s.Name != sheet || l.ID != s.ID {
				continue
			}
			if target, ok := strings.CutPrefix(l.Target, "/"); ok {
				return target, nil
			}
			return path.Join("xl", l.Target), nil
		}
	}
	return "", nil
}

func readPart(z *zip.Reader, name string, dest any) (err error) {
	part, err := z.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	return xml.NewDecoder(io.LimitReader(part, maxInMemory)).Decode(dest)
}

// joinHeadings takes the rows that belong to headings of several lines for headings: a line further down says more than the
// one above.
func (t *table) joinHeadings(spans []span) {
	end := t.at
	for _, s := range spans {
		if s.top <= t.at && s.bottom >= t.at && s.bottom-t.at < headingSearch {
			end = max(end, s.bottom)
		}
	}
	for len(t.rows) > 0 && t.rows[0].Number <= end {
		for i, text := range t.rows[0].Cells {
			if text != "" {
				t.headings[i] = market.Truncate(market.Normalize(text), maxHeading)
			}
		}
		t.rows = t.rows[1:]
	}
}

// unmerge gives each row under a merged cell the value that stands at its head. Cells merged sideways keep it where it
// stands.
func (t *table) unmerge(spans []span) error {
	at := make(map[int]int, len(t.rows)) // the place of each row
	for i, row := range t.rows {
		at[row.Number] = i
	}
	filled := 0
	for _, s := range spans {
		head, ok := at[s.top]
		if !ok || s.left > len(t.headings) {
			continue
		}
		for i := head + 1; i < len(t.rows) && t.rows[i].Number <= s.bottom; i++ {
			if filled++; filled > MaxCells {
				return errBroken // cells merged twice
			}
			t.rows[i].Cells[s.left-1] = t.rows[head].Cells[s.left-1]
		}
	}
	return nil
}
