package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// yearTotals is the turnover (sellers in the city, 万元) of each year of the demonstration: invented figures along the
// plan's path from 15.09 to 25亿元. Later years grow by a tenth; the present one is cut off at today.
var yearTotals = map[int]int64{2021: 169200, 2022: 186300, 2023: 201800, 2024: 228700, 2025: 254600}

const firstYear = 2021

// monthWeights is the usual share of each month, in thousandths: quiet at new year, busy at half-year and year end.
var monthWeights = [12]float64{40, 44, 88, 76, 84, 124, 70, 78, 108, 82, 96, 110}

// Contracts a year for each side of the border, and how they grow.
const (
	outputs2021  = 420 // seller in the city
	absorbed2021 = 150 // buyer in the city only
	countGrowth  = 1.06
)

// kindWeights is how often each kind of contract is met, in percent.
var kindWeights = []struct {
	code   string
	weight int
}{{"D1", 33}, {"D2", 5}, {"T1", 4}, {"T3", 3}, {"T8", 1}, {"L1", 4}, {"L2", 2}, {"C1", 11}, {"S1", 35}, {"S2", 2}}

// titleEndings makes a contract's title from a listing's, by kind.
var titleEndings = map[string][]string{
	"D1": {"技术开发", "工艺开发", "样机研制"}, "D2": {"合作开发", "联合攻关"}, "T1": {"专利权转让"}, "T3": {"技术秘密转让"}, "T8": {"技术入股"},
	"L1": {"专利实施许可"}, "L2": {"技术秘密许可"}, "C1": {"可行性咨询", "技术评估"}, "S1": {"技术服务", "检测与优化服务", "工艺改进服务"}, "S2": {"技术培训"},
}

// outsiders are parties without an account: most buyers and sellers of other places.
var outsiders = []struct{ name, region string }{
	{"深圳明川电子有限公司（演示）", "440000"}, {"东莞恒岳精密有限公司（演示）", "440000"}, {"广州南屿新材料有限公司（演示）", "440000"},
	{"杭州澜沧自动化有限公司（演示）", "330000"}, {"宁波海岬模具有限公司（演示）", "330000"}, {"苏州栖霖光电有限公司（演示）", "320000"},
	{"无锡盛砚传感有限公司（演示）", "320000"}, {"上海沐野生物有限公司（演示）", "310000"}, {"北京砺原软件有限公司（演示）", "110000"},
	{"武汉楚岸激光有限公司（演示）", "420000"}, {"长沙湘屿机械有限公司（演示）", "430000"}, {"株洲铁砚电气有限公司（演示）", "430000"},
	{"南昌赣屿食品有限公司（演示）", "360100"}, {"赣州虔台稀土有限公司（演示）", "360700"}, {"宜春袁岭锂材有限公司（演示）", "360900"},
	{"九江浔溪玻纤有限公司（演示）", "360400"}, {"厦门鹭岬科技有限公司（演示）", "350000"}, {"成都蜀砚信息有限公司（演示）", "510000"},
}

// party is one side of a demonstration contract.
type party struct {
	orgID                any
	legalRep             string
	name, partyType, reg string
	uscc                 market.USCC
	park                 any
	inCity               bool
}

// contractRows gathers the rows of contracts and ledger.
type contractRows struct {
	*loader
	topics                               map[string][]listed // results and needs by sub-market
	contracts, deductions, ledger, moves [][]any
	parties, ips, instalments, removals  [][]any
	filed                                []filedDraft // whose texts are there
	paid                                 *filedDraft  // whose payments are
	ids                                  []int64
	serial                               map[int]int // registration numbers by year
	outside                              []party
	placed                               map[year]float64 // yuan so far
}

