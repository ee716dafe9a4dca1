package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

func (r Queries) contractFiles(ctx context.Context, contract int64) ([]market.ContractFile, error) {
	var out []market.ContractFile
	err := r.all(ctx, &out, `SELECT x.file_id, x.contract_id, x.use, x.label, x.added_at, f.name, f.media_type, f.size, f.sha256
		FROM contract_files x JOIN files f ON f.id = x.file_id WHERE x.contract_id = $1 AND x.removed_at IS NULL ORDER BY x.added_at, x.file_id`, contract)
	return out, err
}

func (r Queries) payments(ctx context.Context, contract int64) ([]market.Payment, error) {
	var out []market.Payment
	err := r.all(ctx, &out, `SELECT y.id, y.contract_id, y.paid_on, y.amount, y.note, y.file_id, y.org_id, y.added_at, y.voided_at, y.void_reason,
			f.name AS file_name, f.size AS file_size, f.sha256, o.name AS org_name
		FROM contract_payments y JOIN files f ON f.id = y.file_id JOIN orgs o ON o.id = y.org_id WHERE y.contract_id = $1 ORDER BY y.paid_on, y.id`, contract)
	for i := range out {
		out[i].PaidOn = market.DateOf(out[i].PaidOn)
	}
	return out, err
}

// LockContractFiles returns the files of a locked contract.
func (t *Tx) LockContractFiles(ctx context.Context, contract int64) ([]market.ContractFile, error) {
	return t.contractFiles(ctx, contract)
}

// LockPaidContract locks a contract for a payment: for either party's people.
func (t *Tx) LockPaidContract(ctx context.Context, a market.Actor, id int64) (market.Contract, []market.Payment, error) {
	var row contractRow
	err := t.get(ctx, &row, `SELECT `+contractColumns+` FROM contracts c WHERE c.id = $2 AND `+contractOfParty+` FOR UPDATE`, a.OrgFor(market.ScopeContract), id)
	c, err := t.whole(ctx, row, err)
	if err != nil {
		return c, nil, err
	}
	paid, err := t.payments(ctx, id)
	return c, paid, err
}

// TakeUpload locks a file that the actor has uploaded for that purpose and that belongs to nothing yet.
func (t *Tx) TakeUpload(ctx context.Context, a market.Actor, id string, purpose market.FilePurpose) (market.File, error) {
	var f market.File
	err := t.get(ctx, &f, `SELECT `+fileColumns+` FROM files f WHERE f.id = $1 AND f.uploaded_by = $2 AND f.purpose = $3
		AND NOT EXISTS (SELECT 1 FROM contract_files x WHERE x.file_id = f.id) AND NOT EXISTS (SELECT 1 FROM contract_payments x WHERE x.file_id = f.id)
		AND NOT EXISTS (SELECT 1 FROM contract_objections x WHERE x.file_id = f.id) FOR UPDATE`,
		id, a.UserID, purpose)
	return f, err
}

// AddContractFile puts an upload to a contract.
func (t *Tx) AddContractFile(ctx context.Context, f market.ContractFile, at time.Time) error {
	return t.exec(ctx, `INSERT INTO contract_files (file_id, contract_id, use, label, added_at) VALUES ($1, $2, $3, $4, $5)`, f.ID, f.ContractID, f.Use, f.Label, at)
}

// RemoveContractFile removes a file of a contract for good; one of a contract that has come to the desk is under retention
// and only hidden.
func (t *Tx) RemoveContractFile(ctx context.Context, contract int64, file string, at time.Time) error {
	var arrived bool
	if err := t.get(ctx, &arrived, `SELECT `+contractArrived+` FROM contracts c WHERE c.id = $1`, contract); err != nil {
		return err
	}
	if arrived {
		return t.execOne(ctx, `UPDATE contract_files SET removed_at = $3 WHERE contract_id = $1 AND file_id = $2 AND removed_at IS NULL`, contract, file, at)
	}
	return t.execOne(ctx, `DELETE FROM files f USING contract_files x WHERE x.file_id = f.id AND x.contract_id = $1 AND f.id = $2`, contract, file)
}

// AddPayment notes a payment by the organisation that the actor acts for.
func (t *Tx) AddPayment(ctx context.Context, a market.Actor, y market.Payment, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO contract_payments (contract_id, paid_on, amount, note, file_id, org_id, user_id, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`, y.ContractID, y.PaidOn, y.Amount, y.Note, y.FileID, a.OrgFor(market.ScopeContract), a.UserID, at)
	return id, err
}

// VoidPayment marks a payment of the actor's organisation as entered wrongly. One that is void already is not found.
func (t *Tx) VoidPayment(ctx context.Context, a market.Actor, contract, id int64, reason string, at time.Time) error {
	return t.execOne(ctx, `UPDATE contract_payments SET voided_at = $4, void_reason = $5 WHERE contract_id = $1 AND id = $2 AND org_id = $3 AND voided_at IS NULL`,
		contract, id, a.OrgFor(market.ScopeContract), at, reason)
}
