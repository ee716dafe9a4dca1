package market

import (
	"slices"
	"strings"
	"time"
)

// Objectors are who may object to a registration.
var Objectors = Codes{{"tax", "税务机关"}, {"finance", "财政部门"}, {"applicant", "申请人"}}

// ObjectionOutcomes are how an objection to a registered contract may end.
var ObjectionOutcomes = Codes{{"upheld", "维持登记"}, {"changed", "应当变更登记"}, {"cancelled", "注销登记"}, {"revoked", "撤销登记"}}

// registrationOutcomes are how one ends that came before the registration: as the registration did.
var registrationOutcomes = Codes{{"registered", "准予登记"}, {"refused", "不予登记"}, {"ended", "申请人撤回登记申请"}}

// ObjectionState is where an objection stands.
type ObjectionState string

// The states of an objection.
const (
	ObjectionOpen      ObjectionState = "open"
	ObjectionProposed  ObjectionState = "proposed"
	ObjectionDecided   ObjectionState = "decided"
	ObjectionWithdrawn ObjectionState = "withdrawn"
)

// Open reports whether the objection waits for a decision.
func (s ObjectionState) Open() bool { return s == ObjectionOpen || s == ObjectionProposed }

// Name returns the state's Chinese name.
func (s ObjectionState) Name() string { return Objections.Names[s] }

// Objections is the state machine of an objection to a contract. One person proposes an outcome, another decides.
var Objections = Machine[ObjectionState]{
	Noun:   "异议",
	States: []ObjectionState{ObjectionOpen, ObjectionProposed, ObjectionDecided, ObjectionWithdrawn},
	Names:  map[ObjectionState]string{ObjectionOpen: "待审查", ObjectionProposed: "待复核", ObjectionDecided: "已有结论", ObjectionWithdrawn: "已撤回"},
	Rules: []Rule[ObjectionState]{
		{"propose", []ObjectionState{ObjectionOpen}, ObjectionProposed},
		{"return", []ObjectionState{ObjectionProposed}, ObjectionOpen}, // the second person does not agree
		{"confirm", []ObjectionState{ObjectionProposed}, ObjectionDecided},
		{"close", []ObjectionState{ObjectionOpen}, ObjectionDecided}, // with the decision on the registration
		{"withdraw", []ObjectionState{ObjectionOpen, ObjectionProposed}, ObjectionWithdrawn},
	},
}

// Objection is what an authority or the applicant has against a contract.
type Objection struct {
	ID             int64
	ContractID     int64
	State          ObjectionState
	Objector       string // of Objectors
	Name           string // of the authority
	LetterNumber   string // 文号; an applicant need not have one
	LetterOn       time.Time
	Body           string
	FileID         string // the letter
	Registered     bool   // the contract was registered when it came
	ReceivedAt     time.Time
	DueOn          *time.Time // of a re-assessment; before the registration the clock is the contract's
	Outcome        string     // proposed or decided, "" before that
	Removal        Removal    // of an outcome that takes the contract off the register; its note is Reason
	Reason         string
	FirstReviewer  *int64
	SecondReviewer *int64
	DecidedAt      *time.Time
}

// OutcomeName is the outcome in Chinese, "" when there is none.
func (x Objection) OutcomeName() string {
	return ObjectionOutcomes.Name(x.Outcome) + registrationOutcomes.Name(x.Outcome)
}

