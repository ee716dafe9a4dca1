package store

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// SignalCheck says what the rules point the desk to in one contract; see SignalChecks. ErrNotFound when the actor does not
// read it at the desk.
func (r Queries) SignalCheck(ctx context.Context, a market.Actor, today time.Time, id int64) (market.SignalCheck, error) {
	found, err := r.SignalChecks(ctx, a, today, id)
	if err != nil {
		return market.SignalCheck{}, err
	}
	check, ok := found[id]
	if !ok {
		return market.SignalCheck{}, market.ErrNotFound
	}
	return check, nil
}

// SignalChecks says what the rules point the desk to in those contracts, as they stand today, with the answers that were
// given. For registrars, statisticians and auditors, of the contracts in their reach; the rules look at all contracts, so
// that a county's registrar and the city's see the same, and who shows the evidence leaves out what its reader may not read.
func (r Queries) SignalChecks(ctx context.Context, a market.Actor, today time.Time, ids ...int64) (map[int64]market.SignalCheck, error) {
	out := map[int64]market.SignalCheck{}
	if len(ids) == 0 {
		return out, nil
	}
	facts, err := r.signalFacts(ctx, a, today, ids)
	if err != nil {
		return nil, err
	}
	for _, more := range []func(context.Context, int64Array, map[int64]*market.SignalFacts) error{r.signalOthers, r.signalUsual, r.signalBursts, r.signalAnswers} {
		if err := more(ctx, ids, facts); err != nil {
			return nil, err
		}
	}
	for id, f := range facts {
		out[id] = market.Signals(*f)
	}
	return out, nil
}

