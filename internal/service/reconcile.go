package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// NationalUpload is an export of the national system on its way in.
type NationalUpload struct {
	Period string // 2026-10 or 2026
	Name   string
	Data   []byte
	Key    string // the form's one-time key
}

func reconciliationObject(id int64) market.Object {
	return market.Object{Kind: "reconciliation", ID: id}
}

// requireCity is requireDuty for what concerns the whole city: officers of a county are refused.
func (s *Service) requireCity(ctx context.Context, a market.Actor, action market.Action, object market.Object, duties ...market.Duty) error {
	var err error
	for _, d := range duties {
		if err = a.RequireDuty(d); err == nil {
			break
		}
	}
	if err == nil && a.County != "" {
		err = market.Errorf(market.Denied, "与全国系统对账由市级岗位办理")
	}
	if err != nil {
		s.Refused(ctx, a, action, object)
	}
	return err
}

// CheckNational reads an export of the national system for a period and keeps its rows with what is wrong with them; nothing
// is compared yet. known is true when the period has this very file already: the id is that one's. For statisticians of the
// whole city. Errors name the fields period and file.
func (s *Service) CheckNational(ctx context.Context, a market.Actor, up NationalUpload) (id int64, known bool, err error) {
	if err := s.requireCity(ctx, a, market.ReconcileCheck, reconciliationObject(0), market.Statistician); err != nil {
		return 0, false, err
	}
	var p market.Problems
	period, err := market.ParsePeriod(up.Period, s.Today())
	p.AddErr("period", err)
	table, err := sheet.Read(market.KindNational, up.Name, up.Data)
	if err != nil && market.AsError(err) == nil {
		return 0, false, err
	}
	p.AddErr("file", err)
	if err := p.Err(); err != nil {
		return 0, false, err
	}
	columns, err := s.store.NationalMapping(ctx, table.Headings)
	if err != nil {
		return 0, false, err
	}
	hash := sha256.Sum256(up.Data)
	f := market.NationalFile{Name: market.Truncate(market.Normalize(up.Name), 100), Sheet: table.Sheet, SHA256: hash[:], Headings: table.Headings, Columns: columns, RowsHidden: table.Hidden}
	err = s.write(ctx, a, market.ReconcileCheck, reconciliationObject(0), func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, up.Key, w.at)
		if err != nil || !fresh {
			id = existing
			return err
		}
		period, err := w.OpenReconciliation(ctx, a, period, w.at)
		if err != nil {
			return err
		}
		if err := stillOpen(period); err != nil {
			return err
		}
		w.object.ID, f.ReconciliationID = period.ID, period.ID
		if id, err = w.SameNationalFile(ctx, period.ID, f.SHA256); err == nil {
			known = true
			return w.Fulfil(ctx, a, up.Key, id)
		} else if !market.IsKind(err, market.NotFound) {
			return err
		}
		lines, err := s.readNational(&f, period, table.Rows)
		if err != nil {
			return err
		}
		if id, err = w.AddNationalFile(ctx, a, f, lines, w.at); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("file=%d rows=%d bad=%d", id, f.RowsTotal, f.RowsBad)
		return w.Fulfil(ctx, a, up.Key, id)
	})
	return id, known, err
}

func stillOpen(r market.Reconciliation) error {
	if r.Closed() {
		return market.Errorf(market.Conflict, "%s的对账已经关闭，不再接受改动。以后的变动进当月的调整", r.Name())
	}
	return nil
}

// NationalReader reads the rows of a file as its check did.
func (s *Service) NationalReader(f market.NationalFile) (*sheet.Reader, error) {
	reader := sheet.NewReader(market.KindNational, f.Headings, market.ImportDefaults{}, s.ref, s.Today())
	if len(f.Columns) == 0 {
		return reader, nil
	}
	return reader, reader.Take(f.Columns)
}

