package service

import (
	"context"
	"fmt"
	"io"
	"iter"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// Export writes a list as a workbook in the columns of its template: the needs or the results of the organisation acted for,
// drafts too; the experts that the actor looks after; for a reviewer the organisations of the county. For those who import
// such lists. It returns how many rows there are.
func (s *Service) Export(ctx context.Context, a market.Actor, kind market.Kind, out io.Writer) (rows int, err error) {
	action, object := market.ListingAction(kind, "export"), market.Object{Kind: string(kind)}
	if err := a.RequireImport(kind); err != nil {
		if a.SignedIn() {
			s.Refused(ctx, a, action, object)
		}
		return 0, err
	}
	err = s.write(ctx, a, action, object, func(w *act) error {
		rows, err = sheet.Export(out, kind, exportRecords(ctx, w.Queries, a, kind, s.ref))
		w.detail = fmt.Sprintf("rows=%d", rows)
		return err
	})
	return rows, err
}

func exportRecords(ctx context.Context, q store.Queries, a market.Actor, kind market.Kind, ref *market.Reference) iter.Seq2[sheet.Record, error] {
	switch kind {
	case market.KindNeed:
		return recordsOf(q.OwnNeeds(ctx, a), ref, sheet.NeedRecord)
	case market.KindExpert:
		return recordsOf(q.AllKeptExperts(ctx, a), ref, sheet.ExpertRecord)
	case market.KindOrg:
		return recordsOf(q.RegisteredOrgs(ctx, a), ref, sheet.OrgRecord)
	}
	return recordsOf(q.OwnResults(ctx, a), ref, sheet.ResultRecord)
}

func recordsOf[T any](things iter.Seq2[T, error], ref *market.Reference, record func(T, *market.Reference) sheet.Record) iter.Seq2[sheet.Record, error] {
	return func(yield func(sheet.Record, error) bool) {
		for thing, err := range things {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(record(thing, ref), nil) {
				return
			}
		}
	}
}
