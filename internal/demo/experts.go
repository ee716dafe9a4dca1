package demo

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// expertEmail is the address of the first expert: whoever registers with it finds the entry among their own data.
const expertEmail = "expert@example.com"

var expertTitles = []string{"教授", "研究员", "副教授", "正高级工程师", "副研究员", "高级工程师"}

// expertStates are how entries stand, in turn: nearly all have agreed, some also to show how to reach them.
var expertStates = []struct {
	state    market.ExpertState
	consent  bool
	contact  bool
	daysBack int
}{{market.ExpertPublic, true, true, 60}, {market.ExpertPublic, true, false, 45}, {market.ExpertPublic, true, false, 30}, {market.ExpertDraft, false, false, 0},
	{market.ExpertPublic, true, true, 20}, {market.ExpertWithdrawn, true, false, 90}}

// maxExperts is how many experts an organisation of the demonstration has.
const maxExperts = 3

// loadExperts makes experts of the universities and institutes out of who completed their results, and one that the bureau
// keeps.
func (l *loader) loadExperts(ctx context.Context, results []resultText) error {
	var rows [][]any
	count, taken := map[string]int{}, map[string]bool{}
	for _, r := range results {
		i, ok := l.byOrg[r.Org]
		if !ok || len(r.Inventors) == 0 || taken[r.Inventors[0]] || count[r.Org] == maxExperts || !market.OrgType(l.orgs[i].text.Type).KeepsExperts() {
			continue
		}
		count[r.Org]++
		taken[r.Inventors[0]] = true
		rows = append(rows, l.expertRow(len(rows), l.orgs[i], r))
	}
	bureau := l.expertRow(len(expertStates)*2, l.orgs[l.byOrg[agency]], resultText{Field: "calcium", Title: "碳酸钙湿法研磨工艺优化", Inventors: []string{"聂恩光"}, Advantage: "退休前长期负责重钙生产线的工艺和设备，可以到厂查找返粗、升温和能耗高的原因。"})
	bureau[0], bureau[1] = nil, "永丰县碳酸钙产业协会（退休）"
	rows = append(rows, bureau)
	return l.tx.Copy(ctx, "experts", []string{"org_id", "org_name", "name", "title", "fields", "tech_field", "expertise", "region", "email", "phone", "state", "consent_on", "consent_by",
		"contact_on", "demo", "created_at", "updated_at", "published_at"}, rows)
}

func (l *loader) expertRow(n int, o org, r resultText) []any {
	as, entered := expertStates[n%len(expertStates)], l.workHour(100)
	email, phone := "", fmt.Sprintf("0796-822%04d", 1000+n*37)
	if n == 0 {
		email = expertEmail
	}
	var consent, contact, published any
	by := ""
	if as.consent {
		consent, by, published = l.today.AddDate(0, 0, -as.daysBack-1).Format(time.DateOnly), string(market.ConsentPaper), l.workHour(as.daysBack)
	}
	if as.contact {
		contact = consent
	}
	tech := market.SubmarketTechField[l.submarketOf(r.Field)]
	return []any{o.id, "", r.Inventors[0], expertTitles[n%len(expertTitles)], "{" + r.Field + "}", tech,
		fmt.Sprintf("%s方向，完成“%s”。%s", l.ref.FieldName(r.Field), r.Title, r.Advantage), o.text.County, email, phone, as.state, consent, by, contact, true, entered, entered, published}
}

func (l *loader) submarketOf(field string) string {
	for _, f := range l.ref.Fields {
		if f.Code == field {
			return f.Submarket
		}
	}
	return ""
}
