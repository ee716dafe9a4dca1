// Package print composes the papers of a contract: the contract by the model of its kind, the registration form and the
// certificate. A paper is shown by a page and written as PDF from the same description, so that the two say the same.
package print

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// Paper is a document on A4.
type Paper struct {
	Title  string
	Top    []string // one line above the rest, its parts side by side
	Blocks []Block
	Foot   []string
	Link   string // where the paper can be checked, as a QR code beside the foot; none when empty
	Whole  bool   // stands on one page
	Large  bool   // in larger letters, as certificates are
}

// Block is a part of a paper: a heading with paragraphs, a table, or places to sign, in that order.
type Block struct {
	Heading string
	Text    []string
	Rows    []Row
	Signs   []Sign
}

// Row is a row of a table of four columns: narrow, wide, narrow, wide.
type Row []Cell

// Cell is a cell of a table.
type Cell struct {
	Text string
	Head bool
	Span int   // columns, 1 when 0
	Sign *Sign // at the foot of a tall cell
}

// Width is how many columns the cell takes.
func (c Cell) Width() int { return max(c.Span, 1) }

// Sign is a place to sign: who, and the day.
type Sign struct {
	Who  []string
	Left string
	Day  string
}

// blank stands where nothing was agreed on: a clause that is not filled in says so.
const blank = "无"

func orBlank(text string) string {
	if strings.TrimSpace(text) == "" {
		return blank
	}
	return text
}

func day(t time.Time) string {
	if t.IsZero() {
		return "　　　　年　　月　　日"
	}
	return t.In(market.Shanghai).Format("2006 年 1 月 2 日")
}

// inWords is a sum in yuan with its capital characters.
func inWords(yuan decimal.Decimal) string {
	return "人民币（大写）" + market.Uppercase(yuan) + "（¥" + market.FormatYuan(yuan) + " 元）"
}

func head(text string) Cell { return Cell{Text: text, Head: true} }

func wide(text string) Cell { return Cell{Text: text, Span: 3} }

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// MaskPhone hides the four digits in the middle of a phone number.
func MaskPhone(phone string) string {
	var at []int
	for i, r := range phone {
		if r >= '0' && r <= '9' {
			at = append(at, i)
		}
	}
	if len(at) < 7 {
		return phone
	}
	out, from := []byte(phone), (len(at)-4)/2
	for _, i := range at[from : from+4] {
		out[i] = '*'
	}
	return string(out)
}
