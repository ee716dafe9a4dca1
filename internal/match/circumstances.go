package match

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// What is known apart from the texts adds to the sum of features, or takes
// from it.
const (
	bonusField     = 0.9
	bonusSubmarket = 0.3
	malusSubmarket = -1.2
	bonusPrice     = 0.25
	malusPrice     = -0.3
	malusFarPrice  = -0.6 // above twice the budget
	bonusMode      = 0.25
	malusMode      = -0.4
	malusStale     = -0.2
	bonusVerified  = 0.1
)

// bonusStage is for the maturity of a result: a firm can use what is tried.
var bonusStage = map[string]float64{"rd": -0.2, "lab": -0.1, "sample": 0, "pilot": 0.15, "mass": 0.15}

func circumstances(need, result market.Document, now time.Time) float64 {
	sum := tradeBonus(need, result) + priceBonus(need, result) + modeBonus(need, result) + bonusStage[result.Stage]
	if isStale(need, now) {
		sum += malusStale
	}
	if isStale(result, now) {
		sum += malusStale
	}
	if need.Verified && result.Verified {
		sum += bonusVerified
	}
	return sum
}

func tradeBonus(need, result market.Document) float64 {
	switch {
	case len(shared(need.Fields, result.Fields)) > 0:
		return bonusField
	case need.Submarket == "" || result.Submarket == "":
		return 0
	case need.Submarket == result.Submarket:
		return bonusSubmarket
	}
	return malusSubmarket
}

// shared returns the values of a that are in b, in the order of a.
func shared(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return !slices.Contains(b, v) })
}

// pricing says how a price and a budget go together.
type pricing int

const (
	fitUnknown pricing = iota
	fitWithin          // the whole price range
	fitPartly          // the lower part of it
	fitAbove
	fitFarAbove // above twice the budget
)

func priceFit(need, result market.Document) pricing {
	_, budget, ok := need.PriceRange()
	low, high, priced := result.PriceRange()
	switch {
	case !ok || !priced:
		return fitUnknown
	case high.LessThanOrEqual(budget):
		return fitWithin
	case low.LessThanOrEqual(budget):
		return fitPartly
	case low.LessThanOrEqual(budget.Mul(decimal.NewFromInt(2))):
		return fitAbove
	}
	return fitFarAbove
}

func priceBonus(need, result market.Document) float64 {
	switch priceFit(need, result) {
	case fitWithin, fitPartly:
		return bonusPrice
	case fitAbove:
		return malusPrice
	case fitFarAbove:
		return malusFarPrice
	}
	return 0
}

func modeBonus(need, result market.Document) float64 {
	switch {
	case len(need.Modes) == 0 || len(result.Modes) == 0:
		return 0
	case len(shared(need.Modes, result.Modes)) > 0:
		return bonusMode
	}
	return malusMode
}

func isStale(d market.Document, now time.Time) bool {
	return !d.ConfirmedAt.IsZero() && now.Sub(d.ConfirmedAt) > market.StaleAfter
}
