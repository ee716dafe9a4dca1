package market

import (
	"time"

	"github.com/shopspring/decimal"
)

// Pace says where the year should be on a day, as a share of the target.
type Pace struct {
	Share  decimal.Decimal // 0 to 1
	ByDays bool            // by calendar day alone, because the three years before have no figures
}

// Label names the method beside the figure.
func (p Pace) Label() string {
	if p.ByDays {
		return "按日历天数"
	}
	return "按近三年各月占比"
}

// YearPace is the 时序进度 at the end of the day: the usual cumulative share of the months from the three years before,
// by calendar day within the month; by calendar day alone where one of those years has no figure. months holds, for
// each of those years, the turnover of its twelve months.
func YearPace(day time.Time, months [][12]decimal.Decimal) Pace {
	day = DateOf(day)
	if len(months) < paceYears {
		return daysPace(day)
	}
	share := decimal.Zero
	for _, year := range months {
		total := decimal.Sum(decimal.Zero, year[:]...)
		if !total.IsPositive() {
			return daysPace(day)
		}
		before := decimal.Sum(decimal.Zero, year[:day.Month()-1]...)
		within := year[day.Month()-1].Mul(monthShare(day))
		share = share.Add(before.Add(within).Div(total))
	}
	share = share.Div(decimal.NewFromInt(int64(len(months))))
	// A month that took back more than it registered must not lead out of the year.
	return Pace{Share: decimal.Max(decimal.Zero, decimal.Min(share, decimal.NewFromInt(1)))}
}

// paceYears is how many years before are needed.
const paceYears = 3

func daysPace(day time.Time) Pace {
	length := time.Date(day.Year(), 12, 31, 0, 0, 0, 0, Shanghai).YearDay()
	return Pace{Share: decimal.NewFromInt(int64(day.YearDay())).Div(decimal.NewFromInt(int64(length))), ByDays: true}
}

func monthShare(day time.Time) decimal.Decimal {
	length := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, Shanghai).Day()
	return decimal.NewFromInt(int64(day.Day())).Div(decimal.NewFromInt(int64(length)))
}
