package print

import (
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
)

// clause is a numbered part of a contract.
type clause struct {
	title string
	text  []string
}

// model is what the contracts of a kind share: the parties' names and the clauses.
type model struct {
	title   string
	buyer   string // 甲方
	seller  string // 乙方
	clauses func(contractText) []clause
}

// models are the five kinds' own wordings on one skeleton: subject, plan, price, change, risk, secrecy, acceptance, breach,
// contacts, end, disputes, terms, annexes and copies.
var models = map[string]model{
	"技术开发": {"技术开发合同", "委托方", "研究开发方", contractText.development},
	"技术转让": {"技术转让合同", "受让方", "让与方", contractText.transfer},
	"技术许可": {"技术许可合同", "被许可方", "许可方", contractText.licence},
	"技术咨询": {"技术咨询合同", "委托方", "受托方", contractText.consulting},
	"技术服务": {"技术服务合同", "委托方", "受托方", contractText.service},
}

// contractText writes the clauses of one contract.
type contractText struct {
	c    market.Contract
	ref  *market.Reference
	kind market.ContractKind
}

// Contract is the contract by the model of its kind, filled in with what is known. What was not agreed on reads 无.
func Contract(c market.Contract, ref *market.Reference, demo bool) Paper {
	kind, _ := ref.ContractKind(c.Kind)
	m := models[kind.Kind]
	t := contractText{c, ref, kind}
	title := m.title
	if kind.SubKind != kind.Kind {
		title += "（" + kind.SubKind + "）"
	}
	row := func(label, text string) Row { return Row{head(label), wide(text)} }
	out := Paper{Title: title, Top: []string{"合同编号：　　　　　　　　", "市场受理号：" + c.Number},
		Blocks: []Block{
			{Rows: []Row{row("项目名称", c.Title), row(m.buyer+"（甲方）", c.Buyer.Name), row(m.seller+"（乙方）", c.Seller.Name), row("中介方", or(c.AgencyName, blank)),
				row("签订时间", day(c.SignedOn)), row("签订地点", t.place()), row("有效期限", day(c.StartsOn)+"至 "+day(c.EndsOn))}},
			{Heading: "填写说明", Text: []string{"本合同依据《中华人民共和国民法典》第三编第二十章“技术合同”拟订，供双方参考使用。内容由双方在平台上填写的信息生成，签署前请逐条核对；双方没有约定的条款注明“无”，需要增删的另附补充条款。"}},
			{Heading: "当事人", Rows: append(t.party(m.buyer+"（甲方）", c.Buyer), t.party(m.seller+"（乙方）", c.Seller)...)},
		}}
	for i, part := range m.clauses(t) {
		out.Blocks = append(out.Blocks, Block{Heading: fmt.Sprintf("第%s条　%s", numeral(i+1), part.title), Text: part.text})
	}
	signs := []Sign{{Who: []string{"甲方（盖章）：" + c.Buyer.Name, "法定代表人或委托代理人（签字）："}, Day: day(time.Time{})},
		{Who: []string{"乙方（盖章）：" + c.Seller.Name, "法定代表人或委托代理人（签字）："}, Day: day(time.Time{})}}
	if c.AgencyName != "" {
		signs = append(signs, Sign{Who: []string{"中介方（盖章）：" + c.AgencyName, "经办人（签字）："}, Day: day(time.Time{})})
	}
	out.Blocks = append(out.Blocks, Block{Signs: signs})
	out.Foot = foot(Progress{Demo: demo})
	return out
}

// numeral is a number up to 99 in Chinese.
func numeral(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 10:
		return digits[n]
	case n < 20:
		return "十" + digits[n-10]
	}
	return digits[n/10] + "十" + digits[n%10]
}

func (t contractText) place() string { return or(t.ref.Regions.Name(t.c.Seller.Region), blank) }

