package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"techmarket/internal/market"
)

// importRecord is the imports table as stored, with what is joined in.
type importRecord struct {
	ID          int64                 `db:"id"`
	Kind        market.Kind           `db:"kind"`
	OrgID       int64                 `db:"org_id"`
	Region      string                `db:"region"`
	UserID      int64                 `db:"user_id"`
	AgencyID    int64                 `db:"agency_id"`
	AgencyName  string                `db:"agency_name"`
	FileName    string                `db:"file_name"`
	Sheet       string                `db:"sheet"`
	Headings    stringArray           `db:"headings"`
	Columns     stringArray           `db:"columns"`
	RowsHidden  int                   `db:"rows_hidden"`
	RowsGaps    int                   `db:"rows_gaps"`
	Defaults    []byte                `db:"defaults"`
	State       market.ImportState    `db:"state"`
	RowsTotal   int                   `db:"rows_total"`
	RowsValid   int                   `db:"rows_valid"`
	RowsSimilar int                   `db:"rows_similar"`
	RowsSame    int                   `db:"rows_same"`
	RowsDone    int                   `db:"rows_done"`
	LastRow     int                   `db:"last_row"`
	Submit      bool                  `db:"submit"`
	Similar     bool                  `db:"similar_too"`
	Secrecy     bool                  `db:"secrecy_confirmed"`
	Error       string                `db:"error"`
	CreatedAt   time.Time             `db:"created_at"`
	FinishedAt  *time.Time            `db:"finished_at"`
	Decision    market.ImportDecision `db:"decision"`
	DecidedBy   *int64                `db:"decided_by"`
	DecidedAt   *time.Time            `db:"decided_at"`
	ReturnCodes stringArray           `db:"return_codes"`
	ReturnNote  string                `db:"return_note"`
	ReviewedAt  *time.Time            `db:"reviewed_at"`
	OrgName     string                `db:"org_name"`
	OrgRegion   string                `db:"org_region"`
	OrgState    market.OrgState       `db:"org_state"`
	UserName    string                `db:"user_name"`
}

const importColumns = `i.id, i.kind, coalesce(i.org_id, 0) AS org_id, i.region, i.user_id, coalesce(i.agency_id, 0) AS agency_id, i.file_name, i.sheet, i.headings, i.columns, i.rows_hidden, i.rows_gaps, i.defaults, i.state, i.rows_total, i.rows_valid,
	i.rows_similar, i.rows_same, i.rows_done, i.last_row, i.submit, i.similar_too, i.secrecy_confirmed, i.error, i.created_at, i.finished_at,
	i.decision, i.decided_by, i.decided_at, i.return_codes, i.return_note, i.reviewed_at,
	coalesce(o.name, '') AS org_name, coalesce(o.region, '') AS org_region, coalesce(o.state, '') AS org_state, u.name AS user_name, coalesce(g.name, '') AS agency_name`

const importTables = ` FROM imports i LEFT JOIN orgs o ON o.id = i.org_id JOIN users u ON u.id = i.user_id LEFT JOIN orgs g ON g.id = i.agency_id `

// importOwn is the condition under which an import i is the actor's own: of its organisation, $1 for listings, which an
// agency may bring, and $2 for experts; of the bureau within the actor's reach as a reviewer, $3.
var importOwn = `(i.org_id = $1 AND i.kind IN ('need', 'result') OR i.org_id = $2 AND i.kind = 'expert' OR i.org_id IS NULL AND ` + inReach(`$3`, `i.region`) + `)`

func importOwners(a market.Actor) []any {
	return []any{a.OrgFor(market.ScopePost), a.OwnOrg(), a.Reach(market.Reviewer)}
}

// importInReview is the condition under which an import i of listings is to be seen by staff.
const importInReview = `i.kind IN ('need', 'result') AND i.submit AND i.state = 'done'`

// reviewedAlone is the condition under which a listing l in review waits in the queue by itself: it is of no batch that
// waits for a decision as a whole.
const reviewedAlone = `NOT EXISTS (SELECT 1 FROM imports b WHERE b.id = l.import_id AND b.submit AND b.decision = '' AND b.state IN ('running', 'done', 'failed'))`

func (r importRecord) imported() (market.Import, error) {
	out := market.Import{ID: r.ID, Kind: r.Kind, OrgID: r.OrgID, Region: r.Region, Columns: r.Columns, RowsHidden: r.RowsHidden, RowsGaps: r.RowsGaps, UserID: r.UserID, AgencyID: r.AgencyID, AgencyName: r.AgencyName, FileName: r.FileName, Sheet: r.Sheet, Headings: r.Headings,
		State: r.State, RowsTotal: r.RowsTotal, RowsValid: r.RowsValid, RowsSimilar: r.RowsSimilar, RowsSame: r.RowsSame, RowsDone: r.RowsDone,
		LastRow: r.LastRow, Submit: r.Submit, Similar: r.Similar, Secrecy: r.Secrecy, Error: r.Error, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
		Decision: r.Decision, DecidedBy: r.DecidedBy, DecidedAt: r.DecidedAt, ReturnCodes: r.ReturnCodes, ReturnNote: r.ReturnNote,
		ReviewedAt: r.ReviewedAt, OrgName: r.OrgName, OrgRegion: r.OrgRegion, OrgState: r.OrgState, UserName: r.UserName}
	return out, json.Unmarshal(r.Defaults, &out.Defaults)
}

