package api

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// sample is a draw of registered contracts for spot checks.
type sample struct {
	ID         int64  `json:"id"`
	Region     string `json:"region"`
	From       date   `json:"from"`
	To         date   `json:"to"`
	Strata     string `json:"strata"`
	Size       int    `json:"size"`
	Seed       string `json:"seed"`
	Through    int64  `json:"ledger_seq"`
	Population int    `json:"population"`
	Hash       string `json:"population_hash"`
	DrawnBy    string `json:"drawn_by"`
	DrawnAt    string `json:"drawn_at"`
	Checked    int    `json:"checked"`
	Problems   int    `json:"problems"`
}

func sampleOf(x market.Sample) sample {
	return sample{x.ID, x.Region, dateOf(x.From), dateOf(x.To), x.Strata, x.Size, x.Seed, x.Through, x.Population, hex.EncodeToString(x.Hash), x.UserName, *stamp(&x.At), x.Checked, x.Problems}
}

type sampledContract struct {
	ContractID         int64                `json:"contract_id"`
	Number             string               `json:"number"`
	Title              string               `json:"title"`
	State              market.ContractState `json:"state"`
	RegistrationNumber string               `json:"registration_number"`
	Stratum            string               `json:"stratum"`
	Findings           []sampleFinding      `json:"findings"` // the newest first
}

type sampleFinding struct {
	Finding string `json:"finding"`
	Note    string `json:"note"`
	User    string `json:"user"`
	At      string `json:"at"`
}

func sampledOf(drawn []store.SampledContract) []sampledContract {
	out := make([]sampledContract, len(drawn))
	for i, k := range drawn {
		out[i] = sampledContract{k.ContractID, k.Number, k.Title, k.State, k.RegistrationNumber, k.Stratum, []sampleFinding{}}
		for _, f := range k.Findings {
			out[i].Findings = append(out[i].Findings, sampleFinding{f.Finding, f.Note, f.UserName, *stamp(&f.At)})
		}
	}
	return out
}

// SampleList answers GET /samples.
func (api *API) SampleList(c echo.Context, a market.Actor) error {
	slice, page := pageOf(c)
	found, total, err := api.Store.Samples(c.Request().Context(), a, slice)
	if err != nil {
		return err
	}
	items := make([]sample, len(found))
	for i, x := range found {
		items[i] = sampleOf(x)
	}
	return writeList(c, items, total, slice, page)
}

// SampleShow answers GET /samples/{id}: the draw with its contracts, and whether it comes out the same again.
func (api *API) SampleShow(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	return api.writeSample(c, a, number, http.StatusOK)
}

func (api *API) writeSample(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	x, err := api.Store.Sample(ctx, a, id)
	if err != nil {
		return err
	}
	drawn, err := api.Store.Sampled(ctx, a, id)
	if err != nil {
		return err
	}
	again, err := api.Service.RepeatSample(ctx, x, drawn)
	if err != nil {
		return err
	}
	return c.JSON(status, struct {
		sample
		Repeated  bool              `json:"repeated"`
		Contracts []sampledContract `json:"contracts"`
	}{sampleOf(x), again.Same, sampledOf(drawn)})
}

// SampleDraw answers POST /samples.
func (api *API) SampleDraw(c echo.Context, a market.Actor) error {
	var in struct {
		From   date   `json:"from"`
		To     date   `json:"to"`
		Strata string `json:"strata"`
		Size   int    `json:"size"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	once, err := key(c, "sample")
	if err != nil {
		return err
	}
	var p market.Problems
	x := market.Sample{From: in.From.day(&p, "from"), To: in.To.day(&p, "to"), Strata: in.Strata, Size: in.Size}
	if err := p.Err(); err != nil {
		return err
	}
	id, err := api.Service.DrawSample(c.Request().Context(), a, x, once)
	if err != nil {
		return err
	}
	created(c, "samples", id)
	return api.writeSample(c, a, id, http.StatusCreated)
}

// SampleFind answers POST /samples/{id}/contracts/{contract}.
func (api *API) SampleFind(c echo.Context, a market.Actor) error {
	var in struct {
		Finding string `json:"finding"`
		Note    string `json:"note"`
	}
	return act(c, &in, func(id int64) error {
		contract, err := strconv.ParseInt(c.Param("contract"), 10, 64)
		if err != nil {
			return market.ErrNotFound
		}
		return api.Service.FindSample(c.Request().Context(), a, id, market.SampleFinding{ContractID: contract, Finding: in.Finding, Note: in.Note})
	}, func(id int64) error { return api.writeSample(c, a, id, http.StatusOK) })
}
