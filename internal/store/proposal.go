package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// The seal. Until challenges.opened_at is set no query names a proposal but those of its own organisation, and the audit
// keeps the entries about it back (see sealedEntries). Every other query has proposalOpen in its WHERE.

// proposalOpen tells that a proposal p of a challenge c is unsealed and may be read by the poster, whose organisation is
// org, or by a judge. Both are SQL.
func proposalOpen(org, user string) string {
	return `(c.opened_at IS NOT NULL AND p.state <> 'withdrawn' AND (c.org_id = ` + org + ` OR ` + judging(user) + `))`
}

// sealedEntries tells that an audit entry e is about a proposal that is still sealed, or is a refused attempt at one while
// a challenge was open that still is.
const sealedEntries = `((e.object_kind = 'proposal' AND EXISTS (SELECT 1 FROM proposals p JOIN challenges c ON c.id = p.challenge_id WHERE p.id = e.object_id AND c.state = 'open'))
	OR (e.object_id IS NULL AND (e.object_kind = 'proposal' OR e.action LIKE 'route %/proposal%')
		AND EXISTS (SELECT 1 FROM challenges c WHERE c.state = 'open' AND c.published_at <= e.at)))`

// judging tells that a user is a judge of challenge c who has accepted and belongs to no proposer. user is SQL.
func judging(user string) string {
	return `EXISTS (SELECT 1 FROM challenge_judges j WHERE j.challenge_id = c.id AND j.user_id = ` + user + ` AND j.state = 'accepted' AND NOT ` + conflicted(`j.user_id`) + `)`
}

// conflicted tells that a user belongs to an organisation that has a proposal for challenge c, or to an agency that acts
// for one. user is SQL.
func conflicted(user string) string {
	return `EXISTS (SELECT 1 FROM proposals x JOIN members m ON m.user_id = ` + user + ` WHERE x.challenge_id = c.id AND x.state <> 'withdrawn' AND (m.org_id = x.org_id
		OR EXISTS (SELECT 1 FROM mandates d WHERE d.agency_org = m.org_id AND d.client_org = x.org_id AND d.state = 'active')))`
}

// proposalTotal is the mean of the judges' weighted totals of a proposal p, null while nobody has scored it. The scores
// of who is a judge no more do not count.
const proposalTotal = `(SELECT round(avg(t.total), 2) FROM (SELECT sum(s.score * k.weight) / 100.0 AS total FROM challenge_scores s
		JOIN challenge_criteria k ON k.challenge_id = p.challenge_id AND k.position = s.position
		JOIN challenge_judges j ON j.challenge_id = p.challenge_id AND j.user_id = s.user_id AND j.state = 'accepted'
	WHERE s.proposal_id = p.id GROUP BY s.user_id) t)`

type proposalRow struct {
	ID          int64                `db:"id"`
	ChallengeID int64                `db:"challenge_id"`
	OrgID       int64                `db:"org_id"`
	State       market.ProposalState `db:"state"`
	Answers     stringArray          `db:"answers"`
	Team        string               `db:"team"`
	Plan        string               `db:"plan"`
	Period      string               `db:"period"`
	Price       decimal.NullDecimal  `db:"price"`
	Files       stringArray          `db:"files"`
	Reason      string               `db:"reason"`
	Version     int                  `db:"version"`
	SubmittedAt time.Time            `db:"submitted_at"`
}

const proposalColumns = `p.id, p.challenge_id, p.org_id, p.state, p.answers, p.team, p.plan, p.period, p.price,
	ARRAY(SELECT f.file_id FROM proposal_files f WHERE f.proposal_id = p.id ORDER BY f.position) AS files, p.reason, p.version, p.submitted_at`

func (p proposalRow) proposal() market.Proposal {
	return market.Proposal{ID: p.ID, ChallengeID: p.ChallengeID, OrgID: p.OrgID, State: p.State, Answers: p.Answers, Team: p.Team, Plan: p.Plan,
		Period: p.Period, Price: p.Price, Files: p.Files, Reason: p.Reason, Version: p.Version, SubmittedAt: p.SubmittedAt}
}

