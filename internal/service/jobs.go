package service

// MatchListings recomputes the suggestions of listings that were published or changed.
type MatchListings struct {
	IDs []int64 `json:"ids"`
}

// Kind names the job in the queue.
func (MatchListings) Kind() string { return "match_listings" }

// RunImport puts the accepted rows of an import into the market, with progress.
type RunImport struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job in the queue.
func (RunImport) Kind() string { return "run_import" }

// PublishImport publishes the submitted listings of an import that a reviewer has passed as a whole.
type PublishImport struct {
	ImportID int64 `json:"import_id"`
	UserID   int64 `json:"user_id"` // the reviewer
}

// Kind names the job in the queue.
func (PublishImport) Kind() string { return "publish_import" }

// ExpireListings takes listings off the shelf whose validity has ended. It runs every hour.
type ExpireListings struct{}

// Kind names the job in the queue.
func (ExpireListings) Kind() string { return "expire_listings" }

// TendInquiries reminds of answers that are due and closes inquiries that nobody answered. It runs every hour.
type TendInquiries struct{}

// Kind names the job in the queue.
func (TendInquiries) Kind() string { return "tend_inquiries" }
