package sheet

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// NationalField is a field of the national system's web form.
type NationalField struct {
	Group string
	Label string
	Name  string // the form's own name of its element, "" where it has none that is known
	Value string
}

// NationalFields are a contract's fields in the order and units of the national form: sums in yuan without commas.
func NationalFields(c market.Contract, ref *market.Reference) []NationalField {
	kind, _ := ref.ContractKind(c.Kind)
	b, day := c.Buyer, func(t time.Time) string { return t.Format(time.DateOnly) }
	var rights []string
	for _, ip := range c.IPs {
		number := ip.Number
		if ip.Patent() {
			number = market.PatentNumber(ip.Number).Display(ip.Status == "granted")
		}
		rights = append(rights, strings.TrimSpace(ref.IPTypes.Name(ip.Type)+" "+number+" "+ip.Title))
	}
	deducted := make([]string, len(c.Deductions))
	for i, d := range c.Deductions {
		deducted[i] = market.DeductionKinds.Name(d.Kind) + " " + d.Name + " " + d.Amount.StringFixed(2)
	}
	fields := []NationalField{
		{"合同", "项目名称", "projectname", c.Title},
		{"合同", "买方名称", "buyername", b.Name},
		{"合同", "合同成交额（元）", "totalamount", c.TotalAmount.StringFixed(2)},
		{"合同", "技术交易额（元）", "technicalamount", c.TechAmount.StringFixed(2)},
		{"合同", "签订日期", "signdate", day(c.SignedOn)},
		{"合同", "合同起始日期", "contractbegindate", day(c.StartsOn)},
		{"合同", "合同终止日期", "contractenddate", day(c.EndsOn)},
		{"合同", "支付方式", "paymethod", ref.PaymentModes.Name(c.PaymentMode)},
		{"合同", "是否关联交易", "isrelated", yesNo(c.Related)},
		{"合同", "计划来源", "projectplantype", ref.PlanSources.Name(c.PlanSource)},
		{"合同", "知识产权", "ipr", ref.IPTypes.Name(c.IPType)},
		{"合同", "合同类型", "contracttype", kind.Name()},
		{"合同", "技术领域", "techarea", ref.TechFields.Name(c.TechField)},
		{"买方", "买方性质", "buyertype", ref.PartyTypes.Name(b.Type)},
		{"买方", "是否技术转移机构", "buyer_jszyjg", yesNo(b.Has("transfer"))},
		{"买方", "是否研发机构", "buyer_isyfjg", yesNo(b.Has("research"))},
		{"买方", "是否转制科研院所", "buyer_zzkyys", yesNo(b.Has("converted"))},
	}
	if b.Firm() {
		fields = append(fields, NationalField{"买方", "是否高新区内企业", "buyer_countrygxqqy", yesNo(b.Has("hightech"))}, NationalField{"买方", "是否上市公司", "buyer_islist", yesNo(b.Has("listed"))},
			NationalField{"买方", "企业规模", "buyer_scale", market.OrgScales.Name(b.Scale)})
	}
	fields = append(fields, []NationalField{
		{"买方", "国民经济行业", "", ref.ClassName(b.Industry)},
		{"买方", "地址", "buyer_address", b.Address},
		{"买方", "法人代表", "buyer_representative", b.LegalRep},
		{"买方", "联系人", "buyer_contact", b.Contact},
		{"买方", "联系电话", "buyer_contacttel", b.Phone},
		{"买方", "邮编", "buyer_zipcode", b.Postcode},
		{"买方", "统一社会信用代码", "", string(b.USCC)},
		{"买方", "所在地区", "", ref.Regions.Name(b.Region) + " " + b.Region},
		{"其他", "社会经济目标", "", ref.EconomicGoals.Name(c.EconomicGoal)},
		{"其他", "知识产权清单", "", strings.Join(rights, "；")},
		{"其他", "许可方式", "", ref.LicenceModes.Name(c.LicenceMode)},
		{"其他", "扣除项", "", strings.Join(deducted, "；")},
		{"其他", "总额是否确定", "", yesNo(!c.AmountOpen)},
		{"其他", "预计新增投入（元）", "", plainSum(c.AddedInvestment.Valid, c.AddedInvestment.Decimal.StringFixed(2))},
		{"其他", "预计新增产值（元）", "", plainSum(c.AddedOutput.Valid, c.AddedOutput.Decimal.StringFixed(2))},
		{"其他", "卖方名称", "", c.Seller.Name},
		{"其他", "卖方统一社会信用代码", "", string(c.Seller.USCC)},
		{"其他", "中介方", "", c.AgencyName},
		{"其他", "受理号", "", c.Number},
		{"其他", "登记编号", "", c.RegistrationNumber},
	}...)
	return fields
}

func plainSum(valid bool, text string) string {
	if !valid {
		return ""
	}
	return text
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// NationalXLSX writes a contract's fields in the order of the national form: a row each. All values are text, so that a
// long code keeps its digits and no value is run as a formula.
func NationalXLSX(c market.Contract, ref *market.Reference) (content []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	const name = "全国系统字段"
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	rows := [][]string{{"序号", "部分", "字段", "全国系统元素名", "值"}}
	for i, field := range NationalFields(c, ref) {
		rows = append(rows, []string{strconv.Itoa(i + 1), field.Group, field.Label, field.Name, field.Value})
	}
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := f.SetSheetRow(name, cell, &row); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(f.SetColWidth(name, "A", "B", 8), f.SetColWidth(name, "C", "D", 24), f.SetColWidth(name, "E", "E", 60),
		f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}
