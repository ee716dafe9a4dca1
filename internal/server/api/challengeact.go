package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// challengeOwn is the part of a challenge that its own people and reviewers read besides.
type challengeOwn struct {
	Version          int      `json:"version"` // to go on from
	SecrecyConfirmed bool     `json:"secrecy_confirmed"`
	ContactName      string   `json:"contact_name"`
	ContactPhone     string   `json:"contact_phone"`
	ReturnCodes      []string `json:"return_codes"`
	ReturnNote       string   `json:"return_note"`
}

func challengeOwnOf(c store.Challenge) *challengeOwn {
	if !c.Own {
		return nil
	}
	return &challengeOwn{c.Version, c.SecrecyConfirmed, c.ContactName, c.ContactPhone, nonNil(c.ReturnCodes), c.ReturnNote}
}

// challengeText is what a caller writes of a challenge. The deadline is a day; the challenge ends in its afternoon.
type challengeText struct {
	Title            string             `json:"title"`
	Submarket        string             `json:"submarket"`
	Fields           []string           `json:"fields"`
	Problem          string             `json:"problem"`
	Indicators       []market.Indicator `json:"indicators"`
	Requirements     string             `json:"requirements"`
	Award            amount             `json:"award"`
	Payment          string             `json:"payment"`
	ContractKind     string             `json:"contract_kind"`
	Awards           int                `json:"awards"`
	Deadline         date               `json:"deadline"`
	Criteria         []market.Criterion `json:"criteria"`
	SecrecyConfirmed bool               `json:"secrecy_confirmed"`
	ContactName      string             `json:"contact_name"`
	ContactPhone     string             `json:"contact_phone"`
}

func challengeTextOf(c market.Challenge) challengeText {
	return challengeText{c.Title, c.Submarket, c.Fields, c.Problem, c.Indicators, c.Requirements, optionalAmount(c.Award), c.Payment, c.ContractKind, c.Awards, optionalDate(c.Deadline),
		c.Criteria, c.SecrecyConfirmed, c.ContactName, c.ContactPhone}
}

func (in challengeText) into(c *market.Challenge) error {
	var p market.Problems
	c.Title, c.Submarket, c.Fields, c.Problem, c.Indicators, c.Requirements = in.Title, in.Submarket, in.Fields, in.Problem, in.Indicators, in.Requirements
	c.Award, c.Payment, c.ContractKind, c.Awards, c.Criteria = in.Award.yuan(&p, "award"), in.Payment, in.ContractKind, in.Awards, in.Criteria
	c.SecrecyConfirmed, c.ContactName, c.ContactPhone, c.Deadline = in.SecrecyConfirmed, in.ContactName, in.ContactPhone, nil
	if day := in.Deadline.optionalDay(&p, "deadline"); day != nil {
		c.Deadline = new(market.ChallengeDeadline(*day))
	}
	return p.Err()
}

// ChallengeCreate answers POST /challenges with a draft.
func (api *API) ChallengeCreate(c echo.Context, a market.Actor) error {
	once, err := key(c, "challenge")
	if err != nil {
		return err
	}
	in := struct {
		challengeText
		NeedID *int64 `json:"need_id"`
	}{challengeText: challengeText{Awards: 1}}
	if err := read(c, &in); err != nil {
		return err
	}
	challenge := market.Challenge{NeedID: in.NeedID}
	if err := in.into(&challenge); err != nil {
		return err
	}
	id, err := api.Service.CreateChallenge(c.Request().Context(), a, challenge, once, false)
	if err != nil {
		return err
	}
	created(c, "challenges", id)
	return api.writeChallenge(c, a, id, http.StatusCreated)
}

// ChallengeEdit answers PATCH /challenges/{id}: what the body does not name stays.
func (api *API) ChallengeEdit(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	old, err := api.Store.Challenge(ctx, a, challenge)
	if err != nil {
		api.Service.Refused(ctx, a, market.ChallengeEdit, market.Object{Kind: "challenge", ID: challenge})
		return err
	}
	in := struct {
		challengeText
		Version int `json:"version"` // the present one when absent
	}{challengeTextOf(old.Challenge), old.Version}
	if err := read(c, &in); err != nil {
		return err
	}
	changed := market.Challenge{ID: challenge, Version: in.Version}
	if err := in.into(&changed); err != nil {
		return err
	}
	if err := api.Service.EditChallenge(ctx, a, changed, false); err != nil {
		return err
	}
	return api.writeChallenge(c, a, challenge, http.StatusOK)
}

// ChallengeDelete answers DELETE /challenges/{id}.
func (api *API) ChallengeDelete(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	if err := api.Service.DeleteChallenge(c.Request().Context(), a, challenge); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// challengeAct answers an act with the challenge as it stands then.
func (api *API) challengeAct(c echo.Context, a market.Actor, in any, do func(ctx context.Context, id int64) error) error {
	return act(c, in, func(id int64) error { return do(c.Request().Context(), id) }, func(id int64) error { return api.writeChallenge(c, a, id, http.StatusOK) })
}

// ChallengeMove answers POST /challenges/{id}/{move} for the moves that take nothing but the id.
func (api *API) ChallengeMove(carryOut func(context.Context, market.Actor, int64) error) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		return api.challengeAct(c, a, &struct{}{}, func(ctx context.Context, id int64) error { return carryOut(ctx, a, id) })
	}
}

