package market

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// AmendmentKind says what a seller asks of a registered contract.
type AmendmentKind string

// The kinds of amendments.
const (
	AmendChange     AmendmentKind = "change"     // 变更: other terms, parties or amounts; assessed anew
	AmendSupplement AmendmentKind = "supplement" // 提成补充: what a royalty has brought in a period
)

// Name returns the kind's Chinese name.
func (k AmendmentKind) Name() string {
	return map[AmendmentKind]string{AmendChange: "变更", AmendSupplement: "提成补充"}[k]
}

// AmendmentState is where an amendment stands. While one is open its contract is 变更中.
type AmendmentState string

// The states of an amendment.
const (
	AmendmentOpen         AmendmentState = "open"
	AmendmentSecondReview AmendmentState = "second_review"
	AmendmentConfirmed    AmendmentState = "confirmed"
	AmendmentRefused      AmendmentState = "refused"
	AmendmentWithdrawn    AmendmentState = "withdrawn"
	AmendmentLapsed       AmendmentState = "lapsed" // the contract was taken off the register
)

// Open reports whether the amendment waits for a decision.
func (s AmendmentState) Open() bool { return s == AmendmentOpen || s == AmendmentSecondReview }

// Amendments is the state machine of an amendment. The two reviewers are different people.
var Amendments = Machine[AmendmentState]{
	Noun:   "变更或补充",
	States: []AmendmentState{AmendmentOpen, AmendmentSecondReview, AmendmentConfirmed, AmendmentRefused, AmendmentWithdrawn, AmendmentLapsed},
	Names: map[AmendmentState]string{AmendmentOpen: "待审核", AmendmentSecondReview: "待复审", AmendmentConfirmed: "已确认", AmendmentRefused: "未同意",
		AmendmentWithdrawn: "已撤回", AmendmentLapsed: "随合同终止"},
	Rules: []Rule[AmendmentState]{
		{"pass", []AmendmentState{AmendmentOpen}, AmendmentSecondReview}, // first review of one that needs two people
		{"confirm", []AmendmentState{AmendmentOpen, AmendmentSecondReview}, AmendmentConfirmed},
		{"refuse", []AmendmentState{AmendmentOpen, AmendmentSecondReview}, AmendmentRefused},
		{"withdraw", []AmendmentState{AmendmentOpen, AmendmentSecondReview}, AmendmentWithdrawn},
		{"lapse", []AmendmentState{AmendmentOpen, AmendmentSecondReview}, AmendmentLapsed},
	},
}

// Amendment is what a seller asks of a registered contract: a change, with the contract before and after it, or a
// supplement, with what was obtained. A change may also be a registrar's, who by proposing it is the first of the two that look
// at it. Amounts are yuan.
type Amendment struct {
	ID             int64
	ContractID     int64
	Kind           AmendmentKind
	State          AmendmentState
	Why            string
	Before         *Contract // of a change
	Proposed       *Contract // of a change
	ObtainedOn     *time.Time
	Total          decimal.Decimal // of a supplement: obtained, beside what was registered
	Tech           decimal.Decimal // the part of it that is 技术交易额
	Final          bool            // 总额已定: no supplement follows
	FileID         string
	Two            bool // two people must look at it
	AskedAt        time.Time
	DueOn          time.Time
	FirstReviewer  *int64
	SecondReviewer *int64
	DecidedAt      *time.Time
	ReasonCode     string
	Reason         string
	// The period of reconciliation of a change by which a registrar brings ours to the national side, nil of what a seller asks.
	ReconciliationID *int64
}

// Check returns what is wrong with the words and, of a supplement, the amounts asked for on that day for a contract.
func (x *Amendment) Check(c Contract, today time.Time) Problems {
	var p Problems
	checkText(&p, "why", "说明", &x.Why, 500)
	if x.Why == "" {
		p.Add("why", "%s", map[AmendmentKind]string{AmendChange: "请写明为什么变更", AmendSupplement: "请写明结算的是哪一期、怎么算的"}[x.Kind])
	}
	if x.Kind == AmendSupplement {
		x.checkAmounts(&p, c, today)
	}
	return p
}

