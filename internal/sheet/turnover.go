// Package sheet reads and writes spreadsheets: Excel workbooks and CSV.
package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// TurnoverExport is what an export of the turnover is made of.
type TurnoverExport struct {
	Turnover market.Turnover
	Entries  []market.TurnoverEntry // the ledger entries that the figure is the sum of
	Ref      *market.Reference
	Demo     bool // the figures are invented, and the file says so
}

// Rounding is the note beside figures that are shown in 万元 or 亿元.
const Rounding = "因四舍五入，分项之和可能不等于合计；合计取未舍入的原始值。"

// FileName names the file by what it counts and as of when.
func (x TurnoverExport) FileName(extension string) string {
	q := x.Turnover.Query
	name := fmt.Sprintf("%s_%d年_截至%s.%s", q.Basis.Name(), q.Year, q.AsOf.Format(time.DateOnly), extension)
	if q.County != "" {
		name = x.place() + "_" + name
	}
	if x.Demo {
		return "演示_" + name
	}
	return name
}

// place names what the file is about, for its title.
func (x TurnoverExport) place() string {
	if x.Turnover.Query.County == "" {
		return "吉安市"
	}
	return x.Turnover.Query.Place(x.Ref)
}

// turnoverLine is a figure with its comparison. Blank parts are not known or not meant.
type turnoverLine struct {
	code, name string
	sum        market.Sum
	last       *market.Sum
	target     decimal.NullDecimal
	known      market.Basis // only the amount of this basis is known; "" when all are
	note       string
}

// turnoverBlock is a table of the export. Its lines add up to the figure when added is true.
type turnoverBlock struct {
	name     string
	head     string // of the names
	lastHead string // what the comparison is with, "" for none
	growth   bool   // the growth over it is told
	target   bool
	added    bool
	lines    []turnoverLine
}

// samePeriod names what the figures are compared with: 上年同期, 2023 年同期.
func samePeriod(q market.TurnoverQuery) string { return q.LastName() + "同期" }

// growthHead names the growth over it.
func growthHead(q market.TurnoverQuery) string {
	if q.Against == 0 {
		return "同比（%）"
	}
	return fmt.Sprintf("较 %d 年（%%）", q.Against)
}

// blocks are the tables of the export, the same for Excel and CSV.
func (x TurnoverExport) blocks() []turnoverBlock {
	t := x.Turnover
	out := []turnoverBlock{{name: "合计", head: "口径", lastHead: samePeriod(t.Query), growth: true, target: true,
		lines: []turnoverLine{{code: string(t.Query.Basis), name: t.Query.Basis.Name(), sum: t.Sum, last: &t.Last, target: targetOf(t.Target), note: targetNote(t.Target)}}}}
	quad := turnoverBlock{name: "输出与吸纳", head: "卖方与买方"}
	for i, c := range market.Cells {
		quad.lines = append(quad.lines, turnoverLine{code: c.Code, name: c.Name, sum: t.Cells[i/2][i%2]})
	}
	months := turnoverBlock{name: "月度", head: "月份", lastHead: t.Query.LastName() + "全月", target: true}
	for _, m := range t.Months {
		line := turnoverLine{code: fmt.Sprintf("%d-%02d", t.Query.Year, m.Month), name: fmt.Sprintf("%d 月", m.Month), sum: m.This, last: &m.Last, target: m.Target}
		if m.Begun && !m.Whole {
			line.note = "截至 " + t.Query.Through().Format(time.DateOnly)
		}
		months.lines = append(months.lines, line)
	}
	out = append(out, quad, months, x.years())
	for _, table := range t.Tables {
		block := turnoverBlock{name: table.By.Name(), head: table.By.Name(), lastHead: samePeriod(t.Query), growth: true, added: true}
		for _, r := range table.Rows {
			block.lines = append(block.lines, turnoverLine{code: r.Code, name: r.Name, sum: r.Sum, last: &r.Last})
		}
		out = append(out, block)
	}
	adjusted := turnoverBlock{name: "调整", head: "项目名称"}
	for _, a := range t.Adjustments {
		adjusted.lines = append(adjusted.lines, turnoverLine{code: a.Number, name: a.Title, sum: a.Sum,
			note: fmt.Sprintf("%s %s，原登记 %s", a.On.Format(time.DateOnly), market.EntryKinds.Name(a.Kind), a.RegisteredOn.Format(time.DateOnly))})
	}
	return append(out, adjusted)
}