// readNational reads rows for a period and fills in what the file's columns are and its counts.
func (s *Service) readNational(f *market.NationalFile, period market.Reconciliation, rows []sheet.Row) ([]market.NationalLine, error) {
	reader, err := s.NationalReader(*f)
	if err != nil {
		return nil, err
	}
	f.Columns = f.Columns[:0]
	for _, c := range reader.Columns() {
		f.Columns = append(f.Columns, c.Key)
	}
	f.RowsTotal, f.RowsBad, f.Total = len(rows), 0, decimal.Zero
	first := map[string]int{}
	lines := make([]market.NationalLine, len(rows))
	for i, row := range rows {
		l := market.NationalLine{Cells: row.Cells}
		l.NationalRow, l.Problems = reader.National(row.Cells, period)
		l.Row = row.Number
		if at, again := first[l.Number]; again && l.Number != "" {
			l.Problems = append(l.Problems, reader.Problem(row.Cells, "number", fmt.Sprintf("与第 %d 行的编号相同，只比对前一行", at)))
		} else {
			first[l.Number] = row.Number
		}
		if len(l.Problems) > 0 {
			f.RowsBad++
		} else {
			f.Total = f.Total.Add(l.Amount())
		}
		lines[i] = l
	}
	return lines, nil
}

// nationalFile carries out an act on a file of an open period.
func (s *Service) nationalFile(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.NationalFile, market.Reconciliation) error) error {
	if err := s.requireCity(ctx, a, action, reconciliationObject(0), market.Statistician); err != nil {
		return err
	}
	return s.write(ctx, a, action, reconciliationObject(0), func(w *act) error {
		f, err := w.NationalFile(ctx, a, id)
		if err != nil {
			return err
		}
		w.object.ID, w.detail = f.ReconciliationID, fmt.Sprintf("file=%d", id)
		period, err := w.LockReconciliation(ctx, a, f.ReconciliationID)
		if err != nil {
			return err
		}
		if f, err = w.NationalFile(ctx, a, id); err != nil { // as it is under the lock
			return err
		}
		if f.State != "checked" {
			return market.Errorf(market.Conflict, "这个文件现在是“%s”，不能这样办理", market.NationalFileStates.Name(f.State))
		}
		if err := stillOpen(period); err != nil {
			return err
		}
		return fn(w, f, period)
	})
}

// RecheckNational reads a file anew with what its columns are said to be. For statisticians of the whole city. Errors name
// the field column.
func (s *Service) RecheckNational(ctx context.Context, a market.Actor, id int64, columns []string) error {
	return s.nationalFile(ctx, a, market.ReconcileRecheck, id, func(w *act, f market.NationalFile, period market.Reconciliation) error {
		lines, err := w.NationalLines(ctx, id)
		if err != nil {
			return err
		}
		rows := make([]sheet.Row, len(lines))
		for i, l := range lines {
			rows[i] = sheet.Row{Number: l.Row, Cells: l.Cells}
		}
		f.Columns = append(slices.Clone(columns), make([]string, max(0, len(f.Headings)-len(columns)))...)[:len(f.Headings)]
		if lines, err = s.readNational(&f, period, rows); err != nil {
			return err
		}
		return w.RecheckNationalFile(ctx, f, lines)
	})
}

// TakeNational makes a checked file the one that its period is compared with. For statisticians of the whole city.
func (s *Service) TakeNational(ctx context.Context, a market.Actor, id int64) error {
	return s.nationalFile(ctx, a, market.ReconcileTake, id, func(w *act, f market.NationalFile, period market.Reconciliation) error {
		if f.RowsBad == f.RowsTotal {
			return market.Errorf(market.Conflict, "没有可以比对的行。请核对期间和列，或改好文件再上传")
		}
		if err := w.TakeNationalFile(ctx, id, w.at); err != nil {
			return err
		}
		compared, err := w.ComparedHere(ctx, a, period.ID)
		if err != nil {
			return err
		}
		return w.SetReconcileGap(ctx, period.ID, compared.Comparison.Gap())
	})
}

