package sheet_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

var october = market.Reconciliation{Period: "2026-10", From: time.Date(2026, 10, 1, 0, 0, 0, 0, market.Shanghai), To: time.Date(2026, 10, 31, 0, 0, 0, 0, market.Shanghai)}

// TestNational: an export is read whatever its headings are called and whatever its unit is, and what is written is read again.
func TestNational(t *testing.T) {
	t.Parallel()
	national := &market.Reference{ContractKinds: []market.ContractKind{{Code: "D1", Kind: "技术开发", SubKind: "委托开发"}, {Code: "L1", Kind: "技术许可", SubKind: "专利实施许可"}}}
	const head = "合同登记编号,projectname,卖方,买方名称,成交额（万元）,technicalamount,签订日期,登记时间,合同类型,状态\n"
	for _, test := range []struct{ line, want string }{
		{"2026360800001089,翘曲控制,甲,乙,86,800000,2026/10/13,2026年10月20日,技术开发·委托开发,", "2026360800001089 860000 800000 2026-10-13 2026-10-20 技术开发 false"},
		{"2026360800001089,翘曲控制,甲,乙,86,,2026/10/13,2026-10-20,专利实施许可,已撤销", "2026360800001089 860000 0 2026-10-13 2026-10-20 技术许可 true"},
		{"12,翘曲控制,甲,乙,86,1,,,,", "number"}, {",翘曲控制,甲,乙,86,1,,,,", "number"}, {"2026360800001089,翘曲控制,甲,乙,0,,,,,", "total"}, {"2026360800001089,翘曲控制,甲,乙,-5,,,,,", "total"},
		{"2026360800001089,翘曲控制,甲,乙,1,10001,,,,", "tech"}, {"2026360800001089,翘曲控制,甲,乙,1,,某日,,,", "signed_on"}, {"2026360800001089,翘曲控制,甲,乙,1,,,2026-11-01,,", "registered_on"},
	} {
		table, err := sheet.Read(market.KindNational, "a.csv", []byte(head+test.line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		row, problems := sheet.NewReader(market.KindNational, table.Headings, market.ImportDefaults{}, national, today).National(table.Rows[0].Cells, october)
		got := ""
		if len(problems) > 0 {
			got = problems[0].Field
		} else {
			got = fmt.Sprint(row.Number, " ", row.Total, " ", row.Tech.Decimal, " ", row.SignedOn.Format(time.DateOnly), " ", row.RegisteredOn.Format(time.DateOnly), " ", row.Kind, " ", row.Ended)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.line, got, test.want)
		}
	}
	day := october.To
	row := market.NationalRow{Number: "2026360800001089", Title: "=1+1", SellerName: "甲", BuyerName: "乙", Kind: "技术开发", Total: decimal.NewFromInt(860000), SignedOn: &day, RegisteredOn: &day}
	var out bytes.Buffer
	if err := sheet.Rows(&out, "导出", sheet.NationalHeadings(), [][]string{sheet.NationalCells(row)}); err != nil {
		t.Fatal(err)
	}
	table, err := sheet.Read(market.KindNational, "a.xlsx", out.Bytes())
	if err != nil || !slices.Equal(table.Rows[0].Cells, sheet.NationalCells(row)) {
		t.Fatalf("written %q, read %v, %v", sheet.NationalCells(row), table, err)
	}
}

func FuzzNational(f *testing.F) {
	for _, seed := range []string{"登记编号,合同成交额\n2026360800001089,86\n", "合同编号\t合同金额（万元）\t签订日期\n２０２６360800001089\t1e9\t43000\n", "登记编号,状态\n,注销\n", "登记编号,登记编号\n\x00,\xff\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := sheet.Read(market.KindNational, "a.csv", data)
		if err != nil {
			if !market.IsKind(err, market.Invalid) {
				t.Fatalf("an error that is not for users: %v", err)
			}
			return
		}
		reader := sheet.NewReader(market.KindNational, table.Headings, market.ImportDefaults{}, ref, today)
		for _, line := range table.Rows {
			row, problems := reader.National(line.Cells, october)
			if len(problems) == 0 && (len(row.Number) != 16 && len(row.Number) != 14 || !row.Total.IsPositive()) {
				t.Fatalf("%q is taken as %+v", line.Cells, row)
			}
		}
	})
}