func (t contractText) party(label string, q market.Party) []Row {
	return []Row{
		{Cell{Text: label, Head: true, Span: 4}},
		{head("名称"), wide(q.Name)},
		{head("统一社会信用代码"), Cell{Text: string(q.USCC)}, head("法定代表人"), Cell{Text: orBlank(q.LegalRep)}},
		{head("住所地、邮编"), wide(orBlank(strings.TrimSpace(q.Address + " " + q.Postcode)))},
		{head("项目联系人"), Cell{Text: orBlank(q.Contact)}, head("联系电话"), Cell{Text: orBlank(q.Phone)}},
	}
}

// content is what the parties wrote of the subject, a paragraph a line.
func (t contractText) content() []string {
	text := strings.TrimSpace(t.c.Content)
	if text == "" {
		return []string{blank}
	}
	return strings.Split(text, "\n")
}

func (t contractText) period() string { return day(t.c.StartsOn) + "至 " + day(t.c.EndsOn) }

// price is the clause about money; what names what is paid for.
func (t contractText) price(title, what string) clause {
	c := t.c
	text := []string{what + "总额为" + inWords(c.TotalAmount) + "，支付方式：" + t.ref.PaymentModes.Name(c.PaymentMode) + "。"}
	if c.AmountOpen {
		text = []string{what + "的总额在签订时不能确定，签订时能够确定或预计的金额为" + inWords(c.TotalAmount) + "，支付方式：" + t.ref.PaymentModes.Name(c.PaymentMode) + "；以后按实际结算另行书面确认。"}
	}
	if c.Royalty != "" {
		text = append(text, "提成约定："+c.Royalty+"。乙方有权查阅与提成有关的账目，查阅中知悉的商业秘密应当保密。")
	}
	for i, n := range c.Instalments {
		when := strings.TrimSpace(n.Milestone)
		if n.DueOn != nil {
			when = strings.Trim(when+"，最迟 "+day(*n.DueOn), "，")
		}
		text = append(text, fmt.Sprintf("（%d）%s，支付 %s 元；", i+1, when, market.FormatYuan(n.Amount)))
	}
	for _, d := range c.Deductions {
		text = append(text, "总额中包含"+market.DeductionKinds.Name(d.Kind)+"“"+d.Name+"” "+market.FormatYuan(d.Amount)+" 元，不属于技术交易额。")
	}
	text = append(text, "其他付款约定："+orBlank(c.PaymentNote), "收款账户：以乙方加盖公章的书面通知为准，开户名应与乙方名称一致。")
	return clause{title, text}
}

// rights lists the intellectual property that the contract is about.
func (t contractText) rights() []string {
	var out []string
	for i, ip := range t.c.IPs {
		number := ip.Number
		if ip.Patent() {
			number = market.PatentNumber(ip.Number).Display(ip.Status == "granted")
		}
		out = append(out, fmt.Sprintf("（%d）%s：%s，号码 %s，%s；", i+1, t.ref.IPTypes.Name(ip.Type), orBlank(ip.Title), orBlank(number), market.IPStatuses.Name(ip.Status)))
	}
	if len(out) == 0 {
		return []string{"权利清单：" + blank}
	}
	return out
}

var (
	changes = clause{"变更", []string{"合同的变更由双方协商一致，并以书面形式确定。一方提出变更请求的，另一方应在收到后 15 日内书面答复；逾期不答复的，视为不同意。"}}
	secrecy = clause{"保密", []string{"双方对因本合同知悉的对方技术秘密和商业秘密负有保密义务，未经书面同意不得向第三方披露，不得用于本合同以外的目的。",
		"涉密人员限于履行本合同所必需的人员；保密期限至该信息为公众所知悉时止，不因合同终止而免除。泄露的一方赔偿由此造成的损失。"}}
	disputes = clause{"争议解决", []string{"因本合同发生的争议，双方先行协商或者申请调解；协商、调解不成的，依法向有管辖权的人民法院起诉。双方另有书面仲裁协议的，从其约定。"}}
	terms    = clause{"名词和术语", []string{blank}}
	breach   = clause{"违约责任", []string{"一方不履行合同义务或者履行不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。逾期付款或者逾期交付的，按日支付相应金额万分之三的违约金；造成的损失超过违约金的，补足差额。"}}
	ending   = clause{"解除", []string{"有下列情形之一，致使合同的履行成为不必要或者不可能的，一方可以通知另一方解除：（1）发生不可抗力；（2）合同标的的技术已经由他人公开，继续履行没有意义；（3）另一方迟延履行主要义务，经催告后在合理期限内仍未履行。解除应当以书面形式通知。"}}
	contacts = clause{"项目联系人", []string{"双方的项目联系人见“当事人”栏，负责日常联络、进度通报和资料交接。一方变更联系人的，应当及时书面通知另一方；未通知影响履行的，承担相应责任。"}}
)

