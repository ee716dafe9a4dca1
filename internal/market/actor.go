package market

import "slices"

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

	EmailPending bool // the person has not shown yet that the account's address is theirs

	Via       Via
	Address   string // the client's network address
	RequestID string
}

// System is the actor of background work.
func System() Actor { return Actor{Via: ViaJob} }

// SignedIn reports whether the actor is a person with an account.
func (a Actor) SignedIn() bool { return a.UserID != 0 }

// Has reports whether the actor holds the duty.
func (a Actor) Has(d Duty) bool { return slices.Contains(a.Duties, d) }

// Staff reports whether the actor holds any duty.
func (a Actor) Staff() bool { return len(a.Duties) > 0 }

// CanEdit reports whether the actor may change what belongs to the organisation acted for.
func (a Actor) CanEdit() bool { return a.OrgID != 0 && (a.Role == Owner || a.Role == Editor) }

// Verified reports whether the organisation acted for may publish and trade.
func (a Actor) Verified() bool { return a.OrgState == OrgVerified }

// RequireEditor returns Denied unless the actor may change what belongs to the organisation acted for.
func (a Actor) RequireEditor() error {
	switch {
	case !a.SignedIn():
		return Errorf(Unsigned, "请先登录")
	case a.OrgID == 0:
		return Errorf(Denied, "请先登记单位，再办理这件事")
	case !a.CanEdit():
		return Errorf(Denied, "您在本单位只能查看，请联系单位管理员")
	}
	return nil
}

// RequireVerified is RequireEditor, and the organisation must be verified and the person's address confirmed.
func (a Actor) RequireVerified() error {
	if err := a.RequireEditor(); err != nil {
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