// OwnProposal returns the proposal of the actor's organisation for a challenge. The reason is there while its decision
// stands.
func (r Queries) OwnProposal(ctx context.Context, a market.Actor, challengeID int64) (market.Proposal, error) {
	var row proposalRow
	err := r.get(ctx, &row, `SELECT `+proposalColumns+` FROM proposals p WHERE p.challenge_id = $1 AND p.org_id = $2`, challengeID, a.OrgFor(market.ScopeNegotiate))
	if err != nil {
		return market.Proposal{}, err
	}
	var decided bool
	if err := r.get(ctx, &decided, `SELECT state IN ('publicity', 'awarded', 'unawarded') FROM challenges WHERE id = $1`, challengeID); err != nil {
		return market.Proposal{}, err
	}
	if !decided {
		row.Reason = ""
	}
	return row.proposal(), nil
}

// OwnProposalCard is a proposal in the list of the organisation that handed it in.
type OwnProposalCard struct {
	ChallengeID int64                 `db:"challenge_id"`
	Number      string                `db:"number"`
	Title       string                `db:"title"`
	OrgName     string                `db:"org_name"`
	Challenge   market.ChallengeState `db:"challenge"`
	Deadline    time.Time             `db:"deadline"`
	State       market.ProposalState  `db:"state"`
	Price       decimal.Decimal       `db:"price"`
	SubmittedAt time.Time             `db:"submitted_at"`
}

// OwnProposals lists the proposals of the actor's organisation, newest first.
func (r Queries) OwnProposals(ctx context.Context, a market.Actor, limit int) ([]OwnProposalCard, error) {
	var out []OwnProposalCard
	err := r.all(ctx, &out, `SELECT p.challenge_id, c.number, c.title, o.name AS org_name, c.state AS challenge, c.deadline, p.state, p.price, p.submitted_at
		FROM proposals p JOIN challenges c ON c.id = p.challenge_id JOIN orgs o ON o.id = c.org_id WHERE p.org_id = $1 ORDER BY p.id DESC LIMIT $2`,
		a.OrgFor(market.ScopeNegotiate), limit)
	return out, err
}

// LockOwnProposal locks the proposal of the actor's organisation for a challenge.
func (t *Tx) LockOwnProposal(ctx context.Context, a market.Actor, challengeID int64) (market.Proposal, error) {
	var row proposalRow
	err := t.get(ctx, &row, `SELECT `+proposalColumns+` FROM proposals p WHERE p.challenge_id = $1 AND p.org_id = $2 FOR UPDATE`, challengeID, a.OrgFor(market.ScopeNegotiate))
	return row.proposal(), err
}

// CreateProposal adds a proposal of the actor's organisation. A second one for the same challenge is a Conflict.
func (t *Tx) CreateProposal(ctx context.Context, a market.Actor, p market.Proposal, at time.Time) (int64, error) {
	err := t.get(ctx, &p.ID, `INSERT INTO proposals (challenge_id, org_id, answers, team, plan, period, price, submitted_by, submitted_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id`,
		p.ChallengeID, a.OrgFor(market.ScopeNegotiate), stringArray(p.Answers), p.Team, p.Plan, p.Period, p.Price, a.UserID, at)
	if violates(err, "proposals_challenge_id_org_id_key") {
		return 0, market.Errorf(market.Conflict, "本单位的同事刚提交了方案。请打开最新内容再改")
	}
	if err != nil {
		return 0, err
	}
	return p.ID, t.setProposalFiles(ctx, p)
}

// UpdateProposal stores a proposal if it is still at that version; state is the one it is in now, which it leaves for
// submitted.
func (t *Tx) UpdateProposal(ctx context.Context, p market.Proposal, at time.Time) error {
	err := t.execOne(ctx, `UPDATE proposals SET state = 'submitted', answers = $4, team = $5, plan = $6, period = $7, price = $8, version = version + 1, updated_at = $9,
			submitted_at = $9 WHERE id = $1 AND version = $2 AND state = $3`,
		p.ID, p.Version, p.State, stringArray(p.Answers), p.Team, p.Plan, p.Period, p.Price, at)
	if err != nil {
		return err
	}
	return t.setProposalFiles(ctx, p)
}

