package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// amendmentRow is an amendment as stored.
type amendmentRow struct {
	ID             int64                 `db:"id"`
	ContractID     int64                 `db:"contract_id"`
	Kind           market.AmendmentKind  `db:"kind"`
	State          market.AmendmentState `db:"state"`
	Why            string                `db:"why"`
	Before         []byte                `db:"before"`
	Proposed       []byte                `db:"proposed"`
	ObtainedOn     *time.Time            `db:"obtained_on"`
	Total          decimal.NullDecimal   `db:"total_amount"`
	Tech           decimal.NullDecimal   `db:"tech_amount"`
	Final          bool                  `db:"final"`
	FileID         string                `db:"file_id"`
	Two            bool                  `db:"two"`
	AskedAt        time.Time             `db:"asked_at"`
	DueOn          time.Time             `db:"due_on"`
	FirstReviewer  *int64                `db:"first_reviewer"`
	SecondReviewer *int64                `db:"second_reviewer"`
	DecidedAt      *time.Time            `db:"decided_at"`
	ReasonCode     *string               `db:"reason_code"`
	Reason         string                `db:"reason"`
	Reconciliation *int64                `db:"reconciliation_id"`
}

const amendmentColumns = `x.id, x.contract_id, x.kind, x.state, x.why, x.before, x.proposed, x.obtained_on, x.total_amount, x.tech_amount, x.final, x.file_id,
	x.two, x.asked_at, x.due_on, x.first_reviewer, x.second_reviewer, x.decided_at, x.reason_code, x.reason, x.reconciliation_id`

func (x amendmentRow) amendment() (market.Amendment, error) {
	out := market.Amendment{ID: x.ID, ContractID: x.ContractID, Kind: x.Kind, State: x.State, Why: x.Why, ObtainedOn: dateOf(x.ObtainedOn), Total: x.Total.Decimal,
		Tech: x.Tech.Decimal, Final: x.Final, FileID: x.FileID, Two: x.Two, AskedAt: x.AskedAt, DueOn: market.DateOf(x.DueOn), FirstReviewer: x.FirstReviewer,
		SecondReviewer: x.SecondReviewer, DecidedAt: x.DecidedAt, ReasonCode: deref(x.ReasonCode), Reason: x.Reason,
		ReconciliationID: x.Reconciliation}
	var err error
	if out.Before, err = versionOf(x.Before); err != nil {
		return out, err
	}
	out.Proposed, err = versionOf(x.Proposed)
	return out, err
}

// versionOf reads a version of a contract as it was kept, nil when there is none.
func versionOf(body []byte) (*market.Contract, error) {
	if body == nil {
		return nil, nil
	}
	var c market.Contract
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, fmt.Errorf("read a version of a contract: %w", err)
	}
	return &c, nil
}

func versionBody(c *market.Contract) (*string, error) {
	if c == nil {
		return nil, nil
	}
	body, err := json.Marshal(c)
	text := string(body)
	return &text, err
}

// Amendment is an amendment with what its page shows beside it.
type Amendment struct {
	market.Amendment
	FileName   string
	FileSize   int
	FileHash   string
	FirstName  string
	SecondName string
	Period     string // of reconciliation, of a registrar's correction
}

// ContractAmendments lists what was asked of a contract, the oldest first. The caller has read the contract for the actor.
func (r Queries) ContractAmendments(ctx context.Context, contract int64) ([]Amendment, error) {
	var rows []struct {
		amendmentRow
		FileName string `db:"file_name"`
		FileSize int    `db:"file_size"`
		SHA256   []byte `db:"sha256"`
		First    string `db:"first_name"`
		Second   string `db:"second_name"`
		Period   string `db:"period"`
	}
	err := r.often(ctx, &rows, `SELECT `+amendmentColumns+`, f.name AS file_name, f.size AS file_size, f.sha256, coalesce(u1.name, '') AS first_name,
			coalesce(u2.name, '') AS second_name, coalesce(p.period, '') AS period
		FROM contract_amendments x JOIN files f ON f.id = x.file_id LEFT JOIN users u1 ON u1.id = x.first_reviewer LEFT JOIN users u2 ON u2.id = x.second_reviewer
		LEFT JOIN reconciliations p ON p.id = x.reconciliation_id
		WHERE x.contract_id = $1 ORDER BY x.id`, contract)
	if err != nil {
		return nil, err
	}
	out := make([]Amendment, len(rows))
	for i, row := range rows {
		x, err := row.amendment()
		if err != nil {
			return nil, err
		}
		out[i] = Amendment{x, row.FileName, row.FileSize, hex.EncodeToString(row.SHA256), row.First, row.Second, row.Period}
	}
	return out, nil
}

// LockAmendment locks an amendment of a contract that is locked already.
func (t *Tx) LockAmendment(ctx context.Context, contract, id int64) (market.Amendment, error) {
	var row amendmentRow
	if err := t.get(ctx, &row, `SELECT `+amendmentColumns+` FROM contract_amendments x WHERE x.contract_id = $1 AND x.id = $2 FOR UPDATE`, contract, id); err != nil {
		return market.Amendment{}, err
	}
	return row.amendment()
}

