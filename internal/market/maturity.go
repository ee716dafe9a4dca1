package market

import "slices"

// Stage is a step of 技术成熟度 in plain words. TRLMin and TRLMax are the technology readiness levels, 1 to 9, that it
// stands for unless the owner states others.
type Stage struct {
	Code   string
	Name   string
	Step   int // 1 to 5
	TRLMin int
	TRLMax int
}

var stages = []Stage{
	{"rd", "研发", 1, 1, 3},
	{"lab", "小试", 2, 4, 4},
	{"sample", "样品", 3, 5, 6},
	{"pilot", "中试", 4, 6, 7},
	{"mass", "量产", 5, 8, 9},
}

// Stages returns the five stages from the earliest to the latest.
func Stages() []Stage { return slices.Clone(stages) }

// StageByCode returns the stage of the code. ok is false when there is none.
func StageByCode(code string) (stage Stage, ok bool) {
	for _, s := range stages {
		if s.Code == code {
			return s, true
		}
	}
	return Stage{}, false
}

// StageName is the name of a stage, "" when there is none such.
func StageName(code string) string {
	stage, _ := StageByCode(code)
	return stage.Name
}
