package market

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// InquiryState is where a 对接 stands.
type InquiryState string

// The states of an inquiry.
const (
	InquiryOpen        InquiryState = "open"
	InquiryAnswered    InquiryState = "answered"
	InquiryNegotiating InquiryState = "negotiating"
	InquiryAgreed      InquiryState = "agreed"
	InquiryDeclined    InquiryState = "declined"
	InquiryLapsed      InquiryState = "lapsed"
)

// Name returns the state's Chinese name.
func (s InquiryState) Name() string { return Inquiries.Names[s] }

// Running reports whether a side still has to act.
func (s InquiryState) Running() bool {
	return s == InquiryOpen || s == InquiryAnswered || s == InquiryNegotiating
}

var runningInquiry = []InquiryState{InquiryOpen, InquiryAnswered, InquiryNegotiating}

// Inquiries is the state machine of an inquiry.
var Inquiries = Machine[InquiryState]{
	Noun:   "对接",
	States: []InquiryState{InquiryOpen, InquiryAnswered, InquiryNegotiating, InquiryAgreed, InquiryDeclined, InquiryLapsed},
	Names: map[InquiryState]string{InquiryOpen: "等待答复", InquiryAnswered: "已答复", InquiryNegotiating: "洽谈中",
		InquiryAgreed: "已达成", InquiryDeclined: "未达成", InquiryLapsed: "逾期关闭"},
	Rules: []Rule[InquiryState]{
		{"answer", []InquiryState{InquiryOpen, InquiryAnswered}, InquiryAnswered},
		{"answer", []InquiryState{InquiryNegotiating}, InquiryNegotiating},
		{"propose", []InquiryState{InquiryAnswered, InquiryNegotiating}, InquiryNegotiating},
		{"agree_term", []InquiryState{InquiryNegotiating}, InquiryNegotiating},
		{"agree", []InquiryState{InquiryNegotiating}, InquiryAgreed},
		{"decline", runningInquiry, InquiryDeclined},
		{"lapse", runningInquiry, InquiryLapsed},
	},
}

// Answers are the codes every answer carries.
var Answers = Codes{{"interested", "感兴趣"}, {"more", "需补充"}, {"unsuitable", "不合适"}}

// DeclineReasons are offered when an answer is 不合适; the other party reads the choice.
var DeclineReasons = []string{"指标达不到", "成熟度不够", "价格或预算不符", "已选其他单位", "暂缓", "需求已解决", otherReason}

const otherReason = "其他"

// MaxMessage is the length of a message in characters.
const MaxMessage = 2000

// Reply is an answer to the other party. Reason is one of DeclineReasons and belongs to 不合适 only.
type Reply struct {
	Code   string
	Reason string
	Body   string
}

// Check returns what is wrong with the reply and tidies it in place. The fields are answer, reason and body.
func (r *Reply) Check() Problems {
	var p Problems
	checkText(&p, "body", "内容", &r.Body, MaxMessage)
	if r.Code != "unsuitable" {
		r.Reason = ""
	}
	switch {
	case Answers.Name(r.Code) == "":
		p.Add("answer", "请选择感兴趣、需补充或不合适")
	case r.Code == "more" && r.Body == "":
		p.Add("body", "请写明要对方补充什么")
	case r.Code == "unsuitable" && !slices.Contains(DeclineReasons, r.Reason):
		p.Add("reason", "请选择不合适的原因，对方会看到")
	case r.Reason == otherReason && r.Body == "":
		p.Add("body", "原因选“其他”时，请在内容里写明")
	}
	return p
}

// CheckOpening returns what is wrong with the first message of an inquiry, as the field body, and tidies it in place.
func CheckOpening(body *string) Problems {
	var p Problems
	checkText(&p, "body", "内容", body, MaxMessage)
	if RuneLen(*body) < 10 {
		p.Add("body", "请写明您能提供什么、想了解什么，至少 10 个字")
	}
	return p
}

// TermNames are the terms that both parties agree on before a deal, in the order they are shown.
var TermNames = Codes{
	{"kind", "合作方式"}, {"indicators", "指标"}, {"period", "期限"},
	{"price", "价款"}, {"payment", "付款"}, {"acceptance", "验收与归属"},
}

// Inquiry is a 对接: one organisation writes to another about a listing. It runs on a response clock.
type Inquiry struct {
	ID             int64        `db:"id"`
	Number         string       `db:"number"`
	ListingID      int64        `db:"listing_id"`
	OtherListingID *int64       `db:"other_listing_id"` // the writer's own listing that it offers or asks with
	FromOrg        int64        `db:"from_org"`
	ToOrg          int64        `db:"to_org"`
	State          InquiryState `db:"state"`
	TurnOrg        *int64       `db:"turn_org"` // who has to answer next
	DueOn          *time.Time   `db:"due_on"`
	Reminded       ClockStep    `db:"reminded"` // of the answer that is due now
	DeclineReason  string       `db:"decline_reason"`
	Version        int          `db:"version"`
	CreatedAt      time.Time    `db:"created_at"`
	UpdatedAt      time.Time    `db:"updated_at"`
	Title          string       `db:"title"` // of the listing, joined in when read
	ListingKind    Kind         `db:"listing_kind"`
}

