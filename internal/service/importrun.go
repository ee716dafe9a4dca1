package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/riverqueue/river"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// importChunk is how many rows are written, or listings reviewed, in one transaction.
const importChunk = 500

// RunImport writes the rows of an accepted import, a chunk at a time, each chunk with its progress in one transaction:
// after a crash it goes on with the next. progress is called after each chunk. It is the market's own work, done by
// package worker and by `market import`, also by both at once; an import that is not running is left alone.
func (s *Service) RunImport(ctx context.Context, id int64, progress func(done, total int)) error {
	for {
		imp, more, err := s.runChunk(ctx, id)
		if err != nil || !more {
			return err
		}
		progress(imp.RowsDone, imp.RowsWanted())
	}
}

// runChunk writes the next rows, or ends the import when there are none.
func (s *Service) runChunk(ctx context.Context, id int64) (imp market.Import, more bool, err error) {
	err = s.store.InTx(ctx, func(tx *store.Tx) error {
		if imp, err = tx.LockAnyImport(ctx, id); err != nil || imp.State != market.ImportRunning {
			return err
		}
		w := s.batchAct(tx, imp)
		rows, err := tx.NextImportRows(ctx, imp, importChunk)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return w.finishImport(ctx, imp)
		}
		more = true
		written, err := w.writeRows(ctx, imp, rows)
		imp.RowsDone += written
		return err
	})
	return imp, more, err
}

// batchAct is the market's own work on an import, for the person who brought the file.
func (s *Service) batchAct(tx *store.Tx, imp market.Import) *act {
	return &act{Tx: tx, service: s, actor: market.Actor{UserID: imp.UserID, OrgID: imp.OrgID, AgencyID: imp.AgencyID, Via: market.ViaJob},
		object: market.Object{Kind: "import", ID: imp.ID}, at: s.now()}
}

// writeRows writes a chunk and returns how many of its rows.
func (w *act) writeRows(ctx context.Context, imp market.Import, rows []market.ImportRow) (int, error) {
	items, err := w.stillGood(ctx, imp, rows)
	if err != nil {
		return 0, err
	}
	ids, err := w.copyItems(ctx, imp, items)
	if err != nil {
		return 0, err
	}
	numbers := make([]int64, len(items))
	for i, item := range items {
		numbers[i] = int64(item.row.Row)
	}
	if err := w.SetImported(ctx, imp, numbers, ids); err != nil {
		return 0, err
	}
	if err := w.AdvanceImport(ctx, imp.ID, len(items), rows[len(rows)-1].Row); err != nil {
		return 0, err
	}
	return len(items), w.Audit(ctx, w.at, w.actor, market.ListingAction(imp.Kind, "create"), w.object, "done", fmt.Sprintf("rows=%d", len(items)))
}

// stillGood reads the rows once more and looks for what has come into the market since the check. It notes the rows
// that can't be written any longer and returns the others.
func (w *act) stillGood(ctx context.Context, imp market.Import, rows []market.ImportRow) ([]importItem, error) {
	reader := w.service.ImportReader(imp)
	items := make([]importItem, len(rows))
	for i, row := range rows {
		items[i] = readItem(reader, imp, row)
	}
	known, err := w.service.newKnown(ctx, w.Queries, imp, items, imp.CreatedAt)
	if err != nil {
		return nil, err
	}
	var good []importItem
	for _, item := range items {
		now := item
		now.row.Duplicate = market.DuplicateNone
		known.look(&now)
		if now.row.Valid() && now.row.Duplicate != market.DuplicateSame {
			good = append(good, item)
			continue
		}
		if err := w.RefuseImportRow(ctx, imp, now.row); err != nil {
			return nil, err
		}
	}
	return good, nil
}

// copyItems writes what the rows of a chunk are.
func (w *act) copyItems(ctx context.Context, imp market.Import, items []importItem) ([]int64, error) {
	if len(items) == 0 {
		return nil, nil
	}
	switch imp.Kind {
	case market.KindExpert:
		return w.copyExperts(ctx, imp, items)
	case market.KindOrg:
		orgs := make([]market.Org, len(items))
		for i, item := range items {
			orgs[i] = item.org
		}
		return w.CopyOrgs(ctx, w.actor, orgs, imp.ID, w.at)
	}
	return w.copyListings(ctx, imp, items)
}

