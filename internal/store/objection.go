package store

import (
	"context"
	"encoding/hex"
	"time"

	"techmarket/internal/market"
)

// objectionRow is an objection as stored.
type objectionRow struct {
	ID             int64                 `db:"id"`
	ContractID     int64                 `db:"contract_id"`
	State          market.ObjectionState `db:"state"`
	Objector       string                `db:"objector"`
	Name           string                `db:"name"`
	LetterNumber   string                `db:"letter_number"`
	LetterOn       time.Time             `db:"letter_on"`
	Body           string                `db:"body"`
	FileID         string                `db:"file_id"`
	Registered     bool                  `db:"registered"`
	ReceivedAt     time.Time             `db:"received_at"`
	DueOn          *time.Time            `db:"due_on"`
	Outcome        *string               `db:"outcome"`
	Ground         *string               `db:"ground"`
	Benefits       *string               `db:"benefits"`
	Reason         string                `db:"reason"`
	FirstReviewer  *int64                `db:"first_reviewer"`
	SecondReviewer *int64                `db:"second_reviewer"`
	DecidedAt      *time.Time            `db:"decided_at"`
}

const objectionColumns = `x.id, x.contract_id, x.state, x.objector, x.name, x.letter_number, x.letter_on, x.body, x.file_id, x.registered, x.received_at, x.due_on,
	x.outcome, x.ground, x.benefits, x.reason, x.first_reviewer, x.second_reviewer, x.decided_at`

func (x objectionRow) objection() market.Objection {
	return market.Objection{ID: x.ID, ContractID: x.ContractID, State: x.State, Objector: x.Objector, Name: x.Name, LetterNumber: x.LetterNumber, LetterOn: market.DateOf(x.LetterOn),
		Body: x.Body, FileID: x.FileID, Registered: x.Registered, ReceivedAt: x.ReceivedAt, DueOn: dateOf(x.DueOn), Outcome: deref(x.Outcome),
		Removal: market.Removal{Ground: deref(x.Ground), Benefits: deref(x.Benefits), Note: x.Reason}, Reason: x.Reason,
		FirstReviewer: x.FirstReviewer, SecondReviewer: x.SecondReviewer, DecidedAt: x.DecidedAt}
}

// Objection is an objection with what its page shows beside it.
type Objection struct {
	market.Objection
	FileName   string
	FileSize   int
	FileHash   string
	FirstName  string
	SecondName string
}

// contractObjections lists the objections to a contract, the oldest first. The caller has read the contract for the actor.
func (r Queries) contractObjections(ctx context.Context, contract int64) ([]Objection, error) {
	var rows []struct {
		objectionRow
		FileName string `db:"file_name"`
		FileSize int    `db:"file_size"`
		SHA256   []byte `db:"sha256"`
		First    string `db:"first_name"`
		Second   string `db:"second_name"`
	}
	err := r.often(ctx, &rows, `SELECT `+objectionColumns+`, f.name AS file_name, f.size AS file_size, f.sha256, coalesce(u1.name, '') AS first_name, coalesce(u2.name, '') AS second_name
		FROM contract_objections x JOIN files f ON f.id = x.file_id LEFT JOIN users u1 ON u1.id = x.first_reviewer LEFT JOIN users u2 ON u2.id = x.second_reviewer
		WHERE x.contract_id = $1 ORDER BY x.id`, contract)
	out := make([]Objection, len(rows))
	for i, row := range rows {
		out[i] = Objection{row.objection(), row.FileName, row.FileSize, hex.EncodeToString(row.SHA256), row.First, row.Second}
	}
	return out, err
}

// OpenObjection is the objection that waits for a decision, nil when none does.
func (c Contract) OpenObjection() *Objection {
	for i := range c.Objections {
		if c.Objections[i].State.Open() {
			return &c.Objections[i]
		}
	}
	return nil
}

// ChangeWanted is the decided objection by which the contract is to be changed, nil when there is none or a change was
// confirmed since.
func (c Contract) ChangeWanted() *Objection {
	var wanted *Objection
	for i, x := range c.Objections {
		if x.State == market.ObjectionDecided && x.Outcome == "changed" {
			wanted = &c.Objections[i]
		}
	}
	if wanted == nil || c.State != market.ContractRegistered {
		return nil
	}
	for _, x := range c.Amendments {
		if x.Kind == market.AmendChange && x.State == market.AmendmentConfirmed && x.DecidedAt.After(*wanted.DecidedAt) {
			return nil
		}
	}
	return wanted
}

