package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
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
	if !slices.Contains(market.ImportKinds, f.Kind) {
		return 0, market.Problems{{Field: "kind", Message: "请选择导入什么"}}.Err()
	}
	if err := a.RequireImport(f.Kind); err != nil {
		if a.SignedIn() {
			s.Refused(ctx, a, market.ImportCheck, market.Object{Kind: "import"})
		}
		return 0, err
	}
	var p market.Problems
	if f.Kind.Valid() {
		p = f.Defaults.Check(s.ref)
	} else {
		f.Defaults = market.ImportDefaults{}
	}
	table, err := sheet.Read(f.Kind, f.Name, f.Data)
	if err != nil && market.AsError(err) == nil {
		return 0, err
	}
	p.AddErr("file", err)
	if err := p.Err(); err != nil {
		return 0, err
	}
	imp := market.Import{Kind: f.Kind, FileName: market.Truncate(market.Normalize(f.Name), 100), Sheet: table.Sheet, RowsHidden: table.Hidden, Headings: table.Headings, Defaults: f.Defaults}
	if err := s.placeImport(ctx, a, &imp); err != nil {
		return 0, err
	}
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

// placeImport says whose the list is, and where rows are that don't say.
func (s *Service) placeImport(ctx context.Context, a market.Actor, imp *market.Import) (err error) {
	switch imp.Kind {
	case market.KindOrg:
	case market.KindExpert:
		imp.OrgID, err = a.ExpertOwner()
	default:
		imp.OrgID, imp.OrgName = a.OrgID, a.OrgName
	}
	switch {
	case err != nil:
	case imp.OrgID == 0:
		imp.Region, imp.Defaults.Region = a.Reach(market.Reviewer), a.County
	case imp.Kind == market.KindExpert:
		imp.Defaults.Region, err = s.store.OrgRegion(ctx, imp.OrgID)
	}
	return err
}

// ownImport locks a batch for a change by its own people, who must import lists of its kind.
func (w *act) ownImport(ctx context.Context, id int64) (market.Import, error) {
	imp, err := w.LockImport(ctx, w.actor, id)
	if err != nil {
		return imp, err
	}
	return imp, w.actor.RequireImport(imp.Kind)
}

// ImportReader reads the rows of an import as its check did.
func (s *Service) ImportReader(imp market.Import) *sheet.Reader {
	reader := sheet.NewReader(imp.Kind, imp.Headings, imp.Defaults, s.ref, s.Today())
	if len(imp.Columns) > 0 {
		if err := reader.Take(imp.Columns); err != nil {
			s.log.Error("the columns of an import", "import", imp.ID, "err", err) // they were checked when they were stored
		}
	}
	return reader
}

// RecheckImport checks a file that was checked once more with what its columns are said to be, by the keys of
// sheet.Choices in the order of its headings. Errors name the field column.
func (s *Service) RecheckImport(ctx context.Context, a market.Actor, id int64, columns []string) error {
	return s.write(ctx, a, market.ImportRecheck, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.ownImport(ctx, id)
		if err != nil {
			return err
		}
		if imp.State != market.ImportChecked {
			return market.Errorf(market.Conflict, "这次导入现在是“%s”，列不能再改", market.Imports.Names[imp.State])
		}
		if err := s.ImportReader(imp).Take(columns); err != nil {
			return err
		}
		imp.Columns = columns[:min(len(columns), len(imp.Headings))]
		table := sheet.Table{Headings: imp.Headings}
		for row, err := range w.AllImportRows(ctx, id, store.ImportAll) {
			if err != nil {
				return err
			}
			table.Rows = append(table.Rows, sheet.Row{Number: row.Row, Cells: row.Cells})
		}
		imp.RowsValid, imp.RowsSimilar, imp.RowsSame, imp.RowsGaps = 0, 0, 0, 0
		rows, err := s.checkRows(ctx, &imp, &table)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("rows=%d valid=%d", imp.RowsTotal, imp.RowsValid)
		return w.RecheckImport(ctx, imp, rows)
	})
}

// checkRows checks every row and looks for duplicates, and fills in the counts.
func (s *Service) checkRows(ctx context.Context, imp *market.Import, table *sheet.Table) ([]market.ImportRow, error) {
	reader := s.ImportReader(*imp)
	items := make([]importItem, len(table.Rows))
	for i, row := range table.Rows {
		items[i] = readItem(reader, *imp, market.ImportRow{Row: row.Number, Cells: row.Cells})
	}
	known, err := s.newKnown(ctx, s.store.Queries, *imp, items, time.Time{})
	if err != nil {
		return nil, err
	}
	if err := s.lookAtSums(ctx, imp.Kind, items, reader); err != nil {
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
		if rows[i].Valid() && rows[i].Duplicate != market.DuplicateSame && rows[i].Gaps() {
			imp.RowsGaps++
		}
	}
	return rows, nil
}

// lookAtSums notes sums that look like 元 written as 万元, or the reverse, beside what is usual in the sub-market.
func (s *Service) lookAtSums(ctx context.Context, kind market.Kind, items []importItem, reader *sheet.Reader) error {
	usual := map[string]decimal.NullDecimal{}
	for i := range items {
		submarket, price := items[i].need.Submarket, items[i].need.Budget
		median := s.store.BudgetMedian
		if kind == market.KindResult {
			submarket, price, median = items[i].result.Submarket, items[i].result.Price, s.store.PriceMedian
		}
		if !price.Min.Valid || submarket == "" {
			continue
		}
		known, ok := usual[submarket]
		if !ok {
			var err error
			if known, err = median(ctx, submarket); err != nil {
				return err
			}
			usual[submarket] = known
		}
		if meant, slipped := market.UnitSlip(price.Min.Decimal, known.Decimal); known.Valid && slipped {
			p := reader.Problem(items[i].row.Cells, "price", fmt.Sprintf("同一专业市场的中位数是 %s，这里是 %s。如果是 %s，请改单位",
				market.FormatMoney(known.Decimal), market.FormatMoney(price.Min.Decimal), market.FormatMoney(meant)))
			p.Grade = market.GradeLook
			items[i].row.Problems = append(items[i].row.Problems, p)
		}
	}
	return nil
}

