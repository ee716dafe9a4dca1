package market

import (
	"regexp"
	"slices"
)

// PartyTraits are what the registration asks of a party with yes or no.
var PartyTraits = Codes{{"transfer", "技术转移机构"}, {"research", "研发机构"}, {"converted", "转制科研院所"}, {"hightech", "高新区内企业"}, {"listed", "上市公司"}}

// firmTraits are those that only firms have.
var firmTraits = []string{"hightech", "listed"}

// Party is a party of a contract as it stood when the contract was drawn up.
type Party struct {
	OrgID    *int64 // nil outside the market
	Name     string
	USCC     USCC
	Type     string // party type code
	Region   string
	Scale    string // of a firm
	Industry string // class of GB/T 4754, two digits
	Traits   []string
	LegalRep string
	Address  string
	Contact  string
	Phone    string
	Postcode string
}

// Firm reports whether a party's type is one of enterprises: 内资, 港澳台商投资 or 外商投资.
func (q Party) Firm() bool { return q.Type != "" && q.Type[0] >= '1' && q.Type[0] <= '3' }

// Institute reports whether the party is a university or a research institute.
func (q Party) Institute() bool { return q.Type == "021" || q.Type == "022" }

// Person reports whether the party is a natural person, who has neither legal representative nor industry.
func (q Party) Person() bool { return q.Type == "x01" }

// Has reports whether the party has that trait.
func (q Party) Has(trait string) bool { return slices.Contains(q.Traits, trait) }

// Fill takes the details that q lacks from another account of the same party. Traits are taken together.
func (q *Party) Fill(from Party) {
	for to, value := range map[*string]string{&q.Scale: from.Scale, &q.Industry: from.Industry, &q.LegalRep: from.LegalRep, &q.Address: from.Address,
		&q.Contact: from.Contact, &q.Phone: from.Phone, &q.Postcode: from.Postcode} {
		if *to == "" {
			*to = value
		}
	}
	if len(q.Traits) == 0 {
		q.Traits = from.Traits
	}
}

var postcodes = regexp.MustCompile(`^[0-9]{6}$`)

func (q *Party) check(p *Problems, field, label string, ref *Reference) {
	checkLine(p, field+"_name", label+"名称", &q.Name, 60)
	if q.Name == "" {
		p.Add(field+"_name", "请填写%s名称", label)
	}
	if code, err := ParseUSCC(string(q.USCC)); err != nil {
		p.AddErr(field+"_uscc", err)
	} else {
		q.USCC = code
	}
	requireCode(p, field+"_type", label+"性质", ref.PartyTypes, q.Type)
	if ref.Regions.Name(q.Region) == "" {
		p.Add(field+"_region", "请选择%s所在地", label)
	}
	optionalCode(p, field+"_scale", "企业规模", OrgScales, q.Scale)
	if q.Industry != "" && ref.ClassName(q.Industry) == "" {
		p.Add(field+"_industry", "请从列表中选择国民经济行业")
	}
	q.checkTraits(p, field+"_traits", !p.Has(field+"_type"))
	checkLine(p, field+"_legal_rep", "法定代表人", &q.LegalRep, 30)
	checkLine(p, field+"_address", "地址", &q.Address, 100)
	checkLine(p, field+"_contact", "联系人", &q.Contact, 30)
	checkLine(p, field+"_phone", "联系电话", &q.Phone, 30)
	checkLine(p, field+"_postcode", "邮政编码", &q.Postcode, 10)
	if q.Postcode != "" && !p.Has(field+"_postcode") && !postcodes.MatchString(q.Postcode) {
		p.Add(field+"_postcode", "邮政编码是 6 位数字")
	}
}

// checkTraits drops what only firms have from others, and the scale with it, once the type is known.
func (q *Party) checkTraits(p *Problems, field string, typed bool) {
	for _, trait := range q.Traits {
		if PartyTraits.Name(trait) == "" {
			p.Add(field, "请从列表中选择")
			return
		}
	}
	if typed && !q.Firm() {
		q.Scale = ""
		q.Traits = slices.DeleteFunc(slices.Clone(q.Traits), func(t string) bool { return slices.Contains(firmTraits, t) })
	}
	var known []string // in the order of the form, each once
	for _, trait := range PartyTraits {
		if q.Has(trait.Code) {
			known = append(known, trait.Code)
		}
	}
	q.Traits = known
}

// checkSubmit wants what the registration form asks of every party.
func (q Party) checkSubmit(p *Problems, field, label string) {
	if q.Firm() && q.Scale == "" {
		p.Add(field+"_scale", "%s是企业，请选择企业规模", label)
	}
	for _, d := range []struct{ field, label, value string }{{"_address", "地址", q.Address}, {"_contact", "联系人", q.Contact}, {"_phone", "联系电话", q.Phone}} {
		if d.value == "" {
			p.Add(field+d.field, "请填写%s%s", label, d.label)
		}
	}
	if q.Person() {
		return
	}
	if q.Industry == "" {
		p.Add(field+"_industry", "请选择%s所属的国民经济行业", label)
	}
	if q.LegalRep == "" {
		p.Add(field+"_legal_rep", "请填写%s法定代表人", label)
	}
}
