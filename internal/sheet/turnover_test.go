package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, market.Shanghai)
}

// sample is an export of two contracts, one of them named like a formula and taken back.
func sample() TurnoverExport {
	sum := func(count int, total, tech string) market.Sum {
		return market.Sum{Count: count, Total: decimal.RequireFromString(total), Tech: decimal.RequireFromString(tech)}
	}
	all := sum(1, "1234567.89", "1000000.10")
	t := market.Turnover{Query: market.TurnoverQuery{Basis: market.BasisOutput, Year: 2026, AsOf: day(2026, 11, 22)}, Sum: all, Last: sum(1, "1000000", "900000"),
		Target: &market.Target{Year: 2026, Amount: decimal.NewFromInt(2_750_000_000), Status: "proposed", Source: "按上年目标增长10%拟定"},
		Tables: []market.TurnoverTable{{By: market.BySubmarket, Rows: []market.TurnoverRow{
			{Code: "materials", Name: "先进材料", Sum: sum(1, "1234567.00", "1000000"), Last: sum(1, "1000000", "900000")}, {Code: "other", Name: "其他", Sum: sum(0, "0.89", "0.10")}}}},
		Years: []market.TurnoverYear{{Year: 2020, Sum: market.SumOf(market.BasisOutput, decimal.NewFromInt(1_509_000_000)), Published: true, Source: "公开规划"}, {Year: 2026, Sum: all, Part: true}},
		Adjustments: []market.Adjustment{{Kind: "cancelled", On: day(2026, 10, 9), Number: "2026360800000002", RegisteredOn: day(2026, 7, 1),
			Title: "=HYPERLINK(\"http://example.com\")", Sum: sum(-1, "-500", "-500")}}}
	t.Cells[0][0] = all
	for i := range t.Months {
		t.Months[i].Month = i + 1
	}
	t.Months[10] = market.TurnoverMonth{Month: 11, This: all, Begun: true}
	entry := func(number, title, kind string, s market.Sum) market.TurnoverEntry {
		return market.TurnoverEntry{Number: number, Title: title, Entry: kind, On: day(2026, 7, 1), Kind: "D1", Submarket: "materials", SellerRegion: "360825", BuyerRegion: "440000", TradeMode: "inquiry", Sum: s}
	}
	ref := &market.Reference{Submarkets: market.Codes{{Code: "materials", Name: "先进材料"}}, Regions: market.Regions{{Code: "360825", Name: "永丰县"}, {Code: "440000", Name: "广东省"}},
		ContractKinds: []market.ContractKind{{Code: "D1", Kind: "技术开发", SubKind: "委托开发"}}}
	return TurnoverExport{Turnover: t, Ref: ref, Entries: []market.TurnoverEntry{entry("2026360800000001", "重钙", "registered", sum(1, "1234567.89", "1000000.10")),
		entry("2026360800000002", "=1+1", "registered", sum(1, "500", "500")), entry("2026360800000002", "=1+1", "cancelled", sum(-1, "-500", "-500"))}}
}

func TestTurnoverCSV(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	lines, err := sample().CSV(&buf)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(buf.String(), "\ufeff")
	if !marked {
		t.Error("no mark of UTF-8 at the beginning")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != lines+1 {
		t.Errorf("%d lines told, %d written", lines, len(rows)-1)
	}
	split := decimal.Zero
	for _, row := range rows[1:] {
		switch {
		case row[3] == "合计" && row[6] != "1234567.89":
			t.Errorf("total %q", row)
		case row[3] == "专业市场":
			split = split.Add(decimal.RequireFromString(row[6]))
		case row[3] == "历年" && row[4] == "2020" && (row[6] != "1509000000.00" || row[7] != "" || row[8] != ""):
			t.Errorf("a published year: %q", row)
		case row[3] == "调整" && !strings.HasPrefix(row[5], "'="):
			t.Errorf("a text that reads as a formula: %q", row[5])
		}
	}
	if !split.Equal(decimal.RequireFromString("1234567.89")) {
		t.Errorf("sub-markets add up to %s", split)
	}
}

func TestTurnoverXLSX(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	if err := sample().XLSX(&buf); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	if got := strings.Join(f.GetSheetList(), " "); got != "说明 合计 输出与吸纳 月度 历年 专业市场 调整 明细" {
		t.Errorf("sheets %s", got)
	}
	for _, c := range []struct{ sheet, cell, want string }{
		{"合计", "C2", "1234567.89"}, {"合计", "I2", "23.5"}, {"合计", "J2", "2750000000"},
		{"专业市场", "C4", "1234567.89"}, {"专业市场", "B4", "合计"},
		{"明细", "A2", "2026360800000001"}, {"明细", "D3", "=1+1"}, {"明细", "R5", "1234567.89"}, {"明细", "S5", "1000000.1"}, {"明细", "T5", "1"},
		{"历年", "C2", "1509000000"}, {"历年", "D2", ""},
	} {
		got, err := f.GetCellValue(c.sheet, c.cell, excelize.Options{RawCellValue: true})
		if err != nil || got != c.want {
			t.Errorf("%s!%s = %q, %v, want %q", c.sheet, c.cell, got, err, c.want)
		}
		if formula, err := f.GetCellFormula(c.sheet, c.cell); err != nil || formula != "" {
			t.Errorf("%s!%s is a formula: %q, %v", c.sheet, c.cell, formula, err)
		}
	}
	notes, err := f.GetRows("说明")
	if err != nil || !strings.Contains(notes[7][1], Rounding) {
		t.Errorf("notes %v, %v", notes, err)
	}
}

func TestTurnoverFileName(t *testing.T) {
	t.Parallel()
	x := sample()
	if got := x.FileName("csv"); got != "输出成交额_2026年_截至2026-11-22.csv" {
		t.Error(got)
	}
	x.Demo = true
	if got := x.FileName("xlsx"); got != "演示_输出成交额_2026年_截至2026-11-22.xlsx" {
		t.Error(got)
	}
}
