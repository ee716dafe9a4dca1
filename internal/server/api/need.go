package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// common is what needs and results have in common, in and out. The last group is shown to the owner and to reviewers.
type common struct {
	Title     string   `json:"title"`
	Submarket string   `json:"submarket"`
	Fields    []string `json:"fields"`
	TechField string   `json:"tech_field"`
	County    string   `json:"county"`
	Modes     []string `json:"modes"`

	HideOrg          bool   `json:"hide_org"`
	SecrecyConfirmed bool   `json:"secrecy_confirmed"`
	ContactName      string `json:"contact_name,omitempty"`
	ContactPhone     string `json:"contact_phone,omitempty"`
	Gated            string `json:"gated,omitempty"`
}

func commonOf(l market.Listing) common {
	return common{Title: l.Title, Submarket: l.Submarket, Fields: nonNil(l.Fields), TechField: l.TechField, County: l.Region, Modes: nonNil(l.Modes),
		HideOrg: l.HideOrg, SecrecyConfirmed: l.SecrecyConfirmed, ContactName: l.ContactName, ContactPhone: l.ContactPhone, Gated: l.Gated}
}

func (in common) into(l *market.Listing) {
	l.Title, l.Submarket, l.Fields, l.TechField, l.Region, l.Modes = in.Title, in.Submarket, in.Fields, in.TechField, in.County, in.Modes
	l.HideOrg, l.SecrecyConfirmed, l.ContactName, l.ContactPhone, l.Gated = in.HideOrg, in.SecrecyConfirmed, in.ContactName, in.ContactPhone, in.Gated
}

// standing is where a listing stands; it is written by moves only.
type standing struct {
	ID          int64               `json:"id"`
	Kind        market.Kind         `json:"kind"`
	Number      string              `json:"number"`
	State       market.ListingState `json:"state"`
	Version     int                 `json:"version"`
	Org         *orgRef             `json:"org"`
	PublishedAt *string             `json:"published_at"`
	ConfirmedAt *string             `json:"confirmed_at"`
	ValidUntil  date                `json:"valid_until"`
	ReturnCodes []string            `json:"return_codes"`
	ReturnNote  string              `json:"return_note"`
	Edit        *edit               `json:"edit"`
}

// edit is where an edit of a public listing stands, for its owner's people.
type edit struct {
	State       market.RevisionState `json:"state"`
	Version     int                  `json:"version"` // to go on from
	ReturnCodes []string             `json:"return_codes"`
	ReturnNote  string               `json:"return_note"`
}

// editOf is the open edit of a listing, nil when there is none or it is not the actor's organisation's.
func (api *API) editOf(c echo.Context, a market.Actor, l market.Listing) (*edit, error) {
	if a.OrgID == 0 || a.OrgID != l.OrgID || !l.State.Public() {
		return nil, nil
	}
	v, err := api.Store.LastRevision(c.Request().Context(), a, l.ID)
	if market.IsKind(err, market.NotFound) || err == nil && !v.Open() {
		return nil, nil
	}
	return &edit{State: v.State, Version: v.Version, ReturnCodes: nonNil(v.ReturnCodes), ReturnNote: v.ReturnNote}, err
}

// standing names the organisation as lists do: not at all where its name is hidden from the reader.
func (api *API) standing(c echo.Context, a market.Actor, l market.Listing) (standing, error) {
	out := standing{ID: l.ID, Kind: l.Kind, Number: l.Number, State: l.State, Version: l.Version, PublishedAt: stamp(l.PublishedAt),
		ConfirmedAt: stamp(l.ConfirmedAt), ValidUntil: optionalDate(l.ValidUntil), ReturnCodes: nonNil(l.ReturnCodes), ReturnNote: l.ReturnNote}
	cards, err := api.Store.ListingCards(c.Request().Context(), a, []int64{l.ID})
	if len(cards) == 1 {
		out.Org = cardOrg(cards[0])
	}
	if err != nil {
		return out, err
	}
	out.Edit, err = api.editOf(c, a, l)
	return out, err
}

