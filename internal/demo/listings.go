package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// listed is a loaded listing, as inquiries and contracts need it.
type listed struct {
	id        int64
	kind      market.Kind
	state     market.ListingState
	org       int // index in loader.orgs
	title     string
	submarket string
	field     string
	price     decimal.Decimal // yuan; zero when open
	published time.Time
}

// stateOf spreads the states over a list: nearly all published, and some of every other state.
func stateOf(i int) market.ListingState {
	switch i % 54 {
	case 9:
		return market.InReview
	case 16:
		if i/54%2 == 0 {
			return market.Returned
		}
		return market.Draft
	case 23:
		return [...]market.ListingState{market.Expired, market.Withdrawn, market.Closed}[i/54%3]
	}
	return market.Published
}

func (l *loader) loadListings(ctx context.Context, needs []needText, results []resultText) ([]listed, error) {
	r := &listingRows{loader: l}
	ids, err := l.tx.TakeIDs(ctx, "listings", len(needs)+len(results))
	if err != nil {
		return nil, err
	}
	for i, n := range needs {
		if err := r.addNeed(ids[i], i, len(needs), n); err != nil {
			return nil, err
		}
	}
	for i, x := range results {
		if err := r.addResult(ids[len(needs)+i], i, len(results), x); err != nil {
			return nil, err
		}
	}
	return r.all, r.write(ctx, len(needs), len(results))
}

// listingRows gathers the rows of every table that listings need.
type listingRows struct {
	*loader
	all                                                                    []listed
	listings, fields, gates, needs, indicators, results, ips, views, moves [][]any
}

func (r *listingRows) write(ctx context.Context, needs, results int) error {
	year := r.today.Year()
	for kind, n := range map[market.Kind]int{market.KindNeed: needs, market.KindResult: results} {
		if _, err := r.tx.TakeNumbers(ctx, service.NumberPrefix[kind], year, n); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"listings", []string{"id", "kind", "number", "org_id", "state", "title", "submarket", "tech_field", "region", "modes", "hide_org",
			"secrecy_confirmed", "contact_name", "contact_phone", "submitted_at", "published_at", "confirmed_at", "valid_until", "return_codes",
			"return_note", "created_by", "created_at", "updated_at"}, r.listings},
		{"listing_fields", []string{"listing_id", "field", "position"}, r.fields},
		{"listing_gates", []string{"listing_id", "detail"}, r.gates},
		{"needs", []string{"listing_id", "problem", "background", "budget_kind", "budget_min", "budget_max", "deadline", "ownership", "partner"}, r.needs},
		{"need_indicators", []string{"listing_id", "position", "name", "now_value", "target_value", "unit", "method"}, r.indicators},
		{"results", []string{"listing_id", "summary", "problem", "advantage", "economics", "stage", "trl_min", "trl_max", "price_method", "price_kind",
			"price_min", "price_max", "inventors", "cases", "evidence"}, r.results},
		{"result_ips", []string{"listing_id", "position", "type", "number", "title", "status", "filed_on", "granted_on"}, r.ips},
		{"listing_views", []string{"listing_id", "day", "views"}, r.views},
		{"moves", []string{"object_kind", "object_id", "move", "from_state", "to_state", "user_id", "org_id", "at", "code", "note"}, r.moves},
	} {
		if err := r.tx.Copy(ctx, t.table, t.columns, t.rows); err != nil {
			return fmt.Errorf("%s: %w", t.table, err)
		}
	}
	return nil
}

