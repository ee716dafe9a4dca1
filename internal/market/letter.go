package market

import "time"

// LetterKind names what a mail is about; its words stand in internal/mail/letters under that name.
type LetterKind string

// The letters.
const (
	LetterConfirm  LetterKind = "confirm"  // to confirm the address of a new account
	LetterAddress  LetterKind = "address"  // to confirm the address an account moves to
	LetterMoved    LetterKind = "moved"    // to the address that an account has left
	LetterReset    LetterKind = "reset"    // to set a new password
	LetterPassword LetterKind = "password" // the password was changed
	LetterSecond   LetterKind = "second"   // the second factor was set, renewed or taken away
	LetterClosed   LetterKind = "closed"   // the account was closed
	LetterInvite   LetterKind = "invite"   // to join an organisation
	LetterRenew    LetterKind = "renew"    // what is published ends soon: to renew it
	LetterStart    LetterKind = "start"    // an administrator has made an account: to set its first password
	LetterAccount  LetterKind = "account"  // an administrator has changed the account
	LetterJudge    LetterKind = "judge"    // to judge a challenge
	LetterOutcome  LetterKind = "outcome"  // how a proposal fared
	LetterAlert    LetterKind = "alert"    // what saved searches and matching have newly found
)

// Letters lists every kind.
var Letters = []LetterKind{LetterConfirm, LetterAddress, LetterMoved, LetterReset, LetterPassword, LetterSecond, LetterClosed, LetterInvite, LetterRenew, LetterStart,
	LetterAccount, LetterJudge, LetterOutcome, LetterAlert}

// Letter is a mail to one person. It waits as a job in the database, so it holds no secret: a one-time link is named by
// its id and gets its secret when the letter is sent.
type Letter struct {
	Kind   LetterKind `json:"kind"`
	To     string     `json:"to"`
	Name   string     `json:"name,omitempty"` // who is addressed
	By     string     `json:"by,omitempty"`   // who caused it
	Org    string     `json:"org,omitempty"`  // the organisation it is about
	Role   string     `json:"role,omitempty"` // the part somebody has or is to have in it
	Note   string     `json:"note,omitempty"` // what else the words need
	Reason string     `json:"reason,omitempty"`
	At     time.Time  `json:"at"`             // when it happened, or until when the link is good
	Path   string     `json:"path,omitempty"` // the page it leads to, when it has no one-time link
	LinkID int64      `json:"link_id,omitempty"`

	Sections []LetterSection `json:"sections,omitempty"`
}

// LetterSection is a list of pages under a heading.
type LetterSection struct {
	Title string       `json:"title"`
	Items []LetterItem `json:"items"`
}

// LetterItem is a page that a letter names beside the one it leads to.
type LetterItem struct {
	Text string `json:"text"`
	Path string `json:"path"`
}