func (x *Amendment) checkAmounts(p *Problems, c Contract, today time.Time) {
	switch {
	case x.ObtainedOn == nil:
		p.Add("obtained_on", "请填写结算日期，例：%s", today.Format(time.DateOnly))
	case x.ObtainedOn.After(today):
		p.Add("obtained_on", "结算日期不能晚于今天（%s）", today.Format(time.DateOnly))
	case x.ObtainedOn.Before(c.SignedOn):
		p.Add("obtained_on", "结算日期不能早于签订日期（%s）", c.SignedOn.Format(time.DateOnly))
	}
	if !x.Total.IsPositive() {
		p.Add("total_amount", "请填写本期实际取得的金额")
	}
	checkSum(p, "total_amount", "本期金额", x.Total)
	checkSum(p, "tech_amount", "技术交易额", x.Tech)
	if x.Tech.IsNegative() || x.Total.IsPositive() && x.Tech.GreaterThan(x.Total) {
		p.Add("tech_amount", "其中的技术交易额不能是负数，也不能超过本期金额 %s", FormatMoney(x.Total))
	}
}

// Takes says why a contract cannot be amended in that way now, nil when it can.
func (k AmendmentKind) Takes(c Contract) error {
	switch {
	case c.State != ContractRegistered:
		return Errorf(Conflict, "合同现在是“%s”，已登记的合同才能申请%s", c.State.Name(), k.Name())
	case k == AmendSupplement && !c.AmountOpen:
		return Errorf(Conflict, "这份合同的总额已定，不再补充提成。金额确有变动的，请申请变更")
	}
	return nil
}

// TechBy is by how much the amendment moves 技术交易额.
func (x Amendment) TechBy() decimal.Decimal {
	if x.Kind == AmendChange {
		return x.Proposed.TechAmount.Sub(x.Before.TechAmount)
	}
	return x.Tech
}

// TotalBy is by how much the amendment moves 合同成交额.
func (x Amendment) TotalBy() decimal.Decimal {
	if x.Kind == AmendChange {
		return x.Proposed.TotalAmount.Sub(x.Before.TotalAmount)
	}
	return x.Total
}

// Moves reports whether the amendment brings the contract under other heads of the turnover, so that the ledger takes all of
// it back and counts it again.
func (x Amendment) Moves(ref *Reference) bool {
	return x.Kind == AmendChange && !x.Before.Registration(ref, x.AskedAt).sameDimensions(x.Proposed.Registration(ref, x.AskedAt))
}

// Large reports whether two people must look at the amendment of a contract that stands in the ledger as standing: when it
// is at or above the amount for a second review before the amendment or after it.
func (x Amendment) Large(ref *Reference, standing LedgerEntry, day time.Time) bool {
	most := decimal.Max(standing.TechAmount, standing.TechAmount.Add(x.TechBy()))
	return Contract{TechAmount: most}.NeedsSecondReview(ref, day)
}

// AmendmentDue is the last working day for the decision on an amendment asked for on that day.
func AmendmentDue(ref *Reference, two bool, day time.Time) time.Time {
	key := "registration_days"
	if two {
		key = "registration_days_large"
	}
	return ref.Calendar.AddWorkdays(day, int(ref.Parameter(key, day)))
}

// Entries are what confirming the amendment on that day adds to the ledger, in which the contract stands as standing.
func (x Amendment) Entries(ref *Reference, standing LedgerEntry, on time.Time) []LedgerEntry {
	if x.Kind == AmendSupplement {
		return x.stamped([]LedgerEntry{standing.Supplement(x.Total, x.Tech, on)})
	}
	to := x.Proposed.Registration(ref, on)
	to.TotalAmount, to.TechAmount = standing.TotalAmount.Add(x.TotalBy()), standing.TechAmount.Add(x.TechBy())
	return x.stamped(standing.Change(to, on))
}

