package market

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

var contractDay = time.Date(2026, 11, 23, 0, 0, 0, 0, Shanghai)

// contractRef has the codes that the contracts of these tests use.
func contractRef() *Reference {
	list := func(codes ...string) Codes {
		var out Codes
		for _, c := range codes {
			out = append(out, Code{c, c})
		}
		return out
	}
	ended := time.Date(2026, 3, 1, 0, 0, 0, 0, Shanghai)
	return &Reference{TechFields: list("materials"), IPTypes: list("invention", "secret", "none"), PlanSources: list("none"), PartyTypes: list("150", "022", "x01"),
		PaymentModes: list("lump", "instalments", "royalty", "royalty_entry"), EconomicGoals: list("industry", "basic"), LicenceModes: list("ordinary", "open"),
		Regions: Regions{{Code: "360802", Name: "吉州区"}}, Classes: []IndustryClass{{"26", "C", "化学原料和化学制品制造业"}},
		ContractKinds: []ContractKind{{"D1", "技术开发", "委托开发", "技术开发"}, {"T1", "技术转让", "专利权转让", "技术转让"}, {"L1", "技术许可", "专利实施许可", "技术转让"}, {"S2", "技术服务", "技术培训", "技术服务"}},
		Terms:         []CodeTerm{{"economic_goals", "basic", firstContractDay, &ended}, {"licence_modes", "open", time.Date(2027, 1, 1, 0, 0, 0, 0, Shanghai), nil}}}
}

// wholeContract may be submitted.
func wholeContract() Contract {
	party := func(name, code, kind string) Party {
		return Party{Name: name, USCC: USCC(code), Type: kind, Region: "360802", Industry: "26", LegalRep: "梁述平", Address: "科技路 1 号", Contact: "孔令仪", Phone: "0796-8224217"}
	}
	c := Contract{Title: "重钙研磨助剂开发", Kind: "D1", TechField: "materials", IPType: "none", PlanSource: "none", EconomicGoal: "industry", PaymentMode: "lump",
		Seller: party("吉安测试学院", "91350100M000100Y43", "022"), Buyer: party("永丰测试钙业有限公司", "91330100799655058B", "150"), TotalAmount: decimal.NewFromInt(1_000_000),
		SignedOn: contractDay, StartsOn: contractDay, EndsOn: contractDay.AddDate(1, 0, 0)}
	c.Buyer.Scale = "medium"
	return c
}

func TestContractFields(t *testing.T) {
	t.Parallel()
	sum := func(n int64) decimal.Decimal { return decimal.NewFromInt(n) }
	filed := time.Date(2008, 5, 6, 0, 0, 0, 0, Shanghai)
	for name, line := range map[string]struct {
		change func(*Contract)
		save   string // fields that keep it from being saved
		submit string // fields that keep it from being submitted
	}{
		"whole":         {func(*Contract) {}, "", ""},
		"more deducted": {func(c *Contract) { c.Deductions = []Deduction{{"equipment", "试验台", sum(1_000_000)}} }, "deductions", "deductions"},
		"instalments add up": {func(c *Contract) {
			c.Instalments = []Instalment{{Milestone: "签约", Amount: sum(300_000)}, {DueOn: &contractDay, Amount: sum(700_000)}}
		}, "", ""},
		"instalments too small": {func(c *Contract) { c.Instalments = []Instalment{{Milestone: "签约", Amount: sum(300_000)}} }, "instalments", "instalments"},
		"instalment of no day":  {func(c *Contract) { c.Instalments = []Instalment{{Amount: sum(1_000_000)}} }, "instalments.0.milestone", "instalments.0.milestone"},
		"no plan":               {func(c *Contract) { c.PaymentMode = "instalments" }, "", "instalments"},
		"royalty":               {func(c *Contract) { c.PaymentMode, c.AmountOpen, c.Royalty = "royalty", true, "销售额的 3%，5 年" }, "", ""},
		"royalty with a plan": {func(c *Contract) {
			c.PaymentMode, c.AmountOpen, c.Royalty, c.Instalments = "royalty_entry", true, "销售额的 3%", []Instalment{{Milestone: "入门费", Amount: sum(10)}}
		}, "", ""},
		"royalty without terms": {func(c *Contract) { c.PaymentMode, c.AmountOpen = "royalty", true }, "", "royalty"},
		"open but no royalty":   {func(c *Contract) { c.AmountOpen = true }, "amount_open", "amount_open"},
		"transfer":              {func(c *Contract) { c.Kind = "T1" }, "", "added_investment added_output"},
		"transfer with nothing": {func(c *Contract) {
			c.Kind, c.AddedInvestment, c.AddedOutput = "T1", decimal.NewNullDecimal(decimal.Zero), decimal.NewNullDecimal(decimal.Zero)
		}, "", ""},
		"licence":             {func(c *Contract) { c.Kind = "L1" }, "", "licence_mode"},
		"licence of tomorrow": {func(c *Contract) { c.Kind, c.LicenceMode = "L1", "open" }, "licence_mode", "licence_mode"},
		"goal of yesterday":   {func(c *Contract) { c.EconomicGoal = "basic" }, "economic_goal", "economic_goal"},
		"no goal":             {func(c *Contract) { c.EconomicGoal = "" }, "", "economic_goal"},
		"patent unnamed":      {func(c *Contract) { c.IPType = "invention" }, "", "ips"},
		"patent mistyped":     {func(c *Contract) { c.IPs = []IP{{Type: "invention", Number: "201710601862.4", Status: "granted"}} }, "ips.0.number", "ips.0.number"},
		"patent": {func(c *Contract) {
			c.IPType, c.IPs = "invention", []IP{{Type: "invention", Number: "ZL201710601862.3", Status: "granted", FiledOn: &filed}}
		}, "", ""},
		"firm without scale": {func(c *Contract) { c.Buyer.Scale = "" }, "", "buyer_scale"},
		"seller of no class": {func(c *Contract) { c.Seller.Industry, c.Seller.LegalRep = "", "" }, "", "seller_industry seller_legal_rep"},
		"a person":           {func(c *Contract) { c.Buyer.Type, c.Buyer.Industry, c.Buyer.LegalRep = "x01", "", "" }, "", ""},
		"nobody to call":     {func(c *Contract) { c.Buyer.Contact, c.Buyer.Phone, c.Buyer.Address = "", "", "" }, "", "buyer_address buyer_contact buyer_phone"},
		"postcode":           {func(c *Contract) { c.Buyer.Postcode = "33A096" }, "buyer_postcode", "buyer_postcode"},
		"unknown trait":      {func(c *Contract) { c.Buyer.Traits = []string{"famous"} }, "buyer_traits", "buyer_traits"},
		"ended":              {func(c *Contract) { c.SignedOn, c.StartsOn, c.EndsOn = filed, filed, contractDay.AddDate(0, 0, -1) }, "", "ends_on"},
	} {
		c := wholeContract()
		line.change(&c)
		saved := c
		if got := fieldsOf(saved.Check(contractRef(), contractDay)); got != line.save {
			t.Errorf("%s: saving names %q, want %q", name, got, line.save)
		}
		if got := fieldsOf(c.CheckSubmit(contractRef(), contractDay)); got != line.submit {
			t.Errorf("%s: submitting names %q, want %q", name, got, line.submit)
		}
	}
}

