package market

import (
	"slices"
	"strings"
	"time"
)

// Incentive is what a law or a rule gives parties of technology contracts, as it held for a time. It is a hint, never a promise:
// the tax authority, or who pays, decides.
type Incentive struct {
	Code       string // the same through all its versions
	From       time.Time
	Until      *time.Time // the first day on which it no longer holds; nil while it holds
	Title      string
	Party      string // of IncentiveParties
	Benefit    string
	Kinds      []string // codes of contract kinds, or the letters they begin with
	Conditions []string // of incentiveConditions; the contract must meet all of them
	Todo       []string // what a contract cannot tell, or what is still to be done
	Caution    string
	Related    string // what holds between related parties
	Basis      string
	Read       bool // the text of the law was at hand when this was written down
}

// IncentiveParties are who an incentive is for.
var IncentiveParties = Codes{{"seller", "卖方"}, {"buyer", "买方"}, {"people", "科技人员"}}

// IncentiveNote stands wherever incentives are shown.
const IncentiveNote = "只作提示，不是承诺。能否享受、享受多少，以税务机关等主管部门认定为准。"

// on reports whether the incentive held on the day.
func (i Incentive) on(day time.Time) bool {
	day = DateOf(day)
	return !DateOf(i.From).After(day) && (i.Until == nil || DateOf(*i.Until).After(day))
}

// Fits reports whether the incentive is for contracts of that kind.
func (i Incentive) Fits(kind string) bool {
	return slices.ContainsFunc(i.Kinds, func(k string) bool { return strings.HasPrefix(kind, k) })
}

// IncentivesOn are the incentives that held on the day, in the order they are shown in.
func (r *Reference) IncentivesOn(day time.Time) []Incentive {
	var out []Incentive
	for _, i := range r.Incentives {
		if i.on(day) {
			out = append(out, i)
		}
	}
	return out
}

// IncentiveHint is an incentive that a contract may fall under, and why.
type IncentiveHint struct {
	Incentive
	Met    []string // the conditions that the contract meets, with what of it meets them
	Todo   []string
	Beware []string
	Ended  bool // it held on the contract's day, but no longer
}

// IncentiveDay is the day whose incentives a contract is held against: that of its registration, until then today.
func (c Contract) IncentiveDay(today time.Time) time.Time {
	if c.RegisteredOn != nil {
		return *c.RegisteredOn
	}
	return today
}

// Incentives are those that the contract may fall under. A contract that will not be registered, or no longer is, falls under
// none.
func (c Contract) Incentives(ref *Reference, today time.Time) []IncentiveHint {
	if !c.State.Open() && c.State != ContractRegistered {
		return nil
	}
	var out []IncentiveHint
	for _, i := range ref.IncentivesOn(c.IncentiveDay(today)) {
		if hint, ok := c.incentive(i, ref); ok {
			hint.Ended = !i.on(today)
			out = append(out, hint)
		}
	}
	return out
}

func (c Contract) incentive(i Incentive, ref *Reference) (IncentiveHint, bool) {
	if !i.Fits(c.Kind) {
		return IncentiveHint{}, false
	}
	kind, _ := ref.ContractKind(c.Kind)
	hint := IncentiveHint{Incentive: i, Met: []string{"合同类别为" + kind.Name()}, Todo: slices.Clone(i.Todo)}
	for _, code := range i.Conditions {
		words, ok := incentiveConditions[code].met(c, ref)
		if !ok {
			return IncentiveHint{}, false
		}
		hint.Met = append(hint.Met, words)
	}
	if c.RegisteredOn != nil {
		hint.Met = append(hint.Met, "合同已于 "+c.RegisteredOn.Format(time.DateOnly)+" 登记")
	}
	if c.State != ContractRegistered {
		hint.Todo = slices.Insert(hint.Todo, 0, "先完成技术合同认定登记，这份合同现在是“"+c.State.Name()+"”")
	}
	if i.Caution != "" {
		hint.Beware = append(hint.Beware, i.Caution)
	}
	if c.Related && i.Related != "" {
		hint.Beware = append(hint.Beware, "合同声明双方有关联关系："+i.Related)
	}
	return hint, true
}