// copyExperts writes the experts of a chunk: drafts, or public where the list is accepted so and the person has agreed.
func (w *act) copyExperts(ctx context.Context, imp market.Import, items []importItem) ([]int64, error) {
	keepers, err := w.ExpertKeepers(ctx, "")
	if err != nil {
		return nil, err
	}
	experts := make([]market.Expert, len(items))
	for i, item := range items {
		e := item.expert
		if e.OrgID == 0 {
			e.OrgID = keepers[e.OrgName]
		}
		e.ImportID, e.State = &imp.ID, market.ExpertDraft
		if imp.Submit && len(e.CheckPublic()) == 0 {
			e.State = market.ExpertPublic
		}
		experts[i] = e
	}
	return w.CopyExperts(ctx, w.actor, experts, w.at)
}

// copyListings writes the listings of a chunk: drafts, or in review when the import is submitted.
func (w *act) copyListings(ctx context.Context, imp market.Import, items []importItem) ([]int64, error) {
	year, prefix := w.at.In(market.Shanghai).Year(), NumberPrefix[imp.Kind]
	first, err := w.TakeNumbers(ctx, prefix, year, len(items))
	if err != nil {
		return nil, err
	}
	var needs []market.Need
	var results []market.Result
	for i, item := range items {
		number := store.FormatNumber(prefix, year, first+i)
		if imp.Kind == market.KindNeed {
			stampListing(&item.need.Listing, imp, number, item.row.Gaps())
			needs = append(needs, item.need)
		} else {
			stampListing(&item.result.Listing, imp, number, item.row.Gaps())
			results = append(results, item.result)
		}
	}
	if imp.Kind == market.KindNeed {
		return w.CopyNeeds(ctx, w.actor, needs, w.at)
	}
	return w.CopyResults(ctx, w.actor, results, w.at)
}

// stampListing fills in what the import says of each of its listings. One with gaps stays a draft.
func stampListing(l *market.Listing, imp market.Import, number string, gaps bool) {
	l.Number, l.OrgID, l.ImportID, l.State = number, imp.OrgID, &imp.ID, market.Draft
	l.SecrecyConfirmed = imp.Secrecy
	if imp.Submit && !gaps {
		l.State = market.InReview
	}
	if l.Region == "" {
		l.Region = imp.OrgRegion
	}
}

// finishImport ends an import whose rows are all dealt with. Its people get one message, and the reviewers one for the
// whole batch.
func (w *act) finishImport(ctx context.Context, imp market.Import) error {
	to, err := market.Imports.Next(imp.State, "finish")
	if err != nil {
		return err
	}
	if err := w.EndImport(ctx, imp.ID, imp.State, to, "", w.at); err != nil {
		return err
	}
	title := fmt.Sprintf("批量导入完成：写入 %d %s%s，%s", imp.RowsDone, imp.Kind.Unit(), kindName(imp.Kind), importOutcome(imp))
	if err := w.tellImporters(ctx, imp, title); err != nil {
		return err
	}
	if imp.Kind.Valid() && imp.Submit && imp.RowsDone > 0 {
		title := fmt.Sprintf("待审核批量导入：%s，%d 项%s", imp.OrgName, imp.RowsDone, kindName(imp.Kind))
		if err := w.NotifyDuty(ctx, market.Reviewer, imp.OrgRegion, title, fmt.Sprintf("/review/imports/%d", imp.ID), w.at); err != nil {
			return err
		}
	}
	return w.Audit(ctx, w.at, w.actor, market.ImportFinish, w.object, "done", fmt.Sprintf("rows=%d", imp.RowsDone))
}

// importOutcome says what has become of the rows.
func importOutcome(imp market.Import) string {
	switch {
	case imp.Kind == market.KindOrg:
		return "等待各单位认领"
	case imp.Kind == market.KindExpert && imp.Submit:
		return "已同意的已经公开"
	case imp.Kind == market.KindExpert:
		return "都没有公开"
	case imp.Submit && imp.RowsGaps > 0:
		return "已提交审核，缺必填内容的留作草稿"
	case imp.Submit:
		return "已提交审核"
	}
	return "留作草稿"
}