func fieldsOf(p Problems) string {
	var out []string
	for _, f := range p {
		out = append(out, f.Field)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestContractTidies(t *testing.T) {
	t.Parallel()
	c := wholeContract()
	c.LicenceMode, c.Seller.Scale, c.Seller.Traits = "ordinary", "large", []string{"listed", "research", "research", "transfer"}
	if p := c.Check(contractRef(), contractDay); len(p) > 0 {
		t.Fatal(p)
	}
	if c.LicenceMode != "" || c.Seller.Scale != "" || !slices.Equal(c.Seller.Traits, []string{"transfer", "research"}) {
		t.Errorf("a development has the licence mode %q, a university the scale %q and %v", c.LicenceMode, c.Seller.Scale, c.Seller.Traits)
	}
	if points := (ContractKind{Code: "S2", Kind: "技术服务", SubKind: "技术培训"}).Conditions(); len(points) != len(ReviewPoints["技术服务"])+2 {
		t.Errorf("training has the conditions %q", points)
	}
}

func TestContractWarnsOfPatents(t *testing.T) {
	t.Parallel()
	filed := time.Date(2007, 7, 21, 0, 0, 0, 0, Shanghai) // an invention: until 2027-07-21
	for name, line := range map[string]struct {
		kind, status string
		ends         time.Time
		want         int
	}{
		"past the patent":   {"L1", "granted", time.Date(2027, 7, 22, 0, 0, 0, 0, Shanghai), 1},
		"with the patent":   {"L1", "granted", time.Date(2027, 7, 21, 0, 0, 0, 0, Shanghai), 0},
		"no licence":        {"D1", "granted", time.Date(2030, 1, 1, 0, 0, 0, 0, Shanghai), 0},
		"an application":    {"L1", "pending", time.Date(2030, 1, 1, 0, 0, 0, 0, Shanghai), 0},
		"of a lapsed right": {"T1", "lapsed", time.Date(2026, 12, 1, 0, 0, 0, 0, Shanghai), 1},
	} {
		c := wholeContract()
		c.Kind, c.EndsOn, c.IPs = line.kind, line.ends, []IP{{Type: "invention", Number: "2007106018623", Status: line.status, FiledOn: &filed}}
		if got := c.Warnings(contractRef()); len(got) != line.want {
			t.Errorf("%s: warned of %q", name, got)
		}
	}
}

func TestContractPapers(t *testing.T) {
	t.Parallel()
	c := wholeContract()
	c.Foreign, c.Government = true, true
	if got := fieldsOf(c.CheckFiles([]ContractFile{{Use: "text"}, {Use: "chinese"}})); got != "foreign government" {
		t.Errorf("missing: %q", got)
	}
	if got := c.CheckFiles([]ContractFile{{Use: "consistency"}, {Use: "chinese"}, {Use: "task"}}); len(got) > 0 {
		t.Errorf("missing: %v", got)
	}
}
