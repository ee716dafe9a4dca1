package market

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// RewardProgramme is a rule by which one party of registered contracts is rewarded by a share of their amount. It is data of
// the statistician. Nothing is paid here: the market computes. Amounts are yuan.
type RewardProgramme struct {
	ID          int64
	Version     int
	Name        string
	Party       string // of RewardParties
	Base        string // of RewardBases
	Percent     decimal.Decimal
	ContractCap decimal.NullDecimal // at most so much for one contract
	YearCap     decimal.NullDecimal // at most so much for one party in a year
	Least       decimal.NullDecimal // nothing for a base below it
	Kinds       []string            // the letters of the kinds that count; none are all
	Paid        bool                // only what payments with proofs show to be paid
	Unrelated   bool                // not between related parties
	Outside     bool                // only with a university or institute outside the city
	Traded      bool                // only what came about on the market
	From, To    time.Time           // the first and the last day of registration
	Basis       string              // the paper that sets it up
	Why         string              // of this version
	UserName    string
	At          time.Time
	Demo        bool
}

// RewardParties are who is rewarded.
var RewardParties = Codes{{"seller", "卖方"}, {"buyer", "买方"}, {"agency", "中介方"}}

// RewardBases are what the share is taken of.
var RewardBases = Codes{{"tech", "技术交易额"}, {"total", "合同成交额"}}

// RewardNote says how rewards are computed, once for pages, files and the API.
const RewardNote = "只测算，不发放，也不是承诺。金额取账本今天的数，含变更和补充；按登记日期归入年度，同一单位按登记先后依次计算；比例乘基数后四舍五入到分一次，再不超过单份上限和本年余额；合计由各份相加。"

// rewardDigits is how many decimals a share in percent may have.
const rewardDigits = 4

// Check tidies what was typed and returns what is wrong with it, by the fields name, party, base, percent, contract_cap,
// year_cap, least, kinds, from, to, basis and why.
func (p *RewardProgramme) Check(ref *Reference) Problems {
	var out Problems
	checkLine(&out, "name", "名称", &p.Name, 60)
	checkLine(&out, "basis", "依据", &p.Basis, 200)
	checkLine(&out, "why", "设立或修改的原因", &p.Why, 200)
	for _, d := range []struct{ field, value, message string }{{"name", p.Name, "请填写名称"}, {"basis", p.Basis, "请写明依据的文件和文号"}, {"why", p.Why, "请写明为什么设立或修改"}} {
		if d.value == "" {
			out.Add(d.field, "%s", d.message)
		}
	}
	requireCode(&out, "party", "奖补对象", RewardParties, p.Party)
	requireCode(&out, "base", "计算基数", RewardBases, p.Base)
	switch {
	case !p.Percent.IsPositive() || p.Percent.GreaterThan(decimal.NewFromInt(100)):
		out.Add("percent", "请填写大于 0、不超过 100 的比例，例：2.5")
	case !p.Percent.Equal(p.Percent.Round(rewardDigits)):
		out.Add("percent", "比例最多 %d 位小数", rewardDigits)
	}
	for _, d := range []struct {
		field, label string
		sum          decimal.NullDecimal
	}{{"contract_cap", "单份上限", p.ContractCap}, {"year_cap", "单位年度上限", p.YearCap}, {"least", "起点", p.Least}} {
		if d.sum.Valid && !d.sum.Decimal.IsPositive() {
			out.Add(d.field, "%s应大于 0；没有的请留空", d.label)
		}
		checkSum(&out, d.field, d.label, d.sum.Decimal)
	}
	if p.ContractCap.Valid && p.YearCap.Valid && p.ContractCap.Decimal.GreaterThan(p.YearCap.Decimal) {
		out.Add("year_cap", "单位年度上限不能小于单份上限 %s", FormatMoney(p.ContractCap.Decimal))
	}
	kinds := ref.mainKinds()
	if slices.ContainsFunc(p.Kinds, func(k string) bool { return kinds.Name(k) == "" }) {
		out.Add("kinds", "请从列表中选择合同类别")
	}
	for _, d := range []struct {
		field, label string
		day          time.Time
	}{{"from", "登记日期起", p.From}, {"to", "登记日期止", p.To}} {
		switch {
		case d.day.IsZero():
			out.Add(d.field, "请填写%s，例：2026-01-01", d.label)
		case d.day.Before(firstContractDay) || d.day.Year() > 2100:
			out.Add(d.field, "%s的年份不对，请核对", d.label)
		}
	}
	if !out.Has("from") && p.To.Before(p.From) {
		out.Add("to", "登记日期止不能早于登记日期起")
	}
	return out
}

