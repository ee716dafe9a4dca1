package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

const inquiryColumns = `i.id, i.number, i.listing_id, i.other_listing_id, i.from_org, i.to_org, i.state, i.turn_org, i.due_on, i.reminded,
	i.decline_reason, i.version, i.created_at, i.updated_at, l.title, l.kind AS listing_kind`

// inquiryVisible is the access rule of an inquiry i: $1 is the actor's organisation, $2 its reach as a reviewer or
// auditor: either party lies there. Only the two parties write. An agency stands for its client only within the scope.
var inquiryVisible = `(i.from_org = $1 OR i.to_org = $1 OR ` + partyReached(`i.from_org`) + ` OR ` + partyReached(`i.to_org`) + `)`

// partyReached tells that an organisation lies within the reach $2.
func partyReached(org string) string {
	return inReach(`$2`, `(SELECT x.region FROM orgs x WHERE x.id = `+org+`)`)
}

// inquiryAccepted tells whether the receiver took the inquiry up. From then on both sides know each other's names and
// contacts.
const inquiryAccepted = `EXISTS (SELECT 1 FROM inquiry_messages x
	WHERE x.inquiry_id = i.id AND x.org_id = i.to_org AND x.answer IN ('interested', 'more'))`

// inquiryHidden tells that the receiver's name is kept from the reader: it posted without its name and has not taken
// the inquiry up.
var inquiryHidden = `(l.hide_org AND i.to_org <> $1 AND NOT ` + partyReached(`i.to_org`) + ` AND NOT ` + inquiryAccepted + `)`

// Inquiry is an inquiry as the actor may see it. Where the receiver's name is hidden, ToName is empty and its id is 0.
type Inquiry struct {
	market.Inquiry
	FromName   string         `db:"from_name"`
	ToName     string         `db:"to_name"`
	ToType     market.OrgType `db:"to_type"`
	ToHidden   bool           `db:"to_hidden"`
	ToUnnamed  bool           `db:"to_unnamed"` // posted without its name, whoever reads
	Submarket  string         `db:"submarket"`
	Accepted   bool           `db:"accepted"` // the receiver took the inquiry up
	OtherTitle string         `db:"other_title"`
	OtherKind  market.Kind    `db:"other_kind"`
	Agreed     int            `db:"agreed"` // terms agreed to, of six
	LastAt     time.Time      `db:"last_at"`
	DealID     *int64         `db:"deal_id"`
	DealNumber string         `db:"deal_number"`
	// Where the deal stands, its living contract and why it fell through; empty when there is none.
	DealState    market.DealState `db:"deal_state"`
	DealContract *int64           `db:"deal_contract"`
	FallReason   string           `db:"fall_reason"`

	FromHalted bool `db:"from_halted"` // the organisation is suspended: nothing goes on, and the clock stands still
	ToHalted   bool `db:"to_halted"`
}

var inquiryView = `SELECT ` + inquiryColumns + `, f.name AS from_name, t.type AS to_type, coalesce(l.submarket, '') AS submarket,
		` + inquiryHidden + ` AS to_hidden, l.hide_org AS to_unnamed, CASE WHEN ` + inquiryHidden + ` THEN '' ELSE t.name END AS to_name,
		` + inquiryAccepted + ` AS accepted, coalesce(o.title, '') AS other_title, coalesce(o.kind, '') AS other_kind,
		(SELECT count(*) FROM (SELECT DISTINCT ON (x.term) x.agreed_at FROM inquiry_terms x WHERE x.inquiry_id = i.id ORDER BY x.term, x.id DESC) c
			WHERE c.agreed_at IS NOT NULL) AS agreed,
		(SELECT max(x.at) FROM inquiry_messages x WHERE x.inquiry_id = i.id) AS last_at,
		d.id AS deal_id, coalesce(d.number, '') AS deal_number, coalesce(d.state, '') AS deal_state,
		(SELECT c.id FROM contracts c WHERE c.deal_id = d.id AND ` + contractLiving + `) AS deal_contract, coalesce(d.fall_reason, '') AS fall_reason,
		f.state = 'suspended' AS from_halted, t.state = 'suspended' AS to_halted
	FROM inquiries i JOIN listings l ON l.id = i.listing_id JOIN orgs f ON f.id = i.from_org JOIN orgs t ON t.id = i.to_org
	LEFT JOIN listings o ON o.id = i.other_listing_id LEFT JOIN deals d ON d.inquiry_id = i.id `

// hide drops the ids that would tell who the receiver is.
func (i *Inquiry) hide() {
	if !i.ToHidden {
		return
	}
	if i.TurnOrg != nil && *i.TurnOrg == i.ToOrg {
		*i.TurnOrg = 0
	}
	i.ToOrg = 0
}