// ChallengeOfficial answers POST /challenges/{id}/cancel and remand: a reviewer's decision with a reason that everybody reads.
func (api *API) ChallengeOfficial(carryOut func(context.Context, market.Actor, int64, string) error) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		var in struct {
			Note string `json:"note"`
		}
		return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error { return carryOut(ctx, a, id, in.Note) })
	}
}

// challengeVersion is the version the caller names or, where it names none, the present one.
func (api *API) challengeVersion(ctx context.Context, a market.Actor, id int64, named int) (int, error) {
	if named != 0 {
		return named, nil
	}
	c, err := api.Store.Challenge(ctx, a, id)
	if market.IsKind(err, market.NotFound) {
		return 0, nil // the service turns the caller away, and notes it
	}
	return c.Version, err
}

// ChallengePublish answers POST /challenges/{id}/publish. See Publish.
func (api *API) ChallengePublish(c echo.Context, a market.Actor) error {
	var in struct {
		Version int          `json:"version"`
		Checks  market.Ticks `json:"checks"`
	}
	return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error {
		if in.Checks == nil {
			in.Checks = market.SubjectChallenge.AllYes()
		}
		version, err := api.challengeVersion(ctx, a, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.PublishChallenge(ctx, a, id, version, in.Checks)
	})
}

// ChallengeReturn answers POST /challenges/{id}/return. See Return.
func (api *API) ChallengeReturn(c echo.Context, a market.Actor) error {
	var in struct {
		Version int      `json:"version"`
		Codes   []string `json:"codes"`
		Note    string   `json:"note"`
	}
	return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error {
		version, err := api.challengeVersion(ctx, a, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.ReturnChallenge(ctx, a, id, version, in.Codes, in.Note)
	})
}

// QuestionAsk answers POST /challenges/{id}/questions.
func (api *API) QuestionAsk(c echo.Context, a market.Actor) error {
	once, err := key(c, "question")
	if err != nil {
		return err
	}
	var in struct {
		Question string `json:"question"`
	}
	return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error {
		return api.Service.AskQuestion(ctx, a, id, in.Question, once)
	})
}

// QuestionAnswer answers POST /challenges/{id}/questions/{question}/answer.
func (api *API) QuestionAnswer(c echo.Context, a market.Actor) error {
	var in struct {
		Answer string `json:"answer"`
	}
	return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error {
		return api.Service.AnswerQuestion(ctx, a, id, number(c.Param("question")), in.Answer)
	})
}

