package service_test

import (
	"fmt"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// paper adds a file to a contract, by SQL.
func (d *desk) paper(t *testing.T, contract int64) string {
	t.Helper()
	id := fmt.Sprintf("paper%021d", contract)
	_, err := d.Store.DB().ExecContext(d.ctx, `INSERT INTO files (id, purpose, name, media_type, size, sha256, content, uploaded_by, created_at) VALUES ($1, 'contract', '合同.pdf', 'application/pdf', 8, sha256('%PDF-1.7'), '%PDF-1.7', $2, now())`, id, d.seller.UserID)
	must(t, err)
	_, err = d.Store.DB().ExecContext(d.ctx, `INSERT INTO contract_files (file_id, contract_id, use, added_at) VALUES ($1, $2, 'text', now())`, id, contract)
	must(t, err)
	return id
}

// TestRetention: what is under retention cannot be removed a day before its time, by the application's own role, and can be
// a day after it where the class says so; what is kept for ever never.
func TestRetention(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	filed, bare, paid := d.bring(t, market.ContractRefused), d.bring(t, market.ContractRefused), d.bring(t, market.ContractRefused)
	file, proof := d.paper(t, filed), d.paper(t, paid)
	need, dealt := d.Need(d.buyer), d.Need(d.buyer)
	deal := d.Deal(d.seller, d.buyer, &dealt, nil, 100_000)
	exec := func(query string, args ...any) {
		t.Helper()
		_, err := d.Store.DB().ExecContext(d.ctx, query, args...)
		must(t, err)
	}
	exec(`INSERT INTO contract_payments (contract_id, paid_on, amount, file_id, org_id, user_id, added_at) VALUES ($1, current_date, 1, $2, $3, $4, now())`, paid, proof, d.seller.OrgID, d.seller.UserID)
	exec(`INSERT INTO sign_ins (user_id, agent, address, created_at, seen_at, ended_at) VALUES ($1, '', '', now(), now(), now())`, d.seller.UserID)
	for _, test := range []struct {
		class  string
		months int
		aged   []string // set dates to $1
		remove string
	}{
		{"contract", 120, []string{fmt.Sprintf(`UPDATE contracts SET updated_at = $1 WHERE id = %d`, bare)}, fmt.Sprintf(`DELETE FROM contracts WHERE id = %d`, bare)},
		{"contract file", 120, []string{fmt.Sprintf(`UPDATE files SET created_at = $1 WHERE id = '%s'`, file), fmt.Sprintf(`UPDATE contract_files SET added_at = $1 WHERE file_id = '%s'`, file)}, fmt.Sprintf(`DELETE FROM files WHERE id = '%s'`, file)},
		{"contract file's place", 120, []string{fmt.Sprintf(`UPDATE contract_files SET added_at = $1 WHERE file_id = '%s'`, file)}, fmt.Sprintf(`DELETE FROM contract_files WHERE file_id = '%s'`, file)},
		{"payment", 120, []string{`UPDATE contract_payments SET added_at = $1`}, `DELETE FROM contract_payments`},
		{"listing", 36, []string{fmt.Sprintf(`UPDATE listings SET updated_at = $1 WHERE id = %d`, need)}, fmt.Sprintf(`DELETE FROM listings WHERE id = %d`, need)},
		{"deal", 36, []string{`UPDATE deals SET agreed_at = $1`}, fmt.Sprintf(`DELETE FROM deals WHERE id = %d`, deal)},
		{"sign-in", 6, []string{`UPDATE sign_ins SET seen_at = $1, ended_at = $1`}, `DELETE FROM sign_ins`},
	} {
		for days, may := range map[int]bool{1: false, -1: true} {
			tx, err := d.Store.DB().BeginTx(d.ctx, nil)
			must(t, err)
			for _, aged := range test.aged {
				_, err = tx.ExecContext(d.ctx, strings.Replace(aged, "$1", fmt.Sprintf("now() - interval '%d months' + interval '%d days'", test.months, days), 2))
				must(t, err)
			}
			if _, err = tx.ExecContext(d.ctx, test.remove); (err == nil) != may || err != nil && !strings.Contains(err.Error(), "under retention") {
				t.Errorf("%s, %d days before its time is over: %v", test.class, days, err)
			}
			must(t, tx.Rollback())
		}
	}
	for _, table := range []string{"ledger_entries", "audit_entries", "moves", "consents", "retention_classes"} {
		if _, err := d.Store.DB().ExecContext(d.ctx, `DELETE FROM `+table); err == nil {
			t.Errorf("rows of %s can be removed", table)
		}
	}
}

// TestRemovedPapersStay: a file that the seller takes out of a contract which has been on the desk is hidden, not removed.
func TestRemovedPapersStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for state, kept := range map[market.ContractState]int{market.ContractDraft: 0, market.ContractSupplement: 1} {
		id := d.bring(t, state)
		file := d.paper(t, id)
		must(t, d.Service.DetachContractFile(d.ctx, d.seller, id, file))
		c, err := d.Store.Contract(d.ctx, d.seller, id)
		must(t, err)
		var left int
		must(t, d.Store.DB().QueryRowContext(d.ctx, `SELECT count(*) FROM files WHERE id = $1`, file).Scan(&left))
		if _, err := d.Store.File(d.ctx, d.seller, file); len(c.Files) != 0 || left != kept || !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: %d files are shown, %d kept, read: %v", state, len(c.Files), left, err)
		}
	}
}

// TestRetentionIsShown: administrators and auditors see each class with how much there is of it, nobody else any.
func TestRetentionIsShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bring(t, market.ContractRegistered)
	found, err := d.Store.Retention(d.ctx, d.Person("邹国梁", market.Auditor), d.Now())
	must(t, err)
	rows := map[string]int{}
	for _, r := range found {
		rows[r.Code] = r.Rows
		if (r.Months == nil) != (r.Code == "ledger") {
			t.Errorf("%s is kept for %v months", r.Code, r.Months)
		}
	}
	if len(rows) != 6 || rows["contract"] != 1 || rows["ledger"] == 0 || rows["auction"] != 0 {
		t.Errorf("classes %v", rows)
	}
	if none, err := d.Store.Retention(d.ctx, d.first, d.Now()); err != nil || len(none) != 0 {
		t.Errorf("a registrar sees %v, %v", none, err)
	}
}
