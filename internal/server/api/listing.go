package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"

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
		Fields: nonNil([]string(c.Fields)), County: c.Region, Modes: nonNil([]string(c.Modes)), Org: cardOrg(c),
		Price:    priceOf(market.Price{Kind: c.PriceKind, Min: c.PriceMin, Max: c.PriceMax}),
		Deadline: optionalDate(c.Deadline), IndicatorCount: c.IndicatorCount, Stage: c.Stage, TRLMin: c.TRLMin, TRLMax: c.TRLMax,
		PriceMethod: c.PriceMethod, PatentCount: c.PatentCount, PublishedAt: stamp(c.PublishedAt), ConfirmedAt: stamp(c.ConfirmedAt),
		ValidUntil: optionalDate(c.ValidUntil)}
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
	if err := api.checkFinding(c.QueryParams()); err != nil {
		return err
	}
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

// checkFinding refuses conditions that there are not. A page leaves them out and shows so; a program would take what it
// then gets for what it asked for.
func (api *API) checkFinding(v url.Values) error {
	one := func(known ...string) func(string) bool {
		return func(value string) bool { return value == "" || slices.Contains(known, value) }
	}
	code := func(name func(string) string) func(string) bool {
		return func(value string) bool { return name(value) != "" }
	}
	var p market.Problems
	for _, condition := range []struct {
		name  string
		known func(string) bool
	}{
		{"kind", one(string(market.KindNeed), string(market.KindResult))}, {"submarket", code(api.Ref.Submarkets.Name)}, {"field", code(api.Ref.FieldName)},
		{"county", code(api.Ref.Regions.Name)}, {"stage", code(market.StageName)},
		{"mode", code(market.Modes.Name)}, {"min", isAmount}, {"max", isAmount}, {"due", code(market.DueWithin.Name)}, {"verified", one("1")}, {"literal", one("1")}, {"sort", one("newest", "deadline")},
	} {
		for _, value := range v[condition.name] {
			if !condition.known(value) {
				p.Add(condition.name, "没有“%s”这个值", market.Truncate(market.Normalize(value), 20))
			}
		}
	}
	return p.Err()
}

func isAmount(value string) bool {
	_, err := market.ParseMoney(value, market.WanYuan)
	return value == "" || err == nil
}

// listingList answers GET /needs and /results: the public ones, with mine=true those of the caller's organisation, or
// with state=in_review what waits for reviewers, least time left first.
func (api *API) listingList(c echo.Context, a market.Actor, kind market.Kind) error {
	state := market.ListingState(c.QueryParam("state"))
	if state != "" && market.Listings.Names[state] == "" {
		return market.Problems{{Field: "state", Message: "没有这个状态"}}.Err()
	}
	switch mine := c.QueryParam("mine"); {
	case mine == "true":
		return api.ownList(c, a, kind, state)
	case mine != "" && mine != "false":
		return market.Problems{{Field: "mine", Message: "应为 true 或 false"}}.Err()
	case state == market.InReview:
		return api.reviewList(c, a, kind)
	case state != "" && state != market.Published:
		return market.Problems{{Field: "state", Message: "这个状态只能查看本单位的，请加上 mine=true"}}.Err()
	}
	c.QueryParams().Set("kind", string(kind))
	if err := api.checkFinding(c.QueryParams()); err != nil {
		return err
	}
	slice, page := pageOf(c)
	found, err := api.Find(c, a, slice)
	if err != nil {
		return err
	}
	return writeList(c, cards(found.Cards), found.Total, slice, page)
}

func (api *API) ownList(c echo.Context, a market.Actor, kind market.Kind, state market.ListingState) error {
	switch {
	case !a.SignedIn():
		return market.Errorf(market.Unsigned, "查看本单位的内容需要令牌")
	case a.OrgID == 0:
		return market.Errorf(market.Denied, "请先登记单位")
	}
	slice, page := pageOf(c)
	own, total, err := api.Store.OwnListings(c.Request().Context(), a, kind, state, slice)
	if err != nil {
		return err
	}
	items := make([]card, len(own))
	for i, o := range own {
		items[i] = cardOf(o.ListingCard)
	}
	return writeList(c, items, total, slice, page)
}

func (api *API) reviewList(c echo.Context, a market.Actor, kind market.Kind) error {
	if err := a.RequireDuty(market.Reviewer); err != nil {
		return err
	}
	slice, page := pageOf(c)
	ctx, filter := c.Request().Context(), store.ReviewFilter{Subject: market.Subject(kind)}
	waiting, totals, err := api.Store.ReviewQueue(ctx, a, api.Ref, filter, api.Service.Today(), slice)
	if err != nil {
		return err
	}
	ids := make([]int64, len(waiting))
	for i, w := range waiting {
		ids[i] = w.ID
	}
	found, err := api.Store.ListingCards(ctx, a, ids)
	if err != nil {
		return err
	}
	return writeList(c, cards(found), totals.Of(filter.Subject), slice, page)
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

// Move answers POST /{kind}s/{id}/{move} for the moves of the owner's side that take nothing but the id.
func (api *API) Move(kind market.Kind, carryOut func(context.Context, market.Actor, market.Kind, int64) error) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		if err := read(c, &struct{}{}); err != nil {
			return err
		}
		return carryOut(c.Request().Context(), a, kind, id)
	})
}

// Delete answers DELETE /{kind}s/{id}.
func (api *API) Delete(kind market.Kind) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		listing, err := id(c)
		if err != nil {
			return err
		}
		if err := api.Service.DeleteDraft(c.Request().Context(), a, kind, listing); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// Publish answers POST /{kind}s/{id}/publish. Without a check list the caller says that all of it holds.
func (api *API) Publish(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		var in struct {
			Version int          `json:"version"` // the one that was looked at; the present one when absent
			Checks  market.Ticks `json:"checks"`
		}
		if err := read(c, &in); err != nil {
			return err
		}
		if in.Checks == nil {
			in.Checks = market.Subject(kind).AllYes()
		}
		version, err := api.versionOr(c, a, kind, id, in.Version)
		if err != nil {
			return err
		}
		return api.Service.PublishListing(c.Request().Context(), a, kind, id, version, in.Checks)
	})
}

// Return answers POST /{kind}s/{id}/return.
func (api *API) Return(kind market.Kind) func(echo.Context, market.Actor) error {
	return api.move(kind, func(c echo.Context, a market.Actor, id int64) error {
		var in struct {
			Version int      `json:"version"` // see Publish
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

// listing reads what needs and results have in common.
func (api *API) listing(c echo.Context, a market.Actor, kind market.Kind, id int64) (market.Listing, error) {
	if kind == market.KindNeed {
		n, err := api.Store.Need(c.Request().Context(), a, id)
		return n.Listing, err
	}
	r, err := api.Store.Result(c.Request().Context(), a, id)
	return r.Listing, err
}

// versionOr is the version the caller names or, where it names none, the present one.
func (api *API) versionOr(c echo.Context, a market.Actor, kind market.Kind, id int64, named int) (int, error) {
	if named != 0 {
		return named, nil
	}
	l, err := api.listing(c, a, kind, id)
	return l.Version, err
}
