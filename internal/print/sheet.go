package print

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// Progress is what the registration form says of the way of a contract; zero days have not come.
type Progress struct {
	Organiser     string // who registers
	Submitted     time.Time
	On            string // the stamp of the agency that handed it in
	First, Second string // names of the reviewers, "" where the reader may not know
	FirstAt       time.Time
	SecondAt      time.Time
	TextHash      string       // SHA-256 of the signed text
	Seal          *market.Seal // of the newest ledger entry, nil when there is none yet
	Check         string       // address of the page that checks papers
	FullPhones    bool         // for the desk's own copy
	Demo          bool
	Version       int       // of the registration; above 1 it was changed
	Since         time.Time // the day of that version
	Supplemented  decimal.Decimal
}

// Form is the 技术合同登记表 in the field order of the national form, on one page.
func Form(c market.Contract, ref *market.Reference, p Progress) Paper {
	kind, _ := ref.ContractKind(c.Kind)
	out := Paper{Title: "技术合同登记表", Whole: true, Top: []string{"受理号：" + c.Number, "登记机构：" + p.Organiser, "登记编号：" + or(c.RegistrationNumber, "　　　　　　　　")}}
	amounts := []Row{{Cell{Text: "金额（元）", Head: true, Span: 4}}, {head("合同成交额"), wide(market.FormatYuan(c.TotalAmount) + "　" + market.Uppercase(c.TotalAmount) + open(c))}}
	for _, d := range c.Deductions {
		amounts = append(amounts, Row{head("减：" + market.DeductionKinds.Name(d.Kind)), wide(market.FormatYuan(d.Amount) + "　" + d.Name)})
	}
	amounts = append(amounts, Row{head("技术交易额"), wide(market.FormatYuan(c.TechAmount) + "　" + market.Uppercase(c.TechAmount))},
		Row{head("预计新增投入"), Cell{Text: optionalYuan(c.AddedInvestment)}, head("预计新增产值"), Cell{Text: optionalYuan(c.AddedOutput)}},
		Row{head("支付方式"), wide(ref.PaymentModes.Name(c.PaymentMode) + planOf(c))})
	rows := []Row{
		{head("项目名称"), wide(c.Title)},
		{head("合同类别"), Cell{Text: kind.Name() + "（" + c.Kind + "）" + prefixed("，", ref.LicenceModes.Name(c.LicenceMode))}, head("技术领域"), Cell{Text: ref.TechFields.Name(c.TechField)}},
		{head("知识产权"), Cell{Text: ref.IPTypes.Name(c.IPType) + rightsOf(c)}, head("计划来源"), Cell{Text: ref.PlanSources.Name(c.PlanSource)}},
		{head("签订日期"), Cell{Text: c.SignedOn.Format(time.DateOnly)}, head("有效期"), Cell{Text: c.StartsOn.Format(time.DateOnly) + " 至 " + c.EndsOn.Format(time.DateOnly)}},
		{head("社会经济目标"), Cell{Text: or(ref.EconomicGoals.Name(c.EconomicGoal), "—")}, head("关联交易"), Cell{Text: yesNo(c.Related)}},
		{Cell{Text: "卖方（申请人）", Head: true, Span: 2}, Cell{Text: "买方", Head: true, Span: 2}},
	}
	for _, line := range []struct {
		label string
		of    func(market.Party) string
	}{
		{"名称", func(q market.Party) string { return q.Name }},
		{"统一社会信用代码", func(q market.Party) string { return string(q.USCC) }},
		{"性质、规模", func(q market.Party) string {
			return ref.PartyTypes.Name(q.Type) + "（" + q.Type + "）" + prefixed("，", market.OrgScales.Name(q.Scale))
		}},
		{"所在地", func(q market.Party) string { return ref.Regions.Name(q.Region) + "（" + q.Region + "）" }},
		{"国民经济行业", func(q market.Party) string { return or(ref.ClassName(q.Industry), "—") }},
		{"技术转移／研发机构／转制院所", func(q market.Party) string {
			return yesNo(q.Has("transfer")) + "／" + yesNo(q.Has("research")) + "／" + yesNo(q.Has("converted"))
		}},
		{"高新区内／上市", func(q market.Party) string { return yesNo(q.Has("hightech")) + "／" + yesNo(q.Has("listed")) }},
		{"地址、邮编", func(q market.Party) string { return or(strings.TrimSpace(q.Address+" "+q.Postcode), "—") }},
		{"法定代表人", func(q market.Party) string { return or(q.LegalRep, "—") }},
		{"联系人、电话", func(q market.Party) string {
			phone := q.Phone
			if !p.FullPhones {
				phone = MaskPhone(phone)
			}
			return or(strings.TrimSpace(q.Contact+" "+phone), "—")
		}},
	} {
		rows = append(rows, Row{head(line.label), Cell{Text: line.of(c.Seller)}, head(line.label), Cell{Text: line.of(c.Buyer)}})
	}
	rows = append(rows, Row{head("中介方"), wide(or(c.AgencyName, blank))})
	declared := "申请人声明：所填内容与合同一致，材料真实，愿承担相应责任。"
	if p.On != "" {
		declared += p.On + "提交。"
	}
	signs := []Row{
		{Cell{Text: declared, Span: 2, Sign: &Sign{Left: "（盖章）", Day: day(p.Submitted)}}, Cell{Text: "初审意见：", Span: 2, Sign: &Sign{Left: p.First + "（签字）", Day: day(p.FirstAt)}}},
		{Cell{Text: "复审意见：", Span: 2, Sign: &Sign{Left: p.Second + "（签字）", Day: day(p.SecondAt)}}, Cell{Text: "登记机构：", Span: 2, Sign: &Sign{Left: "（登记专用章）", Day: registered(c)}}},
	}
	out.Blocks = []Block{{Rows: append(append(rows, amounts...), signs...)}}
	out.Link = link(c, p)
	out.Foot = append([]string{"登记日期以全国系统为准；变更、注销请回本登记机构办理。"}, foot(p)...)
	return out
}

