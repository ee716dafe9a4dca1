package view

import (
	"fmt"
	"time"

	"techmarket/internal/market"
)

// Segment is a piece of text that is, or is not, a hit of the search.
type Segment struct {
	Text string
	Hit  bool
}

// Marked is a text with its hits.
type Marked []Segment

// Plain is a text without hits.
func Plain(text string) Marked { return Marked{{Text: text}} }

// String is the text without marks.
func (m Marked) String() string {
	text := ""
	for _, segment := range m {
		text += segment.Text
	}
	return text
}

// FileItem is a picture or a file of a listing.
type FileItem struct {
	Label         string // the alternative text of a picture
	Href          string
	Small         string // address of the thumbnail of a public picture
	Width, Height int    // of that picture in full
	Use           string // for whom it is
	Gated         bool
	Facts         string // name, pages and size
}

// Shift is an indicator of a need: now → wanted. Now may be empty.
type Shift struct {
	Name   string
	Now    string
	Target string
	Unit   string
}

// Stage is how far a result has come.
type Stage struct {
	Step  int // 1 to 5
	Label string
	TRL   string // such as 6～7
}

// NewStage describes step 1 to 5 with its range of TRL; with 0 for both the
// usual range of the step is shown.
func NewStage(step, trlMin, trlMax int) Stage {
	stages := market.Stages()
	stage := stages[min(max(step, 1), len(stages))-1]
	if trlMin == 0 {
		trlMin, trlMax = stage.TRLMin, stage.TRLMax
	}
	return Stage{Step: stage.Step, Label: stage.Name, TRL: interval(trlMin, trlMax)}
}

// interval is 4, or 6～7.
func interval(low, high int) string {
	if low == high {
		return Num(low)
	}
	return Num(low) + "～" + Num(high)
}

// StageStep is one of the five in a list.
type StageStep struct {
	Label   string
	TRL     string
	On      bool
	Current bool
}

// Steps lists all five.
func (s Stage) Steps() []StageStep {
	var steps []StageStep
	for _, stage := range market.Stages() {
		steps = append(steps, StageStep{
			Label:   stage.Name,
			TRL:     interval(stage.TRLMin, stage.TRLMax),
			On:      stage.Step <= s.Step,
			Current: stage.Step == s.Step,
		})
	}
	return steps
}

// Verified tells whether a claim was checked, in words.
type Verified struct {
	OK   bool
	Text string
}

// VerifiedOrg is the mark of an organisation in a list.
func VerifiedOrg(ok bool) Verified {
	if ok {
		return Verified{OK: true, Text: "单位已核验"}
	}
	return Verified{Text: "单位未核验"}
}

// VerifiedOn is the mark with the day of the check.
func VerifiedOn(day time.Time) Verified {
	return Verified{OK: true, Text: Date(day) + " 核验"}
}

// Fresh tells when a listing was last confirmed.
type Fresh struct {
	Text  string
	Stale bool
}

const staleAfter = 90 * 24 * time.Hour

// NewFresh words the age of a confirmation; after 90 days it is stale.
func NewFresh(now, confirmed time.Time) Fresh {
	if now.Sub(confirmed) <= staleAfter {
		return Fresh{Text: day(now, confirmed) + "确认有效"}
	}
	return Fresh{Text: fmt.Sprintf("%d 个月前确认，待更新", monthsBetween(confirmed, now)), Stale: true}
}

// Published words the day of publication.
func Published(now, at time.Time) Fresh {
	return Fresh{Text: day(now, at) + "发布"}
}

// Party is an organisation's name in a card. Href is empty for a hidden name.
type Party struct {
	Name     string
	Href     string
	Verified Verified
	Demo     bool // invented
}

// NeedCard is a need in a list, a match or a preview.
type NeedCard struct {
	ID      string // unique on the page
	Href    string
	Title   Marked
	Summary Marked   // empty in compact lists
	Fields  []string // names of the fields
	Place   string
	Badge   *Badge // at most one, such as 还剩 8 天
	Fresh   Fresh
	Shift   *Shift
	Shifts  int // how many indicators there are in all
	Budget  MoneyText
	Due     string // date, or a word
	Org     Party
	Live    bool // the preview beside the form: its title follows the input
}

// ResultCard is a result in a list, a match or a preview.
type ResultCard struct {
	ID      string
	Href    string
	Title   Marked
	Summary Marked
	Fields  []string
	Place   string
	Badge   *Badge
	Fresh   Fresh
	Stage   Stage
	Mode    Badge
	Price   MoneyText
	IP      string // such as 专利 3 项
	Org     Party
	Live    bool
}

// Strength is how well a need and a result fit; never a percentage.
type Strength int

const (
	StrengthFair   Strength = 1
	StrengthGood   Strength = 2
	StrengthStrong Strength = 3
)

// Label is the word for it.
func (s Strength) Label() string {
	switch s {
	case StrengthStrong:
		return "匹配强"
	case StrengthGood:
		return "匹配较强"
	default:
		return "匹配一般"
	}
}

// On reports whether bar 1, 2 or 3 is filled.
func (s Strength) On(bar int) bool { return bar <= int(s) }

// Match is a suggestion with its reasons.
type Match struct {
	ID       string
	Strength Strength
	Title    string
	Href     string
	Meta     string // organisation, stage, price
	OK       []string
	No       []string // what does not fit
	Terms    []string
	Actions  []Action
	Said     string // what this person said of it, empty when nothing
}

// OrgCard is an organisation: no telephone, no contact.
type OrgCard struct {
	Mono     string
	Name     string
	Href     string
	Verified Verified
	Demo     bool // invented
	Facts    []Fact
}

// Gate names what is behind it, and what this reader may do about it.
type Gate struct {
	Text    string   // whose consent is needed
	Items   []string // titles with type and pages
	Terms   string   // pledge version, watermark, log
	State   *State   // nil when one may apply
	Reason  string   // of a refusal or a withdrawal
	Actions []Action
	Note    string // beside the action
}