func (x Amendment) stamped(entries []LedgerEntry) []LedgerEntry {
	for i := range entries {
		entries[i].AmendmentID = &x.ID
	}
	return entries
}

// TakeForm takes from the form what a seller writes of a contract. Where it comes from, its way to the registration and who
// the parties are on the market stay.
func (c *Contract) TakeForm(form Contract) {
	kept := *c
	*c = form
	c.ID, c.Number, c.DealID, c.NeedID, c.ResultID, c.TradeMode = kept.ID, kept.Number, kept.DealID, kept.NeedID, kept.ResultID, kept.TradeMode
	c.State, c.SubmittedAt, c.AcceptedOn, c.DueOn, c.FirstReviewer, c.SecondReviewer = kept.State, kept.SubmittedAt, kept.AcceptedOn, kept.DueOn, kept.FirstReviewer, kept.SecondReviewer
	c.ReasonCode, c.Reason, c.RegistrationNumber, c.RegisteredOn = kept.ReasonCode, kept.Reason, kept.RegistrationNumber, kept.RegisteredOn
	c.Disputed = kept.Disputed
	c.Version, c.CreatedAt, c.UpdatedAt = kept.Version, kept.CreatedAt, kept.UpdatedAt
	c.Seller.OrgID, c.Buyer.OrgID = kept.Seller.OrgID, kept.Buyer.OrgID
}

// CheckChange is what keeps the contract, which is registered, from being changed to these terms. What the registration
// asked is asked again, but for the validity period, which may be over by now.
func (c *Contract) CheckChange(ref *Reference, before Contract, today time.Time) Problems {
	p := c.Check(ref, today)
	c.checkComplete(&p, ref)
	if len(p) == 0 && len(ContractDiff(ref, before, *c)) == 0 {
		p.Add("title", "没有改动：填写的内容与现在登记的相同")
	}
	return p
}

// ContractLine is a field of a contract in words.
type ContractLine struct {
	Field, Label, Text string
}

// ContractChange is a field that differs between two versions.
type ContractChange struct {
	Field, Label, Before, After string
}

// ContractDiff lists the fields that differ, in the order of Lines.
func ContractDiff(ref *Reference, before, after Contract) []ContractChange {
	old, now := before.Lines(ref), after.Lines(ref)
	var out []ContractChange
	for i, line := range now {
		if old[i].Text != line.Text {
			out = append(out, ContractChange{line.Field, line.Label, old[i].Text, line.Text})
		}
	}
	return out
}

// Lines are what is registered of a contract, in words: always the same fields in the same order.
func (c Contract) Lines(ref *Reference) []ContractLine {
	kind, _ := ref.ContractKind(c.Kind)
	lines := []ContractLine{{"title", "项目名称", c.Title}, {"kind", "合同类别", kind.Name()}, {"licence_mode", "许可方式", ref.LicenceModes.Name(c.LicenceMode)},
		{"submarket", "专业市场", ref.Submarkets.Name(c.Submarket)}, {"tech_field", "技术领域", ref.TechFields.Name(c.TechField)},
		{"economic_goal", "社会经济目标", ref.EconomicGoals.Name(c.EconomicGoal)}, {"plan_source", "计划来源", ref.PlanSources.Name(c.PlanSource)},
		{"ip_type", "知识产权", ref.IPTypes.Name(c.IPType)}, {"ips", "知识产权清单", c.rightsText(ref)}}
	lines = append(lines, c.Seller.lines(ref, "seller", "卖方")...)
	lines = append(lines, ContractLine{"seller_park", "卖方所在园区", ref.Parks.Name(c.SellerPark)})
	lines = append(lines, c.Buyer.lines(ref, "buyer", "买方")...)
	return append(lines, ContractLine{"agency_name", "中介方", c.AgencyName}, ContractLine{"related", "关联交易", yesNo(c.Related)},
		ContractLine{"total_amount", "合同成交额", FormatYuan(c.TotalAmount) + " 元"}, ContractLine{"amount_open", "总额未定", yesNo(c.AmountOpen)},
		ContractLine{"deductions", "扣除项", c.deductionsText()}, ContractLine{"tech_amount", "技术交易额", FormatYuan(c.TechAmount) + " 元"},
		ContractLine{"added_investment", "预计新增投入", sumText(c.AddedInvestment)}, ContractLine{"added_output", "预计新增产值", sumText(c.AddedOutput)},
		ContractLine{"payment_mode", "支付方式", ref.PaymentModes.Name(c.PaymentMode)}, ContractLine{"royalty", "提成约定", c.Royalty},
		ContractLine{"instalments", "付款计划", c.planText()}, ContractLine{"payment_note", "付款约定", c.PaymentNote}, ContractLine{"content", "标的与验收", c.Content},
		ContractLine{"foreign", "外文合同", yesNo(c.Foreign)}, ContractLine{"government", "政府科技项目", yesNo(c.Government)},
		ContractLine{"signed_on", "签订日期", c.SignedOn.Format(time.DateOnly)}, ContractLine{"starts_on", "有效期起", c.StartsOn.Format(time.DateOnly)},
		ContractLine{"ends_on", "有效期止", c.EndsOn.Format(time.DateOnly)}, ContractLine{"registration_number", "登记编号", c.RegistrationNumber})
}

