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
	UserID      int64                 `db:"user_id"`
	AgencyID    int64                 `db:"agency_id"`
	AgencyName  string                `db:"agency_name"`
	FileName    string                `db:"file_name"`
	Sheet       string                `db:"sheet"`
	Headings    stringArray           `db:"headings"`
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

const importColumns = `i.id, i.kind, i.org_id, i.user_id, coalesce(i.agency_id, 0) AS agency_id, i.file_name, i.sheet, i.headings, i.defaults, i.state, i.rows_total, i.rows_valid,
	i.rows_similar, i.rows_same, i.rows_done, i.last_row, i.submit, i.similar_too, i.secrecy_confirmed, i.error, i.created_at, i.finished_at,
	i.decision, i.decided_by, i.decided_at, i.return_codes, i.return_note, i.reviewed_at,
	o.name AS org_name, o.region AS org_region, o.state AS org_state, u.name AS user_name, coalesce(g.name, '') AS agency_name`

const importTables = ` FROM imports i JOIN orgs o ON o.id = i.org_id JOIN users u ON u.id = i.user_id LEFT JOIN orgs g ON g.id = i.agency_id `

// importVisible is the access rule of an import i: $1 is the actor's organisation, $2 its reach as a reviewer or
// auditor. Staff see a batch once it has been handed in for review.
var importVisible = `(i.org_id = $1 OR (` + orgReached + ` AND i.submit AND i.state = 'done'))`

// reviewedAlone is the condition under which a listing l in review waits in the queue by itself: it is of no batch that
// waits for a decision as a whole.
const reviewedAlone = `NOT EXISTS (SELECT 1 FROM imports b WHERE b.id = l.import_id AND b.submit AND b.decision = '' AND b.state IN ('running', 'done', 'failed'))`

