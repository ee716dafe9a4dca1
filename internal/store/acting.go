package store

import (
	"context"
	"time"

	"techmarket/internal/market"
)

type actorRow struct {
	Name       string          `db:"name"`
	Pending    bool            `db:"pending"`
	Recommend  bool            `db:"recommend"`
	Duties     stringArray     `db:"duties"`
	County     string          `db:"county"`
	OrgID      *int64          `db:"org_id"`
	OrgName    string          `db:"org_name"`
	OrgType    market.OrgType  `db:"org_type"`
	OrgState   market.OrgState `db:"org_state"`
	Role       market.Role     `db:"role"`
	AgencyID   int64           `db:"agency_id"`
	AgencyName string          `db:"agency_name"`
	Scopes     stringArray     `db:"scopes"`
}

func (r actorRow) actor(userID int64) market.Actor {
	a := market.Actor{UserID: userID, UserName: r.Name, EmailPending: r.Pending, NoRecommend: !r.Recommend, County: r.County}
	for _, d := range r.Duties {
		a.Duties = append(a.Duties, market.Duty(d))
	}
	if r.OrgID != nil {
		a.OrgID, a.OrgName, a.OrgType, a.OrgState, a.Role = *r.OrgID, r.OrgName, r.OrgType, r.OrgState, r.Role
	}
	a.AgencyID, a.AgencyName, a.Scopes = r.AgencyID, r.AgencyName, scopesOf(r.Scopes)
	return a
}

// actorColumns are of a user u, who belongs to organisation o with role m.role.
const actorColumns = `u.name, u.email_confirmed_at IS NULL AS pending, u.recommend, ARRAY(SELECT duty FROM duties d WHERE d.user_id = u.id ORDER BY duty) AS duties, coalesce(u.county, '') AS county, o.id AS org_id,
	coalesce(o.name, '') AS org_name, coalesce(o.type, '') AS org_type, coalesce(o.state, '') AS org_state, coalesce(m.role, '') AS role`

// Actor builds the actor of a signed-in user. orgID chooses among the user's own organisations, 0 the earliest joined;
// an organisation the user has left is not chosen. A user that is not active is market.ErrNotFound.
func (r Queries) Actor(ctx context.Context, userID, orgID int64) (market.Actor, error) {
	var row actorRow
	err := r.oftenOne(ctx, &row, `SELECT `+actorColumns+`
		FROM users u
		LEFT JOIN members m ON m.user_id = u.id
		LEFT JOIN orgs o ON o.id = m.org_id
		WHERE u.id = $1 AND u.state = 'active'
		ORDER BY (m.org_id = $2) DESC NULLS LAST, m.created_at, m.org_id LIMIT 1`, userID, orgID)
	return row.actor(userID), err
}

// mandateInForce is the rule under which an agency's person acts for a client on day $2: d is the mandate, m the
// person's place in the agency, g the agency, o the client. It is asked at each request, so that whatever ends a mandate
// ends it at once.
const mandateInForce = `(d.state = 'active' AND $2::date BETWEEN d.starts_on AND d.ends_on AND m.role IN ('owner', 'editor')
	AND g.state = 'verified' AND o.state = 'verified')`

// MandateActor builds the actor of a signed-in user who acts for a client of their agency on that day, with the role of
// an editor. Without a mandate in force it is market.ErrNotFound, also for a user who is not active.
func (r Queries) MandateActor(ctx context.Context, userID int64, to market.Acting, day time.Time) (market.Actor, error) {
	var row actorRow
	err := r.oftenOne(ctx, &row, `SELECT `+actorColumns+`, g.id AS agency_id, g.name AS agency_name, d.scopes
		FROM users u JOIN members m ON m.user_id = u.id JOIN orgs g ON g.id = m.org_id
		JOIN mandates d ON d.agency_org = g.id JOIN orgs o ON o.id = d.client_org
		WHERE u.id = $1 AND u.state = 'active' AND d.client_org = $3 AND g.id = $4 AND `+mandateInForce, userID, dateText(day), to.OrgID, to.AgencyID)
	if err != nil {
		return market.Actor{}, err
	}
	a := row.actor(userID)
	a.Role = market.Editor
	return a, nil
}

// Choice is an organisation that a person may act for: their own or, with AgencyID, a client of their agency.
type Choice struct {
	OrgID      int64       `db:"org_id"`
	OrgName    string      `db:"org_name"`
	Role       market.Role `db:"role"` // in their own organisation
	AgencyID   int64       `db:"agency_id"`
	AgencyName string      `db:"agency_name"`
	Scopes     []market.Scope
	EndsOn     *time.Time `db:"ends_on"` // of the mandate
	Inquiries  int        `db:"inquiries"`
	Listings   int        `db:"listings"`
	Contracts  int        `db:"contracts"`
}

// Acting names the choice.
func (c Choice) Acting() market.Acting { return market.Acting{OrgID: c.OrgID, AgencyID: c.AgencyID} }