func (t *Tx) setProposalFiles(ctx context.Context, p market.Proposal) error {
	if err := t.exec(ctx, `DELETE FROM proposal_files WHERE proposal_id = $1`, p.ID); err != nil {
		return err
	}
	for i, file := range p.Files {
		err := t.exec(ctx, `INSERT INTO proposal_files (proposal_id, file_id, position) VALUES ($1, $2, $3)`, p.ID, file, i+1)
		if violates(err, "proposal_files_file_id_key") {
			return market.Problems{{Field: "proposal", Message: "有附件属于别的方案，请重新上传"}}.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MoveProposal changes the state if it is still the expected one.
func (t *Tx) MoveProposal(ctx context.Context, id int64, from, to market.ProposalState, at time.Time) error {
	return t.execOne(ctx, `UPDATE proposals SET state = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND state = $2`, id, from, to, at)
}

// Chose keeps what the poster has decided about a proposal. It takes effect at the end of the publicity.
func (t *Tx) Chose(ctx context.Context, id int64, chosen bool, reason string) error {
	return t.execOne(ctx, `UPDATE proposals SET chosen = $2, reason = $3 WHERE id = $1`, id, chosen, reason)
}

// OpenProposal is an unsealed proposal as the poster and the judges see it.
type OpenProposal struct {
	market.Proposal
	OrgName string
	Chosen  bool
	Total   decimal.NullDecimal // of the judges; for a judge only once their own scores are in
	Scored  int                 // by so many judges
	Own     bool                // the reader's own scores are in
	Needed  int                 // judges who have accepted
}

// Complete reports whether every judge has scored.
func (p OpenProposal) Complete() bool { return p.Needed > 0 && p.Scored >= p.Needed }

// OpenProposals lists the unsealed proposals of a challenge for its poster and judges, in the order they came; for
// anybody else, and until the deadline for everybody, there are none.
func (r Queries) OpenProposals(ctx context.Context, a market.Actor, challengeID int64) ([]OpenProposal, error) {
	return r.openProposals(ctx, `p.challenge_id = $3`, a, challengeID)
}

// OpenProposal returns one of OpenProposals, else market.ErrNotFound.
func (r Queries) OpenProposal(ctx context.Context, a market.Actor, id int64) (OpenProposal, error) {
	found, err := r.openProposals(ctx, `p.id = $3`, a, id)
	if err == nil && len(found) == 0 {
		err = market.ErrNotFound
	}
	if err != nil {
		return OpenProposal{}, err
	}
	return found[0], nil
}

func (r Queries) openProposals(ctx context.Context, where string, a market.Actor, id int64) ([]OpenProposal, error) {
	var rows []struct {
		proposalRow
		OrgName string              `db:"org_name"`
		Chosen  bool                `db:"chosen"`
		Total   decimal.NullDecimal `db:"total"`
		Scored  int                 `db:"scored"`
		Own     bool                `db:"own"`
		Needed  int                 `db:"needed"`
	}
	err := r.often(ctx, &rows, `SELECT `+proposalColumns+`, o.name AS org_name, p.chosen, s.own, CASE WHEN c.org_id = $1 OR s.own THEN `+proposalTotal+` END AS total, s.scored,
			(SELECT count(*) FROM challenge_judges j WHERE j.challenge_id = c.id AND j.state = 'accepted') AS needed
		FROM proposals p JOIN challenges c ON c.id = p.challenge_id JOIN orgs o ON o.id = p.org_id
		CROSS JOIN LATERAL (SELECT count(DISTINCT y.user_id) FILTER (WHERE j.state = 'accepted') AS scored, coalesce(bool_or(y.user_id = $2), false) AS own
			FROM challenge_scores y JOIN challenge_judges j ON j.challenge_id = c.id AND j.user_id = y.user_id WHERE y.proposal_id = p.id) s
		WHERE `+where+` AND `+proposalOpen(`$1`, `$2`)+` ORDER BY p.id`, a.OrgFor(market.ScopePost), a.UserID, id)
	out := make([]OpenProposal, len(rows))
	for i, row := range rows {
		out[i] = OpenProposal{Proposal: row.proposal(), OrgName: row.OrgName, Chosen: row.Chosen, Total: row.Total, Scored: row.Scored, Own: row.Own, Needed: row.Needed}
	}
	return out, err
}

// ProposalFile is an attachment.
type ProposalFile struct {
	ID   string `db:"id"`
	Name string `db:"name"`
	Size int    `db:"size"`
}

// ProposalFiles lists the attachments of a proposal. The caller has loaded the proposal for the actor.
func (r Queries) ProposalFiles(ctx context.Context, ids []string) ([]ProposalFile, error) {
	var out []ProposalFile
	err := r.all(ctx, &out, `SELECT id, name, size FROM files WHERE id = ANY($1) AND purpose = 'proposal' ORDER BY array_position($1, id)`, stringArray(ids))
	return out, err
}

// ScoreSheet is what one judge gave a proposal.
type ScoreSheet struct {
	UserID   int64
	Name     string
	Scores   []int
	Comments []string
	At       time.Time
}

// ScoreSheets lists what the judges gave an unsealed proposal: the poster reads all of them, a judge their own and, once
// that is in, the others'.
func (r Queries) ScoreSheets(ctx context.Context, a market.Actor, proposalID int64) ([]ScoreSheet, error) {
	var rows []struct {
		UserID  int64     `db:"user_id"`
		Name    string    `db:"name"`
		Score   int       `db:"score"`
		Comment string    `db:"comment"`
		At      time.Time `db:"at"`
	}
	err := r.all(ctx, &rows, `SELECT s.user_id, u.name, s.score, s.comment, s.at FROM challenge_scores s JOIN users u ON u.id = s.user_id
		JOIN proposals p ON p.id = s.proposal_id JOIN challenges c ON c.id = p.challenge_id
		JOIN challenge_judges n ON n.challenge_id = c.id AND n.user_id = s.user_id AND n.state = 'accepted'
		WHERE p.id = $3 AND `+proposalOpen(`$1`, `$2`)+` AND (c.org_id = $1 OR EXISTS (SELECT 1 FROM challenge_scores y WHERE y.proposal_id = p.id AND y.user_id = $2))
		ORDER BY s.user_id, s.position`, a.OrgFor(market.ScopePost), a.UserID, proposalID)
	var out []ScoreSheet
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].UserID != row.UserID {
			out = append(out, ScoreSheet{UserID: row.UserID, Name: row.Name, At: row.At})
		}
		last := &out[len(out)-1]
		last.Scores, last.Comments = append(last.Scores, row.Score), append(last.Comments, row.Comment)
	}
	return out, err
}

// AddScores keeps what the actor gives a proposal. Giving twice is a Conflict.
func (t *Tx) AddScores(ctx context.Context, a market.Actor, proposalID int64, scores []int, comments []string, at time.Time) error {
	for i := range scores {
		err := t.exec(ctx, `INSERT INTO challenge_scores (proposal_id, user_id, position, score, comment, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			proposalID, a.UserID, i+1, scores[i], comments[i], at)
		if violates(err, "challenge_scores_pkey") {
			return market.Errorf(market.Conflict, "您已经给这份方案打过分，提交后不能改")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Judge is somebody named to judge a challenge.
type Judge struct {
	UserID     int64             `db:"user_id"`
	Name       string            `db:"name"`
	Email      string            `db:"email"`
	State      market.JudgeState `db:"state"`
	AnsweredAt *time.Time        `db:"answered_at"`
	Scored     int               `db:"scored"` // proposals; 0 until they are unsealed
}

const judgeColumns = `j.user_id, u.name, u.email, j.state, j.answered_at, (SELECT count(DISTINCT s.proposal_id) FROM challenge_scores s
	JOIN proposals p ON p.id = s.proposal_id WHERE p.challenge_id = j.challenge_id AND s.user_id = j.user_id) AS scored
	FROM challenge_judges j JOIN users u ON u.id = j.user_id `

// ChallengeJudges lists the judges of a challenge for its poster; for anybody else there are none.
func (r Queries) ChallengeJudges(ctx context.Context, a market.Actor, challengeID int64) ([]Judge, error) {
	var out []Judge
	err := r.all(ctx, &out, `SELECT `+judgeColumns+`JOIN challenges c ON c.id = j.challenge_id WHERE j.challenge_id = $1 AND c.org_id = $2 ORDER BY j.invited_at, j.user_id`,
		challengeID, a.OrgFor(market.ScopePost))
	return out, err
}

// JudgesToTell lists who has accepted to judge, for notices and reminders.
func (t *Tx) JudgesToTell(ctx context.Context, challengeID int64) ([]Judge, error) {
	var out []Judge
	err := t.all(ctx, &out, `SELECT `+judgeColumns+`WHERE j.challenge_id = $1 AND j.state IN ('invited', 'accepted') ORDER BY j.user_id`, challengeID)
	return out, err
}

// JudgeState tells where the actor stands as a judge of a challenge; who was not named gets market.ErrNotFound.
func (r Queries) JudgeState(ctx context.Context, a market.Actor, challengeID int64) (market.JudgeState, error) {
	var state market.JudgeState
	err := r.get(ctx, &state, `SELECT state FROM challenge_judges WHERE challenge_id = $1 AND user_id = $2`, challengeID, a.UserID)
	return state, err
}

// Judging returns a public challenge that the actor's organisation has posted, or that the actor is named to judge, and which
// of the two it is.
func (r Queries) Judging(ctx context.Context, a market.Actor, id int64) (c Challenge, judge market.JudgeState, poster bool, err error) {
	if c, err = r.Challenge(ctx, a, id); err != nil {
		return c, "", false, err
	}
	if judge, err = r.JudgeState(ctx, a, id); err != nil && !market.IsKind(err, market.NotFound) {
		return c, "", false, err
	}
	poster = c.OrgID == a.OrgFor(market.ScopePost)
	if !c.State.Public() || !poster && (judge == "" || judge == market.JudgeRemoved) {
		return c, "", false, market.ErrNotFound
	}
	return c, judge, poster, nil
}

// JudgedChallenge is a challenge that a person was named to judge.
type JudgedChallenge struct {
	ChallengeID int64                 `db:"challenge_id"`
	Number      string                `db:"number"`
	Title       string                `db:"title"`
	OrgName     string                `db:"org_name"`
	Challenge   market.ChallengeState `db:"challenge"`
	Deadline    time.Time             `db:"deadline"`
	State       market.JudgeState     `db:"state"`
	Left        int                   `db:"left"` // proposals to score; 0 until they are unsealed
}

// JudgedChallenges lists the challenges that the actor was named to judge, newest first.
func (r Queries) JudgedChallenges(ctx context.Context, a market.Actor, limit int) ([]JudgedChallenge, error) {
	var out []JudgedChallenge
	err := r.all(ctx, &out, `SELECT j.challenge_id, c.number, c.title, o.name AS org_name, c.state AS challenge, c.deadline, j.state,
			(SELECT count(*) FROM proposals p WHERE p.challenge_id = c.id AND c.opened_at IS NOT NULL AND p.state <> 'withdrawn'
				AND NOT EXISTS (SELECT 1 FROM challenge_scores s WHERE s.proposal_id = p.id AND s.user_id = j.user_id)) AS left
		FROM challenge_judges j
		JOIN challenges c ON c.id = j.challenge_id JOIN orgs o ON o.id = c.org_id WHERE j.user_id = $1 AND j.state <> 'removed' ORDER BY c.id DESC LIMIT $2`, a.UserID, limit)
	return out, err
}

// NameJudge names a person as judge. One who was named before and declined or was removed is asked again; one who is
// asked already is a Conflict.
func (t *Tx) NameJudge(ctx context.Context, a market.Actor, challengeID, userID int64, at time.Time) error {
	err := t.execOne(ctx, `INSERT INTO challenge_judges (challenge_id, user_id, invited_by, invited_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (challenge_id, user_id) DO UPDATE SET state = 'invited', invited_by = $3, invited_at = $4, answered_at = NULL
			WHERE challenge_judges.state IN ('declined', 'removed')`, challengeID, userID, a.UserID, at)
	if err == market.ErrStale {
		return market.Problems{{Field: "email", Message: "这位已经在评审名单里"}}.Err()
	}
	return err
}

// LockJudge locks a person's place among the judges.
func (t *Tx) LockJudge(ctx context.Context, challengeID, userID int64) (market.JudgeState, error) {
	var state market.JudgeState
	err := t.get(ctx, &state, `SELECT state FROM challenge_judges WHERE challenge_id = $1 AND user_id = $2 FOR UPDATE`, challengeID, userID)
	return state, err
}

// MoveJudge changes a judge's state if it is still the expected one.
func (t *Tx) MoveJudge(ctx context.Context, challengeID, userID int64, from, to market.JudgeState, at time.Time) error {
	return t.execOne(ctx, `UPDATE challenge_judges SET state = $4, answered_at = $5 WHERE challenge_id = $1 AND user_id = $2 AND state = $3`, challengeID, userID, from, to, at)
}

// ConflictedJudges lists those who are asked or have accepted to judge and belong to a proposer. For unsealed proposals.
func (t *Tx) ConflictedJudges(ctx context.Context, challengeID int64) ([]Judge, error) {
	var out []Judge
	err := t.all(ctx, &out, `SELECT `+judgeColumns+`JOIN challenges c ON c.id = j.challenge_id
		WHERE c.id = $1 AND c.opened_at IS NOT NULL AND j.state IN ('invited', 'accepted') AND `+conflicted(`j.user_id`)+` ORDER BY j.user_id`, challengeID)
	return out, err
}

// Conflicted reports whether the actor belongs to a proposer of a challenge whose proposals are unsealed. Before that
// nobody is told.
func (t *Tx) Conflicted(ctx context.Context, a market.Actor, challengeID int64) (bool, error) {
	var is bool
	err := t.get(ctx, &is, `SELECT EXISTS (SELECT 1 FROM challenges c WHERE c.id = $1 AND c.opened_at IS NOT NULL AND `+conflicted(`$2`)+`)`, challengeID, a.UserID)
	return is, err
}

// HandedIn is a proposal in the market's own work, after it was unsealed or when its challenge is ended.
type HandedIn struct {
	market.Proposal
	Chosen bool
}

// HandedIn lists and locks the proposals of a challenge that were not withdrawn. For the end of a challenge only: who calls
// it tells nobody but each proposer.
func (t *Tx) HandedIn(ctx context.Context, challengeID int64) ([]HandedIn, error) {
	var rows []struct {
		proposalRow
		Chosen bool `db:"chosen"`
	}
	err := t.all(ctx, &rows, `SELECT `+proposalColumns+`, p.chosen FROM proposals p WHERE p.challenge_id = $1 AND p.state = 'submitted' ORDER BY p.id FOR UPDATE`, challengeID)
	out := make([]HandedIn, len(rows))
	for i, row := range rows {
		out[i] = HandedIn{row.proposal(), row.Chosen}
	}
	return out, err
}

// Recipient is a person whom a letter goes to.
type Recipient struct {
	Name  string `db:"name"`
	Email string `db:"email"`
}

// MailOf lists those of an organisation who may act for it and whose address is confirmed.
func (t *Tx) MailOf(ctx context.Context, orgID int64) ([]Recipient, error) {
	var out []Recipient
	err := t.all(ctx, &out, `SELECT u.name, u.email FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND m.role <> 'viewer' AND u.state = 'active' AND u.email_confirmed_at IS NOT NULL ORDER BY u.id`, orgID)
	return out, err
}
