package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// RewardExport is what an export of a programme's rewards of a year is made of.
type RewardExport struct {
	Programme market.RewardProgramme
	Year      int
	AsOf      time.Time
	Rewards   []market.Reward
	Ref       *market.Reference
	Demo      bool // the contracts are invented, and the file says so
}

// FileName names the file by the programme and the year.
func (x RewardExport) FileName(extension string) string {
	name := fmt.Sprintf("奖补测算_%s_%d年_截至%s.%s", x.Programme.Name, x.Year, x.AsOf.Format(time.DateOnly), extension)
	if x.Demo {
		return "演示_" + name
	}
	return name
}

// rewardHead are the columns of the contracts.
var rewardHead = []string{"登记编号", "项目名称", "合同类别", "登记日期", "奖补对象", "统一社会信用代码", "卖方", "买方", "中介方", "基数（元）", "金额（元）", "算法或不计入的原因"}

// texts are the columns before the sums.
func (x RewardExport) texts(r market.Reward) []string {
	kind, _ := x.Ref.ContractKind(r.Kind)
	return []string{r.Number, r.Title, kind.Name(), r.RegisteredOn.Format(time.DateOnly), r.Party.Name, string(r.Party.Code), r.Seller.Name, r.Buyer.Name, r.Agency}
}

// counted is the base as far as it counts.
func counted(r market.Reward) decimal.Decimal {
	if r.Out != "" {
		return decimal.Zero
	}
	return r.Base
}

// CSV writes the contracts, a line each, and what they add up to, as UTF-8 with a mark that spreadsheets know it by, and returns
// the number of contracts.
func (x RewardExport) CSV(w io.Writer) (int, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{append([]string{"方案", "年度"}, rewardHead...)}
	head := []string{plainText(x.Programme.Name), fmt.Sprint(x.Year)}
	for _, r := range x.Rewards {
		row := append([]string{}, head...)
		for _, text := range x.texts(r) {
			row = append(row, plainText(text))
		}
		rows = append(rows, append(row, counted(r).StringFixed(2), r.Amount.StringFixed(2), r.Working()))
	}
	_, all := x.Programme.RewardTotals(x.Rewards)
	total := append(append([]string{}, head...), make([]string, len(rewardHead))...)
	total[2], total[11], total[12] = "合计", all.Base.StringFixed(2), all.Amount.StringFixed(2)
	return len(x.Rewards), out.WriteAll(append(rows, total))
}

// XLSX writes a workbook: notes, the sums by party, and the contracts.
func (x RewardExport) XLSX(w io.Writer) error {
	return writeWorkbook(w, x.write)
}

func (x RewardExport) write(book *workbook) error {
	if err := book.notes(x.notes()); err != nil {
		return err
	}
	if err := x.writeParties(book); err != nil {
		return err
	}
	return x.writeContracts(book)
}

func (x RewardExport) notes() [][2]string {
	p := x.Programme
	notes := [][2]string{{"方案", p.Name}, {"规则", p.Rule(x.Ref)}, {"依据", p.Basis}, {"版本", fmt.Sprintf("第 %d 版", p.Version)}, {"年度", fmt.Sprint(x.Year)},
		{"数据截至", x.AsOf.Format(time.DateOnly) + "，按当天的账本和付款凭证"}, {"说明", market.RewardNote}}
	if x.Demo {
		notes = append([][2]string{{"演示", "本文件为演示数据，单位、编号与金额均为虚构。"}}, notes...)
	}
	return notes
}

func (x RewardExport) writeParties(book *workbook) error {
	s, err := book.sheet("按单位合计", []float64{36, 24, 12, 20, 20, 20})
	if err != nil {
		return err
	}
	if err := s.bold("奖补对象", "统一社会信用代码", "计入份数", "基数（元）", "金额（元）", "说明"); err != nil {
		return err
	}
	parties, all := x.Programme.RewardTotals(x.Rewards)
	for _, t := range parties {
		note := ""
		if t.Full {
			note = "已达单位年度上限"
		}
		if err := s.row(t.Party.Name, string(t.Party.Code), t.Count, book.money(t.Base), book.money(t.Amount), note); err != nil {
			return err
		}
	}
	if err := s.bold("合计", nil, all.Count, book.money(all.Base), book.money(all.Amount)); err != nil {
		return err
	}
	return s.Flush()
}

func (x RewardExport) writeContracts(book *workbook) error {
	s, err := book.sheet("明细", []float64{20, 50, 24, 12, 30, 22, 30, 30, 24, 18, 18, 70})
	if err != nil {
		return err
	}
	head := make([]any, len(rewardHead))
	for i, name := range rewardHead {
		head[i] = name
	}
	if err := s.bold(head...); err != nil {
		return err
	}
	for _, r := range x.Rewards {
		var cells []any
		for _, text := range x.texts(r) {
			cells = append(cells, text)
		}
		if err := s.row(append(cells, book.money(counted(r)), book.money(r.Amount), r.Working())...); err != nil {
			return err
		}
	}
	_, all := x.Programme.RewardTotals(x.Rewards)
	total := make([]any, 9)
	total[0] = "合计"
	if err := s.bold(append(total, book.money(all.Base), book.money(all.Amount))...); err != nil {
		return err
	}
	return s.Flush()
}
