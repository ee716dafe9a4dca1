package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// contractFieldset makes the fields of the contract's form. ref has the codes of the day.
type contractFieldset struct {
	ref *market.Reference
	in  contractInput
	at  fieldErrors
}

// choice is a select field with a first, empty option.
func (f contractFieldset) choice(name, label, hint string, list market.Codes, value string) view.Field {
	return view.Field{Name: name, Kind: view.KindSelect, Label: label, Hint: hint, Options: selectOptions(list), Value: value, Error: f.at[name]}
}

// line is a field of one line that a draft may leave empty.
func (f contractFieldset) line(name, label, value string) view.Field {
	return view.Field{Name: name, Label: label, Value: value, Error: f.at[name]}
}

func (f contractFieldset) seller() []view.Field {
	k := f.in.contract
	return []view.Field{
		{Name: "seller_name", Label: "卖方（申请人）", Hint: "名称和代码按本单位核验的填写", Value: k.Seller.Name, Disabled: true, Error: f.at["seller_name"]},
		{Name: "seller_uscc", Kind: view.KindCode, Label: "卖方统一社会信用代码", Value: string(k.Seller.USCC), Disabled: true, Error: f.at["seller_uscc"]},
		f.choice("seller_type", "卖方性质", "", f.ref.PartyTypes, k.Seller.Type),
		f.choice("seller_region", "卖方所在地", "", regionCodes(f.ref.Regions), k.Seller.Region),
		{Name: "seller_park", Kind: view.KindSelect, Label: "卖方所在园区", Optional: true, Options: append([]view.Option{{Label: "不在园区"}}, options(f.ref.Parks)...),
			Value: k.SellerPark, Error: f.at["seller_park"]},
	}
}

func (f contractFieldset) buyer() []view.Field {
	k := f.in.contract
	fixed := k.DealID != nil
	return []view.Field{
		{Name: "buyer_name", Label: "买方", Hint: buyerHint(fixed), Value: k.Buyer.Name, Disabled: fixed, Error: f.at["buyer_name"]},
		{Name: "buyer_uscc", Kind: view.KindCode, Label: "买方统一社会信用代码", Value: string(k.Buyer.USCC), Disabled: fixed, Error: f.at["buyer_uscc"]},
		f.choice("buyer_type", "买方性质", "", f.ref.PartyTypes, k.Buyer.Type),
		f.choice("buyer_region", "买方所在地", "", regionCodes(f.ref.Regions), k.Buyer.Region),
		{Name: "agency_name", Label: "中介方", Optional: true, Hint: "促成交易的技术转移机构，写全称", Value: k.AgencyName, Error: f.at["agency_name"]},
		{Name: "related", Kind: view.KindCheck, Label: "双方是关联单位，这是关联交易", Value: checked(k.Related)},
	}
}

func buyerHint(fixed bool) string {
	if fixed {
		return "名称和代码按成交记录填写"
	}
	return "写全称，与合同一致"
}

