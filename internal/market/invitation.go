package market

import "time"

// InvitationState is where an invitation stands. One that is open ends by itself when its link does.
type InvitationState string

// The states of an invitation.
const (
	InvitationOpen      InvitationState = "open"
	InvitationAccepted  InvitationState = "accepted"
	InvitationDeclined  InvitationState = "declined"
	InvitationWithdrawn InvitationState = "withdrawn"
)

// Invitations is the state machine of an invitation.
var Invitations = Machine[InvitationState]{
	Noun:   "邀请",
	States: []InvitationState{InvitationOpen, InvitationAccepted, InvitationDeclined, InvitationWithdrawn},
	Names: map[InvitationState]string{InvitationOpen: "等待答复", InvitationAccepted: "已接受", InvitationDeclined: "已谢绝",
		InvitationWithdrawn: "已撤回"},
	Rules: []Rule[InvitationState]{
		{"accept", []InvitationState{InvitationOpen}, InvitationAccepted},
		{"decline", []InvitationState{InvitationOpen}, InvitationDeclined},
		{"withdraw", []InvitationState{InvitationOpen}, InvitationWithdrawn},
	},
}

// MaxInvitations is how many invitations of one organisation may be open at once.
const MaxInvitations = 30

// Invitation asks the person with an address to join an organisation.
type Invitation struct {
	ID        int64           `db:"id"`
	OrgID     int64           `db:"org_id"`
	Email     string          `db:"email"`
	Role      Role            `db:"role"`
	State     InvitationState `db:"state"`
	InvitedBy int64           `db:"invited_by"`
	CreatedAt time.Time       `db:"created_at"`
	SentAt    time.Time       `db:"sent_at"` // the newest mail
	ExpiresAt time.Time       `db:"expires_at"`
}
