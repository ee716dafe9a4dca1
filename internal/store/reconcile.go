package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// reconciles reports whether the actor reads reconciliations: registrars, statisticians and auditors of the whole city. An
// export cannot be cut by counties, so that those of one county see none.
func reconciles(a market.Actor) bool { return deskReach(a) == market.City }

const reconciliationColumns = `r.id, r.period, r.from_on, r.to_on, r.gap, r.opened_at, r.closed_at, coalesce(u.name, '') AS closed_by_name,
	(SELECT f.id FROM national_files f WHERE f.reconciliation_id = r.id AND f.state = 'taken' ORDER BY f.taken_at DESC, f.id DESC LIMIT 1) AS file_id`

const reconciliationTables = ` FROM reconciliations r LEFT JOIN users u ON u.id = r.closed_by `

func datedPeriod(r market.Reconciliation) market.Reconciliation {
	r.From, r.To = market.DateOf(r.From), market.DateOf(r.To)
	return r
}

// Reconciliations lists the periods, the latest first. For who reconciles.
func (r Queries) Reconciliations(ctx context.Context, a market.Actor) ([]market.Reconciliation, error) {
	var out []market.Reconciliation
	err := r.all(ctx, &out, `SELECT `+reconciliationColumns+reconciliationTables+`WHERE $1 ORDER BY r.to_on DESC, r.from_on DESC, r.id DESC`, reconciles(a))
	for i := range out {
		out[i] = datedPeriod(out[i])
	}
	return out, err
}

// Reconciliation returns a period. For who reconciles.
func (r Queries) Reconciliation(ctx context.Context, a market.Actor, id int64) (market.Reconciliation, error) {
	var out market.Reconciliation
	err := r.get(ctx, &out, `SELECT `+reconciliationColumns+reconciliationTables+`WHERE $1 AND r.id = $2`, reconciles(a), id)
	return datedPeriod(out), err
}

// OpenPeriods are the periods of a month of which an export is loaded and that are not closed.
func (r Queries) OpenPeriods(ctx context.Context, month time.Time) ([]string, error) {
	var out []string
	err := r.all(ctx, &out, `SELECT r.period FROM reconciliations r WHERE r.closed_at IS NULL AND r.period = to_char($1::date, 'YYYY-MM')
		AND EXISTS (SELECT 1 FROM national_files f WHERE f.reconciliation_id = r.id AND f.state = 'taken')`, dateText(month))
	return out, err
}

// nationalRecord is national_files as stored.
type nationalRecord struct {
	ID               int64           `db:"id"`
	ReconciliationID int64           `db:"reconciliation_id"`
	Name             string          `db:"name"`
	Sheet            string          `db:"sheet"`
	SHA256           []byte          `db:"sha256"`
	Headings         stringArray     `db:"headings"`
	Columns          stringArray     `db:"columns"`
	State            string          `db:"state"`
	RowsHidden       int             `db:"rows_hidden"`
	RowsTotal        int             `db:"rows_total"`
	RowsBad          int             `db:"rows_bad"`
	Total            decimal.Decimal `db:"total"`
	UserName         string          `db:"user_name"`
	CreatedAt        time.Time       `db:"created_at"`
	TakenAt          *time.Time      `db:"taken_at"`
}

func (r nationalRecord) file() market.NationalFile {
	return market.NationalFile{ID: r.ID, ReconciliationID: r.ReconciliationID, Name: r.Name, Sheet: r.Sheet, SHA256: r.SHA256, Headings: r.Headings, Columns: r.Columns,
		State: r.State, RowsHidden: r.RowsHidden, RowsTotal: r.RowsTotal, RowsBad: r.RowsBad, Total: r.Total, UserName: r.UserName, CreatedAt: r.CreatedAt, TakenAt: r.TakenAt}
}

const nationalColumns = `f.id, f.reconciliation_id, f.name, f.sheet, f.sha256, f.headings, f.columns, f.state, f.rows_hidden, f.rows_total, f.rows_bad, f.total,
	f.created_at, f.taken_at, u.name AS user_name FROM national_files f JOIN users u ON u.id = f.user_id `

// NationalFile returns a file. For who reconciles.
func (r Queries) NationalFile(ctx context.Context, a market.Actor, id int64) (market.NationalFile, error) {
	var row nationalRecord
	err := r.get(ctx, &row, `SELECT `+nationalColumns+`WHERE $1 AND f.id = $2`, reconciles(a), id)
	return row.file(), err
}

