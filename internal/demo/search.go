package demo

import (
	"context"

	"techmarket/internal/market"
)

// loadSearches has the first enterprise follow what institutes offer for its trade. It is told every Monday of what is new
// since the data was loaded.
func (l *loader) loadSearches(ctx context.Context) error {
	owner := l.orgs[l.byOrg["永丰白石岭钙业有限公司"]].user
	conditions := market.Conditions{Text: "碳酸钙", Kind: market.KindResult, Stages: []string{"pilot", "mass"}}
	_, err := l.tx.CreateSavedSearch(ctx, market.SavedSearch{UserID: owner, Name: "碳酸钙的中试和量产成果", Query: conditions.Query(), Often: market.OftenWeekly, CreatedAt: l.now}, nil)
	return err
}