func (q Party) lines(ref *Reference, field, label string) []ContractLine {
	traits := make([]string, len(q.Traits))
	for i, t := range q.Traits {
		traits[i] = PartyTraits.Name(t)
	}
	return []ContractLine{{field + "_name", label + "名称", q.Name}, {field + "_uscc", label + "统一社会信用代码", string(q.USCC)}, {field + "_type", label + "性质", ref.PartyTypes.Name(q.Type)},
		{field + "_region", label + "所在地", ref.Regions.Name(q.Region)}, {field + "_scale", label + "企业规模", OrgScales.Name(q.Scale)},
		{field + "_industry", label + "国民经济行业", ref.ClassName(q.Industry)}, {field + "_traits", label + "属于", strings.Join(traits, "、")},
		{field + "_legal_rep", label + "法定代表人", q.LegalRep}, {field + "_address", label + "地址", q.Address}, {field + "_contact", label + "联系人", q.Contact},
		{field + "_phone", label + "联系电话", q.Phone}, {field + "_postcode", label + "邮政编码", q.Postcode}}
}

func (c Contract) rightsText(ref *Reference) string {
	parts := make([]string, len(c.IPs))
	for i, ip := range c.IPs {
		parts[i] = fmt.Sprintf("%s “%s” %s（%s）", ref.IPTypes.Name(ip.Type), ip.Title, ip.Number, IPStatuses.Name(ip.Status))
		if ip.FiledOn != nil {
			parts[i] += "，申请日 " + DateOf(*ip.FiledOn).Format(time.DateOnly)
		}
	}
	return strings.Join(parts, "；")
}

func (c Contract) deductionsText() string {
	parts := make([]string, len(c.Deductions))
	for i, d := range c.Deductions {
		parts[i] = fmt.Sprintf("%s（%s）%s 元", DeductionKinds.Name(d.Kind), d.Name, FormatYuan(d.Amount))
	}
	return strings.Join(parts, "；")
}

func (c Contract) planText() string {
	parts := make([]string, len(c.Instalments))
	for i, n := range c.Instalments {
		when := n.Milestone
		if n.DueOn != nil {
			when = strings.TrimPrefix(n.Milestone+"，"+DateOf(*n.DueOn).Format(time.DateOnly), "，")
		}
		parts[i] = fmt.Sprintf("%s %s 元", when, FormatYuan(n.Amount))
	}
	return strings.Join(parts, "；")
}

func sumText(sum decimal.NullDecimal) string {
	if !sum.Valid {
		return ""
	}
	return FormatYuan(sum.Decimal) + " 元"
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}
