package service

import (
	"github.com/riverqueue/river"

	"techmarket/internal/market"
)

// MatchListings recomputes the suggestions of listings that were published or changed.
type MatchListings struct {
	IDs []int64 `json:"ids"`
}

// Kind names the job in the queue.
func (MatchListings) Kind() string { return "match_listings" }

// importTries is how often the writing of an import is tried before its people are told that it stopped.
const importTries = 5

// RunImport puts the accepted rows of an import into the market, with progress.
type RunImport struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job in the queue.
func (RunImport) Kind() string { return "run_import" }

// InsertOpts limits the tries.
func (RunImport) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: importTries} }

// ReviewImport carries out what a reviewer has decided of the listings of an import as a whole.
type ReviewImport struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job in the queue.
func (ReviewImport) Kind() string { return "review_import" }

// MailQueue is the queue of mail: a letter does not wait for matching or imports.
const MailQueue = "mail"

// mailTries is how often a letter is tried; with the queue's pauses that is about four hours.
const mailTries = 10

// SendMail sends a letter.
type SendMail struct {
	market.Letter
}

// Kind names the job in the queue.
func (SendMail) Kind() string { return "send_mail" }

// InsertOpts chooses the queue and limits the tries.
func (SendMail) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: MailQueue, MaxAttempts: mailTries}
}

// ExpireListings takes listings off the shelf whose validity has ended. It runs every hour.
type ExpireListings struct{}

// Kind names the job in the queue.
func (ExpireListings) Kind() string { return "expire_listings" }

// RemindListings tells owners of published listings that their validity ends. It runs every hour.
type RemindListings struct{}

// Kind names the job in the queue.
func (RemindListings) Kind() string { return "remind_listings" }

// AlertSearches holds saved searches against what has changed, and tells people what these and the matching have found. It runs
// every minute.
type AlertSearches struct{}

// Kind names the job in the queue.
func (AlertSearches) Kind() string { return "alert_searches" }

// EndMandates ends mandates whose last day is over. It runs every hour.
type EndMandates struct{}

// Kind names the job in the queue.
func (EndMandates) Kind() string { return "end_mandates" }

// TendInquiries reminds of answers that are due and closes inquiries that nobody answered. It runs every hour.
type TendInquiries struct{}

// Kind names the job in the queue.
func (TendInquiries) Kind() string { return "tend_inquiries" }

// TidySignIns drops sign-ins that are over. It runs every hour.
type TidySignIns struct{}

// Kind names the job in the queue.
func (TidySignIns) Kind() string { return "tidy_sign_ins" }