// Inquiry returns an inquiry to its parties, auditors, and the reviewers of a party's county.
func (r Queries) Inquiry(ctx context.Context, a market.Actor, id int64) (Inquiry, error) {
	var i Inquiry
	err := r.get(ctx, &i, inquiryView+`WHERE i.id = $3 AND `+inquiryVisible, a.OrgFor(market.ScopeNegotiate), reviewReach(a), id)
	i.hide()
	return i, err
}

// InquiryTab is one of the four lists of an organisation's inquiries.
type InquiryTab string

// The lists.
const (
	InquiryTodo    InquiryTab = "todo"    // the organisation has to answer
	InquiryWaiting InquiryTab = "waiting" // the other party has to answer
	InquiryAgreed  InquiryTab = "agreed"
	InquiryEnded   InquiryTab = "ended" // declined or lapsed
)

// inquiryTabs holds for each list what belongs to it and its order.
var inquiryTabs = map[InquiryTab]struct{ where, order string }{
	InquiryTodo:    {`i.turn_org = $1`, `i.due_on, i.id`},
	InquiryWaiting: {`i.turn_org <> $1`, `i.due_on, i.id`},
	InquiryAgreed:  {`i.state = 'agreed'`, `i.updated_at DESC, i.id DESC`},
	InquiryEnded:   {`i.state IN ('declined', 'lapsed')`, `i.updated_at DESC, i.id DESC`},
}

// InquiryCounts is how many inquiries each list of the actor's organisation has.
type InquiryCounts struct {
	Todo    int `db:"todo"`
	Waiting int `db:"waiting"`
	Agreed  int `db:"agreed"`
	Ended   int `db:"ended"`
}

// Of is the count of one list.
func (n InquiryCounts) Of(tab InquiryTab) int {
	return map[InquiryTab]int{InquiryTodo: n.Todo, InquiryWaiting: n.Waiting, InquiryAgreed: n.Agreed, InquiryEnded: n.Ended}[tab]
}

// Inquiries lists the inquiries that the actor's organisation sent or received, those due first, with the counts of all
// lists. A tab that there is not is market.ErrNotFound.
func (r Queries) Inquiries(ctx context.Context, a market.Actor, tab InquiryTab, page Slice) ([]Inquiry, InquiryCounts, error) {
	var n InquiryCounts
	list, ok := inquiryTabs[tab]
	if !ok {
		return nil, n, market.ErrNotFound
	}
	err := r.get(ctx, &n, `SELECT count(*) FILTER (WHERE i.turn_org = $1) AS todo, count(*) FILTER (WHERE i.turn_org <> $1) AS waiting,
			count(*) FILTER (WHERE i.state = 'agreed') AS agreed, count(*) FILTER (WHERE i.state IN ('declined', 'lapsed')) AS ended
		FROM inquiries i WHERE i.from_org = $1 OR i.to_org = $1`, a.OrgFor(market.ScopeNegotiate))
	if err != nil {
		return nil, n, err
	}
	var out []Inquiry
	err = r.all(ctx, &out, inquiryView+`WHERE (i.from_org = $1 OR i.to_org = $1) AND `+list.where+`
		ORDER BY `+list.order+` LIMIT $3 OFFSET $4`, a.OrgFor(market.ScopeNegotiate), "", page.Limit, page.Offset)
	for n := range out {
		out[n].hide()
	}
	return out, n, err
}

// InquiryMessage is one message of an inquiry. UserName is empty as long as the sides do not know each other's names.
type InquiryMessage struct {
	ID       int64     `db:"id"`
	FromSide bool      `db:"from_side"` // by the organisation that opened the inquiry
	UserName string    `db:"user_name"`
	On       string    `db:"-"`      // the stamp of an agency, empty with UserName
	Answer   string    `db:"answer"` // code, "" for the opening
	Body     string    `db:"body"`
	At       time.Time `db:"at"`
}