func (x TurnoverExport) years() turnoverBlock {
	q := x.Turnover.Query
	block := turnoverBlock{name: "历年", head: "年份", target: true}
	for _, y := range x.Turnover.Years {
		line := turnoverLine{code: fmt.Sprint(y.Year), name: fmt.Sprintf("%d 年", y.Year), sum: y.Sum, target: targetOf(y.Target), note: targetNote(y.Target)}
		if y.Published {
			line.known, line.note = q.Basis, join(y.Source, line.note)
		}
		if y.Part {
			line.note = join("截至 "+q.AsOf.Format(time.DateOnly), line.note)
		}
		block.lines = append(block.lines, line)
	}
	return block
}

func targetOf(t *market.Target) decimal.NullDecimal {
	if t == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(t.Amount)
}

func targetNote(t *market.Target) string {
	if t == nil {
		return ""
	}
	return "目标" + market.TargetStatuses.Name(t.Status) + "：" + t.Source
}

func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "；")
}

// notes say what the figures are.
func (x TurnoverExport) notes() [][2]string {
	q := x.Turnover.Query
	out := [][2]string{
		{"标题", x.place() + "技术合同成交额"},
		{"口径", q.Basis.Name() + "：" + q.Basis.Rule(q.Place(x.Ref))},
		{"年度", fmt.Sprint(q.Year)},
		{"计入期间", q.From().Format(time.DateOnly) + " 至 " + q.Through().Format(time.DateOnly)},
		{"数据截至", q.AsOf.Format(time.DateOnly) + "，按当天账本重算"},
		{"账本末条", fmt.Sprintf("#%d", x.Turnover.LastEntry)},
		{"时序进度", x.Turnover.Pace.Share.Shift(2).StringFixed(1) + "%，" + x.Turnover.Pace.Label()},
		{"金额", "单位为元，精确到分，未舍入。以万元、亿元显示时，" + Rounding},
		{"注销、撤销", "自注销、撤销之日以负数计入，列在“调整”表；以前的月份不改动。"},
	}
	if x.Demo {
		out = append([][2]string{{"演示", "本文件为演示数据，单位、编号与金额均为虚构。"}}, out...)
	}
	return out
}

// CSV writes all tables below each other, one line a figure, as UTF-8 with a mark that spreadsheets know it by, and
// returns the number of lines.
func (x TurnoverExport) CSV(w io.Writer) (int, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	q := x.Turnover.Query
	rows := [][]string{{"口径", "年度", "数据截至", "表", "代码", "项目", "成交额（元）", "技术交易额（元）", "项数",
		"比较期", "比较期成交额（元）", "比较期技术交易额（元）", "比较期项数", "目标（元）", "说明"}}
	for _, block := range x.blocks() {
		for _, line := range block.lines {
			row := []string{q.Basis.Name(), fmt.Sprint(q.Year), q.AsOf.Format(time.DateOnly), block.name, line.code, plainText(line.name)}
			for _, v := range line.values() {
				row = append(row, v)
			}
			if line.last == nil {
				row = append(row, "", "", "", "")
			} else {
				row = append(row, block.lastHead, line.last.Total.StringFixed(2), line.last.Tech.StringFixed(2), fmt.Sprint(line.last.Count))
			}
			target := ""
			if line.target.Valid {
				target = line.target.Decimal.StringFixed(2)
			}
			rows = append(rows, append(row, target, line.note))
		}
	}
	return len(rows) - 1, out.WriteAll(rows)
}

