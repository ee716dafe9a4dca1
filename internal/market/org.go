package market

import (
	"slices"
	"time"
)

// OrgType is the sort of organisation.
type OrgType string

// The organisation types.
const (
	Enterprise OrgType = "enterprise"
	University OrgType = "university"
	Institute  OrgType = "institute"
	Agency     OrgType = "agency"
	Bureau     OrgType = "bureau"
)

// OrgTypes lists the types an organisation can register as. A bureau does not register: its staff hold duties.
var OrgTypes = []OrgType{Enterprise, University, Institute, Agency}

// Name returns the type's Chinese name.
func (t OrgType) Name() string {
	return map[OrgType]string{Enterprise: "企业", University: "高校", Institute: "科研院所", Agency: "技术转移机构", Bureau: "主管部门"}[t]
}

// OrgScales are the sizes of an enterprise by the statistical classification.
var OrgScales = Codes{{"large", "大型"}, {"medium", "中型"}, {"small", "小型"}, {"micro", "微型"}}

// OrgState is where an organisation stands in verification.
type OrgState string

// The states of an organisation.
const (
	OrgUnverified OrgState = "unverified"
	OrgPending    OrgState = "pending"
	OrgVerified   OrgState = "verified"
	OrgRejected   OrgState = "rejected"
	OrgSuspended  OrgState = "suspended"
)

// Name returns the state's Chinese name.
func (s OrgState) Name() string { return Orgs.Names[s] }

// Orgs is the state machine of an organisation.
var Orgs = Machine[OrgState]{
	Noun:   "单位",
	States: []OrgState{OrgUnverified, OrgPending, OrgVerified, OrgRejected, OrgSuspended},
	Names: map[OrgState]string{OrgUnverified: "未提交核验", OrgPending: "待核验", OrgVerified: "已核验",
		OrgRejected: "已退回", OrgSuspended: "已暂停"},
	Rules: []Rule[OrgState]{
		{"submit", []OrgState{OrgUnverified, OrgRejected}, OrgPending},
		{"verify", []OrgState{OrgPending}, OrgVerified},
		{"reject", []OrgState{OrgPending}, OrgRejected},
		{"suspend", []OrgState{OrgVerified}, OrgSuspended},
		{"resume", []OrgState{OrgSuspended}, OrgVerified},
	},
}

// Org is an enterprise, university, institute, agency or bureau.
type Org struct {
	ID          int64      `db:"id"`
	USCC        USCC       `db:"uscc"`
	Name        string     `db:"name"`
	Type        OrgType    `db:"type"`
	PartyType   *string    `db:"party_type"` // code, nil when not stated
	Region      string     `db:"region"`     // GB/T 2260 code
	Park        *string    `db:"park"`
	LegalRep    string     `db:"legal_rep"`
	Licence     *string    `db:"licence_file"` // id of the file, nil when none was uploaded
	Industry    *string    `db:"industry"`     // section of GB/T 4754
	Scale       *string    `db:"scale"`
	Address     string     `db:"address"`
	About       string     `db:"about"`
	State       OrgState   `db:"state"`
	ReasonCode  *string    `db:"reason_code"`
	Reason      string     `db:"reason"`
	SubmittedAt *time.Time `db:"submitted_at"`
	VerifiedAt  *time.Time `db:"verified_at"`
	Demo        bool       `db:"demo"`
	Version     int        `db:"version"`
	CreatedAt   time.Time  `db:"created_at"`
}

// Check returns what is wrong with the organisation's own details. ref knows the codes.
func (o *Org) Check(ref *Reference) Problems {
	var p Problems
	checkOrgName(&p, &o.Name)
	checkUSCC(&p, &o.USCC)
	if !slices.Contains(OrgTypes, o.Type) {
		p.Add("type", "请选择单位类型")
	}
	if ref.Regions.Name(o.Region) == "" {
		p.Add("region", "请选择实际所在区县")
	}
	if o.Park != nil && ref.Parks.Name(*o.Park) == "" {
		p.Add("park", "请从列表中选择园区")
	}
	if o.PartyType != nil && ref.PartyTypes.Name(*o.PartyType) == "" {
		p.Add("party_type", "请从列表中选择单位性质")
	}
	if o.Industry != nil && ref.Industries.Name(*o.Industry) == "" {
		p.Add("industry", "请从列表中选择行业")
	}
	if o.Scale != nil && OrgScales.Name(*o.Scale) == "" {
		p.Add("scale", "请从列表中选择规模")
	}
	checkLine(&p, "legal_rep", "法定代表人", &o.LegalRep, 30)
	checkLine(&p, "address", "地址", &o.Address, 100)
	checkText(&p, "about", "单位简介", &o.About, 500)
	return p
}

func checkOrgName(p *Problems, name *string) {
	checkLine(p, "name", "单位全称", name, 60)
	switch {
	case *name == "":
		p.Add("name", "请填写单位全称，与证照一致")
	case RuneLen(*name) < 4:
		p.Add("name", "单位全称应为 4～60 个字，与证照一致")
	}
}

func checkUSCC(p *Problems, code *USCC) {
	valid, err := ParseUSCC(string(*code))
	if err != nil {
		p.AddErr("uscc", err)
		return
	}
	*code = valid
}
