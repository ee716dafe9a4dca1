package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// matchItem is a suggestion; the engine's score is not shown.
type matchItem struct {
	ID       int64               `json:"id"`
	NeedID   int64               `json:"need_id"`
	ResultID int64               `json:"result_id"`
	Strength string              `json:"strength"`
	Reasons  []store.MatchReason `json:"reasons"`
	Terms    []string            `json:"terms"`
	Useful   *bool               `json:"useful"`  // what the caller's organisation said
	Listing  card                `json:"listing"` // the other side
}

// Matches answers GET /{kind}s/{id}/matches: what the listing's page shows, nothing while it is not public.
func (api *API) Matches(kind market.Kind) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		listing, err := id(c)
		if err != nil {
			return err
		}
		l, err := api.listing(c, a, kind, listing)
		if err != nil {
			return err
		}
		slice, page := pageOf(c)
		if l.State != market.Published {
			return writeList[matchItem](c, nil, 0, slice, page)
		}
		found, total, err := api.Store.Matches(c.Request().Context(), a, kind, listing, slice)
		if err != nil {
			return err
		}
		items, err := api.matchItems(c, a, found, func(m store.Match, cards map[int64]store.ListingCard) store.ListingCard {
			if kind == market.KindNeed {
				return cards[m.ResultID]
			}
			return cards[m.NeedID]
		})
		if err != nil {
			return err
		}
		return writeList(c, items, total, slice, page)
	}
}

// OwnMatches answers GET /matches?listing_id=&said=: the suggestions for the caller's own listings.
func (api *API) OwnMatches(c echo.Context, a market.Actor) error {
	f, err := matchFilter(c)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	found, total, err := api.Store.OrgMatches(c.Request().Context(), a, f, slice)
	if err != nil {
		return err
	}
	items, err := api.matchItems(c, a, found, func(m store.Match, cards map[int64]store.ListingCard) store.ListingCard {
		if cards[m.NeedID].OrgID == a.OrgID {
			return cards[m.ResultID]
		}
		return cards[m.NeedID]
	})
	if err != nil {
		return err
	}
	return writeList(c, items, total, slice, page)
}

func matchFilter(c echo.Context) (store.MatchFilter, error) {
	var p market.Problems
	f := store.MatchFilter{Said: store.Said(c.QueryParam("said"))}
	if f.Said != store.SaidOpen && f.Said != store.SaidUseful && f.Said != store.SaidUnsuitable {
		p.Add("said", "应为 useful 或 unsuitable")
	}
	if text := c.QueryParam("listing_id"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 {
			p.Add("listing_id", "应为需求或成果的 id")
		}
		f.ListingID = n
	}
	return f, p.Err()
}

// matchItems shows suggestions with the side that other picks. One whose sides are not public any more is left out.
func (api *API) matchItems(c echo.Context, a market.Actor, found []store.Match, other func(store.Match, map[int64]store.ListingCard) store.ListingCard) ([]matchItem, error) {
	ids := make([]int64, 0, 2*len(found))
	for _, m := range found {
		ids = append(ids, m.NeedID, m.ResultID)
	}
	sides, err := api.Store.ListingCards(c.Request().Context(), a, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]store.ListingCard, len(sides))
	for _, side := range sides {
		byID[side.ID] = side
	}
	items := make([]matchItem, 0, len(found))
	for _, m := range found {
		if listing := other(m, byID); listing.ID != 0 {
			items = append(items, matchItem{ID: m.ID, NeedID: m.NeedID, ResultID: m.ResultID, Strength: m.Strength, Reasons: nonNil(m.Reasons),
				Terms: nonNil([]string(m.Terms)), Useful: m.Useful, Listing: cardOf(listing)})
		}
	}
	return items, nil
}

// MatchMark answers POST /matches/{id}/mark: 有用 or 不合适, null takes the word back.
func (api *API) MatchMark(c echo.Context, a market.Actor) error {
	match, err := id(c)
	if err != nil {
		return err
	}
	var in struct {
		Useful *bool  `json:"useful"`
		Reason string `json:"reason"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if err := api.Service.MarkMatch(c.Request().Context(), a, match, in.Useful, in.Reason); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
