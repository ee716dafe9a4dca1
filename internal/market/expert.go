package market

import (
	"slices"
	"strings"
	"time"
)

// ExpertState is where the entry of an expert stands.
type ExpertState string

// The states of an expert.
const (
	ExpertDraft     ExpertState = "draft"
	ExpertPublic    ExpertState = "public"
	ExpertWithdrawn ExpertState = "withdrawn"
)

// Name returns the state's Chinese name.
func (s ExpertState) Name() string { return Experts.Names[s] }

// Experts is the state machine of an expert.
var Experts = Machine[ExpertState]{
	Noun:   "专家资料",
	States: []ExpertState{ExpertDraft, ExpertPublic, ExpertWithdrawn},
	Names:  map[ExpertState]string{ExpertDraft: "未公开", ExpertPublic: "公开", ExpertWithdrawn: "已撤下"},
	Rules: []Rule[ExpertState]{
		{"publish", []ExpertState{ExpertDraft, ExpertWithdrawn}, ExpertPublic},
		{"withdraw", []ExpertState{ExpertPublic}, ExpertWithdrawn},
	},
}

// Erasable reports whether the entry may be deleted for good.
func (s ExpertState) Erasable() bool { return s == ExpertDraft || s == ExpertWithdrawn }

// ConsentForm is how an expert agreed to be public.
type ConsentForm string

// The forms of consent.
const (
	ConsentPaper   ConsentForm = "paper"   // a signed paper, which the keeper of the entry holds
	ConsentAccount ConsentForm = "account" // by the person, signed in
)

// Name returns the form's Chinese name.
func (f ConsentForm) Name() string {
	return map[ConsentForm]string{ConsentPaper: "签名的同意书", ConsentAccount: "本人在账户里同意"}[f]
}

// Expert is a person whom firms may ask. Only who has agreed is public, with phone and address only after a consent of
// their own.
type Expert struct {
	ID        int64
	OrgID     int64  // whose expert it is, 0 when the bureau keeps the entry
	OrgName   string // where the expert works; of OrgID when there is one
	Name      string
	Title     string   // 职称
	Fields    []string // of the five sub-markets, the main one first
	TechField string
	Expertise string
	Region    string
	Email     string
	Phone     string
	State     ExpertState

	ConsentOn *time.Time // a date
	ConsentBy ConsentForm
	ContactOn *time.Time // a date
	RevokedOn *time.Time // the last time that the person took an agreement back

	ImportID    *int64
	Demo        bool
	Version     int
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt *time.Time
}

// KeepsExperts reports whether organisations of the type keep entries of their experts.
func (t OrgType) KeepsExperts() bool { return t == University || t == Institute }

// ExpertOwner is the organisation whose experts the actor adds: its own or, for a reviewer, none. Others are Denied.
func (a Actor) ExpertOwner() (int64, error) {
	if a.OwnOrg() != 0 && a.OrgType.KeepsExperts() {
		return a.OrgID, a.RequireEditor(ScopeOwn)
	}
	if a.Has(Reviewer) {
		return 0, nil
	}
	if err := a.RequireReader(ScopeOwn); err != nil {
		return 0, err
	}
	return 0, Errorf(Denied, "专家库由高校、科研院所和主管部门维护")
}

// Check returns what is wrong with the entry as a draft. It tidies the text in place. today bounds the dates of consent.
func (e *Expert) Check(ref *Reference, today time.Time) Problems {
	var p Problems
	e.Fields = distinct(e.Fields)
	checkLine(&p, "name", "姓名", &e.Name, 30)
	if e.Name == "" {
		p.Add("name", "请填写专家姓名")
	}
	checkLine(&p, "org", "所在单位", &e.OrgName, 60)
	if e.OrgName == "" && e.OrgID == 0 {
		p.Add("org", "请填写专家所在的单位")
	}
	checkLine(&p, "title", "职称", &e.Title, 30)
	for _, f := range e.Fields {
		if ref.FieldName(f) == "" {
			p.Add("fields", "请从列表中选择细分领域")
		}
	}
	if e.TechField != "" && ref.TechFields.Name(e.TechField) == "" {
		p.Add("tech_field", "请从列表中选择技术领域")
	}
	checkText(&p, "expertise", "专长", &e.Expertise, 1000)
	if ref.Regions.Name(e.Region) == "" {
		p.Add("region", "请选择所在地")
	}
	if e.Email = strings.ToLower(strings.ReplaceAll(Normalize(e.Email), " ", "")); e.Email != "" && !ValidEmail(e.Email) {
		p.Add("email", "邮箱的写法不对，例：name@example.com")
	}
	checkLine(&p, "phone", "电话", &e.Phone, 30)
	e.checkConsent(&p, today)
	return p
}

func (e *Expert) checkConsent(p *Problems, today time.Time) {
	if e.ConsentOn == nil {
		e.ConsentBy = ""
		if e.ContactOn != nil {
			p.Add("consent_on", "同意公开联系方式的，请先填写同意公开的日期")
		}
		return
	}
	if e.ConsentBy == "" {
		e.ConsentBy = ConsentPaper
	}
	e.checkConsentDay(p, "consent_on", e.ConsentOn, today)
	e.checkConsentDay(p, "contact_on", e.ContactOn, today)
	if e.ContactOn != nil && e.Email == "" && e.Phone == "" {
		p.Add("contact_on", "没有填写电话和邮箱，不必填写这一项")
	}
}

func (e *Expert) checkConsentDay(p *Problems, field string, day *time.Time, today time.Time) {
	switch {
	case day == nil:
	case day.After(today):
		p.Add(field, "同意的日期不能晚于今天（%s）", today.Format(time.DateOnly))
	case day.Year() < 2000:
		p.Add(field, "日期的年份不对，请核对")
	case e.ConsentBy == ConsentPaper && e.RevokedOn != nil && !day.After(*e.RevokedOn):
		p.Add(field, "本人已于 %s 收回同意，须有此后签名的同意书", e.RevokedOn.Format(time.DateOnly))
	}
}

// CheckPublic returns what keeps the entry from being public.
func (e *Expert) CheckPublic() Problems {
	var p Problems
	if e.ConsentOn == nil {
		p.Add("consent_on", "本人同意后才能公开，请填写同意书上的日期")
	}
	if len(e.Fields) == 0 {
		p.Add("fields", "请至少选择一个细分领域，企业按它查找")
	}
	if RuneLen(e.Expertise) < 4 {
		p.Add("expertise", "请写明专长，至少 4 个字")
	}
	return p
}

// Submarkets are the sub-markets of the expert's fields, the main one first.
func (e *Expert) Submarkets(ref *Reference) []string {
	var out []string
	for _, f := range ref.Fields {
		if slices.Contains(e.Fields, f.Code) && !slices.Contains(out, f.Submarket) {
			out = append(out, f.Submarket)
		}
	}
	return out
}
