package view

import (
	"strings"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// MoneyText is a sum as pages show it: the number and its unit apart, or a word
// such as 面议 alone.
type MoneyText struct {
	Num  string
	Unit string
	Word string
}

// Negotiable is the price that is left to talks.
var Negotiable = MoneyText{Word: "面议"}

// Money shows a sum of yuan with its decimals, for prices and contracts.
func Money(yuan decimal.Decimal) MoneyText {
	num, unit := market.FormatMoneyParts(yuan)
	return MoneyText{Num: num, Unit: unit}
}

// MoneyShort drops decimals of zero, for lists and budgets.
func MoneyShort(yuan decimal.Decimal) MoneyText {
	m := Money(yuan)
	m.Num = strings.TrimSuffix(m.Num, ".00")
	return m
}

// MoneyRange is 120～180 万元. Sums of different units each keep theirs.
func MoneyRange(low, high decimal.Decimal) MoneyText {
	from, to := MoneyShort(low), MoneyShort(high)
	if from.Unit == to.Unit {
		return MoneyText{Num: from.Num + "～" + to.Num, Unit: to.Unit}
	}
	return MoneyText{Num: from.Num + "\u00a0" + from.Unit + "～" + to.Num, Unit: to.Unit}
}

// String is the sum in one piece, for sentences and attributes.
func (m MoneyText) String() string {
	if m.Word != "" {
		return m.Word
	}
	return m.Num + "\u00a0" + m.Unit
}
