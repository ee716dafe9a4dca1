package demo

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
)

// org is a demonstration organisation with its first member.
type org struct {
	id        int64
	user      int64
	text      orgText
	uscc      market.USCC
	partyType string
	park      string
	state     market.OrgState
	inCity    bool
	broker    int64 // of the agency that negotiates for it, 0 for none
	agency    int64
}

var surnames = []string{"刘", "王", "李", "张", "陈", "曾", "罗", "肖", "彭", "胡", "周", "黄", "郭", "欧阳", "谢", "邓", "康", "龙", "宋", "贺"}
var givenNames = []string{"志强", "晓雯", "启明", "文静", "建国", "海燕", "子航", "丽华", "国梁", "思远", "春生", "雅琴", "少华", "小军", "玉兰", "德胜", "慧敏", "永红", "立新", "佳怡"}

func (l *loader) personName() string { return pick(l.rnd, surnames) + pick(l.rnd, givenNames) }

// loadPeople makes the staff, the organisations and one owner for each.
func (l *loader) loadPeople(ctx context.Context, texts []orgText) error {
	l.verified = len(texts)
	texts = append(texts, waiting...)
	var err error
	if l.hash, err = hashPassword(); err != nil {
		return err
	}
	ids, err := l.tx.TakeIDs(ctx, "users", len(staffDuties)+len(texts))
	if err != nil {
		return err
	}
	opened := l.today.AddDate(-2, 0, 0)
	var users, duties [][]any
	for _, a := range Accounts {
		duty, ok := staffDuties[a.Email]
		if !ok {
			continue
		}
		id := ids[len(users)]
		l.staff[a.Email] = id
		users = append(users, l.staffRow(id, a.Email, opened))
		duties = append(duties, []any{id, duty})
	}
	orgIDs, err := l.tx.TakeIDs(ctx, "orgs", len(texts))
	if err != nil {
		return err
	}
	var orgs, members [][]any
	seats := demoSeats(texts)
	for i, t := range texts {
		o := l.newOrg(i, orgIDs[i], ids[len(users)], t)
		email, ok := seats[t.Name]
		if !ok {
			email = fmt.Sprintf("org%02d@example.com", i+1)
		}
		joined := opened.AddDate(0, 0, i*7)
		users = append(users, l.userRow(o.user, email, l.personName(), fmt.Sprintf("138%08d", 79600000+i*137), "", joined))
		members = append(members, []any{o.id, o.user, market.Owner, joined})
		orgs = append(orgs, l.orgRow(o, joined))
		l.byOrg[t.Name] = len(l.orgs)
		l.orgs = append(l.orgs, o)
	}
	if err := l.tx.Copy(ctx, "users", userColumns, users); err != nil {
		return err
	}
	if err := l.loadConsents(ctx, users); err != nil {
		return err
	}
	if err := l.tx.Copy(ctx, "duties", []string{"user_id", "duty"}, duties); err != nil {
		return err
	}
	err = l.tx.Copy(ctx, "orgs", []string{"id", "uscc", "name", "type", "party_type", "region", "park", "legal_rep", "address", "about", "state",
		"reason_code", "reason", "submitted_at", "verified_at", "demo", "created_by", "created_at"}, orgs)
	if err != nil {
		return err
	}
	return l.tx.Copy(ctx, "members", []string{"org_id", "user_id", "role", "created_at"}, members)
}

var userColumns = []string{"id", "email", "name", "phone", "password_hash", "demo", "created_at", "email_confirmed_at", "otp_secret", "county", "signed_in_at"}

func (l *loader) userRow(id int64, email, name, phone, second string, at time.Time) []any {
	return []any{id, email, name, phone, l.hash, true, at, at, second, nil, nil}
}

// staffRow is a member of the staff, who signed in yesterday.
func (l *loader) staffRow(id int64, email string, at time.Time) []any {
	row := l.userRow(id, email, staffNames[email], "", Second, at)
	row[len(row)-1] = l.now.AddDate(0, 0, -1)
	if email == countyEmail {
		row[len(row)-2] = county
	}
	return row
}

