package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// rewardReach tells whether the actor keeps or reads reward programmes: for desks of the whole city, because a party's year cannot
// be cut by counties.
func rewardReach(a market.Actor) bool {
	return a.Reach(market.Statistician, market.Registrar, market.Auditor) == market.City
}

// rewardRow is a version of a programme as stored.
type rewardRow struct {
	ID          int64               `db:"programme_id"`
	Version     int                 `db:"version"`
	Name        string              `db:"name"`
	Party       string              `db:"party"`
	Base        string              `db:"base"`
	Percent     decimal.Decimal     `db:"percent"`
	ContractCap decimal.NullDecimal `db:"contract_cap"`
	YearCap     decimal.NullDecimal `db:"year_cap"`
	Least       decimal.NullDecimal `db:"least"`
	Kinds       stringArray         `db:"kinds"`
	Paid        bool                `db:"paid"`
	Unrelated   bool                `db:"unrelated"`
	Outside     bool                `db:"outside"`
	Traded      bool                `db:"traded"`
	From        time.Time           `db:"from_day"`
	To          time.Time           `db:"to_day"`
	Basis       string              `db:"basis"`
	Why         string              `db:"why"`
	Demo        bool                `db:"demo"`
	UserName    string              `db:"user_name"`
	At          time.Time           `db:"at"`
}

const rewardColumns = `v.programme_id, v.version, v.name, v.party, v.base, v.percent, v.contract_cap, v.year_cap, v.least, v.kinds, v.paid, v.unrelated, v.outside, v.traded,
	v.from_day, v.to_day, v.basis, v.why, v.demo, coalesce(u.name, '') AS user_name, v.at`

func (x rewardRow) programme() market.RewardProgramme {
	return market.RewardProgramme{ID: x.ID, Version: x.Version, Name: x.Name, Party: x.Party, Base: x.Base, Percent: x.Percent, ContractCap: x.ContractCap, YearCap: x.YearCap,
		Least: x.Least, Kinds: x.Kinds, Paid: x.Paid, Unrelated: x.Unrelated, Outside: x.Outside, Traded: x.Traded, From: market.DateOf(x.From), To: market.DateOf(x.To),
		Basis: x.Basis, Why: x.Why, UserName: x.UserName, At: x.At, Demo: x.Demo}
}

func programmes(rows []rewardRow) []market.RewardProgramme {
	out := make([]market.RewardProgramme, len(rows))
	for i, x := range rows {
		out[i] = x.programme()
	}
	return out
}

// currentRewards are the programmes as they hold, those that end last first.
const currentRewards = `SELECT ` + rewardColumns + ` FROM (SELECT DISTINCT ON (programme_id) * FROM reward_versions ORDER BY programme_id, version DESC) v
	LEFT JOIN users u ON u.id = v.user_id`

// RewardProgrammes lists the programmes as they hold, those that end last first. For registrars, statisticians and auditors of
// the whole city.
func (r Queries) RewardProgrammes(ctx context.Context, a market.Actor) ([]market.RewardProgramme, error) {
	var rows []rewardRow
	err := r.all(ctx, &rows, currentRewards+` WHERE $1 ORDER BY v.to_day DESC, v.programme_id DESC`, rewardReach(a))
	return programmes(rows), err
}

// RewardVersions lists the versions of a programme, the newest first. For those who see RewardProgrammes.
func (r Queries) RewardVersions(ctx context.Context, a market.Actor, id int64) ([]market.RewardProgramme, error) {
	var rows []rewardRow
	err := r.all(ctx, &rows, `SELECT `+rewardColumns+` FROM reward_versions v LEFT JOIN users u ON u.id = v.user_id WHERE v.programme_id = $1 AND $2 ORDER BY v.version DESC`, id, rewardReach(a))
	if err == nil && len(rows) == 0 {
		err = market.ErrNotFound
	}
	return programmes(rows), err
}

