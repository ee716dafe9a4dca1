package store

import (
	"context"
	"strings"

	"techmarket/internal/market"
)

// Reference reads the market's reference data. It is small; the server reads it once at start.
func (r Queries) Reference(ctx context.Context) (*market.Reference, error) {
	ref := &market.Reference{}
	lists := []struct {
		dest  any
		query string
	}{
		{&ref.Submarkets, `SELECT code, name FROM submarkets ORDER BY position`},
		{&ref.Fields, `SELECT code, name, submarket FROM fields ORDER BY position`},
		{&ref.Regions, `SELECT code, name, kind, in_city FROM regions ORDER BY position`},
		{&ref.Parks, `SELECT code, name FROM parks ORDER BY position`},
		{&ref.TechFields, `SELECT code, name FROM tech_fields ORDER BY position`},
		{&ref.ContractKinds, `SELECT code, kind, sub_kind, old_kind FROM contract_kinds ORDER BY position`},
		{&ref.Industries, `SELECT code, name FROM industries ORDER BY position`},
		{&ref.PartyTypes, `SELECT code, name FROM party_types ORDER BY position`},
		{&ref.IPTypes, `SELECT code, name FROM ip_types ORDER BY position`},
		{&ref.PaymentModes, `SELECT code, name FROM payment_modes ORDER BY position`},
		{&ref.PlanSources, `SELECT code, name FROM plan_sources ORDER BY position`},
		{&ref.EconomicGoals, `SELECT code, name FROM economic_goals ORDER BY position`},
		{&ref.LicenceModes, `SELECT code, name FROM licence_modes ORDER BY position`},
		{&ref.Classes, `SELECT code, section, name FROM industry_classes ORDER BY code`},
		{&ref.Terms, termQuery()},
		{&ref.Refusals, `SELECT code, name FROM refusal_grounds ORDER BY position`},
		{&ref.Removals, `SELECT code, act, name FROM removal_grounds ORDER BY position`},
		{&ref.ListingReturn, `SELECT code, name FROM return_reasons WHERE subject = 'listing' ORDER BY position`},
		{&ref.OrgReturn, `SELECT code, name FROM return_reasons WHERE subject = 'org' ORDER BY position`},
		{&ref.Parameters, `SELECT key, valid_from, value FROM parameters ORDER BY key, valid_from`},
	}
	for _, l := range lists {
		if err := r.all(ctx, l.dest, l.query); err != nil {
			return nil, err
		}
	}
	var holidays []market.Holiday
	if err := r.all(ctx, &holidays, `SELECT day, working FROM holidays ORDER BY day`); err != nil {
		return nil, err
	}
	ref.Calendar = market.NewCalendar(holidays)
	var err error
	ref.Incentives, err = r.incentives(ctx)
	return ref, err
}

// datedLists are the lists whose codes have a term.
var datedLists = []string{"contract_kinds", "tech_fields", "party_types", "ip_types", "payment_modes", "plan_sources", "economic_goals", "licence_modes", "industry_classes", "removal_grounds", "refusal_grounds"}

func termQuery() string {
	parts := make([]string, len(datedLists))
	for i, list := range datedLists {
		parts[i] = `SELECT '` + list + `' AS list, code::text, valid_from, valid_until FROM ` + list
	}
	return strings.Join(parts, ` UNION ALL `)
}
