package sheet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// standings are the two states of a contract in the national system.
var standings = market.Codes{{Code: "valid", Name: "有效"}, {Code: "ended", Name: "已注销或撤销"}}

// nationalColumns are what is compared of the national system's export. Its headings are known by the labels of its form and
// by the names of the form's elements.
var nationalColumns = []column{
	{key: "number", main: true, name: "登记编号", also: []string{"合同登记编号", "合同编号", "技术合同登记编号", "登记证明编号", "编号", "contractno", "number"}, holds: digits, must: true, width: 22, note: "必填，16 位或 14 位数字"},
	{key: "title", name: "项目名称", also: []string{"合同名称", "名称", "技术合同名称", "projectname"}, width: 40, note: "用来对照"},
	{key: "seller", name: "卖方名称", also: []string{"卖方", "让与方", "受托方", "技术卖方", "sellername"}, width: 30, note: "没有编号时按双方、签订日期和金额找"},
	{key: "seller_uscc", name: "卖方统一社会信用代码", also: []string{"卖方信用代码", "卖方代码", "卖方统一信用代码"}, holds: digits, width: 24},
	{key: "buyer", name: "买方名称", also: []string{"买方", "受让方", "委托方", "技术买方", "buyername"}, width: 30},
	{key: "buyer_uscc", name: "买方统一社会信用代码", also: []string{"买方信用代码", "买方代码", "买方统一信用代码"}, holds: digits, width: 24},
	{key: "kind", name: "合同类型", also: []string{"合同类别", "技术合同类别", "contracttype"}, width: 14, note: "五类之一，写了子类的也认得"},
	{key: "total", name: "合同成交额（元）", also: []string{"成交额", "合同金额", "合同成交金额", "合同总金额", "totalamount"}, holds: digits, must: true, width: 18, note: "必填；列名里没有写单位的按元"},
	{key: "tech", name: "技术交易额（元）", also: []string{"技术交易金额", "核定技术交易额", "technicalamount"}, holds: digits, width: 18, note: "列名里没有写单位的按元"},
	{key: "signed_on", name: "签订日期", also: []string{"合同签订日期", "签订时间", "签定日期", "signdate"}, holds: dates, width: 14, note: "例：2026-10-13"},
	{key: "registered_on", name: "登记日期", also: []string{"登记时间", "认定登记日期", "认定日期", "审核通过日期", "registerdate"}, holds: dates, width: 14, note: "不在本期内的行不比对"},
	{key: "standing", name: "状态", also: []string{"合同状态", "登记状态", "status"}, width: 12, note: "已注销、已撤销的不计入合计；空着就是有效"},
}

// endedWords say that a contract is not on the national register any more.
var endedWords = []string{"注销", "撤销", "作废", "退回", "失效"}

// National reads a row of the national system's export for that period and returns what keeps it from being compared, cell
// by cell.
func (r *Reader) National(cells []string, period market.Reconciliation) (market.NationalRow, []market.ImportProblem) {
	row := r.row(cells)
	n := market.NationalRow{Title: market.Truncate(market.Normalize(row.text("title")), market.MaxTitle), SellerName: row.name("seller"), SellerUSCC: row.uscc("seller_uscc"),
		BuyerName: row.name("buyer"), BuyerUSCC: row.uscc("buyer_uscc"), Kind: row.mainKind(), SignedOn: row.date("signed_on"), RegisteredOn: row.date("registered_on")}
	var err error
	n.Number, err = market.ParseRegistrationNumber(row.text("number"))
	row.problems.AddErr("number", err)
	if total := row.yuan("total"); !total.Valid || !total.Decimal.IsPositive() {
		row.problems.Add("total", "请填写合同成交额，须大于 0")
	} else {
		n.Total = total.Decimal
	}
	n.Tech = row.yuan("tech")
	if n.Tech.Valid && n.Tech.Decimal.GreaterThan(n.Total) {
		row.problems.Add("tech", "技术交易额大于合同成交额，请核对")
	}
	if n.RegisteredOn != nil && !period.Holds(*n.RegisteredOn) {
		row.problems.Add("registered_on", "登记日期不在%s内，不比对这一行", period.Name())
	}
	status := row.text("standing")
	n.Ended = slices.ContainsFunc(endedWords, func(w string) bool { return strings.Contains(status, w) })
	return n, row.found(nil, nil)
}

func (r *row) name(key string) string { return market.Truncate(market.Normalize(r.text(key)), 60) }

// uscc takes a code as it stands; whether it is right is not ours to say, only whether it is the same.
func (r *row) uscc(key string) market.USCC {
	return market.USCC(market.Truncate(strings.ToUpper(strings.ReplaceAll(market.Normalize(r.text(key)), " ", "")), 18))
}

// mainKind is the first of the five kinds that the cell names, or the cell as it stands.
func (r *row) mainKind() string {
	text := market.Normalize(r.text("kind"))
	for _, k := range r.ref.ContractKinds {
		if strings.Contains(text, k.Kind) || text != "" && text == k.SubKind {
			return k.Kind
		}
	}
	return market.Truncate(text, 20)
}