// InquiryMessages returns the messages of an inquiry that the actor may see, oldest first.
func (r Queries) InquiryMessages(ctx context.Context, a market.Actor, id int64) ([]InquiryMessage, error) {
	var rows []struct {
		InquiryMessage
		OrgName    string `db:"org_name"`
		AgencyName string `db:"agency_name"`
	}
	err := r.all(ctx, &rows, `SELECT m.id, m.org_id = i.from_org AS from_side, m.answer, m.body, m.at,
			CASE WHEN m.org_id = $1 OR `+partyReached(`m.org_id`)+` OR `+inquiryAccepted+` THEN u.name ELSE '' END AS user_name, o.name AS org_name, coalesce(g.name, '') AS agency_name
		FROM inquiry_messages m JOIN inquiries i ON i.id = m.inquiry_id JOIN users u ON u.id = m.user_id JOIN orgs o ON o.id = m.org_id
		LEFT JOIN orgs g ON g.id = m.agency_id
		WHERE i.id = $3 AND `+inquiryVisible+` ORDER BY m.id`, a.OrgFor(market.ScopeNegotiate), reviewReach(a), id)
	out := make([]InquiryMessage, len(rows))
	for n, row := range rows {
		out[n] = row.InquiryMessage
		if row.AgencyName != "" && row.UserName != "" {
			out[n].On = market.OnBehalf(row.AgencyName, row.OrgName)
		}
	}
	return out, err
}

// InquiryTerm is the newest proposal of a term, with the sum of the one before.
type InquiryTerm struct {
	market.InquiryTerm
	PreviousAmount decimal.NullDecimal `db:"previous_amount"`
}

const termColumns = `DISTINCT ON (t.term) t.id, t.inquiry_id, t.term, t.value, t.amount, t.proposed_org, t.proposed_by, t.proposed_at, t.agreed_by, t.agreed_at`

// InquiryTerms returns the newest proposal of each term of an inquiry that the actor may see.
func (r Queries) InquiryTerms(ctx context.Context, a market.Actor, id int64) ([]InquiryTerm, error) {
	var out []InquiryTerm
	err := r.all(ctx, &out, `SELECT `+termColumns+`, lag(t.amount) OVER (PARTITION BY t.term ORDER BY t.id) AS previous_amount
		FROM inquiry_terms t JOIN inquiries i ON i.id = t.inquiry_id
		WHERE i.id = $3 AND `+inquiryVisible+` ORDER BY t.term, t.id DESC`, a.OrgFor(market.ScopeNegotiate), reviewReach(a), id)
	return out, err
}

// Contact is how to reach the other party.
type Contact struct {
	Name  string `db:"name"`
	Phone string `db:"phone"`
}

// InquiryContact returns the other party's contact: that of its listing, else the person who wrote last. It is
// market.ErrNotFound for everybody but the two parties, before the receiver took the inquiry up, and after the talks
// ended without a deal.
func (r Queries) InquiryContact(ctx context.Context, a market.Actor, id int64) (Contact, error) {
	var c Contact
	err := r.get(ctx, &c, `SELECT coalesce(nullif(l.contact_name, ''), u.name) AS name,
			CASE WHEN l.contact_name <> '' OR l.contact_phone <> '' THEN l.contact_phone ELSE u.phone END AS phone
		FROM inquiries i
		LEFT JOIN listings l ON l.id = CASE WHEN i.from_org = $1 THEN i.listing_id ELSE i.other_listing_id END
		JOIN LATERAL (SELECT p.name, p.phone FROM inquiry_messages m JOIN users p ON p.id = m.user_id
			WHERE m.inquiry_id = i.id AND m.org_id <> $1 ORDER BY m.id DESC LIMIT 1) u ON true
		WHERE i.id = $2 AND (i.from_org = $1 OR i.to_org = $1) AND i.state NOT IN ('declined', 'lapsed') AND `+inquiryAccepted, a.OrgFor(market.ScopeNegotiate), id)
	return c, err
}

// RunningInquiry returns the inquiry that the actor's organisation has under way with the owner of a listing about
// that listing, whichever of the two opened it.
func (r Queries) RunningInquiry(ctx context.Context, a market.Actor, listingID int64) (int64, error) {
	var id int64
	err := r.get(ctx, &id, `SELECT i.id FROM inquiries i WHERE (i.listing_id = $2 OR i.other_listing_id = $2)
		AND (i.from_org = $1 OR i.to_org = $1) AND i.turn_org IS NOT NULL ORDER BY i.id LIMIT 1`, a.OrgFor(market.ScopeNegotiate), listingID)
	return id, err
}

// RunningInquiries lists the inquiries that an organisation has under way, for telling its partners.
func (r Queries) RunningInquiries(ctx context.Context, orgID int64) ([]market.Inquiry, error) {
	var out []market.Inquiry
	err := r.all(ctx, &out, `SELECT `+inquiryColumns+` FROM inquiries i JOIN listings l ON l.id = i.listing_id
		WHERE (i.from_org = $1 OR i.to_org = $1) AND i.turn_org IS NOT NULL ORDER BY i.id`, orgID)
	return out, err
}