func (l *loader) loadContracts(ctx context.Context, all []listed) error {
	r := &contractRows{loader: l, topics: map[string][]listed{}, serial: map[int]int{}, placed: map[year]float64{}}
	for _, x := range all {
		r.topics[x.submarket] = append(r.topics[x.submarket], x)
	}
	for i, o := range outsiders {
		r.outside = append(r.outside, party{name: o.name, partyType: []string{"150", "160", "170"}[i%3], reg: o.region,
			uscc: l.makeUSCC(500+i, orgText{Type: "enterprise", County: o.region})})
	}
	plan := r.plan()
	var err error
	if r.ids, err = l.tx.TakeIDs(ctx, "contracts", len(plan)+len(l.deals)); err != nil {
		return err
	}
	for i, p := range plan {
		r.addRegistered(r.ids[i], i, p)
	}
	r.addOnDesk(r.ids[len(plan):], len(plan))
	return r.write(ctx)
}

// planned is a contract before it has parties: when it was registered, for how much, and which way it went.
type planned struct {
	day    time.Time
	amount decimal.Decimal
	seller bool // in the city
	buyer  bool
}

// plan deals out the years' contracts over days and sizes.
func (r *contractRows) plan() []planned {
	var out []planned
	total, outputs, absorbed := yearTotals[firstYear], float64(outputs2021), float64(absorbed2021)
	for year := firstYear; year <= r.today.Year(); year++ {
		if t, ok := yearTotals[year]; ok {
			total = t
		} else {
			total = total * 108 / 100
		}
		share := r.yearShare(year)
		out = append(out, r.planYear(year, int(outputs*share), float64(total)*share, true)...)
		out = append(out, r.planYear(year, int(absorbed*share), float64(total)*share*0.39, false)...)
		outputs, absorbed = outputs*countGrowth, absorbed*countGrowth
	}
	slices.SortStableFunc(out, func(a, b planned) int { return a.day.Compare(b.day) })
	return out
}

// yearShare is the part of the year's business that lies before today.
func (r *contractRows) yearShare(year int) float64 {
	if year < r.today.Year() {
		return 1
	}
	done, all := 0.0, 0.0
	for m, w := range monthWeights {
		all += w
		switch days := float64(daysIn(year, time.Month(m+1))); {
		case time.Month(m+1) < r.today.Month():
			done += w
		case time.Month(m+1) == r.today.Month():
			done += w * float64(r.today.Day()-1) / days
		}
	}
	return done / all
}

