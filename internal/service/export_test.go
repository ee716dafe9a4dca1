package service_test

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worldtest"
)

func sum(text string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(text))
}

// fullNeeds and fullResults use every field, and what is hard to carry in a cell.
func fullNeeds(d *importDesk) []market.Need {
	deadline := d.Service.Today().AddDate(0, 6, 0)
	past := d.Service.Today().AddDate(0, -6, 0)
	text := "第一行，有“引号”和 <标签>\n=1+1\n  缩进的第三行_x0041_ 𠮷 ≤2.5 μm"
	return []market.Need{
		{Listing: market.Listing{Title: "电线电缆与 LED 的共性需求", Submarket: "equipment", Fields: []string{fieldNamed(d, "电线电缆、输配电及控制设备"), fieldNamed(d, "数控机床")},
			TechField: "materials", Region: "360100", Modes: []string{"entrust", "equity"}, HideOrg: true, ContactName: "王老师", ContactPhone: "07968220000", Gated: text},
			Problem: text, Background: "0012", Budget: market.Price{Kind: market.PriceRange, Min: sum("1234.56"), Max: sum("800000")}, Deadline: &deadline, Ownership: "双方共有", Partner: "有同类业绩\n能驻厂",
			Indicators: []market.Indicator{{Name: "粒径 D97", Target: "≤2.5", Unit: "μm"}, {Name: "电耗", Now: "92", Target: "≤70", Method: "电表"}, {Name: "外观", Target: "无裂纹"}}},
		{Listing: market.Listing{Title: "只有必要的几项", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}},
			Budget: market.Price{Kind: market.PriceOpen}, Indicators: []market.Indicator{{Name: "白度", Target: "95", Unit: "%"}}},
		{Listing: market.Listing{Title: "20270630", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}}, Problem: "2026/5/6",
			Budget: market.Price{Kind: market.PriceAmount, Min: sum("126000.5")}},
		{Listing: market.Listing{Title: "只有名称的草稿"}, Budget: market.Price{Kind: market.PriceOpen}},
		{Listing: market.Listing{Title: "过了期的草稿", Submarket: "food"}, Budget: market.Price{Kind: market.PriceOpen}, Deadline: &past},
	}
}

func fullResults(d *importDesk) []market.Result {
	patent := func(kind byte, n int) string { return string(market.MakePatentNumber(2020, kind, n)) }
	common := market.Listing{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence", "joint"}}
	titled := func(title string) market.Listing {
		l := common
		l.Title = title
		return l
	}
	zero := 1 // a number whose check digit is 0, which a spreadsheet would drop
	for ; !strings.HasSuffix(patent('1', zero), "0"); zero++ {
	}
	on := func(text string) *time.Time {
		day, err := time.ParseInLocation(time.DateOnly, text, market.Shanghai)
		if err != nil {
			d.T.Fatal(err)
		}
		return &day
	}
	return []market.Result{
		{Listing: titled("几件知识产权"), Summary: "简介\n第二行", Problem: "问题", Advantage: "优势", Economics: "吨成本降低 60 元", Stage: "pilot", TRLMin: 5, TRLMax: 8, Evidence: "运行 40 天\n有检测报告", PriceMethod: "negotiated",
			Price: market.Price{Kind: market.PriceRange, Min: sum("100000"), Max: sum("200000.01")}, Inventors: "李敏、周建", Cases: "两家\n在用", IPs: []market.IP{
				{Type: "invention", Number: patent('1', zero), Title: "一种分散剂", Status: "granted", FiledOn: on("2020-02-29"), GrantedOn: on("2022-01-31")}, {Type: "secret", Title: "配方", Status: "granted"},
				{Type: "utility", Number: patent('2', 12), Status: "pending", FiledOn: on("2020-12-31")}, {Type: "software", Number: "2023SR0001234", Title: "控制软件；第二版", Status: "lapsed"}}},
		{Listing: titled("一件专利"), Stage: "lab", PriceMethod: "listed", Price: market.Price{Kind: market.PriceAmount, Min: sum("460000")},
			IPs: []market.IP{{Type: "design", Number: patent('3', 77), Title: "外观", Status: "transferring", FiledOn: on("2020-05-06")}}},
		{Listing: titled("没有知识产权"), PriceMethod: "auction", Price: market.Price{Kind: market.PriceOpen}},
		{Listing: market.Listing{Title: "只有名称的草稿"}, PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen}},
		{Listing: titled("一项技术秘密"), PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen}, IPs: []market.IP{{Type: "secret", Status: "granted"}}},
	}
}

func fieldNamed(d *importDesk, name string) string {
	for _, f := range d.Ref.Fields {
		if f.Name == name {
			return f.Code
		}
	}
	d.T.Fatal("no field " + name)
	return ""
}

// export is a list as its cells.
func (d *importDesk) export(t *testing.T, a market.Actor, kind market.Kind) ([]byte, [][]string) {
	t.Helper()
	var out bytes.Buffer
	n, err := d.Service.Export(d.ctx, a, kind, &out)
	must(t, err)
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	must(t, err)
	rows, err := f.GetRows(f.GetSheetName(0))
	must(t, err)
	if n != len(rows)-1 {
		t.Errorf("%d rows are told, %d written", n, len(rows)-1)
	}
	return out.Bytes(), rows
}

