package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

// ref is as much reference data as lists need.
var ref = &market.Reference{
	Submarkets: market.Codes{{Code: "electronics", Name: "电子信息"}, {Code: "materials", Name: "先进材料"}},
	Fields: []market.Field{{Code: "led", Name: "半导体照明（LED）", Submarket: "electronics"}, {Code: "power", Name: "电线电缆、输配电及控制设备", Submarket: "electronics"},
		{Code: "nonferrous", Name: "有色金属先进材料", Submarket: "materials"}, {Code: "calcium", Name: "碳酸钙先进材料", Submarket: "materials"}},
	Regions: market.Regions{{Code: "360825", Name: "永丰县", Kind: "county", InCity: true}, {Code: "360800", Name: "吉安市", Kind: "city", InCity: true},
		{Code: "360000", Name: "江西省", Kind: "province"}},
	TechFields: market.Codes{{Code: "electronics", Name: "电子信息技术"}, {Code: "materials", Name: "新材料及其应用"}},
	IPTypes:    market.Codes{{Code: "secret", Name: "技术秘密"}, {Code: "invention", Name: "发明专利"}, {Code: "utility", Name: "实用新型专利"}, {Code: "software", Name: "计算机软件著作权"}, {Code: "none", Name: "未涉及知识产权"}},
}

var (
	today    = time.Date(2026, 11, 23, 0, 0, 0, 0, market.Shanghai)
	defaults = market.ImportDefaults{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}}
)

// workbook writes rows into a sheet as Excel would.
func workbook(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	return saved(t, f)
}

func saved(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, kind market.Kind, name string, data []byte) *sheet.Table {
	t.Helper()
	table, err := sheet.Read(kind, name, data)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestReadEncodings(t *testing.T) {
	t.Parallel()
	text := "成果名称,成果简介\r\n纳米碳酸钙,\"第一行\n第二行，“引号”\"\r\n\r\n重钙研磨,\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range text {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, data := range map[string][]byte{"UTF-8": []byte(text), "with a byte order mark": []byte("\xEF\xBB\xBF" + text), "GB 18030": []byte(gb), "UTF-16": utf16,
		"tabs": []byte(strings.ReplaceAll(text, ",", "\t")), "semicolons": []byte(strings.ReplaceAll(text, ",", ";"))} {
		table := read(t, market.KindResult, "清单.CSV", data)
		if len(table.Rows) != 2 || table.Rows[0].Cells[0] != "纳米碳酸钙" || table.Rows[0].Cells[1] != "第一行\n第二行，“引号”" || table.Rows[1].Cells[0] != "重钙研磨" {
			t.Errorf("%s: %+v", name, table)
		}
	}
}

