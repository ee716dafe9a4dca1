package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// resultBody is what a caller writes of a result.
type resultBody struct {
	common
	Summary     string `json:"summary"`
	Problem     string `json:"problem"`
	Advantage   string `json:"advantage"`
	Economics   string `json:"economics"`
	Stage       string `json:"stage"`
	TRLMin      int    `json:"trl_min"`
	TRLMax      int    `json:"trl_max"`
	Evidence    string `json:"evidence"`
	PriceMethod string `json:"price_method"`
	Price       price  `json:"price"`
	IPs         []ip   `json:"ips"`
	Inventors   string `json:"inventors"`
	Cases       string `json:"cases"`
}

// ip is a right as a caller writes it.
type ip struct {
	Type      string `json:"type"`
	Number    string `json:"number"`
	Title     string `json:"title"`
	Status    string `json:"status"`
	FiledOn   date   `json:"filed_on"`
	GrantedOn date   `json:"granted_on"`
}

func ipsOf(list []market.IP) []ip {
	out := make([]ip, len(list))
	for i, r := range list {
		out[i] = ip{Type: r.Type, Number: r.Number, Title: r.Title, Status: r.Status, FiledOn: optionalDate(r.FiledOn), GrantedOn: optionalDate(r.GrantedOn)}
	}
	return out
}

func (in ip) into(p *market.Problems, at string) market.IP {
	return market.IP{Type: in.Type, Number: in.Number, Title: in.Title, Status: in.Status,
		FiledOn: in.FiledOn.optionalDay(p, at+"filed_on"), GrantedOn: in.GrantedOn.optionalDay(p, at+"granted_on")}
}

// shownIP is a right as it is answered: with the day on which a patent ends.
type shownIP struct {
	ip
	ExpiresOn date `json:"expires_on"`
}

func resultBodyOf(r market.Result) resultBody {
	return resultBody{common: commonOf(r.Listing), Summary: r.Summary, Problem: r.Problem, Advantage: r.Advantage, Economics: r.Economics,
		Stage: r.Stage, TRLMin: r.TRLMin, TRLMax: r.TRLMax, Evidence: r.Evidence, PriceMethod: r.PriceMethod, Price: priceOf(r.Price), IPs: ipsOf(r.IPs),
		Inventors: r.Inventors, Cases: r.Cases}
}

// into copies the input over the result. Rows that the body does not name stay.
func (in resultBody) into(r *market.Result) error {
	var p market.Problems
	in.common.into(&r.Listing)
	r.Summary, r.Problem, r.Advantage, r.Economics = in.Summary, in.Problem, in.Advantage, in.Economics
	r.Stage, r.TRLMin, r.TRLMax, r.PriceMethod, r.Price = in.Stage, in.TRLMin, in.TRLMax, in.PriceMethod, in.Price.price(&p, "price")
	r.Inventors, r.Cases, r.Evidence = in.Inventors, in.Cases, in.Evidence
	if in.IPs != nil {
		r.IPs = nil
		for i, right := range in.IPs {
			r.IPs = append(r.IPs, right.into(&p, fmt.Sprintf("ips.%d.", i)))
		}
	}
	return p.Err()
}

// ResultList answers GET /results.
func (api *API) ResultList(c echo.Context, a market.Actor) error {
	return api.listingList(c, a, market.KindResult)
}

// ResultShow answers GET /results/{id}.
func (api *API) ResultShow(c echo.Context, a market.Actor) error {
	result, err := id(c)
	if err != nil {
		return err
	}
	return api.writeResult(c, a, result, http.StatusOK)
}

func (api *API) writeResult(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	r, err := api.Store.Result(ctx, a, id)
	if err != nil {
		return err
	}
	if r.Gated, _, err = api.Store.Gate(ctx, a, id); err != nil {
		return err
	}
	stands, err := api.standing(c, a, r.Listing)
	if err != nil {
		return err
	}
	files, err := api.shownFiles(c, a, id)
	if err != nil {
		return err
	}
	rights := make([]shownIP, len(r.IPs))
	for i, right := range ipsOf(r.IPs) {
		rights[i] = shownIP{right, optionalDate(r.IPs[i].ExpiresOn())}
	}
	return c.JSON(status, struct {
		standing
		resultBody
		IPs []shownIP `json:"ips"`
		shownFiles
	}{stands, resultBodyOf(r), rights, files})
}

// ResultCreate answers POST /results: a draft of the caller's organisation.
func (api *API) ResultCreate(c echo.Context, a market.Actor) error {
	in := resultBody{PriceMethod: "negotiated", Price: price{Kind: market.PriceOpen}}
	if err := read(c, &in); err != nil {
		return err
	}
	once, err := key(c, "result")
	if err != nil {
		return err
	}
	var r market.Result
	if err := in.into(&r); err != nil {
		return err
	}
	result, err := api.Service.CreateResult(c.Request().Context(), a, r, once)
	if err != nil {
		return err
	}
	created(c, "results", result)
	return api.writeResult(c, a, result, http.StatusCreated)
}

// ResultEdit answers PATCH /results/{id}: what the body does not name stays. The edit of a public one waits beside it.
func (api *API) ResultEdit(c echo.Context, a market.Actor) error {
	result, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	text, err := api.Service.EditedText(ctx, a, market.KindResult, result)
	if err != nil {
		return err
	}
	r := *text.Result
	in := struct {
		resultBody
		Version int `json:"version"` // the one the edit starts from; the present one when absent
	}{resultBodyOf(r), r.Version}
	in.IPs = nil // rows are replaced as a whole, never one by one
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Stage != r.Stage && in.TRLMin == r.TRLMin && in.TRLMax == r.TRLMax {
		in.TRLMin, in.TRLMax = 0, 0 // another stage has readiness levels of its own
	}
	if err := in.into(&r); err != nil {
		return err
	}
	r.Version = in.Version
	if err := api.Service.EditResult(ctx, a, r); err != nil {
		return err
	}
	return api.writeResult(c, a, result, http.StatusOK)
}