// ends are the clauses with which every contract closes.
func (t contractText) ends() []clause {
	annexes := "合同附件：" + blank
	if t.c.Foreign {
		annexes = "本合同以外文订立，附中文译本和双方签章的一致性声明；两种文本不一致的，以双方声明所定的为准。"
	}
	if t.c.Government {
		annexes += "本项目系政府科技项目，任务书或者中标通知书为本合同附件。"
	}
	broker := "中介方：" + blank
	if t.c.AgencyName != "" {
		broker = "本合同由" + t.c.AgencyName + "作为中介方促成，中介服务的内容和报酬由委托其服务的一方与其另行约定。"
	}
	return []clause{breach, contacts, ending, disputes, terms, {"其他约定", []string{broker, annexes, "双方" + map[bool]string{true: "是", false: "不是"}[t.c.Related] + "关联单位。"}},
		{"份数和效力", []string{"本合同一式肆份，双方各执贰份，具有同等法律效力。"}},
		{"生效", []string{"本合同自双方签字盖章之日起生效。乙方可以在合同有效期内向技术合同登记机构申请认定登记，登记的要素以本合同为准。"}}}
}

func (t contractText) development() []clause {
	division := []string{"未经甲方书面同意，乙方不得将主要研究开发工作交由第三方承担。"}
	ownership := "乙方完成的发明创造，专利申请权属于乙方；乙方取得专利权的，甲方可以依法实施，并在乙方转让专利申请权时享有以同等条件优先受让的权利。技术秘密成果的使用权、转让权由双方各自享有，双方另有约定的从其约定。"
	if t.kind.Code == "D2" {
		division = []string{"双方按照约定进行投资、分工参与研究开发工作、协作配合。各自承担的工作以双方确认的分工表为准；未经对方书面同意，不得将自己承担的主要工作交由第三方。"}
		ownership = "双方共同完成的发明创造，专利申请权属于双方共有；一方转让其共有的专利申请权的，另一方享有以同等条件优先受让的权利。技术秘密成果的使用权、转让权由双方各自享有，双方另有约定的从其约定。"
	}
	return append([]clause{
		{"研究开发的目标、内容和技术要求", t.content()},
		{"研究开发计划", []string{"履行期限：" + t.period() + "。阶段和节点以付款计划所列条件为准；乙方应当在每个节点向甲方提交书面进展报告。"}},
		t.price("研究开发经费和报酬", "研究开发经费和报酬"),
		{"协作事项", []string{"甲方应当按照约定提供技术资料、样品和试验条件，完成协作事项；因甲方未提供造成的延误，乙方的履行期限相应顺延。"}},
		changes, {"研究开发的分工", division},
		{"技术风险", []string{"在履行过程中出现无法克服的技术困难，致使研究开发失败或者部分失败的，风险由双方合理分担；发现可能失败的一方应当及时通知另一方，并采取措施减少损失，没有及时通知并致使损失扩大的，对扩大的损失承担责任。"}},
		{"技术已经公开", []string{"作为标的的技术已经由他人公开，致使履行没有意义的，知悉的一方应当在 15 日内通知另一方，双方可以解除合同。"}},
		secrecy,
		{"成果的交付和验收", []string{"乙方按照第一条的指标交付成果，甲方在收到后 30 日内组织验收，按照约定的检验方法检测，合格的出具书面验收意见；逾期不组织验收又不提出异议的，视为验收合格。"}},
		{"成果的归属和收益分配", append([]string{ownership}, t.rights()...)},
	}, t.ends()...)
}

