package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// challengeRow is the challenges table as stored.
type challengeRow struct {
	ID               int64                 `db:"id"`
	Number           string                `db:"number"`
	OrgID            int64                 `db:"org_id"`
	NeedID           *int64                `db:"need_id"`
	State            market.ChallengeState `db:"state"`
	Title            string                `db:"title"`
	Submarket        *string               `db:"submarket"`
	Fields           stringArray           `db:"fields"`
	Problem          string                `db:"problem"`
	Requirements     string                `db:"requirements"`
	Award            decimal.NullDecimal   `db:"award"`
	Payment          string                `db:"payment"`
	ContractKind     *string               `db:"contract_kind"`
	Awards           int                   `db:"awards"`
	Deadline         *time.Time            `db:"deadline"`
	SecrecyConfirmed bool                  `db:"secrecy_confirmed"`
	ContactName      string                `db:"contact_name"`
	ContactPhone     string                `db:"contact_phone"`
	SubmittedAt      *time.Time            `db:"submitted_at"`
	PublishedAt      *time.Time            `db:"published_at"`
	OpenedAt         *time.Time            `db:"opened_at"`
	PublicityUntil   *time.Time            `db:"publicity_until"`
	Outcome          string                `db:"outcome"`
	Official         string                `db:"official"`
	ReturnCodes      stringArray           `db:"return_codes"`
	ReturnNote       string                `db:"return_note"`
	Version          int                   `db:"version"`
}

const challengeColumns = `c.id, c.number, c.org_id, c.need_id, c.state, c.title, c.submarket, c.fields, c.problem, c.requirements, c.award, c.payment,
	c.contract_kind, c.awards, c.deadline, c.secrecy_confirmed, c.contact_name, c.contact_phone, c.submitted_at, c.published_at, c.opened_at,
	c.publicity_until, c.outcome, c.official, c.return_codes, c.return_note, c.version`

func (c challengeRow) challenge() market.Challenge {
	return market.Challenge{ID: c.ID, Number: c.Number, OrgID: c.OrgID, NeedID: c.NeedID, State: c.State, Title: c.Title, Submarket: deref(c.Submarket),
		Fields: c.Fields, Problem: c.Problem, Requirements: c.Requirements, Award: c.Award, Payment: c.Payment, ContractKind: deref(c.ContractKind),
		Awards: c.Awards, Deadline: c.Deadline, SecrecyConfirmed: c.SecrecyConfirmed, ContactName: c.ContactName, ContactPhone: c.ContactPhone,
		SubmittedAt: c.SubmittedAt, PublishedAt: c.PublishedAt, OpenedAt: c.OpenedAt, PublicityUntil: c.PublicityUntil, Outcome: c.Outcome,
		Official: c.Official, ReturnCodes: c.ReturnCodes, ReturnNote: c.ReturnNote, Version: c.Version}
}

// challengePublic tells that everybody may read a challenge c of an organisation o. What a suspended organisation
// published is not public from the same moment on.
const challengePublic = `(c.state NOT IN ('draft', 'in_review', 'returned') AND o.state <> 'suspended')`

// challengeVisible is the access rule of a challenge c of an organisation o: $1 is the actor's organisation, $2 the reach
// of a reviewer or auditor, $3 the actor. Beside the public its judges, its own people, who has handed in a proposal, and
// staff once it has left its poster's desk.
var challengeVisible = `(` + challengePublic + ` OR c.org_id = $1 OR (` + orgReached + ` AND c.state <> 'draft')
	OR EXISTS (SELECT 1 FROM challenge_judges j WHERE j.challenge_id = c.id AND j.user_id = $3 AND c.state NOT IN ('draft', 'in_review', 'returned'))
	OR EXISTS (SELECT 1 FROM proposals p WHERE p.challenge_id = c.id AND p.org_id = $1))`

// Challenge is a challenge as a page shows it.
type Challenge struct {
	market.Challenge
	OrgName  string
	OrgState market.OrgState
	Region   string
	Demo     bool
	Own      bool // the reader belongs to the poster, or reviews
}

