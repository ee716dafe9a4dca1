package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
)

// expertRow is the experts table as stored, with what is joined in.
type expertRow struct {
	ID          int64              `db:"id"`
	OrgID       int64              `db:"org_id"`
	OrgName     string             `db:"org_name"`
	Name        string             `db:"name"`
	Title       string             `db:"title"`
	Fields      stringArray        `db:"fields"`
	TechField   string             `db:"tech_field"`
	Expertise   string             `db:"expertise"`
	Region      string             `db:"region"`
	Email       string             `db:"email"`
	Phone       string             `db:"phone"`
	State       market.ExpertState `db:"state"`
	ConsentOn   *time.Time         `db:"consent_on"`
	ConsentBy   market.ConsentForm `db:"consent_by"`
	ContactOn   *time.Time         `db:"contact_on"`
	RevokedOn   *time.Time         `db:"revoked_on"`
	ImportID    *int64             `db:"import_id"`
	Demo        bool               `db:"demo"`
	Version     int                `db:"version"`
	CreatedAt   time.Time          `db:"created_at"`
	UpdatedAt   time.Time          `db:"updated_at"`
	PublishedAt *time.Time         `db:"published_at"`
	Keeper      bool               `db:"keeper"` // the actor keeps the entry, or reads it as staff
}

const expertColumns = `e.id, coalesce(e.org_id, 0) AS org_id, coalesce(o.name, e.org_name) AS org_name, e.name, e.title, e.fields, coalesce(e.tech_field, '') AS tech_field,
	e.expertise, e.region, e.email, e.phone, e.state, e.consent_on, e.consent_by, e.contact_on, e.revoked_on, e.import_id, e.demo, e.version, e.created_at, e.updated_at, e.published_at`

const expertTables = ` FROM experts e LEFT JOIN orgs o ON o.id = e.org_id `

// expertPublic is the condition under which everybody may read an expert e: who has agreed, of an organisation o that is
// verified or of none.
const expertPublic = `(e.state = 'public' AND e.consent_on IS NOT NULL AND (e.org_id IS NULL OR o.state = 'verified'))`

// expertKept is the condition under which an expert e is the actor's to look after: $1 is its organisation, $2 its reach.
var expertKept = `(e.org_id = $1 OR ` + inReach(`$2`, `e.region`) + `)`

// expert strips what the public may not see.
func (r expertRow) expert() market.Expert {
	out := market.Expert{ID: r.ID, OrgID: r.OrgID, OrgName: r.OrgName, Name: r.Name, Title: r.Title, Fields: r.Fields, TechField: r.TechField,
		Expertise: r.Expertise, Region: r.Region, State: r.State, ConsentOn: dayOf(r.ConsentOn), ConsentBy: r.ConsentBy, ContactOn: dayOf(r.ContactOn),
		Demo: r.Demo, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, PublishedAt: r.PublishedAt}
	if r.Keeper || r.ContactOn != nil {
		out.Email, out.Phone = r.Email, r.Phone
	}
	if r.Keeper {
		out.RevokedOn, out.ImportID = dayOf(r.RevokedOn), r.ImportID
	}
	return out
}

// dayOf is a stored date in the market's time zone.
func dayOf(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, market.Shanghai)
	return &day
}

// optionalDate stores a day, NULL for none.
func optionalDate(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := dateText(*t)
	return &text
}

// Expert returns an expert that the actor may see, and whether the actor looks after the entry: its organisation's people,
// reviewers of its county; auditors read it too.
func (r Queries) Expert(ctx context.Context, a market.Actor, id int64) (market.Expert, error) {
	var row expertRow
	err := r.get(ctx, &row, `SELECT `+expertColumns+`, coalesce(`+expertKept+`, false) AS keeper`+expertTables+`WHERE e.id = $3 AND (`+expertPublic+` OR `+expertKept+`)`,
		a.OwnOrg(), reviewReach(a), id)
	return row.expert(), err
}

// KeepsExpert reports whether the actor may change an entry: an editor of its organisation, or a reviewer of its county.
func KeepsExpert(a market.Actor, e market.Expert) bool {
	return e.OrgID != 0 && e.OrgID == a.OwnOrg() && a.May(market.ScopeOwn) || a.Reaches(e.Region, market.Reviewer)
}