// takeIn imports a workbook whole into this market.
func (d *importDesk) takeIn(t *testing.T, a market.Actor, kind market.Kind, data []byte) {
	t.Helper()
	id, err := d.Service.CheckImport(d.ctx, a, service.ImportFile{Kind: kind, Name: "导出.xlsx", Data: data})
	must(t, err)
	imp, err := d.Store.OwnImport(d.ctx, a, id)
	must(t, err)
	if imp.RowsValid != imp.RowsTotal {
		t.Errorf("of %d rows %d can be taken: %+v", imp.RowsTotal, imp.RowsValid, d.rows(t, id))
	}
	d.run(t, a, id, service.AcceptOptions{})
}

// TestRoundTrip: what is exported and imported into an empty market is exported the same again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := newImportDesk(t), newImportDesk(t)
	for _, n := range fullNeeds(from) {
		_, err := from.Service.CreateNeed(from.ctx, from.owner, n, "")
		must(t, err)
	}
	for _, r := range fullResults(from) {
		_, err := from.Service.CreateResult(from.ctx, from.owner, r, "")
		must(t, err)
	}
	from.Result(from.owner) // public
	for i, e := range []market.Expert{agreed(from.World, anExpert("谢启明"), true), anExpert("还没同意"), agreed(from.World, anExpert("不留电话"), false)} {
		e.Title = []string{"教授", "", "研究员"}[i]
		e.Fields = []string{"calcium", fieldNamed(from, "电线电缆、输配电及控制设备")}[:i%2+1]
		_, err := from.Service.CreateExpert(from.ctx, from.owner, e, "")
		must(t, err)
	}
	park, scale := from.Ref.Parks[0].Code, "small"
	firm := from.Org("永丰某厂有限公司", market.Enterprise, "360825")
	o, err := from.Store.Org(from.ctx, firm, firm.OrgID)
	must(t, err)
	o.Park, o.Scale, o.LegalRep, o.Address, o.About = &park, &scale, "王一", "工业园 0012 号", "重钙\n轻钙"
	must(t, from.Service.EditOrg(from.ctx, firm, o))

	for kind, wanted := range map[market.Kind]int{market.KindNeed: 5, market.KindResult: 6, market.KindExpert: 3, market.KindOrg: 2} {
		to, a, b := to, from.owner, to.owner
		if kind == market.KindOrg { // into a market without organisations
			empty := worldtest.New(t, 2026, 11, 23)
			to, a, b = &importDesk{World: empty, ctx: t.Context()}, from.reviewer, empty.Person("审核员", market.Reviewer)
		}
		data, first := from.export(t, a, kind)
		if len(first) != wanted+1 {
			t.Errorf("%s: %d rows", kind, len(first)-1)
		}
		to.takeIn(t, b, kind, data)
		_, again := to.export(t, b, kind)
		for i := range max(len(first), len(again)) {
			if i >= len(first) || i >= len(again) || !reflect.DeepEqual(first[i], again[i]) {
				t.Errorf("%s, row %d:\n%q\n%q", kind, i+1, first[i], again[min(i, len(again)-1)])
			}
		}
		if n := from.count(t, `SELECT count(*) FROM audit_entries WHERE action = $1 AND detail = $2`, market.ListingAction(kind, "export"), fmt.Sprintf("rows=%d", wanted)); n != 1 {
			t.Errorf("%s: %d entries in the audit", kind, n)
		}
	}
}

// TestExportAccess: each exports what is theirs to look after, and what is refused leaves a trace.
func TestExportAccess(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	firm, local := d.Org("永丰某厂有限公司", market.Enterprise, "360825"), d.Officer("永丰审核", "360825", market.Reviewer)
	d.Result(d.owner)
	e := anExpert("谢启明")
	_, err := d.Service.CreateExpert(d.ctx, d.reviewer, e, "")
	must(t, err)
	e.Region = "360802"
	_, err = d.Service.CreateExpert(d.ctx, d.owner, e, "")
	must(t, err)
	for name, c := range map[string]struct {
		a    market.Actor
		want map[market.Kind]int // -1: refused
	}{
		"owner":    {d.owner, map[market.Kind]int{market.KindNeed: 0, market.KindResult: 1, market.KindExpert: 1, market.KindOrg: -1}},
		"firm":     {firm, map[market.Kind]int{market.KindNeed: 0, market.KindResult: 0, market.KindExpert: -1, market.KindOrg: -1}},
		"viewer":   {d.Member(d.owner, "只读", market.Viewer), map[market.Kind]int{market.KindNeed: -1, market.KindResult: -1, market.KindExpert: -1, market.KindOrg: -1}},
		"reviewer": {d.reviewer, map[market.Kind]int{market.KindNeed: -1, market.KindResult: -1, market.KindExpert: 2, market.KindOrg: 2}},
		"local":    {local, map[market.Kind]int{market.KindNeed: -1, market.KindResult: -1, market.KindExpert: 1, market.KindOrg: 1}},
		"auditor":  {d.Person("审计", market.Auditor), map[market.Kind]int{market.KindNeed: -1, market.KindResult: -1, market.KindExpert: -1, market.KindOrg: -1}},
	} {
		for kind, want := range c.want {
			n, err := d.Service.Export(d.ctx, c.a, kind, io.Discard)
			if want < 0 {
				wantKind(t, err, market.Denied)
			} else if err != nil || n != want {
				t.Errorf("%s exports %d of %s, %v; want %d", name, n, kind, err, want)
			}
		}
	}
	if n := d.count(t, `SELECT count(*) FROM audit_entries WHERE action LIKE '%.export' AND outcome = 'refused'`); n != 15 {
		t.Errorf("%d refusals left a trace, want 15", n)
	}
}