// Challenge returns a challenge that the actor may see. The contact and the review's words are for its own people and
// reviewers.
func (r Queries) Challenge(ctx context.Context, a market.Actor, id int64) (Challenge, error) {
	var row struct {
		challengeRow
		OrgName  string          `db:"org_name"`
		OrgState market.OrgState `db:"org_state"`
		Region   string          `db:"region"`
		Demo     bool            `db:"demo"`
		Own      bool            `db:"own"`
		Unnamed  bool            `db:"unnamed"` // the need hides the name that the challenge shows
	}
	err := r.oftenOne(ctx, &row, `SELECT `+challengeColumns+`, o.name AS org_name, o.state AS org_state, o.region, o.demo, (c.org_id = $1 OR `+orgReached+`) AS own,
			EXISTS (SELECT 1 FROM listings l WHERE l.id = c.need_id AND l.hide_org) AS unnamed
		FROM challenges c JOIN orgs o ON o.id = c.org_id WHERE c.id = $4 AND `+challengeVisible, a.OrgID, reviewReach(a), a.UserID, id)
	if err != nil {
		return Challenge{}, err
	}
	out := Challenge{Challenge: row.challenge(), OrgName: row.OrgName, OrgState: row.OrgState, Region: row.Region, Demo: row.Demo, Own: row.Own}
	if !row.Own && row.Unnamed {
		out.NeedID = nil
	}
	if !row.Own {
		out.ContactName, out.ContactPhone, out.ReturnCodes, out.ReturnNote = "", "", nil, ""
	}
	return out, r.challengeParts(ctx, &out.Challenge)
}

// challengeParts adds the rows that hang on a challenge.
func (r Queries) challengeParts(ctx context.Context, c *market.Challenge) error {
	err := r.all(ctx, &c.Indicators, `SELECT name, now_value, target_value, unit, method FROM challenge_indicators WHERE challenge_id = $1 ORDER BY position`, c.ID)
	if err != nil {
		return err
	}
	return r.all(ctx, &c.Criteria, `SELECT name, detail, weight FROM challenge_criteria WHERE challenge_id = $1 ORDER BY position`, c.ID)
}

// ChallengeContact returns the contact to an organisation that was awarded; anybody else gets market.ErrNotFound.
func (r Queries) ChallengeContact(ctx context.Context, a market.Actor, id int64) (name, phone string, err error) {
	var row struct {
		Name  string `db:"contact_name"`
		Phone string `db:"contact_phone"`
	}
	err = r.get(ctx, &row, `SELECT c.contact_name, c.contact_phone FROM challenges c JOIN proposals p ON p.challenge_id = c.id
		WHERE c.id = $1 AND p.org_id = $2 AND p.state = 'awarded'`, id, a.OrgFor(market.ScopeNegotiate))
	return row.Name, row.Phone, err
}

// ChallengeCard is what a list shows of a challenge.
type ChallengeCard struct {
	ID             int64                 `db:"id"`
	Number         string                `db:"number"`
	State          market.ChallengeState `db:"state"`
	Title          string                `db:"title"`
	Submarket      string                `db:"submarket"`
	Award          decimal.NullDecimal   `db:"award"`
	Deadline       *time.Time            `db:"deadline"`
	PublicityUntil *time.Time            `db:"publicity_until"`
	Indicators     int                   `db:"indicators"`
	Unanswered     int                   `db:"unanswered"` // questions
	OrgID          int64                 `db:"org_id"`
	OrgName        string                `db:"org_name"`
	OrgVerified    bool                  `db:"org_verified"`
	Demo           bool                  `db:"demo"`
	Total          int                   `db:"total"` // of the list
}

const challengeCardColumns = `c.id, c.number, c.state, c.title, coalesce(c.submarket, '') AS submarket, c.award, c.deadline, c.publicity_until,
	(SELECT count(*) FROM challenge_indicators i WHERE i.challenge_id = c.id) AS indicators,
	(SELECT count(*) FROM challenge_questions q WHERE q.challenge_id = c.id AND q.answered_at IS NULL) AS unanswered,
	c.org_id, o.name AS org_name, o.state = 'verified' AS org_verified, o.demo, count(*) OVER () AS total
	FROM challenges c JOIN orgs o ON o.id = c.org_id `

// ChallengeFilter narrows the public list; empty parts do not.
type ChallengeFilter struct {
	Submarket string
	States    []market.ChallengeState
}