// NationalFiles lists the files of a period that were not given up, the latest first. For who reconciles.
func (r Queries) NationalFiles(ctx context.Context, a market.Actor, reconciliation int64) ([]market.NationalFile, error) {
	var rows []nationalRecord
	err := r.all(ctx, &rows, `SELECT `+nationalColumns+`WHERE $1 AND f.reconciliation_id = $2 AND f.state <> 'discarded' ORDER BY f.id DESC`, reconciles(a), reconciliation)
	out := make([]market.NationalFile, len(rows))
	for i, row := range rows {
		out[i] = row.file()
	}
	return out, err
}

// SameNationalFile returns the id of the file of a period with that content; ErrNotFound when there is none.
func (r Queries) SameNationalFile(ctx context.Context, reconciliation int64, sha256 []byte) (int64, error) {
	var id int64
	err := r.get(ctx, &id, `SELECT id FROM national_files WHERE reconciliation_id = $1 AND sha256 = $2 AND state <> 'discarded'`, reconciliation, sha256)
	return id, err
}

// NationalMapping returns what the columns of a file with those headings were last said to be; nil when there was none.
func (r Queries) NationalMapping(ctx context.Context, headings []string) ([]string, error) {
	var columns stringArray
	err := r.get(ctx, &columns, `SELECT columns FROM national_files WHERE headings = $1 AND state = 'taken' ORDER BY id DESC LIMIT 1`, stringArray(headings))
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	return columns, err
}

// NationalLines returns the rows of a file in their order. The caller has read the file for the actor.
func (r Queries) NationalLines(ctx context.Context, file int64) ([]market.NationalLine, error) {
	var rows []struct {
		Cells    stringArray `db:"cells"`
		Data     []byte      `db:"data"`
		Problems []byte      `db:"problems"`
	}
	if err := r.all(ctx, &rows, `SELECT cells, data, problems FROM national_rows WHERE file_id = $1 ORDER BY row`, file); err != nil {
		return nil, err
	}
	out := make([]market.NationalLine, len(rows))
	for i, row := range rows {
		out[i].Cells = row.Cells
		if err := json.Unmarshal(row.Data, &out[i].NationalRow); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(row.Problems, &out[i].Problems); err != nil {
			return nil, err
		}
		out[i].SignedOn, out[i].RegisteredOn = dateOf(out[i].SignedOn), dateOf(out[i].RegisteredOn)
	}
	return out, nil
}

// Compared is a period with its comparison and what was decided on it.
type Compared struct {
	market.Reconciliation
	File       *market.NationalFile // nil before one is taken
	Comparison market.Comparison
	Decisions  []market.ReconcileDecision
	Made       map[int64]CorrectionMade // by contract: the newest change that was proposed to correct it
	Demo       bool
}

// CorrectionMade is a change by which a registrar brings a contract to what the national system says.
type CorrectionMade struct {
	ID         int64                 `db:"id"`
	ContractID int64                 `db:"contract_id"`
	State      market.AmendmentState `db:"state"`
	AskedAt    time.Time             `db:"asked_at"`
}

// Items are the differences with their decisions.
func (c Compared) Items() []market.ReconcileItem { return c.Comparison.Items(c.Decisions) }

// Corrected is the change by which a difference went away, if one did.
func (c Compared) Corrected(i market.ReconcileItem) (CorrectionMade, bool) {
	made, proposed := c.Made[i.ContractID]
	return made, proposed && i.Gone && i.State != market.DifferenceToCorrect && made.State == market.AmendmentConfirmed
}

// Compared compares a period as it stands now, or as it was closed. For who reconciles.
func (s *Store) Compared(ctx context.Context, a market.Actor, id int64) (Compared, error) {
	var out Compared
	err := s.Snapshot(ctx, func(r Queries) (err error) {
		out, err = r.compared(ctx, a, id)
		return err
	})
	return out, err
}

