package market

import (
	"slices"
	"time"
)

// ImportState is where a batch of rows from a file stands.
type ImportState string

// The states of an import. A checked one has written nothing yet.
const (
	ImportChecked   ImportState = "checked"
	ImportRunning   ImportState = "running"
	ImportDone      ImportState = "done"
	ImportFailed    ImportState = "failed"
	ImportUndone    ImportState = "undone"
	ImportDiscarded ImportState = "discarded"
)

// Imports is the state machine of an import. Accepting a failed one goes on after its last row.
var Imports = Machine[ImportState]{
	Noun:   "导入",
	States: []ImportState{ImportChecked, ImportRunning, ImportDone, ImportFailed, ImportUndone, ImportDiscarded},
	Names: map[ImportState]string{ImportChecked: "待确认", ImportRunning: "写入中", ImportDone: "已完成", ImportFailed: "写入中断",
		ImportUndone: "已撤销", ImportDiscarded: "已放弃"},
	Rules: []Rule[ImportState]{
		{"accept", []ImportState{ImportChecked, ImportFailed}, ImportRunning},
		{"finish", []ImportState{ImportRunning}, ImportDone},
		{"fail", []ImportState{ImportRunning}, ImportFailed},
		{"discard", []ImportState{ImportChecked}, ImportDiscarded},
		{"undo", []ImportState{ImportDone, ImportFailed}, ImportUndone},
	},
}

// ImportUndoDays is how long after its end an import can be undone as a whole.
const ImportUndoDays = 30

// ImportDecision is what a reviewer said of a batch as a whole, "" while nobody has.
type ImportDecision string

// The decisions.
const (
	BatchPublish ImportDecision = "publish"
	BatchReturn  ImportDecision = "return"
)

// ImportDefaults apply to rows that don't say.
type ImportDefaults struct {
	Submarket    string   `json:"submarket,omitempty"`
	Fields       []string `json:"fields,omitempty"`
	Modes        []string `json:"modes,omitempty"`
	Stage        string   `json:"stage,omitempty"`        // results only
	PriceMethod  string   `json:"price_method,omitempty"` // results only
	Region       string   `json:"region,omitempty"`       // of experts and organisations: where the importer is
	ContactName  string   `json:"contact_name,omitempty"`
	ContactPhone string   `json:"contact_phone,omitempty"`
}

// Check returns what is wrong with the defaults. It tidies them in place.
func (d *ImportDefaults) Check(ref *Reference) Problems {
	l := Listing{Title: "-", Submarket: d.Submarket, Fields: d.Fields, Modes: d.Modes, ContactName: d.ContactName, ContactPhone: d.ContactPhone}
	var p Problems
	l.check(&p, ref)
	d.Fields, d.Modes, d.ContactName, d.ContactPhone = l.Fields, l.Modes, l.ContactName, l.ContactPhone
	if d.Stage != "" {
		if _, ok := StageByCode(d.Stage); !ok {
			p.Add("stage", "请从列表中选择成熟度")
		}
	}
	if d.PriceMethod != "" && PriceMethods.Name(d.PriceMethod) == "" {
		p.Add("price_method", "请从列表中选择价格方式")
	}
	return p
}

// Import is one file on its way into the market.
type Import struct {
	ID         int64
	Kind       Kind
	OrgID      int64  // 0 for a list of the bureau
	Region     string // of a list of the bureau: the reach of who brought it
	UserID     int64  // who brought the file
	AgencyID   int64  // that brought the file for the organisation, 0 for none
	AgencyName string
	FileName   string
	Sheet      string   // the worksheet read, "" for CSV
	Headings   []string // of the file, in its order
	Columns    []string // what each heading was said to be, nil as the reader takes it
	RowsHidden int      // hidden in the file, and not read
	Defaults   ImportDefaults
	State      ImportState

	RowsTotal   int
	RowsValid   int // without problems and without a duplicate
	RowsSimilar int // without problems, perhaps a duplicate
	RowsSame    int // without problems, certainly a duplicate: never written
	RowsGaps    int // of those without problems, those that can be drafts only
	RowsDone    int // of the rows to write, those dealt with
	LastRow     int // the last row dealt with

	Submit     bool // hand the listings in for review
	Similar    bool // write the similar rows too
	Secrecy    bool // 不含国家秘密、工作秘密
	Error      string
	CreatedAt  time.Time
	FinishedAt *time.Time

	Decision    ImportDecision
	DecidedBy   *int64
	DecidedAt   *time.Time
	ReturnCodes []string
	ReturnNote  string
	ReviewedAt  *time.Time // the decision has been carried out

	OrgName   string // joined in when read
	OrgRegion string
	OrgState  OrgState
	UserName  string
}