// signalFacts reads the contracts with what is known of their parties, and what was due and paid.
func (r Queries) signalFacts(ctx context.Context, a market.Actor, today time.Time, ids int64Array) (map[int64]*market.SignalFacts, error) {
	var rows []struct {
		contractRow
		SellerRep     string          `db:"seller_rep"`
		SellerAddress string          `db:"seller_address"`
		SellerPhone   string          `db:"seller_phone"`
		BuyerRep      string          `db:"buyer_rep"`
		BuyerAddress  string          `db:"buyer_address"`
		BuyerPhone    string          `db:"buyer_phone"`
		KnownSeller   string          `db:"known_seller_rep"`
		KnownSellerAt string          `db:"known_seller_address"`
		KnownBuyer    string          `db:"known_buyer_rep"`
		KnownBuyerAt  string          `db:"known_buyer_address"`
		Due           decimal.Decimal `db:"due"`
		Paid          decimal.Decimal `db:"paid"`
		Payments      int             `db:"payments"`
		People        stringArray     `db:"people"`
	}
	err := r.all(ctx, &rows, `SELECT `+contractColumns+`,
			coalesce(s.legal_rep, '') AS seller_rep, coalesce(s.address, '') AS seller_address, coalesce(s.phone, '') AS seller_phone,
			coalesce(b.legal_rep, '') AS buyer_rep, coalesce(b.address, '') AS buyer_address, coalesce(b.phone, '') AS buyer_phone,
			coalesce(so.legal_rep, '') AS known_seller_rep, coalesce(so.address, '') AS known_seller_address,
			coalesce(bo.legal_rep, '') AS known_buyer_rep, coalesce(bo.address, '') AS known_buyer_address,
			coalesce((SELECT sum(i.amount) FROM contract_instalments i WHERE i.contract_id = c.id AND i.due_on < $3), 0) AS due,
			coalesce(y.paid, 0) AS paid, coalesce(y.payments, 0) AS payments,
			ARRAY(SELECT u.name FROM members m JOIN members n ON n.user_id = m.user_id AND n.org_id = c.buyer_org JOIN users u ON u.id = m.user_id
				WHERE m.org_id = c.seller_org ORDER BY u.id) AS people
		FROM contracts c LEFT JOIN contract_parties s ON s.contract_id = c.id AND s.side = 'seller' LEFT JOIN contract_parties b ON b.contract_id = c.id AND b.side = 'buyer'
		LEFT JOIN orgs so ON so.id = c.seller_org LEFT JOIN orgs bo ON bo.id = c.buyer_org
		LEFT JOIN LATERAL (SELECT sum(p.amount) AS paid, count(*) AS payments FROM contract_payments p WHERE p.contract_id = c.id AND p.voided_at IS NULL) y ON true
		WHERE c.id = ANY($1) AND `+inReach(`$2`, `c.seller_region`)+` AND `+contractArrived, ids, deskReach(a), today.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	out := map[int64]*market.SignalFacts{}
	for _, row := range rows {
		f := &market.SignalFacts{Contract: row.contract(), Today: today, People: row.People, Due: row.Due, Paid: row.Paid, Payments: row.Payments,
			SellerKnown: market.Party{LegalRep: row.KnownSeller, Address: row.KnownSellerAt}, BuyerKnown: market.Party{LegalRep: row.KnownBuyer, Address: row.KnownBuyerAt}}
		f.Contract.Seller.LegalRep, f.Contract.Seller.Address, f.Contract.Seller.Phone = row.SellerRep, row.SellerAddress, row.SellerPhone
		f.Contract.Buyer.LegalRep, f.Contract.Buyer.Address, f.Contract.Buyer.Phone = row.BuyerRep, row.BuyerAddress, row.BuyerPhone
		out[row.ID] = f
	}
	return out, nil
}

// signalOther selects the contracts o of the desk beside a contract c that its rules look at.
func signalOther(reverse bool, sides, like string) string {
	return fmt.Sprintf(`(SELECT o.id, o.number, o.state, o.title, o.kind, o.seller_region, o.total_amount, o.signed_on, %t AS reverse FROM contracts o
		WHERE %s AND o.id <> c.id AND o.state <> 'withdrawn' AND (o.submitted_at IS NOT NULL OR o.registered_on IS NOT NULL) AND (%s)
		ORDER BY o.signed_on DESC, o.id DESC LIMIT 50)`, reverse, sides, like)
}

const aroundSigning = `o.signed_on BETWEEN c.signed_on - interval '1 year' AND c.signed_on + interval '1 year'`

var signalOthersOf = signalOther(false, `o.seller_uscc = c.seller_uscc AND o.buyer_uscc = c.buyer_uscc`,
	`lower(replace(o.title, ' ', '')) = lower(replace(c.title, ' ', '')) OR o.total_amount = c.total_amount AND o.signed_on = c.signed_on OR c.kind = 'S2' AND `+aroundSigning) +
	` UNION ALL ` + signalOther(true, `o.seller_uscc = c.buyer_uscc AND o.buyer_uscc = c.seller_uscc`, aroundSigning)

// signalOthers reads the contracts between the same two parties, either way.
func (r Queries) signalOthers(ctx context.Context, ids int64Array, facts map[int64]*market.SignalFacts) error {
	var rows []struct {
		Of int64 `db:"of"`
		market.SignalContract
	}
	err := r.all(ctx, &rows, `SELECT c.id AS of, x.* FROM contracts c CROSS JOIN LATERAL (`+signalOthersOf+`) x
		WHERE c.id = ANY($1) ORDER BY c.id, x.signed_on DESC, x.id DESC`, ids)
	for _, row := range rows {
		if f := facts[row.Of]; f != nil {
			row.SignedOn = market.DateOf(row.SignedOn)
			f.Others = append(f.Others, row.SignalContract)
		}
	}
	return err
}

// usualOf is the median of the newest registered contracts o beside c that meet the condition.
func usualOf(condition, order string) string {
	return `(SELECT count(*) AS n, coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY x.total_amount), 0) AS median FROM (SELECT o.total_amount FROM contracts o
		WHERE ` + condition + ` AND o.state = 'registered' AND o.id <> c.id ORDER BY ` + order + ` DESC, o.id LIMIT 500) x)`
}

// signalUsual reads what contracts of the seller, and of the field of technology, usually amount to.
func (r Queries) signalUsual(ctx context.Context, ids int64Array, facts map[int64]*market.SignalFacts) error {
	var rows []struct {
		ID           int64           `db:"id"`
		Sold         int             `db:"sold"`
		SellerMedian decimal.Decimal `db:"seller_median"`
		Field        int             `db:"field"`
		FieldMedian  decimal.Decimal `db:"field_median"`
	}
	err := r.all(ctx, &rows, `SELECT c.id, s.n AS sold, s.median AS seller_median, f.n AS field, f.median AS field_median
		FROM contracts c CROSS JOIN LATERAL `+usualOf(`o.seller_uscc = c.seller_uscc`, `o.signed_on`)+` s
		CROSS JOIN LATERAL `+usualOf(`o.tech_field = c.tech_field`, `o.registered_on`)+` f WHERE c.id = ANY($1)`, ids)
	for _, row := range rows {
		if f := facts[row.ID]; f != nil {
			f.SellerUsual, f.FieldUsual = market.Usual{Count: row.Sold, Median: row.SellerMedian}, market.Usual{Count: row.Field, Median: row.FieldMedian}
		}
	}
	return err
}

// burstsOf selects how many contracts of the sellers asked about have their day in the last weeks of a year, and in the year:
// each seller's year is counted once, however many of the contracts lie in it. year is the column of the year in asked, day the
// day of a contract o, span that it lies from one day until before another.
func burstsOf(year, day, span string) string {
	return fmt.Sprintf(`(SELECT y.seller_uscc, y.%[1]s AS year, n.late, n.whole FROM (SELECT DISTINCT seller_uscc, %[1]s FROM asked WHERE %[1]s IS NOT NULL) y
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE %[2]s >= make_date(y.%[1]s, 12, %[4]d)) AS late, count(*) AS whole FROM contracts o
			WHERE o.seller_uscc = y.seller_uscc AND o.state <> 'withdrawn' AND (o.submitted_at IS NOT NULL OR o.registered_on IS NOT NULL) AND %[3]s) n)`,
		year, day, fmt.Sprintf(span, "make_date(y."+year+", 1, 1)", "make_date(y."+year+" + 1, 1, 1)"), market.DecemberDay)
}

// signalBursts counts the seller's contracts at the end of the year, for those contracts whose own day lies there.
func (r Queries) signalBursts(ctx context.Context, ids int64Array, facts map[int64]*market.SignalFacts) error {
	var rows []struct {
		ID           int64 `db:"id"`
		LateSigned   int   `db:"late_signed"`
		Signed       int   `db:"signed"`
		LateHandedIn int   `db:"late_handed_in"`
		HandedIn     int   `db:"handed_in"`
	}
	late := fmt.Sprintf(`to_char(%%s, 'MMDD') >= '12%02d'`, market.DecemberDay)
	err := r.all(ctx, &rows, `WITH days AS (SELECT id, seller_uscc, signed_on, (submitted_at AT TIME ZONE 'Asia/Shanghai')::date AS handed_on FROM contracts WHERE id = ANY($1)),
		asked AS MATERIALIZED (SELECT id, seller_uscc, extract(year FROM signed_on)::int AS signed, extract(year FROM handed_on)::int AS handed FROM days
			WHERE `+fmt.Sprintf(late, `signed_on`)+` OR `+fmt.Sprintf(late, `handed_on`)+`)
		SELECT c.id, coalesce(s.late, 0) AS late_signed, coalesce(s.whole, 0) AS signed, coalesce(h.late, 0) AS late_handed_in, coalesce(h.whole, 0) AS handed_in FROM asked c
		LEFT JOIN `+burstsOf(`signed`, `o.signed_on`, `o.signed_on >= %s AND o.signed_on < %s`)+` s ON s.seller_uscc = c.seller_uscc AND s.year = c.signed
		LEFT JOIN `+burstsOf(`handed`, `(o.submitted_at AT TIME ZONE 'Asia/Shanghai')::date`,
		`o.submitted_at >= %s::timestamp AT TIME ZONE 'Asia/Shanghai' AND o.submitted_at < %s::timestamp AT TIME ZONE 'Asia/Shanghai'`)+` h ON h.seller_uscc = c.seller_uscc AND h.year = c.handed`, ids)
	for _, row := range rows {
		if f := facts[row.ID]; f != nil {
			f.SignedLate, f.HandedIn = market.Burst{Late: row.LateSigned, Year: row.Signed}, market.Burst{Late: row.LateHandedIn, Year: row.HandedIn}
		}
	}
	return err
}

// signalAnswers reads what registrars answered, the newest first.
func (r Queries) signalAnswers(ctx context.Context, ids int64Array, facts map[int64]*market.SignalFacts) error {
	var rows []struct {
		Contract int64 `db:"contract_id"`
		market.SignalAnswer
	}
	err := r.all(ctx, &rows, `SELECT x.contract_id, x.kind, x.key, x.seen, x.finding, x.note, x.user_id, u.name AS user_name, x.at
		FROM contract_signal_answers x JOIN users u ON u.id = x.user_id WHERE x.contract_id = ANY($1) ORDER BY x.contract_id, x.id DESC`, ids)
	for _, row := range rows {
		if f := facts[row.Contract]; f != nil {
			f.Answers = append(f.Answers, row.SignalAnswer)
		}
	}
	return err
}

// AddSignalAnswer keeps what a registrar made of a signal of a locked contract.
func (t *Tx) AddSignalAnswer(ctx context.Context, contract int64, x market.SignalAnswer) error {
	return t.exec(ctx, `INSERT INTO contract_signal_answers (contract_id, kind, key, seen, finding, note, user_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		contract, x.Kind, x.Key, x.Seen, x.Finding, x.Note, x.UserID, x.At)
}
