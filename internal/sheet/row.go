package sheet

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"techmarket/internal/market"
)

// Reader turns the rows of one list into what they are. It is safe for concurrent use.
type Reader struct {
	kind     market.Kind
	headings []string
	columns  []*column
	at       map[string]int // column of each key that the list has
	unit     market.Unit    // of sums without one
	defaults market.ImportDefaults
	lists    map[string]index // of the columns that hold codes
	ref      *market.Reference
	today    time.Time
}

// NewReader makes the reader of a list with those headings. defaults apply to rows that don't say; today is the day that
// deadlines are held against.
func NewReader(kind market.Kind, headings []string, defaults market.ImportDefaults, ref *market.Reference, today time.Time) *Reader {
	r := &Reader{kind: kind, headings: headings, lists: map[string]index{}, defaults: defaults, ref: ref, today: today}
	r.take(columnsOf(kind, headings))
	for key, list := range map[string]market.Codes{"submarket": ref.Submarkets, "fields": fieldNames(ref), "tech_field": ref.TechFields, "modes": market.Modes,
		"price_method": market.PriceMethods, "hide_org": shown, "ip_type": ref.IPTypes, "ip_status": market.IPStatuses,
		"type": orgTypes(ref), "park": ref.Parks, "party_type": ref.PartyTypes, "industry": ref.Industries, "scale": market.OrgScales} {
		r.lists[key] = newIndex(key, list)
	}
	return r
}

// take says what the nth heading is.
func (r *Reader) take(columns []*column) {
	r.columns, r.at, r.unit = columns, map[string]int{}, ""
	for i, c := range r.columns {
		if c != nil {
			r.at[c.key] = i
		}
	}
	if i, ok := r.at["price"]; ok {
		r.unit = headingUnit(r.headings[i])
	}
}

// Take says what each heading is, by the keys of Choices, "" for nothing. The Invalid error says what is wrong with that.
func (r *Reader) Take(keys []string) error {
	var p market.Problems
	list, out, taken := columnsFor(r.kind), make([]*column, len(r.headings)), map[string]bool{}
	for i, key := range keys[:min(len(keys), len(out))] {
		at := slices.IndexFunc(list, func(c column) bool { return c.key == key })
		switch {
		case key == "":
		case at < 0:
			p.Add("column", "请从列表中选择每一列是什么")
		case taken[key]:
			p.Add("column", "有两列都选了“%s”，请改正其中一列", list[at].name)
		default:
			out[i], taken[key] = &list[at], true
		}
	}
	if main := mainColumn(r.kind); !taken[main.key] {
		p.Add("column", "没有选哪一列是“%s”，请选一列", main.name)
	}
	if err := p.Err(); err != nil {
		return err
	}
	r.take(out)
	return nil
}

// Choices are what a column can be: the keys and the names of the template's columns.
func Choices(kind market.Kind) market.Codes {
	var out market.Codes
	for _, c := range columnsFor(kind) {
		out = append(out, market.Code{Code: c.key, Name: c.name})
	}
	return out
}

// Column is a heading of the file and what it was taken for.
type Column struct {
	Heading string
	Key     string // of Choices
	As      string // the name in the template, "" when the column is not used
}

// Columns says what each heading was taken for.
func (r *Reader) Columns() []Column {
	out := make([]Column, len(r.headings))
	for i, h := range r.headings {
		out[i].Heading = h
		if c := r.columns[i]; c != nil {
			out[i].Key, out[i].As = c.key, c.name
		}
	}
	return out
}

// ID is the row's number in its owner's books, "" when it has none.
func (r *Reader) ID(cells []string) string { return market.Normalize(r.row(cells).text("id")) }

// Title is what the row names as it stands, for showing a row that can't be taken.
func (r *Reader) Title(cells []string) string {
	return market.Truncate(market.Normalize(r.row(cells).text(mainColumn(r.kind).key)), market.MaxTitle)
}

// row is one row being read.
type row struct {
	*Reader
	cells    []string
	problems market.Problems
}