// Open is how many things wait in what the person sees to.
func (c Choice) Open() int { return c.Inquiries + c.Listings + c.Contracts }

// waitingFor counts what waits for organisation o, within the scopes s.
const waitingFor = `
	CASE WHEN 'negotiate' = ANY(s) THEN (SELECT count(*) FROM inquiries i WHERE i.turn_org = o.id) ELSE 0 END AS inquiries,
	CASE WHEN 'post' = ANY(s) THEN (SELECT count(*) FROM listings l WHERE l.org_id = o.id AND l.state = 'returned') ELSE 0 END AS listings,
	CASE WHEN 'contract' = ANY(s) THEN (SELECT count(*) FROM contracts c WHERE c.seller_org = o.id AND c.state IN ('draft', 'supplement')) ELSE 0 END AS contracts`

// Choices lists for whom a person may act on that day, with what waits there: their own organisations in the order of
// joining, then clients by name.
func (r Queries) Choices(ctx context.Context, userID int64, day time.Time) ([]Choice, error) {
	var rows []struct {
		Choice
		Scopes stringArray `db:"scopes"`
	}
	err := r.all(ctx, &rows, `SELECT x.org_id, o.name AS org_name, x.role, x.agency_id, coalesce(g.name, '') AS agency_name, x.scopes, x.ends_on, `+waitingFor+`
		FROM (SELECT m.org_id, m.role, 0::bigint AS agency_id, '{}'::text[] AS scopes, ARRAY['post', 'negotiate', 'contract'] AS s, NULL::date AS ends_on, m.created_at
				FROM members m WHERE m.user_id = $1
			UNION ALL SELECT d.client_org, '', d.agency_org, d.scopes, d.scopes, d.ends_on, m.created_at
				FROM members m JOIN orgs g ON g.id = m.org_id JOIN mandates d ON d.agency_org = g.id JOIN orgs o ON o.id = d.client_org
				WHERE m.user_id = $1 AND `+mandateInForce+`) x
		JOIN orgs o ON o.id = x.org_id LEFT JOIN orgs g ON g.id = x.agency_id
		ORDER BY x.agency_id <> 0, CASE WHEN x.agency_id = 0 THEN x.created_at END, CASE WHEN x.agency_id = 0 THEN x.org_id END, o.name, x.org_id, x.agency_id`, userID, dateText(day))
	out := make([]Choice, len(rows))
	for i, row := range rows {
		out[i] = row.Choice
		out[i].Scopes = scopesOf(row.Scopes)
	}
	return out, err
}

// ActingFor is how a person may act for an organisation on that day: as one of its own people or, where they are not, through
// their agency. It is market.ErrNotFound where they may not.
func (r Queries) ActingFor(ctx context.Context, userID, orgID int64, day time.Time) (market.Acting, error) {
	to := market.Acting{OrgID: orgID}
	err := r.oftenOne(ctx, &to.AgencyID, `SELECT agency_id FROM (
			SELECT 0::bigint AS agency_id, org_id FROM members WHERE user_id = $1
			UNION ALL SELECT g.id, d.client_org
				FROM members m JOIN orgs g ON g.id = m.org_id JOIN mandates d ON d.agency_org = g.id JOIN orgs o ON o.id = d.client_org
				WHERE m.user_id = $1 AND `+mandateInForce+`) x
		WHERE org_id = $3 ORDER BY agency_id LIMIT 1`, userID, dateText(day), orgID)
	return to, err
}

// HasChoice reports whether a person may act for more than one organisation on that day.
func (r Queries) HasChoice(ctx context.Context, userID int64, day time.Time) (bool, error) {
	var has bool
	err := r.oftenOne(ctx, &has, `SELECT (SELECT count(*) FROM members WHERE user_id = $1) > 1 OR EXISTS (
		SELECT 1 FROM members m JOIN orgs g ON g.id = m.org_id JOIN mandates d ON d.agency_org = g.id JOIN orgs o ON o.id = d.client_org
		WHERE m.user_id = $1 AND `+mandateInForce+`)`, userID, dateText(day))
	return has, err
}

// LastActing is for whom the user acted last, zero when never chosen. It may not be open to them any more.
func (r Queries) LastActing(ctx context.Context, userID int64) (market.Acting, error) {
	var last market.Acting
	err := r.get(ctx, &last, `SELECT coalesce(acting_org, 0) AS org_id, coalesce(acting_agency, 0) AS agency_id FROM users WHERE id = $1`, userID)
	return last, err
}

// SetLastActing remembers for whom the user acts.
func (t *Tx) SetLastActing(ctx context.Context, userID int64, to market.Acting) error {
	return t.execOne(ctx, `UPDATE users SET acting_org = $2, acting_agency = $3 WHERE id = $1`, userID, optionalID(to.OrgID), optionalID(to.AgencyID))
}
