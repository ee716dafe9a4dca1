package market

import (
	"slices"
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
		{"answer", runningInquiry, InquiryAnswered},
		{"propose", runningInquiry, InquiryNegotiating},
		{"agree_term", []InquiryState{InquiryNegotiating}, InquiryNegotiating},
		{"agree", []InquiryState{InquiryNegotiating}, InquiryAgreed},
		{"decline", runningInquiry, InquiryDeclined},
		{"lapse", runningInquiry, InquiryLapsed},
	},
}

// Answers are the codes every answer carries.
var Answers = Codes{{"interested", "感兴趣"}, {"more", "需补充"}, {"unsuitable", "不合适"}}

// DeclineReasons are offered when an answer is 不合适; the other party reads the choice.
var DeclineReasons = []string{"指标达不到", "成熟度不够", "价格或预算不符", "已选其他单位", "暂缓", "需求已解决", "其他"}

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
	DeclineReason  string       `db:"decline_reason"`
	Version        int          `db:"version"`
	CreatedAt      time.Time    `db:"created_at"`
	UpdatedAt      time.Time    `db:"updated_at"`
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
	switch t.Term {
	case "kind":
		if _, ok := ref.ContractKind(t.Value); !ok {
			p.Add("kind", "请选择合作方式")
		}
	case "price":
		t.Value = ""
		if !t.Amount.Valid || !t.Amount.Decimal.IsPositive() {
			p.Add("price", "请填写价款")
		}
	default:
		checkText(&p, t.Term, TermNames.Name(t.Term), &t.Value, 1000)
		if t.Value == "" {
			p.Add(t.Term, "请填写%s", TermNames.Name(t.Term))
		}
	}
	return p
}

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

// Deal is what an inquiry ended in, with a copy of the terms agreed on.
type Deal struct {
	ID         int64           `db:"id"`
	Number     string          `db:"number"`
	InquiryID  *int64          `db:"inquiry_id"`
	NeedID     *int64          `db:"need_id"`
	ResultID   *int64          `db:"result_id"`
	TradeMode  string          `db:"trade_mode"`
	SellerOrg  int64           `db:"seller_org"`
	BuyerOrg   int64           `db:"buyer_org"`
	State      DealState       `db:"state"`
	Title      string          `db:"title"`
	Kind       string          `db:"kind"`
	Indicators string          `db:"indicators"`
	Period     string          `db:"period"`
	Price      decimal.Decimal `db:"price"`
	Payment    string          `db:"payment"`
	Acceptance string          `db:"acceptance"`
	FallReason string          `db:"fall_reason"`
	AgreedAt   time.Time       `db:"agreed_at"`
}
