package market

import (
	"slices"
	"time"
)

// Code is a coded value with its Chinese name.
type Code struct {
	Code string `db:"code"`
	Name string `db:"name"`
}

// Codes is a code list in the order it is shown in.
type Codes []Code

// Name returns the name of the code, "" when the list has no such code.
func (c Codes) Name(code string) string {
	for _, e := range c {
		if e.Code == code {
			return e.Name
		}
	}
	return ""
}

// Field is a 细分领域 of a sub-market.
type Field struct {
	Code      string `db:"code"`
	Name      string `db:"name"`
	Submarket string `db:"submarket"`
}

// Region is a place of GB/T 2260.
type Region struct {
	Code   string `db:"code"`
	Name   string `db:"name"`
	Kind   string `db:"kind"` // county (of Ji'an), city (Ji'an as a whole), prefecture, province
	InCity bool   `db:"in_city"`
}

// Regions is the list of places, Ji'an's counties first.
type Regions []Region

// Name returns the name of the place, "" when there is none.
func (r Regions) Name(code string) string {
	for _, e := range r {
		if e.Code == code {
			return e.Name
		}
	}
	return ""
}

// InCity reports whether the place is in Ji'an.
func (r Regions) InCity(code string) bool {
	for _, e := range r {
		if e.Code == code {
			return e.InCity
		}
	}
	return false
}

// county reports whether the place is one of Ji'an's counties.
func (r Regions) county(code string) bool {
	for _, e := range r {
		if e.Code == code {
			return e.Kind == "county"
		}
	}
	return false
}

// Counties returns the 13 county-level units of Ji'an.
func (r Regions) Counties() Codes {
	var out Codes
	for _, e := range r {
		if e.Kind == "county" {
			out = append(out, Code{e.Code, e.Name})
		}
	}
	return out
}

// ContractKind is a kind of technology contract with its sub-kind.
type ContractKind struct {
	Code    string `db:"code"`
	Kind    string `db:"kind"`     // 技术开发 …
	SubKind string `db:"sub_kind"` // 委托开发 …
	OldKind string `db:"old_kind"` // as counted before 许可 stood apart
}

// Name returns "技术开发·委托开发", or the kind alone where it has no sub-kind.
func (k ContractKind) Name() string {
	if k.SubKind == k.Kind {
		return k.Kind
	}
	return k.Kind + "·" + k.SubKind
}

// Parameter is a number that a law or the bureau may change, with the day it holds from.
type Parameter struct {
	Key       string    `db:"key"`
	ValidFrom time.Time `db:"valid_from"`
	Value     float64   `db:"value"` // days, months or yuan; small whole numbers
}

// IndustryClass is a class of GB/T 4754 in its section.
type IndustryClass struct {
	Code    string `db:"code"`    // two digits
	Section string `db:"section"` // letter
	Name    string `db:"name"`
}

// CodeTerm is when a code of a list may be chosen: from one day until before another. What was chosen keeps its name.
type CodeTerm struct {
	List  string     `db:"list"`
	Code  string     `db:"code"`
	From  time.Time  `db:"valid_from"`
	Until *time.Time `db:"valid_until"` // nil while it holds
}

// on reports whether the term includes the day.
func (t CodeTerm) on(day time.Time) bool {
	return !DateOf(t.From).After(day) && (t.Until == nil || DateOf(*t.Until).After(day))
}

// Reference is the market's reference data: code lists, calendar and parameters. It is read at start and never changed.
type Reference struct {
	Submarkets    Codes
	Fields        []Field
	Regions       Regions
	Parks         Codes
	TechFields    Codes
	ContractKinds []ContractKind
	Industries    Codes // sections of GB/T 4754
	PartyTypes    Codes
	IPTypes       Codes
	PaymentModes  Codes
	PlanSources   Codes
	EconomicGoals Codes // 社会经济目标
	LicenceModes  Codes // 许可方式
	Classes       []IndustryClass
	Terms         []CodeTerm // when the codes of the lists above may be chosen
	Refusals      Codes      // grounds for refusing a registration
	Removals      []RemovalGround
	ListingReturn Codes // reasons for returning a listing
	OrgReturn     Codes // reasons for rejecting an organisation
	Calendar      *Calendar
	Parameters    []Parameter // by key, then valid_from
	Incentives    []Incentive // in the order they are shown in, the oldest version of each first
}