// LockExpert locks an entry for a change by who looks after it.
func (t *Tx) LockExpert(ctx context.Context, a market.Actor, id int64) (market.Expert, error) {
	var row expertRow
	err := t.get(ctx, &row, `SELECT `+expertColumns+`, true AS keeper`+expertTables+`WHERE e.id = $3 AND `+expertKept+` FOR UPDATE OF e`, a.OwnOrg(), a.Reach(market.Reviewer), id)
	return row.expert(), err
}

// LockOwnExpert locks the entry that is about the actor: it bears the address of the account, which must be confirmed.
func (t *Tx) LockOwnExpert(ctx context.Context, a market.Actor, id int64) (market.Expert, error) {
	var row expertRow
	err := t.get(ctx, &row, `SELECT `+expertColumns+`, true AS keeper`+expertTables+`JOIN users u ON u.email = e.email AND u.email_confirmed_at IS NOT NULL AND u.state = 'active'
		WHERE e.id = $2 AND u.id = $1 FOR UPDATE OF e`, a.UserID, id)
	return row.expert(), err
}

// ExpertsAbout lists the entries about a person: those that bear the confirmed address of the account.
func (r Queries) ExpertsAbout(ctx context.Context, userID int64) ([]market.Expert, error) {
	var rows []expertRow
	err := r.all(ctx, &rows, `SELECT `+expertColumns+`, true AS keeper`+expertTables+`JOIN users u ON u.email = e.email AND u.email_confirmed_at IS NOT NULL
		WHERE u.id = $1 ORDER BY e.id`, userID)
	return expertsOf(rows), err
}

func expertsOf(rows []expertRow) []market.Expert {
	out := make([]market.Expert, len(rows))
	for i, r := range rows {
		out[i] = r.expert()
	}
	return out
}

// Directory narrows a public directory. Empty parts do not.
type Directory struct {
	Text      string // part of a name, or of what is known of it
	County    string
	Submarket string
}

// narrow adds the conditions of a directory to a query; the names are the columns of its place and its fields.
func (d Directory) narrow(where string, args []any, region, inSubmarket string, texts ...string) (string, []any) {
	add := func(on bool, sql string, arg string) {
		if on {
			args = append(args, arg)
			where += ` AND ` + strings.ReplaceAll(sql, `?`, fmt.Sprintf(`$%d`, len(args)))
		}
	}
	for i, text := range texts {
		texts[i] = `position(lower(?) IN lower(` + text + `)) > 0`
	}
	add(d.Text != "", `(`+strings.Join(texts, ` OR `)+`)`, d.Text)
	add(d.County != "", region+` = ?`, d.County)
	add(d.Submarket != "", inSubmarket, d.Submarket)
	return where, args
}

// Experts lists public experts by name, with their number.
func (r Queries) Experts(ctx context.Context, d Directory, page Slice) ([]market.Expert, int, error) {
	where, args := d.narrow(expertPublic, nil, `e.region`, `e.fields && ARRAY(SELECT code FROM fields WHERE submarket = ?)`,
		`e.name`, `coalesce(o.name, e.org_name)`, `e.title`, `e.expertise`)
	return r.expertPage(ctx, `false`, where, args, `e.name COLLATE "C", e.id`, page)
}