func daysIn(year int, m time.Month) int { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// planYear draws count contracts whose amounts add up to the total (万元). Sizes are lognormal, as real ones are: most
// below 50 万元, a few above 1,000.
func (r *contractRows) planYear(year, count int, total float64, output bool) []planned {
	weights, sum := make([]float64, count), 0.0
	for i := range weights {
		weights[i] = math.Exp(math.Min(r.rnd.NormFloat64(), 2.3) * 2.5)
		sum += weights[i]
	}
	out := make([]planned, count)
	for i, w := range weights {
		wan := math.Max(math.Round(w/sum*total*10)/10, 0.8)
		p := planned{day: r.drawDay(year), amount: decimal.NewFromFloat(wan).Mul(decimal.NewFromInt(10000)), seller: output, buyer: true}
		if output {
			p.buyer = r.rnd.IntN(100) < 45
		} else if r.rnd.IntN(100) < 3 {
			p.buyer = false
		}
		out[i] = p
	}
	return out
}

// drawDay is a working day of the year before today, by the months' weights.
func (r *contractRows) drawDay(year int) time.Time {
	for {
		day := time.Date(year, time.Month(1+drawMonth(r.rnd)), 1+r.rnd.IntN(28), 0, 0, 0, 0, market.Shanghai)
		if day.Before(r.today) && r.ref.Calendar.IsWorkday(day) {
			return day
		}
	}
}

func drawMonth(rnd *rand.Rand) int {
	all := 0.0
	for _, w := range monthWeights {
		all += w
	}
	x := rnd.Float64() * all
	for m, w := range monthWeights {
		if x -= w; x < 0 {
			return m
		}
	}
	return 11
}

// submarketWeights is how the turnover spreads, in percent; "" is none of the five.
var submarketWeights = []struct {
	code   string
	weight int
}{{"electronics", 40}, {"materials", 20}, {"equipment", 18}, {"biomedicine", 12}, {"food", 7}, {"", 3}}

func (r *contractRows) drawSubmarket() string {
	n := r.rnd.IntN(100)
	for _, s := range submarketWeights {
		if n -= s.weight; n < 0 {
			return s.code
		}
	}
	return ""
}

// submarketOf draws a sub-market; a large contract goes to the one that has least of its year's share, so that a single
// sum does not turn a small sub-market upside down.
func (r *contractRows) submarketOf(p planned) string {
	chosen := r.drawSubmarket()
	if p.amount.GreaterThan(largeContract) {
		best := math.Inf(-1)
		for _, s := range submarketWeights {
			if lack := float64(s.weight)/100*r.placed[year{p.day.Year(), ""}] - r.placed[year{p.day.Year(), s.code + "."}]; lack > best {
				chosen, best = s.code, lack
			}
		}
	}
	amount := p.amount.InexactFloat64()
	r.placed[year{p.day.Year(), ""}] += amount
	r.placed[year{p.day.Year(), chosen + "."}] += amount
	return chosen
}

var largeContract = decimal.NewFromInt(3_000_000)

// year is a sub-market of a year, with a point behind its code; without one it is the year as a whole.
type year struct {
	year      int
	submarket string
}

func (r *contractRows) drawKind() string {
	n := r.rnd.IntN(100)
	for _, k := range kindWeights {
		if n -= k.weight; n < 0 {
			return k.code
		}
	}
	return "S1"
}

// drawParty is an organisation of the market, or an outsider.
func (r *contractRows) drawParty(inCity bool, except any) party {
	for {
		if !inCity && r.rnd.IntN(100) < 70 {
			return pick(r.rnd, r.outside)
		}
		p := r.orgParty(pick(r.rnd, r.orgs[:r.verified]))
		if p.inCity == inCity && p.orgID != except {
			return p
		}
	}
}

func (r *contractRows) orgParty(o org) party {
	p := party{orgID: o.id, legalRep: o.text.LegalRep, name: o.text.Name, partyType: o.partyType, reg: o.text.County, uscc: o.uscc, inCity: o.inCity}
	if o.park != "" {
		p.park = o.park
	}
	return p
}

// addRegistered writes a registered contract and its ledger entry; a few were cancelled later.
func (r *contractRows) addRegistered(id int64, i int, p planned) {
	seller := r.drawParty(p.seller, nil)
	buyer := r.drawParty(p.buyer, seller.orgID)
	submarket, kind := r.submarketOf(p), r.drawKind()
	c := draft{id: id, number: contractNumber(p.day.Year(), i), seller: seller, buyer: buyer, kind: kind, submarket: submarket, total: p.amount,
		title: r.title(submarket, kind, i), mode: "none", day: p.day}
	if p.day.Year() >= r.today.Year()-1 && r.rnd.IntN(100) < 26 {
		c.mode = []string{"inquiry", "inquiry", "inquiry", "offer", "auction", "challenge"}[r.rnd.IntN(6)]
	}
	if r.rnd.IntN(100) < 16 {
		c.agency = agency
	}
	r.serial[p.day.Year()]++
	c.registration = fmt.Sprintf("%d360800%06d", p.day.Year(), r.serial[p.day.Year()])
	c.state = market.ContractRegistered
	cancelled := i%611 == 300
	if cancelled {
		c.state, c.reason = market.ContractCancelled, "双方协商解除合同，已付款项退回"
	}
	tech := r.add(c)
	if o := r.orgs[r.byOrg[client]]; !cancelled && (seller.orgID == any(o.id) || buyer.orgID == any(o.id)) {
		r.paid = &filedDraft{c, o.user, o.id}
	}
	entry := func(kind string, on time.Time, count int, sign int64) {
		f := decimal.NewFromInt(sign)
		r.ledger = append(r.ledger, []any{id, kind, on, count, c.total.Mul(f), tech.Mul(f), seller.inCity, buyer.inCity, seller.reg, buyer.reg, seller.park,
			orNil(submarket), c.kind, techField(submarket), seller.partyType, buyer.partyType, ipType(kind), c.mode, c.agency != "",
			r.staff["registrar@example.com"], on.Add(15 * time.Hour)})
	}
	entry("registered", p.day, 1, 1)
	if cancelled {
		on := r.cancelledOn(p.day)
		entry("cancelled", on, -1, -1)
		r.removals = append(r.removals, []any{id, "Z01", "none", c.reason, r.staff["registrar@example.com"], on.Add(15 * time.Hour)})
	}
}

// cancelledOn is when a contract of that day was cancelled.
func (r *contractRows) cancelledOn(day time.Time) time.Time {
	on := day.AddDate(0, 2, 0)
	if on.After(r.today) {
		return r.today
	}
	return on
}

func contractNumber(year, i int) string { return store.FormatNumber("HT", year, i+1) }

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func techField(submarket string) string {
	if f, ok := market.SubmarketTechField[submarket]; ok {
		return f
	}
	return "urban"
}

func ipType(kind string) string {
	switch kind[0] {
	case 'T', 'L':
		return map[string]string{"T1": "invention", "L1": "invention", "T3": "secret", "L2": "secret", "T8": "invention"}[kind]
	case 'D':
		return "secret"
	}
	return "none"
}

func (r *contractRows) title(submarket, kind string, i int) string {
	topics := r.topics[submarket]
	if len(topics) == 0 {
		return fmt.Sprintf("智慧城市科技服务平台第 %d 期%s", 1+i%9, pick(r.rnd, titleEndings[kind]))
	}
	return market.Truncate(pick(r.rnd, topics).title, 60) + pick(r.rnd, titleEndings[kind])
}

// draft is a contract while it is being written.
type draft struct {
	related                bool
	id                     int64
	number                 string
	deal                   *agreedDeal
	state                  market.ContractState
	title, kind, submarket string
	seller, buyer          party
	agency, mode           string
	total                  decimal.Decimal
	day                    time.Time // registered, or last moved
	registration           string
	reason, code           string
}

var costNames = map[string]string{"equipment": "试验台与工装 1 套", "material": "原材料与试剂", "parts": "外购零部件", "other": "差旅与会务"}

// add writes the contract's row with its deductions and returns its technical amount.
func (r *contractRows) add(c draft) decimal.Decimal {
	tech := c.total
	if r.rnd.IntN(100) < 62 && c.total.GreaterThan(decimal.NewFromInt(60000)) {
		for p, kind := range []string{"equipment", "material"}[:1+r.rnd.IntN(2)] {
			cost := c.total.Mul(decimal.NewFromInt(int64(6 + r.rnd.IntN(22)))).Div(decimal.NewFromInt(100)).Round(-2)
			if !cost.IsPositive() {
				continue
			}
			r.deductions = append(r.deductions, []any{c.id, p + 1, kind, costNames[kind], cost})
			tech = tech.Sub(cost)
		}
	}
	signed := c.day.AddDate(0, 0, -12-r.rnd.IntN(30))
	submitted := c.day.AddDate(0, 0, -6).Add(10 * time.Hour)
	var submittedAt, accepted, due, first, second, registration, registered any
	switch c.state {
	case market.ContractDraft:
	case market.ContractSubmitted, market.ContractSupplement, market.ContractWithdrawn, market.ContractRefused:
		submittedAt = submitted
	default:
		day := market.DateOf(submitted)
		submittedAt, accepted = submitted, day
		due = market.Contract{TechAmount: tech}.RegistrationDue(r.ref, day)
	}
	if c.state == market.ContractSecondReview || c.state == market.ContractToRegister || c.registration != "" {
		first = r.staff["registrar@example.com"]
	}
	if c.registration != "" {
		registration, registered = c.registration, c.day
		if tech.GreaterThanOrEqual(decimal.NewFromInt(5_000_000)) {
			second = r.staff["registrar2@example.com"]
		}
	}
	var deal, need, result, author any
	if c.deal != nil {
		deal, need, result = c.deal.id, c.deal.need.id, c.deal.result.id
		author = r.orgs[c.deal.result.org].user
	}
	modes := []string{"instalments", "instalments", "lump", "royalty_entry"}
	mode := modes[r.rnd.IntN(len(modes))]
	end := signed.AddDate(1+r.rnd.IntN(2), 0, 0)
	if c.kind[0] == 'L' && c.id%3 == 0 { // some licences run long enough for the relief of the income tax
		end = signed.AddDate(5, 0, 2)
	}
	note := ""
	if mode == "lump" {
		note = "验收合格后一次付清"
	}
	r.contracts = append(r.contracts, append([]any{c.id, c.number, deal, need, result, c.mode, c.state, c.title, c.kind, orNil(c.submarket), techField(c.submarket),
		ipType(c.kind), "none", c.seller.orgID, c.seller.name, string(c.seller.uscc), c.seller.partyType, c.seller.reg, c.seller.park,
		c.buyer.orgID, c.buyer.name, string(c.buyer.uscc), c.buyer.partyType, c.buyer.reg, c.agency, c.related, c.total, tech,
		mode, note, "按合同附件所列技术指标交付，第三方检测合格后验收。", signed, signed.AddDate(0, 0, 3), end, submittedAt, accepted, due, first, second, orNil(c.code), c.reason, registration, registered, author,
		signed.Add(9 * time.Hour), c.day.Add(15 * time.Hour)}, r.addParts(c, mode, signed)...))
	r.addMoves(c, submitted)
	return tech
}

// addMoves writes the history that leads to the contract's state.
func (r *contractRows) addMoves(c draft, submitted time.Time) {
	registrar := r.staff["registrar@example.com"]
	add := func(move string, from, to market.ContractState, user, orgID any, at time.Time) {
		r.moves = append(r.moves, []any{"contract", c.id, move, from, to, user, orgID, at, "", ""})
	}
	if c.state == market.ContractDraft {
		return
	}
	add("submit", market.ContractDraft, market.ContractSubmitted, nil, c.seller.orgID, submitted)
	switch c.state {
	case market.ContractSubmitted:
		return
	case market.ContractSupplement:
		r.moves = append(r.moves, []any{"contract", c.id, "return", market.ContractSubmitted, c.state, registrar, nil, submitted.Add(6 * time.Hour), c.code, c.reason})
		return
	case market.ContractRefused:
		r.moves = append(r.moves, []any{"contract", c.id, "refuse", market.ContractSubmitted, c.state, registrar, nil, submitted.Add(6 * time.Hour), c.code, c.reason})
		return
	}
	add("accept", market.ContractSubmitted, market.ContractAccepted, registrar, nil, submitted.Add(2*time.Hour))
	if c.state == market.ContractSecondReview {
		add("pass_up", market.ContractAccepted, c.state, registrar, nil, submitted.Add(30*time.Hour))
	}
	if c.state == market.ContractToRegister || c.registration != "" {
		add("pass", market.ContractAccepted, market.ContractToRegister, registrar, nil, submitted.Add(30*time.Hour))
	}
	if c.registration != "" {
		add("register", market.ContractToRegister, market.ContractRegistered, registrar, nil, c.day.Add(15*time.Hour))
	}
	if c.state == market.ContractCancelled {
		r.moves = append(r.moves, []any{"contract", c.id, "cancel", market.ContractRegistered, c.state, registrar, nil, r.cancelledOn(c.day).Add(15 * time.Hour), "Z01", c.reason})
	}
}

// addOnDesk draws contracts up from the deals, so that each tab of the registrar's desk has some; deals beyond that
// still wait for their contract.
func (r *contractRows) addOnDesk(ids []int64, offset int) {
	states := []market.ContractState{market.ContractSubmitted, market.ContractDraft, market.ContractAccepted, market.ContractToRegister,
		market.ContractSupplement, market.ContractSecondReview, market.ContractSubmitted, market.ContractRefused, market.ContractSubmitted, market.ContractAccepted}
	for i := range min(len(states), max(len(r.deals)-2, 0)) {
		d := &r.deals[i]
		c := draft{id: ids[i], number: contractNumber(r.today.Year(), offset+i), deal: d, state: states[i], kind: d.kind, mode: "inquiry",
			submarket: d.result.submarket, seller: r.orgParty(r.orgs[d.result.org]), buyer: r.orgParty(r.orgs[d.need.org]),
			title: d.result.title + titleEndings[d.kind][0], total: d.price, day: r.today.AddDate(0, 0, -i%4)}
		switch c.state {
		case market.ContractAccepted, market.ContractSecondReview:
			c.related = true // so that the desk shows what a signal is
		case market.ContractSupplement:
			c.code, c.reason = "R06", "合同末页缺卖方公章，骑缝章不全。补盖后重新扫描上传"
		case market.ContractRefused:
			c.code, c.reason = "R07", "标的为成品设备采购，不含技术开发内容，不属于技术合同"
		}
		r.add(c)
		if i%3 != 2 { // some lack their text, as the desk will meet it
			o := r.orgs[d.result.org]
			r.filed = append(r.filed, filedDraft{c, o.user, o.id})
		}
	}
}

func (r *contractRows) write(ctx context.Context) error {
	byYear := map[int]int{}
	for _, row := range r.contracts {
		var year int
		if _, err := fmt.Sscanf(row[1].(string), "HT-%d-", &year); err != nil {
			return err
		}
		byYear[year]++
	}
	// The numbers above run over all years; the counters start behind the last.
	for year := range byYear {
		if _, err := r.tx.TakeNumbers(ctx, "HT", year, len(r.contracts)); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"contracts", []string{"id", "number", "deal_id", "need_id", "result_id", "trade_mode", "state", "title", "kind", "submarket", "tech_field",
			"ip_type", "plan_source", "seller_org", "seller_name", "seller_uscc", "seller_type", "seller_region", "seller_park",
			"buyer_org", "buyer_name", "buyer_uscc", "buyer_type", "buyer_region", "agency_name", "related", "total_amount", "tech_amount",
			"payment_mode", "payment_note", "content", "signed_on", "starts_on", "ends_on", "submitted_at", "accepted_on", "due_on",
			"first_reviewer", "second_reviewer", "reason_code", "reason", "registration_number", "registered_on", "created_by",
			"created_at", "updated_at", "economic_goal", "licence_mode", "added_investment", "added_output", "amount_fixed", "royalty"}, r.contracts},
		{"contract_parties", []string{"contract_id", "side", "scale", "industry", "traits", "legal_rep", "address", "contact", "phone", "postcode"}, r.parties},
		{"contract_ips", []string{"contract_id", "position", "type", "number", "title", "status", "filed_on"}, r.ips},
		{"contract_instalments", []string{"contract_id", "position", "due_on", "milestone", "amount"}, r.instalments},
		{"contract_deductions", []string{"contract_id", "position", "kind", "name", "amount"}, r.deductions},
		{"ledger_entries", []string{"contract_id", "kind", "effective_on", "contracts", "total_amount", "tech_amount", "seller_in_city",
			"buyer_in_city", "seller_region", "buyer_region", "seller_park", "submarket", "contract_kind", "tech_field", "seller_type", "buyer_type",
			"ip_type", "trade_mode", "has_agency", "user_id", "at"}, r.ledger},
		{"contract_removals", []string{"contract_id", "ground", "benefits", "note", "user_id", "at"}, r.removals},
		{"moves", []string{"object_kind", "object_id", "move", "from_state", "to_state", "user_id", "org_id", "at", "code", "note"}, r.moves},
	} {
		if err := r.tx.Copy(ctx, t.table, t.columns, t.rows); err != nil {
			return fmt.Errorf("%s: %w", t.table, err)
		}
	}
	return r.loadContractPapers(ctx)
}