// needBody is what a caller writes of a need.
type needBody struct {
	common
	Problem    string             `json:"problem"`
	Background string             `json:"background"`
	Indicators []market.Indicator `json:"indicators"`
	Budget     price              `json:"budget"`
	Deadline   date               `json:"deadline"`
	Ownership  string             `json:"ownership"`
	Partner    string             `json:"partner"`
}

func needBodyOf(n market.Need) needBody {
	return needBody{common: commonOf(n.Listing), Problem: n.Problem, Background: n.Background, Indicators: n.Indicators,
		Budget: priceOf(n.Budget), Deadline: optionalDate(n.Deadline), Ownership: n.Ownership, Partner: n.Partner}
}

// into copies the input over the need. Rows that the body does not name stay.
func (in needBody) into(n *market.Need) error {
	var p market.Problems
	in.common.into(&n.Listing)
	n.Problem, n.Background, n.Budget = in.Problem, in.Background, in.Budget.price(&p, "budget")
	n.Deadline, n.Ownership, n.Partner = in.Deadline.optionalDay(&p, "deadline"), in.Ownership, in.Partner
	if in.Indicators != nil {
		n.Indicators = in.Indicators
	}
	return p.Err()
}

// NeedList answers GET /needs.
func (api *API) NeedList(c echo.Context, a market.Actor) error {
	return api.listingList(c, a, market.KindNeed)
}

// NeedShow answers GET /needs/{id}.
func (api *API) NeedShow(c echo.Context, a market.Actor) error {
	need, err := id(c)
	if err != nil {
		return err
	}
	return api.writeNeed(c, a, need, http.StatusOK)
}

func (api *API) writeNeed(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	n, err := api.Store.Need(ctx, a, id)
	if err != nil {
		return err
	}
	if n.Gated, _, err = api.Store.Gate(ctx, a, id); err != nil {
		return err
	}
	stands, err := api.standing(c, a, n.Listing)
	if err != nil {
		return err
	}
	files, err := api.shownFiles(c, a, id)
	if err != nil {
		return err
	}
	body := needBodyOf(n)
	body.Indicators = nonNil(body.Indicators)
	return c.JSON(status, struct {
		standing
		needBody
		shownFiles
	}{stands, body, files})
}

// NeedCreate answers POST /needs: a draft of the caller's organisation.
func (api *API) NeedCreate(c echo.Context, a market.Actor) error {
	in := needBody{Budget: price{Kind: market.PriceOpen}}
	if err := read(c, &in); err != nil {
		return err
	}
	once, err := key(c, "need")
	if err != nil {
		return err
	}
	var n market.Need
	if err := in.into(&n); err != nil {
		return err
	}
	need, err := api.Service.CreateNeed(c.Request().Context(), a, n, once)
	if err != nil {
		return err
	}
	created(c, "needs", need)
	return api.writeNeed(c, a, need, http.StatusCreated)
}

// NeedEdit answers PATCH /needs/{id}: what the body does not name stays. The edit of a public one waits beside it.
func (api *API) NeedEdit(c echo.Context, a market.Actor) error {
	need, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	text, err := api.Service.EditedText(ctx, a, market.KindNeed, need)
	if err != nil {
		return err
	}
	n := *text.Need
	in := struct {
		needBody
		Version int `json:"version"` // the one the edit starts from; the present one when absent
	}{needBodyOf(n), n.Version}
	in.Indicators = nil // rows are replaced as a whole, never one by one
	if err := read(c, &in); err != nil {
		return err
	}
	if err := in.into(&n); err != nil {
		return err
	}
	n.Version = in.Version
	if err := api.Service.EditNeed(ctx, a, n); err != nil {
		return err
	}
	return api.writeNeed(c, a, need, http.StatusOK)
}
