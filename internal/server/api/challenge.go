package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// challengeItem is a challenge in a list.
type challengeItem struct {
	ID             int64                 `json:"id"`
	Number         string                `json:"number"`
	State          market.ChallengeState `json:"state"`
	Title          string                `json:"title"`
	Submarket      string                `json:"submarket"`
	Award          amount                `json:"award"`
	Deadline       *string               `json:"deadline"`
	PublicityUntil date                  `json:"publicity_until"`
	Org            orgRef                `json:"org"`
}

// challengeBody is a whole challenge as everybody reads it. Proposals is null until they are unsealed.
type challengeBody struct {
	challengeItem
	Fields       []string           `json:"fields"`
	Problem      string             `json:"problem"`
	Indicators   []market.Indicator `json:"indicators"`
	Requirements string             `json:"requirements"`
	Payment      string             `json:"payment"`
	ContractKind string             `json:"contract_kind"`
	Awards       int                `json:"awards"`
	Criteria     []market.Criterion `json:"criteria"`
	NeedID       *int64             `json:"need_id"`
	PublishedAt  *string            `json:"published_at"`
	OpenedAt     *string            `json:"opened_at"`
	Proposals    *int               `json:"proposals"`
	Outcome      string             `json:"outcome"`
	Winners      []winnerItem       `json:"winners"`
	Judges       []string           `json:"judges"`
	Official     string             `json:"official"`
	Questions    []questionItem     `json:"questions"`
	Own          *challengeOwn      `json:"own"`
}

// winnerItem is an awarded proposal. Total is the mean of the judges' weighted totals.
type winnerItem struct {
	OrgID   int64   `json:"org_id"`
	OrgName string  `json:"org_name"`
	Price   amount  `json:"price"`
	Total   *string `json:"total"`
}

// questionItem is a question with its answer; nobody is told who asked.
type questionItem struct {
	ID         int64   `json:"id"`
	Question   string  `json:"question"`
	AskedAt    *string `json:"asked_at"`
	Answer     string  `json:"answer"`
	AnsweredAt *string `json:"answered_at"`
}

// publicStates are the states that the list of challenges may be asked for.
var publicStates = []market.ChallengeState{market.ChallengeOpen, market.ChallengeJudging, market.ChallengePublicity, market.ChallengeAwarded, market.ChallengeUnawarded, market.ChallengeCancelled}

