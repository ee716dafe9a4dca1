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

// YearPace is the 时序进度: the usual cumulative share of the months from the three years before, by calendar day
// within the month; by calendar day alone where one of those years has no figure. months holds, for each of those
// years, the turnover of its twelve months.
func YearPace(day time.Time, months [][12]decimal.Decimal) Pace {
	if len(months) < 3 {
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
	return Pace{Share: share.Div(decimal.NewFromInt(int64(len(months))))}
}

func daysPace(day time.Time) Pace {
	length := time.Date(day.Year()+1, 1, 1, 0, 0, 0, 0, day.Location()).AddDate(0, 0, -1).YearDay()
	return Pace{Share: decimal.NewFromInt(int64(day.YearDay())).Div(decimal.NewFromInt(int64(length))), ByDays: true}
}

func monthShare(day time.Time) decimal.Decimal {
	length := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, day.Location()).Day()
	return decimal.NewFromInt(int64(day.Day())).Div(decimal.NewFromInt(int64(length)))
}
