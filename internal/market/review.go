package market

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Subject is the sort of thing that a reviewer decides on.
type Subject string

// The subjects. Those of listings are their kinds.
const (
	SubjectOrg       Subject = "org"
	SubjectOrgChange Subject = "org_change"
	SubjectNeed      Subject = Subject(KindNeed)
	SubjectResult    Subject = Subject(KindResult)
	SubjectRevision  Subject = "revision" // an edit of a public need or result
	SubjectChallenge Subject = "challenge"
)

// Subjects lists them in the order of the queue's tabs.
var Subjects = []Subject{SubjectOrg, SubjectOrgChange, SubjectNeed, SubjectResult, SubjectRevision, SubjectChallenge}

// Name returns the subject's Chinese name.
func (s Subject) Name() string {
	return map[Subject]string{SubjectOrg: "单位", SubjectOrgChange: "单位变更", SubjectNeed: "需求", SubjectResult: "成果", SubjectRevision: "内容修改", SubjectChallenge: "榜单"}[s]
}

// Check is a line of a reviewer's check list. Reason is the coded reason that a failure stands for.
type Check struct {
	Code   string
	Text   string
	Reason string
}

// Checks returns the check list of the subject.
func (s Subject) Checks() []Check {
	switch s {
	case SubjectOrg:
		return []Check{
			{"code", "信用代码与证照一致", "U1"},
			{"name", "单位全称与证照一致", "U2"},
			{"place", "单位类型、所在地与实际一致", "U3"},
			{"single", "没有别的单位冒用或重复登记同一代码", "U4"},
		}
	case SubjectOrgChange:
		return []Check{
			{"code", "变更后的信用代码与新证照一致", "U1"},
			{"name", "变更后的单位全称与新证照一致", "U2"},
			{"type", "变更后的单位类型与新证照一致", "U3"},
			{"same", "是同一家单位的变更，不是换成另一家单位", "U9"},
			{"single", "没有别的单位冒用或登记变更后的代码", "U4"},
		}
	case SubjectRevision:
		return []Check{
			{"same", "仍是同一项，不是换成另一项", "N5"},
			{"clear", "改后的内容具体、看得懂", "N1"},
			{"terms", "改后的数、价格、期限合理", "N3"},
			{"secret", "改后的公开部分不含技术秘密、国家秘密", "N4"},
			{"contact", "改后的公开部分没有电话、邮箱、外链", "N4"},
		}
	case SubjectNeed:
		return []Check{
			{"clear", "问题具体，看得懂难在哪里", "N1"},
			{"measures", "每个指标有现值、要求、单位和检验方法", "N2"},
			{"terms", "预算、期限合理", "N3"},
			{"secret", "公开部分不含技术秘密", "N4"},
			{"state", "不含国家秘密、工作秘密", "N4"},
			{"contact", "公开部分没有电话、邮箱、外链", "N4"},
			{"single", "与已有需求不重复", "N5"},
			{"field", "专业市场、细分领域选得对", "N6"},
		}
	case SubjectChallenge:
		return []Check{
			{"clear", "问题具体，看得懂难在哪里", "N1"},
			{"measures", "每个指标有现值、要求、单位和检验方法", "N2"},
			{"terms", "榜金、支付方式、期限合理，合同类别选得对", "N3"},
			{"criteria", "评审标准清楚，权重合理，不偏向某一家", "N9"},
			{"fair", "对揭榜方的要求没有不合理的限制", "N9"},
			{"secret", "公开部分不含技术秘密", "N4"},
			{"state", "不含国家秘密、工作秘密", "N4"},
			{"contact", "公开部分没有电话、邮箱、外链", "N4"},
			{"field", "专业市场、细分领域选得对", "N6"},
		}
	case SubjectResult:
		return []Check{
			{"clear", "看得懂是什么、解决什么问题", "N1"},
			{"measures", "优势、经济性有数可查", "N2"},
			{"stage", "成熟度与案例、知识产权相称", "N9"},
			{"rights", "知识产权编号、状态可信，单位有权转化", "N9"},
			{"terms", "价格方式、价格合理", "N3"},
			{"secret", "公开部分不含技术秘密", "N4"},
			{"state", "不含国家秘密、工作秘密", "N4"},
			{"contact", "公开部分没有电话、邮箱、外链", "N4"},
			{"single", "与已有成果不重复", "N5"},
			{"field", "专业市场、细分领域选得对", "N6"},
		}
	}
	return nil
}