// tellImporters tells an import's people: its organisation, or the reviewer who brought it.
func (w *act) tellImporters(ctx context.Context, imp market.Import, title string) error {
	path := fmt.Sprintf("/imports/%d", imp.ID)
	if imp.OrgID == 0 {
		return w.NotifyUser(ctx, imp.UserID, title, path, w.at)
	}
	return w.NotifyOrg(ctx, imp.OrgID, title, path, w.at)
}

// FailImport tells an import's people that its writing has stopped for good: what is written stays, and they may go on
// or undo it. For package worker, after its last try.
func (s *Service) FailImport(ctx context.Context, id int64) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		imp, err := tx.LockAnyImport(ctx, id)
		if err != nil || imp.State != market.ImportRunning {
			return err
		}
		to, err := market.Imports.Next(imp.State, "fail")
		if err != nil {
			return err
		}
		w := s.batchAct(tx, imp)
		problem := fmt.Sprintf("系统出了问题，写到第 %d 项停了下来。已写入的还在，可以继续写入，也可以整批撤销", imp.RowsDone)
		if err := tx.EndImport(ctx, id, imp.State, to, problem, w.at); err != nil {
			return err
		}
		if err := w.tellImporters(ctx, imp, "批量导入中断："+imp.FileName); err != nil {
			return err
		}
		return tx.Audit(ctx, w.at, w.actor, market.ImportFail, w.object, "done", fmt.Sprintf("rows=%d", imp.RowsDone))
	})
}

// ReviewImport carries a reviewer's decision out on the listings of a batch, a chunk at a time; after a crash it goes on
// with the rest. It is the market's own work, done by package worker.
func (s *Service) ReviewImport(ctx context.Context, id int64) error {
	for {
		more, err := s.reviewChunk(ctx, id)
		if err != nil || !more {
			return err
		}
	}
}

func (s *Service) reviewChunk(ctx context.Context, id int64) (more bool, err error) {
	err = s.store.InTx(ctx, func(tx *store.Tx) error {
		imp, err := tx.LockAnyImport(ctx, id)
		if err != nil || imp.Decision == "" || imp.ReviewedAt != nil {
			return err
		}
		to, err := market.Listings.Next(market.InReview, string(imp.Decision))
		if err != nil {
			return err
		}
		w := s.batchAct(tx, imp)
		w.actor = market.Actor{Via: market.ViaJob}
		if imp.DecidedBy != nil {
			w.actor.UserID = *imp.DecidedBy
		}
		ids, err := tx.ReviewImported(ctx, imp, to, s.validUntil(imp.Kind, w.at), w.at, importChunk)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return w.finishReview(ctx, imp)
		}
		more = true
		if to == market.Published {
			if err := w.enqueueMatching(ctx, ids); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, w.at, w.actor, market.ListingAction(imp.Kind, string(imp.Decision)), w.object, "done", fmt.Sprintf("rows=%d", len(ids)))
	})
	return more, err
}

// enqueueMatching queues the matching of many listings at once, a batch a job.
func (w *act) enqueueMatching(ctx context.Context, ids []int64) error {
	var jobs []river.InsertManyParams
	for batch := range slices.Chunk(ids, matchBatch) {
		jobs = append(jobs, river.InsertManyParams{Args: MatchListings{IDs: batch}})
	}
	_, err := w.service.jobs.InsertManyTx(ctx, w.SQL(), jobs)
	return err
}

// finishReview notes that a decision has been carried out and tells the batch's people once.
func (w *act) finishReview(ctx context.Context, imp market.Import) error {
	if err := w.ImportReviewed(ctx, imp.ID, w.at); err != nil {
		return err
	}
	title := fmt.Sprintf("批量导入的%s已通过审核，现已公开：%s", kindName(imp.Kind), imp.FileName)
	if imp.Decision == market.BatchReturn {
		title = fmt.Sprintf("批量导入的%s被退回修改：%s", kindName(imp.Kind), imp.FileName)
	}
	return w.NotifyOrg(ctx, imp.OrgID, title, fmt.Sprintf("/imports/%d", imp.ID), w.at)
}
