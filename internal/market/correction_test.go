package market

import (
	"testing"

	"github.com/shopspring/decimal"
)

// TestCorrection: which act brings ours to the national side of each difference.
func TestCorrection(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		field, theirs string
		contract      int64
		want          Correction
	}{
		{"title", "甲", 1, CorrectByChange}, {"total", "5.00", 1, CorrectByChange}, {"tech", "5.00", 1, CorrectByChange}, {"kind", "技术服务", 1, CorrectByChange},
		{"signed_on", "2026-10-01", 1, CorrectByChange}, {"number", "2026360800000001", 1, CorrectByChange}, {"seller", "甲", 1, CorrectByChange}, {"buyer_uscc", "甲", 1, CorrectByChange},
		{"standing", standing(true), 1, CorrectByRemoval}, {"standing", standing(false), 1, CorrectNothing}, {WholeContract, "", 1, CorrectByRemoval}, {WholeContract, "5.00", 0, CorrectNothing},
		{"registered_on", "2026-10-01", 1, CorrectNothing},
	} {
		if got := (Difference{ReconcileKey: ReconcileKey{ContractID: x.contract, Field: x.field}, Theirs: x.theirs}).Correction(); got != x.want {
			t.Errorf("%s %s of %d: %q, want %q", x.field, x.theirs, x.contract, got, x.want)
		}
	}
}

// TestCorrectedAmounts: the contract's own amounts come to the national ones less its supplements; the deductions follow where it
// can be told which.
func TestCorrectedAmounts(t *testing.T) {
	t.Parallel()
	yuan := decimal.NewFromInt
	for name, x := range map[string]struct {
		deductions  []int64
		total, tech string
		want        []int64 // deductions then
		fits        bool
	}{
		"total alone":          {[]int64{100}, "1300.00", "", []int64{100}, true},
		"tech by the only one": {[]int64{100}, "", "1000.00", []int64{200}, true},
		"tech by a new one":    {nil, "", "1000.00", []int64{200}, true},
		"nothing deducted":     {[]int64{100}, "", "1200.00", nil, true},
		"both":                 {[]int64{100}, "1300.00", "1150.00", []int64{150}, true},
		"several cannot tell":  {[]int64{60, 40}, "", "1000.00", []int64{60, 40}, false},
	} {
		c := Contract{TotalAmount: yuan(1000)}
		for _, d := range x.deductions {
			c.Deductions = append(c.Deductions, Deduction{Amount: yuan(d)})
		}
		c.TechAmount = c.TotalAmount.Sub(c.Deducted())
		standing := LedgerEntry{TotalAmount: yuan(1200), TechAmount: c.TechAmount.Add(yuan(200))} // 200 were supplemented
		var items []ReconcileItem
		for field, theirs := range map[string]string{"tech": x.tech, "total": x.total} {
			if theirs != "" {
				items = append(items, ReconcileItem{Difference: Difference{ReconcileKey: ReconcileKey{ContractID: 1, Field: field}, Theirs: theirs}})
			}
		}
		got := c.Corrected(&Reference{}, standing, items)
		if len(got.Deductions) != len(x.want) {
			t.Errorf("%s: deductions %v, want %v", name, got.Deductions, x.want)
			continue
		}
		for i, want := range x.want {
			if !got.Deductions[i].Amount.Equal(yuan(want)) {
				t.Errorf("%s: deductions %v, want %v", name, got.Deductions, x.want)
			}
		}
		if fits := len(got.CheckCorrection(&Reference{}, c, standing, items)) == 0; fits != x.fits {
			t.Errorf("%s: fits %t: %s, %s", name, fits, got.TotalAmount, got.TechAmount)
		}
	}
}