func (r *Reader) row(cells []string) *row { return &row{Reader: r, cells: cells} }

// text is the cell of a column, "" when the list or the row lacks it. What Excel shows for a failed formula is noted, and
// so are characters that could not be read.
func (r *row) text(key string) string {
	i, ok := r.at[key]
	if !ok || i >= len(r.cells) {
		return ""
	}
	cell := r.cells[i]
	if formulaErrors[cell] {
		r.problems.Add(key, "公式出错（%s），请改成文字或数字", cell)
		return ""
	}
	if strings.ContainsRune(cell, utf8.RuneError) {
		r.problems.Add(key, "有认不出来的字，显示为 %c，请改正", utf8.RuneError)
	}
	return cell
}

var formulaErrors = map[string]bool{"#N/A": true, "#REF!": true, "#VALUE!": true, "#DIV/0!": true, "#NAME?": true, "#NUM!": true, "#NULL!": true}

// listing reads what needs and results have in common. A row that names only its field gets that field's sub-market.
func (r *row) listing() market.Listing {
	l := market.Listing{Kind: r.kind, Title: r.text("title"), TechField: r.code("tech_field"), Region: r.region(),
		ContactName: r.text("contact_name"), ContactPhone: r.text("contact_phone"), Gated: r.text("gated")}
	l.Fields = r.codes("fields")
	l.Submarket = r.code("submarket")
	if l.Submarket == "" && len(l.Fields) > 0 && r.text("submarket") == "" {
		l.Submarket = r.submarketOf(l.Fields[0])
	}
	if l.Submarket == "" && r.text("submarket") == "" {
		l.Submarket = r.defaults.Submarket
	}
	if len(l.Fields) == 0 && r.text("fields") == "" {
		for _, f := range r.defaults.Fields {
			if r.submarketOf(f) == l.Submarket {
				l.Fields = append(l.Fields, f)
			}
		}
	}
	if l.Modes = r.codes("modes"); len(l.Modes) == 0 && r.text("modes") == "" {
		l.Modes = slices.Clone(r.defaults.Modes)
	}
	if l.ContactName == "" && l.ContactPhone == "" {
		l.ContactName, l.ContactPhone = r.defaults.ContactName, r.defaults.ContactPhone
	}
	l.HideOrg = r.code("hide_org") == "no"
	l.SecrecyConfirmed = true // stated for the whole file when it is accepted
	return l
}

func (r *row) submarketOf(field string) string {
	for _, f := range r.ref.Fields {
		if f.Code == field {
			return f.Submarket
		}
	}
	return ""
}

// found joins the problems of reading with those of the market's check, cell by cell. A problem of reading goes before
// what the check makes of the gap it leaves. What is no problem of a draft is only a gap.
func (r *row) found(checked, ofDraft market.Problems) []market.ImportProblem {
	all, gaps := slices.Clone(r.problems), map[string]bool{}
	for _, f := range checked {
		key := keyOf(f.Field)
		if key == "fields" && r.problems.Has("submarket") {
			continue // of an unknown sub-market no field can be right
		}
		if !all.Has(key) {
			gaps[key] = !ofDraft.Has(f.Field)
		}
		all.Add(key, "%s", f.Message)
	}
	out := make([]market.ImportProblem, 0, len(all))
	for _, f := range all {
		p := market.ImportProblem{Field: f.Field, Column: r.columnName(f.Field), Value: r.value(f.Field), Message: f.Message}
		if gaps[f.Field] {
			p.Grade = market.GradeGap
		}
		out = append(out, p)
	}
	return out
}

// keyOf is the column in which a field of market's checks is filled in.
func keyOf(field string) string {
	name, rest, _ := strings.Cut(field, ".")
	_, part, _ := strings.Cut(rest, ".")
	switch name {
	case "budget":
		return "price"
	case "indicators":
		if part == "" {
			return "ind_name"
		}
		return "ind_" + part
	case "ips":
		switch part {
		case "type", "title":
			return "ip_type"
		case "status":
			return "ip_status"
		case "filed_on":
			return "ip_filed"
		case "granted_on":
			return "ip_granted"
		}
		return "patent"
	}
	return name
}