// common adds what needs and results share. age is how many days ago it was submitted.
func (r *listingRows) common(id int64, i int, kind market.Kind, orgName, title, submarket string, fieldCodes, modes []string, hide bool, gated string, age int) (listed, error) {
	index, ok := r.byOrg[orgName]
	if !ok {
		return listed{}, fmt.Errorf("%q: no such organisation %q", title, orgName)
	}
	o := r.orgs[index]
	x := listed{id: id, kind: kind, state: stateOf(i), org: index, title: title, submarket: submarket, field: fieldCodes[0]}
	submitted := r.workHour(age)
	codes, note := []string{}, ""
	if x.state == market.InReview {
		submitted = r.workHour(r.rnd.IntN(2))
	}
	if x.state == market.Returned {
		codes, note = []string{"N2"}, "第 2 项指标没有检验方法，请写明标准或取样办法；其余合格"
	}
	var submittedAt, publishedAt, confirmedAt, validUntil any
	if x.state != market.Draft {
		submittedAt = submitted
	}
	updated := submitted
	if wasPublished(x.state) {
		x.published = r.workHour(age - 1)
		months := int(r.ref.Parameter(string(kind)+"_valid_months", r.today))
		confirmed := x.published.AddDate(0, 0, r.rnd.IntN(age+1))
		if x.state != market.Published || confirmed.After(r.now) {
			confirmed = x.published
		}
		until := market.DateOf(confirmed).AddDate(0, months, 0)
		if x.state == market.Expired {
			until = r.today.AddDate(0, 0, -5)
		}
		publishedAt, confirmedAt, validUntil, updated = x.published, confirmed, until, confirmed
		r.addViews(id, x.published)
	}
	number := store.FormatNumber(service.NumberPrefix[kind], r.today.Year(), i+1)
	r.listings = append(r.listings, []any{id, kind, number, o.id, x.state, title, submarket, market.SubmarketTechField[submarket], o.text.County,
		pq.StringArray(modes), hide, true, r.personName(), "138" + fmt.Sprintf("%08d", 79000000+id*211%900000), submittedAt, publishedAt, confirmedAt, validUntil,
		pq.StringArray(codes), note, o.user, submitted.Add(-2 * time.Hour), updated})
	for p, f := range fieldCodes {
		r.fields = append(r.fields, []any{id, f, p + 1})
	}
	if gated != "" {
		r.gates = append(r.gates, []any{id, gated})
	}
	r.addMoves(x, o, submitted, note)
	return x, nil
}

func wasPublished(s market.ListingState) bool {
	return s == market.Published || s == market.Expired || s == market.Withdrawn || s == market.Closed
}

// addViews spreads views over the last ten weeks.
func (r *listingRows) addViews(id int64, published time.Time) {
	for day := r.today; !day.Before(market.DateOf(published)) && day.After(r.today.AddDate(0, 0, -70)); day = day.AddDate(0, 0, -1) {
		if n := r.rnd.IntN(6); n > 0 {
			r.views = append(r.views, []any{id, day, n})
		}
	}
}

// addMoves writes the history that leads to the listing's state.
func (r *listingRows) addMoves(x listed, o org, submitted time.Time, note string) {
	reviewer := r.staff["reviewer@example.com"]
	add := func(move string, from, to market.ListingState, user, orgID any, at time.Time, code, note string) {
		r.moves = append(r.moves, []any{string(x.kind), x.id, move, from, to, user, orgID, at, code, note})
	}
	add("create", "", market.Draft, o.user, o.id, submitted.Add(-2*time.Hour), "", "")
	if x.state == market.Draft {
		return
	}
	add("submit", market.Draft, market.InReview, o.user, o.id, submitted, "", "")
	switch {
	case x.state == market.Returned:
		add("return", market.InReview, market.Returned, reviewer, nil, submitted.Add(5*time.Hour), "N2", note)
	case wasPublished(x.state):
		add("publish", market.InReview, market.Published, reviewer, nil, x.published, "", "")
	}
	last := x.published.AddDate(0, 0, 9)
	if last.After(r.now) {
		last = r.now.Add(-time.Hour)
	}
	switch x.state {
	case market.Expired:
		add("expire", market.Published, market.Expired, nil, nil, last, "", "")
	case market.Withdrawn:
		add("withdraw", market.Published, market.Withdrawn, o.user, o.id, last, "", "")
	case market.Closed:
		add("close", market.Published, market.Closed, o.user, o.id, last, "", "")
	}
}

