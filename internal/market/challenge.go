package market

import (
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// ChallengeState is where a challenge stands.
type ChallengeState string

// The states of a challenge. What a challenge takes is sealed until it leaves ChallengeOpen.
const (
	ChallengeDraft     ChallengeState = "draft"
	ChallengeInReview  ChallengeState = "in_review"
	ChallengeReturned  ChallengeState = "returned"
	ChallengeOpen      ChallengeState = "open"
	ChallengeJudging   ChallengeState = "judging"
	ChallengePublicity ChallengeState = "publicity" // the decision is made and may still be sent back
	ChallengeAwarded   ChallengeState = "awarded"
	ChallengeUnawarded ChallengeState = "unawarded"
	ChallengeCancelled ChallengeState = "cancelled" // by an official decision
)

// Challenges is the state machine of a challenge. Nobody but a reviewer can end one that is open: it stays to its deadline.
var Challenges = Machine[ChallengeState]{
	Noun: "榜单",
	States: []ChallengeState{ChallengeDraft, ChallengeInReview, ChallengeReturned, ChallengeOpen, ChallengeJudging, ChallengePublicity,
		ChallengeAwarded, ChallengeUnawarded, ChallengeCancelled},
	Names: map[ChallengeState]string{ChallengeDraft: "草稿", ChallengeInReview: "审核中", ChallengeReturned: "已退回", ChallengeOpen: "揭榜中",
		ChallengeJudging: "评审中", ChallengePublicity: "结果公示", ChallengeAwarded: "已定榜", ChallengeUnawarded: "未定榜", ChallengeCancelled: "已终止"},
	Rules: []Rule[ChallengeState]{
		{"submit", []ChallengeState{ChallengeDraft, ChallengeReturned}, ChallengeInReview},
		{"recall", []ChallengeState{ChallengeInReview}, ChallengeDraft},
		{"publish", []ChallengeState{ChallengeInReview}, ChallengeOpen},
		{"return", []ChallengeState{ChallengeInReview}, ChallengeReturned},
		{"open", []ChallengeState{ChallengeOpen}, ChallengeJudging},
		{"decide", []ChallengeState{ChallengeJudging}, ChallengePublicity},
		{"remand", []ChallengeState{ChallengePublicity}, ChallengeJudging},
		{"award", []ChallengeState{ChallengePublicity}, ChallengeAwarded},
		{"unaward", []ChallengeState{ChallengePublicity}, ChallengeUnawarded},
		{"cancel", []ChallengeState{ChallengeOpen, ChallengeJudging}, ChallengeCancelled},
	},
}

// Name returns the state's Chinese name.
func (s ChallengeState) Name() string { return Challenges.Names[s] }

// Editable reports whether the poster may change the text.
func (s ChallengeState) Editable() bool { return s == ChallengeDraft || s == ChallengeReturned }

// Public reports whether everybody may read the challenge. One that was published stays readable for ever.
func (s ChallengeState) Public() bool {
	return !slices.Contains([]ChallengeState{ChallengeDraft, ChallengeInReview, ChallengeReturned}, s)
}

// Decided reports whether the outcome is public.
func (s ChallengeState) Decided() bool {
	return s == ChallengePublicity || s == ChallengeAwarded || s == ChallengeUnawarded
}

// Challenge is a 揭榜挂帅: a problem with an award, a deadline and published criteria, for which proposals are sent in.
type Challenge struct {
	ID     int64
	Number string // JB-2026-0003
	OrgID  int64
	NeedID *int64 // the poster's own need that it came from
	State  ChallengeState

	Title        string
	Submarket    string
	Fields       []string
	Problem      string
	Indicators   []Indicator
	Requirements string // of who may propose
	Award        decimal.NullDecimal
	Payment      string // how the award is paid
	ContractKind string // of the contract that an award leads to
	Awards       int    // how many proposals may be awarded at most
	Deadline     *time.Time
	Criteria     []Criterion

	SecrecyConfirmed bool
	ContactName      string // read by its own people, reviewers and the awarded
	ContactPhone     string

	SubmittedAt    *time.Time
	PublishedAt    *time.Time
	OpenedAt       *time.Time // when the proposals were unsealed
	PublicityUntil *time.Time // the last day of the publicity
	Outcome        string     // the poster's reason for the decision
	Official       string     // why a reviewer ended it or sent its decision back
	ReturnCodes    []string
	ReturnNote     string
	Version        int
}

// Criterion is a published measure of a proposal. The weights of a challenge sum to 100.
type Criterion struct {
	Name   string `db:"name" json:"name"`
	Detail string `db:"detail" json:"detail"`
	Weight int    `db:"weight" json:"weight"`
}

// Limits of a challenge.
const (
	MaxCriteria      = 10
	MaxAwards        = 5
	MinChallengeDays = 7 // between submission and deadline, so that proposers have time
	MaxScore         = 100
	MaxQuestion      = 500
	MaxAnswer        = 1000
	MaxProposalFiles = 5

	challengeHour = 17 // of the last day
)

// ChallengeDeadline is the moment at which a challenge ends that closes on that day.
func ChallengeDeadline(day time.Time) time.Time {
	return DateOf(day).Add(challengeHour * time.Hour)
}

// CheckDraft returns what keeps the challenge from being saved as a draft. It tidies the text in place.
func (c *Challenge) CheckDraft(ref *Reference) Problems {
	var p Problems
	checkLine(&p, "title", "标题", &c.Title, MaxTitle)
	if c.Title == "" {
		p.Add("title", "请填写标题")
	}
	c.Fields = distinct(c.Fields)
	checkFields(&p, ref, c.Submarket, c.Fields)
	checkText(&p, "problem", "现状与瓶颈", &c.Problem, MaxText)
	checkIndicators(&p, &c.Indicators)
	checkText(&p, "requirements", "对揭榜方的要求", &c.Requirements, 1000)
	c.checkAward(&p, ref)
	c.checkCriteria(&p)
	checkLine(&p, "contact_name", "联系人", &c.ContactName, 30)
	checkLine(&p, "contact_phone", "联系电话", &c.ContactPhone, 30)
	return p
}

func (c *Challenge) checkAward(p *Problems, ref *Reference) {
	if c.Award.Valid {
		p.AddErr("award", checkPrice(c.Award))
	}
	checkText(p, "payment", "支付方式", &c.Payment, 500)
	if _, ok := ref.ContractKind(c.ContractKind); c.ContractKind != "" && !ok {
		p.Add("contract_kind", "请从列表中选择合同类别")
	}
	if c.Awards < 1 || c.Awards > MaxAwards {
		p.Add("awards", "中榜数应是 1 到 %d", MaxAwards)
	}
	if c.Deadline != nil && (c.Deadline.Year() < 2020 || c.Deadline.Year() > 2100) {
		p.Add("deadline", "截止日期的年份不对，请核对")
	}
}

func (c *Challenge) checkCriteria(p *Problems) {
	c.Criteria = slices.DeleteFunc(c.Criteria, func(x Criterion) bool { return Normalize(x.Name+x.Detail) == "" && x.Weight == 0 })
	if len(c.Criteria) > MaxCriteria {
		p.Add("criteria", "评审标准最多 %d 项", MaxCriteria)
		return
	}
	for i := range c.Criteria {
		row, at := &c.Criteria[i], rowName("criteria", i)
		checkLine(p, at+"name", "标准", &row.Name, 30)
		checkLine(p, at+"detail", "说明", &row.Detail, 200)
		if row.Name == "" {
			p.Add(at+"name", "第 %d 项标准还没有名称", i+1)
		}
		if row.Weight < 1 || row.Weight > 100 {
			p.Add(at+"weight", "第 %d 项标准的权重应是 1 到 100 的整数", i+1)
		}
	}
}

// CheckSubmit returns what keeps the challenge from being submitted at that moment.
func (c *Challenge) CheckSubmit(ref *Reference, now time.Time) Problems {
	p := c.CheckDraft(ref)
	if c.Submarket == "" {
		p.Add("submarket", "请选择专业市场")
	}
	if len(c.Fields) == 0 {
		p.Add("fields", "请至少选择一个细分领域")
	}
	if RuneLen(c.Problem) < 20 {
		p.Add("problem", "请写清现在怎么做、卡在哪里、试过什么，至少 20 个字")
	}
	if len(c.Indicators) == 0 {
		p.Add("indicators", "请至少填写一项指标，验收按指标")
	}
	if !c.Award.Valid {
		p.Add("award", "请填写榜金")
	}
	if c.Payment == "" {
		p.Add("payment", "请写明榜金怎么付，例：签约付 30%%，验收付 70%%")
	}
	if c.ContractKind == "" {
		p.Add("contract_kind", "请选择中榜后签哪类合同")
	}
	first := DateOf(now).AddDate(0, 0, MinChallengeDays)
	switch {
	case c.Deadline == nil:
		p.Add("deadline", "请填写截止日期")
	case c.Deadline.Before(first):
		p.Add("deadline", "截止日期至少在 %d 天以后（%s 起），给揭榜方留出时间", MinChallengeDays, first.Format(time.DateOnly))
	}
	c.checkWeights(&p)
	if !c.SecrecyConfirmed {
		p.Add("secrecy", "请确认不含国家秘密、工作秘密")
	}
	return p
}

func (c *Challenge) checkWeights(p *Problems) {
	if len(c.Criteria) == 0 {
		p.Add("criteria", "请至少填写一项评审标准")
		return
	}
	sum := 0
	for _, row := range c.Criteria {
		sum += row.Weight
	}
	if sum != 100 {
		p.Add("criteria", "权重合计应是 100，现在是 %d", sum)
	}
}

// Running reports whether proposals and questions are taken at that moment: it is open and its deadline has not come.
func (c *Challenge) Running(now time.Time) bool {
	return c.State == ChallengeOpen && c.Deadline != nil && now.Before(*c.Deadline)
}

// CheckQuestion tidies a question of everybody's and returns what is wrong with it, as the field question.
func CheckQuestion(question *string) Problems {
	var p Problems
	checkText(&p, "question", "问题", question, MaxQuestion)
	if RuneLen(*question) < 5 {
		p.Add("question", "请写明要问什么，至少 5 个字")
	}
	if found := ContactIn(*question); found != "" {
		p.Add("question", "问题对所有人公开，请去掉“%s”", found)
	}
	return p
}

// CheckAnswer is CheckQuestion for the poster's answer, as the field answer.
func CheckAnswer(answer *string) Problems {
	var p Problems
	checkText(&p, "answer", "答复", answer, MaxAnswer)
	if *answer == "" {
		p.Add("answer", "请填写答复")
	}
	return p
}

// WeightedTotal is a judge's total of a proposal, from 0 to 100: the scores are in the order of the criteria.
func WeightedTotal(criteria []Criterion, scores []int) decimal.Decimal {
	sum := 0
	for i, c := range criteria {
		sum += c.Weight * scores[i]
	}
	return decimal.New(int64(sum), -2)
}

// ParseWhole reads a whole number as it is typed into a form, -1 when it is none.
func ParseWhole(text string) int {
	n, err := strconv.Atoi(squeeze(text))
	if err != nil || n < 0 {
		return -1
	}
	return n
}
