package market

import (
	"testing"

	"github.com/shopspring/decimal"
)

func TestLedgerFollowsAContract(t *testing.T) {
	t.Parallel()
	ref := contractRef()
	ref.Regions = Regions{{Code: "360802", Name: "吉州区", InCity: true}, {Code: "360100", Name: "南昌市"}}
	yuan := decimal.NewFromInt
	c := wholeContract()
	c.TechAmount = yuan(900_000)
	registered := c.Registration(ref, contractDay)
	on := contractDay.AddDate(1, 2, 3)
	for name, line := range map[string]struct {
		change    func(*Contract)
		contracts []int // of each entry
		totals    []int64
		techs     []int64
	}{
		"nothing":              {func(*Contract) {}, nil, nil, nil},
		"words":                {func(c *Contract) { c.Title = "另一个题名"; c.Seller.Contact = "另一个人" }, nil, nil, nil},
		"less":                 {func(c *Contract) { c.TotalAmount, c.TechAmount = yuan(800_000), yuan(700_000) }, []int{0}, []int64{-200_000}, []int64{-200_000}},
		"a deduction":          {func(c *Contract) { c.TechAmount = yuan(850_000) }, []int{0}, []int64{0}, []int64{-50_000}},
		"place":                {func(c *Contract) { c.Buyer.Region = "360100" }, []int{-1, 1}, []int64{-1_000_000, 1_000_000}, []int64{-900_000, 900_000}},
		"park":                 {func(c *Contract) { c.SellerPark = "jian-htz" }, []int{-1, 1}, []int64{-1_000_000, 1_000_000}, []int64{-900_000, 900_000}},
		"kind and amounts":     {func(c *Contract) { c.Kind, c.TotalAmount = "T1", yuan(1_100_000) }, []int{-1, 1}, []int64{-1_000_000, 1_100_000}, []int64{-900_000, 900_000}},
		"an agency comes in":   {func(c *Contract) { c.AgencyName = "中介" }, []int{-1, 1}, []int64{-1_000_000, 1_000_000}, []int64{-900_000, 900_000}},
		"type of rights moves": {func(c *Contract) { c.IPType = "secret" }, []int{-1, 1}, []int64{-1_000_000, 1_000_000}, []int64{-900_000, 900_000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := c
			line.change(&changed)
			got := registered.Change(changed.Registration(ref, on), on)
			if len(got) != len(line.contracts) {
				t.Fatalf("%d entries, want %d: %+v", len(got), len(line.contracts), got)
			}
			for i, e := range got {
				if e.Kind != "changed" || !e.EffectiveOn.Equal(on) || e.Contracts != line.contracts[i] || !e.TotalAmount.Equal(yuan(line.totals[i])) || !e.TechAmount.Equal(yuan(line.techs[i])) {
					t.Errorf("entry %d is %+v", i, e)
				}
			}
			now := Standing(append([]LedgerEntry{registered}, got...))
			if want := changed.Registration(ref, on); now.Contracts != 1 || !now.sameDimensions(want) || !now.TotalAmount.Equal(want.TotalAmount) || !now.TechAmount.Equal(want.TechAmount) {
				t.Errorf("the contract stands as %+v, want %+v", now, want)
			}
		})
	}
}

// What takes a contract back takes back all of it, wherever it has moved meanwhile.
func TestReversalTakesBackSupplementsAndChanges(t *testing.T) {
	t.Parallel()
	ref := contractRef()
	ref.Regions = Regions{{Code: "360802", Name: "吉州区", InCity: true}, {Code: "360100", Name: "南昌市"}}
	c := wholeContract()
	c.TechAmount = c.TotalAmount
	entries := []LedgerEntry{c.Registration(ref, contractDay)}
	entries = append(entries, Standing(entries).Supplement(decimal.NewFromInt(50_000), decimal.NewFromInt(40_000), contractDay.AddDate(0, 1, 0)))
	moved := Standing(entries)
	moved.BuyerRegion, moved.BuyerInCity = "360100", false
	entries = append(entries, Standing(entries).Change(moved, contractDay.AddDate(0, 2, 0))...)
	last := Standing(entries).Reversal("revoked", contractDay.AddDate(0, 3, 0))
	if last.BuyerRegion != "360100" || !last.TotalAmount.Equal(decimal.NewFromInt(-1_050_000)) || !last.TechAmount.Equal(decimal.NewFromInt(-1_040_000)) {
		t.Errorf("taken back is %+v", last)
	}
	if s := Standing(append(entries, last)); s.Contracts != 0 || !s.TotalAmount.IsZero() || !s.TechAmount.IsZero() {
		t.Errorf("left is %+v", s)
	}
}