func (r *listingRows) addNeed(id int64, i, total int, n needText) error {
	age := 1 + i*150/total
	x, err := r.common(id, i, market.KindNeed, n.Org, n.Title, n.submarket, fields(n.Field, n.Also), n.Modes, n.HideOrg, n.Gated, age)
	if err != nil {
		return err
	}
	low, high, err := amounts(n.Title, n.BudgetMin, n.BudgetMax)
	if err != nil {
		return err
	}
	x.price = low.Decimal
	deadline := r.today.AddDate(0, n.DeadlineMonths, -i%25)
	r.needs = append(r.needs, []any{id, n.Problem, n.Background, n.BudgetKind, low, high, deadline, n.Ownership, n.Partner})
	for p, row := range n.Indicators {
		r.indicators = append(r.indicators, []any{id, p + 1, row.Name, row.Now, row.Target, row.Unit, row.Method})
	}
	r.all = append(r.all, x)
	return nil
}

func (r *listingRows) addResult(id int64, i, total int, t resultText) error {
	age := 1 + i*300/total
	x, err := r.common(id, i, market.KindResult, t.Org, t.Title, t.submarket, fields(t.Field, t.Also), t.Modes, false, t.Gated, age)
	if err != nil {
		return err
	}
	low, high, err := amounts(t.Title, t.PriceMin, t.PriceMax)
	if err != nil {
		return err
	}
	x.price = low.Decimal
	r.results = append(r.results, []any{id, t.Summary, t.Problem, t.Advantage, t.Economics, t.Stage, t.TRLMin, t.TRLMax, t.PriceMethod, t.PriceKind,
		low, high, joinNames(t.Inventors), t.Cases, t.Evidence})
	for p, ip := range t.IPs {
		serial := int(id)*7 + p
		filed, granted := r.ipDates(ip, serial)
		r.ips = append(r.ips, []any{id, p + 1, ip.Type, patentNumber(ip, serial), ip.Title, ip.Status, filed, granted})
	}
	r.all = append(r.all, x)
	return nil
}

// patentNumber invents a number with a right check digit; rights other than patents carry none.
func patentNumber(ip ipText, serial int) string {
	kinds := map[string]byte{"invention": '1', "utility": '2', "design": '3'}
	kind, ok := kinds[ip.Type]
	if !ok {
		return ""
	}
	return string(market.MakePatentNumber(ip.Year, kind, serial))
}

// ipDates invents the dates of patents in the year of their number.
func (r *listingRows) ipDates(ip ipText, serial int) (filed, granted *time.Time) {
	months, ok := map[string]int{"invention": 20, "utility": 8, "design": 8}[ip.Type]
	if !ok {
		return nil, nil
	}
	day := time.Date(ip.Year, time.Month(1+serial%12), 1+serial%28, 0, 0, 0, 0, market.Shanghai)
	if day.After(r.today) {
		day = time.Date(ip.Year, time.January, 1, 0, 0, 0, 0, market.Shanghai)
	}
	if grant := day.AddDate(0, months, 0); ip.Status != "pending" && !grant.After(r.today) {
		granted = &grant
	}
	return &day, granted
}

// amounts reads figures of 万元 as yuan; an empty one is NULL.
func amounts(title, low, high string) (a, b decimal.NullDecimal, err error) {
	for _, p := range []struct {
		text string
		dest *decimal.NullDecimal
	}{{low, &a}, {high, &b}} {
		if p.text == "" {
			continue
		}
		d, err := market.ParseMoney(p.text, market.WanYuan)
		if err != nil {
			return a, b, fmt.Errorf("%q: %w", title, err)
		}
		*p.dest = decimal.NewNullDecimal(d)
	}
	return a, b, nil
}
