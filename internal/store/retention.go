package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

// Retained is a class with how much of it there is now.
type Retained struct {
	market.RetentionClass
	Rows   int
	Oldest *time.Time
	Older  []market.RetentionClass // earlier versions of the rule, the latest first
}

// retained counts the rows of each class and finds the one that was touched longest ago; what is not there has no query.
var retained = map[string]string{
	"ledger":   `SELECT at FROM ledger_entries UNION ALL SELECT at FROM audit_entries UNION ALL SELECT at FROM moves`,
	"contract": `SELECT updated_at FROM contracts WHERE submitted_at IS NOT NULL OR registered_on IS NOT NULL UNION ALL SELECT added_at FROM contract_files UNION ALL SELECT added_at FROM contract_payments UNION ALL SELECT received_at FROM contract_objections UNION ALL SELECT at FROM contract_removals`,
	"trade":    `SELECT updated_at FROM listings WHERE published_at IS NOT NULL UNION ALL SELECT updated_at FROM inquiries UNION ALL SELECT agreed_at FROM deals`,
	"privacy":  `SELECT at FROM consents`,
	"log":      `SELECT seen_at FROM sign_ins`,
}

// Retention lists the classes as they hold on a day, with what there is of each. For administrators and auditors.
func (r Queries) Retention(ctx context.Context, a market.Actor, day time.Time) ([]Retained, error) {
	var versions []market.RetentionClass
	err := r.all(ctx, &versions, `SELECT code, name, what, since, months, after, basis, valid_from FROM retention_classes
		WHERE $1 AND valid_from <= $2 ORDER BY position, code, valid_from DESC`, a.Has(market.Admin) || a.Has(market.Auditor), dateText(day))
	if err != nil {
		return nil, err
	}
	var out []Retained
	for _, v := range versions {
		if n := len(out); n > 0 && out[n-1].Code == v.Code {
			out[n-1].Older = append(out[n-1].Older, v)
			continue
		}
		class := Retained{RetentionClass: v}
		if query, ok := retained[v.Code]; ok {
			var found struct {
				N      int        `db:"n"`
				Oldest *time.Time `db:"oldest"`
			}
			if err := r.get(ctx, &found, `SELECT count(*) AS n, min(at) AS oldest FROM (`+query+`) AS x (at)`); err != nil {
				return nil, err
			}
			class.Rows, class.Oldest = found.N, found.Oldest
		}
		out = append(out, class)
	}
	return out, nil
}