// ChallengeList answers GET /challenges?state=&submarket=, and with mine=true the caller's own, drafts too.
func (api *API) ChallengeList(c echo.Context, a market.Actor) error {
	f := store.ChallengeFilter{Submarket: c.QueryParam("submarket")}
	var p market.Problems
	if f.Submarket != "" && api.Ref.Submarkets.Name(f.Submarket) == "" {
		p.Add("submarket", "没有这个专业市场")
	}
	if state := market.ChallengeState(c.QueryParam("state")); state != "" {
		f.States = []market.ChallengeState{state}
		if !slices.Contains(publicStates, state) {
			p.Add("state", "应为 open、judging、publicity、awarded、unawarded 或 cancelled")
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	slice, page := pageOf(c)
	list := func(ctx context.Context) ([]store.ChallengeCard, int, error) {
		return api.Store.Challenges(ctx, f, slice)
	}
	if c.QueryParam("mine") == "true" {
		list = func(ctx context.Context) ([]store.ChallengeCard, int, error) {
			return api.Store.OwnChallenges(ctx, a, slice)
		}
	}
	found, total, err := list(c.Request().Context())
	if err != nil {
		return err
	}
	items := make([]challengeItem, len(found))
	for i, x := range found {
		items[i] = challengeItem{x.ID, x.Number, x.State, x.Title, x.Submarket, optionalAmount(x.Award), stamp(x.Deadline), optionalDate(x.PublicityUntil), orgRef{x.OrgID, x.OrgName, x.OrgVerified, x.Demo}}
	}
	return writeList(c, items, total, slice, page)
}

// ChallengeShow answers GET /challenges/{id}.
func (api *API) ChallengeShow(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	return api.writeChallenge(c, a, challenge, http.StatusOK)
}

func (api *API) writeChallenge(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	ch, err := api.Store.Challenge(ctx, a, id)
	if err != nil {
		return err
	}
	questions, err := api.Store.Questions(ctx, id)
	if err != nil {
		return err
	}
	outcome, err := api.Store.Outcome(ctx, ch.Challenge)
	if err != nil {
		return err
	}
	out := challengeBody{challengeItem: challengeItem{ch.ID, ch.Number, ch.State, ch.Title, ch.Submarket, optionalAmount(ch.Award), stamp(ch.Deadline), optionalDate(ch.PublicityUntil),
		orgRef{ch.OrgID, ch.OrgName, ch.OrgState == market.OrgVerified, ch.Demo}}, Fields: nonNil(ch.Fields), Problem: ch.Problem, Indicators: nonNil(ch.Indicators), Requirements: ch.Requirements,
		Payment: ch.Payment, ContractKind: ch.ContractKind, Awards: ch.Awards, Criteria: nonNil(ch.Criteria), NeedID: ch.NeedID, PublishedAt: stamp(ch.PublishedAt), OpenedAt: stamp(ch.OpenedAt),
		Outcome: ch.Outcome, Winners: make([]winnerItem, 0, len(outcome.Winners)), Judges: nonNil(outcome.Judges), Official: ch.Official, Questions: make([]questionItem, 0, len(questions)), Own: challengeOwnOf(ch)}
	if ch.OpenedAt != nil {
		out.Proposals = &outcome.Proposals
	}
	for _, w := range outcome.Winners {
		item := winnerItem{OrgID: w.OrgID, OrgName: w.OrgName, Price: amountOf(w.Price)}
		if w.Total.Valid {
			item.Total = new(w.Total.Decimal.StringFixed(2))
		}
		out.Winners = append(out.Winners, item)
	}
	for _, q := range questions {
		out.Questions = append(out.Questions, questionItem{q.ID, q.Question, stamp(&q.AskedAt), q.Answer, stamp(q.AnsweredAt)})
	}
	return c.JSON(status, out)
}

// proposalItem is an own proposal in a list.
type proposalItem struct {
	ChallengeID    int64                 `json:"challenge_id"`
	Number         string                `json:"number"`
	Title          string                `json:"title"`
	ChallengeState market.ChallengeState `json:"challenge_state"`
	Deadline       *string               `json:"deadline"`
	State          market.ProposalState  `json:"state"`
	Price          amount                `json:"price"`
	SubmittedAt    *string               `json:"submitted_at"`
}

// proposalBody is an own proposal. The reason is there once the decision is public.
type proposalBody struct {
	ID          int64                `json:"id"`
	ChallengeID int64                `json:"challenge_id"`
	State       market.ProposalState `json:"state"`
	Answers     []string             `json:"answers"`
	Team        string               `json:"team"`
	Plan        string               `json:"plan"`
	Period      string               `json:"period"`
	Price       amount               `json:"price"`
	Files       []proposalFile       `json:"files"`
	Reason      string               `json:"reason"`
	Version     int                  `json:"version"`
	SubmittedAt *string              `json:"submitted_at"`
}

// proposalFile is an attachment; the site gives it at /files/{id}.
type proposalFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int    `json:"size"`
}

// maxProposals is how many own proposals the list gives.
const maxProposals = 100

// ProposalList answers GET /proposals: those of the caller's organisation, newest first.
func (api *API) ProposalList(c echo.Context, a market.Actor) error {
	found, err := api.Store.OwnProposals(c.Request().Context(), a, maxProposals)
	if err != nil {
		return err
	}
	items := make([]proposalItem, len(found))
	for i, p := range found {
		items[i] = proposalItem{p.ChallengeID, p.Number, p.Title, p.Challenge, stamp(&p.Deadline), p.State, amountOf(p.Price), stamp(&p.SubmittedAt)}
	}
	return writeList(c, items, len(items), store.Slice{Limit: maxProposals}, 1)
}

// ProposalShow answers GET /challenges/{id}/proposal with that of the caller's organisation.
func (api *API) ProposalShow(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	return api.writeProposal(c, a, challenge)
}

func (api *API) writeProposal(c echo.Context, a market.Actor, challenge int64) error {
	ctx := c.Request().Context()
	p, err := api.Store.OwnProposal(ctx, a, challenge)
	if err != nil {
		return err
	}
	files, err := api.Store.ProposalFiles(ctx, p.Files)
	if err != nil {
		return err
	}
	out := proposalBody{ID: p.ID, ChallengeID: p.ChallengeID, State: p.State, Answers: nonNil(p.Answers), Team: p.Team, Plan: p.Plan, Period: p.Period, Price: optionalAmount(p.Price),
		Files: make([]proposalFile, 0, len(files)), Reason: p.Reason, Version: p.Version, SubmittedAt: stamp(&p.SubmittedAt)}
	for _, f := range files {
		out.Files = append(out.Files, proposalFile{f.ID, f.Name, f.Size})
	}
	return c.JSON(http.StatusOK, out)
}

// ProposalSave answers POST /challenges/{id}/proposal: it hands in the proposal, or changes it when version names the stored
// one. Attachments stay as they are.
func (api *API) ProposalSave(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	var in struct {
		Version int      `json:"version"`
		Answers []string `json:"answers"`
		Team    string   `json:"team"`
		Plan    string   `json:"plan"`
		Period  string   `json:"period"`
		Price   amount   `json:"price"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var p market.Problems
	proposal := market.Proposal{ChallengeID: challenge, Version: in.Version, Answers: in.Answers, Team: in.Team, Plan: in.Plan, Period: in.Period, Price: in.Price.yuan(&p, "price")}
	if err := p.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	old, err := api.Store.OwnProposal(ctx, a, challenge)
	if err != nil && !market.IsKind(err, market.NotFound) {
		return err
	}
	proposal.Files = old.Files
	if err := api.Service.SaveProposal(ctx, a, proposal); err != nil {
		return err
	}
	return api.writeProposal(c, a, challenge)
}

// ProposalWithdraw answers POST /challenges/{id}/proposal/withdraw.
func (api *API) ProposalWithdraw(c echo.Context, a market.Actor) error {
	challenge, err := id(c)
	if err != nil {
		return err
	}
	if err := api.Service.WithdrawProposal(c.Request().Context(), a, challenge); err != nil {
		return err
	}
	return api.writeProposal(c, a, challenge)
}
