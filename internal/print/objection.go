package print

import (
	"time"

	"techmarket/internal/market"
)

// ObjectionReply answers who objected to a contract.
func ObjectionReply(c market.Contract, ref *market.Reference, x market.Objection, p Progress) Paper {
	kind, _ := ref.ContractKind(c.Kind)
	row := func(label, text string) Row { return Row{head(label), wide(text)} }
	letter := x.LetterOn.Format("2006 年 1 月 2 日") + "提出的异议"
	if x.Objector != "applicant" {
		letter = x.LetterOn.Format("2006 年 1 月 2 日") + "来函（" + x.LetterNumber + "）"
	}
	rows := []Row{row("项目名称", c.Title), row("合同类别", kind.Name()), row("受理号、登记编号", c.Number+"\n"+or(c.RegistrationNumber, "没有登记")), row("卖方（申请人）", c.Seller.Name+"\n"+string(c.Seller.USCC)),
		row("买方", c.Buyer.Name+"\n"+string(c.Buyer.USCC)), row("合同成交额", market.FormatYuan(c.TotalAmount)+" 元"), row("技术交易额", market.FormatYuan(c.TechAmount)+" 元"),
		row("签订日期", c.SignedOn.Format(time.DateOnly)), row("结论", x.OutcomeName())}
	if x.Removal.Ground != "" {
		rows = append(rows, row("情形", x.Removal.Ground+" "+ref.GroundName(x.Removal.Ground)), row("享受优惠情况", market.Benefits.Name(x.Removal.Benefits)))
	}
	rows = append(rows, row("理由", x.Reason))
	then := map[string]string{"changed": "我单位已通知申请人办理变更登记，重新核定后另行告知。", "cancelled": "登记证明同时失效，请对已经享受的优惠依法处理。", "revoked": "登记证明同时失效，请对已经享受的优惠依法处理。"}[x.Outcome]
	end := []string{"特此函复。"}
	if then != "" {
		end = []string{then, end[0]}
	}
	return Paper{Title: "技术合同登记异议复函", Whole: true, Top: []string{"受理号：" + c.Number},
		Blocks: []Block{
			{Text: []string{x.Name + "：", "你单位" + letter + "收悉。经我单位两名登记人员重新审查，现就下列技术合同函复如下。"}},
			{Rows: rows}, {Text: end}, {Signs: []Sign{{}, {Who: []string{p.Organiser, "（登记专用章）"}, Day: day(*x.DecidedAt)}}},
		}, Foot: foot(p), Link: link(c, p)}
}