func imports(records []importRecord) ([]market.Import, error) {
	out := make([]market.Import, len(records))
	var err error
	for i, r := range records {
		if out[i], err = r.imported(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Import returns a batch that the actor may see: its own people, and reviewers and auditors of its county once its listings
// are in review.
func (r Queries) Import(ctx context.Context, a market.Actor, id int64) (market.Import, error) {
	return r.importWhere(ctx, `(`+importOwn+` OR `+importInReview+` AND `+inReach(`$4`, `o.region`)+`) AND i.id = $5`, append(importOwners(a), reviewReach(a), id)...)
}

// OwnImport is Import for its own people only: staff look at what is in review in their queue.
func (r Queries) OwnImport(ctx context.Context, a market.Actor, id int64) (market.Import, error) {
	return r.importWhere(ctx, importOwn+` AND i.id = $4`, append(importOwners(a), id)...)
}

func (r Queries) importWhere(ctx context.Context, where string, args ...any) (market.Import, error) {
	var row importRecord
	if err := r.get(ctx, &row, `SELECT `+importColumns+importTables+`WHERE `+where, args...); err != nil {
		return market.Import{}, err
	}
	return row.imported()
}

// Imports lists the actor's own batches, newest first, with their number: those of its organisation, and for a reviewer
// those of the bureau.
func (r Queries) Imports(ctx context.Context, a market.Actor, page Slice) ([]market.Import, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM imports i WHERE `+importOwn, importOwners(a)...); err != nil {
		return nil, 0, err
	}
	var rows []importRecord
	err := r.all(ctx, &rows, `SELECT `+importColumns+importTables+`WHERE `+importOwn+` ORDER BY i.id DESC LIMIT $4 OFFSET $5`, append(importOwners(a), page.Limit, page.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	out, err := imports(rows)
	return out, total, err
}

// ImportsInReview lists the batches that wait for a reviewer's decision, oldest first. For the reviewers of
// their organisations' county.
func (r Queries) ImportsInReview(ctx context.Context, a market.Actor) ([]market.Import, error) {
	var rows []importRecord
	err := r.all(ctx, &rows, `SELECT `+importColumns+importTables+`WHERE `+importInReview+` AND i.decision = '' AND `+inReach(`$1`, `o.region`)+` ORDER BY i.finished_at, i.id`, a.Reach(market.Reviewer))
	if err != nil {
		return nil, err
	}
	return imports(rows)
}

// LockImport locks a batch for a change by its own people.
func (t *Tx) LockImport(ctx context.Context, a market.Actor, id int64) (market.Import, error) {
	return t.importWhere(ctx, importOwn+` AND i.id = $4 FOR UPDATE OF i`, append(importOwners(a), id)...)
}

// LockImportForReview locks a batch of listings for the decision of a reviewer of its county.
func (t *Tx) LockImportForReview(ctx context.Context, a market.Actor, id int64) (market.Import, error) {
	return t.importWhere(ctx, importInReview+` AND `+inReach(`$1`, `o.region`)+` AND i.id = $2 FOR UPDATE OF i`, a.Reach(market.Reviewer), id)
}

// LockAnyImport locks a batch for the market's own work, and its organisation against other batches: two at once would
// not see each other's titles. Those of the bureau wait for each other.
func (t *Tx) LockAnyImport(ctx context.Context, id int64) (market.Import, error) {
	imp, err := t.importWhere(ctx, `i.id = $1 FOR UPDATE OF i`, id)
	switch {
	case err != nil:
	case imp.OrgID == 0:
		err = t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('imports of the bureau'))`)
	default:
		err = t.exec(ctx, `SELECT 1 FROM orgs WHERE id = $1 FOR NO KEY UPDATE`, imp.OrgID)
	}
	return imp, err
}

// CreateImport stores a checked file with its rows and returns its id.
func (t *Tx) CreateImport(ctx context.Context, a market.Actor, i market.Import, rows []market.ImportRow, at time.Time) (int64, error) {
	defaults, err := json.Marshal(i.Defaults)
	if err != nil {
		return 0, err
	}
	var id int64
	err = t.get(ctx, &id, `INSERT INTO imports (kind, org_id, region, agency_id, user_id, file_name, sheet, headings, rows_hidden, defaults, state, rows_total, rows_valid, rows_similar, rows_same, rows_gaps, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'checked', $11, $12, $13, $14, $15, $16) RETURNING id`,
		i.Kind, optionalID(i.OrgID), i.Region, optionalID(a.AgencyID), a.UserID, i.FileName, i.Sheet, stringArray(nonNil(i.Headings)), i.RowsHidden, defaults, i.RowsTotal, i.RowsValid, i.RowsSimilar, i.RowsSame, i.RowsGaps, at)
	if err != nil {
		return 0, err
	}
	return id, t.copyImportRows(ctx, i.Kind, id, rows)
}

// RecheckImport stores what was found of a checked file when its columns were taken otherwise.
func (t *Tx) RecheckImport(ctx context.Context, i market.Import, rows []market.ImportRow) error {
	err := t.execOne(ctx, `UPDATE imports SET columns = $2, rows_valid = $3, rows_similar = $4, rows_same = $5, rows_gaps = $6 WHERE id = $1 AND state = 'checked'`,
		i.ID, stringArray(nonNil(i.Columns)), i.RowsValid, i.RowsSimilar, i.RowsSame, i.RowsGaps)
	if err != nil {
		return err
	}
	if err := t.DropImportRows(ctx, i.ID); err != nil {
		return err
	}
	return t.copyImportRows(ctx, i.Kind, i.ID, rows)
}

func (t *Tx) copyImportRows(ctx context.Context, kind market.Kind, id int64, rows []market.ImportRow) error {
	values := make([][]any, len(rows))
	for n, row := range rows {
		var err error
		if values[n], err = importRowValues(id, row); err != nil {
			return err
		}
	}
	return t.Copy(ctx, "import_rows", []string{"import_id", "row", "title", "cells", "problems", "valid", "duplicate", "duplicate_by", sameColumn(kind), "duplicate_row"}, values)
}

// sameColumn holds what a row is a duplicate of, and madeColumn what it became, by the kind of the list.
func sameColumn(k market.Kind) string {
	if k.Valid() {
		return "duplicate_of"
	}
	return "same_id"
}

func madeColumn(k market.Kind) string {
	if k.Valid() {
		return "listing_id"
	}
	return "made_id"
}

func importRowValues(id int64, row market.ImportRow) ([]any, error) {
	cells, err := json.Marshal(row.Cells)
	if err != nil {
		return nil, err
	}
	problems, err := json.Marshal(nonNilProblems(row.Problems))
	if err != nil {
		return nil, err
	}
	return []any{id, row.Row, row.Title, string(cells), string(problems), row.Valid(), row.Duplicate, row.DuplicateBy, row.DuplicateOf, row.DuplicateRow}, nil
}

func nonNilProblems(p []market.ImportProblem) []market.ImportProblem {
	if p == nil {
		return []market.ImportProblem{}
	}
	return p
}

// importRowRecord is the import_rows table as stored.
type importRowRecord struct {
	Row          int              `db:"row"`
	Title        string           `db:"title"`
	Cells        []byte           `db:"cells"`
	Problems     []byte           `db:"problems"`
	Duplicate    market.Duplicate `db:"duplicate"`
	DuplicateBy  string           `db:"duplicate_by"`
	DuplicateOf  *int64           `db:"duplicate_of"`
	DuplicateRow int              `db:"duplicate_row"`
	ListingID    *int64           `db:"listing_id"`
}

func (r importRowRecord) row() (market.ImportRow, error) {
	out := market.ImportRow{Row: r.Row, Title: r.Title, Duplicate: r.Duplicate, DuplicateBy: r.DuplicateBy, DuplicateOf: r.DuplicateOf,
		DuplicateRow: r.DuplicateRow, ListingID: r.ListingID}
	if err := json.Unmarshal(r.Cells, &out.Cells); err != nil {
		return out, err
	}
	return out, json.Unmarshal(r.Problems, &out.Problems)
}

func importRows(records []importRowRecord) ([]market.ImportRow, error) {
	out := make([]market.ImportRow, len(records))
	var err error
	for i, r := range records {
		if out[i], err = r.row(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const importRowColumns = `row, title, cells, problems, duplicate, duplicate_by, coalesce(duplicate_of, same_id) AS duplicate_of, duplicate_row, coalesce(listing_id, made_id) AS listing_id`

// ImportTab is a part of the rows of a file.
type ImportTab string

// The parts. A row with problems is in no other part than ImportBad.
const (
	ImportAll        ImportTab = ""
	ImportValid      ImportTab = "valid"
	ImportBad        ImportTab = "problems"
	ImportDuplicates ImportTab = "duplicates"
)

// importTabs are the parts as conditions of our own.
var importTabs = map[ImportTab]string{ImportAll: `true`, ImportValid: `valid AND duplicate = ''`, ImportBad: `NOT valid`, ImportDuplicates: `valid AND duplicate <> ''`}

// ImportRows lists rows of a batch in the order of the file. The caller has loaded the batch for the actor.
func (r Queries) ImportRows(ctx context.Context, id int64, tab ImportTab, page Slice) ([]market.ImportRow, error) {
	var rows []importRowRecord
	err := r.all(ctx, &rows, `SELECT `+importRowColumns+` FROM import_rows WHERE import_id = $1 AND `+importTabs[tab]+` ORDER BY row LIMIT $2 OFFSET $3`,
		id, page.Limit, page.Offset)
	if err != nil {
		return nil, err
	}
	return importRows(rows)
}

// AllImportRows goes through the rows of a part in the order of the file, a page at a time. See ImportRows.
func (r Queries) AllImportRows(ctx context.Context, id int64, tab ImportTab) iter.Seq2[market.ImportRow, error] {
	return func(yield func(market.ImportRow, error) bool) {
		for after := 0; ; {
			var records []importRowRecord
			err := r.all(ctx, &records, `SELECT `+importRowColumns+` FROM import_rows WHERE import_id = $1 AND row > $2 AND `+importTabs[tab]+` ORDER BY row LIMIT $3`,
				id, after, documentPage)
			rows, err2 := importRows(records)
			if err == nil {
				err = err2
			}
			if err != nil {
				yield(market.ImportRow{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
				after = row.Row
			}
			if len(rows) < documentPage {
				return
			}
		}
	}
}

// NextImportRows returns the rows of a batch that are to be written next, in the order of the file.
func (t *Tx) NextImportRows(ctx context.Context, i market.Import, limit int) ([]market.ImportRow, error) {
	var rows []importRowRecord
	err := t.all(ctx, &rows, `SELECT `+importRowColumns+` FROM import_rows
		WHERE import_id = $1 AND row > $2 AND valid AND (duplicate = '' OR duplicate = 'similar' AND $3) ORDER BY row LIMIT $4`, i.ID, i.LastRow, i.Similar, limit)
	if err != nil {
		return nil, err
	}
	return importRows(rows)
}

// CompleteRows counts the rows of a batch that are to be written and lack nothing.
func (t *Tx) CompleteRows(ctx context.Context, i market.Import) (int, error) {
	var n int
	err := t.get(ctx, &n, `SELECT count(*) FROM import_rows WHERE import_id = $1 AND valid AND (duplicate = '' OR duplicate = 'similar' AND $2)
		AND NOT problems @> '[{"grade": "gap"}]'`, i.ID, i.Similar)
	return n, err
}

// SetImported notes what rows became; the nth row became the nth id.
func (t *Tx) SetImported(ctx context.Context, i market.Import, rows, ids []int64) error {
	return t.exec(ctx, `UPDATE import_rows r SET `+madeColumn(i.Kind)+` = u.made FROM unnest($2::bigint[], $3::bigint[]) AS u (row, made)
		WHERE r.import_id = $1 AND r.row = u.row`, i.ID, int64Array(rows), int64Array(ids))
}

// RefuseImportRow stores what was found of a row only when it was about to be written, and the counts that change by it.
func (t *Tx) RefuseImportRow(ctx context.Context, i market.Import, row market.ImportRow) error {
	problems, err := json.Marshal(nonNilProblems(row.Problems))
	if err != nil {
		return err
	}
	return t.exec(ctx, `WITH old AS (SELECT duplicate FROM import_rows WHERE import_id = $1 AND row = $2),
			changed AS (UPDATE import_rows SET problems = $3, valid = $4, duplicate = $5, duplicate_by = $6, `+sameColumn(i.Kind)+` = $7 WHERE import_id = $1 AND row = $2)
		UPDATE imports i SET rows_valid = i.rows_valid - (old.duplicate = '')::int, rows_similar = i.rows_similar - (old.duplicate = 'similar')::int,
			rows_same = i.rows_same + ($4 AND $5 = 'same')::int FROM old WHERE i.id = $1`,
		i.ID, row.Row, problems, row.Valid(), row.Duplicate, row.DuplicateBy, row.DuplicateOf)
}

// AcceptImport starts the writing of a batch if it is still in that state.
func (t *Tx) AcceptImport(ctx context.Context, i market.Import, to market.ImportState) error {
	return t.execOne(ctx, `UPDATE imports SET state = $3, submit = $4, similar_too = $5, secrecy_confirmed = $6, error = '', finished_at = NULL WHERE id = $1 AND state = $2`,
		i.ID, i.State, to, i.Submit, i.Similar, i.Secrecy)
}

// AdvanceImport notes that more rows of a running batch have been dealt with, up to that one.
func (t *Tx) AdvanceImport(ctx context.Context, id int64, done, lastRow int) error {
	return t.execOne(ctx, `UPDATE imports SET rows_done = rows_done + $2, last_row = $3 WHERE id = $1 AND state = 'running'`, id, done, lastRow)
}

// EndImport moves a batch into a state that it stays in, if it is still in the one expected. problem is what its people
// are told of a failure.
func (t *Tx) EndImport(ctx context.Context, id int64, from, to market.ImportState, problem string, at time.Time) error {
	return t.execOne(ctx, `UPDATE imports SET state = $3, error = $4, finished_at = coalesce(finished_at, $5) WHERE id = $1 AND state = $2`, id, from, to, problem, at)
}

// DropImportRows removes the rows of a batch that was discarded: nobody needs the text any more.
func (t *Tx) DropImportRows(ctx context.Context, id int64) error {
	return t.exec(ctx, `DELETE FROM import_rows WHERE import_id = $1`, id)
}

// ImportCounts says where what a batch has made stands.
type ImportCounts struct {
	Drafts    int `db:"drafts"`
	InReview  int `db:"in_review"`
	Returned  int `db:"returned"`
	Published int `db:"published"` // or published once: matched, expired, withdrawn, closed
	Undoable  int `db:"undoable"`  // nothing depends on them
}

// Written is how much of the batch there is.
func (c ImportCounts) Written() int { return c.Drafts + c.InReview + c.Returned + c.Published }

// untouched is the condition under which undoing an import takes a listing l away: nobody has changed it, it was never
// public and no inquiry is about it.
const untouched = `l.state IN ('draft', 'in_review') AND l.version = 1 AND l.published_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM inquiries q WHERE q.listing_id = l.id OR q.other_listing_id = l.id)`

// expertUntouched is untouched for an expert e: nobody has changed it since, and the person has not agreed to it.
const expertUntouched = `e.version = 1 AND e.consent_by <> 'account'`

// orgUntouched is untouched for an organisation o: nobody has claimed it, and nothing refers to it.
const orgUntouched = orgUnclaimed + ` AND o.version = 1 AND NOT EXISTS (SELECT 1 FROM experts e WHERE e.org_id = o.id)`

// ImportCounts counts what a batch has made. The caller has loaded the batch for the actor.
func (r Queries) ImportCounts(ctx context.Context, i market.Import) (ImportCounts, error) {
	var c ImportCounts
	query := `SELECT count(*) FILTER (WHERE l.state = 'draft') AS drafts, count(*) FILTER (WHERE l.state = 'in_review') AS in_review,
			count(*) FILTER (WHERE l.state = 'returned') AS returned, count(*) FILTER (WHERE l.state NOT IN ('draft', 'in_review', 'returned')) AS published,
			count(*) FILTER (WHERE ` + untouched + `) AS undoable
		FROM listings l WHERE l.import_id = $1`
	switch i.Kind {
	case market.KindExpert:
		query = `SELECT count(*) FILTER (WHERE e.state <> 'public') AS drafts, count(*) FILTER (WHERE e.state = 'public') AS published,
			count(*) FILTER (WHERE ` + expertUntouched + `) AS undoable FROM experts e WHERE e.import_id = $1`
	case market.KindOrg:
		query = `SELECT count(*) FILTER (WHERE o.state = 'unverified') AS drafts, count(*) FILTER (WHERE o.state <> 'unverified') AS published,
			count(*) FILTER (WHERE ` + orgUntouched + `) AS undoable FROM orgs o WHERE o.import_id = $1`
	}
	return c, r.get(ctx, &c, query, i.ID)
}

// DeleteImported removes what a batch has made and nothing depends on, and returns how many.
func (t *Tx) DeleteImported(ctx context.Context, i market.Import) (int, error) {
	table, query := "listings", `SELECT l.id FROM listings l WHERE l.import_id = $1 AND `+untouched+` FOR UPDATE OF l`
	switch i.Kind {
	case market.KindExpert:
		table, query = "experts", `SELECT e.id FROM experts e WHERE e.import_id = $1 AND `+expertUntouched+` FOR UPDATE OF e`
	case market.KindOrg:
		table, query = "orgs", `SELECT o.id FROM orgs o WHERE o.import_id = $1 AND `+orgUntouched+` FOR UPDATE OF o`
	}
	var ids int64Array
	err := t.get(ctx, &ids, `SELECT coalesce(array_agg(id), '{}') FROM (`+query+`) x`, i.ID)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if !i.Kind.Valid() {
		if err := t.exec(ctx, `UPDATE import_rows SET made_id = NULL WHERE import_id = $1 AND made_id = ANY($2)`, i.ID, ids); err != nil {
			return 0, err
		}
	} else if err := t.exec(ctx, `UPDATE import_rows SET duplicate_of = NULL WHERE duplicate_of = ANY($1)`, ids); err != nil {
		return 0, err
	}
	return len(ids), t.exec(ctx, `DELETE FROM `+table+` WHERE id = ANY($1)`, ids)
}

// OwnTitle is a listing as duplicates are found by.
type OwnTitle struct {
	ID      int64       `db:"id"`
	Title   string      `db:"title"`
	Text    string      `db:"text"` // its beginning: the summary of a result, the problem of a need
	Patents stringArray `db:"patents"`
}

// ComparedText is how much of a text is compared, in characters.
const ComparedText = 400

// OwnTitles lists what an organisation has of a kind, without what it has closed and without the listings of one batch,
// 0 for none: all of it, or what was added since that time.
func (r Queries) OwnTitles(ctx context.Context, orgID int64, kind market.Kind, except int64, since time.Time) ([]OwnTitle, error) {
	var out []OwnTitle
	err := r.all(ctx, &out, `SELECT l.id, l.title, left(coalesce(s.summary, n.problem, ''), $5) AS text, coalesce(p.numbers, '{}') AS patents FROM listings l
		LEFT JOIN results s ON s.listing_id = l.id LEFT JOIN needs n ON n.listing_id = l.id
		LEFT JOIN LATERAL (SELECT array_agg(number) AS numbers FROM result_ips i
			WHERE i.listing_id = l.id AND number <> '' AND type IN ('invention', 'utility', 'design')) p ON l.kind = 'result'
		WHERE l.org_id = $1 AND l.kind = $2 AND l.state <> 'closed' AND l.import_id IS DISTINCT FROM $3 AND l.created_at >= $4 ORDER BY l.id`,
		orgID, kind, except, since, ComparedText)
	return out, err
}

// PatentHolder is a public result of another organisation with that patent.
type PatentHolder struct {
	Number    string `db:"number"`
	ListingID int64  `db:"listing_id"`
}

// PatentHolders finds the public results of other organisations that rest on these patents.
func (r Queries) PatentHolders(ctx context.Context, orgID int64, numbers []string) ([]PatentHolder, error) {
	var out []PatentHolder
	err := r.all(ctx, &out, `SELECT DISTINCT ON (i.number) i.number, i.listing_id FROM result_ips i JOIN listings l ON l.id = i.listing_id
		WHERE i.number = ANY($2) AND i.number <> '' AND l.org_id <> $1 AND l.state IN ('published', 'matched') AND `+ownerActive+` ORDER BY i.number, i.listing_id`,
		orgID, stringArray(numbers))
	return out, err
}

// KnownExpert is an expert as duplicates are found by.
type KnownExpert struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	OrgName string `db:"org_name"`
}

// KnownExperts lists the experts of an organisation, or of the whole market for the bureau, without those of one batch: all of
// them, or what was added since that time.
func (r Queries) KnownExperts(ctx context.Context, orgID, except int64, since time.Time) ([]KnownExpert, error) {
	var out []KnownExpert
	err := r.all(ctx, &out, `SELECT e.id, e.name, coalesce(o.name, e.org_name) AS org_name`+expertTables+`
		WHERE ($1 = 0 OR e.org_id = $1) AND e.import_id IS DISTINCT FROM $2 AND e.created_at >= $3 ORDER BY e.id`, orgID, except, since)
	return out, err
}

// KnownOrg is an organisation as duplicates are found by.
type KnownOrg struct {
	ID   int64  `db:"id"`
	USCC string `db:"uscc"`
	Name string `db:"name"`
}

// KnownOrgs lists the organisations that have these codes or names, without those of one batch, the verified first: all of
// them, or what was added since that time.
func (r Queries) KnownOrgs(ctx context.Context, codes, names []string, except int64, since time.Time) ([]KnownOrg, error) {
	var out []KnownOrg
	err := r.all(ctx, &out, `SELECT id, uscc, name FROM orgs WHERE (uscc = ANY($1) OR name = ANY($2)) AND import_id IS DISTINCT FROM $3 AND created_at >= $4
		ORDER BY state = 'verified' DESC, id`, stringArray(nonNil(codes)), stringArray(nonNil(names)), except, since)
	return out, err
}

// ImportThing is what a row became or is the same as, as far as the actor may see it.
type ImportThing struct {
	ID    int64           `db:"id"`
	Name  string          `db:"name"`
	State market.OrgState `db:"state"` // of an organisation
}

// ImportThings lists the experts or organisations that the actor may see.
func (r Queries) ImportThings(ctx context.Context, a market.Actor, kind market.Kind, ids []int64) ([]ImportThing, error) {
	query := `SELECT e.id, e.name, '' AS state` + expertTables + `WHERE e.id = ANY($3) AND (` + expertPublic + ` OR ` + expertKept + `)`
	if kind == market.KindOrg {
		query = `SELECT o.id, o.name, o.state FROM orgs o WHERE o.id = ANY($3) AND (o.state IN ('verified', 'suspended') OR o.id = $1 OR ` + orgReached + `)`
	}
	var out []ImportThing
	err := r.all(ctx, &out, query, a.OwnOrg(), a.Reach(market.Reviewer), int64Array(ids))
	return out, err
}

// CopyExperts writes experts of one batch with their history. All rules hold already. The nth id is that of the nth expert.
func (t *Tx) CopyExperts(ctx context.Context, a market.Actor, experts []market.Expert, at time.Time) ([]int64, error) {
	ids, err := t.TakeIDs(ctx, "experts", len(experts))
	if err != nil {
		return nil, err
	}
	var rows [][]any
	history := newListingCopy(a, at)
	for i, e := range experts {
		var published any
		if e.State == market.ExpertPublic {
			published = at
		}
		rows = append(rows, []any{ids[i], optionalID(e.OrgID), typedOrgName(e), e.Name, e.Title, stringArray(nonNil(e.Fields)), optional(e.TechField), e.Expertise, e.Region, e.Email, e.Phone,
			e.State, optionalDate(e.ConsentOn), e.ConsentBy, optionalDate(e.ContactOn), e.ImportID, optionalID(a.UserID), at, at, published})
		history.moved(ids[i], market.KindExpert, "create", "", string(market.ExpertDraft))
		if e.State == market.ExpertPublic {
			history.moved(ids[i], market.KindExpert, "publish", string(market.ExpertDraft), string(market.ExpertPublic))
		}
	}
	err = t.Copy(ctx, "experts", []string{"id", "org_id", "org_name", "name", "title", "fields", "tech_field", "expertise", "region", "email", "phone", "state", "consent_on", "consent_by",
		"contact_on", "import_id", "created_by", "created_at", "updated_at", "published_at"}, rows)
	if err != nil {
		return nil, err
	}
	return ids, history.write(ctx, t)
}

// CopyOrgs writes organisations of one batch with their history: unverified, without members. All rules hold already.
func (t *Tx) CopyOrgs(ctx context.Context, a market.Actor, orgs []market.Org, importID int64, at time.Time) ([]int64, error) {
	ids, err := t.TakeIDs(ctx, "orgs", len(orgs))
	if err != nil {
		return nil, err
	}
	var rows [][]any
	history := newListingCopy(a, at)
	for i, o := range orgs {
		rows = append(rows, []any{ids[i], string(o.USCC), o.Name, o.Type, o.PartyType, o.Region, o.Park, o.Industry, o.Scale, o.LegalRep, o.Address, o.About, market.OrgUnverified, importID,
			optionalID(a.UserID), at})
		history.moved(ids[i], market.KindOrg, "create", "", string(market.OrgUnverified))
	}
	err = t.Copy(ctx, "orgs", []string{"id", "uscc", "name", "type", "party_type", "region", "park", "industry", "scale", "legal_rep", "address", "about", "state", "import_id", "created_by",
		"created_at"}, rows)
	if err != nil {
		return nil, err
	}
	return ids, history.write(ctx, t)
}

// CopyNeeds writes needs of one batch as drafts, or in review when they are submitted at once, with their history. All
// rules hold already, and the numbers are taken. The nth id is that of the nth need.
func (t *Tx) CopyNeeds(ctx context.Context, a market.Actor, needs []market.Need, at time.Time) ([]int64, error) {
	w := newListingCopy(a, at)
	listings := make([]market.Listing, len(needs))
	for i := range needs {
		listings[i] = needs[i].Listing
	}
	ids, err := w.add(ctx, t, market.KindNeed, listings)
	if err != nil {
		return nil, err
	}
	for i, n := range needs {
		w.needs = append(w.needs, []any{ids[i], n.Problem, n.Background, n.Budget.Kind, n.Budget.Min, n.Budget.Max, n.Deadline, n.Ownership, n.Partner})
		for p, row := range n.Indicators {
			w.indicators = append(w.indicators, []any{ids[i], p + 1, row.Name, row.Now, row.Target, row.Unit, row.Method})
		}
	}
	return ids, w.write(ctx, t)
}

// CopyResults is CopyNeeds for results.
func (t *Tx) CopyResults(ctx context.Context, a market.Actor, results []market.Result, at time.Time) ([]int64, error) {
	w := newListingCopy(a, at)
	listings := make([]market.Listing, len(results))
	for i := range results {
		listings[i] = results[i].Listing
	}
	ids, err := w.add(ctx, t, market.KindResult, listings)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		w.results = append(w.results, []any{ids[i], r.Summary, r.Problem, r.Advantage, r.Economics, optional(r.Stage), optionalInt(r.TRLMin), optionalInt(r.TRLMax),
			r.PriceMethod, r.Price.Kind, r.Price.Min, r.Price.Max, r.Inventors, r.Cases, r.Evidence})
		for p, ip := range r.IPs {
			w.ips = append(w.ips, []any{ids[i], p + 1, ip.Type, ip.Number, ip.Title, ip.Status, ip.FiledOn, ip.GrantedOn})
		}
	}
	return ids, w.write(ctx, t)
}

// listingCopy gathers the rows of every table that listings need.
type listingCopy struct {
	actor                                                               market.Actor
	at                                                                  time.Time
	listings, fields, gates, needs, indicators, results, ips, histories [][]any
}

func newListingCopy(a market.Actor, at time.Time) *listingCopy { return &listingCopy{actor: a, at: at} }

func (w *listingCopy) add(ctx context.Context, t *Tx, kind market.Kind, listings []market.Listing) ([]int64, error) {
	ids, err := t.TakeIDs(ctx, "listings", len(listings))
	if err != nil {
		return nil, err
	}
	for i, l := range listings {
		w.common(ids[i], kind, l)
	}
	return ids, nil
}

func (w *listingCopy) common(id int64, kind market.Kind, l market.Listing) {
	var submitted any
	if l.State == market.InReview {
		submitted = w.at
	}
	w.listings = append(w.listings, []any{id, kind, l.Number, l.OrgID, l.State, l.Title, optional(l.Submarket), optional(l.TechField), optional(l.Region),
		stringArray(nonNil(l.Modes)), l.HideOrg, l.SecrecyConfirmed, l.ContactName, l.ContactPhone, submitted, l.ImportID, optionalID(w.actor.UserID), w.at, w.at})
	for p, f := range l.Fields {
		w.fields = append(w.fields, []any{id, f, p + 1})
	}
	if l.Gated != "" {
		w.gates = append(w.gates, []any{id, l.Gated})
	}
	w.moved(id, kind, "create", "", string(market.Draft))
	if l.State == market.InReview {
		w.moved(id, kind, "submit", string(market.Draft), string(market.InReview))
	}
}

func (w *listingCopy) moved(id int64, kind market.Kind, move, from, to string) {
	w.histories = append(w.histories, []any{kind, id, move, from, to, optionalID(w.actor.UserID), optionalID(w.actor.OrgID), optionalID(w.actor.AgencyID), w.at})
}

func (w *listingCopy) write(ctx context.Context, t *Tx) error {
	for _, c := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"listings", []string{"id", "kind", "number", "org_id", "state", "title", "submarket", "tech_field", "region", "modes", "hide_org", "secrecy_confirmed",
			"contact_name", "contact_phone", "submitted_at", "import_id", "created_by", "created_at", "updated_at"}, w.listings},
		{"listing_fields", []string{"listing_id", "field", "position"}, w.fields},
		{"listing_gates", []string{"listing_id", "detail"}, w.gates},
		{"needs", []string{"listing_id", "problem", "background", "budget_kind", "budget_min", "budget_max", "deadline", "ownership", "partner"}, w.needs},
		{"need_indicators", []string{"listing_id", "position", "name", "now_value", "target_value", "unit", "method"}, w.indicators},
		{"results", []string{"listing_id", "summary", "problem", "advantage", "economics", "stage", "trl_min", "trl_max", "price_method", "price_kind",
			"price_min", "price_max", "inventors", "cases", "evidence"}, w.results},
		{"result_ips", []string{"listing_id", "position", "type", "number", "title", "status", "filed_on", "granted_on"}, w.ips},
		{"moves", []string{"object_kind", "object_id", "move", "from_state", "to_state", "user_id", "org_id", "agency_id", "at"}, w.histories},
	} {
		if err := t.Copy(ctx, c.table, c.columns, c.rows); err != nil {
			return fmt.Errorf("copy %s: %w", c.table, err)
		}
	}
	return nil
}

// DecideImport stores a reviewer's word on a whole batch, if nobody has given one.
func (t *Tx) DecideImport(ctx context.Context, a market.Actor, i market.Import, at time.Time) error {
	return t.execOne(ctx, `UPDATE imports SET decision = $2, decided_by = $3, decided_at = $4, return_codes = $5, return_note = $6 WHERE id = $1 AND decision = ''`,
		i.ID, i.Decision, optionalID(a.UserID), at, stringArray(nonNil(i.ReturnCodes)), i.ReturnNote)
}

// ReviewImported carries the decision out on at most limit listings of the batch: those that were in review when it was
// made. The history and the change log get an entry for each. It returns their ids.
func (t *Tx) ReviewImported(ctx context.Context, i market.Import, to market.ListingState, validUntil, at time.Time, limit int) ([]int64, error) {
	var ids int64Array
	err := t.get(ctx, &ids, `WITH chosen AS (SELECT id FROM listings WHERE import_id = $1 AND state = 'in_review' AND submitted_at <= $2 ORDER BY id LIMIT $3 FOR UPDATE),
		changed AS (UPDATE listings l SET state = $4, version = version + 1, updated_at = $5, return_codes = $6, return_note = $7,
				published_at = CASE WHEN $4 = 'published' THEN $5 ELSE published_at END,
				confirmed_at = CASE WHEN $4 = 'published' THEN $5 ELSE confirmed_at END,
				valid_until = CASE WHEN $4 = 'published' THEN $8::date ELSE valid_until END
			FROM chosen WHERE l.id = chosen.id RETURNING l.id)
		SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM changed`,
		i.ID, i.DecidedAt, limit, to, at, stringArray(nonNil(i.ReturnCodes)), i.ReturnNote, validUntil)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if err := t.exec(ctx, `INSERT INTO moves (object_kind, object_id, move, from_state, to_state, user_id, at, code, note)
		SELECT $2, id, $3, 'in_review', $4, $5, $6, $7, $8 FROM unnest($1::bigint[]) AS u (id)`,
		ids, i.Kind, string(i.Decision), to, i.DecidedBy, at, strings.Join(i.ReturnCodes, " "), i.ReturnNote); err != nil {
		return nil, err
	}
	return ids, t.ListingChanged(ctx, ids...)
}

// ImportReviewed notes that a decision has been carried out.
func (t *Tx) ImportReviewed(ctx context.Context, id int64, at time.Time) error {
	return t.execOne(ctx, `UPDATE imports SET reviewed_at = $2 WHERE id = $1 AND decision <> '' AND reviewed_at IS NULL`, id, at)
}

// ImportedListings lists the listings of a batch as cards in the order of the file. every above 1 gives a sample: each
// row whose place is a multiple of it. The caller has loaded the batch for the actor.
func (r Queries) ImportedListings(ctx context.Context, a market.Actor, id int64, every int, page Slice) ([]ListingCard, error) {
	var ids int64Array
	err := r.get(ctx, &ids, `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM (
		SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM listings WHERE import_id = $1) x WHERE (n - 1) % $2 = 0 ORDER BY id LIMIT $3 OFFSET $4) y`,
		id, max(every, 1), page.Limit, page.Offset)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return r.ListingCards(ctx, a, ids)
}

// OrgOwner returns who has owned the organisation longest. For the command line.
func (r Queries) OrgOwner(ctx context.Context, orgID int64) (int64, error) {
	var id int64
	err := r.get(ctx, &id, `SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.org_id = $1 AND m.role = 'owner' AND u.state = 'active' ORDER BY m.created_at, m.user_id LIMIT 1`, orgID)
	return id, err
}
