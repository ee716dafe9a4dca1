package market

import (
	"slices"
	"strings"
	"time"
)

// Scope is a part of a client's affairs that an agency may see to under a mandate.
type Scope string

// The scopes of mandates. A client's members, details, mandates and disclosures are in none of them: they are ScopeOwn.
const (
	ScopePost      Scope = "post"      // needs and results
	ScopeNegotiate Scope = "negotiate" // inquiries
	ScopeContract  Scope = "contract"  // contracts

	ScopeOwn Scope = "own" // what an organisation's own people alone see to
)

// Scopes lists the scopes of mandates in the order in which pages name them.
var Scopes = []Scope{ScopePost, ScopeNegotiate, ScopeContract}

// Name returns the scope's Chinese name.
func (s Scope) Name() string {
	return map[Scope]string{ScopePost: "发布", ScopeNegotiate: "对接", ScopeContract: "合同"}[s]
}

// Effect says what an agency may do within the scope.
func (s Scope) Effect() string {
	return map[Scope]string{
		ScopePost:      "起草、修改、提交和撤回需求与成果，批量导入",
		ScopeNegotiate: "发起和答复对接，提出和同意条件，确认达成",
		ScopeContract:  "起草合同，提交和撤回登记申请",
	}[s]
}

// ScopeNames joins the names of scopes: 发布、对接.
func ScopeNames(scopes []Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = s.Name()
	}
	return strings.Join(names, "、")
}

// MandateState is where a mandate stands.
type MandateState string

// The states of a mandate.
const (
	MandateActive  MandateState = "active"
	MandateEnded   MandateState = "ended"   // by its date or by the agency
	MandateRevoked MandateState = "revoked" // by the client
)

// Name returns the state's Chinese name.
func (s MandateState) Name() string { return Mandates.Names[s] }

// Mandates is the state machine of a mandate.
var Mandates = Machine[MandateState]{
	Noun:   "委托",
	States: []MandateState{MandateActive, MandateEnded, MandateRevoked},
	Names:  map[MandateState]string{MandateActive: "有效", MandateEnded: "已结束", MandateRevoked: "已撤回"},
	Rules: []Rule[MandateState]{
		{"revoke", []MandateState{MandateActive}, MandateRevoked},
		{"decline", []MandateState{MandateActive}, MandateEnded},
		{"expire", []MandateState{MandateActive}, MandateEnded},
	},
}

// MandateYears is the longest term of a mandate: long enough for a deal from its need to its last payment, short enough
// that a client looks at it again.
const MandateYears = 3

// Mandate lets an agency act for a client, within its scopes and from day to day, both inclusive.
type Mandate struct {
	ID        int64
	ClientOrg int64
	AgencyOrg int64
	Scopes    []Scope
	StartsOn  time.Time
	EndsOn    time.Time
	Document  *string // id of the file with the signed authority, nil in the demonstration
	State     MandateState
	GrantedBy int64
	GrantedAt time.Time
	EndedBy   *int64 // nil where the date ended it
	EndedAt   *time.Time
	Reason    string
}

// Covers reports whether the mandate is in force on that day.
func (m Mandate) Covers(day time.Time) bool {
	return m.State == MandateActive && !DateOf(day).Before(DateOf(m.StartsOn)) && !DateOf(day).After(DateOf(m.EndsOn))
}

// Check tidies a mandate that is about to be granted on that day and returns what is wrong with it.
func (m *Mandate) Check(today time.Time) Problems {
	var p Problems
	var scopes []Scope
	for _, s := range Scopes {
		if slices.Contains(m.Scopes, s) {
			scopes = append(scopes, s)
		}
	}
	if len(scopes) == 0 || len(scopes) != len(m.Scopes) {
		p.Add("scopes", "请至少选择一项委托范围")
	}
	m.Scopes = scopes
	switch {
	case m.StartsOn.IsZero():
		p.Add("starts_on", "请填写开始日期，例：%s", today.Format(time.DateOnly))
	case DateOf(m.StartsOn).Before(today):
		p.Add("starts_on", "开始日期不能早于今天（%s）", today.Format(time.DateOnly))
	}
	latest := today.AddDate(MandateYears, 0, 0)
	switch {
	case m.EndsOn.IsZero():
		p.Add("ends_on", "请填写结束日期，例：%s", today.AddDate(1, 0, 0).Format(time.DateOnly))
	case !m.StartsOn.IsZero() && m.EndsOn.Before(m.StartsOn):
		p.Add("ends_on", "结束日期不能早于开始日期")
	case DateOf(m.EndsOn).After(latest):
		p.Add("ends_on", "一份委托最长 %d 年，结束日期不能晚于 %s。到期后可以再委托", MandateYears, latest.Format(time.DateOnly))
	}
	return p
}

// OnBehalf is the stamp on what an agency did: 由某机构代某单位.
func OnBehalf(agency, client string) string {
	return "由" + ShortName(agency) + "代" + ShortName(client)
}

// ShortName is an organisation's name without its legal form, for stamps and narrow places.
func ShortName(name string) string {
	for _, form := range []string{"股份有限公司", "有限责任公司", "有限公司"} {
		if short, ok := strings.CutSuffix(name, form); ok && short != "" {
			return short
		}
	}
	return name
}
