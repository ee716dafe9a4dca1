package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// card is a listing in a list.
type card struct {
	ID             int64               `json:"id"`
	Kind           market.Kind         `json:"kind"`
	Number         string              `json:"number"`
	State          market.ListingState `json:"state"`
	Title          string              `json:"title"`
	Summary        string              `json:"summary"`
	Submarket      string              `json:"submarket"`
	Fields         []string            `json:"fields"`
	County         string              `json:"county"`
	Modes          []string            `json:"modes"`
	Org            *orgRef             `json:"org"`
	Price          price               `json:"price"` // of a need its budget
	Deadline       date                `json:"deadline"`
	IndicatorCount int                 `json:"indicator_count"`
	Stage          string              `json:"stage"`
	TRLMin         int                 `json:"trl_min"`
	TRLMax         int                 `json:"trl_max"`
	PriceMethod    string              `json:"price_method"`
	PatentCount    int                 `json:"patent_count"`
	PublishedAt    *string             `json:"published_at"`
	ConfirmedAt    *string             `json:"confirmed_at"`
	ValidUntil     date                `json:"valid_until"`
}

func cardOf(c store.ListingCard) card {
	return card{ID: c.ID, Kind: c.Kind, Number: c.Number, State: c.State, Title: c.Title, Summary: c.Text, Submarket: c.Submarket,
		Fields: nonNil(c.Fields), County: c.Region, Modes: nonNil(c.Modes), Org: cardOrg(c),
		Price:    priceOf(market.Price{Kind: c.PriceKind, Min: c.PriceMin, Max: c.PriceMax}),
		Deadline: dateOf(c.Deadline), IndicatorCount: c.IndicatorCount, Stage: c.Stage, TRLMin: c.TRLMin, TRLMax: c.TRLMax,
		PriceMethod: c.PriceMethod, PatentCount: c.PatentCount, PublishedAt: stamp(c.PublishedAt), ConfirmedAt: stamp(c.ConfirmedAt),
		ValidUntil: dateOf(c.ValidUntil)}
}

func cardOrg(c store.ListingCard) *orgRef {
	if c.OrgName == "" {
		return nil
	}
	return &orgRef{ID: c.OrgID, Name: c.OrgName, Verified: c.OrgVerified, Demo: c.Demo}
}

func cards(in []store.ListingCard) []card {
	out := make([]card, len(in))
	for i, c := range in {
		out[i] = cardOf(c)
	}
	return out
}

// Search answers GET /search.
func (api *API) Search(c echo.Context, a market.Actor) error {
	slice, page := pageOf(c)
	found, err := api.Find(c, a, slice)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		list[card]
		Facets map[string]map[string]int `json:"facets"`
	}{list[card]{cards(found.Cards), found.Total, page, slice.Limit}, found.Facets})
}

// listingList answers GET /needs and /results: the public ones, or with mine=true those of the caller's organisation.
func (api *API) listingList(c echo.Context, a market.Actor, kind market.Kind) error {
	slice, page := pageOf(c)
	if c.QueryParam("mine") == "true" {
		if a.OrgID == 0 {
			return market.Errorf(market.Unsigned, "查看本单位的内容需要令牌")
		}
		own, total, err := api.Store.OwnListings(c.Request().Context(), a, kind, market.ListingState(c.QueryParam("state")), slice)
		if err != nil {
			return err
		}
		items := make([]card, len(own))
		for i, o := range own {
			items[i] = cardOf(o.ListingCard)
		}
		return writeList(c, items, total, slice, page)
	}
	c.QueryParams().Set("kind", string(kind))
	found, err := api.Find(c, a, slice)
	if err != nil {
		return err
	}
	return writeList(c, cards(found.Cards), found.Total, slice, page)
}

// move answers with the listing after a move of it.
func (api *API) move(kind market.Kind, act func(c echo.Context, a market.Actor, id int64) error) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		listing, err := id(c)
		if err != nil {
			return err
		}
		if err := act(c, a, listing); err != nil {
			return err
		}
		if kind == market.KindNeed {
			return api.writeNeed(c, a, listing, http.StatusOK)
		}
		return api.writeResult(c, a, listing, http.StatusOK)
	}
}

// Submit answers POST /{kind}s/{id}/submit.
func (api *API) Submit(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		return api.Service.SubmitListing(c.Request().Context(), a, kind, id)
	})
}

// Publish answers POST /{kind}s/{id}/publish: the caller says that the whole check list holds.
func (api *API) Publish(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		var in struct {
			Version int `json:"version"` // the one that was looked at; the present one when absent
		}
		if err := read(c, &in); err != nil {
			return err
		}
		version, err := api.versionOr(c, a, kind, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.PublishListing(c.Request().Context(), a, kind, id, version, market.Subject(kind).AllYes())
	})
}

// Withdraw answers POST /{kind}s/{id}/withdraw.
func (api *API) Withdraw(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		return api.Service.WithdrawListing(c.Request().Context(), a, kind, id)
	})
}

// versionOr is the version the caller names or, where it names none, the present one.
func (api *API) versionOr(c echo.Context, a market.Actor, kind market.Kind, id int64, named int) (int, error) {
	if named != 0 {
		return named, nil
	}
	if kind == market.KindNeed {
		n, err := api.Store.Need(c.Request().Context(), a, id)
		return n.Version, err
	}
	r, err := api.Store.Result(c.Request().Context(), a, id)
	return r.Version, err
}

// Return answers POST /{kind}s/{id}/return.
func (api *API) Return(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		var in struct {
			Version int      `json:"version"`
			Codes   []string `json:"codes"`
			Note    string   `json:"note"`
		}
		if err := read(c, &in); err != nil {
			return err
		}
		version, err := api.versionOr(c, a, kind, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.ReturnListing(c.Request().Context(), a, kind, id, version, in.Codes, in.Note)
	})
}

// matchItem is a suggestion; the engine's score is not shown.
type matchItem struct {
	ID       int64               `json:"id"`
	NeedID   int64               `json:"need_id"`
	ResultID int64               `json:"result_id"`
	Strength string              `json:"strength"`
	Reasons  []store.MatchReason `json:"reasons"`
	Terms    []string            `json:"terms"`
	Useful   *bool               `json:"useful"`
	Listing  card                `json:"listing"` // the other side
}

// Matches answers GET /{kind}s/{id}/matches.
func (api *API) Matches(kind market.Kind) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		listing, err := id(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		found, err := api.Store.ListingKind(ctx, a, listing)
		if err != nil || found != kind {
			return market.ErrNotFound
		}
		slice, page := pageOf(c)
		matches, total, err := api.Store.Matches(ctx, a, kind, listing, slice)
		if err != nil {
			return err
		}
		ids := make([]int64, len(matches))
		for i, m := range matches {
			ids[i] = otherSide(kind, m)
		}
		others, err := api.Store.ListingCards(ctx, a, ids)
		if err != nil {
			return err
		}
		byID := map[int64]store.ListingCard{}
		for _, o := range others {
			byID[o.ID] = o
		}
		items := make([]matchItem, 0, len(matches))
		for _, m := range matches {
			items = append(items, matchItem{ID: m.ID, NeedID: m.NeedID, ResultID: m.ResultID, Strength: m.Strength, Reasons: m.Reasons,
				Terms: nonNil(m.Terms), Useful: m.Useful, Listing: cardOf(byID[otherSide(kind, m)])})
		}
		return writeList(c, items, total, slice, page)
	}
}

func otherSide(kind market.Kind, m store.Match) int64 {
	if kind == market.KindNeed {
		return m.ResultID
	}
	return m.NeedID
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