// Party reports whether the organisation is one of the two.
func (i Inquiry) Party(org int64) bool { return org != 0 && (org == i.FromOrg || org == i.ToOrg) }

// Other returns the other party.
func (i Inquiry) Other(org int64) int64 {
	if org == i.FromOrg {
		return i.ToOrg
	}
	return i.FromOrg
}

// ClockStep is what the response clock has come to.
type ClockStep string

// The steps of the response clock, in their order.
const (
	ClockCalm  ClockStep = ""
	ClockSoon  ClockStep = "soon"  // few working days are left
	ClockLate  ClockStep = "late"  // the day has passed
	ClockLapse ClockStep = "lapse" // nobody answered: the inquiry is closed
)

// Working days of the response clock. The time to answer itself is the dated parameter inquiry_response_days.
const (
	RemindDays = 2  // a reminder goes out when no more than these are left
	LapseDays  = 10 // the inquiry is closed when more than these have passed since the day due
)

// AnswerDays is how many working days a party has to answer what it receives on that day.
func (r *Reference) AnswerDays(day time.Time) int {
	return int(r.Parameter("inquiry_response_days", day))
}

// AnswerBy is the last day to answer what is received on that day.
func (r *Reference) AnswerBy(day time.Time) time.Time {
	return r.Calendar.AddWorkdays(day, r.AnswerDays(day))
}

// Clock returns the step of an inquiry's response clock on that day, ClockCalm when no answer is due.
func (i Inquiry) Clock(calendar *Calendar, today time.Time) ClockStep {
	if i.DueOn == nil {
		return ClockCalm
	}
	switch left := calendar.WorkdaysBetween(today, *i.DueOn); {
	case left < -LapseDays:
		return ClockLapse
	case DateOf(*i.DueOn).Before(DateOf(today)):
		return ClockLate
	case left <= RemindDays:
		return ClockSoon
	}
	return ClockCalm
}

// InquiryTerm is one term on the table.
type InquiryTerm struct {
	ID          int64               `db:"id"`
	InquiryID   int64               `db:"inquiry_id"`
	Term        string              `db:"term"`
	Value       string              `db:"value"` // kind: a contract kind's code; price: empty
	Amount      decimal.NullDecimal `db:"amount"`
	ProposedOrg int64               `db:"proposed_org"`
	ProposedBy  int64               `db:"proposed_by"`
	ProposedAt  time.Time           `db:"proposed_at"`
	AgreedBy    *int64              `db:"agreed_by"`
	AgreedAt    *time.Time          `db:"agreed_at"`
}

// CheckTerm returns what is wrong with a proposed term and tidies it in place.
func (t *InquiryTerm) CheckTerm(ref *Reference) Problems {
	var p Problems
	if t.Term != "price" {
		t.Amount = decimal.NullDecimal{}
	}
	switch t.Term {
	case "kind":
		if _, ok := ref.ContractKind(t.Value); !ok {
			p.Add("kind", "请选择合作方式")
		}
	case "price":
		t.Value = ""
		p.AddErr("price", checkPrice(t.Amount))
	case "indicators", "period", "payment", "acceptance":
		checkText(&p, t.Term, TermNames.Name(t.Term), &t.Value, MaxTerm)
		if t.Value == "" {
			p.Add(t.Term, "请填写%s", TermNames.Name(t.Term))
		}
	default:
		p.Add(t.Term, "没有这一项条件")
	}
	return p
}

// MaxTerm is the length of a term in characters.
const MaxTerm = 1000

// checkPrice says what is wrong with an agreed price; nil when nothing is.
func checkPrice(amount decimal.NullDecimal) error {
	switch yuan := amount.Decimal; {
	case !amount.Valid || !yuan.IsPositive():
		return Errorf(Invalid, "请填写大于 0 的价款")
	case yuan.GreaterThanOrEqual(decimal.New(1, maxYuanDigits)):
		return Errorf(Invalid, "价款在 1 万亿元以上，请核对数字和单位")
	case !yuan.Equal(yuan.Round(2)):
		return Errorf(Invalid, "价款最多精确到分")
	}
	return nil
}

// Same reports whether two proposals of a term say the same.
func (t InquiryTerm) Same(other InquiryTerm) bool {
	return t.Term == other.Term && t.Value == other.Value && t.Amount.Decimal.Equal(other.Amount.Decimal)
}

// WaitsFor reports whether the organisation has yet to agree to what the other party proposed.
func (t InquiryTerm) WaitsFor(org int64) bool { return t.AgreedAt == nil && t.ProposedOrg != org }