func checked(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// regionCodes are the places as choices.
func regionCodes(regions market.Regions) market.Codes {
	out := make(market.Codes, len(regions))
	for i, r := range regions {
		out[i] = market.Code{Code: r.Code, Name: r.Name}
	}
	return out
}

// details are what the registration asks of a party beside who and where it is. The labels name the side: the fields of
// both stand on one page.
func (f contractFieldset) details(side, who string, q market.Party) []view.Field {
	name := func(field string) string { return side + "_" + field }
	classes := []view.Option{{Label: "请选择"}}
	for _, c := range f.ref.Classes {
		classes = append(classes, view.Option{Value: c.Code, Label: c.Section + c.Code + " " + c.Name})
	}
	return []view.Field{
		f.choice(name("scale"), who+"企业规模", "只有企业填", market.OrgScales, q.Scale),
		{Name: name("industry"), Kind: view.KindSelect, Label: who + "国民经济行业", Options: classes, Value: q.Industry, Error: f.at[name("industry")]},
		{Name: name("traits"), Kind: view.KindChecks, Label: who + "属于", Optional: true, Many: true, Options: options(market.PartyTraits), Values: q.Traits, Error: f.at[name("traits")]},
		f.line(name("legal_rep"), who+"法定代表人", q.LegalRep),
		f.line(name("address"), who+"地址", q.Address),
		f.line(name("contact"), who+"联系人", q.Contact),
		{Name: name("phone"), Kind: view.KindTel, Label: who + "联系电话", Value: q.Phone, Error: f.at[name("phone")]},
		{Name: name("postcode"), Label: who + "邮政编码", Optional: true, Value: q.Postcode, Error: f.at[name("postcode")]},
	}
}

func (f contractFieldset) codes() []view.Field {
	k := f.in.contract
	kinds, licences := []view.Option{{Label: "请选择"}}, []string(nil)
	for _, kind := range f.ref.ContractKinds {
		kinds = append(kinds, view.Option{Value: kind.Code, Label: kind.Name() + "（" + kind.Code + "）"})
		if kind.Licence() {
			licences = append(licences, kind.Code)
		}
	}
	licenceMode := f.choice("licence_mode", "许可方式", "技术许可合同填", f.ref.LicenceModes, k.LicenceMode)
	licenceMode.When = "kind=" + strings.Join(licences, " ")
	return []view.Field{
		{Name: "kind", Kind: view.KindSelect, Label: "合同类别", Options: kinds, Value: k.Kind, Error: f.at["kind"]},
		licenceMode,
		{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Optional: true, Options: append([]view.Option{{Label: "不属于五个专业市场"}}, options(f.ref.Submarkets)...), Value: k.Submarket, Error: f.at["submarket"]},
		f.choice("plan_source", "计划来源", "", f.ref.PlanSources, k.PlanSource),
		f.choice("tech_field", "技术领域", "登记用的法定分类", f.ref.TechFields, k.TechField),
		f.choice("economic_goal", "社会经济目标", "这项技术主要为了什么", f.ref.EconomicGoals, k.EconomicGoal),
	}
}

// special are the variants that need papers of their own.
func (f contractFieldset) special() []view.Field {
	k := f.in.contract
	return []view.Field{
		{Name: "foreign", Kind: view.KindCheck, Label: "合同文本是外文的", Hint: "申请登记前须在“材料”里上传中文译本和中外文一致性声明", Value: checked(k.Foreign), Error: f.at["foreign"]},
		{Name: "government", Kind: view.KindCheck, Label: "政府科技项目，以任务书或中标通知书申请登记", Hint: "申请登记前须在“材料”里上传任务书或中标通知书", Value: checked(k.Government), Error: f.at["government"]},
	}
}

func (f contractFieldset) rights() view.Rows {
	rows := view.Rows{Name: "ips", Label: "知识产权", Title: "清单", Two: true, Max: market.MaxRows, Error: rowsError(f.at, "ips"),
		Hint: "专利填专利号或申请号，会检查校验位；填了申请日期，会提醒许可期限是否超过保护期。不涉及知识产权的不填。",
		Cols: []view.RowCol{{Name: "type", Label: "类型", Size: "s", Options: selectOptions(f.ref.IPTypes)}, {Name: "title", Label: "名称", Size: "w"},
			{Name: "number", Label: "号码", Size: "c", Placeholder: "例：202310458217.6"}, {Name: "status", Label: "状态", Size: "s", Options: selectOptions(market.IPStatuses)},
			{Name: "filed_on", Label: "申请日期", Size: "d", Placeholder: "年-月-日"}}}
	for i, ip := range f.in.ips {
		rows.Lines = append(rows.Lines, f.rowLine("ips", i, "type", ip.Type, "title", ip.Title, "number", ip.Number, "status", ip.Status, "filed_on", ip.FiledOn))
	}
	return rows
}

// rowLine is a line of values with the messages at them; pairs are column and value.
func (f contractFieldset) rowLine(rows string, line int, pairs ...string) view.RowLine {
	var out view.RowLine
	for pair := range slices.Chunk(pairs, 2) {
		out.Cells = append(out.Cells, view.RowCell{Value: pair[1], Error: f.at[fmt.Sprintf("%s.%d.%s", rows, line, pair[0])]})
	}
	return out
}

func (f contractFieldset) amount() view.Field {
	in := f.in
	out := view.Field{Kind: view.KindMoney, Name: "total_amount", Label: "合同成交额", Hint: "合同约定的全部价款；总额未定的，填签约时能确定的数（入门费、保底）或预计数", Value: in.total, Unit: in.unit, Error: f.at["total_amount"]}
	if in.price.Valid {
		out.Hint = "合同约定的全部价款。成交记录为 " + market.FormatMoney(in.price.Decimal) + "，改动须双方重新同意"
		if in.contract.TotalAmount.Equal(in.price.Decimal) {
			out.OK = "与成交记录一致"
		}
	}
	if in.doubt != "" {
		out.Confirm = "已核对，合同成交额就是 " + market.FormatMoney(in.contract.TotalAmount)
	}
	return out
}

func (f contractFieldset) open() view.Field {
	return view.Field{Name: "amount_open", Kind: view.KindCheck, Label: "签约时还定不下总额（提成支付）", Hint: "以后按结算补充登记，原记录保留，不改写", Value: checked(f.in.contract.AmountOpen),
		Error: f.at["amount_open"]}
}

func (f contractFieldset) deductions() view.Rows {
	rows := view.Rows{Name: "deductions", Label: "扣除项", Title: "不属于技术的部分", Add: "加一项", Error: rowsError(f.at, "deductions"), Max: market.MaxRows,
		Hint: "购买设备、仪器、零部件、原材料等从成交额里扣除；合理数量的样品、图纸、软件载体不扣。没有就不填。",
		Cols: []view.RowCol{{Name: "kind", Label: "类别", Size: "s", Options: selectOptions(market.DeductionKinds)},
			{Name: "name", Label: "名称、数量", Size: "w", Max: 100}, {Name: "amount", Label: "金额（万元）", Size: "n", Decimal: true}}}
	for i, d := range f.in.rows {
		rows.Lines = append(rows.Lines, f.rowLine("deductions", i, "kind", d.kind, "name", d.name, "amount", d.amount))
	}
	return rows
}

func (f contractFieldset) expected() []view.Field {
	in := f.in
	return []view.Field{
		{Kind: view.KindMoney, Name: "added_investment", Label: "预计新增投入", Hint: "技术转让合同必填，没有的填 0；其他合同选填", Value: in.investment.Text, Unit: in.investment.Unit, Error: f.at["added_investment"]},
		{Kind: view.KindMoney, Name: "added_output", Label: "预计新增产值", Hint: "技术转让合同必填，没有的填 0；其他合同选填", Value: in.output.Text, Unit: in.output.Unit, Error: f.at["added_output"]},
	}
}

func (f contractFieldset) payment() []view.Field {
	k := f.in.contract
	return []view.Field{
		f.choice("payment_mode", "支付方式", "", f.ref.PaymentModes, k.PaymentMode),
		{Name: "royalty", Kind: view.KindArea, Lines: 2, Label: "提成约定", Optional: true, Hint: "提成支付的填：按什么提（销售额、新增产值、利润）、比例、期限，账目怎么查。例：按含税销售额 3%，自投产起 5 年，每年 3 月底前结算",
			Value: k.Royalty, Max: 500, Error: f.at["royalty"]},
		{Name: "payment_note", Kind: view.KindArea, Lines: 3, Label: "付款约定", Optional: true, Hint: "计划以外的约定，如发票、违约扣款", Value: k.PaymentNote, Max: 1000, Error: f.at["payment_note"]},
	}
}

func (f contractFieldset) plan() view.Rows {
	rows := view.Rows{Name: "instalments", Label: "付款计划", Title: "付款计划", Add: "加一期", Error: rowsError(f.at, "instalments"), Max: market.MaxRows,
		Hint: "每期写付款条件或最迟日期，至少写一样。各期合计应等于合同成交额，总额未定的除外。",
		Cols: []view.RowCol{{Name: "milestone", Label: "付款条件", Size: "w", Max: 100, Placeholder: "例：中试报告双方签字后"}, {Name: "due_on", Label: "最迟日期", Size: "d", Placeholder: "年-月-日"},
			{Name: "amount", Label: "金额（万元）", Size: "n", Decimal: true}}}
	for i, n := range f.in.instalments {
		rows.Lines = append(rows.Lines, f.rowLine("instalments", i, "milestone", n.milestone, "due_on", n.due, "amount", n.amount))
	}
	return rows
}

// planNote says how the instalments stand to the total.
func (f contractFieldset) planNote() string {
	c := f.in.contract
	sum := c.Scheduled()
	switch {
	case len(c.Instalments) == 0:
		return ""
	case c.AmountOpen:
		return "各期合计 " + market.FormatMoney(sum) + "，总额未定，以后的提成另行补充"
	case sum.Equal(c.TotalAmount):
		return "各期合计 " + market.FormatMoney(sum) + "，与合同成交额一致"
	case sum.GreaterThan(c.TotalAmount):
		return "各期合计 " + market.FormatMoney(sum) + "，比合同成交额多 " + market.FormatMoney(sum.Sub(c.TotalAmount))
	}
	return "各期合计 " + market.FormatMoney(sum) + "，比合同成交额少 " + market.FormatMoney(c.TotalAmount.Sub(sum))
}

func (f contractFieldset) dates() []view.Field {
	day := func(name, label, hint string) view.Field {
		return view.Field{Name: name, Kind: view.KindDate, Label: label, Hint: hint, Value: f.in.dates[name], Error: f.at[name]}
	}
	return []view.Field{day("signed_on", "签订日期", ""), day("starts_on", "有效期起", ""), day("ends_on", "有效期止", "须在有效期内申请登记")}
}

// conditionsOf lists the conditions of every kind of contract, that of the chosen code open: one list for each kind, and
// one for each sub-kind that has conditions of its own.
func conditionsOf(ref *market.Reference, chosen string) []kindConditions {
	var out []kindConditions
	for _, kind := range ref.ContractKinds {
		points := kind.Conditions()
		if same := slices.IndexFunc(out, func(c kindConditions) bool { return slices.Equal(c.Points, points) }); same >= 0 {
			out[same].Codes += " " + kind.Code
			out[same].Open = out[same].Open || kind.Code == chosen
			continue
		}
		name := kind.Kind
		if len(points) > len(market.ReviewPoints[kind.Kind]) {
			name = kind.Name()
		}
		out = append(out, kindConditions{Name: name, Codes: kind.Code, Points: points, Open: kind.Code == chosen})
	}
	return out
}

// contractSum is the way from 合同成交额 to 技术交易额, in yuan.
func contractSum(k market.Contract) (view.Sum, string) {
	tech := k.TotalAmount.Sub(k.Deducted())
	sum := view.Sum{Label: "从合同成交额到技术交易额，单位元",
		Lines: []view.SumLine{{Label: "合同成交额", Note: upper(k.TotalAmount), Value: market.FormatYuan(k.TotalAmount)}},
		Total: view.SumLine{Label: "技术交易额", Note: upper(tech), Value: market.FormatYuan(tech)}}
	for _, d := range k.Deductions {
		sum.Lines = append(sum.Lines, view.SumLine{Op: "−", Label: cmp.Or(market.DeductionKinds.Name(d.Kind), "未选类别") + "：" + cmp.Or(strings.TrimSpace(d.Name), "未写名称"),
			Value: market.FormatYuan(d.Amount)})
	}
	switch {
	case !k.TotalAmount.IsPositive():
		return sum, "填写合同成交额后算出"
	case !tech.IsPositive():
		return sum, "扣除项合计应小于合同成交额"
	}
	return sum, "占成交额 " + view.Pct(tech.Div(k.TotalAmount))
}

func upper(yuan decimal.Decimal) string {
	if !yuan.IsPositive() {
		return ""
	}
	return market.Uppercase(yuan)
}
