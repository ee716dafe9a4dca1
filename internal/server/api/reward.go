package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// rewardText is what a statistician says of a reward programme.
type rewardText struct {
	Name        string   `json:"name"`
	Party       string   `json:"party"`
	Base        string   `json:"base"`
	Percent     amount   `json:"percent"`
	ContractCap amount   `json:"contract_cap"`
	YearCap     amount   `json:"year_cap"`
	Least       amount   `json:"least"`
	Kinds       []string `json:"kinds"`
	Conditions  []string `json:"conditions"`
	From        date     `json:"from"`
	To          date     `json:"to"`
	Basis       string   `json:"basis"`
	Why         string   `json:"why"`
}

// rewardProgramme is a version of a programme, with who made it.
type rewardProgramme struct {
	ID      int64 `json:"id"`
	Version int   `json:"version"`
	rewardText
	Rule  string    `json:"rule"`
	State string    `json:"state"`
	Demo  bool      `json:"demo"`
	SetBy string    `json:"set_by"`
	At    time.Time `json:"at"`
}

func (api *API) rewardOf(p market.RewardProgramme) rewardProgramme {
	return rewardProgramme{ID: p.ID, Version: p.Version, Rule: p.Rule(api.Ref), State: p.State(market.DateOf(api.Now())), Demo: p.Demo, SetBy: p.UserName, At: p.At,
		rewardText: rewardText{p.Name, p.Party, p.Base, amount(p.Percent.String()), optionalAmount(p.ContractCap), optionalAmount(p.YearCap), optionalAmount(p.Least),
			nonNil(p.Kinds), nonNil(p.Required()), dateOf(p.From), dateOf(p.To), p.Basis, p.Why}}
}

// programme reads what was sent, with everything that is wrong with it.
func (in rewardText) programme(ref *market.Reference) (market.RewardProgramme, error) {
	var problems market.Problems
	out := market.RewardProgramme{Name: in.Name, Party: in.Party, Base: in.Base, Kinds: in.Kinds, Basis: in.Basis, Why: in.Why,
		ContractCap: in.ContractCap.yuan(&problems, "contract_cap"), YearCap: in.YearCap.yuan(&problems, "year_cap"), Least: in.Least.yuan(&problems, "least"),
		From: in.From.day(&problems, "from"), To: in.To.day(&problems, "to")}
	var err error
	if out.Percent, err = market.ParsePercent(string(in.Percent)); err != nil {
		problems.AddErr("percent", err)
	}
	out.Require(&problems, in.Conditions)
	checked := out
	for _, p := range checked.Check(ref) {
		if !problems.Has(p.Field) {
			problems.Add(p.Field, "%s", p.Message)
		}
	}
	return out, problems.Err()
}

// RewardList answers GET /rewards: the programmes as they hold.
func (api *API) RewardList(c echo.Context, a market.Actor) error {
	found, err := api.Store.RewardProgrammes(c.Request().Context(), a)
	if err != nil {
		return err
	}
	out := struct {
		Note  string            `json:"note"`
		Items []rewardProgramme `json:"items"`
	}{market.RewardNote, make([]rewardProgramme, len(found))}
	for i, p := range found {
		out.Items[i] = api.rewardOf(p)
	}
	return c.JSON(http.StatusOK, out)
}

// RewardCreate answers POST /rewards with the programme as it was set up.
func (api *API) RewardCreate(c echo.Context, a market.Actor) error {
	var in rewardText
	once, err := key(c, "reward")
	if err != nil {
		return err
	}
	if err := read(c, &in); err != nil {
		return err
	}
	p, err := in.programme(api.Ref)
	if err != nil {
		return err
	}
	programme, err := api.Service.CreateReward(c.Request().Context(), a, p, once)
	if err != nil {
		return err
	}
	created(c, "rewards", programme)
	return api.writeReward(c, a, programme, http.StatusCreated)
}

// RewardEdit answers POST /rewards/{id} with the programme as it holds now.
func (api *API) RewardEdit(c echo.Context, a market.Actor) error {
	var in struct {
		Version int `json:"version"`
		rewardText
	}
	return act(c, &in, func(id int64) error {
		p, err := in.programme(api.Ref)
		if err != nil {
			return err
		}
		p.ID, p.Version = id, in.Version
		return api.Service.EditReward(c.Request().Context(), a, p)
	}, func(id int64) error { return api.writeReward(c, a, id, http.StatusOK) })
}

// RewardShow answers GET /rewards/{id}?year=: a programme, its versions, and what it gives in a year, the latest by default.
func (api *API) RewardShow(c echo.Context, a market.Actor) error {
	programme, err := id(c)
	if err != nil {
		return err
	}
	return api.writeReward(c, a, programme, http.StatusOK)
}

