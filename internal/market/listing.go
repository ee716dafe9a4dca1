package market

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// ListingState is where a need or a result stands.
type ListingState string

// The states of a listing.
const (
	Draft     ListingState = "draft"
	InReview  ListingState = "in_review"
	Returned  ListingState = "returned"
	Published ListingState = "published"
	Matched   ListingState = "matched"
	Expired   ListingState = "expired"
	Closed    ListingState = "closed"
	Withdrawn ListingState = "withdrawn"
)

// Name returns the state's Chinese name for a listing of that kind.
func (s ListingState) Name(k Kind) string {
	if s == Published && k == KindResult {
		return "可交易"
	}
	return Listings.Names[s]
}

// Listings is the state machine of needs and results.
var Listings = Machine[ListingState]{
	Noun:   "内容",
	States: []ListingState{Draft, InReview, Returned, Published, Matched, Expired, Closed, Withdrawn},
	Names: map[ListingState]string{Draft: "草稿", InReview: "审核中", Returned: "已退回", Published: "征集中",
		Matched: "已匹配", Expired: "已过期", Closed: "已关闭", Withdrawn: "已撤回"},
	Rules: []Rule[ListingState]{
		{"submit", []ListingState{Draft, Returned, Withdrawn, Expired}, InReview},
		{"recall", []ListingState{InReview}, Draft},
		{"publish", []ListingState{InReview}, Published},
		{"return", []ListingState{InReview}, Returned},
		{"confirm", []ListingState{Published}, Published},
		{"match", []ListingState{Published}, Matched},
		{"reopen", []ListingState{Matched}, Published},
		{"expire", []ListingState{Published}, Expired},
		{"withdraw", []ListingState{Published}, Withdrawn},
		{"close", []ListingState{Published, Matched, Withdrawn, Expired}, Closed},
	},
}

// Editable reports whether the owner may change the listing's text in this state.
func (s ListingState) Editable() bool {
	return slices.Contains([]ListingState{Draft, Returned, Withdrawn, Expired}, s)
}

// Public reports whether everybody may read the listing. A matched one stays readable as a record.
func (s ListingState) Public() bool { return s == Published || s == Matched }

// PriceKind says how a budget or price is given.
type PriceKind string

// The kinds of price.
const (
	PriceAmount PriceKind = "amount"
	PriceRange  PriceKind = "range"
	PriceOpen   PriceKind = "open" // 面议
)

// Price is a budget or an asking price in yuan. Min alone for an amount, both for a range, neither when open.
type Price struct {
	Kind PriceKind
	Min  decimal.NullDecimal
	Max  decimal.NullDecimal
}

// StaleAfter is the time after which a listing that nobody confirmed may no longer hold, for matching.
const StaleAfter = 180 * 24 * time.Hour