func (r Queries) compared(ctx context.Context, a market.Actor, id int64) (Compared, error) {
	var out Compared
	var err error
	if out.Reconciliation, err = r.Reconciliation(ctx, a, id); err != nil {
		return out, err
	}
	if out.Demo, err = r.HasDemo(ctx); err != nil {
		return out, err
	}
	if out.FileID == nil {
		return out, nil
	}
	file, err := r.NationalFile(ctx, a, *out.FileID)
	if err != nil {
		return out, err
	}
	out.File = &file
	if out.Made, err = r.correctionsMade(ctx, id); err != nil {
		return out, err
	}
	if out.Closed() {
		return out, r.statement(ctx, &out)
	}
	lines, err := r.NationalLines(ctx, file.ID)
	if err != nil {
		return out, err
	}
	var rows []market.NationalRow
	var numbers []string
	for _, l := range lines {
		if len(l.Problems) == 0 {
			rows, numbers = append(rows, l.NationalRow), append(numbers, l.Number)
		}
	}
	own, err := r.ReconcileContracts(ctx, out.Reconciliation, numbers)
	if err != nil {
		return out, err
	}
	chosen, err := r.nationalPairs(ctx, id)
	if err != nil {
		return out, err
	}
	out.Comparison = market.Reconcile(out.Reconciliation, rows, own, chosen)
	out.Decisions, err = r.reconcileDecisions(ctx, id)
	return out, err
}

func (r Queries) statement(ctx context.Context, out *Compared) error {
	var data []byte
	if err := r.get(ctx, &data, `SELECT statement FROM reconciliations WHERE id = $1`, out.ID); err != nil {
		return err
	}
	var st market.ReconcileStatement
	if err := json.Unmarshal(data, &st); err != nil {
		return err
	}
	out.Comparison, out.Decisions = st.Comparison, st.Decisions
	return nil
}

// ReconcileContracts are the contracts registered here in the period, those with one of the numbers and those that wait for
// a number. Sums are the ledger's, what it holds of a contract by now.
func (r Queries) ReconcileContracts(ctx context.Context, period market.Reconciliation, numbers []string) ([]market.OwnContract, error) {
	var out []market.OwnContract
	err := r.all(ctx, &out, `SELECT c.id, c.number AS reference, coalesce(c.registration_number, '') AS number, c.state, c.title, c.seller_name, c.seller_uscc, c.buyer_name,
			c.buyer_uscc, k.kind, coalesce(e.total, c.total_amount) AS total, coalesce(e.tech, c.tech_amount) AS tech, c.signed_on, c.registered_on, coalesce(e.n > 1, false) AS changed
		FROM contracts c JOIN contract_kinds k ON k.code = c.kind
		LEFT JOIN LATERAL (SELECT sum(total_amount) AS total, sum(tech_amount) AS tech, count(*) AS n FROM ledger_entries e WHERE e.contract_id = c.id AND c.registered_on IS NOT NULL) e ON true
		WHERE c.registered_on BETWEEN $1 AND $2 OR c.registration_number = ANY($3) OR c.state = 'to_register' ORDER BY c.registered_on, c.id`,
		dateText(period.From), dateText(period.To), stringArray(numbers))
	for i := range out {
		out[i].SignedOn, out[i].RegisteredOn = market.DateOf(out[i].SignedOn), dateOf(out[i].RegisteredOn)
	}
	return out, err
}

func (r Queries) correctionsMade(ctx context.Context, reconciliation int64) (map[int64]CorrectionMade, error) {
	var rows []CorrectionMade
	err := r.all(ctx, &rows, `SELECT id, contract_id, state, asked_at FROM contract_amendments WHERE reconciliation_id = $1 ORDER BY id`, reconciliation)
	out := map[int64]CorrectionMade{}
	for _, row := range rows {
		out[row.ContractID] = row
	}
	return out, err
}

func (r Queries) nationalPairs(ctx context.Context, reconciliation int64) (map[string]int64, error) {
	var rows []struct {
		Number     string `db:"number"`
		ContractID int64  `db:"contract_id"`
	}
	err := r.all(ctx, &rows, `SELECT number, contract_id FROM reconciliation_pairs WHERE reconciliation_id = $1`, reconciliation)
	out := map[string]int64{}
	for _, row := range rows {
		out[row.Number] = row.ContractID
	}
	return out, err
}