// columnName is the heading of a column in the file, or in the template when the file lacks it.
func (r *row) columnName(key string) string {
	if i, ok := r.at[key]; ok {
		return r.headings[i]
	}
	for _, c := range columnsFor(r.kind) {
		if c.key == key {
			return c.name
		}
	}
	return key
}

// maxShown is how many characters of a cell stand beside its problem.
const maxShown = 40

// value is the beginning of what stands in the column.
func (r *row) value(key string) string {
	if i, ok := r.at[key]; ok && i < len(r.cells) {
		return market.Truncate(market.Normalize(r.cells[i]), maxShown)
	}
	return ""
}

// Need reads a row of needs and returns what keeps it from being taken, or from being submitted, cell by cell.
func (r *Reader) Need(cells []string) (market.Need, []market.ImportProblem) {
	row := r.row(cells)
	n := market.Need{Listing: row.listing(), Problem: row.text("problem"), Background: row.text("background"), Indicators: row.indicators(),
		Budget: row.price(), Deadline: row.date("deadline"), Ownership: row.text("ownership"), Partner: row.text("partner")}
	checked := n.CheckSubmit(r.ref, r.today, true)
	if len(checked) == 0 {
		return n, row.found(nil, nil)
	}
	return n, row.found(checked, n.CheckDraft(r.ref))
}

// indicators reads indicators from cells with a line for each.
func (r *row) indicators() []market.Indicator {
	var out []market.Indicator
	names, now, target, unit, method := r.lines("ind_name"), r.lines("ind_now"), r.lines("ind_target"), r.lines("ind_unit"), r.lines("ind_method")
	for i := range max(len(names), len(now), len(target), len(unit), len(method)) {
		out = append(out, market.Indicator{Name: nth(names, i), Now: nth(now, i), Target: nth(target, i), Unit: nth(unit, i), Method: nth(method, i)})
	}
	return out
}

// gap stands in a cell with several lines where one of them is empty.
const gap = "—"

