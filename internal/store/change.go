package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// ListingChanged appends to the change log that every search index follows.
func (t *Tx) ListingChanged(ctx context.Context, ids ...int64) error {
	return t.exec(ctx, `INSERT INTO listing_changes (listing_id) SELECT unnest($1::bigint[])`, int64Array(ids))
}

// OrgListingsChanged appends every published listing of an organisation to the change log, for a change of its name
// or state.
func (t *Tx) OrgListingsChanged(ctx context.Context, orgID int64) error {
	return t.exec(ctx, `INSERT INTO listing_changes (listing_id) SELECT id FROM listings WHERE org_id = $1 AND state IN ('published', 'matched')`, orgID)
}

// PublishedOf lists the published listings of an organisation.
func (r Queries) PublishedOf(ctx context.Context, orgID int64) ([]int64, error) {
	var out []int64
	err := r.all(ctx, &out, `SELECT id FROM listings WHERE org_id = $1 AND state = 'published' ORDER BY id`, orgID)
	return out, err
}

// Change is an entry of the change log. Final means that no transaction still under way can add an entry before it.
type Change struct {
	Seq       int64 `db:"seq"`
	ListingID int64 `db:"listing_id"`
	Final     bool  `db:"final"`
}

// Changes returns entries after the position, in order. A follower acts on all of them but keeps as its new position
// only the last one before which all are Final: an earlier entry may still commit later.
func (r Queries) Changes(ctx context.Context, after int64, limit int) ([]Change, error) {
	var out []Change
	err := r.all(ctx, &out, `SELECT seq, listing_id, xid < pg_snapshot_xmin(pg_current_snapshot()) AS final
		FROM listing_changes WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
	return out, err
}

// LastChange is the newest position of the change log from which a rebuild may start: all entries up to it are final.
func (r Queries) LastChange(ctx context.Context) (int64, error) {
	var seq int64
	err := r.get(ctx, &seq, `SELECT coalesce((SELECT min(seq) - 1 FROM listing_changes WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())),
		(SELECT max(seq) FROM listing_changes), 0)`)
	return seq, err
}

type documentRow struct {
	ID          int64               `db:"id"`
	Kind        market.Kind         `db:"kind"`
	Title       string              `db:"title"`
	Submarket   *string             `db:"submarket"`
	TechField   *string             `db:"tech_field"`
	Region      *string             `db:"region"`
	Modes       stringArray         `db:"modes"`
	Fields      stringArray         `db:"fields"`
	OrgName     string              `db:"org_name"`
	Verified    bool                `db:"verified"`
	PublishedAt time.Time           `db:"published_at"`
	ConfirmedAt time.Time           `db:"confirmed_at"`
	ValidUntil  time.Time           `db:"valid_until"`
	Version     int64               `db:"version"`
	Problem     *string             `db:"problem"`
	Background  *string             `db:"background"`
	Partner     *string             `db:"partner"`
	Indicators  string              `db:"indicators"`
	Deadline    *time.Time          `db:"deadline"`
	Summary     *string             `db:"summary"`
	Solved      *string             `db:"solved"`
	Advantage   *string             `db:"advantage"`
	Economics   *string             `db:"economics"`
	Cases       *string             `db:"cases"`
	Evidence    *string             `db:"evidence"`
	IPs         string              `db:"ips"`
	Stage       *string             `db:"stage"`
	TRLMin      *int                `db:"trl_min"`
	TRLMax      *int                `db:"trl_max"`
	PriceMethod *string             `db:"price_method"`
	PriceKind   market.PriceKind    `db:"price_kind"`
	PriceMin    decimal.NullDecimal `db:"price_min"`
	PriceMax    decimal.NullDecimal `db:"price_max"`
}

// documentQuery names public columns only: gated detail and contacts live in columns and tables it does not name.
// Listings of a suspended organisation leave the search until it is resumed.
const documentQuery = `SELECT l.id, l.kind, l.title, l.submarket, l.tech_field, l.region, l.modes,
		ARRAY(SELECT f.field FROM listing_fields f WHERE f.listing_id = l.id ORDER BY f.position) AS fields,
		CASE WHEN l.hide_org THEN '' ELSE o.name END AS org_name, o.state = 'verified' AS verified,
		l.published_at, l.confirmed_at, l.valid_until, l.version,
		n.problem, n.background, n.partner, n.deadline,
		coalesce((SELECT string_agg(concat_ws(' ', i.name, i.now_value, i.target_value, i.unit), '；' ORDER BY i.position)
			FROM need_indicators i WHERE i.listing_id = l.id), '') AS indicators,
		r.summary, r.problem AS solved, r.advantage, r.economics, r.evidence, r.cases, r.stage, r.trl_min, r.trl_max, r.price_method,
		coalesce((SELECT string_agg(concat_ws(' ', p.title, p.number), '；' ORDER BY p.position)
			FROM result_ips p WHERE p.listing_id = l.id), '') AS ips,
		coalesce(n.budget_kind, r.price_kind) AS price_kind, coalesce(n.budget_min, r.price_min) AS price_min, coalesce(n.budget_max, r.price_max) AS price_max
	FROM listings l JOIN orgs o ON o.id = l.org_id
	LEFT JOIN needs n ON n.listing_id = l.id LEFT JOIN results r ON r.listing_id = l.id
	WHERE l.state = 'published' AND o.state <> 'suspended'`

func (d documentRow) document() market.Document {
	doc := market.Document{
		ID: d.ID, Kind: d.Kind, Title: d.Title, Submarket: deref(d.Submarket), TechField: deref(d.TechField), County: deref(d.Region),
		Fields: d.Fields, Modes: d.Modes, OrgName: d.OrgName, Verified: d.Verified,
		PublishedAt: d.PublishedAt, ConfirmedAt: d.ConfirmedAt, ValidUntil: d.ValidUntil, Version: d.Version,
		Stage: deref(d.Stage), PriceMethod: deref(d.PriceMethod),
		PriceMin: d.PriceMin.Decimal, PriceMax: d.PriceMax.Decimal, PriceOpen: d.PriceKind == market.PriceOpen,
		Body: joinText(deref(d.Problem), deref(d.Background), d.Indicators, deref(d.Partner),
			deref(d.Summary), deref(d.Solved), deref(d.Advantage), deref(d.Economics), deref(d.Evidence), deref(d.Cases), d.IPs),
	}
	if d.TRLMin != nil && d.TRLMax != nil {
		doc.TRLMin, doc.TRLMax = *d.TRLMin, *d.TRLMax
	}
	if d.Deadline != nil {
		doc.Deadline = *d.Deadline
	}
	return doc
}

// Documents returns the searchable face of those ids that are published now.
func (r Queries) Documents(ctx context.Context, ids []int64) ([]market.Document, error) {
	var rows []documentRow
	if err := r.often(ctx, &rows, documentQuery+` AND l.id = ANY($1) ORDER BY array_position($1, l.id)`, int64Array(ids)); err != nil {
		return nil, err
	}
	out := make([]market.Document, len(rows))
	for i, row := range rows {
		out[i] = row.document()
	}
	return out, nil
}

const documentPage = 500

// AllDocuments goes through every published listing in the order of ids, a page at a time. The page's ids come first, of all
// listings, for Documents knows which are published: asked for at once, PostgreSQL would go through all needs and results
// before the page.
func (r Queries) AllDocuments(ctx context.Context) iter.Seq2[market.Document, error] {
	return func(yield func(market.Document, error) bool) {
		for after := int64(0); ; {
			var ids []int64
			if err := r.all(ctx, &ids, `SELECT id FROM listings WHERE id > $1 ORDER BY id LIMIT $2`, after, documentPage); err != nil {
				yield(market.Document{}, err)
				return
			}
			docs, err := r.Documents(ctx, ids)
			if err != nil {
				yield(market.Document{}, err)
				return
			}
			for _, d := range docs {
				if !yield(d, nil) {
					return
				}
			}
			if len(ids) < documentPage {
				return
			}
			after = ids[len(ids)-1]
		}
	}
}

// followLock is the advisory lock of the one that follows the change log for an index that all processes share; any
// number of our own serves.
const followLock = 360803

// FollowingAlone runs fn while no other process follows the change log for the shared index. It waits for the one that
// does. The lock ends with the connection, so that of a process that died none is left.
func (s *Store) FollowingAlone(ctx context.Context, fn func(context.Context) error) (err error) {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, followLock); err != nil {
		return err
	}
	defer func() {
		_, unlocked := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, followLock)
		err = errors.Join(err, unlocked)
	}()
	return fn(ctx)
}
