package api

import (
	"context"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// disclosureItem is a request to read what is gated, in a list. Owner is null while its name is hidden from the reader.
type disclosureItem struct {
	ID          int64                  `json:"id"`
	State       market.DisclosureState `json:"state"`
	ListingID   int64                  `json:"listing_id"`
	Kind        market.Kind            `json:"kind"`
	Title       string                 `json:"title"` // of the listing
	Org         party                  `json:"org"`   // who asks
	Owner       *party                 `json:"owner"`
	Purpose     string                 `json:"purpose"`
	Reason      string                 `json:"reason"` // of a refusal or a revocation
	Reads       int                    `json:"reads"`
	LastRead    *string                `json:"last_read"`
	RequestedAt *string                `json:"requested_at"`
	AnsweredAt  *string                `json:"answered_at"`
	RevokedAt   *string                `json:"revoked_at"`
}

func disclosureOf(d store.Disclosure) disclosureItem {
	out := disclosureItem{ID: d.ID, State: d.State, ListingID: d.ListingID, Kind: d.ListingKind, Title: d.ListingTitle, Org: party{d.OrgID, d.OrgName},
		Purpose: d.Purpose, Reason: d.Reason, Reads: d.Reads, LastRead: stamp(d.LastRead), RequestedAt: stamp(&d.RequestedAt),
		AnsweredAt: stamp(d.AnsweredAt), RevokedAt: stamp(d.RevokedAt)}
	if d.OwnerName != "" {
		out.Owner = &party{d.OwnerOrg, d.OwnerName}
	}
	return out
}

// pledgeItem is the 保密承诺 that is valid now, and whether the caller has accepted it for this disclosure.
type pledgeItem struct {
	Version  string `json:"version"`
	Body     string `json:"body"`
	Accepted bool   `json:"accepted"`
}

// DisclosureList answers GET /disclosures?box=received|sent.
func (api *API) DisclosureList(c echo.Context, a market.Actor) error {
	box := store.DisclosureBox(c.QueryParam("box"))
	switch box {
	case "":
		box = store.DisclosuresReceived
	case store.DisclosuresReceived, store.DisclosuresSent:
	default:
		return market.Problems{{Field: "box", Message: "应为 received 或 sent"}}.Err()
	}
	slice, page := pageOf(c)
	found, total, err := api.Store.Disclosures(c.Request().Context(), a, box, slice)
	if err != nil {
		return err
	}
	items := make([]disclosureItem, len(found))
	for i, d := range found {
		items[i] = disclosureOf(d)
	}
	return writeList(c, items, total, slice, page)
}

// DisclosureShow answers GET /disclosures/{id}.
func (api *API) DisclosureShow(c echo.Context, a market.Actor) error {
	disclosure, err := id(c)
	if err != nil {
		return err
	}
	return api.writeDisclosure(c, a, disclosure, http.StatusOK)
}

func (api *API) writeDisclosure(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	d, err := api.Store.Disclosure(ctx, a, id)
	if err != nil {
		return err
	}
	pledge, err := api.Store.CurrentPledge(ctx, api.Now())
	if err != nil {
		return err
	}
	accepted, err := api.Store.Pledged(ctx, a, id, pledge.Version)
	if err != nil {
		return err
	}
	return c.JSON(status, struct {
		disclosureItem
		Pledge pledgeItem `json:"pledge"`
	}{disclosureOf(d), pledgeItem{pledge.Version, pledge.Body, accepted}})
}

// DisclosureRequest answers POST /disclosures.
func (api *API) DisclosureRequest(c echo.Context, a market.Actor) error {
	var in struct {
		ListingID int64  `json:"listing_id"`
		Purpose   string `json:"purpose"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.ListingID <= 0 {
		return market.Problems{{Field: "listing_id", Message: "请写明要看哪一项需求或成果"}}.Err()
	}
	once, err := key(c, "disclosure")
	if err != nil {
		return err
	}
	disclosure, err := api.Service.RequestDisclosure(c.Request().Context(), a, in.ListingID, in.Purpose, once)
	if err != nil {
		return err
	}
	created(c, "disclosures", disclosure)
	return api.writeDisclosure(c, a, disclosure, http.StatusCreated)
}

// disclosureAct answers an act with the request as it stands then.
func (api *API) disclosureAct(c echo.Context, a market.Actor, in any, do func(id int64) error) error {
	return act(c, in, do, func(id int64) error { return api.writeDisclosure(c, a, id, http.StatusOK) })
}

// DisclosureGrant answers POST /disclosures/{id}/grant.
func (api *API) DisclosureGrant(c echo.Context, a market.Actor) error {
	return api.disclosureAct(c, a, &struct{}{}, func(id int64) error { return api.Service.GrantDisclosure(c.Request().Context(), a, id) })
}

// DisclosureNo answers POST /disclosures/{id}/refuse and /revoke: an act with which the owner says no, with a reason.
func (api *API) DisclosureNo(act func(context.Context, market.Actor, int64, string) error) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		var in struct {
			Reason string `json:"reason"`
		}
		return api.disclosureAct(c, a, &in, func(id int64) error { return act(c.Request().Context(), a, id, in.Reason) })
	}
}

// DisclosurePledge answers POST /disclosures/{id}/pledge.
func (api *API) DisclosurePledge(c echo.Context, a market.Actor) error {
	var in struct {
		Version string `json:"version"`
		Pledge  bool   `json:"pledge"`
	}
	return api.disclosureAct(c, a, &in, func(id int64) error {
		return api.Service.PledgeDisclosure(c.Request().Context(), a, id, in.Version, in.Pledge)
	})
}

// gatedFile is a file that a disclosure opens.
type gatedFile struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Pages     int    `json:"pages"` // of a PDF, 0 of a picture
}

// DisclosureRead answers GET /disclosures/{id}/content with what is opened. Each call is a reading on record.
func (api *API) DisclosureRead(c echo.Context, a market.Actor) error {
	disclosure, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	text, err := api.Service.ReadDisclosure(ctx, a, disclosure)
	if err != nil {
		return err
	}
	files, err := api.Store.GatedFiles(ctx, a, disclosure)
	if err != nil {
		return err
	}
	out := struct {
		Text   string      `json:"text"`
		Reader string      `json:"reader"` // who reads, for whom and when, as it is kept
		Files  []gatedFile `json:"files"`
	}{text, api.Service.MarkText(a), make([]gatedFile, len(files))}
	for i, f := range files {
		out.Files[i] = gatedFile{f.ID, f.Label, f.Name, f.MediaType, f.Pages}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, out)
}

// DisclosureFile answers GET /disclosures/{id}/files/{file} with the copy that bears its reader.
func (api *API) DisclosureFile(c echo.Context, a market.Actor) error {
	disclosure, err := id(c)
	if err != nil {
		return err
	}
	f, content, err := api.Service.ReadDisclosedFile(c.Request().Context(), a, disclosure, c.Param("file"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, f.MediaType, content)
}
