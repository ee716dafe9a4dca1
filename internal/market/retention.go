package market

import "time"

// RetentionClass says how long things of one class are kept, and by which rule. The database holds it: nothing of a class is
// removed before its time, by whatever way.
type RetentionClass struct {
	Code      string    `db:"code"`
	Name      string    `db:"name"`
	What      string    `db:"what"`
	Since     string    `db:"since"`  // what the time is counted from, in words
	Months    *int      `db:"months"` // nil for ever
	After     string    `db:"after"`  // what becomes of it then
	Basis     string    `db:"basis"`
	ValidFrom time.Time `db:"valid_from"`
}

// Until is when something last touched at that time may be removed at the earliest, nil when never.
func (c RetentionClass) Until(since time.Time) *time.Time {
	if c.Months == nil {
		return nil
	}
	day := DateOf(since).AddDate(0, *c.Months, 1)
	return &day
}
