package print

import (
	"time"

	"techmarket/internal/market"
)

// RemovalNotice tells tax and finance that a contract is off the register, so that they can look after benefits that went
// with it.
func RemovalNotice(c market.Contract, ref *market.Reference, m market.Removal, p Progress) Paper {
	kind, _ := ref.ContractKind(c.Kind)
	act := map[market.ContractState]string{market.ContractCancelled: "注销", market.ContractRevoked: "撤销"}[c.State]
	row := func(label, text string) Row { return Row{head(label), wide(text)} }
	total, tech := c.TotalAmount.Add(p.Supplemented), c.TechAmount
	amounts := []Row{row("合同成交额", market.FormatYuan(total)+" 元\n"+market.Uppercase(total)), row("登记时的技术交易额", market.FormatYuan(tech)+" 元")}
	return Paper{Title: "技术合同登记" + act + "告知书", Whole: true, Top: []string{"登记编号：" + c.RegistrationNumber, "受理号：" + c.Number},
		Blocks: []Block{
			{Text: []string{"主管税务机关、财政部门：", "下列技术合同的认定登记，我单位已于 " + day(m.At) + act + "，登记证明同时失效。现将有关情况告知，请对已经享受的优惠依法处理。"}},
			{Rows: append(append([]Row{row("项目名称", c.Title), row("合同类别", kind.Name()), row("卖方（申请人）", c.Seller.Name+"\n"+string(c.Seller.USCC)), row("买方", c.Buyer.Name+"\n"+string(c.Buyer.USCC))}, amounts...),
				row("签订日期", c.SignedOn.Format(time.DateOnly)), row("登记日期", registered(c)), row(act+"的情形", m.Ground+" "+ref.GroundName(m.Ground)), row("原因", m.Note),
				row("享受优惠情况", market.Benefits.Name(m.Benefits)))},
			{Text: []string{"本单位的成交额统计已按" + act + "日期减去上列金额，原登记保留备查。"}},
			{Signs: []Sign{{}, {Who: []string{p.Organiser, "（登记专用章）"}, Day: day(m.At)}}},
		}, Foot: foot(p), Link: link(c, p)}
}