// Tick is a reviewer's word on a line of the check list.
type Tick string

// The ticks.
const (
	TickYes Tick = "yes" // 合格
	TickNo  Tick = "no"  // 不符
	TickNA  Tick = "na"  // 不适用
)

// Ticks holds the ticks by the code of their check.
type Ticks map[string]Tick

// Pass returns the words that are kept of a completed check list. Every line must be 合格 or 不适用; else it returns an
// Invalid error that names the lines that are not, at fields check.CODE.
func (t Ticks) Pass(s Subject) (string, error) {
	var p Problems
	var yes int
	var na []string
	for _, c := range s.Checks() {
		switch t[c.Code] {
		case TickYes:
			yes++
		case TickNA:
			na = append(na, c.Text)
		case TickNo:
			p.Add("check."+c.Code, "“%s”不符，不能通过", c.Text)
		default:
			p.Add("check."+c.Code, "还没有核对“%s”", c.Text)
		}
	}
	if err := AsError(p.Err()); err != nil {
		err.Message = fmt.Sprintf("核对单还有 %d 项没有合格，不能通过", len(p))
		return "", err
	}
	note := fmt.Sprintf("核对单 %d 项合格", yes)
	if len(na) > 0 {
		note += "；不适用：" + strings.Join(na, "、")
	}
	return note, nil
}

// Failed returns the coded reasons of the lines that are 不符, each once, in the order of the list.
func (t Ticks) Failed(s Subject) []string {
	var reasons []string
	for _, c := range s.Checks() {
		if t[c.Code] == TickNo && !slices.Contains(reasons, c.Reason) {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons
}

// ReviewTerm returns how many working days a reviewer has for what was submitted then, and the last of them. The change
// of an organisation has the term of an organisation, an edit of what is public that of a need: only what is new is read.
// A challenge has the term of a result.
func (r *Reference) ReviewTerm(s Subject, submitted time.Time) (days int, due time.Time) {
	switch s {
	case SubjectRevision:
		s = SubjectNeed
	case SubjectOrgChange:
		s = SubjectOrg
	case SubjectChallenge:
		s = SubjectResult
	}
	days = int(r.Parameter(string(s)+"_review_days", submitted))
	return days, r.Calendar.AddWorkdays(submitted, days)
}

// Claim is a reviewer's word that an item of the queue is theirs until the end of a day; nobody else decides on it meanwhile.
type Claim struct {
	UserID   int64     `db:"user_id"`
	UserName string    `db:"user_name"`
	LastDay  time.Time `db:"last_day"`
}

// NewClaim is what somebody gets who takes an item then: a number of working days (product.md, the limits).
func (r *Reference) NewClaim(a Actor, at time.Time) Claim {
	days := int(r.Parameter("claim_days", at))
	return Claim{UserID: a.UserID, LastDay: r.Calendar.AddWorkdays(at, days)}
}

// contactPatterns find ways to reach somebody outside the market: phone numbers, e-mail and web addresses.
var contactPatterns = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[^\d.])(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?:[^\d.]|$)`),
	regexp.MustCompile(`(?:^|[^\d.])(0\d{2,3}[ -]\d{7,8})(?:\D|$)`),
	regexp.MustCompile(`([\w.+-]+@[\w-]+(?:\.[\w-]+)+)`),
	regexp.MustCompile(`(?i)((?:https?://|www\.)[\w.-]+)`),
}

// ContactIn returns the first phone number, e-mail or web address in a text, "" when there is none.
func ContactIn(text string) string {
	for _, pattern := range contactPatterns {
		if m := pattern.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return ""
}

// AllYes ticks every line of the subject's check list: for a reviewer who has no form to tick, as through the API,
// where passing says that all of it holds.
func (s Subject) AllYes() Ticks {
	t := Ticks{}
	for _, c := range s.Checks() {
		t[c.Code] = TickYes
	}
	return t
}