// values are 成交额, 技术交易额 and the number of contracts as text, blank where not known.
func (l turnoverLine) values() [3]string {
	total, tech, count := l.sum.Total.StringFixed(2), l.sum.Tech.StringFixed(2), fmt.Sprint(l.sum.Count)
	switch l.known {
	case "":
		return [3]string{total, tech, count}
	case market.BasisOutputTech:
		return [3]string{"", tech, ""}
	}
	return [3]string{total, "", ""}
}

// plainText keeps a spreadsheet from reading a text that people typed as a formula.
func plainText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// XLSX writes a workbook: notes, a sheet for each table, and the contracts that the figure is the sum of.
func (x TurnoverExport) XLSX(w io.Writer) error {
	return writeWorkbook(w, x.write)
}

func (x TurnoverExport) write(book *workbook) error {
	if err := book.notes(x.notes()); err != nil {
		return err
	}
	for _, block := range x.blocks() {
		if err := x.writeBlock(book, block); err != nil {
			return fmt.Errorf("sheet %s: %w", block.name, err)
		}
	}
	if err := x.writeEntries(book); err != nil {
		return fmt.Errorf("sheet 明细: %w", err)
	}
	return nil
}

func (x TurnoverExport) writeBlock(book *workbook, block turnoverBlock) error {
	s, err := book.sheet(block.name, []float64{20, 30, 20, 20, 10, 20, 20, 12, 10, 20, 60})
	if err != nil {
		return err
	}
	head := []any{"代码", block.head, "成交额（元）", "技术交易额（元）", "项数"}
	if block.lastHead != "" {
		head = append(head, block.lastHead+"成交额（元）", block.lastHead+"技术交易额（元）", block.lastHead+"项数")
	}
	if block.growth {
		head = append(head, growthHead(x.Turnover.Query))
	}
	if block.target {
		head = append(head, "目标（元）")
	}
	if err := s.bold(append(head, "说明")...); err != nil {
		return err
	}
	for _, line := range block.lines {
		if err := s.row(x.cells(book, block, line)...); err != nil {
			return err
		}
	}
	if block.added {
		total := turnoverLine{name: "合计", sum: x.Turnover.Sum, last: &x.Turnover.Last}
		if err := s.bold(x.cells(book, block, total)...); err != nil {
			return err
		}
	}
	return s.Flush()
}

func (x TurnoverExport) cells(book *workbook, block turnoverBlock, line turnoverLine) []any {
	out := []any{line.code, line.name}
	total, tech, count := any(book.money(line.sum.Total)), any(book.money(line.sum.Tech)), any(line.sum.Count)
	if line.known != "" {
		count = nil
		if line.known == market.BasisOutputTech {
			total = nil
		} else {
			tech = nil
		}
	}
	out = append(out, total, tech, count)
	if block.lastHead != "" {
		out = append(out, book.money(line.last.Total), book.money(line.last.Tech), line.last.Count)
	}
	if block.growth {
		out = append(out, x.growth(line))
	}
	if block.target {
		out = append(out, book.optionalMoney(line.target))
	}
	return append(out, line.note)
}

// growth is the growth in percent with one digit, blank where there is none.
func (x TurnoverExport) growth(line turnoverLine) any {
	b := x.Turnover.Query.Basis
	g := market.GrowthRatio(line.sum.Amount(b), line.last.Amount(b))
	if !g.Valid {
		return nil
	}
	return g.Decimal.Shift(2).Round(1).InexactFloat64()
}

