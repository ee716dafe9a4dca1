package market

import "time"

// The bounds of saved searches.
const (
	MaxSearches      = 30   // a person may keep
	MaxSavedText     = 100  // characters of the words of a saved search
	MaxSearchName    = 60   // characters of its name
	MaxKnownListings = 1000 // of what a search finds when it is saved are kept
)

// Often is when a person is told of what a saved search finds.
type Often string

// The choices.
const (
	OftenOnce   Often = "once"   // at once
	OftenWeekly Often = "weekly" // every Monday morning
	OftenNever  Often = "never"  // kept to be run by hand
)

// Oftens lists the choices in the order they are offered.
var Oftens = Codes{{string(OftenOnce), "有新内容马上告诉我"}, {string(OftenWeekly), "每周一早上汇总"}, {string(OftenNever), "不提醒"}}

// SavedSearch is a search that a person keeps, to be told of what it newly finds.
type SavedSearch struct {
	ID        int64      `db:"id"`
	UserID    int64      `db:"user_id"`
	Name      string     `db:"name"`
	Query     string     `db:"query"` // Conditions.Query
	Often     Often      `db:"often"`
	CreatedAt time.Time  `db:"created_at"`
	ToldAt    *time.Time `db:"told_at"` // when its owner was last told of something
}

// CheckSavedSearch tidies what a person says of a saved search. Problems name the fields name and often.
func CheckSavedSearch(name *string, often Often) Problems {
	var p Problems
	checkLine(&p, "name", "名称", name, MaxSearchName)
	if *name == "" {
		p.Add("name", "请填写名称")
	}
	if Oftens.Name(string(often)) == "" {
		p.Add("often", "请选择什么时候提醒")
	}
	return p
}

// GatherMatches is how long a strong match waits for others of the same computation before its people are told of all in one
// message.
const GatherMatches = 5 * time.Minute

// digestHour is when weekly digests are told, on Mondays.
const digestHour = 8

// LastDigest is the last Monday morning at or before that moment at which digests are told.
func LastDigest(now time.Time) time.Time {
	day := DateOf(now)
	y, m, d := day.Date()
	at := time.Date(y, m, d-(int(day.Weekday())+6)%7, digestHour, 0, 0, 0, Shanghai)
	if at.After(now) {
		at = at.AddDate(0, 0, -7)
	}
	return at
}
