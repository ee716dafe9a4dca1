package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// reviewItem is a line of the review queue. ClaimedBy is the name of who works on it, null for nobody.
type reviewItem struct {
	Subject     market.Subject `json:"subject"`
	ID          int64          `json:"id"`
	Title       string         `json:"title"`
	Number      string         `json:"number"`
	Org         party          `json:"org"`
	County      string         `json:"county"`
	Submarket   string         `json:"submarket"`
	SubmittedAt *string        `json:"submitted_at"`
	Due         date           `json:"due"`
	Returned    int            `json:"returned"`
	ClaimedBy   *string        `json:"claimed_by"`
	Mine        bool           `json:"mine"`
}

// ReviewList answers GET /review?type=&county=&submarket=&mine=.
func (api *API) ReviewList(c echo.Context, a market.Actor) error {
	f := store.ReviewFilter{Subject: market.Subject(c.QueryParam("type")), Region: c.QueryParam("county"), Submarket: c.QueryParam("submarket"), Mine: c.QueryParam("mine") == "true"}
	if f.Subject != "" && f.Subject.Name() == "" {
		return market.Problems{{Field: "type", Message: "没有这类审核事项"}}.Err()
	}
	slice, page := pageOf(c)
	waiting, totals, err := api.Store.ReviewQueue(c.Request().Context(), a, api.Ref, f, api.Service.Today(), slice)
	if err != nil {
		return err
	}
	items := make([]reviewItem, len(waiting))
	for i, w := range waiting {
		items[i] = reviewItem{Subject: w.Subject, ID: w.ID, Title: w.Title, Number: w.Number, Org: party{w.OrgID, w.OrgName}, County: w.Region, Submarket: w.Submarket,
			SubmittedAt: stamp(&w.SubmittedAt), Due: dateOf(w.Due), Returned: w.Returned, Mine: w.ClaimedBy == a.UserID}
		if w.ClaimedBy != 0 {
			items[i].ClaimedBy = &w.Claimer
		}
	}
	return writeList(c, items, totals.Shown(f), slice, page)
}

// ReviewClaim answers POST /review/claim.
func (api *API) ReviewClaim(c echo.Context, a market.Actor) error {
	return queueAct(c, func(s market.Subject, id int64) error {
		return api.Service.ClaimReview(c.Request().Context(), a, s, id)
	})
}

// ReviewRelease answers POST /review/release.
func (api *API) ReviewRelease(c echo.Context, a market.Actor) error {
	return queueAct(c, func(s market.Subject, id int64) error {
		return api.Service.ReleaseReview(c.Request().Context(), a, s, id)
	})
}

// queueAct reads which item is meant and acts on it.
func queueAct(c echo.Context, act func(market.Subject, int64) error) error {
	var in struct {
		Subject market.Subject `json:"subject"`
		ID      int64          `json:"id"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Subject.Name() == "" {
		return market.Problems{{Field: "subject", Message: "没有这类审核事项"}}.Err()
	}
	if err := act(in.Subject, in.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// revisionItem is a text of a listing at one time. Exactly one of need and result is there.
type revisionItem struct {
	ID          int64                `json:"id"`
	ListingID   int64                `json:"listing_id"`
	Edit        bool                 `json:"edit"`
	State       market.RevisionState `json:"state"`
	Version     int                  `json:"version"`
	Writer      string               `json:"writer"`
	Agency      string               `json:"agency"`
	UpdatedAt   *string              `json:"updated_at"`
	SubmittedAt *string              `json:"submitted_at"`
	DecidedAt   *string              `json:"decided_at"`
	Decider     string               `json:"decider"`
	ReturnCodes []string             `json:"return_codes"`
	ReturnNote  string               `json:"return_note"`
	Need        *needBody            `json:"need,omitempty"`
	Result      *resultBody          `json:"result,omitempty"`
}

func revisionOf(v market.Revision) revisionItem {
	out := revisionItem{ID: v.ID, ListingID: v.ListingID, Edit: v.Edit, State: v.State, Version: v.Version, Writer: v.Writer, Agency: v.Agency,
		UpdatedAt: stamp(&v.UpdatedAt), SubmittedAt: stamp(v.SubmittedAt), DecidedAt: stamp(v.DecidedAt), Decider: v.Decider,
		ReturnCodes: nonNil(v.ReturnCodes), ReturnNote: v.ReturnNote}
	if v.Text.Need != nil {
		body := needBodyOf(*v.Text.Need)
		out.Need = &body
	} else {
		body := resultBodyOf(*v.Text.Result)
		out.Result = &body
	}
	return out
}

// Revisions answers GET /{kind}s/{id}/revisions: the texts of a listing over time, newest first. For the people of its
// organisation, and for reviewers and auditors within their reach.
func (api *API) Revisions(kind market.Kind) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		listing, err := id(c)
		if err != nil {
			return err
		}
		seen, err := api.Store.SeesRevisions(c.Request().Context(), a, kind, listing)
		if err != nil {
			return err
		}
		if !seen {
			return market.ErrNotFound
		}
		found, err := api.Store.Revisions(c.Request().Context(), a, listing)
		if err != nil {
			return err
		}
		items := make([]revisionItem, len(found))
		for i, v := range found {
			items[i] = revisionOf(v)
		}
		return writeList(c, items, len(items), store.Slice{Limit: max(1, len(items))}, 1)
	}
}

// RevisionPublish answers POST /revisions/{id}/publish. See Publish.
func (api *API) RevisionPublish(c echo.Context, a market.Actor) error {
	var in struct {
		Version int          `json:"version"`
		Checks  market.Ticks `json:"checks"`
	}
	return api.revisionAct(c, a, &in, func(v market.Revision) error {
		if in.Checks == nil {
			in.Checks = market.SubjectRevision.AllYes()
		}
		return api.Service.PublishRevision(c.Request().Context(), a, v.ID, versionOf(v, in.Version), in.Checks)
	})
}

// RevisionReturn answers POST /revisions/{id}/return.
func (api *API) RevisionReturn(c echo.Context, a market.Actor) error {
	var in struct {
		Version int      `json:"version"`
		Codes   []string `json:"codes"`
		Note    string   `json:"note"`
	}
	return api.revisionAct(c, a, &in, func(v market.Revision) error {
		return api.Service.ReturnRevision(c.Request().Context(), a, v.ID, versionOf(v, in.Version), in.Codes, in.Note)
	})
}

// versionOf is the version the caller names or, where it names none, the present one.
func versionOf(v market.Revision, named int) int {
	if named != 0 {
		return named
	}
	return v.Version
}

// revisionAct reads the id and the body, acts, and answers with the text as it stands then. An act on a text that the
// caller does not see is left to the service, which notes the attempt.
func (api *API) revisionAct(c echo.Context, a market.Actor, in any, act func(market.Revision) error) error {
	revision, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	v, err := api.Store.Revision(c.Request().Context(), a, revision)
	if market.IsKind(err, market.NotFound) {
		v, err = market.Revision{ID: revision}, nil
	}
	if err != nil {
		return err
	}
	if err := act(v); err != nil {
		return err
	}
	if v, err = api.Store.Revision(c.Request().Context(), a, revision); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, revisionOf(v))
}