// DiscardNational gives a checked file up. For statisticians of the whole city.
func (s *Service) DiscardNational(ctx context.Context, a market.Actor, id int64) error {
	return s.nationalFile(ctx, a, market.ReconcileDiscard, id, func(w *act, _ market.NationalFile, _ market.Reconciliation) error {
		return w.DiscardNationalFile(ctx, id)
	})
}

// openPeriod carries out an act on an open period.
func (s *Service) openPeriod(ctx context.Context, a market.Actor, action market.Action, id int64, duties []market.Duty, fn func(*act, store.Compared) error) error {
	if err := s.requireCity(ctx, a, action, reconciliationObject(id), duties...); err != nil {
		return err
	}
	return s.write(ctx, a, action, reconciliationObject(id), func(w *act) error {
		period, err := w.LockReconciliation(ctx, a, id)
		if err != nil {
			return err
		}
		if err := stillOpen(period); err != nil {
			return err
		}
		compared, err := w.ComparedHere(ctx, a, id)
		if err != nil {
			return err
		}
		return fn(w, compared)
	})
}

var (
	byStatistician = []market.Duty{market.Statistician}
	bySecond       = []market.Duty{market.Statistician, market.Registrar}
)

// DecideDifferences stores decisions on differences of an open period, all or none. Those on a difference that is not there
// any more are a Conflict. For statisticians of the whole city. Errors name the fields choice.N and reason.N, N being the
// place in the list.
func (s *Service) DecideDifferences(ctx context.Context, a market.Actor, id int64, decisions []market.ReconcileDecision) error {
	return s.openPeriod(ctx, a, market.ReconcileDecide, id, byStatistician, func(w *act, c store.Compared) error {
		if len(decisions) == 0 {
			return market.Errorf(market.Invalid, "没有选定任何一项。请在要决定的行里选择以哪边为准，并写明依据")
		}
		there := map[market.ReconcileKey]market.Difference{}
		for _, d := range c.Comparison.Differences {
			there[d.ReconcileKey] = d
		}
		var p market.Problems
		for i := range decisions {
			for _, f := range decisions[i].Check() {
				p.Add(fmt.Sprintf("%s.%d", f.Field, i), "%s", f.Message)
			}
		}
		if err := p.Err(); err != nil {
			return err
		}
		for _, d := range decisions {
			now, ok := there[d.ReconcileKey]
			if !ok || now.Ours != d.Ours || now.Theirs != d.Theirs {
				return market.Errorf(market.Conflict, "您打开以后，这一期有了变动。请看过下面最新的差异再决定")
			}
			d.Title = now.Title
			if err := w.Decide(ctx, a, id, d, w.at); err != nil {
				return err
			}
		}
		w.detail = fmt.Sprintf("decisions=%d", len(decisions))
		return nil
	})
}

// UndoDecision takes back a decision of an open period. For statisticians of the whole city.
func (s *Service) UndoDecision(ctx context.Context, a market.Actor, id, decision int64) error {
	return s.openPeriod(ctx, a, market.ReconcileUndo, id, byStatistician, func(w *act, _ store.Compared) error {
		w.detail = fmt.Sprintf("decision=%d", decision)
		return w.UndoDecision(ctx, a, id, decision, w.at)
	})
}

// ConfirmDecision is the second person's word on a decision for the national side, once ours says the same. For
// statisticians and registrars of the whole city, but not for who decided.
func (s *Service) ConfirmDecision(ctx context.Context, a market.Actor, id, decision int64) error {
	return s.openPeriod(ctx, a, market.ReconcileConfirm, id, bySecond, func(w *act, c store.Compared) error {
		at := slices.IndexFunc(c.Items(), func(i market.ReconcileItem) bool { return i.Decision != nil && i.Decision.ID == decision })
		if at < 0 {
			return market.ErrNotFound
		}
		item := c.Items()[at]
		switch {
		case item.Decision.UserID == a.UserID:
			return market.Errorf(market.Denied, "这一项是您决定的，复核须由另一人办理")
		case item.State == market.DifferenceToCorrect:
			return market.Errorf(market.Conflict, "本市的内容还没有改成与全国一致，改好后再复核")
		case item.State != market.DifferenceToConfirm:
			return market.Errorf(market.Conflict, "这一项不需要复核，请刷新后再看")
		}
		w.detail = fmt.Sprintf("decision=%d", decision)
		return w.ConfirmDecision(ctx, a, id, decision, w.at)
	})
}