// RewardContracts answers GET /rewards/{id}/contracts?year=: the contracts that a programme covers in a year, in the order of
// their registration.
func (api *API) RewardContracts(c echo.Context, a market.Actor) error {
	programme, err := id(c)
	if err != nil {
		return err
	}
	y, err := api.rewardYear(c, a, programme)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	from := min(slice.Offset, len(y.rewards))
	var items []rewardedContract
	for _, r := range y.rewards[from:min(from+slice.Limit, len(y.rewards))] {
		items = append(items, rewardedContractOf(r))
	}
	return writeList(c, items, len(y.rewards), slice, page)
}

// rewardYear is what a programme gives in a year.
type rewardYear struct {
	versions []market.RewardProgramme // the first one holds
	year     int
	years    []int
	rewards  []market.Reward
}

// rewardYear computes the year that the address asks for, the latest without one.
func (api *API) rewardYear(c echo.Context, a market.Actor, id int64) (rewardYear, error) {
	ctx := c.Request().Context()
	versions, err := api.Store.RewardVersions(ctx, a, id)
	if err != nil {
		return rewardYear{}, err
	}
	y := rewardYear{versions: versions, years: versions[0].Years(market.DateOf(api.Now()))}
	y.year = y.years[0]
	if text := c.QueryParam("year"); text != "" {
		if y.year, err = strconv.Atoi(text); err != nil || !slices.Contains(y.years, y.year) {
			return y, market.Problems{{Field: "year", Message: "方案期间里没有这一年，年度写成 2026"}}.Err()
		}
	}
	found, err := api.Store.RewardContracts(ctx, a, versions[0], y.year)
	y.rewards = versions[0].Rewards(api.Ref, found)
	return y, err
}

// rewardTotal is what contracts that count add up to.
type rewardTotal struct {
	Contracts int    `json:"contracts"`
	Base      amount `json:"base"`
	Amount    amount `json:"amount"`
}

// rewardParty is what a party is given in a year.
type rewardParty struct {
	Name string      `json:"name"`
	USCC market.USCC `json:"uscc"`
	rewardTotal
	YearFull bool `json:"year_full"`
}

// rewardedContract is what a programme gives for a contract, with its working.
type rewardedContract struct {
	ContractID         int64        `json:"contract_id"`
	RegistrationNumber string       `json:"registration_number"`
	Title              string       `json:"title"`
	RegisteredOn       date         `json:"registered_on"`
	Party              string       `json:"party"`
	Base               amount       `json:"base"`
	Amount             amount       `json:"amount"`
	Excluded           string       `json:"excluded"`
	Steps              []rewardStep `json:"steps"`
}

type rewardStep struct {
	Label  string `json:"label"`
	Text   string `json:"text"`
	Amount amount `json:"amount"`
}

func rewardedContractOf(r market.Reward) rewardedContract {
	out := rewardedContract{r.ID, r.Number, r.Title, dateOf(r.RegisteredOn), r.Party.Name, amountOf(r.Base), amountOf(r.Amount), r.Out, []rewardStep{}}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, rewardStep{s.Label, s.Text, optionalAmount(s.Sum)})
	}
	return out
}

// writeReward answers with a programme and what it gives in the year that the address asks for.
func (api *API) writeReward(c echo.Context, a market.Actor, id int64, status int) error {
	y, err := api.rewardYear(c, a, id)
	if err != nil {
		return err
	}
	parties, all := y.versions[0].RewardTotals(y.rewards)
	out := struct {
		rewardProgramme
		Versions []rewardProgramme `json:"versions"`
		Year     int               `json:"year"`
		Years    []int             `json:"years"`
		Note     string            `json:"note"`
		Total    rewardTotal       `json:"total"`
		Parties  []rewardParty     `json:"parties"`
	}{api.rewardOf(y.versions[0]), make([]rewardProgramme, len(y.versions)), y.year, y.years, market.RewardNote, rewardTotal{all.Count, amountOf(all.Base), amountOf(all.Amount)}, []rewardParty{}}
	for i, v := range y.versions {
		out.Versions[i] = api.rewardOf(v)
	}
	for _, t := range parties {
		out.Parties = append(out.Parties, rewardParty{t.Party.Name, t.Party.Code, rewardTotal{t.Count, amountOf(t.Base), amountOf(t.Amount)}, t.Full})
	}
	return c.JSON(status, out)
}

// ContractRewards answers GET /contracts/{id}/rewards: what each programme gives for a contract, of the parties that the caller
// may see.
func (api *API) ContractRewards(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	x, err := api.Store.Contract(ctx, a, contract)
	if err != nil {
		return err
	}
	found, err := api.Store.ContractRewards(ctx, a, api.Ref, x.Contract)
	if err != nil {
		return err
	}
	type item struct {
		Programme rewardProgramme  `json:"programme"`
		Reward    rewardedContract `json:"reward"`
	}
	out := struct {
		Note  string `json:"note"`
		Items []item `json:"items"`
	}{market.RewardNote, []item{}}
	for _, r := range found {
		out.Items = append(out.Items, item{api.rewardOf(r.Programme), rewardedContractOf(r.Reward)})
	}
	return c.JSON(http.StatusOK, out)
}