// Challenges lists the public challenges with their number: those that are open first, by their deadline, then the newest.
func (r Queries) Challenges(ctx context.Context, f ChallengeFilter, page Slice) ([]ChallengeCard, int, error) {
	states := make(stringArray, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	var out []ChallengeCard
	err := r.all(ctx, &out, `SELECT `+challengeCardColumns+`WHERE `+challengePublic+` AND ($1 = '' OR c.submarket = $1) AND (cardinality($2::text[]) = 0 OR c.state = ANY($2))
		ORDER BY c.state <> 'open', CASE WHEN c.state = 'open' THEN c.deadline END, c.deadline DESC, c.id DESC LIMIT $3 OFFSET $4`, f.Submarket, states, page.Limit, page.Offset)
	return out, cardTotal(out), err
}

// OwnChallenges lists the challenges of the actor's organisation, newest first, with their number.
func (r Queries) OwnChallenges(ctx context.Context, a market.Actor, page Slice) ([]ChallengeCard, int, error) {
	var out []ChallengeCard
	err := r.all(ctx, &out, `SELECT `+challengeCardColumns+`WHERE c.org_id = $1 ORDER BY c.id DESC LIMIT $2 OFFSET $3`, a.OrgFor(market.ScopePost), page.Limit, page.Offset)
	return out, cardTotal(out), err
}

func cardTotal(cards []ChallengeCard) int {
	if len(cards) == 0 {
		return 0
	}
	return cards[0].Total
}

// LockChallenge locks a challenge for a change by its own people.
func (t *Tx) LockChallenge(ctx context.Context, a market.Actor, id int64) (market.Challenge, error) {
	return t.lockChallenge(ctx, `c.id = $1 AND c.org_id = $2 FOR UPDATE`, id, a.OrgFor(market.ScopePost))
}

// LockReviewedChallenge locks a challenge that has left its poster's desk, for a reviewer of its county.
func (t *Tx) LockReviewedChallenge(ctx context.Context, a market.Actor, id int64) (market.Challenge, error) {
	return t.lockChallenge(ctx, `c.id = $1 AND c.state <> 'draft' AND `+inReach(`$2`, `(SELECT x.region FROM orgs x WHERE x.id = c.org_id)`)+` FOR UPDATE`,
		id, a.Reach(market.Reviewer))
}

// LockAnyChallenge locks a challenge for the market's own work, such as its deadline.
func (t *Tx) LockAnyChallenge(ctx context.Context, id int64) (market.Challenge, error) {
	return t.lockChallenge(ctx, `c.id = $1 FOR UPDATE`, id)
}

// ShareChallenge keeps a public challenge from being unsealed, decided or ended until the transaction ends. Many may share
// one at once, so that no proposal waits for another.
func (t *Tx) ShareChallenge(ctx context.Context, id int64) (market.Challenge, error) {
	return t.lockChallenge(ctx, `c.id = $1 AND EXISTS (SELECT 1 FROM orgs o WHERE o.id = c.org_id AND `+challengePublic+`) FOR SHARE`, id)
}

func (t *Tx) lockChallenge(ctx context.Context, where string, args ...any) (market.Challenge, error) {
	var row challengeRow
	if err := t.get(ctx, &row, `SELECT `+challengeColumns+` FROM challenges c WHERE `+where, args...); err != nil {
		return market.Challenge{}, err
	}
	c := row.challenge()
	return c, t.challengeParts(ctx, &c)
}

// CreateChallenge adds a challenge as a draft.
func (t *Tx) CreateChallenge(ctx context.Context, a market.Actor, c market.Challenge, at time.Time) (int64, error) {
	err := t.get(ctx, &c.ID, `INSERT INTO challenges (number, org_id, need_id, title, submarket, fields, problem, requirements, award, payment, contract_kind, awards,
			deadline, secrecy_confirmed, contact_name, contact_phone, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18) RETURNING id`,
		c.Number, c.OrgID, c.NeedID, c.Title, optional(c.Submarket), stringArray(nonNil(c.Fields)), c.Problem, c.Requirements, c.Award, c.Payment,
		optional(c.ContractKind), c.Awards, c.Deadline, c.SecrecyConfirmed, c.ContactName, c.ContactPhone, optionalID(a.UserID), at)
	if err != nil {
		return 0, err
	}
	return c.ID, t.setChallengeRows(ctx, c)
}

// UpdateChallenge stores a challenge's text if it is still at that version.
func (t *Tx) UpdateChallenge(ctx context.Context, c market.Challenge, at time.Time) error {
	err := t.execOne(ctx, `UPDATE challenges SET title = $3, submarket = $4, fields = $5, problem = $6, requirements = $7, award = $8, payment = $9, contract_kind = $10,
			awards = $11, deadline = $12, secrecy_confirmed = $13, contact_name = $14, contact_phone = $15, version = version + 1, updated_at = $16
		WHERE id = $1 AND version = $2`,
		c.ID, c.Version, c.Title, optional(c.Submarket), stringArray(nonNil(c.Fields)), c.Problem, c.Requirements, c.Award, c.Payment,
		optional(c.ContractKind), c.Awards, c.Deadline, c.SecrecyConfirmed, c.ContactName, c.ContactPhone, at)
	if err != nil {
		return err
	}
	return t.setChallengeRows(ctx, c)
}

func (t *Tx) setChallengeRows(ctx context.Context, c market.Challenge) error {
	for _, table := range []string{"challenge_indicators", "challenge_criteria"} {
		if err := t.exec(ctx, `DELETE FROM `+table+` WHERE challenge_id = $1`, c.ID); err != nil {
			return err
		}
	}
	for i, row := range c.Indicators {
		if err := t.exec(ctx, `INSERT INTO challenge_indicators (challenge_id, position, name, now_value, target_value, unit, method)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, c.ID, i+1, row.Name, row.Now, row.Target, row.Unit, row.Method); err != nil {
			return err
		}
	}
	for i, row := range c.Criteria {
		if err := t.exec(ctx, `INSERT INTO challenge_criteria (challenge_id, position, name, detail, weight) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, i+1, row.Name, row.Detail, row.Weight); err != nil {
			return err
		}
	}
	return nil
}

// ChallengeMove is a change of a challenge's state and the columns that go with it.
type ChallengeMove struct {
	ID             int64
	From, To       market.ChallengeState
	At             time.Time
	Codes          []string // of a return
	Note           string   // of a return
	Outcome        string
	Official       string
	PublicityUntil *time.Time
}

// MoveChallenge changes the state if it is still the expected one. Whatever leaves open for judging is unsealed at that
// moment.
func (t *Tx) MoveChallenge(ctx context.Context, m ChallengeMove) error {
	return t.execOne(ctx, `UPDATE challenges SET state = $3, version = version + 1, updated_at = $4, return_codes = $5, return_note = $6,
			submitted_at = CASE WHEN $3 = 'in_review' THEN $4 ELSE submitted_at END,
			published_at = CASE WHEN $3 = 'open' THEN $4 ELSE published_at END,
			opened_at = CASE WHEN $2 = 'open' AND $3 = 'judging' THEN $4 ELSE opened_at END,
			reminded_at = CASE WHEN $3 = 'judging' THEN NULL ELSE reminded_at END,
			outcome = $7, official = $8, publicity_until = $9
		WHERE id = $1 AND state = $2`, m.ID, m.From, m.To, m.At, stringArray(nonNil(m.Codes)), m.Note, m.Outcome, m.Official, m.PublicityUntil)
}

// DeleteChallenge removes a draft that was never submitted.
func (t *Tx) DeleteChallenge(ctx context.Context, id int64) error {
	return t.execOne(ctx, `DELETE FROM challenges WHERE id = $1 AND state = 'draft' AND submitted_at IS NULL`, id)
}

// DueChallenges lists the challenges that the clock has work for, up to limit: those whose deadline or publicity is over,
// and those to be reminded of an end before soon or of a judging since late.
func (r Queries) DueChallenges(ctx context.Context, now, soon, late time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT id FROM challenges WHERE (state = 'open' AND (deadline <= $1 OR deadline <= $2 AND reminded_at IS NULL))
		OR (state = 'judging' AND opened_at <= $3 AND reminded_at IS NULL) OR (state = 'publicity' AND publicity_until < $4::date)
		ORDER BY deadline, id LIMIT $5`, now, soon, late, market.DateOf(now), limit)
	return ids, err
}

// SetChallengeReminded notes that a reminder was sent.
func (t *Tx) SetChallengeReminded(ctx context.Context, id int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE challenges SET reminded_at = $2 WHERE id = $1`, id, at)
}