// Offer is a listing of the actor's own that can stand beside one of another party. Strength is that of their match,
// "" when none was found.
type Offer struct {
	ID       int64  `db:"id"`
	Number   string `db:"number"`
	Title    string `db:"title"`
	HideOrg  bool   `db:"hide_org"`
	Strength string `db:"strength"`
}

// Offers lists the published listings of the actor's organisation of that kind, those that fit listing best first.
func (r Queries) Offers(ctx context.Context, a market.Actor, kind market.Kind, listingID int64, limit int) ([]Offer, error) {
	var out []Offer
	err := r.all(ctx, &out, `SELECT l.id, l.number, l.title, l.hide_org, coalesce(m.strength, '') AS strength
		FROM listings l LEFT JOIN matches m ON m.need_id = CASE WHEN l.kind = 'need' THEN l.id ELSE $3 END
			AND m.result_id = CASE WHEN l.kind = 'need' THEN $3 ELSE l.id END
		WHERE l.org_id = $1 AND l.kind = $2 AND l.state = 'published' ORDER BY m.score DESC NULLS LAST, l.id DESC LIMIT $4`,
		a.OrgID, kind, listingID, limit)
	return out, err
}

// PairMatch returns why a need and a result fit; one of the two belongs to the actor's organisation.
func (r Queries) PairMatch(ctx context.Context, a market.Actor, needID, resultID int64) (Match, error) {
	found := make([]Match, 1)
	err := r.get(ctx, &found[0], `SELECT m.id, m.need_id, m.result_id, m.score, m.strength, m.reasons, m.terms, m.computed_at, k.useful
		FROM matches m JOIN listings n ON n.id = m.need_id JOIN listings s ON s.id = m.result_id
		LEFT JOIN match_marks k ON k.match_id = m.id AND k.org_id = $1
		WHERE m.need_id = $2 AND m.result_id = $3 AND (n.org_id = $1 OR s.org_id = $1)`, a.OrgID, needID, resultID)
	if err != nil {
		return Match{}, err
	}
	return found[0], readReasons(found)
}

// DueInquiries returns running inquiries that need a reminder or have to be closed: due up to soon and not reminded
// yet, due before today and not told so, or due up to lapse. Those due longest come first. While a party is suspended
// the clock stands still.
func (r Queries) DueInquiries(ctx context.Context, soon, today, lapse time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT id FROM inquiries WHERE state IN ('open', 'answered', 'negotiating')
		AND NOT EXISTS (SELECT 1 FROM orgs o WHERE o.id IN (from_org, to_org) AND o.state = 'suspended')
		AND ((due_on <= $1 AND reminded = '') OR (due_on < $2 AND reminded <> 'late') OR due_on <= $3)
		ORDER BY due_on, id LIMIT $4`, soon, today, lapse, limit)
	return ids, err
}

const lockInquiry = `SELECT ` + inquiryColumns + ` FROM inquiries i JOIN listings l ON l.id = i.listing_id `

// LockInquiry locks an inquiry for an act of one of its parties.
func (t *Tx) LockInquiry(ctx context.Context, a market.Actor, id int64) (market.Inquiry, error) {
	var i market.Inquiry
	err := t.get(ctx, &i, lockInquiry+`WHERE i.id = $2 AND (i.from_org = $1 OR i.to_org = $1) FOR UPDATE OF i`, a.OrgFor(market.ScopeNegotiate), id)
	return i, err
}

// LockAnyInquiry locks an inquiry for the market's own work.
func (t *Tx) LockAnyInquiry(ctx context.Context, id int64) (market.Inquiry, error) {
	var i market.Inquiry
	err := t.get(ctx, &i, lockInquiry+`WHERE i.id = $1 FOR UPDATE OF i`, id)
	return i, err
}

// LockVerifiedOrg keeps an organisation as it is until the transaction ends and reports whether it is verified.
func (t *Tx) LockVerifiedOrg(ctx context.Context, id int64) (bool, error) {
	var state market.OrgState
	err := t.get(ctx, &state, `SELECT state FROM orgs WHERE id = $1 FOR SHARE`, id)
	return state == market.OrgVerified, err
}

// CreateInquiry adds an open inquiry with its first message.
func (t *Tx) CreateInquiry(ctx context.Context, a market.Actor, i market.Inquiry, body string, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO inquiries (number, listing_id, other_listing_id, from_org, to_org, state, turn_org, due_on, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $9) RETURNING id`,
		i.Number, i.ListingID, i.OtherListingID, i.FromOrg, i.ToOrg, i.TurnOrg, i.DueOn, a.UserID, at)
	if err != nil {
		return 0, err
	}
	return id, t.AddInquiryMessage(ctx, a, id, "", body, at)
}