// On is the reference data with those codes of contracts that may be chosen on the day.
func (r *Reference) On(day time.Time) *Reference {
	day = DateOf(day)
	out := map[string]bool{}
	for _, t := range r.Terms {
		if !t.on(day) {
			out[t.List+" "+t.Code] = true
		}
	}
	if len(out) == 0 {
		return r
	}
	now := *r
	for list, codes := range map[string]*Codes{"tech_fields": &now.TechFields, "party_types": &now.PartyTypes, "ip_types": &now.IPTypes,
		"payment_modes": &now.PaymentModes, "plan_sources": &now.PlanSources, "economic_goals": &now.EconomicGoals, "licence_modes": &now.LicenceModes, "refusal_grounds": &now.Refusals} {
		*codes = slices.DeleteFunc(slices.Clone(*codes), func(c Code) bool { return out[list+" "+c.Code] })
	}
	now.Removals = slices.DeleteFunc(slices.Clone(now.Removals), func(g RemovalGround) bool { return out["removal_grounds "+g.Code] })
	now.ContractKinds = slices.DeleteFunc(slices.Clone(now.ContractKinds), func(k ContractKind) bool { return out["contract_kinds "+k.Code] })
	now.Classes = slices.DeleteFunc(slices.Clone(now.Classes), func(c IndustryClass) bool { return out["industry_classes "+c.Code] })
	return &now
}

// ClassName returns "C39 计算机、通信和其他电子设备制造业", "" when there is no such class.
func (r *Reference) ClassName(code string) string {
	for _, c := range r.Classes {
		if c.Code == code {
			return c.Section + c.Code + " " + c.Name
		}
	}
	return ""
}

// FieldName returns the field's Chinese name, "" when there is no such field.
func (r *Reference) FieldName(code string) string {
	for _, f := range r.Fields {
		if f.Code == code {
			return f.Name
		}
	}
	return ""
}

// FieldsOf returns the fields of a sub-market.
func (r *Reference) FieldsOf(submarket string) Codes {
	var out Codes
	for _, f := range r.Fields {
		if f.Submarket == submarket {
			out = append(out, Code{f.Code, f.Name})
		}
	}
	return out
}

// ContractKind returns the kind of that code; ok is false when there is none.
func (r *Reference) ContractKind(code string) (kind ContractKind, ok bool) {
	for _, k := range r.ContractKinds {
		if k.Code == code {
			return k, true
		}
	}
	return ContractKind{}, false
}

// Parameter returns the value that held on the day. A missing key is a programming error and gives 0.
func (r *Reference) Parameter(key string, day time.Time) float64 {
	value := 0.0
	for _, p := range r.Parameters {
		if p.Key == key && !DateOf(p.ValidFrom).After(DateOf(day)) {
			value = p.Value
		}
	}
	return value
}

// Modes are the ways of cooperation a listing can ask for or offer.
var Modes = Codes{
	{"entrust", "委托开发"}, {"joint", "合作开发"}, {"transfer", "技术转让"}, {"licence", "技术许可"},
	{"consult", "技术咨询"}, {"service", "技术服务"}, {"equity", "作价入股"},
}

// PriceMethods are the ways a result's price comes about.
// 促进科技成果转化法 article 18 names the three for publicly funded owners.
var PriceMethods = Codes{{"negotiated", "协议定价"}, {"listed", "挂牌"}, {"auction", "网络竞价"}}

// IPStatuses are the states of an intellectual-property right.
var IPStatuses = Codes{{"granted", "已授权"}, {"pending", "申请中"}, {"transferring", "转让中"}, {"lapsed", "已失效"}}

// SubmarketTechField proposes the statutory 技术领域 of a sub-market; the user may choose another.
var SubmarketTechField = map[string]string{
	"electronics": "electronics", "biomedicine": "biomedical", "equipment": "manufacturing",
	"food": "agriculture", "materials": "materials",
}