func (r Queries) reconcileDecisions(ctx context.Context, reconciliation int64) ([]market.ReconcileDecision, error) {
	var out []market.ReconcileDecision
	err := r.all(ctx, &out, `SELECT d.id, d.number, d.contract_id, d.field, d.title, d.ours, d.theirs, d.choice, d.reason, d.user_id, u.name AS user_name, d.at, d.confirmed_by,
			coalesce(v.name, '') AS confirmed_name, d.confirmed_at
		FROM reconciliation_decisions d JOIN users u ON u.id = d.user_id LEFT JOIN users v ON v.id = d.confirmed_by
		WHERE d.reconciliation_id = $1 AND d.undone_at IS NULL ORDER BY d.id`, reconciliation)
	return out, err
}

// LaterEntry is a ledger entry that was written after the period of its contract's registration was closed.
type LaterEntry struct {
	ContractID int64           `db:"contract_id"`
	Number     string          `db:"number"`
	Title      string          `db:"title"`
	Kind       string          `db:"kind"`
	On         time.Time       `db:"effective_on"`
	Total      decimal.Decimal `db:"total_amount"`
}

// LaterEntries lists what has changed in the contracts of a period since it was closed: the adjustments. For who reconciles.
func (r Queries) LaterEntries(ctx context.Context, a market.Actor, period market.Reconciliation) ([]LaterEntry, error) {
	var out []LaterEntry
	err := r.all(ctx, &out, `SELECT e.contract_id, coalesce(c.registration_number, c.number) AS number, c.title, e.kind, e.effective_on, e.total_amount
		FROM ledger_entries e JOIN contracts c ON c.id = e.contract_id WHERE $1 AND c.registered_on BETWEEN $2 AND $3 AND e.at > $4 ORDER BY e.id LIMIT $5`,
		reconciles(a), dateText(period.From), dateText(period.To), period.ClosedAt, MaxPage)
	return out, err
}

// OpenReconciliation returns the period's reconciliation, locked, and begins it where there is none.
func (t *Tx) OpenReconciliation(ctx context.Context, a market.Actor, period market.Reconciliation, at time.Time) (market.Reconciliation, error) {
	err := t.exec(ctx, `INSERT INTO reconciliations (period, from_on, to_on, opened_at) VALUES ($1, $2, $3, $4) ON CONFLICT (period) DO NOTHING`,
		period.Period, dateText(period.From), dateText(period.To), at)
	if err != nil {
		return period, err
	}
	var id int64
	if err := t.get(ctx, &id, `SELECT id FROM reconciliations WHERE period = $1`, period.Period); err != nil {
		return period, err
	}
	return t.LockReconciliation(ctx, a, id)
}

// LockReconciliation locks a period for who reconciles.
func (t *Tx) LockReconciliation(ctx context.Context, a market.Actor, id int64) (market.Reconciliation, error) {
	if err := t.exec(ctx, `SELECT 1 FROM reconciliations WHERE id = $1 FOR UPDATE`, id); err != nil {
		return market.Reconciliation{}, err
	}
	return t.Reconciliation(ctx, a, id)
}

// ComparedHere is Compared inside the transaction.
func (t *Tx) ComparedHere(ctx context.Context, a market.Actor, id int64) (Compared, error) {
	return t.compared(ctx, a, id)
}

// AddNationalFile keeps a file that was checked, with its rows.
func (t *Tx) AddNationalFile(ctx context.Context, a market.Actor, f market.NationalFile, lines []market.NationalLine, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO national_files (reconciliation_id, name, sheet, sha256, headings, columns, rows_hidden, rows_total, rows_bad, total, user_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`, f.ReconciliationID, f.Name, f.Sheet, f.SHA256, stringArray(f.Headings), stringArray(f.Columns),
		f.RowsHidden, f.RowsTotal, f.RowsBad, f.Total, a.UserID, at)
	if err != nil {
		return 0, err
	}
	return id, t.addNationalLines(ctx, id, lines)
}

func (t *Tx) addNationalLines(ctx context.Context, file int64, lines []market.NationalLine) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		data, err := json.Marshal(l.NationalRow)
		if err != nil {
			return err
		}
		if l.Problems == nil {
			l.Problems = []market.ImportProblem{}
		}
		problems, err := json.Marshal(l.Problems)
		if err != nil {
			return err
		}
		rows[i] = []any{file, l.Row, stringArray(l.Cells), string(data), string(problems)}
	}
	return t.Copy(ctx, "national_rows", []string{"file_id", "row", "cells", "data", "problems"}, rows)
}

// RecheckNationalFile stores what the columns of a file are now said to be, and its rows read anew.
func (t *Tx) RecheckNationalFile(ctx context.Context, f market.NationalFile, lines []market.NationalLine) error {
	err := t.execOne(ctx, `UPDATE national_files SET columns = $2, rows_bad = $3, total = $4 WHERE id = $1 AND state = 'checked'`, f.ID, stringArray(f.Columns), f.RowsBad, f.Total)
	if err != nil {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM national_rows WHERE file_id = $1`, f.ID); err != nil {
		return err
	}
	return t.addNationalLines(ctx, f.ID, lines)
}