func foot(p Progress) []string {
	var out []string
	if p.Seal != nil {
		out = append(out, fmt.Sprintf("成交额账本第 %d 条，核验码：%s。扫码，或打开 %s 填登记编号和核验码，可以核对真伪。", p.Seal.Seq, p.Seal.Code(), p.Check))
	}
	if p.TextHash != "" {
		out = append(out, "合同文本 SHA-256："+p.TextHash)
	}
	if p.Demo {
		out = append(out, "演示：单位、人员、编号与金额均为虚构。")
	}
	return out
}

// link is where the paper can be checked, "" when its ledger entry is not sealed.
func link(c market.Contract, p Progress) string {
	if p.Seal == nil {
		return ""
	}
	return p.Check + "?" + p.Seal.Query(c.RegistrationNumber)
}

func registered(c market.Contract) string {
	if c.RegisteredOn == nil {
		return day(time.Time{})
	}
	return day(*c.RegisteredOn)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func open(c market.Contract) string {
	if c.AmountOpen {
		return "（总额未定）"
	}
	return ""
}

// rightsOf names the rights by their numbers.
func rightsOf(c market.Contract) string {
	var numbers []string
	for _, ip := range c.IPs {
		if ip.Patent() {
			numbers = append(numbers, market.PatentNumber(ip.Number).Display(ip.Status == "granted"))
		} else if ip.Number != "" {
			numbers = append(numbers, ip.Number)
		}
	}
	if len(numbers) == 0 {
		return ""
	}
	if len(numbers) > 3 {
		return fmt.Sprintf("（%s 等 %d 项）", strings.Join(numbers[:3], "、"), len(numbers))
	}
	return "（" + strings.Join(numbers, "、") + "）"
}

// planOf is the plan of payment in parts of the total: 30%／40%／30%.
func planOf(c market.Contract) string {
	if len(c.Instalments) < 2 || len(c.Instalments) > 6 || !c.TotalAmount.IsPositive() || c.AmountOpen {
		return ""
	}
	parts := make([]string, len(c.Instalments))
	for i, n := range c.Instalments {
		parts[i] = n.Amount.Shift(2).Div(c.TotalAmount).Round(1).String() + "%"
	}
	return "：" + strings.Join(parts, "／")
}

// Certificate says that a contract is registered. It is one more paper of the market; what the law calls for is the
// number, and the national system's own certificate.
func Certificate(c market.Contract, ref *market.Reference, p Progress) Paper {
	kind, _ := ref.ContractKind(c.Kind)
	row := func(label, text string) Row { return Row{head(label), wide(text)} }
	var more []Row
	if p.Supplemented.IsPositive() {
		more = append(more, row("登记后补充的提成", market.FormatYuan(p.Supplemented)+" 元\n合计 "+market.FormatYuan(c.TotalAmount.Add(p.Supplemented))+" 元"))
	}
	if p.Version > 1 {
		more = append(more, row("变更", fmt.Sprintf("第 %d 版，%s 重新核定", p.Version, day(p.Since))))
	}
	return Paper{Title: "技术合同登记证明", Whole: true, Large: true, Top: []string{"登记编号：" + c.RegistrationNumber, "受理号：" + c.Number},
		Blocks: []Block{
			{Text: []string{"下列技术合同已在全国技术合同管理与服务系统办理认定登记，登记编号由该系统给出。"}},
			{Rows: append([]Row{row("项目名称", c.Title), row("合同类别", kind.Name()), row("卖方（申请人）", c.Seller.Name+"\n"+string(c.Seller.USCC)), row("买方", c.Buyer.Name+"\n"+string(c.Buyer.USCC)),
				row("中介方", or(c.AgencyName, blank)), row("合同成交额", market.FormatYuan(c.TotalAmount)+" 元"+open(c)+"\n"+market.Uppercase(c.TotalAmount)),
				row("技术交易额", market.FormatYuan(c.TechAmount)+" 元\n"+market.Uppercase(c.TechAmount)), row("签订日期", day(c.SignedOn)), row("登记日期", registered(c))}, more...)},
			{Text: []string{"本证明只说明登记的事实和登记时申报的内容，不对技术的价值、权属和合同的履行作出保证。享受优惠以主管机关认定为准。"}},
			{Signs: []Sign{{}, {Who: []string{p.Organiser, "（登记专用章）"}, Day: registered(c)}}},
		}, Foot: foot(p), Link: link(c, p)}
}

func optionalYuan(sum decimal.NullDecimal) string {
	if !sum.Valid {
		return "—"
	}
	return market.FormatYuan(sum.Decimal)
}