// TestReadDamaged has a character in each file that is none; the row says so, and the file is read.
func TestReadDamaged(t *testing.T) {
	t.Parallel()
	good, err := simplifiedchinese.GB18030.NewEncoder().String("成果名称\n" + strings.Repeat("纳米碳酸钙连续碳化与表面改性技术一\n", 20))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"UTF-8": "成果名称\n纳米碳酸钙连续碳化\n重\xFF钙\n", "GB 18030": good + "\xAA\xA1\n"} {
		table := read(t, market.KindResult, "a.csv", []byte(data))
		reader := sheet.NewReader(market.KindResult, table.Headings, defaults, ref, today)
		for i, row := range table.Rows {
			_, problems := reader.Result(row.Cells)
			if last := i == len(table.Rows)-1; last != (len(problems) == 1 && strings.Contains(problems[0].Message, "有认不出来的字")) || !last && len(problems) > 0 {
				t.Errorf("%s, row %d: %+v", name, row.Number, problems)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range 4 {
			w, err := z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(make([]byte, 80<<20)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := workbook(t, []any{"成果名称"}, []any{"甲"})
	tooMany := strings.Repeat("甲\n", sheet.MaxRows+1)
	wide := strings.TrimSuffix(strings.Repeat("列,", sheet.MaxColumns), ",")
	for name, c := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"empty":              {"a.csv", nil, "文件是空的"},
		"too large":          {"a.csv", make([]byte, sheet.MaxFile+1), "文件超过 20 MB"},
		"wrong ending":       {"a.pdf", []byte("%PDF-1.7"), "只能导入 .xlsx 和 .csv 文件，这个文件的后缀是“.pdf”"},
		"no ending":          {"清单", []byte("成果名称\n甲"), "只能导入"},
		"old Excel":          {"a.xls", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on"), "旧版 .xls"},
		"password":           {"a.xlsx", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on"), "打开密码"},
		"text named xlsx":    {"a.xlsx", []byte("成果名称\n甲"), "内容却不是 Excel 工作簿"},
		"workbook named csv": {"a.csv", good, "请把后缀改成 .xlsx"},
		"cut off":            {"a.xlsx", good[:len(good)/2], "文件打不开"},
		"damaged inside":     {"a.xlsx", damaged(t, good), "文件打不开"},
		"another zip":        {"a.xlsx", otherZip(t), "文件打不开"},
		"bomb":               {"a.xlsx", bomb(), "解压后超过 300 MB"},
		"empty sheet":        {"a.xlsx", workbook(t), "文件里没有内容"},
		"blank text":         {"a.csv", []byte("\n ,\n"), "文件里没有内容"},
		"no headings":        {"a.csv", []byte("纳米碳酸钙,好\n重钙,也好\n"), "没有找到“成果名称”这一列。第一行现在是：纳米碳酸钙、好"},
		"only headings":      {"a.csv", []byte("成果名称,简介\n"), "只有列名，没有内容"},
		"too many rows":      {"a.csv", []byte("成果名称\n" + tooMany), "超过 20000 行"},
		"too many columns":   {"a.csv", []byte("成果名称," + wide + "\n甲\n"), "有 101 列"},
		"encoding":           {"a.csv", []byte("成果名称\n\xFF\xFF\xFF\n"), "文字编码认不出来"},
	} {
		_, err := sheet.Read(market.KindResult, c.file, c.data)
		if !market.IsKind(err, market.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// damaged breaks the XML of a workbook's first sheet.
func damaged(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range z.File {
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/") || f.Name == "xl/workbook.xml" {
			_, err = w.Write([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="`))
		} else {
			r, openErr := f.Open()
			if openErr != nil {
				t.Fatal(openErr)
			}
			var content bytes.Buffer
			if _, err = content.ReadFrom(r); err == nil {
				_, err = w.Write(content.Bytes())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func otherZip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("<document/>")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadNumbers has cells whose value and whose look differ.
func TestReadNumbers(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	style := func(s excelize.Style) int {
		id, err := f.NewStyle(&s)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	american, rounded := "m/d/yy", "0"
	set := func(at string, value any, s int) {
		if err := f.SetCellValue("Sheet1", at, value); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", at, at, s); err != nil {
			t.Fatal(err)
		}
	}
	headings := []any{"需求名称", "截止日期", "预算（万元）", "背景", "联系电话", "备注"}
	if err := f.SetSheetRow("Sheet1", "A1", &headings); err != nil {
		t.Fatal(err)
	}
	set("A2", "甲", 0)
	set("B2", time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC), style(excelize.Style{CustomNumFmt: &american}))
	set("C2", 35.6789, style(excelize.Style{CustomNumFmt: &rounded}))
	set("D2", 0.5, style(excelize.Style{NumFmt: 9}))
	set("E2", 13879612046, 0)
	set("F2", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), style(excelize.Style{NumFmt: 14}))
	table := read(t, market.KindNeed, "a.xlsx", saved(t, f))
	want := []string{"甲", "2027-06-30", "35.6789", "50%", "13879612046", "2026-01-02"}
	if !slices.Equal(table.Rows[0].Cells, want) {
		t.Errorf("read %q, want %q", table.Rows[0].Cells, want)
	}
}

func TestReadFormulas(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"成果名称", "价格（万元）"}, {excelize.Cell{Formula: `"纳米"&"碳酸钙"`, Value: "纳米碳酸钙"}, excelize.Cell{Formula: "30+5", Value: 35}}, {"乙", "#REF!"}} {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	table := read(t, market.KindResult, "a.xlsx", b.Bytes())
	if !slices.Equal(table.Rows[0].Cells, []string{"纳米碳酸钙", "35"}) {
		t.Errorf("read %q", table.Rows[0].Cells)
	}
	_, problems := sheet.NewReader(market.KindResult, table.Headings, defaults, ref, today).Result(table.Rows[1].Cells)
	if len(problems) != 1 || problems[0].Column != "价格（万元）" || !strings.Contains(problems[0].Message, "公式出错（#REF!）") {
		t.Errorf("problems %+v", problems)
	}
}

// TestReadFindsTheList has a workbook with a cover sheet, a line above the headings and the columns in another order.
func TestReadFindsTheList(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	if _, err := f.NewSheet("成果表"); err != nil {
		t.Fatal(err)
	}
	for at, row := range map[string][]any{
		"A1": {"2026 年可转化成果汇总表"}, "A3": {"备注", " 专利（申请）号 ", "成果名称*（必填）", "技术成熟度（TRL）", "主要完成人员", "意向价格 / 元"}, "A5": {"无", "", "甲", "TRL 6～7", "李敏", "350,000.00"},
	} {
		if err := f.SetSheetRow("成果表", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellStr("Sheet1", "A1", "封面"); err != nil {
		t.Fatal(err)
	}
	table := read(t, market.KindResult, "a.xlsx", saved(t, f))
	if table.Sheet != "成果表" || len(table.Rows) != 1 || table.Rows[0].Number != 5 {
		t.Fatalf("read %+v", table)
	}
	reader := sheet.NewReader(market.KindResult, table.Headings, defaults, ref, today)
	r, problems := reader.Result(table.Rows[0].Cells)
	if len(problems) != 0 || r.Title != "甲" || r.Stage != "pilot" || r.TRLMin != 6 || r.TRLMax != 7 || r.Inventors != "李敏" || r.Price.Min.Decimal.String() != "350000" {
		t.Errorf("became %+v with %+v", r, problems)
	}
	var unused []string
	for _, c := range reader.Columns() {
		if c.As == "" {
			unused = append(unused, c.Heading)
		}
	}
	if !slices.Equal(unused, []string{"备注"}) {
		t.Errorf("unused columns %q", unused)
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		heading, unit, text string
		want                string // kind, low and high, or the beginning of the message
	}{
		{"价格（万元）", "", "35", "amount 350000 "},
		{"价格（万元）", "", "３５．５", "amount 355000 "},
		{"价格", "", "35万元", "amount 350000 "},
		{"价格（元）", "", "350,000", "amount 350000 "},
		{"价格(元)", "", "35万", "amount 350000 "},
		{"报价万元", "", "35", "amount 350000 "},
		{"价格", "万元", "35", "amount 350000 "},
		{"价格（万元）", "元", "350000", "amount 350000 "},
		{"价格（万元）", "", "10～20", "range 100000 200000"},
		{"价格", "", "10-20万元", "range 100000 200000"},
		{"价格", "", "8万元至12万元", "range 80000 120000"},
		{"价格", "", "面议", "open  "},
		{"价格", "", "", "open  "},
		{"价格", "", "¥ 1.2亿元", "amount 120000000 "},
		{"价格", "", "350000", "没有写单位：若为元，是 35.00\u00a0万元；若为万元，是 35.00\u00a0亿元"},
		{"价格（万元）", "", "-5", "金额不能是负数"},
		{"价格（万元）", "", "很贵", "金额应为数字"},
		{"价格（元）", "", "12345678901234", "金额在 1 万亿元以上"},
		{"价格（万元）", "", "20-10", "最低金额应小于最高金额"},
		{"价格（万元）", "", "0", "金额应大于 0"},
	} {
		reader := sheet.NewReader(market.KindResult, []string{"成果名称", c.heading, "价格单位"}, defaults, ref, today)
		r, problems := reader.Result([]string{"甲", c.text, c.unit})
		got := string(r.Price.Kind) + " "
		for _, d := range []struct{ text string }{{amount(r.Price.Min.Valid, r.Price.Min.Decimal.String())}, {amount(r.Price.Max.Valid, r.Price.Max.Decimal.String())}} {
			got += d.text + " "
		}
		got = strings.TrimSuffix(got, " ")
		if len(problems) > 0 {
			got = problems[0].Message
		}
		if !strings.HasPrefix(got, c.want) || len(problems) > 1 {
			t.Errorf("%s %s %q: %q %+v, want %q", c.heading, c.unit, c.text, got, problems, c.want)
		}
	}
}

func amount(valid bool, text string) string {
	if valid {
		return text
	}
	return ""
}

func TestDates(t *testing.T) {
	t.Parallel()
	reader := sheet.NewReader(market.KindNeed, []string{"需求名称", "截止日期"}, defaults, ref, today)
	for text, want := range map[string]string{
		"2027-06-30": "2027-06-30", "2027/6/30": "2027-06-30", "2027.6.30": "2027-06-30", "２０２７年６月３０日": "2027-06-30", "20270630": "2027-06-30",
		"2027-06-30 00:00:00": "2027-06-30", "2027年2月": "2027-02-28", "": "", "长期": "",
		"2027-02-30": "日期“2027-02-30”认不出来", "明年": "日期“明年”认不出来", "2025-12-31": "截止日期不能早于今天", "1983-01-01": "截止日期的年份不对",
	} {
		n, problems := reader.Need([]string{"甲", text})
		got := ""
		if n.Deadline != nil {
			got = n.Deadline.Format(time.DateOnly)
		}
		if len(problems) > 0 {
			got = problems[0].Message
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestRowProblems has a row for each thing that can be wrong with a cell.
func TestRowProblems(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 5000)
	for _, c := range []struct{ heading, text, column, want string }{
		{"成果名称", "", "成果名称", "请填写标题"},
		{"题名", long, "题名", "标题最多 100 个字，现在多了 4900 个字"},
		{"body", long, "body", "成果简介最多 3000 个字"},
		{"专业市场", "航空", "专业市场", "“航空”不在列表里，请写：电子信息、先进材料"},
		{"细分领域", "LED照明", "细分领域", "“LED照明”不在列表里，是不是“半导体照明（LED）”"},
		{"细分领域", "碳酸钙先进材料、半导体照明(LED)", "细分领域", "“半导体照明（LED）”不属于所选的专业市场"},
		{"成熟度", "中试以上", "成熟度", "“中试以上”认不出来，请写：研发、小试"},
		{"成熟度", "TRL 12", "成熟度", "“TRL 12”认不出来"},
		{"转化方式", "赠送", "转化方式", "“赠送”不在列表里，请写：委托开发"},
		{"价格方式", "抽签", "价格方式", "“抽签”不在列表里，请写：协议定价、挂牌、网络竞价"},
		{"价格方式", "挂牌", "价格（万元）", "挂牌须写明价格"},
		{"专利号", "ZL 2017 1 0601862.4", "专利号", "“ZL 2017 1 0601862.4”：号码的校验位不对"},
		{"专利号", "CN122072823A", "专利号", "“CN122072823A”：这是公开号或公告号"},
		{"知识产权类型", "发明专利", "专利号", "第 1 行是专利，请填写专利号或申请号"},
		{"知识产权类型", "祖传", "知识产权类型", "“祖传”不在列表里"},
		{"所在地", "火星", "所在地", "“火星”认不出来"},
		{"联系人", strings.Repeat("王", 31), "联系人", "联系人最多 30 个字"},
	} {
		headings, cells := []string{"成果名称", c.heading}, []string{"甲", c.text}
		if c.heading == "成果名称" || c.heading == "题名" {
			headings, cells = headings[1:], cells[1:]
		}
		_, problems := sheet.NewReader(market.KindResult, headings, defaults, ref, today).Result(cells)
		if len(problems) != 1 || problems[0].Column != c.column || !strings.HasPrefix(problems[0].Message, c.want) {
			t.Errorf("%s %.20q: %+v, want %s: %s", c.heading, c.text, problems, c.column, c.want)
		}
	}
}

func TestDefaultsFillGaps(t *testing.T) {
	t.Parallel()
	d := market.ImportDefaults{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}, Stage: "lab", PriceMethod: "auction", ContactName: "王老师"}
	reader := sheet.NewReader(market.KindResult, []string{"成果名称", "专业市场", "细分领域", "合作方式", "成熟度", "联系电话"}, d, ref, today)
	r, problems := reader.Result([]string{"甲", "", "", "", "", ""})
	if len(problems) > 0 || r.Submarket != "materials" || !slices.Equal(r.Fields, d.Fields) || !slices.Equal(r.Modes, d.Modes) || r.Stage != "lab" || r.PriceMethod != "auction" || r.ContactName != "王老师" {
		t.Errorf("without a word: %+v, %+v", r, problems)
	}
	r, problems = reader.Result([]string{"甲", "", "半导体照明（LED）", "技术转让", "量产", "0796-1"})
	if len(problems) > 0 || r.Submarket != "electronics" || !slices.Equal(r.Fields, []string{"led"}) || !slices.Equal(r.Modes, []string{"transfer"}) || r.Stage != "mass" || r.ContactName != "" {
		t.Errorf("with words of its own: %+v, %+v", r, problems)
	}
	r, problems = reader.Result([]string{"甲", "电子信息", "", "", "", ""})
	if len(problems) != 1 || problems[0].Column != "细分领域" || len(r.Fields) != 0 {
		t.Errorf("a default of another sub-market was taken: %+v, %+v", r, problems)
	}
	if r, problems = reader.Result([]string{"甲", "", "电线电缆、输配电及控制设备", "", "", ""}); len(problems) > 0 || !slices.Equal(r.Fields, []string{"power"}) {
		t.Errorf("a name with a mark in it: %+v, %+v", r, problems)
	}
}

func TestPatents(t *testing.T) {
	t.Parallel()
	reader := sheet.NewReader(market.KindResult, []string{"成果名称", "专利号", "专利类型", "法律状态"}, defaults, ref, today)
	utility := string(market.MakePatentNumber(2021, '2', 1234567))
	for _, c := range []struct {
		cells []string
		want  []market.IP
	}{
		{[]string{"甲", "", "", ""}, nil},
		{[]string{"甲", "无", "无", ""}, nil},
		{[]string{"甲", "ZL201710601862.3；" + utility, "发明专利", ""}, []market.IP{{Type: "invention", Number: "2017106018623", Status: "granted"}, {Type: "utility", Number: utility, Status: "pending"}}},
		{[]string{"甲", "2017106018623", "", "失效"}, []market.IP{{Type: "invention", Number: "2017106018623", Status: "lapsed"}}},
		{[]string{"甲", "", "技术秘密", ""}, []market.IP{{Type: "secret", Status: "granted"}}},
		{[]string{"甲", "2024SR0012345", "软件著作权", "授权"}, []market.IP{{Type: "software", Number: "2024SR0012345", Status: "granted"}}},
	} {
		r, problems := reader.Result(c.cells)
		if len(problems) > 0 || !slices.Equal(r.IPs, c.want) {
			t.Errorf("%q: %+v with %+v, want %+v", c.cells, r.IPs, problems, c.want)
		}
	}
}

// TestPatentDates: dates of one right stand in plain cells, those of several line by line.
func TestPatentDates(t *testing.T) {
	t.Parallel()
	reader := sheet.NewReader(market.KindResult, []string{"成果名称", "专利号", "专利申请日", "授权公告日", "成熟度依据"}, defaults, ref, today)
	utility := string(market.MakePatentNumber(2021, '2', 1234567))
	for _, c := range []struct {
		cells []string
		want  string // the dates of each right, or what is wrong
	}{
		{[]string{"甲", "201710601862.3", "2017年7月21日", "", ""}, "2017-07-21/"},
		{[]string{"甲", "ZL201710601862.3", "2017.7.21", "2019/03/05", ""}, "2017-07-21/2019-03-05"},
		{[]string{"甲", "ZL201710601862.3\n" + utility, "2017-07-21\n2021-05-06", "2019-03-05\n—", ""}, "2017-07-21/2019-03-05 2021-05-06/"},
		{[]string{"甲", "ZL201710601862.3", "—", "无", ""}, "/"},
		{[]string{"甲", "ZL201710601862.3；" + utility, "2017-07-21", "", ""}, "专利申请日：有 2 件知识产权，只有一个日期"},
		{[]string{"甲", "ZL201710601862.3", "前年", "", ""}, "专利申请日：日期“前年”认不出来"},
		{[]string{"甲", "ZL201710601862.3", "2018-07-21", "", ""}, "专利申请日：第 1 行的号码是 2017 年的"},
		{[]string{"甲", "201710601862.3", "", "2019-03-05", ""}, "知识产权状态：第 1 行有授权日期，状态却是申请中"},
		{[]string{"甲", "ZL201710601862.3", "", "2030-03-05", ""}, "授权公告日：第 1 行的授权日期还没有到"},
		{[]string{"甲", "", "", "", strings.Repeat("证", 1001)}, "成熟度依据：成熟度依据最多 1000 个字"},
	} {
		r, problems := reader.Result(c.cells)
		var got []string
		for _, p := range problems {
			got = append(got, p.Column+"："+p.Message)
		}
		for _, ip := range r.IPs {
			dates := ""
			for i, day := range []*time.Time{ip.FiledOn, ip.GrantedOn} {
				if day != nil {
					dates += day.Format(time.DateOnly)
				}
				if i == 0 {
					dates += "/"
				}
			}
			if len(problems) == 0 {
				got = append(got, dates)
			}
		}
		if text := strings.Join(got, " "); !strings.HasPrefix(text, c.want) || len(problems) > 1 || len(problems) == 0 && text != c.want {
			t.Errorf("%q: %s, want %s", c.cells, text, c.want)
		}
	}
}

// TestTemplate reads the template back: its example row is no content, a filled row is.
func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, kind := range []market.Kind{market.KindNeed, market.KindResult} {
		var b bytes.Buffer
		if err := sheet.Template(&b, kind, ref); err != nil {
			t.Fatal(err)
		}
		if _, err := sheet.Read(kind, "模板.xlsx", b.Bytes()); !market.IsKind(err, market.Invalid) || !strings.Contains(err.Error(), "只有列名，没有内容") {
			t.Errorf("%s: an empty template gives %v", kind, err)
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		name := f.GetSheetName(0)
		lists, err := f.GetDataValidations(name)
		if err != nil || len(lists) < 4 {
			t.Errorf("%s: %d drop-downs, %v", kind, len(lists), err)
		}
		example, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]any, len(example[0]))
		for i := range row {
			if i < len(example[1]) {
				row[i] = example[1][i]
			}
		}
		row[1] = "另一项"
		if err := f.SetSheetRow(name, "A3", &row); err != nil {
			t.Fatal(err)
		}
		table := read(t, kind, "a.xlsx", saved(t, f))
		reader := sheet.NewReader(kind, table.Headings, market.ImportDefaults{}, ref, today)
		for _, c := range reader.Columns() {
			if c.As != c.Heading {
				t.Errorf("%s: column %s is taken for %q", kind, c.Heading, c.As)
			}
		}
		title, problems := "", []market.ImportProblem(nil)
		if kind == market.KindNeed {
			var n market.Need
			n, problems = reader.Need(table.Rows[0].Cells)
			title = n.Title
		} else {
			var r market.Result
			r, problems = reader.Result(table.Rows[0].Cells)
			title = r.Title
		}
		if len(table.Rows) != 1 || title != "另一项" || kind == market.KindResult && len(problems) > 0 {
			t.Errorf("%s: %d rows, %q, %+v", kind, len(table.Rows), title, problems)
		}
	}
}

func TestMarked(t *testing.T) {
	t.Parallel()
	rows := []market.ImportRow{
		{Row: 2, Cells: []string{"=1+1", "x"}},
		{Row: 3, Cells: []string{"乙", ""}, Problems: []market.ImportProblem{{Column: "价格", Message: "金额应为数字"}, {Column: "专利号", Message: "校验位不对"}}},
		{Row: 4, Cells: []string{"丙", ""}, Duplicate: market.DuplicateSame, DuplicateBy: "名称相同"},
	}
	var b bytes.Buffer
	err := sheet.Marked(&b, []string{"成果名称", "价格"}, func(yield func(market.ImportRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.GetRows("检查结果")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"问题", "成果名称", "价格"}, {"", "=1+1", "x"}, {"价格：金额应为数字；专利号：校验位不对", "乙"}, {"重复，不写入：名称相同", "丙"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("wrote %q, want %q", got, want)
	}
	if formula, err := f.GetCellFormula("检查结果", "B2"); err != nil || formula != "" {
		t.Errorf("what a user typed became the formula %q, %v", formula, err)
	}
	if table := read(t, market.KindResult, "再传.xlsx", b.Bytes()); len(table.Rows) != 3 || table.Rows[1].Cells[1] != "乙" {
		t.Errorf("read back as %+v", table)
	}
}

// FuzzCSV reads anything without a panic, and nothing that it keeps is beyond the limits or unfit to be stored.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"id,title,body\n1,甲,乙\n", "成果名称\t价格（万元）\t专利号\n甲\t10～20\tZL201710601862.3\n", "题名;成熟度\n\"甲\"乙;TRL 6-7\n",
		"\xEF\xBB\xBF需求名称,截止日期,预算\n甲,2027年6月,3亿\n", "title,价格\n\x00,#REF!\n", "title,指标名,要求\n甲,\"a\nb\",1\n", "成果名称（,价格））\n甲,-\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range market.ImportKinds {
			table, err := sheet.Read(kind, "a.csv", data)
			if err != nil {
				if !market.IsKind(err, market.Invalid) {
					t.Fatalf("an error that is not for users: %v", err)
				}
				continue
			}
			checkTable(t, kind, table)
		}
	})
}

// checkTable reads all of what was kept of a file.
func checkTable(t *testing.T, kind market.Kind, table *sheet.Table) {
	t.Helper()
	reader := sheet.NewReader(kind, table.Headings, defaults, ref, today)
	for _, row := range table.Rows {
		if len(row.Cells) != len(table.Headings) {
			t.Fatalf("%d cells under %d headings", len(row.Cells), len(table.Headings))
		}
		for _, cell := range row.Cells {
			if strings.ContainsRune(cell, 0) || strings.ToValidUTF8(cell, "") != cell || market.RuneLen(cell) > sheet.MaxCell {
				t.Fatalf("kept %q", cell)
			}
		}
		_ = reader.ID(row.Cells) + reader.Title(row.Cells)
		checkRow(t, reader, kind, row)
	}
}

// checkRow reads a row; one without problems must hold what the market takes.
func checkRow(t *testing.T, reader *sheet.Reader, kind market.Kind, row sheet.Row) {
	t.Helper()
	switch kind {
	case market.KindExpert:
		e, problems := reader.Expert(row.Cells, 0)
		if again := e.Check(ref, today); len(problems) == 0 && len(again) > 0 {
			t.Fatalf("%q passed with %+v", row.Cells, again)
		}
		return
	case market.KindOrg:
		o, problems := reader.Org(row.Cells)
		if again := o.Check(ref); len(problems) == 0 && len(again) > 0 {
			t.Fatalf("%q passed with %+v", row.Cells, again)
		}
		return
	}
	if kind == market.KindNeed {
		n, problems := reader.Need(row.Cells)
		if again := n.CheckSubmit(ref, today, true); len(problems) == 0 && len(again) > 0 {
			t.Fatalf("%q passed with %+v", row.Cells, again)
		}
		return
	}
	r, problems := reader.Result(row.Cells)
	if again := r.CheckSubmit(ref, today, true); len(problems) == 0 && len(again) > 0 {
		t.Fatalf("%q passed with %+v", row.Cells, again)
	}
}