// rewardContractRow is a contract with what rewards go by.
type rewardContractRow struct {
	ID           int64                `db:"id"`
	Number       string               `db:"registration_number"`
	Title        string               `db:"title"`
	Kind         string               `db:"kind"`
	State        market.ContractState `db:"state"`
	RegisteredOn time.Time            `db:"registered_on"`
	SellerName   string               `db:"seller_name"`
	SellerUSCC   market.USCC          `db:"seller_uscc"`
	SellerType   string               `db:"seller_type"`
	SellerRegion string               `db:"seller_region"`
	SellerIn     bool                 `db:"seller_in_city"`
	BuyerName    string               `db:"buyer_name"`
	BuyerUSCC    market.USCC          `db:"buyer_uscc"`
	BuyerType    string               `db:"buyer_type"`
	BuyerRegion  string               `db:"buyer_region"`
	BuyerIn      bool                 `db:"buyer_in_city"`
	Agency       string               `db:"agency_name"`
	Related      bool                 `db:"related"`
	TradeMode    string               `db:"trade_mode"`
	Total        decimal.Decimal      `db:"total"`
	Tech         decimal.Decimal      `db:"tech"`
	Paid         decimal.Decimal      `db:"paid"`
}

// rewardContracts reads contracts c with what the ledger says of their amounts and what payments with proofs add up to.
const rewardContracts = `SELECT c.id, c.registration_number, c.title, c.kind, c.state, c.registered_on, c.seller_name, c.seller_uscc, c.seller_type, c.seller_region, sr.in_city AS seller_in_city,
		c.buyer_name, c.buyer_uscc, c.buyer_type, c.buyer_region, br.in_city AS buyer_in_city, c.agency_name, c.related, c.trade_mode, l.total, l.tech, y.paid
	FROM contracts c JOIN regions sr ON sr.code = c.seller_region JOIN regions br ON br.code = c.buyer_region
	CROSS JOIN LATERAL (SELECT coalesce(sum(e.total_amount), 0) AS total, coalesce(sum(e.tech_amount), 0) AS tech FROM ledger_entries e WHERE e.contract_id = c.id) l
	CROSS JOIN LATERAL (SELECT coalesce(sum(p.amount), 0) AS paid FROM contract_payments p WHERE p.contract_id = c.id AND p.voided_at IS NULL) y
	WHERE c.registered_on BETWEEN $1 AND $2`

func (x rewardContractRow) contract() market.RewardContract {
	return market.RewardContract{ID: x.ID, Number: x.Number, Title: x.Title, Kind: x.Kind, State: x.State, RegisteredOn: market.DateOf(x.RegisteredOn),
		Seller: market.RewardedParty{Name: x.SellerName, Code: x.SellerUSCC, Type: x.SellerType, Region: x.SellerRegion, InCity: x.SellerIn},
		Buyer:  market.RewardedParty{Name: x.BuyerName, Code: x.BuyerUSCC, Type: x.BuyerType, Region: x.BuyerRegion, InCity: x.BuyerIn},
		Agency: x.Agency, Related: x.Related, TradeMode: x.TradeMode, Total: x.Total, Tech: x.Tech, Paid: x.Paid}
}

func (r Queries) rewardContracts(ctx context.Context, where string, args ...any) ([]market.RewardContract, error) {
	var rows []rewardContractRow
	if err := r.all(ctx, &rows, rewardContracts+where+` ORDER BY c.registered_on, c.id`, args...); err != nil {
		return nil, err
	}
	out := make([]market.RewardContract, len(rows))
	for i, x := range rows {
		out[i] = x.contract()
	}
	return out, nil
}

// rewardedIn tells that the party which a programme rewards is there and, unless it is an agency, in the city.
var rewardedIn = map[string]string{"seller": ` AND sr.in_city`, "buyer": ` AND br.in_city`, "agency": ` AND c.agency_name <> ''`}

// RewardContracts lists the contracts of a year that a programme covers. For those who see RewardProgrammes.
func (r Queries) RewardContracts(ctx context.Context, a market.Actor, p market.RewardProgramme, year int) ([]market.RewardContract, error) {
	from, to := p.Period(year)
	return r.rewardContracts(ctx, ` AND $3`+rewardedIn[p.Party], from, to, rewardReach(a))
}

// RewardView is what of a contract's rewards the actor sees: of which parties.
type RewardView struct {
	Seller, Buyer, Agency bool
}

