package market

import (
	"time"

	"github.com/shopspring/decimal"
)

// Target is the figure to reach in a year, in yuan.
type Target struct {
	Year   int
	Amount decimal.Decimal
	Status string // published, interpolated, proposed, approved
	Source string
}

// TargetStatuses tells where a target comes from.
var TargetStatuses = Codes{{"published", "公开规划"}, {"interpolated", "插值"}, {"proposed", "待核定"}, {"approved", "已核定"}}

// SetTargetStatuses are those that staff give a target; the others come from the plan.
var SetTargetStatuses = Codes{{"proposed", "待核定"}, {"approved", "已核定"}}

// TargetEntry is one word on the target of a year, a place and a basis. The last one holds; those before are its history, and
// none is ever changed.
type TargetEntry struct {
	ID       int64           `db:"id"`
	Year     int             `db:"year"`
	Region   string          `db:"region"` // the city or one of its counties
	Basis    Basis           `db:"basis"`
	Amount   decimal.Decimal `db:"amount"` // yuan
	Status   string          `db:"status"`
	Approver string          `db:"approver"` // who approved it, and by which paper
	Source   string          `db:"source"`   // what the amount rests on, or why it is changed
	UserName string          `db:"user_name"`
	At       time.Time       `db:"created_at"`
}

// The years whose target staff can set: since the market's own figures begin, and some ahead.
const (
	firstTargetYear = 2021
	targetsAhead    = 5
)

// Check tidies what was typed and returns what is wrong with it, by the fields year, region, basis, amount, status, approver
// and source.
func (e *TargetEntry) Check(ref *Reference, today time.Time) Problems {
	var p Problems
	if last := today.Year() + targetsAhead; e.Year < firstTargetYear || e.Year > last {
		p.Add("year", "请填写 %d 到 %d 之间的年份", firstTargetYear, last)
	}
	if e.Region != City && ref.Regions.Counties().Name(e.Region) == "" {
		p.Add("region", "请选择全市或一个县（市、区）")
	}
	requireCode(&p, "basis", "口径", Bases, string(e.Basis))
	requireCode(&p, "status", "状态", SetTargetStatuses, e.Status)
	if !e.Amount.IsPositive() {
		p.Add("amount", "请填写目标，单位是万元")
	}
	checkSum(&p, "amount", "目标", e.Amount)
	checkLine(&p, "approver", "核定单位和文号", &e.Approver, 100)
	checkLine(&p, "source", "依据或修改原因", &e.Source, 200)
	switch {
	case e.Status == "approved" && e.Approver == "":
		p.Add("approver", "已核定的目标请写明核定单位和文号，例：吉安市人民政府办公室 吉府办字〔2026〕12 号")
	case e.Status == "proposed" && e.Approver != "":
		p.Add("approver", "待核定的目标还没有核定单位，请改选“已核定”，或清空这一栏")
	}
	if e.Source == "" {
		p.Add("source", "请写明依据；修改已有目标时写明为什么改")
	}
	return p
}

// TargetGrowth is the yearly growth that the plan asks for (plan.txt, 专栏 1: 保持 10% 左右增幅), by which the target of a year
// without one is proposed.
var TargetGrowth = decimal.RequireFromString("0.10")

// Grown is the target that the plan's growth proposes for the year after.
func (e TargetEntry) Grown() decimal.Decimal {
	return e.Amount.Mul(TargetGrowth.Add(decimal.NewFromInt(1))).Round(2)
}