// Check returns what is wrong with an objection to a contract as it is recorded on that day, and tidies its texts in place.
func (x *Objection) Check(c Contract, today time.Time) Problems {
	var p Problems
	if Objectors.Name(x.Objector) == "" {
		p.Add("objector", "请选择是谁提出的")
	}
	if x.Objector == "applicant" {
		x.Name = c.Seller.Name
	}
	checkLine(&p, "name", "机关名称", &x.Name, 60)
	if x.Name == "" && !p.Has("objector") {
		p.Add("name", "请填写来函机关的全称，例：国家税务总局吉安市税务局")
	}
	checkLine(&p, "letter_number", "文号", &x.LetterNumber, 60)
	if x.LetterNumber == "" && x.Objector != "applicant" {
		p.Add("letter_number", "请填写来函的文号，没有文号的填“无”")
	}
	switch {
	case x.LetterOn.IsZero():
		p.Add("letter_on", "请填写来函日期，例：%s", today.Format(time.DateOnly))
	case x.LetterOn.After(today):
		p.Add("letter_on", "来函日期不能晚于今天（%s）", today.Format(time.DateOnly))
	case x.LetterOn.Before(c.SignedOn):
		p.Add("letter_on", "来函日期不能早于合同的签订日期（%s）", c.SignedOn.Format(time.DateOnly))
	}
	checkText(&p, "body", "异议内容", &x.Body, 2000)
	if x.Body == "" {
		p.Add("body", "请写明对什么有异议、理由是什么")
	}
	return p
}

// TakesObjection says why nobody can object to the contract now, nil when one can.
func (c Contract) TakesObjection() error {
	if c.State.OnDesk() || c.State == ContractSupplement || c.State == ContractRegistered {
		return nil
	}
	return Errorf(Conflict, "合同现在是“%s”，已提交还没有办结的、已登记的合同才登记异议", c.State.Name())
}

// Propose takes a proposed outcome with its reason after checking it on that day. The removal counts only where the outcome
// takes the contract off the register.
func (x *Objection) Propose(ref *Reference, outcome string, m Removal, today time.Time) Problems {
	var p Problems
	if ObjectionOutcomes.Name(outcome) == "" {
		p.Add("outcome", "请选择结论")
	}
	if move := RemovalMove(outcome); move != "" {
		p = append(p, m.Check(ref, move, today)...)
	} else {
		m = Removal{Note: m.Note}
		checkText(&p, "note", "理由", &m.Note, 1000)
		if strings.TrimSpace(m.Note) == "" && !p.Has("note") {
			p.Add("note", "请写明理由，写进给对方的复函，双方也会看到")
		}
	}
	x.Outcome, x.Removal, x.Reason = outcome, m, m.Note
	return p
}

// RemovalMove is the move of a contract by which an outcome takes it off the register, "" when it does not.
func RemovalMove(outcome string) string {
	return map[string]string{"cancelled": "cancel", "revoked": "revoke"}[outcome]
}

// ObjectionDue is the last working day for the re-assessment of a registered contract that was objected to on that day.
func ObjectionDue(ref *Reference, day time.Time) time.Time {
	return ref.Calendar.AddWorkdays(day, int(ref.Parameter("registration_days_large", day)))
}

// Dispute marks a contract that is not registered as objected to: it has the longer time from its acceptance, and what one
// person has passed goes to a second one. It returns the move that takes it there, "" when it stays where it is.
func (c *Contract) Dispute(ref *Reference) (move string) {
	c.Disputed = true
	if c.AcceptedOn != nil {
		c.DueOn = new(c.RegistrationDue(ref, *c.AcceptedOn))
	}
	if c.State != ContractToRegister {
		return ""
	}
	c.SecondReviewer = nil
	return "dispute"
}

// RegistrationOutcome is how an objection ends with the decision that brought its contract to the state, with the reason;
// "" when the state decides nothing.
func (c Contract) RegistrationOutcome(ref *Reference) (outcome, reason string) {
	switch c.State {
	case ContractRegistered:
		return "registered", "经初审和复审，合同符合登记条件，准予登记，登记编号 " + c.RegistrationNumber
	case ContractRefused:
		return "refused", strings.TrimSpace(c.ReasonCode + " " + strings.Join(slices.Compact([]string{ref.Refusals.Name(c.ReasonCode), c.Reason}), "。"))
	case ContractWithdrawn:
		return "ended", "申请人已撤回登记申请，登记程序终止"
	}
	return "", ""
}