// rewardView lets a party see its own side, and the desk of the whole city all sides.
func rewardView(a market.Actor, c market.Contract) RewardView {
	if rewardReach(a) {
		return RewardView{true, true, true}
	}
	org := a.OrgFor(market.ScopeContract)
	is := func(q market.Party) bool { return org != 0 && q.OrgID != nil && *q.OrgID == org }
	return RewardView{Seller: is(c.Seller), Buyer: is(c.Buyer)}
}

// sees reports whether rewards of that party are seen.
func (v RewardView) sees(party string) bool {
	return map[string]bool{"seller": v.Seller, "buyer": v.Buyer, "agency": v.Agency}[party]
}

// ContractReward is what a programme gives for a contract.
type ContractReward struct {
	Programme market.RewardProgramme
	Reward    market.Reward
}

// ContractRewards computes what every programme that covers the contract gives, for a contract that the actor has read: a party
// sees its own side's, the desk of the whole city all. It reads the party's contracts of that year up to this one, because they
// use its year up.
func (r Queries) ContractRewards(ctx context.Context, a market.Actor, ref *market.Reference, c market.Contract) ([]ContractReward, error) {
	v := rewardView(a, c)
	if c.RegisteredOn == nil || v == (RewardView{}) {
		return nil, nil
	}
	var rows []rewardRow
	if err := r.all(ctx, &rows, currentRewards+` WHERE $1 BETWEEN v.from_day AND v.to_day ORDER BY v.to_day DESC, v.programme_id DESC`, *c.RegisteredOn); err != nil || len(rows) == 0 {
		return nil, err
	}
	year := time.Date(c.RegisteredOn.Year(), 1, 1, 0, 0, 0, 0, market.Shanghai)
	found, err := r.rewardContracts(ctx, ` AND (c.registered_on, c.id) <= ($2, $3) AND ($4 AND c.seller_uscc = $5 OR $6 AND c.buyer_uscc = $7 OR $8 AND c.agency_name <> '' AND c.agency_name = $9)`,
		year, *c.RegisteredOn, c.ID, v.Seller, c.Seller.USCC, v.Buyer, c.Buyer.USCC, v.Agency, c.AgencyName)
	if err != nil {
		return nil, err
	}
	var out []ContractReward
	for _, p := range programmes(rows) {
		if !v.sees(p.Party) {
			continue
		}
		for _, reward := range p.Rewards(ref, found) {
			if reward.ID == c.ID {
				out = append(out, ContractReward{p, reward})
			}
		}
	}
	return out, nil
}

// LockReward keeps others from changing a programme until the transaction ends, and returns the number of its last version.
func (t *Tx) LockReward(ctx context.Context, a market.Actor, id int64) (int, error) {
	if err := t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('reward_programmes'))`); err != nil {
		return 0, err
	}
	var last int
	err := t.get(ctx, &last, `SELECT version FROM reward_versions WHERE programme_id = $1 AND $2 ORDER BY version DESC LIMIT 1`, id, rewardReach(a))
	return last, err
}

// AddReward writes a version of a programme, which holds from now on, and returns the programme's id: a new one where p has none.
func (t *Tx) AddReward(ctx context.Context, a market.Actor, p market.RewardProgramme, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO reward_versions (programme_id, version, name, party, base, percent, contract_cap, year_cap, least, kinds, paid, unrelated, outside, traded,
			from_day, to_day, basis, why, demo, user_id, at)
		VALUES (coalesce(nullif($1, 0), nextval('reward_programmes')), $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10::text[], '{}'), $11, $12, $13, $14, $15, $16, $17, $18,
			$19 OR EXISTS (SELECT 1 FROM reward_versions v WHERE v.programme_id = $1 AND v.demo), $20, $21) RETURNING programme_id`,
		p.ID, p.Version, p.Name, p.Party, p.Base, p.Percent, p.ContractCap, p.YearCap, p.Least, stringArray(p.Kinds), p.Paid, p.Unrelated, p.Outside, p.Traded,
		p.From, p.To, p.Basis, p.Why, p.Demo, a.UserID, at)
	return id, err
}