// lines are the lines of a cell.
func (r *row) lines(key string) []string {
	text := strings.TrimSpace(r.text(key))
	if text == "" {
		return nil
	}
	out := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range out {
		if out[i] = strings.TrimSpace(line); out[i] == gap {
			out[i] = ""
		}
	}
	return out
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// Result reads a row of results and returns what keeps it from being taken, or from being submitted, cell by cell.
func (r *Reader) Result(cells []string) (market.Result, []market.ImportProblem) {
	row := r.row(cells)
	res := market.Result{Listing: row.listing(), Summary: row.text("summary"), Problem: row.text("problem"), Advantage: row.text("advantage"),
		Economics: row.text("economics"), PriceMethod: row.code("price_method"), Price: row.price(),
		Inventors: row.text("inventors"), Cases: row.text("cases"), Evidence: row.text("evidence")}
	res.Stage, res.TRLMin, res.TRLMax = row.stage()
	if res.Stage == "" && row.text("stage") == "" {
		res.Stage = r.defaults.Stage
	}
	if res.PriceMethod == "" && row.text("price_method") == "" {
		res.PriceMethod = r.defaults.PriceMethod
		if res.PriceMethod == "" || res.PriceMethod == "listed" && res.Price.Kind == market.PriceOpen {
			res.PriceMethod = "negotiated"
		}
	}
	res.IPs = row.ips()
	checked := res.CheckSubmit(r.ref, r.today, true)
	if len(checked) == 0 {
		return res, row.found(nil, nil)
	}
	return res, row.found(checked, res.CheckDraft(r.ref))
}

// Expert reads a row of experts and returns what keeps it from being taken, cell by cell. owner is the organisation whose
// experts they are, 0 when the row says where the expert works.
func (r *Reader) Expert(cells []string, owner int64) (market.Expert, []market.ImportProblem) {
	row := r.row(cells)
	e := market.Expert{OrgID: owner, Name: row.text("name"), Title: row.text("title"), Fields: row.codes("fields"), TechField: row.code("tech_field"),
		Expertise: row.text("expertise"), Region: row.region(), Phone: row.text("phone"), Email: row.text("email"),
		ConsentOn: row.date("consent_on"), ContactOn: row.date("contact_on")}
	if owner == 0 {
		e.OrgName = row.text("org")
	}
	if e.Region == "" && row.text("region") == "" {
		e.Region = r.defaults.Region
	}
	checked := e.Check(r.ref, r.today)
	return e, row.found(checked, checked)
}

// Org reads a row of organisations and returns what keeps it from being taken, cell by cell.
func (r *Reader) Org(cells []string) (market.Org, []market.ImportProblem) {
	row := r.row(cells)
	o := market.Org{Name: row.text("name"), USCC: market.USCC(row.text("uscc")), Type: market.OrgType(row.code("type")), Region: row.region(),
		Park: row.optionalCode("park"), PartyType: row.optionalCode("party_type"), Industry: row.optionalCode("industry"), Scale: row.optionalCode("scale"),
		LegalRep: row.text("legal_rep"), Address: row.text("address"), About: row.text("about")}
	checked := o.Check(r.ref)
	return o, row.found(checked, checked)
}

func (r *row) optionalCode(key string) *string {
	code := r.code(key)
	if code == "" {
		return nil
	}
	return &code
}

// Problem words what is wrong with a cell of a row; field is the name that market's checks have for it.
func (r *Reader) Problem(cells []string, field, message string) market.ImportProblem {
	row, key := r.row(cells), keyOf(field)
	return market.ImportProblem{Field: key, Column: row.columnName(key), Value: row.value(key), Message: message}
}

// ips reads the rights a result rests on: a right for each patent number, or one of the type that is stated.
func (r *row) ips() []market.IP {
	titles, types, statuses, filed, granted := r.lines("ip_title"), r.lines("ip_type"), r.lines("ip_status"), r.lines("ip_filed"), r.lines("ip_granted")
	if n := max(len(titles), len(types), len(statuses), len(filed), len(granted)); n > 1 {
		out := r.alignedIPs(n, titles, types, statuses)
		for i := range out {
			out[i].FiledOn, out[i].GrantedOn = r.dateOf("ip_filed", nth(filed, i)), r.dateOf("ip_granted", nth(granted, i))
		}
		return out
	}
	out := r.plainIPs()
	switch {
	case len(out) == 1:
		out[0].Title, out[0].FiledOn, out[0].GrantedOn = nth(titles, 0), r.date("ip_filed"), r.date("ip_granted")
	case len(out) > 1 && len(filed) > 0:
		r.problems.Add("ip_filed", "有 %d 件知识产权，只有一个日期，请每件一行（单元格内换行）", len(out))
	case len(out) > 1 && len(granted) > 0:
		r.problems.Add("ip_granted", "有 %d 件知识产权，只有一个日期，请每件一行（单元格内换行）", len(out))
	}
	return out
}

// alignedIPs reads a right from each line of the cells.
func (r *row) alignedIPs(n int, titles, types, statuses []string) []market.IP {
	numbers := r.lines("patent")
	var out []market.IP
	for i := range max(n, len(numbers)) {
		number, kind, status := market.Normalize(nth(numbers, i)), r.codeOf("ip_type", nth(types, i)), r.codeOf("ip_status", nth(statuses, i))
		ip := market.IP{Type: kind, Status: status}
		if number != "" && !slices.Contains(noNumber, number) {
			ip = r.patent(number, kind, status)
		}
		ip.Title = nth(titles, i)
		out = append(out, ip)
	}
	return out
}

// plainIPs reads cells of one line: all numbers are of the type and in the state that stand beside them.
func (r *row) plainIPs() []market.IP {
	text, numbers := r.text("patent"), []string(nil)
	for _, n := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("；;、，,\n\r", c) }) {
		if n = market.Normalize(n); n != "" && !slices.Contains(noNumber, n) {
			numbers = append(numbers, n)
		}
	}
	kind, status := r.code("ip_type"), r.code("ip_status")
	if len(numbers) == 0 {
		if kind == "" || kind == "none" {
			return nil
		}
		if status == "" {
			status = "granted"
		}
		return []market.IP{{Type: kind, Status: status}}
	}
	var out []market.IP
	for _, n := range numbers {
		out = append(out, r.patent(n, kind, status))
	}
	return out
}