// Question is a question about a challenge as everybody reads it: who asked is named to nobody.
type Question struct {
	ID         int64      `db:"id"`
	Question   string     `db:"question"`
	AskedAt    time.Time  `db:"asked_at"`
	Answer     string     `db:"answer"`
	AnsweredAt *time.Time `db:"answered_at"`
}

// Questions lists the questions about a challenge, oldest first. The caller has loaded the challenge for the actor.
func (r Queries) Questions(ctx context.Context, challengeID int64) ([]Question, error) {
	var out []Question
	err := r.all(ctx, &out, `SELECT id, question, asked_at, answer, answered_at FROM challenge_questions WHERE challenge_id = $1 ORDER BY id`, challengeID)
	return out, err
}

// AddQuestion adds a question of the actor's organisation and returns its id.
func (t *Tx) AddQuestion(ctx context.Context, a market.Actor, challengeID int64, question string, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO challenge_questions (challenge_id, org_id, asked_by, question, asked_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		challengeID, a.OrgID, a.UserID, question, at)
	return id, err
}

// AnswerQuestion answers a question of that challenge, once, and returns which organisation asked.
func (t *Tx) AnswerQuestion(ctx context.Context, a market.Actor, challengeID, id int64, answer string, at time.Time) (asker int64, err error) {
	err = t.get(ctx, &asker, `UPDATE challenge_questions SET answer = $3, answered_by = $4, answered_at = $5
		WHERE id = $1 AND challenge_id = $2 AND answered_at IS NULL RETURNING org_id`, id, challengeID, answer, a.UserID, at)
	return asker, err
}

