package market

import (
	"strings"
	"time"
)

// Benefits says whether the parties of a contract that is taken off the register have made use of its registration, and
// whether the authority concerned knows (技术合同认定登记管理办法: who has enjoyed benefits reports it).
var Benefits = Codes{{"none", "没有享受优惠"}, {"reported", "已享受优惠，当事人已报告税务等主管机关"}, {"unreported", "已享受优惠，当事人还没有报告"}, {"unknown", "不清楚，请主管机关核查"}}

// RemovalGround is a ground for taking a contract off the register.
type RemovalGround struct {
	Code string `db:"code"`
	Act  string `db:"act"` // the move of the contract: cancel or revoke
	Name string `db:"name"`
}

// Removal is why a contract was taken off the register.
type Removal struct {
	Ground   string    `db:"ground"`
	Benefits string    `db:"benefits"`
	Note     string    `db:"note"` // what the parties read
	At       time.Time `db:"at"`
}

// RemovalGrounds are the grounds of a move, cancel or revoke.
func (r *Reference) RemovalGrounds(move string) Codes {
	var out Codes
	for _, g := range r.Removals {
		if g.Act == move {
			out = append(out, Code{g.Code, g.Name})
		}
	}
	return out
}

// GroundName is the name of a ground for refusing a registration or for taking it off, "" when there is none of that code.
func (r *Reference) GroundName(code string) string {
	for _, g := range r.Removals {
		if g.Code == code {
			return g.Name
		}
	}
	return r.Refusals.Name(code)
}

// Check returns what keeps a contract from being taken off the register by that move on that day, and tidies the note in
// place.
func (m *Removal) Check(ref *Reference, move string, today time.Time) Problems {
	var p Problems
	if ref.On(today).RemovalGrounds(move).Name(m.Ground) == "" {
		p.Add("ground", "请选择情形")
	}
	if Benefits.Name(m.Benefits) == "" {
		p.Add("benefits", "请选择是否已享受优惠；不清楚的也请如实选")
	}
	checkText(&p, "note", "原因", &m.Note, 1000)
	if strings.TrimSpace(m.Note) == "" && !p.Has("note") {
		p.Add("note", "请写明原因，双方会看到")
	}
	return p
}
