package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

// ImportFile is a list on its way in.
type ImportFile struct {
	Kind     market.Kind
	Name     string
	Data     []byte
	Defaults market.ImportDefaults
	Key      string // the form's one-time key
}

// CheckImport reads a file, checks every row and keeps the findings; no row goes into the market. It returns the id of
// the new import. Errors name the form's fields: file, submarket, fields, stage, modes, price_method and the contact.
func (s *Service) CheckImport(ctx context.Context, a market.Actor, f ImportFile) (int64, error) {
	if err := s.mayImport(ctx, a, market.ImportCheck, 0); err != nil {
		return 0, err
	}
	if !f.Kind.Valid() {
		return 0, market.Problems{{Field: "kind", Message: "请选择导入成果还是需求"}}.Err()
	}
	p := f.Defaults.Check(s.ref)
	table, err := sheet.Read(f.Kind, f.Name, f.Data)
	if err != nil && market.AsError(err) == nil {
		return 0, err
	}
	p.AddErr("file", err)
	if err := p.Err(); err != nil {
		return 0, err
	}
	imp := market.Import{Kind: f.Kind, OrgID: a.OrgID, FileName: market.Truncate(market.Normalize(f.Name), 100), Sheet: table.Sheet, Headings: table.Headings, Defaults: f.Defaults}
	rows, err := s.checkRows(ctx, &imp, table)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.write(ctx, a, market.ImportCheck, market.Object{Kind: "import"}, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, f.Key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if id, err = w.CreateImport(ctx, a, imp, rows, w.at); err != nil {
			return err
		}
		w.object.ID, w.detail = id, fmt.Sprintf("rows=%d valid=%d", imp.RowsTotal, imp.RowsValid)
		return w.Fulfil(ctx, a, f.Key, id)
	})
	return id, err
}

// mayImport refuses, and notes the attempt, who may not write for the organisation.
func (s *Service) mayImport(ctx context.Context, a market.Actor, action market.Action, id int64) error {
	err := a.RequireEditor(market.ScopePost)
	if err != nil && a.SignedIn() {
		s.Refused(ctx, a, action, market.Object{Kind: "import", ID: id})
	}
	return err
}

// ImportReader reads the rows of an import as its check did.
func (s *Service) ImportReader(imp market.Import) *sheet.Reader {
	return sheet.NewReader(imp.Kind, imp.Headings, imp.Defaults, s.ref, s.Today())
}

// checkRows checks every row and looks for duplicates, and fills in the counts.
func (s *Service) checkRows(ctx context.Context, imp *market.Import, table *sheet.Table) ([]market.ImportRow, error) {
	reader := s.ImportReader(*imp)
	items := make([]importItem, len(table.Rows))
	for i, row := range table.Rows {
		items[i] = readItem(reader, imp.Kind, market.ImportRow{Row: row.Number, Cells: row.Cells})
	}
	known, err := s.newKnown(ctx, s.store.Queries, *imp, items, time.Time{})
	if err != nil {
		return nil, err
	}
	imp.RowsTotal = len(items)
	rows := make([]market.ImportRow, len(items))
	for i := range items {
		if items[i].row.Valid() {
			known.look(&items[i])
			known.addRow(items[i])
		}
		rows[i] = items[i].row
		switch {
		case !rows[i].Valid():
		case rows[i].Duplicate == market.DuplicateSame:
			imp.RowsSame++
		case rows[i].Duplicate == market.DuplicateSimilar:
			imp.RowsSimilar++
		default:
			imp.RowsValid++
		}
	}
	return rows, nil
}

// importItem is a row and what it was read as.
type importItem struct {
	row     market.ImportRow
	need    market.Need
	result  market.Result
	id      string // in its owner's books
	patents []string
}

func readItem(reader *sheet.Reader, kind market.Kind, row market.ImportRow) importItem {
	item := importItem{row: row, id: reader.ID(row.Cells)}
	if kind == market.KindNeed {
		item.need, item.row.Problems = reader.Need(row.Cells)
	} else {
		item.result, item.row.Problems = reader.Result(row.Cells)
		item.patents = item.result.PatentNumbers()
	}
	item.row.Title = reader.Title(row.Cells)
	return item
}

// AcceptOptions are what is ticked when an import is accepted.
type AcceptOptions struct {
	Submit  bool // hand the listings in for review
	Similar bool // write rows that are perhaps duplicates too
	Secrecy bool // the lists hold no state secret and no work secret; needed to submit
}

// AcceptImport starts the writing of all valid rows in the background. A failed import goes on where it stopped, as it
// was accepted first.
func (s *Service) AcceptImport(ctx context.Context, a market.Actor, id int64, o AcceptOptions) error {
	if err := s.mayImport(ctx, a, market.ImportAccept, id); err != nil {
		return err
	}
	return s.write(ctx, a, market.ImportAccept, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.LockImport(ctx, a, id, false)
		if err != nil {
			return err
		}
		to, err := market.Imports.Next(imp.State, "accept")
		if err != nil {
			return err
		}
		if imp.State == market.ImportChecked {
			imp.Submit, imp.Similar, imp.Secrecy = o.Submit, o.Similar, o.Secrecy
		}
		if imp.Submit {
			if err := a.RequireVerified(market.ScopePost); err != nil {
				return err
			}
			if !imp.Secrecy {
				return market.Problems{{Field: "secrecy", Message: "提交审核前，请确认所列内容不含国家秘密、工作秘密"}}.Err()
			}
		}
		if imp.RowsWanted() == 0 {
			return market.Errorf(market.Conflict, "没有可以导入的行。请在文件里改好后重新上传")
		}
		if err := w.Tx.AcceptImport(ctx, imp, to); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("rows=%d submit=%t", imp.RowsWanted(), imp.Submit)
		return w.enqueue(ctx, RunImport{ImportID: id})
	})
}