// Listing is what needs and results have in common.
type Listing struct {
	ID        int64
	Kind      Kind
	Number    string // XQ-2026-0412, CG-2026-0318
	OrgID     int64
	State     ListingState
	Title     string
	Submarket string   // code, "" in an unfinished draft
	Fields    []string // codes, main one first
	TechField string
	Region    string // place of the work, by default the organisation's
	Modes     []string
	HideOrg   bool // the organisation's name is shown to nobody but staff and the parties of an inquiry

	SecrecyConfirmed bool   // 不含国家秘密、工作秘密
	ContactName      string // shown only to the other party of a running inquiry
	ContactPhone     string
	Gated            string // detail for approved readers; empty unless it was asked for

	SubmittedAt *time.Time
	PublishedAt *time.Time
	ConfirmedAt *time.Time
	ValidUntil  *time.Time
	ReturnCodes []string
	ReturnNote  string
	Version     int
	ImportID    *int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Indicator is one measure of a need: now, wanted, unit and how it is verified.
type Indicator struct {
	Name   string `db:"name" json:"name"`
	Now    string `db:"now_value" json:"now"`
	Target string `db:"target_value" json:"target"`
	Unit   string `db:"unit" json:"unit"`
	Method string `db:"method" json:"method"`
}

// Need is a 技术需求.
type Need struct {
	Listing
	Problem    string
	Background string
	Indicators []Indicator
	Budget     Price
	Deadline   *time.Time // a date
	Ownership  string
	Partner    string
}

// IP is an intellectual-property right a result rests on.
type IP struct {
	Type   string `db:"type" json:"type"`
	Number string `db:"number" json:"number"` // patents: as stored by PatentNumber
	Title  string `db:"title" json:"title"`
	Status string `db:"status" json:"status"`
	// Dates: of the application, and of the grant or registration.
	FiledOn   *time.Time `db:"filed_on" json:"filed_on,omitempty"`
	GrantedOn *time.Time `db:"granted_on" json:"granted_on,omitempty"`
}

// Patent reports whether the right is a patent or an application for one.
func (i IP) Patent() bool { return i.Type == "invention" || i.Type == "utility" || i.Type == "design" }

// ExpiresOn is the day on which a granted patent's protection has ended, nil when that cannot be told: of other rights, of
// applications, of patents that have lapsed before, and without the date of the application.
func (i IP) ExpiresOn() *time.Time {
	if !i.Patent() || i.FiledOn == nil || i.Status != "granted" && i.Status != "transferring" {
		return nil
	}
	end := yearsAfter(DateOf(*i.FiledOn), PatentTerm(i.Type, *i.FiledOn))
	return &end
}

// Expired reports whether the protection has ended on that day.
func (i IP) Expired(today time.Time) bool {
	end := i.ExpiresOn()
	return end != nil && !end.After(today)
}

// Result is a 科技成果.
type Result struct {
	Listing
	Summary     string
	Problem     string // the problem solved
	Advantage   string // over the leading alternative
	Economics   string
	Stage       string // code, "" in an unfinished draft
	TRLMin      int    // 0 when not stated
	TRLMax      int
	Evidence    string // that it has come so far
	PriceMethod string
	Price       Price
	IPs         []IP
	Inventors   string
	Cases       string
}

// Limits of text fields, in characters. The web form, the API and the import share them.
const (
	MaxTitle = 100
	MaxText  = 3000
	MaxLine  = 200
	MaxRows  = 20 // indicator and IP rows

	MaxEvidence = 1000
)

// check holds what drafts of both kinds must satisfy: nothing that could not be stored or shown.
func (l *Listing) check(p *Problems, ref *Reference) {
	l.Fields, l.Modes = distinct(l.Fields), distinct(l.Modes)
	if l.TechField == "" {
		l.TechField = SubmarketTechField[l.Submarket]
	}
	checkLine(p, "title", "标题", &l.Title, MaxTitle)
	if l.Title == "" {
		p.Add("title", "请填写标题")
	}
	checkFields(p, ref, l.Submarket, l.Fields)
	if l.TechField != "" && ref.TechFields.Name(l.TechField) == "" {
		p.Add("tech_field", "请从列表中选择技术领域")
	}
	if l.Region != "" && ref.Regions.Name(l.Region) == "" {
		p.Add("region", "请从列表中选择所在地")
	}
	for _, m := range l.Modes {
		if Modes.Name(m) == "" {
			p.Add("modes", "请从列表中选择合作方式")
		}
	}
	checkLine(p, "contact_name", "联系人", &l.ContactName, 30)
	checkLine(p, "contact_phone", "联系电话", &l.ContactPhone, 30)
	checkText(p, "gated", "不公开的内容", &l.Gated, MaxText)
}

// checkFields notes a sub-market or a field that there is not, and fields of another sub-market.
func checkFields(p *Problems, ref *Reference, submarket string, fields []string) {
	if submarket != "" && ref.Submarkets.Name(submarket) == "" {
		p.Add("submarket", "请从列表中选择专业市场")
	}
	for _, f := range fields {
		if ref.FieldName(f) == "" {
			p.Add("fields", "请从列表中选择细分领域")
		} else if !slices.ContainsFunc(ref.FieldsOf(submarket), func(c Code) bool { return c.Code == f }) {
			p.Add("fields", "“%s”不属于所选的专业市场", ref.FieldName(f))
		}
	}
}

// distinct drops repeated values and keeps the order of the rest.
func distinct(values []string) []string {
	var out []string
	for _, v := range values {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// checkSubmit holds what both kinds need before a reviewer looks at them.
func (l *Listing) checkSubmit(p *Problems) {
	if l.Submarket == "" {
		p.Add("submarket", "请选择专业市场")
	}
	if len(l.Fields) == 0 {
		p.Add("fields", "请至少选择一个细分领域")
	}
	if len(l.Modes) == 0 {
		p.Add("modes", "请至少选择一种合作方式")
	}
	if !l.SecrecyConfirmed {
		p.Add("secrecy", "请确认不含国家秘密、工作秘密")
	}
}

// Years between which the dates of listings lie.
const firstYear, lastYear = 1984, 2100

// CheckDraft returns what keeps the need from being saved as a draft. It tidies the text in place.
func (n *Need) CheckDraft(ref *Reference) Problems {
	var p Problems
	n.check(&p, ref)
	checkText(&p, "problem", "现状与瓶颈", &n.Problem, MaxText)
	checkText(&p, "background", "背景", &n.Background, MaxText)
	checkIndicators(&p, &n.Indicators)
	n.Budget.check(&p, "budget")
	if n.Deadline != nil && (n.Deadline.Year() < firstYear || n.Deadline.Year() > lastYear) {
		p.Add("deadline", "截止日期的年份不对，请核对")
	}
	checkText(&p, "ownership", "成果归属意向", &n.Ownership, 500)
	checkText(&p, "partner", "对合作方的要求", &n.Partner, 1000)
	return p
}

// CheckSubmit returns what keeps the need from being submitted. imported lists come as they are: a title is enough,
// and the page says what its owner has not stated.
func (n *Need) CheckSubmit(ref *Reference, today time.Time, imported bool) Problems {
	p := n.CheckDraft(ref)
	n.checkSubmit(&p)
	if n.Deadline != nil && n.Deadline.Before(today) {
		p.Add("deadline", "截止日期不能早于今天（%s）", today.Format(time.DateOnly))
	}
	if imported {
		return p
	}
	if RuneLen(n.Problem) < 20 {
		p.Add("problem", "请写清现在怎么做、卡在哪里、试过什么，至少 20 个字")
	}
	if len(n.Indicators) == 0 {
		p.Add("indicators", "请至少填写一项指标")
	}
	if n.Deadline == nil {
		p.Add("deadline", "请填写截止日期")
	}
	return p
}

// checkIndicators drops empty rows, tidies the others in place and notes what is wrong with them.
func checkIndicators(p *Problems, rows *[]Indicator) {
	*rows = slices.DeleteFunc(*rows, func(i Indicator) bool {
		return Normalize(i.Name+i.Now+i.Target+i.Unit+i.Method) == ""
	})
	if len(*rows) > MaxRows {
		p.Add("indicators", "指标最多 %d 行", MaxRows)
		return
	}
	for i := range *rows {
		row := &(*rows)[i]
		at := rowName("indicators", i)
		checkLine(p, at+"name", "指标名", &row.Name, 60)
		checkLine(p, at+"now", "现值", &row.Now, 40)
		checkLine(p, at+"target", "要求", &row.Target, 40)
		checkLine(p, at+"unit", "单位", &row.Unit, 20)
		checkLine(p, at+"method", "检验方法", &row.Method, 100)
		if row.Name == "" {
			p.Add(at+"name", "第 %d 行还没有指标名", i+1)
		}
		if row.Target == "" {
			p.Add(at+"target", "第 %d 行还没有要求达到的值", i+1)
		}
	}
}

// CheckDraft returns what keeps the result from being saved as a draft. It tidies the text in place.
func (r *Result) CheckDraft(ref *Reference) Problems {
	var p Problems
	r.check(&p, ref)
	checkText(&p, "summary", "成果简介", &r.Summary, MaxText)
	checkText(&p, "problem", "解决的问题", &r.Problem, MaxText)
	checkText(&p, "advantage", "与现有方案相比的优势", &r.Advantage, MaxText)
	checkText(&p, "economics", "经济性", &r.Economics, MaxText)
	r.checkStage(&p)
	checkText(&p, "evidence", "成熟度依据", &r.Evidence, MaxEvidence)
	if PriceMethods.Name(r.PriceMethod) == "" {
		p.Add("price_method", "请选择价格方式")
	}
	r.Price.check(&p, "price")
	if r.PriceMethod == "listed" && r.Price.Kind == PriceOpen {
		p.Add("price", "挂牌须写明价格，不能面议")
	}
	r.checkIPs(&p, ref)
	checkLine(&p, "inventors", "完成人", &r.Inventors, MaxLine)
	checkText(&p, "cases", "应用案例", &r.Cases, MaxText)
	return p
}

// CheckSubmit returns what keeps the result from being submitted. For imported see Need.CheckSubmit.
func (r *Result) CheckSubmit(ref *Reference, today time.Time, imported bool) Problems {
	p := r.CheckDraft(ref)
	r.checkSubmit(&p)
	r.checkPastDates(&p, today)
	if imported {
		return p
	}
	if RuneLen(r.Summary) < 20 {
		p.Add("summary", "请用至少 20 个字说明这项成果是什么")
	}
	if RuneLen(r.Problem) < 10 {
		p.Add("problem", "请写明解决了什么问题，至少 10 个字")
	}
	if RuneLen(r.Advantage) < 10 {
		p.Add("advantage", "请写明与现有方案相比好在哪里，至少 10 个字")
	}
	if RuneLen(r.Economics) < 5 {
		p.Add("economics", "请写明成本或收益，例：吨成本降低 60 元")
	}
	if r.Stage == "" {
		p.Add("stage", "请选择成熟度")
	}
	return p
}

func (r *Result) checkStage(p *Problems) {
	if r.Stage == "" {
		r.TRLMin, r.TRLMax = 0, 0
		return
	}
	stage, ok := StageByCode(r.Stage)
	if !ok {
		p.Add("stage", "请从列表中选择成熟度")
		return
	}
	if r.TRLMin == 0 && r.TRLMax == 0 {
		r.TRLMin, r.TRLMax = stage.TRLMin, stage.TRLMax
	}
	if r.TRLMin < 1 || r.TRLMax > 9 || r.TRLMin > r.TRLMax {
		p.Add("stage", "TRL 应在 1 到 9 之间，低值不大于高值")
	}
}

func (r *Result) checkIPs(p *Problems, ref *Reference) {
	r.IPs = slices.DeleteFunc(r.IPs, func(i IP) bool {
		return i.Type == "" && Normalize(i.Number+i.Title) == "" && i.FiledOn == nil && i.GrantedOn == nil
	})
	if len(r.IPs) > MaxRows {
		p.Add("ips", "知识产权最多 %d 行", MaxRows)
		return
	}
	for i := range r.IPs {
		ip, at := &r.IPs[i], rowName("ips", i)
		checkLine(p, at+"title", "名称", &ip.Title, MaxLine)
		if ref.IPTypes.Name(ip.Type) == "" {
			p.Add(at+"type", "第 %d 行还没有选知识产权类型", i+1)
		}
		if IPStatuses.Name(ip.Status) == "" {
			p.Add(at+"status", "第 %d 行还没有选状态", i+1)
		}
		ip.checkNumber(p, at+"number", i+1)
		ip.checkDates(p, at, i+1)
	}
}

// checkDates holds the dates against each other, the number and the status. The number has the year in which the
// application came in; one that was divided off an older one keeps that one's earlier date.
func (i *IP) checkDates(p *Problems, at string, row int) {
	for _, d := range []struct {
		field, label string
		day          *time.Time
	}{{"filed_on", "申请日期", i.FiledOn}, {"granted_on", "授权日期", i.GrantedOn}} {
		if d.day != nil && (d.day.Year() < firstYear || d.day.Year() > lastYear) {
			p.Add(at+d.field, "第 %d 行%s的年份不对，请核对", row, d.label)
		}
	}
	if i.FiledOn != nil && i.Patent() && !p.Has(at+"number") {
		if year := PatentNumber(i.Number).FilingYear(); year != 0 && DateOf(*i.FiledOn).Year() > year {
			p.Add(at+"filed_on", "第 %d 行的号码是 %d 年的，申请日期不能更晚", row, year)
		}
	}
	if i.GrantedOn == nil {
		return
	}
	if i.FiledOn != nil && DateOf(*i.GrantedOn).Before(DateOf(*i.FiledOn)) {
		p.Add(at+"granted_on", "第 %d 行的授权日期早于申请日期", row)
	}
	if i.Status == "pending" {
		p.Add(at+"status", "第 %d 行有授权日期，状态却是申请中，请改正其中一个", row)
	}
}

// checkPastDates tells dates that have not come yet.
func (r *Result) checkPastDates(p *Problems, today time.Time) {
	for i, ip := range r.IPs {
		if ip.FiledOn != nil && DateOf(*ip.FiledOn).After(today) {
			p.Add(rowName("ips", i)+"filed_on", "第 %d 行的申请日期还没有到（今天是 %s）", i+1, today.Format(time.DateOnly))
		}
		if ip.GrantedOn != nil && DateOf(*ip.GrantedOn).After(today) {
			p.Add(rowName("ips", i)+"granted_on", "第 %d 行的授权日期还没有到（今天是 %s）", i+1, today.Format(time.DateOnly))
		}
	}
}

func (i *IP) checkNumber(p *Problems, field string, row int) {
	checkLine(p, field, "编号", &i.Number, 40)
	if !i.Patent() || p.Has(field) {
		return
	}
	if i.Number == "" {
		p.Add(field, "第 %d 行是专利，请填写专利号或申请号", row)
		return
	}
	number, err := ParsePatentNumber(i.Number)
	if err != nil {
		p.Add(field, "第 %d 行：%s", row, err.Error())
		return
	}
	i.Number = string(number)
}

func (b *Price) check(p *Problems, field string) {
	switch b.Kind {
	case PriceOpen:
		b.Min, b.Max = decimal.NullDecimal{}, decimal.NullDecimal{}
	case PriceAmount:
		b.Max = decimal.NullDecimal{}
		if !b.Min.Valid {
			p.Add(field, "请填写金额，或选择面议")
		}
	case PriceRange:
		switch {
		case !b.Min.Valid || !b.Max.Valid:
			p.Add(field, "请把最低和最高金额都填上")
		case !b.Min.Decimal.LessThan(b.Max.Decimal):
			p.Add(field, "最低金额应小于最高金额")
		}
	default:
		p.Add(field, "请选择金额的填法")
	}
	for _, d := range []decimal.NullDecimal{b.Min, b.Max} {
		switch {
		case !d.Valid:
		case !d.Decimal.IsPositive():
			p.Add(field, "金额应大于 0")
		case d.Decimal.GreaterThanOrEqual(maxPrice):
			p.Add(field, "金额在 1 万亿元以上，请核对数字和单位")
		case !d.Decimal.Equal(d.Decimal.Round(2)):
			p.Add(field, "金额最多精确到分")
		}
	}
}

// maxPrice is the sum in yuan that all budgets and prices stay under.
var maxPrice = decimal.New(1, maxYuanDigits)

// ShowsName returns the field of the public text in which the organisation's name stands, "" when it stands in none.
// A listing that hides its organisation must not be submitted with it.
func (n *Need) ShowsName(name string) string {
	parts := []namedText{{"title", n.Title}, {"problem", n.Problem}, {"background", n.Background}, {"ownership", n.Ownership}, {"partner", n.Partner}}
	for i, row := range n.Indicators {
		parts = append(parts, namedText{rowName("indicators", i) + "method", row.Name + row.Method})
	}
	return fieldWithName(parts, name)
}

// ShowsName is Need.ShowsName for a result.
func (r *Result) ShowsName(name string) string {
	parts := []namedText{{"title", r.Title}, {"summary", r.Summary}, {"problem", r.Problem}, {"advantage", r.Advantage},
		{"economics", r.Economics}, {"evidence", r.Evidence}, {"cases", r.Cases}, {"inventors", r.Inventors}}
	for i, ip := range r.IPs {
		parts = append(parts, namedText{rowName("ips", i) + "title", ip.Title})
	}
	return fieldWithName(parts, name)
}

// namedText is a text with the form's name of its field.
type namedText struct{ field, text string }

// fieldWithName looks for an organisation's name, also without the words that every company has at its end.
func fieldWithName(parts []namedText, name string) string {
	for _, end := range []string{"有限责任公司", "股份有限公司", "有限公司"} {
		if short, ok := strings.CutSuffix(name, end); ok {
			name = short
			break
		}
	}
	if name == "" {
		return ""
	}
	for _, p := range parts {
		if strings.Contains(p.text, name) {
			return p.field
		}
	}
	return ""
}