// incentiveCondition is a condition that a contract can be held against: what it is called, and whether a contract meets it,
// in words that name what of it does.
type incentiveCondition struct {
	name string
	met  func(Contract, *Reference) (string, bool)
}

// incentiveConditions are the conditions by the codes that incentives name them with.
var incentiveConditions = map[string]incentiveCondition{
	"seller_unit": {"卖方是单位，不是个人", func(c Contract, ref *Reference) (string, bool) {
		return "卖方性质为" + ref.PartyTypes.Name(c.Seller.Type), !c.Seller.Person() && c.Seller.Type != soleTrader
	}},
	"seller_institute": {"卖方是高校或科研机构", func(c Contract, ref *Reference) (string, bool) {
		return "卖方性质为" + ref.PartyTypes.Name(c.Seller.Type), c.Seller.Institute()
	}},
	"buyer_firm": {"买方是企业", func(c Contract, ref *Reference) (string, bool) {
		return "买方性质为" + ref.PartyTypes.Name(c.Buyer.Type), c.Buyer.Firm()
	}},
	"buyer_industry": {"买方不属于烟草制造、住宿和餐饮、批发和零售、房地产、租赁和商务服务、娱乐业", func(c Contract, ref *Reference) (string, bool) {
		if c.Buyer.Industry == "" {
			return "买方行业还没有填写，请核对不属于不适用加计扣除的行业", true
		}
		return "买方行业为" + ref.ClassName(c.Buyer.Industry), !slices.Contains(noDeduction, c.Buyer.Industry)
	}},
	"right": {"标的是专利、计算机软件著作权、集成电路布图设计、植物新品种或生物医药新品种", func(c Contract, ref *Reference) (string, bool) {
		return "知识产权为" + ref.IPTypes.Name(c.IPType), slices.Contains(transferRights, c.IPType)
	}},
	"five_years": {"有效期满 5 年", func(c Contract, _ *Reference) (string, bool) {
		return "合同有效期 " + c.StartsOn.Format(time.DateOnly) + " 至 " + c.EndsOn.Format(time.DateOnly) + "，满 5 年", c.lasts(5)
	}},
	"exclusive": {"独占许可", func(c Contract, ref *Reference) (string, bool) {
		return "许可方式为" + ref.LicenceModes.Name(c.LicenceMode), c.LicenceMode == "exclusive"
	}},
	"foreign": {"合同文本是外文", func(c Contract, _ *Reference) (string, bool) { return "合同文本是外文", c.Foreign }},
}

// soleTrader is 个体经营, who pays no enterprise income tax.
const soleTrader = "400"

// noDeduction are the classes of GB/T 4754 whose firms deduct no research costs beyond the actual ones (财税〔2015〕119号).
var noDeduction = []string{"16", "51", "52", "61", "62", "70", "71", "72", "90"}

// transferRights are what 财税〔2010〕111号 names as technology.
var transferRights = []string{"invention", "utility", "design", "software", "layout", "variety", "biomed"}

// lasts reports whether the contract is valid for so many whole years, both days counted.
func (c Contract) lasts(years int) bool {
	return !c.EndsOn.AddDate(0, 0, 1).Before(c.StartsOn.AddDate(years, 0, 0))
}

// ConditionNames are the conditions of the incentive in words.
func (i Incentive) ConditionNames() []string {
	out := make([]string, len(i.Conditions))
	for n, code := range i.Conditions {
		out[n] = incentiveConditions[code].name
	}
	return out
}

// KindNames are the kinds of contracts that the incentive is for, in words: a letter names a kind with all its sub-kinds.
func (i Incentive) KindNames(ref *Reference) []string {
	var out []string
	for _, code := range i.Kinds {
		if kind, ok := ref.ContractKind(code); ok {
			out = append(out, kind.Name())
		} else {
			out = append(out, ref.mainKinds().Name(code))
		}
	}
	return out
}
