package market

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// MaxSearchText is how much of a query is looked at; the rest of a pasted text adds nothing.
const MaxSearchText = 10_000

// Conditions is what a search asks for: the words and the filters, as they stand in its address. The values within one
// filter are alternatives; different filters must all hold.
type Conditions struct {
	Text       string
	Literal    bool
	Kind       Kind
	Submarkets []string
	Fields     []string
	Counties   []string
	Stages     []string
	Modes      []string
	Min, Max   string // 万元, as typed
	Due        string // code of DueWithin
	Verified   bool
}

// DueWithin are the choices of how soon a need's deadline is; the codes are days from today.
var DueWithin = Codes{{"30", "30 天内截止"}, {"90", "90 天内截止"}, {"180", "180 天内截止"}}

// Conditions reads an address. What it does not know it leaves out, so that an old link still finds something.
func (r *Reference) Conditions(v url.Values) Conditions {
	known := func(key string, name func(string) string) []string {
		var out []string
		for _, code := range v[key] {
			if name(code) != "" && !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
		return out
	}
	line := func(key string) string { return Normalize(strings.ToValidUTF8(v.Get(key), "")) }
	c := Conditions{
		Text: Truncate(line("q"), MaxSearchText), Literal: v.Get("literal") == "1", Kind: Kind(v.Get("kind")),
		Submarkets: known("submarket", r.Submarkets.Name), Fields: known("field", r.FieldName),
		Counties: known("county", r.Regions.Name), Stages: known("stage", StageName), Modes: known("mode", Modes.Name),
		Min: line("min"), Max: line("max"), Due: v.Get("due"), Verified: v.Get("verified") == "1",
	}
	if !c.Kind.Valid() {
		c.Kind = ""
	}
	if DueWithin.Name(c.Due) == "" {
		c.Due = ""
	}
	return c
}

// Values writes the conditions as an address again.
func (c Conditions) Values() url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	set("q", c.Text)
	set("kind", string(c.Kind))
	v["submarket"], v["field"], v["county"], v["stage"], v["mode"] = c.Submarkets, c.Fields, c.Counties, c.Stages, c.Modes
	set("min", c.Min)
	set("max", c.Max)
	set("due", c.Due)
	if c.Verified {
		v.Set("verified", "1")
	}
	if c.Literal {
		v.Set("literal", "1")
	}
	return v
}

// Query is the conditions as they are kept: one text for the same conditions, in whatever order they were chosen.
func (c Conditions) Query() string {
	v := c.Values()
	for key := range v {
		v[key] = slices.Sorted(slices.Values(v[key]))
	}
	return v.Encode()
}

// Amounts are the ends of the price range in yuan; what is no amount is no condition.
func (c Conditions) Amounts() (low, high decimal.NullDecimal) {
	return amountOf(c.Min), amountOf(c.Max)
}

// Deadlines are the first and the last moment that a need's deadline may have; both are zero when any will do, or none.
func (c Conditions) Deadlines(today time.Time) (first, last time.Time) {
	days, err := strconv.Atoi(c.Due)
	if err != nil {
		return time.Time{}, time.Time{}
	}
	today = DateOf(today)
	return today, today.AddDate(0, 0, days+1).Add(-time.Second)
}

func amountOf(text string) decimal.NullDecimal {
	amount, err := ParseMoney(text, WanYuan)
	return decimal.NullDecimal{Decimal: amount, Valid: text != "" && err == nil}
}

// Fits reports whether the filters let the document through on that day. What the words find only a search engine knows.
func (c Conditions) Fits(d Document, today time.Time) bool {
	one := func(chosen []string, values ...string) bool {
		return len(chosen) == 0 || slices.ContainsFunc(values, func(v string) bool { return slices.Contains(chosen, v) })
	}
	return (c.Kind == "" || c.Kind == d.Kind) && one(c.Submarkets, d.Submarket) && one(c.Fields, d.Fields...) && one(c.Counties, d.County) &&
		one(c.Stages, d.Stage) && one(c.Modes, d.Modes...) && (!c.Verified || d.Verified) && c.fitsPrice(d) && c.fitsDeadline(d, today)
}

func (c Conditions) fitsDeadline(d Document, today time.Time) bool {
	first, last := c.Deadlines(today)
	return first.IsZero() || !d.Deadline.Before(first) && !d.Deadline.After(last)
}

func (c Conditions) fitsPrice(d Document) bool {
	from, to := c.Amounts()
	if !from.Valid && !to.Valid {
		return true
	}
	low, high, ok := d.PriceRange()
	return ok && (!from.Valid || high.GreaterThanOrEqual(from.Decimal)) && (!to.Valid || low.LessThanOrEqual(to.Decimal))
}
