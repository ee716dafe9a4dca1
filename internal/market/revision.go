package market

import "time"

// RevisionState is where the text of a listing stands that is kept beside it.
type RevisionState string

// The states of a revision.
const (
	RevisionDraft     RevisionState = "draft"
	RevisionInReview  RevisionState = "in_review"
	RevisionPublished RevisionState = "published"
	RevisionReturned  RevisionState = "returned"
	RevisionDiscarded RevisionState = "discarded"
)

// Revisions is the state machine of an edit of a public listing. The public text stays until the edit is published.
var Revisions = Machine[RevisionState]{
	Noun:   "修改",
	States: []RevisionState{RevisionDraft, RevisionInReview, RevisionPublished, RevisionReturned, RevisionDiscarded},
	Names: map[RevisionState]string{RevisionDraft: "还没有提交", RevisionInReview: "审核中", RevisionPublished: "已公开", RevisionReturned: "已退回",
		RevisionDiscarded: "已放弃"},
	Rules: []Rule[RevisionState]{
		{"submit", []RevisionState{RevisionDraft}, RevisionInReview},
		{"recall", []RevisionState{RevisionInReview}, RevisionDraft},
		{"publish", []RevisionState{RevisionInReview}, RevisionPublished},
		{"return", []RevisionState{RevisionInReview}, RevisionReturned},
		{"discard", []RevisionState{RevisionDraft, RevisionInReview}, RevisionDiscarded},
	},
}

// Text is the whole text of a listing: one of a need and a result. It is kept as JSON under the names of the fields, so that
// renaming one needs a migration of what is kept.
type Text struct {
	Need   *Need   `json:"need,omitempty"`
	Result *Result `json:"result,omitempty"`
}

// Listing is the part that needs and results have in common.
func (t Text) Listing() *Listing {
	if t.Need != nil {
		return &t.Need.Listing
	}
	return &t.Result.Listing
}

// Of gives the text to a listing: what the listing is and where it stands is the listing's own.
func (t Text) Of(l Listing) Text {
	give := func(text Listing) Listing {
		own := l
		own.Title, own.Submarket, own.Fields, own.TechField, own.Region, own.Modes = text.Title, text.Submarket, text.Fields, text.TechField, text.Region, text.Modes
		own.HideOrg, own.SecrecyConfirmed, own.ContactName, own.ContactPhone, own.Gated = text.HideOrg, text.SecrecyConfirmed, text.ContactName, text.ContactPhone, text.Gated
		return own
	}
	if t.Need != nil {
		n := *t.Need
		n.Listing = give(n.Listing)
		return Text{Need: &n}
	}
	r := *t.Result
	r.Listing = give(r.Listing)
	return Text{Result: &r}
}

// Revision is a text of a listing at one time: published, sent back, or an edit of what is public.
type Revision struct {
	ID          int64
	ListingID   int64
	Edit        bool // of a listing that was public then
	State       RevisionState
	Text        Text
	Version     int // of the edit, for its form
	WrittenBy   *int64
	Writer      string // name
	Agency      string // that acted for the owner, "" for its own people
	UpdatedAt   time.Time
	SubmittedAt *time.Time
	DecidedAt   *time.Time
	Decider     string // name
	ReturnCodes []string
	ReturnNote  string
}

// Open reports whether the revision is an edit that its owner works on, or that waits: the form shows it instead of the
// public text. One that was sent back is open until it is taken up again or given up.
func (r Revision) Open() bool {
	return r.Edit && (r.State == RevisionDraft || r.State == RevisionInReview || r.State == RevisionReturned)
}
