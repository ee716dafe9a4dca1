package store

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

const sampleColumns = `s.id, s.region, s.from_on, s.to_on, s.strata, s.size, s.seed, s.through, s.population, s.population_hash, u.name AS user_name, s.at,
	coalesce(n.checked, 0) AS checked, coalesce(n.problems, 0) AS problems`

// sampleTables count the newest findings.
const sampleTables = ` FROM samples s JOIN users u ON u.id = s.user_id
	LEFT JOIN LATERAL (SELECT count(*) AS checked, count(*) FILTER (WHERE f.finding = 'problem') AS problems FROM
		(SELECT DISTINCT ON (x.contract_id) x.finding FROM sample_findings x WHERE x.sample_id = s.id ORDER BY x.contract_id, x.id DESC) f) n ON true `

func datedSample(x market.Sample) market.Sample {
	x.From, x.To = market.DateOf(x.From), market.DateOf(x.To)
	return x
}

// Samples lists the draws, the newest first, and how many there are. For registrars, statisticians and auditors; those of a
// county see the draws of its contracts only.
func (r Queries) Samples(ctx context.Context, a market.Actor, page Slice) ([]market.Sample, int, error) {
	where := `WHERE ` + inReach(`$1`, `s.region`)
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM samples s `+where, deskReach(a)); err != nil {
		return nil, 0, err
	}
	var out []market.Sample
	err := r.all(ctx, &out, `SELECT `+sampleColumns+sampleTables+where+` ORDER BY s.id DESC LIMIT $2 OFFSET $3`, deskReach(a), page.Limit, page.Offset)
	for i := range out {
		out[i] = datedSample(out[i])
	}
	return out, total, err
}

// Sample returns a draw. For those who see it among Samples.
func (r Queries) Sample(ctx context.Context, a market.Actor, id int64) (market.Sample, error) {
	var out market.Sample
	err := r.get(ctx, &out, `SELECT `+sampleColumns+sampleTables+`WHERE `+inReach(`$1`, `s.region`)+` AND s.id = $2`, deskReach(a), id)
	return datedSample(out), err
}

// SampledContract is a contract that was drawn.
type SampledContract struct {
	market.SampleUnit
	Position           int                  `db:"position"`
	Title              string               `db:"title"`
	State              market.ContractState `db:"state"`
	Kind               string               `db:"kind"`
	SellerName         string               `db:"seller_name"`
	SellerRegion       string               `db:"seller_region"`
	BuyerName          string               `db:"buyer_name"`
	Total              decimal.Decimal      `db:"total_amount"`
	RegistrationNumber string               `db:"registration_number"`
	RegisteredOn       time.Time            `db:"registered_on"`
	Barred             bool                 `db:"barred"` // the actor reviewed it or has a part in it
	Findings           []market.SampleFinding
}

// Sampled lists the contracts of a draw that the caller has read for the actor, in its order, with what was found of them,
// the newest first.
func (r Queries) Sampled(ctx context.Context, a market.Actor, sample int64) ([]SampledContract, error) {
	var out []SampledContract
	err := r.all(ctx, &out, `SELECT x.contract_id, c.number, x.stratum, x.position, c.title, c.state, c.kind, c.seller_name, c.seller_region, c.buyer_name, c.total_amount,
			coalesce(c.registration_number, '') AS registration_number, c.registered_on,
			(`+contractInterest+` OR $1 IN (c.first_reviewer, c.second_reviewer)) IS TRUE AS barred
		FROM sample_contracts x JOIN contracts c ON c.id = x.contract_id WHERE x.sample_id = $2 ORDER BY x.position`, a.UserID, sample)
	if err != nil {
		return nil, err
	}
	var found []market.SampleFinding
	err = r.all(ctx, &found, `SELECT f.contract_id, f.finding, f.note, f.user_id, u.name AS user_name, f.at FROM sample_findings f JOIN users u ON u.id = f.user_id
		WHERE f.sample_id = $1 ORDER BY f.id DESC`, sample)
	for _, f := range found {
		for i := range out {
			if out[i].ContractID == f.ContractID {
				out[i].Findings = append(out[i].Findings, f)
			}
		}
	}
	return out, err
}

// SamplePopulation lists what a sample is drawn from: the contracts that were registered in its days by the ledger's chain up
// to the entry Through, and not taken off the register by then, in its region and by its strata.
func (r Queries) SamplePopulation(ctx context.Context, x market.Sample) ([]market.SampleUnit, error) {
	var out []market.SampleUnit
	err := r.all(ctx, &out, `SELECT c.id AS contract_id, c.number, CASE $5 WHEN 'county' THEN e.seller_region WHEN 'kind' THEN k.kind ELSE '' END AS stratum
		FROM ledger_entries e JOIN chain h ON h.log = 'ledger' AND h.row_id = e.id AND h.seq <= $4
		JOIN contracts c ON c.id = e.contract_id JOIN contract_kinds k ON k.code = e.contract_kind
		WHERE e.kind = 'registered' AND e.effective_on BETWEEN $2 AND $3 AND `+inReach(`$1`, `e.seller_region`)+`
			AND NOT EXISTS (SELECT 1 FROM ledger_entries o JOIN chain g ON g.log = 'ledger' AND g.row_id = o.id AND g.seq <= $4
				WHERE o.contract_id = e.contract_id AND o.kind IN ('cancelled', 'revoked'))
		ORDER BY c.number`, x.Region, dateText(x.From), dateText(x.To), x.Through, x.Strata)
	return out, err
}

// AddSample keeps a draw and returns its id.
func (t *Tx) AddSample(ctx context.Context, a market.Actor, x market.Sample, drawn []market.SampleUnit, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO samples (region, from_on, to_on, strata, size, seed, through, population, population_hash, user_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		x.Region, dateText(x.From), dateText(x.To), x.Strata, x.Size, x.Seed, x.Through, x.Population, x.Hash, a.UserID, at)
	if err != nil {
		return 0, err
	}
	for i, u := range drawn {
		if err := t.exec(ctx, `INSERT INTO sample_contracts (sample_id, position, contract_id, stratum) VALUES ($1, $2, $3, $4)`, id, i+1, u.ContractID, u.Stratum); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// AddSampleFinding keeps what was found of a contract of a draw.
func (t *Tx) AddSampleFinding(ctx context.Context, a market.Actor, sample int64, f market.SampleFinding, at time.Time) error {
	return t.exec(ctx, `INSERT INTO sample_findings (sample_id, contract_id, finding, note, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		sample, f.ContractID, f.Finding, f.Note, a.UserID, at)
}
