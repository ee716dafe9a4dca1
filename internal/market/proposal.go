package market

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// ProposalState is where a proposal stands.
type ProposalState string

// The states of a proposal.
const (
	ProposalSubmitted ProposalState = "submitted"
	ProposalWithdrawn ProposalState = "withdrawn"
	ProposalAwarded   ProposalState = "awarded"
	ProposalUnawarded ProposalState = "unawarded"
	ProposalReleased  ProposalState = "released" // the challenge was ended by an official decision
)

// MaxReason is the length of a reason for an award or against it, in characters.
const MaxReason = 1000

// Proposals is the state machine of a proposal. A withdrawn one may be handed in again until the deadline.
var Proposals = Machine[ProposalState]{
	Noun:   "方案",
	States: []ProposalState{ProposalSubmitted, ProposalWithdrawn, ProposalAwarded, ProposalUnawarded, ProposalReleased},
	Names: map[ProposalState]string{ProposalSubmitted: "已提交", ProposalWithdrawn: "已撤回", ProposalAwarded: "中榜", ProposalUnawarded: "未中榜",
		ProposalReleased: "榜单已终止"},
	Rules: []Rule[ProposalState]{
		{"edit", []ProposalState{ProposalSubmitted}, ProposalSubmitted},
		{"withdraw", []ProposalState{ProposalSubmitted}, ProposalWithdrawn},
		{"resubmit", []ProposalState{ProposalWithdrawn}, ProposalSubmitted},
		{"award", []ProposalState{ProposalSubmitted}, ProposalAwarded},
		{"unaward", []ProposalState{ProposalSubmitted}, ProposalUnawarded},
		{"release", []ProposalState{ProposalSubmitted}, ProposalReleased},
	},
}

// Name returns the state's Chinese name.
func (s ProposalState) Name() string { return Proposals.Names[s] }

// Proposal is what an organisation sends in for a challenge. Until the deadline nobody but its own people reads it, or
// that there is one.
type Proposal struct {
	ID          int64
	ChallengeID int64
	OrgID       int64
	State       ProposalState
	Answers     []string // to the criteria, in their order
	Team        string
	Plan        string
	Period      string // how long it takes
	Price       decimal.NullDecimal
	Files       []string // ids of uploaded files
	Reason      string   // why it was, or was not, awarded
	Version     int      // 0 for none yet
	SubmittedAt time.Time
}

// Check returns what keeps the proposal from being handed in for the challenge. It tidies the text in place.
func (x *Proposal) Check(c *Challenge) Problems {
	var p Problems
	for len(x.Answers) < len(c.Criteria) {
		x.Answers = append(x.Answers, "")
	}
	x.Answers = x.Answers[:len(c.Criteria)]
	for i, criterion := range c.Criteria {
		field := fmt.Sprintf("answer.%d", i)
		checkText(&p, field, criterion.Name, &x.Answers[i], MaxText)
		if x.Answers[i] == "" {
			p.Add(field, "请就“%s”写明您的方案，评审按这一项打分", criterion.Name)
		}
	}
	checkText(&p, "team", "团队", &x.Team, MaxText)
	if x.Team == "" {
		p.Add("team", "请写明谁来做、做过什么")
	}
	checkText(&p, "plan", "进度安排", &x.Plan, MaxText)
	if x.Plan == "" {
		p.Add("plan", "请写明分几步、各到什么时候")
	}
	checkLine(&p, "period", "完成时间", &x.Period, 100)
	if x.Period == "" {
		p.Add("period", "请写明多久完成，例：签约后 10 个月")
	}
	p.AddErr("price", checkPrice(x.Price))
	if x.Price.Valid && !p.Has("price") && c.Award.Valid && x.Price.Decimal.GreaterThan(c.Award.Decimal) {
		p.Add("price", "报价不能高于榜金 %s", FormatMoney(c.Award.Decimal))
	}
	if len(x.Files) > MaxProposalFiles {
		p.Add("proposal", "附件最多 %d 个", MaxProposalFiles)
	}
	return p
}

// JudgeState is where a judge of a challenge stands.
type JudgeState string

// The states of a judge.
const (
	JudgeInvited  JudgeState = "invited"
	JudgeAccepted JudgeState = "accepted"
	JudgeDeclined JudgeState = "declined"
	JudgeExcluded JudgeState = "excluded" // belongs to a proposer, as was found when the proposals were unsealed
	JudgeRemoved  JudgeState = "removed"  // by the poster
)

// Judges is the state machine of a judge.
var Judges = Machine[JudgeState]{
	Noun:   "评审邀请",
	States: []JudgeState{JudgeInvited, JudgeAccepted, JudgeDeclined, JudgeExcluded, JudgeRemoved},
	Names: map[JudgeState]string{JudgeInvited: "等待接受", JudgeAccepted: "已接受", JudgeDeclined: "已谢绝", JudgeExcluded: "有利害关系，已回避",
		JudgeRemoved: "已取消"},
	Rules: []Rule[JudgeState]{
		{"accept", []JudgeState{JudgeInvited}, JudgeAccepted},
		{"decline", []JudgeState{JudgeInvited}, JudgeDeclined},
		{"exclude", []JudgeState{JudgeInvited, JudgeAccepted}, JudgeExcluded},
		{"remove", []JudgeState{JudgeInvited, JudgeAccepted}, JudgeRemoved},
	},
}

// Name returns the state's Chinese name.
func (s JudgeState) Name() string { return Judges.Names[s] }

// CheckScores tidies a judge's scores and comments of a proposal, one for each criterion, and returns what is wrong with
// them, at score.N and comment.N.
func CheckScores(criteria []Criterion, scores []int, comments []string) Problems {
	var p Problems
	for i, c := range criteria {
		if scores[i] < 0 || scores[i] > MaxScore {
			p.Add(fmt.Sprintf("score.%d", i), "“%s”请打 0 到 %d 的整数", c.Name, MaxScore)
		}
		checkText(&p, fmt.Sprintf("comment.%d", i), "评语", &comments[i], 500)
		if comments[i] == "" {
			p.Add(fmt.Sprintf("comment.%d", i), "请就“%s”写一句评语", c.Name)
		}
	}
	return p
}

// Decision is the poster's decision: which proposals are awarded, none for 未定榜, with the reasons.
type Decision struct {
	Awarded []int64
	Outcome string           // public
	Reasons map[int64]string // of each proposal, read by its proposer
}

// Check returns what is wrong with the decision about these proposals. It tidies the texts in place.
func (d *Decision) Check(c *Challenge, proposals []int64) Problems {
	var p Problems
	d.Awarded = distinctIDs(d.Awarded)
	if len(d.Awarded) > c.Awards {
		p.Add("awarded", "榜单公布的中榜数是 %d，最多选 %d 个", c.Awards, c.Awards)
	}
	checkText(&p, "outcome", "决定的理由", &d.Outcome, MaxReason)
	if RuneLen(d.Outcome) < 10 {
		p.Add("outcome", "请写明为什么这样决定，所有人会看到，至少 10 个字")
	}
	for _, id := range proposals {
		field, reason := fmt.Sprintf("reason.%d", id), d.Reasons[id]
		checkText(&p, field, "理由", &reason, MaxReason)
		if reason == "" {
			p.Add(field, "请写明理由，提出方案的单位会看到")
		}
		d.Reasons[id] = reason
	}
	return p
}

func distinctIDs(ids []int64) []int64 {
	seen := map[int64]bool{}
	var out []int64
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