func (t contractText) transfer() []clause {
	return append([]clause{
		{"转让的技术", append(t.content(), t.rights()...)},
		{"技术资料的交付", []string{"乙方应当在合同生效后 30 日内，向甲方交付实施该技术所需的全部资料（权利证书、说明书、图纸、工艺和检验规程等），并提供清单，双方签收。"}},
		{"转让前的实施和许可", []string{"合同签订前乙方已经实施该技术、或者已经许可他人实施的情况：" + blank + "。原许可合同的权利义务自权利转移之日起由甲方承受，双方另有约定的除外。"}},
		t.price("转让价款", "转让价款"),
		{"权利保证", []string{"乙方保证自己是所转让技术的合法拥有者，所提供的技术完整、无误、有效，能够达到约定的目标；没有已知的权利争议。甲方按照约定实施侵害他人合法权益的，由乙方承担责任，双方另有约定的除外。"}},
		{"权利转移的手续", []string{"依法应当登记、公告的，由乙方负责办理，甲方予以配合；权利自登记之日转移。登记前该权利被驳回、撤回或者宣告无效的，已付价款的返还按照公平原则处理。"}},
		{"技术指导", []string{"乙方应当提供必要的技术指导，使甲方人员能够掌握该技术；次数、地点和费用由双方另行商定，没有商定的在合同价款之内。"}},
		{"后续改进", []string{"一方对该技术作出的后续改进，成果归改进方，另一方无权分享，双方另有约定的除外。本合同不限制任何一方的技术竞争和技术发展。"}},
		{"预期效益", []string{"预计新增投入 " + optionalYuan(t.c.AddedInvestment) + " 元，预计新增产值 " + optionalYuan(t.c.AddedOutput) + " 元，供登记统计使用，不构成乙方的保证。"}},
		changes, secrecy,
		{"验收", []string{"甲方按照交付的资料实施，连续运行达到第一条指标的，视为验收合格；没有约定指标的，资料齐全、能够实施即为合格。"}},
	}, t.ends()...)
}

func (t contractText) licence() []clause {
	mode := or(t.ref.LicenceModes.Name(t.c.LicenceMode), blank)
	meaning := map[string]string{"exclusive": "在约定范围和期限内只许可甲方一家实施，乙方自己也不得实施", "sole": "在约定范围和期限内只许可甲方一家实施，乙方自己可以实施",
		"ordinary": "乙方可以再许可他人实施，也可以自己实施", "open": "依照乙方声明的条件普通许可"}[t.c.LicenceMode]
	return append([]clause{
		{"许可的技术", append(t.content(), t.rights()...)},
		{"许可的方式、范围和期限", []string{"许可方式：" + mode + prefixed("，即", meaning) + "。", "许可期限：" + t.period() + "。专利权有效期届满或者被宣告无效的，许可随之终止。", "实施地域和产品范围：" + blank + "；没有另行约定的，为中华人民共和国境内、甲方自己使用，不得再许可第三方。"}},
		{"技术资料和指导", []string{"乙方应当在合同生效后 30 日内交付实施该技术所需的资料，并提供必要的技术指导。"}},
		t.price("使用费", "使用费"),
		{"权利保证和维持", []string{"乙方保证自己有权许可，所提供的技术完整、有效；在许可期限内应当按时缴纳年费，积极应对宣告无效的请求，维持权利有效。甲方按照约定实施侵害他人合法权益的，由乙方承担责任，双方另有约定的除外。"}},
		{"对侵权的处理", []string{"发现第三方侵权的，双方应当互相通知；独占许可的甲方可以单独起诉，排他许可的甲方在乙方不起诉时可以起诉，普通许可的甲方经乙方明确授权可以起诉。"}},
		{"后续改进", []string{"一方作出的后续改进归改进方；互相提供的条件另行商定。乙方不得限制甲方研究开发、改进技术，不得限制甲方从其他来源获得技术、设备和原料，不得禁止甲方对权利的有效性提出异议。"}},
		changes, secrecy,
		{"验收", []string{"甲方按照交付的资料实施，达到约定指标的出具书面验收意见；资料收到后 60 日内不提出异议的，视为资料合格。"}},
	}, t.ends()...)
}

