package market

import "time"

// DisclosureState is where a request to read the gated part of a listing stands.
type DisclosureState string

// The states of a disclosure.
const (
	DisclosureRequested DisclosureState = "requested"
	DisclosureGranted   DisclosureState = "granted"
	DisclosureRefused   DisclosureState = "refused"
	DisclosureRevoked   DisclosureState = "revoked"
)

// Name returns the state's Chinese name.
func (s DisclosureState) Name() string { return Disclosures.Names[s] }

// Running reports whether the request waits or is granted: as long, the same organisation cannot ask again.
func (s DisclosureState) Running() bool { return s == DisclosureRequested || s == DisclosureGranted }

// Disclosures is the state machine of a disclosure.
var Disclosures = Machine[DisclosureState]{
	Noun:   "查看申请",
	States: []DisclosureState{DisclosureRequested, DisclosureGranted, DisclosureRefused, DisclosureRevoked},
	Names: map[DisclosureState]string{DisclosureRequested: "等待答复", DisclosureGranted: "已开放",
		DisclosureRefused: "已拒绝", DisclosureRevoked: "已撤回"},
	Rules: []Rule[DisclosureState]{
		{"grant", []DisclosureState{DisclosureRequested}, DisclosureGranted},
		{"refuse", []DisclosureState{DisclosureRequested}, DisclosureRefused},
		{"revoke", []DisclosureState{DisclosureGranted}, DisclosureRevoked},
	},
}

// Disclosure is a request of an organisation to read the gated part of a listing of another one, and what became of it.
type Disclosure struct {
	ID          int64           `db:"id"`
	ListingID   int64           `db:"listing_id"`
	OrgID       int64           `db:"org_id"` // who asks
	State       DisclosureState `db:"state"`
	Purpose     string          `db:"purpose"` // why, as the owner reads it
	Reason      string          `db:"reason"`  // of a refusal or a revocation, as the asking organisation reads it
	RequestedAt time.Time       `db:"requested_at"`
	AnsweredAt  *time.Time      `db:"answered_at"` // granted or refused
	RevokedAt   *time.Time      `db:"revoked_at"`
}

// MaxDisclosureText is the length of a purpose or a reason in characters.
const MaxDisclosureText = 500

// CheckPurpose returns what is wrong with the purpose of a request, as the field purpose, and tidies it in place.
func CheckPurpose(purpose *string) Problems {
	var p Problems
	checkText(&p, "purpose", "用途", purpose, MaxDisclosureText)
	if RuneLen(*purpose) < 10 {
		p.Add("purpose", "请写明想看什么、用在哪里，至少 10 个字")
	}
	return p
}

// CheckDisclosureReason returns what is wrong with the reason of a refusal or a revocation, as the field reason, and
// tidies it in place.
func CheckDisclosureReason(reason *string) Problems {
	var p Problems
	checkText(&p, "reason", "理由", reason, MaxDisclosureText)
	if *reason == "" {
		p.Add("reason", "请写明理由，对方会看到")
	}
	return p
}

// Pledge is a version of the 保密承诺 that a person accepts before reading what is gated.
type Pledge struct {
	Version   string    `db:"version"`
	ValidFrom time.Time `db:"valid_from"`
	Body      string    `db:"body"` // paragraphs, one a line
}
