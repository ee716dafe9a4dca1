package sheet

import (
	"fmt"
	"io"
	"time"

	"techmarket/internal/market"
)

// MonthExport is what an export of a closed month is made of: its reports by every dimension, of the month alone and of the year
// through its end, all of one basis.
type MonthExport struct {
	Reports []market.MonthReport
	Demo    bool // the figures are invented, and the file says so
}

// FileName names the file by the month and what it counts.
func (x MonthExport) FileName() string {
	q := x.Reports[0].Query
	name := fmt.Sprintf("%s_%s_关账快照.xlsx", q.Basis.Name(), q.Month.Format("2006-01"))
	if x.Demo {
		return "演示_" + name
	}
	return name
}

// XLSX writes a workbook: notes, a sheet for each dimension and period, and the entries that came after the close.
func (x MonthExport) XLSX(w io.Writer) error {
	return writeWorkbook(w, x.write)
}

func (x MonthExport) write(book *workbook) error {
	if err := book.notes(x.notes()); err != nil {
		return err
	}
	for _, r := range x.Reports {
		if err := writeMonth(book, r); err != nil {
			return fmt.Errorf("%s: %w", r.Query.By, err)
		}
	}
	return x.writeLate(book)
}

func (x MonthExport) notes() [][2]string {
	q, end := x.Reports[0].Query, x.Reports[0].End
	out := [][2]string{
		{"标题", fmt.Sprintf("吉安市技术合同成交额 %s 关账快照", q.Month.Format("2006-01"))},
		{"口径", q.Basis.Name() + "：" + q.Basis.Rule("吉安")},
		{"关账", end.At.In(market.Shanghai).Format("2006-01-02 15:04") + " " + end.UserName},
		{"账本链", fmt.Sprintf("第 %d 条，SHA-256 %x", end.Seq, end.Hash)},
		{"快照", "关账时冻结的数，不再改。"},
		{"调整", "关账以后入账而日期在这一期间的登记、变更、补充、注销和撤销；快照加调整就是账本现在的数。"},
		{"金额", "单位为元，精确到分，未舍入。以万元、亿元显示时，" + Rounding},
	}
	if x.Demo {
		out = append([][2]string{{"演示", "本文件为演示数据，单位、编号与金额均为虚构。"}}, out...)
	}
	return out
}

func writeMonth(book *workbook, r market.MonthReport) error {
	period := "当月"
	if r.Query.Year {
		period = "累计"
	}
	s, err := book.sheet(r.Query.By.Name()+period, []float64{14, 30, 20, 20, 12, 20, 20, 12, 20, 20, 12})
	if err != nil {
		return err
	}
	head := []any{"代码", r.Query.By.Name()}
	for _, part := range []string{"快照", "调整", "现在"} {
		head = append(head, part+"成交额（元）", part+"技术交易额（元）", part+"项数")
	}
	if err := s.bold(head...); err != nil {
		return err
	}
	cells := func(l market.MonthLine) []any {
		out := []any{l.Code, l.Name}
		for _, sum := range []market.Sum{l.Frozen, l.Adjusted, l.Live} {
			out = append(out, book.money(sum.Total), book.money(sum.Tech), sum.Count)
		}
		return out
	}
	for _, l := range r.Lines {
		if err := s.row(cells(l)...); err != nil {
			return err
		}
	}
	whole := r.Whole
	whole.Code, whole.Name = "", "合计"
	if err := s.bold(cells(whole)...); err != nil {
		return err
	}
	return s.Flush()
}

// writeLate lists what came after the close; the reports of the year have all of it.
func (x MonthExport) writeLate(book *workbook) error {
	s, err := book.sheet("关账后调整", []float64{20, 50, 12, 8, 12, 40, 14, 20, 20, 8})
	if err != nil {
		return err
	}
	if err := s.bold("登记编号", "项目名称", "入账日期", "入账", "原登记日期", "原因", "经办", "成交额（元）", "技术交易额（元）", "项数"); err != nil {
		return err
	}
	for _, e := range x.Reports[len(x.Reports)-1].Late {
		err := s.row(e.Number, e.Title, e.On.Format(time.DateOnly), market.EntryKinds.Name(e.Kind), e.RegisteredOn.Format(time.DateOnly), e.Reason, e.By,
			book.money(e.Total), book.money(e.Tech), e.Count)
		if err != nil {
			return err
		}
	}
	return s.Flush()
}