func (t contractText) consulting() []clause {
	return append([]clause{
		{"咨询的技术项目、内容和要求", t.content()},
		{"进度和期限", []string{"履行期限：" + t.period() + "。乙方按期提交咨询报告或者解答问题；甲方补充要求的，期限相应顺延。"}},
		{"甲方的协作", []string{"甲方应当阐明咨询的问题，按照约定提供技术背景材料和有关数据，接受乙方的工作成果。未按照约定提供、影响工作进度和质量的，支付的报酬不得追回，未支付的应当支付。"}},
		t.price("报酬", "咨询报酬"),
		changes, secrecy,
		{"成果和验收", []string{"成果为咨询报告或者书面意见。乙方提出的报告应当达到约定的要求；甲方在收到后 20 日内书面确认或者提出修改意见，逾期视为接受。"}},
		{"采纳意见的责任", []string{"甲方按照符合约定要求的咨询报告和意见作出决策所造成的损失，由甲方承担，双方另有约定的除外。乙方未按期提出报告或者提出的报告不符合约定的，减收或者免收报酬。"}},
		{"成果的归属", append([]string{"乙方利用甲方提供的资料和工作条件完成的新技术成果属于乙方；甲方利用乙方工作成果完成的新技术成果属于甲方；双方另有约定的从其约定。"}, t.rights()...)},
	}, t.ends()...)
}

func (t contractText) service() []clause {
	subject := "服务的目标、内容和方式"
	var special []clause
	switch t.kind.Code {
	case "S2":
		subject = "培训的技术项目、内容和要求"
		special = []clause{{"学员和教员", []string{"学员是甲方指定的、与该技术项目有关的专业技术人员，名单作为附件；乙方应当配备合格的教员，按照教学计划完成培训。学员不符合条件、教员不合格的，通知对方更换。"}}}
	case "S3":
		subject = "中介的技术项目和内容"
		special = []clause{{"中介的要求", []string{"乙方应当如实报告与第三方有关的情况，促成甲方与第三方订立技术合同；隐瞒重要事实或者提供虚假情况损害甲方利益的，不得请求支付报酬。未促成订立的，可以请求支付必要的费用。"}}}
	}
	return append(append(append([]clause{
		{subject, t.content()},
		{"地点、期限和进度", []string{"履行期限：" + t.period() + "。履行地点：" + t.place() + "，需要在甲方现场进行的，由甲方提供便利。"}},
		{"工作条件和协作", []string{"甲方应当按照约定提供工作条件、技术资料和数据，完成配合事项，接受工作成果；未按照约定履行，影响工作进度和质量的，支付的报酬不得追回，未支付的应当支付。"}},
	}, special...),
		t.price("报酬", "服务报酬"),
		changes, secrecy,
		clause{"验收", []string{"甲方按照第一条的质量和数量指标验收，在工作完成后 20 日内书面确认；逾期不验收又不提出异议的，视为验收合格。"}},
		clause{"质量保证", []string{"验收后 12 个月内，因乙方工作质量发生的问题由乙方无偿返工或者采取补救措施。"}},
		clause{"成果的归属", append([]string{"本合同不涉及已有知识产权归属的变更。乙方利用甲方提供的资料和工作条件完成的新技术成果属于乙方；甲方利用乙方工作成果完成的新技术成果属于甲方；双方另有约定的从其约定。"}, t.rights()...)},
	), t.ends()...)
}