// Winner is an awarded proposal as everybody reads it once the decision is public.
type Winner struct {
	OrgID   int64               `db:"org_id"`
	OrgName string              `db:"org_name"`
	Price   decimal.Decimal     `db:"price"`
	Total   decimal.NullDecimal `db:"total"` // of the judges, 0 to 100
}

// Outcome is what the public reads of proposals: how many there were once they are unsealed, and of a decision that is
// public the awarded ones and who judged.
type Outcome struct {
	Proposals int
	Winners   []Winner
	Judges    []string
}

// Outcome returns the public part of a challenge's proposals. The caller has loaded the challenge for the actor.
func (r Queries) Outcome(ctx context.Context, c market.Challenge) (Outcome, error) {
	var out Outcome
	if c.OpenedAt == nil {
		return out, nil
	}
	err := r.get(ctx, &out.Proposals, `SELECT count(*) FROM proposals p JOIN challenges c ON c.id = p.challenge_id
		WHERE c.id = $1 AND c.opened_at IS NOT NULL AND p.state <> 'withdrawn'`, c.ID)
	if err != nil || !c.State.Decided() {
		return out, err
	}
	err = r.all(ctx, &out.Winners, `SELECT p.org_id, o.name AS org_name, p.price, `+proposalTotal+` AS total FROM proposals p JOIN orgs o ON o.id = p.org_id
		JOIN challenges c ON c.id = p.challenge_id
		WHERE c.id = $1 AND c.state IN ('publicity', 'awarded', 'unawarded') AND p.chosen ORDER BY total DESC NULLS LAST, p.id`, c.ID)
	if err != nil {
		return out, err
	}
	return out, r.all(ctx, &out.Judges, `SELECT u.name FROM challenge_judges j JOIN users u ON u.id = j.user_id WHERE j.challenge_id = $1 AND j.state = 'accepted' ORDER BY j.user_id`, c.ID)
}

// ChallengeDeal is what an award came to.
type ChallengeDeal struct {
	OpenDeal
	ContractID *int64 `db:"contract_id"` // that stands for it
}

// ChallengeDeals lists what the awards of a challenge came to, for the parties of each.
func (r Queries) ChallengeDeals(ctx context.Context, a market.Actor, id int64) ([]ChallengeDeal, error) {
	var out []ChallengeDeal
	err := r.all(ctx, &out, `SELECT `+dealColumns+`, s.name AS seller_name, b.name AS buyer_name,
			(SELECT c.id FROM contracts c WHERE c.deal_id = d.id AND `+contractLiving+`) AS contract_id
		FROM deals d JOIN orgs s ON s.id = d.seller_org JOIN orgs b ON b.id = d.buyer_org
		WHERE d.challenge_id = $1 AND $2 IN (d.seller_org, d.buyer_org) ORDER BY d.id`, id, a.OrgFor(market.ScopeNegotiate))
	return out, err
}
