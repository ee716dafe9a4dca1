package market

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// The time for a decision goes by working days, by the amount, and by the rules of the day it begins on.
func TestRegistrationClock(t *testing.T) {
	t.Parallel()
	newRules := date(2026, 3, 1)
	ref := &Reference{Calendar: calendar(), Parameters: []Parameter{
		{"registration_days", firstContractDay, 30}, {"registration_days_large", firstContractDay, 30}, {"second_review_amount", firstContractDay, 10_000_000},
		{"registration_days", newRules, 15}, {"registration_days_large", newRules, 30}, {"second_review_amount", newRules, 5_000_000}}}
	for name, line := range map[string]struct {
		accepted time.Time
		tech     string
		due      time.Time
		two      bool
	}{
		"across 国庆 and its make-up days": {date(2026, 9, 18), "860000", date(2026, 10, 15), false},
		"accepted before 国庆 itself":      {date(2026, 9, 30), "860000", date(2026, 10, 27), false},
		"a fen below 500 万元":             {date(2026, 9, 18), "4999999.99", date(2026, 10, 15), false},
		"500 万元":                         {date(2026, 9, 18), "5000000", date(2026, 11, 5), true},
		"by the rules before":            {date(2026, 2, 27), "5000000", date(2026, 4, 10), false},
		"by the rules of the day":        {date(2026, 3, 2), "5000000", date(2026, 4, 13), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Contract{TechAmount: decimal.RequireFromString(line.tech)}
			if due := c.RegistrationDue(ref, line.accepted); !due.Equal(line.due) || c.NeedsSecondReview(ref, line.accepted) != line.two {
				t.Errorf("due %s, two people %v; want %s, %v", due.Format(time.DateOnly), c.NeedsSecondReview(ref, line.accepted), line.due.Format(time.DateOnly), line.two)
			}
			if due := AmendmentDue(ref, line.two, line.accepted); !due.Equal(line.due) {
				t.Errorf("a change is due %s, want %s", due.Format(time.DateOnly), line.due.Format(time.DateOnly))
			}
		})
	}
}

func TestAmendmentOfALargeContract(t *testing.T) {
	t.Parallel()
	ref := &Reference{Parameters: []Parameter{{"second_review_amount", firstContractDay, 5_000_000}}}
	yuan := decimal.NewFromInt
	change := func(before, after int64) Amendment {
		return Amendment{Kind: AmendChange, Before: &Contract{TechAmount: yuan(before)}, Proposed: &Contract{TechAmount: yuan(after)}}
	}
	for name, line := range map[string]struct {
		x        Amendment
		standing int64
		two      bool
	}{
		"small stays small":            {change(1_000_000, 2_000_000), 1_000_000, false},
		"grows to the amount":          {change(1_000_000, 5_000_000), 1_000_000, true},
		"falls from the amount":        {change(5_000_000, 1_000_000), 5_000_000, true},
		"with supplements it is large": {change(3_000_000, 3_100_000), 4_900_000, true},
		"supplement below":             {Amendment{Kind: AmendSupplement, Tech: yuan(10)}, 4_999_989, false},
		"supplement to the amount":     {Amendment{Kind: AmendSupplement, Tech: yuan(11)}, 4_999_989, true},
	} {
		if two := line.x.Large(ref, LedgerEntry{TechAmount: yuan(line.standing)}, contractDay); two != line.two {
			t.Errorf("%s: %v, want %v", name, two, line.two)
		}
	}
}
