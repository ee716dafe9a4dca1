package market

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
)

// SampleStrata are by what a population may be divided before it is drawn from.
var SampleStrata = Codes{{"none", "不分层"}, {"county", "按县（市、区）"}, {"kind", "按合同类别"}}

// SampleFindings are what a spot check of a contract may find.
var SampleFindings = Codes{{"clear", "无问题"}, {"problem", "有问题"}}

// MaxSample is the largest sample.
const MaxSample = 200

// SampleMethod says how a sample is drawn, for who wants to draw it again.
const SampleMethod = "每份合同按 SHA-256（种子 + “|” + 受理号）的十六进制值从小到大排列，取前面的几份。分层的，先给每层一份（份数够时），其余逐份给“层内合同数 ÷（已得份数 + 1）”最大的层，相等时给代码小的层；再在每层内照此取。"

// Sample is a draw of registered contracts for spot checks. It never changes: the findings come beside it.
type Sample struct {
	ID         int64     `db:"id"`
	Region     string    `db:"region"` // City, or the county of who drew it
	From       time.Time `db:"from_on"`
	To         time.Time `db:"to_on"`
	Strata     string    `db:"strata"`
	Size       int       `db:"size"`
	Seed       string    `db:"seed"`
	Through    int64     `db:"through"` // the ledger's chain up to that entry makes the population
	Population int       `db:"population"`
	Hash       []byte    `db:"population_hash"`
	UserName   string    `db:"user_name"`
	At         time.Time `db:"at"`
	Checked    int       `db:"checked"`  // contracts with a finding
	Problems   int       `db:"problems"` // of these with a problem
}

// Check returns what is wrong with what is to be drawn.
func (x Sample) Check(today time.Time) Problems {
	var p Problems
	for _, d := range []struct {
		field, label string
		day          time.Time
	}{{"from", "登记日期起", x.From}, {"to", "登记日期止", x.To}} {
		switch {
		case d.day.IsZero():
			p.Add(d.field, "请填写%s，例：%s", d.label, today.Format(time.DateOnly))
		case d.day.Before(firstContractDay) || d.day.After(today):
			p.Add(d.field, "%s须在 %s 到 %s 之间", d.label, firstContractDay.Format(time.DateOnly), today.Format(time.DateOnly))
		}
	}
	if len(p) == 0 && x.To.Before(x.From) {
		p.Add("to", "登记日期止不能早于登记日期起")
	}
	requireCode(&p, "strata", "怎样分层", SampleStrata, x.Strata)
	if x.Size < 1 || x.Size > MaxSample {
		p.Add("size", "抽取份数须是 1 到 %d 的整数", MaxSample)
	}
	return p
}

// SampleUnit is a contract that may be drawn.
type SampleUnit struct {
	ContractID int64  `db:"contract_id"`
	Number     string `db:"number"` // 受理号
	Stratum    string `db:"stratum"`
}

// PopulationHash is the SHA-256 of the population's list: a line of number and stratum for each contract, in the order of
// the numbers.
func PopulationHash(units []SampleUnit) []byte {
	lines := make([]string, len(units))
	for i, u := range units {
		lines[i] = u.Number + "|" + u.Stratum + "\n"
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return sum[:]
}

// Draw takes size of the units as SampleMethod says, all when there are no more. The same seed and units give the same
// sample, whatever their order. The sample is in the order of strata, and in each of the draw.
func Draw(seed string, size int, units []SampleUnit) []SampleUnit {
	strata := map[string][]SampleUnit{}
	for _, u := range units {
		strata[u.Stratum] = append(strata[u.Stratum], u)
	}
	names := make([]string, 0, len(strata))
	for name := range strata {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []SampleUnit
	shares := sampleShares(size, names, strata)
	for _, name := range names {
		rank := map[int64][]byte{}
		for _, u := range strata[name] {
			sum := sha256.Sum256([]byte(seed + "|" + u.Number))
			rank[u.ContractID] = sum[:]
		}
		slices.SortFunc(strata[name], func(a, b SampleUnit) int {
			return cmp.Or(bytes.Compare(rank[a.ContractID], rank[b.ContractID]), strings.Compare(a.Number, b.Number))
		})
		out = append(out, strata[name][:shares[name]]...)
	}
	return out
}

// sampleShares divides a sample among strata.
func sampleShares(size int, names []string, strata map[string][]SampleUnit) map[string]int {
	got, left := map[string]int{}, size
	if size >= len(names) {
		for _, name := range names {
			got[name] = 1
			left--
		}
	}
	for ; left > 0; left-- {
		open := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return got[name] == len(strata[name]) })
		if len(open) == 0 {
			break
		}
		best := open[0]
		for _, name := range open[1:] {
			if len(strata[name])*(got[best]+1) > len(strata[best])*(got[name]+1) {
				best = name
			}
		}
		got[best]++
	}
	return got
}

// SampleFinding is what a spot check of a contract found. Of several the newest counts.
type SampleFinding struct {
	ContractID int64     `db:"contract_id"`
	Finding    string    `db:"finding"`
	Note       string    `db:"note"`
	UserID     int64     `db:"user_id"`
	UserName   string    `db:"user_name"`
	At         time.Time `db:"at"`
}

// Check returns what is wrong with finding and note, and tidies the note in place.
func (x *SampleFinding) Check() Problems {
	var p Problems
	requireCode(&p, "finding", "抽查结论", SampleFindings, x.Finding)
	checkText(&p, "note", "情况", &x.Note, 1000)
	if x.Finding == "problem" && x.Note == "" {
		p.Add("note", "请写明发现了什么问题")
	}
	return p
}