// DiscardImport gives a checked file up; its rows are forgotten.
func (s *Service) DiscardImport(ctx context.Context, a market.Actor, id int64) error {
	if err := s.mayImport(ctx, a, market.ImportDiscard, id); err != nil {
		return err
	}
	return s.write(ctx, a, market.ImportDiscard, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.LockImport(ctx, a, id, false)
		if err != nil {
			return err
		}
		to, err := market.Imports.Next(imp.State, "discard")
		if err != nil {
			return err
		}
		if err := w.EndImport(ctx, id, imp.State, to, "", w.at); err != nil {
			return err
		}
		return w.DropImportRows(ctx, id)
	})
}

// UndoImport removes the listings an import made, within market.ImportUndoDays of its end. What somebody has changed
// since, what was public and what an inquiry is about stays; kept is how many.
func (s *Service) UndoImport(ctx context.Context, a market.Actor, id int64) (removed, kept int, err error) {
	if err := s.mayImport(ctx, a, market.ImportUndo, id); err != nil {
		return 0, 0, err
	}
	err = s.write(ctx, a, market.ImportUndo, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.LockImport(ctx, a, id, false)
		if err != nil {
			return err
		}
		to, err := market.Imports.Next(imp.State, "undo")
		if err != nil {
			return err
		}
		if err := w.mayUndo(imp); err != nil {
			return err
		}
		counts, err := w.ImportCounts(ctx, id)
		if err != nil {
			return err
		}
		if removed, err = w.DeleteImported(ctx, id); err != nil {
			return err
		}
		kept = counts.Written() - removed
		if removed == 0 && kept > 0 {
			return market.Errorf(market.Conflict, "这批内容都已公开、修改过或有了对接，不能整批撤销。请逐项撤回或关闭")
		}
		w.detail = fmt.Sprintf("removed=%d kept=%d", removed, kept)
		return w.EndImport(ctx, id, imp.State, to, "", w.at)
	})
	return removed, kept, err
}

func (w *act) mayUndo(imp market.Import) error {
	until, ok := imp.UndoUntil()
	switch {
	case !ok || market.DateOf(w.at).After(until):
		return market.Errorf(market.Conflict, "导入已超过 %d 天，不能整批撤销。请逐项删除或撤回", market.ImportUndoDays)
	case imp.Decision != "" && imp.ReviewedAt == nil:
		return market.Errorf(market.Conflict, "审核人员正在处理这一批，请稍后再看")
	}
	return nil
}

// PublishImport passes a whole batch in review: its listings become public in the background. For reviewers, not for
// batches of their own organisation.
func (s *Service) PublishImport(ctx context.Context, a market.Actor, id int64) error {
	return s.decideImport(ctx, a, market.ImportPublish, market.Import{ID: id, Decision: market.BatchPublish})
}

// ReturnImport sends a whole batch back with coded reasons and words that its owner will read. See PublishImport.
func (s *Service) ReturnImport(ctx context.Context, a market.Actor, id int64, codes []string, note string) error {
	var p market.Problems
	if len(codes) == 0 {
		p.Add("codes", "请至少选择一个退回原因")
	}
	for _, c := range codes {
		if s.ref.ListingReturn.Name(c) == "" {
			p.Add("codes", "请从列表中选择退回原因")
		}
	}
	if err := checkNote(&note, "请写明要改什么，提交人会看到"); err != nil {
		p = append(p, market.AsError(err).Fields...)
	}
	if err := p.Err(); err != nil {
		return err
	}
	codes = slices.Compact(slices.Sorted(slices.Values(codes)))
	return s.decideImport(ctx, a, market.ImportReturn, market.Import{ID: id, Decision: market.BatchReturn, ReturnCodes: codes, ReturnNote: note})
}

func (s *Service) decideImport(ctx context.Context, a market.Actor, action market.Action, decided market.Import) error {
	object := market.Object{Kind: "import", ID: decided.ID}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		imp, err := w.LockImport(ctx, a, decided.ID, true)
		if err != nil {
			return err
		}
		if imp.UserID == a.UserID {
			return errOwnWork
		}
		if err := w.refuseOwn(ctx, imp.OrgID, imp.AgencyID); err != nil {
			return err
		}
		switch {
		case !imp.InReview():
			return market.Errorf(market.Conflict, "这一批已经审核过了，请刷新后再看")
		case decided.Decision == market.BatchPublish && imp.OrgState != market.OrgVerified:
			return market.Errorf(market.Conflict, "提交单位现在是“%s”，不能公开它的内容", imp.OrgState.Name())
		}
		if err := w.DecideImport(ctx, a, decided, w.at); err != nil {
			return err
		}
		return w.enqueue(ctx, ReviewImport{ImportID: decided.ID})
	})
}
