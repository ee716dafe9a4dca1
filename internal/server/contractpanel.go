package server

import (
	"fmt"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// decidePanel is the column in which the reader acts on a contract.
type decidePanel struct {
	Title     string
	Lead      string
	Blocked   string // why the reader can do nothing here
	Facts     []view.Fact
	Decisions []decision
}

// decision is one thing to do: a form of its own, folded unless it is the usual one.
type decision struct {
	Action  string
	Summary string // of the fold, empty when not folded
	Open    bool   // the fold is open because its form came back
	Fields  []view.Field
	Then    string // what follows
	Button  string
	Style   view.Style
}

// panelBuilder makes the panel of one contract; at holds the messages of the form that came back.
type panelBuilder struct {
	s      *Server
	k      store.Contract
	check  market.SignalCheck // for the desk
	posted contractAct
	at     fieldErrors
	base   string // address that the moves are posted below
	remove removalPlan
}

// panel is what the reader may do with the contract in its present state.
func (b panelBuilder) panel(a market.Actor, interested bool) decidePanel {
	switch {
	case b.s.sells(a, b.k):
		return b.seller(a)
	case a.Reaches(b.k.Seller.Region, market.Registrar) && interested:
		return decidePanel{Title: "办理", Blocked: "这份合同由您经手，或者您所在的单位是它的一方或代办机构，须由其他登记人员办理。"}
	case a.Reaches(b.k.Seller.Region, market.Registrar):
		return b.registrar(a)
	}
	return b.result()
}

// decide makes a decision without fields.
func (b panelBuilder) decide(move, button, then string) decision {
	return decision{Action: b.base + "/" + move, Button: button, Then: then, Style: view.StylePrimary}
}

// fold makes a decision the less usual one.
func (b panelBuilder) fold(d decision, move, summary string, style view.Style) decision {
	d.Summary, d.Open, d.Style = summary, b.posted.move == move, style
	return d
}

// field prepares a field of a move's form: several forms of the page have fields of one name, so that only the one that
// came back has the plain id that messages link to.
func (b panelBuilder) field(move string, f view.Field) view.Field {
	f.ID = move + "-" + f.Name
	if b.posted.move == move {
		f.ID, f.Error = f.Name, b.at[f.Name]
	}
	f.Value = b.posted.typed(move, f.Name, f.Value)
	return f
}

func (b panelBuilder) seller(a market.Actor) decidePanel {
	state := b.k.State
	if !a.May(market.ScopeContract) {
		p := b.result()
		if state.Editable() {
			p.Blocked = "您在本单位只能查看，提交和修改由编辑或管理员办理。"
		}
		return p
	}
	if state.Editable() {
		return b.submit(a)
	}
	p := b.result()
	if state.OnDesk() {
		p.Lead = "登记机构办理中。办理期间不能修改；需要修改可请登记机构退回补正。"
		p.Decisions = []decision{b.fold(b.decide("withdraw", "撤回登记申请", "申请立即终止，登记机构和买方会收到通知；这份合同不能再次提交，需要时重新起草。"),
			"withdraw", "撤回登记申请", view.StyleDanger)}
	}
	return p
}

func (b panelBuilder) submit(a market.Actor) decidePanel {
	p := decidePanel{Title: "申请登记", Lead: "请先核对左边的要素和金额，与合同文本一致后再提交。"}
	button := "提交登记申请"
	if b.k.State == market.ContractSupplement {
		p.Title, p.Lead, button = "补正", "按退回的意见修改后再次提交。", "补正完毕，再次提交"
	}
	withdraw := b.fold(b.decide("withdraw", "撤回这份合同", "合同不再办理，买方会收到通知；成交记录保留，可以重新起草。"), "withdraw", "撤回这份合同", view.StyleDanger)
	if err := a.RequireVerified(market.ScopeContract); err != nil {
		p.Blocked = err.Error()
		p.Decisions = []decision{withdraw}
		return p
	}
	p.Decisions = []decision{b.decide("submit", button, "登记机构收到申请；受理后 "+b.limit()+" 个工作日内办结，进度在本页显示。申请人对内容的真实性负责。"), withdraw}
	return p
}

// limit is how many working days the desk has for this contract.
func (b panelBuilder) limit() string {
	today := b.s.Service.Today()
	return fmt.Sprint(b.s.ref.Calendar.WorkdaysBetween(today, b.k.RegistrationDue(b.s.ref, today)))
}

// result says how things stand to whom cannot act.
func (b panelBuilder) result() decidePanel {
	k := b.k
	p := decidePanel{Title: "办理情况", Facts: []view.Fact{{Label: "受理号", Text: k.Number, Code: true}, {Label: "状态", Text: k.State.Name()}}}
	add := func(label string, day *time.Time) {
		if day != nil {
			p.Facts = append(p.Facts, view.Fact{Label: label, Text: view.Date(*day)})
		}
	}
	add("提交", k.SubmittedAt)
	add("受理", k.AcceptedOn)
	if k.State.OnDesk() {
		add("应办结", k.DueOn)
	}
	if k.RegistrationNumber != "" {
		p.Facts = append(p.Facts, view.Fact{Label: "登记编号", Text: k.RegistrationNumber, Code: true})
	}
	add("登记日期", k.RegisteredOn)
	return p
}

func (b panelBuilder) registrar(a market.Actor) decidePanel {
	switch b.k.State {
	case market.ContractSubmitted:
		due := b.k.RegistrationDue(b.s.ref, b.s.Service.Today())
		return decidePanel{Title: "受理", Lead: "要素齐全、可以审查的，先受理。", Decisions: []decision{
			b.decide("accept", "受理", fmt.Sprintf("今天为受理日，%s 个工作日，应于 %s 前办结；申请人收到通知。", b.limit(), view.Date(due))), b.returned(), b.refused()}}
	case market.ContractAccepted:
		return b.firstReview()
	case market.ContractSecondReview:
		return b.secondReview(a)
	case market.ContractToRegister:
		register := b.register("确认登记")
		return decidePanel{Title: "录入全国系统编号", Lead: "在全国技术合同管理与服务系统办完后录入。编号由全国系统给出，本平台不编号。", Decisions: []decision{register, b.refused()}}
	case market.ContractRegistered:
		p := b.result()
		p.Title = "已登记"
		if b.k.OpenObjection() != nil {
			p.Lead = "有一项异议还没有结论，注销、撤销在异议里由两人办理。"
			return p
		}
		p.Decisions = []decision{b.unregister("cancel", "注销登记"), b.unregister("revoke", "撤销登记")}
		return p
	case market.ContractSupplement:
		p := b.result()
		p.Lead = "等申请人补正，时限停止计算；补正后重新受理。"
		return p
	}
	return b.result()
}

func (b panelBuilder) firstReview() decidePanel {
	if note := b.openNote(); note != "" {
		return decidePanel{Title: "初审决定", Blocked: note, Decisions: []decision{b.returned(), b.refused()}}
	}
	if b.s.needsTwo(b.k.Contract) {
		lead := "技术交易额达到 " + market.FormatMoney(b.s.twoFrom()) + "，须由两人审查。"
		if b.k.Disputed {
			lead = "合同有异议，须由两人审查。"
		}
		return decidePanel{Title: "初审决定", Lead: lead, Decisions: []decision{
			b.decide("pass", "初审通过，转复审", "转“复审中”，由另一位登记人员复审；其他登记人员收到通知。"), b.returned(), b.refused()}}
	}
	register := b.fold(b.register("初审通过并登记"), "register", "已有全国系统编号，一并登记", view.StyleLine)
	return decidePanel{Title: "初审决定", Decisions: []decision{
		b.decide("pass", "初审通过", "转“待登记”。在全国系统办理后录入编号。"), register, b.returned(), b.refused()}}
}

func (b panelBuilder) secondReview(a market.Actor) decidePanel {
	if reviewedFirst(a, b.k.State, b.k.FirstReviewer) {
		return decidePanel{Title: "复审决定", Blocked: "您是这份合同的初审人，复审须由另一位登记人员办理。"}
	}
	if note := b.openNote(); note != "" {
		return decidePanel{Title: "复审决定", Blocked: note, Decisions: []decision{b.returned(), b.refused()}}
	}
	return decidePanel{Title: "复审决定", Lead: fmt.Sprintf("初审人：%s。您是%s，与初审人不是同一人，可以办理。", b.k.FirstReviewerName, a.UserName), Decisions: []decision{
		b.decide("confirm", "复审通过", "转“待登记”。在全国系统办理后录入编号。"), b.returned(), b.refused()}}
}

func (b panelBuilder) returned() decision {
	d := b.decide("return", "退回补正", "申请人马上收到通知；时限停止，补正后重新受理、重新起算。")
	d.Fields = []view.Field{
		b.field("return", view.Field{Kind: view.KindSelect, Name: "code", Label: "需补正的情形", Options: b.grounds()}),
		b.field("return", view.Field{Kind: view.KindArea, Name: "note", Lines: 5, Label: "要补什么（申请人会看到）", Max: 1000, Value: b.asked()})}
	return b.fold(d, "return", "退回补正", view.StyleLine)
}

func (b panelBuilder) refused() decision {
	d := b.decide("refuse", "不予登记", "办理终止，双方收到通知和理由；这份合同不能再次提交。")
	d.Fields = []view.Field{
		b.field("refuse", view.Field{Kind: view.KindSelect, Name: "code", Label: "法定情形", Options: b.grounds()}),
		b.field("refuse", view.Field{Kind: view.KindArea, Name: "note", Lines: 4, Label: "理由（双方会看到）", Hint: "选“其他”时必填；不填按所选情形告知", Max: 1000})}
	return b.fold(d, "refuse", "不予登记", view.StyleDanger)
}

func (b panelBuilder) grounds() []view.Option {
	return codedOptions(b.s.ref.On(b.s.Service.Today()).Refusals)
}

func (b panelBuilder) register(button string) decision {
	effect := "成交额增加 " + market.FormatMoney(b.k.TotalAmount) + "，账本加 1 条，不可修改；双方收到通知；以后只能变更、注销或撤销。"
	d := b.decide("register", button, effect)
	today := b.s.Service.Today()
	d.Fields = []view.Field{
		b.field("register", view.Field{Kind: view.KindCode, Name: "number", Label: "技术合同登记编号", Hint: "14 位或 16 位数字，可带空格粘贴"}),
		b.field("register", view.Field{Kind: view.KindDate, Name: "registered_on", Label: "登记日期", Hint: "成交额按这一天计入当月", Value: view.Date(today)})}
	if b.askYear() {
		d.Fields = append(d.Fields, view.Field{Kind: view.KindCheck, Name: "number_confirm", ID: "number-confirm", Label: "编号和登记日期都已核对无误"})
	}
	return d
}

// askYear reports whether the number that came back carries another year than its date.
func (b panelBuilder) askYear() bool {
	if b.posted.move != "register" {
		return false
	}
	var p market.Problems
	return yearOff(b.posted.form("number"), parseDate(&p, "registered_on", b.posted.form("registered_on")))
}