// State says where the programme stands on the day.
func (p RewardProgramme) State(today time.Time) string {
	switch {
	case today.Before(p.From):
		return "未开始"
	case today.After(p.To):
		return "已结束"
	}
	return "进行中"
}

// Years are the years of which the programme rewards contracts, the latest first, those after today's left out unless there is
// no other.
func (p RewardProgramme) Years(today time.Time) []int {
	first := p.From.Year()
	var out []int
	for year := max(first, min(p.To.Year(), today.Year())); year >= first; year-- {
		out = append(out, year)
	}
	return out
}

// Period is the part of the year in which registrations count.
func (p RewardProgramme) Period(year int) (from, to time.Time) {
	from, to = time.Date(year, 1, 1, 0, 0, 0, 0, Shanghai), time.Date(year, 12, 31, 0, 0, 0, 0, Shanghai)
	if from.Before(p.From) {
		from = p.From
	}
	if to.After(p.To) {
		to = p.To
	}
	return from, to
}

// KindNames names the kinds that count, "" for all.
func (p RewardProgramme) KindNames(ref *Reference) string {
	var out []string
	for _, k := range ref.mainKinds() {
		if slices.Contains(p.Kinds, k.Code) {
			out = append(out, k.Name)
		}
	}
	return strings.Join(out, "、")
}

// Rule is the programme in a sentence.
func (p RewardProgramme) Rule(ref *Reference) string {
	who := "市内" + RewardParties.Name(p.Party)
	if p.Party == "agency" { // of whom contracts do not say where it is
		who = RewardParties.Name(p.Party)
	}
	parts := []string{who + "按" + RewardBases.Name(p.Base) + "的 " + p.Percent.String() + "% 计算"}
	for _, d := range []struct {
		words string
		sum   decimal.NullDecimal
	}{{"单份不超过 ", p.ContractCap}, {"同一单位每年不超过 ", p.YearCap}, {"基数不低于 ", p.Least}} {
		if d.sum.Valid {
			parts = append(parts, d.words+FormatMoney(d.sum.Decimal))
		}
	}
	if names := p.KindNames(ref); names != "" {
		parts = append(parts, "只限"+names+"合同")
	}
	return strings.Join(append(parts, p.Conditions()...), "；")
}

// Conditions are what else the programme asks for, in words.
func (p RewardProgramme) Conditions() []string {
	out := p.Required()
	for i, code := range out {
		out[i] = RewardConditions.Name(code)
	}
	return out
}

// RewardConditions are the conditions that a programme may set.
var RewardConditions = Codes{{"paid", "只算到有付款凭证的金额"}, {"unrelated", "双方有关联关系的不计"}, {"outside", "对方须是市外的高校或科研机构（中介方看卖方）"}, {"traded", "只限经本市场促成的"}}

// condition is where the programme keeps the condition of that code.
func (p *RewardProgramme) condition(code string) *bool {
	return map[string]*bool{"paid": &p.Paid, "unrelated": &p.Unrelated, "outside": &p.Outside, "traded": &p.Traded}[code]
}

// Require sets exactly those conditions, and notes that one of them is none.
func (p *RewardProgramme) Require(problems *Problems, codes []string) {
	for _, d := range RewardConditions {
		*p.condition(d.Code) = slices.Contains(codes, d.Code)
	}
	if slices.ContainsFunc(codes, func(code string) bool { return RewardConditions.Name(code) == "" }) {
		problems.Add("conditions", "请从列表中选择条件")
	}
}

// Required are the codes of the conditions that the programme sets.
func (p RewardProgramme) Required() []string {
	var out []string
	for _, d := range RewardConditions {
		if *p.condition(d.Code) {
			out = append(out, d.Code)
		}
	}
	return out
}