// importItem is a row and what it was read as.
type importItem struct {
	row     market.ImportRow
	need    market.Need
	result  market.Result
	expert  market.Expert
	org     market.Org
	id      string // in its owner's books
	patents []string
}

func readItem(reader *sheet.Reader, imp market.Import, row market.ImportRow) importItem {
	item := importItem{row: row, id: reader.ID(row.Cells)}
	switch imp.Kind {
	case market.KindNeed:
		item.need, item.row.Problems = reader.Need(row.Cells)
		item.nameShown(reader, item.need.HideOrg, item.need.ShowsName(imp.OrgName))
	case market.KindExpert:
		item.expert, item.row.Problems = reader.Expert(row.Cells, imp.OrgID)
		item.withinReach(reader, imp, item.expert.Region)
	case market.KindOrg:
		item.org, item.row.Problems = reader.Org(row.Cells)
		item.withinReach(reader, imp, item.org.Region)
	default:
		item.result, item.row.Problems = reader.Result(row.Cells)
		item.nameShown(reader, item.result.HideOrg, item.result.ShowsName(imp.OrgName))
		item.patents = item.result.PatentNumbers()
	}
	item.row.Title = reader.Title(row.Cells)
	return item
}

// nameShown notes a text with the name of an organisation that is not to be shown.
func (item *importItem) nameShown(reader *sheet.Reader, hidden bool, field string) {
	if hidden && field != "" {
		item.row.Problems = append(item.row.Problems, reader.Problem(item.row.Cells, field, errNameShown))
	}
}

// withinReach notes a place outside the county of the reviewer who brought the list.
func (item *importItem) withinReach(reader *sheet.Reader, imp market.Import, region string) {
	if imp.OrgID == 0 && imp.Region != market.City && region != imp.Region && region != "" {
		item.row.Problems = append(item.row.Problems, reader.Problem(item.row.Cells, "region", "不在您办理的县区，请由该县区或市里的审核人员导入"))
	}
}

// AcceptOptions are what is ticked when an import is accepted.
type AcceptOptions struct {
	Submit  bool // hand the listings in for review; of experts, publish those who have agreed
	Similar bool // write rows that are perhaps duplicates too
	Secrecy bool // the lists hold no state secret and no work secret; needed to submit
}

// AcceptImport starts the writing of all valid rows in the background. A failed import goes on where it stopped, as it
// was accepted first.
func (s *Service) AcceptImport(ctx context.Context, a market.Actor, id int64, o AcceptOptions) error {
	return s.write(ctx, a, market.ImportAccept, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.ownImport(ctx, id)
		if err != nil {
			return err
		}
		to, err := market.Imports.Next(imp.State, "accept")
		if err != nil {
			return err
		}
		if imp.State == market.ImportChecked {
			imp.Submit, imp.Similar, imp.Secrecy = o.Submit && imp.Kind != market.KindOrg, o.Similar, o.Secrecy
		}
		if err := w.maySubmitImport(ctx, imp); err != nil {
			return err
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

// maySubmitImport refuses what is handed in, or published, with a batch before its owner may do that.
func (w *act) maySubmitImport(ctx context.Context, imp market.Import) error {
	if !imp.Submit || imp.OrgID == 0 {
		return nil
	}
	if imp.Kind == market.KindExpert {
		return w.actor.RequireVerified(market.ScopeOwn)
	}
	if err := w.actor.RequireVerified(market.ScopePost); err != nil {
		return err
	}
	if !imp.Secrecy {
		return market.Problems{{Field: "secrecy", Message: "提交审核前，请确认所列内容不含国家秘密、工作秘密"}}.Err()
	}
	if n, err := w.CompleteRows(ctx, imp); err != nil || n > 0 {
		return err
	}
	return market.Problems{{Field: "submit", Message: "没有可以提交审核的行，都缺必填的内容。不选这一项可以留作草稿"}}.Err()
}

// DiscardImport gives a checked file up; its rows are forgotten.
func (s *Service) DiscardImport(ctx context.Context, a market.Actor, id int64) error {
	return s.write(ctx, a, market.ImportDiscard, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.ownImport(ctx, id)
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

// UndoImport removes what an import made, within market.ImportUndoDays of its end. What somebody has changed since stays, and
// so does a listing that was public or that an inquiry is about, and an organisation that somebody has claimed; kept is how many.
func (s *Service) UndoImport(ctx context.Context, a market.Actor, id int64) (removed, kept int, err error) {
	err = s.write(ctx, a, market.ImportUndo, market.Object{Kind: "import", ID: id}, func(w *act) error {
		imp, err := w.ownImport(ctx, id)
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
		counts, err := w.ImportCounts(ctx, imp)
		if err != nil {
			return err
		}
		if removed, err = w.DeleteImported(ctx, imp); err != nil {
			return err
		}
		kept = counts.Written() - removed
		if removed == 0 && kept > 0 {
			return market.Errorf(market.Conflict, "这批内容都已公开、修改过或有了别的办理，不能整批撤销。请逐项办理")
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
		imp, err := w.LockImportForReview(ctx, a, decided.ID)
		if err != nil {
			return err
		}
		if imp.UserID == a.UserID {
			return errOwnWork
		}
		if err := w.refuseOwn(ctx, w.object, imp.OrgID, imp.AgencyID); err != nil {
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
