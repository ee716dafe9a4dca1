package market

import (
	"testing"
	"time"
)

func TestTurnoverPeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		year                int
		asOf, through, last time.Time
	}{
		{2026, date(2026, 11, 22), date(2026, 11, 22), date(2025, 11, 22)},
		{2026, date(2026, 1, 1), date(2026, 1, 1), date(2025, 1, 1)},
		{2024, date(2026, 11, 22), date(2024, 12, 31), date(2023, 12, 31)},
		{2024, date(2024, 2, 29), date(2024, 2, 29), date(2023, 2, 28)},
		{2025, date(2025, 2, 28), date(2025, 2, 28), date(2024, 2, 28)},
	} {
		q := TurnoverQuery{Basis: BasisOutput, Year: c.year, AsOf: c.asOf}
		if !q.Through().Equal(c.through) || !q.LastThrough().Equal(c.last) {
			t.Errorf("%d as of %s: through %s, before that %s", c.year, c.asOf, q.Through(), q.LastThrough())
		}
		if want := c.asOf.Add(24 * time.Hour); !q.RecordedBefore().Equal(want) {
			t.Errorf("recorded before %s, want %s", q.RecordedBefore(), want)
		}
	}
}

func TestTurnoverQueryCheck(t *testing.T) {
	t.Parallel()
	today := date(2026, 11, 23)
	good := TurnoverQuery{Basis: BasisOutput, Year: 2026, AsOf: today}
	for field, change := range map[string]func(*TurnoverQuery){
		"":      func(*TurnoverQuery) {},
		"basis": func(q *TurnoverQuery) { q.Basis = "input" },
		"year":  func(q *TurnoverQuery) { q.Year = 2018 },
		"as_of": func(q *TurnoverQuery) { q.AsOf = date(2026, 11, 24) },
		"by":    func(q *TurnoverQuery) { q.By = []Dimension{ByCounty, "height"} },
	} {
		q := good
		change(&q)
		p := q.Check(today)
		if len(p) == 0 && field != "" || len(p) > 0 && p[0].Field != field {
			t.Errorf("%q: %v", field, p)
		}
	}
	if p := (TurnoverQuery{Basis: BasisOutput, Year: 2026, AsOf: date(2025, 12, 31)}).Check(today); !p.Has("as_of") {
		t.Errorf("a day before the year: %v", p)
	}
}
