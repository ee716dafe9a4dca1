package market

import (
	"net/url"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestLastDigest(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, Shanghai) }
	for _, x := range []struct{ now, want time.Time }{
		{at(23, 8, 0), at(23, 8, 0)}, // a Monday
		{at(23, 7, 59), at(16, 8, 0)},
		{at(27, 21, 0), at(23, 8, 0)},
		{at(29, 23, 59), at(23, 8, 0)}, // Sunday
		{at(30, 9, 0), at(30, 8, 0)},
		{time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC), at(16, 8, 0)},
	} {
		if got := LastDigest(x.now); !got.Equal(x.want) {
			t.Errorf("at %s: %s, want %s", x.now, got, x.want)
		}
	}
}

func reference() *Reference {
	return &Reference{Submarkets: Codes{{"materials", "先进材料"}, {"food", "绿色食品"}}, Fields: []Field{{"calcium", "碳酸钙", "materials"}},
		Regions: Regions{{Code: "360825", Name: "永丰县"}, {Code: "360803", Name: "青原区"}}}
}

// TestConditionsKeepWhatTheyKnow reads addresses: what is not known is left out, and the same conditions are one query.
func TestConditionsKeepWhatTheyKnow(t *testing.T) {
	t.Parallel()
	ref := reference()
	read := func(query string) Conditions {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		return ref.Conditions(v)
	}
	for query, want := range map[string]string{
		"": "",
		"q=%E9%87%8D%E9%92%99&page=3&sort=newest":           "q=%E9%87%8D%E9%92%99",
		"kind=nothing&submarket=nothing&county=0":           "",
		"submarket=food&submarket=materials&submarket=food": "submarket=food&submarket=materials",
		"submarket=materials&submarket=food":                "submarket=food&submarket=materials",
		"q=+a++b+&verified=1&literal=1&min=5&verified=2":    "literal=1&min=5&q=a+b&verified=1",
		"kind=need&stage=pilot&stage=x&field=calcium":       "field=calcium&kind=need&stage=pilot",
	} {
		if got := read(query).Query(); got != want {
			t.Errorf("%q is kept as %q, want %q", query, got, want)
		}
		if got := read(read(query).Query()); got.Query() != want {
			t.Errorf("%q changes when it is read again: %q", query, got.Query())
		}
	}
}

func TestConditionsFit(t *testing.T) {
	t.Parallel()
	yuan := decimal.NewFromInt
	d := Document{Kind: KindResult, Submarket: "materials", Fields: []string{"calcium"}, County: "360825", Modes: []string{"licence", "entrust"}, Stage: "pilot",
		PriceMin: yuan(500_000), PriceMax: yuan(800_000), Verified: true}
	today := time.Date(2026, 11, 27, 15, 0, 0, 0, Shanghai)
	due := func(days int) Document {
		return Document{Deadline: time.Date(2026, 11, 27+days, 0, 0, 0, 0, time.UTC)} // as a date comes from the database
	}
	open := d
	open.PriceOpen, open.Verified = true, false
	for name, x := range map[string]struct {
		c    Conditions
		d    Document
		want bool
	}{
		"no condition":       {Conditions{}, d, true},
		"words are not ours": {Conditions{Text: "脐橙"}, d, true},
		"the kind":           {Conditions{Kind: KindResult}, d, true},
		"another kind":       {Conditions{Kind: KindNeed}, d, false},
		"one of two":         {Conditions{Submarkets: []string{"food", "materials"}}, d, true},
		"another submarket":  {Conditions{Submarkets: []string{"food"}}, d, false},
		"a field":            {Conditions{Fields: []string{"calcium"}}, d, true},
		"another field":      {Conditions{Fields: []string{"smart"}}, d, false},
		"a county":           {Conditions{Counties: []string{"360825"}}, d, true},
		"another county":     {Conditions{Counties: []string{"360803"}}, d, false},
		"a stage":            {Conditions{Stages: []string{"pilot"}}, d, true},
		"another stage":      {Conditions{Stages: []string{"mass"}}, d, false},
		"a mode":             {Conditions{Modes: []string{"entrust"}}, d, true},
		"another mode":       {Conditions{Modes: []string{"transfer"}}, d, false},
		"both must hold":     {Conditions{Modes: []string{"entrust"}, Counties: []string{"360803"}}, d, false},
		"touches from":       {Conditions{Min: "80"}, d, true},
		"is below":           {Conditions{Min: "80.01"}, d, false},
		"touches up to":      {Conditions{Max: "50"}, d, true},
		"is above":           {Conditions{Max: "49.99"}, d, false},
		"no amount":          {Conditions{Min: "viel"}, d, true},
		"open price":         {Conditions{Min: "1"}, open, false},
		"due today":          {Conditions{Due: "30"}, due(0), true},
		"due the last day":   {Conditions{Due: "30"}, due(30), true},
		"due a day later":    {Conditions{Due: "30"}, due(31), false},
		"was due":            {Conditions{Due: "30"}, due(-1), false},
		"never due":          {Conditions{Due: "180"}, d, false},
		"verified":           {Conditions{Verified: true}, d, true},
		"not verified":       {Conditions{Verified: true}, open, false},
	} {
		if got := x.c.Fits(x.d, today); got != x.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestCheckSavedSearch(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, often, at string
	}{{"重钙", "once", ""}, {" 重钙 ", "weekly", ""}, {"重钙", "never", ""}, {"", "once", "name"}, {" \u200b", "once", "name"}, {"重钙\xff", "once", "name"}, {"重钙", "", "often"}, {"重钙", "daily", "often"}} {
		name := x.name
		p := CheckSavedSearch(&name, Often(x.often))
		if x.at == "" && len(p) != 0 || x.at != "" && !p.Has(x.at) {
			t.Errorf("%q %q: %v", x.name, x.often, p)
		}
	}
}
