package market

import "time"

// IndexRefusal is a published listing that the search engine will not take, so that searches by words do not find it.
type IndexRefusal struct {
	ListingID int64     `db:"listing_id"`
	Reason    string    `db:"reason"` // the engine's own
	Tries     int       `db:"tries"`
	Since     time.Time `db:"since"`
	TriedAt   time.Time `db:"tried_at"`

	Kind    Kind   `db:"kind"`
	Title   string `db:"title"`
	OrgName string `db:"org_name"`
}