// MissingTerms names the terms that are not on the table or not agreed yet; current holds the newest of each.
func MissingTerms(current []InquiryTerm) []string {
	var missing []string
	for _, name := range TermNames {
		agreed := slices.ContainsFunc(current, func(t InquiryTerm) bool { return t.Term == name.Code && t.AgreedAt != nil })
		if !agreed {
			missing = append(missing, name.Name)
		}
	}
	return missing
}

// DealState is where a deal stands.
type DealState string

// The states of a deal.
const (
	DealAgreed     DealState = "agreed"
	DealContracted DealState = "contracted"
	DealFallen     DealState = "fallen_through"
)

// Name returns the state's Chinese name.
func (s DealState) Name() string { return Deals.Names[s] }

// Deals is the state machine of a deal. It is contracted when its contract is registered.
var Deals = Machine[DealState]{
	Noun:   "成交",
	States: []DealState{DealAgreed, DealContracted, DealFallen},
	Names:  map[DealState]string{DealAgreed: "已达成", DealContracted: "已签约登记", DealFallen: "未签约"},
	Rules: []Rule[DealState]{
		{"contract", []DealState{DealAgreed}, DealContracted},
		{"fall", []DealState{DealAgreed}, DealFallen},
		{"uncontract", []DealState{DealContracted}, DealAgreed},
	},
}

// TradeModes are the ways a deal comes about; none is a contract made outside the market.
var TradeModes = Codes{{"inquiry", "对接"}, {"offer", "挂牌"}, {"auction", "网络竞价"}, {"challenge", "揭榜"}, {"none", "市场外"}}

// Deal is what an inquiry or a challenge ended in, with a copy of the terms agreed on.
type Deal struct {
	ID          int64           `db:"id"`
	Number      string          `db:"number"`
	InquiryID   *int64          `db:"inquiry_id"`
	ChallengeID *int64          `db:"challenge_id"`
	NeedID      *int64          `db:"need_id"`
	ResultID    *int64          `db:"result_id"`
	TradeMode   string          `db:"trade_mode"`
	SellerOrg   int64           `db:"seller_org"`
	BuyerOrg    int64           `db:"buyer_org"`
	State       DealState       `db:"state"`
	Title       string          `db:"title"`
	Kind        string          `db:"kind"`
	Indicators  string          `db:"indicators"`
	Period      string          `db:"period"`
	Price       decimal.Decimal `db:"price"`
	Payment     string          `db:"payment"`
	Acceptance  string          `db:"acceptance"`
	FallReason  string          `db:"fall_reason"`
	AgreedAt    time.Time       `db:"agreed_at"`
}

// MaxFallReason is how long the reason of a deal that falls through may be, in characters.
const MaxFallReason = 200

// CheckFallReason cleans the reason of a deal that falls through and returns what is wrong with it, at fall_reason.
func CheckFallReason(reason *string) error {
	var p Problems
	checkText(&p, "fall_reason", "原因", reason, MaxFallReason)
	if *reason == "" {
		p.Add("fall_reason", "请写明为什么不签约，对方会看到")
	}
	return p.Err()
}

// NewDeal is the deal of an inquiry on terms that are all agreed. The owner of the result sells; who posted the need
// buys, whichever of the two wrote first.
func NewDeal(i Inquiry, terms []InquiryTerm, at time.Time) Deal {
	d := Deal{InquiryID: &i.ID, TradeMode: "inquiry", State: DealAgreed, Title: i.Title, AgreedAt: at,
		NeedID: &i.ListingID, ResultID: i.OtherListingID, BuyerOrg: i.ToOrg, SellerOrg: i.FromOrg}
	if i.ListingKind == KindResult {
		d.NeedID, d.ResultID = i.OtherListingID, &i.ListingID
		d.BuyerOrg, d.SellerOrg = i.FromOrg, i.ToOrg
	}
	for _, t := range terms {
		switch t.Term {
		case "kind":
			d.Kind = t.Value
		case "indicators":
			d.Indicators = t.Value
		case "period":
			d.Period = t.Value
		case "price":
			d.Price = t.Amount.Decimal
		case "payment":
			d.Payment = t.Value
		case "acceptance":
			d.Acceptance = t.Value
		}
	}
	return d
}

// NewChallengeDeal is the deal that an awarded proposal leads to: the proposer sells at its price, on the terms that the
// challenge was published with.
func NewChallengeDeal(c Challenge, p Proposal, at time.Time) Deal {
	var indicators []string
	for _, i := range c.Indicators {
		indicators = append(indicators, strings.TrimSpace(i.Name+" "+i.Target+" "+i.Unit))
	}
	return Deal{ChallengeID: &c.ID, NeedID: c.NeedID, TradeMode: "challenge", State: DealAgreed, Title: c.Title, BuyerOrg: c.OrgID, SellerOrg: p.OrgID,
		Kind: c.ContractKind, Indicators: strings.Join(indicators, "；"), Period: p.Period, Price: p.Price.Decimal, Payment: c.Payment,
		Acceptance: "按榜单公布的指标和检验方法验收", AgreedAt: at}
}