func (r importRecord) imported() (market.Import, error) {
	out := market.Import{ID: r.ID, Kind: r.Kind, OrgID: r.OrgID, UserID: r.UserID, AgencyID: r.AgencyID, AgencyName: r.AgencyName, FileName: r.FileName, Sheet: r.Sheet, Headings: r.Headings,
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

// Import returns a batch that the actor may see: its own people, and staff once it is in review.
func (r Queries) Import(ctx context.Context, a market.Actor, id int64) (market.Import, error) {
	var row importRecord
	err := r.get(ctx, &row, `SELECT `+importColumns+importTables+`WHERE i.id = $3 AND `+importVisible, a.OrgFor(market.ScopePost), reviewReach(a), id)
	if err != nil {
		return market.Import{}, err
	}
	return row.imported()
}

// Imports lists the batches of the actor's organisation, newest first, with their number.
func (r Queries) Imports(ctx context.Context, a market.Actor, page Slice) ([]market.Import, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM imports WHERE org_id = $1`, a.OrgFor(market.ScopePost)); err != nil {
		return nil, 0, err
	}
	var rows []importRecord
	err := r.all(ctx, &rows, `SELECT `+importColumns+importTables+`WHERE i.org_id = $1 ORDER BY i.id DESC LIMIT $2 OFFSET $3`, a.OrgFor(market.ScopePost), page.Limit, page.Offset)
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
	err := r.all(ctx, &rows, `SELECT `+importColumns+importTables+`WHERE `+inReach(`$1`, `o.region`)+` AND i.submit AND i.state = 'done' AND i.decision = '' ORDER BY i.finished_at, i.id`, a.Reach(market.Reviewer))
	if err != nil {
		return nil, err
	}
	return imports(rows)
}

// LockImport locks a batch for a change: by its own people, or by a reviewer of its county
// when review is true.
func (t *Tx) LockImport(ctx context.Context, a market.Actor, id int64, review bool) (market.Import, error) {
	var row importRecord
	err := t.get(ctx, &row, `SELECT `+importColumns+importTables+`WHERE i.id = $3 AND CASE WHEN $4 THEN i.submit AND i.state = 'done' AND `+orgReached+` ELSE i.org_id = $1 END
		FOR UPDATE OF i`, a.OrgFor(market.ScopePost), a.Reach(market.Reviewer), id, review)
	if err != nil {
		return market.Import{}, err
	}
	return row.imported()
}

// LockAnyImport locks a batch for the market's own work, and its organisation against other batches: two at once would
// not see each other's titles.
func (t *Tx) LockAnyImport(ctx context.Context, id int64) (market.Import, error) {
	var row importRecord
	err := t.get(ctx, &row, `SELECT `+importColumns+importTables+`WHERE i.id = $1 FOR UPDATE OF i FOR NO KEY UPDATE OF o`, id)
	if err != nil {
		return market.Import{}, err
	}
	return row.imported()
}

// CreateImport stores a checked file with its rows and returns its id.
func (t *Tx) CreateImport(ctx context.Context, a market.Actor, i market.Import, rows []market.ImportRow, at time.Time) (int64, error) {
	defaults, err := json.Marshal(i.Defaults)
	if err != nil {
		return 0, err
	}
	var id int64
	err = t.get(ctx, &id, `INSERT INTO imports (kind, org_id, agency_id, user_id, file_name, sheet, headings, defaults, state, rows_total, rows_valid, rows_similar, rows_same, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'checked', $9, $10, $11, $12, $13) RETURNING id`,
		i.Kind, a.OrgFor(market.ScopePost), optionalID(a.AgencyID), a.UserID, i.FileName, i.Sheet, stringArray(nonNil(i.Headings)), defaults, i.RowsTotal, i.RowsValid, i.RowsSimilar, i.RowsSame, at)
	if err != nil {
		return 0, err
	}
	values := make([][]any, len(rows))
	for n, row := range rows {
		if values[n], err = importRowValues(id, row); err != nil {
			return 0, err
		}
	}
	return id, t.Copy(ctx, "import_rows", []string{"import_id", "row", "title", "cells", "problems", "valid", "duplicate", "duplicate_by", "duplicate_of", "duplicate_row"}, values)
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

const importRowColumns = `row, title, cells, problems, duplicate, duplicate_by, duplicate_of, duplicate_row, listing_id`

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

// SetImportListings notes which listings rows became; the nth row became the nth listing.
func (t *Tx) SetImportListings(ctx context.Context, id int64, rows, listings []int64) error {
	return t.exec(ctx, `UPDATE import_rows r SET listing_id = u.listing FROM unnest($2::bigint[], $3::bigint[]) AS u (row, listing)
		WHERE r.import_id = $1 AND r.row = u.row`, id, int64Array(rows), int64Array(listings))
}

// RefuseImportRow stores what was found of a row only when it was about to be written, and the counts that change by it.
func (t *Tx) RefuseImportRow(ctx context.Context, id int64, row market.ImportRow) error {
	problems, err := json.Marshal(nonNilProblems(row.Problems))
	if err != nil {
		return err
	}
	return t.exec(ctx, `WITH old AS (SELECT duplicate FROM import_rows WHERE import_id = $1 AND row = $2),
			changed AS (UPDATE import_rows SET problems = $3, valid = $4, duplicate = $5, duplicate_by = $6, duplicate_of = $7 WHERE import_id = $1 AND row = $2)
		UPDATE imports i SET rows_valid = i.rows_valid - (old.duplicate = '')::int, rows_similar = i.rows_similar - (old.duplicate = 'similar')::int,
			rows_same = i.rows_same + ($4 AND $5 = 'same')::int FROM old WHERE i.id = $1`,
		id, row.Row, problems, row.Valid(), row.Duplicate, row.DuplicateBy, row.DuplicateOf)
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

// ImportCounts says where the listings of a batch stand.
type ImportCounts struct {
	Drafts    int `db:"drafts"`
	InReview  int `db:"in_review"`
	Returned  int `db:"returned"`
	Published int `db:"published"` // or published once: matched, expired, withdrawn, closed
	Undoable  int `db:"undoable"`  // nothing depends on them
}

// Written is how many listings of the batch there are.
func (c ImportCounts) Written() int { return c.Drafts + c.InReview + c.Returned + c.Published }

// untouched is the condition under which undoing an import takes a listing l away: nobody has changed it, it was never
// public and no inquiry is about it.
const untouched = `l.state IN ('draft', 'in_review') AND l.version = 1 AND l.published_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM inquiries q WHERE q.listing_id = l.id OR q.other_listing_id = l.id)`

// ImportCounts counts the listings of a batch. The caller has loaded the batch for the actor.
func (r Queries) ImportCounts(ctx context.Context, id int64) (ImportCounts, error) {
	var c ImportCounts
	err := r.get(ctx, &c, `SELECT count(*) FILTER (WHERE l.state = 'draft') AS drafts, count(*) FILTER (WHERE l.state = 'in_review') AS in_review,
			count(*) FILTER (WHERE l.state = 'returned') AS returned, count(*) FILTER (WHERE l.state NOT IN ('draft', 'in_review', 'returned')) AS published,
			count(*) FILTER (WHERE `+untouched+`) AS undoable
		FROM listings l WHERE l.import_id = $1`, id)
	return c, err
}

// DeleteImported removes the listings of a batch that nothing depends on and returns how many.
func (t *Tx) DeleteImported(ctx context.Context, id int64) (int, error) {
	var ids int64Array
	err := t.get(ctx, &ids, `SELECT coalesce(array_agg(id), '{}') FROM (SELECT l.id FROM listings l WHERE l.import_id = $1 AND `+untouched+` FOR UPDATE OF l) x`, id)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := t.exec(ctx, `UPDATE import_rows SET duplicate_of = NULL WHERE duplicate_of = ANY($1)`, ids); err != nil {
		return 0, err
	}
	return len(ids), t.exec(ctx, `DELETE FROM listings WHERE id = ANY($1)`, ids)
}

// OwnTitle is a listing as duplicates are found by.
type OwnTitle struct {
	ID      int64       `db:"id"`
	Title   string      `db:"title"`
	Patents stringArray `db:"patents"`
}

// OwnTitles lists what an organisation has of a kind, without what it has closed and without the listings of one batch,
// 0 for none: all of it, or what was added since that time.
func (r Queries) OwnTitles(ctx context.Context, orgID int64, kind market.Kind, except int64, since time.Time) ([]OwnTitle, error) {
	var out []OwnTitle
	err := r.all(ctx, &out, `SELECT l.id, l.title, coalesce(p.numbers, '{}') AS patents FROM listings l
		LEFT JOIN LATERAL (SELECT array_agg(number) AS numbers FROM result_ips i
			WHERE i.listing_id = l.id AND number <> '' AND type IN ('invention', 'utility', 'design')) p ON l.kind = 'result'
		WHERE l.org_id = $1 AND l.kind = $2 AND l.state <> 'closed' AND l.import_id IS DISTINCT FROM $3 AND l.created_at >= $4 ORDER BY l.id`,
		orgID, kind, except, since)
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
			r.PriceMethod, r.Price.Kind, r.Price.Min, r.Price.Max, r.Inventors, r.Cases})
		for p, ip := range r.IPs {
			w.ips = append(w.ips, []any{ids[i], p + 1, ip.Type, ip.Number, ip.Title, ip.Status})
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
	w.moved(id, kind, "create", "", market.Draft)
	if l.State == market.InReview {
		w.moved(id, kind, "submit", market.Draft, market.InReview)
	}
}

func (w *listingCopy) moved(id int64, kind market.Kind, move string, from, to market.ListingState) {
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
			"price_min", "price_max", "inventors", "cases"}, w.results},
		{"result_ips", []string{"listing_id", "position", "type", "number", "title", "status"}, w.ips},
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
