package market

import (
	"slices"
	"time"
)

// OrgChangeState is where a request to change what verification settled stands.
type OrgChangeState string

// The states of a request.
const (
	OrgChangePending   OrgChangeState = "pending"
	OrgChangeApplied   OrgChangeState = "applied"
	OrgChangeReturned  OrgChangeState = "returned"
	OrgChangeWithdrawn OrgChangeState = "withdrawn"
)

// OrgChanges is the state machine of a request.
var OrgChanges = Machine[OrgChangeState]{
	Noun:   "变更申请",
	States: []OrgChangeState{OrgChangePending, OrgChangeApplied, OrgChangeReturned, OrgChangeWithdrawn},
	Names: map[OrgChangeState]string{OrgChangePending: "待核验", OrgChangeApplied: "已变更", OrgChangeReturned: "已退回",
		OrgChangeWithdrawn: "已撤回"},
	Rules: []Rule[OrgChangeState]{
		{"verify", []OrgChangeState{OrgChangePending}, OrgChangeApplied},
		{"return", []OrgChangeState{OrgChangePending}, OrgChangeReturned},
		{"withdraw", []OrgChangeState{OrgChangePending}, OrgChangeWithdrawn},
	},
}

// MaxChangeNote is the length of the words with a request, in characters.
const MaxChangeNote = 500

// OrgChange is a request to change the name, code or type of a verified organisation. It holds both sides, so that it is
// a record of its own after the organisation has moved on.
type OrgChange struct {
	ID          int64          `db:"id"`
	OrgID       int64          `db:"org_id"`
	State       OrgChangeState `db:"state"`
	Name        string         `db:"name"`
	USCC        USCC           `db:"uscc"`
	Type        OrgType        `db:"type"`
	Licence     string         `db:"licence_file"` // id of the file
	OldName     string         `db:"old_name"`
	OldUSCC     USCC           `db:"old_uscc"`
	OldType     OrgType        `db:"old_type"`
	OldLicence  *string        `db:"old_licence"` // nil when none was uploaded then
	Note        string         `db:"note"`
	RequestedBy int64          `db:"requested_by"`
	RequestedAt time.Time      `db:"requested_at"`
	DecidedAt   *time.Time     `db:"decided_at"`
	ReasonCode  *string        `db:"reason_code"`
	Reason      string         `db:"reason"`
}

// Check tidies the request and returns what is wrong with it, at the fields of its form.
func (c *OrgChange) Check() Problems {
	var p Problems
	if !slices.Contains(OrgTypes, c.Type) {
		p.Add("type", "请选择单位类型")
	}
	checkUSCC(&p, &c.USCC)
	checkOrgName(&p, &c.Name)
	if len(p) == 0 && len(c.Changed()) == 0 {
		p.Add("name", "名称、代码和类型都没有变，不用申请。改一项再提交")
	}
	if c.Licence == "" {
		p.Add("licence", "请上传变更后的营业执照或法人证书，PDF 或图片")
	}
	checkText(&p, "note", "变更说明", &c.Note, MaxChangeNote)
	return p
}

// Changed names what the request changes, in the order of the form: 类型, 代码, 名称.
func (c OrgChange) Changed() []string {
	var out []string
	if c.Type != c.OldType {
		out = append(out, "类型")
	}
	if c.USCC != c.OldUSCC {
		out = append(out, "代码")
	}
	if c.Name != c.OldName {
		out = append(out, "名称")
	}
	return out
}
