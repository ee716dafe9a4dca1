package print

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

// ErrNoFont says that this machine has no Chinese font that a PDF can carry.
var ErrNoFont = errors.New("no Chinese TrueType font: install fonts-wqy-microhei")

// fontFiles are where Debian and Ubuntu keep Chinese fonts with TrueType outlines, the best first. Noto's have others, which
// fpdf does not take.
var fontFiles = []string{"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"}

// chineseFont is read once.
var chineseFont = sync.OnceValues(func() ([]byte, error) {
	for _, name := range fontFiles {
		if content, err := os.ReadFile(name); err == nil {
			return firstFace(content)
		}
	}
	return nil, ErrNoFont
})

// firstFace takes the first font out of a collection: the same tables behind a directory of their own.
func firstFace(collection []byte) ([]byte, error) {
	const head, entry = 12, 16
	if len(collection) < 16 || string(collection[:4]) != "ttcf" {
		return nil, fmt.Errorf("%w: not a collection of fonts", ErrNoFont)
	}
	at := int(binary.BigEndian.Uint32(collection[12:]))
	if at < 0 || at+head > len(collection) {
		return nil, fmt.Errorf("%w: a broken collection", ErrNoFont)
	}
	tables := int(binary.BigEndian.Uint16(collection[at+4:]))
	directory := at + head + tables*entry
	if directory > len(collection) {
		return nil, fmt.Errorf("%w: a broken collection", ErrNoFont)
	}
	out := bytes.Clone(collection[at:directory])
	for i := range tables {
		record := out[head+i*entry : head+(i+1)*entry]
		offset, length := uint64(binary.BigEndian.Uint32(record[8:])), uint64(binary.BigEndian.Uint32(record[12:]))
		if offset+length > uint64(len(collection)) {
			return nil, fmt.Errorf("%w: a broken collection", ErrNoFont)
		}
		binary.BigEndian.PutUint32(record[8:], uint32(len(out)))
		out = append(out, collection[offset:offset+length]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out, nil
}

// CanWrite reports whether papers can be written as PDF on this machine.
func CanWrite() bool {
	_, err := chineseFont()
	return err == nil
}

// desk bounds how many PDFs are written at a time: each unpacks the font.
var desk = make(chan struct{}, 2)

// The measures of a sheet in millimetres.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin                = 16.0
	inner                 = pageWidth - 2*margin
	pad                   = 1.5
	signHeight            = 20.0
)

// columns are the widths of a table's four columns.
var columns = [4]float64{31, (inner - 62) / 2, 31, (inner - 62) / 2}

// smallest is the smallest size of letters, in points, that a paper of one page is set in.
const smallest = 7.5

// PDF writes a paper. A paper of one page is set in smaller letters until it fits.
func PDF(p Paper) ([]byte, error) {
	font, err := chineseFont()
	if err != nil {
		return nil, err
	}
	desk <- struct{}{}
	defer func() { <-desk }()
	size := 10.5
	if p.Large {
		size = 12
	}
	for {
		w := newWriter(font, size)
		w.paper(p)
		if p.Whole && w.pdf.PageNo() > 1 && size > smallest {
			size -= 0.5
			continue
		}
		var out bytes.Buffer
		err := w.pdf.Output(&out)
		return out.Bytes(), err
	}
}

// writer sets a paper from top to bottom.
type writer struct {
	pdf  *fpdf.Fpdf
	size float64 // of the letters, in points
	y    float64
}

const family = "chinese"

// lightGrey is the ground of a table's heads.
const lightGrey = 243

func newWriter(font []byte, size float64) *writer {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes(family, "", font)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetLineWidth(0.2)
	pdf.SetFillColor(lightGrey, lightGrey, lightGrey)
	pdf.SetCellMargin(0)
	w := &writer{pdf: pdf, size: size}
	w.pdf.SetFooterFunc(func() {
		pdf.SetFont(family, "", 8)
		pdf.SetXY(margin, pageHeight-10)
		pdf.CellFormat(inner, 4, pageOf(pdf.PageNo()), "", 0, "C", false, 0, "")
	})
	pdf.AliasNbPages("{pages}")
	w.turn()
	return w
}

func pageOf(n int) string { return "第 " + strconv.Itoa(n) + " 页，共 {pages} 页" }

// turn begins a new page.
func (w *writer) turn() {
	w.pdf.AddPage()
	w.y = margin
}

// room turns the page unless so much is left of it.
func (w *writer) room(height float64) {
	if w.y+height > pageHeight-margin-2 {
		w.turn()
	}
}

// line is the height of a line in letters of that size.
func line(size float64) float64 { return size * 0.3528 * 1.5 }

func (w *writer) paper(p Paper) {
	w.pdf.SetTitle(p.Title, true)
	title := w.size * 1.8
	w.pdf.SetFont(family, "", title)
	w.pdf.SetXY(margin, w.y)
	w.pdf.CellFormat(inner, line(title), p.Title, "", 0, "C", false, 0, "")
	w.y += line(title) + 2
	w.top(p.Top)
	for _, b := range p.Blocks {
		w.block(b)
	}
	w.y += 2
	w.foot(p)
}

// codeWidth is the side of a QR code.
const codeWidth = 20.0

// foot sets the last lines, with the code of the paper's link at their right.
func (w *writer) foot(p Paper) {
	width := inner
	if p.Link != "" {
		w.room(codeWidth)
		code, err := qr.Encode(p.Link, qr.M)
		if err != nil {
			w.pdf.SetError(err)
			return
		}
		w.code(code, pageWidth-margin-codeWidth, w.y)
		width -= codeWidth + 4
	}
	top := w.y
	for _, text := range p.Foot {
		w.textIn(text, w.size-1.5, 0, width)
	}
	if p.Link != "" {
		w.y = max(w.y, top+codeWidth)
	}
}

// code draws a QR code.
func (w *writer) code(code *qr.Code, x, y float64) {
	side := codeWidth / float64(code.Size)
	w.pdf.SetFillColor(0, 0, 0)
	eachDark(code, func(cx, cy, width int) {
		w.pdf.Rect(x+float64(cx)*side, y+float64(cy)*side, float64(width)*side, side, "F")
	})
	w.pdf.SetFillColor(lightGrey, lightGrey, lightGrey)
}

// top sets its parts over the width.
func (w *writer) top(parts []string) {
	if len(parts) == 0 {
		return
	}
	w.pdf.SetFont(family, "", w.size)
	for i, part := range parts {
		align := "C"
		switch {
		case i == 0:
			align = "L"
		case i == len(parts)-1:
			align = "R"
		}
		w.pdf.SetXY(margin, w.y)
		w.pdf.CellFormat(inner, line(w.size), part, "", 0, align, false, 0, "")
	}
	w.y += line(w.size) + 1.5
}

func (w *writer) block(b Block) {
	if b.Heading != "" {
		w.y += 2
		w.room(3 * line(w.size))
		w.text(b.Heading, w.size+1, 0)
		w.y++
	}
	for _, text := range b.Text {
		w.text(text, w.size, 2)
		w.y += 0.8
	}
	for _, row := range b.Rows {
		w.row(row)
	}
	if len(b.Signs) > 0 {
		w.signs(b.Signs)
	}
}

// text sets a paragraph whose first line begins so many letters in.
func (w *writer) text(text string, size float64, indent int) { w.textIn(text, size, indent, inner) }

func (w *writer) textIn(text string, size float64, indent int, width float64) {
	w.pdf.SetFont(family, "", size)
	for _, s := range w.wrap(strings.Repeat("　", indent)+text, width) {
		w.room(line(size))
		w.pdf.SetXY(margin, w.y)
		w.pdf.CellFormat(width, line(size), s, "", 0, "L", false, 0, "")
		w.y += line(size)
	}
}

// noStart are the marks that begin no line.
const noStart = "，。、；：？！）〕】》”’％%"

// wrap breaks a text into lines of that width at most: between any two letters of Chinese, but not within words and numbers
// of Latin letters, nor before a mark that begins no line.
func (w *writer) wrap(text string, width float64) []string {
	var out []string
	for _, part := range strings.Split(text, "\n") {
		current, used := []rune{}, 0.0
		for _, r := range part {
			wide := w.pdf.GetStringWidth(string(r))
			if used+wide > width && len(current) > 0 {
				cut := breakAt(current, r)
				out = append(out, string(current[:cut]))
				current = []rune(strings.TrimLeft(string(current[cut:]), " "))
				used = w.pdf.GetStringWidth(string(current))
			}
			current, used = append(current, r), used+wide
		}
		out = append(out, string(current))
	}
	return out
}

// breakAt is where a full line ends when next would follow.
func breakAt(full []rune, next rune) int {
	cut := len(full)
	for cut > 1 {
		after := next
		if cut < len(full) {
			after = full[cut]
		}
		if !strings.ContainsRune(noStart, after) && !(latin(after) && latin(full[cut-1])) && full[cut-1] != '（' && full[cut-1] != '“' {
			return cut
		}
		cut--
	}
	return len(full)
}

func latin(r rune) bool { return r > ' ' && r < 0x2000 }

// row sets a row of a table; its height is that of its highest cell.
func (w *writer) row(row Row) {
	w.pdf.SetFont(family, "", w.size)
	lines, height := make([][]string, len(row)), 0.0
	at := 0
	for i, c := range row {
		width := 0.0
		for range c.Width() {
			width += columns[at]
			at++
		}
		lines[i] = w.wrap(c.Text, width-2*pad)
		need := float64(len(lines[i]))*line(w.size) + pad
		if c.Sign != nil {
			need = max(signHeight, need+2*line(w.size))
		}
		height = max(height, need)
	}
	w.room(height)
	w.pdf.SetFont(family, "", w.size)
	x, at := margin, 0
	for i, c := range row {
		width := 0.0
		for range c.Width() {
			width += columns[at]
			at++
		}
		w.cell(c, lines[i], x, width, height)
		x += width
	}
	w.y += height
}

func (w *writer) cell(c Cell, lines []string, x, width, height float64) {
	style := "D"
	if c.Head {
		style = "FD"
	}
	w.pdf.Rect(x, w.y, width, height, style)
	top := w.y + (height-float64(len(lines))*line(w.size))/2
	if c.Sign != nil {
		top = w.y + pad/2
		w.put(c.Sign.Left, x+pad, w.y+height-line(w.size)-0.5, width-2*pad, "L")
		w.put(c.Sign.Day, x+pad, w.y+height-line(w.size)-0.5, width-2*pad, "R")
	}
	align := "L"
	if c.Head && c.Width() > 1 {
		align = "C"
	}
	for i, s := range lines {
		w.put(s, x+pad, top+float64(i)*line(w.size), width-2*pad, align)
	}
}

func (w *writer) put(text string, x, y, width float64, align string) {
	w.pdf.SetXY(x, y)
	w.pdf.CellFormat(width, line(w.size), text, "", 0, align, false, 0, "")
}

// signs sets the places to sign, two in a row.
func (w *writer) signs(signs []Sign) {
	width := inner / 2
	for i := 0; i < len(signs); i += 2 {
		w.room(signHeight + 4*line(w.size))
		w.y += line(w.size)
		start, lowest := w.y, w.y
		for j, s := range signs[i:min(i+2, len(signs))] {
			w.y = start
			x := margin + float64(j)*width
			for _, who := range s.Who {
				for _, text := range w.wrap(who, width-4) {
					w.put(text, x, w.y, width-4, "L")
					w.y += line(w.size)
				}
				w.y += line(w.size) / 2
			}
			w.put(s.Day, x, w.y, width-4, "L")
			lowest = max(lowest, w.y+line(w.size))
		}
		w.y = lowest
	}
}