// RowsBad is how many rows have problems.
func (i Import) RowsBad() int { return i.RowsTotal - i.RowsValid - i.RowsSimilar - i.RowsSame }

// RowsDuplicate is how many rows are, or may be, in the market already.
func (i Import) RowsDuplicate() int { return i.RowsSimilar + i.RowsSame }

// RowsWanted is how many rows are to be written.
func (i Import) RowsWanted() int {
	if i.Similar {
		return i.RowsValid + i.RowsSimilar
	}
	return i.RowsValid
}

// UndoUntil is the last day on which the import can be undone; ok is false while it has not ended.
func (i Import) UndoUntil() (day time.Time, ok bool) {
	if i.FinishedAt == nil || !Imports.Can(i.State, "undo") {
		return time.Time{}, false
	}
	return DateOf(*i.FinishedAt).AddDate(0, 0, ImportUndoDays), true
}

// InReview reports whether the batch waits for a reviewer's decision.
func (i Import) InReview() bool {
	return i.Kind.Valid() && i.State == ImportDone && i.Submit && i.Decision == ""
}

// ProblemGrade says how bad a problem of a row is.
type ProblemGrade string

// The grades.
const (
	GradeWrong ProblemGrade = ""     // the row can't be taken
	GradeGap   ProblemGrade = "gap"  // it can be taken as a draft only
	GradeLook  ProblemGrade = "look" // it can be taken, and should be looked at
)

// ImportProblem is what is wrong with one cell.
type ImportProblem struct {
	Grade   ProblemGrade `json:"grade,omitempty"`
	Field   string       `json:"field"`
	Column  string       `json:"column"` // its heading in the file, or that of the template when the file lacks the column
	Value   string       `json:"value"`  // the beginning of what stands there
	Message string       `json:"message"`
}

// Duplicate says how sure it is that a row is in the market, or earlier in the file, already.
type Duplicate string

// The degrees.
const (
	DuplicateNone    Duplicate = ""
	DuplicateSimilar Duplicate = "similar" // may be another one: written unless the user says no
	DuplicateSame    Duplicate = "same"    // skipped
)

// ImportRow is one row of a file with what the check found.
type ImportRow struct {
	Row          int // as the spreadsheet counts, the first being 1
	Title        string
	Cells        []string
	Problems     []ImportProblem // also what does not keep it from being taken
	Duplicate    Duplicate
	DuplicateBy  string // what is the same, in words
	DuplicateOf  *int64 // a listing, or what the rows of the list are
	DuplicateRow int    // a row of the same file
	ListingID    *int64 // once it is written: the listing, or what the rows of the list are
}

// Valid reports whether the row could be written.
func (r ImportRow) Valid() bool { return !r.has(GradeWrong) }

// Gaps reports whether the row can be written as a draft only.
func (r ImportRow) Gaps() bool { return r.has(GradeGap) }

func (r ImportRow) has(g ProblemGrade) bool {
	return slices.ContainsFunc(r.Problems, func(p ImportProblem) bool { return p.Grade == g })
}

// TitleKey is a title as duplicates are found by: letters, digits and Chinese characters alone, folded.
func TitleKey(title string) string {
	key := make([]rune, 0, len(title))
	for _, r := range title {
		if class := ClassOf(r); class == RuneIdeograph || class == RuneWord {
			key = append(key, FoldRune(r))
		}
	}
	return string(key)
}

// PatentNumbers returns the numbers of the result's patents.
func (r *Result) PatentNumbers() []string {
	var out []string
	for _, ip := range r.IPs {
		if ip.Patent() && ip.Number != "" && !slices.Contains(out, ip.Number) {
			out = append(out, ip.Number)
		}
	}
	return out
}