func (x TurnoverExport) writeEntries(book *workbook) error {
	s, err := book.sheet("明细", []float64{20, 8, 12, 50, 24, 16, 24, 20, 30, 14, 16, 22, 30, 14, 16, 12, 8, 18, 18, 8})
	if err != nil {
		return err
	}
	err = s.bold("登记编号", "入账", "入账日期", "项目名称", "合同类别", "专业市场", "技术领域", "知识产权", "卖方", "卖方所在地", "卖方性质",
		"卖方园区", "买方", "买方所在地", "买方性质", "交易方式", "有中介", "成交额（元）", "技术交易额（元）", "项数")
	if err != nil {
		return err
	}
	sum, ref := market.Sum{}, x.Ref
	for _, e := range x.Entries {
		kind, _ := ref.ContractKind(e.Kind)
		agency := ""
		if e.HasAgency {
			agency = "有"
		}
		err := s.row(e.Number, market.EntryKinds.Name(e.Entry), e.On.Format(time.DateOnly), e.Title, kind.Name(), ref.Submarkets.Name(e.Submarket),
			ref.TechFields.Name(e.TechField), ref.IPTypes.Name(e.IPType), e.SellerName, ref.Regions.Name(e.SellerRegion), ref.PartyTypes.Name(e.SellerType),
			ref.Parks.Name(e.SellerPark), e.BuyerName, ref.Regions.Name(e.BuyerRegion), ref.PartyTypes.Name(e.BuyerType),
			market.TradeModes.Name(e.TradeMode), agency, book.money(e.Total), book.money(e.Tech), e.Count)
		if err != nil {
			return err
		}
		sum = sum.Plus(e.Sum)
	}
	total := make([]any, 17)
	total[0] = "合计"
	if err := s.bold(append(total, book.money(sum.Total), book.money(sum.Tech), sum.Count)...); err != nil {
		return err
	}
	return s.Flush()
}

// workbook adds sheets to a file; its first sheet takes the place of the empty one that a new file has.
type workbook struct {
	file   *excelize.File
	sheets int
	number int // style of amounts
	head   int // style of headings
	total  int // style of amounts in a total
}

// writeWorkbook writes the workbook that fill adds the sheets to.
func writeWorkbook(w io.Writer, fill func(*workbook) error) error {
	f := excelize.NewFile()
	book, err := newWorkbook(f)
	if err == nil {
		err = fill(book)
	}
	if err == nil {
		err = f.Write(w)
	}
	return errors.Join(err, f.Close())
}

func newWorkbook(f *excelize.File) (*workbook, error) {
	b := &workbook{file: f}
	const thousands = 4 // #,##0.00
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.number, excelize.Style{NumFmt: thousands}},
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&b.total, excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: thousands}},
	} {
		id, err := f.NewStyle(&s.style)
		if err != nil {
			return nil, err
		}
		*s.id = id
	}
	return b, nil
}

// notes writes the sheet that says what the figures are.
func (b *workbook) notes(lines [][2]string) error {
	s, err := b.sheet("说明", []float64{14, 90})
	if err != nil {
		return err
	}
	for _, note := range lines {
		if err := s.row(note[0], note[1]); err != nil {
			return err
		}
	}
	return s.Flush()
}

// streamed is a sheet that is written row by row.
type streamed struct {
	*excelize.StreamWriter
	book *workbook
	rows int
}

// sheet starts a sheet with columns of those widths and a first row that stays in view.
func (b *workbook) sheet(name string, widths []float64) (*streamed, error) {
	b.sheets++
	if b.sheets == 1 {
		if err := b.file.SetSheetName(b.file.GetSheetName(0), name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if b.sheets > 1 {
		err = w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	return &streamed{StreamWriter: w, book: b}, err
}

// row writes the next row.
func (s *streamed) row(values ...any) error {
	s.rows++
	return s.SetRow(fmt.Sprintf("A%d", s.rows), values)
}

// bold writes the next row as a heading or a total.
func (s *streamed) bold(values ...any) error {
	for i, v := range values {
		if amount, ok := v.(excelize.Cell); ok {
			values[i] = excelize.Cell{StyleID: s.book.total, Value: amount.Value}
		} else {
			values[i] = excelize.Cell{StyleID: s.book.head, Value: v}
		}
	}
	return s.row(values...)
}

// money is an amount of yuan. Numbers in a workbook are doubles, which keep the 分 of any sum below 10^13.
func (b *workbook) money(yuan decimal.Decimal) excelize.Cell {
	return excelize.Cell{StyleID: b.number, Value: yuan.InexactFloat64()}
}

func (b *workbook) optionalMoney(yuan decimal.NullDecimal) any {
	if !yuan.Valid {
		return nil
	}
	return b.money(yuan.Decimal.Round(2))
}
