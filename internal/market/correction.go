package market

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Correction is the act by which a registrar brings ours to what the national system says.
type Correction string

// The acts of a correction. None: the day of a registration does not move, because the ledger counts by it; what was taken off
// the register does not come back; and of a contract that is not here its seller applies.
const (
	CorrectNothing   Correction = ""
	CorrectByChange  Correction = "change"
	CorrectByRemoval Correction = "removal" // 注销 or 撤销
)

// Correction is the act by which ours is brought to the national side of the difference.
func (d Difference) Correction() Correction {
	switch {
	case d.ContractID == 0 || d.Field == "registered_on":
		return CorrectNothing
	case d.Field == WholeContract || d.Field == "standing" && d.Theirs == standing(true):
		return CorrectByRemoval
	case d.Field == "standing":
		return CorrectNothing
	}
	return CorrectByChange
}

// ToCorrect are the differences of a contract here that were decided for the national side, wait for ours to be corrected
// and are corrected by that act.
func ToCorrect(items []ReconcileItem, contract int64, by Correction) []ReconcileItem {
	var out []ReconcileItem
	for _, i := range items {
		if i.ContractID == contract && i.State == DifferenceToCorrect && i.Correction() == by {
			out = append(out, i)
		}
	}
	return out
}

// Corrected is the contract with what the national system says of it; the ledger holds it, with its supplements, as standing.
// What follows from that and cannot be told, such as which of several deductions is wrong, is left to who sends the form, as is a
// value that cannot be read.
func (c Contract) Corrected(ref *Reference, standing LedgerEntry, items []ReconcileItem) Contract {
	total, tech := standing.TotalAmount.Sub(c.TotalAmount), standing.TechAmount.Sub(c.TechAmount) // of supplements
	c.Deductions, c.Instalments = slices.Clone(c.Deductions), slices.Clone(c.Instalments)
	for _, i := range items {
		if c.ofKnownParty(i.Field) {
			continue
		}
		switch i.Field {
		case "title":
			c.Title = i.Theirs
		case "number":
			c.RegistrationNumber = i.Theirs
		case "kind":
			c.Kind = ref.onlySubKind(i.Theirs)
		case "signed_on":
			if day, err := time.ParseInLocation(time.DateOnly, i.Theirs, Shanghai); err == nil {
				c.SignedOn = day
			}
		case "seller":
			c.Seller.Name = i.Theirs
		case "seller_uscc":
			c.Seller.USCC = USCC(i.Theirs)
		case "buyer":
			c.Buyer.Name = i.Theirs
		case "buyer_uscc":
			c.Buyer.USCC = USCC(i.Theirs)
		case "total":
			if sum, err := decimal.NewFromString(i.Theirs); err == nil {
				c.setTotal(sum.Sub(total))
			}
		}
	}
	for _, i := range items { // the total comes first
		if sum, err := decimal.NewFromString(i.Theirs); err == nil && i.Field == "tech" {
			c.deduct(c.TotalAmount.Sub(sum.Sub(tech)))
		}
	}
	c.TechAmount = c.TotalAmount.Sub(c.Deducted())
	return c
}

// OfKnownParties are the differences in a name or code that the contract takes from an organisation (see KnownParties).
func (c Contract) OfKnownParties(items []ReconcileItem) []ReconcileItem {
	var out []ReconcileItem
	for _, i := range items {
		if c.ofKnownParty(i.Field) {
			out = append(out, i)
		}
	}
	return out
}

func (c Contract) ofKnownParty(field string) bool {
	known := c.KnownParties()
	switch field {
	case "seller", "seller_uscc":
		return slices.Contains(known, &c.Seller)
	case "buyer", "buyer_uscc":
		return slices.Contains(known, &c.Buyer)
	}
	return false
}

// setTotal makes the one instalment that there is come to the sum too.
func (c *Contract) setTotal(sum decimal.Decimal) {
	c.TotalAmount = sum
	if len(c.Instalments) == 1 {
		c.Instalments[0].Amount = sum
	}
}

// onlySubKind is the code of that kind of contracts where it has one only, else "".
func (r *Reference) onlySubKind(kind string) string {
	code := ""
	for _, k := range r.ContractKinds {
		if k.Kind == kind && code != "" {
			return ""
		}
		if k.Kind == kind {
			code = k.Code
		}
	}
	return code
}

// deduct makes the one deduction that there is, or a new one, come to the sum; of several it cannot be told which is wrong.
func (c *Contract) deduct(sum decimal.Decimal) {
	switch {
	case !sum.IsPositive():
		c.Deductions = nil
	case len(c.Deductions) == 0:
		c.Deductions = []Deduction{{Amount: sum}}
	case len(c.Deductions) == 1:
		c.Deductions[0].Amount = sum
	}
}

// correctedFields are the fields of the form by what is compared, where the names differ.
var correctedFields = map[string]string{"total": "total_amount", "tech": "deductions", "seller": "seller_name", "buyer": "buyer_name"}

// CheckCorrection is where the contract does not say what the national system says; before is as it is registered.
func (c Contract) CheckCorrection(ref *Reference, before Contract, standing LedgerEntry, items []ReconcileItem) Problems {
	var p Problems
	for _, i := range items {
		if TitleKey(c.nationalText(ref, before, standing, i.Field)) == TitleKey(i.Theirs) {
			continue
		}
		field := i.Field
		if name, ok := correctedFields[field]; ok {
			field = name
		}
		p.Add(field, "%s", before.correctionNote(i))
	}
	return p
}

// nationalText is what the contract says of a field, as the comparison writes it.
func (c Contract) nationalText(ref *Reference, before Contract, standing LedgerEntry, field string) string {
	switch field {
	case "title":
		return c.Title
	case "number":
		return c.RegistrationNumber
	case "kind":
		kind, _ := ref.ContractKind(c.Kind)
		return kind.Kind
	case "signed_on":
		return c.SignedOn.Format(time.DateOnly)
	case "seller":
		return c.Seller.Name
	case "seller_uscc":
		return string(c.Seller.USCC)
	case "buyer":
		return c.Buyer.Name
	case "buyer_uscc":
		return string(c.Buyer.USCC)
	case "total":
		return standing.TotalAmount.Add(c.TotalAmount.Sub(before.TotalAmount)).StringFixed(2)
	case "tech":
		return standing.TechAmount.Add(c.TechAmount.Sub(before.TechAmount)).StringFixed(2)
	}
	return ""
}

func (c Contract) correctionNote(i ReconcileItem) string {
	switch {
	case c.ofKnownParty(i.Field):
		return fmt.Sprintf("全国系统是“%s”，而这家单位的名称和代码随本市场的核验资料，不能在这里改。单位确已更名的，由单位申请变更资料；否则请统计人员收回决定，改为以本市为准", i.Theirs)
	case i.Field == "tech":
		return fmt.Sprintf("以全国为准：技术交易额（含已确认的补充）应为 %s，请改扣除项", nationalSum(i))
	case i.Field == "total":
		return fmt.Sprintf("以全国为准：合同成交额（含已确认的补充）应为 %s", nationalSum(i))
	}
	return fmt.Sprintf("以全国为准，应为“%s”。要写别的，请统计人员先收回决定", i.Theirs)
}

// nationalSum is a sum of the national system as people read it.
func nationalSum(i ReconcileItem) string {
	sum, err := decimal.NewFromString(i.Theirs)
	if err != nil {
		return i.Theirs
	}
	return FormatMoney(sum)
}
