package market

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// ContractState is where a contract stands on its way to registration.
type ContractState string

// The states of a contract.
const (
	ContractDraft        ContractState = "draft"
	ContractSubmitted    ContractState = "submitted"
	ContractSupplement   ContractState = "supplement"
	ContractAccepted     ContractState = "accepted"
	ContractSecondReview ContractState = "second_review"
	ContractToRegister   ContractState = "to_register"
	ContractRegistered   ContractState = "registered"
	ContractRefused      ContractState = "refused"
	ContractWithdrawn    ContractState = "withdrawn"
	ContractCancelled    ContractState = "cancelled"
	ContractRevoked      ContractState = "revoked"
)

// Name returns the state's Chinese name.
func (s ContractState) Name() string { return Contracts.Names[s] }

// OnDesk reports whether a registrar has something to do.
func (s ContractState) OnDesk() bool {
	return slices.Contains([]ContractState{ContractSubmitted, ContractAccepted, ContractSecondReview, ContractToRegister}, s)
}

// Open reports whether the contract is still on its way to a decision.
func (s ContractState) Open() bool { return s.OnDesk() || s.Editable() }

// Editable reports whether the seller may change the contract in this state.
func (s ContractState) Editable() bool { return s == ContractDraft || s == ContractSupplement }

// Contracts is the state machine of a contract's registration. Two different people make the first and the second
// review; registered contracts are never edited in place.
var Contracts = Machine[ContractState]{
	Noun: "合同",
	States: []ContractState{ContractDraft, ContractSubmitted, ContractSupplement, ContractAccepted, ContractSecondReview,
		ContractToRegister, ContractRegistered, ContractRefused, ContractWithdrawn, ContractCancelled, ContractRevoked},
	Names: map[ContractState]string{ContractDraft: "草稿", ContractSubmitted: "已提交", ContractSupplement: "待补正",
		ContractAccepted: "初审中", ContractSecondReview: "复审中", ContractToRegister: "待登记", ContractRegistered: "已登记",
		ContractRefused: "不予登记", ContractWithdrawn: "已撤回", ContractCancelled: "已注销", ContractRevoked: "已撤销"},
	Rules: []Rule[ContractState]{
		{"submit", []ContractState{ContractDraft, ContractSupplement}, ContractSubmitted},
		{"accept", []ContractState{ContractSubmitted}, ContractAccepted},
		{"return", []ContractState{ContractSubmitted, ContractAccepted, ContractSecondReview}, ContractSupplement},
		{"pass", []ContractState{ContractAccepted}, ContractToRegister},        // first review, below the threshold
		{"pass_up", []ContractState{ContractAccepted}, ContractSecondReview},   // first review, at or above it
		{"confirm", []ContractState{ContractSecondReview}, ContractToRegister}, // second review
		{"dispute", []ContractState{ContractToRegister}, ContractSecondReview}, // somebody objected before the registration
		{"register", []ContractState{ContractToRegister}, ContractRegistered},
		{"refuse", []ContractState{ContractSubmitted, ContractAccepted, ContractSecondReview, ContractToRegister}, ContractRefused},
		{"withdraw", []ContractState{ContractDraft, ContractSubmitted, ContractSupplement, ContractAccepted, ContractSecondReview, ContractToRegister}, ContractWithdrawn},
		{"cancel", []ContractState{ContractRegistered}, ContractCancelled},
		{"revoke", []ContractState{ContractRegistered}, ContractRevoked},
	},
}

// DeductionKinds are the costs that the total holds beside technology.
var DeductionKinds = Codes{{"equipment", "设备"}, {"instrument", "仪器"}, {"parts", "零部件"}, {"material", "原材料"}, {"other", "其他非技术费用"}}

// Deduction is a line between 合同成交额 and 技术交易额, in yuan.
type Deduction struct {
	Kind   string          `db:"kind" json:"kind"`
	Name   string          `db:"name" json:"name"`
	Amount decimal.Decimal `db:"amount" json:"amount"`
}

