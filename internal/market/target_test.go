package market

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestCheckTarget(t *testing.T) {
	t.Parallel()
	ref := &Reference{Regions: Regions{{Code: City, Name: "吉安市"}, {Code: "360802", Name: "吉州区", Kind: "county", InCity: true}, {Code: "360100", Name: "南昌市", Kind: "prefecture"}}}
	today := time.Date(2026, 11, 27, 9, 0, 0, 0, Shanghai)
	good := TargetEntry{Year: 2027, Region: City, Basis: BasisOutput, Amount: decimal.NewFromInt(3_025_000_000), Status: "proposed", Source: "按上年目标增长 10% 拟定"}
	with := func(change func(*TargetEntry)) TargetEntry {
		e := good
		change(&e)
		return e
	}
	for name, x := range map[string]struct {
		e      TargetEntry
		fields string
	}{
		"good":                 {good, ""},
		"of a county":          {with(func(e *TargetEntry) { e.Region = "360802" }), ""},
		"of another city":      {with(func(e *TargetEntry) { e.Region = "360100" }), "region"},
		"nowhere":              {with(func(e *TargetEntry) { e.Region = "" }), "region"},
		"first year":           {with(func(e *TargetEntry) { e.Year = 2021 }), ""},
		"of the plan's years":  {with(func(e *TargetEntry) { e.Year = 2020 }), "year"},
		"five years ahead":     {with(func(e *TargetEntry) { e.Year = 2031 }), ""},
		"too far ahead":        {with(func(e *TargetEntry) { e.Year = 2032 }), "year"},
		"no basis":             {with(func(e *TargetEntry) { e.Basis = "profit" }), "basis"},
		"a status of the plan": {with(func(e *TargetEntry) { e.Status = "published" }), "status"},
		"approved by nobody":   {with(func(e *TargetEntry) { e.Status = "approved" }), "approver"},
		"approved":             {with(func(e *TargetEntry) { e.Status, e.Approver = "approved", "市政府办公室 1 号" }), ""},
		"proposed by a paper":  {with(func(e *TargetEntry) { e.Approver = "市政府办公室 1 号" }), "approver"},
		"without a reason":     {with(func(e *TargetEntry) { e.Source = " 　" }), "source"},
		"too long a reason":    {with(func(e *TargetEntry) { e.Source = strings.Repeat("因", 201) }), "source"},
		"nothing":              {with(func(e *TargetEntry) { e.Amount = decimal.Zero }), "amount"},
		"parts of a fen":       {with(func(e *TargetEntry) { e.Amount = decimal.RequireFromString("1.001") }), "amount"},
		"too much":             {with(func(e *TargetEntry) { e.Amount = decimal.New(1, 12) }), "amount"},
	} {
		var fields []string
		for _, p := range x.e.Check(ref, today) {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, " "); got != x.fields {
			t.Errorf("%s: problems in %q, want %q", name, got, x.fields)
		}
	}
	if got := good.Grown(); !got.Equal(decimal.NewFromInt(3_327_500_000)) {
		t.Errorf("grown to %s", got)
	}
}