// PairNational says which of several contracts here a row of the export is; contract 0 takes that back. For statisticians of
// the whole city.
func (s *Service) PairNational(ctx context.Context, a market.Actor, id int64, number string, contract int64) error {
	return s.openPeriod(ctx, a, market.ReconcilePair, id, byStatistician, func(w *act, c store.Compared) error {
		w.detail = fmt.Sprintf("contract=%d", contract)
		if contract == 0 {
			return w.UnpairNational(ctx, id, number)
		}
		for _, d := range c.Comparison.Differences {
			if d.List != market.ListThere || d.Number != number {
				continue
			}
			for _, o := range d.Candidates {
				if o.ID == contract && o.Number != "" {
					return w.PairNational(ctx, a, id, number, contract, w.at)
				}
			}
		}
		return market.Errorf(market.Conflict, "这一行已经对上，或不能对上这份合同。请刷新后再看")
	})
}

// RegisterNational registers a contract that waits for a number with the number and date of the export's row that is the
// same contract. For registrars. Errors are those of RegisterContract.
func (s *Service) RegisterNational(ctx context.Context, a market.Actor, id int64, number string) (contract int64, err error) {
	if err := s.requireCity(ctx, a, market.ContractRegister, reconciliationObject(id), market.Registrar); err != nil {
		return 0, err
	}
	c, err := s.store.Compared(ctx, a, id)
	if err != nil {
		return 0, err
	}
	if err := stillOpen(c.Reconciliation); err != nil {
		return 0, err
	}
	for _, d := range c.Comparison.Differences {
		if o := d.Offer(); d.Number == number && o != nil {
			if d.Row.RegisteredOn == nil {
				return 0, market.Errorf(market.Conflict, "导出里没有登记日期，请在合同页里录入编号和登记日期")
			}
			return o.ID, s.RegisterContract(ctx, a, o.ID, number, *d.Row.RegisteredOn)
		}
	}
	return 0, market.Errorf(market.Conflict, "这一行已经登记，或对应的合同不止一份。请刷新后再看")
}

// CloseReconciliation closes a period in which nothing is left to do, and keeps its statement. For statisticians of the whole
// city.
func (s *Service) CloseReconciliation(ctx context.Context, a market.Actor, id int64) error {
	return s.openPeriod(ctx, a, market.ReconcileClose, id, byStatistician, func(w *act, c store.Compared) error {
		switch left := market.ProgressOf(c.Items()); {
		case c.File == nil:
			return market.Errorf(market.Conflict, "还没有载入全国系统的导出，不能关闭")
		case !c.To.Before(s.Today()):
			return market.Errorf(market.Conflict, "%s还没有结束，不能关闭", c.Name())
		case left.Left() > 0:
			return market.Errorf(market.Conflict, "还有 %d 项没有决定、%d 项待改本市、%d 项待复核，不能关闭", left.Open, left.ToCorrect, left.ToConfirm)
		}
		return w.CloseReconciliation(ctx, a, id, market.ReconcileStatement{Comparison: c.Comparison, Decisions: c.Decisions}, w.at)
	})
}

// ExportReconciliation is a period's lists as a workbook. For who reconciles.
func (s *Service) ExportReconciliation(ctx context.Context, a market.Actor, id int64) (store.Compared, []byte, error) {
	c, err := s.store.Compared(ctx, a, id)
	if err != nil {
		return c, nil, err
	}
	var out bytes.Buffer
	if err := sheet.ReconcileExport(&out, c.Reconciliation, c.Comparison, c.Items(), c.Demo); err != nil {
		return c, nil, err
	}
	err = s.write(ctx, a, market.ReconcileExport, reconciliationObject(id), func(*act) error { return nil })
	return c, out.Bytes(), err
}