var percents = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,10})?$`)

// ParsePercent reads a share in percent, with or without its sign. The Invalid error says in Chinese what is wrong.
func ParsePercent(text string) (decimal.Decimal, error) {
	text = strings.TrimSuffix(squeeze(text), "%")
	if !percents.MatchString(text) {
		return decimal.Zero, Errorf(Invalid, "比例应为数字，例：2.5")
	}
	return decimal.NewFromString(text)
}

// RewardedParty is a party of a contract as far as rewards go by it.
type RewardedParty struct {
	Name   string
	Code   USCC // of an agency "", which goes by its name
	Type   string
	Region string
	InCity bool
}

// RewardContract is a contract that was registered, with what rewards go by. Amounts are what the ledger adds up to today.
type RewardContract struct {
	ID           int64
	Number       string // 登记编号
	Title        string
	Kind         string
	State        ContractState
	RegisteredOn time.Time
	Seller       RewardedParty
	Buyer        RewardedParty
	Agency       string
	Related      bool
	TradeMode    string
	Total        decimal.Decimal
	Tech         decimal.Decimal
	Paid         decimal.Decimal // by payments with proofs
}

// party is who would be rewarded for the contract, and with whom it dealt: for an agency that is the seller.
func (p RewardProgramme) party(c RewardContract) (rewarded, other RewardedParty) {
	switch p.Party {
	case "seller":
		return c.Seller, c.Buyer
	case "buyer":
		return c.Buyer, c.Seller
	}
	return RewardedParty{Name: c.Agency, InCity: c.Agency != ""}, c.Seller
}

// Covers reports whether the programme is about the contract at all: it was registered within its days, and the party that it
// rewards is there and, unless it is an agency, in the city.
func (p RewardProgramme) Covers(c RewardContract) bool {
	rewarded, _ := p.party(c)
	return rewarded.InCity && !c.RegisteredOn.Before(p.From) && !c.RegisteredOn.After(p.To)
}

// RewardStep is a line of the working: what it is, how it comes about, and the sum that it leads to.
type RewardStep struct {
	Label string
	Text  string
	Sum   decimal.NullDecimal
}

// Reward is what a programme gives for a contract, with its working.
type Reward struct {
	RewardContract
	Party  RewardedParty
	Out    string // why it gives nothing; "" when it gives something
	Base   decimal.Decimal
	Amount decimal.Decimal
	Steps  []RewardStep
}

// Working is the working in one line.
func (r Reward) Working() string {
	if r.Out != "" {
		return r.Out
	}
	parts := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		parts[i] = s.Text
	}
	return strings.Join(parts, "；")
}

// Rewards are what the programme gives in a year for the contracts that it covers, in the order of their registration, which is
// also the order in which a party's rest of the year is used up. The contracts are of one year, and all of a party's are there.
func (p RewardProgramme) Rewards(ref *Reference, contracts []RewardContract) []Reward {
	covered := slices.DeleteFunc(slices.Clone(contracts), func(c RewardContract) bool { return !p.Covers(c) })
	slices.SortFunc(covered, func(a, b RewardContract) int {
		return cmp.Or(a.RegisteredOn.Compare(b.RegisteredOn), cmp.Compare(a.ID, b.ID))
	})
	used := map[string]decimal.Decimal{}
	out := make([]Reward, len(covered))
	for i, c := range covered {
		rewarded, _ := p.party(c)
		key := cmp.Or(string(rewarded.Code), rewarded.Name)
		out[i] = p.reward(ref, c, used[key])
		used[key] = used[key].Add(out[i].Amount)
	}
	return out
}

// reward computes one contract; used is what its party has had in the year before it.
func (p RewardProgramme) reward(ref *Reference, c RewardContract, used decimal.Decimal) Reward {
	r := Reward{RewardContract: c}
	var other RewardedParty
	r.Party, other = p.party(c)
	if r.Out = p.excluded(ref, c, other); r.Out != "" {
		return r
	}
	r.base(p)
	switch {
	case p.Paid && !c.Paid.IsPositive():
		r.Out = "没有付款凭证"
	case p.Least.Valid && r.Base.LessThan(p.Least.Decimal):
		r.Out = "基数 " + FormatYuan(r.Base) + " 元，低于起点 " + FormatYuan(p.Least.Decimal) + " 元"
	default:
		r.amount(p, used)
	}
	return r
}

// excluded says why the programme gives nothing for the contract whatever its amount, "" when it may.
func (p RewardProgramme) excluded(ref *Reference, c RewardContract, other RewardedParty) string {
	switch {
	case c.State != ContractRegistered:
		return "合同" + c.State.Name()
	case len(p.Kinds) > 0 && !slices.Contains(p.Kinds, c.Kind[:1]):
		kind, _ := ref.ContractKind(c.Kind)
		return "合同类别为" + kind.Kind + "，不在范围"
	case p.Unrelated && c.Related:
		return "双方有关联关系"
	case p.Outside && other.InCity:
		return "对方在市内"
	case p.Outside && !(Party{Type: other.Type}).Institute():
		return "对方不是高校或科研机构"
	case p.Traded && c.TradeMode == "none":
		return "不是经本市场促成"
	}
	return ""
}

// base finds what the share is taken of.
func (r *Reward) base(p RewardProgramme) {
	r.Base = r.Tech
	if p.Base == "total" {
		r.Base = r.Total
	}
	name := RewardBases.Name(p.Base)
	r.step("基数", name+" "+FormatYuan(r.Base)+" 元", r.Base)
	if p.Paid && r.Paid.LessThan(r.Base) {
		r.Base = r.Paid
		r.step("有付款凭证的", "有付款凭证的 "+FormatYuan(r.Base)+" 元，按已付计算", r.Base)
	}
}

// amount takes the share, rounds it to 分 once, and cuts it to the contract's cap and the rest of the party's year.
func (r *Reward) amount(p RewardProgramme, used decimal.Decimal) {
	r.Amount = r.Base.Mul(p.Percent).Shift(-2).Round(2)
	r.step("比例", FormatYuan(r.Base)+" × "+p.Percent.String()+"% = "+FormatYuan(r.Amount)+" 元", r.Amount)
	if p.ContractCap.Valid && r.Amount.GreaterThan(p.ContractCap.Decimal) {
		r.Amount = p.ContractCap.Decimal
		r.step("单份上限", "超过单份上限，取 "+FormatYuan(r.Amount)+" 元", r.Amount)
	}
	if !p.YearCap.Valid {
		return
	}
	rest := decimal.Max(p.YearCap.Decimal.Sub(used), decimal.Zero)
	if r.Amount.GreaterThan(rest) {
		r.Amount = rest
		r.step("本年余额", "本年已算 "+FormatYuan(used)+" 元，上限 "+FormatYuan(p.YearCap.Decimal)+" 元，余 "+FormatYuan(rest)+" 元", rest)
		if rest.IsZero() {
			r.Out = "本年已达上限 " + FormatYuan(p.YearCap.Decimal) + " 元"
		}
	}
}

func (r *Reward) step(label, text string, sum decimal.Decimal) {
	r.Steps = append(r.Steps, RewardStep{label, text, decimal.NewNullDecimal(sum)})
}

// RewardTotal is what a party is given by a programme in a year.
type RewardTotal struct {
	Party  RewardedParty
	Count  int // contracts that count
	Base   decimal.Decimal
	Amount decimal.Decimal
	Full   bool // the year's cap is reached
}

// RewardTotals adds rewards up by party, the largest first, and altogether.
func (p RewardProgramme) RewardTotals(rewards []Reward) (parties []RewardTotal, all RewardTotal) {
	at := map[string]int{}
	for _, r := range rewards {
		if r.Out != "" {
			continue
		}
		key := cmp.Or(string(r.Party.Code), r.Party.Name)
		if _, ok := at[key]; !ok {
			at[key] = len(parties)
			parties = append(parties, RewardTotal{Party: r.Party})
		}
		for _, t := range []*RewardTotal{&parties[at[key]], &all} {
			t.Count++
			t.Base, t.Amount = t.Base.Add(r.Base), t.Amount.Add(r.Amount)
		}
	}
	for i := range parties {
		parties[i].Full = p.YearCap.Valid && parties[i].Amount.Equal(p.YearCap.Decimal)
	}
	slices.SortStableFunc(parties, func(a, b RewardTotal) int {
		return cmp.Or(b.Amount.Compare(a.Amount), strings.Compare(a.Party.Name, b.Party.Name))
	})
	return parties, all
}