// Contract is a 技术合同. Amounts are yuan. Versions of registered contracts are kept as JSON of this struct: a field may be
// added, but none renamed.
type Contract struct {
	ID                 int64
	Number             string // 受理号, ours; the registration number comes from the national system
	DealID             *int64
	NeedID             *int64
	ResultID           *int64
	TradeMode          string
	State              ContractState
	Title              string
	Kind               string
	Submarket          string
	TechField          string
	IPType             string // the one that the contract is mainly about
	IPs                []IP
	PlanSource         string
	EconomicGoal       string // 社会经济目标
	LicenceMode        string // 许可方式, of a licence
	Seller             Party
	SellerPark         string
	Buyer              Party
	AgencyName         string
	Related            bool
	TotalAmount        decimal.Decimal // 合同成交额; of a royalty what could be told at signing
	AmountOpen         bool            // 总额未定: a royalty, to be supplemented later
	TechAmount         decimal.Decimal // 技术交易额
	Deductions         []Deduction
	PaymentMode        string
	PaymentNote        string
	Royalty            string // base, rate and term of a royalty
	Instalments        []Instalment
	AddedInvestment    decimal.NullDecimal // 预计新增投入
	AddedOutput        decimal.NullDecimal // 预计新增产值
	Foreign            bool                // the text is in a foreign language
	Government         bool                // a government's project, registered by its task book
	Content            string
	SignedOn           time.Time
	StartsOn           time.Time
	EndsOn             time.Time
	SubmittedAt        *time.Time
	AcceptedOn         *time.Time
	DueOn              *time.Time
	FirstReviewer      *int64
	SecondReviewer     *int64
	ReasonCode         string
	Reason             string
	RegistrationNumber string
	RegisteredOn       *time.Time
	Disputed           bool // somebody objected to it before it was registered
	Version            int
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// KnownParties are the parties whose name and code are those that an organisation was verified by, whatever a form says: the
// seller, and the buyer of a deal.
func (c *Contract) KnownParties() []*Party {
	var list []*Party
	if c.Seller.OrgID != nil {
		list = append(list, &c.Seller)
	}
	if c.Buyer.OrgID != nil && c.DealID != nil {
		list = append(list, &c.Buyer)
	}
	return list
}

// Deducted is the sum of the deduction lines.
func (c Contract) Deducted() decimal.Decimal {
	sum := decimal.Zero
	for _, d := range c.Deductions {
		sum = sum.Add(d.Amount)
	}
	return sum
}

// Instalment is a payment agreed on: by a day, on reaching a milestone, or both. Yuan.
type Instalment struct {
	DueOn     *time.Time      `db:"due_on"`
	Milestone string          `db:"milestone"`
	Amount    decimal.Decimal `db:"amount"`
}

// Scheduled is the sum of the instalments.
func (c Contract) Scheduled() decimal.Decimal {
	sum := decimal.Zero
	for _, i := range c.Instalments {
		sum = sum.Add(i.Amount)
	}
	return sum
}

// Transfer reports whether the code is of a 技术转让, which must state what it is expected to bring.
func (k ContractKind) Transfer() bool { return k.Kind == "技术转让" }

// Licence reports whether the code is of a 技术许可, which has a 许可方式.
func (k ContractKind) Licence() bool { return k.Kind == "技术许可" }

// royaltyMode reports whether a payment mode is 提成支付, with an entry fee or without.
func royaltyMode(code string) bool { return strings.HasPrefix(code, "royalty") }

// Check returns what keeps the contract from being saved, and sets TechAmount from the total and the deduction lines:
// the three balance because one of them is computed. Codes are those of the day.
func (c *Contract) Check(ref *Reference, today time.Time) Problems {
	ref = ref.On(today)
	var p Problems
	checkLine(&p, "title", "项目名称", &c.Title, MaxTitle)
	if c.Title == "" {
		p.Add("title", "请填写项目名称")
	}
	kind, ok := ref.ContractKind(c.Kind)
	if !ok {
		p.Add("kind", "请选择合同类别")
	}
	requireCode(&p, "tech_field", "技术领域", ref.TechFields, c.TechField)
	requireCode(&p, "ip_type", "知识产权", ref.IPTypes, c.IPType)
	requireCode(&p, "plan_source", "计划来源", ref.PlanSources, c.PlanSource)
	requireCode(&p, "payment_mode", "支付方式", ref.PaymentModes, c.PaymentMode)
	optionalCode(&p, "economic_goal", "社会经济目标", ref.EconomicGoals, c.EconomicGoal)
	optionalCode(&p, "licence_mode", "许可方式", ref.LicenceModes, c.LicenceMode)
	optionalCode(&p, "submarket", "专业市场", ref.Submarkets, c.Submarket)
	optionalCode(&p, "seller_park", "园区", ref.Parks, c.SellerPark)
	if ok && !kind.Licence() {
		c.LicenceMode = ""
	}
	checkIPs(&p, ref, &c.IPs)
	c.Seller.check(&p, "seller", "卖方", ref)
	c.Buyer.check(&p, "buyer", "买方", ref)
	if c.Seller.USCC != "" && c.Seller.USCC == c.Buyer.USCC {
		p.Add("buyer_uscc", "买方与卖方是同一家单位，请核对")
	}
	checkLine(&p, "agency_name", "中介方", &c.AgencyName, 60)
	checkText(&p, "payment_note", "付款约定", &c.PaymentNote, 1000)
	checkText(&p, "content", "标的与验收", &c.Content, MaxText)
	c.checkAmounts(&p)
	c.checkPayment(&p)
	c.checkDates(&p, today)
	return p
}

func optionalCode(p *Problems, field, label string, list Codes, code string) {
	if code != "" && list.Name(code) == "" {
		p.Add(field, "请从列表中选择%s", label)
	}
}

// checkPayment looks at the royalty, the instalments, which make up the total unless it is not fixed, and at what the
// parties expect of the technology.
func (c *Contract) checkPayment(p *Problems) {
	checkText(p, "royalty", "提成约定", &c.Royalty, 500)
	if c.AmountOpen && !royaltyMode(c.PaymentMode) {
		p.Add("amount_open", "总额未定只用于提成支付，请核对支付方式")
	}
	if len(c.Instalments) > MaxRows {
		p.Add("instalments", "付款计划最多 %d 期", MaxRows)
	}
	whole := true
	for i := range c.Instalments {
		at := rowName("instalments", i)
		c.Instalments[i].check(p, at, i+1)
		whole = whole && !p.Has(at+"amount")
	}
	if sum := c.Scheduled(); whole && len(c.Instalments) > 0 && !c.AmountOpen && c.TotalAmount.IsPositive() && !sum.Equal(c.TotalAmount) {
		p.Add("instalments", "各期合计 %s，应等于合同成交额 %s，相差 %s", FormatMoney(sum), FormatMoney(c.TotalAmount), FormatMoney(sum.Sub(c.TotalAmount).Abs()))
	}
	for _, d := range []struct {
		field, label string
		sum          decimal.NullDecimal
	}{{"added_investment", "预计新增投入", c.AddedInvestment}, {"added_output", "预计新增产值", c.AddedOutput}} {
		if d.sum.Valid && d.sum.Decimal.IsNegative() {
			p.Add(d.field, "%s不能是负数", d.label)
		}
		checkSum(p, d.field, d.label, d.sum.Decimal)
	}
}

func (i *Instalment) check(p *Problems, at string, row int) {
	checkLine(p, at+"milestone", "付款条件", &i.Milestone, 100)
	if i.Milestone == "" && i.DueOn == nil {
		p.Add(at+"milestone", "第 %d 期还没有写付款条件或最迟日期", row)
	}
	if i.DueOn != nil && (i.DueOn.Before(firstContractDay) || i.DueOn.Year() > 2100) {
		p.Add(at+"due_on", "第 %d 期日期的年份不对，请核对", row)
	}
	if !i.Amount.IsPositive() {
		p.Add(at+"amount", "第 %d 期还没有填金额", row)
	}
	checkSum(p, at+"amount", "金额", i.Amount)
}

func (c *Contract) checkAmounts(p *Problems) {
	if !c.TotalAmount.IsPositive() {
		p.Add("total_amount", "请填写合同成交额")
	}
	checkSum(p, "total_amount", "合同成交额", c.TotalAmount)
	if len(c.Deductions) > MaxRows {
		p.Add("deductions", "扣除项最多 %d 行", MaxRows)
	}
	for i := range c.Deductions {
		d, at := &c.Deductions[i], rowName("deductions", i)
		checkLine(p, at+"name", "名称、数量", &d.Name, 100)
		if DeductionKinds.Name(d.Kind) == "" {
			p.Add(at+"kind", "第 %d 行还没有选类别", i+1)
		}
		if d.Name == "" {
			p.Add(at+"name", "第 %d 行还没有写名称、数量", i+1)
		}
		if !d.Amount.IsPositive() {
			p.Add(at+"amount", "第 %d 行还没有填金额", i+1)
		}
		checkSum(p, at+"amount", "金额", d.Amount)
	}
	c.TechAmount = c.TotalAmount.Sub(c.Deducted())
	if c.TotalAmount.IsPositive() && !c.TechAmount.IsPositive() {
		p.Add("deductions", "扣除项合计 %s，应小于合同成交额 %s", FormatMoney(c.Deducted()), FormatMoney(c.TotalAmount))
	}
}

// checkSum notes a sum that ParseMoney would not have taken.
func checkSum(p *Problems, field, label string, yuan decimal.Decimal) {
	switch {
	case yuan.GreaterThanOrEqual(decimal.New(1, maxYuanDigits)):
		p.Add(field, "%s在 1 万亿元以上，请核对数字和单位", label)
	case !yuan.Equal(yuan.Round(2)):
		p.Add(field, "%s最多精确到分", label)
	}
}

// CheckSubmit is Check with what a registrar needs beside it: the fields of the registration form, and that the contract
// is within its validity period.
func (c *Contract) CheckSubmit(ref *Reference, today time.Time) Problems {
	p := c.Check(ref, today)
	c.checkComplete(&p, ref)
	if c.EndsOn.Before(today) {
		p.Add("ends_on", "合同有效期已过，不能再申请登记")
	}
	return p
}

// checkComplete notes which fields of the registration form are still empty.
func (c *Contract) checkComplete(p *Problems, ref *Reference) {
	kind, _ := ref.ContractKind(c.Kind)
	if c.EconomicGoal == "" {
		p.Add("economic_goal", "请选择社会经济目标")
	}
	if kind.Licence() && c.LicenceMode == "" {
		p.Add("licence_mode", "请选择许可方式")
	}
	if (IP{Type: c.IPType}).Patent() && len(c.IPs) == 0 {
		p.Add("ips", "知识产权选了%s，请写明专利号或申请号", ref.IPTypes.Name(c.IPType))
	}
	if kind.Transfer() && !c.AddedInvestment.Valid {
		p.Add("added_investment", "技术转让须填写预计新增投入，没有的填 0")
	}
	if kind.Transfer() && !c.AddedOutput.Valid {
		p.Add("added_output", "技术转让须填写预计新增产值，没有的填 0")
	}
	if royaltyMode(c.PaymentMode) && c.Royalty == "" {
		p.Add("royalty", "请写明提成的基数、比例和期限")
	}
	if c.PaymentMode == "instalments" && len(c.Instalments) == 0 {
		p.Add("instalments", "分期支付的，请逐期写明条件或日期和金额")
	}
	c.Seller.checkSubmit(p, "seller", "卖方")
	c.Buyer.checkSubmit(p, "buyer", "买方")
}

// Warnings are what the parties and the registrar should look at again; none keeps the contract from being registered.
func (c Contract) Warnings(ref *Reference) []string {
	kind, _ := ref.ContractKind(c.Kind)
	var out []string
	for _, ip := range c.IPs {
		end := ip.ExpiresOn()
		switch {
		case ip.Status == "lapsed":
			out = append(out, "知识产权“"+cmp.Or(ip.Title, ip.Number)+"”已失效，失效的权利不能转让或许可（登记规则第 12 条）")
		case kind.Licence() && end != nil && c.EndsOn.After(*end):
			out = append(out, "合同有效期止于 "+c.EndsOn.Format(time.DateOnly)+"，专利 "+PatentNumber(ip.Number).Display(true)+" 的保护期止于 "+end.Format(time.DateOnly)+
				"。专利实施许可合同只在专利权存续期内有效（民法典第 865 条）")
		}
	}
	return out
}

var firstContractDay = time.Date(1984, 1, 1, 0, 0, 0, 0, Shanghai)

func (c *Contract) checkDates(p *Problems, today time.Time) {
	for _, d := range []struct {
		field, label string
		day          time.Time
	}{{"signed_on", "签订日期", c.SignedOn}, {"starts_on", "有效期起", c.StartsOn}, {"ends_on", "有效期止", c.EndsOn}} {
		switch {
		case d.day.IsZero():
			p.Add(d.field, "请填写%s，例：2026-10-28", d.label)
		case d.day.Before(firstContractDay) || d.day.Year() > 2100:
			p.Add(d.field, "%s的年份不对，请核对", d.label)
		}
	}
	if c.SignedOn.After(today) {
		p.Add("signed_on", "签订日期不能晚于今天（%s）", today.Format(time.DateOnly))
	}
	if c.EndsOn.Before(c.StartsOn) {
		p.Add("ends_on", "有效期止不能早于有效期起")
	}
}

func requireCode(p *Problems, field, label string, list Codes, code string) {
	if list.Name(code) == "" {
		p.Add(field, "请选择%s", label)
	}
}

// subPoints are the conditions of single sub-kinds beside those of their kind.
var subPoints = map[string][]string{
	"D2": {"各方以投资、分工参与或协作配合共同研究开发，分工写明"},
	"T3": {"技术秘密不为公众所知悉、能带来经济利益、具有实用性，并采取了保密措施"},
	"T8": {"作价金额和折合的股份明确，技术的权属随出资转移"},
	"L2": {"技术秘密的使用范围和保密义务写明"},
	"S2": {"传授的是特定技术项目的知识，不是一般文化、职业或员工培训，也不是产品使用培训", "学员是委托方指定的、与该项目有关的专业技术人员"},
	"S3": {"以促成委托人与第三方订立技术合同为目的", "标的是特定的技术成果或技术项目"},
}

// Conditions are what makes a contract one of that kind, for its parties and its reviewer to go through.
func (k ContractKind) Conditions() []string {
	return slices.Concat(ReviewPoints[k.Kind], subPoints[k.Code])
}

// ReviewPoints are what a registrar looks for in a contract of each of the five kinds (民法典 851, 863, 878;
// 技术合同认定登记规则).
var ReviewPoints = map[string][]string{
	"技术开发": {"有明确、具体的研究开发目标", "标的是订立合同时双方尚未掌握的技术方案", "工作内容和预期成果有技术创新",
		"不属于已掌握的方案、仅改变尺寸或参数、一般检验与仿制", "成果与知识产权归属约定明确"},
	"技术转让": {"标的是已掌握的技术成果", "成果完整、实用", "知识产权权属约定明确，已附专利等权利证明",
		"技术秘密不为公众知悉、有价值并采取了保密措施", "不属于公知技术或已失效的权利"},
	"技术许可": {"标的是已掌握的技术成果，权利有效", "许可方式（独占、排他、普通）、范围和期限明确", "许可期限不超过专利有效期",
		"已附专利等权利证明", "无非法垄断技术、妨碍技术进步的条款"},
	"技术咨询": {"标的是特定技术项目", "方法是分析、论证、评价、预测或调查", "成果是咨询报告或意见", "不属于一般经济分析、法律咨询或设备采购"},
	"技术服务": {"以专业技术知识解决特定技术问题", "有具体的质量和数量指标", "不涉及知识产权归属变更",
		"不属于承揽或建设工程合同", "培训、中介合同的对象是特定技术项目"},
}

// NeedsSecondReview reports whether a second person must review the contract: it is disputed or large.
func (c Contract) NeedsSecondReview(ref *Reference, day time.Time) bool {
	return c.Disputed || c.Large(ref, day)
}

// Large reports whether the contract comes to the domain parameter second_review_amount.
func (c Contract) Large(ref *Reference, day time.Time) bool {
	return c.TechAmount.GreaterThanOrEqual(decimal.NewFromFloat(ref.Parameter("second_review_amount", day)))
}

// RegistrationDue is the last working day for the decision on a contract accepted on that day.
func (c Contract) RegistrationDue(ref *Reference, accepted time.Time) time.Time {
	key := "registration_days"
	if c.NeedsSecondReview(ref, accepted) {
		key = "registration_days_large"
	}
	return ref.Calendar.AddWorkdays(accepted, int(ref.Parameter(key, accepted)))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