// AddInquiryMessage appends a message of the actor's organisation.
func (t *Tx) AddInquiryMessage(ctx context.Context, a market.Actor, id int64, answer, body string, at time.Time) error {
	return t.exec(ctx, `INSERT INTO inquiry_messages (inquiry_id, org_id, agency_id, user_id, answer, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, a.OrgID, optionalID(a.AgencyID), a.UserID, answer, body, at)
}

// InquiryMove is a change of an inquiry and of whose turn it is; TurnOrg and DueOn are nil when it has ended.
type InquiryMove struct {
	ID            int64
	Version       int
	From, To      market.InquiryState
	TurnOrg       *int64
	DueOn         *time.Time
	DeclineReason string
	At            time.Time
}

// MoveInquiry changes the inquiry if it is still in the state and version that were read.
func (t *Tx) MoveInquiry(ctx context.Context, m InquiryMove) error {
	return t.execOne(ctx, `UPDATE inquiries SET state = $4, version = version + 1, updated_at = $5, decline_reason = $6, turn_org = $7, due_on = $8,
			reminded = CASE WHEN turn_org = $7 AND due_on = $8 THEN reminded ELSE '' END
		WHERE id = $1 AND version = $2 AND state = $3`, m.ID, m.Version, m.From, m.To, m.At, m.DeclineReason, m.TurnOrg, m.DueOn)
}

// RestartClocks gives the inquiries that an organisation has under way a new day of answer, unless the other party is
// suspended still. One that somebody acts on at this moment is left alone: its act sets the day.
func (t *Tx) RestartClocks(ctx context.Context, orgID int64, due time.Time) error {
	return t.exec(ctx, `UPDATE inquiries SET due_on = $2, reminded = '' WHERE id IN (SELECT i.id FROM inquiries i
		WHERE (i.from_org = $1 OR i.to_org = $1) AND i.turn_org IS NOT NULL AND i.due_on < $2
			AND NOT EXISTS (SELECT 1 FROM orgs o WHERE o.id IN (i.from_org, i.to_org) AND o.id <> $1 AND o.state = 'suspended')
		FOR UPDATE SKIP LOCKED)`, orgID, due)
}

// SetReminded notes the reminder that was sent of the answer that is due.
func (t *Tx) SetReminded(ctx context.Context, id int64, step market.ClockStep) error {
	return t.execOne(ctx, `UPDATE inquiries SET reminded = $2 WHERE id = $1 AND reminded <> $2`, id, step)
}

// CurrentTerms returns the newest proposal of each term. The caller has locked the inquiry.
func (t *Tx) CurrentTerms(ctx context.Context, inquiryID int64) ([]market.InquiryTerm, error) {
	var out []market.InquiryTerm
	err := t.all(ctx, &out, `SELECT `+termColumns+` FROM inquiry_terms t WHERE t.inquiry_id = $1 ORDER BY t.term, t.id DESC`, inquiryID)
	return out, err
}

// AddTerm puts a proposal of the actor's organisation on the table.
func (t *Tx) AddTerm(ctx context.Context, a market.Actor, term market.InquiryTerm, at time.Time) error {
	return t.exec(ctx, `INSERT INTO inquiry_terms (inquiry_id, term, value, amount, proposed_org, proposed_by, proposed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, term.InquiryID, term.Term, term.Value, term.Amount, a.OrgID, a.UserID, at)
}

// AgreeTerm stores the actor's consent to a proposal of the other party that is still the newest of its term.
func (t *Tx) AgreeTerm(ctx context.Context, a market.Actor, termID int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE inquiry_terms t SET agreed_by = $3, agreed_at = $4
		WHERE t.id = $1 AND t.agreed_at IS NULL AND t.proposed_org <> $2
			AND NOT EXISTS (SELECT 1 FROM inquiry_terms n WHERE n.inquiry_id = t.inquiry_id AND n.term = t.term AND n.id > t.id)`,
		termID, a.OrgID, a.UserID, at)
}

// CreateDeal adds a deal.
func (t *Tx) CreateDeal(ctx context.Context, d market.Deal) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO deals (number, inquiry_id, challenge_id, need_id, result_id, trade_mode, seller_org, buyer_org, state, title, kind,
			indicators, period, price, payment, acceptance, agreed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id`,
		d.Number, d.InquiryID, d.ChallengeID, d.NeedID, d.ResultID, d.TradeMode, d.SellerOrg, d.BuyerOrg, d.State, d.Title, d.Kind,
		d.Indicators, d.Period, d.Price, d.Payment, d.Acceptance, d.AgreedAt)
	return id, err
}