// TakeNationalFile makes a checked file the one that is compared.
func (t *Tx) TakeNationalFile(ctx context.Context, id int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE national_files SET state = 'taken', taken_at = $2 WHERE id = $1 AND state = 'checked'`, id, at)
}

// DiscardNationalFile gives a checked file up and forgets its rows.
func (t *Tx) DiscardNationalFile(ctx context.Context, id int64) error {
	if err := t.execOne(ctx, `UPDATE national_files SET state = 'discarded' WHERE id = $1 AND state = 'checked'`, id); err != nil {
		return err
	}
	return t.exec(ctx, `DELETE FROM national_rows WHERE file_id = $1`, id)
}

// SetReconcileGap notes how far the totals were apart at first.
func (t *Tx) SetReconcileGap(ctx context.Context, id int64, gap decimal.Decimal) error {
	return t.exec(ctx, `UPDATE reconciliations SET gap = $2 WHERE id = $1 AND gap IS NULL`, id, gap)
}

// PairNational says which contract here a national number is.
func (t *Tx) PairNational(ctx context.Context, a market.Actor, id int64, number string, contract int64, at time.Time) error {
	return t.exec(ctx, `INSERT INTO reconciliation_pairs (reconciliation_id, number, contract_id, user_id, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (reconciliation_id, number) DO UPDATE SET contract_id = $3, user_id = $4, at = $5`, id, number, contract, a.UserID, at)
}

// UnpairNational takes that back; ErrStale when nobody had said it.
func (t *Tx) UnpairNational(ctx context.Context, id int64, number string) error {
	return t.execOne(ctx, `DELETE FROM reconciliation_pairs WHERE reconciliation_id = $1 AND number = $2`, id, number)
}

// Decide stores a decision in place of an earlier one on the same difference.
func (t *Tx) Decide(ctx context.Context, a market.Actor, id int64, d market.ReconcileDecision, at time.Time) error {
	err := t.exec(ctx, `UPDATE reconciliation_decisions SET undone_by = $5, undone_at = $6
		WHERE reconciliation_id = $1 AND number = $2 AND contract_id = $3 AND field = $4 AND undone_at IS NULL`, id, d.Number, d.ContractID, d.Field, a.UserID, at)
	if err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO reconciliation_decisions (reconciliation_id, number, contract_id, field, title, ours, theirs, choice, reason, user_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, id, d.Number, d.ContractID, d.Field, d.Title, d.Ours, d.Theirs, d.Choice, d.Reason, a.UserID, at)
}

// UndoDecision takes a decision back; the difference is open again.
func (t *Tx) UndoDecision(ctx context.Context, a market.Actor, reconciliation, id int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE reconciliation_decisions SET undone_by = $3, undone_at = $4 WHERE reconciliation_id = $1 AND id = $2 AND undone_at IS NULL`, reconciliation, id, a.UserID, at)
}

// ConfirmDecision notes that a second person has looked at what was corrected.
func (t *Tx) ConfirmDecision(ctx context.Context, a market.Actor, reconciliation, id int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE reconciliation_decisions SET confirmed_by = $3, confirmed_at = $4
		WHERE reconciliation_id = $1 AND id = $2 AND undone_at IS NULL AND confirmed_at IS NULL AND choice = 'national'`, reconciliation, id, a.UserID, at)
}

// CloseReconciliation closes a period with its statement.
func (t *Tx) CloseReconciliation(ctx context.Context, a market.Actor, id int64, st market.ReconcileStatement, at time.Time) error {
	data, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return t.execOne(ctx, `UPDATE reconciliations SET closed_at = $2, closed_by = $3, statement = $4 WHERE id = $1 AND closed_at IS NULL`, id, at, a.UserID, string(data))
}