func (r Queries) expertPage(ctx context.Context, keeper, where string, args []any, order string, page Slice) ([]market.Expert, int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*)`+expertTables+`WHERE `+where, args...); err != nil {
		return nil, 0, err
	}
	args = append(args, page.Limit, page.Offset)
	var rows []expertRow
	err := r.all(ctx, &rows, `SELECT `+expertColumns+`, `+keeper+` AS keeper`+expertTables+`WHERE `+where+
		fmt.Sprintf(` ORDER BY %s LIMIT $%d OFFSET $%d`, order, len(args)-1, len(args)), args...)
	return expertsOf(rows), total, err
}

// KeptExperts lists the entries that the actor looks after, the newest first: those of its organisation and, for a reviewer,
// those of its county. state "" is any.
func (r Queries) KeptExperts(ctx context.Context, a market.Actor, state market.ExpertState, text string, page Slice) ([]market.Expert, int, error) {
	where, args := Directory{Text: text}.narrow(expertKept+` AND ($3 = '' OR e.state = $3)`, []any{a.OwnOrg(), a.Reach(market.Reviewer), state}, ``, ``,
		`e.name`, `coalesce(o.name, e.org_name)`, `e.expertise`)
	return r.expertPage(ctx, `true`, where, args, `e.id DESC`, page)
}

// ExpertCounts counts the entries that the actor looks after by their state.
func (r Queries) ExpertCounts(ctx context.Context, a market.Actor) (map[market.ExpertState]int, error) {
	var rows []struct {
		State market.ExpertState `db:"state"`
		N     int                `db:"n"`
	}
	err := r.all(ctx, &rows, `SELECT e.state, count(*) AS n`+expertTables+`WHERE `+expertKept+` GROUP BY e.state`, a.OwnOrg(), a.Reach(market.Reviewer))
	out := map[market.ExpertState]int{}
	for _, row := range rows {
		out[row.State] = row.N
	}
	return out, err
}

// CreateExpert adds an entry and returns its id.
func (t *Tx) CreateExpert(ctx context.Context, a market.Actor, e market.Expert, at time.Time) (int64, error) {
	var id int64
	err := t.get(ctx, &id, `INSERT INTO experts (org_id, org_name, name, title, fields, tech_field, expertise, region, email, phone, consent_on, consent_by, contact_on,
			created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) RETURNING id`,
		optionalID(e.OrgID), typedOrgName(e), e.Name, e.Title, stringArray(nonNil(e.Fields)), optional(e.TechField), e.Expertise, e.Region, e.Email, e.Phone,
		optionalDate(e.ConsentOn), e.ConsentBy, optionalDate(e.ContactOn), optionalID(a.UserID), at)
	return id, err
}

// typedOrgName is the name that is stored with an expert: none where the organisation has it.
func typedOrgName(e market.Expert) string {
	if e.OrgID != 0 {
		return ""
	}
	return e.OrgName
}

// UpdateExpert stores an entry if it is still at that version.
func (t *Tx) UpdateExpert(ctx context.Context, e market.Expert, at time.Time) error {
	return t.execOne(ctx, `UPDATE experts SET org_id = $3, org_name = $4, name = $5, title = $6, fields = $7, tech_field = $8, expertise = $9, region = $10, email = $11, phone = $12,
			consent_on = $13, consent_by = $14, contact_on = $15, version = version + 1, updated_at = $16 WHERE id = $1 AND version = $2`,
		e.ID, e.Version, optionalID(e.OrgID), typedOrgName(e), e.Name, e.Title, stringArray(nonNil(e.Fields)), optional(e.TechField), e.Expertise, e.Region, e.Email, e.Phone,
		optionalDate(e.ConsentOn), e.ConsentBy, optionalDate(e.ContactOn), at)
}

// MoveExpert changes the state if it is still the expected one.
func (t *Tx) MoveExpert(ctx context.Context, id int64, from, to market.ExpertState, at time.Time) error {
	return t.execOne(ctx, `UPDATE experts SET state = $3, version = version + 1, updated_at = $4, published_at = CASE WHEN $3 = 'public' THEN $4 ELSE published_at END
		WHERE id = $1 AND state = $2`, id, from, to, at)
}

// SetExpertConsent stores what the person of an entry has agreed to, or taken back.
func (t *Tx) SetExpertConsent(ctx context.Context, e market.Expert, at time.Time) error {
	return t.execOne(ctx, `UPDATE experts SET state = $3, consent_on = $4, consent_by = $5, contact_on = $6, revoked_on = $7, version = version + 1, updated_at = $8,
			published_at = CASE WHEN $3 = 'public' AND state <> 'public' THEN $8 ELSE published_at END WHERE id = $1 AND version = $2`,
		e.ID, e.Version, e.State, optionalDate(e.ConsentOn), e.ConsentBy, optionalDate(e.ContactOn), optionalDate(e.RevokedOn), at)
}

// DeleteExpert removes an entry that is not public.
func (t *Tx) DeleteExpert(ctx context.Context, id int64) error {
	return t.execOne(ctx, `DELETE FROM experts WHERE id = $1 AND state <> 'public'`, id)
}

// ExpertKeepers are the verified universities and institutes by their names: all of them, or those of that name.
func (r Queries) ExpertKeepers(ctx context.Context, name string) (map[string]int64, error) {
	var rows []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	err := r.all(ctx, &rows, `SELECT id, name FROM orgs WHERE state = 'verified' AND type IN ('university', 'institute') AND ($1 = '' OR name = $1) ORDER BY id DESC`, name)
	out := map[string]int64{}
	for _, row := range rows {
		out[row.Name] = row.ID
	}
	return out, err
}

// Institution is a university or an institute in its directory.
type Institution struct {
	ID      int64          `db:"id"`
	Name    string         `db:"name"`
	Type    market.OrgType `db:"type"`
	Region  string         `db:"region"`
	About   string         `db:"about"`
	Demo    bool           `db:"demo"`
	Since   time.Time      `db:"verified_at"`
	Results int            `db:"results"` // public under its name
	Deals   int            `db:"deals"`   // agreed or contracted
	Experts int            `db:"experts"` // public
}

// Institutions lists verified universities and institutes, those with most public results first, with their number.
func (r Queries) Institutions(ctx context.Context, d Directory, page Slice) ([]Institution, int, error) {
	where, args := d.narrow(`o.state = 'verified' AND o.type IN ('university', 'institute')`, nil, `o.region`,
		`EXISTS (SELECT 1 FROM listings l WHERE l.org_id = o.id AND l.kind = 'result' AND l.state = 'published' AND NOT l.hide_org AND l.submarket = ?)`, `o.name`, `o.about`)
	var out []Institution
	total, err := r.orgPage(ctx, &out, `(SELECT count(*) FROM listings l WHERE l.org_id = o.id AND l.kind = 'result' AND l.state = 'published' AND NOT l.hide_org) AS results,
		(SELECT count(*) FROM deals d WHERE o.id IN (d.seller_org, d.buyer_org) AND d.state <> 'fallen_through') AS deals,
		(SELECT count(*) FROM experts e WHERE e.org_id = o.id AND e.state = 'public' AND e.consent_on IS NOT NULL) AS experts`, where, args, `results DESC, o.name COLLATE "C", o.id`, page)
	return out, total, err
}

// orgPage reads a page of organisations o of a directory with these further columns.
func (r Queries) orgPage(ctx context.Context, dest any, columns, where string, args []any, order string, page Slice) (int, error) {
	var total int
	if err := r.get(ctx, &total, `SELECT count(*) FROM orgs o WHERE `+where, args...); err != nil {
		return 0, err
	}
	args = append(args, page.Limit, page.Offset)
	return total, r.all(ctx, dest, `SELECT o.id, o.name, o.type, o.region, o.about, o.demo, o.verified_at, `+columns+` FROM orgs o WHERE `+where+
		fmt.Sprintf(` ORDER BY %s LIMIT $%d OFFSET $%d`, order, len(args)-1, len(args)), args...)
}

// AgencyEntry is an agency in its directory.
type AgencyEntry struct {
	ID     int64          `db:"id"`
	Name   string         `db:"name"`
	Type   market.OrgType `db:"type"`
	Region string         `db:"region"`
	About  string         `db:"about"`
	Demo   bool           `db:"demo"`
	Since  time.Time      `db:"verified_at"`
	AgencyRecord
	People stringArray `db:"people"` // names of those who have agreed to be shown
}

// AgencyEntries lists verified agencies, those with most deals first, with their number. Counts are as of that day.
func (r Queries) AgencyEntries(ctx context.Context, d Directory, day time.Time, page Slice) ([]AgencyEntry, int, error) {
	where, args := d.narrow(`o.state = 'verified' AND o.type = 'agency'`, nil, `o.region`, ``, `o.name`, `o.about`)
	var out []AgencyEntry
	on := `'` + dateText(day) + `'::date`
	total, err := r.orgPage(ctx, &out, agencyMandates(`o.id`, on)+` AS mandates, `+agencyDeals(`o.id`)+` AS deals,
		ARRAY(SELECT u.name`+agencyPeople(`o.id`)+`) AS people`, where, args, `deals DESC, mandates DESC, o.name COLLATE "C", o.id`, page)
	return out, total, err
}
