package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// expert is a public expert. Phone and address are null unless the person agreed that they are shown.
type expert struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	OrgName   string   `json:"org_name"`
	OrgID     *int64   `json:"org_id"`
	Title     string   `json:"title"`
	Fields    []string `json:"fields"`
	TechField string   `json:"tech_field"`
	Expertise string   `json:"expertise"`
	County    string   `json:"county"`
	Phone     *string  `json:"phone"`
	Email     *string  `json:"email"`
	ConsentOn date     `json:"consent_on"`
	Demo      bool     `json:"demo"`
}

func expertOf(e market.Expert) expert {
	out := expert{ID: e.ID, Name: e.Name, OrgName: e.OrgName, Title: e.Title, Fields: nonNil(e.Fields), TechField: e.TechField, Expertise: e.Expertise, County: e.Region,
		ConsentOn: optionalDate(e.ConsentOn), Demo: e.Demo}
	if e.OrgID != 0 {
		out.OrgID = &e.OrgID
	}
	if e.ContactOn != nil {
		out.Phone, out.Email = textPointer(e.Phone), textPointer(e.Email)
	}
	return out
}

func textPointer(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// directory reads the conditions of a directory and refuses values that there are not.
func (api *API) directory(c echo.Context) (store.Directory, error) {
	d := store.Directory{Text: market.Truncate(market.Normalize(c.QueryParam("q")), 60), County: c.QueryParam("county"), Submarket: c.QueryParam("submarket")}
	var p market.Problems
	if d.County != "" && api.Ref.Regions.Name(d.County) == "" {
		p.Add("county", "没有这个地区")
	}
	if d.Submarket != "" && api.Ref.Submarkets.Name(d.Submarket) == "" {
		p.Add("submarket", "没有这个专业市场")
	}
	return d, p.Err()
}

// ExpertList answers GET /experts.
func (api *API) ExpertList(c echo.Context, _ market.Actor) error {
	d, err := api.directory(c)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	found, total, err := api.Store.Experts(c.Request().Context(), d, slice)
	if err != nil {
		return err
	}
	items := make([]expert, len(found))
	for i, e := range found {
		items[i] = expertOf(e)
	}
	return writeList(c, items, total, slice, page)
}

// ExpertShow answers GET /experts/{id}: what everybody may read, also for who looks after the entry.
func (api *API) ExpertShow(c echo.Context, _ market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	e, err := api.Store.Expert(c.Request().Context(), market.Actor{}, number)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, expertOf(e))
}

// institution is a university or an institute.
type institution struct {
	ID      int64          `json:"id"`
	Name    string         `json:"name"`
	Type    market.OrgType `json:"type"`
	County  string         `json:"county"`
	About   string         `json:"about"`
	Results int            `json:"results"`
	Deals   int            `json:"deals"`
	Experts int            `json:"experts"`
	Demo    bool           `json:"demo"`
}

// InstitutionList answers GET /institutes.
func (api *API) InstitutionList(c echo.Context, _ market.Actor) error {
	d, err := api.directory(c)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	found, total, err := api.Store.Institutions(c.Request().Context(), d, slice)
	if err != nil {
		return err
	}
	items := make([]institution, len(found))
	for i, o := range found {
		items[i] = institution{o.ID, o.Name, o.Type, o.Region, o.About, o.Results, o.Deals, o.Experts, o.Demo}
	}
	return writeList(c, items, total, slice, page)
}

// agencyItem is an agency; people are the names of those who agreed to be shown.
type agencyItem struct {
	ID       int64    `json:"id"`
	Name     string   `json:"name"`
	County   string   `json:"county"`
	About    string   `json:"about"`
	Mandates int      `json:"mandates"`
	Deals    int      `json:"deals"`
	People   []string `json:"people"`
	Demo     bool     `json:"demo"`
}

// AgencyList answers GET /agencies.
func (api *API) AgencyList(c echo.Context, _ market.Actor) error {
	d, err := api.directory(c)
	if err != nil {
		return err
	}
	d.Submarket = ""
	slice, page := pageOf(c)
	found, total, err := api.Store.AgencyEntries(c.Request().Context(), d, api.Now(), slice)
	if err != nil {
		return err
	}
	items := make([]agencyItem, len(found))
	for i, o := range found {
		items[i] = agencyItem{o.ID, o.Name, o.Region, o.About, o.Mandates, o.Deals, nonNil([]string(o.People)), o.Demo}
	}
	return writeList(c, items, total, slice, page)
}
