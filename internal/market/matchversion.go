package market

import "time"

// MatchVersion is a set of weights that the scorer of matches was fitted with, and how good it was. Version 0 is what the
// program brings.
type MatchVersion struct {
	ID         int       `db:"id"`
	MadeAt     time.Time `db:"made_at"`
	Useful     int       `db:"useful"` // marks it was fitted to
	Unsuitable int       `db:"unsuitable"`
	Before     float64   `db:"before"`  // chance that a useful pair came before an unsuitable one with the weights then in force
	After      float64   `db:"after"`   // and with these, on marks that they were not fitted to
	Weights    []byte    `db:"weights"` // match.Adjustment as JSON
}

// What a version must show before it may be used.
const (
	LeastMarks      = 100
	LeastOfEachMark = 20
	LeastGain       = 0.01
)

// Usable returns Conflict with the reason why a version may not be put in force.
func (v MatchVersion) Usable() error {
	switch {
	case v.Useful+v.Unsuitable < LeastMarks || min(v.Useful, v.Unsuitable) < LeastOfEachMark:
		return Errorf(Conflict, "评价太少，不能使用：有用 %d 个、不合适 %d 个，至少共 %d 个、每种 %d 个", v.Useful, v.Unsuitable, LeastMarks, LeastOfEachMark)
	case v.After < v.Before+LeastGain:
		return Errorf(Conflict, "没有比当时使用的权重更好，不能使用：%.3f，当时 %.3f", v.After, v.Before)
	}
	return nil
}