// yuan reads a sum in the unit of its heading; the national form's is the yuan.
func (r *row) yuan(key string) decimal.NullDecimal {
	text := market.Normalize(r.text(key))
	if text == "" {
		return decimal.NullDecimal{}
	}
	unit := market.Yuan
	if at, ok := r.at[key]; ok {
		if own := headingUnit(r.headings[at]); own != "" {
			unit = own
		}
	}
	sum, err := market.ParseMoney(text, unit)
	if err != nil {
		r.problems.AddErr(key, err)
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(sum)
}

// NationalHeadings are the columns of an export in their order.
func NationalHeadings() []string {
	out := make([]string, len(nationalColumns))
	for i, c := range nationalColumns {
		out[i] = c.name
	}
	return out
}

// NationalCells is a contract as a row under NationalHeadings.
func NationalCells(n market.NationalRow) []string {
	standing := standings[0].Name
	if n.Ended {
		standing = "已注销"
	}
	tech := ""
	if n.Tech.Valid {
		tech = n.Tech.Decimal.StringFixed(2)
	}
	return []string{n.Number, n.Title, n.SellerName, string(n.SellerUSCC), n.BuyerName, string(n.BuyerUSCC), n.Kind, n.Total.StringFixed(2), tech,
		dateCell(n.SignedOn), dateCell(n.RegisteredOn), standing}
}

// Rows writes headings and rows as a workbook, all of it text, so that long numbers keep their digits.
func Rows(w io.Writer, name string, headings []string, rows [][]string) error {
	return writeSheets(w, []textSheet{{name, headings, rows}})
}

// textSheet is a sheet whose cells are all text.
type textSheet struct {
	name     string
	headings []string
	rows     [][]string
}

// ReconcileExport writes the four lists, what agrees and the decisions of a period, with the equation first.
func ReconcileExport(w io.Writer, period market.Reconciliation, c market.Comparison, items []market.ReconcileItem, demo bool) error {
	wan := func(d decimal.Decimal) string { return d.StringFixed(2) }
	line := func(label string, s market.ListSum) []string {
		return []string{label, fmt.Sprint(s.Count), wan(s.Total)}
	}
	taken := market.ListSum{Count: c.There.Count, Total: c.There.Total.Neg()}
	summary := textSheet{"差额", []string{"项目", "份数", "合同成交额（元）"}, [][]string{line("全国系统", c.Theirs), line("加：本市有、全国无", c.Here), line("减：全国有、本市无", taken),
		line("都有、内容不一致，净差", c.Differ), line("变更、注销、撤销未同步，净差", c.Unsynced), line("本市", c.Ours)}}
	summary.rows = append(summary.rows, []string{period.Name() + "登记的合同，按现在的内容", "", ""})
	if demo {
		summary.rows = append(summary.rows, []string{"演示数据，虚构", "", ""})
	}
	sheets := []textSheet{summary}
	headings := []string{"登记编号（全国）", "登记编号（本市）", "受理号", "项目名称", "字段", "本市", "全国", "对成交额影响（元）", "办理", "决定", "说明", "决定人", "复核人"}
	for _, list := range append(slices.Clone(market.ReconcileLists), market.Code{Code: "", Name: "已改一致"}) {
		s := textSheet{name: list.Name, headings: headings}
		for _, i := range items {
			if i.List == list.Code {
				s.rows = append(s.rows, itemCells(i))
			}
		}
		sheets = append(sheets, s)
	}
	agree := textSheet{name: "一致", headings: []string{"登记编号", "项目名称", "合同成交额（元）"}}
	for _, p := range c.Agree {
		agree.rows = append(agree.rows, []string{p.Number, p.Title, wan(p.Total)})
	}
	return writeSheets(w, append(sheets, agree))
}

func itemCells(i market.ReconcileItem) []string {
	out := []string{i.Number, i.OwnNumber, i.Reference, i.Title, market.ReconcileFields.Name(i.Field), i.Ours, i.Theirs, i.Effect.StringFixed(2), market.DifferenceStates.Name(i.State), "", "", "", ""}
	if d := i.Decision; d != nil {
		out[9], out[10], out[11], out[12] = market.ReconcileChoices.Name(d.Choice), d.Reason, d.UserName, d.ConfirmedName
	}
	return out
}

// ReconcileFileName names the export by its period.
func ReconcileFileName(period market.Reconciliation, demo bool) string {
	name := "全国系统对账_" + period.Period + ".xlsx"
	if demo {
		return "演示_" + name
	}
	return name
}

// SampleName names a loaded export that is downloaded again.
func SampleName(period market.Reconciliation, at time.Time) string {
	return "全国系统导出_" + period.Period + "_" + at.In(market.Shanghai).Format("20060102") + ".xlsx"
}

// writeSheets writes sheets of text. No cell is run as a formula.
func writeSheets(w io.Writer, sheets []textSheet) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	book, err := newWorkbook(f)
	if err != nil {
		return err
	}
	for _, s := range sheets {
		widths := make([]float64, len(s.headings))
		for i := range widths {
			widths[i] = 22
		}
		out, err := book.sheet(s.name, widths)
		if err != nil {
			return err
		}
		if err := out.bold(anys(s.headings)...); err != nil {
			return err
		}
		for _, row := range s.rows {
			if err := out.row(anys(row)...); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return f.Write(w)
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}