// CreateObjection records an objection to a locked contract. That one is open already is a Conflict.
func (t *Tx) CreateObjection(ctx context.Context, a market.Actor, x market.Objection) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO contract_objections (contract_id, objector, name, letter_number, letter_on, body, file_id, registered, received_by, received_at, due_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		x.ContractID, x.Objector, x.Name, x.LetterNumber, x.LetterOn, x.Body, x.FileID, x.Registered, optionalID(a.UserID), x.ReceivedAt, x.DueOn)
	if violates(err, "contract_objections_one_open") {
		return 0, market.Errorf(market.Conflict, "这份合同有一项异议还没有结论。请先办完它，再登记新的")
	}
	return id, err
}

// LockObjection locks an objection to a contract that is locked already.
func (t *Tx) LockObjection(ctx context.Context, contract, id int64) (market.Objection, error) {
	var row objectionRow
	err := t.get(ctx, &row, `SELECT `+objectionColumns+` FROM contract_objections x WHERE x.contract_id = $1 AND x.id = $2 FOR UPDATE`, contract, id)
	return row.objection(), err
}

// LockOpenObjection locks what is open of the objections to a locked contract; ErrNotFound when nothing is.
func (t *Tx) LockOpenObjection(ctx context.Context, contract int64) (market.Objection, error) {
	var row objectionRow
	err := t.get(ctx, &row, `SELECT `+objectionColumns+` FROM contract_objections x WHERE x.contract_id = $1 AND x.state IN ('open', 'proposed') FOR UPDATE`, contract)
	return row.objection(), err
}

// MoveObjection stores where the objection now stands, if its state is still the expected one.
func (t *Tx) MoveObjection(ctx context.Context, x market.Objection, from market.ObjectionState) error {
	return t.execOne(ctx, `UPDATE contract_objections SET state = $3, outcome = $4, ground = $5, benefits = $6, reason = $7, first_reviewer = $8, second_reviewer = $9, decided_at = $10
		WHERE id = $1 AND state = $2`, x.ID, from, x.State, optional(x.Outcome), optional(x.Removal.Ground), optional(x.Removal.Benefits), x.Reason, x.FirstReviewer,
		x.SecondReviewer, x.DecidedAt)
}

// ObjectionCard is what the desk's list shows of an objection.
type ObjectionCard struct {
	ID            int64                 `db:"id"`
	ContractID    int64                 `db:"contract_id"`
	State         market.ObjectionState `db:"state"`
	Objector      string                `db:"objector"`
	Name          string                `db:"name"`
	Registered    bool                  `db:"registered"`
	FirstReviewer *int64                `db:"first_reviewer"`
	ReceivedAt    time.Time             `db:"received_at"`
	DueOn         *time.Time            `db:"due_on"`
	Body          string                `db:"body"`
	Title         string                `db:"title"`
	Number        string                `db:"number"` // the registration's, else ours
	SellerName    string                `db:"seller_name"`
	BuyerName     string                `db:"buyer_name"`
}

// DeskObjections lists a page of the open objections: re-assessments by the time left, then those that go with a
// registration. For registrars, statisticians and auditors.
func (r Queries) DeskObjections(ctx context.Context, a market.Actor, page Slice) ([]ObjectionCard, error) {
	var out []ObjectionCard
	err := r.all(ctx, &out, `SELECT x.id, x.contract_id, x.state, x.objector, x.name, x.registered, x.first_reviewer, x.received_at, x.due_on, x.body, c.title,
			coalesce(c.registration_number, c.number) AS number, c.seller_name, c.buyer_name
		FROM contract_objections x JOIN contracts c ON c.id = x.contract_id
		WHERE x.state IN ('open', 'proposed') AND `+inReach(`$1`, `c.seller_region`)+` ORDER BY x.due_on NULLS LAST, x.id LIMIT $2 OFFSET $3`,
		deskReach(a), page.Limit, page.Offset)
	return out, err
}

// OpenObjections counts those of DeskObjections.
func (r Queries) OpenObjections(ctx context.Context, a market.Actor) (int, error) {
	var n int
	err := r.get(ctx, &n, `SELECT count(*) FROM contract_objections x JOIN contracts c ON c.id = x.contract_id
		WHERE x.state IN ('open', 'proposed') AND `+inReach(`$1`, `c.seller_region`), deskReach(a))
	return n, err
}
