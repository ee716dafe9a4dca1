package service_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// nationalRow is a contract of ours as the national system has it.
func nationalRow(c market.Contract) market.NationalRow {
	n := market.NationalRow{Number: c.RegistrationNumber, Title: c.Title, SellerName: c.Seller.Name, SellerUSCC: c.Seller.USCC, BuyerName: c.Buyer.Name, BuyerUSCC: c.Buyer.USCC,
		Kind: "技术开发", Total: c.TotalAmount, Tech: decimal.NewNullDecimal(c.TechAmount), SignedOn: &c.SignedOn, RegisteredOn: c.RegisteredOn}
	return n
}

// export is a workbook of the national system.
func export(t testing.TB, rows ...market.NationalRow) []byte {
	t.Helper()
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = sheet.NationalCells(r)
	}
	var out bytes.Buffer
	if err := sheet.Rows(&out, "导出", sheet.NationalHeadings(), cells); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// take loads an export for the month of the world's first day and returns the period's number.
func (d *desk) take(t *testing.T, who market.Actor, data []byte) int64 {
	t.Helper()
	id, known, err := d.Service.CheckNational(d.ctx, who, service.NationalUpload{Period: "2026-11", Name: "导出.xlsx", Data: data})
	must(t, err)
	if known {
		t.Fatal("the file is known")
	}
	must(t, d.Service.TakeNational(d.ctx, who, id))
	f, err := d.Store.NationalFile(d.ctx, who, id)
	must(t, err)
	return f.ReconciliationID
}

func (d *desk) compared(t *testing.T, who market.Actor, id int64) store.Compared {
	t.Helper()
	c, err := d.Store.Compared(d.ctx, who, id)
	must(t, err)
	return c
}

// decide decides every open difference of a field.
func (d *desk) decide(t *testing.T, who market.Actor, id int64, field, choice string) {
	t.Helper()
	var out []market.ReconcileDecision
	for _, i := range d.compared(t, who, id).Items() {
		if i.State == market.DifferenceOpen && i.Field == field {
			out = append(out, market.ReconcileDecision{ReconcileKey: i.ReconcileKey, Ours: i.Ours, Theirs: i.Theirs, Choice: choice, Reason: "核对过合同原件"})
		}
	}
	must(t, d.Service.DecideDifferences(d.ctx, who, id, out))
}

