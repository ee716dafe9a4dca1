package market

import (
	"cmp"
	"slices"
)

// Duty is what a member of the bureau's staff may do.
type Duty string

// The duties. 系统管理 and 审计 are never held by one person.
const (
	Reviewer     Duty = "reviewer"     // 审核
	Registrar    Duty = "registrar"    // 登记
	Statistician Duty = "statistician" // 统计
	Auditor      Duty = "auditor"      // 审计: reads everything, changes nothing
	Admin        Duty = "admin"        // 系统管理: accounts and settings, no business decisions
)

// Name returns the duty's Chinese name.
func (d Duty) Name() string {
	return map[Duty]string{Reviewer: "审核", Registrar: "登记", Statistician: "统计", Auditor: "审计", Admin: "系统管理"}[d]
}

// Role is a person's place in an organisation.
type Role string

// The roles, each including what the next may do.
const (
	Owner  Role = "owner"  // 管理员
	Editor Role = "editor" // 编辑
	Viewer Role = "viewer" // 查看
)

// Name returns the role's Chinese name.
func (r Role) Name() string {
	return map[Role]string{Owner: "管理员", Editor: "编辑", Viewer: "查看"}[r]
}

// Via says which door an act came through.
type Via string

// The doors.
const (
	ViaWeb Via = "web"
	ViaAPI Via = "api"
	ViaCLI Via = "cli"
	ViaJob Via = "job"
)

// Actor is who does something: explicit in every read and write that depends on it. The zero Actor is a visitor.
type Actor struct {
	UserID   int64
	UserName string
	OrgID    int64 // the organisation acted for, 0 when none
	OrgName  string
	OrgType  OrgType
	OrgState OrgState
	Role     Role
	Duties   []Duty
	County   string // the only county the duties are for, "" for the whole city

	EmailPending bool // the person has not shown yet that the account's address is theirs
	NoRecommend  bool // the person wants no matches suggested

	// Set while the actor, of an agency, acts for a client under a mandate; OrgID is then the client.
	AgencyID   int64
	AgencyName string
	Scopes     []Scope

	Via       Via
	Address   string // the client's network address
	RequestID string
}

// Acting names for whom a person acts: an organisation of their own or, with AgencyID, a client of their agency.
type Acting struct {
	OrgID    int64 `db:"org_id"`
	AgencyID int64 `db:"agency_id"`
}

// System is the actor of background work.
func System() Actor { return Actor{Via: ViaJob} }

// SignedIn reports whether the actor is a person with an account.
func (a Actor) SignedIn() bool { return a.UserID != 0 }

// Has reports whether the actor holds the duty.
func (a Actor) Has(d Duty) bool { return slices.Contains(a.Duties, d) }

// Reach is where the actor may read and decide by one of the duties: a county, City for all of the market, "" nowhere.
func (a Actor) Reach(duties ...Duty) string {
	for _, d := range duties {
		if a.Has(d) {
			return cmp.Or(a.County, City)
		}
	}
	return ""
}

// Reaches reports whether a place lies within the actor's reach by one of the duties.
func (a Actor) Reaches(region string, duties ...Duty) bool {
	reach := a.Reach(duties...)
	return reach == City || reach != "" && reach == region
}

// Staff reports whether the actor holds any duty.
func (a Actor) Staff() bool { return len(a.Duties) > 0 }

// Acting names for whom the actor acts.
func (a Actor) Acting() Acting { return Acting{OrgID: a.OrgID, AgencyID: a.AgencyID} }

// ByMandate reports whether the actor acts for a client of its agency.
func (a Actor) ByMandate() bool { return a.AgencyID != 0 }

// On is the stamp on what the actor does: 由某机构代某单位, "" when it acts for its own organisation.
func (a Actor) On() string {
	if !a.ByMandate() {
		return ""
	}
	return OnBehalf(a.AgencyName, a.OrgName)
}

// May reports whether the actor may change what belongs to that part of the affairs of the organisation acted for.
func (a Actor) May(scope Scope) bool {
	return a.OrgFor(scope) != 0 && (a.Role == Owner || a.Role == Editor)
}

// OrgFor is the organisation whose affairs of that part the actor sees to: 0 under a mandate without that scope.
func (a Actor) OrgFor(scope Scope) int64 {
	if a.ByMandate() && !slices.Contains(a.Scopes, scope) {
		return 0
	}
	return a.OrgID
}

// OwnOrg is the organisation whose own affairs, such as its members, the actor sees to: 0 under a mandate.
func (a Actor) OwnOrg() int64 { return a.OrgFor(ScopeOwn) }

// Verified reports whether the organisation acted for may publish and trade.
func (a Actor) Verified() bool { return a.OrgState == OrgVerified }

// RequireOwner returns Denied unless the actor is an owner of the organisation acted for.
func (a Actor) RequireOwner() error {
	if err := a.RequireReader(ScopeOwn); err != nil {
		return err
	}
	if a.Role != Owner {
		return Errorf(Denied, "这件事由单位管理员办理")
	}
	return nil
}

// RequireReader returns Denied unless the actor belongs to an organisation, or acts for one within that scope.
func (a Actor) RequireReader(scope Scope) error {
	switch {
	case !a.SignedIn():
		return Errorf(Unsigned, "请先登录")
	case a.OrgID == 0:
		return Errorf(Denied, "请先登记单位，再办理这件事")
	case a.OrgFor(scope) == 0 && scope == ScopeOwn:
		return Errorf(Denied, "您正在代%s办理，这件事由该单位自己办", ShortName(a.OrgName))
	case a.OrgFor(scope) == 0:
		return Errorf(Denied, "%s的委托不包括“%s”，不能代办这件事", ShortName(a.OrgName), scope.Name())
	}
	return nil
}

// RequireEditor returns Denied unless the actor may change that part of the affairs of the organisation acted for.
func (a Actor) RequireEditor(scope Scope) error {
	if err := a.RequireReader(scope); err != nil {
		return err
	}
	if !a.May(scope) {
		return Errorf(Denied, "您在本单位只能查看，请联系单位管理员")
	}
	return nil
}

// RequireVerified is RequireEditor, and the organisation must be verified and the person's address confirmed.
func (a Actor) RequireVerified(scope Scope) error {
	if err := a.RequireEditor(scope); err != nil {
		return err
	}
	if a.EmailPending {
		return Errorf(Denied, "请先确认邮箱：打开确认邮件里的链接。没有收到的，可以在“账户”里重新发送")
	}
	switch a.OrgState {
	case OrgVerified:
		return nil
	case OrgSuspended:
		return Errorf(Denied, "本单位已被暂停，不能办理。可联系主管部门说明情况")
	default:
		return Errorf(Denied, "本单位还没有通过核验。核验通过后才能办理，草稿可以先写")
	}
}

// RequireDuty returns Denied unless the actor holds the duty.
func (a Actor) RequireDuty(d Duty) error {
	if !a.SignedIn() {
		return Errorf(Unsigned, "请先登录")
	}
	if !a.Has(d) {
		return Errorf(Denied, "这件事由主管部门“%s”岗位办理", d.Name())
	}
	return nil
}