// loadConsents lets everybody have agreed to the policies in force when they registered.
func (l *loader) loadConsents(ctx context.Context, users [][]any) error {
	policies, err := l.tx.Policies(ctx, l.now)
	if err != nil {
		return err
	}
	var consents [][]any
	for _, u := range users {
		for _, p := range policies {
			consents = append(consents, []any{u[0], p.Kind, p.Version, true, l.now})
		}
	}
	return l.tx.Copy(ctx, "consents", []string{"user_id", "kind", "version", "given", "at"}, consents)
}

// demoSeats gives the printed accounts their organisations: the lime firm, the first university in the city and the
// agency of the drawings.
func demoSeats(texts []orgText) map[string]string {
	seats := map[string]string{client: "enterprise@example.com", agency: "agency@example.com"}
	for _, t := range texts {
		if t.Type == string(market.University) && t.County[:4] == "3608" {
			seats[t.Name] = "university@example.com"
			break
		}
	}
	return seats
}

// university is the owner of the university that has a printed account.
func (l *loader) university() market.Actor {
	for _, o := range l.orgs {
		if o.text.Type == string(market.University) && o.inCity {
			return market.Actor{UserID: o.user, OrgID: o.id, OrgName: o.text.Name, OrgType: market.University, OrgState: market.OrgVerified, Role: market.Owner, Via: market.ViaCLI}
		}
	}
	return market.Actor{}
}

// waiting are organisations that have just registered, so that the verification queue is not empty.
var waiting = []orgText{
	{Name: "吉水文峰电路有限公司", Type: "enterprise", County: "360822", LegalRep: "肖文峰", About: "双面与多层线路板，2025 年投产。"},
	{Name: "永丰恩江粉体装备有限公司", Type: "enterprise", County: "360825", LegalRep: "聂恩平", About: "搅拌磨、分级机与除尘设备。"},
	{Name: "遂川汤湖茶机厂", Type: "enterprise", County: "360827", LegalRep: "郭汤生", About: "揉捻机、烘干机的制造与维修。"},
	{Name: "吉安赣源技术经纪有限公司", Type: "agency", County: "360803", LegalRep: "龙源清", About: "技术转移与科技项目咨询。"},
}

// newOrg gives the organisation its code and standing.
func (l *loader) newOrg(i int, id, user int64, t orgText) org {
	o := org{id: id, user: user, text: t, uscc: l.makeUSCC(i, t), inCity: l.ref.Regions.InCity(t.County), state: market.OrgVerified}
	for _, p := range l.ref.Parks {
		if p.Name == t.Park {
			o.park = p.Code
		}
	}
	if i >= l.verified {
		o.state = market.OrgPending
	}
	switch market.OrgType(t.Type) {
	case market.University:
		o.partyType = "022"
	case market.Institute:
		o.partyType = "021"
	default:
		o.partyType = []string{"150", "150", "150", "170", "160", "110"}[i%6]
	}
	return o
}

// makeUSCC builds a code that satisfies both check characters, from a running number that is no real one's.
func (l *loader) makeUSCC(i int, t orgText) market.USCC {
	kind := "91"
	if t.Type == string(market.University) || t.Type == string(market.Institute) {
		kind = "12"
	}
	body := fmt.Sprintf("%s%sMA9%05d", kind, t.County, (10007+i*613)%100000)
	for _, c := range "0123456789X" {
		code, err := market.MakeUSCC(body + string(c))
		if err == nil && code.InnerValid() {
			return code
		}
	}
	panic("no inner check character fits " + body) // exactly one always does
}

func (l *loader) orgRow(o org, at time.Time) []any {
	var park any
	if o.park != "" {
		park = o.park
	}
	var verifiedAt any = at.AddDate(0, 0, 2)
	if o.state == market.OrgPending {
		at, verifiedAt = l.workHour(l.rnd.IntN(3)), nil
	}
	return []any{o.id, string(o.uscc), o.text.Name, o.text.Type, o.partyType, o.text.County, park, o.text.LegalRep, "", o.text.About, o.state,
		nil, "", at, verifiedAt, true, o.user, at}
}