// number is an id in the address, 0 for what is none.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// ChallengeDecide answers POST /challenges/{id}/decide: the proposals that are awarded, none for no award, with the reason
// that everybody reads and one for each proposal that its proposer reads.
func (api *API) ChallengeDecide(c echo.Context, a market.Actor) error {
	var in struct {
		Version int     `json:"version"`
		Outcome string  `json:"outcome"`
		Awarded []int64 `json:"awarded"`
		Reasons []struct {
			Proposal int64  `json:"proposal"`
			Reason   string `json:"reason"`
		} `json:"reasons"`
	}
	return api.challengeAct(c, a, &in, func(ctx context.Context, id int64) error {
		d := market.Decision{Awarded: in.Awarded, Outcome: in.Outcome, Reasons: map[int64]string{}}
		for _, r := range in.Reasons {
			d.Reasons[r.Proposal] = r.Reason
		}
		version, err := api.challengeVersion(ctx, a, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.DecideChallenge(ctx, a, id, version, d)
	})
}

// judgingBody is the judging of a challenge: for its poster with the judges, for a judge without.
type judgingBody struct {
	Judges    []judgeItem        `json:"judges"`
	Own       market.JudgeState  `json:"own"` // of the caller as judge, "" for none
	Proposals []openProposalItem `json:"proposals"`
}

type judgeItem struct {
	UserID int64             `json:"user_id"`
	Name   string            `json:"name"`
	Email  string            `json:"email"`
	State  market.JudgeState `json:"state"`
	Scored int               `json:"scored"`
}

// openProposalItem is an unsealed proposal. Total is of the judges, for a judge once their own scores are in.
type openProposalItem struct {
	ID     int64   `json:"id"`
	Org    party   `json:"org"`
	Price  amount  `json:"price"`
	Period string  `json:"period"`
	Total  *string `json:"total"`
	Scored int     `json:"scored"`
	Chosen bool    `json:"chosen"`
}

func openProposalOf(p store.OpenProposal) openProposalItem {
	out := openProposalItem{ID: p.ID, Org: party{p.OrgID, p.OrgName}, Price: optionalAmount(p.Price), Period: p.Period, Scored: p.Scored, Chosen: p.Chosen}
	if p.Total.Valid {
		out.Total = new(p.Total.Decimal.StringFixed(2))
	}
	return out
}

// JudgingShow answers GET /challenges/{id}/judging.
func (api *API) JudgingShow(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	return api.writeJudging(c, a, challenge)
}

func (api *API) writeJudging(c echo.Context, a market.Actor, id int64) error {
	ctx := c.Request().Context()
	_, own, _, err := api.Store.Judging(ctx, a, id)
	if err != nil {
		return err
	}
	judges, err := api.Store.ChallengeJudges(ctx, a, id)
	if err != nil {
		return err
	}
	proposals, err := api.Store.OpenProposals(ctx, a, id)
	if err != nil {
		return err
	}
	out := judgingBody{Judges: make([]judgeItem, len(judges)), Own: own, Proposals: make([]openProposalItem, len(proposals))}
	for i, j := range judges {
		out.Judges[i] = judgeItem{j.UserID, j.Name, j.Email, j.State, j.Scored}
	}
	for i, p := range proposals {
		out.Proposals[i] = openProposalOf(p)
	}
	return c.JSON(http.StatusOK, out)
}

// judgingAct answers an act with the judging as it stands then.
func (api *API) judgingAct(c echo.Context, a market.Actor, in any, do func(ctx context.Context, id int64) error) error {
	return act(c, in, func(id int64) error { return do(c.Request().Context(), id) }, func(id int64) error { return api.writeJudging(c, a, id) })
}

// JudgeName answers POST /challenges/{id}/judges.
func (api *API) JudgeName(c echo.Context, a market.Actor) error {
	var in struct {
		Email string `json:"email"`
	}
	return api.judgingAct(c, a, &in, func(ctx context.Context, id int64) error { return api.Service.NameJudge(ctx, a, id, in.Email) })
}

// JudgeRemove answers DELETE /challenges/{id}/judges/{user}.
func (api *API) JudgeRemove(c echo.Context, a market.Actor) error {
	return api.judgingAct(c, a, &struct{}{}, func(ctx context.Context, id int64) error {
		return api.Service.RemoveJudge(ctx, a, id, number(c.Param("user")))
	})
}

// JudgingAccept answers POST /challenges/{id}/judging/accept. The caller declares that they have no interest in it.
func (api *API) JudgingAccept(c echo.Context, a market.Actor) error {
	var in struct {
		Declared bool `json:"declared"`
	}
	return api.judgingAct(c, a, &in, func(ctx context.Context, id int64) error { return api.Service.AcceptJudging(ctx, a, id, in.Declared) })
}

// JudgingDecline answers POST /challenges/{id}/judging/decline.
func (api *API) JudgingDecline(c echo.Context, a market.Actor) error {
	return api.judgingAct(c, a, &struct{}{}, func(ctx context.Context, id int64) error { return api.Service.DeclineJudging(ctx, a, id) })
}

// openProposalBody is a whole unsealed proposal, with the scores that the caller may see.
type openProposalBody struct {
	openProposalItem
	ChallengeID int64          `json:"challenge_id"`
	Answers     []string       `json:"answers"`
	Team        string         `json:"team"`
	Plan        string         `json:"plan"`
	Files       []proposalFile `json:"files"`
	Sheets      []scoreSheet   `json:"sheets"`
}

type scoreSheet struct {
	Name     string   `json:"name"`
	Scores   []int    `json:"scores"`
	Comments []string `json:"comments"`
}

// OpenProposalShow answers GET /proposals/{id} to the poster's people and the judges, once it is unsealed. It is on record.
func (api *API) OpenProposalShow(c echo.Context, a market.Actor) error {
	proposal, err := id(c)
	if err != nil {
		return err
	}
	return api.writeOpenProposal(c, a, proposal)
}

func (api *API) writeOpenProposal(c echo.Context, a market.Actor, id int64) error {
	ctx := c.Request().Context()
	p, err := api.Service.ReadProposal(ctx, a, id)
	if err != nil {
		return err
	}
	files, err := api.Store.ProposalFiles(ctx, p.Files)
	if err != nil {
		return err
	}
	sheets, err := api.Store.ScoreSheets(ctx, a, id)
	if err != nil {
		return err
	}
	out := openProposalBody{openProposalItem: openProposalOf(p), ChallengeID: p.ChallengeID, Answers: nonNil(p.Answers), Team: p.Team, Plan: p.Plan,
		Files: make([]proposalFile, 0, len(files)), Sheets: make([]scoreSheet, 0, len(sheets))}
	for _, f := range files {
		out.Files = append(out.Files, proposalFile{f.ID, f.Name, f.Size})
	}
	for _, s := range sheets {
		out.Sheets = append(out.Sheets, scoreSheet{s.Name, nonNil(s.Scores), nonNil(s.Comments)})
	}
	return c.JSON(http.StatusOK, out)
}

// ProposalScore answers POST /proposals/{id}/score with the scores and comments in the order of the criteria.
func (api *API) ProposalScore(c echo.Context, a market.Actor) error {
	proposal, err := id(c)
	if err != nil {
		return err
	}
	var in struct {
		Scores   []int    `json:"scores"`
		Comments []string `json:"comments"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if err := api.Service.ScoreProposal(c.Request().Context(), a, proposal, in.Scores, in.Comments); err != nil {
		return err
	}
	return api.writeOpenProposal(c, a, proposal)
}