// TestReconciliation: a month from the export to the statement: all four lists, the number of a contract that waited for it,
// decisions that lapse, are taken back and confirmed by a second person, and nothing after the end.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	counter, other := d.Person("彭晓岚", market.Statistician), d.Person("彭晓月", market.Statistician)
	alike, differs, here := d.read(t, d.bring(t, market.ContractRegistered)), d.read(t, d.bring(t, market.ContractRegistered)), d.read(t, d.bring(t, market.ContractRegistered))
	cancelled, waiting := d.read(t, d.bring(t, market.ContractRegistered)), d.create(t, small+1000)
	for _, act := range paths[market.ContractToRegister] {
		must(t, d.acts()[act](waiting))
	}
	waits := d.read(t, waiting)
	must(t, d.Service.CancelContract(d.ctx, d.first, cancelled.ID, removal("Z01", "双方协商解除")))
	more, late, offered, foreign := nationalRow(differs), nationalRow(cancelled), nationalRow(waits), nationalRow(alike)
	today := market.DateOf(d.Now())
	more.Total, more.Kind = more.Total.Add(decimal.NewFromInt(5000)), "技术服务"
	offered.Number, offered.RegisteredOn = d.Number(), &today
	foreign.Number, foreign.Title, foreign.BuyerName, foreign.BuyerUSCC = d.Number(), "别处的合同", "别家", ""
	data := export(t, nationalRow(alike), more, late, offered, foreign)
	id := d.take(t, counter, data)

	c := d.compared(t, counter, id).Comparison
	if len(c.Agree) != 1 || c.Here.Count != 1 || c.There.Count != 2 || c.Differ.Count != 1 || c.Unsynced.Count != 1 {
		t.Fatalf("%d alike, here %v, there %v, differ %v, unsynced %v", len(c.Agree), c.Here, c.There, c.Differ, c.Unsynced)
	}
	if _, known, err := d.Service.CheckNational(d.ctx, counter, service.NationalUpload{Period: "2026-11", Name: "又一次.xlsx", Data: data}); err != nil || !known {
		t.Errorf("the same file again: known %t, %v", known, err)
	}

	got, err := d.Service.RegisterNational(d.ctx, d.first, id, offered.Number)
	must(t, err)
	if now := d.read(t, waits.ID); got != waits.ID || now.RegistrationNumber != offered.Number || now.State != market.ContractRegistered {
		t.Errorf("contract %d has number %s and is %s", got, now.RegistrationNumber, now.State)
	}
	_, err = d.Service.RegisterNational(d.ctx, d.first, id, offered.Number)
	wantKind(t, err, market.Conflict)

	d.decide(t, counter, id, "kind", market.DecideOurs)
	d.decide(t, counter, id, "total", market.DecideBoth)
	d.decide(t, counter, id, market.WholeContract, market.DecideBoth)
	wantKind(t, d.Service.CloseReconciliation(d.ctx, counter, id), market.Conflict) // one is open, and November is not over
	d.decide(t, counter, id, "standing", market.DecideNational)
	d.SetDay(2026, time.December, 3)
	wantKind(t, d.Service.CloseReconciliation(d.ctx, counter, id), market.Conflict) // ours is not corrected
	standing := decisionOn(t, d.compared(t, counter, id), "standing")
	wantKind(t, d.Service.ConfirmDecision(d.ctx, other, id, standing), market.Conflict)

	late.Ended = true // the national system has followed
	later := d.take(t, counter, export(t, nationalRow(alike), more, late, offered, foreign))
	if later != id {
		t.Fatalf("the month has two numbers, %d and %d", id, later)
	}
	wantKind(t, d.Service.ConfirmDecision(d.ctx, counter, id, standing), market.Denied)
	wantKind(t, d.Service.CloseReconciliation(d.ctx, counter, id), market.Conflict) // nobody has confirmed
	must(t, d.Service.ConfirmDecision(d.ctx, d.second, id, standing))
	wantKind(t, d.Service.ConfirmDecision(d.ctx, d.second, id, standing), market.Conflict)

	kind := decisionOn(t, d.compared(t, counter, id), "kind")
	must(t, d.Service.UndoDecision(d.ctx, counter, id, kind))
	wantKind(t, d.Service.CloseReconciliation(d.ctx, counter, id), market.Conflict)
	d.decide(t, counter, id, "kind", market.DecideOurs)
	must(t, d.Service.CloseReconciliation(d.ctx, counter, id))

	closed := d.compared(t, counter, id)
	if !closed.Closed() || len(closed.Comparison.Agree) != 3 || len(closed.Decisions) != 5 {
		t.Errorf("closed %t, %d alike, %d decisions", closed.Closed(), len(closed.Comparison.Agree), len(closed.Decisions))
	}
	d.Advance(time.Minute)
	must(t, d.Service.CancelContract(d.ctx, d.first, here.ID, removal("Z01", "双方协商解除")))
	after := d.compared(t, counter, id)
	if after.Comparison.Ours.Total.Cmp(closed.Comparison.Ours.Total) != 0 {
		t.Error("a closed period follows what happens after it")
	}
	if entries, err := d.Store.LaterEntries(d.ctx, counter, after.Reconciliation); err != nil || len(entries) != 1 || entries[0].ContractID != here.ID {
		t.Errorf("adjustments %v, %v", entries, err)
	}
	wantKind(t, d.Service.UndoDecision(d.ctx, counter, id, kind), market.Conflict)
	_, _, err = d.Service.CheckNational(d.ctx, counter, service.NationalUpload{Period: "2026-11", Name: "新.xlsx", Data: export(t, foreign)})
	wantKind(t, err, market.Conflict)
	for _, statement := range []string{`UPDATE reconciliations SET statement = '{}' WHERE id = $1`, `DELETE FROM reconciliations WHERE id = $1`,
		`UPDATE reconciliation_decisions SET reason = 'x' WHERE reconciliation_id = $1`, `DELETE FROM national_files WHERE reconciliation_id = $1`} {
		if _, err := d.Store.DB().ExecContext(d.ctx, statement, id); err == nil {
			t.Errorf("%s: done to a closed period", statement)
		}
	}
}