// CreateAmendment adds an amendment in the state that x has, open when it has none. That the contract has one is a Conflict.
func (t *Tx) CreateAmendment(ctx context.Context, a market.Actor, x market.Amendment) (int64, error) {
	before, err := versionBody(x.Before)
	if err != nil {
		return 0, err
	}
	proposed, err := versionBody(x.Proposed)
	if err != nil {
		return 0, err
	}
	supplement := x.Kind == market.AmendSupplement
	state := cmp.Or(x.State, market.AmendmentOpen)
	var id int64
	err = t.get(ctx, &id, `INSERT INTO contract_amendments (contract_id, kind, why, before, proposed, obtained_on, total_amount, tech_amount, final, file_id, two,
			asked_by, asked_at, due_on, state, first_reviewer, reconciliation_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id`,
		x.ContractID, x.Kind, x.Why, before, proposed, x.ObtainedOn, decimal.NullDecimal{Decimal: x.Total, Valid: supplement},
		decimal.NullDecimal{Decimal: x.Tech, Valid: supplement}, x.Final, x.FileID, x.Two, optionalID(a.UserID), x.AskedAt, x.DueOn, state, x.FirstReviewer, x.ReconciliationID)
	if violates(err, "contract_amendments_one_open") {
		return 0, market.Errorf(market.Conflict, "这份合同有一项变更或补充正在办理。请等它办完，或者先撤回它")
	}
	return id, err
}

// MoveAmendment stores where the amendment now stands, if its state is still the expected one.
func (t *Tx) MoveAmendment(ctx context.Context, x market.Amendment, from market.AmendmentState) error {
	return t.execOne(ctx, `UPDATE contract_amendments SET state = $3, first_reviewer = $4, second_reviewer = $5, decided_at = $6, reason_code = $7, reason = $8
		WHERE id = $1 AND state = $2`, x.ID, from, x.State, x.FirstReviewer, x.SecondReviewer, x.DecidedAt, optional(x.ReasonCode), x.Reason)
}

// LapseAmendments ends what is open of a contract that is taken off the register.
func (t *Tx) LapseAmendments(ctx context.Context, contract int64, at time.Time) error {
	return t.exec(ctx, `UPDATE contract_amendments SET state = 'lapsed', decided_at = $2 WHERE contract_id = $1 AND state IN ('open', 'second_review')`, contract, at)
}

// RenumberContract corrects the number that a registered contract has from the national system.
func (t *Tx) RenumberContract(ctx context.Context, contract int64, number string, at time.Time) error {
	err := t.execOne(ctx, `UPDATE contracts SET registration_number = $2, updated_at = $3 WHERE id = $1 AND registration_number IS NOT NULL`, contract, number, at)
	if violates(err, "contracts_registration_number_key") {
		return market.Errorf(market.Conflict, "编号 %s 已经登记给另一份合同，请先核对那一份", number)
	}
	return err
}

// FixAmount notes that a royalty's total is settled.
func (t *Tx) FixAmount(ctx context.Context, contract int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE contracts SET amount_fixed = true, version = version + 1, updated_at = $2 WHERE id = $1`, contract, at)
}

// AmendmentCard is what the desk's list shows of an amendment.
type AmendmentCard struct {
	ID            int64                 `db:"id"`
	ContractID    int64                 `db:"contract_id"`
	Kind          market.AmendmentKind  `db:"kind"`
	State         market.AmendmentState `db:"state"`
	Why           string                `db:"why"`
	Two           bool                  `db:"two"`
	FirstReviewer *int64                `db:"first_reviewer"`
	AskedAt       time.Time             `db:"asked_at"`
	DueOn         time.Time             `db:"due_on"`
	Title         string                `db:"title"`
	Number        string                `db:"registration_number"`
	SellerName    string                `db:"seller_name"`
	BuyerName     string                `db:"buyer_name"`
}

// DeskAmendments lists a page of what waits for a registrar by the time left. For registrars, statisticians and auditors.
func (r Queries) DeskAmendments(ctx context.Context, a market.Actor, page Slice) ([]AmendmentCard, error) {
	var out []AmendmentCard
	err := r.all(ctx, &out, `SELECT x.id, x.contract_id, x.kind, x.state, x.why, x.two, x.first_reviewer, x.asked_at, x.due_on, c.title, c.registration_number,
			c.seller_name, c.buyer_name
		FROM contract_amendments x JOIN contracts c ON c.id = x.contract_id
		WHERE x.state IN ('open', 'second_review') AND `+inReach(`$1`, `c.seller_region`)+` ORDER BY x.due_on, x.id LIMIT $2 OFFSET $3`,
		deskReach(a), page.Limit, page.Offset)
	return out, err
}

// OpenAmendments counts those of DeskAmendments.
func (r Queries) OpenAmendments(ctx context.Context, a market.Actor) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM contract_amendments x JOIN contracts c ON c.id = x.contract_id
		WHERE x.state IN ('open', 'second_review') AND `+inReach(`$1`, `c.seller_region`), deskReach(a))
	return n, err
}