// noNumber are ways to say that there is no patent.
var noNumber = []string{"无", "-", "—", "/", "暂无", "没有", "否"}

// patent makes a right of a number. Its own digits tell its kind better than the column beside it; ZL stands before the
// numbers of granted patents.
func (r *row) patent(number, kind, status string) market.IP {
	ip := market.IP{Type: kind, Number: number, Status: status}
	if kind == "" || ip.Patent() {
		ip.Type = "invention"
		parsed, err := market.ParsePatentNumber(number)
		if err != nil {
			r.problems.Add("patent", "“%s”：%s", market.Truncate(number, 30), err.Error())
		} else if own := parsed.Kind(); own != "" {
			ip.Type = own
		}
	}
	if status == "" {
		ip.Status = "pending"
		if strings.HasPrefix(strings.ToUpper(number), "ZL") || strings.Contains(r.columnName("patent"), "授权") {
			ip.Status = "granted"
		}
	}
	return ip
}

// stage reads a maturity: one of the five words, or technology readiness levels.
func (r *row) stage() (code string, low, high int) {
	text := market.Normalize(r.text("stage"))
	if text == "" {
		return "", 0, 0
	}
	if code := r.stageNamed(text); code != "" {
		return code, 0, 0
	}
	word, trl, _ := strings.Cut(strings.ToUpper(text), "TRL")
	if stage := r.stageNamed(word); stage != "" && trl != "" {
		if low, high, ok := levels(trl); ok {
			return stage, low, high
		}
	}
	if low, high, ok := levels(text); ok {
		for _, s := range market.Stages() {
			if s.TRLMin <= low && low <= s.TRLMax {
				code = s.Code
			}
		}
		return code, low, high
	}
	r.problems.Add("stage", "“%s”认不出来，请写：研发、小试、样品、中试、量产，或 TRL 1～9", market.Truncate(text, 20))
	return "", 0, 0
}

// stageNamed is the stage that a text names, "" when it names none.
func (r *row) stageNamed(text string) string {
	key := market.TitleKey(text)
	for _, s := range market.Stages() {
		if key == s.Code || key == s.Name || key == s.Name+"阶段" || slices.Contains(stageWords[s.Code], strings.TrimSuffix(key, "阶段")) {
			return s.Code
		}
	}
	return ""
}

// stageWords are other words for the stages.
var stageWords = map[string][]string{
	"rd": {"基础研究", "应用研究", "实验室研究", "概念验证", "研究"}, "lab": {"实验室", "小试完成", "实验室小试", "小批量试制"},
	"sample": {"样机", "样品样机", "原型", "原型机"}, "pilot": {"中试完成", "工程化", "示范应用", "试生产"},
	"mass": {"产业化", "规模化", "批量生产", "规模化生产", "小批量生产", "已产业化", "应用", "成熟应用", "推广"},
}

// levels reads TRL 6, TRL6-7 or 6～7.
func levels(text string) (low, high int, ok bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.ToUpper(text), "TRL"), "级"))
	a, b, ranged := strings.Cut(strings.NewReplacer("～", "-", "~", "-", "—", "-", "–", "-", "至", "-").Replace(text), "-")
	if !ranged {
		b = a
	}
	if _, err := fmt.Sscanf(strings.TrimSpace(a)+" "+strings.TrimSpace(b), "%d %d", &low, &high); err != nil {
		return 0, 0, false
	}
	return low, high, 1 <= low && low <= high && high <= 9
}
