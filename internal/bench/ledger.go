package bench

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"

	"techmarket/internal/market"
)

// ledgerOrgs is how many organisations sell and buy in a made-up ledger.
const ledgerOrgs = 2000

// ledgerDesk says that one contract in so many still lies on the registrar's desk.
const ledgerDesk = 2500

// ledgerLarge says that one contract in so many is sold by one organisation, as by a large university.
const ledgerLarge = 20

// FillLedger writes n contracts of made-up organisations into a market that has none, over seven years that end on the day and all
// values of the dimensions. Those registered have their entry in the ledger, which waits to be sealed. The connection is of a
// superuser: foreign keys and triggers are left out, for their checks would take longer than what is to be measured.
func FillLedger(ctx context.Context, owner *sql.DB, n int, today string) error {
	conn, err := owner.Conn(ctx) // the temporary tables are of one connection
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	codes := make([]string, ledgerOrgs)
	for i := range codes {
		code, err := market.MakeUSCC(fmt.Sprintf("91360825MB%07d", i))
		if err != nil {
			return err
		}
		codes[i] = string(code)
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`SET session_replication_role TO replica`, nil},
		{`CREATE TEMP TABLE codes AS SELECT (SELECT array_agg(code ORDER BY code) FROM regions WHERE kind <> 'city') AS regions, (SELECT array_agg(code) FROM parks) AS parks,
			(SELECT array_agg(code) FROM submarkets) AS submarkets, (SELECT array_agg(code) FROM contract_kinds) AS kinds, (SELECT array_agg(code) FROM tech_fields) AS fields,
			(SELECT array_agg(code) FROM party_types) AS parties, (SELECT array_agg(code) FROM ip_types) AS ips, (SELECT array_agg(code) FROM payment_modes WHERE code NOT LIKE 'royalty%') AS payments`, nil},
		{`CREATE TEMP TABLE firms AS SELECT nextval(pg_get_serial_sequence('orgs', 'id')) AS id, i, uscc, regions[1 + i % cardinality(regions)] AS region, parties[1 + i % cardinality(parties)] AS party
			FROM codes, unnest($1::text[]) WITH ORDINALITY u (uscc, i)`, []any{pq.Array(codes)}},
		{`INSERT INTO orgs (id, uscc, name, type, region, state, verified_at, created_at) OVERRIDING SYSTEM VALUE
			SELECT id, uscc, '测量用单位' || i, 'enterprise', region, 'verified', now(), now() FROM firms`, nil},
		{`CREATE TEMP TABLE drawn AS SELECT i, i % $4 = 0 AS desk, CASE WHEN i % $4 = 0 THEN $2::date - i % 11 ELSE $2::date - 2500 + (i::bigint * 2500 / $1)::int END AS day,
			CASE WHEN i % $5 = 0 THEN 1 ELSE 1 + (hashint4(i) & 65535) % $3 END AS seller, 1 + (hashint4(i + 7) & 65535) % $3 AS buyer,
			parks[1 + (hashint4(i + 1) & 1023) % (cardinality(parks) * 2)] AS park, submarkets[1 + (hashint4(i + 2) & 1023) % 7] AS submarket,
			kinds[1 + (hashint4(i + 3) & 1023) % cardinality(kinds)] AS kind, fields[1 + (hashint4(i + 4) & 1023) % cardinality(fields)] AS field,
			ips[1 + (hashint4(i + 8) & 1023) % cardinality(ips)] AS ip, payments[1 + (hashint4(i + 5) & 1023) % cardinality(payments)] AS payment,
			(hashint4(i + 9) & 1048575) * 100 + 1000 AS amount FROM codes, generate_series(1, $1::int) i`, []any{n, today, ledgerOrgs, ledgerDesk, ledgerLarge}},
		{`INSERT INTO contracts (number, state, title, kind, submarket, tech_field, ip_type, seller_org, seller_name, seller_uscc, seller_type, seller_region, seller_park, buyer_org, buyer_name, buyer_uscc,
				buyer_type, buyer_region, total_amount, tech_amount, payment_mode, content, signed_on, starts_on, ends_on, submitted_at, accepted_on, due_on, registration_number, registered_on, created_at, updated_at)
			SELECT 'C-' || d.i, CASE WHEN desk THEN 'accepted' ELSE 'registered' END, '测量用合同' || d.i || '：重钙粉体表面改性与分级工艺开发', d.kind, d.submarket, d.field, d.ip,
				s.id, '测量用单位' || s.i, s.uscc, s.party, s.region, d.park, b.id, '测量用单位' || b.i, b.uscc, b.party, b.region, d.amount, d.amount, d.payment, '', d.day - 20, d.day - 20, d.day + 700,
				d.day - 3 + time '10:00', d.day - 2, d.day + 12, CASE WHEN NOT desk THEN to_char(d.day, 'YYYY') || lpad(d.i::text, 10, '0') END, CASE WHEN NOT desk THEN d.day END,
				d.day - 10 + time '09:00', d.day + time '15:00'
			FROM drawn d JOIN firms s ON s.i = d.seller JOIN firms b ON b.i = d.buyer ORDER BY d.i`, nil},
		{`INSERT INTO contract_parties (contract_id, side, legal_rep, address, phone) SELECT c.id, x.side, '代表' || x.org % 1999, '测量路 ' || x.org || ' 号', '139' || lpad(x.org::text, 8, '0')
			FROM contracts c CROSS JOIN LATERAL (VALUES ('seller', c.seller_org), ('buyer', c.buyer_org)) x (side, org)`, nil},
		{`INSERT INTO contract_instalments (contract_id, position, due_on, amount) SELECT c.id, x.n, c.signed_on + 30 * x.n, c.total_amount / 2 FROM contracts c, generate_series(1, 2) x (n)`, nil},
		{`INSERT INTO contract_payments (contract_id, paid_on, amount, file_id, org_id, user_id, added_at)
			SELECT id, signed_on + 30, total_amount / 2, 'measured-' || id, seller_org, 1, updated_at FROM contracts`, nil},
		{`INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city, seller_region, buyer_region, seller_park, submarket,
				contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at)
			SELECT c.id, 'registered', c.registered_on, 1, c.total_amount, c.tech_amount, s.in_city, b.in_city, c.seller_region, c.buyer_region, c.seller_park, c.submarket, c.kind, c.tech_field,
				c.seller_type, c.buyer_type, c.ip_type, CASE WHEN c.id % 4 = 0 THEN 'inquiry' ELSE 'none' END, c.id % 5 = 0, c.updated_at
			FROM contracts c JOIN regions s ON s.code = c.seller_region JOIN regions b ON b.code = c.buyer_region WHERE c.registered_on IS NOT NULL ORDER BY c.id`, nil},
		{`INSERT INTO chain_pending (log, row_id) SELECT 'ledger', id FROM ledger_entries`, nil},
		{`DROP TABLE codes, firms, drawn`, nil},
		{`SET session_replication_role TO origin`, nil},
	} {
		if _, err := conn.ExecContext(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.sql, err)
		}
	}
	return nil
}
