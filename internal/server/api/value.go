package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// amount is a sum in yuan. It is written as a decimal string with two decimals, null for none, and taken as a string or
// a number. What was sent is kept as it was until yuan reads it, so that all wrong sums of a body are told together.
type amount string

func amountOf(yuan decimal.Decimal) amount { return amount(yuan.StringFixed(2)) }

func optionalAmount(yuan decimal.NullDecimal) amount {
	if !yuan.Valid {
		return ""
	}
	return amountOf(yuan.Decimal)
}

// MarshalJSON writes the sum, or null for none.
func (a amount) MarshalJSON() ([]byte, error) { return textOrNull(string(a)) }

// UnmarshalJSON takes a string, a number or null.
func (a *amount) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case 'n':
		*a = ""
	case '"':
		return json.Unmarshal(b, (*string)(a))
	case '{', '[', 't', 'f':
		return &json.UnmarshalTypeError{Type: reflect.TypeFor[amount]()}
	default:
		*a = amount(b)
	}
	return nil
}

// yuan reads the sum, invalid for none, and notes what is wrong with it.
func (a amount) yuan(p *market.Problems, field string) decimal.NullDecimal {
	if strings.TrimSpace(string(a)) == "" {
		return decimal.NullDecimal{}
	}
	sum, err := market.ParseMoney(string(a), market.Yuan)
	if err != nil {
		p.AddErr(field, err)
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(sum)
}

// date is a day, written 2027-06-30, null for none. Like an amount it is kept as it was sent until day reads it.
type date string

// dateOf is the day that a column or a rule holds, none for the zero time.
func dateOf(t time.Time) date {
	if t.IsZero() {
		return ""
	}
	return date(market.DateOf(t).Format(time.DateOnly))
}

func optionalDate(t *time.Time) date {
	if t == nil {
		return ""
	}
	return dateOf(*t)
}

// MarshalJSON writes the day, or null for none.
func (d date) MarshalJSON() ([]byte, error) { return textOrNull(string(d)) }

// UnmarshalJSON takes a string or null.
func (d *date) UnmarshalJSON(b []byte) error {
	*d = ""
	return json.Unmarshal(b, (*string)(d))
}

// day reads the day, the zero time for none, and notes what is wrong with it.
func (d date) day(p *market.Problems, field string) time.Time {
	if d == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, string(d), market.Shanghai)
	if err != nil {
		p.Add(field, "日期“%s”认不出来，请写成 2027-06-30", market.Truncate(string(d), 20))
		return time.Time{}
	}
	return day
}

// optionalDay is day with nil for none.
func (d date) optionalDay(p *market.Problems, field string) *time.Time {
	day := d.day(p, field)
	if day.IsZero() {
		return nil
	}
	return &day
}

func textOrNull(text string) ([]byte, error) {
	if text == "" {
		return []byte("null"), nil
	}
	return json.Marshal(text)
}

// stamp is a moment in RFC 3339, null for none.
func stamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := t.In(market.Shanghai).Format(time.RFC3339)
	return &text
}

// price is a budget or an asking price.
type price struct {
	Kind market.PriceKind `json:"kind"`
	Min  amount           `json:"min"`
	Max  amount           `json:"max"`
}

func priceOf(p market.Price) price {
	return price{Kind: p.Kind, Min: optionalAmount(p.Min), Max: optionalAmount(p.Max)}
}

func (in price) price(p *market.Problems, field string) market.Price {
	return market.Price{Kind: in.Kind, Min: in.Min.yuan(p, field+".min"), Max: in.Max.yuan(p, field+".max")}
}

// nonNil writes an empty list instead of null.
func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