func decisionOn(t *testing.T, c store.Compared, field string) int64 {
	t.Helper()
	for _, i := range c.Items() {
		if i.Field == field && i.Decision != nil {
			return i.Decision.ID
		}
	}
	t.Fatalf("no decision on %s", field)
	return 0
}

// TestReconciliationFiles: rows that cannot be compared are named with their reasons, columns are said once and remembered.
func TestReconciliationFiles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	counter := d.Person("彭晓岚", market.Statistician)
	const list = "登记编号,甲,金额,登记日期\n2026360800001089,一,86,2026-11-03\n12,二,80,2026-11-04\n2026360800001090,三,0,2026-11-05\n2026360800001091,四,5,2026-10-31\n2026360800001089,五,86,2026-11-03\n"
	up := service.NationalUpload{Period: "2026-11", Name: "导出.csv", Data: []byte(list)}
	id, _, err := d.Service.CheckNational(d.ctx, counter, up)
	must(t, err)
	wantKind(t, d.Service.TakeNational(d.ctx, counter, id), market.Conflict) // no column is the sum
	wantField(t, d.Service.RecheckNational(d.ctx, counter, id, []string{"", "title", "total", "registered_on"}), "column", "登记编号")
	must(t, d.Service.RecheckNational(d.ctx, counter, id, []string{"number", "title", "total", "registered_on"}))
	lines, err := d.Store.NationalLines(d.ctx, id)
	must(t, err)
	want := []string{"", "number", "total", "registered_on", "number"}
	for i, l := range lines {
		found := ""
		for _, p := range l.Problems {
			found += p.Field
		}
		if found != want[i] {
			t.Errorf("row %d: problems %v, want %q", l.Row, l.Problems, want[i])
		}
	}
	must(t, d.Service.TakeNational(d.ctx, counter, id))
	up.Data = []byte(list + "2026360800001099,六,7,2026-11-06\n")
	again, known, err := d.Service.CheckNational(d.ctx, counter, up)
	must(t, err)
	f, err := d.Store.NationalFile(d.ctx, counter, again)
	must(t, err)
	if known || f.RowsTotal-f.RowsBad != 2 || !f.Total.Equal(decimal.NewFromInt(93)) || fmt.Sprint(f.Columns) != "[number title total registered_on]" {
		t.Errorf("the columns are forgotten: %+v", f)
	}
	must(t, d.Service.DiscardNational(d.ctx, counter, again))
	wantKind(t, d.Service.TakeNational(d.ctx, counter, again), market.Conflict)
	if _, known, err = d.Service.CheckNational(d.ctx, counter, up); err != nil || known {
		t.Errorf("a file that was given up is known: %t, %v", known, err)
	}

	_, _, err = d.Service.CheckNational(d.ctx, d.Officer("郭永春", "360825", market.Statistician), up)
	wantKind(t, err, market.Denied)
	_, _, err = d.Service.CheckNational(d.ctx, d.first, up)
	wantKind(t, err, market.Denied)
	wantField(t, func() error {
		_, _, err := d.Service.CheckNational(d.ctx, counter, service.NationalUpload{Period: "2027-01", Name: "a.csv", Data: up.Data})
		return err
	}(), "period", "还没有开始")
	if _, err := d.Store.NationalFile(d.ctx, d.Officer("郭永夏", "360825", market.Statistician), id); !market.IsKind(err, market.NotFound) {
		t.Errorf("an officer of a county reads an export: %v", err)
	}
}
